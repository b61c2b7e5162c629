"""The command ``label``: solutions with a reference answer to examples whose steps are labelled by rollouts."""

import asyncio
import sys
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from genverify.errors import GenverifyError, UsageError

if TYPE_CHECKING:
    from genverify.cli_output import Kind, ReportFile, Row
    from genverify.data import Example
    from genverify.data.rollouts.examples import Labeller
    from genverify.policies import EnginePolicy
    from genverify.records import BadLine, Item
    from genverify.tools.checkers import Checkers

METHODS: Final = ("math-shepherd", "math-shepherd-soft", "omegaprm", "rpe", "pav", "unprm")
"""Those of ``genverify.data.rollouts.examples``, written out so that ``--help`` need not import them."""
ADAPTIVE: Final = ("math-shepherd", "omegaprm", "unprm")
ORDERS: Final = ("driven", "delta", "binary", "adaptive")
KINDS: Final = ("logic", "algebra", "code", "tables")

_EXIT: Final = """
\b
Examples:
  genverify label solutions.jsonl --policy openai:qwen@http://localhost:8000/v1 --method omegaprm --out labels.jsonl
  genverify label solutions.jsonl --policy embedded --method math-shepherd --k 16 --adaptive --out labels.jsonl

\b
Exit codes:
  0  every solution has labels
  2  usage: bad options, or a row that could not be labelled (the other rows are)
  3  of at least one solution no step could be labelled (3 wins)
"""


@click.command("label", epilog=_EXIT)
@click.argument("file", metavar="FILE|-")
@click.option("--policy", metavar="NAME", required=True,
              help="The language model that completes first steps, an engine's name.")  # fmt: skip
@click.option("--method", type=click.Choice(METHODS), required=True, help="How completions become labels.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", required=True,
              help="Append the examples to FILE; those that it holds already are not labelled again.")  # fmt: skip
@click.option("--k", type=click.IntRange(1, 4096), default=8, show_default=True, help="Most completions of one prefix.")
@click.option("--adaptive", is_flag=True,
              help="Stop drawing from a prefix once a Wilson interval excludes the threshold of the "
                   f"method ({', '.join(ADAPTIVE)}); unprm leaves open what it never excludes.")  # fmt: skip
@click.option("--z", type=click.FloatRange(0.0, 10.0, min_open=True), default=1.96, show_default=True,
              help="With --adaptive: normal quantile of that interval.")  # fmt: skip
@click.option("--epsilon", type=click.FloatRange(0.0, 1.0, min_open=True), default=0.8, show_default=True,
              help="rpe: least relative progress of a right step.")  # fmt: skip
@click.option("--order", type=click.Choice(ORDERS), default="driven", show_default=True,
              help='unprm: which steps first; driven and delta read "logprobs", or ask the policy.')  # fmt: skip
@click.option("--share", type=click.FloatRange(0.0, 1.0), default=1.0, show_default=True,
              help="unprm: a prefix is wrong below this share of the rate of the problem alone.")  # fmt: skip
@click.option("--best-of", type=click.IntRange(1), default=1, show_default=True,
              help="pav: drafts from which the prover takes the best.")  # fmt: skip
@click.option("--kind", type=click.Choice(KINDS), default="algebra", show_default=True,
              help="What the problems are about.")  # fmt: skip
@click.option("--max-tokens", type=click.IntRange(1), metavar="N", default=1024, show_default=True,
              help="Most tokens of one completion.")  # fmt: skip
@click.option("--temperature", type=click.FloatRange(0.0), default=0.8, show_default=True,
              help="How freely the policy draws.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Moves all draws.")
