"""Reader, for our small critic: one conversation a solution, in which each step gets a line or two and a word.

The critic need not compute, for tools do. Of each step it writes, in the formal language, what the problem asks to
compute there and what the step claims, and then the word ``correct`` or ``incorrect``, whose probability is read. What
it wrote is decided by the checkers; it rests on the step's own words, carries the source MODEL and decides no step by
itself. Of the critic that ships it does not count at all, and the notes tell it. As with FoVer, whose conversation
this is, earlier steps stand there as if they had been called correct.

============= ================================================= ========================
form          the critic's turn on a wrong step                 costs of a step
============= ================================================= ========================
``verdict``   ``incorrect``                                     one look
``claim``     ``12 + 15 = 27``, then ``incorrect``              some 12 tokens, one look
``intent``    ``12 + 20``, ``12 + 15 = 27``, ``incorrect``      some 20 tokens, one look
``explained`` ``incorrect``, then ``12 + 20``, ``12 + 15 = 27`` one look, some 20 tokens
============= ================================================= ========================

What is ``explained`` is left out of the turns before, which are the word alone: so nothing need be written before a
step can be judged, and what is written is for tools and for people.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import zip_longest
from typing import ClassVar, Final, Literal, cast, get_args

from genverify import templates
from genverify.engines.base import Completion, Finish, Message, Request, Sampling
from genverify.engines.small import small_critic
from genverify.protocols.asking import MAX_CHECKS, Question, Scene, find_out, questions
from genverify.protocols.base import Chain, Prompted, ahead
from genverify.protocols.surprise import VERDICT_ALONE, Mix, Spans, proved_in, surprise, unproved
from genverify.protocols.text import neutralise, one_line, share_of_first
from genverify.types import Critique, LabelConvention, Problem, Solution, Step

Form = Literal["verdict", "claim", "intent", "explained"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)
WORDS: Final = ("correct", "incorrect")
MAX_LINE: Final = 300
"""Characters of a line that is read: one claim, and a chain of equations at most."""


def asked(problem: str, steps: tuple[str, ...]) -> tuple[str, ...]:
    """Return the user's turns: the problem with the first step, then a step each."""
    shown = [neutralise(step).strip() for step in steps]
    first = templates.load("reader").fill("first", problem=neutralise(problem).strip(), step=shown[0]).strip()
    return (first, *shown[1:])


def lines(form: Form, intent: str, claim: str) -> tuple[str, ...]:
    """Return the lines that the critic's turn has beside its verdict.

    Args:
        form: which lines there are.
        intent: what the problem asks to compute in this step; empty for nothing.
        claim: what the step claims; empty for nothing.
    """
    wanted = {"verdict": (), "claim": (claim,), "intent": (intent, claim), "explained": (intent, claim)}[form]
    nothing = templates.load("reader").text("nothing")
    return tuple(one_line(text, MAX_LINE) or nothing for text in wanted)


def answer(form: Form, written: tuple[str, ...], verdict: str) -> str:
    """Return the critic's turn, of lines and a verdict."""
    return "\n".join([verdict, *written] if form == "explained" else [*written, verdict])


