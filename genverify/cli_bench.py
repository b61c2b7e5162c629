"""The ``genverify bench`` commands: benchmark files to predictions, figures, tables and plots."""

import functools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from genverify import cli
from genverify.bench.catalogue import BENCHMARKS, Benchmark
from genverify.errors import RecordError, UsageError

if TYPE_CHECKING:
    from genverify.bench.judging import Set
    from genverify.verifier import Verifier

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_files = click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
_json = click.option("--json", "as_json", is_flag=True, help="The result as one JSON object on standard output.")


@dataclass(frozen=True, slots=True)
class Judge:
    """Who judges, as the command line says it."""

    model: str | None
    samples: int
    max_tokens: int | None
    no_code: bool
    limit: int | None
    seed: int
    workers: int

    def settings(self) -> dict[str, Any]:
        """Return what predictions depend on, as plain JSON values.

        Raises:
            UsageError: an option of the model is given without one.
        """
        if self.model is None:
            if self.samples > 1 or self.max_tokens or self.no_code:
                raise UsageError("--samples, --max-tokens and --no-code need --model")
            return {"model": None}
        critic = {"samples": self.samples, "max_tokens": self.max_tokens, "code": not self.no_code, "seed": self.seed}
        return {"model": self.model, **critic}

    @contextmanager
    def verifier(self) -> Iterator["Verifier"]:
        """Give a verifier that is closed again."""
        from genverify import cli_critic
        from genverify.tools.checkers import Checkers
        from genverify.verifier import Verifier

        with Checkers(workers=self.workers) as tools:
            if self.model is None:
                with Verifier(tools) as made:
                    yield made
                return
            job = cli_critic.CriticJob(
                self.model, self.samples, self.seed, self.max_tokens, not self.no_code, False, None, None
            )
            with cli_critic.verifier(job, tools, progress=False) as made:
                yield made


