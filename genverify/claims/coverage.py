"""How much of a step's text lies in decided claims: what a verdict may speak for."""

import re
from collections.abc import Sequence
from typing import Final

from genverify.types import Claim

_WORD: Final = re.compile(r"\d[\d.,]*|[^\W\d_]+|[^\s\w]")
_CARRIES_NOTHING: Final = frozenset(
    "a an and are as be by can compute calculate calculating evaluate equals expanding expand factoring factor "
    "final finally first "
    "following follows gives get got have hence here is it it's let's let lastly next now obtain obtaining of or "
    "our result results second "
    "simplify simplifying simplified so solution step steps that the then there therefore third this thus to us "
    "value we which yields "
    "answer boxed text frac left right quad begin end align aligned cdot times total expression left-hand "
    "right-hand side sides both rightarrow longrightarrow implies".split()
)
"""Words that connect or announce; a step made of these and of decided claims says nothing else."""


def coverage(text: str, decided: Sequence[Claim]) -> float:
    """Return the share in [0, 1] of the words and numbers of ``text`` that decided claims speak for.

    Words inside the span of a decided claim count as spoken for; words that only connect ("so", "we get", "Step 2:")
    count neither way. A step without any word that counts has coverage 1 if something was decided, else 0.
    """
    spans = [c.span for c in decided]
    counted = covered = 0
    for match in _WORD.finditer(_without_markers(text)):
        word = match.group().lower()
        if not word[0].isalnum() or word in _CARRIES_NOTHING:
            continue
        counted += 1
        covered += any(a <= match.start() < b for a, b in spans)
    if counted == 0:
        return 1.0 if decided else 0.0
    return covered / counted


_MARKERS: Final = re.compile(r"(?:^|\n)\s*(?:[#*\s]*step\s+\d+\s*[:.)]*|\d+[.)]\s)", re.IGNORECASE)


def _without_markers(text: str) -> str:
    """Blank out "Step 3:" and list numbers, keeping every place."""
    return _MARKERS.sub(lambda m: " " * len(m.group()), text)
