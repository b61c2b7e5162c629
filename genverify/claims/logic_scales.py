"""Words that order things (left of, older than, finished second, the third-most expensive) to places along a scale.

A place is counted from 1 at the scale's first end: the left, the oldest, the most expensive, the first at the finish.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
NUMBERS: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
ORDINAL: Final = f"(?:{'|'.join(ORDINALS)})"


@dataclass(frozen=True)
class Scale:
    """The words of one way to order things, as patterns; ``low`` is the end where places are counted from."""

    low_than: str
    high_than: str
    lowest: str
    highest: str
    low_end: str
    """How "from ... to ..." calls the first end."""
    high_end: str
    from_ends: bool = False
    """Whether a place is told from an end ("second from the left") rather than by a superlative ("second-oldest")."""
    bare: bool = False
    """Whether a place may be told by the ordinal alone ("finished second")."""

    @cached_property
    def place(self) -> "re.Pattern[str]":
        """The pattern of a place: the groups say which end it counts from and how far it is."""
        options = [rf"(?P<lowest>{self.lowest})", rf"(?P<highest>{self.highest})"]
        if self.from_ends:
            options += [rf"(?P<low>{ORDINAL}) {self.low_end}", rf"(?P<high>{ORDINAL}) {self.high_end}"]
        elif self.bare:
            options = [
                rf"(?P<high>{ORDINAL})[- ]to[- ]last(?: place)?",
                rf"(?P<low>{ORDINAL})(?: place)?",
                r"(?P<highest>last)(?: place)?",
            ]
        else:
            options += [
                rf"(?P<low>{ORDINAL})[- ](?:{self.lowest})",
                rf"(?P<high>{ORDINAL})[- ](?:{self.highest})",
            ]
        return re.compile("|".join(options), re.IGNORECASE)

    def position(self, match: "re.Match[str]", size: int) -> int | None:
        """Return the place, from 1, among ``size`` things; None if there is no such place."""
        found = {key: value for key, value in match.groupdict().items() if value is not None}
        if "lowest" in found:
            return 1
        if "highest" in found:
            return size
        place = ORDINALS.index((found.get("low") or found["high"]).lower()) + 1
        if place > size:
            return None
        return place if "low" in found else size + 1 - place

    @cached_property
    def comparison(self) -> "re.Pattern[str]":
        """The pattern of what stands between two things that are compared."""
        return re.compile(rf"(?:(?P<low>{self.low_than})|(?P<high>{self.high_than}))", re.IGNORECASE)

    @cached_property
    def direction(self) -> "re.Pattern[str]":
        """The pattern of "from the one end to the other"."""
        low = rf"(?:the )?(?:{self.low_end.removeprefix('from the ')}|{self.lowest})"
        high = rf"(?:the )?(?:{self.high_end.removeprefix('from the ')}|{self.highest})"
        return re.compile(rf"from (?:(?P<up>{low} to {high})|(?P<down>{high} to {low}))", re.IGNORECASE)


SCALES: Final = (
    Scale("(?:somewhere )?(?:to the )?left of", "(?:somewhere )?(?:to the )?right of", "leftmost", "rightmost",
          "from the left", "from the right", from_ends=True),
    Scale("older than", "(?:newer|younger) than", "oldest", "newest|youngest", "oldest", "newest|youngest"),
    Scale("(?:more expensive|costlier|pricier) than", "(?:less expensive|cheaper) than",
          "most expensive|costliest|priciest", "cheapest|least expensive", "most", "least"),
    Scale("(?:above|ahead of|before)", "(?:below|behind|after)", "first", "last", "first", "last", bare=True),
    Scale("taller than", "shorter than", "tallest", "shortest", "tallest", "shortest"),
    Scale("heavier than", "lighter than", "heaviest", "lightest", "heaviest", "lightest"),
    Scale("(?:larger|bigger) than", "smaller than", "largest|biggest", "smallest", "largest|biggest", "smallest"),
    Scale("faster than", "slower than", "fastest", "slowest", "fastest", "slowest"),
)  # fmt: skip
