"""Quantities of a word problem and the terms that compute one from others, exact, written in the formal language."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Final


@dataclass(frozen=True, slots=True)
class Noun:
    """What is counted or measured, and how an amount of it is written."""

    one: str
    many: str
    before: str = ""
    """A sign before the number: ``$``."""
    places: int = 0
    """Digits after the point that an amount may have; 0 for what only whole numbers count."""

    def __str__(self) -> str:
        return self.many

    def amount(self, value: Fraction, number: str) -> str:
        """Return ``number`` with the sign or the word that belongs to it."""
        if self.before:
            return self.before + number
        word = self.one if value == 1 else self.many
        return number + word if word == "%" else f"{number} {word}".rstrip()


PLAIN: Final = Noun("", "")
DOLLARS: Final = Noun("dollar", "dollars", before="$", places=2)
PERCENT: Final = Noun("%", "%")
SHARE: Final = Noun("", "", places=9)
"""A fraction of something; the only noun whose amounts need not be decimals."""


class Term:
    """What has a value once its quantities have; arithmetic on terms makes terms."""

    __slots__ = ()

    def __add__(self, other: "Operand") -> "Op":
        return Op("+", (*_flat("+", self), *_flat("+", _term(other))))

    def __sub__(self, other: "Operand") -> "Op":
        return Op("-", (self, _term(other)))

    def __mul__(self, other: "Operand") -> "Op":
        return Op("*", (*_flat("*", self), *_flat("*", _term(other))))

    def __truediv__(self, other: "Operand") -> "Op":
        return Op("/", (self, _term(other)))

    def __rmul__(self, other: int) -> "Op":
        return _term(other) * self

    def __rsub__(self, other: int) -> "Op":
        return _term(other) - self

    def __radd__(self, other: int) -> "Op":
        return _term(other) + self


@dataclass(frozen=True, slots=True, eq=False)
class Quantity(Term):
    """A number that the problem gives or that its words define."""

    index: int
    """Its place among the quantities of the problem, counted from 0."""
    value: Fraction
    name: str
    """A noun phrase: ``the cost of the apples``."""
    says: str
    """A clause that states it, with ``@`` for the amount (or ``#`` for the number alone)."""
    noun: Noun
    how: Term | None = None
    """How the problem defines it; None if it gives it."""
    why: str = ""
    """The words of the problem that define it so; empty if they are plain."""
    written: str = ""
    """The amount as the problem writes it; empty if it does not."""

    def __format__(self, spec: str) -> str:
        return number(self.value, self.noun) if spec == "n" else self.written


@dataclass(frozen=True, slots=True)
class Const(Term):
    """A number that belongs to the language or to the world: the 2 of twice, the 7 days of a week."""

    value: Fraction
    unit: str = ""
    """What it converts (``minutes per hour``); empty if it converts nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Op(Term):
    """An operation: ``+ - * /``, or ``%`` with the percentage first and what it is taken of second."""

    sign: str
    args: tuple[Term, ...]


Operand = Term | int


def percent(rate: Term, base: Term) -> Op:
    """Return ``rate`` percent of ``base``."""
    return Op("%", (rate, base))


def per(value: int, unit: str) -> Const:
    """Return a conversion such as 60 minutes per hour."""
    return Const(Fraction(value), unit)


def _term(value: Operand) -> Term:
    return Const(Fraction(value)) if isinstance(value, int) else value


def _flat(sign: str, term: Term) -> tuple[Term, ...]:
    return term.args if isinstance(term, Op) and term.sign == sign else (term,)


Values = Mapping[int, Fraction]
"""Values of quantities, by index."""


def evaluate(term: Term, values: Values) -> Fraction:
    """Return the value of ``term``.

    Raises:
        ZeroDivisionError: it divides by zero.
    """
    if isinstance(term, Quantity):
        return values[term.index]
    if isinstance(term, Const):
        return term.value
    assert isinstance(term, Op)
    args = [evaluate(arg, values) for arg in term.args]
    if term.sign == "+":
        return sum(args, Fraction(0))
    if term.sign == "*":
        return prod(args, start=Fraction(1))
    first, second = args
    return {"-": lambda: first - second, "/": lambda: first / second, "%": lambda: first * second / 100}[term.sign]()


def quantities(term: Term) -> Iterator[Quantity]:
    """Yield the quantities of ``term`` from left to right, each as often as it occurs."""
    if isinstance(term, Quantity):
        yield term
    elif isinstance(term, Op):
        for arg in term.args:
            yield from quantities(arg)


def paths(term: Term, here: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Term]]:
    """Yield every part of ``term`` with the way to it, itself first."""
    yield here, term
    if isinstance(term, Op):
        for at, arg in enumerate(term.args):
            yield from paths(arg, (*here, at))


def replaced(term: Term, path: tuple[int, ...], new: Term) -> Term:
    """Return ``term`` with ``new`` in the place that ``path`` leads to."""
    if not path:
        return new
    assert isinstance(term, Op)
    args = list(term.args)
    args[path[0]] = replaced(args[path[0]], path[1:], new)
    return Op(term.sign, tuple(args))


def formal(term: Term, values: Values) -> str:
    """Return ``term`` in the formal language, with the values of its quantities."""
    return written(term, lambda leaf: exact(evaluate(leaf, values)), {"%": "*"}, _hundredths)


def definition(term: Term) -> str:
    """Return ``term`` in the formal language, with the names ``q0``, ``q1`` ... of its quantities."""
    return written(
        term, lambda t: f"q{t.index}" if isinstance(t, Quantity) else exact(evaluate(t, {})), {"%": "*"}, _hundredths
    )


def _hundredths(rate: str) -> str:
    return f"{rate}/100"


def written(
    term: Term,
    leaf: Callable[[Term], str],
    signs: Mapping[str, str],
    rate: Callable[[str], str],
    above: str = "",
) -> str:
    """Return ``term`` as text, with parentheses where reading it needs them.

    Args:
        term: the term.
        leaf: writes a quantity or a constant.
        signs: what stands for an operation, where it is not its own sign.
        rate: writes the number of a percentage so that it can stand before the sign of ``%``.
        above: the sign of the operation that ``term`` is an argument of, and ``r`` if it is not its first.
    """
    if not isinstance(term, Op):
        text = leaf(term)
        return f"({text})" if "/" in text and above.startswith("/") and not text.startswith("(") else text
    if term.sign == "%":
        first = rate(written(term.args[0], leaf, signs, rate, "*"))
        parts = [first, written(term.args[1], leaf, signs, rate, "*r")]
    else:
        parts = [written(a, leaf, signs, rate, term.sign + ("r" if at else "")) for at, a in enumerate(term.args)]
    text = f" {signs.get(term.sign, term.sign)} ".join(parts)
    return f"({text})" if _needs_parentheses(term.sign, above) else text


def _needs_parentheses(sign: str, above: str) -> bool:
    if not above or (above[0] == "+" and sign != "-"):
        return False
    if above[0] == "-":
        return above == "-r" and sign in "+-"
    return sign in "+-" or above.startswith("/") or sign == "/" or above[0] == "%"


def exact(value: Fraction) -> str:
    """Return a value in the formal language: ``12``, ``2.5``, ``(1/3)``."""
    places = _places(value)
    if places is None:
        return f"({value.numerator}/{value.denominator})"
    text = f"{value.numerator}" if places == 0 else f"{float(value):.{places}f}"
    return f"({text})" if value < 0 else text


def _places(value: Fraction) -> int | None:
    """Return the digits that ``value`` has after the point; None if it is no short decimal."""
    if value.denominator == 1:
        return 0
    return next((places for places in range(6) if value * 10**places % 1 == 0), None)


def number(value: Fraction, noun: Noun = PLAIN, group: bool = True) -> str:
    """Return the number as people write it: ``1,200``, ``2.5``, ``3.50`` (dollars), ``3/4``."""
    places = _places(value)
    if places is None or (noun is SHARE and places):
        return f"{value.numerator}/{value.denominator}"
    if noun is DOLLARS and places:
        places = max(places, 2)
    digits = f"{float(value):,.{places}f}"
    return digits if group else digits.replace(",", "")


def fits(value: Fraction, noun: Noun) -> bool:
    """Tell whether there can be as much of it: above zero, and whole where it is counted."""
    return value > 0 and (noun is SHARE or value.denominator == 1 or (value * 10**noun.places) % 1 == 0)
