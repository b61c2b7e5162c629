"""A report to lines for a terminal: steps with their verdicts, the evidence beneath, corrections, one summary line.

Texts come from strangers. All that is printed goes through :func:`genverify.wording.clean`, which turns control
characters, escape sequences and invisible direction marks into visible words, and into ``rich`` as plain ``Text``,
where markup means nothing. Steps are counted from 1 here, as people and solutions do; the summary names the index
(from 0) as well.
"""

import difflib
import errno
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.text import Text

from genverify import wording
from genverify.types import (
    Check,
    Correction,
    CorrectionStatus,
    Critique,
    Disagreement,
    Failure,
    Label,
    Outcome,
    Problem,
    Report,
    Solution,
    Source,
    StepVerdict,
)

MAX_TEXT: Final = 2000
"""Characters of a step or problem that are shown; the middle of a longer one is left out: it would bury the rest."""
MAX_WIDTH: Final = 100
"""Columns used of a wider terminal; longer lines of prose are hard to read."""
MAX_EVIDENCE: Final = 6
"""Confirmed and undecided claims shown under a step; refuted ones are always shown."""

MAX_CRITIQUES: Final = 2
"""Critiques shown under a step; the reports hold them all."""
MAX_CRITIQUE: Final = 300
"""Characters shown of one critique; models write thousands."""
MAX_RUNS: Final = 2
"""Blocks of a critic's code whose output is shown, the last ones."""

