"""A second opinion on algebra records that shares no code with the first: a reader of the steps' text, exact fractions.

Word problems are solved anew from the quantities in ``Example.formal``; every equation that stands in a step's text is
read by a small parser and evaluated, and its result looked for among the quantities. For the other families what a step
says is evaluated: at several points where it holds for all x, at the roots where it is an equation.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Final

from genverify.data.values import Example, LabelledStep

Number = Fraction | float
_TOKEN: Final = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([a-z]\w*)|(.))")


def evaluate(text: str, values: Mapping[str, Number] | None = None) -> Number:
    """Return the value of an expression with ``+ - * / ^``, names and a few functions.

    Raises:
        ValueError: it is no expression, or a name has no value.
        ZeroDivisionError: it divides by zero.
    """
    reader = _Reader(text, values or {})
    value = reader.sum()
    if reader.at != len(reader.tokens):
        raise ValueError(f"{text[:80]!r}: {reader.tokens[reader.at]} was not expected")
    return value


class _Reader:
    def __init__(self, text: str, values: Mapping[str, Number]) -> None:
        self.tokens = [m.group().strip() for m in _TOKEN.finditer(text.strip())]
        self.values, self.at = values, 0

    def take(self, *wanted: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at] in wanted:
            self.at += 1
            return self.tokens[self.at - 1]
        return ""

    def sum(self) -> Number:
        value = self.product()
        while sign := self.take("+", "-"):
            other = self.product()
            value = value + other if sign == "+" else value - other
        return value

    def product(self) -> Number:
        value = self.signed()
        while sign := self.take("*", "/"):
            other = self.signed()
            value = value * other if sign == "*" else value / other
        return value

    def signed(self) -> Number:
        return -self.signed() if self.take("-") else self.power()

    def power(self) -> Number:
        base = self.atom()
        if not self.take("^"):
            return base
        exponent = self.signed()
        return base ** int(exponent)

    def atom(self) -> Number:
        token = self.tokens[self.at] if self.at < len(self.tokens) else ""
        self.at += 1
        if token == "(":
            value = self.sum()
            if not self.take(")"):
                raise ValueError("a parenthesis is not closed")
            return value
        if token[:1].isdigit():
            return Fraction(token)
        if token in self.values:
            return self.values[token]
        if token in _FUNCTIONS and self.take("("):
            args = [self.sum()]
            while self.take(","):
                args.append(self.sum())
            if self.take(")"):
                return _FUNCTIONS[token](*args)
        raise ValueError(f"{token!r} is no number")


_FUNCTIONS: Final[dict[str, Callable[..., Number]]] = {
    "sqrt": lambda x: math.sqrt(x), "sin": lambda x: math.sin(x), "cos": lambda x: math.cos(x),
    "exp": lambda x: math.exp(x), "mod": lambda a, b: a % b,
    "gcd": lambda a, b: Fraction(math.gcd(int(a), int(b))), "lcm": lambda a, b: Fraction(math.lcm(int(a), int(b))),
}  # fmt: skip


def recheck(example: Example) -> str:
    """Return what is wrong with the labels of ``example``, in one line; empty if nothing was found."""
    try:
        return _words(example) if "asked" in example.formal else _worked(example)
    except (ValueError, ZeroDivisionError) as error:
        return f"cannot be read: {error}"


# --- word problems --------------------------------------------------------------------------------------------------


def solved(formal: Mapping[str, str]) -> dict[str, Fraction]:
    """Return the value of every quantity of a word problem, worked out from their definitions in order."""
    known: dict[str, Fraction] = {}
    for name, text in formal.items():
        if name != "asked":
            known[name] = Fraction(evaluate(text, known))
    return known


def _words(example: Example) -> str:
    known = solved(example.formal)
    right = known[example.formal["asked"]]
    if Fraction(example.problem.answer or "") != right:
        return f"the answer is {right}, not {example.problem.answer}"
    same = Fraction(example.answer) == right
    if example.maker == "gold" and not same:
        return f"a gold solution with the answer {example.answer}, where {right} is right"
    wrong = [pair for step in example.steps if step.label.right is False for pair in equations(step.text)]
    derived = {known[name] for name, text in example.formal.items() if re.search(r"[-+*/]", text) and name in known}
    alone = example.labels.count(False) == 1  # two errors may make up for each other
    if same and alone and wrong and all(left == value and value in derived for left, value in wrong):
        return "a sneaky solution with the right answer and nothing false in the step that is labelled wrong"
    for at, step in enumerate(example.steps):
        found = _step_of_words(step, known, at, example)
        if found:
            return f"step {at}: {found}"
    return ""


def _step_of_words(step: LabelledStep, known: Mapping[str, Fraction], at: int, example: Example) -> str:
    read = list(equations(step.text))
    false = [(left, right) for left, right in read if left != right]
    if step.label.right and false:
        return f"labelled right, but {false[0][0]} is not {false[0][1]}"
    before_error = example.first_error is None or at < example.first_error
    strange = [right for _, right in read if right not in known.values()]
    if step.label.right and before_error and strange and "(" not in step.said and not _nested(step.said):
        return f"labelled right, but no quantity is {strange[0]}"
    return ""


def _nested(said: str) -> bool:
    return any(len(re.findall(r"[-+*/]", part.split("=")[0])) > 1 for part in said.split("; "))


_LATEX: Final = (
    (re.compile(r"<<[^<>]*>>"), ""), (re.compile(r"\\%"), "%"),
    (re.compile(r"(?<=\d)(?:/| per )[a-zA-Z-]+|(?<=[a-z])(?:/| per )[a-zA-Z-]+"), ""),
    (re.compile(r"\\text\{ of \}|(?<=%) of "), " of "),
    (re.compile(r"\\text\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\times|×|(?<=[\d)a-z] )x(?= [\d$(\\])"), "*"), (re.compile(r"\\div|÷"), "/"),
    (re.compile(r"\\boxed\{|\\[()\[\]]|[$\\{}]|\*\*"), " "), (re.compile(r"(?<=\d),(?=\d{3})"), ""),
    (re.compile(r"(\d+(?:\.\d+)?)\s*%\s+of\b"), r"(\1/100) *"), (re.compile(r"(?m)^\s*- |^\s*\d+\. "), "\n"),
    (re.compile(r"(\d+)/(\d+) \*"), r"(\1/\2) *"),
)  # fmt: skip
_FRACTION: Final = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}")
_PIECE: Final = re.compile(r"\d+(?:\.\d+)?|[A-Za-z'’-]*[A-Za-z][A-Za-z'’]*%?|[-+*/()%]|\S")


def equations(text: str) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield both sides of every equation between numbers in a step's text, in order; names and units are read over."""
    while _FRACTION.search(text):  # the innermost first
        text = _FRACTION.sub(r"((\1)/(\2))", text)
    for pattern, new in _LATEX:
        text = pattern.sub(new, text)
    for line in re.split(r"\n|;|(?<=[a-z\d%)]|\s)[.:](?=\s|$)|, ", text):
        sides = line.split("=")
        values = [_tail(side) if at == 0 else _head(side) for at, side in enumerate(sides)]
        for at in range(1, len(sides)):
            left, right = (_tail(sides[0]) if at == 1 else values[at - 1]), values[at]
            if left is not None and right is not None:
                yield left, right


