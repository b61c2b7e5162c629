"""Python values to frames on a descriptor and back: four bytes of length (big-endian), then UTF-8 JSON."""

import json
import os
from typing import Any, Final

REQUEST_MAX: Final = 1 << 20
"""Most bytes of a request: hundreds of premises of 600 nodes; more would only be parsed to be refused."""
REPLY_MAX: Final = 1 << 16
"""Most bytes of a reply; the host ends a worker that announces more."""
_HEADER: Final = 4


class FrameError(Exception):
    """The other side broke the contract: a frame too long, cut short, or not a JSON object."""


def encode(value: dict[str, Any], most: int = REPLY_MAX) -> bytes:
    """Return ``value`` as one frame.

    Raises:
        FrameError: it is longer than ``most`` bytes.
    """
    body = json.dumps(value, separators=(",", ":")).encode()
    if len(body) > most:
        raise FrameError(f"a reply of {len(body)} bytes; at most {most} are sent")
    return len(body).to_bytes(_HEADER, "big") + body


def write(descriptor: int, frame: bytes) -> None:
    """Send all of ``frame`` with the call for files: a confined process may not use those for sockets."""
    left = memoryview(frame)
    while left:
        left = left[os.write(descriptor, left) :]


def read(descriptor: int) -> dict[str, Any] | None:
    """Return the next request, or None when the host has closed its end.

    Raises:
        FrameError: what came is not a frame.
    """
    header = _read_exactly(descriptor, _HEADER)
    if header is None:
        return None
    length = int.from_bytes(header, "big")
    if length > REQUEST_MAX:
        raise FrameError(f"a request of {length} bytes; at most {REQUEST_MAX} are read")
    body = _read_exactly(descriptor, length)
    if body is None:
        return None
    value = json.loads(body)
    if not isinstance(value, dict):
        raise FrameError(f"a request is a JSON object, got {type(value).__name__}")
    return value


def _read_exactly(descriptor: int, length: int) -> bytes | None:
    parts: list[bytes] = []
    while length > 0:
        part = os.read(descriptor, min(length, 1 << 16))
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
