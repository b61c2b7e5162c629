"""What a statement owes to those before: the same quantity again, the imaginary unit, values carried on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from genverify.claims import relations
from genverify.claims.approx import approx
from genverify.claims.grammar import Sym, names, substitute
from genverify.claims.members import Member
from genverify.claims.reading import Reading
from genverify.claims.relations import Setting
from genverify.claims.statements import Statement, statements
from genverify.claims.writing import show
from genverify.types import Claim

_COMPLEX: Final = re.compile(
    r"\bcomplex\b|\bimaginary\b|(?<![A-Za-z\\])i\^\{?2\}?\s*=\s*-\s*1|\d\s*i\b(?!\s*=)|[+-]\s*i\b(?![a-z_])",
    re.IGNORECASE,
)
_INDEX: Final = re.compile(r"_\{?i\b|(?<![\w)}+*/^-])(?<![\w)}+*/^-]\s)i\s*=\s*\d|\\sum|i\s*\\leq|\bi\s*<")


def is_complex(problem: str, steps: Sequence[str]) -> bool:
    """Whether the name ``i`` is the imaginary unit throughout: complex numbers are spoken of and it is no index."""
    text = "\n".join((problem, *steps))
    return _COMPLEX.search(text) is not None and _INDEX.search(text) is None


def imaginary(statement: Statement) -> Statement:
    """Read the name ``i`` as the imaginary unit."""
    return replace(statement, members=tuple(_imaginary(m) for m in statement.members))


def _imaginary(member: Member) -> Member:
    reading = member.reading
    if reading is None or "i" not in names(reading.expr):
        return member
    expr = substitute(reading.expr, {"i": Sym("I")})
    return replace(member, reading=replace(reading, expr=expr, text=show(expr)))


_DERIVES: Final = frozenset(
    "so then thus therefore hence which gives we get have this simplifies to is the equals total so that means "
    "equal now our resulting "
    "finally value result answer becomes yields".split()
)


def continuations(stated: Sequence[tuple[int, Statement]], texts: Sequence[str]) -> list[tuple[int, Claim]]:
    """Return claims between two values given to the same left side: "T = 3 + 3 + 1.50. T = 8.00".

    The first must be an expression, the second follow it directly without words that start something new.
    """
    found: list[tuple[int, Claim]] = []
    for (step, first), (later, second) in pairwise(stated):
        if step < 0 or not _same_quantity(first, second):
            continue
        if later != step and not (later == step + 1 and _worked_out(first, second, texts[step], texts[later])):
            continue
        left, right = first.members[-1].reading, second.members[1].reading
        if left is None or right is None or not left.closed or not right.closed or left.bare or first.members[-1].cut:
            continue
        text = texts[later]
        if first.before in ("or", "and", ",") or _offered(text, second):
            continue
        if second.before in (",", "(", ":", "or", "and") or not set(second.words_before) <= _DERIVES:
            continue
        between = text[first.end : second.start] if later == step else text[: second.start]
        if re.search(r"\b(?:or|and|if|case|when|where)\b", between, re.IGNORECASE):
            continue
        if not right.bare or not _unevaluated(left, named=second.members[0].name is not None):
            continue  # two values listed, not one value worked out
        setting = Setting(text, second.start, second.end, 1)
        claim = relations.relation(left, second.rels[0], right, setting)
        if claim is not None:
            found.append((later, replace(claim, given_steps=(), givens=())))
    return found


def _offered(text: str, statement: Statement) -> bool:
    """Whether a statement is one of several that are offered: "x = 1 or x = -3"."""
    return (
        re.match(r"[\s$\\()\[\],;{}]*(?:\\?(?:quad|text|qquad|,|;|\s|\{)*)*(?:or|and)\b", text[statement.end :])
        is not None
    )


_WORKS_OUT: Final = re.compile(
    r"\b(?:add|sum|total|multipl|subtract|divid|calculat|comput|simplif|evaluat|combin|perform)\w*", re.IGNORECASE
)


def _worked_out(first: Statement, second: Statement, before: str, text: str) -> bool:
    """Whether a step opens by working out what the step before it ended with: "Adding these: total = 570"."""
    ended, lead = before[first.end :], text[: second.start]
    return len(lead) <= 80 and _WORKS_OUT.search(lead) is not None and re.search(r"[A-Za-z]{3}", ended) is None


def _unevaluated(left: Reading, *, named: bool) -> bool:
    """Whether there is arithmetic left to do: 3 + 3, but not sqrt(2), and 8/3 only where words name what it is."""
    signs = "-+*/" if named else "-+*"
    text = show(left.expr).replace("*", " * ").replace("/", " / ")
    return re.search(rf"\d\)? [{signs}] [(\d]", text) is not None and "sqrt" not in left.text


def _same_quantity(first: Statement, second: Statement) -> bool:
    a, b = first.members[0], second.members[0]
    if first.rels[-1] not in ("=", "~") or second.rels[0] not in ("=", "~"):
        return False
    if a.name is not None:
        return a.name == b.name
    if a.reading is None or b.reading is None or a.reading.closed:
        return False
    return show(a.reading.expr) == show(b.reading.expr)


_HYPOTHETICAL: Final = re.compile(
    r"\b(?:if|when|where|suppose|assum\w*|case|cases|let|for|at|or|either|try|trying|test|check\w*|say|"
    r"guess|unless|whenever|until|maximum|"
    r"minimum|until|each|every|could|would|might|possible|possibilit\w*|option\w*|example|e\.g|such as|"
    r"plug\w*|substitut\w*|set|setting|"
    r"choos\w*|pick\w*|given|initial\w*|start\w*|new|now|after|before|first|second|third|first|next|then|"
    r"day|week|month|year)\b",
    re.IGNORECASE,
)


_SOLVED: Final = re.compile(r"\b(?:equations?|substitut\w*|plug\w*|solv\w*|cases?|other)\b", re.IGNORECASE)


def is_solved(text: str, statement: Statement) -> bool:
    """Whether the words before an equation speak of it as one to be solved, perhaps for another value of its name."""
    return _SOLVED.search(_sentence(text, statement)) is not None


_CHANGES: Final = re.compile(
    r"(?<![\w\\])([A-Za-z]\w*)\$?\s+(?:becomes?|is\s+now|changes?|(?:in|de)creases?d?|grows?|drops?|rises?|turns)\b"
    r"|(?<![\w\\])([A-Za-z]\w*)\s*(?:[-+*/]=(?!=)|(?::=|=)\s*\2\s*[-+*/])"
)
"""What gives a name another value without stating an equation: x becomes 6, x += 1, x = x + 1."""


_BRANCHES: Final = re.compile(
    r"\b(?:first|second|third|other|next|last|either|both)\s+(?:sub)?cases?\b|\bcases?\s*(?:\d|[IVX]+\b|is\b|where\b|when\b)"
    r"|\bwhat\s+happens\s+(?:if|when)\b",
    re.IGNORECASE,
)
"""Words of a solution that goes through cases: a name has another value in each."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a name stands for."""

    reading: Reading
    step: int
    """The step that says so, from 0."""


