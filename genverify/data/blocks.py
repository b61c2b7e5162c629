"""A folder of blocks of records that survives being killed: a block is there whole, or it is made again.

A block is three files under ``blocks/``: ``000007.dropped.jsonl``, ``000007.json`` (what it took) and, last, its
records in ``000007.jsonl``. Each is written under another name, forced to the disk and renamed, so the last one's name
says that the block is done. ``job.json`` says what is being made; a folder never mixes two jobs.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from genverify import journal
from genverify.data.making import Block
from genverify.errors import UsageError

FOLDER: Final = "blocks"
JOB: Final = "job.json"


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a job, as they lie in its folder."""

    folder: Path

    def path(self, number: int) -> Path:
        """Return where the records of a block lie, or will."""
        return self.folder / FOLDER / f"{number:06d}.jsonl"

    def done(self, number: int) -> bool:
        """Tell whether a block is there."""
        return self.path(number).exists()

    def put(self, block: Block) -> None:
        """Write a block; once this returns it survives the end of the process."""
        records = self.path(block.number)
        took = {"examples": len(block.examples), "dropped": len(block.dropped), "wall_s": round(block.wall_s, 3)}
        write(records.with_suffix(".dropped.jsonl"), "".join(line + "\n" for line in block.dropped))
        write(records.with_suffix(".json"), json.dumps(took))
        write(records, "".join(line + "\n" for line in block.examples))

    def count(self, numbers: range) -> tuple[int, int]:
        """Return how many records the blocks ``numbers`` that are there hold, and how many were dropped."""
        took = [json.loads(self.path(n).with_suffix(".json").read_bytes()) for n in numbers if self.done(n)]
        return sum(t["examples"] for t in took), sum(t["dropped"] for t in took)


def write(path: Path, text: str) -> None:
    """Write a file so that under its name there is all of it or nothing.

    Raises:
        UsageError: it cannot be written.
    """
    there = path.with_name(path.name + ".part")
    try:
        with there.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        there.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


@contextmanager
def opened(folder: Path, job: Mapping[str, Any]) -> Iterator[Blocks]:
    """Open ``folder`` for the blocks of ``job``; it is made if it is not there.

    Args:
        folder: the folder of one data set.
        job: what is made there, as plain JSON values.

    Raises:
        UsageError: it cannot be written, another process is at work there, or it holds another job's blocks.
    """
    try:
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}") from error
    with journal.locked(folder / JOB, str(folder)) as stream:
        _agree(stream, folder, job)
        for part in (folder / FOLDER).glob("*.part"):  # what a kill left of a file that was being written
            part.unlink()
        yield Blocks(folder)


def _agree(stream: BinaryIO, folder: Path, job: Mapping[str, Any]) -> None:
    """Make sure that the folder is this job's, or write down that it is."""
    held = [json.loads(line) for line in journal.lines(stream)]
    if not held:
        if any((folder / FOLDER).glob("*.jsonl")):
            raise UsageError(f"{folder}: holds blocks of which {JOB} does not say what they are; name another folder")
        journal.append(stream, json.dumps(job, ensure_ascii=False))
        return
    differs = sorted(name for name in {*held[0], *job} if held[0].get(name) != job.get(name))
    if differs:
        told = ", ".join(f"{name} {held[0].get(name)!r} there and {job.get(name)!r} now" for name in differs[:3])
        raise UsageError(f"{folder}: holds data of another job ({told}); name another folder")
