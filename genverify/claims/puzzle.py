"""Number puzzles, such as the game of 24: what each step may use, what is left, whether the end is reached.

A problem is one only if it gives its numbers and its target, names the four operations (or the game) and says how often
each number is used. The claims, with ``n(...)`` short for ``numbers(...)``: ``available(n(4, 5, 6, 10), n(10, 4))``,
these may be used; ``left(n(4, 5, 6, 10), n(10, 4), 6, n(5, 6, 6))``, these remain; ``reaches(n(4, 5, 6, 10), 24,
(6 - 4)*5)``, each number once, and the target; ``unsolvable(n(4, 5, 6, 10), 24)``. Where the problem may also mean "at
most once" the last two are ``reaches_with_some`` and ``unsolvable_with_some``.

Lines are read as moves only where they keep books themselves, "(left: 5 6 6)": without it a line may be a try.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from genverify.claims.grammar import App, Expr, Num, parse
from genverify.errors import GrammarError
from genverify.types import Claim, ClaimKind, Problem, Solution

_Numbers = tuple[Fraction, ...]
_N: Final = r"(?<![\d./])-?\d{1,12}(?:\.\d{1,6}|/\d{1,6})?(?![\d/]|\.\d)"
"""A number of a puzzle; longer ones are none, and twelve digits keep every later step small."""
_LIST: Final = rf"{_N}(?:(?:\s*,\s*(?:and\s+)?|\s+(?:and\s+)?){_N}){{1,5}}(?!\s*,?\s*(?:and\s+)?-?\d)"
_FEW: Final = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}

_GIVEN: Final = re.compile(
    rf"\b(?:(?P<few>two|three|four|five|six|[2-6])\s+)?(?:given\s+|whole\s+|integer\s+|"
    rf"input\s+)?(?:numbers|integers|input|digits)"
    rf"(?:\s+are|\s+is)?\s*[:=]?\s*[(\[{{]?\s*(?P<numbers>{_LIST})|\b(?:use|using|with|from|"
    rf"combine)\s+[(\[{{]?(?P<plain>{_LIST})",
    re.IGNORECASE,
)
_TARGET: Final = re.compile(
    rf"\b(?:obtains?|makes?|reach(?:es)?|gets?|equals?|equal to|results? in|evaluates? to|gives?|"
    rf"target(?:\s+number)?(?:\s+is|\s+of)?)\s*[:=]?\s*(?P<target>{_N})(?!\s*(?:numbers|integers))",
    re.IGNORECASE,
)
_ONCE: Final = re.compile(r"\b(?:each|every|all)\b(?P<how>[^.;]{0,60}?\b(?:once|one time)\b(?: and only once)?)", re.I)
_OPERATIONS: Final = re.compile(
    r"\+\W*[-−]\W*[*×x·]\W*[/÷]|\b(?:basic|four|elementary|standard) (?:arithmetic(?:al)? |mathematical )?operations\b|"
    r"\baddition\W+subtraction\W+multiplication\W+(?:and\W+|or\W+)?division\b|\bgame of 24\b|\b24 game\b",
    re.IGNORECASE,
)
_OTHER_RULES: Final = re.compile(
    r"\bpowers?\b|exponent|\broots?\b|factorial|concat|\blog|modul|remainder|decimal|\bjoin|\bfraction|negative|"
    r"intermediate|\bhow many\b|parenthes[ie]s (?:are )?not|no (?:parentheses|brackets)|left to right|"
    r"in (?:this|the given|that) order|other operations|any (?:mathematical )?operation|closest|as close|"
    r"maximum|minimum|"
    r"largest|smallest|\b(?:no|without) (?:addition|subtraction|multiplication|division)|\^|\*\*|!",
    re.IGNORECASE,
)
"""Words of a puzzle with more, fewer or other rules than ours."""


@dataclass(frozen=True, slots=True)
class Puzzle:
    """The numbers given and the number wanted."""

    numbers: _Numbers
    target: Fraction
    every: bool
    """Whether each number must be used; False where the problem may mean "at most once"."""
    stepwise: bool
    """Whether the problem says that a step combines remaining numbers: beginning anew without a word breaks that."""


def puzzle_of(text: str) -> Puzzle | None:
    """Read a problem as a number puzzle; None if it is not certainly one."""
    once = _ONCE.search(text[:_MAX_PROBLEM])
    if len(text) > _MAX_PROBLEM or once is None or _OPERATIONS.search(text) is None or _OTHER_RULES.search(text):
        return None
    lists = {(m["few"], m["numbers"] or m["plain"]) for m in _GIVEN.finditer(text)}
    targets = {_fraction(m["target"]) for m in _TARGET.finditer(text)}
    if len(lists) != 1 or len(targets) != 1:
        return None
    ((few, listed),) = lists
    numbers, target = _fractions(listed), targets.pop()
    if numbers is None or target is None or (few and len(numbers) != _FEW.get(few.lower(), few.isdigit() and int(few))):
        return None
    return Puzzle(numbers, target, every=_MAY.search(once["how"]) is None, stepwise="remaining numbers" in text)


_MAX_PROBLEM: Final = 1000
"""Characters of a problem read as a puzzle; the longest known wording, with its worked example, has 500."""
_MAY: Final = re.compile(r"\b(?:at most|may|can|(?<!and )only)\b", re.IGNORECASE)


def _fraction(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except ZeroDivisionError:
        return None


def _fractions(text: str) -> _Numbers | None:
    found = [_fraction(n) for n in re.findall(_N, text)]
    numbers = tuple(n for n in found if n is not None)
    return numbers if len(numbers) == len(found) else None


def puzzle_claims(problem: Problem, solution: Solution) -> list[list[Claim]]:
    """Return the bookkeeping claims of each step; empty lists if the problem is no number puzzle."""
    puzzle = puzzle_of(problem.text)
    claims: list[list[Claim]] = [[] for _ in solution.steps]
    if puzzle is None:
        return claims
    books = _Books(puzzle, puzzle.numbers)
    lines = [(number, *line.span()) for number, step in enumerate(solution.steps) for line in _LINE.finditer(step.text)]
    for place, (number, start, end) in enumerate(lines):
        if end - start <= _MAX_LINE:
            text = solution.steps[number].text[start:end]
            own = books.read(text, last=place == len(lines) - 1)
            claims[number].extend(replace(c, span=(c.span[0] + start, c.span[1] + start)) for c in own)
    return claims


_LINE: Final = re.compile(r"[^\n]*\S[^\n]*")
_MAX_LINE: Final = 600
"""Characters of a line read as a move or an answer; six numbers with every sign and word take fewer than 300."""

_SIGNS: Final = str.maketrans(
    {"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "[": "(", "]": ")"}
)
_OPENING: Final = r"^\s*(?:[-*•#>]+\s+)?(?:\*\*)?(?:(?:step|move)\s*\d+\s*[:.)]\s*|\d+[.)]\s+)?(?:\*\*)?\s*"
_MOVE: Final = re.compile(
    rf"{_OPENING}(?P<made>[\d(][\d\s.()+\-*/x]*?)\s*=\s*(?:(?P<between>[\d\s.()+\-*/x]*?)\s*=\s*)?(?P<result>{_N})[\s,.;]*"
    rf"\(?\s*(?:numbers\s+)?(?:left|remaining)(?:\s+numbers)?\s*(?::|=|are|is)\s*(?P<left>(?:none|"
    rf"{_N}(?:[\s,]+(?:and\s+)?{_N})*)?)\s*\)?[\s.*]*$",
    re.IGNORECASE,
)
_ANSWER: Final = re.compile(
    rf"{_OPENING}(?:(?:so|thus|therefore|hence)\s*,?\s+)?(?:the\s+)?(?:final\s+|correct\s+)?(?:answer|"
    rf"solution|expression)"
    rf"(?:\s*\*\*)?\s*(?::|=|\bis\b\s*:?)\s*(?:\*\*)?\s*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_EXPRESSION: Final = re.compile(r"(?P<made>[\d(][\d\s()+\-*/x.]*?)\s*(?:=\s*(?P<result>-?[\d./ ]+?))?[.\s]*")


@dataclass(slots=True)
class _Books:
    """The numbers left while a solution is read from its first step to its last."""

    puzzle: Puzzle
    state: _Numbers
    begun: bool = False
    """Whether a move has been made."""
    interrupted: bool = False
    """Whether other words came after the last move: the next one may begin anew."""

    def read(self, line: str, last: bool) -> list[Claim]:
        """Return the claims of one line and keep the books as the line itself says."""
        text = line.translate(_SIGNS)
        move = _MOVE.match(text)
        if move is not None:
            return self.move(line, move)
        answer = _ANSWER.match(text)
        if answer is not None:
            return self.answer(line, answer)
        self.interrupted = True
        if re.search(r"\bthe\s+answer\b", text, re.IGNORECASE) is None and (last or _GIVEN_ONES.search(text)):
            return self.no_way(line, text, (0, len(text)), last)
        return []

    def move(self, line: str, move: "re.Match[str]") -> list[Claim]:
        """Return what a move says about the numbers before and after it."""
        expr, made = _tree(move["made"]), _fraction(move["result"])
        left = () if move["left"].lower() == "none" else _fractions(move["left"])
        if expr is None or made is None or left is None or not isinstance(expr, App):
            self.interrupted = True
            return []
        used = _used(move["made"], expr, self.state)
        if self.anew(used, made, left):
            self.state = self.puzzle.numbers
        before, self.state = self.state, left
        self.begun, self.interrupted = True, False
        state, taken = _formal_numbers(before), _formal_numbers(used)
        return [
            _claim(f"available({state}, {taken})", line, move.span("made")),
            _claim(f"left({state}, {taken}, {_formal(made)}, {_formal_numbers(left)})", line, move.span("left")),
        ]

    def anew(self, used: _Numbers, made: Fraction, left: _Numbers) -> bool:
        """Whether a move starts again from the numbers given, after words or at a dead end."""
        at_end = len(self.state) == 1 and not self.puzzle.stepwise
        if not self.begun or not (self.interrupted or at_end):
            return False
        return _after(self.puzzle.numbers, used, made) == Counter(left) != _after(self.state, used, made)

    def answer(self, line: str, answer: "re.Match[str]") -> list[Claim]:
        """Return what a final line says: an expression that is to reach the target, or that there is none."""
        rest, start = _unwrapped(answer["rest"], answer.start("rest"))
        end = start + len(rest)
        whole = _EXPRESSION.fullmatch(rest)
        if whole is None:
            return self.no_way(line, rest, (start, end), last=True)
        expr = _tree(whole["made"])
        if expr is None or (isinstance(expr, Num) and not self.stuck_at(expr)):
            return []
        head = "reaches" if self.puzzle.every else "reaches_with_some"
        written = whole["made"].replace("x", "*")
        return [_claim(f"{head}({self.goal()}, {_multiplied(written)})", line, (start, end))]

    def stuck_at(self, number: Num) -> bool:
        """Whether a bare number given as the answer is the one that the moves have come to, and not the target."""
        return self.begun and self.state == (Fraction(number.value),) and self.state[0] != self.puzzle.target

    def no_way(self, line: str, text: str, span: tuple[int, int], last: bool) -> list[Claim]:
        """Return the claim that the puzzle has no solution, if all of ``text`` says just that."""
        if not _says_unsolvable(text, self.puzzle):
            return []
        if self.begun and not last and _GIVEN_ONES.search(text) is None:
            return []  # "no way to get 24 with these numbers" may speak of those that are left
        head = "unsolvable" if self.puzzle.every else "unsolvable_with_some"
        return [_claim(f"{head}({self.goal()})", line, span)]

    def goal(self) -> str:
        """Return the numbers and the target in the formal language."""
        return f"{_formal_numbers(self.puzzle.numbers)}, {_formal(self.puzzle.target)}"


_GIVEN_ONES: Final = re.compile(r"\b(?:given|input|original|initial|four|five|six|puzzle|problem)\b", re.IGNORECASE)
_NEGATION: Final = re.compile(
    r"^(?:none|n/a)$|\bno\b.*\b(?:solutions?|way|answer|combinations?|expressions?|operations?|steps)\b|"
    r"\b(?:not|im)\s*possible\b|"
    r"\b(?:cannot|can not|can't) (?:be )?(?!have)\w+|\bunable to\b|"
    r"\bdoes(?: not|n't) have a (?:valid |possible )?(?:solution|combination)\b"
)
_SPOKEN: Final = frozenset(
    "a achieve achieved all allowed an and answer any are arithmetic as available basic be because but by can can't "
    "cannot case combination combinations create created does doesn't equal equals exist exists expression "
    "expressions final five for form formed found four from get given gives have hence impossible in input into "
    "invalid is it it's make makes mathematical n/a no none not note numbers obtain obtained of only operation "
    "operations operator operators or original performed possible problem produce provided puzzle reach reached "
    "reaches result results rules sequence set six so solution solutions solved specified steps target that the their "
    "there therefore these this thus to unable unfortunately use used using valid value way which will with yield "
    "yields".split()
)
"""The words of a plain denial; any other word may turn it into something else ("no solution with 5 and 20 left")."""


def _says_unsolvable(text: str, puzzle: Puzzle) -> bool:
    """Whether ``text`` says, and says only, that the target cannot be made of the numbers given."""
    plain = " ".join(re.sub(r"[*_\"“”(){}\\$,;:!]|\.(?=\s|$)", " ", text.lower().replace("’", "'")).split())
    numbers = _fractions(plain) or ()
    words = re.findall(r"[a-z][a-z'/]*", plain)
    if not set(words) <= _SPOKEN or _NEGATION.search(plain) is None or re.search(r"[-+*/=<>≠](?!a\b)", plain):
        return False
    if re.search(
        r"\bthis (?:way|is|combination(?! of (?:the )?(?:given )?numbers))|\bnot possible or\b|\bno .* not\b", plain
    ):
        return False  # one way of combining them failed
    others = Counter(numbers) - Counter([puzzle.target])
    return not others or others == Counter(puzzle.numbers) - Counter([puzzle.target])


def _unwrapped(text: str, start: int) -> tuple[str, int]:
    r"""Take white space, emphasis, ``$``, ``\(``, ``\boxed{}`` off the ends of ``text``; return it with its place."""
    while (
        match := re.fullmatch(
            r"(\s*(?:\*\*|\$+|\\\(|\\\[|`|\\boxed\{))?(.*?)((?:\*\*|\$+|\\\)|\\\]|`|\})?[\s.]*)", text, re.DOTALL
        )
    ) and (match[1] or match[2] != text):
        start += len(match[1] or "")
        text = match[2]
    lead = len(text) - len(text.lstrip())
    return text.strip(), start + lead


def _tree(text: str) -> Expr | None:
    try:
        return parse(_multiplied(text.replace("x", "*")))
    except GrammarError:
        return None


def _multiplied(text: str) -> str:
    """Write the multiplication that ``2(3 + 4)`` and ``(1 + 2)(3 + 4)`` leave out."""
    return re.sub(r"(?<=[\d)])\s*(?=\()|(?<=\))\s*(?=\d)", "*", text).strip()


def _literals(expr: Expr) -> list[Fraction]:
    if isinstance(expr, Num):
        return [Fraction(expr.value)]
    return [n for a in expr.args for n in _literals(a)] if isinstance(expr, App) else []


def _used(text: str, expr: Expr, state: _Numbers) -> _Numbers:
    """Return the numbers that a move combines: ``5/3`` is one number where one such is left, else it is two."""
    whole = _fractions(text)
    if "/" in text and whole is not None and not Counter(whole) - Counter(state):
        return whole
    return tuple(_literals(expr))


def _after(state: _Numbers, used: _Numbers, made: Fraction) -> Counter[Fraction] | None:
    """Return the numbers after a move; None if the numbers used were not there."""
    return None if Counter(used) - Counter(state) else Counter(state) - Counter(used) + Counter([made])


def _formal(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"({value})"


def _formal_numbers(values: _Numbers) -> str:
    return f"numbers({', '.join(_formal(v) for v in values)})" if values else "none"


def _claim(statement: str, line: str, span: tuple[int, int]) -> Claim:
    return Claim(kind=ClaimKind.INVENTORY, statement=statement, span=span, text=line[slice(*span)])
