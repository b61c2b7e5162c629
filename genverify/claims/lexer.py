"""The characters of prose and of plain formulas to tokens; what begins with a backslash is left to a subclass."""

import re
from abc import ABC, abstractmethod
from typing import Final

from genverify.claims.dollars import dollars
from genverify.claims.tokens import Kind, Token
from genverify.claims.units import may_attach

MAX_NEST: Final = 24
"""Deepest braces followed; real LaTeX stays below 8, and Python's stack is far away."""
PROSE_FUNCS: Final = frozenset("sqrt gcd lcm sin cos tan ln log exp floor ceil abs max min binom det".split())
"""Functions known by their plain name, with or without a backslash."""
_SYMBOLS: Final = {
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
_WIDE: Final = {
    "<=": (Kind.REL, "<="), ">=": (Kind.REL, ">="), "!=": (Kind.REL, "!="), "=>": (Kind.STOP, "=>"),
    "->": (Kind.STOP, "=>"), "==": (Kind.REL, "="), "~=": (Kind.REL, "~"),
}  # fmt: skip
_TORN: Final = re.compile(
    r"\t(imes|ext|an|heta|au|frac|o)(?![a-z])|\x0c(rac)(?![a-z])|\x08(inom|oxed|eta|mod)(?![a-z])|\r(ight|ho)(?![a-z])"
)
"""LaTeX commands whose backslash and first letter a careless reader of string literals turned into a control sign."""
_TORN_LETTER: Final = {"\t": "t", "\x0c": "f", "\x08": "b", "\r": "r"}
_NOTE: Final = re.compile(r"<<[^<>\n=]{1,200}=[^<>\n=]{1,40}>>")
"""A calculator note, ``<<3*4=12>>``, as the solutions of GSM8K carry them: a statement of its own."""
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+", re.ASCII)
_HYPHENATED: Final = re.compile(r"[A-Za-z]{2,}(?:-[A-Za-z]{2,})+(?![A-Za-z])", re.ASCII)
_TOPS: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7}
_BOTTOMS: Final = {
    "half": 2, "third": 3, "fourth": 4, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
}  # fmt: skip
_SUPERSCRIPT: Final = {c: str(i) for i, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_VULGAR: Final = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8)}
_NUMBER: Final = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d])"  # 1,234.50
    r"|\d{1,3}(?:\{,\}\d{3})+(?:\.\d+)?(?!\d)"  # 1{,}234
    r"|\d{1,3}(?:\\,\d{3})+(?:\.\d+)?(?!\d)"  # 1\,234
    r"|\d{1,3}(?:,\\!\d{3})+(?:\.\d+)?(?!\d)"  # 1,\!234
    r"|\d+\.\d+|\d+|\.\d+",
    re.ASCII,
)
_RAISED: Final = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉½⅓⅔¼¾⅕⅛"  # letters to Python's regular expressions
_LETTERS: Final = re.compile(rf"[^\W\d_{_RAISED}]+(?:['’][^\W\d_{_RAISED}]+)*")
_CHOOSE: Final = re.compile(r"\\choose(?![A-Za-z])")
_SUBSCRIPT: Final = re.compile(r"_(?:\{([A-Za-z0-9, +-]{1,12})\}|([A-Za-z0-9]))")
_CAPITALS: Final = re.compile(r"[\d(]?\|\)?\s?[\^+*/=-]|\d\|")


class Lexer(ABC):
    """One pass over a text; ``out`` is the token stream so far."""

    __slots__ = ("money", "out", "space", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[Token] = []
        self.space = False
        self.money = dollars(text)

    def emit(self, kind: Kind, text: str, start: int, end: int, math: bool) -> None:
        """Append a token."""
        self.out.append(Token(kind, text, start, end, math, self.space))
        self.space = False

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
            elif (char.isascii() and char.isdigit()) or (
                char == "." and self.text[at + 1 : at + 2].isdigit() and not _digit_before(self.text, at)
            ):
                at = self.number(at, end, math)
            elif char == "\\":
                at, math = self.command(at, end, math, nest)
            elif char == "$":
                at, math = self.dollar(at, math)
            elif char == "{":
                at = self.group(at, end, math, nest)
            elif char.isalpha() and char not in _SYMBOLS:
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
        close = closing(self.text, at, end)
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

    def joined(self, at: int) -> bool:
        """Whether a number, a name or what they are part of ends right where letters begin at ``at``."""
        if not self.out or self.out[-1].end != at:
            return False
        last = self.out[-1]
        divided = last.kind is Kind.OP and len(self.out) > 1 and self.out[-2].kind is Kind.NAME
        return last.kind in (Kind.NUM, Kind.NAME, Kind.CLOSE) or (divided and last.text in "+-*/^")

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
        kind, normal = _SYMBOLS.get(char, (Kind.POISON, char))
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
        close = closing(self.text, at, end)
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

    def fraction(self, top: str, bottom: str, start: int, end: int, math: bool) -> None:
        """Write ``(top / bottom)``."""
        kinds = (Kind.OPEN, Kind.NUM, Kind.OP, Kind.NUM, Kind.CLOSE)
        for kind, text in zip(kinds, ("(", top, "/", bottom, ")"), strict=True):
            self.emit(kind, text, start, end, math)

    def mixed(self, whole: Token, top: str, bottom: str, end: int) -> None:
        """Write the mixed number ``whole top/bottom`` as a sum in parentheses."""
        parts = (
            (Kind.OPEN, "("),
            (Kind.NUM, whole.text),
            (Kind.OP, "+"),
            (Kind.NUM, top),
            (Kind.OP, "/"),
            (Kind.NUM, bottom),
            (Kind.CLOSE, ")"),
        )
        for kind, text in parts:
            self.out.append(Token(kind, text, whole.start, end, whole.math, whole.space))

    @abstractmethod
    def macro(self, name: str, at: int, after: int, end: int, math: bool, nest: int) -> int:
        """Read the command ``name``, written from ``at`` to ``after``; return the place after its arguments."""

    @abstractmethod
    def command(self, at: int, end: int, math: bool, nest: int) -> tuple[int, bool]:
        """Read what begins with the backslash at ``at``; return the place after it and whether math mode is on then."""


def _digit_before(text: str, at: int) -> bool:
    return at > 0 and text[at - 1].isdigit()


def closing(text: str, at: int, end: int) -> int:
    """Return the place of the brace that closes the one at ``at``, -1 if none does."""
    depth = 0
    while at < end:
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return -1


def _bullet(text: str, at: int) -> bool:
    """Whether the ``-`` or ``*`` at ``at`` opens a list item: first on its line and followed by a space."""
    line = text.rfind("\n", 0, at) + 1
    return not text[line:at].strip() and text[at + 1 : at + 2] in (" ", "\t")


def _exclaims(text: str, at: int) -> bool:
    """Whether the ``!`` at ``at`` ends a sentence instead of making a factorial."""
    return re.match(r"!(?:$|\s*$|\s+[A-Z]|\n|\*)", text[at : at + 4]) is not None


def _operand_ahead(text: str, at: int) -> bool:
    return re.match(r"\s*[$(]*\s*[\d\\.]", text[at : at + 8]) is not None
