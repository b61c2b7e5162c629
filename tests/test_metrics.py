"""The figures are those that the authors of ProcessBench compute, each with its denominator."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.bench.metrics import Judged, f1, scores


def judged(label: int, prediction: int) -> Judged:
    return Judged(label, prediction, steps=4, decided_steps=2, coverage=0.5, claims=6, decided_claims=3)


def test_f1_is_the_harmonic_mean_of_both_halves() -> None:
    rows = [judged(1, 1), judged(2, 0), judged(0, -1), judged(3, 3), judged(-1, -1), judged(-1, 2)]
    assert f1(rows) == pytest.approx(2 * 0.5 * 0.5 / 1.0)


def test_f1_is_0_where_the_authors_divide_by_0() -> None:
    assert f1([judged(1, 0), judged(-1, 3)]) == 0.0
    assert f1([judged(1, 1)]) == 0.0


def test_every_share_names_its_denominator() -> None:
    got = scores([judged(1, 1), judged(2, 3), judged(-1, -1), judged(-1, 0)])
    assert (got.found.hits, got.found.total) == (1, 2)
    assert (got.left_alone.hits, got.left_alone.total) == (1, 2)
    assert (got.precision.hits, got.precision.total) == (1, 3)
    assert (got.at_or_after.hits, got.at_or_after.total) == (2, 3)
    assert (got.covered_steps.hits, got.covered_steps.total) == (8, 16)
    assert (got.decided_claims.hits, got.decided_claims.total) == (12, 24)


def test_nothing_counted_has_no_value() -> None:
    got = scores([])
    assert got.found.value is None
    assert got.text_coverage is None
    assert got.f1 == 0.0


ROWS = st.lists(st.builds(judged, st.integers(-1, 3), st.integers(-1, 3)), min_size=1, max_size=12)


@given(ROWS)
def test_intervals_hold_their_ends_and_depend_on_the_seed_alone(rows: list[Judged]) -> None:
    got = scores(rows, seed=3)
    assert got == scores(rows, seed=3)
    assert 0 <= got.f1_low <= got.f1_high <= 1
    if got.found.low is not None and got.found.high is not None:
        assert 0 <= got.found.low <= got.found.high <= 1
