"""Reasons why two sides that differ may have been meant otherwise than they were read: no claim is made then."""

import math
import re
from collections.abc import Callable
from typing import Final, TypeGuard

from genverify.claims import units
from genverify.claims.approx import approx, literals
from genverify.claims.grammar import App, Expr, Num
from genverify.claims.reading import Reading

_PERCENT_CHANGE: Final = re.compile(
    r"(?:%|percent)\s*(?:increase|decrease|discount|off|more|less|reduction|raise|growth|markup|loss|gain|tip|tax)",
    re.IGNORECASE,
)
_LABELS: Final = re.compile(r"([A-Za-z]+)[ \t]$")
_LEADS: Final = frozenset(
    "so then thus therefore hence have has get gets got that gives give is are was and means mean since because where "
    "obtain yields implies but with us also now".split()
)
"""Words after which a number opens an equation; after any other word it may belong to a name: Option 2, in 2014."""


def misread(left: Reading, right: Reading, value: float, target: float, text: str, start: int, end: int) -> bool:
    """Whether another reading of the notation explains that ``left`` is ``value`` and ``right`` is ``target``.

    Args:
        left: the side that is computed.
        right: the side given as its value.
        value: about what ``left`` comes to.
        target: about what ``right`` comes to.
        text: the step.
        start: first character of the relation, from 0.
        end: one past its last character.
    """
    if any(_holds(left, right, change) for change in (_thousands, _juxtaposed, _signed_base)):
        return True
    if _SPOKEN.search(text, start, end) and any(_holds(left, right, c) for c in (_sum_behind, _sum_before)):
        return True
    if _QUOTED.search(text, max(0, start - 1), end + 1) or _NO_NUMBERS.search(text, start, end):
        return True
    if not _NO_QUANTITY.isdisjoint((*left.units, *right.units)):
        return True
    if "√" in text[start:end] and any(_holds(left, right, c) for c in (_rooted_whole, _indexed_root)):
        return True
    if left.expr != right.expr and (_hours(left, right, value, target) or _since(left, text, start)):
        return True
    if _TOWER.search(left.text + " ; " + right.text) and _holds(left, right, _from_the_left):
        return True
    if _percent_of_the_rest(left) or _PERCENT_CHANGE.search(text, start, end):
        return True
    if left.bare and _numbered(text, start):
        return True
    return _different_things(left, right)


def running_total(left: Reading, right: Reading, value: float) -> bool:
    """Whether the right side goes on from the left one's value: 5 + 3 = 8 + 2 = 10."""
    if right.bare or not _leading(right.expr, value):
        return False
    if isinstance(left.expr, App) and len(literals(left.expr)) == 2 and _adds(left.expr) != _adds(right.expr):
        return True  # 10 - 2 = 8 / 2; in 18 - 4 = 14 + 4 the 4 was rather copied down
    return not _last_values(right.expr) & {n.value for n in literals(left.expr)}


def _holds(left: Reading, right: Reading, change: Callable[[Expr], Expr]) -> bool:
    """Whether both sides are equal once ``change`` is made to what it applies to, in one or in both."""
    sides = [(e, change(e)) for e in (left.expr, right.expr)]
    if all(old == new for old, new in sides):
        return False
    values = [{v for e in pair if (v := approx(e)) is not None} for pair in sides]
    return any(near(a, b) for a in values[0] for b in values[1])


def _thousands(expr: Expr) -> Expr:
    """Read 1.234 as 1234, as is done in much of Europe."""
    if isinstance(expr, Num):
        return Num(expr.value * 1000) if expr.places == 3 else expr
    return App(expr.head, tuple(_thousands(a) for a in expr.args)) if isinstance(expr, App) else expr


def _juxtaposed(expr: Expr) -> Expr:
    """Read the mixed number ``15 1/36`` as a product."""
    if not isinstance(expr, App):
        return expr
    if expr.head == "+" and len(expr.args) == 2 and isinstance(expr.args[0], Num) and _fraction(expr.args[1]):
        return App("*", expr.args)
    return App(expr.head, tuple(_juxtaposed(a) for a in expr.args))


