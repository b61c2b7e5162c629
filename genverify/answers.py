r"""Final answers to groups of equal ones: by value and by proof where they can be read, never by evaluating text.

``0.5``, ``\frac{1}{2}`` and ``50\%`` are one answer. Votes keyed on spelling split it, and a test by substring takes
"1" for "11". An answer is read by the project's bounded grammar; what exact arithmetic cannot compare goes to the
checkers' worker processes, which are killed when they hang. What nobody can read is compared as text, without blanks
and LaTeX spacing. Answers are one group only if they were shown to be equal: what stays undecided stays apart.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from genverify.claims import units
from genverify.claims.grammar import names, parse
from genverify.claims.normalise import read
from genverify.claims.reading import Reading, convert
from genverify.steps import final_answer
from genverify.tools.rational import NoValueError, evaluate
from genverify.types import Claim, ClaimKind, Outcome

if TYPE_CHECKING:
    from genverify.tools.checkers import Checkers

MAX_CHARS: Final = 300
"""Longest answer that is read as an expression; longer ones are texts."""
MAX_PROOFS: Final = 64
"""Pairs of expressions handed to workers for one problem: more distinct ones than these few make no vote anyway."""

_DECORATION: Final = re.compile(r"^(?:\$|\\\(|\\\[|\*\*|\s)+|(?:\$|\\\)|\\\]|\*\*|[\s.,;])+$")
_MONEY_FIRST: Final = re.compile(r"^\\?\$\s*(?=[-\d.])")
_NAMED: Final = re.compile(r"^\\?[A-Za-z]\w{0,20}\s*(?:=|\\in\b)\s*(?=[^=\s])")
_CHOICE: Final = re.compile(r"\(?(?:\\text\{)?\(?([A-Za-z])\)?\}?\)?")
_DATE: Final = re.compile(r"\d{1,4}/\d{1,2}/\d{1,4}")
_LIST_SIGN: Final = re.compile(r"\s*[,;]\s+(?:and|or)\s+|\s+(?:and|or)\s+|\s*[,;]\s+")
_SPACING: Final = re.compile(r"\\(?:text|mathrm|mathbf|textbf|left|right|quad|[,;:! ])|[\s{}$\\]")
_LAST_LINE: Final = re.compile(
    r"^\s*(?:A|Ans|Answer)\s*[:.]\s*(?P<answer>\S[^\n]{0,200}?)\s*\Z", re.MULTILINE | re.IGNORECASE
)
_NUMBER: Final = re.compile(r"(?<![\w.])(?:\d{1,4}/\d{1,2}/\d{1,4}|[-−–]?\\?\$?\d[\d,]*(?:\.\d+)?(?:/\d+)?\s?\\?%?)")

_CODE: Final = re.compile(r"^(?:```|~~~| {4,}(?:return|if|for|while|else|elif)\b|\s*def \w+\()", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """A final answer and how it was read from a solution."""

    text: str
    how: str
    """``given`` (it came with the solution), ``marked`` (boxed, after ``####``, "the answer is") or ``last_number``."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Answers to one problem, sorted into groups of equal ones."""

    groups: tuple[tuple[int, ...], ...]
    """The places (from 0) of the answers of each group, in the order in which the groups first appear."""
    without: tuple[int, ...]
    """The places of what is no answer: None, or white space only."""
    undecided: int = 0
    """Pairs that could neither be shown equal nor different; they are kept apart."""

    def of(self, index: int) -> int | None:
        """Return the group (from 0) of the answer at ``index``; None if there is no answer."""
        return next((number for number, members in enumerate(self.groups) if index in members), None)


def find(text: str) -> Found | None:
    """Read the final answer of a solution: as marked, else its last line ``A: ...``, else its last number.

    The last number is a guess, the one that scorers of word problems make; ``Found.how`` says that it was made. It is
    not made of programs, whose last number means nothing.
    """
    marked = final_answer(text)
    if marked is None and (line := _LAST_LINE.search(text)) is not None:
        marked = line["answer"]
    if marked is not None and marked.strip():
        return Found(marked, "marked")
    if _CODE.search(text):
        return None
    numbers = _NUMBER.findall(text[-2000:])  # an answer further from the end is no final one
    return Found(numbers[-1].strip(), "last_number") if numbers else None


def group(answers: Sequence[str | None], checkers: "Checkers | None" = None) -> Grouping:
    """Sort ``answers`` into groups of equal ones; the groups do not depend on the order of the answers.

    Args:
        answers: the final answers to one problem, as written; None or white space is no answer.
        checkers: prove that expressions are equal, ``x(x+1)`` and ``x^2+x``; without them only values and spellings
            are compared.
    """
    forms = [_form(a) if a is not None and a.strip() else None for a in answers]
    counted = Counter(form for form in forms if form is not None)
    heads: list[_Form] = []
    of: dict[_Form, _Form] = {}
    judge = _Judge(checkers)
    # the most frequent form stands for its group, so that the order of the candidates changes nothing
    for form in sorted(counted, key=lambda f: (-counted[f], f.text)):
        same = next((head for head in heads if judge.same(form, head)), None)
        if same is None:
            heads.append(form)
        of[form] = same or form
    members: dict[_Form, list[int]] = {}
    for index, answer in enumerate(forms):
        if answer is not None:
            members.setdefault(of[answer], []).append(index)
    without = tuple(index for index, form in enumerate(forms) if form is None)
    return Grouping(tuple(map(tuple, members.values())), without, judge.undecided)


def same(a: str, b: str, checkers: "Checkers | None" = None) -> bool | None:
    """Tell whether two answers are equal; None if that could not be decided."""
    judge = _Judge(checkers)
    found = judge.same(_form(a), _form(b))
    return None if judge.undecided else found


@dataclass(frozen=True, slots=True)
class _Form:
    """An answer as it is compared."""

    text: str
    """Its letters and signs, without blanks and LaTeX spacing."""
    formal: str | None = None
    """The expression that it was read to; None if it is compared as text."""
    value: Fraction | None = None
    numeral: Fraction | None = None
    """For ``50%`` the 50: who was asked "what percent" answers 50 as well."""
    measures: frozenset[str] = frozenset()
    """Units of measurement beside it."""


@lru_cache(maxsize=4096)
def _form(answer: str) -> _Form:
    bare = _NAMED.sub("", _MONEY_FIRST.sub("", _DECORATION.sub("", answer)))
    text = _SPACING.sub("", bare).lower() or answer.strip()
    choice = _CHOICE.fullmatch(bare)
    if choice is not None:
        return _Form(choice[1].lower())
    if _DATE.fullmatch(bare):  # read as a number, 4/2/2012 would be 2/1/2012
        return _Form("/".join(part.lstrip("0") for part in bare.split("/")))
    reading = _reading(bare) if len(bare) <= MAX_CHARS else None
    if reading is None:
        return _Form(text)
    value = _value(reading)
    numeral = value * 100 if value is not None and reading.percent else None
    return _Form(text, reading.text, value, numeral, frozenset(map(units.stem, filter(units.measures, reading.units))))


def _reading(text: str) -> Reading | None:
    """Read an expression, the end of a computation, or a list of expressions, whose order means nothing, as a set."""
    *worked_out, last = text.split("=")
    if worked_out and all((side := convert(read(part))) is not None and side.closed for part in worked_out):
        text = last  # of 8 * 45 = 360 the 360; an equation such as x + y = 5 stays one
    reading = convert(read(text))
    if reading is not None or re.search(r"[\[({]", text.replace(r"\frac{", "").replace(r"\sqrt{", "")):
        return reading
    parts = [_NAMED.sub("", part) for part in _LIST_SIGN.split(text)]
    return convert(read(r"\{" + ", ".join(parts) + r"\}")) if len(parts) > 1 else None


def _value(reading: Reading) -> Fraction | None:
    if not reading.closed:
        return None
    try:
        value = evaluate(reading.expr)
    except NoValueError:
        return None
    return Fraction(value) if isinstance(value, int | Fraction) else None


class _Judge:
    """Compares forms, counts what stays open, and keeps to the number of proofs."""

    def __init__(self, checkers: "Checkers | None") -> None:
        self._checkers, self._left = checkers, MAX_PROOFS
        self.undecided = 0

    def same(self, a: _Form, b: _Form) -> bool:
        """Tell whether two forms were shown to be equal."""
        if a.measures and b.measures and a.measures != b.measures:
            return False
        if a.text == b.text:
            return True
        if a.formal is None or b.formal is None:
            return False
        if a.value is not None and b.value is not None:
            return a.value == b.value or a.numeral == b.value or a.value == b.numeral
        return self._proved(a.formal, b.formal)

    def _proved(self, a: str, b: str) -> bool:
        if a == b:
            return True
        if self._checkers is None or self._left == 0:
            self.undecided += 1
            return False
        self._left -= 1
        free = names(parse(a)) | names(parse(b))
        claim = Claim(ClaimKind.IDENTITY if free else ClaimKind.RELATION, f"{a} = {b}")
        outcome = self._checkers.check(claim).outcome
        self.undecided += outcome is Outcome.UNDECIDED
        return outcome is Outcome.CONFIRMED
