"""What every protocol works with: a chain, which is one reader of one solution with an engine and tools at hand.

A chain counts what it uses, keeps to its budget, and lets go of its kernel when it ends. What fails inside a tool
becomes an answer (a ``CodeRun`` that says so); what ends the chain is an error.
"""

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, TypeVar

from genverify import templates
from genverify.engines.base import Completion, Finish, Message, Request, Sampling
from genverify.errors import EngineError, GenverifyError, ToolError
from genverify.types import Check, Claim, CodeRun, Critique, LabelConvention, Problem, Solution

if TYPE_CHECKING:
    from genverify.engines.base import Engine
    from genverify.tools.checkers import Checkers

MAX_OUTPUT: Final = 4000
"""Characters of a program's output that a model gets to read: one endless print must not fill its context."""
_CLOSE_S: Final = 5.0  # a kernel that cannot be closed in this time is left to its pool


class ChainError(GenverifyError):
    """A chain cannot go on: its budget is used up, or the engine gave a text that must not be relied on."""


class Kernel(Protocol):
    """A Python session of its own, kept across the blocks of one chain."""

    async def execute(self, code: str) -> CodeRun:
        """Run ``code`` and return what came of it; an exception in the code is a status, not an error here.

        Raises:
            ToolError: the kernel itself was lost; it cannot be used again.
        """
        ...

    async def aclose(self) -> None:
        """End the session and free what it holds, whatever it is doing."""
        ...


class Kernels(Protocol):
    """Where kernels come from."""

    async def open(self, chain: str) -> Kernel:
        """Return a fresh session, waiting for a free one if need be.

        Args:
            chain: for whom; the same sample of the same solution has the same name in every run.

        Raises:
            ToolError: none can be had.
        """
        ...


@dataclass(frozen=True, slots=True)
class Budget:
    """What one chain may use."""

    tokens: int = 65_536
    """Tokens generated over all steps, at least 1; a request is cut to what is left."""
    seconds: float = 1800.0
    """Seconds from the chain's start to its end, above 0."""
    code_s: float = 600.0
    """Seconds until a block of code is given up and its kernel thrown away, above 0: a backstop behind the kernel's own
    limit, long because a pool may let only a few of its kernels run at once and the others wait inside this time."""

    def __post_init__(self) -> None:
        if self.tokens < 1 or not self.seconds > 0 or not self.code_s > 0:
            raise ValueError(f"a budget needs at least 1 token and more than 0 seconds, got {self}")


@dataclass(slots=True)
class Meter:
    """What a chain has used so far."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    requests: int = 0
    code_runs: int = 0
    tool_s: float = 0.0
    """Seconds spent waiting for kernels and checkers."""
    engine_s: float = 0.0
    """Seconds spent waiting for the engine."""

    def add(self, other: "Meter") -> None:
        """Count what another chain has used."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class CriticProtocol(Protocol):
    """How one family of critics is spoken to."""

    @property
    def name(self) -> str:
        """Return the protocol's name, as ``protocols.load`` knows it."""
        ...

    @property
    def prompt_sha256(self) -> str | None:
        """Digest of the prompt file; None for a protocol without one."""
        ...

    @property
    def sampling(self) -> Sampling:
        """Return how the critique's tokens are drawn."""
        ...

    @property
    def convention(self) -> LabelConvention:
        """Return what ``p_correct`` of this protocol speaks about."""
        ...

    def critiques(self, problem: Problem, solution: Solution, chain: "Chain") -> AsyncGenerator[Critique, None]:
        """Yield at most one critique a step, in order; whoever has seen enough closes the generator.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
        """
        ...


class Prompted:
    """Mixed into a protocol whose texts stand in the file of ``prompts/`` that bears its name."""

    __slots__ = ()
    name: ClassVar[str]

    @property
    def prompt_sha256(self) -> str:
        """Return the digest of the prompt file."""
        return templates.load(self.name).sha256


