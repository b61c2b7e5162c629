"""Generated programs: right ones pass, wrong ones fail at one statement, and the same seed gives the same records."""

import ast
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator

import code_recheck
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.data import Dropped, Example, Kind, Tools, code, opened, records
from genverify.data.code import run
from genverify.data.code.mutation import KINDS, edits
from genverify.data.code.run import Trial
from genverify.data.code.steps import split
from genverify.data.code.tasks import FAMILIES, mutants, task


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with opened() as made:
        yield made


@pytest.fixture(scope="module")
def made(tools: Tools) -> list[Example | Dropped]:
    return list(code.make(range(120), 3, tools))


def examples(made: list[Example | Dropped]) -> list[Example]:
    return [value for value in made if isinstance(value, Example)]


def test_even_records_are_right_and_odd_ones_have_one_wrong_statement(made: list[Example | Dropped]) -> None:
    assert len(made) == 120
    assert len(examples(made)) >= 114
    for value in examples(made):
        number = int(value.id.rsplit("-", 1)[1])
        assert value.kind is Kind.CODE
        assert value.maker == ("sneaky" if number % 2 else "gold")
        assert value.labels.count(False) == number % 2
        assert None not in value.labels
        assert value.group == f"code-3-p{number // 2:06d}"


def test_an_independent_run_of_sixty_programs_bears_every_label_out(made: list[Example | Dropped]) -> None:
    assert code_recheck.disagreements(examples(made)[:60]) == []


def test_the_independent_run_finds_a_label_that_is_wrong(made: list[Example | Dropped]) -> None:
    gold, sneaky = examples(made)[:2]
    swapped = [
        Example(e.id, e.kind, e.problem, other.steps, e.maker, e.group, formal=e.formal)
        for e, other in ((gold, sneaky), (sneaky, gold))
    ]
    assert len(code_recheck.disagreements(swapped)) == 2


def test_a_wrong_statement_tells_its_error_its_witness_and_how_it_should_read(made: list[Example | Dropped]) -> None:
    kinds = set()
    for value in examples(made):
        if value.maker == "sneaky":
            step = value.steps[value.first_error or 0]
            kinds.add(step.error)
            assert step.error in KINDS
            assert "should be" in step.label.reason
            assert value.formal["witness"] in step.label.reason
            assert step.correction != step.text
    assert len(kinds) >= 6


def test_records_are_the_same_in_any_order_and_are_read_back(made: list[Example | Dropped], tools: Tools) -> None:
    assert list(code.make(range(41, 47), 3, tools)) == made[41:47]
    assert list(code.make(range(44, 38, -2), 3, tools)) == [made[44], made[42], made[40]]
    assert all(records.example(records.line(value)) == value for value in examples(made))


def test_tasks_and_questions_are_the_same_in_processes_that_hash_differently() -> None:
    code = """
import hashlib, random
from genverify.data.code.tasks import mutants, task
from genverify.data.tables.questions import play, question
told = hashlib.sha256()
for number in range(500):
    made = task(number, 4)
    mutant = next(mutants(made.program, random.Random(number)))
    asked = question(number, 4)
    told.update(repr((made, mutant, asked.text, asked.sheet, play(asked, [0] * 9, random.Random(1)))).encode())
print(told.hexdigest())
"""
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


def test_other_seeds_give_other_tasks() -> None:
    assert {task(i, 0).text for i in range(30)}.isdisjoint({task(i, 1).text for i in range(30)})


def test_tasks_are_many_and_mostly_distinct() -> None:
    tasks = [task(i, 0) for i in range(800)]
    assert len(FAMILIES) >= 40
    assert len({t.family for t in tasks}) >= 80
    assert len({(t.text, t.program) for t in tasks}) >= 780


def test_every_family_and_variant_agrees_with_its_oracle(tools: Tools) -> None:
    tasks = [task(i, 11) for i in range(300)]
    for made, outcomes in zip(tasks, run.run([t.trial(t.program) for t in tasks], tools.kernels), strict=True):
        got = [outcome.value for outcome in outcomes]
        assert all(map(run.same, got, made.expected)), made
        assert max(outcome.lines for outcome in outcomes) < run.LINES_MAX / 4


def test_every_statement_of_a_solution_is_one_step() -> None:
    for number in range(200):
        program = task(number, 5).program
        steps = split(program)
        assert "\n".join(steps) == program
        assert len(steps) == len([n for n in ast.walk(ast.parse(program)) if isinstance(n, ast.stmt)])


