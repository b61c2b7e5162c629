"""What a problem says about its own notation: an operation of its own, arithmetic with remainders or last digits."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from genverify.claims.approx import approx
from genverify.claims.grammar import App
from genverify.claims.reading import Reading

_SIGN: Final = r"(\*|\\ast\b|\\star\b|\\circ\b|\\oplus\b|\\otimes\b|\\odot\b|\\diamond\b|\\dagger\b|[#@&⊕⊗★◦△♦])"
_OPERATION: Final = re.compile(
    rf"(?<![A-Za-z\\])[A-Za-z]\s*{_SIGN}\s*[A-Za-z]\s*\)?\s*(?:\$|\\\))?\s*(?:=|be\b|is\b|to\b|as\b)"
)
_MODULAR: Final = re.compile(r"\bmod(?:ulo)?\b|\\p?mod|\\bmod|\bremainders?\b|\bcongruen|\bdigits?\b", re.IGNORECASE)
_DIVISOR: Final = re.compile(r"(?:mod(?:ulo)?\b|divided by|divide\w* by)[^\d.]{0,12}(\d{1,6})(?!\d)", re.IGNORECASE)
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

    @classmethod
    def of(cls, problem: str) -> "Notation":
        """Read what ``problem`` says."""
        signs = frozenset(m.group(1) for m in _OPERATION.finditer(problem))
        if signs & {"*", "\\ast"}:
            signs |= {"*", "\\ast"}
        return cls(signs, _is_modular(problem), _moduli(problem))

    def is_usual(self, text: str) -> bool:
        """Whether the step ``text`` uses none of the problem's own signs."""
        return not any(sign in text for sign in self.own_signs)

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


@lru_cache(maxsize=64)  # asked for each relation of a step
def _is_modular(text: str) -> bool:
    return _MODULAR.search(text) is not None


@lru_cache(maxsize=64)
def _moduli(text: str) -> frozenset[int]:
    return frozenset(int(m.group(1)) for m in _DIVISOR.finditer(text)) - {0}
