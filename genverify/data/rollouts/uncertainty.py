"""The log-probabilities of a solution's tokens to the order in which its steps are probed (UnPRM, Han et al. 2025)."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from genverify.data.rollouts import Effort, Prober, laid_out
from genverify.data.rollouts.labels import Labelled, answered
from genverify.data.rollouts.omega import Halving, bisect
from genverify.engines.base import Message, Request
from genverify.errors import EngineError
from genverify.protocols.text import neutralise

if TYPE_CHECKING:
    from genverify.data.values import StepLabel
    from genverify.policies import EnginePolicy
    from genverify.types import Problem

TEMPERATURE: Final = 5.0
"""By which log-probabilities are divided before the softmax, as in the authors' code."""
ORDERS: Final = ("driven", "delta", "binary", "adaptive")
"""``driven``: the most uncertain step first; ``delta``: the step first at which uncertainty rises most; ``binary``:
by halving; ``adaptive``: by halving, the first look earlier in a hard problem and later in an easy one."""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How unsure a policy was of one step."""

    entropy: float
    """Of the softmax over the step's own tokens of log-probability / temperature: at least 0, in nats. It is no
    entropy of the policy's predictions, and grows with the length: at most the logarithm of the tokens."""
    surprise: float
    """Sum of the negative logarithms of that softmax, at least 0."""
    tokens: int
    """At least 0."""

    @property
    def per_token(self) -> float:
        """Return the entropy by tokens, which does not rank long steps first; 0 for none."""
        return self.entropy / self.tokens if self.tokens else 0.0


def uncertainty(logprobs: Sequence[float], temperature: float = TEMPERATURE) -> Uncertainty:
    """Return how unsure a policy was of a step.

    Args:
        logprobs: natural logarithms of the probabilities of its tokens, at most 0 each; minus infinity is allowed.
        temperature: above 0.

    Raises:
        ValueError: a log-probability is above 0 or not a number.
    """
    if not all(value <= 0 for value in logprobs):
        wrong = next(value for value in logprobs if not value <= 0)
        raise ValueError(f"log-probabilities: expected numbers of at most 0, got {wrong}")
    finite = [value / temperature for value in logprobs if value > -math.inf]
    if not finite:
        return Uncertainty(0.0, math.inf if logprobs else 0.0, len(logprobs))
    top = max(finite)
    norm = top + math.log(sum(math.exp(value - top) for value in finite))
    logs = [value - norm for value in finite]
    entropy = max(0.0, -sum(math.exp(value) * value for value in logs))  # rounding may leave -0.0 of one token
    return Uncertainty(entropy, -sum(logs) if len(finite) == len(logprobs) else math.inf, len(logprobs))


async def surprises(policy: "EnginePolicy", problem: "Problem", steps: Sequence[str]) -> list[float]:
    """Return how little a policy expected each step after those before it: minus its log-probability, in nats.

    It stands in where the log-probabilities of single tokens are not known. It is not UnPRM's own measure, and grows
    with the length of a step as that does.

    Raises:
        EngineError: the policy's engine gives no log-probabilities of continuations (``choices`` and ``prefix`` among
            its capabilities), or could not answer.
    """
    engine = policy.engine
    if not {"choices", "prefix", "messages"} <= engine.capabilities:
        raise EngineError(
            "the policy's engine cannot say how likely a step is; give the log-probabilities of its tokens"
        )
    asked = (
        Message("system", policy.prompts.text("system")),
        Message("user", policy.prompts.fill("solve", problem=neutralise(problem.text, ("problem",)))),
    )
    texts = [neutralise(step) for step in laid_out(steps)]
    requests = [Request(asked, prefix="".join(texts[:t]), choices=(text,)) for t, text in enumerate(texts)]
    answers = await asyncio.gather(*map(engine.complete, requests))
    return [-answer.choice_logprobs[0] if answer.choice_logprobs else math.inf for answer in answers]


def order(uncertainties: Sequence[float], how: str = "driven") -> list[int]:
    """Return the steps (from 0) in the order in which they are probed; the last one is left to the answer.

    ``delta`` charges a rise to the step after it, so that step 0 has none and, as in the authors' code, is never
    probed: an error there is charged to a later step.

    Raises:
        ValueError: ``how`` is neither ``driven`` nor ``delta``.
    """
    probed = range(len(uncertainties) - 1)
    if how == "driven":
        return sorted(probed, key=lambda t: -uncertainties[t])
    if how == "delta":
        rises = [after - before for before, after in pairwise(uncertainties)]
        return sorted(probed[1:], key=lambda t: -rises[t - 1])
    raise ValueError(f"order: expected driven or delta, got {how!r}")


async def unprm(
    prober: Prober,
    steps: Sequence[str],
    effort: Effort,
    how: str = "driven",
    uncertainties: Sequence[float] = (),
    answer: str | None = None,
    share: float = 1.0,
) -> Labelled:
    """Take for the first error the first step, in the given order, after which success is rarer than before.

    The labels are FIRST_ERROR by that method. Under ``driven`` and ``delta`` the step that is met first need not be the
    earliest wrong one: the reason of each step that was not probed says so. A solution whose answer is right is taken
    to be right throughout; where no probed step is wrong, the last one is.

    Args:
        prober: completes first steps of this problem.
        steps: the steps of the solution, at least 1.
        effort: rollouts of each prefix and of the problem alone; adaptive, the search ends where the interval leaves
            open on which side of the threshold a prefix lies.
        how: one of :data:`ORDERS`.
        uncertainties: of each step, needed by ``driven`` and ``delta``.
        answer: the solution's final answer; None reads it from the steps.
        share: a prefix is wrong if its rate is below ``share`` times that of the problem alone, in [0, 1]. 1 is the
            authors' rule and calls many right prefixes wrong where k is small, by chance alone; 0 asks for one right
            rollout.

    Raises:
        ValueError: ``how`` is no order, or there are not as many uncertainties as steps.
    """
    if how not in ORDERS:
        raise ValueError(f"order: expected one of {', '.join(ORDERS)}, got {how!r}")
    ordered = how in ("driven", "delta")
    if ordered and len(uncertainties) != len(steps):
        raise ValueError(f"{how}: expected an uncertainty for each of {len(steps)} steps, got {len(uncertainties)}")
    search = Halving(prober, steps, effort, f"rollouts:unprm-{how}")
    last = await answered(prober, steps, answer)
    if last.right is not False:
        return search.without(last)
    root = search.estimates[0] = await prober.probe((), effort)
    if not root.rate:
        return search.unsolved(last)
    search.threshold = share * root.rate
    if not ordered:
        low, high = await bisect(search.reaches, 0, len(steps), _start(len(steps), root.rate, how))
        return search.found(low, high, last)
    return await _in_order(search, order(uncertainties, how), last)


async def _in_order(search: Halving, probed: Sequence[int], last: "StepLabel") -> Labelled:
    for step in probed:
        reached = await search.reaches(step + 1)
        if reached is None:
            return search.found(0, len(search.steps), last)
        if not reached:
            return search.found(step, step + 1, last)
    return search.found(len(search.steps) - 1, len(search.steps), last)


def _start(steps: int, rate: float, how: str) -> int:
    """Return after how many steps to look first.

    As in the authors' code, of T - 1 prefixes the middle one, moved by a quarter where the problem is solved in less
    than about three of ten rollouts (earlier) or in more than nine of ten (later).
    """
    right = steps - 2  # their index of the last prefix, from 0
    middle = right // 2
    if how == "adaptive" and right >= 4:
        rating = round(rate * 5)
        middle += (right // 4) * ((rating >= 5) - (rating < 2))
    return middle + 1
