"""Properties of corrections: written like what they replace, checked before they are shown, with what rests on them."""

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify import claims, correction, numerals
from genverify.claims.grammar import parse
from genverify.tools.checkers import Checkers
from genverify.types import Check, Correction, CorrectionStatus, Outcome, Problem, Solution


@pytest.fixture(scope="module")
def checkers() -> Iterator[Checkers]:
    with Checkers(workers=1) as tools:
        yield tools


def solution(*steps: str) -> Solution:
    return Solution.from_steps(steps)


def checks_of(tools: Checkers, problem: Problem, made: Solution, index: int) -> list[Check]:
    return tools.check_many(claims.extract(problem, made)[index])


def corrected(tools: Checkers, *steps: str, index: int = 0, problem: str = "") -> Correction | None:
    asked, made = Problem(problem), solution(*steps)
    checks = checks_of(tools, asked, made, index)
    return correction.correct(asked, made, index, checks, tools.check_many)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("So 7995 - 2595 = 4500 were kept.", "So 7995 - 2595 = 5400 were kept."),
        ("$3.50 + $4.25 = $7.50", "$3.50 + $4.25 = $7.75"),
        ("12 x 1,000 = 1,200", "12 x 1,000 = 12,000"),
        ("$12 \\times 1{,}000 = 1{,}200$", "$12 \\times 1{,}000 = 12{,}000$"),
        ("\\frac{1}{2} + \\frac{1}{3} = \\frac{2}{5}", "\\frac{1}{2} + \\frac{1}{3} = \\frac{5}{6}"),
        ("1/2 + 1/3 = 2/5", "1/2 + 1/3 = 5/6"),
        ("5 - 9 = 4", "5 - 9 = -4"),
        ("20% of 150 = 31", "20% of 150 = 30"),
        # the value that was wrong is used again in the same step
        ("2 * 7 = 15, and 15 + 1 = 16.", "2 * 7 = 14, and 14 + 1 = 15."),
        # the chain goes on to work out an expression with a slip in it
        ("3*4 + 5 = 13 + 5 = 18 apples.", "3*4 + 5 = 17 apples."),
    ],
)
def test_the_wrong_value_is_replaced_in_its_own_style_and_the_text_checked(
    checkers: Checkers, step: str, text: str
) -> None:
    made = corrected(checkers, step)
    assert made is not None
    assert made.text == text
    assert made.status is CorrectionStatus.VERIFIED
    assert all(c.outcome is not Outcome.REFUTED for c in made.checks)
    assert any(c.outcome is Outcome.CONFIRMED for c in made.checks)


def test_a_number_that_was_known_before_is_not_replaced_elsewhere(checkers: Checkers) -> None:
    made = corrected(checkers, "2 * 3 = 5, and 5 * 10 = 50.", problem="There are 5 boxes of 10.")
    assert made is not None
    assert made.text == "2 * 3 = 6, and 5 * 10 = 50."


def test_two_slips_in_one_step_are_both_corrected(checkers: Checkers) -> None:
    made = corrected(checkers, "First 17*24 = 418. Then 31*9 = 289.")
    assert made is not None
    assert (made.status, made.text) == (CorrectionStatus.VERIFIED, "First 17*24 = 408. Then 31*9 = 279.")


def test_a_value_that_nobody_would_write_is_no_correction(checkers: Checkers) -> None:
    assert corrected(checkers, "50,000^9 = 50,000") is None


def test_a_wrong_left_side_has_no_correction(checkers: Checkers) -> None:
    assert corrected(checkers, "24 = 4*5") is None


def test_a_right_step_has_no_correction(checkers: Checkers) -> None:
    assert corrected(checkers, "17*24 = 408") is None


def affected(tools: Checkers, *steps: str, index: int = 0, problem: str = "") -> tuple[int, ...]:
    asked, made = Problem(problem), solution(*steps)
    checks = checks_of(tools, asked, made, index)
    return correction.affected_steps(claims.extract(asked, made), asked, made, index, checks)


