"""Unit words: which ones measure the same thing, so that 24 inches = 2 feet is left alone."""

from collections.abc import Sequence
from typing import Final

_FAMILIES: Final = (
    "second sec s minute min hour hr h day week month year yr decade century fortnight",
    "inch in foot ft feet yard yd mile mi mm cm m km millimeter centimeter meter kilometer metre kilometre "
    "centimetre millimetre",
    "cent dollar $ usd penny pennie nickel dime quarter pound £ euro € pence buck",
    "gram g kilogram kg mg milligram ounce oz pound lb ton tonne",
    "ml l liter litre milliliter cup pint quart gallon ounce oz tablespoon teaspoon tbsp tsp",
    "degree ° radian rad celsius fahrenheit",
    "dozen pair unit piece set pack gross score each",
    "percent %",
)
_ATTACHED: Final = frozenset(
    "st nd rd th ths k am pm mph kph kmh hrs mins secs yrs wks lbs gal gals pts qts cc mb gb kb tb kw kwh w v hz px "
    "cal cals kcal sq ea pcs bn mil d c f kj j n pct x".split()
)
"""What people write right behind a number besides units of measurement: ordinals, times of day, other units."""
_FAMILY: Final = {
    word: frozenset(n for n, words in enumerate(_FAMILIES) if word in words.split())
    for f in _FAMILIES
    for word in f.split()
}
"""The families of each unit word; a pound is money or weight, an ounce weight or volume."""


def may_attach(letters: str) -> bool:
    """Whether ``letters`` right behind a number are a unit (5kg, 2nd); in 3Fawn or 2xy they are a factor."""
    return letters.lower() in _ATTACHED or stem(letters.lower()) in _FAMILY


def stem(word: str) -> str:
    """Return ``word`` without its slash and plural ending."""
    word = word.lstrip("/").strip("'’")
    if word == "inches":
        return "inch"
    if word in ("centuries", "pennies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def measures(word: str) -> bool:
    """Whether ``word`` is a unit of measurement."""
    return stem(word) in _FAMILY


_BASES: Final = frozenset("hz j pa v w a n l g m s mol b byte ev wh cal bar ohm f t watt joule newton volt".split())


def _prefixed(one: str, other: str) -> bool:
    """Whether two units differ by a prefix, as GHz and MHz do."""
    if one == other:
        return False
    return any(one.endswith(b) and other.endswith(b) and len(one + other) - 2 * len(b) <= 2 for b in _BASES)


def may_convert(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether a conversion of units may stand between the two sides.

    That is so when one side mixes units that measure the same thing (4 pounds + 8 ounces) without writing out their
    rate, or when both name units of measurement and some unit of the right side is not among those of the left.
    """
    ours = {stem(w) for w in left} & _FAMILY.keys()
    theirs = {stem(w) for w in right} & _FAMILY.keys()
    explicit = any(w.startswith("/") for w in left)  # 7 days/week: the conversion itself is written out
    mixed = any(a != b and _FAMILY[a] & _FAMILY[b] for a in ours for b in ours)
    if mixed and not explicit and ours != theirs:
        return True
    stems = sorted({stem(w) for w in (*left, *right)})
    if any(_prefixed(a, b) for n, a in enumerate(stems) for b in stems[n + 1 :]):
        return True
    return bool(ours and theirs) and not theirs <= ours