@dataclass
class Values:
    """The values that a solution gives to names, as far as they are beyond doubt.

    A name that is ever given two different values, or that appears in words of condition or choice, has no value; in a
    solution that goes through cases no name has.
    """

    doubtful: set[str] = field(default_factory=set)
    known: dict[str, Value] = field(default_factory=dict)
    branches: bool = False

    @classmethod
    def of(cls, problem: str, texts: Sequence[str]) -> "Values":
        """Find the names that take several values anywhere in the solution."""
        values = cls()
        seen: dict[str, float] = {}
        for text in (problem, *texts):
            values.branches = values.branches or (text is not problem and _BRANCHES.search(text) is not None)
            values.doubtful.update(m.group(1) or m.group(2) for m in _CHANGES.finditer(text))
            for statement in statements(text):
                name, reading = _assigned(statement)
                if name is not None and statement.members[-1].reading is None:
                    values.doubtful.add(name)  # c = ±7
                if name is None or reading is None:
                    continue
                value = approx(reading.expr)
                if value is None or abs(seen.setdefault(name, value) - value) > 1e-9 * max(1.0, abs(value)):
                    values.doubtful.add(name)
                if text is problem or statement.before in (",", "(", "or") or "or" in statement.words_after:
                    values.doubtful.add(name)
                if _HYPOTHETICAL.search(_sentence(text, statement)):
                    values.doubtful.add(name)
        return values

    def learn(self, step: int, statement: Statement) -> None:
        """Take the value that ``statement`` gives to a name."""
        name, reading = _assigned(statement)
        if name is not None and reading is not None and step >= 0 and not (self.branches or name in self.doubtful):
            self.known.setdefault(name, Value(reading, step))

    def closed(self, left: Reading, right: Reading) -> tuple[Reading, Reading, tuple[tuple[str, Value], ...]] | None:
        """Put the known values into both sides; None unless that closes them."""
        needed = names(left.expr) | names(right.expr)
        if not needed or not needed <= self.known.keys() or "@" in left.text + right.text:
            return None
        if isinstance(left.expr, Sym) or isinstance(right.expr, Sym):
            return None  # the name's own value, stated again
        if right.closed and not right.bare:
            return None  # 2*pi*r = 2*pi*10 puts in a value of its own, for another r perhaps
        used = tuple((n, self.known[n]) for n in sorted(needed))
        put = {n: v.reading.expr for n, v in used}
        new = tuple(replace(r, expr=(e := substitute(r.expr, put)), text=show(e)) for r in (left, right))
        if not all(r.closed for r in new):
            return None
        return new[0], new[1], used


def _assigned(statement: Statement) -> tuple[str | None, Reading | None]:
    """Return the name that a statement gives a value to, and the value as last written."""
    head = statement.members[0].reading
    last = statement.members[-1]
    if head is None or not isinstance(head.expr, Sym) or not names(head.expr) or set(statement.rels) != {"="}:
        return None, None
    if last.reading is None or not last.reading.closed or last.cut:
        return head.expr.name, None
    return head.expr.name, last.reading


def _sentence(text: str, statement: Statement) -> str:
    begin = max(text.rfind(mark, 0, statement.start) for mark in (". ", "\n", "? "))
    return text[max(begin, statement.start - 120, 0) : statement.start] + " ".join(statement.words_after)


def linked(
    left: Reading, right: Reading, used: tuple[tuple[str, Value], ...], rel: str, setting: Setting
) -> Claim | None:
    """Return the claim that a statement holds for the values its names were given."""
    claim = relations.relation(left, rel, right, replace(setting, linked=True))
    if claim is None:
        return None
    return replace(
        claim,
        givens=tuple(f"{name} = {value.reading.text}" for name, value in used),
        given_steps=tuple(value.step for _, value in used),
    )
