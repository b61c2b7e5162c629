"""The state of turning a text into tokens, and the pieces that all its parts need."""

import re
from abc import ABC, abstractmethod
from typing import Final

from genverify.claims.dollars import dollars
from genverify.claims.tokens import Kind, Token

MAX_NEST: Final = 24
"""Deepest braces followed; real LaTeX stays below 8, and Python's stack is far away."""


class BaseLexer(ABC):
    """One pass over a text; ``out`` is the token stream so far."""

    __slots__ = ("braces", "money", "out", "space", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[Token] = []
        self.space = False
        self.money = dollars(text)
        self.braces = _braces(text)

    def emit(self, kind: Kind, text: str, start: int, end: int, math: bool) -> None:
        """Append a token."""
        self.out.append(Token(kind, text, start, end, math, self.space))
        self.space = False

    def closing(self, at: int, end: int) -> int:
        """Return the place before ``end`` of the brace that closes the one at ``at``, -1 if none does."""
        close = self.braces.get(at, -1)
        return close if close < end else -1

    def joined(self, at: int) -> bool:
        """Whether a number, a name or what they are part of ends right where letters begin at ``at``."""
        if not self.out or self.out[-1].end != at:
            return False
        last = self.out[-1]
        divided = last.kind is Kind.OP and len(self.out) > 1 and self.out[-2].kind is Kind.NAME
        return last.kind in (Kind.NUM, Kind.NAME, Kind.CLOSE) or (divided and last.text in "+-*/^")

    def fraction(self, top: str, bottom: str, start: int, end: int, math: bool) -> None:
        """Write ``(top / bottom)``."""
        kinds = (Kind.OPEN, Kind.NUM, Kind.OP, Kind.NUM, Kind.CLOSE)
        for kind, text in zip(kinds, ("(", top, "/", bottom, ")"), strict=True):
            self.emit(kind, text, start, end, math)

    def mixed(self, whole: Token, top: str, bottom: str, end: int) -> None:
        """Write the mixed number ``whole top/bottom`` as a sum in parentheses."""
        parts = (
            (Kind.OPEN, "("),
            (Kind.NUM, whole.text),
            (Kind.OP, "+"),
            (Kind.NUM, top),
            (Kind.OP, "/"),
            (Kind.NUM, bottom),
            (Kind.CLOSE, ")"),
        )
        for kind, text in parts:
            self.out.append(Token(kind, text, whole.start, end, whole.math, whole.space))

    @abstractmethod
    def run(self, at: int, end: int, *, math: bool, nest: int) -> None:
        """Read the characters from ``at`` to ``end``."""

    @abstractmethod
    def macro(self, name: str, at: int, after: int, end: int, math: bool, nest: int) -> int:
        """Read the command ``name``, written from ``at`` to ``after``; return the place after its arguments."""

    @abstractmethod
    def command(self, at: int, end: int, math: bool, nest: int) -> tuple[int, bool]:
        """Read what begins with the backslash at ``at``; return the place after it and whether math mode is on then."""


_BRACE: Final = re.compile(r"\\.|[{}]", re.DOTALL)  # what stands behind a backslash opens and closes nothing


def _braces(text: str) -> dict[int, int]:
    """Return where each brace of ``text`` closes, found in one pass: looking from every brace takes squared time."""
    found: dict[int, int] = {}
    stack: list[int] = []
    for match in _BRACE.finditer(text):
        if match.group() == "{":
            stack.append(match.start())
        elif match.group() == "}" and stack:
            found[stack.pop()] = match.start()
    return found
