"""A table to a question about it and the moves that answer it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeVar

from genverify.data.tables.moves import Keep, Look, Move, Scene, Take, Test, Top, Turn, Units
from genverify.data.tables.reasoning import Calc, Compare, Conclude, Count
from genverify.data.tables.sheets import Column, Sheet, Unit, sheet


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a table, and how it is answered."""

    family: str
    text: str
    sheet: Sheet
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class _Draw:
    """A table to ask about, and the dice."""

    sheet: Sheet
    rng: random.Random

    def rows(self, column: Column, count: int) -> tuple[str, ...]:
        """Draw rows that have a value, all values different."""
        known = list(self.sheet.column(column).items())
        self.rng.shuffle(known)
        found: dict[Fraction, str] = {}
        for name, value in known:
            found.setdefault(value, name)
        return _enough(tuple(found.values())[:count], count)

    def column(self, *, sums: bool = False) -> Column:
        """Draw a column, if need be one whose sum means something."""
        return self.columns(1, sums=sums)[0]

    def columns(self, count: int, *, sums: bool = False) -> tuple[Column, ...]:
        """Draw different columns."""
        fit = [c for c in self.sheet.columns if c.sums or not sums]
        return _enough(tuple(self.rng.sample(fit, min(count, len(fit)))), count)

    def alike(self) -> tuple[Column, Column]:
        """Draw two columns in one unit."""
        pairs = [
            (a, b)
            for a in self.sheet.columns
            for b in self.sheet.columns
            if a is not b and a.unit == b.unit and a.sums and b.sums
        ]
        if not pairs:
            raise _NoQuestion
        return self.rng.choice(pairs)

    def test(self, least: int = 2) -> Test:
        """Draw a condition that holds for several rows, but not for all."""
        for _ in range(8):
            if self.sheet.group and self.rng.random() < 0.4:
                test = Test(self.sheet.group, "==", self.rng.choice(self.sheet.groups))
            else:
                column = self.column()
                values = list(self.sheet.column(column).values())
                if not values:
                    continue
                test = Test(column, self.rng.choice([">", "<", ">=", "<="]), self.rng.choice(values))
            if least <= len(test.names(self.sheet)) < min(len(self.sheet.names), 9):
                return test
        raise _NoQuestion

    def say(self, *texts: str) -> str:
        """Draw one of several wordings."""
        return self.rng.choice(texts)


_T = TypeVar("_T")


class _NoQuestion(Exception):
    """The table has not what the question needs."""


def _enough(found: tuple[_T, ...], count: int) -> tuple[_T, ...]:
    if len(found) < count:
        raise _NoQuestion
    return found


_Made = tuple[str, str, tuple[Move, ...]]


def _end(of: int, column: Column | None, draw: _Draw) -> tuple[Conclude]:
    """Return the conclusion about a quantity of a column."""
    if column is None or not column.unit.words:
        return (Conclude(of),)
    return (Conclude(of, column.unit, column.others if draw.rng.random() < 0.8 else ()),)


def _opening(column: Column, draw: _Draw) -> tuple[Move, ...]:
    """Read the unit first, at times, where the header gives one."""
    return (Units(column),) if column.unit.short and draw.rng.random() < 0.5 else ()


def _lookup(draw: _Draw) -> _Made:
    column = draw.column()
    (row,) = draw.rows(column, 1)
    text = draw.say(f"What is {column.name} of {row}?", f"What does the table give for {column.name} in the row {row}?",
                    f"Find {column.name} for the {draw.sheet.noun} {row}.")  # fmt: skip
    opening = _opening(column, draw)
    return "lookup", text, (*opening, Look(row, column), *_end(len(opening), column, draw))


def _two_rows(draw: _Draw) -> _Made:
    kind = draw.rng.choice(["difference", "ratio", "sum"])
    column = draw.column(sums=kind != "difference")
    one, two = draw.rows(column, 2)
    if kind == "difference" and draw.sheet.value(one, column) < draw.sheet.value(two, column):  # type: ignore[operator]
        one, two = two, one
    texts = {
        "difference": (f"By how much is {column.name} of {one} above that of {two}?",
                       f"What is {column.name} of {one} minus {column.name} of {two}?"),
        "ratio": (f"How many times {column.name} of {two} is {column.name} of {one}? Give two decimals.",
                  f"What is the ratio of {column.name} of {one} to that of {two}, to two decimals?"),
        "sum": (f"What is {column.name} of {one} and {two} together?", f"Add up {column.name} of {one} and of {two}."),
    }[kind]  # fmt: skip
    end = _end(2, None if kind == "ratio" else column, draw)
    return f"{kind} of two rows", draw.say(*texts), (Look(one, column), Look(two, column), Calc(kind, (0, 1)), *end)


