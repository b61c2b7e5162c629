"""Families of small programs about dictionaries, grids, simple dynamic programming, nested lists and simulations."""

import random
from functools import cache
from itertools import combinations, product
from typing import Any, Final

from genverify.data.code_drafts import Draft, condition, many, numbers, shuffled, word


def _grid(rng: random.Random, low: int = 0, high: int = 9, square: bool = False) -> list[list[int]]:
    height = rng.randint(2, 4)
    width = height if square else rng.randint(2, 4)
    return [[rng.randint(low, high) for _ in range(width)] for _ in range(height)]


def grid_lines(rng: random.Random) -> Draft:
    kind = rng.choice(["row sums", "column sums", "best row", "best column"])
    low = rng.random() < 0.5
    sign, what = ("<", "smallest") if low else (">", "largest")
    column = "column" in kind
    head = ("for j in range(len(grid[0])):\n        total = 0\n        for i in range(len(grid)):\n            total += grid[i][j]"
            if column else "for i in range(len(grid)):\n        total = 0\n        for x in grid[i]:\n            total += x")  # fmt: skip
    place = "j" if column else "i"
    if "sums" in kind:
        source = f"def f(grid):\n    out = []\n    {head}\n        out.append(total)\n    return out"
        words = f"the list of the sums of the {'columns' if column else 'rows'} of `grid`"
    else:
        source = f"""
def f(grid):
    best = None
    k = -1
    {head}
        if best is None or total {sign} best:
            best = total
            k = {place}
    return k"""
        words = f"the index (from 0) of the {'column' if column else 'row'} of `grid` with the {what} sum, of several the first"

    def oracle(grid: list[list[int]]) -> Any:
        sums = list(map(sum, zip(*grid, strict=True) if column else grid))
        return sums if "sums" in kind else sums.index(min(sums) if low else max(sums))

    return Draft(f"grid: {kind}", ("grid_lines", "scan_grid", "line_sums"), f"returns {words}; `grid` is a list of rows of numbers, all of one length",
                 source, oracle, many(lambda: (_grid(rng),), 7, ([[3]],), ([[1, 2], [2, 1]],)))  # fmt: skip


def grid_turned(rng: random.Random) -> Draft:
    kind = rng.choice(["transpose", "right", "left", "mirror"])
    cell = {"transpose": "grid[i][j]", "right": "grid[len(grid) - 1 - i][j]", "left": "grid[i][len(grid[0]) - 1 - j]",
            "mirror": "grid[i][len(grid[0]) - 1 - j]"}[kind]  # fmt: skip
    if kind == "mirror":
        loops = ("i", "len(grid)", "j", "len(grid[0])")
    else:
        loops = ("j", "len(grid[0])", "i", "len(grid)")
    source = f"""
def f(grid):
    out = []
    for {loops[0]} in range({loops[1]}):
        row = []
        for {loops[2]} in range({loops[3]}):
            row.append({cell})
        out.append(row)
    return out"""
    words = {"transpose": "with its rows as columns", "right": "turned by a quarter to the right (clockwise)",
             "left": "turned by a quarter to the left (counterclockwise)", "mirror": "with each row in reverse order"}[kind]  # fmt: skip

    def oracle(grid: list[list[int]]) -> list[list[int]]:
        made = {"transpose": lambda: zip(*grid, strict=True), "right": lambda: zip(*grid[::-1], strict=True),
                "left": lambda: list(zip(*grid, strict=True))[::-1], "mirror": lambda: [row[::-1] for row in grid]}[kind]()  # fmt: skip
        return [list(row) for row in made]

    return Draft(f"grid: {kind}", ("turn_grid", "rearrange", "new_grid"), f"returns the grid `grid`, a list of rows of one length, {words}",
                 source, oracle, many(lambda: (_grid(rng),), 6, ([[1, 2, 3]],), ([[1], [2]],)))  # fmt: skip


