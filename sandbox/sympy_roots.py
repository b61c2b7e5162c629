"""Decide a list of solutions: put each back into the equations, then look for solutions that the list lacks."""

from dataclasses import dataclass
from fractions import Fraction
from time import monotonic
from typing import Final

import enclosure as en
import polynomials
import prove
import sympy
import sympy_identity
import sympy_relations
from answers import Answer, Settings, confirmed, first, refuted, undecided
from enclosure import TooLarge, Uncertain, Undefined, Unsupported
from numeric import Evaluation
from sympy.solvers.solveset import NonlinearError
from sympy_build import Builder
from sympy_line import Line, LineError, Piece, number_words
from sympy_print import wire
from sympy_words import shown
from trees import Built, Tree, has_name, names, put, walk

_STOPS: Final = (Undefined, Unsupported, TooLarge, Uncertain)
_MAX_SOLUTIONS: Final = 12
_NEAR: Final = Fraction(1, 50)
"""Relative distance from a solution that rounded decimals in the equations explain."""
Assignment = dict[str, Tree]


@dataclass(frozen=True, slots=True)
class Listed:
    """The solutions that a statement lists."""

    assignments: tuple[Assignment, ...]
    closed: bool
    """Whether the statement says that these are all: written ``in(x, {1, 2})``."""


def listed(statement: Tree) -> Listed | None:
    """Read ``x = 1 | x = 2``, ``(x = 1 & y = 2) | ...``, ``in(x, {1, 2})`` or ``in((x, y), {(1, 2)})``."""
    if statement[0] == "in" and statement[2][0] == "set":
        found = [_zipped(statement[1], member) for member in statement[2][1:]]
    else:
        parts = statement[1:] if statement[0] == "or" else [statement]
        found = [_assignment(part) for part in parts]
    kept = [a for a in found if a is not None]
    if not kept or len(kept) != len(found) or len(kept) > _MAX_SOLUTIONS:
        return None
    return Listed(tuple(kept), statement[0] == "in")


def _zipped(target: Tree, member: Tree) -> Assignment | None:
    if target[0] == "sym" and names(target):
        return {target[1]: member}
    if target[0] == member[0] == "tuple" and len(target) == len(member) and all(t[0] == "sym" for t in target[1:]):
        return {t[1]: m for t, m in zip(target[1:], member[1:], strict=True)}
    return None


def _assignment(part: Tree) -> Assignment | None:
    found: Assignment = {}
    for equation in part[1:] if part[0] == "and" else [part]:
        if equation[0] not in ("=", "~"):
            return None
        left, right = equation[1:]
        if left[0] != "sym" or not names(left):
            left, right = right, left
        if left[0] != "sym" or left[1] in names(right) or not names(left):
            return None
        if left == ["tuple"] or left[1] in found:
            return None
        found[left[1]] = right
    return found


def decide(statement: Tree, givens: list[Tree], settings: Settings) -> Answer:
    """Decide whether ``statement`` lists the solutions of ``givens``."""
    solutions = listed(statement)
    if settings.tolerance is None and any(n[0] == "~" for t in (statement, *givens) for n in walk(t)):
        return undecided("ambiguous", "how near counts as approximately equal is not said")
    if not givens:
        return undecided("unsupported", "no equation is given")
    try:
        if solutions is None:
            from sympy_equations import decide as rewritten

            return rewritten(statement, givens, settings)
        return _Roots(solutions, statement, givens, settings).decide()
    except _STOPS as error:
        return undecided(sympy_relations.reason_of(error), str(error))


