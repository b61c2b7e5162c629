"""Rows to predictions: each solution is judged once, written down as it is done, and never judged twice."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genverify import records
from genverify.bench import files
from genverify.bench.predictions import prediction_file, read_records
from genverify.bench.rows import Row, Unusable
from genverify.errors import RecordError
from genverify.types import Report

if TYPE_CHECKING:
    from genverify.verifier import Verifier

Reader = Callable[[Path], tuple[list[Row], list[Unusable]]]


@dataclass(frozen=True, slots=True)
class Set:
    """One file of a benchmark, judged."""

    name: str
    """The file's name without its endings."""
    sha256: str
    rows: tuple[Row, ...]
    unusable: tuple[Unusable, ...]
    predictions: Path
    """The file that says what was said of each row."""
    run: Mapping[str, Any]
    """What the predictions were made from and by."""
    fresh: int = 0
    """How many of the rows were judged just now; the others had been judged before."""

    def records(self) -> list[dict[str, Any]]:
        """Read what was said of each row, in the order of the rows.

        Raises:
            RecordError: the predictions cannot be read, or one is missing.
        """
        by_id = {str(record["id"]): record for record in read_records(self.predictions)[1]}
        missing = next((row.id for row in self.rows if row.id not in by_id), None)
        if missing is not None:
            raise RecordError(f"{self.predictions}: expected a prediction for each row, none for {missing!r}")
        return [by_id[row.id] for row in self.rows]


def stem(path: Path) -> str:
    """Return the name of a data file without ``.jsonl``, ``.json`` and ``.gz``."""
    return path.name.removesuffix(".gz").removesuffix(".jsonl").removesuffix(".json")


def judge(
    path: Path,
    read: Reader,
    verifier: "Verifier",
    out: Path,
    settings: Mapping[str, Any],
    *,
    limit: int | None = None,
    progress: bool = False,
) -> Set:
    """Judge the rows of ``path`` that ``out`` does not hold yet, and return them all.

    Args:
        path: a file of labelled rows.
        read: turns it into rows.
        verifier: who judges.
        out: the folder for predictions; the file's name in it is the data file's.
        settings: what else the predictions depend on, such as the model; plain JSON values.
        limit: the first so many rows; None for all.
        progress: draw a progress line on standard error.

    Raises:
        RecordError: the data file cannot be used.
        UsageError: ``out`` holds predictions of another run.
    """
    from genverify import __version__

    rows, unusable = read(path)
    rows = _told_apart(rows)[:limit]
    run = {"file": path.name, "sha256": files.sha256(path), "genverify": __version__, **settings}
    target = out / f"{stem(path)}.jsonl"
    with prediction_file(target, run) as file:
        todo = [row for row in rows if row.id not in file.done]
        if progress and todo:
            print(f"{path.name}: {len(todo)} of {len(rows)} solutions to judge", file=sys.stderr, flush=True)
        if todo:
            answers = verifier.critique_many([(row.problem, row.solution) for row in todo], progress=progress)
            for row, answer in zip(todo, answers, strict=True):
                file.append(row, answer)
    return Set(stem(path), run["sha256"], tuple(rows), tuple(unusable), target, run, len(todo))


def _told_apart(rows: Sequence[Row]) -> list[Row]:
    """Give rows that share an id different ones."""
    seen: dict[str, int] = {}
    found: list[Row] = []
    for row in rows:
        seen[row.id] = seen.get(row.id, 0) + 1
        found.append(row if seen[row.id] == 1 else replace(row, id=f"{row.id}~{seen[row.id]}"))
    return found


def provenance(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what made the first report among the records, without the tools it happened to need; empty without one."""
    made: Mapping[str, Any] = next((r["provenance"] for r in found if "provenance" in r), {})
    return {name: value for name, value in made.items() if name != "tools"}


def reports(found: Sequence[Mapping[str, Any]]) -> Iterator[Report | None]:
    """Yield the records as reports again, None for a solution that could not be judged.

    Raises:
        RecordError: a record is no report.
    """
    for record in found:
        yield None if "failed" in record else records.report_from_line(json.dumps(record))
