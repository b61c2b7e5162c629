"""Native, genverify's own: restate the step, ask tools about it, see what they found, perhaps ask again, judge.

For any instruct model. Each step is a conversation of its own; its checks are decided by the same tools as the claims
that genverify reads from the step itself, but carry the source MODEL: they are evidence and never a proof.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar, Final

from genverify import templates
from genverify.engines.base import Message, Sampling
from genverify.protocols.asking import KINDS, MAX_CHECKS, Found, Question, Scene, find_out, questions
from genverify.protocols.base import Chain, Prompted, ahead
from genverify.protocols.judge import earlier
from genverify.protocols.structured import (
    CATEGORIES,
    VERDICT_FIELDS,
    Answer,
    ask,
    judged,
    object_schema,
    opening,
    probability,
    shown,
    stated,
    unread,
    with_cost,
)
from genverify.types import Critique, LabelConvention, Problem, Solution, Step

_TEXT: Final = {"type": "string"}


def _checks_schema(kinds: Sequence[str]) -> dict[str, object]:
    check = object_schema(
        {
            "kind": {"type": "string", "enum": list(kinds)},
            "question": _TEXT,
            "givens": {"type": "array", "items": _TEXT, "maxItems": MAX_CHECKS},
            "answer": _TEXT,
        }
    )
    return object_schema({"claim": _TEXT, "checks": {"type": "array", "items": check, "maxItems": MAX_CHECKS}})


_VERDICT_SCHEMA: Final = object_schema({"reason": _TEXT, **VERDICT_FIELDS})


@dataclass(frozen=True, slots=True)
class Native(Prompted):
    """Speaks to any instruct model."""

    rounds: int = 2
    """Most times that the model may ask tools about one step, at least 0."""
    ask_tokens: int = 384
    """Most tokens of one list of checks, at least 1: small models do not come to an end by themselves."""
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.7, top_p=0.95, max_tokens=768))
    """For the verdict; also for the checks, but for their number of tokens."""
    name: ClassVar[str] = "native"
    convention: ClassVar[LabelConvention] = LabelConvention.LOCAL
    """The prompt asks to take earlier steps as they stand."""

    def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
            ToolError: the checkers could not be started or have been closed.
        """
        # programs of one chain share a kernel, so its steps come one after the other where there are any
        width = 1 if chain.can_run_code else chain.lookahead
        jobs = [partial(self._step, problem, solution, step, chain) for step in solution.steps]
        return ahead(jobs, width)

    async def _step(self, problem: Problem, solution: Solution, step: Step, chain: Chain) -> Critique:
        prompts = templates.load("native")
        first = prompts.fill(
            "ask",
            problem=stated(problem),
            earlier=earlier(solution, step.index),
            step=shown(step.text),
            most=MAX_CHECKS,
            code=prompts.text("with_code" if chain.can_run_code else "without_code").strip(),
            table=prompts.text("with_table") if problem.table is not None else "",
        )
        talk = _Talk(chain, Scene.of(problem, solution, step.index), self.sampling, self.ask_tokens)
        await talk.ask_tools(prompts.text("system"), first, self.rounds)
        return await talk.judge(step)


@dataclass(slots=True)
class _Talk:
    """The conversation about one step."""

    chain: Chain
    scene: Scene
    sampling: Sampling
    ask_tokens: int
    turns: tuple[Message, ...] = ()
    answers: list[Answer] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def _kinds(self) -> tuple[str, ...]:
        """Return the kinds of checks that can be asked for here."""
        here = {"python": self.chain.can_run_code, "table": self.scene.table is not None}
        return tuple(kind for kind in KINDS if here.get(kind, True))

    async def ask_tools(self, system: str, first: str, rounds: int) -> None:
        """Let the model ask, up to ``rounds`` times; afterwards the last turn is the user's and still open."""
        prompts = templates.load("native")
        self.turns = opening(system, first)
        pending = ""
        schema = _checks_schema(self._kinds)
        for turn in range(rounds):
            if turn > 0:
                self._open(pending + prompts.text("again"))
            sampling = replace(self.sampling, max_tokens=min(self.ask_tokens, self.sampling.max_tokens))
            answer = await ask(self.chain, self.turns, schema, sampling)
            self.answers.append(answer)
            if answer.value is None:
                self.notes.append(answer.note.replace("unparsed: ", "no checks: "))
                self.turns = self.turns[:-1] if turn > 0 else self.turns
                break
            self.turns = (*self.turns, Message("assistant", answer.text))
            results = await self._results(answer)
            if not results:
                pending = ""
                break
            pending = prompts.fill("results", results="\n".join(f"- {shown(found.line)}" for found in results))
        self._pending(pending)

    def _open(self, text: str) -> None:
        self.turns = (*self.turns, Message("user", text.strip()))

    def _pending(self, results: str) -> None:
        """Put what the model has not seen yet before the request to judge."""
        prompts = templates.load("native")
        judge = prompts.fill("judge", categories=", ".join(CATEGORIES))
        head = results or ("" if self.found else prompts.text("no_results"))
        if self.turns[-1].role == "user":  # the first question stayed without a usable answer
            self.turns = (
                *self.turns[:-1],
                replace(self.turns[-1], content=self.turns[-1].content + "\n\n" + head + judge),
            )
        else:
            self._open(head + judge)

    async def _results(self, answer: Answer) -> list[Found]:
        """Ask what is new, and return what came of it in the order of the questions."""
        checks = answer.value.get("checks") if answer.value is not None else None
        known = {found.question.said for found in self.found}
        asked: dict[str, Question] = {}
        for question in questions(checks, self.scene, self._kinds):
            if question.said not in known:
                asked.setdefault(question.said, question)
        programs = [q for q in asked.values() if q.code]
        statements = [q for q in asked.values() if not q.code]
        jobs = [partial(find_out, question, self.chain) for question in statements]
        results = [found async for found in ahead(jobs, max(1, len(jobs)))]
        for question in programs:  # one after the other, in the one kernel of this chain
            results.append(await find_out(question, self.chain))
        order = list(asked)
        results.sort(key=lambda found: order.index(found.question.said))
        self.found += results
        return results

    async def judge(self, step: Step) -> Critique:
        """Ask for the verdict."""
        answer = await ask(self.chain, self.turns, _VERDICT_SCHEMA, self.sampling)
        self.answers.append(answer)
        if answer.value is None:
            critique = unread(step, self.chain, "", answer.note)
        else:
            p = await probability(self.chain, self.turns, answer.text)
            critique = judged(step, self.chain, "", answer.value, p)
        asides = [found.line for found in self.found if found.check is None]
        return with_cost(
            replace(
                critique,
                text=self._text(answer),
                checks=tuple(found.check for found in self.found if found.check is not None),
                code=tuple(found.run for found in self.found if found.run is not None),
                notes=(*critique.notes, *self.notes, *asides),
            ),
            self.answers,
        )

    def _text(self, last: Answer) -> str:
        """Return the critique for people: what the step claims, what tools found, what the model makes of it."""
        claim = next((a.value["claim"] for a in self.answers if a.value and isinstance(a.value.get("claim"), str)), "")
        reason = last.value.get("reason", "") if last.value is not None else last.text
        lines = [f"Claim: {claim}"] if claim else []
        lines += [f"- {found.line}" for found in self.found]
        return "\n".join([*lines, reason if isinstance(reason, str) else ""]).strip()
