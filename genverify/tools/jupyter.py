"""jupyter_client's kernel managers to confined kernels: a provisioner that starts them behind a trusted broker.

``KernelManager(kernel_name="genverify")`` and everything built on it works as with any other kernel; the process that
runs the code has no key, no ZMQ socket and no network, and no connection file is written.
"""

import asyncio
import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Dict, Unicode

from genverify.errors import ToolError
from genverify.tools.limits import KernelLimits, Level
from genverify.tools.program import environment

PROVISIONER: Final = "genverify-provisioner"
"""Its name among the entry points ``jupyter_client.kernel_provisioners``."""
_CHANNELS: Final = ("shell", "iopub", "stdin", "hb", "control")
_END_S: Final = 2.0


def kernel_spec(
    level: Level = Level.DEFAULT, limits: Mapping[str, Any] | None = None, *, trusted_plain_ipykernel: bool = False
) -> KernelSpec:
    """Return the specification of a kernel, as ``KernelManager`` takes them.

    Args:
        level: isolation without which no kernel starts.
        limits: fields of :class:`genverify.tools.limits.KernelLimits` that are to differ.
        trusted_plain_ipykernel: start ipykernel as it is, without any isolation: for code that you trust as your own.
    """
    if trusted_plain_ipykernel:
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python (NOT confined)", language="python")
    config = {"level": str(level), "limits": dict(limits or {})}
    metadata = {"kernel_provisioner": {"provisioner_name": PROVISIONER, "config": config}}
    return KernelSpec(
        argv=["genverify"], display_name="Python (confined by genverify)", language="python", metadata=metadata
    )


