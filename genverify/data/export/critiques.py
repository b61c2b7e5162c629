"""A labelled step to the critique that a good critic would write of it, or a bad one: words first, then the verdict.

The words come from ``prompts/data_critiques.toml``; which of several wordings is taken depends on the example and the
step alone. What is quoted from an example is made harmless, so that the protocol which reads the critique finds one
verdict in it, ours.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from genverify import templates
from genverify.claims.grammar import App, Num, parse
from genverify.claims.writing import show
from genverify.data.export import programs
from genverify.data.values import Example, LabelledStep
from genverify.errors import GrammarError
from genverify.protocols import genprm, thinkprm
from genverify.protocols.rprm import QUESTION
from genverify.protocols.text import neutralise, one_line
from genverify.types import Claim, ClaimKind

MAX_CLAIMS: Final = 4
"""Claims and premises that a critique names; the rest is "and N more"."""
MAX_QUOTE: Final = 500
"""Characters of a step that are quoted; a longer correction is left out, for half of one corrects nothing."""
_WORDINGS: Final = 3
_READ: Final = re.compile(rf"{re.escape('Is the solution correct')}|{re.escape(QUESTION[:19])}", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"\b(Step\s+\d+)\s*:", re.IGNORECASE)
"""ThinkPRM takes a number and a colon for the start of a step."""
_BETWEEN: Final = re.compile(r"(?<=[a-z])_(?=[a-z]\w* =)|(?<=[a-z])_(?=[a-z_]+ =)")
"""Within the name of a quantity, which is made of words."""
_OWN_NUMBER: Final = re.compile(r"\A\s*Step\s+\d+\s*[:.]\s*", re.IGNORECASE)


def quoted(text: str) -> str:
    """Return foreign text in one line as a critique may quote it: no tag, no verdict, no question of a protocol."""
    line = one_line(_OWN_NUMBER.sub("", text), MAX_QUOTE + 1)
    line = line if len(line) <= MAX_QUOTE else f"{line[:MAX_QUOTE].rpartition(' ')[0]} ..."
    line = _NUMBERED.sub(r"\1,", neutralise(line, genprm.TAGS))
    return _READ.sub("(a question)", line).replace("```", "'''")


def analysis(example: Example, index: int, right: bool, *, correct: bool = True) -> str:
    """Return what a critic says of step ``index`` (from 0) that judges it ``right``, without the verdict itself.

    Where the step's label says otherwise this is what a mistaken critic says: a right value passes for another one, or
    a wrong one for right.

    Args:
        example: the solution.
        index: the step.
        right: what the critic makes of it.
        correct: say how a wrong step should read, where that is known.
    """
    step = example.steps[index]
    draw = _draw(example, index)
    said, judged = _kinds(step)
    parts = [_said(step, f"{said}_{draw}")]
    if right:
        parts.append(_prompts().text(f"{judged[0]}_{draw}"))
    else:
        honest = step.label.right is False
        reason = quoted(step.label.reason if honest else _invented(step)).rstrip(".")
        parts.append(_prompts().fill(f"{judged[1]}_{draw}", reason=f": {reason}" if reason else ""))
        if correct and honest and 0 < len(step.correction) <= MAX_QUOTE:
            parts.append(_prompts().fill("correction", text=quoted(step.correction)))
    return " ".join(parts)


def thought(example: Example, index: int) -> str:
    """Return the part of ThinkPRM's train of thought that judges a step whose label is known."""
    right = bool(example.steps[index].label.right)
    word = thinkprm.LABELS[0 if right else 1]
    return _prompts().fill("thought", number=index + 1, analysis=analysis(example, index, right), word=word)


def evaluation(example: Example, index: int, right: bool) -> str:
    """Return R-PRM's evaluation of a step that comes to the verdict ``right``.

    It corrects nothing: a mistaken critic has no correction, and whether there is one must not tell the two apart.
    """
    words = analysis(example, index, right, correct=False)
    return _prompts().fill("rprm_end", analysis=words, word="Yes" if right else "No")


