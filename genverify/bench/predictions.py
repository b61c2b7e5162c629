"""Judged solutions to a file of JSON lines that survives being killed, and back.

The first line says what the predictions were made from and by; a run that differs in any of it is refused. Each
further line is a report with its gold labels beside it, or why there is none. What a kill can leave is one torn line at
the end; it is cut off when the file is opened again.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from genverify import journal, records
from genverify.bench.rows import Judged, Row, gold_record
from genverify.errors import RecordError, UsageError
from genverify.types import Failure, Report

Run = Mapping[str, Any]
"""What predictions depend on, as plain JSON values: the file and its hash, the model, samples, seeds, versions."""
_HEAD: Final = "predictions_of"


@dataclass(slots=True)
class PredictionFile:
    """An open file of predictions."""

    stream: BinaryIO
    done: set[str] = field(default_factory=set)
    """The ids of the solutions it holds already."""

    def append(self, row: Row, answer: Report | Failure) -> None:
        """Append what was said of ``row``; once this returns the line survives the end of the process."""
        gold = gold_record(row.gold)
        if isinstance(answer, Failure):
            line = json.dumps({"id": row.id, "gold": gold, "failed": answer.what}, ensure_ascii=False)
        else:
            line = records.report_line(answer, id=row.id, extra={"gold": gold})
        journal.append(self.stream, line)
        self.done.add(row.id)


@contextmanager
def prediction_file(path: Path, run: Run) -> Iterator[PredictionFile]:
    """Open ``path`` for the predictions of ``run``; it is made if it is not there.

    Raises:
        UsageError: it cannot be written, another process is writing it, or it holds something else.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    with journal.locked(path, str(path)) as stream:
        yield _continued(stream, path, run)


def _continued(stream: BinaryIO, path: Path, run: Run) -> PredictionFile:
    """Check the first line, note what is done and cut off a torn end."""
    file, empty = PredictionFile(stream), True
    for number, line in enumerate(journal.lines(stream)):
        record = _record(line, f"{path}:{number + 1}")
        if number == 0:
            _agree(path, record, run)
        else:
            file.done.add(str(record.get("id")))
        empty = False
    if empty:
        journal.append(stream, json.dumps({_HEAD: run}, ensure_ascii=False))
    return file


def _agree(path: Path, record: Mapping[str, Any], run: Run) -> None:
    held = record.get(_HEAD)
    if not isinstance(held, dict):
        raise UsageError(f"{path}: expected predictions of genverify bench, got something else; name another folder")
    differs = sorted(n for n in {*held, *run} if held.get(n) != run.get(n))
    if differs:
        told = ", ".join(f"{n} {held.get(n)!r} there and {run.get(n)!r} now" for n in differs[:3])
        raise UsageError(f"{path}: holds predictions of another run ({told}); name another folder with --out")


def _record(line: bytes, place: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise RecordError(f"{place}: expected a prediction, got no JSON: {error}") from error
    if not isinstance(record, dict):
        raise RecordError(f"{place}: expected a prediction, got {type(record).__name__}")
    return record


def read_records(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what the predictions in ``path`` were made from, and their records; a torn last line is left out.

    Raises:
        RecordError: it cannot be read or holds something else.
    """
    try:
        lines = path.read_bytes().split(b"\n")[:-1]  # what follows the last line feed is torn, or nothing
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}") from error
    found = [_record(line, f"{path}:{n}") for n, line in enumerate(lines, start=1)]
    if not found or not isinstance(found[0].get(_HEAD), dict):
        raise RecordError(f"{path}: expected predictions of genverify bench, got something else")
    return found[0][_HEAD], found[1:]


def judged(found: Sequence[Mapping[str, Any]], place: object = "") -> list[Judged]:
    """Return the predictions that the records hold, in order.

    Raises:
        RecordError: a record lacks a field.
    """
    try:
        return [Judged.from_record(record) for record in found]
    except (KeyError, TypeError, ValueError) as error:
        raise RecordError(f"{place}: a prediction lacks what a report has: {error!r}") from error
