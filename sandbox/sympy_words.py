"""Put values and refuted relations into the words of a one-line witness."""

from fractions import Fraction
from typing import Final

import enclosure as en
from arithmetic import Complex, Value
from enclosure import TooLarge, Uncertain, Undefined, Unsupported
from numeric import Evaluation
from sympy_print import short_decimal, text
from trees import Tree

_SHORT: Final = 40  # characters of a value that is given instead of its decimals
SHOWN: Final = 110
"""Most characters of an expression in a witness, which is one line."""


def shown(tree: Tree, instead: str) -> str:
    """Write ``tree`` for a witness, or ``instead`` where it cannot be written on the line."""
    try:
        found = text(tree)
    except Unsupported:
        return instead
    return found if len(found) <= SHOWN else instead


def about(value: Value) -> str:
    """Write a value with six significant digits, exactly where that is short."""
    if isinstance(value, Complex):
        return f"{about(value.re)} + {about(value.im)}*I" if value.re != 0 else f"{about(value.im)}*I"
    try:
        middle = en.middle(value)
        exact = short_decimal(abs(middle)) if isinstance(value, Fraction) else None
        if exact is not None and len(exact) < 24:
            return f"-{exact}" if middle < 0 else exact
        return f"about {float(middle):.6g}"
    except (TooLarge, OverflowError):
        return "a very large number"


def difference(tree: Tree, sides: list[Tree], computed: str | None) -> str:
    """Say what the sides of a refuted relation are."""
    values: list[str] = []
    for side in sides:
        try:
            values.append(about(Evaluation(reading="realroot").value(side)))
        except (Undefined, Unsupported, TooLarge, Uncertain):
            values.append("")
    left, right = shown(tree[1], "the left side"), shown(tree[2], "the right side")
    if tree[0] in ("=", "~"):
        return _equality_words(left, right, values, computed)
    return f"{left}{_size(left, values[0])} is not {_DENIED[tree[0]]} {right}{_size(right, values[1])}"


_DENIED: Final = {"<": "less than", "<=": "at most", ">": "greater than", ">=": "at least"}


def _size(written: str, value: str) -> str:
    """Add what ``written`` amounts to, unless it says so itself."""
    return f" ({value})" if value and value != written and not _is_plain(written) else ""


def _is_plain(written: str) -> bool:
    return written.removeprefix("-").replace(".", "", 1).isdigit()


def _equality_words(left: str, right: str, values: list[str], computed: str | None) -> str:
    if _is_plain(left):
        return f"{left} is not {right}{_size(right, values[1])}"
    if computed and len(computed) <= _SHORT and sorted(computed) != sorted(left):  # not the same in another order
        return f"{left} = {computed}{_size(computed, values[0])}, not {right}{_size(right, values[1])}"
    if values[0]:
        return f"{left} is {values[0]}, not {right}{_size(right, values[1])}"
    return f"{left} is not {right}"


def rounded(side: Tree, tolerance: Fraction) -> str | None:
    """Write the value of ``side`` with as many decimals as ``tolerance`` leaves meaningful."""
    try:
        value = en.middle(Evaluation(reading="realroot").real(side))
    except (Undefined, Unsupported, TooLarge, Uncertain):
        return None
    places = 0
    while places < 12 and Fraction(1, 10**places) > 2 * tolerance:
        places += 1
    digits = str(round(abs(value) * 10**places)).rjust(places + 1, "0")
    found = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{found}" if value < 0 else found
