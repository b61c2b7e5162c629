"""Sound rules of deduction: from a goal to premises that give it, and from premises to what a rule makes of them.

A rule is written with ``F``, ``G``, ``H`` for any formulas. It also works below a quantifier that all its premises
share, and with a premise that holds of all things in place of the one about a thing (FLD's own steps do both).
"""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from genverify.claims.grammar import App, Expr, Sym, names, parse, substitute
from genverify.data.logic.formulas import constants, lifted, negated

Binding = dict[str, Expr]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of deduction."""

    name: str
    premises: tuple[str, ...]
    conclusion: str
    weight: int
    """How often it is taken among those that fit a goal."""


RULES: Final = (
    Rule("modus ponens", ("F -> G", "F"), "G", 6),
    Rule("modus tollens", ("F -> G", "not G"), "not F", 3),
    Rule("disjunctive syllogism", ("F | G", "not F"), "G", 3),
    Rule("disjunctive syllogism, right", ("F | G", "not G"), "F", 1),
    Rule("conjunction elimination, left", ("F & G",), "F", 2),
    Rule("conjunction elimination, right", ("F & G",), "G", 2),
    Rule("not both", ("not (F & G)", "F"), "not G", 2),
    Rule("neither, left", ("not (F | G)",), "not F", 1),
    Rule("cases", ("F | G", "F -> H", "G -> H"), "H", 1),
    Rule("conjunction", ("F", "G"), "F & G", 12),
    Rule("disjunction, left", ("F",), "F | G", 5),
    Rule("disjunction, right", ("G",), "F | G", 5),
    Rule("hypothetical syllogism", ("F -> G", "G -> H"), "F -> H", 12),
    Rule("contraposition", ("F -> G",), "not G -> not F", 5),
    Rule("De Morgan, and", ("not F | not G",), "not (F & G)", 12),
    Rule("De Morgan, or", ("not F", "not G"), "not (F | G)", 12),
)
INSTANCE: Final = "universal instantiation"
WITNESS: Final = "existential introduction"
_BY_NAME: Final = {rule.name: rule for rule in RULES}
_MOST_WAYS: Final = 64
"""Most ways tried to take premises about all things for single ones: two premises about two things have 16."""
_IMPLICATIVE: Final = frozenset({"->", "or"})


@cache
def _pattern(text: str) -> Expr:
    return parse(text)


@dataclass(frozen=True, slots=True)
class Inference:
    """One way to get a goal."""

    rule: str
    premises: tuple[Expr, ...]


def match(pattern: Expr, expr: Expr, binding: Binding) -> Binding | None:
    """Bind the names in ``pattern`` so that it becomes ``expr``; None if that cannot be done.

    A negation in the pattern fits any formula: ``not F`` is ``A`` with F = ``not A``.
    """
    if isinstance(pattern, Sym):
        known = binding.get(pattern.name)
        if known is None:
            return {**binding, pattern.name: expr}
        return binding if known == expr else None
    if not isinstance(pattern, App):
        return None
    if pattern.head == "not" and isinstance(pattern.args[0], Sym):
        return match(pattern.args[0], negated(expr), binding)
    if not isinstance(expr, App) or pattern.head != expr.head or len(pattern.args) != len(expr.args):
        return None
    found: Binding | None = binding
    for part, arg in zip(pattern.args, expr.args, strict=True):
        found = None if found is None else match(part, arg, found)
    return found


def fill(pattern: Expr, binding: Binding) -> Expr:
    """Return ``pattern`` with its names replaced; no double negation arises."""
    if isinstance(pattern, Sym):
        return binding[pattern.name]
    if isinstance(pattern, App) and pattern.head == "not":
        return negated(fill(pattern.args[0], binding))
    return App(pattern.head, tuple(fill(part, binding) for part in pattern.args))  # type: ignore[union-attr]


def backward(goal: Expr, rng: random.Random, fresh: Callable[[Expr], Expr]) -> Inference:
    """Choose a rule that gives ``goal``, with premises whose new parts come from ``fresh``, called with the goal.

    A goal that something is so asks for a thing that is; one about all things is reasoned for below its quantifier.
    """
    if isinstance(goal, App) and goal.head == "exists":
        return Inference(WITNESS, (fresh(goal),))
    if isinstance(goal, App) and goal.head == "forall":
        inner = backward(goal.args[1], rng, fresh)
        if inner.rule == INSTANCE:
            return backward(goal, rng, fresh)
        return Inference(inner.rule, tuple(_about_all(goal.args[0], premise) for premise in inner.premises))
    named = constants(goal)
    if isinstance(goal, App) and goal.head in _IMPLICATIVE and 0 < len(named) <= 2 and rng.random() < 0.5:
        return Inference(INSTANCE, (lifted(goal, named),))
    fitting = [(rule, b) for rule in RULES if _suits(rule, goal) and (b := match(_pattern(rule.conclusion), goal, {}))]
    rule, binding = rng.choices(fitting, [rule.weight for rule, _ in fitting])[0]
    for name in sorted(frozenset[str]().union(*(names(_pattern(text)) for text in rule.premises)) - binding.keys()):
        binding[name] = fresh(goal)
    return Inference(rule.name, tuple(fill(_pattern(text), binding) for text in rule.premises))


def _about_all(variable: Expr, body: Expr) -> Expr:
    """Say a formula of all things, if it speaks of that variable."""
    return App("forall", (variable, body)) if names(variable) <= names(body) else body


def _below(formula: Expr, variable: Expr) -> Expr:
    """Return what a formula says of ``variable``, if it is about all things by that letter, else the formula."""
    by_it = isinstance(formula, App) and (formula.head, formula.args[0]) == ("forall", variable)
    return formula.args[1] if by_it else formula  # type: ignore[union-attr]


def is_literal(expr: Expr) -> bool:
    """Whether a formula is an atom or the negation of one."""
    atom = expr.args[0] if isinstance(expr, App) and expr.head == "not" else expr
    return isinstance(atom, Sym) or (isinstance(atom, App) and atom.head.startswith("@"))


def _suits(rule: Rule, goal: Expr) -> bool:
    """Whether a rule gives such a goal without nesting anything deeper than people would."""
    if is_literal(goal):
        return True
    structural = isinstance(conclusion := _pattern(rule.conclusion), App) and not is_literal(conclusion)
    implication = isinstance(goal, App) and goal.head == "->"
    return structural or (rule.name == "modus ponens" and not implication)


def instance(formula: App, thing: str) -> Expr:
    """Return what a quantified formula says of one thing."""
    variable, body = formula.args
    return substitute(body, {variable.name: Sym(thing)})  # type: ignore[union-attr]


def forward(rule: str, premises: Sequence[Expr], before: Expr) -> Expr | None:
    """Return what ``rule`` makes of ``premises``, as it made ``before`` of others; None if it does not fit them.

    Premises about all things are taken for those things that the other premises, or ``before``, name.
    """
    if rule in (INSTANCE, WITNESS):
        return _about_one(rule, premises[0], before)
    schema = _BY_NAME.get(rule)
    if schema is None or len(premises) != len(schema.premises):
        return None
    if isinstance(before, App) and before.head == "forall":
        variable, body = before.args
        inner = forward(rule, [_below(premise, variable) for premise in premises], body)
        return None if inner is None else _about_all(variable, inner)
    things = tuple(dict.fromkeys(name for expr in (*premises, before) for name in constants(expr)))
    ways = itertools.product(*(tuple(_instances(premise, things)) for premise in premises))
    orders = itertools.chain.from_iterable(map(itertools.permutations, itertools.islice(ways, _MOST_WAYS)))
    found = (_concluded(schema, ordered, before) for ordered in orders)
    return _likest((expr for expr in found if expr is not None), before)


def _about_one(rule: str, premise: Expr, before: Expr) -> Expr | None:
    """Return what a premise about all things says of those that ``before`` names, or that something is as one is."""
    if rule == INSTANCE:
        general = isinstance(premise, App) and premise.head == "forall"
        return _likest(_instances(premise, constants(before)), before) if general else None
    cases = (lifted(premise, (thing,)) for thing in constants(premise))
    return _likest((App("exists", case.args) for case in cases if isinstance(case, App)), before)


def _likest(found: Iterable[Expr], before: Expr) -> Expr | None:
    """Return the formula that has most in common with ``before``."""
    return max(found, key=lambda expr: len(_atoms(expr) & _atoms(before)), default=None)


def _atoms(expr: Expr) -> frozenset[Expr]:
    if not isinstance(expr, App) or expr.head.startswith("@"):
        return frozenset({expr})
    return frozenset[Expr]().union(*map(_atoms, expr.args))


def _instances(premise: Expr, things: tuple[str, ...]) -> Iterator[Expr]:
    if not (isinstance(premise, App) and premise.head == "forall"):
        yield premise
        return
    for thing in things[:4]:
        yield from _instances(instance(premise, thing), things)


def _concluded(rule: Rule, premises: Sequence[Expr], before: Expr) -> Expr | None:
    binding: Binding | None = {}
    for text, premise in zip(rule.premises, premises, strict=True):
        binding = None if binding is None else match(_pattern(text), premise, binding)
    conclusion = _pattern(rule.conclusion)
    if binding is None:
        return None
    if names(conclusion) - binding.keys():  # a disjunction brings in a part of its own: the one it brought in before
        old = match(conclusion, before, {}) or {}
        binding = {**old, **binding}
        if names(conclusion) - binding.keys():
            return None
    return fill(conclusion, binding)
