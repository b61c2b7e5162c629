"""Isolation layers to words that a person understands."""

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

LAYERS: Final = {
    "own_process": "code runs in a process of its own, never in this one",
    "environment_scrubbed": "no variable of the caller's environment is in that process or in the one that forks it",
    "deadline_kill": "a process that passes its time limit is killed from outside",
    "jail_root": "its root folder holds Python, packages and system libraries, read-only, and nothing else",
    "private_scratch": "it can write into a bounded folder in memory that no other process sees, and nowhere else",
    "network": "it is in a network of its own that has no way out, not even to this machine",
    "ipc_and_names": "it shares no memory, queues or host name with others",
    "pid_namespace": "it sees no other process and can signal none",
    "own_user": "it runs as a user that owns nothing",
    "capabilities_dropped": "it has no rights of an administrator and cannot get any",
    "no_new_privs": "no program that it might start gets more rights than it has",
    "not_dumpable": "no other process may read its memory or trace it",
    "landlock": "it may open the files of Python and its own folder, whatever its user may",
    "seccomp": "it may make some 100 harmless system calls: no sockets, no processes, no signals to others",
    "memory_limit": "its memory is limited",
    "cpu_limit": "its processor time is limited",
    "file_size_limit": "the size of its files is limited",
    "open_files_limit": "the number of its open files is limited",
    "core_dumps_off": "its memory is not written to disk when it crashes",
    "ends_with_host": "it ends when the process that started it ends",
}
"""Each layer, and what holds where it is on."""


_log = logging.getLogger("genverify")


@lru_cache(maxsize=8)
def tell_once(lacking: tuple[str, ...], level: str) -> None:
    """Tell the user, once, which layers are missing and what follows."""
    _log.warning(
        "code that models write runs here without %s (isolation level %r); genverify doctor says why",
        ", ".join(lacking), level,
    )  # fmt: skip


def lacking(layers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the layers that are off or refused."""
    return tuple(name for name, state in layers.items() if split(state)[0] in ("off", "refused"))


def split(state: str) -> tuple[str, str]:
    """Return a layer's state, ``on``, ``partial``, ``off`` or ``refused``, and the reason for it."""
    word, _, why = state.partition(":")
    return word.strip(), why.strip()
