"""Arithmetic and elementary functions of complex numbers whose parts are known with their error.

Three readings of what leaves the real numbers: ``real`` (it is undefined, as in school), ``principal`` (the principal
complex value) and ``realroot`` (as principal, but an odd root of a negative number is the real one).
"""

from fractions import Fraction
from typing import Final, NamedTuple

import enclosure as en
from enclosure import NotReal, Real, TooLarge, Uncertain, Undefined

_MAX_POWER: Final = 2000  # a complex power by squaring: beyond this an error hides behind the size
_MAX_ROOT: Final = 64  # an exact root of a higher degree is not worth looking for
_GUARD_BITS: Final = 24


class Complex(NamedTuple):
    """A complex number by enclosures of its two parts."""

    re: Real
    im: Real


Value = Real | Complex


def is_real(value: Value) -> bool:
    """Say whether ``value`` is real for sure."""
    return not isinstance(value, Complex) or value.im == 0


def real_part(value: Value) -> Real:
    """Return the real part."""
    return value.re if isinstance(value, Complex) else value


def imaginary_part(value: Value) -> Real:
    """Return the imaginary part."""
    return value.im if isinstance(value, Complex) else Fraction(0)


def complex_value(re: Real, im: Real) -> Value:
    """Return ``re + im*i``, as a real number where ``im`` is exactly zero."""
    return re if im == 0 else Complex(re, im)


