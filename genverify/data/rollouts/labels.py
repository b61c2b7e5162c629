"""Rates of success after each step to labels: Math-Shepherd, GenPRM's relative progress, prover advantage.

The last step needs no rollout: its answer is compared with the reference. A rollout shows that the answer can be
reached, not that a step is sound, and no rollout that it cannot; ``StepLabel.source`` says which rule spoke, and
``StepLabel.value`` keeps its number.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from genverify.data.rollouts import Effort, Estimate, Prober, answer_of
from genverify.data.values import StepLabel
from genverify.fusion.conventions import StepLabels, to_local
from genverify.types import LabelConvention

EPSILON: Final = 0.8
"""Least relative progress of a step that counts as right, as a secondary source gives it for GenPRM."""
ANSWER: Final = "answer"
"""The source of a last step's label."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labels of one solution's steps by one method."""

    labels: tuple[StepLabel, ...]
    convention: LabelConvention
    """What ``right`` means in them."""
    place: int | None
    """The first error by this method, counted from 0; -1 without one, None if it is not known (``StepLabels``)."""
    estimates: Mapping[int, Estimate]
    """What was drawn, by the number of steps that were given; 0 is the problem alone."""

    @property
    def rollouts(self) -> int:
        """Return the rollouts that these labels rest on; some may have come from the prober's cache."""
        return sum(len(estimate.rollouts) for estimate in self.estimates.values())

    @property
    def failed(self) -> bool:
        """Tell whether rollouts were asked for and all of them failed."""
        return bool(self.estimates) and all(estimate.failed for estimate in self.estimates.values())

    def local(self) -> tuple[StepLabel, ...]:
        """Return the labels under LOCAL, as an ``Example`` has them: after the first error nothing is known.

        What is unknown stays so, also before a prefix that is right: there a later step may have put an error right.
        """
        rights = to_local(StepLabels(self.convention, tuple(label.right for label in self.labels))).values
        pairs = zip(self.labels, rights, strict=True)
        return tuple(label if label.right is right else replace(label, right=None) for label, right in pairs)


async def math_shepherd(
    prober: Prober, steps: Sequence[str], effort: Effort, answer: str | None = None, *, soft: bool = False
) -> Labelled:
    """Label a step right if the answer can be reached from it (Math-Shepherd, Wang et al. 2024).

    Hard estimation gives each step 1 if any rollout is right, soft estimation the share that is: that is ``value``.
    ``right`` is PREFIX: after a step that is wrong all are, also those from which a rollout did get there; their
    ``value`` shows it. Where no rollout is right from anywhere the problem alone is probed, too: if the policy does not
    solve it either, that says nothing about the steps, and all but the last are unknown (the paper calls them wrong).

    Args:
        prober: completes first steps of this problem.
        steps: the steps of the solution, at least 1.
        effort: rollouts of each prefix; adaptive, hard estimation stops at the first right one.
        answer: the solution's final answer; None reads it from the steps.
        soft: whether ``value`` is the rate, for which all rollouts are drawn.
    """
    source = f"rollouts:math-shepherd-{'soft' if soft else 'hard'}"
    counts = range(1, len(steps))
    threshold = None if soft else 0.0
    found = await asyncio.gather(*(prober.probe(steps[:n], effort, threshold) for n in counts))
    estimates, last = dict(zip(counts, found, strict=True)), await answered(prober, steps, answer)
    if found and not any(estimate.right for estimate in found):
        estimates[0] = await prober.probe((), effort, threshold)
        if not estimates[0].right:
            return _too_hard(source, last, estimates)
    return as_prefix([*(_reached(estimate, source, soft=soft) for estimate in found), last], estimates)


def _too_hard(source: str, last: StepLabel, estimates: Mapping[int, Estimate]) -> Labelled:
    """Return the labels of a solution from which, as from its problem alone, no rollout is right."""
    why = "the policy does not solve the problem from anywhere; "
    probed = [estimates[count] for count in sorted(estimates) if count]
    return as_prefix([*(StepLabel(None, source, why + estimate.said()) for estimate in probed), last], estimates)


def _reached(estimate: Estimate, source: str, *, soft: bool) -> StepLabel:
    reached = estimate.reaches()
    hard = None if reached is None else float(reached)
    return StepLabel(reached, source, estimate.said(), estimate.rate if soft else hard)


