r"""A refuted step to its correction: the wrong value replaced by the computed one, and the new text checked again.

The step's words stay as they are; only the characters of the wrong result change, written as the old ones were
(``$8.00`` stays money with two digits, ``\frac{3}{4}`` stays a fraction). A value that comes up for the first time as
the wrong result is replaced wherever the step goes on to use it; what follows from it is then computed anew.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from genverify import claims, fusion, numerals, wording
from genverify.claims.grammar import App, Sym, parse
from genverify.errors import GrammarError
from genverify.types import (
    Check,
    Claim,
    ClaimKind,
    Correction,
    CorrectionStatus,
    Outcome,
    Problem,
    Solution,
    Source,
)

MAX_ROUNDS: Final = 8
"""Values replaced in one step: bounds the work where one slip runs through a long table of results."""
MAX_CANDIDATES: Final = 3
"""Ways of writing a value that are tried for each replacement; each costs a round of checks."""

MAX_SYMBOLIC: Final = 40
"""Characters of a symbolic value put in the place of a shorter text: beyond these nobody would have written it so."""
MAX_DIGITS: Final = 15
"""Characters of a number put in the place of a shorter one; where 31 digits come out, the slip is another one."""
MAX_CONTEXT: Final = 100
"""Steps on either side of a wrong one that are read again with its new text: bounds the work in a solution of 10,000
steps; a value named further away is not seen, so that such a correction may fail its checks."""

CheckClaims = Callable[[Sequence[Claim]], list[Check]]
"""Claims to checks, in order: ``Checkers.check_many``."""

_SIGN_FIRST: Final = re.compile(r"\s*\(?\s*[-−–]")


def correct(
    problem: Problem, solution: Solution, index: int, checks: Sequence[Check], check: CheckClaims
) -> Correction | None:
    """Propose a corrected text for a refuted step and check it with the same tools.

    Args:
        problem: what was asked.
        solution: the solution as written.
        index: the refuted step, counted from 0.
        checks: the checks of all claims of that step.
        check: decides claims.

    Returns:
        The correction, VERIFIED when the replaced claim is confirmed and nothing in the new text is refuted, else
        REJECTED; None when no refuted claim has a value to put in the place of a written one.
    """
    first = _edit(checks, solution.steps[index].text, frozenset())
    if first is None:
        return None
    scene = _Scene.of(problem, solution, index, check)
    rejected: Correction | None = None
    for candidate in first.candidates:
        for onward in (True, False):
            found = _repair(scene, first, candidate, onward=onward)
            if found.status is CorrectionStatus.VERIFIED:
                return found
            rejected = rejected or found
    return rejected


def proposed(
    problem: Problem, solution: Solution, index: int, text: str, origin: str, check: CheckClaims
) -> Correction:
    """Check a whole step that a critic would write in the place of step ``index`` (from 0).

    Returns:
        The correction: REJECTED when a claim of the new text is refuted, VERIFIED when all that it says is confirmed,
        else UNVERIFIED.
    """
    checks = _Scene.of(problem, solution, index, check).checks(text)
    decided = [c.claim for c in checks if c.outcome is not Outcome.UNDECIDED]
    status = CorrectionStatus.UNVERIFIED
    if any(c.outcome is Outcome.REFUTED for c in checks):
        status = CorrectionStatus.REJECTED
    elif fusion.complete(checks, claims.coverage(text, decided)):
        status = CorrectionStatus.VERIFIED
    return Correction(
        text=text,
        origin=origin,
        status=status,
        replaced=(solution.steps[index].text, text),
        checks=tuple(checks),
    )


def affected_steps(
    per_step: Sequence[Sequence[Claim]], problem: Problem, solution: Solution, index: int, checks: Sequence[Check]
) -> tuple[int, ...]:
    """Return the later steps, counted from 0, that rest on a wrong step.

    A later step rests on it when one of its claims names the step among its givens, or when it writes one of the
    refuted results, unless that value was already known before. The results of such steps are wrong values in turn.

    Args:
        per_step: the claims of every step.
        problem: what was asked.
        solution: the solution as written.
        index: the wrong step, counted from 0.
        checks: the checks of that step.
    """
    text = solution.steps[index].text
    refuted = [c.claim for c in checks if c.outcome is Outcome.REFUTED]
    start = min((c.result_span or c.span for c in refuted), default=(0, 0))[0]
    known = numerals.mentioned(_text_before(problem, solution, index)) | numerals.mentioned(text[:start])
    # whatever the step works out after the wrong value may rest on it as well
    tainted = _worked_out([c.claim for c in checks if c.claim.span[1] > start], text) - known
    bad = {index}
    for step, own in zip(solution.steps[index + 1 :], per_step[index + 1 :], strict=True):
        named = any(set(claim.given_steps) & bad for claim in own)
        if named or numerals.mentioned(step.text) & tainted:
            bad.add(step.index)
            tainted |= _worked_out(own, step.text) - known
    return tuple(sorted(bad - {index}))


def _worked_out(own: Sequence[Claim], text: str) -> set[Fraction]:
    """Return the values that the claims of a step write as results."""
    spans = [c.result_span for c in own if c.result_span is not None and c.result_style != "expression"]
    return {value for span in spans if (value := numerals.single_value(text[slice(*span)])) is not None}


@dataclass(frozen=True, slots=True)
class _Edit:
    """Characters of a step to be replaced."""

    check: Check
    span: tuple[int, int]
    candidates: tuple[str, ...]
    """What to put there, best first; at least one."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """A wrong step among the steps that its meaning may depend on."""

    problem: Problem
    solution: Solution
    """The steps around the wrong one, at most ``MAX_CONTEXT`` on either side."""
    at: int
    """Place of the wrong step among them, counted from 0."""
    known: set[Fraction]
    """The values written before the wrong step."""
    check: CheckClaims

    @classmethod
    def of(cls, problem: Problem, solution: Solution, index: int, check: CheckClaims) -> "_Scene":
        first = max(0, index - MAX_CONTEXT)
        near = replace(solution, steps=solution.steps[first : index + MAX_CONTEXT + 1])
        return cls(problem, near, index - first, numerals.values(_text_before(problem, solution, index)), check)

    @property
    def text(self) -> str:
        return self.solution.steps[self.at].text

    def checks(self, text: str) -> list[Check]:
        """Return the checks of the wrong step's claims if it read ``text``."""
        steps = list(self.solution.steps)
        steps[self.at] = replace(steps[self.at], text=text)
        per_step = claims.extract(self.problem, replace(self.solution, steps=tuple(steps)))
        return self.check(per_step[self.at])


