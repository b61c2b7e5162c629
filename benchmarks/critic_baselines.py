"""GenPRM's loop, written once without any waiting, and the ways in which others schedule it.

All of them send the same requests and run the same code; they differ in what waits for what.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Protocol

from critic_trace import OUTPUT, PROMPTS, SlowTools, Trace

from genverify.engines.base import Completion, Message, Request
from genverify.protocols.genprm import SAMPLING

_STOPS: Final = (PROMPTS.text("code_close"), PROMPTS.text("output_close"))


class Completes(Protocol):
    """The part of an engine that is used here."""

    async def complete(self, request: Request) -> Completion:
        """Return the answer to one request."""
        ...


@dataclass(slots=True)
class Seen:
    """What was seen of a run."""

    steps_s: list[float] = field(default_factory=list)
    """Seconds of each step, from its first request to its verdict."""
    chains_s: list[float] = field(default_factory=list)
    tokens: int = 0
    tool_s: float = 0.0
    """Seconds that chains waited because of tools, their own or in lock-step those of others."""
    lost: int = 0
    """Chains that did not come to their end."""


@dataclass(frozen=True, slots=True)
class Code:
    """A block that is to be run."""

    text: str


Ask = Request | Code | None
"""What a loop wants next; None: a step is judged."""
Loop = Generator[Ask, str, None]


def genprm(trace: Trace, number: int, sample: int) -> Loop:
    """Read one solution: yield what is to be done, take in what came of it."""
    problem, solution = trace.items[number]
    turns = [Message("system", PROMPTS.text("system"))]
    chain = f"{number}/{sample}"

    def request(text: str, stop: tuple[str, ...]) -> Request:
        return Request(
            tuple(turns), prefix=text, generation_prompt=False, stop=stop, sampling=SAMPLING, chain=chain
        )  # fmt: skip

    for step in solution.steps:
        said = step.text if step.index else PROMPTS.fill("first_evaluation", problem=problem.text, step=step.text)
        turns.append(Message("user", said))
        text = PROMPTS.fill("analyze_open", paragraph=step.index + 1)
        text += yield request(text, (PROMPTS.text("analyze_close"),))
        text += PROMPTS.text("verify_open")
        while True:
            written = yield request(text, _STOPS)
            text += written
            if not written.endswith(_STOPS[0]):
                break
            code = text.rpartition(PROMPTS.text("code_open"))[2].removesuffix(_STOPS[0])
            output = yield Code(code)
            text += PROMPTS.fill("code_output", output=output)
        yield None
        turns.append(Message("assistant", text))


@dataclass(slots=True)
class _Chain:
    loop: Loop
    began: float
    step_began: float
    ask: Ask = None

    def go_on(self, said: str | None, seen: Seen) -> bool:
        """Take in an answer (None begins), note the steps that ended, and return whether there is more to do."""
        clock = asyncio.get_running_loop().time
        try:
            self.ask = next(self.loop) if said is None else self.loop.send(said)
            while self.ask is None:
                now = clock()
                seen.steps_s.append(now - self.step_began)
                self.step_began = now
                self.ask = next(self.loop)
        except StopIteration:
            seen.chains_s.append(clock() - self.began)
            return False
        return True


def _chain(trace: Trace, number: int, sample: int) -> _Chain:
    now = asyncio.get_running_loop().time()
    return _Chain(genprm(trace, number, sample), now, now)


async def one_chain(
    trace: Trace, number: int, sample: int, engine: Completes, tool: Callable[[str], Awaitable[str]], seen: Seen
) -> None:
    """Read one solution, waiting for everything in line."""
    clock = asyncio.get_running_loop().time
    chain, said = _chain(trace, number, sample), None
    while chain.go_on(said, seen):
        if isinstance(chain.ask, Code):
            started = clock()
            said = await tool(chain.ask.text)
            seen.tool_s += clock() - started
        elif chain.ask is not None:
            completion = await engine.complete(chain.ask)
            seen.tokens += completion.completion_tokens
            said = completion.text


def _all(trace: Trace) -> list[tuple[int, int]]:
    return [(number, sample) for number in range(len(trace.items)) for sample in range(trace.samples)]


async def bare(trace: Trace, engine: Completes, tools: SlowTools, seen: Seen, most: int) -> None:
    """Feed the engine the same requests with nothing else around: no protocol, no tools, no request for a verdict."""

    async def at_once(_: str) -> str:
        return OUTPUT

    await _each_in_its_task(trace, engine, at_once, seen, most)


async def one_at_a_time(
    trace: Trace, engine: Completes, tools: SlowTools, seen: Seen, chains: Sequence[tuple[int, int]]
) -> None:
    """B0, GenPRM's own: one request after the other, tools in line."""
    for number, sample in chains:
        await one_chain(trace, number, sample, engine, tools.run, seen)


async def all_at_once(trace: Trace, engine: Completes, tools: SlowTools, seen: Seen, most: int) -> None:
    """B2, as NeMo-Skills does it: a task for each chain, tools overlapped."""
    await _each_in_its_task(trace, engine, tools.run, seen, most)


async def _each_in_its_task(
    trace: Trace, engine: Completes, tool: Callable[[str], Awaitable[str]], seen: Seen, most: int
) -> None:
    room = asyncio.Semaphore(most)

    async def one(number: int, sample: int) -> None:
        async with room:
            await one_chain(trace, number, sample, engine, tool, seen)

    await asyncio.gather(*(one(n, s) for n, s in _all(trace)))


async def lock_step(trace: Trace, engine: Completes, tools: SlowTools, seen: Seen, most: tuple[int, int]) -> None:
    """B1 and B1p, as ToRA and Qwen2.5-Math do it: generate for all, then run the tools, then generate again.

    Args:
        trace: what is written.
        engine: answers.
        tools: run the code.
        seen: what was seen.
        most: tools at once, and chains in a round; chains that ended are replaced at the next round, which the
            published loops do not do.
    """
    workers, width = most
    clock = asyncio.get_running_loop().time
    room = asyncio.Semaphore(workers)
    left = iter(_all(trace))

    async def tool(code: str) -> str:
        async with room:
            return await tools.run(code)

    live: list[_Chain] = []
    while True:
        for number, sample in islice(left, width - len(live)):
            chain = _chain(trace, number, sample)
            chain.go_on(None, seen)
            live.append(chain)
        if not live:
            return
        texts = [(c, c.ask) for c in live if isinstance(c.ask, Request)]
        made = await asyncio.gather(*(engine.complete(request) for _, request in texts))
        seen.tokens += sum(completion.completion_tokens for completion in made)
        ended = {id(c) for (c, _), completion in zip(texts, made, strict=True) if not c.go_on(completion.text, seen)}
        live = [chain for chain in live if id(chain) not in ended]
        blocks = [(c, c.ask.text) for c in live if isinstance(c.ask, Code)]
        started = clock()
        outputs = await asyncio.gather(*(tool(code) for _, code in blocks))
        seen.tool_s += (clock() - started) * len(live)
        for (chain, _), output in zip(blocks, outputs, strict=True):
            chain.go_on(output, seen)  # a program's output is never the end of a step
