"""Formulas in the notation of FLD and FoVer, ``(x): ({A}x & ¬{B}x) -> {C}{a}``, to trees and back.

The first name in braces is a predicate or a statement, those right behind it are constants, bare letters variables;
``&`` and, ``v`` or, ``¬`` not, ``->`` implies, ``<->`` is equivalent to, ``⊕`` either or, ``(x):`` for all, ``(Ex):``
for some. A quantifier reaches as far as it can. What could be read in two ways (``{A} & {B} v {C}``, ``{A} -> {B} ->
{C}``, a variable that nothing binds) is refused.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from genverify.claims.fol import clean_name
from genverify.claims.grammar import App, Expr, Sym, substitute
from genverify.claims.writing import show
from genverify.errors import GrammarError, RecordError

MAX_CHARS: Final = 1000
"""Longest formula read, as for formulas in other notations; those of FLD have under 200 characters."""
_MAX_DEPTH: Final = 30
"""Deepest nesting: half of what the formal language takes, since one level here can be two there."""
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<all>\((?P<some>E?)(?P<bound>[u-z])\)\s*:)|\{(?P<name>[^\W\d_]\w*)\}"
    r"|(?P<or>[v∨])|(?P<variable>[uw-z])|(?P<and>&|∧)|(?P<not>¬|~)|(?P<same><->|↔)|(?P<xor>⊕)|(?P<arrow>->|→)|(?P<mark>[()]))"
)
_FACT: Final = re.compile(r"\b(fact\d{1,4})\s*:\s*")
_VARIABLES: Final = ("x", "y", "z", "w", "u")
_LOOSE: Final = {"arrow": "->", "same": "<->", "xor": "xor"}
"""Connectives that join two parts only, by their tokens."""


@lru_cache(maxsize=4096)
def read(text: str) -> Expr:
    """Read a formula.

    Raises:
        GrammarError: it is no formula, can be read in two ways, or passes a bound; the message says where.
    """
    if len(text) > MAX_CHARS:
        raise GrammarError(f"a formula has {len(text)} characters, at most {MAX_CHARS} are read")
    reader = _Reader(text)
    expr = reader.formula(())
    if reader.kind() != "end":
        raise reader.fail("an operator or the end")
    return expr


def facts(text: str) -> Mapping[str, Expr]:
    """Read facts as FLD writes them, ``fact1: {A} fact2: {B} -> {C}``, on one line or several.

    Raises:
        GrammarError: a formula cannot be read.
        RecordError: there is none, or one name stands twice.
    """
    places = list(_FACT.finditer(text))
    ends = [*(place.start() for place in places[1:]), len(text)]
    found = {place[1]: read(text[place.end() : end]) for place, end in zip(places, ends, strict=True)}
    if not found or len(found) != len(places):
        raise RecordError(f"expected facts such as 'fact1: {{A}}', each name once, got {text[:80]!r}")
    return found


class _Reader:
    """Recursive descent over the tokens of one formula."""

    __slots__ = ("at", "depth", "text", "tokens")

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0
        self.tokens = [*_tokens(text), ("end", "the end")]

    def kind(self) -> str:
        return self.tokens[self.at][0]

    def fail(self, expected: str) -> GrammarError:
        return GrammarError(f"in the formula {self.text[:80]!r}: expected {expected}, got {self.tokens[self.at][1]!r}")

    def formula(self, bound: tuple[str, ...]) -> Expr:
        """Read parts with one kind of connective between them."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise GrammarError(f"the formula {self.text[:60]!r}... is nested deeper than {_MAX_DEPTH}")
        left = self.junction(bound)
        if (sign := self.kind()) in _LOOSE:
            self.at += 1
            left = App(_LOOSE[sign], (left, self.junction(bound)))
            if self.kind() in _LOOSE:
                raise self.fail("parentheses around one of the two")
        self.depth -= 1
        return left

    def junction(self, bound: tuple[str, ...]) -> Expr:
        parts = [self.unary(bound)]
        joint = self.kind()
        while joint in ("and", "or") and self.kind() == joint:
            self.at += 1
            parts.append(self.unary(bound))
        if len(parts) > 1 and self.kind() in ("and", "or"):
            raise self.fail("parentheses where & and v meet")
        return parts[0] if len(parts) == 1 else App(joint, tuple(parts))

    def unary(self, bound: tuple[str, ...]) -> Expr:
        signs = 0
        while self.kind() == "not":
            self.at += 1
            signs += 1
        if signs > _MAX_DEPTH:
            raise GrammarError(f"the formula {self.text[:60]!r}... is nested deeper than {_MAX_DEPTH}")
        expr = self.operand(bound)
        for _ in range(signs):
            expr = App("not", (expr,))
        return expr

    def operand(self, bound: tuple[str, ...]) -> Expr:
        kind, value = self.tokens[self.at]
        self.at += 1
        if kind in ("forall", "exists"):
            if value in bound:
                raise GrammarError(f"the formula {self.text[:80]!r} binds {value} twice")
            return App(kind, (Sym(value), self.formula((*bound, value))))
        if kind in ("name", "apart") and value not in ("u", "w", "x", "y", "z"):
            return self.atom(value, bound)
        if (kind, value) == ("mark", "("):
            inner = self.formula(bound)
            if self.tokens[self.at][1] != ")":
                raise self.fail("a closing parenthesis")
            self.at += 1
            return inner
        self.at -= 1
        raise self.fail("a predicate, a negation or a parenthesis")

    def atom(self, name: str, bound: tuple[str, ...]) -> Expr:
        terms: list[Expr] = []
        while self.kind() in ("name", "variable"):  # right behind the predicate: ``{A} {B}`` lacks a connective
            kind, value = self.tokens[self.at]
            if kind == "variable" and value not in bound:
                raise GrammarError(f"nothing binds {value} in the formula {self.text[:80]!r}")
            terms.append(Sym(value if kind == "variable" else constant(value)))
            self.at += 1
        return App("@" + clean_name(name), tuple(terms)) if terms else Sym(clean_name(name))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise GrammarError(f"at character {at} of {text[:80]!r}: {text[at : at + 10]!r} is no part of a formula")
        if match["all"]:
            yield "exists" if match["some"] else "forall", match["bound"]
        else:
            kind = match.lastgroup or ""
            apart = kind in ("name", "variable") and (at == 0 or text[at].isspace())
            yield "apart" if apart else kind, match[kind]
        at = match.end()


