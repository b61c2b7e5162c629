"""Rows with a labelled first error, ProcessBench's and their like, to judged solutions and their figures.

A row is ``{"id", "problem", "steps", "label", ...}``, with ``label`` the first wrong step from 0 and -1 for a right
solution. Rows of gold solutions, ``{"problem", "solutions": [{"text", "correct"}]}``, count as right ones, each text
cut into steps.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from genverify.bench.metrics import Judged, Scores, scores
from genverify.errors import RecordError
from genverify.types import Failure, Outcome, Problem, Report, Solution

if TYPE_CHECKING:
    from genverify.verifier import Verifier


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled solution."""

    id: str
    problem: Problem
    solution: Solution
    label: int
    """First wrong step, counted from 0; -1 for a right solution."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """What one file came to."""

    name: str
    scores: Scores
    solutions: int
    failed: int
    """Solutions that could not be judged."""
    unlabelled: int
    """Rows left out because the place of their mistake is not known."""
    accused: tuple[str, ...] = ()
    """The ids of right solutions in which a step was called wrong."""


@dataclass(frozen=True, slots=True)
class BenchResult:
    """What all files came to, and how it was made."""

    files: tuple[FileResult, ...]
    overall: Scores
    seed: int
    versions: Mapping[str, str] = field(default_factory=dict)


def read_rows(path: Path) -> tuple[list[Labelled], int]:
    """Return the labelled solutions of ``path`` and the number of rows without a usable label.

    Raises:
        RecordError: the file cannot be read, or a row is not what its format says.
    """
    rows: list[Labelled] = []
    unlabelled = 0
    try:
        with _opened(path) as stream:
            for number, row in enumerate(_json_rows(stream, path), start=1):
                found = list(_labelled(row, f"{path}:{number}"))
                unlabelled += not found
                rows.extend(found)
    except (OSError, EOFError) as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error
    if not rows:
        raise RecordError(f"{path}: expected labelled rows, got none ({unlabelled} rows without a label)")
    return rows, unlabelled


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _json_rows(stream: IO[str], path: Path) -> Iterator[dict[str, Any]]:
    """Read JSON lines, or one JSON list as the benchmark's own files are."""
    text = stream.read()
    try:
        if text.lstrip().startswith("["):
            yield from json.loads(text)
            return
        for line in text.split("\n"):  # not at U+2028 and the like, which JSON strings may hold as they are
            if line.strip():
                yield json.loads(line)
    except ValueError as error:
        raise RecordError(f"{path}: expected JSON lines or a JSON list: {error}") from error


def _labelled(row: dict[str, Any], place: str) -> Iterator[Labelled]:
    try:
        problem = Problem(
            text=row["problem"],
            id=str(row.get("id", place)),
            premises=tuple(row.get("premises") or ()),
            premises_fol=tuple(row.get("premises_fol") or ()),
        )
        if "steps" in row:
            if row["label"] is not None and row["steps"]:
                yield Labelled(str(problem.id), problem, Solution.from_steps(row["steps"]), int(row["label"]))
            return
        for number, solution in enumerate(row["solutions"]):
            if solution.get("correct") and solution["text"].strip():
                yield Labelled(f"{problem.id}#{number}", problem, Solution.from_text(solution["text"]), -1)
    except (KeyError, TypeError, ValueError) as error:
        raise RecordError(f"{place}: expected problem, steps and label, or problem and solutions: {error!r}") from error


def run(
    paths: Sequence[Path],
    verifier: "Verifier",
    *,
    limit: int | None = None,
    seed: int = 0,
    progress: bool = False,
    misses: IO[str] | None = None,
) -> BenchResult:
    """Judge every solution of ``paths`` and score the verdicts.

    Args:
        paths: files of labelled rows.
        verifier: who judges.
        limit: judge at most this many solutions a file, the first ones; None for all.
        seed: of the bootstrap.
        progress: draw a progress line on standard error.
        misses: gets a JSON line for each wrong solution whose first error was not located.

    Raises:
        RecordError: a file is not what its format says.
    """
    results: list[FileResult] = []
    judged_all: list[Judged] = []
    for path in paths:
        rows, unlabelled = read_rows(path)
        rows = rows[:limit]
        judged: list[Judged] = []
        accused: list[str] = []
        answers = verifier.critique_many(((r.problem, r.solution) for r in rows), progress=progress)
        for row, answer in zip(rows, answers, strict=True):
            if isinstance(answer, Failure):
                continue
            one = judge(row, answer)
            judged.append(one)
            if row.label < 0 <= one.prediction:
                accused.append(row.id)
            if misses is not None and row.label >= 0 and one.prediction != row.label:
                misses.write(json.dumps(_miss(row, answer), ensure_ascii=False) + "\n")
        failed = len(rows) - len(judged)
        results.append(FileResult(path.name, scores(judged, seed=seed), len(rows), failed, unlabelled, tuple(accused)))
        judged_all.extend(judged)
    return BenchResult(tuple(results), scores(judged_all, seed=seed), seed, verifier.tools.versions())


def judge(row: Labelled, report: Report) -> Judged:
    """Count what ``report`` says of ``row``."""
    checks = [[c for c in step.checks if c.outcome is not Outcome.UNDECIDED] for step in report.steps]
    return Judged(
        label=row.label,
        prediction=-1 if report.first_error is None else report.first_error,
        steps=len(report.steps),
        decided_steps=sum(bool(c) for c in checks),
        coverage=sum(s.coverage for s in report.steps) / len(report.steps),
        claims=sum(len(s.checks) for s in report.steps),
        decided_claims=sum(map(len, checks)),
    )


def _miss(row: Labelled, report: Report) -> dict[str, Any]:
    """Return what a person needs to say why an error was not found."""
    step = report.steps[row.label] if row.label < len(report.steps) else None
    checks: Iterable[Any] = step.checks if step is not None else ()
    return {
        "id": row.id,
        "label": row.label,
        "first_error": report.first_error,
        "problem": row.problem.text,
        "step": row.solution.steps[row.label].text if step is not None else None,
        "checks": [f"{c.outcome.value}: {c.claim.statement}" for c in checks],
    }
