"""Time to read, fuse and score stored reports; writes ``results/fusion.json``.

::

    python benchmarks/fusion.py [--reports 100000] [--processes 2]

The reports are made here, from a seed: the shipped samples and planted sums are judged once by the real tools, and each
stored report is one of those with critiques drawn anew, two to a step, that are wrong at a known rate. Writing them is
not timed. What is timed is what a sweep over a finished run does: lines of JSON to values, values to new verdicts with
their sentences (``refuse_many``), verdicts to all six scores, scores to AUROC.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final

import record

from genverify import Critique, Report, Verifier
from genverify.calibration.metrics import Judgement, quality
from genverify.fusion import AGGREGATORS, refuse_many, score
from genverify.records import BadLine, StoredReport, read_reports, report_line

SAMPLES: Final = record.RESULTS.parents[1] / "datasets" / "samples" / "critique.jsonl"
PLANTED: Final = 300
"""Planted solutions that the tools judge; more of them would only take longer to make."""
ERROR: Final = 0.2
"""Share of critiques that are wrong."""
WORDS: Final = "the step takes the numbers that were given and the result follows from what stands before it".split()
BATCH: Final = 1000
"""Reports held in memory at once."""


def planted(rng: random.Random) -> tuple[list[str], int]:
    """Return a sum in several steps and its first wrong one (from 0), -1 for none."""
    total = rng.randrange(10, 90)
    wrong = rng.choice([-1, -1, *range(8)])
    steps = []
    for i in range(8):
        more = rng.randrange(10, 90)
        shown = total + more + (i == wrong)
        steps.append(f"Adding what comes next gives {total} + {more} = {shown}.")
        total = shown
    return steps, wrong


def judged(rng: random.Random) -> list[tuple[Report, int]]:
    """Return reports by tools alone, each with the first wrong step, -1 for none."""
    samples = [json.loads(line) for line in SAMPLES.read_text(encoding="utf-8").splitlines()]
    sums = [planted(rng) for _ in range(PLANTED)]
    with Verifier() as verifier:
        shipped = verifier.critique_many([(row["problem"], row["steps"]) for row in samples])
        found = [(r, -1 if r.first_error is None else r.first_error) for r in shipped if isinstance(r, Report)]
        made = verifier.critique_many([("Add them up.", steps) for steps, _ in sums])
        return found + [(r, wrong) for r, (_, wrong) in zip(made, sums, strict=True) if isinstance(r, Report)]


def critic(rng: random.Random, step: int, right: bool, sample: int) -> Critique:
    """Draw a critique of some length that is wrong with probability ``ERROR``."""
    sure = 0.5 + rng.random() / 2
    p = sure if right != (rng.random() < ERROR) else 1.0 - sure
    return Critique(step, " ".join(rng.choices(WORDS, k=60)), p, sample=sample, completion_tokens=60)


def stored(count: int, seed: int) -> Iterator[str]:
    """Yield ``count`` lines of reports; each has its label beside it."""
    rng = random.Random(seed)
    known = judged(rng)
    for i in range(count):
        report, wrong = rng.choice(known)
        read = [[critic(rng, s.index, s.index != wrong, k) for k in range(2)] for s in report.steps]
        steps = (replace(s, critiques=tuple(own)) for s, own in zip(report.steps, read, strict=True))
        yield report_line(replace(report, steps=tuple(steps)), id=f"{i}:{wrong}")


def work(path: Path) -> dict[str, Any]:
    """Read, fuse and score one file; returns seconds of each part and all scores with their labels."""
    seconds = dict.fromkeys(("read", "fuse", "score"), 0.0)
    scores: dict[str, list[tuple[float, bool]]] = {how: [] for how in AGGREGATORS}
    steps, cpu, rows = 0, process_time(), read_reports(path)
    while True:
        start = perf_counter()
        part = [_good(row) for row in islice(rows, BATCH)]
        read = perf_counter()
        fused = refuse_many([row.report for row in part])
        done = perf_counter()
        for row, report in zip(part, fused, strict=True):
            ps = [step.p_correct for step in report.steps]
            steps += len(ps)
            for how, own in scores.items():
                value = score(ps, how).value
                if value is not None:
                    own.append((value, str(row.id).endswith(":-1")))
        seconds["read"] += read - start
        seconds["fuse"] += done - read
        seconds["score"] += perf_counter() - done
        if not part:
            return {"seconds": seconds, "scores": scores, "steps": steps, "cpu_s": process_time() - cpu}


def _good(row: StoredReport | BadLine) -> StoredReport:
    if isinstance(row, BadLine):
        raise SystemExit(row.message)
    return row


def measure(count: int, processes: int, seed: int) -> dict[str, Any]:
    """Make ``count`` reports, then time what is done with them."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{i}.jsonl" for i in range(processes)]
        lines = stored(count, seed)
        for i, path in enumerate(paths):
            with path.open("w", encoding="utf-8") as out:
                share = count // processes + (i < count % processes)
                out.writelines(line + "\n" for line in islice(lines, share))
        size = sum(path.stat().st_size for path in paths)
        start = perf_counter()
        with ProcessPoolExecutor(processes) as pool:
            parts = list(pool.map(work, paths))
        figures = {how: _quality([pair for part in parts for pair in part["scores"][how]], how) for how in AGGREGATORS}
        wall = perf_counter() - start
    return {
        "reports": count,
        "steps": sum(part["steps"] for part in parts),
        "critiques": 2 * sum(part["steps"] for part in parts),
        "bytes": size,
        "processes": processes,
        "seed": seed,
        "wall_s": round(wall, 2),
        "cpu_s": round(sum(part["cpu_s"] for part in parts), 2),
        "process_s": {name: [round(part["seconds"][name], 2) for part in parts] for name in ("read", "fuse", "score")},
        "scores": figures,
    }


def _quality(pairs: Sequence[tuple[float, bool]], how: str) -> dict[str, Any]:
    """Return the figures of one score; the mean log-probability has a rank and no calibration."""
    shift = 1.0 if how == "mean_log_prob" else 0.0
    scale = 28.0 if how == "mean_log_prob" else 1.0  # ln(1e-12) is above -28
    found = quality([Judgement(value / scale + shift, right) for value, right in pairs], resamples=0)
    auroc = None if found.auroc.value is None else round(found.auroc.value, 4)
    return {"scored": found.count, "auroc": auroc}


def main() -> None:
    """Measure, write the results, and show them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=record.RESULTS / "fusion.json")
    args = parser.parse_args()
    result = {**record.circumstances(("numpy", "pydantic")), **measure(args.reports, args.processes, args.seed)}
    print(json.dumps(result, indent=2))
    record.write(args.out, result)


if __name__ == "__main__":
    main()
