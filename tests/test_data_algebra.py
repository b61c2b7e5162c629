"""Algebra data: gold solutions are right, planted errors are proved, records do not depend on their order."""

from collections.abc import Iterator

import pytest

from genverify.data import algebra, records
from genverify.data.values import Dropped, Example, Tools, opened

MADE = 200


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with opened() as tools:
        yield tools


@pytest.fixture(scope="module")
def made(tools: Tools) -> list[Example]:
    return [e for e in algebra.make(range(MADE), 5, tools) if isinstance(e, Example)]


def test_no_step_of_a_gold_solution_is_wrong_and_it_ends_with_the_answer(made: list[Example]) -> None:
    gold = [e for e in made if e.maker == "gold"]
    assert len(gold) == MADE // 2
    assert [e.id for e in gold if False in e.labels or e.answer != e.problem.answer] == []


def test_a_sneaky_solution_is_wrong_where_the_error_was_planted_and_nowhere_else(made: list[Example]) -> None:
    sneaky = [e for e in made if e.maker == "sneaky"]
    assert len(sneaky) > MADE // 2 * 0.95
    for example in sneaky:
        assert [s.label.right is False for s in example.steps] == [bool(s.error) for s in example.steps], example.id
        assert example.first_error is not None


def test_at_most_one_step_in_ten_claims_nothing(made: list[Example]) -> None:
    labels = [right for e in made for right in e.labels]
    assert labels.count(None) <= len(labels) / 10


def test_a_correction_differs_from_the_wrong_step(made: list[Example]) -> None:
    wrong = [s for e in made for s in e.steps if s.error]
    assert all(s.correction and s.correction != s.text for s in wrong)


def test_a_record_is_the_same_in_any_order(made: list[Example], tools: Tools) -> None:
    alone = [next(iter(algebra.make(range(n, n + 1), 5, tools))) for n in (41, 40, 7, 12)]
    by_id = {e.id: e for e in made}
    assert [records.line(by_id[e.id]) for e in alone] == [records.line(e) for e in alone]


def test_two_records_of_one_problem_share_its_text_and_its_group(made: list[Example]) -> None:
    for one, other in zip(made[::2], made[1::2], strict=True):
        assert (one.problem.text, one.group) == (other.problem.text, other.group)


def test_records_come_back_from_their_lines(made: list[Example]) -> None:
    assert all(records.example(records.line(e)) == e for e in made[:40])


def test_what_is_not_made_says_so_in_fixed_words(tools: Tools) -> None:
    dropped = [e for e in algebra.make(range(1, 120, 2), 9, tools) if isinstance(e, Dropped)]
    assert {e.why for e in dropped} <= {"no error could be proved"}
