"""What statements owe to one another: values carried on, equations rewritten, definitions, trials, what is no claim."""

import pytest

from genverify.claims import extract
from genverify.claims.definitions import functions
from genverify.claims.link import Values, is_complex
from genverify.types import Claim, ClaimKind, Problem, Solution


def claims(*steps: str, problem: str = "") -> list[Claim]:
    """The claims of the last of ``steps``."""
    return list(extract(Problem(problem), Solution.from_steps(steps))[-1])


def said(*steps: str, problem: str = "") -> list[tuple[ClaimKind, str]]:
    return [(c.kind, c.statement) for c in claims(*steps, problem=problem)]


@pytest.mark.parametrize(
    ("texts", "doubtful"),
    [
        (["x = 5", "y = 7"], set()),
        (["x = 5", "x = 7"], {"x"}),
        (["If x = 5, stop."], {"x"}),
        (["Case 1: x = 5"], {"x"}),
        (["x = 5 or x = 7"], {"x"}),
        (["Let x = 5."], {"x"}),
        (["c = ±7"], {"c"}),
        (["x = 0.5 and then x = 1/2"], {"x"}),  # 'then' may start something new
    ],
)
def test_a_name_with_two_values_or_in_words_of_choice_has_no_value(texts: list[str], doubtful: set[str]) -> None:
    assert Values.of("", texts).doubtful == doubtful


def test_a_value_is_carried_into_a_later_step_with_the_step_it_comes_from() -> None:
    (claim,) = claims("x = 5", "So far, so good.", "3x = 20")
    assert (claim.statement, claim.givens, claim.given_steps) == ("3*5 = 20", ("x = 5",), (0,))


@pytest.mark.parametrize(
    "steps",
    [
        ("x = 5", "x = 7", "3x = 20"),
        ("x = 5 or x = 6", "3x = 20"),
        ("Suppose x = 5.", "3x = 20"),
        ("3x = 20", "x = 5"),  # what is said later was not known before
        ("x = 5", "3x + y = 20"),
        ("f = 5", "f(2) = 20"),
    ],
)
def test_what_is_in_doubt_is_not_carried(steps: tuple[str, ...]) -> None:
    assert [c for c in claims(*steps) if c.kind is ClaimKind.RELATION] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Total = 3 + 3 + 1.50. Total = 8.00.", ["3 + 3 + 1.50 = 8.00"]),
        ("Total = 3 + 4. Rest = 9.", []),
        ("Total = 3 + 4 or Total = 9.", []),
        ("Total = 5. Total = 7.", []),
        ("Case A: total = 3 + 4. Case B: total = 9.", []),
    ],
)
def test_a_quantity_named_again_is_held_to_what_it_was(text: str, expected: list[str]) -> None:
    assert [s for _, s in said(text)] == expected


@pytest.mark.parametrize(
    ("problem", "texts", "head"),
    [
        ("Let f(x) = x^2 + 1.", ["f(3) = 10"], ["@f"]),
        ("Let f(x) = x^2 + 1.", ["Now f(x) = 2x."], []),
        ("", ["f(x) = 3 + 4"], []),  # no name in the body: a value, not a definition
        ("", ["f(x) = g(x) + 1"], []),
        ("", ["f(2) = 5"], []),
        ("Let f(x) = x + 1 and f(t) = t + 1.", [], ["@f"]),
    ],
)
def test_a_function_has_one_definition_or_none(problem: str, texts: list[str], head: list[str]) -> None:
    assert list(functions(problem, texts)) == head


def test_a_definition_is_put_to_use_from_its_step_on() -> None:
    (claim,) = claims("Let $f(x) = x^2 + 1$.", "Then $f(3) = 12$.")
    assert (claim.statement, claim.givens, claim.given_steps) == ("3^2 + 1 = 12", ("f(x) = x^2 + 1",), (0,))
    assert said("Then $f(3) = 12$.") == []


