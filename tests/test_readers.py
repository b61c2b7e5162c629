"""From text to expressions: what the readers of dollars, tokens, units, expressions and statements make of it."""

import pytest

from genverify.claims.asked import answer_claim, asked
from genverify.claims.coverage import coverage
from genverify.claims.dollars import dollars
from genverify.claims.normalise import read
from genverify.claims.notation import Notation
from genverify.claims.phrases import phrase_claims
from genverify.claims.reading import convert
from genverify.claims.statements import statements
from genverify.claims.tokens import Kind
from genverify.claims.units import may_attach, may_convert, measures, stem
from genverify.types import Claim, ClaimKind


def tokens(text: str) -> str:
    return " ".join(t.text for t in read(text))


def expression(text: str) -> str | None:
    reading = convert(read(text))
    return None if reading is None else reading.text


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("$5", [0]),
        ("It costs $5 and then $7.", [9, 21]),
        ("$x = 5$", []),
        ("$5 + 3$ is eight", []),
        ("$$x = 5$$", []),
        (r"\$5", []),  # escaped: the lexer reads it, no delimiter is looked for
        ("$3 \\times 4 = 12$ and $6", [22]),
        ("$<<3*4=12>>12", [0]),
        ("from $4 to $9 each", [5, 11]),
    ],
)
def test_a_dollar_sign_is_money_or_opens_a_formula(text: str, money: list[int]) -> None:
    assert sorted(dollars(text)) == money


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 × 4 ÷ 2 − 1", "3 * 4 / 2 - 1"),
        ("1,234.50", "1234.50"),
        ("1{,}234", "1234"),
        (r"$12\,500$", "12500"),
        ("1, 234", "1 , 234"),
        (".5", "0.5"),
        ("5² + 2³", "5 ^ 2 + 2 ^ 3"),
        ("½", "( 1 / 2 )"),
        ("2½", "( 2 + 1 / 2 )"),
        (r"$\frac{1}{2}$", "( ( 1 ) / ( 2 ) )"),
        (r"$\frac12$", "( ( 1 ) / ( 2 ) )"),
        (r"$2\frac{1}{3}$", "( 2 + 1 / 3 )"),
        (r"$\sqrt[3]{8}$", "root ( 8 , 3 )"),
        (r"$\binom{5}{2}$", "binom ( 5 , 2 )"),
        ("6 \times 7", "6 * 7"),  # a tab where \t stood
        ("$\frac{6}{2}$", "( ( 6 ) / ( 2 ) )"),  # a form feed where \f stood
        (r"$\\frac{1}{2}$", "( ( 1 ) / ( 2 ) )"),
        ("7 x 8", "7 * 8"),
        ("2**5", "2 ^ 5"),
        ("**bold**", "bold"),
        ("- a\n- b", "- a \n - b"),
        ("90°", "90 °"),
        (r"$60^\circ$", "60 °"),
        ("two-thirds", "( 2 / 3 )"),
        ("cost_in_2018", "cost_in_2018"),
        ("x_1", "x_1"),
        ("f'(x)", "f_prime ( x )"),
        (r"$\log_2 8$", "log _ 2 8"),
        ("<<3*4=12>>", "( 3 * 4 = 12 )"),
        (r"$\leq \geq \neq \approx$", "<= >= != ~"),
        ("a <= b != c", "a <= b != c"),
    ],
)
def test_text_comes_to_one_stream_of_tokens(text: str, expected: str) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    "text", ["3:45", "1 + ... + 9", "3 ± 1", r"$\foo$", r"$0.\overline{3}$", "2xy3Fawn", "{", "$x^12$"]
)
def test_what_is_not_understood_is_never_dropped(text: str) -> None:
    poisoned = any(t.kind is Kind.POISON for t in read(text))
    assert poisoned or convert(read(text)) is None


