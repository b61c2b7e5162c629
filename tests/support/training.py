"""Examples that a critic is trained on in tests, and a model with random weights to be trained."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from genverify.data import Example, Kind, LabelledStep, StepLabel, records
from genverify.types import Claim, ClaimKind, Problem

HERE = all(importlib.util.find_spec(name) for name in ("torch", "transformers", "peft", "trl", "datasets", "yaml"))
trains = pytest.mark.skipif(not HERE, reason="needs torch, transformers, peft, trl and datasets: the extra train")
QUIET = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::DeprecationWarning")
"""The libraries warn of each other's changes to come."""
RIGHT, WRONG, NOTHING = (
    StepLabel(True, "exact"),
    StepLabel(False, "exact", "3 * 5 = 15, not 8"),
    StepLabel(None, "none"),
)


def relation(statement: str) -> Claim:
    return Claim(ClaimKind.RELATION, statement)


def example(number: int = 0, wrong: bool = True) -> Example:
    """Return a solution of three steps, the last of them wrong or right."""
    pens, price = 3 + number, 5
    last = LabelledStep(
        f"{pens} + {price} = {pens + price}",
        WRONG,
        (relation(f"{pens} + {price} = {pens + price}"), relation(f"{pens} * {price} = {pens + price}")),
        f"{pens} + {price} = {pens + price}",
        "wrong_operation",
        f"{pens} * {price} = {pens * price}",
    )
    right = LabelledStep(
        f"{pens} * {price} = {pens * price}", RIGHT, (relation(f"{pens} * {price} = {pens * price}"),),
        f"{pens} * {price} = {pens * price}",
    )  # fmt: skip
    steps = (
        LabelledStep("Let us begin.", NOTHING),
        LabelledStep(f"There are {pens} pens.", RIGHT, (relation(f"{pens} = {pens}"),), f"number_of_pens = {pens}"),
        last if wrong else right,
    )
    problem = Problem(f"{pens} pens cost {price} dollars each. What do they cost?", answer=str(pens * price))
    maker = "sneaky" if wrong else "gold"
    return Example(f"pens-{number}-{maker}", Kind.ALGEBRA, problem, steps, maker, f"pens-{number}", "shopping")


def written(path: Path, *examples: Example) -> Path:
    path.write_text("".join(records.line(e) + "\n" for e in examples), encoding="utf-8")
    return path


def tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)
