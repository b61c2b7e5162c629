"""A problem that asks for the value of one written expression, held against the answer that a step gives."""

import re
from typing import Final

from genverify.claims.normalise import read
from genverify.claims.reading import Reading, convert
from genverify.claims.tokens import Kind, Token
from genverify.types import Claim, ClaimKind

_ASKS: Final = re.compile(
    r"\s*(?:what is(?: the (?:value|sum|product|result) of)?|compute|evaluate|calculate|simplify|"
    r"find(?: the value of)?)\b\s*:?"
    r"(?P<rest>.+?)[.?\s]*$",
    re.IGNORECASE | re.DOTALL,
)
_REMAINDER: Final = re.compile(
    r"\s*(?:determine|find|what is|compute|calculate)\s+(?:the\s+)?remainder\s+(?:of|when)\s+\$?(?P<a>\d{1,18})\$?\s*"
    r"(?:\(?\s*\\?p?mod\s*\{?\(?|is divided by|divided by)\s*\$?(?P<m>\d{1,12})\$?[\s)}.?$]*$",
    re.IGNORECASE,
)
_BARE: Final = re.compile(r"^[\s\d()+\-*/^.,×÷]+=?\s*\??\s*$")
_ANSWER: Final = re.compile(
    r"\\boxed\{|\b(?:(?:final )?answer|result|remainder[^.=]{0,40})\s*(?:is|=|:)\s*(?:therefore|"
    r"thus)?\s*:?\s*(?=[\\$(*-]*\d|\\boxed)",
    re.IGNORECASE,
)


_GOES_ON: Final = re.compile(r"\s*(?:[-+*/×·÷^=]\s*[\d($\\]|\\(?:times|cdot|div)\b)")


def asked(problem: str) -> Reading | None:
    """Return the closed expression whose value ``problem`` asks for, if that is all it asks."""
    remainder = _REMAINDER.match(problem)
    if remainder is not None:
        return convert(read(f"{remainder['a']} mod {remainder['m']}"))
    if len(problem) > 400:
        return None
    text = problem if _BARE.match(problem) else None
    if text is None:
        match = _ASKS.fullmatch(problem)
        text = match["rest"] if match else None
    if text is None or re.search(r"[A-Za-z]{3,}", re.sub(r"\\[A-Za-z]+", "", text)):
        return None
    tokens = [t for t in read(text) if t.kind is not Kind.STOP]
    while tokens and tokens[-1].kind is Kind.REL and tokens[-1].text == "=":
        tokens.pop()
    reading = convert(tokens)
    return reading if reading is not None and reading.closed and not reading.bare and _unambiguous(tokens) else None


def _unambiguous(tokens: list[Token]) -> bool:
    return not any(t.kind in (Kind.WORD, Kind.PERCENT, Kind.MONEY, Kind.DEGREE) for t in tokens)


def answer_claim(question: Reading, text: str) -> Claim | None:
    """Return the claim that the answer given in ``text`` is the value asked for, if it gives one."""
    matches = list(_ANSWER.finditer(text))
    if not matches:
        return None
    match = matches[-1]
    begin = match.end()
    while not match.group().endswith("{") and text[begin : begin + 1] in ("$", "*", " "):
        begin += 1  # a delimiter; an amount of money is no answer to a bare expression anyway
    boxed = match.group().endswith("{")
    end = _closing(text, begin) if boxed else _number_end(text, begin)
    if not boxed and _GOES_ON.match(text, end):
        return None  # the final answer: 4 - 25 = -21
    tokens = [Token(t.kind, t.text, t.start + begin, t.end + begin, t.math, t.space) for t in read(text[begin:end])]
    reading = convert(tokens)
    if reading is None or not reading.closed or reading.units or reading.percent:
        return None
    places = re.fullmatch(r"-?\s*\d+\.(\d+)", reading.text)
    return Claim(
        kind=ClaimKind.RELATION,
        statement=f"{question.text} = {reading.text}",
        span=(match.start(), end + boxed),
        text=text[match.start() : end + boxed],
        given_steps=(),
        tolerance=f"1/{2 * 10 ** len(places.group(1))}" if places else None,
        slack=f"1/{10 ** len(places.group(1))}" if places else None,
        result_span=(reading.first, reading.last),
    )


def _closing(text: str, at: int) -> int:
    depth = 1
    for place in range(at, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return place
    return len(text)


def _number_end(text: str, at: int) -> int:
    match = re.compile(r"[\s$\\(*]*-?[\d,]*\.?\d+(?:/\d+)?").match(text, at)
    return match.end() if match else at
