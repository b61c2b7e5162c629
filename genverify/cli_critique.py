"""Rows of problems and solutions to reports: on the terminal, as JSON lines, or appended to a file."""

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from genverify import cli, records, wording
from genverify.cli_output import ReportFile, Row, report_file
from genverify.errors import UsageError
from genverify.fusion import DEFAULT_WEIGHTS, read_weights
from genverify.records import BadLine, Item
from genverify.tools.checkers import Checkers
from genverify.tools.pool import WorkerPool
from genverify.types import Failure, Label, Problem, Provenance, Report, Solution
from genverify.verifier import Verifier

if TYPE_CHECKING:
    from genverify.cli_critic import CriticJob

PLAIN_SUFFIXES = frozenset({".txt", ".md"})
"""Files that hold one solution in plain text."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the command line asks for."""

    file: str | None
    problem: str | None
    solution: str | None
    as_json: bool
    out: Path | None
    deadline_s: float
    critic: "CriticJob | None" = None
    """The language model that reads along; None: tools alone."""
    rule: str = "log_odds"
    """The rule of fusion."""
    weights: Path | None = None
    """A weights file; None takes the weights that ship."""


@dataclass(slots=True)
class _Tally:
    """What came out of all rows."""

    reports: int = 0
    accused: int = 0
    decided: int = 0
    bad: int = 0
    kept: int = 0
    """Rows that the output file held already."""

    def count(self, row: Row) -> None:
        self.reports += 1
        self.accused += row.accused
        self.decided += row.decided

    def exit_code(self) -> int:
        if self.accused:
            return cli.EXIT_ERROR_FOUND
        if self.bad:
            return cli.EXIT_USAGE
        return cli.EXIT_CLEAN if self.decided else cli.EXIT_UNDECIDED


@dataclass(slots=True)
class _Run:
    """One run: rows go in, are critiqued a few at a time, and are put out in their order."""

    job: Job
    tally: _Tally = field(default_factory=_Tally)
    waiting: deque[Item] = field(default_factory=deque)
    """Rows handed to the verifier whose reports have not come back."""

    def items(self, rows: Iterable[Item | BadLine], out: ReportFile | None) -> Iterator[tuple[Problem, Solution]]:
        """Yield what is still to do; name bad rows, and skip those that the output file holds."""
        for row in rows:
            if isinstance(row, BadLine):
                self.refuse(row.message)
                continue
            done = out.take(_id(row)) if out is not None else None
            if done is not None:
                self.tally.count(done)
                self.tally.kept += 1
                continue
            self.waiting.append(row)
            yield row.problem, row.solution

    def refuse(self, message: str) -> None:
        """Count a bad row and name it on one line of standard error."""
        self.tally.bad += 1
        click.echo("genverify: " + wording.clean(message).replace("\n", " "), err=True)

    def show(self, result: Report | Failure, out: ReportFile | None) -> None:
        """Put out one result."""
        item = self.waiting.popleft()
        if isinstance(result, Failure):
            self.refuse(f"{_name(self.job)}:{item.line}: {result.what}")
            return
        if self.job.as_json or out is not None:
            line = self.line(result, item)
            if line is None:
                return
            if out is not None:
                out.append(line)
            if self.job.as_json:
                sys.stdout.write(line + "\n")
                sys.stdout.flush()  # a reader on a pipe wants each report when it is there
        else:
            self.print(result, item)
        decided = any(s.p_correct is not None for s in result.steps)
        accused = any(s.label is Label.INCORRECT for s in result.steps)
        self.tally.count(Row(accused=accused, decided=decided))

    def line(self, report: Report, item: Item) -> str | None:
        """Return the report as a line of JSON; None, with the row named as bad, if its own fields cannot be written."""
        try:
            return records.report_line(report, id=item.id if item.id is not None else _id(item), extra=item.extra)
        except ValueError as error:  # a number beyond JSON, such as 1e999 or NaN, among the fields that are kept
            self.refuse(f"{_name(self.job)}:{item.line}: its other fields cannot be written as JSON: {error}")
            return None

    def print(self, report: Report, item: Item) -> None:
        from genverify.render.terminal import Terminal, print_report

        print_report(Terminal(), report, replace(item.problem, id=_id(item)), item.solution)

    def summarise(self) -> None:
        """Say on one line how many solutions had an error, where that is not plain to see."""
        tally, job = self.tally, self.job
        if tally.kept:
            click.echo(f"genverify: {tally.kept} of {tally.reports} were in {job.out} already", err=True)
        if job.as_json or (job.out is None and tally.reports < 2):
            return
        clean = tally.decided - tally.accused
        parts = [f"{tally.accused} with an error", f"{clean} without", f"{tally.reports - tally.decided} undecided"]
        if tally.bad:
            parts.append(f"{tally.bad} bad row{'s' * (tally.bad != 1)}")
        noun = "solution" if tally.reports == 1 else "solutions"
        click.echo(f"{tally.reports} {noun}: {', '.join(parts)}", err=job.out is not None)


