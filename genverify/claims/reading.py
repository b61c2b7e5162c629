"""Tokens of one side of a relation to an expression of the formal language, or to nothing when in doubt.

Units, money signs and remarks in parentheses are dropped here and remembered beside the expression. Where two readings
are possible (``1/2x``, ``80 (20 + 40)`` in prose) there is no expression: an unread claim costs a find, a misread one
costs an innocent step.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from genverify.claims.brackets import depth_at, depths, matching
from genverify.claims.grammar import CONSTANTS, App, Expr, Num, names, parse
from genverify.claims.reader_functions import FunctionReader
from genverify.claims.reader_words import WordReader
from genverify.claims.tokens import Kind, Token
from genverify.errors import GrammarError

_INFIX: Final = {"mod": "mod", "cup": "union", "cap": "intersect"}
"""Signs that bind less than all others, with the functions they stand for; two of them in a row are not read."""
_FUNCTION_LETTERS: Final = frozenset("f g h F G H P Q R S T p q r u v V A C N L M W phi psi Phi sigma tau mu".split())


@dataclass(frozen=True, slots=True)
class Reading:
    """One side of a relation, read."""

    text: str
    """The formal text."""
    expr: Expr
    units: tuple[str, ...] = ()
    """The unit words that were dropped, in order, lower case; ``$`` for money."""
    percent: bool = False
    """Whether the whole side is one number with a percent sign."""
    number: Token | None = None
    """The numeral, when the side is a single one (with or without sign, money, unit or percent)."""
    first: int = 0
    """First character (from 0) of what was read, without leading money sign."""
    last: int = 0
    """One past the last character of what was read, without trailing units."""

    @property
    def closed(self) -> bool:
        """Whether it has no free names and no unknown functions."""
        return not names(self.expr) and "@" not in self.text and not _opaque(self.expr)

    @property
    def bare(self) -> bool:
        """Whether it is a plain number, signed or not."""
        expr = self.expr
        if isinstance(expr, App) and expr.head == "neg":
            expr = expr.args[0]
        if isinstance(expr, Num):
            return True
        return (
            isinstance(expr, App) and expr.head == "/" and all(isinstance(a, Num) for a in expr.args) and self.percent
        )


_MAX_NEST: Final = 24
"""Deepest brackets read, each of which costs a few frames of Python's stack; real formulas stay below 8."""


def _opaque(expr: Expr) -> bool:
    if not isinstance(expr, App):
        return False
    return expr.head.startswith("@") or any(_opaque(a) for a in expr.args)


def convert(tokens: Sequence[Token]) -> Reading | None:
    """Read ``tokens`` as one expression; None when they are not one, or not certainly."""
    if not tokens or (len(tokens) > _MAX_NEST and max(depths(tokens)) > _MAX_NEST):
        return None
    reader = _Reader(tokens)
    text = reader.expression()
    if text is None:
        return None
    try:
        expr = parse(text)
    except GrammarError:
        return None
    number = _single_number(tokens)
    return Reading(
        text=text,
        expr=expr,
        units=tuple(reader.units),
        percent=number is not None and any(t.kind is Kind.PERCENT or t.text == "percent" for t in tokens),
        number=number,
        first=reader.first,
        last=reader.last,
    )


def _single_number(tokens: Sequence[Token]) -> Token | None:
    numbers = [t for t in tokens if t.kind is Kind.NUM]
    others = [t for t in tokens if t.kind in (Kind.NAME, Kind.FUNC) or (t.kind is Kind.OP and t.text not in "-+")]
    return numbers[0] if len(numbers) == 1 and not others else None


