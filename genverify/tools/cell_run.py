"""One cell on one kernel process, from its code to what came of it, inside one event loop.

Limits are kept from outside: the process is asked to stop, then killed, and what it wrote by then is kept.
"""

import asyncio
import json
import os
import signal
from contextlib import suppress
from dataclasses import replace
from time import perf_counter
from typing import Any, Final

from genverify.tools.cells import REPLY_MAX, Cell, CellStatus, clean, read_reply
from genverify.tools.kernel_process import HEADER, KernelProcess
from genverify.tools.limits import KernelLimits

_CHUNK: Final = 1 << 16
_REAPED_S: Final = 1.0  # its parent tells of a death within milliseconds; after that it is told without its cause
REQUEST_MAX: Final = 1 << 20
"""Most bytes of a cell on the wire; the guest reads no more."""


class Output:
    """What comes out of one pipe of a kernel: the first bytes are kept, all are counted."""

    def __init__(self, descriptor: int, kept: int) -> None:
        self.descriptor = descriptor
        self.total = 0
        self._kept = kept
        self._parts: list[bytes] = []

    def read(self) -> int:
        """Read what is there, at most one piece; return how many bytes came, -1 at the end of the pipe."""
        try:
            part = os.read(self.descriptor, _CHUNK)
        except BlockingIOError:
            return 0
        if not part:
            return -1
        room = self._kept - self.total
        if room > 0:
            self._parts.append(part[:room])
        self.total += len(part)
        return len(part)

    def text(self) -> str:
        """Return what was kept."""
        return b"".join(self._parts).decode("utf-8", "replace")


