"""Evaluate closed trees of the formal language to exact rationals, tuples and sets, within fixed bounds.

Nothing is computed before its size is known to be bounded: every value stays within ``MAX_BITS`` bits, so that one
operation costs microseconds whatever the text says. What cannot be evaluated raises :class:`NoValueError`.
"""

from collections.abc import Callable
from fractions import Fraction
from math import comb, gcd, isqrt, lcm, perm
from typing import Final, cast

from genverify.claims.grammar import App, Expr, Num, Sym
from genverify.types import Reason

Number = int | Fraction
Value = Number | tuple["Value", ...] | frozenset["Value"]

MAX_BITS: Final = 4096
"""Most bits of a numerator or denominator (about 1233 digits): one product of two such numbers takes microseconds."""
_MAX_FACTORIAL: Final = 600  # 535! is the last factorial within MAX_BITS; the product itself is checked as well
_MAX_PRIME: Final = 3_317_044_064_679_887_385_961_981
"""Below this number the 13 bases of :data:`_PRIME_BASES` decide primality (Sorenson and Webster 2015)."""
_PRIME_BASES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
_BASES: Final = range(2, 37)  # digits beyond 35 have no letters


class NoValueError(Exception):
    """A tree has no exact rational value here; ``reason`` None means that a worker may still decide it."""

    def __init__(self, reason: Reason | None, why: str = "") -> None:
        self.reason = reason
        self.why = why
        super().__init__(why)


def evaluate(expr: Expr, other_reading: bool = False) -> Value:
    """Return the value of ``expr``.

    Args:
        expr: a closed tree without relations.
        other_reading: take the less usual meaning where notation has two (``5!!`` as a double factorial, a
            remainder that has the sign of the dividend).

    Raises:
        NoValueError: it is undefined, too large, or not an exact rational (then with the reason None).
    """
    if isinstance(expr, Num):
        value = expr.value
        return value if type(value) is int or value.denominator != 1 else value.numerator
    if isinstance(expr, Sym):
        raise NoValueError(None, f"{expr.name} is not a number")
    head = expr.head
    if other_reading and (handler := _OTHER.get(head)) is not None:
        return handler(expr)
    function = _FUNCTIONS.get(head)
    if function is None:
        return _special(expr, other_reading)
    return function([evaluate(a, other_reading) for a in expr.args])


def number(value: Value) -> Number:
    """Return ``value`` if it is a number.

    Raises:
        NoValueError: it is a tuple or a set.
    """
    kind = type(value)  # isinstance on Fraction asks its abstract base class, four times slower
    if kind is int or kind is Fraction:
        return cast(Number, value)
    raise NoValueError(None, "arithmetic on a tuple or a set")


def whole(value: Value) -> int:
    """Return ``value`` if it is a whole number.

    Raises:
        NoValueError: it is not.
    """
    if type(value) is int:
        return value
    number(value)
    raise NoValueError(None, f"{value} is not a whole number")


def is_prime(n: int) -> bool:
    """Say whether ``n`` is prime, by Miller-Rabin with bases that are proved to suffice.

    Raises:
        NoValueError: ``n`` is beyond the proved range.
    """
    if n >= _MAX_PRIME:
        raise NoValueError(Reason.TOO_LARGE, f"primality is decided below {_MAX_PRIME:.1e}")
    if n < 2:
        return False
    for p in _PRIME_BASES:
        if n % p == 0:
            return n == p
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(n, base, odd, twos) for base in _PRIME_BASES)


def _passes(n: int, base: int, odd: int, twos: int) -> bool:
    x = pow(base, odd, n)
    if x in (1, n - 1):
        return True
    for _ in range(twos - 1):
        x = x * x % n
        if x == n - 1:
            return True
    return False


def _sized(value: Number) -> Number:
    """Return ``value`` in lowest form, a whole number as ``int``, once it is known to be within bounds."""
    if type(value) is int:
        if value.bit_length() > MAX_BITS:
            raise _too_large()
        return value
    if value.denominator == 1:
        return _sized(value.numerator)
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise _too_large()
    return value


def _too_large() -> NoValueError:
    return NoValueError(Reason.TOO_LARGE, f"a value needs more than {MAX_BITS} bits")


