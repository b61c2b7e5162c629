"""The evidence of a step to its verdict, in log-odds: the default rule of fusion, and the sentence that tells why.

The rule::

    logit p = critics + sum over the kinds of evidence present of their weight
    critics = offset + slope * logit(mean of what the critics say)      or, unread by any, logit(base rate)
    wrong where p < the critics' cut, which is one half unless a critic says otherwise

A sound refutation of a claim that was read from the step's own text decides the step, and praise by critics does not
soften it: such a step is never likelier right than one that no critic has read. A confirmation only raises the
probability, for the step may be wrong elsewhere; it decides the step only when all that the step says was confirmed.
A claim that a model put into formal words counts as evidence and never decides: the model may have misread the step.
With neither critique nor decided claim there is no probability: a silent verifier is not a neutral one.
"""

from collections.abc import Sequence
from typing import NamedTuple

from genverify import wording
from genverify.fusion.evidence import Evidence, called, complete, extracted
from genverify.fusion.weights import DEFAULT_WEIGHTS, Weights, kind_of, log_odds, probability
from genverify.types import Check, Critique, Label, Outcome, Source, StepVerdict


class Opinion(NamedTuple):
    """What a rule makes of one step."""

    p: float | None
    """Probability in [0, 1] that the step is right; None if the rule has no say."""
    label: Label


SILENT = Opinion(None, Label.UNDECIDED)
"""What a rule says of a step about which it knows nothing."""


def fuse_step(
    index: int,
    critiques: Sequence[Critique],
    checks: Sequence[Check],
    coverage: float,
    weights: Weights = DEFAULT_WEIGHTS,
) -> StepVerdict:
    """Fuse all that is known about one step by the default rule.

    Args:
        index: the step, counted from 0.
        critiques: what critics wrote about it; those without a probability are kept and do not count.
        checks: its claims with what the tools found.
        coverage: share in [0, 1] of the step's words and numbers that lie in decided claims or carry no claim.
        weights: what each kind of evidence is worth.

    Raises:
        ValueError: ``coverage`` or a critic's probability is outside [0, 1].
    """
    step = Evidence(index, tuple(critiques), tuple(checks), coverage)
    return verdict_of(step, log_odds_rule(step, weights))


def verdict_of(step: Evidence, opinion: Opinion, by: str = "") -> StepVerdict:
    """Put an opinion into a verdict; ``by`` names the rule that fused the critics, if not the default one."""
    return StepVerdict(
        index=step.index,
        label=opinion.label,
        p_correct=opinion.p,
        why=_why(step, opinion, by),
        coverage=step.coverage,
        checks=step.checks,
        critiques=step.critiques,
    )


def log_odds_rule(step: Evidence, weights: Weights) -> Opinion:
    """Weigh critics and tools together; the rule at the head of this module."""
    critic, refuted = step.critic, step.refuted
    p = _probability(step, critic, refuted, weights)
    if refuted:
        return Opinion(p, Label.INCORRECT)
    if p is None or critic is None:
        return Opinion(p, Label.CORRECT if step.confirmed else Label.UNDECIDED)
    return Opinion(p, called(p, step.cut))


def kinds_present(step: Evidence) -> frozenset[str]:
    """Return the kinds of evidence that count for a step; a refutation silences the confirmations beside it."""
    decided = [c for c in step.checks if c.outcome is not Outcome.UNDECIDED]
    refuted = {c.claim.source for c in decided if c.outcome is Outcome.REFUTED}
    return frozenset(kind_of(c) for c in decided if c.outcome is Outcome.REFUTED or c.claim.source not in refuted)


def _probability(step: Evidence, critic: float | None, refuted: bool, weights: Weights) -> float | None:
    kinds = kinds_present(step)
    if critic is None and not kinds:
        return None
    unread = log_odds(weights.base_rate)
    start = unread if critic is None else critics_log_odds(critic, weights)
    if refuted:
        start = min(start, unread)
    odds = start + sum(weights.of(kind) for kind in sorted(kinds))  # sorted: sums of floats depend on their order
    return probability(odds + weights.complete if step.confirmed else odds)


def critics_log_odds(p: float, weights: Weights) -> float:
    """Return what the critics' mean probability ``p`` in [0, 1] contributes."""
    limit = weights.critic_limit
    return weights.critic_offset + weights.critic_slope * log_odds(min(max(p, 1.0 - limit), limit))


def _why(step: Evidence, opinion: Opinion, by: str) -> str:
    """Write the sentence that names the deciding evidence, and where critic and tools disagree."""
    refuted, critic = wording.deciding(extracted(step.checks)), step.critic
    if refuted is not None:
        said = wording.refutation(refuted)
        if critic is not None and called(critic, step.cut) is Label.CORRECT:
            said += f"; the critic had called the step correct (p = {critic:.2f})"
        return wording.sentence(said)
    by_tools = _tools_found(step.checks, step.coverage)
    if critic is None:
        return wording.sentence(by_tools)
    view = {Label.CORRECT: "correct", Label.INCORRECT: "incorrect", Label.UNDECIDED: "neither right nor wrong"}
    own = called(critic, step.cut)
    below = f", it doubts what is below {step.cut:.2f}" if own is Label.INCORRECT and step.cut != 0.5 else ""
    said = f"The critic calls the step {view[own]} (p = {critic:.2f}{below})"
    if by and opinion.label is not own:
        said += f", the rule {by} {view[opinion.label]}"
    joint = ", against the tools: " if step.confirmed and own is Label.INCORRECT else "; "
    return wording.sentence(said + joint + by_tools[:1].lower() + by_tools[1:])


def _tools_found(checks: Sequence[Check], coverage: float) -> str:
    """Say what the tools confirmed and how much of the step that covers."""
    own = extracted(checks)
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
