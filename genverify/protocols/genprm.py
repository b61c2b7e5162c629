r"""GenPRM: analyse a step in words, verify it with code that is really run, then judge it in a box.

One chain reads a solution as a conversation: each step is a user turn, each critique the answer to it. Within a step::

    <analyze> words </analyze>   <verify> code, its output, more code ... </verify>   <output> \boxed{Yes} </output>

What differs from the authors' loop on purpose: every sample has its own kernel; a block of code is run once, when its
fence closes; a step without a readable verdict is asked for one, and if that fails too it has no probability instead
of 0.5; only text that the model wrote after the last tool output, inside ``<output>``, is read as a verdict.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Literal

from genverify import templates
from genverify.engines.base import Completion, Finish, Message, Request, Sampling
from genverify.protocols.base import Chain, Prompted
from genverify.protocols.text import last_boxed, neutralise, share_of_first
from genverify.templates import PromptFile
from genverify.types import CodeRun, Critique, LabelConvention, Problem, Solution, Step

ScoreMode = Literal["raw", "temperature", "masked", "vote"]
TAGS: Final = ("analyze", "verify", "output")
WORDS: Final = ("Yes", "No")
SAMPLING: Final = Sampling(temperature=0.6, top_p=0.95, top_k=20, max_tokens=2048)
"""The authors' own; ``max_tokens`` is for a whole step, its code rounds included."""
_FORCED_TOKENS: Final = 20
FORCED: Final = "the verdict was forced: the critique came to none by itself"
WITHOUT_CODE: Final = "the verdict was asked for after the analysis: no code is run"


