"""Proofs in the form of FLD and FoVer to steps, and back: ``fact1 & fact2 -> int1: ({B} & ¬{A})``.

What cannot be read for certain is not read at all: a proof with one malformed step gives no steps but a reason.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from genverify.claims.grammar import Expr
from genverify.data.logic import formulas
from genverify.data.logic.formulas import negated
from genverify.data.logic.problems import Answer, Line
from genverify.errors import GrammarError

MAX_CHARS: Final = 20_000
"""Longest proof read; FoVer's models write up to 256 tokens."""
MAX_STEPS: Final = 200
"""Most steps read."""
HYPOTHESIS: Final = "hypothesis"
_NAME: Final = re.compile(r"(?:fact|int)\d{1,4}|hypothesis", re.ASCII)
_ASSUMED: Final = re.compile(r"\bassump\d*\b|\bvoid\b|[¬~]\s*hypothesis\b(?=[^:]*->)")
_STEP: Final = re.compile(
    r"(?P<cites>[^:]*?)\s*->\s*(?:(?P<name>int\d{1,4})\s*:\s*(?P<formula>.+)|(?P<no>[¬~]?)\s*hypothesis)"
)
_LABEL: Final = re.compile(r"\$proof_label\$\s*:\s*|__(?=(?:PROVED|DISPROVED|UNKNOWN)__)|The final answer is:?\s+")
_ANSWER: Final = re.compile(r"(PROVED|DISPROVED|UNKNOWN)\b|(PROVED|DISPROVED|UNKNOWN)(?=__)")


class UnreadError(Exception):
    """A proof cannot be read for certain.

    Args:
        why: the reason in a few fixed words.
        detail: what exactly, in this proof.
    """

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why)
        self.why, self.detail = why, detail[:200]


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it was written."""

    lines: tuple[Line, ...]
    texts: tuple[str, ...]
    """Each step as it was written, without the semicolon."""
    answer: Answer


def text_of(line: Line, proves: bool | None) -> str:
    """Write one step; where it ``proves`` the hypothesis (True) or its opposite (False), it names that."""
    said = f"{line.name}: {formulas.write(line.formula)}"
    if proves is not None:
        said = HYPOTHESIS if proves else f"¬{HYPOTHESIS}"
    return f"{' & '.join(line.cites)} -> {said}"


def ends(lines: Sequence[Line], place: int, hypothesis: Expr) -> bool | None:
    """Tell whether a step is the last one and states the hypothesis (True) or its opposite (False)."""
    formula = lines[place].formula
    if place != len(lines) - 1 or formula not in (hypothesis, negated(hypothesis)):
        return None
    return formula == hypothesis


def final(answer: str) -> str:
    """Return the last step, as FoVer writes it."""
    return f"The final answer is {answer}"


def read(solution: str | Sequence[str], facts: Mapping[str, Expr], hypothesis: Expr) -> Proof:
    """Read a proof from a text, or from its steps, the last of which may be the answer.

    Args:
        solution: ``fact1 & fact2 -> int1: ...;`` on lines or between semicolons, then ``$proof_label$: PROVED``; what
            stands before ``$proof$``, and from ``$hypothesis$`` on, is not read.
        facts: the facts by name (``fact1`` ...).
        hypothesis: what ``hypothesis`` stands for.

    Raises:
        UnreadError: it cannot be read for certain, with the reason.
    """
    text = solution if isinstance(solution, str) else "\n".join(solution)
    if len(text) > MAX_CHARS:
        raise UnreadError("too long", f"{len(text)} characters, at most {MAX_CHARS} are read")
    body, answer = _split(text)
    written = [part.strip() for part in re.split(r";|\n", body) if part.strip()]
    if not written:
        raise UnreadError("empty proof")
    if len(written) > MAX_STEPS:
        raise UnreadError("too long", f"{len(written)} steps, at most {MAX_STEPS} are read")
    known, lines = dict(facts), list[Line]()
    for step in written:
        line = _line(step, known, hypothesis, len(lines))
        if line.name in known:
            raise UnreadError("a name is given twice", step)
        known[line.name] = line.formula
        lines.append(line)
    return Proof(tuple(lines), tuple(written), answer)


def _split(text: str) -> tuple[str, Answer]:
    """Return the steps and the answer; a proof without an answer was cut off."""
    label = _LABEL.search(text)
    body, after = (text, "") if label is None else (text[: label.start()], text[label.end() :])
    if "$proof$" in body:
        body = body.rpartition("$proof$")[2].removeprefix(":").removeprefix(" =")
    if label is None:
        raise UnreadError("cut off" if body.strip() else "empty proof", body[-80:])
    after, _, _ = after.partition("$hypothesis$")  # where a model that was shown examples goes on to write one more
    if _LABEL.search(after):
        raise UnreadError("more than one answer", after)
    answer = _ANSWER.match(after)
    if answer is None:
        raise UnreadError("no answer", after)
    if after[answer.end() :].strip().strip("_.; "):
        raise UnreadError("text after the answer", after[answer.end() :])
    return body, Answer(answer[1] or answer[2])


def _line(step: str, known: Mapping[str, Expr], hypothesis: Expr, before: int) -> Line:
    if _ASSUMED.search(step):
        raise UnreadError("proof by contradiction", step)
    match = _STEP.fullmatch(step)
    if match is None:
        raise UnreadError("malformed step", step)
    cites = tuple(cite.strip() for cite in match["cites"].split("&"))
    for cite in cites:
        if _NAME.fullmatch(cite) is None:
            raise UnreadError("malformed citation", step)
        if cite not in known and cite != HYPOTHESIS:
            raise UnreadError("cites what is not stated", f"{cite} in {step}")
    if match["name"] is None:
        return Line(cites, f"{HYPOTHESIS}@{before}", negated(hypothesis) if match["no"] else hypothesis)
    try:
        return Line(cites, match["name"], formulas.read(match["formula"]))
    except GrammarError as error:
        formula = match["formula"]
        balanced = formula.count("(") == formula.count(")") and formula.count("{") == formula.count("}")
        raise UnreadError("malformed formula" if balanced else "unbalanced parentheses", f"{step}: {error}") from error
