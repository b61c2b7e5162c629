"""A number puzzle's bookkeeping to a verdict, by counting and, for "there is no solution", by exhaustive search."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import Final, NamedTuple

from genverify.claims.grammar import App, Expr, Num, Sym, parse
from genverify.claims.writing import show
from genverify.errors import GrammarError
from genverify.types import Check, Claim, Outcome, Reason

MAX_NUMBERS: Final = 6
"""Six numbers take up to half a second of search in process; seven take half a minute."""
_MAX_DIGITS: Final = 40
"""Digits of a number's numerator or denominator: sums and products of six such stay far from Python's own limits."""
_TABLED: Final = 4
"""Numbers up to which all results are tabled (about 3000 for four); larger sets are searched back from the target."""
_Numbers = tuple[Fraction, ...]
_Verdict = tuple[Outcome, Reason | None, str]


def decide(claim: Claim) -> Check | None:
    """Decide an INVENTORY claim; None if its statement is none of the forms of ``claims.puzzle``."""
    began = time.perf_counter()
    try:
        outcome, reason, witness = _decide(parse(claim.statement))
    except (GrammarError, _NotBookkeepingError):
        return None
    except ZeroDivisionError:
        outcome, reason, witness = Outcome.UNDECIDED, Reason.UNDEFINED, "a number of the puzzle divides by zero"
    return Check(claim, "puzzle", outcome, reason, witness, wall_s=time.perf_counter() - began)


class _NotBookkeepingError(Exception):
    """The statement is not one of the forms."""


def _decide(expr: Expr) -> _Verdict:
    if any(max(len(str(n.numerator)), len(str(n.denominator))) > _MAX_DIGITS for n in _literals(expr)):
        return Outcome.UNDECIDED, Reason.TOO_LARGE, f"a number has more than {_MAX_DIGITS} digits"
    match expr:
        case App("@available", (state, used)):
            return _available(_numbers(state), _numbers(used))
        case App("@left", (state, used, made, said)):
            return _left(_numbers(state), _numbers(used), _value(made), _numbers(said))
        case App("@reaches" | "@reaches_with_some" as head, (given, target, made)):
            return _reaches(_numbers(given), _value(target), made, head == "@reaches")
        case App("@unsolvable" | "@unsolvable_with_some" as head, (given, target)):
            return _unsolvable(_numbers(given), _value(target), head == "@unsolvable")
        case _:
            raise _NotBookkeepingError


def _numbers(expr: Expr) -> _Numbers:
    if expr == Sym("none"):
        return ()
    if not isinstance(expr, App) or expr.head != "@numbers":
        raise _NotBookkeepingError
    return tuple(_value(a) for a in expr.args)


def _value(expr: Expr) -> Fraction:
    """Return the exact value of an expression of + - * /.

    Raises:
        ZeroDivisionError: it divides by zero.
    """
    if isinstance(expr, Num):
        return Fraction(expr.value)
    if not isinstance(expr, App) or expr.head not in ("+", "*", "/", "neg"):
        raise _NotBookkeepingError
    values = [_value(a) for a in expr.args]
    if expr.head == "neg":
        return -values[0]
    total = values[0]
    for value in values[1:]:
        total = total + value if expr.head == "+" else total * value if expr.head == "*" else total / value
    return total


def _literals(expr: Expr) -> Iterator[Fraction]:
    if isinstance(expr, Num):
        yield Fraction(expr.value)
    elif isinstance(expr, App):
        for arg in expr.args:
            yield from _literals(arg)


def _available(state: _Numbers, used: _Numbers) -> _Verdict:
    missing = Counter(used) - Counter(state)
    if missing:
        return Outcome.REFUTED, None, f"{_listed(missing.elements())} is not among the numbers left: {_listed(state)}"
    return Outcome.CONFIRMED, None, ""


def _left(state: _Numbers, used: _Numbers, made: Fraction, said: _Numbers) -> _Verdict:
    if Counter(used) - Counter(state):
        return Outcome.UNDECIDED, Reason.UNDEFINED, "the numbers used were not there"
    right = Counter(state) - Counter(used) + Counter([made])
    if right != Counter(said):
        return Outcome.REFUTED, None, f"left are {_listed(sorted(right.elements()))}, not {_listed(said)}"
    return Outcome.CONFIRMED, None, ""


def _reaches(given: _Numbers, target: Fraction, expr: Expr, every: bool) -> _Verdict:
    """Judge a final expression; ``every``: each number must occur, otherwise none may occur more often than given."""
    used, there = Counter(_literals(expr)), Counter(given)
    if used - there or (every and used != there):
        return Outcome.REFUTED, None, f"it uses {_listed(sorted(used.elements()))}, not {_listed(given)} once each"
    try:
        value = _value(expr)
    except ZeroDivisionError:
        return Outcome.REFUTED, None, "it divides by zero"
    if value != target:
        return Outcome.REFUTED, None, f"it makes {value}, not {target}"
    unused = _listed((there - used).elements())
    if unused:
        return Outcome.UNDECIDED, Reason.AMBIGUOUS, f"it leaves {unused} unused, which may be allowed"
    return Outcome.CONFIRMED, None, ""


def _unsolvable(given: _Numbers, target: Fraction, every: bool) -> _Verdict:
    if len(given) > MAX_NUMBERS:
        return Outcome.UNDECIDED, Reason.TOO_LARGE, f"{len(given)} numbers; at most {MAX_NUMBERS} are searched"
    way = search(given, target)
    if way is not None:
        return Outcome.REFUTED, None, f"{way} = {target}"
    if not every:
        for size in range(1, len(given)):
            for some in combinations(given, size):
                if (way := search(some, target)) is not None:
                    return Outcome.UNDECIDED, Reason.AMBIGUOUS, f"{way} = {target} leaves numbers unused"
    return Outcome.CONFIRMED, None, ""


def search(given: _Numbers, target: Fraction) -> str | None:
    """Return an expression that makes ``target`` out of each of ``given`` once by + - * /; None if there is none."""
    return _search(tuple(sorted(given)), target)


@lru_cache(maxsize=512)
def _search(given: _Numbers, target: Fraction) -> str | None:
    way = _Search().way(given, target)
    return show(way) if way is not None else None


class _Made(NamedTuple):
    """How a value of a table was made: an operator, and each side's numbers and value."""

    op: str
    left: tuple[_Numbers, Fraction]
    right: tuple[_Numbers, Fraction]


