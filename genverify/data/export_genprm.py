"""Examples to GenPRM's conversations: each step is analysed, checked by a program that is really run, and judged.

The program is written from the step's claims and run in a confined kernel, one kernel an example as at inference. It
is kept only where it comes to the step's label; a critique without one goes straight from the analysis to the verdict.
"""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from genverify import templates
from genverify.data import critiques, export_code
from genverify.data.critiques import Verified
from genverify.data.export_base import UNKNOWN_FIRST, Means, Row, Source, asked, known, message, texts
from genverify.data.values import Dropped, Example, LabelledStep
from genverify.protocols.genprm import TAGS
from genverify.tools.kernels import Kernel, KernelPool
from genverify.types import LabelConvention

BATCH: Final = 64
"""Examples whose programs run at once: as many as there are kernels by default."""
_WALL_S: Final = 5.0
"""Seconds a block of code may take, as in the authors' own loop."""


def genprm(source: Source, means: Means) -> Iterator[Row | Dropped]:
    """Make GenPRM's conversations, up to the first error, or the first unknown step.

    Raises:
        ToolError: no kernel could be started.
    """
    examples = source()
    while batch := list(islice(examples, BATCH)):
        for example, verified in zip(batch, asyncio.run(_all(batch, means.tools.kernels)), strict=True):
            yield row(example, verified)


def row(example: Example, verified: Sequence[Verified | None]) -> Row | Dropped:
    """Return the conversation of one example, with the program of each of its first steps."""
    judged = known(example, LabelConvention.FIRST_ERROR)
    if not judged:
        return Dropped(example.id, UNKNOWN_FIRST)
    prompts = templates.load("genprm")
    turns = [message("system", prompts.text("system"))]
    for index, text in enumerate(texts(example, TAGS)[: len(judged)]):
        first = prompts.fill("first_evaluation", problem=asked(example, TAGS), step=text) if index == 0 else text
        turns.append(message("user", first))
        turns.append(message("assistant", critiques.paragraph(example, index, verified[index])))
    return {"id": example.id, "messages": turns}


async def _all(examples: Sequence[Example], kernels: KernelPool) -> list[list[Verified | None]]:
    return await asyncio.gather(*(_verified(example, kernels) for example in examples))


async def _verified(example: Example, kernels: KernelPool) -> list[Verified | None]:
    """Return for each step that is judged its program and output; None without a program that comes to the label."""
    steps = example.steps[: len(known(example, LabelConvention.FIRST_ERROR))]
    programs = [export_code.program(step.claims) for step in steps]
    if not any(programs):
        return [None] * len(steps)
    async with kernels.kernel() as kernel:
        return [await _run(step, code, kernel) for step, code in zip(steps, programs, strict=True)]


async def _run(step: LabelledStep, code: str | None, kernel: Kernel) -> Verified | None:
    if code is None:
        return None
    run = await kernel.run(code, _WALL_S)
    said = export_code.verdicts(run.output, len(step.claims)) if run.status == "ok" and not run.facts else None
    if said is None or all(said) != step.label.right:
        return None
    return Verified(code, run.output)
