"""Judged pools of solutions to the accuracy of choosing one among N, by votes, by scores, and by both.

For each problem and each N a seeded sample of subsets is drawn; a figure is the mean over subsets, then over problems.
Ties are not broken: equally good choices count by the share of them that is right. Answers vote by class of equal ones
(``answers``), never by spelling.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Final

from genverify.bench.metrics import Measure, Tally, share
from genverify.bench.rows import Judged
from genverify.bench.scorers import Scorer

SUBSETS: Final = 16
"""Subsets drawn for one problem and one N; all of them where there are no more."""
Choice = Callable[[Sequence[Judged]], float]
"""A pool to the share in [0, 1] of equally good choices that is right."""


def pass_at_1(pool: Sequence[Judged]) -> float:
    """Choose blindly."""
    return _share_right(pool)


def oracle(pool: Sequence[Judged]) -> float:
    """Choose a right solution if there is one: pass@N, the ceiling of every choice."""
    return float(any(row.gold.correct for row in pool))


def majority(pool: Sequence[Judged]) -> float:
    """Choose the answer most given (Wang et al. 2022); blindly where no solution has an answer."""
    return _vote(pool, lambda _: 1.0)


def unrefuted_majority(pool: Sequence[Judged]) -> float:
    """Choose the answer most given by the solutions with no step found wrong; by all where none is left."""
    return majority([row for row in pool if row.first_error is None] or pool)


def unrefuted(pool: Sequence[Judged]) -> float:
    """Choose blindly among the solutions with no step found wrong; among all where none is left."""
    return _share_right([row for row in pool if row.first_error is None] or pool)


def weighted(pool: Sequence[Judged]) -> float:
    """Choose the answer with the largest sum of solution scores, and of its solutions the one with the highest.

    A solution without a score adds nothing. Solutions with one answer need not all be right: in a number puzzle the
    answers of all have the same value. Where no solution has a score this is the majority.
    """
    if all(row.score is None for row in pool):
        return majority(pool)
    return _vote(pool, lambda row: row.score or 0.0)


def best(score: Callable[[Judged], float | None]) -> Choice:
    """Choose the solution with the highest score among those that have one; blindly where none has."""

    def choose(pool: Sequence[Judged]) -> float:
        scored = [(s, row) for row in pool if (s := score(row)) is not None]
        top = max((s for s, _ in scored), default=None)
        return _share_right([row for s, row in scored if s == top] or pool)

    return choose


def _known(row: Judged) -> list[float]:
    return [p for p in row.p if p is not None]


def aggregate(row: Judged, how: Callable[[list[float]], float]) -> float | None:
    """Return what ``how`` makes of the steps' probabilities, those unknown left out; None if none is known."""
    known = _known(row)
    return how(known) if known else None


CHOICES: Final[Mapping[str, tuple[str, Choice]]] = {
    "pass@1": ("blind choice (pass@1)", pass_at_1),
    "unrefuted": ("blind, steps found wrong left out", unrefuted),
    "majority": ("majority", majority),
    "unrefuted_majority": ("majority, steps found wrong left out", unrefuted_majority),
    "weighted": ("vote weighted by score", weighted),
    "best_product": ("best of N, product of the steps", best(lambda r: aggregate(r, math.prod))),
    "best_min": ("best of N, least step", best(lambda r: aggregate(r, min))),
    "best_mean": ("best of N, mean step", best(lambda r: aggregate(r, lambda p: math.fsum(p) / len(p)))),
    "best_last": ("best of N, last known step", best(lambda r: aggregate(r, lambda p: p[-1]))),
    "best_stored": ("best of N, score that came with the data", best(lambda r: r.gold.stored_score)),
    "oracle": ("oracle (pass@N)", oracle),
}


def _share_right(pool: Sequence[Judged]) -> float:
    return sum(bool(row.gold.correct) for row in pool) / len(pool)


def _vote(pool: Sequence[Judged], weight: Callable[[Judged], float]) -> float:
    groups: dict[int, list[Judged]] = {}
    for row in pool:
        if row.gold.same is not None:
            groups.setdefault(row.gold.same, []).append(row)
    if not groups:
        return _share_right(pool)
    votes = {answer: sum(map(weight, rows)) for answer, rows in groups.items()}
    winners = [rows for answer, rows in groups.items() if math.isclose(votes[answer], max(votes.values()))]
    return math.fsum(_share_right(_heaviest(rows, weight)) for rows in winners) / len(winners)


