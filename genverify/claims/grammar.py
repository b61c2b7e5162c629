"""The formal language: text such as ``17*24 = 418`` to a bounded tree, and back.

It is the one language that claims are written in, by the extractor and by models alike. Reading it never
evaluates anything, and every bound is checked while reading, so that hostile text costs little::

    statement := iff;  iff := implies ("<->" implies)*;  implies := or ("->" implies)?
    or := and ("|" and)*;  and := not ("&" not)*;  not := "not" not | relation
    relation := sum (REL sum)*           REL is one of  = != < <= > >= ~   (~: approximately equal)
    sum := product (("+" | "-") product)*;  product := unary (("*" | "/") unary)*
    unary := "-" unary | power;  power := postfix ("^" unary)?;  postfix := atom "!"*
    atom := NUMBER | NAME | NAME "(" statement ("," statement)* ")" | "(" statement ("," statement)* ")"
          | "{" [statement ("," statement)*] "}"

Multiplication is always written. A parenthesis with a comma is a tuple, braces are a set. A name followed by a
parenthesis is one of ``FUNCTIONS``, or else an uninterpreted predicate or function (its head gets an ``@``).
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from genverify.errors import GrammarError

MAX_CHARS: Final = 4000
"""Longest text read; the longest true step equation in the development data has under 700 characters."""
MAX_NODES: Final = 600
"""Most nodes of a tree: keeps every later walk, and SymPy's first look, in the millisecond range."""
MAX_DEPTH: Final = 60
"""Deepest nesting: Python's own stack (1000 frames) is never near."""
MAX_DIGITS: Final = 400
"""Most digits of a written number; 4300 is where Python itself refuses."""

_ANY: Final = 64
FUNCTIONS: Final[dict[str, tuple[int, int]]] = {
    # arithmetic
    "sqrt": (1, 1), "root": (2, 2), "abs": (1, 1), "floor": (1, 1), "ceil": (1, 1), "min": (1, _ANY), "max": (1, _ANY),
    "gcd": (2, _ANY), "lcm": (2, _ANY), "mod": (2, 2), "binom": (2, 2), "perm": (2, 2), "base": (2, 2),
    # elementary functions; angles in radians, deg(x) is x degrees
    "exp": (1, 1), "ln": (1, 1), "log": (2, 2), "deg": (1, 1),
    "sin": (1, 1), "cos": (1, 1), "tan": (1, 1), "sec": (1, 1), "csc": (1, 1), "cot": (1, 1),
    "asin": (1, 1), "acos": (1, 1), "atan": (1, 1), "sinh": (1, 1), "cosh": (1, 1), "tanh": (1, 1),
    "re": (1, 1), "im": (1, 1), "conj": (1, 1), "arg": (1, 1),
    # calculus: sum(term, n, from, to), diff(f, x[, order]), int(f, x[, from, to]), limit(f, x, to)
    "sum": (4, 4), "prod": (4, 4), "diff": (2, 3), "int": (2, 4), "limit": (3, 3),
    # linear algebra: matrix((1, 2), (3, 4)) by rows
    "matrix": (1, _ANY), "det": (1, 1), "inverse": (1, 1), "transpose": (1, 1), "trace": (1, 1), "rank": (1, 1),
    "dot": (2, 2), "cross": (2, 2), "norm": (1, 1),
    # sets and predicates; intervals by their ends: ioo is open, icc closed, ioc open at the left
    "ioo": (2, 2), "icc": (2, 2), "ioc": (2, 2), "ico": (2, 2), "union": (2, _ANY), "intersect": (2, _ANY),
    "in": (2, 2), "subset": (2, 2), "card": (1, 1), "divides": (2, 2), "prime": (1, 1), "even": (1, 1), "odd": (1, 1),
    "integer": (1, 1), "cong": (3, 3), "xor": (2, 2), "forall": (2, 2), "exists": (2, 2),
}  # fmt: skip
"""Each known function with its least and greatest number of arguments."""

CONSTANTS: Final = frozenset({"pi", "E", "I", "oo", "true", "false"})
"""Names with a fixed meaning: pi, Euler's number, the imaginary unit, infinity, the truth values."""
RELATIONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "~"})


@dataclass(frozen=True, slots=True)
class Num:
    """A number as written, exact."""

    value: int | Fraction
    places: int | None = None
    """Digits written after the decimal point; None for a number without a point."""


@dataclass(frozen=True, slots=True)
class Sym:
    """A name: a variable, a constant or a named quantity."""

    name: str


@dataclass(frozen=True, slots=True)
class App:
    """A head applied to arguments; the heads are operators, ``FUNCTIONS``, ``set``, ``tuple`` and ``@name``."""

    head: str
    args: "tuple[Expr, ...]"


