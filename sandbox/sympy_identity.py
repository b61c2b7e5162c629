"""Decide statements that are said to hold for all values of their names: refuted at a point, confirmed by a proof."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from time import monotonic
from typing import Final

import enclosure as en
import points
import polynomials
import prove
import sympy
import sympy_relations
from answers import Answer, Settings, confirmed, first, refuted, undecided
from arithmetic import Value, compare
from enclosure import NotReal, TooLarge, Uncertain, Undefined, Unsupported
from numeric import Evaluation
from points import Point
from readings import others
from sympy_calculus import Resolver, Shortcut, supported
from sympy_domain import MAX_POINTS, Domain, Vacuous
from sympy_print import text, wire
from sympy_words import SHOWN, about, shown
from trees import RELATIONS, Built, Tree, has_name, heads, names, put, walk

_STOPS: Final = (Undefined, Unsupported, TooLarge, Uncertain)
_NEAR: Final = Fraction(1, 50)
"""Relative difference that rounded decimal coefficients explain: two digits, as in ``x/3 = 0.33*x``."""
_FIRST_POINTS: Final = 4
"""Trial points before the first look for a proof: a wrong statement almost always fails at one of them."""
_MAX_RESIDUES: Final = 4096
_SHOWN_TERMS: Final = 20
_COMPLEX_NAMES: Final = frozenset("zwZW")
"""First letters of names that mean complex numbers where I occurs; the others are real, as in a + b*I."""


def decide(statement: Tree, givens: list[Tree], settings: Settings) -> Answer:
    """Decide a general statement under ``givens``."""
    try:
        domain = Domain(givens, [statement])
        statement = put(statement, domain.bindings)
        answer = _decide(statement, domain, settings)
        return _unless_read_otherwise(answer, statement, domain, settings) if answer.outcome == "refuted" else answer
    except Vacuous:
        return undecided("vacuous", "the givens contradict each other")
    except _STOPS as error:
        return undecided(sympy_relations.reason_of(error), str(error))


def _unless_read_otherwise(answer: Answer, statement: Tree, domain: Domain, settings: Settings) -> Answer:
    for other, words in others(statement):
        try:
            second = _decide(other, domain, settings)
        except _STOPS:
            continue
        if second.outcome != "refuted":
            return undecided("ambiguous", f"it may hold {words}", answer.computed)
    return answer


def _decide(statement: Tree, domain: Domain, settings: Settings) -> Answer:
    if statement[0] == "and":
        return first(["refuted", "undecided", "confirmed"], [_decide(a, domain, settings) for a in statement[1:]])
    if not names(statement):
        return sympy_relations.decide(statement, settings)
    if statement[0] in ("=", "~"):
        return _Equation(statement, domain, settings).decide()
    return _other(statement, domain, settings)


class _Equation:
    """An equation that is said to hold for all values of its names."""

    def __init__(self, statement: Tree, domain: Domain, settings: Settings) -> None:
        self.statement = statement
        self.domain = domain
        self.settings = settings
        self.reading = "principal" if domain.complex else "real"
        self.resolver = Resolver(domain.builder())
        sides = _derived(statement, domain) or [self.resolver.resolve(a) for a in statement[1:]]
        self.derived = any(n[0] == "int" and len(n) == 3 for n in walk(statement))
        self.left, self.right = sides
        self.agreed: list[Point] = []
        self.defined = [0, 0]
        """How many tried points give each side a value."""
        self.near = True
        """Whether every difference so far could come from rounded decimals."""

    def decide(self) -> Answer:
        polynomial = polynomials.differ(self.left, self.right)
        if polynomial is not None and not polynomial[1]:
            return confirmed()
        collections = {"tuple", "set", "matrix", "ioo", "icc", "ioc", "ico", "union", "intersect"}
        if not collections.isdisjoint(heads(self.left) | heads(self.right)):
            return self._by_parts()
        trial = self.domain.points(["=", self.left, self.right])
        differing = self._try_points(trial, _FIRST_POINTS)
        if differing is None and self._has_points() and self._zero(self.domain.builder()):
            return confirmed()
        differing = differing or self._try_points(trial, MAX_POINTS)
        if differing is not None:
            return differing
        if not self._has_points():
            return undecided("undefined", "no point was found at which both sides have a value")
        return self._prove()

    def _has_points(self) -> bool:
        """Say whether the sides have values somewhere; equations among the givens may leave no point to find."""
        return bool(self.agreed or self.domain.equations)

    def _by_parts(self) -> Answer:
        left, right = self.left, self.right
        if left[0] != right[0] or left[0] not in ("tuple", "matrix") or len(left) != len(right):
            return undecided("unsupported", "these collections of expressions are not compared")
        pairs = zip(left[1:], right[1:], strict=True)
        parts = [_decide(["=", a, b], self.domain, self.settings) for a, b in pairs]
        return first(["refuted", "undecided", "confirmed"], parts)

    def _try_points(self, trial: Iterator[Point], enough: int) -> Answer | None:
        """Compare the sides at trial points; return a refutation, or None if they agree wherever both have values."""
        worst: Answer | None = None
        for point in trial:
            values = self._values(point)
            if values is None:
                continue
            found = self._compare(point, *values)
            if found is not None:
                worst = worst or found
                if not self._decimal() or not self.near:
                    return worst
            else:
                self.agreed.append(point)
            if len(self.agreed) >= enough or monotonic() > self.settings.until:
                break
        if worst is not None and self._decimal() and worst.outcome == "refuted":
            return undecided("rounding", f"rounded coefficients may explain it: {worst.witness}", worst.computed)
        return worst

    def _decimal(self) -> bool:
        return any(n[0] == "num" and "/" in n[1] for n in walk(self.statement))

    def _values(self, point: Point) -> tuple[Value, Value] | None:
        run = Evaluation(names=point, reading=self.reading)
        found: list[Value | None] = []
        for place, side in enumerate((self.left, self.right)):
            try:
                found.append(run.value(side))
                self.defined[place] += 1
            except (Undefined, Uncertain, TooLarge):
                found.append(None)
        left, right = found
        return None if left is None or right is None else (left, right)

    def _compare(self, point: Point, left: Value, right: Value) -> Answer | None:
        run = Evaluation(names=point, reading=self.reading)
        same, gap = compare(run, left, right)
        if same is not False:
            return None
        limit = max(self.settings.tolerance or Fraction(0), self.settings.slack or Fraction(0))
        if self.statement[0] == "~" and not limit:
            return undecided("ambiguous", "how near counts as equal is not said")
        if gap is not None and limit and en.below(limit, gap, run.prec) is False:
            return undecided("rounding", "the difference is within what rounding explains")
        self.near = self.near and _is_near(gap, left, run)
        if not self._backed(point):
            return undecided("unknown", "SymPy's closed form differs, but could not be checked by numbers")
        return refuted(self._words(point, left, right), self._computed())

    def _backed(self, point: Point) -> bool:
        values: dict[str, Tree] = {n: ["num", str(v)] for n, v in point.items()}
        return supported([Shortcut(put(s.part, values), put(s.value, values)) for s in self.resolver.shortcuts])

    def _words(self, point: Point, left: Value, right: Value) -> str:
        place = ", ".join(f"{n} = {about(v)}" for n, v in point.items())
        if self.derived:
            return f"at {place} the derivatives of the sides are {about(left)} and {about(right)}"
        return f"at {place} the left side is {about(left)}, the right side {about(right)}"

    def _computed(self) -> str | None:
        """Write the left side as the right side looks: factored if that is a product, else multiplied out."""
        try:
            if self.derived:
                return _antiderivative(self.statement, self.domain)
            if self.statement[2][0] not in ("*", "^") and (short := self._multiplied_out()) is not None:
                return text(short)
            value = self.resolver.builder.expression(self.left)
            if value.is_rational_function() and prove.terms(value) < 60:
                wanted = sympy.factor if self.statement[2][0] in ("*", "^") else sympy.cancel
                value = wanted(value)
            elif self.statement[1][0] not in ("diff", "sum", "prod"):
                value = prove.expanded(value)
            found = text(wire(value))
        except (*_STOPS, *prove.FAILURES):
            return None
        return found if len(found) <= 2 * SHOWN else None

    def _multiplied_out(self) -> Tree | None:
        """Write the left side as a polynomial, if it is one."""
        reader = polynomials.Quotients(sorted(names(self.left)))
        try:
            top, bottom = reader.read(self.left)
        except (*_STOPS,):
            return None
        if polynomials.degree(bottom) != 0 or len(top) > _SHOWN_TERMS:
            return None
        (factor,) = bottom.values()
        return reader.tree({m: c / factor for m, c in top.items()})

    def _prove(self) -> Answer:
        forced = _forced_positive([self.left, self.right])
        if forced and self.defined[0] == self.defined[1] and self._zero(self._with(forced, positive=True)):
            return confirmed()
        free = names(["=", self.left, self.right])
        whole = {n for n in free if all(p.get(n, Fraction(1, 2)).denominator == 1 for p in self.agreed)}
        if whole and self.agreed and self._zero(self._with(whole, integer=True)):
            return confirmed()
        plain = {n for n in free if n[0] not in _COMPLEX_NAMES}
        if self.domain.complex and self._zero(self._with(plain, real=True)):
            return confirmed()
        if self._zero(self._with(free, positive=True)):
            return undecided("ambiguous", "proved for positive values only")
        return undecided("unknown", "the sides agree at every point tried, but no proof was found")

    def _with(self, names_: set[str] | frozenset[str], **known: bool) -> Built:
        try:
            return self.domain.builder({n: known for n in names_})
        except Vacuous:
            return self.domain.builder()

    def _zero(self, builder: Built) -> bool:
        if monotonic() > self.settings.until:
            return False
        try:
            value = builder.expression(["+", self.left, ["neg", self.right]])
            equations = [builder.expression(["+", e[1], ["neg", e[2]]]) for e in self.domain.equations]
            return _follows(value, equations) or prove.is_zero(value, self.settings.until)
        except prove.FAILURES:
            return False


def _is_near(gap: en.Real | None, left: Value, run: Evaluation) -> bool:
    try:
        return gap is not None and en.below(gap, en.mul(_NEAR, run.size(left), run.prec), run.prec) is True
    except Uncertain:
        return False


def _derived(statement: Tree, domain: Domain) -> list[Tree] | None:
    """Differentiate both sides where an indefinite integral occurs: equal up to a constant is what is meant."""
    variables = {n[2][1] for n in walk(statement) if n[0] == "int" and len(n) == 3 and n[2][0] == "sym"}
    if not variables:
        return None
    if len(variables) > 1:
        raise Unsupported("indefinite integrals in several variables")
    builder = domain.builder()
    variable = builder.symbol(variables.pop())
    return [wire(sympy.diff(builder.expression(a), variable)) for a in statement[1:]]


def _antiderivative(statement: Tree, domain: Domain) -> str | None:
    """Integrate where that is quick and sure: a polynomial."""
    left = statement[1]
    if left[0] != "int" or len(left) != 3:
        return None
    builder = domain.builder()
    integrand, variable = builder.expression(left[1]), builder.symbol(left[2][1])
    if not integrand.is_polynomial(variable):
        return None
    return text(wire(sympy.expand(sympy.integrate(integrand, variable))))


def _forced_positive(sides: list[Tree]) -> frozenset[str]:
    """Return the names that only have values where positive: ``x`` in ``sqrt(x)``, ``ln(3*x)``, ``x^(1/2)``."""
    found: set[str] = set()
    for node in (n for side in sides for n in walk(side)):
        if node[0] in ("sqrt", "ln", "log") or (node[0] == "^" and not names(node[2]) and node[2][0] == "/"):
            inside = node[1][1:] if node[1][0] == "*" else [node[1]]
            symbols = [n for n in inside if n[0] == "sym" and names(n)]
            numbers = [n for n in inside if n[0] == "num"]
            if len(symbols) == 1 and len(symbols) + len(numbers) == len(inside):
                found.add(symbols[0][1])
    return frozenset(found)


def _follows(value: Built, equations: list[Built]) -> bool:
    """Say whether ``value`` is zero wherever the polynomial ``equations`` hold (ideal membership)."""
    if not equations:
        return False
    symbols = sorted(set().union(value.free_symbols, *(e.free_symbols for e in equations)), key=str)
    top = sympy.fraction(sympy.together(value))[0]
    if len(symbols) > 4 or not all(e.is_polynomial(*symbols) for e in (top, *equations)):
        return False
    basis = sympy.groebner(equations, *symbols, order="grevlex")
    return bool(basis.contains(top))


def _other(statement: Tree, domain: Domain, settings: Settings) -> Answer:
    """Decide an inequality or a predicate that is said to hold in general."""
    resolver = Resolver(domain.builder())
    statement = (
        [statement[0], *(resolver.resolve(a) for a in statement[1:])] if statement[0] in RELATIONS else statement
    )
    tried = 0
    for point in domain.points(statement):
        run = Evaluation(names=point, reading="principal" if domain.complex else "real")
        try:
            found = points.holds(statement, run)
        except (NotReal, Undefined, Uncertain, TooLarge):
            continue
        tried += 1
        if found is False:
            place = ", ".join(f"{n} = {about(v)}" for n, v in point.items())
            return refuted(f"{shown(statement, 'the statement')} fails at {place}")
        if tried >= MAX_POINTS or monotonic() > settings.until:
            break
    if not tried:
        return undecided("undefined", "no point was found at which the statement has a value")
    if statement[0] in RELATIONS:
        return _proved_order(statement, domain)
    return _proved_by_residues(statement)


def _proved_order(statement: Tree, domain: Domain) -> Answer:
    """Prove an inequality in one name on the line, else from the sign that SymPy derives."""
    from sympy_line import Line, LineError

    head, left, right = statement
    conditions = domain.conditions
    free = names(statement).union(*(names(c) for c in conditions))
    if len(free) == 1 and not domain.whole:
        try:
            line = Line([statement, *conditions], next(iter(free)))
            failing = line.find(lambda truth: not truth[0] and all(truth[1:]), defined=(0,))
            if failing is not None:
                return refuted(f"{shown(statement, 'the statement')} fails at {failing}")
            return confirmed()
        except LineError:
            pass
    try:
        difference = domain.builder().expression(["+", left, ["neg", right]])
        if _has_sign(head, difference):
            return confirmed()
    except prove.FAILURES:
        pass
    return undecided("unknown", "it holds at every point tried, but no proof was found")


def _has_sign(head: str, difference: Built) -> bool:
    word = {">": "is_positive", ">=": "is_nonnegative", "<": "is_negative", "<=": "is_nonpositive", "!=": "is_nonzero"}
    forms = [difference, prove.expanded(difference)]
    if difference.is_rational_function() and prove.terms(difference) < 60:
        forms.append(sympy.factor(difference))
    return any(getattr(f, word[head]) for f in forms)


def _proved_by_residues(statement: Tree) -> Answer:
    """Prove divisibility of integer polynomials by trying every residue."""
    free = sorted(names(statement))
    modulus = {"even": 2, "odd": 2, "cong": _plain_integer(statement[-1]), "divides": _plain_integer(statement[1])}.get(
        statement[0]
    )
    body = statement[2] if statement[0] == "divides" else statement[1]
    others = [statement[2]] if statement[0] == "cong" else []
    if (
        not modulus
        or modulus ** len(free) > _MAX_RESIDUES
        or not all(_is_integer_polynomial(t) for t in (body, *others))
    ):
        return undecided("unknown", "it holds at every point tried, but no proof was found")
    for residues in product(range(modulus), repeat=len(free)):
        # 0^0 cannot occur: exponents are positive numbers
        point = {n: Fraction(r) for n, r in zip(free, residues, strict=True)}
        if not points.holds(statement, Evaluation(names=point)):
            return refuted(f"it fails at {', '.join(f'{n} = {v}' for n, v in point.items())}")
    return confirmed()


def _plain_integer(tree: Tree) -> int:
    return int(tree[1]) if tree[0] == "num" and tree[1].isdigit() else 0


def _is_integer_polynomial(tree: Tree) -> bool:
    head = tree[0]
    if head == "num":
        return bool(tree[1].isdigit())
    if head == "sym":
        return bool(names(tree))
    if head == "^":
        return _plain_integer(tree[2]) > 0 and _is_integer_polynomial(tree[1])
    return head in ("+", "*", "neg") and all(_is_integer_polynomial(a) for a in tree[1:])


__all__ = ["decide", "has_name"]
