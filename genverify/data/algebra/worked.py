"""Worked solutions outside word problems: steps with formulas, each of which may be planted with an error of a kind."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, TypeVar

from genverify.data.algebra.terms import exact
from genverify.types import Claim, ClaimKind

T = TypeVar("T")


_RARE: Final = {"slip": 0.4, "carry": 0.4}
"""Kinds that are chosen less often than others: wrong rules and signs before slips, as people err."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A step before its label is decided; the fields are those of ``genverify.data.values.LabelledStep``."""

    text: str
    claims: tuple[Claim, ...] = ()
    said: str = ""
    error: str = ""
    correction: str = ""


@dataclass(slots=True)
class Work:
    """A solution in the making.

    Every step that computes something is a place where an error may be planted: the solver hands over the right value
    and wrong ones with their kinds, and goes on from what comes back.
    """

    rng: random.Random
    plant: int | None = None
    """The place of the error, counted from 0 among the places; None for a right solution."""
    errors: random.Random = field(default_factory=lambda: random.Random(0))
    """Chooses among wrong values, so that ``rng`` draws the same numbers with an error and without."""
    problem: str = ""
    answer: str = ""
    """The right answer, in the formal language."""
    drafts: list[Draft] = field(default_factory=list)
    places: int = 0
    """Places passed so far."""
    latex: bool = False
    prefix: str = ""
    signed: bool = False
    """Whether the answer may well be below zero."""
    facts: dict[str, str] = field(default_factory=dict)
    """What is known of the problem in the formal language."""

    def one(self, *ways: T) -> T:
        """Return one of ``ways``."""
        return self.rng.choice(ways)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, but never 0."""
        while True:
            value = self.rng.randint(low, high)
            if value:
                return value

    def step(
        self,
        right: T,
        wrong: Sequence[tuple[str, T]],
        text: Callable[[T], str],
        claims: Callable[[T], Sequence[Claim]],
        said: Callable[[T], str],
    ) -> T:
        """Add a step and return the value to go on with: ``right``, or one of ``wrong`` where an error is due.

        Args:
            right: the value that is right after the steps before.
            wrong: wrong values, each with the kind of error.
            text: writes the step with a value; it must not draw random numbers.
            claims: what has to hold.
            said: what the step claims, in the formal language.
        """
        value, kind = right, ""
        if wrong:
            if self.places == self.plant:
                kind, value = self.errors.choices(wrong, [_RARE.get(kind, 1.0) for kind, _ in wrong])[0]
            self.places += 1
        number = len(self.drafts) + 1
        lead = self.prefix.replace("#", str(number))
        fixed = lead + capital(text(right)) if kind else ""
        self.drafts.append(Draft(lead + capital(text(value)), tuple(claims(value)), said(value), kind, fixed))
        return value

    def f(self, formula: str) -> str:
        """Return a formula of the formal language as this writer shows it."""
        return f"${shown(formula, latex=True)}$" if self.latex else shown(formula, latex=False)

    def finish(self, value: str, right: str, name: str = "x") -> None:
        """Add the step that states the answer."""
        way = self.one("Therefore, {name} = {v}.", "So the answer is {v}.", "The answer is \\boxed{{{v}}}.", "#### {v}",
                       "Hence, {name} = \\boxed{{{v}}}.", "The answer is: {v}")  # fmt: skip
        self.step(
            value,
            [("wrong_answer", other) for other in self._other_answers(value)],
            lambda v: way.format(name=name, v=shown(v, latex=self.latex)),
            lambda v: [same(value, v)],
            lambda v: f"answer = {v}",
        )
        self.answer = self.answer or right

    def _other_answers(self, value: str) -> list[str]:
        try:
            number = Fraction(value.strip("()"))
        except ValueError:
            return []
        others = [number + 1, number - 1, number * 10, *([-number] if self.signed else [])]
        return [exact(other) for other in others if other != number]


def capital(text: str) -> str:
    """Return ``text`` with a capital, unless it opens with a formula."""
    return text[:1].upper() + text[1:] if re.match(r"[a-z]{2}", text) or text.startswith("a ") else text


def relation(statement: str) -> Claim:
    """Return the claim that a closed relation holds."""
    return Claim(ClaimKind.RELATION, statement)


def identity(statement: str) -> Claim:
    """Return the claim that a relation holds for all values of its names."""
    return Claim(ClaimKind.IDENTITY, statement)


def rewrite(before: str, after: str) -> Claim:
    """Return the claim that two equations have the same solutions."""
    return Claim(ClaimKind.REWRITE, after, givens=(before,))


def follows(statement: str, *givens: str) -> Claim:
    """Return the claim that a statement follows from others."""
    return Claim(ClaimKind.ENTAILS, statement, givens=givens)


def same(one: str, other: str) -> Claim:
    """Return the claim that two values are the same."""
    return relation(f"{one} = {other}")


def polynomial(coefficients: Sequence[int | Fraction], name: str = "x") -> str:
    """Return a polynomial in the formal language, the highest power first in ``coefficients``."""
    degree = len(coefficients) - 1
    text = ""
    for at, c in enumerate(coefficients):
        if not c:
            continue
        size = exact(abs(Fraction(c)))
        power = _power(name, degree - at)
        term = size if not power else power if size == "1" else f"{size}*{power}"
        text += (" - " if c < 0 else " + ") + term
    return ("-" if text.startswith(" - ") else "") + text[3:] if text else "0"


def _power(name: str, exponent: int) -> str:
    return "" if exponent == 0 else name if exponent == 1 else f"{name}^{exponent}"


def signed(value: int | Fraction) -> str:
    """Return `` + 3`` or `` - 3``."""
    return f" - {exact(abs(Fraction(value)))}" if value < 0 else f" + {exact(Fraction(value))}"


_MOD: Final = re.compile(r"mod\(([^,]+), (\d+)\)")
_NEGATIVE: Final = re.compile(r"(?<![-+*/^] )(?<![-+*/^\w)])\((-[\d./]+)\)(?!\^)")
"""A negative number in parentheses that need not stand there: behind no operator."""
_FRACTION: Final = re.compile(r"\((-?\d+)/(\d+)\)")


def shown(formula: str, *, latex: bool) -> str:
    r"""Return a formula of the formal language as people write it: ``3x^2``, ``\frac{1}{2}``, ``4 \cdot 5``."""
    text = re.sub(r"(?<=[\d)])\*(?=[a-zA-Z(])", "", formula).replace(")*(", ")(")
    text = re.sub(r"\(\((-?[^()]+)\)\)", r"(\1)", text)
    mod = "\\bmod" if latex else "mod"
    text = _MOD.sub(lambda m: f"{_grouped(m[1])} {mod} {m[2]}", text)
    text = _NEGATIVE.sub(r"\1", text)
    if latex:
        text = _FRACTION.sub(r"\\frac{\1}{\2}", text)
        text = re.sub(r"\^(\d{2,}|\(-?\d+\))", lambda m: "^{" + m[1].strip("()") + "}", text)
        text = re.sub(r"sqrt\(([^()]*)\)", r"\\sqrt{\1}", text)
        return text.replace(" * ", " \\cdot ").replace("*", " \\cdot ").replace(" | ", " \\text{ or } ")
    return _FRACTION.sub(r"\1/\2", text).replace(" | ", " or ")


def _grouped(text: str) -> str:
    return f"({text})" if " " in text else text


def bare(formula: str) -> str:
    """Return a value without the parentheses that only the formal language asks for: ``-3``, ``2/3``, ``(1, -2)``."""
    text = _NEGATIVE.sub(r"\1", formula)
    return text[1:-1] if re.fullmatch(r"\([\d/]+\)", text) else text


def near(value: Fraction | int) -> list[Fraction]:
    """Return values that a slip of arithmetic gives for ``value``."""
    return [Fraction(value) + shift for shift in (1, -1, 2, -2, 10)]
