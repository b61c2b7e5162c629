"""Stored reports to reports fused anew, without a model and without tools; and where critics and tools disagree."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from genverify import wording
from genverify.fusion.evidence import Evidence, called, extracted
from genverify.fusion.methods import BACKWARDS, Rule, fuse
from genverify.fusion.scores import first_error, solution_score
from genverify.fusion.weights import DEFAULT_WEIGHTS, Weights
from genverify.types import (
    Critique,
    Disagreement,
    Label,
    Outcome,
    Report,
    Source,
    StepVerdict,
)

MAX_SAID: Final = 200
"""Characters kept of a critic's words in a disagreement; the whole critique stands at the step."""


def refuse(report: Report, method: str | Rule = "log_odds", weights: Weights = DEFAULT_WEIGHTS) -> Report:
    """Fuse a stored report anew: same critiques, same checks, new verdicts.

    Nothing is asked and nothing is run, so what a model and tools found in hours can be weighed in many ways in
    seconds. With the method and weights that made the report the outcome is the report itself. Labels, probabilities,
    sentences, first error, score and disagreements are made anew, and the provenance says how. A correction is kept
    where its step is still INCORRECT and dropped elsewhere; a step that becomes INCORRECT has none, for no tool runs.

    Args:
        report: what was stored. Its steps carry all the evidence (``checks``, ``critiques``, ``coverage``); its
            ``provenance.convention`` says how the critics' probabilities add up to a score.
        method: a name in :data:`genverify.fusion.METHODS`, or a rule. One report is a batch of one, on which
            ``dawid_skene`` has little to learn from: :func:`refuse_many` fuses a batch.
        weights: what each kind of evidence is worth.

    Raises:
        ValueError: there is no such method, or a stored probability or coverage is outside [0, 1].
    """
    (fused,) = refuse_many([report], method, weights)
    return fused


def refuse_many(
    reports: Sequence[Report], method: str | Rule = "log_odds", weights: Weights = DEFAULT_WEIGHTS
) -> list[Report]:
    """Fuse a batch of stored reports anew, in the same order; see :func:`refuse`.

    Raises:
        ValueError: there is no such method, or a stored probability or coverage is outside [0, 1].
    """
    evidence = [[Evidence.of(step) for step in report.steps] for report in reports]
    name = method if isinstance(method, str) else getattr(method, "__name__", "given")
    digest = weights.sha256
    return [
        _with(report, verdicts, name, digest)
        for report, verdicts in zip(reports, fuse(evidence, method, weights), strict=True)
    ]


def _with(report: Report, verdicts: Sequence[StepVerdict], method: str, digest: str) -> Report:
    kept = tuple(
        replace(new, correction=old.correction) if new.label is Label.INCORRECT and old.correction else new
        for old, new in zip(report.steps, verdicts, strict=True)
    )
    return replace(
        report,
        steps=kept,
        first_error=first_error(kept),
        score=solution_score(kept, report.provenance.convention),
        provenance=replace(report.provenance, fusion=method, weights_sha256=digest),
        disagreements=disagreements(kept),
    )


def disagreements(verdicts: Sequence[StepVerdict]) -> tuple[Disagreement, ...]:
    """Return the steps of which critics and tools say opposite things, in order.

    That is: the critics call a step right of which a claim was refuted, or wrong although the tools confirmed all that
    it says. A step confirmed in part contradicts no critic, for it may be wrong elsewhere.
    """
    found = (_disagreement(verdict) for verdict in verdicts)
    return tuple(d for d in found if d is not None)


def _disagreement(verdict: StepVerdict) -> Disagreement | None:
    if not verdict.critiques:
        return None
    step = Evidence.of(verdict)
    critic = step.critic
    own = Label.UNDECIDED if critic is None else called(critic, step.cut)
    if critic is None or own is Label.UNDECIDED:
        return None
    if own is Label.CORRECT:
        refuted = wording.deciding(extracted(step.checks)) or wording.deciding(step.checks)
        if refuted is None:
            return None
        outcome, source, tools = Outcome.REFUTED, refuted.claim.source, wording.refutation(refuted)
    elif step.confirmed:
        outcome, source = Outcome.CONFIRMED, Source.EXTRACTED
        tools = f"Confirmed {wording.confirmations(extracted(step.checks))}, which is all that the step says"
    else:
        return None
    said = wording.shorten(_furthest(step.critiques, outcome).text, MAX_SAID)
    return Disagreement(step.index, outcome, source, wording.sentence(tools), critic, said, verdict.label)


def _furthest(critiques: Sequence[Critique], outcome: Outcome) -> Critique:
    """Return the critique that contradicts the tools most."""
    read = [(c.p_correct, c) for c in critiques if c.p_correct is not None]
    pick = max if outcome is Outcome.REFUTED else min
    return pick(read, key=lambda pair: pair[0])[1]


def both_directions(forward: Report, backward: Report) -> Report:
    """Join the reports on one solution read in both directions, for the rules ``biprm_*`` (BiPRM).

    Args:
        forward: the report on the steps in order; its checks are the ones that count.
        backward: the same critic's report on the same steps listed last to first.

    Returns:
        ``forward`` with the critiques of ``backward`` put to the steps that they speak of, marked with the note
        :data:`BACKWARDS`. Its verdicts are those of ``forward`` still: :func:`refuse` it.

    Raises:
        ValueError: the reports have different numbers of steps.
    """
    if len(forward.steps) != len(backward.steps):
        raise ValueError(f"both readings need the same steps, got {len(forward.steps)} and {len(backward.steps)}")
    joined = []
    for step, reversed_step in zip(forward.steps, reversed(backward.steps), strict=True):
        marked = (replace(c, step=step.index, notes=(*c.notes, BACKWARDS)) for c in reversed_step.critiques)
        joined.append(replace(step, critiques=(*step.critiques, *marked)))
    return replace(forward, steps=tuple(joined))
