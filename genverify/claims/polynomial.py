"""A tree in one name to a ratio of polynomials and its roots, for judging what an equation was meant to follow from.

Coefficients are exact; roots are floats. Nothing is decided here: a checker proves what this only suggests.
"""

import cmath
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from genverify.claims.grammar import App, Expr, Num, Sym

_MAX_DEGREE: Final = 12  # above, floats no longer tell neighbouring roots apart
_MAX_BITS: Final = 512

Poly = tuple[Fraction, ...]
"""Coefficients from the constant term up, without trailing zeros; empty is the zero polynomial."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """``top/bottom``, both polynomials in the same name."""

    top: Poly
    bottom: Poly


class NotRational(ValueError):
    """The tree is no ratio of polynomials within the bounds."""


def ratio(expr: Expr, name: str) -> Ratio:
    """Return ``expr`` as a ratio of polynomials in ``name``.

    Raises:
        NotRational: it is none, or its degree or coefficients pass the bounds.
    """
    if isinstance(expr, Num):
        return Ratio(_trim((Fraction(expr.value),)), (Fraction(1),))
    if isinstance(expr, Sym):
        if expr.name != name:
            raise NotRational(expr.name)
        return Ratio((Fraction(0), Fraction(1)), (Fraction(1),))
    if expr.head == "^":
        return _power(ratio(expr.args[0], name), expr.args[1])
    parts = [ratio(a, name) for a in expr.args]
    match expr.head:
        case "neg":
            return Ratio(tuple(-c for c in parts[0].top), parts[0].bottom)
        case "+":
            return _fold(parts, _plus)
        case "*":
            return _fold(parts, lambda a, b: Ratio(_times(a.top, b.top), _times(a.bottom, b.bottom)))
        case "/":
            if not parts[1].top:
                raise NotRational("division by zero")
            return Ratio(_times(parts[0].top, parts[1].bottom), _times(parts[0].bottom, parts[1].top))
        case _:
            raise NotRational(expr.head)


def _fold(parts: list[Ratio], join: "object") -> Ratio:
    assert callable(join)
    total = parts[0]
    for part in parts[1:]:
        total = join(total, part)
    return total


def _plus(a: Ratio, b: Ratio) -> Ratio:
    if a.bottom == b.bottom:
        return Ratio(_sum(a.top, b.top), a.bottom)
    return Ratio(_sum(_times(a.top, b.bottom), _times(b.top, a.bottom)), _times(a.bottom, b.bottom))


def _power(base: Ratio, exponent: Expr) -> Ratio:
    sign = 1
    if isinstance(exponent, App) and exponent.head == "neg":
        sign, exponent = -1, exponent.args[0]
    if not isinstance(exponent, Num) or exponent.value != int(exponent.value) or exponent.value > _MAX_DEGREE:
        raise NotRational("exponent")
    result = Ratio((Fraction(1),), (Fraction(1),))
    for _ in range(int(exponent.value)):
        result = Ratio(_times(result.top, base.top), _times(result.bottom, base.bottom))
    if sign < 0:
        if not result.top:
            raise NotRational("division by zero")
        return Ratio(result.bottom, result.top)
    return result


def _trim(poly: Poly) -> Poly:
    size = len(poly)
    while size and poly[size - 1] == 0:
        size -= 1
    return poly[:size]


def _sum(a: Poly, b: Poly) -> Poly:
    size = max(len(a), len(b))
    zero = Fraction(0)
    return _trim(tuple((a[i] if i < len(a) else zero) + (b[i] if i < len(b) else zero) for i in range(size)))


def _times(a: Poly, b: Poly) -> Poly:
    if len(a) + len(b) > _MAX_DEGREE + 2:
        raise NotRational("degree")
    out = [Fraction(0)] * max(len(a) + len(b) - 1, 0)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            out[i + j] += x * y
    if any(c.numerator.bit_length() + c.denominator.bit_length() > _MAX_BITS for c in out):
        raise NotRational("coefficients")
    return _trim(tuple(out))


def roots(left: Expr, right: Expr, name: str) -> tuple[complex, ...] | None:
    """Return about the solutions of ``left = right`` in ``name``; None if everything solves it.

    Raises:
        NotRational: it is no equation between ratios of polynomials.
    """
    difference = _plus(ratio(left, name), ratio(App("neg", (right,)), name))
    if not difference.top:
        return None
    found = _durand_kerner(difference.top)
    return tuple(r for r in found if abs(_value(difference.bottom, r)) > 1e-9)


def _value(poly: Poly, at: complex) -> complex:
    total: complex = 0
    for coefficient in reversed(poly):
        total = total * at + float(coefficient)
    return total


def _durand_kerner(poly: Poly) -> tuple[complex, ...]:
    """Find all roots at once by the Durand-Kerner iteration."""
    degree = len(poly) - 1
    if degree <= 0:
        return ()
    if degree == 1:
        return (complex(-poly[0] / poly[1]),)
    if degree == 2:
        a, b, c = float(poly[2]), float(poly[1]), float(poly[0])
        mark = cmath.sqrt(b * b - 4 * a * c)
        return ((-b + mark) / (2 * a), (-b - mark) / (2 * a))
    monic = tuple(c / poly[-1] for c in poly)
    radius = 1 + max(abs(float(c)) for c in monic[:-1])
    guess = [radius * cmath.exp(complex(0, 2 * cmath.pi * k / degree + 0.4)) for k in range(degree)]
    for _ in range(200):
        moved = 0.0
        for i, z in enumerate(guess):
            bottom: complex = 1
            for j, other in enumerate(guess):
                bottom *= (z - other) if i != j else 1
            step = _value(monic, z) / bottom if bottom else complex(1e-3, 1e-3)
            guess[i] = z - step
            moved = max(moved, abs(step))
        if moved < 1e-12 * radius:
            break
    return tuple(guess)
