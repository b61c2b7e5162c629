"""A problem and its solution to the claims of every step, without any model."""

import re
from dataclasses import dataclass, field, replace

from genverify.claims import algebra, definitions, link, relations, rewriting, solutions, trials
from genverify.claims.asked import answer_claim, asked
from genverify.claims.grammar import heads, names
from genverify.claims.logic import logic_claims
from genverify.claims.members import Member
from genverify.claims.notation import Notation
from genverify.claims.phrases import phrase_claims
from genverify.claims.puzzle import puzzle_claims
from genverify.claims.reading import Reading
from genverify.claims.relations import Setting
from genverify.claims.statements import Statement, is_about, statements
from genverify.claims.tokens import Token
from genverify.claims.writing import show
from genverify.types import Claim, ClaimKind, Problem, Solution


def extract(problem: Problem, solution: Solution) -> tuple[tuple[Claim, ...], ...]:
    """Return the claims of each step, in the order of the text."""
    pass_ = _Pass(problem, tuple(step.text for step in solution.steps))
    pass_.run()
    for reader in (puzzle_claims, logic_claims):
        for step, claims in enumerate(reader(problem, solution)):
            pass_.claims[step].extend(claims)
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
    joint: list[rewriting.Relation] = field(default_factory=list)
    constraints: list[tuple[frozenset[str], str]] = field(default_factory=list)
    functions: dict[str, definitions.Function] = field(default_factory=dict)
    values: link.Values = field(default_factory=link.Values)
    tried: Statement | None = None
    """The statement just before, if it puts a value into an equation to see whether it holds."""
    notation: Notation = field(default_factory=Notation)

    def run(self) -> None:
        """Read the problem, then every step."""
        self.claims = [[] for _ in self.texts]
        complex_ = link.is_complex(self.problem.text, self.texts)
        question = asked(self.problem.text)
        self.notation = Notation.of(self.problem.text)
        self.functions = definitions.functions(self.problem.text, self.texts)
        self.values = link.Values.of(self.problem.text, self.texts)
        for statement in statements(self.problem.text):
            self.note(-1, link.imaginary(statement) if complex_ else statement)
        for step, text in enumerate(self.texts):
            self.claims[step].extend(phrase_claims(text))
            if question is not None and (answer := answer_claim(question, text)) is not None:
                self.claims[step].append(answer)
            for statement in statements(text) if self.notation.is_usual(text) else ():
                known = link.imaginary(statement) if complex_ else statement
                self.statement(step, text, self.continued(step, text, known))
        listed = solutions.roots_claims(self.equations, self.texts)
        for step, claim in listed:
            self.claims[step].append(claim)
        for step, claim in rewriting.rewrites(self.equations, self.texts):
            if not any(s == step and c.span[0] <= claim.span[0] < c.span[1] for s, c in listed):
                self.claims[step].append(claim)
        for step, claim in rewriting.joint_rewrites(self.joint, self.texts):
            self.claims[step].append(claim)
        for step, claim in link.continuations(self.stated, self.texts):
            self.claims[step].append(claim)

    def continued(self, step: int, text: str, statement: Statement) -> Statement:
        """Let a line that opens with a relation continue the chain before it."""
        first = statement.members[0]
        if first.tokens or first.name:
            return statement
        if not self.stated or self.stated[-1][1].members[-1].cut or statement.before not in _NEW_LINE:
            return statement
        earlier, before = self.stated[-1]
        ended = self.texts[earlier][before.end :] if earlier >= 0 else "?"
        between = text[before.end : statement.start] if earlier == step else f"{ended} {text[: statement.start]}"
        if (
            earlier < step - 1
            or not _goes_on(between)
            or (earlier >= 0 and _ASIDE.search(self.texts[earlier][: before.start]))
        ):
            return statement
        last = before.members[-1]
        return replace(statement, members=(Member((), last.reading, last.name), *statement.members[1:]))

    def note(self, step: int, statement: Statement) -> None:
        """Remember what a statement says about names."""
        self.values.learn(step, statement)
        self.stated.append((step, statement))
        equation = algebra.equation(statement, step, len(self.stated))
        if equation is not None:
            self.equations.append(equation)
        relation = rewriting.several(statement, step, len(self.stated))
        if relation is not None:
            self.joint.append(relation)
        for place, rel in enumerate(statement.rels):
            left, right = statement.members[place].reading, statement.members[place + 1].reading
            if rel == "=" and (left is None) != (right is None):
                known = left or right
                assert known is not None
                self.constraints.append((names(known.expr) | {"?"}, ""))
            elif rel in ("=", "!=") and left is not None and right is not None and place == 0:
                self.constraints.append(
                    (names(left.expr) | names(right.expr), f"{show(left.expr)} = {show(right.expr)}")
                )

    def statement(self, step: int, text: str, statement: Statement) -> None:
        """Make the claims of one statement."""
        if trials.is_trial(statement, text, self.stated) or trials.goes_on(statement, self.tried):
            self.tried = statement
            self.note(step, statement)
            return
        self.tried = None
        constraints = list(self.constraints)
        end = self.applied_value(step, text, statement)
        if end is not None:
            self.claims[step].append(end)
        for place, rel in enumerate(statement.rels):
            claim = self.pair(step, text, statement, place, rel, constraints)
            if claim is not None:
                self.claims[step].append(claim)
        self.note(step, statement)

    def applied_value(self, step: int, text: str, statement: Statement) -> Claim | None:
        """Make the claim that a chain's last value is that of the function applied at its start."""
        left, right = statement.members[0].reading, statement.members[-1].reading
        if len(statement.rels) < 2 or set(statement.rels) != {"="} or left is None or right is None or not right.bare:
            return None
        if "@" not in _heads_of(left):
            return None
        start, end = _bounds(statement.members[-1].tokens, statement.members[-1].tokens)
        return self.application(step, left, "=", right, Setting(text, start, end, 1))

    def application(self, step: int, left: Reading, rel: str, right: Reading, setting: Setting) -> Claim | None:
        """Make the claim that a defined function has a value, ``f(3) = 10``, or a derivative."""
        if right.closed and "_prime" in left.text and not left.closed:
            return None  # f'(x) = 0 is to be solved
        if not right.bare and "_prime" not in left.text:
            return None  # f(0) = (0-2)^2 - 9 / 3 puts in the value, often sloppily; the end of the chain is what counts
        filled, used = definitions.applied(left, self.functions, step)
        other, more = definitions.applied(right, self.functions, step)
        if not used or rel not in ("=", "~") or "@" in _heads_of(filled) + _heads_of(other):
            return None
        steps = [self.functions[h] for h in sorted(used | more)]
        claim: Claim | None = None
        if filled.closed and other.closed:
            claim = relations.relation(filled, rel, other, replace(setting, linked=True))
        elif "diff(" in filled.text:
            claim = algebra.calculus_claim(filled, other, setting)
        if claim is None:
            return None
        given = tuple(
            f"{h.lstrip('@')}({f.parameter}) = {show(f.body)}" for h, f in zip(sorted(used | more), steps, strict=True)
        )
        return (
            replace(claim, givens=given, given_steps=tuple(f.step for f in steps))
            if claim.kind is ClaimKind.RELATION
            else claim
        )

    def pair(
        self,
        step: int,
        text: str,
        statement: Statement,
        place: int,
        rel: str,
        constraints: list[tuple[frozenset[str], str]],
    ) -> Claim | None:
        """Make the claim of two neighbouring members, if they make one."""
        left, right = statement.members[place].reading, statement.members[place + 1].reading
        if left is None or right is None:
            return None
        rel = "~" if rel == "=" and is_about(statement, place) else rel
        start, end = _bounds(statement.members[place].tokens, statement.members[place + 1].tokens)
        carried = not statement.members[place].tokens
        setting = Setting(text, start, end, place + (1 if carried else 0), linked=carried)
        if "@" in _heads_of(left):
            return self.application(step, left, rel, right, setting)
        if self.notation.modular and "^-" in show(left.expr) + show(right.expr):
            return None  # an inverse modulo something
        if left.closed and right.closed:
            if rel != "==" and (self.notation.reduces(text, left, right) or self.notation.rebases(left, right)):
                return None
            if (
                rel == "~"
                and 0 < place < len(statement.rels) - 1
                and {statement.rels[place - 1], statement.rels[place + 1]} <= _ORDERS
            ):
                return None  # "k < 180/123 ~ 0.732 < k < 1.463" restates the whole line
            if statement.modulus is not None and place == len(statement.rels) - 1:
                setting = replace(setting, end=max(end, statement.modulus.last))
            return _closed(left, rel, right, setting, statement.modulus)
        carried_on = self.values.closed(left, right)
        if carried_on is not None and rel in ("=", "~") and not link.is_solved(text, statement):
            return link.linked(*carried_on, rel, setting)
        return algebra.identity(statement, place, setting, constraints)


