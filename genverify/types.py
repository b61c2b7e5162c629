"""The values that flow through genverify: frozen, made of tuples, with their units and index bases.

Every index is counted from 0. A probability is in [0, 1]; None means "not known", never 0.5.
Three-valued outcomes are used throughout: what could not be decided says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """What a tool found out about a claim."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


class Reason(StrEnum):
    """Why a check is undecided."""

    TIMEOUT = "timeout"
    """The deadline passed; the worker was killed."""
    MEMORY = "memory"
    """The worker's memory limit was reached."""
    CRASHED = "crashed"
    """The worker ended without an answer."""
    UNKNOWN = "unknown"
    """The tool ran to its end and could not tell (Z3's ``unknown``, SymPy found neither proof nor witness)."""
    UNSUPPORTED = "unsupported"
    """The claim lies outside what the tool decides."""
    TOO_LARGE = "too_large"
    """A bound on digits, exponents, nesting or nodes was reached before evaluation."""
    UNDEFINED = "undefined"
    """An operand has no value: division by zero, a logarithm of zero, a name without a value."""
    ROUNDING = "rounding"
    """The difference lies within what rounding of the written numbers explains."""
    UNITS = "units"
    """The two sides are written in units whose relation is not known."""
    VACUOUS = "vacuous"
    """The premises contradict each other, so they entail anything."""
    CIRCULAR = "circular"
    """The conclusion is among its own premises."""
    AMBIGUOUS = "ambiguous"
    """The words allow a reading under which the claim holds and one under which it does not."""


class Label(StrEnum):
    """What is believed about a step."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    UNDECIDED = "undecided"


class LabelConvention(StrEnum):
    """What a step label means; the three are never mixed silently."""

    LOCAL = "local"
    """The step is valid given its own premises, even if a premise is wrong."""
    PREFIX = "prefix"
    """This step and all before it are right."""
    FIRST_ERROR = "first_error"
    """Only the place of the first error is known; steps after it are unknown."""


class ClaimKind(StrEnum):
    """What a claim says, which decides the tools that can judge it."""

    RELATION = "relation"
    """A relation between closed expressions (no free names): ``17*24 = 418``."""
    IDENTITY = "identity"
    """A relation that is said to hold for every value of its free names: ``(x+1)^2 = x^2+2*x+1``."""
    REWRITE = "rewrite"
    """One equation (the only given) is said to turn into the next: same solution set."""
    ROOTS = "roots"
    """The statement lists the solutions of the givens: ``x = 2 | x = 3``."""
    CONSISTENT = "consistent"
    """The statement holds together with the givens, all of them about the same named quantities."""
    ENTAILS = "entails"
    """The statement follows from the givens (premises)."""
    INVENTORY = "inventory"
    """A number puzzle's bookkeeping: which numbers a step may use and which are left."""


class Source(StrEnum):
    """Who put a claim into formal words."""

    EXTRACTED = "extracted"
    """Read from the step's own text by a deterministic extractor."""
    MODEL = "model"
    """Written by a model, which may have misread the step."""


