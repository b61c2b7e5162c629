"""Examples survive being written down, and a label says no more than its checks."""

import pytest

from genverify.data import Example, Kind, LabelledStep, StepLabel, labels, opened, records
from genverify.errors import RecordError
from genverify.types import Claim, ClaimKind, Problem

SUM = Claim(ClaimKind.RELATION, "2 + 2 = 4")
WRONG = Claim(ClaimKind.RELATION, "2 + 2 = 5")
OPEN = Claim(ClaimKind.RELATION, "1/0 = 5")


def test_an_example_is_read_back_as_it_was() -> None:
    steps = (
        LabelledStep("2 + 2 = 4", StepLabel(True, "exact"), (SUM,), said="2 + 2 = 4"),
        LabelledStep("so 5", StepLabel(None, "none", "nothing to decide")),
        LabelledStep("5", StepLabel(False, "exact", "2 + 2 is 4"), (WRONG,), error="slip", correction="4"),
    )
    made = Example("a-0", Kind.ALGEBRA, Problem("2 + 2?", answer="4"), steps, "sneaky", "a", formal={"x": "y"})
    assert records.example(records.line(made)) == made
    assert made.first_error == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 1}', '{"schema": 2, "id": "a"}', "null", "{"])
def test_what_is_no_example_is_refused(text: str) -> None:
    with pytest.raises(RecordError):
        records.example(text)


def test_right_needs_every_claim_confirmed_and_wrong_needs_one_refuted() -> None:
    with opened() as tools:
        found = labels.decide([[SUM], [SUM, WRONG], [SUM, OPEN], [OPEN, WRONG], []], tools.checkers)
    assert [label.right for label in found] == [True, False, None, False, None]
    assert found[2].reason == "undefined"
