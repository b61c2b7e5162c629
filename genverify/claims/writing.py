"""Trees of the formal language back to its text, with no more parentheses than reading it again needs."""

from typing import Final

from genverify.claims.grammar import RELATIONS, App, Expr, Num, Sym

_LEVEL: Final = {
    "<->": 1, "->": 2, "or": 3, "and": 4, "not": 5, **dict.fromkeys(RELATIONS, 6), "+": 7, "*": 8, "/": 8,
    "neg": 9, "^": 10, "!": 11,
}  # fmt: skip
_ATOM_LEVEL: Final = 12


def show(expr: Expr) -> str:
    """Write ``expr`` so that ``grammar.parse`` reads it back."""
    return _show(expr)[0]


def _show(expr: Expr) -> tuple[str, int]:
    if isinstance(expr, Sym):
        return expr.name, _ATOM_LEVEL
    if isinstance(expr, Num):
        return show_number(expr), _ATOM_LEVEL if isinstance(expr.value, int) or expr.places is not None else 8
    level = _LEVEL.get(expr.head)
    if level is None:
        inside = ", ".join(_wrap(a, 1) for a in expr.args)
        if expr.head == "set":
            return "{" + inside + "}", _ATOM_LEVEL
        return (f"({inside})" if expr.head == "tuple" else f"{expr.head.lstrip('@')}({inside})"), _ATOM_LEVEL
    return _show_operator(expr, level), level


def _show_operator(expr: App, level: int) -> str:
    head, args = expr.head, expr.args
    match head:
        case "neg" | "!" | "not":
            return {"neg": "-{}", "!": "{}!", "not": "not {}"}[head].format(_wrap(args[0], level))
        case "^":
            return f"{_wrap(args[0], 11)}^{_wrap(args[1], 9)}"
        case "+":
            return _show_sum(args)
        case "/":
            # a/b/c is (a/b)/c and a*b/c is (a*b)/c, as parsed
            return f"{_wrap(args[0], 8)}/{_wrap(args[1], 9)}"
        case "*":
            # the first factor may be a quotient (a/b*c); a product or quotient further right needs its parentheses
            first = _wrap(args[0], 9 if isinstance(args[0], App) and args[0].head == "*" else 8)
            return "*".join([first, *(_wrap(a, 9) for a in args[1:])])
        case "->":
            return f"{_wrap(args[0], 3)} -> {_wrap(args[1], 2)}"
        case "<->":
            return f"{_wrap(args[0], 1)} <-> {_wrap(args[1], 2)}"
        case "or" | "and":
            return (" | " if head == "or" else " & ").join(_wrap(a, level + 1) for a in args)
        case _:
            return f"{_wrap(args[0], 7)} {head} {_wrap(args[1], 7)}"


def _show_sum(args: tuple[Expr, ...]) -> str:
    text = _wrap(args[0], 8)
    for arg in args[1:]:
        if isinstance(arg, App) and arg.head == "neg":
            inner = arg.args[0]
            # "a - b*c" reads back as neg(b*c), while neg(b)*c was written "-b*c" and would need its sign in front
            text += " - " + _wrap(inner, 8)
        else:
            text += " + " + _wrap(arg, 8)
    return text


def _wrap(expr: Expr, level: int) -> str:
    text, own = _show(expr)
    return text if own >= level else f"({text})"


def show_number(number: Num) -> str:
    """Write a number with the digits it was written with; a fraction without such digits as ``p/q``."""
    value = number.value
    if number.places is None:
        return str(value)
    scaled = abs(int(value * 10**number.places))
    digits = str(scaled).rjust(number.places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[: len(digits) - number.places]}.{digits[len(digits) - number.places :]}"