@dataclass(slots=True)
class Chain:
    """One reader of one solution: one sample of a protocol, with the engine and the tools it may use."""

    engine: "Engine"
    name: str = "0"
    """Tells chains apart; the engine keeps the growing beginning of each."""
    reader: str = ""
    """Names the sample and what it reads, alike in every run; empty: ``name`` stands for it."""
    sample: int = 0
    """Counted from 0; another sample draws other tokens and has a kernel of its own."""
    seed: int = 0
    kernels: Kernels | None = None
    checkers: "Checkers | None" = None
    budget: Budget = field(default_factory=Budget)
    lookahead: int = 1
    """Steps that a protocol whose steps do not build on each other may work on at once, at least 1."""
    meter: Meter = field(default_factory=Meter)
    total: Meter = field(default_factory=Meter)
    """Counts for all chains of a critic together."""
    _kernel: Kernel | None = None
    _reserved: int = 0
    _freed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def complete(self, request: Request) -> Completion:
        """Ask the engine, within the budget and with a seed of this chain.

        Raises:
            ChainError: no token is left, or an answer without a schema or regex must not be relied on.
            EngineError: the engine could not answer.
        """
        tokens = await self._reserve(request.sampling.max_tokens)
        try:
            completion = await self._ask(request, max_tokens=tokens)
            self._count(completion_tokens=completion.completion_tokens)
        finally:
            await self._free(tokens)
        if completion.finish is Finish.ERROR and request.schema is None and request.regex is None:
            raise ChainError(f"the engine's answer cannot be used: {completion.problem}")
        return completion

    async def choose(
        self,
        prompt: str | tuple[Message, ...],
        prefix: str,
        choices: Sequence[str],
        *,
        generation_prompt: bool = True,
        first_tokens: bool = False,
    ) -> tuple[float, ...] | None:
        """Return the log-probability of each choice as continuation; None if this engine cannot say.

        Args:
            prompt: what was asked.
            prefix: the beginning of the answer, after which a choice comes.
            choices: texts, none of them empty.
            generation_prompt: whether the template opens the assistant's turn.
            first_tokens: count only each choice's first token, or as many as tell it from the others.

        Raises:
            EngineError: the engine could not answer.
        """
        needed = {"choices"} if isinstance(prompt, str) or not prefix else {"choices", "prefix"}
        needed |= {"first_tokens"} if first_tokens else set()
        if needed - self.engine.capabilities:
            return None
        request = Request(
            prompt,
            prefix=prefix,
            choices=tuple(choices),
            generation_prompt=generation_prompt,
            first_tokens=first_tokens,
        )
        try:
            completion = await self._ask(request, max_tokens=1)
        except EngineError:
            if needed <= self.engine.capabilities:
                raise
            return None  # a server that only now turned out to lack what is needed
        return completion.choice_logprobs

    async def scores(
        self, prompt: str | tuple[Message, ...], texts: Sequence[str], mark: str
    ) -> tuple[float, ...] | None:
        """Return what the model's head says behind each text, probabilities in [0, 1]; None if this engine has none.

        Args:
            prompt: what comes before the texts.
            texts: follow the prompt one after the other, at least one.
            mark: the token behind each text, where it is scored.

        Raises:
            EngineError: the engine could not answer.
        """
        if "scores" not in self.engine.capabilities:
            return None
        return (await self._ask(Request(prompt, scored=tuple(texts), mark=mark), max_tokens=1)).scores

    async def run(self, code: str) -> CodeRun:
        """Run a block of the model's code in this chain's kernel; a lost kernel is replaced at the next block."""
        started = time.perf_counter()
        limit = asyncio.timeout(self.budget.code_s)
        try:
            kernel = await self._opened()  # waiting for a free one is no fault of the code
            async with limit:
                run = await kernel.execute(code)
        except TimeoutError as error:
            late = f"no answer within {self.budget.code_s:g} s" if limit.expired() else str(error)
            run = CodeRun(code, late, "timeout")
            await self._drop_kernel()
        except ToolError as error:
            run = CodeRun(code, str(error), "died")
            await self._drop_kernel()
        if len(run.output) > MAX_OUTPUT:
            run = replace(run, output=run.output[:MAX_OUTPUT] + " ...")
        self._count(code_runs=1, tool_s=time.perf_counter() - started)
        return run

    async def check(self, claims: Sequence[Claim]) -> list[Check]:
        """Have claims decided; without checkers none is.

        Raises:
            ToolError: the checkers could not be started or have been closed.
        """
        if self.checkers is None or not claims:
            return []
        started = time.perf_counter()
        checks = await self.checkers.acheck_many(claims)
        self._count(tool_s=time.perf_counter() - started)
        return checks

    @property
    def can_run_code(self) -> bool:
        """Return whether this chain has kernels."""
        return self.kernels is not None

    async def aclose(self) -> None:
        """Let go of the kernel; a second call does nothing."""
        await self._drop_kernel()

    async def _opened(self) -> Kernel:
        if self._kernel is None:
            if self.kernels is None:
                raise ToolError("no code can be run here: this critic was made without kernels")
            self._kernel = await self.kernels.open(self.reader or self.name)
        return self._kernel

    async def _drop_kernel(self) -> None:
        kernel, self._kernel = self._kernel, None
        if kernel is not None:
            with suppress(ToolError, TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await kernel.aclose()

    async def _ask(self, request: Request, *, max_tokens: int) -> Completion:
        sampling = replace(request.sampling, max_tokens=max_tokens, seed=self._seed(request))
        sent = replace(request, sampling=sampling, chain=self.name)
        started = time.perf_counter()
        completion = await self.engine.complete(sent)
        self._count(
            engine_s=time.perf_counter() - started,
            requests=1,
            prompt_tokens=completion.prompt_tokens,
            cached_tokens=completion.cached_tokens,
        )
        return completion

    def _count(self, **amounts: float) -> None:
        for meter in (self.meter, self.total):
            for name, amount in amounts.items():
                setattr(meter, name, getattr(meter, name) + amount)

    def _seed(self, request: Request) -> int:
        """Return a seed that depends on what is asked and on nothing that another chain does."""
        asked = request.prompt if isinstance(request.prompt, str) else "\0".join(m.content for m in request.prompt)
        digest = hashlib.sha256(f"{self.seed}\0{self.sample}\0{asked}\0{request.prefix}".encode(errors="replace"))
        return int.from_bytes(digest.digest()[:4], "big") >> 1

    async def _reserve(self, wanted: int) -> int:
        """Take tokens from the budget; waits while requests of this chain under way may still leave some over."""
        async with self._freed:
            await self._freed.wait_for(lambda: self._left() > 0 or self._reserved == 0)
            if self._left() <= 0:
                raise ChainError(f"the budget of {self.budget.tokens} tokens is used up")
            tokens = min(wanted, self._left())
            self._reserved += tokens
            return tokens

    async def _free(self, tokens: int) -> None:
        self._reserved -= tokens
        async with self._freed:
            self._freed.notify_all()

    def _left(self) -> int:
        return self.budget.tokens - self.meter.completion_tokens - self._reserved


T = TypeVar("T")


async def ahead(jobs: Iterable[Callable[[], Coroutine[Any, Any, T]]], width: int) -> AsyncGenerator[T, None]:
    """Yield the results of ``jobs`` in order, with up to ``width`` of them under way; closing cancels the rest."""
    waiting: deque[asyncio.Task[T]] = deque()
    try:
        for job in jobs:
            waiting.append(asyncio.create_task(job()))
            if len(waiting) >= width:
                yield await waiting[0]
                waiting.popleft()
        while waiting:
            yield await waiting[0]
            waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def settings(sampling: Sampling) -> Mapping[str, float | int | str]:
    """Return sampling as it goes into a report."""
    return {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "max_tokens": sampling.max_tokens,
    }
