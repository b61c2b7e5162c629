"""The filter of system calls: every number of both architectures through an interpreter of filter programs."""

import ctypes
import errno
import json
import struct
import subprocess
import sys
from functools import cache
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify._resources import asset

ALLOW, KILL = 0x7FFF0000, 0x80000000
DENY, UNKNOWN = 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
PID = 77
MACHINES: Final = ("x86_64", "aarch64")
DUMP = """
import json, sys
sys.path.insert(0, sys.argv[1])
import seccomp, syscalls_aarch64, syscalls_x86_64
tables = {"x86_64": syscalls_x86_64, "aarch64": syscalls_aarch64}
print(json.dumps({m: {"code": seccomp.build(m).of(77).hex(), "numbers": t.NUMBERS, "audit": t.AUDIT,
                      "plain": sorted(seccomp._PLAIN)} for m, t in tables.items()}))
"""


@cache
def built() -> dict[str, Any]:
    command = [sys.executable, "-c", DUMP, str(asset("sandbox"))]
    return dict(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def decide(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """Run the filter on one call as the kernel does: classic BPF on ``struct seccomp_data``."""
    about = built()[machine]
    words = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=IIQ6Q", number, about["audit"] if audit is None else audit, 0, *words)
    steps = list(struct.iter_unpack("=HBBI", bytes.fromhex(about["code"])))
    place = value = 0
    while True:
        code, then, otherwise, operand = steps[place]
        place += 1
        if code == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif code == 0x54:
            value &= operand
        elif code == 0x06:
            return int(operand)
        else:
            holds = {0x15: value == operand, 0x25: value > operand, 0x35: value >= operand, 0x45: bool(value & operand)}
            place += then if holds[code] else otherwise


@pytest.mark.parametrize("machine", MACHINES)
def test_exactly_the_calls_of_the_list_are_allowed(machine: str) -> None:
    about = built()[machine]
    harmless = {"openat", "open", "fcntl", "prlimit64"}  # with arguments of 0; they are tested below with others
    names = {number: name for name, number in about["numbers"].items()}
    for number in range(600):
        name = names.get(number, "")
        listed = name in about["plain"] or name in harmless
        expected = ALLOW if listed else UNKNOWN if name == "clone3" or number > 462 else DENY
        assert decide(machine, number) == expected, (number, name)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "allowed"),
    [
        ("clone", (0x3D0F00,), True), ("clone", (17,), False), ("clone", (0x10000011,), False), ("clone", (0,), False),
        ("tgkill", (PID, PID, 6), True), ("tgkill", (1, 1, 9), False), ("tgkill", (PID + 1, PID, 9), False),
        ("prctl", (15,), True), ("prctl", (4, 1), False), ("prctl", (22, 2), False), ("prctl", (0x53564D41,), True),
        ("prlimit64", (0, 9), True), ("prlimit64", (1, 9), False),
        ("ioctl", (1, 0x5401), True), ("ioctl", (1, 0x5412), False), ("ioctl", (0, 0x541C), False),
        ("fcntl", (1, 0), True), ("fcntl", (1, 8), False), ("fcntl", (1, 15), False), ("fcntl", (1, 1031), False),
        ("openat", (3, 0, 0x200), False), ("openat", (3, 0, 0x241), True), ("openat", (3, 0, 0x80000), True),
    ],
)  # fmt: skip
def test_calls_that_depend_on_their_arguments(
    machine: str, name: str, arguments: tuple[int, ...], allowed: bool
) -> None:
    verdict = decide(machine, built()[machine]["numbers"][name], *arguments)
    assert verdict == (ALLOW if allowed else DENY)


@pytest.mark.parametrize("machine", MACHINES)
@given(number=st.integers(0, 2**32 - 1), arguments=st.lists(st.integers(0, 2**64 - 1), max_size=6))
def test_no_number_and_no_argument_passes_that_is_not_in_the_table(
    machine: str, number: int, arguments: list[int]
) -> None:
    verdict = decide(machine, number, *arguments)
    assert verdict in (ALLOW, DENY, UNKNOWN, KILL)
    if verdict == ALLOW:
        assert number in built()[machine]["numbers"].values()


@given(st.integers(0, 2**32 - 1), st.integers(0, 500))
def test_another_way_of_calling_the_kernel_ends_the_process(audit: int, number: int) -> None:
    for machine in MACHINES:
        if audit != built()[machine]["audit"]:
            assert decide(machine, number, audit=audit) == KILL
    assert decide("x86_64", 0x40000000 + number) == KILL


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_those_of_libseccomp(machine: str) -> None:
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp is not installed here; its tables are what ours are compared with")
    about = built()[machine]
    for name, number in about["numbers"].items():
        known = library.seccomp_syscall_resolve_name_arch(ctypes.c_uint32(about["audit"]), name.encode())
        assert known == number or known == -1, name  # -1: a call newer than the library
