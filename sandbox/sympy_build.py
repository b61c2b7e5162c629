"""Turn checked wire trees into SymPy objects by explicit constructors, with bounds before each evaluation.

Text never reaches ``sympify``. What has no meaning as a number or a matrix raises ``Unsupported``; what has no value
raises ``Undefined``; sizes that would make SymPy work for long raise ``TooLarge``.
"""

from collections.abc import Callable, Mapping
from typing import Final

import sympy
from enclosure import TooLarge, Undefined, Unsupported
from numeric import from_base
from sympy import Expr, ImmutableDenseMatrix, Integer, Rational
from trees import Built, Tree

_MAX_BITS: Final = 20000
"""Most bits of a computed integer: SymPy prints and factors such numbers in milliseconds."""
_MAX_DEGREE: Final = 400
"""Highest power of an expression with names; expansion is bounded on its own."""
_MAX_FACTORIAL: Final = 1500
_MAX_TERMS: Final = 300  # terms of a sum that is written out
_MAX_SIDE: Final = 12
"""Most rows of a matrix."""
_MAX_SYMBOLIC_SIDE: Final = 5
"""Most rows of a matrix with names whose determinant is taken: it has as many terms as the factorial of it."""
_UNDEFINED: Final = (sympy.zoo, sympy.nan)


class Builder:
    """Builds the trees of one claim, all with the same assumptions about its names."""

    def __init__(self, real: bool = True, assumptions: Mapping[str, Mapping[str, bool]] | None = None) -> None:
        self.real = real
        self.assumptions = assumptions or {}
        self.symbols: dict[str, sympy.Symbol] = {}

    def symbol(self, name: str) -> sympy.Symbol:
        """Return the symbol for ``name``, real unless said otherwise."""
        if name not in self.symbols:
            known = dict(self.assumptions.get(name, {}))
            if self.real:
                known.setdefault("real", True)
            self.symbols[name] = sympy.Symbol(name, **known)
        return self.symbols[name]

    def expression(self, tree: Tree) -> Built:
        """Build ``tree``, which must be a number or a matrix.

        Raises:
            Undefined: a part of it has no value.
            TooLarge: a bound was reached.
            Unsupported: a head is no arithmetic.
        """
        head = tree[0]
        if head == "num":
            top, _, bottom = tree[1].partition("/")
            return Rational(int(top), int(bottom or 1))
        if head == "sym":
            return self._name(tree[1])
        if head == "sympy":
            return tree[1]
        if head in _SPECIAL:
            return _defined(_SPECIAL[head](self, tree))
        function = _FUNCTIONS.get(head)
        if function is None:
            raise Unsupported(f"{head} is not a number")
        return _defined(function(*(self.expression(a) for a in tree[1:])))

    def vector(self, tree: Tree) -> Built:
        """Build a tuple as a column."""
        return _column([self.expression(a) for a in tree[1:]])

    def matrix(self, tree: Tree) -> Built:
        """Build ``matrix((1, 2), (3, 4))`` from its rows."""
        rows = [
            [self.expression(a) for a in row[1:]] if row[0] == "tuple" else [self.expression(row)] for row in tree[1:]
        ]
        if len(rows) > _MAX_SIDE or len(rows[0]) > _MAX_SIDE:
            raise TooLarge
        if len({len(row) for row in rows}) != 1:
            raise Unsupported("a matrix with rows of different lengths")
        return ImmutableDenseMatrix(rows)

    def _name(self, name: str) -> Built:
        constant = _CONSTANTS.get(name)
        if constant is not None:
            return constant
        if name in ("true", "false"):
            raise Unsupported("a truth value is not a number")
        return self.symbol(name)


_CONSTANTS: Final = {"pi": sympy.pi, "E": sympy.E, "I": sympy.I, "oo": sympy.oo}


def _defined(value: Built) -> Built:
    if value in _UNDEFINED or (isinstance(value, Expr) and value.has(*_UNDEFINED)):
        raise Undefined("an expression without a value")
    return value


def _column(items: list[Built]) -> Built:
    if not items or len(items) > _MAX_SIDE:
        raise TooLarge
    if any(isinstance(i, sympy.MatrixBase) for i in items):
        raise Unsupported("a vector of vectors")
    return ImmutableDenseMatrix(len(items), 1, items)


def _finite(args: tuple[Built, ...]) -> None:
    """Refuse arithmetic with infinity, which has no value in school or is a limit in disguise."""
    for arg in args:
        if isinstance(arg, Expr) and arg.has(sympy.oo, -sympy.oo):
            raise Undefined("arithmetic with infinity")


