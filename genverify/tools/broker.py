"""The Jupyter protocol on ZMQ sockets to cells in confined kernels: a trusted process between client and kernel.

``python -m genverify.tools.broker FD`` serves the host at the socket with descriptor ``FD``: JSON lines, each
``{"op", ...}`` answered by ``{"ok": true, ...}`` or ``{"ok": false, "error"}``. Keys and ZMQ sockets live here, in a
process that never runs code that a model wrote; end of file ends it and all its kernels.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
from typing import Any

from genverify.errors import ToolError
from genverify.tools.broker_kernel import BrokerKernel
from genverify.tools.kernels import KernelPool
from genverify.tools.limits import KernelLimits, Level

Order = dict[str, Any]


class Broker:
    """All kernels of one host, over one pool.

    Args:
        pool: where cells run.
    """

    def __init__(self, pool: KernelPool) -> None:
        self._pool = pool
        self._kernels: dict[str, BrokerKernel] = {}

    async def obey(self, order: Order) -> Order:
        """Carry out one order of the host and return the answer."""
        try:
            return {"ok": True, **(await self._carry_out(order) or {})}
        except (ToolError, OSError, KeyError, ValueError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}

    async def _carry_out(self, order: Order) -> Order | None:
        name, op = str(order["kernel"]), order["op"]
        if op == "start":
            return await self._start(name, order["connection"])
        kernel = self._kernels.get(name)
        if kernel is None:
            return None
        if op == "signal":
            kernel.send_signal(signal.Signals(order["number"]))
        elif op == "kill":
            await kernel.stop()
        elif op == "close":
            await self._kernels.pop(name).close()
        elif op == "info":
            return {"pid": kernel.pid, "layers": self._pool.layers}
        return None

    async def _start(self, name: str, connection: Order) -> Order:
        kernel = self._kernels.get(name)
        if kernel is None:
            kernel = self._kernels[name] = BrokerKernel(self._pool, connection)
        await kernel.start()
        return {"connection": kernel.connection}


async def serve(control: socket.socket, pool: KernelPool) -> None:
    """Obey the host until it is gone."""
    reader, writer = await asyncio.open_connection(sock=control)
    broker = Broker(pool)
    while line := await reader.readline():
        answer = await broker.obey(json.loads(line))
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()


def main() -> None:
    """Serve the host that started this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the host's to handle
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    limits = KernelLimits(**settings["limits"])
    try:
        with KernelPool(limits, level=Level(settings["level"])) as pool:
            pool.start()
            with contextlib.suppress(ConnectionError):
                asyncio.run(serve(control, pool))
    finally:
        shutil.rmtree(settings["folder"], ignore_errors=True)
        os._exit(0)  # sockets that a client still reads from would make ZMQ wait


if __name__ == "__main__":
    main()
