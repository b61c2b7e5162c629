"""Properties of claim extraction: true statements in any written form are confirmed, changed ones refuted, no text
breaks it, and what it finds stands where it says."""

from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genverify.claims import extract
from genverify.claims.grammar import parse
from genverify.tools.checkers import Checkers
from genverify.types import Claim, ClaimKind, Outcome, Problem, Solution

NO_PROBLEM = Problem("")


def claims_of(*steps: str, problem: str = "") -> tuple[tuple[Claim, ...], ...]:
    return extract(Problem(problem), Solution.from_steps(steps))


@dataclass(frozen=True)
class Form:
    """One way of writing formulas."""

    plus: str = " + "
    minus: str = " - "
    times: str = " * "
    over: str = " / "
    equals: str = " = "
    fraction: str = "({}/{})"
    power: str = "{}^{}"
    root: str = "sqrt({})"
    binomial: str = "binom({}, {})"
    money: str = "$"
    percent: str = "%"
    thousands: str = ","
    around: str = "{}"


LATEX = Form(
    times=r" \times ", over=r" \div ", fraction=r"\frac{{{}}}{{{}}}", power="{}^{{{}}}", root=r"\sqrt{{{}}}",
    binomial=r"\binom{{{}}}{{{}}}", money=r"\$", percent=r"\%", thousands="{,}", around="${}$",
)  # fmt: skip
FORMS: dict[str, Form] = {
    "prose": Form(),
    "tight": Form(plus="+", minus="-", times="*", equals="="),
    "unicode": Form(minus=" − ", times=" × ", over=" ÷ ", root="√({})", binomial=r"$\binom{{{}}}{{{}}}$"),
    "words": Form(plus=" plus ", minus=" minus ", times=" times ", over=" divided by ", equals=" equals "),
    "letter x": Form(times=" x "),
    "latex": LATEX,
    "latex dot": Form(**{**vars(LATEX), "times": r" \cdot ", "around": r"\({}\)"}),
    "latex display": Form(**{**vars(LATEX), "fraction": r"\dfrac{{{}}}{{{}}}", "around": r"\[{}\]"}),
    "latex dollars": Form(**{**vars(LATEX), "times": "\\cdot ", "around": "$${}$$"}),
}
SENTENCES = (
    "{}",
    "So {}.",
    "Therefore, {}.",
    "We get {}",
    "- {}",
    "2. {}",
    "**{}**",
    "Then we compute:\n{}\nas planned.",
)
NUMBERS = st.integers(2, 999)


@dataclass(frozen=True)
class Identity:
    """A left side, its value as written, and another value written in the same way."""

    left: str
    right: str
    wrong: str

    def says(self, form: Form, sentence: str, *, true: bool) -> str:
        return sentence.format(form.around.format(self.left + form.equals + (self.right if true else self.wrong)))


def grouped(value: int, form: Form, separated: bool) -> str:
    return f"{value:,}".replace(",", form.thousands) if separated else str(value)


