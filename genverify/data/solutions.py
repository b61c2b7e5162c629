"""Solutions that somebody else wrote, a line of a file each, to labelled examples.

A line is ``{"id", "problem", "steps" or "solution", "answer"}`` and what its kind needs beside: formulas for logic in
any of the formats of ``logic.readers``, ``table`` for tables, ``tests`` for code. What ``make-data`` has asked of a
language model brings the generated problem along, in ``example``.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from genverify import records as rows
from genverify.data import records
from genverify.data.values import Dropped, Example, Kind, Tools
from genverify.errors import RecordError
from genverify.types import Problem

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


def _labelled(row: dict[str, Any], kind: Kind, tools: Tools, compat: str | None, place: str) -> Example | Dropped:
    match kind:
        case Kind.LOGIC:
            return _logic(row, tools, compat, place)
        case Kind.ALGEBRA:
            from genverify.data import algebra

            problem, steps = _worked(row)
            return algebra.label(problem, steps, tools)
        case Kind.CODE:
            return _code(row, tools)
        case Kind.TABLES:
            from genverify.data import tables

            problem, steps = _worked(row)
            return tables.label(problem, steps, tools)


def _generated(row: Mapping[str, Any]) -> Example | None:
    """Return the generated problem that a row brings along; None for rows of others."""
    return records.from_fields(row["example"]) if "example" in row else None


def _worked(row: dict[str, Any]) -> tuple[Problem, tuple[str, ...]]:
    """Return the problem and the steps of a row."""
    gold = _generated(row)
    problem = gold.problem if gold is not None else rows.problem_of(row, _id(row))
    solution = rows.solution_of(row)
    if solution is None:
        raise RecordError("the solution has no steps")
    return problem, tuple(step.text for step in solution.steps)


def _id(row: Mapping[str, Any]) -> str | None:
    identity = rows.id_of(row)
    return None if identity is None else str(identity)


def _logic(row: dict[str, Any], tools: Tools, compat: str | None, place: str) -> Example | Dropped:
    from genverify.data import logic
    from genverify.data.logic import readers

    solution = row.get("steps", row.get("solution"))
    gold = _generated(row)
    if gold is not None:
        asked: logic.Question | Dropped = logic.question(gold)
    else:
        asked = next(readers.of_row(row, place))
        if solution is None and (proofs := readers.fld_proofs(row)):
            solution = proofs[0]
    if isinstance(asked, Dropped):
        return asked
    if not isinstance(solution, str) and not (isinstance(solution, list) and all(isinstance(s, str) for s in solution)):
        raise RecordError('expected a proof in "solution" (a text) or "steps" (a list of texts)')
    return logic.label(asked, solution, tools, "fover" if compat == "fover" else None)


def _code(row: dict[str, Any], tools: Tools) -> Example | Dropped:
    from genverify.data import code

    gold = _generated(row)
    if gold is not None:
        return code.label(gold.problem, str(row["solution"]), gold.formal["tests"], tools, entry=gold.formal["entry"])
    program, tests = row.get("solution", row.get("text")), row.get("tests", row.get("test"))
    if not isinstance(program, str) or not isinstance(tests, str):
        raise RecordError('expected a program in "solution" and its tests in "tests", both texts')
    return code.label(rows.problem_of(row, _id(row)), program, tests, tools, entry=str(row.get("entry_point") or ""))
