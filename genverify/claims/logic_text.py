"""Texts of logic problems to sentences with their places, and the words that decide whether one asserts anything."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_TEXT: Final = 8000
"""Characters of a problem or a step that are read; a hundred rules take 4000."""
MAX_SENTENCE: Final = 500
"""Characters of a sentence that are read; longer ones are no closed template."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of a text, without its full stop."""

    text: str
    start: int
    """Its place in the whole text, counted from 0."""

    @property
    def end(self) -> int:
        """The place after its last character."""
        return self.start + len(self.text)

    def part(self, start: int, end: int | None = None) -> "Sentence":
        """Return what stands between two places of this sentence, without white space at its ends."""
        piece = self.text[start:end]
        kept = piece.strip(_EDGES)
        return Sentence(kept, self.start + start + (len(piece) - len(piece.lstrip(_EDGES)) if kept else 0))


_EDGES: Final = " \t\r\n*_"
_STOP: Final = re.compile(r"(?<![∀∃ (][a-z])(?<!\b[A-Z])[.;!](?=\s|$)|\?|\n")
_ITEM: Final = re.compile(
    r"(?:[-*•>]\s+|\(?\d{1,2}[.):]\s+|#\d{1,2}[.:)]?\s+|(?:step|premise|statement)\s+\d{1,2}\s*[:.)]\s+)"
)


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of ``text``, without full stops and the marks of lists; a question keeps its mark."""
    at = 0
    for stop in [*_STOP.finditer(text), None]:
        end = len(text) if stop is None else stop.start() + (stop[0] == "?")
        whole = Sentence(text, 0).part(at, end)
        at = end if stop is None else stop.end()
        while (item := _ITEM.match(whole.text.lower())) is not None:
            whole = whole.part(item.end())
        if whole.text:
            yield whole


_WORK: Final = "think|start|begin|go|look|see|find|solve|work|list|first|now|analy[sz]e|re-?read|use|combine|apply"
SUPPOSES: Final = re.compile(
    r"\b(?:suppos\w+|assum\w+|let'?s say|let us say|imagine|hypothe\w+|cases? (?:\d|[a-z]\b|where|when|in which)|"
    r"in (?:the|this|that|one|either|each|both|any|which) cases?|scenarios?|what if|contradict\w*|contrary|otherwise|"
    r"tr(?:y|ies|ying)|possib\w+|could|might|maybe|perhaps|e\.g|for example|guess\w*|attempt\w*|for the sake|"
    rf"pretend|say that|let(?:'s| us| me) (?!(?:{_WORK})\b)|let (?!us\b|me\b))\b",
    re.IGNORECASE,
)
"""Words that open a supposition: what is said after them need not be meant, and nothing tells where it ends."""
IF: Final = re.compile(
    r"(?<!determine )(?<!determining )(?<!see )(?<!check )(?<!know )(?<!tell )(?<!decide )(?<!verify )(?<!out )"
    r"(?<!asks )(?<!and only )\bif\b",
    re.IGNORECASE,
)
"""An "if" that opens a condition, and not a question."""
_ANNOUNCES: Final = re.compile(
    r"\b(?:options?|choices?|claims?|goal|prove|show|check|evaluat\w+|test|conclusions?|questions?|candidates?|whether|"
    r"answers?)\b[^.]*:$",
    re.IGNORECASE,
)
_TAKES_BACK: Final = re.compile(
    r"(?:no|false|incorrect|wrong|untrue|impossible|not (?:true|possible|necessarily))\b|"
    r"(?:but |however,? )?(?:this|that|it|which|the (?:statement|option|claim))\b.{0,60}?"
    r"(?:\b(?:false|incorrect|wrong|untrue|impossible|not|cannot|contradict\w*|unknown|uncertain|unclear)\b|n't\b)",
    re.IGNORECASE,
)


def asserted(text: str) -> Iterator[tuple[Sentence, Sentence | None]]:
    """Yield the sentences of a step that may be meant as they stand, each with the next one.

    What a line such as "Let us check each option:" announces, and what the next sentence calls false, is left out.
    """
    spoken = list(sentences(text[:MAX_TEXT]))
    for place, sentence in enumerate(spoken):
        after = spoken[place + 1] if place + 1 < len(spoken) else None
        if _ANNOUNCES.search(sentence.text):
            return
        if after is None or _TAKES_BACK.match(after.text) is None:
            yield sentence, after


HEDGES: Final = re.compile(
    r"\b(?:if|whether|unless|let|consider\w*|could|can|may|might|would|should|possibl[ey]|perhaps|maybe|probably|likely|"
    r"either|or|neither|nor|options?|choices?|false|incorrect\w*|wrong\w*|untrue|impossible|questions?|goal|prove|"
    r"show|determine|check|verify|want|need|asks?|asked|claims?|claimed|says?|said|states?|stated|except|"
    r"only|not|no|cannot|never|nothing|some|any|unknown|uncertain|until|before|when|while|like|example)\b|n't\b|\?",
    re.IGNORECASE,
)
"""Words beside which a formula or a clause may be anything but asserted."""
_LEADS: Final = re.compile(
    r"(?P<marked>(?:and |but )?(?:so|therefore|thus|hence|then|consequently|accordingly|as a result|in conclusion|"
    r"finally)\b|"
    r"this (?:means|implies|shows|gives us|tells us)(?: that)?\b|(?:which )?(?:means|implies|shows) that\b|"
    r"it (?:follows|is clear) that\b|(?:we|i|you) (?:can |may )?(?:now )?(?:also )?(?:know|see|conclude|deduce|infer|"
    r"derive|find|have|get)(?: that)?\b|"
    r"(?:by|through) (?:the )?process of elimination\b|according to (?:this|the|our) (?:final )?order(?:ing)?\b|"
    r"the (?:final )?answer is(?: that)?\b)|and\b|but\b|now\b|also\b|next\b|first\b(?=,)|again\b|clearly\b|"
    r"(?:conclusion|answer)\s*:",
    re.IGNORECASE,
)


def lead(sentence: Sentence) -> tuple[Sentence, bool]:
    """Return a sentence without the words that only lead into it, and whether they mark it as a conclusion."""
    marked = False
    for _ in range(4):
        match = _LEADS.match(sentence.text)
        if match is None:
            break
        marked = marked or match["marked"] is not None
        rest = sentence.text[match.end() :]
        sentence = sentence.part(match.end() + len(rest) - len(rest.lstrip(" ,:")))
    return sentence, marked
