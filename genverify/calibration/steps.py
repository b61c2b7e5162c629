"""Labelled solutions and the reports on them to labelled steps, split so that no problem is on both sides."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from genverify.fusion import Evidence, StepLabels
from genverify.types import Report


@dataclass(frozen=True, slots=True)
class LabelledStep:
    """What is known about a step, and whether it is right."""

    evidence: Evidence
    right: bool
    problem: str
    """Digest of the problem's text: what is drawn and split as one."""


def labelled_steps(problem: str, place: int, report: Report) -> list[LabelledStep]:
    """Return the steps of a judged solution whose label is known: those up to and including the first error.

    What comes after the first error has no label and is left out. Up to there the conventions agree: a step that is
    right by its own premises has a right prefix.

    Args:
        problem: the problem's text.
        place: the first wrong step, counted from 0; -1 if all are right.
        report: what was found out about the solution.

    Raises:
        ValueError: the label lies past the end, or a stored probability or coverage is outside [0, 1].
    """
    labels = StepLabels.from_place(place, len(report.steps)).values
    group = hashlib.sha256(problem.encode(errors="surrogatepass")).hexdigest()
    return [
        LabelledStep(Evidence.of(verdict), right, group)
        for verdict, right in zip(report.steps, labels, strict=True)
        if right is not None
    ]


def split(steps: Sequence[LabelledStep], held: float, seed: int = 0) -> tuple[list[LabelledStep], list[LabelledStep]]:
    """Return the steps to fit on and those held back, by problem: the same problem always falls on the same side.

    Args:
        steps: labelled steps.
        held: share in (0, 1) of the problems to hold back.
        seed: moves which ones.

    Raises:
        ValueError: ``held`` is out of its range.
    """
    if not 0.0 < held < 1.0:
        raise ValueError(f"held: expected a share between 0 and 1, got {held}")
    fit: list[LabelledStep] = []
    back: list[LabelledStep] = []
    for step in steps:
        drawn = int(hashlib.sha256(f"{seed}:{step.problem}".encode()).hexdigest()[:12], 16) / 16**12
        (back if drawn < held else fit).append(step)
    return fit, back
