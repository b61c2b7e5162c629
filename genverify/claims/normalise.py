"""Step text, prose and LaTeX alike, to one stream of tokens that remember where they stood.

Nothing is evaluated and nothing is lost: what is not understood becomes a ``POISON`` token, which later makes the
expression around it unreadable instead of misread.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

MAX_CHARS: Final = 20_000
"""Longest step text that is read; longer text gets no claims. The longest real step seen has under 9 000."""
_MAX_NEST: Final = 24  # deepest braces followed; real LaTeX stays below 8, and Python's stack is far away


class Kind(Enum):
    """What a token is."""

    NUM = "number"
    NAME = "variable"
    WORD = "word"
    FUNC = "function"
    OP = "operator"
    REL = "relation"
    OPEN = "open"
    CLOSE = "close"
    COMMA = "comma"
    STOP = "stop"
    MONEY = "money"
    PERCENT = "percent"
    DEGREE = "degree"
    POISON = "poison"


@dataclass(frozen=True, slots=True)
class Token:
    """One token of the normal form."""

    kind: Kind
    text: str
    """The normal form: a number without separators, an operator of the formal language, a lower-case word."""
    start: int
    """First character in the step's text, counted from 0."""
    end: int
    """One past its last character."""
    math: bool
    """Whether it stood between math delimiters."""
    space: bool = False
    """Whether white space stood before it."""


@lru_cache(maxsize=512)
def read(text: str) -> tuple[Token, ...]:
    """Return the tokens of ``text``; an empty tuple when it has more than ``MAX_CHARS`` characters."""
    if len(text) > MAX_CHARS:
        return ()
    lexer = _Lexer(text)
    lexer.run(0, len(text), math=False, nest=0)
    return tuple(lexer.out)


