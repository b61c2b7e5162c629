"""Runs of training against each other and the plain model; writes ``results/small_critic_variants.json``.

::

    python benchmarks/small_critic_variants.py --work FOLDER [--data FOLDER] NAME=RUN ...

RUN is the folder that ``genverify train sft`` left. Step AUROC, by the word and by the surprise at the numbers, on the
sets that ``small_critic.py`` fits on, on generated solutions, and on ProcessBench's GSM8K.
"""

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import record
from small_critic_rows import SETS, kept, read_all, rows_of

from genverify.bench.processbench import Labelled
from genverify.calibration.metrics import Judgement, quality

SHOWN: Final = ("fit", "generated", "processbench_gsm8k")


def ranked(rows: Sequence[Labelled], done: Mapping[str, Any]) -> dict[str, list[float | None]]:
    """Return the step AUROCs with their 95 % intervals over problems, in percent."""
    judged: dict[str, list[Judgement]] = {"word": [], "surprise": []}
    for row in rows:
        for step, (odds, costs) in enumerate(done[row.id]["readings"]):
            if 0 <= row.label < step:
                break
            for kind, value in (("word", odds), ("surprise", -sum(costs))):
                p = 0.5 + value / (2 * (1 + abs(value)))  # any rising function into [0, 1]: ranks alone count
                judged[kind].append(Judgement(p, step != row.label, row.problem.text))
    found = {kind: quality(steps).auroc for kind, steps in judged.items()}
    return {k: [None if x is None else round(100 * x, 1) for x in (f.value, f.low, f.high)] for k, f in found.items()}


def main() -> None:
    """Read, judge, and write it down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("GENVERIFY_DATA"), help="folder of labelled data")
    parser.add_argument("--work", type=Path, required=True, help="keeps the readings")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "small_critic_variants.json")
    parser.add_argument("runs", nargs="*", metavar="NAME=RUN")
    args = parser.parse_args()
    if args.data is None:
        parser.error("name the folder of labelled data with --data, or in GENVERIFY_DATA")
    args.work.mkdir(parents=True, exist_ok=True)
    wanted = [s for s in SETS if s.use == "fit" or s.name in SHOWN]
    rows = {s.name: rows_of(s, Path(args.data)) for s in wanted}
    result: dict[str, Any] = {**record.circumstances(("torch", "transformers", "peft")), "variants": {}}
    for name, run in [("base", None), *(given.split("=", 1) for given in args.runs)]:
        read_all(name, Path(run) / "model" if run else None, rows, args.work)
        done = {each: kept(args.work / f"{name}-{each}.jsonl") for each in rows}
        apart = [s.name for s in wanted if s.use == "fit"]
        sets = {"fit": [r for each in apart for r in rows[each]], **{n: rows[n] for n in SHOWN if n in rows}}
        lines = {"fit": {k: v for each in apart for k, v in done[each].items()}, **done}
        made = json.loads((Path(run) / "result.json").read_text(encoding="utf-8")) if run else {}
        result["variants"][name] = {
            "tokens": made.get("tokens", 0),
            "step_auroc": {each: ranked(sets[each], lines[each]) for each in sets},
        }
    record.write(args.out, result)


if __name__ == "__main__":
    main()
