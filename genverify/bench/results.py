"""Judged sets to one result that says everything needed to repeat it, as plain JSON values."""

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from genverify.bench import metrics, scorers, selection, step_scorers
from genverify.bench.catalogue import Benchmark
from genverify.bench.judging import Set, provenance
from genverify.bench.metrics import Tally
from genverify.bench.predictions import judged
from genverify.bench.rows import Judged
from genverify.bench.scorers import Scorer
from genverify.errors import RecordError

SCHEMA: Final = 1
"""Version of the result format."""
BINS: Final = 10
"""Bins of the reliability figures and of relative positions."""
Result = dict[str, Any]


def result(
    benchmark: Benchmark, sets: Sequence[Set], *, seed: int = 0, tune_on: str | None = None, wall_s: float | None = None
) -> Result:
    """Return the figures of all ``sets``, each and together, and how they came about.

    Args:
        benchmark: what the sets belong to.
        sets: its files, judged.
        seed: of bootstrap and subsampling.
        tune_on: the name of the set whose rows choose the threshold of the mode "tuned"; None leaves that mode out.
        wall_s: seconds that the run took, which says little unless all solutions were judged in it (``judged_now``).

    Raises:
        RecordError: a prediction lacks what a report has, or no set is called ``tune_on``.
    """
    rows: dict[str, list[Judged]] = {}
    made: dict[str, Any] = {}
    for one in sets:  # the records of one file at a time: those of a large pool take hundreds of MiB
        records = one.records()
        rows[one.name], made = judged(records, one.name), made or provenance(records)
    threshold = _threshold(rows, tune_on)
    modes = _modes([r for own in rows.values() for r in own], threshold)
    found: Result = {
        "schema": SCHEMA,
        "benchmark": benchmark.name,
        "title": benchmark.title,
        "headline": benchmark.headline,
        **circumstances(),
        "seed": seed,
        "run": {k: v for k, v in (sets[0].run if sets else {}).items() if k not in ("file", "sha256")},
        "made_by": made,
        "wall_s": wall_s,
        "judged_now": sum(one.fresh for one in sets),
        "words": {},
        "sets": {},
    }
    if tune_on is not None:
        found["threshold"] = {"value": threshold, "tuned_on": tune_on}
    for one in sets:
        own = rows[one.name]
        part = _part(benchmark, own, seed, modes, found["words"])
        found["sets"][one.name] = {"sha256": one.sha256, "unusable_rows": len(one.unusable), **part}
    if len(sets) > 1 and benchmark.scorer is not None:  # pools of different sizes have no common N
        found["together"] = _part(benchmark, [r for own in rows.values() for r in own], seed, modes, found["words"])
    found["mean_of_sets"] = _mean(found["sets"].values())
    return found


def circumstances() -> dict[str, Any]:
    """Return the date, the commit of genverify if it runs from a checkout, and the machine."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": {"system": platform.platform(), "processors": len(os.sched_getaffinity(0))},
    }


def _commit() -> str | None:
    """Return the commit of the checkout that this file is in, with ``+`` if files of it differ; None without one."""
    here = Path(__file__).resolve().parents[2]
    if not (here / ".git").exists():
        return None
    try:
        head = _git(here, "rev-parse", "HEAD")
        changed = _git(here, "status", "--porcelain", "--", "genverify", "sandbox", "prompts")
    except (OSError, subprocess.CalledProcessError):
        return None
    return head + ("+" if changed else "")


def _git(here: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=here, capture_output=True, text=True, check=True).stdout.strip()


def _threshold(rows: Mapping[str, Sequence[Judged]], tune_on: str | None) -> float | None:
    if tune_on is None:
        return None
    if tune_on not in rows:
        raise RecordError(f"no set is called {tune_on!r} to tune the threshold on; there are {', '.join(rows)}")
    return scorers.tuned(rows[tune_on])


def _modes(rows: Sequence[Judged], threshold: float | None) -> dict[str, Scorer]:
    """Return the other ways to read a first error from the predictions, as far as there is something to read."""
    modes: dict[str, Scorer] = {}
    if threshold is not None or any(row.samples for row in rows):
        modes["prm at 0.5"] = scorers.first_error_only(scorers.at_threshold(0.5))
    if threshold is not None:
        modes["prm at the tuned threshold"] = scorers.first_error_only(scorers.at_threshold(threshold))
    if any(row.samples for row in rows):
        modes["critic's vote"] = scorers.first_error_only(scorers.by_vote)
    return modes


def _part(
    benchmark: Benchmark, rows: Sequence[Judged], seed: int, modes: Mapping[str, Scorer], words: dict[str, str]
) -> dict[str, Any]:
    scorer = benchmark.scorer or selection.scorer(rows, seed=seed)
    words.update({m.name: m.words for m in scorer.measures})
    tallies = scorer.tallies(rows)
    kept = list(zip(rows, tallies, strict=True)) if benchmark.groups else []
    if benchmark.scorer is step_scorers.PRMBENCH:  # the authors' totals leave the originals out
        tallies = [tally for row, tally in kept if row.gold.group != step_scorers.ORIGINAL]
    part: dict[str, Any] = {"rows": len(rows), "figures": _figures(tallies, scorer, seed), "cost": cost(rows)}
    if benchmark.groups:
        groups = sorted({row.gold.group for row in rows})
        own = {name: [tally for row, tally in kept if row.gold.group == name] for name in groups}
        part["groups"] = {name: _figures(tallies, scorer, seed) for name, tallies in own.items()}
    if benchmark.scorer is step_scorers.PRMBENCH:
        part["aspects"] = _aspects(part["groups"])
    if benchmark.headline == "f1" and modes:
        part["modes"] = {name: _figures(s.tallies(rows), s, seed) for name, s in modes.items()}
    if benchmark.scorer is not None:
        part["positions"], part["reliability"] = positions(rows), reliability(rows)
        part["accused_right"] = [r.id for r in rows if r.gold.first_error == -1 and r.first_error is not None]
    return part


def _figures(tallies: Sequence[Tally], scorer: Scorer, seed: int) -> dict[str, dict[str, Any]]:
    found = metrics.figures(tallies, scorer.measures, seed=seed)
    return {name: _rounded(asdict(figure)) for name, figure in found.items()}


def _aspects(groups: Mapping[str, Mapping[str, Any]]) -> dict[str, float | None]:
    """Return the mean PRMScore of each aspect's classes, for ``multi_solutions`` the F1 of right steps."""
    found: dict[str, float | None] = {}
    for aspect, classes in step_scorers.PRMBENCH_ASPECTS.items():
        values = [
            groups[name]["f1" if name == "multi_solutions" else "prm_score"]["value"]
            for name in classes
            if name in groups
        ]
        found[aspect] = sum(values) / len(values) if values else None
    return found


