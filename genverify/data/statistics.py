"""A stream of examples to the counts that its data card gives; memory does not grow with the number of examples."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from genverify.data.values import Dropped, Example, Kind, LabelledStep
from genverify.fusion.conventions import ALL_RIGHT, StepLabels
from genverify.types import LabelConvention

LAST: Final = 20
"""Steps from this place on (from 0) are counted together."""
_CHARS: Final = 20
"""Width of the classes that the lengths of steps are counted in."""
_MOST_CHARS: Final = 600


@dataclass(slots=True)
class Statistics:
    """Counts over the examples of a data set."""

    examples: Counter[str] = field(default_factory=Counter)
    """By split."""
    problems: set[int] = field(default_factory=set)
    """Digests of the groups: 8 bytes and a place in a table for each problem."""
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Examples by kind and family."""
    makers: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    """Solutions of logic problems by the right answer, PROVED, DISPROVED or UNKNOWN; others have too many answers."""
    labels: Counter[bool | None] = field(default_factory=Counter)
    by_place: Counter[tuple[int, bool | None]] = field(default_factory=Counter)
    """Steps by place (from 0, up to ``LAST``) and label."""
    sources: Counter[tuple[str, bool | None]] = field(default_factory=Counter)
    """Steps by who labelled them, and the label."""
    undecided: Counter[str] = field(default_factory=Counter)
    """Steps without a label, by reason."""
    errors: Counter[str] = field(default_factory=Counter)
    """Planted errors by kind."""
    first_errors: Counter[int | None] = field(default_factory=Counter)
    """Examples by the place of their first error: -1 none, None not known."""
    last_wrong: int = 0
    """Wrong steps that are the last of their solution."""
    corrected: int = 0
    """Wrong steps that come with a correction."""
    steps: Counter[int] = field(default_factory=Counter)
    """Examples by number of steps."""
    chars: Counter[int] = field(default_factory=Counter)
    """Steps by length in characters, in classes of 20, at least 600 counted together."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Records that were not made or not kept, by reason."""

    def add(self, example: Example, split: str) -> None:
        """Count an example that is kept."""
        self.examples[split] += 1
        self.problems.add(hash(example.group))
        self.kinds[example.kind, example.family or "(none)"] += 1
        self.makers[example.maker] += 1
        if example.kind is Kind.LOGIC and example.problem.answer:
            self.answers[example.problem.answer[:40]] += 1
        self.first_errors[StepLabels(LabelConvention.LOCAL, example.labels).place] += 1
        self.steps[len(example.steps)] += 1
        for place, step in enumerate(example.steps):
            self._add_step(place, step)
        self.last_wrong += example.steps[-1].label.right is False

    def _add_step(self, place: int, step: LabelledStep) -> None:
        right = step.label.right
        self.labels[right] += 1
        self.by_place[min(place, LAST), right] += 1
        self.sources[step.label.source, right] += 1
        self.chars[min(len(step.text), _MOST_CHARS) // _CHARS * _CHARS] += 1
        if step.error:
            self.errors[step.error] += 1
        if right is None:
            self.undecided[f"{step.label.source}: {step.label.reason or 'no reason given'}"] += 1
        if right is False:
            self.corrected += bool(step.correction)

    def drop(self, dropped: Dropped) -> None:
        """Count a record that is not kept."""
        self.dropped[dropped.why] += 1

    @property
    def kept(self) -> int:
        """Return the number of examples."""
        return self.examples.total()

    @property
    def wrong_solutions(self) -> int:
        """Return the number of examples with an error whose place is known."""
        return sum(n for place, n in self.first_errors.items() if place is not None and place != ALL_RIGHT)


def share(part: int, whole: int) -> str:
    """Return ``part`` of ``whole`` as a percentage with both numbers; a dash where there is nothing to divide by."""
    return f"{100 * part / whole:.1f} % ({part} of {whole})" if whole else "–"
