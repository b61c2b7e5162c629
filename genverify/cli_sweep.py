"""Judged solutions with labels to a table of rules and aggregators: which scores tell right solutions from wrong."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from genverify import cli
from genverify.calibration.metrics import Figure, Judgement, accuracy, quality
from genverify.calibration.packages import need
from genverify.cli_calibrate import shown
from genverify.cli_labelled import JudgedRows, LabelledJob, judged
from genverify.errors import RecordError
from genverify.fusion import AGGREGATORS, DEFAULT_WEIGHTS, SolutionScore, read_weights, refuse_many, score


@dataclass(frozen=True, slots=True)
class SweepJob:
    """What the command line asks for."""

    labelled: LabelledJob
    methods: tuple[str, ...]
    weights: Path | None
    threshold: float
    """In [0, 1]: a solution is called right from this score on."""
    seed: int
    as_json: bool


@dataclass(frozen=True, slots=True)
class Swept:
    """How well one aggregator of one rule tells right solutions from wrong ones."""

    method: str
    aggregator: str
    scored: int
    """Solutions with a score: the denominator of the three figures."""
    unscored: int
    """Solutions without; they count nowhere."""
    missing_steps: int
    """Steps without a probability in the scored solutions."""
    steps: int
    """All steps of the scored solutions."""
    auroc: Figure
    accuracy: Figure
    ece: Figure


def run(job: SweepJob) -> int:
    """Judge, score in every way, and print the table; returns the exit code.

    Raises:
        RecordError: the data are not what they should be, or of one class.
        UsageError: a package is missing.
    """
    need("numpy")
    weights = DEFAULT_WEIGHTS if job.weights is None else read_weights(job.weights)
    rows = judged(job.labelled)
    right = sum(row.label < 0 for row, _ in rows.rows)
    if right in (0, rows.used):
        only = "right" if right else "wrong"
        raise RecordError(f"expected right and wrong solutions, got {rows.used}, all {only}; no score can be compared")
    swept: list[Swept] = []
    seen: dict[str, list[list[float | None]]] = {}
    alike: dict[str, str] = {}
    for method in job.methods:
        try:
            fused = refuse_many([report for _, report in rows.rows], method, weights)
        except ValueError as error:
            raise RecordError(f"a stored report cannot be fused: {error}") from error
        steps = [[step.p_correct for step in report.steps] for report in fused]
        first = next((name for name, other in seen.items() if other == steps), None)
        if first is not None:
            alike[method] = first
            continue
        seen[method] = steps
        swept += [_swept(method, how, steps, rows, job) for how in AGGREGATORS]
    if job.as_json:
        click.echo(json.dumps({**_plain(swept, rows, right, job), "same_as": alike}, ensure_ascii=False))
    else:
        click.echo("\n".join([*lines(swept, rows, right, job), *_alike(alike)]))
    return cli.EXIT_CLEAN


def _swept(method: str, how: str, steps: Sequence[Sequence[float | None]], rows: JudgedRows, job: SweepJob) -> Swept:
    scores = [score(ps, how) for ps in steps]
    pairs = [(s, row) for s, (row, _) in zip(scores, rows.rows, strict=True) if s.value is not None]
    judgements = [Judgement(_share(s, how), row.label < 0, row.problem.text) for s, row in pairs]
    figures = quality(judgements, seed=job.seed)
    known = [s for s, _ in pairs]
    return Swept(
        method=method,
        aggregator=how,
        scored=len(pairs),
        unscored=len(scores) - len(pairs),
        missing_steps=sum(s.missing for s in known),
        steps=sum(s.missing + s.known for s in known),
        auroc=figures.auroc,
        accuracy=accuracy(judgements, job.threshold, seed=job.seed),
        ece=figures.ece,
    )


def _share(found: SolutionScore, how: str) -> float:
    """Return a score in [0, 1]; the mean log-probability as the geometric mean, which ranks alike."""
    value = found.value or 0.0
    return math.exp(value) if how == "mean_log_prob" else value


def lines(swept: Sequence[Swept], rows: JudgedRows, right: int, job: SweepJob) -> Iterator[str]:
    """Return the table."""
    left_out = sum(file["unlabelled"] + file["failed"] for file in rows.data)
    extra = f"; {left_out} rows without a usable label or a report left out" if left_out else ""
    yield f"{rows.used} solutions, {right} right and {rows.used - right} wrong{extra}"
    yield ""
    figures = "".join(f"{name:<22}" for name in ("AUROC", f"accuracy at {job.threshold:g}", "ECE"))
    yield f"  {'rule':<18}{'aggregator':<15}{'scored':>8}  {figures}steps missing"
    for one in swept:
        figures = "".join(f"{shown(f):<22}" for f in (one.auroc, one.accuracy, one.ece))
        missing = f"{one.missing_steps} of {one.steps}"
        yield f"  {one.method:<18}{one.aggregator:<15}{one.scored:>8}  {figures}{missing}"
    yield "brackets: 95 % bootstrap intervals over problems; a right solution has no wrong step, whatever its answer"


def _alike(alike: Mapping[str, str]) -> Iterator[str]:
    """Name the rules that came to the same probabilities as one in the table: without critiques many do."""
    for first in dict.fromkeys(alike.values()):
        yield f"the same probabilities as {first}: {', '.join(name for name, other in alike.items() if other == first)}"


def _plain(swept: Sequence[Swept], rows: JudgedRows, right: int, job: SweepJob) -> dict[str, Any]:
    return {
        "solutions": rows.used,
        "right": right,
        "data": rows.data,
        "threshold": job.threshold,
        "seed": job.seed,
        "scores": [asdict(one) for one in swept],
    }
