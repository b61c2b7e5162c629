"""The benchmark commands as a person types them: figures, files, plots, and words for what went wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from genverify import cli
from genverify.bench import plots, results
from genverify.errors import UsageError

WRONG: dict[str, Any] = {"id": "w", "problem": "17 * 24?", "steps": ["17 * 24 = 418"], "label": 0}
RIGHT: dict[str, Any] = {"id": "r", "problem": "p", "steps": ["17 * 24 = 408"], "label": -1}
MISSED: dict[str, Any] = {"id": "m", "problem": "p", "steps": ["This step is wrong for deeper reasons."], "label": 0}
POOL: dict[str, Any] = {
    "id": "q", "problem": "2 * 3?", "answer": "6",
    "solutions": [{"text": "2 * 3 = 7\nA: 7", "correct": False}, {"text": "2 * 3 = 6\nA: 6", "correct": True}],
}  # fmt: skip


def file(path: Path, *rows: Any) -> str:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return str(path)


def test_a_benchmark_prints_every_figure_with_its_denominator(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, misses = file(tmp_path / "labelled.jsonl", WRONG, RIGHT, MISSED), tmp_path / "misses.jsonl"
    assert cli.main(["bench", "processbench", path, "--misses", str(misses)]) == cli.EXIT_CLEAN
    out = capsys.readouterr().out
    for words in ("labelled: 3 solutions, 0 failed", "50.0 %          1 of 2", "100.0 %          1 of 1", "66.7"):
        assert words in out
    assert [json.loads(line)["id"] for line in misses.read_text(encoding="utf-8").splitlines()] == ["m"]
    assert cli.main(["bench", "processbench", path, "--json"]) == cli.EXIT_CLEAN
    found = json.loads(capsys.readouterr().out)["sets"]["labelled"]["figures"]["found"]
    assert (found["hits"], found["total"], found["value"]) == (1, 2, 0.5)


def test_predictions_that_are_kept_are_scored_again_and_not_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = file(tmp_path / "labelled.jsonl", WRONG, RIGHT), tmp_path / "out"
    assert cli.main(["bench", "steps", path, "--out", str(out)]) == cli.EXIT_CLEAN
    kept = (out / "predictions" / "labelled.jsonl").read_bytes()
    first = capsys.readouterr().out
    assert cli.main(["bench", "steps", path, "--out", str(out)]) == cli.EXIT_CLEAN
    assert (capsys.readouterr().out, (out / "predictions" / "labelled.jsonl").read_bytes()) == (first, kept)
    assert results.load(out / "steps.json")["sets"]["labelled"]["rows"] == 2


def test_all_runs_what_is_there_and_show_draws_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    (data / "deeper").mkdir(parents=True)
    file(data / "processbench_x.jsonl", WRONG, RIGHT)
    file(data / "deeper" / "pool_x.jsonl", POOL, {**POOL, "id": "q2"})
    file(data / "logic_x.jsonl", {"premises": ["Every cat is a pet.", "Tom is a cat."], "conclusion": "Tom is a pet.",
                                  "label": "True"})  # fmt: skip
    assert cli.main(["bench", "all", str(data), "--out", str(out)]) == cli.EXIT_CLEAN
    table, told = capsys.readouterr()
    assert "| processbench_x | 2 | F1 | 100.0" in table
    assert "| pool_x | 2 | 2 | 50.0" in table
    assert "| logic_x | 1 |" in table
    assert "prmbench: no files" in told
    assert (out / "table.md").read_text(encoding="utf-8").strip() == table.strip()
    assert cli.main(["bench", "show", str(out)]) == cli.EXIT_CLEAN
    assert table.strip() in capsys.readouterr().out
    drawn = {path.name: path for path in out.glob("*.png")}
    of_sets = {"reliability_processbench.png", "positions_processbench.png", "reliability_logic.png"}
    assert set(drawn) == {"against_n_pool_x.png", *of_sets}
    assert all(path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 5000 for path in drawn.values())


def test_planted_errors_and_ablations_need_no_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert cli.main(["bench", "planted", "--size", "40", "--seed", "3", "--out", str(out)]) == cli.EXIT_CLEAN
    assert "arithmetic: slip" in capsys.readouterr().out
    (made,) = out.glob("planted-*.jsonl")
    assert cli.main(["bench", "ablate", str(made), "--out", str(out)]) == cli.EXIT_CLEAN
    assert "+ linking" in capsys.readouterr().out
    assert cli.main(["bench", "show", str(out), "--no-plots"]) == cli.EXIT_CLEAN
    shown = capsys.readouterr().out
    assert "+ linking" in shown
    assert "| planted-40-seed3 | 40 | F1 |" in shown


def test_the_list_names_every_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "list"]) == cli.EXIT_CLEAN
    assert "mathcheck" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["processbench", "{x}"], "x.jsonl"),
        (["processbench", "{none}"], "none.jsonl"),
        (["all", "{none}", "--out", "{out}"], "there is none"),
        (["all", "{empty}", "--out", "{out}"], "bench list"),
        (["all", "{empty}", "--out", "{empty}/out"], "outside"),
        (["show", "{none}"], "holds no result"),
        (["steps", "{good}", "--samples", "2"], "need --model"),
        (["steps", "{good}", "--tune-on", "other"], "'other'"),
        (["steps", "{good}", "--misses", "{empty}/none/x"], "--misses"),
        (["nonsense"], "No such command"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_in_words(
    args: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    names = {
        "x": file(tmp_path / "x.jsonl", "nonsense"), "none": str(tmp_path / "none.jsonl"), "out": str(tmp_path / "out"),
        "empty": str(tmp_path / "empty"), "good": file(tmp_path / "good.jsonl", WRONG),
    }  # fmt: skip
    assert cli.main(["bench", *(arg.format(**names) for arg in args)]) == cli.EXIT_USAGE
    assert words in capsys.readouterr().err


def test_without_matplotlib_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match=r"pip install 'genverify\[plots\]'"):
        list(plots.draw([], tmp_path))
