"""One kernel process: an order to a greeting, signals, and what it left behind; see ``sandbox/README.md``.

It belongs to no event loop between two cells, so that plain functions may start a loop for each call.
"""

import asyncio
import json
import os
import select
import signal
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

from genverify.errors import ToolError
from genverify.tools.program import GuestGoneError, Program, host_pid

HEADER: Final = 4
_Pair = TypeVar("_Pair")
_ORDER: Final = b"kernel  "  # as long as sandbox/nursery.py reads
_ENDED: Final = struct.Struct("=qdd")
_HELLO_MAX: Final = 1 << 16


class KernelProcess:
    """A process that runs cells, from its order on; used by one coroutine at a time.

    Args:
        program: the warm parent that forks it.
        timeout_s: seconds to wait until that parent takes the order.

    Raises:
        GuestGoneError: the parent has ended or does not listen.
        ToolError: this process has no descriptors left.
    """

    def __init__(self, program: Program, timeout_s: float) -> None:
        self._program = program
        self._handle: int | None = None  # a pidfd: names this process and never another that got its number
        self.sock, theirs = _made(socket.socketpair)
        pipes = [_made(os.pipe) for _ in range(3)]
        (self.output, _), (self.errors, _), (self.told, _) = pipes
        try:
            program.order(_ORDER, [theirs.fileno(), *(writing for _, writing in pipes)], timeout_s)
        except GuestGoneError:
            self._close()
            raise
        finally:
            theirs.close()
            for _, writing in pipes:
                os.close(writing)
        for descriptor in (self.output, self.errors, self.told):
            os.set_blocking(descriptor, False)
        self.sock.setblocking(False)
        self.pid: int | None = None
        """As this process knows it; None until the kernel has greeted."""
        self.layers: dict[str, str] = {}
        self.output_bytes = 0
        """All that it has written so far."""
        self.cells = 0
        self._frozen = False
        self.closed = False
        self._end: str | None = None

    async def wait_ready(self, timeout_s: float) -> None:
        """Wait until the kernel is confined and says so; return at once if it has.

        Raises:
            GuestGoneError: it ended instead, or said nothing for ``timeout_s`` seconds.
        """
        if self.pid is not None:
            return
        try:
            async with asyncio.timeout(timeout_s):
                told, hello = await self._greeting()
        except TimeoutError:
            raise GuestGoneError(f"the kernel was not ready after {timeout_s:g} s") from None
        except (OSError, EOFError, ValueError) as error:
            why = self._program.problem() or str(error) or "the kernel ended before it was ready"
            raise GuestGoneError(why) from error
        self.layers = hello["layers"]
        self.pid = host_pid(self._handle, told["pid"])

    async def _greeting(self) -> tuple[dict[str, int], dict[str, dict[str, str]]]:
        """Return the two frames that a kernel sends before it runs anything of others."""
        data = b""
        frames: list[dict[str, Any]] = []
        while len(frames) < 2:
            await readable(self.sock.fileno())
            part, handles, _, _ = socket.recv_fds(self.sock, _HELLO_MAX, 1, getattr(socket, "MSG_CMSG_CLOEXEC", 0))
            self._handle = handles[0] if handles else self._handle
            if not part:
                raise EOFError
            data += part
            while len(data) >= HEADER and len(data) >= (end := HEADER + int.from_bytes(data[:HEADER], "big")):
                frames.append(json.loads(data[HEADER:end]))
                data = data[end:]
        return frames[0], frames[1]

    def has_ended(self) -> bool:
        """Say whether the process, or the one that forked it, has ended."""
        if self.closed:
            return True
        poller = select.poll()
        poller.register(self.told, select.POLLIN)
        poller.register(self.sock, 0)  # whatever is asked for, its end is told: at once, and before the parent tells it
        return bool(poller.poll(0))

    def how_it_ended(self) -> str:
        """Return ``signal 11``, ``exit code 1`` ...; empty while it is not known."""
        if self._end is None:
            try:
                record = os.read(self.told, _ENDED.size)
            except OSError:
                return ""
            self._end = _end_of(record)
        return self._end

    def threads_left(self) -> int:
        """Return how many threads the process has beside its first one; 0 if the system does not tell."""
        with suppress(OSError):
            return max(0, os.stat(f"/proc/{self.pid}/task").st_nlink - 3)
        return 0

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it is still there."""
        if self.closed:  # its number may be another's by now
            return
        with suppress(OSError):
            if self._handle is not None:
                signal.pidfd_send_signal(self._handle, number)
            elif self.pid is not None:
                os.kill(self.pid, number)

    def freeze(self) -> None:
        """Stop the process: threads, timers and handlers that a cell has left behind do nothing until the next cell."""
        self._frozen = True
        self.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let threads go on that were stopped."""
        if self._frozen:
            self._frozen = False
            self.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the process and close what this side holds of it."""
        if not self.closed:
            self.send_signal(signal.SIGKILL)
            self._close()

    def forget(self) -> None:
        """Close what a forked copy of this process has inherited, and leave the kernel to the original."""
        if not self.closed:
            self._close()

    def _close(self) -> None:
        self.closed = True
        self.sock.close()
        for descriptor in (self.output, self.errors, self.told):
            os.close(descriptor)
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _made(make: Callable[[], _Pair]) -> _Pair:
    try:
        return make()
    except OSError as error:
        raise ToolError(f"a kernel takes five descriptors, and {error}; lower KernelLimits.kernels") from error


def _end_of(record: bytes) -> str:
    if len(record) < _ENDED.size:
        return "the process that started it ended"
    code, cpu_s, peak_mib = _ENDED.unpack(record)
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return f"{how}; processor time {cpu_s:.1f} s, peak memory {peak_mib:.0f} MiB" if code == -9 else how


async def readable(descriptor: int) -> None:
    """Wait until ``descriptor`` has something to read, or its end."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, _set, done)
    try:
        await done
    finally:
        loop.remove_reader(descriptor)


def _set(done: "asyncio.Future[None]") -> None:
    if not done.done():
        done.set_result(None)
