r"""First-order formulas as people and data sets write them to the formal language of :mod:`genverify.claims.grammar`.

``∀x (Dog(x) → ¬Cat(x))``, ``forall x. Dog(x) -> ~Cat(x)`` and ``\forall x\,(Dog(x) \rightarrow \neg Cat(x))`` are one
formula. Where a formula can be read in two ways (a quantifier without parentheses before a connective, ``A → B → C``,
``A ⊕ B ⊕ C``, a variable that nothing binds) it is refused: a formula misread is worse than one not read.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from genverify.claims.grammar import CONSTANTS, FUNCTIONS, App, Expr, Num, Sym, number
from genverify.errors import GrammarError

MAX_CHARS: Final = 1000
"""Longest formula read; the longest premise of the development data has under 300 characters."""
_MAX_DEPTH: Final = 40
"""Deepest nesting; the grammar's own bound, which the result must keep, is 60."""
_MAX_NODES: Final = 400
_NAME_MAX: Final = 48

_WRITTEN: Final = {
    "forall": r"∀|\\forall\b|\bfor\s?all\b", "exists": r"∃|\\exists\b|\b(?:there\s)?exists\b",
    "<->": r"↔|⇔|⟺|<-+>|<=+>|\\(?:left|Left|longleft|Longleft)rightarrow\b|\\iff\b|\biff\b|\bif and only if\b",
    "->": r"→|⇒|⟹|⊃|-+>|=+>|\\(?:right|Right|longright|Longright)arrow\b|\\to\b|\\implies\b|\\supset\b|\bimplies\b",
    "and": r"∧|&&?|/\\|\\land\b|\\wedge\b|\band\b", "or": r"∨|\|\|?|\\/|\\lor\b|\\vee\b|\bor\b",
    "!=": r"≠|!=|\\neq?\b", "not": r"¬|~|!|\\neg\b|\\lnot\b|\bnot\b", "xor": r"⊕|⊻|\\oplus\b|\bxor\b", "=": r"=",
}  # fmt: skip
"""Each operator with the ways it is written, longer before shorter."""
OPERATORS: Final = "|".join(pattern for kind, pattern in _WRITTEN.items() if kind not in ("forall", "exists"))
"""Every way to write a connective, an equality or a negation, as one pattern."""
QUANTIFIERS: Final = f"(?:{_WRITTEN['forall']}|{_WRITTEN['exists']})"
_KINDS: Final = tuple(_WRITTEN)
_TOKEN: Final = re.compile(
    r"\s*(?:"
    + "|".join(f"({pattern})" for pattern in _WRITTEN.values())
    + r"|(?P<num>\d+(?:\.\d+)?(?![\w’'-]))|(?P<name>[^\W_](?:[\w’']|-(?=\w))*)|(?P<mark>[()\[\]{},.:]))",
    re.IGNORECASE,
)
_DRESS: Final = re.compile(r"\\[,;:! ]|\$|\\[()\[\]]|\\(?:left|right)(?=\W)|\\q?quad\b|~(?=\s*$)")
_TEXT: Final = re.compile(r"\\(?:text|mathrm|mathit|mathsf|textit|textrm|operatorname)\s*\{([\w\s’'-]*)\}")
_OPEN: Final = {"(": ")", "[": "]", "{": "}"}
_BINARY: Final = frozenset({"<->", "->", "or", "and", "xor"})
_VARIABLE: Final = re.compile(r"[u-z]\d?", re.ASCII)
"""Names that only ever stand for any thing: free, they are a slip of the pen."""


@lru_cache(maxsize=1024)
def formula(text: str) -> Expr:
    """Read a formula.

    Raises:
        GrammarError: it is no formula, or can be read in two ways, or passes a bound.
    """
    if len(text) > MAX_CHARS:
        raise GrammarError(f"a formula has {len(text)} characters, at most {MAX_CHARS} are read")
    reader = _Reader(_tokens(_TEXT.sub(r"\1", _DRESS.sub(" ", text))), text)
    expr = reader.joined(())
    if reader.kind() == "." and reader.at == len(reader.tokens) - 2:
        reader.at += 1
    if reader.kind() != "end":
        raise reader.fail("an operator or the end")
    return expr


def clean_name(name: str) -> str:
    """Write a name so that the formal language takes it as a name without a meaning of its own.

    Raises:
        GrammarError: nothing is left of it, or it is too long.
    """
    plain = unicodedata.normalize("NFKD", name)
    plain = re.sub(r"[’'\u0300-\u036f]", "", plain).replace("-", "_")
    if not re.fullmatch(r"\w+", plain, re.ASCII):
        raise GrammarError(f"the name {name[:40]!r} cannot be written in plain letters")
    if not plain[0].isalpha():
        plain = "n" + plain
    if plain in FUNCTIONS or plain in CONSTANTS or plain == "not":
        plain += "_"
    if len(plain) > _NAME_MAX:
        raise GrammarError(f"the name {name[:30]!r}... has more than {_NAME_MAX} characters")
    return plain


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise GrammarError(f"at character {at} of {text[:80]!r}: {text[at : at + 10]!r} is no part of a formula")
        kind = match.lastgroup or _KINDS[(match.lastindex or 1) - 1]
        value = match[match.lastindex or 0].strip()
        found.append((value if kind == "mark" else kind, value))
        at = match.end()
    found.append(("end", ""))
    return found


