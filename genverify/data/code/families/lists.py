"""Families of small programs about lists: choosing, rewriting, scanning them."""

import random
from collections import Counter
from itertools import groupby, pairwise
from typing import Any, Final

from genverify.data.code.drafts import Draft, condition, many, mapping, numbers


def _largest(rng: random.Random) -> Draft:
    low = rng.random() < 0.5
    sign, what = ("<", "smallest") if low else (">", "largest")
    place = rng.random() < 0.5
    by_place = f"""
def f(xs):
    best = 0
    for i in range(1, len(xs)):
        if xs[i] {sign} xs[best]:
            best = i
    return best"""
    by_value = f"""
def f(xs):
    best = xs[0]
    for x in xs[1:]:
        if x {sign} best:
            best = x
    return best"""
    end = "the index (from 0) of the first of the" if place else "the"
    pick = min if low else max
    return Draft("extreme", (f"{what}", f"find_{what}", f"{what}_entry"),
                 f"returns {end} {what} number in the list `xs`, which is not empty", by_place if place else by_value,
                 lambda xs: xs.index(pick(xs)) if place else pick(xs),
                 many(lambda: (numbers(rng, 2),), 6, ([4],), ([3, 3, 1],), ([-5, -2, -9],)))  # fmt: skip


def _second_largest(rng: random.Random) -> Draft:
    source = """
def f(xs):
    best = None
    prev = None
    for x in xs:
        if best is None or x > best:
            prev = best
            best = x
        elif x < best and (prev is None or x > prev):
            prev = x
    return prev"""
    return Draft(
        "second largest",
        ("second_largest", "runner_up", "second_best"),
        "returns the second largest of the different numbers in `xs`, or None if there are fewer than two",
        source,
        lambda xs: sorted(set(xs))[-2] if len(set(xs)) > 1 else None,
        many(lambda: (numbers(rng, 2),), 6, ([],), ([5, 5],), ([1, 2],), ([9, 3, 9, 7],)),
    )


def _filtered(rng: random.Random) -> Draft:
    c, m = condition(rng), mapping(rng)
    loop = f"""
def f(xs):
    out = []
    for x in xs:
        if {c.code}:
            out.append({m.code})
    return out"""
    skipping = f"""
def f(xs):
    out = []
    for x in xs:
        if not ({c.code}):
            continue
        y = {m.code}
        out.append(y)
    return out"""
    return Draft("filter and map", ("select", "transform", "pick_and_map"),
                 f"returns the list of {m.words} for all numbers x in `xs` {c.words}, in their order",
                 rng.choice([loop, skipping]), lambda xs: [m.of(v) for v in filter(c.holds, xs)],
                 many(lambda: (numbers(rng, 2),), 7, ([],)))  # fmt: skip


def _first_where(rng: random.Random) -> Draft:
    c, last = condition(rng), rng.random() < 0.4
    order = "range(len(xs) - 1, -1, -1)" if last else "range(len(xs))"
    source = f"""
def f(xs):
    for i in {order}:
        x = xs[i]
        if {c.code}:
            return i
    return -1"""

    def oracle(xs: list[int]) -> int:
        places = [i for i, v in enumerate(xs) if c.holds(v)] or [-1]
        return places[-1] if last else places[0]

    return Draft(
        "find by condition",
        ("find_index", "locate", "position_of"),
        f"returns the index (from 0) of the {'last' if last else 'first'} of the numbers in `xs` {c.words}, or -1 "
        "if there is none",
        source,
        oracle,
        many(lambda: (numbers(rng, 2),), 7, ([],)),
    )


def _rotated(rng: random.Random) -> Draft:
    left = rng.random() < 0.5
    cut = "xs[k:] + xs[:k]" if left else "xs[len(xs) - k:] + xs[:len(xs) - k]"
    source = f"""
def f(xs, k):
    if not xs:
        return []
    k = k % len(xs)
    return {cut}"""

    def oracle(xs: list[int], k: int) -> list[int]:
        found = list(xs)
        for _ in range(k):
            found = [*found[1:], found[0]] if left and found else [found[-1], *found[:-1]] if found else []
        return found

    return Draft(
        "rotation",
        ("rotate", "shift_around", "turn"),
        f"returns the list `xs` with its first {'' if left else '(from the end) '}`k` elements moved to the "
        f"{'end' if left else 'front'}, one after the other, where `k` may be larger than the list",
        source,
        oracle,
        many(lambda: (numbers(rng, 2), rng.randint(0, 12)), 6, ([], 2), ([1, 2, 3], 3)),
    )


def _without_repeats(rng: random.Random) -> Draft:
    adjacent = rng.random() < 0.5
    test = "not out or out[-1] != x" if adjacent else "x not in out"
    source = f"""
def f(xs):
    out = []
    for x in xs:
        if {test}:
            out.append(x)
    return out"""
    what = (
        "in which each run of equal neighbours is cut to one element"
        if adjacent
        else "without the elements that came before"
    )
    return Draft("remove repeats", ("dedupe", "compact", "drop_repeats"), f"returns the list `xs` {what}", source,
                 lambda xs: [k for k, _ in groupby(xs)] if adjacent else list(dict.fromkeys(xs)),
                 many(lambda: (numbers(rng, 3, 9, 0, 4),), 6, ([],), ([1, 1, 2, 1],)))  # fmt: skip


