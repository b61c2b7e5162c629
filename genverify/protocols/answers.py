"""A question with the answer Yes or No at the end of what a model wrote, to the probability of Yes."""

import re
from typing import Final

from genverify.engines.base import Message
from genverify.protocols.base import Chain
from genverify.protocols.text import share_of_first

WORDS: Final = (" Yes", " No")
_WRITTEN: Final = re.compile(r"\s*(Yes|No)\b")


async def yes(
    chain: Chain, prompt: str | tuple[Message, ...], text: str, *, question: str, asked: str
) -> tuple[float | None, tuple[str, ...]]:
    """Return the probability of Yes behind the last ``question`` in ``text``, and notes that say why there is none.

    A question that the text goes on from in other words is none: what counts is said at the end.

    Args:
        chain: asks the engine.
        prompt: what was asked.
        text: what the model wrote.
        question: after which the answer stands.
        asked: put behind a text without such an end; it ends with a question itself.

    Raises:
        EngineError: the engine could not answer.
    """
    head, found, tail = text.rpartition(question)
    answered = bool(found) and (not tail.strip() or written(tail) is not None)
    logprobs = await chain.choose(prompt, head + found if answered else text + asked, WORDS)
    p = None if logprobs is None else share_of_first(logprobs)
    if p is not None:
        return p, ()
    p = written(tail) if answered else None
    return p, () if p is not None else (f"unparsed: no Yes or No after {question!r}",)


def written(text: str) -> float | None:
    """Return 1 for a text that begins with Yes, 0 for No; None for any other."""
    found = _WRITTEN.match(text)
    return float(found.group(1) == "Yes") if found else None
