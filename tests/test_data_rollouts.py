"""Rollouts find the planted error, cost what the formulas say, and never turn what is not known into right or wrong."""

import asyncio
import math
from collections.abc import Sequence
from typing import Any

import pytest
from chains import PROBLEM, ChainPolicy, chain
from hypothesis import given
from hypothesis import strategies as st

from genverify.data import StepLabel
from genverify.data.rollouts import Effort, Estimate, Prober, Rollout, wilson
from genverify.data.rollouts.labels import Labelled, advantage, as_prefix, math_shepherd, progress, relative_progress
from genverify.engines.base import Request
from genverify.engines.scripted import ScriptedEngine, render
from genverify.policies import Draft, EnginePolicy, Task
from genverify.search.planted import PlantedPolicy
from genverify.search.planted import problem as planted
from genverify.tools.checkers import Checkers
from genverify.types import LabelConvention, Problem

FOUR = Effort(4)
chains = st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.none() | st.integers(0, n - 1)))


def rights(labelled: Labelled) -> tuple[bool | None, ...]:
    return tuple(label.right for label in labelled.labels)


def estimate(right: int, wrong: int, lost: int = 0) -> Estimate:
    many = [Rollout("", True)] * right + [Rollout("", False)] * wrong + [Rollout("", None, why="cut off")] * lost
    return Estimate(tuple(many))


class Writing(ChainPolicy):
    """A policy that writes one text, whatever it is asked."""

    def __init__(self, text: str, *, complete: bool = True) -> None:
        super().__init__()
        self.draft = Draft(text, 1, complete=complete)

    async def write(self, problem: Problem, steps: Sequence[str], task: Task) -> Draft:
        return self.draft


def one(text: str, *, complete: bool = True, steps: Sequence[str] = (), reference: str = "42", **more: Any) -> Rollout:
    prober = Prober(Writing(text, complete=complete), Problem("?", answer=reference), **more)
    return asyncio.run(prober.probe(steps, Effort(1))).rollouts[0]


# --- one rollout ----------------------------------------------------------------------------------------------------


def test_a_rollout_is_right_by_value_and_never_by_spelling_or_substring() -> None:
    assert one("So \\boxed{\\frac{84}{2}}.").right is True
    assert one("The answer is 142.").right is False
    assert one("so we get 42").right is True


@pytest.mark.parametrize(
    ("text", "complete", "why"),
    [("Nobody knows.", True, "no answer"), ("", True, "no answer"), ("we had 42 and", False, "cut off")],
)
def test_a_rollout_without_an_answer_is_neither_right_nor_wrong(text: str, complete: bool, why: str) -> None:
    assert (one(text, complete=complete).right, one(text, complete=complete).why) == (None, why)


def test_a_rollout_that_babbles_on_after_its_answer_has_given_it() -> None:
    assert one("The answer is \\boxed{42}. And now", complete=False).right is True


def test_a_policy_that_adds_nothing_agrees_with_the_answer_in_the_steps() -> None:
    assert one("", steps=["The answer is 42."]).right is True
    assert one("", steps=["There were 42 of them."]).why == "no answer"


def test_an_answer_that_nobody_can_compare_stays_open_until_a_prover_decides_it(checkers: Checkers) -> None:
    said = "The answer is $x(x+1)$."
    assert (one(said, reference="x^2 + x").right, one(said, reference="x^2 + x").why) == (None, "not comparable")
    assert one(said, reference="x^2 + x", checkers=checkers).right is True


def test_a_policy_that_never_ends_or_raises_costs_its_own_rollouts_only() -> None:
    prober = Prober(PlantedPolicy(0.0, raises=0.3, hangs=0.3), planted(1), call_s=0.05)
    found = asyncio.run(prober.probe((), Effort(20)))
    failed = [r for r in found.rollouts if r.why == "failed"]
    assert 0 < len(failed) < 20
    assert found.right == found.decided == 20 - len(failed)
    assert {r.detail.split(":")[0] for r in failed} == {"EngineError", "TimeoutError"}
    assert prober.spent.failed == len(failed)


