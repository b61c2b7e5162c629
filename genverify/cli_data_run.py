"""What ``make-data`` is told to its folder: solutions asked for, blocks made, then records, exports and the card."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from genverify import __version__, cli
from genverify.background import Background
from genverify.cli_data import progress, status
from genverify.cli_output import Kind as RowKind
from genverify.cli_output import Row, report_file
from genverify.data import asking, blocks, running
from genverify.data.finish import CARD, Finishing, Summary, finish
from genverify.data.making import Job, Part, parts, parts_of
from genverify.data.splits import Splits
from genverify.data.values import Kind, opened
from genverify.engines import loading as engines
from genverify.engines.base import Sampling
from genverify.errors import RecordError
from genverify.search.many import in_order
from genverify.types import Failure, LabelConvention

_SOLUTIONS: Final = RowKind(
    "solution that make-data asked for", frozenset({"id", "example", "solution"}),
    lambda _row: Row(accused=False, decided=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DataJob:
    """What ``make-data`` is told; the fields are its options."""

    kind: str
    n: int | None
    seed: int
    out: Path
    solutions: Path | None
    policy: str | None
    samples: int
    max_tokens: int
    compat: str | None
    exports: tuple[str, ...]
    parquet: bool
    split: tuple[float, float, float]
    benchmarks: tuple[Path, ...]
    merge: float
    share_all_right: float | None
    convention: str
    near: float
    mask_numbers: bool
    tokenizer: Path | None
    workers: int
    deadline: float
    ray: str | None

    def made_of(self) -> dict[str, Any]:
        """Return what the records depend on, as plain JSON values: a folder holds the records of one such job."""
        job: dict[str, Any] = {"kind": self.kind, "seed": self.seed, "compat": self.compat, "genverify": __version__}
        if self.solutions is not None:
            from genverify.bench.files import sha256

            return {**job, "solutions": self.solutions.name, "sha256": sha256(self.solutions)}
        job["n"] = self.n
        if self.policy is not None:
            job |= {"policy": self.policy, "samples": self.samples, "max_tokens": self.max_tokens}
        return job


def run(job: DataJob) -> int:
    """Make the data and return the exit code."""
    about = job.made_of()
    with blocks.opened(job.out, about) as folder:
        given = _asked(job, job.policy) if job.policy is not None else job.solutions
        total, todo = (job.n or 0, parts(job.n or 0)) if given is None else _parts_of(given)
        with progress(total, "records") as advance:
            _make(job, todo, folder, advance)
        summary = _finish(job, about)
    click.echo(_said(job.out, summary))
    return cli.EXIT_CLEAN if summary.counts.kept else cli.EXIT_UNDECIDED


def _parts_of(path: Path) -> tuple[int, Iterator[Part]]:
    """Return how many solutions a file holds, and the parts of the job that labels them."""

    def lines() -> Iterator[str]:
        with path.open(encoding="utf-8", errors="replace") as stream:  # what is no UTF-8 is dropped as no JSON later
            yield from stream

    try:
        with path.open("rb") as stream:
            return sum(1 for _ in stream), parts_of(lines())
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}") from error


def _make(job: DataJob, todo: Iterator[Part], folder: blocks.Blocks, advance: Callable[[int], None]) -> None:
    """Make the blocks that are missing."""
    work = Job(Kind(job.kind), job.seed, job.compat, job.deadline)
    if job.ray is not None:
        running.run_on_ray(work, todo, folder, job.ray, report=advance)
    else:
        running.run(work, todo, folder, workers=job.workers, report=advance)


def _asked(job: DataJob, policy: str) -> Path:
    """Have a language model solve the generator's problems; what it has written before is not asked for again."""
    path = job.out / "solutions.jsonl"
    assert job.n is not None  # the command line has seen to it
    sampling = Sampling(temperature=0.5, top_p=0.95, max_tokens=job.max_tokens)  # as FoVer draws its solutions
    asked = asking.Asking(Kind(job.kind), job.n, job.seed, job.samples, sampling)
    engine = engines.load(policy)
    with (
        report_file(path, kind=_SOLUTIONS) as file, opened(job.workers) as tools, closing(Background()) as loop,
        progress(job.n * job.samples, "solutions") as advance,
    ):  # fmt: skip
        advance(len(file.done))
        for row in in_order(loop, asking.jobs(asked, engine, policy, tools, file.done.__contains__)):
            if isinstance(row, Failure):
                click.echo(f"{row.where}: {row.what}", err=True)
            else:
                file.append(json.dumps(row, ensure_ascii=False))
            advance(1)
        loop.run(engine.aclose())
    return path


def _finish(job: DataJob, about: dict[str, Any]) -> Summary:
    """Turn the blocks into what people use."""
    wanted = Finishing(
        exports=job.exports,
        parquet=job.parquet,
        splits=Splits(*job.split, seed=job.seed),
        benchmarks=job.benchmarks,
        merge=job.merge,
        share_all_right=job.share_all_right,
        compat="fover" if job.compat == "fover" else "",
        convention=LabelConvention(job.convention),
        near=job.near,
        mask_numbers=job.mask_numbers,
        seed=job.seed,
        tokenizer=job.tokenizer,
        about={**{name: str(value) for name, value in about.items() if value is not None},
               "command": shlex.join(["genverify", *sys.argv[1:]])},
    )  # fmt: skip
    with opened(job.workers) as tools, status() as show:
        return finish(job.out, wanted, tools, lambda what, done: show(f"{what}: {done}"))


def _said(folder: Path, summary: Summary) -> str:
    """Return what there is now, in a few lines."""
    counts = summary.counts
    splits = ", ".join(f"{number} {name}" for name, number in counts.examples.items()) or "none"
    lines = [
        f"{counts.kept} records of {len(counts.problems)} problems: {splits}",
        f"steps: {counts.labels[True]} right, {counts.labels[False]} wrong, {counts.labels[None]} undecided",
    ]
    if counts.dropped:
        lines.append("dropped: " + ", ".join(f"{number} {why}" for why, number in counts.dropped.most_common()))
    lines.append(f"{folder / CARD} describes them")
    return "\n".join(lines)
