"""Equations and systems with solutions: linear, quadratic, two or three unknowns; steps are rewritings and roots."""

from fractions import Fraction
from math import isqrt

from genverify.data.algebra.terms import exact
from genverify.data.algebra.worked import (
    Work,
    follows,
    identity,
    near,
    polynomial,
    relation,
    rewrite,
    signed,
)


def linear(w: Work) -> None:
    """Solve ``a*x + b = c*x + d`` or ``a*(x + b) = c``, whose solution is whole."""
    x, a = w.whole(-12, 15), w.whole(2, 9)
    name = w.one("x", "x", "y", "n", "t")
    if w.one(True, False):
        _both_sides(w, name, x, a)
    else:
        _bracket(w, name, x, a)


def _asked(w: Work, equation: str, name: str) -> None:
    w.problem = w.one(
        f"Solve for {name}: {w.f(equation)}",
        f"Solve the equation {w.f(equation)}.",
        f"Find the value of {name} if {w.f(equation)}.",
        f"What value of {name} satisfies {w.f(equation)}?",
        f"If {w.f(equation)}, what is {name}?",
    )
    w.signed = True
    w.facts |= {"equation": equation, "unknown": name}


def _both_sides(w: Work, n: str, x: int, a: int) -> None:
    c = w.one(0, 0, w.whole(-6, 8))
    c = 0 if c == a else c
    b = w.whole(-20, 20)
    d = a * x + b - c * x
    left, right = polynomial([a, b], n), polynomial([c, d], n) if c else exact(Fraction(d))
    equation = f"{left} = {right}"
    _asked(w, equation, n)
    w.answer = exact(Fraction(x))
    now = equation
    if c:
        moved = [("sign", f"{polynomial([a + c, b], n)} = {exact(Fraction(d))}")] if a + c else []
        verb = "subtract" if c > 0 else "add"
        say = w.one(
            f"{verb} {w.f(polynomial([abs(c), 0], n))} on both sides: ",
            f"move the terms with {n} to one side: ",
            "bring like terms together: ",
        )
        now = _rewritten(w, now, f"{polynomial([a - c, b], n)} = {exact(Fraction(d))}", moved, say)
    factor, value = _read(now, n)
    verb = "subtract" if b > 0 else "add"
    wrong = [
        ("sign", f"{polynomial([factor, 0], n)} = {exact(value + b)}"),
        ("slip", f"{polynomial([factor, 0], n)} = {exact(w.one(*near(value - b)))}"),
        ("invalid_rule", f"{polynomial([factor, 0], n)} = {exact(value)}"),
    ]
    say = w.one(
        f"{verb} {abs(b)} {'from' if b > 0 else 'to'} both sides: ",
        f"to isolate the term with {n}, {verb} {abs(b)} on each side: ",
        "moving the constant gives ",
    )
    now = _rewritten(w, now, f"{polynomial([factor, 0], n)} = {exact(value - b)}", wrong, say)
    _divide(w, now, n)


def _bracket(w: Work, n: str, x: int, a: int) -> None:
    b = w.whole(-12, 12)
    rest = w.one(0, w.whole(-10, 10))
    d = a * (x + b) + rest
    equation = f"{a}*({polynomial([1, b], n)}){signed(rest) if rest else ''} = {exact(Fraction(d))}"
    _asked(w, equation, n)
    w.answer = exact(Fraction(x))
    wrong = [
        ("invalid_rule", f"{polynomial([a, b + rest], n)} = {exact(Fraction(d))}"),
        ("sign", f"{polynomial([a, -a * b + rest], n)} = {exact(Fraction(d))}"),
        ("slip", f"{polynomial([a, a * b + rest + 1], n)} = {exact(Fraction(d))}"),
    ]
    say = w.one("expand the left side: ", f"distribute the {a}: ", "multiplying out the parentheses gives ")
    now = _rewritten(w, equation, f"{polynomial([a, a * b + rest], n)} = {exact(Fraction(d))}", wrong, say)
    left = now.partition(" = ")[0]
    constant = _constant(left, n)
    if constant:
        wrong = [
            ("sign", f"{polynomial([a, 0], n)} = {exact(d + constant)}"),
            ("slip", f"{polynomial([a, 0], n)} = {exact(w.one(*near(d - constant)))}"),
        ]
        say = w.one("move the constant to the other side: ", f"isolate {n}: ", "this means ")
        now = _rewritten(w, now, f"{polynomial([a, 0], n)} = {exact(d - constant)}", wrong, say)
    _divide(w, now, n)


