"""Labelled rows in the public formats are read, judged and scored."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from genverify.bench.processbench import read_rows, run
from genverify.errors import RecordError
from genverify.verifier import Verifier

Row = dict[str, Any]
WRONG: Row = {"id": "w", "generator": "g", "problem": "?", "steps": ["2 + 2 = 4", "4 * 3 = 13"], "label": 1}
RIGHT: Row = {"id": "r", "generator": "g", "problem": "?", "steps": ["2 + 2 = 4"], "label": -1}
MISSED: Row = {"id": "m", "generator": "g", "problem": "?", "steps": ["Add them.", "So it is blue."], "label": 0}
UNKNOWN: Row = {"id": "u", "problem": "?", "steps": ["x"], "label": None}
GOLD: Row = {
    "id": "g",
    "problem": "?",
    "solutions": [{"text": "2 + 2 = 4", "correct": True}, {"text": "5", "correct": False}],
}


def write(path: Path, rows: list[Row], *, as_list: bool = False) -> Path:
    path.write_text(json.dumps(rows) if as_list else "\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


@pytest.mark.parametrize("as_list", [False, True])
def test_both_file_layouts_are_read(tmp_path: Path, as_list: bool) -> None:
    rows, unlabelled = read_rows(write(tmp_path / "f.json", [WRONG, RIGHT, UNKNOWN, GOLD], as_list=as_list))
    assert [(r.id, r.label) for r in rows] == [("w", 1), ("r", -1), ("g#0", -1)]
    assert unlabelled == 1


def test_judging_counts_what_it_should(tmp_path: Path, verifier: Verifier) -> None:
    misses = io.StringIO()
    result = run([write(tmp_path / "f.jsonl", [WRONG, RIGHT, MISSED, UNKNOWN])], verifier, misses=misses)
    (one,) = result.files
    assert (one.solutions, one.failed, one.unlabelled, one.accused) == (3, 0, 1, ())
    assert (one.scores.found.hits, one.scores.found.total) == (1, 2)
    assert (one.scores.left_alone.hits, one.scores.left_alone.total) == (1, 1)
    (line,) = misses.getvalue().splitlines()
    assert json.loads(line)["step"] == "Add them."


@pytest.mark.parametrize("text", ["{", '{"id": 1}', '{"problem": "p", "steps": 3, "label": 0}', ""])
def test_a_file_of_another_format_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(text)
    with pytest.raises(RecordError, match=r"f\.jsonl"):
        read_rows(path)


def test_right_solutions_of_real_data_are_left_alone(data: Path, verifier: Verifier) -> None:
    result = run([data / "gsm8k_gold.jsonl.gz"], verifier, limit=120)
    assert result.files[0].scores.left_alone.value == 1.0


def test_arithmetic_errors_in_real_data_are_located(data: Path, verifier: Verifier) -> None:
    result = run([data / "bbmistake_multistep_arithmetic.jsonl", data / "game24_steps.jsonl"], verifier, limit=60)
    assert [f.scores.found.value is not None and f.scores.found.value > 0.8 for f in result.files] == [True, True]
