"""A closed tree to a float, quickly and boundedly: for judging how a claim was meant, never for deciding it."""

import math
from collections.abc import Callable, Mapping
from typing import Final

from genverify.claims.grammar import Expr, Num, Sym

_LARGEST: Final = 1e30
"""Magnitudes above this are not looked at: nothing about how a number was meant depends on them."""

_FLOATS: Final[Mapping[str, Callable[..., float]]] = {
    "neg": lambda a: -a,
    "*": lambda *xs: math.prod(xs),
    "+": lambda *xs: math.fsum(xs),
    "-": lambda a, b: a - b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: float(a) ** b,
    "sqrt": math.sqrt,
    "root": lambda a, n: math.copysign(abs(a) ** (1 / n), a),
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "min": min,
    "max": max,
    "ln": math.log,
    "log": lambda a, b: math.log(a) / math.log(b),
    "exp": math.exp,
    "deg": math.radians,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "binom": lambda n, k: float(math.comb(int(n), int(k))) if n == int(n) and k == int(k) and n < 200 else math.nan,
    "!": lambda n: float(math.factorial(int(n))) if n == int(n) and n < 28 else math.nan,
    "mod": lambda a, m: a % m,
    "gcd": lambda *xs: float(math.gcd(*(int(x) for x in xs))),
    "lcm": lambda *xs: float(math.lcm(*(int(x) for x in xs))),
}


def approx(expr: Expr, shift: Mapping[int, float] | None = None) -> float | None:
    """Return about the value of ``expr``, or None where it has none that a float shows.

    Args:
        expr: a closed tree.
        shift: for the ``n``-th written number (from 0, in reading order) an amount to add to it.
    """
    try:
        value = _approx(expr, shift or {}, [0])
    except (ArithmeticError, ValueError, TypeError, OverflowError):
        return None
    if isinstance(value, complex) or value != value or abs(value) > _LARGEST:
        return None
    return value


def _approx(expr: Expr, shift: Mapping[int, float], seen: list[int]) -> float:
    if isinstance(expr, Num):
        seen[0] += 1
        return float(expr.value) + shift.get(seen[0] - 1, 0.0)
    if isinstance(expr, Sym):
        if expr.name == "pi":
            return math.pi
        if expr.name == "E":
            return math.e
        raise ValueError(expr.name)
    if expr.head not in _FLOATS:
        raise ValueError(expr.head)
    values = [_approx(a, shift, seen) for a in expr.args]
    if any(abs(v) > _LARGEST for v in values):
        raise ValueError("too large")
    return float(_FLOATS[expr.head](*values))


def literals(expr: Expr) -> list[Num]:
    """Return the written numbers of ``expr`` in reading order."""
    if isinstance(expr, Num):
        return [expr]
    if isinstance(expr, Sym):
        return []
    return [n for a in expr.args for n in literals(a)]


def spread(expr: Expr, value: float) -> float:
    """Return how far rounding of the written decimals may have moved ``expr`` from ``value``, in absolute terms.

    Only numbers that look rounded count: 33.33 and 0.67 do, 1.50 and 0.25 do not. Each may be off by a whole unit of
    its last place, since people truncate as well as round.
    """
    total = 0.0
    for place, literal in enumerate(literals(expr)):
        unit = rounding_unit(literal)
        if unit == 0.0:
            continue
        moved = approx(expr, {place: unit})
        if moved is None:
            return math.inf
        total += abs(moved - value)
    return total


def rounding_unit(literal: Num) -> float:
    """Return one unit of the last written place if ``literal`` looks like a rounded value, else 0."""
    if literal.places is None or literal.places == 0:
        return 0.0
    if literal.places == 1:
        return 0.0 if literal.value * 2 == int(literal.value * 2) else 0.1
    if literal.value * 20 == int(literal.value * 20) or literal.value * 8 == int(literal.value * 8):
        return 0.0
    return float(10.0**-literal.places)