class _Roots:
    def __init__(self, solutions: Listed, statement: Tree, givens: list[Tree], settings: Settings) -> None:
        self.solutions, self.statement, self.givens, self.settings = solutions, statement, givens, settings
        self.exact = Settings(until=settings.until)
        self.exact_known = False
        self.names = frozenset().union(*(names(g) for g in givens))
        self.complex = any(has_name(t, "I") for t in (statement, *givens))

    def decide(self) -> Answer:
        assigned = frozenset().union(*(a.keys() for a in self.solutions.assignments))
        if not assigned & self.names:
            return undecided("unsupported", "the solutions are about other names than the equations")
        if not self.names <= assigned:
            return self._partial(assigned)
        if len(self.names) == 1 and not self.complex:
            if self._all_rational():
                return confirmed()
            line = self._line()
            if line is not None:
                self.exact_known = True
                return self._against(line)
        answers = [self._satisfies(a) for a in self.solutions.assignments]
        found = first(["refuted", "undecided", "confirmed"], answers)
        return found if found.outcome != "confirmed" else self._complete()

    def _all_rational(self) -> bool:
        """Say whether the values are all the real roots of one polynomial, found by dividing them out."""
        (name,) = self.names
        if len(self.givens) != 1 or self.givens[0][0] != "=":
            return False
        reader = polynomials.Quotients((name,))
        try:
            rest = reader.difference(*self.givens[0][1:])
            values = [Evaluation().value(a[name]) for a in self.solutions.assignments]
        except _STOPS:
            return False
        if reader.divisors or polynomials.degree(rest) < 1:
            return False
        for value in values:
            if not isinstance(value, Fraction) or polynomials.at(rest, value) != 0:
                return False
            rest = polynomials.without_root(rest, value)
        return polynomials.has_no_real_root(rest)

    def _line(self) -> Line | None:
        try:
            return Line(self.givens, next(iter(self.names)))
        except LineError:
            return None

    def _against(self, line: Line) -> Answer:
        """Compare the listed values with the exact solution set on the real line."""
        name = line.name
        kept = [p for p in line.pieces if all(p.truth)]
        found = [self._matched(a[name], kept, name) for a in self.solutions.assignments]
        answer = first(["refuted", "undecided", "confirmed"], [f[0] for f in found])
        if answer.outcome == "refuted":
            return refuted(answer.witness, self._computed(kept, name))
        if answer.outcome != "confirmed":
            return answer
        matched = [f[1] for f in found]
        for piece in kept:
            if not piece.single:
                return undecided("ambiguous", f"other solutions such as {name} = {number_words(piece.point)} exist")
            if not any(piece is m for m in matched):
                return self._lacking(f"{name} = {number_words(piece.point)}", self._computed(kept, name))
        return confirmed()

    def _computed(self, kept: list[Piece], name: str) -> str | None:
        """List the true solutions in the formal language where each has a plain form."""
        if not kept or len(kept) > 4 or not all(p.single for p in kept):
            return None
        from sympy_print import text

        try:
            values = [text(wire(p.point)) for p in kept]
        except (*_STOPS, *prove.FAILURES):
            return None
        if self.solutions.closed:
            return f"in({name}, {{{', '.join(values)}}})"
        return " | ".join(f"{name} = {v}" for v in values)

    def _lacking(self, root: str, computed: str | None) -> Answer:
        if self.solutions.closed:
            return refuted(f"lost root {root}", computed)
        return undecided("ambiguous", f"lost root {root}", computed)

    def _matched(self, value: Tree, kept: list[Piece], name: str) -> tuple[Answer, Piece | None]:
        """Find the true solution that a listed value is, or is near enough to."""
        for piece in kept:
            if self._same(value, piece):
                return confirmed(), piece
        gaps = [(gap, p) for p in kept if p.single and (gap := _gap(value, p.point)) is not None]
        if gaps:
            gap, piece = min(gaps, key=lambda item: item[0])
            if self.settings.tolerance is not None and gap <= self.settings.tolerance:
                return confirmed(), piece
            written = _written_precision(value) if self.settings.tolerance is None else Fraction(0)
            coarse = _NEAR * abs(en.middle(Evaluation().real(value))) if self._decimals() else Fraction(0)
            if gap <= max(self.settings.slack or Fraction(0), written, coarse):
                return undecided("rounding", f"{name} = {number_words(piece.point)} rounded"), piece
        return self._satisfies({name: value}), None

    def _decimals(self) -> bool:
        """Say whether an equation holds decimals, which may be rounded."""
        return any(n[0] == "num" and "/" in n[1] for given in self.givens for n in walk(given))

    def _same(self, value: Tree, piece: Piece) -> bool:
        if piece.single:
            tree = ["=", value, wire(piece.point)]
            return sympy_relations.decide(tree, self.exact).outcome == "confirmed"
        return False

    def _satisfies(self, assignment: Assignment) -> Answer:
        """Put one listed solution back into every equation."""
        place = " and ".join(f"{n} = {shown(v, 'the value')}" for n, v in assignment.items())
        answers = []
        for given in self.givens:
            answer = sympy_identity.decide(put(given, assignment), [], self.exact)
            if answer.outcome == "refuted":
                words = f"{place} does not satisfy {shown(given, 'the equation')}: {answer.witness}"
                answer = undecided("rounding", words) if self._may_be_rounded(assignment) else refuted(words)
            elif answer.reason == "undefined":
                answer = undecided(
                    "undefined", f"{place} leaves a part of {shown(given, 'the equation')} without a value"
                )
            answers.append(answer)
        return first(["refuted", "undecided", "confirmed"], answers)

    def _may_be_rounded(self, assignment: Assignment) -> bool:
        """Say whether the values stand for nearby ones, where the exact solutions to compare with are not known."""
        if self.exact_known:
            return False
        written = any(_written_precision(v) for v in assignment.values())
        return written or bool(self.settings.tolerance or self.settings.slack)

    def _partial(self, assigned: frozenset[str]) -> Answer:
        """Decide values for some of the names: from a linear system, or as a formula in the others."""
        linear = self._linear()
        if linear is not None and len(self.solutions.assignments) == 1:
            return self._compared(linear, self.solutions.assignments[0])
        used = [names(v) for a in self.solutions.assignments for v in a.values()]
        if len(self.givens) > 1 or not all(used):
            return undecided("unknown", "the equations hold other names, too")
        answers = [self._satisfies(a) for a in self.solutions.assignments]
        found = first(["refuted", "undecided", "confirmed"], answers)
        return found if found.outcome != "confirmed" else self._complete_in(next(iter(assigned & self.names)))

    def _linear(self) -> dict[str, Built] | None:
        """Solve the givens where they are linear with exactly one solution."""
        if any(g[0] != "=" for g in self.givens):
            return None
        builder = Builder()
        try:
            equations = [builder.expression(["+", g[1], ["neg", g[2]]]) for g in self.givens]
            symbols = [builder.symbol(n) for n in sorted(self.names)]
            solved = sympy.linsolve(equations, symbols)
        except (NonlinearError, *prove.FAILURES):
            return None
        if len(solved) != 1:
            return None
        values = dict(zip(sorted(self.names), next(iter(solved)), strict=True))
        return None if any(v.free_symbols for v in values.values()) else values

    def _compared(self, solved: dict[str, Built], assignment: Assignment) -> Answer:
        answers = []
        for name, value in assignment.items():
            if name in solved:
                relation = ["=", value, wire(solved[name])]
                answer = sympy_relations.decide(relation, self.settings)
                if answer.outcome == "refuted":
                    number = number_words(solved[name])
                    answer = refuted(f"the equations give {name} = {number}, not {shown(value, 'this value')}")
                answers.append(answer)
        return first(["refuted", "undecided", "confirmed"], answers)

    def _complete(self) -> Answer:
        """Look for solutions beyond the listed ones, which all hold."""
        if len(self.names) > 1 and len(self.solutions.assignments) == 1 and self._linear() is not None:
            return confirmed()
        if len(self.names) == 1:
            return self._complete_in(next(iter(self.names)))
        return self._complete_system()

    def _complete_in(self, name: str) -> Answer:
        """Compare with all solutions for ``name`` of one equation, where SymPy can list them."""
        unsure = undecided("unknown", "each listed solution holds; whether there are others is not known")
        if len(self.givens) != 1 or self.givens[0][0] != "=" or monotonic() > self.settings.until:
            return unsure
        builder = Builder(not self.complex)
        symbol = builder.symbol(name)
        try:
            difference = builder.expression(["+", self.givens[0][1], ["neg", self.givens[0][2]]])
            top = sympy.fraction(sympy.together(difference))[0]
            domain = sympy.S.Complexes if self.complex else sympy.S.Reals
            if top.is_polynomial(symbol) and (top.free_symbols != {symbol} or self.complex):
                return self._by_degree(top, symbol, name)
            found = sympy.solveset(difference, symbol, domain)
        except prove.FAILURES:
            return unsure
        if not isinstance(found, sympy.FiniteSet):
            return unsure
        for root in found:
            relations: list[Tree] = [["=", a[name], wire(root)] for a in self.solutions.assignments]
            if not any(sympy_relations.decide(r, self.exact).outcome == "confirmed" for r in relations):
                if self._satisfies({name: wire(root)}).outcome != "confirmed":
                    return unsure
                return self._lacking(f"{name} = {number_words(root)}", None)
        return confirmed()

    def _by_degree(self, top: Built, symbol: Built, name: str) -> Answer:
        """Count: as many different listed solutions as the polynomial has different complex roots are all of them."""
        polynomial = sympy.Poly(top, symbol).sqf_part()
        builder = Builder(not self.complex)
        values = [builder.expression(a[name]) for a in self.solutions.assignments]
        different = all(not prove.is_zero(a - b, self.settings.until) for i, a in enumerate(values) for b in values[:i])
        if not different:
            return undecided("unknown", "a solution is listed twice")
        if polynomial.degree() == len(values):
            leading = polynomial.LC()
            # a formula that divides by the leading coefficient has no value where that is zero
            if leading.is_number or any(sympy.cancel(_bottom(v) / leading).is_number for v in values):
                return confirmed()
            return undecided("ambiguous", f"it holds unless {leading} = 0")
        return undecided("ambiguous", f"{polynomial.degree() - len(values)} more solutions exist, perhaps not real")

    def _complete_system(self) -> Answer:
        unsure = undecided("unknown", "each listed solution holds; whether there are others is not known")
        builder = Builder(not self.complex)
        if any(g[0] != "=" for g in self.givens) or len(self.givens) < len(self.names):
            return unsure
        try:
            equations = [builder.expression(["+", g[1], ["neg", g[2]]]) for g in self.givens]
            symbols = [builder.symbol(n) for n in sorted(self.names)]
            if not all(e.is_polynomial(*symbols) and sympy.total_degree(e) <= 3 for e in equations):
                return unsure
            solved = sympy.solve_poly_system(equations, *symbols)
        except (sympy.polys.polyerrors.BasePolynomialError, *prove.FAILURES):
            return unsure
        if not solved:
            return unsure
        kept = [s for s in solved if self.complex or all(v.is_real for v in s)]
        if len(kept) == len(self.solutions.assignments):
            return confirmed()
        for solution in kept:
            named = dict(zip(sorted(self.names), solution, strict=True))
            if (
                not self._is_listed(named)
                and self._satisfies({n: wire(v) for n, v in named.items()}).outcome == "confirmed"
            ):
                words = ", ".join(f"{n} = {number_words(v)}" for n, v in named.items())
                return self._lacking(words, None)
        return unsure

    def _is_listed(self, solution: dict[str, Built]) -> bool:
        return any(
            all(
                sympy_relations.decide(["=", a[n], wire(v)], self.exact).outcome != "refuted"
                for n, v in solution.items()
            )
            for a in self.solutions.assignments
        )


def _bottom(value: Built) -> Built:
    return sympy.fraction(sympy.together(value))[1]


def _gap(value: Tree, root: Built) -> Fraction | None:
    """Return about how far a listed value is from a root (to 40 digits)."""
    try:
        run = Evaluation()
        return abs(en.middle(run.real(value)) - en.middle(run.real(wire(root))))
    except _STOPS:
        return None


def _written_precision(value: Tree) -> Fraction:
    """Return one unit in the last decimal of a number that is written as a decimal, else 0."""
    inner = value[1] if value[0] == "neg" else value
    if inner[0] != "num" or "/" not in inner[1]:
        return Fraction(0)
    denominator, places = Fraction(inner[1]).denominator, 0
    while 10**places % denominator and places < 12:
        places += 1
    return Fraction(1, 10**places)