def _add(*args: Built) -> Built:
    _finite(args)
    if any(isinstance(a, sympy.MatrixBase) for a in args):
        if len({getattr(a, "shape", None) for a in args}) != 1:
            raise Unsupported("a sum of matrices of different shapes")
        return sum(args[1:], args[0])
    return sympy.Add(*args)


def _multiply(*args: Built) -> Built:
    _finite(args)
    total = args[0]
    if not any(isinstance(a, sympy.MatrixBase) for a in args):
        return _sized(sympy.Mul(*args))
    for arg in args[1:]:
        shapes = [a.shape for a in (total, arg) if isinstance(a, sympy.MatrixBase)]
        if len(shapes) == 2 and shapes[0][1] != shapes[1][0]:
            raise Unsupported("a product of matrices whose shapes do not fit")
        total = total * arg
    return total


def _divide(top: Built, bottom: Built) -> Built:
    _finite((top, bottom))
    if isinstance(bottom, sympy.MatrixBase):
        raise Unsupported("division by a matrix")
    if bottom.is_zero:
        raise Undefined("division by zero")
    return top / bottom


def _negate(value: Built) -> Built:
    return -value


def _power(base: Built, exponent: Built) -> Built:
    _finite((base, exponent))
    if isinstance(exponent, sympy.MatrixBase):
        raise Unsupported("a matrix in an exponent")
    if isinstance(base, sympy.MatrixBase):
        return _matrix_power(base, exponent)
    if base.is_zero and (exponent.is_zero or exponent.is_negative):
        raise Undefined("zero to this power")
    if exponent.is_Rational and not base.is_Rational and abs(exponent) > _MAX_DEGREE:
        raise TooLarge
    if exponent.is_Rational and base.is_Rational and base not in (0, 1, -1):
        bits = max(abs(int(base.p)).bit_length(), int(base.q).bit_length())
        if bits * abs(exponent) > _MAX_BITS:
            raise TooLarge
    return sympy.Pow(base, exponent)


def _matrix_power(base: Built, exponent: Built) -> Built:
    if base.shape[0] != base.shape[1] or not exponent.is_Integer:
        raise Unsupported("this power of a matrix")
    if abs(exponent) > 20:  # entries grow with the exponent
        raise TooLarge
    if exponent < 0 and determinant(base).is_zero:
        raise Undefined("the inverse of a singular matrix")
    return base**exponent


def _sized(value: Built) -> Built:
    if value.is_Rational and max(abs(int(value.p)).bit_length(), int(value.q).bit_length()) > _MAX_BITS:
        raise TooLarge
    return value


def _factorial(n: Built) -> Built:
    if n.is_Number and abs(n) > _MAX_FACTORIAL:
        raise TooLarge
    if n.is_negative and n.is_integer:
        raise Undefined("the factorial of a negative number")
    return sympy.factorial(n)


def _binomial(n: Built, k: Built) -> Built:
    if any(a.is_Number and abs(a) > 100 * _MAX_FACTORIAL for a in (n, k)) or (k.is_Number and abs(k) > _MAX_FACTORIAL):
        raise TooLarge
    return sympy.binomial(n, k)


def _arrange(n: Built, k: Built) -> Built:
    if k.is_Integer and 0 <= k <= 100:
        return sympy.Mul(*(n - i for i in range(int(k))))
    return _factorial(n) / _factorial(n - k)


def _root(value: Built, degree: Built) -> Built:
    if not (degree.is_Integer and 1 <= degree <= _MAX_DEGREE):
        raise Unsupported("a root of this degree")
    if degree % 2:
        return sympy.real_root(value, degree) if not value.is_nonnegative else _power(value, 1 / degree)
    return _power(value, 1 / degree)


def _log(value: Built) -> Built:
    _finite((value,))
    if value.is_zero:
        raise Undefined("the logarithm of zero")
    return sympy.log(value)


def _log_base(value: Built, base: Built) -> Built:
    if (base - 1).is_zero or base.is_zero:
        raise Undefined("a logarithm in this base")
    return _log(value) / _log(base)


def _modulo(value: Built, modulus: Built) -> Built:
    if modulus.is_zero:
        raise Undefined("a remainder by zero")
    return sympy.Mod(value, modulus)


def _plain(function: Callable[..., Built]) -> Callable[..., Built]:
    """Refuse infinite arguments and matrices."""

    def applied(*args: Built) -> Built:
        _finite(args)
        if any(isinstance(a, sympy.MatrixBase) for a in args):
            raise Unsupported("a function of a matrix")
        return function(*args)

    return applied


def _absolute(value: Built) -> Built:
    if not isinstance(value, sympy.MatrixBase):
        return sympy.Abs(value)
    return value.norm() if value.shape[1] == 1 else determinant(value)


