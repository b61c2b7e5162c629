"""What a model wants to know about a step, to a question that a tool can be asked; or the reason why it is set aside.

The model may have misread the step, so nothing is asked that does not rest on its words: every number and name must
occur in the step, the problem or an earlier step, and the question must not hold the answer that the step claims. The
comparison with that answer is ours. Such a claim carries the source MODEL and never decides a step by itself.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from genverify import numerals, wording
from genverify.claims.grammar import App, Expr, Num, heads, names, parse
from genverify.claims.writing import show
from genverify.errors import GrammarError
from genverify.protocols import tables
from genverify.protocols.base import Chain
from genverify.protocols.text import one_line
from genverify.types import Check, Claim, ClaimKind, CodeRun, Outcome, Problem, Reason, Solution, Source, Table

MAX_CHECKS: Final = 4
"""Checks taken from one answer; more repeat each other."""
MAX_QUESTION: Final = 2000
"""Characters of one question or program."""
KINDS: Final = ("value", "holds", "python", "table")

_WORDS: Final[dict[str, tuple[int, ...]]] = {
    "half": (2,), "halves": (2,), "halved": (2,), "twice": (2,), "double": (2,), "doubled": (2,), "both": (2,),
    "pair": (2,), "third": (3,), "thirds": (3,), "triple": (3,), "thrice": (3,), "quarter": (4,), "quarters": (4,),
    "fourth": (4,), "fifth": (5,), "sixth": (6,), "seventh": (7,), "eighth": (8,), "ninth": (9,), "tenth": (10,),
    "dozen": (12,), "dozens": (12,), "percent": (100,), "percentage": (100,), "hundred": (100,), "thousand": (1000,),
    "million": (10**6,), "billion": (10**9,), "squared": (2,), "square": (2,), "cubed": (3,), "cube": (3,),
    "two": (2,), "three": (3,), "four": (4,), "five": (5,), "six": (6,), "seven": (7,), "eight": (8,), "nine": (9,),
    "ten": (10,), "eleven": (11,), "twelve": (12,), "thirteen": (13,), "fourteen": (14,), "fifteen": (15,),
    "sixteen": (16,), "seventeen": (17,), "eighteen": (18,), "nineteen": (19,), "twenty": (20,), "thirty": (30,),
    "forty": (40,), "fifty": (50,), "sixty": (60,), "seventy": (70,), "eighty": (80,), "ninety": (90,),
    "minute": (60,), "minutes": (60,), "hour": (60,), "hours": (60, 24), "day": (24, 7), "days": (24, 7), "week": (7,),
    "weeks": (7, 52), "month": (12,), "months": (12,), "year": (12, 52, 365), "years": (12, 52, 365),
    "average": (2,), "triangle": (2, 3, 180), "angle": (90, 180, 360), "angles": (90, 180, 360), "circle": (2, 360),
    "even": (2,), "odd": (2,), "cents": (100,), "dollar": (100,), "dollars": (100,), "feet": (12,), "yards": (3,),
}  # fmt: skip
"""Numbers that words bring with them."""
_ALWAYS: Final = frozenset({Fraction(0), Fraction(1)})
"""Numbers that may stand in any question: they bring no information of their own."""
_CODE_SMALL: Final = 10
"""Whole numbers up to this may stand in any program: they index and step."""
_REWRITTEN: Final = (
    ("**", "^"), ("==", "="), ("×", "*"), ("·", "*"), ("÷", "/"), ("−", "-"), ("–", "-"), ("≤", "<="), ("≥", ">="),
    ("≠", "!="), ("≈", "~"), ("π", "pi"), ("$", ""),
)  # fmt: skip
_GROUPED: Final = re.compile(r"(?<![\d.,(])\d{1,3}(?:,\d{3})+(?![\d,])")
_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*%")


@dataclass(frozen=True, slots=True)
class Ground:
    """The text that a check must rest on."""

    text: str
    values: frozenset[Fraction]

    @classmethod
    def of(cls, text: str) -> "Ground":
        """Read the numbers of ``text``, those of its words included."""
        values = numerals.mentioned(text) | set(_ALWAYS)
        for word in re.findall(r"[a-z]+", text.lower()):
            values |= {Fraction(n) for n in _WORDS.get(word, ())}
        if "%" in text:
            values |= {Fraction(100)} | {v / 100 for v in set(values)}
        return cls(text, frozenset(values))

    def missing(self, expr: Expr) -> str | None:
        """Return a number or name of ``expr`` that does not occur in the text; None if all do."""
        for value in sorted(_numbers(expr)):
            if value not in self.values:
                return f"the number {show(Num(value if value.denominator > 1 else value.numerator))}"
        own = {head.removeprefix("@") for head in heads(expr) if head.startswith("@")}
        for name in sorted(names(expr) | own):
            if not self._names(name):
                return f"the name {name}"
        return None

    def _names(self, name: str) -> bool:
        stem, _, index = name.partition("_")
        wanted = re.escape(stem) + (rf"_\{{?{re.escape(index)}" if index else "")
        spaced = re.escape(name.replace("_", " "))
        return re.search(rf"(?<![A-Za-z])(?:{wanted}|{spaced})(?![A-Za-z])", self.text) is not None


def _numbers(expr: Expr) -> set[Fraction]:
    if isinstance(expr, Num):
        return {abs(Fraction(expr.value))}
    if isinstance(expr, App):
        return set().union(*(_numbers(arg) for arg in expr.args))
    return set()


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to be asked of a tool."""

    said: str
    """What the model asked, in one line."""
    claim: Claim | None = None
    """For the checkers: the question and the answer that the step claims, put together by us."""
    tool: str = ""
    """Who found out the first half of ``claim``, where that was not who decides it."""
    code: str = ""
    """For a kernel; ``answer`` is compared with what it prints."""
    answer: str = ""
    aside: str = ""
    """Why nothing is asked; empty if something is."""


