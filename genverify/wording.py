"""Claims and checks to words: formal text as people write it, and the sentence that says why a step is judged so.

Everything here is for reading only; nothing is decided from what it returns.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from genverify.claims.grammar import App, Expr, Num, heads, parse
from genverify.claims.writing import show, show_number
from genverify.errors import GrammarError
from genverify.types import Check, Claim, ClaimKind, Outcome

MAX_EXPRESSION: Final = 90
"""Characters of an expression inside a sentence; longer ones are spoken of as "the left side"."""
MAX_QUOTE: Final = 80
"""Characters of a step's own words inside a sentence; one line of a terminal."""
MAX_VALUE: Final = 40
"""Characters of a value inside a sentence; 100! has 158 digits and nobody reads them all."""

_SIGNS: Final = (
    ("<->", "↔"), ("->", "→"), ("<=", "≤"), (">=", "≥"), ("!=", "≠"), ("~", "≈"), ("-", "−"), ("&", "and"), ("|", "or"),
)  # fmt: skip
_SUPERSCRIPT: Final = {"^2": "²", "^3": "³"}


_JOINERS: Final = frozenset("\u200c\u200d")  # part of the spelling of Persian, Hindi and emoji
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def clean(text: str) -> str:
    r"""Return ``text`` with whatever a terminal would obey written out instead, as ``\x1b`` or ``\u202e``.

    Line feeds stay; a tab becomes a space.
    """
    return "".join(_visible(c) for c in text.replace("\r\n", "\n").replace("\t", " "))


def _visible(char: str) -> str:
    if char == "\n" or char in _JOINERS or unicodedata.category(char) not in _HIDDEN:
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def pretty(formal: str) -> str:
    """Write formal text as people do: ``3*(x - 1)^2`` becomes ``3 × (x − 1)²``; text that is not formal is kept."""
    try:
        text = show(parse(formal))
    except GrammarError:
        return formal
    text = re.sub(r"(?<=\d)\*(?=(?:pi|[A-Za-z])\b)", "", text)  # 2*x is written 2x, but 2*3 is never 23
    text = _functions(text.replace("*", " × "))
    for formal_sign, sign in _SIGNS:
        text = text.replace(formal_sign, sign)
    return re.sub(r"(?<=[A-Za-z])_(?=[A-Za-z])", " ", text)  # total_earnings is a name made of words; x_1 is not


def _functions(text: str) -> str:
    """Write powers, roots, degrees, logarithms and pi of formal text as people do."""
    text = re.sub(r"\^[23](?![\d.^!])", lambda m: _SUPERSCRIPT[m.group()], text)
    text = re.sub(r"\bmod\(([\w.-]+), ([\w.]+)\)", r"\1 mod \2", text)
    text = re.sub(r"\bdeg\((-?[\d.]+)\)", r"\1°", text)
    text = re.sub(r"\blog\(([\w.]+), ([\w.]+)\)", r"log_\2(\1)", text)
    text = re.sub(r"\bsqrt\((\d+)\)", r"√\1", text).replace("sqrt(", "√(")
    return re.sub(r"\bpi\b", "π", text)


def rational(expr: Expr) -> Fraction | None:
    """Return the value of a numeral, a negated numeral or a quotient of them; None for anything else."""
    if isinstance(expr, Num):
        return Fraction(expr.value)
    if isinstance(expr, App) and expr.head == "neg":
        inner = rational(expr.args[0])
        return None if inner is None else -inner
    if isinstance(expr, App) and expr.head == "/":
        above, below = (rational(a) for a in expr.args)
        return None if above is None or not below else above / below
    return None


def decimal_places(value: Fraction) -> int | None:
    """Return how many digits after the point write ``value`` exactly; None if no number of digits does."""
    below, powers = value.denominator, {2: 0, 5: 0}
    for prime in powers:
        while below % prime == 0:
            below //= prime
            powers[prime] += 1
    return max(powers.values()) if below == 1 else None


