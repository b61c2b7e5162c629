"""Judged solutions to what each part of the evidence adds: the evidence is thinned out and fused anew.

Parts are added one after the other; a row of the result has its own part and all above it:

==============  ====================================================================================================
critic          the critic's probabilities, of a run in which it could not run code (if it runs code at all)
code            the critic's probabilities, of the run in which it could
exact           claims of single steps that exact arithmetic or the puzzle rules decide, in process
sympy           those that SymPy decides
z3              those that Z3 decides
linking         claims of any tool that take a value or a premise from an earlier step
model claims    claims that the critic put into formal words
==============  ====================================================================================================

Without a critic the table begins with ``exact`` and ends with ``linking``. What a tool costs is counted for the checks
of the parts present.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from genverify import claims, fusion
from genverify.bench import metrics
from genverify.bench.judging import Set, provenance, reports
from genverify.bench.metrics import Tally, share
from genverify.bench.results import SCHEMA, circumstances, known_labels
from genverify.bench.rows import Judged, Row
from genverify.bench.scorers import located
from genverify.types import Check, Label, Outcome, Report, Source, StepVerdict

Keep = Callable[[Check], bool]


def _linked(check: Check) -> bool:
    return any(step >= 0 for step in check.claim.given_steps)


def _own(check: Check) -> bool:
    return check.claim.source is Source.EXTRACTED and not _linked(check)


def _by(*tools: str) -> Keep:
    return lambda check: _own(check) and check.tool in tools


_TOOLS: Final[tuple[tuple[str, Keep], ...]] = (
    ("exact", _by("exact", "puzzle")),
    ("sympy", _by("sympy")),
    ("z3", _by("z3")),
    ("linking", lambda check: check.claim.source is Source.EXTRACTED and _linked(check)),
)
_MODEL: Final[tuple[str, Keep]] = ("model claims", lambda check: check.claim.source is Source.MODEL)


@dataclass(frozen=True, slots=True)
class Pair:
    """A solution and the report on it."""

    row: Row
    report: Report


def ran_code(sets: Sequence[Set]) -> bool:
    """Tell whether a critic ran any code."""
    return any(r.get("cost", {}).get("code_runs") for one in sets for r in one.records())


def result(sets: Sequence[Set], without_code: Sequence[Set] | None = None, *, seed: int = 0) -> dict[str, Any]:
    """Return the table of ablations as plain values.

    Args:
        sets: files that were judged with everything on.
        without_code: the same files, judged by a critic that could not run code; None if there is no such run.
        seed: of the bootstrap.
    """
    pairs, failed = _pairs(sets)
    criticised = any(step.critiques for pair in pairs for step in pair.report.steps)
    rows: list[dict[str, Any]] = []
    if without_code is not None:
        rows.append(_row("critic", _pairs(without_code)[0], [], seed))
    if criticised:
        rows.append(_row("code" if without_code is not None else "critic", pairs, [], seed))
    kept: list[Keep] = []
    for name, keep in (*_TOOLS, *([_MODEL] if criticised else [])):
        kept.append(keep)
        rows.append(_row(name, pairs, list(kept), seed))
    return {
        "schema": SCHEMA,
        "benchmark": "ablation",
        "title": "What each part adds",
        **circumstances(),
        "seed": seed,
        "made_by": provenance([r for one in sets for r in one.records()]),
        "run": {k: v for k, v in (sets[0].run if sets else {}).items() if k not in ("file", "sha256")},
        "data": {one.name: {"sha256": one.sha256, "rows": len(one.rows)} for one in sets},
        "failed": failed,
        "parts": rows,
    }


def _pairs(sets: Sequence[Set]) -> tuple[list[Pair], int]:
    found = [
        Pair(row, report)
        for one in sets
        for row, report in zip(one.rows, reports(one.records()), strict=True)
        if report is not None
    ]
    return found, sum(len(one.rows) for one in sets) - len(found)


def _row(name: str, pairs: Sequence[Pair], kept: Sequence[Keep], seed: int) -> dict[str, Any]:
    verdicts = [thinned(pair, kept) for pair in pairs]
    tallies = [_tally(pair, own) for pair, own in zip(pairs, verdicts, strict=True)]
    figures = metrics.figures(tallies, _MEASURES, seed=seed)
    checks = [c for own in verdicts for v in own for c in v.checks]
    runs = [run for own in verdicts for v in own for critique in v.critiques for run in critique.code]
    plain = {
        n: {"value": f.value, "hits": f.hits, "total": f.total, "low": f.low, "high": f.high}
        for n, f in figures.items()
    }
    return {
        "part": name,
        "figures": plain,
        "cost": {
            "tokens": sum(p.report.cost.prompt_tokens + p.report.cost.completion_tokens for p in pairs),
            "tool_s": round(sum(c.wall_s for c in checks) + sum(r.wall_s for r in runs), 3),
            "solution_s": round(sum(p.report.cost.wall_s for p in pairs), 3),
        },
    }


def thinned(pair: Pair, kept: Sequence[Keep]) -> tuple[StepVerdict, ...]:
    """Return the verdicts on a solution from its critiques and the checks that any of ``kept`` keeps."""
    found = []
    for step, verdict in zip(pair.row.solution.steps, pair.report.steps, strict=True):
        checks = [c for c in verdict.checks if any(keep(c) for keep in kept)]
        decided = [c.claim for c in checks if c.outcome is not Outcome.UNDECIDED]
        share_ = claims.coverage(step.text, decided)
        found.append(fusion.fuse_step(step.index, verdict.critiques, checks, share_))
    return tuple(found)


def _tally(pair: Pair, verdicts: Sequence[StepVerdict]) -> Tally:
    judged = Judged(
        pair.row.id,
        pair.row.gold,
        first_error=fusion.first_error(verdicts),
        labels=tuple(v.label for v in verdicts),
        p=tuple(v.p_correct for v in verdicts),
        coverage=sum(v.coverage for v in verdicts),
        decided=tuple(any(c.outcome is not Outcome.UNDECIDED for c in v.checks) for v in verdicts),
    )
    (tally,) = located().tallies([judged])
    return {**tally, **_disputes(judged, verdicts)}


def _disputes(judged: Judged, verdicts: Sequence[StepVerdict]) -> dict[str, float]:
    """Count where critic and tools both say something of a step, agree, and where the tools had their way."""
    counted = {"both": 0, "agree": 0, "overridden": 0, "overridden_known": 0, "overridden_rightly": 0}
    for verdict, right in zip(verdicts, known_labels(judged), strict=True):
        alone = fusion.fuse_step(verdict.index, verdict.critiques, (), 0.0).label
        tools = fusion.fuse_step(verdict.index, (), verdict.checks, verdict.coverage).label
        if Label.UNDECIDED in (alone, tools):
            continue
        counted["both"] += 1
        counted["agree"] += alone is tools
        if verdict.label is not alone:
            counted["overridden"] += 1
            if right is not None:
                counted["overridden_known"] += 1
                counted["overridden_rightly"] += (verdict.label is Label.CORRECT) == right
    return dict(counted)


_MEASURES: Final = (
    *located().measures,
    share("agreement", "steps both judge, and alike", "agree", "both"),
    share("override", "steps both judge where the tools had their way", "overridden", "both"),
    share("override_right", "of these with a known label: rightly", "overridden_rightly", "overridden_known"),
)
