"""Finishing makes a whole data set of blocks, the same bytes each time, and its card tells what is in it."""

import gc
import json
import random
import signal
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import examples
import pytest

from genverify.data import card, records
from genverify.data.decontaminate import IN_BENCHMARK, NEAR_PROBLEM, SAME_PROBLEM, SAME_SOLUTION
from genverify.data.export import EXPORTS
from genverify.data.finish import Finishing, finish
from genverify.data.splits import NAMES, Splits
from genverify.data.statistics import LAST, Statistics, share
from genverify.data.values import Dropped, Example, StepLabel, Tools, opened
from genverify.errors import RecordError, UsageError
from genverify.types import Problem

pytest.importorskip("matplotlib", reason="matplotlib is not installed; pip install 'genverify[data]'")
pytest.importorskip("pyarrow", reason="pyarrow is not installed; pip install 'genverify[data]'")
ROOT = Path(__file__).resolve().parents[1]
SPLITS = Splits(0.5, 0.25, 0.25)
NOT_MADE = Dropped("algebra-9-000999", "no error could be proved", "five tries")


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with opened() as made:
        yield made


def write_blocks(folder: Path, some: list[Example], size: int) -> Path:
    (folder / "blocks").mkdir(parents=True)
    for number, at in enumerate(range(0, len(some), size)):
        lines = "".join(records.line(example) + "\n" for example in some[at : at + size])
        (folder / "blocks" / f"{number:06d}.jsonl").write_text(lines, encoding="utf-8")
    (folder / "blocks" / "000000.dropped.jsonl").write_text(records.line(NOT_MADE) + "\n")
    return folder


def made() -> list[Example]:
    """Return solutions of which one comes twice, one under another name, and one problem is nearly another's."""
    some = examples.copies(24)
    twin = replace(some[3], id="twin", group="twin")
    long = " ".join(f"word{i}" for i in range(60))
    pair = [replace(examples.CODE, id=f"n{i}", group=f"n{i}", problem=Problem(f"{long} {i}")) for i in range(2)]
    return [*some, *examples.ALL[:6], replace(some[0], id="again"), twin, *pair]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tools: Tools) -> Path:
    folder = write_blocks(tmp_path_factory.mktemp("sets") / "shop", made(), 7)
    names = [name for name in EXPORTS if name != "capo"]
    about = {"command": "genverify make-data algebra --n 30", "seed": "7", "tool time": "1.5 s"}
    finish(folder, Finishing(names, parquet=True, splits=SPLITS, about=about), tools)
    return folder


def test_every_record_is_in_one_split_or_among_the_dropped(finished: Path) -> None:
    kept = [example.id for name in NAMES for example in records.read(finished / f"{name}.jsonl")]
    gone = [json.loads(line) for line in (finished / "dropped.jsonl").read_text().splitlines()]
    assert sorted(kept + [d["id"] for d in gone]) == sorted([*(e.id for e in made()), NOT_MADE.id])
    assert {d["id"]: d["why"] for d in gone} == {
        "again": SAME_SOLUTION, "twin": SAME_PROBLEM, "n1": NEAR_PROBLEM, NOT_MADE.id: NOT_MADE.why,
        "algebra-7-000002": NEAR_PROBLEM, "algebra-7-000003": NEAR_PROBLEM, "algebra-7-000006": SAME_PROBLEM,
    }  # fmt: skip


def test_a_problem_is_in_one_split_also_in_the_exports(finished: Path) -> None:
    of_problem: dict[str, set[str]] = {}
    for split in NAMES:
        for line in (finished / "export" / "stepwise" / f"{split}.jsonl").read_text().splitlines():
            of_problem.setdefault(json.loads(line)["prompt"], set()).add(split)
    assert of_problem
    assert all(len(splits) == 1 for splits in of_problem.values())


def test_finishing_again_gives_the_same_bytes_however_the_records_were_cut_into_blocks(
    finished: Path, tools: Tools, tmp_path: Path
) -> None:
    before = contents(finished)
    other = write_blocks(tmp_path / "shop", made(), 40)
    for folder in (finished, other):
        about = {"command": "genverify make-data algebra --n 30", "seed": "7", "tool time": "1.5 s"}
        names = [name for name in EXPORTS if name != "capo"]
        finish(folder, Finishing(names, parquet=True, splits=SPLITS, about=about), tools)
    assert contents(finished) == before
    after = contents(other)
    assert {k: v for k, v in after.items() if not k.startswith(("blocks", "dropped"))} == {
        k: v for k, v in before.items() if not k.startswith(("blocks", "dropped"))
    }


