"""Decide statements about one real name everywhere: cut the line where truth can change, look at each piece once.

For relations of polynomials, quotients, roots and absolute values the places where truth can change are roots of
polynomials that elimination finds exactly. Between two neighbours one rational trial point stands for the whole piece,
so the answer is a proof, not a sample.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import points
import prove
import separation
import sympy
from enclosure import TooLarge, Uncertain, Undefined, Unsupported
from numeric import Evaluation
from sympy_build import Builder
from sympy_print import wire
from sympy_words import about
from trees import CONNECTIVES, INTERVALS, RELATIONS, Built, Tree, infinite_sign, names, put

_MAX_DEGREE: Final = 24
"""Highest degree of a polynomial whose roots are isolated: beyond it factoring takes more than the deadline."""
_MAX_AUXILIARIES: Final = 4  # each root or absolute value doubles the degree of what is eliminated
_PREC: Final = 400


class LineError(Exception):
    """The statement is not of the kind that can be decided on the line."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A point or an open interval of the line, with the point that stands for it."""

    point: Built
    """A SymPy number: the point itself, or a rational inside the interval."""
    single: bool
    """Whether it is a point, not an interval."""
    truth: tuple[bool, ...]
    """Whether each statement holds there; where a side has no value a statement does not hold."""
    defined: tuple[bool, ...]
    """Whether each statement's sides have values there."""


class Line:
    """Several statements about one name, decided on every piece of the line."""

    def __init__(self, statements: Sequence[Tree], name: str) -> None:
        """Cut the line for ``statements``.

        Raises:
            LineError: a statement has other names, or heads that elimination does not cover, or grows too large.
        """
        self.statements = list(statements)
        self.name = name
        self.x = sympy.Symbol(name, real=True)
        self.polynomials: dict[Built, sympy.Poly] = {}
        try:
            cuts = self._cuts()
            self.pieces = tuple(self._piece(point, single) for point, single in _points(cuts))
        except (Undefined, Uncertain, TooLarge, Unsupported, *prove.FAILURES) as error:
            raise LineError(str(error)) from error

    def find(self, wanted: Callable[[tuple[bool, ...]], bool], defined: Sequence[int] = ()) -> str | None:
        """Return in words the first piece whose truth is ``wanted``, among those where some statements have values."""
        found = self.piece(wanted, defined)
        return None if found is None else f"{self.name} = {number_words(found.point)}"

    def piece(self, wanted: Callable[[tuple[bool, ...]], bool], defined: Sequence[int] = ()) -> Piece | None:
        """Return the first piece whose truth is ``wanted``."""
        for piece in self.pieces:
            if all(piece.defined[i] for i in defined) and wanted(piece.truth):
                return piece
        return None

    def _cuts(self) -> list[Built]:
        for statement in self.statements:
            for relation in _relations(statement):
                self._eliminate(relation)
        roots: set[Built] = set()
        for polynomial in self.polynomials.values():
            if polynomial.degree() > _MAX_DEGREE:
                raise LineError("a polynomial of too high a degree")
            for factor, _ in polynomial.factor_list()[1]:
                roots |= set(factor.real_roots())
        return sorted(roots)

    def _keep(self, value: Built) -> None:
        polynomial = sympy.Poly(value, self.x, domain="QQ")
        if polynomial.is_zero:
            raise LineError("elimination left nothing")
        if polynomial.degree() > 0:
            self.polynomials[polynomial.monic()] = polynomial

    def _eliminate(self, relation: Tree) -> None:
        """Collect the polynomials whose roots hold every place where ``relation`` may change."""
        if names(relation) - {self.name}:
            raise LineError("more than one name")
        work = _Elimination(self.x, Builder())
        difference = work.rational(["+", relation[1], ["neg", relation[2]]])
        if difference != 0:
            for part in (*sympy.fraction(sympy.together(difference)), *work.borders):
                for value in work.eliminated(part):
                    self._keep(value)

    def _piece(self, point: Built, single: bool) -> Piece:
        truth, defined = [], []
        tree = wire(point)
        for statement in self.statements:
            at = put(statement, {self.name: tree})
            holds, has_value = self._holds(at, statement, point)
            truth.append(holds)
            defined.append(has_value)
        return Piece(point, single, tuple(truth), tuple(defined))

    def _holds(self, at: Tree, statement: Tree, point: Built) -> tuple[bool, bool]:
        """Decide ``statement``, written as ``at`` for this point; return whether it holds and has a value."""
        if at[0] in CONNECTIVES:
            parts = [self._holds(a, s, point) for a, s in zip(at[1:], statement[1:], strict=True)]
            return _combined(at[0], [p[0] for p in parts]), all(p[1] for p in parts)
        if at[0] == "in":
            return self._inside(at[2], statement[2], at[1], statement[1], point), True
        if at[0] not in RELATIONS:
            return at == ["sym", "true"], True
        try:
            return self._relation(at, statement, point), True
        except Undefined:
            return False, False

    def _inside(self, at: Tree, region: Tree, item: Tree, original: Tree, point: Built) -> bool:
        relations = [
            [self._holds(put(r, {self.name: wire(point)}), r, point)[0] for r in group]
            for group in _region_relations(region, original)
        ]
        return any(all(group) for group in relations)

    def _relation(self, at: Tree, statement: Tree, point: Built) -> bool:
        head = at[0]
        run = Evaluation(_PREC)
        found = points.relation(head, run.value(at[1]), run.value(at[2]), run)
        if found is not None:
            return found
        if self._equal(at, statement, point):
            return head in ("=", "~", "<=", ">=")
        raise LineError("a sign that could not be decided")

    def _equal(self, at: Tree, statement: Tree, point: Built) -> bool:
        """Prove the sides equal at an algebraic point."""
        difference: Tree = ["+", at[1], ["neg", at[2]]]
        if separation.is_zero(difference):
            return True
        top = sympy.fraction(sympy.together(Builder().expression(["+", statement[1], ["neg", statement[2]]])))[0]
        if not top.is_polynomial(self.x):
            return False
        minimal = sympy.minimal_polynomial(point, self.x, polys=True)
        return bool(sympy.rem(sympy.Poly(top, self.x, domain="QQ"), minimal).is_zero)


