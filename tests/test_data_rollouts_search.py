"""Halving, the tree and the uncertainty orders find what linear search finds, within the rollouts that they promise."""

import asyncio
import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from chains import PROBLEM, ChainPolicy, chain
from hypothesis import assume, given
from hypothesis import strategies as st

from genverify.data.rollouts import Effort, Prober
from genverify.data.rollouts.labels import Labelled, math_shepherd
from genverify.data.rollouts.omega import Tuning, bisect, first_error, grow, priority
from genverify.data.rollouts.uncertainty import ORDERS, order, surprises, uncertainty, unprm
from genverify.engines.scripted import ScriptedEngine
from genverify.errors import EngineError
from genverify.policies import Draft, EnginePolicy, Task
from genverify.search.planted import PlantedPolicy
from genverify.search.planted import problem as planted
from genverify.types import LabelConvention, Problem

FOUR = Effort(4)
wrong_chains = st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1)))


def rights(labelled: Labelled) -> tuple[bool | None, ...]:
    return tuple(label.right for label in labelled.labels)


# --- halving --------------------------------------------------------------------------------------------------------


@given(wrong_chains)
def test_halving_finds_the_planted_error_and_asks_about_a_logarithm_of_prefixes(drawn: tuple[int, int]) -> None:
    count, error = drawn
    policy = ChainPolicy(1.0)
    made = asyncio.run(first_error(Prober(policy, PROBLEM), chain(count, error), FOUR))
    assert made.convention is LabelConvention.FIRST_ERROR
    assert made.place == error
    assert rights(made) == (True,) * error + (False,) + (None,) * (count - error - 1)
    assert made.rollouts == len(policy.asked) <= 4 * (1 + math.ceil(math.log2(count)))


@pytest.mark.parametrize("seed", range(30))
def test_halving_agrees_with_linear_search_where_rollouts_succeed_only_sometimes(seed: int) -> None:
    policy, count = ChainPolicy(0.6, seed=seed), 12
    steps = chain(count, seed % count)
    prober = Prober(policy, PROBLEM)
    halved = asyncio.run(first_error(prober, steps, Effort(16)))
    linear = asyncio.run(math_shepherd(Prober(policy, PROBLEM), steps, Effort(16)))
    assert halved.place == linear.place == seed % count
    assert halved.rollouts < linear.rollouts / 2


def test_nothing_is_probed_where_the_answer_is_right_or_unknown() -> None:
    policy = ChainPolicy()
    right = asyncio.run(first_error(Prober(policy, PROBLEM), chain(5, None), FOUR))
    assert (right.place, rights(right), right.rollouts) == (-1, (True,) * 5, 0)
    open_ = asyncio.run(first_error(Prober(policy, PROBLEM), ["It is good.", "Who knows."], FOUR))
    assert (open_.place, rights(open_)) == (None, (None, None))
    assert policy.asked == []


def test_where_the_policy_cannot_solve_the_problem_rollouts_say_nothing() -> None:
    made = asyncio.run(first_error(Prober(ChainPolicy(0.0), PROBLEM), chain(6, 3), FOUR))
    assert (made.place, rights(made)) == (None, (None,) * 6)
    assert "the policy does not solve the problem: 0 of 4 right" in made.labels[0].reason


def test_a_prefix_that_stays_open_ends_the_search_with_what_is_known() -> None:
    class Lost(ChainPolicy):
        async def write(self, problem: Problem, steps: Sequence[str], task: Task) -> Draft:
            self.fails = float(len(steps) == 6)
            return await super().write(problem, steps, task)

    made = asyncio.run(first_error(Prober(Lost(1.0), PROBLEM), chain(8, 6), FOUR))
    assert made.place is None
    assert rights(made) == (True,) * 4 + (None,) * 4


@given(st.integers(0, 50), st.integers(1, 50), st.integers(-10, 120), st.data())
def test_bisect_closes_in_from_any_start(low: int, width: int, middle: int, data: st.DataObject) -> None:
    high, border = low + width, low + data.draw(st.integers(0, width - 1))
    asked: list[int] = []

    async def reaches(count: int) -> bool:
        asked.append(count)
        return count <= border

    assert asyncio.run(bisect(reaches, low, high, middle)) == (border, border + 1)
    assert all(low < count < high for count in asked)
    assert len(asked) == len(set(asked)) <= 1 + math.ceil(math.log2(width))


# --- the tree -------------------------------------------------------------------------------------------------------


def first_bad(steps: tuple[str, ...]) -> int:
    return next(i for i, step in enumerate(steps) if "bad" in step)


def test_every_solution_that_the_tree_searched_has_its_true_first_error() -> None:
    policy = ChainPolicy(0.6, steps=6)
    tree = asyncio.run(grow(Prober(policy, PROBLEM), Effort(16), searches=30, rollouts=10**4))
    assert len(tree.searched) == 30
    for one in tree.searched:
        assert one.labelled.place == first_bad(one.steps)
        assert one.labelled.convention is LabelConvention.FIRST_ERROR
    assert len({one.steps for one in tree.searched}) == 30
    assert tree.rollouts == len(policy.asked) == 16 * len(tree.states)


