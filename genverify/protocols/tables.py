"""A question about a problem's table to the number that stands there, or the reason why there is none.

Models ask in one line, which is read and never run::

    cell(speed; rank = 3)      sum(points; team = triumph)      count(team = triumph)      mean, min, max as sum

A column is named by its header, or by a text that stands in one of its first rows where the header has several;
``row`` is the first column. Whatever could be meant in two ways has no answer.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from genverify.errors import GenverifyError
from genverify.types import Table

TAKES: Final = ("cell", "sum", "mean", "min", "max", "count")
MAX_SHOWN: Final = 8000
"""Characters of a table that a model gets to read; a longer one would fill its context."""
_HEADER_ROWS: Final = 3  # of the tables of financial reports, over which some have two or three lines of headers
_ASKED: Final = re.compile(r"\s*([a-z]+)\s*\((.*)\)\s*", re.DOTALL)
_NUMBER: Final = re.compile(
    r"(?P<open>\()?\s*(?P<sign>[-−–])?\s*[$€£]?\s*(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"\s*(?P<percent>%)?\s*(?P<close>\))?\s*(?P<unit>[A-Za-z]{0,10})"
)


class NoAnswer(GenverifyError):
    """A table does not say what was asked; the message is a reason that follows "because"."""


def shown(table: Table) -> str:
    """Return a table as a model reads it, a row a line; of a long one the last rows are left out."""
    lines = [" | ".join(cells) for cells in (table.header, *table.rows)]
    text = "\n".join(lines)
    if len(text) <= MAX_SHOWN:
        return text
    return text[:MAX_SHOWN].rpartition("\n")[0] + "\n(further rows are left out)"


def look_up(table: Table, asked: str, *, percent: bool = False) -> Fraction:
    """Return the number that ``asked`` asks for.

    Args:
        table: where it stands.
        asked: the question, as above.
        percent: whether ``12 %`` is wanted as 12/100; otherwise it is 12, as it is written.

    Raises:
        NoAnswer: the question cannot be read, or the table does not answer it.
    """
    match = _ASKED.fullmatch(asked)
    if match is None or match.group(1) not in TAKES:
        raise NoAnswer(f"a question about the table has the form cell(column; column = value), with one of {TAKES}")
    take, parts = match.group(1), [part.strip() for part in match.group(2).split(";") if part.strip()]
    column = None if take == "count" else _column(table, parts.pop(0) if parts else "")
    rows = _rows(table, parts)
    if column is None:
        return Fraction(len(rows))
    values = [_number(table.rows[row][column], percent=percent) for row in rows]
    if take == "cell":
        if len(set(values)) != 1:
            raise NoAnswer(f"{len(rows)} rows of the table fit")
        return values[0]
    if not values:
        raise NoAnswer("no row of the table fits")
    _without_totals(table, rows)
    total = sum(values, Fraction(0))
    return {"sum": total, "mean": total / len(values), "min": min(values), "max": max(values)}[take]


def _column(table: Table, name: str) -> int:
    if _plain(name) == "row":
        return 0
    named = [i for i, cell in enumerate(table.header) if _plain(cell) == _plain(name)]
    if not named:
        tops = table.rows[:_HEADER_ROWS]
        named = sorted({i for row in tops for i, cell in enumerate(row) if i and _plain(cell) == _plain(name)})
    if len(named) != 1 or not _plain(name):
        raise NoAnswer(f"the table has {len(named)} columns named {name[:40]!r}")
    return named[0]


def _rows(table: Table, conditions: Sequence[str]) -> list[int]:
    """Return the places (from 0) of the rows that fit every condition."""
    fits = range(len(table.rows))
    kept = list(fits)
    for condition in conditions:
        name, equals, value = condition.partition("=")
        if not equals or not value.strip():
            raise NoAnswer(f"{condition[:40]!r} is no condition of the form column = value")
        column = _column(table, name.strip())
        kept = [row for row in kept if _plain(table.rows[row][column]) == _plain(value)]
    return kept


def _without_totals(table: Table, rows: Sequence[int]) -> None:
    """Make sure that no row sums up others that are taken too.

    Raises:
        NoAnswer: one might.
    """
    if any(re.search(r"\b(?:sub)?total|\bsum\b|\ball\b", _plain(table.rows[row][0])) for row in rows):
        raise NoAnswer("a row of totals is among those that fit")


def _number(cell: str, *, percent: bool) -> Fraction:
    """Read the one number of a cell; in brackets it is below zero, as accounts have it."""
    match = _NUMBER.fullmatch(cell.strip())
    if match is None or bool(match["open"]) != bool(match["close"]):
        raise NoAnswer(f"the cell {cell[:40]!r} is not one number")
    value = Fraction(match["digits"].replace(",", ""))
    below = bool(match["sign"]) != bool(match["open"])
    return (-value if below else value) / (100 if percent and match["percent"] else 1)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("$", " ").split())
