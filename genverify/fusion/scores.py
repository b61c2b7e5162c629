"""The probabilities of steps to the score of their solution, with what was missing counted and never filled in."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from genverify.types import Label, LabelConvention, StepVerdict

SMALLEST: Final = 1e-12
"""Probabilities below this count as this where their logarithm is taken: one certain "wrong" would be minus infinity,
and solutions with one such step could no longer be told from those with many."""


@dataclass(frozen=True, slots=True)
class SolutionScore:
    """The score of a solution and how much of the solution it rests on."""

    value: float | None
    """In [0, 1], higher is better; at most 0 for ``mean_log_prob``. None if the score is not known."""
    known: int
    """Steps with a probability."""
    missing: int
    """Steps without one; they are left out, not guessed."""


def _product(ps: Sequence[float]) -> float:
    return math.prod(ps)


def _mean(ps: Sequence[float]) -> float:
    return math.fsum(ps) / len(ps)


def _mean_log_prob(ps: Sequence[float]) -> float:
    return math.fsum(math.log(max(p, SMALLEST)) for p in ps) / len(ps)


AGGREGATORS: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    "product": _product,
    "min": min,
    "mean": _mean,
    "last": lambda ps: ps[-1],
    "max": max,
    "mean_log_prob": _mean_log_prob,
}
"""How the known probabilities of the steps, in order, become one number. The product and the minimum are those of
Lightman et al. 2023 (Let's Verify Step by Step, appendix F) and Math-Shepherd (Wang et al. 2024); mean, last, max and
the mean logarithm are the others that public code for best-of-N offers (methods of openr and Multi-RM)."""


def score(steps: Sequence[float | None], how: str = "product") -> SolutionScore:
    """Return the score of a solution from the probabilities of its steps.

    Args:
        steps: the probability in [0, 1] of each step, in order; None where it is not known.
        how: a name in :data:`AGGREGATORS`. ``last`` is known only if the last step is: another step in its place
            would be another score.

    Raises:
        ValueError: there is no such aggregator, or a probability is outside [0, 1].
    """
    if how not in AGGREGATORS:
        raise ValueError(f"aggregator: expected one of {', '.join(AGGREGATORS)}, got {how!r}")
    known = [p for p in steps if p is not None]
    if not all(0.0 <= p <= 1.0 for p in known):
        raise ValueError(f"probabilities must be in [0, 1], got {known}")
    silent = not known or (how == "last" and steps[-1] is None)
    value = None if silent else AGGREGATORS[how](known)
    return SolutionScore(value, len(known), len(steps) - len(known))


def solution_score(
    verdicts: Sequence[StepVerdict], convention: LabelConvention = LabelConvention.LOCAL
) -> float | None:
    """Return the probability that the whole solution is right, in [0, 1]; None if no step has one.

    It is the product of the steps' probabilities, without those unknown. Where a probability already speaks of all
    steps up to its own (PREFIX), it is the least of them: a prefix is never likelier than a shorter one.
    """
    how = "min" if convention is LabelConvention.PREFIX else "product"
    return score([v.p_correct for v in verdicts], how).value


def first_error(verdicts: Sequence[StepVerdict]) -> int | None:
    """Return the first INCORRECT step, counted from 0; None if no step was found to be wrong."""
    return next((v.index for v in verdicts if v.label is Label.INCORRECT), None)
