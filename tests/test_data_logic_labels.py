"""Proofs from outside: read whole or dropped with a reason, judged by what they cite, none of FoVer's defects."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.claims.grammar import parse
from genverify.claims.writing import show
from genverify.data import Dropped, Example, Kind, StepLabel, Tools, logic, opened
from genverify.data.logic import formulas, proofs
from genverify.data.logic.formulas import classic, read, write
from genverify.data.logic.labels import Question
from genverify.data.logic.problems import puzzle
from genverify.engines.base import Request, Sampling
from genverify.engines.scripted import ScriptedEngine
from genverify.errors import GenverifyError, GrammarError, RecordError
from genverify.types import Problem

FACTS = """fact1: {A} fact2: {A} -> {B} fact3: {B} -> ({C} & ¬{D}) fact4: ¬{A} fact5: {D} v {E}
fact6: (x): {P}x -> {Q}x fact7: {P}{a} fact8: {Q}{b} fact9: {G} fact10: {H} fact11: {G} -> {H} fact12: {K}"""


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with opened() as found:
        yield found


def asked(hypothesis: str, facts: str = FACTS, answer: str | None = "PROVED") -> Question:
    return Question(Problem("?", id="q", answer=answer), formulas.facts(facts), read(hypothesis))


def labelled(proof: str, tools: Tools, hypothesis: str = "{C}", **more: object) -> list[StepLabel]:
    """Return the labels of the steps without the answer's."""
    found = logic.label(asked(hypothesis), f"$proof$:\n{proof}\n\n$proof_label$: PROVED", tools, **more)  # type: ignore[arg-type]
    assert isinstance(found, Example), found
    return [step.label for step in found.steps[:-1]]


def test_each_step_is_judged_by_what_it_cites_even_where_that_is_wrong(tools: Tools) -> None:
    proof = "fact1 & fact2 -> int1: {B};\nfact3 -> int2: ({C} & ¬{D});\nint2 -> int3: {C};\nint3 -> hypothesis;"
    assert [label.right for label in labelled(proof, tools)] == [True, False, True, None]
    found = logic.label(asked("{C}"), f"$proof$:\n{proof}\n\n$proof_label$: DISPROVED", tools, maker="file:x")
    assert isinstance(found, Example)
    assert found.steps[-1].label == StepLabel(False, "answer", "the hypothesis is PROVED")
    assert found.maker == "file:x"
    assert found.steps[1].said == "C & not D"
    assert found.steps[1].claims[0].givens == ("B -> C & not D",)


def test_a_rule_about_two_things_is_refuted_with_a_counter_model(tools: Tools) -> None:
    facts = "fact1: (x): {R}xx fact2: {R}{a}{b}"
    made = logic.label(asked("{Q}", facts), "fact1 & fact2 -> int1: (x): (y): {R}xy;\n$proof_label$: PROVED", tools)
    assert isinstance(made, Example)
    assert made.steps[0].label == StepLabel(False, "z3", "the premises also allow not R(something, something_else)")


# --- one test for each defect of FoVer's pipeline that concerns labels ------------------------------------------------


ENDLESS = (
    "fact1: (x): (Ey): {R}xy fact2: (x): (y): (z): ({R}xy & {R}yz) -> {R}xz fact3: (x): ¬{R}xx "
    "fact4: (x): (y): ({R}xy v ({R}yx v {S}xy)) fact5: (x): (Ey): {R}yx"
)
"""Premises that hold in endless worlds only, of which Z3 builds no model."""


def test_what_the_solver_cannot_tell_is_not_right_and_the_deadline_ends_it(ends: None) -> None:
    question = asked("{B}", ENDLESS)
    proof = "fact1 & fact2 & fact3 & fact4 & fact5 -> hypothesis;\n\n$proof_label$: PROVED"
    with opened(workers=1, deadline_s=0.3) as tools:
        ours = logic.label(question, proof, tools)
        theirs = logic.label(question, proof, tools, compat="fover")
    assert isinstance(ours, Example)
    assert isinstance(theirs, Example)
    assert ours.steps[0].label.right is None
    assert ours.steps[0].label.reason in ("timeout", "unknown")
    assert theirs.steps[0].label.right is True


def test_contradictory_premises_prove_nothing(tools: Tools) -> None:
    proof = "fact1 & fact4 -> hypothesis;"
    assert labelled(proof, tools) == [StepLabel(None, "z3", "vacuous")]
    assert labelled(proof, tools, compat="fover")[0].right is True


def test_a_step_that_cites_the_hypothesis_proves_nothing(tools: Tools) -> None:
    proof = "hypothesis & fact2 -> int1: ({C} v {E});\nint1 -> int2: ({E} v {C});"
    found = labelled(proof, tools)
    assert found[0] == StepLabel(None, "z3", "circular")
    assert [label.right for label in labelled(proof, tools, compat="fover")] == [True, True]


def test_a_conclusion_that_is_its_own_premise_proves_nothing(tools: Tools) -> None:
    assert labelled("fact1 -> int1: {A};", tools) == [StepLabel(None, "z3", "circular")]


