"""Answers about tables that others wrote to examples, labelled by what their steps plainly say.

Two things are read, and nothing else: look-ups that name a row and a column of the table (``In the row West, Revenue is
410``), and claims about numbers, as :mod:`genverify.claims` finds them. A step is right only if every number in it
belongs to something that was confirmed. That ``340 + 290 = 630`` holds does not show that a sum was asked for: a step
that computes is right only in an answer that comes out at the reference.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from genverify import templates
from genverify.claims import extract
from genverify.data.values import Dropped, Example, Kind, LabelledStep, StepLabel, Tools
from genverify.errors import RecordError
from genverify.protocols.tables import NoAnswer, look_up, shown
from genverify.types import Check, Outcome, Problem, Solution, Table

_VALUE: Final = r"(?P<value>[$€£]?\s?[-−]?[$€£]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?\s?%?)"
_FORMS: Final = (
    rf"in (?:the )?row (?:of |for )?%row%,? (?:the )?%column% (?:is|was|=|equals) {_VALUE}",
    rf"(?:the )?%column% (?:of|for|in) (?:the row )?%row%(?:,? is|,? was| =|:| equals) {_VALUE}",
    rf"(?:look up )?%row%: %column% (?:=|is) {_VALUE}",
    rf"the table gives {_VALUE} for %column% in the row %row%",
)
"""Sentences that say what stands in one cell."""
_NUMBER: Final = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class LookUp:
    """What a step says of one cell."""

    row: str
    column: str
    value: Fraction
    span: tuple[int, int]
    """The characters ``[start, end)`` of the step that say it, counted from 0."""


def label(
    problem: Problem, steps: Sequence[str], tools: Tools, *, maker: str = "file:unnamed", id: str | None = None
) -> Example | Dropped:
    """Label an answer from outside, step by step.

    Args:
        problem: the question, with its table.
        steps: the answer.
        tools: for their checkers.
        maker: who wrote it: ``engine:NAME`` or ``file:NAME``.
        id: what the example is called; None takes the problem's id.

    Raises:
        RecordError: the problem has no table.
        ToolError: a checker could not be started.
    """
    name = id or problem.id or "tables"
    if problem.table is None:
        raise RecordError(f"{name}: a question about a table needs the table (problem.table), got none")
    if not any(step.strip() for step in steps):
        return Dropped(name, "no steps")
    solution = Solution.from_steps(tuple(steps))
    claims = extract(Problem(problem.text), solution)
    checks = iter(tools.checkers.check_many([claim for found in claims for claim in found]))
    agrees = problem.answer is not None and _agrees(steps[-1], problem.answer)
    made = []
    for text, found in zip(steps, claims, strict=True):
        decided = _label(text, problem.table, [next(checks) for _ in found], agrees)
        made.append(LabelledStep(text, decided, found))
    return Example(
        name, Kind.TABLES, problem, tuple(made), maker, problem.id or name, answer=solution.final_answer or ""
    )


def prompt(problem: Problem) -> str:
    """Return a prompt that asks for an answer in steps that :func:`label` can read (``prompts/data_tables.toml``).

    Raises:
        RecordError: the problem has no table.
    """
    if problem.table is None:
        raise RecordError(f"{problem.id}: a question about a table needs the table (problem.table), got none")
    return templates.load("data_tables").fill("ask", table=shown(problem.table), question=problem.text)


def look_ups(text: str, table: Table) -> list[LookUp]:
    """Return what a step says of single cells, in plain sentences that name row and column."""
    rows = [row[0] for row in table.rows if row[0].strip()]
    columns = {re.sub(r"\s*\([^()]*\)$", "", name): name for name in table.header[1:] if name.strip()}
    if not rows or not columns or len(set(rows)) < len(rows):
        return []
    found = []
    for form in _FORMS:
        pattern = form.replace("%row%", _one_of("row", rows)).replace("%column%", _one_of("column", list(columns)))
        for match in re.finditer(rf"(?<!\w){pattern}(?=[.;,]?(?:\s|$))", text, re.IGNORECASE):
            row = next(r for r in rows if r.casefold() == match["row"].casefold())
            column = next(header for c, header in columns.items() if c.casefold() == match["column"].casefold())
            found.append(LookUp(row, column, _number(match["value"]), match.span()))
    return found


def _one_of(group: str, names: Sequence[str]) -> str:
    longest_first = sorted(names, key=len, reverse=True)
    return rf"[\"'`]?(?P<{group}>{'|'.join(map(re.escape, longest_first))})[\"'`]?"


def _number(text: str) -> Fraction:
    return Fraction(re.sub(r"[^\d.−-]", "", text).replace("−", "-"))


def _agrees(last: str, answer: str) -> bool:
    """Tell whether the last step gives the reference answer: its number and unit, or its name."""
    return re.search(rf"(?<![\w.,-]){re.escape(answer)}(?![\w,]|\.\d)", last.strip(), re.IGNORECASE) is not None


def _label(text: str, table: Table, checks: Sequence[Check], agrees: bool) -> StepLabel:
    """Return the label of one step, from its look-ups and the checks of its claims."""
    spans = []
    for found in look_ups(text, table):
        value = _cell(table, found)
        if value is None:
            continue
        if value != found.value:
            return StepLabel(False, "table", f"{found.column} of {found.row} is {value}, not {found.value}"[:300])
        spans.append(found.span)
    refuted = next((check for check in checks if check.outcome is Outcome.REFUTED), None)
    if refuted is not None:
        return StepLabel(False, refuted.tool, refuted.witness)
    if any(check.outcome is Outcome.UNDECIDED for check in checks):
        return StepLabel(None, "none", "a claim could not be decided")
    spans += [check.claim.span for check in checks]
    if not spans:
        return StepLabel(None, "none", "nothing to decide")
    if not all(any(a <= m.start() < b for a, b in spans) for m in _NUMBER.finditer(text)):
        return StepLabel(None, "none", "it says more than was decided")
    if checks and not agrees:
        return StepLabel(None, "none", "it computes rightly; whether that was to be computed is not known")
    return StepLabel(True, checks[-1].tool if checks else "table")


def _cell(table: Table, found: LookUp) -> Fraction | None:
    try:
        return look_up(table, f"cell({found.column}; row = {found.row})")
    except NoAnswer:
        return None
