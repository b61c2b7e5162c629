"""A problem and its solution to the claims of every step, without any model."""

from dataclasses import dataclass, field, replace

from genverify.claims import algebra, link, relations
from genverify.claims.grammar import names, show
from genverify.claims.normalise import Token
from genverify.claims.phrases import phrase_claims
from genverify.claims.reading import Reading
from genverify.claims.relations import Setting
from genverify.claims.statements import Member, Statement, statements
from genverify.types import Claim, Problem, Solution


def extract(problem: Problem, solution: Solution) -> tuple[tuple[Claim, ...], ...]:
    """Return the claims of each step, in the order of the text."""
    pass_ = _Pass(problem, tuple(step.text for step in solution.steps))
    pass_.run()
    return tuple(tuple(sorted(claims, key=lambda c: (c.span, c.statement))) for claims in pass_.claims)


@dataclass
class _Pass:
    """One reading of a solution from its first step to its last."""

    problem: Problem
    texts: tuple[str, ...]
    claims: list[list[Claim]] = field(default_factory=list)
    stated: list[tuple[int, Statement]] = field(default_factory=list)
    """Every statement so far with its step (from 0; -1 is the problem)."""
    equations: list[algebra.Equation] = field(default_factory=list)
    constraints: list[tuple[frozenset[str], str]] = field(default_factory=list)
    values: link.Values = field(default_factory=link.Values)

    def run(self) -> None:
        """Read the problem, then every step."""
        self.claims = [[] for _ in self.texts]
        complex_ = link.is_complex(self.problem.text, self.texts)
        self.values = link.Values.of(self.problem.text, self.texts)
        for statement in statements(self.problem.text):
            self.note(-1, link.imaginary(statement) if complex_ else statement)
        for step, text in enumerate(self.texts):
            self.claims[step].extend(phrase_claims(text))
            for statement in statements(text):
                known = link.imaginary(statement) if complex_ else statement
                self.statement(step, text, self.continued(known))
        for step, claim in algebra.rewrites(self.equations, self.texts):
            self.claims[step].append(claim)
        for step, claim in link.continuations(self.stated, self.texts):
            self.claims[step].append(claim)

    def continued(self, statement: Statement) -> Statement:
        """Let a line that opens with a relation continue the chain before it."""
        first = statement.members[0]
        if first.tokens or first.name:
            return statement
        if not self.stated or self.stated[-1][1].members[-1].cut or statement.before not in _NEW_LINE:
            return statement
        last = self.stated[-1][1].members[-1]
        return replace(statement, members=(Member((), last.reading, last.name), *statement.members[1:]))

    def note(self, step: int, statement: Statement) -> None:
        """Remember what a statement says about names."""
        self.values.learn(step, statement)
        self.stated.append((step, statement))
        equation = algebra.equation(statement, step, len(self.stated))
        if equation is not None:
            self.equations.append(equation)
        for place, rel in enumerate(statement.rels):
            left, right = statement.members[place].reading, statement.members[place + 1].reading
            if rel == "=" and (left is None) != (right is None):
                known = left or right
                assert known is not None
                self.constraints.append((names(known.expr) | {"?"}, ""))
            elif rel == "=" and left is not None and right is not None and place == 0:
                self.constraints.append((names(left.expr) | names(right.expr), f"{show(left.expr)} = {show(right.expr)}"))

    def statement(self, step: int, text: str, statement: Statement) -> None:
        """Make the claims of one statement."""
        constraints = list(self.constraints)
        for place, rel in enumerate(statement.rels):
            claim = self.pair(text, statement, place, rel, constraints)
            if claim is not None:
                self.claims[step].append(claim)
        self.note(step, statement)

    def pair(
        self, text: str, statement: Statement, place: int, rel: str, constraints: list[tuple[frozenset[str], str]]
    ) -> Claim | None:
        """Make the claim of two neighbouring members, if they make one."""
        left, right = statement.members[place].reading, statement.members[place + 1].reading
        if left is None or right is None:
            return None
        start, end = _bounds(statement.members[place].tokens, statement.members[place + 1].tokens)
        carried = not statement.members[place].tokens
        setting = Setting(text, start, end, place + (1 if carried else 0), linked=carried)
        if left.closed and right.closed:
            if rel == "~" and 0 < place < len(statement.rels) - 1 and {statement.rels[place - 1], statement.rels[place + 1]} <= _ORDERS:
                return None  # "k < 180/123 ~ 0.732 < k < 1.463" restates the whole line
            return _closed(left, rel, right, setting, statement.modulus)
        carried_on = self.values.closed(left, right)
        if carried_on is not None and rel in ("=", "~"):
            return link.linked(*carried_on, rel, setting)
        return algebra.identity(statement, place, setting, constraints)


_ORDERS = frozenset({"<", "<=", ">", ">="})
_NEW_LINE = frozenset({"", "\n", "\\n", "\\\\", "$$", "\n\n", ":"})
"""Separators after which an opening relation continues the chain of the line before."""


def _closed(left: Reading, rel: str, right: Reading, setting: Setting, modulus: Reading | None) -> Claim | None:
    if rel != "==":
        return relations.relation(left, rel, right, setting)
    return relations.congruence(left, right, modulus, setting) if modulus is not None else None


def _bounds(left: tuple[Token, ...], right: tuple[Token, ...]) -> tuple[int, int]:
    tokens = (*left, *right)
    return tokens[0].start, tokens[-1].end
