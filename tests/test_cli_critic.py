"""The command line with a language model: a scripted one speaks, its code really runs, and a replay says the same."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from genverify import KernelPool, ToolError

ROW = {"id": "lamps", "problem": "A lamp costs $24. What do 38 cost in all?", "steps": ["All cost 38 + 24 dollars."]}
"""A step that no tool can refute: it adds where it should multiply."""
SCRIPT = [
    "They cost 38 times 24, and the step adds.</analyze>\n",
    "print('product', 38 * 24)\n```\n",
    "</verify>\n<output>\n**Judgement**: $\\boxed{No}$\n</output>\n",
    {"probs": {"Yes": 0.1, "No": 0.9}},
]
"""What a GenPRM checkpoint writes on one step: an analysis, a program, a judgement."""


@pytest.fixture(scope="module")
def confined() -> None:
    try:
        with KernelPool() as pool:
            asyncio.run(pool.take()).kill()
    except ToolError as error:
        pytest.skip(f"code cannot be confined here: {error}")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    rows, script = tmp_path / "rows.jsonl", tmp_path / "script.json"
    rows.write_text(json.dumps(ROW) + "\n", encoding="utf-8")
    script.write_text(json.dumps(SCRIPT), encoding="utf-8")
    return rows, script


def genverify(*words: object) -> tuple[int, list[dict[str, Any]], str]:
    done = subprocess.run([sys.executable, "-m", "genverify", *map(str, words)], capture_output=True, text=True)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.mark.usefixtures("confined")
def test_a_model_reads_along_and_its_code_runs_in_a_confined_kernel(files: tuple[Path, Path]) -> None:
    rows, script = files
    code, (report,), errors = genverify("critique", rows, "--json", "--model", f"genprm:scripted:{script}")
    (step,) = report["steps"]
    (critique,) = step["critiques"]
    assert (code, report["first_error"], step["label"]) == (1, 0, "incorrect"), errors
    assert [(run["status"], run["output"]) for run in critique["code"]] == [("ok", "product 912")]
    assert critique["p_correct"] < 0.2
    assert report["provenance"]["protocol"].startswith("genprm")
    assert report["provenance"]["isolation"]["kernels_level"] in ("strict", "default")


def test_without_code_a_critique_is_judged_from_its_analysis(files: tuple[Path, Path]) -> None:
    rows, script = files
    script.write_text(json.dumps([SCRIPT[0], SCRIPT[-1]]), encoding="utf-8")
    model = f"genprm:scripted:{script}"
    code, (report,), errors = genverify("critique", rows, "--json", "--model", model, "--no-code")
    assert (code, errors, report["failures"]) == (1, "", [])
    (step,) = report["steps"]
    (critique,) = step["critiques"]
    assert critique["p_correct"] == pytest.approx(0.1)
    assert critique["code"] == []
    assert critique["text"].endswith("</analyze>\n<output>\n**Judgement**: $\\boxed{No}$\n</output>\n")
    assert report["cost"]["code_runs"] == 0
    assert not any(name.startswith("kernels_") for name in report["provenance"]["isolation"])


def test_a_script_that_still_writes_code_is_a_recorded_failure(files: tuple[Path, Path]) -> None:
    rows, script = files
    _, (report,), _ = genverify("critique", rows, "--json", "--model", f"genprm:scripted:{script}", "--no-code")
    assert report["steps"][0]["critiques"] == []
    (failure,) = report["failures"]
    assert failure["where"] == "critic, sample 0, step 0 (from 0)"
    assert "begins with none of the choices" in failure["what"]


@pytest.mark.usefixtures("confined")
def test_a_replay_says_the_same_without_model_and_kernel(files: tuple[Path, Path], tmp_path: Path) -> None:
    rows, script = files
    kept = tmp_path / "transcript"
    model = f"genprm:scripted:{script}"
    _, (first,), errors = genverify("critique", rows, "--json", "--model", model, "--transcript", kept)
    assert not errors
    script.write_text("[]", encoding="utf-8")
    _, (again,), errors = genverify("critique", rows, "--json", "--model", model, "--replay", kept)
    assert not errors
    assert _told(again) == _told(first)
    assert first["steps"][0]["critiques"]


def _told(report: dict[str, Any]) -> list[tuple[object, ...]]:
    """What is said of each step, without how long the code took."""
    return [(s["label"], s["p_correct"], s["why"], [c["text"] for c in s["critiques"]]) for s in report["steps"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--model", "nonsense:x"], "names no critic"),
        (["--model", "genprm:scripted:/nowhere.json"], "cannot be read"),
        (["--samples", "2"], "need --model"),
        (["--no-code"], "need --model"),
    ],
)
def test_wrong_words_are_told_on_one_line(files: tuple[Path, Path], words: list[str], said: str) -> None:
    code, reports, errors = genverify("critique", files[0], "--json", *words)
    assert (code, reports) == (2, [])
    assert said in errors
    assert "Traceback" not in errors
