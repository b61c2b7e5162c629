"""Proofs of anybody's to labels: each step is judged by the premises that it cites, and by nothing else.

Labels are LOCAL and three-valued: right if the cited premises entail the step, wrong if there is a counter-model, and
not known where they contradict each other (vacuous), where the step leans on the hypothesis or restates a premise
(circular), and where Z3 ran out of time. With ``compat="fover"`` all of the latter are right, as in FoVer's own data.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from genverify import templates
from genverify.claims.grammar import Expr
from genverify.claims.writing import show
from genverify.data import labels
from genverify.data.logic import formulas as logic_formulas
from genverify.data.logic import proofs as logic_proofs
from genverify.data.logic.formulas import negated
from genverify.data.logic.problems import Answer, Line
from genverify.data.values import Dropped, Example, Kind, LabelledStep, StepLabel, Tools
from genverify.errors import GrammarError, RecordError
from genverify.types import Check, Claim, ClaimKind, Outcome, Problem, Reason

if TYPE_CHECKING:
    from genverify.tools.checkers import Checkers

Compat = Literal["fover"]
BATCH: Final = 64
"""Solutions whose claims are handed over at once: enough to keep workers busy, few enough to keep in memory."""


@dataclass(frozen=True, slots=True)
class Question:
    """A problem of deduction with its premises and its hypothesis as formulas."""

    problem: Problem
    """Its ``answer`` is PROVED, DISPROVED, UNKNOWN, or None where nobody has said."""
    facts: Mapping[str, Expr]
    """``fact1`` ... in order."""
    hypothesis: Expr
    family: str = "deduction"
    """What sort of problem it is."""

    @property
    def id(self) -> str:
        """Return the name of the problem."""
        return self.problem.id or "problem"

    def formal(self) -> dict[str, str]:
        """Return the formulas in FLD's notation, by the names that FoVer's records give them.

        Raises:
            ValueError: a formula holds something that the notation lacks.
        """
        facts = (f"{name}: {logic_formulas.write(fact)}" for name, fact in self.facts.items())
        return {"hypothesis_formula": logic_formulas.write(self.hypothesis), "facts_formula": "\n".join(facts)}

    def in_symbols(self) -> tuple[Problem, dict[str, str]]:
        """Return the problem as one who reads proofs in FLD's notation has to see it, and what else is known of it.

        Raises:
            ValueError: a formula holds something that the notation lacks.
        """
        formal = self.formal()
        text, bare = stated("symbols", formal["hypothesis_formula"], formal["facts_formula"])
        formal["problem_without_definition"] = bare
        if bare not in self.problem.text:
            formal["problem_in_words"] = self.problem.text
        premises = tuple(logic_formulas.write(fact) for fact in self.facts.values())
        return replace(self.problem, text=text, premises=premises), formal


def stated(form: str, hypothesis: str, facts: str) -> tuple[str, str]:
    """Return the text of a problem in ``symbols`` or in ``words``, with what is asked and without."""
    file = templates.load("data_logic")
    bare = file.fill(f"problem_{form}", hypothesis=hypothesis, facts=facts)
    return f"{file.text(f'definition_{form}')}\n\n{bare}", bare


def question(example: Example) -> Question:
    """Return the problem of an example, to label other solutions of it.

    Raises:
        RecordError: it is no problem of logic, or its formulas cannot be read.
    """
    try:
        facts = logic_formulas.facts(example.formal["facts_formula"])
        hypothesis = logic_formulas.read(example.formal["hypothesis_formula"])
    except KeyError as error:
        raise RecordError(f"example {example.id}: expected formal words {error}, as examples of logic have") from None
    except GrammarError as error:
        raise RecordError(f"example {example.id}: {error}") from error
    return Question(example.problem, facts, hypothesis, example.family)


def claim(line: Line, known: Mapping[str, Expr], places: Mapping[str, int]) -> Claim:
    """Return what has to hold for a step to be right: that what it cites entails what it states."""
    givens = tuple(show(known[cite]) for cite in line.cites)
    steps = tuple(places.get(cite, -1) for cite in line.cites)
    return Claim(ClaimKind.ENTAILS, show(line.formula), givens=givens, given_steps=steps)


def claims(lines: Sequence[Line], facts: Mapping[str, Expr], hypothesis: Expr) -> list[Claim]:
    """Return the claim of each step."""
    known = {**facts, logic_proofs.HYPOTHESIS: hypothesis}
    places: dict[str, int] = {}
    found: list[Claim] = []
    for place, line in enumerate(lines):
        found.append(claim(line, known, places))
        known[line.name], places[line.name] = line.formula, place
    return found


def leans(line: Line) -> bool:
    """Whether a step cites the hypothesis, which is nobody's to use."""
    return logic_proofs.HYPOTHESIS in line.cites


Known = dict[tuple[str, frozenset[str]], Check]
"""Checks by what they are about: a statement, and its premises in any order."""


def decided(asked: Sequence[Claim], checkers: "Checkers", known: Known | None = None) -> list[Check]:
    """Decide claims, each different one once.

    Args:
        asked: the claims.
        checkers: what decides.
        known: checks of before, which are not made again; those made now are added.

    Raises:
        ToolError: a worker was needed and could not be started.
    """
    known = {} if known is None else known
    new = {key: c for c in asked if (key := (c.statement, frozenset(c.givens))) not in known}
    known.update(zip(new, checkers.check_many(list(new.values())), strict=True))
    return [replace(known[c.statement, frozenset(c.givens)], claim=c) for c in asked]


_NO_ANSWER: Final = frozenset({Reason.UNSUPPORTED, Reason.TOO_LARGE, Reason.CRASHED, Reason.MEMORY})
"""Reasons for which FoVer's own pipeline raises an exception, and so gives no label."""


