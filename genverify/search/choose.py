"""Verified candidates to one of them: votes, scores, and rules that combine both; pure, with seeded ties.

Answers vote by group (``genverify.answers``), never by spelling. A score that is not known is never filled in: each
rule says what it does without one, and the selection says how many were missing.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from genverify import fusion
from genverify.answers import Grouping
from genverify.search.values import Candidate, Group, Selection

DEFAULT_METHOD: Final = "unrefuted"


@dataclass(frozen=True, slots=True)
class Tuning:
    """The numbers in rules that their papers leave open."""

    hmr_share: float = 0.5
    """Share of the candidates in [0, 1] that the most frequent answer must exceed to win without a look at scores."""
    wrf_weight: float = 0.5
    """Weight in [0, 1] of the reward against the frequency."""

    def __post_init__(self) -> None:
        if not (0.0 <= self.hmr_share <= 1.0 and 0.0 <= self.wrf_weight <= 1.0):
            raise ValueError(f"hmr_share and wrf_weight must be in [0, 1], got {self}")


@dataclass(frozen=True, slots=True)
class _Pool:
    """The candidates of one problem that can be chosen."""

    candidates: Mapping[int, Candidate]
    groups: tuple[tuple[int, ...], ...]
    tuning: Tuning

    def known(self, members: Sequence[int]) -> list[float]:
        """Return the scores of ``members`` that are known."""
        return [s for i in members if (s := self.candidates[i].score) is not None]

    def only(self, keep: Callable[[Candidate], bool]) -> "_Pool":
        """Return the pool without the candidates that ``keep`` refuses."""
        kept = {i: c for i, c in self.candidates.items() if keep(c)}
        groups = tuple(g for group in self.groups if (g := tuple(i for i in group if i in kept)))
        return replace(self, candidates=kept, groups=groups)


@dataclass(frozen=True, slots=True)
class _Ballot:
    """What a rule makes of a pool: options with their ranks, and what it counted."""

    options: tuple[tuple[tuple[int, ...], tuple[float, ...]], ...]
    """Candidates that stand together, and the rank of them all; of ranks the larger wins, place by place."""
    counted: str
    """What the first number of a rank is."""
    by_answer: bool = True
    """Whether the options are answers; else they are single candidates."""

    def because(self, reason: str) -> "_Ballot":
        return replace(self, counted=f"{self.counted} ({reason})")


Method = Callable[[_Pool], _Ballot]


def _best(pool: _Pool) -> _Ballot:
    """Take the candidate with the highest score."""
    scored = [((i,), (c.score,)) for i, c in pool.candidates.items() if c.score is not None]
    if scored:
        return _Ballot(tuple(scored), "score", by_answer=False)
    return _majority(pool).because("no candidate has a score")


def _majority(pool: _Pool) -> _Ballot:
    """Take the answer that most candidates give (self-consistency; Wang et al. 2022)."""
    if pool.groups:
        return _Ballot(tuple((group, (float(len(group)),)) for group in pool.groups), "votes")
    return _Ballot(tuple(((i,), (0.0,)) for i in pool.candidates), "nothing, for none has an answer", by_answer=False)


def _weighted(pool: _Pool) -> _Ballot:
    """Take the answer with the largest sum of scores (Li et al. 2023, DIVERSE); without a score one adds nothing."""
    known = [(group, pool.known(group)) for group in pool.groups]
    if not any(scores for _, scores in known):
        return _majority(pool).because("no candidate with an answer has a score")
    if min(min(scores, default=0.0) for _, scores in known) < 0.0:
        raise ValueError("a weighted vote needs scores of at least 0; mean_log_prob has none, take another aggregate")
    return _Ballot(tuple((group, (sum(scores),)) for group, scores in known), "sum of scores")


def _unrefuted(pool: _Pool) -> _Ballot:
    """Take the answer most given by candidates in which no step was found wrong; the best score breaks ties.

    It needs no score: to have nothing decided is no mark against a candidate. Where all were refuted, all vote.
    """
    left = pool.only(lambda c: not c.refuted)
    if not left.candidates:
        return _weighted(pool).because("every candidate has a step found wrong")
    if not pool.groups:
        return _best(left).because("no candidate has an answer")
    if not left.groups:
        return _weighted(pool).because("every candidate with an answer has a step found wrong")
    options = tuple((group, (float(len(group)), max(left.known(group), default=-math.inf))) for group in left.groups)
    return _Ballot(options, "votes of candidates with no step found wrong")


def _hmr(pool: _Pool) -> _Ballot:
    """Take the most frequent answer if its share is above a threshold, else the candidate with the best score.

    HMR of UnPRM; the paper's threshold is not known to us, one half is assumed.
    """
    size = max((len(group) for group in pool.groups), default=0)
    if size > pool.tuning.hmr_share * len(pool.candidates):
        return _majority(pool)
    return _best(pool).because(f"no answer has more than {pool.tuning.hmr_share:.0%} of the votes")


def _wrf(pool: _Pool) -> _Ballot:
    """Weigh the mean score of an answer's candidates, scaled to [0, 1] over the answers, against its frequency.

    WRF of UnPRM; the paper's scaling and weight are not known to us, least to greatest and one half are assumed. An
    answer without any score keeps its frequency alone, as if its score were the least.
    """
    means = {group: sum(known) / len(known) for group in pool.groups if (known := pool.known(group))}
    if not means:
        return _majority(pool).because("no candidate with an answer has a score")
    low, high = min(means.values()), max(means.values())
    weight, total = pool.tuning.wrf_weight, len(pool.candidates)

    def value(group: tuple[int, ...]) -> float:
        # with one value for all there is nothing to tell them apart by
        scaled = (means[group] - low) / (high - low) if group in means and high > low else 0.0
        return weight * scaled + (1.0 - weight) * len(group) / total

    return _Ballot(tuple((group, (value(group),)) for group in pool.groups), "weighted score and frequency")


def _unanimity(pool: _Pool) -> _Ballot:
    """Take the answer most given by candidates whose every step was found right, among the two most frequent answers.

    Unanimity-plurality voting of Natural Program (Ling et al. 2023, Deductive Verification, section 4.2), ties for the
    second place included; the majority where no candidate passes.
    """
    allowed = {i for group in top_two(pool.groups) for i in group}
    left = pool.only(lambda c: c.passed and c.index in allowed)
    if not left.groups:
        return _majority(pool).because("no candidate of the two most frequent answers passed in every step")
    return _Ballot(_majority(left).options, "votes of candidates that passed in every step")


def top_two(groups: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return the two largest groups, with all that are as large as the second."""
    sizes = sorted(map(len, groups), reverse=True)
    return [group for group in groups if len(group) >= sizes[min(1, len(sizes) - 1)]]


