"""Derivatives, integrals and limits of polynomials and simple functions, with solutions."""

from fractions import Fraction

from genverify.data.algebra.terms import exact
from genverify.data.algebra.worked import Work, identity, near, polynomial, relation, same

Coefficients = tuple[Fraction, ...]
"""Those of a polynomial, the highest power first."""


def _draw(w: Work, low: int, high: int) -> Coefficients:
    degree = w.rng.randint(low, high)
    rest = [w.rng.choice((0, w.whole(-9, 9), w.whole(-9, 9))) for _ in range(degree)]
    return tuple(Fraction(c) for c in (w.whole(-5, 7), *rest))


def _derived(c: Coefficients) -> Coefficients:
    n = len(c) - 1
    return tuple(a * (n - at) for at, a in enumerate(c[:-1])) or (Fraction(0),)


def _integrated(c: Coefficients) -> Coefficients:
    n = len(c)
    return (*(a / (n - at) for at, a in enumerate(c)), Fraction(0))


def _at(c: Coefficients, x: Fraction) -> Fraction:
    value = Fraction(0)
    for a in c:
        value = value * x + a
    return value


def _put(c: Coefficients, x: Fraction) -> str:
    """Return a polynomial with a number in the place of x."""
    return polynomial(c).replace("x", f"({exact(x).strip('()')})")


def derivative(w: Work) -> None:
    """Derive a polynomial, perhaps with a sine or an exponential, and put in a point."""
    c, a = _draw(w, 2, 4), Fraction(w.whole(-4, 5))
    f = polynomial(c)
    extra, derived_extra = w.one(
        ("", ""), ("", ""), (" + sin(x)", " + cos(x)"), (" + exp(x)", " + exp(x)"), (" + cos(x)", " - sin(x)")
    )
    point = not extra
    w.problem = (
        w.one("Let f(x) = {}. Find {goal}.", "Find {goal} for the function f(x) = {}.", "If f(x) = {}, what is {goal}?")
        .replace("{}", w.f(f + extra))
        .replace("{goal}", f"f'({exact(a).strip('()')})" if point else "f'(x)")
    )
    w.facts |= {"function": f + extra} | ({"point": exact(a)} if point else {})
    d = _derived(c)
    n = len(c) - 1
    wrong: list[tuple[str, Coefficients]] = [
        ("invalid_rule", tuple(v * 1 for v in c[:-1])),
        ("dropped_term", (*d[:-1], Fraction(0))),
        ("sign", (d[0], *(-v for v in d[1:]))),
        ("slip", (d[0] + 1, *d[1:])),
        ("invalid_rule", (c[0] * n, *(Fraction(0) for _ in range(n)))) if n < 4 else ("slip", (d[0] - 1, *d[1:])),
    ]
    say = w.one("differentiate term by term: ", "by the power rule, ", "the derivative is ")
    found = w.step(
        d,
        [pair for pair in wrong if _normal(pair[1]) != _normal(d) and any(pair[1])],
        lambda v: f"{say}f'(x) = {w.f(_sum(polynomial(v), derived_extra))}",
        lambda v: [identity(f"diff({f}{extra}, x) = {_sum(polynomial(v), derived_extra)}")],
        lambda v: f"diff({f}{extra}, x) = {_sum(polynomial(v), derived_extra)}",
    )
    if not point:
        w.answer = _sum(polynomial(d), derived_extra)
        end = _sum(polynomial(found), derived_extra)
        w.step(
            end, [], lambda v: f"so f'(x) = {w.f(v)}.", lambda v: [identity(f"{v} = {end}")], lambda v: f"answer = {v}"
        )
        return
    value = _at(found, a)
    wrong_values = [("slip", v) for v in near(value)[:3]] + [("sign", _at(found, -a)), ("wrong_operand", _at(c, a))]
    say = w.one(f"put in x = {exact(a).strip('()')}: ", "evaluate at the point: ", "therefore ")
    end_value = w.step(
        value,
        [pair for pair in wrong_values if pair[1] != value],
        lambda v: f"{say}{w.f(f'{_put(found, a)} = {exact(v)}')}",
        lambda v: [relation(f"{_put(found, a)} = {exact(v)}")],
        lambda v: f"{_put(found, a)} = {exact(v)}",
    )
    w.answer = exact(_at(d, a))
    w.finish(exact(end_value), w.answer, f"f'({exact(a).strip('()')})")


def _sum(one: str, extra: str) -> str:
    return extra.removeprefix(" + ") if one == "0" and extra.startswith(" + ") else one + extra


def _normal(c: Coefficients) -> Coefficients:
    while len(c) > 1 and not c[0]:
        c = c[1:]
    return c


