"""Compare tuples, sets, intervals and matrices through their members, whose comparison as numbers is handed in."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Final

import enclosure as en
from answers import Answer, confirmed, first, refuted, undecided
from numeric import Evaluation
from sympy_words import shown
from trees import INTERVALS, Tree, infinite_sign, walk

Numbers = Callable[[str, Tree, Tree], Answer]
"""Decides a relation (its head first) between two numbers."""

COLLECTIONS: Final = frozenset({"tuple", "set", "matrix", "union", "intersect", *INTERVALS})


class Collections:
    """Compares tuples, sets, intervals and matrices through their members."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers

    def relation(self, head: str, left: Tree, right: Tree) -> Answer:
        """Decide a relation between two collections."""
        if head not in ("=", "~", "!="):
            return undecided("unsupported", "an order between tuples, sets or matrices")
        answer = self._equal(left, right)
        if head != "!=":
            return answer
        if answer.outcome == "undecided":
            return answer
        return confirmed() if answer.outcome == "refuted" else refuted("both sides are equal")

    def _equal(self, left: Tree, right: Tree) -> Answer:
        left, right = _as_column(left), _as_column(right)
        if left[0] == right[0] and left[0] in ("tuple", "matrix"):
            if len(left) != len(right):
                return refuted(f"the sides have {len(left) - 1} and {len(right) - 1} parts")
            pairs = zip(left[1:], right[1:], strict=True)
            return first(["refuted", "undecided", "confirmed"], [self._part(a, b) for a, b in pairs])
        if _is_set(left) and _is_set(right):
            return first(["refuted", "undecided", "confirmed"], [self.subset(left, right), self.subset(right, left)])
        return undecided("unsupported", "a number, a tuple, a set and a matrix are not compared with one another")

    def _part(self, left: Tree, right: Tree) -> Answer:
        if left[0] in COLLECTIONS or right[0] in COLLECTIONS:
            return self._equal(left, right)
        answer = self.numbers("=", left, right)
        if answer.outcome != "refuted":
            return answer
        return refuted(f"{shown(left, 'a part')} is not {shown(right, 'its counterpart')}")

    def subset(self, left: Tree, right: Tree) -> Answer:
        """Decide whether each member of ``left`` is in ``right``: checked at every end, between and beyond them."""
        if not (_is_set(left) and _is_set(right)):
            return undecided("unsupported", "a subset of what is not a set")
        if left[0] == "set":
            return first(
                ["refuted", "undecided", "confirmed"], [self.member(a, right) for a in left[1:]] or [confirmed()]
            )
        found = [self._carried(p, left, right) for p in _critical(left, right)]
        return first(["refuted", "undecided", "confirmed"], found)

    def _carried(self, point: Tree, left: Tree, right: Tree) -> Answer:
        inside = self.member(point, left)
        if inside.outcome == "refuted":
            return confirmed()
        outside = self.member(point, right)
        if inside.outcome == "undecided":
            return confirmed() if outside.outcome == "confirmed" else inside
        return outside

    def member(self, item: Tree, region: Tree) -> Answer:
        """Decide whether ``item`` lies in ``region``."""
        no = refuted(f"{shown(item, 'a member')} is not in {shown(region, 'the set')}")
        if region[0] == "set":
            found = first(["confirmed", "undecided", "refuted"], [self._part(item, a) for a in region[1:]] or [no])
        elif region[0] in INTERVALS:
            low = "<" if region[0] in ("ioo", "ioc") else "<="
            high = "<" if region[0] in ("ioo", "ico") else "<="
            ends = [self.numbers(low, region[1], item), self.numbers(high, item, region[2])]
            found = first(["refuted", "undecided", "confirmed"], ends)
        elif region[0] in ("union", "intersect"):
            order = (
                ["confirmed", "undecided", "refuted"] if region[0] == "union" else ["refuted", "undecided", "confirmed"]
            )
            found = first(order, [self.member(item, a) for a in region[1:]])
        else:
            return undecided("unsupported", "membership in what is not a set")
        return no if found.outcome == "refuted" else found


def _as_column(tree: Tree) -> Tree:
    """Write a matrix of one column, or of one row, as a tuple."""
    if tree[0] != "matrix":
        return tree
    rows = [row[1:] if row[0] == "tuple" else [row] for row in tree[1:]]
    if all(len(row) == 1 for row in rows):
        return ["tuple", *(row[0] for row in rows)]
    return ["tuple", *rows[0]] if len(rows) == 1 else tree


def _is_set(tree: Tree) -> bool:
    return tree[0] in ("set", "union", "intersect") or tree[0] in INTERVALS


def _critical(*regions: Tree) -> list[Tree]:
    """Return every finite end and member, a point between each two neighbours, and one beyond either side."""
    ends: list[Tree] = []
    for region in regions:
        for node in walk(region):
            if node[0] == "set" or node[0] in INTERVALS:
                ends += [e for e in node[1:] if infinite_sign(e) == 0]
    run = Evaluation()
    placed = sorted(en.middle(run.real(e)) for e in ends)
    between = [(a + b) / 2 for a, b in pairwise(placed) if a != b]
    beyond = [placed[0] - 1, placed[-1] + 1] if placed else [Fraction(0)]
    return [*ends, *(["num", str(p)] for p in (*between, *beyond))]
