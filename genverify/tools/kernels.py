"""Code that a model wrote to what came of it, in stateful kernels that are confined and thrown away.

A warm parent (``sandbox/nursery.py``) forks the kernels; ``sandbox/README.md`` holds the contract and says what is
covered. Nothing here decides a claim: what a kernel says is the code's own word.
"""

import os
import signal
import threading
import weakref
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from genverify._resources import asset
from genverify.errors import ToolError
from genverify.tools import isolation
from genverify.tools.cell_run import REQUEST_MAX, CellRun
from genverify.tools.cells import Cell, CellStatus
from genverify.tools.gate import Gate
from genverify.tools.kernel_process import KernelProcess
from genverify.tools.limits import KernelLimits, Level
from genverify.tools.program import GuestGoneError, Program
from genverify.types import CodeRun

_ATTEMPTS: Final = 3  # a warm parent that died is started again, and spare kernels that died with it are passed over
_END_S: Final = 0.2
_ALWAYS: Final = {"own_process": "on", "environment_scrubbed": "on", "deadline_kill": "on"}


@dataclass(eq=False, slots=True)
class _Processes:
    """All that must end with a pool; apart from it, so that it can still be ended when the pool is gone."""

    program: Program | None = None
    spare: deque[KernelProcess] = field(default_factory=deque)
    busy: set[KernelProcess] = field(default_factory=set)

    def end(self) -> None:
        for process in self.busy:  # whoever uses one sees its end and closes it
            process.send_signal(signal.SIGKILL)
        for process in self.spare:
            process.kill()
        self.spare.clear()
        if self.program is not None:
            self.program.end()
            self.program = None

    def forget(self) -> None:
        for process in (*self.spare, *self.busy):
            process.forget()
        if self.program is not None:
            self.program.forget()


