"""The guest program: ``python -s -P sandbox FD MEMORY_MIB`` serves the host at the socket with descriptor ``FD``."""

import os
import socket
import sys


def main() -> None:
    """Become the warm parent; in each process that it forks, become a worker."""
    if len(sys.argv) != 3:
        sys.exit("usage: python -s -P sandbox FD MEMORY_MIB (started by genverify.tools.pool, not by hand)")
    import worker
    import zygote

    parent = os.getpid()
    sock, tools = zygote.serve(socket.socket(fileno=int(sys.argv[1])))
    try:
        worker.serve(sock, int(sys.argv[2]), tools, parent)
    finally:
        os._exit(0)  # nothing to flush; SymPy's and Z3's own endings cost tens of milliseconds


main()