def _repair(scene: _Scene, first: _Edit, candidate: str, *, onward: bool) -> Correction:
    """Put ``candidate`` in the place of the first wrong value, then fix what follows from it in the same step.

    Args:
        scene: the wrong step.
        first: its first wrong value.
        candidate: what to put in its place.
        onward: replace the value also where the step goes on to use it.
    """
    text = scene.text
    replaced = (text[slice(*first.span)], candidate)
    edit: _Edit | None = first
    checked: list[Check] = []
    places: list[tuple[int, int]] = []
    while edit is not None and len(places) < MAX_ROUNDS:
        new = edit.candidates[0] if places else candidate
        text, place = _apply(text, edit.span, new, scene.known if onward else None)
        places.append(place)
        checked = scene.checks(text)
        edit = _edit(checked, text, frozenset(places))
    status = CorrectionStatus.VERIFIED if _stands(checked, places[0]) else CorrectionStatus.REJECTED
    tool = first.check.tool
    return Correction(text=text, origin=f"tool:{tool}", status=status, replaced=replaced, checks=tuple(checked))


def _stands(checks: Sequence[Check], place: tuple[int, int]) -> bool:
    """Tell whether a claim about the replaced characters is confirmed and no claim of the step is refuted."""
    if any(c.outcome is Outcome.REFUTED for c in checks):
        return False
    return any(
        c.outcome is Outcome.CONFIRMED and c.claim.span[0] <= place[0] and place[1] <= c.claim.span[1] for c in checks
    )


def _edit(checks: Sequence[Check], text: str, done: frozenset[tuple[int, int]]) -> _Edit | None:
    """Return how to replace the first refuted result that can be replaced and was not replaced already."""
    refuted = [c for c in checks if c.outcome is Outcome.REFUTED and c.claim.source is Source.EXTRACTED]
    for check in sorted(refuted, key=lambda c: c.claim.result_span or (0, 0)):
        if check.claim.kind is ClaimKind.ROOTS:
            if (edit := _root_edit(check)) is not None and edit.span not in done:
                return edit
            continue
        site = _site(check, checks)
        if site is None or site[0] in done:
            continue
        span, model = site
        candidates = _candidates(check, text[slice(*span)], text[slice(*model)], text)
        if candidates:
            return _Edit(check, span, candidates)
    return None


_SIGNED: Final = re.compile(rf"[-−–]?\s*(?:{numerals.NUMBER.pattern})")


