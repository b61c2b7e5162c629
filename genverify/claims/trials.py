"""Equations with a value put in: whether they hold is what is being tried, so they claim nothing."""

import re
from collections.abc import Sequence
from typing import Final

from genverify.claims.approx import literals
from genverify.claims.grammar import App, Expr, Num, Sym, names
from genverify.claims.statements import Statement

_PUTS_IN: Final = re.compile(
    r"\b(?:substitut\w*|plug\w*|put\w*|test\w*|try\w*|tri(?:es|ed)|check\w*|verif\w*|set(?:ting)?|let|if|for|when)\b",
    re.IGNORECASE,
)
_RECENT: Final = 8  # statements looked back on; a value is put into an equation that was stated just before


def is_trial(statement: Statement, text: str, stated: Sequence[tuple[int, Statement]]) -> bool:
    """Whether ``statement`` is an equation of ``stated`` with numbers in the place of its names.

    ``x = sqrt(11 - 2*x) + 4`` and then ``1 = sqrt(11 - 2*1) + 4`` tries whether 1 is a solution.
    """
    if len(statement.rels) != 1 or not _PUTS_IN.search(text, max(0, statement.start - 120), statement.start):
        return False
    sides = _sides(statement)
    return sides is not None and any(_is_instance(s, sides) for _, s in stated[-_RECENT:] if s.rels == statement.rels)


def goes_on(statement: Statement, tried: Statement | None) -> bool:
    """Whether ``statement`` is the tried equation in simpler form: one of its sides stays."""
    if tried is None or len(statement.rels) != 1:
        return False
    ours, theirs = _sides(statement), _sides(tried)
    return ours is not None and theirs is not None and (ours[0] == theirs[0] or ours[1] == theirs[1])


def _sides(statement: Statement) -> tuple[Expr, Expr] | None:
    left, right = statement.members[0].reading, statement.members[-1].reading
    return None if left is None or right is None else (left.expr, right.expr)


def _is_instance(earlier: Statement, sides: tuple[Expr, Expr]) -> bool:
    general = _sides(earlier)
    if general is None:
        return False
    free = names(general[0]) | names(general[1])
    if not 1 <= len(free) <= 2 or not (literals(general[0]) or literals(general[1])):
        return False  # a + b = c would have anything of its shape as an instance
    if any(isinstance(g, Sym) for g in general) and any(isinstance(s, Num) for s in sides) and _solved(general):
        return False  # x = 5 names a value: 2 + 3 = 5 does not put one in
    bound: dict[str, Expr] = {}
    return all(_matches(g, s, bound) for g, s in zip(general, sides, strict=True)) and bool(bound)


def _solved(general: tuple[Expr, Expr]) -> bool:
    return any(isinstance(a, Sym) and not names(b) for a, b in (general, general[::-1]))


def _matches(general: Expr, special: Expr, bound: dict[str, Expr]) -> bool:
    """Whether ``special`` is ``general`` with the values ``bound`` to its names, which is filled on the way."""
    if isinstance(general, Sym) and names(general):
        value = bound.setdefault(general.name, special)
        return value == special and not names(special)
    if isinstance(general, App):
        return (
            isinstance(special, App)
            and general.head == special.head
            and len(general.args) == len(special.args)
            and all(_matches(g, s, bound) for g, s in zip(general.args, special.args, strict=True))
        )
    return general == special
