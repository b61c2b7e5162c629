"""A proof makes a step right, a proof of the opposite makes it wrong, and nothing else says anything."""

from pathlib import Path

import pytest

from genverify.data import Example, StepLabel, Tools, logic
from genverify.data.prover import Prover
from genverify.data.prover import coq as prover_coq
from genverify.data.values import opened
from genverify.types import Claim, ClaimKind

RELATION, IDENTITY, ENTAILS = ClaimKind.RELATION, ClaimKind.IDENTITY, ClaimKind.ENTAILS
PROVER = Prover()
installed = pytest.mark.skipif(PROVER.path is None, reason="coqc is not installed (Debian: apt-get install coq)")

CASES: list[tuple[Claim, bool | None, str]] = [
    (Claim(RELATION, "17*24 = 408"), True, ""),
    (Claim(RELATION, "17*24 = 418"), False, "its opposite is proved"),
    (Claim(RELATION, "1/3 + 1/6 = 2/3"), False, "its opposite is proved"),
    (Claim(IDENTITY, "(x+1)^2 = x^2+2*x+1"), True, ""),
    (Claim(IDENTITY, "(x+1)^2 = x^2+1"), None, "not proved"),
    (Claim(ENTAILS, "x = 7/2", givens=("2*x = 7",)), True, ""),
    (Claim(ENTAILS, "B", givens=("A -> B", "A")), True, ""),
    (Claim(ENTAILS, "2 + 2 = 4", givens=("1 + 1 = 2",)), True, ""),
    (Claim(ENTAILS, "A", givens=("A -> B", "B")), None, "not proved"),
    (Claim(ENTAILS, "C", givens=("A", "not A")), None, "vacuous"),
    (Claim(ENTAILS, "B", givens=("not A -> B", "not A | B", "A <-> B")), True, ""),
    (Claim(ENTAILS, "B(a)", givens=("forall(x, A(x) -> B(x))", "A(a)")), True, ""),
    (Claim(ENTAILS, "exists(x, A(x))", givens=("forall(x, A(x))",)), True, ""),
    (Claim(ENTAILS, "A(a)", givens=("exists(x, A(x))",)), None, "not proved"),
]


def test_without_the_prover_nothing_is_labelled_and_that_is_said() -> None:
    found = Prover(program="no-such-prover").label([claim for claim, _, _ in CASES])
    assert found == [StepLabel(None, "prover", "no-such-prover is not installed")] * len(CASES)


@installed
def test_proofs_and_proofs_of_the_opposite_decide_and_the_rest_stays_open() -> None:
    found = PROVER.label([claim for claim, _, _ in CASES])
    assert [(label.right, label.reason) for label in found] == [(right, reason) for _, right, reason in CASES]


@installed
def test_proofs_that_hold_together_are_found_in_one_run_each() -> None:
    right = [claim for claim, label, _ in CASES if label][:4]
    assert PROVER.label(right) == [StepLabel(True, "prover")] * 4
    assert PROVER.label([]) == []


@installed
def test_a_deadline_and_a_limit_of_memory_leave_all_open() -> None:
    claims = [CASES[0][0], CASES[-4][0]]
    assert Prover(deadline_s=0.01).label(claims) == [StepLabel(None, "prover", "all steps admitted: timeout")] * 2
    assert {label.right for label in Prover(memory_mib=64).label(claims)} == {None}


@installed
def test_a_prover_that_fails_on_everything_labels_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert Prover(program=str(broken)).label([CASES[1][0]])[0].right is None


@installed
def test_steps_that_z3_calls_right_are_proved_or_open_and_no_wrong_step_is_proved() -> None:
    with opened() as tools:
        made = [e for e in _examples(tools) if e.maker == "gold" or e.first_error is not None]
    claims = [(step.claims[0], step.label.right) for example in made for step in example.steps if step.claims]
    found = PROVER.label([claim for claim, _ in claims])
    pairs = {(theirs, ours.right) for (_, theirs), ours in zip(claims, found, strict=True)}
    assert (True, True) in pairs
    assert pairs <= {(True, True), (True, None), (False, None), (None, None)}


def _examples(tools: Tools) -> list[Example]:
    return [value for value in logic.make(range(12), 4, tools) if isinstance(value, Example)]


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (Claim(ENTAILS, "A", givens=("A",)), "circular"),
        (Claim(RELATION, "sqrt(2) > 1"), "unsupported"),
        (Claim(RELATION, "1/0 = 1"), "unsupported"),
        (Claim(IDENTITY, "x/x = 1"), "unsupported"),
        (Claim(RELATION, "2^100 > 1"), "unsupported"),
        (Claim(RELATION, "0.33 = 1/3", tolerance="1/100"), "unsupported"),
        (Claim(RELATION, "2 +"), "unsupported"),
        (Claim(ENTAILS, "A & A > 1"), "unsupported"),
        (Claim(ClaimKind.ROOTS, "x = 2", givens=("x^2 = 4",)), "unsupported"),
    ],
)
def test_what_is_not_put_into_the_provers_language_is_named(claim: Claim, why: str) -> None:
    with pytest.raises(prover_coq.UnsupportedError, match=why):
        prover_coq.hole(claim, 0)


def test_no_name_of_a_claim_goes_into_a_theory() -> None:
    claim = Claim(ENTAILS, "Qed(Admitted)", givens=("forall(x, Theorem(x) -> Qed(x))", "Theorem(Admitted)"))
    text = prover_coq.theory([prover_coq.hole(claim, 0)], active=())
    assert text.count("Theorem") == text.count("Admitted") == 1
    assert "Qed" not in text
