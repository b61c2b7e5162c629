"""Signed messages of the broker: as jupyter_client's own, and nothing else gets through."""

import json
import random
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import pytest

pytest.importorskip("jupyter_client", reason="the extra 'jupyter' is not installed")

from jupyter_client.session import Session

from genverify.tools import wire
from genverify.tools.wire import Message, Wire

KEY: Final = b"a key of a kernel"


def sent_by_a_client(kind: str, content: dict[str, Any], key: bytes = KEY) -> list[bytes]:
    session = Session(key=key)
    return [b"client", *session.serialize(session.msg(kind, content))]


def test_a_client_s_message_is_read() -> None:
    parts = sent_by_a_client("execute_request", {"code": "print('é')"})
    message = Wire(KEY).read(parts)
    assert (message.kind, message.content, message.ident) == ("execute_request", {"code": "print('é')"}, (b"client",))


def test_a_client_reads_what_is_written_and_its_parent() -> None:
    wire, session = Wire(KEY), Session(key=KEY)
    request = session.msg("execute_request", {"code": "1"})
    message = wire.read([b"client", *session.serialize(request)])
    frames = wire.write("execute_reply", {"status": "ok", "text": "é"}, message.header, message.ident, {"facts": []})
    ident, rest = session.feed_identities(frames)
    reply = session.deserialize(rest)
    assert ident == [b"client"]
    assert reply["msg_type"] == "execute_reply"
    assert reply["parent_header"]["msg_id"] == request["header"]["msg_id"]
    assert (reply["content"], reply["metadata"]) == ({"status": "ok", "text": "é"}, {"facts": []})


def test_a_message_counts_once() -> None:
    wire, parts = Wire(KEY), sent_by_a_client("execute_request", {"code": "1"})
    wire.read(parts)
    with pytest.raises(ValueError, match="came before"):
        wire.read(parts)


@pytest.mark.parametrize("place", range(3, 7))
def test_any_change_after_signing_is_seen(place: int) -> None:
    parts = sent_by_a_client("execute_request", {"code": "1"})
    parts[place] = parts[place].replace(b"}", b" }", 1)
    with pytest.raises(ValueError, match="not signed"):
        Wire(KEY).read(parts)


def test_another_key_and_no_key_are_refused() -> None:
    with pytest.raises(ValueError, match="not signed"):
        Wire(KEY).read(sent_by_a_client("execute_request", {"code": "1"}, b"a guess"))
    with pytest.raises(ValueError, match="not signed"):
        Wire(KEY).read(sent_by_a_client("execute_request", {"code": "1"}, b""))
    with pytest.raises(ValueError, match="without a key"):
        Wire(b"")


def lines_reached(work: Callable[[], None]) -> frozenset[int]:
    """Return the lines of the reader that ``work`` runs."""
    seen: set[int] = set()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename != wire.__file__:
            return None
        seen.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return frozenset(seen)


def is_refused_or_a_message(parts: list[bytes]) -> None:
    try:
        message = Wire(KEY).read(parts)
    except (ValueError, RecursionError):
        return
    assert isinstance(message, Message)
    assert isinstance(message.content, dict)


def signed(session: Session, parts: list[bytes]) -> list[bytes]:
    """Sign whatever ``parts`` hold: a fuzzer without the key would never get past the first gate."""
    place = parts.index(b"<IDS|MSG>") if b"<IDS|MSG>" in parts else 0
    return [*parts[: place + 1], session.sign(parts[place + 2 : place + 6]), *parts[place + 2 :]]


PIECES: Final = (
    b"",
    b"<IDS|MSG>",
    b"{}",
    b"[]",
    b"null",
    b"NaN",
    b"\xff\xfe",
    b"[" * 3000,
    b"9" * 5000,
    b'{"msg_type": []}',
)


def test_messages_fuzzed_along_the_lines_that_they_reach_are_refused_or_messages() -> None:
    dice, session = random.Random(11), Session(key=KEY)
    corpus = [sent_by_a_client("execute_request", {"code": "1"})]
    reached: set[frozenset[int]] = set()
    for _ in range(3000):
        parts = list(dice.choice(corpus))
        for _ in range(dice.randrange(1, 4)):
            place = dice.randrange(len(parts)) if parts else 0
            action = dice.randrange(3)
            if action == 0 and parts:
                parts[place] = dice.choice(PIECES)
            elif action == 1 and parts:
                del parts[place]
            else:
                parts.insert(place, dice.choice(PIECES))
        if dice.random() < 0.8:
            parts = signed(session, parts)
        lines = lines_reached(lambda parts=parts: is_refused_or_a_message(parts))  # type: ignore[misc]
        if lines not in reached:
            reached.add(lines)
            corpus.append(parts)
    assert len(reached) > 4  # the guidance found more than one way in
    assert json.loads(sent_by_a_client("x", {})[6]) == {}
