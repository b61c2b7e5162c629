"""What follows and what contradicts, decided by Z3 in the real worker: never a verdict that is not proved."""

from collections.abc import Iterator
from itertools import pairwise, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genverify.claims.grammar import App, Expr, Sym
from genverify.claims.writing import show
from genverify.tools.checkers import Checkers
from genverify.types import Check, Claim, ClaimKind, Outcome, Reason

YES, NO = Outcome.CONFIRMED, Outcome.REFUTED
PATIENT_S = 60.0
"""A deadline that nothing decidable here reaches, however busy the machine is."""
MODEST = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
DOGS = "forall(x, dog(x) -> bark(x))"
THREE = ("integer(owl)", "integer(jay)", "integer(crow)", "in(owl, {1, 2, 3})", "in(jay, {1, 2, 3})",
         "in(crow, {1, 2, 3})", "card({owl, jay, crow}) = 3")  # fmt: skip
"""Three birds at three places, counted from the left."""


@pytest.fixture(scope="module")
def checkers() -> Iterator[Checkers]:
    with Checkers(workers=2, deadline_s=PATIENT_S) as started:
        yield started


def entails(statement: str, *givens: str) -> Claim:
    return Claim(ClaimKind.ENTAILS, statement, givens=givens)


def consistent(statement: str, *givens: str) -> Claim:
    return Claim(ClaimKind.CONSISTENT, statement, givens=givens)


def said(check: Check) -> Outcome | Reason:
    return check.reason or check.outcome


def named(claim: Claim) -> str:
    return f"{', '.join(claim.givens)} => {claim.statement}"


FOLLOWS = [
    # truth values
    (entails("p -> r", "p -> q", "q -> r"), YES),
    (entails("p", "p -> q", "q"), NO),  # affirming the consequent
    (entails("not p", "p -> q", "not q"), YES),
    (entails("q", "xor(p, q)", "not p"), YES),
    (entails("not q", "xor(p, q)", "p"), YES),
    (entails("not q", "p | q", "p"), NO),  # an inclusive or
    (entails("p <-> r", "p <-> q", "q <-> r"), YES),
    (entails("p | not p"), YES),
    (entails("p & not p"), NO),
    (entails("true"), YES),
    # predicates
    (entails("bark(rex)", DOGS, "dog(rex)"), YES),
    (entails("dog(rex)", DOGS, "bark(rex)"), NO),
    (entails("not dog(rex)", DOGS, "not bark(rex)"), YES),
    (entails("exists(y, bark(y))", DOGS), NO),  # "all" does not say that there is one
    (entails("exists(y, bark(y))", DOGS, "exists(z, dog(z))"), YES),
    (entails("forall(y, bark(y) -> dog(y))", DOGS), NO),
    (entails("p(b)", "forall(x, p(x))"), YES),
    (entails("exists(y, forall(x, loves(x, y)))", "forall(x, exists(y, loves(x, y)))"), NO),
    (entails("forall(x, exists(y, loves(x, y)))", "exists(y, forall(x, loves(x, y)))"), YES),
    (entails("f(f(a)) = a", "f(a) = a"), YES),
    (entails("p(b)", "p(a)", "a = b"), YES),
    (entails("a != b", "p(a)", "not p(b)"), YES),
    (entails("a = b", "p(a)", "p(b)"), NO),
    # numbers
    (entails("x > 0", "x > 1"), YES),
    (entails("x > 2", "x > 1"), NO),
    (entails("x < z", "x < y", "y < z"), YES),
    (entails("3*x + 2*y = 16", "x = 2", "y = x + 3"), YES),
    (entails("x*y > 0", "x > 0", "y > 0"), YES),
    (entails("abs(x) <= 3", "x^2 <= 9"), YES),
    (entails("x > 2", "x^2 = 2"), NO),
    (entails("x = 2", "integer(x)", "x > 1", "x < 3"), YES),
    (entails("even(x)", "divides(4, x)"), YES),
    (entails("divides(4, x)", "even(x)"), NO),
    (entails("mod(n, 3) = 1", "integer(n)", "cong(n, 7, 3)"), YES),
    (entails("in(x, icc(0, 1))", "in(x, ioo(0, 1))"), YES),
    (entails("in(x, ioo(0, 1))", "in(x, icc(0, 1))"), NO),
    (entails("max(x, y) = y", "x < y"), YES),
    (entails("floor(x) = 2", "x > 2", "x < 3"), YES),
    (entails("cost(gre) < 300", "cost(gre) = 205"), YES),
    (entails("a = 2*b", "a/b = 2"), YES),
    (entails("a/b = 2", "a = 2*b", "b > 0"), YES),
    # what is not decided, and why
    (entails("x = 1", "x = 1"), Reason.CIRCULAR),
    (entails("1 = x", "x = 1", "y = 2"), Reason.CIRCULAR),
    (entails("y < x", "x > y"), Reason.CIRCULAR),
    (entails("q & p", "p & q"), Reason.CIRCULAR),
    (entails("forall(z, dog(z) -> bark(z))", DOGS), Reason.CIRCULAR),
    (entails("not not p", "p"), Reason.CIRCULAR),
    (entails("x = 5", "x = 1", "x = 2"), Reason.VACUOUS),
    (entails("q", "p", "not p"), Reason.VACUOUS),
    (entails("cat(tom)", DOGS, "dog(rex)", "not bark(rex)"), Reason.VACUOUS),
    (entails("x = 2", "x > 1", "x < 3"), Reason.AMBIGUOUS),  # right for whole numbers
    (entails("a/b = 2", "a = 2*b"), Reason.UNDEFINED),
    (entails("x/0 = 1", "x = 1"), Reason.UNSUPPORTED),
    (entails("q", "b != 0 -> a/b = 1", "q -> b = 2"), Reason.UNSUPPORTED),
    (entails("p(x)", "p(x, y)"), Reason.UNSUPPORTED),
    (entails("p(a)", "forall(a, p(a))"), Reason.UNSUPPORTED),  # a is free here and bound there
    (entails("p(p)", "q(p)"), Reason.UNSUPPORTED),
    (entails("p(x) & x > 1", "p(tom)", "dog(tom)", "tom"), Reason.UNSUPPORTED),  # a thing and a statement at once
    (entails("sin(x) = 0", "x = 0"), Reason.UNSUPPORTED),
    (entails("x ~ 3", "x = 3"), Reason.UNSUPPORTED),
    (entails("pi > 3"), Reason.UNSUPPORTED),
    (entails("x^y = 1", "y = 0"), Reason.UNSUPPORTED),
    (entails("x^9 > 0", "x > 0"), Reason.TOO_LARGE),
    (
        entails("forall(n, q(n) -> n > 3)", "forall(n, q(n) -> n > 2)"),
        Reason.UNKNOWN,
    ),  # the model cannot be gone through
]


