"""Made-up problems and a policy that solves them with mistakes of a known rate: what search can win, without a model.

A problem starts from a number and changes it step by step; a step of its solution writes out one such change. With
the given probability the policy writes a wrong result, and goes on from it: every mistake is carried to the answer,
stands in one step that tools can refute, and can be recovered from by going on from the steps before it.
"""

import asyncio
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from genverify.engines.scripted import tokens
from genverify.errors import EngineError
from genverify.policies import Draft, Task
from genverify.types import Problem, Solution

_CHANGES: Final = {"Add": "+", "Subtract": "-", "Multiply by": "*"}
_START: Final = re.compile(r"Start with (\d+)\.")
_CHANGE: Final = re.compile(r"(Add|Subtract|Multiply by) (\d+)\.")
_RESULT: Final = re.compile(r"= (-?\d+)(?!.*= )", re.DOTALL)


def problem(seed: int, steps: int = 8) -> Problem:
    """Return a problem whose solution has ``steps`` steps, at least 1, with its answer."""
    rng = random.Random(f"planted/{seed}")
    value = rng.randint(10, 99)
    lines = [f"Start with {value}."]
    for _ in range(steps):
        word = rng.choice(list(_CHANGES)) if abs(value) < 10_000 else rng.choice(("Add", "Subtract"))
        by = rng.randint(2, 9) if word == "Multiply by" else rng.randint(10, 99)
        lines.append(f"{word} {by}.")
        value = _changed(value, _CHANGES[word], by)
    return Problem(" ".join([*lines, "What is the result?"]), id=f"planted-{seed}-{steps}", answer=str(value))


@dataclass(frozen=True, slots=True)
class PlantedPolicy:
    """Solves the problems of :func:`problem` with planted mistakes; the same task always gets the same draft."""

    rate: float
    """Probability in [0, 1] that a step of a new solution has a wrong result."""
    rate_after: float = 0.0
    """The same for steps that go on from given ones, and for rewritten solutions; 0: every mistake is recovered."""
    seed: int = 0
    raises: float = 0.0
    """Probability in [0, 1] that a draft fails with an EngineError."""
    hangs: float = 0.0
    """Probability in [0, 1] that a draft never ends."""
    max_tokens: int = 1000

    async def write(self, problem: Problem, steps: Sequence[str], task: Task) -> Draft:
        """Write a solution, or go on from ``steps``, whose last result is taken as it stands."""
        rng = random.Random(f"{self.seed}/{task.draw}/{problem.text}/{''.join(steps)}")
        await self._misbehave(rng)
        return _draft(problem, steps, self.rate_after if steps else self.rate, rng, task)

    async def rewrite(self, problem: Problem, solution: Solution, step: int, critique: str, task: Task) -> Draft:
        """Write the steps before ``step`` as they are and the others anew."""
        kept = [s.text for s in solution.steps[:step]]
        rng = random.Random(f"{self.seed}/{task.draw}/{problem.text}/{critique}")
        await self._misbehave(rng)
        onward = _draft(problem, kept, self.rate_after, rng, Task(one_step=task.one_step))
        return _cut("".join(kept) + onward.text, task, complete=onward.complete)

    async def aclose(self) -> None:
        """Hold nothing, let go of nothing."""

    async def _misbehave(self, rng: random.Random) -> None:
        await asyncio.sleep(0)
        if rng.random() < self.raises:
            raise EngineError("planted policy: this draft fails")
        if rng.random() < self.hangs:
            await asyncio.Event().wait()


def _draft(problem: Problem, steps: Sequence[str], rate: float, rng: random.Random, task: Task) -> Draft:
    start, changes = _START.search(problem.text), _CHANGE.findall(problem.text)
    if start is None:
        raise EngineError(f"planted policy: {problem.text[:60]!r} is no planted problem")
    stands = _RESULT.search(steps[-1]) if steps else None
    value = int(stands[1]) if stands is not None else int(start[1])
    lines = []
    for word, by in changes[len(steps) :]:
        right = _changed(value, _CHANGES[word], int(by))
        result = right + rng.choice((-10, -2, -1, 1, 2, 10)) if rng.random() < rate else right
        lines.append(f"{word} {by}: {value} {_CHANGES[word]} {by} = {result}.")
        value = result
    lines.append(f"The answer is \\boxed{{{value}}}.")
    if task.one_step and len(lines) > 1:
        return _cut(f"{lines[0]}\n\n", task, complete=False)
    return _cut("\n\n".join(lines), task, complete=True)


def _cut(text: str, task: Task, *, complete: bool) -> Draft:
    """Cut a draft to the tokens that it may take."""
    pieces = tokens(text)
    if task.max_tokens is None or len(pieces) <= task.max_tokens:
        return Draft(text, len(pieces), complete=complete)
    return Draft("".join(pieces[: task.max_tokens]), task.max_tokens, complete=False)


def _changed(value: int, sign: str, by: int) -> int:
    return {"+": value + by, "-": value - by, "*": value * by}[sign]
