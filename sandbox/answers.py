"""The three-valued answers of the guest, and the settings of one check."""

from dataclasses import dataclass
from fractions import Fraction
from time import monotonic
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out of one check."""

    outcome: str
    reason: str | None = None
    witness: str = ""
    computed: str | None = None

    def message(self, tool: str) -> dict[str, Any]:
        """Return the answer as it goes over the wire."""
        return {
            "outcome": self.outcome,
            "reason": self.reason,
            "tool": tool,
            "witness": self.witness,
            "computed": self.computed,
        }


def confirmed(computed: str | None = None) -> Answer:
    """Return a confirmation."""
    return Answer("confirmed", computed=computed)


def refuted(witness: str, computed: str | None = None) -> Answer:
    """Return a refutation with what shows it."""
    return Answer("refuted", None, witness, computed)


def undecided(reason: str, witness: str = "", computed: str | None = None) -> Answer:
    """Return why nothing was decided; ``reason`` is a value of ``types.Reason``."""
    return Answer("undecided", reason, witness, computed)


def first(order: list[str], parts: list[Answer]) -> Answer:
    """Return the first of ``parts`` with the earliest outcome in ``order``, without its computed value."""
    for outcome in order:
        for part in parts:
            if part.outcome == outcome:
                return Answer(part.outcome, part.reason, part.witness)
    return undecided("unsupported", "nothing is claimed")


@dataclass(frozen=True, slots=True)
class Settings:
    """How near counts as equal, and how long the proof may take."""

    tolerance: Fraction | None = None
    slack: Fraction | None = None
    until: float = float("inf")
    """End of the soft time limit, in seconds of ``time.monotonic``; the host's hard kill comes a little later."""

    @classmethod
    def of(cls, request: dict[str, Any]) -> "Settings":
        """Read the settings of a request."""
        tolerance, slack = (
            None if request.get(key) is None else Fraction(str(request[key])) for key in ("tolerance", "slack")
        )
        return cls(tolerance, slack, monotonic() + 0.85 * float(request.get("deadline_s") or 2.0))
