"""Evaluate trees at given values of their names to sure enclosures: exact fractions or intervals, real or complex."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import comb, factorial, gcd, lcm, perm
from typing import Final

import enclosure as en
from arithmetic import Arithmetic, Complex, Value, complex_value, imaginary_part, real_part
from enclosure import NotReal, Real, TooLarge, Undefined, Unsupported
from mpmath import libmp
from trees import Built, Tree

MAX_TERMS: Final = 2000
"""Most terms of a written-out sum or product: about 0.2 s of evaluation."""


class Evaluation(Arithmetic):
    """One way to evaluate: a precision in bits, values for the names, and a reading."""

    def __init__(self, prec: int = 200, names: Mapping[str, Fraction] | None = None, reading: str = "real") -> None:
        super().__init__(prec, reading)
        self.names = dict(names or {})

    def value(self, tree: Tree) -> Value:
        """Return the value of ``tree``.

        Raises:
            Undefined: it has none (``NotReal``: none that is real, where the reading is ``real``).
            Uncertain: the precision does not suffice.
            TooLarge: a bound was reached.
            Unsupported: it holds a head or a name without numeric meaning.
        """
        head = tree[0]
        if head == "num":
            return en.fitted(Fraction(tree[1]), self.prec)
        if head == "sym":
            return self._symbol(tree[1])
        if head in ("sum", "prod"):
            return self._series(tree)
        if head == "base":
            return from_base(tree[1], tree[2])
        if head == "sympy":
            return self._closed_form(tree[1])
        function = _FUNCTIONS.get(head)
        if function is None:
            raise Unsupported(f"{head} has no numeric value")
        return function(self, [self.value(a) for a in tree[1:]])

    def real(self, tree: Tree) -> Real:
        """Return the value of ``tree``, which must be real.

        Raises:
            NotReal: it is not.
        """
        return self.as_real(self.value(tree))

    def _symbol(self, name: str) -> Value:
        if name in self.names:
            return en.fitted(self.names[name], self.prec)
        if name == "pi":
            return en.pi(self.prec)
        if name == "E":
            return en.exp(Fraction(1), self.prec)
        if name == "I":
            if self.reading == "real":
                raise NotReal("the imaginary unit")
            return Complex(Fraction(0), Fraction(1))
        raise Unsupported(f"{name} has no value")

    def _series(self, tree: Tree) -> Value:
        head, body, index, start, stop = tree
        low, high = en.whole(self.real(start)), en.whole(self.real(stop))
        if index[0] != "sym" or low is None or high is None:
            raise Unsupported("a sum with other than whole bounds")
        if high < low:
            raise Undefined("a sum over nothing")
        if high - low >= MAX_TERMS:
            raise TooLarge
        function = _FUNCTIONS["+" if head == "sum" else "*"]
        outer = self.names.get(index[1])
        total: Value = Fraction(0 if head == "sum" else 1)
        for step in range(low, high + 1):
            self.names[index[1]] = Fraction(step)
            total = function(self, [total, self.value(body)])
        if outer is None:
            del self.names[index[1]]
        else:
            self.names[index[1]] = outer
        return total

    def _closed_form(self, expr: Built) -> Value:
        """Enclose a closed SymPy number (an algebraic root, say) through its own evaluation with known accuracy."""
        digits = self.prec * 3 // 10 + 10
        value = expr.evalf(digits, maxn=4 * digits)
        re, im = value.as_real_imag()
        parts = [_widened(part, self.prec) for part in (re, im)]
        if parts[1] == 0:
            return parts[0]
        return Complex(parts[0], parts[1])


def _widened(part: Built, prec: int) -> Real:
    """Enclose a SymPy number that was evaluated with a few digits more than ``prec`` bits."""
    if part.is_Rational:
        return Fraction(int(part.p), int(part.q))
    if not part.is_Float:
        raise Unsupported("a value without a number")
    center = Fraction(*libmp.to_rational(part._mpf_))
    spread = abs(center) / (1 << (prec - 8))
    low, high = (en.interval(center + s, prec) for s in (-spread, spread))
    return en.Interval(low.low, high.high)


def from_base(digits: Tree, base: Tree) -> Fraction:
    """Read the digits of a numeral or a tuple in a base from 2 to 36."""
    if digits[0] == "neg":
        return -from_base(digits[1], base)
    radix = int(base[1]) if base[0] == "num" and base[1].isdigit() else 0
    if not 2 <= radix <= 36:
        raise Unsupported("a base that is not a number from 2 to 36")
    if digits[0] == "num" and digits[1].isdigit():
        written = [int(d) for d in digits[1]]
    elif digits[0] == "tuple" and all(d[0] == "num" and d[1].isdigit() for d in digits[1:]):
        written = [int(d[1]) for d in digits[1:]]
    else:
        raise Unsupported("digits that are not whole numbers")
    if any(d >= radix for d in written):
        raise Undefined(f"a digit that base {radix} does not have")
    return Fraction(sum(d * radix**i for i, d in enumerate(reversed(written))))


def _fold(combine: Callable[[Evaluation, Value, Value], Value]) -> Callable[[Evaluation, list[Value]], Value]:
    def folded(run: Evaluation, args: list[Value]) -> Value:
        total = args[0]
        for arg in args[1:]:
            total = combine(run, total, arg)
        return total

    return folded


def _whole(function: Callable[[list[int]], int]) -> Callable[[Evaluation, list[Value]], Value]:
    def applied(run: Evaluation, args: list[Value]) -> Value:
        found = [en.whole(run.as_real(a)) for a in args]
        numbers = [n for n in found if n is not None]
        if len(numbers) != len(args):
            raise Undefined("whole numbers are needed")
        if sum(n.bit_length() for n in numbers) > 4 * en.MAX_EXACT_BITS:
            raise TooLarge
        return Fraction(function(numbers))

    return applied


def _factorial(args: list[int]) -> int:
    if args[0] < 0:
        raise Undefined("the factorial of a negative number")
    if args[0] > 1000:  # 1000! has 8530 bits, beyond the exact bound already
        raise TooLarge
    return factorial(args[0])


def _choose(args: list[int]) -> int:
    n, k = args
    if n < 0:
        raise Undefined("a binomial coefficient of a negative number")
    if k < 0 or k > n:
        return 0
    if min(n, min(k, n - k) * n.bit_length()) > 4 * en.MAX_EXACT_BITS:
        raise TooLarge
    return comb(n, k)


def _arrange(args: list[int]) -> int:
    n, k = args
    if n < 0 or k < 0:
        raise Undefined("arrangements of a negative number of things")
    if min(n, k) * n.bit_length() > 4 * en.MAX_EXACT_BITS:
        raise TooLarge
    return perm(n, k)


def _mod(run: Evaluation, args: list[Value]) -> Value:
    x, m = (run.as_real(a) for a in args)
    if en.sign(m) == 0:
        raise Undefined("a remainder by zero")
    turns = en.floor(en.div(x, m, run.prec), run.prec)
    return en.sub(x, en.mul(m, turns, run.prec), run.prec)


def _real_function(function: Callable[[Real, int], Real]) -> Callable[[Evaluation, list[Value]], Value]:
    return lambda run, args: function(run.as_real(args[0]), run.prec)


def _quotient(top: int, bottom: int, hyperbolic: bool = False) -> Callable[[Evaluation, list[Value]], Value]:
    """Return the function that divides two of (cosine, sine, 1), by place."""

    def applied(run: Evaluation, args: list[Value]) -> Value:
        pair = run.cosh_sinh(args[0]) if hyperbolic else run.cos_sin(args[0])
        parts = (*pair, Fraction(1))
        return run.divide(parts[top], parts[bottom])

    return applied


def _sign(run: Evaluation, args: list[Value]) -> Value:
    return Fraction(en.sign(run.as_real(args[0])))


_FUNCTIONS: Final[dict[str, Callable[[Evaluation, list[Value]], Value]]] = {
    "+": _fold(Evaluation.add),
    "*": _fold(Evaluation.multiply),
    "/": lambda run, args: run.divide(args[0], args[1]),
    "^": lambda run, args: run.power(args[0], args[1]),
    "neg": lambda run, args: run.negate(args[0]),
    "!": _whole(_factorial),
    "sqrt": lambda run, args: run.root(args[0], 2),
    "root": lambda run, args: run.root(args[0], _degree(run.as_real(args[1]))),
    "abs": lambda run, args: run.size(args[0]),
    "floor": _real_function(en.floor),
    "ceil": lambda run, args: en.neg(en.floor(en.neg(run.as_real(args[0])), run.prec)),
    "min": lambda run, args: en.extreme([run.as_real(a) for a in args], False, run.prec),
    "max": lambda run, args: en.extreme([run.as_real(a) for a in args], True, run.prec),
    "gcd": _whole(lambda args: gcd(*args)),
    "lcm": _whole(lambda args: lcm(*args)),
    "mod": _mod,
    "binom": _whole(_choose),
    "perm": _whole(_arrange),
    "exp": lambda run, args: run.exp(args[0]),
    "ln": lambda run, args: run.ln(args[0]),
    "log": lambda run, args: run.divide(run.ln(args[0]), run.ln(args[1])),
    "deg": lambda run, args: run.divide(run.multiply(args[0], en.pi(run.prec)), Fraction(180)),
    "sin": _quotient(1, 2),
    "cos": _quotient(0, 2),
    "tan": _quotient(1, 0),
    "cot": _quotient(0, 1),
    "sec": _quotient(2, 0),
    "csc": _quotient(2, 1),
    "sinh": _quotient(1, 2, hyperbolic=True),
    "cosh": _quotient(0, 2, hyperbolic=True),
    "tanh": _quotient(1, 0, hyperbolic=True),
    "asin": _real_function(en.asin),
    "acos": _real_function(en.acos),
    "atan": _real_function(en.atan),
    "re": lambda run, args: real_part(args[0]),
    "im": lambda run, args: imaginary_part(args[0]),
    "conj": lambda run, args: complex_value(real_part(args[0]), en.neg(imaginary_part(args[0]))),
    "arg": lambda run, args: run.argument(args[0]),
    "sign": _sign,
}


def _degree(x: Real) -> int:
    n = en.whole(x)
    if n is None or n > MAX_TERMS:
        raise Unsupported("a root of this degree")
    return n
