"""Tables and pandas programs to what each program finds, one line of JSON a table.

The host sends this file into a kernel as a cell, and then cells that call :func:`answers`. The programs are the host's
own; the tables are texts, read here as numbers where a whole column can be. What is right is decided by the host.
"""

import json
import math
import re
from typing import Any, Final

import pandas as pd

_NUMBER: Final = re.compile(r"[-−]?\$?[-−]?\d+(?:\.\d+)?%?")
MISSING: Final = frozenset({"", "–", "-", "n/a"})


def frame(header: list[str], rows: list[list[str]]) -> pd.DataFrame:
    """Return a table with numbers in the columns that hold nothing else; the first column stays text, years too."""
    columns: dict[str, list[Any]] = {}
    for place, name in enumerate(header):
        cells = [row[place].replace(",", "").strip() for row in rows]
        if place and all(cell in MISSING or _NUMBER.fullmatch(cell) for cell in cells):
            columns[name] = [math.nan if cell in MISSING else _value(cell) for cell in cells]
        else:
            columns[name] = [row[place] for row in rows]
    return pd.DataFrame(columns)


def _value(cell: str) -> float:
    return float(cell.replace("−", "-").replace("$", "").replace("%", ""))


def answers(text: str) -> None:
    """Run programs given as a JSON list of ``[header, rows, [program, ...]]`` and print a line for each table."""
    for header, rows, programs in json.loads(text):
        df = frame(header, rows)
        print(json.dumps([_found(program, df) for program in programs]), flush=True)


def _found(program: str, df: pd.DataFrame) -> object:
    try:
        return _plain(eval(compile(program, "<table>", "eval"), {"df": df, "pd": pd}))
    except Exception as error:  # noqa: BLE001  (it becomes the reason why nothing is known)
        return {"error": f"{type(error).__name__}: {error}"[:200]}


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value
