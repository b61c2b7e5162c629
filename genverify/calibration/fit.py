"""Labelled steps to fitted weights of fusion by log-odds, and to figures before and after on the part held back.

A logistic regression of "the step is right" on one column for each kind of evidence, in the units of the rule itself
(:mod:`genverify.fusion.rule`), so that its coefficients *are* the weights. Signs are held: evidence never works
against itself, whatever a small sample says.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from genverify.calibration.metrics import RESAMPLES, Judgement, Quality, quality
from genverify.calibration.packages import need
from genverify.calibration.steps import LabelledStep
from genverify.errors import RecordError
from genverify.fusion import DEFAULT_WEIGHTS, Evidence, Weights
from genverify.fusion.rule import kinds_present, log_odds_rule
from genverify.fusion.weights import FALLBACKS, log_odds, probability
from genverify.types import Outcome

MIN_STEPS: Final = 200
"""Labelled steps needed in the part that is fitted; fewer say less than the weights that ship."""
MIN_CLASS: Final = 20
"""Right and wrong steps needed in either part."""
MIN_KIND: Final = 20
"""Steps that must show a kind of evidence before its weight is fitted; below that the earlier weight is kept."""
PENALTY: Final = 10.0
"""scikit-learn's ``C``: weights are drawn to 0 as by a normal prior with variance 10, so that a kind that was never
wrong in the sample does not become infallible; with variance 1 refutations came out 3 points too weak."""
FREE: Final = 10.0
"""Scale of the columns that say where a step starts: the prior hardly holds those, for 0 would be odds of 1 to 1."""
LARGEST_REFUTED: Final = 1 / 3
"""A step refuted by a sound tool, and read by no critic, is never given more than this: it is called INCORRECT."""
_UNREAD: Final = "no critic"
_READ: Final = "critic offset"
_SLOPE: Final = "critic slope"
_COMPLETE: Final = "complete"


@dataclass(frozen=True, slots=True)
class KindFit:
    """What the data say about one number among the weights."""

    name: str
    """A kind of evidence, or one of the other weights."""
    steps: int
    """Steps of the fitted part that show it."""
    right: int
    """How many of those are right."""
    before: float
    after: float
    note: str
    """``fitted``, or why it was not."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted weights and how well they do on what was held back."""

    weights: Weights
    kinds: tuple[KindFit, ...]
    fitted_steps: int
    fitted_problems: int
    held_steps: int
    held_problems: int
    before: Quality
    """Of the earlier weights, on the held steps that have a probability."""
    after: Quality
    """Of the fitted weights, on the same steps."""
    critic: Quality | None
    """Of the critics alone, on the held steps that they read; None if they read none."""
    after_read: Quality | None
    """Of the fitted weights, on the steps of ``critic``."""
    judged_before: tuple[Judgement, ...] = ()
    """What ``before`` and ``after`` were computed from; a plot needs them."""
    judged_after: tuple[Judgement, ...] = ()


