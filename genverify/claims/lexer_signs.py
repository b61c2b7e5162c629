"""Signs that are neither letters nor digits to tokens: operators, relations, raised digits, Markdown."""

import re
from typing import Final

from genverify.claims.lexer_base import MAX_NEST, BaseLexer
from genverify.claims.tokens import Kind

SYMBOLS: Final = {
    "×": (Kind.OP, "*"), "·": (Kind.OP, "*"), "⋅": (Kind.OP, "*"), "∗": (Kind.OP, "*"), "÷": (Kind.OP, "/"),
    "−": (Kind.OP, "-"), "–": (Kind.OP, "-"), "∕": (Kind.OP, "/"), "⁄": (Kind.OP, "/"),
    "≤": (Kind.REL, "<="), "≥": (Kind.REL, ">="), "≠": (Kind.REL, "!="), "≈": (Kind.REL, "~"), "≡": (Kind.REL, "=="),
    "≅": (Kind.REL, "~"), "π": (Kind.NAME, "pi"), "∞": (Kind.NAME, "oo"), "°": (Kind.DEGREE, "°"),
    "€": (Kind.MONEY, "€"), "£": (Kind.MONEY, "£"), "¥": (Kind.MONEY, "¥"), "₹": (Kind.MONEY, "₹"),
    "¢": (Kind.WORD, "cents"), "—": (Kind.STOP, "—"),
    "⇒": (Kind.STOP, "=>"), "→": (Kind.STOP, "=>"), "⟹": (Kind.STOP, "=>"), "∴": (Kind.STOP, "=>"),
    "⇔": (Kind.STOP, "=>"),
    "+": (Kind.OP, "+"), "-": (Kind.OP, "-"), "/": (Kind.OP, "/"), "^": (Kind.OP, "^"), "!": (Kind.OP, "!"),
    "=": (Kind.REL, "="), "<": (Kind.REL, "<"), ">": (Kind.REL, ">"), "%": (Kind.PERCENT, "%"), ",": (Kind.COMMA, ","),
    ";": (Kind.STOP, ";"), ":": (Kind.STOP, ":"), "?": (Kind.STOP, "?"), "|": (Kind.OP, "|"),
    "(": (Kind.OPEN, "("), ")": (Kind.CLOSE, ")"), "[": (Kind.OPEN, "["), "]": (Kind.CLOSE, "]"),
    "…": (Kind.POISON, "…"), "±": (Kind.POISON, "±"), "√": (Kind.FUNC, "sqrt"),
}  # fmt: skip
"""What single characters are; letters among them are signs here."""
_WIDE: Final = {
    "<=": (Kind.REL, "<="), ">=": (Kind.REL, ">="), "!=": (Kind.REL, "!="), "=>": (Kind.STOP, "=>"),
    "->": (Kind.STOP, "=>"), "==": (Kind.REL, "="), "~=": (Kind.REL, "~"),
}  # fmt: skip
_SUPERSCRIPT: Final = {c: str(i) for i, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_VULGAR: Final = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8)}


