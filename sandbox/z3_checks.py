"""Decide what follows from premises, and what contradicts them, with Z3.

A conclusion is confirmed only if the premises without it are free of contradiction, and refuted only with a model that,
read back exactly, makes every premise true and the conclusion false. Whatever Z3 leaves open stays undecided.
"""

from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import z3
from answers import Answer, Settings, confirmed, refuted, undecided
from enclosure import TooLarge, Undefined, Unsupported
from trees import CONNECTIVES, Tree, check
from z3_build import Builder, Term
from z3_model import Model, World
from z3_sorts import NUMBER, QUANTIFIERS, Sorts
from z3_words import counter_model, say

_MOST_GIVENS: Final = 400
"""Most premises; more than any problem states, and building them takes a tenth of a second."""
_STEPS: Final = 40_000_000
"""Z3's own measure of work for one check, some three seconds: the same answer on a fast and on a slow machine."""
_CORE_SHOWN: Final = 5
"""Most premises named as what a statement contradicts."""
_CORE_MOST: Final = 14
"""Most premises that are tried one by one for whether the contradiction needs them."""
_SAT, _UNSAT = z3.sat, z3.unsat
Solver = Any
Result = Any
"""What Z3 answers: ``sat``, ``unsat`` or ``unknown``; like the solver it comes without type information."""


class _Open(Exception):
    """Z3 gave up: the reason and what to say."""


def decide(request: dict[str, Any]) -> dict[str, Any]:
    """Decide one request and return the answer as it goes over the wire (without its id).

    Raises:
        MemoryError: Z3 used up the worker's memory.
    """
    try:
        return _decide(request).message("z3")
    except z3.Z3Exception as error:
        if "memory" in str(error):
            raise MemoryError from error
        raise


def _decide(request: dict[str, Any]) -> Answer:
    settings = Settings.of(request)
    try:
        statement = check(request.get("statement"), applied=True)
        givens = [check(given, applied=True) for given in request.get("givens") or []]
        if len(givens) > _MOST_GIVENS:
            raise TooLarge
        problem = _Problem.of(statement, givens, settings.until)
        return _entails(problem) if request.get("kind") == "entails" else _consistent(problem)
    except Unsupported as error:
        return undecided("unsupported", str(error))
    except TooLarge:
        return undecided("too_large", "the statement has too many parts or nests too deeply")
    except Undefined as error:
        return undecided("undefined", str(error))
    except _Open as error:
        return undecided(*error.args)


@dataclass(slots=True)
class _Problem:
    """Premises and a statement as trees and as terms."""

    statement: Tree
    givens: list[Tree]
    term: Term
    terms: list[Term]
    builder: Builder
    defined: list[Term]
    """What the statement takes for granted beyond the premises: its divisors are not 0."""
    until: float

    @classmethod
    def of(cls, statement: Tree, givens: list[Tree], until: float) -> "_Problem":
        sorts = Sorts()
        for given in givens:
            sorts.read(given, given=True)
        sorts.read(statement, given=False)
        sorts.finish()
        builder = Builder(sorts)
        terms = [builder.statement(given) for given in givens]
        # whoever states a quotient says with it that the divisor is not 0
        terms += [divisor != 0 for divisor in builder.divisors]
        givens = [*givens, *(["!=", tree, ["num", "0"]] for tree in builder.divisor_trees)]
        builder.divisors.clear()
        term = builder.statement(statement)
        return cls(statement, givens, term, terms, builder, [divisor != 0 for divisor in builder.divisors], until)

    def find(self, *extra: Term) -> Model | None:
        """Return a model of the premises and ``extra``; None if there is none.

        Raises:
            _Open: Z3 could not tell.
        """
        solver = _solver(self.until)
        solver.add(self.terms)
        solver.add(*extra)
        return solver.model() if _said(solver, self.until) == _SAT else None

    def holds(self, model: Model, term: Term, tree: Tree, wanted: bool) -> bool:
        """Say whether a statement has the wanted truth value in a model, by our own reading where that is exact."""
        try:
            return World.of(model, self.builder).value(tree) is wanted
        except Unsupported:
            if _quantified(tree):
                return False
            # an irrational value: Z3 computes with roots of polynomials exactly
            value = model.eval(term, model_completion=True)
            return bool(z3.is_true(value) if wanted else z3.is_false(value))

    def wholes(self) -> list[Term]:
        """Return the terms that say that every named number is a whole one."""
        sorts = self.builder.sorts
        reals = sorted(n for n in sorts.free - sorts.integers if sorts.of(f"name:{n}") == NUMBER)
        return [z3.IsInt(self.builder.name(name)) for name in reals]

    def premises_hold(self, model: Model) -> bool:
        """Say whether every premise is true in a model."""
        return all(self.holds(model, term, tree, True) for term, tree in zip(self.terms, self.givens, strict=True))


def _solver(until: float) -> Solver:
    left_ms = int(1000 * (until - monotonic()))
    if left_ms <= 0:
        raise _Open("timeout", "the time was up before Z3 could tell")
    solver = z3.SimpleSolver()  # in a fresh process its first check costs a quarter of what Solver's does
    solver.set("timeout", left_ms)
    solver.set("rlimit", _STEPS)
    return solver


def _said(solver: Solver, until: float, *assumptions: Term) -> Result:
    answer = solver.check(*assumptions)
    if answer in (_SAT, _UNSAT):
        return answer
    why = solver.reason_unknown()
    if monotonic() >= until - 0.01:
        raise _Open("timeout", "the time was up before Z3 could tell")
    if "memory" in why:
        raise MemoryError(why)
    raise _Open("unknown", f"Z3 could not tell ({why})"[:200])


