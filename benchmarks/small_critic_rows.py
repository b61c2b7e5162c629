"""The solutions that the small critic is measured on, and what a model reads of them, kept in files."""

import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from genverify.bench.processbench import Labelled, read_rows
from genverify.data import algebra, opened
from genverify.data.values import Example
from genverify.types import Solution

HELD_SEED: Final = 1000003
"""Of generated solutions to measure on; the training data have another."""
SUBSAMPLE_SEED: Final = 8


@dataclass(frozen=True, slots=True)
class Set:
    """Rows to be read."""

    name: str
    rows: int
    """Most rows, drawn with ``SUBSAMPLE_SEED`` where a file has more."""
    use: str
    """``fit`` or ``test``."""


SETS: Final = (
    Set("processbench_gsm8k", 204, "test"),
    Set("generated", 200, "test"),
    Set("parc_gsm8k", 87, "test"),
    Set("mr_gsm8k", 100, "test"),
    Set("bbmistake_multistep_arithmetic", 100, "test"),
    Set("processbench_math", 100, "test"),
    Set("bbmistake_logical_deduction", 40, "test"),
    Set("parc_metamathqa", 109, "fit"),
    Set("parc_orca_math", 113, "fit"),
    Set("mathcheck_gsm", 120, "fit"),
)


def rows_of(wanted: Set, data: Path) -> list[Labelled]:
    """Return the rows of a set, subsampled."""
    if wanted.name == "generated":
        with opened(1) as tools:
            made = [e for e in algebra.make(range(wanted.rows), HELD_SEED, tools) if isinstance(e, Example)]
        return [_row(e) for e in made]
    path = next(p for p in (data / f"{wanted.name}.jsonl", data / f"{wanted.name}.jsonl.gz") if p.exists())
    rows, _ = read_rows(path)
    if len(rows) > wanted.rows:
        rows = random.Random(SUBSAMPLE_SEED).sample(rows, wanted.rows)
    return list({row.id: row for row in reversed(rows)}.values())[::-1]  # a few ids come twice; the first stays


def _row(example: Example) -> Labelled:
    label = -1 if example.first_error is None else example.first_error
    return Labelled(example.id, example.problem, Solution.from_steps([s.text for s in example.steps]), label)


def read_all(model: str, adapter: Path | None, sets: Mapping[str, Sequence[Labelled]], work: Path) -> None:
    """Have a model read what it has not read yet."""
    from genverify.train.onepass import OnePass

    reader = None
    for name, rows in sets.items():
        path = work / f"{model}-{name}.jsonl"
        done = kept(path)
        with path.open("a", encoding="utf-8") as out:
            for n, row in enumerate(rows):
                if row.id in done:
                    continue
                reader = reader or OnePass(adapter=adapter)
                started = time.perf_counter()
                found = reader.read(row.problem.text, [s.text for s in row.solution.steps], most=1600)
                line = {
                    "id": row.id,
                    "readings": [[round(r.verdict, 4), [round(n, 4) for n in r.numbers]] for r in found],
                    "tokens": sum(r.tokens for r in found),
                    "wall_s": round(time.perf_counter() - started, 3),
                }
                out.write(json.dumps(line) + "\n")
                out.flush()
                print(f"{model} {name} {n + 1}/{len(rows)}", end="\r", flush=True)


def kept(path: Path) -> dict[str, Any]:
    """Return the lines of a file by their ids, without a last one that was cut off."""
    found: dict[str, Any] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            body = json.loads(line)
        except ValueError:
            continue
        found.setdefault(body["id"], body)
    return found