def test_what_an_earlier_run_exported_does_not_outlive_it(tools: Tools, tmp_path: Path) -> None:
    folder = write_blocks(tmp_path / "set", examples.copies(12), 5)
    for number, seconds in enumerate((1.25, 2.25)):
        (folder / "blocks" / f"{number:06d}.json").write_text(json.dumps({"examples": 5, "wall_s": seconds}))
    finish(folder, Finishing(["kto"], splits=SPLITS), tools)
    assert (folder / "export" / "kto" / "train.jsonl").exists()
    (folder / ".finish").mkdir()  # as a killed run leaves it
    (folder / ".finish" / "train.jsonl").write_text("half a li")
    told: list[tuple[str, int]] = []
    finish(folder, Finishing(["stepwise"], splits=Splits(1, 0, 0)), tools, lambda what, done: told.append((what, done)))
    assert "| time to make and label, all blocks added up | 3.5 s |" in (folder / "CARD.md").read_text()
    assert sorted(p.name for p in folder.iterdir()) == [
        "CARD.md", "README.md", "blocks", "dropped.jsonl", "export", "plots", "train.jsonl",
    ]  # fmt: skip
    assert [p.name for p in (folder / "export").iterdir()] == ["stepwise"]
    assert told == [("cleaning", 13), ("stepwise, train", 12)]


def test_a_run_that_fails_leaves_the_finished_set_as_it_was(tools: Tools, tmp_path: Path) -> None:
    folder = write_blocks(tmp_path / "set", examples.copies(4), 5)
    finish(folder, Finishing(["kto"]), tools)
    before = contents(folder)
    (folder / "blocks" / "000001.jsonl").write_text('{"schema": 1, "id": "cut o')
    with pytest.raises(RecordError, match=r"000001\.jsonl:1: expected an example"):
        finish(folder, Finishing(["kto"]), tools)
    after = contents(folder)
    assert after.pop("blocks/000001.jsonl")
    assert after == before


def test_wrong_wishes_are_refused_before_anything_is_made(tools: Tools, tmp_path: Path) -> None:
    folder = write_blocks(tmp_path / "set", examples.copies(2), 5)
    before = contents(folder)
    with pytest.raises(UsageError, match="no export 'parquet'"):
        finish(folder, Finishing(["parquet"]), tools)
    with pytest.raises(UsageError, match="capo needs a tokenizer"):
        finish(folder, Finishing(["capo"]), tools)
    with pytest.raises(RecordError, match=r"expected blocks of records \(000000\.jsonl \.\.\.\), got none"):
        finish(tmp_path / "nothing", Finishing(), tools)
    with pytest.raises(RecordError, match=r"none\.jsonl: cannot be read"):
        finish(folder, Finishing(benchmarks=[tmp_path / "none.jsonl"]), tools)
    assert contents(folder) == before
    assert [p.name for p in tmp_path.iterdir()] == ["set"]


def test_problems_of_a_benchmark_are_dropped_and_the_row_is_named(tools: Tools, tmp_path: Path) -> None:
    folder = write_blocks(tmp_path / "set", examples.copies(8), 5)
    row = {"id": "gsm-3", "problem": examples.copies(8)[4].problem.text, "steps": ["x"], "label": 0}
    (tmp_path / "bench.jsonl").write_text(json.dumps(row) + "\n")
    summary = finish(folder, Finishing(benchmarks=[tmp_path / "bench.jsonl"], near=1.1), tools)
    assert summary.counts.dropped[IN_BENCHMARK] >= 2
    gone = [json.loads(line) for line in (folder / "dropped.jsonl").read_text().splitlines()]
    assert all(d["detail"].startswith("bench.jsonl: gsm-3: ") for d in gone if d["why"] == IN_BENCHMARK)
    assert "| overlaps a benchmark problem |" in (folder / "CARD.md").read_text()


def test_exports_are_balanced_and_merged_where_that_is_wanted_and_the_records_are_not(
    tools: Tools, tmp_path: Path
) -> None:
    folder = write_blocks(tmp_path / "set", examples.copies(80), 50)
    wanted = Finishing(["stepwise"], splits=Splits(1, 0, 0), near=1.1, share_all_right=0.2, merge=1.0)
    finish(folder, wanted, tools)
    rows = [json.loads(line) for line in (folder / "export" / "stepwise" / "train.jsonl").read_text().splitlines()]
    assert Counter(all(row["labels"]) for row in rows) == {True: 10, False: 40}
    assert {len(row["completions"]) for row in rows} == {2}
    assert {len(e.steps) for e in records.read(folder / "train.jsonl")} == {3}


