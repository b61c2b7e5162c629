"""Rows of an export to files: JSON lines, Parquet, and data sets of Hugging Face's ``datasets``; a row at a time."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from genverify.data.export.base import Export, Means, Row, Shape, Source, schema
from genverify.data.values import Dropped
from genverify.errors import UsageError

if TYPE_CHECKING:
    from datasets import Dataset

GROUP_ROWS: Final = 1000
"""Rows of a Parquet row group: what is held in memory, and what a reader takes at once."""


@dataclass(slots=True)
class Tally:
    """What became of the examples of an export."""

    rows: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """Examples without a row, by reason."""

    def count(self, rows: Iterable[Row | Dropped]) -> Iterator[Row]:
        """Yield the rows and count them and what is left out."""
        for row in rows:
            if isinstance(row, Dropped):
                self.left_out[row.why] += 1
            else:
                self.rows += 1
                yield row


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write, which takes the place of ``path`` once it is whole; until then ``path`` stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_jsonl(rows: Iterable[Row], path: Path) -> None:
    """Write a row a line, in UTF-8.

    Raises:
        OSError: the file cannot be written.
    """
    with replacing(path) as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n")


def write_parquet(rows: Iterable[Row], fields: Mapping[str, Shape], path: Path) -> None:
    """Write a Parquet file, a row group at a time; its types are those of ``fields``, also where every value is null.

    Raises:
        UsageError: pyarrow is not installed.
        OSError: the file cannot be written.
    """
    need("pyarrow")
    import pyarrow
    from pyarrow import parquet

    types = schema(fields)
    with replacing(path) as stream, parquet.ParquetWriter(stream, types) as writer:
        for group in _groups(rows):
            writer.write_table(pyarrow.Table.from_pylist(group, schema=types))


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    for row in rows:
        group.append(row)
        if len(group) == GROUP_ROWS:
            yield group
            group = []
    if group:
        yield group


def parquet_of(lines: Path, fields: Mapping[str, Shape], path: Path) -> None:
    """Turn rows that :func:`write_jsonl` wrote into Parquet.

    Raises:
        UsageError: pyarrow is not installed.
        OSError: a file cannot be read or written.
    """
    write_parquet(read_jsonl(lines), fields, path)


def read_jsonl(path: Path) -> Iterator[Row]:
    """Yield the rows of a file of our own.

    Raises:
        OSError: it cannot be read.
    """
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def dataset(export: Export, source: Source, means: Means, **options: Any) -> "Dataset":  # noqa: ANN401 - passed on
    """Return the rows as a ``datasets.Dataset``, which lies in a file and not in memory.

    Args:
        export: the format.
        source: the examples.
        means: what the format needs beside them.
        options: for ``Dataset.from_generator``; ``cache_dir`` says where the file lies.

    Raises:
        UsageError: datasets is not installed.
    """
    need("datasets")
    from datasets import Dataset, Features

    features = Features.from_arrow_schema(schema(export.fields))
    generator = partial(_rows, export, source, means)
    # without a fingerprint of its own, datasets would try to pickle the tools to make one
    options = {"fingerprint": os.urandom(8).hex(), **options}
    made: Dataset = Dataset.from_generator(generator, features=features, **options)
    return made


def _rows(export: Export, source: Source, means: Means) -> Iterator[Row]:
    return Tally().count(export.rows(source, means))


def need(*names: str) -> None:
    """Make sure that packages are there, before the function that needs them imports them.

    Raises:
        UsageError: one is not installed; the message has the line that installs it.
    """
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise UsageError(f"this needs {' and '.join(missing)}, not installed here: pip install 'genverify[data]'")