def _fraction(expr: Expr) -> bool:
    return isinstance(expr, App) and expr.head == "/" and all(isinstance(a, Num) for a in expr.args)


def _signed_base(expr: Expr) -> Expr:
    """Read ``-3^2`` as the square of -3, as one does who has just put -3 in the place of x."""
    if not isinstance(expr, App):
        return expr
    inner = expr.args[0]
    if expr.head == "neg" and isinstance(inner, App) and inner.head == "^" and isinstance(inner.args[0], Num):
        return App("^", (App("neg", (inner.args[0],)), inner.args[1]))
    return App(expr.head, tuple(_signed_base(a) for a in expr.args))


_SPOKEN: Final = re.compile(r"\b(?:half|twice|double|triple|times|plus|minus|of|multiplied|divided)\b", re.IGNORECASE)
"""Operations in words, which bind as the speaker feels: half of 10 + 2 may be half of 12."""


def _sum_behind(expr: Expr) -> Expr:
    """Read ``2*3 + 4`` as ``2*(3 + 4)``."""
    if isinstance(expr, App) and expr.head == "+" and _is_product(expr.args[0]):
        *factors, last = expr.args[0].args
        return App("*", (*factors, App("+", (last, *expr.args[1:]))))
    return expr


def _sum_before(expr: Expr) -> Expr:
    """Read ``3 + 4*2`` as ``(3 + 4)*2``."""
    if isinstance(expr, App) and expr.head == "+" and _is_product(expr.args[-1]):
        first, *factors = expr.args[-1].args
        return App("*", (App("+", (*expr.args[:-1], first)), *factors))
    return expr


def _is_product(expr: Expr) -> TypeGuard[App]:
    return isinstance(expr, App) and expr.head == "*"


_DATE: Final = re.compile(r"(?<![\d/.])(?:\d{1,2}/\d{1,2}/[12]\d{3}|[12]\d{3}/\d{1,2}/\d{1,2})(?![\d/])")
"""A day of a year, 03/02/1966, whose arithmetic is the calendar's."""
_NO_NUMBERS: Final = re.compile(
    r"""\[\d{1,2}\]\s*[-+]\s*\[\d{1,2}\]  # [1] + [2] adds equations
    |(?<![\d/.])(?:\d{1,2}/\d{1,2}/[12]\d{3}|[12]\d{3}/\d{1,2}/\d{1,2})(?![\d/])  # 03/02/1966 is a day""",
    re.VERBOSE,
)
_NO_QUANTITY: Final = frozenset("am pm o'clock o’clock st nd rd th".split())
"""What makes a number a time of day or a rank, which do not add as quantities: 23 + 4 = 3 am."""
_QUOTED: Final = re.compile(r"""(["'])\d+\1""")  # "2" + "3" = "23" joins texts


def _rooted_whole(expr: Expr) -> Expr:
    """Read ``√16 + 9`` as the root of 25: a plain text cannot draw the line over what stands under a root."""
    if isinstance(expr, App) and expr.head in ("+", "*", "/"):
        first, *rest = expr.args
        if isinstance(first, App) and first.head == "sqrt":
            return App("sqrt", (App(expr.head, (first.args[0], *rest)),))
    return expr


def _indexed_root(expr: Expr) -> Expr:
    """Read ``3√8`` as the cube root of 8."""
    if isinstance(expr, App) and expr.head == "*" and len(expr.args) == 2 and isinstance(expr.args[0], Num):
        index, root = expr.args
        if isinstance(root, App) and root.head == "sqrt":
            return App("root", (root.args[0], index))
    return expr


