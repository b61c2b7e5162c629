"""Blocks of records to a finished data set: cleaned, split, exported, described.

What lies in ``FOLDER/blocks`` decides everything: finishing again gives the same bytes. All is written to
``FOLDER/.finish`` first and then moved into place, the card last: where ``CARD.md`` stands, the rest is whole.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from genverify.data import card, records, sampling
from genverify.data.decontaminate import Benchmarks, Duplicates
from genverify.data.export import chat, named, tokens
from genverify.data.export.base import Means, Source
from genverify.data.export.files import Tally, need, parquet_of, write_jsonl
from genverify.data.sampling import Compat
from genverify.data.splits import Splits
from genverify.data.statistics import Statistics
from genverify.data.values import Dropped, Example, Tools
from genverify.errors import RecordError
from genverify.types import LabelConvention

BLOCKS: Final = "blocks"
DROPPED: Final = "dropped.jsonl"
CARD: Final = "CARD.md"
_BLOCK: Final = re.compile(r"\d{6,}\.jsonl")
_STAGE: Final = ".finish"
_EVERY: Final = 100
T = TypeVar("T")

Progress = Callable[[str, int], None]
"""Told what is being done and how many records of it are done."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a finished data set holds."""

    counts: Statistics
    exported: Mapping[str, Mapping[str, Tally]]
    """By format and split, the rows and what was left out; a split without rows has no file."""


@dataclass(frozen=True, slots=True)
class Finishing:
    """What is wanted of a finished data set."""

    exports: Sequence[str] = ()
    """Names of formats (``genverify.data.export.EXPORTS``)."""
    parquet: bool = False
    """Write Parquet beside the JSON lines of each export."""
    splits: Splits = field(default_factory=Splits)
    benchmarks: Sequence[Path] = ()
    """Files whose problems must not be trained on."""
    near: float = 0.8
    """Jaccard index of word 5-grams from which a problem counts as one seen before; above 1 for exact copies only."""
    mask_numbers: bool = False
    """Compare problems as if all numbers were the same."""
    merge: float = 0.0
    """Probability in [0, 1] with which exports merge a step with the next; FoVer takes 0.2."""
    share_all_right: float | None = None
    """Share of the exported solutions without a wrong step, with as many of each answer in logic; None takes all."""
    compat: Compat = ""
    """``fover`` merges and balances with FoVer's defects."""
    seed: int = 0
    """Of what exports draw."""
    convention: LabelConvention = LabelConvention.LOCAL
    """What the labels of ``stepwise`` mean."""
    tokenizer: Any = None
    """For token rewards: a tokenizer, or the folder or file of one."""
    about: Mapping[str, str] = field(default_factory=dict)
    """How the data was made, for the card: command, seed, versions, tool time. No time of day: it would change."""


def finish(folder: Path, wanted: Finishing, tools: Tools, progress: Progress | None = None) -> Summary:
    """Make a data set of the blocks in ``folder``.

    Args:
        folder: holds ``blocks/NNNNNN.jsonl`` and ``blocks/NNNNNN.dropped.jsonl``.
        wanted: what to make.
        tools: run the programs of critiques and compare answers.
        progress: is told how far it is.

    Raises:
        RecordError: there are no blocks, or a line of one, or a benchmark, cannot be read.
        ToolError: a tool could not be started.
        UsageError: there is no such export, or a package is not installed.
        OSError: a file cannot be written.
    """
    for name in wanted.exports:
        named(name)  # refuses a wrong one before anything is made
    need("matplotlib", "numpy", *(["pyarrow"] if wanted.parquet else []))
    means = Means(tools, wanted.seed, _tokenizer(wanted), wanted.convention, wanted.compat)
    blocks = _blocks(folder)
    stage = folder / _STAGE
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir()
    tell = progress or _silent
    try:
        counts = _clean(blocks, stage, wanted, tell)
        exported = {name: _export(name, stage, wanted, counts, means, tell) for name in wanted.exports}
        _describe(folder, stage, Summary(counts, exported), {**wanted.about, **_took(blocks)})
        _move(stage, folder)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return Summary(counts, exported)


def _export(
    name: str, stage: Path, wanted: Finishing, counts: Statistics, means: Means, progress: Progress
) -> dict[str, Tally]:
    """Write an export of each split; one without rows has no file, which some readers would take for broken."""
    export, tallies = named(name), dict[str, Tally]()
    for split in wanted.splits.used:
        tally = tallies[split] = Tally()
        path = stage / "export" / name / f"{split}.jsonl"
        rows = export.rows(_source(stage / f"{split}.jsonl", wanted, counts), means)
        write_jsonl(_told(tally.count(rows), f"{name}, {split}", progress), path)
        if not tally.rows:
            path.unlink()
        elif wanted.parquet:
            parquet_of(path, export.fields, path.with_suffix(".parquet"))
    return tallies


def _silent(what: str, done: int) -> None:
    """Tell nobody."""


def _tokenizer(wanted: Finishing) -> Any:  # noqa: ANN401 - of two libraries
    return tokens.tokenizer(wanted.tokenizer) if "capo" in wanted.exports else None


def _told(items: Iterable[T], what: str, progress: Progress) -> Iterator[T]:
    done = 0
    for done, item in enumerate(items, start=1):
        if done % _EVERY == 0:
            progress(what, done)
        yield item
    progress(what, done)