_REL_COMMANDS: Final = {
    "leq": "<=", "le": "<=", "leqslant": "<=", "geq": ">=", "ge": ">=", "geqslant": ">=", "lt": "<", "gt": ">",
    "neq": "!=", "ne": "!=", "approx": "~", "simeq": "~", "doteq": "~", "equiv": "==",
}  # fmt: skip
_OP_COMMANDS: Final = {"times": "*", "cdot": "*", "ast": "*", "div": "/", "bmod": "mod", "mod": "mod"}
_STOP_COMMANDS: Final = frozenset(
    "Rightarrow implies Longrightarrow rightarrow to longrightarrow therefore because iff Leftrightarrow leftrightarrow "
    "item hline newline par land lor".split()
)
_SPACE_COMMANDS: Final = frozenset(
    "left right big Big bigl bigr Bigl Bigr displaystyle textstyle limits nolimits , ; : ! > noindent middle bigg Bigg "
    "biggl biggr Biggl Biggr phantom hfill allowbreak nonumber notag".split()
)
_TEXT_COMMANDS: Final = frozenset(
    "text textbf textit textrm mathrm mbox mathbf operatorname mathit textsf emph hbox".split()
)
_FUNC_COMMANDS: Final = frozenset(
    "sin cos tan sec csc cot arcsin arccos arctan sinh cosh tanh ln log exp gcd lcm max min det".split()
)
_PROSE_FUNCS: Final = frozenset("sqrt gcd lcm sin cos tan ln log exp floor ceil abs max min binom det".split())
_GREEK: Final = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau upsilon "
    "phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell".split()
)
_SYMBOLS: Final = {
    "×": (Kind.OP, "*"), "·": (Kind.OP, "*"), "⋅": (Kind.OP, "*"), "∗": (Kind.OP, "*"), "÷": (Kind.OP, "/"),
    "−": (Kind.OP, "-"), "–": (Kind.OP, "-"), "∕": (Kind.OP, "/"), "⁄": (Kind.OP, "/"),
    "≤": (Kind.REL, "<="), "≥": (Kind.REL, ">="), "≠": (Kind.REL, "!="), "≈": (Kind.REL, "~"), "≡": (Kind.REL, "=="),
    "≅": (Kind.REL, "~"), "π": (Kind.NAME, "pi"), "∞": (Kind.NAME, "oo"), "°": (Kind.DEGREE, "°"),
    "€": (Kind.MONEY, "€"), "£": (Kind.MONEY, "£"), "¥": (Kind.MONEY, "¥"), "₹": (Kind.MONEY, "₹"), "¢": (Kind.WORD, "cents"),
    "⇒": (Kind.STOP, "=>"), "→": (Kind.STOP, "=>"), "⟹": (Kind.STOP, "=>"), "∴": (Kind.STOP, "=>"), "⇔": (Kind.STOP, "=>"),
    "+": (Kind.OP, "+"), "-": (Kind.OP, "-"), "/": (Kind.OP, "/"), "^": (Kind.OP, "^"), "!": (Kind.OP, "!"),
    "=": (Kind.REL, "="), "<": (Kind.REL, "<"), ">": (Kind.REL, ">"), "%": (Kind.PERCENT, "%"), ",": (Kind.COMMA, ","),
    ";": (Kind.STOP, ";"), ":": (Kind.STOP, ":"), "?": (Kind.STOP, "?"), "|": (Kind.OP, "|"),
    "(": (Kind.OPEN, "("), ")": (Kind.CLOSE, ")"), "[": (Kind.OPEN, "["), "]": (Kind.CLOSE, "]"),
    "…": (Kind.POISON, "…"), "±": (Kind.POISON, "±"), "√": (Kind.FUNC, "sqrt"),
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
_LETTERS: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_COMMAND: Final = re.compile(r"\\([A-Za-z]+\*?|.)", re.DOTALL)
_SUBSCRIPT: Final = re.compile(r"_(?:\{([A-Za-z0-9, +-]{1,12})\}|([A-Za-z0-9]))")
_ENVIRONMENT: Final = re.compile(r"\\(?:begin|end)\{([a-z]*matrix|array|cases)\}")
_PLAIN_ENVIRONMENT: Final = re.compile(r"\\(?:begin|end)\{[A-Za-z]*\*?\}(?:\[[a-z]\]|\{[lcr| ]+\})?")


class _Lexer:
    """One pass over a text; ``out`` is the token stream so far."""

    __slots__ = ("money", "out", "space", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[Token] = []
        self.space = False
        self.money = _dollars(text)

    def emit(self, kind: Kind, text: str, start: int, end: int, math: bool) -> None:
        self.out.append(Token(kind, text, start, end, math, self.space))
        self.space = False

    def run(self, at: int, end: int, *, math: bool, nest: int) -> None:
        """Read the characters from ``at`` to ``end``."""
        while at < end:
            char = self.text[at]
            if char in "\n\r":
                at = self.newline(at, end, math)
            elif char.isspace() or char == "~":
                self.space = True
                at += 1
            elif (
                (char.isascii()
                and char.isdigit())
                or (char == "." and self.text[at + 1 : at + 2].isdigit() and not _digit_before(self.text, at))
            ):
                at = self.number(at, end, math)
            elif char == "\\":
                at, math = self.command(at, end, math, nest)
            elif char == "$":
                at, math = self.dollar(at, math)
            elif char == "{":
                at = self.group(at, end, math, nest)
            elif char.isalpha():
                at = self.letters(at, end, math)
            else:
                at = self.symbol(at, end, math, nest)

    def newline(self, at: int, end: int, math: bool) -> int:
        after = at + 1
        while after < end and self.text[after] in " \t\r":
            after += 1
        blank = after < end and self.text[after] == "\n"
        self.emit(Kind.STOP, "\n\n" if blank else ("\\n" if math else "\n"), at, at + 1, math)
        return at + 1

    def number(self, at: int, end: int, math: bool) -> int:
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
        close = _closing(self.text, at, end)
        if close < 0 or nest > _MAX_NEST:
            self.emit(Kind.POISON, "{", at, at + 1, math)
            return at + 1
        self.run(at + 1, close, math=math, nest=nest + 1)
        return close + 1

    def letters(self, at: int, end: int, math: bool) -> int:
        match = _LETTERS.match(self.text, at, end)
        if match is None:
            self.emit(Kind.POISON, self.text[at], at, at + 1, math)
            return at + 1
        run, stop = match.group(), match.end()
        if (
            len(run) > 1
            and run.lower() in _PROSE_FUNCS
            and (math or self.text[stop : stop + 1] in ("(", "{", "_", "^"))
        ):
            self.emit(Kind.FUNC, run.lower(), at, stop, math)
            return self.base(stop, math) if run.lower() == "log" else stop
        elif run.lower() == "mod" and not run.isupper():
            self.emit(Kind.OP, "mod", at, stop, math)
        elif math:
            self.math_letters(run, at, math)
        elif len(run) == 1:
            return self.single(run, at, end)
        elif len(run) <= 3 and run.islower() and self.product_before(at):
            self.math_letters(run, at, math)  # the bc of 30a^2bc
        elif (
            len(run) <= 3
            and run.isupper()
            and run.isascii()
            and _CAPITALS.match(self.text[max(at - 1, 0) : at] + "|" + self.text[stop : stop + 3])
        ):
            self.emit(Kind.NAME, run, at, stop, math)  # the segment AC in 2(AC)^2 - 68AC
        else:
            self.emit(Kind.WORD, run.lower(), at, stop, math)
        return self.subscript(stop, math) if self.out[-1].kind is Kind.NAME else stop

    def base(self, at: int, math: bool) -> int:
        """Read the base of a logarithm, ``_2`` or ``_{10}``, as a parenthesis after the operator ``_``."""
        match = re.compile(r"_\s*(?:\{\s*(\d{1,4})\s*\}|(\d))").match(self.text, at)
        if match is None:
            return at
        self.emit(Kind.OP, "_", at, at + 1, math)
        self.emit(Kind.NUM, match.group(1) or match.group(2), at + 1, match.end(), math)
        return match.end()

    def math_letters(self, run: str, at: int, math: bool) -> None:
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
        ):
            self.emit(Kind.OP, "*", at, at + 1, False)
            return at + 1
        if char in "aAI" and not re.match(r"\s?[-+*/^=<>_)]", after):
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

    def symbol(self, at: int, end: int, math: bool, nest: int) -> int:
        char = self.text[at]
        if char == "*":
            return self.star(at, math)
        if char == ".":
            return self.point(at, math)
        if char == "^":
            return self.power(at, end, math, nest)
        if char in _SUPERSCRIPT:
            stop = at
            while stop < end and self.text[stop] in _SUPERSCRIPT:
                stop += 1
            self.emit(Kind.OP, "^", at, stop, math)
            self.emit(Kind.NUM, "".join(_SUPERSCRIPT[c] for c in self.text[at:stop]), at, stop, math)
            return stop
        if char in _VULGAR:
            self.vulgar(at, math)
            return at + 1
        if char == "_" or char == "&" or char in "#`\"'“”‘’•":
            self.space = True
            return at + 1
        for wide, kind, normal in (
            ("<=", Kind.REL, "<="),
            (">=", Kind.REL, ">="),
            ("!=", Kind.REL, "!="),
            ("=>", Kind.STOP, "=>"),
            ("->", Kind.STOP, "=>"),
            ("==", Kind.REL, "="),
            ("~=", Kind.REL, "~"),
        ):
            if self.text.startswith(wide, at):
                self.emit(kind, normal, at, at + 2, math)
                return at + 2
        kind, normal = _SYMBOLS.get(char, (Kind.POISON, char))
        if char == "-" and not math and _bullet(self.text, at):
            self.emit(Kind.STOP, "-", at, at + 1, math)
        elif char == "—":
            self.emit(Kind.STOP, "—", at, at + 1, math)
        else:
            self.emit(kind, normal, at, at + 1, math)
        return at + 1

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
        """Read ``^{...}`` as a parenthesised exponent and ``^\\circ`` as degrees."""
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
        close = _closing(self.text, at, end)
        if close < 0 or nest > _MAX_NEST:
            self.emit(Kind.POISON, "{", at, at + 1, math)
            return at + 1
        self.emit(Kind.OPEN, "(", at, at + 1, math)
        self.run(at + 1, close, math=math, nest=nest + 1)
        self.emit(Kind.CLOSE, ")", close, close + 1, math)
        return close + 1

    def vulgar(self, at: int, math: bool) -> None:
        top, bottom = _VULGAR[self.text[at]]
        if self.out and self.out[-1].kind is Kind.NUM and self.out[-1].end >= at - 1:
            whole = self.out.pop()
            self.mixed(whole, str(top), str(bottom), at + 1)
            return
        for kind, text in (
            (Kind.OPEN, "("),
            (Kind.NUM, str(top)),
            (Kind.OP, "/"),
            (Kind.NUM, str(bottom)),
            (Kind.CLOSE, ")"),
        ):
            self.emit(kind, text, at, at + 1, math)

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

    def command(self, at: int, end: int, math: bool, nest: int) -> tuple[int, bool]:
        """Read a LaTeX command; returns the place after it and whether math mode is on then."""
        match = _COMMAND.match(self.text, at, end)
        if match is None:
            return at + 1, math
        name, after = match.group(1), match.end()
        if name in "([":
            self.emit(Kind.STOP, "$$", at, after, math) if name == "[" else None
            self.space = True
            return after, True
        if name in ")]":
            self.emit(Kind.STOP, "$$", at, after, math) if name == "]" else None
            self.space = True
            return after, False
        if name in ("begin", "end"):
            return self.environment(at, end, math, nest)
        return self.macro(name, at, after, end, math, nest), math

    def environment(self, at: int, end: int, math: bool, nest: int) -> tuple[int, bool]:
        matrix = _ENVIRONMENT.match(self.text, at, end)
        if matrix is not None:
            name = matrix.group(1)
            if name in ("cases", "array") or self.text.startswith("\\end", at):
                self.emit(Kind.POISON, name, at, matrix.end(), math)
                return matrix.end(), math
            return self.matrix(name, at, matrix.end(), end, math, nest), math
        plain = _PLAIN_ENVIRONMENT.match(self.text, at, end)
        if plain is None:
            self.emit(Kind.POISON, "begin", at, at + 1, math)
            return at + 1, math
        self.emit(Kind.STOP, "$$", at, plain.end(), math)
        opens = self.text.startswith("\\begin", at)
        return plain.end(), opens and not re.search(r"\{(?:itemize|enumerate|center|tabular)", plain.group())

    def matrix(self, name: str, at: int, after: int, end: int, math: bool, nest: int) -> int:
        """Read a matrix environment as ``matrix((a, b), (c, d))``, a determinant as ``det`` of one."""
        close = self.text.find(f"\\end{{{name}}}", after, end)
        if close < 0 or nest > 2 or "\\begin" in self.text[after:close]:
            self.emit(Kind.POISON, name, at, after, math)
            return after
        det = name == "vmatrix"
        if det:
            self.emit(Kind.FUNC, "det", at, after, math)
            self.emit(Kind.OPEN, "(", at, after, math)
        self.emit(Kind.FUNC, "matrix", at, after, math)
        self.emit(Kind.OPEN, "(", at, after, math)
        body = self.text[after:close]
        place = after
        rows = re.split(r"\\\\(?:\[[^\]]*\])?", body)
        for row in rows:
            if row.strip():
                self.row(place, place + len(row), math, nest, first=place == after)
            place += len(row) + 2
        stop = close + len(f"\\end{{{name}}}")
        self.emit(Kind.CLOSE, ")", close, stop, math)
        if det:
            self.emit(Kind.CLOSE, ")", close, stop, math)
        return stop

    def row(self, start: int, end: int, math: bool, nest: int, *, first: bool) -> None:
        if not first:
            self.emit(Kind.COMMA, ",", start, start, math)
        self.emit(Kind.FUNC, "row", start, start, math)
        self.emit(Kind.OPEN, "(", start, start, math)
        place = start
        for number, cell in enumerate(self.text[start:end].split("&")):
            if number:
                self.emit(Kind.COMMA, ",", place - 1, place, math)
            self.run(place, min(place + len(cell), end), math=True, nest=nest + 1)
            place += len(cell) + 1
        self.emit(Kind.CLOSE, ")", end, end, math)

    def macro(self, name: str, at: int, after: int, end: int, math: bool, nest: int) -> int:
        """Read a command that is neither a delimiter nor an environment; returns the place after it."""
        if name == "\\":
            self.emit(Kind.STOP, "\\\\", at, after, math)
            return after
        if name in ("frac", "dfrac", "tfrac", "cfrac", "binom", "dbinom", "tbinom"):
            return self.two(name, at, after, end, math, nest)
        if name == "sqrt":
            return self.root(at, after, end, math, nest)
        if name in _TEXT_COMMANDS:
            return self.words(name, after, end, nest)
        if name in ("boxed", "fbox", "underline", "cancel", "mathbb", "vec", "hat", "bar"):
            if name not in ("boxed", "fbox", "underline"):
                self.emit(Kind.POISON, name, at, after, math)
            return (
                self.group(after, end, math or name == "boxed", nest) if self.text[after : after + 1] == "{" else after
            )
        if name in ("sum", "prod", "lim", "int"):
            return self.big(name, at, after, end, math, nest)
        if name in ("pmod", "pod"):
            self.emit(Kind.OP, "pmod", at, after, math)
            return after
        return self.sign(name, at, after, math)

    def sign(self, name: str, at: int, after: int, math: bool) -> int:
        """Read a command that stands for one token."""
        if name in _REL_COMMANDS:
            self.emit(Kind.REL, _REL_COMMANDS[name], at, after, math)
        elif name in _OP_COMMANDS:
            self.emit(Kind.OP, _OP_COMMANDS[name], at, after, math)
        elif name in _STOP_COMMANDS:
            self.emit(
                Kind.STOP, "=>" if "arrow" in name or name in ("implies", "therefore", "to") else ";", at, after, math
            )
        elif name in ("quad", "qquad"):
            self.emit(Kind.STOP, "\\quad", at, after, math)
        elif name in _SPACE_COMMANDS or name == " ":
            self.space = True
            if name in ("left", "right") and self.text[after : after + 1] == ".":
                return after + 1
        elif name in _FUNC_COMMANDS:
            self.emit(Kind.FUNC, name, at, after, math)
            return self.base(after, math) if name == "log" else after
        elif name == "pi" or name == "infty":
            self.emit(Kind.NAME, "pi" if name == "pi" else "oo", at, after, math)
        elif name in _GREEK:
            self.emit(Kind.NAME, name, at, after, math)
            return self.subscript(after, math)
        elif name in ("$", "%", "{", "}", "|"):
            self.escaped(name, at, after, math)
        elif name in ("lfloor", "lceil", "rfloor", "rceil"):
            self.emit(Kind.OPEN if name[0] == "l" else Kind.CLOSE, name, at, after, math)
        elif name in ("degree", "textdegree"):
            self.emit(Kind.DEGREE, "°", at, after, math)
        else:
            self.emit(Kind.POISON, "\\" + name, at, after, math)
        return after

    def escaped(self, name: str, at: int, after: int, math: bool) -> None:
        kind = {"$": Kind.MONEY, "%": Kind.PERCENT, "{": Kind.OPEN, "}": Kind.CLOSE, "|": Kind.POISON}[name]
        self.emit(kind, name, at, after, math)

    def big(self, name: str, at: int, after: int, end: int, math: bool, nest: int) -> int:
        """Read ``\\sum_{k=1}^{n}`` as the function ``sum:k`` before two groups, its bounds; likewise the others."""
        scripts: dict[str, tuple[int, int]] = {}
        place = after
        while (mark := re.compile(r"\s*(?:\\limits)?\s*([_^])").match(self.text, place, end)) is not None and len(
            scripts
        ) < 2:
            a, a_end, place = self.argument(mark.end(), end)
            if a < 0:
                break
            scripts[mark.group(1)] = (a, a_end)
        lower = scripts.get("_", (0, 0))
        bound = _BOUND.match(self.text, *lower)
        if name == "int" and (len(scripts) in (0, 2)):
            self.emit(Kind.FUNC, "int:" if scripts else "int", at, after, math)
            groups = [lower, scripts["^"]] if scripts else []
        elif name == "lim" and bound is not None and bound.group(2) != "=":
            self.emit(Kind.FUNC, f"limit:{bound.group(1)}", at, after, math)
            groups = [(bound.end(), lower[1])]
        elif name in ("sum", "prod") and bound is not None and bound.group(2) == "=" and "^" in scripts:
            self.emit(Kind.FUNC, f"{name}:{bound.group(1)}", at, after, math)
            groups = [(bound.end(), lower[1]), scripts["^"]]
        else:
            self.emit(Kind.POISON, name, at, after, math)
            return max(place, after)
        for begin, stop in groups:
            self.emit(Kind.OPEN, "(", begin, begin, math)
            self.run(begin, stop, math=True, nest=nest + 1)
            self.emit(Kind.CLOSE, ")", stop, stop, math)
        return max(place, after)

    def argument(self, at: int, end: int) -> tuple[int, int, int]:
        """Return the bounds of the next LaTeX argument and the place after it; (-1, -1, -1) if there is none."""
        while at < end and self.text[at] == " ":
            at += 1
        if at >= end:
            return -1, -1, -1
        if self.text[at] == "{":
            close = _closing(self.text, at, end)
            return (at + 1, close, close + 1) if close >= 0 else (-1, -1, -1)
        if self.text[at] == "\\":
            match = _COMMAND.match(self.text, at, end)
            return (at, match.end(), match.end()) if match else (-1, -1, -1)
        return at, at + 1, at + 1

    def two(self, name: str, at: int, after: int, end: int, math: bool, nest: int) -> int:
        """Read ``\\frac{a}{b}`` as ``(a)/(b)`` and ``\\binom{a}{b}`` as ``binom(a, b)``."""
        a, a_end, after_a = self.argument(after, end)
        b, b_end, after_b = self.argument(after_a, end) if a >= 0 else (-1, -1, -1)
        if b < 0 or nest > _MAX_NEST:
            self.emit(Kind.POISON, name, at, after, math)
            return after
        top, bottom = self.text[a:a_end].strip(), self.text[b:b_end].strip()
        if (derivative := _DERIVATIVE.fullmatch(f"{top}/{bottom}")) is not None:
            variable = derivative.group(1)
            self.emit(Kind.FUNC if variable else Kind.POISON, f"diff:{variable}", at, after_b, math)
            return after_b
        before = self.out[-1] if self.out else None
        if (
            "frac" in name
            and before is not None
            and before.kind is Kind.NUM
            and before.text.isdigit()
            and _proper(top, bottom)
        ):
            if not (len(self.out) > 1 and self.out[-2].text == "^"):
                self.mixed(self.out.pop(), top, bottom, after_b)
                return after_b
        binom = "binom" in name
        self.emit(Kind.FUNC if binom else Kind.OPEN, "binom" if binom else "(", at, after, math)
        self.emit(Kind.OPEN, "(", at, after, math)
        self.run(a, a_end, math=True, nest=nest + 1)
        if not binom:
            self.emit(Kind.CLOSE, ")", a_end, a_end, math)
        self.emit(Kind.COMMA if binom else Kind.OP, "," if binom else "/", a_end, b, math)
        if not binom:
            self.emit(Kind.OPEN, "(", b, b, math)
        self.run(b, b_end, math=True, nest=nest + 1)
        self.emit(Kind.CLOSE, ")", b_end, after_b, math)
        if not binom:
            self.emit(Kind.CLOSE, ")", b_end, after_b, math)
        return after_b

    def root(self, at: int, after: int, end: int, math: bool, nest: int) -> int:
        """Read ``\\sqrt{a}`` as ``sqrt(a)`` and ``\\sqrt[n]{a}`` as ``root(a, n)``."""
        index = re.compile(r"\[(\d{1,3})\]").match(self.text, after, end)
        a, a_end, after_a = self.argument(index.end() if index else after, end)
        if a < 0 or nest > _MAX_NEST or (self.text[after : after + 1] == "[" and index is None):
            self.emit(Kind.POISON, "sqrt", at, after, math)
            return after
        self.emit(Kind.FUNC, "root" if index else "sqrt", at, after, math)
        self.emit(Kind.OPEN, "(", at, after, math)
        self.run(a, a_end, math=True, nest=nest + 1)
        if index:
            self.emit(Kind.COMMA, ",", a_end, a_end, math)
            self.emit(Kind.NUM, index.group(1), index.start(1), index.end(1), math)
        self.emit(Kind.CLOSE, ")", a_end, after_a, math)
        return after_a

    def words(self, name: str, at: int, end: int, nest: int) -> int:
        """Read ``\\text{...}`` as prose inside the formula."""
        a, a_end, after = self.argument(at, end)
        if a < 0 or nest > _MAX_NEST:
            return at
        inner = self.text[a:a_end].strip()
        if name in ("mathbf", "mathrm", "mathit", "operatorname") and re.fullmatch(r"[A-Za-z]", inner):
            self.emit(Kind.NAME, inner, a, a_end, True)
            return self.subscript(after, True)
        if inner.lower() in _PROSE_FUNCS:
            self.emit(Kind.FUNC, inner.lower(), a, a_end, True)
            return after
        if name == "operatorname":
            self.emit(Kind.POISON, inner, a, a_end, True)  # a function that is not known here
            return after
        before = len(self.out)
        self.run(a, a_end, math=False, nest=nest + 1)
        for place in range(before, len(self.out)):
            token = self.out[place]
            letter = token.kind is Kind.NAME and len(token.text) == 1  # in \\text{} a unit (m, s, g) or a word
            kind, inner = (Kind.WORD, token.text.lower()) if letter else (token.kind, token.text)
            self.out[place] = Token(kind, inner, token.start, token.end, True, token.space)
        return after


_BOUND: Final = re.compile(r"\s*([A-Za-z])\s*(=|\\to|\\rightarrow|→)\s*")
_CAPITALS: Final = re.compile(r"[\d(]?\|\)?\s?[\^+*/=-]|\d\|")


_DERIVATIVE: Final = re.compile(
    r"(?:d/d\s*([A-Za-z])|(?:\\partial|d|\\mathrm\{d\}).{0,40}/(?:\\partial|d|\\mathrm\{d\})\s*[A-Za-z](?:\^\{?\d\}?)?)"
)


def _digit_before(text: str, at: int) -> bool:
    return at > 0 and text[at - 1].isdigit()


def _closing(text: str, at: int, end: int) -> int:
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


def _operand_ahead(text: str, at: int) -> bool:
    return re.match(r"\s*[$(]*\s*[\d\\.]", text[at : at + 8]) is not None


def _proper(top: str, bottom: str) -> bool:
    """Whether top/bottom is a proper fraction of small whole numbers, as in a mixed number."""
    return top.isdigit() and bottom.isdigit() and len(bottom) <= 4 and len(top) <= 4 and 0 < int(top) < int(bottom)


_PROSE_WORD: Final = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{4,}")


def _dollars(text: str) -> frozenset[int]:
    """Return the places of the dollar signs that are money; the others delimit formulas.

    A formula closes again in its paragraph, holds no prose, does not end in an operator and is not followed by a
    digit; what a person writes about money breaks one of these.
    """
    money: set[int] = set()
    at = 0
    while (at := text.find("$", at)) >= 0:
        if at and text[at - 1] == "\\":
            at += 1
            continue
        if text.startswith("$$", at):
            close = text.find("$$", at + 2)
            at = close + 2 if close >= 0 else at + 2
            continue
        close = _formula_end(text, at)
        if close < 0:
            money.add(at)
            at += 1
        else:
            at = close + 1
    return frozenset(money)


def _formula_end(text: str, at: int) -> int:
    """Return the place of the dollar sign that closes a formula opened at ``at``, -1 if it opens none."""
    close = at
    while True:
        close = text.find("$", close + 1)
        if close < 0 or close - at > 1500:
            return -1
        if text[close - 1] != "\\":
            break
    inside = text[at + 1 : close]
    if (
        not inside.strip()
        or "\n\n" in inside
        or inside.rstrip()[-1:] in "+-*/×=(÷"
        or text[close + 1 : close + 2].isdigit()
    ):
        return -1
    if text[at + 1].isdigit() and (
        inside.endswith(" ") or _PROSE_WORD.search(re.sub(r"\\(?:text|mathrm|mbox)\{[^}]*\}", "", inside))
    ):
        return -1
    return close
