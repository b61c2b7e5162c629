"""The sort of every name and uninterpreted head of some statements: truth value, number or thing, by how they are used.

A name without any such use is a thing where the statements speak of predicates or quantify, and else a number.
"""

from dataclasses import dataclass, field
from typing import Final

from enclosure import Unsupported
from trees import CONNECTIVES, CONSTANTS, Tree

TRUTH: Final = "a statement"
NUMBER: Final = "a number"
THING: Final = "a thing"
ORDERS: Final = frozenset({"<", "<=", ">", ">="})
ARITHMETIC: Final = frozenset({"+", "*", "/", "^", "neg", "abs", "floor", "ceil", "min", "max", "mod"})
NUMBER_FACTS: Final = frozenset({"integer", "even", "odd", "divides", "cong"})
"""Predicates of numbers; a given that states one of a name makes the name an integer."""
QUANTIFIERS: Final = frozenset({"forall", "exists"})
_INTERVALS: Final = frozenset({"ioo", "icc", "ioc", "ico"})

Scope = dict[str, str]
"""Bound names with the key of their sort."""


@dataclass(slots=True)
class Sorts:
    """What the statements read so far say about sorts: keys joined to groups, and the sort of a group once known."""

    parents: dict[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    arities: dict[str, int] = field(default_factory=dict)
    free: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    integers: set[str] = field(default_factory=set)
    """Names that a given says are integers."""

    def read(self, tree: Tree, given: bool) -> None:
        """Take one statement into account.

        Raises:
            Unsupported: a name is used in two ways, or something has no meaning for Z3.
        """
        self.expect(tree, TRUTH, {})
        if given:
            self.integers |= _stated_integers(tree)

    def finish(self) -> None:
        """Check what only the whole shows, and give the rest of the names their sort.

        Raises:
            Unsupported: a name is used in two ways.
        """
        both = sorted(self.free & self.bound)
        if both:
            raise Unsupported(f"{both[0]} is used both as a name of its own and for any thing")
        both = sorted(self.free & set(self.arities))
        if both:
            raise Unsupported(f"{both[0]} is used both as a name and as a predicate")
        rest = THING if self.arities or self.bound else NUMBER
        for key in list(self.parents):
            self.known.setdefault(self.root(key), rest)

    def of(self, key: str) -> str:
        """Return the sort of a key once all is read."""
        return self.known[self.root(key)]

    def root(self, key: str) -> str:
        """Return what stands for the group of ``key``."""
        parent = self.parents.setdefault(key, key)
        while parent != key:
            key, parent = parent, self.parents[parent]
        return key

    def join(self, left: str, right: str, what: str) -> None:
        """Say that two keys have one sort."""
        a, b = self.root(left), self.root(right)
        if a == b:
            return
        one, other = self.known.get(a), self.known.get(b)
        if one and other and one != other:
            raise Unsupported(f"{what} is used both as {one} and as {other}")
        self.parents[b] = a
        if other:
            self.known[a] = other

    def expect(self, tree: Tree, sort: str, scope: Scope) -> None:
        """Say that ``tree`` is of ``sort``."""
        key = self.key(tree, scope)
        self.join(key, self.constant(sort), _spoken(tree))

    def constant(self, sort: str) -> str:
        """Return the key of a sort itself."""
        key = f"sort:{sort}"
        self.known[self.root(key)] = sort
        return key

    def key(self, tree: Tree, scope: Scope) -> str:
        """Return the key of the sort of ``tree`` after taking in all that its parts say."""
        head = tree[0]
        if head == "num":
            return self.constant(NUMBER)
        if head == "sym":
            return self.name_key(tree[1], scope)
        if head.startswith("@"):
            return self.applied_key(tree, scope)
        if head in QUANTIFIERS:
            return self.quantified_key(tree, scope)
        return self.operator_key(tree, scope)

    def operator_key(self, tree: Tree, scope: Scope) -> str:
        """Return the key of the sort of what an operator or a known function gives."""
        head = tree[0]
        if head in CONNECTIVES:
            return self.all_of(tree[1:], TRUTH, scope, TRUTH)
        if head in ("=", "!="):
            self.join(self.key(tree[1], scope), self.key(tree[2], scope), _spoken(tree[1]))
            return self.constant(TRUTH)
        if head in ORDERS or head in NUMBER_FACTS:
            return self.all_of(tree[1:], NUMBER, scope, TRUTH)
        if head in ARITHMETIC:
            return self.all_of(tree[1:], NUMBER, scope, NUMBER)
        return self.collected_key(tree, scope)

    def collected_key(self, tree: Tree, scope: Scope) -> str:
        """Return the key of the size of a written set, or of membership in a set or an interval."""
        head = tree[0]
        if head == "card" and tree[1][0] == "set":
            self.alike(tree[1][1:], scope)
            return self.constant(NUMBER)
        if head == "in" and tree[2][0] in _INTERVALS:
            return self.all_of([tree[1], *tree[2][1:]], NUMBER, scope, TRUTH)
        if head == "in" and tree[2][0] == "set":
            self.alike([tree[1], *tree[2][1:]], scope)
            return self.constant(TRUTH)
        raise Unsupported(f"{head[:50]} is not decided by Z3 here")

    def name_key(self, name: str, scope: Scope) -> str:
        """Return the key of a name, bound or free."""
        if name in ("true", "false"):
            return self.constant(TRUTH)
        if name in CONSTANTS:
            raise Unsupported(f"{name} is not decided by Z3 here")
        if name in scope:
            return scope[name]
        self.free.add(name)
        return f"name:{name}"

    def applied_key(self, tree: Tree, scope: Scope) -> str:
        """Return the key of what a predicate or function gives, which is one for all its uses."""
        name, args = tree[0][1:], tree[1:]
        if self.arities.setdefault(name, len(args)) != len(args):
            raise Unsupported(f"{name} is used with {self.arities[name]} and with {len(args)} arguments")
        for place, arg in enumerate(args):
            self.join(f"arg:{name}:{place}", self.key(arg, scope), _spoken(arg))
        return f"out:{name}"

    def quantified_key(self, tree: Tree, scope: Scope) -> str:
        """Read the body with its name bound; each binding has a key of its own, found again by the tree's identity."""
        head, variable, body = tree
        if variable[0] != "sym" or variable[1] in CONSTANTS:
            raise Unsupported(f"{head} needs one plain name to bind")
        self.bound.add(variable[1])
        self.expect(body, TRUTH, {**scope, variable[1]: bound_key(tree)})
        self.root(bound_key(tree))
        return self.constant(TRUTH)

    def all_of(self, trees: list[Tree], sort: str, scope: Scope, result: str) -> str:
        """Say that ``trees`` are of ``sort`` and return the key of ``result``."""
        for tree in trees:
            self.expect(tree, sort, scope)
        return self.constant(result)

    def alike(self, trees: list[Tree], scope: Scope) -> str:
        """Say that ``trees`` are of one sort and return its key."""
        keys = [self.key(tree, scope) for tree in trees]
        if not keys:
            raise Unsupported("an empty set")
        for tree, key in zip(trees[1:], keys[1:], strict=True):
            self.join(keys[0], key, _spoken(tree))
        return keys[0]


def bound_key(tree: Tree) -> str:
    """Return the key of the name that a quantified tree binds; the trees live as long as the request."""
    return f"bound:{id(tree)}"


def _stated_integers(tree: Tree) -> set[str]:
    """Return the names that a given says, outside any condition, are integers."""
    if tree[0] == "and":
        return set().union(*(_stated_integers(part) for part in tree[1:]))
    if tree[0] not in NUMBER_FACTS:
        return set()
    # cong(a, b, m) and divides(m, x) are about integers, too; only a bare name is sure to be one itself
    return {part[1] for part in tree[1:] if part[0] == "sym"}


def _spoken(tree: Tree) -> str:
    return str(tree[1]) if tree[0] in ("sym", "num") else f"{tree[0].lstrip('@')}(...)"
