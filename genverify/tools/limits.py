"""What worker processes may use (time, memory, processes, output), and how much isolation they must have."""

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Level(StrEnum):
    """How much isolation is demanded; every layer that the system offers is on at each of them."""

    STRICT = "strict"
    """All layers, or nothing is run."""
    DEFAULT = "default"
    """The filter of system calls, and a root folder of its own or Landlock; or nothing is run."""
    WEAK = "weak"
    """Whatever there is; what code that a model wrote could do then is up to the system and the caller's rights."""


def _check_least(limits: object, least: dict[str, Any]) -> None:
    for name, low in least.items():
        if getattr(limits, name) < low:
            kind = type(limits).__name__
            raise ValueError(f"{kind}.{name} must be at least {low}, got {getattr(limits, name)}")


def _check_above_zero(limits: object, *names: str) -> None:
    for name in names:
        if not getattr(limits, name) > 0:
            raise ValueError(f"{type(limits).__name__}.{name} must be above 0, got {getattr(limits, name)}")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a :class:`genverify.tools.pool.WorkerPool`; each that fires makes a check undecided, never wrong."""

    workers: int = 2
    """Worker processes alive at once, at least 1."""
    memory_mib: int = 1024
    """Address space in MiB that one worker may add to what it starts with, at least 16.

    Without it one expanded power takes the machine's memory, and the kernel ends whatever it likes.
    """
    checks_per_worker: int = 2000
    """Checks after which a worker is replaced, at least 1: what SymPy's caches keep is given back."""
    growth_mib: int = 192
    """Resident memory in MiB that a worker may keep beyond its start before it is replaced, at least 1.

    Z3 keeps some 20 MiB after its first check; a worker well above that holds caches that no check needs.
    """
    start_s: float = 60.0
    """Seconds to wait for a new worker, above 0: importing SymPy takes 0.3 s, and 30 times that on a loaded machine."""
    level: Level = Level.WEAK
    """Isolation without which no worker may start; weak, since workers run genverify's own code on parsed claims."""
    off: tuple[str, ...] = ()
    """Layers left out on purpose, to see what they are worth; for the level weak only."""

    def __post_init__(self) -> None:
        _check_least(self, {"workers": 1, "memory_mib": 16, "checks_per_worker": 1, "growth_mib": 1})
        _check_above_zero(self, "start_s")


@dataclass(frozen=True, slots=True)
class KernelLimits:
    """Bounds of a :class:`genverify.tools.kernels.KernelPool`; each that fires is told with the run that met it."""

    kernels: int = 64
    """Kernels alive at once, at least 1: one more waits. A best-of-64 fits; each takes 3 to 20 MiB of its own."""
    running: int = max(2, os.cpu_count() or 2)
    """Cells that run at once, at least 1: were there more than processors, waiting would count as running time."""
    ready: int = 2
    """Kernels kept started ahead of need, at least 0; each hides 5 ms."""
    wall_s: float = 10.0
    """Seconds from hand-over until a cell is interrupted, above 0; the caller may ask for less for each cell."""
    grace_s: float = 0.2
    """Seconds from there until the kernel is killed, above 0: C code that looks for interruptions does so in 10 ms."""
    cpu_s: int = 120
    """Processor time in s in a kernel's life, at least 1: the only bound on threads that go on between cells."""
    memory_mib: int = 1024
    """Address space in MiB that a kernel may add to what it starts with, at least 64."""
    output_kept: int = 1 << 20
    """Bytes of output of one cell that are kept, at least 1024; no model reads more."""
    output_killed: int = 8 << 20
    """Bytes of output of one cell at which the kernel is killed: reading on would only keep a processor busy."""
    output_life: int = 64 << 20
    """Bytes of output in a kernel's life at which it is killed: many cells can drip what one may not pour."""
    scratch_mib: int = 32
    """Size in MiB of the folder in memory that is a kernel's own, at least 1."""
    scratch_files: int = 512
    """Files and folders that it holds, at least 16: each takes memory of the system beyond its bytes."""
    file_mib: int = 16
    """Size in MiB of one file, at least 1."""
    open_files: int = 64
    """Descriptors, at least 16."""
    start_s: float = 60.0
    """Seconds to wait for a new kernel, above 0: the first waits for all imports."""

    def __post_init__(self) -> None:
        least = {"kernels": 1, "running": 1, "ready": 0, "cpu_s": 1, "memory_mib": 64, "output_kept": 1024}
        least |= {"scratch_mib": 1, "scratch_files": 16, "file_mib": 1, "open_files": 16}
        _check_least(self, {**least, "output_killed": self.output_kept, "output_life": self.output_killed})
        _check_above_zero(self, "wall_s", "grace_s", "start_s")

    def settings(self, level: Level, off: tuple[str, ...]) -> dict[str, Any]:
        """Return what the guest program is told, as ``sandbox/confine.py`` lists it."""
        told = {name: getattr(self, name) for name in _FOR_THE_GUEST}
        return {**told, "level": level, "off": off, "alone": True}


_FOR_THE_GUEST: Final = ("cpu_s", "memory_mib", "scratch_mib", "scratch_files", "file_mib", "open_files")