class CorrectionStatus(StrEnum):
    """How far a correction has been checked."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Table:
    """A table that belongs to a problem, as texts."""

    header: tuple[str, ...]
    """The names of the columns; a name may be empty."""
    rows: tuple[tuple[str, ...], ...]
    """The cells, as many in each row as there are columns."""

    def __post_init__(self) -> None:
        wrong = next((i for i, row in enumerate(self.rows) if len(row) != len(self.header)), None)
        if wrong is not None:
            raise ValueError(
                f"row {wrong} (from 0) of a table has {len(self.rows[wrong])} cells, its header has {len(self.header)}"
            )


@dataclass(frozen=True, slots=True)
class Problem:
    """What was asked, with whatever formal context came along."""

    text: str
    id: str | None = None
    answer: str | None = None
    """The reference answer, if there is one; no tool ever sees it."""
    premises: tuple[str, ...] = ()
    """Premises in words, in order."""
    premises_fol: tuple[str, ...] = ()
    """The same premises in first-order logic, one for each of ``premises`` where both are given."""
    table: Table | None = None
    """A table that the question is about, where it does not stand in ``text``."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a solution."""

    index: int
    """Place in the solution, counted from 0."""
    text: str
    """The step's own words, untouched."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A worked solution, cut into steps."""

    steps: tuple[Step, ...]
    final_answer: str | None = None
    """The answer as written in the text (inside ``\\boxed{}``, after ``####`` ...), None if none was found."""
    id: str | None = None

    @classmethod
    def from_text(cls, text: str, *, id: str | None = None) -> "Solution":
        """Cut ``text`` into steps and find its final answer.

        Raises:
            ValueError: ``text`` holds no step, only white space.
        """
        from genverify.steps import final_answer, split

        return cls.from_steps(split(text), id=id, final_answer=final_answer(text))

    @classmethod
    def from_steps(
        cls, steps: tuple[str, ...] | list[str], *, id: str | None = None, final_answer: str | None = None
    ) -> "Solution":
        """Take ``steps`` as they are, one text a step.

        Raises:
            ValueError: there is no step.
        """
        if not steps:
            raise ValueError("a solution needs at least one step, got none")
        from genverify.steps import final_answer as find

        made = tuple(Step(index=i, text=text) for i, text in enumerate(steps))
        return cls(steps=made, final_answer=final_answer or find("\n".join(steps)), id=id)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something a step says that a tool can decide, in the formal language of ``genverify.claims.grammar``."""

    kind: ClaimKind
    statement: str
    """What is claimed, in the formal language: ``17*24 = 418``."""
    span: tuple[int, int] = (0, 0)
    """The characters ``[start, end)`` of the step's text that say it, counted from 0."""
    text: str = ""
    """Those characters."""
    givens: tuple[str, ...] = ()
    """Formal statements taken as true: premises, named values, the equation before."""
    given_steps: tuple[int, ...] = ()
    """For each given the step (from 0) that states it; -1 is the problem."""
    source: Source = Source.EXTRACTED
    tolerance: str | None = None
    """Largest accepted absolute difference, an exact number such as ``1/200``; None asks for equality."""
    slack: str | None = None
    """Differences above ``tolerance`` and up to this are undecided (rounded operands, truncation), not refuted."""
    result_span: tuple[int, int] | None = None
    """Where in the step's text the written result stands; a correction replaces these characters."""
    result_style: str = ""
    """How that result is written, so that a correction looks alike: ``fraction``, ``percent``, ``money`` or empty."""


@dataclass(frozen=True, slots=True)
class Check:
    """A claim and what a tool found out about it."""

    claim: Claim
    tool: str
    """``exact``, ``sympy``, ``z3`` or ``puzzle``; for what a critic asks also ``python`` or ``table``."""
    outcome: Outcome
    reason: Reason | None = None
    """Set exactly when the outcome is UNDECIDED."""
    witness: str = ""
    """What shows a refutation: the differing values, a counter-model, a lost root. One line."""
    computed: str | None = None
    """The value that should stand where the claim's result stands, in the formal language."""
    wall_s: float = 0.0
    """Seconds from hand-over to answer, at least 0."""


@dataclass(frozen=True, slots=True)
class CodeRun:
    """A block of code that a critic wrote, and what came of it."""

    code: str
    output: str
    """What it printed, then the value of its last expression or its traceback: its own words, a claim at most."""
    status: str = "ok"
    """``ok``, ``error`` (it raised), ``timeout``, ``died`` (its process ended) or ``none`` (there was no code)."""
    facts: tuple[str, ...] = ()
    """What else happened: ``timed_out``, ``memory``, ``output_truncated``, ``died: signal 11``, ``state_lost``,
    ``fresh_state``, ``threads_left: 1``, ``late_output_dropped``."""
    wall_s: float = 0.0
    """Seconds from hand-over to the end, at least 0."""


