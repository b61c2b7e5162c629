"""A word problem while it is written: quantities given or defined, the sentences that say so, and the question."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from genverify.data.algebra.terms import DOLLARS, PERCENT, PLAIN, Noun, Quantity, Term, evaluate, fits, number
from genverify.data.algebra.words.lists import NAMES, NUMBER_WORDS, THINGS, Person

T = TypeVar("T")


class UnfitError(Exception):
    """The numbers drawn make no sensible story; another draw may."""


@dataclass(slots=True)
class Story:
    """A word problem in the making; a plot (``words.plots``) fills it in.

    In the texts of quantities ``@`` stands for the amount with its unit and ``#`` for the number alone.
    """

    rng: random.Random
    quantities: list[Quantity] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    question: str = ""
    asked: Quantity | None = None
    then: str = ""
    """What the story may go on with (:meth:`ask`)."""
    raw: list[str] = field(default_factory=list)
    """The sentences as they were said, without capitals and full stops."""
    _people: list[Person] = field(default_factory=list)

    def one(self, *ways: T) -> T:
        """Return one of ``ways``."""
        return self.rng.choice(ways)

    def chance(self, share: float) -> bool:
        """Return True in ``share`` of the stories."""
        return self.rng.random() < share

    def whole(self, low: int, high: int, step: int = 1) -> int:
        """Return a number from ``low`` to ``high``, both possible, in steps of ``step``."""
        return self.rng.randrange(low, high + 1, step)

    def person(self) -> Person:
        """Return somebody who does not occur yet."""
        while True:
            found = self.rng.choice(NAMES)
            if all(found.name != p.name for p in self._people):
                self._people.append(found)
                return found

    def people(self, count: int) -> list[Person]:
        """Return ``count`` people who do not occur yet."""
        return [self.person() for _ in range(count)]

    def things(self, scene: str, count: int = 1) -> list[Noun]:
        """Return ``count`` different things of a scene."""
        return self.rng.sample(THINGS[scene], count)

    def money(self, low: int, high: int) -> Fraction:
        """Return a price in dollars, whole more often than not."""
        whole = Fraction(self.whole(low, high))
        return (
            whole if self.chance(0.7) or high > 60 else whole + self.one(Fraction(1, 2), Fraction(1, 4), Fraction(3, 4))
        )

    def given(
        self, value: "int | Fraction", name: str, says: str, noun: Noun = PLAIN, shown: str = "", say: bool = False
    ) -> Quantity:
        """Add a number that the problem gives; ``say`` also adds its clause as a sentence."""
        value = Fraction(value)
        written = shown or self._written(value, noun)
        made = Quantity(len(self.quantities), value, name, says, noun, written=written)
        self.quantities.append(made)
        if say:
            self.say(stated(made, made.written, made.written))
        return made

    def dollars(self, value: "int | Fraction", name: str, says: str) -> Quantity:
        """Add an amount of money that the problem gives."""
        return self.given(value, name, says, DOLLARS)

    def rate(self, value: int, name: str, says: str) -> Quantity:
        """Add a percentage that the problem gives."""
        return self.given(value, name, says, PERCENT)

    def find(self, how: Term, name: str, says: str, noun: Noun = PLAIN, why: str = "") -> Quantity:
        """Add a number that follows from others as ``how`` says.

        Raises:
            UnfitError: there cannot be as much of it.
        """
        try:
            value = evaluate(how, {q.index: q.value for q in self.quantities})
        except ZeroDivisionError:
            raise UnfitError(name) from None
        if not fits(value, noun) or value > 2_000_000:
            raise UnfitError(name)
        self.quantities.append(Quantity(len(self.quantities), value, name, says, noun, how, why))
        return self.quantities[-1]

    def say(self, *ways: str) -> None:
        """Add one of ``ways`` as the next sentence, or sentences."""
        self.raw.append(self.rng.choice(ways))
        self.sentences.append(sentence(self.raw[-1]))

    def ask(self, asked: Quantity, *ways: str, then: str = "") -> None:
        """End with one of ``ways`` to ask for ``asked``.

        Args:
            asked: the quantity.
            ways: questions.
            then: ``money`` or ``things`` if the first person of the story has so much of it and the story may go on.
        """
        self.then = then
        self.asked, self.question = asked, sentence(self.rng.choice(ways), "?")

    def ending(self) -> tuple[list[str], str]:
        """Return the sentences and the question; at times the last sentence becomes its condition."""
        body, question = self.sentences, self.question
        if self.raw and len(body) > 1 and _conditional(self.raw[-1]) and self.chance(0.2):
            return body[:-1], sentence(f"if {self.raw[-1]}, {question[0].lower()}{question[1:]}", "?")
        return body, question

    @property
    def hero(self) -> Person | None:
        """Return the first person of the story; None if nobody occurs."""
        return self._people[0] if self._people else None

    @property
    def alone(self) -> bool:
        """Tell whether the story has one person only, so that a pronoun can mean nobody else."""
        return len(self._people) == 1

    def _written(self, value: Fraction, noun: Noun) -> str:
        words = NUMBER_WORDS.get(value) if not noun.before and noun is not PERCENT else None
        share = 0.35 if value <= 12 else 0.06
        shown = words if words and self.rng.random() < share else number(value, noun)
        return noun.amount(value, shown)


def _conditional(raw: str) -> bool:
    """Tell whether a sentence can follow an ``if``."""
    first = raw.split()[0].rstrip(",").lower()
    return ". " not in raw and first not in (
        "then",
        "later",
        "after",
        "on",
        "in",
        "if",
        "of",
        "so",
        "until",
        "at",
        "when",
        "to",
        "from",
        "for",
        "together",
    )


def stated(quantity: Quantity, amount: str, bare: str) -> str:
    """Return the clause that states ``quantity``, with ``amount`` for the amount and ``bare`` for the number alone."""
    return quantity.says.replace("@", amount).replace("#", bare)


def sentence(text: str, end: str = ".") -> str:
    """Return ``text`` with a capital and an end."""
    text = re.sub(r"\b([Aa]) (?=[aeio])", r"\1n ", text.strip())
    text = re.sub(r"(^|[.?!]\s+)([a-z])", lambda m: m[1] + m[2].upper(), text)
    return text if text.endswith((".", "?", "!", ":")) else text + end


def listed(parts: Sequence[str]) -> str:
    """Return ``a, b and c``."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
