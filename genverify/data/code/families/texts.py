"""Families of small programs about texts: counting, rewriting, checking."""

import random
import re
from itertools import groupby
from typing import Any, Final

from genverify.data.code.drafts import Draft, many, sentence, word


def _count_letters(rng: random.Random) -> Draft:
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
                 lambda s: len([v for v in s if (v in set(letters)) is inside]),
                 many(lambda: (word(rng, 3, 9),), 7, ("",)))  # fmt: skip


def _palindrome(rng: random.Random) -> Draft:
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

    words = (
        "returns how many of the pairs of characters of the text "
        "`s` that face each other (first and last, second and last "
        "but one ...) differ"
        if count
        else "returns whether the text `s` reads the same backwards"
    )
    return Draft(
        "palindrome",
        ("mirror_check", "check_palindrome", "reads_backwards"),
        words,
        wrong if count else rng.choice([two, recursive]),
        lambda s: sum(a != b for a, b in zip(s, reversed(s), strict=True)) // 2 if count else s == s[::-1],
        many(draw, 8, ("",), ("a",), ("ab",), ("abca",)),
    )


def _shift_letters(rng: random.Random) -> Draft:
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
    return Draft(
        "shift letters",
        ("shift_text", "encode_text", "caesar"),
        f"returns the text `s` in which each small letter is replaced by the one {k} places after it in the alphabet, "
        "where a follows z, and all else stays",
        source,
        lambda s: s.translate(str.maketrans(alphabet, alphabet[k:] + alphabet[:k])),
        many(lambda: (sentence(rng, 1, 3),), 6, ("",), ("xyz!",), ("Az 9",)),
    )


def _run_lengths(rng: random.Random) -> Draft:
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

    def oracle(s: str) -> object:
        runs = [(k, len(list(v))) for k, v in groupby(s)]
        return runs if as_list else "".join(f"{k}{n}" if first else f"{n}{k}" for k, n in runs)

    return Draft("run lengths", ("run_lengths", "compress", "encode_runs"),
                 f"returns the runs of equal characters in the text `s`, in their order, as {form}", source, oracle,
                 many(lambda: (word(rng, 3, 9, "abc"),), 7, ("",), ("aaab",)))  # fmt: skip


def _word_lengths(rng: random.Random) -> Draft:
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

    def oracle(s: str) -> object:
        found = s.split()
        if kind == "count":
            return sum(map(bool, re.findall(rf"\S{{{k},}}", s)))
        if kind == "initials":
            return "".join(w[:1] for w in found).upper()
        return sorted(found, key=lambda w: -len(w) if kind == "longest" else len(w))[0] if found else ""

    return Draft(
        f"words: {kind}",
        ("word_info", "scan_words", "from_words"),
        f"returns {words}; words are separated by blanks",
        pick if kind in ("longest", "shortest") else count if kind == "count" else initials,
        oracle,
        many(lambda: (sentence(rng, 2),), 8, ("",), (sentence(rng, 1, 1),)),
    )


def _tally_letters(rng: random.Random) -> Draft:
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
    words = (
        "returns a dictionary that gives for each character of the text `s` other than a blank how often it occurs"
        if table
        else "returns the first character of the text `s` that occurs "
        f"{'exactly once' if once else f'at least {k} times'} "
        "in it, or an empty text if there is none"
    )

    def oracle(s: str) -> object:
        if table:
            return {v: s.count(v) for v in dict.fromkeys(s) if v != " "}
        return next((v for v in s if (s.count(v) == 1 if once else s.count(v) >= k)), "")

    return Draft(
        "letter tally",
        ("tally", "letter_stats", "first_by_count"),
        words,
        count if table else unique,
        oracle,
        many(lambda: (word(rng, 3, 9, "abcd ") if table else word(rng, 3, 9, "abcde"),), 8, ("",), ("a",)),
    )


def _anagram(rng: random.Random) -> Draft:
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

    words = (
        "whether the characters of `s` occur in the text `t` in the same order, perhaps with others between them"
        if inside
        else "whether the text `t` consists of exactly the characters of `s`, in any order"
    )
    return Draft("subsequence" if inside else "anagram", ("same_letters", "letters_match", "match"), f"returns {words}",
                 sub if inside else source,
                 lambda s, t: bool(re.search(".*".join(s), t)) if inside else sorted(s) == sorted(t),
                 many(draw, 8, ("", ""), ("ab", "a"), ("aab", "abb"), ("abc", "aabbcc")))  # fmt: skip


def _rewrite(rng: random.Random) -> Draft:
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
        words = f"the text `s` in which every {'2nd 3rd 4th'.split()[k - 2]} character is replaced by '{sign}'"
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
        words = (
            "the text `s` with capital letters at the indices (from 0) "
            f"that are divisible by {k} and small letters at all others"
        )
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
        words = (
            "the words of the text `s` with single blanks between them, "
            f"those with at least {k} characters with a capital first letter"
        )
        oracle = lambda s: " ".join(w if len(w) < k else w.capitalize() for w in s.split())  # noqa: E731
    return Draft(
        f"rewrite: {kind}",
        ("rewrite", "restyle", "format_text"),
        f"returns {words}",
        source,
        oracle,
        many(lambda: (sentence(rng, 1, 3),), 7, ("",), ("ab",)),
    )


FAMILIES: Final = (
    _count_letters,
    _palindrome,
    _shift_letters,
    _run_lengths,
    _word_lengths,
    _tally_letters,
    _anagram,
    _rewrite,
)
"""All of this file."""
