"""Final answers: found in texts, and sorted into groups of equal ones without ever being evaluated as code."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.answers import find, group, same
from genverify.tools.checkers import Checkers

EQUAL = [
    ("0.5", r"\frac12"), (r"50\%", "1/2"), ("50%", "50"), ("$18", "18 dollars"), ("x=5", "5"), ("(A)", "a"),
    (r"\text{(A)}", "A"), ("2, 3", "3 and 2"), ("x = 2 or x = 3", "3, 2"), (r"\sqrt{8}", r"2\sqrt2"),
    ("x(x+1)", "x^2+x"), (r"\left(1, 2\right)", "(1,2)"), ("5 cm", "5"), ("07/08/1971", "7/8/1971"),
    (r"\sin^2 x+\cos^2 x", "1"), ("[2,5)", "[2, 5)"), ("No solution.", "no solution"), (r"\{1,2\}", r"\{2,1\}"),
    ("1,000", "1000"), (r"\$32,348", "32348.00"), ("y=2x+1", "y = 1+2x"), ("**18**", "18."),
    ("8 * 45 = 360", "360"), ("25,", "25"), ("x + y = 5", "x+y=5"),
    ("$\\frac{1}{2}$", ".5."), ("18.00", "\\$18"), (r"\text{East}", "east"),
    ("02/01/2012", "2/1/2012"), (r"\sqrt{2}", "2^{1/2}"),
]  # fmt: skip
DIFFERENT = [
    ("1", "11"), ("(1,2)", "(2,1)"), ("5 cm", "5 m"), ("4/2/2012", "2/1/2012"), ("x+1", "x+2"), ("A", "B"),
    ("0.33", "1/3"), ("2, 3", "2, 4"), ("no solution", "0"),
    ("8 * 45 = 300", "360"), ("x + y = 5", "5"), ("x + y = 5", "x + z = 5"), ("x^2", "x"),
    ("__import__('os')", "__import__('sys')"), ("9" * 400, "9" * 399 + "8"),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), EQUAL)
def test_equal_answers_are_one_however_they_are_written(a: str, b: str, checkers: Checkers) -> None:
    assert same(a, b, checkers) is True
    assert same(b, a, checkers) is True


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_different_answers_stay_apart(a: str, b: str, checkers: Checkers) -> None:
    assert same(a, b, checkers) is False
    assert same(b, a, checkers) is False


def test_what_cannot_be_decided_is_neither_equal_nor_different(checkers: Checkers) -> None:
    assert same("2^{10^9}", "2^{10^9}+1", checkers) is None
    found = group(["2^{10^9}", "2^{10^9}+1"], checkers)
    assert found.groups == ((0,), (1,))
    assert found.undecided == 1


def test_no_answer_is_in_no_group() -> None:
    found = group(["1/2", None, "", " \n", "0.5"])
    assert found.groups == ((0, 4),)
    assert found.without == (1, 2, 3)
    assert [found.of(i) for i in range(5)] == [0, None, None, None, 0]


def test_text_that_looks_like_code_is_only_text(checkers: Checkers) -> None:
    hostile = ["__import__('os').system('touch /tmp/x')", "().__class__", "lambda: 0", "{{7*7}}", "1" * 10_000]
    assert len(group(hostile, checkers).groups) == len(hostile)


@given(st.lists(st.sampled_from([a for pair in EQUAL for a in pair] + ["", "7", "abc"]), max_size=12), st.randoms())
def test_groups_do_not_depend_on_the_order(written: list[str], rng: random.Random) -> None:
    places = list(range(len(written)))
    rng.shuffle(places)
    straight = {frozenset(written[i] for i in g) for g in group(written).groups}
    shuffled = [written[i] for i in places]
    assert {frozenset(shuffled[i] for i in g) for g in group(shuffled).groups} == straight


@given(st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=8))
def test_any_text_is_grouped_and_every_answer_is_in_exactly_one_group(written: list[str | None]) -> None:
    found = group(written)
    assert sorted([i for g in found.groups for i in g] + list(found.without)) == list(range(len(written)))


@pytest.mark.parametrize(
    ("text", "answer", "how"),
    [
        (r"so \boxed{\frac{1}{2}} it is", r"\frac{1}{2}", "marked"),
        ("She makes 112 * 2 = $224\nA: 224", "224", "marked"),
        ("3 + 4 = 7\n#### 7", "7", "marked"),
        ("so she makes 9 * 2 = $18 per day at the market.", "$18", "last_number"),
        ("from 12-15 it is -3", "-3", "last_number"),
        ("so the date is 07/08/1971.", "07/08/1971", "last_number"),
    ],
)
def test_an_answer_says_how_it_was_found(text: str, answer: str, how: str) -> None:
    found = find(text)
    assert found is not None
    assert (found.text, found.how) == (answer, how)


def test_a_text_without_marks_and_numbers_has_no_answer() -> None:
    assert find("It cannot be known.") is None
    assert find("") is None


def test_the_last_number_of_a_program_is_no_answer() -> None:
    assert find("    for i in range(len(xs) - 1):\n        pass\n    return xs[1]") is None
    assert find("def f(x):\n    y = x * 2\n    print(y + 1)") is None
    assert find("```python\nprint(7)\n```") is None
