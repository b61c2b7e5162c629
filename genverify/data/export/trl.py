"""Examples to the data set types of TRL (stepwise, preference, unpaired preference), and to ProcessBench's row.

A solution that a model goes on from is plain text, the problem and then a step a line; what a critic is asked is a
conversation.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from genverify import templates
from genverify.data import sampling
from genverify.data.export import critiques
from genverify.data.export.base import (
    MESSAGES,
    NOT_ALL_KNOWN,
    PLACE_UNKNOWN,
    UNKNOWN_FIRST,
    Means,
    Row,
    Shape,
    Source,
    answered,
    asked,
    known,
    message,
    place,
    texts,
)
from genverify.data.export.names import spoken
from genverify.data.values import Dropped, Example
from genverify.fusion.conventions import ALL_RIGHT
from genverify.types import LabelConvention

STEPWISE: Final[Mapping[str, Shape]] = {
    "id": "string",
    "prompt": "string",
    "completions": ["string"],
    "labels": ["bool"],
    "convention": "string",
}


def stepwise(source: Source, means: Means) -> Iterator[Row | Dropped]:
    """Make TRL's stepwise supervision, cut before the first unknown label; the row says in which convention."""
    for example in source():
        labels = known(example, means.convention)
        if not labels:
            yield Dropped(example.id, UNKNOWN_FIRST)
            continue
        yield {
            "id": example.id,
            "prompt": asked(example),
            "completions": texts(example)[: len(labels)],
            "labels": list(labels),
            "convention": str(means.convention),
        }


RPRM: Final[Mapping[str, Shape]] = {
    "id": "string",
    "prompt": MESSAGES,
    "chosen": MESSAGES,
    "rejected": MESSAGES,
}


def preference_rprm(source: Source, means: Means) -> Iterator[Row | Dropped]:
    """Make R-PRM's pairs of evaluations of one step: the chosen one comes to its label (LOCAL), the rejected does not.

    As many pairs are kept whose chosen verdict is Yes as whose is No, drawn by the seed.
    """

    def pairs() -> Iterator[tuple[Example, int]]:
        return ((e, i) for e in source() for i, label in enumerate(e.labels) if label is not None)

    for example, index in sampling.balanced(pairs, lambda pair: pair[0].labels[pair[1]], (True, False), means.seed):
        right, said = bool(example.labels[index]), spoken(example)
        evaluations = [message("assistant", critiques.evaluation(said, index, r)) for r in (right, not right)]
        yield {
            "id": f"{example.id}/{index}",
            "prompt": [message("user", _rprm_asked(example, index))],
            "chosen": evaluations[:1],
            "rejected": evaluations[1:],
        }


def _rprm_asked(example: Example, index: int) -> str:
    prompts = templates.load("data_critiques")
    named = [
        prompts.fill("rprm_step", number=number, text=text)
        for number, text in enumerate(texts(example)[: index + 1], start=1)
    ]
    earlier = "\n".join(named[:-1]) or prompts.text("rprm_none")
    return prompts.fill("rprm", problem=asked(example), earlier=earlier, step=named[-1])


STEP_DPO: Final[Mapping[str, Shape]] = {
    "id": "string",
    "prompt": "string",
    "chosen": "string",
    "rejected": "string",
}


def preference_step_dpo(example: Example) -> Iterator[Row | Dropped]:
    """Make Step-DPO's pair: after the right steps before it, the first wrong step against its correction."""
    first = place(example)
    if first is None or first == ALL_RIGHT:
        yield Dropped(example.id, PLACE_UNKNOWN if first is None else "no step is wrong")
        return
    step = example.steps[first]
    if not step.correction.strip() or step.correction.strip() == step.text.strip():
        yield Dropped(example.id, "the correction of the first wrong step is not known")
        return
    prompt = _prefix(example, first)
    yield {"id": example.id, "prompt": prompt, "chosen": step.correction, "rejected": step.text}


def _prefix(example: Example, length: int) -> str:
    """Return the problem and its first ``length`` steps, a step a line, ready for the next one."""
    steps = "".join(f"{step.text}\n" for step in example.steps[:length])
    return templates.load("data_critiques").fill("prefix", problem=asked(example), steps=steps)


KTO: Final[Mapping[str, Shape]] = {"id": "string", "prompt": "string", "completion": "string", "label": "bool"}


def kto(example: Example) -> Iterator[Row | Dropped]:
    """Make Step-KTO's rows: each step after the right ones before it, up to the first error (FIRST_ERROR)."""
    labels = known(example, LabelConvention.FIRST_ERROR)
    if not labels:
        yield Dropped(example.id, UNKNOWN_FIRST)
    for index, label in enumerate(labels):
        prompt, text = _prefix(example, index), example.steps[index].text
        yield {"id": f"{example.id}/{index}", "prompt": prompt, "completion": text, "label": label}


PROCESSBENCH: Final[Mapping[str, Shape]] = {
    "id": "string",
    "generator": "string",
    "problem": "string",
    "steps": ["string"],
    "final_answer_correct": "bool",
    "label": "int64",
}


def processbench(source: Source, means: Means) -> Iterator[Row | Dropped]:
    """Make ProcessBench's rows: ``label`` is the first wrong step from 0, or -1; left out where that is not known."""
    for example in source():
        label = place(example)
        if label is None:
            yield Dropped(example.id, PLACE_UNKNOWN if False in example.labels else NOT_ALL_KNOWN)
            continue
        yield {
            "id": example.id,
            "generator": example.maker,
            "problem": asked(example),
            "steps": [step.text for step in example.steps],
            "final_answer_correct": answered(example, means.tools),
            "label": label,
        }
