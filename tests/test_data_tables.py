"""Generated questions about tables: right answers are confirmed, wrong ones refuted at one step by a tool."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.data import Dropped, Example, Kind, StepLabel, Tools, opened, records, tables
from genverify.data.tables import recheck, run
from genverify.data.tables.labelling import look_ups
from genverify.data.tables.questions import question
from genverify.errors import RecordError
from genverify.types import Problem, Table

TABLE = Table(
    ("Region", "Revenue ($ thousand)", "Stores"),
    (("North", "1,340", "12"), ("South", "290", "–"), ("West", "410", "15")),
)


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with opened() as made:
        yield made


@pytest.fixture(scope="module")
def made(tools: Tools) -> list[Example | Dropped]:
    return list(tables.make(range(200), 3, tools))


def examples(made: list[Example | Dropped]) -> list[Example]:
    return [value for value in made if isinstance(value, Example)]


def test_even_records_are_right_and_odd_ones_have_one_wrong_step(made: list[Example | Dropped]) -> None:
    assert len(made) == 200
    assert len(examples(made)) >= 195
    for value in examples(made):
        number = int(value.id.rsplit("-", 1)[1])
        assert value.kind is Kind.TABLES
        assert value.labels.count(False) == number % 2
        assert None not in value.labels
        assert (value.answer == value.problem.answer) or number % 2


def test_plain_python_bears_every_label_out(made: list[Example | Dropped]) -> None:
    assert recheck.disagreements(examples(made)[:60]) == []


def test_plain_python_finds_a_label_that_is_wrong(made: list[Example | Dropped]) -> None:
    gold = next(value for value in examples(made) if value.maker == "gold")
    turned = replace(gold.steps[0], label=StepLabel(False, "table"))
    assert recheck.disagreements([replace(gold, steps=(turned, *gold.steps[1:]))])


def test_every_step_has_a_type_and_what_it_says_in_formal_words(made: list[Example | Dropped]) -> None:
    seen: Counter[str] = Counter()
    for value in examples(made):
        types = value.formal["step_types"].split(",")
        assert len(types) == len(value.steps)
        assert all(step.said for step in value.steps)
        seen.update(types)
        assert types[-1] == "reasoning"
        for line in value.formal["program"].splitlines():
            assert re.match(r"step_\d+ = ", line)
            ast.parse(line)
    assert set(seen) == {"retrieval", "schema", "reasoning"}


def test_all_kinds_of_error_occur_and_tell_how_the_step_should_read(made: list[Example | Dropped]) -> None:
    kinds = Counter(step.error for value in examples(made) for step in value.steps if step.error)
    assert set(kinds) == {
        "wrong_row", "wrong_column", "wrong_filter", "missing_row", "unit", "wrong_operation", "slip",
        "swapped_operands", "wrong_answer",
    }  # fmt: skip
    wrong = [step for value in examples(made) for step in value.steps if step.label.right is False]
    assert all(step.correction not in ("", step.text) and step.label.reason for step in wrong)


def test_records_are_the_same_in_any_order_and_are_read_back(made: list[Example | Dropped], tools: Tools) -> None:
    assert list(tables.make(range(41, 46), 3, tools)) == made[41:46]
    assert list(tables.make(range(44, 38, -2), 3, tools)) == [made[44], made[42], made[40]]
    assert all(records.example(records.line(value)) == value for value in examples(made))


def test_tables_have_four_to_fifteen_rows_and_three_to_eight_columns() -> None:
    asked = [question(i, 0) for i in range(200)]
    for one in asked:
        assert 4 <= len(one.sheet.table.rows) <= 15
        assert 3 <= len(one.sheet.table.header) <= 8
    assert len({one.family for one in asked}) >= 15
    assert len({(one.text, one.sheet.table) for one in asked}) == 200
    assert any("" in row or "–" in row or "n/a" in row for one in asked for row in one.sheet.table.rows)


def test_programs_find_cells_with_units_commas_and_gaps(tools: Tools) -> None:
    table = Table(
        ("Year", "Share", "Sum ($)", "Word"),
        (("2019", "12.5%", "$1,200", "a"), ("2020", "−3%", "n/a", "7"), ("2021", "", "$5", "b")),
    )
    programs = [
        "df.loc[df['Year'] == '2020', 'Share'].tolist()", "df['Sum ($)'].dropna().sum()", "df['Share'].tolist()",
        "df['Word'].tolist()", "df['none']", "len(df)",
    ]  # fmt: skip
    (found,) = run.run([(table, programs)], tools.kernels)
    assert run.same(found[:4], [[-3], 1205, [12.5, -3, None], ["a", "7", "b"]])
    assert "KeyError" in found[4]["error"]
    assert found[5] == 3


def label(steps: list[str], tools: Tools, answer: str | None = None) -> tuple[bool | None, ...]:
    made = tables.label(Problem("How much?", "p", answer, table=TABLE), steps, tools)
    assert isinstance(made, Example)
    return made.labels


def test_look_ups_from_outside_are_compared_with_the_table(tools: Tools) -> None:
    steps = [
        "In the row North, Revenue is 1,340.", "In the row North, Revenue is 340.", "Revenue of West: 410.",
        "The table gives 15 for Stores in the row West.", "South: Stores = 3.", "In the row East, Revenue is 410.",
        "The Revenue of West is 410 because 7 shops opened.", "Let us look at the table.",
    ]  # fmt: skip
    assert label(steps, tools) == (True, False, True, True, None, None, None, None)


def test_a_right_sum_counts_only_in_an_answer_that_comes_out_right(tools: Tools) -> None:
    steps = ["1340 - 290 = 1050.", "410 + 290 = 800.", "410 + 290 = 700.", "The answer is 1050."]
    assert label(steps, tools, "1050")[:3] == (True, False, True)
    assert label(steps, tools, "50")[:3] == (None, False, None)
    assert label(steps, tools)[:3] == (None, False, None)


def test_own_records_are_labelled_alike_from_outside(made: list[Example | Dropped], tools: Tools) -> None:
    decided = 0
    for value in examples(made)[:80]:
        again = tables.label(value.problem, [step.text for step in value.steps], tools)
        assert isinstance(again, Example)
        assert all(b in (a, None) for a, b in zip(value.labels, again.labels, strict=True))
        decided += sum(right is not None for right in again.labels)
    assert decided > 60


def test_a_question_without_a_table_or_steps_is_refused(tools: Tools) -> None:
    with pytest.raises(RecordError, match="needs the table"):
        tables.label(Problem("How much?"), ["5"], tools)
    with pytest.raises(RecordError, match="needs the table"):
        tables.prompt(Problem("How much?"))
    assert isinstance(tables.label(Problem("How much?", table=TABLE), [" ", ""], tools), Dropped)
    assert "North | 1,340 | 12" in tables.prompt(Problem("How much?", table=TABLE))


@given(st.text(max_size=80))
def test_any_text_can_be_read_for_look_ups(text: str) -> None:
    assert look_ups(text, TABLE) == [] or any(row[0].casefold() in text.casefold() for row in TABLE.rows)


def test_names_that_hold_each_other_are_kept_apart() -> None:
    table = Table(("No.", "Rain", "Rain days"), (("No. 1", "5", "2"), ("No. 12", "7", "3")))
    (found,) = look_ups("In the row No. 12, Rain days is 3.", table)
    assert (found.row, found.column) == ("No. 12", "Rain days")
