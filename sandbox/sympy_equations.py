"""Decide whether one equation or inequality turns into the next: same solutions, roots lost or gained, or neither."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import Final

import points
import polynomials
import prove
import sympy
import sympy_relations
import sympy_roots
from answers import Answer, Settings, confirmed, refuted, undecided
from enclosure import TooLarge, Uncertain, Undefined, Unsupported
from numeric import Evaluation
from points import Point
from sympy_build import Builder
from sympy_calculus import Resolver
from sympy_line import Line, LineError, number_words
from sympy_print import text
from sympy_words import about, shown
from trees import RELATIONS, Built, Tree, has_name, names, walk

_STOPS: Final = (Undefined, Unsupported, TooLarge, Uncertain)
_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!=", "~": "~"}
_TRIED: Final = 40  # points looked at for one that solves the one equation and not the other
_NEAR: Final = Fraction(1, 50)
"""Relative difference of solutions that rounded decimals in the equations explain."""


def decide(statement: Tree, givens: list[Tree], settings: Settings) -> Answer:
    """Decide whether ``givens`` (one equation or system) and ``statement`` have the same solutions."""
    if not givens:
        return undecided("unsupported", "nothing is given that could be rewritten")
    before = givens[0] if len(givens) == 1 else ["and", *givens]
    try:
        if settings.tolerance is not None and sympy_roots.listed(statement) is not None:
            return sympy_roots.decide(statement, givens, settings)
        return _decide(before, statement, settings)
    except _STOPS as error:
        return undecided(sympy_relations.reason_of(error), str(error))


def _decide(before: Tree, after: Tree, settings: Settings) -> Answer:
    resolver = Resolver(Builder())
    before, after = resolver.resolve(before), resolver.resolve(after)
    free = names(before) | names(after)
    if settings.tolerance is None and any(n[0] == "~" for t in (before, after) for n in walk(t)):
        return undecided("ambiguous", "how near counts as approximately equal is not said")
    if has_name(before, "I") or has_name(after, "I"):
        return _complex(before, after, settings)
    if not free:
        return undecided("unsupported", "no name occurs that could be solved for")
    quick = _as_polynomials(before, after)
    if quick is not None:
        return _softened(quick, settings)
    if len(free) == 1:
        try:
            return _softened(_on_line(before, after, next(iter(free))), settings)
        except LineError:
            pass
    return _softened(_Rewriting(before, after, settings).decide(), settings)


def _as_polynomials(before: Tree, after: Tree) -> Answer | None:
    """Decide the plain cases without SymPy: proportional equations, and different linear ones in one name."""
    if before[0] != "=" or after[0] != "=":
        return None
    reader = polynomials.Quotients(sorted(names(before) | names(after)))
    try:
        first, second = (reader.difference(t[1], t[2]) for t in (before, after))
    except _STOPS:
        return None
    if polynomials.proportional(first, second) is not None and _share_no_zero(first, reader):
        return confirmed()
    if reader.divisors or len(reader.names) != 1 or polynomials.degree(first) != 1 or polynomials.degree(second) != 1:
        return None
    lost, gained = (-p.get((0,), Fraction(0)) / p[(1,)] for p in (first, second))
    return _disjoint(before, after, reader.names[0], lost, gained)


def _share_no_zero(polynomial: polynomials.Polynomial, reader: polynomials.Quotients) -> bool:
    """Say whether no solution of ``polynomial`` makes a divisor zero; decided in one name only."""
    if not reader.divisors:
        return True
    if len(reader.names) != 1:
        return False
    symbol = sympy.Symbol(reader.names[0])
    first, *others = (
        sympy.Poly.from_dict({m: sympy.Rational(c.numerator, c.denominator) for m, c in p.items()}, symbol, domain="QQ")
        for p in (polynomial, *reader.divisors)
    )
    return all(sympy.gcd(first, other).degree() == 0 for other in others)


def _disjoint(before: Tree, after: Tree, name: str, lost: Fraction, gained: Fraction) -> Answer:
    """Refute a rewriting of two equations with one solution each, unless rounding may have moved it."""
    first, second = shown(before, "the equation before"), shown(after, "the equation after")
    values = [text(["num", str(v)]) for v in (lost, gained)]
    witness = (
        f"{name} = {values[0]} solves {first} but not {second}; {name} = {values[1]} solves {second} but not {first}"
    )
    if _decimals(before, after) and abs(lost - gained) <= _NEAR * max(Fraction(1), abs(lost)):
        return undecided("rounding", f"rounded decimals may explain it: {witness}")
    return refuted(witness, f"{name} = {values[0]}")


def _decimals(*trees: Tree) -> bool:
    return any(n[0] == "num" and "/" in n[1] for tree in trees for n in walk(tree))


def _softened(answer: Answer, settings: Settings) -> Answer:
    """Withhold a refutation where the numbers are said to be rounded."""
    if answer.outcome == "refuted" and (settings.tolerance or settings.slack):
        return undecided("rounding", f"rounded numbers may explain it: {answer.witness}", answer.computed)
    return answer


def _on_line(before: Tree, after: Tree, name: str) -> Answer:
    line = Line([before, after], name)
    lost = line.piece(lambda truth: truth[0] and not truth[1])
    gained = line.piece(lambda truth: truth[1] and not truth[0])
    if lost is None and gained is None:
        return confirmed()
    if lost is not None and gained is not None:
        first, second = shown(before, "the equation before"), shown(after, "the equation after")
        witness = (
            f"{name} = {number_words(lost.point)} solves {first} but not {second}; "
            f"{name} = {number_words(gained.point)} solves {second} but not {first}"
        )
        if _rounded(line, before, after):
            return undecided("rounding", f"rounded decimals may explain it: {witness}")
        return refuted(witness, _solutions(line, name))
    piece = lost or gained
    assert piece is not None
    found = "lost" if lost is not None else "gained"
    order = any(n[0] in ("<", "<=", ">", ">=") for tree in (before, after) for n in walk(tree))
    what = "root" if piece.single and not order else "solutions such as"
    return undecided("ambiguous", f"{found} {what} {name} = {number_words(piece.point)}")


def _solutions(line: Line, name: str) -> str | None:
    """Write the solutions before the rewriting where they are few and plain: what should stand after it."""
    found = [p for p in line.pieces if p.truth[0]]
    if not found or len(found) > 4 or not all(p.single and p.point.is_Rational for p in found):
        return None
    return " | ".join(f"{name} = {_plain(p.point)}" for p in found)


def _plain(value: Built) -> str:
    return text(["num", f"{value.p}/{value.q}"])


def _rounded(line: Line, before: Tree, after: Tree) -> bool:
    """Say whether decimals occur and the solutions pair up closely."""
    if not _decimals(before, after):
        return False
    both = [[p.point.evalf(30) for p in line.pieces if p.truth[i] and p.single] for i in (0, 1)]
    if any(p.truth[i] and not p.single for p in line.pieces for i in (0, 1)) or len(both[0]) != len(both[1]):
        return False
    return all(abs(a - b) <= _NEAR * max(1, abs(a)) for a, b in zip(*both, strict=True))


class _Rewriting:
    """Two statements in several names, or beyond what is decided on the line."""

    def __init__(self, before: Tree, after: Tree, settings: Settings) -> None:
        self.before, self.after, self.settings = before, after, settings
        self.builder = Builder()

    def decide(self) -> Answer:
        if self.before[0] not in RELATIONS or self.after[0] not in RELATIONS:
            return undecided("unsupported", "systems in several names are not compared")
        self.first, self.second = self._difference(self.before), self._difference(self.after)
        if self._proportional():
            return confirmed()
        if self.before[0] != "=" or self.after[0] != "=":
            return undecided("unknown", "no proof that the statements are equivalent was found")
        rational = all(d.is_rational_function(*d.free_symbols) for d in (self.first, self.second))
        try:
            return self._polynomials() if rational else self._solved_for() or self._listed() or self._unknown()
        except prove.FAILURES:
            return self._unknown()

    def _difference(self, relation: Tree) -> Built:
        return self.builder.expression(["+", relation[1], ["neg", relation[2]]])

    def _unknown(self) -> Answer:
        return undecided("unknown", "no proof that the equations are equivalent was found")

    def _proportional(self) -> bool:
        """Say whether one difference is a number times the other, of the sign that the relations ask for."""
        if self.second == 0 or self.first == 0:
            return bool(self.first == self.second and self.before[0] == self.after[0])
        try:
            ratio = sympy.cancel(prove.expanded(self.first) / prove.expanded(self.second))
            if not ratio.is_number:
                ratio = sympy.simplify(ratio) if prove.terms(ratio) < 60 else ratio
        except prove.FAILURES:
            return False
        if not ratio.is_number or ratio.is_zero is not False or ratio.is_real is not True:
            return False
        wanted = self.before[0] if ratio.is_positive else _FLIPPED[self.before[0]]
        return bool(wanted == self.after[0])

    def _polynomials(self) -> Answer:
        """Compare two rational equations by their factors."""
        symbols = sorted(self.first.free_symbols | self.second.free_symbols, key=str)
        tops, bottoms = zip(*(_lowest(d) for d in (self.first, self.second)), strict=True)
        borders = sympy.Mul(*bottoms, *self._denominators())
        first, second = (_square_free(t, borders, symbols) for t in tops)
        common = sympy.gcd(first, second)
        lost, gained = (sympy.quo(p, common) for p in (first, second))
        if all(_never_zero(p) for p in (lost, gained)):
            return confirmed()
        if _never_zero(gained):
            return undecided("ambiguous", f"solutions with {_zero_words(lost)} are lost")
        if _never_zero(lost):
            return undecided("ambiguous", f"solutions with {_zero_words(gained)} are gained")
        return self._witnessed(first, second)

    def _denominators(self) -> list[Built]:
        """Return every expression that is divided by: where one is zero a side has no value."""
        found = []
        for tree in (self.before, self.after):
            for node in walk(tree):
                if node[0] == "/" and names(node[2]):
                    found.append(sympy.fraction(sympy.together(self.builder.expression(node[2])))[0])
        return found

    def _witnessed(self, first: sympy.Poly, second: sympy.Poly) -> Answer:
        """Refute by a point that solves only the one and a point that solves only the other."""
        if names(self.before) != names(self.after):
            return undecided("unknown", "the equations are about different names")
        lost = self._only(self.before, self.after, first)
        gained = self._only(self.after, self.before, second)
        if lost is None or gained is None:
            return self._unknown()
        words = (f"{_place(lost)} solves {shown(self.before, 'the equation before')} only", f"{_place(gained)} solves "
                 f"{shown(self.after, 'the equation after')} only")  # fmt: skip
        if _decimals(self.before, self.after):
            return undecided("rounding", f"rounded decimals may explain it: {'; '.join(words)}")
        return refuted("; ".join(words))

    def _only(self, holding: Tree, failing: Tree, polynomial: sympy.Poly) -> Point | None:
        for point in _zeros(polynomial):
            run = Evaluation(names=point)
            try:
                if points.holds(holding, run) and points.holds(failing, run) is False:
                    return point
            except (Undefined, Uncertain, TooLarge):
                continue
        return None

    def _listed(self) -> Answer | None:
        """Decide ``2^x = 8 -> x = 3`` by putting the values back, where all solutions are known."""
        if sympy_roots.listed(self.after) is None or len(names(self.before)) != 1:
            return None
        answer = sympy_roots.decide(self.after, [self.before], self.settings)
        return None if answer.outcome == "refuted" and not self._is_solvable() else answer

    def _is_solvable(self) -> bool:
        """Say whether the equation before has finitely many real solutions, and at least one."""
        found = sympy.solveset(self.first, self.builder.symbol(next(iter(names(self.before)))), sympy.S.Reals)
        return isinstance(found, sympy.FiniteSet)

    def _solved_for(self) -> Answer | None:
        """Decide ``... -> y = f`` where the equation before is linear in y."""
        left, right = self.after[1:]
        if left[0] != "sym":
            left, right = right, left
        if left[0] != "sym" or left[1] in names(right) or not names(left):
            return None
        symbol, value = self.builder.symbol(left[1]), self.builder.expression(right)
        slope = sympy.diff(self.first, symbol)
        if slope.has(symbol) or slope == 0:
            return None
        if not prove.is_zero(self.first.subs(symbol, value), self.settings.until):
            return None
        if slope.is_nonzero or any(sympy.cancel(d / slope).is_number for d in self._denominators()):
            return confirmed()
        return undecided("ambiguous", f"it holds unless {slope} = 0")


def _lowest(difference: Built) -> tuple[Built, Built]:
    top, bottom = sympy.fraction(sympy.cancel(difference))
    return top, bottom


def _square_free(top: Built, borders: Built, symbols: list[Built]) -> sympy.Poly:
    """Return the polynomial with the same zeros, each once, without those at which a side has no value."""
    polynomial = sympy.Poly(top, *symbols, domain="QQ")
    if polynomial.is_zero:
        raise Unsupported("an equation that always holds")
    polynomial = polynomial.sqf_part()
    common = sympy.gcd(polynomial, sympy.Poly(borders, *symbols, domain="QQ").sqf_part())
    return sympy.quo(polynomial, common)


def _never_zero(polynomial: sympy.Poly) -> bool:
    return bool(polynomial.is_ground or polynomial.as_expr().is_nonzero)


def _zero_words(polynomial: sympy.Poly) -> str:
    return f"{polynomial.as_expr()} = 0".replace("**", "^")


def _place(point: Point) -> str:
    return ", ".join(f"{n} = {about(v)}" for n, v in point.items())


def _zeros(polynomial: sympy.Poly) -> Iterator[Point]:
    """Yield rational points at which ``polynomial`` is zero."""
    symbols = list(polynomial.gens)
    for solved in sorted(symbols, key=lambda s: (polynomial.degree(s) == 0, polynomial.degree(s))):
        others = [str(s) for s in symbols if s != solved]
        if polynomial.degree(solved) == 0:
            continue
        for point in islice(points.candidates(others, frozenset(), [], _TRIED), _TRIED):
            values = {sympy.Symbol(n, real=True): sympy.Rational(v.numerator, v.denominator) for n, v in point.items()}
            rest = sympy.Poly(polynomial.as_expr().subs(values), solved, domain="QQ")
            for root in [] if rest.is_zero or rest.is_ground else rest.ground_roots():
                yield {**point, str(solved): Fraction(int(root.p), int(root.q))}
        if not others:
            rest = polynomial
            for root in rest.ground_roots():
                yield {str(solved): Fraction(int(root.p), int(root.q))}


def _complex(before: Tree, after: Tree, settings: Settings) -> Answer:
    """Compare two polynomial equations in one name over the complex numbers."""
    if sympy_roots.listed(after) is not None:
        return sympy_roots.decide(after, [before], settings)
    builder = Builder(real=False)
    if before[0] != "=" or after[0] != "=" or len(names(before) | names(after)) != 1:
        return undecided("unsupported", "these equations over the complex numbers")
    symbol = builder.symbol(next(iter(names(before) | names(after))))
    try:
        first, second = (
            sympy.Poly(builder.expression(["+", t[1], ["neg", t[2]]]), symbol, extension=True).sqf_part()
            for t in (before, after)
        )
        common = sympy.gcd(first, second)
    except prove.FAILURES:
        return undecided("unsupported", "these equations over the complex numbers")
    lost, gained = first.degree() - common.degree(), second.degree() - common.degree()
    if lost == 0 and gained == 0:
        return confirmed()
    if lost and gained:
        return refuted(f"the equations share {common.degree()} of {first.degree()} and {second.degree()} complex roots")
    return undecided("ambiguous", f"complex roots are {'lost' if lost else 'gained'}")
