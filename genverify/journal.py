"""A file of lines that one process appends to and that survives being killed: whole lines, and at most one torn end."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from genverify.errors import UsageError


@contextmanager
def locked(path: Path, place: str) -> Iterator[BinaryIO]:
    """Open ``path`` for reading and appending, for this process alone; it is made if it is not there.

    Args:
        path: the file; its folder must be there.
        place: what named it, for messages.

    Raises:
        UsageError: it cannot be written, or another process has it open here.
    """
    try:
        stream = path.open("a+b")
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror}") from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            raise UsageError(f"{place}: another genverify is writing to it") from error
        yield stream


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines that are whole, from the first on; in the end a torn one is cut off and appending may begin."""
    good = 0
    stream.seek(0)
    for line in stream:
        if not line.endswith(b"\n"):
            stream.truncate(good)
            break
        good += len(line)
        yield line
    stream.seek(0, os.SEEK_END)


def append(stream: BinaryIO, line: str) -> None:
    """Append one line, given without its line feed; once this returns it survives the end of the process."""
    stream.write(line.encode("utf-8") + b"\n")
    stream.flush()
