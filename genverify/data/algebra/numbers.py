"""Fractions, percentages and number theory with solutions whose every step is a closed relation."""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd

from genverify.data.algebra.terms import exact
from genverify.data.algebra.worked import Work, near, relation

_Wrong = tuple[str, Fraction | int] | tuple[str, Fraction | int, str]
"""A kind of error, the wrong value, and the wrong computation where the error is not in the arithmetic."""


def _value(w: Work, left: str, right: Fraction | int, wrong: Sequence[_Wrong], say: str) -> Fraction:
    """Add the step ``left = value``."""
    good = (left, Fraction(right))
    others = [(error[0], (error[2] if len(error) == 3 else left, Fraction(error[1]))) for error in wrong]

    def equation(v: tuple[str, Fraction]) -> str:
        return f"{v[0]} = {exact(v[1])}"

    return w.step(
        good,
        [pair for pair in others if pair[1][1] != good[1]],
        lambda v: f"{say}{w.f(equation(v))}",
        lambda v: [relation(text) for text in dict.fromkeys((equation(v), equation((left, v[1]))))],
        equation,
    )[1]


def fractions(w: Work) -> None:
    """Add or subtract two fractions, then multiply or divide by a third."""
    a, b = Fraction(w.whole(1, 8), w.whole(2, 9)), Fraction(w.whole(1, 8), w.whole(2, 9))
    c = Fraction(w.whole(1, 9), w.whole(2, 7))
    plus, times = w.one("+", "-"), w.one("*", "/")
    b = b if a != b else b + 1
    first, second, third = (_fraction(v) for v in (a, b, c))
    whole = f"({first} {plus} {second}) {times} {third}"
    w.problem = w.one(
        f"Compute {w.f(whole)}.",
        f"Evaluate {w.f(whole)}.",
        f"What is {w.f(whole)}?",
        f"Simplify {w.f(whole)} to a single fraction.",
    )
    w.facts |= {"expression": whole}
    total = a + b if plus == "+" else a - b
    naive = Fraction(a.numerator + b.numerator, a.denominator + b.denominator) if plus == "+" else total + 1
    common = a.denominator * b.denominator // gcd(a.denominator, b.denominator)
    top_a, top_b = a.numerator * common // a.denominator, b.numerator * common // b.denominator
    top = top_a + top_b if plus == "+" else top_a - top_b
    wide = f"({top_a}/{common}) {plus} ({top_b}/{common})"
    say = w.one(
        "write both fractions with a common denominator: ",
        f"the common denominator is {common}, so ",
        "first, the parentheses: ",
    )
    wrong: list[_Wrong] = [
        ("invalid_rule", naive),
        ("slip", Fraction(top + w.one(1, -1), common)),
        ("wrong_operation", Fraction(top_a - top_b if plus == "+" else top_a + top_b, common)),
    ]
    inner = _value(w, f"{first} {plus} {second} = {wide}", total, wrong, say)
    result = inner * c if times == "*" else inner / c
    turned = inner / c if times == "*" else inner * c
    say = (
        w.one("now multiply: ", "then ", "next, ")
        if times == "*"
        else w.one("dividing by a fraction means multiplying by its reciprocal: ", "then ")
    )
    wrong = [
        ("inverted_ratio", turned, f"{_fraction(inner)} {'/' if times == '*' else '*'} {third}"),
        ("slip", result + Fraction(1, result.denominator)),
    ]
    end = _value(w, f"{_fraction(inner)} {times} {third}", result, wrong, say)
    w.answer = exact(total * c if times == "*" else total / c)
    w.finish(exact(end), w.answer, "the value")


def _fraction(value: Fraction) -> str:
    if value.denominator == 1:
        return f"{value.numerator}" if value >= 0 else f"({value.numerator})"
    return f"({value.numerator}/{value.denominator})"


def percentages(w: Work) -> None:
    """Find a part, a whole or a rate; or change a value by two percentages; or undo a discount."""
    w.one(_part, _rate, _twice, _undo)(w)


def _part(w: Work) -> None:
    rate, base = 5 * w.whole(1, 19), 20 * w.whole(2, 60)
    w.problem = w.one(
        f"What is {rate}% of {base}?",
        f"Calculate {rate}% of {base}.",
        f"A tank of {base} liters is {rate}% full. How many liters are in it?",
    )
    w.facts |= {"expression": f"{rate}/100 * {base}"}
    share = _value(
        w,
        f"{rate}/100",
        Fraction(rate, 100),
        [("unit", Fraction(rate, 10)), ("unit", Fraction(rate, 1000))],
        w.one("as a decimal, ", "write the percentage as a number: "),
    )
    result = share * base
    wrong: list[_Wrong] = [
        *(("slip", v) for v in near(result)[:3]),
        ("wrong_operation", base / share, f"{base} / {exact(share)}"),
        ("percent_base", base - result, f"{base} - {exact(share)} * {base}"),
    ]
    end = _value(w, f"{exact(share)} * {base}", result, wrong, w.one("multiply: ", "so the part is ", "then "))
    w.answer = exact(Fraction(rate * base, 100))
    w.finish(exact(end), w.answer, "the result")


