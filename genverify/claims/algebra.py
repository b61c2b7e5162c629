"""Statements with free names to claims: expressions rewritten into one another, equations turned into the next.

Most of this module is about what is *not* claimed. An equation to solve, a definition, a condition, one of several
cases all look like an identity; only what stands in the place of a rewriting is held to be one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from genverify.claims.approx import approx
from genverify.claims.grammar import App, Expr, Sym, names
from genverify.claims.polynomial import NotRational, ratio, roots
from genverify.claims.reading import Reading
from genverify.claims.relations import Setting, rejected
from genverify.claims.statements import Statement
from genverify.claims.writing import show
from genverify.types import Claim, ClaimKind


@dataclass(frozen=True, slots=True)
class Equation:
    """An equation in one name that a step states."""

    left: Expr
    right: Expr
    name: str
    step: int
    """The step that states it, from 0; -1 is the problem."""
    statement: Statement
    roots: tuple[complex, ...]
    place: int
    """Number of the statement within the solution, from 0."""

    @property
    def text(self) -> str:
        """The equation in the formal language."""
        return f"{show(self.left)} = {show(self.right)}"

    @property
    def assigns(self) -> bool:
        """Whether it only gives the name a value."""
        return (_lone(self.left) == self.name and not names(self.right)) or (
            _lone(self.right) == self.name and not names(self.left)
        )


def _lone(expr: Expr) -> str | None:
    return expr.name if isinstance(expr, Sym) else None


_EXPANDS: Final = re.compile(
    r"\b(?:expand\w*|simplif\w*|factor\w*|distribut\w*|combin\w*|foil|multiply(?:ing)? out|rewrit\w*|"
    r"common denominator|collect\w*|"
    r"cancel\w*|rationali[sz]\w*|can be written as|is the same as|becomes?)\b",
    re.IGNORECASE,
)
_STRONGLY: Final = re.compile(r"\b(?:expand\w*|factor\w*|distribut\w*|foil|multiply(?:ing)? out)\b", re.IGNORECASE)
_SETS_EQUAL: Final = re.compile(
    r"\b(?:equat(?:e|es|ed|ing)|set\w* equal|equal to each other|intersect\w*|solve|solving)\b", re.IGNORECASE
)
_MAX_GIVENS: Final = 8  # more conditions on one name than this are several uses of the name
UNSURE_NAMES: Final = frozenset({"e", "i", "d", "C", "oo", "j"})
"""Names that may be constants, indices, differentials or an added constant: nothing is refuted about them."""


def identity(
    statement: Statement, place: int, setting: Setting, constraints: Sequence[tuple[frozenset[str], str]]
) -> Claim | None:
    """Return the claim that the members ``place`` and ``place + 1`` are equal for all values of their names.

    Args:
        statement: the chain.
        place: the left member, from 0.
        setting: where the pair stands.
        constraints: what the problem and the solution state about names, as (names, formal equation).
    """
    left, right = statement.members[place].reading, statement.members[place + 1].reading
    if left is None or right is None or statement.rels[place] != "=":
        return None
    ours, theirs = names(left.expr), names(right.expr)
    if _calculus(left.text) or _calculus(right.text):
        return calculus_claim(left, right, setting)
    if (
        not ours
        or not theirs
        or not theirs <= ours
        or ours & UNSURE_NAMES
        or "@" in left.text + right.text
        or has_call(left)
        or has_call(right)
    ):
        return None
    if not _rewriting(statement, place, setting) or rejected(setting):
        return None
    if _lone(left.expr) is not None or (_lone(right.expr) is not None and place == 0):
        return None
    bound = list(dict.fromkeys(text for group, text in constraints if group & ours))
    if len(bound) > _MAX_GIVENS:
        return None
    if any(group & ours and not group <= ours for group, _ in constraints):
        return None  # a relation to other names may have been used
    return Claim(
        kind=ClaimKind.IDENTITY,
        statement=f"{show(left.expr)} = {show(right.expr)}",
        span=(setting.start, setting.end),
        text=setting.text[setting.start : setting.end],
        givens=tuple(bound),
        given_steps=(),
        result_span=(right.first, right.last) if right.last > right.first else None,
        result_style="expression",
    )


def _calculus(text: str) -> bool:
    return re.search(r"\b(?:diff|int|limit|sum|prod)\(", text) is not None


def calculus_claim(left: Reading, right: Reading, setting: Setting) -> Claim | None:
    """Return the claim that a derivative, integral, limit or sum is what it is said to be."""
    free = names(left.expr) | names(right.expr)
    unsure = free & UNSURE_NAMES - ({"C"} if "int(" in left.text else set())
    if (
        unsure
        or not names(right.expr) <= names(left.expr) | {"C"}
        or ("diff(" in left.text and approx(right.expr) == 0 and names(left.expr))  # an equation to be solved
        or has_call(left)
        or has_call(right)
        or _lone(left.expr) is not None
        or rejected(setting)
    ):
        return None
    return Claim(
        kind=ClaimKind.IDENTITY,
        statement=f"{show(left.expr)} = {show(right.expr)}",
        span=(setting.start, setting.end),
        text=setting.text[setting.start : setting.end],
        result_span=(right.first, right.last) if right.last > right.first else None,
        result_style="expression",
    )


def has_call(reading: Reading) -> bool:
    """Whether a function that is not known here is applied in ``reading``."""

    def walk(expr: Expr) -> bool:
        return isinstance(expr, App) and (expr.head.startswith("@") or any(walk(a) for a in expr.args))

    return walk(reading.expr)


def _rewriting(statement: Statement, place: int, setting: Setting) -> bool:
    """Whether the pair stands where one expression is rewritten into the next."""
    if setting.linked:
        return True  # a display line that opens with "="
    before = setting.text[max(0, statement.start - 160) : statement.start]
    if _SETS_EQUAL.search(before) is not None:
        return False
    if place >= 1:
        head = statement.members[0]
        named = head.name is not None or head.reading is None or _is_head(head.reading)
        return named or len(statement.rels) >= 3 or _EXPANDS.search(before) is not None
    if _EXPANDS.search(before) is None:
        return False
    return len(statement.rels) >= 2 or (_STRONGLY.search(before) is not None and _same_shape(statement))


def _same_shape(statement: Statement) -> bool:
    """Whether a product stands against a sum of the same degree, as in an expansion or a factorisation."""
    left, right = statement.members[0].reading, statement.members[1].reading
    assert left is not None  # the caller read both
    assert right is not None
    free = names(left.expr)
    if len(free) != 1 or free != names(right.expr) or (_product(left.expr) == _product(right.expr)):
        return False
    name = next(iter(free))
    try:
        a, b = ratio(left.expr, name), ratio(right.expr, name)
    except (NotRational, ArithmeticError):
        return False
    return len(a.top) == len(b.top) and a.bottom == b.bottom and len(a.top) > 2


def _product(expr: Expr) -> bool:
    return isinstance(expr, App) and expr.head in ("*", "^", "neg") and (expr.head != "neg" or _product(expr.args[0]))


def _is_head(reading: Reading) -> bool:
    """Whether a member names what the chain computes: ``y``, ``f(x)``, ``S_n``."""
    expr = reading.expr
    return _lone(expr) is not None or (isinstance(expr, App) and expr.head.startswith("@"))


def equation(statement: Statement, step: int, place: int) -> Equation | None:
    """Return ``statement`` as an equation in one name between ratios of polynomials, if it is one."""
    left, right = statement.members[0].reading, statement.members[-1].reading
    if set(statement.rels) != {"="} or left is None or right is None:
        return None
    if len(statement.rels) > 1 and (_lone(left.expr) is None or not right.closed):
        return None  # of a chain only the value at its end is taken: x = 24/15 = 8/5
    found = names(left.expr) | names(right.expr)
    if len(found) != 1 or found & UNSURE_NAMES:
        return None
    name = next(iter(found))
    try:
        solutions = roots(left.expr, right.expr, name)
    except (NotRational, ArithmeticError):
        return None
    if solutions is None:
        return None
    return Equation(left.expr, right.expr, name, step, statement, solutions, place)
