"""Statements with free names to claims: expressions rewritten into one another, equations turned into the next.

Most of this module is about what is *not* claimed. An equation to solve, a definition, a condition, one of several
cases all look like an identity; only what stands in the place of a rewriting is held to be one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from genverify.claims.approx import approx, literals, rounding_unit
from genverify.claims.grammar import App, Expr, Sym, names, show
from genverify.claims.polynomial import NotRational, ratio, roots
from genverify.claims.reading import Reading
from genverify.claims.relations import Setting, rejected
from genverify.claims.statements import Statement
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
    r"\b(?:equat\w*|set\w* equal|equal to each other|intersect\w*|solve|solving)\b", re.IGNORECASE
)
_MAX_GIVENS: Final = 8  # more conditions on one name than this are several uses of the name
_UNSURE_NAMES: Final = frozenset({"e", "i", "d", "C", "oo", "j"})
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
        or ours & _UNSURE_NAMES
        or "@" in left.text + right.text
        or _has_call(left)
        or _has_call(right)
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
    unsure = free & _UNSURE_NAMES - ({"C"} if "int(" in left.text else set())
    if (
        unsure
        or not names(right.expr) <= names(left.expr) | {"C"}
        or ("diff(" in left.text and approx(right.expr) == 0 and names(left.expr))  # an equation to be solved
        or _has_call(left)
        or _has_call(right)
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


def _has_call(reading: Reading) -> bool:
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
    if statement.rels != ("=",):
        return None
    left, right = statement.members[0].reading, statement.members[1].reading
    if left is None or right is None:
        return None
    found = names(left.expr) | names(right.expr)
    if len(found) != 1 or found & _UNSURE_NAMES:
        return None
    name = next(iter(found))
    try:
        solutions = roots(left.expr, right.expr, name)
    except (NotRational, ArithmeticError):
        return None
    if solutions is None:
        return None
    return Equation(left.expr, right.expr, name, step, statement, solutions, place)


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
        if after.step < 0 or before.step != after.step or before.name != after.name or before.assigns:
            continue
        if after.place - before.place != 1 or not _follows(before, after, texts[after.step]):
            continue
        known = [e for e in equations[:at] if e.name == after.name]
        if not _explained(before, after) and any(_explained(e, after) for e in known):
            continue  # it follows from something said earlier
        start, end = after.statement.start, after.statement.end
        text = texts[after.step]
        if rejected(Setting(text, start, end, 0)):
            continue
        right = after.statement.members[1].reading
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


def _follows(before: Equation, after: Equation, text: str) -> bool:
    """Whether the words say that ``after`` was derived from ``before``."""
    if "or" in after.statement.words_before or before.statement.before == "or":
        return False
    between = text[before.statement.end : after.statement.start]
    if len(between) > 200 or _listed(after.statement, between):
        return False
    if after.assigns and approx(before.right) == 0 == approx(after.right) and not re.search("[a-z]{2}", between):
        return False  # x - 9 = 0, x = 0: two factors
    words = set(re.findall(r"[a-z]+", between.lower().replace("both sides", "")))
    lead = text[max(0, before.statement.start - 120) : before.statement.start]
    if _LISTS.search(lead) is not None or _NEXT_CASE.search(between) is not None:
        return False
    return not words & (_NOT_DERIVED | _PLURAL)


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
    if left is None or right is None or _has_call(left) or _has_call(right):
        return None
    free = names(left.expr) | names(right.expr)
    if len(free) < 2 or free & _UNSURE_NAMES or any(len(n) > 1 and n.isupper() for n in free):
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