def test_each_token_knows_where_it_stood() -> None:
    text = r"So $\frac{12}{4} = 3$ plates, i.e. $1,200."
    for token in read(text):
        assert 0 <= token.start <= token.end <= len(text)
        if token.kind is Kind.WORD:
            assert text[token.start : token.end].lower() == token.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 plates * $6.50/plate", "3 * 6.50"),
        ("$5 \\text{ bags} + 8 \\text{ bags}$", "5 + 8"),
        ("5 apples plus 3 apples", "5 + 3"),
        ("20% of 150", "(20/100) * 150"),
        ("half of 18", "(1/2) * 18"),
        ("3 dozen", "(3*12)"),
        ("2.5 million", "(2.5*1000000)"),
        ("9 squared", "9^2"),
        ("1 1/2", "(1 + 1/2)"),
        ("12 500", "12500"),
        ("17 mod 5", "mod(17, 5)"),
        ("30 - 8 (given away)", "30 - 8"),
        ("2(3 + 4)", "2 * (3 + 4)"),
        ("|3 - 10|", "abs(3 - 10)"),
        ("sqrt(16)", "sqrt(16)"),
        ("sin(30)", None),
        ("5! + 1", "5! + 1"),
        ("5!!", None),
        ("1/2x", None),
        ("1/12 / 1/36", None),
        ("80 (20 + 40)", None),
        ("5 and 3", None),
        ("twelve", "12"),
        ("3 + ", None),
        ("", None),
        ("f(2) + 1", "f(2) + 1"),
        ("f^2(3)", None),
        ("1 hour 20 minutes", None),
        ("9 times", None),
        ("9 times 3", "9 * 3"),
        ("5 more", None),
    ],
)
def test_one_side_is_read_as_an_expression_or_not_at_all(text: str, expected: str | None) -> None:
    assert expression(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 + 4 = 7", ["3 + 4 = 7"]),
        ("So 3 + 4 = 7 and 7 - 2 = 5.", ["3 + 4 = 7", "7 - 2 = 5"]),
        ("1 + 1 = 2, 2 + 2 = 4", ["1 + 1 = 2", "2 + 2 = 4"]),
        ("a = b = c", ["a = b = c"]),
        ("Total cost = 3 + 4", ["total_cost = 3 + 4"]),
        ("20% of 150 is 30", ["(20/100) * 150 = 30"]),
        ("The sky is blue.", []),
        ("She is 12.", []),
        ("12 is 3 more than 9", []),
        ("half of 6 + 2 = 5", ["(1/2) * 6 + 2 = 5"]),
        ("The average of 3 and 5 + 4 = 9", ["? = 9"]),
        ("pages 3-5 = 3", ["? = 3"]),
        ("5 + 3 = 8 of them", ["5 + 3 = ?"]),
        ("6 / 4 = 1 remainder 2", ["6 / 4 = ?"]),
        ("$x = 7$ or $x = -5$", ["x = 7", "x = - 5"]),
        ("9 cakes (3 * 3 = 9)", ["3 * 3 = 9"]),
        ("22 / 7 is approximately 3.14", ["22 / 7 ~ 3.14"]),
        (r"$3 + 4 = 7 \Rightarrow 7 \cdot 2 = 14$", ["3 + 4 = 7", "7 * 2 = 14"]),
        ("3 + 4 =\n7", ["3 + 4 = 7"]),
        ("=", []),
    ],
)
def test_a_text_is_cut_into_statements(text: str, expected: list[str]) -> None:
    found = []
    for s in statements(text):
        members = [m.reading.text if m.reading else m.name or "?" for m in s.members]
        found.append(" ".join(x for pair in zip(members, (*s.rels, ""), strict=True) for x in pair).strip())
    assert found == expected


@pytest.mark.parametrize(
    ("word", "root", "is_measure"),
    [("inches", "inch", True), ("centuries", "century", True), ("/plates", "plate", False), ("glass", "glass", False),
     ("gas", "gas", False), ("hours", "hour", True), ("apples", "apple", False)],
)  # fmt: skip
def test_units_are_known_by_their_stem(word: str, root: str, is_measure: bool) -> None:
    assert (stem(word), measures(word)) == (root, is_measure)


def test_letters_right_behind_a_number_are_a_unit_or_a_factor() -> None:
    assert [w for w in ("kg", "nd", "pm", "hours", "xy", "Fawn", "ab") if may_attach(w)] == ["kg", "nd", "pm", "hours"]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (["feet", "inches"], ["inches"], True),
        (["feet", "feet"], ["inches"], True),
        (["feet", "feet"], ["feet"], False),
        (["apples", "oranges"], ["fruits"], False),
        (["minutes", "/minute", "seconds"], ["seconds"], False),
        (["hours", "minutes"], [], True),
        ([], ["km"], False),
    ],
)
def test_a_conversion_may_stand_between_units_that_measure_the_same(
    left: list[str], right: list[str], expected: bool
) -> None:
    assert may_convert(left, right) is expected