def test_prefixes_probed_on_the_way_give_new_rollouts_to_search() -> None:
    policy = ChainPolicy(0.6, steps=6)
    tree = asyncio.run(grow(Prober(policy, PROBLEM), Effort(16), searches=30, rollouts=10**4))
    at_the_root = tree.states[0].visits
    assert tree.states[0].steps == ()
    assert 0 < at_the_root < 30
    assert sum(state.visits for state in tree.states) == 30
    assert all(0 < (state.estimate.rate or 0) < 1 for state in tree.states if state.visits)


def test_the_tree_keeps_to_its_bounds_and_is_the_same_each_time() -> None:
    made = [asyncio.run(grow(Prober(ChainPolicy(0.5), PROBLEM), FOUR, rollouts=40)) for _ in range(2)]
    assert made[0] == made[1]
    assert 40 <= made[0].rollouts < 40 + 4 * 3  # the last search of four steps may add two states
    assert asyncio.run(grow(Prober(ChainPolicy(0.5), PROBLEM), FOUR, searches=0)).searched == ()


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_where_all_rollouts_agree_there_is_nothing_to_search(rate: float) -> None:
    tree = asyncio.run(grow(Prober(ChainPolicy(rate), PROBLEM), FOUR))
    assert (len(tree.states), tree.searched) == (1, ())


def test_priorities_are_those_of_the_paper() -> None:
    usual = Tuning()
    assert priority(1.0, 0, 0, 0, usual) == 1.0
    assert math.isclose(priority(0.5, 250, 3, 16, usual), 0.5**0.5 * 0.9**0.5 + 0.125 * 4 / 4)
    assert priority(0.9, 100, 0, 9, usual) > priority(0.2, 100, 0, 9, usual)
    assert priority(0.5, 100, 0, 9, usual) > priority(0.5, 900, 0, 9, usual)
    assert priority(0.5, 100, 0, 9, usual) > priority(0.5, 100, 5, 9, usual)


# --- uncertainty ----------------------------------------------------------------------------------------------------

logprobs = st.lists(st.floats(-50, 0), min_size=1, max_size=30)


def test_uncertainty_is_that_of_the_authors_code() -> None:
    flat = uncertainty([-1.0, -1.0, -1.0, -1.0])
    assert math.isclose(flat.entropy, math.log(4))
    assert math.isclose(flat.surprise, 4 * math.log(4))
    assert math.isclose(flat.per_token, math.log(4) / 4)
    peaked = uncertainty([0.0, -5.0])  # after division by 5 the odds are e to 1
    p = math.e / (1 + math.e)
    assert math.isclose(peaked.entropy, -p * math.log(p) - (1 - p) * math.log(1 - p))


@given(logprobs)
def test_entropy_is_bounded_by_the_tokens_and_so_grows_with_them_where_per_token_does_not(values: list[float]) -> None:
    found, twice = uncertainty(values), uncertainty(values * 2)
    assert 0 <= found.entropy <= math.log(len(values)) + 1e-9
    assert math.isclose(twice.entropy, found.entropy + math.log(2), abs_tol=1e-9)
    assert twice.per_token <= found.per_token + math.log(2) / 2 / len(values) + 1e-9


def test_impossible_and_missing_tokens_have_their_values() -> None:
    assert uncertainty([]) == uncertainty([], 1.0)
    assert uncertainty([]).per_token == 0.0
    assert uncertainty([-math.inf, 0.0]).entropy == 0.0
    assert uncertainty([-math.inf]).surprise == math.inf
    for wrong in ([0.5], [math.nan]):
        with pytest.raises(ValueError, match="at most 0"):
            uncertainty(wrong)


def test_orders_go_down_and_leave_the_last_step_to_the_answer() -> None:
    assert order([1.0, 3.0, 2.0, 9.0]) == [1, 2, 0]
    assert order([1.0, 3.0, 2.0, 9.0], "delta") == [1, 2]
    assert order([9.0, 1.0, 2.0, 9.0], "delta") == [2, 1]
    assert order([5.0]) == []
    with pytest.raises(ValueError, match="driven or delta"):
        order([1.0], "binary")


@given(st.lists(st.floats(0, 10), min_size=1, max_size=12))
def test_orders_are_sorted_and_whole(values: list[float]) -> None:
    for how in ("driven", "delta"):
        found = order(values, how)
        assert sorted(found) == list(range(how == "delta", max(len(values) - 1, how == "delta")))
        if how == "driven":
            assert all(values[a] >= values[b] for a, b in pairwise(found))


# --- UnPRM ----------------------------------------------------------------------------------------------------------


def entropies(count: int, *peaks: int) -> list[float]:
    return [float(20 - peaks.index(i)) if i in peaks else 1.0 - i / 100 for i in range(count)]