def constant(name: str) -> str:
    """Return the name in the formal language of a constant; none is a name that only ever stands for any thing."""
    return f"{name}_" if name in "uvwxyz" else clean_name(name)


_WRITTEN: Final = {"->": "->", "<->": "<->", "xor": "⊕"}


def write(expr: Expr) -> str:
    """Write a formula in FLD's notation, so that :func:`read` reads it back.

    Raises:
        ValueError: it holds something that the notation lacks, such as an equality.
    """
    if isinstance(expr, App) and expr.head in _WRITTEN:
        return f"{_inner(expr.args[0])} {_WRITTEN[expr.head]} {_inner(expr.args[1])}"
    if isinstance(expr, App) and expr.head in ("forall", "exists"):
        some = "E" if expr.head == "exists" else ""
        return f"({some}{show(expr.args[0])}): {write(expr.args[1])}"
    return _inner(expr)


def _inner(expr: Expr) -> str:
    if not isinstance(expr, App):
        return _braced(show(expr))
    if expr.head.startswith("@"):
        terms = (show(arg) for arg in expr.args)
        return _braced(expr.head[1:]) + "".join(term if term in _VARIABLES else _braced(term) for term in terms)
    if expr.head == "not":
        return "¬" + _inner(expr.args[0])
    if expr.head in ("and", "or"):
        return "(" + (" & " if expr.head == "and" else " v ").join(map(_inner, expr.args)) + ")"
    if expr.head not in (*_WRITTEN, "forall", "exists"):
        raise ValueError(f"{show(expr)[:60]} cannot be written in FLD's notation")
    return f"({write(expr)})"


def _braced(name: str) -> str:
    return "{" + name.removesuffix("_") + "}"


_SIGNS: Final = {"and": " ∧ ", "or": " ∨ ", "->": " → ", "<->": " ↔ ", "xor": " ⊕ "}


def classic(expr: Expr) -> str:
    """Write a formula as textbooks do, ``∀x (A(x) → ¬B(x))``, so that ``genverify.claims.fol.formula`` reads it."""
    if not isinstance(expr, App) or expr.head.startswith("@"):
        return show(expr)
    if expr.head == "not":
        return "¬" + _wrapped(expr.args[0])
    if expr.head in ("forall", "exists"):
        sign = "∀" if expr.head == "forall" else "∃"
        return f"{sign}{show(expr.args[0])} {_wrapped(expr.args[1], always=True)}"
    return _SIGNS[expr.head].join(map(_wrapped, expr.args))


def _wrapped(expr: Expr, always: bool = False) -> str:
    text = classic(expr)
    bare = not isinstance(expr, App) or expr.head.startswith("@") or expr.head in ("not", "forall", "exists")
    return f"({text})" if always or not bare else text


def negated(expr: Expr) -> Expr:
    """Return the opposite of a formula, without a double negation."""
    return expr.args[0] if isinstance(expr, App) and expr.head == "not" else App("not", (expr,))


def constants(expr: Expr, bound: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the things that a formula names, each once, in the order of their first use."""
    if not isinstance(expr, App):
        return ()
    if expr.head in ("forall", "exists"):
        return constants(expr.args[1], bound | {show(expr.args[0])})
    if expr.head.startswith("@"):
        return tuple(dict.fromkeys(n for arg in expr.args if (n := show(arg)) not in bound))
    return tuple(dict.fromkeys(name for arg in expr.args for name in constants(arg, bound)))


def predicates(expr: Expr) -> frozenset[str]:
    """Return the predicates and bare statements that occur in a formula."""
    if not isinstance(expr, App):
        return frozenset({show(expr)})
    if expr.head.startswith("@"):
        return frozenset({expr.head[1:]})
    args = expr.args[1:] if expr.head in ("forall", "exists") else expr.args
    return frozenset[str]().union(*map(predicates, args))


def _symbols(expr: Expr) -> Iterator[Sym]:
    if isinstance(expr, Sym):
        yield expr
    elif isinstance(expr, App):
        for arg in expr.args:
            yield from _symbols(arg)


def lifted(expr: Expr, names: tuple[str, ...]) -> Expr:
    """Return the formula that says of all things what ``expr`` says of those ``names``, five at most."""
    used = {expr.name for expr in _symbols(expr)}
    variables = [name for name in _VARIABLES if name not in used][: len(names)]
    body = substitute(expr, {name: Sym(variable) for name, variable in zip(names, variables, strict=True)})
    for variable in reversed(variables):
        body = App("forall", (Sym(variable), body))
    return body
