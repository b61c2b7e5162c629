"""Families of small programs that read texts with a structure, and that follow orders."""

import random
import re
from typing import Any, Final

from genverify.data.code.drafts import Draft, many, numbers, word


def _balanced(rng: random.Random) -> Draft:
    kinds = rng.choice(["()", "()", "[]", "{}"])
    a, b = kinds[0], kinds[1]
    mode = rng.choice(["valid", "depth", "needed"])
    sources = {
        "valid": f"""
def f(s):
    level = 0
    for c in s:
        if c == '{a}':
            level += 1
        elif c == '{b}':
            level -= 1
            if level < 0:
                return False
    return level == 0""",
        "depth": f"""
def f(s):
    level = 0
    best = 0
    for c in s:
        if c == '{a}':
            level += 1
            best = max(best, level)
        elif c == '{b}':
            level -= 1
    return best""",
        "needed": f"""
def f(s):
    level = 0
    total = 0
    for c in s:
        if c == '{a}':
            level += 1
        elif c == '{b}':
            if level > 0:
                level -= 1
            else:
                total += 1
    return total + level""",
    }
    words = {
        "valid": f"returns whether each '{a}' in the text `s` is closed by a '{b}' behind it and each '{b}' closes one",
        "depth": f"returns how deeply the brackets '{a}' and '{b}' are "
        "nested at most in the text `s`, in which they match",
        "needed": f"returns how many brackets '{a}' or '{b}' have to be added to the text `s` for all of them to match",
    }

    def reduced(s: str) -> str:
        s = re.sub(f"[^{re.escape(kinds)}]", "", s)
        while kinds in s:
            s = s.replace(kinds, "")
        return s

    def deepest(s: str) -> int:
        return max((s[:i].count(a) - s[:i].count(b) for i in range(len(s) + 1)), default=0)

    def draw() -> tuple[str]:
        text = "".join(rng.choice([a, b, "x"]) for _ in range(rng.randint(2, 8)))
        if mode == "depth":
            text = re.sub(f"[{re.escape(kinds)}]", "", text) + a * rng.randint(0, 3)
            text += "".join(rng.choice(["y", kinds, a + kinds + b]) for _ in range(rng.randint(0, 3)))
            text += b * (text.count(a) - text.count(b))
        return (text,)

    oracle: Any = {"valid": lambda s: not reduced(s), "depth": deepest, "needed": lambda s: len(reduced(s))}[mode]
    fixed = (("",), (a + b,), (a + a + b + b,)) + (() if mode == "depth" else ((b + a,), (a + a + b,), (a + b + b,)))
    return Draft(
        f"brackets: {mode}",
        ("check_brackets", "brackets", "bracket_info"),
        words[mode],
        sources[mode],
        oracle,
        many(draw, 6, *fixed),
    )


def _parse_number(rng: random.Random) -> Draft:
    base = rng.choice([2, 3, 5, 8, 10, 10])
    sign = rng.random() < 0.6
    head = (
        """
    n = 1
    if s[0] == '-':
        n = -1
        s = s[1:]"""
        if sign
        else ""
    )
    source = f"""
def f(s):{head}
    total = 0
    for c in s:
        total = total * {base} + ord(c) - ord('0')
    return {"n * total" if sign else "total"}"""
    digits = "0123456789"[:base]

    def draw() -> tuple[str]:
        minus = "-" if sign and rng.random() < 0.5 else ""
        return (minus + rng.choice(digits[1:]) + word(rng, 1, 4, digits),)

    extra = ", which may begin with a minus sign" if sign else ""
    return Draft(
        "parse a number",
        ("parse_number", "read_number", "to_int"),
        f"returns the whole number that the text `s`{extra} writes in base {base}; int() is not to be used",
        source,
        lambda s: int(s, base),
        many(draw, 7, ("0",), ("1",)),
    )


