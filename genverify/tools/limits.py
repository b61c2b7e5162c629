"""What a pool of worker processes may use: time, memory, processes."""

from dataclasses import dataclass


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

    def __post_init__(self) -> None:
        least = {"workers": 1, "memory_mib": 16, "checks_per_worker": 1, "growth_mib": 1}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise ValueError(f"Limits.{name} must be at least {low}, got {getattr(self, name)}")
        if not self.start_s > 0:
            raise ValueError(f"Limits.start_s must be above 0, got {self.start_s}")
