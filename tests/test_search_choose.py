"""Rules that choose among verified candidates: what counts, what is missing, and how ties are drawn."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify import answers
from genverify.search import METHODS, Candidate, Selection, Tuning, select
from genverify.types import Label, Provenance, Report, Solution, StepVerdict


def candidate(index: int, answer: str | None, score: float | None, *labels: Label) -> Candidate:
    steps = tuple(StepVerdict(i, label, score, "") for i, label in enumerate(labels or (Label.UNDECIDED,)))
    wrong = next((s.index for s in steps if s.label is Label.INCORRECT), None)
    report = Report(steps, wrong, Provenance(""), score=score)
    return Candidate(index, Solution.from_steps(("s",)), answer, "given", report, score)


def choose(pool: list[Candidate], method: str, **more: object) -> Selection:
    grouping = answers.group([c.answer for c in pool])
    return select(pool, grouping, method, **more)  # type: ignore[arg-type]


R, W, U = Label.CORRECT, Label.INCORRECT, Label.UNDECIDED
POOL = [
    candidate(0, "1", 0.1, W),
    candidate(1, "1.0", 0.2, W),
    candidate(2, r"\frac{2}{2}", None, U),
    candidate(3, "2", 0.6, R),
    candidate(4, "4/2", 0.5, R, R),
    candidate(5, "3", 0.9, U),
]
WINNERS = {"majority": 1, "unrefuted": 2, "weighted": 2, "best": 3, "hmr": 3, "wrf": 3, "unanimity": 2}
"""For each method the value that wins in ``POOL``."""


@pytest.mark.parametrize("method", METHODS)
def test_each_rule_takes_what_its_paper_says(method: str) -> None:
    made = choose(POOL, method)
    assert made.answer is not None
    assert answers.same(made.answer, str(WINNERS[method])) is True
    assert made.tied == ()
    assert made.why


def test_hmr_takes_the_majority_only_above_its_threshold() -> None:
    assert choose(POOL, "hmr", tuning=Tuning(hmr_share=0.49)).answer in ("1", "1.0", r"\frac{2}{2}")
    assert choose(POOL, "hmr", tuning=Tuning(hmr_share=0.5)).answer == "3"


def test_wrf_goes_from_frequency_alone_to_reward_alone() -> None:
    assert choose(POOL, "wrf", tuning=Tuning(wrf_weight=0.0)).chosen in (0, 1, 2)
    assert choose(POOL, "wrf", tuning=Tuning(wrf_weight=1.0)).chosen == 5


def test_unanimity_looks_at_the_two_most_frequent_answers_only() -> None:
    pool = [candidate(i, a, None, R) for i, a in enumerate(["1", "1", "2", "2", "3"])]
    pool[:2] = [replace(c, report=candidate(c.index, "1", None, W).report) for c in pool[:2]]
    assert choose(pool, "unanimity").answer == "2"
    lonely = [
        candidate(0, "1", None, U),
        candidate(1, "1", None, U),
        candidate(2, "2", None, U),
        candidate(3, "3", 1.0, R),
    ]
    tied = choose(lonely, "unanimity")  # 2 and 3 share the second place, so 3 may stand
    assert tied.answer == "3"


def test_a_score_that_is_not_known_is_not_made_up() -> None:
    pool = [candidate(0, "1", None), candidate(1, "1", None), candidate(2, "2", 0.01)]
    assert choose(pool, "weighted").answer == "2"
    assert choose(pool, "best").answer == "2"
    assert choose(pool, "unrefuted").answer == "1"
    assert "2 have no score" in choose(pool, "weighted").why


@pytest.mark.parametrize("method", METHODS)
def test_without_any_score_the_majority_decides(method: str) -> None:
    pool = [candidate(i, a, None) for i, a in enumerate(["7", "8", "7.0"])]
    assert choose(pool, method).answer == "7"


@pytest.mark.parametrize("method", METHODS)
def test_where_all_are_refuted_something_is_still_chosen(method: str) -> None:
    made = choose([candidate(0, "1", 0.1, W), candidate(1, "2", 0.2, W), candidate(2, "2", 0.2, W)], method)
    assert made.answer == "2"


@pytest.mark.parametrize("method", METHODS)
def test_nothing_to_choose_from_is_an_outcome(method: str) -> None:
    assert choose([], method).chosen is None
    failed = choose([Candidate(0, None), Candidate(1, None)], method)
    assert failed.chosen is None
    assert "all 2 failed" in failed.why


@pytest.mark.parametrize("method", METHODS)
def test_without_answers_scores_decide_if_there_are_any(method: str) -> None:
    assert choose([candidate(0, None, None), candidate(1, None, None)], method).chosen in (0, 1)
    scored = [candidate(0, None, 0.2), candidate(1, None, 0.9)]
    if method in ("best", "hmr", "unrefuted"):
        assert choose(scored, method).chosen == 1


def test_between_equal_votes_the_best_score_decides_and_the_reason_says_so() -> None:
    pool = [candidate(0, "1", None), candidate(1, "2", 0.4), candidate(2, "3", 0.6), candidate(3, "4", 0.9, W)]
    made = choose(pool, "unrefuted")
    assert (made.chosen, made.tied) == (2, ())
    assert "the best score decided" in made.why
    assert "the best score decided" not in choose(pool, "best").why


def test_ties_are_drawn_by_the_seed_and_recorded() -> None:
    pool = [candidate(i, str(i), None) for i in range(4)]
    made = [choose(pool, "majority", seed=seed) for seed in range(40)]
    assert {m.chosen for m in made} == {0, 1, 2, 3}
    assert all(m.tied == (0, 1, 2, 3) and m.seed == seed for seed, m in enumerate(made))
    assert choose(pool, "majority", seed=3) == made[3]


def test_an_unknown_method_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"expected one of unrefuted, majority.*got 'magic'"):
        choose([], "magic")


LABELS = st.lists(st.sampled_from(list(Label)), min_size=1, max_size=3)
POOLS = st.lists(
    st.tuples(st.sampled_from(["1", "1.0", "2", "x", None]), st.none() | st.floats(0, 1), LABELS), max_size=7
)


@given(POOLS, st.sampled_from(sorted(METHODS)), st.integers(0, 9))
def test_any_pool_has_a_choice_that_its_own_record_explains(
    rows: list[tuple[str | None, float | None, list[Label]]], method: str, seed: int
) -> None:
    pool = [candidate(i, answer, score, *labels) for i, (answer, score, labels) in enumerate(rows)]
    made = choose(pool, method, seed=seed)
    assert (made.chosen is None) == (not pool)
    assert made.chosen is None or made.chosen in made.tied or not made.tied
    assert sorted(i for g in made.groups for i in g.members) == [c.index for c in pool if c.answer is not None]
    if method == "majority" and made.groups:
        most = max(len(g.members) for g in made.groups)
        assert next(g for g in made.groups if made.chosen in g.members).value == most