def _bits(value: Number) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _add(args: list[Value]) -> Number:
    total = number(args[0])
    for arg in args[1:]:
        total = _sized(total + number(arg))
    return total


def _multiply(args: list[Value]) -> Number:
    total = number(args[0])
    for arg in args[1:]:  # both factors are within bounds, so the product has at most twice the bits
        total = _sized(total * number(arg))
    return total


def _divide(args: list[Value]) -> Number:
    left, right = number(args[0]), number(args[1])
    if right == 0:
        raise NoValueError(Reason.UNDEFINED, "division by zero")
    # of two whole numbers one common divisor is taken out, not three
    return _sized(Fraction(left, right) if type(left) is type(right) is int else Fraction(left) / right)


def _power(args: list[Value]) -> Number:
    base, exponent = number(args[0]), number(args[1])
    if base == 0 and exponent <= 0:
        raise NoValueError(Reason.UNDEFINED, "0^0" if exponent == 0 else "division by zero: 0 to a negative power")
    if isinstance(exponent, Fraction):
        if base < 0:
            raise NoValueError(None, "a negative number to a fractional power")
        return _power([_root(base, exponent.denominator), exponent.numerator])
    if base in (0, 1):
        return base
    if base == -1:
        return 1 if exponent % 2 == 0 else -1
    # before evaluation: |base| >= 2 or <= 1/2 in its larger part, so bits grow with the exponent
    if (_bits(base) - 1) * abs(exponent) > MAX_BITS:
        raise _too_large()
    return _sized(Fraction(base) ** exponent if exponent < 0 else base**exponent)


def _root(value: Number, degree: int) -> Number:
    """Return the exact non-negative root of ``value`` >= 0."""
    if degree < 1 or degree > MAX_BITS:
        raise NoValueError(None, "a root of this degree is not rational or not defined")
    if isinstance(value, int):
        return _whole_root(value, degree)
    return _sized(Fraction(_whole_root(value.numerator, degree), _whole_root(value.denominator, degree)))


