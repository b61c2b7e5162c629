"""Records of solutions to labelled examples: the methods of rollouts by name, with their settings written down."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from genverify.data import rollouts
from genverify.data.rollouts import IN_FLIGHT, Effort, Prober, Spent, omega, uncertainty
from genverify.data.rollouts import labels as rollouts_labels
from genverify.data.rollouts.labels import EPSILON, Labelled
from genverify.data.values import Example, Kind, LabelledStep
from genverify.errors import EngineError, RecordError
from genverify.policies import EnginePolicy

if TYPE_CHECKING:
    from genverify.policies import Policy
    from genverify.records import Item
    from genverify.tools.checkers import Checkers
    from genverify.types import Problem

METHODS: Final = ("math-shepherd", "math-shepherd-soft", "omegaprm", "rpe", "pav", "unprm")
ADAPTIVE: Final = ("math-shepherd", "omegaprm", "unprm")
"""Those that ask whether a rate lies above a threshold, so that drawing can stop early."""
PROBLEMS: Final = 64
"""Problems whose rollouts are remembered for further solutions; some 100 KB each."""


@dataclass(frozen=True, slots=True)
class Method:
    """Which labels, and what they may cost."""

    name: str
    """One of :data:`METHODS`."""
    effort: Effort = field(default_factory=Effort)
    order: str = "driven"
    """Of ``unprm``, one of ``uncertainty.ORDERS``."""
    epsilon: float = EPSILON
    """Of ``rpe``: least relative progress of a right step, in (0, 1]."""
    share: float = 1.0
    """Of ``unprm``: share of the problem's own rate below which a prefix is wrong, in [0, 1]."""
    best_of: int = 1
    """Of ``pav``: drafts from which the prover takes the best, at least 1."""

    @property
    def ordered(self) -> bool:
        """Tell whether the steps' uncertainties decide what is probed first."""
        return self.name == "unprm" and self.order in ("driven", "delta")

    def __post_init__(self) -> None:
        if self.name not in METHODS:
            raise ValueError(f"method: expected one of {', '.join(METHODS)}, got {self.name!r}")
        if self.effort.z is not None and self.name not in ADAPTIVE:
            raise ValueError(f"{self.name} needs the rate itself, so nothing can be stopped early")

    def said(self) -> str:
        """Say on one line which labels these are: ``omegaprm k=8 z=1.96``."""
        own = {"rpe": f"epsilon={self.epsilon:g}", "pav": f"best_of={self.best_of}",
               "unprm": f"order={self.order} share={self.share:g}"}  # fmt: skip
        early = "" if self.effort.z is None else f"z={self.effort.z:g} batch={self.effort.batch}"
        return " ".join(filter(None, [self.name, f"k={self.effort.k}", early, own.get(self.name, "")]))


async def labelled(
    prober: Prober, steps: Sequence[str], answer: str | None, method: Method, uncertainties: Sequence[float] = ()
) -> Labelled:
    """Label the steps of one solution.

    Args:
        prober: completes first steps of its problem.
        steps: its steps, at least 1.
        answer: its final answer; None reads it from the steps.
        method: which labels.
        uncertainties: one for each step, where the method needs them.

    Raises:
        EngineError: every rollout failed; it says nothing about any step.
    """
    made = await _by(prober, steps, answer, method, uncertainties)
    if made.failed:
        detail = next(r.detail for e in made.estimates.values() for r in e.rollouts)
        raise EngineError(f"all {made.rollouts} rollouts failed, the first with {detail}")
    return made


async def _by(
    prober: Prober, steps: Sequence[str], answer: str | None, method: Method, unsure: Sequence[float]
) -> Labelled:
    effort = method.effort
    match method.name:
        case "math-shepherd" | "math-shepherd-soft":
            soft = method.name.endswith("soft")
            return await rollouts_labels.math_shepherd(prober, steps, effort, answer, soft=soft)
        case "omegaprm":
            return await omega.first_error(prober, steps, effort, answer)
        case "rpe":
            return await rollouts_labels.relative_progress(prober, steps, effort, answer, method.epsilon)
        case "pav":
            return await rollouts_labels.advantage(prober, steps, effort, answer, method.best_of)
    return await uncertainty.unprm(prober, steps, effort, method.order, unsure, answer, method.share)


