"""Discriminative PRMs that are language models underneath: no critique, a plus or a minus after each step.

The score is the share of plus among the two signs where the sign would be written: one request a step, on a beginning
that the engine has in its cache. PRMs with a head of their own are spoken to in ``scored``.
"""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, Final, Literal

from genverify import templates
from genverify.engines.base import Message, Sampling
from genverify.protocols.base import Chain, Prompted, ahead
from genverify.protocols.text import neutralise, share_of_first
from genverify.types import Critique, LabelConvention, Problem, Solution

_NUMBERED: Final = re.compile(r"\A\s*Step\s+\d+\s*[:.]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RLHFlow(Prompted):
    """Speaks to the RLHFlow PRMs."""

    opening: Literal["blank", "lines"] = "blank"
    """What stands between problem and first step: a blank (the authors) or an empty line (other scripts)."""
    sampling: Sampling = field(default_factory=Sampling)
    """Not used: nothing is drawn."""
    name: ClassVar[str] = "rlhflow"
    convention: ClassVar[LabelConvention] = LabelConvention.FIRST_ERROR
    """It was trained on where solutions go wrong."""

    def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order, without text.

        Raises:
            EngineError: the engine could not answer.
        """
        prompts = templates.load("rlhflow")
        signs = (prompts.text("good"), prompts.text("bad"))
        turns: list[Message] = []
        jobs = []
        for step in solution.steps:
            said = neutralise(step.text)
            if step.index == 0:
                said = prompts.fill(f"first_{self.opening}", problem=neutralise(problem.text), step=said)
            turns.append(Message("user", said))
            jobs.append(partial(_sign, chain, tuple(turns), step.index, signs))
            turns.append(Message("assistant", signs[0]))
        return ahead(jobs, chain.lookahead)


@dataclass(frozen=True, slots=True)
class MathShepherd(Prompted):
    """Speaks to Math-Shepherd's PRM."""

    sampling: Sampling = field(default_factory=Sampling)
    """Not used: nothing is drawn."""
    name: ClassVar[str] = "mathshepherd"
    convention: ClassVar[LabelConvention] = LabelConvention.PREFIX
    """Its labels say whether a right answer was still reached from there."""

    def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order, without text.

        Raises:
            EngineError: the engine could not answer.
        """
        prompts = templates.load("mathshepherd")
        signs = (prompts.text("good"), prompts.text("bad"))
        text = prompts.fill("head", problem=neutralise(problem.text))
        jobs = []
        for step in solution.steps:
            said = _NUMBERED.sub("", neutralise(step.text)).replace("ки", "").strip()
            text += prompts.text("join") if step.index else ""
            text += prompts.fill("step", number=step.index + 1, text=said)
            jobs.append(partial(_sign, chain, text, step.index, signs))
        return ahead(jobs, chain.lookahead)


async def _sign(chain: Chain, prompt: str | tuple[Message, ...], step: int, signs: tuple[str, str]) -> Critique:
    logprobs = await chain.choose(prompt, "", signs)
    p = None if logprobs is None else share_of_first(logprobs)
    notes = () if p is not None else ("unparsed: this engine gave no log-probabilities, and this PRM writes nothing",)
    return Critique(step, "", p, sample=chain.sample, notes=notes)
