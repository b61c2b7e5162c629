"""Number puzzles: what counts as one, the books that its steps keep, and the exhaustive search behind "impossible"."""

import ast
import json
import operator
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genverify.claims.puzzle import Puzzle, puzzle_claims, puzzle_of
from genverify.tools import puzzle as tool
from genverify.types import Claim, ClaimKind, Outcome, Problem, Reason, Solution
from genverify.verifier import Verifier

YES, NO, OPEN = Outcome.CONFIRMED, Outcome.REFUTED, Outcome.UNDECIDED
RULES = "and the basic operations (+ - * /) to obtain 24. Each number must be used exactly once"
GOOD = [YES, YES]
GAME = f"Use the four numbers 4 5 6 10 {RULES}; each step combines two of the remaining numbers."
FREE = f"Use the four numbers 4 5 6 10 {RULES}."


def outcomes(problem: str, *steps: str) -> list[list[Outcome]]:
    """The outcome of each bookkeeping claim of each step, in the order of the claims."""
    claims = puzzle_claims(Problem(problem), Solution.from_steps(steps))
    found = []
    for own in claims:
        checks = [tool.decide(claim) for claim in own]
        assert None not in checks, own
        found.append([check.outcome for check in checks if check is not None])
    return found


def decide(statement: str) -> Outcome | Reason | None:
    check = tool.decide(Claim(ClaimKind.INVENTORY, statement))
    return None if check is None else check.reason or check.outcome


PUZZLES: list[tuple[str, tuple[int, ...], int, bool]] = [
    (GAME, (4, 5, 6, 10), 24, True),
    ("Game of 24: make 24 from 3, 3, 8 and 8, using each number exactly once.", (3, 3, 8, 8), 24, True),
    (
        "Given the numbers: [2, 7, 8, 9], reach the target 24 with + - * /. Use each number once.",
        (2, 7, 8, 9),
        24,
        True,
    ),
    (
        "Using the numbers [19, 36, 55, 7], create an equation that equals 65. You can use basic arithmetic operations "
        "(+, -, *, /) and each number can only be used once.",
        (19, 36, 55, 7),
        65,
        False,
    ),
    (
        "Numbers: 25, 50, 75, 100, 3, 6. Target: 952. Combine them by addition, subtraction, multiplication and "
        "division; each number may be used at most once.",
        (25, 50, 75, 100, 3, 6),
        952,
        False,
    ),
    ("Combine 6 and 4 with the four basic operations to get 24. Each of them is used exactly once.", (6, 4), 24, True),
]


@pytest.mark.parametrize(("text", "numbers", "target", "every"), PUZZLES)
def test_a_puzzle_is_read_from_its_words(text: str, numbers: tuple[int, ...], target: int, every: bool) -> None:
    found = puzzle_of(text)
    assert found is not None
    assert found == Puzzle(tuple(map(Fraction, numbers)), Fraction(target), every, stepwise=text == GAME)


NO_PUZZLES = [
    "Use the numbers 4 5 6 10 to obtain 24.",  # how often may each be used?
    "Use the numbers 4 5 6 10, each exactly once, to obtain 24.",  # with which operations?
    f"Use the four numbers 4 5 6 {RULES}.",  # four are promised, three given
    f"Use the numbers 1 2 3 4 5 6 7 {RULES}.",  # too many to search
    f"Use the numbers 4/0 5 6 10 {RULES}.",
    f"How many ways are there to use the numbers 4 5 6 10 {RULES}?",
    f"Use the numbers 4 5 6 10 {RULES}; powers and factorials are allowed.",
    f"Use the numbers 4 5 6 10 {RULES}, without division.",
    f"Use the numbers 4 5 6 10 {RULES}, in this order.",
    f"Use the numbers 4 5 6 10 {RULES}. No intermediate result may be negative.",
    f"Use the numbers 4 5 6 10 {RULES}, then do the same to make 25.",  # two targets
    f"Use the numbers 4 5 6 10, or the numbers 1 2 3 4, {RULES}.",  # two sets of numbers
    "Each student is used exactly once; 4 of them make 24 toys. The numbers 3 and 4 add up.",
    "What is 4 + 5 + 6 + 10?",
    "Use the numbers " + "9" * 5000 + f" 5 6 10 {RULES}.",
]


@pytest.mark.parametrize("text", NO_PUZZLES)
def test_what_may_have_other_rules_is_no_puzzle(text: str) -> None:
    assert puzzle_of(text) is None


