"""``genverify best-of-n``, ``search`` and ``refine`` as a newcomer types them, wrong input included."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from genverify import cli, cli_search
from genverify.fusion import AGGREGATORS
from genverify.search import METHODS, STRATEGIES
from genverify.search.planted import problem

WRONG = "17 * 24 = 418.\n\n418 + 1 = 419.\n\nThe answer is 419."
RIGHT = "17 * 24 = 408.\n\n408 + 1 = 409.\n\nThe answer is 409."
ROW = {"id": "a", "problem": "What is 17 * 24 + 1?", "answer": "409", "note": 7,
       "solutions": [{"text": WRONG}, WRONG, {"steps": RIGHT.split("\n\n"), "final": 409}]}  # fmt: skip


@pytest.fixture
def pools(tmp_path: Path) -> Path:
    return write(tmp_path / "pools.jsonl", ROW)


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def script(tmp_path: Path, *answers: object) -> str:
    path = tmp_path / "script.json"
    path.write_text(json.dumps(answers), encoding="utf-8")
    return f"scripted:{path}"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = cli.main([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out, said.err


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_command_line_names_every_rule_and_aggregate() -> None:
    assert tuple(METHODS) == cli_search.METHODS
    assert tuple(STRATEGIES) == cli_search.STRATEGIES
    assert set(cli_search.AGGREGATES) == set(AGGREGATORS)


def test_a_choice_is_shown_with_its_votes_and_its_reason(pools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "best-of-n", pools)
    assert (code, err) == (0, "")
    assert "a: 409 (candidate 2 of 3, right)" in out
    assert "2 candidates, 2 with a step found wrong" in out


def test_json_carries_votes_scores_evidence_and_the_row_s_own_fields(
    pools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "best-of-n", pools, "--json", "--method", "weighted", "--aggregate", "min")
    (row,) = rows(out)
    assert code == 0
    assert (row["id"], row["note"], row["chosen"], row["correct"], row["method"]) == ("a", 7, 2, True, "weighted")
    assert [g["members"] for g in row["groups"]] == [[0, 1], [2]]
    assert row["candidates"][0]["error"] == "17 × 24 is 408, not 418."
    assert row["candidates"][2]["answer_from"] == "given"
    assert row["schema"] == 1


def test_bad_rows_are_named_and_the_others_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "p.jsonl", ROW, {"problem": "x"}, {"problem": "x", "solutions": [{"txt": 1}]},
                 {"problem": "x", "solutions": 3}, {"problem": "x", "solutions": [None]}, [1])  # fmt: skip
    code, out, err = run(capsys, "best-of-n", path, "--json")
    assert code == 2
    assert len(rows(out)) == 1
    said = err.splitlines()
    assert [line.split(": ")[1].rsplit(":", 1)[1] for line in said] == ["2", "3", "4", "5", "6"]
    assert "no --policy" in said[0]
    assert "solution 0 (from 0)" in said[1]


def test_problems_without_any_usable_solution_are_outcomes_not_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "p.jsonl", {"problem": "x", "solutions": []}, {"problem": "x", "solutions": [" "]}, ROW)
    code, out, _ = run(capsys, "best-of-n", path, "--json")
    assert code == 3
    assert [(r["id"], r["chosen"]) for r in rows(out)] == [("line-1", None), ("line-2", None), ("a", 2)]


@pytest.mark.parametrize(
    "words",
    [["--refine", "1"], ["--no-baseline"], ["--method", "magic"], ["--n", "0"], ["--policy", "self"],
     ["--policy", "nothing:x"], ["--tokens", "0"]],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(
    words: list[str], pools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "best-of-n", pools, *words)
    assert (code, out) == (2, "")
    assert err


def test_a_policy_writes_what_a_row_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "p.jsonl", {"id": "q", "problem": ROW["problem"], "answer": "409"})
    policy = script(tmp_path, WRONG, RIGHT, {"error": "overloaded"})
    code, out, _ = run(capsys, "best-of-n", path, "--policy", policy, "--n", 3, "--json")
    (row,) = rows(out)
    assert code == 0
    assert row["correct"] is True
    assert "overloaded" in row["candidates"][2]["failure"]
    assert row["spent"]["policy_calls"] == 3


def test_refined_best_of_n_says_what_was_refined_and_what_plain_would_have_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "p.jsonl", {"id": "q", "problem": ROW["problem"], "answer": "409"})
    policy = script(tmp_path, WRONG, "408 + 1 = 409.\n\nThe answer is 409.", WRONG, WRONG)
    code, out, _ = run(capsys, "best-of-n", path, "--policy", policy, "--n", 2, "--refine", 1, "--json")
    (row,) = rows(out)
    assert code == 0
    assert row["correct"] is True
    assert (row["candidates"][1]["parent"], row["candidates"][1]["edited"]) == (0, 0)
    assert row["plain"]["correct"] is False
    assert row["plain_tokens"] == row["tokens"]


def test_refine_returns_the_best_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = {"id": "q", "problem": ROW["problem"], "answer": "409", "solution": WRONG}
    path = write(tmp_path / "p.jsonl", given)
    policy = script(tmp_path, "408 + 1 = 409.\n\nThe answer is 409.")
    code, out, _ = run(capsys, "refine", path, "--policy", policy, "--json")
    (row,) = rows(out)
    assert code == 0
    assert row["steps"][0] == "17 * 24 = 408.\n\n"
    assert (row["correct_before"], row["correct_after"], row["ending"]) == (False, True, "nothing_wrong")
    code, out, _ = run(capsys, "refine", path, "--policy", script(tmp_path, WRONG), "--mode", "rewrite")
    assert code == 1
    assert "the policy wrote the same again" in out


STEPS = ["17 * 24 = 418.\n\n", "17 * 24 = 408.\n\n", "408 + 1 = 409.\n\n", "The answer is 409."]


def test_search_goes_back_from_a_wrong_step_and_keeps_the_tree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "p.jsonl", {"id": "q", "problem": ROW["problem"], "answer": "409", "note": 7})
    words = ["search", path, "--policy", script(tmp_path, *STEPS), "--strategy", "greedy"]
    code, out, _ = run(capsys, *words, "--json")
    (row,) = rows(out)
    assert code == 0
    assert [node["fate"] for node in row["nodes"]] == ["rejected", "kept", "kept", "finished"]
    assert (row["selection"]["answer"], row["selection"]["correct"], row["note"]) == ("409", True, 7)
    code, out, _ = run(capsys, *words)
    assert code == 0
    assert "x  0.0" in out
    assert "The answer is 409. <- chosen" in out


def test_search_refuses_rows_with_solutions_and_does_not_repeat_what_a_file_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "p.jsonl", {"id": "q", "problem": ROW["problem"]}, ROW)
    words = ["search", path, "--policy", script(tmp_path, *STEPS), "--width", 1, "--expand", 1, "--max-steps", 2]
    for _ in range(2):
        code, out, err = run(capsys, *words, "--out", tmp_path / "trees.jsonl")
        assert (code, out) == (3, "")  # two steps are not enough
        assert ":2: the row has solutions" in err
    (row,) = rows((tmp_path / "trees.jsonl").read_text(encoding="utf-8"))
    assert (row["id"], row["selection"]["chosen"]) == ("q", None)
    code, _, err = run(capsys, "best-of-n", path, "--out", tmp_path / "trees.jsonl")
    assert code == 2
    assert "not a row of best-of-n" in err


def test_an_out_file_is_taken_up_again_after_a_kill(tmp_path: Path) -> None:
    many = [{**ROW, "id": f"r{i}", "solutions": [WRONG.replace("17", str(i + 17)), RIGHT]} for i in range(400)]
    path, out = write(tmp_path / "p.jsonl", *many), tmp_path / "out.jsonl"
    words = [sys.executable, "-m", "genverify", "best-of-n", str(path), "--out", str(out)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (not out.exists() or out.stat().st_size == 0):
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with out.open("ab") as stream:
        stream.write(b'{"id": "r3')  # the torn row that a kill may leave
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line)["id"] for line in out.read_text(encoding="utf-8").splitlines()]
    assert found == [row["id"] for row in many]
    assert "were in" in done.stderr


def test_an_out_file_of_something_else_is_left_alone(
    pools: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write(tmp_path / "reports.jsonl", {"id": "a", "first_error": None, "steps": []})
    code, _, err = run(capsys, "best-of-n", pools, "--out", other)
    assert code == 2
    assert "not a row of best-of-n" in err
    assert len(other.read_text(encoding="utf-8").splitlines()) == 1


def test_a_budget_of_tokens_is_shared_by_all_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [problem(seed) for seed in range(4)]
    path = write(tmp_path / "p.jsonl", *({"id": p.id, "problem": p.text, "answer": p.answer} for p in asked))
    policy = script(tmp_path, *([WRONG] * 40))
    _, out, _ = run(capsys, "best-of-n", path, "--policy", policy, "--tokens", 60, "--json", "--max-tokens", 30)
    assert sum(row["spent"]["policy_tokens"] for row in rows(out)) == 60
