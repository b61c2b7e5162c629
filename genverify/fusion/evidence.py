"""Critiques and checks of a step to what fusion weighs: the critics' mean, the kinds of evidence, what tools decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from genverify.types import Check, Critique, Label, Outcome, Source, StepVerdict


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known about one step before anything is weighed."""

    index: int
    """Place of the step in the solution, counted from 0."""
    critiques: tuple[Critique, ...] = ()
    checks: tuple[Check, ...] = ()
    coverage: float = 0.0
    """Share in [0, 1] of the step's words and numbers that lie in decided claims or carry no claim."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.coverage <= 1.0:
            raise ValueError(f"step {self.index}: coverage must be in [0, 1], got {self.coverage}")
        for p in (c.p_correct for c in self.critiques if c.p_correct is not None):
            if not 0.0 <= p <= 1.0:
                raise ValueError(f"step {self.index}: a critic's p_correct must be in [0, 1], got {p}")
        for cut in (c.cut for c in self.critiques):
            if not 0.0 < cut < 1.0:
                raise ValueError(f"step {self.index}: a critic's cut must be in (0, 1), got {cut}")

    @classmethod
    def of(cls, verdict: StepVerdict) -> Self:
        """Take the evidence out of a verdict again, so that it can be fused anew."""
        return cls(verdict.index, verdict.critiques, verdict.checks, verdict.coverage)

    @property
    def critic(self) -> float | None:
        """Return the mean probability of the critiques that have one, in [0, 1]; None if none has."""
        read = self.probabilities
        return sum(read) / len(read) if read else None

    @property
    def probabilities(self) -> list[float]:
        """Return the probabilities of the critiques that have one, in the order of the samples."""
        return [c.p_correct for c in self.critiques if c.p_correct is not None]

    @property
    def cut(self) -> float:
        """Return the mean cut of the critiques that have a probability, in (0, 1); one half if none has."""
        cuts = [c.cut for c in self.critiques if c.p_correct is not None]
        return sum(cuts) / len(cuts) if cuts else 0.5

    @property
    def refuted(self) -> bool:
        """Tell whether a claim read from the step's own text was refuted, which decides the step."""
        return any(c.outcome is Outcome.REFUTED for c in self.checks if c.claim.source is Source.EXTRACTED)

    @property
    def confirmed(self) -> bool:
        """Tell whether the tools confirmed all that the step says."""
        return complete(self.checks, self.coverage)


def complete(checks: Sequence[Check], coverage: float) -> bool:
    """Tell whether the tools confirmed all that the step says: every claim, and no word left outside them."""
    own = extracted(checks)
    refuted = any(c.outcome is Outcome.REFUTED for c in checks)  # a model's reading may refute, its doubts do not count
    return bool(own) and coverage == 1.0 and not refuted and all(c.outcome is Outcome.CONFIRMED for c in own)


def extracted(checks: Sequence[Check]) -> list[Check]:
    """Return the checks of claims that were read from the step's own text."""
    return [c for c in checks if c.claim.source is Source.EXTRACTED]


def called(p: float, cut: float = 0.5) -> Label:
    """Return what a probability of being right calls a step: wrong below ``cut``, right above it, at it neither."""
    if p == cut:
        return Label.UNDECIDED
    return Label.CORRECT if p > cut else Label.INCORRECT
