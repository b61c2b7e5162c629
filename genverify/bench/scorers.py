"""The figures of each benchmark, as its authors compute them, from stored predictions alone.

What a verifier with tools can say and the authors' metrics cannot is "undecided". In all of them a solution with no
step found wrong counts as "no error", and a step not found wrong counts as right; how many of these were left undecided
is counted beside (``undecided``). A solution that could not be judged, or whose critic could not be understood, counts
as wrong in every figure over solutions, as ProcessBench's authors count an answer they cannot parse; figures over steps
leave it out, as PRMBench's authors do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from genverify.bench.metrics import Measure, Sums, Tally, f1, harmonic, matthews, share
from genverify.bench.rows import Judged
from genverify.types import Label


@dataclass(frozen=True, slots=True)
class Scorer:
    """How the figures of a benchmark come about."""

    tallies: Callable[[Sequence[Judged]], list[Tally]]
    """All solutions to one tally each."""
    measures: tuple[Measure, ...]


Predict = Callable[[Judged], int | None]
"""A solution to its first wrong step from 0, -1 for none, None for an answer that was not understood."""


def _ratio(sums: Sums, hits: str, total: str) -> float | None:
    return sums.get(hits, 0) / sums[total] if sums.get(total) else None


# --- what is said of every set --------------------------------------------------------------------------------------


def common(row: Judged, said: int | None) -> dict[str, float]:
    """Return the tally that every set has; ``said`` is the first wrong step from 0, -1 for none, None for no answer."""
    gold = row.gold.first_error
    located = gold is not None and gold >= 0
    accused = said is not None and said >= 0
    return {
        "solutions": 1,
        "failed": bool(row.failed),
        "unparsed": row.silent,
        "undecided": row.undecided,
        "wrong": located,
        "found": located and said == gold,
        "right": gold == -1,
        "left_alone": gold == -1 and said == -1,
        "accused": accused and gold is not None,
        "accused_rightly": accused and said == gold,
        "at_or_after": accused and gold is not None and said is not None and 0 <= gold <= said,
        "steps": len(row.labels),
        "decided_steps": sum(row.decided),
        "claims": row.claims,
        "decided_claims": row.decided_claims,
        "coverage": row.coverage,
    }


EVERY: Final = (
    share("found", "wrong solutions: first error located", "found", "wrong"),
    share("left_alone", "right solutions: left alone", "left_alone", "right"),
    share("precision", "accusations that name the first error", "accused_rightly", "accused"),
    share("at_or_after", "accusations at or after it", "at_or_after", "accused"),
    share("undecided", "solutions left undecided", "undecided", "solutions", interval=False),
    share("unparsed", "solutions whose critic was not understood", "unparsed", "solutions", interval=False),
    share("failed", "solutions that could not be judged", "failed", "solutions", interval=False),
    share("covered_steps", "steps with a decided claim", "decided_steps", "steps", interval=False),
    share("decided_claims", "claims decided", "decided_claims", "claims", interval=False),
    share("text_coverage", "text of the steps spoken for", "coverage", "steps", interval=False),
)
"""Figures that every set of solutions has."""
_F1: Final = Measure(
    "f1", "F1", lambda s: harmonic(_ratio(s, "found", "wrong"), _ratio(s, "left_alone", "right")), "solutions"
)


def _both(a: str, hits_a: str, b: str, hits_b: str) -> Callable[[Sums], float | None]:
    def mean(sums: Sums) -> float | None:
        first, second = _ratio(sums, hits_a, a), _ratio(sums, hits_b, b)
        return None if first is None or second is None else (first + second) / 2

    return mean


# --- the first error ------------------------------------------------------------------------------------------------


def located(predict: Predict = lambda row: row.prediction) -> Scorer:
    """Return ProcessBench's scorer (Zheng et al. 2024, section 3).

    F1 is the harmonic mean of the accuracies on the wrong half, which asks for the exact step, and on the right half,
    which asks for "no error". Where both are 0, or a half is empty, the authors divide 0 by 0; the value here is 0.
    """
    return Scorer(lambda rows: [common(row, predict(row)) for row in rows], (_F1, *EVERY))


def first_error_only(predict: Predict) -> Scorer:
    """Return ProcessBench's scorer without the figures that do not depend on ``predict``."""
    return replace(located(predict), measures=(_F1, *EVERY[:4]))


