"""A problem and the first steps of a solution to an estimate of success: what becomes of it when a policy goes on.

A rollout is judged against the reference answer, three-valued: one that was cut off, that names no answer, whose
answer cannot be compared or that failed is neither right nor wrong. It stays in the record and out of the rate.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from genverify import answers
from genverify.policies import Task

if TYPE_CHECKING:
    from genverify.policies import Draft, Policy
    from genverify.tools.checkers import Checkers
    from genverify.types import Problem

IN_FLIGHT: Final = 64
"""Rollouts under way at once: what a batching engine takes, and few enough to hold in memory."""
FAILED: Final = "failed"
CUT_OFF: Final = "cut off"
NO_ANSWER: Final = "no answer"
NOT_COMPARABLE: Final = "not comparable"
Z_95: Final = 1.959964
"""Two-sided 95 % quantile of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """One completion of the first steps of a solution."""

    text: str
    """What the policy wrote after those steps; empty if it failed."""
    right: bool | None
    """Whether its final answer equals the reference; None if that is not known."""
    tokens: int = 0
    """Tokens generated, at least 0."""
    why: str = ""
    """Why ``right`` is None: ``failed``, ``cut off``, ``no answer`` or ``not comparable``; else empty."""
    detail: str = ""
    """What the policy or the tools said when it failed."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The rollouts from one prefix, in the order of their draws."""

    rollouts: tuple[Rollout, ...]

    @property
    def right(self) -> int:
        """Return how many reached the reference answer."""
        return sum(r.right is True for r in self.rollouts)

    @property
    def decided(self) -> int:
        """Return how many are right or wrong: the denominator of the rate."""
        return sum(r.right is not None for r in self.rollouts)

    @property
    def failed(self) -> bool:
        """Tell whether every rollout failed, so that nothing was learned but that something is broken."""
        return all(r.why == FAILED for r in self.rollouts)

    @property
    def rate(self) -> float | None:
        """Return right / decided in [0, 1]; None if less than half of the rollouts are decided, or there is none."""
        return self.right / self.decided if self.decided and 2 * self.decided >= len(self.rollouts) else None

    def reaches(self, threshold: float = 0.0) -> bool | None:
        """Tell whether the rate is at least ``threshold``, in [0, 1]; of 0, whether any rollout is right.

        Returns:
            None if too few are decided to say so; one right rollout always shows that the answer can be reached.
        """
        if threshold <= 0 and self.right:
            return True
        if self.rate is None:
            return None
        return threshold > 0 and self.rate >= threshold

    def interval(self, z: float = Z_95) -> tuple[float, float]:
        """Return the Wilson score interval of the rate for the normal quantile ``z``, above 0."""
        return wilson(self.right, self.decided, z)

    def leaves_open(self, threshold: float, z: float) -> bool:
        """Tell whether the rate may lie on either side of ``threshold``: whether the Wilson interval holds it."""
        low, high = self.interval(z)
        return low <= threshold <= high

    def said(self) -> str:
        """Say in a few words what was counted: ``3 of 7 right; 1 cut off``."""
        lost = Counter(r.why for r in self.rollouts if r.right is None)
        return "; ".join([f"{self.right} of {self.decided} right", *(f"{n} {why}" for why, n in sorted(lost.items()))])


