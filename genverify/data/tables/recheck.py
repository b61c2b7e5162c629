"""Made records about tables to what plain Python finds wrong with their labels: for tests and benchmarks.

What each step says (``LabelledStep.said``) is read anew and worked out from the cells of ``Problem.table``, without
pandas, without the checkers and without the moves that made it; the right answer is worked out from the question alone.
"""

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from genverify.data.tables.answers import Cells, agrees, answer
from genverify.data.values import Example, LabelledStep
from genverify.types import Table

_HALF_PLACE: Final = Fraction(1, 200)
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


def disagreements(examples: list[Example]) -> list[str]:
    """Return one line for each step whose label plain Python does not bear out; none is as it should be."""
    return [found for example in examples for found in _Reader(example).disagreements()]


class _Reader:
    """Works out the steps of one record."""

    def __init__(self, example: Example) -> None:
        assert example.problem.table is not None
        self._example = example
        self._table: Table = example.problem.table
        self._cells = Cells(self._table)
        self._rows: list[str] | None = None
        """What the last step that found rows said; None before the first."""

    def disagreements(self) -> list[str]:
        """Return what is wrong with the labels."""
        found = []
        for place, step in enumerate(self._example.steps):
            if step.label.right is not self._holds(place, step):
                found.append(f"{self._example.id} step {place}: labelled {step.label.right}: {step.said}")
        wrong = self._example.labels.count(False)
        if wrong != (self._example.maker == "sneaky"):
            found.append(f"{self._example.id}: {wrong} steps are called wrong")
        if not wrong and self._example.answer != self._example.problem.answer:
            found.append(f"{self._example.id}: the answer is {self._example.answer}")
        if not agrees(self._example.problem):
            found.append(f"{self._example.id}: the question's answer is {answer(self._example.problem)}")
        return found

    def _holds(self, place: int, step: LabelledStep) -> bool:
        left, _, right = step.said.partition(" = ")
        if match := re.fullmatch(r"unit\((.+)\)", left):
            return any(name == f"{match[1]} ({right})" for name in self._table.header)
        if match := re.fullmatch(r"rows\((.+)\)", left):
            self._rows = _items(right)
            return self._rows == self._cells.fitting(match[1])
        if match := re.fullmatch(r"(argmax|argmin) (.+)", left):
            return self._is_extreme(match[1], match[2], right)
        if match := re.fullmatch(r"(.+?)\[(.+)\]", left):
            return self._cells.column(match[1])[match[2]] == Fraction(right)
        if right.startswith("["):
            cells = self._cells.column(left)
            rows = self._rows if "in all rows" not in self._example.problem.text and self._rows else list(cells)
            return [cells[row] for row in rows if row in cells] == list(map(Fraction, _items(right)))
        return self._reasoned(step, left, right)

    def _reasoned(self, step: LabelledStep, left: str, right: str) -> bool:
        """Work out a computation; what was due stands in its claim, which is read anew."""
        if left == "answer" and not step.claims:
            earlier = [s.said for s in self._example.steps[:-1]][-1]
            due = earlier.partition(" = ")[2].split(", ")[0] if earlier.startswith("arg") else self._compared(earlier)
            return right == due
        (claim,) = step.claims
        relation = re.fullmatch(r"(.+) (=|<|>) (.+)", claim.statement)
        assert relation is not None
        one, two = _value(relation[1]), _value(relation[3])
        if relation[2] != "=":
            return bool(one < two if relation[2] == "<" else one > two)
        return bool(abs(one - two) <= (_HALF_PLACE if claim.tolerance else 0))

    def _compared(self, earlier: str) -> str:
        """Return the row that a comparison such as ``5 > 3`` is about: the one whose look-up gave the first number."""
        first = re.split(r" [<>] ", earlier)[0].strip("()")
        said = [step.said for step in self._example.steps]
        return next(m[1] for s in said if (m := re.fullmatch(r".+?\[(.+)\] = (.+)", s)) and m[2] == first)

    def _is_extreme(self, what: str, column: str, right: str) -> bool:
        name, _, number = right.rpartition(", ")
        cells = self._cells.column(column)
        best = max(cells.values()) if what == "argmax" else min(cells.values())
        return cells.get(name) == best == Fraction(number)


def _items(text: str) -> list[str]:
    inside = text.removeprefix("[").removesuffix("]")
    return inside.split(", ") if inside else []


def _value(text: str) -> Any:  # noqa: ANN401
    """Work out a formula of fractions."""
    return _worked(ast.parse(text, mode="eval").body)


def _worked(node: ast.expr) -> Any:  # noqa: ANN401
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            return _ARITHMETIC[type(op)](_worked(left), _worked(right))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_worked(inner)
        case ast.Call(func=ast.Name(id="max" | "min" as name), args=parts):
            return (max if name == "max" else min)(map(_worked, parts))
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
    raise ValueError(f"{ast.dump(node)[:80]} has no place in a formula")
