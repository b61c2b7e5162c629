r"""A regular expression to what every engine understands alike: a language of few forms, and a grammar of llama.cpp.

Engines read regular expressions by different libraries, which differ where it is least expected. So only what all of
them read alike is taken: signs, ``.`` (any but a line break), ``[a-z]`` and ``[^a-z]``, ``\d`` ``\w`` ``\s`` (ASCII),
``\n`` ``\r`` ``\t``, groups, ``|``, and the counts ``* + ? {2} {2,} {2,5}``. A text must match from end to end.
"""

import re
from collections.abc import Sequence
from typing import Final

MAX_CHARS: Final = 10_000
"""Longest expression; what engines compile from a longer one takes minutes."""
MAX_DEPTH: Final = 32
"""Deepest nesting of groups."""
_META: Final = frozenset(r"\^$.|?*+()[]{}")
_SHORT: Final = {"d": "0-9", "w": r"A-Za-z0-9\x5F", "s": r"\x20\x09\x0A\x0D\x0C\x0B"}
_CONTROL: Final = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPES: Final = {sign: f"\\{letter}" for letter, sign in _CONTROL.items()} | {sign: f"\\{sign}" for sign in _META}
_COUNT: Final = re.compile(r"[*+?]|\{\d{1,4}(?:,\d{0,4})?\}")


def one_of(choices: Sequence[str]) -> str:
    """Return the expression that exactly ``choices`` match, for a choice that is to be written.

    Raises:
        ValueError: there is none.
    """
    if not choices:
        raise ValueError("a choice needs at least one text, got none")
    return "|".join("".join(_ESCAPES.get(sign, sign) for sign in choice) for choice in choices)


def matches(pattern: str, text: str) -> bool:
    """Say whether the whole of ``text`` matches."""
    return re.fullmatch(pattern, text, re.ASCII) is not None


def grammar(pattern: str) -> str:
    """Return the expression as a grammar of llama.cpp (GBNF).

    Raises:
        ValueError: it is no expression of this language; the message says where (counted from 0).
    """
    if len(pattern) > MAX_CHARS:
        raise ValueError(f"a regular expression may have {MAX_CHARS} characters, this one has {len(pattern)}")
    reader = _Reader(pattern)
    made = reader.branches(0)
    if reader.at < len(pattern):
        raise reader.wrong("a parenthesis that nothing opened")
    return f"root ::= {made}\n"


def check_regex(pattern: str) -> None:
    """Make sure that every engine reads ``pattern`` alike.

    Raises:
        ValueError: it is no expression of this language; the message says where (counted from 0).
    """
    grammar(pattern)


class _Reader:
    """Reads an expression and writes the grammar as it goes: the two have the same form."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.at = pattern, 0

    def wrong(self, what: str) -> ValueError:
        rest = self.pattern[self.at : self.at + 10]
        return ValueError(f"regular expression {self.pattern[:60]!r}: {what} at {self.at} ({rest!r})")

    def branches(self, depth: int) -> str:
        if depth > MAX_DEPTH:
            raise self.wrong(f"groups nested deeper than {MAX_DEPTH}")
        made = [self.sequence(depth)]
        while self.takes("|"):
            made.append(self.sequence(depth))
        return " | ".join(made)

    def sequence(self, depth: int) -> str:
        made = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            made.append(self.item(depth) + self.count())
        return " ".join(made) or '""'

    def item(self, depth: int) -> str:
        if self.takes("("):
            if self.pattern.startswith("?", self.at) and not self.takes("?:"):
                raise self.wrong("a group of an unknown kind")
            made = self.branches(depth + 1)
            if not self.takes(")"):
                raise self.wrong("a group that is not closed")
            return f"({made})"
        if self.takes("["):
            return self.set_of_signs()
        if self.takes("."):
            return r"[^\x0A]"
        short, sign = self.sign(_META)
        return f"[{short}]" if short else f'"{_written(sign)}"'

    def set_of_signs(self) -> str:
        made = "[^" if self.takes("^") else "["
        first = self.at
        while not self.takes("]"):
            short, sign = self.sign(frozenset("[-&~\\"))
            made += short or _written(sign)
            if not short and self.takes("-"):
                short, last = self.sign(frozenset("[]-&~\\"))
                if short or last < sign:
                    raise self.wrong("a range without an end, or that runs backwards")
                made += f"-{_written(last)}"
        if self.at == first + 1:
            raise self.wrong("a set without signs")
        return made + "]"

    def sign(self, special: frozenset[str]) -> tuple[str, str]:
        """Take one sign: what a short form of several stands for, or else the sign itself."""
        if self.takes("\\"):
            sign = self.next()
            if sign in _SHORT:
                return _SHORT[sign], ""
            if sign.isascii() and sign.isalnum() and sign not in _CONTROL:
                raise self.wrong("an escape of an unknown kind before this place")
            return "", _CONTROL.get(sign, sign)
        if self.at < len(self.pattern) and self.pattern[self.at] in special:
            raise self.wrong("a sign that must be written with a backslash")
        sign = self.next()
        if sign < " ":  # xgrammar refuses them in sets
            raise self.wrong("a control sign, which must be written as \\n, \\r or \\t, before this place")
        return "", sign

    def count(self) -> str:
        found = _COUNT.match(self.pattern, self.at)
        if found is None:
            return ""
        self.at = found.end()
        if _COUNT.match(self.pattern, self.at):
            raise self.wrong("a count behind a count")
        low, _, high = found.group().strip("{}").partition(",")
        if low.isdigit() and high and int(high) < int(low):
            raise self.wrong("a count that runs backwards before this place")
        return found.group()

    def takes(self, text: str) -> bool:
        if not self.pattern.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def next(self) -> str:
        if self.at == len(self.pattern):
            raise self.wrong("an expression that is not closed")
        self.at += 1
        return self.pattern[self.at - 1]


def _written(sign: str) -> str:
    """Return a sign as a grammar has it, inside quotes and brackets alike."""
    if sign.isascii() and sign.isalnum():
        return sign
    code = ord(sign)
    return f"\\x{code:02X}" if code < 0x80 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
