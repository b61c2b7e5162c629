"""A faulty program to more versions with one changed part than mutation makes: repairs that nobody would plant.

They are tried where no reference solution is at hand; each changes one expression, or the variable that is assigned.
"""

import ast
from collections.abc import Iterator
from typing import Final

from genverify.data.code.mutation import Edit, Site, functions, sites

_OPERATORS: Final = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_RELATIONS: Final = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_TWINS: Final = (("startswith", "endswith"), ("upper", "lower"), ("isupper", "islower"), ("append", "extend"),
          ("min", "max"), ("any", "all"), ("floor", "ceil"), ("find", "rfind"), ("lstrip", "rstrip"))  # fmt: skip
_TWIN: Final = {**dict(_TWINS), **{b: a for a, b in _TWINS}}
_NUMBERS: Final = (0, 1, 2)
_WRAPPERS: Final = ("abs", "len", "sorted", "set", "list", "int", "str", "round", "sum")


def repairs(tree: ast.Module) -> Iterator[Edit]:
    """Yield changes beyond those of :func:`genverify.data.code_mutation.edits`; some are among those as well."""
    for function in functions(tree):
        for site in sites(function):
            for make in (_operators, _swaps, _targets, _names, _values, _parts, _wrapped):
                yield from make(site)


def _operators(site: Site) -> Iterator[Edit]:
    match site.node:
        case ast.BinOp() | ast.AugAssign():
            for operator in _OPERATORS:
                yield site.change("operator", "op", None, operator())
        case ast.Compare(ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE() | ast.Eq() | ast.NotEq()]):
            for relation in _RELATIONS:
                yield site.change("relation", "ops", 0, relation())


def _swaps(site: Site) -> Iterator[Edit]:
    match site.node:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            yield site.put("swapped operands", ast.Compare(right, [op], [left]))
        case ast.BinOp(left=left, op=op, right=right):
            yield site.put("swapped operands", ast.BinOp(right, op, left))


def _targets(site: Site) -> Iterator[Edit]:
    match site.node:
        case ast.AugAssign(target=ast.Name(id=name)):
            for variable in site.known.variables:
                if variable != name:
                    yield site.change("target", "target", None, ast.Name(variable, ast.Store()))


def _names(site: Site) -> Iterator[Edit]:
    match site.node:
        case ast.Attribute(value=value, attr=name, ctx=ast.Load()) if name in _TWIN:
            yield site.put("name", ast.Attribute(value, _TWIN[name], ast.Load()))
        case ast.Name(id=name, ctx=ast.Load()) if name in _TWIN:
            yield site.put("name", ast.Name(_TWIN[name], ast.Load()))


def _values(site: Site) -> Iterator[Edit]:
    """Put a variable in the place of a number, and the other way round."""
    match site.node:
        case ast.Constant(value=int()):
            for variable in site.known.variables:
                yield site.put("value", ast.Name(variable, ast.Load()))
            for number in _NUMBERS:
                yield site.put("value", ast.Constant(number))
        case ast.Name(id=name, ctx=ast.Load()) if name in site.known.variables:
            for number in _NUMBERS:
                yield site.put("value", ast.Constant(number))


def _parts(site: Site) -> Iterator[Edit]:
    """Leave out one operand, or what a function does to its argument."""
    match site.node:
        case ast.BinOp(left=left, right=right):
            yield site.put("operand", left)
            yield site.put("operand", right)
        case ast.BoolOp(values=[first, second]):
            yield site.put("operand", first)
            yield site.put("operand", second)
        case ast.Call(args=[only], keywords=[]):
            yield site.put("operand", only)


def _wrapped(site: Site) -> Iterator[Edit]:
    """Add one, take one away, or hand a value to a function."""
    match site.node:
        case ast.Name(ctx=ast.Load()) | ast.BinOp() | ast.Call() | ast.Subscript(ctx=ast.Load()) as value:
            if isinstance(value, ast.Name) and value.id not in site.known.variables:
                return
            for operator in (ast.Add, ast.Sub):
                yield site.put("one", ast.BinOp(value, operator(), ast.Constant(1)))
            for function in _WRAPPERS:
                yield site.put("function", ast.Call(ast.Name(function, ast.Load()), [value], []))