def plain_value(formal: str, like: Expr | None = None) -> str | None:
    """Write a computed value as ``like`` is written: ``18.00`` beside ``17.00``, ``about 3.333`` beside ``3.4``.

    Returns:
        The value; None if it is too long for a sentence and no number.
    """
    try:
        expr = parse(formal)
    except GrammarError:
        return None
    value, text = rational(expr), pretty(formal)
    if value is None:
        return text if len(text) <= MAX_VALUE else None
    places, wanted = decimal_places(value), _written_places(like)
    if value.denominator == 1 and not wanted:
        return shorten(text, MAX_VALUE)
    if isinstance(like, App) and wanted is None and rational(like) is not None:
        return shorten(pretty(show(Num(value))), MAX_VALUE)  # beside a fraction stands a fraction
    if places is not None and places <= (max(8, (wanted or 0) + 3) if wanted or isinstance(expr, Num) else 4):
        return _decimal(value, max(places, wanted or 0))
    if wanted:
        return "about " + _decimal(value, wanted + 2)
    return shorten(text, MAX_VALUE)


def _written_places(like: Expr | None) -> int | None:
    if isinstance(like, App) and like.head == "neg":
        return _written_places(like.args[0])
    return like.places if isinstance(like, Num) else None


def _decimal(value: Fraction, places: int) -> str:
    scaled = round(value * 10**places)
    return show_number(Num(Fraction(scaled, 10**places), places or None)).replace("-", "−")


def shorten(text: str, limit: int) -> str:
    """Return ``text`` on one line with its middle left out where it has more than ``limit`` characters."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = (limit - 3) * 2 // 3
    return f"{text[:head]} … {text[len(text) - (limit - 3 - head) :]}"


def quote(claim: Claim) -> str:
    """Return the step's own words of a claim in quotation marks, or the formal statement where there are none."""
    said = words(claim)
    return f"“{shorten(said, MAX_QUOTE)}”" if claim.text.strip() else shorten(said, MAX_QUOTE)


def words(claim: Claim) -> str:
    """Return the step's own words of a claim without LaTeX's math delimiters; the formal statement if it has none."""
    return re.sub(r"\\[()\[\]]", "", claim.text) if claim.text.strip() else pretty(claim.statement)


def refutation(check: Check) -> str:
    """Say in one clause, without its full stop, what is wrong with a refuted claim."""
    claim = check.claim
    witness = " ".join(check.witness.split()).rstrip(". ")
    if claim.kind is ClaimKind.RELATION and (said := _value_clause(check) or loosely(witness)):
        return said if not said.startswith("both sides") else f"{quote(claim)} does not hold: {said}"
    if (
        claim.kind in (ClaimKind.ENTAILS, ClaimKind.CONSISTENT)
        and (clause := _logic_clause(claim, witness)) is not None
    ):
        return clause
    verb = {
        ClaimKind.CONSISTENT: "contradicts what was given",
        ClaimKind.ENTAILS: "does not follow",
        ClaimKind.ROOTS: "is not the solution",
        ClaimKind.REWRITE: "does not follow from the line before",
        ClaimKind.INVENTORY: "is not open here",
    }.get(claim.kind, "does not hold")
    return f"{quote(claim)} {verb}{': ' + loosely(witness) if witness else ''}"


def _logic_clause(claim: Claim, witness: str) -> str | None:
    """Say why a statement cannot be right, or what else the premises allow, from the words of the witness."""
    # names made of words are written apart; in predicates(x) they are one word of the problem's own
    told = re.sub(r"(?<=[A-Za-z])_(?=[A-Za-z])", " ", loosely(witness))
    if told.startswith("it cannot be, because "):
        return f"{quote(claim)} cannot be right, because {told.removeprefix('it cannot be, because ')}"
    if told.startswith("the premises imply the opposite: "):
        return f"{quote(claim)} cannot be right: {told}"
    return f"{quote(claim)} does not follow: {told}" if told.startswith("the premises ") else None


