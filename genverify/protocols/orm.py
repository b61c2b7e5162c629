"""Generative outcome reward model: one judgement of a whole solution, that its final answer is right.

It finds no place. Its one critique stands at the last step and speaks, as a probability of a prefix does, of all steps
together; no other step gets one. With early words it is GenRM-CoT, of which more samples are averaged (Zhang et al.
2024, "Generative Verifiers", arXiv 2408.15240, section 3).
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from genverify import templates
from genverify.engines.base import Message, Request, Sampling
from genverify.protocols.answers import written, yes
from genverify.protocols.base import Chain, Prompted
from genverify.protocols.structured import shown, stated
from genverify.protocols.text import share_of_first
from genverify.types import Critique, LabelConvention, Problem, Solution

_WORD_TOKENS: Final = 8  # some models begin with a line break or a mark
WHOLE: Final = "this speaks of the whole solution: where it is wrong, the error may stand in any step"


@dataclass(frozen=True, slots=True)
class OutcomeRM(Prompted):
    """Speaks to any instruct model."""

    think: bool = True
    """Let the model write its verification first; False asks for the one word."""
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.7, top_p=0.95, max_tokens=2048))
    name: ClassVar[str] = "orm"
    convention: ClassVar[LabelConvention] = LabelConvention.PREFIX
    """The one probability is that of the whole solution; the least of the known ones is then the solution's."""

    async def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique, of the last step.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
        """
        prompts = templates.load(self.name)
        steps = "\n".join(shown(step.text) for step in solution.steps)
        material = prompts.fill("shown", problem=stated(problem), solution=steps)
        turns = (Message("user", prompts.fill("think" if self.think else "direct", shown=material)),)
        if self.think:
            critique = await self._thought(turns, chain)
        else:
            critique = await self._word(turns, chain)
        notes = (WHOLE, *critique.notes)
        yield replace(critique, step=len(solution.steps) - 1, sample=chain.sample, notes=notes)

    async def _thought(self, turns: tuple[Message, ...], chain: Chain) -> Critique:
        prompts = templates.load(self.name)
        made = await chain.complete(Request(turns, sampling=self.sampling))
        question, asked = prompts.text("question"), prompts.text("asked")
        p, notes = await yes(chain, turns, made.text, question=question, asked=asked)
        return Critique(0, made.text, p, (), made.prompt_tokens, made.completion_tokens, notes=notes)

    async def _word(self, turns: tuple[Message, ...], chain: Chain) -> Critique:
        logprobs = await chain.choose(turns, "", ("Yes", "No"))
        p = None if logprobs is None else share_of_first(logprobs)
        if p is not None:
            return Critique(0, "Yes" if p >= 0.5 else "No", p)
        made = await chain.complete(Request(turns, sampling=replace(self.sampling, max_tokens=_WORD_TOKENS)))
        p = written(made.text)
        notes = () if p is not None else ("unparsed: neither Yes nor No",)
        return Critique(0, made.text, p, (), made.prompt_tokens, made.completion_tokens, notes=notes)
