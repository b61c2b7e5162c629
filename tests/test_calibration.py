"""Fitted weights say what the labels say, never work against their meaning, and are measured on other problems."""

import json
import math
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genverify import Report, cli
from genverify.bench.processbench import read_rows
from genverify.calibration import LabelledStep, calibrate, labelled_steps, quality, reliability, split
from genverify.calibration.metrics import Judgement, accuracy
from genverify.errors import RecordError
from genverify.fusion import DEFAULT_WEIGHTS, Evidence
from genverify.fusion.rule import log_odds_rule
from genverify.types import Check, Claim, ClaimKind, Critique, Label, Outcome, Provenance, StepVerdict
from genverify.verifier import Verifier

JUDGED = [
    Judgement(0.9, True), Judgement(0.8, True), Judgement(0.8, False), Judgement(0.3, False), Judgement(0.2, True),
]  # fmt: skip


def test_the_figures_are_as_worked_out_by_hand() -> None:
    found = quality(JUDGED, resamples=0)
    assert (found.count, found.right) == (5, 3)
    # bins: .9 off by .1 once, .8 off by .3 twice, .3 off by .3, .2 off by .8
    assert found.ece.value == pytest.approx((0.1 + 2 * 0.3 + 0.3 + 0.8) / 5)
    assert found.brier.value == pytest.approx((0.01 + 0.04 + 0.64 + 0.09 + 0.64) / 5)
    # of six pairs of right and wrong: .9 beats both, .8 ties one and beats one, .2 loses to both
    assert found.auroc.value == pytest.approx((2 + 1.5 + 0) / 6)
    assert accuracy(JUDGED, 0.5, resamples=0).value == pytest.approx(3 / 5)


def test_what_is_not_defined_has_no_value() -> None:
    assert quality([], resamples=10).ece.value is None
    assert quality(JUDGED[:2], resamples=10).auroc.value is None
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        quality([Judgement(math.nan, True)])


judgements = st.lists(st.builds(Judgement, st.floats(0, 1), st.booleans(), st.integers(0, 3)), min_size=1, max_size=30)


@settings(max_examples=50)
@given(judgements, st.randoms(use_true_random=False))
def test_figures_do_not_depend_on_the_order_and_lie_in_their_range(own: list[Judgement], rng: random.Random) -> None:
    mixed = own[:]
    rng.shuffle(mixed)
    one, other = quality(own, resamples=0), quality(mixed, resamples=0)
    for a, b in ((one.ece, other.ece), (one.brier, other.brier), (one.auroc, other.auroc)):
        assert (a.value is None) == (b.value is None)
        assert a.value is None or b.value is None or a.value == pytest.approx(b.value, abs=1e-9)
        assert a.value is None or -1e-12 <= a.value <= 1 + 1e-12
    bins = reliability(own)
    assert sum(b.count for b in bins) == len(own)
    off = sum(
        abs(b.mean_p - b.share_right) * b.count for b in bins if b.mean_p is not None and b.share_right is not None
    )
    assert one.ece.value == pytest.approx(off / len(own), abs=1e-9)


@given(judgements)
@settings(max_examples=30)
def test_auroc_is_the_share_of_pairs_in_the_right_order(own: list[Judgement]) -> None:
    pairs = [(a.p, b.p) for a in own if a.right for b in own if not b.right]
    value = quality(own, resamples=0).auroc.value
    if pairs:
        assert value == pytest.approx(sum((a > b) + (a == b) / 2 for a, b in pairs) / len(pairs), abs=1e-9)
    else:
        assert value is None


