"""Right proofs to plausible wrong ones: an error of a known kind at one step, carried on by the steps after it.

Whether the step is wrong is for Z3 to say (``logic.make``); these are proposals.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from genverify.claims.grammar import App, Expr
from genverify.data.logic import rules
from genverify.data.logic.formulas import negated, predicates
from genverify.data.logic.problems import Answer, Line, Puzzle, linear


@dataclass(frozen=True, slots=True)
class Planted:
    """A wrong proof."""

    lines: tuple[Line, ...]
    answer: Answer
    place: int
    """The wrong step, counted from 0; ``len(lines)`` is the answer."""
    error: str
    """The kind of error."""
    correction: Line | None = None
    """The step as it should read; None where that is not one step, or only the answer is wrong."""


def proposals(puzzle: Puzzle, rng: random.Random) -> Iterator[Planted]:
    """Yield wrong proofs of a puzzle, in an order by chance in which each kind of error has its turn."""
    lines = puzzle.lines()
    kinds = [iter(_shuffled(kind(puzzle, lines, rng), rng)) for kind in _KINDS]
    order = sorted(range(len(kinds)), key=lambda place: rng.random() ** (1 / _WEIGHTS[place]), reverse=True)
    while order:
        for place in list(order):
            plant = next(kinds[place], None)
            if plant is None:
                order.remove(place)
            else:
                yield plant()


Plant = Callable[[], Planted]
"""Makes a wrong proof; most are never asked for theirs."""


def _shuffled(found: Iterator[Plant], rng: random.Random) -> list[Plant]:
    plants = list(found)
    rng.shuffle(plants)
    return plants


# --- fallacies ------------------------------------------------------------------------------------------------------


def fallacies(puzzle: Puzzle, lines: tuple[Line, ...], rng: random.Random) -> Iterator[Plant]:
    """Take a formula of the proof from facts by a fallacy, in place of its own steps or, more often, after them.

    Were it always in their place, errors would stand in short proofs and at their beginning only.
    """
    names = {formula: name for name, formula in puzzle.facts.items()}
    for trap in puzzle.traps:
        line = Line(tuple(names[fact] for fact in trap.facts), "", trap.formula)
        wrong = linear(puzzle.proof, puzzle.facts, {trap.formula: line})
        if all(step.formula != trap.formula for step in wrong):
            continue
        if rng.random() < _LATE:
            wrong = _late(puzzle, lines, wrong, line)
        place = next(i for i, step in enumerate(wrong) if step.formula == trap.formula)
        right = next((step for step in lines if step.formula == trap.formula), None)
        stated = _stated(puzzle, wrong[:place])
        still = right is not None and all(stated.get(cite) == _stated(puzzle, lines)[cite] for cite in right.cites)
        correction = replace(right, name=wrong[place].name) if right is not None and still else None
        yield partial(Planted, wrong, _answer(puzzle, wrong), place, trap.error, correction)


def _late(puzzle: Puzzle, lines: tuple[Line, ...], wrong: tuple[Line, ...], trap: Line) -> tuple[Line, ...]:
    """Return the steps of the right proof with a fallacy in one of them, then those that only it makes possible."""
    known = {line.formula for line in lines}
    steps = [replace(trap, name=line.name) if line.formula == trap.formula else line for line in lines]
    names = {formula: name for name, formula in _stated(puzzle, tuple(steps)).items()}
    said = _stated(puzzle, wrong)
    for line in wrong:
        if line.formula not in known:
            names[line.formula] = f"int{len(steps) + 1}"
            cites = tuple(names[said[cite]] for cite in line.cites)
            steps.append(Line(cites, names[line.formula], line.formula, line.rule))
    return tuple(steps)


def converses(puzzle: Puzzle, lines: tuple[Line, ...], rng: random.Random) -> Iterator[Plant]:
    """Turn the rule that a step states around."""
    for place, line in enumerate(lines):
        body, quantifier = line.formula, None
        if isinstance(body, App) and body.head == "forall":
            quantifier, body = body.args
        if isinstance(body, App) and body.head == "->":
            turned: Expr = App("->", (body.args[1], body.args[0]))
            turned = turned if quantifier is None else App("forall", (quantifier, turned))
            yield partial(_changed, puzzle, lines, place, "invalid_rule", formula=turned)


# --- citations ------------------------------------------------------------------------------------------------------


def leaps(puzzle: Puzzle, lines: tuple[Line, ...], rng: random.Random) -> Iterator[Plant]:
    """Leave out a citation that is needed, or the step before."""
    for place, line in enumerate(lines):
        if len(line.cites) > 1:
            for cite in line.cites:
                cites = tuple(other for other in line.cites if other != cite)
                yield partial(_changed, puzzle, lines, place, "unjustified_leap", cites=cites)
    for place, line in enumerate(lines[:-1]):
        uses = [i for i, later in enumerate(lines) if line.name in later.cites]
        if uses == [place + 1]:
            yield partial(_skipped, puzzle, lines, place, rng.choice(line.cites))


def _skipped(puzzle: Puzzle, lines: tuple[Line, ...], place: int, instead: str) -> Planted:
    left_out, after = lines[place], lines[place + 1]
    cites = tuple(dict.fromkeys(instead if cite == left_out.name else cite for cite in after.cites))
    kept = (*lines[:place], replace(after, cites=cites, rule=""), *lines[place + 2 :])
    wrong = renumbered(kept)
    return Planted(wrong, _answer(puzzle, wrong), place, "unjustified_leap")


def citations(puzzle: Puzzle, lines: tuple[Line, ...], rng: random.Random) -> Iterator[Plant]:
    """Cite another fact or step in the place of one, rather one that speaks of the same."""
    stated: dict[str, Expr] = dict(puzzle.facts)
    for place, line in enumerate(lines):
        for at, cite in enumerate(line.cites):
            others = [name for name in stated if name not in line.cites and stated[name] != line.formula]
            like = [name for name in others if predicates(stated[name]) & predicates(stated[cite])]
            if others:
                other = rng.choice(like or others)
                cites = (*line.cites[:at], other, *line.cites[at + 1 :])
                yield partial(_changed, puzzle, lines, place, "wrong_citation", cites=cites)
        stated[line.name] = line.formula


def circles(puzzle: Puzzle, lines: tuple[Line, ...], rng: random.Random) -> Iterator[Plant]:
    """Cite the hypothesis itself beside something else, as one does who takes for granted what is to be shown."""
    for place, line in enumerate(lines if puzzle.answer is Answer.PROVED else ()):
        if len(line.cites) < 2:
            continue
        at = rng.randrange(len(line.cites))
        cites = (*line.cites[:at], "hypothesis", *line.cites[at + 1 :])
        yield partial(_changed, puzzle, lines, place, "circular", cites=cites)


# --- formulas -------------------------------------------------------------------------------------------------------


def negations(puzzle: Puzzle, lines: tuple[Line, ...], rng: random.Random) -> Iterator[Plant]:
    """Lose a negation of what a step states."""
    for place, line in enumerate(lines):
        for formula in _without(line.formula, _denied):
            yield partial(_changed, puzzle, lines, place, "dropped_negation", formula=formula)


def terms(puzzle: Puzzle, lines: tuple[Line, ...], rng: random.Random) -> Iterator[Plant]:
    """Lose a part of a conjunction, or choose one of a disjunction."""
    for place, line in enumerate(lines):
        for formula in _without(line.formula, _parts):
            yield partial(_changed, puzzle, lines, place, "dropped_term", formula=formula)


def _denied(formula: App) -> tuple[Expr, ...]:
    return formula.args if formula.head == "not" else ()


def _parts(formula: App) -> tuple[Expr, ...]:
    return formula.args if formula.head in ("and", "or") else ()


def _without(formula: Expr, instead: Callable[[App], tuple[Expr, ...]]) -> Iterator[Expr]:
    """Yield the formula with one of its parts replaced by each of what ``instead`` gives for it."""
    if not isinstance(formula, App) or formula.head.startswith("@"):
        return
    yield from instead(formula)
    for place, part in enumerate(formula.args):
        for other in _without(part, instead):
            parts = (*formula.args[:place], other, *formula.args[place + 1 :])
            yield negated(other) if formula.head == "not" else App(formula.head, parts)


def answers(puzzle: Puzzle, lines: tuple[Line, ...], rng: random.Random) -> Iterator[Plant]:
    """Give another answer than the proof has led to."""
    for answer in Answer:
        if answer is not puzzle.answer:
            yield partial(Planted, lines, answer, len(lines), "wrong_answer")


_KINDS: Final = (fallacies, converses, leaps, citations, negations, terms, answers, circles)
_LATE: Final = 0.7
"""Share of the fallacies that come after the steps that they make needless."""
_WEIGHTS: Final = (6.0, 2.0, 2.5, 2.0, 2.5, 2.0, 0.6, 0.3)
"""How often each kind comes first: fallacies are what proofs of models fall for, a wrong last line teaches little."""


# --- what follows from an error -------------------------------------------------------------------------------------


def _changed(
    puzzle: Puzzle,
    lines: tuple[Line, ...],
    place: int,
    error: str,
    *,
    cites: tuple[str, ...] | None = None,
    formula: Expr | None = None,
) -> Planted:
    """Change one step, and carry it on."""
    old = lines[place]
    new = Line(cites or old.cites, old.name, formula or old.formula)
    wrong = (
        *lines[:place],
        new,
        *carried(lines[place + 1 :], {**_stated(puzzle, lines[:place]), old.name: new.formula}),
    )
    return Planted(wrong, _answer(puzzle, wrong), place, error, old)


def _stated(puzzle: Puzzle, lines: tuple[Line, ...]) -> dict[str, Expr]:
    return {**puzzle.facts, **{line.name: line.formula for line in lines}}


def carried(lines: tuple[Line, ...], stated: Mapping[str, Expr]) -> Iterator[Line]:
    """Yield the steps after an error: each takes its rule to what it cites as that now stands.

    Where the rule no longer fits, the step says what it said before, as one does who has the goal in mind.
    """
    known = dict(stated)
    for line in lines:
        premises = [known[cite] for cite in line.cites]
        formula = rules.forward(line.rule, premises, line.formula)
        known[line.name] = line.formula if formula is None else formula
        yield line if formula is None else replace(line, formula=formula)


def renumbered(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return the steps with their names in order."""
    names = {line.name: f"int{place}" for place, line in enumerate(lines, start=1)}
    return tuple(
        replace(line, name=names[line.name], cites=tuple(names.get(cite, cite) for cite in line.cites))
        for line in lines
    )


def _answer(puzzle: Puzzle, lines: tuple[Line, ...]) -> Answer:
    """Return the answer that a proof leads to; where it ends elsewhere, the one that it was to lead to."""
    last = lines[-1].formula
    if last == puzzle.hypothesis:
        return Answer.PROVED
    return Answer.DISPROVED if last == negated(puzzle.hypothesis) else puzzle.answer
