"""One process into namespaces of its own, and forks of it into process namespaces of their own; see namespaces(7)."""

import os
import signal
import socket
from dataclasses import dataclass
from typing import Final

import system

_SHARED: Final = {
    "jail_root": system.CLONE_NEWNS,
    "network": system.CLONE_NEWNET,
    "ipc_and_names": system.CLONE_NEWIPC | system.CLONE_NEWUTS,
    "pid_namespace": system.CLONE_NEWPID,
}
"""What each layer needs; all that are wanted are asked for at once, since only that works with a new user namespace."""


@dataclass(frozen=True, slots=True)
class Entered:
    """Where this process is now."""

    layers: dict[str, str]
    """``network``, ``ipc_and_names`` as they came out; what else was asked for is in ``have``."""
    have: frozenset[str]
    """The layers whose namespaces this process is in."""
    why_not: str
    """What stood in the way of those that are missing."""
    own_user: bool
    """In a user namespace: the caller's user is the only one that exists."""
    started: int
    """The process that was started, as all of the system knows it; unlike others of its kind that run beside it."""


def enter(control: socket.socket, off: frozenset[str]) -> Entered:
    """Move into new namespaces; with a process namespace among them, go on in a fork, the first process in it.

    The process that was started waits for that fork, and they end together. Whoever goes on tells its process id, as
    the host knows it, as 8 bytes on ``control``.

    Args:
        control: the host's socket; closed in the process that waits.
        off: layers to leave out.
    """
    wanted = frozenset(_SHARED) - off
    started = os.getpid()
    no_handles = _no_handles()
    have, why_not, own_user = _unshared(wanted - {"pid_namespace"} if no_handles else wanted)
    why_not = why_not or no_handles
    _continue_in_fork(control, "pid_namespace" in have)
    layers = {
        name: "on" if name in have else f"off: {'left out as asked' if name in off else why_not}"
        for name in ("network", "ipc_and_names")
    }
    return Entered(layers, have, why_not, own_user, started)


def _no_handles() -> str:
    """Return why processes have no handles here, empty if they have: pidfd_open(2), Linux 5.3.

    Without them the host knows a process by its number alone, which in a process namespace of its own is 1.
    """
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError) as error:
        return f"the system has no handles on processes ({error})"
    return ""


def _unshared(wanted: frozenset[str]) -> tuple[frozenset[str], str, bool]:
    """Return which of ``wanted`` were had, what stood in the way of the others, and whether by a user namespace."""
    flags = 0
    for name in wanted:
        flags |= _SHARED[name]
    if not flags:
        return frozenset(), "left out as asked", False
    uid, gid = os.geteuid(), os.getegid()
    problem = ""
    for own_user in (False, True) if uid == 0 else (True,):  # root may do without, and then has users to give away
        try:
            system.unshare(flags | (system.CLONE_NEWUSER if own_user else 0))
            if own_user:
                _map_user(uid, gid)
        except OSError as error:
            problem = problem or f"the system refuses new namespaces ({error})"
        else:
            return wanted, "", own_user
    return frozenset(), problem, False


def _map_user(uid: int, gid: int) -> None:
    """Give this process its own user and group, and no other, in its user namespace: user_namespaces(7)."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _continue_in_fork(control: socket.socket, first_of_namespace: bool) -> None:
    pid = os.fork() if first_of_namespace else 0
    if pid == 0:
        if first_of_namespace:
            system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
        else:
            control.sendall(os.getpid().to_bytes(8, "big"))
        return
    control.sendall(pid.to_bytes(8, "big"))
    control.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, status = os.waitpid(pid, 0)
    os._exit(abs(os.waitstatus_to_exitcode(status)) & 0x7F)


class ProcessNamespaces:
    """Forks, each of them the first process of a namespace: it sees, and can signal, itself alone."""

    def __init__(self) -> None:
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def fork(self) -> int:
        """Return 0 in the child; in the caller, the child's process id.

        Raises:
            OSError: the system refused a namespace or a process.
        """
        system.unshare(system.CLONE_NEWPID)
        pid = -1
        try:
            pid = os.fork()
        finally:
            if pid != 0:
                system.setns(self._own, system.CLONE_NEWPID)
        return pid
