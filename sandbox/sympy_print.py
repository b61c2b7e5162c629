"""Turn SymPy values into wire trees, and trees into text of the formal language.

Only heads of the language come out; a value that has no such form raises ``Unsupported``. The text is read back by the
host's own grammar, never by SymPy.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

import sympy
from enclosure import Undefined, Unsupported
from sympy_build import generic
from trees import Built, Tree

_NAMES: Final[dict[Built, str]] = {
    sympy.exp: "exp",
    sympy.log: "ln",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.sec: "sec",
    sympy.csc: "csc",
    sympy.cot: "cot",
    sympy.asin: "asin",
    sympy.acos: "acos",
    sympy.atan: "atan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.Abs: "abs",
    sympy.floor: "floor",
    sympy.ceiling: "ceil",
    sympy.factorial: "!",
    sympy.binomial: "binom",
    sympy.Min: "min",
    sympy.Max: "max",
    sympy.re: "re",
    sympy.im: "im",
    sympy.conjugate: "conj",
    sympy.arg: "arg",
    sympy.Mod: "mod",
    sympy.sign: "sign",
}
_CONSTANTS: Final[dict[Built, str]] = {sympy.pi: "pi", sympy.E: "E", sympy.I: "I", sympy.oo: "oo"}
_LOOSE: Final = {"<->": 1, "->": 2, "or": 3, "and": 4, "not": 5, "+": 7, "*": 8, "/": 8, "neg": 9, "^": 10, "!": 11}
_TIGHT: Final = 12
_RELATION: Final = 6


def wire(value: Built) -> Tree:
    """Return the tree of a SymPy expression, matrix or tuple.

    Raises:
        Undefined: it is ``zoo`` or ``nan``.
        Unsupported: the formal language has no form for it.
    """
    if isinstance(value, sympy.MatrixBase):
        return _matrix(value)
    if value.is_Rational:
        return number(Fraction(int(value.p), int(value.q)))
    if value in _CONSTANTS:
        return ["sym", _CONSTANTS[value]]
    for kind, write in _KINDS:
        if isinstance(value, kind):
            return write(value)
    return _function(value)


def number(value: Fraction) -> Tree:
    """Return the tree of a fraction, with its sign and its bar as operators."""
    if value < 0:
        return ["neg", number(-value)]
    if value.denominator == 1:
        return ["num", str(value.numerator)]
    return ["/", ["num", str(value.numerator)], ["num", str(value.denominator)]]


def _function(value: Built) -> Tree:
    if value is sympy.zoo or value is sympy.nan:
        raise Undefined("a value that does not exist")
    name = _NAMES.get(value.func)
    if name is not None:
        return [name, *(wire(a) for a in value.args)]
    if isinstance(value, sympy.Expr) and not value.free_symbols and not value.has(*_OPEN):
        return ["sympy", value]  # a closed number without a name of its own, such as zeta(3): it can still be evaluated
    raise Unsupported(f"a value with {value.func}")


_OPEN: Final = (sympy.Integral, sympy.Sum, sympy.Product, sympy.Limit, sympy.Derivative, sympy.Piecewise)


def _sum(value: Built) -> Tree:
    return ["+", *(wire(term) for term in value.as_ordered_terms())]


def _product(value: Built) -> Tree:
    if value.args[0].is_Rational and value.args[0] < 0:
        return ["neg", wire(-value)]
    top, bottom = sympy.fraction(value)
    if bottom != 1 and not bottom.is_Integer:
        return ["/", wire(top), wire(bottom)]
    if bottom != 1:
        return ["/", wire(top), ["num", str(bottom)]]
    factors = [wire(f) for f in value.as_ordered_factors()]
    return ["*", *factors] if len(factors) > 1 else factors[0]


def _power(value: Built) -> Tree:
    base, exponent = value.as_base_exp()
    if base == sympy.E:
        return ["exp", wire(exponent)]
    if exponent.is_Rational and exponent < 0:
        return ["/", ["num", "1"], wire(sympy.Pow(base, -exponent))]
    if exponent == sympy.Rational(1, 2):
        return ["sqrt", wire(base)]
    return ["^", wire(base), wire(exponent)]


def _matrix(value: Built) -> Tree:
    rows, columns = value.shape
    if columns == 1:
        return ["tuple", *(wire(value[i, 0]) for i in range(rows))]
    return ["matrix", *(["tuple", *(wire(value[i, j]) for j in range(columns))] for i in range(rows))]


_KINDS: Final[tuple[tuple[Built, Callable[[Built], Tree]], ...]] = (
    (sympy.Symbol, lambda value: ["sym", value.name]),
    (sympy.core.numbers.NegativeInfinity, lambda _: ["neg", ["sym", "oo"]]),
    (sympy.Add, _sum),
    (sympy.Mul, _product),
    (sympy.exp, lambda value: ["exp", wire(value.args[0])]),
    (sympy.Pow, _power),
    (sympy.Piecewise, lambda value: wire(generic(value))),
    (sympy.Tuple, lambda value: ["tuple", *(wire(a) for a in value)]),
)


def text(tree: Tree) -> str:
    """Write ``tree`` in the formal language.

    Raises:
        Unsupported: it holds a value that the language cannot write.
    """
    return _text(tree)[0]


def _text(tree: Tree) -> tuple[str, int]:
    head = tree[0]
    if head == "sym":
        return tree[1], _TIGHT
    if head == "num":
        return _numeral(tree[1])
    if head in ("sympy", "sign"):
        raise Unsupported("a value that the formal language cannot write")
    if head == "neg" and tree[1][0] in ("*", "/"):
        return "-" + _text(tree[1])[0], 8  # -3*x reads as (-3)*x, which is the same number
    level = _LOOSE.get(head)
    if level is None and head in ("=", "!=", "<", "<=", ">", ">=", "~"):
        return f"{_wrapped(tree[1], 7)} {head} {_wrapped(tree[2], 7)}", _RELATION
    if level is None:
        inside = ", ".join(_wrapped(a, 1) for a in tree[1:])
        if head == "set":
            return "{" + inside + "}", _TIGHT
        return (f"({inside})" if head == "tuple" else f"{head}({inside})"), _TIGHT
    return _operator(tree, level), level


def _numeral(digits: str) -> tuple[str, int]:
    """Write a number as wire trees carry it (``-3/4``); a terminating decimal as a decimal."""
    value = Fraction(digits)
    if value < 0:
        return "-" + _wrapped(["num", str(-value)], 9), 9
    if value.denominator == 1:
        return str(value.numerator), _TIGHT
    decimal = short_decimal(value)
    return (decimal, _TIGHT) if decimal else (f"{value.numerator}/{value.denominator}", 8)


def short_decimal(value: Fraction) -> str | None:
    """Write ``value`` >= 0 with at most six decimals, or return None if that is not exact."""
    scaled = value * 10**6
    if scaled.denominator != 1:
        return None
    digits = str(scaled.numerator).rjust(7, "0")
    return f"{digits[:-6]}.{digits[-6:]}".rstrip("0").rstrip(".")


def _operator(tree: Tree, level: int) -> str:
    head, args = tree[0], tree[1:]
    match head:
        case "neg":
            return "-" + _wrapped(args[0], 9)
        case "!":
            return _wrapped(args[0], 11) + "!"
        case "not":
            return "not " + _wrapped(args[0], 5)
        case "^":
            return f"{_wrapped(args[0], 11)}^{_wrapped(args[1], 9)}"
        case "+":
            return _sum_text(args)
        case "/":
            return f"{_wrapped(args[0], 8)}/{_wrapped(args[1], 9)}"
        case "*":
            return "*".join([_wrapped(args[0], 8), *(_wrapped(a, 9) for a in args[1:])])
        case "->" | "<->":
            return f"{_wrapped(args[0], level + 1)} {head} {_wrapped(args[1], level)}"
        case _:
            return (" | " if head == "or" else " & ").join(_wrapped(a, level + 1) for a in args)


def _sum_text(args: list[Tree]) -> str:
    written = _wrapped(args[0], 8)
    for arg in args[1:]:
        if arg[0] == "neg":
            written += " - " + _wrapped(arg[1], 8)
        else:
            written += " + " + _wrapped(arg, 8)
    return written


def _wrapped(tree: Tree, level: int) -> str:
    written, own = _text(tree)
    return written if own >= level else f"({written})"
