"""Rows of problems to selections, refinements and search trees: on the terminal, as JSON lines, or in a file."""

import sys
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import click

from genverify import cli, cli_critic, records, wording
from genverify.cli_output import Kind, ReportFile, Row, report_file
from genverify.cli_search_show import count, name_of, plain, show_refinement, show_selection, show_tree, summary
from genverify.engines import loading as engines
from genverify.engines.base import Sampling
from genverify.errors import UsageError
from genverify.policies import EnginePolicy, Policy
from genverify.records import BadLine, Item
from genverify.search import (
    Limits,
    Plan,
    Purse,
    RefinedSelection,
    Refinement,
    SearchTree,
    Selection,
    abest_of_n,
    arefine,
    arefined_best_of_n,
    asearch,
    in_order,
)
from genverify.search.records import Pool, read_pools, refinement_line, selection_line, tree_line
from genverify.search.session import Choosing
from genverify.tools.checkers import Checkers
from genverify.types import Failure
from genverify.verifier import Verifier

DEFAULT_N: Final = 8
"""Solutions that a policy writes for a problem if nothing else is said."""
_SELECTIONS: Final = Kind(
    "row of best-of-n", frozenset({"id", "chosen", "candidates"}),
    lambda row: Row(accused=False, decided=row["chosen"] is not None),
)  # fmt: skip
_TREES: Final = Kind(
    "row of search", frozenset({"id", "strategy", "nodes", "selection"}),
    lambda row: Row(accused=False, decided=row["selection"]["chosen"] is not None),
)  # fmt: skip
_REFINEMENTS: Final = Kind(
    "row of refine", frozenset({"id", "ending", "versions"}),
    lambda row: Row(accused=row["first_error"] is not None, decided=row["best"] is not None),
)  # fmt: skip

