"""Rows of results to a file of JSON lines that survives being killed: nothing written twice, nothing lost.

Each row is appended whole and forced to the disk before the next begins. What a kill can leave is one torn row at the
end; it is cut off when the file is opened again, and its item runs again.
"""

import json
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from genverify import journal
from genverify.errors import UsageError


@dataclass(frozen=True, slots=True)
class Row:
    """What a finished row says, as far as the exit code needs it."""

    accused: bool
    """A step was found to be wrong."""
    decided: bool
    """At least one step was decided in part."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the rows of a file are."""

    name: str
    """As it is called in messages."""
    fields: frozenset[str]
    """Fields that every row has."""
    read: Callable[[dict[str, Any]], Row]


@dataclass(slots=True)
class ReportFile:
    """An open file of results and what it holds already."""

    stream: BinaryIO
    done: dict[str, deque[Row]] = field(default_factory=dict)
    """The rows of each id, in order; an input may use one id for several rows."""
    torn: bool = False
    """True if a torn last row was cut off."""

    def take(self, id: str) -> Row | None:
        """Return the next finished row with ``id`` and count it off; None if that item is still to do."""
        rows = self.done.get(id)
        return rows.popleft() if rows else None

    def append(self, line: str) -> None:
        """Append one row, without its line feed, and wait until it is on the disk."""
        journal.append(self.stream, line)
        os.fsync(self.stream.fileno())


@contextmanager
def report_file(path: Path, option: str = "--out", kind: Kind | None = None) -> Iterator[ReportFile]:
    """Open ``path`` for appending results; it is made if it is not there.

    Args:
        path: the file.
        option: what named it.
        kind: what its rows are; None takes :data:`REPORTS`.

    Raises:
        UsageError: it cannot be written, another process is writing it, or it holds rows of another kind.
    """
    with journal.locked(path, f"{option} {path}") as stream:
        yield _read_back(ReportFile(stream), f"{option} {path}", kind or REPORTS)


def _read_back(file: ReportFile, place: str, kind: Kind) -> ReportFile:
    """Note the rows that ``file`` holds and cut off a torn last one."""
    good = 0
    size = os.fstat(file.stream.fileno()).st_size
    for number, line in enumerate(journal.lines(file.stream), start=1):
        row = _row(line, kind)
        if row is None:  # a kill tears only the end of a row, so something else wrote this one
            raise UsageError(f"{place} line {number}: not a {kind.name}; name another file")
        good += len(line)
        rows = file.done.setdefault(str(row["id"]), deque())
        rows.append(kind.read(row))
    file.torn = good < size
    return file


def _row(line: bytes, kind: Kind) -> dict[str, Any] | None:
    """Read one whole row; None if it is of another kind."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and kind.fields <= row.keys() else None


def is_decided(row: dict[str, object]) -> bool:
    """Tell whether any step of a report row has a probability, that is, whether any check decided anything."""
    steps = row.get("steps")
    return isinstance(steps, list) and any(isinstance(s, dict) and s.get("p_correct") is not None for s in steps)


REPORTS: Final = Kind(
    "genverify report",
    frozenset({"id", "first_error", "steps"}),
    lambda row: Row(accused=row["first_error"] is not None, decided=is_decided(row)),
)
"""What ``genverify critique`` writes."""
