"""Claims of logic: what solutions of order puzzles, rule problems and formal problems assert, and what they do not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logic import CATS, FORMAL, LAMPS, NO, SWAPS, TOYS, YES, outcomes, said

from genverify.claims.grammar import parse
from genverify.claims.logic import logic_claims
from genverify.claims.logic_english import English
from genverify.claims.writing import show
from genverify.tools.checkers import Checkers
from genverify.types import ClaimKind, Label, Outcome, Problem, Reason, Solution
from genverify.verifier import Verifier

RULES = [
    ("Wren is a florn.", "florn(Wren)", YES),
    ("Wren is a snerp. Every snerp is a florn. So Wren is a florn.", "florn(Wren)", YES),
    ("Since Wren is a snerp, Wren is a blicket.", "blicket(Wren)", YES),
    ("Wren is a snerp, and every snerp is a florn, so Wren is a florn.", "florn(Wren)", YES),
    ("Therefore, Wren is not shiny.", "not shiny(Wren)", YES),
    ("Therefore, Wren is shiny.", "shiny(Wren)", NO),
    ("Every snerp is a blicket.", "forall(x, snerp(x) -> blicket(x))", YES),
    ("Wren is a gloop.", "gloop(Wren)", NO),
    ("No gloop is a blicket.", "forall(x, gloop(x) -> not blicket(x))", YES),
    ("The answer is true.", "shiny(Wren)", NO),
    ("So the statement is false.", "not shiny(Wren)", YES),
]


@pytest.mark.parametrize(("step", "statement", "outcome"), RULES)
def test_what_is_deduced_from_rules_is_read_and_decided(
    checkers: Checkers, step: str, statement: str, outcome: Outcome
) -> None:
    claims = said(CATS, step)
    assert [claim.statement for claim in claims] == [statement]
    assert outcomes(checkers.check_many(claims)) == [outcome]


QUIET = [
    "Wren is a snerp.",  # a premise
    "We need to determine if Wren is shiny.",
    "Wren is shiny?",
    "Suppose Wren is a gloop. Then Wren is shiny.",
    "If Wren is a gloop, then something is odd. Wren is a gloop.",
    "Wren is a gloop. This is not given.",
    "Wren is a gloop or a snerp.",
    "Wren may be a gloop.",
    "It is a gloop.",
    "All florns are not shiny.",
    "Wren is a wizard.",  # a word that the problem does not have
    "Merlin is a gloop.",
    "The claim that Wren is a gloop is false.",
    "Let's test the options:\nWren is a gloop.",
    "Only Wren is a gloop.",
    "Nothing says that Wren is a gloop.",
]


@pytest.mark.parametrize("step", QUIET)
def test_what_is_not_deduced_from_rules_makes_no_claim(step: str) -> None:
    assert said(CATS, step, "That is all.") == []


def test_the_statement_asked_about_said_again_is_no_answer() -> None:
    assert said(CATS, "Wren is shiny.", "We go through the rules.") == []
    assert [c.statement for c in said(CATS, "We go through the rules.", "Wren is shiny.")] == ["shiny(Wren)"]


@pytest.mark.parametrize(
    "problem",
    [
        CATS.replace("Each gloop", "Unless it rains, each gloop"),  # one sentence that is not read
        CATS.replace("Florns are", "All florns except Wren are"),
        CATS.replace("Blickets are not shiny.", "All blickets are not shiny."),  # some, or none?
        "Wren is a snerp. Wren is a florn. Wren is shiny.",  # no rule
        "Every snerp is a florn.",
        "Young people are kind. If something is kind then it is big. Bob is young.",  # people, and things
        "Every day Tom buys 3 apples. If an apple is 2 dollars, how much does he pay?",
        "Which of these is true?\nEvery snerp is a florn.\nWren is a snerp.",
    ],
)
def test_a_problem_that_is_not_all_rules_makes_no_claim(problem: str) -> None:
    assert said(problem, "So Wren is a florn.", "So Wren is a gloop.", "So Bob is big.") == []


@pytest.mark.parametrize(
    ("text", "formal"),
    [
        ("Every cat is an animal", "forall(x, cat(x) -> animal(x))"),
        ("Cats are animals", "forall(x, cat(x) -> animal(x))"),
        ("All cats are animals", "forall(x, cat(x) -> animal(x))"),
        ("No cats are green", "forall(x, cat(x) -> not green(x))"),
        ("Some cats are green", "exists(x, cat(x) & green(x))"),
        ("Anne is kind and green", "kind(Anne) & green(Anne)"),
        ("The bald eagle does not like the cat", "not like(bald_eagle, cat)"),
        ("The cat chases Anne", "chase(cat, Anne)"),
        ("Kind, young people are green", "forall(x, kind(x) & young(x) -> green(x))"),
        ("All green things are kind", "forall(x, green(x) -> kind(x))"),
        ("If something is kind and it likes the cat then it is green", "forall(x, kind(x) & like(x, cat) -> green(x))"),
        ("If someone is kind and not green then they are young", "forall(x, kind(x) & not green(x) -> young(x))"),
        ("If someone likes the cat then the cat is kind", "forall(x, like(x, cat) -> kind(cat))"),
        ("If Anne is kind then Anne is green", "kind(Anne) -> green(Anne)"),
        ("There is no red kite in the shed", "not red_kite_in_shed"),
        ("Either there is a red kite in the shed or there is a blue kite in the shed, but not both",
         "xor(red_kite_in_shed, blue_kite_in_shed)"),
        ("If there is not a red kite in the shed then there is a blue kite in the shed",
         "not red_kite_in_shed -> blue_kite_in_shed"),
        ("James is kind", "kind(James)"),
    ],
)  # fmt: skip
def test_a_sentence_of_the_templates_has_one_reading(text: str, formal: str) -> None:
    expr = English(frozenset({"cat", "animal"})).read(text)
    assert expr is not None
    assert show(expr) == formal
    assert parse(formal) == expr


@pytest.mark.parametrize(
    "text",
    ["All cats are not green", "Every cat is either green or kind", "Cats are", "The cats are green", "It is green",
     "Anne is the oldest", "Anne is not kind and green", "If it is green then it is kind", "Anne might be kind",
     "Either Anne is kind or Anne is green", "Most cats are green", "Anne is as kind as Bob", "Not all cats are green",
     "If Anne is kind then it is green", "Anne sings", "There is a kite", "Anne is in the shed", "", "The", "Anne is"],
)  # fmt: skip
def test_other_sentences_are_not_read(text: str) -> None:
    assert English(frozenset({"cat"})).read(text) is None


def test_a_plural_of_two_nouns_is_not_read() -> None:
    assert English(frozenset({"axe", "ax"})).read("Axes are sharp") is None


def test_that_there_are_some_of_a_kind_is_never_called_unfounded(checkers: Checkers) -> None:
    claims = said("All cats are snerps. All snerps are florns. What follows?", "So some cats are florns.")
    assert [check.reason for check in checkers.check_many(claims)] == [Reason.UNKNOWN]


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        (("So if there is a red kite in the shed then there is not a blue kite in the shed.",), [YES]),
        (("If there is a red kite in the shed, then there is a green ball in the shed.", "It follows."), []),
        (("So, if there is a red kite in the shed, then there is a green ball in the shed.",), [NO]),
        (("First, consider the red kite.", "Conclusion: True"), [NO]),
        (("First, consider the red kite.", "Conclusion: False."), [Outcome.UNDECIDED]),
        (("Assume there is a red kite in the shed.", "So there is a red kite in the shed.", "Conclusion: True"), [NO]),
    ],
)
def test_either_or_and_if_and_only_if_are_decided(
    checkers: Checkers, steps: tuple[str, ...], found: list[Outcome]
) -> None:
    assert outcomes(checkers.check_many(said(TOYS, *steps))) == found


def test_what_cannot_be_derived_may_be_false_so_a_negative_step_is_not_accused(checkers: Checkers) -> None:
    closed = "Bob is big. If something is big then it is kind. Anne is green. Is Anne kind?"
    (claim,) = said(closed, "So Anne is not kind.")
    assert checkers.check(claim).reason is Reason.UNKNOWN
    (claim,) = said(closed + " Answer true, false or unknown.", "So Anne is not kind.")
    assert checkers.check(claim).outcome is NO
    (claim,) = said(closed, "So Anne is kind.")  # neither derived nor, if so, true
    assert checkers.check(claim).outcome is NO


STATED = [
    ("By premises 1 and 3, Bird(pip).", "Bird(pip)", 2, YES),
    ("Bird(pip) (by #1 #3)", "Bird(pip)", 2, YES),
    ("By premise 3, Bird(pip).", "Bird(pip)", 1, NO),  # premise 3 alone does not say it
    ("From 1 and 3 we get Bird(pip).", "Bird(pip)", 4, YES),  # premises or steps? all are taken
    ("Therefore, Flies(pip).", "Flies(pip)", 4, YES),
    ("Hence ¬Flies(pip)", "not Flies(pip)", 4, NO),
    (r"So $\forall x (Robin(x) \rightarrow Flies(x))$.", "forall(x, Robin(x) -> Flies(x))", 4, NO),
    ("Since Robin(pip) and ∀x (Robin(x) → Bird(x)), we have Bird(pip).", "Bird(pip)", 4, YES),
    ("∀x (Robin(x) → Flies(x) ∨ Runs(x)) follows by premises 1 and 2.", "forall(x, Robin(x) -> Flies(x) | Runs(x))",
     2, YES),
    ("So Bird(pip) and Flies(pip)", "Bird(pip) & Flies(pip)", 4, YES),
]  # fmt: skip


@pytest.mark.parametrize(("step", "statement", "givens", "outcome"), STATED)
def test_a_formula_is_judged_by_what_it_cites(
    checkers: Checkers, step: str, statement: str, givens: int, outcome: Outcome
) -> None:
    (claim,) = said(FORMAL, step)
    assert (claim.statement, len(claim.givens), claim.kind) == (statement, givens, ClaimKind.ENTAILS)
    assert step[slice(*claim.span)] == claim.text
    assert checkers.check(claim).outcome is outcome


@pytest.mark.parametrize(
    "step",
    ["Robin(pip)", "If Robin(pip), then Flies(pip).", "Suppose Runs(pip). So ¬Bird(pip).", "Is it that Flies(pip)?",
     "We want to show Flies(pip).", "Flies(pip) is false.", "It is not Flies(pip).", "Using Bird(pip)", "Swims(pip)",
     "Flies(tux)", "Flies(x)", "Either Flies(pip) or not.", "Flies(pip), Bird(pip), whatever", "Goal: Flies(pip)",
     "Flies(pip) → Runs(pip) → Bird(pip)", "The conclusion is Flies(pip).", "Flies(pip). This does not follow."],
)  # fmt: skip
def test_a_formula_that_is_not_asserted_makes_no_claim(step: str) -> None:
    assert said(FORMAL, step, "That is all.") == []


def test_formulas_of_earlier_steps_count_as_given_and_are_not_judged_twice(checkers: Checkers) -> None:
    first, second = said(FORMAL, "By premises 1 and 3, Bird(pip).", "So Bird(pip).", "By premises 2 and 4, Flies(pip).")
    assert second.given_steps == (-1, -1, 0)
    assert outcomes(checkers.check_many([first, second])) == [YES, YES]


def test_after_a_wrong_formula_nothing_is_decided_from_it(checkers: Checkers) -> None:
    checks = checkers.check_many(said(FORMAL, "So ¬Robin(pip).", "So Flies(pip)."))
    assert [check.reason for check in checks] == [None, Reason.VACUOUS]


def test_where_a_formal_premise_was_not_read_only_contradictions_are_claimed(checkers: Checkers) -> None:
    problem = Problem("", premises_fol=(*FORMAL.premises_fol, "∀x Bird(x) → Happy(x)"))
    texts = ("So ¬Robin(pip).", "So Flies(pip).", "So Runs(pip) ∨ ¬Bird(pip).")
    claims = [claim for text in texts for claim in said(problem, text)]
    assert {claim.kind for claim in claims} == {ClaimKind.CONSISTENT}
    assert outcomes(checkers.check_many(claims)) == [NO, YES, NO]
    more = Problem("", premises=("One", "Two", "Three", "Four", "Five"), premises_fol=FORMAL.premises_fol)
    assert said(more, "So Flies(pip).")[0].kind is ClaimKind.CONSISTENT


def test_a_report_says_why_in_the_words_of_the_step(verifier: Verifier) -> None:
    report = verifier.critique(LAMPS, ["The oak lamp is the leftmost.", "So the answer is (B)."])
    assert [step.label for step in report.steps] == [Label.CORRECT, Label.INCORRECT]
    assert report.first_error == 1
    assert report.steps[1].why.startswith("“the answer is (B)” cannot be right: the premises imply the opposite: ")
    assert "place of brass lamp < place of glass lamp" in report.steps[1].why
    report = verifier.critique(TOYS, ["We look at the kites.", "Conclusion: True"])
    assert report.steps[1].why == (
        "“Conclusion: True” does not follow: the premises also allow red kite in shed and not green ball in shed."
    )


def test_problems_without_logic_load_no_reader() -> None:
    code = """