def _constant(left: str, name: str) -> Fraction:
    """Return the number that stands beside the term with the unknown, as written by ``polynomial``."""
    tail = left.rpartition(name)[2].replace(" ", "")
    return Fraction(tail) if tail else Fraction(0)


def _read(equation: str, name: str) -> tuple[Fraction, Fraction]:
    left, _, right = equation.partition(" = ")
    head = left.partition(name)[0].rstrip("*").strip("()")
    factor = Fraction(head) if head not in ("", "-") else Fraction(f"{head}1")
    return factor, Fraction(right.strip("()"))


def _rewritten(w: Work, before: str, after: str, wrong: list[tuple[str, str]], say: str) -> str:
    return w.step(
        after,
        [pair for pair in wrong if pair[1] != after],
        lambda v: f"{say}{w.f(v)}",
        lambda v: [rewrite(before, v)],
        lambda v: v,
    )


def _divide(w: Work, before: str, name: str) -> None:
    a, d = _read(before, name)
    right = d / a
    values = [("slip", value) for value in near(right)[:3]]
    values += [("inverted_ratio", a / d)] if d else []
    values += [("wrong_operation", d - a), ("sign", -right)]
    say = (
        w.one(
            f"divide both sides by {exact(a).strip('()')}: ",
            f"dividing by {exact(a).strip('()')} gives ",
            "so ",
            f"finally, solve for {name}: ",
        )
        if a != 1
        else "so "
    )
    found = w.step(
        right,
        [(kind, value) for kind, value in values if value != right],
        lambda v: f"{say}{w.f(f'{name} = {exact(v)}')}",
        lambda v: [rewrite(before, f"{name} = {exact(v)}")],
        lambda v: f"{name} = {exact(v)}",
    )
    w.finish(exact(found), w.answer, name)


def quadratic(w: Work) -> None:
    """Solve a quadratic equation with whole roots by factors or by the formula."""
    p, q = w.whole(-9, 9), w.whole(-9, 9)
    q = q + 1 if q == p and q != -1 else q if q != p else q + 2
    b, c = -(p + q), p * q
    equation = f"{polynomial([1, b, c])} = 0"
    _asked(w, equation, "x")
    w.answer = _roots(p, q)
    if w.one(True, True, False):
        _by_factors(w, equation, p, q)
    else:
        _by_formula(w, equation, b, c)


def _roots(p: int | Fraction, q: int | Fraction) -> str:
    low, high = sorted((Fraction(p), Fraction(q)))
    return f"x = {exact(low)} | x = {exact(high)}" if low != high else f"x = {exact(low)}"


def _factors(p: int, q: int) -> str:
    return "*".join(f"({polynomial([1, -r])})" if r else "x" for r in (p, q))


def _by_factors(w: Work, equation: str, p: int, q: int) -> None:
    say = w.one(
        "factor the left side: ",
        "the expression factors as ",
        f"we need two numbers whose sum is {-(p + q)} and whose product is {p * q}. This gives ",
    )
    left = equation.removesuffix(" = 0")
    wrong = [("sign", (-p, -q)), ("sign", (-p, q)), ("slip", (p + 1, q)), ("wrong_operand", (p, q + p))]
    p, q = w.step(
        (p, q),
        [pair for pair in wrong if 0 not in pair[1]],
        lambda v: f"{say}{w.f(f'{_factors(*v)} = 0')}",
        lambda v: [identity(f"{left} = {_factors(*v)}")],
        lambda v: f"{left} = {_factors(*v)}",
    )
    product = f"{_factors(p, q)} = 0"
    wrong_roots = [("sign", _roots(-p, -q)), ("invalid_rule", f"x = {p}"), ("sign", _roots(p, -q))]
    _state_roots(w, product, _roots(p, q), wrong_roots, "set each factor equal to zero: ")


