"""Training data about programs: small functions whose every statement is labelled by running their tests.

A right program is the solution of a task (``code.tasks``); a wrong one differs from it in one statement
(``code.mutation``), and fails a test that the right one passes. Source: PRLCoder (Ye et al.), with two differences:
a mutant that passes all tests is not used at all, and the failing test is kept with the label.

A critic sees the statements one by one. Where one was left out, the error stands at the statement behind the gap, which
comes too early: nothing before it is wrong.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from genverify.data.code import run as code_run
from genverify.data.code.labelling import label, prompt
from genverify.data.code.locating import locate
from genverify.data.code.run import Outcome
from genverify.data.code.steps import split
from genverify.data.code.tasks import Mutant, Task, failure, mutants, task
from genverify.data.values import Dropped, Example, Kind, LabelledStep, StepLabel, Tools
from genverify.types import Problem

__all__ = ["label", "locate", "make", "prompt"]

_CHUNK: Final = 200  # records whose programs run together: enough to fill a few cells, a second of work
_ROUNDS: Final = (3, 6, 12)  # mutants tried together; four in five tasks are done after the first round
_IMPLAUSIBLE: Final = ("TypeError", "AttributeError", "NameError", "UnboundLocalError")
"""Exceptions of slips that show at the first run; nobody hands such a program in."""


def make(numbers: range, seed: int, tools: Tools) -> Iterator[Example | Dropped]:
    """Yield one program a number: right where it is even, with one wrong statement where it is odd.

    Raises:
        ToolError: no kernel could be started.
    """
    for start in range(0, len(numbers), _CHUNK):
        yield from _chunk(numbers[start : start + _CHUNK], seed, tools)


@dataclass(slots=True)
class _Work:
    """One record in the making."""

    number: int
    task: Task
    left: Iterator[Mutant]
    passed: int = 0
    """Mutants that passed all tests: the same in effect, or not tested for."""
    done: Example | Dropped | None = None
    tried: list[Mutant] = field(default_factory=list)


def _chunk(numbers: Sequence[int], seed: int, tools: Tools) -> Iterator[Example | Dropped]:
    works = [_work(number, seed) for number in numbers]
    for work, outcomes in zip(
        works, code_run.run([w.task.trial(w.task.program) for w in works], tools.kernels), strict=True
    ):
        _judge_gold(work, outcomes, seed)
    for size in _ROUNDS:
        open_ = [work for work in works if work.done is None]
        if not open_:
            break
        for work in open_:
            work.tried = list(islice(work.left, size))
        trials = [work.task.trial(mutant.program) for work in open_ for mutant in work.tried]
        found = iter(code_run.run(trials, tools.kernels))
        for work in open_:
            _judge(work, list(islice(found, len(work.tried))), seed)
    for work in works:
        yield work.done or Dropped(_id(work.number, seed), "no error could be proved", f"{work.passed} mutants passed")


def _work(number: int, seed: int) -> _Work:
    made = task(number // 2, seed)
    return _Work(number, made, mutants(made.program, random.Random(f"{seed}/code/{number}/mutants")))


def _id(number: int, seed: int) -> str:
    return f"code-{seed}-{number:06d}"


def _judge_gold(work: _Work, outcomes: Sequence[Outcome], seed: int) -> None:
    """Make the right program's record, or drop both of its problem where it does not pass its tests."""
    if any(outcome.kind == "lost" for outcome in outcomes):
        work.done = Dropped(_id(work.number, seed), "the sandbox gave no outcome", work.task.family)
    elif wrong := failure(work.task, outcomes):
        work.done = Dropped(_id(work.number, seed), "the solution fails its tests", wrong)
    elif work.number % 2 == 0:
        steps = tuple(LabelledStep(text, StepLabel(True, "execution")) for text in split(work.task.program))
        work.done = _example(work, seed, steps, "gold", {})


def _judge(work: _Work, outcomes: Sequence[Sequence[Outcome]], seed: int) -> None:
    """Take the first mutant that fails a test in a plausible way."""
    for mutant, came in zip(work.tried, outcomes, strict=True):
        witness = failure(work.task, came)
        if not witness and all(outcome.kind != "lost" for outcome in came):
            work.passed += 1
        if witness and _is_plausible(came):
            more = {"witness": witness, "mutants_passed": str(work.passed)}
            work.done = _example(work, seed, _labelled(mutant, witness), "sneaky", more)
            return


def _is_plausible(outcomes: Sequence[Outcome]) -> bool:
    return not any(outcome.kind == "lost" or outcome.why.startswith(_IMPLAUSIBLE) for outcome in outcomes)


def _labelled(mutant: Mutant, witness: str) -> tuple[LabelledStep, ...]:
    missing = mutant.kind == "deleted_statement"
    reason = f"before it {_gap(mutant)!r} is missing: {witness}" if missing else witness
    wrong = StepLabel(False, "execution", reason)
    return tuple(
        LabelledStep(text, wrong, error=mutant.kind, correction=mutant.correction)
        if i == mutant.at
        else LabelledStep(text, StepLabel(True, "execution"))
        for i, text in enumerate(mutant.steps)
    )


def _gap(mutant: Mutant) -> str:
    return mutant.correction.removesuffix(mutant.steps[mutant.at]).strip()


def _example(work: _Work, seed: int, steps: tuple[LabelledStep, ...], maker: str, more: dict[str, str]) -> Example:
    group = f"code-{seed}-p{work.number // 2:06d}"
    formal = {"program": work.task.program, "entry": work.task.entry, "tests": work.task.tests, **more}
    return Example(
        _id(work.number, seed), Kind.CODE, Problem(work.task.text, id=group), steps, maker, group, work.task.family,
        formal=formal,
    )  # fmt: skip
