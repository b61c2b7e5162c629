"""Families of small programs about texts: counting, rewriting, checking, parsing."""

import random
import re
from collections import Counter
from itertools import groupby
from typing import Any, Final

from genverify.data.code_drafts import Draft, many, sentence, word


def count_letters(rng: random.Random) -> Draft:
    letters = "".join(sorted(rng.sample("aeioubdst", rng.randint(2, 5)))) if rng.random() < 0.7 else "aeiou"
    inside = rng.random() < 0.7
    test = f"c in '{letters}'" if inside else f"c not in '{letters}'"
    source = f"""
def f(s):
    total = 0
    for c in s:
        if {test}:
            total += 1
    return total"""
    what = f"are one of the letters in '{letters}'" if inside else f"are none of the letters in '{letters}'"
    return Draft("count letters", ("count_letters", "letter_count", "count_chars"),
                 f"returns how many characters of the text `s` {what}", source,
                 lambda s: sum((n for v, n in Counter(s).items() if (v in letters) == inside), 0),
                 many(lambda: (word(rng, 3, 9),), 7, ("",)))  # fmt: skip


def palindrome(rng: random.Random) -> Draft:
    two = """
def f(s):
    i = 0
    j = len(s) - 1
    while i < j:
        if s[i] != s[j]:
            return False
        i += 1
        j -= 1
    return True"""
    recursive = """
def f(s):
    if len(s) < 2:
        return True
    if s[0] != s[-1]:
        return False
    return f(s[1:-1])"""
    wrong = """
def f(s):
    total = 0
    for i in range(len(s) // 2):
        if s[i] != s[len(s) - 1 - i]:
            total += 1
    return total"""
    count = rng.random() < 0.4

    def draw() -> tuple[str]:
        half = word(rng, 1, 3)
        return (half + rng.choice(["", "x", half]) + half[::-1],) if rng.random() < 0.6 else (word(rng, 2, 7, "ab"),)

    words = ("returns how many of the pairs of characters of the text `s` that face each other (first and last, second and last "
             "but one ...) differ" if count else "returns whether the text `s` reads the same backwards")  # fmt: skip
    return Draft("palindrome", ("mirror_check", "check_palindrome", "reads_backwards"), words,
                 wrong if count else rng.choice([two, recursive]),
                 lambda s: sum(a != b for a, b in zip(s, reversed(s), strict=True)) // 2 if count else s == s[::-1],
                 many(draw, 8, ("",), ("a",), ("ab",), ("abca",)))  # fmt: skip


def shift_letters(rng: random.Random) -> Draft:
    k = rng.randint(1, 25)
    source = f"""
def f(s):
    out = ''
    for c in s:
        if 'a' <= c <= 'z':
            i = ord(c) - ord('a')
            out += chr((i + {k}) % 26 + ord('a'))
        else:
            out += c
    return out"""
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    return Draft("shift letters", ("shift_text", "encode_text", "caesar"),
                 f"returns the text `s` in which each small letter is replaced by the one {k} places after it in the alphabet, "
                 "where a follows z, and all else stays", source,
                 lambda s: s.translate(str.maketrans(alphabet, alphabet[k:] + alphabet[:k])),
                 many(lambda: (sentence(rng, 1, 3),), 6, ("",), ("xyz!",), ("Az 9",)))  # fmt: skip


def run_lengths(rng: random.Random) -> Draft:
    as_list = rng.random() < 0.5
    first = rng.random() < 0.5
    part = "(c, cur)" if as_list else "c + str(cur)" if first else "str(cur) + c"
    add = f"out.append({part})" if as_list else f"out += {part}"
    source = f"""
def f(s):
    out = {"[]" if as_list else "''"}
    i = 0
    while i < len(s):
        c = s[i]
        cur = 0
        while i < len(s) and s[i] == c:
            cur += 1
            i += 1
        {add}
    return out"""
    form = "a list of pairs (character, length)" if as_list else (
        "a text in which each run is written as its character followed by its length" if first
        else "a text in which each run is written as its length followed by its character")  # fmt: skip

    def oracle(s: str) -> Any:
        runs = [(k, len(list(v))) for k, v in groupby(s)]
        return runs if as_list else "".join(f"{k}{n}" if first else f"{n}{k}" for k, n in runs)

    return Draft("run lengths", ("run_lengths", "compress", "encode_runs"),
                 f"returns the runs of equal characters in the text `s`, in their order, as {form}", source, oracle,
                 many(lambda: (word(rng, 3, 9, "abc"),), 7, ("",), ("aaab",)))  # fmt: skip