@pytest.mark.parametrize(("claim", "expected"), FOLLOWS, ids=[named(claim) for claim, _ in FOLLOWS])
def test_what_follows_is_confirmed_and_what_does_not_is_refuted(
    checkers: Checkers, claim: Claim, expected: Outcome | Reason
) -> None:
    check = checkers.check(claim)
    assert said(check) is expected, check.witness
    assert check.tool == "z3"
    assert check.witness or check.outcome is YES


AGREES = [
    (consistent("x = 2", "x > 3"), NO),
    (consistent("x = 4", "x > 3"), Reason.UNKNOWN),  # possible, which is not proved
    (consistent("x > 2", "x > 3"), YES),
    (consistent("crow = 1", *THREE, "owl < crow"), NO),
    (consistent("crow = 2", *THREE, "owl < crow"), Reason.UNKNOWN),
    (consistent("jay = 2", *THREE, "owl < jay", "jay < crow"), YES),
    (consistent("owl = jay", *THREE), NO),
    (consistent("not bark(rex)", DOGS, "dog(rex)"), NO),
    (consistent("x = 1", "x = 2", "x = 3"), Reason.VACUOUS),
    (consistent("x = 1", "x = 1"), Reason.CIRCULAR),
    (consistent("p & not p"), NO),
]


@pytest.mark.parametrize(("claim", "expected"), AGREES, ids=[named(claim) for claim, _ in AGREES])
def test_only_what_the_premises_exclude_is_refuted(
    checkers: Checkers, claim: Claim, expected: Outcome | Reason
) -> None:
    check = checkers.check(claim)
    assert said(check) is expected, check.witness


@pytest.mark.parametrize(
    ("claim", "witness"),
    [
        (entails("x > 2", "x > 1"), "the premises also allow x = 2"),
        (entails("dog(rex)", DOGS, "bark(rex)"), "the premises also allow not dog(rex)"),
        (
            entails("forall(y, bark(y) -> dog(y))", DOGS),
            "the premises also allow bark(something) and not dog(something)",
        ),
        (
            entails("not bark(rex)", DOGS, "dog(rex)", "cat(tom)"),
            "the premises imply the opposite: for every x: dog(x) implies bark(x); dog(rex)",
        ),
        (consistent("crow = 1", *THREE, "owl < crow", "jay = 3"), "it cannot be, because owl < crow"),
        (entails("x = 5", "y = 3", "x = 1", "x = 2"), "the premises contradict each other: x = 1; x = 2"),
        (entails("p & not p"), "the premises imply the opposite: it contradicts itself"),
        (consistent("owl = 4", *THREE), "it cannot be, because owl is one of 1, 2, 3"),
        (consistent("x + y = 9", "in(x, {1, 2}) & in(y, {1, 2})"), "it cannot be, because x, y are each one of 1, 2"),
        (entails("x = 4", "abs(x) = 3", "-x + 2*y < 1 | x/2 > 7"), "the premises imply the opposite: abs(x) = 3"),
    ],
)
def test_a_refutation_is_shown_in_the_names_of_the_problem(checkers: Checkers, claim: Claim, witness: str) -> None:
    assert checkers.check(claim).witness == witness


