"""Formulas to counter-models by going through small worlds: the second opinion on what Z3 says about an entailment.

It shares no code with the checkers. A formula is written out for a world of one, two or three things, and its
whole truth table computed at once: one bit of a long integer for each way that the ground atoms can be.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Final

from genverify.claims.grammar import App, Expr, Sym, parse

MAX_SIZE: Final = 3
"""Most things in a world; what fails at all in FLD-like steps fails in such a world, nearly always."""
MAX_ATOMS: Final = 20
"""Most ground atoms: a table has two to the power of them bits, here 128 KiB."""
Atom = tuple[str, ...]
"""A predicate with the things that it is said of: ``("likes", "0", "1")``; a bare statement has none."""


@dataclass(frozen=True, slots=True)
class Model:
    """A world in which the premises hold and the conclusion does not."""

    size: int
    """How many things there are, at least 1."""
    things: dict[str, str]
    """What each constant names: ``"0"``, ``"1"`` ..."""
    true: frozenset[Atom]
    """The atoms that hold."""


class GaveUpError(Exception):
    """The search was too long, or met something that is no first-order formula; it says nothing."""


@dataclass(frozen=True, slots=True)
class _Joined:
    """Ground formulas with a connective."""

    head: str
    parts: "tuple[_Ground, ...]"


_Ground = Atom | _Joined


def counter_model(premises: Sequence[str], conclusion: str, max_size: int = MAX_SIZE) -> Model | None:
    """Return a world of at most ``max_size`` things in which the premises hold and the conclusion does not, if any.

    Args:
        premises: statements of the formal language (``genverify.claims.grammar``).
        conclusion: another.
        max_size: greatest number of things, at least 1.

    Raises:
        GaveUpError: the search was too long, or a statement is no first-order formula.
        GrammarError: a statement is not in the formal language.
    """
    goals = [*map(parse, premises), App("not", (parse(conclusion),))]
    return _model(goals, max_size)


def consistent(premises: Sequence[str], max_size: int = MAX_SIZE) -> Model | None:
    """Return a world of at most ``max_size`` things in which the premises hold, if any.

    Raises:
        GaveUpError: the search was too long, or a statement is no first-order formula.
        GrammarError: a statement is not in the formal language.
    """
    return _model([parse(premise) for premise in premises], max_size)


def _model(goals: list[Expr], max_size: int) -> Model | None:
    named = sorted({name for goal in goals for name in _constants(goal, frozenset())})
    about_things = any(_speaks_of_things(goal) for goal in goals)
    for size in range(1, (max_size if about_things else 1) + 1):
        for places in _namings(len(named), size):
            things = dict(zip(named, places, strict=True))
            true = _satisfied([_ground(goal, things, size) for goal in goals])
            if true is not None:
                return Model(size, things, true)
    return None


def _namings(count: int, size: int) -> Iterator[tuple[str, ...]]:
    """Yield what ``count`` constants may name, worlds that differ only in the order of things counted once."""

    def longer(before: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(before) == count:
            yield before
            return
        for thing in range(min(size, max(before, default=-1) + 2)):
            yield from longer((*before, thing))

    for naming in longer(()):
        yield tuple(map(str, naming))


def _constants(expr: Expr, bound: frozenset[str]) -> Iterator[str]:
    if not isinstance(expr, App):
        return
    if expr.head in ("forall", "exists"):
        yield from _constants(expr.args[1], bound | {_name(expr.args[0])})
    elif expr.head.startswith("@"):
        yield from (name for arg in expr.args if (name := _name(arg)) not in bound)
    else:
        for arg in expr.args:
            yield from _constants(arg, bound)


def _speaks_of_things(expr: Expr) -> bool:
    if not isinstance(expr, App):
        return False
    return expr.head in ("forall", "exists") or expr.head.startswith("@") or any(map(_speaks_of_things, expr.args))


def _name(expr: Expr) -> str:
    if not isinstance(expr, Sym):
        raise GaveUpError("a term that is no plain name")
    return expr.name


_HEADS: Final = frozenset({"and", "or", "not", "->", "<->", "xor", "forall", "exists"})


def _ground(expr: Expr, things: dict[str, str], size: int) -> _Ground:
    """Write a formula out for a world."""
    if isinstance(expr, Sym):
        return (expr.name,)
    if not isinstance(expr, App) or (expr.head not in _HEADS and not expr.head.startswith("@")):
        raise GaveUpError("no first-order formula")
    if expr.head.startswith("@"):
        return (expr.head, *(things[_name(arg)] for arg in expr.args))
    if expr.head in ("forall", "exists"):
        variable, body = _name(expr.args[0]), expr.args[1]
        parts = tuple(_ground(body, {**things, variable: str(thing)}, size) for thing in range(size))
        return _Joined("and" if expr.head == "forall" else "or", parts)
    return _Joined(expr.head, tuple(_ground(arg, things, size) for arg in expr.args))


def _satisfied(goals: Sequence[_Ground]) -> frozenset[Atom] | None:
    """Return the atoms that hold in one way in which all goals do; None if there is none."""
    atoms = list(dict.fromkeys(atom for goal in goals for atom in _atoms(goal)))
    if len(atoms) > MAX_ATOMS:
        raise GaveUpError(f"{len(atoms)} ground atoms, at most {MAX_ATOMS} are gone through")
    every = (1 << (1 << len(atoms))) - 1
    columns = {atom: every ^ (every // ((1 << (1 << place)) + 1)) for place, atom in enumerate(atoms)}
    table = every
    for goal in goals:
        table &= _table(goal, columns, every)
    if not table:
        return None
    row = (table & -table).bit_length() - 1
    return frozenset(atom for place, atom in enumerate(atoms) if row >> place & 1)


def _atoms(goal: _Ground) -> Iterator[Atom]:
    if isinstance(goal, tuple):
        yield goal
        return
    for part in goal.parts:
        yield from _atoms(part)


def _table(goal: _Ground, columns: Mapping[Atom, int], every: int) -> int:
    """Return the rows in which a ground formula holds, as the bits of a number."""
    if isinstance(goal, tuple):
        return columns[goal]
    return _TABLE[goal.head]([_table(part, columns, every) for part in goal.parts], every)


_TABLE: Final[dict[str, Callable[[list[int], int], int]]] = {
    "and": lambda parts, every: reduce(and_, parts, every),
    "or": lambda parts, every: reduce(or_, parts, 0),
    "not": lambda parts, every: every ^ parts[0],
    "->": lambda parts, every: (every ^ parts[0]) | parts[1],
    "<->": lambda parts, every: every ^ parts[0] ^ parts[1],
    "xor": lambda parts, every: parts[0] ^ parts[1],
}
"""The table of each connective from those of its parts; quantifiers have become connectives before."""
