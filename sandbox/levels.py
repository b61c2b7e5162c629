"""Layers to whether they suffice: what each level of isolation demands, and what of it is missing."""

from collections.abc import Mapping
from typing import Final

STRICT, DEFAULT, WEAK = "strict", "default", "weak"
_PARTIAL_WILL_DO: Final = {
    "own_user": ("pid_namespace", "not_dumpable"),
    "landlock": ("jail_root",),
}
"""Layers that may be partial at the strict level, and those that must be on to stand in for what they lack: a caller
who is not root has no users to give away, and an older Landlock cannot restrict what the jail root has not got."""


def unmet(level: str, layers: Mapping[str, str]) -> str:
    """Return what ``level`` demands and ``layers`` do not give, in words; empty if they suffice.

    ``weak`` demands nothing. ``default`` demands the filter of system calls, and the jail root or Landlock.
    ``strict`` demands every layer.
    """
    if level == WEAK:
        return ""
    if level == DEFAULT:
        missing = [] if _is_on(layers, "seccomp") else [_told("seccomp", layers)]
        if not (_is_on(layers, "jail_root") or _state(layers, "landlock") in ("on", "partial")):
            missing += [_told("jail_root", layers), _told("landlock", layers)]
        return "; ".join(missing)
    return "; ".join(_told(name, layers) for name in layers if not _is_strict(name, layers))


def reached(layers: Mapping[str, str]) -> str:
    """Return the highest level that ``layers`` suffice for."""
    return next(level for level in (STRICT, DEFAULT, WEAK) if not unmet(level, layers))


def _is_strict(name: str, layers: Mapping[str, str]) -> bool:
    stand_ins = _PARTIAL_WILL_DO.get(name, ())
    partial = _state(layers, name) == "partial" and bool(stand_ins) and all(_is_on(layers, s) for s in stand_ins)
    return _is_on(layers, name) or partial


def _state(layers: Mapping[str, str], name: str) -> str:
    return layers.get(name, "off").partition(":")[0]


def _is_on(layers: Mapping[str, str], name: str) -> bool:
    return _state(layers, name) == "on"


def _told(name: str, layers: Mapping[str, str]) -> str:
    return f"{name} is {layers.get(name, 'off: not tried')}"
