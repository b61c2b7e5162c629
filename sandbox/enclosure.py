"""Real numbers with known error: an exact fraction where possible, else an interval that is sure to hold the value.

Two enclosures that do not overlap prove two numbers different; two that do overlap prove nothing. Intervals come from
mpmath's ``libmpi``, which rounds each end outwards. All functions take ``prec``, the working precision in bits.
"""

from fractions import Fraction
from math import isqrt
from typing import Final, NamedTuple

from mpmath import libmp
from mpmath.libmp import libmpi

MAX_EXACT_BITS: Final = 4096
"""Beyond this size a fraction is carried on as an interval, so that no operation gets slow."""
_MAX_MAGNITUDE: Final = 128
"""Exponents and arguments of exp, sin and cos stay below 2^128: their reduction needs that many more bits."""


class Undefined(Exception):
    """The expression has no value here: division by zero, logarithm of zero, outside a function's domain."""


class NotReal(Undefined):
    """The expression has a value, but not a real one (or its real and its principal value differ)."""


class Uncertain(Exception):
    """The enclosure is too wide to tell (a sign, a floor, a branch); more precision may help."""


class Unsupported(Exception):
    """A head has no meaning here, or a name has no value."""


class TooLarge(Exception):
    """A bound on size was reached before evaluation."""


class Interval(NamedTuple):
    """The real numbers between two raw mpmath floats, ends included."""

    low: tuple[int, int, int, int]
    high: tuple[int, int, int, int]


Real = Fraction | Interval


def interval(x: Real, prec: int) -> Interval:
    """Enclose ``x``."""
    if isinstance(x, Interval):
        return x
    top, bottom = x.numerator, x.denominator
    return _checked(
        (libmp.from_rational(top, bottom, prec, "f"), libmp.from_rational(top, bottom, prec, "c")),
    )


def _checked(pair: tuple[tuple[int, int, int, int], tuple[int, int, int, int]]) -> Interval:
    low, high = pair
    for end in (low, high):
        if end in (libmp.fnan, libmp.finf, libmp.fninf):
            raise Uncertain
    return Interval(low, high)


def fitted(x: Fraction, prec: int) -> Real:
    """Keep ``x`` exact while it is small, else enclose it."""
    if x.numerator.bit_length() > MAX_EXACT_BITS or x.denominator.bit_length() > MAX_EXACT_BITS:
        return interval(x, prec)
    return x


def sign(x: Real) -> int:
    """Return -1, 0 or 1.

    Raises:
        Uncertain: the interval holds zero and more.
    """
    if isinstance(x, Fraction):
        return (x > 0) - (x < 0)
    if libmp.mpf_sign(x.low) > 0:
        return 1
    if libmp.mpf_sign(x.high) < 0:
        return -1
    if x.low == x.high == libmp.fzero:
        return 0
    raise Uncertain


def magnitude(x: Real, prec: int) -> int:
    """Return a bound b with |x| < 2^b."""
    low, high = interval(x, prec)
    return max(low[2] + low[3], high[2] + high[3])


def add(x: Real, y: Real, prec: int) -> Real:
    """Return ``x + y``."""
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return fitted(x + y, prec)
    return _checked(libmpi.mpi_add(interval(x, prec), interval(y, prec), prec))


def neg(x: Real) -> Real:
    """Return ``-x``."""
    return -x if isinstance(x, Fraction) else Interval(*libmpi.mpi_neg(x))


def sub(x: Real, y: Real, prec: int) -> Real:
    """Return ``x - y``."""
    return add(x, neg(y), prec)


def mul(x: Real, y: Real, prec: int) -> Real:
    """Return ``x * y``; an exact zero stays exact."""
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return fitted(x * y, prec)
    if x == 0 or y == 0:
        return Fraction(0)
    return _checked(libmpi.mpi_mul(interval(x, prec), interval(y, prec), prec))


def div(x: Real, y: Real, prec: int) -> Real:
    """Return ``x / y``.

    Raises:
        Undefined: ``y`` is zero.
    """
    if sign(y) == 0:
        raise Undefined("division by zero")
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return fitted(x / y, prec)
    if x == 0:
        return Fraction(0)
    return _checked(libmpi.mpi_div(interval(x, prec), interval(y, prec), prec))


def absolute(x: Real) -> Real:
    """Return ``|x|``."""
    return abs(x) if isinstance(x, Fraction) else Interval(*libmpi.mpi_abs(x, 0))


def power_int(x: Real, n: int, prec: int) -> Real:
    """Return ``x ** n``; ``0 ** 0`` is undefined."""
    if n <= 0 and sign(x) == 0:
        raise Undefined("0^0" if n == 0 else "division by zero")
    if n == 0:
        return Fraction(1)
    if isinstance(x, Fraction):
        if abs(x) == 1 or x == 0:
            return x if n % 2 else abs(x)
        if max(x.numerator.bit_length(), x.denominator.bit_length()) * abs(n) <= MAX_EXACT_BITS:
            return x**n
    if abs(n).bit_length() > _MAX_MAGNITUDE:
        raise TooLarge
    if n < 0:
        return div(Fraction(1), power_int(x, -n, prec), prec)
    return _checked(libmpi.mpi_pow_int(interval(x, prec), n, prec))


