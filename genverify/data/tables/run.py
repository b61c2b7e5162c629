"""Tables and pandas programs of ours to what each program finds, in confined kernels, many to a cell.

The guest's half is ``sandbox/tables.py``. What it prints is read as bounded JSON and compared on this side.
"""

import asyncio
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from genverify._resources import asset
from genverify.data.code.batches import LANES, told
from genverify.errors import UsageError
from genverify.types import Table

if TYPE_CHECKING:
    from genverify.tools.kernels import KernelPool

LOST: Final = {"error": "the sandbox gave no outcome"}

Task = tuple[Table, Sequence[str]]
"""A table, and the programs to run on it: expressions about the data frame ``df``."""


def run(tasks: Sequence[Task], kernels: "KernelPool") -> list[list[Any]]:
    """Return what every program finds, as JSON; ``{"error": why}`` for one that fails.

    Raises:
        ToolError: no kernel could be started.
        UsageError: pandas is missing.
    """
    if find_spec("pandas") is None:
        raise UsageError("tables are checked with pandas, which is missing: pip install 'genverify[data]'")
    return asyncio.run(_run(tasks, kernels))


async def _run(tasks: Sequence[Task], kernels: "KernelPool") -> list[list[Any]]:
    setup = [asset("sandbox/tables.py").read_text(encoding="utf-8")]
    parts = [tasks[lane::LANES] for lane in range(LANES)]
    jobs = (told(part, kernels, setup, "answers({jobs})", _wire) for part in parts if part)
    found: list[list[Any]] = [[]] * len(tasks)
    for lane, lines in enumerate(await asyncio.gather(*jobs)):
        found[lane::LANES] = [_checked(line, task) for line, task in zip(lines, parts[lane], strict=True)]
    return found


def _wire(task: Task) -> list[Any]:
    table, programs = task
    return [table.header, table.rows, list(programs)]


def _checked(line: object, task: Task) -> list[Any]:
    return line if isinstance(line, list) and len(line) == len(task[1]) else [LOST] * len(task[1])


def same(one: object, other: object) -> bool:
    """Tell whether two findings are the same; numbers may differ by what floating point leaves."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))
    return type(one) is type(other) and bool(one == other)