@dataclass(frozen=True, slots=True)
class GenPRM(Prompted):
    """Speaks to the GenPRM checkpoints."""

    score_mode: ScoreMode = "raw"
    """What the two log-probabilities become: ``raw`` the share of Yes; ``temperature`` that share at the sampling
    temperature; ``masked`` as an engine does that also masks by top_p before it reports (the published numbers come
    from one: most scores are 0 or 1); ``vote`` the word that was written, 1 or 0."""
    execute: bool | None = None
    """Run the code; False lets the model imagine its output; None runs it where the chain has kernels, and otherwise
    judges from the analysis alone."""
    opening: Literal["evaluation", "readme"] = "evaluation"
    """The form of the first turn."""
    rounds: int = 3
    """Most blocks of code for one step, at least 0; with 0 the analysis alone decides."""
    keep_evidence: bool = False
    """When the rounds are used up, judge with code and outputs in view; the authors judge from the analysis alone."""
    sampling: Sampling = SAMPLING

    name: ClassVar[str] = "genprm"
    convention: ClassVar[LabelConvention] = LabelConvention.FIRST_ERROR
    """After a wrong step the training data ends."""

    async def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order; earlier critiques stay in view of later ones.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
        """
        turns = [Message("system", _prompts().text("system"))]
        for step in solution.steps:
            turns.append(Message("user", self._user(problem, step)))
            critique = await _Reader(self, chain, tuple(turns), step, self.sampling.max_tokens).critique()
            yield critique
            turns.append(Message("assistant", critique.text))

    def _user(self, problem: Problem, step: Step) -> str:
        text = neutralise(step.text, TAGS)
        if step.index > 0:
            return text
        return _prompts().fill(f"first_{self.opening}", problem=neutralise(problem.text, TAGS), step=text)


def _prompts() -> PromptFile:
    return templates.load("genprm")


@dataclass(slots=True)
class _Reader:
    """One step being read: the assistant's turn as it grows."""

    protocol: GenPRM
    chain: Chain
    turns: tuple[Message, ...]
    step: Step
    left: int
    """Tokens that this step may still take."""
    text: str = ""
    own: int = 0
    """Where, in ``text``, the model's own words begin after the last tool output (from 0)."""
    code: tuple[CodeRun, ...] = ()
    notes: tuple[str, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0

    async def critique(self) -> Critique:
        """Analyse, verify, judge."""
        prompts = _prompts()
        self.text = prompts.fill("analyze_open", paragraph=self.step.index + 1)
        await self._generate((prompts.text("analyze_close"),))
        self._close(prompts.text("analyze_close"))
        analysis = self.text
        if self._verifies() and self.left > 0:
            done = await self._verify()
            if not done and not self.protocol.keep_evidence:
                self.text = analysis
        p = await self._judge()
        return Critique(
            step=self.step.index,
            text=self.text,
            p_correct=p,
            code=self.code,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            sample=self.chain.sample,
            notes=self.notes,
        )

    def _verifies(self) -> bool:
        wanted = self.protocol.execute
        return self.protocol.rounds > 0 and (self.chain.can_run_code if wanted is None else True)

    async def _generate(self, stop: tuple[str, ...]) -> Completion:
        sampling = replace(self.protocol.sampling, max_tokens=self.left)
        completion = await self.chain.complete(
            Request(self.turns, prefix=self.text, generation_prompt=False, stop=stop, sampling=sampling)
        )
        self.text += completion.text
        # an engine that counts no tokens must not make the step endless
        self.left -= max(completion.completion_tokens, 1)
        self._count(completion)
        if completion.finish is Finish.LENGTH:
            self.left = 0
        return completion

    def _count(self, completion: Completion) -> None:
        self.prompt_tokens += completion.prompt_tokens
        self.completion_tokens += completion.completion_tokens

    def _close(self, tag: str) -> None:
        """End an open part of the critique that the model left without its closing tag."""
        if not self.text.endswith(tag):
            self.text = self.text.removesuffix(tag.strip()).rstrip("\n") + "\n" + tag

    async def _verify(self) -> bool:
        """Generate, run the block whose fence closed, generate again; return whether the model came to its output."""
        prompts = _prompts()
        self.own = len(self.text)
        self.text += prompts.text("verify_open")
        stops = (prompts.text("code_close"), prompts.text("output_close"))
        while self.left > 0:
            completion = await self._generate(stops)
            if completion.stop != stops[0]:  # its output, or it ended by itself, or the tokens are used up
                return last_boxed(self._output(), WORDS) is not None
            if len(self.code) == self.protocol.rounds:
                return False
            await self._answer_code(stops)
        return False

    async def _answer_code(self, stops: tuple[str, ...]) -> None:
        prompts = _prompts()
        code = self._block()
        if self.protocol.execute is False:
            self.code = (*self.code, CodeRun(code or "", "", "none"))
            self.text += prompts.text("code_output_open")
            if self.left > 0:
                await self._generate((stops[0],))
        else:
            run = CodeRun("", "", "none") if code is None else await self.chain.run(code)
            self.code = (*self.code, run)
            self.text += prompts.fill("code_output", output=_shown(run))
        self.own = len(self.text)

    def _block(self) -> str | None:
        """Return the code whose fence has just closed; None if what closed is no Python block."""
        prompts = _prompts()
        _, fence, body = self.text[self.own :].rpartition(prompts.text("code_open"))
        code = body.removesuffix(prompts.text("code_close"))
        nested = any(line.lstrip().startswith("```") for line in code.splitlines())
        return code if fence and code.strip() and not nested else None

    def _output(self) -> str:
        """Return what the model wrote inside its last ``<output>``, after the last tool output."""
        _, tag, output = self.text[self.own :].rpartition(_prompts().text("output_open").strip())
        return output if tag else ""

    async def _judge(self) -> float | None:
        output = self._output()
        found = last_boxed(output, WORDS)
        if found is None:
            return await self._force()
        word, at = found
        before = self.text[: len(self.text) - len(output) + at]
        p = await self._share(before)
        return p if p is not None else float(word == "Yes")

    async def _share(self, before: str) -> float | None:
        """Return the probability of Yes as continuation; None when only the written word is to be had."""
        if self.protocol.score_mode == "vote":
            return None
        logprobs = await self.chain.choose(self.turns, before, WORDS, generation_prompt=False)
        return None if logprobs is None else score(logprobs, self.protocol.score_mode, self.protocol.sampling)

    async def _force(self) -> float | None:
        """Ask for the verdict where the model came to none."""
        prompts = _prompts()
        self._close_verify()
        forced = self.text + prompts.text("forced")
        self.notes = (*self.notes, FORCED if self._verifies() else WITHOUT_CODE)
        p = await self._share(forced + "{")
        if p is not None:
            self.text = forced + prompts.fill("forced_end", word="Yes" if p >= 0.5 else "No")
            return p
        completion = await self.chain.complete(
            Request(
                self.turns,
                prefix=forced,
                generation_prompt=False,
                stop=(prompts.text("output_close"),),
                sampling=replace(self.protocol.sampling, max_tokens=_FORCED_TOKENS),
            )
        )
        self._count(completion)
        for word in WORDS:
            if completion.text.startswith("{" + word + "}"):
                self.text = forced + prompts.fill("forced_end", word=word)
                return float(word == "Yes")
        self.text = forced + completion.text
        self.notes = (*self.notes, "unparsed: no \\boxed{Yes} or \\boxed{No}, also when asked for it")
        return None

    def _close_verify(self) -> None:
        prompts = _prompts()
        if not self.text.endswith(prompts.text("analyze_close")):
            self._close(prompts.text("verify_close"))


def _shown(run: CodeRun) -> str:
    """Return what a run looks like to the model; nothing in it passes for a tag, a verdict or the block's end."""
    prompts = _prompts()
    output = neutralise(run.output, TAGS).replace("```", "'''").strip("\n")
    last = output.rpartition("\n")[2]
    match run.status:
        case "ok":
            return output
        case "none":
            return prompts.text("code_missing")
        case "timeout":
            return prompts.fill("code_timeout", error=last)
    return prompts.fill("code_error", error=last)


def score(logprobs: tuple[float, ...], mode: ScoreMode, sampling: Sampling) -> float | None:
    """Return the probability that ``mode`` makes of the log-probabilities of Yes and No; None if they are none."""
    if mode == "raw" or sampling.temperature == 0:
        return share_of_first(logprobs)
    p = share_of_first(logprobs, sampling.temperature)
    if mode == "masked" and p is not None and max(p, 1.0 - p) >= sampling.top_p:
        return float(p >= 0.5)
    return p
