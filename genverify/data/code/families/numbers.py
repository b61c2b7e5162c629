"""Families of small programs about whole numbers: loops, accumulators, number theory, recursion."""

import math
import random
from typing import Final

from genverify.data.code.drafts import Draft, condition, many, mapping, numbers


def _sum_where(rng: random.Random) -> Draft:
    c, m = condition(rng), mapping(rng)
    source = f"""
def f(xs):
    total = 0
    for x in xs:
        if {c.code}:
            total += {m.code}
    return total"""
    return Draft(
        "conditional sum",
        ("sum_where", "add_up", "selected_sum"),
        f"returns the sum of {m.words} for all numbers x in `xs` {c.words}",
        source,
        lambda xs: sum(m.of(v) for v in xs if c.holds(v)),
        many(lambda: (numbers(rng, 2),), 7, ([],)),
    )


def _count_where(rng: random.Random) -> Draft:
    c = condition(rng)
    by_index = f"""
def f(xs):
    total = 0
    for i in range(len(xs)):
        x = xs[i]
        if {c.code}:
            total += 1
    return total"""
    plain = f"""
def f(xs):
    total = 0
    for x in xs:
        if {c.code}:
            total += 1
    return total"""
    return Draft("conditional count", ("count_where", "how_many", "count_selected"),
                 f"returns how many of the numbers in `xs` are numbers {c.words}", rng.choice([plain, by_index]),
                 lambda xs: len([v for v in xs if c.holds(v)]), many(lambda: (numbers(rng, 2),), 7, ([],)))  # fmt: skip


def _product_where(rng: random.Random) -> Draft:
    c, start = condition(rng), rng.choice([1, 1, 2, 3])
    source = f"""
def f(xs):
    total = {start}
    for x in xs:
        if {c.code}:
            total *= x
    return total"""
    extra = "" if start == 1 else f"{start} times "
    return Draft("conditional product", ("product_where", "multiply_up", "selected_product"),
                 f"returns {extra}the product of the numbers in `xs` {c.words} ({start} if there is none)", source,
                 lambda xs: start * math.prod(v for v in xs if c.holds(v)),
                 many(lambda: (numbers(rng, 2, 6),), 7, ([],)))  # fmt: skip


