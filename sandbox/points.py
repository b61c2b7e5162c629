"""Decide statements at single points, and choose the points at which a general statement is tried."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import islice, product, zip_longest
from math import gcd
from random import Random
from typing import Final

import enclosure as en
from arithmetic import Value, compare, is_real
from enclosure import NotReal, Undefined, Unsupported
from numeric import Evaluation
from trees import CONNECTIVES, INTERVALS, RELATIONS, Tree, walk

Point = dict[str, Fraction]

_WRITTEN: Final = "2 3 -1 1/2 -1/2 5 -2 100 1 0 3/2 -3 7 1/3 -7/3 10 -1/10 9/10 1/5 4 -5 25/7 -3/4 100/3 -200 1/50"
_NICE: Final = tuple(Fraction(text) for text in _WRITTEN.split())
"""Values tried for a real name, the ones a person would try first; both signs, both sides of 1."""
_WHOLE: Final = tuple(Fraction(n) for n in (2, 3, 1, 4, 5, 6, 7, 8, 10, 12, 15))
"""Values tried for a name that counts: people rarely mean zero or negative numbers there."""
_COUNTING: Final = frozenset({"!", "binom", "perm", "gcd", "lcm", "mod", "even", "odd", "divides", "cong", "prime"})
_SMALL_PRIME_LIMIT: Final = 2**64  # below it SymPy's test is proved


def holds(tree: Tree, run: Evaluation) -> bool | None:
    """Say whether ``tree`` holds where ``run`` evaluates; None if the enclosures cannot tell.

    Raises:
        Undefined: a side of a relation has no value there.
        Unsupported: it is no statement about numbers.
    """
    head = tree[0]
    if head in RELATIONS:
        return relation(head, run.value(tree[1]), run.value(tree[2]), run)
    if head in CONNECTIVES:
        return _connective(tree, run)
    if head == "sym" and tree[1] in ("true", "false"):
        return bool(tree[1] == "true")
    test = _PREDICATES.get(head)
    if test is None:
        raise Unsupported(f"{head} is not a statement about numbers")
    return test(tree, run)


def relation(head: str, left: Value, right: Value, run: Evaluation) -> bool | None:
    """Compare two values.

    Raises:
        NotReal: an order is asked of numbers that are not real.
    """
    if head in ("=", "~", "!="):
        same = compare(run, left, right).same
        return None if same is None else same is (head != "!=")
    if not (is_real(left) and is_real(right)):
        raise NotReal("an order between complex numbers")
    less = en.below(run.as_real(left), run.as_real(right), run.prec)
    if less is None:
        return None
    if not less and compare(run, left, right).same:
        return head in ("<=", ">=")
    more = en.below(run.as_real(right), run.as_real(left), run.prec)
    if more is None:
        return None
    return less if head in ("<", "<=") else more


def _connective(tree: Tree, run: Evaluation) -> bool | None:
    parts = [_or_false(a, run) for a in tree[1:]]
    match tree[0]:
        case "and":
            return False if False in parts else None if None in parts else True
        case "or":
            return True if True in parts else None if None in parts else False
        case "not":
            return None if parts[0] is None else not parts[0]
        case "->":
            parts[0] = None if parts[0] is None else not parts[0]
            return True if True in parts else None if None in parts else False
        case _:
            return None if None in parts else (parts[0] == parts[1]) is (tree[0] == "<->")


def _or_false(tree: Tree, run: Evaluation) -> bool | None:
    """Decide a part of a statement; where it has no value, it does not hold."""
    try:
        return holds(tree, run)
    except Undefined:
        return False


def _member(tree: Tree, run: Evaluation) -> bool | None:
    return contains(tree[2], run.value(tree[1]), run)


def contains(region: Tree, value: Value, run: Evaluation) -> bool | None:
    """Say whether ``value`` lies in a set written with braces, intervals, unions and intersections."""
    head = region[0]
    if head == "set":
        found = [relation("=", value, run.value(a), run) for a in region[1:]]
        return True if True in found else None if None in found else False
    if head in INTERVALS:
        parts = [
            _end_relation(region[1], "<" if head in ("ioo", "ioc") else "<=", value, run),
            _end_relation(region[2], ">" if head in ("ioo", "ico") else ">=", value, run),
        ]
        return False if False in parts else None if None in parts else True
    if head in ("union", "intersect"):
        parts = [contains(a, value, run) for a in region[1:]]
        first = head == "union"
        return first if first in parts else None if None in parts else not first
    raise Unsupported(f"{head} is not a set of numbers")


def _end_relation(end: Tree, head: str, value: Value, run: Evaluation) -> bool | None:
    """Compare an end of an interval with ``value``; an infinite end never excludes."""
    inner = end[1] if end[0] == "neg" else end
    if inner == ["sym", "oo"]:
        return (end[0] == "neg") is head.startswith("<")
    return relation(head, run.value(end), value, run)


def _integers(tree: Tree, run: Evaluation) -> list[int]:
    found = [en.whole(run.real(a)) for a in tree[1:]]
    numbers = [n for n in found if n is not None]
    if len(numbers) != len(found):
        raise Undefined("a whole number is needed")
    return numbers


def _divides(tree: Tree, run: Evaluation) -> bool:
    divisor, value = _integers(tree, run)
    if divisor == 0:
        raise Undefined("divisibility by zero")
    return value % divisor == 0


def _congruent(tree: Tree, run: Evaluation) -> bool:
    left, right, modulus = (run.real(a) for a in tree[1:])
    m = en.whole(modulus)
    if not isinstance(left, Fraction) or not isinstance(right, Fraction) or m is None:
        raise Undefined("whole numbers are needed")
    if m == 0 or gcd(left.denominator * right.denominator, m) != 1:
        raise Undefined("a congruence modulo zero, or a fraction that has no inverse")
    return (left - right).numerator % m == 0  # a/b means a times the inverse of b


def _prime(tree: Tree, run: Evaluation) -> bool:
    import sympy

    (n,) = _integers(tree, run)
    if n > _SMALL_PRIME_LIMIT:
        raise Unsupported("a prime of this size at a trial point")
    return bool(sympy.isprime(n))


def _integer(tree: Tree, run: Evaluation) -> bool | None:
    value = run.real(tree[1])
    return en.whole(value) is not None if isinstance(value, Fraction) else None


_PREDICATES: Final[dict[str, Callable[[Tree, Evaluation], bool | None]]] = {
    "in": _member,
    "divides": _divides,
    "cong": _congruent,
    "prime": _prime,
    "integer": _integer,
    "even": lambda tree, run: _integers(tree, run)[0] % 2 == 0,
    "odd": lambda tree, run: _integers(tree, run)[0] % 2 == 1,
}


def counting_names(trees: list[Tree]) -> frozenset[str]:
    """Return the names that stand inside counting heads or bound a sum: they mean whole numbers."""
    found: set[str] = set()
    for tree in trees:
        for node in walk(tree):
            inside = node[1:] if node[0] in _COUNTING else node[3:5] if node[0] in ("sum", "prod") else []
            for part in inside:
                found |= {n[1] for n in walk(part) if n[0] == "sym"}
    return frozenset(found)


def candidates(names: list[str], whole: frozenset[str], extra: list[Fraction], limit: int) -> Iterator[Point]:
    """Yield up to ``limit`` points, the plainest first, always the same ones.

    Args:
        names: the names that need a value.
        whole: those that mean whole numbers.
        extra: numbers near which the statement may change (from its conditions).
        limit: most points to yield.
    """
    reals = tuple(_mixed(_near(extra), _NICE))
    pools: Mapping[str, tuple[Fraction, ...]] = {n: _WHOLE if n in whole else reals for n in names}
    if len(names) <= 1:
        yield from ({n: v for n in names} for v in islice(pools[names[0]] if names else (), limit))
        return
    yield from islice(_spread(names, pools), limit)


def _mixed(first: Iterable[Fraction], second: Iterable[Fraction]) -> Iterator[Fraction]:
    """Yield the values of both in turn, each once."""
    seen: set[Fraction] = set()
    for pair in zip_longest(second, first):
        for value in pair:
            if value is not None and value not in seen:
                seen.add(value)
                yield value


def _near(extra: list[Fraction]) -> list[Fraction]:
    found: list[Fraction] = []
    for value in extra[:12]:
        found += [value + step for step in (Fraction(1), Fraction(-1), Fraction(1, 7), Fraction(-1, 7), Fraction(0))]
    for low, high in product(extra[:6], repeat=2):
        if low < high:
            found.append((low + high) / 2)
    return found


def _spread(names: list[str], pools: Mapping[str, tuple[Fraction, ...]]) -> Iterator[Point]:
    for shift in range(3):  # different small values first: equal ones hide errors such as x + y for 2*x
        yield {n: pools[n][(i + shift) % len(pools[n])] for i, n in enumerate(names)}
    choose = Random(20240501)
    while True:
        yield {n: choose.choice(pools[n]) for n in names}
