"""Judge: any instruct model says in one pass what a step intends, whether it holds, what is wrong, how it should read.

``mode="step"`` asks about one step at a time; ``mode="solution"`` asks once for a list of all steps, which is cheaper
and coarser. The probability is that of the word ``correct`` where the verdict was written.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal

from genverify import templates
from genverify.engines.base import Message, Sampling
from genverify.protocols.base import Chain, Prompted, ahead
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
    written,
)
from genverify.types import Critique, LabelConvention, Problem, Solution, Step

_TEXT = {"type": "string"}
STEP_SCHEMA = object_schema({"intent": _TEXT, "alignment": _TEXT, "logic": _TEXT, **VERDICT_FIELDS})
_ITEM = object_schema({"step": {"type": "integer"}, "intent": _TEXT, "logic": _TEXT, **VERDICT_FIELDS})


@dataclass(frozen=True, slots=True)
class Judge(Prompted):
    """Speaks to any instruct model."""

    mode: Literal["step", "solution"] = "step"
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.7, top_p=0.95, max_tokens=1024))
    name: ClassVar[str] = "judge"
    convention: ClassVar[LabelConvention] = LabelConvention.LOCAL
    """The prompt asks to take earlier steps as they stand."""

    def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
        """
        if self.mode == "solution":
            return self._all(problem, solution, chain)
        jobs = [partial(self.one, problem, solution, index, chain) for index in range(len(solution.steps))]
        return ahead(jobs, chain.lookahead)

    async def one(
        self, problem: Problem, solution: Solution, index: int, chain: Chain, *, backwards: bool = False
    ) -> Critique:
        """Return the critique of step ``index`` (from 0) alone.

        Args:
            problem: what was asked.
            solution: the steps.
            index: the step to judge.
            chain: asks the engine.
            backwards: show the steps after it, from the last one back, in place of those before it.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
        """
        step_text = shown(solution.steps[index].text)
        if backwards:
            later = "\n".join(_tag(step) for step in reversed(solution.steps[index + 1 :]))
            none = templates.load("judge").text("no_later")
            turns = _turns("backwards", problem, later=later or none, step=step_text)
        else:
            turns = _turns("step", problem, earlier=earlier(solution, index), step=step_text)
        answer = await ask(chain, turns, STEP_SCHEMA, self.sampling)
        step = solution.steps[index]
        if answer.value is None:
            return with_cost(unread(step, chain, answer.text, answer.note), [answer])
        p = await probability(chain, turns, answer.text)
        return with_cost(judged(step, chain, answer.text, answer.value, p), [answer])

    async def _all(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        count = len(solution.steps)
        turns = _turns("solution", problem, steps=tagged(solution, count), count=count)
        schema = object_schema({"steps": {"type": "array", "items": _ITEM, "minItems": count, "maxItems": count}})
        answer = await ask(chain, turns, schema, self.sampling)
        places = _places(answer)
        for step in solution.steps:
            cost = [answer] if step.index == 0 else []
            if step.index not in places:
                note = answer.note or "unparsed: the answer says nothing of this step"
                yield with_cost(unread(step, chain, answer.text if step.index == 0 else "", note), cost)
                continue
            place, value = places[step.index]
            p = await probability(chain, turns, answer.text, place)
            text = "\n".join(str(value[key]) for key in ("intent", "logic") if isinstance(value.get(key), str))
            yield with_cost(judged(step, chain, text, value, p), cost)


def _turns(key: str, problem: Problem, **values: str | int) -> tuple[Message, ...]:
    prompts = templates.load("judge")
    asked = prompts.fill(key, problem=stated(problem), categories=", ".join(CATEGORIES), **values)
    return opening(prompts.text("system"), asked)


def earlier(solution: Solution, index: int) -> str:
    """Return the steps before ``index`` as our prompts show them."""
    return tagged(solution, index) or templates.load("judge").text("no_earlier")


def tagged(solution: Solution, count: int) -> str:
    """Return the first ``count`` steps, each in a tag with its number from 0."""
    return "\n".join(map(_tag, solution.steps[:count]))


def _tag(step: Step) -> str:
    return templates.load("judge").fill("tagged", number=step.index, text=shown(step.text))


def _places(answer: Answer) -> dict[int, tuple[int, Mapping[str, Any]]]:
    """Return each step that the list speaks of, once, with its place in the list and its object."""
    items = answer.value.get("steps") if answer.value is not None else None
    objects = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    if [item.get("verdict") for item in objects] != written(answer.text):
        return {}  # which verdict in the text belongs to which object could not be told
    found: dict[int, tuple[int, Mapping[str, Any]]] = {}
    for place, item in enumerate(objects):
        number = item.get("step")
        if isinstance(number, int) and not isinstance(number, bool):
            found.setdefault(number, (place, item))
    return found
