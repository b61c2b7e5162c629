"""The claims of steps to labels: one refutation makes a step wrong, right needs all confirmed, the rest stays open."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from genverify.data.values import StepLabel
from genverify.types import Check, Claim, Outcome

if TYPE_CHECKING:
    from genverify.tools.checkers import Checkers


TRANSITION: Final = StepLabel(True, "transition")
"""Of a step of which its author knows that it claims nothing, such as "Let us begin": nothing in it can be wrong.

FoVer's task counts general statements and transitions as correct. A step of somebody else's in which nothing was found
to decide may claim what nobody read; that one stays unknown.
"""


def decide(steps: Sequence[Sequence[Claim]], checkers: "Checkers") -> list[StepLabel]:
    """Return a label for each step, from what has to hold for it to be right.

    All claims are handed over at once, so that the workers stay busy: give many solutions' steps together.

    Raises:
        ToolError: a worker was needed and could not be started.
    """
    checks = iter(checkers.check_many([claim for claims in steps for claim in claims]))
    return [of(tuple(_take(checks, len(claims)))) for claims in steps]


def _take(checks: Iterator[Check], count: int) -> Iterator[Check]:
    for _ in range(count):
        yield next(checks)


def of(checks: Sequence[Check]) -> StepLabel:
    """Return what the checks of all that a step says make of it; of a step that says nothing nothing is known."""
    if not checks:
        return StepLabel(None, "none", "nothing to decide")
    refuted = next((c for c in checks if c.outcome is Outcome.REFUTED), None)
    if refuted is not None:
        return StepLabel(False, refuted.tool, refuted.witness)
    open_ = next((c for c in checks if c.outcome is Outcome.UNDECIDED), None)
    if open_ is not None:
        return StepLabel(None, open_.tool, str(open_.reason))
    return StepLabel(True, checks[-1].tool)
