"""The evidence on solutions to verdicts, by any of the field's rules of fusion, chosen by name.

Every rule takes a batch of solutions and gives an opinion on each step. Most look at one step at a time; ``spark`` and
``grounded_prm`` look at a solution, ``dawid_skene`` at the whole batch. All but ``log_odds`` come from papers in which
no sound tool takes part, so what tools decide is settled afterwards in the same way for all of them:

* a sound refutation of a claim that was read from the step's own text decides: the step is INCORRECT, and its
  probability is never above what the tools alone give it (**every** rule here honours this);
* where no critic has read a step, it is CORRECT only if the tools confirmed all that it says;
* where the rule has nothing to say, the tools speak alone, by the weights.

A vote is a critique with a probability above or below one half; one at one half, or without any, abstains.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Final

from genverify.fusion.evidence import Evidence, called
from genverify.fusion.label_model import dawid_skene
from genverify.fusion.rule import SILENT, Opinion, log_odds_rule, verdict_of
from genverify.fusion.weights import DEFAULT_WEIGHTS, Weights
from genverify.types import Label, Outcome, StepVerdict

Steps = Sequence[Evidence]
"""The evidence on one solution, a value for each step, in order."""
Rule = Callable[[Sequence[Steps], Weights], list[list[Opinion]]]
"""A rule of fusion: for each solution an opinion on each step."""
BACKWARDS: Final = "backwards"
"""The note of a critique that was written with the steps read last to first; ``both_directions`` puts it there."""
DISCOUNT: Final = 0.9
"""How much less a reward counts one step further back (GroundedPRM's code)."""


def fuse(
    solutions: Sequence[Steps], method: str | Rule = "log_odds", weights: Weights = DEFAULT_WEIGHTS
) -> list[tuple[StepVerdict, ...]]:
    """Fuse the evidence on a batch of solutions into verdicts.

    Args:
        solutions: for each solution the evidence on its steps, in order.
        method: a name in :data:`METHODS`, or a rule of that kind, such as ``partial(biprm_gated, gate=0.7)``.
        weights: what each kind of evidence is worth where tools take part.

    Returns:
        For each solution a verdict a step, in the same order; without corrections.

    Raises:
        ValueError: there is no such method.
    """
    if isinstance(method, str) and method not in METHODS:
        raise ValueError(f"fusion method: expected one of {', '.join(METHODS)}, got {method!r}")
    rule, name = (METHODS[method], method) if isinstance(method, str) else (method, "given")
    opinions = rule(solutions, weights)
    if rule is not log_odds:  # in which the tools have had their word
        opinions = [
            [_settled(step, opinion, weights) for step, opinion in zip(steps, own, strict=True)]
            for steps, own in zip(solutions, opinions, strict=True)
        ]
    by = "" if rule is log_odds else name.replace("_", " ")
    return [
        tuple(verdict_of(step, opinion, by) for step, opinion in zip(steps, own, strict=True))
        for steps, own in zip(solutions, opinions, strict=True)
    ]


def _settled(step: Evidence, opinion: Opinion, weights: Weights) -> Opinion:
    """Let the tools have the word that is theirs; see the head of this module."""
    if not (step.refuted or step.critic is None or opinion.p is None):
        return opinion
    tools = log_odds_rule(replace(step, critiques=()), weights)
    if opinion.p is None or tools.p is None:
        return tools if opinion.p is None else Opinion(opinion.p, tools.label)
    if tools.label is Label.INCORRECT:
        return Opinion(min(opinion.p, tools.p), tools.label)
    return Opinion(max(opinion.p, tools.p) if tools.label is Label.CORRECT else opinion.p, tools.label)


def log_odds(solutions: Sequence[Steps], weights: Weights) -> list[list[Opinion]]:
    """Weigh critics and tools together: ``logit p = critics + sum of the weights of the evidence`` (the default).

    It is a Bayes factor for each kind of evidence, fitted as a logistic regression; :mod:`genverify.fusion.rule`.
    """
    return [[log_odds_rule(step, weights) for step in steps] for steps in solutions]


def _by_critics(of: Callable[[Evidence], Opinion]) -> Rule:
    """Make a rule of one that looks at a step's critiques alone; a step that nobody read has no opinion."""

    def rule(solutions: Sequence[Steps], weights: Weights) -> list[list[Opinion]]:
        return [[of(step) if step.probabilities else SILENT for step in steps] for steps in solutions]

    rule.__doc__ = of.__doc__
    return rule


def _opinion(p: float, cut: float = 0.5) -> Opinion:
    return Opinion(p, called(p, cut))


def _mean(step: Evidence) -> Opinion:
    """``p = mean over k of p_k``; INCORRECT below the cut (R-PRM and GenPRM, whose "Maj@K" is this mean)."""
    return _opinion(fmean(step.probabilities), step.cut)


def _votes(step: Evidence) -> list[bool]:
    return [c.p_correct > c.cut for c in step.critiques if c.p_correct is not None and c.p_correct != c.cut]


def _vote(step: Evidence) -> Opinion:
    """``p = votes for "right" / votes``; a tie is undecided (self-consistency, Wang et al. 2023)."""
    votes = _votes(step)
    return _opinion(sum(votes) / len(votes)) if votes else SILENT


def _capo_intersection(step: Evidence) -> Opinion:
    """INCORRECT only if all critiques call it wrong: the wrong steps are the intersection of the sets W_k.

    CAPO's default, with K = 4 critiques. The paper gives labels alone; the probability here is ``max over k of p_k``,
    which is below a cut that all share exactly when the step lies in the intersection.
    """
    return _opinion(max(step.probabilities), step.cut)


def _capo_majority(step: Evidence) -> Opinion:
    """INCORRECT if more than K/2 critiques call it wrong, else CORRECT (CAPO's second rule for the sets W_k).

    Unlike ``vote``, a tie is CORRECT and who abstains counts into K. The probability is the share that does not call
    it wrong.
    """
    read = [(c.p_correct, c.cut) for c in step.critiques if c.p_correct is not None]
    wrong = sum(p < cut for p, cut in read) / len(read)
    return Opinion(1.0 - wrong, Label.INCORRECT if wrong > 0.5 else Label.CORRECT)


def spark(solutions: Sequence[Steps], weights: Weights) -> list[list[Opinion]]:
    """Keep the samples whose labels are the majority's at every step; their mean is ``p`` (SPARK, step consistency).

    A step's majority is that of the samples that voted on it. Where no sample agrees with the majority everywhere, or a
    step is tied, SPARK drops the solution: no step has an opinion.
    """
    return [_spark(steps) for steps in solutions]


def _spark(steps: Steps) -> list[Opinion]:
    samples = sorted({c.sample for step in steps for c in step.critiques})
    said = [{c.sample: (c.p_correct, c.cut) for c in step.critiques if c.p_correct is not None} for step in steps]
    for votes in (_votes(step) for step in steps):
        if 2 * sum(votes) == len(votes) > 0:
            return [SILENT] * len(steps)
    majority = [called(sum(v) / len(v)) if (v := _votes(step)) else None for step in steps]

    def agrees(sample: int) -> bool:
        own = [called(*read[sample]) if sample in read else None for read in said]
        return [None if label is Label.UNDECIDED else label for label in own] == majority

    kept = [sample for sample in samples if agrees(sample)]
    if not kept:
        return [SILENT] * len(steps)
    return [
        _opinion(fmean(read[s][0] for s in kept), step.cut) if label is not None else SILENT
        for step, read, label in zip(steps, said, majority, strict=True)
    ]


def label_model(solutions: Sequence[Steps], weights: Weights) -> list[list[Opinion]]:
    """Estimate how reliable each critic sample and each tool is from their agreement, over the whole batch.

    Dawid and Skene 1979 by EM (:func:`genverify.fusion.label_model.dawid_skene`). The sources are the critic's
    samples, and each tool once for extracted and once for model-written claims; one that has not decided abstains.
    """
    votes = [_sources(step) for steps in solutions for step in steps]
    ps = iter(dawid_skene(votes).p_right)
    return [[SILENT if (p := next(ps)) is None else _opinion(p) for _ in steps] for steps in solutions]


def _sources(step: Evidence) -> dict[str, bool]:
    """Return who votes on a step, and whether for "right"; a tool with any refutation votes against."""
    votes: dict[str, bool] = {}
    for critique in step.critiques:
        if critique.p_correct is not None and critique.p_correct != critique.cut:
            votes[f"critic {critique.sample}"] = critique.p_correct > critique.cut
    for check in step.checks:
        if check.outcome is not Outcome.UNDECIDED:
            name = f"{check.tool} {check.claim.source}"
            votes[name] = votes.get(name, True) and check.outcome is Outcome.CONFIRMED
    return votes


def grounded_prm(
    solutions: Sequence[Steps], weights: Weights, *, outcomes: Sequence[bool | None] = ()
) -> list[list[Opinion]]:
    """Reward each step by the verdicts from it on and by the outcome, and pass rewards back (GroundedPRM's hybrid).

    GroundedPRM labels the nodes of a search tree; a solution is one path of it, and the simulation from a step is the
    solution from there on. With verdicts ``v_i`` in {-1, 0, 1} of the N steps before the last and outcome F::

        R = (1/N) * sum over i < N of v_i * (N - i) / N  +  F / N          (N = 0: R = F)
        value of step t = sum over s >= t of 0.9^(s - t) * R_s             label = sign(value)

    A verdict is what the default rule says of the step (0 where that is undecided). The probability,
    ``(1 + value / largest possible value) / 2``, ranks steps and is not calibrated.

    Args:
        solutions: the evidence.
        weights: of the default rule.
        outcomes: for each solution whether its final answer is right, where that is known; otherwise, and without
            this argument, the last step's verdict is the outcome.
    """
    given = outcomes or [None] * len(solutions)
    return [_grounded(steps, weights, outcome) for steps, outcome in zip(solutions, given, strict=True)]


_SIGN: Final = {Label.CORRECT: 1, Label.INCORRECT: -1, Label.UNDECIDED: 0}


def hybrid_reward(verdicts: Sequence[int], outcome: int) -> float:
    """Return GroundedPRM's R for verdicts before the last step, each -1, 0 or 1, and the outcome; see there."""
    n = len(verdicts)
    if n == 0:
        return float(outcome)
    return sum(v * (n - i) / n for i, v in enumerate(verdicts)) / n + outcome / n


def _grounded(steps: Steps, weights: Weights, outcome: bool | None) -> list[Opinion]:
    signs = [_SIGN[log_odds_rule(step, weights).label] for step in steps]
    final = (signs[-1] if signs else 0) if outcome is None else 1 if outcome else -1
    opinions: list[Opinion] = []
    value = most = 0.0
    for t in reversed(range(len(steps))):
        before_last = signs[t:-1]
        value = hybrid_reward(before_last, final) + DISCOUNT * value
        most = hybrid_reward([1] * len(before_last), 1) + DISCOUNT * most
        opinions.append(SILENT if value == 0.0 else _opinion((1.0 + value / most) / 2.0))
    return opinions[::-1]


def _directions(step: Evidence) -> tuple[float | None, float | None]:
    """Return the mean of the critiques read first to last, and of those read last to first."""
    pairs = [(c.p_correct, BACKWARDS in c.notes) for c in step.critiques if c.p_correct is not None]
    forward, backward = [p for p, back in pairs if not back], [p for p, back in pairs if back]
    return fmean(forward) if forward else None, fmean(backward) if backward else None


def _biprm(step: Evidence, fused: Callable[[float, float], float]) -> Opinion:
    """Fuse two directions; what one could not read, the other says alone."""
    forward, backward = _directions(step)
    if forward is not None and backward is not None:
        return _opinion(fused(forward, backward), step.cut)
    one = forward if forward is not None else backward
    return SILENT if one is None else _opinion(one, step.cut)


def _biprm_mean(step: Evidence) -> Opinion:
    """``p = (L2R + R2L) / 2``, the two directions of reading (BiPRM)."""
    return _biprm(step, lambda forward, backward: (forward + backward) / 2)


def _biprm_min(step: Evidence) -> Opinion:
    """``p = min(L2R, R2L)``: right only if both directions find it so (BiPRM)."""
    return _biprm(step, min)


def biprm_gated(solutions: Sequence[Steps], weights: Weights, *, gate: float = 0.5) -> list[list[Opinion]]:
    """``p = g * L2R + (1 - g) * R2L`` (BiPRM, later version).

    In the paper a small trained network gives ``g`` for each step; without its weights, here it is a number.

    Args:
        solutions: the evidence.
        weights: not used.
        gate: ``g`` in [0, 1]; at 0.5 it is ``biprm_mean``.

    Raises:
        ValueError: ``gate`` is outside [0, 1].
    """
    if not 0.0 <= gate <= 1.0:
        raise ValueError(f"gate must be in [0, 1], got {gate}")
    gated = _by_critics(lambda step: _biprm(step, lambda l2r, r2l: gate * l2r + (1 - gate) * r2l))
    return gated(solutions, weights)


mean, vote = _by_critics(_mean), _by_critics(_vote)
capo_intersection, capo_majority = _by_critics(_capo_intersection), _by_critics(_capo_majority)
biprm_mean, biprm_min = _by_critics(_biprm_mean), _by_critics(_biprm_min)

METHODS: Final[Mapping[str, Rule]] = {
    "log_odds": log_odds,
    "mean": mean,
    "vote": vote,
    "capo_intersection": capo_intersection,
    "capo_majority": capo_majority,
    "spark": spark,
    "dawid_skene": label_model,
    "grounded_prm": grounded_prm,
    "biprm_mean": biprm_mean,
    "biprm_min": biprm_min,
    "biprm_gated": biprm_gated,
}
"""The rules of fusion by name."""