@pytest.mark.parametrize(
    ("problem", "step", "usual"),
    [
        ("Let $a * b = a + 2b$.", "3 * 4 = 11", False),
        ("Let $a * b = a + 2b$.", "3 + 8 = 11", True),
        ("Define a # b to be ab + 1.", "2 # 3 = 7", False),
        (r"Let $a \circ b = a^2 - b$.", r"$4 \circ 2 = 14$", False),
        ("What is 3 * 4?", "3 * 4 = 12", True),
    ],
)
def test_a_sign_that_the_problem_defines_is_not_read_as_usual(problem: str, step: str, usual: bool) -> None:
    assert Notation.of(problem).is_usual(step) is usual


@pytest.mark.parametrize(
    ("problem", "modular", "moduli"),
    [
        ("Find the last two digits of 3^10.", True, set()),
        ("What is the remainder when 7^5 is divided by 13?", True, {13}),
        ("Solve modulo 26.", True, {26}),
        ("How many apples are left?", False, set()),
    ],
)
def test_a_problem_may_ask_for_remainders_or_digits(problem: str, modular: bool, moduli: set[int]) -> None:
    notation = Notation.of(problem)
    assert (notation.modular, set(notation.moduli)) == (modular, moduli)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("97 is prime.", ["prime(97)"]),
        ("91 is not a prime number.", ["not prime(91)"]),
        ("35 is prime to 12.", []),
        ("If 51 is prime, stop.", []),
        ("Is 51 is prime?", []),
        ("384 is divisible by 6.", ["divides(6, 384)"]),
        ("385 is not divisible by 6.", ["not divides(6, 385)"]),
        ("60 is divisible by 4, 5 and 6.", []),
        ("2^5 + 1 is divisible by 11", []),
        ("47 divided by 6 leaves a remainder of 5.", ["mod(47, 6) = 5"]),
        ("The remainder when 47 is divided by 6 is 5.", ["mod(47, 6) = 5"]),
        ("Tom says 91 is prime.", []),
    ],
)
def test_a_sentence_may_claim_something_about_whole_numbers(text: str, expected: list[str]) -> None:
    assert [c.statement for c in phrase_claims(text)] == expected


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        ("What is 17 * 23?", "17 * 23"),
        ("Compute $3 + 4 \\cdot 5$.", "3 + 4 * 5"),
        ("((2 + 3) * 4) - 5 =", "((2 + 3) * 4) - 5"),
        ("Find the remainder when 47 is divided by 6.", "mod(47, 6)"),
        ("What is 20% of the cake?", None),
        ("What is x + 3?", None),
        ("What is 5?", None),
        ("A farmer has 3 + 4 sheep.", None),
    ],
)
def test_a_bare_question_gives_the_expression_it_asks_for(problem: str, expected: str | None) -> None:
    reading = asked(problem)
    assert (None if reading is None else reading.text) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("The answer is 391.", "17 * 23 = 391"),
        (r"So \boxed{391}", "17 * 23 = 391"),
        ("Final answer: 400 - 9 = 391", None),
        ("The answer is below.", None),
        ("We get 391.", None),
    ],
)
def test_an_answer_is_held_to_a_bare_question(step: str, expected: str | None) -> None:
    question = asked("What is 17 * 23?")
    assert question is not None
    claim = answer_claim(question, step)
    assert (None if claim is None else claim.statement) == expected


def test_coverage_counts_the_words_that_no_decided_claim_speaks_for() -> None:
    sum_ = Claim(ClaimKind.RELATION, "3 + 4 = 7", span=(3, 12))
    assert coverage("So 3 + 4 = 7.", [sum_]) == 1.0
    assert coverage("So 3 + 4 = 7 apples fell.", [sum_]) == pytest.approx(3 / 5)
    assert coverage("So it is.", []) == 0.0
    assert coverage("Step 2: ", []) == 0.0
