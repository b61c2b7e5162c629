"""Run a command as if on another machine: ``stand_in.py [--nobody] [--docker] COMMAND...``; needs root, Linux.

``--nobody``: as a user without any rights, who can reach the interpreter even if it lies in a home that is closed.
``--docker``: in what Docker's default profile leaves: EPERM for new namespaces and mounts, ENOSYS for clone3, and the
14 capabilities of a container. As ``profiles/seccomp/default.json`` of moby says for a container without CAP_SYS_ADMIN.
"""

import ctypes
import os
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "sandbox"))
import system  # noqa: E402

NOBODY = 65534
KEPT = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
"""CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW SYS_CHROOT MKNOD AUDIT_WRITE
SETFCAP."""
DENIED = {
    # unshare mount umount2 pivot_root setns swapon swapoff bpf, open_tree to fspick, mount_setattr, userfaultfd, perf
    "x86_64": (272, 165, 166, 155, 308, 167, 168, 321, 428, 429, 430, 431, 432, 433, 442, 323, 298),
    "aarch64": (97, 40, 39, 41, 268, 224, 225, 280, 428, 429, 430, 431, 432, 433, 442, 282, 241),
}
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435
NEW_NAMESPACE = 0x7E020000


def reach(paths: list[Path]) -> None:
    """Make ``paths`` reachable for all: closed folders above them are covered by open ones that hold only these."""
    system.unshare(system.CLONE_NEWNS)
    system.mount(None, "/", None, system.MS_REC | system.MS_PRIVATE)
    closed: dict[Path, list[Path]] = {}
    for path in paths:
        above = [p for p in reversed(path.parents) if not p.stat().st_mode & 0o001]
        if above:
            closed.setdefault(above[0], []).append(path)
    for folder, wanted in closed.items():
        opened = {path: os.open(path, os.O_PATH) for path in wanted}
        system.mount("tmpfs", str(folder), "tmpfs", 0, "mode=755")
        for path, descriptor in sorted(opened.items()):
            if not path.exists():
                path.mkdir(parents=True)
                system.mount(f"/proc/self/fd/{descriptor}", str(path), None, system.MS_BIND | system.MS_REC)


def filter_like_docker() -> None:
    machine = os.uname().machine
    steps = [(0x20, 0, 0, 0)]
    for number in DENIED[machine]:
        steps += [(0x15, 0, 1, number), (0x06, 0, 0, 0x50001)]
    steps += [(0x15, 0, 1, CLONE3), (0x06, 0, 0, 0x50000 | 38)]
    steps += [(0x15, 0, 3, CLONE[machine]), (0x20, 0, 0, 16), (0x45, 0, 1, NEW_NAMESPACE), (0x06, 0, 0, 0x50001)]
    steps += [(0x06, 0, 0, 0x7FFF0000)]
    system.load_filter(b"".join(struct.pack("=HBBI", *step) for step in steps))


def keep_capabilities() -> None:
    for capability in range(41):
        if capability not in KEPT:
            try:
                system.prctl(system.PR_CAPBSET_DROP, capability)
            except OSError:
                break
    kept = sum(1 << capability for capability in KEPT)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)
    if ctypes.CDLL(None).capset(header, sets) != 0:
        sys.exit("capset failed")


def main() -> None:
    options = {word for word in sys.argv[1:3] if word in ("--nobody", "--docker")}
    command = sys.argv[1 + len(options) :]
    if "--nobody" in options:
        reach([Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), ROOT])
    if "--docker" in options:
        filter_like_docker()
        keep_capabilities()
    if "--nobody" in options:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    os.chdir(ROOT)
    os.execv(command[0], command)


main()
