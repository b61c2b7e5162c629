"""JSON lines to problems and solutions, and reports to JSON lines and back; wire names live only here.

An input record is ``{"id", "problem", "steps"}`` or ``{"id", "problem", "solution"}``; other fields are kept and
written back with the report. A bad line never stops the others: it becomes a ``BadLine`` that names its place.
"""

import gzip
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar, cast

from genverify.errors import RecordError
from genverify.types import Check, Problem, Report, Solution, Table

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")
SCHEMA: Final = 1
"""Version of the report format; it rises when a reader of the old format would misread the new one."""
MAX_LINE_BYTES: Final = 8 * 2**20
"""Longest line read (8 MiB, over 400 times the longest real record seen); a longer one is skipped unread."""
MAX_STEPS: Final = 2000
"""Most steps of one solution: 20 times the longest real one seen, and still checked within minutes."""
MAX_CELLS: Final = 20_000
"""Most cells of a problem's table, the header's included: 20 times the largest real one seen."""
MAX_CELL_CHARS: Final = 2000
"""Longest cell of a table; the longest real one seen has 145 characters."""
_INPUT_FIELDS: Final = frozenset({"id", "problem", "steps", "solution", "premises", "premises_fol", "answer", "table"})


@dataclass(frozen=True, slots=True)
class Item:
    """One good input record."""

    problem: Problem
    solution: Solution
    id: str | int | None
    """The record's own id as it was written; None if it has none."""
    line: int
    """Line in the file, counted from 1 as editors do."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """All fields that are not ours, as they came."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """One input line that is no record."""

    line: int
    """Line in the file, counted from 1 as editors do."""
    message: str
    """``FILE:LINE: what was expected, what came``; one line."""


def read_items(source: str | Path) -> Iterator[Item | BadLine]:
    """Read the records of a file; ``-`` is standard input and ``.gz`` is unpacked.

    Raises:
        RecordError: the file cannot be opened or holds nothing.
    """
    return read_rows(source, _item)


def read_rows(source: str | Path, read: Callable[[dict[str, Any], int], T]) -> Iterator[T | BadLine]:
    """Read the JSON objects of a file, one a line; ``-`` is standard input and ``.gz`` is unpacked.

    Args:
        source: the file.
        read: makes a value of an object and its line, counted from 1; a RecordError becomes a ``BadLine``.

    Raises:
        RecordError: the file cannot be opened or holds nothing.
    """
    name = "<stdin>" if str(source) == "-" else str(source)
    any_line = False
    with _opened(source) as stream:
        for number, raw in enumerate(_lines(stream, name), start=1):
            any_line = any_line or raw is None or bool(raw.strip())
            if raw is None:
                yield BadLine(
                    number, f"{name}:{number}: the line is longer than {MAX_LINE_BYTES} bytes; it was skipped"
                )
            elif raw.strip():
                yield _read_row(raw, name, number, read)
    if not any_line:
        raise RecordError(f"{name}: the file is empty; expected one JSON record a line")


@contextmanager
def _opened(source: str | Path) -> Iterator[IO[bytes]]:
    if str(source) == "-":
        yield sys.stdin.buffer
        return
    try:
        with ExitStack() as stack:
            stream: IO[bytes] = stack.enter_context(open(source, "rb"))
            packed = str(source).endswith(".gz")
            yield cast(IO[bytes], stack.enter_context(gzip.open(stream))) if packed else stream
    except OSError as error:
        raise RecordError(f"{source}: cannot be read: {error.strerror or error}") from error


def _lines(stream: IO[bytes], name: str) -> Iterator[bytes | None]:
    """Return the lines of ``stream``; None for one that is too long, which is read over in pieces."""
    try:
        while line := stream.readline(MAX_LINE_BYTES + 1):
            if len(line) <= MAX_LINE_BYTES or line.endswith(b"\n"):
                yield line
                continue
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE_BYTES)
            yield None
    except (OSError, EOFError) as error:
        raise RecordError(f"{name}: reading stopped: {error}") from error


def read_item(raw: bytes, name: str, line: int) -> Item | BadLine:
    """Read one line of the file ``name``; ``line`` counts from 1."""
    return _read_row(raw, name, line, _item)


def _read_row(raw: bytes, name: str, line: int, read: Callable[[dict[str, Any], int], T]) -> T | BadLine:
    try:
        return read(_object(raw), line)
    except RecordError as error:
        return BadLine(line, f"{name}:{line}: {error}")


def _object(raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordError(f"expected UTF-8 text, got byte 0x{raw[error.start]:02x} at {error.start}") from error
    if "\0" in text:
        raise RecordError(f"expected text, got a NUL character at {text.index(chr(0))}")
    try:
        value = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise RecordError(
            f"expected JSON, got {_excerpt(text, error.pos)}: {error.msg} at character {error.pos}"
        ) from error
    except RecursionError as error:
        raise RecordError("expected a record, got JSON nested too deeply to read") from error
    except ValueError as error:  # a number of more digits than Python converts
        raise RecordError(f"expected a record, got a number that cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise RecordError(f"expected a JSON object, got {_named(value)}")
    return value


def _no_number(name: str) -> float:
    raise RecordError(f"expected JSON, got {name}, which is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise RecordError(f"expected a number that a float holds, got {text[:30]}")
    return value


def _excerpt(text: str, at: int) -> str:
    return repr(text[max(0, at - 10) : at + 20].strip()) if text.strip() else "nothing"


def _named(value: object) -> str:
    names = {list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number", type(None): "null"}
    return names.get(type(value), "an object")


def _item(record: dict[str, Any], line: int) -> Item:
    identity = id_of(record)
    id_ = None if identity is None else str(identity)
    steps = _steps(record)
    problem = problem_of(record, id_)
    extra = {key: value for key, value in record.items() if key not in _INPUT_FIELDS}
    return Item(problem, Solution.from_steps(steps, id=id_), identity, line, extra)


def id_of(record: Mapping[str, Any]) -> str | int | None:
    """Return the id of a record as it was written; None if it has none.

    Raises:
        RecordError: it is neither a string nor a whole number.
    """
    identity = record.get("id")
    if identity is not None and (not isinstance(identity, str | int) or isinstance(identity, bool)):
        raise RecordError(f'field "id": expected a string or a whole number, got {_named(identity)}')
    return identity


def problem_of(record: dict[str, Any], id: str | None) -> Problem:
    """Return the problem of a record.

    Raises:
        RecordError: a field is missing or of another kind.
    """
    return Problem(
        text=_text(record, "problem"),
        id=id,
        answer=str(record["answer"]) if isinstance(record.get("answer"), str | int | float) else None,
        premises=_texts(record, "premises"),
        premises_fol=_texts(record, "premises_fol"),
        table=_table(record),
    )


def solution_of(record: dict[str, Any]) -> Solution | None:
    """Return the solution in the field ``steps``, ``solution`` or ``text``; None if that holds white space only.

    Raises:
        RecordError: there is no such field, it is of another kind, or it holds too many steps.
    """
    if not {"steps", "solution", "text"} & record.keys():
        has = ", ".join(sorted(map(repr, record)))[:120] or "no fields"
        raise RecordError(f'expected a field "text" (a string) or "steps" (a list of strings), got {has}')
    if "text" in record and "solution" not in record:
        record = {**record, "solution": record["text"]}
    if isinstance(record.get("solution"), str) and "steps" not in record and not record["solution"].strip():
        return None
    return Solution.from_steps(_steps(record))


def _text(record: dict[str, Any], name: str) -> str:
    if name not in record:
        raise RecordError(
            f'field "{name}" is missing; it has {", ".join(sorted(map(repr, record)))[:120] or "no fields"}'
        )
    value = record[name]
    if not isinstance(value, str):
        raise RecordError(f'field "{name}": expected a string, got {_named(value)}')
    return _clean(value, name)


def _clean(text: str, where: str) -> str:
    """Return ``text``; refuse half surrogate pairs, which no UTF-8 file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RecordError(f'field "{where}": half a surrogate pair at character {error.start}') from error
    return text