def _two_columns(draw: _Draw) -> _Made:
    one, two = draw.alike()
    kind = draw.rng.choice(["difference", "ratio", "share"] if one.unit.words else ["difference", "sum"])
    (row,) = draw.rows(one, 1)
    texts = {
        "difference": f"For {row}, what is {one.name} minus {two.name}?",
        "ratio": f"For {row}, what is the ratio of {one.name} to {two.name}, to two decimals?",
        "share": f"For {row}, what percentage of {two.name} is {one.name}? Give two decimals.",
        "sum": f"For {row}, what is {one.name} plus {two.name}?",
    }
    end = _end(2, one if kind in ("difference", "sum") else None, draw)
    if kind == "share":
        end = (Conclude(2, _PERCENT),)
    return f"{kind} of two columns", texts[kind], (Look(row, one), Look(row, two), Calc(kind, (0, 1)), *end)


_PERCENT: Final = Unit("%", "percent")


def _change(draw: _Draw) -> _Made:
    column = draw.column(sums=True)
    one, two = draw.rows(column, 2)
    if draw.sheet.label == "Year" and int(one) > int(two):
        one, two = two, one
    texts = (f"By how many percent does {column.name} change from {one} to {two}? Give two decimals.",
             f"What is the percent change of {column.name} from {one} to {two}, to two decimals?")  # fmt: skip
    if draw.sheet.label not in ("Year", "Month"):
        texts = (
            f"By how many percent is {column.name} of {two} above "
            f"that of {one} (negative if below)? Give two decimals.",
            f"Relative to {one}, by how many percent does {column.name} of {two} differ? Give two decimals.",
        )
    text = draw.say(*texts)
    return "percent change", text, (Look(one, column), Look(two, column), Calc("change", (0, 1)), Conclude(2, _PERCENT))


def _filtered(draw: _Draw) -> _Made:
    test = draw.test()
    kind = draw.rng.choice(["sum", "mean", "max", "min"])
    column = draw.column(sums=kind == "sum")
    if column == test.column:
        raise _NoQuestion
    what = {"sum": f"the total {column.name}", "mean": f"the mean {column.name} (to two decimals)",
            "max": f"the largest {column.name}", "min": f"the smallest {column.name}"}[kind]  # fmt: skip
    text = draw.say(f"What is {what} of the {draw.sheet.plural} with {test.words}? Leave out missing values.",
                    f"Look only at rows with {test.words}, leaving out missing values: what is {what}?")  # fmt: skip
    opening = _opening(column, draw)
    at = len(opening)
    moves = (*opening, Keep(test), Take(column, at), Calc(kind, (at + 1,)), *_end(at + 2, column, draw))
    return f"{kind} with a condition", text, moves


def _count(draw: _Draw) -> _Made:
    test = draw.test(1)
    noun = draw.sheet.noun
    text = draw.say(
        f"How many rows have {test.words}?"
        if not draw.sheet.group or test.column != draw.sheet.group
        else f"How many rows belong to {test.words}?",
        f"Count the rows ({noun}) with {test.words}.",
    )
    return "count", text, (Keep(test), Count(0), Conclude(1))


def _extreme(draw: _Draw) -> _Made:
    column, low = draw.column(), draw.rng.random() < 0.5
    what = "smallest" if low else "largest"
    text = draw.say(f"Which {draw.sheet.noun} has the {what} {column.name}?",
                    f"Name the {draw.sheet.noun} with the {what} value of {column.name}.")  # fmt: skip
    return "extreme", text, (Top(column, low), Conclude(0))


def _comparison(draw: _Draw) -> _Made:
    column, less = draw.column(), draw.rng.random() < 0.4
    one, two = draw.rows(column, 2)
    text = draw.say(f"Which has the {'lower' if less else 'higher'} {column.name}, {one} or {two}?",
                    f"Compare {one} and {two}: whose {column.name} is {'lower' if less else 'higher'}?")  # fmt: skip
    compare = Compare((one, two), (0, 1), column.name, less)
    return "comparison", text, (Look(one, column), Look(two, column), compare, Conclude(2))


def _top_then_look(draw: _Draw) -> _Made:
    by, column = draw.columns(2)
    low = draw.rng.random() < 0.5
    what = "smallest" if low else "largest"
    text = draw.say(f"What is {column.name} of the {draw.sheet.noun} with the {what} {by.name}?",
                    f"Take the {draw.sheet.noun} whose {by.name} is {what}. What is its {column.name}?")  # fmt: skip
    return "extreme, then lookup", text, (Top(by, low), Look(0, column), *_end(1, column, draw))


def _share_of_total(draw: _Draw) -> _Made:
    column = draw.column(sums=True)
    (row,) = draw.rows(column, 1)
    if len(draw.sheet.names) > 9:
        raise _NoQuestion
    text = draw.say(
        f"What percentage of the total {column.name} of all rows "
        f"falls to {row}? Give two decimals; leave out missing values.",
        f"What share of all {column.name}, in percent with two decimals, does {row} have? Leave out missing values.",
    )
    moves = (Look(row, column), Take(column), Calc("sum", (1,)), Calc("share", (0, 2)), Conclude(3, _PERCENT))
    return "share of the total", text, moves


