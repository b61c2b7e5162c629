"""Wire trees to Z3 terms, by explicit calls only; no text is ever handed to Z3 to read.

Numbers are integers where a given says so, and else reals. A quotient needs a divisor other than 0: what that takes is
collected in ``Builder.divisors`` and is the caller's to judge.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import z3
from enclosure import TooLarge, Unsupported
from trees import Tree
from z3_sorts import NUMBER, QUANTIFIERS, TRUTH, Sorts, bound_key

Term = Any
"""A Z3 term. Z3 carries no type information, so nothing narrower would be checked."""
MAX_POWER: Final = 8
"""Greatest exponent written out as a product; nothing that Z3 decides in time has a greater one."""
THING_SORT: Final = "thing"
"""Name of the one uninterpreted sort."""


@dataclass(slots=True)
class Builder:
    """Builds the terms of one request, whose sorts are known."""

    sorts: Sorts
    divisors: list[Term] = field(default_factory=list)
    """Divisors that are not written numbers, outside any condition."""
    divisor_trees: list[Tree] = field(default_factory=list)
    """The same as trees."""
    bound: dict[str, Term] = field(default_factory=dict)
    inside: int = 0
    """How many connectives (other than the joining ones at the top) and quantifiers are around the current tree."""

    def statement(self, tree: Tree) -> Term:
        """Return the term of a whole statement.

        Raises:
            Unsupported: a part has no meaning for Z3.
            TooLarge: a power is too high.
        """
        if tree[0] == "and":
            return z3.And([self.statement(part) for part in tree[1:]])
        return self.term(tree)

    def term(self, tree: Tree) -> Term:
        """Return the term of any tree."""
        head = tree[0]
        if head == "num":
            return _numeral(Fraction(tree[1]))
        if head == "sym":
            return self.name(tree[1])
        if head.startswith("@"):
            return self.applied(tree)
        if head in QUANTIFIERS:
            return self.quantified(tree)
        if head in _CONNECTIVES:
            self.inside += 1
            parts = [self.term(part) for part in tree[1:]]
            self.inside -= 1
            return _CONNECTIVES[head](parts)
        if head in ("in", "card", "/", "^"):
            return self.special(tree)
        return _APPLIED[head]([self.term(part) for part in tree[1:]])

    def name(self, name: str) -> Term:
        """Return the term of a name."""
        if name in ("true", "false"):
            return z3.BoolVal(name == "true")
        if name in self.bound:
            return self.bound[name]
        sort = z3.IntSort() if name in self.sorts.integers else self.sort(f"name:{name}")
        return z3.Const(name, sort)

    def sort(self, key: str) -> Term:
        """Return the Z3 sort of a key."""
        found = self.sorts.of(key)
        if found == TRUTH:
            return z3.BoolSort()
        return z3.RealSort() if found == NUMBER else z3.DeclareSort(THING_SORT)

    def function(self, name: str) -> Term:
        """Return an uninterpreted predicate or function."""
        places = [self.sort(f"arg:{name}:{place}") for place in range(self.sorts.arities[name])]
        return z3.Function(name, *places, self.sort(f"out:{name}"))

    def applied(self, tree: Tree) -> Term:
        """Return the term of an uninterpreted predicate or function."""
        function = self.function(tree[0][1:])
        parts = [self.term(part) for part in tree[1:]]
        for place, part in enumerate(parts):
            if function.domain(place) == z3.RealSort():
                parts[place] = _real(part)
        return function(*parts)

    def quantified(self, tree: Tree) -> Term:
        """Return the term of a quantified statement; the name in Z3 is one that no name of the language has."""
        head, (_, name), body = tree
        variable = z3.Const(f"{name}!{len(self.bound)}", self.sort(bound_key(tree)))
        outer = self.bound
        self.bound = {**outer, name: variable}
        self.inside += 1
        inner = self.term(body)
        self.inside -= 1
        self.bound = outer
        return (z3.ForAll if head == "forall" else z3.Exists)([variable], inner)

    def special(self, tree: Tree) -> Term:
        """Return the term of what is more than its parts: membership, size of a set, quotient, power."""
        match tree[0]:
            case "in":
                return self.member(self.term(tree[1]), tree[2])
            case "card":
                return _different([self.term(part) for part in tree[1][1:]])
            case "/":
                return self.quotient(tree[1], tree[2])
            case _:
                return self.power(tree[1], tree[2])

    def member(self, element: Term, collection: Tree) -> Term:
        """Return the term that says that something is in a written set or in an interval."""
        parts = [self.term(part) for part in collection[1:]]
        if collection[0] == "set":
            return z3.Or([element == part for part in parts])
        low, high = parts
        above = element >= low if collection[0][1] == "c" else element > low
        return z3.And(above, element <= high if collection[0][2] == "c" else element < high)

    def quotient(self, above: Tree, below: Tree) -> Term:
        """Return the term of a quotient of reals."""
        divisor = self.term(below)
        value = z3.simplify(divisor)
        if not z3.is_rational_value(value) and not z3.is_int_value(value):
            if self.inside:
                raise Unsupported("a divisor that may be 0 inside a condition")
            self.divisors.append(divisor)
            self.divisor_trees.append(below)
        elif _fraction(value) == 0:
            raise Unsupported("a division by 0")
        return _real(self.term(above)) / _real(divisor)

    def power(self, base: Tree, exponent: Tree) -> Term:
        """Return the term of a power with a small written exponent."""
        if exponent[0] != "num" or "/" in exponent[1] or exponent[1].startswith("-"):
            raise Unsupported("a power with an exponent that is not a whole number")
        if len(exponent[1]) > 4 or int(exponent[1]) > MAX_POWER:
            raise TooLarge
        value = self.term(base)
        return _product([value] * int(exponent[1])) if int(exponent[1]) else z3.IntVal(1)


def _numeral(value: Fraction) -> Term:
    return z3.IntVal(value.numerator) if value.denominator == 1 else z3.RealVal(value)


def _fraction(value: Term) -> Fraction:
    return Fraction(value.as_string()) if z3.is_int_value(value) else value.as_fraction()


def _real(term: Term) -> Term:
    return z3.ToReal(term) if term.is_int() else term


def _whole(term: Term) -> Term:
    """Return the greatest integer up to ``term``."""
    return term if term.is_int() else z3.ToInt(term)


def _integer(term: Term) -> Term:
    return z3.BoolVal(True) if term.is_int() else z3.IsInt(term)


def _multiple(term: Term, modulus: Term, rest: int = 0) -> Term:
    """Return the term that says that ``term`` is an integer that leaves ``rest`` by a written modulus."""
    if not z3.is_int_value(modulus) or modulus.as_long() <= 0:
        raise Unsupported("a modulus that is not a whole number above 0")
    return z3.And(_integer(term), _whole(term) % modulus == rest)


def _remainder(parts: list[Term]) -> Term:
    term, modulus = parts
    if not term.is_int() or not z3.is_int_value(modulus) or modulus.as_long() <= 0:
        raise Unsupported("a remainder of what is not known to be a whole number")
    return term % modulus


def _different(parts: list[Term]) -> Term:
    """Return how many different values ``parts`` have."""
    new = [z3.And([part != before for before in parts[:place]]) for place, part in enumerate(parts)]
    return z3.Sum([z3.If(term, z3.IntVal(1), z3.IntVal(0)) for term in new])


def _extreme(parts: list[Term], greater: bool) -> Term:
    best = parts[0]
    for part in parts[1:]:
        best = z3.If((part >= best) if greater else (part <= best), part, best)
    return best


def _product(parts: list[Term]) -> Term:
    value = parts[0]
    for part in parts[1:]:
        value = value * part
    return value


_CONNECTIVES: Final[dict[str, Callable[[list[Term]], Term]]] = {
    "and": z3.And,
    "or": z3.Or,
    "not": lambda p: z3.Not(p[0]),
    "->": lambda p: z3.Implies(p[0], p[1]),
    "<->": lambda p: p[0] == p[1],
    "xor": lambda p: z3.Xor(p[0], p[1]),
}
_APPLIED: Final[dict[str, Callable[[list[Term]], Term]]] = {
    "=": lambda p: p[0] == p[1],
    "!=": lambda p: p[0] != p[1],
    "<": lambda p: p[0] < p[1],
    "<=": lambda p: p[0] <= p[1],
    ">": lambda p: p[0] > p[1],
    ">=": lambda p: p[0] >= p[1],
    "+": z3.Sum,
    "*": _product,
    "neg": lambda p: -p[0],
    "abs": lambda p: z3.If(p[0] >= 0, p[0], -p[0]),
    "floor": lambda p: _whole(p[0]),
    "ceil": lambda p: -_whole(-p[0]),
    "min": lambda p: _extreme(p, greater=False),
    "max": lambda p: _extreme(p, greater=True),
    "mod": _remainder,
    "integer": lambda p: _integer(p[0]),
    "even": lambda p: _multiple(p[0], z3.IntVal(2)),
    "odd": lambda p: _multiple(p[0], z3.IntVal(2), 1),
    "divides": lambda p: _multiple(p[1], p[0]),
    "cong": lambda p: _multiple(p[0] - p[1], p[2]),
}
