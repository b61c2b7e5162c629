"""Errors to plant in a solved word problem, each of a named kind, as people and models make them (SPC, methods F11.5).

================== ===================================================================================================
kind               what is wrong
================== ===================================================================================================
wrong_operation    another operation than the words ask for
wrong_operand      another quantity of the problem in the place of the right one; a relation left out
misread_number     a number of the problem with a digit changed, or a neighbour of it
slip               the arithmetic is off by little
carry              the arithmetic is off by a power of ten
dropped_term       one of the things to be added or multiplied is left out
unit               a conversion left out, turned round, or done with the wrong number
percent_number     a percentage taken as an amount
percent_base       a percentage of something else
inverted_ratio     a division the wrong way round, or times for divided by
double_count       something is counted twice
needless_operation something is added to, taken from or multiplied into what was done already
unjustified_leap   a value that nothing leads to
stops_early        a step is missing before the answer
wrong_answer       the answer is not what was computed
================== ===================================================================================================
"""

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from genverify.data.algebra.plan import Fault, Route, needed
from genverify.data.algebra.terms import (
    PERCENT,
    SHARE,
    Const,
    Noun,
    Op,
    Quantity,
    Term,
    evaluate,
    fits,
    paths,
    quantities,
    replaced,
)

WEIGHTS: Final = {
    "wrong_operation": 4.0, "wrong_operand": 5.0, "misread_number": 3.5, "slip": 2.5, "carry": 1.0,
    "dropped_term": 2.5, "unit": 2.5, "percent_number": 2.0, "percent_base": 2.5, "inverted_ratio": 1.5,
    "double_count": 1.2, "needless_operation": 1.5, "unjustified_leap": 1.5, "stops_early": 2.0, "wrong_answer": 0.8,
}  # fmt: skip
"""How often a kind is chosen where it can be had, relative to the others: wrong quantities and relations before slips,
as in the errors that people marked in real solutions."""


def faults(rng: random.Random, story: Sequence[Quantity], asked: Quantity, way: Route) -> Iterator[Fault]:
    """Yield errors, in an order drawn by their weights; whether one changes anything is for the caller to see."""
    by_kind: dict[str, list[Fault]] = {}
    for fault in _candidates(rng, story, asked, way):
        by_kind.setdefault(fault.kind, []).append(fault)
    while by_kind:
        kinds = sorted(by_kind)
        kind = rng.choices(kinds, [WEIGHTS[k] for k in kinds])[0]
        options = by_kind[kind]
        yield options.pop(rng.randrange(len(options)))
        if not options:
            del by_kind[kind]


def _candidates(rng: random.Random, story: Sequence[Quantity], asked: Quantity, way: Route) -> Iterator[Fault]:
    chain = [q for q in needed(asked) if q.index not in way.fold]
    known = {q.index: q.value for q in story}
    for quantity in chain:
        term = way.term(quantity)
        before = [q for q in story if q.how is None or (q.index < quantity.index and q in chain)]
        wrong = list(_wrong_terms(rng, term, before))
        for kind, how in wrong:
            yield Fault(kind, quantity.index, how)
        yield from _misread(rng, quantity, term)
        yield from _off(rng, quantity)
        yield from _leaps(quantity, [how for _, how in wrong], known)
    for part in dict.fromkeys(q for step in chain for q in quantities(way.term(step))):
        taken = _misreading(rng, part.value)
        if part.how is None and part.says and taken != part.value and fits(taken, part.noun):
            yield Fault("misread_number", -1 - part.index, misread=(part.index, taken))
    if len(chain) > 1:
        if chain[-2].noun.before == asked.noun.before:
            yield Fault("stops_early", asked.index)
        for other in chain[:-1]:
            if other.noun == asked.noun and other.value != asked.value:
                yield Fault("wrong_answer", asked.index, result=other.value)
    yield Fault("wrong_answer", asked.index, result=_misreading(rng, asked.value))


def _wrong_terms(rng: random.Random, term: Term, before: Sequence[Quantity]) -> Iterator[tuple[str, Term]]:
    """Yield computations that are wrong in one place, with the kind of error."""
    has = set(quantities(term))
    for path, part in paths(term):
        if isinstance(part, Op):
            for kind, new in (*_operations(part), *_dropped(part), *_units(part)):
                yield kind, replaced(term, path, new)
        if isinstance(part, Quantity):
            kind = "percent_base" if _under_percent(term, path) else "wrong_operand"
            others = (q for q in before if q not in has and _alike(q, part))
            yield from ((kind, replaced(term, path, q)) for q in others if q.noun == part.noun or rng.random() < 0.3)
    if isinstance(term, Op):
        yield from _too_much(rng, term, before)


def _too_much(rng: random.Random, term: Op, before: Sequence[Quantity]) -> Iterator[tuple[str, Term]]:
    if term.sign == "+":
        for arg in term.args:
            yield "double_count", Op("+", (*term.args, arg))
    if before:
        other = rng.choice(before)
        if other.noun not in (PERCENT, SHARE):
            signs = "+-" if other.noun == _noun(term) else "*"
            yield "needless_operation", Op(rng.choice(signs), (term, other))


def _noun(term: Term) -> Noun | None:
    """Return the noun of the first quantity of ``term``: what a reader takes its value for."""
    first = next(quantities(term), None)
    return first.noun if first else None