def _quantified(tree: Tree) -> bool:
    return tree[0] in QUANTIFIERS or (tree[0] in CONNECTIVES and any(_quantified(part) for part in tree[1:]))


def _entails(problem: _Problem) -> Answer:
    shape = _shape(problem.statement)
    if any(_shape(given) == shape for given in problem.givens):
        return undecided("circular", "the conclusion is one of its own premises")
    model = problem.find(*problem.defined, z3.Not(problem.term))
    if model is not None:
        return _counter(problem, model)
    if problem.find() is None:
        return undecided("vacuous", f"the premises contradict each other: {_clash(problem)}")
    if problem.defined and problem.find(z3.Not(z3.And(problem.defined))) is not None:
        return undecided("undefined", "the premises allow a divisor to be 0")
    return confirmed()


def _counter(problem: _Problem, model: Model) -> Answer:
    """Refute with a counter-model, and say so where the premises even imply the opposite."""
    if not problem.premises_hold(model) or not problem.holds(model, problem.term, problem.statement, False):
        return undecided("unknown", "Z3 gave a counter-model that could not be checked")
    if (against := _opposite(problem)) is not None:
        return refuted(against)
    wholes = problem.wholes()
    if not all(z3.is_true(model.eval(term, model_completion=True)) for term in wholes):
        other = problem.find(*problem.defined, *wholes, z3.Not(problem.term))
        if other is None and problem.find(*wholes) is not None:
            return undecided("ambiguous", "it follows if the names stand for whole numbers, and not otherwise")
    told = counter_model(World.of(model, problem.builder), problem.statement, problem.givens)
    return refuted(f"the premises also allow {told}" if told else "the premises hold without it")


def _opposite(problem: _Problem) -> str | None:
    """Say from which premises the opposite of the statement follows, if it does and Z3 can tell."""
    try:
        if problem.find(*problem.defined, problem.term) is not None:
            return None
        return f"the premises imply the opposite: {_because(problem)}"
    except _Open:
        return None


def _consistent(problem: _Problem) -> Answer:
    """Refute a statement that the premises exclude, and confirm one that they imply; what they leave open is open."""
    if problem.find(*problem.defined, problem.term) is None:
        if problem.find() is None:
            return undecided("vacuous", f"the premises contradict each other: {_clash(problem)}")
        return refuted(f"it cannot be, because {_because(problem)}")
    if problem.find(*problem.defined, z3.Not(problem.term)) is not None:
        return undecided("unknown", "it agrees with the premises, which leave it open")
    return _entails(problem)


def _because(problem: _Problem) -> str:
    core = _core(problem, problem.term)
    return _listed(core) if core else "it contradicts itself"


def _clash(problem: _Problem) -> str:
    return _listed(_core(problem))


def _listed(trees: list[Tree]) -> str:
    trees = [tree for tree in trees if not _is_background(tree)] or trees
    shown = "; ".join(say(tree) for tree in trees[:_CORE_SHOWN])
    return shown + (f"; and {len(trees) - _CORE_SHOWN} more" if len(trees) > _CORE_SHOWN else "")


def _is_background(tree: Tree) -> bool:
    """Whether a premise only says what is spoken of (whole numbers in a range, all different): readers know that."""
    if tree[0] == "and":
        return all(_is_background(part) for part in tree[1:])
    return tree[0] in ("in", "integer") or (tree[0] == "=" and tree[1][0] == "card")


def _core(problem: _Problem, *extra: Term) -> list[Tree]:
    """Return premises that cannot all hold (with ``extra``), none of them needless unless there are many."""
    marks = {f"given!{place}": place for place in range(len(problem.terms))}
    solver = _solver(problem.until)
    for mark, place in marks.items():
        solver.add(z3.Implies(z3.Bool(mark), problem.terms[place]))
    solver.add(*extra, *problem.defined)
    try:
        _said(solver, problem.until, *(z3.Bool(mark) for mark in marks))
        core = [str(mark) for mark in solver.unsat_core()]
        for mark in list(core) if len(core) <= _CORE_MOST else []:
            rest = [z3.Bool(other) for other in core if other != mark]
            if _said(solver, problem.until, *rest) == _UNSAT:
                core.remove(mark)
    except _Open:
        return problem.givens  # the proof stands; only its shortest form was not found
    return [problem.givens[place] for mark, place in marks.items() if mark in core]


_SYMMETRIC: Final = frozenset({"and", "or", "<->", "xor", "=", "!=", "+", "*", "set"})
_TURNED: Final = {">": "<", ">=": "<="}


def _shape(tree: Tree, bound: tuple[str, ...] = ()) -> str:
    """Return a text that is equal for two trees that differ only in order and in the names they bind."""
    head = tree[0]
    if head == "num":
        return str(tree[1])
    if head == "sym":
        return f"#{len(bound) - 1 - bound[::-1].index(tree[1])}" if tree[1] in bound else str(tree[1])
    if head in QUANTIFIERS:
        return f"{head}({_shape(tree[2], (*bound, tree[1][1]))})"
    if head == "not" and tree[1][0] == "not":
        return _shape(tree[1][1], bound)
    parts = [_shape(part, bound) for part in tree[1:]]
    if head in _TURNED:
        head, parts = _TURNED[head], parts[::-1]
    return f"{head}({','.join(sorted(parts) if head in _SYMMETRIC else parts)})"
