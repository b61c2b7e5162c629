"""Questions whose answer is a JSON object: asked by schema where the engine knows schemas, read with care in any case.

An answer that is cut off, no JSON or not what was asked for has no value and a note that says why.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from genverify.engines.base import Completion, Finish, Message, Request, Sampling
from genverify.errors import EngineError
from genverify.protocols import tables
from genverify.protocols.base import Chain
from genverify.protocols.text import first_object, neutralise, one_line, share_of_first
from genverify.types import Critique, Problem, Step

VERDICTS: Final = ("correct", "incorrect")
CATEGORIES: Final = (
    "none", "calculation", "algebra", "misreading", "unjustified", "contradiction", "missing case", "units", "other",
)  # fmt: skip
"""Kinds of errors that our own critics may name."""
TAGS: Final = ("problem", "earlier", "later", "premises", "step", "paragraph", "results")
"""Tags of our own prompts."""
MAX_CORRECTION: Final = 4000
"""Characters of a corrected step; a longer one is no step any more."""
_VERDICT: Final = re.compile(r'(?<!\\)"verdict"\s*:\s*"(correct|incorrect)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one question."""

    text: str
    """The answer up to the end of its first object: whatever a model writes behind it is not read."""
    value: Mapping[str, Any] | None
    """The object; None if there is none that can be read."""
    note: str = ""
    """Why there is none."""
    prompt_tokens: int = 0
    completion_tokens: int = 0


async def ask(chain: Chain, turns: tuple[Message, ...], schema: Mapping[str, object], sampling: Sampling) -> Answer:
    """Ask for one JSON object.

    Raises:
        ChainError: the chain cannot go on.
        EngineError: the engine could not answer.
    """
    completion = await _answered(chain, turns, schema, sampling)
    found = first_object(completion.text)
    value, text, note = (found[0], completion.text[: found[1]], "") if found else (None, completion.text, "")
    if value is None:
        cut = completion.finish is Finish.LENGTH
        note = "unparsed: the answer was cut off" if cut else "unparsed: the answer holds no JSON object"
    if completion.finish is Finish.ERROR:
        value, note = None, f"unparsed: {one_line(completion.problem)}"
    return Answer(text, value, note, completion.prompt_tokens, completion.completion_tokens)


async def _answered(
    chain: Chain, turns: tuple[Message, ...], schema: Mapping[str, object], sampling: Sampling
) -> Completion:
    if "schema" in chain.engine.capabilities:
        try:
            return await chain.complete(Request(turns, sampling=sampling, schema=schema))
        except EngineError:
            if "schema" in chain.engine.capabilities:
                raise  # else a server that only now turned out to know no schemas
    return await chain.complete(Request(turns, sampling=sampling))


def opening(system: str, asked: str) -> tuple[Message, ...]:
    """Return the first turn of a conversation; there is no system turn, which some chat templates refuse."""
    return (Message("user", f"{system}\n\n{asked}"),)


def object_schema(properties: Mapping[str, object]) -> dict[str, object]:
    """Return the schema of an object that has exactly ``properties``."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


VERDICT_FIELDS: Final[dict[str, object]] = {
    "verdict": {"type": "string", "enum": list(VERDICTS)},
    "category": {"type": "string", "enum": list(CATEGORIES)},
    "correction": {"type": "string"},
}


def written(text: str) -> list[str]:
    """Return the verdicts that are written in an answer, in order."""
    return [m.group(1) for m in _VERDICT.finditer(text)]


async def probability(chain: Chain, turns: tuple[Message, ...], text: str, place: int = -1) -> float | None:
    """Return the probability of ``correct`` where a verdict was written; 1 or 0 where only the word is to be had.

    Args:
        chain: asks the engine.
        turns: what was asked.
        text: the answer, with its verdicts.
        place: which of them, counted from 0; -1 is the last.

    Returns:
        The probability; None if the answer has no such verdict.
    """
    found = list(_VERDICT.finditer(text))
    if not found:
        return None
    verdict = found[place]
    logprobs = await chain.choose(turns, text[: verdict.start(1)], VERDICTS)
    share = None if logprobs is None else share_of_first(logprobs)
    return share if share is not None else float(verdict.group(1) == VERDICTS[0])


def judged(step: Step, chain: Chain, text: str, value: Mapping[str, Any], p: float | None) -> Critique:
    """Return the critique that a judging object makes; without a well-formed verdict it has no probability."""
    verdict, category, correction = (value.get(key) for key in ("verdict", "category", "correction"))
    notes: tuple[str, ...] = ()
    if verdict not in VERDICTS or p is None:
        p, notes = None, ("unparsed: no verdict among the fields",)
    wrong = verdict == VERDICTS[1]
    proposed = correction.strip() if wrong and isinstance(correction, str) else ""
    if len(proposed) > MAX_CORRECTION or proposed == step.text.strip():
        proposed = ""
    return Critique(
        step.index,
        text,
        p,
        sample=chain.sample,
        category=category if wrong and category in CATEGORIES and category != "none" else "",
        correction=proposed,
        notes=notes,
    )


def with_cost(critique: Critique, answers: Sequence[Answer]) -> Critique:
    """Return ``critique`` with the tokens of ``answers``."""
    return replace(
        critique,
        prompt_tokens=sum(a.prompt_tokens for a in answers),
        completion_tokens=sum(a.completion_tokens for a in answers),
    )


def unread(step: Step, chain: Chain, text: str, *notes: str) -> Critique:
    """Return the critique of an answer without a verdict."""
    return Critique(step.index, text, None, sample=chain.sample, notes=notes)


def shown(text: str) -> str:
    """Return foreign text as our prompts show it."""
    return neutralise(text, TAGS).strip()


def stated(problem: Problem) -> str:
    """Return a problem as our prompts show it, with its table below if it has one."""
    if problem.table is None:
        return shown(problem.text)
    return f"{shown(problem.text)}\n\n{shown(tables.shown(problem.table))}"
