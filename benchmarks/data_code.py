"""Measure training data about programs and tables: speed, labels, places of real bugs; ``results/data_code.json``.

::

    python benchmarks/data_code.py [--speed N] [--recheck N] [--locate] [--out FILE]

``--recheck`` works every label out anew in another way (a plain interpreter for programs, plain Python for tables).
``--locate`` needs the labelled public data (``GENVERIFY_DATA``); see ``genverify.data.code.locating`` for its two ways.
"""

import argparse
import json
import os
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import code_recheck
from record import RESULTS, circumstances, write

from genverify.data import Dropped, Example, Tools, code, opened, tables
from genverify.data.tables import recheck as tables_recheck
from genverify.data.values import Maker

MAKERS: Final[dict[str, Maker]] = {"code": code.make, "tables": tables.make}
RECHECKS: Final[dict[str, Callable[[list[Example]], list[str]]]] = {
    "code": code_recheck.disagreements,
    "tables": tables_recheck.disagreements,
}
SEED: Final = 7


def speed(kind: str, n: int) -> dict[str, Any]:
    """Make ``n`` records and say how long it took and what came out.

    On a machine that others use as well, the processor time says more than the clock.
    """
    before = _cpu_s()
    started = time.perf_counter()
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("makers", "errors", "families", "dropped")}
    texts: set[int] = set()
    with opened() as tools:
        for value in MAKERS[kind](range(n), SEED, tools):
            if isinstance(value, Dropped):
                counts["dropped"][value.why] += 1
                continue
            counts["makers"][value.maker] += 1
            counts["families"][value.family] += 1
            counts["errors"].update(step.error for step in value.steps if step.error)
            texts.add(hash((value.problem.text, value.problem.table)))
    wall_s = time.perf_counter() - started
    own_s, others_s = (after - then for after, then in zip(_cpu_s(), before, strict=True))
    return {
        "records": n, "wall_s": round(wall_s, 1), "records_per_s": round(n / wall_s, 1),
        "cpu_s_this_process": round(own_s, 1), "cpu_s_kernels_and_checkers": round(others_s, 1),
        "makers": dict(counts["makers"]), "dropped": dict(counts["dropped"]),
        "errors": dict(counts["errors"].most_common()), "families": len(counts["families"]),
        "different_problems": len(texts), "problems": (n + 1) // 2,
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def _cpu_s() -> tuple[float, float]:
    """Return the seconds of processor time of this process, and of those that it started and that have ended."""
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime, others.ru_utime + others.ru_stime


def recheck(kind: str, n: int, tools: Tools) -> dict[str, Any]:
    """Work the labels of ``n`` records out anew."""
    made = [value for value in MAKERS[kind](range(n), SEED + 1, tools) if isinstance(value, Example)]
    found = RECHECKS[kind](made)
    for line in found[:20]:
        print(line)
    return {"records": len(made), "steps": sum(len(e.steps) for e in made), "wrong_labels": len(found)}


def buggy(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file whose programs are wrong."""
    for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["label"] != -1:
            yield row


def locate(folder: Path, name: str, with_reference: bool, tools: Tools) -> dict[str, Any]:
    """Locate the wrong statements of a file's programs and compare them with its labels."""
    started = time.perf_counter()
    counts: Counter[str] = Counter()
    others = []
    for row in buggy(folder, name):
        meta, program = row["meta"], "\n".join(row["steps"])
        reference = meta["fixed"] if with_reference else None
        found = code.locate(program, meta["entry_point"], meta["test"], tools, reference)
        if found.line is None:
            how = "undecided"
        elif found.line == row["label"]:
            how = "exact"
        else:
            how = "label among the repairable lines" if row["label"] in found.lines else "elsewhere"
            others.append({"id": row["id"], "label": row["label"], "found": found.line, "repairable": found.lines})
        counts[how] += 1
        counts["several repairable lines"] += len(found.lines) > 1
    total = counts["undecided"] + counts["exact"] + len(others)
    return {
        "rows": total, **counts, "exact_share": round(counts["exact"] / total, 3),
        "exact_share_of_located": round(counts["exact"] / max(1, total - counts["undecided"]), 3), "not_exact": others,
        "wall_s": round(time.perf_counter() - started, 1),
    }  # fmt: skip


def main() -> None:
    """Measure what was asked for and write it down."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--speed", type=int, default=0, metavar="N", help="make N records of each kind")
    parser.add_argument("--recheck", type=int, default=0, metavar="N", help="work the labels of N records out anew")
    parser.add_argument("--locate", action="store_true", help="locate the bugs of humanevalfix and quixbugs")
    parser.add_argument("--out", type=Path, default=RESULTS / "data_code.json")
    told = parser.parse_args()
    result: dict[str, Any] = {"circumstances": circumstances(("pandas",)), "seed": SEED}
    with opened() as tools:
        for kind in MAKERS:
            if told.speed:
                result.setdefault("speed", {})[kind] = speed(kind, told.speed)
                print(kind, result["speed"][kind], flush=True)
            if told.recheck:
                result.setdefault("recheck", {})[kind] = recheck(kind, told.recheck, tools)
                print(kind, result["recheck"][kind], flush=True)
            write(told.out, result)  # what is done is kept, whatever becomes of the rest
        if told.locate:
            folder = Path(os.environ["GENVERIFY_DATA"])
            for name in ("humanevalfix", "quixbugs"):
                ways = {"transplant from the reference": True, "small edits, no reference": False}
                result.setdefault("locate", {})[name] = {
                    way: locate(folder, name, given, tools) for way, given in ways.items()
                }
                print(name, result["locate"][name], flush=True)
                write(told.out, result)
    write(told.out, result)


if __name__ == "__main__":
    main()
