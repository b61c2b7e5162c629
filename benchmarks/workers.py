"""Measure the worker processes: round trip, kill and recovery, memory; prints and writes ``results/workers.json``.

::

    python benchmarks/workers.py [--quick] [--checks N] [--out FILE]

All ratios compare things timed in turn in this one run. Absolute times depend on what else the machine does.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

import record

from genverify.claims.grammar import parse, to_wire
from genverify.tools.limits import Limits
from genverify.tools.pool import WorkerPool
from genverify.tools.program import environment

DEADLINE_S: Final = 10.0  # of a check that is expected to end; generous, so that a busy machine does not change the run
HANG_DEADLINE_S: Final = 0.2
HANGS: Final = (
    "int(exp(sin(x)) * ln(1 + tan(x)^3), x, 0, 1) = 2",
    "int(exp(sin(x)) * ln(1 + x^3), x, 0, 1) = int(exp(sin(t)) * ln(1 + t^3), t, 0, 1)",
    "int(sqrt(1 + sin(x)^5 * exp(x^3)) / (1 + ln(x)^7), x, 1, 2) = 3",
)
"""Claims that SymPy works on for minutes; the first that is not decided within 2 s is used."""
_ROOT: Final = Path(__file__).resolve().parents[1]


def request(kind: str, statement: str, *givens: str) -> dict[str, Any]:
    """Return a claim as it goes to a worker."""
    trees = [to_wire(parse(text)) for text in (statement, *givens)]
    return {"kind": kind, "statement": trees[0], "givens": trees[1:], "tolerance": None, "slack": None}


def spread(values: list[float]) -> dict[str, float]:
    """Return median, 95th percentile and extremes of milliseconds."""
    ordered = sorted(values)
    at95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {
        "n": len(ordered), "p50_ms": round(statistics.median(ordered), 3), "p95_ms": round(at95, 3),
        "min_ms": round(ordered[0], 3), "max_ms": round(ordered[-1], 3),
    }  # fmt: skip


def round_trip(pool: WorkerPool, rounds: int) -> dict[str, Any]:
    """Time what a check costs beyond the time that the worker itself reports, and a bare exchange beside it."""
    asked = identity("(x+1)^2 = x^2 + 2*x + 1")
    beyond, whole = [], []
    for _ in range(rounds + 20):
        start = time.perf_counter()
        answer = pool.run(asked, DEADLINE_S)
        spent = time.perf_counter() - start
        whole.append(1000 * spent)
        beyond.append(1000 * (spent - answer["spent_s"]))
    bare = bare_exchange(rounds)
    return {"beyond_the_check": spread(beyond[20:]), "whole": spread(whole[20:]), "bare_socket": spread(bare)}


def bare_exchange(rounds: int) -> list[float]:
    """Return the milliseconds of sending 300 bytes to a process that sends them back: what the machine itself costs."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [sys.executable, "-I", "-c", ECHO, str(theirs.fileno())]
        echo = subprocess.Popen(command, pass_fds=(theirs.fileno(),))
        theirs.close()
        taken = []
        for _ in range(rounds + 20):
            start = time.perf_counter()
            ours.sendall(b"x" * 300)
            ours.recv(4096)
            taken.append(1000 * (time.perf_counter() - start))
        ours.close()
        echo.wait()
    return taken[20:]


ECHO: Final = """
import socket, sys
with socket.socket(fileno=int(sys.argv[1])) as sock:
    while data := sock.recv(4096):
        sock.sendall(data)
"""
SUBPROCESS: Final = "import sympy; x = sympy.Symbol('x'); print(sympy.expand((x+1)**2 - (x**2 + 2*x + 1)) == 0)"


def against_subprocess(pool: WorkerPool, rounds: int) -> dict[str, Any]:
    """Time the same identity in a worker and in one Python process a check, in turn."""
    asked = identity("(x+1)^2 = x^2 + 2*x + 1")
    alone, pooled = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-I", "-c", SUBPROCESS], env=environment(), check=True, capture_output=True)
        middle = time.perf_counter()
        pool.run(asked, DEADLINE_S)
        alone.append(1000 * (middle - start))
        pooled.append(1000 * (time.perf_counter() - middle))
    ratio = statistics.median(alone) / statistics.median(pooled)
    return {"subprocess": spread(alone), "worker": spread(pooled), "ratio_of_medians": round(ratio, 1)}


def hanging(rounds: int) -> dict[str, Any]:
    """Time how long after its deadline a hanging check's process is gone, and until the pool answers again."""
    quick = identity("x + x = 2*x")
    gone, again = [], []
    with WorkerPool(Limits(workers=1)) as pool:
        stuck = next(asked for asked in map(identity, HANGS) if pool.run(asked, 2.0)["reason"] == "timeout")
        pool.run(quick, DEADLINE_S)
        for _ in range(rounds):
            start = time.perf_counter()
            watch = _Watch(pool.pids[1], start + HANG_DEADLINE_S)
            reason = pool.run(stuck, HANG_DEADLINE_S)["reason"]
            ended = time.perf_counter()
            pool.run(quick, DEADLINE_S)
            again.append(1000 * (time.perf_counter() - ended))
            if reason != "timeout":
                raise SystemExit(f"the hanging check ended with {reason!r}, expected 'timeout'")
            gone.append(1000 * watch.beyond_s())
    return {"deadline_s": HANG_DEADLINE_S, "process_gone_after_deadline": spread(gone), "served_again": spread(again)}


