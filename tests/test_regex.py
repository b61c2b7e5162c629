"""Regular expressions that every engine reads alike: what is taken, what is refused, and the grammar made of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.engines.regex import check_regex, grammar, matches, one_of


@pytest.mark.parametrize(
    ("pattern", "root"),
    [
        (r"[a\n]\t", r'[a\x0A] "\x09"'),
        ("Yes|No", '"Y" "e" "s" | "N" "o"'),
        (r"-?\d{1,3}", r'"\x2D"? [0-9]{1,3}'),
        (r"(?:a|b)*c+", '("a" | "b")* "c"+'),
        (r"[a-z\]\-]", r"[a-z\x5D\x2D]"),
        (r"[^\s\"]", r"[^\x20\x09\x0A\x0D\x0C\x0B\x22]"),
        (r".\.", r'[^\x0A] "\x2E"'),
        ("é😀", r'"\u00E9" "\U0001F600"'),
        ("(a|)", '("a" | "")'),
    ],
)
def test_an_expression_becomes_a_grammar(pattern: str, root: str) -> None:
    assert grammar(pattern) == f"root ::= {root}\n"


REFUSED = r"( ) a) [ [] [^] [a [z-a] [a-\d] [[a] [a-] * a** a*? a{2}{3} {2} ] a{3,2} a{x} ^a a$ \b \1 \p{L}".split()


@pytest.mark.parametrize(
    "pattern", [*REFUSED, "(?=a)", "(?P<n>a)", "(?i)a", "\\", "\x07", "[\n]", "(" * 40 + ")" * 40, "a" * 10_001]
)
def test_what_engines_may_read_differently_is_refused_with_its_place(pattern: str) -> None:
    with pytest.raises(ValueError, match="regular expression"):
        check_regex(pattern)


@given(st.text(alphabet="ab\\|()[]{}*+?.-^$&~,0123dws \n", max_size=12))
def test_what_is_taken_is_an_expression_of_pythons_too(pattern: str) -> None:
    try:
        check_regex(pattern)
    except ValueError:
        return
    re.compile(pattern)  # a FutureWarning about sets would be an error here


SIGNS = st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n\r\t")


@given(st.lists(st.text(SIGNS, min_size=1, max_size=6), min_size=1, max_size=4), st.text(max_size=6))
def test_a_choice_matches_its_texts_and_nothing_else(choices: list[str], other: str) -> None:
    pattern = one_of(choices)
    check_regex(pattern)
    assert all(matches(pattern, choice) for choice in choices)
    assert matches(pattern, other) == (other in choices)


def test_a_text_must_match_as_a_whole() -> None:
    assert matches(r"\d+", "12")
    assert not matches(r"\d+", "12 ")
    assert not matches(r"\d+", "٣")  # a digit, and not one of ASCII
    with pytest.raises(ValueError, match="at least one text"):
        one_of([])
