"""A program that fails its tests to the statement that is wrong: the one whose replacement alone makes them pass.

With a reference solution the replacements are its statements (a transplant, no look at how the two texts differ);
without one they are the small edits of :mod:`genverify.data.code.mutation` and, where none of those helps, the further
ones of :mod:`genverify.data.code.repairs`. Several statements may be repairable; then the one whose repair changes
least is named, and all are told. Where no repair is found nothing is known.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from genverify.data.code.mutation import Edit, edits
from genverify.data.code.outside import LINES_MAX, Suite, Verdict, suite, verdicts
from genverify.data.code.repairs import repairs
from genverify.data.code.steps import own_parts, statements

if TYPE_CHECKING:
    from genverify.data.values import Tools

_MOST: Final = 1000  # versions tried: a function of thirty statements against as many, insertions included


@dataclass(frozen=True, slots=True)
class Located:
    """Where a program is wrong."""

    line: int | None
    """The first line of the wrong statement, counted from 0; None where it is not known."""
    why: str
    """The test that the program fails, or why nothing is known."""
    lines: tuple[int, ...] = ()
    """All lines at which one changed statement makes the tests pass."""
    repaired: str = ""
    """The program as repaired at ``line``."""
    tried: int = 0
    """Versions that were run."""


def locate(program: str, entry: str, tests: str, tools: "Tools", reference: str | None = None) -> Located:
    """Find the wrong statement of a program.

    Args:
        program: source that defines ``entry``.
        entry: the function that the tests call.
        tests: Python whose ``assert`` statements are the tests.
        tools: for their kernels.
        reference: a right solution whose statements may be used; None to use small edits.

    Raises:
        ToolError: no kernel could be started.
    """
    of = suite(tests, entry, tools.kernels)
    (now,) = verdicts([program], of, tools.kernels)
    if of.why or now.passed:
        return Located(None, of.why or "it passes its tests")
    try:
        stages = _stages(program, reference)
    except (SyntaxError, ValueError, RecursionError) as error:
        return Located(None, f"the program cannot be read: {error}")
    tried = 0
    for versions in stages:
        tried += len(versions)
        passing = _passing(program, versions, of, tools, _lines(now))
        if passing:
            line, repaired = passing[0]
            return Located(line, now.why, tuple(dict.fromkeys(line for line, _ in passing)), repaired, tried)
    return Located(None, f"{now.why}; none of {tried} repairs passes", tried=tried)


def _passing(
    program: str, versions: list[tuple[int, str]], of: Suite, tools: "Tools", lines: int
) -> list[tuple[int, str]]:
    found = verdicts([text for _, text in versions], of, tools.kernels, lines)
    passing = [version for version, verdict in zip(versions, found, strict=True) if verdict.passed]
    return sorted(passing, key=lambda version: (-_likeness(program, version[1]), version[0]))


def _lines(now: Verdict) -> int:
    """Return how many lines a call of a repaired program may run: not far more than the faulty one took."""
    return min(LINES_MAX, 20 * now.lines + 5000) if now.lines else LINES_MAX


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, ast.unparse(ast.parse(one)), other, autojunk=False).ratio()


def _stages(program: str, reference: str | None) -> list[list[tuple[int, str]]]:
    """Return versions of a program with one changed statement, each with its line, in lists to be tried in turn."""
    tree = ast.parse(program)
    ways = [_edited(tree, edits), _edited(tree, repairs)]
    if reference is not None:
        ways = [_transplanted(tree, ast.parse(reference))]
    seen = {ast.unparse(tree)}
    stages: list[list[tuple[int, str]]] = []
    for way in ways:
        stages.append([])
        for line, text in way:
            if text not in seen and len(stages[-1]) < _MOST:
                seen.add(text)
                stages[-1].append((line, text))
    return stages


def _edited(tree: ast.Module, edits_of: Callable[[ast.Module], Iterator[Edit]]) -> Iterator[tuple[int, str]]:
    for edit in edits_of(tree):
        yield edit.statement.lineno - 1, edit.applied(tree)


def _transplanted(tree: ast.Module, reference: ast.Module) -> Iterator[tuple[int, str]]:
    """Put each statement's head of the reference in the place of each head of its kind, or before it, or leave one out.

    Whole blocks are never transplanted: they would bring the whole solution along.
    """
    given = [node for node in statements(reference) if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    for parent, field, index, node in list(_blocks(tree)):
        line = node.lineno - 1
        for other in given:
            new = _grafted(node, other)
            if new is not None:
                yield line, _with(tree, parent, field, index, [new])
        if len(getattr(parent, field)) > 1:
            yield line, _with(tree, parent, field, index, [])
    for parent, field, index, node in list(_blocks(tree)):
        for other in given:
            if not hasattr(other, "body") or _is_guard(other):
                yield node.lineno - 1, _with(tree, parent, field, index, [other, node])
                if index == len(getattr(parent, field)) - 1:
                    yield _after(tree, node), _with(tree, parent, field, index, [node, other])


def _blocks(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int, ast.stmt]]:
    """Yield each statement inside functions with the place where it hangs."""
    for parent in ast.walk(tree):
        if isinstance(parent, ast.Module | ast.ClassDef):
            continue
        for field in ("body", "orelse", "finalbody"):
            block = getattr(parent, field, None)
            if isinstance(block, list):
                yield from ((parent, field, i, node) for i, node in enumerate(block) if isinstance(node, ast.stmt))


def _grafted(node: ast.stmt, other: ast.stmt) -> ast.stmt | None:
    """Return ``node`` with the head of ``other``; None if they are of different kinds."""
    if not hasattr(node, "body") and not hasattr(other, "body"):
        return other
    if type(node) is not type(other) or isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Try):
        return None
    new = copy.copy(node)
    parts = {id(part) for part in own_parts(other)}
    for name, value in ast.iter_fields(other):
        if id(value) in parts:
            setattr(new, name, value)
    return new


def _is_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and not node.orelse and len(node.body) == 1 and not hasattr(node.body[0], "body")


def _with(tree: ast.Module, parent: ast.AST, field: str, index: int, new: list[ast.stmt]) -> str:
    before = getattr(parent, field)
    setattr(parent, field, [*before[:index], *new, *before[index + 1 :]])
    try:
        return ast.unparse(tree)
    finally:
        setattr(parent, field, before)


def _after(tree: ast.Module, node: ast.stmt) -> int:
    """Return the line (from 0) of the first statement behind a statement and its blocks, or the line after the last."""
    end = node.end_lineno or node.lineno
    return min((other.lineno for other in statements(tree) if other.lineno > end), default=end + 1) - 1
