"""Labelled solutions written by hand: logic with citations, algebra, code; what the makers' records look like."""

from dataclasses import replace
from typing import Any

from genverify.data.values import Example, Kind, LabelledStep, StepLabel
from genverify.types import Claim, ClaimKind, Problem, Table

RIGHT = StepLabel(True, "exact")


def wrong(source: str, reason: str) -> StepLabel:
    return StepLabel(False, source, reason)


def relation(statement: str) -> Claim:
    return Claim(ClaimKind.RELATION, statement)


def step(text: str, label: StepLabel = RIGHT, *claims: Claim, **more: Any) -> LabelledStep:
    said = claims[0].statement if claims else ""
    return LabelledStep(text, label, claims, **{"said": said, **more})


DEFINITION = "Decide whether the facts prove the hypothesis, disprove it, or leave it open."
HYPOTHESIS, FACTS = "not C", "fact1: A\nfact2: A -> B\nfact12: B -> not C"
LOGIC_TEXT = f"{DEFINITION}\n\n$hypothesis$: {HYPOTHESIS}\n$context$:\n{FACTS}"
LOGIC = Example(
    id="logic-7-000000",
    kind=Kind.LOGIC,
    problem=Problem(LOGIC_TEXT, id="logic-7-p0", answer="PROVED"),
    steps=(
        step(
            "fact1 & fact2 -> int1: B",
            StepLabel(True, "z3"),
            Claim(ClaimKind.ENTAILS, "B", givens=("A", "A -> B"), given_steps=(-1, -1)),
        ),
        step(
            "fact12 & int1 -> int2: not C",
            StepLabel(True, "z3"),
            Claim(ClaimKind.ENTAILS, "not C", givens=("B -> not C", "B"), given_steps=(-1, 0)),
        ),
        step("The final answer is PROVED", StepLabel(True, "answer"), said="PROVED"),
    ),
    maker="gold",
    group="logic-7-p0",
    family="chain",
    answer="PROVED",
    formal={
        "hypothesis_formula": HYPOTHESIS,
        "facts_formula": FACTS,
        "problem_without_definition": LOGIC_TEXT.removeprefix(DEFINITION).lstrip(),
    },
)
SNEAKY_LOGIC = replace(
    LOGIC,
    id="logic-7-000001",
    steps=(
        step(
            "fact12 -> int1: not C",
            wrong("z3", "the premises also allow C"),
            Claim(ClaimKind.ENTAILS, "not C", givens=("B -> not C",), given_steps=(-1,)),
            error="missing premise",
            correction="fact1 & fact2 -> int1: B",
        ),
        step("The final answer is PROVED", StepLabel(True, "answer"), said="PROVED"),
    ),
    maker="sneaky",
)
ALGEBRA = Example(
    id="algebra-7-000002",
    kind=Kind.ALGEBRA,
    problem=Problem("A crate holds 17 boxes of 24 pens. Half of the pens are blue. How many are blue?", answer="204"),
    steps=(
        step("There are 17 * 24 = 408 pens.", RIGHT, relation("17*24 = 408")),
        step("Half of them is 408 / 2 = 204.", RIGHT, relation("408/2 = 204")),
        step("So 204 pens are blue.", StepLabel(True, "answer"), said="204"),
    ),
    maker="gold",
    group="algebra-7-p1",
    family="shopping",
    answer="204",
)
SNEAKY_ALGEBRA = replace(
    ALGEBRA,
    id="algebra-7-000003",
    steps=(
        step(
            "There are 17 * 24 = 418 pens.",
            wrong("exact", "17*24 = 408, not 418"),
            relation("17*24 = 418"),
            error="wrong product",
            correction="There are 17 * 24 = 408 pens.",
        ),
        step("Half of them is 418 / 2 = 209.", RIGHT, relation("418/2 = 209")),
        step("So 209 pens are blue.", wrong("answer", "the answer is 204, not 209"), said="209"),
    ),
    maker="sneaky",
    answer="209",
)
CODE = Example(
    id="code-7-000004",
    kind=Kind.CODE,
    problem=Problem("Write a function largest(items) that returns the largest number of a list.", answer=None),
    steps=(
        step("def largest(items):", StepLabel(True, "execution")),
        step("    best = items[0]", StepLabel(True, "execution")),
        step(
            "    for item in items[2:]:",
            wrong("execution", "largest([1, 5, 2]) returned 2, expected 5"),
            error="off by one",
            correction="    for item in items[1:]:",
        ),
        step("        best = max(best, item)", StepLabel(True, "execution")),
        step("    return best", StepLabel(None, "none", "nothing to decide")),
    ),
    maker="sneaky",
    group="code-7-p2",
    family="reductions",
)
OPEN = replace(
    ALGEBRA,
    id="algebra-7-000006",
    steps=(
        ALGEBRA.steps[0],
        step("About half of them are blue.", StepLabel(None, "sympy", "unsupported")),
        ALGEBRA.steps[2],
    ),
    maker="engine:small",
    group="algebra-7-p3",
)
QUADRATIC = Example(
    id="algebra-7-000008",
    kind=Kind.ALGEBRA,
    problem=Problem("Solve x^2 - 5*x + 6 = 0.", answer="x = 2 or x = 3"),
    steps=(
        step(
            "Factor it: x^2 - 5x + 6 = (x - 2)(x - 3).",
            StepLabel(True, "sympy"),
            Claim(ClaimKind.IDENTITY, "x^2 - 5*x + 6 = (x - 2)*(x - 3)"),
        ),
        step(
            "So x = 2 or x = 4.",
            wrong("sympy", "x = 4 does not satisfy x^2 - 5*x + 6 = 0: 4^2 - 5*4 + 6 = 2, not 0"),
            Claim(ClaimKind.ROOTS, "x = 2 | x = 4", givens=("x^2 - 5*x + 6 = 0",), given_steps=(-1,)),
            error="wrong root",
            correction="So x = 2 or x = 3.",
        ),
    ),
    maker="sneaky",
    group="algebra-7-p4",
    family="quadratic equation",
    answer="x = 2 or x = 4",
)
TABLE = Example(
    id="tables-7-000010",
    kind=Kind.TABLES,
    problem=Problem(
        "How much do the apples and the pears cost together?",
        answer="7",
        table=Table(("fruit", "price"), (("apples", "3"), ("pears", "4"))),
    ),
    steps=(
        step("Apples cost 3 and pears cost 4.", StepLabel(True, "table")),
        step("Together that is 3 + 4 = 7.", RIGHT, relation("3 + 4 = 7")),
    ),
    maker="gold",
    group="tables-7-p5",
    answer="7",
)
ALL = (LOGIC, SNEAKY_LOGIC, ALGEBRA, SNEAKY_ALGEBRA, CODE, OPEN, QUADRATIC, TABLE)


def copies(count: int) -> list[Example]:
    """Return ``count`` solutions of problems that differ in their numbers, right and wrong ones in turn."""
    found = []
    for i in range(count):
        like = (ALGEBRA, SNEAKY_ALGEBRA)[i % 2]
        problem = Problem(f"In case {i // 2}: {like.problem.text.replace('17', str(17 + i // 2))}", answer="204")
        found.append(replace(like, id=f"algebra-9-{i:06d}", problem=problem, group=f"algebra-9-p{i // 2}"))
    return found
