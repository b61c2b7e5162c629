"""A solution to a better version of it: critique, first error, correction, and the policy goes on from there.

The loop ends when no step is found wrong, nothing changes, a version comes up again, or the rounds or the budget are
used up; it returns the best version, never simply the last. When the reference answer is known, every version that
turned a right answer wrong is recorded: averages hide them.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Unpack

from genverify.fusion import Evidence
from genverify.search.budget import Limits, Purse
from genverify.search.corrections import feedback, usable
from genverify.search.session import Choice, Choosing, Given, Session, given, joined, put_together
from genverify.search.values import Candidate, Origin, Spent
from genverify.types import Failure, Problem

if TYPE_CHECKING:
    from genverify.policies import Policy
    from genverify.verifier import Verifier


class Mode(StrEnum):
    """How a wrong solution is taken up again."""

    CONTINUE = "continue"
    """The steps before the first error stand, its checked correction after them if there is one, and the policy goes
    on from there (GM-PRM; without a correction a restart from the verified prefix)."""
    REWRITE = "rewrite"
    """The policy writes the whole solution anew with the critique as feedback (critique-refine of GenPRM)."""


class Ending(StrEnum):
    """Why refinement ended."""

    NOTHING_WRONG = "nothing_wrong"
    """No step of the last version was found wrong; that is not to say that all were found right."""
    NO_CHANGE = "no_change"
    """The policy wrote the same again."""
    REPEATED = "repeated"
    """It wrote a version that had come up before."""
    ROUNDS = "rounds"
    """The number of rounds was used up."""
    FAILED = "failed"
    """A draft or a verdict could not be had, or the budget was used up; the last failure says which."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """A solution, its refined versions, and which of them is returned."""

    problem_id: str | None
    versions: tuple[Candidate, ...]
    """All versions in order, the original first; ``edited`` names the step at which one departs from its parent."""
    best: int | None
    """Place (from 0) of the version that is returned; None if there is none, not even the original."""
    ending: Ending
    why: str
    """One sentence: how it ended, what changed, which version is returned and why."""
    flips: tuple[int, ...] = ()
    """Versions (from 0) whose answer is wrong where that of the version before was right; known only with a
    reference answer."""
    correct_before: bool | None = None
    """Whether the original's answer was right; None if that is not known."""
    correct_after: bool | None = None
    """Whether the answer of the returned version is right."""
    spent: Spent = field(default_factory=Spent)
    failures: tuple[Failure, ...] = ()

    @property
    def result(self) -> Candidate | None:
        """Return the version that counts."""
        return None if self.best is None else self.versions[self.best]


def refine(
    problem: Problem | str,
    solution: Given,
    policy: "Policy",
    verifier: "Verifier",
    rounds: int = 3,
    *,
    mode: Mode | str = Mode.CONTINUE,
    limits: Limits | None = None,
    **choice: Unpack[Choosing],
) -> Refinement:
    """Have a policy improve a solution until no step is found wrong.

    Args:
        problem: what was asked; with a reference answer, turns from right to wrong are recorded.
        solution: what is to be improved.
        policy: writes the new versions.
        verifier: finds the first error of each.
        rounds: most new versions, at least 0.
        mode: how a wrong solution is taken up again, a :class:`Mode` or its name.
        limits: what may be used.
        choice: how versions are scored, the fields of :class:`Choice`.

    Raises:
        ValueError: no such mode, or ``rounds`` below 0.
        ToolError: the checkers could not be started, or the verifier has been closed.
    """
    work = arefine(problem, solution, policy, verifier, rounds, mode=mode, limits=limits, **choice)
    return verifier.run(work)


async def arefine(
    problem: Problem | str,
    solution: Given,
    policy: "Policy",
    verifier: "Verifier",
    rounds: int = 3,
    *,
    mode: Mode | str = Mode.CONTINUE,
    limits: Limits | None = None,
    purse: Purse | None = None,
    **choice: Unpack[Choosing],
) -> Refinement:
    """Do what :func:`refine` does on the running event loop; ``purse`` shares one budget among several solutions."""
    problem = Problem(text=problem) if isinstance(problem, str) else problem
    if rounds < 0:
        raise ValueError(f"rounds must be at least 0, got {rounds}")
    session = Session(verifier, Choice(**choice), policy, purse or Purse(limits or Limits()))
    versions = [await session.verified(problem, given(0, solution))]
    ending = await _rounds(session, problem, versions, rounds, Mode(mode))
    return await _finished(session, problem, versions, ending)


