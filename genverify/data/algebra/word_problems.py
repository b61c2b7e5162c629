"""Arithmetic word problems with solutions: a plot to a story, its plan to steps, each with what must hold for it."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from genverify import numerals
from genverify.data.algebra import errors as algebra_errors
from genverify.data.algebra.plan import Act, Fault, Line, Route, grouped, is_wrong, lines, mended, route
from genverify.data.algebra.story import Story, UnfitError
from genverify.data.algebra.terms import Op, Quantity, exact, fits, formal
from genverify.data.algebra.words import context, follow
from genverify.data.algebra.words import steps as words_steps
from genverify.data.algebra.words.lists import NUMBER_WORDS, PARTS, Person
from genverify.data.algebra.words.plots import PLOTS
from genverify.data.algebra.words.voice import Voice, amount, voice
from genverify.data.algebra.worked import Draft
from genverify.types import Claim, ClaimKind

_TWO_ERRORS: Final = 0.1
"""Share of the wrong solutions that have two errors."""
_GOES_ON: Final = 0.6
"""Share of the stories that go on where they can."""
_TOLD_OUTRIGHT: Final = 0.09
"""Share of the right steps that give a value without its computation: not every such step is a wrong one."""


@dataclass(frozen=True, slots=True)
class Told:
    """A word problem."""

    family: str
    text: str
    quantities: tuple[Quantity, ...]
    asked: Quantity
    hero: Person | None = None
    """The only person in it, whom a pronoun can stand for."""


def problem(rng: random.Random) -> Told:
    """Draw a plot and numbers for it until they fit each other."""
    while True:
        plot = rng.choice(PLOTS)
        for _ in range(60):  # numbers fit in one of some ten draws; a plot that is unlucky makes room for another
            story = Story(rng)
            try:
                plot(story)
                follow.go_on(story, _GOES_ON)
            except UnfitError:
                continue
            assert story.asked is not None
            hero = story.hero if story.alone else None
            return Told(
                plot.__name__.replace("_", " "), context.told(story), tuple(story.quantities), story.asked, hero
            )


def gold(told: Told, rng: random.Random) -> list[Draft]:
    """Return a right solution."""
    return _solution(told, rng, voice(rng), route(rng, told.asked), [])


def sneaky(told: Told, rng: random.Random) -> Iterator[list[Draft]]:
    """Yield solutions with one error each, at times two; the caller takes the first that tools prove wrong."""
    habits = voice(rng)
    way = route(rng, told.asked)
    state = rng.random()
    waiting: list[Fault] = []
    for fault in algebra_errors.faults(rng, told.quantities, told.asked, way):
        if not waiting and rng.random() < _TWO_ERRORS:
            waiting = [fault]
            continue
        planted = [fault, *(other for other in waiting if other.at != fault.at)]
        waiting = []
        try:
            yield _solution(told, random.Random(state), habits, way, planted)
        except (ZeroDivisionError, UnfitError):
            continue


def _solution(told: Told, rng: random.Random, habits: Voice, way: Route, faults: Sequence[Fault]) -> list[Draft]:
    body = lines(told.quantities, told.asked, faults, way)
    if not all(_plausible(line) for line in body):
        raise UnfitError(told.text)
    body = [replace(line, act=Act.LEAP, how=None, used=None) if _outright(rng, line) else line for line in body]
    steps = _opened(rng, habits, told, body, [fault for fault in faults if fault.at < 0])
    by_place = {fault.at: fault for fault in faults}
    made = []
    for place, step in enumerate(steps):
        seed = rng.random()
        text = words_steps.step(random.Random(seed), habits, step, place, len(steps), told.hero)
        error = _kind([line for line in step if is_wrong(line)], by_place)
        correction = ""
        if error:
            better = mended(step)
            if not all(_plausible(line) for line in better):
                raise UnfitError(told.text)
            correction = words_steps.step(random.Random(seed), habits, better, place, len(steps), told.hero)
        claims = tuple(dict.fromkeys(claim for line in step for claim in _claims(habits, line)))
        said = "; ".join(filter(None, (_said(line) for line in step)))
        made.append(Draft(text, claims, said, error, correction))
    return made


def _outright(rng: random.Random, line: Line) -> bool:
    return line.act is Act.COMPUTE and (
        not isinstance(line.how, Op) or (rng.random() < _TOLD_OUTRIGHT and not is_wrong(line))
    )


def _plausible(line: Line) -> bool:
    """Tell whether somebody could write down the value without a second thought."""
    places = line.quantity.noun.places
    return fits(line.result, line.quantity.noun) or (places > 0 and line.result > 0 and line.result * 100 % 1 == 0)


def _opened(
    rng: random.Random, habits: Voice, told: Told, body: list[Line], misread: Sequence[Fault]
) -> list[list[Line]]:
    """Put the lines into steps, perhaps after a plan and the numbers of the problem."""
    steps = list(grouped(rng, body[:-1], rng.choice((0, 0, 0.1, 0.2, 0.5))))
    restated = [q for q in told.quantities if q.how is None and q.says]
    read = dict(fault.misread for fault in misread if fault.misread)
    if restated and (read or rng.random() < habits.opens):
        first = {q.index: q for q in rng.sample(restated, min(len(restated), rng.choice((1, 2, 2, 3))))}
        first |= {q.index: q for q in restated if q.index in read}
        facts = [Line(Act.RESTATE, q, read.get(at, q.value)) for at, q in sorted(first.items())]
        steps = [*([fact] for fact in facts), *steps] if rng.random() < 0.3 else [facts, *steps]
    if rng.random() < habits.opens * 0.75:
        plan = Line(Act.PLAN, told.asked, told.asked.value)
        steps = [[plan], *steps] if rng.random() < 0.5 else [[plan, *steps[0]], *steps[1:]]
    end = [[_again(body[-1])]] if rng.random() < 0.15 else []
    if rng.random() < 0.22:
        return [*steps[:-1], [*steps[-1], body[-1]], *end]
    return [*steps, [body[-1]], *end]


def _again(answer: Line) -> Line:
    """Return the line that states the answer a second time."""
    known = {**(answer.known or {}), answer.quantity.index: answer.result}
    return replace(answer, act=Act.AGAIN, right=answer.quantity, known=known)


def _kind(wrong: Sequence[Line], by_place: dict[int, Fault]) -> str:
    places = [-1 - line.quantity.index if line.act is Act.RESTATE else line.quantity.index for line in wrong]
    return next((by_place[place].kind for place in places if place in by_place), "")


def _claims(habits: Voice, line: Line) -> Iterator[Claim]:
    """Yield what has to hold: the arithmetic as written, and that it is what the problem asks to be computed."""
    if line.act is Act.PLAN:
        return
    result = exact(read(amount(habits, line.quantity, line.result)))
    if line.how is not None and line.used is not None:
        yield Claim(ClaimKind.RELATION, f"{formal(line.how, line.used)} = {result}")
    if line.right is not None and line.known is not None:
        yield Claim(ClaimKind.RELATION, f"{formal(line.right, line.known)} = {result}")
    elif line.act is Act.RESTATE:
        yield Claim(ClaimKind.RELATION, f"{exact(read(line.quantity.written))} = {result}")


_WORDS: Final = sorted(((word, value) for value, word in NUMBER_WORDS.items()), key=lambda item: -len(item[0]))


def read(text: str) -> Fraction:
    """Return the value of the number that opens an amount, in digits or words: ``12 apples``, ``$1,200``, ``ten``."""
    value = numerals.single_value(text)
    if value is not None:
        return value
    spoken = [*((word, value) for value, word in PARTS.items()), *_WORDS]
    return next(value for word, value in spoken if text.startswith(word))


def _said(line: Line) -> str:
    """Return what the line claims, in the formal language."""
    if line.act is Act.PLAN:
        return ""
    if line.how is not None and line.used is not None:
        return f"{formal(line.how, line.used)} = {exact(line.result)}"
    name = "answer" if line.act in (Act.ANSWER, Act.AGAIN) else slug(line.quantity.name)
    return f"{name} = {exact(line.result)}"


def slug(name: str) -> str:
    """Return a name of the formal language made of the words of ``name``."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower().removeprefix("the ")).strip("_")
    words = words if words[:1].isalpha() else f"q_{words}"
    return words[:48].rstrip("_")