class KernelPool:
    r"""Confined kernels, one for each chain of thought; usable from any number of event loops.

    ::

        with KernelPool() as pool:
            async with pool.kernel() as kernel:
                run = await kernel.run("x = 6\nx * 7")   # run.output == "42"

    Args:
        limits: what kernels may use, and how many there may be.
        level: isolation without which no kernel starts.
        off: layers left out on purpose, to see what they are worth; for the level ``weak`` only.
        guest: the folder of the guest program; None takes the one that ships.

    Raises:
        ValueError: layers are to be left out at another level than ``weak``.
    """

    def __init__(
        self, limits: KernelLimits | None = None, *, level: Level = Level.DEFAULT, off: tuple[str, ...] = (),
        guest: Path | None = None,
    ) -> None:  # fmt: skip
        if off and level is not Level.WEAK:
            raise ValueError(f"layers can be left out at the level 'weak' only, not at {level!r}: {', '.join(off)}")
        self.limits = limits or KernelLimits()
        self.level = level
        self._off = off
        self._guest = guest
        self._closed = False
        self._layers: dict[str, str] = {}
        self._reset()
        _POOLS.add(self)

    def _reset(self) -> None:
        """Start with no process: in a new pool, or in the copy of one that a fork of this process has made."""
        self._lock = threading.RLock()
        self._processes = _Processes()
        self._places = Gate(self.limits.kernels)
        self._turns = Gate(self.limits.running)
        self._finalizer = weakref.finalize(self, self._processes.end)

    def _forget(self) -> None:
        self._finalizer.detach()
        self._processes.forget()
        self._reset()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the warm parent and the first kernels, and return at once.

        Raises:
            ToolError: the guest program could not be started, or the pool is closed.
        """
        self._fill()

    @asynccontextmanager
    async def kernel(self) -> AsyncIterator["Kernel"]:
        """Wait for a place and give a kernel of one's own, which is thrown away afterwards."""
        async with self._places:
            kernel = Kernel(self)
            try:
                yield kernel
            finally:
                kernel.close()

    async def open(self, chain: str) -> "ChainKernel":
        """Wait for a place and give a kernel that its holder closes, as critics do.

        Args:
            chain: for whom; kernels are alike, so it makes no difference here.
        """
        await self._places.enter()
        return ChainKernel(Kernel(self), self._places)

    @property
    def layers(self) -> dict[str, str]:
        """Each isolation layer as the newest kernel reported it; empty before the first.

        States are ``on``, ``partial: why``, ``off: why`` and ``refused: why``; ``level`` is the one they suffice for.
        """
        return {**_ALWAYS, **self._layers} if self._layers else {}

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids, of the warm parent and then of the kernels that have come up, for watching from outside."""
        with self._lock:
            program, kernels = self._processes.program, (*self._processes.spare, *self._processes.busy)
            return (*([program.pid] if program else []), *(k.pid for k in kernels if k.pid is not None))

    def close(self) -> None:
        """End all kernels and their parent; a second call does nothing."""
        with self._lock:
            self._closed = True
            self._processes.end()

    async def take(self) -> KernelProcess:
        """Return a kernel process that is ready and has run nothing; it must be given to :meth:`drop` in the end.

        Raises:
            ToolError: none could be started with the isolation that the level demands, or the pool is closed.
        """
        problem: GuestGoneError | None = None
        for attempt in range(1, _ATTEMPTS + 1):
            process = self._next()
            try:
                await process.wait_ready(self.limits.start_s)
            except GuestGoneError as error:
                problem = error
                self.drop(process)
                self._end_if_broken(surely=attempt == _ATTEMPTS)
            except BaseException:
                self.drop(process)
                raise
            else:
                self._welcome(process)
                return process
        raise ToolError(f"no kernel could be started: {problem}") from problem

    def _welcome(self, process: KernelProcess) -> None:
        """Note how a new kernel is confined, and order others ahead of need."""
        self._layers = process.layers
        if not self._off and (lacking := isolation.lacking(process.layers)):
            isolation.tell_once(lacking, process.layers["level"])
        with suppress(ToolError):  # whoever needs the next one is told
            self._fill()

    def drop(self, process: KernelProcess) -> None:
        """Kill a kernel process and forget it."""
        with self._lock:
            self._processes.busy.discard(process)
        process.kill()

    def turn(self) -> Gate:
        """Return the gate through which cells go to run."""
        return self._turns

    def _next(self) -> KernelProcess:
        """Return a spare kernel that lives, or one just ordered; it is booked as busy."""
        with self._lock:
            process = None
            while self._processes.spare and process is None:
                process = self._processes.spare.popleft()
                if process.has_ended():
                    process.kill()
                    process = None
            process = process or self._order()
            self._processes.busy.add(process)
            return process

    def _fill(self) -> None:
        """Order kernels ahead of need."""
        with self._lock:
            while len(self._processes.spare) < self.limits.ready:
                self._processes.spare.append(self._order())

    def _order(self) -> KernelProcess:
        """Order a kernel from the warm parent, which is started if need be.

        Raises:
            ToolError: it cannot be reached, or the pool is closed.
        """
        problem: GuestGoneError | None = None
        for _ in range(_ATTEMPTS):
            if self._closed:
                raise ToolError("the kernel pool is closed")
            program = self._processes.program
            if program is None:
                settings = self.limits.settings(self.level, self._off)
                program = self._processes.program = Program(self._guest or asset("sandbox"), "cells", settings)
            try:
                return KernelProcess(program, self.limits.start_s)
            except GuestGoneError as error:
                problem = error
                self._end_if_broken(surely=True)
        raise ToolError(f"the parent of the kernels cannot be reached: {problem}") from problem

    def _end_if_broken(self, *, surely: bool = False) -> None:
        """Clear the way for a new warm parent, unless this one lives on and only one fork has failed."""
        with self._lock:
            program = self._processes.program
            if program is not None and (surely or program.has_ended(_END_S)):
                program.end()
                self._processes.program = None


class Kernel:
    """A Python session of one chain: names stay from cell to cell, until a cell ends the process.

    It uses a process only from its first cell on. After a cell has lost the state, the next one begins afresh and
    says so.
    """

    def __init__(self, pool: KernelPool) -> None:
        self._pool = pool
        self._process: KernelProcess | None = None
        self._lost = False
        self._closed = False
        self._run: CellRun | None = None
        self._busy = False

    async def run(self, code: str, wall_s: float | None = None) -> CodeRun:
        """Run a block of code and return it with its output.

        Args:
            code: Python.
            wall_s: seconds until it is interrupted, above 0; None for the pool's limit, which is also the most.

        Raises:
            ToolError: no kernel could be started, or this one is closed.
        """
        return (await self.run_cell(code, wall_s)).code_run()

    async def run_cell(self, code: str, wall_s: float | None = None) -> Cell:
        """Do what :meth:`run` does and return all that is known of it."""
        limits = self._pool.limits
        allowed = limits.wall_s if wall_s is None else min(wall_s, limits.wall_s)
        if not allowed > 0:
            raise ValueError(f"wall_s must be above 0, got {wall_s}")
        if len(code) > REQUEST_MAX // 12:  # as JSON, a character takes up to 12 bytes
            return Cell(code[:1000], CellStatus.ERROR, ename="TooLong", evalue=f"code of {len(code)} characters")
        if self._busy:
            raise ToolError("this kernel is running a cell already; a kernel runs one at a time")
        self._busy = True
        try:
            async with self._pool.turn():
                return await self._run_in(await self._ready(), code, allowed)
        finally:
            self._busy = False

    async def _run_in(self, process: KernelProcess, code: str, allowed_s: float) -> Cell:
        fresh, self._lost = self._lost, False
        self._run = CellRun(process, code, self._pool.limits, allowed_s)
        try:
            cell = await self._run.run()
        finally:
            self._run = None
            if process.closed:
                self._discard()
        return replace(cell, facts=("fresh_state", *cell.facts)) if fresh else cell

    async def _ready(self) -> KernelProcess:
        if self._closed:
            raise ToolError("this kernel is closed")
        if self._process is not None and self._process.has_ended():
            self._discard()
        if self._process is None:
            process = await self._pool.take()
            if self._closed:  # meanwhile
                self._pool.drop(process)
                raise ToolError("this kernel is closed")
            self._process = process
        return self._process

    def interrupt(self) -> None:
        """Stop the cell that runs, as Ctrl-C does; nothing happens between cells."""
        if self._run is not None:
            self._run.interrupt()

    def close(self) -> None:
        """Throw the kernel away; a second call does nothing."""
        self._closed = True
        self._discard()

    def restart(self) -> None:
        """Throw the state away; the next cell begins afresh."""
        self._discard()

    @property
    def pid(self) -> int | None:
        """The process id as this process knows it; None while there is no process."""
        return self._process.pid if self._process is not None else None

    def _discard(self) -> None:
        if self._run is not None:
            self._run.kill(
                "its kernel was closed or restarted"
            )  # it then closes what it listens to, and comes back here
        elif self._process is not None:
            self._lost = True
            self._pool.drop(self._process)
            self._process = None


class ChainKernel:
    """A kernel with its place in the pool, for one chain of a critic."""

    def __init__(self, kernel: Kernel, places: Gate) -> None:
        self._kernel = kernel
        self._places = places
        self._open = True

    async def execute(self, code: str) -> CodeRun:
        """Run a block of code; whatever goes wrong in it is told by the run's status.

        Raises:
            ToolError: no kernel could be started, or this one is closed.
        """
        return await self._kernel.run(code)

    async def aclose(self) -> None:
        """Throw the kernel away and give up its place; a second call does nothing."""
        if self._open:
            self._open = False
            self._kernel.close()
            self._places.leave()


_POOLS: "weakref.WeakSet[KernelPool]" = weakref.WeakSet()


def _forget_all() -> None:
    for pool in _POOLS:
        pool._forget()


os.register_at_fork(after_in_child=_forget_all)
