"""Attacks on the pipes and frames between a kernel and its host."""

from genverify.selftest.attack import Attack

_VIOLATION = "died|timeout"
_SEND = """
import json, os
def send(value, raw=None):
    b = raw if raw is not None else json.dumps(value).encode()
    os.write(3, len(b).to_bytes(4, 'big') + b)
good = dict(id=1, status='ok', value='PWN' + 'ED-not', ename='', evalue='', traceback='', memory=False)
"""

ATTACKS = (
    Attack("forge-reply", "answer for the runner, before it does", _SEND + "send(dict(good, value='forged'))",
           again="2 + 2", expect="died.*nobody had asked|died.*more than one|forged"),
    Attack("forge-many", "a thousand replies at once", _SEND + "for _ in range(1000): send(good)",
           expect=_VIOLATION),
    Attack("forge-next", "answer the next cell before it is asked", _SEND + """
import threading, time
threading.Thread(target=lambda: (time.sleep(0.05), send(dict(good, id=2, value='5'))), daemon=True).start()
time.sleep(0.01)
""", again="import time; time.sleep(0.2); 2 + 2"),
    Attack("frame-huge", "announce a frame of four gigabytes", "import os; os.write(3, b'\\xff' * 1000)",
           expect="died.*too long"),
    Attack("frame-zero", "empty frames", "import os, time; os.write(3, bytes(4000)); time.sleep(9)", expect=_VIOLATION),
    Attack("frame-partial", "half a frame, then nothing",
           "import os, time; os.write(3, b'\\0\\0\\0\\x10ab'); time.sleep(100)", expect=_VIOLATION),
    Attack("frame-slow", "a frame that comes byte by byte", """
import os, time
os.write(3, b'\\0\\0\\xff\\xff')
while True: os.write(3, b' '); time.sleep(0.01)
""", expect=_VIOLATION),
    Attack("json-deep", "JSON that nests a hundred thousand times", _SEND + "send(0, b'[' * 100000)", expect="died"),
    Attack("json-number", "JSON with a number of a million digits", _SEND
           + "send(0, b'{\"id\":' + b'1' * 10**5 + b'}')",
           expect="died"),
    Attack("json-nan", "JSON with NaN, infinity and duplicate names", _SEND + """
send(0, json.dumps(good).replace('false', 'NaN').encode())
""", expect="died"),
    Attack("json-types", "lists for texts, texts for numbers, true for 1", _SEND + """
send(dict(good, id=True, value=['a'], ename={}, memory=1))
""", expect="died"),
    Attack("json-extra", "a reply with a verdict in it", _SEND + "send(dict(good, verdict='correct'))", expect="died"),
    Attack("json-surrogates", "texts that no file can hold", _SEND + "send(dict(good, value='\\ud800\\udfff'))",
           expect="ok|died"),
    Attack("json-not-text", "bytes that are not UTF-8", _SEND + "send(0, b'\\xff\\xfe\\x00' * 10)", expect="died"),
    Attack("pickle", "a pickle instead of JSON", _SEND + """
import pickle
class P:
    def __reduce__(self): import os; return (os.system, ('touch @CANARY@/pickled',))
send(0, pickle.dumps(P()))
""", expect="died"),
    Attack("close-all", "close every descriptor and go on", """
import os
os.closerange(0, 4096)
while True: pass
""", expect=_VIOLATION),
    Attack("close-socket", "close the socket and answer no more", "import os; os.close(3)", expect=_VIOLATION),
    Attack("read-requests", "read the host's requests away", """
import os, threading
threading.Thread(target=lambda: [os.read(3, 65536) for _ in range(9)], daemon=True).start()
""", again="1 + 1"),
    Attack("swap-streams", "put the socket in the place of standard output", """
import os
os.dup2(3, 1); print('{"id": 1}' * 100, flush=True)
""", expect="died"),
    Attack("nonblocking", "make the pipes fail when they are full", """
import os, fcntl
for f in (1, 2, 3): os.set_blocking(f, False)
print('x' * 10**6)
""", again="1 + 1"),
    Attack("replace-runner", "walk the stack and replace the runner's functions", """
import sys
f = sys._getframe()
while f.f_back:
    f = f.f_back
    for name in ('run', '_run', '_reply', '_value'):
        if name in f.f_globals: f.f_globals[name] = lambda *a, **k: dict(good=1)
""", again="2 + 2"),
    Attack("replace-modules", "replace the modules that the runner uses", """
import sys, json, os
json.dumps = lambda *a, **k: '{}'
sys.modules['json'] = sys.modules['frames'] = None
os.write = lambda *a: 0
""", again="2 + 2"),
    Attack("replace-builtins", "replace what the runner is made of", """
import builtins
for n in ('len', 'str', 'repr', 'isinstance', 'compile', 'exec', 'eval', 'dict'):
    setattr(builtins, n, lambda *a, **k: None)
""", again="2 + 2"),
    Attack("keys", "find keys, sockets of messages, or connection files", """
import gc, sys, glob
print('PWNED' if {'zmq', 'jupyter_client'} & set(sys.modules) else '')
print('PWNED' if any('zmq' in str(type(o).__module__) for o in gc.get_objects()) else '')
for p in '/root/.local/share/jupyter/runtime/*', '/tmp/*.json', '/run/user/*/jupyter/*':
    if glob.glob(p): print('PWNED', p)
"""),
    Attack("time-bomb", "act after the cell has ended: write output and replies", """
import threading, time, os
def later():
    time.sleep(0.1)
    os.write(1, b'late words\\n'); os.write(3, b'\\0\\0\\0\\2{}')
threading.Thread(target=later, daemon=True).start()
""", again="import time; time.sleep(0.3); 2 + 2"),
)  # fmt: skip
"""None may stall the host or be taken for an answer of another cell."""
