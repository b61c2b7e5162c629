"""One pair of neighbouring members to a claim: how exactly it was meant, and whether it was meant at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from genverify.claims import doubts, units
from genverify.claims.approx import approx, literals, rounding_unit, spread
from genverify.claims.grammar import App, Expr, Num
from genverify.claims.reading import Reading
from genverify.claims.writing import show
from genverify.types import Claim, ClaimKind


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a relation stands in its step."""

    text: str
    """The step's text."""
    start: int
    end: int
    chain: int
    """Place of the pair in its chain, from 0."""
    cut: bool = False
    """Whether words were cut off at this pair's outer end."""
    linked: bool = False
    """Whether names were replaced by values stated elsewhere."""


def relation(left: Reading, rel: str, right: Reading, setting: Setting) -> Claim | None:
    """Return the claim ``left rel right`` between closed expressions; None when it is no claim to be held to."""
    if left.bare and right.bare and setting.chain == 0 and not setting.linked and rel in ("=", "~"):
        return None  # "day 1 = 5", "apples = 5": a label and its value, not arithmetic
    if re.search(r"\b(?:asin|acos|atan|arg)\(", left.text + right.text):
        return None  # radians or degrees, principal value or another branch: the text does not say
    if doubts.ordered_otherwise(left.expr, right.expr):
        return None
    right_expr = _meant(left, right)
    value, target = approx(left.expr), approx(right_expr)
    tolerance, slack = _precision(left, rel, right, right_expr, value)
    sign = "~" if rel == "~" and tolerance is not None else ("=" if rel == "~" else rel)
    if rel in ("=", "~") and value is not None and target is not None:
        differs = _differs(value, target, tolerance, slack)
        if differs and _doubtful(left, right, value, target, setting):
            return None
    if rel not in ("=", "~") and rejected(_without_sign(setting)):
        return None
    statement = f"{_side(left.expr)} {sign} {_side(right_expr)}"
    number = right.number
    return Claim(
        kind=ClaimKind.RELATION,
        statement=statement,
        span=(setting.start, setting.end),
        text=setting.text[setting.start : setting.end],
        tolerance=None if tolerance is None else str(tolerance),
        slack=None if slack is None else str(slack),
        result_span=(right.first, right.last) if rel in ("=", "~") and right.last > right.first else None,
        result_style=_style(right, number is not None),
    )


def _without_sign(setting: Setting) -> Setting:
    """Blank out the relation's own "not equal", which is no doubt about it."""
    text, start, end = setting.text, setting.start, setting.end
    own = re.sub(r"≠|\\neq?(?![A-Za-z])", lambda m: " " * len(m.group()), text[start:end])
    return replace(setting, text=text[:start] + own + text[end:])


def _side(expr: Expr) -> str:
    """Write one side of a relation, with parentheses if it is itself a relation."""
    text = show(expr)
    return f"({text})" if isinstance(expr, App) and expr.head in _LOOSE else text


_LOOSE: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "~", "and", "or", "not", "->", "<->"})


def _style(right: Reading, single: bool) -> str:
    if right.percent:
        return "percent"
    if "$" in right.units:
        return "money"
    return "" if single else "fraction" if re.fullmatch(r"\(*-?\d+\)*\s*/\s*\(*\d+\)*", right.text) else "expression"


_KEEPS_UNIT: Final = 1e-9
_FLOAT_DIGITS: Final = 15  # a number with more digits than that was printed by a program, whose last ones are noise


def _meant(left: Reading, right: Reading) -> Expr:
    """Return what the right side means: "= 25%" is 25/100 after a ratio and 25 after "x 100", cents may be dollars."""
    expr = right.expr
    value, target = approx(left.expr), approx(expr)
    if value is None or target is None:
        return expr
    if right.percent and not left.percent and abs(value - 100 * target) < abs(value - target):
        return parsed_number(right, expr)
    if (
        "cent" in {units.stem(u) for u in right.units}
        and "$" in left.units
        and abs(value - target / 100) < abs(value - target)
    ):
        return App("/", (expr, Num(100)))
    return expr


def parsed_number(right: Reading, expr: Expr) -> Expr:
    """Return the numeral of a percentage as it is written, without its division by 100."""
    negative = isinstance(expr, App) and expr.head == "neg"
    inner = expr.args[0] if isinstance(expr, App) and negative else expr
    if isinstance(inner, App) and inner.head == "/":
        return App("neg", (inner.args[0],)) if negative else inner.args[0]
    return expr


