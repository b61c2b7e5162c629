"""The outer sides of a relation, cut clean of the words around them, or given up where those take part in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from genverify.claims.reading import Reading, convert
from genverify.claims.tokens import Kind, Token


@dataclass(frozen=True, slots=True)
class Member:
    """One side of a relation."""

    tokens: tuple[Token, ...]
    reading: Reading | None
    """None when it could not be read with certainty."""
    name: str | None = None
    """For words in the place of an expression ("Total earnings ="): the words, joined by ``_``."""
    cut: bool = False
    """Whether words before (first member) or after (last member) were cut off."""


_BLOCKED_BEFORE: Final = frozenset(
    "of half third quarter thirds quarters twice thrice double triple times plus minus over by percent than "
    "into squared cubed root negative dozen hundred thousand million billion log per between sum product "
    "difference quotient ratio average mean remainder mod modulo base factorial least most choose point "
    "minimum maximum not subtracted multiplied divided digit digits fewer less combine either or nor".split()
)
"""Words before an expression that take part in it: "half of 6 + 2" is not about 6 + 2."""
_BLOCKED_AFTER_NUMBER: Final = frozenset("and at for x a per each every on with to more from in".split())
"""Words that join the number before them to the expression behind them: "5 and 3 + 4", "3 at $2 + $1"."""
_RANGED: Final = frozenset(
    "page pages chapter chapters question questions problem problems row rows line lines ages grades exercises "
    "items verses room".split()
)
"""Words before a range or a number that is a name: pages 3-5, room 101."""
_SUM_OF: Final = frozenset("sum product difference quotient ratio average mean between".split())


def first_member(tokens: tuple[Token, ...]) -> tuple[Member, tuple[str, ...]]:
    """Cut the first member free of the words that lead up to it."""
    words = tuple(t.text for t in tokens if t.kind is Kind.WORD)
    whole = convert(tokens)
    if whole is not None:
        return Member(tokens, whole), ()
    for cut in range(1, len(tokens)):
        before = tokens[cut - 1]
        if before.kind is not Kind.WORD or tokens[cut].kind is Kind.WORD:
            continue
        if tokens[cut].kind is Kind.OPEN and before.end == tokens[cut].start:
            return Member(tokens[cut:], None, cut=True), words  # tln(0.8): a function, or a product with a name
        reading = convert(tokens[cut:])
        if reading is None:
            continue
        lead = tokens[:cut]
        words = tuple(t.text for t in lead if t.kind is Kind.WORD)
        if _blocked(lead, tokens[cut]):
            return Member(tokens[cut:], None, cut=True), words
        return Member(tokens[cut:], reading, cut=True), words
    name = _name(tokens)
    return Member(tokens, None, name=name), () if name else words


def _joins(before: Token, first: Token) -> bool:
    """Whether ``first`` is an operator that takes part in what stands before it; a sign that opens a formula is not."""
    return first.kind is Kind.OP and not (first.text == "-" and first.math and not before.math)


def _blocked(lead: Sequence[Token], first: Token) -> bool:
    word = lead[-1].text
    if word == "to" and any(t.text in ("nearest", "closest", "rounded", "round") for t in lead):
        return True
    if word in _RANGED and not first.math:
        return True
    if _total_of([t.text for t in lead]):
        return any(t.kind is not Kind.WORD for t in lead)
    if word in _BLOCKED_BEFORE or _joins(lead[-1], first) or any(t.kind is Kind.OP for t in lead):
        return True  # an operator left of the cut binds what stands right of it
    numbers = any(t.kind in (Kind.NUM, Kind.NAME, Kind.FUNC, Kind.POISON) for t in lead)
    if word in _BLOCKED_AFTER_NUMBER and numbers:
        return True
    if word == "to" and not numbers:
        return False
    return numbers and any(t.text in _SUM_OF for t in lead)


def _total_of(words: Sequence[str]) -> bool:
    """Whether words end in "a total of", which is all that stands behind it: "a total of 3 + 4 = 7 eggs"."""
    return list(words[-2:]) == ["total", "of"] and not _BLOCKED_BEFORE & set(words[:-2])


_ARTICLES: Final = frozenset(
    "the a an so then thus therefore now hence and his her their its we have get that is".split()
)


def _name(tokens: Sequence[Token]) -> str | None:
    """Return the words of ``tokens`` as a name if they are nothing but words (or words and a closing remark)."""
    if not tokens or any(t.kind is not Kind.WORD for t in tokens):
        return None
    words = [t.text for t in tokens]
    while words and words[0] in _ARTICLES:
        words.pop(0)
    if not words or len(words) > 8:
        return None
    return "_".join(re.sub(r"[^a-z0-9]", "", w) for w in words)[:48] or None


_DANGEROUS_AFTER: Final = frozenset(
    "times of more less fewer hundred thousand million billion dozen remainder remainders r point over plus minus "
    "squared cubed "
    "percent choose factorial mod modulo base half or to multiplied divided x greater larger higher smaller lower "
    "longer shorter older "
    "younger heavier bigger above below".split()
)
"""Words after a number that change it; "5 of" and "5 or" leave it open."""


def last_member(tokens: tuple[Token, ...]) -> tuple[Member, tuple[str, ...]]:
    """Cut the last member free of the words that follow it."""
    whole = convert(tokens)
    if whole is not None:
        return Member(tokens, whole), ()
    for cut in range(1, len(tokens)):
        after = tokens[cut]
        if after.kind is not Kind.WORD or (tokens[cut - 1].kind is Kind.OP and tokens[cut - 1].text != "!"):
            continue
        reading = convert(tokens[:cut])
        if reading is None:
            continue
        words = tuple(t.text for t in tokens[cut:] if t.kind is Kind.WORD)
        if _dangerous(tokens[cut:]):
            return Member(tokens[:cut], None, cut=True), words
        return Member(tokens[:cut], reading, cut=True), words
    return Member(tokens, None, name=_name(tokens)), ()


def _dangerous(rest: Sequence[Token]) -> bool:
    if rest[0].text in _DANGEROUS_AFTER:
        return True
    following = rest[1] if len(rest) > 1 else None
    if following is None:
        return False
    if following.kind in (Kind.NUM, Kind.MONEY) and rest[0].text not in _JOINS_SENTENCES:
        return True  # 1 hour 20 minutes
    operator = next((i for i, t in enumerate(rest) if t.kind is not Kind.WORD), len(rest))
    if rest[operator : operator + 1] and rest[operator].kind is Kind.OP and rest[operator].text in "*/+^":
        return True  # 459 blinks / x minutes
    for word, number in pairwise(rest[1:5]):
        if word.kind is not Kind.WORD:
            break
        if word.text == "and" and number.kind is Kind.NUM:
            return True  # 1 hour and 25 minutes
    if rest[0].text == "and":
        return following.kind is not Kind.WORD or following.text in ("a", "half", "one", "two", "three")
    return rest[0].text == "with" and "remainder" in [t.text for t in rest[:5]]


_JOINS_SENTENCES: Final = frozenset("so which then that because since for in after from but while as when".split())