def calibrate(
    fit: Sequence[LabelledStep],
    held: Sequence[LabelledStep],
    *,
    start: Weights = DEFAULT_WEIGHTS,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Calibration:
    """Fit weights on ``fit`` and measure them on ``held``.

    Args:
        fit: labelled steps, those without any evidence included: they tell where a step starts.
        held: labelled steps of other problems; see :func:`genverify.calibration.split`.
        start: the weights that are kept where there is too little to fit, and measured beside the fitted ones.
        seed: of the bootstrap.
        resamples: how often it draws; 0 leaves the intervals out.

    Raises:
        RecordError: there is too little data, or only one class, or nothing was decided; the message says what is
            needed.
        UsageError: scikit-learn is missing.
    """
    need("numpy", "sklearn")
    _enough(fit, "to fit on")
    _enough(held, "held back")
    weights, kinds = _fitted(fit, start)
    before, after = _judged(held, start), _judged(held, weights)
    read = [step for step in held if step.evidence.critic is not None]
    alone = [Judgement(p, s.right, s.problem) for s in read if (p := s.evidence.critic) is not None]
    return Calibration(
        weights=weights,
        kinds=kinds,
        fitted_steps=len(fit),
        fitted_problems=len({step.problem for step in fit}),
        held_steps=len(held),
        held_problems=len({step.problem for step in held}),
        before=quality(before, seed=seed, resamples=resamples),
        after=quality(after, seed=seed, resamples=resamples),
        critic=quality(alone, seed=seed, resamples=resamples) if read else None,
        after_read=quality(_judged(read, weights), seed=seed, resamples=resamples) if read else None,
        judged_before=tuple(before),
        judged_after=tuple(after),
    )


def _enough(steps: Sequence[LabelledStep], what: str) -> None:
    right = sum(step.right for step in steps)
    wrong = len(steps) - right
    if min(right, wrong) == 0:
        got = f"{len(steps)} steps, all {'right' if right else 'wrong'}" if steps else "no step"
        raise RecordError(f"expected right and wrong steps {what}, got {got}; one class alone gives no weights")
    if len(steps) < MIN_STEPS or min(right, wrong) < MIN_CLASS:
        raise RecordError(
            f"too little data {what}: expected at least {MIN_STEPS} labelled steps, {MIN_CLASS} of them right and "
            f"{MIN_CLASS} wrong, got {right} right and {wrong} wrong; label more, or keep the weights that ship"
        )
    if not any(kinds_present(step.evidence) or step.evidence.critic is not None for step in steps):
        raise RecordError(f"no step {what} was decided by a tool or read by a critic: there is nothing to weigh")


def _judged(steps: Sequence[LabelledStep], weights: Weights) -> list[Judgement]:
    ps = ((log_odds_rule(step.evidence, weights).p, step) for step in steps)
    return [Judgement(p, step.right, step.problem) for p, step in ps if p is not None]


def _columns(step: Evidence, limit: float) -> dict[str, float]:
    """Return what the rule adds up for a step: the name of each weight and what it is multiplied by."""
    critic = step.critic
    columns = dict.fromkeys(kinds_present(step), 1.0)
    if critic is None:
        columns[_UNREAD] = 1.0
    else:
        columns[_READ] = 1.0
        columns[_SLOPE] = log_odds(min(max(critic, 1.0 - limit), limit))
    if step.confirmed:
        columns[_COMPLETE] = 1.0
    return columns


def _fitted(steps: Sequence[LabelledStep], start: Weights) -> tuple[Weights, tuple[KindFit, ...]]:
    pairs = [(_columns(step.evidence, start.critic_limit), step.right) for step in steps]
    seen = Counter(name for row, _ in pairs for name in row)
    right = Counter(name for row, is_right in pairs if is_right for name in row)
    rare = {name for name, count in seen.items() if count < MIN_KIND} - {_UNREAD}
    # a step that critics read is fitted a second time without them: else nothing would say where an unread one starts
    read = (step for step in steps if step.evidence.critic is not None)
    copies = [(_columns(replace(s.evidence, critiques=()), start.critic_limit), s.right) for s in read]
    kept = [(row, is_right) for row, is_right in [*pairs, *copies] if not rare & row.keys()]
    wanted = sorted({name for row, _ in kept for name in row})
    found, against = _regressed([row for row, _ in kept], [right for _, right in kept], wanted)
    weights, held = _weights(found, start)
    notes = {**dict.fromkeys(wanted, "fitted"), **dict.fromkeys(against, "held at 0: the sample points the other way")}
    notes.update(dict.fromkeys(held, f"held: a refuted step gets at most {LARGEST_REFUTED:.2f}"))
    notes.update(
        {f: f"as the least reliable {f[2:]} fitted" for f in FALLBACKS if any(n.endswith(f[1:]) for n in wanted)}
    )
    notes.update(dict.fromkeys(rare, f"kept: fewer than {MIN_KIND} steps"))
    names = [*sorted({*seen, _UNREAD}), *(kind for kind in weights.evidence if kind not in seen)]
    kinds = (
        KindFit(
            name, seen[name], right[name], _value(start, name), _value(weights, name), notes.get(name, "kept: not seen")
        )
        for name in names
    )
    return weights, tuple(kinds)


def _regressed(
    rows: Sequence[Mapping[str, float]], labels: Sequence[bool], wanted: Sequence[str]
) -> tuple[dict[str, float], set[str]]:
    """Fit by logistic regression; columns whose sign comes out against their meaning are 0, and the rest fitted again.

    Returns:
        The weight of each column, and those held at 0.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    if len(set(labels)) < 2:
        raise RecordError("the steps with kinds of evidence frequent enough to fit are all of one class")
    names, against = list(wanted), set[str]()
    while True:
        scales = {name: FREE if name in (_UNREAD, _READ) else 1.0 for name in names}
        matrix = np.array([[row.get(name, 0.0) * scales[name] for name in names] for row in rows])
        model = LogisticRegression(C=PENALTY, fit_intercept=False, max_iter=10_000, tol=1e-8)
        model.fit(matrix, np.array(labels))
        found = {name: float(c) * scales[name] for name, c in zip(names, model.coef_[0], strict=True)}
        wrong = {name for name, weight in found.items() if _against(name, weight)}
        if not wrong:
            return found | dict.fromkeys(against, 0.0), against
        against |= wrong
        names = [name for name in names if name not in wrong]


def _against(name: str, weight: float) -> bool:
    """Tell whether a weight turns its evidence around: a refutation that raises, a confirmation that lowers."""
    if name in (_UNREAD, _READ):
        return False
    return weight > 0.0 if name.endswith(f":{Outcome.REFUTED}") else weight < 0.0


def _weights(found: Mapping[str, float], start: Weights) -> tuple[Weights, set[str]]:
    """Put fitted columns into weights; returns them and the kinds whose weight had to be held."""
    base_rate = probability(found[_UNREAD])
    evidence = {**start.evidence, **{name: weight for name, weight in found.items() if ":" in name}}
    for fallback in FALLBACKS:  # a tool that nobody has tried is trusted like the least reliable that was
        fitted = [w for name, w in found.items() if name.endswith(fallback[1:])]
        if fitted:
            evidence[fallback] = min(fitted, key=abs)
    most = log_odds(LARGEST_REFUTED) - log_odds(base_rate)
    refuting = [name for name in evidence if name.endswith(":extracted:refuted")]
    held = {name for name in refuting if evidence[name] > min(most, 0.0)}
    evidence.update(dict.fromkeys(held, min(most, 0.0)))
    weights = replace(
        start,
        base_rate=base_rate,
        evidence=evidence,
        complete=found.get(_COMPLETE, start.complete),
        critic_offset=found.get(_READ, start.critic_offset),
        critic_slope=found.get(_SLOPE, start.critic_slope if _READ not in found else 0.0),
        record={},
    )
    return weights, held


def _value(weights: Weights, name: str) -> float:
    """Return the number of ``weights`` that a column stands for; the base rate in log-odds, as it was fitted."""
    others = {
        _UNREAD: log_odds(weights.base_rate),
        _READ: weights.critic_offset,
        _SLOPE: weights.critic_slope,
        _COMPLETE: weights.complete,
    }
    return others[name] if name in others else weights.of(name)
