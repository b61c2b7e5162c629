"""Solutions whose first error is known, and a policy that completes them: sometimes before the error, never after."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from genverify.errors import EngineError
from genverify.policies import Draft, Task
from genverify.types import Problem, Solution

PROBLEM = Problem("Find the number.", id="chain", answer="42")


def chain(steps: int, error: int | None) -> list[str]:
    """Return ``steps`` steps; from ``error`` (from 0) on they are wrong, None: none is, and the answer is right."""
    texts = [f"Step {i} is {'bad' if error is not None and i >= error else 'good'}." for i in range(steps)]
    texts[-1] += f" The answer is {42 if error is None else 41}."
    return texts


@dataclass(slots=True)
class ChainPolicy:
    """Goes on from good steps to the right answer with a probability, from bad ones never."""

    rate: float = 1.0
    """Probability in [0, 1] that it gets there from good steps."""
    steps: int = 3
    """Steps of a rollout, each of which turns bad with equal chance where the rollout fails."""
    fails: float = 0.0
    """Probability in [0, 1] that it raises an error."""
    cut: float = 0.0
    """Probability in [0, 1] that it is cut off."""
    silent: float = 0.0
    """Probability in [0, 1] that it ends without an answer."""
    seed: int = 0
    max_tokens: int = 100
    asked: list[tuple[str, int]] = field(default_factory=list)
    """Each prefix and draw that was asked for, in order."""

    async def write(self, problem: Problem, steps: Sequence[str], task: Task) -> Draft:
        begun = "".join(steps)
        self.asked.append((begun, task.draw))
        rng = random.Random(f"{self.seed}/{task.draw}/{problem.text}/{begun}")
        if rng.random() < self.fails:
            raise EngineError("no rollout today")
        if rng.random() < self.cut:
            return Draft("Step 9 goes on and on to 42", 7, complete=False)
        if rng.random() < self.silent:
            return Draft("Nobody knows.", 3)
        right = "bad" not in begun and rng.random() < self.rate
        turns = self.steps if right else 0 if "bad" in begun else rng.randrange(self.steps)
        way = rng.randrange(10**6)  # so that few rollouts are alike
        texts = [f"Later step {i} of way {way} is {'good' if i < turns else 'bad'}." for i in range(self.steps)]
        text = "\n\n".join([*texts, f"The answer is \\boxed{{{42 if right else 41}}}."])
        return Draft(text, len(text.split()), prompt_tokens=5)

    async def rewrite(self, problem: Problem, solution: Solution, step: int, critique: str, task: Task) -> Draft:
        return await self.write(problem, (), task)

    async def aclose(self) -> None:
        return None
