"""Handles on the guest's processes: the warm parent that forks, and a worker that answers.

Nothing that a worker says is trusted to be well formed: it is size-limited JSON, checked field by field.
"""

import json
import math
import os
import select
import signal
import socket
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from genverify.tools.limits import Limits
from genverify.tools.program import GuestGoneError, Program, host_pid
from genverify.types import Outcome, Reason

Answer = dict[str, Any]

REPLY_MAX: Final = 1 << 16
"""Most bytes of a worker's reply; one is a witness of a line and a value, some hundred bytes."""
_WITNESS_MAX: Final = 300  # one report line
_COMPUTED_MAX: Final = 4000  # the longest text that the grammar reads
_HEADER: Final = 4
_RECORD: Final = 8  # bytes of one order to the warm parent, as in sandbox/zygote.py
_TOOLS: Final = frozenset({"sympy", "z3", "none"})
_FIELDS: Final = frozenset({"id", "outcome", "reason", "tool", "witness", "computed", "spent_s", "rss_mib"})


def undecided(reason: Reason, witness: str, wall_s: float = 0.0) -> Answer:
    """Return the answer that stands in for one that no worker gave."""
    answer = {"outcome": "undecided", "reason": str(reason), "tool": "none", "witness": witness, "computed": None}
    return {**answer, "wall_s": wall_s}


class Zygote(Program):
    """The warm parent of workers that decide claims.

    Args:
        guest: the folder of the guest program.
        limits: what each worker may use.

    Raises:
        ToolError: the process could not be started.
    """

    def __init__(self, guest: Path, limits: Limits) -> None:
        settings = {"level": limits.level, "off": limits.off, "memory_mib": limits.memory_mib}
        super().__init__(guest, "checks", settings)

    def fork(self, tool: str, timeout_s: float) -> "Worker":
        """Ask for a worker with ``tool`` loaded; return its handle at once, before it is ready.

        Raises:
            GuestGoneError: the process has ended or has not listened for ``timeout_s`` seconds.
        """
        ours, theirs = socket.socketpair()
        try:
            self.order(tool.encode().ljust(_RECORD), [theirs.fileno()], timeout_s)
        except GuestGoneError:
            ours.close()
            raise
        finally:
            theirs.close()
        return Worker(ours, self)