def decimal(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


@st.composite
def sums(draw: st.DrawFn, form: Form) -> Identity:
    """Sums, differences and products of whole numbers, with and without thousands separators and units."""
    separated = draw(st.booleans())
    unit = draw(st.sampled_from(("", " apples", " km"))) if form.times != " x " else ""
    a, b, c = draw(st.integers(1, 99_999)), draw(st.integers(1, 99_999)), draw(st.integers(2, 40))
    behind = rf" \text{{{unit}}}" if unit and "\\" in form.times else unit
    texts = [grouped(n, form, separated) + behind for n in (a, b)]
    sign, value = draw(st.sampled_from(((form.plus, a + b), (form.minus, a - b), (form.times, a * c))))
    last = texts[1] if sign != form.times else str(c)
    off = value + draw(st.integers(1, 9)) * draw(st.sampled_from((-1, 1)))
    right, wrong = (("-" if v < 0 else "") + grouped(abs(v), form, separated) + behind for v in (value, off))
    return Identity(texts[0] + sign + last, right, wrong)


@st.composite
def money(draw: st.DrawFn, form: Form) -> Identity:
    a, b = draw(st.integers(1, 99_999)), draw(st.integers(1, 99_999))
    change = draw(st.integers(1, 99))
    left = form.money + decimal(a) + form.plus + form.money + decimal(b)
    return Identity(left, form.money + decimal(a + b), form.money + decimal(a + b + change))


@st.composite
def decimals(draw: st.DrawFn, form: Form) -> Identity:
    a, b = draw(st.integers(100, 99_999)), draw(st.integers(1, 99))
    return Identity(decimal(a) + form.minus + decimal(b), decimal(a - b), decimal(a - b + draw(st.integers(1, 500))))


@st.composite
def fractions(draw: st.DrawFn, form: Form) -> Identity:
    a, b = (Fraction(draw(st.integers(1, 30)), draw(st.integers(2, 30))) for _ in range(2))
    change = Fraction(1, draw(st.integers(2, 50)))
    left, total = [form.fraction.format(v.numerator, v.denominator) for v in (a, b)], a + b
    right, wrong = (form.fraction.format(v.numerator, v.denominator) for v in (total, total + change))
    return Identity(form.plus.join(left), right, wrong)


@st.composite
def quotients(draw: st.DrawFn, form: Form) -> Identity:
    a, b = draw(NUMBERS), draw(st.integers(2, 99))
    return Identity(f"{a * b}{form.over}{b}", str(a), str(a + draw(st.integers(2, 9))))


@st.composite
def percentages(draw: st.DrawFn, form: Form) -> Identity:
    share, whole = draw(st.integers(1, 99)), 100 * draw(st.integers(1, 50))
    of = " of " if "\\" not in form.times else form.times
    right = share * whole // 100
    return Identity(f"{share}{form.percent}{of}{whole}", str(right), str(right + draw(st.integers(1, 9))))


@st.composite
def powers(draw: st.DrawFn, form: Form) -> Identity:
    a, n = draw(st.integers(2, 30)), draw(st.integers(2, 6))
    return Identity(form.power.format(a, n), str(a**n), str(a**n + draw(st.integers(1, 9))))


@st.composite
def roots(draw: st.DrawFn, form: Form) -> Identity:
    a = draw(st.integers(2, 400))
    return Identity(form.root.format(a * a), str(a), str(a + draw(st.integers(1, 9))))


@st.composite
def binomials(draw: st.DrawFn, form: Form) -> Identity:
    n = draw(st.integers(2, 20))
    k = draw(st.integers(1, n))
    return Identity(form.binomial.format(n, k), str(comb(n, k)), str(comb(n, k) + draw(st.integers(1, 9))))


@st.composite
def factorials(draw: st.DrawFn, form: Form) -> Identity:
    n = draw(st.integers(2, 9))
    return Identity(f"{n}!", str(factorial(n)), str(factorial(n) + draw(st.integers(1, 9))))


@st.composite
def remainders(draw: st.DrawFn, form: Form) -> Identity:
    a, m = draw(st.integers(20, 999)), draw(st.integers(3, 19))
    mod = r" \bmod " if "\\" in form.times else " mod "
    return Identity(f"{a}{mod}{m}", str(a % m), str((a + draw(st.integers(1, m - 1))) % m))


@st.composite
def chains(draw: st.DrawFn, form: Form) -> Identity:
    a, b, c = draw(NUMBERS), draw(NUMBERS), draw(NUMBERS)
    left = f"{a}{form.plus}{b}{form.minus}{c}{form.equals}{a + b}{form.minus}{c}"
    value, wrong = a + b - c, a + b - c + draw(st.integers(1, 9))
    return Identity(left, str(value), str(wrong))


KINDS = {
    "sums": sums, "money": money, "decimals": decimals, "fractions": fractions, "quotients": quotients,
    "percentages": percentages, "powers": powers, "roots": roots, "binomials": binomials, "factorials": factorials,
    "remainders": remainders, "chains": chains,
}  # fmt: skip
WRITTEN = [(kind, form) for kind in KINDS for form in FORMS if (kind, form) != ("fractions", "words")]


@pytest.mark.parametrize(("kind", "form"), WRITTEN)
@settings(max_examples=12)
@given(drawn=st.data())
def test_a_true_identity_in_any_written_form_is_found_and_confirmed(
    checkers: Checkers, kind: str, form: str, drawn: st.DataObject
) -> None:
    identity, sentence = drawn.draw(KINDS[kind](FORMS[form])), drawn.draw(st.sampled_from(SENTENCES))
    text = identity.says(FORMS[form], sentence, true=True)
    (claims,) = claims_of(text)
    assert claims, text
    assert {checkers.check(c).outcome for c in claims} == {Outcome.CONFIRMED}, text


@pytest.mark.parametrize(("kind", "form"), WRITTEN)
@settings(max_examples=12)
@given(drawn=st.data())
def test_an_identity_with_a_changed_result_is_found_and_refuted(
    checkers: Checkers, kind: str, form: str, drawn: st.DataObject
) -> None:
    identity, sentence = drawn.draw(KINDS[kind](FORMS[form])), drawn.draw(st.sampled_from(SENTENCES))
    text = identity.says(FORMS[form], sentence, true=False)
    (claims,) = claims_of(text)
    assert [c for c in claims if checkers.check(c).outcome is Outcome.REFUTED], text


def test_the_same_text_always_gives_the_same_claims() -> None:
    steps = ("Let x = 4.", "Then 3x + 1 = 13 and $\\frac{1}{2} + \\frac{1}{3} = \\frac{5}{6}$.", "20% of 40 is 8.")
    first = claims_of(*steps)
    claims_of("x = 7", "3x = 22")  # what was read in between leaves no trace
    assert claims_of(*steps) == first


PIECES = (
    "0 1 2 7 3.5 1,234 1{,}000 ½ ² + - * / ^ ! = == != < > ≤ ≈ ~ ± × ÷ − · ( ) [ ] { } | , . ; : ? $ $$ & _",
    r"\ \\ \( \) \[ \] \frac \frac{1}{2} \sqrt \sqrt[3] \times \cdot \text{ \text{km} \left( \binom \pmod",
    r"\equiv \begin{pmatrix} \end{pmatrix} \begin{align*} \end{align*} \boxed{ \sum_{k=1}^{ \int_0^1 \lim_{x\to0} \pi",
    r"\% \$ \sin \log_2 \ln \overline \ldots ... x y n i e f(2) x_1 AB 90° ** <<3*4=12>> 1:30 and or so then of is",
    "are half times plus minus percent dozen more than divided by mod equals about Let If Suppose not Therefore total",
    "cost apples km hours Case Step",
)
BLANKS = (" ", "\n", "\n\n", "\t", "\x00", "\u202e")
SOUP = st.lists(st.sampled_from((*" ".join(PIECES).split(), *BLANKS)), max_size=40)
TEXTS = st.one_of(SOUP.map(" ".join), SOUP.map("".join), st.text(max_size=120))


@settings(max_examples=400)
@given(st.lists(TEXTS, min_size=1, max_size=3), TEXTS)
def test_no_text_breaks_extraction_and_each_claim_stands_where_it_says(steps: list[str], problem: str) -> None:
    for text, claims in zip(steps, claims_of(*steps, problem=problem), strict=True):
        for claim in claims:
            start, end = claim.span
            assert 0 <= start <= end <= len(text)
            assert claim.text == text[start:end]
            if claim.result_span is not None:
                assert 0 <= claim.result_span[0] < claim.result_span[1] <= len(text)


@settings(max_examples=200)
@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_a_step_that_shares_no_name_with_those_before_changes_nothing_about_them(steps: list[str]) -> None:
    alone = claims_of(*steps)
    assert claims_of(*steps, "Then 17 * 24 = 408, as was to be shown.")[: len(steps)] == alone


@settings(max_examples=100)
@given(st.lists(TEXTS, min_size=1, max_size=2))
def test_the_claims_of_a_text_are_statements_of_the_formal_language(steps: list[str]) -> None:
    for claims in claims_of(*steps):
        for claim in claims:
            if claim.kind is not ClaimKind.INVENTORY:
                parse(claim.statement)


LONG = 20_000
HOSTILE = {
    "open brackets": "(" * LONG,
    "closed brackets": ")" * LONG,
    "nested brackets": "(" * 9_000 + "1" + ")" * 9_000,
    "nested equations": "(" * 9_000 + "1=2" + ")" * 9_000,
    "open braces": "{" * LONG,
    "nested braces": "{" * 9_000 + "}" * 9_000,
    "backslashes": "\\" * LONG,
    "dollars": "$" * LONG,
    "equals signs": "=" * LONG,
    "a long chain": "1=" * 9_999 + "1",
    "a tower": "2^" * 9_999 + "1",
    "minus signs": "-" * 19_997 + "1=1",
    "root signs": "√" * 9_000 + "9=3",
    "factorials": "3" + "!" * 9_000,
    "nested roots": r"\sqrt{" * 2_800 + "9",
    "nested fractions": r"\frac{1}{" * 1_900,
    "matrices": r"\begin{pmatrix}" * 1_250,
    "calls": "f(" * 6_500 + "x" + ")" * 6_500,
    "sums": r"\sum_{k=1}^{" * 1_400,
    "is": "is 5 " * 4_000,
    "of": "half of " * 2_400,
    "or": "x = 1 or " * 2_000,
    "notes": "<<1=1" * 4_000,
    "primes": "x'" * 9_000 + "=1",
    "digits": "9" * 9_000 + "=" + "9" * 9_000,
    "spaces": " " * LONG,
    "line ends": "\n" * LONG,
    "units": "5 apples + " * 1_800 + "1 = 2",
    "a long unit": "5 " + "apples " * 2_800 + "= 5",
    "mod": "1 mod " * 3_000,
    "commas": "1," * 9_999,
    "denied": "1 = 2 ≠ " * 2_500,
    "divisible": "is divisible by 3 " * 1_100,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_long_hostile_text_is_read_to_its_end(text: str) -> None:
    (claims,) = claims_of(text)
    assert all(claim.text == text[slice(*claim.span)] for claim in claims)


def test_a_text_beyond_the_bound_gets_no_claims() -> None:
    assert claims_of("1 + 1 = 3 " * 2_100) == ((),)
