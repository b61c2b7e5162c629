"""One Jupyter kernel as its clients see it: messages on five sockets to cells, one after the other, and back."""

import asyncio
import contextlib
import os
import platform
import signal
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import zmq

from genverify import __version__
from genverify.errors import ToolError
from genverify.tools.cells import Cell, CellStatus
from genverify.tools.kernels import Kernel, KernelPool
from genverify.tools.wire import Content, Message, Wire

Connection = dict[str, Any]
_CHANNELS: Final = {"shell": zmq.ROUTER, "control": zmq.ROUTER, "stdin": zmq.ROUTER, "iopub": zmq.XPUB, "hb": zmq.REP}
_KEPT: Final = ".keep"
"""A second name for each socket's file: jupyter_client removes the first one on restart, though clients need it."""
_SOON_S: Final = 0.002
"""Seconds after which a cell that still runs is announced; a shorter one is announced after its reply has gone."""
_CONTEXT: Final["zmq.Context[zmq.Socket[bytes]]"] = zmq.Context.instance()
_INFO: Final = {
    "status": "ok", "protocol_version": "5.3", "implementation": "genverify", "implementation_version": __version__,
    "language_info": {"name": "python", "version": platform.python_version(), "mimetype": "text/x-python",
                      "file_extension": ".py"},
    "banner": "Python, confined by genverify", "help_links": [],
}  # fmt: skip
_ANSWERS: Final[dict[str, Content]] = {
    "kernel_info": _INFO,
    "is_complete": {"status": "unknown"},
    "complete": {"status": "ok", "matches": [], "cursor_start": 0, "cursor_end": 0, "metadata": {}},
    "inspect": {"status": "ok", "found": False, "data": {}, "metadata": {}},
    "history": {"status": "ok", "history": []},
    "comm_info": {"status": "ok", "comms": {}},
    "interrupt": {"status": "ok"},
}
"""Requests that need no kernel, and their replies."""


class Channel:
    """A ZMQ socket in an event loop; its descriptor tells of changes only, so all that waits is read each time."""

    def __init__(self, kind: int, endpoint: str, handle: Callable[["Channel", list[bytes]], None]) -> None:
        self.socket = _CONTEXT.socket(kind)
        self.socket.linger = 0
        self.socket.bind(endpoint)
        if kind == zmq.XPUB:
            self.socket.setsockopt(zmq.XPUB_VERBOSE, 1)
        self._handle = handle
        self._loop = asyncio.get_running_loop()
        self._descriptor = int(self.socket.getsockopt(zmq.FD))
        self._loop.add_reader(self._descriptor, self._read)

    @property
    def port(self) -> int:
        """The TCP port that the socket got."""
        return int(self.socket.getsockopt_string(zmq.LAST_ENDPOINT).rpartition(":")[2])

    def _read(self) -> None:
        with contextlib.suppress(zmq.Again):
            while not self.socket.closed:
                self._handle(self, self.socket.recv_multipart(zmq.NOBLOCK))

    def send(self, parts: list[bytes]) -> None:
        """Send one message, then look for others: sending can eat the descriptor's word of a new one."""
        if not self.socket.closed:
            *first, last = parts
            for part in first:
                zmq.backend.Socket.send(self.socket, part, zmq.SNDMORE)  # as send_multipart, without its 2 us a part
            zmq.backend.Socket.send(self.socket, last)
            self._loop.call_soon(self._read)

    def close(self) -> None:
        """Close the socket."""
        self._loop.remove_reader(self._descriptor)
        self.socket.close(0)


