"""The warm parent of kernels: loads what code for sums needs, then forks a kernel for each order of the host.

It stays single-threaded, since only the calling thread survives a fork, and it never runs code that a model wrote.
"""

import gc
import os
import resource
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from typing import Final

import rehearsal
from confine import Confinement

ORDER: Final = 8
"""Bytes of one order on the control socket; what counts are the descriptors that come with it."""
ENDED: Final = struct.Struct("=qdd")
"""What is told of a kernel that has ended: exit code (below 0: a signal), processor time in s, peak memory in MiB."""
Kernel = tuple[tuple[socket.socket, int, int], Confinement, int]
"""What a new kernel needs: its socket and where output and errors go, its confinement, and who forked it."""


class _Children:
    """The kernels that live, and where to tell of their ends."""

    def __init__(self, alone: bool) -> None:
        self._alone = alone
        self._told: dict[int, int] = {}
        self.woken, waking = os.pipe()
        os.set_blocking(self.woken, False)
        os.set_blocking(waking, False)
        signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # whatever it does: the wake-up is what counts

    def add(self, pid: int, told: int) -> None:
        self._told[pid] = told

    def forget(self) -> None:
        """Close what a kernel just forked has of its siblings: they count among the few descriptors it may have."""
        for told in self._told.values():
            os.close(told)
        self._told.clear()

    def reap(self) -> None:
        """Tell of every kernel that has ended."""
        with suppress(BlockingIOError):
            os.read(self.woken, 4096)
        with suppress(ChildProcessError):
            while (found := os.wait4(-1, os.WNOHANG))[0]:
                self._end(*found)

    def _end(self, pid: int, status: int, used: resource.struct_rusage) -> None:
        if not self._alone:  # what it has started, where nothing forbade that
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        told = self._told.pop(pid, None)
        if told is None:
            return
        code = os.waitstatus_to_exitcode(status)
        with suppress(OSError):  # nobody may be listening any more
            os.write(told, ENDED.pack(code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))
        os.close(told)


def serve(control: socket.socket, confinement: Confinement) -> Kernel:
    """Fork kernels until the host is gone; return in each kernel."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the host's to handle
    gc.disable()  # nothing to collect while importing
    rehearsal.warm()
    gc.collect()
    gc.freeze()  # a kernel's collector never touches, and so never copies, the pages it shares
    children = _Children(confinement.own_namespaces)
    poller = select.poll()
    poller.register(control, select.POLLIN)
    poller.register(children.woken, select.POLLIN)
    while True:
        ready = dict(poller.poll())
        if children.woken in ready:
            children.reap()
        if control.fileno() in ready:
            started = _obey(control, confinement, children)
            if started is not None:
                return started


def _obey(control: socket.socket, confinement: Confinement, children: _Children) -> Kernel | None:
    """Fork a kernel for one order; return what it needs in the kernel, None in this process."""
    order, descriptors, _, _ = socket.recv_fds(control, ORDER, 4)
    if not order:
        _end()
    if len(descriptors) != 4:
        for descriptor in descriptors:
            os.close(descriptor)
        return None
    sock, output, errors, told = descriptors
    parent = 0 if confinement.own_namespaces else os.getpid()
    pid = _fork(confinement)
    if pid == 0:
        children.forget()
        control.close()
        return (socket.socket(fileno=sock), output, errors), confinement, parent
    for descriptor in (sock, output, errors):
        os.close(descriptor)
    if pid > 0:
        children.add(pid, told)
    else:
        os.close(told)
    return None


def _fork(confinement: Confinement) -> int:
    """Return 0 in the kernel; the host notices a failure by the closed socket, and reads why on standard error."""
    try:
        pid = confinement.fork()
    except OSError as error:
        print(f"could not fork a kernel: {error}", file=sys.stderr, flush=True)
        return -1
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
    return pid


def _end() -> None:
    """End this process; as the first one of a namespace, all others in it end with it, else by themselves."""
    os._exit(0)
