"""Measure confined kernels against plain ipykernel and against the floor; writes ``results/kernels.json``.

::

    python benchmarks/kernels.py [--quick] [--out FILE]

What is compared is timed in turn, round by round, in this one run: read the ratios, since absolute times depend on
what else the machine does. A start ends with the reply to a first cell that imports NumPy, SymPy and Z3.
"""

import argparse
import asyncio
import itertools
import json
import logging
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from jupyter_client.manager import KernelManager
from record import RESULTS, circumstances, write

from genverify.tools import jupyter
from genverify.tools.cells import Cell
from genverify.tools.jupyter import kernel_spec
from genverify.tools.kernels import KernelPool
from genverify.tools.limits import KernelLimits, Level, Limits
from genverify.tools.pool import WorkerPool
from genverify.tools.program import environment

FIRST: Final = "import numpy, sympy, z3\n1 + 1"
PATIENT_S: Final = 120.0
LAYERS: Final = ("network", "ipc_and_names", "pid_namespace", "jail_root", "private_scratch", "landlock", "seccomp",
                 "own_user", "capabilities_dropped", "not_dumpable", "no_new_privs", "bounding_set")  # fmt: skip
FLOOR: Final = f"""
import os, sys
import numpy, sympy, z3
x, y = sympy.symbols("x y")
sympy.simplify(sympy.expand((x + 1) ** 3) - (x**3 + 3 * x**2 + 3 * x + 1)), sympy.solve(x**2 - 5 * x + 6, x)
while os.read(0, 1):
    reading, writing = os.pipe()
    if os.fork() == 0:
        exec({FIRST!r}, {{}})
        os.write(writing, b"2")
        os._exit(0)
    os.read(reading, 1)
    os.close(reading), os.close(writing)
    os.write(1, b"2")
    os.waitpid(-1, 0)
"""
"""The least that a fresh Python with these libraries can cost: a fork of a warm process, exec() and a pipe."""

Work = Callable[[], float]
"""Does something once and returns the seconds that it took."""


_DICE: Final = random.Random(0)


def timed(work: Callable[[], object]) -> Work:
    """Return ``work`` with a clock around it."""

    def run() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return run


def spread(values: list[float]) -> dict[str, float]:
    """Return median, 95th percentile and extremes of milliseconds."""
    ordered = sorted(1000 * value for value in values)
    at95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {
        "n": len(ordered), "p50_ms": round(statistics.median(ordered), 3), "p95_ms": round(at95, 3),
        "min_ms": round(ordered[0], 3), "max_ms": round(ordered[-1], 3),
    }  # fmt: skip


def in_turn(works: dict[str, Work], rounds: int) -> dict[str, list[float]]:
    """Do each work once a round, in an order drawn anew, and return the seconds of all rounds.

    A work pays in part for what the one before it has left behind, such as a process that is still being taken down.
    """
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name in _DICE.sample(sorted(works), len(works)):
            taken[name].append(works[name]())
    return taken


def ratios(taken: dict[str, list[float]], of: str) -> dict[str, dict[str, float]]:
    """Return how many times longer ``of`` took than each other work: of medians, and of the quickest rounds."""
    return {
        name: {
            "of_medians": round(statistics.median(taken[of]) / statistics.median(values), 2),
            "of_minima": round(min(taken[of]) / min(values), 2),
        }
        for name, values in taken.items() if name != of
    }  # fmt: skip


class Jupyter:
    """One kernel behind jupyter_client, plain or confined."""

    folder = tempfile.mkdtemp(prefix="genverify-bench-")
    number = itertools.count(1)

    def __init__(self, *, plain: bool, transport: str = "ipc") -> None:
        self.manager = KernelManager(transport=transport)
        self.manager.log.setLevel(logging.ERROR)
        self.manager._kernel_spec = kernel_spec(trusted_plain_ipykernel=plain)
        if plain and transport == "ipc":
            self.manager.ip = f"{self.folder}/{next(self.number)}"  # by default all share one name, and collide
        self.manager.start_kernel(**({"stderr": subprocess.DEVNULL} if plain else {}))
        self._client = self.manager.blocking_client()
        self._client.start_channels(hb=False)

    def ask(self, code: str) -> None:
        """Run a cell and wait for its reply."""
        self._client.execute(code)
        content = self._client.get_shell_msg(timeout=PATIENT_S)["content"]
        if content["status"] != "ok":
            raise SystemExit(f"a cell ended with {content}")

    def close(self) -> None:
        """End the kernel."""
        self._client.stop_channels()
        self.manager.shutdown_kernel(now=True)


