r"""Paragraphs: one critique of the whole solution that ends with the place of its first error, as in ProcessBench.

At ``\boxed{`` the engine is asked how likely each place is, and none; a step's probability is that no error has come up
to it. Where only the written number is to be had, that is 1 before it and 0 at it, and nothing is known after it.
"""

import math
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from genverify import templates
from genverify.engines.base import Message, Request, Sampling
from genverify.protocols.base import Chain, Prompted
from genverify.protocols.structured import shown, stated
from genverify.types import Critique, LabelConvention, Problem, Solution

_PLACE: Final = re.compile(r"\\boxed\{\s*(-?\d{1,6})\s*\}")


@dataclass(frozen=True, slots=True)
class Paragraphs(Prompted):
    """Speaks to any instruct model."""

    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.7, top_p=0.95, max_tokens=4096))
    name: ClassVar[str] = "paragraphs"
    convention: ClassVar[LabelConvention] = LabelConvention.PREFIX
    """A step's probability is that of no error up to it."""

    async def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order; the first one carries the text.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
        """
        prompts = templates.load("paragraphs")
        tagged = (prompts.fill("tagged", number=s.index, text=shown(s.text)) for s in solution.steps)
        asked = prompts.fill("user", problem=stated(problem), paragraphs="\n".join(tagged))
        turns = (Message("user", asked),)
        completion = await chain.complete(Request(turns, sampling=self.sampling))
        text, count = completion.text, len(solution.steps)
        found = list(_PLACE.finditer(text))
        ps: list[float | None] = [None] * count
        if found:
            places = ["-1", *map(str, range(count))]
            before = text[: found[-1].start(1)]
            logprobs = await chain.choose(turns, before, [place + "}" for place in places])
            ps = _from_logprobs(logprobs, count) or _from_word(int(found[-1].group(1)), count)
        for step, p in zip(solution.steps, ps, strict=True):
            first = step.index == 0
            yield Critique(
                step.index,
                text if first else "",
                p,
                prompt_tokens=completion.prompt_tokens if first else 0,
                completion_tokens=completion.completion_tokens if first else 0,
                sample=chain.sample,
                notes=() if p is not None else ("unparsed: the critique says nothing of this step",),
            )


def _from_logprobs(logprobs: tuple[float, ...] | None, count: int) -> list[float | None] | None:
    """Return for each step the probability that the first error comes later or never."""
    if logprobs is None or len(logprobs) != count + 1 or any(math.isnan(v) or v > 1e-3 for v in logprobs):
        return None
    top = max(logprobs)
    if top == -math.inf:
        return None
    weights = [math.exp(v - top) for v in logprobs]
    total = sum(weights)
    return [min(1.0, (weights[0] + sum(weights[step + 2 :])) / total) for step in range(count)]


def _from_word(place: int, count: int) -> list[float | None]:
    if not -1 <= place < count:
        return [None] * count
    if place == -1:
        return [1.0] * count
    return [1.0] * place + [0.0] + [None] * (count - place - 1)
