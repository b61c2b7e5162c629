r"""Numbers as they are written: find their values in a text, and write a new value like an old one.

``4,500``, ``1{,}200``, ``$8.00``, ``25\%`` and ``\frac{3}{4}`` are read as the values they stand for, and a computed
value is written with the same currency mark, separators, digits, fraction form or percent sign.
"""

import re
from fractions import Fraction
from typing import Final

from genverify import wording
from genverify.claims.grammar import App, Expr, Num, Sym
from genverify.claims.writing import show, show_number

_GROUPED: Final = r"\d{1,3}(?:(?:,|\{,\}|\\,|\\!,|,\\!)\d{3})+(?:\.\d+)?"
NUMBER: Final = re.compile(rf"(?<![_\d])(?<!_\{{)(?:{_GROUPED}|\d+(?:\.\d+)?|\.\d+)")  # no subscript: a_12
_FRACTION: Final = re.compile(
    r"\\(?P<macro>[dtc]?frac)\s*(?:\{\s*-?(?P<above>\d+)\s*\}|(?P<a>\d))\s*(?:\{\s*-?(?P<below>\d+)\s*\}|(?P<b>\d))"
)
_SLASHED: Final = re.compile(r"(?P<above>(?P<a>\d+))\s*/\s*(?P<below>(?P<b>\d+))(?![\d.])")
_MAX_NUMERAL: Final = 100  # characters; nobody carries a longer number on, and Python refuses to read very long ones
_SIGN: Final = re.compile(r"[-−–]\s*(?P<mark>\\?\$)?\s*$")
_MINUS: Final = re.compile(r"\s*[-−–]")


def values(text: str) -> set[Fraction]:
    """Return the values of the numbers written in ``text``; ``4,500`` is one number."""
    return {v for m in NUMBER.finditer(text) if (v := _value(m.group())) is not None}


def signed(text: str) -> Fraction | None:
    """Return the value of one numeral with its sign."""
    value = single_value(text)
    return -value if value is not None and _MINUS.match(text) else value


def replace_value(text: str, value: Fraction, new: str) -> str:
    """Write ``new`` wherever ``text`` has a number worth ``value``."""
    return NUMBER.sub(lambda m: new if _value(m.group()) == value else m.group(), text)


def _value(numeral: str) -> Fraction | None:
    if len(numeral) > _MAX_NUMERAL:
        return None
    return Fraction(re.sub(r"[^\d.]", "", numeral).removesuffix("."))


def single_value(text: str) -> Fraction | None:
    """Return the value of a written number or fraction; None if ``text`` is more than that."""
    fractions, numbers = _fractions(text), values(text)
    if len(fractions) == 1:
        return next(iter(fractions))
    return next(iter(numbers)) if len(numbers) == 1 and not fractions else None


def mentioned(text: str) -> set[Fraction]:
    """Return every value written in ``text``: its numbers and its fractions."""
    return values(text) | _fractions(text)


def _fractions(text: str) -> set[Fraction]:
    found: set[Fraction] = set()
    for pattern in (_FRACTION, _SLASHED):
        for match in pattern.finditer(text):
            if len(match.group()) <= _MAX_NUMERAL:
                above, below = (int(d) for d in (match["above"] or match["a"], match["below"] or match["b"]))
                found |= {Fraction(above, below)} if below else set()
    return found


def write_like(value: Fraction, old: str, style: str = "", context: str = "") -> str:
    r"""Write ``value`` as ``old`` is written: same currency mark, separators, digits, fraction form, percent sign.

    Args:
        value: the value to write.
        old: the characters it replaces, such as ``$4,500.00`` or ``\frac{3}{4}``.
        style: the claim's ``result_style``; ``percent`` means that ``old`` counts hundredths.
        context: the whole step, which shows the habits of the writer where ``old`` does not.
    """
    if style == "percent":
        value *= 100
    for pattern, slashed in ((_FRACTION, False), (_SLASHED, True)):
        match = pattern.search(old)
        if match is not None:
            macro = None if slashed else match.group("macro")
            return _surround(old, match.span(), value, _fraction(abs(value), macro))
    match = NUMBER.search(old)
    if match is None:
        return _sign(value) + _number(abs(value), "", context, money=False)
    money = style == "money" or ("$" in old[: match.start()][-2:] and not old.startswith("$$"))
    return _surround(old, match.span(), value, _number(abs(value), match.group(), context, money=money))


