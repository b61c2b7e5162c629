"""Decide closed claims about exact rational numbers, tuples and finite sets in process: the fast path.

A claim that needs more (irrational numbers, free names, calculus) is handed back as None for a worker to decide.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd
from time import perf_counter
from typing import Final

from genverify.claims.grammar import RELATIONS, App, Expr, Num, Sym, parse
from genverify.errors import GrammarError
from genverify.tools.rational import (
    NoValueError,
    Number,
    Value,
    evaluate,
    has_other_reading,
    is_prime,
    number,
    whole,
)
from genverify.tools.shown import (
    equality_witness,
    order_witness,
    predicate_witness,
    short,
    value_text,
)
from genverify.types import Check, Claim, ClaimKind, Outcome, Reason


@dataclass(frozen=True, slots=True)
class _Verdict:
    outcome: Outcome
    reason: Reason | None = None
    witness: str = ""
    computed: str | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    """How near is equal, and which reading of two-faced notation is taken."""

    tolerance: Fraction | None
    slack: Fraction | None
    other_reading: bool = False


_YES: Final = _Verdict(Outcome.CONFIRMED)
_NONE: Final = Fraction(0)
_COMPUTED_CHARS: Final = 200  # a longer value corrects nothing a person could read


def decide(claim: Claim) -> Check | None:
    """Decide ``claim`` if it is closed exact arithmetic, else return None.

    Raises:
        ValueError: the claim's ``tolerance`` or ``slack`` is not an exact number.
    """
    if claim.kind is not ClaimKind.RELATION and claim.kind is not ClaimKind.IDENTITY:
        return None
    start = perf_counter()
    verdict = _decide(claim)
    if verdict is None:
        return None
    wall_s = perf_counter() - start
    return Check(claim, "exact", verdict.outcome, verdict.reason, verdict.witness, verdict.computed, wall_s)


def _decide(claim: Claim) -> _Verdict | None:
    try:
        expr = parse(claim.statement)
    except GrammarError as error:
        return _Verdict(Outcome.UNDECIDED, Reason.UNSUPPORTED, f"not in the formal language: {error}"[:300])
    rule = _Rule(_exact(claim.tolerance), _exact(claim.slack))
    try:
        verdict = _truth(expr, rule)
        if verdict.outcome is not Outcome.CONFIRMED and has_other_reading(claim.statement):
            return _unless_otherwise(expr, rule, verdict)
    except NoValueError:  # only the reason None gets here: a worker may know
        return None
    return verdict


def _unless_otherwise(expr: Expr, rule: _Rule, verdict: _Verdict) -> _Verdict:
    other = _truth(expr, _Rule(rule.tolerance, rule.slack, other_reading=True))
    if other.outcome is Outcome.CONFIRMED:
        return _Verdict(Outcome.UNDECIDED, Reason.AMBIGUOUS, "it holds under the other reading of n!! or mod")
    return verdict


@lru_cache(maxsize=256)
def _exact(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _truth(expr: Expr, rule: _Rule) -> _Verdict:
    """Decide a statement; a part that has no value makes it undecided with the reason.

    Raises:
        NoValueError: a worker may decide it (the error's reason is None).
    """
    try:
        if isinstance(expr, App):
            if expr.head in RELATIONS:
                return _relation(expr, rule)
            if expr.head in _CONNECTIVES:
                return _connective(expr, rule)
            return _predicate(expr, rule)
    except NoValueError as error:
        if error.reason is None:
            raise
        return _Verdict(Outcome.UNDECIDED, error.reason, error.why)
    if isinstance(expr, Sym) and expr.name in ("true", "false"):
        return _YES if expr.name == "true" else _Verdict(Outcome.REFUTED, None, "the statement is false")
    if isinstance(expr, Num):
        return _Verdict(Outcome.UNDECIDED, Reason.UNSUPPORTED, "a number alone claims nothing")
    raise NoValueError(None, "a free name")


_CONNECTIVES: Final = frozenset({"and", "or", "not", "->", "<->", "xor"})


def _connective(expr: App, rule: _Rule) -> _Verdict:
    parts = [_truth(a, rule) for a in expr.args]
    match expr.head:
        case "and":
            return _all_of(parts)
        case "or":
            return _any_of(parts)
        case "->":
            return _any_of([_negated(parts[0], expr.args[0]), parts[1]])
        case "not":
            return _negated(parts[0], expr.args[0])
        case _:
            return _same_truth(parts, expr.head == "<->")


def _all_of(parts: list[_Verdict]) -> _Verdict:
    for wanted in (Outcome.REFUTED, Outcome.UNDECIDED):
        for part in parts:
            if part.outcome is wanted:
                return _Verdict(part.outcome, part.reason, part.witness)
    return _YES


def _any_of(parts: list[_Verdict]) -> _Verdict:
    for wanted in (Outcome.CONFIRMED, Outcome.UNDECIDED):
        for part in parts:
            if part.outcome is wanted:
                return _Verdict(part.outcome, part.reason, part.witness)
    return _Verdict(Outcome.REFUTED, None, "; ".join(p.witness for p in parts if p.witness)[:300])


def _negated(part: _Verdict, expr: Expr) -> _Verdict:
    if part.outcome is Outcome.CONFIRMED:
        return _Verdict(Outcome.REFUTED, None, f"{short(expr, 'the denied statement')} holds")
    return _YES if part.outcome is Outcome.REFUTED else part


def _same_truth(parts: list[_Verdict], same: bool) -> _Verdict:
    for part in parts:
        if part.outcome is Outcome.UNDECIDED:
            return part
    if (parts[0].outcome is parts[1].outcome) is same:
        return _YES
    words = "one side holds and the other does not" if same else "both sides hold or both fail"
    return _Verdict(Outcome.REFUTED, None, words)


def _relation(expr: App, rule: _Rule) -> _Verdict:
    left = evaluate(expr.args[0], rule.other_reading)
    right = evaluate(expr.args[1], rule.other_reading)
    head = expr.head
    if head in ("=", "~", "!="):
        same = _same(left, right, rule, approximate=head == "~")
        if head == "!=" and same is True and left != right:
            same = Reason.ROUNDING  # they differ, but by no more than rounding may have made of equal numbers
        text = value_text(left)
        computed = None if head == "!=" or len(text) > _COMPUTED_CHARS else text
        return _equality(expr, same, left, right, computed)
    if isinstance(left, tuple | frozenset) or isinstance(right, tuple | frozenset):
        return _Verdict(Outcome.UNDECIDED, Reason.UNSUPPORTED, "an order between tuples or sets")
    if _holds(head, left, right):
        return _YES
    gap = Fraction(left) - Fraction(right)
    limit = max(rule.tolerance or _NONE, rule.slack or _NONE)
    if limit and abs(gap) <= limit:
        return _Verdict(Outcome.UNDECIDED, Reason.ROUNDING, "the sides differ by less than rounding explains")
    return _Verdict(Outcome.REFUTED, None, order_witness(expr, left, right))


def _holds(head: str, left: Number, right: Number) -> bool:
    match head:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def _equality(expr: App, same: bool | Reason, left: Value, right: Value, computed: str | None) -> _Verdict:
    if isinstance(same, Reason):
        return _Verdict(Outcome.UNDECIDED, same, _WHY_UNSURE[same], computed)
    if same is (expr.head != "!="):
        return _Verdict(Outcome.CONFIRMED, None, "", computed)
    return _Verdict(Outcome.REFUTED, None, equality_witness(expr, left, right), computed)


_WHY_UNSURE: Final = {
    Reason.ROUNDING: "the difference is within what rounding explains",
    Reason.UNSUPPORTED: "a number, a tuple and a set are not compared with one another",
    Reason.AMBIGUOUS: "how near counts as approximately equal is not said",
}


def _same(left: Value, right: Value, rule: _Rule, approximate: bool) -> bool | Reason:
    """Compare two values: True, False, or why it cannot be told."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and _every(
            _same(a, b, rule, approximate) for a, b in zip(left, right, strict=True)
        )
    if isinstance(left, frozenset) and isinstance(right, frozenset):
        return _same_set(list(left), list(right), rule, approximate)
    if isinstance(left, tuple | frozenset) or isinstance(right, tuple | frozenset):
        return Reason.UNSUPPORTED
    if left == right:
        return True
    if rule.tolerance is not None or rule.slack is not None:
        gap = abs(Fraction(left) - Fraction(right))
        if gap <= (rule.tolerance or _NONE):
            return True
        if gap <= (rule.slack or _NONE):
            return Reason.ROUNDING
    return Reason.AMBIGUOUS if approximate and rule.tolerance is None else False


