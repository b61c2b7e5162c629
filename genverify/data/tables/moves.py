"""The moves of an answer about a table, right or with one error: looking up, filtering, ranking, computing, concluding.

Step types after TaTToo: ``retrieval`` takes cells out of the table, ``schema`` works on its rows and columns as a
whole, ``reasoning`` goes on from what earlier steps found. A move takes the results of earlier moves as they were said,
so that an error is carried on as a person would carry it.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Protocol

from genverify.data.tables.sheets import Column, Number, Sheet, Unit, plain
from genverify.types import Claim, ClaimKind


@dataclass(frozen=True, slots=True)
class Turn:
    """What one move says."""

    type: str
    """``retrieval``, ``schema`` or ``reasoning``."""
    text: str
    said: str
    """The same in one line of the formal language, or as ``column[row] = value``."""
    result: Any
    """What later moves go on from: a number, numbers, a row's name, names."""
    program: str = ""
    """What finds it in the data frame ``df``; empty for reasoning."""
    found: Any = None
    """What the program has to find for the move to be right, as JSON."""
    claims: tuple[Claim, ...] = ()
    """What has to hold for a reasoning move to be right."""
    names: tuple[str, str] = ("", "")
    """For a conclusion that names a row: the name it gives, and the one it follows from."""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a move sees."""

    sheet: Sheet
    results: tuple[Any, ...]
    """What the moves before it said."""
    voice: int
    """Which of several wordings it takes, at least 0."""
    rng: random.Random
    """For what an error makes of it; a right move draws nothing."""

    def say(self, texts: Sequence[str], **values: str) -> str:
        """Fill one of several wordings."""
        return texts[self.voice % len(texts)].format(**values)


class Move(Protocol):
    """One step of a question's solution."""

    @property
    def errors(self) -> tuple[str, ...]:
        """Return the kinds of error that it can have."""
        ...

    def turn(self, scene: Scene, error: str = "") -> Turn | None:
        """Return what it says, rightly or with an error; None where the table leaves no room for it."""
        ...


Row = str | int
"""A row by its name, or the move (from 0) whose result is the name."""


def name_of(row: Row, scene: Scene) -> str:
    """Return a row's name."""
    return row if isinstance(row, str) else str(scene.results[row])