def identity(statement: str) -> dict[str, Any]:
    """Return an identity as it goes to a worker."""
    return request("identity", statement)


class _Watch:
    """Waits in a thread for a process to end and notes when."""

    def __init__(self, pid: int, deadline: float) -> None:
        self._handle, self._deadline, self._at = os.pidfd_open(pid), deadline, 0.0
        self._thread = threading.Thread(target=self._wait)
        self._thread.start()

    def _wait(self) -> None:
        import select

        poller = select.poll()
        poller.register(self._handle, select.POLLIN)
        poller.poll()
        self._at = time.perf_counter()
        os.close(self._handle)

    def beyond_s(self) -> float:
        """Return the seconds between the deadline and the end of the process."""
        self._thread.join()
        return self._at - self._deadline


def varied() -> Iterator[dict[str, Any]]:
    """Yield claims without end, no two alike, so that no cache answers for the tools."""
    for i in count(2):
        yield identity(f"(x + {i})^2 = x^2 + {2 * i}*x + {i * i}")
        yield request("roots", f"x = {i} | x = {-i}", f"x^2 = {i * i}")
        yield request("relation", f"sqrt({i * i * 7}) = {i}*sqrt(7)")
        if i % 8 == 0:  # ten times as long as the others
            power = i % 40 + 2
            yield identity(f"diff(x^{power} + sin({i}*x), x) = {power}*x^{power - 1} + {i}*cos({i}*x)")
        yield request("entails", f"x > {i}", f"x > y + {i}", "y > 0")


def memory(checks: int) -> dict[str, Any]:
    """Run many checks and follow the memory of all processes, the caller's included."""
    samples: list[dict[str, float]] = []
    outcomes: dict[str, int] = {}
    with WorkerPool() as pool:
        stream = varied()
        start = time.perf_counter()
        done = 0
        while done < checks:
            batch = [pool.submit(next(stream), DEADLINE_S) for _ in range(min(1000, checks - done))]
            for future in batch:
                answer = future.result()
                key = answer["outcome"] if answer["reason"] is None else f"undecided: {answer['reason']}"
                outcomes[key] = outcomes.get(key, 0) + 1
            done += len(batch)
            samples.append({"checks": done, **resident(pool.pids)})
        wall_s = time.perf_counter() - start
    half = samples[len(samples) // 2 :]
    return {
        "checks": checks, "wall_s": round(wall_s, 1), "checks_per_s": round(checks / wall_s), "outcomes": outcomes,
        "first_mib": samples[0], "last_mib": samples[-1],
        "largest_worker_mib": max(s["largest_worker"] for s in samples),
        "largest_worker_second_half_mib": max(s["largest_worker"] for s in half),
        "host_growth_second_half_mib": round(half[-1]["host"] - half[0]["host"], 1),
    }  # fmt: skip


def resident(pids: tuple[int, ...]) -> dict[str, float]:
    """Return the resident memory in MiB of the caller, the warm parent and the largest worker."""
    zygote, *workers = (_resident(pid) for pid in pids)
    return {"host": _resident(os.getpid()), "warm_parent": zygote, "largest_worker": max(workers, default=0.0)}


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError):  # it was being replaced
        return 0.0
    return round(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), 1)


def cold(rounds: int) -> dict[str, Any]:
    """Time the first check of a new pool, beside ``python -c "import sympy"`` in turn."""
    found: dict[str, list[float]] = {"import_sympy": [], "sympy": [], "z3": []}
    asked = {
        "sympy": identity("(x+1)^2 = x^2 + 2*x + 1"),
        "z3": request("entails", "x > 0", "x > 1"),
    }
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import sympy"], check=True)
        found["import_sympy"].append(1000 * (time.perf_counter() - start))
        for tool, what in asked.items():
            with WorkerPool() as pool:
                start = time.perf_counter()
                pool.run(what, DEADLINE_S)
                found[tool].append(1000 * (time.perf_counter() - start))
    base = statistics.median(found["import_sympy"])
    ratios = {f"{t}_to_import_sympy": round(statistics.median(found[t]) / base, 2) for t in asked}
    return {**{name: spread(values) for name, values in found.items()}, "ratios_of_medians": ratios}


def main() -> None:
    """Run all measurements and write them down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few rounds, to see that it runs")
    parser.add_argument("--checks", type=int, default=None, help="checks in the memory run (default 100000)")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "workers.json")
    args = parser.parse_args()
    checks = args.checks or (2000 if args.quick else 100_000)
    few = args.quick
    result: dict[str, Any] = record.circumstances()
    with WorkerPool(Limits(workers=1)) as pool:
        pool.run(identity("x + x = 2*x"), DEADLINE_S)
        time.sleep(2)  # let the warm parent finish warming up, which would share the processors with the timing
        parts: dict[str, Callable[[], dict[str, Any]]] = {
            "round_trip": lambda: round_trip(pool, 200 if few else 3000),
            "against_subprocess": lambda: against_subprocess(pool, 3 if few else 20),
            "hanging": lambda: hanging(5 if few else 50),
            "cold": lambda: cold(2 if few else 10),
            "memory": lambda: memory(checks),
        }
        for name, part in parts.items():
            result[name] = part()
            print(f"{name}: {json.dumps(result[name], indent=2)}", flush=True)
    record.write(args.out, result)


if __name__ == "__main__":
    main()