def _texts(record: dict[str, Any], name: str) -> tuple[str, ...]:
    value = record.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise RecordError(f'field "{name}": expected a list of strings, got {_named(value)}')
    return tuple(_clean(v, name) for v in value)


def _table(record: dict[str, Any]) -> Table | None:
    value = record.get("table")
    if value is None:
        return None
    match value:
        case {"header": [*header], "rows": [*rows]} if all(isinstance(row, list) for row in rows):
            if len(header) * (1 + len(rows)) > MAX_CELLS:
                raise RecordError(
                    f'field "table": it has {len(header) * len(rows)} cells; at most {MAX_CELLS} are read'
                )
            try:
                return Table(tuple(map(_cell, header)), tuple(tuple(map(_cell, row)) for row in rows))
            except ValueError as error:
                raise RecordError(f'field "table": {error}') from error
    raise RecordError(f'field "table": expected {{"header": [...], "rows": [[...], ...]}}, got {_named(value)}')


def _cell(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise RecordError(f'field "table": a cell is a text, a number or null, got {_named(value)}')
    text = _clean(str(value), "table")
    if len(text) > MAX_CELL_CHARS:
        raise RecordError(f'field "table": a cell has {len(text)} characters; at most {MAX_CELL_CHARS} are read')
    return text


def _steps(record: dict[str, Any]) -> tuple[str, ...]:
    if "steps" in record:
        steps = _texts(record, "steps")
    elif "solution" in record:
        from genverify.steps import split

        steps = split(_text(record, "solution"))
    else:
        _text(record, "problem")  # the first thing missing is named first
        raise RecordError('expected a field "steps" (a list of strings) or "solution" (a string), got neither')
    if not any(step.strip() for step in steps):
        raise RecordError("the solution has no steps")
    if len(steps) > MAX_STEPS:
        raise RecordError(f"the solution has {len(steps)} steps; at most {MAX_STEPS} are read")
    return steps


@cache
def _adapter(kind: type[Any]) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def report_line(report: Report, *, id: str | int | None = None, extra: Mapping[str, Any] | None = None) -> str:
    """Return ``report`` as one line of JSON, without the line break; ``extra`` fields never hide ours."""
    body: dict[str, Any] = _adapter(Report).dump_python(report, mode="json")
    body["schema"] = SCHEMA
    head = {
        "id": id if id is not None else report.solution_id,
        "first_error": body.pop("first_error"),
        "steps": body.pop("steps"),
    }
    kept = {key: value for key, value in (extra or {}).items() if key not in head and key not in body}
    return json.dumps({**head, **body, **kept}, ensure_ascii=False, allow_nan=False, default=str)


def report_from_line(line: str) -> Report:
    """Read back what :func:`report_line` wrote.

    Raises:
        RecordError: it is no report, or one of another schema version.
    """
    try:
        body = json.loads(line)
    except ValueError as error:
        raise RecordError(f"expected a report, got no JSON: {error}") from error
    if not isinstance(body, dict) or body.get("schema") != SCHEMA:
        got = body.get("schema") if isinstance(body, dict) else _named(body)
        raise RecordError(f'expected a report with "schema": {SCHEMA}, got {got!r}')
    known = {name: body[name] for name in Report.__dataclass_fields__ if name in body}
    from pydantic import ValidationError

    try:
        report: Report = _adapter(Report).validate_python(known, strict=False)
    except ValidationError as error:
        first = error.errors()[0]
        raise RecordError(f"expected a report: field {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return report


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report as it lies in a file."""

    report: Report
    id: str | None
    """The id of its row, which is that of the judged record."""
    line: int
    """Line in the file, counted from 1 as editors do."""


@dataclass(frozen=True, slots=True)
class _Row(Report):
    """A report with what else stands in its row."""

    id: str | int | None = None
    schema: int | None = None


def read_reports(source: str | Path) -> Iterator[StoredReport | BadLine]:
    """Read the reports of a file that ``genverify critique --out`` or ``--json`` wrote; ``.gz`` is unpacked.

    Reports of this schema from before a field was added are read, too; the field then has its default.

    Raises:
        RecordError: the file cannot be opened.
    """
    with _opened(source) as stream:
        for number, raw in enumerate(_lines(stream, str(source)), start=1):
            if raw is None:
                yield BadLine(number, f"{source}:{number}: the line is longer than {MAX_LINE_BYTES} bytes")
            elif raw.strip():
                yield _stored(raw, number, f"{source}:{number}")


def _stored(raw: bytes, line: int, place: str) -> StoredReport | BadLine:
    from pydantic import ValidationError

    try:
        row: _Row = _adapter(_Row).validate_json(raw)  # straight to values: twice as fast as by way of json
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return BadLine(line, f"{place}: expected a report: {f'field {where}: ' if where else ''}{first['msg']}")
    if row.schema != SCHEMA:
        return BadLine(line, f'{place}: expected a report with "schema": {SCHEMA}, got {row.schema!r}')
    report = Report(**{name: getattr(row, name) for name in Report.__dataclass_fields__})
    return StoredReport(report, None if row.id is None else str(row.id), line)


def check_line(check: Check) -> str:
    """Return ``check`` as one line of JSON."""
    body: dict[str, Any] = _adapter(Check).dump_python(check, mode="json")
    return json.dumps({"schema": SCHEMA, **body}, ensure_ascii=False)