WALKS: list[tuple[str, str, tuple[str, ...], list[list[Outcome]]]] = [
    (
        "right to the end",
        GAME,
        ("10 - 4 = 6 (left: 5 6 6)", "5 * 6 = 30 (left: 6 30)", "30 - 6 = 24 (left: 24)", "Answer: 5*(10 - 4) - 6"),
        [GOOD, GOOD, GOOD, [YES]],
    ),
    ("a number that is gone", GAME, ("10 - 4 = 6 (left: 5 6 6)", "5 * 4 = 20 (left: 6 20)"), [GOOD, [NO, OPEN]]),
    ("a number used twice", GAME, ("5 * 5 = 25 (left: 4 6 10 25)",), [[NO, OPEN]]),
    ("a number forgotten", GAME, ("10 - 4 = 6 (left: 5 6)",), [[YES, NO]]),
    ("the result forgotten", GAME, ("10 - 4 = 6 (left: 5 6 10)",), [[YES, NO]]),
    ("fractions are numbers", GAME, ("10 / 6 = 5/3 (left: 4 5 5/3)", "4 * 5/3 = 20/3 (left: 5 20/3)"), [GOOD, GOOD]),
    ("two operations in one move", GAME, ("4 * (10 / 5) = 8 (left: 6 8)",), [GOOD]),
    ("a chain in one move", GAME, ("4 * 10 / 5 = 40 / 5 = 8 (left: 6 8)",), [GOOD]),
    ("what was said is carried on", GAME, ("10 - 4 = 7 (left: 5 6 7)", "7 + 5 = 12 (left: 6 12)"), [GOOD, GOOD]),
    ("other signs", GAME, ("Step 1: 10 − 4 = 6 (remaining: 5, 6, 6)", "2. 5 × 6 = 30 (left: 6, 30)"), [GOOD, GOOD]),
    ("a line without books may be a try", GAME, ("10 - 4 = 6", "5 * 7 = 35"), [[], []]),
    (
        "beginning anew with words",
        FREE,
        ("10 - 4 = 6 (left: 5 6 6)", "6 + 6 = 12 (left: 5 12)", "Let's start again.", "6 - 4 = 2 (left: 2 5 10)"),
        [GOOD, GOOD, [], GOOD],
    ),
    (
        "beginning anew at a dead end",
        FREE,
        ("4 + 5 = 9 (left: 6 9 10)", "9 + 6 = 15 (left: 10 15)", "15 + 10 = 25 (left: 25)", "6 - 4 = 2 (left: 2 5 10)"),
        [GOOD, GOOD, GOOD, GOOD],
    ),
    ("an answer that leaves a number out", GAME, ("Answer: (10 - 4) * (10 - 6) = 24",), [[NO]]),
    ("an answer that makes something else", GAME, ("Answer: 4 + 5 + 6 + 10 = 25",), [[NO]]),
    ("an answer that divides by zero", GAME, ("Answer: 4 / (10 - 6 - 5 + 1) = 24",), [[NO]]),
    ("an answer with left-out signs", GAME, ("The answer is: $5(10 - 4) - 6$.",), [[YES]]),
    ("an answer in a box", GAME, (r"Final answer: \boxed{5 × (10 − 4) − 6 = 24}",), [[YES]]),
    ("an answer taken back", GAME, ("Answer: (10 - 4) * 5 ≠ 24",), [[]]),
    ("a false denial", GAME, ("Answer: None",), [[NO]]),
    ("a false denial in words", GAME, ("Answer: There is no possible way to obtain 24 with these numbers.",), [[NO]]),
    (
        "a false denial without a label",
        GAME,
        ("Unfortunately, it is not possible to obtain 24 with the given numbers 4, 5, 6, and 10.",),
        [[NO]],
    ),
    (
        "a dead end",
        GAME,
        ("4 + 5 = 9 (left: 6 9 10)", "9 + 6 = 15 (left: 10 15)", "It is not possible to get 24 from 10 and 15."),
        [GOOD, GOOD, []],
    ),
    (
        "one way of combining fails",
        GAME,
        ("10 - 4 = 6 (left: 5 6 6)", "This combination cannot make 24.", "So on."),
        [GOOD, [], []],
    ),
    (
        "the dead end as the answer",
        GAME,
        ("4 + 5 = 9 (left: 6 9 10)", "9 + 6 = 15 (left: 10 15)", "15 + 10 = 25 (left: 25)", "Answer: 25"),
        [GOOD, GOOD, GOOD, [NO]],
    ),
    ("one of several", GAME, ("Answer: None of these orders of the numbers",), [[]]),
    ("the target as the answer", GAME, ("Answer: 24",), [[]]),
    ("at most once leaves a number", PUZZLES[3][0], ("Answer: 36 + 19 = 55",), [[NO]]),
    ("a true denial", f"Use the four numbers 1 1 1 1 {RULES}.", ("Answer: No solution",), [[YES]]),
]  # fmt: skip


@pytest.mark.parametrize(("problem", "steps", "expected"), [w[1:] for w in WALKS], ids=[w[0] for w in WALKS])
def test_the_books_of_a_walk(problem: str, steps: tuple[str, ...], expected: list[list[Outcome]]) -> None:
    assert outcomes(problem, *steps) == expected