def _state_roots(w: Work, equation: str, roots: str, wrong: list[tuple[str, str]], say: str) -> None:
    found = w.step(
        roots,
        [pair for pair in wrong if pair[1] != roots],
        lambda v: f"{say}{w.f(v)}",
        lambda v: [follows(v, equation)],
        lambda v: v,
    )
    way = w.one("so the solutions are {v}.", "therefore, {v}.", "the answer is {v}.")
    w.step(found, [], lambda v: way.format(v=w.f(v)), lambda v: [relation(f"{_set(v)} = {_set(found)}")], lambda v: v)


def _set(roots: str) -> str:
    return "{" + roots.replace("x = ", "").replace(" |", ",") + "}"


def _by_formula(w: Work, equation: str, b: int, c: int) -> None:
    right = b * b - 4 * c
    wrong = [("sign", b * b + 4 * c), ("dropped_term", b * b - c), ("slip", right + w.one(1, -1, 2, 10))]
    formula = f"({b})^2 - 4*({c})" if b < 0 or c < 0 else f"{b}^2 - 4*{c}"
    say = w.one("compute the discriminant: ", "the discriminant is ", "for the quadratic formula we need ")
    squares = [(kind, value) for kind, value in wrong if value != right and value >= 0]
    found = w.step(
        right,
        [(kind, value) for kind, value in squares if isqrt(value) ** 2 == value] or squares[:1],
        lambda v: f"{say}{w.f(f'{formula} = {v}')}",
        lambda v: [relation(f"{formula} = {v}")],
        lambda v: f"{formula} = {v}",
    )
    if isqrt(found) ** 2 != found:
        _root_signs(w, found, b)
        return
    root = isqrt(found)
    high, low = Fraction(-b + root, 2), Fraction(-b - root, 2)
    plus = f"x = ({-b} + {root})/2 | x = ({-b} - {root})/2"
    wrong_roots = [
        ("sign", _roots(-high, -low)),
        ("invalid_rule", f"x = {exact(high)}"),
        ("dropped_term", _roots(2 * high, 2 * low)),
    ]
    say = w.one("the quadratic formula gives ", f"with {w.f(plus)} we get ", "so by the formula, ")
    base = equation if found == right else plus
    _state_roots(w, base, _roots(low, high), wrong_roots, say)


def _root_signs(w: Work, found: int, b: int) -> None:
    """Go on from a wrong discriminant that is no square."""
    value = f"x = ({-b} + sqrt({found}))/2 | x = ({-b} - sqrt({found}))/2"
    w.step(value, [], lambda v: f"so {w.f(v)}", lambda _: [relation(f"{found} >= 0")], lambda v: v)