def test_an_interval_is_wider_when_few_problems_repeat_themselves() -> None:
    alone = [Judgement(0.8, i % 4 != 0, i) for i in range(200)]
    together = [replace(j, group=i // 4 % 5) for i, j in enumerate(sorted(alone, key=lambda j: j.right))]

    def width(own: list[Judgement]) -> float:
        figure = quality(own, resamples=200).brier
        assert figure.low is not None
        assert figure.high is not None
        return figure.high - figure.low

    assert quality(alone, resamples=50) == quality(alone, resamples=50)
    assert 0 < width(alone) < width([replace(j, group=i // 40) for i, j in enumerate(sorted(alone, key=_right))])
    assert len(together) == 200


def _right(judgement: Judgement) -> bool:
    return judgement.right


# --- fitting ------------------------------------------------------------------------------------------------------


def check(outcome: Outcome, tool: str) -> Check:
    return Check(Claim(ClaimKind.RELATION, "3 + 4 = 7"), tool, outcome)


def planted(count: int, seed: int, shares: dict[tuple[str, Outcome] | None, float]) -> list[LabelledStep]:
    """Draw steps that show one kind of evidence each, right with that kind's share."""
    rng = random.Random(seed)
    steps = []
    for i in range(count):
        kind = rng.choices(list(shares), [3 if k is None or k[1] is Outcome.CONFIRMED else 1 for k in shares])[0]
        checks = () if kind is None else (check(kind[1], kind[0]),)
        steps.append(LabelledStep(Evidence(0, (), checks), rng.random() < shares[kind], f"{seed}/{i // 3}"))
    return steps


SHARES: dict[tuple[str, Outcome] | None, float] = {
    None: 0.8,
    ("exact", Outcome.REFUTED): 0.02,
    ("sympy", Outcome.REFUTED): 0.2,
    ("exact", Outcome.CONFIRMED): 0.9,
}


def test_fitting_finds_how_reliable_each_tool_is() -> None:
    found = calibrate(planted(6000, 1, SHARES), planted(3000, 2, SHARES), resamples=0)
    for kind, share in SHARES.items():
        if kind is not None:
            p = log_odds_rule(Evidence(0, (), (check(kind[1], kind[0]),)), found.weights).p
            assert p == pytest.approx(share, abs=0.05)
    assert found.weights.base_rate == pytest.approx(0.8, abs=0.03)
    assert found.after.ece.value is not None
    assert found.after.ece.value <= 0.05
    assert found.after.count >= 500
    assert found.before.brier.value is not None
    assert found.after.brier.value is not None
    assert found.after.brier.value < found.before.brier.value


def test_a_sign_that_the_sample_turns_around_is_held() -> None:
    turned = {**SHARES, ("exact", Outcome.CONFIRMED): 0.5, ("sympy", Outcome.REFUTED): 0.95}
    found = calibrate(planted(3000, 1, turned), planted(1000, 2, turned), resamples=0)
    evidence = found.weights.evidence
    assert evidence["exact:extracted:confirmed"] == 0.0
    refuted = log_odds_rule(Evidence(0, (), (check(Outcome.REFUTED, "sympy"),)), found.weights)
    assert refuted.label is Label.INCORRECT
    assert refuted.p == pytest.approx(1 / 3)
    notes = {kind.name: kind.note for kind in found.kinds}
    assert notes["exact:extracted:confirmed"].startswith("held at 0")
    assert notes["sympy:extracted:refuted"].startswith("held")


def test_a_rare_kind_keeps_its_weight_and_an_unknown_tool_gets_the_most_careful_one() -> None:
    steps = planted(3000, 1, SHARES)
    rare = [LabelledStep(Evidence(0, (), (check(Outcome.REFUTED, "new"),)), True, f"rare {i}") for i in range(5)]
    found = calibrate(steps + rare, planted(1000, 2, SHARES), resamples=0)
    evidence = found.weights.evidence
    assert (
        found.weights.of("new:extracted:refuted")
        == evidence["*:extracted:refuted"]
        == max(evidence["exact:extracted:refuted"], evidence["sympy:extracted:refuted"])
    )
    assert next(kind for kind in found.kinds if kind.name == "new:extracted:refuted").note.startswith("kept")


def critics(steps: list[LabelledStep], error: float, seed: int) -> list[LabelledStep]:
    """Let a critic read steps that calls each wrongly with probability ``error``, surer when it is right."""
    rng = random.Random(seed)
    read = []
    for step in steps:
        misled = rng.random() < error
        sure = rng.betavariate(2, 2) / 2 + 0.5 if misled else rng.betavariate(4, 2) / 2 + 0.5
        p = sure if step.right != misled else 1.0 - sure
        read.append(replace(step, evidence=replace(step.evidence, critiques=(Critique(0, "", p),))))
    return read


@pytest.mark.parametrize("error", [0.05, 0.2, 0.4, 0.5])
def test_fusion_never_ranks_worse_than_the_noisy_critic_alone(error: float) -> None:
    fit, held = (critics(planted(n, seed, SHARES), error, seed) for n, seed in ((4000, 1), (3000, 2)))
    found = calibrate(fit, held, resamples=0)
    assert found.critic is not None
    assert found.after_read is not None
    assert found.critic.auroc.value is not None
    assert found.after_read.auroc.value is not None
    assert found.after_read.auroc.value >= found.critic.auroc.value
    assert found.after_read.ece.value is not None
    assert found.after_read.ece.value <= 0.05


def test_a_critic_who_is_always_wrong_is_not_believed_backwards() -> None:
    fit, held = (critics(planted(n, seed, SHARES), 0.9, seed) for n, seed in ((2000, 1), (1000, 2)))
    assert calibrate(fit, held, resamples=0).weights.critic_slope == 0.0


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([], "no step"),
        (planted(40, 1, SHARES), "too little data"),
        ([replace(s, right=True) for s in planted(500, 1, SHARES)], "all right"),
        ([replace(s, right=False) for s in planted(500, 1, SHARES)], "all wrong"),
        ([replace(s, evidence=Evidence(0)) for s in planted(500, 1, SHARES)], "nothing to weigh"),
    ],
    ids=["nothing", "little", "right", "wrong", "undecided"],
)
def test_data_that_give_no_weights_are_refused_on_either_side(steps: list[LabelledStep], message: str) -> None:
    good = planted(1000, 1, SHARES)
    with pytest.raises(RecordError, match=message):
        calibrate(steps, good, resamples=0)
    with pytest.raises(RecordError, match=message):
        calibrate(good, steps, resamples=0)


@given(st.integers(0, 9), st.floats(0.1, 0.9))
@settings(max_examples=20)
def test_no_problem_is_on_both_sides_of_the_split(seed: int, held: float) -> None:
    steps = planted(300, 1, SHARES)
    fit, back = split(steps, held, seed)
    assert not {s.problem for s in fit} & {s.problem for s in back}
    assert len(fit) + len(back) == len(steps)
    assert split(steps, held, seed) == (fit, back)


def test_only_steps_up_to_the_first_error_have_a_label() -> None:
    report = Report(tuple(StepVerdict(i, Label.UNDECIDED, None, "") for i in range(4)), None, Provenance("0"))
    assert [s.right for s in labelled_steps("p", 1, report)] == [True, False]
    assert [s.right for s in labelled_steps("p", -1, report)] == [True] * 4
    with pytest.raises(ValueError, match="from 0 to 3"):
        labelled_steps("p", 4, report)


# --- the commands -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sums, a fifth of them with a wrong step that tools see or do not see."""
    rng = random.Random(7)
    path = tmp_path_factory.mktemp("labelled") / "sums.jsonl"
    with path.open("w") as out:
        for i in range(400):
            a, b, c = (rng.randrange(10, 90) for _ in range(3))
            wrong = rng.choice([-1, -1, -1, 0, 1])
            unseen = rng.random() < 0.3
            steps = [f"First comes {a} + {b} = {a + b + (wrong == 0)}.", "We add what is left, as the story says.",
                     f"With the rest it is {a + b} + {c} = {a + b + c}."]  # fmt: skip
            if wrong == 1 and unseen:
                steps[1] = "We take away what is left, as no story says."
            elif wrong == 1:
                wrong, steps[2] = 2, f"With the rest it is {a + b} + {c} = {a + b + c + 1}."
            out.write(
                json.dumps({"id": f"sum-{i}", "problem": f"{a}, {b}, {c}?", "steps": steps, "label": wrong}) + "\n"
            )
    return path


@pytest.fixture(scope="module")
def reports(labelled: Path, verifier: Verifier) -> Path:
    """The same solutions judged and kept, through the command itself."""
    path = labelled.with_name("reports.jsonl")
    assert cli.main(["sweep", "--data", str(labelled), "--reports", str(path), "--json"]) == 0
    return path


def test_calibrate_writes_weights_with_their_record_and_a_picture(
    labelled: Path, reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, picture = tmp_path / "weights.json", tmp_path / "weights.png"
    args = ["calibrate", "--data", str(labelled), "--reports", str(reports), "--out", str(out), "--plot", str(picture)]
    assert cli.main(args) == 0
    shown = capsys.readouterr().out
    assert "exact:extracted:refuted" in shown
    assert "AUROC" in shown
    assert picture.read_bytes().startswith(b"\x89PNG")
    record = json.loads(out.read_text())["record"]
    assert record["data"][0]["rows"] == 400
    assert len(record["data"][0]["sha256"]) == 64
    assert record["held_out"]["after"]["ece"]["value"] is not None
    again = tmp_path / "again.json"
    assert cli.main([*args[:5], "--out", str(again)]) == 0
    first, second = json.loads(out.read_text()), json.loads(again.read_text())
    assert {k: v for k, v in first.items() if k != "record"} == {k: v for k, v in second.items() if k != "record"}
    line = tmp_path / "in.jsonl"
    line.write_text(json.dumps({"id": "a", "problem": "?", "steps": ["3 + 4 = 8"]}) + "\n")
    capsys.readouterr()
    assert cli.main(["critique", str(line), "--json", "--weights", str(out)]) == cli.EXIT_ERROR_FOUND
    made = json.loads(capsys.readouterr().out)
    assert made["provenance"]["weights_sha256"] != DEFAULT_WEIGHTS.sha256


def test_stored_reports_are_not_judged_again_and_a_killed_run_goes_on(
    labelled: Path, reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = reports.read_bytes().splitlines(keepends=True)
    part = tmp_path / "part.jsonl"
    part.write_bytes(b"".join(whole[:390]) + whole[390][:100])  # torn by a kill
    for path in (part, reports):
        assert cli.main(["sweep", "--data", str(labelled), "--reports", str(path), "--json"]) == 0
    one, other = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert one == other
    assert part.read_bytes().splitlines(keepends=True)[:390] == whole[:390]
    assert len(part.read_bytes().splitlines()) == 400
    assert len(reports.read_bytes().splitlines()) == 400


def test_sweep_compares_with_denominators(labelled: Path, reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sweep", "--data", str(labelled), "--reports", str(reports), "--rule", "all", "--json"]) == 0
    swept = json.loads(capsys.readouterr().out)
    assert swept["solutions"] == 400
    assert swept["same_as"]["mean"] == "log_odds"  # nobody wrote a critique
    by_name = {(s["method"], s["aggregator"]): s for s in swept["scores"]}
    product = by_name["log_odds", "product"]
    assert product["scored"] + product["unscored"] == 400
    assert product["missing_steps"] == 400  # the middle step has no claim
    assert product["auroc"]["low"] <= product["auroc"]["value"] <= product["auroc"]["high"]
    assert by_name["log_odds", "min"]["auroc"]["value"] > 0.7
    assert cli.main(["sweep", "--data", str(labelled), "--reports", str(reports)]) == 0
    assert "400 of 1200" in capsys.readouterr().out


def row(**fields: Any) -> str:
    return json.dumps({"id": "a", "problem": "?", "steps": ["3 + 4 = 8"], "label": 0, **fields}) + "\n"


@pytest.mark.parametrize("command", ["calibrate", "sweep"])
@pytest.mark.parametrize(
    ("data", "stored", "message"),
    [
        (row(), None, "right and wrong"),
        (row(label=math.nan), None, "label"),
        (row(label=5), None, "step 5 (from 0)"),
        ("{}\n", None, "known format"),
        (row(), '{"schema": 9}\n', "not a genverify report"),
        (row(), "no json\n", "not a genverify report"),
    ],
    ids=["one class", "NaN", "past the end", "no row", "no report", "no json"],
)
def test_bad_input_is_refused_in_one_line(
    command: str, data: str, stored: str | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, kept = tmp_path / "data.jsonl", tmp_path / "reports.jsonl"
    path.write_text(data)
    args = [command, "--data", str(path)]
    if stored is not None:
        kept.write_text(stored)
        args += ["--reports", str(kept)]
    assert cli.main(args) == cli.EXIT_USAGE
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 1


def test_reports_on_other_solutions_are_refused(
    labelled: Path, reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(row(id="sum-0"))
    assert cli.main(["sweep", "--data", str(other), "--reports", str(reports)]) == cli.EXIT_USAGE
    assert "other data" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["calibrate", "sweep"])
@pytest.mark.parametrize("value", [math.nan, 1.5])
def test_stored_probabilities_that_are_none_are_refused(
    command: str, value: float, labelled: Path, reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = reports.read_text().splitlines(keepends=True)
    body = json.loads(lines[0])
    body["steps"][0]["critiques"] = [{"step": 0, "text": "", "p_correct": value}]
    broken = tmp_path / "broken.jsonl"
    broken.write_text(json.dumps(body) + "\n" + "".join(lines[1:]))
    assert cli.main([command, "--data", str(labelled), "--reports", str(broken)]) == cli.EXIT_USAGE
    assert "p_correct must be in [0, 1]" in capsys.readouterr().err


def test_reports_by_tools_alone_do_not_pass_for_those_of_a_critic(
    labelled: Path, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["sweep", "--data", str(labelled), "--reports", str(reports), "--model", "judge:embedded"]
    assert cli.main(args) == cli.EXIT_USAGE
    assert "tools alone" in capsys.readouterr().err


@pytest.mark.parametrize(
    "args",
    [["--out", "/no/such/folder/w.json"], ["--plot", "w.nonsense"], ["--held", "1"], ["--weights", "pyproject.toml"]],
    ids=["no folder", "no format", "no share", "no weights"],
)
def test_bad_options_are_refused(labelled: Path, reports: Path, args: list[str]) -> None:
    assert cli.main(["calibrate", "--data", str(labelled), "--reports", str(reports), *args]) == cli.EXIT_USAGE


def test_an_unknown_rule_is_named_with_those_there_are(labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sweep", "--data", str(labelled), "--rule", "magic"]) == cli.EXIT_USAGE
    assert "grounded_prm" in capsys.readouterr().err
    assert cli.main(["critique", "--solution", "1 = 1", "--rule", "magic"]) == cli.EXIT_USAGE
    assert "grounded_prm" in capsys.readouterr().err


def test_without_its_packages_calibrate_prints_the_line_that_installs_them(labelled: Path) -> None:
    code = (
        "import sys, importlib.util as u; found = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name in ('numpy', 'sklearn') else found(name, *a)\n"
        f"from genverify import cli; sys.exit(cli.main(['calibrate', '--data', {str(labelled)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == cli.EXIT_USAGE
    assert "pip install 'genverify[calibrate]'" in done.stderr


# --- real labels --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_on_real_labels_fusion_is_calibrated_and_never_ranks_worse_than_a_noisy_critic(
    data: Path, verifier: Verifier
) -> None:
    steps: list[LabelledStep] = []
    for name in ("processbench_gsm8k.jsonl", "processbench_math.jsonl.gz"):
        rows, _ = read_rows(data / name)
        answers = verifier.critique_many([(r.problem, r.solution) for r in rows])
        for labelled_row, answer in zip(rows, answers, strict=True):
            assert isinstance(answer, Report)
            steps += labelled_steps(labelled_row.problem.text, labelled_row.label, answer)
    alone = calibrate(*split(steps, 0.5), resamples=0)
    assert alone.after.count >= 500
    assert alone.after.ece.value is not None
    assert alone.after.ece.value <= 0.05
    for error in (0.1, 0.4):
        found = calibrate(*split(critics(steps, error, 3), 0.5), resamples=0)
        assert found.critic is not None
        assert found.after_read is not None
        assert found.after_read.ece.value is not None
        assert found.after_read.ece.value <= 0.05
        assert found.after_read.auroc.value is not None
        assert found.critic.auroc.value is not None
        assert found.after_read.auroc.value >= found.critic.auroc.value
