"""Each rule of fusion on numbers worked by hand, and what holds for all of them: a sound refutation decides."""

import math
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genverify import fusion
from genverify.fusion import METHODS, Evidence, Weights, dawid_skene, fuse
from genverify.types import Check, Claim, ClaimKind, Critique, Label, Outcome, Reason, Source, StepVerdict

WEIGHTS = Weights(
    base_rate=0.8,  # odds 4
    evidence={
        "*:extracted:refuted": -math.log(16),
        "*:extracted:confirmed": math.log(2),
        "*:model:refuted": -math.log(3),
        "*:model:confirmed": 0.0,
    },
    complete=math.log(3),
)
"""Weights whose sums can be worked out in the head."""


def check(outcome: Outcome, source: Source = Source.EXTRACTED, tool: str = "exact") -> Check:
    reason = Reason.TIMEOUT if outcome is Outcome.UNDECIDED else None
    return Check(Claim(ClaimKind.RELATION, "3 + 4 = 7", source=source), tool, outcome, reason=reason)


REFUTED, CONFIRMED, OPEN = (check(o) for o in (Outcome.REFUTED, Outcome.CONFIRMED, Outcome.UNDECIDED))


def step(*ps: float | None, checks: tuple[Check, ...] = (), coverage: float = 0.5, index: int = 0) -> Evidence:
    critiques = tuple(Critique(index, "", p, sample=sample) for sample, p in enumerate(ps))
    return Evidence(index, critiques, checks, coverage)


def one(evidence: Evidence, method: str) -> StepVerdict:
    ((verdict,),) = fuse([[evidence]], method, WEIGHTS)
    return verdict


@pytest.mark.parametrize(
    "method", ["log_odds", "mean", "vote", "capo_intersection", "capo_majority", "spark", "biprm_min"]
)
def test_below_its_cut_a_critic_votes_against_a_step(method: str) -> None:
    critiques = tuple(Critique(0, "", p, sample=sample, cut=0.8) for sample, p in enumerate((0.6, 0.7, 0.9)))
    wrong, right = Evidence(0, critiques[:2]), Evidence(0, (replace(critiques[2], sample=0),))
    assert [one(evidence, method).label for evidence in (wrong, right)] == [Label.INCORRECT, Label.CORRECT]


def fused(evidence: Evidence, method: str) -> tuple[float | None, Label]:
    verdict = one(evidence, method)
    return verdict.p_correct, verdict.label


@pytest.mark.parametrize(
    ("evidence", "p", "label"),
    [
        (step(checks=(REFUTED,)), 1 / 5, Label.INCORRECT),  # odds 4 / 16
        (step(checks=(CONFIRMED,)), 8 / 9, Label.UNDECIDED),  # odds 4 * 2
        (step(checks=(CONFIRMED,), coverage=1.0), 24 / 25, Label.CORRECT),  # odds 4 * 2 * 3
        (step(checks=(CONFIRMED, REFUTED)), 1 / 5, Label.INCORRECT),  # the refutation silences the rest
        (step(0.9), 9 / 10, Label.CORRECT),
        (step(0.9, checks=(check(Outcome.REFUTED, Source.MODEL),)), 3 / 4, Label.CORRECT),  # odds 9 / 3
        (step(0.9, checks=(REFUTED,)), 1 / 5, Label.INCORRECT),  # praise does not soften a refutation
        (step(0.5, checks=(REFUTED,)), 1 / 17, Label.INCORRECT),  # odds 1 / 16
        (step(0.25, checks=(CONFIRMED,), coverage=1.0), 2 / 3, Label.CORRECT),  # odds 1/3 * 6
    ],
)
def test_log_odds_adds_up_the_weights(evidence: Evidence, p: float, label: Label) -> None:
    got, called = fused(evidence, "log_odds")
    assert got == pytest.approx(p)
    assert called is label


def test_the_critics_log_odds_are_scaled_and_shifted() -> None:
    weights = Weights(0.8, WEIGHTS.evidence, 0.0, critic_offset=math.log(2), critic_slope=0.5)
    assert fuse([[step(0.9)]], "log_odds", weights)[0][0].p_correct == pytest.approx(6 / 7)  # odds sqrt(9) * 2


def test_two_tools_that_refute_both_count_and_two_claims_of_one_tool_count_once() -> None:
    sympy = check(Outcome.REFUTED, tool="sympy")
    assert fused(step(checks=(REFUTED, sympy)), "log_odds")[0] == pytest.approx(1 / 65)  # odds 4 / 16 / 16
    assert fused(step(checks=(REFUTED, REFUTED)), "log_odds")[0] == pytest.approx(1 / 5)


