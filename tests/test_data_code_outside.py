"""Programs of others: labelled by their tests, located where a repair passes, and never able to vote for themselves."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from genverify.data import Dropped, Example, Tools, code, opened
from genverify.data.code.labelling import asserted, code_of
from genverify.data.code.outside import suite, verdicts
from genverify.errors import RecordError
from genverify.types import Problem

TESTS = "assert total([1, 2, 3]) == 6\nassert total([]) == 0\nassert total([5]) == 5"
RIGHT = "def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s"
WRONG = RIGHT.replace("s += x", "s -= x")


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with opened() as made:
        yield made


def labelled(program: str, tools: Tools, tests: str = TESTS) -> Example:
    made = code.label(Problem("Sum up.", id="p"), program, tests, tools)
    assert isinstance(made, Example)
    return made


def test_a_program_that_passes_is_right_throughout(tools: Tools) -> None:
    assert labelled(RIGHT, tools).labels == (True,) * 5


def test_of_one_that_fails_only_the_located_statement_is_labelled(tools: Tools) -> None:
    made = labelled(f"Here it is:\n```python\n{WRONG}\n```\nDone.", tools)
    assert made.labels == (None, None, None, False, None)
    assert made.steps[3].label.reason == "fails: total([1, 2, 3]) == 6"


def test_of_one_that_no_small_edit_mends_nothing_is_known(tools: Tools) -> None:
    assert set(labelled("def total(xs):\n    return 'none'", tools).labels) == {None}


@pytest.mark.parametrize(
    "program",
    [
        "import sys\ndef total(xs):\n    sys.stdout.write('[[\"value\", 6, 1]]')\n    return 0",
        "class T(int):\n    def __eq__(self, other):\n        return True\ndef total(xs):\n    return T(1)",
        "import __main__\n__main__.rehearse = lambda *a: {'calls': [], 'checks': [['t', True, 1]], 'error': ''}\n"
        "__main__.encode = lambda *a: 6\ndef total(xs):\n    return 1",
        "def total(xs):\n    import os\n    os._exit(0)",
        "def total(xs):\n    while True:\n        pass",
    ],
)
def test_no_program_talks_its_way_through_the_tests(program: str, tools: Tools) -> None:
    assert True not in labelled(program, tools).labels


def test_a_slow_program_is_not_called_wrong(tools: Tools) -> None:
    slow = "def total(xs):\n    for i in range(200000):\n        pass\n    return sum(xs)"
    of = suite(TESTS, "total", tools.kernels)
    assert [v.passed for v in verdicts([slow, RIGHT, WRONG], of, tools.kernels)] == [None, True, False]


@pytest.mark.parametrize(
    ("tests", "why"),
    [
        ("x = 1", "make no call"),
        ("assert total([1]) ==", "SyntaxError"),
        ("assert undefined and total([1]) == 1\ny = undefined", "NameError"),
        ("total([1])", "assert nothing"),
        ("class Node:\n    pass\nassert total([Node()]) == 0", "with objects"),
        ("assert total([1]) == 1\n" * 3000, "at most 40000"),
        ("assert total(['{\"other\": 1}', 10**5000]) == 1", "no outcome"),
    ],
)
def test_tests_that_cannot_be_used_are_dropped_with_the_reason(tests: str, why: str, tools: Tools) -> None:
    made = code.label(Problem("p"), RIGHT, tests, tools, entry="total")
    assert isinstance(made, Dropped)
    assert why in made.detail


@pytest.mark.parametrize(
    "program", ["", "I cannot do it.", "x = 1", "def other(xs):\n    return 1", "def total(:", "#" * 30000]
)
def test_what_is_no_program_is_dropped(program: str, tools: Tools) -> None:
    assert isinstance(code.label(Problem("p"), program, TESTS, tools), Dropped)


def test_tests_of_our_own_records_are_read_and_bad_ones_refused() -> None:
    assert asserted('[[[[1, 2]], {"tuple": [1]}]]', "f") == "assert f([1, 2]) == (1,)"
    for bad in ("[1]", "[[1]]", "[", '[["a", 1, 2]]'):
        with pytest.raises(RecordError, match="expected a JSON list"):
            asserted(bad, "f")
    assert code_of("a\n```py\nx\n```\n```\nlonger\n```") == "longer"


def test_own_records_are_labelled_alike_from_outside(tools: Tools) -> None:
    for value in code.make(range(12), 2, tools):
        assert isinstance(value, Example)
        program = "\n".join(step.text for step in value.steps)
        again = code.label(value.problem, program, value.formal["tests"], tools, entry=value.formal["entry"])
        assert isinstance(again, Example)
        assert all(b in (a, None) for a, b in zip(value.labels, again.labels, strict=True))
        if value.maker == "gold":
            assert again.labels == value.labels


def test_a_prompt_holds_the_task(tools: Tools) -> None:
    (value,) = code.make(range(1), 2, tools)
    assert isinstance(value, Example)
    assert value.problem.text in code.prompt(value.problem)


def test_an_inserted_a_deleted_and_a_replaced_statement_are_located(tools: Tools) -> None:
    gone = RIGHT.replace("        s += x\n", "        s = s\n")
    extra = RIGHT.replace("    return s", "    s += 1\n    return s")
    missing = "def total(xs):\n    for x in xs:\n        s += x\n    return s"
    found = [code.locate(p, "total", TESTS, tools, RIGHT).line for p in (WRONG, gone, extra, missing)]
    assert found == [3, 3, 4, 1]
    assert code.locate(RIGHT, "total", TESTS, tools, RIGHT).line is None


@pytest.mark.parametrize("name", ["quixbugs", "humanevalfix"])
def test_real_bugs_are_located_by_a_transplant(name: str, data: Path, tools: Tools) -> None:
    rows = [json.loads(line) for line in (data / f"{name}.jsonl").read_text().splitlines()]
    wrong = [row for row in rows if row["label"] != -1][:6]
    found = [
        code.locate("\n".join(r["steps"]), r["meta"]["entry_point"], r["meta"]["test"], tools, r["meta"]["fixed"])
        for r in wrong
    ]
    assert sum(f.line == row["label"] for f, row in zip(found, wrong, strict=True)) >= 4
    right = [row for row in rows if row["label"] == -1][:3]
    assert all(
        code.locate("\n".join(r["steps"]), r["meta"]["entry_point"], r["meta"]["test"], tools).line is None
        for r in right
    )