@dataclass(frozen=True, slots=True)
class Found:
    """A question and what came of it."""

    question: Question
    check: Check | None = None
    run: CodeRun | None = None
    aside: str = ""

    @property
    def line(self) -> str:
        """Return what the model gets to read."""
        if self.check is None:
            return f"{self.question.said}: set aside, because {self.aside or self.question.aside}"
        match self.check.outcome:
            case Outcome.CONFIRMED:
                return f"{self.question.said}: confirmed"
            case Outcome.REFUTED:
                return f"{self.question.said}: refuted: {one_line(wording.refutation(self.check))}"
        reason = self.check.reason or Reason.UNKNOWN
        return f"{self.question.said}: could not be decided ({reason.value.replace('_', ' ')})"


@dataclass(frozen=True, slots=True)
class Scene:
    """A step with what stands before it."""

    before: str
    step: str
    table: Table | None = None
    """The problem's."""

    @classmethod
    def of(cls, problem: Problem, solution: Solution, index: int) -> "Scene":
        """Return the scene of step ``index`` (from 0)."""
        earlier = [step.text for step in solution.steps[:index]]
        table = [tables.shown(problem.table)] if problem.table is not None else []  # what a model gets to read of it
        before = "\n".join([problem.text, *table, *problem.premises, *earlier])
        return cls(before, solution.steps[index].text, problem.table)

    @property
    def whole(self) -> Ground:
        """Return the ground of statements and answers: the step and all before it."""
        return Ground.of(f"{self.before}\n{self.step}")

    def without(self, answer: Expr) -> Ground:
        """Return the ground of a question: the same text, but what the step claims as its answer is taken out.

        A number that the step calculates with (``8 - 4 = 4``) stays: there it is no answer.
        """
        value = wording.rational(answer)
        step = numerals.NUMBER.sub(lambda m: " " if _is_result(m, value) else m.group(), self.step)
        return Ground.of(f"{self.before}\n{step}")


_BEFORE_OPERAND: Final = re.compile(r"[-+*/×÷·^−(][\s$\\]*$")
_AFTER_OPERAND: Final = re.compile(r"\s*(?:[-+*/×÷·^−]|\\times|\\cdot|\\div)")


def _is_result(match: re.Match[str], value: Fraction | None) -> bool:
    if value is None or numerals.values(match.group()) != {abs(value)}:
        return False
    before = match.string[max(0, match.start() - 8) : match.start()]
    return not _BEFORE_OPERAND.search(before) and not _AFTER_OPERAND.match(match.string, match.end())