_COLOUR: Final = {
    Label.CORRECT: "green", Label.INCORRECT: "bold red", Label.UNDECIDED: "yellow",
    Outcome.CONFIRMED: "green", Outcome.REFUTED: "red", Outcome.UNDECIDED: "yellow",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Signs:
    """The marks of one character set."""

    yes: str
    no: str
    open: str
    arrow: str
    back: str
    dot: str
    rule: str

    def of(self, what: Label | Outcome) -> str:
        good = what in (Label.CORRECT, Outcome.CONFIRMED)
        return self.yes if good else self.no if what in (Label.INCORRECT, Outcome.REFUTED) else self.open


_UNICODE: Final = _Signs("✓", "✗", "?", "→", "←", "·", "─")
_ASCII: Final = _Signs("+", "x", "?", "->", "<-", "-", "-")


@dataclass(frozen=True, slots=True)
class _Line:
    """A paragraph with its indentation, in columns; ``hang`` is what its second and later lines get on top."""

    text: Text
    indent: int = 0
    hang: int = 0


class Terminal(Console):
    """Standard output; a reader that goes away is the caller's to handle, where rich would end with code 1."""

    def __init__(self) -> None:
        super().__init__(file=sys.stdout)

    def on_broken_pipe(self) -> None:
        """Let the error out."""
        raise BrokenPipeError(errno.EPIPE, "the reader of the output went away")


def print_report(console: Console, report: Report, problem: Problem, solution: Solution) -> None:
    """Print one report."""
    signs = _signs(console)
    _print(console, _heading(report, problem, signs, console.width))
    for verdict in report.steps:
        text = solution.steps[verdict.index].text
        _print(console, _step(verdict, text, signs, first=verdict.index == report.first_error))
    _print(console, _disagreements(report.disagreements, signs))
    _print(console, [_Line(summary(report, signs)), _BLANK])


def print_failure(console: Console, failure: Failure) -> None:
    """Print what went wrong with one item, on one line however long."""
    text = Text(wording.clean(f"{failure.where}: {failure.what}").replace("\n", " "), style="red")
    console.print(text, highlight=False, soft_wrap=True)


def print_check(console: Console, check: Check) -> None:
    """Print one check that belongs to no solution."""
    signs = _signs(console)
    words = wording.clean(wording.shorten(wording.words(check.claim), 400))
    head = Text.assemble((f"{signs.of(check.outcome)} ", _COLOUR[check.outcome]), words)
    head.append(f"  {check.outcome.value}", style=_COLOUR[check.outcome])
    head.append(f"  {check.tool}", style="dim")
    lines = [_Line(head, 0, 2)]
    if check.outcome is Outcome.REFUTED:
        lines.append(_Line(Text(wording.clean(wording.sentence(wording.refutation(check))), style="bold"), 2))
    elif check.outcome is Outcome.UNDECIDED:
        lines.append(
            _Line(
                Text(wording.clean(f"{_reason(check)}{': ' if check.witness else ''}{check.witness}"), style="dim"), 2
            )
        )
    _print(console, lines)


def _print(console: Console, lines: Iterable[_Line]) -> None:
    for line in lines:
        width = max(
            min(console.width, MAX_WIDTH) - line.indent - line.hang, 16
        )  # a very narrow terminal breaks lines by itself
        for number, part in enumerate(line.text.wrap(console, width, overflow="fold") or [Text()]):
            part.rstrip()
            before = " " * (line.indent + (line.hang if number else 0))
            console.print(Text(before) + part if part else part, highlight=False, soft_wrap=True)


_BLANK: Final = _Line(Text())


def _signs(console: Console) -> _Signs:
    return _UNICODE if console.encoding.lower().startswith("utf") else _ASCII


def _heading(report: Report, problem: Problem, signs: _Signs, width: int) -> Iterator[_Line]:
    name = wording.shorten(wording.clean(problem.id or report.problem_id or "solution").replace("\n", " "), 60)
    rule = Text(f"{name} ", style="bold")
    rule.append(signs.rule * max(min(width, MAX_WIDTH) - rule.cell_len, 0), style="dim")
    yield _Line(rule)
    text = _limited(problem.text)
    if text:
        yield _Line(Text(text, style="dim"))
    yield _BLANK


def _limited(text: str) -> str:
    text = text.strip()
    if len(text) > MAX_TEXT:
        text = f"{text[: MAX_TEXT - 200]}\n… {len(text) - MAX_TEXT} characters left out …\n{text[-200:]}"
    return re.sub(r"\n\s*\n", "\n", wording.clean(text))


def _step(verdict: StepVerdict, text: str, signs: _Signs, *, first: bool) -> Iterator[_Line]:
    colour = _COLOUR[verdict.label]
    head = Text.assemble((f"{signs.of(verdict.label)} ", colour), (f"Step {verdict.index + 1}", "bold"), "  ")
    head.append(_verdict_words(verdict), style=colour)
    if verdict.p_correct is not None:
        head.append(f"  p = {verdict.p_correct:.2f}", style="dim")
    if first:
        head.append("  ").append(f"{signs.back} first error", style="bold red")
    yield _Line(head, 0, 2)
    yield _Line(Text(_limited(text)), 2)
    if verdict.label is Label.INCORRECT:
        yield _Line(Text(wording.clean(verdict.why), style="bold red"), 2)
    yield from _evidence(verdict.checks, signs)
    yield from _critiques(verdict.critiques, signs)
    if verdict.correction is not None:
        yield from _correction(verdict.correction, text, signs)
    yield _BLANK


def _verdict_words(verdict: StepVerdict) -> str:
    if verdict.label is not Label.UNDECIDED:
        return verdict.label.value
    if verdict.p_correct is None:
        return "undecided, beyond the tools"
    return f"undecided, {min(round(verdict.coverage * 100), 99)} % of it confirmed"


def _evidence(checks: Sequence[Check], signs: _Signs) -> Iterator[_Line]:
    """Draw one line a claim: mark, words, tool, and what speaks against it unless the step's sentence said so."""
    said = wording.deciding(checks)
    others = 0
    for check in checks:
        others += check.outcome is not Outcome.REFUTED
        if check.outcome is not Outcome.REFUTED and others > MAX_EVIDENCE:
            continue
        line = Text.assemble((f"{signs.of(check.outcome)} ", _COLOUR[check.outcome]))
        line.append(wording.clean(wording.shorten(wording.words(check.claim), 200)))
        line.append(f"  {check.tool}", style="dim")
        if check.outcome is Outcome.UNDECIDED:
            line.append(f" {signs.dot} {_reason(check)}", style="dim")
        elif check.outcome is Outcome.REFUTED and check is not said:
            line.append(f" {signs.dot} {wording.clean(wording.refutation(check))}", style="dim")
        yield _Line(line, 4, 2)
    if others > MAX_EVIDENCE:
        yield _Line(Text(f"… and {others - MAX_EVIDENCE} more", style="dim"), 6)


def _critiques(critiques: Sequence[Critique], signs: _Signs) -> Iterator[_Line]:
    """Draw the first critiques: what they come to, how they end, what their code printed."""
    for critique in critiques[:MAX_CRITIQUES]:
        p = "no verdict read" if critique.p_correct is None else f"p = {critique.p_correct:.2f}"
        head = Text.assemble(("critic  ", "bold"), (p, "dim"))
        if critique.category:
            head.append(f"  {wording.clean(wording.shorten(critique.category, 40))}", style="dim")
        yield _Line(head, 4, 2)
        said = wording.shorten(_untagged(critique.text), MAX_CRITIQUE)
        yield _Line(Text(wording.clean(said), style="dim"), 6)
        for run in critique.code[-MAX_RUNS:]:
            shown = wording.clean(wording.shorten(run.output, 120)) or "nothing"
            yield _Line(Text(f"its code {signs.arrow} {shown}  {run.status}", style="dim"), 6, 2)
    if len(critiques) > MAX_CRITIQUES:
        yield _Line(Text(f"… and {len(critiques) - MAX_CRITIQUES} more critiques", style="dim"), 4)


def _untagged(text: str) -> str:
    """Leave out the tags and fences that protocols put around what a model says."""
    return re.sub(r"</?\w+>|```\w*", " ", text)


def _disagreements(found: Sequence[Disagreement], signs: _Signs) -> Iterator[_Line]:
    """Draw both sides of each contradiction between critic and tools, and whose word stands."""
    for one in found:
        stands = "the tools' word stands" if one.overridden else f"the verdict is {one.label.value}"
        head = Text.assemble((f"critic against tools, step {one.step + 1}  ", "bold magenta"), (stands, "dim"))
        yield _Line(head, 0, 2)
        whose = " (a claim in the model's words)" if one.source is Source.MODEL else ""
        yield _Line(Text(f"tools{whose} {signs.arrow} {wording.clean(one.tools)}"), 2, 2)
        said = f": {wording.clean(wording.shorten(_untagged(one.critics), MAX_CRITIQUE))}" if one.critics else ""
        yield _Line(Text(f"critic {signs.arrow} {_VIEW[one.outcome]} (p = {one.p_critic:.2f}){said}"), 2, 2)
    if found:
        yield _BLANK


_VIEW: Final = {Outcome.REFUTED: "correct", Outcome.CONFIRMED: "incorrect"}
"""What a critic who contradicts that outcome calls the step."""


def _reason(check: Check) -> str:
    return f"undecided ({check.reason.value.replace('_', ' ') if check.reason else 'unknown'})"


def _correction(correction: Correction, old: str, signs: _Signs) -> Iterator[_Line]:
    was, now = (wording.shorten(wording.clean(t), 60) for t in correction.replaced)
    if correction.status is not CorrectionStatus.VERIFIED:
        words = f"no correction: {now} in place of {was} was tried, and did not pass the checks"
        yield _Line(Text(words, style="dim"), 2, 2)
        return
    head = Text.assemble(("correction  ", "bold cyan"), (was, "red strike"), (f" {signs.arrow} ", "dim"))
    head.append(now, style="bold green").append(f"  {signs.yes} checked", style="green")
    yield _Line(head, 2, 2)
    yield _Line(_changed(wording.clean(old.strip()), wording.clean(correction.text.strip())), 4)
    if correction.affected:
        words = f"used again in {_listed([i + 1 for i in correction.affected])}"
        yield _Line(Text(words, style="magenta"), 2, 2)


def _changed(old: str, new: str) -> Text:
    """Return the new text with what is new in it coloured."""
    before, after = (re.findall(r"\d+(?:[.,]\d+)*|\w+|\s+|.", t[:MAX_TEXT], re.DOTALL) for t in (old, new))
    text = Text()
    for kind, _, _, start, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        text.append("".join(after[start:end]), style="" if kind == "equal" else "bold green")
    return text


def _listed(numbers: Sequence[int]) -> str:
    shown = [str(n) for n in numbers[:12]]
    if len(numbers) > len(shown):
        return f"steps {', '.join(shown)} and {len(numbers) - len(shown)} more"
    return f"step {shown[0]}" if len(shown) == 1 else f"steps {', '.join(shown[:-1])} and {shown[-1]}"


def summary(report: Report, signs: _Signs = _UNICODE) -> Text:
    """Return the one line that says how it went and what it took."""
    counts = Counter(v.label for v in report.steps)
    if report.first_error is not None:
        head, colour = f"First error: step {report.first_error + 1} (index {report.first_error})", "bold red"
    elif counts[Label.UNDECIDED] == 0:
        head, colour = "No error: every step is confirmed", "bold green"
    elif any(v.p_correct is not None for v in report.steps):
        head, colour = "No error found", "bold green"
    else:
        head, colour = "Nothing could be decided", "bold yellow"
    parts = [f"{counts[label]} {label.value}" for label in Label if counts[label]]
    cost = report.cost
    took = f"{cost.checks} check{'' if cost.checks == 1 else 's'} in {_seconds(cost.wall_s)}"
    line = Text.assemble((head, colour))
    line.append(f" {signs.dot} {', '.join(parts)} {signs.dot} {took}", style="dim")
    return line


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"
