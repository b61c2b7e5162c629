"""Run every benchmark on labelled public data by tools alone and keep the figures; writes ``results/quality.json``.

::

    python benchmarks/quality.py [--data FOLDER] [--work FOLDER] [--table [--brief]]

``--data`` is the folder of labelled data, by default where ``GENVERIFY_DATA`` points. ``--work`` keeps the predictions,
so that a run that was stopped goes on; without it they are thrown away. ``--table`` only prints the kept figures as
tables, with ``--brief`` as they stand in the README.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import record

from genverify import cli
from genverify.bench import results, tables
from genverify.bench.catalogue import BENCHMARKS


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Return the results of all benchmarks with files in ``data``, by name."""
    started = time.perf_counter()
    code = cli.main(["bench", "all", str(data), "--out", str(work)])
    if code != cli.EXIT_CLEAN:
        sys.exit(code)
    paths = [path for benchmark in BENCHMARKS if (path := work / f"{benchmark.name}.json").exists()]
    found = {path.stem: results.load(path) for path in paths}
    wall_s = round(time.perf_counter() - started, 1)
    return {**record.circumstances(), "wall_s": wall_s, "results": {name: short(r) for name, r in found.items()}}


def short(result: results.Result) -> results.Result:
    """Leave out of a result what only plots need, and what was counted over nothing in parts of a set."""
    for part in (*result["sets"].values(), result.get("together", {})):
        part.pop("positions", None)
        part.pop("reliability", None)
        for name, figures in part.get("groups", {}).items():
            part["groups"][name] = {n: f for n, f in figures.items() if f["total"]}
    return result


def write(path: Path, result: dict[str, Any]) -> None:
    """Write ``result`` with each benchmark on a line of its own."""
    head = json.dumps({n: v for n, v in result.items() if n != "results"}, indent=2)[:-2]
    lines = [f"    {json.dumps(n)}: {json.dumps(r, separators=(',', ':'))}" for n, r in result["results"].items()]
    body = ",\n".join(lines)
    path.write_text(f'{head},\n  "results": {{\n{body}\n  }}\n}}\n', encoding="utf-8")
    print(f"written to {path}")


def main() -> None:
    """Measure and write down, or print what is written down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("GENVERIFY_DATA"), help="folder of labelled data")
    parser.add_argument("--work", type=Path, help="folder that keeps the predictions")
    parser.add_argument("--table", action="store_true", help="print the kept figures as Markdown")
    parser.add_argument("--brief", action="store_true", help="of sets in several files only what they come to together")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "quality.json")
    args = parser.parse_args()
    if args.table:
        kept = json.loads(args.out.read_text(encoding="utf-8"))
        print(tables.markdown(list(kept["results"].values()), brief=args.brief))
        return
    if args.data is None:
        parser.error("name the folder of labelled data with --data, or in GENVERIFY_DATA")
    if args.work is not None:
        write(args.out, measure(Path(args.data), args.work))
        return
    with tempfile.TemporaryDirectory(prefix="genverify-quality-") as work:
        write(args.out, measure(Path(args.data), Path(work)))


if __name__ == "__main__":
    main()
