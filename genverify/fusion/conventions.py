"""Step labels of one convention to another; what does not follow from the labels stays unknown.

For steps counted from 0, with three-valued labels (True right, False wrong, None unknown)::

    LOCAL         True   False  True   False     each step by its own premises
    PREFIX        True   False  False  False     this step and all before it
    FIRST_ERROR   True   False  None   None      known up to the first error only

Traps of public code that this keeps apart: FoVer's ``error_labels`` are LOCAL with True for correct, ProcessBench's
``label`` is the place of the first error, Math-Shepherd's signs are PREFIX.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from genverify.types import Label, LabelConvention, StepVerdict

ALL_RIGHT: Final = -1
"""The place of the first error of a solution without one, as in ProcessBench."""
Values = tuple[bool | None, ...]
"""A label a step: True right, False wrong, None unknown."""


@dataclass(frozen=True, slots=True)
class StepLabels:
    """The labels of one solution's steps, and what they mean.

    Raises:
        ValueError: the labels cannot be of that convention: a right prefix after a wrong one, a step known after the
            first error.
    """

    convention: LabelConvention
    values: Values

    def __post_init__(self) -> None:
        if self.convention is LabelConvention.LOCAL:
            return
        wrong = self.values.index(False) if False in self.values else len(self.values)
        if True in self.values[wrong:]:
            raise ValueError(f"{self.convention}: no step after a wrong one can be right, got {self.values}")
        if self.convention is LabelConvention.FIRST_ERROR:
            right = self.values.index(None) if None in self.values else len(self.values)
            if any(value is not None for value in self.values[right:]) or False in self.values[wrong + 1 :]:
                raise ValueError(f"{self.convention}: steps are known up to the first error only, got {self.values}")

    @classmethod
    def from_place(cls, place: int | None, steps: int) -> Self:
        """Return the labels of a solution whose first error is at ``place``.

        Args:
            place: the first wrong step, counted from 0; -1 if all are right, None if it is not known.
            steps: how many steps there are.

        Raises:
            ValueError: there is no such step.
        """
        if place is not None and not ALL_RIGHT <= place < steps:
            raise ValueError(f"first error: expected a step from 0 to {steps - 1}, or -1 for none, got {place}")
        if place is None:
            values: Values = (None,) * steps
        elif place == ALL_RIGHT:
            values = (True,) * steps
        else:
            values = (True,) * place + (False,) + (None,) * (steps - place - 1)
        return cls(LabelConvention.FIRST_ERROR, values)

    @classmethod
    def of(cls, verdicts: Sequence[StepVerdict], convention: LabelConvention = LabelConvention.LOCAL) -> Self:
        """Return what verdicts say; UNDECIDED is unknown.

        Under PREFIX a wrong step makes all later ones wrong, whatever was said of them; under FIRST_ERROR the labels
        end there.
        """
        local: Values = tuple(None if v.label is Label.UNDECIDED else v.label is Label.CORRECT for v in verdicts)
        return cls(convention, _BACK[convention](local))

    @property
    def place(self) -> int | None:
        """Return the first wrong step, counted from 0; -1 if all are known to be right, None if it is not known."""
        known = to_first_error(self).values
        if False in known:
            return known.index(False)
        return ALL_RIGHT if all(known) else None


def convert(labels: StepLabels, to: LabelConvention) -> StepLabels:
    """Return what ``labels`` say in another convention; nothing is invented, so converting back may know less."""
    converters = {
        LabelConvention.LOCAL: to_local,
        LabelConvention.PREFIX: to_prefix,
        LabelConvention.FIRST_ERROR: to_first_error,
    }
    return converters[to](labels)


def to_prefix(labels: StepLabels) -> StepLabels:
    """Return PREFIX labels: wrong from the first step on that is known to be wrong, right up to the first unknown."""
    if labels.convention is LabelConvention.PREFIX:
        return labels
    return StepLabels(LabelConvention.PREFIX, _prefix(labels.values))


def to_first_error(labels: StepLabels) -> StepLabels:
    """Return FIRST_ERROR labels; where an unknown step comes before a wrong one the place of the first is unknown."""
    if labels.convention is LabelConvention.FIRST_ERROR:
        return labels
    return StepLabels(LabelConvention.FIRST_ERROR, _up_to_error(to_local(labels).values))


def to_local(labels: StepLabels) -> StepLabels:
    """Return LOCAL labels: known up to the first error only, for what comes after it may be right by itself."""
    if labels.convention is LabelConvention.LOCAL:
        return labels
    if labels.convention is LabelConvention.FIRST_ERROR:
        return StepLabels(LabelConvention.LOCAL, labels.values)
    # a prefix that is right makes all its steps right, also those whose own prefix was not looked at
    last_right = max((i for i, value in enumerate(labels.values) if value), default=-1)
    right: Values = (True,) * (last_right + 1)
    rest = labels.values[last_right + 1 :]
    first: Values = (False,) if rest[:1] == (False,) else (None,) * len(rest[:1])
    return StepLabels(LabelConvention.LOCAL, right + first + (None,) * (len(rest) - len(first)))


def _prefix(values: Values) -> Values:
    found: list[bool | None] = []
    state: bool | None = True
    for value in values:
        if value is False or state is False:
            state = False
        elif value is None:
            state = None
        found.append(state)
    return tuple(found)


def _up_to_error(values: Values) -> Values:
    known = next((i for i, value in enumerate(values) if value is not True), len(values))
    ends = values[known : known + 1] == (False,)
    return values[:known] + ((False,) if ends else ()) + (None,) * (len(values) - known - ends)


_BACK: Final = {
    LabelConvention.LOCAL: lambda values: values,
    LabelConvention.PREFIX: _prefix,
    LabelConvention.FIRST_ERROR: _up_to_error,
}
