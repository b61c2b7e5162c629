"""A program to the programs that one small error would make of it: AST mutation, each confined to one statement.

Operators after PRLCoder (Ye et al., section 3) and the usual ones of mutation testing. The same edits, tried on a
faulty program, are the repairs of :mod:`genverify.data.code.locating`: each has its inverse among them.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from genverify.data.code.steps import own_parts, statements

KINDS: Final = (
    "comparison", "arithmetic", "boolean", "constant", "off_by_one", "swapped_arguments", "deleted_statement",
    "wrong_variable", "initial_value",
)  # fmt: skip
"""The errors, as ``LabelledStep.error`` names them."""
_COMPARED: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq, ast.GtE, ast.LtE), ast.NotEq: (ast.Eq, ast.Lt, ast.Gt), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
_COMPUTED: Final[dict[type[ast.operator], tuple[type[ast.operator], ...]]] = {
    ast.Add: (ast.Sub, ast.Mult), ast.Sub: (ast.Add,), ast.Mult: (ast.Add, ast.FloorDiv),
    ast.FloorDiv: (ast.Mod, ast.Div, ast.Mult), ast.Div: (ast.FloorDiv, ast.Mult), ast.Mod: (ast.FloorDiv,),
    ast.BitAnd: (ast.BitOr, ast.BitXor), ast.BitOr: (ast.BitAnd, ast.BitXor), ast.BitXor: (ast.BitOr, ast.BitAnd),
    ast.LShift: (ast.RShift,), ast.RShift: (ast.LShift,),
}  # fmt: skip
_ORDERED: Final = (ast.Sub, ast.FloorDiv, ast.Div, ast.Mod, ast.Pow)  # whose operands may not change places


@dataclass(frozen=True, slots=True)
class Edit:
    """One small change of a tree: something put into a field of a node, or a statement taken out of a block."""

    kind: str
    statement: ast.stmt
    """The statement that is changed, or taken out."""
    parent: ast.AST
    field: str
    index: int | None
    """The place in the field, if it is a list."""
    new: object
    """What is put there; None takes the place out of the list."""

    def applied(self, tree: ast.Module) -> str:
        """Return the source of ``tree`` with the change; the tree itself comes out as it went in."""
        before = getattr(self.parent, self.field)
        after = self.new
        if self.index is not None:
            after = [*before[: self.index], *([] if self.new is None else [self.new]), *before[self.index + 1 :]]
        setattr(self.parent, self.field, after)
        try:
            return ast.unparse(tree)
        finally:
            setattr(self.parent, self.field, before)


def edits(tree: ast.Module) -> Iterator[Edit]:
    """Yield every change that the operators can make, in the order of the text.

    An initial value is a constant that is given to a name which is given something else later.
    """
    for function in functions(tree):
        for site in sites(function):
            for operator in _OPERATORS:
                yield from operator(site)
        yield from _deletions(function)


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield the functions of a program."""
    yield from (node for node in tree.body if isinstance(node, ast.FunctionDef))


def sites(function: ast.FunctionDef) -> Iterator["Site"]:
    """Yield the parts of a function's statements, each statement itself before its parts."""
    known = _Names.of(function)
    for statement in statements(function):
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
            yield Site(statement, statement, _Place(function, "", None, False), known)
            for node, place in _nodes(statement):
                yield Site(statement, node, place, known)


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of a function."""

    variables: tuple[str, ...]
    """Parameters and assigned names, in the order of the text."""
    updated: frozenset[str]
    """Names that are assigned more than once."""

    @classmethod
    def of(cls, function: ast.FunctionDef) -> "_Names":
        found = [argument.arg for argument in function.args.args]
        stored = [n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        return cls(tuple(dict.fromkeys(found + stored)), frozenset(n for n in stored if stored.count(n) > 1))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node hangs, and in what."""

    parent: ast.AST
    field: str
    index: int | None
    in_index: bool
    """Whether it is part of a subscript or of the arguments of ``range``: a place where one counts."""


def _nodes(statement: ast.stmt) -> Iterator[tuple[ast.AST, _Place]]:
    """Yield the parts of a statement, its own operator and its blocks apart, each with its place."""
    own = set(map(id, own_parts(statement)))
    for child, place in _children(statement, counting=False):
        if id(child) in own:
            yield from _below(child, place)


def _below(node: ast.AST, place: _Place) -> Iterator[tuple[ast.AST, _Place]]:
    yield node, place
    counting = _is_range(node)
    for child, inner in _children(node, counting=place.in_index):
        yield from _below(
            child, _counted(inner, counting or (isinstance(node, ast.Subscript) and inner.field == "slice"))
        )


def _counted(place: _Place, counting: bool) -> _Place:
    return _Place(place.parent, place.field, place.index, place.in_index or counting)


