"""Labelled files to judged solutions: reports that lie in a file are read, the rest is judged and put there."""

import hashlib
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from genverify import records, wording
from genverify.bench.processbench import Labelled, read_rows
from genverify.cli_output import ReportFile, report_file
from genverify.errors import RecordError
from genverify.records import BadLine
from genverify.tools.checkers import Checkers
from genverify.types import Failure, Report
from genverify.verifier import Verifier

if TYPE_CHECKING:
    from genverify.cli_critic import CriticJob


@dataclass(frozen=True, slots=True)
class LabelledJob:
    """What a command line says about labelled data and how they are judged."""

    data: tuple[Path, ...]
    reports: Path | None
    """Where reports are read from and put; None keeps them in memory."""
    workers: int
    deadline_s: float
    critic: "CriticJob | None" = None


@dataclass(slots=True)
class JudgedRows:
    """Labelled solutions with their reports, and what has none."""

    rows: list[tuple[Labelled, Report]] = field(default_factory=list)
    data: list[dict[str, Any]] = field(default_factory=list)
    """For each file its name, sha256, and how many rows were used, unlabelled and failed."""

    @property
    def used(self) -> int:
        """Return the number of judged solutions."""
        return len(self.rows)


def judged(job: LabelledJob) -> JudgedRows:
    """Return the labelled solutions of all files with a report on each.

    Every new report is on the disk before the next begins, so the same command goes on where a kill stopped it.

    Raises:
        RecordError: a file is not what its format says, a stored report is of another solution, or nothing is left.
        UsageError: the file for the reports cannot be used, or there is no such model.
    """
    found = JudgedRows()
    with ExitStack() as stack:
        out = stack.enter_context(report_file(job.reports, "--reports")) if job.reports is not None else None
        stored = _stored(job.reports) if job.reports is not None else {}
        verifier: Verifier | None = None
        for path in job.data:
            rows, unlabelled = read_rows(path)
            known = [_taken(row, stored, job) for row in rows]
            todo = [row for row, report in zip(rows, known, strict=True) if report is None]
            if todo and verifier is None:
                verifier = stack.enter_context(_verifier(job, stack))
            fresh = _judge(verifier, todo, path, out) if verifier is not None and todo else iter(())
            pairs = [(row, report or next(fresh)) for row, report in zip(rows, known, strict=True)]
            good = [(row, report) for row, report in pairs if isinstance(report, Report)]
            found.rows.extend(good)
            counts = {"rows": len(good), "unlabelled": unlabelled, "failed": len(rows) - len(good)}
            found.data.append({"file": path.name, "sha256": _sha256(path), **counts})
    if not found.rows:
        raise RecordError(f"{', '.join(map(str, job.data))}: no labelled solution could be judged")
    return found


def _stored(path: Path) -> dict[str, deque[Report]]:
    """Return the reports of a file by id, in their order: several files may use one id."""
    stored: dict[str, deque[Report]] = {}
    for row in records.read_reports(path):
        if isinstance(row, BadLine):
            raise RecordError(row.message)
        stored.setdefault(str(row.id), deque()).append(row.report)
    return stored


def _taken(row: Labelled, stored: dict[str, deque[Report]], job: LabelledJob) -> Report | None:
    """Take the next stored report on a solution; None if there is none."""
    waiting = stored.get(row.id)
    if not waiting:
        return None
    report = waiting.popleft()
    if len(report.steps) != len(row.solution.steps):
        raise RecordError(
            f"{job.reports}: the report with id {row.id!r} has {len(report.steps)} steps, the solution of that id "
            f"{len(row.solution.steps)}; these are reports on other data"
        )
    if job.critic is not None and report.provenance.protocol is None:
        raise RecordError(
            f"{job.reports}: the report with id {row.id!r} was made by tools alone, and --model asks for a critic; "
            "name another file"
        )
    return report


def _verifier(job: LabelledJob, stack: ExitStack) -> AbstractContextManager[Verifier]:
    tools = stack.enter_context(Checkers(workers=job.workers, deadline_s=job.deadline_s))
    if job.critic is None:
        return Verifier(tools)
    from genverify import cli_critic

    return cli_critic.verifier(job.critic, tools, progress=sys.stderr.isatty())


def _judge(
    verifier: Verifier, rows: Sequence[Labelled], path: Path, out: ReportFile | None
) -> Iterator[Report | Failure]:
    """Judge what has no report yet; what cannot be judged is named, and the rest goes on."""
    progress = sys.stderr.isatty() and verifier.critic is None  # a critic has a line of its own
    answers = verifier.critique_many([(row.problem, row.solution) for row in rows], progress=progress)
    for row, answer in zip(rows, answers, strict=True):
        if isinstance(answer, Failure):
            click.echo(f"genverify: {path}: {wording.clean(f'{row.id}: {answer.what}')}", err=True)
        elif out is not None:
            out.append(records.report_line(answer, id=row.id, extra={"label": row.label}))
        yield answer


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
