"""Tokens to clauses: cut at sentence ends, line ends, commas, and words that join two statements."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from genverify.claims.brackets import pairs
from genverify.claims.reading import convert
from genverify.claims.tokens import Kind, Token
from genverify.claims.units import measures

_LINE_STOPS: Final = frozenset({"\n", "\\n", "\\\\", "$$", "\n\n", "=>", "\\quad"})
_MAX_BLANK: Final = 20  # line ends in a row that are looked past
_MAX_NEST: Final = 24  # brackets with relations inside one another, each of which costs a frame; real ones stay below 5
MAX_CLAUSE: Final = 600
"""Most tokens of a clause that is read: cutting words off tries every place, so the cost grows with the square. The
longest clause with a relation in the development data has 302."""
MAX_SOFT: Final = 60
"""Most tokens of a clause in which "is" may be a relation; each "is" is tried. The longest found has 14."""


def clauses(tokens: Sequence[Token], nest: int = 0) -> Iterator[tuple[tuple[Token, ...], str]]:
    """Cut ``tokens`` at sentence ends, line ends, commas; remarks that hold a relation come out on their own."""
    closes = pairs(tokens)
    current: list[Token] = []
    before = ""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind is Kind.OPEN:
            close = closes[at]
            inside = tokens[at + 1 : close] if close > 0 else ()
            if close < 0 or nest > _MAX_NEST:
                yield tuple(current), before
                current, before = [], "("
            elif holds_statement(inside):
                yield from ((part, sep or "(") for part, sep in clauses(inside, nest + 1))
                if token.math or (current and current[-1].kind in (Kind.NAME, Kind.FUNC, Kind.OP)):
                    current.append(Token(Kind.POISON, "()", token.start, tokens[close].end, token.math))
                at = close
            else:
                current.extend(t for t in tokens[at : close + 1] if t.kind is not Kind.STOP)
                at = close
        elif (
            ((_connects(tokens, at) or _joins_statements(tokens, at)) and holds_statement(current))
            or token.kind in (Kind.COMMA, Kind.CLOSE)
            or _dash(tokens, at, current)
            or (token.kind is Kind.STOP and _stops(tokens, at, current))
        ):
            yield tuple(current), before
            current, before = [], token.text
        elif token.kind is not Kind.STOP:
            current.append(token)
        at += 1
    yield tuple(current), before


def _dash(tokens: Sequence[Token], at: int, current: Sequence[Token]) -> bool:
    """Whether the minus at ``at`` is a dash before a formula, where a statement or nothing stands before it."""
    token = tokens[at]
    if token.kind is not Kind.OP or token.text != "-" or token.math or at + 1 == len(tokens):
        return False
    return tokens[at + 1].math and tokens[at + 1].space and (not current or holds_statement(current))


def _connects(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word at ``at`` leads from one statement to the next: so, which gives, factors as."""
    word = tokens[at].text if tokens[at].kind is Kind.WORD else ""
    return word in _CONNECTIVES or (word == "factors" and [t.text for t in tokens[at + 1 : at + 2]] in (["as"], ["to"]))


_CONNECTIVES: Final = frozenset(
    "so then thus therefore hence which giving gives implies implying means since because where while yields "
    "yielding get obtain simplifies simplify reduces becomes".split()
)


def _joins_statements(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word at ``at`` stands between two statements: "x = 7 or x = -5"."""
    if tokens[at].kind is not Kind.WORD or tokens[at].text not in ("or", "and") or at + 2 >= len(tokens):
        return False
    if tokens[at + 1].kind is Kind.NAME and tokens[at + 2].kind is Kind.REL:
        return True
    if at and tokens[at - 1].kind is Kind.WORD and measures(tokens[at - 1].text) and tokens[at + 1].kind is Kind.NUM:
        return False  # 1 hour and 20 minutes + 5 minutes
    ends = (Kind.REL, Kind.STOP, Kind.COMMA)
    depth, stop = 0, at
    while stop < len(tokens) and not (depth == 0 and tokens[stop].kind in ends):
        depth += (tokens[stop].kind is Kind.OPEN) - (tokens[stop].kind is Kind.CLOSE)
        stop += 1
    if stop == len(tokens) or tokens[stop].kind is not Kind.REL or stop - at > 40:
        return False
    reading = convert(tokens[at + 1 : stop])
    return reading is not None and not reading.bare


def holds_statement(tokens: Sequence[Token]) -> bool:
    """Whether a relation stands among ``tokens``."""
    return any(t.kind is Kind.REL for t in tokens)


def _stops(tokens: Sequence[Token], at: int, current: Sequence[Token]) -> bool:
    """Whether the stop at ``at`` ends a clause: a line break beside an operator does not."""
    token = tokens[at]
    if token.text not in _LINE_STOPS or token.text == "\n\n":
        return True
    rest = islice(tokens, at + 1, at + 1 + _MAX_BLANK)
    after = next((t for t in rest if t.kind is not Kind.STOP or t.text not in _LINE_STOPS), None)
    if after is not None and after.kind is Kind.REL and current:
        return False
    if (token.text == "=>" and current) or (token.text == "$$" and not (current and current[-1].kind is Kind.REL)):
        return True
    if current and current[-1].kind is Kind.REL:
        return False
    if holds_statement(current) and _row_relates(tokens, at + 1):
        return True  # the next row of a system: - 6 + 4a = -8
    joins = {"+", "*", "/", "^"}
    before_joins = bool(current) and current[-1].kind is Kind.OP and current[-1].text in joins | {"-"}
    after_joins = (
        after is not None
        and after.kind is Kind.OP
        and after.text in joins | ({"-"} if token.math else set())
        and (token.math or token.text == "\n")
    )
    return not (before_joins or after_joins)


def _row_relates(tokens: Sequence[Token], at: int) -> bool:
    """Whether a relation comes before the line that begins at ``at`` ends."""
    for token in tokens[at:]:
        if token.kind is Kind.STOP and token.text in _LINE_STOPS:
            return False
        if token.kind is Kind.REL:
            return True
    return False
