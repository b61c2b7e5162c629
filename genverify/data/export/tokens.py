"""Examples to CAPO's reward for each token of the solution: what the answer earns, less where a step errs.

``reward = C * F - P`` for the tokens of a wrong step and ``C * F`` for all others, with F = 1 for a right final answer
and 0 for a wrong one (CAPO; methods F11.6). C must exceed P: a right answer that was reached by a wrong step must earn
more than a wrong answer. Which tokens a step has is read from the tokenizer's offsets, never guessed from lengths.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from genverify.data.export.base import NOT_ALL_KNOWN, Means, Row, Shape, Source, answered, asked
from genverify.data.values import Dropped, Example
from genverify.errors import UsageError

CORRECT: Final = 2.0
"""C, what a right final answer earns."""
PENALTY: Final = 1.0
"""P, what a wrong step costs."""
FIELDS: Final[Mapping[str, Shape]] = {
    "id": "string",
    "prompt": "string",
    "completion": "string",
    "completion_ids": ["int64"],
    "rewards": ["float64"],
}
JOIN: Final = "\n"
"""Between two steps; its tokens belong to no step."""


def capo(source: Source, means: Means) -> Iterator[Row | Dropped]:
    """Make CAPO's rows; a solution with an unknown step, or an answer not known to be right or wrong, is left out.

    Raises:
        UsageError: there is no tokenizer, or one without offsets.
    """
    offsets = partial(spans, tokenizer(means.tokenizer))
    for example in source():
        final = answered(example, means.tools)
        if final is None or None in example.labels:
            why = NOT_ALL_KNOWN if final is not None else "the final answer is not known to be right or wrong"
            yield Dropped(example.id, why)
            continue
        text = JOIN.join(step.text for step in example.steps)
        ids, places = offsets(text)
        yield {
            "id": example.id,
            "prompt": asked(example),
            "completion": text,
            "completion_ids": ids,
            "rewards": rewards(example, places, final),
        }


def rewards(
    example: Example, places: Sequence[tuple[int, int]], final: bool, *, correct: float = CORRECT,
    penalty: float = PENALTY,
) -> list[float]:  # fmt: skip
    """Return the reward of each token.

    A token that lies in two steps, a line break and what follows it, belongs to the one that has more of it.

    Args:
        example: the solution, its steps joined by ``JOIN``.
        places: the characters ``[start, end)`` of each token, counted from 0.
        final: whether the final answer is right.
        correct: C, above ``penalty``.
        penalty: P, above 0.

    Raises:
        ValueError: not 0 < P < C.
    """
    if not 0 < penalty < correct:
        raise ValueError(f"C must exceed P and P must be above 0, got C = {correct}, P = {penalty}")
    earned = correct * final
    wrong: list[tuple[int, int]] = []
    start = 0
    for step in example.steps:
        end = start + len(step.text)
        if step.label.right is False:
            wrong.append((start, end))
        start = end + len(JOIN)
    return [earned - penalty if _mostly_in(place, wrong) else earned for place in places]


def _mostly_in(place: tuple[int, int], spans_: Sequence[tuple[int, int]]) -> bool:
    inside = sum(max(0, min(place[1], end) - max(place[0], start)) for start, end in spans_)
    return 2 * inside > place[1] - place[0]


def spans(tokenizer: Any, text: str) -> tuple[list[int], list[tuple[int, int]]]:  # noqa: ANN401 - of two libraries
    """Return the tokens of a text and the characters ``[start, end)`` of each, without tokens that stand for nothing.

    Args:
        tokenizer: a fast tokenizer of ``transformers``, or one of ``tokenizers``.
        text: what to cut.

    Raises:
        UsageError: it cannot tell where its tokens stand.
    """
    if hasattr(tokenizer, "get_vocab_size"):  # of tokenizers
        found = tokenizer.encode(text, add_special_tokens=False)
        return list(found.ids), [(int(a), int(b)) for a, b in found.offsets]
    if not getattr(tokenizer, "is_fast", False):
        raise UsageError("token rewards need a fast tokenizer: only those know where each token stands in the text")
    made = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    return list(made["input_ids"]), [(int(a), int(b)) for a, b in made["offset_mapping"]]


def tokenizer(given: Any) -> Any:  # noqa: ANN401 - of two libraries
    """Return a tokenizer: ``given`` itself, or read from the folder or ``tokenizer.json`` that it names.

    Raises:
        UsageError: there is none, or the package that reads it is not installed.
    """
    if given is None:
        raise UsageError("the export capo needs a tokenizer: name a folder with a tokenizer.json, or that file")
    if not isinstance(given, str | Path):
        return given
    path = Path(given) / "tokenizer.json" if Path(given).is_dir() else Path(given)
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise UsageError("token rewards need the tokenizers package: pip install tokenizers") from error
    try:
        return Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: no tokenizer can be read there: {error.strerror}") from error
    except Exception as error:  # tokenizers raises bare ones for a file that is none of its own
        raise UsageError(f"{path}: expected a tokenizer.json: {error}") from error
