"""Answer the requests that come over one socket, one after the other, in a confined process."""

import gc
import socket
import sys
import time
from typing import Any, Final

import confine
import frames
import hello
import limits

_COMPUTED_MAX: Final = 4000  # the longest text that the host's grammar reads
_FIELDS: Final = ("outcome", "reason", "tool", "witness", "computed")
_PLACE: Final = 3
"""The descriptor of the socket, the only one but for 0, 1 and 2."""


def serve(sock: socket.socket, tools: tuple[str, ...], confinement: confine.Confinement, parent: int) -> None:
    """Answer until the host closes the socket, or until a request leaves this process unfit for another.

    Args:
        sock: the worker's end.
        tools: what is loaded already, told to the host.
        confinement: what this process is confined by before it answers.
        parent: the process that forked this one, as this one sees it.

    Raises:
        RefusedError: the level of isolation demands what could not be had.
    """
    sys.dont_write_bytecode = True  # files of length 0 are all it could write
    layers = hello.confined(sock, confinement, parent)
    confine.keep_only((sock.detach(),))
    gc.enable()
    said = {"tools": tools, "layers": layers, "rss_mib": limits.peak_resident_mib()}
    frames.write(_PLACE, frames.encode(said))
    fit = True
    while fit and (request := frames.read(_PLACE)) is not None:
        reply, fit = _answer(request)
        frames.write(_PLACE, reply)


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
    spent = {"spent_s": time.perf_counter() - start, "rss_mib": limits.peak_resident_mib()}
    return frames.encode({"id": request["id"], **reply, **spent}), fit


def _undecided(reason: str, witness: str) -> dict[str, Any]:
    line = " ".join(witness.split())
    return {"outcome": "undecided", "reason": reason, "tool": "none", "witness": line, "computed": None}