def _who(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say who judges; the command gets them as ``judge``."""

    @functools.wraps(command)  # takes over the options of the command, too, which click keeps on the function
    def with_judge(**given: Any) -> int:  # noqa: ANN401 - whatever options the command has
        return command(judge=Judge(**{f.name: given.pop(f.name) for f in fields(Judge)}), **given)

    for option in reversed((
        click.option("--model", metavar="NAME", help="A critic: PROTOCOL:PATH, ENGINE:PATH or embedded."),
        click.option("--samples", type=click.IntRange(1, 1024), default=1, show_default=True,
                     help="Critiques of each step."),
        click.option("--max-tokens", type=click.IntRange(1), metavar="N", help="Most tokens of one critique."),
        click.option("--no-code", is_flag=True, help="Do not run code that the model writes."),
        click.option("--limit", type=click.IntRange(min=1), metavar="N",
                     help="Judge only the first N solutions of a file."),
        click.option("--seed", type=int, default=0, show_default=True,
                     help="Moves the bootstrap, the subsampling and all that a model draws."),
        click.option("--workers", type=click.IntRange(1, 256), default=2, show_default=True, help="Worker processes."),
    )):  # fmt: skip
        with_judge = option(with_judge)
    return with_judge


def _judged(benchmark: Benchmark, files: Sequence[Path], out: Path, verifier: "Verifier", judge: Judge) -> list["Set"]:
    from genverify.bench import judging, pools

    progress = sys.stderr.isatty()
    read = benchmark.read if benchmark.scorer is not None else pools.reader(verifier.tools)
    return [
        judging.judge(path, read, verifier, out, judge.settings(), limit=judge.limit, progress=progress)
        for path in files
    ]


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """Give ``out``, or a folder that is gone afterwards."""
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="genverify-bench-") as made:
        yield Path(made)


def _named(benchmark: Benchmark) -> click.Command:
    """Return the command that runs one benchmark."""

    @_files
    @click.option("--out", type=_FOLDER, metavar="DIR",
                  help="Keep predictions and the result in DIR; what it holds is not judged again.")  # fmt: skip
    @click.option("--misses", type=_FILE, metavar="FILE",
                  help="Write to FILE the wrong solutions whose first error was not located.")  # fmt: skip
    @click.option("--tune-on", metavar="NAME",
                  help="Choose the threshold for step probabilities on this file (no endings).")  # fmt: skip
    @_json
    @_who
    def command(
        files: Sequence[Path], out: Path | None, misses: Path | None, tune_on: str | None, as_json: bool, judge: Judge
    ) -> int:
        from genverify.bench import results, tables

        started = time.perf_counter()
        with _folder(out) as folder, judge.verifier() as verifier:
            sets = _judged(benchmark, files, folder / "predictions", verifier, judge)
            wall_s = round(time.perf_counter() - started, 3)
            result = results.result(benchmark, sets, seed=judge.seed, tune_on=tune_on, wall_s=wall_s)
            if misses is not None:
                _write_misses(misses, sets)
        if out is not None:
            results.write(out / f"{benchmark.name}.json", result)
        click.echo(json.dumps(result, ensure_ascii=False) if as_json else "\n".join(tables.lines(result)))
        return cli.EXIT_CLEAN

    words = f"{benchmark.title}.\n\nReads the authors' own files and our common form; see datasets/README.md."
    return click.command(benchmark.name, help=words)(command)


def _write_misses(path: Path, sets: Sequence["Set"]) -> None:
    """Write what a person needs to say why errors were not found.

    Raises:
        UsageError: the file cannot be written.
    """
    from genverify.bench import misses

    try:
        with path.open("w", encoding="utf-8") as stream:
            for one in sets:
                for miss in misses.misses(one):
                    stream.write(json.dumps(miss, ensure_ascii=False) + "\n")
    except OSError as error:
        raise UsageError(f"--misses {path}: {error.strerror}") from error


@click.command(name="all")
@click.argument("data", type=_FOLDER, metavar="DATA")
@click.option("--out", type=_FOLDER, metavar="DIR", required=True, help="Where predictions and results go.")
@_who
def all_(data: Path, out: Path, judge: Judge) -> int:
    """Run every benchmark that has files in the folder DATA, and print one Markdown table.

    A run that was stopped goes on where it was.
    """
    from genverify.bench import catalogue, results, tables

    found = []
    if out.resolve().is_relative_to(data.resolve()):
        raise UsageError(f"--out {out}: name a folder outside {data}, or its predictions would be taken for data")
    if not data.is_dir():
        raise UsageError(f"{data}: expected a folder of benchmark files, there is none")
    with judge.verifier() as verifier:
        for benchmark in BENCHMARKS:
            files = catalogue.files_of(benchmark, data)
            if not files:
                click.echo(f"{benchmark.name}: no files in {data}, left out", err=True)
                continue
            started = time.perf_counter()
            sets = _judged(benchmark, files, out / "predictions", verifier, judge)
            wall_s = round(time.perf_counter() - started, 3)
            result = results.result(benchmark, sets, seed=judge.seed, wall_s=wall_s)
            results.write(out / f"{benchmark.name}.json", result)
            found.append(result)
            judged = sum(part["rows"] for part in result["sets"].values())
            click.echo(f"{benchmark.name}: {judged} solutions in {len(sets)} files, {wall_s:.1f} s", err=True)
    if not found:
        raise UsageError(f"{data}: holds no file of a benchmark; genverify bench list names them")
    text = tables.markdown(found)
    (out / "table.md").write_text(text, encoding="utf-8")
    click.echo(text)
    return cli.EXIT_CLEAN


@click.command()
@click.argument("folder", type=_FOLDER, metavar="DIR")
@click.option("--no-plots", is_flag=True, help="Print the table alone.")
def show(folder: Path, no_plots: bool) -> int:
    """Print the results in DIR as a table and draw them as PNG files beside it (needs matplotlib)."""
    from genverify.bench import results, tables

    order = [benchmark.name for benchmark in BENCHMARKS]
    paths = sorted(folder.glob("*.json"), key=lambda p: (order.index(p.stem) if p.stem in order else len(order), p))
    if not paths:
        raise UsageError(f"{folder}: holds no result; genverify bench NAME FILE... --out {folder} makes one")
    found = []
    for path in paths:
        try:
            found.append(results.load(path))
        except RecordError as error:
            click.echo(f"genverify: {error}", err=True)
    scored = [r for r in found if "sets" in r]
    if scored:
        click.echo(tables.markdown(scored))
    for other in (r for r in found if "sets" not in r):
        click.echo("\n".join(tables.other(other)))
    if not no_plots:
        from genverify.bench import plots

        for path in plots.draw(found, folder):
            click.echo(f"drawn: {path}")
    return cli.EXIT_CLEAN if found else cli.EXIT_USAGE


@click.command(name="list")
def list_() -> int:
    """Name the benchmarks, what each measures, and the files of a data folder that belong to it."""
    for benchmark in BENCHMARKS:
        click.echo(f"{benchmark.name:18} {benchmark.title}\n{'':18} {', '.join(benchmark.files)}")
    return cli.EXIT_CLEAN


@click.command()
@_files
@click.option("--out", type=_FOLDER, metavar="DIR", help="Keep predictions and the result in DIR.")
@_json
@_who
def ablate(files: Sequence[Path], out: Path | None, as_json: bool, judge: Judge) -> int:
    """Say what each part adds: the critic, its code, exact arithmetic, SymPy, Z3, values linked between steps.

    Every solution is judged once (with a critic that runs code a second time without it); the parts are then left out
    of the evidence, which is fused anew.
    """
    from dataclasses import replace

    from genverify.bench import ablation, catalogue, results, tables

    benchmark = catalogue.named("steps")
    with _folder(out) as folder:
        with judge.verifier() as verifier:
            sets = _judged(benchmark, files, folder / "predictions", verifier, judge)
        without_code = None
        if judge.model is not None and not judge.no_code and ablation.ran_code(sets):
            plain = replace(judge, no_code=True)
            with plain.verifier() as verifier:
                without_code = _judged(benchmark, files, folder / "predictions_no_code", verifier, plain)
        result = ablation.result(sets, without_code, seed=judge.seed)
    if out is not None:
        results.write(out / "ablation.json", result)
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else "\n".join(tables.other(result)))
    return cli.EXIT_CLEAN


@click.command()
@click.option("--size", type=click.IntRange(1, 1_000_000), default=400, show_default=True, help="Solutions made.")
@click.option("--out", type=_FOLDER, metavar="DIR", help="Keep the solutions, the predictions and the result in DIR.")
@_json
@_who
def planted(size: int, out: Path | None, as_json: bool, judge: Judge) -> int:
    """Make solutions with one error each of known kind and place, and right ones, and see which are found.

    Nothing is downloaded; the same seed makes the same solutions.
    """
    from genverify.bench import planted as making
    from genverify.bench import results, tables

    started = time.perf_counter()
    with _folder(out) as folder, judge.verifier() as verifier:
        path = making.write(folder / f"planted-{size}-seed{judge.seed}.jsonl", making.make(size, judge.seed))
        sets = _judged(making.BENCHMARK, [path], folder / "predictions", verifier, judge)
        wall_s = round(time.perf_counter() - started, 3)
        result = results.result(making.BENCHMARK, sets, seed=judge.seed, wall_s=wall_s)
    if out is not None:
        results.write(out / "planted.json", result)
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else "\n".join(tables.lines(result)))
    return cli.EXIT_CLEAN


COMMANDS = {c.name: c for c in (*map(_named, BENCHMARKS), all_, planted, ablate, show, list_) if c.name is not None}
"""The subcommands by name."""
