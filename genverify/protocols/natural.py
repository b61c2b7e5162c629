"""Natural Program: each step is judged from the statements it cites, and from nothing else.

Statements have labels: ``#1`` to ``#m`` are premises of the problem, and a step reads ``#5. (by #1 #3) ...``; ranges
such as ``#1-#3`` are allowed. A step that cites nothing, or a label that does not exist or comes later, is found
without any model.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, Final

from genverify import templates
from genverify.engines.base import Sampling
from genverify.protocols.base import Chain, Prompted, ahead
from genverify.protocols.structured import (
    CATEGORIES,
    VERDICT_FIELDS,
    ask,
    judged,
    object_schema,
    opening,
    probability,
    shown,
    unread,
    with_cost,
)
from genverify.types import Critique, LabelConvention, Problem, Solution, Step

_STEP: Final = re.compile(r"\s*#(\d{1,5})\s*[.:]\s*\(\s*by\s+([^)]{0,500})\)")
_PREMISE: Final = re.compile(r"(?m)^\s*#(\d{1,5})\s*[.:]\s*(.+)$")
_CITED: Final = re.compile(r"#(\d{1,5})(?:\s*[-–]\s*#?(\d{1,5}))?")
_MAX_CITED: Final = 500
"""Statements that one step may cite; a longer range is a slip of the pen."""
_TEXT: Final = {"type": "string"}
_SCHEMA: Final = object_schema({"grounding": _TEXT, "reasoning": _TEXT, "calculation": _TEXT, **VERDICT_FIELDS})


@dataclass(frozen=True, slots=True)
class Cited:
    """A step and what it rests on."""

    step: Step
    label: int | None
    """The number after its ``#``; None if it has none."""
    premises: tuple[tuple[int, str], ...] = ()
    """The statements that it cites, with their labels."""
    error: str = ""
    """What is wrong with its citations; empty if nothing is."""


def cited(problem: Problem, solution: Solution) -> list[Cited]:
    """Return each step with the statements it cites, and what is wrong with its citations."""
    known = _premises(problem)
    found = []
    for step in solution.steps:
        match = _STEP.match(step.text)
        label = int(match.group(1)) if match else None
        labels, error = _labels(match.group(2), known, label) if match else ((), "it cites nothing")
        if label is not None and label in known:
            error = error or f"its label #{label} is taken"
        found.append(Cited(step, label, tuple((n, known[n]) for n in labels if n in known), error))
        if label is not None:
            known = {**known, label: step.text.strip()}
    return found


def _premises(problem: Problem) -> dict[int, str]:
    if problem.premises:
        return dict(enumerate(problem.premises, start=1))
    return {int(m.group(1)): m.group(2).strip() for m in _PREMISE.finditer(problem.text)}


def _labels(text: str, known: Mapping[int, str], own: int | None) -> tuple[tuple[int, ...], str]:
    labels: dict[int, None] = {}
    for first, last in _CITED.findall(text):
        upto = int(last) if last else int(first)
        if not int(first) <= upto < int(first) + _MAX_CITED:
            return (), f"it cites the range #{first}-#{last}"
        labels.update(dict.fromkeys(range(int(first), upto + 1)))
    if not labels:
        return (), "it cites nothing"
    missing = [n for n in labels if n not in known]
    if missing:
        later = "itself or a later statement" if own is not None and missing[0] >= own else "what does not exist"
        return tuple(labels), f"it cites #{missing[0]}, which is {later}"
    return tuple(labels), ""


@dataclass(frozen=True, slots=True)
class NaturalProgram(Prompted):
    """Speaks to any instruct model about solutions with citations."""

    strict: bool = True
    """A wrong citation makes the step wrong; otherwise it is noted and leaves the step open."""
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.7, top_p=0.95, max_tokens=1024))
    name: ClassVar[str] = "natural"
    convention: ClassVar[LabelConvention] = LabelConvention.LOCAL
    """A step is judged from its own premises."""

    def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield one critique a step, in order.

        Raises:
            ChainError: the chain cannot go on.
            EngineError: the engine could not answer.
        """
        return ahead([partial(self._step, each, chain) for each in cited(problem, solution)], chain.lookahead)

    async def _step(self, each: Cited, chain: Chain) -> Critique:
        if each.error:
            said = f"citation: {each.error}"
            p = 0.0 if self.strict else None
            return Critique(each.step.index, said, p, sample=chain.sample, category="unjustified", notes=(said,))
        prompts = templates.load("natural")
        asked = prompts.fill(
            "step",
            premises="\n".join(
                shown(text) if text.startswith("#") else f"#{n}. {shown(text)}" for n, text in each.premises
            ),
            step=shown(each.step.text),
            categories=", ".join(CATEGORIES),
        )
        turns = opening(prompts.text("system"), asked)
        answer = await ask(chain, turns, _SCHEMA, self.sampling)
        if answer.value is None:
            return with_cost(unread(each.step, chain, answer.text, answer.note), [answer])
        p = await probability(chain, turns, answer.text)
        return with_cost(judged(each.step, chain, answer.text, answer.value, p), [answer])