async def relative_progress(
    prober: Prober, steps: Sequence[str], effort: Effort, answer: str | None = None, epsilon: float = EPSILON
) -> Labelled:
    """Label a step right if it keeps most of the chance of success there was (GenPRM, Zhao et al. 2025).

    ``value`` is the progress of :func:`progress`, cut at 1; ``right`` is PREFIX. A problem that no rollout solves from
    anywhere is too hard for this policy, as in GenPRM's own data rules: of its steps only the last has a label. The
    ratio of two rates from few rollouts falls below ``epsilon`` by chance alone where the policy succeeds only now and
    then: draw many, and keep what a judge agrees to (``denoise.rpe_judge``).

    Args:
        prober: completes first steps of this problem.
        steps: the steps of the solution, at least 1.
        effort: rollouts of each prefix and of the problem alone. All are drawn: a rate that was stopped early lies too
            far out to be divided by.
        answer: the solution's final answer; None reads it from the steps.
        epsilon: least progress that counts as right, in (0, 1].
    """
    last, source = await answered(prober, steps, answer), "rollouts:rpe"
    found = await asyncio.gather(*(prober.probe(steps[:n], effort) for n in range(len(steps))))
    estimates = dict(enumerate(found))
    if not any(estimate.right for estimate in found):
        return _too_hard(source, last, estimates)
    gains = progress([estimate.rate for estimate in found] + [last.value])
    raw = [
        StepLabel(None if gain is None else gain >= epsilon, source, after.said(), gain)
        for gain, after in zip(gains[:-1], found[1:], strict=True)
    ]
    return as_prefix([*raw, replace(last, value=gains[-1])], estimates)


def progress(rates: Sequence[float | None]) -> list[float | None]:
    """Return each step's relative progress MC(t) / MC(t-1), at most 1.

    0/0 is 0; once the first step has the rate 0 all progress is 0. From 0 to above it is 1: the step made the answer
    reachable.

    Args:
        rates: of the problem alone, then after each step, in [0, 1]; None is not known.

    Returns:
        One value in [0, 1] for each step; None where a rate is missing.
    """
    if rates[1:2] == [0.0]:
        return [0.0] * (len(rates) - 1)
    return [_ratio(before, after) for before, after in pairwise(rates)]


def _ratio(before: float | None, after: float | None) -> float | None:
    if before is None or after is None:
        return None
    if before == 0:
        return 0.0 if after == 0 else 1.0
    return min(1.0, after / before)


async def advantage(
    prober: Prober, steps: Sequence[str], effort: Effort, answer: str | None = None, best_of: int = 1
) -> Labelled:
    """Give each step its advantage for a prover, Q(t) - Q(t-1) in [-1, 1] (PAV, Setlur et al. 2024).

    It says how much a step helps, not whether it is right: ``right`` is None in all, and ``value`` is the label. All
    rollouts are drawn: there is no threshold to stop at.

    Args:
        prober: completes first steps of this problem with the prover's policy, which may be a weaker one.
        steps: the steps of the solution, at least 1.
        effort: rollouts of each prefix and of the problem alone.
        answer: the solution's final answer; None reads it from the steps.
        best_of: K, at least 1, of a prover that takes the best of K drafts: a rate q becomes 1 - (1 - q)^K.
    """
    if best_of < 1:
        raise ValueError(f"best_of: expected at least 1 draft, got {best_of}")
    last = await answered(prober, steps, answer)
    found = await asyncio.gather(*(prober.probe(steps[:n], effort) for n in range(len(steps))))
    chances = [None if e.rate is None else 1 - (1 - e.rate) ** best_of for e in found] + [last.value]
    said = [estimate.said() for estimate in found[1:]] + [last.reason]
    pairs = zip(pairwise(chances), said, strict=True)
    labels = tuple(
        StepLabel(None, "rollouts:pav", told, None if before is None or after is None else after - before)
        for (before, after), told in pairs
    )
    return Labelled(labels, LabelConvention.LOCAL, None, dict(enumerate(found)))


async def answered(prober: Prober, steps: Sequence[str], answer: str | None = None) -> StepLabel:
    """Return the label of the last step: whether the solution's answer equals the reference.

    Raises:
        ValueError: there is no step.
    """
    if not steps:
        raise ValueError("a solution needs at least one step, got none")
    given = answer if answer is not None else answer_of(steps)
    right = await prober.judged(given)
    if given is None:
        return StepLabel(None, ANSWER, "no final answer was found")
    reference = prober.problem.answer
    reasons = {True: "", False: f"the answer is {reference}, not {given}", None: f"{given} and {reference} stay open"}
    return StepLabel(right, ANSWER, reasons[right], None if right is None else float(right))


def as_prefix(raw: Iterable[StepLabel], estimates: Mapping[int, Estimate]) -> Labelled:
    """Return labels under PREFIX: after the first wrong step all are wrong, whatever rollouts reached from there."""
    labels: list[StepLabel] = []
    wrong: int | None = None
    for index, label in enumerate(raw):
        if wrong is not None:
            after = f"comes after step {wrong} (from 0), which is wrong"
            label = replace(label, right=False, reason=f"{after}; {label.reason}" if label.reason else after)
        elif label.right is False:
            wrong = index
        labels.append(label)
    known = StepLabels(LabelConvention.PREFIX, tuple(label.right for label in labels))
    return Labelled(tuple(labels), LabelConvention.PREFIX, known.place, estimates)
