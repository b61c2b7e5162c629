"""Jupyter messages to signed frames and back: what jupyter_client's ``Session`` does, five times as fast.

A cell takes one message in and five out. ``Session`` makes an encoder for each part and reads every date into an
object; here the parent's header goes back as the bytes that came. See "The Wire Protocol" of jupyter_client.
"""

import hmac
import json
import os
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

Content = dict[str, Any]
_DELIMITER: Final = b"<IDS|MSG>"
_PARTS: Final = 4  # header, parent header, metadata, content; what follows are buffers, which no request of ours has
_REMEMBERED: Final = 1 << 16
"""Signatures kept to know a message that is sent once more; as many as ``Session`` keeps."""
_encode: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def _bytes(value: Content) -> bytes:
    return _encode(value).encode("utf-8", "replace")  # half characters can come back in a client's own code


@dataclass(frozen=True, slots=True)
class Message:
    """A request that a client signed."""

    ident: tuple[bytes, ...]
    """Where its reply goes."""
    kind: str
    """``execute_request`` ..."""
    content: Content
    header: bytes
    """As it came, to be sent back as the parent of all that follows from it."""


class Wire:
    """Signs and checks the messages of one kernel.

    Args:
        key: what clients and kernel share.
        scheme: ``hmac-sha256`` or another digest of hashlib's.

    Raises:
        ValueError: there is no key; anybody could send code then.
    """

    def __init__(self, key: bytes, scheme: str = "hmac-sha256") -> None:
        if not key:
            raise ValueError("a kernel without a key would run what anybody sends; leave Session.key as it is")
        self._digest = hmac.new(key, digestmod=scheme.removeprefix("hmac-"))
        self._session = os.urandom(16).hex()
        self._count = 0
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def read(self, parts: list[bytes]) -> Message:
        """Return the message in ``parts``.

        Raises:
            ValueError: it is no message, it is not signed with the key, or it came before.
        """
        place = parts.index(_DELIMITER)
        signature, *rest = parts[place + 1 :]
        if len(rest) < _PARTS:
            raise ValueError("a message has a signature and four parts")
        if not hmac.compare_digest(signature, self._sign(rest[:_PARTS])):
            raise ValueError("the message is not signed with this kernel's key")
        if signature in self._seen:
            raise ValueError("the message came before")
        self._seen[signature] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        header, content = json.loads(rest[0]), json.loads(rest[3])
        if not isinstance(header, dict) or not isinstance(content, dict):
            raise ValueError("header and content are objects")
        return Message(tuple(parts[:place]), str(header.get("msg_type")), content, rest[0])

    def write(
        self, kind: str, content: Content, parent: bytes, ident: tuple[bytes, ...], metadata: Content | None = None
    ) -> list[bytes]:
        """Return the frames of a message of ours.

        Args:
            kind: ``execute_reply``, ``stream`` ...
            content: what it says.
            parent: header of the request that it follows from.
            ident: where it goes, or its topic.
            metadata: what is said beside the content.
        """
        self._count += 1
        header = {
            "msg_id": f"{self._session}_{self._count}", "msg_type": kind, "username": "genverify", "version": "5.3",
            "session": self._session, "date": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        parts = [_bytes(header), parent, _bytes(metadata or {}), _bytes(content)]
        return [*ident, _DELIMITER, self._sign(parts), *parts]

    def _sign(self, parts: list[bytes]) -> bytes:
        digest = self._digest.copy()
        for part in parts:
            digest.update(part)
        return digest.hexdigest().encode()