METHODS: Final[Mapping[str, Method]] = {
    "unrefuted": _unrefuted,
    "majority": _majority,
    "weighted": _weighted,
    "best": _best,
    "hmr": _hmr,
    "wrf": _wrf,
    "unanimity": _unanimity,
}
"""The rules by name."""


def select(
    candidates: Sequence[Candidate],
    grouping: Grouping,
    method: str = DEFAULT_METHOD,
    *,
    seed: int = 0,
    problem_id: str | None = None,
    tuning: Tuning | None = None,
) -> Selection:
    """Choose among candidates that have been verified.

    Args:
        candidates: in the order of their ``index``; those without a solution cannot be chosen.
        grouping: their answers, sorted; its places are those of the candidates.
        method: a name in :data:`METHODS`.
        seed: draws among what is equally good.
        problem_id: goes into the selection.
        tuning: numbers of the rules.

    Raises:
        ValueError: there is no such method, or the candidates' indices are not 0, 1, 2 ...
    """
    if method not in METHODS:
        raise ValueError(f"method: expected one of {', '.join(METHODS)}, got {method!r}")
    if [c.index for c in candidates] != list(range(len(candidates))):
        raise ValueError("candidates must be in the order of their index, from 0")
    usable = {c.index: c for c in candidates if c.solution is not None}
    failures = tuple(c.failure for c in candidates if c.failure is not None)
    pool = _Pool(usable, grouping.groups, tuning or Tuning()).only(lambda _: True)
    if not usable:
        why = f"nothing to choose from: {'no candidates' if not candidates else f'all {len(candidates)} failed'}"
        return Selection(problem_id, method, None, None, why, tuple(candidates), (), seed=seed, failures=failures)
    ballot = METHODS[method](pool)
    equal, drawn = _drawn(pool, ballot, random.Random(f"{seed}/{problem_id}"))
    values = {i: rank[0] for members, rank in ballot.options for i in members}
    groups = tuple(
        Group(str(candidates[g[0]].answer), g, max(values.get(i, 0.0) for i in g) if ballot.by_answer else None)
        for g in pool.groups
    )
    return Selection(
        problem_id=problem_id,
        method=method,
        chosen=drawn,
        answer=candidates[drawn].answer,
        why=_why(pool, ballot, drawn, equal),
        candidates=tuple(candidates),
        groups=groups,
        tied=equal if len(equal) > 1 else (),
        seed=seed,
        undecided_pairs=grouping.undecided,
        failures=failures,
    )


