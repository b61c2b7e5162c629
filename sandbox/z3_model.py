"""A model that Z3 returned, read back: what each tree is worth in it, computed anew and exactly.

A counter-model counts only if every premise holds in it and the conclusion does not, by this reading, not by Z3's own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final

import z3
from enclosure import TooLarge, Undefined, Unsupported
from trees import Tree
from z3_build import THING_SORT, Builder, Term
from z3_sorts import NUMBER, QUANTIFIERS, THING, bound_key

Model = Any
"""A model as Z3 gives it, without type information."""
Value = Any
"""True, False, a fraction, or the name of a thing of the model."""
_MOST_VISITS: Final = 200_000
"""Most nodes visited for one model: nested quantifiers over a large world would take seconds."""


@dataclass(slots=True)
class World:
    """One model with the things that exist in it."""

    model: Model
    builder: Builder
    things: dict[str, Term] = field(default_factory=dict)
    visits: int = 0

    @classmethod
    def of(cls, model: Model, builder: Builder) -> "World":
        """Read which things exist; where Z3 needed none there is one, for a world is never empty."""
        sort = z3.DeclareSort(THING_SORT)
        found = model.get_universe(sort) if any(s == sort for s in model.sorts()) else None
        things = list(found or [model.eval(z3.Const("one", sort), model_completion=True)])
        return cls(model, builder, {str(thing): thing for thing in things})

    def value(self, tree: Tree, scope: dict[str, Value] | None = None) -> Value:
        """Return what ``tree`` is worth.

        Raises:
            Unsupported: it cannot be told exactly: an irrational value, a statement about all numbers.
            Undefined: a division by 0.
            TooLarge: there is too much to visit.
        """
        self.visits += 1
        if self.visits > _MOST_VISITS:
            raise TooLarge
        scope = scope or {}
        head = tree[0]
        if head == "num":
            return Fraction(tree[1])
        if head == "sym":
            return scope[tree[1]] if tree[1] in scope else self.read(self.builder.name(tree[1]))
        if head.startswith("@"):
            return self.applied(head[1:], [self.value(part, scope) for part in tree[1:]])
        if head in QUANTIFIERS:
            return self.quantified(tree, scope)
        if head in _LAZY:
            return _LAZY[head](lambda part: self.value(part, scope), tree)
        return _APPLIED[head]([self.value(part, scope) for part in tree[1:]])

    def read(self, term: Term) -> Value:
        """Return the value of a term without parts of ours."""
        value = self.model.eval(term, model_completion=True)
        if z3.is_true(value) or z3.is_false(value):
            return z3.is_true(value)
        if z3.is_int_value(value):
            return Fraction(value.as_long())
        if z3.is_rational_value(value):
            return value.as_fraction()
        if str(value) in self.things:
            return str(value)
        raise Unsupported("a value that is not a plain number")

    def applied(self, name: str, values: list[Value]) -> Value:
        """Return what a predicate or function gives for some values."""
        return self.read(self.builder.function(name)(*(self.term(value) for value in values)))

    def term(self, value: Value) -> Term:
        """Return the Z3 term of a value."""
        if isinstance(value, bool):
            return z3.BoolVal(value)
        return z3.RealVal(value) if isinstance(value, Fraction) else self.things[value]

    def quantified(self, tree: Tree, scope: dict[str, Value]) -> bool:
        """Go through all things, or both truth values."""
        head, (_, name), body = tree
        wanted = head == "exists"
        return any(self.value(body, {**scope, name: each}) is wanted for each in self.range(tree)) is wanted

    def range(self, tree: Tree) -> tuple[Value, ...]:
        """Return what the name that a quantified tree binds may stand for."""
        sort = self.builder.sorts.of(bound_key(tree))
        if sort == NUMBER:
            raise Unsupported("a statement about all numbers")
        return tuple(self.things) if sort == THING else (True, False)


def _member(value: Callable[[Tree], Value], tree: Tree) -> bool:
    element, (kind, *rest) = value(tree[1]), tree[2]
    parts = [value(part) for part in rest]
    if kind == "set":
        return element in parts
    above = element >= parts[0] if kind[1] == "c" else element > parts[0]
    return bool(above and (element <= parts[1] if kind[2] == "c" else element < parts[1]))


_LAZY: Final[dict[str, Callable[[Callable[[Tree], Value], Tree], Value]]] = {
    "and": lambda value, t: all(value(part) for part in t[1:]),
    "or": lambda value, t: any(value(part) for part in t[1:]),
    "->": lambda value, t: not value(t[1]) or value(t[2]),
    "in": _member,
    "card": lambda value, t: Fraction(len({value(part) for part in t[1][1:]})),
}
"""Heads that need not look at all their parts, or whose parts are no values."""


def _quotient(p: list[Value]) -> Fraction:
    if p[1] == 0:
        raise Undefined("a division by 0")
    return Fraction(p[0] / p[1])


def _product(p: list[Value]) -> Fraction:
    value = Fraction(1)
    for part in p:
        value *= part
    return value


_APPLIED: Final[dict[str, Callable[[list[Value]], Value]]] = {
    "not": lambda p: not p[0],
    "<->": lambda p: p[0] is p[1],
    "xor": lambda p: p[0] is not p[1],
    "=": lambda p: p[0] == p[1],
    "!=": lambda p: p[0] != p[1],
    "<": lambda p: p[0] < p[1],
    "<=": lambda p: p[0] <= p[1],
    ">": lambda p: p[0] > p[1],
    ">=": lambda p: p[0] >= p[1],
    "+": lambda p: sum(p, Fraction(0)),
    "*": _product,
    "/": _quotient,
    "^": lambda p: p[0] ** int(p[1]),
    "neg": lambda p: -p[0],
    "abs": lambda p: abs(p[0]),
    "floor": lambda p: Fraction(floor(p[0])),
    "ceil": lambda p: Fraction(ceil(p[0])),
    "min": min,
    "max": max,
    "mod": lambda p: p[0] % p[1],
    "integer": lambda p: p[0].denominator == 1,
    "even": lambda p: p[0] % 2 == 0,
    "odd": lambda p: p[0] % 2 == 1,
    "divides": lambda p: p[1] % p[0] == 0,
    "cong": lambda p: (p[0] - p[1]) % p[2] == 0,
}
