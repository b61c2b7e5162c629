"""Tokens to statements: chains of members joined by relations, each cut cleanly out of its sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from genverify.claims.brackets import depths, matching
from genverify.claims.clauses import MAX_CLAUSE, MAX_SOFT, clauses
from genverify.claims.members import Member, first_member, last_member
from genverify.claims.normalise import read
from genverify.claims.reading import Reading, convert
from genverify.claims.tokens import Kind, Token
from genverify.claims.units import stem


@dataclass(frozen=True, slots=True)
class Statement:
    """``members[0] rels[0] members[1] rels[1] ...`` as written in one clause."""

    members: tuple[Member, ...]
    rels: tuple[str, ...]
    start: int
    """First character in the step's text, counted from 0."""
    end: int
    before: str
    """The separator before it: ``.``, a line break, ``,``, ``=>``, ``(`` ... empty at the start of the step."""
    words_before: tuple[str, ...]
    """The words between that separator and the first member, lower case."""
    clause: int
    """Number of the clause in the step, from 0: neighbours differ by one."""
    words_after: tuple[str, ...] = ()
    """The words right after the last member, lower case."""
    modulus: Reading | None = None
    """For a congruence, what it is modulo."""


@lru_cache(maxsize=512)
def statements(text: str) -> tuple[Statement, ...]:
    """Return the statements of a step's text in reading order."""
    found: list[Statement] = []
    for number, (clause, before) in enumerate(clauses(read(text))):
        statement = _statement(clause, before, number)
        if statement is not None:
            found.append(statement)
    return tuple(found)


_EQUAL_WORDS: Final = {
    ("is", "equal", "to"): "=", ("are", "equal", "to"): "=", ("equals",): "=", ("equal", "to"): "=",
    ("is", "approximately"): "~",
    ("is", "about"): "~", ("approximately", "equals"): "~", ("is", "approximately", "equal", "to"): "~",
    ("is", "roughly"): "~", ("is", "greater", "than"): ">", ("is", "less", "than"): "<",
}  # fmt: skip


