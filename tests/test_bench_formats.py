"""Every public format is read with its index base and its polarity turned into ours, shown on rows made by hand."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from genverify.bench import formats, statements
from genverify.bench.rows import Row, Unusable
from genverify.errors import RecordError


def read(tmp_path: Path, *raw: Any) -> list[Row]:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, raw)), encoding="utf-8")
    return formats.read(path)[0]


def unusable(tmp_path: Path, *raw: Any) -> list[Unusable]:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, raw)), encoding="utf-8")
    return formats.read(path)[1]


def texts(row: Row) -> list[str]:
    return [step.text for step in row.solution.steps]


def test_processbench_counts_from_0_and_minus_1_is_right(tmp_path: Path) -> None:
    raw = {"id": "gsm8k-0", "generator": "g", "problem": "p", "steps": ["a", "b"], "final_answer_correct": False}
    wrong, right = read(tmp_path, {**raw, "label": 1}, {**raw, "label": -1})
    assert (wrong.gold.first_error, right.gold.first_error) == (1, -1)


def test_null_is_a_mistake_somewhere_in_our_form_but_no_mistake_in_big_bench_mistake(tmp_path: Path) -> None:
    ours = {"id": "1", "problem": "p", "steps": ["a"], "label": None}
    theirs = {"input": "p", "steps": ["a"], "answer": "1", "target": "1", "mistake_index": None}
    somewhere, none, zero = read(tmp_path, ours, theirs, {**theirs, "mistake_index": 0})
    assert (somewhere.gold.first_error, none.gold.first_error, zero.gold.first_error) == (None, -1, 0)


def test_prmbench_counts_error_steps_from_1_and_brings_each_original_once(tmp_path: Path) -> None:
    raw = {
        "idx": "prm_test_p1_0", "original_question": "p", "modified_question": "q", "original_process": ["a", "b"],
        "modified_process": ["a", "x", "y"], "modified_steps": [2, 3], "error_steps": [2, 3], "reason": "",
    }  # fmt: skip
    rows = read(tmp_path, {**raw, "classification": "circular"}, {**raw, "classification": "redundency"})
    circular, redundant, original = rows
    assert circular.gold.right == (True, False, False)
    assert (circular.gold.first_error, circular.gold.group, circular.problem.text) == (1, "circular", "q")
    assert (redundant.gold.group, original.gold.group) == ("redundency", "correct")
    assert (texts(original), original.gold.right, original.gold.pair) == (["a", "b"], (True, True), circular.gold.pair)


def test_prmbench_rows_of_our_form_count_error_steps_from_0(tmp_path: Path) -> None:
    meta = {"classification": "circular", "error_steps": [1]}
    (row,) = read(
        tmp_path, {"id": "prmbench-circular-x_1", "problem": "p", "steps": ["a", "b"], "label": 1, "meta": meta}
    )
    assert (row.gold.right, row.gold.pair) == ((True, False), "x_1")


def test_a_label_past_the_end_makes_a_row_unusable_and_says_why(tmp_path: Path) -> None:
    good = {"id": "1", "problem": "p", "steps": ["a"], "label": -1}
    (bad,) = unusable(tmp_path, good, {**good, "label": 3})
    assert "rows.jsonl:2" in bad.why
    assert "step 3 (from 0)" in bad.why


def test_prm800k_makes_a_row_for_each_rated_candidate_on_the_steps_chosen_before(tmp_path: Path) -> None:
    def rated(text: str, rating: int | None) -> dict[str, Any]:
        return {"text": text, "rating": rating, "flagged": False}

    steps = [
        {"completions": [rated("a", 1), rated("a'", -1)], "human_completion": None, "chosen_completion": 0},
        {"completions": [rated("b", -1), rated("?", None)], "human_completion": {"text": "h"}},
        {"completions": [rated("c", 0)], "human_completion": None, "chosen_completion": None},
    ]  # fmt: skip
    rows = read(tmp_path, {"question": {"problem": "p"}, "label": {"steps": steps, "finish_reason": "solution"}})
    got = [(texts(row), row.gold.first_error) for row in rows]
    assert got == [(["a"], -1), (["a'"], 0), (["a", "b"], 1), (["a", "h", "c"], -1)]  # 0 counts as right


def test_mr_ben_names_the_number_in_the_text_not_the_place_in_the_list(tmp_path: Path) -> None:
    raw = {
        "Question_UUID": "u", "Subject": "college_physics", "Question": "q", "Options": "A: 1", "Sampled_Model": "m",
        "Model_Solution_Steps": ["Step 1: a", "", "more of a", "Step 2: b", "", "Step 3: c", "Solution: A"],
        "Model_Solution_Correctness": "incorrect", "Model_Solution_First_Error_Step": "2",
    }  # fmt: skip
    right = {**raw, "Model_Solution_Correctness": "correct", "Model_Solution_First_Error_Step": "N/A"}
    path = tmp_path / "physics.json"
    path.write_text(json.dumps({"u": [raw, right]}, indent=2), encoding="utf-8")  # the authors' layout
    wrong, fine = formats.read(path)[0]
    assert texts(wrong) == ["Step 1: a\nmore of a", "Step 2: b", "Step 3: c\nSolution: A"]
    assert (wrong.gold.first_error, fine.gold.first_error, wrong.problem.text) == (1, -1, "q\nOptions:\nA: 1")


def test_mr_ben_names_the_line_of_a_program(tmp_path: Path) -> None:
    raw = {
        "Subject": "coding", "Question": "q", "Model_Solution_Steps": "def f(x):\n\n    return x + 1\n",
        "Model_Solution_Correctness": "incorrect", "Model_Solution_First_Error_Step": "    return x + 1",
    }  # fmt: skip
    row = read(tmp_path, raw, {**raw, "Subject": "coding"})[0]
    assert row.gold.first_error == 2


def test_mr_gsm8k_counts_steps_from_1(tmp_path: Path) -> None:
    raw = {
        "uuid": "u", "question": "q", "model_output_steps": ["Step 1: a", "Step 2: b"], "question_type": "original",
        "model_output_solution_correctness": "wrong", "model_output_solution_first_error_step": 2,
    }  # fmt: skip
    right = {**raw, "model_output_solution_correctness": "correct", "model_output_solution_first_error_step": "N/A"}
    assert [row.gold.first_error for row in read(tmp_path, raw, right)] == [1, -1]


def test_parc_counts_steps_from_1_and_its_premise_0_is_the_problem(tmp_path: Path) -> None:
    def noted(number: int, *kinds: str) -> dict[str, Any]:
        return {"step_number": number, "has_error": bool(kinds), "errors": [{"error_type": kind} for kind in kinds]}

    marks = [noted(1), noted(2, "Mathematical_Error"), noted(3, "Accumulation_Error")]
    cited = [{"step_number": n, "premises": [[p, "why"] for p in ps]} for n, ps in enumerate(([0], [0], [0, 1], [2]))]
    raw = {
        "question": "q", "steps": ["a", "b", "c"], "premise_annotation": {"steps": cited},
        "error_annotation": {"error_annotations": {"step_level": marks}},
    }  # fmt: skip
    ours = {
        "id": "1", "problem": "q", "steps": ["a", "b", "c"], "label": 1,
        "meta": {
            "error_types": {"1": ["Mathematical_Error"], "2": ["Accumulation_Error"]},
            "premises_1based_0_is_question": {"0": [0], "1": [0], "2": [0, 1], "3": [2]},
        },
    }  # fmt: skip
    for row in read(tmp_path, raw, ours):
        assert (row.gold.first_error, row.gold.right) == (1, (True, False, False))
        assert row.gold.inherited == (False, False, True)
        assert row.gold.premises == ((-1,), (-1, 0), (1,))


def test_mathcheck_names_steps_from_1_and_other_tasks_judge_no_solution(tmp_path: Path) -> None:
    raw = {"question_type": "seed_question", "question": "q", "solution": "Step 1: a\nStep 2: b\nThe answer is 3."}
    rows = read(
        tmp_path,
        {**raw, "task_type": "process_judging", "id": "3", "answer": "Step 2"},
        {**raw, "task_type": "outcome_judging", "id": "1", "answer": "Correct"},
        {**raw, "task_type": "outcome_judging", "id": "2", "answer": "Incorrect"},
        {**raw, "task_type": "solving", "id": "0", "answer": 3.0},
    )
    assert [(row.id, row.gold.first_error) for row in rows] == [("3", 1), ("1", -1), ("2", None)]


def test_verify_cot_knows_that_a_chain_is_invalid_but_not_where(tmp_path: Path) -> None:
    chain = (
        "First, let's write down:\n#1. x.\n#2. y?\n\nNext:\n\n#3. (by #1) Step 1: a.\nb\n\n#4. (by #2 #3) Step 2: c."
    )
    raw = {"question": "q", "answer": chain, "final_answer": "1", "correct": True}
    valid, invalid = read(tmp_path, {**raw, "flag": 1}, {**raw, "flag": 0})
    assert texts(valid) == ["#3. (by #1) Step 1: a.\nb", "#4. (by #2 #3) Step 2: c."]
    assert (valid.gold.first_error, invalid.gold.first_error) == (-1, None)


def test_an_error_label_of_fover_that_is_true_means_right(tmp_path: Path) -> None:
    raw = {"problem": "p", "solution_steps": ["a", "b", "c"], "error_labels": [True, None, False]}
    (row,) = read(tmp_path, raw)
    assert (row.gold.right, row.gold.first_error) == ((True, None, False), 2)


def test_logic_rows_are_right_where_the_conclusion_follows(tmp_path: Path) -> None:
    raw = {"premises": ["a", "b"], "premises_fol": None, "conclusion": "c", "conclusion_fol": None}
    path = tmp_path / "logic.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.write("\n".join(json.dumps({**raw, "label": label}) for label in ("True", "Uncertain", "no", "?")))
    rows, bad = statements.read(path)
    assert [row.gold.first_error for row in rows] == [-1, 0, 0]
    assert len(bad) == 1


def test_a_worked_table_comes_right_and_a_tenth_off(tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    raw = [
        {"id": "1", "question": "q", "answer": -12.14, "program": "(680-774)/774", "meta": {"scale": "percent"}},
        {"id": "2", "question": "q", "answer": 0.5, "program": "x0 = 3 - 1; ans = x0 / 4"},
        {"id": "3", "question": "q", "answer": ["2018"], "program": "918>914"},
        {"id": "4", "question": "q", "answer": 1, "program": "__import__('os')"},
    ]
    path.write_text("\n".join(map(json.dumps, raw)), encoding="utf-8")
    rows, bad = statements.read(path)
    assert [texts(row) for row in rows] == [
        ["(680-774)/774 = -12.14%"],
        ["(680-774)/774 = -10.93%"],
        ["a = 3 - 1", "a / 4 = 0.5"],
        ["a = 3 - 1", "a / 4 = 0.6"],
    ]
    assert [row.gold.first_error for row in rows] == [-1, 0, -1, 1]
    assert len(bad) == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": [1]}', "nonsense", '{"flag": 1}', "[" * 100_000])
def test_what_holds_no_solution_is_refused_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    for read_ in (formats.read, statements.read):
        with pytest.raises(RecordError, match=r"bad\.json"):
            read_(path)


def test_all_real_files_are_read_without_a_row_left_over(data: Path) -> None:
    counted = {
        "processbench_gsm8k.jsonl": 204,
        "prmbench.jsonl.gz": 3205,
        "mrben_coding.jsonl": 110,
        "parc_math.jsonl": 79,
    }
    for name, count in counted.items():
        rows, bad = formats.read(data / name)
        assert (len(rows), bad) == (count, [])
