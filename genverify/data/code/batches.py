"""Many small jobs to what a guest program prints about each, in one kernel after the other.

The guest prints one line of JSON a job as it ends, so that a job which takes its kernel down costs only itself.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from genverify.errors import ToolError
from genverify.tools.cell_run import REQUEST_MAX
from genverify.tools.cells import CellStatus

if TYPE_CHECKING:
    from genverify.tools.kernels import Kernel, KernelPool

LANES: Final = 2
"""Kernels at work side by side: what a laptop has of processors."""
_CELL_CHARS: Final = REQUEST_MAX // 16  # the most that a kernel takes is a twelfth, in characters
_T = TypeVar("_T")


async def told(
    jobs: Sequence[_T], kernels: "KernelPool", setup: Sequence[str], call: str, wire: Callable[[_T], object]
) -> list[Any]:
    """Return what the guest says of each job, as JSON; None where it says nothing.

    A job at which a kernel ends or is stopped gets a second chance in a fresh one: the machine may have been busy.

    Args:
        jobs: what is to be done.
        kernels: where.
        setup: cells that a fresh kernel runs first.
        call: the cell that does several jobs, with ``{jobs}`` where a text with the list of them in JSON goes.
        wire: gives the JSON that a job is sent as.

    Raises:
        ToolError: no kernel could be started, or it could not be set up.
    """
    found: list[Any] = []
    stuck = -1
    async with kernels.kernel() as kernel:
        while len(found) < len(jobs):
            await _set_up(kernel, setup)
            for pack in _packs(jobs[len(found) :], wire):
                text = json.dumps([wire(job) for job in pack])
                lines, kept = await _done(kernel, call.replace("{jobs}", repr(text)), len(pack))
                found += lines
                if not kept:
                    break
            if len(found) < len(jobs):
                if stuck == len(found):
                    found.append(None)
                else:
                    stuck = len(found)
                kernel.restart()
    return found


async def _set_up(kernel: "Kernel", setup: Sequence[str]) -> None:
    for code in setup:
        cell = await kernel.run_cell(code)
        if cell.status is not CellStatus.OK:
            raise ToolError(f"a kernel could not be set up: {cell.ename}: {cell.evalue[:200]}")


async def _done(kernel: "Kernel", code: str, expected: int) -> tuple[list[Any], bool]:
    """Return the lines of JSON that a cell printed, and whether it printed all that were expected."""
    cell = await kernel.run_cell(code)
    found: list[Any] = []
    for line in islice(cell.stdout.splitlines(), expected):
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError):
            break
    return found, cell.status is CellStatus.OK and len(found) == expected


def _packs(jobs: Sequence[_T], wire: Callable[[_T], object]) -> Iterator[list[_T]]:
    """Cut jobs into parts that a kernel takes as one cell."""
    pack: list[_T] = []
    size = 0
    for job in jobs:
        own = len(repr(json.dumps(wire(job)))) + 4
        if pack and size + own > _CELL_CHARS:
            yield pack
            pack, size = [], 0
        pack.append(job)
        size += own
    if pack:
        yield pack
