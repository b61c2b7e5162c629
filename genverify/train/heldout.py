"""Verdicts on labelled steps to how well they tell right from wrong."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """What a model makes of conversations that are held out."""

    loss: float | None
    """Mean loss of the tokens to be said, in nats; None without one."""
    step_auroc: float | None
    """Probability in [0, 1] that a right step is ranked above a wrong one; None if all are alike or there are none."""
    steps: int
    """Steps with a label: what ``step_auroc`` was computed over."""


def auroc(right: Sequence[float], wrong: Sequence[float]) -> float | None:
    """Return how often a value of ``right`` lies above one of ``wrong``, ties counting half; None without both."""
    if not right or not wrong:
        return None
    ordered = sorted([(v, 1) for v in right] + [(v, 0) for v in wrong])
    rank_sum, at = 0.0, 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        rank_sum += sum(side for _, side in ordered[at:end]) * (at + 1 + end) / 2  # mean of the ranks that tie
        at = end
    n = len(right)
    return (rank_sum - n * (n + 1) / 2) / (n * len(wrong))
