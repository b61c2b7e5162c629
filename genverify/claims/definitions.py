"""Functions that a problem or a solution defines, ``f(x) = x^2 + 1``, put to use where the solution applies them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from genverify.claims.grammar import App, Expr, Sym, heads, names, substitute
from genverify.claims.reading import Reading
from genverify.claims.statements import Statement, statements
from genverify.claims.writing import show


@dataclass(frozen=True, slots=True)
class Function:
    """A function of one name, defined once and for all."""

    parameter: str
    body: Expr
    step: int
    """The step that defines it, from 0; -1 is the problem."""


def functions(problem: str, texts: Sequence[str]) -> dict[str, Function]:
    """Return the functions that have exactly one definition in the whole text, by head (``@f``)."""
    found: dict[str, Function] = {}
    spoilt: set[str] = set()
    for step, text in enumerate((problem, *texts), start=-1):
        for statement in statements(text):
            definition = _definition(statement, step)
            if definition is None:
                continue
            head, function = definition
            known = found.setdefault(head, function)
            if _same(known, function) is False:
                spoilt.add(head)
    return {h: f for h, f in found.items() if h not in spoilt}


def _same(a: Function, b: Function) -> bool:
    return substitute(a.body, {a.parameter: Sym("x_")}) == substitute(b.body, {b.parameter: Sym("x_")})


def _definition(statement: Statement, step: int) -> tuple[str, Function] | None:
    """Read ``f(x) = body`` in a statement's first pair; the body must speak of ``x`` and of no other function."""
    head, body = statement.members[0].reading, statement.members[1].reading
    if head is None or body is None or statement.rels[0] != "=":
        return None
    call = head.expr
    if (
        not isinstance(call, App)
        or not call.head.startswith("@")
        or call.head.endswith("_prime")
        or len(call.args) != 1
        or not isinstance(call.args[0], Sym)
    ):
        return None
    name = call.args[0].name
    if (
        statement.members[1].cut
        or isinstance(body.expr, Sym)
        or names(body.expr) != {name}
        or any(h.startswith("@") for h in heads(body.expr))
    ):
        return None
    return call.head, Function(name, body.expr, step)


def applied(reading: Reading, known: dict[str, Function], step: int) -> tuple[Reading, frozenset[str]]:
    """Put the definitions stated before ``step`` into ``reading``; also return the heads that were used."""
    used: set[str] = set()

    def walk(expr: Expr) -> Expr:
        if not isinstance(expr, App):
            return expr
        args = tuple(walk(a) for a in expr.args)
        if len(args) == 1 and expr.head in known and known[expr.head].step <= step:
            used.add(expr.head)
            return substitute(known[expr.head].body, {known[expr.head].parameter: args[0]})
        derived = expr.head.removesuffix("_prime")
        if derived != expr.head and derived in known and len(args) == 1 and isinstance(args[0], Sym):
            used.add(derived)
            body = substitute(known[derived].body, {known[derived].parameter: args[0]})
            return App("diff", (body, args[0]))
        return App(expr.head, args)

    if "(" not in reading.text or not any(h.startswith("@") for h in heads(reading.expr)):
        return reading, frozenset()
    expr = walk(reading.expr)
    return replace(reading, expr=expr, text=show(expr)), frozenset(used)