def _hours(left: Reading, right: Reading, value: float, target: float) -> bool:
    """Whether a span of hours, from 9 to 5, is written as a difference: 9 - 5 = 8 hours."""
    return (
        "hour" in {units.stem(u) for u in (*left.units, *right.units)}
        and len(literals(left.expr)) == 2
        and re.fullmatch(r"\d+ - \d+", left.text) is not None
        and near((-value - target) % 12, 0)
    )


def _since(left: Reading, text: str, start: int) -> bool:
    """Whether a span is written as a difference: "from 1990 - 2000"."""
    return re.fullmatch(r"\d+ - \d+", left.text) is not None and text[:start].lower().endswith("from ")


_TOWER: Final = re.compile(r"\^ -?\d+ \^")  # without braces or parentheses


def _from_the_left(expr: Expr) -> Expr:
    """Read ``2^3^2`` as ``(2^3)^2``, as many calculators do."""
    if not isinstance(expr, App):
        return expr
    if expr.head == "^" and isinstance(upper := expr.args[1], App) and upper.head == "^":
        return _from_the_left(App("^", (App("^", (expr.args[0], upper.args[0])), upper.args[1])))
    return App(expr.head, tuple(_from_the_left(a) for a in expr.args))


def ordered_otherwise(left: Expr, right: Expr) -> bool:
    """Whether two different tuples of whole numbers may be equal after all.

    (12, 18) may be a greatest common divisor, as in (48, 18) = (12, 18), and (1, 2, 3) = (2, 3, 1) is true of cycles.
    """
    divisors = [_common_divisor(e) for e in (left, right)]
    return left != right and divisors[0] is not None and divisors[0] == divisors[1]


def _common_divisor(expr: Expr) -> int | None:
    if not isinstance(expr, App) or expr.head != "tuple":
        return None
    values = [a.value for a in expr.args if isinstance(a, Num) and isinstance(a.value, int)]
    return math.gcd(*values) if len(values) == len(expr.args) else None


def _percent_of_the_rest(left: Reading) -> bool:
    """Whether a percentage is added to or taken from something else: 100 - 20% = 80 means 20 % of the 100."""
    expr = left.expr
    if isinstance(expr, App) and expr.head == "+" and all(_is_percentage(a) for a in expr.args):
        return False
    return re.search(r"[-+] \(+\d+(?:\.\d+)?\)?/100\)", left.text) is not None and not left.percent


def _is_percentage(expr: Expr) -> bool:
    if isinstance(expr, App) and expr.head == "neg":
        return _is_percentage(expr.args[0])
    return _fraction(expr) and isinstance(expr, App) and expr.args[1] == Num(100)


def _numbered(text: str, start: int) -> bool:
    """Whether the number at ``start`` may belong to the word before it."""
    word = _LABELS.search(text, max(0, start - 30), start)
    return word is not None and word.group(1).lower() not in _LEADS


def _different_things(left: Reading, right: Reading) -> bool:
    """Whether things of several kinds make a number of another kind: 3 pencils + 1 eraser = 124 cents."""
    ours, theirs = ({units.stem(u) for u in side.units} for side in (left, right))
    measured = any(units.measures(u) for u in right.units) and not any(units.measures(u) for u in left.units)
    return "+" in left.text and len(ours) > 1 and measured and not ours & theirs and right.bare


def _leading(expr: Expr, value: float) -> bool:
    """Whether the first operand of ``expr`` is ``value``."""
    while isinstance(expr, App) and expr.head in ("+", "*", "/", "neg"):
        if expr.head != "neg" and (first := approx(expr.args[0])) is not None and near(first, value):
            return True
        expr = expr.args[0]
    return False


def _adds(expr: Expr) -> bool:
    return isinstance(expr, App) and expr.head in ("+", "-", "neg")


def _last_values(expr: Expr) -> set[object]:
    """Return the written numbers of the last operand of ``expr``."""
    return {n.value for n in literals(expr.args[-1])} if isinstance(expr, App) else set()


def near(a: float, b: float) -> bool:
    """Whether two floats are equal but for the noise of computing them."""
    return abs(a - b) <= 1e-9 * abs(b)