def _same_set(left: list[Value], right: list[Value], rule: _Rule, approximate: bool) -> bool | Reason:
    """Each member of one set has its equal in the other; order and repetition do not matter."""
    if frozenset(left) == frozenset(right):
        return True
    return _every(
        _some(_same(a, b, rule, approximate) for b in ones)
        for others, ones in ((left, right), (right, left))
        for a in others
    )


def _every(results: Iterable[bool | Reason]) -> bool | Reason:
    found = list(results)
    if any(r is False for r in found):
        return False
    return next((r for r in found if isinstance(r, Reason)), True)


def _some(results: Iterable[bool | Reason]) -> bool | Reason:
    found = list(results)
    if any(r is True for r in found):
        return True
    return next((r for r in found if isinstance(r, Reason)), False)


def _predicate(expr: App, rule: _Rule) -> _Verdict:
    test = _PREDICATES.get(expr.head)
    if test is None:
        raise NoValueError(None, f"{expr.head} is not decided here")
    values = [evaluate(a, rule.other_reading) for a in expr.args]
    result = test(values, rule)
    if isinstance(result, Reason):
        return _Verdict(Outcome.UNDECIDED, result, _WHY_UNSURE[result])
    return _YES if result else _Verdict(Outcome.REFUTED, None, predicate_witness(expr, values))