DECIDED: list[tuple[str, Outcome | Reason | None]] = [
    ("available(numbers(4, 4, 5), numbers(4, 4))", YES),
    ("available(numbers(4, 5), numbers(4, 4))", NO),
    ("left(numbers(4, 5), numbers(4, 5), 9, numbers(9))", YES),
    ("left(numbers(4, (-1/2)), numbers(4), 4, numbers(4, (-1/2)))", YES),
    ("left(numbers(4, 5), numbers(4, 5), 9, none)", NO),
    ("reaches(numbers(8, 8, 3, 3), 24, 8/(3 - 8/3))", YES),
    ("reaches_with_some(numbers(2, 3, 4), 6, 2*3)", Reason.AMBIGUOUS),
    ("reaches_with_some(numbers(2, 3, 4), 6, 2*3*1)", NO),
    ("unsolvable(numbers(8, 8, 3, 3), 24)", NO),
    ("unsolvable(numbers(1, 1, 1, 1), 24)", YES),
    ("unsolvable_with_some(numbers(4, 6, 100), 24)", Reason.AMBIGUOUS),
    ("unsolvable_with_some(numbers(1, 1, 1), 24)", YES),
    ("unsolvable(numbers(1, 2, 3, 4, 5, 6, 7), 24)", Reason.TOO_LARGE),
    (f"unsolvable(numbers(1, {'9' * 60}), 24)", Reason.TOO_LARGE),
    ("available(numbers(1/0, 2), numbers(2))", Reason.UNDEFINED),
    ("reaches(numbers(2, 3), 8, 2^3)", None),
    ("reaches(numbers(x, 3), 8, 3)", None),
    ("available(4, 5)", None),
    ("4 + 5 = 9", None),
    ("(((", None),
]


@pytest.mark.parametrize(("statement", "expected"), DECIDED)
def test_a_statement_is_decided_exactly(statement: str, expected: Outcome | Reason | None) -> None:
    assert decide(statement) == expected


def test_a_refuted_denial_shows_a_way() -> None:
    check = tool.decide(Claim(ClaimKind.INVENTORY, "unsolvable(numbers(3, 3, 8, 8), 24)"))
    assert check is not None
    assert check.witness == "8/(3 - 8/3) = 24"


def values(numbers: tuple[Fraction, ...]) -> Iterator[Fraction]:
    """Every value of ``numbers``, found without tables: each split, each operator, each order."""
    if len(numbers) == 1:
        yield numbers[0]
    for size in range(1, len(numbers)):
        for places in combinations(range(len(numbers)), size):
            rest = tuple(n for i, n in enumerate(numbers) if i not in places)
            for a in values(tuple(numbers[i] for i in places)):
                for b in values(rest):
                    yield from (a + b, a - b, a * b, *((a / b,) if b else ()))


small = st.lists(st.integers(-3, 12), min_size=1, max_size=3).map(lambda ns: tuple(Fraction(n) for n in ns))


@given(small, st.integers(-30, 60))
def test_the_search_finds_what_trying_everything_finds(numbers: tuple[Fraction, ...], target: int) -> None:
    assert (tool.search(numbers, Fraction(target)) is not None) == (Fraction(target) in set(values(numbers)))


OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def worked_out(node: ast.AST, literals: list[Fraction]) -> Fraction:
    """The value of a way, worked out by a reader that shares nothing with ours."""
    if isinstance(node, ast.Constant):
        assert isinstance(node.value, int)
        literals.append(Fraction(node.value))
        return literals[-1]
    if isinstance(node, ast.UnaryOp):
        inner = worked_out(node.operand, literals)
        literals[-1] *= -1
        return -inner
    assert isinstance(node, ast.BinOp)
    left = worked_out(node.left, literals)
    return Fraction(OPERATORS[type(node.op)](left, worked_out(node.right, literals)))


@given(st.lists(st.integers(-2, 20), min_size=2, max_size=6), st.data())
@settings(max_examples=40)
def test_a_way_that_was_built_is_found_and_holds(numbers: list[int], data: st.DataObject) -> None:
    made = [Fraction(n) for n in numbers]
    while len(made) > 1:
        a, b = made.pop(), made.pop(data.draw(st.integers(0, len(made) - 1)))
        op = data.draw(st.sampled_from([operator.add, operator.sub, operator.mul]))
        made.append(op(a, b))
    way = tool.search(tuple(Fraction(n) for n in numbers), made[0])
    assert way is not None
    literals: list[Fraction] = []
    assert worked_out(ast.parse(way, mode="eval").body, literals) == made[0]
    # plus -1 is written "- 1", so the signs of the numbers cannot be told apart from the operators
    assert Counter(map(abs, literals)) == Counter(map(Fraction, map(abs, numbers)))


@pytest.mark.slow
def test_the_first_error_of_real_walks_is_found(data: Path, verifier: Verifier) -> None:
    rows = [json.loads(line) for line in (data / "game24_steps.jsonl").read_text().splitlines()]
    found = []
    for row in rows:
        report = verifier.critique(row["problem"], row["steps"])
        found.append((row["label"], -1 if report.first_error is None else report.first_error, row["id"]))
    accused = [f for f in found if f[0] == -1 and f[1] != -1]
    missed = [f for f in found if f[0] != f[1]]
    assert not accused
    assert len(missed) <= len(rows) // 100, f"{len(missed)} of {len(rows)} first errors misplaced: {missed[:5]}"