def _rate(w: Work) -> None:
    base, rate = 20 * w.whole(2, 40), 5 * w.whole(1, 19)
    part = Fraction(base * rate, 100)
    w.problem = w.one(
        f"{exact(part)} is what percent of {base}?",
        f"What percentage of {base} is {exact(part)}?",
        f"In a group of {base} people, {exact(part)} wear glasses. What percentage is that?",
    )
    w.facts |= {"expression": f"{exact(part)}/{base} * 100"}
    wrong: list[_Wrong] = [
        ("inverted_ratio", base / part, f"{base}/{exact(part)}"),
        ("slip", part / base + Fraction(1, 100)),
        ("percent_base", part / (base + part), f"{exact(part)}/{exact(base + part)}"),
        ("percent_base", (base - part) / base, f"{exact(base - part)}/{base}"),
    ]
    say = w.one("divide the part by the whole: ", "form the ratio: ", "the share is ")
    share = _value(w, f"{exact(part)}/{base}", part / base, wrong, say)
    result = share * 100
    end = _value(
        w,
        f"{exact(share)} * 100",
        result,
        [("unit", share * 10), ("slip", result + 1)],
        w.one("in percent, ", "multiply by 100: "),
    )
    w.answer = exact(Fraction(rate))
    w.finish(exact(end), w.answer, "the percentage")


def _twice(w: Work) -> None:
    base, up, down = 100 * w.whole(1, 30), 5 * w.whole(1, 12), 5 * w.whole(1, 12)
    w.problem = w.one(
        f"A price of ${base} goes up by {up}% and then down by {down}%. What is the final price in dollars?",
        f"The value {base} is increased by {up}% and the result is decreased by {down}%. What is the final value?",
    )
    w.facts |= {"expression": f"{base} * (1 + {up}/100) * (1 - {down}/100)"}
    high = Fraction(base * (100 + up), 100)
    wrong: list[_Wrong] = [
        ("percent_number", base + up, f"{base} + {up}"),
        ("sign", Fraction(base * (100 - up), 100), f"{base} - {up}/100 * {base}"),
        ("slip", high + 10),
    ]
    first = _value(w, f"{base} + {up}/100 * {base}", high, wrong, w.one("after the increase: ", f"first, add {up}%: "))
    low = first - first * Fraction(down, 100)
    wrong_base = first - Fraction(base * down, 100)
    left = f"{exact(first)} - {down}/100 * {exact(first)}"
    wrong = [
        ("percent_base", wrong_base, f"{exact(first)} - {down}/100 * {base}"),
        ("percent_number", first - down, f"{exact(first)} - {down}"),
        ("sign", first + first * Fraction(down, 100), f"{exact(first)} + {down}/100 * {exact(first)}"),
    ]
    end = _value(w, left, low, wrong, w.one("after the decrease: ", f"then take off {down}%: "))
    w.answer = exact(Fraction(base * (100 + up) * (100 - down), 10_000))
    w.finish(exact(end), w.answer, "the final value")


def _undo(w: Work) -> None:
    price, rate = 20 * w.whole(1, 30), 5 * w.whole(1, 12)
    paid = Fraction(price * (100 - rate), 100)
    w.problem = w.one(
        f"After a discount of {rate}%, a coat costs ${exact(paid)}. What did it cost before, in dollars?",
        f"A number decreased by {rate}% is {exact(paid)}. What is the number?",
    )
    w.facts |= {"expression": f"{exact(paid)} / (1 - {rate}/100)"}
    share = _value(
        w,
        f"1 - {rate}/100",
        1 - Fraction(rate, 100),
        [("percent_base", 1 + Fraction(rate, 100)), ("slip", 1 - Fraction(rate - 1, 100))],
        w.one("what is left is ", "the remaining share is "),
    )
    result = paid / share
    wrong: list[_Wrong] = [
        ("inverted_ratio", paid * share, f"{exact(paid)} * {exact(share)}"),
        ("percent_base", paid + paid * Fraction(rate, 100), f"{exact(paid)} + {rate}/100 * {exact(paid)}"),
        ("slip", result + 10),
    ]
    end = _value(w, f"{exact(paid)} / {exact(share)}", result, wrong, w.one("divide by it: ", "so before, it was "))
    w.answer = exact(Fraction(price))
    w.finish(exact(end), w.answer, "the original value")