def _source(path: Path, wanted: Finishing, counts: Statistics) -> Source:
    """Return what reads the examples of a split as they are exported: balanced and merged where that is wanted."""
    read = partial(records.read, path)
    merged = partial(sampling.merged, seed=wanted.seed, p=wanted.merge, compat=wanted.compat)
    if wanted.share_all_right is None:
        return lambda: map(merged, read())
    share, answers = wanted.share_all_right, tuple(sorted(counts.answers)) or ("",)
    balanced = partial(sampling.instance_balanced, read, seed=wanted.seed, share_all_right=share, labels=answers)
    return lambda: map(merged, balanced())


# --- cleaning and splitting -----------------------------------------------------------------------------------------


def _clean(blocks: Sequence[Path], stage: Path, wanted: Finishing, progress: Progress) -> Statistics:
    """Write what is kept to the files of the splits, and what is not to one of its own; count both."""
    benchmarks = Benchmarks(wanted.benchmarks, mask_numbers=wanted.mask_numbers)
    seen = Duplicates(wanted.near, mask_numbers=wanted.mask_numbers)
    counts = Statistics()
    with ExitStack() as stack:
        used = tuple(wanted.splits.used)
        for split in used:
            counts.examples[split] = 0
        files = {n: stack.enter_context((stage / f"{n}.jsonl").open("w", encoding="utf-8")) for n in used}
        gone = stack.enter_context((stage / DROPPED).open("w", encoding="utf-8"))
        for value in _told(_values(blocks), "cleaning", progress):
            if isinstance(value, Example):
                value = benchmarks.of(value) or seen.of(value) or value
            if isinstance(value, Dropped):
                counts.drop(value)
                gone.write(records.line(value) + "\n")
            else:
                split = wanted.splits.of(value)
                counts.add(value, split)
                files[split].write(records.line(value) + "\n")
    return counts


def _blocks(folder: Path) -> list[Path]:
    """Return the blocks in order.

    Raises:
        RecordError: there are none.
    """
    blocks = [path for path in (folder / BLOCKS).glob("*.jsonl") if _BLOCK.fullmatch(path.name)]
    if not blocks:
        raise RecordError(f"{folder / BLOCKS}: expected blocks of records (000000.jsonl ...), got none")
    return sorted(blocks, key=lambda path: int(path.stem))


def _took(blocks: Sequence[Path]) -> dict[str, str]:
    """Return how long it took to make the blocks, as far as they say so; most of it is the tools' time."""
    told = [path.with_suffix(".json") for path in blocks]
    seconds = [float(json.loads(path.read_bytes())["wall_s"]) for path in told if path.exists()]
    if not seconds:
        return {}
    return {"time to make and label, all blocks added up": f"{sum(seconds):.1f} s"}


def _values(blocks: Sequence[Path]) -> Iterator[Example | Dropped]:
    """Yield what the blocks hold, in order: of each block the examples and then what was dropped.

    Raises:
        RecordError: a line is no record.
    """
    for path in blocks:
        yield from records.read(path)
        dropped = path.with_suffix(".dropped.jsonl")
        if dropped.exists():
            yield from _dropped(dropped)


def _dropped(path: Path) -> Iterator[Dropped]:
    with path.open(encoding="utf-8") as stream:
        for number, text in enumerate(stream, start=1):
            try:
                body = json.loads(text)
                yield Dropped(str(body["id"]), str(body["why"]), str(body.get("detail", "")))
            except (ValueError, TypeError, KeyError) as error:
                raise RecordError(f"{path}:{number}: expected a dropped record with id and why: {error}") from error


# --- what goes with it ----------------------------------------------------------------------------------------------


def _describe(folder: Path, stage: Path, summary: Summary, about: Mapping[str, str]) -> None:
    if "sharegpt" in summary.exported:
        files = {split: f"{split}.jsonl" for split, tally in summary.exported["sharegpt"].items() if tally.rows}
        info = json.dumps(chat.dataset_info(files), indent=2)
        (stage / "export" / "sharegpt" / "dataset_info.json").write_text(info + "\n", encoding="utf-8")
    plots = [f"plots/{path.name}" for path in card.draw(summary.counts, stage / "plots")]
    page = card.text(folder.resolve().name, summary.counts, summary.exported, about, plots)
    (stage / CARD).write_text(page, encoding="utf-8")
    (stage / "README.md").write_text(_configurations(summary), encoding="utf-8")


def _configurations(summary: Summary) -> str:
    """Return what lets ``datasets.load_dataset(FOLDER, FORMAT)`` find the files of a format."""
    some = any(tally.rows for splits in summary.exported.values() for tally in splits.values())
    lines = ["---", "configs:" if some else "configs: []"]
    for name, splits in summary.exported.items():
        filled = [split for split, tally in splits.items() if tally.rows]
        lines += [f"- config_name: {name}", "  data_files:"] if filled else []
        for split in filled:
            lines += [f"  - split: {split}", f"    path: export/{name}/{split}.jsonl"]
    return "\n".join([*lines, "---", "", f"What this is and how it was made: [{CARD}]({CARD}).", ""])


def _move(stage: Path, folder: Path) -> None:
    """Put everything in its place, the card last; what an earlier run has made is replaced."""
    (folder / CARD).unlink(missing_ok=True)
    shutil.rmtree(folder / "export", ignore_errors=True)
    for name in ("train", "validation", "test"):
        (folder / f"{name}.jsonl").unlink(missing_ok=True)
    for path in sorted(stage.iterdir(), key=lambda path: (path.name == CARD, path.name)):
        target = folder / path.name
        if target.is_dir():
            shutil.rmtree(target)
        path.replace(target)
