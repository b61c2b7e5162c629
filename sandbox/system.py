"""The Linux calls that Python has no function for, each raising OSError with the name of the call."""

import ctypes
import os
import sys
from functools import cache
from typing import Final

CLONE_NEWNS: Final = 0x00020000
CLONE_NEWUTS: Final = 0x04000000
CLONE_NEWIPC: Final = 0x08000000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWPID: Final = 0x20000000
CLONE_NEWNET: Final = 0x40000000

MS_RDONLY: Final = 1
MS_NOSUID: Final = 2
MS_NODEV: Final = 4
MS_NOEXEC: Final = 8
MS_REMOUNT: Final = 32
MS_BIND: Final = 4096
MS_REC: Final = 16384
MS_PRIVATE: Final = 1 << 18

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_SECCOMP: Final = 22
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38

PIVOT_ROOT: Final = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR: Final = 442  # numbers from 424 on are the same on every architecture
_MNT_DETACH: Final = 2
_AT_RECURSIVE: Final = 0x8000
_AT_FDCWD: Final = -100


@cache
def _libc() -> ctypes.CDLL:
    if sys.platform != "linux":
        raise OSError(f"{sys.platform} has none of Linux's system calls")
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def prctl(option: int, value: int = 0, more: int = 0) -> int:
    """Set a property of this process.

    See prctl(2).
    """
    words = [ctypes.c_ulong(word) for word in (value, more, 0, 0)]
    return _checked(_libc().prctl(ctypes.c_int(option), *words), f"prctl({option})")


def unshare(flags: int) -> None:
    """Leave namespaces shared with others for new ones.

    See unshare(2).
    """
    _checked(_libc().unshare(ctypes.c_int(flags)), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """Join the namespace that a descriptor names.

    See setns(2).
    """
    _checked(_libc().setns(ctypes.c_int(descriptor), ctypes.c_int(kind)), "setns")


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount a file system, or change a mount.

    See mount(2).
    """
    texts = [text.encode() if text is not None else None for text in (source, target, kind)]
    result = _libc().mount(*texts, ctypes.c_ulong(flags), options.encode())
    _checked(result, f"mount {target}")


def unmount(target: str) -> None:
    """Call umount2(2), lazily: what is busy goes once it is not."""
    _checked(_libc().umount2(target.encode(), ctypes.c_int(_MNT_DETACH)), f"umount2 {target}")


def call(number: int, *words: object) -> int:
    """Call syscall(2) for what the C library has no function for; the caller's comment names the page."""
    return _checked(_libc().syscall(ctypes.c_long(number), *words), f"system call {number}")


def pivot_root(root: str, old: str) -> None:
    """Change the root of this mount namespace.

    See pivot_root(2).
    """
    number = PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError(f"the number of pivot_root is not known for {os.uname().machine}")
    call(number, ctypes.c_char_p(root.encode()), ctypes.c_char_p(old.encode()))


class _MountAttributes(ctypes.Structure):
    _fields_ = (("set", ctypes.c_uint64), ("clear", ctypes.c_uint64),
                ("propagation", ctypes.c_uint64), ("namespace", ctypes.c_uint64))  # fmt: skip


def make_read_only(target: str) -> None:
    """Make a mount and all below it read-only, without set-uid programs and devices: mount_setattr(2), Linux 5.12.

    MOUNT_ATTR_RDONLY, _NOSUID and _NODEV have the values of their MS_ namesakes.
    """
    wanted = _MountAttributes(set=MS_RDONLY | MS_NOSUID | MS_NODEV)
    words = (ctypes.c_int(_AT_FDCWD), ctypes.c_char_p(target.encode()), ctypes.c_uint(_AT_RECURSIVE))
    call(MOUNT_SETATTR, *words, ctypes.byref(wanted), ctypes.c_size_t(ctypes.sizeof(wanted)))


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def drop_capabilities() -> None:
    """Empty the effective, permitted and inheritable sets of this process: capset(2)."""
    header = _CapabilityHeader(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    _checked(_libc().capset(ctypes.byref(header), (ctypes.c_uint32 * 6)()), "capset")


def drop_bounding_set() -> None:
    """Take from this process and its children all that a set-uid program could give back: capabilities(7)."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError as error:
            if capability == 0:
                raise
            if error.errno != 22:  # EINVAL: past the last one that this kernel knows
                raise
            return


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def load_filter(code: bytes) -> None:
    """Put a program of 8-byte instructions before every later system call: seccomp(2), by prctl(2)."""
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    mode = ctypes.c_ulong(2)  # SECCOMP_MODE_FILTER
    result = _libc().prctl(PR_SET_SECCOMP, mode, ctypes.byref(program), ctypes.c_ulong(0), ctypes.c_ulong(0))
    _checked(result, "seccomp")
