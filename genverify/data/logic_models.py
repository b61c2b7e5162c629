"""Formulas to counter-models by going through small worlds: the second opinion on what Z3 says about an entailment.

It shares no code with the checkers. A formula is written out for a world of one, two or three things, and a search sets
one ground atom after the other (those of short formulas first), giving up a branch as soon as a premise cannot be true
any more or the conclusion cannot be false.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from genverify.claims.grammar import App, Expr, Sym, parse

MAX_SIZE: Final = 3
"""Most things in a world; what fails at all in FLD-like steps fails in such a world, nearly always."""
MAX_VISITS: Final = 50_000
"""Most truth values tried in one world size; a search that passes it knows nothing."""
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
            search = _Search()
            true = search.run([_ground(goal, things, size) for goal in goals], {})
            if true is not None:
                return Model(size, things, frozenset(atom for atom, holds in true.items() if holds))
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


def _ground(expr: Expr, things: dict[str, str], size: int) -> _Ground:
    """Write a formula out for a world."""
    if isinstance(expr, Sym):
        return (expr.name,)
    if not isinstance(expr, App) or (expr.head not in _VALUE and not expr.head.startswith("@")):
        raise GaveUpError("no first-order formula")
    if expr.head.startswith("@"):
        return (expr.head, *(things[_name(arg)] for arg in expr.args))
    if expr.head in ("forall", "exists"):
        variable, body = _name(expr.args[0]), expr.args[1]
        parts = tuple(_ground(body, {**things, variable: str(thing)}, size) for thing in range(size))
        return _Joined("and" if expr.head == "forall" else "or", parts)
    return _Joined(expr.head, tuple(_ground(arg, things, size) for arg in expr.args))


@dataclass(slots=True)
class _Search:
    """Looks for truth values under which all goals hold."""

    visits: int = 0

    def run(self, goals: list[_Ground], values: dict[Atom, bool]) -> dict[Atom, bool] | None:
        self.visits += 1
        if self.visits > MAX_VISITS:
            raise GaveUpError("too many cases")
        open_: list[_Ground] = []
        for goal in goals:
            holds = _value(goal, values)
            if holds is False:
                return None
            if holds is None:
                open_.append(goal)
        if not open_:
            return values
        atom = min((_unset(goal, values) for goal in open_), key=len)[0]
        for value in (True, False):
            found = self.run(open_, {**values, atom: value})
            if found is not None:
                return found
        return None


def _unset(goal: _Ground, values: dict[Atom, bool]) -> list[Atom]:
    """Return the atoms of a goal that have no value yet."""
    if isinstance(goal, tuple):
        return [] if goal in values else [goal]
    return list(dict.fromkeys(atom for part in goal.parts for atom in _unset(part, values)))


def _value(goal: _Ground, values: dict[Atom, bool]) -> bool | None:
    """Return what a ground formula is worth so far; None if that is still open."""
    if isinstance(goal, tuple):
        return values.get(goal)
    return _VALUE[goal.head]([_value(part, values) for part in goal.parts])


def _all(parts: list[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _any(parts: list[bool | None]) -> bool | None:
    return True if True in parts else None if None in parts else False


def _not(part: bool | None) -> bool | None:
    return None if part is None else not part


def _same(parts: list[bool | None]) -> bool | None:
    return None if None in parts else parts[0] is parts[1]


_VALUE: Final = {
    "and": _all,
    "or": _any,
    "not": lambda parts: _not(parts[0]),
    "->": lambda parts: _any([_not(parts[0]), parts[1]]),
    "<->": _same,
    "xor": lambda parts: _not(_same(parts)),
    "forall": _all,
    "exists": _any,
}
"""The value of each connective from those of its parts; quantifiers have become connectives before."""
