"""Figures follow from sums of tallies, so neither they nor their intervals depend on the order of the rows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.bench.metrics import Measure, Tally, f1, figures, harmonic, matthews, share

MEASURES = (share("share", "a share", "hit", "n"), Measure("mean", "a mean", lambda s: s["x"] / s["n"], "n"),
            share("plain", "without an interval", "y", "n", interval=False))  # fmt: skip
TALLIES = st.lists(
    st.fixed_dictionaries(
        {"n": st.just(1), "hit": st.integers(0, 1), "x": st.sampled_from([0.1, 0.2, 0.3, 1 / 3]), "y": st.floats(0, 1)}
    ),
    min_size=1,
    max_size=12,
)


@given(TALLIES, st.randoms())
def test_the_order_of_the_rows_never_matters(tallies: list[Tally], random: object) -> None:
    shuffled = sorted(tallies, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert figures(tallies, MEASURES, seed=3) == figures(shuffled, MEASURES, seed=3)


@given(TALLIES)
def test_an_interval_is_in_order_within_its_range_and_moved_by_the_seed_alone(tallies: list[Tally]) -> None:
    got = figures(tallies, MEASURES, seed=1)
    assert got == figures(tallies, MEASURES, seed=1)
    low, high = got["share"].low, got["share"].high
    assert low is not None
    assert high is not None
    assert 0 <= low <= high <= 1
    assert (got["plain"].low, got["plain"].high) == (None, None)


def test_a_figure_names_what_it_was_counted_over() -> None:
    got = figures([{"n": 1, "hit": 1, "x": 1}, {"n": 1, "hit": 0, "x": 2}, {"n": 1, "x": 3}], MEASURES)
    assert (got["share"].hits, got["share"].total) == (1, 3)
    assert got["share"].value == pytest.approx(1 / 3)
    assert (got["mean"].hits, got["mean"].total, got["mean"].value) == (None, 3, 2)


def test_nothing_counted_has_no_value() -> None:
    got = figures([], MEASURES[:1])["share"]
    assert (got.value, got.total, got.low) == (None, 0, None)


def test_a_share_without_exceptions_has_an_interval_without_width() -> None:
    got = figures([{"n": 1, "hit": 1, "x": 1}] * 7, MEASURES)["share"]
    assert (got.low, got.high) == (1, 1)


@pytest.mark.parametrize(("a", "b", "mean"), [(0.5, 0.5, 0.5), (0.25, 0.75, 0.375), (0, 1, 0), (None, 1, 0), (0, 0, 0)])
def test_the_harmonic_mean_is_defined_where_a_half_is_empty_or_0(a: float | None, b: float, mean: float) -> None:
    assert harmonic(a, b) == pytest.approx(mean)


def test_f1_and_matthews_by_hand() -> None:
    assert f1(2, 4, 5) == pytest.approx(2 * 0.5 * 0.4 / 0.9)
    assert f1(0, 0, 3) == 0
    assert matthews(4, 3, 2, 1) == pytest.approx((12 - 2) / math.sqrt(6 * 5 * 5 * 4))
    assert matthews(3, 0, 0, 0) == 0  # one class only
