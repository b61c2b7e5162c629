"""Word problems: what they say fits the quantities behind them, and steps say what their formal line says."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genverify import numerals
from genverify.claims.grammar import parse
from genverify.data import algebra
from genverify.data.algebra.recheck import equations, evaluate, recheck
from genverify.data.algebra.story import Story, UnfitError
from genverify.data.algebra.terms import Const, Op, Term, definition, exact, formal
from genverify.data.algebra.terms import evaluate as value_of
from genverify.data.algebra.words import context
from genverify.data.algebra.words.lists import in_words
from genverify.data.algebra.words.plots import PLOTS, Plot
from genverify.data.values import Example, LabelledStep, Tools, opened


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with opened() as tools:
        yield tools


@pytest.fixture(scope="module")
def made(tools: Tools) -> list[Example]:
    return [e for e in algebra.make(range(400), 21, tools) if isinstance(e, Example)]


def test_a_second_opinion_that_shares_no_code_finds_no_wrong_label(made: list[Example]) -> None:
    assert [found for example in made[:200] if (found := recheck(example))] == []


def test_the_second_opinion_sees_a_label_that_was_turned(made: list[Example]) -> None:
    seen = turned = 0
    for example in made:
        wrong = next(
            (s for s in example.steps if s.label.right is False and s.error in ("slip", "carry", "sign")), None
        )
        if wrong is None:
            continue
        steps = tuple(_turn(s) if s is wrong else s for s in example.steps)
        turned += 1
        seen += bool(recheck(_with(example, steps)))
    assert turned > 10
    assert seen >= 0.7 * turned


def _turn(step: LabelledStep) -> LabelledStep:
    return replace(step, label=replace(step.label, right=True))


def _with(example: Example, steps: tuple[LabelledStep, ...]) -> Example:
    return replace(example, steps=steps)


def test_what_a_step_says_formally_is_in_the_language(made: list[Example]) -> None:
    for example in made:
        for step in example.steps:
            for part in filter(None, step.said.split("; ")):
                parse(part)


def test_numbers_of_the_formal_line_stand_in_the_text(made: list[Example]) -> None:
    missing = total = 0
    for example in made:
        if "asked" not in example.formal:
            continue
        for step in example.steps:
            numbers = {Fraction(n) for n in re.findall(r"\d+(?:\.\d+)?", step.said)} - {Fraction(100)}
            there = numerals.mentioned(step.text) | {n * 100 for n in numerals.mentioned(step.text)}
            spoken = {n for n in numbers if n.denominator == 1 and n < 10_000 and in_words(int(n)) in step.text.lower()}
            total += len(numbers)
            missing += len(numbers - there - spoken)
    assert missing <= 0.02 * total


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.__name__)
def test_every_plot_tells_a_story_whose_numbers_fit(plot: Plot) -> None:
    told = 0
    for seed in range(60):
        story = Story(random.Random(seed))
        try:
            plot(story)
        except UnfitError:
            continue
        told += 1
        assert story.asked is not None
        assert story.asked.how is not None
        text = context.told(story)
        assert text.endswith("?")
        assert not re.search(r"[@#{}]|\s[.,?]|\.\.|  |\ba [aeio]", text), text
        assert all(q.value > 0 for q in story.quantities)
    assert told >= 3


_LEAVES = st.integers(0, 99).map(lambda n: Const(Fraction(n)))
_TERMS: st.SearchStrategy[Term] = st.recursive(
    _LEAVES, lambda inner: st.builds(Op, st.sampled_from("+-*/%"), st.tuples(inner, inner)), max_leaves=8
)


@settings(max_examples=300, deadline=None)
@given(_TERMS)
def test_a_term_written_formally_has_its_own_value(term: Term) -> None:
    try:
        value = value_of(term, {})
    except ZeroDivisionError:
        return
    assert evaluate(formal(term, {})) == value
    assert evaluate(definition(term)) == value
    assert evaluate(exact(value)) == value


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Ann pays 4 apples * $3 = $12 for them.", [(12, 12)]),
        (r"That is \[ 25\% \text{ of } \$80 = \$20 \].", [(20, 20)]),
        (r"\(\frac{84}{7} = 13\)", [(12, 13)]),
        ("Total = price * number = 4 x 3 = 12", [(12, 12)]),
        ("In 35 weeks she saves money.", []),
        ("1. 1,200 ÷ 4 = <<1200/4=300>>300", [(300, 300)]),
    ],
)
def test_the_second_opinion_reads_equations_in_words(text: str, read: list[tuple[int, int]]) -> None:
    assert [(int(a), int(b)) for a, b in equations(text)] == read
