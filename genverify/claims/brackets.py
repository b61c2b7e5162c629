"""Brackets among tokens: where one closes, how deep a place lies, where commas divide."""

from collections.abc import Sequence
from typing import Final

from genverify.claims.tokens import Kind, Token

_CLOSERS: Final = {"(": ")", "[": "]", "{": "}", "lfloor": "rfloor", "lceil": "rceil"}


def matching(tokens: Sequence[Token], at: int) -> int:
    """Return the place of the bracket that closes the one at ``at``, -1 if none does."""
    stack: list[str] = []
    for place in range(at, len(tokens)):
        token = tokens[place]
        if token.kind is Kind.OPEN:
            stack.append(_CLOSERS.get(token.text, ")"))
        elif token.kind is Kind.CLOSE:
            if not stack or stack.pop() != token.text:
                return -1
            if not stack:
                return place
    return -1


def pairs(tokens: Sequence[Token]) -> list[int]:
    """Return ``matching`` for every place at once, -1 where no bracket opens; one pass, whatever the text nests."""
    found = [-1] * len(tokens)
    stack: list[int] = []
    for place, token in enumerate(tokens):
        if token.kind is Kind.OPEN:
            stack.append(place)
        elif token.kind is Kind.CLOSE and stack:
            if _CLOSERS.get(tokens[stack[-1]].text, ")") == token.text:
                found[stack.pop()] = place
            else:
                stack.clear()
    return found


def depths(tokens: Sequence[Token]) -> list[int]:
    """Return how many brackets are open before each token."""
    found = []
    depth = 0
    for token in tokens:
        found.append(depth)
        depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
    return found


def split_commas(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """Cut ``tokens`` at the commas outside brackets."""
    parts: list[Sequence[Token]] = []
    depth = begin = 0
    for place, token in enumerate(tokens):
        if token.kind is Kind.OPEN:
            depth += 1
        elif token.kind is Kind.CLOSE:
            depth -= 1
        elif token.kind is Kind.COMMA and depth == 0:
            parts.append(tokens[begin:place])
            begin = place + 1
    parts.append(tokens[begin:])
    return parts


def depth_at(tokens: Sequence[Token], at: int) -> int:
    """Return how many brackets are open before the token ``at``."""
    return sum((t.kind is Kind.OPEN) - (t.kind is Kind.CLOSE) for t in tokens[:at])
