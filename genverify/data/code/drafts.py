"""A small programming task with its solution: what families of them are made of, and the names they are written in."""

import ast
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

Values = list[int]


@dataclass(frozen=True, slots=True)
class Draft:
    """One task of a family: its constants and variant are drawn, its names are still the family's own."""

    family: str
    names: tuple[str, ...]
    """Names that the function may have; the source calls it ``f``."""
    words: str
    """What the function returns, as it goes on after "Write a function that": ``returns the sum of `xs```."""
    source: str
    """The solution."""
    oracle: Callable[..., Any]
    """The right answer, worked out in another way."""
    cases: tuple[tuple[Any, ...], ...]
    """Arguments to test it with."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A property of whole numbers: in words that follow "numbers", as code about ``x``, and as a function."""

    words: str
    code: str
    holds: Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Mapping:
    """What is made of a whole number: in words, as code about ``x``, and as a function."""

    words: str
    code: str
    of: Callable[[int], int]


def condition(rng: random.Random) -> Condition:
    """Draw a condition."""
    k, low, digit = rng.randint(2, 9), rng.randint(-4, 12), rng.randint(0, 9)
    high = low + rng.randint(3, 14)
    return rng.choice(
        [
            Condition(f"that are divisible by {k}", f"x % {k} == 0", lambda v: v % k == 0),
            Condition(f"that are not divisible by {k}", f"x % {k} != 0", lambda v: v % k > 0),
            Condition(f"greater than {low}", f"x > {low}", lambda v: low < v),
            Condition(f"of at least {low}", f"x >= {low}", lambda v: not v < low),
            Condition(f"less than {high}", f"x < {high}", lambda v: high > v),
            Condition(f"of at most {high}", f"x <= {high}", lambda v: not v > high),
            Condition(f"between {low} and {high} (both included)", f"{low} <= x and x <= {high}",
                      lambda v: v in range(low, high + 1)),
            Condition(f"below {low} or above {high}", f"x < {low} or x > {high}",
                      lambda v: v not in range(low, high + 1)),
            Condition("that are odd", "x % 2 == 1", lambda v: v & 1 == 1),
            Condition("that are even", "x % 2 == 0", lambda v: v & 1 == 0),
            Condition(f"whose last digit is {digit}", f"abs(x) % 10 == {digit}", lambda v: str(v)[-1] == str(digit)),
            Condition("that are positive", "x > 0", lambda v: v >= 1),
        ]
    )  # fmt: skip


def mapping(rng: random.Random) -> Mapping:
    """Draw something to make of a number."""
    a, b, k = rng.randint(2, 6), rng.randint(1, 9), rng.randint(3, 7)
    return rng.choice(
        [
            Mapping("the square of x", "x * x", lambda v: v**2),
            Mapping(f"{a} times x", f"{a} * x", lambda v: v * a),
            Mapping(f"{a}x + {b}", f"{a} * x + {b}", lambda v: v * a + b),
            Mapping(f"{a}x - {b}", f"{a} * x - {b}", lambda v: v * a - b),
            Mapping("the absolute value of x", "abs(x)", lambda v: max(v, -v)),
            Mapping(f"the remainder of x when divided by {k}", f"x % {k}", lambda v: v - k * (v // k)),
            Mapping(f"the distance between x and {b}", f"abs(x - {b})", lambda v: max(v - b, b - v)),
        ]
    )


def numbers(rng: random.Random, least: int = 0, most: int = 8, low: int = -9, high: int = 20) -> Values:
    """Draw whole numbers, some of them twice."""
    found = [rng.randint(low, high) for _ in range(rng.randint(least, most))]
    if len(found) > 2 and rng.random() < 0.4:
        found[rng.randrange(len(found))] = found[0]
    return found


_VOWELS: Final = "aeiou"


def word(rng: random.Random, least: int = 1, most: int = 8, letters: str = "") -> str:
    """Draw a word that can be spoken."""
    length = rng.randint(least, most)
    return "".join(rng.choice(letters or (_VOWELS if i % 2 else "bcdklmnprst")) for i in range(length))


def sentence(rng: random.Random, least: int = 0, most: int = 6) -> str:
    """Draw words with blanks between them."""
    return " ".join(word(rng, 1, 7) for _ in range(rng.randint(least, most)))


_POOL: Final = {
    "xs": "numbers values items nums data entries".split(),
    "ys": "others second_list more_values right_side".split(),
    "x": "x value item num v entry".split(),
    "y": "y other w".split(),
    "n": "n number size m".split(),
    "k": "k step width amount".split(),
    "t": "t target wanted goal".split(),
    "i": "i index pos".split(),
    "j": "j inner k2".split(),
    "s": "s text line phrase".split(),
    "c": "c char letter ch".split(),
    "ws": "words terms tokens names".split(),
    "w": "word term token name".split(),
    "d": "counts table lookup tally".split(),
    "key": "key label tag".split(),
    "grid": "grid rows board matrix".split(),
    "row": "row line_values current_row".split(),
    "total": "total result acc summed".split(),
    "out": "out output collected found".split(),
    "best": "best top record leader".split(),
    "cur": "current running streak now".split(),
    "prev": "previous last before".split(),
    "lo": "low left start".split(),
    "hi": "high right end".split(),
    "mid": "mid middle half".split(),
    "a": "a first p".split(),
    "b": "b second q".split(),
    "ways": "ways memo cells dp".split(),
    "stack": "stack pending opened".split(),
    "level": "level depth balance amount_now".split(),
}


def named(draft: Draft, rng: random.Random) -> tuple[str, str, str]:
    """Draw names and return the function's name, the source and the words with them; the source as Python prints it."""
    tree = ast.parse(draft.source)
    used = {n.arg if isinstance(n, ast.arg) else n.id for n in ast.walk(tree) if isinstance(n, ast.arg | ast.Name)}
    chosen = {"f": rng.choice(draft.names)}
    for name in sorted(used & _POOL.keys()):
        taken = {*chosen.values(), *(used - _POOL.keys())}
        chosen[name] = rng.choice([option for option in _POOL[name] if option not in taken])
    if rng.random() < 0.3:
        tree = _Long().visit(tree)
    source = ast.unparse(ast.fix_missing_locations(_Names(chosen).visit(tree)))
    words = re.sub(r"`(\w+)`", lambda m: f"`{chosen.get(m[1], m[1])}`", draft.words)
    return chosen["f"], source, words


class _Names(ast.NodeTransformer):
    """Puts names in the place of others."""

    def __init__(self, chosen: dict[str, str]) -> None:
        self._chosen = chosen

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._chosen.get(node.name, node.name)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._chosen.get(node.arg, node.arg)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._chosen.get(node.id, node.id)
        return node


class _Long(ast.NodeTransformer):
    """Writes ``x += y`` as ``x = x + y``."""

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if not isinstance(node.target, ast.Name):
            return node
        return ast.Assign([node.target], ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value))


def many(draw: Callable[[], tuple[Any, ...]], count: int, *fixed: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    """Return ``fixed`` cases and drawn ones, no case twice."""
    found = list(fixed)
    for _ in range(4 * count):
        if len(found) >= count + len(fixed):
            break
        case = draw()
        if case not in found:
            found.append(case)
    return tuple(found)


def shuffled(rng: random.Random, items: Sequence[Any]) -> list[Any]:
    """Return the items in another order."""
    return rng.sample(list(items), len(items))