def _rounded(figure: dict[str, Any]) -> dict[str, Any]:
    def short(value: float | None) -> float | int | None:
        if value is None or value == int(value):
            return None if value is None else int(value)
        return round(value, 6)

    return {name: short(value) for name, value in figure.items()}


def _mean(parts: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return the mean of each figure over the sets in which it has a value and counts something."""
    values: dict[str, list[float]] = {}
    for part in parts:
        for name, figure in part["figures"].items():
            if figure["value"] is not None and figure["total"] and not one_sided(part["figures"], name):
                values.setdefault(name, []).append(figure["value"])
    return {name: round(sum(own) / len(own), 6) for name, own in values.items()}


def one_sided(figures: Mapping[str, Any], name: str) -> bool:
    """Tell whether a figure needs right and wrong solutions and there are none of one kind.

    It is defined as 0 then, which would mislead in a table or a mean.
    """
    halves = [figures[half]["total"] for half in ("found", "left_alone") if half in figures]
    return name in ("f1", "mcc") and not all(halves)


def cost(rows: Sequence[Judged]) -> dict[str, float]:
    """Return what judging took: tokens, seconds of tools, and the solutions' seconds added up (they overlap)."""
    return {
        "tokens": sum(row.tokens for row in rows),
        "tool_s": round(sum(row.tool_s for row in rows), 3),
        "solution_s": round(sum(row.wall_s for row in rows), 3),
    }


def positions(rows: Sequence[Judged]) -> list[dict[str, int]]:
    """Return for each first error's place, counted from 0, how many there are and how many were found.

    Places from ``2 * BINS`` on are counted together with that one.
    """
    counted: dict[int, list[int]] = {}
    for row in rows:
        if row.gold.first_error is not None and row.gold.first_error >= 0:
            own = counted.setdefault(min(row.gold.first_error, 2 * BINS), [0, 0])
            own[0] += 1
            own[1] += row.prediction == row.gold.first_error
    return [{"step": step, "errors": n, "found": hits} for step, (n, hits) in sorted(counted.items())]


def reliability(rows: Sequence[Judged]) -> list[dict[str, float]]:
    """Return, for steps whose label is known, how often those of about one probability are right.

    Labels are taken from the first error (steps before it are right, it is wrong, later ones unknown) or, where a
    format labels each step, from those. Bins are tenths of the probability.
    """
    bins: dict[int, list[float]] = {}
    for row in rows:
        for p, right in zip(row.p, known_labels(row), strict=False):
            if p is not None and right is not None:
                own = bins.setdefault(min(int(p * BINS), BINS - 1), [0, 0, 0])
                own[0], own[1], own[2] = own[0] + 1, own[1] + p, own[2] + right
    return [
        {"steps": int(n), "mean_p": round(total / n, 4), "share_right": round(hits / n, 4)}
        for _, (n, total, hits) in sorted(bins.items())
    ]


def known_labels(row: Judged) -> tuple[bool | None, ...]:
    """Return for each step whether it is right, as far as the labels say so; None where they do not."""
    if row.gold.right:
        return row.gold.right
    first, count = row.gold.first_error, len(row.labels)
    if first is None:
        return (None,) * count
    if first < 0:
        return (True,) * count
    return (*(True,) * first, False, *(None,) * (count - first - 1))


def write(path: Path, found: Result) -> None:
    """Write a result as JSON, at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    part.replace(path)


def load(path: Path) -> Result:
    """Read a result back.

    Raises:
        RecordError: it is none, or of another version.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RecordError(f"{path}: cannot be read as a result: {error}") from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA or "benchmark" not in found:
        raise RecordError(f'{path}: expected a result of genverify bench with "schema": {SCHEMA}')
    return found
