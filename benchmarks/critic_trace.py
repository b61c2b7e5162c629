"""Seeded lengths and fates to what a GenPRM would write about made-up solutions, and to tools that are slow or stuck.

Every text is filler of a stated length: what is measured depends on lengths and waiting, not on a model's weights. The
same chain has the same lengths, verdicts and fates of its tools under every scheduling.
"""

import asyncio
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from genverify import templates
from genverify.engines.base import Message, Request
from genverify.errors import ToolError
from genverify.types import CodeRun, Problem, Solution

PROMPTS: Final = templates.load("genprm")
_SPEC: Final = re.compile(r"# (\d+)/(\d+)/(\d+)/(\d+)\b")
_PROBLEM: Final = re.compile(r"\[(\d+)\]")
OUTPUT: Final = "the left side comes to 408, the right side to 408\nTrue"
"""What every block of code prints."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """What a trace is drawn from; lengths in tokens, all log-normal about their medians.

    The mean of about 345 tokens a step is the one that GenPRM's authors report for MATH (their table 9); how it is
    shared out among the parts of a step, and the share of steps with a second and a third block, are our choice.
    """

    analysis: float = 155.0
    block: float = 95.0
    final: float = 24.0
    spread: float = 0.45
    """Standard deviation of the logarithm."""
    steps: tuple[int, int] = (2, 16)
    """Fewest and most steps of a solution; the mean is near 6."""
    mean_steps: float = 6.0
    problem: int = 90
    step: int = 45
    wrong: float = 0.12
    """Share of steps that the critic calls wrong."""
    least: tuple[int, int, int] = (4, 10, 20)
    """Of analysis, block and final: their tags must have room."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the critic writes about one step, in tokens."""

    analysis: int
    blocks: tuple[int, ...]
    final: int
    wrong: bool
    fates: tuple[str, ...]
    """What becomes of each block: ``ok``, ``hang`` or ``die``."""

    @property
    def tokens(self) -> int:
        """Return the tokens of the whole critique."""
        return self.analysis + sum(self.blocks) + self.final