In = TypeVar("In", Pool, Item)
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What all of these commands are told."""

    file: str
    policy: str | None
    aggregate: str | None
    seed: int
    model: str | None
    samples: int
    no_code: bool
    max_tokens: int
    temperature: float
    tokens: int | None
    seconds: float | None
    as_json: bool
    out: Path | None
    workers: int
    deadline: float

    @property
    def name(self) -> str:
        return "<stdin>" if self.file == "-" else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class BestJob(_Job):
    """What ``best-of-n`` is told."""

    n: int | None
    rounds: int | None
    no_baseline: bool
    method: str
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchJob(_Job):
    """What ``search`` is told."""

    strategy: str
    width: int
    expand: int
    max_steps: int
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefineJob(_Job):
    """What ``refine`` is told."""

    rounds: int
    mode: str


@dataclass(slots=True)
class _Table(Generic[In, Out]):
    """One run: rows go in, are worked on together, and are put out in their order."""

    job: _Job
    kind: Kind
    begin: Callable[[In], Coroutine[Any, Any, Out]]
    """Starts the work on one row."""
    line: Callable[[Out, In, str | int], str]
    """Writes a result as a line of JSON."""
    show: Callable[[Out, In], None]
    """Writes a result for people."""
    waiting: deque[In] = field(default_factory=deque)
    rows: int = 0
    kept: int = 0
    bad: int = 0
    accused: int = 0
    undecided: int = 0

    def jobs(
        self, rows: Iterable[In | BadLine], out: ReportFile | None
    ) -> Iterator[Callable[[], Coroutine[Any, Any, Out]]]:
        """Yield what is still to do; name bad rows, and skip those that the output file holds."""
        for row in rows:
            if isinstance(row, BadLine):
                self.refuse(row.message)
                continue
            done = out.take(str(name_of(row))) if out is not None else None
            if done is not None:
                self.kept += 1
                self.count(done)
                continue
            self.waiting.append(row)
            yield partial(self.begin, row)

    def put(self, result: Out | Failure, out: ReportFile | None) -> None:
        """Put out one result."""
        row = self.waiting.popleft()
        if isinstance(result, Failure):
            self.refuse(f"{self.job.name}:{row.line}: {result.what}")
            return
        line = self.line(result, row, name_of(row))
        if out is not None:
            out.append(line)
        if self.job.as_json:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()  # a reader on a pipe wants each result when it is there
        elif out is None:
            self.show(result, row)
        self.count(self.kind.read(_fields(result)))
        if self.drawn:
            click.echo(f"\r\x1b[K{self.rows} done, {len(self.waiting)} under way", nl=False, err=True)

    def count(self, row: Row) -> None:
        """Count a result for the exit code."""
        self.rows += 1
        self.accused += row.accused
        self.undecided += not row.decided

    def refuse(self, message: str) -> None:
        """Count a bad row and name it on one line of standard error."""
        self.bad += 1
        click.echo("genverify: " + wording.clean(message).replace("\n", " "), err=True)

    @property
    def drawn(self) -> bool:
        """Tell whether a line on standard error says how far the run is: where nothing else would show it."""
        return sys.stderr.isatty() and (self.job.out is not None or not sys.stdout.isatty())

    def run(self, rows: Iterable[In | BadLine], verifier: Verifier) -> None:
        """Work on all rows."""
        with ExitStack() as stack:
            out = stack.enter_context(report_file(self.job.out, kind=self.kind)) if self.job.out is not None else None
            for result in in_order(verifier, self.jobs(rows, out)):
                self.put(result, out)
        if self.drawn:
            click.echo("\r\x1b[K", nl=False, err=True)
        if self.kept:
            click.echo(f"genverify: {self.kept} of {self.rows} were in {self.job.out} already", err=True)


def _fields(result: object) -> dict[str, Any]:
    """Return what the exit code needs of a result, named as in its row."""
    if isinstance(result, Refinement):
        report = None if result.result is None else result.result.report
        return {"best": result.best, "first_error": None if report is None else report.first_error}
    if isinstance(result, SearchTree):
        return {"selection": {"chosen": result.selection.chosen}}
    return {"chosen": plain(result).chosen if isinstance(result, Selection | RefinedSelection) else None}


def run_best(job: BestJob) -> int:
    """Choose for every row of the file and return the exit code.

    Raises:
        UsageError: a name means nothing, a package is missing, or a file cannot be used.
        EngineError: a model could not be loaded.
    """
    choice: Choosing = {"method": job.method, "aggregate": job.aggregate, "seed": job.seed, "whole": job.whole}
    with ExitStack() as stack:
        verifier = _verifier(job, stack)
        policy = None if job.policy is None else _policy(job, job.policy, verifier, stack)
        purse = Purse(Limits(job.tokens, job.seconds))

        async def begin(row: Pool) -> Selection | RefinedSelection:
            n = job.n or DEFAULT_N
            if row.candidates is not None:
                return await abest_of_n(row.problem, row.candidates, verifier, job.n, purse=purse, **choice)
            if policy is None:
                raise ValueError("a row without solutions needs a policy")
            if job.rounds is None:
                return await abest_of_n(row.problem, policy, verifier, n, purse=purse, **choice)
            return await arefined_best_of_n(
                row.problem, policy, verifier, n, job.rounds, baseline=not job.no_baseline, purse=purse, **choice
            )

        tally = Counter[str]()

        def line(result: Selection | RefinedSelection, row: Pool, id: str | int) -> str:
            count(tally, result)
            beside = result if isinstance(result, RefinedSelection) else None
            return selection_line(beside.selection if beside is not None else plain(result), row, id, beside)

        table = _Table[Pool, Selection | RefinedSelection](job, _SELECTIONS, begin, line, show_selection)
        table.run(_fitting(job), verifier)
        _summarise(job, tally)
    if table.undecided:
        return cli.EXIT_UNDECIDED
    return cli.EXIT_USAGE if table.bad else cli.EXIT_CLEAN


def run_search(job: SearchJob) -> int:
    """Search for a solution to every row of the file and return the exit code.

    Raises:
        UsageError: a name means nothing, a package is missing, or a file cannot be used.
        EngineError: a model could not be loaded.
    """
    choice: Choosing = {"method": job.method, "aggregate": job.aggregate, "seed": job.seed}
    plan = Plan(width=job.width, expand=job.expand, max_steps=job.max_steps)
    with ExitStack() as stack:
        verifier = _verifier(job, stack)
        policy = _policy(job, job.policy or "", verifier, stack)
        purse = Purse(Limits(job.tokens, job.seconds))
        tally = Counter[str]()

        def begin(row: Pool) -> Coroutine[Any, Any, SearchTree]:
            return asearch(row.problem, policy, verifier, job.strategy, plan=plan, purse=purse, **choice)

        def line(made: SearchTree, row: Pool, id: str | int) -> str:
            count(tally, made)
            return tree_line(made, row, id)

        table = _Table[Pool, SearchTree](job, _TREES, begin, line, show_tree)
        table.run(_posed(job), verifier)
        _summarise(job, tally)
    if table.undecided:
        return cli.EXIT_UNDECIDED
    return cli.EXIT_USAGE if table.bad else cli.EXIT_CLEAN


def _posed(job: SearchJob) -> Iterator[Pool | BadLine]:
    """Read the rows of the file; one that has solutions is for another command."""
    for row in read_pools(job.file):
        if isinstance(row, Pool) and row.candidates is not None:
            yield BadLine(
                row.line, f"{job.name}:{row.line}: the row has solutions; search writes its own (best-of-n chooses)"
            )
        else:
            yield row


def _summarise(job: _Job, tally: Counter[str]) -> None:
    """Say what came of all problems of this run, if there were several."""
    if not job.as_json and tally["problems"] > 1:
        click.echo(summary(tally), err=job.out is not None)


def _fitting(job: BestJob) -> Iterator[Pool | BadLine]:
    """Read the rows of the file; those with which the options can do nothing are bad."""
    for row in read_pools(job.file):
        place = f"{job.name}:{row.line}"
        if isinstance(row, Pool) and row.candidates is None and job.policy is None:
            yield BadLine(row.line, f'{place}: the row has no "solutions", and no --policy is there to write them')
        elif isinstance(row, Pool) and row.candidates is not None and job.rounds is not None:
            yield BadLine(row.line, f"{place}: the row has solutions; --refine samples its own, from rows without")
        else:
            yield row


def run_refine(job: RefineJob) -> int:
    """Refine the solution of every row of the file and return the exit code.

    Raises:
        UsageError: a name means nothing, a package is missing, or a file cannot be used.
        EngineError: a model could not be loaded.
    """
    with ExitStack() as stack:
        verifier = _verifier(job, stack)
        policy = _policy(job, job.policy or "", verifier, stack)
        purse = Purse(Limits(job.tokens, job.seconds))

        def begin(row: Item) -> Coroutine[Any, Any, Refinement]:
            return arefine(
                row.problem,
                row.solution,
                policy,
                verifier,
                job.rounds,
                mode=job.mode,
                purse=purse,
                aggregate=job.aggregate,
                seed=job.seed,
            )

        table = _Table[Item, Refinement](
            job, _REFINEMENTS, begin, lambda made, row, id: refinement_line(made, id, row.extra), show_refinement
        )
        table.run(records.read_items(job.file), verifier)
    if table.accused:
        return cli.EXIT_ERROR_FOUND
    return cli.EXIT_USAGE if table.bad else cli.EXIT_CLEAN


def _verifier(job: _Job, stack: ExitStack) -> Verifier:
    tools = stack.enter_context(Checkers(job.workers, job.deadline))
    if job.model is None:
        return stack.enter_context(Verifier(tools))
    critic = cli_critic.CriticJob(job.model, job.samples, job.seed, None, not job.no_code, False, None, None)
    return stack.enter_context(cli_critic.verifier(critic, tools, progress=False))


def _policy(job: _Job, name: str, verifier: Verifier, stack: ExitStack) -> Policy:
    """Return the policy of that name; its engine is closed on the loop on which it worked."""
    sampling = Sampling(job.temperature, top_p=0.95, max_tokens=job.max_tokens, seed=job.seed)
    if name == "self":
        if verifier.critic is None:
            raise UsageError("--policy self needs --model: it writes with the critic's own engine")
        return EnginePolicy(verifier.critic.engine, sampling)
    policy = EnginePolicy(engines.load(name), sampling)
    stack.callback(lambda: verifier.run(policy.aclose()))
    return policy
