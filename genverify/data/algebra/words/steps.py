"""The lines of a solution to sentences, in the voice of one writer: computations, restatements, plans, the answer."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from genverify.data.algebra.plan import Act, Line, needed
from genverify.data.algebra.story import sentence
from genverify.data.algebra.terms import Op, Quantity, Term, Values
from genverify.data.algebra.words.lists import Person
from genverify.data.algebra.words.voice import (
    Voice,
    aim,
    amount,
    bare,
    clause,
    clause_with,
    equation,
    expression,
    formula,
    inputs,
    spoken,
    symbols,
    verb,
)


def step(
    rng: random.Random, v: Voice, lines: Sequence[Line], place: int, count: int, hero: Person | None = None
) -> str:
    """Return the text of one step.

    Args:
        rng: decides where the writer has a choice.
        v: the writer.
        lines: what the step says, in order.
        place: the step's place in the solution, counted from 0.
        count: the steps of the solution.
        hero: whom a pronoun can stand for.
    """
    texts = []
    for at, line in enumerate(lines):
        lead = _lead(rng, v, place, count) if at == 0 else _joint(rng, lines[at - 1], line)
        texts.append(_line(rng, v, line, lead))
    joint = "\n" if any("\n" in t for t in texts) else " "
    text = _tidy(joint.join(texts))
    return _prefix(v, place) + (_pronouns(rng, v, text, hero, place) if hero is not None else text)


def _tidy(text: str) -> str:
    """Keep signs on the line that they belong to."""
    return re.sub(r"[ \n]*\n[ \n]*", "\n", re.sub(r"\n([.,;:)]) ?", r"\1\n", text)).strip()


def _pronouns(rng: random.Random, v: Voice, text: str, hero: Person, place: int) -> str:
    """Put pronouns in the place of a name that was mentioned before."""
    mentioned = place > 0 and rng.random() < 0.5

    def put(match: re.Match[str]) -> str:
        nonlocal mentioned
        if not mentioned or rng.random() >= v.pronouns:
            mentioned = True
            return match.group()
        word = hero.his if match["of"] else hero.him if match["to"] else hero.he
        opens = not text[: match.start("name")].rstrip(" *").endswith(tuple("abcdefghijklmnopqrstuvwxyz,;0123456789)"))
        return (match["to"] or "") + (word.capitalize() if opens else word)

    return re.sub(rf"(?P<to>\b(?:to|for|from|gives|gave|of) )?(?P<name>\b{hero.name}\b)(?P<of>'s)?(?=[ ,.])", put, text)


def _joint(rng: random.Random, before: Line, line: Line) -> str:
    if Act.RESTATE in (before.act, line.act) or before.act is Act.PLAN:
        return rng.choice(("", "", "Also, ")) if before.act is line.act else rng.choice(("", "First, "))
    return rng.choice(("Then, ", "So ", "", "", "Now, ", "Next, ", "After that, "))


def _prefix(v: Voice, place: int) -> str:
    return {"step": f"Step {place + 1}: ", "bold": f"**Step {place + 1}:** ", "number": f"{place + 1}. "}.get(
        v.steps, ""
    )


_LEADS: Final = {
    "first": ("First, ", "First, ", "To start, ", "Let's begin: ", "To begin with, ", "Firstly, ", ""),
    "middle": ("Next, ", "Next, ", "Then, ", "Now, ", "After that, ", "Second, ", "", "So, "),
    "last": ("Finally, ", "Finally, ", "Lastly, ", "In the end, ", "Therefore, ", "So, ", ""),
}


def _lead(rng: random.Random, v: Voice, place: int, count: int) -> str:
    where = "first" if place == 0 else "last" if place >= count - 2 else "middle"
    if v.steps == "words":
        return rng.choice(_LEADS[where])
    return rng.choice(("", "", "", "So ", "Thus, ", "Now ")) if place and v.steps == "none" else ""


def _line(rng: random.Random, v: Voice, line: Line, lead: str) -> str:
    if line.act is Act.ANSWER:
        return answer(rng, v, line.quantity, line.result)
    if line.act is Act.AGAIN:
        other = rng.choice([ending for ending in ("hashes", "the_answer", "boxed_only") if ending != v.ending])
        return answer(rng, replace(v, ending=other), line.quantity, line.result)
    if line.act is Act.RESTATE:
        return sentence(lead + rng.choice(_KNOWN) + clause(v, line.quantity, line.result))
    if line.act is Act.LEAP:
        return sentence(
            lead
            + rng.choice(("", "", "", "it follows that ", "we can see that ", "this tells us that ", "this means "))
            + clause(v, line.quantity, line.result)
        )
    if line.act is Act.PLAN:
        return sentence(plan(rng, line.quantity))
    return _computation(rng, v, line, lead)


_KNOWN: Final = (
    "we know that ",
    "",
    "",
    "we are told that ",
    "the problem says that ",
    "according to the problem, ",
    "we have: ",
)
_PLANS: Final = (
    "To find {name}, we need to break the problem down", "Let's break this down step by step",
    "To solve this problem, let's work through the information given step by step",
    "To determine {name}, we need to follow these steps", "Let's think about what we need: {name}",
    "We need to find {name}", "Let's find {name} by going through the problem one part at a time",
    "To calculate {name}, let's look at each part of the problem",
)  # fmt: skip


def plan(rng: random.Random, asked: Quantity) -> str:
    """Return a sentence that says what is to be done; it claims nothing."""
    ways = [q.name for q in needed(asked)[:-1]]
    if ways and rng.random() < 0.4:
        goals = [f"find {name}" for name in ways[:3]]
        order = ", then ".join(goals) if len(goals) > 1 else goals[0]
        return f"to find {asked.name}, we {rng.choice(('first need to', 'have to', 'need to'))} {order}"
    return rng.choice(_PLANS).format(name=asked.name)


def _computation(rng: random.Random, v: Voice, line: Line, lead: str) -> str:
    assert line.how is not None
    assert line.used is not None
    way = rng.choice(v.ways)
    text = _WRITERS[way](rng, v, line.quantity, line.how, line.used, line.result)
    lead = "" if way in _OWN_LINES and text is not None else lead
    if text is None:
        text = _inline(rng, v, line.quantity, line.how, line.used, line.result) if rng.random() < 0.5 else None
    text = text or _is(rng, v, line.quantity, line.how, line.used, line.result)
    if rng.random() < v.restates and way not in _OPEN_WITH_GIVENS:
        text = _repeat(rng, v, line.how, line.used) + text
    if rng.random() < v.aims and way not in ("to_find", "words"):
        text = _aim(rng, line) + text
    end = sentence(lead + text)
    if rng.random() < v.concludes and way not in ("so", "because", "words", "inline"):
        joint = rng.choice(
            ("So ", "So, ", "This means that ", "Therefore, ", "That is, ", "In other words, ", "Thus, ")
        )
        end += ("\n" if "\n" in end else " ") + sentence(joint + clause(v, line.quantity, line.result))
    return end


def _aim(rng: random.Random, line: Line) -> str:
    """Return a sentence that says what has to be done, in words."""
    todo = aim(line.how) if line.how is not None else None
    if todo is None:
        return rng.choice((f"now we need {line.quantity.name}. ", f"let's find {line.quantity.name}. "))
    goal = rng.choice(("to find", "to get", "to calculate", "to determine", "to figure out"))
    return f"{goal} {line.quantity.name}, {rng.choice(('we need to', 'we', 'we can', 'we have to'))} {todo}. "


_OPEN_WITH_GIVENS: Final = frozenset({"since", "why", "bullet"})
"""Turns that repeat the numbers that enter anyway."""
_OWN_LINES: Final = frozenset({"name", "lines", "symbols", "header", "bullet"})
"""Turns that open like a heading, before which no ``First,`` stands."""

_Writer = Callable[[random.Random, Voice, Quantity, Term, Values, Fraction], str | None]


def _repeat(rng: random.Random, v: Voice, how: Term, used: Values) -> str:
    given = [clause(v, q, used[q.index]) for q in inputs(how)][:2]
    if not given:
        return ""
    return rng.choice(("we know that ", "we have that ", "", "remember that ")) + " and ".join(given) + ". "


def _inline(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    if "#" in q.says or v.math[0].strip().startswith("\\["):
        return None
    text = equation(v, q, how, used, result, unit=not v.latex)
    if v.latex and q.noun.many not in text and not q.noun.before:
        text += f" {q.noun.one if result == 1 else q.noun.many}"
    return clause_with(v, q, text.replace(" %", "%").rstrip())


def _is(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str:
    word = rng.choice(("is", "is", "is equal to", "equals", "would be", "comes to"))
    return f"{q.name} {word} {equation(v, q, how, used, result)}"


def _to_find(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    if not isinstance(how, Op):
        return None
    subject = rng.choice(("we", "we", "you", "we need to", "we can"))
    goal = rng.choice(("to find", "to get", "to calculate", "to determine", "to work out"))
    return f"{goal} {q.name}, {subject} {verb(v, how, used)[0]}: {equation(v, q, how, used, result)}"


def _we(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    opening = rng.choice(
        (
            "let's calculate",
            "we calculate",
            "we need to find",
            "find",
            "let's find",
            "calculate",
            "we can work out",
            "determine",
        )
    )
    end = f". So {clause(v, q, result)}" if rng.random() < 0.3 else ""
    return f"{opening} {q.name}{rng.choice((': ', ': ', '. This is '))}{equation(v, q, how, used, result)}{end}"


def _since(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    given = [clause(v, part, used[part.index]) for part in inputs(how)]
    if not given or len(given) > 2:
        return None
    tail = _inline(rng, v, q, how, used, result) or _is(rng, v, q, how, used, result)
    return f"{rng.choice(('since', 'because', 'as'))} {' and '.join(given)}, {tail}"


def _so(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    joint = rng.choice(("so", "so", "which means", "therefore"))
    return f"{equation(v, q, how, used, result)}, {joint} {clause(v, q, result)}"


def _name(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    label = q.name.removeprefix("the ")
    return f"{_capital(label)}{rng.choice((' = ', ' = ', ': '))}{equation(v, q, how, used, result)}"


def _lines(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    label, names = _capital(q.name.removeprefix("the ")), symbols(how)
    if names is None:
        return None
    parts = [f"{label} = {names}"] if rng.random() < 0.8 else []
    parts += [f"{label} = {expression(v, how, used)}", f"{label} = {amount(v, q, result)}"]
    return (". " if rng.random() < 0.25 else "\n").join(parts)


def _symbols(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    label, names = _capital(q.name.removeprefix("the ")), symbols(how)
    if names is None:
        return None
    if v.latex:
        names = "\\text{" + names.replace("%", "\\%") + "}"
        text = f"\\text{{{label}}} = {names} = {expression(v, how, used)} = {amount(v, q, result, math=True)}"
        return formula(v, text)
    return f"{label} = {names} = {equation(v, q, how, used, result)}"


def _because(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    joint = rng.choice((" because ", ", because ", ", since "))
    return f"{clause(v, q, result)}{joint}{equation(v, q, how, used, result)}"


def _words(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    text = spoken(rng, how, used, result)
    return None if text is None else f"{text}, so {clause(v, q, result)}"


def _header(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    mark = "" if v.steps == "bold" else "**"
    return f"{mark}{_capital(q.name)}{mark or ':'}\n{equation(v, q, how, used, result)}"


def _bullet(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    given = [f"- {_capital(clause(v, part, used[part.index]))}" for part in inputs(how)][:3]
    return "\n".join([f"{q.name}:", *given, f"- {_capital(q.name)}: {equation(v, q, how, used, result)}"])


def _why(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    if not q.why:
        return None
    tail = _inline(rng, v, q, how, used, result) or _is(rng, v, q, how, used, result)
    return f"{rng.choice(('since', 'because', 'as', 'given that'))} {q.why}, {tail}"


def _aside(rng: random.Random, v: Voice, q: Quantity, how: Term, used: Values, result: Fraction) -> str | None:
    if not isinstance(how, Op):
        return None
    gerund = verb(v, how, used)[1]
    return f"{gerund} gives {q.name}, which is {amount(v, q, result)}"


_WRITERS: Final[dict[str, _Writer]] = {
    "inline": _inline, "is": _is, "to_find": _to_find, "we": _we, "since": _since, "so": _so, "name": _name,
    "lines": _lines, "because": _because, "words": _words, "header": _header, "bullet": _bullet, "why": _why,
    "symbols": _symbols, "aside": _aside,
}  # fmt: skip


def answer(rng: random.Random, v: Voice, q: Quantity, value: Fraction) -> str:
    """Return the step that states the final answer."""
    text = bare(v, q, value)
    full = amount(v, q, value)
    if v.ending == "hashes":
        return f"#### {text}"
    if v.ending == "the_answer":
        return rng.choice((f"The answer is: {text}", f"The answer is {full}.", f"So the answer is {full}."))
    if v.ending == "boxed_only":
        return rng.choice((f"\\boxed{{{text}}}", f"$\\boxed{{{text}}}$", f"The final answer is: $\\boxed{{{text}}}$"))
    lead = rng.choice(
        ("Therefore, ", "Thus, ", "So, ", "So ", "Hence, ", "In total, ", "In conclusion, ", "Therefore, ")
    )
    if v.ending == "plain":
        return sentence(lead + clause(v, q, value))
    if v.ending == "bold":
        return sentence(lead + clause_with(v, q, f"**{text if '#' in q.says else full}**"))
    if rng.random() < 0.6 and "#" not in q.says:
        inner = f"\\${text}" if q.noun.before else text
        boxed = f"\\boxed{{{rng.choice((text, inner, full if not q.noun.before else inner))}}}"
        unit = (
            ""
            if q.noun.before or q.noun.many in boxed or q.noun.one in boxed
            else f" {q.noun.one if value == 1 else q.noun.many}"
        )
        boxed = f"${boxed}$" if rng.random() < 0.3 else boxed
        return sentence(lead + clause_with(v, q, boxed + unit))
    return sentence(lead + clause(v, q, value)) + f" \\boxed{{{text}}}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
