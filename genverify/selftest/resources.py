"""Attacks on time, memory, output and the patience of the host."""

from genverify.selftest.attack import Attack

_STOPPED = "timeout|died"
_BOUNDED = "timeout|died|memory|MemoryError|OverflowError|ValueError"

ATTACKS = (
    Attack("spin", "compute for ever", "while True: pass", expect=_STOPPED),
    Attack("swallow", "compute for ever and swallow interruptions", """
while True:
    try:
        while True: len('')
    except BaseException: pass
""", expect=_STOPPED),
    Attack("spin-c", "compute for ever in C: a regular expression", """
import re
re.match(r'(a+)+$', 'a' * 40 + 'b')
""", expect=_STOPPED),
    Attack("spin-power", "compute for ever in C: a large power", "pow(7, 10**9)", expect=_BOUNDED),
    Attack("spin-digits", "write out a number of a million digits", """
import sys
sys.set_int_max_str_digits(0)
len(str(7 ** 3 ** 14))
""", expect=_BOUNDED + "|ok"),
    Attack("sleep", "sleep past the limit", "import time; time.sleep(100)", expect=_STOPPED),
    Attack("wait-for-lock", "wait for a lock that nobody opens", """
import threading
l = threading.Lock(); l.acquire(); l.acquire()
""", expect=_STOPPED),
    Attack("wait-for-pipe", "read from a pipe that nobody fills", """
import os
r, w = os.pipe(); os.read(r, 1)
""", expect=_STOPPED),
    Attack("segfault", "crash the interpreter", "import ctypes; ctypes.string_at(0)", expect="died: signal 11"),
    Attack("abort", "abort the interpreter", "import os; os.abort()", expect="died: signal"),
    Attack("deep-repr", "overflow the stack in C: a nested list", """
x = []
for _ in range(10**5): x = [x]
len(repr(x))
""", expect="died|RecursionError|MemoryError"),
    Attack("deep-source", "overflow the stack of the compiler", "eval('(' * 10**5 + ')' * 10**5)", expect="died|Error"),
    Attack("deep-calls", "recurse without end, without a limit", """
import sys
sys.setrecursionlimit(10**9)
def f(): return f()
f()
""", expect="died|RecursionError|MemoryError|timeout"),
    Attack("null-source", "code that is no text: NUL, half characters", "x = '\\x00'\nexec('x\\x00')", expect="Error"),
    Attack("os-exit", "end the process with success", "import os; os._exit(0)", expect="died: exit code 0"),
    Attack("sys-exit", "leave by SystemExit", "import sys; sys.exit(0)", expect="SystemExit"),
    Attack("quit-thread", "end the process from a thread, later", """
import threading, os, time
threading.Thread(target=lambda: (time.sleep(0.05), os._exit(0)), daemon=True).start()
""", again="import time; time.sleep(0.3); 'here'", expect="died|state_lost"),
    Attack("threads", "start threads until nothing is left", """
import threading, time
n = 0
try:
    for i in range(5000):
        threading.Thread(target=time.sleep, args=(9,), daemon=True).start(); n += 1
except (RuntimeError, MemoryError) as e: print('stopped at', n, e)
print('PWNED' if n > 2000 else '')
""", expect="stopped|timeout|died"),
    Attack("finalizers", "act after the cell: atexit, __del__, weakref", """
import atexit, weakref
atexit.register(lambda: print('PWNED'))
class D:
    def __del__(self): print('deleted')
d = D(); weakref.finalize(d, print, 'finalized')
"""),
    Attack("memory-list", "fill the memory with a list", "x = []\nwhile True: x.append(bytearray(10**7))",
           expect=_BOUNDED),
    Attack("memory-string", "one enormous string", "x = 'a' * 10**11", expect="MemoryError"),
    Attack("memory-shift", "one enormous number", "1 << 10**12", expect="MemoryError|OverflowError"),
    Attack("memory-map", "map the memory without Python", """
import mmap
x = []
while True: x.append(mmap.mmap(-1, 10**8))
""", expect="Error|died|memory"),
    Attack("memory-numpy", "fill the memory with arrays", """
import numpy
x = []
while True: x.append(numpy.ones(10**7))
""", expect=_BOUNDED + "|ModuleNotFoundError"),
    Attack("memory-sympy", "10**10**10 and a factorial in SymPy", """
import sympy
sympy.Integer(10) ** 10 ** 10, sympy.factorial(10**9)
""", expect=_BOUNDED),
    Attack("memory-swallow", "fill the memory and swallow what is raised", """
x = []
while True:
    try: x.append(bytearray(10**6))
    except MemoryError: pass
""", expect=_STOPPED),
    Attack("memory-lock", "lock memory, or take huge pages", """
import ctypes
L = ctypes.CDLL(None, use_errno=True)
b = ctypes.create_string_buffer(1 << 22)
if L.mlock(b, 1 << 22) == 0 or L.mlockall(3) == 0: print('PWNED')
"""),
    Attack("z3-integers", "let Z3 search for ever", """
import z3
x, y, z = z3.Ints('x y z')
s = z3.Solver(); s.add(x**3 + y**3 + z**3 == 114, x > 10**6, y < -10**6); s.check()
""", expect=_STOPPED + "|ok|ModuleNotFoundError|Z3Exception|memory"),
    Attack("z3-bits", "let Z3 fill the memory", """
import z3
a, b = z3.BitVecs('a b', 2048)
s = z3.Solver(); s.add(a * b == 12345678910111213141516171819, z3.ULT(a, b), a > 1, b > 1); s.check()
""", expect=_STOPPED + "|ok|ModuleNotFoundError|Z3Exception|memory"),
    Attack("output-endless", "print for ever", "while True: print('x' * 1000)", expect=_STOPPED),
    Attack("output-raw", "write for ever past Python's own streams", """
import os
b = b'y' * 65536
while True: os.write(1, b); os.write(2, b)
""", expect=_STOPPED),
    Attack("output-line", "one line of five million characters", """
import sys
sys.stdout.write('y' * 5 * 10**6); print()
""", expect="output_truncated"),
    Attack("output-drip", "drip output just below the limit, from a thread, for ever", """
import threading, time, os
def drip():
    while True: os.write(1, b'z' * 4000); time.sleep(0.0005)
threading.Thread(target=drip, daemon=True).start()
time.sleep(0.3)
""", again="1 + 1", expect="threads_left|late_output_dropped"),
    Attack("output-bytes", "bytes that are no text: bad UTF-8, NUL, commands to the terminal", """
import os
os.write(1, b'\\xff\\xfe\\x00\\x1b[2J\\x1b]0;t\\x07'); os.write(2, b'\\xed\\xa0\\x80')
print('\\ud800')
""", expect="ok"),
    Attack("big-value", "a last value of fifty million characters", "'z' * (50 * 10**6)", expect="ok|memory"),
    Attack("hostile-repr", "a value whose text never ends, or raises", """
class R:
    def __repr__(self):
        while True: pass
R()
""", expect=_STOPPED),
    Attack("exit-repr", "a value whose text is SystemExit", """
class R:
    def __repr__(self): raise SystemExit
R()
""", expect="SystemExit"),
    Attack("big-error", "an exception of ten million characters", "raise Exception('q' * 10**7)", expect="error"),
    Attack("hostile-error", "an exception whose text raises", """
class E(Exception):
    def __str__(self): raise SystemExit
    __repr__ = __str__
raise E
""", expect="error"),
    Attack("hostile-type", "an exception whose class lies about its name", """
class M(type):
    @property
    def __name__(cls): raise KeyboardInterrupt
class E(Exception, metaclass=M): pass
raise E
""", expect="error|died|timeout"),
    Attack("chained-errors", "a thousand exceptions, each the cause of the next", """
e = None
for _ in range(1000):
    n = ValueError('x' * 1000); n.__cause__ = e; e = n
raise e
""", expect="error|timeout"),
    Attack("loop-of-causes", "exceptions that cause each other", """
a, b = ValueError('a'), ValueError('b')
a.__cause__, b.__cause__ = b, a
raise a
""", expect="error"),
    Attack("stdin", "ask the user", "input('password? ')", expect="EOFError"),
    Attack("timers", "have a timer interrupt the runner itself", """
import signal
def h(*a): raise MemoryError
signal.signal(signal.SIGALRM, h); signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
""", again="1 + 1"),
    Attack("profilers", "hooks on every call and line of the runner", """
import sys, threading
sys.settrace(lambda *a: 1 / 0); sys.setprofile(lambda *a: 1 / 0); threading.settrace(lambda *a: None)
sys.excepthook = sys.displayhook = sys.unraisablehook = lambda *a: 1 / 0
""", again="1 + 1"),
)  # fmt: skip
"""Each must end within the limits, with the reason told."""