@pytest.mark.parametrize(
    ("method", "ps", "p", "label"),
    [
        ("mean", (0.9, 0.6, 0.3), 0.6, Label.CORRECT),
        ("mean", (0.9, None, 0.3), 0.6, Label.CORRECT),  # unparsed ones do not count
        ("mean", (0.25, 0.75), 0.5, Label.UNDECIDED),
        ("vote", (0.9, 0.6, 0.3), 2 / 3, Label.CORRECT),
        ("vote", (0.9, 0.1), 0.5, Label.UNDECIDED),
        ("vote", (0.5, 0.1), 0.0, Label.INCORRECT),  # one half abstains
        ("vote", (0.5,), None, Label.UNDECIDED),
        ("capo_intersection", (0.2, 0.4, 0.9, 0.3), 0.9, Label.CORRECT),
        ("capo_intersection", (0.2, 0.4, 0.1, 0.3), 0.4, Label.INCORRECT),
        ("capo_majority", (0.2, 0.4, 0.9, 0.3), 0.25, Label.INCORRECT),
        ("capo_majority", (0.2, 0.4, 0.9, 0.8), 0.5, Label.CORRECT),  # K/2 is not more than K/2
    ],
)
def test_rules_of_one_step(method: str, ps: tuple[float | None, ...], p: float | None, label: Label) -> None:
    got, called = fused(step(*ps), method)
    assert got == (None if p is None else pytest.approx(p))
    assert called is label


def solution(*rows: tuple[float | None, ...]) -> list[Evidence]:
    """Return the evidence on a solution from the probabilities of each sample."""
    return [step(*ps, index=i) for i, ps in enumerate(zip(*rows, strict=True))]


def test_spark_keeps_the_samples_that_agree_with_the_majority_everywhere() -> None:
    (verdicts,) = fuse([solution((0.9, 0.2), (0.8, 0.4), (0.3, 0.1))], "spark")
    assert [v.p_correct for v in verdicts] == [pytest.approx(0.85), pytest.approx(0.3)]
    assert [v.label for v in verdicts] == [Label.CORRECT, Label.INCORRECT]


@pytest.mark.parametrize(
    "rows",
    [
        [(0.9, 0.9, 0.1), (0.9, 0.1, 0.9), (0.1, 0.9, 0.9)],  # the majority is right everywhere, which no sample says
        [(0.9, 0.9), (0.9, 0.1)],  # a tie
        [(0.1, 0.9), (0.9, None), (0.9, 0.1), (0.9, None), (0.1, 0.9)],  # who skipped a step agrees with nobody
    ],
    ids=["nobody says so", "a tie", "only incomplete samples"],
)
def test_spark_drops_a_solution_without_a_consistent_sample(rows: list[tuple[float | None, ...]]) -> None:
    (verdicts,) = fuse([solution(*rows)], "spark")
    assert {v.label for v in verdicts} == {Label.UNDECIDED}
    assert {v.p_correct for v in verdicts} == {None}


def test_spark_takes_samples_that_ended_early_as_far_as_they_read() -> None:
    (verdicts,) = fuse([solution((0.9, 0.2, None), (0.7, 0.4, None))], "spark")
    assert [v.label for v in verdicts] == [Label.CORRECT, Label.INCORRECT, Label.UNDECIDED]


VOTES: tuple[dict[str, bool], ...] = ({"a": True, "b": True}, {"a": False, "b": False}, {}, {"a": True, "b": False})


def test_one_round_of_dawid_skene_is_as_worked_out_by_hand() -> None:
    model = dawid_skene(VOTES, smoothing=1.0, max_rounds=1)
    assert model.prior == pytest.approx(0.5)  # beliefs 1, 0, 1/2 and one vote of each kind
    assert model.sources["a"].yes_if_right == pytest.approx(5 / 7)  # (1 + 1/2 + 1) / (3/2 + 2)
    assert model.sources["a"].yes_if_wrong == pytest.approx(3 / 7)
    assert model.sources["b"].yes_if_right == pytest.approx(4 / 7)
    assert model.sources["b"].yes_if_wrong == pytest.approx(2 / 7)
    assert model.p_right[2] is None
    assert [p for p in model.p_right if p is not None] == [pytest.approx(p) for p in (10 / 13, 3 / 13, 1 / 2)]
    assert model.sources["a"].votes == 3
    assert not model.converged