def _worded(tokens: Sequence[Token]) -> list[Token]:
    """Replace relations written in words by their sign; drop "approximately" beside a sign, which becomes ``~``."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        left = len(tokens) - at
        size = next(
            (
                n
                for n in (4, 3, 2, 1)
                if n <= left
                and tuple(t.text for t in tokens[at : at + n]) in _EQUAL_WORDS
                and all(t.kind is Kind.WORD for t in tokens[at : at + n])
            ),
            0,
        )
        if size:
            sign = _EQUAL_WORDS[tuple(t.text for t in tokens[at : at + size])]
            out.append(Token(Kind.REL, sign, tokens[at].start, tokens[at + size - 1].end, False, True))
            at += size
            continue
        token = tokens[at]
        if (
            token.kind is Kind.WORD
            and token.text in _ABOUT
            and out
            and out[-1].kind is Kind.REL
            and out[-1].text in ("=", "~")
        ):
            last = out.pop()
            out.append(Token(Kind.REL, "~", last.start, token.end, last.math, last.space))
        elif token.kind is Kind.REL and out and out[-1].kind is Kind.REL:
            last = out.pop()  # "= ≈": keep the weaker one; other pairs are no relation we know
            weaker = "~" if {last.text, token.text} == {"=", "~"} else last.text
            out.append(
                Token(
                    Kind.REL if weaker == "~" or last.text == token.text else Kind.POISON,
                    weaker,
                    last.start,
                    token.end,
                    token.math,
                    last.space,
                )
            )
        else:
            out.append(token)
        at += 1
    return out


def is_about(statement: Statement, place: int) -> bool:
    """Whether words behind the last member soften its relation: "= 10^3 approximately"."""
    return place == len(statement.rels) - 1 and not _ABOUT.isdisjoint(statement.words_after[:1])


_ABOUT: Final = frozenset("about approximately roughly around nearly almost approx".split())


def _statement(clause: Sequence[Token], before: str, number: int) -> Statement | None:
    if len(clause) > MAX_CLAUSE:
        return None
    tokens = _worded(clause)
    places = _relations(tokens)
    if not places:
        soft = _soft_relation(tokens) if len(tokens) <= MAX_SOFT else None
        if soft is None:
            return None
        tokens[soft] = Token(Kind.REL, "=", tokens[soft].start, tokens[soft].end, False, True)
        places = [soft]
    modulus = None
    if any(tokens[p].text == "==" for p in places):
        tokens, modulus = _modulus(tokens)
        if modulus is None:
            return None
        places = _relations(tokens)
        if not places:
            return None
    return _assemble(tokens, places, before, number, modulus)


def _relations(tokens: Sequence[Token]) -> list[int]:
    """Return the places of the relations outside brackets."""
    return [
        i for i, (t, depth) in enumerate(zip(tokens, depths(tokens), strict=True)) if t.kind is Kind.REL and not depth
    ]


def _assemble(
    tokens: Sequence[Token], places: Sequence[int], before: str, number: int, modulus: Reading | None
) -> Statement | None:
    parts = [tuple(tokens[a + 1 : b]) for a, b in zip((-1, *places), (*places, len(tokens)), strict=True)]
    first, words = first_member(parts[0])
    last, after = last_member(parts[-1])
    middle = [Member(p, convert(p)) for p in (_without(part, parts[0]) for part in parts[1:-1])]
    members = (first, *middle, last)
    rels = tuple(tokens[p].text for p in places)
    spans = [t for m in members for t in m.tokens]
    if not spans:
        return None
    return Statement(
        members=members,
        rels=rels,
        start=min(t.start for t in spans),
        end=max(t.end for t in spans),
        before=before,
        words_before=words,
        clause=number,
        words_after=after,
        modulus=modulus,
    )


def _without(part: tuple[Token, ...], head: Sequence[Token]) -> tuple[Token, ...]:
    """Drop from the end of ``part`` what names the next equation: the chain's own head again, or a long name.

    ``T = 12 / 4 T = 3`` has no stop before its second T and means T = 12 / 4 = 3. After another name nothing is sure.
    """
    again = [t.text for t in head]
    if len(part) > len(again) > 0 and [t.text for t in part[-len(again) :]] == again:
        return part[: -len(again)]
    trailing = 0
    while trailing < len(part) and part[-1 - trailing].kind is Kind.WORD:
        trailing += 1
    return part if trailing <= _MAX_UNIT_WORDS else ()


_MAX_UNIT_WORDS: Final = 4  # "= 5 boxes of red apples ="; more words name the next quantity


def _modulus(tokens: Sequence[Token]) -> tuple[list[Token], Reading | None]:
    """Take ``(mod m)`` off the end of a congruence."""
    for at, token in enumerate(tokens):
        if token.kind is not Kind.OP or token.text not in ("pmod", "mod"):
            continue
        begin, end = at, len(tokens)
        if at and tokens[at - 1].kind is Kind.OPEN:
            begin, end = at - 1, matching(tokens, at - 1)
        inner = [t for t in tokens[at + 1 : end if end > 0 else len(tokens)]]
        if token.text == "pmod" and inner and inner[0].kind is Kind.OPEN:
            close = matching(inner, 0)
            inner = inner[1:close]
        size = next((i for i, t in enumerate(inner) if t.kind not in (Kind.NUM, Kind.NAME, Kind.OP)), len(inner))
        return list(tokens[:begin]), convert(inner[:size])
    return list(tokens), None


def _ranged(tokens: Sequence[Token]) -> bool:
    """Whether a hyphen joins two numbers of prose: "1-90 days" is a range."""
    return any(
        a.kind is b.kind is Kind.NUM and t.text == "-" and not (t.math or t.space or b.space)
        for a, t, b in zip(tokens, tokens[1:], tokens[2:], strict=False)
    )


def _other_things(left: Reading, right: Reading) -> bool:
    """Whether both sides name what they count, and nothing in common: "25 bucks are 8 points"."""
    return bool(left.units and right.units) and not {stem(u) for u in left.units} & {stem(u) for u in right.units}


def _soft_relation(tokens: Sequence[Token]) -> int | None:
    """Find the "is" of "20% of 150 is 30": the left side must compute something, the right side be a number."""
    for at, token in enumerate(tokens):
        if token.kind is not Kind.WORD or token.text not in ("is", "are", "makes", "gives"):
            continue
        left, _ = first_member(tuple(tokens[:at]))
        right, _ = last_member(tuple(tokens[at + 1 :]))
        if left.reading is None or right.reading is None or not right.reading.bare or not left.reading.closed:
            continue
        if right.reading.number is None or _ranged(tokens[:at]) or _other_things(left.reading, right.reading):
            continue
        divided = any(t.text == "divided" for t in tokens[:at])  # 2/3 is 4 apples names a share of something
        if re.search(r"[\d)] [-+*^] [(\d]|[a-z]\(", left.reading.text) or divided:
            return at
    return None
