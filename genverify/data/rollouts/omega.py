"""OmegaPRM: the first error of a wrong solution by halving, and a tree of prefixes searched for wrong rollouts.

A prefix counts as wrong if no rollout from it is right. Halving takes it that no rollout gets out of an error: where a
policy does, an earlier error is passed over. Of a solution whose answer is right nothing is probed: it is taken to be
right throughout, as in the paper, and a right answer with a wrong step is not found this way.
"""

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from genverify.data.rollouts import Effort, Estimate, Prober
from genverify.data.rollouts.labels import Labelled, answered
from genverify.data.values import StepLabel
from genverify.fusion.conventions import ALL_RIGHT
from genverify.steps import split
from genverify.types import LabelConvention


async def bisect(reaches: Callable[[int], Awaitable[bool | None]], low: int, high: int, middle: int) -> tuple[int, int]:
    """Halve the steps between a prefix that reaches the answer and one that does not.

    Args:
        reaches: tells of a number of steps whether the answer can be reached from there; None ends the search.
        low: steps from which it can.
        high: steps from which it cannot, above ``low``.
        middle: where to look first; what does not lie strictly between becomes the nearest that does.

    Returns:
        The two closest such numbers that were found; they differ by 1 unless an answer was None. At most
        ceil(log2(high - low)) questions are asked where ``middle`` is the middle.
    """
    while high - low > 1:
        middle = min(max(middle, low + 1), high - 1)
        reached = await reaches(middle)
        if reached is None:
            break
        low, high = (middle, high) if reached else (low, middle)
        middle = (low + high) // 2
    return low, high


