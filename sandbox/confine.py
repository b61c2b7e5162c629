"""A warm process to confined forks of it: every layer is tried by doing it, and told as it came out.

A layer's state is ``on``, ``partial: why``, ``off: why``, or ``refused: why`` where what it would bound is denied
altogether. What the level demands and does not get ends the fork before it runs anything.
"""

import fcntl
import os
import resource
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import jail
import landlock
import levels
import limits
import namespaces
import seccomp
import system

_FIRST_UID: Final = 2_000_000_000  # beyond the ranges that systemd and containers give out, below 2**31
_UIDS_OF_ONE: Final = 100_000
_DESCRIPTORS: Final = 4096  # a few for each of some hundred workers; closing a million takes as long as a fork
_TASKS: Final = 64
"""Threads of a worker that has a user of its own; libraries start one a core, a bomb of threads starts thousands."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the workers of one warm process may use; the host sends it."""

    level: str = levels.DEFAULT
    off: tuple[str, ...] = ()
    """Layers left out on purpose; only the level ``weak`` takes any."""
    memory_mib: int = 1024
    cpu_s: int = 0
    """Seconds of processor time in the life of a worker; 0: it renews its own limit for each request."""
    file_mib: int = 0
    open_files: int = 32
    scratch_mib: int = 0
    """Size of each worker's own folder; 0: it has none and can write nowhere."""
    scratch_files: int = 0
    alone: bool = False
    """Whether each worker gets a process namespace of its own; the others share that of the warm process."""

    @classmethod
    def read(cls, fields: dict[str, Any]) -> "Settings":
        """Return the settings that the host wrote.

        Raises:
            ValueError: layers are left out at a level that takes no gaps.
        """
        made = cls(**{**fields, "off": tuple(fields.get("off", ()))})
        if made.off and made.level != levels.WEAK:
            raise ValueError(f"layers may be left out at the level 'weak' only, not at {made.level!r}")
        return made


class RefusedError(Exception):
    """The level demands a layer that cannot be had here."""