@pytest.mark.parametrize(
    ("program", "steps"),
    [
        ("", 1),
        ("def f(", 1),
        ("x = 1", 1),
        ("x = 1; y = 2\nz = 3", 2),
        ("# a\n\nx = 1\n# b\ny = 2\n# c\n", 2),
        ("def f(x):\n    '''Doc\n    string.'''\n    return (\n        x\n    )\n", 2),
        ("try:\n    x = 1\nexcept ValueError:\n    x = 2\nfinally:\n    y = 3", 4),
        ("match x:\n    case 1:\n        y = 2\n    case _:\n        y = 3", 3),
        ("@decorated\n@twice\ndef f():\n    pass\n\n\nclass A:\n    x = 1", 4),
        ("if a:\n    b\nelif c:\n    d\nelse:\n    e", 5),
        ("for i in range(\n    3,\n):\n    pass\nelse:\n    x = 1", 3),
    ],
)
def test_steps_are_statements_and_join_to_the_program(program: str, steps: int) -> None:
    assert len(split(program)) == steps
    assert "\n".join(split(program)) == program


@given(st.text(alphabet="abx=:+()[]'\"#\n\r\t \\;0é\x0c,", max_size=60))
def test_no_text_is_changed_by_cutting_it(text: str) -> None:
    assert "\n".join(split(text)) == text


def test_an_edit_changes_one_place_and_leaves_the_tree_as_it_was() -> None:
    for number in range(60):
        program = task(number, 2).program
        tree = ast.parse(program)
        for edit in edits(tree):
            changed = edit.applied(tree)
            ast.parse(changed)
            assert changed != program or edit.kind == "boolean"
        assert ast.unparse(tree) == program


def test_a_mutant_differs_in_one_step_which_its_correction_mends() -> None:
    kinds = set()
    for number in range(40):
        program = task(number, 2).program
        for mutant in mutants(program, random.Random(number)):
            kinds.add(mutant.kind)
            mended = (*mutant.steps[: mutant.at], mutant.correction, *mutant.steps[mutant.at + 1 :])
            assert "\n".join(mended) == program
            assert mutant.program != program
    assert kinds == set(KINDS)


def test_what_runs_away_raises_or_prints_is_told_apart(tools: Tools) -> None:
    programs = {
        "def f(x):\n    return x + 1": "value",
        "def f(x):\n    while True:\n        x = 0": "ran away",
        "def f(x):\n    while True:\n        x = x * x": "ran away",
        "def f(x):\n    y = [0]\n    while True:\n        y = y + y": "ran away",
        "def f(x):\n  try:\n    while True:\n      pass\n  except Exception:\n    return 1": "ran away",
        "def f(x):\n    return f(x)": "raised",
        "def f(x):\n    raise SystemExit": "raised",
        "def g(x):\n    return x": "raised",
        "def f(": "raised",
        "def f(x):\n    print('{}' * 3)\n    return 4": "value",
    }
    outcomes = run.run([Trial(program, "f", ([3], [4])) for program in programs], tools.kernels)
    assert [outcome[0].kind for outcome in outcomes] == list(programs.values())


def test_a_result_that_holds_itself_or_is_huge_is_told_in_few_words(tools: Tools) -> None:
    circular = "def f(x):\n    y = [x]\n    for i in range(9):\n        y.append(y)\n    return y"
    huge = "def f(x):\n    return [[[[x] * 80] * 80] * 80] * 80"
    wide = "def f(x):\n    return list(range(15000))"
    (one,), (two,), (three,) = run.run([Trial(p, "f", ([3],)) for p in (circular, huge, wide)], tools.kernels)
    assert run.same(one.value, [3, *[{"other": "circular"}] * 9])
    assert "too large" in two.shown
    assert three.value == list(range(15000))


def test_a_program_that_ends_its_kernel_costs_only_itself(tools: Tools) -> None:
    dies = Trial("import os\ndef f(x):\n    os._exit(3)", "f", ([1],))
    right = Trial("def f(x):\n    return x", "f", ([1],))
    found = run.run([right, right, dies, right, right, right], tools.kernels)
    assert [outcomes[0].kind for outcomes in found] == ["value", "value", "lost", "value", "value", "value"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.lists(inner, max_size=3).map(tuple)
            | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
        ),
        max_leaves=6,
    )
)
def test_values_keep_their_types_and_are_written_as_python_writes_them(value: object) -> None:
    encoded = json.loads(json.dumps(run.encode(value)))
    written = run.show(encoded)
    if "inf" not in written:
        assert ast.literal_eval(written) == value
    assert run.same(encoded, run.encode(value))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["tuple", "set", "dict", "float", "other", "x"]), inner, max_size=2)
    ),
    max_leaves=8,
)


@given(_JSON)
def test_whatever_a_guest_sends_is_a_value_that_can_be_shown_or_is_refused(value: object) -> None:
    if run.is_encoded(value):
        assert isinstance(run.show(value), str)
        assert run.same(value, value)


def test_what_our_own_side_encodes_is_accepted_and_what_is_too_deep_is_not() -> None:
    deep: object = 1
    for _ in range(500):
        deep = [deep]
    assert not run.is_encoded(deep)
    for number in range(100):
        assert all(map(run.is_encoded, task(number, 1).expected))


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), ((1,), [1]), (0, None), ("1", 1), ({}, [])])
def test_values_of_other_types_are_not_the_same(one: object, other: object) -> None:
    assert not run.same(run.encode(one), run.encode(other))
