"""A problem and a solution to a report: claims are extracted, decided by tools, fused to verdicts, and corrected."""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from genverify import claims, correction, fusion
from genverify.errors import ToolError
from genverify.types import (
    Check,
    Claim,
    Cost,
    Failure,
    Label,
    Outcome,
    Problem,
    Provenance,
    Report,
    Solution,
    StepVerdict,
)

if TYPE_CHECKING:
    from genverify.tools.checkers import Checkers

IN_FLIGHT: Final = 4
"""Solutions worked on at once: twice the default number of workers, so that one is ready when a worker becomes free."""
MAX_CORRECTED: Final = 16
"""Wrong steps that get a correction, from the first on: after that many a solution is to be written anew."""
Item = tuple[Problem | str, Solution | str | Sequence[str]]
"""A problem and a solution in any of the forms that :meth:`Verifier.critique` takes."""
_IN_PROCESS: Final = frozenset({"exact", "puzzle"})
"""Tools that need no worker process."""


class Verifier:
    """Critiques solutions with tools: SymPy, Z3 and exact arithmetic, without any model.

    ::

        with Verifier() as verifier:
            report = verifier.critique("What is 17 * 24?", "17 * 24 = 418")

    Args:
        tools: the checkers to use; they stay open when the verifier closes. None makes checkers of its own, whose
            worker processes start with the first claim that needs one.

    One verifier may be used from many threads at once.
    """

    def __init__(self, tools: "Checkers | None" = None) -> None:
        from genverify.tools.checkers import Checkers

        self._owned = tools is None
        self._closed = Event()
        self.tools: Checkers = Checkers() if tools is None else tools

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker processes, unless the checkers were handed in from outside; work under way ends soon."""
        self._closed.set()
        if self._owned:
            self.tools.close()

    def critique(self, problem: Problem | str, solution: Solution | str | Sequence[str]) -> Report:
        """Judge every step of a solution.

        Args:
            problem: what was asked; a text stands for a problem without id and premises.
            solution: a worked solution; a text is cut into steps, a sequence of texts is taken as its steps.

        Raises:
            ValueError: the solution holds no step.
            ToolError: the checkers could not be started or have been closed.
        """
        started = time.perf_counter()
        problem = Problem(text=problem) if isinstance(problem, str) else problem
        solution = _as_solution(solution)
        work = _Work(self.tools, self._closed)
        per_step = claims.extract(problem, solution)
        work.decide([claim for own in per_step for claim in own])
        verdicts = [self._verdict(work, solution, per_step, index) for index in range(len(solution.steps))]
        wrong = [v.index for v in verdicts if v.label is Label.INCORRECT][:MAX_CORRECTED]
        for index in wrong:
            verdicts[index] = self._corrected(work, problem, solution, per_step, verdicts[index])
        return Report(
            steps=tuple(verdicts),
            first_error=fusion.first_error(verdicts),
            provenance=self._provenance(work),
            cost=work.cost(time.perf_counter() - started),
            problem_id=problem.id,
            solution_id=solution.id,
            score=fusion.solution_score(verdicts),
        )

    async def acritique(self, problem: Problem | str, solution: Solution | str | Sequence[str]) -> Report:
        """Do what :meth:`critique` does without stalling the event loop."""
        import asyncio  # a tenth of a second that a first verdict need not wait for

        return await asyncio.to_thread(self.critique, problem, solution)

    def critique_many(self, items: Iterable[Item], *, progress: bool = False) -> Iterator[Report | Failure]:
        """Judge many solutions, a few at a time, and yield their reports in the order of ``items``.

        Args:
            items: pairs of problem and solution; read as they are needed, so the stream may be endless.
            progress: draw a progress line on standard error.

        Yields:
            A report for each item, or a ``Failure`` that says what was wrong with that item; the others still run.
        """
        results = self._results(items)
        return _with_progress(results, items) if progress else results

    def _results(self, items: Iterable[Item]) -> Iterator[Report | Failure]:
        waiting: deque[Future[Report | Failure]] = deque()
        pool = ThreadPoolExecutor(max_workers=IN_FLIGHT, thread_name_prefix="genverify")
        try:
            for number, item in enumerate(items):
                waiting.append(pool.submit(self._one, number, item))
                # a slow item holds back the order, not the threads: the window is twice as long as they need
                while waiting and (waiting[0].done() or len(waiting) >= 2 * IN_FLIGHT):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            # what still runs ends by itself: at its next claim once the verifier is closed, else with its solution
            pool.shutdown(wait=False, cancel_futures=True)

    def _one(self, number: int, item: Item) -> Report | Failure:
        try:
            problem, solution = item
            return self.critique(problem, solution)
        # The boundary of one item: whatever it holds, the other items still run, and what happened is in its row.
        except Exception as error:  # noqa: BLE001
            return Failure(where=f"item {number}{_id_of(item)}", what=f"{type(error).__name__}: {error}")

    def _verdict(
        self, work: "_Work", solution: Solution, per_step: Sequence[Sequence[Claim]], index: int
    ) -> StepVerdict:
        checks = work.decide(per_step[index])
        decided = [c.claim for c in checks if c.outcome is not Outcome.UNDECIDED]
        return fusion.fuse_step(index, (), checks, claims.coverage(solution.steps[index].text, decided))

    def _corrected(
        self,
        work: "_Work",
        problem: Problem,
        solution: Solution,
        per_step: Sequence[Sequence[Claim]],
        verdict: StepVerdict,
    ) -> StepVerdict:
        found = correction.correct(problem, solution, verdict.index, verdict.checks, work.decide)
        if found is None:
            return verdict
        affected = correction.affected_steps(per_step, problem, solution, verdict.index, verdict.checks)
        return replace(verdict, correction=replace(found, affected=affected))

    def _provenance(self, work: "_Work") -> Provenance:
        from genverify import __version__

        return Provenance(
            genverify=__version__,
            versions=self.tools.versions(),
            tools=tuple(sorted(work.used)),
            isolation=self.tools.isolation(),
        )


_Key = tuple[object, ...]


@dataclass(slots=True)
class _Work:
    """The checks of one solution: equal claims are decided once, and what was done is counted."""

    tools: "Checkers"
    closed: Event
    known: dict[_Key, Check] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    worker_checks: int = 0

    def decide(self, wanted: Sequence[Claim]) -> list[Check]:
        """Return a check for each claim, in order.

        Raises:
            ToolError: the verifier has been closed.
        """
        if self.closed.is_set():
            raise ToolError("this verifier has been closed; make a new one")
        fresh = {_key(c): c for c in wanted if _key(c) not in self.known}
        for key, check in zip(fresh, self.tools.check_many(list(fresh.values())), strict=True):
            self.known[key] = check
            self.used.add(check.tool)
            self.worker_checks += check.tool not in _IN_PROCESS
        return [replace(self.known[_key(c)], claim=c) for c in wanted]

    def cost(self, wall_s: float) -> Cost:
        return Cost(wall_s=wall_s, checks=len(self.known), worker_checks=self.worker_checks)


def _key(claim: Claim) -> _Key:
    """Return what a check depends on: two claims with equal keys have equal outcomes wherever they stand."""
    return (claim.kind, claim.statement, claim.givens, claim.tolerance, claim.slack)


def _as_solution(solution: Solution | str | Sequence[str]) -> Solution:
    if isinstance(solution, Solution):
        if not solution.steps:
            raise ValueError("a solution needs at least one step, got none")
        return solution
    if isinstance(solution, str):
        return Solution.from_text(solution)
    return Solution.from_steps(tuple(solution))


def _id_of(item: object) -> str:
    """Return `` (id 'x')`` for an item whose problem has an id."""
    first = item[0] if isinstance(item, tuple) and item else None
    return f" (id {first.id!r})" if isinstance(first, Problem) and first.id is not None else ""


def _with_progress(results: Iterator[Report | Failure], items: object) -> Iterator[Report | Failure]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress("solutions", *columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(results, total=len(items) if isinstance(items, Sequence) else None)
