"""The figures of the benchmarks that label every step, or ask for one, as their authors compute them.

What ``scorers`` says of undecided and failed solutions holds here, too: a step that was not called wrong counts as
called right, and a solution that could not be judged has no steps to count.
"""

from collections.abc import Sequence
from math import fsum
from typing import Final

from genverify.bench.metrics import Measure, Sums, Tally, f1, share
from genverify.bench.rows import Judged
from genverify.bench.scorers import EVERY, Scorer, common
from genverify.types import Label

ORIGINAL: Final = "correct"
"""The group of PRMBench's rows that are the unchanged solutions."""


def wrong_steps(row: Judged) -> tuple[bool, ...]:
    """Return for each step whether it was called INCORRECT."""
    return tuple(label is Label.INCORRECT for label in row.labels)


def _table(row: Judged) -> dict[str, float]:
    """Count a row's labelled steps as PRMBench does: positive is a right step, not found wrong is called right."""
    wrong = wrong_steps(row) if row.labels else ()
    counted = {"tp": 0, "fp": 0, "tn": 0, "fn": 0, "first": 0, "first_hit": 0}
    first = next((i for i, ok in enumerate(row.gold.right) if ok is False), None)
    for place, (ok, accused) in enumerate(zip(row.gold.right, wrong, strict=False)):
        if ok is None:
            continue
        counted[("fn" if accused else "tp") if ok else ("tn" if accused else "fp")] += 1
        if place == first:
            counted["first"], counted["first_hit"] = 1, int(accused)
    return dict(counted)


def _prmbench(rows: Sequence[Judged]) -> list[Tally]:
    originals: dict[str, list[float]] = {}
    for row in rows:
        if row.gold.group == ORIGINAL and row.labels:
            originals.setdefault(row.gold.pair, []).append(_called_right(row))
    kept = {pair: fsum(shares) / len(shares) for pair, shares in originals.items()}  # a problem should have one
    tallies: list[Tally] = []
    for row in rows:
        original = kept.get(row.gold.pair)
        tally = {**common(row, row.prediction), **_table(row)}
        if original and row.labels and row.gold.group != ORIGINAL:  # 0 is left out, too, as by the authors
            tally |= {"pairs": 1, "difference": abs(_called_right(row) - original)}
        tallies.append(tally)
    return tallies


def _called_right(row: Judged) -> float:
    return 1.0 - sum(wrong_steps(row)) / len(row.labels)


def positive_f1(sums: Sums) -> float:
    """Return the F1 of right steps."""
    tp = sums.get("tp", 0)
    return f1(tp, tp + sums.get("fp", 0), tp + sums.get("fn", 0))


def negative_f1(sums: Sums) -> float:
    """Return the F1 of wrong steps."""
    tn = sums.get("tn", 0)
    return f1(tn, tn + sums.get("fn", 0), tn + sums.get("fp", 0))


PRMBENCH: Final = Scorer(
    _prmbench,
    (
        Measure("prm_score", "PRMScore", lambda s: 0.5 * positive_f1(s) + 0.5 * negative_f1(s), "solutions"),
        Measure("f1", "F1 of right steps", positive_f1, "solutions"),
        Measure("negative_f1", "F1 of wrong steps", negative_f1, "solutions"),
        share("first_error_acc", "first wrong step called wrong", "first_hit", "first"),
        share("similarity", "mean |right steps here - in the original|", "difference", "pairs"),
        *EVERY,
    ),
)
"""PRMScore = (F1 + negative F1) / 2 over the steps of all rows together (Song et al. 2025, section 3.3).

For the class ``multi_solutions``, which holds no wrong step, the authors report F1 alone. Where a share has nothing to
count their code writes -1; here it is 0.
"""
PRMBENCH_ASPECTS: Final = {
    "simplicity": ("redundency", "circular"),
    "soundness": ("counterfactual", "step_contradiction", "domain_inconsistency", "confidence"),
    "sensitivity": ("missing_condition", "deception", "multi_solutions"),
}
"""The authors' three aspects and their classes, spelt as in the data."""

