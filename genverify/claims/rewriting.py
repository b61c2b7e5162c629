"""An equation and the next one: claims that the later is the earlier in another form, with the same solutions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from genverify.claims.algebra import UNSURE_NAMES, Equation, has_call
from genverify.claims.approx import approx, literals, rounding_unit
from genverify.claims.grammar import names
from genverify.claims.relations import Setting, rejected
from genverify.claims.statements import Statement
from genverify.claims.writing import show
from genverify.types import Claim, ClaimKind

_NOT_DERIVED: Final = frozenset(
    "if when let for case cases also other given suppose assume know known recall since because where original "
    "consider define denote "
    "another similarly or either second equation equations problem likewise first third check checking try trying "
    "maximum minimum case "
    "whenever unless while all any each some until with not that".split()
) - {"that", "first", "second", "third", "for", "with"}
_PLURAL: Final = frozenset("these both them respectively each".split())
_LISTS: Final = re.compile(
    r"\b(?:equations|pair|system|conditions|constraints|cases|following two|two equations)\b", re.IGNORECASE
)
_NEXT_CASE: Final = re.compile(r"(?:^|[.\n:;\])]\s*)(?:[-*\d.]+\s*)?For\b")
_FLOAT_NOISE: Final = 1e-6


def rewrites(equations: Sequence[Equation], texts: Sequence[str]) -> list[tuple[int, Claim]]:
    """Return claims that an equation follows from the one stated just before it, each with its step (from 0)."""
    found: list[tuple[int, Claim]] = []
    for at in range(1, len(equations)):
        before, after = equations[at - 1], equations[at]
        if after.step < 0 or before.name != after.name or before.assigns or after.place - before.place != 1:
            continue
        if not _derived(before, after, texts):
            continue
        known = [e for e in equations[:at] if e.name == after.name]
        if not _explained(before, after) and any(_explained(e, after) for e in known):
            continue  # it follows from something said earlier
        start, end = after.statement.start, after.statement.end
        text = texts[after.step]
        if rejected(Setting(text, start, end, 0)):
            continue
        right = after.statement.members[-1].reading
        assert right is not None  # an Equation has readings
        found.append(
            (
                after.step,
                Claim(
                    kind=ClaimKind.REWRITE,
                    statement=after.text,
                    span=(start, end),
                    text=text[start:end],
                    givens=(before.text,),
                    given_steps=(before.step,),
                    tolerance=_tolerance(after),
                    result_span=(right.first, right.last) if after.assigns and right.bare else None,
                ),
            )
        )
    return found


def _tolerance(equation: Equation) -> str | None:
    """Return a unit of the last decimal written in a solved equation such as x = -18.83."""
    written = literals(equation.right) + literals(equation.left)
    places = [n.places for n in written if n.places and rounding_unit(n) > 0]
    return f"1/{10 ** max(places)}" if places else None


def _derived(before: Equation, after: Equation, texts: Sequence[str]) -> bool:
    if before.step == after.step:
        return _follows(before, after, texts[after.step])
    return _taken_up(before, after, texts)


def _follows(before: Equation, after: Equation, text: str) -> bool:
    """Whether the words say that ``after`` was derived from ``before``."""
    if "or" in after.statement.words_before or before.statement.before == "or":
        return False
    between = text[before.statement.end : after.statement.start]
    if len(between) > 200 or _listed(after.statement, between):
        return False
    if after.assigns and approx(before.right) == 0 == approx(after.right) and not re.search("[a-z]{2}", between):
        return False  # x - 9 = 0, x = 0: two factors
    if after.assigns and _GIVES_VALUE.search(between):
        return False
    words = set(re.findall(r"[a-z]+", between.lower().replace("both sides", "")))
    lead = text[max(0, before.statement.start - 120) : before.statement.start]
    if _LISTS.search(lead) is not None or _NEXT_CASE.search(between) is not None:
        return False
    return not words & (_NOT_DERIVED | _PLURAL)


_GIVES_VALUE: Final = re.compile(
    r"\b(?:put\w*|plug\w*|substitut\w*|insert\w*|tak\w*|choos\w*|pick\w*|evaluat\w*|with|at|using)\s+"
    r"(?:in\s+|at\s+|the\s+value\s+)?[$\\(\s]*$",
    re.IGNORECASE,
)
"""Words right before an equation that chooses a value instead of drawing it from the equation before."""


def _taken_up(before: Equation, after: Equation, texts: Sequence[str]) -> bool:
    """Whether a step opens by saying that it puts the last equation of the step before into another form."""
    if before.step < 0 or after.step - before.step != 1:
        return False
    ended, lead = texts[before.step][before.statement.end :], texts[after.step][: after.statement.start]
    if len(ended) > 40 or len(lead) > 160 or _SAME_EQUATION.search(lead) is None or re.search(r"[a-z]{3}", ended):
        return False
    words = set(re.findall(r"[a-z]+", lead.lower().replace("both sides", "")))
    return not words & (_NOT_DERIVED | _PLURAL | _BRINGS_IN) and not _listed(after.statement, lead)


_SAME_EQUATION: Final = re.compile(
    r"\b(?:factor\w*|expand\w*|simplif\w*|rearrang\w*|combin\w*|distribut\w*|collect\w*|"
    r"(?:divid|multiply)\w*\s+(?:both|each|through)|(?:add|subtract)\w*\b[^.]{0,40}\b(?:both|each) sides?)\b",
    re.IGNORECASE,
)
_BRINGS_IN: Final = frozenset("substitute substituting using adding plugging".split())
_LEADS_ON: Final = frozenset({"which", "so", "giving", "therefore", "thus", "hence"})


def _listed(statement: Statement, between: str) -> bool:
    """Whether a statement is one of a list, "x = 1, y = 2", and not drawn from the one before, ", which gives".

    Args:
        statement: the later one.
        between: the text between the two.
    """
    if statement.before != ",":
        return statement.before in ("(", "-", "or", "and")
    if statement.words_before[:1] == ("we",) and _SAME_EQUATION.search(between) is not None:
        return not _BRINGS_IN.isdisjoint(re.findall(r"[a-z]+", between.lower()))
    return statement.words_before[:1] == () or statement.words_before[0] not in _LEADS_ON


def _explained(before: Equation, after: Equation) -> bool:
    """Whether one solution set holds the other (within the rounding of written decimals)."""
    room = float_tolerance(after) + float_tolerance(before)
    return _within(after.roots, before.roots, room) or _within(before.roots, after.roots, room)


def float_tolerance(equation: Equation) -> float:
    """Return how far rounded decimals in an equation may have moved its roots: a hundredth of the largest, or noise."""
    if _tolerance(equation) is None:
        return _FLOAT_NOISE
    return 0.02 * max([1.0, *(abs(r) for r in equation.roots)])


def _within(few: Sequence[complex], many: Sequence[complex], room: float) -> bool:
    return bool(few) and all(any(abs(a - b) <= room * max(1.0, abs(b)) for b in many) for a in few)


_PURE: Final = re.compile(
    r"\b(?:simplif\w*|expand\w*|rearrang\w*|rewrit\w*|equivalent\w*|combin\w*|collect\w*|both sides|"
    r"i\.e\.|factor\w*|distribut\w*|"
    r"in other words|that is)\b",
    re.IGNORECASE,
)
"""Words that announce the same equation in another form, without help from anything else."""


@dataclass(frozen=True, slots=True)
class Relation:
    """An equation in several names."""

    text: str
    """In the formal language."""
    free: frozenset[str]
    step: int
    """From 0; -1 is the problem."""
    statement: Statement
    place: int


def several(statement: Statement, step: int, place: int) -> Relation | None:
    """Return ``statement`` as an equation in two or more names, without calls, if it is one."""
    if statement.rels != ("=",):
        return None
    left, right = statement.members[0].reading, statement.members[1].reading
    if left is None or right is None or has_call(left) or has_call(right):
        return None
    free = names(left.expr) | names(right.expr)
    if len(free) < 2 or free & UNSURE_NAMES or any(len(n) > 1 and n.isupper() for n in free):
        return None  # AB is a segment whose length depends on others
    return Relation(f"{show(left.expr)} = {show(right.expr)}", free, step, statement, place)


def joint_rewrites(relations: Sequence[Relation], texts: Sequence[str]) -> list[tuple[int, Claim]]:
    """Return claims that an equation in several names is the one before it in another form, each with its step."""
    found: list[tuple[int, Claim]] = []
    for before, after in pairwise(relations):
        if after.step < 0 or before.step != after.step or before.free != after.free or after.place - before.place != 1:
            continue
        text = texts[after.step]
        between = text[before.statement.end : after.statement.start]
        if len(between) > 160 or _listed(after.statement, between):
            continue
        lead = between if _PURE.search(between) else ""
        arrow = "arrow" in between or "implies" in between or after.statement.before == "=>"
        others = [r for r in relations if r.place < before.place and r.free & after.free]
        if not lead and not (arrow and not others):
            continue
        words = set(re.findall(r"[a-z]+", between.lower().replace("both sides", "")))
        if words & (_NOT_DERIVED | _PLURAL | _BRINGS_IN) or _NEXT_CASE.search(between):
            continue
        start, end = after.statement.start, after.statement.end
        if rejected(Setting(text, start, end, 0)):
            continue
        found.append(
            (
                after.step,
                Claim(
                    kind=ClaimKind.REWRITE,
                    statement=after.text,
                    span=(start, end),
                    text=text[start:end],
                    givens=(before.text,),
                    given_steps=(before.step,),
                ),
            )
        )
    return found
