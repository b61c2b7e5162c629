"""Logic records: balanced, the same in any order, rightly labelled, with planted errors that are proved."""

from collections import Counter
from collections.abc import Iterator

import pytest

from genverify.claims.fol import formula
from genverify.claims.grammar import parse
from genverify.data import Dropped, Example, Tools, logic, opened, records
from genverify.data.logic.labels import status, status_claims
from genverify.data.logic.models import GaveUpError, consistent, counter_model

KINDS = set("invalid_rule unjustified_leap wrong_citation dropped_negation dropped_term wrong_answer circular".split())


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with opened() as found:
        yield found


@pytest.fixture(scope="module")
def made(tools: Tools) -> list[Example]:
    """The first 240 records of a seed, of which none may be dropped."""
    found = list(logic.make(range(240), 5, tools))
    dropped = [value for value in found if isinstance(value, Dropped)]
    assert not dropped
    return [value for value in found if isinstance(value, Example)]


def test_answers_depths_and_ways_of_writing_are_balanced(made: list[Example]) -> None:
    assert set(Counter(example.problem.answer for example in made).values()) == {80}
    depths = Counter(e.formal["depth"] for e in made if e.problem.answer != "UNKNOWN")
    assert depths == dict.fromkeys("12345678", 20)
    assert Counter(example.family.split(", ")[1] for example in made) == {"symbols": 120, "words": 120}


def test_a_record_is_the_same_whatever_is_made_beside_it(made: list[Example], tools: Tools) -> None:
    assert list(logic.make(range(101, 105), 5, tools)) == made[101:105]
    assert list(logic.make(range(7, 8), 5, tools)) == made[7:8]
    assert list(logic.make(range(7, 8), 6, tools)) != made[7:8]


def test_right_proofs_are_right_in_every_step(made: list[Example]) -> None:
    assert all(example.labels == (True,) * len(example.steps) for example in made[::2])
    assert all(example.maker == "gold" and not any(s.error for s in example.steps) for example in made[::2])


def test_a_planted_error_is_the_first_wrong_step_and_has_a_counter_model(made: list[Example]) -> None:
    for example in made[1::2]:
        place = next(i for i, step in enumerate(example.steps) if step.error)
        step = example.steps[place]
        assert step.error in KINDS
        assert example.labels[:place] == (True,) * place, "what comes before the error is right"
        if step.error == "circular":
            assert step.label.right is None
            assert step.label.reason == "circular"
        else:
            assert step.label.right is False
            assert step.label.reason


def test_errors_of_every_kind_occur_and_later_steps_are_often_right_again(made: list[Example]) -> None:
    assert {step.error for example in made for step in example.steps if step.error} == KINDS
    after = [label for e in made if e.first_error is not None for label in e.labels[e.first_error + 1 :]]
    assert Counter(after)[True] > Counter(after)[False] > 0


def test_a_correction_is_a_step_of_the_right_proof(made: list[Example]) -> None:
    corrected = [s for example in made for s in example.steps if s.correction]
    assert len(corrected) > 60
    assert all(step.correction != step.text for step in corrected)


def test_problems_stand_as_their_answer_says(made: list[Example], tools: Tools) -> None:
    asked = [logic.question(example) for example in made[::2]]
    checks = tools.checkers.check_many([c for q in asked for c in status_claims(q.facts, q.hypothesis)])
    found = [status(*checks[2 * place : 2 * place + 2]) for place in range(len(asked))]
    assert found == [question.problem.answer for question in asked]


def test_premises_in_both_notations_are_the_same_formulas(made: list[Example]) -> None:
    for example in made[::2]:
        facts = logic.question(example).facts
        assert [formula(text) for text in example.problem.premises_fol] == list(facts.values())


def test_examples_survive_being_written_down(made: list[Example]) -> None:
    assert [records.example(records.line(example)) for example in made] == made


def test_small_worlds_agree_with_every_label(made: list[Example]) -> None:
    """A hundred records: a step that is right has no counter-model of three things at most, one that is wrong has."""
    gave_up = 0
    for example in made[:100]:
        for step in example.steps:
            for claim in step.claims:
                try:
                    found = counter_model(claim.givens, claim.statement)
                except GaveUpError:
                    gave_up += 1
                    continue
                assert step.label.right is not True or found is None, (example.id, step, found)
                assert step.label.right is not False or found is not None, (example.id, step)
    assert gave_up < 20


@pytest.mark.parametrize(
    ("premises", "conclusion", "follows"),
    [
        (("A -> B", "A"), "B", True),
        (("A -> B", "B"), "A", False),
        (("forall(x, A(x) -> B(x))", "A(a)"), "B(a)", True),
        (("exists(x, A(x))",), "A(a)", False),
        (("forall(x, exists(y, R(x, y)))",), "exists(y, forall(x, R(x, y)))", False),
        (("exists(y, forall(x, R(x, y)))",), "forall(x, exists(y, R(x, y)))", True),
        (("xor(A, B)", "A"), "not B", True),
        (("A <-> B",), "B -> A", True),
        ((), "exists(x, A(x) -> forall(y, A(y)))", True),
    ],
)
def test_small_worlds_know_textbook_entailments(premises: tuple[str, ...], conclusion: str, follows: bool) -> None:
    assert (counter_model(premises, conclusion) is None) is follows
    assert consistent(premises) is not None


def test_small_worlds_know_nothing_of_numbers() -> None:
    parse("x < 3")
    with pytest.raises(GaveUpError):
        counter_model(("x < 3",), "x < 4")