class _Once:
    """Does something the first time that it is called, and nothing later."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work: Callable[[], None] | None = work

    def __call__(self) -> None:
        work, self._work = self._work, None
        if work is not None:
            work()


def _error(cell: Cell) -> Content:
    lines = cell.traceback.splitlines() or [f"{cell.ename}: {cell.evalue}"]
    return {"ename": cell.ename, "evalue": cell.evalue, "traceback": lines}


@dataclass(frozen=True, slots=True)
class _Request:
    """A message that waits for its reply."""

    channel: Channel
    message: Message


class BrokerKernel:
    """One kernel: its sockets, its session with the clients' key, and the cells that wait.

    Args:
        pool: where cells run.
        connection: transport, ip, key, and the ports that are wanted; 0 for any.
    """

    def __init__(self, pool: KernelPool, connection: Connection) -> None:
        self._pool = pool
        self.connection = dict(connection)
        self._wire = Wire(connection["key"].encode(), connection.get("signature_scheme", "hmac-sha256"))
        self._channels: dict[str, Channel] = {}
        self._waiting: deque[_Request] = deque()
        self._more = asyncio.Event()
        self._kernel: Kernel | None = None
        self._running: asyncio.Task[None] | None = None
        self._count = 0

    @property
    def pid(self) -> int | None:
        """The process that runs the cells; None while there is none."""
        return self._kernel.pid if self._kernel is not None else None

    async def start(self) -> None:
        """Open the sockets, if they are not open yet, and begin to run cells in a fresh kernel."""
        await self.stop()
        if self._channels:
            self._restore_files()
        for name, kind in () if self._channels else _CHANNELS.items():
            self._channels[name] = self._open(name, kind)
        self._count = 0
        self._running = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """End the kernel; its sockets stay open, since clients live on through a restart."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
            self._running = None
        while self._waiting:
            self._abort(self._waiting.popleft())

    async def close(self) -> None:
        """End the kernel and close its sockets."""
        await self.stop()
        for name, channel in self._channels.items():
            channel.close()
            if self.connection["transport"] == "ipc":
                for ending in ("", _KEPT):
                    with contextlib.suppress(OSError):
                        os.unlink(self._file(name) + ending)
        self._channels.clear()

    def send_signal(self, number: signal.Signals) -> None:
        """Interrupt the cell that runs; a kernel understands no other signal, and is killed by those that end."""
        if self._kernel is not None and number == signal.SIGINT:
            self._kernel.interrupt()
        elif self._kernel is not None and number in (signal.SIGKILL, signal.SIGTERM):
            self._kernel.restart()

    def _open(self, name: str, kind: int) -> Channel:
        handler = {"hb": self._on_heartbeat, "iopub": self._on_subscription}.get(name, self._on_request)
        if self.connection["transport"] == "ipc":
            channel = Channel(kind, f"ipc://{self._file(name)}", handler)
            os.link(self._file(name), self._file(name) + _KEPT)
            return channel
        port = self.connection.get(f"{name}_port") or "*"
        channel = Channel(kind, f"tcp://{self.connection['ip']}:{port}", handler)
        self.connection[f"{name}_port"] = channel.port
        return channel

    def _file(self, name: str) -> str:
        return f"{self.connection['ip']}-{self.connection[f'{name}_port']}"

    def _restore_files(self) -> None:
        if self.connection["transport"] != "ipc":
            return
        for name in self._channels:
            if not os.path.exists(self._file(name)):
                os.link(self._file(name) + _KEPT, self._file(name))

    def _on_heartbeat(self, channel: Channel, parts: list[bytes]) -> None:
        channel.send(parts)

    def _on_subscription(self, channel: Channel, parts: list[bytes]) -> None:
        if parts[0][:1] == b"\x01":  # since 8.10 clients wait for a welcome instead of asking again and again
            topic = parts[0][1:]
            content = {"subscription": topic.decode(errors="replace")}
            channel.send(self._wire.write("iopub_welcome", content, b"{}", (topic,)))

    def _on_request(self, channel: Channel, parts: list[bytes]) -> None:
        try:
            message = self._wire.read(parts)
        except (ValueError, RecursionError):  # a wrong or repeated signature, or no message at all
            return
        request = _Request(channel, message)
        kind = message.kind.removesuffix("_request")
        if kind == "execute":
            self._waiting.append(request)
            self._more.set()
            return
        self._status("busy", message)
        self._answer(kind, request)
        self._status("idle", message)

    def _answer(self, kind: str, request: _Request) -> None:
        if kind == "shutdown":
            restart = bool(request.message.content.get("restart", False))
            self._reply(request, "shutdown_reply", {"status": "ok", "restart": restart})
            if self._running is not None:
                self._running.cancel()
        elif kind in _ANSWERS:
            if kind == "interrupt":
                self.send_signal(signal.SIGINT)
            self._reply(request, f"{kind}_reply", _ANSWERS[kind])

    async def _run(self) -> None:
        """Run cells until the kernel is stopped."""
        async with self._pool.kernel() as kernel:
            self._kernel = kernel
            try:
                while True:
                    while not self._waiting:
                        self._more.clear()
                        await self._more.wait()
                    await self._execute(kernel, self._waiting.popleft())
            finally:
                self._kernel = None

    async def _execute(self, kernel: Kernel, request: _Request) -> None:
        content = request.message.content
        self._count += not content.get("silent", False)
        told = _Once(lambda: self._announce(request))
        timer = asyncio.get_running_loop().call_later(_SOON_S, told)
        try:
            cell = await kernel.run_cell(str(content.get("code", "")))
        except ToolError as error:
            cell = Cell("", CellStatus.DIED, ename="ToolError", evalue=str(error))
        except asyncio.CancelledError:
            self._abort(request)
            raise
        finally:
            timer.cancel()
        self._reply_with(request, cell)
        told()
        self._publish_cell(request.message, cell)
        if cell.status is not CellStatus.OK and content.get("stop_on_error", True):
            while self._waiting:
                self._abort(self._waiting.popleft())

    def _announce(self, request: _Request) -> None:
        self._status("busy", request.message)
        code = request.message.content.get("code", "")
        self._publish("execute_input", {"code": code, "execution_count": self._count}, request.message)

    def _reply_with(self, request: _Request, cell: Cell) -> None:
        """Reply first: what is published goes over another socket, and nobody can see the order between two."""
        base: Content = {"execution_count": self._count, "user_expressions": {}, "payload": []}
        good = cell.status is CellStatus.OK
        content = {"status": "ok", **base} if good else {"status": "error", **base, **_error(cell)}
        self._reply(request, "execute_reply", content, {"facts": list(cell.facts), "wall_s": cell.wall_s})

    def _publish_cell(self, parent: Message, cell: Cell) -> None:
        for name, text in (("stdout", cell.stdout), ("stderr", cell.stderr)):
            if text:
                self._publish("stream", {"name": name, "text": text}, parent)
        if cell.status is not CellStatus.OK:
            self._publish("error", _error(cell), parent)
        elif cell.value is not None:
            data = {"data": {"text/plain": cell.value}, "metadata": {}, "execution_count": self._count}
            self._publish("execute_result", data, parent)
        self._status("idle", parent)

    def _abort(self, request: _Request) -> None:
        self._status("busy", request.message)
        self._reply(request, "execute_reply", {"status": "aborted", "execution_count": self._count})
        self._status("idle", request.message)

    def _reply(self, request: _Request, kind: str, content: Content, facts: Content | None = None) -> None:
        message = request.message
        request.channel.send(self._wire.write(kind, content, message.header, message.ident, facts))

    def _publish(self, kind: str, content: Content, parent: Message) -> None:
        channel = self._channels.get("iopub")
        if channel is not None:
            channel.send(self._wire.write(kind, content, parent.header, (f"kernel.{kind}".encode(),)))

    def _status(self, state: str, parent: Message) -> None:
        self._publish("status", {"execution_state": state}, parent)