def test_dawid_skene_finds_out_whom_to_believe() -> None:
    truth = [i % 3 != 0 for i in range(300)]
    votes = [
        {"good": t, "fair": t if i % 5 else not t, "poor": t if i % 2 else not t, **({"rare": t} if i % 7 == 0 else {})}
        for i, t in enumerate(truth)
    ]
    model = dawid_skene(votes)
    assert model.converged
    assert [p is not None and p > 0.5 for p in model.p_right] == truth
    rates = model.sources
    assert rates["good"].yes_if_right > rates["fair"].yes_if_right > rates["poor"].yes_if_right
    assert rates["rare"].votes == 43
    assert model.prior == pytest.approx(2 / 3, abs=0.02)


def test_dawid_skene_of_nothing_knows_nothing() -> None:
    assert dawid_skene([]).p_right == ()
    assert dawid_skene([{}, {}]).p_right == (None, None)


@pytest.mark.parametrize("options", [{"smoothing": 0.0}, {"smoothing": math.nan}, {"max_rounds": 0}])
def test_dawid_skene_refuses_options_out_of_range(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="smoothing"):
        dawid_skene(VOTES, **options)  # type: ignore[arg-type]


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.booleans()), max_size=20), st.randoms())
def test_dawid_skene_gives_probabilities_that_do_not_depend_on_the_order(
    votes: list[dict[str, bool]], random: object
) -> None:
    model = dawid_skene(votes)
    assert all(p is None if not item else p is not None and 0 <= p <= 1 for p, item in zip(model.p_right, votes))  # noqa: B905
    backwards = dawid_skene(votes[::-1]).p_right[::-1]
    assert all(a == b or abs((a or 0) - (b or 0)) < 1e-4 for a, b in zip(model.p_right, backwards, strict=True))


def test_the_label_model_fuses_critics_and_tools_over_the_batch() -> None:
    good, bad = step(0.9, 0.8, checks=(CONFIRMED,)), step(0.1, 0.8, checks=(REFUTED,))
    batch = fuse([[good], [bad], [good], [bad], [step(checks=(OPEN,))]], "dawid_skene")
    assert [v.label for (v,) in batch[:4]] == [Label.CORRECT, Label.INCORRECT] * 2
    assert batch[4][0].p_correct is None


@pytest.mark.parametrize(
    ("verdicts", "outcome", "reward"),
    [
        ((), 1, 1.0),
        ((), -1, -1.0),
        ((-1,), 1, 0.0),  # -1 * 1 / 1 + 1 / 1
        ((1, -1), 1, 0.75),  # (1 * 1 - 1 * 1/2) / 2 + 1/2
        ((1, 1, 1), -1, 1 / 3),  # (1 + 2/3 + 1/3) / 3 - 1/3
    ],
)
def test_the_hybrid_reward_of_groundedprm(verdicts: tuple[int, ...], outcome: int, reward: float) -> None:
    assert fusion.hybrid_reward(verdicts, outcome) == pytest.approx(reward)


def test_groundedprm_passes_rewards_back_along_the_solution() -> None:
    right, wrong = step(0.9), step(0.1)
    ((first, second, last),) = fusion.grounded_prm([[right, wrong, right]], WEIGHTS)
    assert last == (1.0, Label.CORRECT)  # N = 0: R = F = 1
    assert second.p == pytest.approx((1 + 0.9 / 2.9) / 2)  # R = 0, value 0.9 * 1, at most 2 + 0.9
    assert first.p == pytest.approx((1 + 1.56 / 3.86) / 2)  # R = 0.75, value 0.75 + 0.9 * 0.9, at most 1.25 + 0.9 * 2.9
    ((first, second, last),) = fusion.grounded_prm([[right, wrong, right]], WEIGHTS, outcomes=[False])
    assert last == (0.0, Label.INCORRECT)
    assert second.label is Label.INCORRECT


def both(forward: float | None, backward: float | None) -> Evidence:
    critiques = (Critique(0, "", forward), Critique(0, "", backward, notes=(fusion.BACKWARDS,)))
    return Evidence(0, critiques)


@pytest.mark.parametrize(("method", "p"), [("biprm_mean", 0.6), ("biprm_min", 0.4), ("biprm_gated", 0.6)])
def test_two_directions_are_fused(method: str, p: float) -> None:
    assert fused(both(0.8, 0.4), method)[0] == pytest.approx(p)
    assert fused(both(None, 0.4), method)[0] == pytest.approx(0.4)
    assert fused(both(None, None), method)[0] is None