def grid_count(rng: random.Random) -> Draft:
    kind = rng.choice(["neighbours", "diagonal", "condition"])
    c = condition(rng)
    if kind == "neighbours":
        source = """
def f(grid, i, j):
    total = 0
    for a in range(i - 1, i + 2):
        for b in range(j - 1, j + 2):
            if a == i and b == j:
                continue
            if a >= 0 and a < len(grid) and b >= 0 and b < len(grid[0]):
                total += grid[a][b]
    return total"""
        words = "the sum of the cells of `grid`, a list of rows of one length, that touch the cell in row `i`, column `j` (from 0), corners included"

        def oracle(grid: list[list[int]], i: int, j: int) -> int:
            near = [row[max(j - 1, 0) : j + 2] for row in grid[max(i - 1, 0) : i + 2]]
            return sum(map(sum, near)) - grid[i][j]

        def draw() -> tuple[Any, ...]:
            grid = _grid(rng)
            return grid, rng.randrange(len(grid)), rng.randrange(len(grid[0]))

        cases = many(draw, 8, ([[5]], 0, 0))
    elif kind == "diagonal":
        main = rng.random() < 0.5
        source = f"""
def f(grid):
    total = 0
    for i in range(len(grid)):
        total += grid[i][{"i" if main else "len(grid) - 1 - i"}]
    return total"""
        ends = "top left to bottom right" if main else "top right to bottom left"
        words = f"the sum of the diagonal from {ends} of the square grid `grid`, a list of rows"
        oracle = lambda grid: sum((row if main else row[::-1])[i] for i, row in enumerate(grid))  # type: ignore[misc,assignment] # noqa: E731
        cases = many(lambda: (_grid(rng, square=True),), 7, ([[4]],))
    else:
        source = f"""
def f(grid):
    total = 0
    for row in grid:
        for x in row:
            if {c.code}:
                total += 1
    return total"""
        words = f"how many numbers in `grid`, a list of rows of numbers, are numbers {c.words}"
        oracle = lambda grid: sum(len(list(filter(c.holds, row))) for row in grid)  # type: ignore[misc,assignment] # noqa: E731
        cases = many(lambda: (_grid(rng, -6, 18),), 7, ([],))
    return Draft(f"grid: {kind}", ("grid_total", "count_cells", "cell_sum"), f"returns {words}", source, oracle, cases)


def group(rng: random.Random) -> Draft:
    how = rng.choice(["length", "first", "remainder"])
    k = rng.randint(2, 5)
    key = {"length": "len(x)", "first": "x[0]", "remainder": f"x % {k}"}[how]
    values = rng.choice(["lists", "counts"])
    body = ("if key not in d:\n            d[key] = []\n        d[key].append(x)" if values == "lists"
            else "d[key] = d.get(key, 0) + 1")  # fmt: skip
    source = f"def f(xs):\n    d = {{}}\n    for x in xs:\n        key = {key}\n        {body}\n    return d"
    names = {"length": "length of the words in `xs`", "first": "first letter of the words in `xs`, none of them empty,",
             "remainder": f"remainder that the whole numbers in `xs` leave when divided by {k}"}[how]  # fmt: skip
    what = "the list of those that have it, in their order" if values == "lists" else "how many of them have it"
    of = {"length": len, "first": lambda w: w[0], "remainder": lambda v: v % k}[how]

    def oracle(xs: list[Any]) -> dict[Any, Any]:
        found = {of(x): [y for y in xs if of(y) == of(x)] for x in xs}
        return found if values == "lists" else {a: len(b) for a, b in found.items()}

    def draw() -> tuple[list[Any]]:
        return (numbers(rng, 3, 8) if how == "remainder" else [word(rng, 1, 4) for _ in range(rng.randint(2, 6))],)

    return Draft(f"group by {how}", ("group", "group_up", "by_key"), f"returns a dictionary that gives for each {names} {what}",
                 source, oracle, many(draw, 7, ([],)))  # fmt: skip