class Arithmetic:
    """Complex arithmetic at a precision (in bits) and in a reading."""

    def __init__(self, prec: int = 200, reading: str = "real") -> None:
        self.prec = prec + _GUARD_BITS
        self.reading = reading

    def as_real(self, value: Value) -> Real:
        """Return ``value`` as a real number.

        Raises:
            NotReal: it is not real.
        """
        if isinstance(value, Complex):
            if en.sign(value.im) != 0:
                raise NotReal("a real number is needed")
            return value.re
        return value

    def root(self, x: Value, n: int) -> Value:
        """Return the ``n``-th root of ``x`` in this evaluation's reading (an odd root of a real is real)."""
        if n < 1:
            raise Undefined("a root of degree below 1")
        if not isinstance(x, Complex):
            if n % 2 and en.sign(x) < 0:
                return en.neg(en.root(en.neg(x), n, self.prec))
            if self.reading == "real" or en.sign(x) >= 0:
                return en.root(x, n, self.prec)
            if n == 2:
                return Complex(Fraction(0), en.root(en.neg(x), 2, self.prec))
        return self.power(x, Fraction(1, n))

    def power(self, x: Value, y: Value) -> Value:
        """Return ``x ** y``; a fractional power of a negative number depends on the reading."""
        n = None if isinstance(y, Complex) else en.whole(y)
        if n is not None:
            return self._power_int(x, n)
        if isinstance(x, Complex) or isinstance(y, Complex):
            return self._power_complex(x, y)
        side = en.sign(x)
        if side == 0:
            if en.sign(y) <= 0:
                raise Undefined("zero to a negative power")
            return Fraction(0)
        if side > 0:
            return self._power_positive(x, y)
        if self.reading == "real":
            raise NotReal("a fractional power of a negative number")
        if self.reading == "realroot" and isinstance(y, Fraction) and y.denominator % 2:
            size = self._power_positive(en.neg(x), y)
            return en.neg(size) if y.numerator % 2 else size
        return self._power_complex(x, y)

    def _power_positive(self, x: Real, y: Real) -> Real:
        if isinstance(y, Fraction) and y.denominator <= _MAX_ROOT:
            return en.power_int(en.root(x, y.denominator, self.prec), y.numerator, self.prec)
        return en.exp(en.mul(y, en.ln(x, self.prec), self.prec), self.prec)

    def _power_int(self, x: Value, n: int) -> Value:
        if not isinstance(x, Complex):
            return en.power_int(x, n, self.prec)
        if abs(n) > _MAX_POWER:
            raise TooLarge
        result: Value = Fraction(1)
        for bit in bin(abs(n))[2:]:
            result = self.multiply(result, result)
            if bit == "1":
                result = self.multiply(result, x)
        return self.divide(Fraction(1), result) if n < 0 else result

    def _power_complex(self, x: Value, y: Value) -> Value:
        if real_part(x) == 0 and imaginary_part(x) == 0:
            raise Undefined("zero to a complex power")
        return self.exp(self.multiply(y, self.ln(x)))

    def add(self, x: Value, y: Value) -> Value:
        """Return ``x + y``."""
        if isinstance(x, Complex) or isinstance(y, Complex):
            re = en.add(real_part(x), real_part(y), self.prec)
            return complex_value(re, en.add(imaginary_part(x), imaginary_part(y), self.prec))
        return en.add(x, y, self.prec)

    def multiply(self, x: Value, y: Value) -> Value:
        """Return ``x * y``."""
        if not (isinstance(x, Complex) or isinstance(y, Complex)):
            return en.mul(x, y, self.prec)
        a, b, c, d = real_part(x), imaginary_part(x), real_part(y), imaginary_part(y)
        re = en.sub(en.mul(a, c, self.prec), en.mul(b, d, self.prec), self.prec)
        return complex_value(re, en.add(en.mul(a, d, self.prec), en.mul(b, c, self.prec), self.prec))

    def divide(self, x: Value, y: Value) -> Value:
        """Return ``x / y``."""
        if not isinstance(y, Complex):
            if not isinstance(x, Complex):
                return en.div(x, y, self.prec)
            return complex_value(en.div(x.re, y, self.prec), en.div(x.im, y, self.prec))
        size = en.add(en.power_int(y.re, 2, self.prec), en.power_int(y.im, 2, self.prec), self.prec)
        return self.divide(self.multiply(x, Complex(y.re, en.neg(y.im))), size)

    def negate(self, x: Value) -> Value:
        """Return ``-x``."""
        return Complex(en.neg(x.re), en.neg(x.im)) if isinstance(x, Complex) else en.neg(x)

    def size(self, x: Value) -> Real:
        """Return ``|x|``."""
        if not isinstance(x, Complex):
            return en.absolute(x)
        square = en.add(en.power_int(x.re, 2, self.prec), en.power_int(x.im, 2, self.prec), self.prec)
        return en.root(square, 2, self.prec)

    def exp(self, x: Value) -> Value:
        """Return e to the ``x``."""
        if not isinstance(x, Complex):
            return en.exp(x, self.prec)
        size = en.exp(x.re, self.prec)
        cos, sin = en.cos_sin(x.im, self.prec)
        return complex_value(en.mul(size, cos, self.prec), en.mul(size, sin, self.prec))

    def ln(self, x: Value) -> Value:
        """Return the natural logarithm (its principal value unless the reading is ``real``)."""
        if not isinstance(x, Complex) and (self.reading == "real" or en.sign(x) >= 0):
            return en.ln(x, self.prec)
        return Complex(en.ln(self.size(x), self.prec), self.argument(x))

    def argument(self, x: Value) -> Real:
        """Return the angle of ``x``, in (-pi, pi]."""
        a, b = real_part(x), imaginary_part(x)
        above = en.sign(b)
        if above == 0:
            across = en.sign(a)
            if across == 0:
                raise Undefined("the angle of zero")
            return Fraction(0) if across > 0 else en.pi(self.prec)
        # atan(a/b) keeps the branch cut away: b is not zero
        quarter = en.div(en.pi(self.prec), Fraction(2 * above), self.prec)
        return en.sub(quarter, en.atan(en.div(a, b, self.prec), self.prec), self.prec)

    def cos_sin(self, x: Value) -> tuple[Value, Value]:
        """Return cosine and sine."""
        if not isinstance(x, Complex):
            return en.cos_sin(x, self.prec)
        cos, sin = en.cos_sin(x.re, self.prec)
        cosh, sinh = self.cosh_sinh(x.im)
        first = complex_value(
            en.mul(cos, self.as_real(cosh), self.prec), en.neg(en.mul(sin, self.as_real(sinh), self.prec))
        )
        return first, complex_value(
            en.mul(sin, self.as_real(cosh), self.prec), en.mul(cos, self.as_real(sinh), self.prec)
        )

    def cosh_sinh(self, x: Value) -> tuple[Value, Value]:
        """Return hyperbolic cosine and sine."""
        up, half = self.exp(x), Fraction(1, 2)
        down = self.divide(Fraction(1), up)
        return self.multiply(half, self.add(up, down)), self.multiply(half, self.add(up, self.negate(down)))


class Difference(NamedTuple):
    """How two values compare: ``same`` True (proved equal), False (proved different) or None (they overlap)."""

    same: bool | None
    gap: Real | None
    """An enclosure of ``|left - right|``."""


def compare(run: Arithmetic, left: Value, right: Value) -> Difference:
    """Compare two values; equality is proved only for exact ones."""
    try:
        difference = run.add(left, run.negate(right))
    except Uncertain:
        return Difference(None, None)
    parts = (real_part(difference), imaginary_part(difference))
    gap = _gap(run, difference)
    if all(isinstance(p, Fraction) for p in parts):
        return Difference(not any(parts), gap)
    return Difference(False if any(_is_away(p) for p in parts) else None, gap)


def _gap(run: Arithmetic, difference: Value) -> Real | None:
    try:
        return run.size(difference)
    except Uncertain:
        return None


def _is_away(part: Real) -> bool:
    try:
        return en.sign(part) != 0
    except Uncertain:
        return False
