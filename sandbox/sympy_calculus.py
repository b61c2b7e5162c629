"""Replace calculus and linear algebra inside a tree by its closed form, and check that form against plain numbers.

SymPy's derivatives and matrices are taken at their word. Its limits, integrals and infinite sums have been wrong
before, so each is recorded as a :class:`Shortcut`: a refutation that rests on one needs :func:`supported` to agree.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final, NamedTuple

import enclosure as en
import mpmath
import numeric
import sympy
from enclosure import NotReal, TooLarge, Uncertain, Undefined, Unsupported
from numeric import Evaluation
from sympy_build import Builder, determinant, generic
from sympy_print import wire
from trees import Built, Tree, has_name, names, walk

_ALWAYS: Final = frozenset(
    {"diff", "int", "limit", "det", "inverse", "transpose", "trace", "rank", "dot", "cross", "norm"}
)
_ARITHMETIC: Final = frozenset({"+", "*", "/", "^", "neg", "abs"})
_NEAR: Final = 1e-6
"""Largest relative difference between a closed form and its numeric estimate; wrong forms differ by far more."""
_MAX_ORDER: Final = 6  # derivatives of higher order grow like the order's factorial


class Shortcut(NamedTuple):
    """A part of a claim and the closed form that SymPy gave for it."""

    part: Tree
    value: Tree


class Resolver:
    """Rewrites the trees of one claim; ``shortcuts`` collects what rests on SymPy's algorithms alone."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.shortcuts: list[Shortcut] = []

    def resolve(self, tree: Tree) -> Tree:
        """Return ``tree`` with every part of calculus and linear algebra replaced by its value.

        Raises:
            Undefined: a part has no value (a limit that differs by side, a singular inverse).
            Unsupported: SymPy finds no closed form.
        """
        head = tree[0]
        if head in ("num", "sym", "sympy"):
            return tree
        if head in _ALWAYS or (head in ("sum", "prod") and _is_infinite(tree)):
            return self._replaced(tree)
        if head == "sum" and _is_long(tree):
            return self._long_sum(tree)
        if head in _ARITHMETIC and any(n[0] in ("matrix", "tuple", *_ALWAYS) for n in walk(tree)):
            inside = [head, *(self.resolve(a) for a in tree[1:])]
            if any(n[0] in ("matrix", "tuple") for n in inside[1:]):
                return wire(self.builder.expression(inside))
            return inside
        return [head, *(self.resolve(a) for a in tree[1:])]

    def _long_sum(self, tree: Tree) -> Tree:
        """Sum many terms by a closed form in the upper bound, which must be right for the first few bounds."""
        end = sympy.Symbol("upper", integer=True, positive=True)
        start = int(tree[3][1])
        form = _series(self.builder, [*tree[:4], ["sympy", end]])
        for stop in range(start, start + 6):
            written = self.builder.expression([*tree[:4], ["num", str(stop)]])
            if sympy.simplify(form.subs(end, stop) - written) != 0:
                raise Unsupported("a closed form that its first terms do not confirm")
        return wire(sympy.simplify(form.subs(end, int(tree[4][1]))))

    def _replaced(self, tree: Tree) -> Tree:
        inner = [tree[0], *(self.resolve(a) for a in tree[1:])]
        value = wire(_VALUES[tree[0]](self.builder, inner))
        if tree[0] in ("limit", "sum", "prod") or (tree[0] == "int" and len(tree) == 5):
            self.shortcuts.append(Shortcut(inner, value))
        return value


def _is_long(tree: Tree) -> bool:
    bounds = tree[3:5]
    return all(b[0] == "num" and b[1].isdigit() for b in bounds) and int(bounds[1][1]) - int(bounds[0][1]) > 200


def _is_infinite(tree: Tree) -> bool:
    return has_name(tree[3], "oo") or has_name(tree[4], "oo")


def _variable(builder: Builder, tree: Tree) -> Built:
    if tree[0] != "sym":
        raise Unsupported("a variable that is not a name")
    return builder.symbol(tree[1])


def _derivative(builder: Builder, tree: Tree) -> Built:
    order = tree[3] if len(tree) == 4 else ["num", "1"]
    if order[0] != "num" or not order[1].isdigit() or int(order[1]) > _MAX_ORDER:
        raise Unsupported("a derivative of this order")
    found = sympy.diff(builder.expression(tree[1]), _variable(builder, tree[2]), int(order[1]))
    return without_signs(found)


def without_signs(value: Built) -> Built:
    """Write ``sign(u)`` as ``u/|u|``: the same where either is defined, and it cancels."""
    return value.replace(sympy.sign, lambda u: u / sympy.Abs(u)) if value.has(sympy.sign) else value


def _integral(builder: Builder, tree: Tree) -> Built:
    integrand, variable = builder.expression(tree[1]), _variable(builder, tree[2])
    if len(tree) == 3:
        raise Unsupported("an indefinite integral inside an expression")
    if len(tree) != 5:
        raise Unsupported("an integral with one bound")
    low, high = builder.expression(tree[3]), builder.expression(tree[4])
    value = generic(sympy.integrate(integrand, (variable, low, high)))
    if value.has(sympy.Integral):
        raise Unsupported("an integral without a closed form")
    return value


def _limit(builder: Builder, tree: Tree) -> Built:
    function, variable, target = builder.expression(tree[1]), _variable(builder, tree[2]), builder.expression(tree[3])
    if target in (sympy.oo, -sympy.oo):
        return _settled(sympy.limit(function, variable, target))
    above, below = (_settled(sympy.limit(function, variable, target, side)) for side in "+-")
    if sympy.simplify(above - below) == 0 or above == below:
        return above
    if below.is_real is False and not below.is_infinite:
        return above  # the function is real on one side only: sqrt(x) at 0
    if above.is_real is False and not above.is_infinite:
        return below
    raise Undefined("the limits from both sides differ")


