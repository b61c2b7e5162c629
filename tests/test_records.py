"""Records survive the round trip, and a bad line is named and never stops the good ones."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify import records
from genverify.errors import RecordError
from genverify.records import BadLine, Item, read_item, read_items
from genverify.types import (
    Check,
    Claim,
    ClaimKind,
    Correction,
    CorrectionStatus,
    Cost,
    Critique,
    Failure,
    Label,
    Outcome,
    Provenance,
    Reason,
    Report,
    StepVerdict,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
P = st.none() | st.floats(0, 1)
CLAIMS = st.builds(
    Claim,
    kind=st.sampled_from(ClaimKind),
    statement=TEXT,
    text=TEXT,
    givens=st.tuples(TEXT),
    given_steps=st.tuples(st.integers(-1, 9)),
    span=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    result_span=st.none() | st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
CHECKS = st.builds(
    Check,
    claim=CLAIMS,
    tool=TEXT,
    outcome=st.sampled_from(Outcome),
    reason=st.none() | st.sampled_from(Reason),
    witness=TEXT,
)
CORRECTIONS = st.builds(
    Correction,
    text=TEXT,
    origin=TEXT,
    status=st.sampled_from(CorrectionStatus),
    replaced=st.tuples(TEXT, TEXT),
    checks=st.lists(CHECKS, max_size=2).map(tuple),
    affected=st.tuples(st.integers(0, 9)),
)
VERDICTS = st.builds(
    StepVerdict,
    index=st.integers(0, 9),
    label=st.sampled_from(Label),
    p_correct=P,
    why=TEXT,
    coverage=st.floats(0, 1),
    checks=st.lists(CHECKS, max_size=2).map(tuple),
    correction=st.none() | CORRECTIONS,
    critiques=st.lists(
        st.builds(Critique, step=st.integers(0, 9), text=TEXT, p_correct=P, code=st.just(())), max_size=1
    ).map(tuple),
)
REPORTS = st.builds(
    Report,
    steps=st.lists(VERDICTS, max_size=3).map(tuple),
    first_error=st.none() | st.integers(0, 3),
    score=P,
    provenance=st.builds(
        Provenance,
        genverify=TEXT,
        versions=st.dictionaries(TEXT, TEXT, max_size=2),
        isolation=st.just({}),
        sampling=st.just({}),
    ),
    cost=st.builds(Cost, wall_s=st.floats(0, 9), checks=st.integers(0, 9)),
    problem_id=st.none() | TEXT,
    solution_id=st.none() | TEXT,
    failures=st.lists(st.builds(Failure, where=TEXT, what=TEXT), max_size=1).map(tuple),
)


@given(REPORTS)
def test_a_report_survives_the_round_trip(report: Report) -> None:
    line = records.report_line(report, id="x", extra={"kept": [1, "two"]})
    assert "\n" not in line
    assert records.report_from_line(line) == report
    assert json.loads(line)["kept"] == [1, "two"]


def test_a_report_line_has_the_documented_fields() -> None:
    report = Report((StepVerdict(0, Label.UNDECIDED, None, "because"),), None, Provenance("0"))
    body = json.loads(records.report_line(report, id="a", extra={"first_error": "not ours", "source": "kept"}))
    assert list(body)[:3] == ["id", "first_error", "steps"]
    assert body["first_error"] is None
    assert body["source"] == "kept"
    assert set(body["steps"][0]) >= {"index", "label", "p_correct", "why", "checks", "critiques", "correction"}
    assert {"provenance", "cost", "schema"} <= body.keys()


def test_another_schema_version_is_refused() -> None:
    with pytest.raises(RecordError, match='"schema": 1'):
        records.report_from_line('{"schema": 99}')


GOOD = b'{"id": 7, "problem": "p", "steps": ["a", "b"], "source": "s"}'


def test_a_good_line_keeps_its_extra_fields() -> None:
    item = read_item(GOOD, "f", 1)
    assert isinstance(item, Item)
    assert (item.id, [s.text for s in item.solution.steps], dict(item.extra)) == (7, ["a", "b"], {"source": "s"})


def test_a_solution_text_is_cut_into_steps() -> None:
    item = read_item(b'{"problem": "p", "solution": "a\\n\\nb"}', "f", 1)
    assert isinstance(item, Item)
    assert len(item.solution.steps) == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{not json", "expected JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b'{"problem": "p", "steps": ["a\\u0000"]}\x00', "NUL"),
        (b"[1]", "expected a JSON object, got a list"),
        (b'{"steps": ["a"]}', '"problem" is missing'),
        (b'{"problem": "p"}', '"steps"'),
        (b'{"problem": "p", "steps": []}', "no steps"),
        (b'{"problem": "p", "steps": ["  "]}', "no steps"),
        (b'{"problem": "p", "solution": " "}', "no steps"),
        (b'{"problem": "p", "steps": "a"}', "list of strings"),
        (b'{"problem": 3, "steps": ["a"]}', "expected a string, got a number"),
        (b'{"id": {}, "problem": "p", "steps": ["a"]}', '"id"'),
        (b'{"problem": "p", "steps": ["\\ud800"]}', "surrogate"),
        (b'{"problem": "p", "steps": ["a"], "n": ' + b"9" * 5000 + b"}", "number"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (json.dumps({"problem": "p", "steps": ["a"] * 10_000}).encode(), "10000 steps"),
    ],
)
def test_a_bad_line_is_named(line: bytes, says: str) -> None:
    bad = read_item(line, "in.jsonl", 3)
    assert isinstance(bad, BadLine)
    assert bad.message.startswith("in.jsonl:3: ")
    assert says in bad.message
    assert "\n" not in bad.message


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(line: bytes) -> None:
    assert isinstance(read_item(line, "f", 1), Item | BadLine)


def test_the_good_rows_run_beside_bad_ones(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    huge = b'{"problem": "' + b"x" * (records.MAX_LINE_BYTES + 100) + b'", "steps": ["a"]}'
    path.write_bytes(b"\n".join([GOOD, b"oops", huge, b"", GOOD]))
    kinds = [(type(x).__name__, x.line) for x in read_items(path)]
    assert kinds == [("Item", 1), ("BadLine", 2), ("BadLine", 3), ("Item", 5)]


def test_an_empty_file_is_an_error_and_a_gzip_is_read(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"\n")
    with pytest.raises(RecordError, match="empty"):
        list(read_items(tmp_path / "empty"))
    with gzip.open(tmp_path / "in.jsonl.gz", "wb") as stream:
        stream.write(GOOD)
    assert len(list(read_items(tmp_path / "in.jsonl.gz"))) == 1


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="absent"):
        list(read_items(tmp_path / "absent"))
