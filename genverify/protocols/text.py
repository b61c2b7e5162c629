r"""Foreign text made harmless, and the verdicts in a model's text read.

A problem, a step or the output of a program may hold what a protocol writes itself: ``</output>``, a chat template's
``<|im_end|>``, ``\boxed{Yes}``. Such text is rewritten before a model sees it (``‹/output›``, ``boxed(Yes)``), so that
neither the template nor the reader of the answer can take it for its own. All other text stays as it is.
"""

import json
import math
import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, Final

MAX_JSON: Final = 200_000
"""Characters of a model's JSON that are read; answers have a few hundred."""

_CONTROL: Final = (
    r"<\|[^|<>‹›\s]{1,40}\|>",  # <|im_end|>, <|eot_id|>
    r"<｜[^｜<>‹›]{1,40}｜>",  # DeepSeek's <｜Assistant｜>
    r"</?(?:think|s|bos|eos|pad|unk|start_of_turn|end_of_turn|tool_call|tool_response)>",
    r"<</?SYS>>",
    r"\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]",
    r"\[Code Output\]",
)
_WORDS: Final = "yes|no|correct|incorrect|right|wrong|true|false"
_BOX: Final = rf"\\boxed\s*\{{\s*(?:\\text\s*\{{\s*)?(?P<word>{_WORDS})\s*\}}(?:\s*\}})?"
_INNER: Final = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")"})


def neutralise(text: str, tags: Collection[str] = ()) -> str:
    """Return ``text`` with everything taken out that only a template, a protocol or a verdict may write.

    Args:
        text: text of a problem, a step, or what a program printed.
        tags: names of the protocol's own tags: ``output`` stands for ``<output>`` and ``</output>``.
    """
    return _pattern(tuple(sorted(tags))).sub(_harmless, text)


@lru_cache(maxsize=32)
def _pattern(tags: tuple[str, ...]) -> re.Pattern[str]:
    own = [rf"<\s*/?\s*(?:{'|'.join(map(re.escape, tags))})(?:_?\d+)?\s*/?\s*>"] if tags else []
    return re.compile("|".join((*_CONTROL, *own, _BOX)), re.IGNORECASE)


def _harmless(match: re.Match[str]) -> str:
    word = match.group("word")
    return f"boxed({word})" if word is not None else match.group().translate(_INNER)


def last_boxed(text: str, words: Sequence[str]) -> tuple[str, int] | None:
    r"""Return the last ``\boxed{word}`` with one of ``words``, and where the word starts (from 0); None without one."""
    found = all_boxed(text, words)
    return found[-1] if found else None


@lru_cache(maxsize=32)
def _boxed(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\\boxed\{{({'|'.join(map(re.escape, words))})\}}")


def all_boxed(text: str, words: Sequence[str]) -> list[tuple[str, int]]:
    r"""Return every ``\boxed{word}`` with one of ``words`` and where the word starts (from 0), in order."""
    return [(m.group(1), m.start(1)) for m in _boxed(tuple(words)).finditer(text)]


def share_of_first(logprobs: Sequence[float], temperature: float = 1.0) -> float | None:
    """Return the first choice's share of the probability of two, in [0, 1].

    Args:
        logprobs: natural logarithms of two probabilities.
        temperature: both are divided by it, as sampling at this temperature would; above 0.

    Returns:
        The share; None when the numbers are no log-probabilities (NaN, above 0, both minus infinity, not two).
    """
    if len(logprobs) != 2 or any(math.isnan(v) or v > 1e-3 for v in logprobs) or max(logprobs) == -math.inf:
        return None
    gap = (logprobs[1] - logprobs[0]) / temperature
    return 1.0 / (1.0 + math.exp(gap)) if gap < 700 else 0.0


def first_object(text: str) -> tuple[dict[str, Any], int] | None:
    """Return the first JSON object in ``text`` and where it ends; None without one, or if it is cut off or too long."""
    start = text.find("{")
    if start < 0 or len(text) > MAX_JSON:
        return None
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return (value, end) if isinstance(value, dict) else None


def one_line(text: str, limit: int = 300) -> str:
    """Return the beginning of ``text`` in one line without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())[:limit]
