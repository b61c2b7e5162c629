"""A root folder in memory that holds Python, its packages and the system's libraries, all read-only, and no more."""

import os
import site
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import system

SCRATCH: Final = "/scratch/own"
"""Where a worker's own folder lies, if it has one. Its parent is what Landlock's rules name: those rules are made once,
for all workers, before any of these folders exists."""
SCRATCH_PARENT: Final = "/scratch"
_DEVICES: Final = ("null", "zero", "urandom")
_LIBRARIES: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_ROOTS: Final = ("/tmp", "/mnt", "/var")  # any folder does to build on: the new root hides what is in it


def readable(guest: Iterable[str]) -> tuple[str, ...]:
    """Return the folders that Python reads its code from, none of them inside another.

    Only where the interpreter keeps packages: not ``sys.path``, to which an editable install adds whole projects.

    Args:
        guest: folders of this program that must stay readable.
    """
    places = [os.path.dirname(os.__file__), *site.getsitepackages(), *guest, *_LIBRARIES]
    places += [
        os.path.join(prefix, lib) for prefix in {sys.base_prefix, sys.base_exec_prefix} for lib in ("lib", "lib64")
    ]
    places += os.environ.get("LD_LIBRARY_PATH", "").split(":")
    return _outermost({os.path.realpath(place) for place in places if place and os.path.isdir(place)})


def _outermost(paths: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for path in sorted(paths):
        if not any(path == above or path.startswith(above + "/") for above in kept):
            kept.append(path)
    return tuple(kept)


def enter(folders: tuple[str, ...]) -> None:
    """Make the root of this process's mount namespace such a folder; nothing else stays reachable: mount_namespaces(7).

    Raises:
        OSError: the system refused one of the mounts; this process's view of files may be half changed then.
    """
    root = next(path for path in _ROOTS if os.path.isdir(path))
    system.mount(None, "/", None, system.MS_REC | system.MS_PRIVATE)
    sources = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in folders}  # before the root hides some of them
    system.mount("tmpfs", root, "tmpfs", system.MS_NOSUID | system.MS_NODEV, "size=1m,mode=755")
    for path, descriptor in sources.items():
        _bind(descriptor, root + path)
        os.close(descriptor)
    _links(root)
    _devices(root)
    for name in (SCRATCH, "/tmp", "/old"):
        os.makedirs(root + name, exist_ok=True)
    os.chdir(root)
    system.pivot_root(".", "old")
    os.chdir("/")
    system.unmount("/old")
    with suppress(OSError):
        os.rmdir("/old")
    system.mount(
        None, "/", None, system.MS_REMOUNT | system.MS_BIND | system.MS_RDONLY | system.MS_NOSUID | system.MS_NODEV
    )


def _bind(source: int, target: str) -> None:
    os.makedirs(target, exist_ok=True)
    system.mount(f"/proc/self/fd/{source}", target, None, system.MS_BIND | system.MS_REC)
    try:
        system.make_read_only(target)
    except OSError:  # before Linux 5.12; of mounts below this one, flags that they were given must not be taken away
        kept = os.statvfs(target).f_flag & (os.ST_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME)
        flags = system.MS_REMOUNT | system.MS_BIND | system.MS_RDONLY | system.MS_NOSUID | system.MS_NODEV
        system.mount(None, target, None, flags | kept)


def _links(root: str) -> None:
    """Repeat symbolic links by which Python or the linker reach folders, such as /lib to /usr/lib."""
    for place in (*_LIBRARIES, os.path.dirname(os.__file__), *site.getsitepackages()):
        real = os.path.realpath(place)
        if real != place and os.path.isdir(place) and not os.path.lexists(root + place):
            with suppress(OSError):
                os.makedirs(os.path.dirname(root + place), exist_ok=True)
                os.symlink(real, root + place)


def _devices(root: str) -> None:
    os.makedirs(root + "/dev")
    for name in _DEVICES:
        with open(f"{root}/dev/{name}", "w"):
            pass
        system.mount(f"/dev/{name}", f"{root}/dev/{name}", None, system.MS_BIND)


def own_scratch(size_mib: int, files: int, owner: int | None) -> None:
    """Give this process a folder that nobody else sees, bounded in size, as its current one: tmpfs(5).

    Args:
        size_mib: bytes that its files may take together, in MiB.
        files: how many files and folders it may hold.
        owner: user and group that it belongs to; None for this process's own.
    """
    system.unshare(system.CLONE_NEWNS)
    flags = system.MS_NOSUID | system.MS_NODEV | system.MS_NOEXEC
    own = f",uid={owner},gid={owner}" if owner is not None else ""
    system.mount("tmpfs", SCRATCH, "tmpfs", flags, f"size={size_mib}m,nr_inodes={files},mode=700{own}")
    os.chdir(SCRATCH)
