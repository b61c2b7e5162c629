"""Tokens to statements: chains of members joined by relations, each cut cleanly out of its sentence."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final

from genverify.claims.brackets import depths, matching, pairs
from genverify.claims.normalise import read
from genverify.claims.reading import Reading, convert
from genverify.claims.tokens import Kind, Token
from genverify.claims.units import measures, stem


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
    for number, (clause, before) in enumerate(_clauses(read(text))):
        statement = _statement(clause, before, number)
        if statement is not None:
            found.append(statement)
    return tuple(found)


_LINE_STOPS: Final = frozenset({"\n", "\\n", "\\\\", "$$", "\n\n", "=>", "\\quad"})
_MAX_BLANK: Final = 20  # line ends in a row that are looked past
_MAX_NEST: Final = 24  # brackets with relations inside one another, each of which costs a frame; real ones stay below 5
_MAX_CLAUSE: Final = 600
"""Most tokens of a clause that is read: cutting words off tries every place, so the cost grows with the square. The
longest clause with a relation in the development data has 302."""
_MAX_SOFT: Final = 60
"""Most tokens of a clause in which "is" may be a relation; each "is" is tried. The longest found has 14."""


def _clauses(tokens: Sequence[Token], nest: int = 0) -> Iterator[tuple[tuple[Token, ...], str]]:
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
            elif _holds_statement(inside):
                yield from ((part, sep or "(") for part, sep in _clauses(inside, nest + 1))
                if token.math or (current and current[-1].kind in (Kind.NAME, Kind.FUNC, Kind.OP)):
                    current.append(Token(Kind.POISON, "()", token.start, tokens[close].end, token.math))
                at = close
            else:
                current.extend(t for t in tokens[at : close + 1] if t.kind is not Kind.STOP)
                at = close
        elif (
            ((_connects(tokens, at) or _joins_statements(tokens, at)) and _holds_statement(current))
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
    return tokens[at + 1].math and tokens[at + 1].space and (not current or _holds_statement(current))


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


def _holds_statement(tokens: Sequence[Token]) -> bool:
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
    if _holds_statement(current) and _row_relates(tokens, at + 1):
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


_ABOUT: Final = frozenset("about approximately roughly around nearly almost approx".split())


def _statement(clause: Sequence[Token], before: str, number: int) -> Statement | None:
    if len(clause) > _MAX_CLAUSE:
        return None
    tokens = _worded(clause)
    places = _relations(tokens)
    if not places:
        soft = _soft_relation(tokens) if len(tokens) <= _MAX_SOFT else None
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
    first, words = _first(parts[0])
    last, after = _last(parts[-1])
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


def _first(tokens: tuple[Token, ...]) -> tuple[Member, tuple[str, ...]]:
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
    if word in _BLOCKED_BEFORE or _joins(lead[-1], first) or any(t.kind is Kind.OP for t in lead):
        return True  # an operator left of the cut binds what stands right of it
    numbers = any(t.kind in (Kind.NUM, Kind.NAME, Kind.FUNC, Kind.POISON) for t in lead)
    if word in _BLOCKED_AFTER_NUMBER and numbers:
        return True
    if word == "to" and not numbers:
        return False
    return numbers and any(t.text in _SUM_OF for t in lead)


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


def _last(tokens: tuple[Token, ...]) -> tuple[Member, tuple[str, ...]]:
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
        left, _ = _first(tuple(tokens[:at]))
        right, _ = _last(tuple(tokens[at + 1 :]))
        if left.reading is None or right.reading is None or not right.reading.bare or not left.reading.closed:
            continue
        if right.reading.number is None or _ranged(tokens[:at]) or _other_things(left.reading, right.reading):
            continue
        divided = any(t.text == "divided" for t in tokens[:at])  # 2/3 is 4 apples names a share of something
        if re.search(r"[\d)] [-+*^] [(\d]|[a-z]\(", left.reading.text) or divided:
            return at
    return None
