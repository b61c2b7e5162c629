"""The characters of prose and of plain formulas to tokens; what begins with a backslash is left to a subclass."""

import re
from typing import Final

from genverify.claims.lexer_base import MAX_NEST
from genverify.claims.lexer_letters import LetterLexer
from genverify.claims.lexer_signs import SYMBOLS, SignLexer
from genverify.claims.tokens import Kind

_TORN: Final = re.compile(
    r"\t(imes|ext|an|heta|au|frac|o)(?![a-z])|\x0c(rac)(?![a-z])|\x08(inom|oxed|eta|mod)(?![a-z])|\r(ight|ho)(?![a-z])"
)
"""LaTeX commands whose backslash and first letter a careless reader of string literals turned into a control sign."""
_TORN_LETTER: Final = {"\t": "t", "\x0c": "f", "\x08": "b", "\r": "r"}
_NOTE: Final = re.compile(r"<<[^<>\n=]{1,200}=[^<>\n=]{1,40}>>")
"""A calculator note, ``<<3*4=12>>``, as the solutions of GSM8K carry them: a statement of its own."""
_NUMBER: Final = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d])"  # 1,234.50
    r"|\d{1,3}(?:\{,\}\d{3})+(?:\.\d+)?(?!\d)"  # 1{,}234
    r"|\d{1,3}(?:\\,\d{3})+(?:\.\d+)?(?!\d)"  # 1\,234
    r"|\d{1,3}(?:,\\!\d{3})+(?:\.\d+)?(?!\d)"  # 1,\!234
    r"|\d+\.\d+|\d+|\.\d+",
    re.ASCII,
)
_CHOOSE: Final = re.compile(r"\\choose(?![A-Za-z])")


class Lexer(LetterLexer, SignLexer):
    """One pass over a text, without its LaTeX commands."""

    __slots__ = ()

    def run(self, at: int, end: int, *, math: bool, nest: int) -> None:
        """Read the characters from ``at`` to ``end``."""
        while at < end:
            char = self.text[at]
            if (after := self.debris(at, end, math, nest)) > at:
                at = after
            elif char in "\n\r":
                at = self.newline(at, end, math)
            elif char.isspace() or char == "~":
                self.space = True
                at += 1
            elif _digit(self.text, at) or (
                char == "." and at + 1 < end and _digit(self.text, at + 1) and not (at and _digit(self.text, at - 1))
            ):
                at = self.number(at, end, math)
            elif char == "\\":
                at, math = self.command(at, end, math, nest)
            elif char == "$":
                at, math = self.dollar(at, math)
            elif char == "{":
                at = self.group(at, end, math, nest)
            elif char.isalpha() and char not in SYMBOLS:
                at = self.letters(at, end, math)
            else:
                at = self.symbol(at, end, math, nest)

    def debris(self, at: int, end: int, math: bool, nest: int) -> int:
        """Read what a careless program left: a command without its backslash, or a calculator's note."""
        if self.text[at] not in "\t\x0c\x08\r<":
            return at
        torn = _TORN.match(self.text, at)
        if torn is not None:
            name = _TORN_LETTER[self.text[at]] + torn.group(torn.lastindex or 0)
            return self.macro(name, at, torn.end(), end, math, nest)
        note = _NOTE.match(self.text, at, end)
        if note is not None:
            self.emit(Kind.OPEN, "(", at, at + 2, math)
            self.run(at + 2, note.end() - 2, math=math, nest=nest + 1)
            self.emit(Kind.CLOSE, ")", note.end() - 2, note.end(), math)
            return note.end()
        return at

    def newline(self, at: int, end: int, math: bool) -> int:
        """Read a line break; two in a row are a paragraph."""
        after = at + 1
        while after < end and self.text[after] in " \t\r":
            after += 1
        blank = after < end and self.text[after] == "\n"
        self.emit(Kind.STOP, "\n\n" if blank else ("\\n" if math else "\n"), at, at + 1, math)
        return at + 1

    def number(self, at: int, end: int, math: bool) -> int:
        """Read a numeral with its separators; a time or ratio such as 3:45 is poison."""
        match = _NUMBER.match(self.text, at, end)
        assert match is not None  # the caller saw a digit
        digits = re.sub(r"[^0-9.]", "", match.group())
        if (
            self.text[match.end() : match.end() + 2].startswith(":")
            and self.text[match.end() + 1 : match.end() + 2].isdigit()
        ):
            # a time or a ratio: 3:45 is neither 3 nor 45
            rest = re.compile(r":\d+(?:\.\d+)?").match(self.text, match.end())
            stop = rest.end() if rest else match.end() + 1
            self.emit(Kind.POISON, self.text[at:stop], at, stop, math)
            return stop
        self.emit(Kind.NUM, "0" + digits if digits.startswith(".") else digits, at, match.end(), math)
        return match.end()

    def dollar(self, at: int, math: bool) -> tuple[int, bool]:
        """Read a dollar sign: money, or the start or end of a formula."""
        if at in self.money:
            self.emit(Kind.MONEY, "$", at, at + 1, math)
            return at + 1, math
        width = 2 if self.text.startswith("$$", at) else 1
        if width == 2:
            self.emit(Kind.STOP, "$$", at, at + 2, math)
        self.space = True
        return at + width, not math

    def group(self, at: int, end: int, math: bool, nest: int) -> int:
        """Read a brace group: transparent, since LaTeX braces only group."""
        close = self.closing(at, end)
        if close < 0 or nest > MAX_NEST:
            self.emit(Kind.POISON, "{", at, at + 1, math)
            return at + 1
        choose = _CHOOSE.search(self.text, at + 1, close)
        if choose is not None and "{" not in self.text[at + 1 : choose.start()]:
            self.choose(at, choose.span(), close, nest)
            return close + 1
        self.run(at + 1, close, math=math, nest=nest + 1)
        return close + 1

    def choose(self, at: int, sign: tuple[int, int], close: int, nest: int) -> None:
        r"""Read ``{n \choose k}`` as ``binom(n, k)``."""
        self.emit(Kind.FUNC, "binom", at, at + 1, True)
        self.emit(Kind.OPEN, "(", at, at + 1, True)
        self.run(at + 1, sign[0], math=True, nest=nest + 1)
        self.emit(Kind.COMMA, ",", *sign, True)
        self.run(sign[1], close, math=True, nest=nest + 1)
        self.emit(Kind.CLOSE, ")", close, close + 1, True)


def _digit(text: str, at: int) -> bool:
    """Whether one of 0 to 9 stands at ``at``: to Python ² and ٣ are digits as well."""
    return "0" <= text[at : at + 1] <= "9"
