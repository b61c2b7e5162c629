"""How well fusion is calibrated and ranks steps, beside each critic alone; writes ``results/calibration.json``.

::

    python benchmarks/calibration.py --data FILE [--data FILE ...] [--reports FILE]

The files hold labelled rows (ProcessBench's and their like). The tools judge them; reports in ``--reports`` are read,
what it lacks is judged and put there, so reports that a language model took part in measure that model. Where no critic
took part, noisy critics are made here: each critique calls its step wrongly with a known probability. Weights are
fitted on the problems that are not held back, the figures are those of the rest.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import record

from genverify import Critique
from genverify.calibration import Calibration, LabelledStep, Quality, calibrate, labelled_steps, quality, split
from genverify.calibration.metrics import Judgement
from genverify.cli_labelled import LabelledJob, judged
from genverify.fusion import DEFAULT_WEIGHTS
from genverify.fusion.rule import log_odds_rule

ERRORS: Final = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
"""Shares of wrong critiques; at one half the critic knows nothing."""


def noisy(steps: Sequence[LabelledStep], error: float, seed: int) -> list[LabelledStep]:
    """Let a critic read every step that calls each wrongly with probability ``error``.

    It is surer where it is right: its confidence is 0.5 + Beta(4, 2) / 2 there and 0.5 + Beta(2, 2) / 2 where it errs.
    """
    rng = random.Random(seed)
    read = []
    for step in steps:
        errs = rng.random() < error
        sure = 0.5 + rng.betavariate(2 if errs else 4, 2) / 2
        p = sure if step.right != errs else 1.0 - sure
        read.append(replace(step, evidence=replace(step.evidence, critiques=(Critique(step.evidence.index, "", p),))))
    return read


def figures(steps: Sequence[LabelledStep], held: float, seed: int) -> dict[str, Any]:
    """Fit and measure; returns what the held steps say before, after, and of the critic alone."""
    found: Calibration = calibrate(*split(steps, held, seed), seed=seed)
    shown = {"before": found.before, "after": found.after, "critic": found.critic, "after_read": found.after_read}
    return {
        "fitted_steps": found.fitted_steps,
        "held_steps": found.held_steps,
        **{name: _plain(q) for name, q in shown.items() if q is not None},
    }


def _plain(found: Quality) -> dict[str, Any]:
    row: dict[str, Any] = {"steps": found.count, "right": found.right}
    for name in ("ece", "brier", "auroc"):
        figure = getattr(found, name)
        row[name] = [None if x is None else round(x, 4) for x in (figure.value, figure.low, figure.high)]
    return row


def shipped(steps: Sequence[LabelledStep]) -> dict[str, Any]:
    """Return the figures of the weights that ship on all steps of one file."""
    pairs = [(log_odds_rule(step.evidence, DEFAULT_WEIGHTS).p, step) for step in steps]
    return _plain(quality([Judgement(p, step.right, step.problem) for p, step in pairs if p is not None]))


def main() -> None:
    """Measure, write the results, and show them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, action="append", required=True)
    parser.add_argument("--reports", type=Path)
    parser.add_argument("--held", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=record.RESULTS / "calibration.json")
    args = parser.parse_args()
    rows = judged(LabelledJob(tuple(args.data), args.reports, workers=2, deadline_s=2.0))
    own = [labelled_steps(row.problem.text, row.label, report) for row, report in rows.rows]
    steps = [step for steps in own for step in steps]
    result: dict[str, Any] = {**record.circumstances(("scikit-learn", "numpy")), "data": rows.data, "seed": args.seed}
    result["held"] = args.held
    result["critics"] = sorted({f"{r.provenance.protocol}:{r.provenance.engine}" for _, r in rows.rows})
    result["as_judged"] = figures(steps, args.held, args.seed)
    if all(step.evidence.critic is None for step in steps):
        result["noisy_critic"] = {
            str(error): figures(noisy(steps, error, args.seed), args.held, args.seed) for error in ERRORS
        }
    result["shipped_by_file"] = {}
    for file in rows.data:
        part, own = own[: file["rows"]], own[file["rows"] :]
        result["shipped_by_file"][file["file"]] = shipped([step for steps in part for step in steps])
    print(json.dumps(result, indent=2))
    record.write(args.out, result)


if __name__ == "__main__":
    main()
