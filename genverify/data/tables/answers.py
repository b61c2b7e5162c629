"""A generated question about a table to its answer, read from the words of the question alone: for re-checks.

It knows how the generator words its questions, and nothing of how it answers them.
"""

import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from genverify.types import Problem, Table

_RELATIONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "greater than": operator.gt, "less than": operator.lt, "of at least": operator.ge, "of at most": operator.le,
}  # fmt: skip


class Cells:
    """The cells of a table, as numbers where they are."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.rows = [row[0] for row in table.rows]
        self.columns = [re.sub(r" \([^)]*\)$", "", name) for name in table.header]

    def column(self, name: str) -> dict[str, Fraction]:
        """Return the numbers of a column by row, missing ones left out."""
        place = self.columns.index(name)
        texts = {row[0]: row[place].replace(",", "") for row in self._table.rows}
        return {row: Fraction(text) for row, text in texts.items() if re.fullmatch(r"-?\d+(\.\d+)?", text)}

    def fitting(self, test: str) -> list[str]:
        """Return the rows that fit a condition such as ``Stores less than 5`` or ``Manager Ana``."""
        for words, holds in _RELATIONS.items():
            column, found, bound = test.rpartition(f" {words} ")
            if found:
                return [row for row, value in self.column(column).items() if holds(value, Fraction(bound))]
        place = next(i for i, name in enumerate(self.columns) if i and test.startswith(f"{name} "))
        return [row[0] for row in self._table.rows if f"{self.columns[place]} {row[place]}" == test]

    def taken(self, name: str, test: str) -> list[Fraction]:
        """Return the numbers of a column in the rows that fit a condition."""
        column = self.column(name)
        return [column[row] for row in self.fitting(test) if row in column]

    def extreme(self, name: str, which: str) -> str:
        """Return the row with the ``largest``, ``highest`` or else the smallest number of a column."""
        column = self.column(name)
        return (max if which in ("largest", "higher") else min)(column, key=column.__getitem__)


_Read = Callable[[Cells, dict[str, str]], Any]


def _two(of: Callable[[Fraction, Fraction], Fraction]) -> _Read:
    """Return what makes one number of a column's values in two rows."""
    return lambda cells, m: of(cells.column(m["C"])[m["R"]], cells.column(m["C"])[m["S"]])


def _across(of: Callable[[Fraction, Fraction], Fraction]) -> _Read:
    """Return what makes one number of two columns' values in a row."""
    return lambda cells, m: of(cells.column(m["C"])[m["R"]], cells.column(m["D"])[m["R"]])


def _cell(cells: Cells, m: dict[str, str]) -> Fraction:
    return cells.column(m["C"])[m["R"]]


def _change(one: Fraction, two: Fraction) -> Fraction:
    return 100 * two / one - 100


def _percent(one: Fraction, two: Fraction) -> Fraction:
    return 100 * one / two


def _aggregate(cells: Cells, m: dict[str, str]) -> Fraction:
    values = cells.taken(m["C"], m["T"])
    total = sum(values, Fraction(0))
    return {"total": total, "mean": total / len(values), "largest": max(values), "smallest": min(values)}[m["H"]]


def _higher(cells: Cells, m: dict[str, str]) -> str:
    column = cells.column(m["C"])
    return (max if m["H"] == "higher" else min)(m["R"], m["S"], key=column.__getitem__)


def _of_extreme(cells: Cells, m: dict[str, str]) -> Fraction:
    return cells.column(m["C"])[cells.extreme(m["D"], m["H"])]


def _spread(cells: Cells, m: dict[str, str]) -> Fraction:
    values = cells.column(m["C"]).values()
    return max(values) - min(values)


def _from_mean(cells: Cells, m: dict[str, str]) -> Fraction:
    column = cells.column(m["C"])
    mean = sum(column.values(), Fraction(0)) / len(column)
    rounded = Fraction(int(abs(mean) * 100 + Fraction(1, 2)), 100)
    return column[m["R"]] - (rounded if mean >= 0 else -rounded)


def _groups(cells: Cells, m: dict[str, str]) -> Fraction:
    return sum(cells.taken(m["C"], m["T"]), Fraction(0)) - sum(cells.taken(m["C"], m["U"]), Fraction(0))


def _share(cells: Cells, m: dict[str, str]) -> Fraction:
    column = cells.column(m["C"])
    return 100 * column[m["R"]] / sum(column.values(), Fraction(0))