Expr = Num | Sym | App

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<num>\d+(?:\.\d+)?|\.\d+)|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<op><->|->|!=|<=|>=|[-+*/^!=<>~()&|{},]))",
    re.ASCII,
)
_LOGICAL: Final = frozenset({"<->", "->", "|", "&", "not"})
_NAME_MAX: Final = 48  # long enough for a quantity's words joined by "_", short enough for a report line


@lru_cache(maxsize=4096)
def parse(text: str) -> Expr:
    """Read ``text`` into a tree.

    Raises:
        GrammarError: it is not in the language or passes a bound; the message says where.
    """
    if len(text) > MAX_CHARS:
        raise GrammarError(f"a statement has {len(text)} characters, at most {MAX_CHARS} are read")
    return _Parser(text).statement_to_end()


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise GrammarError(f"at character {at} of {text[:80]!r}: {text[at : at + 10]!r} is not in the language")
        found.append((match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup)))
        at = match.end()
    found.append(("end", "", end))
    return found


class _Parser:
    """Recursive descent over the tokens of one text."""

    __slots__ = ("at", "depth", "logical", "nodes", "text", "tokens")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        # most claims are plain relations: without a logical word the seven levels above a relation are skipped
        self.logical = not _LOGICAL.isdisjoint([value for _, value, _ in self.tokens])
        self.at = 0
        self.nodes = 0
        self.depth = 0

    def fail(self, expected: str) -> GrammarError:
        _, value, place = self.tokens[self.at]
        got = repr(value) if value else "the end"
        return GrammarError(f"at character {place} of {self.text[:80]!r}: expected {expected}, got {got}")

    def made(self, expr: Expr) -> Expr:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise GrammarError(f"{self.text[:60]!r}... has more than {MAX_NODES} nodes")
        return expr

    def take(self, *ops: str) -> str | None:
        value = self.tokens[self.at][1]  # a numeral never equals an operator
        if value in ops:
            self.at += 1
            return value
        return None

    def need(self, op: str) -> None:
        if self.take(op) is None:
            raise self.fail(repr(op))

    def statement_to_end(self) -> Expr:
        expr = self.statement()
        if self.tokens[self.at][0] != "end":
            raise self.fail("an operator or the end")
        return expr

    def statement(self) -> Expr:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise GrammarError(f"{self.text[:60]!r}... is nested deeper than {MAX_DEPTH}")
        if not self.logical:
            left = self.relation()
            self.depth -= 1
            return left
        left = self.implication()
        while self.take("<->"):
            left = self.made(App("<->", (left, self.implication())))
        self.depth -= 1
        return left

    def implication(self) -> Expr:
        parts = [self.joined("|", "or")]
        while self.take("->"):
            parts.append(self.joined("|", "or"))
        right = parts.pop()
        while parts:
            right = self.made(App("->", (parts.pop(), right)))
        return right

    def joined(self, op: str, head: str) -> Expr:
        """Read one or more parts joined by ``op`` into one flat node."""
        part = self.negation if op == "&" else self.conjunction
        parts = [part()]
        while self.take(op):
            parts.append(part())
        return parts[0] if len(parts) == 1 else self.made(App(head, tuple(parts)))

    def conjunction(self) -> Expr:
        return self.joined("&", "and")

    def negation(self) -> Expr:
        count = 0
        while self.take("not"):
            count += 1
        expr = self.relation()
        for _ in range(count):
            expr = self.made(App("not", (expr,)))
        return expr

    def relation(self) -> Expr:
        left = self.sum()
        links: list[Expr] = []
        while (op := self.take(*RELATIONS)) is not None:
            right = self.sum()
            links.append(self.made(App(op, (left, right))))
            left = right
        if not links:
            return left
        return links[0] if len(links) == 1 else self.made(App("and", tuple(links)))

    def sum(self) -> Expr:
        terms = [self.product()]
        while (op := self.take("+", "-")) is not None:
            term = self.product()
            terms.append(term if op == "+" else self.made(App("neg", (term,))))
        return terms[0] if len(terms) == 1 else self.made(App("+", tuple(terms)))

    def product(self) -> Expr:
        factors = [self.unary()]
        while (op := self.take("*", "/")) is not None:
            factor = self.unary()
            if op == "*":
                factors.append(factor)
                continue
            left = factors[0] if len(factors) == 1 else self.made(App("*", tuple(factors)))
            factors = [self.made(App("/", (left, factor)))]
        return factors[0] if len(factors) == 1 else self.made(App("*", tuple(factors)))

    def unary(self) -> Expr:
        kind, value, _ = self.tokens[self.at]
        if kind == "num" and self.tokens[self.at + 1][1] not in ("^", "!"):  # the common case, five levels at once
            self.at += 1
            return self.made(number(value))
        signs = 0
        while self.take("-"):
            signs += 1
        if signs > MAX_DEPTH:
            raise GrammarError(f"{self.text[:60]!r}... is nested deeper than {MAX_DEPTH}")
        expr = self.power()
        for _ in range(signs):
            expr = self.made(App("neg", (expr,)))
        return expr

    def power(self) -> Expr:
        base = self.postfix()
        if self.take("^") is None:
            return base
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise GrammarError(f"{self.text[:60]!r}... is nested deeper than {MAX_DEPTH}")
        exponent = self.unary()
        self.depth -= 1
        return self.made(App("^", (base, exponent)))

    def postfix(self) -> Expr:
        expr = self.atom()
        while self.take("!"):
            expr = self.made(App("!", (expr,)))
        return expr

    def atom(self) -> Expr:
        kind, value, _ = self.tokens[self.at]
        if kind == "num":
            self.at += 1
            return self.made(number(value))
        if kind == "name" and value != "not":
            self.at += 1
            return self.named(value)
        if self.take("("):
            items = self.items(")")
            return items[0] if len(items) == 1 else self.made(App("tuple", tuple(items)))
        if self.take("{"):
            if self.take("}"):
                return self.made(App("set", ()))
            return self.made(App("set", tuple(self.items("}"))))
        raise self.fail("a number, a name or a parenthesis")

    def items(self, close: str) -> list[Expr]:
        items = [self.statement()]
        while self.take(","):
            items.append(self.statement())
        self.need(close)
        return items

    def named(self, name: str) -> Expr:
        if len(name) > _NAME_MAX:
            raise GrammarError(f"the name {name[:30]!r}... has more than {_NAME_MAX} characters")
        if self.take("(") is None:
            return self.made(Sym(name))
        args = tuple(self.items(")"))
        if name not in FUNCTIONS:
            return self.made(App("@" + name, args))
        low, high = FUNCTIONS[name]
        if not low <= len(args) <= high:
            raise GrammarError(f"{name} takes {low} to {high} arguments, got {len(args)} in {self.text[:80]!r}")
        return self.made(App(name, args))


