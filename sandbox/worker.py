"""Answer the requests that come over one socket, one after the other, in a confined process."""

import gc
import os
import socket
import sys
import time
from typing import Any, Final

import frames
import limits

_COMPUTED_MAX: Final = 4000  # the longest text that the host's grammar reads
_FIELDS: Final = ("outcome", "reason", "tool", "witness", "computed")


def serve(sock: socket.socket, memory_mib: int, tools: tuple[str, ...], parent: int) -> None:
    """Answer until the host closes the socket, or until a request leaves this process unfit for another.

    Args:
        sock: the worker's end; it becomes the only open descriptor but for 0, 1 and 2.
        memory_mib: address space in MiB that checks may add.
        tools: what is loaded already, told to the host.
        parent: the process that forked this one.
    """
    sock = _only(sock)
    sys.dont_write_bytecode = True  # files of length 0 are all it could write
    layers = limits.confine(memory_mib, parent)
    gc.enable()
    _greet(sock, tools, layers)
    fit = True
    while fit and (request := frames.read(sock)) is not None:
        reply, fit = _answer(request)
        sock.sendall(reply)


def _only(sock: socket.socket) -> socket.socket:
    """Close every descriptor but ``sock`` and return it at a fixed place; 0, 1 and 2 lead nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    place = 3
    if sock.fileno() != place:
        os.dup2(sock.fileno(), place)
    family = sock.family
    sock.detach()
    os.closerange(place + 1, 1 + max(int(name) for name in os.listdir("/dev/fd")))
    return socket.socket(family, socket.SOCK_STREAM, fileno=place)


def _greet(sock: socket.socket, tools: tuple[str, ...], layers: dict[str, str]) -> None:
    """Tell the host who answers, with a handle (where the system has them) that can never name another process."""
    hello = frames.encode({"pid": os.getpid(), "tools": tools, "layers": layers, "rss_mib": limits.resident_mib()})
    try:
        handle = os.pidfd_open(os.getpid())
    except (AttributeError, OSError):
        sock.sendall(hello)
        return
    socket.send_fds(sock, [hello], [handle])
    os.close(handle)


def _answer(request: dict[str, Any]) -> tuple[bytes, bool]:
    """Return the reply and whether this process may take another request."""
    import checks

    limits.renew_cpu(float(request["deadline_s"]))
    start = time.perf_counter()
    fit = True
    try:
        answer = checks.decide(request)
    except MemoryError:
        answer, fit = _undecided("memory", "the worker's memory limit was reached"), False
    except RecursionError:
        answer = _undecided("too_large", "the expression nests too deeply")
    # The boundary of the process: whatever went wrong is told as a reason, and a clean process takes the next request.
    except Exception as error:  # noqa: BLE001
        answer, fit = _undecided("crashed", f"{type(error).__name__}: {error}"[:300]), False
    reply = {name: answer.get(name) for name in _FIELDS}
    if len(reply["computed"] or "") > _COMPUTED_MAX:
        reply["computed"] = None
    spent = {"spent_s": time.perf_counter() - start, "rss_mib": limits.resident_mib()}
    return frames.encode({"id": request["id"], **reply, **spent}), fit


def _undecided(reason: str, witness: str) -> dict[str, Any]:
    line = " ".join(witness.split())
    return {"outcome": "undecided", "reason": reason, "tool": "none", "witness": line, "computed": None}
