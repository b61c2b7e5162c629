"""Filters keep what two sources agree on, say why the rest went, and name both sources in every label they keep."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.data import Example, Kind, LabelledStep, StepLabel
from genverify.data.denoise import (
    Form,
    Judge,
    Rated,
    Verification,
    Votes,
    consensus,
    grounded,
    place,
    process_filter,
    rpe_judge,
    scan,
    scan_values,
    scripts,
    untrusted,
)
from genverify.fusion.conventions import StepLabels
from genverify.types import LabelConvention, Problem

MC = "rollouts:math-shepherd-hard"
T, F, U = True, False, None


def example(*rights: bool | None, id: str = "a", values: Sequence[float | None] = (), text: str = "2 + 2?") -> Example:
    values = values or [None if r is None else float(r) for r in rights]
    steps = [
        LabelledStep(f"step {i}", StepLabel(r, MC, "", v)) for i, (r, v) in enumerate(zip(rights, values, strict=True))
    ]
    return Example(id, Kind.ALGEBRA, Problem(text, answer="4"), tuple(steps), "file:x", "group")


def judge(*values: bool | None, id: str = "a", convention: LabelConvention = LabelConvention.LOCAL) -> Judge:
    return Judge("critic", {id: StepLabels(convention, values)})


# --- consensus ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        ((T, F, U), (T, F, T), ""),
        ((T, T, T), (T, T, T), ""),
        ((T, F, U), (T, T, F), "first errors differ"),
        ((T, T, T), (T, T, F), "first errors differ"),
        ((F, U, U), (T, T, T), "first errors differ"),
        ((T, U, F), (T, T, F), "first error not known"),
        ((T, F, U), (U, F, F), "first error not known"),
    ],
)
def test_consensus_keeps_those_whose_first_errors_agree(
    ours: tuple[bool | None, ...], theirs: tuple[bool | None, ...], why: str
) -> None:
    made = consensus([example(*ours)], judge(*theirs))
    assert made.counts == ({"kept": 1} if not why else {"kept": 0, why: 1})


def test_consensus_takes_off_what_follows_the_error_and_names_both_sources() -> None:
    (kept,) = consensus([example(T, F, U, U)], judge(T, F, T, T)).kept
    assert kept.labels == (T, F)
    assert {step.label.source for step in kept.steps} == {f"{MC}+judge:critic"}
    (whole,) = consensus([example(T, T)], judge(T, T)).kept
    assert len(whole.steps) == 2


def test_a_solution_that_nobody_judged_is_left_out() -> None:
    assert consensus([example(T)], judge(T, id="b")).counts == {"kept": 0, "not judged": 1}


rights = st.lists(st.sampled_from([T, F, U]), min_size=1, max_size=6).map(tuple)


@given(st.lists(st.tuples(rights, rights), max_size=8))
def test_every_record_is_kept_or_dropped_with_a_reason(pairs: list[tuple[tuple[bool | None, ...], ...]]) -> None:
    examples = [example(*ours, id=str(i)) for i, (ours, _) in enumerate(pairs)]
    judged = Judge("j", {str(i): StepLabels(LabelConvention.LOCAL, said) for i, (_, said) in enumerate(pairs)})
    for made in (consensus(examples, judged), rpe_judge(examples, judged)):
        assert sorted([e.id for e in made.kept] + [d.id for d in made.dropped]) == sorted(e.id for e in examples)
        assert sum(made.counts.values()) == len(examples)
        assert all(d.why for d in made.dropped)


# --- relative progress and a judge ----------------------------------------------------------------------------------


def test_rpe_and_judge_must_agree_in_every_step_those_after_the_error_included() -> None:
    labelled = example(T, F, U, U, values=[1.0, 0.3, 0.9, 0.0])
    assert len(rpe_judge([labelled], judge(T, F, T, F)).kept) == 1
    made = rpe_judge([labelled], judge(T, F, F, F))
    assert (made.dropped[0].why, made.dropped[0].detail) == ("labels differ", "at step 2 (from 0), by critic")
    assert rpe_judge([labelled], judge(T, F, U, F)).counts == {"kept": 0, "a step is not known": 1}
    assert rpe_judge([labelled], judge(T, F)).counts == {"kept": 0, "not judged": 1}
    assert len(rpe_judge([labelled], judge(T, T, T, F), epsilon=0.2).kept) == 1


# --- SCAN -----------------------------------------------------------------------------------------------------------


def test_scan_softens_the_two_steps_before_the_error() -> None:
    assert scan_values([0.9, 0.8, 0.4, 0.2, 0.0, 0.0], 4, 0.5) == (1.0, 1.0, 0.8, 0.4, 0.0, None)
    assert scan_values([0.9, 0.0], 1, 0.5) == (1.0, 0.0)
    assert scan_values([None, 0.0], 1, 0.5) == (None, 0.0)
    assert scan_values([0.1, 0.1], -1, 0.0) == (1.0, 1.0)
    assert scan_values([0.1, 0.3, 0.0], 2, 0.5, distance=0) == (1.0, 1.0, 0.0)
    with pytest.raises(ValueError, match="rate in"):
        scan_values([0.0], 0, 0.0)


@given(st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=9), st.data())
def test_scan_values_are_probabilities_and_fall_to_0_at_the_error(
    rates: list[float | None], data: st.DataObject
) -> None:
    error = data.draw(st.integers(0, len(rates) - 1))
    made = scan_values(rates, error, data.draw(st.floats(0.01, 1)), data.draw(st.integers(0, 4)))
    assert len(made) == len(rates)
    assert made[error] == 0.0
    assert all(v is None or 0 <= v <= 1 for v in made)
    assert made[error + 1 :] == (None,) * (len(rates) - error - 1)


def test_scan_leaves_out_problems_that_are_too_hard_but_never_right_solutions() -> None:
    wrong, right = example(T, F, id="w", values=[0.2, 0.0]), example(T, T, id="r", values=[0.2, 1.0])
    made = scan([wrong, right, example(U, F, id="u")], {"group": 0.25}, least=0.25)
    assert [e.id for e in made.kept] == ["r"]
    assert made.counts == {"kept": 1, "problem too hard to label": 1, "first error not known": 1}
    (kept,) = scan([wrong], {"group": 0.25}).kept
    assert [step.label.value for step in kept.steps] == [0.8, 0.0]
    assert kept.labels == (T, F)
    assert kept.steps[0].label.source == f"{MC}+scan"
    assert scan([wrong], {}).counts == {"kept": 0, "problem too hard to label": 1}


# --- critiques ------------------------------------------------------------------------------------------------------


def critique(*said: bool | None, text: str = "fine </think>", tokens: int = 10, id: str = "a") -> Verification:
    return Verification(id, text, said, tokens)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (critique(T, F), ""),
        (critique(T, T), "judgements differ"),
        (critique(F), "judgements differ"),
        (critique(T), "ends too early"),
        (critique(T, F, T), "goes on after an error"),
        (critique(T, U), "format"),
        (critique(), "format"),
        (critique(T, F, text="no mark"), "format"),
        (critique(T, F, tokens=101), "too long"),
        (critique(T, F, text="这一步是对的 </think>"), "stray language"),
        (critique(T, F, text="α ≤ β, naïve </think>"), ""),
        (critique(T, F, id="z"), "no such example"),
    ],
)
def test_a_critique_must_judge_every_step_as_it_is_and_be_in_form(given: Verification, why: str) -> None:
    made = process_filter([given], {"a": example(T, F, U)}, Form(max_tokens=100, needs=("</think>",)))
    assert [d.why for d in made.dropped] == ([why] if why else [])


def test_of_two_equal_critiques_of_one_solution_one_is_kept() -> None:
    both = {"a": example(T, T), "b": example(T, T)}
    made = process_filter([critique(T, T), critique(T, T), critique(T, T, id="b")], both)
    assert made.counts == {"kept": 2, "duplicate": 1}


def test_a_label_that_is_not_known_confirms_no_critique() -> None:
    assert process_filter([critique(T, T)], {"a": example(T, U)}).counts == {"kept": 0, "first error not known": 1}


def test_scripts_that_the_problem_uses_are_no_stray_language() -> None:
    chinese = example(T, T, text="小明有三个苹果")
    assert len(process_filter([critique(T, T, text="三个")], {"a": chinese}).kept) == 1
    assert scripts("Σ x² ∈ ℝ, café, μ") == frozenset()
    assert scripts("шаг") == {"CYRILLIC"}


# --- an ensemble ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "trusted"),
    [
        (((0.95, 0.02), (0.96, 0.02)), True),
        (((0.9, 0.1), (0.9, 0.1)), True),  # the bounds belong to it
        (((0.95, 0.5), (0.95, 0.5)), False),
        (((0.95, 0.02), (0.99, 0.02)), False),
        (((0.95, None), (0.95, None)), True),
        (((None,), (None,)), False),
        ((), False),
    ],
)
def test_a_sample_is_trusted_if_every_step_that_counts_is_sure_and_agreed_on(
    p: tuple[tuple[float | None, ...], ...], trusted: bool
) -> None:
    made = untrusted([Votes("a", p)])
    assert made.counts == ({"kept": 0, "trusted": 1} if trusted else {"kept": 1})


def test_votes_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="different numbers of steps"):
        Votes("a", ((0.5,), (0.5, 0.5)))


# --- GroundedPRM ----------------------------------------------------------------------------------------------------


def test_scores_must_agree_with_rationales_and_leniently_a_true_tag_passes() -> None:
    fits, clash, kind = (
        Rated("a", (0.5, -0.5), (T, F), right=True),
        Rated("b", (0.5,), (F,), right=True),
        Rated("c", (-0.5,), (T,), right=True),
    )
    assert [r.id for r in grounded([fits, clash, kind]).kept] == ["a"]
    assert [r.id for r in grounded([fits, clash, kind], lenient=True).kept] == ["a", "c"]
    assert grounded([Rated("d", (0.0,), (T,), right=True)]).counts == {"kept": 0, "score and rationale differ": 1}
    assert grounded([Rated("e", (1.0,), (None,), right=True)]).counts == {"kept": 0, "format": 1}


def test_wrong_solutions_are_cut_where_scores_recover_and_right_ones_are_not() -> None:
    scores, tags = (0.5, -0.1, -0.2, 0.3, -0.4), (T, F, F, T, F)
    (wrong,) = grounded([Rated("a", scores, tags, right=False)]).kept
    assert wrong.signs == (1, -1, -1)
    assert wrong.tags == (T, F, F)
    (right,) = grounded([Rated("a", scores, tags, right=True)]).kept
    assert right.signs == (1, -1, -1, 1, -1)


def test_the_first_error_of_an_example_is_known_only_up_to_the_first_unknown_step() -> None:
    assert [place(example(*r)) for r in ((T, T), (T, F, U), (T, U, F), (U,))] == [-1, 1, None, None]
