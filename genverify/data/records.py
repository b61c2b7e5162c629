"""Examples to JSON lines and back; the names of the fields are those of the values."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from genverify.data.values import Dropped, Example
from genverify.errors import RecordError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA: Final = 1
"""Version of the record; it rises when a reader of the old one would misread the new one."""


def line(value: Example | Dropped) -> str:
    """Return a value as one line of JSON, without the line break; fields that are empty are left out."""
    return json.dumps(fields(value), ensure_ascii=False, allow_nan=False)


def fields(value: Example | Dropped) -> object:
    """Return a value as plain JSON values; fields that are empty are left out."""
    return _full({"schema": SCHEMA, **asdict(value)})


def _full(value: object) -> object:
    """Leave out what is empty: the reader puts the default back. None stays where it is an answer (``right``)."""
    if isinstance(value, dict):
        return {k: _full(v) for k, v in value.items() if k == "right" or (v is not None and v not in ("", (), [], {}))}
    return [_full(v) for v in value] if isinstance(value, list | tuple) else value


def example(text: str | bytes) -> Example:
    """Read back what :func:`line` wrote of an example.

    Raises:
        RecordError: it is none, or one of another schema.
    """
    try:
        body = json.loads(text)
    except ValueError as error:
        raise RecordError(f"expected an example, got no JSON: {error}") from error
    return from_fields(body)


def from_fields(body: object) -> Example:
    """Read back what :func:`fields` returned of an example.

    Raises:
        RecordError: it is none, or one of another schema.
    """
    from pydantic import ValidationError

    if not isinstance(body, dict) or body.get("schema") != SCHEMA:
        raise RecordError(f'expected an example with "schema": {SCHEMA}')
    try:
        value: Example = _adapter().validate_python({"steps": (), **body})
    except ValidationError as error:
        first = error.errors()[0]
        raise RecordError(f"expected an example: field {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return value


@cache
def _adapter() -> "TypeAdapter[Example]":
    from pydantic import TypeAdapter

    return TypeAdapter(Example)


def read(path: Path) -> Iterator[Example]:
    """Yield the examples of a file of JSON lines, one at a time.

    Raises:
        RecordError: the file cannot be read, or a line is no example; the message names it.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            for number, text in enumerate(stream, start=1):
                try:
                    yield example(text)
                except RecordError as error:
                    raise RecordError(f"{path}:{number}: {error}") from error
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}") from error
