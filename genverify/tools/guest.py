"""Handles on the guest's processes: the warm parent that forks, and a worker that answers.

Nothing that a worker says is trusted to be well formed: it is size-limited JSON, checked field by field.
"""

import json
import math
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from genverify.errors import ToolError
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
_PASSED_ON: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""The only variables taken from the caller: some interpreters cannot find their own libraries without them."""
_SET: Final = {
    "PYTHONHASHSEED": "0",  # SymPy orders terms by hash: without it two runs can print two forms
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",  # a thread pool in the warm parent would not survive the fork
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",  # each further arena reserves 64 MiB of the address space that is limited
}


class GuestGoneError(Exception):
    """A guest process ended, or never came up."""


def environment() -> dict[str, str]:
    """Return the whole environment of the guest: no key, token or path of the caller is in it."""
    return {**{name: os.environ[name] for name in _PASSED_ON if name in os.environ}, **_SET}


def undecided(reason: Reason, witness: str, wall_s: float = 0.0) -> Answer:
    """Return the answer that stands in for one that no worker gave."""
    answer = {"outcome": "undecided", "reason": str(reason), "tool": "none", "witness": witness, "computed": None}
    return {**answer, "wall_s": wall_s}


class Zygote:
    """The warm parent process: forks a worker for each socket that it is sent, and dies with this process.

    Args:
        guest: the folder of the guest program.
        memory_mib: address space in MiB that each worker may add.

    Raises:
        ToolError: the process could not be started.
    """

    def __init__(self, guest: Path, memory_mib: int) -> None:
        self._control, theirs = socket.socketpair()
        self._errors, writing = os.pipe()
        os.set_blocking(self._errors, False)
        os.set_blocking(writing, False)  # a full pipe must not stop the guest
        # Not -I: it would drop PYTHONHASHSEED. -s, -P and an environment of our own shut out the same things.
        command = [sys.executable, "-s", "-P", str(guest.absolute()), str(theirs.fileno()), str(memory_mib)]
        try:
            self._process = subprocess.Popen(
                command, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writing,
                pass_fds=(theirs.fileno(),), start_new_session=True, cwd="/",
            )  # fmt: skip
        except OSError as error:
            self._control.close()
            os.close(self._errors)
            raise ToolError(f"the worker program could not be started with {sys.executable!r}: {error}") from error
        finally:
            theirs.close()
            os.close(writing)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def fork(self, tool: str, timeout_s: float) -> "Worker":
        """Ask for a worker with ``tool`` loaded; return its handle at once, before it is ready.

        Raises:
            GuestGoneError: the process has ended or has not listened for ``timeout_s`` seconds.
        """
        ours, theirs = socket.socketpair()
        try:
            self._control.settimeout(timeout_s)
            socket.send_fds(self._control, [tool.encode().ljust(_RECORD)], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise GuestGoneError(self.problem() or str(error)) from error
        finally:
            theirs.close()
        return Worker(ours, self)

    def has_ended(self, within_s: float) -> bool:
        """Say whether the process ends within ``within_s`` seconds."""
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def problem(self) -> str:
        """Return the last line that the guest wrote on standard error, empty if there is none."""
        try:
            lines = os.read(self._errors, 1 << 16).decode(errors="replace").split("\n")
        except OSError:
            return ""
        return next((line.strip()[:500] for line in reversed(lines) if line.strip()), "")

    def end(self) -> None:
        """Kill the process; it holds nothing that an orderly end would save."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        os.close(self._errors)

    def forget(self) -> None:
        """Drop what a forked copy of this process has inherited, and leave the guest to the original."""
        self._control.close()
        os.close(self._errors)
        self._process.returncode = 0  # it is not this process's child: nothing to wait for, nothing to warn of


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
        self.growth_mib = 0.0
        """Resident memory in MiB beyond that at its start, as of its last answer."""
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
        self._sock.settimeout(timeout_s)
        try:
            data, handles, _, _ = socket.recv_fds(self._sock, 4096, 1, getattr(socket, "MSG_CMSG_CLOEXEC", 0))
        except TimeoutError:
            raise GuestGoneError(f"the worker was not ready after {timeout_s:g} s") from None
        except OSError as error:
            raise GuestGoneError(str(error)) from error
        if not data:
            raise GuestGoneError(self.zygote.problem() or "the worker ended before it was ready")
        self._handle = handles[0] if handles else None
        hello = json.loads(data[_HEADER:])  # nothing but our own code has run in it yet
        self.tools, self.layers, self._start_mib = tuple(hello["tools"]), hello["layers"], hello["rss_mib"]
        self.pid = hello["pid"]

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
        self.growth_mib = answer.pop("rss_mib") - self._start_mib
        self.fit = answer["reason"] not in (Reason.MEMORY, Reason.CRASHED)
        return {**answer, "wall_s": perf_counter() - start}

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
