"""A solution laid beside a reference solution: which steps do the same, and what that says of each (SPARE).

Without a model, steps are aligned by the values that they compute; that grades a step right or its own sum wrong, and
leaves a step that goes another way open. A model grades every step in one pass; what it leaves out stays unknown:
SPARE's rules for missing grades and for the last step are flags of :func:`labels`, not facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from genverify import claims, templates
from genverify.claims.grammar import App, parse
from genverify.data.values import StepLabel
from genverify.engines.base import Finish, Message, Request, Sampling
from genverify.errors import EngineError, GrammarError
from genverify.protocols.text import first_object, neutralise, one_line
from genverify.tools import exact
from genverify.tools.rational import NoValueError, evaluate
from genverify.types import ClaimKind, Outcome, Problem, Solution

if TYPE_CHECKING:
    from genverify.engines.base import Engine
    from genverify.types import Claim

SOURCE: Final = "reference:values"
"""The source of labels that were aligned without a model; with one it is ``reference:NAME``."""
SAMPLING: Final = Sampling(max_tokens=4096)
"""Greedy; some 80 tokens a step for 50 steps."""
_TAGS: Final = ("problem", "reference", "solution")


class Category(StrEnum):
    """What is wrong with a step, as SPARE sorts errors."""

    NONE = "none"
    CALCULATION = "calculation"
    """What it works out is wrong."""
    LEAP = "logical leap"
    """It does not follow from what stands before."""
    MISALIGNMENT = "misalignment"
    """It does something else than the problem asks for."""
    PREMISE = "faulty premise"
    """It starts from what is not so: a misread quantity, an assumption nobody made."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Alignment:
    """One step beside the reference."""

    step: int
    """The step of the solution, counted from 0."""
    reference: tuple[int, ...] = ()
    """The steps of the reference that do the same, counted from 0."""
    grade: bool | None = None
    """Whether the step is right; None if that is not known."""
    category: Category = Category.NONE
    reason: str = ""


# --- by values ------------------------------------------------------------------------------------------------------


def align(problem: Problem, steps: Sequence[str], reference: Sequence[str]) -> tuple[Alignment, ...]:
    """Align steps by the values that they compute.

    A step is right if every value that it computes is computed in the reference, too, and wrong if an equation of its
    own does not hold. Equal values are no proof that a step means the same: these are weak labels. Of 204 solutions of
    ProcessBench gsm8k beside gold ones, 275 of the 288 steps graded right up to the first error were, and all 13 that
    were graded wrong; two thirds of the steps got no grade (``benchmarks/rollouts.py``).

    Args:
        problem: what both solve.
        steps: of the solution, at least 1.
        reference: the steps of a right solution, at least 1.
    """
    found = claims.extract(problem, Solution.from_steps(tuple(steps)))
    known: dict[Fraction, list[int]] = {}
    for place, said in enumerate(claims.extract(problem, Solution.from_steps(tuple(reference)))):
        for value in _values(said):
            known.setdefault(value, []).append(place)
    return tuple(_beside(step, said, known) for step, said in enumerate(found))


def _beside(step: int, said: Sequence["Claim"], known: Mapping[Fraction, Sequence[int]]) -> Alignment:
    for claim in said:
        check = exact.decide(claim) if claim.kind is ClaimKind.RELATION else None
        if check is not None and check.outcome is Outcome.REFUTED:
            return Alignment(step, (), False, Category.CALCULATION, check.witness)
    values = _values(said)
    places = tuple(sorted({place for value in values for place in known.get(value, ())}))
    if not values:
        return Alignment(step, reason="it computes nothing that can be read")
    new = [value for value in values if value not in known]
    if new:
        return Alignment(step, places, reason=f"{new[0]} is not computed in the reference")
    return Alignment(step, places, True, reason=f"the reference computes {', '.join(map(str, values))} as well")


def _values(said: Sequence["Claim"]) -> list[Fraction]:
    """Return the right sides of the equations between numbers, each value once, in order."""
    found: dict[Fraction, None] = {}
    for claim in said:
        if claim.kind is ClaimKind.RELATION and (value := _result(claim.statement)) is not None:
            found[value] = None
    return list(found)


def _result(statement: str) -> Fraction | None:
    try:
        expr = parse(statement)
        value = evaluate(expr.args[1]) if isinstance(expr, App) and expr.head in ("=", "~") else None
    except (GrammarError, NoValueError):
        return None
    return Fraction(value) if isinstance(value, int | Fraction) else None


# --- by a model -----------------------------------------------------------------------------------------------------


