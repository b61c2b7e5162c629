"""Problems of algebra and arithmetic with solutions, right and sneakily wrong, every step labelled by a tool."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from genverify.data import labels
from genverify.data.algebra import calculus, word_problems
from genverify.data.algebra import equations as algebra_equations
from genverify.data.algebra import numbers as algebra_numbers
from genverify.data.algebra.labelling import label, prompt
from genverify.data.algebra.terms import definition, exact
from genverify.data.algebra.worked import Draft, Work, bare
from genverify.data.values import Dropped, Example, Kind, LabelledStep, StepLabel, Tools
from genverify.types import Problem

__all__ = ["label", "make", "prompt"]

_TRIES: Final = 25
"""Errors tried before a problem is given up; nine in ten records need one or two."""
_TOGETHER: Final = 32
"""Records whose claims are decided together, so that the workers stay busy while memory stays flat."""
_WORDS: Final = 0.7
"""Share of word problems: they are what people ask models most, and what the critic is trained for above all."""
_WORKED: Final[dict[str, tuple[Callable[[Work], None], float]]] = {
    "linear equation": (algebra_equations.linear, 3),
    "quadratic equation": (algebra_equations.quadratic, 2),
    "system of equations": (algebra_equations.system, 2),
    "fractions": (algebra_numbers.fractions, 2),
    "percentages": (algebra_numbers.percentages, 3),
    "common divisor": (algebra_numbers.divisors, 1.5),
    "remainder": (algebra_numbers.remainders, 1),
    "digit sum": (algebra_numbers.digits, 1),
    "derivative": (calculus.derivative, 1.5),
    "integral": (calculus.integral, 1.5),
    "limit": (calculus.limit, 1),
}
"""The other families, with how often each is drawn relative to the others."""


@dataclass(frozen=True, slots=True)
class _Posed:
    """A problem and ways to solve it."""

    family: str
    problem: Problem
    facts: dict[str, str]
    gold: Callable[[random.Random], Sequence[Draft]]
    sneaky: Callable[[random.Random], Iterator[Sequence[Draft]]]


def make(numbers: range, seed: int, tools: Tools) -> Iterator[Example | Dropped]:
    """Yield one record for each of ``numbers``, in order (``genverify.data.values.Maker``).

    Raises:
        ToolError: a tool could not be started; it says nothing about any record.
    """
    for start in range(0, len(numbers), _TOGETHER):
        yield from _batch(numbers[start : start + _TOGETHER], seed, tools)


def _batch(numbers: range, seed: int, tools: Tools) -> list[Example | Dropped]:
    """Make some records whose claims are decided together; each is the same whatever stands beside it."""
    made: dict[int, Example | Dropped] = {}
    open_ = {number: _solutions(number, seed) for number in numbers}
    while open_:
        drawn = {number: next(solutions, None) for number, solutions in open_.items()}
        found = [(number, solution) for number, solution in drawn.items() if solution is not None]
        decided = iter(labels.decide([d.claims for _, s in found for d in s.drafts], tools.checkers))
        for number, solution in found:
            example = _example(number, seed, solution, list(islice(decided, len(solution.drafts))))
            if number % 2 == 0 or _proved(example):
                made[number] = example
        for number in [n for n in open_ if n in made or drawn[n] is None]:
            del open_[number]
            made.setdefault(number, Dropped(_name(number, seed), "no error could be proved"))
    return [made[number] for number in numbers]


@dataclass(frozen=True, slots=True)
class _Solution:
    posed: _Posed
    drafts: Sequence[Draft]


def _solutions(number: int, seed: int) -> Iterator[_Solution]:
    """Yield the right solution, or wrong ones to choose from."""
    posed = _posed(f"{seed}/algebra/{number // 2}")
    rng = random.Random(f"{seed}/algebra/{number}/solution")
    if number % 2 == 0:
        yield _Solution(posed, posed.gold(rng))
        return
    for drafts in islice(posed.sneaky(rng), _TRIES):
        yield _Solution(posed, drafts)


def _name(number: int, seed: int) -> str:
    return f"algebra-{seed}-{number:06d}"


def _proved(made: Example) -> bool:
    """Tell whether exactly the steps with an error are wrong."""
    return any(s.error for s in made.steps) and all((s.label.right is False) == bool(s.error) for s in made.steps)


def _example(number: int, seed: int, solution: _Solution, decided: Sequence[StepLabel]) -> Example:
    posed, drafts = solution.posed, solution.drafts
    steps = tuple(
        LabelledStep(d.text, label if d.claims else labels.TRANSITION, d.claims, d.said, d.error, d.correction)
        for d, label in zip(drafts, decided, strict=True)
    )
    maker, answer = "sneaky" if number % 2 else "gold", _stated(drafts[-1].said)
    group = _name(number // 2, seed)
    return Example(
        _name(number, seed), Kind.ALGEBRA, posed.problem, steps, maker, group, posed.family, answer, posed.facts
    )


def _stated(said: str) -> str:
    """Return the answer out of what the last step says: ``answer = 12``, or roots as they are."""
    last = said.rpartition("; ")[2]
    return bare(last) if " | " in last else bare(last.rpartition(" = ")[2])


# --- problems -------------------------------------------------------------------------------------------------------


def _posed(seed: str) -> _Posed:
    rng = random.Random(seed)
    if rng.random() < _WORDS:
        return _told(rng)
    family = rng.choices(list(_WORKED), [weight for _, weight in _WORKED.values()])[0]
    return _worked(family, f"{seed}/{family}")


def _told(rng: random.Random) -> _Posed:
    told = word_problems.problem(rng)
    graph = {f"q{q.index}": definition(q.how) if q.how is not None else f"{q.value}" for q in told.quantities}
    return _Posed(
        told.family,
        Problem(told.text, answer=bare(exact(told.asked.value))),
        graph | {"asked": f"q{told.asked.index}"},
        lambda rng: word_problems.gold(told, rng),
        lambda rng: word_problems.sneaky(told, rng),
    )


def _worked(family: str, seed: str) -> _Posed:
    """Pose a problem by solving it once; a solution with an error is solved anew from the same numbers."""
    solver, _ = _WORKED[family]

    def solved(style: int, plant: int | None) -> Work:
        rng = random.Random(seed)
        work = Work(rng, plant, latex=rng.random() < 0.4)
        work.prefix = random.Random(style).choice(("", "", "", "Step #: ", "#. ", "**Step #:** "))
        work.errors = random.Random(style)
        solver(work)
        return work

    first = solved(0, None)  # its last place is the answer, where errors are rarer than before it

    def sneaky(rng: random.Random) -> Iterator[Sequence[Draft]]:
        for _ in range(2 * _TRIES):
            try:
                yield solved(rng.getrandbits(32), rng.randrange(first.places - (rng.random() < 0.7))).drafts
            except (ZeroDivisionError, ValueError):
                continue  # an error may lead to what cannot be gone on from

    return _Posed(
        family,
        Problem(first.problem, answer=bare(first.answer)),
        first.facts,
        lambda rng: solved(rng.getrandbits(32), None).drafts,
        sneaky,
    )
