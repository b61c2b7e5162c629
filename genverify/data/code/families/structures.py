"""Families of small programs about grids and dictionaries."""

import random
from typing import Any, Final

from genverify.data.code.drafts import Draft, condition, many, numbers, shuffled, word


def _grid(rng: random.Random, low: int = 0, high: int = 9, square: bool = False) -> list[list[int]]:
    height = rng.randint(2, 4)
    width = height if square else rng.randint(2, 4)
    return [[rng.randint(low, high) for _ in range(width)] for _ in range(height)]


def _grid_lines(rng: random.Random) -> Draft:
    kind = rng.choice(["row sums", "column sums", "best row", "best column"])
    low = rng.random() < 0.5
    sign, what = ("<", "smallest") if low else (">", "largest")
    column = "column" in kind
    by_column = """for j in range(len(grid[0])):
        total = 0
        for i in range(len(grid)):
            total += grid[i][j]"""
    by_row = """for i in range(len(grid)):
        total = 0
        for x in grid[i]:
            total += x"""
    head = by_column if column else by_row
    place = "j" if column else "i"
    if "sums" in kind:
        source = f"""
def f(grid):
    out = []
    {head}
        out.append(total)
    return out"""
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
        words = (
            f"the index (from 0) of the {'column' if column else 'row'} "
            f"of `grid` with the {what} sum, of several the first"
        )

    def oracle(grid: list[list[int]]) -> object:
        sums = list(map(sum, zip(*grid, strict=True) if column else grid))
        return sums if "sums" in kind else sums.index(min(sums) if low else max(sums))

    return Draft(
        f"grid: {kind}",
        ("grid_lines", "scan_grid", "line_sums"),
        f"returns {words}; `grid` is a list of rows of numbers, all of one length",
        source,
        oracle,
        many(lambda: (_grid(rng),), 7, ([[3]],), ([[1, 2], [2, 1]],)),
    )


def _grid_turned(rng: random.Random) -> Draft:
    kind = rng.choice(["transpose", "right", "left", "mirror"])
    cell = {"transpose": "grid[i][j]", "right": "grid[len(grid) - 1 - i][j]", "left": "grid[i][len(grid[0]) - 1 - j]",
            "mirror": "grid[i][len(grid[0]) - 1 - j]"}[kind]  # fmt: skip
    lines, cells = ("i", "len(grid)"), ("j", "len(grid[0])")
    loops = (*lines, *cells) if kind == "mirror" else (*cells, *lines)
    source = f"""
def f(grid):
    out = []
    for {loops[0]} in range({loops[1]}):
        row = []
        for {loops[2]} in range({loops[3]}):
            row.append({cell})
        out.append(row)
    return out"""
    words = {
        "transpose": "with its rows as columns",
        "right": "turned by a quarter to the right (clockwise)",
        "left": "turned by a quarter to the left (counterclockwise)",
        "mirror": "with each row in reverse order",
    }[kind]

    def oracle(grid: list[list[int]]) -> list[list[int]]:
        if kind == "mirror":
            return [row[::-1] for row in grid]
        turned = [list(column) for column in zip(*(grid[::-1] if kind == "right" else grid), strict=True)]
        return turned[::-1] if kind == "left" else turned

    return Draft(
        f"grid: {kind}",
        ("turn_grid", "rearrange", "new_grid"),
        f"returns the grid `grid`, a list of rows of one length, {words}",
        source,
        oracle,
        many(lambda: (_grid(rng),), 6, ([[1, 2, 3]],), ([[1], [2]],)),
    )


def _grid_count(rng: random.Random) -> Draft:
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
        words = (
            "the sum of the cells of `grid`, a list of rows of one length, that "
            "touch the cell in row `i`, column `j` (from 0), corners included"
        )

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


