"""The warm parent: loads the tools once, then forks a worker for each socket that the host sends.

It stays single-threaded, since only the calling thread survives a fork, and it never decides a claim.
"""

import gc
import os
import select
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final

import checks
from confine import Confinement

RECORD: Final = 8
"""Bytes of one order on the control socket: the tool needed first, padded with spaces, and one descriptor."""
_TOOLS: Final = ("sympy", "z3")
_QUIET_MS: Final = 100
"""Warming up goes on once no order has come for so long: a first answer should not share its processor with it."""


Worker = tuple[socket.socket, tuple[str, ...], Confinement, int]
"""What a new worker needs: its socket, the tools that are loaded, its confinement, and who forked it."""


def serve(control: socket.socket, confinement: Confinement) -> Worker:
    """Fork workers until the host is gone; return in each worker.

    Orders come before warming up, so that the first worker starts as soon as its own tool is loaded.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the host's to handle
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps: no zombies, no bookkeeping
    gc.disable()  # nothing to collect while importing: 10 % of the start
    loaded: list[str] = []
    work = _warm_up(loaded)
    poller = select.poll()
    poller.register(control, select.POLLIN)
    quiet_ms = 0
    while True:
        if work and not poller.poll(quiet_ms):
            work.popleft()()
            continue
        quiet_ms = _QUIET_MS
        order, descriptors, _, _ = socket.recv_fds(control, RECORD, 1)
        if not order:
            _end()
        for descriptor in descriptors:
            sock = socket.socket(fileno=descriptor)
            _load(order.decode().strip(), loaded)
            gc.freeze()  # a worker's collector never touches, and so never copies, the pages it shares
            parent = os.getpid()
            if _fork(confinement) == 0:
                control.close()
                return sock, tuple(loaded), confinement, parent
            sock.close()


def _fork(confinement: Confinement) -> int:
    """Return 0 in the worker; the host notices a failure by the closed socket, and reads why on standard error."""
    try:
        pid = confinement.fork()
    except OSError as error:
        print(f"could not fork a worker: {error}", file=sys.stderr)
        return -1
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    return pid


def _end() -> None:
    """End the workers and then this process; waiting for them leaves no zombie to whoever inherits them."""
    if os.getpid() == 1:  # the first process of a namespace: the kernel ends the others with it
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(os.getpgrp(), signal.SIGTERM)  # workers do not catch it; the session holds nobody else
    with suppress(ChildProcessError):
        os.wait()  # with SIGCHLD ignored it returns by failing, once the last has gone
    os._exit(0)


def _warm_up(loaded: list[str]) -> deque[Callable[[], None]]:
    """Return the work for idle moments, in slices short enough that an order never waits long."""
    loads = [partial(_load, tool, loaded) for tool in _TOOLS]
    return deque([*loads, *(partial(_tried, partial(checks.decide, request)) for request in _REHEARSAL)])


def _load(tool: str, loaded: list[str]) -> None:
    if tool in loaded or tool not in _TOOLS:
        return
    _tried(partial(checks.warm, (tool,)))
    if tool == "sympy":
        _tried(partial(checks.decide, _REHEARSAL[0]))  # the first sum of all imports 80 ms of modules
    loaded.append(tool)


def _tried(work: Callable[[], object]) -> None:
    try:
        work()
    # The boundary of a part that may be missing (a broken Z3): each request that needs it is answered with the reason.
    except Exception as error:  # noqa: BLE001
        print(f"warming up: {type(error).__name__}: {error}", file=sys.stderr)


_X: Final = ["sym", "x"]
_ONE: Final = ["num", "1"]
_TWO: Final = ["num", "2"]


def _request(kind: str, statement: list[Any], *givens: list[Any]) -> dict[str, Any]:
    """Return a request as the host writes them."""
    parts = {"kind": kind, "statement": statement, "givens": list(givens)}
    return {"id": 0, **parts, "tolerance": None, "slack": None, "deadline_s": 1.0}


_SQUARE: Final = ["^", ["+", _X, _ONE], _TWO]
_EXPANDED: Final = ["+", ["^", _X, _TWO], ["*", _TWO, _X], _ONE]
_REHEARSAL: Final = (
    _request("identity", ["=", _SQUARE, _EXPANDED]),
    _request("relation", ["=", ["*", ["sqrt", _TWO], ["sqrt", _TWO]], _TWO]),
    _request("relation", ["=", ["sin", ["/", ["sym", "pi"], _TWO]], _ONE]),
    _request("roots", ["or", ["=", _X, _ONE], ["=", _X, _TWO]],
             ["=", ["+", ["^", _X, _TWO], ["*", ["num", "-3"], _X], _TWO], ["num", "0"]]),
    _request("rewrite", ["=", _X, _ONE], ["=", ["*", _TWO, _X], _TWO]),
    _request("identity", ["=", ["+", ["^", ["sin", _X], _TWO], ["^", ["cos", _X], _TWO]], _ONE]),
    _request("identity", ["=", ["diff", ["^", _X, _TWO], _X], ["*", _TWO, _X]]),
)  # fmt: skip
"""What most claims of the development data need from SymPy: its first call costs 20 ms, every later one 1 ms."""
