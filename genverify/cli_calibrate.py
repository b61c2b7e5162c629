"""Judged solutions with labels to fitted weights: a table and figures on the terminal, a weights file, a plot."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from genverify import __version__, cli
from genverify.calibration import Calibration, LabelledStep, calibrate, labelled_steps, split
from genverify.calibration.metrics import Figure, Quality
from genverify.calibration.packages import need
from genverify.cli_labelled import JudgedRows, LabelledJob, judged
from genverify.errors import RecordError, UsageError
from genverify.fusion import DEFAULT_WEIGHTS, Weights, read_weights, write_weights


@dataclass(frozen=True, slots=True)
class CalibrateJob:
    """What the command line asks for."""

    labelled: LabelledJob
    held: float
    """Share in (0, 1) of the problems that is held back."""
    seed: int
    start: Path | None
    """The weights to begin with; None: those that ship."""
    out: Path | None
    plot: Path | None
    as_json: bool


def run(job: CalibrateJob) -> int:
    """Judge, fit, measure, and write what was asked for; returns the exit code.

    Raises:
        RecordError: the data are not what they should be, too few, or of one class.
        UsageError: a package is missing, or a file cannot be written.
    """
    need("numpy", "sklearn", *(["matplotlib"] if job.plot is not None else []))
    for path in (job.out, job.plot):
        _writable(path)
    start = DEFAULT_WEIGHTS if job.start is None else read_weights(job.start)
    rows = judged(job.labelled)
    fit, held = split(_steps(rows), job.held, job.seed)
    found = calibrate(fit, held, start=start, seed=job.seed)
    weights = replace(found.weights, record=record(found, rows, job))
    _write(job, weights, found)
    if job.as_json:
        click.echo(json.dumps(asdict(weights), ensure_ascii=False))
    else:
        click.echo("\n".join(lines(found, job)))
    return cli.EXIT_CLEAN


def _writable(path: Path | None) -> None:
    """Find out before hours of judging, not after, that a file cannot be written."""
    if path is not None and not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}")


def _steps(rows: JudgedRows) -> list[LabelledStep]:
    steps: list[LabelledStep] = []
    for row, report in rows.rows:
        try:
            steps += labelled_steps(row.problem.text, row.label, report)
        except ValueError as error:
            raise RecordError(f"solution {row.id!r}: {error}") from error
    return steps


def _write(job: CalibrateJob, weights: Weights, found: Calibration) -> None:
    try:
        if job.out is not None:
            write_weights(weights, job.out)
        if job.plot is not None:
            from genverify.calibration.plot import plot

            plot(found, job.plot)
    except (OSError, ValueError) as error:  # ValueError: a suffix that matplotlib cannot write
        raise UsageError(f"the result cannot be written: {error}") from error


def record(found: Calibration, rows: JudgedRows, job: CalibrateJob) -> dict[str, Any]:
    """Return what the weights were fitted on and how well they do, as plain JSON values."""
    from importlib.metadata import version

    made = Counter((r.provenance.engine, r.provenance.protocol, r.provenance.genverify) for _, r in rows.rows)
    versions = rows.rows[0][1].provenance.versions
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "genverify": __version__,
        "versions": {**versions, "scikit-learn": version("scikit-learn")},
        "data": rows.data,
        "reports": [
            {"engine": engine, "protocol": protocol, "genverify": by, "rows": count}
            for (engine, protocol, by), count in made.items()
        ],
        "labels": "steps up to and including the first error; later ones have no label and are left out",
        "seed": job.seed,
        "held": job.held,
        "fitted": {"steps": found.fitted_steps, "problems": found.fitted_problems},
        "weights": [asdict(kind) for kind in found.kinds],
        "held_out": {
            "steps": found.held_steps,
            "problems": found.held_problems,
            "before": _plain(found.before),
            "after": _plain(found.after),
            "critic_alone": None if found.critic is None else _plain(found.critic),
            "after_where_the_critic_read": None if found.after_read is None else _plain(found.after_read),
        },
    }


def _plain(quality: Quality) -> dict[str, Any]:
    figures = {name: getattr(quality, name) for name in ("ece", "brier", "auroc")}
    return {"steps": quality.count, "right": quality.right, **{name: _rounded(f) for name, f in figures.items()}}


def _rounded(figure: Figure) -> dict[str, Any]:
    return {name: None if x is None else round(x, 4) for name, x in asdict(figure).items()}


def lines(found: Calibration, job: CalibrateJob) -> Iterator[str]:
    """Return the table of weights and the figures."""
    yield (
        f"fitted on {found.fitted_steps} steps of {found.fitted_problems} problems, "
        f"held back {found.held_steps} steps of {found.held_problems} (seed {job.seed})"
    )
    yield ""
    yield f"  {'in log-odds':<28}{'steps':>7}{'right':>8}{'before':>9}{'after':>8}"
    for kind in found.kinds:
        share = f"{100 * kind.right / kind.steps:.1f} %" if kind.steps else "-"
        yield f"  {kind.name:<28}{kind.steps:>7}{share:>8}{kind.before:>9.2f}{kind.after:>8.2f}  {kind.note}"
    yield ""
    yield f"  {'held-back steps':<28}{'steps':>7}{'right':>8}   {'ECE':<21}{'Brier':<21}{'AUROC':<21}".rstrip()
    rows = (
        ("before", found.before),
        ("after", found.after),
        ("critic alone", found.critic),
        ("after, where it read", found.after_read),
    )
    for name, quality in rows:
        if quality is not None:
            yield f"  {name:<28}{_quality(quality)}"
    yield "brackets: 95 % bootstrap intervals over problems"
    for path in (job.out, job.plot):
        if path is not None:
            yield f"written to {path}"


def _quality(quality: Quality) -> str:
    share = f"{100 * quality.right / quality.count:.1f} %" if quality.count else "-"
    figures = "".join(f"{shown(f):<21}" for f in (quality.ece, quality.brier, quality.auroc))
    return f"{quality.count:>7}{share:>8}   {figures}".rstrip()


def shown(figure: Figure) -> str:
    """Return a figure with its interval; a dash where it is not defined."""
    if figure.value is None:
        return "-"
    interval = "" if figure.low is None or figure.high is None else f" [{figure.low:.3f}, {figure.high:.3f}]"
    return f"{figure.value:.3f}{interval}"
