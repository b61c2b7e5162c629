"""Verdicts on labelled steps to how well they tell right from wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from genverify.train.encode import Encoded


@dataclass(frozen=True, slots=True)
class Measured:
    """What a model makes of conversations that are held out."""

    loss: float | None
    """Mean loss of the tokens to be said, in nats; None without one."""
    step_auroc: float | None
    """Probability in [0, 1] that a right step is ranked above a wrong one by the word; None without both."""
    surprise_auroc: float | None
    """The same by what the step's digits cost (``protocols.surprise``), the cheaper ones ranked above."""
    steps: int
    """Steps with a label: what both were computed over."""


@dataclass(slots=True)
class Tally:
    """What has been measured so far."""

    losses: list[float] = field(default_factory=list)
    """Of each token to be said, in nats."""
    odds: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    """Log-odds of ``correct``, of right steps and of wrong ones."""
    likely: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    """Log-probability of all digits of a step, the same way."""

    def add(self, record: Encoded, odds: Sequence[float], costs: Sequence[float]) -> None:
        """Add a record.

        Args:
            record: with one end.
            odds: of ``correct``, for each of its verdicts.
            costs: of each of its tokens, in nats, 0 for all that are not digits of a step.
        """
        starts = (0, *record.verdicts)
        for right, odd, start, end in zip(record.right, odds, starts, record.verdicts, strict=False):
            self.odds[right].append(odd)
            self.likely[right].append(-sum(costs[start:end]))

    def measured(self) -> Measured:
        """Return what that comes to."""
        return Measured(
            sum(self.losses) / len(self.losses) if self.losses else None,
            auroc(self.odds[True], self.odds[False]),
            auroc(self.likely[True], self.likely[False]),
            len(self.odds[True]) + len(self.odds[False]),
        )


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
