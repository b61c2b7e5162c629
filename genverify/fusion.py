"""Critiques and checks to one verdict a step, and verdicts to the score of a solution; nothing is run here.

The rule, in log-odds::

    logit p = logit(what the critics say, or the base rate) + one weight for each kind of evidence present

A sound refutation of a claim that was read from the step's own text decides the step. A confirmation only raises the
probability, for the step may be wrong elsewhere; it decides the step only when all that the step says was confirmed.
A claim that a model put into formal words counts as evidence and never decides: the model may have misread the step.
With neither critique nor decided claim there is no probability: a silent verifier is not a neutral one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from genverify import wording
from genverify.types import Check, Critique, Label, LabelConvention, Outcome, Source, StepVerdict


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence adds to the log-odds that a step is right.

    These are defaults, chosen so that the three outcomes by tools alone come to about 0.03, 0.97 and a little above
    the base rate. They have not been fitted. A kind of evidence counts once however many claims show it, because the
    claims of one step repeat each other (a chain states each value twice).
    """

    base_rate: float = 0.86
    """Share of right steps among those up to the first error, in (0, 1); measured on the four ProcessBench files
    (0.84 to 0.89). It is where a step starts that no critic has read."""
    refuted: float = -5.3
    """An extracted claim was refuted: from the base rate to 0.03, which leaves room for a misread step."""
    confirmed_all: float = 1.65
    """All that the step says was confirmed: from the base rate to 0.97; it may still be beside the point."""
    confirmed_some: float = 0.35
    """Part of the step was confirmed: from the base rate to 0.90."""
    model_refuted: float = -1.5
    """A claim that a model formalised was refuted; the formal words may be what is wrong."""
    model_confirmed: float = 0.2
    """A claim that a model formalised was confirmed."""
    critic_limit: float = 0.95
    """Critics are never taken to be surer than this, nor less sure than 1 minus this: theirs is not a proof."""


DEFAULT_WEIGHTS: Final = Weights()


def fuse_step(
    index: int,
    critiques: Sequence[Critique],
    checks: Sequence[Check],
    coverage: float,
    weights: Weights = DEFAULT_WEIGHTS,
) -> StepVerdict:
    """Fuse all that is known about one step.

    Args:
        index: the step, counted from 0.
        critiques: what critics wrote about it; those without a probability are kept and do not count.
        checks: its claims with what the tools found.
        coverage: share in [0, 1] of the step's words and numbers that lie in decided claims or carry no claim.
        weights: what each kind of evidence is worth.

    Raises:
        ValueError: ``coverage`` or a critic's probability is outside [0, 1].
    """
    if not 0.0 <= coverage <= 1.0:
        raise ValueError(f"step {index}: coverage must be in [0, 1], got {coverage}")
    critic = _critic(index, critiques)
    p = _probability(critic, checks, coverage, weights)
    label = _label(critic, checks, coverage, p)
    return StepVerdict(
        index=index,
        label=label,
        p_correct=p,
        why=_why(label, critic, checks, coverage),
        coverage=coverage,
        checks=tuple(checks),
        critiques=tuple(critiques),
    )


def first_error(verdicts: Sequence[StepVerdict]) -> int | None:
    """Return the first INCORRECT step, counted from 0; None if no step was found to be wrong."""
    return next((v.index for v in verdicts if v.label is Label.INCORRECT), None)


def solution_score(
    verdicts: Sequence[StepVerdict], convention: LabelConvention = LabelConvention.LOCAL
) -> float | None:
    """Return the probability that the whole solution is right, in [0, 1]; None if no step has one.

    It is the product of the steps' probabilities, without those unknown. Where a probability already speaks of all
    steps up to its own (PREFIX), it is the least of them: a prefix is never likelier than a shorter one.
    """
    known = [v.p_correct for v in verdicts if v.p_correct is not None]
    if not known:
        return None
    return min(known) if convention is LabelConvention.PREFIX else math.prod(known)


def complete(checks: Sequence[Check], coverage: float) -> bool:
    """Tell whether the tools confirmed all that the step says: every claim, and no word left outside them."""
    own = _own(checks)
    refuted = any(c.outcome is Outcome.REFUTED for c in checks)  # a model's reading may refute, its doubts do not count
    return bool(own) and coverage == 1.0 and not refuted and all(c.outcome is Outcome.CONFIRMED for c in own)