STEPS: Final = Scorer(
    lambda rows: [{**common(row, row.prediction), **_table(row)} for row in rows],
    (
        Measure("wrong_step_f1", "F1 of wrong steps", negative_f1, "solutions"),
        Measure("right_step_f1", "F1 of right steps", positive_f1, "solutions"),
        *EVERY,
    ),
)
"""FoVer's step-level F1 (Kamoi et al. 2025, section 4): a *wrong* step is positive, unlabelled ones drop out."""


def _next_step(rows: Sequence[Judged]) -> list[Tally]:
    tallies: list[Tally] = []
    for row in rows:
        last = row.labels[-1] if row.labels else None
        wrong = bool(row.labels) and row.gold.first_error == len(row.labels) - 1
        right = row.gold.first_error == -1
        accused = last is Label.INCORRECT
        tallies.append(
            {
                **common(row, row.prediction),
                "next_wrong": wrong,
                "next_right": right,
                "hit": wrong and accused,
                "said_wrong": (wrong or right) and accused,
                "passed": right and last is not None and not accused,
                "last_decided": last in (Label.CORRECT, Label.INCORRECT),
            }
        )
    return tallies


def _step_f1(sums: Sums) -> float:
    return f1(sums.get("hit", 0), sums.get("said_wrong", 0), sums.get("next_wrong", 0))


PRM800K: Final = Scorer(
    _next_step,
    (
        Measure("step_f1", "F1 of wrong next steps", _step_f1, "solutions"),
        share("step_recall", "wrong next steps called wrong", "hit", "next_wrong"),
        share("step_precision", "steps called wrong that are", "hit", "said_wrong"),
        share("step_passed", "right next steps not called wrong", "passed", "next_right"),
        share("step_decided", "next steps decided", "last_decided", "solutions"),
        *EVERY,
    ),
)
"""Is the last step, the rated one, right? Ratings 0 and 1 are right, -1 is wrong (Lightman et al. 2023, section 2.4).

The authors publish no scorer for single steps; these are precision and recall with a wrong step as the positive class.
A solution whose first error comes before its last step says nothing of that step and counts in neither.
"""


def _parc(rows: Sequence[Judged]) -> list[Tally]:
    return [{**common(row, row.prediction), **_parc_row(row)} for row in rows]


def _parc_row(row: Judged) -> dict[str, float]:
    counted = {"right_steps": 0, "right_hits": 0, "own_steps": 0, "own_hits": 0, "late_steps": 0, "late_hits": 0}
    if not row.labels:
        return {}
    accused, tainted = wrong_steps(row), [False] * len(row.labels)
    for place, ok in enumerate(row.gold.right):
        cited = row.gold.premises[place] if row.gold.premises else ()
        builds_on_wrong = any(0 <= p < place and tainted[p] for p in cited)
        tainted[place] = accused[place] or builds_on_wrong
        kind = "right" if ok else "late" if row.gold.inherited[place] else "own"
        hit = {"right": not tainted[place], "own": accused[place], "late": builds_on_wrong and not accused[place]}[kind]
        counted[f"{kind}_steps"] += 1
        counted[f"{kind}_hits"] += hit
    shares: dict[str, float] = {}
    for kind in ("right", "own", "late"):
        if counted[f"{kind}_steps"]:
            shares |= {f"{kind}_n": 1, f"{kind}_mean": counted[f"{kind}_hits"] / counted[f"{kind}_steps"]}
    return shares


PARC: Final = Scorer(
    _parc,
    (
        share("right_steps", "right steps, mean of the solutions", "right_mean", "right_n"),
        share("own_errors", "steps with an error of their own, mean of the solutions", "own_mean", "own_n"),
        share("accumulation_errors", "steps that only build on errors, mean of the solutions", "late_mean", "late_n"),
        *EVERY,
    ),
)
"""Mean over the solutions of the share of steps judged right, by kind of step (Mukherjee et al. 2025, section 5).

A step is tainted if it is called wrong or builds, by its annotated premises, on a tainted one. A right step counts if
it is untainted; one with an error of its own if it is called wrong itself; one that only accumulates errors if it is
not called wrong itself and builds on a tainted step. The authors' script leaves out problem 13 of every file; this does
not.
"""
