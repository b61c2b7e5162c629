"""The dollar signs of a text: money or the delimiters of a formula."""

import re
from typing import Final

_PROSE_WORD: Final = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{4,}")


def dollars(text: str) -> frozenset[int]:
    """Return the places of the dollar signs that are money; the others delimit formulas.

    A formula closes again in its paragraph, holds no prose, does not end in an operator and is not followed by a
    digit; what a person writes about money breaks one of these.
    """
    money: set[int] = set()
    at = 0
    while (at := text.find("$", at)) >= 0:
        if at and text[at - 1] == "\\":
            at += 1
            continue
        if text.startswith("$$", at):
            close = text.find("$$", at + 2)
            at = close + 2 if close >= 0 else at + 2
            continue
        close = -1 if text.startswith("$<<", at) else _formula_end(text, at)
        if close < 0:
            money.add(at)
            at += 1
        else:
            at = close + 1
    return frozenset(money)


def _formula_end(text: str, at: int) -> int:
    """Return the place of the dollar sign that closes a formula opened at ``at``, -1 if it opens none."""
    close = at
    while True:
        close = text.find("$", close + 1)
        if close < 0 or close - at > 1500:
            return -1
        if text[close - 1] != "\\":
            break
    inside = text[at + 1 : close]
    if (
        not inside.strip()
        or "\n\n" in inside
        or inside.rstrip()[-1:] in "+-*/×=(÷"
        or text[close + 1 : close + 2].isdigit()
    ):
        return -1
    if text[at + 1].isdigit() and (
        inside.endswith(" ") or _PROSE_WORD.search(re.sub(r"\\(?:text|mathrm|mbox)\{[^}]*\}", "", inside))
    ):
        return -1
    return close