def _critic(index: int, critiques: Sequence[Critique]) -> float | None:
    """Return the mean probability of the critiques that have one."""
    read = [c.p_correct for c in critiques if c.p_correct is not None]
    if any(not 0.0 <= p <= 1.0 for p in read):
        raise ValueError(f"step {index}: a critic's p_correct must be in [0, 1], got {read}")
    return sum(read) / len(read) if read else None


def _probability(critic: float | None, checks: Sequence[Check], coverage: float, weights: Weights) -> float | None:
    found = {(c.claim.source, c.outcome) for c in checks if c.outcome is not Outcome.UNDECIDED}
    if critic is None and not found:
        return None
    start = weights.base_rate
    if critic is not None:
        start = min(max(critic, 1.0 - weights.critic_limit), weights.critic_limit)
    odds = math.log(start / (1.0 - start))
    if (Source.EXTRACTED, Outcome.REFUTED) in found:
        odds += weights.refuted
    elif (Source.EXTRACTED, Outcome.CONFIRMED) in found:
        odds += weights.confirmed_all if complete(checks, coverage) else weights.confirmed_some
    if (Source.MODEL, Outcome.REFUTED) in found:
        odds += weights.model_refuted
    elif (Source.MODEL, Outcome.CONFIRMED) in found:
        odds += weights.model_confirmed
    return 1.0 / (1.0 + math.exp(-odds))


def _label(critic: float | None, checks: Sequence[Check], coverage: float, p: float | None) -> Label:
    if wording.deciding(_own(checks)) is not None:
        return Label.INCORRECT
    if critic is None or p is None or p == 0.5:
        return Label.CORRECT if critic is None and complete(checks, coverage) else Label.UNDECIDED
    return Label.CORRECT if p > 0.5 else Label.INCORRECT


def _own(checks: Sequence[Check]) -> list[Check]:
    return [c for c in checks if c.claim.source is Source.EXTRACTED]


def _why(label: Label, critic: float | None, checks: Sequence[Check], coverage: float) -> str:
    """Write the sentence that names the deciding evidence, and where critic and tools disagree."""
    refuted = wording.deciding(_own(checks))
    if refuted is not None:
        said = wording.refutation(refuted)
        if critic is not None and critic > 0.5:
            said += f"; the critic had called the step correct (p = {critic:.2f})"
        return wording.sentence(said)
    by_tools = _tools_found(checks, coverage)
    if critic is None:
        return wording.sentence(by_tools)
    view = {Label.CORRECT: "correct", Label.INCORRECT: "incorrect", Label.UNDECIDED: "neither right nor wrong"}
    said = f"The critic calls the step {view[_critic_view(critic)]} (p = {critic:.2f})"
    against = complete(checks, coverage) and critic < 0.5
    joint = ", against the tools: " if against else "; "
    return wording.sentence(said + joint + by_tools[:1].lower() + by_tools[1:])


def _critic_view(critic: float) -> Label:
    if critic == 0.5:
        return Label.UNDECIDED
    return Label.CORRECT if critic > 0.5 else Label.INCORRECT


def _tools_found(checks: Sequence[Check], coverage: float) -> str:
    """Say what the tools confirmed and how much of the step that covers."""
    own = _own(checks)
    open_points = wording.open_points(checks)
    confirmed = wording.confirmations(own)
    doubts = [c for c in checks if c.claim.source is Source.MODEL and c.outcome is Outcome.REFUTED]
    tail = f"; a model's reading of the step was refuted: {wording.refutation(doubts[0])}" if doubts else ""
    if not confirmed:
        if open_points:
            return open_points[:1].upper() + open_points[1:] + ", and nothing else in this step was" + tail
        return "Nothing in this step could be checked by the tools" + tail
    if complete(checks, coverage):
        return f"Confirmed {confirmed}, which is all that the step says"
    share = f"that covers {min(round(coverage * 100), 99)} % of the step" if coverage < 1.0 else "no other words remain"
    rest = f"{open_points}" if open_points else "the rest is beyond the tools"
    return f"Confirmed {confirmed}; {share}, {rest}{tail}"
