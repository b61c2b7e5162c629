"""Examples to conversations: FoVer's own record, LLaMA-Factory's, ThinkPRM's train of thought, our small critic's."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from genverify import templates
from genverify.data import sampling
from genverify.data.export import critiques
from genverify.data.export.base import (
    MESSAGES,
    UNKNOWN_FIRST,
    Means,
    Row,
    Shape,
    Source,
    asked,
    known,
    message,
    texts,
)
from genverify.data.export.names import spoken
from genverify.data.values import Dropped, Example
from genverify.protocols import thinkprm as protocol
from genverify.types import LabelConvention

# --- FoVer ----------------------------------------------------------------------------------------------------------

FOVER: Final[Mapping[str, Shape]] = {
    "id": "string",
    "problem": "string",
    "solution_steps": ["string"],
    "error_labels": ["bool"],
    "problem_witout_definition": "string",  # spelt as FoVer does
    "messages": MESSAGES,
    "messages_for_prediction": MESSAGES,
    "base_dataset": "string",
    "hypothesis_formula": "string",
    "facts_formula": "string",
}
"""The record of psunlpgroup/FoVer (0715af8, ``generate_final_dataset.py``); the last two are null but in logic."""


def fover(example: Example) -> Iterator[Row | Dropped]:
    """Make FoVer's record: ``error_labels`` are LOCAL and **true means correct**.

    Null stands only where FoVer has it, behind the first error; before that the record ends at the first unknown step.
    """
    kept = _as_fover_knows(example.labels)
    if not kept:
        yield Dropped(example.id, UNKNOWN_FIRST)
        return
    problem, steps = asked(example), texts(example)[: len(kept)]
    conversation = known(example)[: len(kept)]
    yield {
        "id": example.id,
        "problem": problem,
        "solution_steps": steps,
        "error_labels": list(kept),
        "problem_witout_definition": example.formal.get("problem_without_definition", problem),
        "messages": fover_messages(problem, steps, conversation),
        "messages_for_prediction": fover_messages(problem, steps, [True] * len(steps)),
        "base_dataset": f"genverify_{example.kind}",
        "hypothesis_formula": example.formal.get("hypothesis_formula"),
        "facts_formula": example.formal.get("facts_formula"),
    }


def _as_fover_knows(labels: Sequence[bool | None]) -> tuple[bool | None, ...]:
    wrong = next((i for i, right in enumerate(labels) if right is False), len(labels))
    unknown = next((i for i, right in enumerate(labels) if right is None), len(labels))
    return tuple(labels if unknown > wrong else labels[:unknown])


def fover_messages(problem: str, steps: Sequence[str], right: Sequence[bool]) -> list[dict[str, str]]:
    """Return FoVer's conversation over as many steps as there are labels."""
    prompts = templates.load("fover")
    turns = []
    for index, (step, correct) in enumerate(zip(steps, right, strict=False)):
        said = prompts.fill("first", problem=problem, step=step) if index == 0 else step
        turns.append(message("user", said))
        turns.append(message("assistant", prompts.text("correct" if correct else "incorrect")))
    return turns


# --- LLaMA-Factory --------------------------------------------------------------------------------------------------

SHAREGPT: Final[Mapping[str, Shape]] = {"conversations": [{"from": "string", "value": "string"}]}
_FROM: Final = {"user": "human", "assistant": "gpt"}


def sharegpt(source: Source, means: Means) -> Iterator[Row | Dropped]:
    """Make LLaMA-Factory's conversations of FoVer's task, one for each prefix that last-step balancing keeps.

    Train with ``mask_history: true``: then the last reply alone is learnt, and that is what is balanced.
    """
    for prefix in sampling.last_step_balanced(source, seed=means.seed, compat=means.compat):
        turns = fover_messages(asked(prefix), texts(prefix), known(prefix))
        yield {"conversations": [{"from": _FROM[turn["role"]], "value": turn["content"]} for turn in turns]}


def dataset_info(files: Mapping[str, str]) -> dict[str, Any]:
    """Return the entries for LLaMA-Factory's ``dataset_info.json``.

    Args:
        files: the file of each split.
    """
    return {
        f"genverify_{split}": {
            "file_name": name,
            "formatting": "sharegpt",
            "columns": {"messages": "conversations"},
            "tags": {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"},
        }
        for split, name in files.items()
    }


# --- ThinkPRM -------------------------------------------------------------------------------------------------------

_NUMBERED: Final = re.compile(r"\A\s*Step\s+\d+\s*[:.]\s*", re.IGNORECASE)
"""A number that a step has already, as the protocol takes it off."""
CHAT: Final[Mapping[str, Shape]] = {"id": "string", "messages": MESSAGES}


def thinkprm(example: Example) -> Iterator[Row | Dropped]:
    r"""Make a conversation of one train of thought: each step is judged in a box, then the whole is, with yes or no.

    The thought ends at the first error, as FIRST_ERROR has it. Without one the steps shown are those before the first
    unknown one: of a prefix, too, it can be said that it is correct.
    """
    judged = known(example, LabelConvention.FIRST_ERROR)
    shown = judged if all(judged) else example.steps
    if not judged:
        yield Dropped(example.id, UNKNOWN_FIRST)
        return
    prompts = templates.load("thinkprm")
    numbered = (
        prompts.fill("step", number=index + 1, text=_NUMBERED.sub("", text).strip())
        for index, text in enumerate(texts(example)[: len(shown)])
    )
    user = prompts.fill("user", problem=asked(example), solution="\n".join(numbered))
    thought = "".join(critiques.thought(spoken(example), index) for index in range(len(judged)))
    answer = protocol.ANSWERS[0 if all(judged) else 1]
    text = prompts.text("opening") + thought + prompts.text("question") + answer
    yield {"id": example.id, "messages": [message("user", user), message("assistant", text)]}


# --- our own small critic -------------------------------------------------------------------------------------------


def critic(example: Example) -> Iterator[Row | Dropped]:
    """Make a conversation with a user turn a step, answered by what the step claims and whether it is right (LOCAL).

    It ends before the first unknown step.
    """
    right = known(example)
    if not right:
        yield Dropped(example.id, UNKNOWN_FIRST)
        return
    prompts = templates.load("data_critiques")
    turns = []
    steps = spoken(example).steps
    for index, (text, correct) in enumerate(zip(texts(example), right, strict=False)):
        said = prompts.fill("critic_first", problem=asked(example), step=text) if index == 0 else text
        turns.append(message("user", said))
        word = protocol.LABELS[0 if correct else 1]
        turns.append(message("assistant", "\n".join(line for line in (steps[index].said, word) if line)))
    yield {"id": example.id, "messages": turns}