def questions(value: Any, scene: Scene, kinds: Collection[str]) -> list[Question]:  # noqa: ANN401 - whatever a model wrote
    """Read the checks that a model asks for.

    Args:
        value: the ``checks`` of its answer, whatever that is.
        scene: the step.
        kinds: those of :data:`KINDS` that can be asked for here.
    """
    items = value if isinstance(value, list) else []
    return [_question(item, scene, kinds) for item in items[:MAX_CHECKS]]


def _question(item: object, scene: Scene, kinds: Collection[str]) -> Question:
    if not isinstance(item, dict):
        return Question("a check", aside="it is no object")
    kind, asked, answer = (item.get(key, "") for key in ("kind", "question", "answer"))
    givens = item.get("givens") or []
    if not isinstance(asked, str) or not isinstance(answer, str | int | float) or not isinstance(givens, list):
        return Question("a check", aside="its fields are not what was asked for")
    said = f"{one_line(asked, 120)} (claimed: {one_line(str(answer), 60)})" if answer != "" else one_line(asked, 120)
    if kind in KINDS and kind not in kinds:
        return Question(said, aside="no code can be run here" if kind == "python" else "the problem has no table")
    if kind not in kinds or not asked.strip() or len(asked) > MAX_QUESTION:
        return Question(said or "a check", aside="it asks nothing, or too much, or is of no known kind")
    try:
        if kind == "python":
            return _program(said, asked, str(answer), scene)
        if kind == "table" and scene.table is not None:
            return _looked_up(said, asked, str(answer), scene, scene.table)
        return _statement(
            said, asked, str(answer), [str(g) for g in givens[:MAX_CHECKS] if str(g).strip()], scene, kind == "value"
        )
    except GrammarError as error:
        return Question(said, aside=f"it is not in the formal language: {one_line(str(error), 120)}")


def _looked_up(said: str, asked: str, answer: str, scene: Scene, table: Table) -> Question:
    """Look up what is asked, and put it together with what the step claims."""
    claimed = parse(_formal(answer))
    value = wording.rational(claimed)
    if value is None:
        return Question(said, aside="what the step claims is no number")
    if missing := scene.whole.missing(claimed):
        return Question(said, aside=_ungrounded(missing, False))
    for number in sorted(numerals.values(asked)):
        if number == abs(value) or number not in scene.whole.values:
            return Question(said, aside=_ungrounded(f"the number {number}", number == abs(value)))
    try:
        found = tables.look_up(table, asked, percent="%" in answer)
    except tables.NoAnswer as reason:
        return Question(said, aside=one_line(str(reason), 160))
    if found != value and _same_otherwise(found, value):
        return Question(said, aside="the two numbers differ by their sign or scale alone, which a table may leave out")
    statement = App("=", (_number(found), claimed))
    claim = Claim(ClaimKind.RELATION, show(statement), source=Source.MODEL)
    return Question(said, claim=_bounded(claim, claimed), tool="table")


def _same_otherwise(a: Fraction, b: Fraction) -> bool:
    """Say whether two numbers have the same digits: 5686 (in millions) and 5686000000, 12 and 12 %, (5) and 5."""
    if a == 0 or b == 0:
        return False
    ratio = abs(a / b)
    big = max(ratio, 1 / ratio)
    return big.denominator == 1 and str(big.numerator).strip("0") == "1"


def _number(value: Fraction) -> Expr:
    size = abs(value)
    made: Expr = Num(size.numerator)
    if size.denominator > 1:
        made = App("/", (made, Num(size.denominator)))
    return App("neg", (made,)) if value < 0 else made


def _program(said: str, program: str, answer: str, scene: Scene) -> Question:
    claimed = parse(_formal(answer))
    own = scene.without(claimed)
    for value in sorted(numerals.values(program)):
        if value not in own.values and not (value.denominator == 1 and value <= _CODE_SMALL):
            return Question(said, aside=_ungrounded(f"the number {value}", value == wording.rational(claimed)))
    return Question(said, code=program, answer=show(claimed))


