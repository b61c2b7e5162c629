"""The ``genverify`` command: words on the command line to reports, and reports to an exit code.

Only ``click`` is imported before a command runs, so that ``--help`` answers at once.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from genverify import __version__
from genverify.errors import GenverifyError

if TYPE_CHECKING:
    from genverify.cli_labelled import LabelledJob

EXIT_CLEAN: Final = 0
"""No error was found, and at least one claim was decided."""
EXIT_ERROR_FOUND: Final = 1
"""At least one step was found to be wrong."""
EXIT_USAGE: Final = 2
"""The command line or an input row was not understood; the good rows ran, and no step was found to be wrong."""
EXIT_UNDECIDED: Final = 3
"""Nothing could be decided in any solution."""
EXIT_INTERRUPTED: Final = 130
"""Stopped by Ctrl-C; as shells count it."""
EXIT_BROKEN_PIPE: Final = 141
"""The reader of the output went away; as shells count it."""

_EXIT_CODES: Final = """
\b
Exit codes:
  0  no error found: no step is INCORRECT, and something was decided
  1  an error found: at least one step is INCORRECT
  2  usage: bad options, or a bad input row (the other rows still run; 1 wins)
  3  undecided: no tool could decide anything in any solution
"""


_workers = click.option(
    "--workers", type=click.IntRange(1, 256), default=2, show_default=True, help="Worker processes."
)
_deadline = click.option("--deadline", type=click.FloatRange(0.05, 3600.0), default=2.0, show_default=True,
                         help="Seconds after which one check is given up (it is undecided then).")  # fmt: skip
_no_code = click.option("--no-code", is_flag=True, help="Do not run code that the model writes.")
_weights_file = click.option(
    "--weights", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Weights written by calibrate, in place of those that ship.",
)  # fmt: skip


class _ReaderGoneError(Exception):
    """Whoever read the output has closed it."""


class _InterruptedError(Exception):
    """Ctrl-C was pressed."""


class _Group(click.Group):
    """A group that leaves a broken pipe and Ctrl-C to :func:`main`; click would end both with code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_elsewhere(self)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _elsewhere(self).get(cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()  # a pipe that is gone shows here at the latest
        except BrokenPipeError as error:
            raise _ReaderGoneError from error
        except KeyboardInterrupt as error:
            raise _InterruptedError from error
        return code


def _elsewhere(group: click.Group) -> Mapping[str, click.Command]:
    """Return the commands of ``group`` that other modules define."""
    from genverify import cli_data, cli_data_label, cli_search, cli_train

    modules = (cli_data, cli_data_label, cli_search, cli_train)
    return {name: command for module in modules for name, command in module.COMMANDS.items()} if group is cli else {}


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", prog_name="genverify")
def cli() -> None:
    """Check every step of a worked solution with tools that prove things."""


@cli.command(epilog=_EXIT_CODES)
@click.argument("file", required=False, metavar="[FILE|-]")
@click.option("--problem", metavar="TEXT", help="What was asked; then FILE is a solution in plain text.")
@click.option("--solution", metavar="TEXT", help="A solution given here instead of in a FILE.")
@click.option("--json", "as_json", is_flag=True, help="One report a line on standard output, and nothing else there.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Append the reports to FILE; items that it holds already, by id or else by line, "
                   "are not run again.")  # fmt: skip
@click.option(
    "--model",
    metavar="NAME",
    help="A language model that reads along: PROTOCOL:PATH, PROTOCOL:ENGINE:PATH, ENGINE:PATH or embedded.",
)
@click.option("--samples", type=click.IntRange(1, 1024), default=1, show_default=True, help="Critiques of each step.")
@click.option("--seed", type=int, default=0, show_default=True, help="Moves all that the model draws.")
@click.option("--max-tokens", type=click.IntRange(1), metavar="N", help="Most tokens of one critique.")
@click.option("--early-exit", is_flag=True, help="Stop reading a solution at the first step found wrong.")
@_no_code
@click.option("--rule", metavar="NAME", default="log_odds", show_default=True,
              help="How critiques and checks become one verdict; genverify sweep compares the rules.")  # fmt: skip
@_weights_file
@click.option(
    "--transcript",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write down all that the model and its code said.",
)
@click.option(
    "--replay",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Answer from such a transcript in the place of the model.",
)
@_workers
@_deadline
def critique(
    file: str | None,
    problem: str | None,
    solution: str | None,
    as_json: bool,
    out: Path | None,
    model: str | None,
    samples: int,
    seed: int,
    max_tokens: int | None,
    early_exit: bool,
    no_code: bool,
    rule: str,
    weights: Path | None,
    transcript: Path | None,
    replay: Path | None,
    workers: int,
    deadline: float,
) -> int:
    """Judge every step of one or many solutions.

    FILE holds one JSON record a line, with "id" (optional), "problem", and "steps" (a list of texts) or "solution"
    (one text); - reads standard input. A FILE ending in .txt or .md is one solution in plain text.
    """
    from genverify.tools.limits import Limits
    from genverify.tools.pool import WorkerPool

    with WorkerPool(Limits(workers=workers)) as pool:
        pool.start("identity")  # SymPy loads in its own process while this one still imports and reads
        from genverify.cli_critique import Job, run

        critic = None
        if model is not None:
            from genverify.cli_critic import CriticJob

            critic = CriticJob(model, samples, seed, max_tokens, not no_code, early_exit, transcript, replay)
        elif samples > 1 or seed or max_tokens or early_exit or no_code or transcript or replay:
            raise click.UsageError(
                "--samples, --seed, --max-tokens, --early-exit, --no-code, --transcript and --replay need --model"
            )
        return run(Job(file, problem, solution, as_json, out, deadline, critic, rule, weights), pool)


# a claim may start with a minus sign, so what looks like an unknown option is one
@cli.command(epilog=_EXIT_CODES, context_settings={"ignore_unknown_options": True})
@click.argument("claims", nargs=-1, required=True, metavar="CLAIM...")
@click.option("--json", "as_json", is_flag=True, help="One check a line on standard output.")
@_deadline
def check(claims: Sequence[str], as_json: bool, deadline: float) -> int:
    r"""Decide single claims, written in words, in LaTeX or in the formal language.

    \b
    genverify check "17*24 = 418"
    genverify check '\frac{1}{2} + \frac{1}{3} = \frac{5}{6}' "20% of 150 = 30"
    """
    from genverify.cli_check import run

    return run(claims, as_json=as_json, deadline_s=deadline)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def doctor(as_json: bool) -> int:
    """Say how well code that models write can be shut in on this machine, layer by layer.

    Exit code 3 if it is not enough for such code to run.
    """
    from genverify.cli_doctor import run

    return run(as_json=as_json)


@cli.command()
@click.option("--level", type=click.Choice(["strict", "default", "weak"]), default="default", show_default=True,
              help="Isolation without which nothing is run.")  # fmt: skip
@click.option("--without", multiple=True, metavar="LAYER", help="Leave a layer out (with --level weak).")
@click.option("--only", multiple=True, metavar="NAME", help="Try this attack alone.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def selftest(level: str, without: Sequence[str], only: Sequence[str], as_json: bool) -> int:
    """Attack the sandbox with everything we know, and see whether it holds.

    Exit code 1 if an attack succeeded that is not documented, 3 if the isolation that --level asks for is not there.
    """
    from genverify.cli_selftest import run
    from genverify.tools.limits import Level

    if without and level != "weak":
        raise click.UsageError("--without needs --level weak: the other levels take no gaps")
    return run(level=Level(level), without=without, only=only, as_json=as_json)


_data = click.option(
    "--data", "data", required=True, multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE", help="Labelled rows as for bench processbench; may be given several times.",
)  # fmt: skip
_reports = click.option(
    "--reports", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Read reports from FILE, by id; what it lacks is judged and appended, so a killed run goes on.",
)  # fmt: skip
_critic = click.option("--model", metavar="NAME", help="A language model that reads along, as for critique.")
_samples = click.option(
    "--samples", type=click.IntRange(1, 1024), default=1, show_default=True, help="Critiques of each step."
)
_seed = click.option("--seed", type=int, default=0, show_default=True, help="Of the model, the split, the bootstrap.")


def _labelled(
    data: Sequence[Path],
    reports: Path | None,
    model: str | None,
    samples: int,
    seed: int,
    no_code: bool,
    workers: int,
    deadline: float,
) -> "LabelledJob":
    from genverify.cli_labelled import LabelledJob

    critic = None
    if model is not None:
        from genverify.cli_critic import CriticJob

        critic = CriticJob(model, samples, seed, None, not no_code, False, None, None)
    return LabelledJob(tuple(data), reports, workers, deadline, critic)


@cli.command()
@_data
@_reports
@_critic
@_samples
@_no_code
@_seed
@click.option("--held", type=click.FloatRange(0.05, 0.95), default=0.3, show_default=True,
              help="Share of the problems on which nothing is fitted, only measured.")  # fmt: skip
@_weights_file
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write the weights to FILE (JSON), with the record of what they were fitted on.")  # fmt: skip
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Draw the reliability diagram, before and after (.png, .svg, .pdf).")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Weights and record as one JSON object on standard output.")
@_workers
@_deadline
def calibrate(
    data: Sequence[Path],
    reports: Path | None,
    model: str | None,
    samples: int,
    no_code: bool,
    seed: int,
    held: float,
    weights: Path | None,
    out: Path | None,
    plot: Path | None,
    as_json: bool,
    workers: int,
    deadline: float,
) -> int:
    r"""Fit the weights of fusion on labelled solutions, and say how well calibrated they are on problems held back.

    
    genverify calibrate --data labelled.jsonl --reports reports.jsonl --out weights.json --plot weights.png
    genverify critique more.jsonl --weights weights.json

    A row is {"id", "problem", "steps", "label"}, with "label" the first wrong step counted from 0, or -1. Fitted are
    the base rate, the reliability of each tool by source and outcome, and how far the critic is to be believed.
    """
    from genverify.cli_calibrate import CalibrateJob, run

    labelled = _labelled(data, reports, model, samples, seed, no_code, workers, deadline)
    return run(CalibrateJob(labelled, held, seed, weights, out, plot, as_json))


@cli.command()
@_data
@_reports
@_critic
@_samples
@_no_code
@_seed
@click.option("--rule", "rules", multiple=True, metavar="NAME", default=("log_odds",), show_default=True,
              help="A rule of fusion to compare; may be given several times, all for every rule.")  # fmt: skip
@_weights_file
@click.option("--threshold", type=click.FloatRange(0.0, 1.0), default=0.5, show_default=True,
              help="Score from which on a solution is called right.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="All figures as one JSON object on standard output.")
@_workers
@_deadline
def sweep(
    data: Sequence[Path],
    reports: Path | None,
    model: str | None,
    samples: int,
    no_code: bool,
    seed: int,
    rules: Sequence[str],
    weights: Path | None,
    threshold: float,
    as_json: bool,
    workers: int,
    deadline: float,
) -> int:
    """Compare rules of fusion and ways to score a solution: which tells right solutions from wrong ones.

    Stored reports are fused anew, so many rules cost seconds, not a model's hours.
    """
    from genverify.cli_sweep import SweepJob, run
    from genverify.fusion import METHODS

    chosen = tuple(METHODS) if "all" in rules else tuple(dict.fromkeys(rules))
    unknown = [rule for rule in chosen if rule not in METHODS]
    if unknown:
        raise click.UsageError(f"--rule {unknown[0]}: expected one of {', '.join(METHODS)}, or all")
    labelled = _labelled(data, reports, model, samples, seed, no_code, workers, deadline)
    return run(SweepJob(labelled, chosen, weights, threshold, seed, as_json))


class _BenchGroup(_Group):
    """The benchmarks, whose modules are read once one of them is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from genverify.cli_bench import COMMANDS

        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from genverify.cli_bench import COMMANDS

        return COMMANDS.get(cmd_name)


@cli.group(cls=_BenchGroup)
def bench() -> None:
    """Measure against labelled data, as the authors of each benchmark do."""


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; never raises, whatever the reader or the keyboard does."""
    _never_stumble_over_characters()
    try:
        code = cli.main(args=None if args is None else list(args), prog_name="genverify", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except GenverifyError as error:
        click.echo(f"genverify: {error}", err=True)
        return EXIT_USAGE
    except (_InterruptedError, KeyboardInterrupt, click.Abort):
        click.echo("genverify: interrupted", err=True)
        return EXIT_INTERRUPTED
    except (_ReaderGoneError, BrokenPipeError):
        # Python flushes standard output once more at exit; with the pipe gone that would print a traceback
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE
    return code if isinstance(code, int) else EXIT_CLEAN


def _never_stumble_over_characters() -> None:
    """Write characters that the terminal's encoding lacks as escapes instead of failing on them."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
