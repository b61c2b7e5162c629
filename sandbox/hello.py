"""A new worker's first words to the host: who it is, before it is confined, and by what, once it is."""

import os
import socket

import frames
from confine import Confinement


def introduce(sock: socket.socket) -> None:
    """Send ``{"pid"}``, with a handle (where the system has them) that can never name another process: pidfd_open(2).

    It goes ahead of all else because descriptors travel by calls of sockets, which a confined process may not use.
    """
    frame = frames.encode({"pid": os.getpid()})
    try:
        handle = os.pidfd_open(os.getpid())
    except (AttributeError, OSError):
        sock.sendall(frame)
        return
    socket.send_fds(sock, [frame], [handle])
    os.close(handle)


def confined(sock: socket.socket, confinement: Confinement, parent: int) -> dict[str, str]:
    """Introduce this fork on ``sock``, confine it and return its layers.

    Raises:
        RefusedError: the level demands what could not be had.
    """
    introduce(sock)
    return confinement.confine(parent)
