"""Files of labelled solutions to those whose first error is known: what fusion is fitted on and benchmarks share."""

from dataclasses import dataclass
from pathlib import Path

from genverify.bench import formats
from genverify.errors import RecordError
from genverify.types import Problem, Solution


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled solution."""

    id: str
    problem: Problem
    solution: Solution
    label: int
    """First wrong step, counted from 0; -1 for a right solution."""


def read_rows(path: Path) -> tuple[list[Labelled], int]:
    """Return the solutions of ``path`` whose first error is known, and how many rows were left out.

    Left out are rows that cannot be used, and those with a mistake whose place is not known.

    Raises:
        RecordError: the file cannot be read, or no row is left.
    """
    rows, bad = formats.read(path)
    found = [Labelled(r.id, r.problem, r.solution, r.gold.first_error) for r in rows if r.gold.first_error is not None]
    left_out = len(bad) + len(rows) - len(found)
    if not found:
        raise RecordError(f"{path}: expected labelled rows, got none ({left_out} rows without a label)")
    return found, left_out
