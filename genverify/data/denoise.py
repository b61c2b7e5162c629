"""Labelled solutions and critiques to those worth training on, and to what was left out and why.

Every function here is pure and decides about each record alone, but for duplicates. Nothing is relabelled in silence:
a label that a second source agreed to names both.
"""

import statistics
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from genverify.data.rollouts.labels import EPSILON
from genverify.data.values import Dropped, Example, StepLabel
from genverify.fusion.conventions import ALL_RIGHT, StepLabels, to_local
from genverify.types import LabelConvention

S = TypeVar("S")
T = TypeVar("T")
NOT_JUDGED: Final = "not judged"
NOT_KNOWN: Final = "first error not known"
_USUAL_SCRIPTS: Final = frozenset(
    {"LATIN", "GREEK", "MATHEMATICAL", "DOUBLE-STRUCK", "SCRIPT", "BLACK-LETTER", "SUPERSCRIPT", "SUBSCRIPT", "MICRO",
     "ANGSTROM", "KELVIN", "OHM", "MODIFIER", "FEMININE", "MASCULINE", "FULLWIDTH", "PLANCK", "INFORMATION",
     "ALEF", "BET", "GIMEL", "DALET"}
)  # fmt: skip
"""First words of the Unicode names of letters that a text in English with formulas may hold."""


