"""The table of traps: no step that may be right is called wrong, and no step that may be wrong is called right."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genverify.bench.processbench import read_rows
from genverify.tools.checkers import Checkers
from genverify.types import Label, Report
from genverify.verifier import Verifier

Row = dict[str, Any]
TABLE = Path(__file__).parent / "cases" / "soundness.jsonl"
ROWS: list[Row] = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").split("\n") if line]
ACCEPTED = {
    "correct": {Label.CORRECT},
    "incorrect": {Label.INCORRECT},
    "undecided": {Label.UNDECIDED},
    "not_incorrect": {Label.CORRECT, Label.UNDECIDED},
}


@pytest.fixture(scope="module")
def judge() -> Iterator[Verifier]:
    """One verifier for the whole table; with a long deadline, so that a busy machine changes no verdict."""
    with Checkers(deadline_s=30.0) as tools, Verifier(tools) as made:
        yield made


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_every_row_gets_the_verdict_that_the_table_allows(row: Row, judge: Verifier) -> None:
    report = judge.critique(row["problem"], row["steps"])
    for verdict, expected, text in zip(report.steps, row["expect"], row["steps"], strict=True):
        assert verdict.label in ACCEPTED[expected], (
            f"{row['id']}, step {verdict.index}: {text[:120]!r} is {verdict.label.value}, expected {expected}; "
            f"the lesson: {row['why']}; the verdict says: {verdict.why}"
        )


def test_the_table_is_large_and_its_rows_have_names_of_their_own() -> None:
    assert len(ROWS) >= 200
    assert [name for name, times in Counter(row["id"] for row in ROWS).items() if times > 1] == []


def test_each_row_has_the_fields_of_the_table_and_a_known_label_for_each_step() -> None:
    for row in ROWS:
        assert list(row) == ["id", "problem", "steps", "expect", "why"], row["id"]
        assert len(row["steps"]) == len(row["expect"]) > 0, row["id"]
        assert set(row["expect"]) <= ACCEPTED.keys(), row["id"]
        assert row["why"], row["id"]


def test_each_label_is_put_to_the_test() -> None:
    used = Counter(label for row in ROWS for label in row["expect"])
    assert used.keys() == ACCEPTED.keys()
    assert min(used["correct"], used["incorrect"], used["not_incorrect"]) >= 50


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("gsm8k_gold.jsonl.gz", 3 / 672),
        ("math500_gold.jsonl", 0.02),
        ("processbench_gsm8k.jsonl", 0.02),
        ("processbench_math.jsonl.gz", 0.02),
        ("processbench_olympiadbench.jsonl.gz", 0.02),
        ("processbench_omnimath.jsonl.gz", 0.02),
    ],
)
def test_right_solutions_are_accused_no_more_often_than_is_promised(
    data: Path, verifier: Verifier, name: str, share: float
) -> None:
    right = [row for row in read_rows(data / name)[0] if row.label == -1]
    reports = list(verifier.critique_many([(row.problem, row.solution) for row in right]))
    accused = [
        r.id for r, one in zip(right, reports, strict=True) if isinstance(one, Report) and one.first_error is not None
    ]
    assert all(isinstance(one, Report) for one in reports)
    assert len(accused) <= share * len(right), accused