def number_words(value: Built) -> str:
    """Write a SymPy number exactly where that is short, else with six digits."""
    found = str(value).replace("**", "^")
    if len(found) <= 24 and "CRootOf" not in found:
        return found
    return about(Evaluation().value(["sympy", value]))


def _points(cuts: list[Built]) -> Iterator[tuple[Built, bool]]:
    """Yield each cut and one rational point in each gap, from left to right."""
    if not cuts:
        yield sympy.Integer(0), False
        return
    yield sympy.floor(cuts[0]) - 1, False
    for i, cut in enumerate(cuts):
        yield cut, True
        yield (_between(cut, cuts[i + 1]) if i + 1 < len(cuts) else sympy.floor(cut) + 1), False


def _between(low: Built, high: Built) -> Built:
    """Return a rational strictly between two real algebraic numbers, a plain one if there is one."""
    ends = [Fraction(*_ratio(e)) for e in (low, high)]
    width = ends[1] - ends[0]
    middle = ends[0] + width / 2
    plain = middle.limit_denominator(max(1, int(4 / width)))
    chosen = plain if ends[0] + width / 8 < plain < ends[1] - width / 8 else middle
    return sympy.Rational(chosen.numerator, chosen.denominator)


def _ratio(value: Built) -> tuple[int, int]:
    exact = value if value.is_Rational else sympy.Rational(value.evalf(60))
    return int(exact.p), int(exact.q)


def _combined(head: str, parts: list[bool]) -> bool:
    match head:
        case "and":
            return all(parts)
        case "or":
            return any(parts)
        case "not":
            return not parts[0]
        case "->":
            return not parts[0] or parts[1]
        case _:
            return (parts[0] == parts[1]) is (head == "<->")


def _relations(statement: Tree) -> Iterator[Tree]:
    """Yield every relation that a statement is made of."""
    head = statement[0]
    if head in RELATIONS:
        yield statement
    elif head in CONNECTIVES:
        for part in statement[1:]:
            yield from _relations(part)
    elif head == "in":
        for group in _region_relations(statement[2], statement[1]):
            yield from group
    elif statement not in (["sym", "true"], ["sym", "false"]):
        raise LineError(f"{head} is not decided on the line")


