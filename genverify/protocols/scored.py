"""Discriminative PRMs with a head of their own: nothing is written, the head gives a probability behind each step.

The whole solution is read in one pass. Such a model needs an engine that has its head (``scorer:PATH``).
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from genverify import templates
from genverify.engines.base import Message, Sampling
from genverify.protocols.base import Chain, Prompted
from genverify.protocols.text import neutralise
from genverify.types import Critique, LabelConvention, Problem, Solution

_NO_SCORES: Final = "unparsed: this engine gives no scores, and this PRM writes nothing; name it as scorer:PATH"
_TAGS: Final = ("extra",)  # a step that holds <extra_0> would be scored in its middle


@dataclass(frozen=True, slots=True)
class QwenPRM(Prompted):
    """Speaks to Qwen2.5-Math-PRM and Qwen2.5-Math-7B-PRM800K."""

    sampling: Sampling = field(default_factory=Sampling)
    """Not used: nothing is drawn."""
    name: ClassVar[str] = "qwenprm"
    convention: ClassVar[LabelConvention] = LabelConvention.FIRST_ERROR
    """Steps after a wrong one were taken out of its training data (Zhang et al. 2025, arXiv 2501.07301, section 2)."""

    async def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order, without text.

        Raises:
            EngineError: the engine could not answer.
        """
        prompts = templates.load(self.name)
        turns = (Message("system", prompts.text("system")), Message("user", neutralise(problem.text, _TAGS)))
        texts = [neutralise(step.text, _TAGS) for step in solution.steps]
        scores = await chain.scores(turns, texts, prompts.text("mark"))
        for critique in _critiques(scores, range(len(texts)), len(texts), chain):
            yield critique


@dataclass(frozen=True, slots=True)
class SkyworkPRM(Prompted):
    """Speaks to Skywork-o1-Open-PRM, which scores every line: a step's score is that of its last one."""

    sampling: Sampling = field(default_factory=Sampling)
    """Not used: nothing is drawn."""
    name: ClassVar[str] = "skywork"
    convention: ClassVar[LabelConvention] = LabelConvention.PREFIX
    """Its authors do not say what the labels were; a value head speaks of all that it has read."""

    async def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order, without text.

        Raises:
            EngineError: the engine could not answer.
        """
        prompts = templates.load(self.name)
        lines: list[str] = []
        last = []
        for step in solution.steps:
            lines += neutralise(step.text).rstrip("\n").split("\n")
            last.append(len(lines) - 1)
        head = prompts.fill("head", problem=neutralise(problem.text))
        scores = await chain.scores(head, lines, prompts.text("mark"))
        for critique in _critiques(scores, last, len(lines), chain):
            yield critique


def _critiques(scores: Sequence[float] | None, places: Sequence[int], count: int, chain: Chain) -> list[Critique]:
    """Return one critique for each of ``places``; what is no probability is none."""
    if scores is None:
        return [Critique(i, "", None, sample=chain.sample, notes=(_NO_SCORES,)) for i in range(len(places))]
    found = []
    for index, place in enumerate(places):
        p = scores[place] if len(scores) == count and 0.0 <= scores[place] <= 1.0 else None
        notes = () if p is not None else ("unparsed: what the engine gave is no probability",)
        found.append(Critique(index, "", p, sample=chain.sample, notes=notes))
    return found