def _parse_pairs(rng: random.Random) -> Draft:
    outer, inner = rng.choice([(";", "="), (",", ":"), ("&", "="), ("|", ":")])
    summed = rng.random() < 0.5
    body = (f"key, x = w.split('{inner}')\n        d[key] = d.get(key, 0) + int(x)" if summed
            else f"key, x = w.split('{inner}')\n        if key not in d:\n            d[key] = int(x)")  # fmt: skip
    source = f"""
def f(s):
    d = {{}}
    if s == '':
        return d
    for w in s.split('{outer}'):
        {body}
    return d"""
    rule = "the sum of all its values" if summed else "its first value"

    def oracle(s: str) -> dict[str, int]:
        found = re.findall(rf"(\w+){re.escape(inner)}(\d+)", s)
        values = {key: [int(v) for k, v in found if k == key] for key, _ in found}
        return {key: sum(v) if summed else v[0] for key, v in values.items()}

    def draw() -> tuple[str]:
        return (outer.join(f"{rng.choice('abcd')}{inner}{rng.randint(0, 30)}" for _ in range(rng.randint(1, 5))),)

    return Draft(
        "parse pairs",
        ("parse_pairs", "read_settings", "parse_fields"),
        f"reads a text `s` such as 'a{inner}5{outer}b{inner}12', in which a key may come more than once, and returns a "
        f"dictionary that gives for each key {rule} (a whole number); of an empty text it is empty",
        source,
        oracle,
        many(draw, 7, ("",), (f"a{inner}1{outer}a{inner}2{outer}b{inner}3",)),
    )


def _evaluate(rng: random.Random) -> Draft:
    ops = rng.choice(["+-", "+*", "+-*"])
    cases = {"+": "a + b", "-": "a - b", "*": "a * b"}
    branches = "\n        el".join(
        f"""if w == '{op}':
            b = stack.pop()
            a = stack.pop()
            stack.append({cases[op]})"""
        for op in ops
    )
    source = f"""
def f(s):
    stack = []
    for w in s.split():
        {branches}
        else:
            stack.append(int(w))
    return stack.pop()"""

    def draw() -> tuple[str]:
        parts = [str(rng.randint(1, 9))]
        for _ in range(rng.randint(1, 3)):
            parts += [str(rng.randint(1, 9)), rng.choice(ops)]
        return (" ".join(["7", *parts, rng.choice(ops)] if rng.random() < 0.4 else parts),)

    def oracle(s: str) -> int:
        first, *rest = s.split()[::-1]
        waiting = [first, *rest]

        def value() -> int:
            token = waiting.pop(0)
            if token not in cases:
                return int(token)
            right, left = value(), value()
            return left + right if token == "+" else left - right if token == "-" else left * right

        return value()

    return Draft(
        "postfix expressions",
        ("evaluate", "compute", "postfix"),
        f"returns the value of the text `s`, an expression of whole numbers and the signs {' '.join(ops)} in postfix "
        "form ('3 4 -' means 3 - 4), with blanks between the parts",
        source,
        oracle,
        many(draw, 8, ("5",), (f"8 3 {ops[1]}",)),
    )


def _robot(rng: random.Random) -> Draft:
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
    words = (
        "A robot starts at (0, 0) and looks up (to where the second "
        "coordinate grows). 'F' takes it one forward, 'L' and 'R' turn "
        "it by a quarter to the left and to the right."
        if turn
        else "A robot starts at (0, 0). 'U', 'D', 'R' and 'L' take it one "
        "up, down, right or left, but it never leaves the square of the "
        f"coordinates from -{limit} to {limit}: such a move is left out."
    )
    return Draft(
        "robot",
        ("walk_robot", "follow", "final_place"),
        f"follows the orders in the text `s`. {words} It returns the pair (right, up) of the place where it ends",
        turning if turn else plain,
        oracle,
        many(lambda: (word(rng, 3, 14, letters),), 8, ("",), (("F" if turn else "R") * (limit + 2),)),
    )


def _queue(rng: random.Random) -> Draft:
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
        "stack": "goes through the numbers in `xs`: 0 takes the last number off a "
        f"stack, if there is one, any other is put on it, unless it holds {cap} "
        "already; returns the stack as a list, from bottom to top",
        "account": "books the changes in `xs` (negative: withdrawals) on an account "
        "with the amount `level`, but leaves out each that would bring it "
        f"below {floor}; returns the pair (amount in the end, number of changes left out)",
        "stock": "sells from a store with `level` pieces the orders in `xs` one after "
        "the other, each as far as the store goes; whenever it holds fewer "
        f"than {cap} pieces after an order, {cap + 5} come in; returns the "
        "pair (pieces in the end, pieces ordered that could not be sold)",
    }[kind]

    def oracle(*arguments: Any) -> object:  # noqa: ANN401
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

    return Draft(
        f"simulation: {kind}",
        ("simulate", "process", "run_through"),
        words,
        sources[kind],
        oracle,
        many(draw, 8, *((([],),) if kind == "stack" else ((floor, [-1, 0]),) if kind == "account" else ((3, [3]),))),
    )


FAMILIES: Final = (_balanced, _parse_number, _parse_pairs, _evaluate, _robot, _queue)
"""All of this file."""
