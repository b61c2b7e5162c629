"""R-PRM: an independent analysis of each step after a fixed instruction, then Yes or No.

The authors' prompt file carries no licence, so none ships here: it is read from wherever the user has it. It is a text
with three ``{}``: the question, the steps before, the step. The published file holds a backslash
and an ``n`` where a line break was meant, and the published numbers were made with it: its bytes are sent as they are
unless ``fixed`` is set.
"""

import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from genverify.engines.base import Request, Sampling
from genverify.errors import UsageError
from genverify.protocols.answers import yes
from genverify.protocols.base import Chain, ahead
from genverify.protocols.text import neutralise
from genverify.types import Critique, LabelConvention, Problem, Solution

QUESTION: Final = "Is the step correct (Yes/No)?"
_ASKED_ANEW: Final = "\nBased on your analysis. Is the answer correct (Yes/No)?"
_FIRST: Final = "Since the Now Step is the first step, there are no Previous Steps."
SAMPLING: Final = Sampling(temperature=0.95, top_p=0.95, max_tokens=8192)


@dataclass(frozen=True, slots=True)
class RPRM:
    """Speaks to the R-PRM checkpoints with a prompt file that the user has."""

    template: str
    """The prompt with its three ``{}``; sent as text, for it holds the chat's own marks."""
    prompt_sha256: str | None = None
    """Of the file."""
    fixed: bool = False
    """Turn a backslash and an ``n`` outside the problem and its steps into the line break that was meant."""
    sampling: Sampling = SAMPLING
    name: ClassVar[str] = "rprm"
    convention: ClassVar[LabelConvention] = LabelConvention.LOCAL
    """The step is judged given the steps before it."""

    @classmethod
    def from_file(cls, path: Path, *, fixed: bool = False) -> "RPRM":
        """Read the prompt file.

        Raises:
            UsageError: it cannot be read, or has not three ``{}``.
        """
        try:
            raw = path.read_bytes()
            template = raw.decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"R-PRM's prompt file {path} cannot be read: {error}") from error
        if template.count("{}") != 3:
            raise UsageError(f"{path}: expected a text with three {{}}, for question, previous steps and step")
        return cls(template, hashlib.sha256(raw).hexdigest(), fixed)

    def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order; the steps do not see each other's critiques.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
        """
        jobs = [partial(self._step, problem, solution, index, chain) for index in range(len(solution.steps))]
        return ahead(jobs, chain.lookahead)

    def prompt(self, problem: Problem, solution: Solution, index: int) -> str:
        """Return the text that is sent for step ``index`` (from 0); steps are numbered from 1."""
        named = [f"Step {step.index + 1}: {neutralise(step.text)}" for step in solution.steps[: index + 1]]
        parts = self.template.replace("\\n", "\n").split("{}") if self.fixed else self.template.split("{}")
        values = (neutralise(problem.text), "\n".join(named[:-1]) or _FIRST, named[-1])
        return "".join(text for pair in zip(parts, (*values, ""), strict=True) for text in pair)

    async def _step(self, problem: Problem, solution: Solution, index: int, chain: Chain) -> Critique:
        prompt = self.prompt(problem, solution, index)
        completion = await chain.complete(Request(prompt, sampling=self.sampling))
        text = completion.text
        p, notes = await yes(chain, prompt, text, question=QUESTION, asked=_ASKED_ANEW)
        tokens = (completion.prompt_tokens, completion.completion_tokens)
        return Critique(index, text, p, (), *tokens, sample=chain.sample, notes=notes)