class SignLexer(BaseLexer):
    """Reads signs."""

    __slots__ = ()

    def symbol(self, at: int, end: int, math: bool, nest: int) -> int:
        """Read one sign that is neither letter nor digit."""
        char = self.text[at]
        if char == "^":
            return self.power(at, end, math, nest)
        if char in "*.":
            return self.star(at, math) if char == "*" else self.point(at, math)
        if char in _SUPERSCRIPT or char == "⁻":
            return self.superscript(at, end, math)
        if char in _VULGAR:
            self.vulgar(at, math)
            return at + 1
        if char == "_" and at and self.text[at - 1].isalnum() and self.text[at + 1 : at + 2].isalnum():
            self.emit(Kind.POISON, char, at, at + 1, math)  # the index of something that is no name: Σa_i
            return at + 1
        if char in "_&#`\"'“”‘’•":
            self.space = True
            return at + 1
        wide = self.text[at : at + 2]
        if wide == "!=" and self.joined(at):  # 3! = 6 written without spaces, or x is not 3?
            factorial = math or self.out[-1].kind is Kind.NUM
            self.emit(Kind.OP if factorial else Kind.POISON, "!", at, at + 1, math)
            return at + 1
        if wide in _WIDE:
            self.emit(*_WIDE[wide], at, at + 2, math)
            return at + 2
        kind, normal = SYMBOLS.get(char, (Kind.POISON, char))
        if not math and (_bullet(self.text, at) if char == "-" else char == "!" and _exclaims(self.text, at)):
            kind = Kind.STOP
        self.emit(kind, normal, at, at + 1, math)
        return at + 1

    def superscript(self, at: int, end: int, math: bool) -> int:
        """Read raised digits as an exponent."""
        digits = at + (self.text[at] == "⁻")
        stop = digits
        while stop < end and self.text[stop] in _SUPERSCRIPT:
            stop += 1
        self.emit(Kind.OP, "^", at, stop, math)
        if stop == digits:
            self.emit(Kind.POISON, "⁻", at, stop, math)
        elif digits > at:
            for kind, text in ((Kind.OPEN, "("), (Kind.OP, "-")):
                self.emit(kind, text, at, digits, math)
        if stop > digits:
            self.emit(Kind.NUM, "".join(_SUPERSCRIPT[c] for c in self.text[digits:stop]), digits, stop, math)
        if digits > at and stop > digits:
            self.emit(Kind.CLOSE, ")", stop, stop, math)
        return stop

    def star(self, at: int, math: bool) -> int:
        """Tell the times sign from Markdown's bullets, bold and italics."""
        if self.text.startswith("**", at):
            if (
                at
                and (self.text[at - 1].isalnum() or self.text[at - 1] == ")")
                and re.match(r"\*\*[\d(-]", self.text[at : at + 3])
                and not math
                and "**" not in self.text[at + 2 :].split("\n")[0]
            ):
                self.emit(Kind.OP, "^", at, at + 2, math)
            else:
                self.space = True
            return at + 2
        if _bullet(self.text, at):
            self.emit(Kind.STOP, "-", at, at + 1, math)
        elif (
            not math
            and re.match(r"\*[^\s*]", self.text[at : at + 2])
            and (at == 0 or self.text[at - 1] in " \n(")
            and re.match(r"\*[^\d$(\\]", self.text[at : at + 2])
            and "*" in self.text[at + 1 :].split("\n")[0]
        ):
            self.space = True  # *emphasis*
        else:
            self.emit(Kind.OP, "*", at, at + 1, math)
        return at + 1

    def point(self, at: int, math: bool) -> int:
        """Read a full stop, an ellipsis, or the mark of a repeating decimal."""
        if self.text.startswith("..", at):
            stop = at
            while self.text.startswith(".", stop):
                stop += 1
            self.emit(Kind.POISON, "…", at, stop, math)
            return stop
        repeats = re.compile(r"\.\\(?:overline|bar|dot|overset|ldots|dots)").match(self.text, at) is not None
        self.emit(Kind.POISON if repeats else Kind.STOP, ".", at, at + 1, math)
        return at + 1

    def power(self, at: int, end: int, math: bool, nest: int) -> int:
        r"""Read ``^{...}`` as a parenthesised exponent and ``^\circ`` as degrees."""
        degree = re.compile(r"\^\s*\{?\s*(?:\\circ|∘|°)\s*\}?").match(self.text, at, end)
        if degree is not None:
            self.emit(Kind.DEGREE, "°", at, degree.end(), math)
            return degree.end()
        self.emit(Kind.OP, "^", at, at + 1, math)
        after = at + 1
        while after < end and self.text[after] == " ":
            after += 1
        if after < end and self.text[after] == "{":
            return self.braced(after, end, math, nest)
        if math and after < end and self.text[after].isdigit():
            # LaTeX takes one character: x^12 is x^1 2, but people mean x^12; two readings, so neither
            several = re.compile(r"\d{2,}").match(self.text, after, end)
            if several is not None:
                self.emit(Kind.POISON, several.group(), after, several.end(), math)
                return several.end()
        return after

    def braced(self, at: int, end: int, math: bool, nest: int) -> int:
        """Read a brace group as a parenthesis and return the place after it."""
        close = self.closing(at, end)
        if close < 0 or nest > MAX_NEST:
            self.emit(Kind.POISON, "{", at, at + 1, math)
            return at + 1
        self.emit(Kind.OPEN, "(", at, at + 1, math)
        self.run(at + 1, close, math=math, nest=nest + 1)
        self.emit(Kind.CLOSE, ")", close, close + 1, math)
        return close + 1

    def vulgar(self, at: int, math: bool) -> None:
        """Read a character such as ½."""
        top, bottom = _VULGAR[self.text[at]]
        if self.out and self.out[-1].kind is Kind.NUM and self.out[-1].end >= at - 1:
            whole = self.out.pop()
            self.mixed(whole, str(top), str(bottom), at + 1)
            return
        self.fraction(str(top), str(bottom), at, at + 1, math)


def _bullet(text: str, at: int) -> bool:
    """Whether the ``-`` or ``*`` at ``at`` opens a list item: first on its line and followed by a space."""
    line = text.rfind("\n", 0, at) + 1
    return not text[line:at].strip() and text[at + 1 : at + 2] in (" ", "\t")


def _exclaims(text: str, at: int) -> bool:
    """Whether the ``!`` at ``at`` ends a sentence instead of making a factorial."""
    return re.match(r"!(?:$|\s*$|\s+[A-Z]|\n|\*)", text[at : at + 4]) is not None
