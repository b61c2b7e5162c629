"""``genverify make-data`` as a newcomer types it, wrong input included."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from genverify import cli, cli_data
from genverify.data import Kind, records
from genverify.data.export import EXPORTS

SPLITS = ("train", "validation", "test")


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = cli.main(["make-data", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out, said.err


def files(folder: Path) -> dict[str, bytes]:
    """Return every file with records, by its path in the folder."""
    paths = (path for path in folder.rglob("*.jsonl") if "blocks" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_command_line_names_every_kind_and_export() -> None:
    assert tuple(Kind) == cli_data.KINDS
    assert set(cli_data.EXPORTS) == set(EXPORTS)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_makes_right_and_wrong_solutions(
    kind: Kind, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    code, out, err = run(capsys, kind, "--n", 24, "--seed", 4, "--out", folder, "--split", 1, 0, 0, "--export", "fover")
    assert (code, err) == (0, "")
    examples = list(records.read(folder / "train.jsonl"))
    assert f"{len(examples)} records of " in out
    assert {example.maker for example in examples} == {"gold", "sneaky"}
    gold = [example for example in examples if example.maker == "gold"]
    assert all(right is True for example in gold for right in example.labels)
    wrong = [example for example in examples if example.maker == "sneaky"]
    assert all(any(step.error and step.label.right is not True for step in example.steps) for example in wrong)
    assert all(
        len(row["solution_steps"]) == len(row["error_labels"]) for row in rows(folder / "export/fover/train.jsonl")
    )
    assert "planted error" in (folder / "CARD.md").read_text(encoding="utf-8")


def test_the_same_seed_makes_the_same_files_and_another_seed_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        words = ("algebra", "--n", 30, "--seed", seed, "--out", tmp_path / name, "--export", "critic")
        assert run(capsys, *words)[0] == 0
    first, second, other = (files(tmp_path / name) for name in "abc")
    assert first == second
    assert first["train.jsonl"] != other["train.jsonl"]


def test_a_killed_run_goes_on_and_comes_to_the_same_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["algebra", "--n", "1200", "--seed", "1", "--workers", "1", "--out"]
    assert run(capsys, *words, tmp_path / "whole")[0] == 0
    killed = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-m", "genverify", "make-data", *words, killed])
    while not list(killed.glob("blocks/*.jsonl")):
        assert process.poll() is None, "it ended before its first block"
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert run(capsys, *words, killed)[0] == 0
    for name in SPLITS:
        assert (killed / f"{name}.jsonl").read_bytes() == (tmp_path / "whole" / f"{name}.jsonl").read_bytes()


def test_a_problem_is_in_one_split_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "algebra", "--n", 120, "--out", tmp_path, "--split", 0.5, 0.3, 0.2)[0] == 0
    groups = [{example.group for example in records.read(tmp_path / f"{name}.jsonl")} for name in SPLITS]
    assert all(groups)
    assert len(set.union(*groups)) == sum(map(len, groups))


def test_solutions_of_a_file_are_labelled_and_bad_ones_dropped_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {"id": "a", "problem": "What is 17 * 24?", "answer": "408", "steps": ["17 * 24 = 418", "The answer is 418."]}
    bad = {"id": "b", "problem": "What is 17 * 24?"}
    file = tmp_path / "solutions.jsonl"
    file.write_text(json.dumps(good) + "\n" + json.dumps(bad) + "\nno JSON\n", encoding="utf-8")
    code, out, _ = run(capsys, "algebra", "--solutions", file, "--out", tmp_path / "data", "--split", 1, 0, 0)
    assert code == 0
    (example,) = records.read(tmp_path / "data" / "train.jsonl")
    assert (example.id, example.maker, example.labels[0]) == ("a", "file", False)
    assert "dropped: 2 not read" in out
    assert {row["id"] for row in rows(tmp_path / "data" / "dropped.jsonl")} == {"line 2", "line 3"}


PROOF = "fact1 & fact2 -> int1: {B}; int1 -> hypothesis; __PROVED__"
FLD = {
    "id": "p", "hypothesis_formula": "{C}", "facts_formula": "fact1: {A}\nfact2: {A} -> {B}\nfact3: {B} -> {C}",
    "proof_label": "PROVED",
}  # fmt: skip


@pytest.mark.parametrize(("compat", "second"), [((), None), (("--compat", "fover"), True)])
def test_proofs_of_a_file_are_labelled_as_fover_does_only_if_asked(
    compat: tuple[str, ...], second: bool | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = "$proof$:\nfact1 & fact2 -> int1: {B};\nhypothesis -> hypothesis;\n\n$proof_label$: PROVED"
    file = tmp_path / "proofs.jsonl"
    file.write_text(json.dumps({**FLD, "solution": proof}) + "\n", encoding="utf-8")
    words = ("logic", "--solutions", file, "--out", tmp_path / "data", "--split", 1, 0, 0, *compat)
    assert run(capsys, *words)[0] == 0
    (example,) = records.read(tmp_path / "data" / "train.jsonl")
    assert example.labels == (True, second, True)  # a step that cites what is to be proved proves nothing


def test_a_language_models_solutions_are_labelled_and_asked_for_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [{"text": "2 + 2 = 5, so the answer is \\boxed{5}."}, {"text": "It is\n\n\\boxed{7}"}]
    script = tmp_path / "script.json"
    script.write_text(json.dumps(answers), encoding="utf-8")
    folder = tmp_path / "data"
    words = ("algebra", "--n", 2, "--policy", f"scripted:{script}", "--out", folder, "--split", 1, 0, 0)
    assert run(capsys, *words)[0] == 0
    examples = list(records.read(folder / "train.jsonl"))
    assert [example.maker for example in examples] == [f"engine:scripted:{script}"] * 2
    assert examples[0].first_error == 0
    asked = (folder / "solutions.jsonl").read_bytes()
    script.write_text("[]", encoding="utf-8")  # nobody is asked again
    assert run(capsys, *words)[0] == 0
    assert (folder / "solutions.jsonl").read_bytes() == asked


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("logic", "--out", "d"), "--n is missing"),
        (("poetry", "--n", "1", "--out", "d"), "'poetry' is not one of"),
        (("logic", "--n", "0", "--out", "d"), "0 is not in the range"),
        (("logic", "--n", "1", "--out", "d", "--compat", "fover"), "needs --solutions or --policy"),
        (("logic", "--n", "1", "--out", "d", "--export", "nothing"), "'nothing' is not one of"),
        (("logic", "--n", "1", "--out", "d", "--export", "capo"), "needs --tokenizer"),
        (("logic", "--n", "1", "--out", "d", "--split", "1", "1", "1"), "1 together"),
        (("logic", "--n", "1", "--out", "d", "--ray", "nowhere"), "expected HOST:PORT"),
        (("logic", "--n", "1", "--out", "d", "--policy", "nobody"), "no engine is called 'nobody'"),
        (("logic", "--n", "1", "--out", "d", "--decontaminate", "gone.json"), "does not exist"),
    ],
)
def test_wrong_usage_is_said_in_one_line(
    words: tuple[str, ...],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, *words)
    assert code == 2
    assert said in err
    assert "Traceback" not in err


def test_another_job_in_the_same_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "algebra", "--n", 4, "--out", tmp_path)[0] == 0
    code, _, err = run(capsys, "algebra", "--n", 4, "--seed", 1, "--out", tmp_path)
    assert code == 2
    assert "holds data of another job (seed 0 there and 1 now); name another folder" in err
