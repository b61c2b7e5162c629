"""Exact polynomials and quotients of polynomials with rational coefficients, straight from trees.

SymPy could do all of this; half of all algebra claims need no more, and here they take a tenth of a millisecond.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from enclosure import TooLarge, Undefined, Unsupported
from trees import Tree, names

Polynomial = dict[tuple[int, ...], Fraction]
"""Coefficients by the exponents of the names, in the order of the names; no coefficient is zero."""

_MAX_TERMS: Final = 1500
"""Most terms of a product: beyond it SymPy's own bounds decide."""
_MAX_POWER: Final = 64
_MAX_BITS: Final = 4096  # of a coefficient


class Quotients:
    """Reads trees in the given names as quotients of polynomials."""

    def __init__(self, free: Sequence[str]) -> None:
        self.names = tuple(free)
        self.one: Polynomial = {(0,) * len(self.names): Fraction(1)}
        self.divisors: list[Polynomial] = []
        """What was divided by so far, numbers left out; where one is zero the expression has no value."""

    def read(self, tree: Tree) -> tuple[Polynomial, Polynomial]:
        """Return numerator and denominator of ``tree``, not reduced.

        Raises:
            Undefined: it divides by what is zero everywhere.
            Unsupported: it is more than ``+ - * /`` and whole powers.
            TooLarge: a bound was reached.
        """
        head = tree[0]
        if head == "num":
            return self._constant(Fraction(tree[1])), self.one
        if head == "sym":
            if tree[1] not in self.names:
                raise Unsupported("a name without a place")
            return {tuple(int(n == tree[1]) for n in self.names): Fraction(1)}, self.one
        if head == "neg":
            top, bottom = self.read(tree[1])
            return {m: -c for m, c in top.items()}, bottom
        if head == "^":
            return self._power(tree)
        if head not in ("+", "*", "/"):
            raise Unsupported(f"{head} in a quotient of polynomials")
        total = self.read(tree[1])
        for arg in tree[2:]:
            total = self._combined(head, total, self.read(arg))
        return total

    def difference(self, left: Tree, right: Tree) -> Polynomial:
        """Return the numerator of ``left - right`` over the product of their denominators."""
        (a, b), (c, d) = self.read(left), self.read(right)
        return plus(times(a, d), times(c, b), -1)

    def _constant(self, value: Fraction) -> Polynomial:
        return {(0,) * len(self.names): value} if value else {}

    def _combined(
        self, head: str, first: tuple[Polynomial, Polynomial], second: tuple[Polynomial, Polynomial]
    ) -> tuple[Polynomial, Polynomial]:
        (a, b), (c, d) = first, second
        if head == "*":
            return times(a, c), times(b, d)
        if head == "+":
            return (plus(a, c), b) if b == d else (plus(times(a, d), times(c, b)), times(b, d))
        return times(a, self._divisor(d, c)), times(b, c)

    def _divisor(self, bottom: Polynomial, top: Polynomial) -> Polynomial:
        if not top:
            raise Undefined("division by zero")
        if degree(top) > 0:
            self.divisors.append(top)
        return bottom

    def _power(self, tree: Tree) -> tuple[Polynomial, Polynomial]:
        exponent, sign = (tree[2][1], -1) if tree[2][0] == "neg" else (tree[2], 1)
        if exponent[0] != "num" or not exponent[1].isdigit() or int(exponent[1]) > _MAX_POWER:
            raise Unsupported("this power in a quotient of polynomials")
        n = int(exponent[1])
        top, bottom = self.read(tree[1])
        if n == 0 or sign < 0:
            # 0^0 and 1/0 have no value, so the base is a divisor in either case
            self._divisor(bottom, top)
        if sign < 0:
            top, bottom = bottom, top
        return power(top, n, self.one), power(bottom, n, self.one)

    def tree(self, polynomial: Polynomial) -> Tree:
        """Write ``polynomial`` multiplied out, the highest powers first."""
        terms = [
            self._term(m, polynomial[m]) for m in sorted(polynomial, key=lambda m: (-sum(m), tuple(-e for e in m)))
        ]
        if not terms:
            return ["num", "0"]
        return ["+", *terms] if len(terms) > 1 else terms[0]

    def _term(self, monomial: tuple[int, ...], coefficient: Fraction) -> Tree:
        factors: list[Tree] = []
        for name, exponent in zip(self.names, monomial, strict=True):
            if exponent:
                factors.append(["sym", name] if exponent == 1 else ["^", ["sym", name], ["num", str(exponent)]])
        size = abs(coefficient)
        if size.numerator != 1 or not factors:
            factors.insert(0, ["num", str(size.numerator)])
        term = ["*", *factors] if len(factors) > 1 else factors[0]
        if size.denominator != 1:
            term = ["/", term, ["num", str(size.denominator)]]
        return ["neg", term] if coefficient < 0 else term


