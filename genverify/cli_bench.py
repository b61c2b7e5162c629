"""Labelled files to figures on the terminal or as JSON, each with its denominator."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import click

from genverify import cli
from genverify.bench import processbench
from genverify.bench.metrics import Scores, Share
from genverify.bench.processbench import BenchResult, FileResult
from genverify.errors import UsageError
from genverify.tools.checkers import Checkers
from genverify.verifier import Verifier


def run(
    paths: Sequence[Path],
    *,
    limit: int | None,
    seed: int,
    as_json: bool,
    workers: int,
    misses: Path | None,
) -> int:
    """Judge the labelled solutions of ``paths``, print the figures, and return the exit code.

    Raises:
        UsageError: the file for the misses cannot be written.
        RecordError: a file is not what its format says.
    """
    with ExitStack() as stack:
        tools = stack.enter_context(Checkers(workers=workers))
        verifier = stack.enter_context(Verifier(tools))
        try:
            stream = stack.enter_context(misses.open("w", encoding="utf-8")) if misses is not None else None
        except OSError as error:
            raise UsageError(f"--misses {misses}: {error.strerror}") from error
        result = processbench.run(paths, verifier, limit=limit, seed=seed, progress=sys.stderr.isatty(), misses=stream)
    if as_json:
        click.echo(json.dumps(_plain(result), ensure_ascii=False))
    else:
        click.echo("\n".join(lines(result)))
    return cli.EXIT_CLEAN


def lines(result: BenchResult) -> Iterator[str]:
    """Return the figures of every file, and of all together where there are several."""
    for file in result.files:
        yield from _file(file)
    if len(result.files) > 1:
        yield f"all {len(result.files)} files"
        yield from _figures(result.overall)
        both = [f.scores.f1 for f in result.files if f.scores.found.total and f.scores.left_alone.total]
        if both:  # what ProcessBench's authors report as the average
            yield f"  {f'mean of the F1 of {len(both)} files':<39}{100 * sum(both) / len(both):>6.1f}"
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    yield f"brackets: 95 % bootstrap intervals over solutions, seed {result.seed}; {versions}"


def _file(file: FileResult) -> Iterator[str]:
    scores = file.scores
    left_out = f"; {file.unlabelled} rows without a usable label left out" if file.unlabelled else ""
    yield f"{file.name}: {file.solutions} solutions, {file.failed} failed{left_out}"
    yield from _figures(scores)
    if file.accused:
        shown = ", ".join(file.accused[:10])
        yield f"  right solutions accused: {shown}{' ...' if len(file.accused) > 10 else ''}"
    yield ""


def _figures(scores: Scores) -> Iterator[str]:
    if scores.found.total and scores.left_alone.total:
        yield f"  {'F1':<39}{100 * scores.f1:>6.1f}    {_interval(scores.f1_low, scores.f1_high):>20}"
    for name, share in (
        ("wrong solutions: first error located", scores.found),
        ("right solutions: left alone", scores.left_alone),
        ("accusations that name the first error", scores.precision),
        ("accusations at or after it", scores.at_or_after),
        ("steps with a decided claim", scores.covered_steps),
        ("claims decided", scores.decided_claims),
    ):
        yield f"  {name:<39}{_share(share)}"
    if scores.text_coverage is not None:
        yield f"  {'text of the steps spoken for':<39}{100 * scores.text_coverage:>6.1f} %"


def _share(share: Share) -> str:
    if share.value is None:
        return f"{'-':>6}    {'0 of 0':>12}"
    counted = f"{share.hits} of {share.total}"
    return f"{100 * share.value:>6.1f} %  {counted:>12}  {_interval(share.low, share.high)}".rstrip()


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"[{100 * low:.1f}, {100 * high:.1f}]"


def _plain(result: BenchResult) -> dict[str, object]:
    """Return the figures as plain values, each share with its value beside hits and total."""
    plain = asdict(result)
    for scores in (plain["overall"], *(f["scores"] for f in plain["files"])):
        for share in scores.values():
            if isinstance(share, dict):
                share["value"] = share["hits"] / share["total"] if share["total"] else None
    return plain
