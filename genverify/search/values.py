"""What search works with: candidates, the groups of their answers, and a selection that explains itself."""

from dataclasses import dataclass
from enum import StrEnum

from genverify.types import Failure, Label, Report, Solution


class Origin(StrEnum):
    """Where a candidate comes from."""

    GIVEN = "given"
    """It came with the problem."""
    SAMPLED = "sampled"
    """The policy wrote it from the problem alone."""
    CONTINUED = "continued"
    """The policy continued the steps of another candidate that come before its first error."""
    REWRITTEN = "rewritten"
    """The policy wrote another candidate anew, with the critique of its first error at hand."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One solution among several to the same problem, and what the verifier says of it."""

    index: int
    """Place among the candidates, counted from 0."""
    solution: Solution | None
    """None if there is none to judge: it was empty, or the policy failed."""
    answer: str | None = None
    """The final answer as written; None if none was found."""
    answer_from: str = ""
    """``given``, ``marked`` or ``last_number`` (``genverify.answers.Found``); empty without an answer."""
    report: Report | None = None
    """None if it was not verified; ``failure`` says why where that was not on purpose."""
    score: float | None = None
    """What the selection compares, higher is better; None if nothing is known."""
    origin: Origin = Origin.GIVEN
    parent: int | None = None
    """The candidate (from 0) that this one refines; None if it refines none."""
    edited: int | None = None
    """The parent's first error, a step counted from 0, at which this one departs; None without a parent."""
    tokens: int = 0
    """Tokens that the policy generated for it, its parent's not counted; 0 for a given one."""
    complete: bool = True
    """False if the policy was cut off before it came to an end."""
    failure: Failure | None = None

    @property
    def refuted(self) -> bool:
        """Tell whether a step was found to be wrong."""
        return self.report is not None and self.report.first_error is not None

    @property
    def passed(self) -> bool:
        """Tell whether every step was found to be right."""
        return self.report is not None and all(step.label is Label.CORRECT for step in self.report.steps)


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates whose answers are equal."""

    answer: str
    """Their answer, as the first of them writes it."""
    members: tuple[int, ...]
    """Places of the candidates, counted from 0."""
    value: float | None = None
    """What the method counted for this answer: votes, or a sum of scores; None where it compared no answers."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a search took."""

    wall_s: float = 0.0
    """Seconds from start to end."""
    policy_tokens: int = 0
    """Tokens that the policy generated, as its engine counts them; those of cut-off drafts included."""
    policy_tokens_unknown: int = 0
    """The most that drafts which failed may have generated; of them no engine tells."""
    policy_prompt_tokens: int = 0
    policy_calls: int = 0
    critic_tokens: int = 0
    """Tokens that the verifier's critic generated."""
    checks: int = 0
    """Claims handed to tools."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The candidate that was chosen, and why."""

    problem_id: str | None
    method: str
    chosen: int | None
    """Place of the chosen candidate, counted from 0; None if no candidate could be chosen."""
    answer: str | None
    why: str
    """One sentence: what was counted, what won, what was missing."""
    candidates: tuple[Candidate, ...]
    groups: tuple[Group, ...]
    """The answers, in the order in which they first appear; candidates without an answer are in none."""
    tied: tuple[int, ...] = ()
    """Candidates, one for each answer where answers were compared, that were equally good and among which ``seed``
    drew; empty without a tie."""
    seed: int = 0
    undecided_pairs: int = 0
    """Pairs of answers that could be shown neither equal nor different; they vote apart."""
    correct: bool | None = None
    """Whether the chosen answer equals the reference answer; None without one, or if that could not be decided."""
    spent: Spent = Spent()
    failures: tuple[Failure, ...] = ()
    """What went wrong with candidates, in their order."""
