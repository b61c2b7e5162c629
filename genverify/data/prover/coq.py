"""Claims to theories in Coq's language: each a theorem with its premises, a tactic or an admission for its proof.

No name of a claim goes into a theory: names are numbered, so that none is a word of Coq's. Names of numbers are reals;
statements between whole numbers alone are about integers. Logic is classical, and there is at least one thing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from genverify.claims.grammar import App, Expr, Num, Sym, parse
from genverify.errors import GrammarError
from genverify.types import Claim, ClaimKind

_MOST_DIGITS: Final = 30
"""Longest numeral; beyond, its tactics for reals take seconds."""
_MOST_POWER: Final = 12
"""Greatest exponent written; rings expand it."""
_MOST_ATOMS: Final = 8
"""Most statements whose truth is taken case by case: a proof looks at two to the power of them."""
_TACTIC_S: Final = 4
"""Seconds for a tactic, by Coq's own clock, so that one that runs away ends before the process is killed."""
_LOGIC: Final = "Require Import Classical.\n"
_NUMBERS: Final = "Require Import ZArith Lia Reals Lra Psatz Classical.\nOpen Scope R_scope.\n"
"""Takes more than a second to load, so it is left out where nothing is computed."""
_KINDS: Final = frozenset({ClaimKind.RELATION, ClaimKind.IDENTITY, ClaimKind.ENTAILS})
_RELATIONS: Final = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_CONNECTIVES: Final = {"and": " /\\ ", "or": " \\/ ", "->": " -> ", "<->": " <-> "}


class UnsupportedError(Exception):
    """A claim that is not put into Coq's language; the message says why."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A theorem to be proved."""

    number: int
    binders: str
    """What stands for any number, statement or thing."""
    premises: tuple[str, ...]
    conclusion: str
    tactic: str
    computes: bool
    """Whether it speaks of numbers."""
    opposite: bool
    """Whether a proof of the opposite shows that it is wrong: it speaks of nothing unknown and supposes nothing."""


def hole(claim: Claim, number: int) -> Hole:
    """Put a claim into Coq's language.

    Raises:
        UnsupportedError: it says something that is not put there.
    """
    if claim.kind not in _KINDS or claim.tolerance not in (None, "0") or claim.slack is not None:
        raise UnsupportedError(f"unsupported: a claim of kind {claim.kind}, or one with a tolerance")
    try:
        conclusion, *premises = (parse(text) for text in (claim.statement, *claim.givens))
    except GrammarError as error:
        raise UnsupportedError(f"unsupported: {error}") from error
    if conclusion in premises:
        raise UnsupportedError("circular")
    writer = _Writer(whole=all(map(_is_whole, (conclusion, *premises))))
    said, *given = (f"({writer.truth(expr)}){'%Z' if writer.whole else ''}" for expr in (conclusion, *premises))
    return Hole(
        number,
        writer.binders(),
        tuple(given),
        said,
        writer.tactic(),
        computes=writer.computes,
        opposite=not (premises or writer.names),
    )


def theory(holes: Sequence[Hole], active: Sequence[Hole]) -> str:
    """Return a theory of all holes, in which only the ``active`` ones are proved and the others admitted."""
    return _head(holes) + "".join(_theorem(hole, hole.tactic if hole in active else None) for hole in holes)


def _head(holes: Sequence[Hole]) -> str:
    return _NUMBERS if any(hole.computes for hole in holes) else _LOGIC


def _theorem(hole: Hole, tactic: str | None) -> str:
    said = _supposing(hole, hole.conclusion)
    proof = "Admitted." if tactic is None else f"Proof. timeout {_TACTIC_S} (solve [{tactic}]). Qed."
    return f"Theorem step_{hole.number} : {said}.\n{proof}\n"


def _supposing(hole: Hole, conclusion: str) -> str:
    """Return the statement that the premises of a hole give a conclusion."""
    return hole.binders + "".join(f"{premise} -> " for premise in hole.premises) + conclusion


def refutation(hole: Hole) -> str:
    """Return the theory that proves the opposite of a hole."""
    return f"{_head([hole])}Theorem opposite : {hole.binders}~ {hole.conclusion}.\nProof. solve [{hole.tactic}]. Qed.\n"


def contradictions(holes: Sequence[Hole]) -> str:
    """Return a theory that prints a mark for each hole whose premises it finds to contradict each other."""
    goals = (
        f"Goal {_supposing(hole, 'False')}.\n"
        f'tryif (timeout {_TACTIC_S} (solve [{hole.tactic}])) then idtac "contradiction {hole.number}" else idtac.\n'
        "Abort.\n"
        for hole in holes
    )
    return _head(holes) + "".join(goals)


def marked(printed: str) -> frozenset[int]:
    """Return the numbers that a theory of :func:`contradictions` has marked."""
    return frozenset(int(number) for number in re.findall(r"(?m)^contradiction (\d{1,6})$", printed))


