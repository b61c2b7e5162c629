"""Several solutions to one problem, given or sampled, to the one that is chosen."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from genverify import answers
from genverify.search.budget import Limits, Purse
from genverify.search.choose import top_two
from genverify.search.session import Choice, Choosing, Given, Session, given
from genverify.search.values import Candidate, Origin, Selection
from genverify.types import Problem

if TYPE_CHECKING:
    from genverify.policies import Policy
    from genverify.verifier import Verifier


def best_of_n(
    problem: Problem | str,
    candidates: "Sequence[Given] | Policy",
    verifier: "Verifier",
    n: int | None = None,
    *,
    limits: Limits | None = None,
    **choice: Unpack[Choosing],
) -> Selection:
    """Choose one of several solutions to a problem.

    ::

        with Verifier() as verifier:
            best = best_of_n("What is 17 * 24?", ["17*24 = 418", "17*24 = 408"], verifier)
            best = best_of_n(problem, policy, verifier, n=8, method="weighted")

    Args:
        problem: what was asked; with a reference answer the selection says whether it was met.
        candidates: the solutions, or a policy that writes them.
        verifier: judges them; rules that count votes alone (``majority``) do not ask it.
        n: how many the policy writes, at least 1; of given candidates, how many of the first ones count.
        limits: what may be used.
        choice: how one is chosen, the fields of :class:`Choice`.

    Raises:
        ValueError: a policy without ``n``, or ``n`` below 1.
        ToolError: the checkers could not be started, or the verifier has been closed.
    """
    return verifier.run(abest_of_n(problem, candidates, verifier, n, limits=limits, **choice))


async def abest_of_n(
    problem: Problem | str,
    candidates: "Sequence[Given] | Policy",
    verifier: "Verifier",
    n: int | None = None,
    *,
    limits: Limits | None = None,
    purse: Purse | None = None,
    **choice: Unpack[Choosing],
) -> Selection:
    """Do what :func:`best_of_n` does on the running event loop; ``purse`` shares one budget among several problems."""
    problem = Problem(text=problem) if isinstance(problem, str) else problem
    if n is not None and n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    purse = purse or Purse(limits or Limits())
    if isinstance(candidates, Sequence):
        session = Session(verifier, Choice(**choice), purse=purse)
        made = [given(i, item) for i, item in enumerate(candidates[:n])]
    else:
        if n is None:
            raise ValueError("a policy writes as many candidates as n says; n is missing")
        session = Session(verifier, Choice(**choice), candidates, purse)
        made = await sampled(session, problem, range(n))
    return await session.selected(problem, await _judged(session, problem, made))


async def sampled(session: Session, problem: Problem, indices: Sequence[int]) -> list[Candidate]:
    """Have the policy write candidates with these indices, all at once."""
    async with asyncio.TaskGroup() as group:  # a draft never raises
        tasks = [
            group.create_task(session.written(problem, Candidate(i, None, origin=Origin.SAMPLED))) for i in indices
        ]
    return [task.result() for task in tasks]


async def _judged(session: Session, problem: Problem, made: Sequence[Candidate]) -> list[Candidate]:
    """Verify the candidates whose verdicts the rule looks at."""
    method = session.choice.method
    if method == "majority":
        return list(made)
    if method != "unanimity":
        return await session.verified_all(problem, made)
    grouping = await asyncio.to_thread(answers.group, [c.answer for c in made], session.verifier.tools)
    wanted = {i for members in top_two(grouping.groups) for i in members}
    judged = iter(await session.verified_all(problem, [c for c in made if c.index in wanted]))
    return [next(judged) if c.index in wanted else c for c in made]


def majority(problem: Problem | str, candidates: Sequence[Given], verifier: "Verifier", *, seed: int = 0) -> Selection:
    """Choose the answer that most candidates give, without a look at their steps (self-consistency).

    The verifier's tools only decide which answers are equal.
    """
    return best_of_n(problem, candidates, verifier, method="majority", seed=seed)
