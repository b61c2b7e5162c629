"""Judge labelled public data by tools alone and keep the figures; writes ``results/quality.json``.

::

    python benchmarks/quality.py [--data FOLDER] [--table]

FOLDER holds the files below, by default where ``GENVERIFY_DATA`` points. ``--table`` only prints the kept figures as
the table of the README.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any, Final

import record

from genverify.bench import processbench
from genverify.bench.metrics import Scores, Share
from genverify.verifier import Verifier

FILES: Final = (
    "processbench_gsm8k.jsonl", "processbench_math.jsonl.gz", "processbench_olympiadbench.jsonl.gz",
    "processbench_omnimath.jsonl.gz", "bbmistake_multistep_arithmetic.jsonl", "game24_steps.jsonl",
    "bbmistake_logical_deduction.jsonl", "mathcheck_gsm.jsonl.gz", "mr_gsm8k.jsonl", "gsm8k_gold.jsonl.gz",
    "math500_gold.jsonl", "pool_gsm8k_openai.jsonl.gz", "pool_zeroeval_gsm.jsonl.gz",
)  # fmt: skip
"""Solutions with a labelled first error, and right ones on which every accusation is a false alarm or a slip that
the answer survived."""
_SHARES: Final = ("found", "left_alone", "precision", "at_or_after", "covered_steps", "decided_claims")


def measure(folder: Path) -> dict[str, Any]:
    """Judge every file of ``folder`` that is there and return its figures by name."""
    found: dict[str, Any] = {}
    with Verifier() as verifier:
        for name in FILES:
            if not (folder / name).exists():
                print(f"{name}: not in {folder}, left out")
                continue
            file = processbench.run([folder / name], verifier, progress=sys.stderr.isatty()).files[0]
            found[name.partition(".")[0]] = {
                "solutions": file.solutions,
                "failed": file.failed,
                "f1": round(file.scores.f1, 4),
                **{share: _share(getattr(file.scores, share)) for share in _SHARES},
                "f1_interval": _rounded(file.scores),
            }
            print(f"{name}: {file.solutions} solutions", flush=True)
    return found


def _share(share: Share) -> dict[str, Any]:
    interval = [None if x is None else round(x, 4) for x in (share.low, share.high)]
    return {"hits": share.hits, "total": share.total, "interval": interval}


def _rounded(scores: Scores) -> list[float | None]:
    return [None if x is None else round(x, 4) for x in (scores.f1_low, scores.f1_high)]


def table(result: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| set | first error located | right ones left alone | accusations at or after the first error | F1 |",
        "|---|---|---|---|---|",
    ]
    for name, row in result["files"].items():
        f1 = f"{100 * row['f1']:.1f}" if row["found"]["total"] and row["left_alone"]["total"] else "–"
        after = _cell(row["at_or_after"]) if row["found"]["total"] else "–"
        cells = (_cell(row["found"]), _cell(row["left_alone"]), after, f1)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(share: dict[str, Any]) -> str:
    if not share["total"]:
        return "–"
    return f"{100 * share['hits'] / share['total']:.1f} % ({share['hits']} of {share['total']})"


def main() -> None:
    """Measure and write down, or print what is written down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("GENVERIFY_DATA"), help="folder of labelled data")
    parser.add_argument("--table", action="store_true", help="print the kept figures as Markdown")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "quality.json")
    args = parser.parse_args()
    if args.table:
        print(table(json.loads(args.out.read_text(encoding="utf-8"))))
        return
    if args.data is None:
        parser.error("name the folder of labelled data with --data, or in GENVERIFY_DATA")
    result = {**record.circumstances(), "files": measure(Path(args.data))}
    print(table(result))
    record.write(args.out, result)


if __name__ == "__main__":
    main()
