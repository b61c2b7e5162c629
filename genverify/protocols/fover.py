"""FoVer: no critique, one probability a step, read where the answer to each step would begin.

The solution is a conversation in which every earlier step was answered ``correct``. The authors take the first tokens
of ``correct`` and ``incorrect`` in one teacher-forced pass; here each step is one request for the log-probabilities of
the two whole words, on a prefix that the engine has in its cache.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

from genverify import templates
from genverify.engines.base import Message, Sampling
from genverify.protocols.base import Chain, Prompted, ahead
from genverify.protocols.text import neutralise, share_of_first
from genverify.types import Critique, LabelConvention, Problem, Solution

WORDS = ("correct", "incorrect")


@dataclass(frozen=True, slots=True)
class FoVer(Prompted):
    """Speaks to the FoVer PRMs."""

    sampling: Sampling = field(default_factory=Sampling)
    """Not used: nothing is drawn."""
    name: ClassVar[str] = "fover"
    convention: ClassVar[LabelConvention] = LabelConvention.LOCAL
    """A step that follows from a wrong one is right."""

    def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order, without text.

        Raises:
            EngineError: the engine could not answer.
        """
        prompts = templates.load("fover")
        turns: list[Message] = []
        jobs = []
        for step in solution.steps:
            text = neutralise(step.text)
            first = step.index == 0
            said = prompts.fill("first", problem=neutralise(problem.text), step=text) if first else text
            turns.append(Message("user", said))
            jobs.append(partial(_read, chain, tuple(turns), step.index))
            turns.append(Message("assistant", prompts.text("correct")))
        return ahead(jobs, chain.lookahead)


async def _read(chain: Chain, turns: tuple[Message, ...], step: int) -> Critique:
    logprobs = await chain.choose(turns, "", WORDS)
    p = None if logprobs is None else share_of_first(logprobs)
    notes = () if p is not None else ("unparsed: this engine gave no log-probabilities, and FoVer writes no verdict",)
    return Critique(step, "", p, sample=chain.sample, notes=notes)
