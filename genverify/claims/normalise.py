"""Step text, prose and LaTeX alike, to one stream of tokens that remember where they stood.

Nothing is evaluated and nothing is lost: what is not understood becomes a ``POISON`` token, which later makes the
expression around it unreadable instead of misread.
"""

from functools import lru_cache
from typing import Final

from genverify.claims.latex import LatexLexer
from genverify.claims.tokens import Token

MAX_CHARS: Final = 20_000
"""Longest step text that is read; longer text gets no claims. The longest real step seen has under 9 000."""


@lru_cache(maxsize=512)
def read(text: str) -> tuple[Token, ...]:
    """Return the tokens of ``text``; an empty tuple when it has more than ``MAX_CHARS`` characters."""
    if len(text) > MAX_CHARS:
        return ()
    lexer = LatexLexer(text)
    lexer.run(0, len(text), math=False, nest=0)
    return tuple(lexer.out)