def step_label(line: Line, check: Check, compat: Compat | None = None) -> StepLabel:
    """Return the label of one step from the check of its claim."""
    if compat == "fover":  # correct iff not sat: whatever is not refuted passes
        refuted = check.outcome is Outcome.REFUTED
        if check.reason in _NO_ANSWER:
            return StepLabel(None, check.tool, str(check.reason))
        return StepLabel(not refuted, check.tool, check.witness if refuted else "")
    if leans(line):
        return StepLabel(None, check.tool, "circular")
    return labels.of((check,))


def status_claims(facts: Mapping[str, Expr], hypothesis: Expr) -> tuple[Claim, Claim]:
    """Return the claims that the facts entail the hypothesis, and that they entail its opposite."""
    givens = tuple(map(show, facts.values()))
    both = (show(hypothesis), show(negated(hypothesis)))
    positive, negative = (
        Claim(ClaimKind.ENTAILS, said, givens=givens, given_steps=(-1,) * len(givens)) for said in both
    )
    return positive, negative


def status(positive: Check, negative: Check) -> Answer | None:
    """Return how a hypothesis stands, from the checks of :func:`status_claims`; None where that is not known."""
    if _holds(positive, negative):
        return Answer.PROVED
    if _holds(negative, positive):
        return Answer.DISPROVED
    both = positive.outcome is Outcome.REFUTED and negative.outcome is Outcome.REFUTED
    return Answer.UNKNOWN if both else None


def _holds(check: Check, opposite: Check) -> bool:
    """Whether the facts entail a statement; it may be one of them, if a model shows that they do not contradict it."""
    stated = check.reason is Reason.CIRCULAR and opposite.outcome is Outcome.REFUTED
    return stated or check.outcome is Outcome.CONFIRMED


def answer_label(given: str, truth: str | None, source: str) -> StepLabel:
    """Return the label of the last step, the answer."""
    if truth is None:
        return StepLabel(None, source, "how the hypothesis stands is not known")
    return StepLabel(given == truth, source, "" if given == truth else f"the hypothesis is {truth}")


def label(
    question: Question,
    solution: str | Sequence[str],
    tools: Tools,
    compat: Compat | None = None,
    *,
    maker: str = "file:unnamed",
) -> Example | Dropped:
    """Label a solution from outside.

    Args:
        question: the problem.
        solution: a proof as ``logic.proofs.read`` takes it.
        tools: what decides.
        compat: ``"fover"`` for the labels that FoVer's own pipeline would give.
        maker: who wrote it: ``engine:NAME`` or ``file:NAME``.

    Raises:
        ToolError: a tool could not be started.
    """
    return next(iter(label_many([(question, solution)], tools, compat, maker=maker)))


def label_many(
    solutions: Sequence[tuple[Question, str | Sequence[str]]],
    tools: Tools,
    compat: Compat | None = None,
    *,
    maker: str = "file:unnamed",
) -> list[Example | Dropped]:
    """Do what :func:`label` does for many solutions; their claims are decided together.

    Raises:
        ToolError: a tool could not be started.
    """
    found: list[Example | Dropped] = []
    for start in range(0, len(solutions), BATCH):
        read = [_read(q, s, f"{q.id}-{start + place}") for place, (q, s) in enumerate(solutions[start : start + BATCH])]
        jobs = [job for job in read if not isinstance(job, Dropped)]
        checks = iter(decided([c for job in jobs for c in job.asked], tools.checkers))
        found += [job if isinstance(job, Dropped) else job.labelled(checks, compat, maker) for job in read]
    return found


@dataclass(frozen=True, slots=True)
class _Job:
    """A solution that was read, with all that has to be decided for its labels."""

    id: str
    question: Question
    proof: logic_proofs.Proof
    step_claims: tuple[Claim, ...]
    truth_claims: tuple[Claim, ...]
    """Empty where the answer is given."""

    @property
    def asked(self) -> tuple[Claim, ...]:
        """Return all claims."""
        return (*self.step_claims, *self.truth_claims)

    def labelled(self, checks: Iterator[Check], compat: Compat | None, maker: str) -> Example:
        """Return the example, from the next of ``checks``."""
        steps = []
        for text, line, asked in zip(self.proof.texts, self.proof.lines, self.step_claims, strict=True):
            found = step_label(line, next(checks), compat)
            steps.append(LabelledStep(text, found, (asked,), said=asked.statement))
        truth: str | None = self.question.problem.answer
        if self.truth_claims:
            truth = status(next(checks), next(checks))
        problem, formal = _shown(self.question)
        last = answer_label(self.proof.answer, truth, "z3" if self.truth_claims else "answer")
        steps.append(LabelledStep(logic_proofs.final(self.proof.answer), last))
        return Example(
            self.id, Kind.LOGIC, problem, tuple(steps), maker,
            group=self.question.id, family=self.question.family, answer=self.proof.answer, formal=formal,
        )  # fmt: skip


def _shown(asked: Question) -> tuple[Problem, dict[str, str]]:
    try:
        return asked.in_symbols()
    except ValueError:
        return asked.problem, {}  # an equality: the formulas stand in ``problem.premises_fol`` all the same


def _read(asked: Question, solution: str | Sequence[str], id_: str) -> _Job | Dropped:
    try:
        proof = logic_proofs.read(solution, asked.facts, asked.hypothesis)
    except logic_proofs.UnreadError as error:
        return Dropped(id_, error.why, error.detail)
    truth = status_claims(asked.facts, asked.hypothesis) if asked.problem.answer is None else ()
    return _Job(id_, asked, proof, tuple(claims(proof.lines, asked.facts, asked.hypothesis)), truth)
