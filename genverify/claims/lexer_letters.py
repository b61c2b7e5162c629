"""Letters to tokens: words, variables, functions by name, fractions in words."""

import re
from typing import Final

from genverify.claims.lexer_base import BaseLexer
from genverify.claims.tokens import Kind, Token
from genverify.claims.units import may_attach

PROSE_FUNCS: Final = frozenset("sqrt gcd lcm sin cos tan ln log exp floor ceil abs max min binom det".split())
"""Functions known by their plain name, with or without a backslash."""
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+", re.ASCII)
_HYPHENATED: Final = re.compile(r"[A-Za-z]{2,}(?:-[A-Za-z]{2,})+(?![A-Za-z])", re.ASCII)
_TOPS: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7}
_BOTTOMS: Final = {
    "half": 2, "third": 3, "fourth": 4, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
}  # fmt: skip
_RAISED: Final = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉½⅓⅔¼¾⅕⅛"  # letters to Python's regular expressions
_LETTERS: Final = re.compile(rf"[^\W\d_{_RAISED}]+(?:['’][^\W\d_{_RAISED}]+)*")
_SUBSCRIPT: Final = re.compile(r"_(?:\{([A-Za-z0-9, +-]{1,12})\}|([A-Za-z0-9]))")
_CAPITALS: Final = re.compile(r"[\d(]?\|\)?\s?[\^+*/=-]|\d\|")


