"""A number to a problem of deduction with its proof: facts among distractors, a hypothesis, and how it stands.

The proof is grown from its goal backwards, as FLD does (Morishita et al. 2023): each step takes a sound rule that gives
the goal and new premises, which become goals or facts. Whatever it yields, Z3 has the last word (``logic.make``).
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from genverify.claims.grammar import App, Expr, Sym
from genverify.data.logic import rules as logic_rules
from genverify.data.logic.formulas import constants, lifted, negated

DEPTHS: Final = 8
"""Greatest depth: steps on the longest way from a fact to the goal; FLD's own sets reach 8."""
_MOST_STEPS: Final = 14
"""Most steps of a proof; more would pass the 2048 tokens that verifiers are trained on."""
_MOST_RELATIONS: Final = 20
"""Most predicates of two things in a problem: what the vocabulary of verbs suffices for."""
_CONSTANTS: Final = ("a", "b", "c", "d", "e", "f", "g", "h")
_LETTERS: Final = "ABCDFGHJKLMNOPQRSTUWXYZ"
_PREDICATES: Final = (*_LETTERS, *(f"{a}{b}" for a in "AB" for b in _LETTERS))


class Answer(StrEnum):
    """How a hypothesis stands to the facts."""

    PROVED = "PROVED"
    DISPROVED = "DISPROVED"
    UNKNOWN = "UNKNOWN"


class Theory(StrEnum):
    """What the formulas of a problem are made of."""

    PROPOSITIONAL = "propositional"
    MONADIC = "monadic"
    """Predicates of one thing, and rules about all things."""
    RELATIONAL = "relational"
    """Predicates of two things as well."""


@dataclass(frozen=True, slots=True)
class Node:
    """A formula with the step that gives it; a fact has none."""

    formula: Expr
    rule: str = ""
    premises: tuple["Node", ...] = ()

    @property
    def depth(self) -> int:
        """Return how many steps the longest way from a fact to here has."""
        return 1 + max(node.depth for node in self.premises) if self.premises else 0

    def nodes(self) -> Iterator["Node"]:
        """Yield all nodes, premises before what they give."""
        for node in self.premises:
            yield from node.nodes()
        yield self


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a proof."""

    cites: tuple[str, ...]
    """What it follows from: ``fact3``, ``int1``, ``hypothesis``."""
    name: str
    """``int1`` ..."""
    formula: Expr
    rule: str = ""
    """The rule it is said to follow by; empty where it follows by none."""


@dataclass(frozen=True, slots=True)
class Trap:
    """Facts from which a formula seems to follow by a fallacy."""

    facts: tuple[Expr, ...]
    formula: Expr
    error: str
    """The kind of the error that whoever falls for it makes."""


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A problem of deduction with all that is known of it."""

    number: int
    facts: Mapping[str, Expr]
    """``fact1`` ... in order."""
    hypothesis: Expr
    answer: Answer
    proof: Node
    """How the goal (the hypothesis, or its opposite) follows; for UNKNOWN from ``missing`` as well."""
    missing: Expr | None
    """What the facts lack of what the goal takes, for UNKNOWN."""
    traps: tuple[Trap, ...]
    theory: Theory
    words: int
    """Seed of the words and sentences."""
    symbolic: bool
    """Whether it is written in formulas, else in words."""

    @property
    def goal(self) -> Expr:
        """Return what the proof, complete, ends in."""
        return self.proof.formula

    @property
    def depth(self) -> int:
        """Return how deep its own proof goes: for UNKNOWN, how far the facts lead."""
        return max((0, *(line_depth(node, self.known) for node in self.proof.nodes())))

    @property
    def known(self) -> frozenset[Expr]:
        """Return the formulas of the facts."""
        return frozenset(self.facts.values())

    def lines(self) -> tuple[Line, ...]:
        """Return the steps that follow from the facts."""
        return linear(self.proof, self.facts, {})


def line_depth(node: Node, known: frozenset[Expr]) -> int:
    """Return how many steps lead to ``node`` from what is known; -1 if it cannot be reached."""
    if node.formula in known:
        return 0
    below = [line_depth(premise, known) for premise in node.premises]
    return 1 + max(below) if below and min(below) >= 0 else -1


def linear(proof: Node, facts: Mapping[str, Expr], planted: Mapping[Expr, Line]) -> tuple[Line, ...]:
    """Write a proof as steps, each after those that it cites; what cannot be reached from the facts is left out.

    Args:
        proof: what is written.
        facts: the facts by name.
        planted: steps to write in place of the ones that give a formula; their own name does not count.
    """
    names = {formula: name for name, formula in facts.items()}
    lines: list[Line] = []

    def written(node: Node) -> str | None:
        if node.formula in names:
            return names[node.formula]
        line = planted.get(node.formula)
        if line is None:
            cites = [written(premise) for premise in node.premises]
            if not cites or None in cites:
                return None
            line = Line(tuple(dict.fromkeys(name for name in cites if name)), "", node.formula, node.rule)
        name = f"int{len(lines) + 1}"
        names[node.formula] = name
        lines.append(Line(line.cites, name, line.formula, line.rule))
        return name

    written(proof)
    return tuple(lines)


