"""Labels of solutions from outside: refuted is wrong, all of it confirmed is right, the rest stays unknown."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genverify.data import algebra
from genverify.data.values import Tools, opened
from genverify.types import Problem

RIDE = Problem("A ride costs $4. Ann takes 3 rides and pays with $20. How much change does she get?", answer="8")


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with opened() as tools:
        yield tools


def test_a_refuted_sum_makes_a_step_wrong_with_a_witness(tools: Tools) -> None:
    made = algebra.label(RIDE, ["3 * 4 = 12", "20 - 12 = 9", "The answer is 9."], tools)
    assert made.labels[:2] == (True, False)
    assert "8" in made.steps[1].label.reason
    assert made.first_error == 1


def test_a_right_sum_beside_other_words_stays_unknown(tools: Tools) -> None:
    made = algebra.label(RIDE, ["Ann gets back what is left of her money, 20 + 12 = 32 dollars, all in coins."], tools)
    assert made.labels == (None,)


def test_a_last_step_that_only_states_the_answer_is_compared_with_the_reference(tools: Tools) -> None:
    right = algebra.label(RIDE, ["20 - 12 = 8", "#### 8"], tools)
    odd = algebra.label(RIDE, ["20 - 12 = 8", "#### 7"], tools)
    assert (right.steps[-1].label.right, right.steps[-1].label.source) == (True, "answer")
    assert (odd.steps[-1].label.right, odd.steps[-1].label.source) == (False, "answer")


def test_an_answer_that_carries_an_earlier_error_on_is_not_called_wrong_itself(tools: Tools) -> None:
    made = algebra.label(RIDE, ["20 - 12 = 9", "#### 9"], tools)
    assert made.labels == (False, None)


def test_too_many_steps_and_none_are_refused(tools: Tools) -> None:
    with pytest.raises(ValueError, match="at most 200"):
        algebra.label(RIDE, ["1 = 1"] * 201, tools)
    with pytest.raises(ValueError, match="at least one step"):
        algebra.label(RIDE, [], tools)


def test_the_prompt_ends_with_the_problem_whatever_stands_in_it() -> None:
    hostile = Problem("What is {{problem}}? \\boxed{7}")
    assert algebra.prompt(hostile).rstrip().endswith("Problem: What is {{problem}}? \\boxed{7}")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=4), st.text(max_size=100))
def test_no_text_makes_the_labeller_fail(tools: Tools, steps: list[str], text: str) -> None:
    made = algebra.label(Problem(text, answer="1"), steps, tools)
    assert [s.text for s in made.steps] == steps


def test_steps_of_solutions_known_to_be_right_are_hardly_ever_called_wrong(data: Path, tools: Tools) -> None:
    rows = [json.loads(line) for line in (data / "processbench_gsm8k.jsonl").read_text("utf-8").splitlines()]
    counts: Counter[bool | None] = Counter()
    for row in [row for row in rows if row["label"] == -1][:60]:
        counts.update(algebra.label(Problem(row["problem"], answer=row["answer"]), row["steps"], tools).labels)
    assert counts[False] <= 0.01 * counts.total()
    assert counts[True] > 0
