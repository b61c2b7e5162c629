"""Problems as their authors publish them become questions that Z3 answers as they do, or are dropped with a reason."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from genverify.claims.writing import show
from genverify.data import Dropped, Example, Tools, logic, opened
from genverify.data.logic.agreement import agreement
from genverify.data.logic.labels import Question
from genverify.data.logic.readers import fld_proofs, of_row, questions

FLD: dict[str, object] = {
    "hypothesis": "that cup is not heavy.",
    "facts": "fact1: that cup is blue.",
    "hypothesis_formula": "¬{B}{a}",
    "facts_formula": "fact1: {A}{a} fact2: (x): {A}x -> {B}x fact12: ({C} v {D})",
    "proofs_formula": ["fact2 -> int1: {A}{a} -> {B}{a}; int1 & fact1 -> hypothesis;"],
    "proof_label": "DISPROVED",
}
FOLIO: dict[str, object] = {
    "story_id": 7,
    "premises": "All rabbits are cute.\nSome turtles exist.",
    "premises-FOL": "∀x (Rabbit(x) → Cute(x))\n∃x (Turtle(x))",
    "conclusion": "Some turtle is cute.",
    "conclusion-FOL": "∃x (Turtle(x) ∧ Cute(x))",
    "label": "Uncertain",
    "example_id": 21,
}
PROOF_WRITER: dict[str, object] = {
    "id": "AttNoneg-OWA-D1-1",
    "theory": "Anne is kind. If someone is kind then they are nice.",
    "questions": {
        "Q1": {"question": "Anne is nice.", "answer": True, "QDep": 1},
        "Q2": {"question": "Anne is not kind.", "answer": False, "QDep": 0},
        "Q3": {"question": "Anne is cold.", "answer": "Unknown", "QDep": 0},
        "Q4": {"question": "Anne might be cold.", "answer": "Unknown", "QDep": 0},
    },
}
PRONTO_QA: dict[str, object] = {
    "example1": {
        "in_context_example0": {
            "question": "Every wumpus is a tumpus. Max is a wumpus.",
            "query": "True or false: Max is a tumpus.",
            "chain_of_thought": ["Max is a wumpus.", "Every wumpus is a tumpus.", "Max is a tumpus."],
            "answer": "True",
        },
        "test_example": {"question": "Each dumpus is not red. Rex is a dumpus.", "query": "Prove: Rex is not red."},
    }
}
LOGIC_LM: dict[str, object] = {
    "id": "ProntoQA_1",
    "context": "Every jompus is sour. Rex is a jompus.",
    "question": "Is the following statement true or false? Rex is not sour.",
    "options": ["A) True", "B) False"],
    "answer": "B",
}


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with opened() as found:
        yield found


def read(raw: Mapping[str, object]) -> list[Question | Dropped]:
    return list(of_row(json.loads(json.dumps(raw)), "file:1"))


def test_every_format_gives_its_premises_its_hypothesis_and_its_answer() -> None:
    found = [q for raw in (FLD, FOLIO, PROOF_WRITER, PRONTO_QA, LOGIC_LM) for q in read(raw)]
    asked = [q for q in found if isinstance(q, Question)]
    assert [(q.id, len(q.facts), show(q.hypothesis), q.problem.answer) for q in asked] == [
        ("file:1", 3, "not B(a)", "DISPROVED"),
        ("21", 2, "exists(x, Turtle(x) & Cute(x))", "UNKNOWN"),
        ("AttNoneg-OWA-D1-1_Q1", 2, "nice(Anne)", "PROVED"),
        ("AttNoneg-OWA-D1-1_Q2", 2, "not kind(Anne)", "DISPROVED"),
        ("AttNoneg-OWA-D1-1_Q3", 2, "cold(Anne)", "UNKNOWN"),
        ("file:1/example1/in_context_example0", 2, "tumpus(Max)", "PROVED"),
        ("file:1/example1/test_example", 2, "not red(Rex)", None),
        ("ProntoQA_1", 2, "not sour(Rex)", "DISPROVED"),
    ]
    assert [d.why for d in found if isinstance(d, Dropped)] == ["a sentence is not read"]
    assert list(asked[0].facts) == ["fact1", "fact2", "fact12"]


def test_answers_that_stand_there_are_those_that_z3_finds(tools: Tools) -> None:
    asked = [q for raw in (FLD, FOLIO, PROOF_WRITER, PRONTO_QA, LOGIC_LM) for q in read(raw)]
    found = agreement(asked, tools)
    assert (found.rows, found.read, found.decided, found.agreeing) == (9, 7, 7, 7)


def test_gold_proofs_of_fld_are_right_and_end_in_the_opposite_where_they_disprove(tools: Tools) -> None:
    (question,), (proof,) = read(FLD), fld_proofs(FLD)
    assert isinstance(question, Question)
    assert "int1 & fact1 -> ¬hypothesis;" in proof
    made = logic.label(question, proof, tools)
    assert isinstance(made, Example)
    assert made.labels == (True, True, True)
    assert made.formal["facts_formula"].splitlines()[2] == "fact12: ({C} v {D})"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({}, "unknown format"),
        ({"a": 1}, "unknown format"),
        ({"a": {"b": {"c": {"d": {}}}}}, "unknown format"),
        (FLD | {"facts_formula": "fact1: ({A} fact2: {B}"}, "a formula cannot be read"),
        (FLD | {"facts_formula": "{A} & {B}"}, "not of its format"),
        (FLD | {"facts_formula": None}, "not of its format"),
        (FOLIO | {"conclusion-FOL": ""}, "no formula for the conclusion"),
        (FOLIO | {"conclusion-FOL": "∀x Turtle(x) →"}, "a formula cannot be read"),
        (FOLIO | {"label": "perhaps"}, "no answer that is known"),
        (FOLIO | {"premises-FOL": 7}, "not of its format"),
        (LOGIC_LM | {"context": "Max's uncle, it is said, sells jompuses."}, "a sentence is not read"),
        (PROOF_WRITER | {"questions": "none"}, "not of its format"),
    ],
)
def test_a_row_that_cannot_be_read_is_dropped_with_a_reason(raw: dict[str, object], why: str) -> None:
    (found,) = read(raw)
    assert isinstance(found, Dropped)
    assert found.why == why


def test_labels_agree_with_gold_on_public_data(data: Path, tools: Tools) -> None:
    pronto = agreement(questions(data / "logic_prontoqa.jsonl"), tools)
    assert pronto.decided == pronto.agreeing == pronto.read > 200
    folio = agreement(questions(data / "share-alike" / "logic_folio.jsonl.gz"), tools)
    assert folio.read > 90
    assert folio.agreeing >= 0.95 * folio.decided
    assert folio.decided >= 0.95 * folio.read
    assert Counter(folio.dropped).most_common(1)[0][0] == "no formula for the conclusion"
