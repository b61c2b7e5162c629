"""Rules are sound, problems stand in words and symbols alike, and proposed errors differ from the proof in one step."""

import itertools
import random

import pytest

from genverify.claims.grammar import App, Expr, Sym, parse
from genverify.claims.writing import show
from genverify.data import logic
from genverify.data.logic import rules
from genverify.data.logic.errors import proposals
from genverify.data.logic.formulas import constants, lifted, negated, read, write
from genverify.data.logic.models import counter_model
from genverify.data.logic.problems import Answer, linear, puzzle
from genverify.data.logic.rules import RULES, Rule, backward, forward
from genverify.data.logic.words import English
from genverify.data.values import Maker

MAKER: Maker = logic.make
PUZZLES = [puzzle(number, 11) for number in range(300)]
GOALS = [
    "{A}{a}",
    "¬{A}{a}",
    "({A}{a} v {B}{b})",
    "¬({A} & {B})",
    "{A}{a} -> {B}{a}",
    "(x): {A}x -> ¬{B}x",
    "(Ex): {A}x",
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_sound_and_needs_each_of_its_premises(rule: Rule) -> None:
    assert counter_model(rule.premises, rule.conclusion) is None
    for place in range(len(rule.premises)):
        rest = [*rule.premises[:place], *rule.premises[place + 1 :]]
        assert counter_model(rest, rule.conclusion) is not None


@pytest.mark.parametrize("goal", GOALS)
def test_premises_found_backwards_entail_the_goal_and_give_it_back(goal: str) -> None:
    rng, names = random.Random(goal), itertools.count(1)

    def fresh(of: Expr) -> Expr:
        if isinstance(of, App) and of.head == "exists":
            return rules.instance(of, "c")
        things = constants(of)
        return App(f"@P{next(names)}", (Sym(things[0]),)) if things else Sym(f"P{next(names)}")

    for _ in range(40):
        expr = read(goal)
        found = backward(expr, rng, fresh)
        assert counter_model([show(premise) for premise in found.premises], show(expr), 2) is None, found
        again = forward(found.rule, found.premises[::-1], expr)
        assert again is not None
        assert counter_model([show(premise) for premise in found.premises], show(again), 2) is None, (found, again)


def test_a_rule_about_all_things_is_taken_for_the_thing_at_hand() -> None:
    premises = [read("(x): (y): {R}xy -> {Q}y"), read("{R}{b}{a}")]
    assert forward("modus ponens", premises, read("¬{Q}{a}")) == read("{Q}{a}")
    assert forward("modus ponens", premises[:1], read("{Q}{a}")) is None
    assert forward("modus ponens", [premises[0], read("{Q}{a}")], read("{Q}{a}")) is None


def test_nothing_is_lifted_into_the_scope_of_another_quantifier() -> None:
    assert write(lifted(read("(x): {R}x{a}"), ("a",))) == "(y): (x): {R}xy"


def test_problems_have_one_way_only_to_be_numbered_and_no_fact_twice() -> None:
    for made in PUZZLES:
        assert list(made.facts) == [f"fact{n}" for n in range(1, len(made.facts) + 1)]
        assert len(made.known) == len(made.facts)
        assert made.hypothesis not in made.known
        assert negated(made.hypothesis) not in made.known


def test_a_proof_ends_in_the_hypothesis_in_its_opposite_or_in_neither() -> None:
    for made in PUZZLES:
        last = made.lines()[-1].formula
        ends = {made.hypothesis: Answer.PROVED, negated(made.hypothesis): Answer.DISPROVED}
        assert ends.get(last, Answer.UNKNOWN) is made.answer


def test_steps_cite_what_stands_before_them() -> None:
    for made in PUZZLES:
        stated = set(made.facts)
        for line in made.lines():
            assert line.cites
            assert stated.issuperset(line.cites)
            stated.add(line.name)


def test_an_error_leaves_the_steps_before_it_as_they_were() -> None:
    for made in PUZZLES[:100]:
        lines = made.lines()
        for planted in itertools.islice(proposals(made, random.Random(made.number)), 12):
            assert planted.lines != lines or planted.answer is not made.answer
            known = {line.formula for line in lines} | made.known
            own = {node.formula for node in made.proof.nodes()}
            assert all(line.formula in known | own for line in planted.lines[: planted.place])
            stated = {*made.facts, "hypothesis"}
            for line in planted.lines:
                assert stated.issuperset(line.cites), planted
                stated.add(line.name)


def test_a_complete_proof_of_what_is_unknown_only_lacks_the_missing_fact() -> None:
    for made in PUZZLES:
        if made.missing is not None:
            whole = linear(made.proof, {**made.facts, "fact0": made.missing}, {})
            assert whole[-1].formula == made.goal


def test_every_formula_has_a_sentence_and_different_ones_have_different_sentences() -> None:
    for made in PUZZLES:
        formulas = list(dict.fromkeys([*made.facts.values(), *(node.formula for node in made.proof.nodes())]))
        english = English(formulas, made.words)
        said = [english.sentence(formula) for formula in formulas]
        assert len(set(said)) == len(formulas), said
        assert all(sentence[0].isupper() and sentence.endswith(".") and "  " not in sentence for sentence in said)


def test_words_say_the_same_formulas_the_same_way_for_the_same_seed() -> None:
    formulas = [read("(x): {A}x -> ¬{B}x"), read("¬({C}{a} & {D}{a}{b})"), parse("P | (Q & not R)")]
    said = [[english.sentence(f) for f in formulas] for english in (English(formulas, 3), English(formulas, 3))]
    assert said[0] == said[1]


def test_a_vocabulary_that_does_not_suffice_is_named() -> None:
    with pytest.raises(ValueError, match="the vocabulary has"):
        English([Sym(f"P{number}") for number in range(500)], 0)
