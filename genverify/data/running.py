"""Parts of a job to finished blocks, on processes of this machine or on a Ray cluster; what is there is not made again.

Both ways make the same blocks, for a block depends on its job and its numbers alone. A worker that dies takes nothing
with it: its block is made again by another.
"""

import os
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from itertools import islice
from multiprocessing import get_context, parent_process
from typing import Any, Final

from genverify.data.blocks import Blocks
from genverify.data.making import Block, Job, Part, make
from genverify.errors import ToolError, UsageError

ATTEMPTS: Final = 3
"""Times that a part is tried whose worker process dies: once may be bad luck, three times is the part's own fault."""
_REACH_S: Final = 10.0
Report = Callable[[int], None]
"""Told how many more records are done."""


def run(job: Job, parts: Iterable[Part], blocks: Blocks, *, workers: int = 2, report: Report | None = None) -> None:
    """Make the blocks that are missing, on processes of this machine.

    Args:
        job: what is made.
        parts: all parts of it, in any order; read as they are needed.
        blocks: where they go.
        workers: processes, at least 1; each makes one block at a time with tools of its own.
        report: told how many more records are done, those that were there before included.

    Raises:
        ToolError: the tools could not be started, or the worker processes die of one part again and again.
        UsageError: a block cannot be written.
    """
    for block in _missing(parts, blocks, report, lambda todo: _processes(job, todo, workers)):
        blocks.put(block)
        _tell(report, len(block.examples) + len(block.dropped))


def _missing(
    parts: Iterable[Part], blocks: Blocks, report: Report | None, through: Callable[[Iterator[Part]], Iterator[Block]]
) -> Iterator[Block]:
    def todo() -> Iterator[Part]:
        for part in parts:
            if blocks.done(part.number):
                _tell(report, part.stop - part.start)
            else:
                yield part

    return through(todo())


def _tell(report: Report | None, records: int) -> None:
    if report is not None:
        report(records)


def _processes(job: Job, todo: Iterator[Part], workers: int) -> Iterator[Block]:
    """Yield the blocks as they are done, in the order of their parts, two a worker under way."""
    left: deque[tuple[Part, int]] = deque()  # those to try again, each with its attempts so far
    while True:
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent)
        waiting: deque[tuple[Part, int, Future[Block]]] = deque()
        try:
            while True:
                while len(waiting) < 2 * workers and (item := _next(left, todo)) is not None:
                    waiting.append((*item, pool.submit(make, job, item[0])))
                if not waiting:
                    return
                yield waiting[0][2].result()
                waiting.popleft()
        except BrokenProcessPool as error:
            # nobody knows which part it was; the first is the likeliest, and trying it for ever would be no use
            part, attempts, _ = waiting[0]
            if attempts + 1 >= ATTEMPTS:
                where = f"records {part.start} to {part.stop - 1}"
                raise ToolError(f"{where}: {ATTEMPTS} worker processes died; is there enough memory?") from error
            left.extendleft(reversed([(part, attempts + 1), *((p, n) for p, n, _ in islice(waiting, 1, None))]))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _next(left: deque[tuple[Part, int]], todo: Iterator[Part]) -> tuple[Part, int] | None:
    if left:
        return left.popleft()
    part = next(todo, None)
    return None if part is None else (part, 0)


def _end_with_parent() -> None:
    """End this worker when its parent is gone, however that ended: nothing else would tell it."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_on_ray(job: Job, parts: Iterable[Part], blocks: Blocks, address: str, *, report: Report | None = None) -> None:
    """Make the blocks that are missing, on a Ray cluster; the blocks are written here, so the nodes share no disk.

    Args:
        job: what is made.
        parts: all parts of it.
        blocks: where they go.
        address: the cluster's address, or ``local`` for one on this machine that ends with the call.
        report: told how many more records are done, those that were there before included.

    Raises:
        UsageError: Ray is not installed or not there, or a block cannot be written.
        ToolError: the tools could not be started on a node.
    """
    ray = _ray()
    own = address == "local"
    if not own:
        _reach(address)
    try:
        ray.init(address=None if own else address, include_dashboard=False, log_to_driver=False, logging_level="error")
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise UsageError(f"--ray {address}: no cluster there: {error}") from error
    try:
        for block in _missing(parts, blocks, report, lambda todo: _on_ray(ray, job, todo)):
            blocks.put(block)
            _tell(report, len(block.examples) + len(block.dropped))
    except ray.exceptions.RayError as error:
        raise ToolError(f"--ray {address}: {error}") from error
    finally:
        ray.shutdown()


def _reach(address: str) -> None:
    """Make sure that somebody listens at an address: Ray itself would try for five minutes.

    Raises:
        UsageError: nobody does, or it is no address.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=_REACH_S).close()
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--ray {address}: expected HOST:PORT of a cluster, or local; no cluster there: {error}"
        ) from error


def _ray() -> Any:  # noqa: ANN401 - Ray comes without types
    try:
        import ray
        import ray.data
        import ray.exceptions
    except ImportError as error:
        raise UsageError("--ray needs Ray: pip install 'genverify[ray]'") from error
    return ray


def _on_ray(ray: Any, job: Job, todo: Iterator[Part]) -> Iterator[Block]:  # noqa: ANN401 - as above
    """Yield the blocks as they are done; Ray Data keeps the nodes busy and makes again what a dead worker held."""
    items = [asdict(part) for part in todo]
    if not items:
        return

    def made(row: dict[str, Any]) -> dict[str, Any]:
        lines = None if row["lines"] is None else tuple(row["lines"])
        return asdict(make(job, Part(int(row["number"]), int(row["start"]), int(row["stop"]), lines)))

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    data = ray.data.from_items(items, override_num_blocks=len(items)).map(made)
    for row in data.iter_rows():
        yield Block(row["number"], tuple(row["examples"]), tuple(row["dropped"]), row["wall_s"])
