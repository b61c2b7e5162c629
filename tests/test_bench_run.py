"""Solutions are judged once, written down as they are done, and scored from what was written down alone."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from genverify.bench import ablation, catalogue, formats, judging, planted, results, tables
from genverify.bench.predictions import judged, prediction_file, read_records
from genverify.bench.rows import Gold, Row
from genverify.engines.base import Request
from genverify.engines.scripted import Answer, ScriptedEngine
from genverify.errors import RecordError, UsageError
from genverify.tools.checkers import Checkers
from genverify.types import Check, Failure, Label, Problem, Report, Solution
from genverify.verifier import Verifier

STEPS = catalogue.named("steps")
ROWS = [
    {"id": "w", "problem": "?", "steps": ["2 + 2 = 4", "4 * 3 = 13"], "label": 1},
    {"id": "r", "problem": "?", "steps": ["2 + 2 = 4"], "label": -1},
    {"id": "m", "problem": "?", "steps": ["Add them.", "So it is blue."], "label": 0},
    {"id": "m", "problem": "the same id again", "steps": ["3 + 3 = 6"], "label": -1},
]


class Counting:
    """A verifier that counts what it is asked, and may stop in the middle as a killed run does."""

    def __init__(self, verifier: Verifier, stop_after: int = 1000) -> None:
        self.verifier, self.asked, self.stop_after = verifier, 0, stop_after

    def critique_many(self, items: list[tuple[Problem, Solution]], *, progress: bool = False) -> Any:
        for item in items:
            if self.asked == self.stop_after:
                raise KeyboardInterrupt
            self.asked += 1
            yield self.verifier.critique(*item)


def data(tmp_path: Path, rows: list[dict[str, Any]] = ROWS) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def judge(path: Path, verifier: Any, out: Path, **settings: Any) -> judging.Set:
    return judging.judge(path, formats.read, verifier, out, settings)


# --- predictions ------------------------------------------------------------------------------------------------------


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path, verifier: Verifier) -> None:
    path, out = data(tmp_path), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        judge(path, Counting(verifier, stop_after=2), out)
    counting = Counting(verifier)
    one = judge(path, counting, out)
    assert (counting.asked, [r["id"] for r in one.records()]) == (2, ["w", "r", "m", "m~2"])
    assert one.fresh == 2
    assert judge(path, counting, out).fresh == 0
    assert counting.asked == 2  # nothing is judged twice


def test_a_torn_last_line_is_judged_again(tmp_path: Path, verifier: Verifier) -> None:
    path, out = data(tmp_path), tmp_path / "out"
    before = judge(path, verifier, out)
    target = out / "set.jsonl"
    target.write_bytes(target.read_bytes()[:-20])
    counting = Counting(verifier)
    after = judge(path, counting, out)
    assert counting.asked == 1
    assert [r["first_error"] for r in after.records()] == [r["first_error"] for r in before.records()]


def test_predictions_of_another_run_are_refused_in_words(tmp_path: Path, verifier: Verifier) -> None:
    path, out = data(tmp_path), tmp_path / "out"
    judge(path, verifier, out, model="a")
    with pytest.raises(UsageError, match="model 'a' there and 'b' now"):
        judge(path, verifier, out, model="b")
    path.write_text(json.dumps(ROWS[0]))
    with pytest.raises(UsageError, match="sha256"):
        judge(path, verifier, out, model="a")


def test_a_file_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"my": "data"}\n')
    with pytest.raises(UsageError, match="something else"), prediction_file(path, {}):
        pass
    assert path.read_text() == '{"my": "data"}\n'
    with pytest.raises(RecordError, match="something else"):
        read_records(path)


def test_two_runs_never_write_one_file(tmp_path: Path) -> None:
    with prediction_file(tmp_path / "p.jsonl", {}), pytest.raises(UsageError, match="another genverify"):  # noqa: SIM117
        with prediction_file(tmp_path / "p.jsonl", {}):
            pass


def test_a_solution_that_could_not_be_judged_is_kept_with_its_reason(tmp_path: Path) -> None:
    row = Row("x", Problem("?"), Solution.from_steps(("a",)), Gold(0))
    path = tmp_path / "p.jsonl"
    with prediction_file(path, {"file": "f"}) as file:
        file.append(row, Failure("item 0", "ToolError: gone"))
    run, found = read_records(path)
    (one,) = judged(found)
    assert (run, one.failed, one.prediction) == ({"file": "f"}, "ToolError: gone", None)


# --- results ----------------------------------------------------------------------------------------------------------


def test_figures_are_recomputed_exactly_from_stored_predictions(tmp_path: Path, verifier: Verifier) -> None:
    rows = list(planted.make(60, seed=5))
    path, out = data(tmp_path, rows), tmp_path / "out"
    first = results.result(planted.BENCHMARK, [judge(path, verifier, out)], seed=1)
    again = results.result(planted.BENCHMARK, [judge(path, None, out)], seed=1)  # no verifier is needed any more
    shuffled = random.Random(0).sample(rows, len(rows))
    other = results.result(planted.BENCHMARK, [judge(data(tmp_path, shuffled), verifier, tmp_path / "o2")], seed=1)
    for name in ("figures", "groups", "positions"):
        assert first["sets"]["set"][name] == again["sets"]["set"][name] == other["sets"]["set"][name]


def test_a_result_says_what_is_needed_to_repeat_it(tmp_path: Path, verifier: Verifier) -> None:
    result = results.result(STEPS, [judge(data(tmp_path), verifier, tmp_path / "out", model=None)], seed=7)
    path = tmp_path / "steps.json"
    results.write(path, result)
    read = results.load(path)
    assert read == json.loads(json.dumps(result))
    assert (read["seed"], read["run"]["model"], len(read["sets"]["set"]["sha256"])) == (7, None, 64)
    assert {"genverify", "versions", "isolation"} <= read["made_by"].keys()
    assert read["sets"]["set"]["figures"]["found"] | {"low": 0, "high": 0} == {
        "value": 0.5, "hits": 1, "total": 2, "low": 0, "high": 0,
    }  # fmt: skip
    assert "| set | 4 | F1 |" in tables.markdown([read])
    assert read["sets"]["set"]["positions"] == [
        {"step": 0, "errors": 1, "found": 0}, {"step": 1, "errors": 1, "found": 1},
    ]  # fmt: skip


def test_a_threshold_is_tuned_on_the_set_that_was_named_and_no_other(tmp_path: Path, verifier: Verifier) -> None:
    sets = [judge(data(tmp_path), verifier, tmp_path / "out")]
    result = results.result(STEPS, sets, tune_on="set")
    assert result["threshold"]["tuned_on"] == "set"
    assert set(result["sets"]["set"]["modes"]) == {"prm at 0.5", "prm at the tuned threshold"}
    with pytest.raises(RecordError, match="no set is called 'other'"):
        results.result(STEPS, sets, tune_on="other")


def test_what_is_no_result_is_refused(tmp_path: Path) -> None:
    for text in ("", "[]", '{"schema": 99, "benchmark": "x"}'):
        (tmp_path / "x.json").write_text(text)
        with pytest.raises(RecordError, match=r"x\.json"):
            results.load(tmp_path / "x.json")


def test_right_solutions_of_real_data_are_left_alone(tmp_path: Path, data: Path, verifier: Verifier) -> None:
    one = judging.judge(data / "gsm8k_gold.jsonl.gz", formats.read, verifier, tmp_path, {}, limit=120)
    figures = results.result(STEPS, [one])["sets"]["gsm8k_gold"]["figures"]
    assert figures["left_alone"]["value"] == 1


def test_arithmetic_errors_in_real_data_are_located(tmp_path: Path, data: Path, verifier: Verifier) -> None:
    for name in ("bbmistake_multistep_arithmetic", "game24_steps"):
        one = judging.judge(data / f"{name}.jsonl", formats.read, verifier, tmp_path, {}, limit=60)
        assert results.result(STEPS, [one])["sets"][name]["figures"]["found"]["value"] > 0.8


# --- planted errors ---------------------------------------------------------------------------------------------------


def test_planted_chains_depend_on_the_seed_alone_and_cover_every_kind() -> None:
    rows = list(planted.make(400, seed=1))
    assert rows == list(planted.make(400, seed=1))
    assert rows != list(planted.make(400, seed=2))
    kinds = Counter(row["meta"]["question_type"] for row in rows)
    assert set(kinds) == {f"{d}: {k}" for d, own in planted.KINDS.items() for k in (*own, planted.RIGHT)}
    assert sum(row["label"] < 0 for row in rows) == 200
    assert all(-1 <= row["label"] < len(row["steps"]) for row in rows)
    assert all(row["meta"]["question_type"].endswith("right") == (row["label"] < 0) for row in rows)


def test_right_chains_are_never_refuted_and_slips_always_are(tmp_path: Path, verifier: Verifier) -> None:
    path = planted.write(tmp_path / "planted.jsonl", planted.make(400, seed=11))
    one = judge(path, verifier, tmp_path / "out")
    groups = results.result(planted.BENCHMARK, [one])["sets"]["planted"]["groups"]
    for domain in planted.DOMAINS:
        assert groups[f"{domain}: right"]["left_alone"]["value"] == 1
    for kind in ("arithmetic: slip", "arithmetic: carry", "algebra: division", "logic: negation", "code: value"):
        assert groups[kind]["found"]["value"] == 1


# --- ablation ---------------------------------------------------------------------------------------------------------


def test_each_part_adds_its_evidence_and_all_of_it_gives_the_full_verdicts(tmp_path: Path, verifier: Verifier) -> None:
    rows = [
        {"id": "exact", "problem": "?", "steps": ["2 + 2 = 5"], "label": 0},
        {"id": "sympy", "problem": "?", "steps": ["(x + 1)^2 = x^2 + 1, expanding the square."], "label": 0},
        {"id": "z3", "problem": "Every cat is a pet. Tom is a cat.", "steps": ["Tom is not a pet."], "label": 0},
        {"id": "linked", "problem": "?", "steps": ["We find x = 3.", "Then x + 1 = 5."], "label": 1},
    ]
    one = judge(data(tmp_path, rows), verifier, tmp_path / "out")
    table = ablation.result([one])
    found = {row["part"]: row["figures"]["found"]["hits"] for row in table["parts"]}
    assert list(found) == ["exact", "sympy", "z3", "linking"]
    assert list(found.values()) == sorted(found.values())
    full = results.result(STEPS, [one])["sets"]["set"]["figures"]["found"]["hits"]
    assert found["linking"] == full
    assert "+ linking" in "\n".join(tables.other(table))


def trusting(request: Request) -> Answer:
    """Call every step right."""
    if request.choices:
        return {"correct": 0.9, "incorrect": 0.1}
    fields = {"intent": "i", "alignment": "a", "logic": "l", "verdict": "correct", "category": "none"}
    return json.dumps({**fields, "correction": ""})


def test_overrides_of_a_critic_are_counted_and_held_against_the_labels(tmp_path: Path, checkers: Checkers) -> None:
    rows = [
        {"id": "wrong", "problem": "?", "steps": ["3 * 4 = 12", "2 + 2 = 5"], "label": 1},
        {"id": "noise", "problem": "?", "steps": ["2 + 3 = 6"], "label": -1},  # the label is what is wrong here
    ]
    with Verifier(tools=checkers, engine=ScriptedEngine(trusting), protocol="judge") as verifier:
        one = judge(data(tmp_path, rows), verifier, tmp_path / "out")
    table = ablation.result([one])
    parts = {row["part"]: row for row in table["parts"]}
    assert list(parts) == ["critic", "exact", "sympy", "z3", "linking", "model claims"]
    assert parts["critic"]["figures"]["found"]["hits"] == 0
    figures = parts["exact"]["figures"]
    names = ("found", "agreement", "override", "override_right")
    assert [(figures[n]["hits"], figures[n]["total"]) for n in names] == [
        (1, 1), (1, 3), (2, 3), (1, 2),
    ]  # fmt: skip
    assert parts["exact"]["cost"]["tokens"] > 0
    result = results.result(STEPS, [one])["sets"]["set"]
    assert set(result["modes"]) == {"prm at 0.5", "critic's vote"}
    assert result["modes"]["critic's vote"]["left_alone"]["hits"] == 1
    assert result["reliability"]


def test_reports_come_back_from_predictions_as_they_were(tmp_path: Path, verifier: Verifier) -> None:
    one = judge(data(tmp_path), verifier, tmp_path / "out")
    read = list(judging.reports(one.records()))
    whole = [r for r in read if isinstance(r, Report)]
    assert len(whole) == len(ROWS)
    assert isinstance(whole[0].steps[1].checks[0], Check)
    assert whole[0].steps[1].label is Label.INCORRECT


def test_a_critic_with_code_is_read_a_second_time_without_it(tmp_path: Path, checkers: Checkers) -> None:
    rows = [{"id": "a", "problem": "?", "steps": ["It is blue."], "label": 0}]
    path = data(tmp_path, rows)

    def distrusting(request: Request) -> Answer:
        return {"correct": 0.2, "incorrect": 0.8} if request.choices else trusting(request)

    with Verifier(tools=checkers, engine=ScriptedEngine(distrusting), protocol="judge") as verifier:
        with_code = judge(path, verifier, tmp_path / "code")
    with Verifier(tools=checkers, engine=ScriptedEngine(trusting), protocol="judge") as verifier:
        without = judge(path, verifier, tmp_path / "none")
    assert not ablation.ran_code([with_code])  # this protocol runs none
    parts = {row["part"]: row["figures"]["found"]["hits"] for row in ablation.result([with_code], [without])["parts"]}
    assert (parts["critic"], parts["code"], parts["exact"]) == (0, 1, 1)
