"""Attacks on processes: starting them, signalling them, reading their memory, taking their limits off."""

from genverify.selftest.attack import Attack

_STOPPED = "timeout|died"

ATTACKS = (
    Attack("env-token", "find a token in the environment", """
import os, re
secret = re.compile('SECRET-CANARY-[0-9a-f]{16}')
print('PWNED' if any(secret.search(k + v) for k, v in os.environ.items()) else '')
"""),
    Attack("own-environ", "read the environment that the process was started with", """
print('PWNED' if open('/proc/self/environ', 'rb').read() else '')
"""),
    Attack("other-environ", "read the environments and commands of other processes", """
import os
for p in range(1, 40000):
    try:
        if open(f'/proc/{p}/environ', 'rb').read(): print('PWNED'); break
    except OSError: pass
    try:
        if p > 1 and open(f'/proc/{p}/cmdline', 'rb').read(): print('PWNED'); break
    except OSError: pass
"""),
    Attack("host-memory", "read the memory of genverify", """
import ctypes
try: open('/proc/@HOST@/mem', 'rb').read(1); print('PWNED')
except OSError: pass
L = ctypes.CDLL(None, use_errno=True)
b = ctypes.create_string_buffer(8)
v = (ctypes.c_void_p * 2)(ctypes.addressof(b), 8)
print('PWNED' if L.process_vm_readv(@HOST@, v, 1, v, 1, 0) >= 0 else '')
"""),
    Attack("host-descriptors", "steal the descriptors of genverify", """
import os, ctypes
try:
    for f in os.listdir('/proc/@HOST@/fd'): print('PWNED', f)
except OSError: pass
L = ctypes.CDLL(None, use_errno=True)
p = L.syscall(434, @HOST@, 0)
print('PWNED' if p >= 0 else '')
print('PWNED' if L.syscall(438, p, 0, 0) >= 0 else '')
"""),
    Attack("heap-scan", "find secrets of genverify in the memory that was forked", """
import gc, re
secret = re.compile('SECRET-CANARY-[0-9a-f]{16}')
texts = (str(o) for o in gc.get_objects() if isinstance(o, (str, bytes, dict)))
print('PWNED' if any(map(secret.search, texts)) else 'clean')
"""),
    Attack("maps-scan", "scan all mapped memory for secrets", """
import re
found = False
for line in open('/proc/self/maps'): found = True
print('PWNED' if found else '')
"""),
    Attack("descriptors", "use descriptors that were left open", """
import os
n = []
for f in range(4, 4096):
    try: os.fstat(f); n.append(f)
    except OSError: pass
print('PWNED' if n else 'none', n)
"""),
    Attack("fork", "fork, vfork, clone", """
import os, ctypes
n = 0
for _ in range(50):
    try:
        if os.fork() == 0: os._exit(0)
        n += 1
    except OSError: break
print('PWNED' if n else 'no fork')
"""),
    Attack("clone3", "start a process by the newer call", """
import ctypes, os
L = ctypes.CDLL(None, use_errno=True)
a = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)
r = L.syscall(435, a, 88)
if r == 0: os._exit(0)
print('PWNED' if r > 0 else 'no clone3')
"""),
    Attack("clone-thread-flag", "hide a process behind the flag of a thread", """
import ctypes, os
L = ctypes.CDLL(None, use_errno=True)
n = 56 if os.uname().machine == 'x86_64' else 220
for flags in (0x00010000 | 17, 0x00010000 | 0x10000000, 0x7e020000 | 17, 0x20000000 | 17):
    r = L.syscall(n, flags, 0, 0, 0, 0)
    if r == 0: os._exit(0)
    if r > 0: print('PWNED', r)
"""),
    Attack("subprocess", "run programs", """
import os, subprocess
for f in (lambda: subprocess.check_output(['id']), lambda: os.posix_spawn('/bin/true', ['true'], {}),
          lambda: os.popen('id').read() or 1 / 0):
    try: f(); print('PWNED')
    except (OSError, ArithmeticError): pass
print('PWNED' if os.system('true') == 0 else '')
"""),
    Attack("multiprocessing", "run a pool of processes", """
import multiprocessing
p = multiprocessing.Process(target=print); p.start(); print('PWNED')
"""),
    Attack("exec", "replace this process by another program", """
import os
for p in ('/usr/bin/python3', '/bin/sh', '/bin/true', '/usr/bin/true'):
    try: os.execv(p, [p, '-c', 'echo PWNED'])
    except OSError as e: print(e)
"""),
    Attack("exec-ld", "run a program by the loader, or from memory", """
import os, glob, ctypes
for p in glob.glob('/lib*/ld-linux*') + glob.glob('/usr/lib*/ld-linux*') + glob.glob('/lib/*/ld-linux*'):
    try: os.execv(p, [p, '/bin/true'])
    except OSError as e: print(e)
try: f = os.memfd_create('x'); print('PWNED')
except OSError as e: print(e)
print('PWNED' if ctypes.CDLL(None).syscall(322, 3, b'', 0, 0, 0x1000) == 0 else '')
"""),
    Attack("kill-all", "kill the parent, the host, everybody", """
import os, signal
for p in {os.getppid(), @HOST@, 1, 2, -1, 0} - {os.getpid()}:
    try: os.kill(p, 0); print('PWNED', p)
    except OSError: pass
"""),
    Attack("pidfd", "signal the host by a handle", """
import os, ctypes, signal
try: f = os.pidfd_open(@HOST@); signal.pidfd_send_signal(f, 0); print('PWNED')
except OSError: pass
L = ctypes.CDLL(None, use_errno=True)
n = 234 if os.uname().machine == 'x86_64' else 131
print('PWNED' if L.syscall(n, @HOST@, @HOST@, 0) == 0 else '')
"""),
    Attack("sigqueue", "queue a signal by the rarer calls", """
import ctypes, os
L = ctypes.CDLL(None, use_errno=True)
x86 = os.uname().machine == 'x86_64'
for n, args in ((129 if x86 else 138, (@HOST@, 0, bytes(128))), (200 if x86 else 130, (@HOST@, 0)),
                (297 if x86 else 240, (@HOST@, @HOST@, 0, bytes(128)))):
    if L.syscall(n, *args) == 0: print('PWNED', n)
"""),
    Attack("sigio", "have the kernel signal another process by F_SETOWN", """
import fcntl, os
for own in (lambda: fcntl.fcntl(3, fcntl.F_SETOWN, @HOST@), lambda: fcntl.fcntl(1, fcntl.F_SETOWN, -@HOST@),
            lambda: fcntl.fcntl(3, 10, 9)):
    try: own(); print('PWNED')
    except OSError as e: print(e)
"""),
    Attack("ptrace", "trace the host, a sibling, or be traced", """
import ctypes
L = ctypes.CDLL(None, use_errno=True)
for r in (L.ptrace(0x4206, @HOST@, 0, 0), L.ptrace(0, 0, 0, 0)):  # to seize, since to attach would stop it
    if r == 0: print('PWNED')
"""),
    Attack("limits", "lift one's own limits, lower those of others", """
import resource as r
for f in (lambda: r.setrlimit(r.RLIMIT_AS, (-1, -1)), lambda: r.setrlimit(r.RLIMIT_CPU, (-1, -1)),
          lambda: r.prlimit(@HOST@, r.RLIMIT_CPU, r.prlimit(@HOST@, r.RLIMIT_CPU))):
    try: f(); print('PWNED')
    except (ValueError, OSError): pass
"""),
    Attack("priorities", "take priority, real time or processors from others", """
import os, ctypes
for f in (lambda: os.setpriority(os.PRIO_PROCESS, 0, -5),
          lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)),
          lambda: os.setpriority(os.PRIO_PROCESS, @HOST@, os.getpriority(os.PRIO_PROCESS, @HOST@)),
          lambda: os.sched_setaffinity(@HOST@, os.sched_getaffinity(@HOST@))):
    try: f(); print('PWNED')
    except OSError: pass
"""),
    Attack("users", "become another user, take capabilities back", """
import os, ctypes
for f in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0]), lambda: os.setgid(0),
          lambda: os.setreuid(0, 0)):
    try: f(); print('PWNED')
    except OSError: pass
L = ctypes.CDLL(None, use_errno=True)
h = (ctypes.c_uint * 2)(0x20080522, 0); d = (ctypes.c_uint * 6)(*[0xffffffff] * 6)
print('PWNED' if L.capset(h, d) == 0 else '')
"""),
    Attack("namespaces", "make or join namespaces", """
import ctypes, os
L = ctypes.CDLL(None, use_errno=True)
for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x02000000):
    if L.unshare(flag) == 0: print('PWNED', hex(flag))
for n in ('user', 'mnt', 'net', 'pid'):
    try: f = os.open(f'/proc/1/ns/{n}', os.O_RDONLY); print('PWNED')
    except OSError: pass
"""),
    Attack("daemon", "leave a process behind that outlives the kernel", """
import os
os.setsid() if os.getpid() != os.getsid(0) else None
if os.fork() == 0:
    import time; time.sleep(5); os._exit(0)
print('PWNED')
"""),
    Attack("stop-self", "stop or kill oneself", """
import os, signal
for f in (lambda: os.kill(os.getpid(), signal.SIGSTOP), lambda: signal.raise_signal(signal.SIGSTOP),
          lambda: signal.raise_signal(signal.SIGKILL)):
    try: f()
    except OSError as e: print(e)
"""),
    Attack("ignore-signals", "ignore every signal and swallow every interruption", """
import signal
for s in range(1, 65):
    try: signal.signal(s, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True:
    try:
        while True: pass
    except BaseException: pass
""", expect=_STOPPED),
    Attack("block-signals", "block every signal", """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
while True: pass
""", expect=_STOPPED),
    Attack("own-filter", "put a filter of one's own on, or loosen the one that is there", """
import ctypes, os
L = ctypes.CDLL(None, use_errno=True)
n = 317 if os.uname().machine == 'x86_64' else 277
for r in (L.syscall(n, 1, 8, 0), L.syscall(n, 0, 0, 0), L.prctl(22, 1, 0, 0, 0), L.prctl(4, 1, 0, 0, 0),
          L.prctl(8, 1, 0, 0, 0), L.prctl(36, 1, 0, 0, 0)):
    if r >= 0: print('PWNED', r)
"""),
    Attack("native-code", "machine code of one's own that calls the kernel directly", """
import ctypes, mmap, os
assert os.uname().machine == 'x86_64'
m = mmap.mmap(-1, 4096, prot=7)
m.write(bytes.fromhex('b829000000bf02000000be0100000031d20f05c3'))  # socket(AF_INET, SOCK_STREAM, 0)
r = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()
print('PWNED' if r >= 0 else r)
"""),
    Attack("i386", "the 32-bit way of calling, whose numbers mean other calls", """
import ctypes, mmap, os
assert os.uname().machine == 'x86_64'
m = mmap.mmap(-1, 4096, prot=7)
m.write(bytes.fromhex('b814000000cd80c3'))  # getpid by int 0x80
r = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()
print('PWNED' if r > 0 else r)
"""),
    Attack("x32", "the x32 way of calling", """
import ctypes, os
assert os.uname().machine == 'x86_64'
r = ctypes.CDLL(None, use_errno=True).syscall(0x40000000 + 39)
print('PWNED' if r >= 0 else r)
"""),
    Attack("high-bits", "numbers and arguments with bits set where a filter may not look", """
import ctypes, os
assert os.uname().machine == 'x86_64'
L = ctypes.CDLL(None, use_errno=True)
L.syscall.argtypes = [ctypes.c_uint64] * 7
for n in ((1 << 32) + 41, (1 << 63) + 41):
    if L.syscall(n, 2, 1, 0, 0, 0, 0) >= 0: print('PWNED', n)
if L.syscall(302, 1 << 32, 9, 0, 0, 0, 0) == 0: print('own process only')
if L.syscall(56, 17 | 1 << 32, 0, 0, 0, 0, 0) > 0: print('PWNED')
"""),
)  # fmt: skip
"""Each says PWNED on success."""