class LetterLexer(BaseLexer):
    """Reads what is written in letters."""

    __slots__ = ()

    def letters(self, at: int, end: int, math: bool) -> int:
        """Read a run of letters: a function, variables, or a word."""
        match = _LETTERS.match(self.text, at, end)
        if match is None:
            self.emit(Kind.POISON, self.text[at], at, at + 1, math)
            return at + 1
        run, stop = match.group(), match.end()
        if not math and len(run) > 1 and (whole := self.joined_words(at, end)) > 0:
            return whole
        if len(run) > 1 and run.lower() in PROSE_FUNCS and (math or self.text[stop : stop + 1] in ("(", "{", "_", "^")):
            self.emit(Kind.FUNC, run.lower(), at, stop, math)
            return self.base(stop, math) if run.lower() == "log" else stop
        if run.lower() == "mod" and not run.isupper():
            self.emit(Kind.OP, "mod", at, stop, math)
        elif run == "cis":
            self.emit(Kind.POISON, run, at, stop, math)  # cos + i sin, not the product c i s
        elif math:
            self.math_letters(run, at, math)
        elif len(run) == 1:
            return self.single(run, at, end)
        else:
            self.prose_letters(run, at, stop)
        return self.subscript(stop, math) if self.out[-1].kind is Kind.NAME else stop

    def joined_words(self, at: int, end: int) -> int:
        """Read an identifier such as ``total_cost`` or words joined by hyphens; returns the place after, 0 if none."""
        identifier = _IDENTIFIER.match(self.text, at, end)
        if identifier is not None:
            self.emit(Kind.WORD, identifier.group().lower(), at, identifier.end(), False)
            return identifier.end()
        hyphenated = _HYPHENATED.match(self.text, at, end)
        return self.compound(hyphenated.group().lower(), at, hyphenated.end()) if hyphenated is not None else 0

    def prose_letters(self, run: str, at: int, stop: int) -> None:
        """Read two or more letters in prose: factors where they stand right behind a number or name, else a word."""
        if len(run) <= 3 and run.islower() and self.product_before(at):
            self.math_letters(run, at, False)  # the bc of 30a^2bc
        elif (
            len(run) <= 3
            and run.isupper()
            and run.isascii()
            and _CAPITALS.match(self.text[max(at - 1, 0) : at] + "|" + self.text[stop : stop + 3])
        ):
            self.emit(Kind.NAME, run, at, stop, False)  # the segment AC in 2(AC)^2 - 68AC
        elif self.joined(at) and not may_attach(run):
            self.emit(Kind.POISON, run, at, stop, False)  # a factor: 3Fawn, 2xy
        else:
            self.emit(Kind.WORD, run.lower(), at, stop, False)

    def compound(self, words: str, start: int, end: int) -> int:
        """Read words joined by hyphens: the fraction two-thirds, or one word such as part-time."""
        top, _, bottom = words.partition("-")
        if top in _TOPS and self.out and self.out[-1].text == "and":
            self.emit(Kind.POISON, words, start, end, False)  # one and one-half
        elif top in _TOPS and bottom.removesuffix("s") in _BOTTOMS:
            self.fraction(str(_TOPS[top]), str(_BOTTOMS[bottom.removesuffix("s")]), start, end, False)
        else:
            self.emit(Kind.WORD, words, start, end, False)
        return end

    def base(self, at: int, math: bool) -> int:
        """Read the base of a logarithm, ``_2`` or ``_{10}``, as a parenthesis after the operator ``_``."""
        match = re.compile(r"_\s*(?:\{\s*(\d{1,4})\s*\}|(\d))").match(self.text, at)
        if match is None:
            return at
        self.emit(Kind.OP, "_", at, at + 1, math)
        self.emit(Kind.NUM, match.group(1) or match.group(2), at + 1, match.end(), math)
        return match.end()

    def math_letters(self, run: str, at: int, math: bool) -> None:
        """Read letters in a formula: AB is a segment, xy a product, longer runs are words."""
        if not run.isascii() or len(run) >= 4:
            self.emit(Kind.WORD, run.lower(), at, at + len(run), math)
        elif run.isupper():
            self.emit(Kind.NAME, run, at, at + len(run), math)
        else:
            for offset, char in enumerate(run):
                self.emit(Kind.NAME, char, at + offset, at + offset + 1, math)

    def single(self, char: str, at: int, end: int) -> int:
        """Read a letter that stands alone in prose: a variable, the times sign ``x``, or the words a, I."""
        before = self.out[-1] if self.out else None
        after = self.text[at + 1 : at + 3]
        if (
            char in "xX"
            and before is not None
            and before.kind in (Kind.NUM, Kind.CLOSE, Kind.PERCENT, Kind.WORD)
            and _operand_ahead(self.text, at + 1)
            and not (before.end == at and self.text[at + 1] == "\\")  # 2x\cos(x) is no 2 times cos(x)
        ):
            self.emit(Kind.OP, "*", at, at + 1, False)
            return at + 1
        factor = self.joined(at) and char.isascii() and not may_attach(char)
        if char in "aAI" and not factor and not re.match(r"\s?[-+*/^=<>_)]", after):
            self.emit(Kind.WORD, char.lower(), at, at + 1, False)
            return at + 1
        self.emit(Kind.NAME if char.isascii() else Kind.WORD, char, at, at + 1, False)
        return self.subscript(at + 1, False) if char.isascii() else at + 1

    def product_before(self, at: int) -> bool:
        """Whether a variable or its exponent stands right before ``at``, so that letters go on the product."""
        if not self.out or self.out[-1].end != at:
            return False
        exponent = self.out[-1].kind is Kind.NUM and len(self.out) > 1 and self.out[-2].text == "^"
        return self.out[-1].kind is Kind.NAME or exponent

    def subscript(self, at: int, math: bool) -> int:
        """Join ``_1``, ``_{max}`` and primes to the name before it."""
        if self.text[at : at + 1] in ("'", "′", "’") and not self.text[at + 1 : at + 2].isalpha():
            name = self.out.pop()
            self.out.append(Token(Kind.NAME, name.text + "_prime", name.start, at + 1, math, name.space))
            return self.subscript(at + 1, math)
        match = _SUBSCRIPT.match(self.text, at)
        if match is None:
            return at
        name = self.out.pop()
        tail = re.sub(r"[^A-Za-z0-9]", "", match.group(1) or match.group(2))
        kind = Kind.NAME if re.fullmatch(r"[A-Za-z0-9]+", match.group(1) or match.group(2)) else Kind.POISON
        self.out.append(Token(kind, f"{name.text}_{tail}", name.start, match.end(), math, name.space))
        return match.end()


def _operand_ahead(text: str, at: int) -> bool:
    return re.match(r"\s*[$(]*\s*(?:[\d\\]|\.\d)", text[at : at + 8]) is not None