async def _rounds(session: Session, problem: Problem, versions: list[Candidate], rounds: int, mode: Mode) -> Ending:
    """Append new versions to ``versions`` and return why no further one is made."""
    seen = {text_of(versions[0])}
    for _ in range(rounds):
        last = versions[-1]
        if last.report is None:
            return Ending.FAILED
        if not last.refuted:
            return Ending.NOTHING_WRONG
        made = await next_version(session, problem, last, len(versions), mode)
        if made.solution is None:
            versions.append(made)
            return Ending.FAILED
        text = text_of(made)
        if text in seen:
            versions.append(replace(made, report=None))
            return Ending.NO_CHANGE if text == text_of(last) else Ending.REPEATED
        seen.add(text)
        versions.append(await session.verified(problem, made))
    last = versions[-1]
    if last.report is None:
        return Ending.FAILED
    return Ending.ROUNDS if last.refuted else Ending.NOTHING_WRONG


async def next_version(
    session: Session, problem: Problem, wrong: Candidate, index: int, mode: Mode = Mode.CONTINUE
) -> Candidate:
    """Have the policy take up a candidate whose report names a first error; the result is not verified yet."""
    solution, report = wrong.solution, wrong.report
    if solution is None or report is None or report.first_error is None:
        raise ValueError(f"candidate {wrong.index} has no first error to start from")
    at = report.first_error
    verdict = report.steps[at]
    made = Candidate(index, None, parent=wrong.index, edited=at)
    if mode is Mode.REWRITE:
        made = replace(made, origin=Origin.REWRITTEN)
        return await session.rewritten(problem, made, solution, at, feedback(verdict))
    made = replace(made, origin=Origin.CONTINUED)
    before = [step.text for step in solution.steps[:at]]
    offer = usable(verdict)
    if offer is None:
        return await session.written(problem, made, _separated(before))
    after = solution.steps[at + 1 :]
    if not after and offer.text.strip():
        # the wrong step was the last one: with its correction the solution is whole, and there is nothing to go on to
        return put_together(made, [*before, offer.text])
    return await session.written(problem, made, _separated([*before, offer.text]))


def _separated(steps: Sequence[str]) -> list[str]:
    """Return ``steps`` so that each ends in white space: the policy goes on with a step of its own."""
    return [step if step[-1:].isspace() else f"{step}\n\n" for step in steps]


def text_of(candidate: Candidate) -> str:
    """Return a candidate's text with runs of white space as one blank: what makes two versions the same."""
    return "" if candidate.solution is None else " ".join(joined([s.text for s in candidate.solution.steps]).split())


async def _finished(session: Session, problem: Problem, versions: list[Candidate], ending: Ending) -> Refinement:
    right = await asyncio.gather(*(_right(session, problem, version) for version in versions))
    best = best_version(versions)
    flips = tuple(i for i in range(1, len(versions)) if right[i] is False and right[i - 1] is True)
    return Refinement(
        problem_id=problem.id,
        versions=tuple(versions),
        best=best,
        ending=ending,
        why=_why(versions, best, ending),
        flips=flips,
        correct_before=right[0],
        correct_after=right[best] if best is not None else None,
        spent=session.spent,
        failures=tuple(v.failure for v in versions if v.failure is not None),
    )


async def _right(session: Session, problem: Problem, version: Candidate) -> bool | None:
    return None if version.solution is None else await session.correct(problem, version.answer)


def best_version(versions: Sequence[Candidate]) -> int | None:
    """Return the place (from 0) of the version to keep; None if no version has a solution.

    One that came to its end goes before one that was cut off, one with an answer before one without, one without a
    wrong step before one with; then the higher score, then the earlier version: without a reason to change, nothing
    changes. Of versions that tools refuted it is known that they are wrong, not how wrong: their scores do not count.
    """

    def rank(version: Candidate) -> tuple[bool, bool, bool, bool, float]:
        judged = version.report is not None
        sound = judged and not _refuted_by_tools(version)
        score = version.score if sound and version.score is not None else -math.inf
        return version.complete, version.answer is not None, judged and not version.refuted, sound, score

    places = [i for i, version in enumerate(versions) if version.solution is not None]
    return max(places, key=lambda i: rank(versions[i]), default=None)


def _refuted_by_tools(version: Candidate) -> bool:
    return version.report is not None and any(Evidence.of(step).refuted for step in version.report.steps)


_ENDED = {
    Ending.NOTHING_WRONG: "no step of the last version was found wrong",
    Ending.NO_CHANGE: "the policy wrote the same again",
    Ending.REPEATED: "the policy wrote an earlier version again",
    Ending.ROUNDS: "the rounds were used up with a step still wrong",
    Ending.FAILED: "no further version could be had",
}


def _why(versions: Sequence[Candidate], best: int | None, ending: Ending) -> str:
    edits = [f"step {v.edited}" for v in versions[1:] if v.edited is not None]
    changed = f"taken up again at {', '.join(edits)} (from 0)" if edits else "left as it was"
    if ending is Ending.FAILED and versions[-1].failure is not None:
        return f"{changed}; {_ENDED[ending]}: {versions[-1].failure.what}; version {best} is returned"
    return f"{changed}; {_ENDED[ending]}; version {best} of {len(versions)} is returned"
