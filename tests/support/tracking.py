"""Who holds what after each swap of a tracking puzzle (BIG-Bench), and how a step states it: two hooks."""

import re
from collections.abc import Callable
from typing import Any

State = dict[str, str]
"""What a person holds, by the first letter of the name; or the letter of the answer, under ``answer``."""

_SWAP = re.compile(r"\b([A-Z])[a-z]+ and ([A-Z])[a-z]+ (?:swap|switch|trade)")
_HOLDS = re.compile(
    r"([A-Z])[a-z]+ (?:is (?:dancing with|playing)|gets|has)(?: an?| the)? "
    r"(.+?)(?=,? (?:and )?[A-Z][a-z]+ (?:is|gets|has) |$)"
)
_STATED = re.compile(r"\b([A-Z])[a-z]*: ?([\w' -]+?)(?=[,.]| So the answer|$)")
_CHOICE = re.compile(r"the answer is \(([A-Z])\)")


def world(problem: str) -> list[State]:
    """Return what each person holds at the start and after each swap."""
    head, _, rest = problem.partition("\n")
    states = [dict(_HOLDS.findall(head[head.index(": ") + 2 :].rstrip(".")))]
    for a, b in _SWAP.findall(rest):
        before = states[-1]
        states.append({**before, a: before[b], b: before[a]})
    return states


def truths(row: dict[str, Any]) -> Callable[[int], State | None]:
    """Return the true state after each step of a row's solution, which may leave out how things are at the start.

    Of a solution that states more states than there are, nobody can tell which is which: then none is known.
    """
    states, steps = world(row["problem"]), row["steps"]
    stating = [t for t, step in enumerate(steps) if _STATED.search(step)]
    first = extract(steps[stating[0]]) if stating else None
    if first is None or first.keys() != states[0].keys() or not same(first, states[0]):
        states = states[1:]
    known = dict(zip(stating, states, strict=False)) if len(stating) <= len(states) else {}
    known.setdefault(len(steps) - 1, {"answer": row["answer"].strip("()")})
    return known.get


def extract(step: str) -> State | None:
    """Return the state that a step states; of a step that only gives the answer, that."""
    choice = _CHOICE.search(step)
    return dict(_STATED.findall(step)) or ({"answer": choice[1]} if choice else None)


def same(stated: State, true: State) -> bool:
    """Tell whether a stated state is the true one, shortened as steps do: ``Gatsby`` for ``The Great Gatsby``."""
    return all(name in true and _words(thing) <= _words(true[name]) for name, thing in stated.items())


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