def number(text: str) -> Num:
    """Read an unsigned decimal numeral exactly.

    Raises:
        GrammarError: it has more than ``MAX_DIGITS`` digits.
    """
    if len(text) > MAX_DIGITS:
        raise GrammarError(f"a number of {len(text)} digits; at most {MAX_DIGITS} are read")
    whole, point, decimals = text.partition(".")
    if not point:
        return Num(int(text))
    value = Fraction(int(whole + decimals), 10 ** len(decimals))
    return Num(value, len(decimals))


def names(expr: Expr) -> frozenset[str]:
    """Return the free names of ``expr``: its symbols without the constants and without bound variables."""
    if isinstance(expr, Sym):
        return frozenset() if expr.name in CONSTANTS else frozenset({expr.name})
    if isinstance(expr, Num):
        return frozenset()
    place = _bound_place(expr)
    bound = expr.args[place].name if place is not None and isinstance(expr.args[place], Sym) else None  # type: ignore[union-attr]
    found: frozenset[str] = frozenset()
    for at, arg in enumerate(expr.args):
        # the bounds of a sum and the point of a limit stand outside its variable's scope
        found |= names(arg) if at > 1 else names(arg) - {bound}
    return found


_BINDERS: Final = {"sum": 1, "prod": 1, "limit": 1, "forall": 0, "exists": 0}
"""Heads that bind a variable, with the argument (from 0) that names it."""


def _bound_place(expr: App) -> int | None:
    """Return the place of the bound variable among the arguments of ``expr``; a definite integral binds, too."""
    if expr.head == "int" and len(expr.args) == 4:
        return 1
    return _BINDERS.get(expr.head)


def substitute(expr: Expr, values: "dict[str, Expr]") -> Expr:
    """Put ``values`` in the place of free names, all at once."""
    if isinstance(expr, Sym):
        return values.get(expr.name, expr)
    if isinstance(expr, Num):
        return expr
    if expr.head in _BINDERS or expr.head in ("int", "diff"):
        bound = expr.args[_BINDERS.get(expr.head, 1)]
        if isinstance(bound, Sym):
            values = {k: v for k, v in values.items() if k != bound.name}
    return App(expr.head, tuple(substitute(a, values) for a in expr.args))


def heads(expr: Expr) -> frozenset[str]:
    """Return every head that occurs in ``expr``."""
    if not isinstance(expr, App):
        return frozenset()
    return frozenset({expr.head}).union(*(heads(a) for a in expr.args))


def to_wire(expr: Expr) -> list[object]:
    """Return nested JSON lists: ``["num", "3/4"]``, ``["sym", "x"]``, ``["+", a, b]``."""
    if isinstance(expr, Num):
        return ["num", str(expr.value)]
    if isinstance(expr, Sym):
        return ["sym", expr.name]
    return [expr.head, *(to_wire(a) for a in expr.args)]