def system(w: Work) -> None:
    """Solve two equations by substitution, or three one after the other."""
    x, y = w.whole(-9, 12), w.whole(-9, 12)
    a, b = w.whole(2, 9), w.whole(-7, 9)
    b = next(c for c in (b, b + 1, b + 2, 1) if c not in (0, a, -a))
    total, t = x + y, a * x + b * y
    first, second = f"x + y = {exact(Fraction(total))}", f"{polynomial([a, 0])}{_tail(b)} = {exact(Fraction(t))}"
    names = f"{w.f(first)} and {w.f(second)}"
    z = w.whole(-9, 12)
    third = f"z = {polynomial([1, 0])}{_tail(1)}{signed(z)}"
    three = w.one(True, False, False)
    w.problem = w.one(f"Solve the system of equations {names}", f"Find x and y such that {names}") + (
        f". Then find {w.f('z')} from {w.f(third)}." if three else "."
    )
    w.facts |= {"first": first, "second": second} | ({"third": third} if three else {})
    w.answer = f"({x}, {y}, {x + y + z})" if three else f"({x}, {y})"
    now = f"y = {exact(Fraction(total))} - x"
    say = w.one(f"from {w.f(first)} we get ", "solve the first equation for y: ", "express y through x: ")
    now = w.step(
        now,
        [("sign", f"y = {exact(Fraction(total))} + x"), ("sign", f"y = x - {exact(Fraction(total))}")],
        lambda v: say + w.f(v),
        lambda v: [rewrite(first, v)],
        lambda v: v,
    )
    s, k = _substitute(w, now, second, a, b, t)
    one = s / k
    found = w.step(
        one,
        [("slip", v) for v in near(one)[:3]] + [("wrong_operation", s - k), ("sign", -one)],
        lambda v: f"solving for x gives {w.f(f'x = {exact(v)}')}",
        lambda v: [rewrite(f"{polynomial([k, 0])} = {exact(s)}", f"x = {exact(v)}")],
        lambda v: f"x = {exact(v)}",
    )
    constant, factor = _line(now)
    value = constant + factor * found
    other = w.step(
        value,
        [("sign", -value), ("slip", value + 1), ("wrong_operation", constant - factor * found)] if value else [],
        lambda v: f"then {w.f(f'y = {exact(v)}')}",
        lambda v: [follows(f"y = {exact(v)}", now, f"x = {exact(found)}")],
        lambda v: f"y = {exact(v)}",
    )
    if not three:
        pair = f"({exact(found)}, {exact(other)})"
        w.step(
            pair,
            [],
            lambda v: f"so the solution is (x, y) = {w.f(v)}.",
            lambda v: [relation(f"{v} = {pair}")],
            lambda v: f"(x, y) = {v}",
        )
        return
    last = found + other + z
    end = w.step(
        last,
        [("dropped_term", last - z), ("sign", found + other - z), ("slip", last + 1)],
        lambda v: f"finally, {w.f(f'z = {exact(v)}')}",
        lambda v: [relation(f"{exact(found)} + {exact(other)} + {exact(Fraction(z))} = {exact(v)}")],
        lambda v: f"z = {exact(v)}",
    )
    triple = f"({exact(found)}, {exact(other)}, {exact(end)})"
    w.step(
        triple,
        [],
        lambda v: f"so (x, y, z) = {w.f(v)}.",
        lambda v: [relation(f"{v} = {triple}")],
        lambda v: f"(x, y, z) = {v}",
    )


def _tail(b: int) -> str:
    return (" - " if b < 0 else " + ") + polynomial([abs(b), 0], "y")


def _line(now: str) -> tuple[Fraction, Fraction]:
    """Read ``y = 7 - x``, ``y = 7 + x`` or ``y = x - 7`` as a constant and a factor of x."""
    right = now.removeprefix("y = ")
    if right.startswith("x"):
        return -Fraction(right.removeprefix("x - ").strip("()")), Fraction(1)
    constant, sign, _ = right.rsplit(" ", 2)
    return Fraction(constant.strip("()")), Fraction(-1 if sign == "-" else 1)


def _substitute(w: Work, line: str, second: str, a: int, b: int, t: int) -> tuple[Fraction, Fraction]:
    """Put the first equation into the second; return the right side and the factor of x."""
    constant, factor = _line(line)
    k, s = a + b * factor, t - b * constant
    inner = line.removeprefix("y = ")
    put = f"{polynomial([a, 0])}{signed(b)}*({inner}) = {t}"
    say = w.one("substitute this into the second equation: ", "putting this into the other equation gives ")

    def collected(v: tuple[Fraction, Fraction]) -> str:
        return f"{polynomial([v[1], 0])} = {exact(v[0])}"

    wrong = [
        ("invalid_rule", (Fraction(t) - constant, k)),
        ("sign", (t + b * constant, k)),
        ("slip", (s + 1, k)),
        ("sign", (s, a - b * factor)),
    ]
    right = (s, k)
    return w.step(
        right,
        [pair for pair in wrong if pair[1] != right and pair[1][1] != 0],
        lambda v: f"{say}{w.f(put)}, so {w.f(collected(v))}",
        lambda v: [follows(put, line, second), rewrite(put, collected(v))],
        lambda v: f"{put}; {collected(v)}",
    )
