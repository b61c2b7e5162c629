"""Requests to answers through confined worker processes that are killed at their deadline.

A warm parent (``sandbox/zygote.py``) forks the workers; ``sandbox/README.md`` holds the contract. Nothing starts
before the first request. Every limit that fires is an answer: ``undecided`` with its reason.
"""

import itertools
import json
import os
import threading
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from genverify._resources import asset
from genverify.errors import ToolError
from genverify.tools.guest import Answer, Worker, Zygote, undecided
from genverify.tools.limits import Limits
from genverify.tools.program import GuestGoneError
from genverify.types import Reason

REQUEST_MAX: Final = 1 << 20
"""Most bytes of a request; the guest reads no more."""
_ATTEMPTS: Final = 2  # a warm parent that died is started once more; if that fails too, something lasting is wrong
_NOTICED_S: Final = 0.05  # workers die with their parent; that it has ended shows within milliseconds
_END_S: Final = 1.0  # killed processes are gone in milliseconds; a kernel that needs longer is not waited for


def tool_of(kind: str) -> str:
    """Return the tool that decides claims of ``kind``: ``z3`` or ``sympy``."""
    return "z3" if kind in ("consistent", "entails") else "sympy"


@dataclass(eq=False, slots=True)
class _Processes:
    """All that must end with a pool; apart from the pool, so that it can still be ended when the pool is gone."""

    zygote: Zygote | None = None
    idle: list[Worker] = field(default_factory=list)
    busy: set[Worker] = field(default_factory=set)

    def workers(self) -> list[Worker]:
        return [*self.idle, *self.busy]

    def end(self) -> None:
        """Kill the workers, then their parent: the other way round they would be left to the system to reap."""
        for worker in self.workers():
            worker.stop()
        for worker in self.workers():
            worker.wait_end(_END_S)
        for worker in self.idle:  # whoever uses a busy one closes it
            worker.end()
        self.idle.clear()
        if self.zygote is not None:
            self.zygote.end()
            self.zygote = None

    def forget(self) -> None:
        """In a forked copy: close the inherited ends and touch no process."""
        for worker in self.workers():
            worker.forget()
        if self.zygote is not None:
            self.zygote.forget()


