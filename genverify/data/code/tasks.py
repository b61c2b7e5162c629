"""The number of a problem to a programming task: its words, its solution, its tests, and wrong versions of it."""

import ast
import copy
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from genverify.data.code.drafts import named
from genverify.data.code.families import dynamic, lists, numbers, parsing, search, structures, texts
from genverify.data.code.mutation import Edit, edits
from genverify.data.code.run import Outcome, Trial, encode, same, show
from genverify.data.code.steps import split

FAMILIES: Final = (
    *numbers.FAMILIES, *lists.FAMILIES, *search.FAMILIES,
    *texts.FAMILIES, *parsing.FAMILIES, *structures.FAMILIES,
    *dynamic.FAMILIES,
)  # fmt: skip
"""Each draws tasks of one kind, most of them in several variants."""
_LEADS: Final = (
    "Write a Python function `{call}` that {words}.",
    "Implement `{call}` in Python. It {words}.",
    "Task: a Python function `{call}` that {words}.",
    "We need a function `{call}` that {words}. Write it in Python.",
    "Complete the Python function `{call}`, which {words}.",
)


@dataclass(frozen=True, slots=True)
class Task:
    """A programming task with its solution and its tests."""

    family: str
    entry: str
    """The name of the function."""
    text: str
    """The task in words."""
    program: str
    """The solution, as Python prints it."""
    calls: tuple[Any, ...]
    """The arguments of each test, encoded."""
    expected: tuple[Any, ...]
    """The right value of each test, encoded; worked out apart from the solution."""

    @property
    def tests(self) -> str:
        """Return the tests as JSON: a list of ``[arguments, expected]``."""
        return json.dumps(list(zip(self.calls, self.expected, strict=True)))

    def trial(self, program: str) -> Trial:
        """Return what runs the tests on a program."""
        return Trial(program, self.entry, self.calls)

    def call(self, number: int) -> str:
        """Return the call of a test (from 0) as Python writes it."""
        return f"{self.entry}({', '.join(map(show, self.calls[number]))})"


def task(number: int, seed: int) -> Task:
    """Return the task of a problem's number, always the same for the same seed."""
    rng = random.Random(f"{seed}/code/{number}")
    draft = rng.choice(FAMILIES)(rng)
    entry, program, words = named(draft, rng)
    expected = [encode(draft.oracle(*copy.deepcopy(case))) for case in draft.cases]
    calls = [encode(list(case)) for case in draft.cases]
    order = rng.sample(range(len(calls)), len(calls))
    made = Task(draft.family, entry, "", program, tuple(calls[i] for i in order), tuple(expected[i] for i in order))
    parameters = ", ".join(a.arg for a in _function(program).args.args)
    text = rng.choice(_LEADS).format(call=f"{entry}({parameters})", words=words)
    shown = "\n".join(f"{made.call(i)} == {show(made.expected[i])}" for i in range(rng.randint(1, 2)))
    return Task(draft.family, entry, f"{text}\n{shown}", program, made.calls, made.expected)


def _function(program: str) -> ast.FunctionDef:
    (node,) = ast.parse(program).body
    assert isinstance(node, ast.FunctionDef)
    return node


@dataclass(frozen=True, slots=True)
class Mutant:
    """A solution with one error in it."""

    kind: str
    """One of ``genverify.data.code_mutation.KINDS``."""
    steps: tuple[str, ...]
    at: int
    """The wrong step, counted from 0; for something left out the step behind the gap."""
    correction: str
    """How that step should read, with what was left out before it."""

    @property
    def program(self) -> str:
        """Return the source."""
        return "\n".join(self.steps)


def mutants(program: str, rng: random.Random) -> Iterator[Mutant]:
    """Yield every mutant of a program in a random order in which the kinds take turns."""
    tree = ast.parse(program)
    by_kind: defaultdict[str, list[Edit]] = defaultdict(list)
    for edit in edits(tree):
        by_kind[edit.kind].append(edit)
    kinds = rng.sample(sorted(by_kind), len(by_kind))
    for kind in kinds:
        rng.shuffle(by_kind[kind])
    before = split(program)
    while kinds:
        for kind in kinds:
            made = _mutant(by_kind[kind].pop(), tree, before)
            if made is not None:
                yield made
        kinds = [kind for kind in kinds if by_kind[kind]]


def _mutant(edit: Edit, tree: ast.Module, before: tuple[str, ...]) -> Mutant | None:
    """Return what an edit makes of a program, if exactly one place in it is another."""
    after = split(edit.applied(tree))
    gap = len(before) - len(after)
    at = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(after))
    if at >= len(after):
        return None  # what is missing is missing at the end, or nothing has changed
    if gap == 0 and before[at + 1 :] == after[at + 1 :]:
        return Mutant(edit.kind, after, at, before[at])
    if gap > 0 and before[at + gap :] == after[at:]:
        return Mutant(edit.kind, after, at, "\n".join(before[at : at + gap + 1]))
    return None


def failure(task: Task, outcomes: Sequence[Outcome]) -> str:
    """Return the test that shows best that a program is wrong, in one line; empty if it passes all that are known.

    A wrong value says more than an exception, and that more than a run without end.
    """
    found = {
        outcome.kind: f"{task.call(i)} should be {show(expected)}, {_came(outcome)}"
        for i, (outcome, expected) in reversed(list(enumerate(zip(outcomes, task.expected, strict=True))))
        if outcome.kind not in ("lost", "skipped") and not (outcome.kind == "value" and same(outcome.value, expected))
    }
    return next((found[kind] for kind in ("value", "raised", "ran away") if kind in found), "")


def _came(outcome: Outcome) -> str:
    came = {"value": "but is", "raised": "but raises", "ran away": "but"}
    return f"{came[outcome.kind]} {outcome.shown}"