def invert(rng: random.Random) -> Draft:
    kind = rng.choice(["invert", "filter", "merge"])
    k = rng.randint(3, 12)
    sign = rng.choice([">", ">=", "<"])
    sources = {
        "invert": "def f(d):\n    out = {}\n    for key in d:\n        x = d[key]\n        if x not in out:\n            out[x] = []\n"
        "        out[x].append(key)\n    return out",
        "filter": f"def f(d):\n    out = []\n    for key, x in d.items():\n        if x {sign} {k}:\n            out.append(key)\n"
        "    out.sort()\n    return out",
        "merge": "def f(d, t):\n    out = dict(d)\n    for key, x in t.items():\n        if key in out:\n            out[key] += x\n"
        "        else:\n            out[key] = x\n    return out",
    }
    said = {">": f"greater than {k}", ">=": f"of at least {k}", "<": f"less than {k}"}[sign]
    words = {
        "invert": "a dictionary that gives for each value of the dictionary `d` the list of its keys, in their order",
        "filter": f"the list of the keys of the dictionary `d` that have a value {said}, in alphabetical order",
        "merge": "a new dictionary with all keys of `d` and `t`, where the value of a key that is in both is the sum of its two values",
    }[kind]

    def oracle(d: dict[str, int], t: dict[str, int] | None = None) -> Any:
        if kind == "invert":
            return {v: [a for a, b in d.items() if b == v] for v in d.values()}
        if kind == "filter":
            return sorted(a for a, b in d.items() if (b > k if sign == ">" else not b < k if sign == ">=" else b < k))
        return {key: d.get(key, 0) + (t or {}).get(key, 0) for key in {*d, *(t or {})}}

    def table() -> dict[str, int]:
        return {key: rng.randint(1, 15) if kind != "invert" else rng.randint(1, 3) for key in shuffled(rng, "abcdefg")[: rng.randint(1, 5)]}

    cases = many(lambda: (table(), table()), 6, ({}, {"a": 1})) if kind == "merge" else many(lambda: (table(),), 7, ({},), ({"b": k, "a": k + 1},))
    return Draft(f"dictionary: {kind}", ("rework", "table_info", "from_table"), f"returns {words}", sources[kind], oracle, cases)


