"""Names of system calls to a filter program that allows them and nothing else; see seccomp(2) and bpf of the kernel.

The program is built once in the warm parent: libseccomp's builder takes 3 ms in every worker, this one none.
A call outside the list fails with EPERM, one that is newer than the list with ENOSYS, so that libraries fall back.
"""

import errno
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import syscalls_aarch64
import syscalls_x86_64

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_AND: Final = 0x54  # BPF_ALU | BPF_AND | BPF_K
_IF_EQUAL: Final = 0x15
_IF_ABOVE: Final = 0x25
_IF_AT_LEAST: Final = 0x35
_IF_ANY_BIT: Final = 0x45
_RETURN: Final = 0x06

ALLOW: Final = 0x7FFF0000
KILL: Final = 0x80000000
DENY: Final = 0x00050000 | errno.EPERM
UNKNOWN: Final = 0x00050000 | errno.ENOSYS
_NUMBER: Final = 0  # offsets into struct seccomp_data
_ARCHITECTURE: Final = 4
_NEWEST: Final = 462  # of Linux 6.12
_ANY_PID: Final = 0x7E57C0DE  # stands in the program where each worker's own number goes

_CLONE_THREAD: Final = 0x10000
_PRCTL: Final = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA: names of threads and of memory
_IOCTL: Final = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS (isatty), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""
_FCNTL_DENIED: Final = (8, 10, 15, 1024, 1026, 1031)
"""F_SETOWN, F_SETSIG, F_SETOWN_EX (signals to others), F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ (memory of the kernel)."""
_O_TRUNC: Final = 0x200

_PLAIN: Final = frozenset(syscalls_x86_64.NUMBERS) - {
    "clone", "clone3", "tgkill", "prctl", "prlimit64", "ioctl", "fcntl", "open", "openat",
}  # fmt: skip
"""Calls allowed with any arguments. Not among them on purpose: sockets, processes, signals, tracing, mounting, keys,
io_uring, shared memory; and what changes files by name past Landlock's eyes: truncate, chmod, chown, utimensat."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter program for one architecture."""

    code: bytes

    def of(self, pid: int) -> bytes:
        """Return the program for a process that may send signals to ``pid``, itself, only."""
        return self.code.replace(struct.pack("=I", _ANY_PID), struct.pack("=I", pid))


def build(machine: str | None = None) -> Filter:
    """Return the filter for ``machine``, by default this one.

    Raises:
        OSError: there is no table of numbers for it.
    """
    tables = {"x86_64": syscalls_x86_64, "aarch64": syscalls_aarch64}
    name = machine or os.uname().machine
    if name not in tables:
        raise OSError(f"no table of system calls for {name}")
    table = tables[name]
    made = _Assembler()
    made.architecture(table.AUDIT, table.FOREIGN_FROM)
    _rules(made, table.NUMBERS)
    made.ranges(_runs(number for call, number in table.NUMBERS.items() if call in _PLAIN))
    made.step(_IF_ABOVE, _NEWEST, 0, 1)
    made.step(_RETURN, UNKNOWN)
    made.step(_RETURN, DENY)
    return Filter(made.code())


class _Assembler:
    """Instructions in order; a jump counts how many of those after it are skipped."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, int, int, int]] = []

    def step(self, code: int, value: int, then: int = 0, otherwise: int = 0) -> None:
        self._steps.append((code, then, otherwise, value))

    def code(self) -> bytes:
        return b"".join(struct.pack("=HBBI", *step) for step in self._steps)

    def architecture(self, audit: int, foreign_from: int) -> None:
        """End the process if it calls the kernel in another way than the table's numbers are for."""
        self.step(_LOAD, _ARCHITECTURE)
        self.step(_IF_EQUAL, audit, 1, 0)
        self.step(_RETURN, KILL)
        self.step(_LOAD, _NUMBER)
        self.step(_IF_AT_LEAST, foreign_from, 0, 1)
        self.step(_RETURN, KILL)

    def unknown(self, number: int) -> None:
        """Let a call seem not to exist."""
        self.step(_IF_EQUAL, number, 0, 1)
        self.step(_RETURN, UNKNOWN)

    def one_of(self, number: int, argument: int, values: Iterable[int], *, good: bool = True) -> None:
        """Allow a call if its argument (counted from 0) is one of ``values``; with ``good`` false, if it is none."""
        chosen = tuple(values)
        self.step(_IF_EQUAL, number, 0, len(chosen) + 3)
        self.step(_LOAD, _low_half(argument))
        for place, value in enumerate(chosen):
            self.step(_IF_EQUAL, value, len(chosen) - place, 0)
        self.step(_RETURN, DENY if good else ALLOW)
        self.step(_RETURN, ALLOW if good else DENY)

    def any_bit(self, number: int, argument: int, bits: int) -> None:
        """Allow a call if its argument has one of ``bits``."""
        self.step(_IF_EQUAL, number, 0, 4)
        self.step(_LOAD, _low_half(argument))
        self.step(_IF_ANY_BIT, bits, 1, 0)
        self.step(_RETURN, DENY)
        self.step(_RETURN, ALLOW)

    def opening(self, number: int, argument: int) -> None:
        """Allow opening, but not emptying a file on opening it to read: old versions of Landlock let that pass."""
        self.step(_IF_EQUAL, number, 0, 6)
        self.step(_LOAD, _low_half(argument))
        self.step(_IF_ANY_BIT, _O_TRUNC, 0, 2)
        self.step(_AND, 3)  # O_ACCMODE
        self.step(_IF_EQUAL, 0, 1, 0)
        self.step(_RETURN, ALLOW)
        self.step(_RETURN, DENY)

    def ranges(self, runs: list[tuple[int, int]]) -> None:
        """Allow the calls whose numbers lie in ``runs``, both ends included."""
        self.step(_LOAD, _NUMBER)
        for first, last in runs:
            self.step(_IF_AT_LEAST, first, 0, 2)
            self.step(_IF_ABOVE, last, 1, 0)
            self.step(_RETURN, ALLOW)


def _low_half(argument: int) -> int:
    return 16 + 8 * argument  # both architectures are little-endian; no value of ours needs the upper half


def _rules(made: _Assembler, numbers: dict[str, int]) -> None:
    """Add the calls that depend on their arguments; each rule leaves the call's number loaded if it is another call."""
    made.unknown(numbers["clone3"])  # its flags lie in memory, where no filter looks: libraries fall back to clone
    made.any_bit(numbers["clone"], 0, _CLONE_THREAD)
    made.one_of(numbers["tgkill"], 0, [_ANY_PID])
    made.one_of(numbers["prctl"], 0, _PRCTL)
    made.one_of(numbers["prlimit64"], 0, [0])  # this process, under the name 0
    made.one_of(numbers["ioctl"], 1, _IOCTL)
    made.one_of(numbers["fcntl"], 1, _FCNTL_DENIED, good=False)
    if "open" in numbers:
        made.opening(numbers["open"], 1)
    made.opening(numbers["openat"], 2)


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
