"""What labels from rollouts find and what they cost, and how far a reference goes; writes ``results/rollouts.json``.

::

    python benchmarks/rollouts.py [--data FOLDER] [--size N]

``chains``: N made-up solutions of 12 steps whose first error is known, completed by a policy that succeeds at a known
rate before the error and never after it; for each method how often it names the error, how often another step, and how
many rollouts it takes.
``reference``: ProcessBench gsm8k beside the gold solutions of the same problems: the grades of ``spare.align``, which
asks no model, against the label of people.
"""

import argparse
import asyncio
import gzip
import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import record

from genverify.data.rollouts import Effort, Prober
from genverify.data.rollouts.labels import Labelled, math_shepherd, relative_progress
from genverify.data.rollouts.omega import first_error
from genverify.data.rollouts.uncertainty import unprm
from genverify.data.spare import align
from genverify.policies import Draft, Task
from genverify.types import Problem, Solution

STEPS: Final = 12
RATES: Final = (0.3, 0.6, 0.9)
PROBLEM: Final = Problem("Find the number.", answer="42")
_Find = Callable[[Prober, Sequence[str]], Coroutine[Any, Any, Labelled]]

_FULL, _EARLY = Effort(16), Effort(16, z=1.96)
METHODS: Final[dict[str, _Find]] = {
    "math-shepherd": lambda prober, steps: math_shepherd(prober, steps, _FULL),
    "math-shepherd, adaptive": lambda prober, steps: math_shepherd(prober, steps, _EARLY),
    "omegaprm": lambda prober, steps: first_error(prober, steps, _FULL),
    "omegaprm, adaptive": lambda prober, steps: first_error(prober, steps, _EARLY),
    "rpe": lambda prober, steps: relative_progress(prober, steps, _FULL),
    "rpe, k = 64": lambda prober, steps: relative_progress(prober, steps, Effort(64)),
    "unprm, binary, share 1": lambda prober, steps: unprm(prober, steps, _FULL, "binary"),
    "unprm, share 0.3, adaptive": lambda prober, steps: unprm(prober, steps, _EARLY, "binary", share=0.3),
    "unprm, binary, share 0.3": lambda prober, steps: unprm(prober, steps, _FULL, "binary", share=0.3),
}


@dataclass(frozen=True, slots=True)
class ChainPolicy:
    """Gets from good steps to the answer at a rate, from bad ones never."""

    rate: float
    seed: int
    max_tokens: int = 16

    async def write(self, problem: Problem, steps: Sequence[str], task: Task) -> Draft:
        """Write the answer alone."""
        begun = "".join(steps)
        right = "bad" not in begun and random.Random(f"{self.seed}/{task.draw}/{begun}").random() < self.rate
        return Draft(f"\\boxed{{{42 if right else 41}}}", 4)

    async def rewrite(self, problem: Problem, solution: Solution, step: int, critique: str, task: Task) -> Draft:
        """Write the answer alone."""
        return await self.write(problem, (), task)

    async def aclose(self) -> None:
        """Hold nothing, let go of nothing."""


def chains(size: int) -> dict[str, Any]:
    """Label ``size`` solutions by every method at every rate; their errors lie at each step equally often."""
    found = {}
    for name, find in METHODS.items():
        for rate in RATES:
            hits = misses = rollouts = 0
            for seed in range(size):
                error = seed % STEPS
                steps = [f"Step {i} is {'good' if i < error else 'bad'}." for i in range(STEPS - 1)]
                steps.append("The answer is 41.")
                made = asyncio.run(find(Prober(ChainPolicy(rate, seed), PROBLEM), steps))
                hits += made.place == error
                misses += made.place not in (None, error)
                rollouts += made.rollouts
            found[f"{name}, rate {rate}"] = {
                "found": hits,
                "missed": misses,
                "of": size,
                "rollouts_each": round(rollouts / size, 1),
            }
            print(
                f"{name:26} rate {rate}: {hits} of {size} found, {misses} missed, {rollouts / size:.0f} rollouts each"
            )
    return found


def reference(folder: Path) -> dict[str, int]:
    """Count the grades of steps that are right, the first error, or after it."""
    counts: Counter[str] = Counter()
    gold = {_key(row): row["steps"] for row in _rows(folder / "gsm8k_gold.jsonl.gz", partial(gzip.open, mode="rt"))}
    for row in _rows(folder / "processbench_gsm8k.jsonl", open):
        if (beside := gold.get(_key(row))) is None:
            continue
        counts["solutions"] += 1
        label = row["label"] if row["label"] >= 0 else len(row["steps"])
        for one in align(Problem(row["problem"]), row["steps"], beside):
            place = "right" if one.step < label else "first error" if one.step == label else "after it"
            graded = {True: "right", False: "wrong", None: "open"}[one.grade]
            counts[f"{place} steps graded {graded}"] += 1
    for name, count in sorted(counts.items()):
        print(f"{name}: {count}")
    return dict(sorted(counts.items()))


def _rows(path: Path, opening: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    with opening(path, encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def _key(row: dict[str, Any]) -> str:
    return re.sub(r"\W+", " ", row["problem"]).strip().lower()


def main() -> None:
    """Measure both and write them down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENVERIFY_DATA", "shared/data")))
    parser.add_argument("--size", type=int, default=96, help="solutions for each method and rate")
    args = parser.parse_args()
    result = {"steps": STEPS, "k": _FULL.k, "chains": chains(args.size), "reference": reference(args.data)}
    record.write(record.RESULTS / "rollouts.json", {**result, "circumstances": record.circumstances()})


if __name__ == "__main__":
    main()