class _Reader:
    """Recursive descent over the tokens of one formula."""

    __slots__ = ("at", "depth", "nodes", "text", "tokens")

    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self.tokens = tokens
        self.text = text
        self.at = 0
        self.depth = 0
        self.nodes = 0

    def kind(self) -> str:
        return self.tokens[self.at][0]

    def fail(self, expected: str) -> GrammarError:
        got = self.tokens[self.at][1] or "the end"
        return GrammarError(f"in the formula {self.text[:80]!r}: expected {expected}, got {got!r}")

    def made(self, head: str, *args: Expr) -> Expr:
        self.nodes += 1
        if self.nodes > _MAX_NODES:
            raise GrammarError(f"the formula {self.text[:60]!r}... has more than {_MAX_NODES} parts")
        return App(head, args)

    def joined(self, bound: tuple[str, ...]) -> Expr:
        """Read operands with the connectives between them, and join them if that can be done in one way only."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise GrammarError(f"the formula {self.text[:60]!r}... is nested deeper than {_MAX_DEPTH}")
        operands, signs = [self.operand(bound)], []
        while self.kind() in _BINARY:
            signs.append(self.kind())
            self.at += 1
            operands.append(self.operand(bound))
        self.depth -= 1
        return self.tree(operands, signs)

    def tree(self, operands: list[Expr], signs: list[str]) -> Expr:
        """Join operands by the loosest sign among theirs, each side likewise."""
        if not signs:
            return operands[0]
        for loose in ("<->", "->"):
            if loose in signs:
                if signs.count(loose) > 1 or ("<->" in signs and "->" in signs):
                    raise GrammarError(f"the formula {self.text[:80]!r} needs parentheses around one of its arrows")
                at = signs.index(loose)
                left = self.tree(operands[: at + 1], signs[:at])
                return self.made(loose, left, self.tree(operands[at + 1 :], signs[at + 1 :]))
        if "xor" in signs:
            if len(signs) > 1:
                raise GrammarError(f"the formula {self.text[:80]!r} needs parentheses around its exclusive or")
            return self.made("xor", *operands)
        groups: list[list[Expr]] = [[operands[0]]]
        for sign, operand in zip(signs, operands[1:], strict=True):
            if sign == "or":
                groups.append([operand])
            else:
                groups[-1].append(operand)
        parts = [group[0] if len(group) == 1 else self.made("and", *group) for group in groups]
        return parts[0] if len(parts) == 1 else self.made("or", *parts)

    def operand(self, bound: tuple[str, ...]) -> Expr:
        """Read what a connective joins: an atom, a negation, a quantified formula, a parenthesis."""
        kind = self.kind()
        if kind == "not":
            self.at += 1
            self.depth += 1
            if self.depth > _MAX_DEPTH:
                raise GrammarError(f"the formula {self.text[:60]!r}... is nested deeper than {_MAX_DEPTH}")
            inner = self.operand(bound)
            self.depth -= 1
            return self.made("not", inner)
        if kind in ("forall", "exists"):
            return self.quantified(bound)
        if kind in _OPEN:
            return self.parenthesis(bound)
        return self.atom(bound)

    def parenthesis(self, bound: tuple[str, ...]) -> Expr:
        close = _OPEN[self.kind()]
        self.at += 1
        kinds = [kind for kind, _ in self.tokens[self.at : self.at + 3]]
        if len(kinds) == 3 and kinds[0] in ("forall", "exists") and kinds[1:] == ["name", close]:
            return self.quantified(bound, close)  # (∀x)(...), as older books write it
        inner = self.joined(bound)
        if self.kind() != close:
            raise self.fail(repr(close))
        self.at += 1
        return inner

    def quantified(self, bound: tuple[str, ...], close: str | None = None) -> Expr:
        """Read a quantifier with its names; a dot or colon lets it reach to the end, else it needs parentheses."""
        quantifier = self.kind()
        self.at += 1
        names = [self.variable()]
        while self.kind() == ",":
            self.at += 1
            names.append(self.variable())
        self.at += close is not None
        inner = (*bound, *names)
        if len(set(inner)) < len(inner):
            raise GrammarError(f"the formula {self.text[:80]!r} binds a name twice")
        if self.kind() in (".", ":"):
            self.at += 1
            body = self.joined(inner)
        else:
            safe = self.kind() in ("forall", "exists", *_OPEN)
            body = self.operand(inner)
            if not safe and self.kind() in _BINARY:
                raise GrammarError(f"the formula {self.text[:80]!r} needs parentheses after its quantifier")
        for name in reversed(names):
            body = self.made(quantifier, Sym(name), body)
        return body

    def variable(self) -> str:
        kind, value = self.tokens[self.at]
        if kind != "name":
            raise self.fail("the name of a variable")
        self.at += 1
        return clean_name(value)

    def atom(self, bound: tuple[str, ...]) -> Expr:
        """Read a predicate of terms, an equality of terms, or a plain name."""
        left = self.term(bound)
        kind = self.kind()
        if kind not in ("=", "!="):
            return left
        self.at += 1
        return self.made(kind, left, self.term(bound))

    def term(self, bound: tuple[str, ...]) -> Expr:
        kind, value = self.tokens[self.at]
        if kind == "num":
            self.at += 1
            return Num(number(value).value)
        if kind != "name":
            raise self.fail("a name")
        self.at += 1
        name = clean_name(value)
        if self.kind() not in ("(", "["):
            if name not in bound and _VARIABLE.fullmatch(name):
                raise GrammarError(f"nothing binds {name} in the formula {self.text[:80]!r}")
            return Sym(name)
        return self.applied(name, bound)

    def applied(self, name: str, bound: tuple[str, ...]) -> Expr:
        close = _OPEN[self.kind()]
        self.at += 1
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise GrammarError(f"the formula {self.text[:60]!r}... is nested deeper than {_MAX_DEPTH}")
        args = [self.term(bound)]
        while self.kind() == ",":
            self.at += 1
            args.append(self.term(bound))
        self.depth -= 1
        if self.kind() != close:
            raise self.fail(repr(close))
        self.at += 1
        return self.made("@" + name, *args)