def plus(a: Polynomial, b: Polynomial, factor: int = 1) -> Polynomial:
    """Return ``a + factor*b``."""
    total = dict(a)
    for monomial, coefficient in b.items():
        value = total.get(monomial, 0) + factor * coefficient
        if value:
            total[monomial] = value
        else:
            del total[monomial]
    return total


def times(a: Polynomial, b: Polynomial) -> Polynomial:
    """Return ``a * b``.

    Raises:
        TooLarge: it has too many terms or too long coefficients.
    """
    if len(a) * len(b) > 20 * _MAX_TERMS:
        raise TooLarge
    total: Polynomial = {}
    for first, c in a.items():
        for second, d in b.items():
            monomial = tuple(x + y for x, y in zip(first, second, strict=True))
            total[monomial] = total.get(monomial, Fraction(0)) + c * d
    if len(total) > _MAX_TERMS or any(c.numerator.bit_length() > _MAX_BITS for c in total.values()):
        raise TooLarge
    return {m: c for m, c in total.items() if c}


def power(base: Polynomial, n: int, one: Polynomial) -> Polynomial:
    """Return ``base`` to the ``n``-th power."""
    result = one
    for _ in range(n):
        result = times(result, base)
    return result


def degree(a: Polynomial) -> int:
    """Return the total degree; -1 for zero."""
    return max((sum(m) for m in a), default=-1)


def proportional(a: Polynomial, b: Polynomial) -> Fraction | None:
    """Return c where ``a = c*b`` with c not zero, else None."""
    if not a or a.keys() != b.keys():
        return None
    monomial = next(iter(a))
    ratio = a[monomial] / b[monomial]
    return ratio if all(a[m] == ratio * b[m] for m in a) else None


def at(a: Polynomial, value: Fraction) -> Fraction:
    """Return the value of a polynomial in one name."""
    return sum((c * value ** m[0] for m, c in a.items()), Fraction(0))


def without_root(a: Polynomial, root: Fraction) -> Polynomial:
    """Divide a polynomial in one name by ``x - root`` as often as that leaves no rest."""
    while degree(a) > 0 and at(a, root) == 0:
        quotient: Polynomial = {}
        carry = Fraction(0)
        for exponent in range(degree(a), 0, -1):
            carry = a.get((exponent,), Fraction(0)) + carry * root
            if carry:
                quotient[(exponent - 1,)] = carry
        a = quotient
    return a


def has_no_real_root(a: Polynomial) -> bool:
    """Say whether a polynomial in one name has no real root for sure; decided up to degree 2."""
    c, b, top = (a.get((i,), Fraction(0)) for i in range(3))
    if degree(a) == 0:
        return True
    return degree(a) == 2 and b * b < 4 * top * c


def differ(left: Tree, right: Tree) -> tuple[Quotients, Polynomial] | None:
    """Return the numerator of ``left - right`` and how it was read, or None where it is no quotient of polynomials."""
    reader = Quotients(sorted(names(left) | names(right)))
    try:
        return reader, reader.difference(left, right)
    except (Unsupported, TooLarge):
        return None