def test_later_steps_that_use_the_wrong_value_are_affected_and_so_are_those_that_use_theirs(checkers: Checkers) -> None:
    steps = ["7995 - 2595 = 4500", "3 * 4,500 = 13,500", "Nothing here.", "13500 / 2 = 6750"]
    assert affected(checkers, *steps) == (1, 3)


def test_a_wrong_value_that_the_problem_names_affects_nothing_by_itself(checkers: Checkers) -> None:
    assert affected(checkers, "7995 - 2595 = 4500", "3 * 4500 = 13500", problem="Of 4500 things ...") == ()


def test_nothing_before_the_wrong_step_is_affected(checkers: Checkers) -> None:
    assert affected(checkers, "450 * 10 = 4500", "17 * 24 = 418", "418 - 18 = 400", index=1) == (2,)


@pytest.mark.parametrize(
    ("value", "old", "style", "context", "new"),
    [
        ("5400", "4500", "", "", "5400"),
        ("12000", "1,200", "", "", "12,000"),
        ("1200", "120", "", "of 1,000 people", "1,200"),
        ("1200", "1000", "", "of 1,000 people", "1200"),
        ("18", "$17.00", "money", "", "$18.00"),
        ("19/2", "$8", "money", "", "$9.50"),
        ("-3", "$8", "money", "", "-$3"),
        ("3", "-$8", "money", "", "$3"),
        ("3", "-14", "", "", "3"),
        ("1/3", "0.34", "", "", "0.33"),
        ("1/4", "0.3", "", "", "0.25"),
        ("7/2", "3", "", "", "3.5"),
        ("1/3", "1", "", "", "1/3"),
        ("1/3", "1", "", "$\\frac{1}{2}$", "\\frac{1}{3}"),
        ("5/6", "\\frac{2}{5}", "", "", "\\frac{5}{6}"),
        ("2", "\\dfrac{2}{5}", "", "", "2"),
        ("-5/6", "-\\frac{2}{5}", "", "", "-\\frac{5}{6}"),
        ("5/6", "2/5", "fraction", "", "5/6"),
        ("1/4", "20%", "percent", "", "25%"),
        ("1/4", "20\\%", "percent", "", "25\\%"),
        ("1234567", "1{,}234", "", "", "1{,}234{,}567"),
    ],
)
def test_a_value_is_written_as_the_one_it_replaces(value: str, old: str, style: str, context: str, new: str) -> None:
    assert numerals.write_like(Fraction(value), old, style, context) == new


@given(st.fractions(max_denominator=1000), st.sampled_from(["4500", "1,200", "$3.50", "-7", "\\frac{2}{5}", "2/5", ""]))
def test_whatever_is_written_is_never_empty_and_keeps_what_stood_around(value: Fraction, old: str) -> None:
    new = numerals.write_like(value, old)
    assert any(c.isdigit() for c in new)
    assert ("$" in old) == ("$" in new)


@pytest.mark.parametrize(
    ("formal", "plain", "latex"),
    [
        ("2*sqrt(3)", "2sqrt(3)", "2\\sqrt{3}"),
        ("(x + 1)^2 - 3/4", "(x + 1)^2 - 3/4", "(x + 1)^2 - \\frac{3}{4}"),
        ("{1, -2}", "{1, -2}", "\\{1, -2\\}"),
        ("2*2^(1/3)", "2*2^(1/3)", "2 \\cdot 2^{\\frac{1}{3}}"),
        ("-2*sqrt(3)*pi", "-2sqrt(3)*pi", "-2\\sqrt{3}\\pi"),
        ("2*pi*(x - 1)", "2pi*(x - 1)", "2\\pi (x - 1)"),
    ],
)
def test_symbolic_values_are_written_in_latex_where_the_step_is(formal: str, plain: str, latex: str) -> None:
    assert numerals.symbolic(parse(formal), latex=True) == latex
    assert numerals.symbolic(parse(formal), latex=False) == plain
