"""Decide closed statements (no free names): enclosures refute, exact arithmetic and SymPy's rewriting prove."""

from fractions import Fraction
from typing import Final

import enclosure as en
import points
import prove
import separation
from answers import Answer, Settings, confirmed, first, refuted, undecided
from arithmetic import Complex, Value, compare, is_real
from enclosure import NotReal, TooLarge, Uncertain, Undefined, Unsupported
from numeric import Evaluation
from readings import others
from sympy_build import Builder
from sympy_calculus import Resolver, supported
from sympy_collections import COLLECTIONS, Collections
from sympy_print import number, text, wire
from sympy_words import SHOWN, difference, rounded, shown
from trees import CONNECTIVES, INTERVALS, RELATIONS, Tree, has_name, heads, infinite_sign

_PRECISIONS: Final = (200, 1200)
"""Bits of the enclosures: 60 digits tell almost any two numbers apart, 360 digits the rest worth waiting for."""


def decide(tree: Tree, settings: Settings) -> Answer:
    """Decide a closed statement; every way in which it cannot be decided is an answer, too."""
    try:
        if tree[0] in CONNECTIVES:
            return _connective(tree, settings)
        answer = _Closed(settings).decide(tree)
        return _unless_read_otherwise(answer, tree, settings) if answer.outcome == "refuted" else answer
    except (Undefined, Unsupported, TooLarge, Uncertain) as error:
        return undecided(reason_of(error), str(error))


def _unless_read_otherwise(answer: Answer, tree: Tree, settings: Settings) -> Answer:
    for other, words in others(tree):
        try:
            second = _Closed(settings).decide(other, told=False)
        except (Undefined, Unsupported, TooLarge, Uncertain):
            continue
        if second.outcome != "refuted":
            return undecided("ambiguous", f"it may hold {words}", answer.computed)
    return answer


def reason_of(error: Exception) -> str:
    """Return the reason (a value of ``types.Reason``) for what stopped a check."""
    if isinstance(error, Undefined):
        return "undefined"
    if isinstance(error, TooLarge):
        return "too_large"
    return "unsupported" if isinstance(error, Unsupported) else "unknown"


def _connective(tree: Tree, settings: Settings) -> Answer:
    parts = [decide(a, settings) for a in tree[1:]]
    match tree[0]:
        case "not":
            return _negated(parts[0], tree[1])
        case "->":
            return first(["confirmed", "undecided", "refuted"], [_negated(parts[0], tree[1]), parts[1]])
        case "and":
            return first(["refuted", "undecided", "confirmed"], parts)
        case "or":
            return first(["confirmed", "undecided", "refuted"], parts)
        case _:
            unsure = [p for p in parts if p.outcome == "undecided"]
            if unsure:
                return unsure[0]
            same = parts[0].outcome == parts[1].outcome
            return confirmed() if same is (tree[0] == "<->") else refuted("one part holds and the other does not")


def _negated(part: Answer, tree: Tree) -> Answer:
    if part.outcome == "confirmed":
        return refuted(f"{shown(tree, 'the denied statement')} holds")
    return confirmed() if part.outcome == "refuted" else Answer(part.outcome, part.reason, part.witness)


