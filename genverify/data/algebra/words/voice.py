"""How somebody writes solutions: signs, units, LaTeX, headings, favourite turns of phrase; a sum to its text."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from genverify.data.algebra.story import listed, stated
from genverify.data.algebra.terms import (
    DOLLARS,
    PERCENT,
    PLAIN,
    SHARE,
    Const,
    Op,
    Quantity,
    Term,
    Values,
    evaluate,
    number,
    quantities,
    written,
)
from genverify.data.algebra.words.lists import in_words


@dataclass(frozen=True, slots=True)
class Worked(Const):
    """A part of a computation that has been worked out."""

    money: bool = False


@dataclass(frozen=True, slots=True)
class Voice:
    """The habits of one writer."""

    times: str
    over: str
    math: tuple[str, str]
    """What stands around formulas: ``\\(`` and ``\\)``, ``$`` and ``$``, or nothing."""
    units: bool
    """Whether units stand in the computation: ``4 apples * $3``."""
    per: str
    """What stands before the unit that a rate is for: ``/`` (``$3/hour``), `` per ``, or nothing (no such unit)."""
    unit: bool
    """Whether the result of a computation carries its unit."""
    group: bool
    """Whether thousands are set off: ``1,200``."""
    rate: str
    """How a percentage enters: ``of`` (20% of 50), ``decimal`` (0.2 * 50) or ``hundred`` (20/100 * 50)."""
    steps: str
    """What opens a step: ``none``, ``words`` (First), ``step`` (Step 1:), ``bold`` (**Step 1:**), ``number`` (1.)."""
    ways: tuple[str, ...]
    """The turns that it uses for computations."""
    ending: str
    restates: float
    """Share of computations before which the numbers that enter are repeated."""
    aims: float
    """Share of computations before which it is said what has to be done, in words."""
    concludes: float
    """Share of computations after which the result is put into a sentence."""
    pronouns: float
    """How likely a name that was mentioned becomes he or she."""
    chains: bool
    """Whether a nested computation is written in two steps: ``2 * 3 + 4 = 6 + 4 = 10``."""
    opens: float
    """How likely it starts with a plan."""
    calculator: bool
    """Whether results carry ``<<4*3=12>>``."""

    @property
    def latex(self) -> bool:
        """Tell whether formulas are LaTeX."""
        return self.math[0] != ""


_WAYS: Final = {
    "inline": 5, "is": 4, "to_find": 3, "we": 3, "since": 3, "so": 2, "name": 3, "lines": 4, "because": 2, "words": 1,
    "header": 1, "bullet": 1, "why": 3, "symbols": 4, "aside": 1,
}  # fmt: skip


def voice(rng: random.Random) -> Voice:
    """Draw a writer."""
    latex = rng.random() < 0.5
    ways = list(_WAYS)
    chosen = {rng.choices(ways, [_WAYS[w] for w in ways])[0] for _ in range(rng.choice((1, 2, 3, 4)))}
    if latex:
        chosen = chosen - {"words", "lines"} or {"is", "we"}
    if chosen == {"words"}:
        chosen |= {"inline"}
    return Voice(
        times="\\times" if latex and rng.random() < 0.85 else rng.choice("***×xx×"),
        over=rng.choice(("frac", "/", "\\div")) if latex else rng.choice("////÷"),
        math=rng.choice((("\\(", "\\)"), ("\\(", "\\)"), ("$", "$"), ("\\[", "\\]"), ("\n\\[ ", " \\]\n")))
        if latex
        else ("", ""),
        units=rng.random() < 0.4,
        per=rng.choice(("", "", "/", " per ")),
        unit=rng.random() < 0.6,
        group=rng.random() < 0.7,
        rate=rng.choice(("of", "of", "decimal", "decimal", "hundred")),
        steps=rng.choices(("none", "words", "step", "bold", "number"), (4, 12, 2.5, 1, 0.7))[0],
        ways=tuple(sorted(chosen)),
        ending=rng.choices(tuple(ENDINGS), tuple(ENDINGS.values()))[0],
        restates=rng.choice((0, 0, 0.1, 0.25, 0.5, 0.7)),
        aims=rng.choice((0, 0, 0.1, 0.3, 0.6)),
        concludes=rng.choice((0, 0, 0.2, 0.5, 0.8)),
        pronouns=rng.choice((0, 0.3, 0.7, 0.95)),
        chains=rng.random() < 0.5,
        opens=rng.choice((0, 0.2, 0.5, 0.9)),
        calculator=not latex and rng.random() < 0.05,
    )


ENDINGS: Final = {"boxed": 6, "hashes": 2, "plain": 3, "the_answer": 2, "bold": 1.5, "boxed_only": 1}


def bare(v: Voice, quantity: Quantity | None, value: Fraction) -> str:
    """Return the number alone."""
    return number(value, quantity.noun if quantity else PLAIN, v.group)


def amount(v: Voice, quantity: Quantity, value: Fraction, *, math: bool = False) -> str:
    """Return the number with its unit, for a sentence or (``math``) within LaTeX."""
    text = bare(v, quantity, value)
    if not math:
        return quantity.noun.amount(value, text)
    if quantity.noun is DOLLARS:
        return "\\$" + text
    word = quantity.noun.one if value == 1 else quantity.noun.many
    if quantity.noun is PERCENT:
        return text + "\\%"
    return f"{text} \\text{{ {word}}}" if word and v.units else text


def expression(v: Voice, how: Term, used: Values) -> str:
    """Return a computation as this writer writes it, without its result."""

    def leaf(term: Term) -> str:
        if isinstance(term, Worked):
            shown = number(term.value, DOLLARS if term.money else PLAIN, v.group)
            return (("\\$" if v.latex else "$") if term.money else "") + shown
        if isinstance(term, Const):
            return number(term.value, PLAIN, v.group)
        assert isinstance(term, Quantity)
        value = used[term.index]
        if term.noun is SHARE:
            return f"\\frac{{{value.numerator}}}{{{value.denominator}}}" if v.latex else number(value, SHARE)
        if term.noun is PERCENT or (not v.units and term.noun is not DOLLARS) or (v.latex and term.noun is not DOLLARS):
            return bare(v, term, value)
        shown = amount(v, term, value, math=v.latex)
        unit = rate_unit(term)
        return f"{shown}{v.per}{unit}" if v.per and unit and v.units and not v.latex else shown

    signs = {"*": v.times, "/": {"frac": "/", "÷": "÷"}.get(v.over, v.over), "%": v.times}
    if v.rate == "of":
        signs["%"] = "\\text{ of }" if v.latex else "of"
    if v.over == "frac" and isinstance(how, Op) and how.sign == "/":
        above, below = (written(a, leaf, signs, lambda t: _rate(v, t)) for a in how.args)
        return f"\\frac{{{above}}}{{{below}}}"
    return written(how, leaf, signs, lambda t: _rate(v, t))


_PER: Final = re.compile(r"@ (?:per|an?|each|every) (hour|day|week|month|year|minute|gallon)\b")
_OF_ONE: Final = re.compile(r"^the (?:(?:price|weight) of|number of .+ in) (?:a|one) ([a-zA-Z -]+)$")


def rate_unit(quantity: Quantity) -> str:
    """Return what a rate is for: ``hour``, ``ticket``; empty if ``quantity`` is no rate."""
    found = _PER.search(quantity.says) or _OF_ONE.match(quantity.name)
    return found[1] if found and quantity.how is None else ""


def _rate(v: Voice, text: str) -> str:
    if v.rate == "of":
        return text + ("\\%" if v.latex else "%")
    if v.rate == "decimal" and text.replace(".", "").isdigit():
        return number(Fraction(text) / 100)
    return f"({text}/100)" if v.over != "frac" else f"\\frac{{{text}}}{{100}}"


def equation(v: Voice, quantity: Quantity, how: Term, used: Values, result: Fraction, *, unit: bool = False) -> str:
    """Return the computation with its result, set as a formula where the writer does so; ``unit`` asks for the unit."""
    left = expression(v, how, used)
    if v.chains and not v.calculator and isinstance(how, Op) and any(isinstance(arg, Op) for arg in how.args):
        left = f"{left} = {expression(v, _halfway(how, used), used)}"
    with_unit = unit or v.unit or v.units or quantity.noun.before
    shown = amount(v, quantity, result, math=v.latex) if with_unit else bare(v, quantity, result)
    text = f"{left} = {shown}"
    if v.calculator and not v.latex:
        plain = expression(replace(v, units=False, rate="hundred"), how, used)
        plain = plain.replace("$", "").replace(" ", "").replace(",", "")
        shown = bare(v, quantity, result)
        text = f"{left} = {quantity.noun.before}<<{plain}={shown.replace(',', '')}>>{shown}"
        text += f" {quantity.noun.many}" if not quantity.noun.before and with_unit else ""
    return formula(v, text)


def _halfway(how: Op, used: Values) -> Op:
    """Return a nested computation with its inner parts worked out."""
    return Op(how.sign, tuple(Worked(evaluate(a, used), money=money(a)) if isinstance(a, Op) else a for a in how.args))


def money(term: Term) -> bool:
    """Tell whether the value of ``term`` is an amount of money."""
    if isinstance(term, Quantity):
        return term.noun is DOLLARS
    if not isinstance(term, Op):
        return False
    dollars = sum(money(arg) for arg in term.args)
    return dollars % 2 == 1 if term.sign in "*/%" else dollars > 0


def formula(v: Voice, text: str) -> str:
    """Set ``text`` as this writer sets formulas."""
    return f"{v.math[0]}{text}{v.math[1]}"


def clause(v: Voice, quantity: Quantity, value: Fraction) -> str:
    """Return the clause that states ``quantity`` with ``value``."""
    return stated(quantity, amount(v, quantity, value), bare(v, quantity, value))


def clause_with(v: Voice, quantity: Quantity, text: str) -> str:
    """Return the clause that states ``quantity``, with a computation in the place of its amount."""
    return stated(quantity, text, text)


def verb(v: Voice, how: Term, used: Values) -> tuple[str, str]:
    """Return the operation in words, as ``multiply 4 by 3`` and ``multiplying 4 by 3``."""
    if not isinstance(how, Op):
        return "take the number as it is", "taking the number as it is"
    parts = [expression(v, arg, used) for arg in how.args]
    if how.sign == "%":
        parts = [expression(v, arg, used) for arg in how.args]
        rest = f"{parts[0]}% of {formula(v, parts[1]) if v.latex else parts[1]}"
        return f"calculate {rest}", f"taking {rest}"
    if v.latex:
        parts = [formula(v, p) if v.math[0].strip() != "\\[" else f"\\({p}\\)" for p in parts]
    if how.sign == "+":
        return f"add {listed(parts)}", f"adding {listed(parts)}"
    if how.sign == "-":
        return f"subtract {parts[1]} from {parts[0]}", f"subtracting {parts[1]} from {parts[0]}"
    if how.sign == "/":
        return f"divide {parts[0]} by {parts[1]}", f"dividing {parts[0]} by {parts[1]}"
    if len(parts) > 2:
        return f"multiply {listed(parts)}", f"multiplying {listed(parts)}"
    return f"multiply {parts[0]} by {parts[1]}", f"multiplying {parts[0]} by {parts[1]}"


_SPOKEN: Final = {
    "+": ("{0} plus {1} is {r}", "{0} and {1} make {r}", "adding {0} and {1} gives {r}"),
    "-": ("{0} minus {1} is {r}", "taking {1} away from {0} leaves {r}", "{0} less {1} is {r}"),
    "*": ("{0} times {1} is {r}", "{0} multiplied by {1} is {r}", "multiplying {0} by {1} gives {r}"),
    "/": ("{0} divided by {1} is {r}", "dividing {0} by {1} gives {r}", "{0} split into {1} parts gives {r}"),
}


def spoken(rng: random.Random, how: Term, used: Values, result: Fraction) -> str | None:
    """Return a computation with its numbers in words; None if they are not small and whole, or it is nested."""
    if not isinstance(how, Op) or how.sign not in _SPOKEN or len(how.args) != 2:
        return None
    values: list[Fraction] = [result]
    for arg in how.args:
        if isinstance(arg, Op):
            return None
        values.append(arg.value if isinstance(arg, Const) else used[arg.index])  # type: ignore[attr-defined]
    if any(value.denominator != 1 or not 0 <= value < 10_000 for value in values):
        return None
    texts = [in_words(int(value)) for value in values]
    return rng.choice(_SPOKEN[how.sign]).format(texts[1], texts[2], r=texts[0])


def symbols(how: Term) -> str | None:
    """Return a computation with the names of its quantities; None if it is long."""
    text = written(how, _label, {"*": "*", "%": "of"}, lambda t: t)
    return text if len(text) < 110 else None


def _label(term: Term) -> str:
    return term.name.removeprefix("the ") if isinstance(term, Quantity) else number(term.value)  # type: ignore[attr-defined]


def aim(how: Term) -> str | None:
    """Return what has to be done, with names for numbers: ``multiply the price by the number of apples``."""
    if not isinstance(how, Op) or any(isinstance(arg, Op) for arg in how.args):
        return None
    names = [arg.name if isinstance(arg, Quantity) else number(arg.value) for arg in how.args]  # type: ignore[attr-defined]
    if how.sign == "+":
        return f"add {listed(names)}"
    if how.sign == "*" and len(names) > 2:
        return f"multiply {listed(names)}"
    first, second = names
    return {
        "-": f"subtract {second} from {first}",
        "*": f"multiply {first} by {second}",
        "/": f"divide {first} by {second}",
        "%": f"take that percentage of {second}",
    }[how.sign]


def inputs(how: Term) -> Sequence[Quantity]:
    """Return the different quantities of a computation that a clause can state, in order."""
    return [q for q in dict.fromkeys(quantities(how)) if q.says]