def test_a_problem_without_a_reference_answer_is_refused() -> None:
    for answer in (None, " "):
        with pytest.raises(ValueError, match="reference answer"):
            Prober(ChainPolicy(), Problem("?", answer=answer))


# --- estimates ------------------------------------------------------------------------------------------------------


def test_what_is_undecided_counts_neither_way_and_too_much_of_it_leaves_no_rate() -> None:
    assert estimate(1, 3, 2).rate == 0.25
    assert estimate(0, 2, 3).rate is None
    assert (estimate(0, 2, 3).reaches(), estimate(0, 2, 2).reaches(), estimate(1, 0, 9).reaches()) == (
        None,
        False,
        True,
    )
    assert estimate(1, 1).reaches(0.5) is True
    assert estimate(0, 0).rate is None
    assert estimate(1, 3, 2).said() == "1 of 4 right; 2 cut off"


@given(st.integers(0, 200), st.integers(0, 200), st.floats(0.1, 5))
def test_a_wilson_interval_holds_the_rate_and_solves_its_equation(right: int, wrong: int, z: float) -> None:
    total = right + wrong
    low, high = wilson(right, total, z)
    assert 0 <= low <= high <= 1
    if not total:
        return
    p = right / total
    assert low <= p <= high
    for bound in (low, high):  # |p - bound| = z * sqrt(bound * (1 - bound) / n) is what defines it
        assert math.isclose((p - bound) ** 2, z * z * bound * (1 - bound) / total, abs_tol=1e-9)


def test_an_adaptive_effort_stops_when_the_threshold_is_excluded_and_not_before() -> None:
    for rate, drawn in ((1.0, 4), (0.0, 4)):
        policy = ChainPolicy(rate)
        found = asyncio.run(Prober(policy, PROBLEM).probe((), Effort(32, z=1.96), threshold=0.5))
        assert len(found.rollouts) == len(policy.asked) == drawn
    close = asyncio.run(Prober(ChainPolicy(0.5), PROBLEM).probe((), Effort(16, z=1.96), threshold=0.5))
    assert len(close.rollouts) == 16
    whole = asyncio.run(Prober(ChainPolicy(1.0), PROBLEM).probe((), Effort(32, z=1.96)))
    assert len(whole.rollouts) == 32  # without a threshold there is nothing to decide early


def test_an_adaptive_effort_decides_as_the_full_one_does_for_less() -> None:
    agree = saved = 0
    for seed in range(40):
        policy = ChainPolicy((0.1, 0.9)[seed % 2], seed=seed)
        full = asyncio.run(Prober(policy, PROBLEM).probe((), Effort(64)))
        early = asyncio.run(Prober(policy, PROBLEM).probe((), Effort(64, z=1.96), threshold=0.5))
        agree += full.reaches(0.5) == early.reaches(0.5)
        saved += 64 - len(early.rollouts)
        assert early.rollouts == full.rollouts[: len(early.rollouts)]
    assert agree == 40
    assert saved > 40 * 32


@pytest.mark.parametrize("wrong", [{"k": 0}, {"z": 0.0}, {"z": math.nan}, {"batch": 0}])
def test_an_effort_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected k and batch"):
        Effort(**wrong)


# --- seeds and cache ------------------------------------------------------------------------------------------------


def test_a_prefix_is_drawn_once_however_many_ask() -> None:
    policy = ChainPolicy(0.5)
    prober = Prober(policy, PROBLEM)
    steps = chain(5, 3)

    async def all_methods() -> None:
        await asyncio.gather(
            math_shepherd(prober, steps, FOUR), relative_progress(prober, steps, FOUR), advantage(prober, steps, FOUR)
        )

    asyncio.run(all_methods())
    assert len(policy.asked) == len(set(policy.asked)) == 4 * 5  # the problem alone and four prefixes
    assert prober.spent.calls == 20
    assert prober.spent.prompt_tokens == 5 * 20


