"""Turn the givens of a general statement into its domain: assumptions, solved names, and conditions on trial points."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import enclosure as en
import points
import prove
import sympy
from enclosure import TooLarge, Uncertain, Undefined, Unsupported
from numeric import Evaluation
from points import Point
from sympy_build import Builder
from sympy_print import wire
from trees import Built, Tree, has_name, names, put, walk

MAX_POINTS: Final = 16
"""Trial points at which a statement is compared before a proof is looked for."""
_TRIED: Final = 160
"""Candidates looked at: conditions and undefined places use most of them up."""
_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_WHOLE_HEADS: Final = {"integer": "integer", "even": "even", "odd": "odd", "prime": "prime"}


class Vacuous(Exception):
    """The givens contradict each other."""


class Domain:
    """Where a general statement is said to hold."""

    def __init__(self, givens: list[Tree], statements: list[Tree]) -> None:
        """Read ``givens`` about the names of ``statements``.

        Raises:
            Vacuous: two givens contradict each other.
        """
        self.complex = any(has_name(t, "I") for t in (*givens, *statements))
        self.assumptions: dict[str, dict[str, bool]] = {}
        self.bindings: dict[str, Tree] = {}
        self.conditions: list[Tree] = []
        parts = [part for given in givens for part in _parts(given)]
        for part in parts:
            if part[0] == "=":
                self._bind(part)
            else:
                self.conditions.append(part)
        self.conditions = [put(c, self.bindings) for c in self.conditions]
        self.equations = [c for c in self.conditions if c[0] == "="]
        for condition in self.conditions:
            self._assume(condition)
        whole = points.counting_names([*statements, *self.conditions])
        for name in whole:
            self.assumptions.setdefault(name, {}).update(integer=True, positive=True)
        self.whole = whole | {
            n for n, known in self.assumptions.items() if known.keys() & {"integer", "even", "odd", "prime"}
        }

    def builder(self, extra: dict[str, dict[str, bool]] | None = None) -> Builder:
        """Return a builder with what is known of the names, and ``extra`` on top.

        Raises:
            Vacuous: the assumptions contradict each other.
        """
        known = {n: dict(a) for n, a in self.assumptions.items()}
        for name, more in (extra or {}).items():
            known[name] = {**known.get(name, {}), **more}
        made = Builder(not self.complex, known)
        try:
            for name in known:
                made.symbol(name)
        except sympy.core.facts.InconsistentAssumptions as error:
            raise Vacuous from error
        return made

    def _bind(self, equation: Tree) -> None:
        """Solve an equation for a name, or keep it as a condition."""
        equation = put(equation, self.bindings)
        free = names(equation)
        if not free:
            if points.holds(equation, Evaluation(reading="principal")) is False:
                raise Vacuous
            return
        found = _solved(equation)
        if found is None:
            self.conditions.append(equation)
            return
        name, value = found
        self.bindings = {n: put(v, {name: value}) for n, v in self.bindings.items()}
        self.bindings[name] = value

    def _assume(self, condition: Tree) -> None:
        head = condition[0]
        if head in _WHOLE_HEADS and condition[1][0] == "sym":
            self._know(condition[1][1], _WHOLE_HEADS[head])
        elif head == "in" and condition[1][0] == "sym" and condition[2][0] in ("ioo", "icc", "ioc", "ico"):
            low, high = condition[2][1:]
            self._assume_order("<" if condition[2][0] in ("ioo", "ioc") else "<=", low, condition[1])
            self._assume_order("<" if condition[2][0] in ("ioo", "ico") else "<=", condition[1], high)
        elif head in _FLIPPED:
            self._assume_order(head, condition[1], condition[2])

    def _assume_order(self, head: str, left: Tree, right: Tree) -> None:
        if left[0] != "sym":
            head, left, right = _FLIPPED[head], right, left
        if left[0] != "sym" or names(right) or names(left) == frozenset():
            return
        try:
            side = en.sign(Evaluation().real(right))
        except (Undefined, Uncertain, TooLarge, Unsupported):
            return
        word = _SIGN_WORDS.get((head, side))
        if word is not None:
            self._know(left[1], word)

    def _know(self, name: str, word: str) -> None:
        self.assumptions.setdefault(name, {})[word] = True

    def points(self, statement: Tree) -> Iterator[Point]:
        """Yield points of the domain for the names of ``statement``, at most ``MAX_POINTS`` of many candidates.

        Raises:
            Unsupported: a condition cannot be decided at a point, so no point is known to be in the domain.
        """
        free = sorted(names(statement).union(*(names(c) for c in self.conditions)))
        numbers = sorted(
            {sign * Fraction(n[1]) for c in self.conditions for n in walk(c) if n[0] == "num" for sign in (1, -1)}
        )
        for candidate in points.candidates(free, self.whole & set(free), numbers, _TRIED):
            if self._inside(candidate):
                yield candidate

    def _inside(self, candidate: Point) -> bool:
        run = Evaluation(names=candidate, reading="principal" if self.complex else "real")
        try:
            return all(points.holds(c, run) for c in self.conditions)
        except (Undefined, Uncertain, TooLarge):
            return False


_SIGN_WORDS: Final = {
    (">", 0): "positive",
    (">", 1): "positive",
    (">=", 1): "positive",
    (">=", 0): "nonnegative",
    ("<", 0): "negative",
    ("<", -1): "negative",
    ("<=", -1): "negative",
    ("<=", 0): "nonpositive",
    ("!=", 0): "nonzero",
}


def _parts(given: Tree) -> list[Tree]:
    return [part for a in given[1:] for part in _parts(a)] if given[0] == "and" else [given]


def _solved(equation: Tree) -> tuple[str, Tree] | None:
    """Solve for a name that stands alone, or that occurs linearly with a number as its factor."""
    for side, other in ((equation[1], equation[2]), (equation[2], equation[1])):
        if side[0] == "sym" and names(side) and side[1] not in names(other):
            return side[1], other
    try:
        builder = Builder()
        difference = builder.expression(["+", equation[1], ["neg", equation[2]]])
        return _linear(difference)
    except (Undefined, Unsupported, TooLarge, *prove.FAILURES):
        return None


def _linear(difference: Built) -> tuple[str, Tree] | None:
    for symbol in sorted(difference.free_symbols, key=str):
        slope = sympy.diff(difference, symbol)
        if slope.is_Rational and slope != 0:
            rest = sympy.expand(difference - slope * symbol)
            if not rest.has(symbol):
                return str(symbol), wire(-rest / slope)
    return None