def _precision(
    left: Reading, rel: str, right: Reading, right_expr: Expr, value: float | None
) -> tuple[Fraction | None, Fraction | None]:
    """Return the accepted and the undecided difference, both exact; None means that only equality is accepted."""
    if rel not in ("=", "~"):
        return None, None
    unit = _last_place(right, right_expr) or _last_place(left, left.expr)
    room = (spread(left.expr, value) if value is not None else 0.0) + _other_spread(right, right_expr)
    if rel == "=" and _plain_sum(left, right):
        room = 0.0
    tolerance = unit / 2 if unit is not None else None
    slack = (
        (tolerance or Fraction(0)) + Fraction(room).limit_denominator(10**9) if room and room != float("inf") else None
    )
    if unit is not None and value is not None and not room and rel == "=" and _on_grid(value, unit):
        return None, None  # $4.20 + $9.45 is a whole number of cents: nothing was rounded
    if unit is not None:
        slack = max(slack or Fraction(0), unit)
    if right.number is not None and len(right.number.text) > _FLOAT_DIGITS:
        slack = max(slack or Fraction(0), Fraction(10, 10**_FLOAT_DIGITS) * (1 + abs(int(value or 0))))
    if rel == "~":
        return _vague(right, tolerance, slack, value)
    rounded = left.bare and _last_place(right, right_expr) is None  # 33.33 = 33: nothing else can be meant
    if (unit is None or rounded) and right.bare and (rounded or _may_be_whole(left)):
        slack = max(slack or Fraction(0), Fraction(999, 1000))
    return tolerance, slack


def _plain_sum(left: Reading, right: Reading) -> bool:
    """Whether decimals are only added and the result shows as many places: then the digits shown are what is added."""
    if re.search(r"[*/^a-z]", left.text) is not None or right.number is None:
        return False
    places = len(right.number.text.partition(".")[2])
    return all((n.places or 0) <= places for n in literals(left.expr))


def _on_grid(value: float, unit: Fraction) -> bool:
    """Whether ``value`` needs no more decimals than ``unit`` has, so that writing it rounds nothing."""
    steps = value / float(unit)
    return abs(steps) < 1e12 and abs(steps - round(steps)) < 1e-6


def _other_spread(right: Reading, expr: Expr) -> float:
    if right.bare:
        return 0.0
    value = approx(expr)
    return spread(expr, value) if value is not None else 0.0


def _last_place(reading: Reading, expr: Expr) -> Fraction | None:
    """Return one unit of the last decimal place written, for a bare decimal; None for anything else."""
    if not reading.bare:
        return None
    scale = Fraction(1)
    while isinstance(expr, App):
        if expr.head == "/":
            scale = Fraction(1, 100)
        expr = expr.args[0]
    if not isinstance(expr, Num) or (expr.places is None and not reading.percent):
        return None
    return Fraction(1, 10 ** (expr.places or 0)) * scale


def _vague(
    right: Reading, tolerance: Fraction | None, slack: Fraction | None, value: float | None
) -> tuple[Fraction, Fraction]:
    """Return the bounds of "about": half a unit of the digits shown is right, a twentieth of the value is open."""
    if tolerance is None:
        digits = right.number.text if right.number is not None else "1"
        zeros = len(digits) - len(digits.rstrip("0")) if "." not in digits else 0
        tolerance = Fraction(10 ** min(zeros, 30), 2)
    share = Fraction(1, 20) if "." not in (right.number.text if right.number else "") else Fraction(1, 100)
    open_to = max(4 * tolerance, slack or Fraction(0), Fraction(abs(value or 0.0)).limit_denominator(10**6) * share)
    return tolerance, open_to


def _may_be_whole(left: Reading) -> bool:
    """Whether a whole result may be a rounded one: something was divided, or decimals or percentages came in."""
    inexact = "/" in left.text or "pi" in left.text or ("." in left.text and "*" in left.text)
    inexact = inexact or any(rounding_unit(n) > 0 for n in literals(left.expr))
    return inexact and re.search(r"limit|sum|prod|int", left.text) is None


def _differs(value: float, target: float, tolerance: Fraction | None, slack: Fraction | None) -> bool:
    allowed = float(max(tolerance or 0, slack or 0))
    return abs(value - target) > allowed + _KEEPS_UNIT * max(1.0, abs(value), abs(target))


def _doubtful(left: Reading, right: Reading, value: float, target: float, setting: Setting) -> bool:
    """Whether a difference between the sides is better explained by our reading than by an error."""
    if rejected(setting) or units.may_convert(left.units, right.units):
        return True
    if "pi" in right.text and not {"degree", "°"}.isdisjoint(map(units.stem, left.units)):
        return True  # 60 degrees = pi/3
    if doubts.misread(left, right, value, target, setting.text, setting.start, setting.end):
        return True
    if left.percent and right.bare and not right.percent:
        return True  # 20% = 50 students
    if _share(left) and value < 1 and (target >= 1 or right.units) and setting.chain == 0:
        return True  # 3/4 = 6 apples names a share of something
    if (
        left.bare
        and setting.chain == 0
        and (left.units or left.number is None or right.percent or "/100" in right.text)
    ):
        return True  # one dose = 14 + 42 mL, 48 = 100% + 20%: what stands at the left is a name
    if doubts.running_total(left, right, value):
        return True
    ratio = value / target if target else 0.0
    written = bool(left.units) or _quotient(left.expr)  # 364/4 = 273 yards stands for three quarters
    if set(left.units) != set(right.units) and _named_scale(ratio, written=written):
        return True
    return "%" in setting.text[setting.start : setting.end] and (doubts.near(ratio, 100) or doubts.near(ratio, 0.01))