def test_datasets_finds_each_format_by_its_name(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets", reason="datasets is not installed; pip install 'genverify[data]'")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    datasets.disable_progress_bars()
    for name in ("fover", "genprm", "preference-step-dpo"):
        found = datasets.load_dataset(str(finished), name)
        for split, rows in found.items():
            lines = (finished / "export" / name / f"{split}.jsonl").read_text().splitlines()
            assert rows.to_list() == [json.loads(line) for line in lines]


# --- counts ---------------------------------------------------------------------------------------------------------


def counted(some: list[Example]) -> Statistics:
    counts = Statistics()
    for example in some:
        counts.add(example, "train")
    return counts


def test_the_card_counts_what_a_count_by_hand_comes_to() -> None:
    rng = random.Random(3)
    some = []
    for i in range(60):
        steps = tuple(
            examples.step(f"s{j}", StepLabel(rng.choice([True, True, False, None]), rng.choice(["exact", "z3"]), "why"))
            for j in range(rng.randint(1, 30))
        )
        some.append(replace(examples.ALGEBRA, id=f"e{i}", group=f"g{i // 2}", steps=steps))
    counts = counted(some)
    labels = [label for e in some for label in e.labels]
    assert counts.labels == Counter(labels)
    assert len(counts.problems) == 30
    assert counts.last_wrong == sum(e.labels[-1] is False for e in some)
    assert counts.first_errors[-1] == sum(all(e.labels) for e in some)
    assert counts.wrong_solutions == sum(
        e.first_error is not None and None not in e.labels[: e.first_error] for e in some
    )
    assert sum(n for (place, _), n in counts.by_place.items() if place == LAST) == sum(
        max(0, len(e.steps) - LAST) for e in some
    )
    page = card.text("x", counts, {}, {}, [])
    known, wrong = labels.count(True) + labels.count(False), labels.count(False)
    assert f"| step error rate, of steps with a label | {100 * wrong / known:.1f} % ({wrong} of {known}) |" in page
    assert f"| exact: why | {sum(s.label == StepLabel(None, 'exact', 'why') for e in some for s in e.steps)} |" in page


def test_a_share_of_nothing_is_no_number() -> None:
    assert share(0, 0) == "–"
    assert share(1, 8) == "12.5 % (1 of 8)"


def test_an_empty_set_has_a_card_and_plots_too(tmp_path: Path) -> None:
    assert "| solutions | 0 |" in card.text("x", Statistics(), {}, {}, [])
    paths = card.draw(Statistics(), tmp_path)
    assert [path.name for path in paths] == ["labels.png", "lengths.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


def test_text_in_a_table_stays_in_its_cell(finished: Path) -> None:
    counts = counted(list(examples.ALL))
    counts.dropped["a | b\nc"] = 1
    assert "| a \\| b c | 1 |" in card.text("x", counts, {}, {}, [])
    page = (finished / "CARD.md").read_text()
    for plot in ("labels", "errors", "lengths"):
        assert f"![{plot}](plots/{plot}.png)" in page
        assert (finished / "plots" / f"{plot}.png").exists()
    assert "| tool time | 1.5 s |" in page


@pytest.mark.slow
def test_memory_grows_by_hashes_and_not_by_records(tools: Tools, tmp_path: Path) -> None:
    peaks: dict[int, list[int]] = {80: [], 320: []}
    for turn in range(2):  # whatever else allocates at the same time does not do so twice
        for count, found in peaks.items():
            folder = write_blocks(tmp_path / f"{turn}-{count}", examples.copies(count), 40)
            gc.collect()
            tracemalloc.start()
            try:
                finish(folder, Finishing(["stepwise"], near=1.1), tools)
                found.append(tracemalloc.get_traced_memory()[1])
            finally:
                tracemalloc.stop()
    each = (min(peaks[320]) - min(peaks[80])) / 240
    assert each < 1500, f"{each:.0f} bytes a record"  # one takes some 900 in its file, and several times that when read


KILLED = """
import os, signal, sys
from pathlib import Path
from genverify.data.finish import Finishing, finish
from genverify.data.values import Tools

def told(what, done):
    if what.startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

finish(Path(sys.argv[1]), Finishing(["fover", "kto"], parquet=True), Tools(), told)
"""


@pytest.mark.parametrize("stage", ["cleaning", "fover", "kto"])
def test_a_killed_run_is_made_up_for_by_the_next(stage: str, tools: Tools, tmp_path: Path) -> None:
    whole = write_blocks(tmp_path / "whole" / "set", examples.copies(20), 6)
    broken = write_blocks(tmp_path / "broken" / "set", examples.copies(20), 6)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(broken), stage], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (broken / "CARD.md").exists()
    for folder in (whole, broken):
        finish(folder, Finishing(["fover", "kto"], parquet=True), tools)
    assert contents(broken) == contents(whole)
