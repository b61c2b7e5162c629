"""Sentences that state a computation in words: quotients with remainder, primality, divisibility."""

import re
from collections.abc import Iterator
from typing import Final

from genverify.claims.relations import Setting, rejected
from genverify.types import Claim, ClaimKind

_N: Final = r"(\d{1,15}(?:,\d{3})*)"
_MATH: Final = r"(?:\\\(|\\\)|\$|\*\*|\s)*"  # delimiters and emphasis around a number

_QUOTIENT: Final = re.compile(
    rf"{_N}{_MATH}(?:÷|/|\\div|divided by){_MATH}{_N}{_MATH}(?:=|is|equals|gives){_MATH}{_N}{_MATH}"
    rf"(?:,?\s*(?:with|and)\s+)?(?:a\s+)?(?:remainder|R|r)\s*(?:of|is|=)?{_MATH}{_N}(?![\d.,]*\d)"
)
_REMAINDER: Final = re.compile(
    rf"{_N}{_MATH}(?:is\s+)?divided\s+by{_MATH}{_N}{_MATH}(?:leaves|gives|has|is|"
    rf"yields)\s+a\s+remainder\s+of{_MATH}{_N}(?![\d.,]*\d)"
)
_REMAINDER_WHEN: Final = re.compile(
    rf"remainder\s+(?:when|of\s+dividing|"
    rf"if){_MATH}{_N}{_MATH}(?:is\s+)?(?:divided\s+)?by{_MATH}{_N}{_MATH}(?:is|equals|=){_MATH}{_N}(?![\d.,]*\d)"
)
_PRIME: Final = re.compile(
    rf"(?<![\d.,^/*+=-]){_N}{_MATH}is\s+(also\s+|"
    rf"indeed\s+)?(not\s+)?(?:a\s+)?prime(?:\s+number)?(?!\s+(?:factor|to|power|divisor|and))"
)
_DIVISIBLE: Final = re.compile(
    rf"(?<![\d.,^/*+=()-]){_N}{_MATH}is\s+(not\s+)?divisible\s+by{_MATH}{_N}(?![\d.,]*\d)(?!\s*(?:,|and|or)\s*\d)"
)


def phrase_claims(text: str) -> Iterator[Claim]:
    """Return the claims that ``text`` makes in such sentences."""
    for match in _QUOTIENT.finditer(text):
        a, b, q, r = (_plain(g) for g in match.groups())
        yield from _claim(text, match, f"floor({a}/{b}) = {q}", result=3)
        yield from _claim(text, match, f"mod({a}, {b}) = {r}", result=4)
    for pattern in (_REMAINDER, _REMAINDER_WHEN):
        for match in pattern.finditer(text):
            a, b, r = (_plain(g) for g in match.groups())
            yield from _claim(text, match, f"mod({a}, {b}) = {r}", result=3)
    for match in _PRIME.finditer(text):
        negated = match.group(3) is not None
        yield from _claim(text, match, f"{'not ' if negated else ''}prime({_plain(match.group(1))})")
    for match in _DIVISIBLE.finditer(text):
        statement = f"divides({_plain(match.group(3))}, {_plain(match.group(1))})"
        yield from _claim(text, match, f"not {statement}" if match.group(2) else statement)


def _plain(number: str) -> str:
    return number.replace(",", "")


def _claim(text: str, match: "re.Match[str]", statement: str, result: int | None = None) -> Iterator[Claim]:
    start, end = match.span()
    before = text[max(0, start - 120) : start]
    if re.search(r"[-+*/^<>(\d]\s*(?:\\\(|\$)?\s*$|\\[a-z]+\s*$", before):
        return  # the number is the end of an expression
    doubted = re.search(
        r"\b(?:if|whether|suppose|when|until|unless|assume|or|not|nor|neither|none|no)\b[^.]*$", before, re.IGNORECASE
    )
    if doubted is not None or rejected(
        Setting(text.replace(" not ", "     ") if "not " in match.group() else text, start, end, 0)
    ):
        return
    yield Claim(
        kind=ClaimKind.RELATION,
        statement=statement,
        span=(start, end),
        text=match.group(),
        result_span=match.span(result) if result is not None else None,
    )