@pytest.mark.parametrize("how", ORDERS)
@given(drawn=wrong_chains)
def test_every_order_finds_an_error_at_the_step_that_is_most_uncertain(how: str, drawn: tuple[int, int]) -> None:
    count, error = drawn
    assume(how != "delta" or error)  # before step 0 there is nothing to rise from
    policy = ChainPolicy(1.0)
    values = entropies(count, error)
    made = asyncio.run(unprm(Prober(policy, PROBLEM), chain(count, error), FOUR, how, values))
    assert made.place == error
    assert {label.source for label in made.labels[:-1]} <= {f"rollouts:unprm-{how}"}
    if how == "driven":
        assert made.rollouts == (4 * (2 if error < count - 1 else count))
    if how in ("binary", "adaptive"):
        assert made.rollouts <= 4 * (2 + math.ceil(math.log2(count)))


def test_the_step_met_first_need_not_be_the_earliest_wrong_one_and_the_labels_say_so() -> None:
    made = asyncio.run(unprm(Prober(ChainPolicy(1.0), PROBLEM), chain(8, 2), FOUR, "driven", entropies(8, 0, 5)))
    assert made.place == 5
    assert rights(made) == (True,) * 5 + (False, None, None)
    reasons = [label.reason for label in made.labels]
    assert reasons[0] == "4 of 4 right"
    assert reasons[1:5] == ["not probed, taken to be right"] * 4
    assert made.labels[5].value == 0.0


def test_the_authors_rule_calls_right_prefixes_wrong_by_chance_and_a_smaller_share_does_not() -> None:
    hits = {1.0: 0, 0.3: 0}
    for seed in range(20):
        for share in hits:
            prober = Prober(ChainPolicy(0.6, seed=seed), PROBLEM)
            made = asyncio.run(unprm(prober, chain(10, 8), Effort(16), "binary", share=share))
            hits[share] += made.place == 8
    assert hits[0.3] == 20
    assert hits[1.0] < 15


def test_an_adaptive_effort_leaves_open_what_the_interval_does_not_decide() -> None:
    missed = dict.fromkeys((None, 1.96), 0)
    for seed in range(20):
        for z in missed:
            prober = Prober(ChainPolicy(0.6, seed=seed), PROBLEM)
            made = asyncio.run(unprm(prober, chain(10, 8), Effort(16, z=z), "binary"))
            missed[z] += made.place not in (None, 8)
    assert missed[None] > 5
    assert missed[1.96] <= 2


def test_an_adaptive_start_looks_later_in_easy_problems_and_earlier_in_hard_ones() -> None:
    easy, hard = ChainPolicy(1.0), ChainPolicy(0.15, seed=1)
    for policy in (easy, hard):
        asyncio.run(unprm(Prober(policy, PROBLEM), chain(18, 16), Effort(32), "adaptive", share=0.0))
    first_looks = [policy.asked[32][0].count("Step") for policy in (easy, hard)]
    assert first_looks == [13, 5]  # of 17 prefixes the middle one has 9 steps, a quarter are 4


def test_unprm_refuses_what_it_cannot_order() -> None:
    prober = Prober(ChainPolicy(), PROBLEM)
    with pytest.raises(ValueError, match="an uncertainty for each of 4 steps, got 0"):
        asyncio.run(unprm(prober, chain(4, 2), FOUR))
    with pytest.raises(ValueError, match="expected one of driven"):
        asyncio.run(unprm(prober, chain(4, 2), FOUR, "random"))


def test_steps_are_as_surprising_as_the_engine_says_and_one_that_cannot_say_refuses() -> None:
    engine = ScriptedEngine(lambda request: {request.choices[0]: 0.5 if request.prefix else 0.25})
    made = asyncio.run(surprises(EnginePolicy(engine), PROBLEM, ["a", "b"]))
    assert [round(value, 9) for value in made] == [round(math.log(4), 9), round(math.log(2), 9)]

    class Mute(ScriptedEngine):
        capabilities = frozenset({"messages"})  # type: ignore[misc]

    with pytest.raises(EngineError, match="cannot say how likely"):
        asyncio.run(surprises(EnginePolicy(Mute([])), PROBLEM, ["a"]))


def test_unprm_says_nothing_of_problems_that_the_policy_does_not_solve() -> None:
    made = asyncio.run(unprm(Prober(ChainPolicy(0.0), PROBLEM), chain(6, 3), FOUR, "binary"))
    assert (made.place, rights(made)) == (None, (None,) * 6)


# --- all on worked sums ---------------------------------------------------------------------------------------------


def test_on_worked_sums_every_method_finds_the_step_with_the_wrong_result() -> None:
    for seed in range(12):
        asked, place = planted(seed, 7), seed % 7
        right = asyncio.run(PlantedPolicy(0.0).write(asked, (), Task())).text.split("\n\n")
        wrong = f"{right[place].rsplit('= ', 1)[0]}= {10**6 + seed}."
        rest = asyncio.run(PlantedPolicy(0.0).write(asked, [*right[:place], wrong], Task())).text.split("\n\n")
        steps = [*right[:place], wrong, *rest]
        assert asyncio.run(first_error(Prober(PlantedPolicy(0.0), asked), steps, FOUR)).place == place
        assert asyncio.run(math_shepherd(Prober(PlantedPolicy(0.0), asked), steps, FOUR)).place == place
        assert asyncio.run(unprm(Prober(PlantedPolicy(0.0), asked), steps, FOUR, "binary")).place == place
