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

from genverify import claims, wording
from genverify.claims.grammar import App, Expr, Num, Sym, parse, show, show_number
from genverify.errors import GrammarError
from genverify.types import (
    Check,
    Claim,
    Correction,
    CorrectionStatus,
    Outcome,
    Problem,
    Solution,
    Source,
)

MAX_ROUNDS: Final = 8
"""Values replaced in one step; the longest chain of dependent results in the development data has 7."""
MAX_CANDIDATES: Final = 3
"""Ways of writing a value that are tried for each replacement; each costs a round of checks."""

MAX_CONTEXT: Final = 100
"""Steps on either side of a wrong one that are read again with its new text: bounds the work in a solution of 10,000
steps; a value named further away is not seen, so that such a correction may fail its checks."""

CheckClaims = Callable[[Sequence[Claim]], list[Check]]
"""Claims to checks, in order: ``Checkers.check_many``."""

_GROUPED: Final = r"\d{1,3}(?:(?:,|\{,\}|\\,|\\!,|,\\!)\d{3})+(?:\.\d+)?"
_NUMBER: Final = re.compile(rf"(?<![_\d])(?<!_\{{)(?:{_GROUPED}|\d+(?:\.\d+)?|\.\d+)")  # no subscript: a_12
_FRACTION: Final = re.compile(
    r"\\(?P<macro>[dtc]?frac)\s*(?:\{\s*-?(?P<above>\d+)\s*\}|(?P<a>\d))\s*(?:\{\s*-?(?P<below>\d+)\s*\}|(?P<b>\d))"
)
_SLASHED: Final = re.compile(r"(?P<above>(?P<a>\d+))\s*/\s*(?P<below>(?P<b>\d+))(?![\d.])")
_MAX_NUMERAL: Final = 100  # characters; nobody carries a longer number on, and Python refuses to read very long ones
_SIGN_FIRST: Final = re.compile(r"\s*\(?\s*[-−–]")
_SIGN: Final = re.compile(r"[-−–]\s*(?P<mark>\\?\$)?\s*$")


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
    known = _mentioned(_text_before(problem, solution, index)) | _mentioned(text[:start])
    # whatever the step works out after the wrong value may rest on it as well
    tainted = _worked_out([c.claim for c in checks if c.claim.span[1] > start], text) - known
    bad = {index}
    for step, own in zip(solution.steps[index + 1 :], per_step[index + 1 :], strict=True):
        named = any(set(claim.given_steps) & bad for claim in own)
        if named or _mentioned(step.text) & tainted:
            bad.add(step.index)
            tainted |= _worked_out(own, step.text) - known
    return tuple(sorted(bad - {index}))


def _worked_out(own: Sequence[Claim], text: str) -> set[Fraction]:
    """Return the values that the claims of a step write as results."""
    spans = [c.result_span for c in own if c.result_span is not None and c.result_style != "expression"]
    return {value for span in spans if (value := _single_value(text[slice(*span)])) is not None}


def _single_value(text: str) -> Fraction | None:
    """Return the value of a written number or fraction; None if ``text`` is more than that."""
    fractions, numbers = _fractions(text), _values(text)
    if len(fractions) == 1:
        return next(iter(fractions))
    return next(iter(numbers)) if len(numbers) == 1 and not fractions else None


def _mentioned(text: str) -> set[Fraction]:
    """Return every value written in ``text``: its numbers and its fractions."""
    return _values(text) | _fractions(text)


def _fractions(text: str) -> set[Fraction]:
    found: set[Fraction] = set()
    for pattern in (_FRACTION, _SLASHED):
        for match in pattern.finditer(text):
            if len(match.group()) <= _MAX_NUMERAL:
                above, below = (int(d) for d in (match["above"] or match["a"], match["below"] or match["b"]))
                found |= {Fraction(above, below)} if below else set()
    return found


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
        return cls(problem, near, index - first, _values(_text_before(problem, solution, index)), check)

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
        site = _site(check, checks)
        if site is None or site[0] in done:
            continue
        span, model = site
        candidates = _candidates(check, text[slice(*span)], text[slice(*model)], text)
        if candidates:
            return _Edit(check, span, candidates)
    return None


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
    old_values, new_number = _values(text[start:end]), _NUMBER.search(new)
    fresh = before is not None and len(old_values) == 1 and not old_values & (before | _values(text[:start]))
    plain = new_number is not None and len(_NUMBER.findall(new)) == 1 and not _SIGN_FIRST.match(new)
    if fresh and plain and new_number is not None:
        (value,) = old_values
        rest = _NUMBER.sub(lambda m: new_number.group() if _value(m.group()) == value else m.group(), rest)
    return text[:start] + new + rest, (start, start + len(new))


def _text_before(problem: Problem, solution: Solution, index: int) -> str:
    return "\n".join([problem.text, *(s.text for s in solution.steps[:index])])


def _value(token: str) -> Fraction:
    return Fraction(re.sub(r"[^\d.]", "", token).removesuffix("."))


def _values(text: str) -> set[Fraction]:
    """Return the values of the numbers written in ``text``; ``4,500`` is one number."""
    return {_value(m.group()) for m in _NUMBER.finditer(text) if len(m.group()) <= _MAX_NUMERAL}


