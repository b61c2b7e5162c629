"""Judged solutions to figures, each with its denominator and its 95 % bootstrap interval.

A scorer turns every solution into a tally, a few named numbers, and names the figures that follow from the tallies'
sums. So a figure never depends on the order of the rows, nor does its interval: equal tallies are drawn as one.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final

RESAMPLES: Final = 1000
"""Bootstrap resamples: the ends of a 95 % interval then rest on 25 samples each."""
Tally = Mapping[str, float]
"""What one solution adds to the sums, by name."""
Sums = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that can be quoted."""

    value: float | None
    """In [0, 1] for shares; None when nothing was counted."""
    total: float
    """What it was computed over: the denominator of a share, else the number of solutions or steps."""
    hits: float | None = None
    """The numerator of a share; None for other figures."""
    low: float | None = None
    """Lower end of the 95 % interval; None where no interval was computed."""
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """How a figure follows from the sums of the tallies."""

    name: str
    words: str
    """What it says, for a person."""
    value: Callable[[Sums], float | None]
    total: str
    """The name of the sum that it was computed over."""
    hits: str | None = None
    """The name of the sum that is its numerator."""
    interval: bool = True


def share(name: str, words: str, hits: str, total: str, *, interval: bool = True) -> Measure:
    """Return the measure ``hits / total``."""
    return Measure(name, words, lambda sums: _ratio(sums.get(hits, 0), sums.get(total, 0)), total, hits, interval)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def figures(
    tallies: Sequence[Tally], measures: Sequence[Measure], *, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Figure]:
    """Return the figures of ``measures`` by name; intervals are percentile bootstrap, drawn with ``seed``."""
    sums = _sums(Counter(map(_frozen, tallies)))
    drawn = _draws(tallies, measures, seed, resamples)
    found: dict[str, Figure] = {}
    for measure in measures:
        values = [v for resample in drawn if (v := measure.value(resample)) is not None] if measure.interval else []
        low, high = interval(values)
        hits = None if measure.hits is None else sums.get(measure.hits, 0)
        found[measure.name] = Figure(measure.value(sums), sums.get(measure.total, 0), hits, low, high)
    return found


def _frozen(tally: Tally) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(tally.items()))


def _sums(counted: Mapping[tuple[tuple[str, float], ...], int]) -> dict[str, float]:
    """Add up tallies, each taken as often as ``counted`` says, in an order that depends on nothing but them."""
    parts: dict[str, list[float]] = {}
    for tally, times in sorted(counted.items()):
        for name, value in tally:
            parts.setdefault(name, []).append(value * times)
    return {name: math.fsum(values) for name, values in parts.items()}


def _draws(tallies: Sequence[Tally], measures: Sequence[Measure], seed: int, resamples: int) -> list[Sums]:
    """Return the sums of each resample, of the numbers alone that figures with an interval may need."""
    if not tallies or not any(m.interval for m in measures):
        return []
    open_ended = {name for m in measures if not m.interval for name in (m.total, m.hits) if name}
    needed = {name for m in measures if m.interval for name in (m.total, m.hits) if name}
    left_out = open_ended - needed
    slim = Counter(_frozen({n: v for n, v in t.items() if n not in left_out}) for t in tallies)
    groups = sorted(slim)
    columns: dict[str, list[float]] = {name: [0] * len(groups) for group in groups for name, _ in group}
    for place, group in enumerate(groups):
        for name, value in group:
            columns[name][place] = value
    places = [place for place, group in enumerate(groups) for _ in range(slim[group])]
    rng = random.Random(seed)
    drawn: list[Sums] = []
    for _ in range(resamples):
        picked = Counter(rng.choices(places, k=len(places)))
        times = [picked[place] for place in range(len(groups))]
        drawn.append({name: sum(map(mul, times, column)) for name, column in columns.items()})
    return drawn


def interval(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Return the 2.5 % and 97.5 % percentiles; None for no values."""
    if not values:
        return None, None
    ordered = sorted(values)
    return ordered[int(0.025 * len(ordered))], ordered[min(int(0.975 * len(ordered)), len(ordered) - 1)]


def harmonic(a: float | None, b: float | None) -> float:
    """Return the harmonic mean of two shares; 0 where either is 0 or unknown."""
    return 2 * a * b / (a + b) if a and b else 0.0


def f1(hits: float, said: float, there: float) -> float:
    """Return the harmonic mean of ``hits / said`` (precision) and ``hits / there`` (recall); 0 where either is 0."""
    return harmonic(_ratio(hits, said), _ratio(hits, there))


def matthews(tp: float, tn: float, fp: float, fn: float) -> float:
    """Return Matthews' correlation coefficient, in [-1, 1]; 0 where a row or column of the table is empty."""
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return (tp * tn - fp * fn) / math.sqrt(product) if product else 0.0