def test_the_gate_weighs_the_directions() -> None:
    ((verdict,),) = fuse([[both(0.8, 0.4)]], partial(fusion.biprm_gated, gate=0.7))
    assert verdict.p_correct == pytest.approx(0.68)
    with pytest.raises(ValueError, match="gate"):
        fuse([[both(0.8, 0.4)]], partial(fusion.biprm_gated, gate=1.5))


def test_an_unknown_method_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="grounded_prm"):
        fuse([], "magic")


ps = st.none() | st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0])
evidence = st.builds(
    step,
    ps,
    ps,
    ps,
    checks=st.lists(
        st.builds(check, st.sampled_from(Outcome), st.sampled_from(Source), st.sampled_from(["exact", "z3"])),
        max_size=4,
    ).map(tuple),
    coverage=st.sampled_from([0.0, 0.7, 1.0]),
)
batches = st.lists(st.lists(evidence, max_size=4), max_size=4)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=30)
@given(batches)
def test_a_sound_refutation_decides_under_every_rule(method: str, batch: list[list[Evidence]]) -> None:
    for steps, verdicts in zip(batch, fuse(batch, method, WEIGHTS), strict=True):
        for known, verdict in zip(steps, verdicts, strict=True):
            assert verdict.p_correct is None or 0.0 <= verdict.p_correct <= 1.0
            if known.refuted:
                tools = one(Evidence(0, (), known.checks, known.coverage), "log_odds")
                assert verdict.label is Label.INCORRECT
                assert verdict.p_correct is not None
                assert tools.p_correct is not None
                assert verdict.p_correct <= tools.p_correct < 0.5


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=30)
@given(batches)
def test_tools_alone_call_a_step_right_only_if_they_confirmed_all_of_it(
    method: str, batch: list[list[Evidence]]
) -> None:
    for steps, verdicts in zip(batch, fuse(batch, method, WEIGHTS), strict=True):
        for known, verdict in zip(steps, verdicts, strict=True):
            if known.critic is None and not known.refuted:
                assert (verdict.label is Label.CORRECT) == known.confirmed
                assert verdict.label is not Label.INCORRECT


@given(evidence, st.sampled_from(Source), st.sampled_from(["exact", "sympy", "new"]))
def test_a_refutation_never_raises_and_undecided_changes_nothing(known: Evidence, source: Source, tool: str) -> None:
    def p_with(*more: Check) -> float | None:
        return one(Evidence(0, known.critiques, (*known.checks, *more), known.coverage), "log_odds").p_correct

    before, after = p_with(), p_with(check(Outcome.REFUTED, source, tool))
    assert after is not None
    assert before is None or after <= before + 1e-12
    if not known.confirmed:  # an open claim ends "all that the step says was confirmed"
        assert p_with(OPEN) == before


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=30)
@given(batches)
def test_without_evidence_there_is_no_probability(method: str, batch: list[list[Evidence]]) -> None:
    silent = [[Evidence(i) for i, _ in enumerate(steps)] for steps in batch]
    assert all(v.p_correct is None for verdicts in fuse(silent, method) for v in verdicts)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"base_rate": 1.0}, "base_rate"),
        ({"complete": -1.0}, "complete"),
        ({"critic_slope": math.nan}, "finite"),
        ({"critic_limit": 0.5}, "critic_limit"),
        ({"evidence": {}}, "needs a weight"),
        ({"evidence": {**WEIGHTS.evidence, "exact:extracted:refuted": 0.5}}, "never raises"),
        ({"evidence": {**WEIGHTS.evidence, "exact:extracted:confirmed": -0.5}}, "never lowers"),
        ({"evidence": {**WEIGHTS.evidence, "exact:extracted:refuted": -1.0}}, "more likely right than wrong"),
        ({"evidence": {**WEIGHTS.evidence, "exact:extracted:undecided": -1.0}}, "undecided"),
        ({"evidence": {**WEIGHTS.evidence, "exact refuted": -1.0}}, "TOOL:SOURCE:OUTCOME"),
    ],
)
def test_weights_that_turn_evidence_around_are_refused(changes: dict[str, object], message: str) -> None:
    given = {"base_rate": 0.8, "evidence": WEIGHTS.evidence, "complete": 0.0, **changes}
    with pytest.raises(ValueError, match=message):
        Weights(**given)  # type: ignore[arg-type]
