"""Tables and pandas programs of ours to what each program finds, in confined kernels, many to a cell.

The guest's half is ``sandbox/tables.py``. What it prints is read as bounded JSON and compared on this side.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from genverify._resources import asset
from genverify.data.code_run import told
from genverify.errors import UsageError
from genverify.tools.cell_run import REQUEST_MAX
from genverify.tools.cells import CellStatus
from genverify.types import Table

if TYPE_CHECKING:
    from genverify.tools.kernels import KernelPool

LOST: Final = {"error": "the sandbox gave no outcome"}
_CELL_CHARS: Final = REQUEST_MAX // 16
_LANES: Final = 2

Task = tuple[Table, Sequence[str]]
"""A table, and the programs to run on it: expressions about the data frame ``df``."""


def run(tasks: Sequence[Task], kernels: "KernelPool") -> list[list[Any]]:
    """Return what every program finds, as JSON; ``{"error": why}`` for one that fails.

    Raises:
        ToolError: no kernel could be started.
        UsageError: pandas is missing.
    """
    return asyncio.run(_run(tasks, kernels))


async def _run(tasks: Sequence[Task], kernels: "KernelPool") -> list[list[Any]]:
    parts = [tasks[lane::_LANES] for lane in range(_LANES)]
    done = await asyncio.gather(*(_lane(part, kernels) for part in parts if part))
    found: list[list[Any]] = [[]] * len(tasks)
    for lane, part in enumerate(done):
        found[lane::_LANES] = part
    return found


async def _lane(tasks: Sequence[Task], kernels: "KernelPool") -> list[list[Any]]:
    found: list[list[Any]] = []
    async with kernels.kernel() as kernel:
        begun = await kernel.run_cell(asset("sandbox/tables.py").read_text(encoding="utf-8"))
        if begun.ename == "ModuleNotFoundError":
            raise UsageError("tables are checked with pandas, which is missing: pip install 'genverify[data]'")
        kept = begun.status is CellStatus.OK
        for pack in _packs(tasks):
            lines: list[Any] = []
            if kept:
                lines, kept = await told(kernel, f"answers({_wire(pack)!r})", len(pack))
            found += [_checked(line, task) for line, task in zip(lines, pack, strict=False)]
            found += [[LOST] * len(programs) for _, programs in pack[len(lines) :]]
    return found


def _wire(tasks: Sequence[Task]) -> str:
    return json.dumps([[table.header, table.rows, list(programs)] for table, programs in tasks])


def _packs(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    pack: list[Task] = []
    size = 0
    for task in tasks:
        own = len(repr(_wire([task]))) + 4
        if pack and size + own > _CELL_CHARS:
            yield pack
            pack, size = [], 0
        pack.append(task)
        size += own
    if pack:
        yield pack


def _checked(line: object, task: Task) -> list[Any]:
    return line if isinstance(line, list) and len(line) == len(task[1]) else [LOST] * len(task[1])


def same(one: object, other: object) -> bool:
    """Tell whether two findings are the same; numbers may differ by what floating point leaves."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))
    return type(one) is type(other) and bool(one == other)
