"""Statements and counter-models in one short line, in the problem's own names."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from enclosure import Undefined, Unsupported
from trees import CONNECTIVES, Tree, names, put, walk
from z3_model import Value, World
from z3_sorts import QUANTIFIERS

_MOST: Final = 8
"""Most facts told of a counter-model: a reader checks no more, and the line has 300 characters."""
_INFIX: Final = {
    "<->": (1, " if and only if "), "->": (2, " implies "), "or": (3, " or "), "and": (4, " and "),
    "=": (6, " = "), "!=": (6, " != "), "<": (6, " < "), "<=": (6, " <= "), ">": (6, " > "), ">=": (6, " >= "),
    "+": (7, " + "), "*": (8, "*"), "/": (8, "/"), "^": (10, "^"),
}  # fmt: skip
_ATOM: Final = 12


def say(tree: Tree, level: int = 0) -> str:
    """Write a tree in words and signs, with parentheses where it stands inside something that binds as tightly."""
    text, own = _said(tree)
    return text if own > level or own == _ATOM else f"({text})"


def _said(tree: Tree) -> tuple[str, int]:
    """Return the words for a tree and how loosely they bind, as ``_INFIX`` counts it."""
    head, *parts = tree
    if head in ("num", "sym"):
        return str(parts[0]), _ATOM
    if (shared := _shared_set(tree)) is not None:
        return shared, 4
    if head in _INFIX:
        level, sign = _INFIX[head]
        return (_sum(parts) if head == "+" else sign.join(say(part, level) for part in parts)), level
    if head == "neg":
        return f"-{say(parts[0], 9)}", 9
    return _said_in_words(head, parts)


def _said_in_words(head: str, parts: list[Tree]) -> tuple[str, int]:
    if head in QUANTIFIERS:
        return f"{'for every' if head == 'forall' else 'there is'} {parts[0][1]}: {say(parts[1], 0)}", 1
    if head == "not":
        return f"not {say(parts[0], 5)}", 5
    if head == "xor":
        return f"either {say(parts[0], 3)} or {say(parts[1], 3)} but not both", 3
    if head == "card" and parts[0][0] == "set":
        return f"the number of different values of {', '.join(say(p) for p in parts[0][1:])}", 6
    if head == "set":
        return "{" + ", ".join(say(part) for part in parts) + "}", _ATOM
    return f"{head.lstrip('@')}({', '.join(say(part) for part in parts)})", _ATOM


def _shared_set(tree: Tree) -> str | None:
    """Say "a, b are each one of 1, 2, 3" for the membership of one or several things in one written set."""
    parts = tree[1:] if tree[0] == "and" else [tree]
    if any(part[0] != "in" or part[2][0] != "set" or part[2] != parts[0][2] for part in parts):
        return None
    members = ", ".join(say(part[1]) for part in parts)
    return f"{members} {'is' if len(parts) == 1 else 'are each'} one of {', '.join(say(p) for p in parts[0][2][1:])}"


def _sum(parts: list[Tree]) -> str:
    text = say(parts[0], 7)
    for part in parts[1:]:
        text += f" - {say(part[1], 7)}" if part[0] == "neg" else f" + {say(part, 7)}"
    return text


def counter_model(world: World, statement: Tree, givens: list[Tree]) -> str:
    """Say what the model is like where the statement fails in it."""
    focus, scope = _instance(world, statement)
    facts = _facts(world, focus, scope)
    for given in givens:
        # a number means little without the others; what predicates say of other things would only distract
        facts += [fact for fact in _facts(world, given, {}) if " = " in fact]
    return " and ".join(list(dict.fromkeys(facts))[:_MOST])


def _instance(world: World, tree: Tree) -> tuple[Tree, dict[str, Value]]:
    """Return the statement about the things for which it fails, called ``something`` where they have no name."""
    scope: dict[str, Value] = {}
    called: dict[str, Tree] = {}
    told: dict[str, Value] = {}
    spare = ["something_else", "something"]
    while tree[0] == "forall" and spare:
        _, (_, name), body = tree
        failing = [v for v in _range(world, tree) if world.value(body, {**scope, name: v}) is False]
        if not failing:
            break
        known = [n for n in sorted(names(body) - {name}) if n not in scope and _worth(world, ["sym", n]) == failing[0]]
        word = known[0] if known else spare.pop()
        scope[name], called[name] = failing[0], ["sym", word]
        if not known:
            told[word] = failing[0]
        tree = body  # as it is: the sort of what a quantifier inside it binds is known for this very tree
    return put(tree, called), told


def _range(world: World, tree: Tree) -> tuple[Value, ...]:
    try:
        return world.range(tree)
    except Unsupported:
        return ()


def _worth(world: World, tree: Tree, scope: dict[str, Value] | None = None) -> Value:
    """Return the value of a tree, None where it cannot be told."""
    try:
        return world.value(tree, scope)
    except (Unsupported, Undefined):
        return None


def _facts(world: World, tree: Tree, scope: dict[str, Value]) -> list[str]:
    """Say what holds in the model, for each part of a statement that is no joining of others."""
    facts: list[str] = []
    for atom in _atoms(tree):
        values = [(part, _worth(world, part, scope)) for part in _quantities(atom)]
        told = [f"{say(part)} = {value}" for part, value in values if isinstance(value, Fraction)]
        told += [_about(world, part[1]) for part, value in values if value is None and part[0] == "sym"]
        if not told and isinstance(worth := _worth(world, atom, scope), bool):
            told = [say(atom) if worth else f"not {say(atom, 5)}"]
        facts += told
    return facts


def _atoms(tree: Tree) -> Iterator[Tree]:
    if tree[0] in CONNECTIVES:
        for part in tree[1:]:
            yield from _atoms(part)
    elif tree[0] not in QUANTIFIERS:
        yield tree


def _quantities(atom: Tree) -> Iterator[Tree]:
    """Yield what may have a value of its own: names, and functions applied to them."""
    for part in walk(atom):
        if part[0] == "sym" or (part[0].startswith("@") and part is not atom):
            yield part


def _about(world: World, name: str) -> str:
    """Say roughly what an irrational number is worth."""
    value = world.model.eval(world.builder.name(name), model_completion=True)
    return f"{name} is about {value.as_decimal(4).rstrip('?')}" if hasattr(value, "as_decimal") else f"some {name}"