async def ask(
    engine: "Engine",
    problem: Problem,
    steps: Sequence[str],
    reference: Sequence[str],
    sampling: Sampling = SAMPLING,
) -> tuple[Alignment, ...]:
    """Have a model grade every step in one pass, as ``prompts/spare.toml`` says.

    Steps that its answer leaves out, or says nothing readable about, have no grade.

    Raises:
        EngineError: the engine could not answer.
    """
    prompts = templates.load("spare")
    asked = prompts.fill(
        "align",
        problem=neutralise(problem.text, _TAGS),
        reference=_numbered(reference),
        solution=_numbered(steps),
        count=len(steps),
        categories=", ".join(f'"{c}"' for c in Category),
    )
    request = Request((Message("user", f"{prompts.text('system')}\n\n{asked}"),), sampling=sampling)
    done = await engine.complete(request)
    if done.finish is Finish.ERROR:
        raise EngineError(f"the alignment cannot be used: {done.problem}")
    return read(done.text, len(steps), len(reference))


def _numbered(steps: Sequence[str]) -> str:
    """Write steps with numbers from 1, as people count and as SPARE's own prompts do."""
    return "\n\n".join(f"Step {i}: {neutralise(step.strip(), _TAGS)}" for i, step in enumerate(steps, start=1))


def read(text: str, steps: int, reference: int) -> tuple[Alignment, ...]:
    """Read a model's answer.

    Args:
        text: what it wrote: an object whose field ``steps`` lists one object a step; numbers there count from 1.
        steps: steps of the solution, at least 1.
        reference: steps of the reference, at least 1; others that it names are left out.

    Returns:
        One alignment a step; without a grade where there is no entry, more than one, or one that cannot be read.
    """
    found = first_object(text)
    entries = found[0].get("steps") if found else None
    if not isinstance(entries, list):
        return tuple(Alignment(i, reason="the answer holds no list of steps") for i in range(steps))
    by_step: dict[int, list[dict[str, Any]]] = {}
    for entry in entries:
        if isinstance(entry, dict) and type(number := entry.get("step")) is int:
            by_step.setdefault(number - 1, []).append(entry)
    return tuple(_entry(i, by_step.get(i, []), reference) for i in range(steps))


def _entry(step: int, entries: Sequence[Mapping[str, Any]], reference: int) -> Alignment:
    if len(entries) != 1:
        return Alignment(step, reason="the answer leaves this step out" if not entries else "judged more than once")
    entry = entries[0]
    label, named, category = entry.get("label"), entry.get("reference"), entry.get("category")
    places = {n - 1 for n in named if type(n) is int and 0 < n <= reference} if isinstance(named, list) else set()
    if label not in ("correct", "incorrect"):
        return Alignment(step, tuple(sorted(places)), reason="the answer has no verdict on this step")
    right = label == "correct"
    known = Category(category) if not right and category in tuple(Category) else Category.NONE
    if not right and known is Category.NONE:
        known = Category.OTHER
    reason = entry.get("reason")
    return Alignment(step, tuple(sorted(places)), right, known, one_line(reason) if isinstance(reason, str) else "")


# --- grades to labels -----------------------------------------------------------------------------------------------


class Missing(StrEnum):
    """What becomes of a step without a grade."""

    UNKNOWN = "unknown"
    """Its label is None."""
    WRONG = "wrong"
    """It counts as wrong, SPARE's strict rule."""
    OUTCOME = "outcome"
    """It gets the outcome of the whole solution, SPARE's lenient rule."""


def labels(
    alignments: Sequence[Alignment],
    source: str = SOURCE,
    *,
    outcome: bool | None = None,
    missing: Missing = Missing.UNKNOWN,
    overwrite_last: bool = False,
) -> tuple[StepLabel, ...]:
    """Return the labels, LOCAL, that grades make.

    Args:
        alignments: one a step, in order.
        source: who graded: ``reference:values`` or ``reference:NAME``.
        outcome: whether the final answer is right; None is not known.
        missing: what becomes of steps without a grade. A label that a rule put there has the source ``SOURCE:RULE``.
        overwrite_last: whether the last step gets the outcome, where that is known, whatever its grade; its source is
            then ``answer``.
    """
    made = [_label(one, source, outcome, missing) for one in alignments]
    if overwrite_last and outcome is not None and made:
        made[-1] = StepLabel(outcome, "answer", "" if outcome else "the final answer is wrong")
    return tuple(made)


def _label(one: Alignment, source: str, outcome: bool | None, missing: Missing) -> StepLabel:
    if one.grade is not None:
        reason = one.reason if one.category is Category.NONE else f"{one.category}: {one.reason}"
        return StepLabel(one.grade, source, reason)
    right = {Missing.UNKNOWN: None, Missing.WRONG: False, Missing.OUTCOME: outcome}[missing]
    return StepLabel(right, source if right is None else f"{source}:{missing}", one.reason)
