"""The claims of one solution to their checks: equal claims are decided once, and what was done is counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Event
from typing import TYPE_CHECKING, Final

from genverify import claims, fusion
from genverify.errors import ToolError
from genverify.types import Check, Claim, Cost, Outcome, Problem, Solution

if TYPE_CHECKING:
    from genverify.critic import Reading
    from genverify.tools.checkers import Checkers

_IN_PROCESS: Final = frozenset({"exact", "puzzle"})
"""Tools that need no worker process."""
_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """A solution whose claims the tools have decided."""

    problem: Problem
    solution: Solution
    work: "Work"
    per_step: tuple[tuple[Claim, ...], ...]
    checks: list[list[Check]]
    """For each step those of its claims."""


def evidence_of(decided: Decided, reading: "Reading | None", index: int) -> fusion.Evidence:
    """Gather what critics and tools say of one step (from 0)."""
    checks = decided.checks[index]
    known = [c.claim for c in checks if c.outcome is not Outcome.UNDECIDED]
    critiques = reading.critiques[index] if reading is not None else ()
    asked = [check for critique in critiques for check in critique.checks]
    coverage = claims.coverage(decided.solution.steps[index].text, known)
    return fusion.Evidence(index, critiques, (*checks, *asked), coverage)


@dataclass(slots=True)
class Work:
    """The checks of one solution: equal claims are decided once, and what was done is counted."""

    tools: "Checkers"
    closed: Event
    known: dict[_Key, Check] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    worker_checks: int = 0

    def decide(self, wanted: Sequence[Claim]) -> list[Check]:
        """Return a check for each claim, in order.

        Raises:
            ToolError: the verifier has been closed.
        """
        if self.closed.is_set():
            raise ToolError("this verifier has been closed; make a new one")
        fresh = {_key(c): c for c in wanted if _key(c) not in self.known}
        for key, check in zip(fresh, self.tools.check_many(list(fresh.values())), strict=True):
            self.known[key] = check
            self.used.add(check.tool)
            self.worker_checks += check.tool not in _IN_PROCESS
        return [replace(self.known[_key(c)], claim=c) for c in wanted]

    def cost(self, wall_s: float) -> Cost:
        """Return what was done, and the ``wall_s`` seconds that it took."""
        return Cost(wall_s=wall_s, checks=len(self.known), worker_checks=self.worker_checks)


def _key(claim: Claim) -> _Key:
    """Return what a check depends on: two claims with equal keys have equal outcomes wherever they stand."""
    return (claim.kind, claim.statement, claim.givens, claim.tolerance, claim.slack)
