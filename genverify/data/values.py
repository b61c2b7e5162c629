"""The values of training data: a worked solution whose every step says whether it is right, and how that is known.

Labels are LOCAL (``genverify.types.LabelConvention``): a step is judged by the premises that it states and by the
values that earlier steps gave, even where those are wrong. ``genverify.fusion.conventions`` turns them into the others.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from genverify.types import Claim, Problem

if TYPE_CHECKING:
    from genverify.tools.checkers import Checkers
    from genverify.tools.kernels import KernelPool


class Kind(StrEnum):
    """What problems are about, which decides who labels their steps."""

    LOGIC = "logic"
    """Deduction from stated premises; Z3."""
    ALGEBRA = "algebra"
    """Word problems, equations, number theory, calculus; exact arithmetic and SymPy."""
    CODE = "code"
    """Small functions with tests; execution."""
    TABLES = "tables"
    """Questions about a table; pandas in a kernel."""


@dataclass(frozen=True, slots=True)
class StepLabel:
    """Whether one step is right, and how that is known."""

    right: bool | None
    """True right, False wrong, None not known."""
    source: str
    """Who says so: ``exact``, ``sympy``, ``z3``, ``execution``, ``table``, ``answer`` (compared with the reference),
    ``prover``, ``transition`` (it claims nothing), ``rollouts:METHOD``, ``judge:NAME`` ..."""
    reason: str = ""
    """What shows that it is wrong (differing values, a counter-model, a failing test), or why it is not known."""
    value: float | None = None
    """A graded label where the source gives one: a success rate in [0, 1], or an advantage in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class LabelledStep:
    """One step of a solution with its label."""

    text: str
    label: StepLabel
    claims: tuple[Claim, ...] = ()
    """What has to hold for the step to be right, in the formal language: what its label was decided on."""
    said: str = ""
    """What the step itself claims, in one line of the formal language, right or wrong; empty if it claims nothing."""
    error: str = ""
    """The kind of error that was planted here; empty without one."""
    correction: str = ""
    """The step as it should read after the earlier steps as they stand; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled solution: the record that everything is exported from."""

    id: str
    """Unique within a data set: ``algebra-7-000123``."""
    kind: Kind
    problem: Problem
    steps: tuple[LabelledStep, ...]
    maker: str
    """Who wrote the solution: ``gold`` (the generator, right), ``sneaky`` (the generator, with a planted error),
    ``engine:NAME`` or ``file:NAME``."""
    group: str
    """The problem that it solves; splits keep a group together."""
    family: str = ""
    """What sort of problem of its kind this is: ``linear equation``, ``shopping`` ..."""
    answer: str = ""
    """The final answer that the solution gives; empty if it gives none. ``problem.answer`` is the right one."""
    formal: Mapping[str, str] = field(default_factory=dict)
    """What else is known of the problem in formal words, by name (``hypothesis_formula``, ``facts_formula``,
    ``program``, ``tests`` ...)."""

    @property
    def labels(self) -> tuple[bool | None, ...]:
        """Return whether each step is right; None where that is not known."""
        return tuple(step.label.right for step in self.steps)

    @property
    def first_error(self) -> int | None:
        """Return the first step known to be wrong, counted from 0; None if none is."""
        return next((i for i, right in enumerate(self.labels) if right is False), None)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that was not made or not kept."""

    id: str
    why: str
    """The reason in a few fixed words, for counting: ``unbalanced parentheses``, ``no error could be proved`` ..."""
    detail: str = ""


class Tools:
    """What decides labels: checkers, and kernels for programs, each started when it is first asked for.

    Args:
        workers: worker processes of the checkers, and kernels that run at once; at least 1.
        deadline_s: seconds after which one check is given up as undecided.
    """

    def __init__(self, workers: int = 2, deadline_s: float = 5.0) -> None:
        self.workers, self.deadline_s = workers, deadline_s

    @cached_property
    def checkers(self) -> "Checkers":
        """Return the checkers."""
        from genverify.tools.checkers import Checkers

        return Checkers(workers=self.workers, deadline_s=self.deadline_s)

    @cached_property
    def kernels(self) -> "KernelPool":
        """Return the kernels."""
        from genverify.tools.kernels import KernelPool

        return KernelPool()

    def close(self) -> None:
        """End all processes that were started."""
        for name in ("checkers", "kernels"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()


@contextmanager
def opened(workers: int = 2, deadline_s: float = 5.0) -> Iterator[Tools]:
    """Give tools that are closed in the end."""
    tools = Tools(workers, deadline_s)
    try:
        yield tools
    finally:
        tools.close()


class Maker(Protocol):
    """What a kind of data offers: numbers of records to records, the same for the same seed in any order and process.

    Record ``i`` solves problem ``i // 2``: rightly where ``i`` is even, with a planted error where it is odd.
    """

    def __call__(self, numbers: range, seed: int, tools: Tools) -> Iterator[Example | Dropped]:
        """Yield one value for each of ``numbers``, in order.

        Raises:
            ToolError: a tool could not be started; it says nothing about any record.
        """
        ...
