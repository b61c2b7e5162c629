"""Folders to a Landlock rule set: what a process may open, whatever its user may; see landlock(7)."""

import ctypes
import os
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import system

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # landlock_create_ruleset(2) and its kin: the same on every architecture
_EXECUTE, _WRITE, _READ, _READ_FOLDER = 1, 2, 4, 8
_REFER: Final = 1 << 13
_TRUNCATE: Final = 1 << 14
_SPECIAL: Final = (1 << 6) | (1 << 9) | (1 << 10) | (1 << 11) | (1 << 12) | (1 << 15)
"""Making devices, sockets, pipes and symbolic links, and commands to devices: nothing that code for sums needs."""
_KNOWN: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many file rights each version of the interface knows; a later one knows those of version 5 at least."""
_MISSING: Final = ((3, "truncation"), (4, "TCP"), (5, "device commands"), (6, "signals and abstract sockets"))


@dataclass(frozen=True, slots=True)
class Rules:
    """A rule set that a process can put on itself; it can be shared by many."""

    descriptor: int
    version: int
    """Version of the kernel's interface, at least 1."""

    @property
    def state(self) -> str:
        """``on``, or ``partial`` and what this kernel's version cannot yet restrict."""
        missing = [name for version, name in _MISSING if self.version < version]
        return f"partial: version {self.version} cannot restrict {', '.join(missing)}" if missing else "on"


def version() -> int:
    """Return the version of the kernel's interface.

    Raises:
        OSError: the kernel has none.
    """
    return system.call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))


def rules(readable: Iterable[str], writable: Iterable[str]) -> Rules:
    """Return rules that deny all files but those below the given folders (or the given device files).

    Nothing may be executed anywhere. Where the kernel can, TCP, signals to processes outside and abstract sockets
    are denied, too.

    Raises:
        OSError: the kernel has no Landlock.
    """
    found = version()
    rights = (1 << _KNOWN.get(found, 16)) - 1
    network = 3 if found >= 4 else 0
    scopes = 3 if found >= 6 else 0
    size = 24 if found >= 6 else 16 if found >= 4 else 8
    attributes = struct.pack("QQQ", rights, network, scopes)
    made = system.call(_CREATE, ctypes.c_char_p(attributes), ctypes.c_size_t(size), ctypes.c_uint(0))
    for path in readable:
        _add(made, path, rights & (_READ | _READ_FOLDER))
    for path in writable:
        _add(made, path, rights & ~(_EXECUTE | _SPECIAL))
    return Rules(made, found)


def _add(ruleset: int, path: str, rights: int) -> None:
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not os.path.isdir(path):
                rights &= _READ | _WRITE | _TRUNCATE
            rule = ctypes.c_char_p(struct.pack("=Qi", rights, descriptor))
            system.call(_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint(0))
        finally:
            os.close(descriptor)


def restrict(held: Rules) -> None:
    """Put the rules on this process for good; it must have no_new_privs."""
    system.call(_RESTRICT, ctypes.c_int(held.descriptor), ctypes.c_uint(0))