def _heaviest(rows: Sequence[Judged], weight: Callable[[Judged], float]) -> list[Judged]:
    most = max(map(weight, rows))
    return [row for row in rows if weight(row) == most]


def sizes(largest: int) -> tuple[int, ...]:
    """Return the N that are tried: powers of two up to ``largest``, and ``largest``."""
    powers = [2**k for k in range(largest.bit_length()) if 2**k <= largest]
    return tuple(sorted({*powers, largest}))


def subsets(pool: Sequence[Judged], n: int, seed: int) -> list[tuple[Judged, ...]]:
    """Return the subsets of ``n`` solutions that stand for all: every one if few, else a seeded sample."""
    if math.comb(len(pool), n) <= SUBSETS:
        return list(combinations(pool, n))
    rng = random.Random(f"{seed}/{pool[0].gold.pair}/{n}")
    return [tuple(rng.sample(list(pool), n)) for _ in range(SUBSETS)]


def scorer(rows: Sequence[Judged], *, seed: int = 0) -> Scorer:
    """Return the scorer of the pools in ``rows``, whose figures are named ``CHOICE@N``; one tally a problem.

    Problems with fewer than N solutions do not count for N; each figure's ``total`` says how many do. Choices that have
    nothing to go by, votes without answers or scores that did not come with the data, are left out.
    """
    names = [n for n in CHOICES if _applies(n, rows)]
    largest = max((len(pool) for pool in _pools(rows)), default=0)
    measures: list[Measure] = []
    for n in sizes(largest) if largest else ():
        for name in names:
            if (n > 1) != (name == "pass@1"):  # with one solution there is nothing to choose
                measures.append(share(_at(name, n), f"{CHOICES[name][0]}, N = {n}", f"{name}@{n}", f"problems@{n}"))
    counts = (
        share("accused_right", "right solutions with a step called wrong", "accused_right", "right", interval=False),
        share("accused_wrong", "wrong solutions with a step called wrong", "accused_wrong", "wrong", interval=False),
        share("scored", "solutions with a score", "scored", "solutions", interval=False),
        share("unanswered", "solutions without a final answer", "unanswered", "solutions", interval=False),
        share("failed", "solutions that could not be judged", "failed", "solutions", interval=False),
    )

    def tallies(judged: Sequence[Judged]) -> list[Tally]:
        return [_tally(pool, names, seed) for pool in _pools(judged)]

    return Scorer(tallies, (*measures, *counts))


def _at(name: str, n: int) -> str:
    return name if name == "pass@1" else f"{name}@{n}"


def _applies(name: str, rows: Sequence[Judged]) -> bool:
    if name == "best_stored":
        return any(row.gold.stored_score is not None for row in rows)
    return ("majority" not in name and name != "weighted") or any(row.gold.same is not None for row in rows)


def _pools(rows: Sequence[Judged]) -> list[list[Judged]]:
    """Group solutions by problem, each pool in an order that depends on nothing but its solutions."""
    pools: dict[str, list[Judged]] = {}
    for row in rows:
        pools.setdefault(row.gold.pair, []).append(row)
    return [sorted(pool, key=lambda row: row.id) for pool in pools.values()]


def _tally(pool: Sequence[Judged], names: Sequence[str], seed: int) -> Tally:
    right = [row for row in pool if row.gold.correct]
    wrong = [row for row in pool if not row.gold.correct]
    tally: dict[str, float] = {
        "solutions": len(pool),
        "failed": sum(bool(row.failed) for row in pool),
        "right": len(right),
        "wrong": len(wrong),
        "accused_right": sum(row.first_error is not None for row in right),
        "accused_wrong": sum(row.first_error is not None for row in wrong),
        "scored": sum(row.score is not None for row in pool),
        "unanswered": sum(row.gold.same is None for row in pool),
    }
    for n in sizes(len(pool)):
        drawn = [pool] if n == 1 else subsets(pool, n, seed)  # pass@1 over all is exact
        tally[f"problems@{n}"] = 1
        for name in names:
            tally[f"{name}@{n}"] = math.fsum(CHOICES[name][1](subset) for subset in drawn) / len(drawn)
    return tally
