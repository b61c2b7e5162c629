"""Confine the calling process: what it may use, and that it ends when its parent does."""

import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from typing import Final

_OPEN_FILES: Final = 32  # a late import holds a few; a leak is noticed early
_MIB: Final = 1 << 20
_CPU_SPARE_S: Final = 2  # whole seconds are all that RLIMIT_CPU knows: never fire before the host's own deadline
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38


def confine(memory_mib: int, parent: int) -> dict[str, str]:
    """Put every layer on that this system offers and return each as ``on`` or ``off: why``.

    Args:
        memory_mib: address space in MiB that may be added to what the process has now.
        parent: the process whose end must be this one's end too.
    """
    layers: dict[str, Callable[[], None]] = {
        "memory_limit": lambda: _limit_memory(memory_mib),
        "cpu_limit": lambda: renew_cpu(0),
        "file_size_limit": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
        "core_dumps_off": lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
        "open_files_limit": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES)),
        "no_new_privs": lambda: _prctl(_PR_SET_NO_NEW_PRIVS, 1),
        "ends_with_host": lambda: _end_with(parent),
    }
    return {name: _applied(layer) for name, layer in layers.items()}


def _applied(layer: Callable[[], None]) -> str:
    try:
        layer()
    except (OSError, ValueError, AttributeError) as error:
        return f"off: {error}"
    return "on"


def renew_cpu(budget_s: float) -> None:
    """Let the process use ``budget_s`` (and a little more) of CPU time from now on; then the kernel ends it.

    The host's deadline comes first; this one holds when the host itself is stopped or gone.
    """
    soft = int(time.process_time() + budget_s) + _CPU_SPARE_S
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def resident_mib() -> float:
    """Return the memory in MiB that the process holds now; its peak where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:
            return int(file.read(100).split()[1]) * resource.getpagesize() / _MIB
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / _MIB if sys.platform == "darwin" else peak / 1024


def _limit_memory(memory_mib: int) -> None:
    with open("/proc/self/statm", "rb", buffering=0) as file:
        base = int(file.read(100).split()[0]) * resource.getpagesize()
    most = base + memory_mib * _MIB
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _end_with(parent: int) -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the line above
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    if sys.platform != "linux":
        raise OSError(f"{sys.platform} has no prctl")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
