"""Label conventions are converted without inventing a label: what a conversion says holds for every possible truth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify import fusion
from genverify.fusion import StepLabels, convert, to_first_error, to_local, to_prefix
from genverify.types import Label, LabelConvention, StepVerdict

LOCAL, PREFIX, FIRST_ERROR = LabelConvention.LOCAL, LabelConvention.PREFIX, LabelConvention.FIRST_ERROR
T, F, N = True, False, None


def meaning(local: tuple[bool, ...], convention: LabelConvention) -> tuple[bool | None, ...]:
    """Return the labels of a solution whose steps are all known, straight from what the conventions mean."""
    if convention is LOCAL:
        return local
    prefix = tuple(all(local[: i + 1]) for i in range(len(local)))
    if convention is PREFIX:
        return prefix
    wrong = local.index(False) if False in local else len(local)
    return tuple(value if i <= wrong else None for i, value in enumerate(prefix))


def agree(said: tuple[bool | None, ...], truth: tuple[bool | None, ...]) -> bool:
    return all(a is None or a == b for a, b in zip(said, truth, strict=True))


truths = st.lists(st.booleans(), max_size=7).map(tuple)


@given(truths, st.data())
def test_whatever_is_hidden_a_conversion_never_contradicts_the_truth(
    truth: tuple[bool, ...], data: st.DataObject
) -> None:
    start = data.draw(st.sampled_from([LOCAL, PREFIX]))
    hidden = data.draw(st.lists(st.booleans(), min_size=len(truth), max_size=len(truth)))
    full = meaning(truth, start)
    known = StepLabels(start, tuple(None if h else v for h, v in zip(hidden, full, strict=True)))
    for to in LabelConvention:
        assert agree(convert(known, to).values, meaning(truth, to))


@given(truths, st.sampled_from(LabelConvention))
def test_from_local_labels_everything_that_a_convention_says_is_found(
    truth: tuple[bool, ...], to: LabelConvention
) -> None:
    assert convert(StepLabels(LOCAL, truth), to).values == meaning(truth, to)


@given(truths, st.sampled_from(LabelConvention), st.sampled_from(LabelConvention))
def test_converting_back_never_invents_a_label(
    truth: tuple[bool, ...], start: LabelConvention, by: LabelConvention
) -> None:
    labels = StepLabels(start, meaning(truth, start))
    back = convert(convert(labels, by), start)
    assert agree(back.values, labels.values)


@given(truths, st.sampled_from(LabelConvention))
def test_the_place_of_the_first_error_survives_every_conversion(truth: tuple[bool, ...], to: LabelConvention) -> None:
    labels = StepLabels(LOCAL, truth)
    assert convert(labels, to).place == labels.place == (truth.index(False) if False in truth else -1)


@pytest.mark.parametrize(
    ("convert", "labels", "values"),
    [
        (to_prefix, StepLabels(LOCAL, (T, F, T, F)), (T, F, F, F)),
        (to_first_error, StepLabels(LOCAL, (T, F, T, F)), (T, F, N, N)),
        (to_local, StepLabels(PREFIX, (T, F, F, F)), (T, F, N, N)),
        (to_local, StepLabels(FIRST_ERROR, (T, F, N, N)), (T, F, N, N)),
        (to_prefix, StepLabels(FIRST_ERROR, (T, F, N, N)), (T, F, F, F)),
        (to_prefix, StepLabels(LOCAL, (T, N, T, F)), (T, N, N, F)),
        (to_first_error, StepLabels(LOCAL, (T, N, T, F)), (T, N, N, N)),
        (to_local, StepLabels(PREFIX, (N, T, N, F)), (T, T, N, N)),
        (to_first_error, StepLabels(PREFIX, (N, T, F)), (T, T, F)),
    ],
)
def test_conversions_by_example(convert: object, labels: StepLabels, values: tuple[bool | None, ...]) -> None:
    assert callable(convert)
    assert convert(labels).values == values


@pytest.mark.parametrize(("place", "values"), [(0, (F, N, N)), (2, (T, T, F)), (-1, (T, T, T)), (None, (N, N, N))])
def test_the_labels_of_a_place(place: int | None, values: tuple[bool | None, ...]) -> None:
    labels = StepLabels.from_place(place, 3)
    assert labels.values == values
    assert labels.place == place


@pytest.mark.parametrize("place", [3, -2])
def test_a_place_outside_the_solution_is_an_error(place: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 2"):
        StepLabels.from_place(place, 3)


@pytest.mark.parametrize(
    ("convention", "values"),
    [(PREFIX, (T, F, T)), (FIRST_ERROR, (T, F, F)), (FIRST_ERROR, (T, N, F)), (FIRST_ERROR, (F, T))],
)
def test_labels_that_a_convention_cannot_have_are_refused(
    convention: LabelConvention, values: tuple[bool | None, ...]
) -> None:
    with pytest.raises(ValueError, match=convention.value):
        StepLabels(convention, values)


@given(st.lists(st.sampled_from(Label), max_size=6), st.sampled_from(LabelConvention))
def test_verdicts_become_labels_and_undecided_stays_unknown(called: list[Label], convention: LabelConvention) -> None:
    verdicts = [StepVerdict(i, label, None, "") for i, label in enumerate(called)]
    known = {Label.CORRECT: True, Label.INCORRECT: False, Label.UNDECIDED: None}
    local = StepLabels.of(verdicts)
    assert local.values == tuple(known[label] for label in called)
    assert StepLabels.of(verdicts, convention) == convert(local, convention)


@pytest.mark.parametrize(
    ("how", "value"),
    [
        ("product", 0.125),
        ("min", 0.25),
        ("mean", 0.4166666666666667),
        ("last", 0.5),
        ("max", 0.5),
        ("mean_log_prob", -0.9241962407465937),  # (2 ln 1/2 + ln 1/4) / 3 is 4/3 * -ln 2
    ],
)
def test_solution_scores_leave_out_what_is_missing_and_count_it(how: str, value: float) -> None:
    steps = [0.5, None, 0.25, 0.5] if how != "product" else [0.5, None, 0.25, 1.0]
    got = fusion.score(steps, how)
    assert got.value == pytest.approx(value)
    assert (got.known, got.missing) == (3, 1)


@given(st.lists(st.none() | st.floats(0, 1), max_size=8), st.sampled_from(sorted(fusion.AGGREGATORS)))
def test_every_step_is_counted_and_nothing_is_scored_of_nothing(steps: list[float | None], how: str) -> None:
    got = fusion.score(steps, how)
    assert got.known + got.missing == len(steps)
    assert got.known or got.value is None
    if got.value is not None and how != "mean_log_prob":
        known = [p for p in steps if p is not None]
        assert 0.0 <= got.value <= 1.0
        assert how == "product" or min(known) - 1e-12 <= got.value <= max(known) + 1e-12


def test_the_last_score_is_unknown_where_the_last_step_is() -> None:
    assert fusion.score([0.9, None], "last") == fusion.SolutionScore(None, 1, 1)


def test_a_certain_wrong_step_keeps_the_mean_log_probability_finite() -> None:
    assert fusion.score([0.0, 1.0], "mean_log_prob").value == pytest.approx(-13.8155, abs=1e-3)


@pytest.mark.parametrize(
    ("steps", "how", "message"), [([0.5], "magic", "mean_log_prob"), ([1.5], "min", "in \\[0, 1\\]")]
)
def test_scores_refuse_what_they_cannot_mean(steps: list[float | None], how: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fusion.score(steps, how)
