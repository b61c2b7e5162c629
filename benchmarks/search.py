"""What search wins and what it costs; writes ``results/search.json``.

::

    python benchmarks/search.py [--data FOLDER] [--only pools throughput planted] [--limit N]

``pools``: on each pool of real samples in FOLDER (by default where ``GENVERIFY_DATA`` points), every rule with tools
alone against the majority vote over the same samples. A figure is the mean over problems; a choice among equally good
candidates counts by the share of them that is right. Intervals are 95 % paired bootstrap over problems.
``throughput``: 1,000 candidates of 8 steps verified and voted, against the verifier called directly.
``embedded``: refined best-of-N with the embedded model on the problems that ship, only where it is asked for, for it
takes long; what the model said is kept in ``results/search_embedded/`` and can be replayed.
``planted``: refinement with a policy whose mistakes have a known rate and can be recovered.
"""

import argparse
import asyncio
import gzip
import json
import os
import random
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import record

from genverify import answers
from genverify.engines import loading as engines
from genverify.engines.base import Engine, Sampling
from genverify.policies import EnginePolicy, Task
from genverify.protocols import recording
from genverify.search import (
    METHODS,
    Candidate,
    RefinedSelection,
    Selection,
    abest_of_n,
    arefined_best_of_n,
    in_order,
    refine,
    refined_best_of_n,
    select,
)
from genverify.search.choose import scored
from genverify.search.planted import PlantedPolicy, problem
from genverify.search.records import Pool, read_pool, read_pools, selection_line
from genverify.types import Failure, Problem, Report, Solution
from genverify.verifier import Verifier

POOLS: Final = (
    "pool_game24", "pool_gsm8k_openai", "pool_zeroeval_gsm", "pool_zeroeval_math_l5", "pool_qwen25math_100",
    "pool_date_natural_program", "pool_tatqa", "pool_zeroeval_crux",
)  # fmt: skip
"""Pools with final answers; those of programs have none that could vote."""
SIZES: Final = (4, 8)
"""N that are tried beside all candidates of a pool."""
SUBSETS: Final = 4
"""Samples of N candidates drawn for each problem; a figure is their mean."""
RESAMPLES: Final = 2000
PROBLEMS: Final = Path(__file__).resolve().parents[1] / "datasets" / "samples" / "problems.jsonl"
EMBEDDED_N: Final = 4
EMBEDDED_SAMPLING: Final = Sampling(temperature=0.6, top_p=0.95, max_tokens=160, seed=0)
PLANTED: Final = 300
"""Problems of each setting with planted mistakes."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The accuracy of one rule on one pool, problem by problem."""

    right: tuple[float, ...]
    """For each problem the share in [0, 1] of equally good choices that is right."""

    @property
    def mean(self) -> float:
        """Return the mean over problems, in [0, 1]."""
        return statistics.fmean(self.right)

    def against(self, other: "Figure", seed: int = 0) -> dict[str, float]:
        """Return the difference of the means with its 95 % paired bootstrap interval."""
        differences = [a - b for a, b in zip(self.right, other.right, strict=True)]
        rng = random.Random(seed)
        means = sorted(statistics.fmean(rng.choices(differences, k=len(differences))) for _ in range(RESAMPLES))
        low, high = means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES)]
        return {"difference": round(statistics.fmean(differences), 4), "low": round(low, 4), "high": round(high, 4)}


