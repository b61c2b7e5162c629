"""Run the cells that come over one socket, one after the other, in a confined process whose names stay.

Code that a model wrote runs here, so nothing that this process says is trusted by the host, and nothing here is
protected from that code: what must hold is held by the kernel of the system and by the host.
"""

import builtins
import gc
import io
import os
import signal
import socket
import sys
import types
from contextlib import suppress
from typing import Any, Final

import cells
import confine
import frames
import hello
import jail

_PLACE: Final = 3
"""The descriptor of the socket, the only one but for 0, 1 and 2."""
REPLY_MAX: Final = 1 << 20
"""Most bytes of a reply: a value, a message and a traceback, escaped."""


def serve(ends: tuple[socket.socket, int, int], confinement: confine.Confinement, parent: int) -> None:
    """Run cells until the host closes the socket.

    Args:
        ends: the kernel's end of its socket, and where standard output and standard error go.
        confinement: what this process is confined by before it runs anything.
        parent: the process that forked this one, as this one sees it; 0 if it does not.

    Raises:
        RefusedError: the level of isolation demands what could not be had.
    """
    sock, output, errors = ends
    layers = hello.confined(sock, confinement, parent)
    confine.keep_only((sock.detach(), output, errors))
    os.dup2(4, 1)
    os.dup2(5, 2)
    os.closerange(4, 6)
    namespace = _namespace()
    gc.enable()
    frames.write(_PLACE, frames.encode({"layers": layers}))
    number = 0
    while (request := frames.read(_PLACE)) is not None:
        number += 1
        _reply({**_run(str(request["code"]), namespace, number), "id": request["id"]})


def _namespace() -> dict[str, Any]:
    """Return a fresh ``__main__`` whose standard streams are the host's pipes."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    module.__dict__["__builtins__"] = builtins
    sys.argv = [""]
    sys.dont_write_bytecode = True
    sys.stdin = io.StringIO()
    sys.stdout, sys.stderr = _stream(1), _stream(2)
    os.environ.update({"HOME": jail.SCRATCH, "TMPDIR": jail.SCRATCH})
    return module.__dict__


def _stream(descriptor: int) -> io.TextIOWrapper:
    """Return a text stream that can write whatever a cell prints; a raw pipe could not, nor tell of half characters."""
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace")


class _Interrupt:
    """Turns SIGINT into KeyboardInterrupt while a cell runs, and into nothing otherwise."""

    running = False

    def __call__(self, *_: object) -> None:
        if self.running:
            raise KeyboardInterrupt


_interrupt: Final = _Interrupt()


def _run(code: str, namespace: dict[str, Any], number: int) -> dict[str, Any]:
    """Run a cell and flush its output; an interruption may come at any moment until that is done."""
    streams = [sys.stdout, sys.stderr]
    try:
        signal.signal(signal.SIGINT, _interrupt)  # the cell before may have put its own in place
        _interrupt.running = True
        result = cells.run(code, namespace, number)
        _flush(streams)
    except KeyboardInterrupt:
        result = {**cells.run("", namespace, number), "status": "error", "ename": "KeyboardInterrupt"}
    finally:
        _interrupt.running = False
    _flush(streams)
    return result


def _flush(streams: list[Any]) -> None:
    for stream in (*streams, sys.stdout, sys.stderr):
        with suppress(Exception):  # the cell may have put anything in their place
            stream.flush()


def _reply(reply: dict[str, Any]) -> None:
    try:
        frame = frames.encode(reply, REPLY_MAX)
    except frames.FrameError as error:
        small = {"status": "error", "ename": "FrameError", "evalue": str(error), "value": None, "traceback": ""}
        frame = frames.encode({**reply, **small})
    frames.write(_PLACE, frame)
