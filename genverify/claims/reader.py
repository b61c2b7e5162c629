"""The state of reading one expression, and the pieces that all its parts need."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

from genverify.claims.brackets import split_commas
from genverify.claims.tokens import Token


@dataclass
class BaseReader(ABC):
    """The state of one conversion: what stands to be read, the pieces written so far."""

    tokens: Sequence[Token]
    at: int = 0
    out: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    wants: bool = True
    """Whether an operand must come next."""
    tight: bool = False
    """Whether the operand just read stands right after a slash, where juxtaposition is ambiguous."""
    unit_last: bool = False
    first: int = -1
    last: int = 0
    trig: bool = False

    @abstractmethod
    def step(self) -> bool:
        """Read one token or group; False when it cannot be read."""

    def expression(self) -> str | None:
        """Read all tokens; None if anything is unclear."""
        while self.at < len(self.tokens):
            if not self.step():
                return None
        if self.wants or not self.out:
            return None
        return " ".join(self.out)

    def sub(self, tokens: Sequence[Token]) -> str | None:
        """Read ``tokens`` as an expression of their own."""
        return type(self)(tokens).expression() if tokens else None

    def peek(self, ahead: int = 0) -> Token | None:
        """Return the token ``ahead`` places from here, None past the end."""
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else None

    def operand(self, text: str, token: Token, end: int, *, juxtaposed: bool = False) -> bool:
        """Write an operand, with a times sign before it when it is juxtaposed to one."""
        if not self.wants:
            if not juxtaposed or self.tight or self.unit_last:
                return False
            self.out.append("*")
        else:
            self.tight = bool(self.out) and self.out[-1] == "/"
        self.out.append(text)
        self.wants = False
        self.unit_last = False
        self.first = token.start if self.first < 0 else self.first
        self.last = end
        return True

    def arguments(self, tokens: Sequence[Token]) -> str | None:
        """Read comma-separated expressions to formal text."""
        parts = [self.sub(part) for part in split_commas(tokens)]
        read = [part for part in parts if part is not None]
        return ", ".join(read) if len(read) == len(parts) else None
