"""One search at work: drafts are asked for, solutions verified and answers grouped, within what may be used.

What a policy or a verifier does wrong becomes a recorded failure of that candidate; none takes another down.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypedDict, TypeVar

from genverify import answers
from genverify.fusion import AGGREGATORS
from genverify.policies import Task
from genverify.search.budget import Limits, Purse
from genverify.search.choose import DEFAULT_METHOD, METHODS, Tuning, scored, select
from genverify.search.values import Candidate, Selection, Spent
from genverify.steps import split
from genverify.types import Failure, Problem, Solution

if TYPE_CHECKING:
    from genverify.policies import Draft, Policy
    from genverify.verifier import Verifier

T = TypeVar("T")
Given = Solution | str | Sequence[str] | Candidate
"""A solution in any of the forms that ``Verifier.critique`` takes, or a candidate that carries its own answer."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How one of several candidates is chosen."""

    method: str = DEFAULT_METHOD
    """A name in ``genverify.search.METHODS``."""
    aggregate: str | None = None
    """How the steps' probabilities become a score, a name in ``fusion.AGGREGATORS``; None: the report's own score."""
    seed: int = 0
    """Draws among what is equally good."""
    tuning: Tuning = field(default_factory=Tuning)
    whole: bool = False
    """Whether a solution is judged as a single step: one judgement of the whole answer (a generative outcome reward
    model, as in Multi-RM)."""

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method: expected one of {', '.join(METHODS)}, got {self.method!r}")
        if self.aggregate is not None and self.aggregate not in AGGREGATORS:
            raise ValueError(f"aggregate: expected one of {', '.join(AGGREGATORS)}, got {self.aggregate!r}")


class Choosing(TypedDict, total=False):
    """The fields of :class:`Choice`, as the verbs of search take them by name."""

    method: str
    aggregate: str | None
    seed: int
    tuning: Tuning
    whole: bool


