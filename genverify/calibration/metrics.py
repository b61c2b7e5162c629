"""Probabilities with what was true to ECE, Brier score and AUROC, each with its denominator and interval."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from genverify.calibration.packages import need

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    _Of = Callable[[Array, Array, Array], float | None]
    """A figure from the distinct probabilities and how often each came with right and with wrong."""

BINS: Final = 10
"""Equal bins of [0, 1] for the calibration error (Naeini et al. 2015; with 10 the emptiest still hold something)."""
RESAMPLES: Final = 1000
"""Bootstrap resamples: the ends of a 95 % interval then rest on 25 samples each."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A probability, and whether what it speaks of was true."""

    p: float
    """In [0, 1]."""
    right: bool
    group: Hashable = None
    """What is drawn as one in the bootstrap, such as the problem: its steps are not independent."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % bootstrap interval."""

    value: float | None
    """None where it is not defined: nothing counted, or for AUROC only one class."""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a set of probabilities is."""

    count: int
    """Probabilities; the denominator of all three figures."""
    right: int
    """How many of them speak of something that was right."""
    ece: Figure
    """Expected calibration error, in [0, 1]: mean over the bins, weighted by count, of |mean p - share right|."""
    brier: Figure
    """Mean of (p - 1 or 0)^2, in [0, 1]; lower is better (Brier 1950)."""
    auroc: Figure
    """Probability in [0, 1] that a right one is ranked above a wrong one, a tie counting half (Hanley and McNeil)."""


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of a reliability diagram."""

    low: float
    high: float
    """It holds low <= p < high; the last one holds 1 as well."""
    count: int
    mean_p: float | None
    """None for an empty bin."""
    share_right: float | None


def quality(judgements: Sequence[Judgement], *, seed: int = 0, resamples: int = RESAMPLES) -> Quality:
    """Return the figures for ``judgements``.

    Args:
        judgements: probabilities and truths, in any order.
        seed: of the bootstrap, which draws whole groups with replacement.
        resamples: how many times it draws; 0 leaves the intervals out.

    Raises:
        ValueError: a probability is outside [0, 1] or no number.
        UsageError: numpy is missing.
    """
    figures = _Counts(judgements).figures((_ece, _brier, _auroc), seed, resamples)
    return Quality(len(judgements), sum(j.right for j in judgements), *figures)


def accuracy(judgements: Sequence[Judgement], threshold: float, *, seed: int = 0, resamples: int = RESAMPLES) -> Figure:
    """Return the share of ``judgements`` that a threshold gets right: called right at ``p >= threshold``.

    Raises:
        ValueError: a probability is outside [0, 1] or no number.
        UsageError: numpy is missing.
    """

    def hits(ps: "Array", right: "Array", wrong: "Array") -> float | None:
        total = (right + wrong).sum()
        return float((right[ps >= threshold].sum() + wrong[ps < threshold].sum()) / total) if total else None

    return _Counts(judgements).figures([hits], seed, resamples)[0]


def reliability(judgements: Sequence[Judgement], bins: int = BINS) -> tuple[Bin, ...]:
    """Return the reliability diagram of ``judgements`` in ``bins`` equal bins, lowest first."""
    found: list[list[Judgement]] = [[] for _ in range(bins)]
    for judgement in judgements:
        found[min(int(judgement.p * bins), bins - 1)].append(judgement)
    return tuple(
        Bin(
            i / bins,
            (i + 1) / bins,
            len(own),
            sum(j.p for j in own) / len(own) if own else None,
            sum(j.right for j in own) / len(own) if own else None,
        )
        for i, own in enumerate(found)
    )


class _Counts:
    """How often each distinct probability came with right and with wrong; all figures follow from that."""

    def __init__(self, judgements: Sequence[Judgement]) -> None:
        need("numpy")
        import numpy as np

        if not all(0.0 <= j.p <= 1.0 for j in judgements):
            raise ValueError("probabilities must be numbers in [0, 1]")
        self.ps, self._at = np.unique(np.array([j.p for j in judgements], dtype=float), return_inverse=True)
        self._right = np.array([j.right for j in judgements], dtype=float)
        groups = {group: i for i, group in enumerate(dict.fromkeys(j.group for j in judgements))}
        self._group = np.array([groups[j.group] for j in judgements], dtype=int)
        self._groups = len(groups)

    def figures(self, wanted: "Sequence[_Of]", seed: int, resamples: int) -> list[Figure]:
        """Return figures for all and their intervals over bootstrap samples of the groups, drawn once for all."""
        import numpy as np

        whole = self._counted(np.ones_like(self._right))
        draw = np.random.default_rng(seed)
        drawn: list[list[float]] = [[] for _ in wanted]
        for _ in range(resamples if self._groups else 0):
            times = np.bincount(draw.integers(0, self._groups, self._groups), minlength=self._groups)
            counted = self._counted(times[self._group].astype(float))
            for of, values in zip(wanted, drawn, strict=True):
                one = of(self.ps, *counted)
                values += [] if one is None else [one]
        return [_figure(of(self.ps, *whole), sorted(values)) for of, values in zip(wanted, drawn, strict=True)]

    def _counted(self, times: "Array") -> "tuple[Array, Array]":
        """Count right and wrong at each distinct probability, each judgement as many ``times``."""
        import numpy as np

        size = len(self.ps)
        right = np.bincount(self._at, weights=times * self._right, minlength=size)
        wrong = np.bincount(self._at, weights=times * (1 - self._right), minlength=size)
        return right.astype(np.float64), wrong.astype(np.float64)


def _figure(value: float | None, drawn: Sequence[float]) -> Figure:
    """Put a value beside the middle 95 % of its resamples, lowest first."""
    if value is None or not drawn:
        return Figure(value)
    return Figure(value, drawn[int(0.025 * len(drawn))], drawn[min(int(0.975 * len(drawn)), len(drawn) - 1)])


def _ece(ps: "Array", right: "Array", wrong: "Array") -> float | None:
    import numpy as np

    total = right + wrong
    if not total.sum():
        return None
    at = np.minimum((ps * BINS).astype(int), BINS - 1)
    off = np.bincount(at, weights=ps * total - right, minlength=BINS)
    return float(np.abs(off).sum() / total.sum())


def _brier(ps: "Array", right: "Array", wrong: "Array") -> float | None:
    total = (right + wrong).sum()
    return float((right * (1 - ps) ** 2 + wrong * ps**2).sum() / total) if total else None


def _auroc(ps: "Array", right: "Array", wrong: "Array") -> float | None:
    import numpy as np

    pairs = right.sum() * wrong.sum()
    below = np.cumsum(wrong) - wrong
    return float((right * (below + wrong / 2)).sum() / pairs) if pairs else None