class _Closed:
    """Decides one relation or predicate without free names."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.builder = Builder()
        self.resolver = Resolver(self.builder)

    def decide(self, tree: Tree, told: bool = True) -> Answer:
        """Decide ``tree``; ``told`` adds to a refutation what the sides are."""
        if tree == ["sym", "true"]:
            return confirmed()
        if tree[0] not in RELATIONS:
            return self._predicate(tree)
        sides = [self.resolver.resolve(a) for a in tree[1:]]
        if any(not COLLECTIONS.isdisjoint(heads(a)) for a in sides):
            answer = Collections(self.numbers).relation(tree[0], sides[0], sides[1])
        else:
            answer = self.numbers(tree[0], sides[0], sides[1])
        return self._backed(self._told(answer, tree, sides) if told else answer)

    def _predicate(self, tree: Tree) -> Answer:
        inner = [tree[0], *(self.resolver.resolve(a) for a in tree[1:])]
        if tree[0] in ("subset", "in"):
            collections = Collections(self.numbers)
            return self._backed((collections.subset if tree[0] == "subset" else collections.member)(inner[1], inner[2]))
        for prec in _PRECISIONS:
            try:
                found = points.holds(inner, Evaluation(prec, reading="principal"))
            except Uncertain:
                continue
            if found is not None:
                answer = confirmed() if found else refuted(f"{shown(tree, 'the statement')} does not hold")
                return self._backed(answer)
        return undecided("unknown")

    def _backed(self, answer: Answer) -> Answer:
        """Let a refutation stand only where plain numbers agree with SymPy's limits, integrals and series."""
        if answer.outcome == "refuted" and not supported(self.resolver.shortcuts):
            return undecided("unknown", "SymPy's closed form differs, but could not be checked by numbers")
        return answer

    def _told(self, answer: Answer, tree: Tree, sides: list[Tree]) -> Answer:
        """Add the witness and the computed value to a bare answer."""
        if tree[0] == "!=" or answer.outcome != "refuted":
            return answer
        computed = self._computed(sides[0]) if tree[0] in ("=", "~") else None
        return refuted(answer.witness or difference(tree, sides, computed), computed)

    def _computed(self, side: Tree) -> str | None:
        """Write the value of the left side: to the claim's own precision where it has a tolerance, else exactly."""
        if self.settings.tolerance:
            return rounded(side, self.settings.tolerance)
        try:
            found = self._exact_text(side)
        except (Undefined, Unsupported, TooLarge, Uncertain, *prove.FAILURES):
            return None
        return found if len(found) <= 2 * SHOWN else None

    def _exact_text(self, side: Tree) -> str:
        if side[0] in ("set", "union", "intersect", *INTERVALS):
            return text(side)
        if side[0] not in COLLECTIONS and infinite_sign(side) == 0:
            value = Evaluation(reading="realroot").value(side)
            plain = self._rational(side, value)
            if plain is not None:
                return text(["num", str(plain)])
        value = self.builder.expression(side)
        return text(wire(value if value.is_Matrix else prove.expanded(value)))

    def _rational(self, side: Tree, value: Value) -> Fraction | None:
        """Return a rational value, exact or guessed from the enclosure and then proved."""
        if isinstance(value, Fraction):
            return value
        if isinstance(value, Complex):
            return None
        middle = en.middle(value)
        guess = middle.limit_denominator(10**6)
        if abs(guess - middle) > Fraction(1, 10**40):
            return None
        return guess if self.equal(side, number(guess)) else None

    def numbers(self, head: str, left: Tree, right: Tree) -> Answer:
        """Decide a relation between two numbers."""
        infinite = _infinities(head, left, right)
        if infinite is not None:
            return infinite
        if has_name(["tuple", left, right], "I"):
            return self._under("principal", head, left, right)
        try:
            return self._under("real", head, left, right)
        except NotReal:
            return self._beyond_reals(head, left, right)

    def _beyond_reals(self, head: str, left: Tree, right: Tree) -> Answer:
        """Decide where some part is not real: both readings of an odd root must agree, and so must being real."""
        values = [Evaluation(200, reading="principal").value(side) for side in (left, right)]
        first = self._under("principal", head, left, right)
        second = self._under("realroot", head, left, right)
        if first.outcome != second.outcome:
            return undecided("ambiguous", "it depends on whether the root is the real or the principal one")
        if first.outcome == "refuted" and len({is_real(v) for v in values}) == 2:
            return undecided("undefined", "one side is not a real number")
        return first

    def _under(self, reading: str, head: str, left: Tree, right: Tree) -> Answer:
        for prec in _PRECISIONS:
            try:
                run = Evaluation(prec, reading=reading)
                found = self._compared(head, run.value(left), run.value(right), run)
            except Uncertain:
                continue
            if found is not None:
                return found
        return self._proved(head, left, right)

    def _compared(self, head: str, left: Value, right: Value, run: Evaluation) -> Answer | None:
        """Decide from enclosures, or return None where they overlap."""
        near = self._nearness(head, left, right, run)
        if near is not None:
            return near
        found = points.relation(head, left, right, run)
        if found is None:
            return None
        return confirmed() if found else refuted("")

    def _nearness(self, head: str, left: Value, right: Value, run: Evaluation) -> Answer | None:
        """Apply tolerance and slack, which widen ``=`` and shield every relation from a hasty refutation."""
        tolerance, slack = self.settings.tolerance, self.settings.slack
        if head == "~" and tolerance is None:
            same = compare(run, left, right).same
            return None if same is not False else undecided("ambiguous", "how near counts as equal is not said")
        limit = max(tolerance or Fraction(0), slack or Fraction(0))
        gap = compare(run, left, right).gap
        if limit == 0 or gap is None:
            return None
        if head in ("=", "~") and tolerance and _at_most(gap, tolerance, run.prec):
            return confirmed()
        if not _at_most(gap, limit, run.prec):
            return None
        if head not in ("=", "~", "!=") and points.relation(head, left, right, run):
            return confirmed()
        return undecided("rounding", "the difference is within what rounding explains")

    def _proved(self, head: str, left: Tree, right: Tree) -> Answer:
        """Decide two numbers that no enclosure tells apart: prove them equal, or give up."""
        if not self.equal(left, right):
            return undecided("unknown", "the sides agree to many digits, but no proof was found")
        return confirmed() if head in ("=", "~", "<=", ">=") else refuted("both sides are equal")

    def equal(self, left: Tree, right: Tree) -> bool:
        """Say whether two numbers are proved equal."""
        difference: Tree = ["+", left, ["neg", right]]
        if separation.is_zero(difference):
            return True
        try:
            value = self.builder.expression(difference)
        except prove.FAILURES:
            return False
        return prove.is_zero(value, self.settings.until)


def _at_most(gap: en.Real, limit: Fraction, prec: int) -> bool:
    return en.below(limit, gap, prec) is False


def _infinities(head: str, left: Tree, right: Tree) -> Answer | None:
    """Compare with plus or minus infinity; None if both sides are finite."""
    signs = [infinite_sign(side) for side in (left, right)]
    if signs == [0, 0]:
        return None
    if head in ("=", "~", "!="):
        same = signs[0] == signs[1]
        return confirmed() if same is (head != "!=") else refuted("")
    if signs[0] == signs[1]:
        raise Undefined("an order between infinities")
    less = signs[0] < signs[1]
    return confirmed() if less is head.startswith("<") else refuted("")