def test_rollouts_depend_on_problem_prefix_and_draw_alone() -> None:
    steps = chain(6, 4)

    async def backwards() -> list[Estimate]:
        prober = Prober(ChainPolicy(0.5), PROBLEM)
        for n in reversed(range(6)):
            await prober.probe(steps[:n], Effort(n + 1))
        return [await prober.probe(steps[:n], FOUR) for n in range(6)]

    async def forwards() -> list[Estimate]:
        prober = Prober(ChainPolicy(0.5), PROBLEM)
        return [await prober.probe(steps[:n], FOUR) for n in range(6)]

    assert asyncio.run(backwards()) == asyncio.run(forwards())


def test_no_more_rollouts_are_under_way_than_the_room_holds() -> None:
    class Counting(ChainPolicy):
        now = most = 0

        async def write(self, problem: Problem, steps: Sequence[str], task: Task) -> Draft:
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.001)
            self.now -= 1
            return await super().write(problem, steps, task)

    policy = Counting()
    asyncio.run(math_shepherd(Prober(policy, PROBLEM, room=asyncio.Semaphore(3)), chain(6, None), FOUR))
    assert policy.most == 3


def test_an_engine_goes_on_from_the_very_steps_as_its_own_words() -> None:
    prompts: list[str] = []

    def answer(request: Request) -> str:
        prompts.append(render(request))
        return "\\boxed{42}"

    engine = ScriptedEngine(answer)
    asyncio.run(Prober(EnginePolicy(engine), PROBLEM).probe(["One.", "Two.\n"], Effort(2)))
    assert len(prompts) == 2
    assert all(p.endswith("One.\n\nTwo.\n") for p in prompts)


# --- Math-Shepherd --------------------------------------------------------------------------------------------------


@given(chains)
def test_math_shepherd_finds_the_planted_error_with_k_rollouts_a_prefix(drawn: tuple[int, int | None]) -> None:
    count, error = drawn
    policy = ChainPolicy(1.0)
    made = asyncio.run(math_shepherd(Prober(policy, PROBLEM), chain(count, error), FOUR))
    assert made.convention is LabelConvention.PREFIX
    assert made.place == (-1 if error is None else error)
    assert rights(made) == tuple(error is None or i < error for i in range(count))
    root = error == 0 and count > 1  # where no step reaches the answer the problem alone is asked about
    assert made.rollouts == len(policy.asked) == 4 * (count - 1 + root)
    assert made.labels[-1].source == "answer"
    assert {label.source for label in made.labels[:-1]} <= {"rollouts:math-shepherd-hard"}


def test_soft_estimation_is_the_share_of_right_rollouts() -> None:
    made = asyncio.run(math_shepherd(Prober(ChainPolicy(0.5), PROBLEM), chain(4, 2), Effort(200), soft=True))
    values = [label.value for label in made.labels]
    assert values[2:] == [0.0, 0.0]
    for t in (0, 1):
        found = made.estimates[t + 1]
        assert values[t] == found.right / found.decided
        low, high = found.interval(z=4.0)
        assert low < 0.5 < high


def test_adaptive_hard_estimation_stops_at_the_first_right_rollout() -> None:
    made = asyncio.run(math_shepherd(Prober(ChainPolicy(1.0), PROBLEM), chain(6, 3), Effort(32, z=1.96)))
    assert [len(made.estimates[n].rollouts) for n in range(1, 6)] == [4, 4, 4, 32, 32]
    assert made.place == 3


def test_a_rollout_that_recovers_after_a_wrong_step_shows_in_the_value_and_not_in_the_label() -> None:
    label = StepLabel
    raw = [label(True, "r"), label(False, "r"), label(True, "r", "2 of 4 right", 0.5), label(None, "r")]
    made = as_prefix(raw, {})
    assert rights(made) == (True, False, False, False)
    assert made.labels[2].value == 0.5
    assert "comes after step 1 (from 0), which is wrong; 2 of 4 right" in made.labels[2].reason
    assert [label.right for label in made.local()] == [True, False, None, None]


