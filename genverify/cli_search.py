"""The commands ``best-of-n``, ``search`` and ``refine``: their words; the work is in ``cli_search_run``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
STRATEGIES: Final = ("beam", "dvts", "greedy", "lookahead", "progress")
METHODS: Final = ("unrefuted", "majority", "weighted", "best", "hmr", "wrf", "unanimity")
"""Those of ``genverify.search``, written out so that ``--help`` need not import them; a test compares them."""
AGGREGATES: Final = ("product", "min", "mean", "last", "max", "mean_log_prob")

_EXIT_BEST: Final = """
\b
Examples:
  genverify best-of-n pools.jsonl --method weighted --json
  genverify best-of-n problems.jsonl --policy openai:qwen@http://localhost:8000/v1 --n 16 --refine 1

\b
Exit codes:
  0  something was chosen for every problem
  2  usage: bad options, or a bad input row (the other rows still run)
  3  nothing could be chosen for at least one problem
"""
_EXIT_SEARCH: Final = """
\b
Example:
  genverify search problems.jsonl --policy openai:qwen@http://localhost:8000/v1 --model embedded --width 4 --expand 4

\b
Exit codes:
  0  a solution was finished and chosen for every problem
  2  usage: bad options, or a bad input row (the other rows still run)
  3  for at least one problem none was
"""
_EXIT_REFINE: Final = """
\b
Exit codes:
  0  in no solution a step is found wrong in the end
  1  in at least one a step is still found wrong
  2  usage: bad options, or a bad input row (the other rows still run; 1 wins)
"""


def _options(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Join options that several commands have."""

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


_critic = _options(
    click.option("--model", metavar="NAME", help="A language model that reads along, as for critique."),
    click.option("--samples", type=click.IntRange(1, 1024), default=1, show_default=True,
                 help="Critiques of each step."),
    click.option("--no-code", is_flag=True, help="Do not run code that the model writes."),
)  # fmt: skip
_policy = _options(
    click.option("--max-tokens", type=click.IntRange(1), metavar="N", default=1024, show_default=True,
                 help="Most tokens of one draft of the policy."),
    click.option("--temperature", type=click.FloatRange(0.0), default=0.8, show_default=True,
                 help="How freely the policy draws."),
)  # fmt: skip
_budget = _options(
    click.option("--tokens", type=click.IntRange(1), metavar="N", help="Most tokens that the policy generates in all."),
    click.option("--seconds", type=click.FloatRange(0.0, min_open=True), metavar="S", help="Most seconds in all."),
)
_choice = _options(
    click.option("--aggregate", type=click.Choice(AGGREGATES),
                 help="How the steps' probabilities become a score; by default the report's own."),
    click.option("--seed", type=int, default=0, show_default=True, help="Moves all draws, ties included."),
)  # fmt: skip
_output = _options(
    click.option("--json", "as_json", is_flag=True, help="One result a line on standard output, nothing else there."),
    click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
                 help="Append the results to FILE; items that it holds already, by id or else by line, "
                      "are not run again."),
)  # fmt: skip
_tools = _options(
    click.option("--workers", type=click.IntRange(1, 256), default=2, show_default=True, help="Worker processes."),
    click.option("--deadline", type=click.FloatRange(0.05, 3600.0), default=2.0, show_default=True,
                 help="Seconds after which one check is given up (it is undecided then)."),
)  # fmt: skip


@click.command("best-of-n", epilog=_EXIT_BEST)
@click.argument("file", metavar="FILE|-")
@click.option("--policy", metavar="NAME",
              help="A language model that writes solutions where a row has none: an engine's name, or self for the "
                   "critic's own.")  # fmt: skip
@click.option("--n", type=click.IntRange(1, 4096), metavar="N",
              help="Solutions for each problem: 8 from a policy unless said, all that are given.")  # fmt: skip
@click.option("--refine", "rounds", type=click.IntRange(0, 100), metavar="ROUNDS",
              help="Sample half of N; with the other half go on from the verified steps of those with an "
                   "error.")  # fmt: skip