@dataclass(frozen=True, slots=True)
class Reader(Prompted):
    """Speaks to the small critic that was trained for it."""

    form: Form = "explained"
    """What it writes; it must be what the model was trained with."""
    mix: Mix = VERDICT_ALONE
    """Fitted for the model; see :class:`Mix`."""
    cut: float = 0.5
    """Below this probability, in (0, 1), a step is called wrong; fitted with the mix."""
    explain: bool = True
    """Whether what is written behind a verdict is written at all."""
    counted: bool = True
    """Whether what tools find of the lines is evidence; otherwise the notes tell it."""
    sampling: Sampling = field(default_factory=lambda: Sampling(max_tokens=96))
    """For the lines."""
    name: ClassVar[str] = "reader"
    convention: ClassVar[LabelConvention] = LabelConvention.LOCAL
    """A step that follows from a wrong one is right."""

    def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
            ToolError: the checkers could not be started or have been closed.
        """
        return self._read(problem, solution, chain)

    async def _read(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        said = asked(problem.text, tuple(step.text for step in solution.steps))
        known = await proved_in(problem, solution, chain) if self.mix.surprise else ((),) * len(said)
        places = [
            _Place(step, said[: step.index + 1], Scene.of(problem, solution, step.index), spans)
            for step, spans in zip(solution.steps, known, strict=True)
        ]
        each = self._in_turn(places, chain) if self.form in ("claim", "intent") else self._at_once(places, chain)
        async with aclosing(each) as critiques:
            async for critique in critiques:
                yield critique

    def _at_once(self, places: Sequence["_Place"], chain: Chain) -> AsyncGenerator[Critique, None]:
        # one step after the other: each asks ten times for a little more of one text, and two steps under way would
        # take an engine's cache from each other (llama.cpp on two CPUs: 21 s for six steps, 8.5 s in turn)
        return ahead([partial(self._judged_first, place, chain) for place in places], 1)

    async def _judged_first(self, place: "_Place", chain: Chain) -> Critique:
        turns = conversation(place.said, ((),) * place.step.index)
        critique = await self._judge(turns, _Written(), place, chain)
        if self.form == "verdict" or not self.explain or critique.p_correct is None:
            return critique
        word = WORDS[critique.p_correct < self.cut]
        written = await self._write(turns, f"{word}\n", chain)
        return await self._checked(critique, word, written, place.scene, chain)

    async def _in_turn(self, places: Sequence["_Place"], chain: Chain) -> AsyncGenerator[Critique, None]:
        done: tuple[tuple[str, ...], ...] = ()
        for place in places:
            turns = conversation(place.said, done)
            written = await self._write(turns, "", chain)
            critique = await self._judge(turns, written, place, chain)
            word = "" if critique.p_correct is None else WORDS[critique.p_correct < self.cut]
            yield await self._checked(critique, word, written, place.scene, chain)
            done = (*done, written.lines)

    async def _write(self, turns: tuple[Message, ...], prefix: str, chain: Chain) -> "_Written":
        """Have the lines written that stand before or behind the verdict."""
        stops = () if prefix else tuple(f"\n{word}" for word in WORDS)
        completion = await chain.complete(Request(turns, prefix=prefix, stop=stops, sampling=self.sampling))
        text = completion.text.removesuffix(completion.stop or "")
        nothing = lines(self.form, "", "")
        found = [one_line(line, MAX_LINE) for line in text.strip("\n").split("\n")[: len(nothing)]]
        whole = completion.finish is Finish.STOP and len(found) == len(nothing) and all(found)
        kept = [line or empty for line, empty in zip_longest(found, nothing, fillvalue="")]
        return _Written(tuple(kept), completion, () if whole else ("the critic's lines were incomplete",))

    async def _judge(self, turns: tuple[Message, ...], written: "_Written", place: "_Place", chain: Chain) -> Critique:
        """Read the probability of the verdict, and what the step's numbers cost."""
        step, shown = place.step, asked("", (place.step.text,))[0]
        word, nats, told = 0.5, 0.0, ""
        if self.mix.verdict:
            prefix = "".join(f"{line}\n" for line in written.lines)
            first = "first_tokens" in chain.engine.capabilities
            logprobs = await chain.choose(turns, prefix, WORDS, first_tokens=first)
            found = None if logprobs is None else share_of_first(logprobs)
            if found is None:
                return _unread(step, chain, "this engine gave no log-probabilities")
            word = found
        if self.mix.surprise:
            places = unproved(step.text, shown, place.proved)
            cost = await surprise(turns, shown, places, chain)
            if cost is None:
                return _unread(step, chain, "this engine cannot say what comes next in a user's turn")
            nats = cost
            told = f"the step's numbers cost {nats:.1f} nats" if places else "no number here that tools have not proved"
        p = self.mix.probability(word, nats)
        return Critique(step.index, "", p, sample=chain.sample, notes=(told,) if told else (), cut=self.cut)

    async def _checked(
        self, critique: Critique, word: str, written: "_Written", scene: Scene, chain: Chain
    ) -> Critique:
        """Return a critique with what was written, and what tools found of it."""
        found = [await find_out(question, chain) for question in self._questions(written.lines, scene)]
        asides = [each.line for each in found if each.check is None]
        checks = tuple(each.check for each in found if each.check is not None)
        if not self.counted:
            asides += [f"{check.tool}: {check.claim.statement} is {check.outcome.value}" for check in checks]
        completion = written.completion
        return replace(
            critique,
            text=answer(self.form, written.lines, word),
            prompt_tokens=completion.prompt_tokens if completion is not None else 0,
            completion_tokens=completion.completion_tokens if completion is not None else 0,
            checks=checks if self.counted else (),
            notes=(*critique.notes, *written.notes, *asides),
        )

    def _questions(self, written: tuple[str, ...], scene: Scene) -> list[Question]:
        """Return what tools are asked: each claim, and whether the value that it gives is that of the intent."""
        own = replace(scene, before="")  # what a step claims stands in the step itself
        claims = [*dict.fromkeys(part.strip(" .") for part in written[-1].split(";"))][:MAX_CHECKS]
        intents = [part.strip() for part in written[0].split(";")] if len(written) > 1 else []
        made = questions([{"kind": "holds", "question": c} for c in claims if "=" in c], own, ("holds",))
        if len(intents) != len(claims):
            return made
        for intent, claim in zip(intents, claims, strict=True):
            said, _, value = claim.rpartition("=")
            if intent not in (said.strip(), value.strip()) and any(c.isdigit() for c in intent):
                found = questions([{"kind": "value", "question": intent, "answer": value.strip()}], scene, ("value",))
                made += [replace(question, tool="intent") for question in found]
        return made


def _unread(step: Step, chain: Chain, why: str) -> Critique:
    return Critique(step.index, "", None, sample=chain.sample, notes=(f"unparsed: {why}",))


def shipped() -> Reader:
    """Return the reader as our small critic was trained for it and its mix was fitted.

    Raises:
        UsageError: its files are not there.
        RecordError: they are not what was shipped.
    """
    critic = small_critic()
    # counted, its lines cost ten points of F1 on ProcessBench GSM8K: it often writes what a right step does not say
    return Reader(cast(Form, critic.form), Mix(**critic.mix), critic.cut, counted=False)


@dataclass(frozen=True, slots=True)
class _Place:
    """A step, and what is needed to judge it."""

    step: Step
    said: tuple[str, ...]
    """The user's turns up to this step's."""
    scene: Scene
    proved: Spans
    """Where in the step's text results stand that tools have confirmed."""


@dataclass(frozen=True, slots=True)
class _Written:
    """What the critic wrote beside its verdict."""

    lines: tuple[str, ...] = ()
    completion: Completion | None = None
    notes: tuple[str, ...] = ()


def conversation(said: tuple[str, ...], done: tuple[tuple[str, ...], ...]) -> tuple[Message, ...]:
    """Return the turns up to the question that follows those which are ``done``, each called correct.

    Args:
        said: the user's turns.
        done: for each of the first of them the lines that stand before its verdict.
    """
    turns = [Message("system", templates.load("reader").text("system"))]
    for question, written in zip(said, done, strict=False):
        turns += [Message("user", question), Message("assistant", "\n".join([*written, WORDS[0]]))]
    return (*turns, Message("user", said[len(done)]))
