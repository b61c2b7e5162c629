"""Training data about tables: questions with gold programs, each step typed and labelled by pandas or exact arithmetic.

Retrieval and schema steps are right if their program, run on the table in a kernel, finds what they say; reasoning
steps if their relation between numbers holds. Step types after TaTToo; they stand in ``Example.formal["step_types"]``,
joined by commas, and the programs in ``formal["program"]``, one line a step.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from genverify.data import labels
from genverify.data.tables import run as tables_run
from genverify.data.tables.labelling import label, prompt
from genverify.data.tables.moves import Turn
from genverify.data.tables.questions import Played, Question, play, question
from genverify.data.values import Dropped, Example, Kind, LabelledStep, StepLabel, Tools
from genverify.types import Problem

__all__ = ["label", "make", "prompt"]

_CHUNK: Final = 400  # records that one pair of kernels serves: importing pandas takes as long as 300 of them
_ROUNDS: Final = (1, 3, 9)  # errors tried together; hardly one in a hundred is refused


def make(numbers: range, seed: int, tools: Tools) -> Iterator[Example | Dropped]:
    """Yield one answered question a number: rightly where it is even, with one wrong step where it is odd.

    Raises:
        ToolError: no kernel could be started.
        UsageError: pandas is missing.
    """
    for start in range(0, len(numbers), _CHUNK):
        yield from _chunk(numbers[start : start + _CHUNK], seed, tools)


@dataclass(slots=True)
class _Work:
    """One record in the making."""

    number: int
    asked: Question
    left: Iterator[Played]
    done: Example | None = None
    why: str = "no error could be proved"
    tried: list[Played] = field(default_factory=list)


def _chunk(numbers: Sequence[int], seed: int, tools: Tools) -> Iterator[Example | Dropped]:
    works = [_work(number, seed) for number in numbers]
    for size in _ROUNDS:
        open_ = [work for work in works if work.done is None]
        if not open_:
            break
        for work in open_:
            work.tried = [draft for draft, _ in zip(work.left, range(size), strict=False)]
        _judge(open_, seed, tools)
    for work in works:
        yield work.done or Dropped(_id(work.number, seed), work.why, work.asked.family)


def _work(number: int, seed: int) -> _Work:
    asked = question(number // 2, seed)
    rng = random.Random(f"{seed}/tables/{number}/answer")
    return _Work(number, asked, _wrong(asked, rng) if number % 2 else _right(asked, rng))


def _id(number: int, seed: int) -> str:
    return f"tables-{seed}-{number:06d}"


def _right(asked: Question, rng: random.Random) -> Iterator[Played]:
    draft = play(asked, [rng.randrange(100) for _ in asked.moves], rng)
    if draft is not None:
        yield draft


def _wrong(asked: Question, rng: random.Random) -> Iterator[Played]:
    """Yield answers with one error each, the kinds of error in turn and in a random order."""
    voices = [rng.randrange(100) for _ in asked.moves]
    places: dict[str, list[int]] = {}
    for at, move in enumerate(asked.moves):
        for error in move.errors:
            places.setdefault(error, []).append(at)
    for error in rng.sample(sorted(places), len(places)):
        for at in rng.sample(places[error], len(places[error])):
            draft = play(asked, voices, rng, at, error)
            if draft is not None:
                yield draft


def _judge(works: Sequence[_Work], seed: int, tools: Tools) -> None:
    """Label the drafts that are tried, and take for each record the first that came out as it was meant."""
    drafts = [(work, draft) for work in works for draft in work.tried]
    tasks = [(work.asked.sheet.table, [t.program for t in draft.turns if t.program]) for work, draft in drafts]
    found = iter(tables_run.run(tasks, tools.kernels))
    steps = [turn.claims for _, draft in drafts for turn in draft.turns]
    decided = iter(labels.decide(steps, tools.checkers))
    for work, draft in drafts:
        findings = iter(next(found))
        made = [_label(turn, findings, next(decided)) for turn in draft.turns]
        if work.done is None and _as_meant(draft, made):
            work.done = _example(work, draft, made, seed)
        elif work.done is None and draft.at < 0:
            work.why = "the solution could not be confirmed"


def _label(turn: Turn, findings: Iterator[Any], decided: StepLabel) -> StepLabel:
    """Return the label of one step; ``decided`` is what its claims make of it."""
    if turn.program:
        found = next(findings)
        if isinstance(found, dict):
            return StepLabel(None, "table", str(found.get("error", ""))[:200])
        return (
            StepLabel(True, "table") if tables_run.same(found, turn.found) else StepLabel(False, "table", _gives(found))
        )
    if turn.claims:
        return decided
    said, due = turn.names
    return StepLabel(True, "answer") if said == due else StepLabel(False, "answer", f"the steps before lead to {due}")


def _gives(found: object) -> str:
    return f"the table gives {found}"[:300]


def _as_meant(draft: Played, made: Sequence[StepLabel]) -> bool:
    return all(label.right is (place != draft.at) for place, label in enumerate(made))


def _example(work: _Work, draft: Played, made: Sequence[StepLabel], seed: int) -> Example:
    group = f"tables-{seed}-p{work.number // 2:06d}"
    sheet = work.asked.sheet
    gold = play(work.asked, [0] * len(work.asked.moves), random.Random(0))
    assert gold is not None  # the record's own right steps have been played
    problem = Problem(f"{sheet.title}.\n{work.asked.text}", group, gold.turns[-1].answer, table=sheet.table)
    steps = tuple(
        LabelledStep(
            turn.text, label, turn.claims, turn.said, *((draft.error, draft.correction) if place == draft.at else ())
        )
        for place, (turn, label) in enumerate(zip(draft.turns, made, strict=True))
    )
    formal = {
        "step_types": ",".join(turn.type for turn in draft.turns),
        "program": "\n".join(f"step_{i} = {turn.program}" for i, turn in enumerate(gold.turns) if turn.program),
    }
    maker = "sneaky" if draft.error else "gold"
    return Example(_id(work.number, seed), Kind.TABLES, problem, steps, maker, group, work.asked.family,
                   draft.turns[-1].answer, formal)  # fmt: skip
