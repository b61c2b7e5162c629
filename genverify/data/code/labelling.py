"""Programs that others wrote to examples whose statements are labelled by running the tests.

A program that passes is right throughout (PRLCoder takes it so); of one that fails no statement is known to be right,
and one is known to be wrong only where it is the single statement whose small repair makes the tests pass.
"""

import ast
import json
import re
from itertools import accumulate
from typing import Final

from genverify import templates
from genverify.data.code.locating import locate
from genverify.data.code.outside import suite, verdicts
from genverify.data.code.run import show
from genverify.data.code.steps import split
from genverify.data.values import Dropped, Example, Kind, LabelledStep, StepLabel, Tools
from genverify.errors import RecordError
from genverify.types import Problem

CHARS_MAX: Final = 20_000
"""Longest program taken: a small function has under 3,000 characters."""
_FENCED: Final = re.compile(r"```(?:[Pp]ython3?|py)?[ \t]*\n(.*?)(?:\n```|\Z)", re.DOTALL)


def label(
    problem: Problem, program: str, tests: str, tools: Tools, *, entry: str = "", maker: str = "file:unnamed",
    id: str | None = None,
) -> Example | Dropped:  # fmt: skip
    """Label a program from outside, statement by statement.

    Args:
        problem: what it solves.
        program: Python, or an answer with a fenced block of it.
        tests: Python with ``assert`` statements, or a JSON list of ``[arguments, expected]`` as in our own records.
        tools: for their kernels; the program gets kernels of its own and never sees what the tests expect.
        entry: the function that is tested; empty takes the last one that the program defines and the tests name.
        maker: who wrote it: ``engine:NAME`` or ``file:NAME``.
        id: what the example is called; None takes the problem's id.

    Returns:
        The example; what is no program, or cannot be tested, is dropped with the reason.

    Raises:
        ToolError: no kernel could be started.
        RecordError: the tests cannot be read.
    """
    name = id or problem.id or "code"
    source = code_of(program)
    found = _functions(source)
    if found is None:
        return Dropped(name, "not a program", source[:100])
    if tests.lstrip().startswith("["):
        if not entry:
            raise RecordError(f"{name}: tests in JSON need the name of the tested function (entry), got none")
        tests = asserted(tests, entry)
    entry = entry or next((f for f in reversed(found) if re.search(rf"\b{re.escape(f)}\b", tests)), "")
    if entry not in found:
        return Dropped(name, "the tested function is missing", entry)
    of = suite(tests, entry, tools.kernels)
    if of.why:
        return Dropped(name, "the tests cannot be used", of.why)
    (verdict,) = verdicts([source], of, tools.kernels)
    wrong, why = _wrong(source, entry, tests, tools) if verdict.passed is False else (None, verdict.why)
    steps = tuple(
        LabelledStep(text, _label(verdict.passed, place == wrong, why)) for place, text in enumerate(split(source))
    )
    formal = {"entry": entry, "tests": tests}
    return Example(name, Kind.CODE, problem, steps, maker, problem.id or name, formal=formal)


def code_of(text: str) -> str:
    """Return the longest fenced block of an answer; all of it if it has none."""
    blocks: list[str] = _FENCED.findall(text)
    return max(blocks, key=len) if blocks else text.strip("\n")


def asserted(tests: str, entry: str) -> str:
    """Return tests in JSON, as our own records have them, as Python.

    Raises:
        RecordError: they are no list of pairs.
    """
    try:
        pairs = [(arguments, expected) for arguments, expected in json.loads(tests)]
        return "\n".join(f"assert {entry}({', '.join(map(show, args))}) == {show(due)}" for args, due in pairs)
    except (ValueError, TypeError, AttributeError) as error:
        raise RecordError(f"tests: expected a JSON list of [arguments, expected], got {tests[:60]!r}") from error


def prompt(problem: Problem) -> str:
    """Return a prompt that asks for a program which :func:`label` can read (``prompts/data_code.toml``)."""
    return templates.load("data_code").fill("ask", problem=problem.text)


def _functions(source: str) -> list[str] | None:
    """Return the names of the functions that a program defines; None if it is no program that is taken."""
    if len(source) > CHARS_MAX:
        return None
    try:
        return [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _wrong(source: str, entry: str, tests: str, tools: Tools) -> tuple[int | None, str]:
    """Return the step (from 0) that is known to be wrong, if there is one, and the test that shows it."""
    located = locate(source, entry, tests, tools)
    if len(located.lines) != 1:
        return None, located.why
    ends = accumulate(text.count("\n") + 1 for text in split(source))
    return next(place for place, end in enumerate(ends) if located.lines[0] < end), located.why


def _label(passed: bool | None, wrong: bool, why: str) -> StepLabel:
    if passed:
        return StepLabel(True, "execution")
    return StepLabel(False, "execution", why) if wrong else StepLabel(None, "execution", why)