def at_threshold(threshold: float) -> Predict:
    """Predict as the authors do for process reward models: the first step whose probability is below ``threshold``.

    A step without a probability is passed over. A critic none of whose steps has one was not understood.
    """

    def predict(row: Judged) -> int | None:
        if row.failed or row.silent:
            return None
        return next((i for i, p in enumerate(row.p) if p is not None and p < threshold), -1)

    return predict


def by_vote(row: Judged) -> int | None:
    """Predict as the authors do for critics with several samples: the most common answer of those understood.

    A sample's answer is its first step with a probability below 0.5, -1 if there is none; a sample without any
    probability is not understood. Of answers equally common the first given wins, as with ``Counter.most_common``.
    """
    answers: dict[int, int] = {}
    for sample in row.samples:
        if any(p is not None for p in sample):
            said = next((i for i, p in enumerate(sample) if p is not None and p < 0.5), -1)
            answers[said] = answers.get(said, 0) + 1
    return max(answers, key=lambda said: answers[said]) if answers and not row.failed else None


def tuned(rows: Sequence[Judged]) -> float:
    """Return the threshold that gives the best F1 on ``rows``: half-way between two probabilities that occur.

    Of thresholds equally good the lowest is taken.
    """
    known = sorted({p for row in rows for p in row.p if p is not None})
    candidates = [0.5, *((a + b) / 2 for a, b in pairwise(known))]
    if len(candidates) > _MAX_THRESHOLDS:
        candidates = [0.5, *candidates[1 :: len(candidates) // _MAX_THRESHOLDS + 1]]
    return max(sorted(candidates), key=lambda t: _plain_f1(rows, at_threshold(t)))


_MAX_THRESHOLDS: Final = 200
"""Thresholds tried; more differ by less than what one solution changes."""


def _plain_f1(rows: Sequence[Judged], predict: Predict) -> float:
    wrong = [
        predict(r) == r.gold.first_error for r in rows if r.gold.first_error is not None and r.gold.first_error >= 0
    ]
    right = [predict(r) == -1 for r in rows if r.gold.first_error == -1]
    if not wrong or not right:
        return 0.0
    return harmonic(sum(wrong) / len(wrong), sum(right) / len(right))


def _mistake(rows: Sequence[Judged]) -> list[Tally]:
    return [
        {
            **common(row, row.prediction),
            "labelled": row.gold.first_error is not None,
            "exact": row.prediction is not None and row.prediction == row.gold.first_error,
        }
        for row in rows
    ]


BIG_BENCH_MISTAKE: Final = Scorer(
    _mistake, (share("accuracy", "mistake location, exact (none counts too)", "exact", "labelled"), *EVERY)
)
"""Accuracy of the mistake's place over all traces, "no mistake" being one more place (Tyen et al. 2023, section 4)."""


def _reviewed(rows: Sequence[Judged]) -> list[Tally]:
    tallies: list[Tally] = []
    for row in rows:
        gold, said = row.gold.first_error, row.prediction
        tallies.append(
            {
                **common(row, said),
                "tp": gold == -1 and said == -1,
                "fn": gold == -1 and said != -1,
                "tn": gold != -1 and said is not None and said >= 0,
                "fp": gold != -1 and (said is None or said < 0),
            }
        )
    return tallies


META_REASONING: Final = Scorer(
    _reviewed,
    (
        Measure("mcc", "MCC of right against wrong solutions", lambda s: _mcc(s), "solutions"),
        share("acc_step", "wrong solutions: first error step", "found", "wrong"),
        *EVERY,
    ),
)
"""The parts of MR-GSM8K's and MR-Ben's MR-Score that need no judge of reasons (Zeng et al. 2023 and 2024, section 3).

A right solution is the positive class. A verdict that was not understood counts against both classes, as theirs does.
"""


def _mcc(sums: Sums) -> float:
    return matthews(sums.get("tp", 0), sums.get("tn", 0), sums.get("fp", 0), sums.get("fn", 0))


def mr_score(mcc: float, acc_step: float, acc_reason: float) -> float:
    """Return ``0.2 max(0, MCC) + 0.3 ACC_step + 0.5 ACC_reason`` (Zeng et al. 2023, section 3.2).

    ACC_reason is the share of wrong solutions whose step was found *and* whose reason a person or a model judged right;
    tools give no reason in words, so that part has to come from elsewhere.
    """
    return 0.2 * max(0.0, mcc) + 0.3 * acc_step + 0.5 * acc_reason


# --- the solution as a whole ----------------------------------------------------------------------------------------


def _verify_cot(rows: Sequence[Judged]) -> list[Tally]:
    tallies: list[Tally] = []
    for row in rows:
        accused = row.prediction is not None and row.prediction >= 0
        invalid = row.gold.first_error != -1
        tallies.append({**common(row, row.prediction), "invalid": invalid, "invalid_found": invalid and accused})
    return tallies


VERIFY_COT: Final = Scorer(
    _verify_cot,
    (
        Measure(
            "average", "mean of both accuracies", _both("right", "left_alone", "invalid", "invalid_found"), "solutions"
        ),
        share("valid", "valid chains accepted", "left_alone", "right"),
        share("invalid", "invalid chains rejected", "invalid_found", "invalid"),
        *EVERY,
    ),
)
"""Accuracy on valid and on invalid chains and the mean of both (Ling et al. 2023, Table 3).

Their code takes a verification it cannot parse for "valid"; so does an undecided chain count here, while one whose
critic was not understood counts as wrong.
"""


def _mathcheck(rows: Sequence[Judged]) -> list[Tally]:
    return [{**t, **_outcome(row)} for t, row in zip(_verify_cot(rows), rows, strict=True)]


def _outcome(row: Judged) -> dict[str, float]:
    """Count a row of outcome judging, which knows only right and wrong; process judging always knows the place."""
    gold, said = row.gold.first_error, row.prediction
    if gold is not None and gold >= 0:
        return {}
    wrong = gold is None
    return {
        "outcome": 1,
        "tp": not wrong and said == -1,
        "fn": not wrong and said is not None and said >= 0,
        "tn": wrong and said is not None and said >= 0,
        "fp": wrong and said == -1,
        "lost_right": not wrong and said is None,
        "lost_wrong": wrong and said is None,
    }


def _macro_f1(sums: Sums) -> float | None:
    """Return scikit-learn's macro F1 of "Correct" and "Incorrect"; None unless both occur among the gold answers."""
    tp, fp, tn, fn = (sums.get(name, 0) for name in ("tp", "fp", "tn", "fn"))
    right, wrong = tp + fn + sums.get("lost_right", 0), tn + fp + sums.get("lost_wrong", 0)
    return (f1(tp, tp + fp, right) + f1(tn, tn + fn, wrong)) / 2 if right and wrong else None


MATHCHECK: Final = Scorer(
    _mathcheck,
    (
        share("process_judging", "process judging: the wrong step named", "found", "wrong"),
        Measure("outcome_judging", "outcome judging: macro F1", _macro_f1, "outcome"),
        *EVERY,
    ),
)
"""Process judging as accuracy, outcome judging as macro F1 (Zhou et al. 2024, section 3.3).

Rows of our common form hold no wrong solution without a place, so there outcome judging has no value.
"""


def _decisions(rows: Sequence[Judged]) -> list[Tally]:
    tallies: list[Tally] = []
    for row in rows:
        last = row.labels[-1] if row.labels else Label.UNDECIDED
        holds = row.gold.first_error == -1
        decided = last is not Label.UNDECIDED
        hit = decided and (last is Label.CORRECT) == holds
        said_right, said_wrong = last is Label.CORRECT, last is Label.INCORRECT
        tallies.append(
            {
                "solutions": 1,
                "failed": bool(row.failed),
                "decided": decided,
                "hit": hit,
                "confirmed": said_right,
                "confirmed_hit": said_right and holds,
                "refuted": said_wrong,
                "refuted_hit": said_wrong and not holds,
            }
        )
    return tallies


DECISIONS: Final = Scorer(
    _decisions,
    (
        share("accuracy", "decided rightly (undecided counts as wrong)", "hit", "solutions"),
        share("decided", "statements decided", "decided", "solutions"),
        share("right", "decided statements that are decided rightly", "hit", "decided"),
        share("confirmed", "confirmed statements that hold", "confirmed_hit", "confirmed"),
        share("refuted", "refuted statements that do not hold", "refuted_hit", "refuted"),
        share("failed", "statements that could not be judged", "failed", "solutions", interval=False),
    ),
)
"""Single statements that hold or do not: what the tools decide, and how often rightly. No authors' metric."""
