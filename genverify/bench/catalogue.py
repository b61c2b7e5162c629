"""The benchmarks by name: what reads their files, what scores them, which files of a data folder are theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from genverify.bench import formats, scorers, statements, step_scorers
from genverify.bench.judging import Reader
from genverify.bench.scorers import Scorer
from genverify.errors import UsageError


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark and how it is scored."""

    name: str
    title: str
    headline: str
    """The name of the figure that stands for it in a table."""
    scorer: Scorer | None
    """None: a pool, scored by selection."""
    files: tuple[str, ...]
    """Patterns of file names in a data folder."""
    read: Reader = formats.read
    groups: bool = False
    """Whether the parts that its rows name are scored one by one, too."""


BENCHMARKS: Final = (
    Benchmark("processbench", "ProcessBench: the first wrong step", "f1", scorers.located(), ("processbench_*",)),
    Benchmark("prmbench", "PRMBench: every step, nine kinds of error", "prm_score", step_scorers.PRMBENCH,
              ("prmbench*",), groups=True),
    Benchmark("prm800k", "PRM800K: is the next step right", "step_f1", step_scorers.PRM800K, ("prm800k*",)),
    Benchmark("mr-gsm8k", "MR-GSM8K: right or wrong, and where", "acc_step", scorers.META_REASONING, ("mr_gsm8k*",)),
    Benchmark("mr-ben", "MR-Ben: right or wrong, and where, by subject", "mcc", scorers.META_REASONING, ("mrben_*",)),
    Benchmark("big-bench-mistake", "BIG-Bench Mistake: where the mistake is", "accuracy", scorers.BIG_BENCH_MISTAKE,
              ("bbmistake_*",)),
    Benchmark("parc", "PARC: right steps, own and accumulated errors", "own_errors", step_scorers.PARC, ("parc_*",)),
    Benchmark("mathcheck", "MathCheck-GSM: outcome and process judging", "process_judging", scorers.MATHCHECK,
              ("mathcheck*",), groups=True),
    Benchmark("verify-cot", "Natural Program: valid and invalid chains", "average", scorers.VERIFY_COT,
              ("verify_cot*", "inferential_strategies*")),
    Benchmark("fover", "FoVer: every step on its own", "wrong_step_f1", step_scorers.STEPS, ("fover*",)),
    Benchmark("steps", "Other sets with a labelled first error", "f1", scorers.located(),
              ("game24_steps*", "gsm8k_gold*", "math500_gold*", "stepverify*", "humanevalfix*", "quixbugs*")),
    Benchmark("best-of-n", "Choice among N solutions", "unrefuted_majority", None, ("pool_*",)),
    Benchmark("logic", "Logic: does the conclusion follow", "accuracy", scorers.DECISIONS, ("logic_*",),
              read=statements.read),
    Benchmark("tables", "Arithmetic over tables, worked out rightly and not", "accuracy", scorers.DECISIONS,
              ("table_tatqa*", "table_convfinqa*"), read=statements.read),
)  # fmt: skip


def named(name: str) -> Benchmark:
    """Return the benchmark called ``name``.

    Raises:
        UsageError: there is none.
    """
    found = next((b for b in BENCHMARKS if b.name == name), None)
    if found is None:
        raise UsageError(f"no benchmark is called {name!r}; there are {', '.join(b.name for b in BENCHMARKS)}")
    return found


def files_of(benchmark: Benchmark, folder: Path) -> Sequence[Path]:
    """Return the files in ``folder``, at any depth, that belong to ``benchmark``, by name."""
    return sorted(p for pattern in benchmark.files for p in folder.rglob(pattern) if _is_data(p))


def _is_data(path: Path) -> bool:
    return path.is_file() and path.name.removesuffix(".gz").endswith((".jsonl", ".json"))