_BEST: Final = r"(?P<H>largest|smallest)"
_HOW: Final = r"the (?P<H>total|mean|largest|smallest) <C>(?: \(to two decimals\))?"
_OUT: Final = r"[Ll]eave out missing values\."
_QUESTIONS: Final[tuple[tuple[str, _Read], ...]] = (
    (r"What is <C> of <R>\?", _cell),
    (r"What does the table give for <C> in the row <R>\?", _cell),
    (r"Find <C> for the \w+ <R>\.", _cell),
    (r"By how much is <C> of <R> above that of <S>\?", _two(operator.sub)),
    (r"What is <C> of <R> minus (?P=C) of <S>\?", _two(operator.sub)),
    (r"How many times <C> of <S> is (?P=C) of <R>\? Give two decimals\.", _two(operator.truediv)),
    (r"What is the ratio of <C> of <R> to that of <S>, to two decimals\?", _two(operator.truediv)),
    (r"What is <C> of <R> and <S> together\?", _two(operator.add)),
    (r"Add up <C> of <R> and of <S>\.", _two(operator.add)),
    (r"For <R>, what is <C> minus <D>\?", _across(operator.sub)),
    (r"For <R>, what is <C> plus <D>\?", _across(operator.add)),
    (r"For <R>, what is the ratio of <C> to <D>, to two decimals\?", _across(operator.truediv)),
    (r"For <R>, what percentage of <D> is <C>\? Give two decimals\.", _across(_percent)),
    (r"What is <C> times <D> for <R>, in \w+\?", _across(operator.mul)),
    (r"By how many percent does <C> change from <R> to <S>\? Give two decimals\.", _two(_change)),
    (r"What is the percent change of <C> from <R> to <S>, to two decimals\?", _two(_change)),
    (r"By how many percent is <C> of <S> above that of <R> \(negative if below\)\? Give two decimals\.", _two(_change)),
    (r"Relative to <R>, by how many percent does <C> of <S> differ\? Give two decimals\.", _two(_change)),
    (rf"What is {_HOW} of the \w+ with (?P<T>.+)\? {_OUT}", _aggregate),
    (rf"Look only at rows with (?P<T>.+), leaving out missing values: what is {_HOW}\?", _aggregate),
    (r"How many rows (?:have|belong to) (?P<T>.+)\?", lambda cells, m: len(cells.fitting(m["T"]))),
    (r"Count the rows \(\w+\) with (?P<T>.+)\.", lambda cells, m: len(cells.fitting(m["T"]))),
    (rf"Which \w+ has the {_BEST} <C>\?", lambda cells, m: cells.extreme(m["C"], m["H"])),
    (rf"Name the \w+ with the {_BEST} value of <C>\.", lambda cells, m: cells.extreme(m["C"], m["H"])),
    (r"Which has the (?P<H>lower|higher) <C>, <R> or <S>\?", _higher),
    (r"Compare <R> and <S>: whose <C> is (?P<H>lower|higher)\?", _higher),
    (rf"What is <C> of the \w+ with the {_BEST} <D>\?", _of_extreme),
    (rf"Take the \w+ whose <D> is {_BEST}\. What is its <C>\?", _of_extreme),
    (rf"What percentage of the total <C> of all rows falls to <R>\? Give two decimals; {_OUT}", _share),
    (rf"What share of all <C>, in percent with two decimals, does <R> have\? {_OUT}", _share),
    (r"What is the difference between the largest and the smallest <C>\?", _spread),
    (r"How far apart are the highest and the lowest <C>\?", _spread),
    (r"By how much is <C> of <R> above the mean of all rows that have a value \(negative if below\)\? "
     r"Round the mean to two decimals\.", _from_mean),
    (rf"What is the total <C> of (?P<T>.+) minus that of (?P<U>.+)\? {_OUT}", _groups),
)  # fmt: skip


def answer(problem: Problem) -> Fraction | str | None:
    """Return the answer of a question, not rounded; None if its wording is not known."""
    assert problem.table is not None
    cells = Cells(problem.table)
    asked = problem.text.rpartition("\n")[2]
    names = {"C": cells.columns, "D": cells.columns, "R": cells.rows, "S": cells.rows}
    for pattern, read in _QUESTIONS:
        for group, options in names.items():
            alternatives = "|".join(map(re.escape, sorted(options, key=len, reverse=True)))
            pattern = pattern.replace(f"<{group}>", f"(?P<{group}>{alternatives})")
        match = re.fullmatch(pattern, asked)
        if match is not None:
            found = read(cells, match.groupdict())
            return found if isinstance(found, str) else Fraction(found)
    return None


def agrees(problem: Problem) -> bool:
    """Tell whether ``problem.answer`` is the answer, as rounded to two places at most."""
    due = answer(problem)
    if due is None or isinstance(due, str):
        return due == problem.answer
    return abs(Fraction((problem.answer or "").split(" ")[0]) - due) <= Fraction(1, 200)
