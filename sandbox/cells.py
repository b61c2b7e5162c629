"""A cell of code to what came of it: it runs in a namespace that stays, and its last expression has a value."""

import ast
import linecache
import os
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final

VALUE_MAX: Final = 100_000
"""Most characters of a value's text; nobody reads more, and a frame must stay small."""
_TRACE_MAX: Final = 8000  # of a traceback: its head says where, its tail says what
_MESSAGE_MAX: Final = 2000
_OWN_FOLDER: Final = os.path.dirname(os.path.abspath(__file__))
_UNPRINTABLE: Final = "<it could not be told: its own __str__ or __repr__ failed>"


def run(code: str, namespace: dict[str, Any], number: int) -> dict[str, Any]:
    """Run ``code`` and return ``status``, ``value``, ``ename``, ``evalue``, ``traceback`` and ``memory``.

    Args:
        code: Python; the value of a last expression is told, unless a semicolon follows it.
        namespace: where its names live, before and after.
        number: the cell's place in this kernel, counted from 1.
    """
    try:
        value = _value(code, namespace, f"<cell {number}>")
    except KeyboardInterrupt as error:
        return _failed(error, f"<cell {number}>", short=True)
    # The boundary of foreign code: whatever it raised, SystemExit too, is what came of the cell.
    except BaseException as error:  # noqa: BLE001
        return _failed(error, f"<cell {number}>")
    return {**_NOTHING, "status": "ok", "value": value}


_NOTHING: Final[dict[str, Any]] = {"value": None, "ename": "", "evalue": "", "traceback": "", "memory": False}


def _value(code: str, namespace: dict[str, Any], name: str) -> str | None:
    """Run all statements, the last one as an expression if it is one, and return the text of its value."""
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)  # for lines in tracebacks
    tree = ast.parse(code, name)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not code.rstrip().endswith(";"):
        last = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
    exec(compile(tree, name, "exec"), namespace)
    if last is None:
        return None
    value = eval(compile(last, name, "eval"), namespace)
    return None if value is None else _cut(repr(value), VALUE_MAX)


def _failed(error: BaseException, cell: str, *, short: bool = False) -> dict[str, Any]:
    """Return what is told of an exception; each part may be hostile code of its own."""
    return {
        "status": "error", "value": None, "ename": _safely(lambda: str(type(error).__name__))[:200],
        "evalue": "" if short else _safely(lambda: str(error))[:_MESSAGE_MAX],
        "traceback": _safely(lambda: _trace(error, cell)), "memory": isinstance(error, MemoryError),
    }  # fmt: skip


def _trace(error: BaseException, cell: str) -> str:
    """Return the traceback from the cell on: what stands above it is this program, of no use to a reader."""
    place: TracebackType | None = error.__traceback__
    while place is not None and place.tb_frame.f_code.co_filename != cell:
        place = place.tb_next
    told = traceback.TracebackException(type(error), error, place, limit=-12)
    told.stack[:] = [frame for frame in told.stack if not frame.filename.startswith(_OWN_FOLDER)]
    return _cut("".join(told.format()).rstrip("\n"), _TRACE_MAX)


def _safely(tell: Callable[[], str]) -> str:
    try:
        return str(tell())
    # The boundary of foreign code, which an exception's own methods are.
    except BaseException:  # noqa: BLE001
        return _UNPRINTABLE


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}\n... {len(text) - most} characters left out ...\n{text[-most // 2 :]}"
