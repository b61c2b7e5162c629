"""What each kind of evidence is worth in log-odds: the numbers, their file, and the record of where they come from.

The weights that ship, ``weights.json`` beside this module, come from ``genverify calibrate``; the file says on what.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from genverify.errors import RecordError
from genverify.types import Check, Outcome, Source

FORMAT: Final = 1
"""Version of the weights file."""
MAX_FILE_BYTES: Final = 2**20
"""Largest weights file read, 200 times the size of ours: it is read whole."""
ANY_TOOL: Final = "*"
"""Stands for every tool that has no weight of its own."""
FALLBACKS: Final = tuple(
    f"{ANY_TOOL}:{source}:{outcome}" for source in Source for outcome in (Outcome.CONFIRMED, Outcome.REFUTED)
)
"""The kinds of evidence that every set of weights must know."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What fusion by log-odds adds up; all weights are natural logarithms of odds.

    Raises:
        ValueError: a number is not finite or out of its range, a kind is unknown, a refutation would raise or a
            confirmation lower the probability, or a sound refutation would leave a step more likely right than wrong.
    """

    base_rate: float
    """Share of right steps, in (0, 1): where a step starts that no critic has read."""
    evidence: Mapping[str, float]
    """For each kind ``TOOL:SOURCE:OUTCOME`` its weight: at most 0 for ``refuted``, at least 0 for ``confirmed``.

    The tool ``*`` speaks for all that are not named. A kind counts once however many claims of a step show it: the
    claims of one step repeat each other (a chain of equations states each value twice)."""
    complete: float
    """Added where the tools confirmed all that the step says, at least 0."""
    critic_offset: float = 0.0
    """Added to the critics' log-odds."""
    critic_slope: float = 1.0
    """The critics' log-odds are multiplied by this first, at least 0; below 1 they are surer than they are right."""
    critic_limit: float = 0.999
    """Critics are never taken to be surer than this, nor less sure than 1 minus this; in (0.5, 1). Their certainty is
    no proof, and the log-odds of 1 have no end."""
    record: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What the weights were fitted on and how well they did on what was held back; plain JSON values."""

    def __post_init__(self) -> None:
        numbers = [self.base_rate, self.complete, self.critic_offset, self.critic_slope, self.critic_limit]
        if not all(math.isfinite(x) for x in [*numbers, *self.evidence.values()]):
            raise ValueError("weights must be finite numbers")
        if not 0.0 < self.base_rate < 1.0 or not 0.5 < self.critic_limit < 1.0:
            raise ValueError(
                "base_rate must be in (0, 1) and critic_limit in (0.5, 1), "
                f"got {self.base_rate} and {self.critic_limit}"
            )
        if self.complete < 0.0 or self.critic_slope < 0.0:
            raise ValueError(
                f"complete and critic_slope must be at least 0, got {self.complete} and {self.critic_slope}"
            )
        missing = [kind for kind in FALLBACKS if kind not in self.evidence]
        if missing:
            raise ValueError(f"evidence needs a weight for {', '.join(missing)}")
        for kind, weight in self.evidence.items():
            self._hold(kind, weight)

    def _hold(self, kind: str, weight: float) -> None:
        """Refuse a weight that would turn evidence against itself."""
        _, source, outcome = _parts(kind)
        if weight > 0.0 if outcome is Outcome.REFUTED else weight < 0.0:
            raise ValueError(
                f"evidence {kind}: a refutation never raises and a confirmation never lowers, got {weight}"
            )
        decides = source is Source.EXTRACTED and outcome is Outcome.REFUTED
        if decides and log_odds(self.base_rate) + weight >= 0.0:
            raise ValueError(f"evidence {kind}: {weight} leaves a refuted step more likely right than wrong")

    def of(self, kind: str) -> float:
        """Return the weight of a kind ``TOOL:SOURCE:OUTCOME``."""
        own = self.evidence.get(kind)
        return self.evidence[ANY_TOOL + kind[kind.index(":") :]] if own is None else own

    @property
    def sha256(self) -> str:
        """Return the digest of the numbers, which does not depend on their record."""
        numbers = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "record"}
        return hashlib.sha256(json.dumps(numbers, sort_keys=True).encode()).hexdigest()


def _parts(kind: str) -> tuple[str, Source, Outcome]:
    """Split a kind of evidence."""
    try:
        tool, source, outcome = kind.split(":")
        found = tool, Source(source), Outcome(outcome)
    except ValueError as error:
        raise ValueError(f"evidence {kind!r}: expected TOOL:SOURCE:OUTCOME such as exact:extracted:refuted") from error
    if found[2] is Outcome.UNDECIDED:
        raise ValueError(f"evidence {kind!r}: what is undecided has no weight")
    return found


def kind_of(check: Check) -> str:
    """Return the kind of evidence that a check is, ``TOOL:SOURCE:OUTCOME``."""
    return f"{check.tool}:{check.claim.source}:{check.outcome}"


def log_odds(p: float) -> float:
    """Return ``ln(p / (1 - p))`` of a probability in (0, 1)."""
    return math.log(p / (1.0 - p))


def probability(odds: float) -> float:
    """Return the probability in [0, 1] of log-odds; the inverse of :func:`log_odds`."""
    if odds >= 0.0:
        return 1.0 / (1.0 + math.exp(-odds))
    small = math.exp(odds)  # for large negative odds exp(-odds) would overflow
    return small / (1.0 + small)


def read_weights(path: Path) -> Weights:
    """Read a weights file that :func:`write_weights` wrote.

    Raises:
        RecordError: it cannot be read, or is no weights file; the message says what was expected.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_FILE_BYTES + 1)
        body = json.loads(raw) if len(raw) <= MAX_FILE_BYTES else None
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{path}: expected a weights file (JSON): {error}") from error
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise RecordError(f'{path}: expected a weights file with "format": {FORMAT}; genverify calibrate writes one')
    try:
        return Weights(**{name: body[name] for name in Weights.__dataclass_fields__ if name in body})
    except (TypeError, ValueError, AttributeError) as error:
        raise RecordError(f"{path}: {error}") from error


def write_weights(weights: Weights, path: Path) -> None:
    """Write a weights file, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    text = json.dumps({"format": FORMAT, **asdict(weights)}, indent=2, ensure_ascii=False, allow_nan=False)
    part = path.with_name(path.name + ".part")
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)


DEFAULT_WEIGHTS: Final = read_weights(Path(__file__).with_name("weights.json"))
"""The weights that ship.

Fitted on steps that models wrote and people labelled: ProcessBench, MR-GSM8K, MR-Ben's mathematics, PARC, and three
tasks of BIG-Bench Mistake. Left out are sets with planted errors (MathCheck, PRMBench), labels made by program (Game of
24), and two whose labels often pass over false statements: BIG-Bench Mistake's multistep arithmetic
and the unrated steps of PRM800K. No critic took part: the critics' slope is 1, their offset 0, and the weights of
claims that a model wrote are guesses, marked as not seen. A base rate is that of the sets it was fitted on, more wrong
solutions than usual among them; ``genverify calibrate`` fits yours.
"""