def run(job: Job, pool: WorkerPool) -> int:
    """Critique every row with the workers of ``pool``, which stays the caller's, and return the exit code.

    Raises:
        UsageError: there is nothing to read, or the output file cannot be used.
    """
    this = _Run(job)
    with ExitStack() as stack:
        out = stack.enter_context(report_file(job.out)) if job.out is not None else None
        rows = _rows(job)
        tools = stack.enter_context(Checkers(deadline_s=job.deadline_s, pool=pool))
        Thread(target=_load_output, args=(job,), daemon=True).start()
        progress = sys.stderr.isatty() and (out is not None or (job.as_json and not sys.stdout.isatty()))
        verifier = stack.enter_context(_verifier(job, tools, progress=progress))
        progress = progress and job.critic is None  # a critic has a line of its own
        for result in verifier.critique_many(this.items(rows, out), progress=progress):
            this.show(result, out)
    this.summarise()
    return this.tally.exit_code()


def _verifier(job: Job, tools: Checkers, *, progress: bool) -> AbstractContextManager[Verifier]:
    weights = read_weights(job.weights) if job.weights is not None else DEFAULT_WEIGHTS
    if job.critic is None:
        return Verifier(tools, rule=job.rule, weights=weights)
    from genverify import cli_critic

    return cli_critic.verifier(job.critic, tools, progress=progress, rule=job.rule, weights=weights)


def _load_output(job: Job) -> None:
    """Load what writing a report needs, which takes as long as the first checks do."""
    if job.as_json or job.out is not None:
        records.report_line(Report((), None, Provenance("")))
    else:
        import genverify.render.terminal  # noqa: F401


def _id(item: Item) -> str:
    """Return the item's own id, or one made from its line, which stays the same when a run is taken up again."""
    return str(item.id) if item.id is not None else f"line-{item.line}"


def _name(job: Job) -> str:
    return "<stdin>" if job.file == "-" else job.file or "--solution"


def _rows(job: Job) -> Iterable[Item | BadLine]:
    """Return the rows that the command line names.

    Raises:
        UsageError: it names nothing, or too much, or a text that cannot be read.
    """
    if (job.file is None) == (job.solution is None):
        got = "neither" if job.file is None else "both"
        raise UsageError(f"critique needs a FILE (- is standard input) or --solution TEXT, got {got}; see --help")
    if job.file is None:
        return [_plain(job, job.solution or "", "solution")]
    if job.problem is not None or Path(job.file).suffix in PLAIN_SUFFIXES:
        return [_plain(job, _text(job), Path(_name(job)).stem.strip("<>"))]
    return records.read_items(job.file)


def _plain(job: Job, text: str, id: str) -> Item:
    if not text.strip():
        raise UsageError(f"{_name(job)}: the solution holds no step, only white space")
    return Item(Problem(job.problem or "", id=id), Solution.from_text(text, id=id), id, line=1)


def _text(job: Job) -> str:
    """Return the plain text of the file.

    Raises:
        UsageError: it cannot be read, is too long, or is no text.
    """
    limit = records.MAX_LINE_BYTES
    try:
        if job.file == "-":
            raw = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(job.file or "").open("rb") as stream:
                raw = stream.read(limit + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{_name(job)}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        byte = f"0x{error.object[error.start]:02x}"
        raise UsageError(f"{_name(job)}: expected UTF-8 text, got byte {byte} at {error.start}") from error
    if len(raw) > limit or "\0" in text:
        why = f"more than {limit} bytes" if len(raw) > limit else f"a NUL character at {text.index(chr(0))}"
        raise UsageError(f"{_name(job)}: expected the text of one solution, got {why}")
    return text
