"""Problems made of facts and rules in plain English, and what their solutions deduce, to claims.

Every sentence of the problem must be read; one that is not may be the exception that makes a step right, so then there
are no claims at all. Where the rules may be meant so that whatever cannot be derived is false, a step is never accused
for stating something negative that does not follow.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from genverify.claims.grammar import App, Expr, heads, names
from genverify.claims.logic_english import English
from genverify.claims.logic_text import (
    HEDGES,
    IF,
    MAX_SENTENCE,
    MAX_TEXT,
    SUPPOSES,
    Sentence,
    asserted,
    lead,
    sentences,
)
from genverify.claims.writing import show
from genverify.types import Claim, ClaimKind, Problem, Solution

_LEAST: Final = 2
"""Fewest premises of a problem that is read; a lone rule is a remark in some other problem."""
_ABOUT: Final = re.compile(
    r".*\?|<.*>|(?:statements|premises|facts|rules|context|theory|question|problem|options|query|hypothesis|q)\s*:?|"
    r"(?:q|question|query|problem)\s*:.*|\(?[A-D][).:]\s*\w+|"
    r"(?:given|based on|using|from|consider|read|use) (?:the|these|this|only)?\s*"
    r"(?:above|following|premises|statements|facts|rules|context)\b.*|"
    r"(?:explain|please|determine|decide|answer|choose|select|end your|let'?s think|think|tell|assume|"
    r"is the following|judge|report)\b.*",
    re.IGNORECASE,
)
"""Sentences of a problem that state nothing."""
_ASKED: Final = re.compile(
    r"(?:.{0,80}?\btrue,? (?:or )?false(?:,? (?:or )?(?:unknown|uncertain))?\W+|conclusion|statement|hypothesis|query|"
    r"question|prove|is the following statement true(?: or false)?\W*)\s*:?\s*[\"“']?(?P<said>.+?)[\"”']?\.?\??",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(r".*\?$|(?:question|query|hypothesis|conclusion|options|q)\s*:", re.IGNORECASE)
_GIVEN: Final = re.compile(r"(?:statements|premises|facts|rules|context|theory)\s*:", re.IGNORECASE)
_OPEN: Final = re.compile(
    r"\b(?:uncertain|unknown|cannot be (?:determined|known)|not enough information|logically (?:follows?|entail\w*)|"
    r"necessarily|neither)\b",
    re.IGNORECASE,
)
"""Words of a problem in which what does not follow is not thereby false."""
_VERDICT: Final = re.compile(
    r"(?:the )?(?:final |correct |right )?(?:answer|conclusion|statement|hypothesis)\s*(?:is|:)*\s*[\"“'*]*"
    r"(?P<word>true|false)[\"”'*]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Theory:
    """What a problem says."""

    english: English
    premises: tuple[Expr, ...]
    asked: tuple[Expr, ...]
    """Statements that the problem asks about."""
    open: bool
    """Whether what cannot be derived is left open for certain, and not false."""

    def speaks_of(self, expr: Expr) -> bool:
        """Whether a statement uses no other words than the premises."""
        known_heads = frozenset[str]().union(*(heads(p) for p in self.premises)) | _LOGICAL
        known_names = frozenset[str]().union(*(names(p) for p in self.premises))
        return heads(expr) <= known_heads and names(expr) <= known_names

    def kind(self, expr: Expr) -> ClaimKind:
        """Return whether a statement that does not follow may be called wrong."""
        if "exists" in heads(expr):
            return ClaimKind.CONSISTENT  # to many, "all cats are grey" says with it that there are cats
        joined = any(heads(p) & {"xor", "<->"} for p in self.premises)
        negated = any(isinstance(p, App) and _has_negated_condition(p) for p in self.premises)
        if self.open or joined or (not negated and "not" not in heads(expr)):
            return ClaimKind.ENTAILS
        return ClaimKind.CONSISTENT


_LOGICAL: Final = frozenset({"and", "or", "not", "->", "<->", "xor", "forall", "exists"})


def _has_negated_condition(expr: App) -> bool:
    if expr.head == "forall" and isinstance(expr.args[1], App):
        return _has_negated_condition(expr.args[1])
    return expr.head == "->" and "not" in heads(expr.args[0])


def rule_claims(problem: Problem, solution: Solution) -> list[list[Claim]]:
    """Return the claims of each step; empty lists if the problem is not all facts and rules."""
    claims: list[list[Claim]] = [[] for _ in solution.steps]
    theory = _theory(problem, solution)
    if theory is None:
        return claims
    last = len(solution.steps) - 1
    for step in solution.steps:
        for sentence, after in asserted(step.text):
            if step.index == last and (judged := _verdict(theory, sentence)) is not None:
                claims[last].append(judged)
                continue
            if _supposes(theory, sentence):
                return claims if step.index == last else [*claims[:-1], _verdicts(theory, solution)]
            for said, part, marked in _said(theory, sentence):
                if said in theory.premises or not theory.speaks_of(said):
                    continue
                # the statement asked about, said again, is an answer only at the end or after "so"
                if marked or said not in theory.asked or (step.index == last and after is None):
                    claims[step.index].append(_claim(theory, theory.kind(said), said, part))
    return claims


def _claim(theory: _Theory, kind: ClaimKind, said: Expr, part: Sentence) -> Claim:
    givens = tuple(show(premise) for premise in theory.premises)
    return Claim(kind, show(said), (part.start, part.end), part.text, givens, (-1,) * len(givens))


def _theory(problem: Problem, solution: Solution) -> _Theory | None:
    """Read a problem; None if any sentence of it is not read."""
    texts = (*problem.premises, problem.text)
    if sum(map(len, texts)) > MAX_TEXT:
        return None
    english: English | None = None
    premises: dict[Expr, None] = {}
    asked: list[Expr] = []
    asking = False
    for sentence in (sentence for text in texts for sentence in sentences(text)):
        if english is None:
            if not _may_be_rule(sentence.text):
                return None
            english = English.of((*texts, *(step.text[:MAX_TEXT] for step in solution.steps)))
        question = _ASKED.fullmatch(sentence.text)
        said = english.read(sentence.text if question is None else question["said"])
        if said is not None and question is None and not asking:
            premises[said] = None
        elif said is not None and said not in premises:
            asked.append(said)  # what stands after the question is no premise
        elif said is None and _ABOUT.fullmatch(sentence.text) is None:
            return None
        asking = (asking or question is not None or _QUESTION.match(sentence.text) is not None) and not (
            _GIVEN.match(sentence.text)
        )
    if english is None or len(premises) < _LEAST or not any(heads(p) & _RULES for p in premises) or _mixed(texts):
        return None
    open_ = _OPEN.search(problem.text) is not None
    return _Theory(english, tuple(premises), tuple(asked), open_)


_RULES: Final = frozenset({"->", "<->", "xor"})
_FIRST: Final = re.compile(
    r"(?:every|each|all|no|some|if|either|there is|the \w+|[A-Z][a-z]+)\b|[A-Z][a-z-]+,? |"
    rf"(?:{_ABOUT.pattern})",
    re.IGNORECASE,
)


def _may_be_rule(text: str) -> bool:
    return len(text) <= MAX_SENTENCE and _FIRST.match(text) is not None


def _mixed(texts: tuple[str, ...]) -> bool:
    """Whether a problem speaks of things and of people, who may be only some of the things."""
    text = "\n".join(texts)
    return bool(re.search(r"\b(?:some|any)?things?\b", text)) and bool(
        re.search(r"\b(?:people|some(?:one|body))\b", text)
    )


def _supposes(theory: _Theory, sentence: Sentence) -> bool:
    """Whether what comes after a sentence may hold only under a supposition."""
    if SUPPOSES.search(sentence.text):
        return True
    return IF.search(sentence.text) is not None and not list(_said(theory, sentence))


_SO: Final = re.compile(
    r",?\s+(?:and\s+)?(?:so|therefore|thus|hence|which means(?: that)?|meaning(?: that)?)\s+|;\s*", re.IGNORECASE
)
_SINCE: Final = re.compile(r"(?:since|because|as|given that)\s+(?P<why>.+?),\s+(?P<rest>[^,]+)", re.IGNORECASE)


def _said(theory: _Theory, sentence: Sentence) -> Iterator[tuple[Expr, Sentence, bool]]:
    """Yield each statement that a sentence asserts, with its place and whether it is marked as deduced."""
    if len(sentence.text) > MAX_SENTENCE or sentence.text.endswith("?"):
        return
    body, marked = lead(sentence)
    whole = theory.english.read(body.text)
    if whole is not None:
        yield whole, body, marked
        return
    found = [(clause, theory.english.read(clause.text), concluded) for clause, concluded in _clauses(body, marked)]
    if any(said is None and HEDGES.search(clause.text) for clause, said, _ in found):
        return  # one clause that was not understood may take back the others
    for clause, said, concluded in found:
        if said is not None:
            yield said, clause, concluded


def _clauses(body: Sentence, marked: bool) -> Iterator[tuple[Sentence, bool]]:
    """Yield the clauses that a sentence joins by "since" and "so", each with whether it is marked as deduced."""
    since = _SINCE.fullmatch(body.text)
    if since is not None:
        for clause in _both(body.part(*since.span("why"))):
            yield clause, marked
        body, marked = body.part(since.start("rest")), True
    at = 0
    for stop in [*_SO.finditer(body.text), None]:
        part = body.part(at, None if stop is None else stop.start())
        for clause in _both(part):
            yield lead(clause)[0], marked
        if stop is not None:
            at, marked = stop.end(), True


def _both(part: Sentence) -> list[Sentence]:
    """Cut a clause at ", and", which joins two statements."""
    pieces, at = [], 0
    for stop in [*re.finditer(r",\s+and\s+", part.text), None]:
        pieces.append(part.part(at, None if stop is None else stop.start()))
        at = 0 if stop is None else stop.end()
    return pieces


def _verdict(theory: _Theory, sentence: Sentence) -> Claim | None:
    """Return the claim of an answer "true" or "false" to the one statement that the problem asks about."""
    body, _ = lead(sentence)
    match = _VERDICT.fullmatch(body.text) or _VERDICT.fullmatch(sentence.text)
    if match is None or len(theory.asked) != 1 or not theory.speaks_of(theory.asked[0]):
        return None
    (said,) = theory.asked
    if match["word"].lower() == "true":
        return _claim(theory, theory.kind(said), said, sentence)
    # "false" may mean no more than that it does not follow: only what does follow makes it wrong
    denied = said.args[0] if isinstance(said, App) and said.head == "not" else App("not", (said,))
    return _claim(theory, ClaimKind.CONSISTENT, denied, sentence)


def _verdicts(theory: _Theory, solution: Solution) -> list[Claim]:
    found = (_verdict(theory, sentence) for sentence in sentences(solution.steps[-1].text[:MAX_TEXT]))
    return [claim for claim in found if claim is not None]