@dataclass(frozen=True, slots=True)
class Judged:
    """The verified candidates of one problem."""

    problem: str
    candidates: tuple[Candidate, ...]
    grouping: answers.Grouping
    right: tuple[bool, ...]

    def drawn(self, n: int, draw: int) -> "Judged":
        """Return a seeded sample of ``n`` candidates; all where there are no more."""
        if n >= len(self.candidates):
            return self
        places = sorted(random.Random(f"{self.problem}/{n}/{draw}").sample(range(len(self.candidates)), n))
        new = {old: at for at, old in enumerate(places)}
        groups = [tuple(new[i] for i in group if i in new) for group in self.grouping.groups]
        return Judged(
            self.problem,
            tuple(replace(self.candidates[old], index=at) for at, old in enumerate(places)),
            answers.Grouping(tuple(g for g in groups if g), tuple(new[i] for i in self.grouping.without if i in new)),
            tuple(self.right[old] for old in places),
        )

    def share(self, method: str) -> float:
        """Return the share in [0, 1] of what a rule may equally well choose that is right."""
        # the majority asks no verifier, so nothing that one said may tell candidates with one answer apart
        blind = [replace(c, report=None, score=None) for c in self.candidates]
        pool = blind if method == "majority" else list(self.candidates)
        made = select(pool, self.grouping, method, problem_id=self.problem)
        equal = made.tied or ((made.chosen,) if made.chosen is not None else ())
        shares = [statistics.fmean(self.right[j] for j in self._peers(pool, i)) for i in equal]
        return statistics.fmean(shares) if shares else 0.0

    def _peers(self, pool: Sequence[Candidate], i: int) -> list[int]:
        """Return the candidates with the answer of candidate ``i`` that nothing tells apart from it."""
        group = self.grouping.of(i)
        members = (i,) if group is None else self.grouping.groups[group]
        return [j for j in members if (pool[j].refuted, pool[j].score) == (pool[i].refuted, pool[i].score)]


def pools(folder: Path, limit: int | None) -> dict[str, Any]:
    """Measure every rule on every pool that is there."""
    found: dict[str, Any] = {}
    with Verifier() as verifier:
        for name in POOLS:
            path = next(folder.glob(f"{name}.jsonl*"), None)
            if path is None:
                print(f"{name}: not in {folder}, left out")
                continue
            started = time.perf_counter()
            found[name] = pool_figures(list(rows(path))[:limit], verifier)
            found[name]["seconds"] = round(time.perf_counter() - started, 1)
            print_pool(name, found[name])
    return found


def rows(path: Path) -> Iterator[tuple[Pool, list[bool]]]:
    """Yield each problem with its candidates and whether they are right; no file of ours holds any of it."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            row = json.loads(line)
            for solution in row["solutions"]:
                given = solution.get("final")
                if isinstance(given, list) and len(given) == 1 and path.name.startswith("pool_tatqa"):
                    solution["final"] = str(given[0])
                if given == "No answer!":
                    solution["final"] = None
            yield read_pool(row, number), [bool(solution["correct"]) for solution in row["solutions"]]


def pool_figures(pool: Sequence[tuple[Pool, list[bool]]], verifier: Verifier) -> dict[str, Any]:
    """Verify all candidates once and choose among them, and among subsets of them, by every rule."""
    judged = verified(pool, verifier)
    groupings = [answers.group([c.answer for c in candidates], verifier.tools) for candidates in judged]
    whole = [
        Judged(str(row.problem.id), tuple(candidates), grouping, tuple(right))
        for candidates, grouping, (row, right) in zip(judged, groupings, pool, strict=True)
    ]
    flat = [(c, ok) for one in whole for c, ok in zip(one.candidates, one.right, strict=True)]
    largest = max(len(one.candidates) for one in whole)
    return {
        "problems": len(pool),
        "candidates": len(flat),
        "without_answer": sum(c.answer is None for c, _ in flat),
        "refuted_right": [sum(c.refuted for c, ok in flat if ok), sum(ok for _, ok in flat)],
        "refuted_wrong": [sum(c.refuted for c, ok in flat if not ok), sum(not ok for _, ok in flat)],
        "at_n": {str(n): figures_at(n, whole) for n in (*(n for n in SIZES if n < largest), largest)},
    }


def figures_at(n: int, whole: Sequence[Judged]) -> dict[str, Any]:
    """Return every rule's accuracy on ``n`` candidates of each problem, of all that there are where they are fewer."""
    drawn = [[one.drawn(n, draw) for draw in range(1 if n >= len(one.candidates) else SUBSETS)] for one in whole]
    figures = {
        method: Figure(tuple(statistics.fmean(one.share(method) for one in subsets) for subsets in drawn))
        for method in METHODS
    }
    figures["oracle"] = Figure(tuple(statistics.fmean(float(any(one.right)) for one in subsets) for subsets in drawn))
    return {
        "accuracy": {name: round(figure.mean, 4) for name, figure in figures.items()},
        "against_majority": {
            name: figure.against(figures["majority"]) for name, figure in figures.items() if name != "majority"
        },
    }