def balanced(rng: random.Random) -> Draft:
    kinds = rng.choice(["()", "()", "[]", "{}"])
    a, b = kinds
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
        "depth": f"returns how deeply the brackets '{a}' and '{b}' are nested at most in the text `s`, in which they match",
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
    return Draft(f"brackets: {mode}", ("check_brackets", "brackets", "bracket_info"), words[mode], sources[mode], oracle,
                 many(draw, 6, *fixed))  # fmt: skip


def word_lengths(rng: random.Random) -> Draft:
    kind = rng.choice(["longest", "shortest", "count", "initials"])
    k = rng.randint(3, 6)
    sign = ">" if kind == "longest" else "<"
    pick = f"""
def f(s):
    best = ''
    for w in s.split():
        if best == '' or len(w) {sign} len(best):
            best = w
    return best"""
    count = f"""
def f(s):
    total = 0
    for w in s.split():
        if len(w) >= {k}:
            total += 1
    return total"""
    initials = """
def f(s):
    out = ''
    for w in s.split():
        out += w[0].upper()
    return out"""
    words = {
        "longest": "the longest word of the text `s`, of several the first (an empty text if it has no word)",
        "shortest": "the shortest word of the text `s`, of several the first (an empty text if it has no word)",
        "count": f"how many words of the text `s` have at least {k} characters",
        "initials": "the first characters of the words of the text `s` as capital letters, in one text",
    }[kind]

    def oracle(s: str) -> Any:
        found = s.split()
        if kind == "count":
            return sum(map(bool, re.findall(rf"\S{{{k},}}", s)))
        if kind == "initials":
            return "".join(w[:1] for w in found).upper()
        return sorted(found, key=lambda w: -len(w) if kind == "longest" else len(w))[0] if found else ""

    return Draft(f"words: {kind}", ("word_info", "scan_words", "from_words"), f"returns {words}; words are separated by blanks",
                 pick if kind in ("longest", "shortest") else count if kind == "count" else initials, oracle,
                 many(lambda: (sentence(rng, 2),), 8, ("",), (sentence(rng, 1, 1),)))  # fmt: skip


def tally_letters(rng: random.Random) -> Draft:
    once = rng.random() < 0.5
    k = rng.randint(2, 3)
    count = """
def f(s):
    d = {}
    for c in s:
        if c != ' ':
            d[c] = d.get(c, 0) + 1
    return d"""
    unique = f"""
def f(s):
    d = {{}}
    for c in s:
        if c not in d:
            d[c] = 0
        d[c] += 1
    for c in s:
        if d[c] {"== 1" if once else f">= {k}"}:
            return c
    return ''"""
    table = rng.random() < 0.4
    words = ("returns a dictionary that gives for each character of the text `s` other than a blank how often it occurs" if table
             else f"returns the first character of the text `s` that occurs {'exactly once' if once else f'at least {k} times'} "
             "in it, or an empty text if there is none")  # fmt: skip

    def oracle(s: str) -> Any:
        if table:
            return {v: s.count(v) for v in set(s) if v != " "}
        return next((v for v in s if (s.count(v) == 1 if once else s.count(v) >= k)), "")

    return Draft("letter tally", ("tally", "letter_stats", "first_by_count"), words, count if table else unique, oracle,
                 many(lambda: (word(rng, 3, 9, "abcd ") if table else word(rng, 3, 9, "abcde"),), 8, ("",), ("a",)))  # fmt: skip


def anagram(rng: random.Random) -> Draft:
    source = """
def f(s, t):
    if len(s) != len(t):
        return False
    d = {}
    for c in s:
        d[c] = d.get(c, 0) + 1
    for c in t:
        if d.get(c, 0) == 0:
            return False
        d[c] -= 1
    return True"""
    sub = """
def f(s, t):
    i = 0
    for c in t:
        if i < len(s) and s[i] == c:
            i += 1
    return i == len(s)"""
    inside = rng.random() < 0.5

    def draw() -> tuple[str, str]:
        one = word(rng, 2, 5, "abc")
        two = "".join(rng.sample(one, len(one))) if rng.random() < 0.6 else word(rng, 2, 6, "abc")
        return (one, two + one) if inside and rng.random() < 0.3 else (one, two)

    words = ("whether the characters of `s` occur in the text `t` in the same order, perhaps with others between them" if inside
             else "whether the text `t` consists of exactly the characters of `s`, in any order")  # fmt: skip
    return Draft("subsequence" if inside else "anagram", ("same_letters", "letters_match", "match"), f"returns {words}",
                 sub if inside else source,
                 lambda s, t: bool(re.search(".*".join(s), t)) if inside else sorted(s) == sorted(t),
                 many(draw, 8, ("", ""), ("ab", "a"), ("aab", "abb"), ("abc", "aabbcc")))  # fmt: skip


