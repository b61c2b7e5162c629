"""Data files, plain or gzipped, JSON lines or one JSON value, to their raw rows, each with its place."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from genverify.errors import RecordError

RawRow = dict[str, Any]


def raw_rows(path: Path) -> Iterator[tuple[str, RawRow]]:
    """Yield ``(FILE:NUMBER, row)`` for each row of ``path``; numbers count rows from 1.

    Three layouts are read: JSON lines, one JSON list, and MR-Ben's one object of lists by question.

    Raises:
        RecordError: the file cannot be read or holds something else.
    """
    try:
        with _opened(path) as stream:
            text = stream.read()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error
    try:
        for number, row in enumerate(_values(text), start=1):
            if not isinstance(row, dict):
                raise RecordError(f"{path}:{number}: expected a JSON object, got {type(row).__name__}")
            yield f"{path}:{number}", row
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{path}: expected JSON lines, a JSON list or an object of lists: {error}") from error


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _values(text: str) -> Iterator[Any]:
    if text.lstrip()[:1] == "[":
        yield from json.loads(text)
        return
    lines = [line for line in text.split("\n") if line.strip()]  # not at U+2028 and the like, which strings may hold
    try:
        first = json.loads(lines[0]) if lines else {}
    except ValueError:
        first = json.loads(text)  # one object over several lines
        lines = lines[:1]
    if len(lines) == 1 and isinstance(first, dict) and first and all(isinstance(v, list) for v in first.values()):
        for solutions in first.values():
            yield from solutions
        return
    for number, line in enumerate(lines):
        yield json.loads(line) if number else first


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
