"""What the steps of a solved word problem say, before it is put into words: computations, restatements, the answer."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from genverify.data.algebra.terms import Op, Quantity, Term, Values, evaluate, quantities


class Act(StrEnum):
    """What a line of a solution does."""

    PLAN = "plan"
    """Says what is to be found; claims nothing."""
    RESTATE = "restate"
    """Repeats a number of the problem."""
    COMPUTE = "compute"
    """Computes a quantity."""
    LEAP = "leap"
    """States a quantity without saying where it comes from."""
    ANSWER = "answer"
    """States the final answer."""
    AGAIN = "again"
    """States it a second time, as models do in another form."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a step says."""

    act: Act
    quantity: Quantity
    """What it is about."""
    result: Fraction
    """The value that it gives, as it will be written."""
    right: Term | None = None
    """How it has to be computed; None where only its value counts."""
    how: Term | None = None
    """How it is computed here."""
    known: Values | None = None
    """The values of all quantities before this line, as the solution has them: what ``right`` is computed from."""
    used: Values | None = None
    """The values that ``how`` is computed from; other than ``known`` where a number is misread."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error to plant."""

    kind: str
    at: int
    """The index of the quantity whose line is wrong; for a wrong answer that of the quantity asked for; -1 - index
    where a number of the problem is repeated wrongly."""
    how: Term | None = None
    """The wrong computation; None where the right one is used."""
    misread: tuple[int, Fraction] | None = None
    """A quantity and the value that is read instead."""
    shift: Fraction = Fraction(0)
    """What is added to the result."""
    result: Fraction | None = None
    """The value that is stated outright."""


def needed(asked: Quantity) -> list[Quantity]:
    """Return the derived quantities that ``asked`` needs, each after those it needs itself."""
    found: dict[int, Quantity] = {}

    def visit(quantity: Quantity) -> None:
        if quantity.how is not None and quantity.index not in found:
            for part in quantities(quantity.how):
                visit(part)
            found[quantity.index] = quantity

    visit(asked)
    return sorted(found.values(), key=lambda q: q.index)


@dataclass(frozen=True, slots=True)
class Route:
    """A right way to the answer among several."""

    fold: frozenset[int]
    """Indexes of quantities that are not computed on their own, but within the one that needs them."""
    turned: frozenset[int] = frozenset()
    """Indexes of quantities whose sums and products are written the other way round."""

    def term(self, quantity: Quantity) -> Term:
        """Return how ``quantity`` is computed on this route."""
        term = unfolded(quantity, self.fold)
        if quantity.index in self.turned and isinstance(term, Op) and term.sign in "+*":
            return Op(term.sign, term.args[::-1])
        return term


def route(rng: random.Random, asked: Quantity) -> Route:
    """Draw a way to the answer."""
    turned = rng.choice((0, 0.2, 0.6))
    fold = foldable(rng, asked, rng.choice((0, 0, 0, 0.2, 0.5)))
    return Route(fold, frozenset(q.index for q in needed(asked) if rng.random() < turned))


def lines(everything: Sequence[Quantity], asked: Quantity, faults: Sequence[Fault], way: Route) -> list[Line]:
    """Return the computations and the answer, with ``faults``; what follows an error goes on from it.

    Args:
        everything: all quantities of the problem.
        asked: the quantity that is asked for.
        faults: errors, at most one at a quantity.
        way: the way to the answer.

    Raises:
        ZeroDivisionError: an error leads to it.
    """
    by_place = {fault.at: fault for fault in faults}
    known: dict[int, Fraction] = {q.index: q.value for q in everything if q.how is None}
    known |= dict(fault.misread for fault in faults if fault.at < 0 and fault.misread)
    made: list[Line] = []
    for quantity in needed(asked):
        if quantity.index in way.fold:
            continue
        right = way.term(quantity)
        fault = by_place.get(quantity.index)
        if fault is not None and fault.kind == "stops_early":
            return [*made, Line(Act.ANSWER, quantity, made[-1].result, right, None, dict(known))]
        line = _computed(quantity, right, dict(known), fault if fault and fault.kind != "wrong_answer" else None)
        known[quantity.index] = line.result
        made.append(line)
    end = by_place.get(asked.index)
    result = end.result if end and end.kind == "wrong_answer" and end.result is not None else known[asked.index]
    return [*made, Line(Act.ANSWER, asked, result, asked, None, dict(known))]