@dataclass(frozen=True, slots=True)
class Critique:
    """One sample of one critic on one step."""

    step: int
    """The step, counted from 0."""
    text: str
    p_correct: float | None
    """Probability in [0, 1] that the step is right; None when no verdict could be read."""
    code: tuple[CodeRun, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    sample: int = 0
    """Which of the critic's samples this is, counted from 0."""
    category: str = ""
    """The kind of error the critic names; empty if it names none."""
    correction: str = ""
    """The whole step as the critic would write it; empty if it proposes nothing. Nobody has checked it yet."""
    checks: tuple[Check, ...] = ()
    """Claims that the critic put into formal words (source MODEL), with what the tools found."""
    notes: tuple[str, ...] = ()
    """What went otherwise than the protocol foresees: why no verdict was read, why a check was set aside."""
    cut: float = 0.5
    """In (0, 1): below this probability the critic calls a step wrong. It is above one half where a critic is seldom
    sure of an error: its probabilities say what they mean, and the cut lies where most first errors are found."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A replacement for a wrong step."""

    text: str
    """The whole step, corrected."""
    origin: str
    """Who proposed it: ``tool:exact``, ``tool:sympy`` ..."""
    status: CorrectionStatus
    replaced: tuple[str, str] = ("", "")
    """The characters taken out and those put in."""
    checks: tuple[Check, ...] = ()
    """The checks of the corrected text."""
    affected: tuple[int, ...] = ()
    """Later steps (from 0) that use the value that was wrong."""


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """What is believed about one step once critiques and checks are fused."""

    index: int
    """Place of the step in the solution, counted from 0."""
    label: Label
    p_correct: float | None
    """Probability in [0, 1] that the step is right; None if nothing was decided."""
    why: str
    """One sentence naming the deciding evidence."""
    coverage: float = 0.0
    """Share in [0, 1] of the step's words and numbers that lie in decided claims or carry no claim."""
    checks: tuple[Check, ...] = ()
    critiques: tuple[Critique, ...] = ()
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A step of which the critics say one thing and the tools another."""

    step: int
    """The step, counted from 0."""
    outcome: Outcome
    """What the tools found: REFUTED where the critics call the step right, CONFIRMED (all it says) where wrong."""
    source: Source
    """Who put the decided claim into formal words."""
    tools: str
    """What the tools say, in one sentence."""
    p_critic: float
    """Mean of what the critics say, in [0, 1]."""
    critics: str
    """The words of the critique furthest from the tools, shortened; empty if it wrote none."""
    label: Label
    """The verdict in the end."""

    @property
    def overridden(self) -> bool:
        """Tell whether the tools' word stands against the critics'."""
        return self.label is (Label.INCORRECT if self.outcome is Outcome.REFUTED else Label.CORRECT)


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that went wrong on the way and was recorded instead of raised."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a report: enough to make it again."""

    genverify: str
    """Version of genverify."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions of the tools that ran."""
    tools: tuple[str, ...] = ()
    isolation: Mapping[str, str] = field(default_factory=dict)
    """Each isolation layer of the workers, ``on`` or else why not; ``level`` is the one that they suffice for."""
    engine: str | None = None
    protocol: str | None = None
    prompt_sha256: str | None = None
    sampling: Mapping[str, float | int | str] = field(default_factory=dict)
    seed: int | None = None
    convention: LabelConvention = LabelConvention.LOCAL
    """What a critic's word about a step means; without a critic LOCAL, for tools look at a step's own claims."""
    fusion: str = "log_odds"
    """The rule that made one verdict of critiques and checks, one of ``genverify.fusion.METHODS``."""
    weights_sha256: str | None = None
    """Digest of the weights that it used; None in reports older than that field."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a report took."""

    wall_s: float = 0.0
    """Seconds from start to end."""
    checks: int = 0
    """Claims handed to tools."""
    worker_checks: int = 0
    """Those that needed a worker process."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    critiques: int = 0
    """Critiques that critics wrote, all samples and steps together."""
    unparsed: int = 0
    """Those of them in which no verdict could be read."""
    code_runs: int = 0
    """Blocks of code that critics had run."""


@dataclass(frozen=True, slots=True)
class Report:
    """The verdicts on one solution."""

    steps: tuple[StepVerdict, ...]
    first_error: int | None
    """The first INCORRECT step, counted from 0; None if no step was found to be wrong."""
    provenance: Provenance
    cost: Cost = Cost()
    problem_id: str | None = None
    solution_id: str | None = None
    score: float | None = None
    """Probability in [0, 1] that the whole solution is right; None if no step has one."""
    failures: tuple[Failure, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    """Where critics and tools contradict each other, in the order of the steps."""