def parse_number(rng: random.Random) -> Draft:
    base = rng.choice([2, 3, 5, 8, 10, 10])
    sign = rng.random() < 0.6
    head = """
    n = 1
    if s[0] == '-':
        n = -1
        s = s[1:]""" if sign else ""
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
    return Draft("parse a number", ("parse_number", "read_number", "to_int"),
                 f"returns the whole number that the text `s`{extra} writes in base {base}; int() is not to be used", source,
                 lambda s: int(s, base), many(draw, 7, ("0",), ("1",)))  # fmt: skip


def parse_pairs(rng: random.Random) -> Draft:
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

    return Draft("parse pairs", ("parse_pairs", "read_settings", "parse_fields"),
                 f"reads a text `s` such as 'a{inner}5{outer}b{inner}12', in which a key may come more than once, and returns a "
                 f"dictionary that gives for each key {rule} (a whole number); of an empty text it is empty", source, oracle,
                 many(draw, 7, ("",), (f"a{inner}1{outer}a{inner}2{outer}b{inner}3",)))  # fmt: skip


def evaluate(rng: random.Random) -> Draft:
    ops = rng.choice(["+-", "+*", "+-*"])
    cases = {"+": "a + b", "-": "a - b", "*": "a * b"}
    chain = "".join(
        f"        {'if' if i == 0 else 'elif'} w == '{op}':\n            b = stack.pop()\n            a = stack.pop()\n"
        f"            stack.append({cases[op]})\n"
        for i, op in enumerate(ops)
    )
    source = f"def f(s):\n    stack = []\n    for w in s.split():\n{chain}        else:\n            stack.append(int(w))\n    return stack.pop()"

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

    return Draft("postfix expressions", ("evaluate", "compute", "postfix"),
                 f"returns the value of the text `s`, an expression of whole numbers and the signs {' '.join(ops)} in postfix "
                 "form ('3 4 -' means 3 - 4), with blanks between the parts", source, oracle, many(draw, 8, ("5",), (f"8 3 {ops[1]}",)))  # fmt: skip


def rewrite(rng: random.Random) -> Draft:
    kind = rng.choice(["every", "alternate", "title"])
    k = rng.randint(2, 4)
    if kind == "every":
        source = f"""
def f(s):
    out = ''
    for i in range(len(s)):
        if (i + 1) % {k} == 0:
            out += '{rng.choice("*-_#")}'
        else:
            out += s[i]
    return out"""
        sign = source.split("out += '")[1][0]
        words = f"the text `s` in which each {k}-th character is replaced by '{sign}'"
        oracle: Any = lambda s: re.sub(rf"(.{{{k - 1}}}).", rf"\g<1>{sign}", s)  # noqa: E731
    elif kind == "alternate":
        source = f"""
def f(s):
    out = ''
    for i in range(len(s)):
        if i % {k} == 0:
            out += s[i].upper()
        else:
            out += s[i].lower()
    return out"""
        words = f"the text `s` with capital letters at the indices (from 0) that are divisible by {k} and small letters at all others"
        oracle = lambda s: "".join(c.lower() if i % k else c.upper() for i, c in enumerate(s))  # noqa: E731
    else:
        source = f"""
def f(s):
    out = []
    for w in s.split():
        if len(w) >= {k}:
            w = w[0].upper() + w[1:]
        out.append(w)
    return ' '.join(out)"""
        words = f"the words of the text `s` with single blanks between them, those with at least {k} characters with a capital first letter"
        oracle = lambda s: " ".join(w if len(w) < k else w.capitalize() for w in s.split())  # noqa: E731
    return Draft(f"rewrite: {kind}", ("rewrite", "restyle", "format_text"), f"returns {words}", source, oracle,
                 many(lambda: (sentence(rng, 1, 3),), 7, ("",), ("ab",)))  # fmt: skip


FAMILIES: Final = (
    count_letters, palindrome, shift_letters, run_lengths, balanced, word_lengths, tally_letters, anagram, parse_number,
    parse_pairs, evaluate, rewrite,
)  # fmt: skip
"""All of this file."""