def divisors(w: Work) -> None:
    """Find a greatest common divisor by Euclid's algorithm, and perhaps the least common multiple."""
    g = w.whole(2, 18)
    m, n = g * w.whole(5, 40), g * w.whole(3, 25)
    m, n = (max(m, n), min(m, n)) if m != n else (m + g, n)
    multiple = w.one(True, False)
    w.problem = w.one(
        f"Find the {{}} of {m} and {n}.",
        f"What is the {{}} of {m} and {n}?",
        f"Determine the {{}} of the numbers {m} and {n}.",
    ).format("least common multiple" if multiple else "greatest common divisor")
    w.facts |= {"expression": f"{'lcm' if multiple else 'gcd'}({m}, {n})"}
    w.answer = str(m * n // gcd(m, n) if multiple else gcd(m, n))
    a, b = m, n
    while b:
        q, r = divmod(a, b)
        wrong = [("slip", (q, r + w.one(1, 2))), ("slip", (q, abs(r - 1))), ("wrong_operand", (q - 1, r))]
        wrong = [pair for pair in wrong if pair[1] != (q, r) and pair[1][1] < b and pair[1][0] > 0]
        a, b = b, _divided(w, a, b, (q, r), wrong)
    end: Fraction | int = a
    say = w.one(
        "the last remainder that is not zero is the greatest common divisor: ", "so the greatest common divisor is "
    )
    found = w.step(
        a,
        [],
        lambda v: f"{say}{w.f(str(v))}.",
        lambda v: [relation(f"gcd({a}, 0) = {v}")],
        lambda v: f"greatest_common_divisor = {v}",
    )
    if multiple:
        right = Fraction(m * n, found)
        end = _value(
            w,
            f"{m} * {n} / {found}",
            right,
            [("dropped_term", m * n), ("slip", right + 10), ("wrong_operand", Fraction(m * n, found) / 2)],
            "the least common multiple is the product divided by it: ",
        )
    w.finish(exact(Fraction(end)), w.answer, "the result")


def _divided(w: Work, a: int, b: int, right: tuple[int, int], wrong: list[tuple[str, tuple[int, int]]]) -> int:
    """Add a division with its remainder, which it returns."""
    say = w.one("", "divide: ", "next, ", "we have ")

    def division(v: tuple[int, int]) -> str:
        return f"{a} = {v[0]}*{b} + {v[1]}"

    return w.step(
        right,
        wrong,
        lambda v: f"{say}{w.f(division(v))}",
        lambda v: [relation(division(v)), relation(f"mod({a}, {b}) = {v[1]}")],
        division,
    )[1]


def remainders(w: Work) -> None:
    """Find the remainder of a power, or of a sum of products."""
    m = w.whole(3, 13)
    base, exponent = w.whole(2, 30), w.whole(2, 4)
    other = w.whole(11, 300)
    w.problem = w.one(
        f"What is the remainder when {{}} is divided by {m}?", f"Find the remainder of {{}} on division by {m}."
    ).format(w.f(f"{base}^{exponent} + {other}"))
    w.facts |= {"expression": f"mod({base}^{exponent} + {other}, {m})"}
    w.answer = str((base**exponent + other) % m)
    r = _value(
        w, f"mod({base}, {m})", base % m, [("slip", (base + 1) % m), ("wrong_operand", base // m)], "reduce the base: "
    )
    power = r**exponent % m
    p = _value(
        w,
        f"mod({exact(r)}^{exponent}, {m})",
        power,
        [("slip", (power + 1) % m), ("invalid_rule", r * exponent % m)],
        "now the power: ",
    )
    s = _value(
        w,
        f"mod({other}, {m})",
        other % m,
        [("slip", (other - 1) % m), ("wrong_operand", other // m)],
        w.one("the other number leaves ", "for the second number, "),
    )
    total = (p + s) % m
    end = _value(
        w,
        f"mod({exact(p)} + {exact(s)}, {m})",
        total,
        [("dropped_term", p), ("slip", (total + 1) % m)],
        "add the remainders: ",
    )
    w.finish(exact(end), w.answer, "the remainder")


def _without(figures: list[int], one: int) -> list[int]:
    at = figures.index(one)
    return figures[:at] + figures[at + 1 :]


def digits(w: Work) -> None:
    """Decide by its digit sum whether 3 or 9 divides a number, and what remains."""
    d, number = w.one(3, 9), w.whole(1000, 999_999)
    w.problem = w.one(
        f"Use the digit sum to find the remainder of {number} on division by {d}.",
        f"What is the remainder when {number} is divided by {d}? Use the sum of its digits.",
    )
    w.facts |= {"expression": f"mod({number}, {d})"}
    w.answer = str(number % d)
    figures = [int(c) for c in str(number)]
    total = sum(figures)
    wrong: list[_Wrong] = [
        ("slip", total + 1),
        ("slip", total - 1),
        ("carry", total + 10),
    ]
    largest = max(figures)
    if largest % d:  # else the sum is another, but no remainder is
        wrong.append(("dropped_term", total - largest, " + ".join(map(str, _without(figures, largest)))))
    s = _value(w, " + ".join(map(str, figures)), total, wrong, w.one("add the digits: ", "the digit sum is "))
    q, r = divmod(int(s), d)
    found = w.step(
        Fraction(r),
        [("slip", Fraction((r + 1) % d)), ("wrong_operand", Fraction(q % d))]
        if q % d != r
        else [("slip", Fraction((r + 1) % d))],
        lambda v: f"dividing {exact(s)} by {d} leaves {w.f(exact(v))}.",
        lambda v: [relation(f"mod({exact(s)}, {d}) = {exact(v)}")],
        lambda v: f"mod({exact(s)}, {d}) = {exact(v)}",
    )
    w.finish(exact(found), w.answer, "the remainder")