def _group(rng: random.Random) -> Draft:
    how = rng.choice(["length", "first", "remainder"])
    k = rng.randint(2, 5)
    values = rng.choice(["lists", "counts"])
    all_, one = ("xs", "x") if how == "remainder" else ("ws", "w")
    key = {"length": "len(w)", "first": "w[0]", "remainder": f"x % {k}"}[how]
    body = (f"if key not in d:\n            d[key] = []\n        d[key].append({one})" if values == "lists"
            else "d[key] = d.get(key, 0) + 1")  # fmt: skip
    source = f"""
def f({all_}):
    d = {{}}
    for {one} in {all_}:
        key = {key}
        {body}
    return d"""
    names = {"length": "length of the words in `ws`", "first": "first letter of the words in `ws`, none of them empty,",
             "remainder": f"remainder that the whole numbers in `xs` leave when divided by {k}"}[how]  # fmt: skip
    what = "the list of those that have it, in their order" if values == "lists" else "how many of them have it"

    def of(x: Any) -> object:  # noqa: ANN401
        return len(x) if how == "length" else x[0] if how == "first" else divmod(x, k)[1]

    def oracle(xs: list[Any]) -> dict[Any, Any]:
        found = {of(x): [y for y in xs if of(y) == of(x)] for x in xs}
        return found if values == "lists" else {a: len(b) for a, b in found.items()}

    def draw() -> tuple[list[Any]]:
        return (numbers(rng, 3, 8) if how == "remainder" else [word(rng, 1, 4) for _ in range(rng.randint(2, 6))],)

    return Draft(
        f"group by {how}",
        ("group", "group_up", "by_key"),
        f"returns a dictionary that gives for each {names} {what}",
        source,
        oracle,
        many(draw, 7, ([],)),
    )


def _invert(rng: random.Random) -> Draft:
    kind = rng.choice(["invert", "filter", "merge"])
    k = rng.randint(3, 12)
    sign = rng.choice([">", ">=", "<"])
    sources = {
        "invert": """
def f(d):
    out = {}
    for key in d:
        x = d[key]
        if x not in out:
            out[x] = []
        out[x].append(key)
    return out""",
        "filter": f"""
def f(d):
    out = []
    for key, x in d.items():
        if x {sign} {k}:
            out.append(key)
    out.sort()
    return out""",
        "merge": """
def f(d, t):
    out = dict(d)
    for key, x in t.items():
        if key in out:
            out[key] += x
        else:
            out[key] = x
    return out""",
    }
    said = {">": f"greater than {k}", ">=": f"of at least {k}", "<": f"less than {k}"}[sign]
    words = {
        "invert": "a dictionary that gives for each value of the dictionary `d` the list of its keys, in their order",
        "filter": f"the list of the keys of the dictionary `d` that have a value {said}, in alphabetical order",
        "merge": "a new dictionary with all keys of `d` and `t`, where the "
        "value of a key that is in both is the sum of its two values",
    }[kind]

    def oracle(d: dict[str, int], t: dict[str, int] | None = None) -> object:
        if kind == "invert":
            return {v: [a for a, b in d.items() if b == v] for v in d.values()}
        if kind == "filter":
            return sorted(a for a, b in d.items() if (b > k if sign == ">" else not b < k if sign == ">=" else b < k))
        return {key: d.get(key, 0) + (t or {}).get(key, 0) for key in [*d, *(t or {})]}

    def table() -> dict[str, int]:
        return {
            key: rng.randint(1, 15) if kind != "invert" else rng.randint(1, 3)
            for key in shuffled(rng, "abcdefg")[: rng.randint(1, 5)]
        }

    cases = (
        many(lambda: (table(), table()), 6, ({}, {"a": 1}))
        if kind == "merge"
        else many(lambda: (table(),), 7, ({},), ({"b": k, "a": k + 1},))
    )
    return Draft(
        f"dictionary: {kind}", ("rework", "table_info", "from_table"), f"returns {words}", sources[kind], oracle, cases
    )


FAMILIES: Final = (_grid_lines, _grid_turned, _grid_count, _group, _invert)
"""All of this file."""