class CellRun:
    """A cell that runs.

    Args:
        process: a kernel that is ready and has no cell.
        code: what to run.
        limits: bounds on time and output.
        wall_s: seconds until it is interrupted.
    """

    def __init__(self, process: KernelProcess, code: str, limits: KernelLimits, wall_s: float) -> None:
        self._process, self._code, self._limits, self._wall_s = process, code, limits, wall_s
        self._facts: list[str] = []
        self._outputs = [Output(d, limits.output_kept) for d in (process.output, process.errors)]
        self._reply = b""
        self._left = b""
        self._why = ""
        self.interrupted = False

    async def run(self) -> Cell:
        """Run the cell to whatever end; if it is cancelled, the kernel is killed."""
        process = self._process
        process.cells += 1
        self._number = process.cells
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[dict[str, Any] | None] = self._loop.create_future()
        self._drop_late_output()
        start = perf_counter()
        self._begin()  # the cell runs while this process gets ready to listen
        timers = [self._loop.call_later(self._wall_s, self._interrupt)]
        timers.append(self._loop.call_later(self._wall_s + self._limits.grace_s, self.kill, "its wall time was up"))
        try:
            self._listen()
            reply = await self._done
        except asyncio.CancelledError:
            self._unlisten()  # before its descriptors are closed: their numbers will be others' soon
            process.kill()
            raise
        finally:
            for timer in timers:
                timer.cancel()
            self._unlisten()
        return await self._cell(reply, start)

    def interrupt(self) -> None:
        """Ask the cell to stop, as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def _drop_late_output(self) -> None:
        """Throw away what threads of an earlier cell wrote since: it would be taken for this cell's."""
        late = 0
        for output in self._outputs:
            while late < self._limits.output_killed and (count := output.read()) > 0:
                late += count
        self._process.output_bytes += late
        self._outputs = [Output(o.descriptor, self._limits.output_kept) for o in self._outputs]
        if late:
            self._facts.append("late_output_dropped")

    def _begin(self) -> None:
        """Send the cell to a kernel that has kept silent so far."""
        with suppress(OSError):  # nothing to read, or it has ended, which is told elsewhere
            if self._process.sock.recv(1):
                self.kill("it sent a reply that nobody had asked for")
                return
        self._process.thaw()
        body = json.dumps({"id": self._number, "code": self._code}).encode()
        self._left = len(body).to_bytes(HEADER, "big") + body
        self._on_writable()

    def _listen(self) -> None:
        process = self._process
        self._loop.add_reader(process.sock, self._on_reply)
        self._loop.add_reader(process.told, self._on_end)
        for output in self._outputs:
            self._loop.add_reader(output.descriptor, self._on_output, output)

    def _unlisten(self) -> None:
        process = self._process
        if process.closed:
            return
        for descriptor in (process.sock.fileno(), process.told, process.output, process.errors):
            self._loop.remove_reader(descriptor)
        self._loop.remove_writer(process.sock.fileno())

    def _on_writable(self) -> None:
        """Send on; a request longer than the socket's buffer goes in pieces."""
        try:
            self._left = self._left[self._process.sock.send(self._left) :]
        except BlockingIOError:
            pass
        except OSError:
            self._left = b""  # the kernel has ended, which is told elsewhere
        if self._left:
            self._loop.add_writer(self._process.sock, self._on_writable)
        else:
            self._loop.remove_writer(self._process.sock)

    def _on_output(self, output: Output) -> None:
        count = output.read()
        if count < 0:
            self._loop.remove_reader(output.descriptor)
        else:
            self._count(count)

    def _count(self, count: int) -> None:
        self._process.output_bytes += max(count, 0)
        if sum(o.total for o in self._outputs) >= self._limits.output_killed:
            self.kill(f"it wrote more than {self._limits.output_killed} bytes")
        elif self._process.output_bytes >= self._limits.output_life:
            self.kill(f"it wrote more than {self._limits.output_life} bytes in its life")

    def _on_reply(self) -> None:
        try:
            part = self._process.sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self._loop.remove_reader(self._process.sock)  # it has closed its end; its death, or the limit, comes next
            return
        self._reply += part
        self._read_frame()

    def _read_frame(self) -> None:
        data = self._reply
        length = int.from_bytes(data[:HEADER], "big") if len(data) >= HEADER else 0
        if length > REPLY_MAX:
            self.kill("it sent a reply that is too long")
        elif len(data) > HEADER + length:
            self.kill("it sent more than one reply")
        elif length and len(data) == HEADER + length:
            try:
                self._finish(read_reply(data[HEADER:], self._number))
            except ValueError as error:
                self.kill(str(error))

    def _on_end(self) -> None:
        self._loop.remove_reader(self._process.told)
        self._on_reply()  # its last one may have come together with its end
        self._finish(None)

    def _interrupt(self) -> None:
        self._facts.append("timed_out")
        self.interrupt()

    def kill(self, why: str) -> None:
        """Kill the kernel, whose cell then ends."""
        self._why = self._why or why
        self._process.send_signal(signal.SIGKILL)
        self._finish(None)

    def _finish(self, reply: dict[str, Any] | None) -> None:
        if not self._done.done():
            self._done.set_result(reply)

    async def _cell(self, reply: dict[str, Any] | None, start: float) -> Cell:
        """Return what came of the cell; all that it wrote before it replied is in the pipes by now."""
        self._drain()
        if reply is not None and self._why:  # the last of its output was too much
            reply = None
        if reply is None:
            return await self._dead(start)
        if reply["memory"]:
            self._facts.append("memory")
        threads = self._process.threads_left()
        if threads:
            self._facts.append(f"threads_left: {threads}")
        self._process.freeze()
        status = CellStatus(reply["status"])
        if "timed_out" in self._facts and status is CellStatus.ERROR:
            status = CellStatus.TIMEOUT
        texts = {name: reply[name] for name in ("ename", "evalue", "traceback")}
        return replace(self._told(status, start, **texts), value=reply["value"])

    def _drain(self) -> None:
        for output in self._outputs:
            while not self._why and (count := output.read()) > 0:
                self._count(count)

    async def _dead(self, start: float) -> Cell:
        """Return what is known of a kernel that has ended, or was killed."""
        how = "" if self._why else await self._how_it_ended()
        told = f"died: {self._why or how or 'for no known reason'}"
        self._facts += [told, "state_lost"]
        status = CellStatus.TIMEOUT if "timed_out" in self._facts else CellStatus.DIED
        self._process.kill()
        return self._told(status, start, ename="KernelDied", evalue=told.removeprefix("died: "))

    async def _how_it_ended(self) -> str:
        end = perf_counter() + _REAPED_S
        while not (how := self._process.how_it_ended()) and perf_counter() < end:
            await asyncio.sleep(0.002)
        return how

    def _told(self, status: CellStatus, start: float, **texts: str) -> Cell:
        output, errors = self._outputs
        if output.total + errors.total > self._limits.output_kept:
            self._facts.append("output_truncated")
        shown = clean(output.text()), clean(errors.text())
        return Cell(self._code, status, *shown, **texts, facts=tuple(self._facts), wall_s=perf_counter() - start)