def _surround(old: str, span: tuple[int, int], value: Fraction, written: str) -> str:
    """Keep what stands around the old number, with the sign that the new value needs."""
    head, tail = old[: span[0]], old[span[1] :]
    sign = _SIGN.search(head)
    if sign is not None and value >= 0:
        head = head[: sign.start()] + (sign.group("mark") or "")
    if sign is None and value < 0:
        mark = re.search(r"\\?\$\s*$", head)
        at = mark.start() if mark else len(head)
        head = head[:at] + "-" + head[at:]
    return head + written + tail


def _sign(value: Fraction) -> str:
    return "-" if value < 0 else ""


def _fraction(value: Fraction, macro: str | None) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    if macro is None:
        return f"{value.numerator}/{value.denominator}"
    return f"\\{macro}{{{value.numerator}}}{{{value.denominator}}}"


def _number(value: Fraction, old: str, context: str, *, money: bool) -> str:
    """Write a value that is at least 0 as the numeral ``old`` is written."""
    separator = _separator(old) or ("" if old and len(_digits(old)) > 3 else _separator(context))
    wanted = len(old.partition(".")[2])
    exact = wording.decimal_places(value)
    if money and value.denominator != 1:
        wanted = max(wanted, 2)
    if exact is None or exact > max(wanted, 6):
        if not wanted:
            return _fraction(value, "frac" if "\\" in context else None)
        places = wanted
    else:
        places = wanted if money else max(wanted, exact)
    scaled = round(value * 10**places)
    whole, part = divmod(scaled, 10**places)
    text = f"{whole:,}".replace(",", separator) if separator else str(whole)
    return f"{text}.{part:0{places}d}" if places else text


def _digits(numeral: str) -> str:
    return re.sub(r"\D", "", numeral.partition(".")[0])


def _separator(text: str) -> str:
    """Return the thousands separator used in ``text``, or nothing."""
    match = re.search(r"(?<!\d)\d{1,3}(,|\{,\}|\\,|\\!,|,\\!)\d{3}(?!\d)", text)
    return match.group(1) if match else ""


def symbolic(expr: Expr, *, latex: bool) -> str:
    r"""Write an expression as a step would: ``2\sqrt{3}`` in LaTeX, ``2sqrt(3)`` in plain text."""
    if latex:
        return _latex(expr, 0)
    return re.sub(r"(?<=\d)\*(?=[A-Za-z(])", "", show(expr))


_LATEX_NAMES: Final = {"pi": "\\pi", "E": "e", "I": "i", "oo": "\\infty"}


_WRAPPED: Final = {
    "sqrt": ("\\sqrt{", "}"), "set": ("\\{", "\\}"), "tuple": ("(", ")"),
    **{name: (f"\\{name}(", ")") for name in ("sin", "cos", "tan", "sec", "csc", "cot", "ln", "exp")},
}  # fmt: skip


def _latex(expr: Expr, level: int) -> str:
    """Write LaTeX; ``level`` 1 asks for a term inside a product, 2 for a base of a power."""
    if isinstance(expr, Num):
        value = Fraction(expr.value)
        text = show_number(expr) if expr.places is not None else _fraction(abs(value), "frac")
        return "-" + text if value < 0 and expr.places is None else text
    if isinstance(expr, Sym):
        return _LATEX_NAMES.get(expr.name, expr.name)
    return _latex_app(expr, level)


def _latex_app(expr: App, level: int) -> str:
    args = expr.args
    match expr.head:
        case "+":
            text = " + ".join(_latex(a, 0) for a in args).replace("+ -", "- ")
            return f"({text})" if level else text
        case "neg":
            text = "-" + _latex(args[0], 1)
            return f"({text})" if level else text
        case "*":
            first, *rest = (_latex(a, 1) for a in args)
            if isinstance(args[0], App) and args[0].head == "neg":
                first = first[1:-1]  # a sign in front of a product needs no parentheses
            text = first
            for factor in rest:
                apart = " \\cdot " if factor[0].isdigit() else " " if re.search(r"\\[A-Za-z]+$", text) else ""
                text += apart + factor
            return f"({text})" if level > 1 else text
        case "/":
            return f"\\frac{{{_latex(args[0], 0)}}}{{{_latex(args[1], 0)}}}"
        case "^":
            exponent = _latex(args[1], 0)
            return f"{_latex(args[0], 2)}^{exponent if len(exponent) == 1 else f'{{{exponent}}}'}"
        case head if head in _WRAPPED:
            opening, closing = _WRAPPED[head]
            return opening + ", ".join(_latex(a, 0) for a in args) + closing
        case _:
            return show(expr)
