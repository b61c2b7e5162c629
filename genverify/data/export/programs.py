"""Claims to a short program that checks them anew: SymPy for algebra, Z3 for what follows from premises.

The program is written from the parsed claim, never from its text. It prints one line a claim, which ends with True or
False, or with Z3's unsat (it follows) or sat (it does not).
"""

import builtins
import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from genverify.claims.grammar import CONSTANTS, App, Expr, Num, Sym, heads, names, parse
from genverify.claims.writing import show_number
from genverify.errors import GrammarError
from genverify.types import Claim, ClaimKind

_VERDICTS: Final = {"True": True, "False": False, "unsat": True, "sat": False}
_SYMPY: Final = {
    "sqrt": "sqrt", "abs": "Abs", "floor": "floor", "ceil": "ceiling", "min": "Min", "max": "Max", "gcd": "gcd",
    "lcm": "lcm", "mod": "Mod", "binom": "binomial", "exp": "exp", "ln": "log", "sin": "sin", "cos": "cos",
    "tan": "tan", "root": "root", "diff": "diff",
}  # fmt: skip
_TAKEN: Final = frozenset({
    *dir(builtins), *keyword.kwlist, *_SYMPY.values(), "left", "right", "before", "after", "s", "Thing", "S", "Eq",
    "Rational", "FiniteSet", "solveset", "simplify", "symbols", "factorial", "pi", "E", "I", "oo", "And", "Or", "Not",
    "Implies", "Xor", "Bool", "BoolVal", "BoolSort", "Const", "Function", "ForAll", "Exists", "Solver", "DeclareSort",
})  # fmt: skip
"""Names that a program uses itself: a quantity of that name gets another one."""
_ARITHMETIC: Final = frozenset({"+", "*", "/", "neg", "^", "<", "<=", ">", ">="})


class NoProgram(Exception):
    """This claim is not checked by a program."""


