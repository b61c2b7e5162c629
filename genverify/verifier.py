"""A problem and a solution to a report: claims are extracted, decided by tools, fused to verdicts, and corrected.

With a critic, a language model reads the same steps while the tools decide, and fusion weighs both.
"""

import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from genverify import claims, correction, fusion
from genverify.deciding import Decided, Work, evidence_of
from genverify.errors import UsageError
from genverify.types import (
    CorrectionStatus,
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
    from genverify.background import Background
    from genverify.critic import Critic, Progress, Reading, Stop
    from genverify.engines.base import Engine
    from genverify.fusion import Weights
    from genverify.protocols.base import Budget, CriticProtocol, Kernels
    from genverify.tools.checkers import Checkers
    from genverify.tools.kernels import KernelPool

IN_FLIGHT: Final = 4
"""Solutions worked on at once: twice the default number of workers, so that one is ready when a worker becomes free."""
MAX_CORRECTED: Final = 16
"""Wrong steps that get a correction, from the first on: after that many a solution is to be written anew."""
MAX_PROPOSED: Final = 4
"""Corrections by critics that are checked for one step; more samples than that rarely propose more texts."""
T = TypeVar("T")
Item = tuple[Problem | str, Solution | str | Sequence[str]]
"""A problem and a solution in any of the forms that :meth:`Verifier.critique` takes."""


class Verifier:
    """Critiques solutions with tools (SymPy, Z3 and exact arithmetic) and, if there is one, with a language model.

    ::

        with Verifier() as verifier:
            report = verifier.critique("What is 17 * 24?", "17 * 24 = 418")

        with Verifier("genprm:path/to/GenPRM-1.5B", samples=8) as verifier: ...
        with Verifier(engine=my_engine, protocol="native") as verifier: ...

    Args:
        model: a critic by name, ``PROTOCOL:PATH``, ``PROTOCOL:ENGINE`` or an engine's name alone (``embedded``); None
            uses tools alone. Checkers in its place are taken as ``tools``.
        tools: the checkers to use; they stay open when the verifier closes. None makes checkers of its own, whose
            worker processes start with the first claim that needs one.
        engine: an engine, or its name; one that was handed in stays open when the verifier closes.
        protocol: how the model is spoken to, or its name; None speaks ``native``, or as ``model`` says.
        samples: critiques of each step, at least 1, each with a kernel of its own.
        seed: moves all that is drawn.
        kernels: where code that the model writes runs; None makes confined kernels here, once any code is to run.
        run_code: whether such code runs at all.
        budget: what one sample may use on one solution.
        early_exit: end a sample's reading at the first step that it, or a tool, finds wrong.
        max_chains: most samples under way at once; None takes the critic's own limit.
        progress: told how far the critic is, after every critique.
        own_engine: whether an engine that was handed in is closed with the verifier.
        rule: how critiques and checks become one verdict, a name in ``genverify.fusion.METHODS``.
        weights: what each kind of evidence is worth there; None takes those that ship.

    Raises:
        UsageError: no model, engine, protocol or rule has that name, or a package is missing.
        EngineError: the model could not be loaded.

    One verifier may be used from many threads at once.
    """

    def __init__(
        self,
        model: "str | Checkers | None" = None,
        *,
        tools: "Checkers | None" = None,
        engine: "Engine | str | None" = None,
        protocol: "CriticProtocol | str | None" = None,
        samples: int = 1,
        seed: int = 0,
        kernels: "Kernels | None" = None,
        run_code: bool = True,
        budget: "Budget | None" = None,
        early_exit: bool = False,
        max_chains: int | None = None,
        progress: "Callable[[Progress], None] | None" = None,
        own_engine: bool = False,
        rule: str = "log_odds",
        weights: "Weights | None" = None,
    ) -> None:
        from genverify.tools.checkers import Checkers

        if rule not in fusion.METHODS:
            raise UsageError(f"rule of fusion: expected one of {', '.join(fusion.METHODS)}, got {rule!r}")
        self.rule, self.weights = rule, weights or fusion.DEFAULT_WEIGHTS

        if isinstance(model, Checkers):
            model, tools = None, model
        self._owned = tools is None
        self._closed, self._starting = Event(), Lock()
        self.tools: Checkers = Checkers() if tools is None else tools
        self.critic: Critic | None = None
        self._background: Background | None = None
        self._own_engine = own_engine or model is not None or isinstance(engine, str)
        self._own_kernels: KernelPool | None = None
        if model is None and engine is None and protocol is None:
            return
        from genverify import background, critic
        from genverify.protocols import loading
        from genverify.tools import kernels as confined

        if kernels is None and run_code:
            self._own_kernels = kernels = confined.KernelPool()
        self._background = background.Background()
        self.critic = critic.Critic(
            *loading.parts(model, engine, protocol),
            samples=samples,
            seed=seed,
            kernels=kernels if run_code else None,
            checkers=self.tools,
            budget=budget,
            max_chains=max_chains,
            early_exit=early_exit,
            progress=progress,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker processes, unless the checkers were handed in from outside; work under way ends soon.

        Critiques under way are cancelled; an engine that was made here is closed.
        """
        self._closed.set()
        if self._background is not None:
            engine = self.critic.engine if self.critic is not None and self._own_engine else None
            self._background.close(engine.aclose() if engine is not None else None)
        if self._own_kernels is not None:
            self._own_kernels.close()
        if self._owned:
            self.tools.close()

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Start a coroutine on the event loop on which the critic works; cancelling the future cancels it there.

        What shares the critic's engine, such as a policy, must be awaited there.

        Raises:
            ToolError: the verifier has been closed.
        """
        return self._loop().submit(work)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end where :meth:`submit` starts it; not to be called from that loop.

        Raises:
            ToolError: the verifier has been closed, before or meanwhile.
        """
        return self._loop().run(work)

    def _loop(self) -> "Background":
        """Return the loop in the background; without a critic it is made when it is first asked for."""
        from genverify.background import Background

        with self._starting:
            if self._background is None:
                self._background = Background()
                if self._closed.is_set():
                    self._background.close()
            return self._background

    def critique(self, problem: Problem | str, solution: Solution | str | Sequence[str]) -> Report:
        """Judge every step of a solution.

        Args:
            problem: what was asked; a text stands for a problem without id and premises.
            solution: a worked solution; a text is cut into steps, a sequence of texts is taken as its steps.

        Raises:
            ValueError: the solution holds no step.
            ToolError: the checkers could not be started, or the verifier has been closed.
        """
        started = time.perf_counter()
        problem = Problem(text=problem) if isinstance(problem, str) else problem
        solution = _as_solution(solution)
        if self._background is not None and self.critic is not None:
            return self._background.run(self._with_critic(self.critic, problem, solution, started))
        return self._report(self._decided(problem, solution), None, started)

    async def acritique(self, problem: Problem | str, solution: Solution | str | Sequence[str]) -> Report:
        """Do what :meth:`critique` does without stalling the event loop."""
        import asyncio  # a tenth of a second that a first verdict need not wait for

        if self._background is None or self.critic is None:
            return await asyncio.to_thread(self.critique, problem, solution)
        problem = Problem(text=problem) if isinstance(problem, str) else problem
        work = self._with_critic(self.critic, problem, _as_solution(solution), time.perf_counter())
        return await asyncio.wrap_future(self._background.submit(work))

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
        if self.critic is not None and self._background is not None:
            yield from self._criticised(self.critic, self._background, items)
            return
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

    def _criticised(
        self, critic: "Critic", background: "Background", items: Iterable[Item]
    ) -> Iterator[Report | Failure]:
        """Keep twice as many solutions under way as the critic has room for, and yield in order."""
        most = max(IN_FLIGHT, 2 * critic.max_chains // critic.samples)
        waiting: deque[Future[Report | Failure]] = deque()
        try:
            for number, item in enumerate(items):
                waiting.append(background.submit(self._acritique_one(critic, number, item)))
                while waiting and (waiting[0].done() or len(waiting) >= most):
                    yield background.result(waiting.popleft())
            while waiting:
                yield background.result(waiting.popleft())
        finally:
            for future in waiting:
                future.cancel()

    async def _acritique_one(self, critic: "Critic", number: int, item: Item) -> Report | Failure:
        try:
            problem, solution = item
            problem = Problem(text=problem) if isinstance(problem, str) else problem
            return await self._with_critic(critic, problem, _as_solution(solution), time.perf_counter())
        # The boundary of one item, as in _one.
        except Exception as error:  # noqa: BLE001
            return Failure(where=f"item {number}{_id_of(item)}", what=f"{type(error).__name__}: {error}")

    async def _with_critic(self, critic: "Critic", problem: Problem, solution: Solution, started: float) -> Report:
        """Let tools and critic work on one solution at the same time."""
        import asyncio

        from genverify.critic import Stop

        stop = Stop()
        reading = asyncio.create_task(critic.read(problem, solution, stop=stop))
        try:
            decided = await asyncio.to_thread(self._decided, problem, solution, stop)
            return await asyncio.to_thread(self._report, decided, await reading, started)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    def _decided(self, problem: Problem, solution: Solution, stop: "Stop | None" = None) -> Decided:
        """Extract the claims of a solution and have them decided."""
        work = Work(self.tools, self._closed)
        per_step = claims.extract(problem, solution)
        work.decide([claim for own in per_step for claim in own])  # all at once: the workers stay busy
        checks = [work.decide(own) for own in per_step]
        refuted = (i for i, own in enumerate(checks) if any(c.outcome is Outcome.REFUTED for c in own))
        if stop is not None:
            stop.after = next(refuted, None)
        return Decided(problem, solution, work, per_step, checks)

    def _report(self, decided: Decided, reading: "Reading | None", started: float) -> Report:
        """Fuse what is known about each step, correct the wrong ones, and say what it all rests on."""
        evidence = [evidence_of(decided, reading, step.index) for step in decided.solution.steps]
        verdicts = list(fusion.fuse([evidence], self.rule, self.weights)[0])
        wrong = [v.index for v in verdicts if v.label is Label.INCORRECT][:MAX_CORRECTED]
        for index in wrong:
            verdicts[index] = self._corrected(decided, verdicts[index])
        provenance = self._provenance(decided.work)
        cost = decided.work.cost(time.perf_counter() - started)
        return Report(
            steps=tuple(verdicts),
            first_error=fusion.first_error(verdicts),
            provenance=provenance,
            cost=cost if reading is None else reading.added(cost),
            problem_id=decided.problem.id,
            solution_id=decided.solution.id,
            score=fusion.solution_score(verdicts, provenance.convention),
            failures=reading.failures if reading is not None else (),
            disagreements=fusion.disagreements(verdicts),
        )

    def _corrected(self, decided: Decided, verdict: StepVerdict) -> StepVerdict:
        """Put a correction to a wrong step: the tools' own, or the best of those that critics propose."""
        problem, solution, decide = decided.problem, decided.solution, decided.work.decide
        own = decided.checks[verdict.index]
        found = correction.correct(problem, solution, verdict.index, own, decide)
        if found is None or found.status is CorrectionStatus.REJECTED:
            texts = dict.fromkeys(c.correction for c in verdict.critiques if c.correction)
            origin = f"critic:{self.critic.protocol.name}" if self.critic is not None else "critic"
            offers = [
                correction.proposed(problem, solution, verdict.index, text, origin, decide)
                for text in list(texts)[:MAX_PROPOSED]
            ]
            found = min([*([found] if found else []), *offers], key=lambda c: _RANK[c.status], default=None)
        if found is None:
            return verdict
        affected = correction.affected_steps(decided.per_step, problem, solution, verdict.index, own)
        return replace(verdict, correction=replace(found, affected=affected))

    def _kernel_layers(self) -> dict[str, str]:
        """Return the isolation of the critic's kernels, each layer's name after ``kernels_``; empty if none ran."""
        kernels = self.critic.kernels if self.critic is not None else None
        layers: Mapping[str, str] = getattr(kernels, "layers", {})  # those of a replay have none
        return {f"kernels_{name}": state for name, state in layers.items()}

    def _provenance(self, work: Work) -> Provenance:
        from genverify import __version__

        made = Provenance(
            genverify=__version__,
            versions=self.tools.versions(),
            tools=tuple(sorted(work.used)),
            isolation={**self.tools.isolation(), **self._kernel_layers()},
            fusion=self.rule,
            weights_sha256=self.weights.sha256,
        )
        if self.critic is None:
            return made
        return replace(self.critic.described(made), convention=self.critic.protocol.convention)


_RANK: Final = {CorrectionStatus.VERIFIED: 0, CorrectionStatus.UNVERIFIED: 1, CorrectionStatus.REJECTED: 2}


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