def _running(rng: random.Random) -> Draft:
    kind = rng.choice(["sum", "max", "min", "difference"])
    if kind == "difference":
        gap = rng.randint(1, 2)
        source = f"""
def f(xs):
    out = []
    for i in range({gap}, len(xs)):
        out.append(xs[i] - xs[i - {gap}])
    return out"""
        words = f"returns the list of the differences between each element of `xs` and the one {gap} before it"
        oracle: Any = lambda xs: [b - a for a, b in zip(xs, xs[gap:], strict=False)]  # noqa: E731
    else:
        update = {"sum": "cur += x", "max": "cur = max(cur, x)", "min": "cur = min(cur, x)"}[kind]
        start = {"sum": "0", "max": "xs[0]", "min": "xs[0]"}[kind]
        guard = "" if kind == "sum" else "if not xs:\n        return []"
        source = f"""
def f(xs):
    {guard}
    cur = {start}
    out = []
    for x in xs:
        {update}
        out.append(cur)
    return out"""
        what = {"sum": "sum", "max": "largest", "min": "smallest"}[kind]
        words = f"returns a list that gives for each place in `xs` the {what} of all elements up to and including it"
        of: Any = {"sum": sum, "max": max, "min": min}[kind]
        oracle = lambda xs: [of(xs[: i + 1]) for i in range(len(xs))]  # noqa: E731
    return Draft(
        f"running {kind}",
        ("running", "progress", "scan"),
        words,
        source,
        oracle,
        many(lambda: (numbers(rng, 3),), 6, ([],), ([5],)),
    )


def _longest_run(rng: random.Random) -> Draft:
    c, kind = condition(rng), rng.choice(["condition", "equal", "rising"])
    if kind == "condition":
        source = f"""
def f(xs):
    best = 0
    cur = 0
    for x in xs:
        if {c.code}:
            cur += 1
            if cur > best:
                best = cur
        else:
            cur = 0
    return best"""
        what = f"stretch of neighbours in `xs` that are all numbers {c.words}"
    else:
        sign = "==" if kind == "equal" else ">"
        source = f"""
def f(xs):
    if not xs:
        return 0
    best = 1
    cur = 1
    for i in range(1, len(xs)):
        if xs[i] {sign} xs[i - 1]:
            cur += 1
            best = max(best, cur)
        else:
            cur = 1
    return best"""
        what = (
            "stretch of equal neighbours in `xs`"
            if kind == "equal"
            else "stretch of `xs` in which each number is greater than the one before"
        )

    def fits(part: list[int]) -> bool:
        if kind == "condition":
            return all(map(c.holds, part))
        return all(a == b if kind == "equal" else a < b for a, b in pairwise(part))

    def oracle(xs: list[int]) -> int:
        return max((j - i for i in range(len(xs)) for j in range(i + 1, len(xs) + 1) if fits(xs[i:j])), default=0)

    high = 3 if kind == "equal" else 15
    return Draft(f"longest run: {kind}", ("longest_run", "best_streak", "longest_stretch"),
                 f"returns the length of the longest {what} (0 if there is none)", source, oracle,
                 many(lambda: (numbers(rng, 3, 9, 0, high),), 7, ([],), ([1],)))  # fmt: skip


def _window(rng: random.Random) -> Draft:
    low = rng.random() < 0.4
    sign, what = ("<", "smallest") if low else (">", "largest")
    source = f"""
def f(xs, k):
    cur = 0
    for i in range(k):
        cur += xs[i]
    best = cur
    for i in range(k, len(xs)):
        cur += xs[i] - xs[i - k]
        if cur {sign} best:
            best = cur
    return best"""

    def draw() -> tuple[list[int], int]:
        xs = numbers(rng, 2, 8)
        return xs, rng.randint(1, len(xs))

    pick = min if low else max
    return Draft(
        "window sum",
        ("best_window", "window_sum", "best_block"),
        f"returns the {what} sum of `k` neighbours in the list "
        "`xs`, which has at least `k` elements; `k` is at least 1",
        source,
        lambda xs, k: pick(sum(xs[i : i + k]) for i in range(len(xs) - k + 1)),
        many(draw, 7, ([4, -1, 3], 3), ([5], 1)),
    )


def _majority(rng: random.Random) -> Draft:
    kind = rng.choice(["most frequent", "frequent"])
    k = rng.randint(2, 3)
    most = """
def f(xs):
    d = {}
    best = None
    for x in xs:
        d[x] = d.get(x, 0) + 1
    for x in xs:
        if best is None or d[x] > d[best]:
            best = x
    return best"""
    frequent = f"""
def f(xs):
    d = {{}}
    for x in xs:
        if x not in d:
            d[x] = 0
        d[x] += 1
    out = []
    for x in d:
        if d[x] >= {k}:
            out.append(x)
    return out"""
    words = (
        "the number that stands most often in `xs`, of several the one that comes first (None if `xs` is empty)"
        if kind == "most frequent"
        else f"the numbers that stand at least {k} times in `xs`, each once, in the order of their first places"
    )

    def oracle(xs: list[int]) -> object:
        seen = Counter(xs).items()
        return max(seen, key=lambda item: item[1])[0] if kind == "most frequent" and xs else (
            [v for v, n in seen if n >= k] if kind == "frequent" else None)  # fmt: skip

    return Draft(
        kind,
        ("common_value", "frequency_pick", "often_seen"),
        f"returns {words}",
        most if kind == "most frequent" else frequent,
        oracle,
        many(lambda: (numbers(rng, 4, 9, 0, 4),), 7, ([],)),
    )


FAMILIES: Final = (
    _largest,
    _second_largest,
    _filtered,
    _first_where,
    _rotated,
    _without_repeats,
    _running,
    _longest_run,
    _window,
    _majority,
)
"""All of this file."""
