"""Time of ``genverify critique`` on one six-step solution, from a cold process, against ``python -c "import sympy"``.

The two are run in turn, so that whatever else the machine does slows both. Each pair gives one ratio; the median and
the quartiles are kept, with the machine, the versions and the commit, in ``benchmarks/results/cold_start.json``::

    python benchmarks/cold_start.py --pairs 20
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import record

ROW = {
    "id": "six-steps",
    "problem": "A rectangle is 3 cm longer than wide and has an area of 40 square cm. Find its perimeter and diagonal.",
    "steps": [
        "Let the width be $w$. Then $w(w + 3) = 40$, that is $w^2 + 3w - 40 = 0$.",
        "Factoring, $w^2 + 3w - 40 = (w + 8)(w - 5)$.",
        "So the width is $5$ and the length is $5 + 3 = 8$.",
        "The perimeter is $2 \\cdot (5 + 8) = 26$.",
        "The diagonal is $\\sqrt{5^2 + 8^2} = \\sqrt{89}$.",
        "Rounded, $\\sqrt{89} \\approx 9.43$.",
    ],
}
"""One solution that needs exact arithmetic and a SymPy worker (a factorisation and roots)."""


def once(command: list[str]) -> float:
    """Return the seconds that ``command`` takes from start to end."""
    start = perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    seconds = perf_counter() - start
    if done.returncode not in (0, 3):
        raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr.decode()}")
    return seconds


def measure(pairs: int) -> dict[str, object]:
    """Run both commands in turn ``pairs`` times and return their times in seconds and the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "six.jsonl"
        path.write_text(json.dumps(ROW) + "\n", encoding="utf-8")
        commands = {
            "critique": [sys.executable, "-m", "genverify", "critique", str(path), "--json"],
            "critique_terminal": [sys.executable, "-m", "genverify", "critique", str(path)],
            "import_sympy": [sys.executable, "-c", "import sympy"],
        }
        for command in commands.values():  # the first run reads the files from the disk and writes bytecode
            once(command)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(pairs):
            for name, command in commands.items():
                times[name].append(once(command))
        report = subprocess.run(commands["critique"], stdout=subprocess.PIPE, check=False).stdout
    row = json.loads(report)
    found: dict[str, object] = {name: spread(values) for name, values in times.items()}
    for name in ("critique", "critique_terminal"):
        ratios = [a / b for a, b in zip(times[name], times["import_sympy"], strict=True)]
        found[f"{name}_over_import_sympy"] = spread(ratios)
    return {"pairs": pairs, "checks": row["cost"]["checks"], "worker_checks": row["cost"]["worker_checks"], **found}


def spread(values: list[float]) -> dict[str, float]:
    """Return median, quartiles and range."""
    low, middle, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    named = {"min": min(values), "quartile_1": low, "median": middle, "quartile_3": high, "max": max(values)}
    return {name: round(value, 4) for name, value in named.items()}


def main() -> None:
    """Measure, write the results, and show them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--out", type=Path, default=record.RESULTS / "cold_start.json")
    args = parser.parse_args()
    result = {**record.circumstances(), **measure(args.pairs)}
    print(json.dumps(result, indent=2))
    record.write(args.out, result)


if __name__ == "__main__":
    main()
