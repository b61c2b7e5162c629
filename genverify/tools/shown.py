"""Write exact values and the one-line witnesses of refuted relations, as a person would write them."""

from fractions import Fraction
from typing import Final, cast

from genverify.claims.grammar import App, Expr
from genverify.claims.writing import show
from genverify.tools.rational import Number, Value

_PLACES: Final = 6  # longer decimals read worse than the fraction they stand for
_SCALE: Final = 10**_PLACES
_SHOWN_CHARS: Final = 110  # an expression longer than this is called "the left side": a witness is one line
_SHOWN_DIGITS: Final = 24  # beyond these a person compares sizes, not digits
_FLOAT_RANGE: Final = 250  # decimal digits; a float ends at 308
_DENIED: Final = {"<": "less than", "<=": "at most", ">": "greater than", ">=": "at least"}
_PROPERTY: Final = {
    "prime": "{0} is not prime",
    "even": "{0} is not even",
    "odd": "{0} is not odd",
    "integer": "{0} is not an integer",
    "divides": "{0} does not divide {1}",
    "cong": "{0} and {1} leave different remainders modulo {2}",
    "in": "{0} is not in {1}",
    "subset": "{0} is not a subset of {1}",
}


def value_text(value: Value) -> str:
    """Write ``value`` in the formal language: a short terminating decimal as a decimal, else as ``p/q``."""
    if type(value) is int:
        return str(value)
    if isinstance(value, tuple):
        return "(" + ", ".join(map(value_text, value)) + ")"
    if isinstance(value, frozenset):
        return "{" + ", ".join(map(value_text, sorted(value, key=_order))) + "}"
    value = cast(Fraction, value)
    return _decimal(value) or f"{value.numerator}/{value.denominator}"


def short(expr: Expr, instead: str) -> str:
    """Write ``expr``, or ``instead`` where that would not fit on the line."""
    text = show(expr)
    return text if len(text) <= _SHOWN_CHARS else instead


def equality_witness(expr: App, left: Value, right: Value) -> str:
    """Say what the left side of a refuted ``=``, ``~`` or ``!=`` is, and what it is not."""
    value, wrong = value_text(left), value_text(right)
    said = _spoken(left, value)
    if expr.head == "!=":
        return f"both sides are {said}"
    written, other = short(expr.args[0], "the left side"), short(expr.args[1], "the right side")
    plain = _plain(other, wrong)
    if value == written:
        if "/" in value and plain:
            return f"{written} is about {_about(left)}, not {other}"
        return f"{written} is not {other}" + ("" if plain else f" = {_spoken(right, wrong)}")
    if plain:
        return f"{written} {_equals(said)} {said}, not {other}"
    meant = _spoken(right, wrong)
    return f"{written} {_equals(said)} {said}, but {other} {_equals(meant)} {meant}"


def order_witness(expr: App, left: Number, right: Number) -> str:
    """Say why a refuted ``<``, ``<=``, ``>`` or ``>=`` fails."""
    written, other = short(expr.args[0], "the left side"), short(expr.args[1], "the right side")
    value, limit = value_text(left), value_text(right)
    subject = written if written == value else f"{written} = {_spoken(left, value)}"
    shown = other if _plain(other, limit) else f"{other} = {_spoken(right, limit)}"
    return f"{subject} is not {_DENIED[expr.head]} {shown}"


def predicate_witness(expr: App, values: list[Value]) -> str:
    """Say why a refuted predicate (``prime``, ``divides``, ``in`` ...) fails."""
    said = []
    for arg, value in zip(expr.args, values, strict=True):
        written, text = short(arg, "it"), value_text(value)
        said.append(written if _plain(written, text) else f"{written} = {_spoken(value, text)}")
    return _PROPERTY[expr.head].format(*said)


def _plain(written: str, text: str) -> bool:
    """Say whether ``written`` already is the value ``text``, so that repeating it would say nothing."""
    return written == text or written.replace(".", "", 1).isdigit()


def _equals(said: str) -> str:
    return "is" if said.endswith(")") or said.startswith("about") else "="


def _spoken(value: Value, text: str) -> str:
    """Write ``value``, whose formal text is ``text``, for a person: with about how much where it is a fraction."""
    if isinstance(value, tuple | frozenset):
        return text if len(text) <= _SHOWN_CHARS else "a longer list"
    if len(text) > _SHOWN_DIGITS:
        return f"about {_about(value)}"
    return f"{text} (about {_about(value)})" if "/" in text else text


def _about(value: Value) -> str:
    """Write six significant digits of a number; sizes beyond a float's range are scaled as whole numbers first."""
    if isinstance(value, tuple | frozenset):
        return value_text(value)
    top, bottom = abs(value.numerator), value.denominator
    sign = "-" if value < 0 else ""
    shift = len(str(top)) - len(str(bottom))
    if abs(shift) < _FLOAT_RANGE:
        return f"{sign}{float(Fraction(top, bottom)):.6g}"
    scaled = Fraction(top, 10**shift * bottom) if shift > 0 else Fraction(top * 10**-shift, bottom)
    digits, exponent = f"{float(scaled):.5e}".split("e")
    return f"{sign}{digits}e{int(exponent) + shift:+d}"


def _decimal(value: Fraction) -> str | None:
    """Write ``value`` as a decimal of at most ``_PLACES`` places, or None if it has more or never ends."""
    if _SCALE % value.denominator:
        return None
    digits = str(abs(value.numerator) * (_SCALE // value.denominator)).rjust(_PLACES + 1, "0")
    text = f"{digits[:-_PLACES]}.{digits[-_PLACES:]}".rstrip("0").rstrip(".")
    return f"-{text}" if value.numerator < 0 else text


def _order(value: Value) -> tuple[int, Number, str]:
    """Sort numbers by size and before tuples and sets."""
    if isinstance(value, int | Fraction):
        return (0, value, "")
    return (1, 0, value_text(value))
