"""Final answers to classes of equal ones, by value where there is one, never by evaluating text.

``0.5``, ``1/2`` and ``50 %`` are one answer; votes that are counted by spelling split them, and a test by substring
takes "1" for "11". An answer is read by our own bounded grammar; what it cannot read is compared as text.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from genverify.claims.normalise import read
from genverify.claims.reading import convert
from genverify.claims.writing import show
from genverify.tools.checkers import Checkers
from genverify.tools.rational import NoValueError, evaluate
from genverify.types import Claim, ClaimKind, Outcome

MAX_CHARS: Final = 200
"""Longest answer that is read as an expression; a longer one is a text."""
MAX_PAIRS: Final = 40
"""Pairs of answers without a value that are handed to SymPy for one problem; beyond that, spelling decides."""

Key = tuple[str, object]
_NAMED: Final = re.compile(r"^[A-Za-z]\w{0,20}\s*=\s*(?=\S)")
_CHOICE: Final = re.compile(r"\(?([A-Za-z])\)?")
_DATE: Final = re.compile(r"\d{1,4}/\d{1,2}/\d{1,4}")


def classes(answers: Sequence[str | None], checkers: Checkers | None = None) -> list[int | None]:
    """Return for each answer the number of its class, from 0 in order of first appearance; None for no answer.

    Args:
        answers: the final answers to one problem, as written.
        checkers: decide whether two expressions are identical, ``x(x+1)`` and ``x^2+x``; without them such answers are
            equal only if they are read to the same expression.
    """
    found: dict[Key, int] = {}
    pairs, classes_so_far = MAX_PAIRS, 0
    numbers: list[int | None] = []
    for answer in answers:
        if answer is None or not answer.strip():
            numbers.append(None)
            continue
        key = key_of(answer)
        if key not in found and checkers is not None and key[0] == "expression":
            others = [k for k in found if k[0] == "expression"][:pairs]
            pairs -= len(others)
            same = next((k for k in others if _identical(str(key[1]), str(k[1]), checkers)), None)
            if same is not None:
                found[key] = found[same]
        if key not in found:
            found[key] = classes_so_far
            classes_so_far += 1
        numbers.append(found[key])
    return numbers


@lru_cache(maxsize=4096)
def key_of(answer: str) -> Key:
    """Return what equal answers share: their value, else the expression they are read to, else their letters."""
    text = _NAMED.sub("", answer.replace("\\$", "$").strip().strip("$").strip().rstrip(".").strip())
    choice = _CHOICE.fullmatch(text)
    if choice is not None:
        return ("text", choice[1].lower())
    if _DATE.fullmatch(text):  # as a number, 4/2/2012 would be 2/1/2012
        return ("text", "/".join(part.lstrip("0") for part in text.split("/")))
    expression = convert(read(text)) if 0 < len(text) <= MAX_CHARS else None
    if expression is None or expression.units:
        return ("text", re.sub(r"\\(?:text|mathrm|left|right|[,;!])|[\s{}$\\]", "", text).lower())
    if expression.closed:
        try:
            return ("value", evaluate(expression.expr))
        except NoValueError:
            pass
    return ("expression", show(expression.expr))


def _identical(a: str, b: str, checkers: Checkers) -> bool:
    return checkers.check(Claim(ClaimKind.IDENTITY, f"{a} = {b}")).outcome is Outcome.CONFIRMED
