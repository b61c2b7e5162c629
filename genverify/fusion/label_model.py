"""Votes of several sources to the probability of each item and the reliability of each source, without any labels.

Dawid and Skene 1979, "Maximum likelihood estimation of observer error-rates using the EM algorithm", for two classes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

TOLERANCE: Final = 1e-6
"""EM ends when no item's probability moves by more than this."""
MAX_ROUNDS: Final = 1000
"""EM ends after so many rounds at the latest; hundreds are common where sources rarely meet."""
SMOOTHING: Final = 1.0
"""Votes of each kind that every source is given beforehand (Laplace): one that never erred among few items is not
infallible."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """How one source votes."""

    yes_if_right: float
    """P(votes right | the item is right), in (0, 1): its sensitivity."""
    yes_if_wrong: float
    """P(votes right | the item is wrong), in (0, 1): 1 minus its specificity."""
    votes: int
    """Items on which it did not abstain."""


@dataclass(frozen=True, slots=True)
class LabelModel:
    """What EM came to."""

    p_right: tuple[float | None, ...]
    """For each item the probability in [0, 1] that it is right; None where every source abstained."""
    prior: float
    """Share of right items, in (0, 1)."""
    sources: Mapping[str, Reliability]
    rounds: int
    converged: bool


def dawid_skene(
    votes: Sequence[Mapping[str, bool]], *, smoothing: float = SMOOTHING, max_rounds: int = MAX_ROUNDS
) -> LabelModel:
    """Estimate which items are right from votes of sources whose reliability is not known either.

    It starts from the share of votes for "right". The M-step takes each source's two rates from the items on which it
    voted (abstentions are excluded), the E-step sets, with the prior ``a`` and source j's rates ``s_j`` and ``f_j``::

        odds(item) = a / (1 - a) * prod over j that voted yes of s_j / f_j * prod over j that voted no of
                     (1 - s_j) / (1 - f_j)

    Args:
        votes: for each item the sources that voted, True for "right"; a source that abstains is not there.
        smoothing: votes of each kind that each source, and the prior, is given beforehand, above 0.
        max_rounds: rounds after which EM ends in any case, at least 1.

    Raises:
        ValueError: ``smoothing`` or ``max_rounds`` is out of its range.
    """
    if not smoothing > 0.0 or max_rounds < 1:
        raise ValueError(f"smoothing must be above 0 and max_rounds at least 1, got {smoothing} and {max_rounds}")
    voted = [item for item in votes if item]
    belief = [sum(item.values()) / len(item) for item in voted]
    rounds, moved, prior, sources = 0, math.inf, 0.5, _rates([], [], smoothing)
    while rounds < max_rounds and moved > TOLERANCE and voted:
        prior = (sum(belief) + smoothing) / (len(belief) + 2 * smoothing)
        sources = _rates(voted, belief, smoothing)
        new = [_posterior(item, prior, sources) for item in voted]
        moved = max(abs(a - b) for a, b in zip(belief, new, strict=True))
        belief, rounds = new, rounds + 1
    known = iter(belief)
    p_right = tuple(next(known) if item else None for item in votes)
    return LabelModel(p_right, prior, sources, rounds, converged=not voted or moved <= TOLERANCE)


def _rates(voted: Sequence[Mapping[str, bool]], belief: Sequence[float], smoothing: float) -> dict[str, Reliability]:
    """Take each source's rates from what is believed of the items on which it voted (the M-step)."""
    sums: dict[str, list[float]] = {}  # of each source: right and yes, right, wrong and yes, wrong
    counts: dict[str, int] = {}
    for item, p in zip(voted, belief, strict=True):
        for source, yes in item.items():
            own = sums.setdefault(source, [0.0, 0.0, 0.0, 0.0])
            own[0] += p * yes
            own[1] += p
            own[2] += (1 - p) * yes
            own[3] += 1 - p
            counts[source] = counts.get(source, 0) + 1
    return {
        source: Reliability(
            (own[0] + smoothing) / (own[1] + 2 * smoothing),
            (own[2] + smoothing) / (own[3] + 2 * smoothing),
            counts[source],
        )
        for source, own in sums.items()
    }


def _posterior(item: Mapping[str, bool], prior: float, sources: Mapping[str, Reliability]) -> float:
    """Return the probability that an item is right (the E-step)."""
    odds = math.log(prior / (1 - prior))
    for source, yes in item.items():
        rates = sources[source]
        right, wrong = rates.yes_if_right, rates.yes_if_wrong
        odds += math.log(right / wrong) if yes else math.log((1 - right) / (1 - wrong))
    return 1 / (1 + math.exp(-max(min(odds, 700.0), -700.0)))  # exp overflows beyond