def _heads_of(reading: Reading) -> str:
    return " ".join(heads(reading.expr)) if "(" in reading.text else ""


def _goes_on(between: str) -> bool:
    """Whether the words between a chain and a line that opens with a relation only announce the next form."""
    words = re.findall(r"[a-z]{2,}", re.sub(r"\\[A-Za-z]+\*?(?:\{[a-z]*\*?\})?", " ", between.lower()))
    return not words or (_REWRITES.search(between) is not None and not _CHANGES.search(between) and len(words) <= 12)


_REWRITES = re.compile(
    r"\b(?:simplif\w*|expand\w*|combin\w*|factor\w*|distribut\w*|rewrit\w*|collect\w*)\b", re.IGNORECASE
)
_CHANGES = re.compile(r"\b(?:substitut\w*|replac\w*|plug\w*|set|let|if|when|numerator|denominator)\b", re.IGNORECASE)
_ORDERS = frozenset({"<", "<=", ">", ">="})
_ASIDE = re.compile(r"(?:\A|[.\n])\s*(?:since|because|as|note|recall|using|knowing|given)\b[^.\n]*\Z", re.IGNORECASE)
"""What opens a reason in words: the formula in it is not the one that the next line goes on from."""
_NEW_LINE = frozenset({"", "\n", "\\n", "\\\\", "$$", "\n\n", ":"})
"""Separators after which an opening relation continues the chain of the line before."""


def _closed(left: Reading, rel: str, right: Reading, setting: Setting, modulus: Reading | None) -> Claim | None:
    if rel == "=" and modulus is not None and modulus.closed:
        return relations.congruence(left, right, modulus, setting)
    if rel != "==":
        return relations.relation(left, rel, right, setting)
    return relations.congruence(left, right, modulus, setting) if modulus is not None else None


def _bounds(left: tuple[Token, ...], right: tuple[Token, ...]) -> tuple[int, int]:
    tokens = (*left, *right)
    return tokens[0].start, tokens[-1].end