def determinant(value: Built) -> Built:
    """Return the determinant of a square matrix.

    Raises:
        Unsupported: it is not square.
    """
    if not isinstance(value, sympy.MatrixBase) or value.shape[0] != value.shape[1]:
        raise Unsupported("the determinant of what is not a square matrix")
    if value.free_symbols and value.shape[0] > _MAX_SYMBOLIC_SIDE:
        raise TooLarge
    return value.det(method="berkowitz")  # without division, so no zero has to be recognised on the way


def generic(value: Built) -> Built:
    """Keep of each value by cases the branch that holds in general, where the conditions ``a = b`` fail.

    Where the last branch is no value at all (a series that diverges), the first is kept: it is the only one that says
    something.
    """

    def branch(cases: Built) -> Built:
        if len(cases.args) == 2 and cases.args[1][0].has(sympy.Sum, sympy.Product, sympy.Integral):
            return cases.args[0][0]
        for result, condition in cases.args:
            if isinstance(condition, sympy.Eq):
                continue
            if condition == True or isinstance(condition, sympy.Ne):  # noqa: E712  (SymPy's own truth value)
                return result
            break
        raise Unsupported("a value that is defined by cases")

    return value.replace(lambda e: isinstance(e, sympy.Piecewise), branch) if value.has(sympy.Piecewise) else value


def _series(builder: Builder, tree: Tree) -> Built:
    """Build a sum or product: written out where its bounds are numbers, else in closed form."""
    if tree[2][0] != "sym":
        raise Unsupported("a sum over what is not a name")
    variable, (low, high) = builder.symbol(tree[2][1]), (builder.expression(a) for a in tree[3:5])
    term = builder.expression(tree[1])
    total = tree[0] == "sum"
    if low.is_Integer and high.is_Integer:
        if high - low > _MAX_TERMS:
            raise TooLarge
        items = [term.subs(variable, k) for k in range(int(low), int(high) + 1)]
        return sympy.Add(*items) if total else sympy.Mul(*items)
    value = generic((sympy.summation if total else sympy.product)(term, (variable, low, high)))
    if value.has(sympy.Sum, sympy.Product):
        raise Unsupported("a sum or product without a closed form")
    return value


def _antiderivative(builder: Builder, tree: Tree) -> Built:
    """Keep an indefinite integral as it is: only its derivative is ever asked for."""
    if len(tree) != 3 or tree[2][0] != "sym":
        raise Unsupported("an integral that was not replaced by its value")
    return sympy.Integral(builder.expression(tree[1]), builder.symbol(tree[2][1]))


def _base(_: Builder, tree: Tree) -> Built:
    value = from_base(tree[1], tree[2])
    return Rational(value.numerator, value.denominator)


_SPECIAL: Final[dict[str, Callable[[Builder, Tree], Built]]] = {
    "tuple": Builder.vector,
    "matrix": Builder.matrix,
    "base": _base,
    "sum": _series,
    "prod": _series,
    "int": _antiderivative,
}
_FUNCTIONS: Final[dict[str, Callable[..., Built]]] = {
    "+": _add,
    "*": _multiply,
    "/": _divide,
    "^": _power,
    "neg": _negate,
    "abs": _absolute,
    "det": determinant,
    **{
        name: _plain(function)
        for name, function in {
            "!": _factorial,
            "sqrt": lambda x: _power(x, Rational(1, 2)),
            "root": _root,
            "floor": sympy.floor,
            "ceil": sympy.ceiling,
            "min": sympy.Min,
            "max": sympy.Max,
            "gcd": lambda *a: sympy.gcd_list(a) if all(i.is_Integer for i in a) else _no_symbols("gcd"),
            "lcm": lambda *a: sympy.lcm_list(a) if all(i.is_Integer for i in a) else _no_symbols("lcm"),
            "mod": _modulo,
            "binom": _binomial,
            "perm": _arrange,
            "exp": sympy.exp,
            "ln": _log,
            "log": _log_base,
            "deg": lambda x: x * sympy.pi / Integer(180),
            "sin": sympy.sin,
            "cos": sympy.cos,
            "tan": sympy.tan,
            "sec": sympy.sec,
            "csc": sympy.csc,
            "cot": sympy.cot,
            "asin": sympy.asin,
            "acos": sympy.acos,
            "atan": sympy.atan,
            "sinh": sympy.sinh,
            "cosh": sympy.cosh,
            "tanh": sympy.tanh,
            "re": sympy.re,
            "im": sympy.im,
            "conj": sympy.conjugate,
            "arg": sympy.arg,
            "sign": sympy.sign,
        }.items()
    },
}


def _no_symbols(name: str) -> Built:
    raise Unsupported(f"{name} of expressions with names")
