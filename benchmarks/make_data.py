"""Measure ``genverify make-data`` as people run it: seconds, records a second and memory for a small and a large N.

::

    python benchmarks/make_data.py [--kind KIND ...] [--n N ...] [--seed S] [--out FILE]

Memory is the largest sum of what the command and all its processes have resident, looked at five times a second;
pages that processes share count once for each, so that it is an upper bound. It is flat in N if it does not grow.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import record

KINDS: Final = ("logic", "algebra", "code", "tables")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def descendants(root: int) -> Iterator[tuple[int, int]]:
    """Yield the process ``root`` and all below it, each with the pages that it has resident."""
    parents: dict[int, list[tuple[int, int]]] = {}
    own = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid, parent, pages = int(folder.name), int(fields[1]), int(fields[21])
        parents.setdefault(parent, []).append((pid, pages))
        own = pages if pid == root else own
    open_ = [(root, own)]
    while open_:
        pid, pages = open_.pop()
        yield pid, pages
        open_ += parents.get(pid, [])


def measure(kind: str, n: int, seed: int) -> dict[str, Any]:
    """Make ``n`` records in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="genverify-make-data-") as folder:
        command = [
            sys.executable,
            "-m",
            "genverify",
            "make-data",
            kind,
            "--n",
            str(n),
            "--seed",
            str(seed),
            "--out",
            folder,
        ]
        started, most = time.perf_counter(), 0
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            while process.poll() is None:
                most = max(most, sum(pages for _, pages in descendants(process.pid)))
                time.sleep(0.2)
            wall_s = time.perf_counter() - started
            said = process.stdout.read() if process.stdout is not None else ""
        if process.returncode:
            sys.exit(f"make-data {kind} ended with {process.returncode}")
        return {
            "kind": kind, "n": n, "seed": seed, "wall_s": round(wall_s, 1), "records_per_s": round(n / wall_s, 1),
            "memory_mib": round(most * PAGE / 2**20), "said": said.splitlines()[:-1],
        }  # fmt: skip


def main() -> None:
    """Measure and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kind", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--n", nargs="+", type=int, default=[2500, 10000])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=record.RESULTS / "make_data.json")
    args = parser.parse_args()
    runs = []
    for kind in args.kind:
        for n in args.n:
            runs.append(measure(kind, n, args.seed))
            print(runs[-1], flush=True)
    record.write(args.out, {**record.circumstances(("sympy", "z3-solver", "pandas")), "runs": runs})


if __name__ == "__main__":
    main()
