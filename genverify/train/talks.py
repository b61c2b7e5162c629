"""Training records to conversations in which every turn to be learned says what it says and what its verdict is.

A record is an example of ours (``genverify.data``), which becomes the reader's conversation, or has ``messages`` with
``role`` and ``content``, as chat data sets have (also ``conversations`` with ``from`` and ``value``).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

from genverify import templates
from genverify.claims.grammar import parse
from genverify.data import Example, LabelledStep, StepLabel, records
from genverify.engines.base import Message
from genverify.errors import GrammarError, RecordError
from genverify.protocols import reader
from genverify.tools.rational import NoValueError, evaluate, number

_ROLES: Final = {"human": "user", "gpt": "assistant", "system": "system", "user": "user", "assistant": "assistant"}
_NAMED: Final = re.compile(r"^[A-Za-z]\w+ = (?=[^=]*$)")
"""A number with the name that our data give it: no model could know it, and no tool needs it."""


@dataclass(frozen=True, slots=True)
class Style:
    """Which turns of an example there are, and which of them are learned."""

    history: Literal["all", "last"] = "all"
    """``all`` turns are learned, or as FoVer does the ``last`` alone."""
    after_error: bool = False
    """Whether steps after the first wrong one are kept; each then follows a step called correct."""
    corrected: bool = False
    """Whether the first wrong step, where it is the last, has a twin that is right."""
    leave_out: frozenset[str] = frozenset()
    """Makers and kinds of planted errors whose examples are passed over."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the assistant that may be learned."""

    place: int
    """Its place among the messages, counted from 0."""
    learned: bool = True
    """Whether the loss sees it."""
    right: bool | None = None
    """Whether its step is right; the message itself says ``correct`` in any case, unless it is the last. None: it has
    no verdict, or none that is known."""
    step: int = 0
    """Characters at the end of the message before it that are the step."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation."""

    id: str
    problem: str
    """What it is about: of what is held out, none may be trained on."""
    messages: tuple[Message, ...]
    turns: tuple[Turn, ...]
    """The assistant's, in order."""
    form: reader.Form | None = None
    """What the assistant's turns say, their verdict at the end, or of ``explained`` at the beginning. None: a text."""
    twin: "Talk | None" = None
    """The same conversation with a corrected last step: where the two part, right and wrong differ and little else."""