@click.option("--no-baseline", is_flag=True, help="With --refine: no plain best-of-N of equal budget beside it.")
@click.option("--method", type=click.Choice(METHODS), default="unrefuted", show_default=True, help="How one is chosen.")
@click.option("--whole", is_flag=True, help="Judge a whole solution as one step (a generative outcome reward model).")
@_choice
@_critic
@_policy
@_budget
@_output
@_tools
def best_of_n(**options: Any) -> int:  # noqa: ANN401 - click's own
    """Choose the best of several solutions to each problem.

    FILE holds one JSON row a line: {"id", "problem", "solutions": [{"text"}, ...], "answer"}. "steps" may stand for
    "text", and "final" gives a solution's answer where its text does not mark it; with "answer", the reference, the
    result says whether it was met. Answers vote by what they are worth, not by how they are written.
    """
    from genverify.cli_search_run import BestJob, run_best

    if options["rounds"] is None and options["no_baseline"]:
        raise click.UsageError("--no-baseline needs --refine")
    if options["policy"] is None and options["rounds"] is not None:
        raise click.UsageError("--refine needs --policy: somebody has to write the new steps")
    return run_best(BestJob(**options))


@click.command("search", epilog=_EXIT_SEARCH)
@click.argument("file", metavar="FILE|-")
@click.option("--policy", metavar="NAME", required=True,
              help="The language model that proposes steps: an engine's name, or self for the critic's.")  # fmt: skip
@click.option("--strategy", type=click.Choice(STRATEGIES), default="beam", show_default=True,
              help="What grows: the best prefixes (beam), the best of each of several trees (dvts), one path with "
                   "backtracking (greedy), a beam that looks some steps ahead (lookahead), or one that counts how much "
                   "more often a solution is finished well (progress).")  # fmt: skip
@click.option("--width", type=click.IntRange(1, 1024), default=4, show_default=True,
              help="Prefixes, or trees, that grow at once.")  # fmt: skip
@click.option("--expand", type=click.IntRange(1, 1024), default=4, show_default=True,
              help="Next steps proposed for each prefix.")  # fmt: skip
@click.option("--max-steps", type=click.IntRange(1, 1024), default=32, show_default=True,
              help="Most steps of a solution.")  # fmt: skip
@click.option("--method", type=click.Choice(METHODS), default="unrefuted", show_default=True,
              help="How one of the finished solutions is chosen.")  # fmt: skip
@_choice
@_critic
@_policy
@_budget
@_output
@_tools
def search(**options: Any) -> int:  # noqa: ANN401 - click's own
    """Search for a solution step by step: a policy proposes, the verifier values, a strategy decides what grows.

    FILE holds one JSON row a line: {"id", "problem", "answer"}; with "answer", the reference, the result says whether
    it was met. The whole tree is kept, with what became of every step.
    """
    from genverify.cli_search_run import SearchJob, run_search

    return run_search(SearchJob(**options))


@click.command("refine", epilog=_EXIT_REFINE)
@click.argument("file", metavar="FILE|-")
@click.option("--policy", metavar="NAME", required=True,
              help="The language model that writes new versions: an engine's name, or self for the critic's "
                   "own.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(0, 100), default=3, show_default=True, help="Most new versions of each.")
@click.option("--mode", type=click.Choice(["continue", "rewrite"]), default="continue", show_default=True,
              help="Go on from the verified steps, or write all anew with the critique at hand.")  # fmt: skip
@_choice
@_critic
@_policy
@_budget
@_output
@_tools
def refine(**options: Any) -> int:  # noqa: ANN401 - click's own
    """Have a policy improve solutions until no step is found wrong.

    FILE holds one JSON row a line, as for critique: {"id", "problem", "steps" or "solution", "answer"}. The best
    version is returned, never simply the last; with "answer", the reference, turns from right to wrong are recorded.
    """
    from genverify.cli_search_run import RefineJob, run_refine

    return run_refine(RefineJob(**options))


COMMANDS: Final = {"best-of-n": best_of_n, "refine": refine, "search": search}