class Worker:
    """One worker process; used by one thread at a time."""

    def __init__(self, sock: socket.socket, zygote: Zygote) -> None:
        self.zygote = zygote
        self.pid: int | None = None
        """Known once the worker is ready."""
        self.tools: tuple[str, ...] = ()
        self.layers: dict[str, str] = {}
        self.fit = True
        """Whether it may take another request."""
        self.checks = 0
        self._peak_mib = 0.0
        self._start_mib = 0.0
        self._sock = sock
        self._handle: int | None = None  # a pidfd: names this process and never another that got its number

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until the worker has said hello; return at once if it has.

        Raises:
            GuestGoneError: it ended instead, or said nothing for ``timeout_s`` seconds.
        """
        if self.pid is not None:
            if _readable(self._sock.fileno(), 0):  # an idle worker has nothing to say: it has ended
                raise GuestGoneError("the worker ended while it was idle")
            return
        end = perf_counter() + timeout_s
        try:
            introduction = self._first_words(end)  # nothing but our own code has run in it yet
            hello = json.loads(self._receive(end))
        except TimeoutError:
            raise GuestGoneError(f"the worker was not ready after {timeout_s:g} s") from None
        except (OSError, EOFError, ValueError) as error:
            raise GuestGoneError(self.zygote.problem() or str(error) or "the worker ended early") from error
        self.tools, self.layers, self._start_mib = tuple(hello["tools"]), hello["layers"], hello["rss_mib"]
        self.pid = host_pid(self._handle, introduction["pid"])

    def _first_words(self, end: float) -> dict[str, Any]:
        """Receive who the worker is, and the handle that comes with it.

        Raises:
            TimeoutError: nothing had come at ``end``.
            EOFError: the worker ended instead.
        """
        self._sock.settimeout(max(end - perf_counter(), 0.001))
        frame, handles, _, _ = socket.recv_fds(self._sock, _HEADER, 1, getattr(socket, "MSG_CMSG_CLOEXEC", 0))
        self._handle = handles[0] if handles else None
        if len(frame) < _HEADER:
            raise EOFError
        return dict(json.loads(self._sock.recv(int.from_bytes(frame, "big"))))

    def ask(self, body: bytes, number: int, deadline_s: float) -> Answer:
        """Send one request and return its answer; a worker that gives none in time, or not a proper one, is killed.

        Args:
            body: the request as JSON.
            number: its ``id``, which the reply must carry.
            deadline_s: seconds from now until the worker is killed, above 0.
        """
        self.fit = False
        start = perf_counter()
        try:
            self._sock.settimeout(deadline_s)
            self._sock.sendall(len(body).to_bytes(_HEADER, "big") + body)
            answer = read_answer(self._receive(start + deadline_s), number)
        except TimeoutError:
            self.stop()
            return undecided(Reason.TIMEOUT, f"no answer within {deadline_s:g} s", perf_counter() - start)
        except (OSError, EOFError, ValueError) as error:
            self.stop()
            late = perf_counter() - start >= deadline_s
            why = "the worker ended without an answer" if isinstance(error, OSError | EOFError) else str(error)
            return undecided(Reason.TIMEOUT if late else Reason.CRASHED, why, perf_counter() - start)
        self.checks += 1
        self._peak_mib = answer.pop("rss_mib")
        self.fit = answer["reason"] not in (Reason.MEMORY, Reason.CRASHED)
        return {**answer, "wall_s": perf_counter() - start}

    def keeps(self, growth_mib: float) -> bool:
        """Say whether it holds more than ``growth_mib`` of resident memory beyond that at its start.

        It tells only its peak itself: its root folder has no ``/proc``.
        """
        least = self._start_mib + growth_mib
        return self._peak_mib > least and self._resident_mib() > least

    def _resident_mib(self) -> float:
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        except OSError:
            return self._peak_mib
        return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)

    def _receive(self, end: float) -> bytes:
        """Return the body of one frame.

        Raises:
            TimeoutError: it was not complete at ``end``.
            EOFError: the worker closed its end.
            ValueError: more came than one frame may hold.
        """
        data = b""
        length = 0
        while len(data) < _HEADER + length or len(data) < _HEADER:
            left_s = end - perf_counter()
            if left_s <= 0:
                raise TimeoutError
            self._sock.settimeout(left_s)
            part = self._sock.recv(_HEADER + REPLY_MAX)
            if not part:
                raise EOFError
            data += part
            length = int.from_bytes(data[:_HEADER], "big") if len(data) >= _HEADER else 0
            if length > REPLY_MAX:
                raise ValueError(f"the worker's reply of {length} bytes is longer than {REPLY_MAX}")
        if len(data) > _HEADER + length:
            raise ValueError("the worker sent more than one reply")
        return data[_HEADER:]

    def stop(self) -> None:
        """Kill the process; its handle stays open."""
        with suppress(OSError):  # it may have ended by itself
            if self._handle is not None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            elif self.pid is not None:
                os.kill(self.pid, signal.SIGKILL)
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for its answer

    def wait_end(self, timeout_s: float) -> None:
        """Wait until the process is gone, at most ``timeout_s`` seconds."""
        if self._handle is not None:
            _readable(self._handle, timeout_s)

    def end(self) -> None:
        """Kill the process and close what this side holds of it."""
        self.stop()
        self.forget()

    def forget(self) -> None:
        """Close what this side holds; a worker that is idle ends by itself once nobody holds its socket."""
        self._sock.close()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _readable(descriptor: int, timeout_s: float) -> bool:
    poller = select.poll()  # not select.select, which knows no descriptor above 1023
    poller.register(descriptor, select.POLLIN)
    return bool(poller.poll(timeout_s * 1000))


def read_answer(body: bytes, number: int) -> Answer:
    """Return a worker's reply after checking every field of it.

    Raises:
        ValueError: it is not what the contract says.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("the worker's reply is not JSON") from None
    if not isinstance(answer, dict) or answer.keys() != _FIELDS:
        raise ValueError("the worker's reply has not the fields of an answer")
    wrong = [name for name, fits in _fitting(answer, number).items() if not fits]
    if wrong:
        raise ValueError(f"the worker's reply has a wrong {' and '.join(wrong)}")
    return answer


def _fitting(answer: Answer, number: int) -> dict[str, bool]:
    outcome, reason, witness, computed = (answer[f] for f in ("outcome", "reason", "witness", "computed"))
    undecided = outcome == Outcome.UNDECIDED
    return {
        "id": type(answer["id"]) is int and answer["id"] == number,
        "outcome": isinstance(outcome, str) and outcome in _OUTCOMES,
        "reason": (isinstance(reason, str) and reason in _REASONS) if undecided else reason is None,
        "tool": isinstance(answer["tool"], str) and answer["tool"] in _TOOLS,
        "witness": isinstance(witness, str) and len(witness) <= _WITNESS_MAX and len(witness.splitlines()) <= 1,
        "computed": computed is None or (isinstance(computed, str) and len(computed) <= _COMPUTED_MAX),
        "spent_s": _is_amount(answer["spent_s"]),
        "rss_mib": _is_amount(answer["rss_mib"]),
    }


_OUTCOMES: Final = frozenset(str(o) for o in Outcome)
_REASONS: Final = frozenset(str(r) for r in Reason)


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