@dataclass(frozen=True, slots=True)
class Trace:
    """Solutions, and for each of their steps and each sample what is written about it.

    Args:
        letters: letters that one token stands for.
    """

    items: tuple[tuple[Problem, Solution], ...]
    samples: int
    plans: Mapping[tuple[int, int, int], Plan]
    """By solution, sample and step."""
    letters: int
    lengths: Lengths = field(default_factory=Lengths)

    @property
    def tokens(self) -> int:
        """Return all tokens that are to be written."""
        return sum(plan.tokens for plan in self.plans.values())

    @property
    def blocks(self) -> int:
        """Return how many blocks of code are to be run."""
        return sum(len(plan.blocks) for plan in self.plans.values())

    def fates(self, fate: str) -> int:
        """Return how many blocks meet ``fate``."""
        return sum(plan.fates.count(fate) for plan in self.plans.values())

    def written(self, request: Request) -> tuple[int, str]:
        """Return how many tokens the critic writes next, and by which text it ends."""
        number, sample, step = chain_of(request)
        plan = self.plans[number, sample, step]
        if PROMPTS.text("analyze_close") not in request.prefix:
            return plan.analysis, PROMPTS.text("analyze_close")
        done = request.prefix.count("[Code Output]")
        if done < len(plan.blocks):
            return plan.blocks[done], f"\n# {number}/{sample}/{step}/{done}{PROMPTS.text('code_close')}"
        word = "No" if plan.wrong else "Yes"
        return plan.final, f"{PROMPTS.text('verify_close')}{PROMPTS.text('forced')}{{{word}}}$\n</output>\n"

    def opening(self, request: Request) -> str:
        """Return what the critic writes before its filler: the fence of a second block."""
        fence = PROMPTS.text("code_open")
        again = self._in_block(request) and not request.prefix.endswith(fence)
        return fence if again else ""

    def _in_block(self, request: Request) -> bool:
        return PROMPTS.text("analyze_close") in request.prefix and self.written(request)[1].endswith("\n```\n")

    def text(self, request: Request) -> tuple[int, str]:
        """Return how many tokens the critic writes next, and the text, padded to that length."""
        tokens, close = self.written(request)
        opening = self.opening(request)
        return tokens, opening + "x " * ((tokens * self.letters - len(opening) - len(close)) // 2) + close


def chain_of(request: Request) -> tuple[int, int, int]:
    """Return solution, sample and step (from 0) that a request is about."""
    turns = request.prompt
    if isinstance(turns, str) or (found := _PROBLEM.match(turns[1].content)) is None:
        raise ValueError("no request of this trace")
    return int(found[1]), int(request.chain.rpartition("/")[2]), (len(turns) - 2) // 2


def drawn(
    solutions: int, samples: int, *, seed: int, hangs: float, deaths: float = 0.0, letters: int = 4,
    lengths: Lengths | None = None,
) -> Trace:  # fmt: skip
    """Draw a trace; the fates of tools come from a source of their own, so that lengths are alike with and without."""
    lengths = lengths or Lengths()
    source, luck = random.Random(seed), random.Random(seed + 1)
    items, plans = [], {}
    for number in range(solutions):
        low, high = lengths.steps
        count = min(high, max(low, round(source.gammavariate(4.0, lengths.mean_steps / 4.0))))
        filler = "let us see " * 500
        problem = Problem(f"[{number}] {filler[: letters * lengths.problem]}")
        items.append((problem, Solution.from_steps([filler[: letters * lengths.step].strip()] * count)))
        for sample in range(samples):
            for step in range(count):
                plans[number, sample, step] = _plan(lengths, source, luck, hangs, deaths)
    return Trace(tuple(items), samples, plans, letters, lengths)


def _plan(lengths: Lengths, source: random.Random, luck: random.Random, hangs: float, deaths: float) -> Plan:
    def about(median: float, least: int) -> int:
        return max(least, round(median * source.lognormvariate(0.0, lengths.spread)))

    count = source.choices((1, 2, 3), (0.70, 0.22, 0.08))[0]
    analysis, block, final = lengths.least
    blocks = tuple(about(lengths.block, block) for _ in range(count))
    chances = [luck.random() for _ in range(count)]
    fates = tuple("hang" if c < hangs else "die" if c < hangs + deaths else "ok" for c in chances)
    wrong = source.random() < lengths.wrong
    return Plan(about(lengths.analysis, analysis), blocks, about(lengths.final, final), wrong, fates)


@dataclass(slots=True)
class SlowTools:
    """Kernels that take ``latency_s`` for every block, and never answer where the trace says so.

    Args:
        trace: tells what becomes of a block.
        latency_s: seconds of every block.
        limit_s: seconds after which a stuck block is given up by whoever asked.
        open_s: seconds that a fresh kernel takes.
        blocking: stop the whole event loop instead, as code does that is run in line with ``exec``.
    """

    trace: Trace
    latency_s: float
    limit_s: float
    open_s: float = 0.0
    blocking: bool = False
    waited_s: float = 0.0
    """Seconds that chains waited, summed."""
    runs: int = 0
    stuck: int = 0
    died: int = 0
    now: int = 0
    """Blocks under way; 0 at the end, or one was forgotten."""
    most: int = 0
    open_now: int = 0
    opened: int = 0

    async def open(self, chain: str) -> "SlowKernel":
        """Return a fresh kernel."""
        if self.open_s:
            await asyncio.sleep(self.open_s)
            self.waited_s += self.open_s
        self.open_now += 1
        self.opened += 1
        return SlowKernel(self)

    async def run(self, code: str) -> str:
        """Run a block as the baselines do; return what the model gets to read."""
        try:
            async with asyncio.timeout(self.limit_s):
                return (await self.execute(code)).output
        except TimeoutError:
            return f"Code execute time out: no answer within {self.limit_s:g} s"

    async def execute(self, code: str) -> CodeRun:
        """Run a block; a stuck one ends only when it is cancelled."""
        fate = self._fate(code)
        loop = asyncio.get_running_loop()
        started = loop.time()
        self.runs += 1
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            if self.blocking and hasattr(loop, "stall"):
                loop.stall(self.limit_s if fate == "hang" else self.latency_s)
                self.stuck += fate == "hang"
                return CodeRun(code, "", "timeout") if fate == "hang" else CodeRun(code, OUTPUT)
            if fate == "hang":
                self.stuck += 1
                await asyncio.Event().wait()
            await asyncio.sleep(self.latency_s)
            if fate == "die":
                self.died += 1
                raise ToolError("the kernel died")
            return CodeRun(code, OUTPUT)
        finally:
            self.now -= 1
            self.waited_s += loop.time() - started

    def _fate(self, code: str) -> str:
        spec = _SPEC.search(code)
        if spec is None:
            raise ValueError(f"no code of this trace: {code[:60]!r}")
        number, sample, step, block = map(int, spec.groups())
        return self.trace.plans[number, sample, step].fates[block]


@dataclass(eq=False, slots=True)
class SlowKernel:
    """One session of ``SlowTools``."""

    tools: SlowTools
    closed: bool = False

    async def execute(self, code: str) -> CodeRun:
        """Run a block."""
        return await self.tools.execute(code)

    async def aclose(self) -> None:
        """End the session; a second call does nothing."""
        if not self.closed:
            self.closed = True
            self.tools.open_now -= 1


def joined(turns: Sequence[Message], prefix: str) -> str:
    """Return a request as one text in GenPRM's template: a finished critique has a tag before it, an open one none."""
    marks = {"system": "", "user": "<|User|>", "assistant": "<|Assistant|>"}
    return "".join([*(marks[m.role] + m.content for m in turns), prefix])
