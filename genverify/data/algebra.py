"""Problems of algebra and arithmetic with solutions, right and sneakily wrong, every step labelled by a tool."""

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from genverify.data import algebra_words, labels
from genverify.data.algebra_terms import exact, formal
from genverify.data.algebra_words import Draft, Told
from genverify.data.values import Dropped, Example, Kind, LabelledStep, Tools
from genverify.types import Problem

_TRIES: Final = 25
"""Errors tried before a problem is given up; nine in ten records need one or two."""


def make(numbers: range, seed: int, tools: Tools) -> Iterator[Example | Dropped]:
    """Yield one record for each of ``numbers``, in order (``genverify.data.values.Maker``).

    Raises:
        ToolError: a tool could not be started; it says nothing about any record.
    """
    for number in numbers:
        yield _record(number, seed, tools)


def _record(number: int, seed: int, tools: Tools) -> Example | Dropped:
    told = algebra_words.problem(random.Random(f"{seed}/algebra/{number // 2}"))
    rng = random.Random(f"{seed}/algebra/{number}/solution")
    name = f"algebra-{seed}-{number:06d}"
    if number % 2 == 0:
        return _example(name, number, seed, told, algebra_words.gold(told, rng), "gold", tools)
    for drafts in islice(algebra_words.sneaky(told, rng), _TRIES):
        made = _example(name, number, seed, told, drafts, "sneaky", tools)
        if _proved(made):
            return made
    return Dropped(name, "no error could be proved")


def _proved(made: Example) -> bool:
    """Tell whether exactly the steps with an error are wrong."""
    return any(s.error for s in made.steps) and all((s.label.right is False) == bool(s.error) for s in made.steps)


def _example(
    name: str, number: int, seed: int, told: Told, drafts: Sequence[Draft], maker: str, tools: Tools
) -> Example:
    decided = labels.decide([draft.claims for draft in drafts], tools.checkers)
    steps = tuple(
        LabelledStep(d.text, label, d.claims, d.said, d.error, d.correction)
        for d, label in zip(drafts, decided, strict=True)
    )
    values = {q.index: q.value for q in told.quantities}
    graph = {f"q{q.index}": formal(q.how, values) if q.how is not None else f"{q.value}" for q in told.quantities}
    return Example(
        id=name,
        kind=Kind.ALGEBRA,
        problem=Problem(told.text, answer=exact(told.asked.value).strip("()")),
        steps=steps,
        maker=maker,
        group=f"algebra-{seed}-{number // 2:06d}",
        family=told.family,
        answer=_stated(drafts[-1].said),
        formal=graph,
    )


def _stated(said: str) -> str:
    """Return the answer out of what the last step says: ``answer = 12``."""
    return said.rpartition(" = ")[2].strip("()")