def read(path: Path, form: reader.Form, style: Style) -> Iterator[Talk]:
    """Yield the conversation of each record of a file that is not left out.

    Raises:
        RecordError: the file cannot be read, or a line is no record; the message names it.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                try:
                    talk = of_record(line, f"{path.name}:{number}", form, style)
                except RecordError as error:
                    raise RecordError(f"{path}:{number}: {error}") from error
                if talk is not None:
                    yield talk
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error


def of_record(line: str, name: str, form: reader.Form, style: Style) -> Talk | None:
    """Return the conversation of one line; None if its kind is left out.

    Raises:
        RecordError: it is neither an example nor a conversation.
    """
    try:
        body = json.loads(line)
    except ValueError as error:
        raise RecordError(f"expected a record, got no JSON: {error}") from error
    if isinstance(body, dict) and (turns := body.get("messages", body.get("conversations"))) is not None:
        return _chat(name, turns, style)
    example = records.example(line)
    sorts = {example.maker, *(step.error for step in example.steps)}
    return None if sorts & style.leave_out else of_example(example, form, style)


def _chat(name: str, turns: object, style: Style) -> Talk:
    if not isinstance(turns, list) or not turns:
        raise RecordError("expected a list of messages, got none")
    messages = tuple(map(_message, turns))
    places = [i for i, m in enumerate(messages) if m.role == "assistant"]
    if not places:
        raise RecordError("expected a conversation with at least one turn of the assistant")
    first = len(places) - 1 if style.history == "last" else 0
    return Talk(
        name,
        messages[max(0, places[0] - 1)].content,
        messages,
        tuple(Turn(p, n >= first) for n, p in enumerate(places)),
    )


def _message(turn: object) -> Message:
    fields: Mapping[str, Any] = turn if isinstance(turn, dict) else {}
    role, content = fields.get("role", fields.get("from")), fields.get("content", fields.get("value"))
    if role not in _ROLES or not isinstance(content, str):
        raise RecordError("expected messages with a role (system, user, assistant) and a text")
    return Message(_ROLES[role], content)


def of_example(example: Example, form: reader.Form, style: Style) -> Talk:
    """Return the reader's conversation about an example.

    Args:
        example: the labelled solution.
        form: what the critic's turns say.
        style: which turns there are, and which of them are learned.
    """
    error = example.first_error
    steps = example.steps if style.after_error or error is None else example.steps[: error + 1]
    whole = _conversation(example, steps, form, style)
    if error is None or error + 1 < len(steps) or not style.corrected:
        return whole
    right = corrected(steps[error])
    return whole if right is None else replace(whole, twin=_conversation(example, (*steps[:error], right), form, style))


def _conversation(example: Example, steps: Sequence[LabelledStep], form: reader.Form, style: Style) -> Talk:
    said = reader.asked(example.problem.text, tuple(step.text for step in steps))
    messages = [Message("system", templates.load("reader").text("system"))]
    turns = []
    for place, (question, step) in enumerate(zip(said, steps, strict=True)):
        last = place == len(steps) - 1
        written = reader.lines(form, intent(step), claimed(step)) if last or form != "explained" else ()
        word = reader.WORDS[last and _called(step) is False]
        messages += [Message("user", question), Message("assistant", reader.answer(form, written, word))]
        learned = style.history == "all" or last
        turns.append(Turn(len(messages) - 1, learned, _called(step), len(reader.asked("", (step.text,))[0])))
    return Talk(example.id, example.problem.text, tuple(messages), tuple(turns), form)


def corrected(step: LabelledStep) -> LabelledStep | None:
    """Return a wrong step as it should read; None where that, or what it then claims, is not known.

    Each part says what had to be computed, and the exact value of that.
    """
    if not step.correction or step.correction == step.text or not step.claims:
        return None
    parts = []
    for left in intent(step).split("; "):
        try:
            value = _written(evaluate(parse(left)))
        except (GrammarError, NoValueError):
            return None
        parts.append((f"{left} = {value}", value if left == value else f"{left} = {value}"))
    claims = tuple(replace(step.claims[0], statement=statement) for statement, _ in parts)
    said = "; ".join(part for _, part in parts)
    return LabelledStep(step.correction, StepLabel(True, step.label.source), claims, said)


def _written(value: object) -> str:
    """Return a number in the formal language, as a decimal where it is a short one.

    Raises:
        NoValueError: it is no number.
    """
    exact = Fraction(number(value))  # type: ignore[arg-type]
    places = next((places for places in range(7) if exact * 10**places % 1 == 0), None)
    return str(exact) if places is None else f"{float(exact):.{places}f}"


def intent(step: LabelledStep) -> str:
    """Return what had to be computed in a step, in the formal language; empty where that is not known.

    What has to hold for a wrong step follows what the step says, with the same value: ``507 * 12 = 6084``, which the
    step says, and ``507 * 21 = 6084``, which would have to hold: of such a pair the last is what was to be computed.
    """
    sides = [claim.statement.rpartition(" = ") for claim in step.claims]
    last = [n for n, (_, _, value) in enumerate(sides) if n + 1 == len(sides) or sides[n + 1][2] != value]
    return "; ".join(sides[n][0] for n in last)


def claimed(step: LabelledStep) -> str:
    """Return what a step claims, in the formal language; of ``number_of_weeks = 6`` no more than the 6."""
    return "; ".join(_NAMED.sub("", part) for part in step.said.split("; "))


def _called(step: LabelledStep) -> bool | None:
    """Return whether a step is right, or claims nothing, which FoVer's instructions call correct too."""
    return True if step.label.source == "none" else step.label.right