def computed(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims that there is something to compute in: not that 15 is 15, which says how a text was read."""
    return [claim for claim in claims if claim.kind is not ClaimKind.RELATION or not _copies(claim.statement)]


def _copies(statement: str) -> bool:
    left, _, right = statement.partition(" = ")
    return all(part.strip().removeprefix("-").replace(".", "", 1).isdigit() for part in (left, right))


def program(claims: Sequence[Claim]) -> str | None:
    """Return a program that checks ``claims``, or None if there are none or one of them cannot be checked so."""
    try:
        if claims and all(claim.kind is ClaimKind.ENTAILS for claim in claims):
            return "\n\n".join([_Logic.HEAD, *(_Logic().entails(claim) for claim in claims)])
        if claims and all(claim.kind is not ClaimKind.ENTAILS for claim in claims):
            return _algebra(claims)
    except (NoProgram, GrammarError):
        return None
    return None


def verdicts(output: str, count: int) -> tuple[bool, ...] | None:
    """Return what the last ``count`` lines that a program printed say; None if one of them says nothing."""
    found = [_VERDICTS.get((line.split() or [""])[-1]) for line in output.strip().split("\n")[-count:]]
    said = tuple(value for value in found if value is not None)
    return said if len(said) == count else None


# --- SymPy ----------------------------------------------------------------------------------------------------------


def _algebra(claims: Sequence[Claim]) -> str:
    trees = [parse(text) for claim in claims for text in (claim.statement, *claim.givens)]
    free = sorted(frozenset().union(*(names(tree) for tree in trees)))
    writer = _Algebra({name: _identifier(name) for name in free})
    lines = ["from sympy import *", ""]
    lines += [f'{ours} = symbols("{name}", real=True)' for name, ours in writer.names.items()]
    for claim in claims:
        lines += writer.check(claim)
    return "\n".join(lines)


def _identifier(name: str) -> str:
    return f"{name}_" if name in _TAKEN else name


@dataclass(frozen=True, slots=True)
class _Algebra:
    """Writes trees as SymPy code."""

    names: Mapping[str, str]

    def check(self, claim: Claim) -> list[str]:
        """Return the lines that check a claim and print what came out."""
        expr = parse(claim.statement)
        match claim.kind:
            case ClaimKind.RELATION | ClaimKind.IDENTITY:
                return self._relation(expr, claim.tolerance)
            case ClaimKind.REWRITE | ClaimKind.ROOTS:
                return self._solutions(expr, claim)
        raise NoProgram

    def _relation(self, expr: Expr, tolerance: str | None) -> list[str]:
        if not isinstance(expr, App) or expr.head not in _RELATION:
            raise NoProgram
        lines = [f"left = {self.write(expr.args[0])}", f"right = {self.write(expr.args[1])}"]
        if tolerance is not None or expr.head == "~":
            if expr.head not in ("=", "~") or tolerance is None:
                raise NoProgram
            lines.append(f"print(left, right, Abs(left - right) <= Rational({str(tolerance)!r}))")
        elif expr.head == "=":
            lines.append("print(left, right, simplify(left - right) == 0)")
        elif expr.head == "!=":
            lines.append("print(left, right, simplify(left - right) != 0)")
        else:
            lines.append(f"print(left, right, left {expr.head} right)")
        return lines

    def _solutions(self, expr: Expr, claim: Claim) -> list[str]:
        """Compare the solutions of the one given with those of the statement, or with the roots that it lists."""
        if len(claim.givens) != 1:
            raise NoProgram
        given = parse(claim.givens[0])
        unknown = names(given) | names(expr)
        if len(unknown) != 1:
            raise NoProgram
        name = self.names[next(iter(unknown))]
        lines = [f"before = solveset({self.equation(given)}, {name}, S.Reals)"]
        if claim.kind is ClaimKind.ROOTS:
            roots = ", ".join(self.write(root) for root in _roots(expr))
            lines.append(f"after = FiniteSet({roots})")
        else:
            lines.append(f"after = solveset({self.equation(expr)}, {name}, S.Reals)")
        return [*lines, "print(before, after, before == after)"]

    def equation(self, expr: Expr) -> str:
        """Write an equation."""
        if not isinstance(expr, App) or expr.head != "=":
            raise NoProgram
        return f"Eq({self.write(expr.args[0])}, {self.write(expr.args[1])})"

    def write(self, expr: Expr, level: int = 0) -> str:
        """Write an expression, in parentheses where its surroundings bind closer than ``level``."""
        text, own = self._write(expr)
        return text if own >= level else f"({text})"

    def _write(self, expr: Expr) -> tuple[str, int]:
        if isinstance(expr, Num):
            if isinstance(expr.value, int):
                return str(expr.value), 4
            return f'Rational("{show_number(expr)}")', 4
        if isinstance(expr, Sym):
            if expr.name not in self.names and expr.name not in ("pi", "E", "I", "oo"):
                raise NoProgram
            return self.names.get(expr.name, expr.name), 4
        return self._operator(expr)

    def _operator(self, expr: App) -> tuple[str, int]:
        args = expr.args
        match expr.head:
            case "+":
                return self.write(args[0], 1) + "".join(map(self._term, args[1:])), 1
            case "neg":
                return f"-{self.write(args[0], 3)}", 1
            case "*":
                return "*".join([self.write(args[0], 2), *(self.write(arg, 3) for arg in args[1:])]), 2
            case "/":  # of two whole numbers Python would make a binary fraction
                return f"{self.write(args[0], 2)}/{self._exact(args[1])}", 2
            case "^":
                return f"{self._exact(args[0])}**{self.write(args[1], 4)}", 3
            case "!":
                return f"factorial({self.write(args[0])})", 4
        if expr.head not in _SYMPY:
            raise NoProgram
        return f"{_SYMPY[expr.head]}({', '.join(self.write(arg) for arg in args)})", 4

    def _exact(self, expr: Expr) -> str:
        return self.write(expr, 4) if names(expr) else f"S({self.write(expr)})"

    def _term(self, expr: Expr) -> str:
        if isinstance(expr, App) and expr.head == "neg":
            return f" - {self.write(expr.args[0], 2)}"
        return f" + {self.write(expr, 2)}"


_RELATION: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "~"})


def _roots(expr: Expr) -> Iterable[Expr]:
    parts = expr.args if isinstance(expr, App) and expr.head == "or" else (expr,)
    for part in parts:
        if not isinstance(part, App) or part.head != "=" or not isinstance(part.args[0], Sym):
            raise NoProgram
        yield part.args[1]


# --- Z3 -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Logic:
    """Writes formulas as Z3 code: propositions, and predicates and equality over things without arithmetic."""

    HEAD = "from z3 import *"
    made: dict[str, str] = field(default_factory=dict)
    """Each Python name with what makes it."""

    def entails(self, claim: Claim) -> str:
        """Return the lines that look for a world in which the givens hold and the statement does not."""
        trees = [parse(text) for text in (*claim.givens, claim.statement)]
        if any(heads(tree) & _ARITHMETIC for tree in trees):
            raise NoProgram
        *givens, statement = (self._formula(tree, frozenset()) for tree in trees)
        sort = ['Thing = DeclareSort("Thing")'] if any("Thing" in made for made in self.made.values()) else []
        lines = [*sort, *(f"{name} = {made}" for name, made in sorted(self.made.items())), "s = Solver()"]
        lines += [f"s.add({given})" for given in givens]
        return "\n".join([*lines, f"s.add(Not({statement}))", "print(s.check())"])

    def _formula(self, expr: Expr, bound: frozenset[str]) -> str:
        if isinstance(expr, Sym):
            if expr.name in ("true", "false"):
                return f"BoolVal({expr.name == 'true'})"
            if expr.name in bound:
                raise NoProgram
            return self._made(expr.name, f'Bool("{expr.name}")')
        if isinstance(expr, Num):
            raise NoProgram
        return self._compound(expr, bound)

    def _compound(self, expr: App, bound: frozenset[str]) -> str:
        match expr.head:
            case "forall" | "exists":
                variable = expr.args[0]
                if not isinstance(variable, Sym):
                    raise NoProgram
                name = self._made(variable.name, f'Const("{variable.name}", Thing)')
                body = self._formula(expr.args[1], bound | {variable.name})
                return f"{'ForAll' if expr.head == 'forall' else 'Exists'}([{name}], {body})"
            case "=" | "!=":
                sides = [self._term(arg, bound) for arg in expr.args]
                return f" {'==' if expr.head == '=' else '!='} ".join(sides)
            case "<->":
                left, right = (self._formula(arg, bound) for arg in expr.args)
                return f"({left} == {right})"
        if expr.head in _Z3:
            return f"{_Z3[expr.head]}({', '.join(self._formula(arg, bound) for arg in expr.args)})"
        if expr.head.startswith("@"):
            args = [self._term(arg, bound) for arg in expr.args]
            sorts = ", ".join(["Thing"] * len(args))
            name = self._made(expr.head[1:], f'Function("{expr.head[1:]}", {sorts}, BoolSort())')
            return f"{name}({', '.join(args)})"
        raise NoProgram

    def _term(self, expr: Expr, bound: frozenset[str]) -> str:
        if not isinstance(expr, Sym) or expr.name in CONSTANTS:
            raise NoProgram
        return self._made(expr.name, f'Const("{expr.name}", Thing)')

    def _made(self, name: str, how: str) -> str:
        ours = _identifier(name)
        if self.made.setdefault(ours, how) != how:
            raise NoProgram  # one name for a proposition and for a thing
        return ours


_Z3: Final = {"and": "And", "or": "Or", "not": "Not", "->": "Implies", "xor": "Xor"}