def listed(items: Sequence[str]) -> str:
    """Join items as a sentence does."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def relation(statement: str, tolerance: str | None = None) -> Claim:
    """Return a claim about numbers."""
    return Claim(ClaimKind.RELATION, statement, tolerance=tolerance)


_LOOK: Final = (
    "The table gives {value} for {column} in the row {row}.", "In the row {row}, {column} is {value}.",
    "Look up {row}: {column} = {value}.", "{column} of {row}: {value}.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """Take one cell."""

    row: Row
    column: Column

    @property
    def errors(self) -> tuple[str, ...]:
        """Return what can go wrong."""
        return ("wrong_row", "wrong_column")

    def turn(self, scene: Scene, error: str = "") -> Turn | None:
        """Return the cell, or that of another row or column."""
        sheet, row = scene.sheet, name_of(self.row, scene)
        right = sheet.value(row, self.column)
        if right is None:
            return None
        others = {
            "": [right],
            "wrong_row": [v for name, v in sheet.column(self.column).items() if name != row and v != right],
            "wrong_column": [
                v for c in sheet.columns if c != self.column and (v := sheet.value(row, c)) not in (None, right)
            ],
        }[error]
        if not others:
            return None
        value = others[0] if not error else scene.rng.choice(others)
        assert value is not None
        text = scene.say(_LOOK, value=sheet.shown(value), column=self.column.name, row=row)
        program = f"df.loc[df[{sheet.label!r}] == {row!r}, {self.column.header!r}].tolist()"
        return Turn("retrieval", text, f"{self.column.name}[{row}] = {plain(value)}", value, program, [float(value)])


_TAKE: Final = (
    "{column} in these rows: {values}.", "The values of {column} there are {values}.",
    "Reading {column} off for them gives {values}.",
)  # fmt: skip
_TAKE_ONE: Final = ("{column} there is {values}.", "The only value of {column} there is {values}.")
_TAKE_ALL: Final = (
    "{column} in all rows that have a value: {values}.", "The values of {column}, row by row, are {values}.",
    "Reading off the column {column} gives {values}.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Take:
    """Take the cells of a column, in all rows or in those that an earlier move has found."""

    column: Column
    rows: int | None = None
    """That move, counted from 0."""

    @property
    def errors(self) -> tuple[str, ...]:
        """Return what can go wrong."""
        return ("wrong_row", "wrong_column", "missing_row")

    def turn(self, scene: Scene, error: str = "") -> Turn | None:
        """Return the cells, one of them of another row or left out, or those of another column."""
        sheet = scene.sheet
        values = sheet.column(self.column)
        names = [n for n in (sheet.names if self.rows is None else scene.results[self.rows]) if n in values]
        if not names:
            return None
        right = [values[name] for name in names]
        said = self._changed(scene, names, right, error) if error else right
        if said is None or (error and said == right):
            return None
        texts = _TAKE_ALL if self.rows is None else _TAKE if len(said) > 1 else _TAKE_ONE
        text = scene.say(texts, column=self.column.name, values=listed(list(map(sheet.shown, said))))
        frame = "df" if self.rows is None else f"df.set_index({sheet.label!r}).loc[{names!r}]"
        program = f"{frame}[{self.column.header!r}].dropna().tolist()"
        line = f"{self.column.name} = [{', '.join(map(plain, said))}]"
        return Turn("retrieval", text, line, tuple(said), program, list(map(float, said)))

    def _changed(self, scene: Scene, names: list[str], right: list[Number], error: str) -> list[Number] | None:
        place = scene.rng.randrange(len(right))
        if error == "missing_row":
            return [*right[:place], *right[place + 1 :]] if len(right) > 2 else None
        if error == "wrong_row":
            others = [
                v for name, v in scene.sheet.column(self.column).items() if name != names[place] and v != right[place]
            ]
            return [*right[:place], scene.rng.choice(others), *right[place + 1 :]] if others else None
        columns = [c for c in scene.sheet.columns if c != self.column and set(names) <= scene.sheet.column(c).keys()]
        if not columns:
            return None
        other = scene.sheet.column(scene.rng.choice(columns))
        return [other[name] for name in names]


@dataclass(frozen=True, slots=True)
class Test:
    """A condition on rows: a column of numbers compared with a bound, or a column of words that has a value."""

    column: Column | str
    op: str
    """``>``, ``<``, ``>=``, ``<=`` or ``==``."""
    bound: Number | str

    @property
    def words(self) -> str:
        """Return it as a sentence says it, behind "rows with"."""
        if isinstance(self.column, str):
            return f"{self.column} {self.bound}"
        how = {">": "greater than", "<": "less than", ">=": "of at least", "<=": "of at most", "==": "of exactly"}
        assert isinstance(self.bound, Fraction)
        return f"{self.column.name} {how[self.op]} {plain(self.bound)}"

    @property
    def code(self) -> str:
        """Return it as pandas does."""
        if isinstance(self.column, str):
            return f"df[{self.column!r}] == {self.bound!r}"
        assert isinstance(self.bound, Fraction)
        return f"df[{self.column.header!r}] {self.op} {plain(self.bound)}"

    def names(self, sheet: Sheet) -> tuple[str, ...]:
        """Return the rows that fit."""
        if isinstance(self.column, str):
            return tuple(n for n, group in zip(sheet.names, sheet.groups, strict=True) if group == self.bound)
        holds = _COMPARED[self.op]
        return tuple(name for name, value in sheet.column(self.column).items() if holds(value, self.bound))

    def mistaken(self, sheet: Sheet, rng: random.Random) -> "tuple[str, ...] | None":
        """Return the rows that a slightly different condition takes; None if every such one takes the same."""
        if isinstance(self.column, str):
            tests = [Test(self.column, "==", group) for group in dict.fromkeys(sheet.groups) if group != self.bound]
        else:
            values = [v for v in sheet.column(self.column).values() if v != self.bound]
            tests = [Test(self.column, op, self.bound) for op in _CONFUSED[self.op]]
            tests += [Test(self.column, self.op, rng.choice(values))] if values else []
            tests += [Test(c, self.op, self.bound) for c in sheet.columns if c != self.column]
        right = self.names(sheet)
        found = [names for test in tests if (names := test.names(sheet)) and names != right]
        return rng.choice(found) if found else None


_COMPARED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    ">": lambda a, b: a > b, "<": lambda a, b: a < b, ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
}  # fmt: skip
_CONFUSED: Final = {">": ("<", ">="), "<": (">", "<="), ">=": (">", "<="), "<=": ("<", ">="), "==": (">=", "<=")}
_KEEP: Final = (
    "The rows with {test} are {rows}.", "Rows with {test}: {rows}.", "Keep the rows with {test}, which leaves {rows}.",
    "Filtering the table by {test} gives {rows}.",
)  # fmt: skip


_KEEP_ONE: Final = ("The only row with {test} is {rows}.", "Only {rows} has {test}.")


@dataclass(frozen=True, slots=True)
class Keep:
    """Find the rows that fit a condition."""

    test: Test

    @property
    def errors(self) -> tuple[str, ...]:
        """Return what can go wrong."""
        return ("wrong_filter", "missing_row")

    def turn(self, scene: Scene, error: str = "") -> Turn | None:
        """Return the rows, those of another condition, or all but one."""
        sheet = scene.sheet
        names: tuple[str, ...] | None = self.test.names(sheet)
        assert names is not None
        if error == "wrong_filter":
            names = self.test.mistaken(sheet, scene.rng)
        elif error == "missing_row":
            gone = scene.rng.choice(names) if len(names) > 1 else None
            names = tuple(name for name in names if name != gone) if gone else None
        if not names:
            return None
        text = scene.say(_KEEP if len(names) > 1 else _KEEP_ONE, test=self.test.words, rows=listed(names))
        program = f"df.loc[{self.test.code}, {sheet.label!r}].tolist()"
        return Turn("schema", text, f"rows({self.test.words}) = [{', '.join(names)}]", names, program, list(names))


_TOP: Final = (
    "The {what} {column} is {value}, in the row {row}.", "Sorted by {column}, the {what} entry is {value} ({row}).",
    "{row} has the {what} {column}, {value}.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Top:
    """Find the row with the largest or the smallest number of a column."""

    column: Column
    smallest: bool = False
    value: bool = False
    """Whether later moves go on from the number, not from the row's name."""

    @property
    def errors(self) -> tuple[str, ...]:
        """Return what can go wrong."""
        return ("wrong_row", "wrong_column")

    def turn(self, scene: Scene, error: str = "") -> Turn | None:
        """Return the row and its number, or those of the next in order, or the first row by another column."""
        sheet = scene.sheet
        ranked = self._ranked(sheet, self.column)
        if len(ranked) < 3 or ranked[0][1] == ranked[1][1]:
            return None
        name, number = ranked[0]
        if error == "wrong_row":
            name, number = ranked[1]
        elif error == "wrong_column":
            others = [c for c in sheet.columns if c != self.column and sheet.column(c)]
            found = self._ranked(sheet, scene.rng.choice(others))[0] if others else (name, number)
            if found[0] == name:
                return None
            name, number = found
        what = "smallest" if self.smallest else "largest"
        text = scene.say(_TOP, what=what, column=self.column.name, value=sheet.shown(number), row=name)
        pick = "nsmallest" if self.smallest else "nlargest"
        header = self.column.header
        program = f"df.{pick}(1, {header!r})[[{sheet.label!r}, {header!r}]].values.tolist()[0]"
        line = f"{'argmin' if self.smallest else 'argmax'} {self.column.name} = {name}, {plain(number)}"
        return Turn("schema", text, line, number if self.value else name, program, [name, float(number)])

    def _ranked(self, sheet: Sheet, column: Column) -> list[tuple[str, Number]]:
        return sorted(sheet.column(column).items(), key=lambda item: item[1] if self.smallest else -item[1])


_UNITS: Final = (
    "The column {column} is given in {unit}.", "According to the header, {column} is in {unit}.",
    "We need the column {column}, whose unit is {unit}.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Units:
    """Read a column's unit from its header."""

    column: Column

    @property
    def errors(self) -> tuple[str, ...]:
        """Return what can go wrong."""
        return ("unit",)

    def turn(self, scene: Scene, error: str = "") -> Turn | None:
        """Return the unit, or one that it could be mistaken for."""
        others = [unit for unit in self.column.others if unit.short]
        if not self.column.unit.short or (error and not others):
            return None
        unit: Unit = scene.rng.choice(others) if error else self.column.unit
        text = scene.say(_UNITS, column=self.column.name, unit=unit.words)
        program = f"[name for name in df.columns if name.startswith({self.column.name + ' ('!r})]"
        header = f"{self.column.name} ({unit.short})"
        return Turn("schema", text, f"unit({self.column.name}) = {unit.short}", unit, program, [header])