def test_where_rollouts_are_lost_the_label_is_unknown_and_never_wrong() -> None:
    made = asyncio.run(math_shepherd(Prober(ChainPolicy(fails=1.0), PROBLEM), chain(4, 2), FOUR))
    assert rights(made) == (None, None, None, False)
    assert made.failed
    assert made.place is None
    assert made.labels[0].reason == "the policy does not solve the problem from anywhere; 0 of 0 right; 4 failed"


def test_a_last_step_without_a_readable_answer_is_unknown() -> None:
    made = asyncio.run(math_shepherd(Prober(ChainPolicy(), PROBLEM), ["It is good.", "Who knows."], FOUR))
    assert rights(made) == (True, None)
    given = asyncio.run(math_shepherd(Prober(ChainPolicy(), PROBLEM), ["It is good.", "Who knows."], FOUR, "84/2"))
    assert rights(given) == (True, True)


def test_a_solution_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one step"):
        asyncio.run(math_shepherd(Prober(ChainPolicy(), PROBLEM), [], FOUR))


# --- relative progress ----------------------------------------------------------------------------------------------


def test_progress_divides_rates_and_nothing_by_nothing_is_nothing() -> None:
    assert progress([0.5, 0.5, 0.25, 0.0, 0.0]) == [1.0, 0.5, 0.0, 0.0]
    assert progress([0.5, 1.0, None, 0.5]) == [1.0, None, None]
    assert progress([0.0, 0.5]) == [1.0]
    assert progress([0.0, 0.0]) == [0.0]


def test_after_a_first_step_of_rate_0_there_is_no_progress_even_where_a_rollout_recovers() -> None:
    assert progress([0.5, 0.0, 0.5, 1.0]) == [0.0, 0.0, 0.0]


@given(st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=10))
def test_progress_lies_between_0_and_1_with_one_value_a_step(rates: list[float | None]) -> None:
    made = progress(rates)
    assert len(made) == len(rates) - 1
    assert all(gain is None or 0 <= gain <= 1 for gain in made)


def test_relative_progress_finds_the_planted_error() -> None:
    for error in (None, 0, 2, 4):
        made = asyncio.run(relative_progress(Prober(ChainPolicy(1.0), PROBLEM), chain(5, error), Effort(16)))
        assert made.place == (-1 if error is None else error)
        assert [label.value for label in made.labels] == [float(error is None or i < error) for i in range(5)]


def test_of_a_problem_too_hard_for_the_policy_only_the_answer_is_known() -> None:
    made = asyncio.run(relative_progress(Prober(ChainPolicy(0.0), PROBLEM), chain(3, 2), FOUR))
    assert rights(made) == (None, None, False)
    assert made.labels[0].reason == "the policy does not solve the problem from anywhere; 0 of 4 right"
    assert [label.right for label in made.local()] == [None, None, None]
    weak = asyncio.run(math_shepherd(Prober(ChainPolicy(0.0), PROBLEM), chain(3, None), FOUR))
    assert rights(weak) == (None, None, True)
    assert [label.right for label in weak.local()] == [None, None, True]


# --- advantages -----------------------------------------------------------------------------------------------------


def test_advantages_add_up_from_the_chance_at_the_start_to_the_outcome() -> None:
    made = asyncio.run(advantage(Prober(ChainPolicy(0.7), PROBLEM), chain(5, 3), Effort(50)))
    values = [label.value for label in made.labels]
    assert rights(made) == (None,) * 5
    assert math.isclose(sum(v or 0 for v in values), 0.0 - (made.estimates[0].rate or 0))
    assert values[3] is not None
    assert values[3] < -0.5
    assert {label.source for label in made.labels} == {"rollouts:pav"}


def test_a_prover_that_takes_the_best_of_many_drafts_sees_no_loss_until_nothing_is_left() -> None:
    made = asyncio.run(advantage(Prober(ChainPolicy(0.6), PROBLEM), chain(5, 3), Effort(30), best_of=100))
    for t, label in enumerate(made.labels):
        assert label.value is not None
        assert math.isclose(label.value, -1.0 if t == 3 else 0.0, abs_tol=1e-9)