class BrokerProcess:
    """The broker of this process, and a folder for its sockets; started anew if it has died.

    Args:
        level: isolation without which no kernel starts.
        limits: fields of ``KernelLimits`` that differ.

    Raises:
        ToolError: it could not be started.
    """

    def __init__(self, level: str, limits: Mapping[str, Any]) -> None:
        self.folder = tempfile.mkdtemp(prefix="genverify-")  # 0700: no other user reaches the sockets in it
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        self._owner = os.getpid()
        settings = {"level": level, "limits": dict(limits), "folder": self.folder}
        module = ["-s", "-P", "-m", "genverify.tools.broker"]
        command = [sys.executable, *module, str(theirs.fileno()), json.dumps(settings)]
        variables = {**environment(), "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        try:
            self._process = subprocess.Popen(
                command, env=variables, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise ToolError(f"the broker could not be started with {sys.executable!r}: {error}") from error
        finally:
            theirs.close()
        self._answers = self._control.makefile("rb")
        atexit.register(self.close)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Say whether the broker runs."""
        return self._process.poll() is None

    def ask(self, op: str, kernel: str, **more: object) -> dict[str, Any]:
        """Give one order and return the answer.

        Raises:
            ToolError: the broker refused, or has ended.
        """
        with self._lock:
            try:
                self._control.sendall(json.dumps({"op": op, "kernel": kernel, **more}).encode() + b"\n")
                line = self._answers.readline()
            except (OSError, ValueError) as error:
                raise ToolError(f"the broker has ended: {error}") from error
        if not line:
            raise ToolError("the broker has ended")
        answer = dict(json.loads(line))
        if not answer.pop("ok"):
            raise ToolError(f"the broker could not {op} the kernel: {answer['error']}")
        return answer

    def close(self) -> None:
        """End the broker and all its kernels; a second call does nothing."""
        atexit.unregister(self.close)
        if self._owner != os.getpid():
            return
        self._answers.close()
        self._control.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


_BROKERS: dict[str, BrokerProcess] = {}
_STARTING = threading.Lock()


def broker(level: str, limits: Mapping[str, Any]) -> BrokerProcess:
    """Return the broker for these settings; one serves all kernels of this process."""
    KernelLimits(**limits)  # a wrong limit is told here and not by a broker that does not start
    key = json.dumps([level, dict(limits), os.getpid()], sort_keys=True)
    with _STARTING:
        found = _BROKERS.get(key)
        if found is not None and not found.is_alive():
            found.close()
            found = None
        if found is None:
            found = _BROKERS[key] = BrokerProcess(Level(level), limits)
        return found


class GenverifyProvisioner(KernelProvisionerBase):
    """Starts, signals and ends confined kernels for ``KernelManager``."""

    level = Unicode(str(Level.DEFAULT), config=True)
    limits = Dict(config=True)
    _broker: BrokerProcess | None = None
    _runs = False
    _number = 0

    @property
    def has_process(self) -> bool:
        """Whether a kernel has been started and not ended."""
        return self._runs

    @property
    def pid(self) -> int | None:
        """The process that runs the cells, as this process knows it; None before the first cell."""
        if self._broker is None or not self._runs:
            return None
        found = self._broker.ask("info", self.kernel_id)["pid"]
        return int(found) if found is not None else None

    async def poll(self) -> int | None:
        """Return None while the kernel can run cells."""
        return None if self._runs and self._broker is not None and self._broker.is_alive() else 0

    async def wait(self) -> int:
        """Return at once: a kernel has ended when :meth:`kill` returns, and jupyter_client looks only every 0.1 s."""
        self._runs = False
        return 0

    async def send_signal(self, signum: int) -> None:
        """Interrupt the cell that runs."""
        if signum and self._broker is not None:
            await self._ask("signal", number=int(signum))

    async def kill(self, restart: bool = False) -> None:
        """End the kernel; its sockets stay open until :meth:`cleanup`, since a restart does not say so here."""
        if self._runs:
            self._runs = False
            await self._ask("kill")

    async def terminate(self, restart: bool = False) -> None:
        """Do what :meth:`kill` does."""
        await self.kill(restart)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Do what :meth:`kill` does, without the waiting that a polite request would take."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Close the kernel's sockets."""
        if not restart and self._broker is not None:
            await self._ask("close")

    async def pre_launch(self, **kwargs: object) -> dict[str, Any]:
        """Choose addresses, and keep the manager from writing the key to a file."""
        manager = self._manager()
        self._broker = broker(self.level, self.limits)
        if manager.transport == "ipc" and not manager.shell_port:
            GenverifyProvisioner._number += 1
            manager.ip = f"{self._broker.folder}/{GenverifyProvisioner._number}"
            for port, name in enumerate(_CHANNELS, start=1):
                setattr(manager, f"{name}_port", port)
        manager.write_connection_file = _write_nothing  # type: ignore[method-assign]
        return {**kwargs, "cmd": [], "env": {}}

    async def launch_kernel(self, cmd: list[str], **kwargs: object) -> KernelConnectionInfo:
        """Start the kernel and return where it listens."""
        manager = self._manager()
        wanted = {k: v for k, v in manager.get_connection_info().items() if isinstance(v, str | int | bytes)}
        wanted["key"] = manager.session.key.decode()
        answer = await self._ask("start", connection=wanted)
        self._runs = True
        self.connection_info = cast(KernelConnectionInfo, {**answer["connection"], "key": manager.session.key})
        return self.connection_info

    def _manager(self) -> KernelManager:
        if not isinstance(self.parent, KernelManager):
            raise TypeError(f"a provisioner belongs to a KernelManager, got {type(self.parent).__name__}")
        return self.parent

    async def _ask(self, op: str, **more: object) -> dict[str, Any]:
        if self._broker is None:
            return {}
        try:
            return await asyncio.to_thread(self._broker.ask, op, self.kernel_id, **more)
        except ToolError:
            if op == "start":
                raise
            return {}  # a broker that has ended has taken its kernels with it


def _write_nothing(**_: object) -> None:
    """Stand in for writing a connection file: clients of this manager get the key from its memory."""