class Confinement:
    """What the forks of this process will be confined by; made in the warm parent, once.

    Args:
        settings: what the host wrote.
        entered: the namespaces that this process has moved to.
        guest: folders of this program that forks must be able to read.
    """

    def __init__(self, settings: Settings, entered: namespaces.Entered, guest: tuple[str, ...]) -> None:
        self.settings = settings
        self._entered = entered
        self._gauge = limits.MemoryGauge()
        self._base = 0
        self._slot = 0
        self._first_uid = _FIRST_UID + _UIDS_OF_ONE * (entered.started % 1000)
        self._layers = dict(entered.layers)
        self._reaches = jail.readable(guest)
        self._unseen = self._unreachable()
        self._processes = self._process_namespaces()
        self._in_jail = self._shared("jail_root", self._enter_jail)
        self._rules = self._landlock()
        self._filter = self._seccomp()
        self._shared("bounding_set", system.drop_bounding_set)

    @property
    def own_namespaces(self) -> bool:
        """Whether forks are alone in their process namespaces."""
        return self._processes is not None

    def fork(self) -> int:
        """Return 0 in the child, which must call :meth:`confine` before anything else."""
        self._base = self._size()
        self._slot = (self._slot + 1) % _UIDS_OF_ONE
        return self._processes.fork() if self._processes is not None else os.fork()

    def confine(self, parent: int) -> dict[str, str]:
        """Confine this fork and return all layers as they came out.

        Args:
            parent: the process that forked, as this one sees it; 0 if it cannot.

        The level that they reach is told beside them, as ``level``.

        Raises:
            RefusedError: the level demands what could not be had.
        """
        settings, layers = self.settings, dict(self._layers)
        layers["private_scratch"] = self._scratch()
        self._own_limits(layers)
        layers["own_user"] = self._applied("own_user", self._become)
        layers["capabilities_dropped"] = self._applied("capabilities_dropped", system.drop_capabilities)
        layers["ends_with_host"] = self._applied("ends_with_host", lambda: limits.end_with(parent))  # setuid clears it
        layers["not_dumpable"] = self._applied("not_dumpable", lambda: _set(system.PR_SET_DUMPABLE, 0))
        layers["no_new_privs"] = self._applied("no_new_privs", lambda: _set(system.PR_SET_NO_NEW_PRIVS, 1))
        layers["landlock"] = self._restricted()
        if self._filter is not None:
            code = self._filter.of(os.getpid())
            layers["seccomp"] = self._applied("seccomp", lambda: system.load_filter(code))
        bounding = layers.pop("bounding_set")
        if bounding != "on" and layers["capabilities_dropped"] == "on" and layers["no_new_privs"] != "on":
            layers["capabilities_dropped"] = f"partial: {bounding.partition(': ')[2]}"
        problem = levels.unmet(settings.level, layers)
        if problem:
            raise RefusedError(f"the level {settings.level!r} demands more than there is here: {problem}")
        return {"level": levels.reached(layers), **layers}

    def _own_limits(self, layers: dict[str, str]) -> None:
        settings = self.settings
        own: dict[str, Callable[[], None]] = {
            "memory_limit": lambda: limits.limit_memory(self._base or self._size(), settings.memory_mib),
            "cpu_limit": lambda: limits.limit_cpu(settings.cpu_s) if settings.cpu_s else limits.renew_cpu(0),
            "file_size_limit": lambda: limits.limit_file_size(settings.file_mib),
            "core_dumps_off": limits.no_core_dumps,
            "open_files_limit": lambda: limits.limit_open_files(settings.open_files),
        }
        layers.update({name: self._applied(name, layer) for name, layer in own.items()})

    def _size(self) -> int:
        try:
            return self._gauge.address_space()
        except OSError:
            return 0  # the limit then fails in the fork, which tells it

    def _applied(self, name: str, layer: Callable[[], str | None]) -> str:
        """Put one layer on and return its state: ``on`` unless the layer itself says more."""
        if name in self.settings.off:
            return "off: left out as asked"
        try:
            return layer() or "on"
        except (OSError, ValueError, AttributeError) as error:
            return f"off: {error}"

    def _shared(self, name: str, layer: Callable[[], str | None]) -> bool:
        self._layers[name] = self._applied(name, layer)
        return self._layers[name].startswith("on")

    def _enter_jail(self) -> str | None:
        if "jail_root" not in self._entered.have:
            return f"off: {self._entered.why_not}"
        jail.enter(self._reaches)
        return None

    def _process_namespaces(self) -> namespaces.ProcessNamespaces | None:
        if "pid_namespace" not in self._entered.have:
            asked = "left out as asked" if "pid_namespace" in self.settings.off else self._entered.why_not
            self._layers["pid_namespace"] = f"off: {asked}"
            return None
        self._layers["pid_namespace"] = "on"
        return namespaces.ProcessNamespaces() if self.settings.alone else None

    def _landlock(self) -> landlock.Rules | None:
        made: list[landlock.Rules] = []
        writable = ("/dev/null", jail.SCRATCH_PARENT) if self._in_jail else ("/dev/null",)
        readable = (*self._reaches, "/dev/urandom", "/dev/zero")
        if not self._shared("landlock", lambda: made.append(landlock.rules(readable, writable))):
            return None
        return made[0]

    def _restricted(self) -> str:
        if self._rules is None:
            return self._layers["landlock"]
        rules = self._rules

        def restrict() -> str:
            landlock.restrict(rules)
            return rules.state

        return self._applied("landlock", restrict)

    def _seccomp(self) -> seccomp.Filter | None:
        made: list[seccomp.Filter] = []
        return made[0] if self._shared("seccomp", lambda: made.append(seccomp.build())) else None

    def _scratch(self) -> str:
        """Return the state of the own folder; without one there is no place that the worker may write to."""
        settings = self.settings
        if not settings.scratch_mib:
            return "on"  # nothing may be written anywhere: that is as private as can be
        if not self._in_jail:
            return "refused: no file system of its own can be had here, so the worker can write nowhere"
        owner = self._uid() if self._gives_users() else None
        return self._applied(
            "private_scratch", lambda: jail.own_scratch(settings.scratch_mib, settings.scratch_files, owner)
        )

    def _gives_users(self) -> bool:
        return os.geteuid() == 0 and not self._entered.own_user and "own_user" not in self.settings.off

    def _uid(self) -> int:
        return self._first_uid + self._slot

    def _become(self) -> str | None:
        """Become a user that owns nothing, where this process is root; see credentials(7)."""
        if not self._gives_users():
            return "partial: no other user can be had here, so workers run as the caller's"
        uid = self._uid()
        limits.limit_tasks(_TASKS)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        if not self._in_jail and self._unseen:
            return f"partial: modules under {self._unseen} can no longer be loaded"
        return None

    def _unreachable(self) -> str:
        """Return a folder of Python's that a user who owns nothing cannot reach, such as one under /root; or empty."""
        for path in self._reaches:
            while path != "/":
                if not os.stat(path).st_mode & 0o001:
                    return path
                path = os.path.dirname(path)
        return ""


def _set(option: int, value: int) -> None:
    system.prctl(option, value)


def few_descriptors() -> None:
    """Let this process have few descriptors, so that a fork can close all that it might have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def keep_only(descriptors: tuple[int, ...]) -> None:
    """Make ``descriptors`` those from 3 on, in order, and close all others; 0, 1 and 2 lead nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    above = 3 + len(descriptors)
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, above) for descriptor in descriptors]  # no place in use is lost
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    for place, descriptor in enumerate(high, start=3):
        os.dup2(descriptor, place)
    os.closerange(above, _DESCRIPTORS)