def _under_percent(term: Term, path: tuple[int, ...]) -> bool:
    if not path:
        return False
    above = term
    for at in path[:-1]:
        above = above.args[at]  # type: ignore[attr-defined]
    return isinstance(above, Op) and above.sign == "%" and path[-1] == 1


def _alike(other: Quantity, part: Quantity) -> bool:
    """Tell whether a reader could take ``other`` for ``part``: the same sort of number."""
    if PERCENT in (other.noun, part.noun) or SHARE in (other.noun, part.noun):
        return other.noun is part.noun
    return other.noun.before == part.noun.before


def _operations(part: Op) -> Iterator[tuple[str, Op]]:
    first, *rest = part.args
    if part.sign == "+":
        if len(part.args) == 2:
            yield "wrong_operation", Op("-", part.args)
            yield "wrong_operation", Op("-", (rest[0], first))
            if not _same_sort(first, rest[0]):
                yield "wrong_operation", Op("*", part.args)
    elif part.sign == "-":
        yield "wrong_operation", Op("+", part.args)
        yield "wrong_operation", Op("-", (rest[0], first))
    elif part.sign == "*":
        if len(part.args) == 2:
            yield "wrong_operation", Op("+", part.args)
            yield "inverted_ratio", Op("/", part.args)
            yield "inverted_ratio", Op("/", (rest[0], first))
    elif part.sign == "/":
        yield "inverted_ratio", Op("/", (rest[0], first))
        yield "inverted_ratio", Op("*", part.args)
        yield "wrong_operation", Op("-", part.args)


def _same_sort(one: Term, other: Term) -> bool:
    return isinstance(one, Quantity) and isinstance(other, Quantity) and one.noun == other.noun


def _dropped(part: Op) -> Iterator[tuple[str, Term]]:
    if part.sign in "+*" and len(part.args) > 2:
        for at in range(len(part.args)):
            yield "dropped_term", Op(part.sign, part.args[:at] + part.args[at + 1 :])
    elif part.sign in "+-":
        yield "dropped_term", part.args[0]
        if part.sign == "+":
            yield "dropped_term", part.args[1]
    elif part.sign in "*/" and not any(isinstance(a, Const) and a.unit for a in part.args):
        yield "wrong_operand", part.args[0]
        if part.sign == "*":
            yield "wrong_operand", part.args[1]


def _units(part: Op) -> Iterator[tuple[str, Term]]:
    if part.sign == "%":
        yield "percent_number", part.args[0]
        yield "percent_number", Op("/", (part.args[1], part.args[0]))
        return
    for at, arg in enumerate(part.args):
        if isinstance(arg, Const) and arg.unit:
            rest = part.args[:at] + part.args[at + 1 :]
            yield "unit", rest[0] if len(rest) == 1 else Op(part.sign, rest)
            yield "unit", Op({"*": "/", "/": "*"}.get(part.sign, part.sign), part.args)
            for wrong in (10, 100, 1000):
                yield "unit", Op(part.sign, (*part.args[:at], Const(Fraction(wrong)), *part.args[at + 1 :]))


def _misread(rng: random.Random, quantity: Quantity, term: Term) -> Iterator[Fault]:
    for part in quantities(term):
        if part.how is None:
            for _ in range(2):
                other = _misreading(rng, part.value)
                if other != part.value and fits(other, part.noun):
                    yield Fault("misread_number", quantity.index, misread=(part.index, other))


def _misreading(rng: random.Random, value: Fraction) -> Fraction:
    """Return a number that can be taken for ``value``: a digit other, two digits swapped, a neighbour, a zero more."""
    if value.denominator != 1:
        return value + rng.choice((1, -1, 2)) * (1 if value > 3 else Fraction(1, value.denominator))
    digits = list(str(value.numerator))
    way = rng.random()
    if way < 0.3 and len(set(digits)) > 1:
        at = rng.randrange(len(digits) - 1)
        digits[at], digits[at + 1] = digits[at + 1], digits[at]
    elif way < 0.65:
        at = rng.randrange(len(digits))
        digits[at] = rng.choice("123456789")
    elif way < 0.75:
        digits = digits[:-1] if len(digits) > 2 and digits[-1] == "0" else [*digits, "0"]
    else:
        return value + rng.choice((1, -1, 2, -2, 5, 10))
    return Fraction(int("".join(digits)))


def _off(rng: random.Random, quantity: Quantity) -> Iterator[Fault]:
    """Yield results off by little, and off by a power of ten."""
    unit = 1 if quantity.value.denominator == 1 else Fraction(1, 10)
    small = [Fraction(n) * unit for n in (1, -1, 2, -2, 3, 5, 9, -9)]
    tens = [Fraction(n) for n in (10, -10, 100, -100, 20) if abs(n) < quantity.value]
    for kind, shifts in (("slip", small), ("carry", tens)):
        for shift in rng.sample(shifts, min(2, len(shifts))):
            yield Fault(kind, quantity.index, shift=shift)


def _leaps(quantity: Quantity, wrong: Sequence[Term], known: dict[int, Fraction]) -> Iterator[Fault]:
    """Yield values that are stated outright, those of wrong computations."""
    for how in wrong[:4]:
        try:
            value = evaluate(how, known)
        except (ZeroDivisionError, KeyError):
            continue
        if fits(value, quantity.noun):
            yield Fault("unjustified_leap", quantity.index, result=value)
