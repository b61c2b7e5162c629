"""A number puzzle's bookkeeping to a verdict, by counting and, for "there is no solution", by exhaustive search."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Final

from genverify.claims.grammar import App, Expr, Num, Sym, parse
from genverify.errors import GrammarError
from genverify.types import Check, Claim, Outcome, Reason

_MAX_NUMBERS: Final = 5
"""Five numbers take at most about 0.3 s of search in process; six take ten seconds."""
_Verdict = tuple[Outcome, Reason | None, str]


def decide(claim: Claim) -> Check | None:
    """Decide an INVENTORY claim; None if its statement is none of the forms of ``claims.puzzle``."""
    began = time.perf_counter()
    try:
        expr = parse(claim.statement)
    except GrammarError:
        return None
    if not isinstance(expr, App):
        return None
    try:
        verdict = _decide(expr)
    except _NotBookkeepingError:
        return None
    outcome, reason, witness = verdict
    return Check(claim, "puzzle", outcome, reason, witness, wall_s=time.perf_counter() - began)


class _NotBookkeepingError(Exception):
    """The statement is not one of the forms."""


def _decide(expr: App) -> _Verdict:
    match expr.head, len(expr.args):
        case "@available", 2:
            return _available(_numbers(expr.args[0]), _numbers(expr.args[1]))
        case "@left", 4:
            return _left(_numbers(expr.args[0]), _numbers(expr.args[1]), _value(expr.args[2]), _numbers(expr.args[3]))
        case "@reaches", 3:
            return _reaches(_numbers(expr.args[0]), _value(expr.args[1]), expr.args[2])
        case "@unsolvable", 2:
            return _unsolvable(_numbers(expr.args[0]), _value(expr.args[1]))
        case _:
            raise _NotBookkeepingError


def _numbers(expr: Expr) -> tuple[Fraction, ...]:
    if isinstance(expr, Sym) and expr.name == "none":
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


def _available(state: tuple[Fraction, ...], used: tuple[Fraction, ...]) -> _Verdict:
    missing = Counter(used) - Counter(state)
    if missing:
        return Outcome.REFUTED, None, f"{_listed(missing.elements())} is not among the numbers left: {_listed(state)}"
    return Outcome.CONFIRMED, None, ""


def _left(state: tuple[Fraction, ...], used: tuple[Fraction, ...], made: Fraction, said: tuple[Fraction, ...]) -> _Verdict:
    if Counter(used) - Counter(state):
        return Outcome.UNDECIDED, Reason.UNDEFINED, "the numbers used were not there"
    right = Counter(state) - Counter(used) + Counter([made])
    if right != Counter(said):
        return Outcome.REFUTED, None, f"left are {_listed(sorted(right.elements()))}, not {_listed(said)}"
    return Outcome.CONFIRMED, None, ""


def _reaches(given: tuple[Fraction, ...], target: Fraction, expr: Expr) -> _Verdict:
    used = Counter(_literals(expr))
    if used != Counter(given):
        return Outcome.REFUTED, None, f"it uses {_listed(sorted(used.elements()))}, but the numbers are {_listed(given)}"
    try:
        value = _value(expr)
    except ZeroDivisionError:
        return Outcome.REFUTED, None, "it divides by zero"
    if value != target:
        return Outcome.REFUTED, None, f"it makes {value}, not {target}"
    return Outcome.CONFIRMED, None, ""


def _literals(expr: Expr) -> Iterator[Fraction]:
    if isinstance(expr, Num):
        yield Fraction(expr.value)
    elif isinstance(expr, App):
        for arg in expr.args:
            yield from _literals(arg)


def _unsolvable(given: tuple[Fraction, ...], target: Fraction) -> _Verdict:
    if len(given) > _MAX_NUMBERS:
        return Outcome.UNDECIDED, Reason.TOO_LARGE, f"{len(given)} numbers; at most {_MAX_NUMBERS} are searched"
    way = _search(tuple(sorted((n, str(n) if n >= 0 else f"({n})") for n in given)), target)
    if way is not None:
        return Outcome.REFUTED, None, f"{way} = {target}"
    return Outcome.CONFIRMED, None, ""


@lru_cache(maxsize=256)
def _search(terms: tuple[tuple[Fraction, str], ...], target: Fraction) -> str | None:
    """Return an expression that makes ``target`` out of all ``terms`` (value and text), None if there is none."""
    seen: set[tuple[Fraction, ...]] = set()

    def look(items: list[tuple[Fraction, str]]) -> str | None:
        if len(items) == 1:
            return items[0][1] if items[0][0] == target else None
        key = tuple(sorted(v for v, _ in items))
        if key in seen:
            return None
        seen.add(key)
        for i in range(len(items)):
            for j in range(i + 1, len(items)):
                rest = [items[k] for k in range(len(items)) if k not in (i, j)]
                for made in _combined(items[i], items[j]):
                    found = look([*rest, made])
                    if found is not None:
                        return found
        return None

    found = look(list(terms))
    return found[1:-1] if found is not None and found.startswith("(") and len(terms) > 1 else found


def _combined(a: tuple[Fraction, str], b: tuple[Fraction, str]) -> Iterator[tuple[Fraction, str]]:
    (x, s), (y, t) = a, b
    yield x + y, f"({s} + {t})"
    yield x * y, f"({s} * {t})"
    yield x - y, f"({s} - {t})"
    yield y - x, f"({t} - {s})"
    if y != 0:
        yield x / y, f"({s} / {t})"
    if x != 0:
        yield y / x, f"({t} / {s})"


def _listed(values: Iterable[Fraction]) -> str:
    return " ".join(str(v) for v in values)