@pytest.mark.parametrize(
    ("problem", "steps", "expected"),
    [
        ("", ["$(2 + 3i)^2$"], True),
        ("Find the complex number z.", ["z = i"], True),
        ("", [r"$\sum_{i=1}^{3} i$ and $2 + 3i$"], False),
        ("", ["for i = 3"], False),
        ("", ["3 + 4"], False),
    ],
)
def test_the_name_i_is_imaginary_where_complex_numbers_are_spoken_of(
    problem: str, steps: list[str], expected: bool
) -> None:
    assert is_complex(problem, steps) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Expanding, $(x + 2)^2 = x^2 + 4x + 4$.", [(ClaimKind.IDENTITY, "(x + 2)^2 = x^2 + 4*x + 4")]),
        ("$y = (x - 3)(x + 5) = x^2 + 2x - 15$", [(ClaimKind.IDENTITY, "(x - 3)*(x + 5) = x^2 + 2*x - 15")]),
        ("We solve $x^2 + 3x = 10$.", []),
        ("Let $y = 2x + 3$.", []),
        ("Setting them equal, $5x + 20 = 8x + 5$.", []),
        ("If $x^2 = 4x$, then stop.", []),
        (r"$\frac{d}{dx} x^3 = 3x^2$", [(ClaimKind.IDENTITY, "diff(x^3, x) = 3*x^2")]),
        ("$e^x = 1 + x$ by expanding", []),
    ],
)
def test_only_what_stands_in_the_place_of_a_rewriting_is_an_identity(
    text: str, expected: list[tuple[ClaimKind, str]]
) -> None:
    assert said(text) == expected


def test_an_equation_is_held_to_the_one_it_was_derived_from() -> None:
    (claim,) = claims("$3x + 4 = 19$, so $3x = 23$.")
    assert (claim.kind, claim.statement, claim.givens) == (ClaimKind.REWRITE, "3*x = 23", ("3*x + 4 = 19",))


@pytest.mark.parametrize(
    "text",
    [
        "$3x + 4 = 19$ and $3x = 23$.",
        "First $3x + 4 = 19$. Case 2: $3x = 23$.",
        "$3x + 4 = 19$. If $3x = 23$, stop.",
        "The equations are $3x + 4 = 19$, $3x = 23$.",
        "$3x + 4 = 19$, so $3y = 23$.",
    ],
)
def test_equations_side_by_side_are_not_held_to_one_another(text: str) -> None:
    assert [c for c in claims(text) if c.kind is ClaimKind.REWRITE] == []


def test_listed_roots_are_held_to_the_equation_before_them() -> None:
    found = claims("$x^2 - x - 6 = 0$ so $x = 3$ or $x = -2$.")
    assert [(c.kind, c.statement, c.givens) for c in found] == [
        (ClaimKind.ROOTS, "x = 3 | x = -2", ("x^2 - x - 6 = 0",))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "$x = \\sqrt{11 - 2x} + 4$. Plugging in 1 we get $1 = \\sqrt{11 - 2 \\cdot 1} + 4$.",
        "We need $2n + 1 = 9$. Try n = 3: $2 \\cdot 3 + 1 = 9$.",
        "$x + 3 = 9$. Putting in x = 5: $5 + 3 = 9$, then $8 = 9$.",
        "Tom says 2 + 2 = 5.",
        "Suppose 2 + 2 = 5.",
        "Is 17 * 3 = 41?",
        "This gives 3 = 5, a contradiction.",
        "Then 4 * 2 = 9. That is impossible.",
        "Neither 3 + 4 = 8 nor 3 + 5 = 9 holds.",
        "$60 - 20% = $48",
        "15 \\frac{1}{36} = \\frac{5}{12}",
        "1.250 + 1.250 = 2500",
        "2^3^2 = 64",
        "2 feet + 6 inches = 30 inches",
        "5 + 3 = 8 + 2 = 10"[:-5],
        "25% = 12 students",
        "3/4 = 6 apples",
        "one dose = 14 + 42",
        "(48, 18) = (12, 18)",
        "Cost of plan 3 = 40 + 15",
        "arctan(1) = 45",
    ],
)
def test_what_may_be_meant_otherwise_makes_no_claim(text: str) -> None:
    assert [s for _, s in said(text) if s.startswith(("2 + 2", "17*3", "3 = 5", "4*2", "60", "15", "1.2"))] == []
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(1, 2) + (3, 4) = (4, 7)", ["(1, 2) + (3, 4) = (4, 7)"]),
        ("(1, 2) = (1, 3)", []),
        ("30% + 45% = 85%", ["30/100 + 45/100 = 85/100"]),
        ("5 + 3 = 9 + 2", ["5 + 3 = 9 + 2"]),
        ("1.25 + 1.25 = 2500", ["1.25 + 1.25 = 2500"]),
    ],
)
def test_what_can_only_be_meant_one_way_does(text: str, expected: list[str]) -> None:
    assert [s for _, s in said(text)] == expected