@dataclass(frozen=True, slots=True)
class Sifted(Generic[T]):
    """What a filter kept and what it left out; together they are all that came in."""

    kept: tuple[T, ...]
    dropped: tuple[Dropped, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """Return how many were kept, under ``kept``, and how many left out for each reason."""
        return {"kept": len(self.kept), **Counter(one.why for one in self.dropped)}


@dataclass(frozen=True, slots=True)
class Judge:
    """What a judge says of solutions, such as a critic's reports (``StepLabels.of(report.steps)``)."""

    name: str
    labels: Mapping[str, StepLabels]
    """Labels of the steps, by the id of the example."""


def place(example: Example) -> int | None:
    """Return the first error of an example, counted from 0; -1 if all is right, None if that is not known."""
    return StepLabels(LabelConvention.LOCAL, example.labels).place


def _sifted(given: Iterable[S], sift: Callable[[S], T | Dropped]) -> Sifted[T]:
    kept: list[T] = []
    dropped: list[Dropped] = []
    for one in given:
        made = sift(one)
        if isinstance(made, Dropped):
            dropped.append(made)
        else:
            kept.append(made)
    return Sifted(tuple(kept), tuple(dropped))


# --- rollouts against a judge ---------------------------------------------------------------------------------------


def consensus(examples: Iterable[Example], judge: Judge) -> Sifted[Example]:
    """Keep a solution if its labels and a judge have the same first error (Zhang et al. 2025; Dyve).

    No error by either counts as agreement. The steps after the error are taken off: nothing is known of them.
    """

    def sift(example: Example) -> Example | Dropped:
        said = judge.labels.get(example.id)
        if said is None:
            return Dropped(example.id, NOT_JUDGED)
        ours, theirs = place(example), said.place
        if ours is None or theirs is None:
            return Dropped(example.id, NOT_KNOWN, f"{ours} by the labels, {theirs} by {judge.name}")
        if ours != theirs:
            return Dropped(example.id, "first errors differ", f"{ours} by the labels, {theirs} by {judge.name}")
        steps = example.steps if ours == ALL_RIGHT else example.steps[: ours + 1]
        return _agreed(replace(example, steps=steps), judge)

    return _sifted(examples, sift)


def rpe_judge(examples: Iterable[Example], judge: Judge, epsilon: float = EPSILON) -> Sifted[Example]:
    """Keep a solution if a judge labels every step as its relative progress does (GenPRM, Zhao et al. 2025).

    Args:
        examples: labelled by ``relative_progress``, whose ``value`` is compared with ``epsilon`` in each step, those
            after the first error included.
        judge: its labels are taken as LOCAL.
        epsilon: least progress of a step that counts as right, in [0, 1].
    """

    def sift(example: Example) -> Example | Dropped:
        said = judge.labels.get(example.id)
        if said is None or len(said.values) != len(example.steps):
            return Dropped(example.id, NOT_JUDGED)
        ours = [None if (v := step.label.value) is None else v >= epsilon for step in example.steps]
        theirs = to_local(said).values
        differ = [i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a is not None and b is (not a)]
        if differ:
            return Dropped(example.id, "labels differ", f"at step {differ[0]} (from 0), by {judge.name}")
        if None in ours or None in theirs:
            return Dropped(example.id, "a step is not known")
        return _agreed(example, judge)

    return _sifted(examples, sift)


def _agreed(example: Example, judge: Judge) -> Example:
    """Write the judge into the source of every label that is known."""

    def both(label: StepLabel) -> StepLabel:
        return label if label.right is None else replace(label, source=f"{label.source}+judge:{judge.name}")

    return replace(example, steps=tuple(replace(step, label=both(step.label)) for step in example.steps))


# --- SCAN -----------------------------------------------------------------------------------------------------------


def scan_values(
    rates: Sequence[float | None], error: int, solve_rate: float, distance: int = 2
) -> tuple[float | None, ...]:
    """Return soft labels that allow for an error found a little too late (SCAN).

    Steps more than ``distance`` before the predicted error have 1, those up to it ``min(c_t / SC(q), 1)``, the error
    0; of later steps nothing is known, and how the authors treat them could not be verified.

    Args:
        rates: c_t, the success rate after each step, in [0, 1]; None is not known.
        error: the predicted first error, counted from 0; -1 without one, then all steps have 1.
        solve_rate: SC(q), the success rate of the problem alone, in (0, 1].
        distance: d, at least 0.
    """
    if error == ALL_RIGHT:
        return (1.0,) * len(rates)
    if not 0 < solve_rate <= 1:
        raise ValueError(f"solve_rate: expected a rate in (0, 1], got {solve_rate}")
    near = max(0, error - distance)
    soft = tuple(None if c is None else min(c / solve_rate, 1.0) for c in rates[near:error])
    return (1.0,) * near + soft + (0.0,) + (None,) * (len(rates) - error - 1)


def scan(
    examples: Iterable[Example], solve_rates: Mapping[str, float], least: float = 0.0, distance: int = 2
) -> Sifted[Example]:
    """Give solutions SCAN's soft labels as ``value``; ``right`` stays.

    Args:
        examples: labelled by rollouts, ``value`` the rate after each step.
        solve_rates: SC(q) by the group (the problem) of the examples.
        least: a wrong solution is kept only if SC(q) is above this, in [0, 1); the authors' own bound could not be
            verified.
        distance: d, at least 0.
    """

    def sift(example: Example) -> Example | Dropped:
        error, rate = place(example), solve_rates.get(example.group)
        if error is None:
            return Dropped(example.id, NOT_KNOWN)
        if error != ALL_RIGHT and (rate is None or rate <= least):
            return Dropped(example.id, "problem too hard to label", f"solved at a rate of {rate}")
        values = scan_values([step.label.value for step in example.steps], error, rate or 1.0, distance)
        pairs = zip(example.steps, values, strict=True)
        steps = [
            replace(step, label=replace(step.label, value=value, source=f"{step.label.source}+scan"))
            for step, value in pairs
        ]
        return replace(example, steps=tuple(steps))

    return _sifted(examples, sift)


# --- critiques ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verification:
    """One critique of a whole solution, as a verifier wrote it."""

    id: str
    """The example that it judges."""
    text: str
    said: tuple[bool | None, ...]
    """Its judgement of each step from the first on, up to where it stops; None where it could not be read."""
    tokens: int
    """At least 0."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a critique must look like."""

    max_tokens: int = 4096
    """At least 1."""
    needs: tuple[str, ...] = ()
    """Texts that it must hold, such as ``</think>``."""
    own_script: bool = True
    """Whether letters of a script that the problem does not use (Chinese in an English text) rule it out."""


def process_filter(
    critiques: Iterable[Verification], examples: Mapping[str, Example], form: Form = Form()
) -> Sifted[Verification]:
    """Keep a critique if every one of its judgements equals the label (ThinkPRM, Khalifa et al. 2025).

    It has to judge every step up to the first error and stop there, as in Multi-RM's data; to be in ``form``; and not
    to repeat one that was kept for the same solution.
    """
    seen: set[tuple[str, str]] = set()

    def sift(critique: Verification) -> Verification | Dropped:
        example = examples.get(critique.id)
        why = "no such example" if example is None else _fault(critique, example, form)
        if not why and (critique.id, critique.text) in seen:
            why = "duplicate"
        seen.add((critique.id, critique.text))
        return Dropped(critique.id, why) if why else critique

    return _sifted(critiques, sift)


def _fault(critique: Verification, example: Example, form: Form) -> str:
    """Return why a critique is left out; empty if it is not."""
    if critique.tokens > form.max_tokens:
        return "too long"
    if not critique.said or None in critique.said or any(need not in critique.text for need in form.needs):
        return "format"
    if form.own_script and scripts(critique.text) - scripts(example.problem.text):
        return "stray language"
    if False in critique.said[:-1]:
        return "goes on after an error"
    error = place(example)
    if error is None:
        return NOT_KNOWN
    right = (True,) * len(example.steps) if error == ALL_RIGHT else (*(True,) * error, False)
    if critique.said == right:
        return ""
    return "ends too early" if critique.said == right[: len(critique.said)] else "judgements differ"


def scripts(text: str) -> frozenset[str]:
    """Return the scripts of the letters in ``text``, such as CJK or CYRILLIC, without Latin and those of formulas."""
    letters = {char for char in text if not char.isascii() and char.isalpha()}
    return frozenset(unicodedata.name(char, "UNNAMED").split()[0] for char in letters) - _USUAL_SCRIPTS


# --- which samples to label -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Votes:
    """What the members of an ensemble say of one solution's steps."""

    id: str
    p: tuple[tuple[float | None, ...], ...]
    """For each member the probability in [0, 1] that each step is right; None where a step takes no part."""

    def __post_init__(self) -> None:
        if len({len(member) for member in self.p}) > 1:
            raise ValueError(f"votes on {self.id}: members judge different numbers of steps")


def untrusted(votes: Iterable[Votes], sigma: float = 0.01, sure: float = 0.9) -> Sifted[Votes]:
    """Choose the samples that an ensemble is unsure of: those are worth a label (ActPRM, Duan et al. 2025).

    A sample is trusted, and left out, if in every step that takes part the standard deviation of the members is at
    most ``sigma`` and their mean at least ``sure`` or at most 1 - ``sure``. One in which no step takes part is kept.

    Args:
        votes: the ensemble's probabilities, of at least two members: one agrees with itself always.
        sigma: at least 0.
        sure: in (0.5, 1].
    """

    def sift(sample: Votes) -> Votes | Dropped:
        columns = ([p for p in step if p is not None] for step in zip(*sample.p, strict=True))
        known = [column for column in columns if column]
        trusted = bool(known) and all(_trusted(column, sigma, sure) for column in known)
        return Dropped(sample.id, "trusted") if trusted else sample

    return _sifted(votes, sift)


def _trusted(column: Sequence[float], sigma: float, sure: float) -> bool:
    mean = statistics.fmean(column)
    # both bounds belong to the range, and 1 - 0.9 is a little below 0.1
    return statistics.pstdev(column) <= sigma and max(mean, 1 - mean) >= sure - 1e-12


# --- GroundedPRM ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rated:
    """A solution whose steps have a score from a tree search and a tag from their rationale."""

    id: str
    scores: tuple[float, ...]
    """Of each step; above 0 is right."""
    tags: tuple[bool | None, ...]
    """What the rationale of each step concludes; None where it could not be read."""
    right: bool
    """Whether the final answer is right."""

    @property
    def signs(self) -> tuple[int, ...]:
        """Return the labels: 1 of a score above 0, else -1."""
        return tuple(1 if score > 0 else -1 for score in self.scores)


def grounded(rated: Iterable[Rated], *, lenient: bool = False) -> Sifted[Rated]:
    """Keep a solution if the sign of each step's score agrees with its rationale's tag (GroundedPRM).

    Wrong solutions are then cut at the first score of at least 0 that follows one below 0.

    Args:
        rated: the solutions.
        lenient: let a tag True pass with any score, as the authors' code does; it keeps rationales that contradict
            their own label.
    """

    def sift(one: Rated) -> Rated | Dropped:
        if len(one.scores) != len(one.tags):
            return Dropped(one.id, "format", f"{len(one.scores)} scores, {len(one.tags)} tags")
        if None in one.tags:
            return Dropped(one.id, "format", "a rationale without a verdict")
        pairs = zip(one.signs, one.tags, strict=True)
        if any((sign > 0) is not tag and not (lenient and tag) for sign, tag in pairs):
            return Dropped(one.id, "score and rationale differ")
        end = len(one.scores) if one.right else _recovery(one.scores)
        return replace(one, scores=one.scores[:end], tags=one.tags[:end])

    return _sifted(rated, sift)


def _recovery(scores: Sequence[float]) -> int:
    """Return the first step (from 0) of a score of at least 0 after one below; the number of steps if there is none."""
    fallen = next((i for i, score in enumerate(scores) if score < 0), len(scores))
    return next((i for i in range(fallen, len(scores)) if scores[i] >= 0), len(scores))