def _computed(quantity: Quantity, right: Term, known: Values, fault: Fault | None) -> Line:
    if fault is None:
        return Line(Act.COMPUTE, quantity, evaluate(right, known), right, right, known, known)
    if fault.result is not None:
        return Line(Act.LEAP, quantity, fault.result, right, None, known)
    used = {**known, fault.misread[0]: fault.misread[1]} if fault.misread else known
    how = fault.how or right
    return Line(Act.COMPUTE, quantity, evaluate(how, used) + fault.shift, right, how, known, used)


def is_wrong(line: Line) -> bool:
    """Tell whether the line is not what has to stand after the values it is given."""
    return line != right(line, line.known)[-1]


def mended(step: Sequence[Line]) -> list[Line]:
    """Return the lines of a step as they should read after what comes before the step."""
    made: list[Line] = []
    fixed: dict[int, Fraction] = {}
    for line in step:
        made.extend(right(line, {**line.known, **fixed} if line.known is not None else None))
        fixed[line.quantity.index] = made[-1].result
    return made


def right(line: Line, known: Values | None) -> list[Line]:
    """Return what should stand in the place of ``line`` where ``known`` are the values so far."""
    if line.act is Act.RESTATE:
        return [replace(line, result=line.quantity.value)]
    if line.right is None or known is None:
        return [line]
    value = evaluate(line.right, known)
    whole = Line(Act.COMPUTE, line.quantity, value, line.right, line.right, known, known)
    if line.act is Act.AGAIN:
        return [replace(line, result=value)]
    if line.act is Act.ANSWER:
        answer = Line(Act.ANSWER, line.quantity, value, line.right, None, known)
        return [answer] if isinstance(line.right, Quantity) else [whole, answer]
    return [replace(line, result=value)] if line.act is Act.LEAP and line.result == value else [whole]


def unfolded(quantity: Quantity, fold: frozenset[int]) -> Term:
    """Return how ``quantity`` is computed, with the terms of folded quantities in their places."""
    assert quantity.how is not None
    return _unfold(quantity.how, fold)


def _unfold(term: Term, fold: frozenset[int]) -> Term:
    if isinstance(term, Quantity):
        return unfolded(term, fold) if term.index in fold else term
    if isinstance(term, Op):
        return Op(term.sign, tuple(_unfold(arg, fold) for arg in term.args))
    return term


def foldable(rng: random.Random, asked: Quantity, share: float) -> frozenset[int]:
    """Choose quantities that are used once, and in a short computation, to be computed within it."""
    chain = needed(asked)
    uses = [part for q in chain if q.how is not None for part in quantities(q.how)]
    chosen: set[int] = set()
    for quantity in chain[:-1]:
        once = sum(part is quantity for part in uses) == 1
        user = next(q for q in chain if q.how is not None and quantity in list(quantities(q.how)))
        small = quantity.how is not None and len(list(quantities(quantity.how))) <= 2
        others = sum(1 for part in quantities(user.how or user) if part.index in chosen)
        if once and small and others < 2 and rng.random() < share and not chosen & _inputs(quantity):
            chosen.add(quantity.index)
    return frozenset(chosen)


def _inputs(quantity: Quantity) -> set[int]:
    return {part.index for part in quantities(quantity.how)} if quantity.how is not None else set()


def grouped(rng: random.Random, body: Sequence[Line], share: float) -> Iterator[list[Line]]:
    """Yield steps: mostly one line each, at times two or three."""
    step: list[Line] = []
    for line in body:
        if step and (len(step) > 2 or rng.random() >= share):
            yield step
            step = []
        step.append(line)
    if step:
        yield step
