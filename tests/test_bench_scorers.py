"""Each benchmark's figures on a few solutions made by hand, against the authors' formula worked by hand."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.bench import metrics, scorers, step_scorers
from genverify.bench.metrics import Figure
from genverify.bench.rows import Gold, Judged, gold_record
from genverify.bench.scorers import Scorer
from genverify.types import Label

LABELS = {"+": Label.CORRECT, "-": Label.INCORRECT, "?": Label.UNDECIDED}


def judged(gold: Gold | int | None, said: str = "????", **more: Any) -> Judged:
    """Return a solution whose steps were labelled as ``said`` says: + correct, - incorrect, ? undecided."""
    gold = gold if isinstance(gold, Gold) else Gold(gold)
    first = said.find("-")
    labels = tuple(LABELS[c] for c in said)
    fields = {"first_error": None if first < 0 else first, "labels": labels, "p": (None,) * len(said), **more}
    return Judged(str(more.pop("id", "x")), gold, **fields)


def score(scorer: Scorer, rows: Sequence[Judged]) -> dict[str, Figure]:
    return metrics.figures(scorer.tallies(rows), scorer.measures, resamples=10)


def values(scorer: Scorer, rows: Sequence[Judged], *names: str) -> list[Any]:
    got = score(scorer, rows)
    return [got[name].value for name in names]


# --- ProcessBench -----------------------------------------------------------------------------------------------------


def test_processbench_f1_is_the_harmonic_mean_of_both_halves() -> None:
    rows = [judged(1, "?-??"), judged(2, "-???"), judged(0), judged(3, "???-"), judged(-1), judged(-1, "??-?")]
    f1, found, kept = values(scorers.located(), rows, "f1", "found", "left_alone")
    assert (found, kept, f1) == (2 / 4, 1 / 2, pytest.approx(2 * 0.5 * 0.5 / 1.0))


@pytest.mark.parametrize("rows", [[], [judged(1, "?-??")], [judged(-1)], [judged(1, "-???"), judged(-1, "-???")]])
def test_processbench_f1_is_0_where_a_half_is_empty_or_both_are_0(rows: list[Judged]) -> None:
    assert values(scorers.located(), rows, "f1") == [0.0]


def test_an_answer_that_was_not_understood_counts_as_wrong_in_both_halves() -> None:
    silent = {"samples": ((None, None),), "p": (None, None)}
    rows = [judged(-1, "??", **silent), judged(-1, "??"), judged(1, "??", failed="crashed"), judged(1, "?-")]
    got = score(scorers.located(), rows)
    assert (got["left_alone"].hits, got["left_alone"].total) == (1, 2)
    assert (got["found"].hits, got["found"].total) == (1, 2)
    assert (got["unparsed"].hits, got["failed"].hits, got["undecided"].hits) == (1, 1, 1)


def test_undecided_is_no_error_found_where_not_every_step_is_confirmed() -> None:
    got = score(scorers.located(), [judged(-1, "++"), judged(-1, "+?"), judged(0, "-?")])
    assert (got["undecided"].hits, got["undecided"].total) == (1, 3)


def test_the_prediction_of_a_reward_model_is_the_first_step_below_the_threshold() -> None:
    row = judged(2, p=(0.9, None, 0.4, 0.1))
    assert [scorers.at_threshold(t)(row) for t in (0.05, 0.3, 0.5, 0.95)] == [-1, 3, 2, 0]
    assert scorers.at_threshold(0.5)(judged(0, failed="crashed")) is None


def test_the_vote_is_the_most_common_of_the_answers_that_were_understood() -> None:
    samples = ((0.9, 0.2), (None, None), (0.8, 0.1), (0.1, 0.9), (0.9, 0.9))
    assert scorers.by_vote(judged(1, "??", samples=samples)) == 1
    assert scorers.by_vote(judged(1, "??", samples=samples[1:2])) is None
    assert scorers.by_vote(judged(1, "??", samples=((0.1, 0.9), (0.9, 0.9)))) == 0  # the first given


def test_a_tuned_threshold_is_the_best_on_the_rows_it_was_tuned_on() -> None:
    rows = [judged(1, p=(0.8, 0.55)), judged(0, p=(0.6, 0.9)), judged(-1, p=(0.7, 0.75))]
    threshold = scorers.tuned(rows)
    assert 0.6 < threshold < 0.7
    assert values(scorers.located(scorers.at_threshold(threshold)), rows, "f1") == [1.0]


# --- MR-GSM8K, MR-Ben, BIG-Bench Mistake ------------------------------------------------------------------------------


def test_the_parts_of_the_mr_score_by_hand() -> None:
    rows = [judged(-1), judged(-1), judged(-1, "-???"), judged(1, "?-??"), judged(1, "-???"), judged(0)]
    mcc, step = values(scorers.META_REASONING, rows, "mcc", "acc_step")
    # true positives 2 (right ones accepted), false negatives 1, true negatives 2, false positives 1
    assert mcc == pytest.approx((2 * 2 - 1 * 1) / math.sqrt(3 * 3 * 3 * 3))
    assert step == pytest.approx(1 / 3)
    assert scorers.mr_score(0.5, 0.4, 0.3) == pytest.approx(0.2 * 0.5 + 0.3 * 0.4 + 0.5 * 0.3)
    assert scorers.mr_score(-0.5, 0.0, 0.0) == 0.0


def test_big_bench_mistake_counts_no_mistake_as_a_place() -> None:
    rows = [judged(1, "?-??"), judged(-1), judged(0), judged(-1, "-???"), judged(None)]
    got = score(scorers.BIG_BENCH_MISTAKE, rows)["accuracy"]
    assert (got.hits, got.total) == (2, 4)


# --- PRMBench ---------------------------------------------------------------------------------------------------------


def prm(right: str, said: str, group: str = "circular", pair: str = "1") -> Judged:
    marks = tuple(c == "+" for c in right)
    return judged(Gold(right.find("-"), marks, group, pair), said)


def test_the_prm_score_by_hand() -> None:
    rows = [prm("+--", "+-?"), prm("++-", "-+-", pair="2")]
    # of right steps: 2 kept (TP), 1 accused (FN); of wrong ones: 2 accused (TN), 1 kept (FP)
    positive = 2 * (2 / 3) * (2 / 3) / (4 / 3)
    negative = 2 * (2 / 3) * (2 / 3) / (4 / 3)
    score_, f1, negative_f1, first = values(
        step_scorers.PRMBENCH, rows, "prm_score", "f1", "negative_f1", "first_error_acc"
    )
    assert (f1, negative_f1) == (pytest.approx(positive), pytest.approx(negative))
    assert score_ == pytest.approx((positive + negative) / 2)
    assert first == 1.0


def test_prmbench_similarity_compares_with_the_original_of_the_same_problem() -> None:
    rows = [prm("++++", "+++-", "correct"), prm("+-++", "--++"), prm("+-++", "++++", pair="2")]
    got = score(step_scorers.PRMBENCH, rows)["similarity"]
    assert got.total == 1
    assert got.value == pytest.approx(abs(0.5 - 0.75))


def test_nothing_accused_gives_a_negative_f1_of_0() -> None:
    assert values(step_scorers.PRMBENCH, [prm("+-", "++")], "negative_f1") == [0.0]


# --- FoVer, PRM800K, PARC ---------------------------------------------------------------------------------------------


def test_in_fovers_f1_wrong_steps_are_positive_and_unlabelled_ones_drop_out() -> None:
    row = judged(Gold(1, (True, False, None, False)), "--??")
    # accused: steps 0 (right) and 1 (wrong); wrong steps: 1 and 3; step 2 does not count
    assert values(step_scorers.STEPS, [row], "wrong_step_f1") == [pytest.approx(2 * 0.5 * 0.5 / 1.0)]


def test_prm800k_asks_for_the_last_step_alone() -> None:
    rows = [judged(1, "--"), judged(1, "-?"), judged(-1, "-+"), judged(-1, "+-")]
    got = score(step_scorers.PRM800K, rows)
    assert (got["step_recall"].hits, got["step_recall"].total) == (1, 2)
    assert (got["step_precision"].hits, got["step_precision"].total) == (1, 2)
    assert (got["step_passed"].hits, got["step_passed"].total) == (1, 2)
    assert got["step_decided"].hits == 3


def test_parc_means_over_solutions_by_hand() -> None:
    gold = Gold(
        1,
        right=(True, False, False, True),
        inherited=(False, False, True, False),
        premises=((-1,), (0,), (1,), (-1, 0)),
    )
    found = judged(gold, "+-+?")  # own error found; step 2 builds on it and is not accused itself; step 3 does not
    missed = judged(gold, "????")
    tainted = judged(gold, "-???")  # every other step builds on step 0, also the right one
    right, own, late = values(
        step_scorers.PARC, [found, missed, tainted], "right_steps", "own_errors", "accumulation_errors"
    )
    assert right == pytest.approx((1 + 1 + 0) / 3)
    assert own == pytest.approx((1 + 0 + 0) / 3)
    assert late == pytest.approx((1 + 0 + 1) / 3)


# --- whole solutions --------------------------------------------------------------------------------------------------


def test_verify_cot_is_the_mean_of_both_kinds_of_chain() -> None:
    rows = [judged(-1), judged(-1, "-???"), judged(None, "??-?"), judged(None), judged(None)]
    assert values(scorers.VERIFY_COT, rows, "average", "valid", "invalid") == [
        pytest.approx((1 / 2 + 1 / 3) / 2), 1 / 2, pytest.approx(1 / 3),
    ]  # fmt: skip


def test_mathcheck_by_hand() -> None:
    rows = [judged(1, "?-??"), judged(1, "-???"), judged(-1), judged(-1, "-???"), judged(None, "-???"), judged(None)]
    process, outcome = values(scorers.MATHCHECK, rows, "process_judging", "outcome_judging")
    correct = 2 * (1 / 2) * (1 / 2)  # one of two called Correct is, one of two that are was called so
    assert (process, outcome) == (1 / 2, pytest.approx((correct + correct) / 2))
    assert values(scorers.MATHCHECK, rows[:4], "outcome_judging") == [None]  # no wrong one to judge


def test_statements_count_as_decided_rightly_only_where_a_tool_decided() -> None:
    rows = [judged(-1, "+"), judged(-1, "?"), judged(-1, "-"), judged(0, "-"), judged(0, failed="crashed", said="")]
    got = score(scorers.DECISIONS, rows)
    assert [(got[n].hits, got[n].total) for n in ("accuracy", "decided", "right", "confirmed", "refuted")] == [
        (2, 5), (3, 5), (2, 3), (1, 1), (1, 2),
    ]  # fmt: skip


# --- all of them ------------------------------------------------------------------------------------------------------

ROWS = st.lists(
    st.builds(
        lambda first, said, group: judged(
            Gold(first, tuple(i != first for i in range(4)), group, "1", (False,) * 4, ((-1,),) * 4), said
        ),
        st.one_of(st.none(), st.integers(-1, 3)),
        st.text("+-?", min_size=4, max_size=4),
        st.sampled_from(["", "correct", "circular"]),
    ),
    max_size=8,
)  # fmt: skip
ALL = [
    scorers.located(), scorers.BIG_BENCH_MISTAKE, scorers.META_REASONING, scorers.VERIFY_COT, scorers.MATHCHECK,
    scorers.DECISIONS, step_scorers.PRMBENCH, step_scorers.STEPS, step_scorers.PRM800K, step_scorers.PARC,
]  # fmt: skip


@given(ROWS, st.integers(0, 9), st.sampled_from(ALL))
def test_every_figure_is_in_its_range_whatever_was_said_in_whatever_order(
    rows: list[Judged], start: int, scorer: Scorer
) -> None:
    got = score(scorer, rows)
    for name, figure in got.items():
        assert figure.value is None or (-1 if name == "mcc" else 0) <= figure.value <= 1
        assert figure.hits is None or figure.hits <= figure.total
    turned = rows[start % len(rows) :] + rows[: start % len(rows)] if rows else []
    assert {n: f.value for n, f in score(scorer, turned).items()} == {n: f.value for n, f in got.items()}


GOLDS = st.builds(
    Gold, st.one_of(st.none(), st.integers(-1, 3)), st.lists(st.sampled_from([True, False, None])).map(tuple),
    st.text(), st.text(), premises=st.lists(st.lists(st.integers(-1, 3)).map(tuple)).map(tuple), correct=st.booleans(),
    same=st.one_of(st.none(), st.integers(0, 3)),
)  # fmt: skip


@given(GOLDS)
def test_gold_labels_survive_being_written_down(gold: Gold) -> None:
    assert Judged.from_record({"id": "x", "gold": gold_record(gold), "failed": "crashed"}).gold == gold
