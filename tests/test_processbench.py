"""Rows whose first error is known are read for whoever fits or measures on them."""

import json
from pathlib import Path
from typing import Any

import pytest

from genverify.bench.processbench import read_rows
from genverify.errors import RecordError

Row = dict[str, Any]
WRONG: Row = {"id": "w", "generator": "g", "problem": "?", "steps": ["2 + 2 = 4", "4 * 3 = 13"], "label": 1}
RIGHT: Row = {"id": "r", "generator": "g", "problem": "?", "steps": ["2 + 2 = 4"], "label": -1}
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
    rows, left_out = read_rows(write(tmp_path / "f.json", [WRONG, RIGHT, UNKNOWN, GOLD], as_list=as_list))
    assert [(r.id, r.label) for r in rows] == [("w", 1), ("r", -1), ("g#0", -1)]
    assert left_out == 2  # the unlabelled row and the wrong answer of the pool


@pytest.mark.parametrize("text", ["{", '{"id": 1}', '{"problem": "p", "steps": 3, "label": 0}', "", "[1]", "\x00\xff"])
def test_a_file_of_another_format_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(text)
    with pytest.raises(RecordError, match=r"f\.jsonl"):
        read_rows(path)


def test_one_bad_row_does_not_stop_the_others(tmp_path: Path) -> None:
    past_the_end = {**WRONG, "label": 2}
    rows, left_out = read_rows(write(tmp_path / "f.jsonl", [past_the_end, RIGHT, {"id": "x", "label": 0}]))
    assert ([r.id for r in rows], left_out) == (["r"], 2)