class Direct:
    """Kernels of a pool, without Jupyter, in one event loop that goes on."""

    def __init__(self, runner: asyncio.Runner, pool: KernelPool) -> None:
        self._runner, self._pool = runner, pool

    def fresh(self) -> float:
        """Return the seconds from nothing to the first reply; the kernel's end is not part of it."""
        return self._runner.run(self._fresh())

    async def _fresh(self) -> float:
        start = time.perf_counter()
        async with self._pool.kernel() as kernel:
            seen(await kernel.run_cell(FIRST))
            return time.perf_counter() - start

    def round_trips(self, count: int) -> list[float]:
        """Return the seconds of ``1 + 1`` on one live kernel, ``count`` times."""
        return self._runner.run(self._round_trips(count))

    async def _round_trips(self, count: int) -> list[float]:
        taken = []
        async with self._pool.kernel() as kernel:
            seen(await kernel.run_cell("1 + 1"))
            for _ in range(count):
                start = time.perf_counter()
                cell = await kernel.run_cell("1 + 1")
                taken.append(time.perf_counter() - start)
                seen(cell)
        return taken


def seen(cell: Cell) -> None:
    """See that a cell was good."""
    if cell.value != "2" or cell.facts:
        raise SystemExit(f"a cell ended with {cell}")


def starts(rounds: int, ready: Direct, none_ready: Direct) -> dict[str, Any]:
    """Time from nothing to the first reply; a kernel's end is not part of it."""
    ended: list[Jupyter] = []

    def by_jupyter(plain: bool) -> Work:
        def work() -> None:
            ended.append(Jupyter(plain=plain))
            ended[-1].ask(FIRST)

        return timed(work)

    works = {"ipykernel": by_jupyter(True), "jupyter_client": by_jupyter(False), "direct": ready.fresh,
             "direct_none_ready": none_ready.fresh}  # fmt: skip
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, values in in_turn(works, 1).items():
            taken[name] += values
        while ended:
            ended.pop().close()
        time.sleep(0.05)  # what was ended is gone, and what is kept ready is ready again
    return {**{n: spread(v) for n, v in taken.items()}, "ipykernel_to": ratios(taken, "ipykernel")}


def round_trips(rounds: int, direct: Direct) -> dict[str, Any]:
    """Time ``1 + 1`` on live kernels, until the reply; ten at a time, since what follows a reply is not waited for."""
    made = {"ipykernel": Jupyter(plain=True), "ipykernel_tcp": Jupyter(plain=True, transport="tcp"),
            "jupyter_client": Jupyter(plain=False)}  # fmt: skip
    taken: dict[str, list[float]] = {name: [] for name in (*made, "direct")}
    for turn in range(rounds // 10 + 2):
        found = {name: [timed(lambda one=one: one.ask("1 + 1"))() for _ in range(10)] for name, one in made.items()}  # type: ignore[misc]
        found["direct"] = direct.round_trips(10)
        for name, values in found.items():
            taken[name] += values if turn >= 2 else []  # the first ones warm up
    for one in made.values():
        one.close()
    return {**{n: spread(v) for n, v in taken.items()}, "ipykernel_to": ratios(taken, "ipykernel")}


def layers(rounds: int, runner: asyncio.Runner) -> dict[str, Any]:
    """Time a fresh kernel's first cell with all layers, with none of those that confine, and at the floor."""
    limits = KernelLimits(ready=0)
    command = [sys.executable, "-c", FLOOR]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()) as floor,
        KernelPool(limits) as all_layers,
        KernelPool(limits, level=Level.WEAK, off=LAYERS) as none,
    ):
        entry, answers = floor.stdin, floor.stdout
        if entry is None or answers is None:
            raise SystemExit("the floor has no pipes")

        def warm_fork() -> None:
            os.write(entry.fileno(), b"x")
            os.read(answers.fileno(), 1)

        works = {"all_layers": Direct(runner, all_layers).fresh, "no_layers": Direct(runner, none).fresh,
                 "floor": timed(warm_fork)}  # fmt: skip
        in_turn(works, 5)
        taken = in_turn(works, rounds)
        entry.close()
        level = all_layers.layers["level"]
    cost = [1000 * (a - b) for a, b in zip(taken["all_layers"], taken["no_layers"], strict=True)]
    best = 1000 * (min(taken["all_layers"]) - min(taken["no_layers"]))
    return {
        "level": level, **{n: spread(v) for n, v in taken.items()},
        "layers_cost_ms": {"median_of_differences": round(statistics.median(cost), 3), "of_minima": round(best, 3)},
        "all_layers_to": ratios(taken, "all_layers"),
    }  # fmt: skip