import sys
from genverify.claims.logic import logic_claims
from genverify.types import Problem, Solution
problem = Problem("Each of the 12 boys and all girls are given an apple if x > 3 and there are y left.")
assert logic_claims(problem, Solution.from_steps(["So 3 + 4 = 7 and all is well."])) == [[]]
print([m for m in sys.modules if m.startswith("genverify.claims.logic_")])
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


_PIECES = ["The oak lamp", "the glass lamp", " is ", " are ", "to the left of ", "the leftmost", "from left to right: ",
           "first", "second", ", then ", "fifth", " and ", "so ", "Wren", "a gloop", "every snerp", "if ", "there is ",
           "in the shed", "Bird(pip)", "∀x ", "(", ")", " → ", "¬", "by premise 2", "#1", ".", "\n", "?", ":", ",",
           "  "]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=4)), max_size=40).map("".join))
@settings(max_examples=150)
def test_no_text_stops_the_readers(text: str) -> None:
    for problem in (
        Problem(LAMPS),
        Problem(CATS),
        Problem(TOYS),
        Problem(SWAPS),
        FORMAL,
        Problem(text),
        Problem("", premises=(text,)),
    ):
        for claim in said(problem, text or "x", text + "."):
            assert parse(claim.statement)


@pytest.mark.parametrize(
    "text", ["(" * 5000, "a and " * 2000, "from left to right: " * 400, "if " * 3000, ", so " * 2000, "the " * 3000,
             "Bird(pip) " * 800, "either " * 1000 + "but not both", "\n" * 8000, "∀x" * 3000, "#1 " * 2500],
)  # fmt: skip
@pytest.mark.usefixtures("ends")
def test_hostile_texts_come_to_an_end(text: str) -> None:
    known = [*map(Problem, (LAMPS, CATS, TOYS, SWAPS)), FORMAL]
    for problem in (*known, Problem(LAMPS + text), Problem(CATS + text)):
        said(problem, text, "So the answer is (A).")


def test_the_solutions_of_labelled_order_puzzles_are_never_accused_early(data: Path, checkers: Checkers) -> None:
    path = data / "bbmistake_logical_deduction.jsonl"
    if not path.is_file():
        pytest.skip(f"{path.name} is not in {data}")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    located = 0
    for row in rows[::4]:
        own = logic_claims(Problem(row["problem"]), Solution.from_steps(row["steps"]))
        accused = (i for i, claims in enumerate(own) if NO in outcomes(checkers.check_many(claims)))
        first = next(accused, None)
        assert first is None or (row["label"] >= 0 and first >= row["label"]), row["id"]
        located += first is not None and first == row["label"]
    assert located >= len(rows[::4]) // 3
