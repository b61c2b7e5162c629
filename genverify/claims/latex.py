"""LaTeX commands and environments to tokens."""

import re
from typing import Final

from genverify.claims.lexer import Lexer
from genverify.claims.lexer_base import MAX_NEST
from genverify.claims.lexer_letters import PROSE_FUNCS
from genverify.claims.tokens import Kind, Token

_REL_COMMANDS: Final = {
    "leq": "<=", "le": "<=", "leqslant": "<=", "geq": ">=", "ge": ">=", "geqslant": ">=", "lt": "<", "gt": ">",
    "neq": "!=", "ne": "!=", "approx": "~", "simeq": "~", "doteq": "~", "equiv": "==",
}  # fmt: skip
_OP_COMMANDS: Final = {
    "times": "*",
    "cdot": "*",
    "ast": "*",
    "div": "/",
    "bmod": "mod",
    "mod": "mod",
    "cup": "cup",
    "cap": "cap",
}
_STOP_COMMANDS: Final = frozenset(
    "Rightarrow implies Longrightarrow rightarrow to longrightarrow therefore because iff Leftrightarrow "
    "leftrightarrow "
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
_IMPLIES: Final = frozenset({"implies", "therefore", "to"})
_TOKENS: Final[dict[str, tuple[Kind, str]]] = {
    **{name: (Kind.REL, sign) for name, sign in _REL_COMMANDS.items()},
    **{name: (Kind.OP, sign) for name, sign in _OP_COMMANDS.items()},
    **{name: (Kind.STOP, "=>" if "arrow" in name or name in _IMPLIES else ";") for name in _STOP_COMMANDS},
    **{name: (Kind.STOP, "\\quad") for name in ("quad", "qquad")},
    **{name: (Kind.OPEN, name) for name in ("{", "lfloor", "lceil")},
    **{name: (Kind.CLOSE, name) for name in ("}", "rfloor", "rceil")},
    **{name: (Kind.DEGREE, "°") for name in ("degree", "textdegree")},
    "pi": (Kind.NAME, "pi"), "infty": (Kind.NAME, "oo"), "$": (Kind.MONEY, "$"), "%": (Kind.PERCENT, "%"),
    "|": (Kind.POISON, "|"),
}  # fmt: skip
"""Commands that stand for one token."""
_GREEK: Final = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau "
    "upsilon "
    "phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell".split()
)
_KNOWN: Final = frozenset(
    n for n in (*_TOKENS, *_TEXT_COMMANDS, *_FUNC_COMMANDS, *_GREEK, "frac", "dfrac", "tfrac", "sqrt", "binom", "boxed")
    if n.isalpha()
)  # fmt: skip
_COMMAND: Final = re.compile(r"\\([A-Za-z]+\*?|.)", re.DOTALL)
_ENVIRONMENT: Final = re.compile(r"\\(?:begin|end)\{([a-z]*matrix|array|cases)\}")
_PLAIN_ENVIRONMENT: Final = re.compile(r"\\(?:begin|end)\{[A-Za-z]*\*?\}(?:\[[a-z]\]|\{[lcr| ]+\})?")
_BOUND: Final = re.compile(r"\s*([A-Za-z])\s*(=|\\to|\\rightarrow|→)\s*")
_DERIVATIVE: Final = re.compile(
    r"(?:d/d\s*([A-Za-z])|(?:\\partial|d|\\mathrm\{d\}).{0,40}/(?:\\partial|d|\\mathrm\{d\})\s*[A-Za-z](?:\^\{?\d\}?)?)"
)


class LatexLexer(Lexer):
    """One pass over a text of prose and LaTeX."""

    __slots__ = ()

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
        r"""Read ``\begin`` or ``\end``: a matrix, a display, or something unknown."""
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
        """Read one row of a matrix as ``row(a, b)``."""
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
            doubled = _COMMAND.match(self.text, after - 1, end)
            if doubled is not None and doubled.group(1) in _KNOWN:  # \\sqrt: escaped once too often
                return self.macro(doubled.group(1), at, doubled.end(), end, math, nest)
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
        if name in _TOKENS:
            self.emit(*_TOKENS[name], at, after, math)
        elif name in _SPACE_COMMANDS or name == " ":
            self.space = True
            if name in ("left", "right") and self.text[after : after + 1] == ".":
                return after + 1
        elif name in _FUNC_COMMANDS:
            self.emit(Kind.FUNC, name, at, after, math)
            return self.base(after, math) if name == "log" else after
        elif name in _GREEK:
            self.emit(Kind.NAME, name, at, after, math)
            return self.subscript(after, math)
        else:
            self.emit(Kind.POISON, "\\" + name, at, after, math)
        return after

    def big(self, name: str, at: int, after: int, end: int, math: bool, nest: int) -> int:
        r"""Read ``\sum_{k=1}^{n}`` as the function ``sum:k`` before two groups, its bounds; likewise the others."""
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
            close = self.closing(at, end)
            return (at + 1, close, close + 1) if close >= 0 else (-1, -1, -1)
        if self.text[at] == "\\":
            match = _COMMAND.match(self.text, at, end)
            return (at, match.end(), match.end()) if match else (-1, -1, -1)
        return at, at + 1, at + 1

    def two(self, name: str, at: int, after: int, end: int, math: bool, nest: int) -> int:
        r"""Read ``\frac{a}{b}`` as ``(a)/(b)`` and ``\binom{a}{b}`` as ``binom(a, b)``."""
        a, a_end, after_a = self.argument(after, end)
        b, b_end, after_b = self.argument(after_a, end) if a >= 0 else (-1, -1, -1)
        if b < 0 or nest > MAX_NEST:
            self.emit(Kind.POISON, name, at, after, math)
            return after
        top, bottom = self.text[a:a_end].strip(), self.text[b:b_end].strip()
        if (derivative := _DERIVATIVE.fullmatch(f"{top}/{bottom}")) is not None:
            variable = derivative.group(1)
            self.emit(Kind.FUNC if variable else Kind.POISON, f"diff:{variable}", at, after_b, math)
            return after_b
        before = self.out[-1] if self.out else None
        powered = len(self.out) > 1 and self.out[-2].text == "^"
        if "frac" in name and before is not None and before.text.isdigit() and not powered and _proper(top, bottom):
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
        r"""Read ``\sqrt{a}`` as ``sqrt(a)`` and ``\sqrt[n]{a}`` as ``root(a, n)``."""
        index = re.compile(r"\[(\d{1,3})\]").match(self.text, after, end)
        a, a_end, after_a = self.argument(index.end() if index else after, end)
        if a < 0 or nest > MAX_NEST or (self.text[after : after + 1] == "[" and index is None):
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
        r"""Read ``\text{...}`` as prose inside the formula."""
        a, a_end, after = self.argument(at, end)
        if a < 0 or nest > MAX_NEST:
            return at
        inner = self.text[a:a_end].strip()
        if name in ("mathbf", "mathrm", "mathit", "operatorname") and re.fullmatch(r"[A-Za-z]", inner):
            self.emit(Kind.NAME, inner, a, a_end, True)
            return self.subscript(after, True)
        if inner.lower() in PROSE_FUNCS:
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


def _proper(top: str, bottom: str) -> bool:
    """Whether top/bottom is a proper fraction of small whole numbers, as in a mixed number."""
    return top.isdecimal() and bottom.isdecimal() and len(bottom) <= 4 and len(top) <= 4 and 0 < int(top) < int(bottom)