@dataclass(frozen=True, slots=True)
class Verified:
    """A program and what it printed when it was run."""

    code: str
    output: str


def paragraph(example: Example, index: int, verified: Verified | None) -> str:
    """Return GenPRM's critique of a step whose label is known, as the assistant's turn.

    Args:
        example: the solution.
        index: the step, counted from 0.
        verified: a program that comes to the label, run for real; None for a critique without one.
    """
    right = bool(example.steps[index].label.right)
    prompts = templates.load("genprm")
    words = analysis(example, index, right)
    text = prompts.fill("analyze_open", paragraph=index + 1) + words + "\n" + prompts.text("analyze_close")
    if verified is not None:
        text += prompts.text("verify_open") + verified.code + prompts.text("code_close")
        output = neutralise(verified.output, genprm.TAGS).replace("```", "'''").strip("\n")
        text += prompts.fill("code_output", output=output)
        text += _prompts().text("agrees" if right else "refutes") + prompts.text("verify_close")
    return text + prompts.text("forced") + prompts.fill("forced_end", word="Yes" if right else "No")


def _prompts() -> templates.PromptFile:
    return templates.load("data_critiques")


def _draw(example: Example, index: int) -> int:
    digest = hashlib.sha256(f"{example.id}/{index}".encode()).digest()
    return digest[0] % _WORDINGS


def _kinds(step: LabelledStep) -> tuple[str, tuple[str, str]]:
    """Return how to say what the step says, and how that it is right and that it is wrong."""
    if step.label.source == "answer":
        return ("final" if step.said else "text"), ("answers", "misses")
    if step.claims and all(claim.kind is ClaimKind.ENTAILS for claim in step.claims):
        given = any(claim.givens for claim in step.claims)
        return ("entails" if given else "bare"), ("follows", "unproved")
    if step.claims and not programs.computed(step.claims):
        return "claims", ("agrees", "differs")
    if step.claims or step.said:
        return "claims", ("right", "wrong")
    return "text", ("fine", "faulty")


def _said(step: LabelledStep, key: str) -> str:
    claims = _listed(step.said.split("; ") if step.said else [claim.statement for claim in step.claims])
    values = {
        "entails": {"claims": claims, "givens": _listed([g for claim in step.claims for g in claim.givens])},
        "final": {"said": quoted(step.said.removeprefix("answer = "))},
        "text": {"text": quoted(step.text)},
    }
    return _prompts().fill(key, **values.get(key.partition("_")[0], {"claims": claims}))


def _listed(items: list[str]) -> str:
    once = list(dict.fromkeys(items))
    shown = [_BETWEEN.sub(" ", quoted(item)).replace(" | ", " or ") for item in once[:MAX_CLAIMS]]
    if len(once) > MAX_CLAIMS:
        shown.append(f"{len(once) - MAX_CLAIMS} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def _invented(step: LabelledStep) -> str:
    """Return a false reason against a right step, of the kind that true reasons are; empty where none comes to mind."""
    if step.label.source == "answer":
        found = next((other for word, other in _OTHER_ANSWER if word in (step.said or step.text)), "")
        return f"the hypothesis is {found}" if found else ""
    return next((reason for claim in step.claims if (reason := _against(claim))), "")


_OTHER_ANSWER: Final = (("DISPROVED", "UNKNOWN"), ("PROVED", "UNKNOWN"), ("UNKNOWN", "PROVED"))
"""The answers of logic problems, longer ones first, each with another one."""


def _against(claim: Claim) -> str | None:
    try:
        expr = parse(claim.statement)
    except GrammarError:
        return None
    if claim.kind is ClaimKind.ENTAILS:
        negated = expr.args[0] if isinstance(expr, App) and expr.head == "not" else App("not", (expr,))
        return f"the premises also allow {show(negated)}"
    if not isinstance(expr, App) or expr.head != "=" or not isinstance(expr.args[1], Num):
        return None
    left, right = expr.args[0], expr.args[1]
    other = show(Num(right.value + 1, right.places))
    return f"{other} is not {show(right)}" if isinstance(left, Num) else f"{show(left)} = {other}, not {show(right)}"