def test_names_within_names_are_told_apart(tools: Tools) -> None:
    """``fact1`` in ``fact11`` and ``fact12``: with plain text replacement the second step would cite other facts."""
    proof = "fact9 & fact11 -> int1: {H};\nfact1 & fact11 -> int2: {H};\nfact12 -> int12: ({K} v {A});"
    assert [label.right for label in labelled(proof, tools)] == [True, False, True]
    many = "\n".join(f"fact12 -> int{n}: ({{K}} v {{L{n}}});" for n in range(1, 12))
    found = labelled(many + "\nint1 -> int12: ({L1} v {K});\nint11 -> int13: ({L1} v {K});", tools)
    assert [label.right for label in found] == [True] * 11 + [None, False]


def test_the_answer_is_judged_by_z3_where_nobody_gave_it(tools: Tools) -> None:
    for hypothesis, answer in (("{Q}{a}", "PROVED"), ("¬{Q}{a}", "DISPROVED"), ("{P}{b}", "UNKNOWN")):
        facts = FACTS.replace("fact4: ¬{A}", "fact4: {A}")
        found = logic.label(
            asked(hypothesis, facts, None), f"fact6 -> int1: {{P}}{{a}} -> {{Q}}{{a}};\n$proof_label$: {answer}", tools
        )
        assert isinstance(found, Example)
        assert found.steps[-1].label == StepLabel(True, "z3")


