"""Families of small programs with simple dynamic programming or recursion over nested lists."""

import random
from functools import cache
from itertools import combinations, pairwise, product
from typing import Any, Final

from genverify.data.code.drafts import Draft, many, numbers, word


def _coins(rng: random.Random) -> Draft:
    kind = rng.choice(["ways", "fewest"])
    ways = """
def f(xs, t):
    ways = [0] * (t + 1)
    ways[0] = 1
    for x in xs:
        for a in range(x, t + 1):
            ways[a] += ways[a - x]
    return ways[t]"""
    fewest = """
def f(xs, t):
    best = [0] + [-1] * t
    for a in range(1, t + 1):
        for x in xs:
            if x <= a and best[a - x] >= 0:
                n = best[a - x] + 1
                if best[a] == -1 or n < best[a]:
                    best[a] = n
    return best[t]"""

    def oracle(xs: list[int], t: int) -> int:
        fits = [
            sum(v)
            for v in product(*(range(t // x + 1) for x in xs))
            if sum(n * x for n, x in zip(v, xs, strict=True)) == t
        ]
        return len(fits) if kind == "ways" else min(fits, default=-1)

    def draw() -> tuple[list[int], int]:
        return sorted(rng.sample(range(1, 8), rng.randint(1, 3))), rng.randint(3, 12)

    words = (
        "in how many ways coins with the different values in `xs` "
        "can be put together to the amount `t`; order does not count"
        if kind == "ways"
        else "the fewest coins with the values in `xs` that make the amount `t`, or -1 if none do"
    )
    return Draft(
        f"coins: {kind}",
        ("coins", "pay", "coin_change"),
        f"returns {words}; each coin may be used any number of times",
        ways if kind == "ways" else fewest,
        oracle,
        many(draw, 7, ([2], 0), ([2], 3), ([1, 2, 5], 5)),
    )


def _climbing(rng: random.Random) -> Draft:
    one, two = rng.choice([(1, 2), (1, 3), (2, 3), (1, 4), (2, 5)])
    third = rng.random() < 0.3
    steps = (one, two, two + 1) if third else (one, two)
    adds = "\n".join(f"        if i >= {s}:\n            ways[i] += ways[i - {s}]" for s in steps)
    source = f"""
def f(n):
    ways = [0] * (n + 1)
    ways[0] = 1
    for i in range(1, n + 1):
{adds}
    return ways[n]"""

    @cache
    def oracle(n: int) -> int:
        return 1 if n == 0 else sum(oracle(n - s) for s in steps if s <= n)

    said = ", ".join(map(str, steps[:-1])) + f" or {steps[-1]}"
    return Draft(
        "climbing",
        ("climb", "ways_up", "count_ways"),
        f"returns in how many ways a stair of `n` steps can be climbed when one takes "
        f"{said} steps at a time, in any order",
        source,
        oracle,
        tuple((n,) for n in (0, 1, 2, 3, 5, 7, 9)),
    )


def _best_subset(rng: random.Random) -> Draft:
    kind = rng.choice(["block", "apart", "rising"])
    block = """
def f(xs):
    best = xs[0]
    cur = xs[0]
    for x in xs[1:]:
        cur = max(x, cur + x)
        best = max(best, cur)
    return best"""
    apart = """
def f(xs):
    a = 0
    b = 0
    for x in xs:
        a, b = b, max(b, a + x)
    return b"""
    rising = """
def f(xs):
    ways = []
    for i in range(len(xs)):
        best = 1
        for j in range(i):
            if xs[j] < xs[i]:
                best = max(best, ways[j] + 1)
        ways.append(best)
    return max(ways, default=0)"""
    words = {
        "block": "the largest sum of one or more neighbours in the list `xs`, which is not empty",
        "apart": "the largest sum of numbers of the list `xs` of which no two are neighbours (0 if none is chosen)",
        "rising": "how many numbers of the list `xs` can be kept at most "
        "so that each is greater than the one kept before it",
    }[kind]

    def oracle(xs: list[int]) -> int:
        places = range(len(xs))
        if kind == "block":
            return max(sum(xs[i : j + 1]) for i in places for j in places if i <= j)
        chosen = [c for size in range(len(xs) + 1) for c in combinations(places, size)]
        if kind == "apart":
            return max(sum(xs[i] for i in c) for c in chosen if all(b - a > 1 for a, b in pairwise(c)))
        return max(len(c) for c in chosen if all(xs[a] < xs[b] for a, b in pairwise(c)))

    low = 0 if kind == "apart" else -6
    fixed = ([5],) if kind == "block" else ([],)
    return Draft(f"best choice: {kind}", ("best_choice", "best_total", "optimum"), f"returns {words}",
                 {"block": block, "apart": apart, "rising": rising}[kind], oracle,
                 many(lambda: (numbers(rng, 3, 7, low, 9),), 7, fixed, ([3, 1, 2],)))  # fmt: skip


def _edit_distance(rng: random.Random) -> Draft:
    common = rng.random() < 0.5
    source = f"""
def f(s, t):
    grid = [[0] * (len(t) + 1) for a in range(len(s) + 1)]
    for i in range(len(s) + 1):
        for j in range(len(t) + 1):
            if i == 0 or j == 0:
                grid[i][j] = {"0" if common else "i + j"}
            elif s[i - 1] == t[j - 1]:
                grid[i][j] = grid[i - 1][j - 1]{" + 1" if common else ""}
            else:
                grid[i][j] = {"max" if common else "1 + min"}(grid[i - 1][j], grid[i][j - 1])
    return grid[len(s)][len(t)]"""
    words = (
        "the length of the longest text whose characters stand in "
        "both `s` and `t` in its order, perhaps with others between"
        if common
        else "how many characters have to be taken out or put in, one at a time, to turn the text `s` into `t`"
    )

    def oracle(s: str, t: str) -> int:
        parts = {"".join(c) for n in range(len(s) + 1) for c in combinations(s, n)}
        shared = max(len(c) for n in range(len(t) + 1) for c in combinations(t, n) if "".join(c) in parts)
        return shared if common else len(s) + len(t) - 2 * shared

    return Draft(
        "common subsequence" if common else "edit distance",
        ("compare_texts", "distance", "align"),
        f"returns {words}",
        source,
        oracle,
        many(lambda: (word(rng, 1, 5, "abcd"), word(rng, 1, 5, "abcd")), 7, ("", "ab"), ("abc", "abc")),
    )


def _nested(rng: random.Random) -> Draft:
    kind = rng.choice(["flatten", "sum", "depth"])
    deep = rng.random() < 0.5 and kind == "sum"
    more, deeper, times = (", k", ", k + 1", " * k") if deep else ("", "", "")
    source = {
        "flatten": """
def f(xs):
    out = []
    for x in xs:
        if isinstance(x, list):
            out.extend(f(x))
        else:
            out.append(x)
    return out""",
        "sum": f"""
def f(xs{more}):
    total = 0
    for x in xs:
        if isinstance(x, list):
            total += f(x{deeper})
        else:
            total += x{times}
    return total""",
        "depth": """
def f(xs):
    best = 0
    for x in xs:
        if isinstance(x, list):
            best = max(best, f(x))
    return best + 1""",
    }[kind]
    words = {
        "flatten": "one list of all numbers in `xs`, a list of numbers and of such lists, in their order",
        "sum": "the sum of all numbers in `xs`, a list of numbers and of such lists"
        + (", each times its depth, where the depth of the numbers in `xs` itself is `k`" if deep else ""),
        "depth": "how deeply the lists in `xs`, a list of numbers and of "
        "such lists, are nested; a list without lists has depth 1",
    }[kind]

    def made(level: int) -> list[Any]:
        return [
            made(level - 1) if level and rng.random() < 0.4 else rng.randint(0, 9) for _ in range(rng.randint(0, 4))
        ]

    def walk(xs: list[Any], level: int) -> list[tuple[int, int]]:
        return [pair for x in xs for pair in (walk(x, level + 1) if type(x) is list else [(x, level)])]

    def oracle(xs: list[Any], k: int = 1) -> object:
        pairs = walk(xs, k)
        if kind == "depth":
            text, level, deepest = str(xs), 0, 0
            for c in text:
                level += (c == "[") - (c == "]")
                deepest = max(deepest, level)
            return deepest
        return [x for x, _ in pairs] if kind == "flatten" else sum(x * (level if deep else 1) for x, level in pairs)

    fixed: tuple[Any, ...] = (([], 1), ([1, [2, [3]]], 1)) if deep else (([],), ([1, [2, [3]], 4],))
    return Draft(f"nested: {kind}", ("walk", "nested_info", "dig"), f"returns {words}", source, oracle,
                 many(lambda: (made(3), *((rng.randint(1, 2),) if deep else ())), 7, *fixed))  # fmt: skip


FAMILIES: Final = (_coins, _climbing, _best_subset, _edit_distance, _nested)
"""All of this file."""
