"""The command ``make-data``: its words on the command line; the work is in ``cli_data_run``."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

KINDS: Final = ("logic", "algebra", "code", "tables")
"""Those of ``genverify.data.Kind``, written out so that ``--help`` need not import them; a test compares the two."""
EXPORTS: Final = (
    "fover", "sharegpt", "genprm", "thinkprm", "stepwise", "preference-rprm", "preference-step-dpo", "kto", "capo",
    "critic", "processbench",
)  # fmt: skip
"""Those of ``genverify.data.export``, written out for the same reason."""

_EXIT: Final = """
\b
Examples:
  genverify make-data logic --n 10000 --seed 7 --out logic-10k --export fover --export sharegpt
  genverify make-data algebra --n 1000 --out algebra --decontaminate gsm8k.json --parquet
  genverify make-data logic --n 1000 --out mine --policy openai:qwen@http://localhost:8000/v1 --samples 3
  genverify make-data logic --solutions proofs.jsonl --out theirs --compat fover

\b
Exit codes:
  0  the data is there
  2  usage: bad options, a folder of another job, a file that cannot be read
  3  no record was kept
"""


@click.command("make-data", epilog=_EXIT)
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--n", type=click.IntRange(1), metavar="N", help="Records; half of them with a planted error.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed makes the same records.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", required=True,
              help="The folder; after a kill the same command goes on where it stopped.")  # fmt: skip
@click.option("--solutions", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help='Label the solutions in FILE: {"id", "problem", "steps" or "solution", ...} a line.')  # fmt: skip
@click.option("--policy", metavar="NAME",
              help="A language model that solves N generated problems, an engine's name; its solutions are "
                   "labelled.")  # fmt: skip
@click.option("--samples", type=click.IntRange(1, 1024), default=1, show_default=True,
              help="Solutions of the policy to each problem.")  # fmt: skip
@click.option("--max-tokens", type=click.IntRange(1), default=1024, show_default=True, metavar="N",
              help="Most tokens of one solution of the policy.")  # fmt: skip
@click.option("--compat", type=click.Choice(["fover"]),
              help="Label given proofs as FoVer does, its defects included; for comparison.")  # fmt: skip
@click.option("--export", "exports", type=click.Choice(EXPORTS), multiple=True, metavar="NAME",
              help=f"Write this format, too; may be repeated: {', '.join(EXPORTS)}.")  # fmt: skip
@click.option("--parquet", is_flag=True, help="Exports as Parquet beside JSON lines.")
@click.option("--split", nargs=3, type=click.FloatRange(0, 1), default=(0.9, 0.05, 0.05), show_default=True,
              help="Shares of train, validation and test; a problem is in one of them only.")  # fmt: skip
@click.option("--decontaminate", "benchmarks", type=click.Path(exists=True, path_type=Path), multiple=True,
              metavar="FILE", help="Drop what overlaps with the problems of this benchmark file; may be "
                                   "repeated.")  # fmt: skip
@click.option("--merge", type=click.FloatRange(0.0, 1.0), default=0.0, show_default=True,
              help="In exports, merge neighbouring steps with this probability; FoVer does with 0.2.")  # fmt: skip
@click.option("--share-all-right", type=click.FloatRange(0.0, 1.0), metavar="SHARE",
              help="In exports, keep only so many solutions that this share of them has no wrong step.")  # fmt: skip
@click.option("--convention", type=click.Choice(["local", "prefix", "first_error"]), default="local", show_default=True,
              help="What the labels of the export stepwise mean.")  # fmt: skip
@click.option("--near", type=click.FloatRange(0.0, 1.0, min_open=True), default=0.8, show_default=True,
              help="Drop problems whose words overlap with an earlier one's from this share on.")  # fmt: skip
@click.option("--mask-numbers", is_flag=True, help="Compare problems as if all numbers were the same.")
@click.option("--tokenizer", type=click.Path(exists=True, path_type=Path), metavar="PATH",
              help="The tokenizer, a folder or a file, that the export capo needs.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 256), default=2, show_default=True, help="Processes.")
@click.option("--deadline", type=click.FloatRange(0.05, 3600.0), default=5.0, show_default=True,
              help="Seconds after which one check is given up (its step is undecided then).")  # fmt: skip
@click.option("--ray", metavar="ADDRESS|local", help="Make the records on a Ray cluster (pip install "
                                                     "'genverify[ray]').")  # fmt: skip
def make_data(**options: Any) -> int:  # noqa: ANN401 - click's own
    """Make training data: solutions whose every step is labelled by tools.

    Problems are generated, and so are their solutions unless --solutions or --policy brings others: right ones, and
    ones with a plausible wrong step that a tool proves to be wrong. DIR gets train, validation and test records, the
    exports asked for, and CARD.md, which says what is in them and what was dropped.
    """
    if options["solutions"] is not None and (options["policy"] is not None or options["n"] is not None):
        raise click.UsageError("--solutions takes all solutions of its file: leave out --n and --policy")
    if options["solutions"] is None and options["n"] is None:
        raise click.UsageError("--n is missing: how many records?")
    if abs(sum(options["split"]) - 1) > 1e-9:
        raise click.UsageError(f"the shares of --split are 1 together, got {' '.join(map(str, options['split']))}")
    if "capo" in options["exports"] and options["tokenizer"] is None:
        raise click.UsageError("--export capo needs --tokenizer: rewards go to tokens")
    if options["compat"] is not None and options["solutions"] is None and options["policy"] is None:
        raise click.UsageError("--compat speaks of given proofs: it needs --solutions or --policy")
    from genverify.cli_data_run import DataJob, run

    return run(DataJob(**options))


@contextmanager
def progress(total: int | None, what: str) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many more are done; it draws a bar where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _more: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(what, *columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)


@contextmanager
def status() -> Iterator[Callable[[str], None]]:
    """Give a function that is told what is being done; it is shown where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _what: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as shown:
        yield shown.update


COMMANDS: Final = {"make-data": make_data}