class _Reader(WordReader, FunctionReader):
    """One conversion, token by token."""

    def expression(self) -> str | None:
        """Read all tokens; None if anything is unclear."""
        for sign, function in _INFIX.items():
            places = [
                i
                for i, t in enumerate(self.tokens)
                if t.kind is Kind.OP and t.text == sign and depth_at(self.tokens, i) == 0
            ]
            if places:
                return self.infix(places, function, most=2 if sign == "mod" else len(places) + 1)
        return super().expression()

    def infix(self, places: Sequence[int], function: str, *, most: int) -> str | None:
        """Read ``a mod m`` as ``mod(a, m)``, ``A ∪ B`` as ``union(A, B)``: the loosest sign of an expression."""
        cuts = (-1, *places, len(self.tokens))
        parts = [type(self)(self.tokens[a + 1 : b]) for a, b in pairwise(cuts)]
        values = [part.expression() for part in parts]
        read = [v for v in values if v is not None]
        self.first, self.last = parts[0].first, parts[-1].last
        return f"{function}({', '.join(read)})" if len(read) == len(parts) <= most else None

    def step(self) -> bool:
        """Read one token or group; False when it cannot be read."""
        token = self.tokens[self.at]
        match token.kind:
            case Kind.NUM:
                return self.numeral(token)
            case Kind.NAME:
                return self.name(token)
            case Kind.FUNC:
                return self.function(token)
            case Kind.OPEN:
                return self.group(token)
            case Kind.OP:
                return self.operator(token)
            case Kind.MONEY:
                return self.money(token)
            case Kind.PERCENT:
                return self.percent()
            case Kind.DEGREE:
                return self.degree()
            case Kind.WORD:
                return self.word(token)
            case _:
                return False

    def numeral(self, token: Token) -> bool:
        if not self.wants:
            return False
        text, used, end = token.text, 1, token.end
        if text == "12" and self.units[-1:] in (["dozen"], ["dozens"]) and self.out[-1:] == ["*"]:
            return False  # 3 dozen * 12: the dozen is written out
        following = self.peek(1)
        if following is not None and following.kind is Kind.NUM and following.space:
            joined = self.joined_number(token)
            if joined is None:
                return False
            text, used, end = joined
        self.at += used
        return self.operand(text, token, end)

    def joined_number(self, token: Token) -> tuple[str, int, int] | None:
        """Read ``2 1/2`` and ``400 000``: the text, the number of tokens, the end."""
        slash, bottom, top = self.peek(2), self.peek(3), self.peek(1)
        assert top is not None
        if (
            slash is not None
            and bottom is not None
            and slash.text == "/"
            and not slash.space
            and bottom.kind is Kind.NUM
            and not bottom.space
        ):
            if (
                token.text.isdigit()
                and top.text.isdigit()
                and bottom.text.isdigit()
                and 0 < int(top.text[:6]) < int(bottom.text[:6])
            ):
                return f"({token.text} + {top.text}/{bottom.text})", 4, bottom.end
            return None
        used, digits, end = 1, token.text, token.end
        while (part := self.peek(used)) is not None and part.kind is Kind.NUM and part.space:
            if not (re.fullmatch(r"\d{3}", part.text) and re.fullmatch(r"\d{1,3}(?:\d{3})*", digits)):
                return None
            digits, end, used = digits + part.text, part.end, used + 1
        return digits, used, end

    def name(self, token: Token) -> bool:
        following = self.peek(1)
        if (
            (token.text in _FUNCTION_LETTERS or token.text.endswith("_prime"))
            and following is not None
            and following.kind is Kind.OPEN
            and (not following.space or (token.math and token.text in "fghFG"))
        ):
            close = matching(self.tokens, self.at + 1)
            inner = self.arguments(self.tokens[self.at + 2 : close]) if close > 0 else None
            if inner is None:
                return False
            self.at = close + 1
            if token.text == "C" and re.fullmatch(r"\d+, \d+", inner):
                return self.operand(f"binom({inner})", token, self.tokens[close].end, juxtaposed=True)
            # a function that this solution defines: opaque unless it is linked
            return self.operand(f"{token.text}({inner})", token, self.tokens[close].end, juxtaposed=True)
        if token.text in _FUNCTION_LETTERS and self.function_power_ahead():
            return False  # f^{-1}(5), f^2(x)
        self.at += 1
        prose_pair = not token.math and token.space and not self.wants
        if prose_pair:
            return False
        # E and I are constants of the formal language; in a text they are just letters
        text = token.text if token.text not in CONSTANTS or token.text in ("pi", "oo") else f"{token.text}_"
        return self.operand(text, token, token.end, juxtaposed=True)

    def function_power_ahead(self) -> bool:
        """Whether the name is raised to a power and then applied."""
        caret, opening = self.peek(1), self.peek(2)
        if caret is None or caret.text != "^" or opening is None:
            return False
        close = matching(self.tokens, self.at + 2) if opening.kind is Kind.OPEN else self.at + 2
        after = self.tokens[close + 1] if 0 < close < len(self.tokens) - 1 else None
        return after is not None and after.kind is Kind.OPEN and not after.space

    def group(self, token: Token) -> bool:
        close = matching(self.tokens, self.at)
        if close < 0:
            return False
        inside = self.tokens[self.at + 1 : close]
        end = self.tokens[close].end
        has_words = any(t.kind is Kind.WORD for t in inside)
        after_unit = self.at > 0 and self.tokens[self.at - 1].kind is Kind.WORD
        if not self.wants and has_words and (token.space or (after_unit and not token.math)):
            # a remark: 9 - 3 (from the snack), 300 (100 guests and 200 friends); 2(49 ft), 2π(frequency) are products
            self.at = close + 1
            return True
        text = self.bracket(token, inside)
        if text is None:
            return False
        if not self.wants and not token.math and token.space:
            return False
        self.at = close + 1
        return self.operand(text, token, end, juxtaposed=token.text == "(" or token.math)

    def bracket(self, token: Token, inside: Sequence[Token]) -> str | None:
        """Read the inside of a bracket to formal text."""
        if token.text in ("lfloor", "lceil"):
            inner = self.sub(inside)
            return f"{'floor' if token.text == 'lfloor' else 'ceil'}({inner})" if inner else None
        if token.text == "{":
            text = self.arguments(inside)
            return None if text is None else "{" + text + "}"
        if any(t.kind is Kind.COMMA for t in inside):
            text = self.arguments(inside)
            return None if text is None or token.text == "[" else f"({text})"
        reader = type(self)(inside, trig=self.trig)
        text = reader.expression()
        self.units.extend(reader.units)
        return None if text is None else f"({text})"

    def operator(self, token: Token) -> bool:
        self.at += 1
        op = token.text
        if op == "!":
            if self.wants or self.unit_last:
                return False
            self.out[-1] += "!"
            self.last = token.end
            return self.out[-1][-2] != "!"  # a double factorial is another function
        if op == "|":
            return self.absolute(token)
        if op == "^" and self.unit_last:
            return self.skip_unit_power()
        if op == "/" and not self.wants and self.slash_unit():
            return True
        if self.wants:
            if op == "-":
                self.first = token.start if self.first < 0 else self.first
                self.out.append("-")
                return True
            return False
        if op not in ("+", "-", "*", "/", "^") or (op == "/" and self.slash_is_unclear(token)):
            return False
        self.out.append(op)
        self.wants = True
        self.unit_last = False
        return True

    def slash_is_unclear(self, token: Token) -> bool:
        """Whether the slash just read may bind tighter than it counts: 200 calories/100 ml, 1/12 / 1/36."""
        following = self.peek()
        if self.unit_last and not token.space and following is not None and following.kind is Kind.NUM:
            return True
        before = [
            t
            for i, t in enumerate(self.tokens[: self.at - 1])
            if t.kind is Kind.OP and t.text == "/" and depth_at(self.tokens, i) == 0
        ]
        return bool(before) and not token.math and before[-1].space != token.space

    def slash_unit(self) -> bool:
        """Skip ``/plate`` in ``$6.00/plate`` after its slash was read."""
        word = self.peek()
        if word is None or word.kind is not Kind.WORD or self.tokens[self.at - 2].kind is Kind.NAME:
            return False
        self.at += 1
        self.units.append("/" + word.text)
        self.unit_last = True
        return True

    def skip_unit_power(self) -> bool:
        """Skip the exponent of a unit: ``cm^2``."""
        token = self.peek()
        if token is None:
            return False
        if token.kind is Kind.NUM:
            self.at += 1
            return True
        close = matching(self.tokens, self.at) if token.kind is Kind.OPEN else -1
        self.at = close + 1 if close >= 0 else self.at
        return close >= 0

    def absolute(self, token: Token) -> bool:
        """Read ``|a|`` as ``abs(a)``."""
        close = self.at
        while close < len(self.tokens) and self.tokens[close].text != "|":
            close += 1
        inner = self.sub(self.tokens[self.at : close]) if close < len(self.tokens) else None
        if inner is None or (not self.wants and not token.math):
            return False
        end = self.tokens[close].end
        self.at = close + 1
        return self.operand(f"abs({inner})", token, end, juxtaposed=token.math)

    def money(self, token: Token) -> bool:
        self.at += 1
        self.units.append("$")
        following = self.peek()
        if self.wants:
            return (following is not None and following.kind in (Kind.NUM, Kind.OPEN, Kind.NAME)) or (
                following is not None and following.text == "-"
            )
        return following is None or following.kind is not Kind.NUM