def _whole_root(value: int, degree: int) -> int:
    if degree == 2:
        root = isqrt(value)
    else:
        low, high = 0, 1 << (value.bit_length() // degree + 1)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if middle**degree <= value else (low, middle)
        root = low
    if root**degree != value:
        raise NoValueError(None, "the root is not rational")
    return root


def _sqrt(args: list[Value]) -> Number:
    return _nth_root([args[0], 2])


def _nth_root(args: list[Value]) -> Number:
    value, degree = number(args[0]), whole(args[1])
    if value < 0:
        if degree % 2 == 0:
            raise NoValueError(None, "an even root of a negative number is not real")
        return -_root(-value, degree)
    return _root(value, degree)


def _factorial(args: list[Value]) -> Number:
    return _factorial_by(args, 1)


def _factorial_by(args: list[Value], step: int) -> Number:
    n = number(args[0])
    if isinstance(n, Fraction):
        raise NoValueError(None, "the factorial of a fraction")
    if n < 0:
        raise NoValueError(Reason.UNDEFINED, "the factorial of a negative number")
    if n > _MAX_FACTORIAL:
        raise _too_large()
    product = 1
    for factor in range(n, 1, -step):
        product *= factor
    return _sized(product)


def _choose(args: list[Value]) -> Number:
    n, k = whole(args[0]), whole(args[1])
    if n < 0:
        raise NoValueError(None, "a binomial coefficient of a negative number")
    if k < 0 or k > n:
        return 0
    k = min(k, n - k)
    if min(n, k * n.bit_length()) > MAX_BITS:  # C(n, k) <= 2^n and <= n^k
        raise _too_large()
    return comb(n, k)


def _arrange(args: list[Value]) -> Number:
    n, k = whole(args[0]), whole(args[1])
    if n < 0 or k < 0:
        raise NoValueError(Reason.UNDEFINED, "a number of arrangements of negative numbers")
    if min(n, k) * n.bit_length() > 2 * MAX_BITS:  # n!/(n-k)! <= n^k; the exact size is checked below
        raise _too_large()
    return _sized(perm(n, k))


def _gcd(args: list[Value]) -> Number:
    return gcd(*map(whole, args))


def _lcm(args: list[Value]) -> Number:
    total = 1
    for arg in args:
        total = lcm(total, whole(arg))
        _sized(total)
    return total


def _mod(args: list[Value]) -> Number:
    value, modulus = number(args[0]), number(args[1])
    if modulus == 0:
        raise NoValueError(Reason.UNDEFINED, "a remainder by zero")
    return _sized(value % modulus)


def _truncated_mod(args: list[Value]) -> Number:
    value, modulus = number(args[0]), number(args[1])
    size = number(_mod([abs(value), abs(modulus)]))
    return -size if value < 0 else size


def _extreme(best: Callable[[list[Number]], Number], args: list[Value]) -> Number:
    only = args[0]
    items = list(only) if len(args) == 1 and isinstance(only, tuple | frozenset) else args
    if not items:
        raise NoValueError(Reason.UNDEFINED, "the least or greatest of nothing")
    return best([number(item) for item in items])


def _card(args: list[Value]) -> Number:
    if isinstance(args[0], frozenset):
        return len(args[0])
    raise NoValueError(None, "the size of what is not a set")


def _sets(args: list[Value]) -> list[frozenset[Value]]:
    found = [a for a in args if isinstance(a, frozenset)]
    if len(found) != len(args):
        raise NoValueError(None, "a union or intersection of what is not a finite set")
    return found


def _special(expr: App, other_reading: bool) -> Value:
    if expr.head == "base":
        return _from_base(expr.args[0], whole(evaluate(expr.args[1], other_reading)))
    raise NoValueError(None, f"{expr.head} is not exact rational arithmetic")


def _from_base(digits: Expr, base: int) -> Number:
    """Read the digits of ``digits`` in ``base``: a numeral (``base(1011, 2)``) or a tuple of digits."""
    if base not in _BASES:
        raise NoValueError(Reason.UNSUPPORTED, f"the base {base}; 2 to 36 are read")
    if isinstance(digits, App) and digits.head == "neg":
        return -_from_base(digits.args[0], base)
    places = 0
    if isinstance(digits, Num):
        places = digits.places or 0
        written = [int(d) for d in str(int(digits.value * 10**places))]
    elif isinstance(digits, App) and digits.head == "tuple":
        written = [whole(evaluate(d)) for d in digits.args]
    else:
        raise NoValueError(Reason.UNSUPPORTED, "digits that are not written as a numeral or a tuple")
    total = 0
    for digit in written:
        if not 0 <= digit < base:
            raise NoValueError(Reason.UNDEFINED, f"{digit} is not a digit in base {base}")
        total = total * base + digit
    return _sized(Fraction(total, base**places))


def _nested_factorial(expr: App) -> Value:
    inner = expr.args[0]
    if isinstance(inner, App) and inner.head == "!":
        return _factorial_by([evaluate(inner.args[0], True)], 2)
    return _factorial([evaluate(inner, True)])


_FUNCTIONS: Final[dict[str, Callable[[list[Value]], Value]]] = {
    "+": _add,
    "*": _multiply,
    "/": _divide,
    "^": _power,
    "neg": lambda args: -number(args[0]),
    "!": _factorial,
    "sqrt": _sqrt,
    "root": _nth_root,
    "binom": _choose,
    "perm": _arrange,
    "gcd": _gcd,
    "lcm": _lcm,
    "mod": _mod,
    "abs": lambda args: abs(number(args[0])),
    "floor": lambda args: number(args[0]).__floor__(),
    "ceil": lambda args: number(args[0]).__ceil__(),
    "min": lambda args: _extreme(min, args),
    "max": lambda args: _extreme(max, args),
    "card": _card,
    "tuple": tuple,
    "set": frozenset,
    "union": lambda args: frozenset[Value]().union(*_sets(args)),
    "intersect": lambda args: frozenset[Value].intersection(*_sets(args)),
}
_OTHER: Final[dict[str, Callable[[App], Value]]] = {
    "!": _nested_factorial,
    "mod": lambda expr: _truncated_mod([evaluate(a, True) for a in expr.args]),
}


def has_other_reading(statement: str) -> bool:
    """Say whether ``statement`` may hold notation that is read in two ways; it may only err towards yes."""
    return "mod" in statement or "!" in statement.replace("!=", "")
