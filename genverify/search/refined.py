"""A problem to the best of N solutions, some of them continued from the verified steps of others (refined best-of-N).

Half of the drafts are sampled, all are critiqued at once, and the other half go on from the prefixes of those in which
an error was found, after its checked correction where there is one (GM-PRM). Beside the choice stands that of plain
best-of-N with the same number of policy tokens: without it nobody can tell refinement from more sampling.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Unpack

from genverify.search.best import sampled
from genverify.search.budget import Limits, Purse
from genverify.search.refinement import Mode, next_version, text_of
from genverify.search.session import Choice, Choosing, Session
from genverify.search.values import Candidate, Selection, Spent
from genverify.types import Failure, Problem

if TYPE_CHECKING:
    from genverify.policies import Policy
    from genverify.verifier import Verifier

MAX_WAVE: Final = 64
"""Drafts of the plain baseline asked for at once."""


@dataclass(frozen=True, slots=True)
class RefinedSelection:
    """What refined best-of-N chose, and what plain best-of-N of equal budget would have chosen."""

    selection: Selection
    """The choice among all candidates, sampled and refined; ``Candidate.parent`` says what was refined."""
    tokens: int
    """Policy tokens generated for these candidates, at least 0."""
    plain: Selection | None = None
    """The choice of plain best-of-N; None if it was not asked for or could not be paid."""
    plain_tokens: int | None = None
    """Policy tokens counted for ``plain``: equal to ``tokens``, its last draft cut off where they are used up; fewer
    only if the policy failed."""
    flips: tuple[tuple[int, int], ...] = ()
    """Pairs of a candidate with a right answer and its refined version with a wrong one (places from 0); known only
    with a reference answer."""
    spent: Spent = field(default_factory=Spent)
    """All that was used, the baseline included."""
    failures: tuple[Failure, ...] = ()


def refined_best_of_n(
    problem: Problem | str,
    policy: "Policy",
    verifier: "Verifier",
    n: int,
    rounds: int = 1,
    *,
    first: int | None = None,
    refill: bool = True,
    mode: Mode | str = Mode.CONTINUE,
    baseline: bool = True,
    limits: Limits | None = None,
    **choice: Unpack[Choosing],
) -> RefinedSelection:
    """Sample, critique, go on from corrected prefixes, pool, and choose.

    Args:
        problem: what was asked; with a reference answer the selections say whether it was met.
        policy: writes drafts.
        verifier: judges them.
        n: drafts in all, at least 1: samples and continuations together.
        rounds: how often candidates with an error are taken up again, at least 0.
        first: how many are sampled before anything is refined, from 1 to ``n``; None takes half, rounded up.
        refill: whether drafts that no candidate with an error needs become fresh samples; else they are saved.
        mode: how a wrong solution is taken up again.
        baseline: whether plain best-of-N with as many policy tokens stands beside it.
        limits: what may be used, the baseline included.
        choice: how one is chosen, the fields of :class:`Choice`; GM-PRM takes ``method="best", aggregate="mean"``.

    Raises:
        ValueError: a number is out of its range, or no such mode.
        ToolError: the checkers could not be started, or the verifier has been closed.
    """
    return verifier.run(
        arefined_best_of_n(
            problem, policy, verifier, n, rounds,
            first=first, refill=refill, mode=mode, baseline=baseline, limits=limits, **choice,
        )
    )  # fmt: skip


async def arefined_best_of_n(
    problem: Problem | str,
    policy: "Policy",
    verifier: "Verifier",
    n: int,
    rounds: int = 1,
    *,
    first: int | None = None,
    refill: bool = True,
    mode: Mode | str = Mode.CONTINUE,
    baseline: bool = True,
    limits: Limits | None = None,
    purse: Purse | None = None,
    **choice: Unpack[Choosing],
) -> RefinedSelection:
    """Do what :func:`refined_best_of_n` does on the running event loop; ``purse`` is shared among several problems."""
    problem = Problem(text=problem) if isinstance(problem, str) else problem
    first = (n + 1) // 2 if first is None else first
    if n < 1 or not 1 <= first <= n or rounds < 0:
        raise ValueError(f"expected 1 <= first <= n and rounds >= 0, got first={first}, n={n}, rounds={rounds}")
    session = Session(verifier, Choice(**choice), policy, purse or Purse(limits or Limits()))
    fresh = await session.verified_all(problem, await sampled(session, problem, range(first)))
    pool = await _refined(session, problem, fresh, n, rounds, Mode(mode))
    if refill and len(pool) < n:
        more = await session.verified_all(problem, await sampled(session, problem, range(first, first + n - len(pool))))
        fresh = [*fresh, *more]
        pool += [replace(c, index=len(pool) + i) for i, c in enumerate(more)]
    tokens = sum(c.tokens for c in pool)
    made = RefinedSelection(
        selection=await session.selected(problem, pool),
        tokens=tokens,
        flips=await _flips(session, problem, pool),
        failures=tuple(c.failure for c in pool if c.failure is not None),
    )
    if baseline:
        made = await _beside(session, problem, fresh, made)
    return replace(made, spent=session.spent)


async def _refined(
    session: Session, problem: Problem, fresh: Sequence[Candidate], n: int, rounds: int, mode: Mode
) -> list[Candidate]:
    """Return ``fresh`` and what was made of those with an error, at most ``n`` candidates in all."""
    pool, frontier = list(fresh), list(fresh)
    for _ in range(rounds):
        wrong = [c for c in frontier if c.refuted and c.complete][: n - len(pool)]
        if not wrong:
            break
        start = len(pool)
        async with asyncio.TaskGroup() as group:  # a draft never raises
            tasks = [group.create_task(next_version(session, problem, c, start + i, mode)) for i, c in enumerate(wrong)]
        frontier = await session.verified_all(problem, [task.result() for task in tasks])
        known = {text_of(c) for c in pool}
        pool += frontier
        frontier = [c for c in frontier if text_of(c) not in known]  # what comes up again is not refined again
    return pool


async def _flips(session: Session, problem: Problem, pool: Sequence[Candidate]) -> tuple[tuple[int, int], ...]:
    pairs = [(c.parent, c.index) for c in pool if c.parent is not None and c.solution is not None]
    if problem.answer is None or not pairs:
        return ()
    right = [await session.correct(problem, c.answer) for c in pool]
    return tuple((a, b) for a, b in pairs if right[a] is True and right[b] is False)


async def _beside(
    session: Session, problem: Problem, fresh: Sequence[Candidate], made: RefinedSelection
) -> RefinedSelection:
    """Put plain best-of-N of equal budget beside what refined best-of-N made."""
    drafts = await _plain(session, problem, fresh, made.tokens)
    used = sum(c.tokens for c in drafts)
    unpaid = next((c.failure for c in drafts if c.failure is not None and not c.tokens), None)
    if used < made.tokens and unpaid is not None:
        failure = Failure("plain best-of-N", f"{used} of {made.tokens} tokens, then: {unpaid.what}")
        made = replace(made, failures=(*made.failures, failure))
    selection = await session.selected(problem, await session.verified_all(problem, drafts))
    return replace(made, plain=selection, plain_tokens=used)


async def _plain(session: Session, problem: Problem, fresh: Sequence[Candidate], tokens: int) -> list[Candidate]:
    """Return samples that together took ``tokens``, the first of them those that are there already.

    Drafts count in the order of their draw, whichever ends first, so that the same seed gives the same baseline.
    """
    drafts = list(fresh)
    while (used := sum(c.tokens for c in drafts)) < tokens and all(c.tokens for c in drafts):
        wave = min(MAX_WAVE, math.ceil((tokens - used) / (used / len(drafts))))
        drafts += await sampled(session, problem, range(len(drafts), len(drafts) + wave))
    kept: list[Candidate] = []
    left = tokens
    for draft in drafts:
        if left == 0:
            break
        if draft.tokens > left:
            cut = Failure(f"plain candidate {draft.index}", f"cut off at {left} of {draft.tokens} tokens: equal budget")
            draft = Candidate(draft.index, None, origin=draft.origin, tokens=left, complete=False, failure=cut)
        kept.append(draft)
        left -= draft.tokens
    return kept
