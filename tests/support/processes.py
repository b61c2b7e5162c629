"""Whether processes are there, for tests that kill them."""

import time
from collections.abc import Callable
from pathlib import Path


def alive(pid: int) -> bool:
    """A zombie counts as ended: it only waits for whoever runs this machine to reap it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def eventually(holds: Callable[[], bool], patience_s: float = 60.0) -> bool:
    """Wait until it holds, long enough for a busy machine."""
    end = time.monotonic() + patience_s
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()