def verified(pool: Sequence[tuple[Pool, list[bool]]], verifier: Verifier) -> list[list[Candidate]]:
    """Return the candidates of each problem with their reports."""
    candidates = [list(row.candidates or ()) for row, _ in pool]
    items: list[tuple[Problem, Solution]] = [
        (row.problem, c.solution) for (row, _), own in zip(pool, candidates, strict=True) for c in own if c.solution
    ]
    reports = iter(verifier.critique_many(items, progress=sys.stderr.isatty()))

    def judged(candidate: Candidate) -> Candidate:
        if candidate.solution is None:
            return candidate
        report = next(reports)
        return scored(replace(candidate, report=report)) if isinstance(report, Report) else candidate

    return [[judged(c) for c in own] for own in candidates]


def print_pool(name: str, figures: dict[str, Any]) -> None:
    """Print the figures of one pool."""
    print(f"\n{name}: {figures['problems']} problems, {figures['candidates']} candidates, {figures['seconds']} s")
    for n, at in figures["at_n"].items():
        for rule, value in at["accuracy"].items():
            interval = at["against_majority"].get(rule)
            said = "" if interval is None else "{difference:+.4f} [{low:+.4f}, {high:+.4f}]".format(**interval)
            print(f"  N = {n:3} {rule:10} {value:.4f}  {said}", flush=True)


def throughput() -> dict[str, Any]:
    """Time 1,000 candidates of 8 steps: the verifier alone, and best-of-N over 125 problems of 8 candidates."""
    asked = [problem(seed, 7) for seed in range(125)]  # seven changes and the answer: eight steps

    async def drafts() -> list[list[Solution]]:
        policy = PlantedPolicy(0.15)
        return [[Solution.from_text((await policy.write(p, (), Task(i))).text) for i in range(8)] for p in asked]

    written = asyncio.run(drafts())
    assert all(len(solution.steps) == 8 for own in written for solution in own)

    def direct(verifier: Verifier) -> int:
        return sum(isinstance(r, Report) for r in verifier.critique_many(
            (p, solution) for p, own in zip(asked, written, strict=True) for solution in own))  # fmt: skip

    def searched(verifier: Verifier) -> int:
        jobs = [partial(abest_of_n, p, own, verifier) for p, own in zip(asked, written, strict=True)]
        return sum(len(made.candidates) for made in in_order(verifier, jobs) if isinstance(made, Selection))

    times = {"verifier": timed(direct), "best_of_n": timed(searched)}
    best = {name: min(seconds) for name, seconds in times.items()}
    overhead = best["best_of_n"] / best["verifier"] - 1
    print(f"\nthroughput: {best['verifier']:.2f} s alone, {best['best_of_n']:.2f} s voted, overhead {overhead:+.1%}")
    return {
        "candidates": 1000,
        "steps": 8000,
        "seconds": {name: [round(s, 3) for s in seconds] for name, seconds in times.items()},
        "overhead_of_search": round(overhead, 4),
    }


def timed(work: Callable[[Verifier], int], repeats: int = 3) -> list[float]:
    """Return the seconds of each repetition, each with a verifier of its own that has been warmed up."""
    seconds = []
    for _ in range(repeats):
        with Verifier() as verifier:
            verifier.critique("What is 2 + 2?", "2 + 2 = 4")
            started = time.perf_counter()
            done = work(verifier)
            seconds.append(time.perf_counter() - started)
            if done != 1000:
                raise RuntimeError(f"expected 1000 candidates, got {done}")
    return seconds


def planted() -> dict[str, Any]:
    """Measure refinement where the truth is known."""
    settings = {"recovered": (0.25, 0.0), "may_fail_again": (0.25, 0.1), "hard": (0.5, 0.25)}
    with Verifier() as verifier:
        return {name: planted_figures(name, *rates, verifier) for name, rates in settings.items()}


