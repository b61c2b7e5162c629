"""Words, percent and degree signs after or before an operand: operators, scales, and units to drop."""

import re
from typing import Final

from genverify.claims.reader import BaseReader
from genverify.claims.tokens import Kind, Token

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
_NOT_UNITS: Final = frozenset(
    "more less fewer greater larger higher smaller lower longer shorter older younger heavier bigger above below "
    "than remainder remainders of to is are was were and or with over point out not if when where since because "
    "then so as mod modulo squared cubed factorial choose choosing half third quarter twice thrice times r base "
    "but only by into "
    "equals equal gives makes leaves plus minus divided multiplied subtract subtracted add added from which that "
    "what each-of "
    "increased decreased reduced both rounded approximately about roughly around nearly almost".split()
)
"""Words that are not a unit right after a number: they change, join or continue what is said about it."""
_NEVER_IN_UNITS: Final = frozenset(
    "not is are was equals plus minus times than and or but the this these remainder".split()
)
"""Words that end a unit: what follows them is said about something else."""


class WordReader(BaseReader):
    """Reads what is written in words."""

    def word(self, token: Token) -> bool:
        """Read a word, by what must come next: an operand or an operator."""
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
        kelvin = word == "k" and token.space
        if word in _SCALE and not self.unit_last and not kelvin:
            return self.scale(token)
        if word in ("percent", "pct") and not self.unit_last:
            return self.percent()
        if word == "of":
            return self.of()
        return self.unit_run()

    def scale(self, token: Token) -> bool:
        """Multiply the number before ``dozen`` or ``million``, all of it where it is a fraction."""
        size = 3 if self.out[-2:-1] == ["/"] else 1
        slash = self.tokens[self.at - 2] if self.at > 1 else None
        tight = slash is not None and slash.text == "/" and not slash.space
        if size == 3 and (not tight or self.fraction_before() == self.out[-1]):
            return False  # 294 / 147 dozens, 12 * 1/2 dozen
        self.at += 1
        self.last = token.end
        self.units.append(token.text)
        number = "".join(self.out[-size:])
        self.out[-size:] = [f"({number}*{_SCALE[token.text]})"]
        return True

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
            if self.at > begin and self.sign_in_words(token.text):
                break
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

    def sign_in_words(self, word: str) -> bool:
        """Whether ``word`` adds the number behind it to what stands before: 3 apples plus 4 apples."""
        following = self.peek(1)
        return word in ("plus", "minus", "times") and following is not None and following.kind in (Kind.NUM, Kind.MONEY)

    def word_after_slash(self) -> bool:
        """Whether the slash at hand divides by a unit."""
        following = self.peek(1)
        return following is not None and following.kind is Kind.WORD

    def percent(self) -> bool:
        """Divide the operand just read by 100."""
        if self.wants:
            return False
        self.last = self.tokens[self.at].end
        self.at += 1
        self.out[-1] = f"({self.out[-1]}/100)"
        return True

    def degree(self) -> bool:
        """Take the operand just read as degrees: an angle inside a trigonometric function, a unit elsewhere."""
        if self.wants:
            return False
        self.at += 1
        if "deg(" in self.out[-1]:
            return False  # (90° - 8)°
        if self.trig:
            self.out[-1] = f"deg({self.out[-1]})"
        else:
            self.units.append("°")
        return True