def _sum_of_digits(rng: random.Random) -> Draft:
    base = rng.choice([2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10])
    power = rng.choice([1, 1, 2, 3])
    term = "n % {b}" if power == 1 else "(n % {b}) ** " + str(power)
    source = f"""
def f(n):
    total = 0
    while n > 0:
        total += {term.format(b=base)}
        n //= {base}
    return total"""
    what = {1: "sum of the digits", 2: "sum of the squares of the digits", 3: "sum of the cubes of the digits"}[power]

    def oracle(n: int) -> int:
        digits = []
        for place in range(60):
            digits.append(n // base**place % base)
        return sum(d**power for d in digits)

    return Draft("digits", ("digit_sum", "sum_digits", "digit_total"),
                 f"returns the {what} of the whole number `n`, which is not negative, written in base {base}", source,
                 oracle, many(lambda: (rng.randint(1, 9999),), 6, (0,), (base,)))  # fmt: skip


def _digits_reversed(rng: random.Random) -> Draft:
    add = rng.choice([0, 0, rng.randint(1, 9)])
    source = f"""
def f(n):
    total = {add}
    while n > 0:
        total = total * 10 + n % 10
        n //= 10
    return total"""
    extra = f" with the digit {add} put before them" if add else ""
    return Draft("digits reversed", ("reverse_digits", "mirror_number", "backwards"),
                 f"returns the number whose digits are those of the positive whole number `n` in reverse order{extra}",
                 source, lambda n: int(str(add) + str(n)[::-1]),
                 many(lambda: (rng.randint(11, 98765),), 6, (7,), (120,)))  # fmt: skip


def _greatest_common_divisor(rng: random.Random) -> Draft:
    body = rng.choice(["a, b = b, a % b", "t = a % b\n        a = b\n        b = t"])
    lcm = rng.random() < 0.5
    head = "    t = a * b\n" if lcm else ""
    end = "t // a" if lcm else "a"
    body = body if not lcm else "a, b = b, a % b"
    source = f"def f(a, b):\n{head}    while b != 0:\n        {body}\n    return {end}"
    what = "least common multiple" if lcm else "greatest common divisor"
    names = ("common_multiple", "lcm", "smallest_multiple") if lcm else ("common_divisor", "gcd", "largest_divisor")
    return Draft(what, names, f"returns the {what} of the positive whole numbers `a` and `b`", source,
                 math.lcm if lcm else math.gcd,
                 many(lambda: (rng.randint(1, 90), rng.randint(1, 90)), 6, (12, 18), (7, 7)))  # fmt: skip


def _power_mod(rng: random.Random) -> Draft:
    m = rng.randint(7, 97)
    source = f"""
def f(a, n):
    total = 1
    a %= {m}
    while n > 0:
        if n % 2 == 1:
            total = total * a % {m}
        a = a * a % {m}
        n //= 2
    return total"""
    return Draft("modular power", ("power_mod", "mod_power", "residue_of_power"),
                 f"returns the remainder of `a` to the power of `n` when divided by {m}; neither is negative", source,
                 lambda a, n: a**n % m, many(lambda: (rng.randint(0, 60), rng.randint(1, 25)), 7, (5, 0)))  # fmt: skip


def _is_prime(rng: random.Random) -> Draft:
    source = """
def f(n):
    if n < 2:
        return False
    i = 2
    while i * i <= n:
        if n % i == 0:
            return False
        i += 1
    return True"""
    fixed = ((0,), (1,), (2,), (4,), (9,), (25,), (49,), (97,))
    return Draft("prime test", ("is_prime", "has_no_divisor", "prime"),
                 "returns whether the whole number `n` is a prime number", source,
                 lambda n: n > 1 and all(n % d for d in range(2, n)),
                 many(lambda: (rng.randint(3, 200),), 5, *fixed))  # fmt: skip


def _primes_up_to(rng: random.Random) -> Draft:
    count = rng.random() < 0.5
    start = rng.choice([2, 2, 3, 5, 10])
    end = "return len(out)" if count else "return out"
    source = f"""
def f(n):
    out = []
    for a in range({start}, n + 1):
        prime = True
        for b in range(2, a):
            if b * b > a:
                break
            if a % b == 0:
                prime = False
                break
        if prime:
            out.append(a)
    {end}"""
    what = "how many prime numbers there are" if count else "the list of the prime numbers"

    def oracle(n: int) -> object:
        found = [v for v in range(start, n + 1) if sum(v % d == 0 for d in range(1, v + 1)) == 2]
        return len(found) if count else found

    return Draft("primes in a range", ("primes_up_to", "list_primes", "primes_between"),
                 f"returns {what} from {start} to `n`, both included", source, oracle,
                 many(lambda: (rng.randint(10, 60),), 4, (1,), (start,), (25,)))  # fmt: skip


def _divisors(rng: random.Random) -> Draft:
    proper = rng.random() < 0.5
    kind = rng.choice(["list", "count", "sum"])
    last = "n" if proper else "n + 1"
    start = {"list": "out = []", "count": "out = 0", "sum": "out = 0"}[kind]
    add = {"list": "out.append(i)", "count": "out += 1", "sum": "out += i"}[kind]
    source = f"""
def f(n):
    {start}
    for i in range(1, {last}):
        if n % i == 0:
            {add}
    return out"""
    what = {"list": "the list, in rising order, of the", "count": "the number of", "sum": "the sum of the"}[kind]
    which = "positive divisors, the number itself left out," if proper else "positive divisors"

    def oracle(n: int) -> object:
        found = sorted({d for q in range(1, n + 1) for d in (q, n // q) if q * (n // q) == n and (d < n or not proper)})
        return {"list": found, "count": len(found), "sum": sum(found)}[kind]

    return Draft("divisors", ("divisors", "find_divisors", "divisor_info"),
                 f"returns {what} {which} of the positive whole number `n`", source, oracle,
                 many(lambda: (rng.randint(2, 80),), 6, (1,), (36,)))  # fmt: skip


def _collatz(rng: random.Random) -> Draft:
    peak = rng.random() < 0.4
    start = "best = n" if peak else "total = 0"
    update = "best = max(best, n)" if peak else "total += 1"
    source = f"""
def f(n):
    {start}
    while n != 1:
        if n % 2 == 0:
            n //= 2
        else:
            n = 3 * n + 1
        {update}
    return {"best" if peak else "total"}"""

    def chain(n: int) -> list[int]:
        return [n] if n == 1 else [n, *chain(3 * n + 1 if n & 1 else n >> 1)]

    what = "the largest number that is met, the first one included" if peak else "the number of moves needed"
    return Draft("Collatz", ("collatz", "hailstone", "moves_to_one"),
                 "goes from the positive whole number `n` to 1, halving even numbers and turning an odd number x into "
                 f"3x + 1, and returns {what}", source, lambda n: max(chain(n)) if peak else len(chain(n)) - 1,
                 many(lambda: (rng.randint(2, 20),), 6, (1,)))  # fmt: skip


def _fibonacci_like(rng: random.Random) -> Draft:
    p, q, u, v = rng.randint(0, 4), rng.randint(1, 5), rng.randint(1, 3), rng.randint(1, 3)
    nxt = f"{'' if u == 1 else f'{u} * '}b + {'' if v == 1 else f'{v} * '}a"
    loop = f"""
def f(n):
    a = {p}
    b = {q}
    for i in range(n):
        a, b = b, {nxt}
    return a"""
    recursive = f"""
def f(n):
    if n == 0:
        return {p}
    if n == 1:
        return {q}
    return {u} * f(n - 1) + {v} * f(n - 2)"""

    def oracle(n: int) -> int:
        found = [p, q]
        while len(found) <= n:
            found.append(u * found[-1] + v * found[-2])
        return found[n]

    return Draft(
        "linear recurrence",
        ("sequence_term", "nth_term", "term"),
        f"returns the term with index `n` (from 0) of the sequence that begins with {p}, {q} and in which each "
        f"further term is {u} times the one before plus {v} times the one before that",
        rng.choice([loop, recursive]),
        oracle,
        tuple((n,) for n in (0, 1, 2, 3, 5, 8)),
    )


def _recursive_sum(rng: random.Random) -> Draft:
    step, m = rng.randint(1, 3), mapping(rng)
    term = m.code.replace("x", "n")
    source = f"""
def f(n):
    if n <= 0:
        return 0
    return {term} + f(n - {step})"""
    return Draft(
        "recursive sum",
        ("countdown_sum", "add_down", "descending_sum"),
        f"goes down from the whole number `n` in steps of {step} as long as the numbers are positive, and "
        f"returns the sum of {m.words} for all of these numbers x",
        source,
        lambda n: sum(m.of(v) for v in range(n, 0, -step)),
        tuple((n,) for n in (0, 1, 2, 3, 7, 10, 15)),
    )


def _perfect_square(rng: random.Random) -> Draft:
    power = rng.choice([2, 3])
    term = "i * i" if power == 2 else "i * i * i"
    root = rng.random() < 0.5
    source = f"""
def f(n):
    i = 0
    while {term} < n:
        i += 1
    return {"i" if root else term + " == n"}"""
    noun = "square" if power == 2 else "cube"
    what = (
        f"the smallest whole number i >= 0 whose {noun} is at least `n`"
        if root
        else f"whether `n` is the {noun} of a whole number"
    )

    def oracle(n: int) -> object:
        found = min(v for v in range(n + 2) if v**power >= n)
        return found if root else found**power == n

    return Draft(
        "roots by search",
        ("root_search", "power_check", "check_root"),
        f"returns {what}; `n` is not negative",
        source,
        oracle,
        many(lambda: (rng.randint(2, 150),), 4, (0,), (1,), (64,), (16,), (27,)),
    )


def _base_text(rng: random.Random) -> Draft:
    base = rng.choice([2, 3, 4, 5, 6, 7, 8])
    source = f"""
def f(n):
    if n == 0:
        return '0'
    out = ''
    while n > 0:
        out = str(n % {base}) + out
        n //= {base}
    return out"""

    def oracle(n: int) -> str:
        return oracle(n // base) + str(n % base) if n >= base else str(n)

    return Draft(
        "number to base",
        ("to_base", "digits_in_base", "convert"),
        f"returns the digits of the whole number `n`, which is not negative, in base {base}, as a text",
        source,
        oracle,
        many(lambda: (rng.randint(2, 500),), 6, (0,), (base,)),
    )


def _interest(rng: random.Random) -> Draft:
    rate, fee = rng.choice([5, 10, 20, 25, 50]), rng.randint(0, 9)
    more = f" - {fee}" if fee else ""
    source = f"""
def f(level, t):
    n = 0
    while level < t and n < 50:
        level += level * {rate} // 100{more}
        n += 1
    return n"""
    what = f"grows by {rate} % (rounded down)" + (f" and then loses {fee}" if fee else "")

    def oracle(level: int, t: int) -> int:
        for year in range(50):
            if level >= t:
                return year
            level = level + level * rate // 100 - fee
        return 50

    return Draft(
        "growth",
        ("years_to_reach", "periods_needed", "rounds_until"),
        f"starts with the whole amount `level`, which each year {what}, and returns after how many years it is "
        "first at least `t`; after 50 years it gives up and returns 50",
        source,
        oracle,
        many(lambda: (rng.randint(50, 300), rng.randint(200, 900)), 5, (100, 100), (120, 121)),
    )


FAMILIES: Final = (
    _sum_where,
    _count_where,
    _product_where,
    _sum_of_digits,
    _digits_reversed,
    _greatest_common_divisor,
    _power_mod,
    _is_prime,
    _primes_up_to,
    _divisors,
    _collatz,
    _fibonacci_like,
    _recursive_sum,
    _perfect_square,
    _base_text,
    _interest,
)
"""All of this file."""