def puzzle(number: int, seed: int, attempt: int = 0) -> Puzzle:
    """Return problem ``number`` (from 0) of a seed; another ``attempt`` is another problem with the same plan.

    Answers come in turn, so that thirds of any run of numbers have each; depths 1 to 8 and the two ways of writing too.
    """
    rng = random.Random(f"{seed}/logic/{number}/{attempt}")
    answer = tuple(Answer)[number % 3]
    depth = 1 + number // 3 % DEPTHS
    symbolic = (number // 3 + number // (3 * DEPTHS)) % 2 == 0
    while True:
        made = _Maker(rng).puzzle(number, answer, depth, symbolic)
        if made.depth == depth if made.missing is None else made.depth > 0 and made.missing not in made.known:
            return made  # else a distractor happens to be a shortcut


@dataclass(slots=True)
class _Maker:
    """Makes one problem; every choice comes from one source of chance."""

    rng: random.Random
    theory: Theory = Theory.PROPOSITIONAL
    predicates: Iterator[str] = field(default_factory=lambda: iter(()))
    steps: int = 0
    related: int = 0

    def puzzle(self, number: int, answer: Answer, depth: int, symbolic: bool) -> Puzzle:
        rng = self.rng
        self.theory = rng.choices(tuple(Theory), (35, 40, 25))[0]
        self.predicates = iter(rng.sample(_PREDICATES, len(_PREDICATES)))
        goal = self.hypothesis()
        unknown = answer is Answer.UNKNOWN
        proof = self.grown(goal, depth + 1 if unknown else depth, frozenset())
        missing = self.gap(proof) if unknown else None
        traps = tuple(self.traps(proof, missing))
        leaves = [node.formula for node in proof.nodes() if not node.premises and node.formula != missing]
        facts = list(dict.fromkeys([*leaves, *(fact for trap in traps for fact in trap.facts), *self.noise(leaves)]))
        rng.shuffle(facts)
        opposed = rng.random() < 0.5 if unknown else answer is Answer.DISPROVED
        return Puzzle(
            number=number,
            facts={f"fact{place}": fact for place, fact in enumerate(facts, start=1)},
            hypothesis=negated(goal) if opposed else goal,
            answer=answer,
            proof=proof,
            missing=missing,
            traps=traps,
            theory=self.theory,
            words=rng.getrandbits(32),
            symbolic=symbolic,
        )

    # --- formulas -------------------------------------------------------------------------------------------------

    def atom(self, things: tuple[str, ...]) -> Expr:
        """Return a new statement, about some of ``things`` where the theory has things."""
        name = next(self.predicates)
        if self.theory is Theory.PROPOSITIONAL:
            return Sym(name)
        thing = self.rng.choice(things)
        if self.theory is Theory.RELATIONAL and self.related < _MOST_RELATIONS and self.rng.random() < 0.4:
            self.related += 1
            other = self.rng.choice([name for name in (*things, *_CONSTANTS[:2]) if name != thing])
            pair = (thing, other) if self.rng.random() < 0.5 else (other, thing)
            return App("@" + name, tuple(map(Sym, pair)))
        return App("@" + name, (Sym(thing),))

    def literal(self, things: tuple[str, ...]) -> Expr:
        atom = self.atom(things)
        return negated(atom) if self.rng.random() < 0.35 else atom

    def compound(self, things: tuple[str, ...]) -> Expr:
        head = self.rng.choice(("and", "and", "or"))
        both = App(head, (self.literal(things), self.literal(things)))
        return negated(both) if self.rng.random() < 0.25 else both

    def hypothesis(self) -> Expr:
        things: tuple[str, ...] = _CONSTANTS[: self.rng.randint(1, 2)]
        kind = self.rng.random()
        if kind < 0.6:
            return self.literal(things)
        if kind < 0.8 or self.theory is Theory.PROPOSITIONAL:
            return self.compound(things) if kind < 0.9 else App("->", (self.literal(things), self.literal(things)))
        if kind < 0.9:
            return lifted(App("->", (self.literal(("a",)), self.literal(("a",)))), ("a",))
        return App("exists", (Sym("x"), lifted(self.literal(("a",)), ("a",)).args[1]))  # type: ignore[union-attr]

    def fresh(self, goal: Expr) -> Expr:
        """Return a new premise on the way to ``goal``; for "there is one" it says of which thing it holds."""
        if isinstance(goal, App) and goal.head == "exists":
            return logic_rules.instance(goal, self.rng.choice(_CONSTANTS[:3]))
        things = constants(goal) or _CONSTANTS[:1]
        if self.rng.random() < 0.12 and "x" not in things:
            things = (self.rng.choice(_CONSTANTS[:4]),)
        return self.compound(things) if self.rng.random() < 0.15 else self.literal(things)

    # --- the proof ------------------------------------------------------------------------------------------------

    def grown(self, goal: Expr, depth: int, above: frozenset[Expr]) -> Node:
        """Return a proof of ``goal`` whose longest way has ``depth`` steps, and here and there a shorter one beside.

        No premise is one of the goals ``above``: that would be a way in a circle.
        """
        if depth == 0:
            return Node(goal)
        self.steps += 1
        above |= {goal}
        inference = logic_rules.backward(goal, self.rng, self.fresh)
        while not above.isdisjoint(inference.premises):
            inference = logic_rules.backward(goal, self.rng, self.fresh)
        places = range(len(inference.premises))
        weights = [1 if _is_rule(premise) else 8 for premise in inference.premises]
        deep = self.rng.choices(places, weights)[0]
        nodes = [
            self.grown(premise, depth - 1, above) if place == deep else self.side(premise, depth - 1, above)
            for place, premise in enumerate(inference.premises)
        ]
        self.rng.shuffle(nodes)
        return Node(goal, inference.rule, tuple(nodes))

    def side(self, premise: Expr, most: int, above: frozenset[Expr]) -> Node:
        """Return a premise beside the longest way: a fact, often one about all things, or what a short proof gives."""
        if most > 0 and self.steps < _MOST_STEPS - most and self.rng.random() < 0.25:
            return self.grown(premise, self.rng.randint(1, min(most, 2)), above)
        named = constants(premise)
        if _is_rule(premise) and 0 < len(named) <= 2 and self.rng.random() < 0.65:
            return Node(lifted(premise, named))
        return Node(premise)

    def gap(self, proof: Node) -> Expr:
        """Choose the fact to leave out: one near the goal, so that much can be deduced before nothing more can."""
        near = [node for node in proof.premises if not node.premises]
        near = near or [leaf for node in proof.premises for leaf in node.premises if not leaf.premises]
        near = near or [leaf for leaf in proof.nodes() if not leaf.premises]
        return self.rng.choice(near).formula

    # --- what stands beside it ------------------------------------------------------------------------------------

    def traps(self, proof: Node, missing: Expr | None) -> Iterator[Trap]:
        """Yield one or two fallacies that would give a part of the proof, where something is missing that part."""
        reached = [node.formula for node in proof.nodes() if node.premises]
        targets = [f for f in reached if not (_quantified(f) or _is_rule(f))] or [proof.formula]
        for place in range(self.rng.randint(1, 2)):
            target = missing if missing is not None and place == 0 else self.rng.choice(targets)
            trap = self.trap(target)
            if trap is not None:
                yield trap

    def trap(self, target: Expr) -> Trap | None:
        things = constants(target)
        other = self.literal(things or ("a",)) if not _quantified(target) else None
        if other is None:
            return None
        kind = self.rng.randrange(6)
        if kind == 0 and len(things) == 1:
            some = App("exists", (Sym("x"), lifted(target, things).args[1]))  # type: ignore[union-attr]
            return Trap((some,), target, "invalid_rule")
        if kind == 1:
            return Trap((App("or", (target, other)),), target, "dropped_term")
        if kind == 2:
            return Trap((self.general(App("->", (other, target))),), target, "unjustified_leap")
        if kind == 3:
            denied = self.general(App("->", (other, negated(target))))
            return Trap((denied, negated(other)), target, "invalid_rule")
        return Trap((self.general(App("->", (target, other))), other), target, "invalid_rule")

    def general(self, rule: Expr) -> Expr:
        """Say a rule of all things, more often than not."""
        named = constants(rule)
        return lifted(rule, named) if 0 < len(named) <= 2 and self.rng.random() < 0.6 else rule

    def noise(self, facts: list[Expr]) -> Iterator[Expr]:
        """Yield facts that have nothing to do with the goal, or only look so: rules that share a premise with it."""
        literals = [fact for fact in facts if logic_rules.is_literal(fact)]
        for _ in range(self.rng.randint(0, 4)):
            things: tuple[str, ...] = (self.rng.choice(_CONSTANTS[:3]),)
            start = self.rng.choice(literals) if literals and self.rng.random() < 0.4 else self.literal(things)
            things = constants(start) or things
            kind = self.rng.random()
            if kind < 0.3:
                yield self.literal(things)
            elif kind < 0.45:
                yield self.compound(things)
            else:
                yield self.general(App("->", (start, self.literal(things))))


def _is_rule(premise: Expr) -> bool:
    return isinstance(premise, App) and premise.head in ("->", "or", "forall")


def _quantified(formula: Expr) -> bool:
    return isinstance(formula, App) and formula.head in ("forall", "exists")
