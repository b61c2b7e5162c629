"""Stored reports are fused anew without model or tools; disagreements of critics and tools show both sides."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from genverify import Disagreement, Label, LabelConvention, Outcome, Report, Solution, UsageError, Verifier, fusion
from genverify.engines.base import Request
from genverify.engines.scripted import Answer, ScriptedEngine, render
from genverify.errors import RecordError
from genverify.records import report_from_line, report_line
from genverify.render.terminal import print_report
from genverify.tools.checkers import Checkers
from genverify.types import Check, Claim, ClaimKind, Critique, Problem, Provenance, Source, StepVerdict

PROBLEM = "A box holds 17 rows of 24 eggs. 8 eggs break. How many are whole?"
STEPS = ["17 * 24 = 418 eggs.", "Since breaking is final, 418 - 8 = 410.", "410 are whole."]


def judging(request: Request) -> Answer:
    """Call the first step right, which is wrong, and the second wrong, which follows."""
    first = "<step>\n17" in render(request)
    if request.choices:
        return {"correct": 0.9, "incorrect": 0.1} if first else {"correct": 0.2, "incorrect": 0.8}
    verdict = "correct" if first else "incorrect"
    fields = {"intent": "counts\x1b[31m eggs", "alignment": "a", "logic": "l", "verdict": verdict}
    return json.dumps({**fields, "category": "other", "correction": ""})


@pytest.fixture(scope="module")
def report(checkers: Checkers) -> Report:
    with Verifier(tools=checkers, engine=ScriptedEngine(judging), protocol="judge", samples=3) as verifier:
        return verifier.critique(PROBLEM, STEPS)


def test_fusing_anew_in_the_same_way_gives_the_same_report(report: Report) -> None:
    assert fusion.refuse(report) == report
    assert fusion.refuse(report_from_line(report_line(report))) == report


@pytest.mark.parametrize("method", fusion.METHODS)
def test_every_method_fuses_a_stored_report_and_says_so(report: Report, method: str) -> None:
    fused = fusion.refuse(report, method)
    assert fused.provenance.fusion == method
    assert fused.provenance.weights_sha256 == fusion.DEFAULT_WEIGHTS.sha256
    assert fused.steps[0].label is Label.INCORRECT
    assert fused.first_error == 0
    assert fused.steps[0].correction == report.steps[0].correction is not None
    assert [s.checks for s in fused.steps] == [s.checks for s in report.steps]
    assert fusion.refuse(fused) == report


def test_a_correction_is_dropped_with_the_verdict_that_it_belonged_to(report: Report) -> None:
    assert report.steps[2].label is Label.INCORRECT
    praised = [replace(c, p_correct=0.9) for c in report.steps[2].critiques]
    step = replace(report.steps[2], critiques=tuple(praised), correction=report.steps[0].correction)
    fused = fusion.refuse(replace(report, steps=(*report.steps[:2], step)))
    assert fused.steps[2].label is Label.CORRECT
    assert fused.steps[2].correction is None


def test_the_score_follows_the_convention_of_the_critic(report: Report) -> None:
    prefix = replace(report, provenance=replace(report.provenance, convention=LabelConvention.PREFIX))
    ps = [s.p_correct for s in report.steps if s.p_correct is not None]
    assert fusion.refuse(prefix).score == min(ps)


def test_a_stored_probability_out_of_range_is_an_error(report: Report) -> None:
    broken = replace(report.steps[1], critiques=(Critique(1, "", float("nan")),))
    with pytest.raises(ValueError, match="step 1"):
        fusion.refuse(replace(report, steps=(report.steps[0], broken, report.steps[2])))


def test_a_disagreement_shows_both_sides_and_whose_word_stands(report: Report) -> None:
    (found,) = report.disagreements
    assert (found.step, found.outcome, found.source) == (0, Outcome.REFUTED, Source.EXTRACTED)
    assert found.tools == "17 × 24 is 408, not 418."
    assert found.p_critic == pytest.approx(0.9)
    assert "counts" in found.critics
    assert found.label is Label.INCORRECT
    assert found.overridden


def test_a_critic_against_full_confirmation_is_listed_and_against_part_of_it_is_not() -> None:
    check = Check(Claim(ClaimKind.RELATION, "3 + 4 = 7", text="3 + 4 = 7"), "exact", Outcome.CONFIRMED)
    wrong = (Critique(0, "no", 0.3), Critique(0, "never", 0.001))
    verdicts = [fusion.fuse_step(i, wrong, [check], coverage) for i, coverage in enumerate((1.0, 0.9))]
    (found,) = fusion.disagreements(verdicts)
    assert (found.step, found.outcome) == (0, Outcome.CONFIRMED)
    assert found.tools == "Confirmed “3 + 4 = 7”, which is all that the step says."
    assert found.critics == "never"


def test_a_refuted_claim_in_the_models_own_words_is_listed_as_such() -> None:
    check = Check(Claim(ClaimKind.RELATION, "1 = 2", source=Source.MODEL), "exact", Outcome.REFUTED)
    (found,) = fusion.disagreements([fusion.fuse_step(0, [Critique(0, "fine", 0.95)], [check], 0.0)])
    assert found.source is Source.MODEL
    assert not found.overridden


@pytest.mark.parametrize("p", [None, 0.5])
def test_a_critic_without_a_view_disagrees_with_nobody(p: float | None) -> None:
    check = Check(Claim(ClaimKind.RELATION, "1 = 2"), "exact", Outcome.REFUTED)
    assert fusion.disagreements([fusion.fuse_step(0, [Critique(0, "", p)], [check], 0.0)]) == ()


def test_disagreements_stand_in_the_json_and_on_the_terminal_without_escapes(report: Report) -> None:
    assert json.loads(report_line(report))["disagreements"][0]["tools"] == "17 × 24 is 408, not 418."
    screen = io.StringIO()
    console = Console(file=screen, width=100, force_terminal=False)
    print_report(console, report, Problem(PROBLEM, id="eggs"), Solution.from_steps(STEPS))
    out = screen.getvalue()
    assert "critic against tools, step 1  the tools' word stands" in out
    assert "tools → 17 × 24 is 408, not 418." in out
    assert "critic → correct (p = 0.90)" in out
    assert "\x1b" not in out


def test_reports_from_before_there_were_disagreements_are_read(report: Report) -> None:
    body = json.loads(report_line(report))
    del body["disagreements"]
    for name in ("convention", "fusion", "weights_sha256"):
        del body["provenance"][name]
    old = report_from_line(json.dumps(body))
    assert old.disagreements == ()
    assert old.provenance.weights_sha256 is None
    assert fusion.refuse(old) == report


def reading(*ps: float) -> Report:
    verdicts = tuple(fusion.fuse_step(i, [Critique(i, f"step {i}", p)], (), 0.0) for i, p in enumerate(ps))
    return Report(verdicts, fusion.first_error(verdicts), Provenance("0"))


def test_two_readings_in_opposite_order_are_joined_step_by_step() -> None:
    joined = fusion.both_directions(reading(0.9, 0.8, 0.7), reading(0.1, 0.2, 0.3))
    fused = fusion.refuse(joined, "biprm_mean")
    assert [s.p_correct for s in fused.steps] == [pytest.approx(p) for p in (0.6, 0.5, 0.4)]
    assert [c.step for s in joined.steps for c in s.critiques] == [0, 0, 1, 1, 2, 2]
    assert [s.p_correct for s in fusion.refuse(joined, "biprm_min").steps] == [0.3, 0.2, 0.1]
    with pytest.raises(ValueError, match="same steps"):
        fusion.both_directions(reading(0.9), reading(0.9, 0.8))


def test_a_verifier_fuses_by_the_rule_and_weights_it_is_given(checkers: Checkers) -> None:
    weights = replace(fusion.DEFAULT_WEIGHTS, base_rate=0.5)
    with Verifier(tools=checkers, rule="vote", weights=weights) as verifier:
        made = verifier.critique(PROBLEM, STEPS)
    assert (made.provenance.fusion, made.provenance.weights_sha256) == ("vote", weights.sha256)
    assert made.steps[1].p_correct == pytest.approx(0.5)
    assert fusion.refuse(made, "vote", weights) == made
    with pytest.raises(UsageError, match="log_odds"):
        Verifier(tools=checkers, rule="magic")


def test_overridden_means_that_the_label_is_the_tools() -> None:
    sides = Disagreement(0, Outcome.CONFIRMED, Source.EXTRACTED, "", 0.1, "", Label.INCORRECT)
    assert not sides.overridden
    assert replace(sides, label=Label.CORRECT).overridden


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read"),
        ("{", "expected a weights file"),
        ("[" * 100_000, "expected a weights file"),
        ("[]", "format"),
        ('{"format": 2}', "format"),
        ('{"format": 1}', "base_rate"),
        ('{"format": 1, "base_rate": "x", "evidence": {}, "complete": 1}', "number"),
        ('{"format": 1, "base_rate": 0.8, "evidence": [], "complete": 1}', "values"),
        ('{"format": 1, "base_rate": NaN, "evidence": {}, "complete": 1}', "finite"),
    ],
)
def test_a_weights_file_that_is_none_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "weights.json"
    if text:
        path.write_text(text)
    with pytest.raises(RecordError, match=message):
        fusion.read_weights(path)


def test_the_weights_that_ship_say_what_they_were_fitted_on() -> None:
    record = fusion.DEFAULT_WEIGHTS.record
    assert all(len(file["sha256"]) == 64 and file["rows"] > 0 for file in record["data"])
    assert record["held_out"]["after"]["steps"] >= 500
    assert record["held_out"]["after"]["ece"]["value"] <= 0.05
    assert {"date", "genverify", "versions", "seed", "held", "fitted", "weights"} <= record.keys()


def test_written_weights_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    fusion.write_weights(fusion.DEFAULT_WEIGHTS, path)
    assert fusion.read_weights(path) == fusion.DEFAULT_WEIGHTS
    assert fusion.read_weights(path).record == fusion.DEFAULT_WEIGHTS.record


def test_an_unread_step_keeps_its_sentence_under_every_rule() -> None:
    step = StepVerdict(0, Label.UNDECIDED, None, "")
    fused = fusion.refuse(Report((step,), None, Provenance("0")), "vote")
    assert fused.steps[0].why == "Nothing in this step could be checked by the tools."
