"""A problem to drafts of its solution: the policy, which is any engine asked to solve, to go on, or to write anew."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from genverify import templates
from genverify.engines.base import Finish, Message, Request, Sampling
from genverify.errors import EngineError
from genverify.protocols.text import neutralise
from genverify.types import Problem, Solution

if TYPE_CHECKING:
    from genverify.engines.base import Engine

SAMPLING: Final = Sampling(temperature=0.8, top_p=0.95, max_tokens=1024)
"""Warm enough that N drafts differ, as public code for best-of-N samples."""
STEP_END: Final = "\n\n"
"""Where a step ends, as in search-and-learn's beam search."""
_TAGS: Final = ("problem", "steps", "solution", "wrong_step", "critique")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a policy wrote."""

    text: str
    """The words that it wrote, without the steps that it was given."""
    tokens: int
    """Tokens generated, at least 0."""
    prompt_tokens: int = 0
    complete: bool = True
    """False if it was cut off by a limit, or if it wrote one step and may go on."""


@dataclass(frozen=True, slots=True)
class Task:
    """One draft asked of a policy."""

    draw: int = 0
    """Which of several drafts of the same thing this is, counted from 0: another draw, another draft."""
    max_tokens: int | None = None
    """Most tokens of this draft, at least 1; None leaves it to the policy."""
    one_step: bool = False
    """Whether to stop after one step."""


class Policy(Protocol):
    """Whatever writes solutions. Its calls run side by side; cancelling one frees what it holds."""

    @property
    def max_tokens(self) -> int:
        """Return the most tokens that one draft may take."""
        ...

    async def write(self, problem: Problem, steps: Sequence[str], task: Task) -> Draft:
        """Write a solution, or go on from the first steps of one.

        Args:
            problem: what was asked.
            steps: the steps that stand, in order, with the white space between them; empty for a new solution.
            task: which draft, and how much of it.

        Raises:
            EngineError: nothing could be written.
        """
        ...

    async def rewrite(self, problem: Problem, solution: Solution, step: int, critique: str, task: Task) -> Draft:
        """Write a whole solution anew, knowing what is wrong with ``solution``.

        Args:
            problem: what was asked.
            solution: the solution as it is.
            step: its first wrong step, counted from 0.
            critique: what is wrong with that step, in words.
            task: which draft, and how much of it.

        Raises:
            EngineError: nothing could be written.
        """
        ...

    async def aclose(self) -> None:
        """Let go of all that the policy holds; closing twice does nothing."""
        ...


@dataclass(slots=True)
class EnginePolicy:
    """Any engine as policy, spoken to as ``prompts/policy.toml`` says.

    ::

        policy = EnginePolicy(engines.load("openai:qwen2.5-7b@http://localhost:8000/v1"))
    """

    engine: "Engine"
    sampling: Sampling = SAMPLING
    """How tokens are drawn; its seed moves all drafts."""
    prompts: templates.PromptFile = field(default_factory=lambda: templates.load("policy"))

    @property
    def max_tokens(self) -> int:
        """Return the most tokens that one draft may take."""
        return self.sampling.max_tokens

    async def write(self, problem: Problem, steps: Sequence[str], task: Task) -> Draft:
        """Write a solution, or go on from its first steps: as the model's own words where the engine can do that."""
        begun, about = "".join(steps), ("write", problem.text, "".join(steps))
        solve = self.prompts.fill("solve", problem=_clean(problem.text))
        if not begun:
            return await self._ask(solve, "", task, about)
        if "prefix" in self.engine.capabilities:
            try:
                return await self._ask(solve, neutralise(begun), task, about)
            except EngineError:
                if "prefix" in self.engine.capabilities:
                    raise
                # a server that turns out not to offer prefixes says so at the first one: it is told of the steps
        go_on = self.prompts.fill("go_on", problem=_clean(problem.text), steps=_clean(begun))
        return await self._ask(go_on, "", task, about)

    async def rewrite(self, problem: Problem, solution: Solution, step: int, critique: str, task: Task) -> Draft:
        """Write a whole solution anew, knowing what is wrong with ``solution``."""
        text = "".join(s.text for s in solution.steps)
        asked = self.prompts.fill(
            "rewrite",
            problem=_clean(problem.text),
            solution=_clean(text),
            number=step + 1,  # people count steps from 1
            step=_clean(solution.steps[step].text),
            critique=_clean(critique),
        )
        return await self._ask(asked, "", task, ("rewrite", problem.text, text))

    async def aclose(self) -> None:
        """Close the engine."""
        await self.engine.aclose()

    async def _ask(self, asked: str, prefix: str, task: Task, about: tuple[str, ...]) -> Draft:
        system = self.prompts.text("system")
        prompt: str | tuple[Message, ...] = (Message("system", system), Message("user", asked))
        if "messages" not in self.engine.capabilities:
            prompt = f"{system}\n\n{asked}\n\n"
        most = self.sampling.max_tokens if task.max_tokens is None else min(task.max_tokens, self.sampling.max_tokens)
        sampling = replace(self.sampling, max_tokens=most, seed=_seed(self.sampling.seed, task.draw, about))
        stop = (STEP_END,) if task.one_step else ()
        done = await self.engine.complete(Request(prompt, prefix=prefix, stop=stop, sampling=sampling))
        if done.finish is Finish.ERROR:
            raise EngineError(f"the policy's text cannot be used: {done.problem}")
        complete = done.finish is Finish.STOP and done.stop is None
        return Draft(done.text, done.completion_tokens, done.prompt_tokens, complete)


def _clean(text: str) -> str:
    return neutralise(text, _TAGS)


def _seed(seed: int | None, draw: int, about: tuple[str, ...]) -> int:
    """Return a seed that depends on what is asked and on nothing else, so that any order of drafts gives the same."""
    key = "\0".join([str(seed or 0), str(draw), *about])
    return int.from_bytes(hashlib.sha256(key.encode(errors="surrogatepass")).digest()[:4], "big") >> 1
