"""Decide whether an expression of integers, ``+ - * /``, roots and angles in fractions of a turn is zero.

An expression E of that kind is either 0 or at least ``1 / (u^(D-1) * l)`` in size, where u and l are bounds that
follow the expression and D is the product of the degrees of its different roots (Burnikel, Funke, Mehlhorn, Schirra
and Schmitt, "A separation bound for real algebraic expressions", Algorithmica 55, 2009). An enclosure that is narrower
than the bound and holds zero proves E = 0. Twice the cosine of a fraction of a turn is an algebraic integer whose
conjugates are cosines, too, so the same bound covers sine, cosine and their quotients.
"""

from fractions import Fraction
from math import gcd, lcm, log2, prod
from typing import Final, NamedTuple

from enclosure import TooLarge, Uncertain, Undefined, Unsupported
from mpmath import libmp
from numeric import Evaluation
from polynomials import Quotients
from trees import Tree

MAX_BITS: Final = 12_000
"""Most bits of precision asked for; evaluating a small expression to them takes milliseconds."""
_MAX_EXPONENT: Final = 64
_MAX_CIRCLE: Final = 5000  # beyond it the degree is bounded, not counted: too high to be of use either way
_ANGLES: Final = frozenset({"sin", "cos", "tan", "cot", "sec", "csc"})


class _Bound(NamedTuple):
    """Base-2 logarithms of u and l."""

    u: float
    l: float  # noqa: E741  (the name it has in the paper)


class _Found(NamedTuple):
    """What the bound's D is made of."""

    roots: dict[str, int]
    """The degree of each different root."""
    circles: list[int]
    """For each cosine the least n for which it is a cosine of a multiple of 1/n of a turn."""

    def degree(self) -> int:
        """Return D: the cosines all lie in one field, of half the degree of the n-th roots of unity."""
        n = lcm(*self.circles)
        field = n if n > _MAX_CIRCLE else max(1, sum(gcd(k, n) == 1 for k in range(1, n + 1)) // 2)
        return field * prod(self.roots.values())


def is_zero(tree: Tree) -> bool | None:
    """Say whether ``tree`` is zero; None if it is not of this kind, not real, or would need too much precision."""
    try:
        found = _Found({}, [])
        bound = _bound(tree, found)
        needed = (found.degree() - 1) * bound.u + bound.l + 2
        if needed > MAX_BITS:
            return None
        return _is_below(tree, int(needed) + 1)
    except (Unsupported, Undefined, Uncertain, TooLarge):
        return None


def _is_below(tree: Tree, bits: int) -> bool:
    """Say whether the value is smaller than ``2^-bits``, from an enclosure that is narrow enough."""
    value = Evaluation(2 * bits + 64).real(tree)
    if isinstance(value, Fraction):
        return value == 0
    low, high = value
    small = libmp.mpf_shift(libmp.fone, -bits)
    if libmp.mpf_lt(low, small) and libmp.mpf_gt(high, libmp.mpf_neg(small)):
        if libmp.mpf_gt(low, libmp.mpf_neg(small)) and libmp.mpf_lt(high, small):
            return True
        raise Uncertain
    return False


def _bound(tree: Tree, found: _Found) -> _Bound:
    head = tree[0]
    if head == "num":
        value = Fraction(tree[1])
        return _Bound(_log(abs(value.numerator)), _log(value.denominator))
    if head in ("sym", "sympy"):
        raise Unsupported("a number that is not written with roots")
    if head in _ANGLES:
        return _angle(tree, found)
    parts = [_bound(a, found) for a in tree[1:] if head not in ("^", "root")]
    if head == "+":
        return _sum(parts)
    if head == "*":
        return _Bound(sum(p.u for p in parts), sum(p.l for p in parts))
    if head == "/":
        return _Bound(parts[0].u + parts[1].l, parts[0].l + parts[1].u)
    if head in ("neg", "abs"):
        return parts[0]
    if head == "sqrt":
        return _root(tree[1], parts[0], 2, found)
    if head in ("^", "root"):
        return _power(tree, found)
    raise Unsupported(f"{head} is not algebraic")


def _log(n: int) -> float:
    return log2(n) if n > 1 else 0.0


def _sum(parts: list[_Bound]) -> _Bound:
    # u/l sums like fractions: over the common denominator; each added term can double the bound
    below = sum(p.l for p in parts)
    return _Bound(max(p.u + below - p.l for p in parts) + _log(len(parts)), below)


def _angle(tree: Tree, found: _Found) -> _Bound:
    """Bound a function of an angle: a quotient of two numbers 2*cos(...), or of one of them and 2."""
    turns = _turns(tree[1])
    for shifted in {"sin": [-1], "csc": [-1], "cos": [0], "sec": [0]}.get(tree[0], [0, -1]):
        found.circles.append((turns + Fraction(shifted, 4)).denominator)  # sin x = cos(x - 1/4 of a turn)
    return _Bound(1.0, 1.0)


def _turns(tree: Tree) -> Fraction:
    """Return how many turns an angle is that is written as a rational multiple of pi or in degrees."""
    reader = Quotients(("pi",))
    top, bottom = reader.read(_in_radians(tree))
    if not top:
        return Fraction(0)
    if set(top) != {(1,)} or set(bottom) != {(0,)}:
        raise Unsupported("an angle that is no fraction of a turn")
    return top[(1,)] / bottom[(0,)] / 2


def _in_radians(tree: Tree) -> Tree:
    if tree[0] in ("num", "sym", "sympy"):
        return tree
    if tree[0] == "deg":
        return ["*", _in_radians(tree[1]), ["sym", "pi"], ["num", "1/180"]]
    return [tree[0], *(_in_radians(a) for a in tree[1:])]


def _root(inside: Tree, bound: _Bound, degree: int, found: _Found) -> _Bound:
    found.roots[f"{degree}:{inside}"] = degree
    u, low = bound
    if u >= low:
        return _Bound((u + (degree - 1) * low) / degree, low)
    return _Bound(u, ((degree - 1) * u + low) / degree)


def _power(tree: Tree, found: _Found) -> _Bound:
    """Bound ``a^(p/q)`` and ``root(a, n)``; the exponent must be a number."""
    exponent = Evaluation().real(tree[2])
    if not isinstance(exponent, Fraction) or exponent == 0:
        raise Unsupported("an exponent that is not rational")
    if tree[0] == "root":
        exponent = 1 / exponent
    top, degree = exponent.numerator, exponent.denominator
    if abs(top) > _MAX_EXPONENT or degree > _MAX_EXPONENT:
        raise Unsupported("an exponent of this size")
    base = _bound(tree[1], found)
    if degree > 1:
        base = _root(tree[1], base, degree, found)
    u, low = (n * abs(top) for n in base)
    return _Bound(u, low) if top > 0 else _Bound(low, u)