def _candidates(check: Check, old: str, model: str, step_text: str) -> tuple[str, ...]:
    """Return the ways to write the computed value in the place of ``old`` as ``model`` is written, best first."""
    try:
        expr = parse(check.computed or "")
    except GrammarError:
        return ()
    value = wording.rational(expr)
    if value is None:
        return (symbolic(expr, latex="\\" in step_text),)
    if re.search(r"\d\s*[-+*/^×÷]|\\(?!d?frac|\$|%)", model):  # an expression shows no way to write a number
        model = ""
    styles = [check.claim.result_style]
    if "%" in model or check.claim.result_style == "percent":
        styles += ["percent", ""]  # whether 25% is worth 25 or 1/4 depends on what stands before it
    found = [write_like(value, model, style, step_text) for style in styles]
    return tuple(dict.fromkeys(f for f in found if f != old))[:MAX_CANDIDATES]


def write_like(value: Fraction, old: str, style: str = "", context: str = "") -> str:
    r"""Write ``value`` as ``old`` is written: same currency mark, separators, digits, fraction form, percent sign.

    Args:
        value: the value to write.
        old: the characters it replaces, such as ``$4,500.00`` or ``\frac{3}{4}``.
        style: the claim's ``result_style``; ``percent`` means that ``old`` counts hundredths.
        context: the whole step, which shows the habits of the writer where ``old`` does not.
    """
    if style == "percent":
        value *= 100
    for pattern, slashed in ((_FRACTION, False), (_SLASHED, True)):
        match = pattern.search(old)
        if match is not None:
            macro = None if slashed else match.group("macro")
            return _surround(old, match.span(), value, _fraction(abs(value), macro))
    match = _NUMBER.search(old)
    if match is None:
        return _sign(value) + _number(abs(value), "", context, money=False)
    money = style == "money" or ("$" in old[: match.start()][-2:] and not old.startswith("$$"))
    return _surround(old, match.span(), value, _number(abs(value), match.group(), context, money=money))


def _surround(old: str, span: tuple[int, int], value: Fraction, written: str) -> str:
    """Keep what stands around the old number, with the sign that the new value needs."""
    head, tail = old[: span[0]], old[span[1] :]
    sign = _SIGN.search(head)
    if sign is not None and value >= 0:
        head = head[: sign.start()] + (sign.group("mark") or "")
    if sign is None and value < 0:
        mark = re.search(r"\\?\$\s*$", head)
        at = mark.start() if mark else len(head)
        head = head[:at] + "-" + head[at:]
    return head + written + tail


def _sign(value: Fraction) -> str:
    return "-" if value < 0 else ""


def _fraction(value: Fraction, macro: str | None) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    if macro is None:
        return f"{value.numerator}/{value.denominator}"
    return f"\\{macro}{{{value.numerator}}}{{{value.denominator}}}"


def _number(value: Fraction, old: str, context: str, *, money: bool) -> str:
    """Write a value that is at least 0 as the numeral ``old`` is written."""
    separator = _separator(old) or ("" if old and len(_digits(old)) > 3 else _separator(context))
    wanted = len(old.partition(".")[2])
    exact = wording.decimal_places(value)
    if money and value.denominator != 1:
        wanted = max(wanted, 2)
    if exact is None or exact > max(wanted, 6):
        if not wanted:
            return _fraction(value, "frac" if "\\" in context else None)
        places = wanted
    else:
        places = wanted if money else max(wanted, exact)
    scaled = round(value * 10**places)
    whole, part = divmod(scaled, 10**places)
    text = f"{whole:,}".replace(",", separator) if separator else str(whole)
    return f"{text}.{part:0{places}d}" if places else text


def _digits(numeral: str) -> str:
    return re.sub(r"\D", "", numeral.partition(".")[0])


def _separator(text: str) -> str:
    """Return the thousands separator used in ``text``, or nothing."""
    match = re.search(r"(?<!\d)\d{1,3}(,|\{,\}|\\,|\\!,|,\\!)\d{3}(?!\d)", text)
    return match.group(1) if match else ""


def symbolic(expr: Expr, *, latex: bool) -> str:
    r"""Write an expression as a step would: ``2 \sqrt{3}`` in LaTeX, ``2*sqrt(3)`` in plain text."""
    if not latex:
        return show(expr)
    return _latex(expr, 0)


_LATEX_NAMES: Final = {"pi": "\\pi", "E": "e", "I": "i", "oo": "\\infty"}


def _latex(expr: Expr, level: int) -> str:
    """Write LaTeX; ``level`` 1 asks for a term inside a product, 2 for a base of a power."""
    if isinstance(expr, Num):
        value = Fraction(expr.value)
        text = show_number(expr) if expr.places is not None else _fraction(abs(value), "frac")
        return "-" + text if value < 0 and expr.places is None else text
    if isinstance(expr, Sym):
        return _LATEX_NAMES.get(expr.name, expr.name)
    return _latex_app(expr, level)


def _latex_app(expr: App, level: int) -> str:
    args = expr.args
    match expr.head:
        case "+":
            text = " + ".join(_latex(a, 0) for a in args).replace("+ -", "- ")
            return f"({text})" if level else text
        case "neg":
            text = "-" + _latex(args[0], 1)
            return f"({text})" if level else text
        case "*":
            text = " ".join(_latex(a, 1) for a in args)
            return f"({text})" if level > 1 else text
        case "/":
            return f"\\frac{{{_latex(args[0], 0)}}}{{{_latex(args[1], 0)}}}"
        case "^":
            return f"{_latex(args[0], 2)}^{{{_latex(args[1], 0)}}}"
        case "sqrt":
            return f"\\sqrt{{{_latex(args[0], 0)}}}"
        case "set":
            return "\\{" + ", ".join(_latex(a, 0) for a in args) + "\\}"
        case "tuple":
            return "(" + ", ".join(_latex(a, 0) for a in args) + ")"
        case head if head in ("sin", "cos", "tan", "ln", "exp"):
            return f"\\{head}({_latex(args[0], 0)})"
        case _:
            return show(expr)