def _region_relations(region: Tree, item: Tree) -> list[list[Tree]]:
    """Write membership as alternatives, each a list of relations that must all hold."""
    head = region[0]
    if head == "set":
        return [[["=", item, member]] for member in region[1:]]
    if head in INTERVALS:
        signs = ("<" if head in ("ioo", "ioc") else "<=", "<" if head in ("ioo", "ico") else "<=")
        group = []
        if infinite_sign(region[1]) == 0:
            group.append([signs[0], region[1], item])
        if infinite_sign(region[2]) == 0:
            group.append([signs[1], item, region[2]])
        return [group]
    if head == "union":
        return [group for part in region[1:] for group in _region_relations(part, item)]
    if head == "intersect":
        groups: list[list[Tree]] = [[]]
        for part in region[1:]:
            groups = [a + b for a in groups for b in _region_relations(part, item)]
        return groups
    raise LineError(f"{head} is not a set on the line")


class _Elimination:
    """Writes roots and absolute values as new names with polynomial equations, and removes them again."""

    def __init__(self, x: Built, builder: Builder) -> None:
        self.x = x
        self.builder = builder
        self.auxiliaries: list[tuple[Built, Built]] = []
        """Each new symbol t with the polynomial that vanishes for it."""
        self.borders: list[Built] = []
        """Expressions at whose zeros a part starts or stops having a value."""

    def rational(self, tree: Tree) -> Built:
        """Return ``tree`` as a rational function of x and the new symbols."""
        head = tree[0]
        if head in ("num", "sym", "sympy"):
            value = self.builder.expression(tree)
            if value.is_Rational or value == self.x:
                return value
            if value.is_Symbol or not value.is_algebraic:
                raise LineError("a constant that is not algebraic")
            return self._constant(value)
        if head == "neg":
            return -self.rational(tree[1])
        if head in ("+", "*"):
            parts = [self.rational(a) for a in tree[1:]]
            return sympy.Add(*parts) if head == "+" else sympy.Mul(*parts)
        if head == "/":
            bottom = self.rational(tree[2])
            self.borders.append(bottom)
            return self.rational(tree[1]) / self._not_zero(bottom)
        if head == "^":
            return self._power(tree)
        if head in ("sqrt", "root"):
            degree = 2 if head == "sqrt" else int(self._plain(tree[2]))
            return self._root(self.rational(tree[1]), degree)
        if head == "abs":
            inside = self.rational(tree[1])
            return self._new(inside**2, 2, inside)
        raise LineError(f"{head} is not algebraic")

    def _plain(self, tree: Tree) -> Built:
        value = self.rational(tree)
        if not value.is_Rational:
            raise LineError("an exponent that is not a number")
        return value

    def _not_zero(self, value: Built) -> Built:
        if sympy.cancel(value) == 0:
            raise LineError("division by zero everywhere")
        return value

    def _power(self, tree: Tree) -> Built:
        base, exponent = self.rational(tree[1]), self._plain(tree[2])
        top, degree = int(exponent.p), int(exponent.q)
        if abs(top) > _MAX_DEGREE or degree > 6:
            raise LineError("a power that is too high")
        if top < 0:
            self.borders.append(self._not_zero(base))
        return (self._root(base, degree) if degree > 1 else base) ** top

    def _root(self, inside: Built, degree: int) -> Built:
        if not 1 <= degree <= 6:
            raise LineError("a root of too high a degree")
        return self._new(inside, degree, inside)

    def _constant(self, value: Built) -> Built:
        minimal = sympy.minimal_polynomial(value, sympy.Dummy("t"), polys=True)
        symbol = sympy.Dummy("t")
        self._add(symbol, minimal.as_expr().subs(minimal.gen, symbol))
        return symbol

    def _new(self, inside: Built, degree: int, border: Built) -> Built:
        symbol = sympy.Dummy("t")
        top, bottom = sympy.fraction(sympy.together(inside))
        self._add(symbol, symbol**degree * bottom - top)
        self.borders.append(border)
        return symbol

    def _add(self, symbol: Built, equation: Built) -> None:
        self.auxiliaries.append((symbol, equation))
        if len(self.auxiliaries) > _MAX_AUXILIARIES:
            raise LineError("too many roots and absolute values")

    def eliminated(self, value: Built) -> Iterator[Built]:
        """Yield polynomials in x alone whose roots hold every zero and every pole of ``value``."""
        for part in sympy.fraction(sympy.together(value)):
            polynomial = sympy.expand(part)
            for symbol, equation in reversed(self.auxiliaries):
                if polynomial.has(symbol):
                    polynomial = sympy.expand(sympy.resultant(polynomial, equation, symbol))
            if polynomial == 0:
                raise LineError("elimination left nothing")
            yield polynomial
