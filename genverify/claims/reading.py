"""Tokens of one side of a relation to an expression of the formal language, or to nothing when in doubt.

Units, money signs and remarks in parentheses are dropped here and remembered beside the expression. Where two readings
are possible (``1/2x``, ``80 (20 + 40)`` in prose) there is no expression: an unread claim costs a find, a misread one
costs an innocent step.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from genverify.claims.grammar import CONSTANTS, App, Expr, Num, names, parse
from genverify.claims.normalise import Kind, Token
from genverify.errors import GrammarError


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


def _opaque(expr: Expr) -> bool:
    if not isinstance(expr, App):
        return False
    return expr.head.startswith("@") or any(_opaque(a) for a in expr.args)


_SCALE: Final = {
    "dozen": 12, "dozens": 12, "hundred": 100, "thousand": 1000, "thousands": 1000, "million": 10**6, "millions": 10**6,
    "billion": 10**9, "billions": 10**9, "trillion": 10**12, "k": 1000,
}  # fmt: skip
_SCALED_NUMBER: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
_INFIX_WORDS: Final = {"times": "*", "plus": "+", "minus": "-", "multiplied": "*", "divided": "/"}
_POWER_WORDS: Final = {"squared": "2", "cubed": "3"}
_FUNCTION_LETTERS: Final = frozenset("f g h F G H P Q R S T p q r u v V A C N L M W phi psi Phi sigma tau mu".split())
_TRIG: Final = frozenset("sin cos tan sec csc cot".split())
_INVERSE: Final = {"arcsin": "asin", "arccos": "acos", "arctan": "atan"}
_CLOSERS: Final = {"(": ")", "[": "]", "{": "}", "lfloor": "rfloor", "lceil": "rceil"}
_NOT_UNITS: Final = frozenset(
    "more less fewer greater larger higher smaller lower longer shorter older younger heavier bigger above below than remainder remainders of to is are was were and or with over point out not if when where since because "
    "then so as mod modulo squared cubed factorial choose choosing half third quarter twice thrice times r base but only by into "
    "equals equal gives makes leaves plus minus divided multiplied subtract subtracted add added from which that what each-of "
    "increased decreased reduced both rounded approximately about roughly around nearly almost".split()
)
"""Words that are not a unit right after a number: they change, join or continue what is said about it."""


def convert(tokens: Sequence[Token]) -> Reading | None:
    """Read ``tokens`` as one expression; None when they are not one, or not certainly."""
    if not tokens:
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


def matching(tokens: Sequence[Token], at: int) -> int:
    """Return the place of the bracket that closes the one at ``at``, -1 if none does."""
    stack: list[str] = []
    for place in range(at, len(tokens)):
        token = tokens[place]
        if token.kind is Kind.OPEN:
            stack.append(_CLOSERS.get(token.text, ")"))
        elif token.kind is Kind.CLOSE:
            if not stack or stack.pop() != token.text:
                return -1
            if not stack:
                return place
    return -1


@dataclass
class _Reader:
    """The state of one conversion: what stands to be read, the pieces written so far."""

    tokens: Sequence[Token]
    at: int = 0
    out: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    wants: bool = True
    """Whether an operand must come next."""
    tight: bool = False
    """Whether the operand just read stands right after a slash, where juxtaposition is ambiguous."""
    unit_last: bool = False
    first: int = -1
    last: int = 0
    trig: bool = False

    def expression(self) -> str | None:
        """Read all tokens; None if anything is unclear."""
        split = self.modulo()
        if split is not None:
            return split or None
        while self.at < len(self.tokens):
            if not self.step():
                return None
        if self.wants or not self.out:
            return None
        return " ".join(self.out)

    def modulo(self) -> str | None:
        """Read ``a mod m`` as ``mod(a, m)``; None without a ``mod``, empty when it cannot be read."""
        places = [
            i
            for i, t in enumerate(self.tokens)
            if t.kind is Kind.OP and t.text == "mod" and _depth(self.tokens, i) == 0
        ]
        if not places:
            return None
        if len(places) > 1:
            return ""
        left, right = convert(self.tokens[: places[0]]), convert(self.tokens[places[0] + 1 :])
        if left is None or right is None:
            return ""
        self.first, self.last = left.first, right.last
        return f"mod({left.text}, {right.text})"

    def peek(self, ahead: int = 0) -> Token | None:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else None

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

    def operand(self, text: str, token: Token, end: int, *, juxtaposed: bool = False) -> bool:
        """Write an operand, with a times sign before it when it is juxtaposed to one."""
        if not self.wants:
            if not juxtaposed or self.tight or self.unit_last:
                return False
            self.out.append("*")
        else:
            self.tight = bool(self.out) and self.out[-1] == "/"
        self.out.append(text)
        self.wants = False
        self.unit_last = False
        self.first = token.start if self.first < 0 else self.first
        self.last = end
        return True

    def numeral(self, token: Token) -> bool:
        if not self.wants:
            return False
        text, used, end = token.text, 1, token.end
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
            and not following.space
        ):
            close = matching(self.tokens, self.at + 1)
            inner = self.arguments(self.tokens[self.at + 2 : close]) if close > 0 else None
            if inner is None:
                return False
            self.at = close + 1
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

    def arguments(self, tokens: Sequence[Token]) -> str | None:
        """Read comma-separated expressions to formal text."""
        parts = [convert(part) for part in _split_commas(tokens)]
        if not parts or any(p is None for p in parts):
            return None
        return ", ".join(p.text for p in parts if p is not None)

    def function(self, token: Token) -> bool:
        if ":" in token.text or token.text == "int":
            return self.operator_function(token)
        if token.text in (
            "sqrt",
            "root",
            "binom",
            "matrix",
            "row",
            "det",
            "gcd",
            "lcm",
            "max",
            "min",
            "abs",
            "floor",
            "ceil",
            "exp",
        ):
            return self.plain_function(token)
        return self.elementary(token)

    def operator_function(self, token: Token) -> bool:
        """Read a sum, product, limit, integral or derivative: bounds as groups, then what it works on."""
        head, _, variable = token.text.partition(":")
        self.at += 1
        bounds: list[str] = []
        for _ in range({"sum": 2, "prod": 2, "limit": 1, "int": 2 if token.text == "int:" else 0}.get(head, 0)):
            close = matching(self.tokens, self.at) if self.at < len(self.tokens) else -1
            inner = convert(self.tokens[self.at + 1 : close]) if close > 0 else None
            if inner is None:
                return False
            bounds.append(inner.text)
            self.at = close + 1
        body, end, variable = self.integrand() if head == "int" else (*self.body(), variable)
        if body is None or not variable or re.search(rf"_{variable}\b", body):
            return False  # a_i changes with i
        return self.operand(f"{head}({', '.join([body, variable, *bounds])})", token, end, juxtaposed=True)

    def integrand(self) -> tuple[str | None, int, str]:
        """Read up to ``dx``: the integrand, its end and the variable."""
        for place in range(self.at, len(self.tokens) - 1):
            mark, name = self.tokens[place], self.tokens[place + 1]
            if mark.kind is Kind.NAME and mark.text == "d" and name.kind is Kind.NAME and not name.space:
                inner = convert(self.tokens[self.at : place]) if place > self.at else None
                self.at = place + 2
                return (inner.text if inner else None), name.end, name.text
        return None, 0, ""

    def body(self) -> tuple[str | None, int]:
        """Read the product that a sum, limit or derivative works on; None if a sum follows it without parentheses."""
        stop = self.at
        depth = 0
        while stop < len(self.tokens):
            token = self.tokens[stop]
            depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
            if depth == 0 and stop > self.at and token.kind is Kind.OP and token.text in ("+", "-"):
                return None, 0  # does the limit of a + b end at the a?
            stop += 1
        part = self.tokens[self.at : stop]
        if part and part[0].kind is Kind.OPEN and part[0].text == "[" and matching(part, 0) == len(part) - 1:
            part = part[1:-1]
        inner = convert(part)
        self.at = stop
        return (inner.text if inner else None), (part[-1].end if part else 0)

    def plain_function(self, token: Token) -> bool:
        """Read a function whose arguments stand in parentheses (or √ and one number)."""
        opening = self.peek(1)
        if opening is not None and opening.kind is Kind.NUM and token.text == "sqrt":
            self.at += 2
            return self.operand(f"sqrt({opening.text})", token, opening.end, juxtaposed=True)
        if opening is None or opening.kind is not Kind.OPEN:
            return False
        close = matching(self.tokens, self.at + 1)
        inner = self.arguments(self.tokens[self.at + 2 : close]) if close > 0 else None
        if inner is None:
            return False
        self.at = close + 1
        if token.text == "row":
            return self.operand(f"({inner})", token, self.tokens[close].end)
        if token.text == "matrix" and not self.wants:
            return False
        text = f"{token.text}({inner})"
        return self.operand(text, token, self.tokens[close].end, juxtaposed=True)

    def elementary(self, token: Token) -> bool:
        """Read ``\\sin^2 30^\\circ``, ``\\log_2 8``, ``\\ln(x)``: the argument may come without parentheses."""
        self.at += 1
        power = self.function_power()
        if power is None:
            return False
        name, base = _INVERSE.get(token.text, token.text), ""
        if name == "log":
            base_or_none = self.log_base()
            if base_or_none is None:
                return False  # log without a base is 10 to some and e to others
            base = f", {base_or_none}"
        if power == "-1":
            name, power = ("a" + name, "") if name in ("sin", "cos", "tan") else ("", "")
        argument = self.function_argument(name)
        if argument is None or not name:
            return False
        text, end = argument
        written = f"{name}({text}{base})"
        return self.operand(f"({written})^{power}" if power else written, token, end, juxtaposed=True)

    def function_power(self) -> str | None:
        """Read the exponent between a function's name and its argument; empty without one, None if unreadable."""
        caret = self.peek()
        if caret is None or caret.text != "^" or caret.kind is not Kind.OP:
            return ""
        opening = self.peek(1)
        if opening is not None and opening.kind is Kind.NUM:
            self.at += 2
            return opening.text
        if opening is None or opening.kind is not Kind.OPEN:
            return None
        close = matching(self.tokens, self.at + 1)
        inner = self.tokens[self.at + 2 : close]
        self.at = close + 1
        text = "".join(t.text for t in inner)
        return text if re.fullmatch(r"-1|\d{1,2}", text) else None

    def log_base(self) -> str | None:
        """Read the base of a logarithm; None without one."""
        mark, base = self.peek(), self.peek(1)
        if mark is None or base is None or mark.text != "_":
            return None
        self.at += 2
        return base.text

    def function_argument(self, name: str) -> tuple[str, int] | None:
        """Read what an elementary function is applied to: a parenthesis, or a number or name with its degree sign."""
        token = self.peek()
        if token is None:
            return None
        if token.kind is Kind.OPEN:
            close = matching(self.tokens, self.at)
            inner = _Reader(self.tokens[self.at + 1 : close], trig=name in _TRIG) if close > 0 else None
            text = inner.expression() if inner else None
            if text is None or (name in _TRIG and _bare_angle(text)):
                return None
            self.at = close + 1
            return text, self.tokens[close].end
        if token.kind not in (Kind.NUM, Kind.NAME):
            return None
        self.at += 1
        text, end = token.text, token.end
        following = self.peek()
        if following is not None and following.kind is Kind.DEGREE:
            self.at += 1
            return f"deg({text})", following.end
        if name in _TRIG and _bare_angle(text):
            return None
        if (
            following is not None
            and following.kind in (Kind.NAME, Kind.OPEN)
            and not (following.kind is Kind.OPEN and following.text != "(")
        ):
            return None  # sin 2x, sin x(…): where does the argument end?
        return text, end

    def group(self, token: Token) -> bool:
        close = matching(self.tokens, self.at)
        if close < 0:
            return False
        inside = self.tokens[self.at + 1 : close]
        end = self.tokens[close].end
        has_words = any(t.kind is Kind.WORD for t in inside)
        if not self.wants and has_words and (token.space or not token.math):
            # a remark: 9 - 3 (from the snack), 300 (100 guests and 200 friends)
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
            inner = convert(inside)
            return f"{'floor' if token.text == 'lfloor' else 'ceil'}({inner.text})" if inner else None
        if token.text == "{":
            text = self.arguments(inside)
            return None if text is None else "{" + text + "}"
        if any(t.kind is Kind.COMMA for t in inside):
            text = self.arguments(inside)
            return None if text is None or token.text == "[" else f"({text})"
        reader = _Reader(inside, trig=self.trig)
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
        if op not in ("+", "-", "*", "/", "^"):
            return False
        self.out.append(op)
        self.wants = True
        self.unit_last = False
        return True

    def slash_unit(self) -> bool:
        """Skip ``/plate`` in ``$6.00/plate`` after its slash was read."""
        word = self.peek()
        if word is None or word.kind is not Kind.WORD:
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
        inner = convert(self.tokens[self.at : close]) if close < len(self.tokens) else None
        if inner is None or (not self.wants and not token.math):
            return False
        end = self.tokens[close].end
        self.at = close + 1
        return self.operand(f"abs({inner.text})", token, end, juxtaposed=token.math)

    def money(self, token: Token) -> bool:
        self.at += 1
        self.units.append("$")
        following = self.peek()
        if self.wants:
            return (
                (following is not None
                and following.kind in (Kind.NUM, Kind.OPEN, Kind.NAME))
                or (following is not None and following.text == "-")
            )
        return following is None or following.kind is not Kind.NUM

    def percent(self) -> bool:
        if self.wants:
            return False
        self.last = self.tokens[self.at].end
        self.at += 1
        self.out[-1] = f"({self.out[-1]}/100)"
        return True

    def degree(self) -> bool:
        if self.wants:
            return False
        self.at += 1
        if self.trig:
            self.out[-1] = f"deg({self.out[-1]})"
        else:
            self.units.append("°")
        return True

    def word(self, token: Token) -> bool:
        return self.leading_word(token) if self.wants else self.trailing_word(token)

    def leading_word(self, token: Token) -> bool:
        """Read a word where an operand must come: half of, twice, three."""
        following = self.peek(1)
        if token.text in ("half", "twice", "double") and following is not None:
            skip = 2 if following.text == "of" else 1
            if token.text == "half" and skip == 1:
                return False
            self.at += skip
            self.out.extend(["(1/2)" if token.text == "half" else "2", "*"])
            self.first = token.start if self.first < 0 else self.first
            return True
        if token.text in _SCALED_NUMBER and (following is None or following.kind is not Kind.NUM):
            self.at += 1
            return self.operand(str(_SCALED_NUMBER[token.text]), token, token.end)
        return False

    def trailing_word(self, token: Token) -> bool:
        """Read a word after an operand: an operator in words, a scale, or a unit to drop."""
        word = token.text
        if word in _INFIX_WORDS and not self.unit_times(word):
            self.at += 1
            if word in ("multiplied", "divided"):
                if (by := self.peek()) is None or by.text != "by":
                    return False
                self.at += 1
            self.out.append(_INFIX_WORDS[word])
            self.wants, self.unit_last = True, False
            return True
        if word in _POWER_WORDS and not self.unit_last:
            self.at += 1
            self.out[-1] += "^" + _POWER_WORDS[word]
            return True
        if word in _SCALE and not self.unit_last:
            self.at += 1
            self.last = token.end
            self.units.append(word)
            self.out[-1] = f"({self.out[-1]}*{_SCALE[word]})"
            return True
        if word in ("percent", "pct") and not self.unit_last:
            return self.percent()
        if word == "of":
            return self.of()
        return self.unit_run()

    def unit_times(self, word: str) -> bool:
        """Whether ``times`` counts occurrences (9 times) instead of multiplying (9 times 3)."""
        if word != "times":
            return False
        following = self.peek(1)
        return following is None or following.kind not in (Kind.NUM, Kind.MONEY, Kind.OPEN, Kind.NAME)

    def of(self) -> bool:
        """Read ``of`` as times after a fraction or a percentage, and after nothing else."""
        if self.unit_last or not re.fullmatch(
            r"\(?\(?\(?\d+(?:\.\d+)?\)?\s*/\s*\(?\d+\)?\)?\)?", self.fraction_before()
        ):
            return False
        self.at += 1
        while (
            (article := self.peek()) is not None and article.kind is Kind.WORD and article.text in ("the", "a", "total")
        ):
            self.at += 1
        self.out.append("*")
        self.wants = True
        return True

    def fraction_before(self) -> str:
        """Return the last operand with its division sign, such as ``1 / 2`` or ``(20/100)``."""
        if len(self.out) >= 3 and self.out[-2] == "/" and (len(self.out) == 3 or self.out[-4] in "+-"):
            return "".join(self.out[-3:])
        return self.out[-1]

    def unit_run(self) -> bool:
        """Drop the unit words after an operand; they must not run into another operand."""
        begin = self.at
        while (token := self.peek()) is not None and (
            token.kind is Kind.WORD or (token.text == "/" and self.word_after_slash())
        ):
            self.at += 1
        run = [t.text for t in self.tokens[begin : self.at]]
        if run[0] in _NOT_UNITS or len(run) > 9 or any(w in _NEVER_IN_UNITS for w in run):
            return False
        following = self.peek()
        if following is not None and following.kind in (Kind.NUM, Kind.NAME, Kind.MONEY, Kind.FUNC):
            return False
        before = self.tokens[begin - 1]
        if before.kind is Kind.NAME and before.text != "pi":
            return False  # a variable has no unit; what follows it is the sentence
        if before.math and following is not None and following.math and not self.tokens[begin].math:
            return False  # words between two formulas
        if following is not None and following.kind is Kind.OP and following.text == "!":
            return False
        self.units.extend(run)
        self.unit_last = True
        return True

    def word_after_slash(self) -> bool:
        following = self.peek(1)
        return following is not None and following.kind is Kind.WORD


_NEVER_IN_UNITS: Final = frozenset("not is are was equals plus minus times than and or but".split())
"""Words that end a unit: what follows them is said about something else."""


def _bare_angle(text: str) -> bool:
    """Whether ``text`` is a number without pi or a degree sign: sin(30) may mean degrees."""
    return re.search(r"[A-Za-z]", text) is None and re.fullmatch(r"[()\s]*0[()\s]*", text) is None


def _split_commas(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    parts: list[Sequence[Token]] = []
    depth = begin = 0
    for place, token in enumerate(tokens):
        if token.kind is Kind.OPEN:
            depth += 1
        elif token.kind is Kind.CLOSE:
            depth -= 1
        elif token.kind is Kind.COMMA and depth == 0:
            parts.append(tokens[begin:place])
            begin = place + 1
    parts.append(tokens[begin:])
    return parts


def _depth(tokens: Sequence[Token], at: int) -> int:
    return sum((t.kind is Kind.OPEN) - (t.kind is Kind.CLOSE) for t in tokens[:at])