def _quotient(expr: Expr) -> bool:
    return isinstance(expr, App) and expr.head == "/"


_FACTORS: Final = frozenset(
    {12, 60, 100, 1000, 24, 7, 365, 366, 52, 3600, 16, 36, 3, 30, 1440, 10, 20, 4, 2, 8, 5280, 2000, 1760}
)
_SMALL: Final = frozenset({2, 3, 4, 8, 10, 20})


def _named_scale(ratio: float, *, written: bool) -> bool:
    """Whether ``ratio`` is a conversion factor of common units (or its inverse).

    Args:
        ratio: of the two sides.
        written: whether the left side names its units; if not, a factor such as 2 is more likely an error.
    """
    factors = _FACTORS if written else _FACTORS - _SMALL
    return any(doubts.near(ratio, f) or doubts.near(ratio * f, 1) for f in factors)


def _share(left: Reading) -> bool:
    expr = left.expr
    return isinstance(expr, App) and expr.head == "/" and all(isinstance(a, Num) for a in expr.args) and not left.units


_REJECTS: Final = re.compile(
    r"\b(?:not|isnt|\w*n['’]t|cannot|never|false|impossible|contradict\w*|incorrect\w*|wrong\w*|"
    r"mistake\w*|invalid|absurd|unless|whether|"
    r"doesn['’]t|fails?|failed|no solutions?|nonsens\w*|instead of|rather than|should (?:be|have)|error|"
    r"says?|said|claims?|claimed|"
    r"thought|thinks?|guess\w*|suppose|supposing|assum\w*|would|pretend|imagine|hypothe\w*|extraneous|"
    r"according to (?!the\b)|writes|wrote|answered|might|otherwise|\w+['’]s (?:answer|claim|result)|"
    r"clock|modular|boolean|bitwise|xor|tropical|GF|Z_\d+|"
    r"in binary|in base|base[- ](?:\d+|two|three|eight|ten)|octal|hexadecimal|reject\w*|discard\w*|hold true|"
    r"satisf\w*|check|verify|test|try|trying|tries|attempt\w*)\b|\?|≠|\\neq?\b|✗|❌",
    re.IGNORECASE,
)
_CONTRADICTS: Final = re.compile(
    r"\b(?:contradict\w*|impossible|absurd|not possible|no (?:real |integer |such )?solutions?|(?:is|"
    r"are) (?:false|not true|not valid)|"
    r"invalid|incorrect|(?:cannot|can['’]t) (?:be|happen|hold|occur)|reject(?:ed)?|discard(?:ed)?|wait|oops|"
    r"(?:that|this)(?:['’]s| is) (?:wrong|a mistake)|"
    r"(?:is not|isn['’]t) (?:true|correct|possible|valid|an? integer))\b",
    re.IGNORECASE,
)
"""What a following sentence says of a relation it takes back."""
_TRIES: Final = re.compile(
    r"\b(?:try|trying|suppose|assume|guess|let['’]s (?:select|choose|consider|pick|say|take))\b", re.IGNORECASE
)
_SENTENCE_END: Final = re.compile(r"[.?!](?=\s|$)|\n|\\\\|\\\]|\$\$")


_OWN_WORDS: Final = 200  # characters before a relation that may still speak of it


def rejected(setting: Setting) -> bool:
    """Whether the words around speak of something not held true: negation, doubt, reported speech, a question."""
    text = setting.text
    begin = 0
    for match in _SENTENCE_END.finditer(text, max(0, setting.start - _OWN_WORDS), setting.start):
        begin = match.end()
    if _TRIES.search(text, max(0, setting.start - 160), setting.start):
        return True
    sentence = _SENTENCE_END.search(text, setting.end)
    near = text[setting.end : min(sentence.end() if sentence else len(text), setting.end + 160)]
    own = text[max(begin, setting.start - _OWN_WORDS) : setting.end] + near
    return _REJECTS.search(own) is not None or _CONTRADICTS.search(text, setting.end, setting.end + 160) is not None


def congruence(left: Reading, right: Reading, modulus: Reading, setting: Setting) -> Claim | None:
    """Return the claim that two closed expressions leave the same remainder."""
    if rejected(setting):
        return None
    return Claim(
        kind=ClaimKind.RELATION,
        statement=f"cong({left.text}, {right.text}, {modulus.text})",
        span=(setting.start, setting.end),
        text=setting.text[setting.start : setting.end],
        result_span=(right.first, right.last) if right.bare else None,
    )


def plain(readings: Sequence[Reading | None]) -> bool:
    """Whether every member was read and is closed."""
    return all(r is not None and r.closed for r in readings)