def _root_edit(check: Check) -> _Edit | None:
    """Replace the one listed root that is wrong by the one that is missing."""
    listed, true = _root_values(check.claim.statement), _root_values(check.computed or "")
    if listed is None or true is None or len(listed) != len(true):
        return None
    wrong, missing = listed - true, true - listed
    if len(wrong) != 1:
        return None
    (value,), (right,) = wrong, missing
    places = [m.span() for m in _SIGNED.finditer(check.claim.text) if numerals.signed(m.group()) == value]
    if len(places) != 1:
        return None
    start, end = places[0]
    offset = check.claim.span[0]
    written = numerals.write_like(right, check.claim.text[start:end])
    return _Edit(check, (offset + start, offset + end), (written,))


def _root_values(statement: str) -> set[Fraction] | None:
    """Return the values of ``x = 2 | x = 3``; None if one of them is no rational number."""
    try:
        expr = parse(statement)
    except GrammarError:
        return None
    parts = expr.args if isinstance(expr, App) and expr.head == "or" else (expr,)
    values = [wording.rational(p.args[1]) if isinstance(p, App) and p.head == "=" else None for p in parts]
    known = {v for v in values if v is not None}
    return known if len(known) == len(values) else None


def _site(check: Check, checks: Sequence[Check]) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return the characters that a computed value replaces and those it is written like; None if it has no place.

    In ``3*4 + 5 = 13 + 5 = $18`` the first wrong result is an expression, which the chain goes on to work out: the
    value replaces all of ``13 + 5 = $18`` and is written like ``$18``. In ``24 = 4*5`` it is the left side that is
    wrong, and no value replaces an expression.
    """
    span = check.claim.result_span
    if span is None or check.computed is None:
        return None
    if check.claim.result_style != "expression":
        return span, span
    if _is_value(check.claim.statement):
        return None
    links = {c.claim.span[0]: c.claim.result_span for c in checks if c.claim.result_span is not None}
    start, model = span[0], span
    while (link := links.get(model[0])) is not None and link[1] > model[1]:
        model = link
    return (start, model[1]), model


def _is_value(statement: str) -> bool:
    """Tell whether the left side of a relation is a plain number."""
    try:
        expr = parse(statement)
    except GrammarError:
        return False
    return isinstance(expr, App) and bool(expr.args) and wording.rational(expr.args[0]) is not None


def _apply(text: str, span: tuple[int, int], new: str, before: set[Fraction] | None) -> tuple[str, tuple[int, int]]:
    """Replace the characters of ``span``, and the same number wherever it comes up again after them.

    The later ones are replaced only if the number is new here: one of those in ``before``, or one that stands earlier
    in the step, may mean something else. With ``before`` None only ``span`` is replaced.
    """
    start, end = span
    rest = text[end:]
    old_values, new_number = numerals.values(text[start:end]), numerals.NUMBER.search(new)
    fresh = before is not None and len(old_values) == 1 and not old_values & (before | numerals.values(text[:start]))
    plain = new_number is not None and len(numerals.NUMBER.findall(new)) == 1 and not _SIGN_FIRST.match(new)
    if fresh and plain and new_number is not None:
        (value,) = old_values
        rest = numerals.replace_value(rest, value, new_number.group())
    return text[:start] + new + rest, (start, start + len(new))


def _text_before(problem: Problem, solution: Solution, index: int) -> str:
    return "\n".join([problem.text, *(s.text for s in solution.steps[:index])])


def _candidates(check: Check, old: str, model: str, step_text: str) -> tuple[str, ...]:
    """Return the ways to write the computed value in the place of ``old`` as ``model`` is written, best first."""
    try:
        expr = parse(check.computed or "")
    except GrammarError:
        return ()
    if isinstance(expr, App) and expr.head == "=" and isinstance(expr.args[0], Sym) and "=" not in old:
        expr = expr.args[1]  # "x = 11" in the place of the 8 of "x = 8"
    value = wording.rational(expr)
    if value is None:
        text = numerals.symbolic(expr, latex="\\" in step_text)
        return (text,) if len(text) <= max(MAX_SYMBOLIC, len(old)) else ()
    if len(str(value)) > max(MAX_DIGITS, len(old) + 3):
        return ()
    if re.search(r"\d\s*[-+*/^×÷]|\\(?!d?frac|\$|%)", model):  # an expression shows no way to write a number
        model = ""
    styles = [check.claim.result_style]
    if "%" in model or check.claim.result_style == "percent":
        styles += ["percent", ""]  # whether 25% is worth 25 or 1/4 depends on what stands before it
    found = [numerals.write_like(value, model, style, step_text) for style in styles]
    return tuple(dict.fromkeys(f for f in found if f != old))[:MAX_CANDIDATES]