def root(x: Real, n: int, prec: int) -> Real:
    """Return the non-negative ``n``-th root of ``x`` >= 0, exact where it is rational.

    Raises:
        NotReal: ``x`` is negative.
    """
    if isinstance(x, Fraction):
        if x < 0:
            raise NotReal("an even root of a negative number")
        exact = _exact_root(x, n)
        if exact is not None:
            return exact
    elif libmp.mpf_sign(x.high) < 0:
        raise NotReal("an even root of a negative number")
    elif libmp.mpf_sign(x.low) <= 0:
        raise Uncertain
    if n == 2:
        return _checked(libmpi.mpi_sqrt(interval(x, prec), prec))
    return exp(div(ln(x, prec + 10), Fraction(n), prec + 10), prec)


def _exact_root(x: Fraction, n: int) -> Fraction | None:
    top, bottom = _whole_root(x.numerator, n), _whole_root(x.denominator, n)
    return None if top is None or bottom is None else Fraction(top, bottom)


def _whole_root(value: int, n: int) -> int | None:
    if value <= 1:
        return value
    if n > value.bit_length():
        return None
    found = isqrt(value) if n == 2 else _floor_root(value, n)
    return found if found**n == value else None


def _floor_root(value: int, n: int) -> int:
    low, high = 0, 1 << (value.bit_length() // n + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**n <= value else (low, middle)
    return low


def exp(x: Real, prec: int) -> Real:
    """Return e to the ``x``."""
    if x == 0:
        return Fraction(1)
    return _checked(libmpi.mpi_exp(_moderate(x, prec), prec))


def ln(x: Real, prec: int) -> Real:
    """Return the natural logarithm.

    Raises:
        Undefined: ``x`` is zero.
        NotReal: ``x`` is negative.
    """
    side = sign(x)
    if side == 0:
        raise Undefined("the logarithm of zero")
    if side < 0:
        raise NotReal("the logarithm of a negative number")
    return Fraction(0) if x == 1 else _checked(libmpi.mpi_log(interval(x, prec), prec))


def _moderate(x: Real, prec: int) -> Interval:
    if magnitude(x, prec) > _MAX_MAGNITUDE:
        raise TooLarge
    return interval(x, prec + _MAX_MAGNITUDE)


def cos_sin(x: Real, prec: int) -> tuple[Real, Real]:
    """Return cosine and sine of ``x`` radians."""
    if x == 0:
        return Fraction(1), Fraction(0)
    cos, sin = libmpi.mpi_cos_sin(_moderate(x, prec), prec)
    return _checked(cos), _checked(sin)


def atan(x: Real, prec: int) -> Real:
    """Return the arctangent, in (-pi/2, pi/2)."""
    return Fraction(0) if x == 0 else _checked(libmpi.mpi_atan(interval(x, prec), prec))


def asin(x: Real, prec: int) -> Real:
    """Return the arcsine, in [-pi/2, pi/2].

    Raises:
        NotReal: ``x`` is outside [-1, 1].
    """
    if x == 0:
        return Fraction(0)
    if isinstance(x, Fraction) and abs(x) == 1:
        return div(pi(prec), Fraction(2) * x, prec)
    other = sub(Fraction(1), power_int(x, 2, prec), prec)
    if sign(other) < 0:
        raise NotReal("the arcsine or arccosine of a number beyond 1")
    return atan(div(x, root(other, 2, prec), prec), prec)


def acos(x: Real, prec: int) -> Real:
    """Return the arccosine, in [0, pi].

    Raises:
        NotReal: ``x`` is outside [-1, 1].
    """
    if x == 1:
        return Fraction(0)
    return sub(div(pi(prec), Fraction(2), prec), asin(x, prec), prec)


def pi(prec: int) -> Real:
    """Return the circle's constant."""
    return _checked(libmpi.mpi_pi(prec))


def floor(x: Real, prec: int) -> Real:
    """Return the greatest integer that is at most ``x``.

    Raises:
        Uncertain: the interval holds an integer at which the floor jumps.
    """
    if isinstance(x, Fraction):
        return Fraction(x.__floor__())
    if magnitude(x, prec) > MAX_EXACT_BITS:
        raise TooLarge
    low, high = (libmp.to_int(libmp.mpf_floor(end)) for end in x)
    if low != high:
        raise Uncertain
    return Fraction(low)


def whole(x: Real) -> int | None:
    """Return ``x`` as an ``int`` if it is exactly one, else None."""
    return x.numerator if isinstance(x, Fraction) and x.denominator == 1 else None


def below(x: Real, y: Real, prec: int) -> bool | None:
    """Say whether ``x < y`` for sure (True), ``x >= y`` for sure (False), or neither is known (None)."""
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return x < y
    first, second = interval(x, prec), interval(y, prec)
    if libmp.mpf_lt(first.high, second.low):
        return True
    return False if libmp.mpf_ge(first.low, second.high) else None


def extreme(items: list[Real], greatest: bool, prec: int) -> Real:
    """Return the least or the greatest of ``items``."""
    best = items[0]
    for item in items[1:]:
        less = below(item, best, prec)
        if less is None:
            raise Uncertain
        if less is not greatest:
            best = item
    return best


def middle(x: Real) -> Fraction:
    """Return a fraction inside the enclosure, for showing.

    Raises:
        TooLarge: it is too large or too small to be written as a fraction.
    """
    if isinstance(x, Fraction):
        return x
    if any(abs(end[2]) > 2 * MAX_EXACT_BITS for end in x):
        raise TooLarge
    low, high = (Fraction(*libmp.to_rational(end)) for end in x)
    return (low + high) / 2