class _Search:
    """One exhaustive search: tables of all results of small sets, and backwards from the target for larger ones."""

    def __init__(self) -> None:
        self.tables: dict[_Numbers, dict[Fraction, _Made | None]] = {}
        self.failed: set[tuple[_Numbers, Fraction]] = set()

    def table(self, numbers: _Numbers) -> dict[Fraction, _Made | None]:
        """Return every value that ``numbers`` (sorted, at most ``_TABLED``) can make, with one way for each."""
        known = self.tables.get(numbers)
        if known is None:
            known = self.tables[numbers] = {numbers[0]: None} if len(numbers) == 1 else {}
            for some, rest in _splits(numbers):
                for a in self.table(some):
                    for b in self.table(rest):
                        for value, op, swapped in _combined(a, b):
                            left, right = (some, a), (rest, b)
                            known.setdefault(value, _Made(op, right, left) if swapped else _Made(op, left, right))
        return known

    def way(self, numbers: _Numbers, target: Fraction) -> Expr | None:
        """Return an expression for ``target`` out of all of ``numbers`` (sorted)."""
        if len(numbers) <= _TABLED:
            return self.tabled(numbers, target) if target in self.table(numbers) else None
        if (numbers, target) in self.failed:
            return None
        for some, rest in _splits(numbers):
            for a in self.table(some):
                for b, op, swapped in _missing(a, target):
                    other = self.anything(rest) if b is None else self.way(rest, b)
                    if other is not None:
                        own = self.tabled(some, a)
                        return _joined(op, other, own) if swapped else _joined(op, own, other)
        self.failed.add((numbers, target))
        return None

    def anything(self, numbers: _Numbers) -> Expr:
        """Return any expression of ``numbers``, for a factor beside zero."""
        terms = tuple(_numeral(n) for n in numbers)
        return terms[0] if len(terms) == 1 else App("+", terms)

    def tabled(self, numbers: _Numbers, value: Fraction) -> Expr:
        """Return the expression by which a table made ``value``."""
        made = self.table(numbers)[value]
        if made is None:
            return _numeral(value)
        return _joined(made.op, self.tabled(*made.left), self.tabled(*made.right))


def _splits(numbers: _Numbers) -> Iterator[tuple[_Numbers, _Numbers]]:
    """Yield each way to part ``numbers`` in two, the smaller part first."""
    seen: set[_Numbers] = set()
    for size in range(1, len(numbers) // 2 + 1):
        for places in combinations(range(len(numbers)), size):
            some = tuple(numbers[i] for i in places)
            if some not in seen:
                seen.add(some)
                yield some, tuple(n for i, n in enumerate(numbers) if i not in places)


def _combined(a: Fraction, b: Fraction) -> Iterator[tuple[Fraction, str, bool]]:
    """Yield each result of ``a`` and ``b`` with its operator and whether ``b`` stands first."""
    yield a + b, "+", False
    yield a * b, "*", False
    yield a - b, "-", False
    yield b - a, "-", True
    if b:
        yield a / b, "/", False
    if a:
        yield b / a, "/", True


def _missing(a: Fraction, target: Fraction) -> Iterator[tuple[Fraction | None, str, bool]]:
    """Yield each value that makes ``target`` together with ``a``; None where any value does."""
    yield target - a, "+", False
    yield a - target, "-", False
    yield target + a, "-", True
    if a:
        yield target / a, "*", False
        yield target * a, "/", True
        if target:
            yield a / target, "/", False
    elif not target:
        yield None, "*", False


def _joined(op: str, left: Expr, right: Expr) -> Expr:
    return App("+", (left, App("neg", (right,)))) if op == "-" else App(op, (left, right))


def _numeral(value: Fraction) -> Expr:
    number = Num(abs(value) if value.denominator > 1 else abs(int(value)))
    return number if value >= 0 else App("neg", (number,))


def _listed(values: Iterable[Fraction]) -> str:
    return " ".join(str(v) for v in values)
