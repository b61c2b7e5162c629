"""Number puzzles, such as the game of 24: what each step may use, what is left, whether the end is reached.

A problem is one only if it gives its numbers and its target and says that each number is used exactly once. The claims,
with ``n(...)`` short for ``numbers(...)``: ``available(n(4, 5, 6, 10), n(10, 4))``, these may be used;
``left(n(4, 5, 6, 10), n(10, 4), 6, n(5, 6, 6))``, these remain; ``reaches(n(4, 5, 6, 10), 24, (6 - 4)*5)``, each number
once, and the target; ``unsolvable(n(4, 5, 6, 10), 24)``.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from genverify.types import Claim, ClaimKind, Problem, Solution

_NUMBER: Final = r"-?\d+(?:\.\d+|/\d+)?"
_LIST: Final = rf"{_NUMBER}(?:\s*(?:,|\band\b|\s)\s*{_NUMBER}){{1,5}}"
_GIVEN: Final = re.compile(rf"\bnumbers?\b[^\d.]{{0,40}}?[:(\[{{]?\s*(?P<numbers>{_LIST})", re.IGNORECASE)
_TARGET: Final = re.compile(rf"\b(?:obtain|make|reach|get|equals?|target(?: number)?(?: is|:)?)\s+(?P<target>{_NUMBER})\b", re.I)
_ONCE: Final = re.compile(r"\b(?:each|every|all)\b[^.]{0,40}\b(?:exactly once|once and only once|only once)\b", re.IGNORECASE)
_MOVE: Final = re.compile(
    rf"^\W*(?P<a>{_NUMBER})\s*(?P<op>[-+*/×÷])\s*(?P<b>{_NUMBER})\s*=\s*(?P<c>{_NUMBER})\s*"
    rf"(?:\(\s*left\s*:\s*(?P<left>{_NUMBER}(?:[\s,]+{_NUMBER})*)?\s*\))?\W*$",
    re.IGNORECASE,
)
_ANSWER: Final = re.compile(r"^\W*(?:final )?answer\s*:?\s*(?P<rest>.*)$", re.IGNORECASE | re.DOTALL)
_NONE: Final = re.compile(
    r"^(?:none|no (?:possible )?(?:solution|way|answer)|not possible|impossible|(?:it is|it's) (?:not possible|impossible)|"
    r"there (?:is|are) no |no valid|unable to|(?:[a-z ]{0,40}, ?|[a-z ]{0,30})(?:cannot|can't) (?:be|obtain|reach|make|create|achieve|get)\b)",
    re.IGNORECASE,
)
_EXPRESSION: Final = re.compile(r"^(?P<expr>[\d\s()+\-*/×÷.]+?)(?:=\s*-?[\d./ ]+)?\.?\s*$")


@dataclass(frozen=True, slots=True)
class Puzzle:
    """The numbers given and the number wanted."""

    numbers: tuple[Fraction, ...]
    target: Fraction


def puzzle_of(text: str) -> Puzzle | None:
    """Read a problem as a number puzzle; None if it is not certainly one."""
    given, target = _GIVEN.search(text), _TARGET.search(text)
    if given is None or target is None or _ONCE.search(text) is None:
        return None
    numbers = tuple(Fraction(n) for n in re.findall(_NUMBER, given["numbers"]))
    return Puzzle(numbers, Fraction(target["target"])) if 2 <= len(numbers) <= 6 else None


def puzzle_claims(problem: Problem, solution: Solution) -> list[list[Claim]]:
    """Return the bookkeeping claims of each step; empty lists if the problem is no number puzzle."""
    puzzle = puzzle_of(problem.text)
    claims: list[list[Claim]] = [[] for _ in solution.steps]
    if puzzle is None:
        return claims
    state = puzzle.numbers
    for number, step in enumerate(solution.steps):
        move = _MOVE.match(step.text)
        if move is not None:
            claims[number], state = _move(move, state)
        elif (answer := _ANSWER.match(step.text)) is not None:
            claims[number] = _answer(answer, puzzle)
    return claims


def _move(move: "re.Match[str]", state: tuple[Fraction, ...]) -> tuple[list[Claim], tuple[Fraction, ...]]:
    """Return the claims of one move and the numbers that are left after it, as the step itself says."""
    a, b, c = (Fraction(move[k]) for k in "abc")
    used = _tuple((a, b))
    claims = [_claim(f"available({_tuple(state)}, {used})", move, move.start("a"), move.end("b"))]
    if move["left"] is None:
        return claims, _without(state, (a, b)) + (c,)
    left = tuple(Fraction(n) for n in re.findall(_NUMBER, move["left"]))
    claims.append(
        _claim(f"left({_tuple(state)}, {used}, {_formal(c)}, {_tuple(left)})", move, move.start("left"), move.end("left"))
    )
    return claims, left


def _without(state: tuple[Fraction, ...], used: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    rest = list(state)
    for value in used:
        if value in rest:
            rest.remove(value)
    return tuple(rest)


def _answer(answer: "re.Match[str]", puzzle: Puzzle) -> list[Claim]:
    rest = answer["rest"].strip()
    start, end = answer.start("rest"), answer.end("rest")
    if _NONE.match(rest):
        return [_claim(f"unsolvable({_tuple(puzzle.numbers)}, {_formal(puzzle.target)})", answer, start, end)]
    expression = _EXPRESSION.match(rest)
    if expression is None or not re.search(r"\d\s*\)*\s*[-+*/×÷]", rest):
        return []
    text = expression["expr"].replace("×", "*").replace("÷", "/").strip()
    return [_claim(f"reaches({_tuple(puzzle.numbers)}, {_formal(puzzle.target)}, {text})", answer, start, end)]


def _formal(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"({value})"


def _tuple(values: tuple[Fraction, ...]) -> str:
    """Write a tuple of the formal language; one of fewer than two members as a set-like call."""
    return f"numbers({', '.join(_formal(v) for v in values)})" if values else "none"


def _claim(statement: str, match: "re.Match[str]", start: int, end: int) -> Claim:
    return Claim(kind=ClaimKind.INVENTORY, statement=statement, span=(start, end), text=match.string[start:end])
