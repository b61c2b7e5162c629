"""The tokens of the normal form: what they are and where in the step they stood."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a token is."""

    NUM = "number"
    NAME = "variable"
    WORD = "word"
    FUNC = "function"
    OP = "operator"
    REL = "relation"
    OPEN = "open"
    CLOSE = "close"
    COMMA = "comma"
    STOP = "stop"
    MONEY = "money"
    PERCENT = "percent"
    DEGREE = "degree"
    POISON = "poison"


@dataclass(frozen=True, slots=True)
class Token:
    """One token of the normal form."""

    kind: Kind
    text: str
    """The normal form: a number without separators, an operator of the formal language, a lower-case word."""
    start: int
    """First character in the step's text, counted from 0."""
    end: int
    """One past its last character."""
    math: bool
    """Whether it stood between math delimiters."""
    space: bool = False
    """Whether white space stood before it."""
