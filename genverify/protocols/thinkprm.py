r"""ThinkPRM: one train of thought over a whole solution, then one question: is the solution correct?

The score belongs to the prefix that was shown, so a probability a step takes one train of thought a prefix
(``mode="prefix"``). ``mode="steps"`` reads one train of thought over the whole solution and asks for the probability
of each ``\boxed{correct}`` where it was written: cheaper by the number of steps, and closer to a verdict on each.
More samples are parallel scaling; ``rounds`` is the sequential one.

Use the checkpoint's own tokenizer: a newer one of its base model may open a ``<think>`` where these words must stand.
"""

import re
from bisect import bisect_left
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final, Literal

from genverify import templates
from genverify.engines.base import Message, Request, Sampling
from genverify.protocols.base import Chain, Prompted, ahead
from genverify.protocols.text import all_boxed, neutralise, share_of_first
from genverify.types import Critique, LabelConvention, Problem, Solution, Step

LABELS: Final = ("correct", "incorrect")
ANSWERS: Final = ("yes", "no")
SAMPLING: Final = Sampling(temperature=0.4, max_tokens=8192)
"""The authors' setting for several samples; they use temperature 0 for a single one."""
_NUMBERED: Final = re.compile(r"\A\s*Step\s+\d+\s*[:.]\s*", re.IGNORECASE)
_AGAIN: Final = 3


@dataclass(frozen=True, slots=True)
class ThinkPRM(Prompted):
    """Speaks to the ThinkPRM checkpoints."""

    mode: Literal["prefix", "steps"] = "prefix"
    rounds: int = 1
    """Trains of thought one after the other, at least 1: each further one begins with a word of doubt."""
    temperature: float = 1.0
    """Divides the log-probabilities of yes and no before they are compared, above 0."""
    sampling: Sampling = SAMPLING
    name: ClassVar[str] = "thinkprm"

    @property
    def convention(self) -> LabelConvention:
        """Return PREFIX for scores of prefixes, FIRST_ERROR for the labels inside one train of thought."""
        return LabelConvention.PREFIX if self.mode == "prefix" else LabelConvention.FIRST_ERROR

    def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
        """
        if self.mode == "steps":
            return self._labels(problem, solution, chain)
        jobs = [partial(self._prefix, problem, solution.steps[: n + 1], chain) for n in range(len(solution.steps))]
        return ahead(jobs, chain.lookahead)

    async def _prefix(self, problem: Problem, steps: tuple[Step, ...], chain: Chain) -> Critique:
        turns = _turns(problem, steps)
        thought = await self._think(turns, len(steps), chain)
        before = thought.text + templates.load("thinkprm").text("question")
        logprobs = await chain.choose(turns, before, ANSWERS)
        p = None if logprobs is None else share_of_first(logprobs, self.temperature)
        notes: tuple[str, ...] = ()
        if p is None:
            p, notes = await self._written(turns, before, chain, thought)
        return _critique(steps[-1].index, thought, p, chain, notes)

    async def _written(
        self, turns: tuple[Message, ...], before: str, chain: Chain, thought: "_Thought"
    ) -> tuple[float | None, tuple[str, ...]]:
        """Let the model write its answer where log-probabilities are not to be had."""
        completion = await chain.complete(Request(turns, prefix=before, sampling=Sampling(max_tokens=4)))
        thought.prompt_tokens += completion.prompt_tokens
        thought.completion_tokens += completion.completion_tokens
        found = re.match(r"\s*(yes|no)\b", completion.text, re.IGNORECASE)
        if found is None:
            return None, ("unparsed: neither yes nor no after the question",)
        return float(found.group(1).lower() == "yes"), ()

    async def _labels(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        turns = _turns(problem, solution.steps)
        thought = await self._think(turns, len(solution.steps), chain)
        places = _places(thought.text, len(solution.steps))
        start = 0
        for step, place in zip(solution.steps, places, strict=True):
            if place is None:
                yield _critique(step.index, None, None, chain, ("unparsed: no label for this step",))
                continue
            word, at = place
            logprobs = await chain.choose(turns, thought.text[:at], LABELS)
            p = None if logprobs is None else share_of_first(logprobs)
            end = thought.text.find("}", at) + 1
            part = _Thought(thought.text[start:end])
            if start == 0:
                part.prompt_tokens, part.completion_tokens = thought.prompt_tokens, thought.completion_tokens
            yield _critique(step.index, part, float(word == LABELS[0]) if p is None else p, chain, ())
            start = end

    async def _think(self, turns: tuple[Message, ...], steps: int, chain: Chain) -> "_Thought":
        """Return the train of thought, from the protocol's opening words on, without the stop text that ended it."""
        prompts = templates.load("thinkprm")
        stops = (
            prompts.text("stop_question"),
            prompts.text("stop_think"),
            prompts.fill("stop_step", number=steps + 1),
        )
        thought = _Thought(prompts.text("opening"))
        for turn in range(self.rounds):
            if turn > 0:
                thought.text += prompts.text(f"again_{(turn - 1) % _AGAIN}")
            request = Request(turns, prefix=thought.text, stop=stops, sampling=self.sampling)
            completion = await chain.complete(request)
            text = completion.text.removesuffix(completion.stop) if completion.stop else completion.text
            thought.text += text.rstrip()
            thought.prompt_tokens += completion.prompt_tokens
            thought.completion_tokens += completion.completion_tokens
        return thought


@dataclass(slots=True)
class _Thought:
    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


def _turns(problem: Problem, steps: tuple[Step, ...]) -> tuple[Message, ...]:
    prompts = templates.load("thinkprm")
    numbered = (
        prompts.fill("step", number=step.index + 1, text=_NUMBERED.sub("", neutralise(step.text)).strip())
        for step in steps
    )
    return (Message("user", prompts.fill("user", problem=neutralise(problem.text), solution="\n".join(numbered))),)


def _places(text: str, steps: int) -> list[tuple[str, int] | None]:
    """Return for each step its label and where that stands in the train of thought (from 0)."""
    marks = [(int(m.group(1)), m.start()) for m in re.finditer(r"\bStep\s+(\d{1,6})\s*:", text)]
    starts = [start for _, start in marks]
    found: list[tuple[str, int] | None] = [None] * steps
    for word, at in all_boxed(text, LABELS):
        before = bisect_left(starts, at)
        if before and 1 <= marks[before - 1][0] <= steps:
            found[marks[before - 1][0] - 1] = (word, at)
    return found


def _critique(step: int, thought: _Thought | None, p: float | None, chain: Chain, notes: tuple[str, ...]) -> Critique:
    thought = thought or _Thought("")
    return Critique(
        step,
        thought.text,
        p,
        prompt_tokens=thought.prompt_tokens,
        completion_tokens=thought.completion_tokens,
        sample=chain.sample,
        notes=notes,
    )
