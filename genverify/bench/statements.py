"""Logic problems and questions about tables to solutions that state one thing, which holds or does not.

A logic row ``{"premises", "premises_fol", "conclusion", "conclusion_fol", "label"}`` becomes a solution of one step,
the conclusion. It is right if it follows: labels ``True`` and ``yes``; ``False``, ``Uncertain`` and ``no`` are wrong.

A table row ``{"question", "answer", "program"}`` whose program is arithmetic becomes two solutions, the program
worked out to the gold answer and to one that is a tenth off. Tables themselves are not read.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

from genverify.bench.files import RawRow, raw_rows
from genverify.bench.rows import Gold, Row, Unusable
from genverify.errors import RecordError
from genverify.types import Problem, Solution

_HOLDS: Final = {"true": True, "yes": True, "false": False, "no": False, "uncertain": False, "unknown": False}
_ARITHMETIC: Final = re.compile(r"[\d\s.,()\[\]+*/×÷%$-]+")
_LINE: Final = re.compile(r"(?:x\d|ans)\s*=\s*(?:x\d\b|[\s\d.+*/()-])+")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


def read(path: Path) -> tuple[list[Row], list[Unusable]]:
    """Return the statements of ``path``, and the rows that give none, each with the reason.

    Raises:
        RecordError: the file cannot be read, or not one of its rows can be used.
    """
    rows: list[Row] = []
    bad: list[Unusable] = []
    for place, raw in raw_rows(path):
        try:
            rows.extend(_logic(raw, place) if "conclusion" in raw else _table(raw, place))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            bad.append(Unusable(place, f"{place}: {type(error).__name__}: {error}"))
    if not rows:
        first = f"; the first: {bad[0].why}" if bad else ""
        raise RecordError(f"{path}: expected statements, got none ({len(bad)} rows cannot be used{first})")
    return rows, bad


def _logic(raw: RawRow, place: str) -> Iterator[Row]:
    holds = _HOLDS[str(raw["label"]).lower()]
    formal = tuple(raw.get("premises_fol") or ())
    conclusion = str((formal and raw.get("conclusion_fol")) or raw["conclusion"])
    id_ = str(raw.get("id", place))
    premises = tuple(raw["premises"])
    problem = Problem(" ".join(premises), id=id_, premises=premises, premises_fol=formal)
    yield Row(
        id_, problem, Solution.from_steps((conclusion,), id=id_), Gold(-1 if holds else 0, group=str(raw["label"]))
    )


def _table(raw: RawRow, place: str) -> Iterator[Row]:
    program, answer = raw.get("program"), raw["answer"]
    if not program or isinstance(answer, bool | list) or not _NUMBER.fullmatch(str(answer)):
        raise ValueError("no program, or no single number as the answer")
    steps = _worked(str(program))
    percent = "%" if (raw.get("meta") or {}).get("scale") == "percent" else ""
    id_ = str(raw.get("id", place))
    for name, value in (("gold", str(answer)), ("off", _tenth_off(str(answer)))):
        texts = (*steps[:-1], f"{steps[-1]} = {value}{percent}")
        gold = Gold(-1 if name == "gold" else len(texts) - 1, group=name)
        own = f"{id_}-{name}"
        yield Row(own, Problem(str(raw["question"]), id=own), Solution.from_steps(texts, id=own), gold)


def _worked(program: str) -> list[str]:
    """Return the lines of a program such as ``x0 = 3 - 1; ans = x0 / 2``, or of a bare derivation.

    The names ``x0``, ``x1`` ... become letters, and the last line is what ``ans`` is said to be.
    """
    lines = [line.strip() for line in program.split(";") if line.strip()]
    if not lines:
        raise ValueError("the program is empty")
    if len(lines) == 1 and "=" not in program:
        if not _ARITHMETIC.fullmatch(program) or not re.search(r"\d\W*[-+*/×÷]\W*\d", program):
            raise ValueError(f"the derivation {program[:60]!r} is not arithmetic")
        return [program.strip()]
    if any(_LINE.fullmatch(line) is None for line in lines) or not lines[-1].startswith("ans"):
        raise ValueError(f"the program {program[:60]!r} is not arithmetic")
    lettered = [re.sub(r"\bx(\d)\b", lambda m: "abcdfghjkm"[int(m[1])], line) for line in lines]
    return [*lettered[:-1], lettered[-1].partition("=")[2].strip()]


def _tenth_off(answer: str) -> str:
    """Return a number a tenth away from ``answer``, and at least one in its last written digit, as it is written."""
    places = len(answer.partition(".")[2])
    value = Fraction(answer)
    off = value + max(abs(value) / 10, Fraction(1, 10**places))
    return f"{float(off):.{places}f}"