class WorkerPool:
    """A few worker processes that decide one request each at a time; usable from many threads and from asyncio.

    ::

        with WorkerPool() as pool:
            answer = pool.run({"kind": "identity", "statement": tree, ...}, deadline_s=2.0)

    Args:
        limits: what the workers may use.
        guest: the folder of the guest program; None takes the one that ships.
    """

    def __init__(self, limits: Limits | None = None, *, guest: Path | None = None) -> None:
        self.limits = limits or Limits()
        self._guest = guest
        self._ids = itertools.count(1)
        self._closed = False
        self._layers: dict[str, str] = {}
        self._reset()
        _POOLS.add(self)

    def _reset(self) -> None:
        """Start with no process: in a new pool, or in the copy of one that a fork of this process has made."""
        self._starting = threading.Lock()  # guards the warm parent; taken before _changed where both are
        self._changed = threading.Condition()  # guards what follows
        self._processes = _Processes()
        self._live = 0  # workers that are idle, busy, or being started
        self._threads: ThreadPoolExecutor | None = None
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

    def start(self, kind: str = "relation") -> None:
        """Start the first worker and return at once, so that it gets ready while the caller does other things.

        Args:
            kind: the kind of claim that is expected first; its tool is loaded first.

        Raises:
            ToolError: the pool is closed, or the process could not be started.
        """
        with self._changed:
            self._check_open()
            if self._live > 0:
                return
            self._live += 1
        self._replace(tool_of(kind))

    def run(self, request: dict[str, Any], deadline_s: float) -> Answer:
        """Return the answer to a request: ``outcome``, ``reason``, ``tool``, ``witness``, ``computed``, ``wall_s``.

        Waiting for a free worker counts neither against the deadline nor in ``wall_s``.

        Args:
            request: a claim on the wire; ``id`` and ``deadline_s`` are filled in here.
            deadline_s: seconds from hand-over to a worker until that worker is killed, above 0.

        Raises:
            ToolError: no worker could be started, or the pool was closed.
            ValueError: ``deadline_s`` is not above 0.
        """
        if not deadline_s > 0:
            raise ValueError(f"deadline_s must be above 0, got {deadline_s}")
        number = next(self._ids)
        body = json.dumps({**request, "id": number, "deadline_s": deadline_s}, separators=(",", ":")).encode()
        if len(body) > REQUEST_MAX:
            return undecided(Reason.TOO_LARGE, f"the claim takes {len(body)} bytes; at most {REQUEST_MAX} are sent")
        tool = tool_of(str(request.get("kind")))
        answer, orphaned = self._asked(tool, body, number, deadline_s)
        if orphaned and not self._closed:  # that was no fault of the claim's
            answer, _ = self._asked(tool, body, number, deadline_s)
        if self._closed and answer["reason"] == Reason.CRASHED:
            raise ToolError("the workers were closed while one of them was deciding a claim")
        return answer

    def _asked(self, tool: str, body: bytes, number: int, deadline_s: float) -> tuple[Answer, bool]:
        """Return a worker's answer, and whether there is none because the workers' parent has ended."""
        worker = self._take(tool)
        try:
            answer = worker.ask(body, number, deadline_s)
            return answer, answer["reason"] == Reason.CRASHED and worker.zygote.has_ended(_NOTICED_S)
        finally:
            self._give_back(worker, tool)

    async def arun(self, request: dict[str, Any], deadline_s: float) -> Answer:
        """Do what :meth:`run` does without stalling the event loop."""
        import asyncio

        return await asyncio.wrap_future(self.submit(request, deadline_s))

    def submit(self, request: dict[str, Any], deadline_s: float) -> "Future[Answer]":
        """Return what :meth:`run` returns, as a future; as many requests run at once as there are workers."""
        with self._changed:
            self._check_open()
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self.limits.workers, thread_name_prefix="genverify-pool")
            return self._threads.submit(self.run, request, deadline_s)

    @property
    def layers(self) -> dict[str, str]:
        """Each isolation layer as the newest worker reported it, ``on`` or ``off: why``; empty before the first."""
        return dict(self._layers)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids, of the warm parent and then of the workers that have come up, for watching from outside."""
        with self._changed:
            zygote, workers = self._processes.zygote, self._processes.workers()
            return (*([zygote.pid] if zygote else []), *(w.pid for w in workers if w.pid is not None))

    def close(self) -> None:
        """End all processes; a second call does nothing. Checks under way in other threads raise ``ToolError``."""
        with self._starting, self._changed:
            self._closed = True
            threads, self._threads = self._threads, None
            self._finalizer()
            self._changed.notify_all()
        if threads is not None:
            threads.shutdown(wait=False)

    def _check_open(self) -> None:
        if self._closed:
            raise ToolError("the workers are closed; make new checkers (or a new WorkerPool) to check more claims")

    def _take(self, tool: str) -> Worker:
        """Return a worker that is ready for ``tool`` and, until given back, the caller's own.

        Raises:
            ToolError: none could be started, or the pool is closed.
        """
        with self._changed:
            while not (self._closed or self._processes.idle or self._live < self.limits.workers):
                self._changed.wait()
            self._check_open()
            worker = self._processes.idle.pop() if self._processes.idle else None
            self._live += worker is None
        ready = None
        try:
            ready = worker if worker is not None and self._is_ready(worker, tool) else self._new(tool)
        finally:
            self._hold(ready)
        return ready

    def _hold(self, worker: Worker | None) -> None:
        """Book a worker as busy; None: the caller came back without one."""
        with self._changed:
            if worker is not None and not self._closed:
                self._processes.busy.add(worker)
                self._layers = worker.layers
                return
            self._live -= 1
            self._changed.notify()
        if worker is not None:
            worker.end()
            self._check_open()

    def _is_ready(self, worker: Worker, tool: str) -> bool:
        """Say whether an idle worker can decide with ``tool`` now; if not, it has been ended."""
        try:
            worker.wait_ready(self.limits.start_s)
        except GuestGoneError:
            worker.end()
            return False
        if tool in worker.tools:
            return True
        worker.end()  # forked before the warm parent had loaded that tool: one forked now starts with it
        return False

    def _new(self, tool: str) -> Worker:
        """Return a worker forked now, once it is ready.

        Raises:
            ToolError: two attempts failed, or the pool is closed.
        """
        problem: GuestGoneError | None = None
        for attempt in range(1, _ATTEMPTS + 1):
            worker = self._forked(tool)
            try:
                worker.wait_ready(self.limits.start_s)
            except GuestGoneError as error:
                problem = error
                worker.end()
                self._end_if_broken(worker.zygote, surely=attempt == _ATTEMPTS)
            else:
                return worker
        raise ToolError(f"no worker process could be started: {problem}") from problem

    def _forked(self, tool: str) -> Worker:
        """Return a worker that is about to start.

        Raises:
            ToolError: two attempts failed, or the pool is closed.
        """
        problem: GuestGoneError | None = None
        for _ in range(_ATTEMPTS):
            with self._starting:
                self._check_open()
                zygote = self._processes.zygote
                if zygote is None:
                    zygote = Zygote(self._guest or asset("sandbox"), self.limits)
                    self._processes.zygote = zygote
                try:
                    return zygote.fork(tool, self.limits.start_s)
                except GuestGoneError as error:
                    problem = error
            self._end_if_broken(zygote)
        raise ToolError(f"the parent of the worker processes cannot be reached: {problem}") from problem

    def _end_if_broken(self, zygote: Zygote, *, surely: bool = False) -> None:
        """Clear the way for a new warm parent, unless this one lives on and only one fork has failed."""
        with self._starting:
            if self._processes.zygote is zygote and (surely or zygote.has_ended(_END_S / 4)):
                zygote.end()
                self._processes.zygote = None

    def _give_back(self, worker: Worker, tool: str) -> None:
        """Put a worker back among the idle ones, or a new one in its place if it should not go on."""
        limits = self.limits
        worn = worker.checks >= limits.checks_per_worker or worker.keeps(limits.growth_mib)
        with self._changed:
            self._processes.busy.discard(worker)
            if worker.fit and not worn and not self._closed:
                self._processes.idle.append(worker)
                self._changed.notify()
                return
        worker.end()
        try:
            self._replace(tool)
        except ToolError:  # whoever needs the next worker tries again, and is told if that fails
            return

    def _replace(self, tool: str) -> None:
        """Order a worker and book it as idle without waiting until it is ready.

        Raises:
            ToolError: none could be ordered; one fewer is then booked as live.
        """
        worker = None
        try:
            worker = self._forked(tool)
        finally:
            with self._changed:
                if worker is not None and not self._closed:
                    self._processes.idle.append(worker)
                else:
                    self._live -= 1
                self._changed.notify()
            if worker is not None and self._closed:
                worker.end()


_POOLS: "weakref.WeakSet[WorkerPool]" = weakref.WeakSet()


def _forget_all() -> None:
    for pool in _POOLS:
        pool._forget()


os.register_at_fork(after_in_child=_forget_all)