def _prime(values: list[Value], _: _Rule) -> bool:
    n = number(values[0])
    return isinstance(n, int) and is_prime(n)


def _divides(values: list[Value], _: _Rule) -> bool:
    divisor, value = whole(values[0]), whole(values[1])
    if divisor == 0:
        raise NoValueError(Reason.UNDEFINED, "divisibility by zero")
    return value % divisor == 0


def _congruent(values: list[Value], _: _Rule) -> bool:
    left, right, modulus = Fraction(number(values[0])), Fraction(number(values[1])), whole(values[2])
    if modulus == 0 or gcd(left.denominator * right.denominator, modulus) != 1:
        raise NoValueError(Reason.UNDEFINED, "a congruence modulo zero, or a fraction that has no inverse")
    return (left - right).numerator % modulus == 0  # a/b means a times the inverse of b


def _member(values: list[Value], rule: _Rule) -> bool | Reason:
    return _some(_same(values[0], item, rule, approximate=False) for item in _members(values[1]))


def _subset(values: list[Value], rule: _Rule) -> bool | Reason:
    return _every(_member([item, values[1]], rule) for item in _members(values[0]))


def _members(value: Value) -> frozenset[Value]:
    if isinstance(value, frozenset):
        return value
    raise NoValueError(None, "membership in what is not a finite set")


_PREDICATES: Final[dict[str, Callable[[list[Value], _Rule], bool | Reason]]] = {
    "prime": _prime,
    "even": lambda values, _: number(values[0]) % 2 == 0,
    "odd": lambda values, _: number(values[0]) % 2 == 1,
    "integer": lambda values, _: isinstance(number(values[0]), int),
    "divides": _divides,
    "cong": _congruent,
    "in": _member,
    "subset": _subset,
}
