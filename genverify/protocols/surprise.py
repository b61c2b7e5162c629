"""What the numbers of a step cost a model that foresees them, and that together with its verdict as one probability."""

import asyncio
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from genverify import claims
from genverify.engines.base import Message
from genverify.fusion.weights import log_odds, probability
from genverify.protocols.base import Chain
from genverify.types import Check, Outcome, Problem, Solution


@dataclass(frozen=True, slots=True)
class Mix:
    """How the verdict and the surprise at a step's numbers become one probability, in log-odds.

    ::

        logit p = bias + verdict * logit(probability of "correct") + surprise * nats

    The surprise is what the step's numbers cost when they are foreseen from all that stands before them: minus the sum
    of the natural logarithms of their probabilities. It needs no training; a model that cannot say whether a number is
    right may still find it strange.
    """

    bias: float = 0.0
    verdict: float = 1.0
    surprise: float = 0.0
    """At most 0 in a sensible mix; 0 leaves the numbers unread."""

    def __post_init__(self) -> None:
        if not all(math.isfinite(x) for x in (self.bias, self.verdict, self.surprise)):
            raise ValueError(f"the parts of a mix must be finite numbers, got {self}")

    def probability(self, verdict: float, nats: float) -> float:
        """Return the probability that a step is right.

        Args:
            verdict: the probability of ``correct``, in [0, 1].
            nats: the surprise, at least 0.
        """
        sure = min(max(verdict, _LEAST), 1 - _LEAST)
        return probability(self.bias + self.verdict * log_odds(sure) + self.surprise * nats)


VERDICT_ALONE: Final = Mix()
_LEAST: Final = 1e-6
"""Nearest that a verdict may come to 0 or 1: log-odds have no end."""
_DIGITS: Final = re.compile(r"\d{1,12}")
MAX_NUMBERS: Final = 64
"""Runs of digits of one step that are foreseen; a step with more is a table."""


def numbers(step: str) -> list[tuple[int, int]]:
    """Return where the runs of digits in a step's text begin and end."""
    return [m.span() for m in _DIGITS.finditer(step)][:MAX_NUMBERS]


Spans = tuple[tuple[int, int], ...]


def proved(checks: Sequence[Check]) -> Spans:
    """Return where in a step's text the results stand that tools have confirmed: they cannot be strange."""
    confirmed = (check.claim.result_span for check in checks if check.outcome is Outcome.CONFIRMED)
    return tuple(span for span in confirmed if span is not None)


async def proved_in(problem: Problem, solution: Solution, chain: Chain) -> tuple[Spans, ...]:
    """Return for each step what :func:`proved` says of the claims that are read from it; nothing without checkers.

    Raises:
        ToolError: the checkers could not be started or have been closed.
    """
    if chain.checkers is None:
        return ((),) * len(solution.steps)
    found = await asyncio.to_thread(claims.extract, problem, solution)
    checks = iter(await chain.check([claim for own in found for claim in own]))
    return tuple(proved([next(checks) for _ in own]) for own in found)


def unproved(text: str, shown: str, spans: Spans) -> list[tuple[int, int]]:
    """Return where the numbers of a step as it is ``shown`` begin and end, but for those in ``spans`` of its text."""
    moved = text.find(shown)  # white space at the ends is taken off; other changes are rare, and then all count
    if moved < 0:
        return numbers(shown)
    return [(a, b) for a, b in numbers(shown) if not any(first <= a + moved < last for first, last in spans)]


async def surprise(
    turns: tuple[Message, ...], shown: str, places: Sequence[tuple[int, int]], chain: Chain
) -> float | None:
    """Return what numbers of the last question's step cost, in nats; None if this engine cannot say.

    Args:
        turns: the conversation; its last message ends with the step.
        shown: the step.
        places: where in ``shown`` the numbers begin and end.
        chain: asks the engine.

    Raises:
        EngineError: the engine could not answer.
    """
    if "prefix" not in chain.engine.capabilities:
        return None
    before = turns[-1].content.removesuffix(shown)
    nats = 0.0
    for start, end in places:
        begun = (*turns[:-1], Message("user", before + shown[:start]))
        found = await chain.choose(begun, "", (shown[start:end],), generation_prompt=False)
        if found is None:
            return None
        nats -= found[0]
    return nats