def coins(rng: random.Random) -> Draft:
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
        fits = [sum(v) for v in product(*(range(t // x + 1) for x in xs)) if sum(n * x for n, x in zip(v, xs, strict=True)) == t]
        return len(fits) if kind == "ways" else min(fits, default=-1)

    def draw() -> tuple[list[int], int]:
        return sorted(rng.sample(range(1, 8), rng.randint(1, 3))), rng.randint(3, 12)

    words = ("in how many ways coins with the different values in `xs` can be put together to the amount `t`; order does not count"
             if kind == "ways" else "the fewest coins with the values in `xs` that make the amount `t`, or -1 if none do")  # fmt: skip
    return Draft(f"coins: {kind}", ("coins", "pay", "coin_change"), f"returns {words}; each coin may be used any number of times",
                 ways if kind == "ways" else fewest, oracle, many(draw, 7, ([2], 0), ([2], 3), ([1, 2, 5], 5)))  # fmt: skip


def climbing(rng: random.Random) -> Draft:
    one, two = rng.choice([(1, 2), (1, 3), (2, 3), (1, 4), (2, 5)])
    third = rng.random() < 0.3
    steps = (one, two, two + 1) if third else (one, two)
    adds = "".join(f"        if i >= {s}:\n            ways[i] += ways[i - {s}]\n" for s in steps)
    source = f"def f(n):\n    ways = [0] * (n + 1)\n    ways[0] = 1\n    for i in range(1, n + 1):\n{adds}    return ways[n]"

    @cache
    def oracle(n: int) -> int:
        return 1 if n == 0 else sum(oracle(n - s) for s in steps if s <= n)

    said = ", ".join(map(str, steps[:-1])) + f" or {steps[-1]}"
    return Draft("climbing", ("climb", "ways_up", "count_ways"), f"returns in how many ways a stair of `n` steps can be climbed when one takes "
                 f"{said} steps at a time, in any order", source, oracle, tuple((n,) for n in (0, 1, 2, 3, 5, 7, 9)))  # fmt: skip


def best_subset(rng: random.Random) -> Draft:
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
        "rising": "how many numbers of the list `xs` can be kept at most so that each is greater than the one kept before it",
    }[kind]

    def oracle(xs: list[int]) -> int:
        places = range(len(xs))
        if kind == "block":
            return max(sum(xs[i : j + 1]) for i in places for j in places if i <= j)
        chosen = [c for size in range(len(xs) + 1) for c in combinations(places, size)]
        if kind == "apart":
            return max(sum(xs[i] for i in c) for c in chosen if all(b - a > 1 for a, b in zip(c, c[1:], strict=False)))
        return max(len(c) for c in chosen if all(xs[a] < xs[b] for a, b in zip(c, c[1:], strict=False)))

    low = 0 if kind == "apart" else -6
    fixed = ([5],) if kind == "block" else ([],)
    return Draft(f"best choice: {kind}", ("best_choice", "best_total", "optimum"), f"returns {words}",
                 {"block": block, "apart": apart, "rising": rising}[kind], oracle,
                 many(lambda: (numbers(rng, 3, 7, low, 9),), 7, fixed, ([3, 1, 2],)))  # fmt: skip


def edit_distance(rng: random.Random) -> Draft:
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
    words = ("the length of the longest text whose characters stand in both `s` and `t` in its order, perhaps with others between"
             if common else "how many characters have to be taken out or put in, one at a time, to turn the text `s` into `t`")  # fmt: skip

    def oracle(s: str, t: str) -> int:
        parts = {"".join(c) for n in range(len(s) + 1) for c in combinations(s, n)}
        shared = max(len(c) for n in range(len(t) + 1) for c in combinations(t, n) if "".join(c) in parts)
        return shared if common else len(s) + len(t) - 2 * shared

    return Draft("common subsequence" if common else "edit distance", ("compare_texts", "distance", "align"), f"returns {words}",
                 source, oracle, many(lambda: (word(rng, 1, 5, "abcd"), word(rng, 1, 5, "abcd")), 7, ("", "ab"), ("abc", "abc")))  # fmt: skip


def nested(rng: random.Random) -> Draft:
    kind = rng.choice(["flatten", "sum", "depth"])
    deep = rng.random() < 0.5 and kind == "sum"
    source = {
        "flatten": "def f(xs):\n    out = []\n    for x in xs:\n        if isinstance(x, list):\n            out.extend(f(x))\n"
        "        else:\n            out.append(x)\n    return out",
        "sum": f"def f(xs{', k' if deep else ''}):\n    total = 0\n    for x in xs:\n        if isinstance(x, list):\n"
        f"            total += f(x{', k + 1' if deep else ''})\n        else:\n            total += x{' * k' if deep else ''}\n    return total",
        "depth": "def f(xs):\n    best = 0\n    for x in xs:\n        if isinstance(x, list):\n            best = max(best, f(x))\n"
        "    return best + 1",
    }[kind]
    words = {
        "flatten": "one list of all numbers in `xs`, a list of numbers and of such lists, in their order",
        "sum": "the sum of all numbers in `xs`, a list of numbers and of such lists"
        + (", each times its depth, where the depth of the numbers in `xs` itself is `k`" if deep else ""),
        "depth": "how deeply the lists in `xs`, a list of numbers and of such lists, are nested; a list without lists has depth 1",
    }[kind]

    def made(level: int) -> list[Any]:
        return [made(level - 1) if level and rng.random() < 0.4 else rng.randint(0, 9) for _ in range(rng.randint(0, 4))]

    def walk(xs: list[Any], level: int) -> list[tuple[int, int]]:
        return [pair for x in xs for pair in (walk(x, level + 1) if type(x) is list else [(x, level)])]

    def oracle(xs: list[Any], k: int = 1) -> Any:
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


def robot(rng: random.Random) -> Draft:
    turn = rng.random() < 0.5
    limit = rng.randint(2, 4)
    turning = """
def f(s):
    a = 0
    b = 0
    i = 0
    for c in s:
        if c == 'L':
            i = (i + 3) % 4
        elif c == 'R':
            i = (i + 1) % 4
        elif i == 0:
            b += 1
        elif i == 1:
            a += 1
        elif i == 2:
            b -= 1
        else:
            a -= 1
    return (a, b)"""
    plain = f"""
def f(s):
    a = 0
    b = 0
    for c in s:
        if c == 'U' and b < {limit}:
            b += 1
        elif c == 'D' and b > -{limit}:
            b -= 1
        elif c == 'R' and a < {limit}:
            a += 1
        elif c == 'L' and a > -{limit}:
            a -= 1
    return (a, b)"""

    def oracle(s: str) -> tuple[int, int]:
        place, way = 0j, 1j
        for c in s:
            if turn:
                way *= {"L": 1j, "R": -1j}.get(c, 1)
                place += way if c == "F" else 0
            else:
                new = place + {"U": 1j, "D": -1j, "R": 1, "L": -1}[c]
                place = new if max(abs(new.real), abs(new.imag)) <= limit else place
        return int(place.real), int(place.imag)

    letters = "FFFLR" if turn else "UDRL"
    words = ("A robot starts at (0, 0) and looks up (to where the second coordinate grows). 'F' takes it one forward, 'L' and 'R' turn "
             "it by a quarter to the left and to the right." if turn else "A robot starts at (0, 0). 'U', 'D', 'R' and 'L' take it one "
             f"up, down, right or left, but it never leaves the square of the coordinates from -{limit} to {limit}: such a move is left out.")  # fmt: skip
    return Draft("robot", ("walk_robot", "follow", "final_place"), f"follows the orders in the text `s`. {words} It returns the pair (right, up) of "
                 "the place where it ends", turning if turn else plain, oracle,
                 many(lambda: (word(rng, 3, 14, letters),), 8, ("",), (("F" if turn else "R") * (limit + 2),)))  # fmt: skip


def queue(rng: random.Random) -> Draft:
    kind = rng.choice(["stack", "account", "stock"])
    cap = rng.randint(2, 4)
    floor = rng.choice([0, 0, 10, 20])
    sources = {
        "stack": f"""
def f(xs):
    stack = []
    for x in xs:
        if x == 0:
            if stack:
                stack.pop()
        elif len(stack) < {cap}:
            stack.append(x)
    return stack""",
        "account": f"""
def f(level, xs):
    total = 0
    for x in xs:
        if level + x < {floor}:
            total += 1
        else:
            level += x
    return (level, total)""",
        "stock": f"""
def f(level, xs):
    total = 0
    for x in xs:
        a = min(level, x)
        level -= a
        total += x - a
        if level < {cap}:
            level += {cap + 5}
    return (level, total)""",
    }
    words = {
        "stack": f"goes through the numbers in `xs`: 0 takes the last number off a stack, if there is one, any other is put on it, unless it holds {cap} "
        "already; returns the stack as a list, from bottom to top",
        "account": f"books the changes in `xs` (negative: withdrawals) on an account with the amount `level`, but leaves out each that would bring it "
        f"below {floor}; returns the pair (amount in the end, number of changes left out)",
        "stock": f"sells from a store with `level` pieces the orders in `xs` one after the other, each as far as the store goes; whenever it holds fewer "
        f"than {cap} pieces after an order, {cap + 5} come in; returns the pair (pieces in the end, pieces ordered that could not be sold)",
    }[kind]

    def oracle(*arguments: Any) -> Any:
        *start, xs = arguments
        if kind == "stack":
            held: tuple[int, ...] = ()
            for x in xs:
                held = (*held, x)[:cap] if x else held[:-1]
            return list(held)
        level, counted = start[0], 0
        for x in xs:
            if kind == "account":
                fits = level + x >= floor
                level, counted = (level + x, counted) if fits else (level, counted + 1)
            else:
                counted += max(0, x - level)
                level = max(0, level - x)
                level += 0 if level >= cap else cap + 5
        return level, counted

    def draw() -> tuple[Any, ...]:
        if kind == "stack":
            return (numbers(rng, 4, 10, 0, 4),)
        return rng.randint(5, 30), numbers(rng, 3, 7, -20, 15) if kind == "account" else numbers(rng, 3, 7, 1, 12)

    return Draft(f"simulation: {kind}", ("simulate", "process", "run_through"), words, sources[kind], oracle,
                 many(draw, 8, *((([],),) if kind == "stack" else ((floor, [-1, 0]),) if kind == "account" else ((3, [3]),))))  # fmt: skip


FAMILIES: Final = (
    grid_lines, grid_turned, grid_count, group, invert, coins, climbing, best_subset, edit_distance, nested, robot, queue,
)  # fmt: skip
"""All of this file."""