def _is_whole(expr: Expr) -> bool:
    """Whether a statement relates whole numbers alone, with operations that stay among them."""
    if isinstance(expr, Num):
        return Fraction(expr.value).denominator == 1
    inside = isinstance(expr, App) and (
        expr.head in _RELATIONS or expr.head in ("+", "*", "neg", "^", "and", "or", "not")
    )
    return inside and isinstance(expr, App) and all(map(_is_whole, expr.args))


@dataclass(slots=True)
class _Writer:
    """Writes the statements of one claim, and notes what their names stand for."""

    whole: bool
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Each name with its number and its type."""
    bound: dict[str, str] = field(default_factory=dict)
    quantified: bool = False
    computes: bool = False

    def named(self, name: str, type_: str) -> str:
        if name in self.bound:
            if type_ != "T":
                raise UnsupportedError(f"unsupported: {name} stands for a thing and for something else")
            return self.bound[name]
        own, known = self.names.setdefault(name, (f"v{len(self.names)}", type_))
        if known != type_:
            raise UnsupportedError(f"unsupported: {name} is used in two ways")
        return own

    def truth(self, expr: Expr) -> str:
        """Write a statement."""
        if isinstance(expr, Sym) and expr.name in ("true", "false"):
            return expr.name.capitalize()
        if isinstance(expr, Sym):
            return self.named(expr.name, "Prop")
        if not isinstance(expr, App):
            raise UnsupportedError("unsupported: a number is no statement")
        head, args = expr.head, expr.args
        if head in _RELATIONS:
            return f"({self.number(args[0])} {_RELATIONS[head]} {self.number(args[1])})"
        if head in _CONNECTIVES:
            return "(" + _CONNECTIVES[head].join(map(self.truth, args)) + ")"
        if head == "not":
            return f"(~ {self.truth(args[0])})"
        if head == "xor":
            return f"(~ ({self.truth(args[0])} <-> {self.truth(args[1])}))"
        if head in ("forall", "exists"):
            return self.quantifier(head, args)
        if head.startswith("@"):
            type_ = "T -> " * len(args) + "Prop"
            return f"({self.named(head[1:], type_)} {' '.join(map(self.thing, args))})"
        raise UnsupportedError(f"unsupported: {head} is no statement here")

    def quantifier(self, head: str, args: tuple[Expr, ...]) -> str:
        variable, body = args
        if not isinstance(variable, Sym):
            raise UnsupportedError("unsupported: a quantifier without a name")
        outer, self.quantified = self.bound, True
        self.bound = {**outer, variable.name: f"x{len(outer)}"}
        said = self.truth(body)
        own, self.bound = self.bound[variable.name], outer
        return f"({head} {own} : T, {said})"

    def thing(self, expr: Expr) -> str:
        if not isinstance(expr, Sym):
            raise UnsupportedError("unsupported: a term that is no name")
        return self.named(expr.name, "T")

    def number(self, expr: Expr) -> str:
        """Write a number."""
        self.computes = True
        if isinstance(expr, Num):
            return _numeral(Fraction(expr.value))
        if isinstance(expr, Sym):
            return self.named(expr.name, "R")
        match expr.head, expr.args:
            case ("+" | "*") as head, parts:
                return "(" + f" {head} ".join(map(self.number, parts)) + ")"
            case "neg", (part,):
                return f"(- {self.number(part)})"
            case "/", (above, Num(value=value)) if value != 0:
                return f"({self.number(above)} / {_numeral(Fraction(value))})"
            case "^", (base, Num(value=int(power))) if 0 <= power <= _MOST_POWER:
                return f"({self.number(base)} ^ {power})"
        raise UnsupportedError(f"unsupported: {expr.head} is not computed here")

    def binders(self) -> str:
        """Return what all names stand for."""
        types = {type_ for _, type_ in self.names.values()}
        things = "(T : Type) (some : T) " if self.quantified or any("T" in type_ for type_ in types) else ""
        names = "".join(f"({own} : {type_}) " for own, type_ in self.names.values())
        return f"forall {things}{names}, " if things or names else ""

    def tactic(self) -> str:
        """Return what is tried for a proof."""
        types = {type_ for _, type_ in self.names.values()}
        if self.whole:
            return "first [lia | nia | vm_compute; intuition congruence]"
        if self.computes and types <= {"R"} and not self.quantified:
            return "intros; first [lra | field; lra | field | nra | intuition lra]"
        atoms = [own for own, type_ in self.names.values() if type_ == "Prop"]
        if types <= {"Prop"}:
            cases = "".join(f"destruct (classic {own}); " for own in atoms[:_MOST_ATOMS])
            return f"intros; {cases}tauto"
        return "intros; first [firstorder | apply NNPP; firstorder]"


def _numeral(value: Fraction) -> str:
    if len(str(value)) > _MOST_DIGITS:
        raise UnsupportedError("unsupported: a number with very many digits")
    whole = str(abs(value.numerator)) if value >= 0 else f"(- {-value.numerator})"
    return whole if value.denominator == 1 else f"({whole} / {value.denominator})"