# --- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("solution", "why"),
    [
        ("", "empty proof"),
        ("$proof$:\n\n\n$proof_label$: UNKNOWN", "empty proof"),
        ("$proof$:\nfact1 & fact2 -> int1: {B};\nfact3 & in", "cut off"),
        ("fact1 & fact2 -> int1: {B};", "cut off"),
        ("fact1 -> int1: ({A} v {B};\n\n$proof_label$: PROVED", "unbalanced parentheses"),
        ("fact1 -> int1: {A} v {B});\n\n$proof_label$: PROVED", "unbalanced parentheses"),
        ("fact1 -> int1: {A} {B};\n\n$proof_label$: PROVED", "malformed formula"),
        ("fact1 -> int1: {A} v {B} & {C};\n\n$proof_label$: PROVED", "malformed formula"),
        ("fact1 -> int1: {P}x;\n\n$proof_label$: PROVED", "malformed formula"),
        ("fact1 -> int1: ;\n\n$proof_label$: PROVED", "malformed step"),
        ("therefore {B} holds\n\n$proof_label$: PROVED", "malformed step"),
        ("fact1 -> hypothesis: {B};\n\n$proof_label$: PROVED", "malformed step"),
        ("fact1 & {A} -> int1: {B};\n\n$proof_label$: PROVED", "malformed citation"),
        ("fact1fact2 -> int1: {B};\n\n$proof_label$: PROVED", "malformed citation"),
        ("fact99 -> int1: {B};\n\n$proof_label$: PROVED", "cites what is not stated"),
        ("int1 -> int1: {B};\n\n$proof_label$: PROVED", "cites what is not stated"),
        ("fact1 & int2 -> int1: {B};\nfact1 -> int2: {B};\n\n$proof_label$: PROVED", "cites what is not stated"),
        ("fact1 -> int1: {B};\nfact2 -> int1: {C};\n\n$proof_label$: PROVED", "a name is given twice"),
        ("void -> assump1: ¬{B};\nassump1 -> int1: {B};\n\n$proof_label$: PROVED", "proof by contradiction"),
        ("fact1 & ¬hypothesis -> int1: {B};\n\n$proof_label$: PROVED", "proof by contradiction"),
        ("fact1 -> hypothesis;\n\n$proof_label$: MAYBE", "no answer"),
        ("fact1 -> hypothesis;\n\n$proof_label$: PROVED or DISPROVED", "text after the answer"),
        ("fact1 -> hypothesis;\n\n$proof_label$: PROVED\n$proof_label$: DISPROVED", "more than one answer"),
        ("fact1 -> hypothesis;\n" * 5000 + "$proof_label$: PROVED", "too long"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_for_certain_is_dropped_with_a_reason(solution: str, why: str, tools: Tools) -> None:
    found = logic.label(asked("{C}"), solution, tools)
    assert isinstance(found, Dropped)
    assert found.why == why


def test_one_solution_that_cannot_be_read_leaves_the_others_alone(tools: Tools) -> None:
    good, bad = "fact1 & fact2 -> int1: {B};\n__PROVED__", "fact1 -> "
    found = logic.label_many([(asked("{B}"), good), (asked("{B}"), bad), (asked("{B}"), [good])], tools)
    assert [type(value) for value in found] == [Example, Dropped, Example]
    assert len({value.id for value in found}) == 3


@given(st.text(alphabet="fact12int:->&v¬(){}AxE ;\n$prooflabel_PROVED"), st.integers(0, 50))
def test_no_text_breaks_the_reader(text: str, cut: int) -> None:
    proof = f"fact1 & fact2 -> int1: {{B}};\n{text}\n\n$proof_label$: PROVED"[cut:]
    question = asked("{C}")
    try:
        found = proofs.read(proof, question.facts, question.hypothesis)
    except proofs.UnreadError:
        return
    stated = {*question.facts, "hypothesis"}
    for line in found.lines:
        assert stated.issuperset(line.cites)
        stated.add(line.name)


@given(st.text(max_size=80))
def test_no_formula_breaks_its_reader(text: str) -> None:
    try:
        read(text)
    except GrammarError:
        return
    assert read(write(read(text))) == read(text)


@given(st.integers(0, 10_000))
def test_generated_formulas_are_the_same_in_every_notation(number: int) -> None:
    from genverify.claims.fol import formula

    for fact in puzzle(number, 3).facts.values():
        assert read(write(fact)) == fact
        assert formula(classic(fact)) == fact
        assert parse(show(fact)) == fact


def test_own_proofs_are_read_back_and_labelled_as_they_were_made(tools: Tools) -> None:
    made = [e for e in logic.make(range(60), 9, tools) if isinstance(e, Example) and "symbols" in e.family]
    random.Random(0).shuffle(made)
    again = logic.label_many([(logic.question(e), [step.text for step in e.steps]) for e in made], tools)
    for before, after in zip(made, again, strict=True):
        assert isinstance(after, Example)
        assert [step.text for step in after.steps] == [step.text for step in before.steps]
        assert after.labels == before.labels


def test_the_prompt_shows_the_problem_in_the_form_that_is_read() -> None:
    text = logic.prompt(asked("{C}{a}"))
    assert "$hypothesis$: {C}{a}\n\n$context$:\nfact1: {A}\nfact2: {A} -> {B}\n" in text
    assert text.endswith("$proof$:\n")


def test_who_reads_a_labelled_proof_in_symbols_sees_the_problem_in_symbols(tools: Tools) -> None:
    made = next(e for e in logic.make(range(6, 12), 9, tools) if isinstance(e, Example) and "words" in e.family)
    again = logic.label(logic.question(made), "fact1 -> int1: ({A} v {B});\n$proof_label$: UNKNOWN", tools)
    assert isinstance(again, Example)
    assert made.formal["facts_formula"] not in made.problem.text
    assert again.problem.text.endswith(again.formal["problem_without_definition"])
    assert made.formal["facts_formula"] in again.problem.text
    assert again.formal["problem_in_words"] == made.problem.text
    assert (again.group, again.family, again.problem.answer) == (made.group, made.family, made.problem.answer)
    assert logic.question(again).facts == logic.question(made).facts


def test_an_example_without_formulas_is_no_question() -> None:
    example = Example("a-1", Kind.ALGEBRA, Problem("2 + 2?"), (), "gold", "a")
    with pytest.raises(RecordError, match=r"example a-1: expected formal words 'facts_formula'"):
        logic.question(example)
    with pytest.raises(RecordError, match="example a-1: in the formula"):
        logic.question(replace(example, formal={"facts_formula": "fact1: {A}", "hypothesis_formula": "({A}"}))


async def answered(engine: ScriptedEngine, question: Question) -> str:
    return (await engine.complete(Request(logic.prompt(question), sampling=Sampling(max_tokens=400)))).text


def test_what_an_engine_answers_to_the_prompt_is_labelled(tools: Tools) -> None:
    """The model goes on with an example of its own, as base models do; that is no part of its answer."""
    said = "fact1 & fact2 -> int1: {B};\nint1 & fact3 -> int2: {C};\nint2 -> hypothesis;\n\n$proof_label$: PROVED"
    engine = ScriptedEngine([said + "\n\n$hypothesis$: {X}\n\n$context$:\nfact1: {X}\n\n$proof$:\nfact1 -> "])
    made = logic.label(
        asked("({C} & ¬{E})"), asyncio.run(answered(engine, asked("{C}"))), tools, maker="engine:scripted"
    )
    assert isinstance(made, Example)
    assert made.maker == "engine:scripted"
    assert made.labels == (True, True, False, True)


def test_the_examples_of_the_prompt_are_right(tools: Tools) -> None:
    blocks = logic.prompt(asked("{C}")).split("Example ")[1:]
    assert len(blocks) == 3
    for block in blocks:
        block = block.split("Now the task")[0]
        hypothesis = block.split("$hypothesis$: ")[1].split("\n")[0]
        facts, proof = block.split("$context$:\n")[1].split("$proof$:")
        found = logic.label(asked(hypothesis, facts, None), "$proof$:" + proof, tools)
        assert isinstance(found, Example)
        assert found.labels == (True,) * len(found.steps)


def test_formulas_that_the_notation_lacks_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        Question(Problem("?"), {"fact1": parse("a = b")}, parse("C")).formal()
    with pytest.raises(GenverifyError, match="each name once"):
        formulas.facts("fact1: {A} fact1: {B}")