def _pieces(side: str) -> list[str]:
    return _PIECE.findall(side)


def _tail(side: str) -> Fraction | None:
    """Return the value of the longest expression that ends ``side``; None if it is made of words."""
    pieces = _pieces(side)
    kept: list[str] = []
    units = 0
    for piece in reversed(pieces):
        if re.match(r"[A-Za-z]", piece):
            if kept and kept[0] not in "+-*/)":  # a word before a number ends the expression
                break
            units += 1
            continue
        if units and not (piece[0].isdigit() or piece == ")"):
            return None  # a word where a number should stand: names, not numbers
        if piece[0].isdigit() and kept and kept[0] not in ("+", "-", "*", "/", ")"):
            break
        units = 0
        kept.insert(0, piece)
    named = len(pieces) > len(kept) + units and not any(sign in kept for sign in "+-*/")
    return None if named or (units and kept) else _number(kept)


def _head(side: str) -> Fraction | None:
    """Return the value of the longest expression that opens ``side``; None if words stand where numbers should."""
    kept: list[str] = []
    for piece in _pieces(side):
        if re.match(r"[A-Za-z]", piece):
            if not kept or kept[-1] in "+-*/(":
                return None
            continue
        if piece[0].isdigit() and kept and kept[-1] not in "+-*/(":
            break
        if not (piece[0].isdigit() or piece in "+-*/()"):
            break
        kept.append(piece)
    return _number(kept)