def integral(w: Work) -> None:
    """Integrate a polynomial between two points."""
    c = _draw(w, 1, 3)
    c = tuple(v * (len(c) - at) for at, v in enumerate(c))
    low, high = Fraction(w.rng.randint(-2, 2)), Fraction(w.rng.randint(3, 5))
    f = polynomial(c)
    bounds = f"from {exact(low).strip('()')} to {exact(high)}"
    whole = f"\\int_{{{exact(low).strip('()')}}}^{{{exact(high)}}} ({f.replace('*', '')}) \\, dx"
    w.problem = (
        w.one(f"Compute ${whole}$.", f"Evaluate the integral ${whole}$.")
        if w.latex
        else w.one(f"Compute the integral of {w.f(f)} {bounds}.", f"Integrate {w.f(f)} {bounds}.")
    )
    w.facts |= {"function": f, "low": exact(low), "high": exact(high)}
    g = _integrated(c)
    wrong: list[tuple[str, Coefficients]] = [
        ("invalid_rule", (*c, Fraction(0))),
        ("invalid_rule", _derived(c)),
        ("slip", (g[0] + 1, *g[1:])),
        ("dropped_term", (*g[:-2], Fraction(0), Fraction(0))),
        ("sign", (g[0], *(-v for v in g[1:]))),
    ]
    say = w.one("an antiderivative is ", "integrate term by term: ", "by the power rule for integrals, F(x) = ")
    found = w.step(
        g,
        [pair for pair in wrong if _normal(pair[1]) != _normal(g) and any(pair[1])],
        lambda v: f"{say}{w.f(polynomial(v))}",
        lambda v: [identity(f"diff({polynomial(v)}, x) = {f}")],
        lambda v: f"diff({polynomial(v)}, x) = {f}",
    )
    top, bottom = (_ends(w, found, x) for x in (high, low))
    value = top - bottom
    end = w.step(
        value,
        [("wrong_operation", top + bottom), ("sign", bottom - top), ("slip", value + 1)]
        if bottom
        else [("slip", value + 1)],
        lambda v: f"subtract: {w.f(f'{exact(top)} - {exact(bottom)} = {exact(v)}')}",
        lambda v: [relation(f"{exact(top)} - {exact(bottom)} = {exact(v)}")],
        lambda v: f"{exact(top)} - {exact(bottom)} = {exact(v)}",
    )
    w.answer = exact(_at(g, high) - _at(g, low))
    w.finish(exact(end), w.answer, "the integral")


def _ends(w: Work, g: Coefficients, x: Fraction) -> Fraction:
    value = _at(g, x)
    left = _put(g, x)
    return w.step(
        value,
        [("slip", value + 1), ("sign", -value), ("carry", value + 10)] if value else [("slip", value + 1)],
        lambda v: f"F({exact(x).strip('()')}) = {w.f(f'{left} = {exact(v)}')}",
        lambda v: [relation(f"{left} = {exact(v)}")],
        lambda v: f"{left} = {exact(v)}",
    )


def limit(w: Work) -> None:
    """Find the limit of a quotient whose two sides vanish, by cancelling a factor."""
    a = w.whole(-7, 7)
    b = w.whole(-9, 9)
    b = b if b != -a else b + 1
    top = polynomial([1, b - a, -a * b])
    bottom = polynomial([1, -a])
    quotient = f"({top})/({bottom})"
    if w.latex:
        w.problem = (
            w.one("Find ", "Compute ", "Evaluate ")
            + f"$\\lim_{{x \\to {a}}} \\frac{{{top.replace('*', '')}}}{{{bottom}}}$."
        )
    else:
        w.problem = w.one(
            f"Find the limit of {w.f(quotient)} as x goes to {a}.",
            f"What does {w.f(quotient)} tend to when x approaches {a}?",
        )
    w.facts |= {"quotient": quotient, "point": exact(Fraction(a))}
    wrong = [("sign", -b), ("slip", b + 1), ("wrong_operand", -a)]
    found = w.step(
        b,
        [pair for pair in wrong if pair[1] not in (b, 0)],
        lambda v: f"factor the numerator: {w.f(f'{top} = ({bottom})*({polynomial([1, v])})')}",
        lambda v: [identity(f"{top} = ({bottom})*({polynomial([1, v])})")],
        lambda v: f"{top} = ({bottom})*({polynomial([1, v])})",
    )
    rest = polynomial([1, found])
    w.step(
        rest,
        [],
        lambda v: w.f(f"(({bottom})*({v}))/({bottom}) = {v}") + f" for x different from {a}",
        lambda v: [identity(f"({bottom})*({rest}) = ({bottom})*({v})")],
        lambda v: f"({bottom})*({v})/({bottom}) = {v}",
    )
    value = Fraction(a + found)
    end = w.step(
        value,
        [
            pair
            for pair in (("sign", Fraction(found - a)), ("slip", value + 1), ("invalid_rule", Fraction(0)))
            if pair[1] != value
        ],
        lambda v: f"put in x = {a}: {w.f(f'{a} + {exact(Fraction(found))} = {exact(v)}')}",
        lambda v: [relation(f"{a} + {exact(Fraction(found))} = {exact(v)}"), same(exact(value), exact(v))],
        lambda v: f"limit({rest}, x, {a}) = {exact(v)}",
    )
    w.answer = exact(Fraction(a + b))
    w.finish(exact(end), w.answer, "the limit")