async def first_error(prober: Prober, steps: Sequence[str], effort: Effort, answer: str | None = None) -> Labelled:
    """Find the first error of a solution by halving (OmegaPRM, Luo et al. 2024).

    ``place`` and the labels are FIRST_ERROR; ``value`` is the rate where a prefix was probed. The problem alone is
    probed first: where the policy cannot solve it, rollouts say nothing about any step. At most
    k * (1 + ceil(log2 T)) rollouts for T steps.

    Args:
        prober: completes first steps of this problem.
        steps: the steps of the solution, at least 1.
        effort: rollouts of each prefix; adaptive, a prefix needs no more once one is right.
        answer: the solution's final answer; None reads it from the steps.
    """
    search = Halving(prober, steps, effort, "rollouts:omegaprm")
    last = await answered(prober, steps, answer)
    if last.right is not False:
        return search.without(last)
    if await search.reaches(0) is not True:
        return search.unsolved(last)
    low, high = await bisect(search.reaches, 0, len(steps), len(steps) // 2)
    return search.found(low, high, last)


@dataclass(slots=True)
class Halving:
    """One search for the first error of a solution, and the prefixes that it probed."""

    prober: Prober
    steps: Sequence[str]
    effort: Effort
    source: str
    threshold: float = 0.0
    """Least rate of a prefix that counts as right; 0 asks for one right rollout."""
    estimates: dict[int, Estimate] = field(default_factory=dict)

    async def reaches(self, count: int) -> bool | None:
        """Tell whether the answer can be reached from the first ``count`` steps."""
        if count not in self.estimates:
            self.estimates[count] = await self.prober.probe(self.steps[:count], self.effort, self.threshold)
        found, z = self.estimates[count], self.effort.z
        if z is not None and self.threshold > 0 and found.leaves_open(self.threshold, z):
            return None
        return found.reaches(self.threshold)

    def without(self, last: StepLabel) -> Labelled:
        """Return the labels of a solution that was not searched: its answer is right, or nobody knows."""
        right = last.right
        note = "the answer is right; no step was probed" if right else f"not searched: {last.reason}"
        labels = (*[StepLabel(right, self.source, note)] * (len(self.steps) - 1), last)
        return Labelled(labels, LabelConvention.FIRST_ERROR, ALL_RIGHT if right else None, self.estimates)

    def unsolved(self, last: StepLabel) -> Labelled:
        """Return the labels of a solution to a problem that the policy does not solve: nothing is known."""
        note = f"the policy does not solve the problem: {self.estimates[0].said()}"
        labels = [StepLabel(None, self.source, note)] * (len(self.steps) - 1)
        labels.append(StepLabel(None, last.source, f"{note}; {last.reason}"))
        return Labelled(tuple(labels), LabelConvention.FIRST_ERROR, None, self.estimates)

    def found(self, low: int, high: int, last: StepLabel) -> Labelled:
        """Return the labels of a solution that is right up to ``low`` steps and wrong after ``high``."""
        place = high - 1 if high - low == 1 else None
        rights = (True,) * low + (None if place is None else False,) + (None,) * (len(self.steps) - low - 1)
        labels = [self._label(index, right) for index, right in enumerate(rights[:-1])]
        why = last.reason if place == len(self.steps) - 1 else f"not looked at by itself; {last.reason}"
        labels.append(StepLabel(rights[-1], last.source, why, last.value))
        return Labelled(tuple(labels), LabelConvention.FIRST_ERROR, place, self.estimates)

    def _label(self, index: int, right: bool | None) -> StepLabel:
        probed = self.estimates.get(index + 1)
        if probed is not None:
            return StepLabel(right, self.source, probed.said(), probed.rate)
        if right and any(n > index + 1 and e.reaches(self.threshold) for n, e in self.estimates.items()):
            return StepLabel(right, self.source, "lies before a prefix that reaches the answer")
        return StepLabel(right, self.source, "not probed, taken to be right" if right else "not probed")


# --- the tree -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tuning:
    """Constants of the tree's priorities, as openr's OmegaPRM sets them."""

    alpha: float = 0.5
    """In (0, 1]: how much rollouts from states of a high rate are preferred, whose errors are the rarer ones."""
    beta: float = 0.9
    """In (0, 1]: how much long rollouts are held back."""
    length: int = 500
    """Tokens at which a rollout's length weighs once, at least 1."""
    c_puct: float = 0.125
    """At least 0: how much states are preferred from which few rollouts were taken."""


@dataclass(slots=True)
class State:
    """A prefix of solutions, as a node of the tree."""

    steps: tuple[str, ...]
    """The steps that lead here; none at the root."""
    estimate: Estimate
    visits: int = 0
    """How often a rollout of it was searched."""


@dataclass(frozen=True, slots=True)
class Searched:
    """A wrong rollout and where its first error lies: one labelled solution."""

    steps: tuple[str, ...]
    """The whole solution: the state's steps, then the rollout's."""
    labelled: Labelled


@dataclass(frozen=True, slots=True)
class Tree:
    """What a search through the solutions of one problem found."""

    states: tuple[State, ...]
    """In the order in which they were reached; the first is the root."""
    searched: tuple[Searched, ...]
    """In the order in which they were searched."""

    @property
    def rollouts(self) -> int:
        """Return the rollouts of all states together: those of every probed prefix count."""
        return sum(len(state.estimate.rollouts) for state in self.states)


def priority(rate: float, tokens: int, visits: int, all_visits: int, tuning: Tuning) -> float:
    """Return Q + U of a wrong rollout (OmegaPRM).

    ``Q = alpha^(1 - MC) * beta^(length / L)``, ``U = c_puct * sqrt(sum N) / (1 + N)``.

    Args:
        rate: MC of the state that it was drawn from, in [0, 1].
        tokens: of the rollout, at least 0.
        visits: N of that state, at least 0.
        all_visits: the sum of N over all states, at least 0.
        tuning: the constants.
    """
    exploit = tuning.alpha ** (1 - rate) * tuning.beta ** (tokens / tuning.length)
    return float(exploit + tuning.c_puct * math.sqrt(all_visits) / (1 + visits))


async def grow(
    prober: Prober,
    effort: Effort,
    searches: int = 100,
    rollouts: int = 1000,
    tuning: Tuning = Tuning(),
) -> Tree:
    """Search the wrong rollouts of a problem for their first errors, the most telling first.

    Rollouts from the problem alone make the first candidates. The candidate of the highest priority is taken out and
    searched by halving; every prefix probed on the way becomes a state, whose own wrong rollouts are candidates if
    some of its rollouts are right and some wrong.

    Args:
        prober: completes first steps of this problem.
        effort: rollouts of each state; adaptive, a state that reaches the answer is left with fewer candidates.
        searches: most rollouts searched, at least 0.
        rollouts: no search begins once as many are drawn, at least 0; the last one may pass it.
        tuning: constants of the priorities.
    """
    growing = _Growing(prober, effort, tuning)
    await growing.state(())
    while growing.pool and len(growing.searched) < searches and growing.drawn < rollouts:
        await growing.search(*growing.pop())
    return Tree(tuple(growing.states.values()), tuple(growing.searched))


@dataclass(slots=True)
class _Growing:
    """A tree while it grows."""

    prober: Prober
    effort: Effort
    tuning: Tuning
    states: dict[tuple[str, ...], State] = field(default_factory=dict)
    pool: dict[tuple[str, ...], tuple[State, int]] = field(default_factory=dict)
    """Whole wrong solutions that wait, each with its state and the tokens of the rollout; in order of arrival."""
    searched: list[Searched] = field(default_factory=list)
    known: set[tuple[str, ...]] = field(default_factory=set)
    """Every solution that was ever in the pool."""

    @property
    def drawn(self) -> int:
        return sum(len(state.estimate.rollouts) for state in self.states.values())

    async def state(self, steps: tuple[str, ...]) -> State:
        """Return the state of these steps; a new one is probed and its wrong rollouts join the pool."""
        if steps in self.states:
            return self.states[steps]
        made = self.states[steps] = State(steps, await self.prober.probe(steps, self.effort, 0.0))
        if made.estimate.right:
            for rollout in made.estimate.rollouts:
                whole = (*steps, *split(rollout.text))
                if rollout.right is False and len(whole) > len(steps) and whole not in self.known:
                    self.known.add(whole)
                    self.pool[whole] = (made, rollout.tokens)
        return made

    def pop(self) -> tuple[tuple[str, ...], State]:
        """Take the candidate of the highest priority out; of equal ones the oldest."""
        total = sum(state.visits for state in self.states.values())

        def worth(whole: tuple[str, ...]) -> float:
            state, tokens = self.pool[whole]
            return priority(state.estimate.rate or 0.0, tokens, state.visits, total, self.tuning)

        best = max(self.pool, key=worth)
        return best, self.pool.pop(best)[0]

    async def search(self, whole: tuple[str, ...], state: State) -> None:
        """Halve one wrong solution between the state that it came from and its end."""
        state.visits += 1
        search = Halving(self.prober, whole, self.effort, "rollouts:omegaprm")

        async def reaches(count: int) -> bool | None:
            search.estimates[count] = (await self.state(whole[:count])).estimate
            return search.estimates[count].reaches()

        begun = len(state.steps)
        low, high = await bisect(reaches, begun, len(whole), (begun + len(whole)) // 2)
        search.estimates[begun] = state.estimate
        last = await answered(self.prober, whole)
        self.searched.append(Searched(whole, search.found(low, high, last)))
