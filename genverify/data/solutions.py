"""Solutions that somebody else wrote, a line of a file each, to labelled examples.

A line is ``{"id", "problem", "steps" or "solution", "answer"}`` and what its kind needs beside: formulas for logic in
any of the formats of ``logic_readers``, ``table`` for tables, ``tests`` for code. What ``make-data`` has asked of a
language model brings the generated problem along, in ``example``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from genverify import records as rows
from genverify.data import records
from genverify.data.values import Dropped, Example, Kind, Tools
from genverify.errors import RecordError

MAX_LINE: Final = rows.MAX_LINE_BYTES


def label(line: str, kind: Kind, tools: Tools, *, compat: str | None = None, place: str = "line") -> Example | Dropped:
    """Label one solution.

    Args:
        line: the line, JSON.
        kind: what it is about.
        tools: what decides.
        compat: ``fover`` for proofs labelled as FoVer does.
        place: what the record is called if it has no ``id``.

    Raises:
        RecordError: it is no such record.
        ToolError: a tool could not be started.
    """
    if len(line) > MAX_LINE:
        raise RecordError(f"the line is longer than {MAX_LINE} characters")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"expected a JSON object, got no JSON: {error}") from error
    if not isinstance(row, dict):
        raise RecordError(f"expected a JSON object, got {type(row).__name__}")
    id_ = str(row.get("id") or place)
    if row.get("cut_off"):
        return Dropped(id_, "cut off", "the model came to its limit before it came to an end")
    made = _labelled(row, kind, tools, compat, id_)
    maker = str(row.get("maker") or "file")
    return replace(made, id=id_) if isinstance(made, Dropped) else replace(made, id=id_, maker=maker)


def _labelled(row: Mapping[str, Any], kind: Kind, tools: Tools, compat: str | None, place: str) -> Example | Dropped:
    match kind:
        case Kind.LOGIC:
            return _logic(row, tools, compat, place)
        case Kind.ALGEBRA:
            from genverify.data import algebra

            return algebra.label(*_worked(row), tools)
        case Kind.CODE:
            from genverify.data import code

            return code.label(*_worked(row), tools)
        case Kind.TABLES:
            from genverify.data import tables

            return tables.label(*_worked(row), tools)
