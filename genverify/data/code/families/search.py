"""Families of small programs that search and sort, or work on two lists at once."""

import random
from bisect import bisect_left
from typing import Final

from genverify.data.code.drafts import Draft, many, numbers


def _binary_search(rng: random.Random) -> Draft:
    exact = rng.random() < 0.5
    find = """
def f(xs, t):
    lo = 0
    hi = len(xs) - 1
    while lo <= hi:
        mid = (lo + hi) // 2
        if xs[mid] == t:
            return mid
        if xs[mid] < t:
            lo = mid + 1
        else:
            hi = mid - 1
    return -1"""
    place = """
def f(xs, t):
    lo = 0
    hi = len(xs)
    while lo < hi:
        mid = (lo + hi) // 2
        if xs[mid] < t:
            lo = mid + 1
        else:
            hi = mid
    return lo"""
    words = (
        "returns the index (from 0) of `t` in `xs`, a list of "
        "different numbers in rising order, or -1 if it is not there"
        if exact
        else "returns how many numbers of `xs`, a list in rising order, are less than `t`"
    )

    def draw() -> tuple[list[int], int]:
        xs = sorted(set(numbers(rng, 3, 9)))
        return xs, rng.choice([*xs, rng.randint(-10, 21)])

    return Draft("binary search", ("search_sorted", "binary_search", "find_place"), words, find if exact else place,
                 lambda xs, t: (xs.index(t) if t in xs else -1) if exact else bisect_left(xs, t),
                 many(draw, 7, ([], 3), ([4], 4), ([1, 5, 8], 9), ([1, 5, 8], 8)))  # fmt: skip


def _sorting(rng: random.Random) -> Draft:
    down = rng.random() < 0.4
    sign = "<" if down else ">"
    other = ">" if down else "<"
    bubble = f"""
def f(xs):
    out = list(xs)
    for i in range(len(out)):
        for j in range(len(out) - 1 - i):
            if out[j] {sign} out[j + 1]:
                out[j], out[j + 1] = out[j + 1], out[j]
    return out"""
    insertion = f"""
def f(xs):
    out = []
    for x in xs:
        i = len(out)
        while i > 0 and out[i - 1] {sign} x:
            i -= 1
        out.insert(i, x)
    return out"""
    selection = f"""
def f(xs):
    out = list(xs)
    for i in range(len(out)):
        best = i
        for j in range(i + 1, len(out)):
            if out[j] {other} out[best]:
                best = j
        out[i], out[best] = out[best], out[i]
    return out"""
    quick = f"""
def f(xs):
    if len(xs) <= 1:
        return xs
    mid = xs[0]
    a = [x for x in xs[1:] if x {other} mid]
    b = [x for x in xs[1:] if not x {other} mid]
    return f(a) + [mid] + f(b)"""
    name, source = rng.choice(
        [("bubble", bubble), ("insertion", insertion), ("selection", selection), ("quick", quick)]
    )
    return Draft(
        f"{name} sort",
        ("sort_list", "ordered", "arrange"),
        f"returns a new list with the numbers of `xs` in {'falling' if down else 'rising'} order",
        source,
        lambda xs: sorted(xs, reverse=down),
        many(lambda: (numbers(rng, 3),), 6, ([],), ([2, 1],), ([3, 3, 1],)),
    )


def _merge_sorted(rng: random.Random) -> Draft:
    once = rng.random() < 0.4
    equal = """
        elif xs[i] == ys[j]:
            out.append(xs[i])
            i += 1
            j += 1"""
    source = f"""
def f(xs, ys):
    out = []
    i = 0
    j = 0
    while i < len(xs) and j < len(ys):
        if xs[i] < ys[j]:
            out.append(xs[i])
            i += 1{equal if once else ""}
        else:
            out.append(ys[j])
            j += 1
    out.extend(xs[i:])
    out.extend(ys[j:])
    return out"""
    extra = "; each list holds no number twice, and a number that is in both comes once" if once else ""

    def draw() -> tuple[list[int], list[int]]:
        one, two = numbers(rng, 0, 6), numbers(rng, 0, 6)
        return (sorted(set(one)), sorted(set(two))) if once else (sorted(one), sorted(two))

    return Draft("merge", ("merge_sorted", "merge", "join_ordered"),
                 f"returns all numbers of `xs` and `ys`, two lists in rising order, in one list in rising order{extra}",
                 source, lambda xs, ys: sorted({*xs, *ys}) if once else sorted([*xs, *ys]),
                 many(draw, 6, ([], [1]), ([2], []), ([1, 4], [2, 4, 6])))  # fmt: skip


def _pairs(rng: random.Random) -> Draft:
    kind = rng.choice(["sum", "difference"])
    test = "xs[i] + xs[j] == t" if kind == "sum" else "abs(xs[i] - xs[j]) == t"
    count = rng.random() < 0.5
    source = f"""
def f(xs, t):
    {"total = 0" if count else ""}
    for i in range(len(xs)):
        for j in range(i + 1, len(xs)):
            if {test}:
                {"total += 1" if count else "return [i, j]"}
    return {"total" if count else "[]"}""".replace("\n    \n", "\n")

    def oracle(xs: list[int], t: int) -> object:
        last = len(xs)
        fit = [[i, j] for i in range(last) for j in range(last) if i < j
               and (xs[i] + xs[j] if kind == "sum" else max(xs[i] - xs[j], xs[j] - xs[i])) == t]  # fmt: skip
        return len(fit) if count else (fit or [[]])[0]

    what = (
        "how many pairs of places in `xs` hold numbers"
        if count
        else "the list [i, j] with i < j of the indices (from 0) of the first two numbers in `xs`, by i and then by j,"
    )
    end = "" if count else ", or an empty list if there are none"
    return Draft(
        f"pairs by {kind}",
        ("find_pair", "pair_search", "matching_pairs"),
        f"returns {what} whose {kind}{' without its sign' if kind == 'difference' else ''} is `t`{end}",
        source,
        oracle,
        many(lambda: (numbers(rng, 3, 7, 0, 8), rng.randint(1, 10)), 7, ([], 3), ([1, 2, 3], 3)),
    )


def _common(rng: random.Random) -> Draft:
    kind = rng.choice(["both", "only first", "one of"])
    test = {"both": "x in ys", "only first": "x not in ys", "one of": "x not in ys"}[kind]
    tail = "\n    for y in ys:\n        if y not in xs:\n            out.append(y)" if kind == "one of" else ""
    source = f"""
def f(xs, ys):
    out = []
    for x in xs:
        if {test}:
            out.append(x){tail}
    return out"""
    words = {
        "both": "those elements of `xs` that are in `ys` as well",
        "only first": "those elements of `xs` that are not in `ys`",
        "one of": "those elements of `xs` that are not in `ys` and then those of `ys` that are not in `xs`",
    }[kind]

    def oracle(xs: list[int], ys: list[int]) -> list[int]:
        if kind == "both":
            return list(filter(set(ys).__contains__, xs))
        odd = set(xs) ^ set(ys)
        return [v for v in (xs if kind == "only first" else [*xs, *ys]) if v in odd]

    return Draft(
        f"two lists: {kind}",
        ("compare_lists", "shared", "list_difference"),
        f"returns {words}, in their order",
        source,
        oracle,
        many(lambda: (numbers(rng, 2, 6, 0, 8), numbers(rng, 2, 6, 0, 8)), 6, ([], [1]), ([1], [])),
    )


FAMILIES: Final = (_binary_search, _sorting, _merge_sorted, _pairs, _common)
"""All of this file."""