def _statement(said: str, asked: str, answer: str, givens: Sequence[str], scene: Scene, has_answer: bool) -> Question:
    question = parse(_formal(asked))
    given = [parse(_formal(g)) for g in givens]
    ground, claimed = scene.whole, None
    if has_answer:
        claimed = parse(_formal(answer))
        if show(claimed) == show(question):
            return Question(said, aside="the question is its own answer")
        if missing := ground.missing(claimed):
            return Question(said, aside=_ungrounded(missing, False))
        ground = scene.without(claimed)
        if missing := ground.missing(question):
            return Question(said, aside=_ungrounded(missing, wording.rational(claimed) in _numbers(question)))
        question = App("=", (question, claimed))
    for expr in (question, *given):
        if missing := scene.whole.missing(expr):
            return Question(said, aside=_ungrounded(missing, False))
    kind = _kind(question, given)
    if kind is None:
        return Question(said, aside="it holds for some values only: the equations it relies on must stand in givens")
    claim = Claim(kind, show(question), givens=tuple(map(show, given)), source=Source.MODEL)
    return Question(said, claim=_bounded(claim, claimed) if claimed is not None else claim)


def _ungrounded(what: str, is_answer: bool) -> str:
    if is_answer:
        return f"{what} is the claimed answer and must not stand in the question"
    return f"{what} stands neither in the step nor before it"


def _kind(statement: Expr, givens: Sequence[Expr]) -> ClaimKind | None:
    if givens:
        return ClaimKind.ENTAILS
    if not isinstance(statement, App) or statement.head not in ("=", "!=", "<", "<=", ">", ">=", "~"):
        return None if names(statement) else ClaimKind.RELATION
    left, right = (names(side) for side in statement.args[:2])
    if not left and not right:
        return ClaimKind.RELATION
    return ClaimKind.IDENTITY if left == right else None  # x = 5 is an equation to be solved, not an identity


def _bounded(claim: Claim, claimed: Expr) -> Claim:
    """Let a written number differ by half a unit of its last digit; up to a whole unit nothing is decided."""
    number = claimed.args[0] if isinstance(claimed, App) and claimed.head == "neg" else claimed
    if not isinstance(number, Num) or claim.kind is not ClaimKind.RELATION:
        return claim
    unit = Fraction(1, 10 ** (number.places or 0))
    exact = number.places is None
    return replace(claim, tolerance=None if exact else str(unit / 2), slack=str(unit / 2 if exact else unit))


def _formal(text: str) -> str:
    """Write what models write for the formal language: ``**`` is a power, ``1,200`` a number, ``25%`` hundredths."""
    for old, new in _REWRITTEN:
        text = text.replace(old, new)
    text = _GROUPED.sub(lambda m: m.group().replace(",", ""), text)
    return _PERCENT.sub(r"(\1/100)", text).strip()


async def find_out(question: Question, chain: Chain) -> Found:
    """Ask the tool that a question is for.

    Raises:
        ToolError: the checkers could not be started or have been closed.
    """
    if question.aside:
        return Found(question)
    if question.claim is None:
        return await _run(question, chain)
    checks = await chain.check([question.claim])
    if not checks:
        return Found(question, aside="this critic has no checkers")
    check = replace(checks[0], tool=question.tool or checks[0].tool)
    if check.claim.kind is ClaimKind.ENTAILS and check.outcome is Outcome.REFUTED:
        check = await _contradicted(check, chain)
    return Found(question, check)


async def _contradicted(check: Check, chain: Chain) -> Check:
    """Return a refutation only if the givens rule the statement out: the model may have left some of them out."""
    (found,) = await chain.check([replace(check.claim, kind=ClaimKind.CONSISTENT)])
    if found.outcome is Outcome.REFUTED:
        return found
    return replace(check, outcome=Outcome.UNDECIDED, reason=Reason.UNKNOWN)


async def _run(question: Question, chain: Chain) -> Found:
    run = await chain.run(question.code)
    lines = run.output.strip().splitlines()
    if run.status != "ok" or not lines:
        return Found(question, run=run, aside=f"the program printed nothing that can be read ({run.status})")
    try:
        printed, claimed = parse(_formal(lines[-1])), parse(question.answer)
    except GrammarError:
        return Found(question, run=run, aside="what the program printed is no value")
    open_ = bool(names(printed) or names(claimed))
    kind = ClaimKind.IDENTITY if open_ else ClaimKind.RELATION
    claim = _bounded(Claim(kind, show(App("=", (printed, claimed))), source=Source.MODEL), claimed)
    checks = await chain.check([claim])
    if not checks:
        return Found(question, run=run, aside="this critic has no checkers")
    return Found(question, replace(checks[0], tool="python"), run)
