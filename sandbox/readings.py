"""Other ways to read a statement: where one of them may hold, a refutation would be a quarrel about notation."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from trees import Tree, has_name, heads, walk

_PI: Final = ("157/50", "22/7", "355/113", "3927/1250", "3")
"""What people put for pi: 3.14, 22/7, 355/113, 3.1416, 3."""
_ANGLE: Final = frozenset({"sin", "cos", "tan", "sec", "csc", "cot"})
_INVERSE: Final = frozenset({"asin", "acos", "atan"})


def others(tree: Tree) -> Iterator[tuple[Tree, str]]:
    """Yield other readings of ``tree``, each with the words that name it."""
    found = heads(tree)
    if has_name(tree, "pi"):
        for value in _PI:
            yield (
                _changed(tree, partial(_pi_as, value)),
                f"with pi as {value}",
            )
    if not found.isdisjoint(_ANGLE | _INVERSE) and "deg" not in found and not has_name(tree, "pi"):
        yield _changed(tree, _in_degrees), "with angles in degrees"
    if _has_loose_constant(tree):
        yield ["sym", "true"], "with E or I as a name"
    if any(node[0] == "!" and node[1][0] == "!" for node in walk(tree)):
        yield _changed(tree, _double_factorial), "with n!! as a double factorial"


def _pi_as(value: str, node: Tree) -> Tree:
    return ["num", value] if node == ["sym", "pi"] else node


def _has_loose_constant(tree: Tree) -> bool:
    """Say whether E or I may be a quantity: alone on a side, or E other than in a power or a logarithm."""
    if any(side in (["sym", "E"], ["sym", "I"]) for side in tree[1:]):
        return True
    return any(
        ["sym", "E"] in node[1:]
        for node in walk(tree)
        if node[0] not in ("num", "sym", "sympy", "ln", "log") and not (node[0] == "^" and node[1] == ["sym", "E"])
    )


def _changed(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    if tree[0] in ("num", "sym", "sympy"):
        return change(tree)
    return change([tree[0], *(_changed(a, change) for a in tree[1:])])


def _in_degrees(node: Tree) -> Tree:
    if node[0] in _ANGLE:
        return [node[0], ["deg", node[1]]]
    if node[0] in _INVERSE:
        return ["/", node, ["deg", ["num", "1"]]]
    return node


def _double_factorial(node: Tree) -> Tree:
    if node[0] == "!" and node[1][0] == "!" and node[1][1][0] == "num" and node[1][1][1].isdigit():
        n = int(node[1][1][1])
        return ["*", *(["num", str(k)] for k in range(n, 0, -2))] if 0 < n <= 60 else node
    return node