def _spread(draw: _Draw) -> _Made:
    column = draw.column()
    text = draw.say(f"What is the difference between the largest and the smallest {column.name}?",
                    f"How far apart are the highest and the lowest {column.name}?")  # fmt: skip
    moves = (Top(column, False, True), Top(column, True, True), Calc("difference", (0, 1)), *_end(2, column, draw))
    return "spread", text, moves


_PRODUCTS: Final = {
    ("In stock", "Price"): "dollars",
    ("Price", "Sold last month"): "dollars",
    ("In stock", "Weight"): "kg",
    ("Seats", "Fare"): "dollars",
}


def _product(draw: _Draw) -> _Made:
    by_name = {c.name: c for c in draw.sheet.columns}
    fit = [(by_name[a], by_name[b], unit) for (a, b), unit in _PRODUCTS.items() if {a, b} <= by_name.keys()]
    if not fit:
        raise _NoQuestion
    one, two, unit = draw.rng.choice(fit)
    (row,) = draw.rows(one, 1)
    text = f"What is {one.name} times {two.name} for {row}, in {unit}?"
    return "product", text, (Look(row, one), Look(row, two), Calc("product", (0, 1)), Conclude(2, Unit("", unit)))


def _from_mean(draw: _Draw) -> _Made:
    column = draw.column()
    (row,) = draw.rows(column, 1)
    if len(draw.sheet.names) > 9:
        raise _NoQuestion
    text = (f"By how much is {column.name} of {row} above the mean of all rows that have a value (negative if below)? "
            "Round the mean to two decimals.")  # fmt: skip
    moves = (Take(column), Calc("mean", (0,)), Look(row, column), Calc("difference", (2, 1)), *_end(3, column, draw))
    return "distance from the mean", text, moves


def _two_groups(draw: _Draw) -> _Made:
    if not draw.sheet.group:
        raise _NoQuestion
    kinds = [group for group in dict.fromkeys(draw.sheet.groups) if draw.sheet.groups.count(group) > 1]
    column = draw.column(sums=True)
    one, two = _enough(tuple(draw.rng.sample(kinds, min(2, len(kinds)))), 2)
    group = draw.sheet.group
    text = f"What is the total {column.name} of {group} {one} minus that of {group} {two}? Leave out missing values."
    moves = (
        Keep(Test(group, "==", one)),
        Take(column, 0),
        Calc("sum", (1,)),
        Keep(Test(group, "==", two)),
        Take(column, 3),
        Calc("sum", (4,)),
        Calc("difference", (2, 5)),
        *_end(6, column, draw),
    )
    return "difference of two groups", text, moves


_FAMILIES: Final[tuple[Callable[[_Draw], _Made], ...]] = (
    _lookup, _two_rows, _two_columns, _change, _filtered, _filtered, _count, _extreme, _comparison, _top_then_look,
    _share_of_total, _spread, _product, _from_mean, _two_groups,
)  # fmt: skip


def question(number: int, seed: int) -> Question:
    """Return the question of a problem's number, always the same for the same seed.

    A family is drawn first, then tables until one has what it needs.
    """
    rng = random.Random(f"{seed}/tables/{number}")
    family = rng.choice(_FAMILIES)
    while True:
        drawn = sheet(rng)
        try:
            name, text, moves = family(_Draw(drawn, rng))
        except _NoQuestion:
            continue
        asked = Question(name, text, drawn, moves)
        if play(asked, [0] * len(moves), rng) is not None:
            return asked


@dataclass(frozen=True, slots=True)
class Played:
    """An answer, with the right form of its wrong step."""

    turns: tuple[Turn, ...]
    at: int = -1
    """The step with the error, counted from 0; -1 without one."""
    error: str = ""
    correction: str = ""


def play(asked: Question, voices: Sequence[int], rng: random.Random, at: int = -1, error: str = "") -> Played | None:
    """Play the moves, the one at ``at`` with an error.

    Args:
        asked: the question.
        voices: which wording each move takes, at least 0.
        rng: dice for what the error makes of its move; without an error nothing is drawn.
        at: the move with the error, counted from 0; -1 for none.
        error: what goes wrong there, one of the move's ``errors``.

    Returns:
        The answer; None where the table does not allow it, or where the error changes nothing.
    """
    turns: list[Turn] = []
    correction = ""
    for place, move in enumerate(asked.moves):
        scene = Scene(asked.sheet, tuple(turn.result for turn in turns), voices[place], rng)
        turn = move.turn(scene, error if place == at else "")
        if turn is None:
            return None
        if place == at:
            right = move.turn(scene)
            if right is None or right.text == turn.text:
                return None
            correction = right.text
        turns.append(turn)
    return Played(tuple(turns), at, error, correction)
