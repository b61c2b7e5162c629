"""Listed solutions, ``x = 7 or x = -5``, held against the equation they are said to solve."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from genverify.claims.algebra import Equation
from genverify.claims.grammar import names
from genverify.claims.relations import Setting, rejected
from genverify.claims.rewriting import float_tolerance
from genverify.claims.writing import show
from genverify.types import Claim, ClaimKind


def roots_claims(equations: Sequence[Equation], texts: Sequence[str]) -> list[tuple[int, Claim]]:
    """Return the claims that a list of values solves the equation before it, each with its step (from 0)."""
    found: list[tuple[int, Claim]] = []
    starts = _starts(equations, texts)
    for _, group in groupby(enumerate(equations), key=lambda pair: (pair[1].step, starts[pair[0]])):
        run = list(group)
        at = run[0][0]
        listed = [e for _, e in run]
        if at == 0 or len(listed) < 2 or not listed[0].assigns:
            continue
        solved = equations[at - 1]
        if (
            solved.name != listed[0].name
            or solved.assigns
            or len(solved.roots) < 2
            or listed[0].place - solved.place > 1
        ):
            continue
        claim = _claim(solved, listed, texts[listed[0].step])
        if claim is not None:
            found.append((listed[0].step, claim))
    return found


def _starts(equations: Sequence[Equation], texts: Sequence[str]) -> list[int]:
    """Return for each equation the first of those listed together with it: joined by or, and, a comma."""
    starts: list[int] = []
    for at, equation in enumerate(equations):
        starts.append(starts[-1] if at and _joined(equations[at - 1], equation, texts) else at)
    return starts


def _joined(first: Equation, second: Equation, texts: Sequence[str]) -> bool:
    if first.step != second.step or first.name != second.name or not (first.assigns and second.assigns):
        return False
    if second.place - first.place != 1 or first.step < 0:
        return False
    between = texts[first.step][first.statement.end : second.statement.start]
    return (
        re.fullmatch(
            r"[\s$\\()\[\],.;{}]*(?:\\?(?:text\{)?\s*(?:or|and|quad|qquad)\s*\}?[\s$\\()\[\],;{}]*)+|\s*,\s*", between
        )
        is not None
    )


_CASE: Final = re.compile(r"\bcases?\b", re.IGNORECASE)  # "in the first case, a = 2 or a = -2": of which equation?


def _claim(solved: Equation, listed: Sequence[Equation], text: str) -> Claim | None:
    start, end = listed[0].statement.start, listed[-1].statement.end
    if rejected(Setting(text, start, end, 0)) or float_tolerance(listed[0]) > 1e-3:
        return None
    if any(names(e.right) for e in listed) or _CASE.search(text, max(0, start - 60), start):
        return None
    return Claim(
        kind=ClaimKind.ROOTS,
        statement=" | ".join(f"{e.name} = {show(e.right)}" for e in listed),
        span=(start, end),
        text=text[start:end],
        givens=(solved.text,),
        given_steps=(solved.step,),
    )
