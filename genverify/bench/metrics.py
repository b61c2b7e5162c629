"""Judged solutions to figures: shares with their denominators, F1 as ProcessBench computes it, bootstrap intervals."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

RESAMPLES: Final = 1000
"""Bootstrap resamples: the ends of a 95 % interval then rest on 25 samples each."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled solution and what was said of it."""

    label: int
    """The first wrong step, counted from 0; -1 for a right solution."""
    prediction: int
    """The first step called INCORRECT, counted from 0; -1 for none."""
    steps: int
    decided_steps: int
    """Steps with at least one claim that a tool confirmed or refuted."""
    coverage: float
    """Mean over the steps of the share in [0, 1] of their text that decided claims speak for."""
    claims: int
    decided_claims: int


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``total``; without a total there is no value."""

    hits: int
    total: int
    low: float | None = None
    """Lower end of the 95 % interval, in [0, 1]."""
    high: float | None = None

    @property
    def value(self) -> float | None:
        """The share in [0, 1]; None when nothing was counted."""
        return self.hits / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything that is reported for one set of solutions."""

    f1: float
    """Harmonic mean of ``found`` and ``left_alone``, in [0, 1]; 0 where either is 0 or has nothing to count."""
    f1_low: float
    f1_high: float
    found: Share
    """Wrong solutions whose first error was located exactly."""
    left_alone: Share
    """Right solutions in which no step was called wrong."""
    precision: Share
    """Of the solutions with a step called wrong: that step is the labelled first error."""
    at_or_after: Share
    """Of the same: that step is the labelled first error or comes after it."""
    covered_steps: Share
    """Steps with at least one decided claim."""
    decided_claims: Share
    """Claims that a tool confirmed or refuted."""
    text_coverage: float | None
    """Mean share in [0, 1] of the text of a step that decided claims speak for."""


def f1(rows: Sequence[Judged]) -> float:
    """Return ProcessBench's F1 (Zheng et al. 2024, section 3): the harmonic mean of the accuracies on both halves.

    Accuracy on the wrong half asks for the exact step, on the right half for "no error". Where both are 0 their code
    divides 0 by 0; here the value is 0.
    """
    wrong = [r.prediction == r.label for r in rows if r.label >= 0]
    right = [r.prediction == r.label for r in rows if r.label < 0]
    if not wrong or not right or not any(wrong) or not any(right):
        return 0.0
    a, b = sum(wrong) / len(wrong), sum(right) / len(right)
    return 2 * a * b / (a + b)


def scores(rows: Sequence[Judged], *, seed: int = 0) -> Scores:
    """Return all figures for ``rows``; intervals are percentile bootstrap over solutions, drawn with ``seed``."""
    draws = _draws(rows, seed)

    def share(keep: Callable[[Judged], bool], hit: Callable[[Judged], bool]) -> Share:
        counted = [r for r in rows if keep(r)]
        values = []
        for sample in draws:
            kept = [r for r in sample if keep(r)]
            if kept:
                values.append(sum(map(hit, kept)) / len(kept))
        low, high = _interval(values)
        return Share(sum(map(hit, counted)), len(counted), low, high)

    f1_low, f1_high = _interval([f1(sample) for sample in draws])
    steps = sum(r.steps for r in rows)
    return Scores(
        f1=f1(rows),
        f1_low=f1_low or 0.0,
        f1_high=f1_high or 0.0,
        found=share(lambda r: r.label >= 0, lambda r: r.prediction == r.label),
        left_alone=share(lambda r: r.label < 0, lambda r: r.prediction < 0),
        precision=share(lambda r: r.prediction >= 0, lambda r: r.prediction == r.label),
        at_or_after=share(lambda r: r.prediction >= 0, lambda r: 0 <= r.label <= r.prediction),
        covered_steps=Share(sum(r.decided_steps for r in rows), steps),
        decided_claims=Share(sum(r.decided_claims for r in rows), sum(r.claims for r in rows)),
        text_coverage=sum(r.coverage * r.steps for r in rows) / steps if steps else None,
    )


def _draws(rows: Sequence[Judged], seed: int) -> list[list[Judged]]:
    if not rows:
        return []
    rng = random.Random(seed)
    return [rng.choices(rows, k=len(rows)) for _ in range(RESAMPLES)]


def _interval(values: list[float]) -> tuple[float | None, float | None]:
    """Return the 2.5 % and 97.5 % percentiles; None for no values."""
    if not values:
        return None, None
    ordered = sorted(values)
    return ordered[int(0.025 * len(ordered))], ordered[min(int(0.975 * len(ordered)), len(ordered) - 1)]
