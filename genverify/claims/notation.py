"""What a problem says about its own notation: an operation of its own, arithmetic with remainders or last digits."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from genverify.claims.approx import approx
from genverify.claims.grammar import App, Expr, Num
from genverify.claims.reading import Reading

_SIGN: Final = r"(\*|\\ast\b|\\star\b|\\circ\b|\\oplus\b|\\otimes\b|\\odot\b|\\diamond\b|\\dagger\b|[#@&⊕⊗★◦△♦])"
_OPERATION: Final = re.compile(
    rf"(?<![A-Za-z\\])[A-Za-z]\s*{_SIGN}\s*[A-Za-z]\s*\)?\s*(?:\$|\\\))?\s*(?:=|be\b|is\b|to\b|as\b)"
)
_MODULAR: Final = re.compile(r"\bmod(?:ulo)?\b|\\p?mod|\\bmod|\bremainders?\b|\bcongruen|\bdigits?\b", re.IGNORECASE)
_DIVISOR: Final = re.compile(r"(?:mod(?:ulo)?\b|divided by|divide\w* by)[^\d.]{0,12}(\d{1,6})(?!\d)", re.IGNORECASE)
_BASE: Final = re.compile(
    r"\bbase[\s$-]{1,3}(\d{1,2}|[a-z]{3,5})\b|\d_\{?(\d)\}?(?!\d)|\b(binary|octal|ternary)\b", re.IGNORECASE
)
_NAMED_BASES: Final = {
    "binary": 2, "ternary": 3, "octal": 8, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9,
}  # fmt: skip
_OWN_C: Final = re.compile(r"\bC\(\s*[a-z]\s*,\s*[a-z]\s*\)")  # a function of two names, not C(n, k)
_EXACT: Final = 1e15  # floats hold whole numbers up to here


@dataclass(frozen=True, slots=True)
class Notation:
    """How the signs of a problem and its solution are to be read."""

    own_signs: frozenset[str] = frozenset()
    """Signs to which the problem gives a meaning of its own, such as ``a * b = a + 2b``."""
    modular: bool = False
    """Whether remainders or digits are asked for, so that an equation may hold only up to a multiple."""
    moduli: frozenset[int] = frozenset()
    """The numbers that the problem divides by for a remainder."""
    bases: frozenset[int] = frozenset()
    """The bases, other than ten, in which the problem writes numbers."""

    @classmethod
    def of(cls, problem: str) -> "Notation":
        """Read what ``problem`` says."""
        signs = frozenset(m.group(1) for m in _OPERATION.finditer(problem))
        if signs & {"*", "\\ast"}:
            signs |= {"*", "\\ast"}
        if _OWN_C.search(problem):
            signs |= {"C("}
        return cls(signs, _is_modular(problem), _moduli(problem), _bases(problem))

    def is_usual(self, text: str) -> bool:
        """Whether the step ``text`` uses none of the problem's own signs."""
        return not any(_uses(text, sign) for sign in self.own_signs)

    def reduces(self, text: str, left: Reading, right: Reading) -> bool:
        """Whether the right side is what is left of the left one: its last digits (2^7 = 28), its remainder."""
        if not right.bare or not (self.modular or _is_modular(text)):
            return False
        if isinstance(left.expr, App) and left.expr.head == "mod":
            return False  # 34 mod 12 is the remainder already
        value, target = approx(left.expr), approx(right.expr)
        if value is None or target is None or not 0 <= target < value or value != int(value):
            return False
        if value > _EXACT:
            return True
        moduli = {10 ** len(str(int(target))), *self.moduli, *_moduli(text)}
        return any((int(value) - int(target)) % m == 0 for m in moduli)

    def rebases(self, left: Reading, right: Reading) -> bool:
        """Whether two sides that differ are equal once one of them, or both, are read in a base of the problem."""
        for base in self.bases:
            sides = [{approx(e), approx(_in_base(e, base))} - {None} for e in (left.expr, right.expr)]
            if sides[0] & sides[1]:
                return True
        return False


def _in_base(expr: Expr, base: int) -> Expr:
    """Read the whole numbers of ``expr`` as written in ``base``, where their digits allow it."""
    if isinstance(expr, Num) and isinstance(expr.value, int):
        digits = str(expr.value)
        return Num(int(digits, base)) if all(int(d) < base for d in digits) else expr
    return App(expr.head, tuple(_in_base(a, base) for a in expr.args)) if isinstance(expr, App) else expr


def _bases(text: str) -> frozenset[int]:
    named = ((m.group(1) or m.group(2) or m.group(3)).lower() for m in _BASE.finditer(text))
    return frozenset(b for n in named if 2 <= (b := int(n) if n.isdecimal() else _NAMED_BASES.get(n, 10)) <= 9)


@lru_cache(maxsize=64)  # asked for each relation of a step
def _is_modular(text: str) -> bool:
    return _MODULAR.search(text) is not None


@lru_cache(maxsize=64)
def _uses(text: str, sign: str) -> bool:
    """Whether ``sign`` stands in ``text``; two stars are Markdown's bold, and one that opens a line its bullet."""
    return re.search(r"(?<!\*)(?<!^)\*(?!\*)", text, re.MULTILINE) is not None if sign == "*" else sign in text


def _moduli(text: str) -> frozenset[int]:
    return frozenset(int(m.group(1)) for m in _DIVISOR.finditer(text)) - {0}
