"""``genverify label`` as a newcomer types it: labels, wrong input, killed runs taken up again."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import pytest
from chains import PROBLEM, ChainPolicy, chain
from click.testing import CliRunner, Result

from genverify import cli_data_label
from genverify.cli_data_label import label
from genverify.data import Kind, records
from genverify.data.rollouts import Effort
from genverify.data.rollouts.examples import ADAPTIVE, METHODS, Labeller, Method
from genverify.data.rollouts.uncertainty import ORDERS
from genverify.engines.base import Request
from genverify.engines.scripted import ScriptedEngine, render
from genverify.errors import UsageError
from genverify.policies import EnginePolicy
from genverify.records import Item
from genverify.types import Problem, Solution

ROW: dict[str, Any] = {
    "id": "a",
    "problem": "What is 17 * 24 + 1?",
    "answer": "409",
    "steps": ["I multiply.", "17 * 24 = 418.", "418 + 1 = 419.", "The answer is 419."],
    "logprobs": [[-0.1], [-5.0, -0.1], [-0.1], [-0.1]],
}
RIGHT = {**ROW, "id": "r", "steps": ["I multiply.", "17 * 24 = 408.", "The answer is 409."], "logprobs": [[0]] * 3}
SCRIPT = [{"when": "= 418", "text": "So it is \\boxed{419}."}, {"when": "17 * 24", "text": "So it is \\boxed{409}."}]


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def policy(tmp_path: Path) -> str:
    path = tmp_path / "script.json"
    path.write_text(json.dumps(SCRIPT), encoding="utf-8")
    return f"scripted:{path}"


def run(*words: object) -> Result:
    return CliRunner().invoke(label, [str(word) for word in words], standalone_mode=False)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]


def test_the_command_line_names_every_method_order_and_kind() -> None:
    assert cli_data_label.METHODS == METHODS
    assert cli_data_label.ADAPTIVE == ADAPTIVE
    assert cli_data_label.ORDERS == ORDERS
    assert tuple(Kind) == cli_data_label.KINDS


@pytest.mark.parametrize("method", METHODS)
def test_every_method_labels_a_wrong_and_a_right_solution(method: str, policy: str, tmp_path: Path) -> None:
    path, out = write(tmp_path / "in.jsonl", ROW, RIGHT), tmp_path / "out.jsonl"
    done = run(path, "--policy", policy, "--method", method, "--k", 4, "--out", out)
    assert done.return_value == 0, done.output
    wrong, right = (records.example(json.dumps(row)) for row in lines(out))
    expected: tuple[tuple[bool | None, ...], ...] = ((True, False, None, None), (True, True, True))
    if method == "pav":
        expected = ((None,) * 4, (None,) * 3)
        assert [step.label.value for step in wrong.steps] == [0.0, -1.0, 0.0, 0.0]
    assert (wrong.labels, right.labels) == expected
    assert wrong.steps[0].label.source.startswith(f"rollouts:{method}")
    assert right.steps[-1].label.source == ("rollouts:pav" if method == "pav" else "answer")
    assert wrong.group == right.group
    assert (wrong.maker, wrong.answer, wrong.problem.answer) == ("file:in.jsonl", "419", "409")
    assert wrong.formal["labels"].startswith(f"{method} k=4")
    assert wrong.formal.get("first_error") == (None if method == "pav" else "1")
    assert "2 solutions labelled" in done.output


def test_a_row_that_cannot_be_labelled_is_named_and_the_rest_goes_on(policy: str, tmp_path: Path) -> None:
    rows = [
        {**ROW, "answer": None},
        {"id": "x"},
        {**ROW, "id": "b", "logprobs": [[1.0]] * 4},
        {**ROW, "id": "n", "logprobs": [[0]]},
        ROW,
    ]
    path, out = write(tmp_path / "in.jsonl", *rows), tmp_path / "out.jsonl"
    done = run(path, "--policy", policy, "--method", "unprm", "--share", 0.5, "--out", out)
    assert done.return_value == 2
    assert [row["id"] for row in lines(out)] == ["a"]
    places = [line.split(":")[2] for line in done.output.splitlines() if "in.jsonl:" in line]
    assert sorted(places) == ["1", "2", "3", "4"]
    assert "the problem has none" in done.output
    assert "expected numbers of at most 0, got 1.0" in done.output
    assert "expected for each of 4 steps a list of its tokens' log-probabilities, got a list of 1" in done.output


def test_steps_without_logprobs_are_ordered_by_what_the_policy_s_engine_expected() -> None:
    scored: list[str] = []

    def answer(request: Request) -> str | dict[str, float]:
        if request.choices:
            scored.append(request.prefix)
            return {request.choices[0]: 0.001 if "= 418" in request.choices[0] else 0.9}
        return SCRIPT[0]["text"] if "= 418" in render(request) else SCRIPT[1]["text"]

    labeller = Labeller(EnginePolicy(ScriptedEngine(answer)), Method("unprm", Effort(2)))
    item = Item(Problem(ROW["problem"], answer="409"), Solution.from_steps(ROW["steps"]), "a", 1, {})
    made = asyncio.run(labeller.example(item))
    assert scored == ["", "I multiply.\n\n", "I multiply.\n\n17 * 24 = 418.\n\n", scored[-1]]
    assert made.labels == (True, False, None, None)
    assert made.formal["uncertainty"] == "surprise of the policy"
    assert made.formal["rollouts"] == "4"  # the problem alone, and the step that was least expected


def test_rows_whose_every_rollout_failed_are_not_written_and_run_again(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"when": "17", "error": "overloaded"}]), encoding="utf-8")
    path, out = write(tmp_path / "in.jsonl", ROW), tmp_path / "out.jsonl"
    words = [path, "--policy", f"scripted:{script}", "--method", "omegaprm", "--out", out]
    done = run(*words)
    assert done.return_value == 2
    assert "all 8 rollouts failed, the first with EngineError: overloaded" in done.output
    script.write_text(json.dumps(SCRIPT), encoding="utf-8")
    assert run(*words).return_value == 0
    assert len(lines(out)) == 1


def test_a_solution_of_which_nothing_is_known_gives_code_3(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"when": "17", "text": "Nobody knows."}]), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    done = run(write(tmp_path / "in.jsonl", {**ROW, "steps": ["a", "b"]}), "--policy", f"scripted:{script}",
               "--method", "math-shepherd", "--out", out)  # fmt: skip
    assert done.return_value == 3
    (row,) = lines(out)
    assert row["steps"][0]["label"]["reason"].endswith("0 of 0 right; 8 no answer")


def test_adaptive_drawing_takes_fewer_rollouts_for_the_same_labels(policy: str, tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", ROW)
    outs = [tmp_path / "all.jsonl", tmp_path / "early.jsonl"]
    for out, more in zip(outs, ([], ["--adaptive"]), strict=True):
        run(path, "--policy", policy, "--method", "math-shepherd", "--k", 32, "--out", out, *more)
    whole, early = (lines(out)[0] for out in outs)
    assert [s["label"]["right"] for s in whole["steps"]] == [s["label"]["right"] for s in early["steps"]]
    assert (whole["formal"]["rollouts"], early["formal"]["rollouts"]) == ("96", "68")


@pytest.mark.parametrize(
    "words",
    [["--adaptive", "--method", "pav"], ["--adaptive", "--method", "rpe"],
     ["--adaptive", "--method", "math-shepherd-soft"], ["--method", "magic"],
     ["--method", "rpe", "--epsilon", "2"], ["--method", "rpe", "--k", "0"], ["--method", "rpe", "--temperature", "0"],
     ["--method", "rpe", "--policy", "nobody:x"]],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(words: list[str], policy: str, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = run(write(tmp_path / "in.jsonl", ROW), "--policy", policy, "--out", out, *words)
    assert isinstance(done.exception, click.UsageError | UsageError)
    assert not out.exists()


def test_labels_of_other_settings_are_not_mixed(policy: str, tmp_path: Path) -> None:
    path, out = write(tmp_path / "in.jsonl", ROW), tmp_path / "out.jsonl"
    run(path, "--policy", policy, "--method", "rpe", "--out", out)
    for words in (["--method", "omegaprm"], ["--method", "rpe", "--seed", 7], ["--method", "rpe", "--k", 4]):
        done = run(path, "--policy", policy, "--out", out, *words)
        assert isinstance(done.exception, UsageError)
        assert "name another file" in str(done.exception)
    write(out, {"id": "a", "first_error": None, "steps": []})
    assert "not a labelled example" in str(run(path, "--policy", policy, "--method", "rpe", "--out", out).exception)


def test_a_killed_run_is_taken_up_again_with_nothing_lost_or_doubled(policy: str, tmp_path: Path) -> None:
    rows = [{**(RIGHT if i % 2 else ROW), "id": f"r{i}"} for i in range(200)]
    path, out = write(tmp_path / "in.jsonl", *rows), tmp_path / "out.jsonl"
    code = "import sys; from genverify.cli_data_label import label; sys.exit(label.main(standalone_mode=False))"
    words = [sys.executable, "-c", code, str(path), "--policy", policy, "--method", "omegaprm", "--out", str(out)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None and (not out.exists() or not out.stat().st_size):
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with out.open("ab") as stream:
        stream.write(b'{"id": "r3')  # the torn row that a kill may leave
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "already" in done.stderr
    whole = tmp_path / "whole.jsonl"
    assert run(path, "--policy", policy, "--method", "omegaprm", "--out", whole).return_value == 0
    assert out.read_bytes() == whole.read_bytes()


def test_solutions_to_one_problem_share_their_rollouts_and_labels_do_not_depend_on_it() -> None:
    items = [
        Item(PROBLEM, Solution.from_steps(chain(6, error)), f"{error}", 1, {})
        for error in (None, 2, 4)
        for _ in range(2)
    ]

    def all_of(policies: list[ChainPolicy]) -> list[str]:
        async def go() -> list[str]:
            labellers = [Labeller(policy, Method("math-shepherd", Effort(4))) for policy in policies]
            made = [await labellers[i % len(policies)].example(item) for i, item in enumerate(items)]
            return [records.line(one) for one in made]

        return asyncio.run(go())

    shared, alone = [ChainPolicy(0.5)], [ChainPolicy(0.5) for _ in items]
    assert all_of(shared) == all_of(alone)
    assert len(shared[0].asked) == len(set(shared[0].asked)) < sum(len(policy.asked) for policy in alone) / 2