def _number(pieces: list[str]) -> Fraction | None:
    while pieces and (pieces[-1] in "+-*/(" or pieces.count("(") < pieces.count(")")):
        pieces = pieces[:-1] if pieces[-1] in "+-*/()" else pieces[1:]
    while pieces and pieces[0] in "+*/)":
        pieces = pieces[1:]
    try:
        return Fraction(evaluate(" ".join(pieces))) if pieces else None
    except (ValueError, ZeroDivisionError):
        return None


# --- the other families ---------------------------------------------------------------------------------------------

_POINTS: Final = (Fraction(2), Fraction(-3), Fraction(5, 2), Fraction(7))
_NEAR: Final = 1e-6


def _worked(example: Example) -> str:
    facts = example.formal
    if not _answered(example.problem.answer or "", facts):
        return f"{example.problem.answer} is not the answer"
    if example.maker == "gold" and example.answer != example.problem.answer:
        return f"a gold solution with the answer {example.answer}, where {example.problem.answer} is right"
    holds = _system if "first" in facts else _equation if "equation" in facts else _closed
    before = [facts.get("first", ""), facts.get("second", "")] if "first" in facts else [facts.get("equation", "")]
    for at, step in enumerate(example.steps):
        verdicts = []
        for said in step.said.split("; "):
            verdicts.append(holds(said, before, facts))
            if holds is not _equation:
                before.append(said)
        unseen = example.answer == example.problem.answer and None not in verdicts
        if step.label.right is False and False not in verdicts and unseen:
            return f"step {at}: labelled wrong, but {step.said!r} holds after {before}"
        if step.label.right and False in verdicts:
            return f"step {at}: labelled right, but {step.said!r} does not hold after {before}"
    return ""


def _answered(answer: str, facts: Mapping[str, str]) -> bool:
    """Tell whether ``answer`` solves the problem."""
    if "first" in facts:
        values = dict(zip("xyz", map(evaluate, answer.strip("()").split(", ")), strict=False))
        return all(_both(facts[name], values) for name in ("first", "second", "third") if name in facts)
    if "equation" in facts:
        found = {evaluate(part.rpartition("= ")[2]) for part in answer.split(" | ")}
        return found == _roots(facts["equation"])
    if "expression" in facts:
        return evaluate(facts["expression"]) == evaluate(answer)
    if "low" in facts:  # Simpson's rule, which is exact up to the third power
        low, high = (Fraction(evaluate(facts[name])) for name in ("low", "high"))
        f = [evaluate(facts["function"], {"x": x}) for x in (low, (low + high) / 2, high)]
        return (high - low) / 6 * (f[0] + 4 * f[1] + f[2]) == evaluate(answer)
    point = evaluate(facts.get("point", "0"))
    if "quotient" in facts:  # a line but for one point
        around = [evaluate(facts["quotient"], {"x": point + h}) for h in (1, -1)]
        return (around[0] + around[1]) / 2 == evaluate(answer)
    if "point" not in facts:
        return _derivative(f"diff({facts['function']}, x) = {answer}")
    return abs(_slope(facts["function"], float(point)) - float(evaluate(answer))) < 1e-4


def _closed(said: str, before: list[str], facts: Mapping[str, str]) -> bool | None:
    """Tell whether a statement holds; None if this checker cannot tell."""
    if said.startswith("diff("):
        return _derivative(said)
    if said.startswith("limit("):
        inner, _, value = said.removeprefix("limit(").partition(") = ")
        function, point = inner.split(", x, ")
        return evaluate(function, {"x": evaluate(point)}) == evaluate(value)
    if said.startswith("greatest"):
        return None
    if said.startswith("answer"):
        return _equal_everywhere(said.partition(" = ")[2], before[-1].rpartition(" = ")[2])
    left, *others = said.split(" = ")
    return all(_equal_everywhere(left, other) for other in others)