@click.option("--in-flight", type=click.IntRange(1, 4096), default=64, show_default=True,
              help="Completions under way at once.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 256), default=2, show_default=True, help="Worker processes.")
@click.option("--deadline", type=click.FloatRange(0.05, 3600.0), default=2.0, show_default=True,
              help="Seconds after which one comparison of answers is given up (it is undecided then).")  # fmt: skip
def label(**options: Any) -> int:  # noqa: ANN401 - click's own
    """Label the steps of solutions by how often a policy gets from them to the reference answer.

    FILE holds one JSON row a line: {"id", "problem", "answer", "steps" or "solution"}; "final" gives the solution's
    own answer where its text does not mark it. The examples have LOCAL labels: after the first error nothing is known.
    """
    if options["adaptive"] and options["method"] not in ADAPTIVE:
        raise click.UsageError(f"--adaptive: {options['method']} needs the rate itself; it draws all --k completions")
    if options["temperature"] == 0 and options["k"] > 1:
        raise click.UsageError(
            "--temperature 0 draws the same completion --k times; use --k 1 or a temperature above 0"
        )
    return _run(_Job(**options))


COMMANDS: Final = {"label": label}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What the command is told."""

    file: str
    policy: str
    method: str
    out: Path
    k: int
    adaptive: bool
    z: float
    epsilon: float
    order: str
    share: float
    best_of: int
    kind: str
    max_tokens: int
    temperature: float
    seed: int
    in_flight: int
    workers: int
    deadline: float

    @property
    def name(self) -> str:
        return "<stdin>" if self.file == "-" else self.file

    def labeller(self, policy: "EnginePolicy", checkers: "Checkers") -> "Labeller":
        from genverify.data import Kind
        from genverify.data.rollouts import Effort
        from genverify.data.rollouts.examples import Labeller, Method

        effort = Effort(self.k, self.z if self.adaptive else None)
        method = Method(self.method, effort, self.order, self.epsilon, self.share, self.best_of)
        settings = (
            f"seed={self.seed} temperature={self.temperature:g} max_tokens={self.max_tokens} policy={self.policy}"
        )
        maker = "file:" + ("stdin" if self.file == "-" else Path(self.file).name)
        return Labeller(policy, method, checkers, settings=settings, kind=Kind(self.kind), maker=maker,
                        in_flight=self.in_flight)  # fmt: skip


def _run(job: _Job) -> int:
    """Label every row of the file and return the exit code."""
    from genverify import records
    from genverify.cli_output import report_file
    from genverify.engines import loading as engines
    from genverify.engines.base import Sampling
    from genverify.policies import EnginePolicy
    from genverify.tools.checkers import Checkers

    sampling = Sampling(job.temperature, top_p=0.95, max_tokens=job.max_tokens, seed=job.seed)
    policy = EnginePolicy(engines.load(job.policy), sampling)
    with Checkers(job.workers, job.deadline) as checkers:
        labeller = job.labeller(policy, checkers)
        with report_file(job.out, kind=_rows(job, labeller.settings)) as out:
            table = _Table(job, labeller, out)
            asyncio.run(table.run(records.read_items(job.file), policy))
    table.summarise()
    return table.code


def _rows(job: _Job, settings: str) -> "Kind":
    """Return how the rows of the output file are read back; labels of other settings are not mixed with these."""
    from genverify.cli_output import Kind, Row

    def read(row: dict[str, Any]) -> Row:
        before = row["formal"].get("labels") if isinstance(row["formal"], dict) else None
        if before != settings:
            raise UsageError(f"--out {job.out} holds labels made with {before!r}; for {settings!r} name another file")
        labels = [step["label"] for step in row["steps"]]
        return Row(
            accused=any(label["right"] is False for label in labels),
            decided=any(label["right"] is not None or label.get("value") is not None for label in labels),
        )

    return Kind("labelled example", frozenset({"id", "kind", "maker", "steps", "formal"}), read)


class _Table:
    """One run: rows go in, are labelled together, and are put out in their order."""

    def __init__(self, job: _Job, labeller: "Labeller", out: "ReportFile") -> None:
        self.job, self.labeller, self.out = job, labeller, out
        self.rows = self.kept = self.bad = self.accused = self.undecided = 0
        self.drawn = sys.stderr.isatty()

    async def run(self, rows: "Iterator[Item | BadLine]", policy: "EnginePolicy") -> None:
        """Label all rows; the policy is closed on the loop on which it worked."""
        try:
            async with aclosing(self.results(rows)) as results:
                async for item, result in results:
                    self.put(item, result)
        finally:
            await policy.aclose()
            if self.drawn:
                click.echo("\r\x1b[K", nl=False, err=True)

    async def results(self, rows: "Iterator[Item | BadLine]") -> "AsyncGenerator[tuple[Item, Example | str], None]":
        """Yield each row that is still to do with its example, or with why there is none, in order."""
        waiting: deque[tuple[Item, asyncio.Task[Example | str]]] = deque()
        try:
            for item in self.to_do(rows):
                waiting.append((item, asyncio.create_task(self.labelled(item))))
                await asyncio.sleep(0)  # let it begin
                while waiting and (waiting[0][1].done() or len(waiting) >= self.job.in_flight):
                    yield waiting[0][0], await waiting[0][1]
                    waiting.popleft()
            while waiting:
                yield waiting[0][0], await waiting[0][1]
                waiting.popleft()
        finally:
            for _, task in waiting:
                task.cancel()
            await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)

    def to_do(self, rows: "Iterator[Item | BadLine]") -> "Iterator[Item]":
        """Yield the rows that are still to do; name bad ones, count those that the output file holds."""
        from genverify.records import BadLine

        for row in rows:
            if isinstance(row, BadLine):
                self.refuse(row.message)
            elif (done := self.out.take(_id(row))) is not None:
                self.kept += 1
                self.count(done)
            else:
                yield row

    async def labelled(self, item: "Item") -> "Example | str":
        try:
            return await self.labeller.example(item)
        except GenverifyError as error:
            return str(error)
        # The boundary of one row: whatever it holds, the others still run.
        except Exception as error:  # noqa: BLE001
            return f"{type(error).__name__}: {error}"

    def put(self, item: "Item", result: "Example | str") -> None:
        """Write one example, or name the row that has none."""
        from genverify.cli_output import Row
        from genverify.data import records

        if isinstance(result, str):
            self.refuse(f"{self.job.name}:{item.line}: {result}")
        else:
            self.out.append(records.line(result))
            known = [
                step.label for step in result.steps if step.label.right is not None or step.label.value is not None
            ]
            self.count(Row(accused=result.first_error is not None, decided=bool(known)))
        if self.drawn:
            spent = self.labeller.spent
            said = f"{self.rows} done, {spent.calls} completions, {spent.tokens} tokens, {spent.failed} failed"
            click.echo(f"\r\x1b[K{said}", nl=False, err=True)

    def count(self, row: "Row") -> None:
        """Count an example for the summary and the exit code."""
        self.rows += 1
        self.accused += row.accused
        self.undecided += not row.decided

    def refuse(self, message: str) -> None:
        """Count a bad row and name it on one line of standard error."""
        from genverify import wording

        self.bad += 1
        click.echo("genverify: " + wording.clean(message).replace("\n", " "), err=True)

    @property
    def code(self) -> int:
        """Return the exit code."""
        return 3 if self.undecided else 2 if self.bad else 0

    def summarise(self) -> None:
        """Say on standard error what came of all rows, each count with what it is counted in."""
        spent = self.labeller.spent
        parts = [f"{self.rows} solutions labelled, {self.accused} with an error, {self.undecided} without any label"]
        if self.kept:
            parts.append(f"{self.kept} of them were in {self.job.out} already")
        parts.append(f"{spent.calls} completions of {spent.tokens} tokens, {spent.failed} failed")
        if self.bad:
            parts.append(f"{self.bad} bad rows")
        click.echo(f"genverify: {'; '.join(parts)}", err=True)


def _id(item: "Item") -> str:
    """Return the row's own id, or one made from its line, which stays the same when a run is taken up again."""
    return str(item.id) if item.id is not None else f"line-{item.line}"