def _children(node: ast.AST, *, counting: bool) -> Iterator[tuple[ast.AST, _Place]]:
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield value, _Place(node, name, None, counting)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield item, _Place(node, name, index, counting)


@dataclass(frozen=True, slots=True)
class Site:
    """A part of a statement that may be changed."""

    statement: ast.stmt
    node: ast.AST
    place: _Place
    known: _Names

    def put(self, kind: str, new: ast.AST) -> Edit:
        """Put something else in the place of the whole part."""
        return Edit(kind, self.statement, self.place.parent, self.place.field, self.place.index, new)

    def change(self, kind: str, field: str, index: int | None, new: ast.AST) -> Edit:
        """Change one field of it."""
        return Edit(kind, self.statement, self.node, field, index, new)


def _comparisons(site: Site) -> Iterator[Edit]:
    match site.node:
        case ast.Compare(ops=[op]):
            for other in _COMPARED.get(type(op), ()):
                yield site.change("comparison", "ops", 0, other())


def _computations(site: Site) -> Iterator[Edit]:
    match site.node:
        case ast.BinOp(left=left, op=op, right=right):
            for other in _COMPUTED.get(type(op), ()):
                yield site.change("arithmetic", "op", None, other())
            if isinstance(op, _ORDERED):
                yield site.put("swapped_arguments", ast.BinOp(right, op, left))
            if site.place.in_index and isinstance(op, ast.Add | ast.Sub) and _is_one(right):
                yield site.put("off_by_one", left)


def _updates(site: Site) -> Iterator[Edit]:
    match site.node:
        case ast.AugAssign(op=op):
            for other in _COMPUTED.get(type(op), ()):
                yield site.change("arithmetic", "op", None, other())


def _truths(site: Site) -> Iterator[Edit]:
    match site.node:
        case ast.BoolOp(op=joined):
            yield site.change("boolean", "op", None, ast.Or() if isinstance(joined, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            yield site.put("boolean", inner)
        case ast.Constant(value=bool() as truth):
            yield site.put(_constant_kind(site, "boolean"), ast.Constant(not truth))
        case ast.Name() | ast.Call() as asked if site.place.parent is site.statement and site.place.field == "test":
            yield site.put("boolean", ast.UnaryOp(ast.Not(), asked))


def _arguments(site: Site) -> Iterator[Edit]:
    match site.node:
        case ast.Call(args=[first, second, *rest]) if not _is_range(site.node):
            yield site.put("swapped_arguments", ast.Call(site.node.func, [second, first, *rest], site.node.keywords))


def _variables(site: Site) -> Iterator[Edit]:
    match site.node:
        case ast.Name(id=name, ctx=ast.Load()) if name in site.known.variables:
            for variable in site.known.variables:
                if variable != name:
                    yield site.put("wrong_variable", ast.Name(variable, ast.Load()))


def _constants(site: Site) -> Iterator[Edit]:
    match site.node:
        case ast.Constant(value=int() as number) if not isinstance(number, bool):
            kind = "off_by_one" if site.place.in_index else _constant_kind(site, "constant")
            for new in (number + 1, number - 1):
                if kind != "off_by_one" or new > 0 or (new == 0 and not isinstance(site.place.parent, ast.BinOp)):
                    yield site.put(kind, ast.Constant(new))


def _bounds(site: Site) -> Iterator[Edit]:
    if site.place.in_index and _is_bound(site.node, site.place):
        for operator in (ast.Add, ast.Sub):
            yield site.put("off_by_one", ast.BinOp(site.node, operator(), ast.Constant(1)))  # type: ignore[arg-type]


_OPERATORS: Final = (_updates, _comparisons, _computations, _truths, _arguments, _variables, _constants, _bounds)


def _is_one(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1 and not isinstance(node.value, bool)


def _is_range(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"


def _is_bound(node: ast.AST, place: _Place) -> bool:
    """Tell whether a node is a whole index, the end of a slice, or an argument of ``range``."""
    direct = isinstance(place.parent, ast.Subscript | ast.Slice) or (_is_range(place.parent) and place.field == "args")
    return direct and (isinstance(node, ast.Name) or (isinstance(node, ast.Call) and not _is_range(node)))


def _constant_kind(site: Site, otherwise: str) -> str:
    match site.statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is site.node and name in site.known.updated:
            return "initial_value"
    return otherwise


def _deletions(function: ast.FunctionDef) -> Iterator[Edit]:
    """Yield the statements that can be left out: never the last of a block's only one, nor a whole loop."""
    for node in (function, *statements(function)):
        for field in ("body", "orelse"):
            block = getattr(node, field, [])
            for index, statement in enumerate(block):
                if len(block) > 1 and _can_go(statement):
                    yield Edit("deleted_statement", statement, node, field, index, None)


def _can_go(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.If):  # a guard
        return not statement.orelse and len(statement.body) == 1
    return isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr | ast.Return | ast.Break | ast.Continue)