def test_a_long_counter_model_is_one_line(checkers: Checkers) -> None:
    names = [f"quantity_with_a_rather_long_name_{i}" for i in range(40)]
    check = checkers.check(entails(f"{names[0]} > 9", *(f"{a} > {b}" for a, b in pairwise(names))))
    assert check.outcome is NO
    assert len(check.witness) <= 300
    assert "\n" not in check.witness


def test_what_z3_cannot_tell_in_time_is_a_timeout() -> None:
    cubes = entails("x^3 + y^3 + z^3 != 114", "integer(x)", "integer(y)", "integer(z)")
    with Checkers(workers=1, deadline_s=0.5) as checkers:
        check = checkers.check(cubes)
        assert (said(check), check.tool) == (Reason.TIMEOUT, "z3")
        assert checkers.check(entails("x > 0", "x > 1")).outcome is YES


ATOMS = [Sym(name) for name in ("p", "q", "r")]


def formulas(leaves: list[Expr]) -> st.SearchStrategy[Expr]:
    two = st.sampled_from(["and", "or", "->", "<->", "xor"])
    return st.recursive(
        st.sampled_from(leaves),
        lambda inner: st.one_of(
            st.builds(lambda a: App("not", (a,)), inner),
            st.builds(lambda head, a, b: App(head, (a, b)), two, inner, inner),
        ),
        max_leaves=6,
    )


def worth(expr: Expr, row: dict[str, bool]) -> bool:
    if isinstance(expr, Sym):
        return row[expr.name]
    assert isinstance(expr, App)
    if expr.head.startswith("@"):
        (arg,) = expr.args
        assert isinstance(arg, Sym)
        return row[f"{expr.head[1:]}({arg.name})"]
    values = [worth(arg, row) for arg in expr.args]
    match expr.head:
        case "not":
            return not values[0]
        case "and":
            return all(values)
        case "or":
            return any(values)
        case "->":
            return not values[0] or values[1]
        case "<->":
            return values[0] == values[1]
        case _:
            return values[0] != values[1]


@given(st.lists(formulas([*ATOMS]), max_size=3), formulas([*ATOMS]))
@MODEST
def test_propositional_verdicts_agree_with_the_truth_table(
    checkers: Checkers, premises: list[Expr], conclusion: Expr
) -> None:
    rows = [dict(zip(("p", "q", "r"), values, strict=True)) for values in product((True, False), repeat=3)]
    left = [row for row in rows if all(worth(premise, row) for premise in premises)]
    follows = all(worth(conclusion, row) for row in left)
    excluded = not any(worth(conclusion, row) for row in left)
    givens = [show(premise) for premise in premises]
    check = checkers.check(entails(show(conclusion), *givens))
    if check.reason is not Reason.CIRCULAR:
        assert said(check) is (Reason.VACUOUS if not left else YES if follows else NO)
        assert ("opposite" in check.witness) == bool(left and excluded)
    check = checkers.check(consistent(show(conclusion), *givens))
    if check.reason is not Reason.CIRCULAR:
        assert said(check) is (Reason.VACUOUS if not left else NO if excluded else YES if follows else Reason.UNKNOWN)


@given(st.lists(formulas([App("@p", (Sym("x"),)), App("@q", (Sym("x"),))]), max_size=2),
       formulas([App("@p", (Sym("x"),)), App("@q", (Sym("x"),))]))  # fmt: skip
@MODEST
def test_verdicts_on_one_place_predicates_agree_with_the_kinds_of_things_there_may_be(
    checkers: Checkers, premises: list[Expr], conclusion: Expr
) -> None:
    kinds = [dict(zip(("p(x)", "q(x)"), values, strict=True)) for values in product((True, False), repeat=2)]
    left = [kind for kind in kinds if all(worth(premise, kind) for premise in premises)]
    follows = all(worth(conclusion, kind) for kind in left)
    claim = entails(f"forall(x, {show(conclusion)})", *(f"forall(x, {show(premise)})" for premise in premises))
    check = checkers.check(claim)
    if check.reason is not Reason.CIRCULAR:
        assert said(check) is (Reason.VACUOUS if not left else YES if follows else NO)


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(1, 5), st.sampled_from(["<", "<=", ">", ">=", "=", "!="]))
@MODEST
def test_a_bound_carried_through_a_line_is_decided_exactly(
    checkers: Checkers, low: int, shift: int, factor: int, relation: str
) -> None:
    start = f"x {relation} {low}"
    moved = f"{factor}*x + {shift} {relation} {factor * low + shift}"
    assert checkers.check(entails(moved, start, "y = x")).outcome in (YES, Outcome.UNDECIDED)
    off = f"{factor}*x + {shift} {relation} {factor * low + shift - (1 if relation in ('<', '<=') else -1)}"
    assert checkers.check(entails(off, start)).outcome is not YES
