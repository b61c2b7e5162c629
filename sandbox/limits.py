"""Limits of the calling process on memory, processor time and files, and that it ends when its parent does."""

import os
import resource
import signal
import sys
import time
from typing import Final

import system

_MIB: Final = 1 << 20
_CPU_SPARE_S: Final = 2  # whole seconds are all that RLIMIT_CPU knows: never fire before the host's own deadline


class MemoryGauge:
    """Tells the address space that this process takes; opened before a jail root takes ``/proc`` away."""

    def __init__(self) -> None:
        try:
            self._descriptor = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            self._descriptor, self._problem = -1, str(error)

    def address_space(self) -> int:
        """Return the bytes that this process's address space takes now.

        Raises:
            OSError: the system does not tell.
        """
        if self._descriptor < 0:
            raise OSError(f"the size of the warm process is not known ({self._problem})")
        return int(os.pread(self._descriptor, 100, 0).split()[0]) * resource.getpagesize()


def limit_memory(base: int, memory_mib: int) -> None:
    """Let the address space grow by ``memory_mib`` beyond ``base`` bytes, what it took when it was forked."""
    most = base + memory_mib * _MIB
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def limit_cpu(total_s: int) -> None:
    """End the process once it has used ``total_s`` of processor time."""
    # soft and hard alike: the soft limit's signal does nothing to the first process of a namespace
    resource.setrlimit(resource.RLIMIT_CPU, (total_s, total_s))


def renew_cpu(budget_s: float) -> None:
    """Let the process use ``budget_s`` (and a little more) of CPU time from now on; then the kernel ends it.

    The host's deadline comes first; this one holds when the host itself is stopped or gone.
    """
    soft = int(time.process_time() + budget_s) + _CPU_SPARE_S
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def limit_file_size(most_mib: int) -> None:
    """Let no file that the process writes grow beyond ``most_mib``; 0 lets it write none."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_mib * _MIB, most_mib * _MIB))


def limit_open_files(number: int) -> None:
    """Let the process have ``number`` descriptors; one who may have fewer already keeps those."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = number if hard == resource.RLIM_INFINITY else min(number, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def limit_tasks(number: int) -> None:
    """Let the process's user, who must be its alone, have ``number`` processes and threads."""
    resource.setrlimit(resource.RLIMIT_NPROC, (number, number))


def no_core_dumps() -> None:
    """Write no core dump: it would put the memory of a process onto the disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def peak_resident_mib() -> float:
    """Return the most memory in MiB that the process, or the one it was forked from by then, has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / _MIB if sys.platform == "darwin" else peak / 1024


def end_with(parent: int) -> None:
    """Have this process killed when ``parent``, the one that forked it, ends: PR_SET_PDEATHSIG of prctl(2)."""
    system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the line above
        os._exit(1)
