"""Attacks on the network and on sockets of the host."""

from genverify.selftest.attack import Attack

ATTACKS = (
    Attack("loopback", "connect to a service on the loopback address", """
import socket
s = socket.create_connection(('127.0.0.1', @PORT@), 1); print('PWNED')
"""),
    Attack("any-socket", "open a socket of any family", """
import socket
for f, t in ((2, 1), (2, 2), (2, 3), (10, 1), (1, 1), (1, 2), (16, 3), (17, 3), (40, 1), (38, 5), (15, 3)):
    try: socket.socket(f, t); print('PWNED', f, t)
    except OSError: pass
"""),
    Attack("socketpair", "make a pair of sockets, to pass descriptors by", """
import socket
a, b = socket.socketpair(); print('PWNED')
"""),
    Attack("abstract", "connect to a socket of the host that has no file", """
import socket
s = socket.socket(socket.AF_UNIX); s.connect('\\0@ABSTRACT@'); print('PWNED')
"""),
    Attack("unix-path", "connect to sockets with files: docker, dbus, systemd, the canary", """
import socket, glob
for p in ('/var/run/docker.sock', '/run/dbus/system_bus_socket', '/run/systemd/private', '@CANARY@/service'):
    try: s = socket.socket(socket.AF_UNIX); s.connect(p); print('PWNED', p)
    except OSError: pass
"""),
    Attack("listen", "listen on a port", """
import socket
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); print('PWNED')
"""),
    Attack("url", "fetch a page by the network libraries", """
import urllib.request
urllib.request.urlopen('http://127.0.0.1:@PORT@/', timeout=1); print('PWNED')
"""),
    Attack("asyncio", "start an event loop with its sockets", """
import asyncio
async def f(): return await asyncio.open_connection('127.0.0.1', @PORT@)
asyncio.run(f()); print('PWNED')
"""),
    Attack("own-end", "use the kernel's own socket to send descriptors or to reconnect it", """
import ctypes, socket
L = ctypes.CDLL(None, use_errno=True)
for r in (L.connect(3, b'\\1\\0\\0x', 4), L.bind(3, b'\\1\\0', 2), L.listen(3, 1),
          L.sendmsg(3, bytes(64), 0), L.recvmsg(3, bytes(64), 0),
          L.getsockopt(3, 1, 17, bytes(64), bytes(4)), L.setsockopt(3, 1, 7, b'aaaa', 4), L.shutdown(3, 2)):
    if r >= 0: print('PWNED')
"""),
    Attack("io-uring", "io_uring: open sockets where no filter looks", """
import ctypes
L = ctypes.CDLL(None, use_errno=True)
for n in (425, 426, 427):
    ctypes.set_errno(0)
    r = L.syscall(n, 4, bytes(256), 0, 0, 0, 0)
    if r >= 0 or ctypes.get_errno() not in (1, 38): print('PWNED', n, ctypes.get_errno())
"""),
    Attack("rare-calls", "bpf, perf, keys, userfaultfd, modules, kexec, reboot, clocks", """
import ctypes, os
x86 = (321, 298, 248, 249, 250, 323, 175, 313, 246, 320, 169, 227, 164, 159, 103, 167, 168, 179, 163, 300, 304, 311,
       310, 312, 447, 434)
arm = (280, 241, 217, 218, 219, 282, 105, 273, 104, 294, 142, 112, 170, 171, 116, 224, 225, 60, 89, 262, 265, 271,
       270, 272, 447, 434)
L = ctypes.CDLL(None, use_errno=True)
for n in x86 if os.uname().machine == 'x86_64' else arm:
    ctypes.set_errno(0); r = L.syscall(n, 0, 0, 0, 0, 0, 0); e = ctypes.get_errno()
    if e not in (1, 38): print('PWNED', n, r, e)
"""),
)  # fmt: skip
"""Each says PWNED on success."""