def planted_figures(name: str, rate: float, rate_after: float, verifier: Verifier) -> dict[str, Any]:
    """Measure one setting: refined best-of-N against oracle and plain, and refinement of single solutions."""
    policy = PlantedPolicy(rate, rate_after)
    refined = plain = oracle = unequal = 0
    before = after = turned = 0
    for seed in range(PLANTED):
        asked = problem(seed)
        made = refined_best_of_n(asked, policy, verifier, 8)
        refined += made.selection.correct is True
        plain += made.plain is not None and made.plain.correct is True
        oracle += any(c.answer and answers.same(c.answer, str(asked.answer)) for c in made.selection.candidates)
        unequal += made.plain_tokens != made.tokens or made.tokens != sum(c.tokens for c in made.selection.candidates)
        single = made.selection.candidates[0].solution
        if single is not None:
            loop = refine(asked, single, policy, verifier, 3)
            before, after = before + (loop.correct_before is True), after + (loop.correct_after is True)
            turned += loop.correct_before is True and loop.correct_after is not True
    found = {
        "problems": PLANTED,
        "rate": rate,
        "rate_after": rate_after,
        "refined_best_of_8": refined / PLANTED,
        "oracle_of_the_same_pool": oracle / PLANTED,
        "plain_best_of_n_of_equal_tokens": plain / PLANTED,
        "pools_with_unequal_budget": unequal,
        "single_before": before / PLANTED,
        "single_refined": after / PLANTED,
        "right_turned_wrong": turned,
    }
    print(f"\nplanted, {name}: {json.dumps(found)}")
    return found


def embedded() -> dict[str, Any]:
    """Run refined best-of-N with the embedded model as policy, and keep all that it said."""
    folder = record.RESULTS / "search_embedded"
    shutil.rmtree(folder, ignore_errors=True)
    asked = [row for row in read_pools(PROBLEMS) if isinstance(row, Pool)]
    started = time.perf_counter()
    with recording.record(engines.load("embedded"), None, folder) as (engine, _), Verifier() as verifier:
        made = embedded_selections(engine, asked, verifier)
        verifier.run(engine.aclose())
    lines = [selection_line(m.selection, row, str(row.id), m) for m, row in zip(made, asked, strict=True)]
    (folder / "selections.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    found = {
        "problems": len(made),
        "n": EMBEDDED_N,
        "max_tokens": EMBEDDED_SAMPLING.max_tokens,
        "refined_right": sum(m.selection.correct is True for m in made),
        "plain_right": sum(m.plain is not None and m.plain.correct is True for m in made),
        "candidates": sum(len(m.selection.candidates) for m in made),
        "refuted": sum(c.refuted for m in made for c in m.selection.candidates),
        "refined_candidates": sum(c.parent is not None for m in made for c in m.selection.candidates),
        "policy_tokens": sum(m.spent.policy_tokens for m in made),
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(f"\nembedded: {json.dumps(found)}")
    return found


def embedded_selections(engine: Engine, asked: Sequence[Pool], verifier: Verifier) -> list[RefinedSelection]:
    """Return what refined best-of-N makes of each problem; with a replayed engine the same again."""
    policy = EnginePolicy(engine, EMBEDDED_SAMPLING)
    jobs = [partial(arefined_best_of_n, row.problem, policy, verifier, EMBEDDED_N) for row in asked]
    made = list(in_order(verifier, jobs))
    failed = [m for m in made if isinstance(m, Failure)]
    if failed:
        raise RuntimeError(f"{len(failed)} problems failed, the first with: {failed[0].what}")
    return [m for m in made if isinstance(m, RefinedSelection)]


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("GENVERIFY_DATA", "shared/data")))
    parser.add_argument("--only", nargs="+", choices=["pools", "throughput", "planted", "embedded"])
    parser.add_argument("--limit", type=int, help="only the first problems of each pool; nothing is written")
    args = parser.parse_args()
    wanted = args.only or ["pools", "throughput", "planted"]
    path = record.RESULTS / "search.json"
    result = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if "throughput" in wanted:
        result["throughput"] = throughput()
    if "planted" in wanted:
        result["planted"] = planted()
    if "embedded" in wanted:
        result["embedded"] = embedded()
    if "pools" in wanted:
        result["pools"] = pools(args.data, args.limit)
    if args.limit is None:
        record.write(path, {**result, "circumstances": record.circumstances()})


if __name__ == "__main__":
    main()
