"""FoVer: no critique, one probability a step, read where the answer to each step would begin.

The solution is a conversation in which every earlier step was answered ``correct``. As the authors do, the first tokens
of ``correct`` and ``incorrect`` are compared: a tokenizer may cut the second into ``in`` and ``correct``. They read all
places in one pass; here each step is one request on a prefix that the engine has in its cache. An engine that does not
know how its model cuts a text compares the two whole words, and each critique says so.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, Final

from genverify import templates
from genverify.engines.base import Message, Sampling
from genverify.protocols.base import Chain, Prompted, ahead
from genverify.protocols.text import neutralise, share_of_first
from genverify.types import Critique, LabelConvention, Problem, Solution

WORDS: Final = ("correct", "incorrect")
WHOLE_WORDS: Final = "whole words were compared, not first tokens: this engine does not know how its model cuts a text"


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
    notes: tuple[str, ...] = ()
    logprobs = await chain.choose(turns, "", WORDS, first_tokens=True)
    if logprobs is None:
        logprobs, notes = await chain.choose(turns, "", WORDS), (WHOLE_WORDS,)
    p = None if logprobs is None else share_of_first(logprobs)
    if p is None:
        notes = ("unparsed: this engine gave no log-probabilities, and FoVer writes no verdict",)
    return Critique(step, "", p, sample=chain.sample, notes=notes)
