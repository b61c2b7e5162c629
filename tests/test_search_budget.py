"""The purse: drafts side by side never take more tokens than there are, and none waits for ever."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.search import Limits, Purse

DRAFTS = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30), st.integers(0, 3)), max_size=12)
"""For each draft the most that it asks for, what it would use, and how many turns of the loop it takes."""


def spend(drafts: list[tuple[int, int, int]], tokens: int | None) -> tuple[Purse, list[int]]:
    async def run() -> tuple[Purse, list[int]]:
        purse = Purse(Limits(tokens))

        async def draft(most: int, wants: int, turns: int) -> int:
            granted = await purse.reserve(most)
            for _ in range(turns):
                await asyncio.sleep(0)
            used = min(wants, granted)
            await purse.settle(granted, used)
            return used

        async with asyncio.timeout(30):
            return purse, list(await asyncio.gather(*(draft(*one) for one in drafts)))

    return asyncio.run(run())


@given(DRAFTS, st.integers(1, 100))
def test_a_budget_is_kept_to_the_token(drafts: list[tuple[int, int, int]], tokens: int) -> None:
    purse, used = spend(drafts, tokens)
    assert purse.used == sum(used) <= tokens
    assert purse.left == tokens - sum(used)


@given(DRAFTS)
def test_without_a_limit_nobody_is_cut(drafts: list[tuple[int, int, int]]) -> None:
    _, used = spend(drafts, None)
    assert used == [min(most, wants) for most, wants, _ in drafts]


@given(DRAFTS)
def test_a_budget_that_suffices_for_all_cuts_nobody(drafts: list[tuple[int, int, int]]) -> None:
    _, used = spend(drafts, sum(most for most, _, _ in drafts) or 1)
    assert used == [min(most, wants) for most, wants, _ in drafts]


@pytest.mark.parametrize("wrong", [{"tokens": 0}, {"seconds": 0.0}, {"seconds": -1.0}, {"call_s": 0.0}])
def test_a_budget_of_nothing_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="a budget needs"):
        Limits(**wrong)  # type: ignore[arg-type]