def _settled(value: Built) -> Built:
    if value.has(sympy.Limit, sympy.AccumBounds):
        raise Undefined("a limit that does not exist or was not found")
    return value


def _series(builder: Builder, tree: Tree) -> Built:
    term, variable = builder.expression(tree[1]), _variable(builder, tree[2])
    bounds = (variable, builder.expression(tree[3]), builder.expression(tree[4]))
    value = generic(sympy.summation(term, bounds) if tree[0] == "sum" else sympy.product(term, bounds))
    if value.has(sympy.Sum, sympy.Product):
        raise Unsupported("a sum or product without a closed form")
    return value


def _matrix_of(builder: Builder, tree: Tree) -> Built:
    value = builder.expression(tree)
    if not isinstance(value, sympy.MatrixBase):
        raise Unsupported("a matrix or a tuple is needed here")
    return value


def _inverse(builder: Builder, tree: Tree) -> Built:
    value = _matrix_of(builder, tree[1])
    if determinant(value).is_zero:
        raise Undefined("the inverse of a singular matrix")
    return value.inv()


def _dot(builder: Builder, tree: Tree) -> Built:
    first, second = (_matrix_of(builder, a) for a in tree[1:])
    if len(first) != len(second):
        raise Unsupported("a product of vectors of different lengths")
    return sympy.Add(*(a * b for a, b in zip(first, second, strict=True)))


def _cross(builder: Builder, tree: Tree) -> Built:
    first, second = (_matrix_of(builder, a) for a in tree[1:])
    if len(first) != 3 or len(second) != 3:
        raise Unsupported("a cross product outside three dimensions")
    return sympy.ImmutableDenseMatrix(first.reshape(3, 1).cross(second.reshape(3, 1)))


def _norm(builder: Builder, tree: Tree) -> Built:
    value = _matrix_of(builder, tree[1])
    return sympy.sqrt(sympy.Add(*(sympy.Abs(a) ** 2 for a in value)))


_VALUES: Final[dict[str, Callable[[Builder, Tree], Built]]] = {
    "diff": _derivative,
    "int": _integral,
    "limit": _limit,
    "sum": _series,
    "prod": _series,
    "det": lambda builder, tree: determinant(_matrix_of(builder, tree[1])),
    "inverse": _inverse,
    "transpose": lambda builder, tree: _matrix_of(builder, tree[1]).T,
    "trace": lambda builder, tree: _matrix_of(builder, tree[1]).trace(),
    "rank": lambda builder, tree: sympy.Integer(_matrix_of(builder, tree[1]).rank()),
    "dot": _dot,
    "cross": _cross,
    "norm": _norm,
}


def supported(shortcuts: list[Shortcut]) -> bool:
    """Say whether plain numbers agree with every shortcut; what cannot be estimated is not supported."""
    try:
        return all(_agrees(s) for s in shortcuts)
    except (Undefined, Uncertain, TooLarge, Unsupported, ArithmeticError, ValueError):
        return False


def _agrees(shortcut: Shortcut) -> bool:
    part, value = shortcut
    if names(part):
        return False  # a form with free names would need many points; it is only used to confirm
    target = value[1] if value[0] == "neg" else value
    if target == ["sym", "oo"]:
        return part[0] == "limit" and _grows(part, -1 if value[0] == "neg" else 1)
    wanted = _float(Evaluation(80, reading="principal"), value)
    return any(abs(found - wanted) <= _NEAR * (1 + abs(wanted)) for found in _estimates(part))


def _float(run: Evaluation, tree: Tree) -> mpmath.mpf:
    middle = en.middle(run.real(tree))
    return mpmath.mpf(middle.numerator) / middle.denominator


def _function_of(body: Tree, name: str) -> Callable[[Built], mpmath.mpf]:
    def at(x: Built) -> mpmath.mpf:
        point = Fraction(*mpmath.libmp.to_rational(mpmath.mpf(x)._mpf_))
        return _float(Evaluation(80, {name: point}, reading="realroot"), body)

    return at


def _end(tree: Tree) -> Built:
    if tree == ["sym", "oo"]:
        return mpmath.inf
    if tree == ["neg", ["sym", "oo"]]:
        return -mpmath.inf
    return _float(Evaluation(80), tree)


def _estimates(part: Tree) -> Iterator[mpmath.mpf]:
    head, body, variable = part[:3]
    if head == "limit":
        yield from _near_limit(part)
        return
    low, high = _end(part[3]), _end(part[4])
    function = _function_of(body, variable[1])
    if head == "int":
        value, error = mpmath.quad(function, [low, high], error=True, maxdegree=6)
        if error < _NEAR:
            yield value
    else:
        yield (mpmath.nsum if head == "sum" else mpmath.nprod)(function, [low, high])


def _near_limit(part: Tree) -> Iterator[mpmath.mpf]:
    for place in _approach(part[3]):
        try:
            yield _float(Evaluation(400, {part[2][1]: place}, reading="real"), part[1])
        except NotReal:
            continue


def _approach(target: Tree) -> list[Fraction]:
    end = _end(target)
    if mpmath.isinf(end):
        return [Fraction(10**k) * (1 if end > 0 else -1) for k in (9, 12)]
    middle = en.middle(Evaluation(400).real(target))
    return [middle + Fraction(side, 10**k) for k in (9, 14) for side in (1, -1)]


def _grows(part: Tree, side: int) -> bool:
    values = list(_near_limit(part))
    return bool(values) and all(v * side > 4 for v in values) and abs(values[-1]) > abs(values[0])


__all__ = ["NotReal", "Resolver", "Shortcut", "numeric", "supported", "without_signs"]
