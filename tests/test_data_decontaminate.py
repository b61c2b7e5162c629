"""What is the same is found, what is different is kept, and every drop says against which row."""

import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import examples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.data.decontaminate import (
    IN_BENCHMARK,
    NEAR_PROBLEM,
    SAME_PROBLEM,
    SAME_SOLUTION,
    Benchmarks,
    Duplicates,
    words,
)
from genverify.data.values import Dropped, Example
from genverify.errors import RecordError
from genverify.types import Problem, Table

LONG = (
    "A farmer keeps hens and rabbits behind the old barn near the river, and one morning she counts thirty heads and "
    "eighty four feet among the animals that came to the fence to be fed, while her neighbour looks on and laughs."
)


def asked(text: str, group: str, id_: str = "") -> Example:
    return replace(examples.ALGEBRA, id=id_ or group, group=group, problem=Problem(text))


def why(seen: Duplicates, *some: Example) -> list[str]:
    return [dropped.why if (dropped := seen.of(example)) else "" for example in some]


# --- duplicates -----------------------------------------------------------------------------------------------------


def test_two_solutions_of_one_problem_are_kept_and_the_same_solution_is_not() -> None:
    again = replace(examples.ALGEBRA, id="again")
    other = replace(examples.ALGEBRA, id="other", steps=examples.ALGEBRA.steps[:2])
    assert why(Duplicates(), examples.ALGEBRA, examples.SNEAKY_ALGEBRA, again, other) == ["", "", SAME_SOLUTION, ""]


def test_a_problem_under_another_name_is_dropped_with_all_its_solutions() -> None:
    twin = [replace(e, group="twin", id=f"twin{i}") for i, e in enumerate((examples.SNEAKY_ALGEBRA, examples.ALGEBRA))]
    spaced = replace(twin[0], problem=Problem(twin[0].problem.text.replace(" ", "\n  ")))
    assert why(Duplicates(), examples.ALGEBRA, spaced, twin[1]) == ["", SAME_PROBLEM, SAME_PROBLEM]


def test_one_question_about_two_tables_is_two_problems() -> None:
    question = "How much did the north sell in 2020?"
    tables = [Table(("Region", "Sales"), (("North", sold), ("South", "7"))) for sold in ("5", "9", "5")]
    problems = [Problem(question, table=table) for table in tables]
    asked_of = [replace(asked("", group), problem=problem) for group, problem in zip("abc", problems, strict=True)]
    assert why(Duplicates(near=1.1), *asked_of) == ["", "", SAME_PROBLEM]


def test_a_problem_with_one_word_changed_is_nearly_the_same() -> None:
    near = LONG.replace("laughs", "smiles")
    assert why(Duplicates(), asked(LONG, "a"), asked(near, "b")) == ["", NEAR_PROBLEM]
    assert why(Duplicates(near=1.1), asked(LONG, "a"), asked(near, "b")) == ["", ""]
    seen = Duplicates()
    why(seen, asked(LONG, "a"))
    assert seen.of(asked(near, "b")) == Dropped("b", NEAR_PROBLEM, "like a")


def test_problems_of_one_template_with_other_numbers_differ_unless_numbers_are_masked() -> None:
    other = replace(examples.ALGEBRA, group="other", id="other", problem=Problem(
        examples.ALGEBRA.problem.text.replace("17", "19").replace("24", "36")
    ))  # fmt: skip
    assert why(Duplicates(), examples.ALGEBRA, other) == ["", ""]
    assert why(Duplicates(mask_numbers=True), examples.ALGEBRA, other) == ["", SAME_PROBLEM]


def test_formulas_that_differ_in_a_sign_are_not_the_same() -> None:
    assert words("A -> B") != words("A & B")
    assert words("¬A") != words("A")
    pair = [asked("Is it so that A -> B?", "a"), asked("Is it so that A & B?", "b")]
    assert why(Duplicates(), *pair) == ["", ""]


def test_the_definition_that_all_problems_share_makes_none_of_them_near() -> None:
    text = examples.LOGIC.problem.text.replace("fact12: B -> not C", "fact12: A -> D\nfact13: D -> not C")
    long = " ".join(f"word{i}" for i in range(80))
    pair = []
    for i, body in enumerate((examples.LOGIC.problem.text, text)):
        own = body.removeprefix(examples.DEFINITION)
        formal, problem = {"problem_without_definition": own}, Problem(f"{long}\n\n{own}")
        pair.append(replace(examples.LOGIC, group=str(i), id=str(i), problem=problem, formal=formal))
    assert why(Duplicates(), *pair) == ["", ""]
    shared = [replace(e, formal={}) for e in pair]
    assert why(Duplicates(), *shared) == ["", NEAR_PROBLEM]


