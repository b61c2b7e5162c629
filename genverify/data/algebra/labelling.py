"""Solutions of algebra problems from outside: what the steps themselves say decides their labels, nothing else.

A refuted claim makes a step wrong. A step is right only if the tools confirmed all that it says: every claim, with no
word or number outside of them (``genverify.fusion``). A last step that does no more than state the answer is compared
with the reference. All else stays unknown: a confirmed sum may be the sum of the wrong numbers.
"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from genverify import answers, numerals, templates
from genverify.claims import coverage, extract
from genverify.data.values import Example, Kind, LabelledStep, StepLabel, Tools
from genverify.fusion.evidence import Evidence
from genverify.steps import final_answer
from genverify.types import Check, Outcome, Problem, Solution

if TYPE_CHECKING:
    from genverify.tools.checkers import Checkers

MAX_STEPS: Final = 200
"""Most steps of a solution that is labelled; the longest of a person's or a model's in our data has 120."""


def prompt(problem: Problem) -> str:
    """Return what an engine is asked to solve a problem in steps that can be labelled, with examples of our own."""
    return templates.load("data_algebra").fill("solve", problem=problem.text)


def label(problem: Problem, steps: Sequence[str], tools: Tools, maker: str = "file:unknown") -> Example:
    """Return a solution with a label for each step, as far as tools can tell.

    Args:
        problem: the problem; its ``answer`` is compared with what a last step states.
        steps: the texts of the steps, at least one and at most ``MAX_STEPS``.
        tools: what decides.
        maker: who wrote the solution: ``engine:NAME`` or ``file:NAME``.

    Raises:
        ValueError: there is no step, or there are too many.
        ToolError: a tool could not be started.
    """
    if len(steps) > MAX_STEPS:
        raise ValueError(f"a solution has {len(steps)} steps, at most {MAX_STEPS} are labelled")
    solution = Solution.from_steps(list(steps))
    claims = extract(problem, solution)
    checks = iter(tools.checkers.check_many([claim for found in claims for claim in found]))
    made = []
    for text, found in zip(steps, claims, strict=True):
        decided = [next(checks) for _ in found]
        made.append(LabelledStep(text, _of(text, decided), found, "; ".join(claim.statement for claim in found)))
    last = _answered(problem, steps, tools.checkers)
    if last is not None and made[-1].label.right is None:
        made[-1] = LabelledStep(made[-1].text, last, made[-1].claims, made[-1].said)
    digest = hashlib.sha256(problem.text.encode()).hexdigest()[:16]
    mine = hashlib.sha256("\n\n".join(steps).encode()).hexdigest()[:8]
    return Example(
        f"algebra-{problem.id or digest}-{mine}", Kind.ALGEBRA, problem, tuple(made), maker, f"algebra-{digest}",
        answer=solution.final_answer or "",
    )  # fmt: skip


def _of(text: str, checks: Sequence[Check]) -> StepLabel:
    known = [check.claim for check in checks if check.outcome is not Outcome.UNDECIDED]
    evidence = Evidence(0, (), tuple(checks), coverage(text, known))
    refuted = next((check for check in checks if check.outcome is Outcome.REFUTED), None)
    if evidence.refuted and refuted is not None:
        return StepLabel(False, refuted.tool, refuted.witness)
    if evidence.confirmed:
        return StepLabel(True, checks[-1].tool)
    undecided = next((check for check in checks if check.outcome is Outcome.UNDECIDED), None)
    if undecided is not None:
        return StepLabel(None, undecided.tool, str(undecided.reason))
    return StepLabel(None, "none", "says more than the tools decided" if checks else "nothing to decide")


def _answered(problem: Problem, steps: Sequence[str], checkers: "Checkers") -> StepLabel | None:
    """Compare a last step that only states an answer with the reference; None where it does more or none is known.

    An answer other than the reference is this step's fault only if no step before gave it: else it carries an error on.
    """
    stated = final_answer(steps[-1])
    numbers = numerals.mentioned(steps[-1])
    if problem.answer is None or stated is None or len(numbers) > 1:
        return None
    same = answers.same(stated, problem.answer, checkers)
    if same:
        return StepLabel(True, "answer")
    before = set().union(*(numerals.mentioned(text) for text in (problem.text, *steps[:-1])))
    if same is False and numbers and not numbers & before:
        return StepLabel(False, "answer", f"{stated} is neither {problem.answer} nor a number that was given before")
    return StepLabel(None, "answer", "differs from the reference, but an earlier step gave it")