def answer_of(item: "Item") -> str | None:
    """Return the final answer of a record: its field ``final``, else what its solution gives; None without one."""
    final = item.extra.get("final")
    if isinstance(final, str | int | float):
        return str(final)
    return item.solution.final_answer or rollouts.answer_of([step.text for step in item.solution.steps])


def entropies(given: object, count: int) -> list[float]:
    """Return the entropy of each of ``count`` steps from the field ``logprobs`` of a record.

    Raises:
        RecordError: it does not hold for each step a list of its tokens' log-probabilities.
    """
    if not isinstance(given, list) or len(given) != count:
        got = f"a list of {len(given)}" if isinstance(given, list) else "none"
        raise RecordError(
            f'field "logprobs": expected for each of {count} steps a list of its tokens\' log-probabilities, got {got}'
        )
    try:
        return [uncertainty.uncertainty([float(v) for v in step]).entropy for step in given]
    except (TypeError, ValueError) as error:
        raise RecordError(f'field "logprobs": {error}') from error


class Labeller:
    """Labels records with one policy and one method; solutions to one problem share their rollouts.

    Args:
        policy: writes the rollouts.
        method: which labels.
        checkers: compare answers.
        settings: what else made the labels (policy, seed), for the record.
        kind: what the problems are about.
        maker: who wrote the solutions: ``file:NAME`` or ``engine:NAME``.
        in_flight: rollouts under way at once, at least 1.
    """

    def __init__(
        self,
        policy: "Policy",
        method: Method,
        checkers: "Checkers | None" = None,
        *,
        settings: str = "",
        kind: Kind = Kind.ALGEBRA,
        maker: str = "file:unknown",
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self._policy, self._method, self._checkers = policy, method, checkers
        self._kind, self._maker = kind, maker
        self._room = asyncio.Semaphore(in_flight)
        self._probers: OrderedDict[tuple[str, str | None], Prober] = OrderedDict()
        self.settings = f"{method.said()} {settings}".strip()
        self.spent = Spent()
        """What all rollouts took so far."""

    async def example(self, item: "Item") -> Example:
        """Return a record with labels, LOCAL; ``value`` of each label is the method's own number.

        ``formal`` says under ``labels`` what made them, under ``first_error`` what the method calls the first error (a
        step from 0; -1 for none), under ``rollouts`` how many they rest on, and under ``uncertainty`` by which measure
        steps were ordered, if they were: the entropy of the record's ``logprobs``, else what the policy's engine says.

        Raises:
            RecordError: the record has no reference answer, or lacks what the method needs.
            EngineError: every rollout failed.
        """
        steps, answer, facts = [step.text for step in item.solution.steps], answer_of(item), {"labels": self.settings}
        prober, unsure = self._prober(item.problem), list[float]()
        if self._method.ordered:
            facts["uncertainty"], unsure = await self._uncertainties(item, steps)
        made = await labelled(prober, steps, answer, self._method, unsure)
        pairs = zip(item.solution.steps, made.local(), strict=True)
        facts["rollouts"] = str(made.rollouts)
        if made.place is not None:
            facts["first_error"] = str(made.place)
        return Example(
            id=str(item.id) if item.id is not None else f"line-{item.line}",
            kind=self._kind,
            problem=item.problem,
            steps=tuple(LabelledStep(step.text, label) for step, label in pairs),
            maker=self._maker,
            group=f"problem-{hashlib.sha256(item.problem.text.encode()).hexdigest()[:16]}",
            answer=answer or "",
            formal=facts,
        )

    async def _uncertainties(self, item: "Item", steps: Sequence[str]) -> tuple[str, list[float]]:
        """Return how unsure the writer of a solution was of each step, after the name of that measure."""
        given, policy = item.extra.get("logprobs"), self._policy
        if given is None and isinstance(policy, EnginePolicy):
            return "surprise of the policy", await uncertainty.surprises(policy, item.problem, steps)
        return "entropy of logprobs", entropies(given, len(steps))

    def _prober(self, problem: "Problem") -> Prober:
        key = (problem.text, problem.answer)
        if key not in self._probers:
            try:
                self._probers[key] = Prober(
                    self._policy, problem, checkers=self._checkers, room=self._room, spent=self.spent
                )
            except ValueError as error:
                raise RecordError(f'field "answer": {error}') from error
        self._probers.move_to_end(key)
        if len(self._probers) > PROBLEMS:
            self._probers.popitem(last=False)
        return self._probers[key]
