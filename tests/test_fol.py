"""First-order formulas as people write them: read in the one way they can be meant, or refused."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genverify.claims.fol import MAX_CHARS, clean_name, formula
from genverify.claims.grammar import App, Expr, Sym, parse
from genverify.claims.writing import show
from genverify.errors import GrammarError

DOGS = "forall(x, Dog(x) -> not Cat(x))"


@pytest.mark.parametrize(
    "text",
    [
        "∀x (Dog(x) → ¬Cat(x))",
        "∀x: Dog(x) → ¬Cat(x)",
        "∀x. (Dog(x) ⇒ ~Cat(x)).",
        "forall x (Dog(x) -> !Cat(x))",
        "for all x: (Dog(x) implies not Cat(x))",
        "(∀x)(Dog(x) => ~Cat(x))",
        r"\forall x\,(Dog(x) \rightarrow \neg Cat(x))",
        r"$\forall x \left( \text{Dog}(x) \to \lnot \mathrm{Cat}(x) \right)$",
        r"\[\forall x. Dog(x) \implies \neg Cat(x)\]",
    ],
)
def test_the_many_ways_to_write_a_formula_are_one_formula(text: str) -> None:
    assert show(formula(text)) == DOGS


@pytest.mark.parametrize(
    ("text", "formal"),
    [
        ("A(a) ∧ B(a) ∨ C(a)", "A(a) & B(a) | C(a)"),
        ("A(a) ∧ B(a) → C(a) ∨ D(a)", "A(a) & B(a) -> C(a) | D(a)"),
        ("A(a) → B(a) ⊕ C(a)", "A(a) -> xor(B(a), C(a))"),
        ("A(a) ↔ (B(a) → C(a))", "A(a) <-> B(a) -> C(a)"),
        ("p | q & ~r", "p | q & not r"),
        ("p || q && !r", "p | q & not r"),
        (r"p \lor q \land \neg r", "p | q & not r"),
        ("P iff Q", "P <-> Q"),
        ("P <=> Q", "P <-> Q"),
        ("∃x ∀y (Loves(y, x) ∧ x ≠ y)", "exists(x, forall(y, Loves(y, x) & x != y))"),
        ("∀x, y (Loves(x, y) → Loves(y, x))", "forall(x, forall(y, Loves(x, y) -> Loves(y, x)))"),
        ("∀x∀y(P(x)∨Q(y))", "forall(x, forall(y, P(x) | Q(y)))"),
        ("¬∃x (P(x))", "not exists(x, P(x))"),
        ("∀x (P(x)) ∧ Q(a)", "forall(x, P(x)) & Q(a)"),
        ("¬P(a) → Q(b)", "not P(a) -> Q(b)"),
        ("mother(anna) = eva", "mother(anna) = eva"),
        ("Cost(exam, 205)", "Cost(exam, 205)"),
        ("LocatedIn(tower-a, zürich)", "LocatedIn(tower_a, zurich)"),
        ("Women’sTeam(olga)", "WomensTeam(olga)"),
        ("HeldIn(2008Games, beijing)", "HeldIn(n2008Games, beijing)"),
        ("∀x [P(x) → {Q(x) ∧ R(x)}]", "forall(x, P(x) -> Q(x) & R(x))"),
        ("even(n1)", "even_(n1)"),  # a predicate of the problem's own, not the one of arithmetic
        ("E ∧ I", "E_ & I_"),
        ("∀d (d → d)", "forall(d, d -> d)"),
    ],
)
def test_a_formula_has_its_usual_structure(text: str, formal: str) -> None:
    assert show(formula(text)) == formal
    assert parse(formal) == formula(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "∀",
        "∀x",
        "(A(a)",
        "A(a))",
        "A(a) B(a)",
        "A(a) → B(a) → C(a)",  # to the right or to the left?
        "A(a) → B(a) ↔ C(a)",
        "A(a) ⊕ B(a) ⊕ C(a)",  # an odd number of them, or exactly one?
        "A(a) ∧ B(a) ⊕ C(a)",
        "∀x Dog(x) → Barks(x)",  # how far does the quantifier reach?
        "∀x (Dog(x)) → Barks(x)",  # the second x is bound by nothing
        "Dog(x)",
        "∀x ∀x (P(x))",
        "∃!x (P(x))",
        "P(a) ∧",
        "∧ P(a)",
        "P(Q(a) ∧ R(a))",
        "P(a+)",
        "P(a,)",
        "P()",
        "∀(x) P(x)",
        "1 = ",
        "日本(a)",
        "P(a); Q(a)",
        "a" * 60,
    ],
)
def test_what_is_no_formula_or_two_is_refused(text: str) -> None:
    with pytest.raises(GrammarError):
        formula(text)


@pytest.mark.parametrize(
    "text", ["(" * 300 + "p" + ")" * 300, "¬" * 300 + "p", "p" + " ∧ p" * 150, "f(" * 200 + "a" + ")" * 200,
             "∀x (" * 60 + "p" + ")" * 60, "p" * (MAX_CHARS + 1)],
)  # fmt: skip
@pytest.mark.usefixtures("ends")
def test_hostile_sizes_are_read_or_refused(text: str) -> None:
    with suppress(GrammarError):
        assert show(formula(text))


def test_a_name_keeps_no_meaning_of_the_formal_language() -> None:
    assert [clean_name(n) for n in ("max", "pi", "not", "Max", "x-1")] == ["max_", "pi_", "not_", "Max", "x_1"]


_SIGNS = {"and": "∧", "or": "∨", "->": "→", "<->": "↔", "xor": "⊕"}


def _written(expr: Expr) -> str:
    if isinstance(expr, Sym):
        return expr.name
    assert isinstance(expr, App)
    if expr.head == "not":
        return "¬" + _written(expr.args[0])
    if expr.head in ("forall", "exists"):
        return f"{'∀' if expr.head == 'forall' else '∃'}{_written(expr.args[0])} ({_written(expr.args[1])})"
    if expr.head.startswith("@"):
        return f"{expr.head[1:]}({', '.join(_written(a) for a in expr.args)})"
    return "(" + f" {_SIGNS[expr.head]} ".join(_written(a) for a in expr.args) + ")"


_ATOMS = st.sampled_from([App("@P", (Sym("x"),)), App("@Likes", (Sym("x"), Sym("anna"))), App("@Q", (Sym("anna"),))])
_FORMULAS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.builds(lambda a: App("not", (a,)), inner),
        st.builds(lambda head, a, b: App(head, (a, b)), st.sampled_from(sorted(_SIGNS)), inner, inner),
    ),
    max_leaves=12,
).map(lambda body: App("forall", (Sym("x"), body)))


@given(_FORMULAS)
def test_a_formula_written_with_all_its_parentheses_is_read_back(expr: Expr) -> None:
    assert formula(_written(expr)) == expr


@given(st.text(alphabet="∀∃xyPQab(),.→↔∧∨¬⊕=~!-<>\\ \n$1’", max_size=60))
@settings(max_examples=300)
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        expr = formula(text)
    except GrammarError:
        return
    assert parse(show(expr)) == expr
