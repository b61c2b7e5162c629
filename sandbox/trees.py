"""Check and walk wire trees: nested lists such as ``["+", ["num", "1/2"], ["sym", "x"]]``.

The host has bounded them already; the guest trusts nothing and bounds them again before any tool sees them.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from enclosure import TooLarge, Undefined, Unsupported

Tree = list[Any]
Built = Any
"""A SymPy object. SymPy carries no type information, so nothing narrower would be checked."""

_ANY: Final = 64
ARITY: Final[dict[str, tuple[int, int]]] = {
    "+": (1, 600), "*": (1, 600), "/": (2, 2), "^": (2, 2), "neg": (1, 1), "!": (1, 1),
    "=": (2, 2), "!=": (2, 2), "<": (2, 2), "<=": (2, 2), ">": (2, 2), ">=": (2, 2), "~": (2, 2),
    "and": (1, 600), "or": (1, 600), "not": (1, 1), "->": (2, 2), "<->": (2, 2), "xor": (2, 2),
    "tuple": (0, 600), "set": (0, 600),
    "sqrt": (1, 1), "root": (2, 2), "abs": (1, 1), "floor": (1, 1), "ceil": (1, 1), "min": (1, _ANY), "max": (1, _ANY),
    "gcd": (2, _ANY), "lcm": (2, _ANY), "mod": (2, 2), "binom": (2, 2), "perm": (2, 2), "base": (2, 2),
    "exp": (1, 1), "ln": (1, 1), "log": (2, 2), "deg": (1, 1),
    "sin": (1, 1), "cos": (1, 1), "tan": (1, 1), "sec": (1, 1), "csc": (1, 1), "cot": (1, 1),
    "asin": (1, 1), "acos": (1, 1), "atan": (1, 1), "sinh": (1, 1), "cosh": (1, 1), "tanh": (1, 1),
    "re": (1, 1), "im": (1, 1), "conj": (1, 1), "arg": (1, 1),
    "sum": (4, 4), "prod": (4, 4), "diff": (2, 3), "int": (2, 4), "limit": (3, 3),
    "matrix": (1, _ANY), "det": (1, 1), "inverse": (1, 1), "transpose": (1, 1), "trace": (1, 1), "rank": (1, 1),
    "dot": (2, 2), "cross": (2, 2), "norm": (1, 1),
    "ioo": (2, 2), "icc": (2, 2), "ioc": (2, 2), "ico": (2, 2), "union": (2, _ANY), "intersect": (2, _ANY),
    "in": (2, 2), "subset": (2, 2), "card": (1, 1), "divides": (2, 2), "prime": (1, 1), "even": (1, 1), "odd": (1, 1),
    "integer": (1, 1), "cong": (3, 3), "forall": (2, 2), "exists": (2, 2),
}  # fmt: skip
"""Every head with its least and greatest number of arguments; others (``@name``) are uninterpreted."""
RELATIONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "~"})
CONNECTIVES: Final = frozenset({"and", "or", "not", "->", "<->", "xor"})
INTERVALS: Final = frozenset({"ioo", "icc", "ioc", "ico"})
CONSTANTS: Final = frozenset({"pi", "E", "I", "oo", "true", "false"})
_BINDERS: Final = {"sum": 1, "prod": 1, "limit": 1, "forall": 0, "exists": 0}

_MAX_NODES: Final = 2000  # the grammar's 600 nodes, and room for a substitution
_MAX_DEPTH: Final = 200  # Python's own stack is 1000 frames and one level takes up to three
_NUMBER: Final = re.compile(r"-?\d{1,400}(/\d{1,400})?", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,47}", re.ASCII)


def check(tree: object, applied: bool = False) -> Tree:
    """Return ``tree`` once it is known to be well formed and bounded.

    Args:
        tree: what came over the wire.
        applied: whether uninterpreted heads (``@name``) are allowed.

    Raises:
        Unsupported: it is not a tree of known heads and clean names.
        TooLarge: it has too many nodes or nests too deeply.
    """
    nodes = 0
    waiting: list[tuple[object, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if nodes > _MAX_NODES or depth > _MAX_DEPTH:
            raise TooLarge
        if not isinstance(node, list) or not node or not isinstance(node[0], str):
            raise Unsupported("a malformed tree")
        waiting.extend((child, depth + 1) for child in _children(node, applied))
    assert isinstance(tree, list)
    return tree


def _children(node: Tree, applied: bool) -> list[object]:
    head = node[0]
    if head in ("num", "sym"):
        pattern = _NUMBER if head == "num" else _NAME
        if len(node) != 2 or not isinstance(node[1], str) or not pattern.fullmatch(node[1]):
            raise Unsupported(f"a malformed {head}")
        return []
    if applied and head[0:1] == "@" and _NAME.fullmatch(head[1:]) and 2 <= len(node) <= _ANY:
        return node[1:]
    if head not in ARITY:
        raise Unsupported(f"{head[:50]} has no known meaning")
    low, high = ARITY[head]
    if not low <= len(node) - 1 <= high:
        raise Unsupported(f"{head} with {len(node) - 1} arguments")
    return node[1:]


def walk(tree: Tree) -> Iterator[Tree]:
    """Yield every node, the root first."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if node[0] not in ("num", "sym", "sympy"):
            waiting.extend(reversed(node[1:]))


def heads(tree: Tree) -> frozenset[str]:
    """Return every head that occurs."""
    return frozenset(node[0] for node in walk(tree))


def names(tree: Tree) -> frozenset[str]:
    """Return the free names."""
    if tree[0] == "sym":
        return frozenset() if tree[1] in CONSTANTS else frozenset({tree[1]})
    if tree[0] == "num":
        return frozenset()
    if tree[0] == "sympy":
        return frozenset(str(s) for s in tree[1].free_symbols)
    inside = [names(a) for a in tree[1:]]
    bound = _bound(tree)
    if bound is not None:
        # only the term is inside the binding; the bounds of a sum or integral are outside it
        place = 1 if tree[0] in ("forall", "exists") else 0
        inside[place] -= {bound}
        inside.pop(0 if place else 1)
    return frozenset().union(*inside)


def _bound(tree: Tree) -> str | None:
    place = _BINDERS.get(tree[0], 1 if tree[0] == "int" and len(tree) == 5 else None)
    if place is None:
        return None
    name = tree[1 + place]
    return str(name[1]) if name[0] == "sym" else None


def has_name(tree: Tree, name: str) -> bool:
    """Say whether ``name`` (a constant, too) occurs anywhere."""
    return any(node[0] == "sym" and node[1] == name for node in walk(tree))


def put(tree: Tree, values: dict[str, Tree]) -> Tree:
    """Replace free names by trees."""
    if tree[0] == "sym":
        return values.get(tree[1], tree)
    if tree[0] in ("num", "sympy"):
        return tree
    bound = _bound(tree)
    if bound in values:
        values = {k: v for k, v in values.items() if k != bound}
    return [tree[0], *(put(a, values) for a in tree[1:])]


def infinite_sign(tree: Tree) -> int:
    """Return 1 or -1 for plus or minus infinity, 0 for what is finite.

    Raises:
        Undefined: infinity stands inside arithmetic.
    """
    if tree == ["sym", "oo"]:
        return 1
    if tree == ["neg", ["sym", "oo"]]:
        return -1
    if has_name(tree, "oo"):
        raise Undefined("arithmetic with infinity")
    return 0
