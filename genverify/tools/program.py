"""A guest program to a running process that forks: started anew with its own environment, never forked from us."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from genverify.errors import ToolError

_PASSED_ON: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""The only variables taken from the caller: some interpreters cannot find their own libraries without them."""
_SET: Final = {
    "PYTHONHASHSEED": "0",  # SymPy orders terms by hash: without it two runs can print two forms
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",  # a thread pool in the warm parent would not survive the fork
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",  # each further arena reserves 64 MiB of the address space that is limited
}
_PID_BYTES: Final = 8
_END_S: Final = 1.0  # a process that was killed is gone in milliseconds; one that is not is left to the system
_PAUSE_S: Final = 0.005  # an order is carried out in less


class GuestGoneError(Exception):
    """A guest process ended, or never came up."""


def environment() -> dict[str, str]:
    """Return the whole environment of the guest: no key, token or path of the caller is in it."""
    return {**{name: os.environ[name] for name in _PASSED_ON if name in os.environ}, **_SET}


class Program:
    """The warm parent process: forks a worker for each order that it is sent, and dies with this process.

    Args:
        guest: the folder of the guest program.
        role: what its workers do: ``checks`` or ``cells``.
        settings: what they may use, as ``sandbox/confine.py`` lists it.

    Raises:
        ToolError: the process could not be started.
    """

    def __init__(self, guest: Path, role: str, settings: Mapping[str, Any]) -> None:
        self._control, theirs = socket.socketpair()
        self._errors, writing = os.pipe()
        os.set_blocking(self._errors, False)
        os.set_blocking(writing, False)  # a full pipe must not stop the guest
        # Not -I: it would drop PYTHONHASHSEED. -s, -P and an environment of our own shut out the same things.
        command = [sys.executable, "-s", "-P", str(guest.absolute()), role, str(theirs.fileno()), json.dumps(settings)]
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
        self._pid: int | None = None

    @property
    def pid(self) -> int:
        """The process id of the one that forks; until it has told it, of the one that was started."""
        if self._pid is None:
            with suppress(OSError):
                told = self._control.recv(_PID_BYTES, socket.MSG_DONTWAIT)
                self._pid = int.from_bytes(told, "big") if len(told) == _PID_BYTES else None
        return self._pid if self._pid is not None else self._process.pid

    def order(self, record: bytes, descriptors: Sequence[int], timeout_s: float) -> None:
        """Order a worker that holds copies of ``descriptors``.

        Raises:
            GuestGoneError: the process has ended or has not listened for ``timeout_s`` seconds.
        """
        end = monotonic() + timeout_s
        self._control.settimeout(timeout_s)
        while True:
            try:
                socket.send_fds(self._control, [record], list(descriptors))
            except OSError as error:
                if error.errno != errno.ETOOMANYREFS or monotonic() > end:
                    raise GuestGoneError(self.problem() or str(error)) from error
                sleep(_PAUSE_S)  # the system bounds the descriptors that are on their way
            else:
                return

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
        """Kill the process; it holds nothing that an orderly end would save.

        The one that forks goes first: its parent, which waits for it, leaves no zombie to whoever inherits orphans.
        """
        forks = self.pid
        self._control.close()
        if forks != self._process.pid and self._process.poll() is None:
            with suppress(OSError):
                os.kill(forks, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_S)
        self._process.kill()
        self._process.wait()
        os.close(self._errors)

    def forget(self) -> None:
        """Drop what a forked copy of this process has inherited, and leave the guest to the original."""
        self._control.close()
        os.close(self._errors)
        self._process.returncode = 0  # it is not this process's child: nothing to wait for, nothing to warn of


def host_pid(handle: int | None, told: int) -> int:
    """Return a guest process's id as this process knows it; in its own namespace it may be 1.

    Args:
        handle: a pidfd of it, if the system has those.
        told: what it said itself.
    """
    if handle is None:
        return told
    try:
        lines = Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="ascii").splitlines()
    except OSError:
        return told
    return next((int(line.split()[1]) for line in lines if line.startswith("Pid:")), told)