class Session:
    """Policy, verifier and purse of one search, and what it has used.

    Args:
        verifier: judges solutions.
        choice: how a candidate is chosen.
        policy: writes solutions; None where all are given.
        purse: what may be used; shared by the searches of several problems.
    """

    def __init__(
        self, verifier: "Verifier", choice: Choice, policy: "Policy | None" = None, purse: Purse | None = None
    ) -> None:
        self.verifier, self.choice, self.policy = verifier, choice, policy
        self.purse = purse or Purse(Limits())
        self._started = time.perf_counter()
        self._spent = Spent()

    @property
    def spent(self) -> Spent:
        """Return what this session has used so far."""
        return replace(self._spent, wall_s=time.perf_counter() - self._started)

    async def written(
        self,
        problem: Problem,
        made: Candidate,
        steps: Sequence[str] = (),
        *,
        draw: int | None = None,
        one_step: bool = False,
    ) -> Candidate:
        """Have the policy write the solution of ``made``, or go on from ``steps``.

        Args:
            problem: what was asked.
            made: the candidate with all but its solution.
            steps: the steps that stand.
            draw: which of several drafts of the same thing this is, from 0; None takes the candidate's place.
            one_step: whether to write one step only.
        """
        policy, task = self._policy(), Task(made.index if draw is None else draw, one_step=one_step)
        drafted = await self._draft(lambda task: policy.write(problem, steps, task), task, f"candidate {made.index}")
        return _filled(made, drafted, steps)

    async def rewritten(self, problem: Problem, made: Candidate, base: Solution, step: int, critique: str) -> Candidate:
        """Have the policy write ``base``, whose step ``step`` (from 0) is wrong, anew as the solution of ``made``."""
        policy, task = self._policy(), Task(made.index)
        drafted = await self._draft(
            lambda task: policy.rewrite(problem, base, step, critique, task), task, f"candidate {made.index}"
        )
        return _filled(made, drafted)

    async def verified(self, problem: Problem, candidate: Candidate) -> Candidate:
        """Return ``candidate`` with report and score, or with the failure that there is none."""
        solution = candidate.solution
        if solution is None or candidate.report is not None:
            return scored(candidate, self.choice.aggregate)
        if self.choice.whole:
            solution = Solution.from_steps([joined([s.text for s in solution.steps])], id=solution.id)
        where = f"verifying candidate {candidate.index}"
        report = await self._within(self.verifier.acritique(problem, solution), None, where)
        if isinstance(report, Failure):
            return replace(candidate, failure=report)
        self._spent = replace(
            self._spent,
            critic_tokens=self._spent.critic_tokens + report.cost.completion_tokens,
            checks=self._spent.checks + report.cost.checks,
        )
        return scored(replace(candidate, report=report), self.choice.aggregate)

    async def verified_all(self, problem: Problem, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Verify all candidates at once; of those that say the same, one."""
        first: dict[tuple[str, ...], asyncio.Task[Candidate]] = {}
        async with asyncio.TaskGroup() as group:  # verifying never raises: the group only passes cancellation on
            for candidate in candidates:
                if (key := _said(candidate)) and key not in first:
                    first[key] = group.create_task(self.verified(problem, candidate))
        done: list[Candidate] = []
        for candidate in candidates:
            key = _said(candidate)
            twin = first[key].result() if key else candidate
            own_failure = candidate.failure or (
                replace(twin.failure, where=f"verifying candidate {candidate.index}") if twin.failure else None
            )
            done.append(replace(candidate, report=twin.report, score=twin.score, failure=own_failure))
        return done

    async def selected(self, problem: Problem, candidates: Sequence[Candidate]) -> Selection:
        """Group the answers, choose, and compare the choice with the reference answer where there is one."""
        tools = self.verifier.tools
        grouping = await asyncio.to_thread(answers.group, [c.answer for c in candidates], tools)
        made = select(
            candidates,
            grouping,
            self.choice.method,
            seed=self.choice.seed,
            problem_id=problem.id,
            tuning=self.choice.tuning,
        )
        correct = await self.correct(problem, made.answer) if made.chosen is not None else None
        return replace(made, correct=correct, spent=self.spent)

    async def correct(self, problem: Problem, answer: str | None) -> bool | None:
        """Tell whether ``answer`` equals the reference answer; None without one, or if that stays open."""
        if problem.answer is None:
            return None
        if answer is None:
            return False
        return await asyncio.to_thread(answers.same, answer, problem.answer, self.verifier.tools)

    def _policy(self) -> "Policy":
        if self.policy is None:
            raise ValueError("this search needs a policy to write solutions, got none")
        return self.policy

    async def _draft(self, ask: "Callable[[Task], Awaitable[Draft]]", task: Task, where: str) -> "Draft | Failure":
        """Ask for one draft within the purse."""
        policy = self._policy()
        most = policy.max_tokens if task.max_tokens is None else min(task.max_tokens, policy.max_tokens)
        granted = await self.purse.reserve(most)
        if granted < 1:
            return Failure(where, f"not written: the budget of {self.purse.limits.tokens} tokens is used up")
        drafted: Draft | Failure | None = None
        try:
            limits = self.purse.limits
            drafted = await self._within(ask(replace(task, max_tokens=granted)), limits.call_s, where)
        finally:
            told = None if drafted is None or isinstance(drafted, Failure) else drafted
            # nobody knows what a failed draft has generated: all that it might have counts, or the budget were not kept
            await self.purse.settle(granted, granted if told is None else told.tokens)
            spent = self._spent
            self._spent = replace(
                spent,
                policy_tokens=spent.policy_tokens + (0 if told is None else told.tokens),
                policy_tokens_unknown=spent.policy_tokens_unknown + (granted if told is None else 0),
                policy_prompt_tokens=spent.policy_prompt_tokens + (0 if told is None else told.prompt_tokens),
                policy_calls=spent.policy_calls + 1,
            )
        return drafted

    async def _within(self, work: Awaitable[T], limit_s: float | None, where: str) -> T | Failure:
        """Await ``work`` for as long as there is time; what goes wrong is returned."""
        left = self.purse.left_s
        seconds = min((s for s in (limit_s, left) if s is not None), default=None)
        timer = asyncio.timeout(seconds)
        try:
            async with timer:
                return await work
        # The boundary of one candidate: whatever a policy or a verifier does, the others go on.
        except Exception as error:  # noqa: BLE001
            if timer.expired():
                return Failure(where, f"given up after {seconds:.4g} s, the limit or what was left of the budget")
            return Failure(where, f"{type(error).__name__}: {error}")


def joined(steps: Sequence[str]) -> str:
    """Return steps as one text, a blank line between those that carry no white space of their own."""
    parts = [step if step[-1:].isspace() or not step else f"{step}\n\n" for step in steps[:-1]]
    return "".join([*parts, *steps[-1:]])


def given(index: int, item: Given) -> Candidate:
    """Return what a caller gave as a candidate; an empty solution becomes one with a failure."""
    if isinstance(item, Candidate):
        return replace(item, index=index)
    try:
        if not isinstance(item, Solution):
            item = Solution.from_text(item) if isinstance(item, str) else Solution.from_steps(tuple(item))
    except ValueError as error:
        return Candidate(index, None, failure=Failure(f"candidate {index}", str(error)))
    return answered(Candidate(index, item))


def put_together(made: Candidate, steps: Sequence[str]) -> Candidate:
    """Return ``made`` with a solution of these steps, to which no policy need add anything."""
    return answered(replace(made, solution=Solution.from_steps(tuple(steps))))


def answered(candidate: Candidate) -> Candidate:
    """Return ``candidate`` with the final answer that its solution gives; one that it has already stays."""
    if candidate.solution is None or candidate.answer is not None:
        return candidate
    found = answers.find(joined([step.text for step in candidate.solution.steps]))
    if found is None:
        return candidate
    return replace(candidate, answer=found.text, answer_from=found.how)


def _filled(made: Candidate, drafted: "Draft | Failure", steps: Sequence[str] = ()) -> Candidate:
    """Put what was drafted after ``steps`` into the candidate that it was drafted for."""
    if isinstance(drafted, Failure):
        return replace(made, failure=drafted, complete=False)
    made = replace(made, tokens=drafted.tokens, complete=drafted.complete)
    whole = (*steps, *split(drafted.text))
    if not whole:
        return replace(made, failure=Failure(f"candidate {made.index}", "the policy wrote no step, only white space"))
    return answered(replace(made, solution=Solution.from_steps(whole)))


def _said(candidate: Candidate) -> tuple[str, ...]:
    """Return what a candidate says, step by step; empty if it says nothing."""
    return () if candidate.solution is None else tuple(step.text for step in candidate.solution.steps)
