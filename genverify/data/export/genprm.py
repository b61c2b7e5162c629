"""Examples to GenPRM's conversations: each step is analysed, checked by a program that is really run, and judged.

The program is written from the step's claims and run in a confined kernel. It is kept only where it comes to the step's
label; a critique without one goes straight from the analysis to the verdict. Programs are ours and define every name
that they use, so that one kernel runs many of them: Z3's start alone would take longer than most programs. One that is
interrupted is left out, the only thing here that depends on the machine: most take a millisecond, 10 s are allowed.
"""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from genverify import templates
from genverify.data.export import critiques
from genverify.data.export import programs as export_code
from genverify.data.export.base import UNKNOWN_FIRST, Means, Row, Source, asked, known, message, texts
from genverify.data.export.critiques import Verified
from genverify.data.export.names import spoken
from genverify.data.values import Dropped, Example, LabelledStep
from genverify.protocols.genprm import TAGS
from genverify.tools.kernels import Kernel, KernelPool
from genverify.types import LabelConvention

BATCH: Final = 128
"""Examples whose programs are run before the first of them is written."""


def genprm(source: Source, means: Means) -> Iterator[Row | Dropped]:
    """Make GenPRM's conversations, up to the first error, or the first unknown step.

    Raises:
        ToolError: no kernel could be started.
    """
    examples = map(spoken, source())
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
    """Return for each step that is judged its program and output; None without a program that comes to the label."""
    at_once = kernels.limits.running
    shares = [examples[start::at_once] for start in range(at_once)]
    done = await asyncio.gather(*(_share(share, kernels) for share in shares))
    return [done[i % at_once][i // at_once] for i in range(len(examples))]


async def _share(examples: Sequence[Example], kernels: KernelPool) -> list[list[Verified | None]]:
    async with kernels.kernel() as kernel:
        return [[await _run(step, kernel) for step in _judged(example)] for example in examples]


def _judged(example: Example) -> Sequence[LabelledStep]:
    return example.steps[: len(known(example, LabelConvention.FIRST_ERROR))]


async def _run(step: LabelledStep, kernel: Kernel) -> Verified | None:
    claims = export_code.computed(step.claims)
    code = export_code.program(claims)
    if code is None:
        return None
    run = await kernel.run(code)
    finished = run.status == "ok" and set(run.facts) <= {"fresh_state"}
    said = export_code.verdicts(run.output, len(claims)) if finished else None
    if said is None or all(said) != step.label.right:
        return None
    return Verified(code, run.output)
