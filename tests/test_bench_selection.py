"""Choosing among N: each choice by hand, equal answers vote together, and no figure depends on the order."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.bench import metrics, pools, selection
from genverify.bench.rows import Gold, Judged
from genverify.tools.checkers import Checkers
from genverify.types import Label


def solution(
    same: int | None, correct: bool, *, p: tuple[float | None, ...] = (None,), score: float | None = None,
    wrong: bool = False, stored: float | None = None, id: str = "0", problem: str = "a",
) -> Judged:  # fmt: skip
    gold = Gold(-1 if correct else None, pair=problem, correct=correct, same=same, stored_score=stored)
    labels = (Label.INCORRECT if wrong else Label.UNDECIDED,) * len(p)
    return Judged(id, gold, first_error=0 if wrong else None, labels=labels, p=p, score=score)


POOL = (
    solution(0, False, p=(0.5, 0.9), score=0.45, stored=3.0),
    solution(0, False, wrong=True, p=(0.03,), score=0.03, stored=1.0),
    solution(1, True, p=(None, 0.8), score=0.8, stored=2.0),
    solution(None, False),
)


def test_each_choice_by_hand() -> None:
    chosen = {name: choose(POOL) for name, (_, choose) in selection.CHOICES.items()}
    assert chosen == {
        "pass@1": 1 / 4,
        "oracle": 1,
        "majority": 0,  # two votes for the wrong answer
        "unrefuted_majority": 1 / 2,  # one vote each: a tie counts half
        "unrefuted": pytest.approx(1 / 3),
        "weighted": 1,  # 0.8 against 0.48
        "best_product": 1,  # 0.8, 0.45, 0.03
        "best_min": 1,
        "best_mean": 1,  # 0.8, 0.7
        "best_last": 0,  # 0.9, 0.8
        "best_stored": 0,
    }


def test_without_scores_or_answers_a_choice_is_blind() -> None:
    pool = (solution(None, True), solution(None, False))
    assert {n: c(pool) for n, (_, c) in selection.CHOICES.items() if n != "oracle"} == dict.fromkeys(
        set(selection.CHOICES) - {"oracle"}, 1 / 2
    )


def test_where_every_solution_is_refuted_all_of_them_count() -> None:
    pool = (solution(0, True, wrong=True), solution(1, False, wrong=True), solution(0, True, wrong=True))
    assert selection.unrefuted_majority(pool) == 1


@given(st.lists(st.builds(solution, st.sampled_from([0, 1, None]), st.booleans(), wrong=st.booleans()), min_size=1))
def test_no_choice_beats_the_oracle(pool: list[Judged]) -> None:
    for _, choose in selection.CHOICES.values():
        assert 0 <= choose(pool) <= selection.oracle(pool)


def test_sizes_are_powers_of_two_and_the_whole_pool() -> None:
    assert [selection.sizes(n) for n in (1, 4, 12)] == [(1,), (1, 2, 4), (1, 2, 4, 8, 12)]


def test_the_figures_of_a_pool_name_n_and_count_problems() -> None:
    rows = [solution(i % 2, i % 2 == 0, id=f"{k}", problem=p) for p in "ab" for k, i in enumerate(range(4))]
    rows.append(solution(0, True, id="9", problem="c"))  # a problem with one solution
    scorer = selection.scorer(rows)
    got = metrics.figures(scorer.tallies(rows), scorer.measures, resamples=10)
    assert got["pass@1"].total == 3
    assert got["pass@1"].value == pytest.approx(2 / 3)
    assert (got["majority@4"].total, got["majority@4"].value) == (2, 0.5)
    assert got["oracle@2"].total == 2
    assert "best_stored@2" not in got
    assert got["unanswered"].hits == 0


@given(st.permutations(range(20)))
def test_subsampling_depends_on_the_seed_and_the_problem_alone(order: Sequence[int]) -> None:
    rows = [solution(i % 3, i % 3 == 0, id=str(i), score=i / 20, p=(i / 20,)) for i in range(20)]
    scorer = selection.scorer(rows)
    assert scorer.tallies([rows[i] for i in order]) == scorer.tallies(rows)


def test_the_whole_pool_is_one_subset_and_few_subsets_are_all_taken() -> None:
    rows = [solution(0, True, id=str(i)) for i in range(4)]
    assert [len(selection.subsets(rows, n, 0)) for n in (1, 2, 3, 4)] == [4, 6, 4, 1]
    many = [solution(0, True, id=str(i)) for i in range(20)]
    drawn = selection.subsets(many, 8, 0)
    assert (len(drawn), drawn) == (selection.SUBSETS, selection.subsets(many, 8, 0))
    assert drawn != selection.subsets(many, 8, 1)


def test_a_pool_becomes_rows_with_their_answers_sorted(tmp_path: Path, checkers: Checkers) -> None:
    path = tmp_path / "pool.jsonl"
    solutions = [
        {"text": "1 + 1 = 2. The answer is 2.", "correct": True},
        {"text": "So \\boxed{2.0}", "correct": True, "rm_score": 1.5},
        {"text": "It is 3", "correct": False, "final": "3"},
        {"text": "1 + 1 = 2\nA: 2", "correct": True},
        {"text": " ", "correct": False},
    ]
    path.write_text(json.dumps({"id": "q", "problem": "1 + 1?", "answer": "2", "solutions": solutions}))
    rows, bad = pools.reader(checkers)(path)
    assert [(r.gold.same, r.gold.correct, r.gold.pair, r.gold.stored_score) for r in rows] == [
        (0, True, "q", None), (0, True, "q", 1.5), (1, False, "q", None), (0, True, "q", None),
    ]  # fmt: skip
    assert len(bad) == 1
