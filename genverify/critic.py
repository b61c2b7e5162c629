"""Problems and solutions to critiques: many chains at once over one engine, one source of kernels and one of checks.

A chain is one sample of a protocol on one solution, a coroutine of its own: while one waits for a tool, the others keep
the engine busy. What goes wrong in a chain is a ``Failure`` beside what it had found until then; no chain takes another
down. Cancelling a reading cancels its chains, and with them their requests and kernels.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sized
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from genverify.protocols.base import Budget, Chain, CriticProtocol, Kernels, Meter, ahead, settings
from genverify.types import Cost, Critique, Failure, Problem, Provenance, Solution

if TYPE_CHECKING:
    from genverify.engines.base import Engine
    from genverify.tools.checkers import Checkers

MAX_CHAINS: Final = 256
"""Chains under way at once: enough to fill an engine's batch while others wait for tools."""
LOOKAHEAD: Final = 8
"""Steps of one chain under way at once, where a protocol's steps do not build on each other."""


@dataclass(slots=True)
class Stop:
    """Where reading may end: tools that know a wrong step tell the chains through it."""

    after: int | None = None
    """A step (from 0) that is known to be wrong: with early exit no later one need be read. None: no such step."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the chains of one solution came to."""

    critiques: tuple[tuple[Critique, ...], ...]
    """For each step its critiques in the order of the samples; a step that nobody read has none."""
    failures: tuple[Failure, ...] = ()
    meter: Meter = field(default_factory=Meter)

    def added(self, cost: Cost) -> Cost:
        """Return ``cost`` with what this reading took."""
        critiques = [critique for step in self.critiques for critique in step]
        return replace(
            cost,
            prompt_tokens=self.meter.prompt_tokens,
            completion_tokens=self.meter.completion_tokens,
            critiques=len(critiques),
            unparsed=sum(c.p_correct is None for c in critiques),
            code_runs=self.meter.code_runs,
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a critic is; all counts are since it was made."""

    chains_done: int
    chains_begun: int
    chains_total: int | None
    """None when it is not known how many will come."""
    steps: int
    """Critiques written."""
    completion_tokens: int
    tool_s: float
    """Seconds that chains waited for tools, summed over chains."""
    chain_s: float
    """Seconds that chains have lived, summed over those that ended."""
    wall_s: float

    @property
    def tokens_per_s(self) -> float:
        """Return generated tokens a second, over all chains."""
        return self.completion_tokens / self.wall_s if self.wall_s > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        """Return the seconds that are left if the rest goes like what is done; None if nobody can tell."""
        if not self.chains_total or not self.chains_done:
            return None
        return self.wall_s / self.chains_done * (self.chains_total - self.chains_done)


class Critic:
    """Reads solutions with one protocol over one engine.

    ::

        critic = Critic(engine, GenPRM(), samples=8, kernels=pool, checkers=checkers)
        reading = await critic.read(problem, solution)

    Args:
        engine: answers all requests; it stays open.
        protocol: how the model is spoken to.
        samples: chains for each solution, at least 1; each has its own kernel and draws its own tokens.
        seed: moves all draws; the same seed gives the same requests for the same solution, whatever else is read.
        kernels: where code runs; None: no code is run.
        checkers: decide the claims that a model puts into formal words; None: none is decided.
        budget: what one chain may use.
        max_chains: most chains under way, at least 1; the others wait in the order in which they came. None takes as
            many as the engine keeps the beginnings of, where it says so (``slots``), and at most ``MAX_CHAINS``: one
            more makes it read another's beginning anew.
        early_exit: end a chain at the first step that it calls wrong, or that tools have refuted; steps after it may
            then have fewer critiques than there are samples, or none.
        progress: called after every critique and at the end of every chain; it must return quickly.

    Use one critic from one event loop only.
    """

    def __init__(
        self,
        engine: "Engine",
        protocol: CriticProtocol,
        *,
        samples: int = 1,
        seed: int = 0,
        kernels: Kernels | None = None,
        checkers: "Checkers | None" = None,
        budget: Budget | None = None,
        max_chains: int | None = None,
        early_exit: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        if max_chains is None:
            max_chains = min(MAX_CHAINS, getattr(engine, "slots", MAX_CHAINS))
        if samples < 1 or max_chains < 1:
            raise ValueError(f"samples and max_chains must be at least 1, got {samples} and {max_chains}")
        self.engine, self.protocol, self.samples, self.seed = engine, protocol, samples, seed
        self.kernels, self.checkers, self.budget = kernels, checkers, budget or Budget()
        self.max_chains, self.early_exit, self.progress = max_chains, early_exit, progress
        self._room = asyncio.Semaphore(max_chains)
        self._started: float | None = None
        self._total: int | None = None
        self._done = self._begun = self._steps = self._names = 0
        self._chain_s = 0.0
        self._used = Meter()

    def described(self, made: Provenance) -> Provenance:
        """Return ``made`` with what this critic is: engine, model and versions, protocol, prompt, sampling, seed."""
        engine = dict(self.engine.provenance())
        name = ":".join(engine.pop(key) for key in ("engine", "model") if key in engine)
        return replace(
            made,
            versions={**made.versions, **{f"engine_{key}": value for key, value in engine.items()}},
            engine=name or type(self.engine).__name__,
            protocol=self.protocol.name,
            prompt_sha256=self.protocol.prompt_sha256,
            sampling={**settings(self.protocol.sampling), "samples": self.samples},
            seed=self.seed,
        )

    async def read(self, problem: Problem, solution: Solution, *, stop: Stop | None = None) -> Reading:
        """Have every sample read one solution.

        Args:
            problem: what was asked.
            solution: the steps to be judged.
            stop: tells of wrong steps while reading goes on.
        """
        stop = stop or Stop()
        async with asyncio.TaskGroup() as group:  # a chain never raises: the group only passes cancellation on
            tasks = [group.create_task(self._chain(problem, solution, n, stop)) for n in range(self.samples)]
        ended = [task.result() for task in tasks]
        meter = Meter()
        per_step: list[list[Critique]] = [[] for _ in solution.steps]
        for chain in ended:
            meter.add(chain.meter)
            for critique in chain.critiques:
                per_step[critique.step].append(critique)
        failures = tuple(chain.failure for chain in ended if chain.failure is not None)
        return Reading(tuple(map(tuple, per_step)), failures, meter)

    async def read_many(self, items: Iterable[tuple[Problem, Solution]]) -> AsyncGenerator[Reading, None]:
        """Yield the reading of each item, in order; items are taken as they are needed, so there may be no end to them.

        Closing the generator cancels what is under way.
        """
        if isinstance(items, Sized):
            self._total = (self._total or 0) + len(items) * self.samples
        jobs = (partial(self.read, problem, solution) for problem, solution in items)
        # four times what may run: a first solution that takes long holds back the order, not the work
        async with aclosing(ahead(jobs, max(1, 4 * self.max_chains // self.samples))) as readings:
            async for reading in readings:
                yield reading

    async def _chain(self, problem: Problem, solution: Solution, sample: int, stop: Stop) -> "_Ended":
        self._names += 1
        name = f"{self._names}/{sample}"
        async with self._room:
            started = time.perf_counter()
            self._started = self._started or started
            self._begun += 1
            ended = _Ended()
            chain = Chain(
                self.engine,
                name,
                _reader(problem, solution, sample),
                sample,
                self.seed,
                self.kernels,
                self.checkers,
                self.budget,
                lookahead=1 if self.early_exit else LOOKAHEAD,
                meter=ended.meter,
                total=self._used,
            )
            limit = asyncio.timeout(self.budget.seconds)
            try:
                async with limit:
                    await self._follow(problem, solution, chain, stop, ended)
            # The boundary of one chain: whatever a protocol or an engine does, the other chains still run.
            except Exception as error:  # noqa: BLE001
                spent = f"the budget of {self.budget.seconds:g} s is used up"
                ended.fail(sample, spent if limit.expired() else f"{type(error).__name__}: {error}")
            finally:
                await chain.aclose()
                self._done += 1
                self._chain_s += time.perf_counter() - started
                self._tell()
            return ended

    async def _follow(self, problem: Problem, solution: Solution, chain: Chain, stop: Stop, ended: "_Ended") -> None:
        async with aclosing(self.protocol.critiques(problem, solution, chain)) as critiques:
            async for critique in critiques:
                ended.critiques.append(replace(critique, sample=chain.sample))
                self._steps += 1
                self._tell()
                if self.early_exit and _is_end(critique, stop):
                    return

    def _tell(self) -> None:
        if self.progress is None:
            return
        self.progress(
            Progress(
                chains_done=self._done,
                chains_begun=self._begun,
                chains_total=self._total,
                steps=self._steps,
                completion_tokens=self._used.completion_tokens,
                tool_s=self._used.tool_s,
                chain_s=self._chain_s,
                wall_s=time.perf_counter() - (self._started or time.perf_counter()),
            )
        )


def _reader(problem: Problem, solution: Solution, sample: int) -> str:
    table = [problem.table.header, *problem.table.rows] if problem.table is not None else []
    read = "\0".join([problem.text, *(cell for row in table for cell in row), *(step.text for step in solution.steps)])
    return f"{hashlib.sha256(read.encode(errors='surrogatepass')).hexdigest()[:16]}/{sample}"


def _is_end(critique: Critique, stop: Stop) -> bool:
    wrong = critique.p_correct is not None and critique.p_correct < critique.cut
    return wrong or (stop.after is not None and critique.step >= stop.after)


@dataclass(slots=True)
class _Ended:
    """What one chain came to."""

    critiques: list[Critique] = field(default_factory=list)
    failure: Failure | None = None
    meter: Meter = field(default_factory=Meter)

    def fail(self, sample: int, what: str) -> None:
        """Record why the chain ended early."""
        step = self.critiques[-1].step + 1 if self.critiques else 0
        self.failure = Failure(f"critic, sample {sample}, step {step} (from 0)", what)
