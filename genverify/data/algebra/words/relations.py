"""Relations between two amounts of the same thing, each worded in several ways: five more, half as many, 20% fewer."""

from dataclasses import dataclass
from fractions import Fraction

from genverify.data.algebra.story import Story
from genverify.data.algebra.terms import PLAIN, SHARE, Noun, Quantity, Term, percent
from genverify.data.algebra.words.lists import PARTS, TIMES


@dataclass(frozen=True, slots=True)
class Related:
    """A relation: how the new amount is computed, and the words for it."""

    how: Term
    more: str
    """``5 more``, ``twice as many``: stands before ``than`` or ``as`` and the other's holder."""
    joint: str
    """``than`` or ``as``."""


def related(s: Story, base: Quantity, noun: Noun, much: str = "") -> Related:
    """Draw a relation of a new amount to ``base``.

    Args:
        s: the story, which gets the numbers of the relation.
        base: the amount that the new one is compared to.
        noun: what is counted.
        much: the name of what is measured (``as much time``); empty for what is counted (``as many``, ``fewer``).
    """
    many, fewer, a_lot = (f"much {much}", "less", "more") if much else ("many", "fewer", "more")
    room = max(3, min(40, int(base.value * 2 // 3)))
    way = s.rng.choices(
        ("more", "fewer", "times", "half", "part", "percent", "times_more", "times_less"), (4, 4, 5, 2, 2, 2, 2, 2)
    )[0]
    if way in ("more", "fewer"):
        x = s.given(s.whole(2, room), f"the difference of {noun}", "", noun)
        shown = x.written if noun.before or much else x.written.removesuffix(f" {noun.many}")
        word = a_lot if way == "more" else fewer
        return Related(base + x if way == "more" else base - x, f"{shown} {word}", "than")
    if way == "times":
        k = s.whole(2, 6)
        return Related(base * k, f"{TIMES[k]} as {many}", "as")
    if way == "half":
        return Related(base / 2, f"half as {many}", "as")
    if way == "part":
        part = s.one(*list(PARTS)[1:])
        share = s.given(
            part,
            "the fraction",
            "",
            SHARE,
            shown=s.one(PARTS[part], f"{part.numerator}/{part.denominator}"),
        )
        return Related(share * base, f"{share} as {many}", "as")
    if way == "percent":
        rate = s.rate(s.whole(10, 80, 10), "the percentage", "")
        up = s.chance(0.5)
        change = percent(rate, base)
        return Related(base + change if up else base - change, f"{rate} {a_lot if up else fewer}", "than")
    x = s.given(s.whole(2, 12), f"the difference of {noun}", "", noun if noun.before else PLAIN)
    k = s.whole(2, 4)
    up = way == "times_more"
    return Related(
        base * k + x if up else base * k - x, f"{x} {a_lot if up else fewer} than {TIMES[k]} as {many}", "as"
    )


def known_by(s: Story, base: Quantity, noun: Noun) -> Related:
    """Draw a relation that says what ``base`` is by an amount not yet known: to be worked out backwards.

    The words are those of ``base``: "Ann has 5 more than Ben", where Ann's are known and Ben's are asked for.
    """
    way = s.one("more", "fewer", "times", "half")
    if way == "half":
        return Related(base * 2, "half as many", "as")
    if way == "times":
        k = s.whole(2, 6)
        return Related(base / k, f"{TIMES[k]} as many", "as")
    x = s.given(s.whole(2, max(3, min(40, int(base.value * 2 // 3)))), f"the difference of {noun}", "", noun)
    shown = x.written.removesuffix(f" {noun.many}")
    return Related(base - x, f"{shown} more", "than") if way == "more" else Related(base + x, f"{shown} fewer", "than")


def part_of(s: Story, low: int = 2) -> tuple[Quantity, str]:
    """Draw a fraction and the words for it."""
    part: Fraction = s.one(*list(PARTS)[low - 2 :])
    words = s.one(PARTS[part], f"{part.numerator}/{part.denominator}")
    share = s.given(part, "the fraction", "", SHARE, shown=words)
    return share, words
