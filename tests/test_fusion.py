"""Properties of fusion: which evidence decides a step, what only moves its probability, and how it is put in words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify import fusion, wording
from genverify.types import (
    Check,
    Claim,
    ClaimKind,
    Critique,
    Label,
    Outcome,
    Reason,
    Source,
    StepVerdict,
)


def check(
    statement: str = "3 + 4 = 7",
    outcome: Outcome = Outcome.CONFIRMED,
    *,
    source: Source = Source.EXTRACTED,
    kind: ClaimKind = ClaimKind.RELATION,
    text: str = "",
    witness: str = "",
    computed: str | None = None,
    span: tuple[int, int] = (0, 0),
) -> Check:
    claim = Claim(kind=kind, statement=statement, text=text, source=source, span=span)
    reason = Reason.TIMEOUT if outcome is Outcome.UNDECIDED else None
    return Check(claim, "exact", outcome, reason=reason, witness=witness, computed=computed)


WRONG = check("17*24 = 418", Outcome.REFUTED, computed="408")
RIGHT = check()
OPEN = check("x = 1", Outcome.UNDECIDED)

checks_strategy = st.lists(
    st.builds(
        check,
        outcome=st.sampled_from(list(Outcome)),
        source=st.sampled_from(list(Source)),
        kind=st.sampled_from(list(ClaimKind)),
    ),
    max_size=5,
)
critiques_strategy = st.lists(
    st.builds(Critique, step=st.just(0), text=st.just(""), p_correct=st.none() | st.floats(0, 1)), max_size=3
)


def test_a_refuted_claim_of_the_step_decides_it_whatever_else_was_confirmed() -> None:
    verdict = fusion.fuse_step(0, (), [RIGHT, WRONG, OPEN], 0.9)
    assert verdict.label is Label.INCORRECT
    assert verdict.p_correct is not None
    assert verdict.p_correct < 0.1


def test_a_refuted_claim_outvotes_confident_critiques_and_says_so() -> None:
    critiques = [Critique(0, "fine", 0.99), Critique(0, "fine", 1.0)]
    verdict = fusion.fuse_step(0, critiques, [WRONG], 0.5)
    assert verdict.label is Label.INCORRECT
    assert verdict.p_correct is not None
    assert verdict.p_correct < 0.1
    assert "the critic had called the step correct" in verdict.why


def test_all_confirmed_and_all_covered_is_correct() -> None:
    verdict = fusion.fuse_step(0, (), [RIGHT, RIGHT], 1.0)
    assert verdict.label is Label.CORRECT
    assert verdict.p_correct is not None
    assert verdict.p_correct > 0.95


@pytest.mark.parametrize(
    ("checks", "coverage"),
    [([RIGHT], 0.99), ([RIGHT, OPEN], 1.0), ([RIGHT, check(outcome=Outcome.REFUTED, source=Source.MODEL)], 1.0)],
    ids=["words left over", "a claim left open", "a model's claim refuted"],
)
def test_partial_confirmation_is_undecided_and_raises_the_probability_a_little(
    checks: list[Check], coverage: float
) -> None:
    verdict = fusion.fuse_step(0, (), checks, coverage)
    assert verdict.label is Label.UNDECIDED
    assert verdict.p_correct is not None
    assert verdict.p_correct < 0.95


def test_a_partial_confirmation_says_what_was_confirmed_and_how_much_of_the_step_that_is() -> None:
    verdict = fusion.fuse_step(0, (), [check(text="3 + 4 = 7"), OPEN], 0.6)
    assert verdict.p_correct is not None
    assert fusion.DEFAULT_WEIGHTS.base_rate <= verdict.p_correct + 1e-12 < 0.93
    assert "“3 + 4 = 7”" in verdict.why
    assert "60 %" in verdict.why
    assert "timeout" in verdict.why


@pytest.mark.parametrize("checks", [[], [OPEN]])
def test_a_silent_verifier_has_no_probability(checks: list[Check]) -> None:
    verdict = fusion.fuse_step(0, (), checks, 1.0 if not checks else 0.0)
    assert (verdict.label, verdict.p_correct) == (Label.UNDECIDED, None)


def test_a_refutation_of_a_models_claim_never_decides() -> None:
    model = check("1 = 2", Outcome.REFUTED, source=Source.MODEL)
    alone = fusion.fuse_step(0, (), [model], 0.0)
    assert alone.label is Label.UNDECIDED
    assert alone.p_correct is not None
    assert alone.p_correct < fusion.DEFAULT_WEIGHTS.base_rate
    with_critic = fusion.fuse_step(0, [Critique(0, "", 0.9)], [model], 0.0)
    assert with_critic.label is Label.CORRECT


def test_a_critic_against_complete_confirmation_is_named() -> None:
    verdict = fusion.fuse_step(0, [Critique(0, "", 0.2)], [RIGHT], 1.0)
    assert "against the tools" in verdict.why


def test_a_critic_says_from_where_on_it_calls_a_step_wrong() -> None:
    doubtful = fusion.fuse_step(0, [Critique(0, "", 0.7, cut=0.78)], [], 0.0)
    assert doubtful.label is Label.INCORRECT
    assert doubtful.p_correct == pytest.approx(0.7)  # the probability still says what it means
    assert doubtful.why.startswith(
        "The critic calls the step incorrect (p = 0.70, it doubts what is below 0.78); nothing"
    )
    assert fusion.fuse_step(0, [Critique(0, "", 0.8, cut=0.78)], [], 0.0).label is Label.CORRECT
    assert fusion.fuse_step(0, [Critique(0, "", 0.78, cut=0.78)], [], 0.0).label is Label.UNDECIDED
    raised = fusion.fuse_step(0, [Critique(0, "", 0.77, cut=0.78)], [RIGHT], 1.0)
    assert raised.label is Label.CORRECT  # what tools confirm speaks for it
    with pytest.raises(ValueError, match=r"cut must be in \(0, 1\), got 1"):
        fusion.fuse_step(0, [Critique(0, "", 0.7, cut=1.0)], [], 0.0)


def test_an_unparsed_critique_counts_as_none() -> None:
    assert fusion.fuse_step(0, [Critique(0, "?", None)], [], 0.0).p_correct is None


@given(checks_strategy, critiques_strategy, st.floats(0, 1))
def test_every_fusion_is_a_probability_with_a_one_line_sentence(
    checks: list[Check], critiques: list[Critique], coverage: float
) -> None:
    verdict = fusion.fuse_step(3, critiques, checks, coverage)
    assert verdict.p_correct is None or 0.0 < verdict.p_correct < 1.0
    assert verdict.why.endswith(".")
    assert "\n" not in verdict.why
    if verdict.label is not Label.UNDECIDED:
        assert verdict.p_correct is not None


@given(checks_strategy, critiques_strategy, st.floats(0, 1))
def test_undecided_checks_never_move_the_probability_upwards(
    checks: list[Check], critiques: list[Critique], coverage: float
) -> None:
    without = fusion.fuse_step(0, critiques, checks, coverage).p_correct
    with_open = fusion.fuse_step(0, critiques, [*checks, OPEN], coverage).p_correct
    assert (without is None) == (with_open is None)
    assert without is None or with_open is None or with_open <= without


@pytest.mark.parametrize("coverage", [-0.1, 1.5, math.nan])
def test_a_coverage_outside_its_range_is_an_error(coverage: float) -> None:
    with pytest.raises(ValueError, match="coverage"):
        fusion.fuse_step(0, (), [], coverage)


def test_a_critic_outside_its_range_is_an_error() -> None:
    with pytest.raises(ValueError, match="step 4"):
        fusion.fuse_step(4, [Critique(4, "", 1.5)], [], 0.0)


def verdict(index: int, p: float | None, label: Label = Label.UNDECIDED) -> StepVerdict:
    return StepVerdict(index=index, label=label, p_correct=p, why="")


def test_the_score_of_a_solution_is_the_product_of_what_is_known() -> None:
    assert fusion.solution_score([verdict(0, 0.5), verdict(1, None), verdict(2, 0.5)]) == 0.25
    assert fusion.solution_score([verdict(0, None)]) is None
    assert fusion.solution_score([]) is None


def test_the_first_error_is_the_first_incorrect_step() -> None:
    steps = [verdict(0, 0.9, Label.CORRECT), verdict(1, 0.1, Label.INCORRECT), verdict(2, 0.1, Label.INCORRECT)]
    assert fusion.first_error(steps) == 1
    assert fusion.first_error(steps[:1]) is None


@pytest.mark.parametrize(
    ("refuted", "why"),
    [
        (check("7995 - 2595 = 4500", Outcome.REFUTED, computed="5400"), "7995 − 2595 is 5400, not 4500."),
        (check("3*6.00 = 17.00", Outcome.REFUTED, computed="18"), "3 × 6.00 is 18.00, not 17.00."),
        (check("10/3 ~ 3.4", Outcome.REFUTED, computed="10/3"), "10/3 is about 3.333, not 3.4."),
        (check("24 = 4*5", Outcome.REFUTED, computed="24", witness="24 is not 4*5 = 20"), "24 is not 4 × 5 = 20."),
        (check("3*4 > 13", Outcome.REFUTED, witness="3*4 = 12 is not greater than 13"),
         "3 × 4 = 12 is not greater than 13."),
        (check("1/4 = 20/100", Outcome.REFUTED, text="1/4 = 20%", computed="0.25"), "1/4 is 25%, not 20%."),
        (check("20/100*150 = 31", Outcome.REFUTED, text="20% of 150 = 31", computed="30"), "20% × 150 is 30, not 31."),
        (
            check("cos(deg(10))*pi = log(7, 2)", Outcome.REFUTED,
                  witness="cos(deg(10))*pi is about 3.09, not log(7, 2) (about -2.8*-I)"),
            "cos(10°) × π is about 3.09, not log_2(7) (about −2.8 × −I).",
        ),
        (check("int(x^2, x, 0, 1) = 1/2", Outcome.REFUTED, computed="1/3", text="\\int_0^1 x^2 dx = 1/2"),
         "“\\int_0^1 x^2 dx = 1/2” does not hold: the left side is 1/3."),
        (check("prime(91)", Outcome.REFUTED, witness="91 is not prime"), "91 is not prime."),
        (check("1/2 + 1/3 = 2/5", Outcome.REFUTED, computed="5/6"), "1/2 + 1/3 is 5/6, not 2/5."),
        (check("sqrt(2)*sqrt(3) = sqrt(5)", Outcome.REFUTED, computed="sqrt(6)"), "√2 × √3 is √6, not √5."),
        (check("5 - 9 = 4", Outcome.REFUTED, computed="-4"), "5 − 9 is −4, not 4."),
        (
            check("(x+1)^2 = x^2+1", Outcome.REFUTED, kind=ClaimKind.IDENTITY, text="(x+1)^2 = x^2+1",
                  witness="at x = 2 the left side is 9 but the right side is 5"),
            "“(x+1)^2 = x^2+1” does not hold: at x = 2 the left side is 9 but the right side is 5.",
        ),
        (
            check("x = 2", Outcome.REFUTED, kind=ClaimKind.ROOTS, text="so x = 2",
                  witness="x = 3 also solves the equation and is missing"),
            "“so x = 2” is not the solution: x = 3 also solves the equation and is missing.",
        ),
    ],
)  # fmt: skip
def test_why_is_a_sentence_as_a_person_would_write_it(refuted: Check, why: str) -> None:
    assert fusion.fuse_step(0, (), [refuted], 0.5).why == why


def test_why_speaks_of_the_refuted_claim_that_stands_first() -> None:
    later = check("2 + 2 = 5", Outcome.REFUTED, computed="4", span=(30, 39))
    earlier = check("3 + 3 = 7", Outcome.REFUTED, computed="6", span=(4, 13))
    assert fusion.fuse_step(0, (), [later, earlier], 0.5).why == "3 + 3 is 6, not 7."


def test_why_stays_readable_when_the_step_is_monstrous() -> None:
    long = check("+".join(["1"] * 200) + " = 201", Outcome.REFUTED, computed="200")
    assert fusion.fuse_step(0, (), [long], 0.5).why == "The result is 200, not 201."
    huge = check("2^400 = 3", Outcome.REFUTED, computed=str(2**400))
    assert len(fusion.fuse_step(0, (), [huge], 0.5).why) < 100


@pytest.mark.parametrize(
    ("formal", "shown"),
    [
        ("3*(x - 1)^2 >= 2*x", "3 × (x − 1)² ≥ 2x"),
        ("total_earnings = 8", "total earnings = 8"),
        ("x_1 - 2 ~ pi", "x_1 − 2 ≈ π"),
        ("not formal {", "not formal {"),
    ],
)
def test_formal_text_is_written_as_people_do(formal: str, shown: str) -> None:
    assert wording.pretty(formal) == shown
