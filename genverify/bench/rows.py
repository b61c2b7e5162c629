"""The values that every benchmark shares: a solution with its gold labels, and what was said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from genverify.types import Label, Outcome, Problem, Solution


@dataclass(frozen=True, slots=True)
class Gold:
    """What is known to be true of one solution. Every index counts steps from 0."""

    first_error: int | None = None
    """First wrong step; -1: every step is right; None: there is a mistake, its place is unknown."""
    right: tuple[bool | None, ...] = ()
    """For each step whether it is right, None unknown; empty where a format labels nothing but the first error."""
    group: str = ""
    """The part of the benchmark this belongs to: PRMBench's class, MathCheck's kind of question."""
    pair: str = ""
    """What ties rows together: PRMBench's original, a pool's problem."""
    inherited: tuple[bool, ...] = ()
    """PARC: for each step whether its only fault is to build on a wrong step ("accumulation error")."""
    premises: tuple[tuple[int, ...], ...] = ()
    """PARC: for each step the steps it builds on; -1 is the problem."""
    correct: bool | None = None
    """Pools: whether the final answer is right."""
    answer: str | None = None
    """Pools: the final answer as written; None if there is none."""
    same: int | None = None
    """Pools: number of the class of equivalent answers within the problem; None without an answer."""
    stored_score: float | None = None
    """Pools: a score that came with the data, such as a reward model's."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled solution of any benchmark."""

    id: str
    problem: Problem
    solution: Solution
    gold: Gold


@dataclass(frozen=True, slots=True)
class Unusable:
    """A row that no figure can be computed from."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled solution and what was said of it, as read back from a file of predictions."""

    id: str
    gold: Gold
    failed: str = ""
    """Why it could not be judged; empty if it was."""
    first_error: int | None = None
    """The first step called INCORRECT; None for none."""
    labels: tuple[Label, ...] = ()
    p: tuple[float | None, ...] = ()
    """For each step the probability in [0, 1] that it is right; None if nothing was decided."""
    samples: tuple[tuple[float | None, ...], ...] = ()
    """For each of the critic's samples the probability it gave to each step; empty without a critic."""
    score: float | None = None
    """Probability in [0, 1] that the whole solution is right; None if no step has one."""
    decided: tuple[bool, ...] = ()
    """For each step whether a tool confirmed or refuted any of its claims."""
    claims: int = 0
    decided_claims: int = 0
    coverage: float = 0.0
    """Sum over the steps of the share of their text that decided claims speak for, each in [0, 1]."""
    tokens: int = 0
    """Tokens of prompts and completions."""
    tool_s: float = 0.0
    """Seconds that tools worked, those at the same time added up."""
    wall_s: float = 0.0

    @property
    def silent(self) -> bool:
        """Tell whether a critic read the solution and no verdict on any step could be read, nor did tools decide."""
        return bool(self.samples) and all(p is None for p in self.p)

    @property
    def prediction(self) -> int | None:
        """The first wrong step, -1 for "no error found"; None if it was not judged or the critic was not understood."""
        if self.failed or self.silent:
            return None
        return -1 if self.first_error is None else self.first_error

    @property
    def undecided(self) -> bool:
        """Tell whether no error was found and not every step is known to be right."""
        return self.prediction == -1 and any(label is not Label.CORRECT for label in self.labels)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Read one line of a file of predictions: a report with a field ``gold``, or ``id``, ``gold``, ``failed``."""
        gold = _gold(record["gold"])
        if "failed" in record:
            return cls(str(record["id"]), gold, failed=str(record["failed"]) or "failed")
        steps: Sequence[Mapping[str, Any]] = record["steps"]
        decided = [[c for c in s["checks"] if c["outcome"] != Outcome.UNDECIDED] for s in steps]
        cost = record["cost"]
        return cls(
            id=str(record["id"]),
            gold=gold,
            first_error=record["first_error"],
            labels=tuple(Label(s["label"]) for s in steps),
            p=tuple(s["p_correct"] for s in steps),
            samples=_samples(steps),
            score=record["score"],
            decided=tuple(bool(c) for c in decided),
            claims=sum(len(s["checks"]) for s in steps),
            decided_claims=sum(map(len, decided)),
            coverage=sum(s["coverage"] for s in steps),
            tokens=cost["prompt_tokens"] + cost["completion_tokens"],
            tool_s=_tool_s(steps),
            wall_s=cost["wall_s"],
        )


def _tool_s(steps: Sequence[Mapping[str, Any]]) -> float:
    """Return the seconds of all checks and of all code that critics had run."""
    checks = [check for s in steps for check in s["checks"]]
    runs = [run for s in steps for critique in s["critiques"] for run in critique["code"]]
    return float(sum(done["wall_s"] for done in (*checks, *runs)))


def _samples(steps: Sequence[Mapping[str, Any]]) -> tuple[tuple[float | None, ...], ...]:
    said = {(c["sample"], place): c["p_correct"] for place, s in enumerate(steps) for c in s["critiques"]}
    numbers = sorted({sample for sample, _ in said})
    return tuple(tuple(said.get((n, place)) for place in range(len(steps))) for n in numbers)


def gold_record(gold: Gold) -> dict[str, Any]:
    """Return ``gold`` as plain values, without the fields that hold their default."""
    plain = asdict(Gold())
    return {name: value for name, value in asdict(gold).items() if value != plain[name] or name == "first_error"}


def _gold(record: Mapping[str, Any]) -> Gold:
    fields = dict(record)
    for name in ("right", "inherited"):
        fields[name] = tuple(fields.get(name, ()))
    fields["premises"] = tuple(tuple(p) for p in fields.get("premises", ()))
    return Gold(**fields)