@given(st.lists(st.text("abc ", min_size=1, max_size=30), min_size=1, max_size=8))
def test_of_equal_problems_the_first_is_kept_and_deciding_again_decides_alike(texts: list[str]) -> None:
    some = [asked(text, f"g{i}") for i, text in enumerate(texts)]
    first = why(Duplicates(), *some)
    assert first == why(Duplicates(), *some)
    kept = [" ".join(t.split()) for t, reason in zip(texts, first, strict=True) if not reason]
    assert len(kept) == len(set(kept))
    assert first[0] == ""


def test_memory_grows_by_hashes_and_not_by_texts() -> None:
    def texts(start: int) -> list[Example]:
        return [asked(" ".join(f"w{i}x{j}" for j in range(200)), f"g{i}", f"{i}") for i in range(start, start + 300)]

    seen = Duplicates()
    why(seen, *texts(0))
    more = texts(300)
    tracemalloc.start()
    try:
        assert why(seen, *more) == [""] * 300
        each = tracemalloc.get_traced_memory()[0] / 300
    finally:
        tracemalloc.stop()
    assert each < 4000, f"{each:.0f} bytes a problem"  # its text alone has 1700 characters


# --- benchmarks -----------------------------------------------------------------------------------------------------


@pytest.fixture
def benchmark_file(tmp_path: Path) -> Callable[..., Path]:
    def write(*problems: str) -> Path:
        path = tmp_path / "bench.jsonl"
        rows = [{"id": f"b{i}", "problem": text, "steps": ["x"], "label": 0} for i, text in enumerate(problems)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


def test_thirteen_words_in_a_row_are_an_overlap_and_the_row_is_named(benchmark_file: Callable[..., Path]) -> None:
    found = Benchmarks([benchmark_file("Something else entirely.", LONG)])
    assert found.problems == 2
    part = " ".join(LONG.split()[5:18])
    dropped = found.of(asked(f"Once upon a time there was a farmer, {part.upper()}, and so on and on.", "x"))
    assert dropped is not None
    assert dropped.why == IN_BENCHMARK
    assert dropped.detail.startswith('bench.jsonl: b1: "rabbits behind the old barn')
    twelve = " ".join(LONG.split()[5:17])
    assert found.of(asked(f"Once upon a time there was a farmer, {twelve}, and so on and on.", "x")) is None


def test_a_short_problem_is_compared_by_eight_words_and_a_very_short_one_as_a_whole(
    benchmark_file: Callable[..., Path],
) -> None:
    short = "How many of the nine red apples are left?"
    found = Benchmarks([benchmark_file(short, "What is 17 + 4?", LONG)])
    assert found.of(asked(f"We ask: {short} Nobody has eaten more than two of them so far.", "x")) is not None
    assert found.of(asked("she counts thirty heads and eighty four feet", "x")) is not None
    assert found.of(asked("what is 17 + 4", "x")) is not None
    assert found.of(asked("what is 17 + 5", "x")) is None
    assert Benchmarks([benchmark_file("What is 17 + 4?")], mask_numbers=True).of(asked("What is 1 + 5?", "x"))


def test_files_without_problems_are_named(tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text('{"a": 1}\n')
    with pytest.raises(RecordError, match=r"other\.jsonl: expected rows with a problem"):
        Benchmarks([path])
    with pytest.raises(RecordError, match="cannot be read"):
        Benchmarks([tmp_path / "none.jsonl"])


def test_every_real_file_is_read_and_finds_its_own_problems(data: Path) -> None:
    for name in ("processbench_gsm8k.jsonl", "logic_prontoqa.jsonl", "table_tatqa.jsonl.gz", "pool_mbpp.jsonl"):
        found = Benchmarks([data / name])
        assert found.problems > 50
    rows = (json.loads(line) for line in (data / "processbench_gsm8k.jsonl").read_text().splitlines())
    found = Benchmarks([data / "processbench_gsm8k.jsonl"])
    for row in rows:
        assert found.of(asked(row["problem"], "x")) is not None
    assert [found.of(example) for example in examples.ALL] == [None] * len(examples.ALL)