def proportional_mib(pids: set[int]) -> float:
    """Return the memory of processes in MiB, what several share counted once in all: ``Pss`` of proc(5)."""
    total = 0
    for pid in pids:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return round(total / 1024, 1)


def family(pids: set[int]) -> set[int]:
    """Return processes and all that descend from them."""
    found, new = set(pids), set(pids)
    while new:
        new = {
            int(c) for p in new for t in Path(f"/proc/{p}/task").iterdir() for c in (t / "children").read_text().split()
        }
        found |= new
    return found


def memory(count: int) -> dict[str, Any]:
    """Compare live kernels that have imported everything, with all that stands behind them."""
    plain = [Jupyter(plain=True) for _ in range(count)]
    for one in plain:
        one.ask(FIRST)
    of_plain = proportional_mib(family({one.manager.provisioner.pid for one in plain}))  # type: ignore[union-attr]
    for one in plain:
        one.close()
    confined = [Jupyter(plain=False) for _ in range(count)]
    for one in confined:
        one.ask(FIRST)
    brokers = {process.pid for process in jupyter._BROKERS.values()}
    of_confined = proportional_mib(family(brokers))
    for one in confined:
        one.close()
    return {
        "kernels": count, "ipykernel_mib": of_plain, "confined_with_broker_and_parent_mib": of_confined,
        "share": round(of_confined / of_plain, 3),
    }  # fmt: skip


def short_checks(count: int) -> dict[str, Any]:
    """Count confined checks a second, five times in turn: each in a fresh worker, and in workers used again."""
    found: dict[str, list[int]] = {"fresh": [], "reused": []}
    for _ in range(5):
        found["fresh"].append(checks_per_s(1, count))
        found["reused"].append(checks_per_s(2000, 10 * count))
    told = {f"{name}_per_s": {"median": statistics.median(n), "least": min(n)} for name, n in found.items()}
    return {"checks": count, **told}


def checks_per_s(checks_per_worker: int, count: int) -> int:
    """Return how many checks two workers decide a second, no two alike."""
    from genverify.claims.grammar import parse, to_wire

    base: dict[str, Any] = {"kind": "identity", "givens": [], "tolerance": None, "slack": None}
    asked = [{**base, "statement": to_wire(parse(f"(x + {i})^2 = x^2 + {2 * i}*x + {i * i}"))} for i in range(count)]
    with WorkerPool(Limits(workers=2, checks_per_worker=checks_per_worker, level=Level.STRICT)) as pool:
        pool.run(asked[0], PATIENT_S)
        time.sleep(1)  # let the warm parent finish warming up
        start = time.perf_counter()
        outcomes = {future.result()["outcome"] for future in [pool.submit(one, PATIENT_S) for one in asked]}
        wall_s = time.perf_counter() - start
    if outcomes != {"confirmed"}:
        raise SystemExit(f"the checks were {outcomes}")
    return round(count / wall_s)


def measure(few: bool) -> dict[str, Any]:
    """Run all measurements."""
    result = circumstances(("sympy", "z3-solver", "numpy", "jupyter-client", "ipykernel", "pyzmq"))
    with asyncio.Runner() as runner, KernelPool() as pool, KernelPool(KernelLimits(ready=0)) as cold:
        ready, none_ready = Direct(runner, pool), Direct(runner, cold)
        ready.fresh(), none_ready.fresh()
        first = Jupyter(plain=False)  # the broker and its warm parent start once
        first.ask(FIRST)
        first.close()
        parts: dict[str, Callable[[], dict[str, Any]]] = {
            "start_to_first_result": lambda: starts(3 if few else 25, ready, none_ready),
            "round_trip": lambda: round_trips(50 if few else 1000, ready),
            "layers": lambda: layers(20 if few else 300, runner),
            "memory": lambda: memory(4 if few else 20),
            "short_checks": lambda: short_checks(100 if few else 400),
        }
        for name, part in parts.items():
            result[name] = part()
            print(f"{name}: {json.dumps(result[name], indent=2)}", flush=True)
    shutil.rmtree(Jupyter.folder, ignore_errors=True)
    return result


def main() -> None:
    """Run all measurements and write them down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few rounds, to see that it runs")
    parser.add_argument("--out", type=Path, default=RESULTS / "kernels.json")
    args = parser.parse_args()
    write(args.out, measure(args.quick))


if __name__ == "__main__":
    main()