def _equal_everywhere(left: str, right: str) -> bool:
    for x in _POINTS if re.search(r"\bx\b", left + right) else _POINTS[:1]:
        try:
            if abs(float(evaluate(left, {"x": x}) - evaluate(right, {"x": x}))) > _NEAR:
                return False
        except ZeroDivisionError:
            continue  # at a pole of one side nothing is said
    return True


def _roots(statement: str) -> set[Number]:
    """Return the solutions of a linear or quadratic equation, or those that are listed."""
    if " | " in statement or re.fullmatch(r"[a-z] = [-()\d./]+", statement):
        return {evaluate(part.partition(" = ")[2]) for part in statement.split(" | ")}
    left, right = statement.split(" = ")
    name = next(iter(re.findall(r"\b[a-z]\b", statement)), "")
    c, one, two = (
        Fraction(evaluate(left, {name: Fraction(x)})) - Fraction(evaluate(right, {name: Fraction(x)})) for x in range(3)
    )
    a = (two - 2 * one + c) / 2
    b = one - c - a
    if not a:
        return {-c / b} if b else set()
    root = math.isqrt(int(b * b - 4 * a * c))
    return {(-b + root) / (2 * a), (-b - root) / (2 * a)}


def _equation(said: str, before: list[str], facts: Mapping[str, str]) -> bool | None:
    """Judge a step of an equation in one unknown: it keeps the solutions, is an identity, or is plain arithmetic."""
    if "sqrt" in said or before[-1] == "":
        before.append("")  # solutions that are no fractions: not for this checker
        return None
    if said.startswith("answer"):
        return {evaluate(said.partition(" = ")[2])} == _roots(before[-1])
    if said.count(")*(") == 1 and not said.endswith("= 0"):  # the factors of the left side
        before.append(said.partition(" = ")[2] + " = 0")
        return _equal_everywhere(*said.split(" = "))
    if not re.search(r"\b[a-z]\b", said):  # the discriminant, from which a solution goes on even where it is wrong
        holds = _equal_everywhere(*said.split(" = "))
        before.append(before[-1] if holds else "")
        return holds
    holds = _roots(said) == _roots(before[-1])
    before.append(said)
    return holds


def _system(said: str, before: list[str], facts: Mapping[str, str]) -> bool | None:
    """Judge a step of a system: a substitution, a rewriting, or a value put in."""
    line = next((text for text in before[2:] if text.startswith("y = ") and "x" in text), "")
    if said.startswith("("):
        return None
    if said.startswith("y = ") and "x" in said:
        return all(_both(facts["first"], {"x": x, "y": evaluate(said.removeprefix("y = "), {"x": x})}) for x in _POINTS)
    if said.startswith("y = "):
        x = evaluate(before[-1].removeprefix("x = "))
        return evaluate(line.removeprefix("y = "), {"x": x}) == evaluate(said.removeprefix("y = "))
    if said.startswith("z = "):
        x, y = (evaluate(text.partition(" = ")[2]) for text in before[-2:])
        return evaluate(facts["third"].removeprefix("z = "), {"x": x, "y": y}) == evaluate(said.removeprefix("z = "))
    if "(" in said.partition(" = ")[0]:  # the line put into the second equation
        return all(
            _both(said, {"x": x}) == _both(facts["second"], {"x": x, "y": evaluate(line[4:], {"x": x})})
            for x in (*_POINTS, *_roots(said))
        )
    return _roots(said) == _roots(before[-1])


def _both(equation: str, values: Mapping[str, Number]) -> bool:
    left, right = equation.split(" = ")
    return evaluate(left, values) == evaluate(right, values)


def _derivative(said: str) -> bool:
    function, _, derived = said.removeprefix("diff(").rpartition(", x) = ")
    for x in (0.7, -1.3, 2.1):
        slope = _slope(function, x)
        if abs(slope - float(evaluate(derived, {"x": x}))) > _NEAR * max(1.0, abs(slope)):
            return False
    return True


def _slope(function: str, x: float) -> float:
    """Return the derivative at ``x`` from four values around it."""
    h = 1e-3
    f = [float(evaluate(function, {"x": x + k * h})) for k in (-2, -1, 1, 2)]
    return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)
