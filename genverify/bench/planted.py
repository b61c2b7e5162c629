"""A seed to solutions with one planted error of known kind and place, and right ones: a benchmark without a download.

Every number and every conclusion is computed exactly while a chain is made, so a right chain is right by construction.
After its error a chain goes on consistently from the wrong value, as models do; the label is the step of the error.

============ ==================== ==================================================================================
domain       kind                 the error
============ ==================== ==================================================================================
arithmetic   slip                 a result is wrong by 1 to 9
arithmetic   carry                a result is wrong by a power of ten
arithmetic   operation            another operation than the problem asks for, worked out rightly
arithmetic   copy                 a step goes on with a number other than the one before it
algebra      moved_sign           a term changes sides and keeps its sign
algebra      division             the last division is wrong
algebra      expansion            the middle term of a square is left out
algebra      factors              a sign in one of two factors is turned
algebra      lost_root            one of two roots is left out
logic        leap                 a category that does not follow
logic        negation             the opposite of what follows
code         value                a line of a trace gets a wrong value
code         stale                a line is worked out with an old value of its variable
============ ==================== ==================================================================================
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from genverify.bench import scorers
from genverify.bench.catalogue import Benchmark
from genverify.errors import UsageError

RIGHT: Final = "right"
BENCHMARK: Final = Benchmark(
    "planted", "Planted errors of known kind and place", "f1", scorers.located(), ("planted-*",), groups=True
)


@dataclass(frozen=True, slots=True)
class Chain:
    """A worked solution."""

    problem: str
    steps: tuple[str, ...]
    label: int
    """The step of the planted error, counted from 0; -1 without one."""


_Maker = Callable[[random.Random, str], Chain]
"""A generator of randomness and a kind, ``RIGHT`` or one of the table above, to a chain."""


def make(size: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield ``size`` rows in our common form: half of them right, domains and kinds in turn, drawn with ``seed``."""
    rng = random.Random(seed)
    for number in range(size):
        domain = DOMAINS[number // 2 % len(DOMAINS)]
        kinds = KINDS[domain]
        kind = RIGHT if number % 2 else kinds[number // (2 * len(DOMAINS)) % len(kinds)]
        chain = _MAKERS[domain](rng, kind)
        yield {
            "id": f"planted-{seed}-{number}",
            "problem": chain.problem,
            "steps": list(chain.steps),
            "label": chain.label,
            "meta": {"question_type": f"{domain}: {kind}"},
        }


def write(path: Path, rows: Iterator[dict[str, Any]]) -> Path:
    """Write rows as JSON lines and return ``path``.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in rows)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    return path


# --- arithmetic -----------------------------------------------------------------------------------------------------

_OPERATIONS: Final[dict[str, tuple[str, Callable[[int, int], int]]]] = {
    "add": ("+", lambda a, b: a + b),
    "subtract": ("-", lambda a, b: a - b),
    "multiply by": ("*", lambda a, b: a * b),
}


def _arithmetic(rng: random.Random, kind: str) -> Chain:
    """Make a chain of three to six operations on one running number."""
    count = rng.randint(3, 6)
    wrong_at = -1 if kind == RIGHT else rng.randrange(1 if kind == "copy" else 0, count)
    start = value = rng.randint(12, 99)
    asked, steps = [], []
    for place in range(count):
        word = rng.choice(sorted(_OPERATIONS))
        other = rng.randint(2, 9) if word == "multiply by" else rng.randint(11, 99)
        asked.append(f"{word} {other}")
        if place == wrong_at:
            text, value = _wrong_operation(rng, kind, value, word, other)
        else:
            sign, apply = _OPERATIONS[word]
            text, value = f"{value} {sign} {other} = {apply(value, other)}", apply(value, other)
        steps.append(text)
    problem = f"Start with {start}, then {', then '.join(asked)}. What is the result?"
    return Chain(problem, (*steps, f"The answer is {value}."), wrong_at)


def _wrong_operation(rng: random.Random, kind: str, value: int, word: str, other: int) -> tuple[str, int]:
    if kind == "operation":
        word = rng.choice(
            [w for w in sorted(_OPERATIONS) if _OPERATIONS[w][1](value, other) != _OPERATIONS[word][1](value, other)]
        )
    sign, apply = _OPERATIONS[word]
    if kind == "copy":
        value += rng.choice((-9, -1, 1, 9, 10))
    result = apply(value, other)
    if kind == "slip":
        result += rng.choice((-1, 1)) * rng.randint(1, 9)
    elif kind == "carry":
        result += rng.choice((-1, 1)) * 10 ** rng.randint(1, 2)
    return f"{value} {sign} {other} = {result}", result


# --- algebra --------------------------------------------------------------------------------------------------------


def _algebra(rng: random.Random, kind: str) -> Chain:
    """Make a linear equation, a square or a quadratic equation, worked out."""
    shapes = {"moved_sign": _linear, "division": _linear, "expansion": _square, "factors": _quadratic}
    shape = shapes.get(kind, _quadratic if kind == "lost_root" else rng.choice((_linear, _square, _quadratic)))
    return shape(rng, kind)


def _linear(rng: random.Random, kind: str) -> Chain:
    """Solve ``a x + b = c`` for a whole number; ``moved_sign`` keeps the sign of b."""
    a, x, b = rng.randint(2, 9), rng.randint(2, 15), rng.randint(2, 30)
    c = a * x + b
    moved = c + b if kind == "moved_sign" else c - b
    found = str(x + rng.choice((-1, 1, 2))) if kind == "division" else _quotient(moved, a)
    steps = (
        f"We start with {a}x + {b} = {c}.",
        f"Subtracting {b} from both sides gives {a}x = {moved}.",
        f"Dividing both sides by {a} gives x = {found}.",
    )
    return Chain(f"Solve {a}x + {b} = {c} for x.", steps, {"moved_sign": 1, "division": 2}.get(kind, -1))


def _quotient(numerator: int, denominator: int) -> str:
    return str(numerator // denominator) if numerator % denominator == 0 else f"{numerator}/{denominator}"


def _square(rng: random.Random, kind: str) -> Chain:
    """Expand ``(x + a)^2 + b``; ``expansion`` leaves out the middle term."""
    a, b = rng.randint(2, 12), rng.randint(1, 40)
    middle = "" if kind == "expansion" else f" + {2 * a}x"
    steps = (
        f"Expanding the square, (x + {a})^2 = x^2{middle} + {a * a}.",
        f"Adding {b}, we get x^2{middle} + {a * a} + {b} = x^2{middle} + {a * a + b}.",
    )
    return Chain(f"Expand (x + {a})^2 + {b}.", steps, 0 if kind == "expansion" else -1)


def _quadratic(rng: random.Random, kind: str) -> Chain:
    """Solve ``(x - r)(x - s) = 0``; ``factors`` turns a sign, ``lost_root`` names r alone."""
    r, s = rng.sample(range(1, 10), 2)
    left, sign = f"x^2 - {r + s}x + {r * s}", "+" if kind == "factors" else "-"
    other = -s if kind == "factors" else s
    roots = f"the only solution is x = {r}" if kind == "lost_root" else f"the solutions are x = {r} and x = {other}"
    steps = (f"Factoring the left side, {left} = (x - {r})(x {sign} {s}).", f"So {roots}.")
    return Chain(f"Find all solutions of {left} = 0.", steps, {"factors": 0, "lost_root": 1}.get(kind, -1))


# --- logic ----------------------------------------------------------------------------------------------------------

_CATEGORIES: Final = "wumpus yumpus zumpus dumpus rompus numpus tumpus vumpus impus jompus".split()
_NAMES: Final = "Alex Fae Max Polly Rex Sally Sam Stella Wren".split()


def _logic(rng: random.Random, kind: str) -> Chain:
    """Walk along rules "every A is a B"; rules that lead elsewhere stand among them."""
    length = rng.randint(2, 4)
    chain = rng.sample(_CATEGORIES, length + 3)
    chain, off = chain[: length + 1], chain[length + 1 :]
    name = rng.choice(_NAMES)
    rules = [f"Every {a} is {_a(b)}." for a, b in pairwise(chain)]
    rules.append(f"Every {off[0]} is {_a(off[1])}.")
    rng.shuffle(rules)
    wrong_at = -1 if kind == RIGHT else rng.randint(1, length)
    steps = [f"{name} is {_a(category)}." for category in chain]
    if kind == "leap":
        steps[wrong_at] = f"{name} is {_a(off[1])}."
    elif kind == "negation":
        steps[wrong_at] = f"{name} is not {_a(chain[wrong_at])}."
    if wrong_at >= 0:
        del steps[wrong_at + 1 :]
    question = f"Is it true that {name} is {_a(chain[-1])}?"
    return Chain(f"{' '.join(rules)} {name} is {_a(chain[0])}. {question}", tuple(steps), wrong_at)


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


# --- code -----------------------------------------------------------------------------------------------------------


def _code(rng: random.Random, kind: str) -> Chain:
    """Trace a program of assignments to two names, each line's value after it."""
    count = rng.randint(3, 5)
    values, before = {"a": rng.randint(2, 9), "b": rng.randint(2, 9)}, dict[str, int]()
    program = [f"{name} = {value}" for name, value in values.items()]
    steps: list[str] = []
    wrong_at = -1
    target = None if kind == RIGHT else rng.randrange(1 if kind == "stale" else 0, count)
    for place in range(count):
        # a stale value needs a name that was assigned before, and one whose old value differs
        source = next(iter(before), "a") if kind == "stale" and place == target else rng.choice("ab")
        name, number = rng.choice("ab"), rng.randint(2, 9)
        word = rng.choice(("add", "multiply by"))
        sign, apply = _OPERATIONS[word]
        used = before.get(source, values[source]) if kind == "stale" and place == target else values[source]
        result = apply(used, number)
        if kind == "value" and place == target:
            result += rng.choice((-1, 1)) * rng.randint(1, 9)
        if place == target:
            wrong_at = place if result != apply(values[source], number) else -1
        program.append(f"{name} = {source} {sign} {number}")
        steps.append(f"{name} = {source} {sign} {number} = {used} {sign} {number} = {result}")
        if values[name] != result:
            before[name] = values[name]
        values[name] = result
    lines = "\n".join(program)
    if kind != RIGHT and wrong_at < 0:
        return _code(rng, kind)  # the old value was no other: draw again
    return Chain(f"What are a and b after this program?\n{lines}", tuple(steps), wrong_at)


_MAKERS: Final[dict[str, _Maker]] = {"arithmetic": _arithmetic, "algebra": _algebra, "logic": _logic, "code": _code}
DOMAINS: Final = tuple(_MAKERS)
KINDS: Final = {
    "arithmetic": ("slip", "carry", "operation", "copy"),
    "algebra": ("moved_sign", "division", "expansion", "factors", "lost_root"),
    "logic": ("leap", "negation"),
    "code": ("value", "stale"),
}
"""The kinds of planted errors by domain."""