def loosely(text: str) -> str:
    """Replace the signs of the formal language in a sentence that quotes some of it."""
    text = _functions(text)
    text = re.sub(r"(?<=[\w)!²³°])\*(?=[\w(−√-])", " × ", text)
    return re.sub(r"(?<![A-Za-z])-(?=[\d\s(.])|(?<=[(/*^,= ])-(?=[A-Za-z√])", "−", text)


def _value_clause(check: Check) -> str | None:
    """Say ``7995 − 2595 is 5400, not 4500`` for an equation whose right side is a written value."""
    try:
        expr = parse(check.claim.statement)
    except GrammarError:
        return None
    if not isinstance(expr, App) or expr.head not in ("=", "~") or check.computed is None:
        return None
    left, right = expr.args
    if isinstance(right, App) and rational(right) is None and right.head not in _VALUE_HEADS:
        return None
    value, written, subject = plain_value(check.computed, right), pretty(show(right)), pretty(show(left))
    if value is None:
        return None
    if "%" in check.claim.text:
        value, written, subject = _in_percent(value, check.computed, written, subject)
    if subject == value or value.replace("about ", "") == written:  # the same digits twice would read as nonsense
        return None
    if heads(left) & _CODE_LIKE:
        return f"{quote(check.claim)} does not hold: the left side is {value}"
    if len(subject) > MAX_EXPRESSION:
        subject = "the result"
    return f"{subject} is {value}, not {shorten(written, MAX_VALUE)}"


def _in_percent(value: str, computed: str, written: str, subject: str) -> tuple[str, str, str]:
    """Write hundredths as the step did, in percent: ``20/100`` as ``20%``."""
    hundredths = re.compile(r"\b(\d+(?:\.\d+)?)/100\b")
    if hundredths.fullmatch(written) and (exact := rational(parse(computed))) is not None:
        places = decimal_places(exact * 100)
        value = f"{_decimal(exact * 100, places)}%" if places is not None and places <= 4 else value
    return value, hundredths.sub(r"\1%", written), hundredths.sub(r"\1%", subject)


_CODE_LIKE: Final = frozenset({"int", "diff", "limit", "sum", "prod", "matrix", "det", "base", "perm"})
"""Heads that read as code when written out: the step's own words are quoted instead."""
_VALUE_HEADS: Final = frozenset({"sqrt", "tuple", "set", "neg", "^"})
"""Heads of what people write as a result, besides numbers."""


def deciding(checks: Sequence[Check]) -> Check | None:
    """Return the refuted check that stands first in the step's text."""
    refuted = [c for c in checks if c.outcome is Outcome.REFUTED]
    return min(refuted, key=lambda c: c.claim.span, default=None)


def confirmations(checks: Sequence[Check], limit: int = 2) -> str:
    """Name up to ``limit`` confirmed claims in the step's own words and count the rest."""
    seen = list(dict.fromkeys(quote(c.claim) for c in checks if c.outcome is Outcome.CONFIRMED))
    rest = len(seen) - limit
    if rest <= 0:
        return " and ".join(seen)
    return f"{', '.join(seen[:limit])} and {rest} more"


def open_points(checks: Sequence[Check]) -> str:
    """Count the undecided claims by reason: ``2 claims could not be decided (timeout, 1 unknown)``."""
    reasons = Counter(c.reason.value.replace("_", " ") if c.reason else "unknown" for c in checks
                      if c.outcome is Outcome.UNDECIDED)  # fmt: skip
    total = sum(reasons.values())
    if not total:
        return ""
    named = ", ".join(f"{n} {reason}" if len(reasons) > 1 else reason for reason, n in sorted(reasons.items()))
    return f"{total} claim{'s' if total > 1 else ''} could not be decided ({named})"


def sentence(clause: str) -> str:
    """Return ``clause`` as a sentence; formal names at its start keep their case."""
    clause = re.sub(r"^the ", "The ", clause.rstrip())
    return clause if clause.endswith((".", "!", "?", ".”")) else clause + "."
