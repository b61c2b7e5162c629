r"""A program to steps, one statement a step, and back: ``"\\n".join(split(program)) == program``.

Source: methods of Zhou et al. and PRLCoder, which take a line or a statement as the step of a program.
"""

import ast
from collections.abc import Iterator
from itertools import pairwise


def split(program: str) -> tuple[str, ...]:
    """Cut a program into one text a statement.

    The head of a compound statement (``for x in xs:``) is a step of its own, with a docstring if it has one. What is
    no statement (``else:``, comments, blank lines) goes with the statement behind it, at the end with the one before.
    A program that Python cannot read is cut into its lines.
    """
    lines = program.split("\n")
    if "\r" in program.replace("\r\n", ""):  # Python ends a line there, and counts other lines than these
        return tuple(lines)
    try:
        starts = cuts(ast.parse(program))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return tuple(lines)
    bounds = [0, *starts[1:], len(lines)] if starts else [0, len(lines)]
    return tuple("\n".join(lines[a:b]) for a, b in pairwise(bounds))


def cuts(tree: ast.Module) -> list[int]:
    """Return the line (from 0) at which each step begins; the first one is where the first statement begins."""
    found: list[int] = []
    end = 0
    for node in statements(tree):
        first, last = head(node)
        if first <= end and found:  # several statements in one line are one step
            end = max(end, last)
            continue
        found.append(end)
        end = last
    return found


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield all statements below ``tree`` in the order of the text; a docstring belongs to its head."""
    for name in ("body", "handlers", "orelse", "finalbody"):
        for node in getattr(tree, name, ()):
            if isinstance(node, ast.stmt) and not _is_docstring(node, tree):
                yield node
            if isinstance(node, ast.AST):
                yield from statements(node)
    if isinstance(tree, ast.Match):
        for case in tree.cases:
            yield from statements(case)


def head(node: ast.stmt) -> tuple[int, int]:
    """Return the first and the last line (from 1) of a statement without its blocks, with its docstring."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(d.lineno for d in decorators)])
    if not hasattr(node, "body") and not isinstance(node, ast.Match):
        return first, node.end_lineno or node.lineno
    last = max([node.lineno, *(_last_line(part) for part in own_parts(node))])
    body = getattr(node, "body", [])
    if body and _is_docstring(body[0], node):
        last = body[0].end_lineno
    return first, last


def own_parts(node: ast.stmt) -> Iterator[ast.AST]:
    """Yield the direct parts of a statement that are not statements themselves."""
    for part in ast.iter_child_nodes(node):
        if not isinstance(part, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield part


def _last_line(part: ast.AST) -> int:
    return max((getattr(n, "end_lineno", 0) or 0 for n in ast.walk(part)), default=0)


def _is_docstring(node: ast.AST, parent: ast.AST) -> bool:
    return (
        isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node is parent.body[0]
        and isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
