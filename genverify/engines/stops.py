"""A growing text and the texts that end it to the place where it ends."""

from collections.abc import Sequence


def cut(text: str, stop: Sequence[str]) -> tuple[str, str | None]:
    """Return ``text`` up to the end of the stop text that is complete first, and that stop text.

    What a model would have written is what counts: of two stop texts, the one whose last character comes first ends
    the text; of two that end together, the longer. Without any, the whole text and None.
    """
    ends = [(at + len(s), -len(s), s) for s in stop if (at := text.find(s)) >= 0]
    if not ends:
        return text, None
    end, _, met = min(ends)
    return text[:end], met


def without_end(text: str, eos: str) -> str:
    """Return ``text`` without the end of sequence (and white space after it) that a template wrote last."""
    bare = text.rstrip()
    return bare.removesuffix(eos) if eos and bare.endswith(eos) else text
