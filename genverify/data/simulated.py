"""A simulator's states to labels: a step is right while the state that it states is the true one (DEL-ToM).

What the world is like after each step is computed, not judged; two functions say how to read it::

    simulated(steps, truth=lambda t: world.after(t), extract=lambda step: read_state(step))
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from genverify.data.rollouts.labels import Labelled
from genverify.data.values import StepLabel
from genverify.fusion.conventions import StepLabels, to_prefix
from genverify.types import LabelConvention

V = TypeVar("V")
SOURCE = "simulator"


def _equal(stated: V, true: V) -> bool:
    return stated == true


def simulated(
    steps: Sequence[str],
    truth: Callable[[int], V | None],
    extract: Callable[[str], V | None],
    same: Callable[[V, V], bool] = _equal,
) -> Labelled:
    """Label steps by a simulator: right if this state and all before it are the true ones (PREFIX).

    A last step that gives the answer is labelled like any other, with the answer as its state. DEL-ToM's own code
    takes a step whose state it cannot read for a wrong one; here it is unknown, and so is what follows until a state
    is false.

    Args:
        steps: the steps of a solution.
        truth: the true state after step t, counted from 0; None if the simulator does not know.
        extract: the state that a step states, such as its last value in brackets; None if it states none.
        same: whether a stated state (first) is the true one (second), such as by a part of its name.
    """
    found = [_compared(truth(t), extract(step), same) for t, step in enumerate(steps)]
    own = StepLabels(LabelConvention.LOCAL, tuple(label.right for label in found))
    known = to_prefix(own)
    labels = tuple(
        label if label.right is right else StepLabel(right, SOURCE, label.reason or "an earlier step is not right")
        for label, right in zip(found, known.values, strict=True)
    )
    return Labelled(labels, LabelConvention.PREFIX, known.place, {})


def _compared(true: V | None, stated: V | None, same: Callable[[V, V], bool]) -> StepLabel:
    if true is None or stated is None:
        return StepLabel(None, SOURCE, "the simulator knows no state here" if true is None else "it states no state")
    if same(stated, true):
        return StepLabel(True, SOURCE)
    return StepLabel(False, SOURCE, f"it states {stated}, and true is {true}")
