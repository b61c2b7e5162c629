"""Two ways of spending the judge's work: both directions for more of it (BiPRM), one word first for less of it (Dyve).

They are the ideas of those papers in our own words for any instruct model, and speak to no released checkpoint.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar, Final, Literal

from genverify import claims, templates
from genverify.engines.base import Sampling
from genverify.protocols.base import Chain, ahead
from genverify.protocols.judge import Judge, earlier
from genverify.protocols.structured import opening, shown, stated
from genverify.protocols.text import share_of_first
from genverify.types import Claim, Critique, LabelConvention, Outcome, Problem, Solution

WORDS: Final = ("Yes", "No")


@dataclass(frozen=True, slots=True)
class _Judging:
    """What both have from the judge inside them."""

    judge: Judge = field(default_factory=Judge)
    convention: ClassVar[LabelConvention] = Judge.convention

    @property
    def sampling(self) -> Sampling:
        """Return the judge's."""
        return self.judge.sampling

    @property
    def prompt_sha256(self) -> str:
        """Return the digest of the judge's prompts."""
        return self.judge.prompt_sha256


@dataclass(frozen=True, slots=True)
class BothWays(_Judging):
    """Judges each step twice: with the steps before it in view, and with those after it."""

    fusion: Literal["mean", "min", "weighted"] = "mean"
    forward_weight: float = 0.5
    """Weight in [0, 1] of the forward reading in ``weighted``; the other has the rest."""
    name: ClassVar[str] = "bothways"

    def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
        """
        jobs = [partial(self._step, problem, solution, index, chain) for index in range(len(solution.steps))]
        return ahead(jobs, chain.lookahead)

    async def _step(self, problem: Problem, solution: Solution, index: int, chain: Chain) -> Critique:
        jobs = [partial(self.judge.one, problem, solution, index, chain, backwards=back) for back in (False, True)]
        forward, backward = [critique async for critique in ahead(jobs, 2)]
        worse = min(forward, backward, key=lambda c: 1.0 if c.p_correct is None else c.p_correct)
        return replace(
            worse,
            text=f"{forward.text}\n{backward.text}",
            p_correct=self._fused(forward.p_correct, backward.p_correct),
            prompt_tokens=forward.prompt_tokens + backward.prompt_tokens,
            completion_tokens=forward.completion_tokens + backward.completion_tokens,
            notes=(*forward.notes, *(f"backwards: {note}" for note in backward.notes)),
        )

    def _fused(self, forward: float | None, backward: float | None) -> float | None:
        """Return one probability of two; what one direction could not read, the other says alone."""
        if forward is None or backward is None:
            return backward if forward is None else forward
        if self.fusion == "min":
            return min(forward, backward)
        weight = 0.5 if self.fusion == "mean" else self.forward_weight
        return weight * forward + (1 - weight) * backward


@dataclass(frozen=True, slots=True)
class Quick(_Judging):
    """Asks for one word; only where that is unsure, or tools doubt the step, for a whole critique."""

    margin: float = 0.3
    """In [0, 0.5]: a probability nearer to one half than this is unsure."""
    name: ClassVar[str] = "quick"

    async def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
            ToolError: the checkers could not be started or have been closed.
        """
        found = await asyncio.to_thread(claims.extract, problem, solution)
        jobs = [partial(self._step, problem, solution, index, found[index], chain) for index in range(len(found))]
        async with aclosing(ahead(jobs, chain.lookahead)) as results:
            async for critique in results:
                yield critique

    async def _step(
        self, problem: Problem, solution: Solution, index: int, own: tuple[Claim, ...], chain: Chain
    ) -> Critique:
        p = await self._word(problem, solution, index, chain)
        checks = await chain.check(own)
        doubted = any(check.outcome is not Outcome.CONFIRMED for check in checks)
        if p is not None and abs(p - 0.5) >= self.margin and not doubted:
            return Critique(index, "Yes" if p > 0.5 else "No", p, sample=chain.sample)
        return await self.judge.one(problem, solution, index, chain)

    async def _word(self, problem: Problem, solution: Solution, index: int, chain: Chain) -> float | None:
        prompts = templates.load("judge")
        asked = prompts.fill(
            "quick",
            problem=stated(problem),
            earlier=earlier(solution, index),
            step=shown(solution.steps[index].text),
        )
        turns = opening(prompts.text("system"), asked)
        logprobs = await chain.choose(turns, "", WORDS)
        return None if logprobs is None else share_of_first(logprobs)