def _drawn(pool: _Pool, ballot: _Ballot, rng: random.Random) -> tuple[tuple[int, ...], int]:
    """Return the best candidate of each option that shares the first rank, and the one of them that was drawn."""
    ranks = [tuple(round(x, 12) for x in rank) for _, rank in ballot.options]  # sums of floats differ in the last place
    top = [members for (members, _), rank in zip(ballot.options, ranks, strict=True) if rank == max(ranks)]
    fronts = tuple(sorted(_first_of(pool, members) for members in top))
    return fronts, rng.choice(fronts)


def _first_of(pool: _Pool, members: Sequence[int]) -> int:
    """Return the best of candidates with one answer: complete, no step found wrong, highest score; then the first."""

    def rank(i: int) -> tuple[bool, bool, float]:
        candidate = pool.candidates[i]
        return candidate.complete, not candidate.refuted, -math.inf if candidate.score is None else candidate.score

    return max(members, key=rank)


def _why(pool: _Pool, ballot: _Ballot, drawn: int, equal: Sequence[int]) -> str:
    """Say in one sentence what was counted and what won."""
    ordered = sorted((rank[0] for _, rank in ballot.options), reverse=True)
    answer = pool.candidates[drawn].answer
    parts = [f"{'answer ' + repr(answer[:60]) if answer is not None else f'candidate {drawn}'} by {ballot.counted}"]
    if not ballot.counted.startswith("nothing"):
        against = f" against {ordered[1]:.4g}" if len(ordered) > 1 else ""
        parts[0] += f": {ordered[0]:.4g}{against}"
    refuted = sum(c.refuted for c in pool.candidates.values())
    unscored = sum(c.score is None for c in pool.candidates.values())
    parts.append(f"{refuted} of {len(pool.candidates)} candidates have a step found wrong, {unscored} have no score")
    if len(equal) == 1 and len(ordered) > 1 and ordered[0] == ordered[1]:
        parts.append("between equal ones the best score decided")
    if len(equal) > 1:
        parts.append(f"the seed drew among {len(equal)} that are equally good")
    return "; ".join(parts)


def scored(candidate: Candidate, aggregate: str | None = None) -> Candidate:
    """Return ``candidate`` with the score that its report gives it.

    Args:
        candidate: verified or not.
        aggregate: a name in ``fusion.AGGREGATORS``; None takes the report's own score.

    Raises:
        ValueError: there is no such aggregator.
    """
    if candidate.report is None:
        return candidate
    if aggregate is None:
        return replace(candidate, score=candidate.report.score)
    found = fusion.score([step.p_correct for step in candidate.report.steps], aggregate)
    return replace(candidate, score=found.value)