def wilson(right: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """Return the Wilson score interval for ``right`` successes of ``total`` (Wilson 1927): within [0, 1].

    ``(p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)`` with p = right/total, n = total; (0, 1) of none.
    """
    if total == 0:
        return 0.0, 1.0
    p, spread = right / total, z * z / total
    middle, half = p + spread / 2, z * math.sqrt(p * (1 - p) / total + spread / (4 * total))
    # at the ends the bound is exact, and rounding must not move it off
    low = 0.0 if right == 0 else (middle - half) / (1 + spread)
    high = 1.0 if right == total else (middle + half) / (1 + spread)
    return low, high


@dataclass(frozen=True, slots=True)
class Effort:
    """How many rollouts a prefix is worth."""

    k: int = 8
    """Most rollouts of one prefix, at least 1."""
    z: float | None = None
    """With a number above 0 drawing stops as soon as the Wilson interval for this normal quantile excludes the
    threshold that the method asks about, and what it does not exclude after ``k`` stays unknown where the threshold is
    above 0. None draws all ``k`` and takes the rate as it is. Looking several times errs more often than one look at
    that ``z`` would, and a rate that was stopped early is further from the threshold than the truth."""
    batch: int = 4
    """Rollouts drawn together between two looks, at least 1."""

    def __post_init__(self) -> None:
        if self.k < 1 or self.batch < 1 or (self.z is not None and not self.z > 0):
            raise ValueError(f"expected k and batch of at least 1 and z above 0 or None, got {self}")


@dataclass(slots=True)
class Spent:
    """What the rollouts took so far."""

    calls: int = 0
    """Times that the policy was asked; what came from the cache is not counted."""
    tokens: int = 0
    prompt_tokens: int = 0
    failed: int = 0
    """Those of ``calls`` that brought nothing."""


class Prober:
    """Has a policy complete the first steps of solutions to one problem, and judges what comes.

    Draw ``n`` of a prefix depends on the policy, the problem, the prefix and ``n`` alone, so labels do not depend on
    the order of work; a prefix that several solutions or methods ask about is drawn once. It works on one event loop.

    Args:
        policy: writes; a seed of its own moves all draws.
        problem: what was asked, with its reference answer.
        checkers: prove that answers are equal where values do not show it; without them such pairs stay open.
        room: bounds the rollouts under way, over all probers that share it; None bounds this one by ``IN_FLIGHT``.
        call_s: seconds after which one rollout is given up as failed, above 0.
        spent: where to count; None starts a count of its own.

    Raises:
        ValueError: the problem has no reference answer.
    """

    def __init__(
        self,
        policy: "Policy",
        problem: "Problem",
        *,
        checkers: "Checkers | None" = None,
        room: asyncio.Semaphore | None = None,
        call_s: float = 600.0,
        spent: Spent | None = None,
    ) -> None:
        if problem.answer is None or not problem.answer.strip():
            raise ValueError("rollouts are judged by the reference answer, and the problem has none")
        self.problem, self.spent = problem, spent or Spent()
        self._policy, self._reference, self._checkers = policy, problem.answer, checkers
        self._room, self._call_s = room or asyncio.Semaphore(IN_FLIGHT), call_s
        self._drawn: dict[tuple[str, int], asyncio.Task[Rollout]] = {}

    async def probe(self, steps: Sequence[str], effort: Effort, threshold: float | None = None) -> Estimate:
        """Return what rollouts from ``steps`` make of the problem.

        Args:
            steps: the first steps of a solution as they were written; empty asks about the problem alone.
            effort: how many rollouts.
            threshold: a rate in [0, 1] at which the caller's decision turns; lets an adaptive effort stop early.
        """
        begun = laid_out(steps)
        if effort.z is None or threshold is None:
            return await self._estimate(begun, effort.k)
        for count in (*range(effort.batch, effort.k, effort.batch), effort.k):
            found = await self._estimate(begun, count)
            if not found.leaves_open(threshold, effort.z):
                break
        return found

    async def judged(self, answer: str | None) -> bool | None:
        """Tell whether ``answer`` equals the reference answer; None without one, or if that stays open."""
        if answer is None:
            return None
        return await asyncio.to_thread(answers.same, answer, self._reference, self._checkers)

    async def _estimate(self, begun: tuple[str, ...], count: int) -> Estimate:
        return Estimate(tuple(await asyncio.gather(*(self._draw(begun, n) for n in range(count)))))

    def _draw(self, begun: tuple[str, ...], number: int) -> asyncio.Task[Rollout]:
        key = ("".join(begun), number)
        task = self._drawn.get(key)
        if task is None or task.cancelled():  # a caller that was cancelled leaves nothing for the next
            task = self._drawn[key] = asyncio.create_task(self._rollout(begun, number))
        return task

    async def _rollout(self, begun: tuple[str, ...], number: int) -> Rollout:
        try:
            async with self._room:
                self.spent.calls += 1
                async with asyncio.timeout(self._call_s):
                    draft = await self._policy.write(self.problem, begun, Task(draw=number))
            self.spent.tokens += draft.tokens
            self.spent.prompt_tokens += draft.prompt_tokens
            return await self._read("".join(begun), draft)
        # The boundary of one rollout: whatever a policy or a tool does, the others count.
        except Exception as error:  # noqa: BLE001
            self.spent.failed += 1
            return Rollout("", None, why=FAILED, detail=f"{type(error).__name__}: {error}")

    async def _read(self, begun: str, draft: "Draft") -> Rollout:
        answer = _answer(begun, draft)
        if answer is None:
            return Rollout(draft.text, None, draft.tokens, NO_ANSWER if draft.complete else CUT_OFF)
        right = await self.judged(answer)
        return Rollout(draft.text, right, draft.tokens, "" if right is not None else NOT_COMPARABLE)


def _answer(begun: str, draft: "Draft") -> str | None:
    """Return the answer that a draft gives: as marked, else, of a whole draft, its last number."""
    own = answers.find(draft.text)
    if own is not None and own.how == "marked":
        return own.text
    if not draft.complete:
        return None
    # a policy that finds nothing to add to steps that end in an answer agrees with them
    whole = answers.find(begun + draft.text)
    if whole is not None and whole.how == "marked":
        return whole.text
    return None if own is None else own.text


def laid_out(steps: Sequence[str]) -> tuple[str, ...]:
    """Return steps with white space after each, a blank line where they carry none, so that another may follow."""
    return tuple(step if step[-1:].isspace() else f"{step}\n\n" for step in steps)


def answer_of(steps: Sequence[str]) -> str | None:
    """Return the final answer that a whole solution gives; None if none was found."""
    found = answers.find("".join(laid_out(steps)))
    return None if found is None else found.text
