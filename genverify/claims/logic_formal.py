"""Steps that state first-order formulas, beside a problem with formal premises, to claims of what follows.

A formula in a step is read only with the predicates and names of the premises, so that nothing else passes for one.
It is judged by the premises it cites ("by premises 2 and 5"; counted from 1, as texts do) and the formulas of earlier
steps, or by all premises where it cites none.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from genverify.claims.fol import OPERATORS, QUANTIFIERS, clean_name, formula
from genverify.claims.grammar import App, Expr, Sym
from genverify.claims.logic_text import HEDGES, IF, MAX_SENTENCE, SUPPOSES, Sentence, asserted
from genverify.claims.writing import show
from genverify.errors import GrammarError
from genverify.types import Claim, ClaimKind, Problem, Solution

MAX_PREMISES: Final = 100
"""Most premises read; the longest problem of the development data has some 20."""


@dataclass(slots=True)
class _Theory:
    """What the premises say, and what earlier steps added."""

    premises: list[Expr | None]
    """In order; None for one that could not be read."""
    heads: frozenset[str]
    plain: frozenset[str]
    """Names that stand for a whole statement."""
    names: frozenset[str]
    stated: list[tuple[int, Expr]] = field(default_factory=list)
    """Formulas of steps so far, each with its step (from 0)."""

    @classmethod
    def of(cls, problem: Problem) -> "_Theory | None":
        """Read a problem's formal premises; None if there are none worth it."""
        if not problem.premises_fol or len(problem.premises_fol) > MAX_PREMISES:
            return None
        premises = [_read(text) for text in problem.premises_fol]
        known = [p for p in premises if p is not None]
        parts = [part for p in known for part in _parts(p)]
        heads = frozenset(e.head[1:] for e, _ in parts if isinstance(e, App) and e.head.startswith("@"))
        plain = frozenset(e.name for e, truth in parts if isinstance(e, Sym) and truth)
        names = frozenset(e.name for e, truth in parts if isinstance(e, Sym) and not truth)
        if len(problem.premises) > len(premises):
            premises.append(None)
        return cls(premises, heads, plain, names) if known else None

    def knows(self, expr: Expr) -> bool:
        """Whether a formula speaks only of what the premises speak of."""
        return all(
            (e.name in (self.plain if truth else self.names))
            if isinstance(e, Sym)
            else not isinstance(e, App) or not e.head.startswith("@") or e.head[1:] in self.heads
            for e, truth in _parts(expr)
        )


def formal_claims(problem: Problem, solution: Solution) -> list[list[Claim]]:
    """Return the claims of each step; empty lists if the problem carries no formal premises."""
    claims: list[list[Claim]] = [[] for _ in solution.steps]
    theory = _Theory.of(problem)
    if theory is None:
        return claims
    for step in solution.steps:
        for sentence, _ in asserted(step.text):
            if SUPPOSES.search(sentence.text) or IF.search(sentence.text):
                return claims  # where the supposition ends is not to be told
            if step.index < len(solution.steps) - 1 and "conclusion" in sentence.text.lower():
                continue  # before the end it is the one that is asked about
            claim = _claim(theory, step.index, sentence)
            if claim is not None:
                claims[step.index].append(claim)
    return claims


def _claim(theory: _Theory, step: int, sentence: Sentence) -> Claim | None:
    """Return the claim of one sentence and remember what it states."""
    run = _asserted(theory, sentence)
    if run is None:
        return None
    run, expr = _trimmed(run)
    if expr is None or not theory.knows(expr):
        return None
    if expr in theory.premises or any(expr == earlier for _, earlier in theory.stated):
        return None  # said before: nothing new to judge
    cited = _cited(theory, sentence, run)
    used = [p for p in theory.premises if p is not None] if cited is None else [theory.premises[i] for i in cited]
    complete = None not in (theory.premises if cited is None else used)
    givens = [(-1, p) for p in used if p is not None] + theory.stated
    theory.stated.append((step, expr))
    return Claim(
        # more premises never repair a contradiction, but what does not follow from some may follow from all
        kind=ClaimKind.ENTAILS if complete else ClaimKind.CONSISTENT,
        statement=show(expr),
        span=(run.start, run.end),
        text=run.text,
        givens=tuple(show(given) for _, given in givens),
        given_steps=tuple(place for place, _ in givens),
    )


_ATOM: Final = r"(?P<head>[^\W\d_][\w’'-]*)(?P<args>\s?\([^()]*\))?"
_TOKEN: Final = re.compile(
    rf"(?P<quantifier>{QUANTIFIERS}\s*[^\W\d_]\w*(?:\s*,\s*[a-z]\b)*\s?[.:]?)|(?P<sign>{OPERATORS}|[()\[\]])|{_ATOM}|(?P<other>\S)",
    re.IGNORECASE,
)
_RESULT: Final = re.compile(
    r"\b(?:so|therefore|thus|hence|get|have|obtain|conclude|infer|derive|deduce|follows|gives|yields|know|means)\b|[:∴⊢]",
    re.IGNORECASE,
)
_CITING: Final = re.compile(
    r"\b(?:from|since|because|given|using|use|by|as|apply\w*|instantiat\w*|with|per|combin\w*|of|premises?|rules?|facts?)\b"
    r"[^,:;]*$",
    re.IGNORECASE,
)
_AFTER: Final = frozenset(
    "by from premise premises step steps fact facts and using rule rules modus ponens tollens mp mt instantiation "
    "universal existential elimination introduction generalization hypothetical disjunctive syllogism contraposition "
    "transitivity conjunction simplification resolution holds is true follows via the of with must".split()
)
"""Words that may follow a formula without changing what is said of it."""
_MOST_WORDS: Final = 14
"""Most words before a formula that is asserted; longer sentences are about more than it."""


def _asserted(theory: _Theory, sentence: Sentence) -> Sentence | None:
    """Return the one formula that a sentence asserts, None if it asserts none for certain."""
    if len(sentence.text) > MAX_SENTENCE:
        return None
    runs = _runs(theory, sentence)
    if not runs:
        return None
    last = runs[-1]
    before, after = sentence.text[: last.start - sentence.start], sentence.text[last.end - sentence.start :]
    between = before[runs[-2].end - sentence.start :] if len(runs) > 1 else before
    outside = before
    for run in runs[:-1]:
        outside = outside.replace(run.text, " ")
    if HEDGES.search(outside) or "?" in after or len(outside.split()) > _MOST_WORDS:
        return None
    if not set(re.findall(r"[^\W\d_]+", after.lower())) <= _AFTER:
        return None
    if re.match(r"not\b", last.text, re.IGNORECASE) and before.strip():
        return None  # in "it is not P(a)" the word belongs to the sentence
    cue = list(_RESULT.finditer(between))
    if not cue and (len(runs) > 1 or _CITING.search(before)):
        return None  # the formula is what something else follows from
    return None if cue and _CITING.search(between[cue[-1].end() :]) else last


def _runs(theory: _Theory, sentence: Sentence) -> list[Sentence]:
    """Return the stretches made of formulas alone that hold at least one atom."""
    runs: list[Sentence] = []
    start: int | None = None
    end = atoms = 0
    for token in [*_TOKEN.finditer(sentence.text), None]:
        if token is not None and (token["quantifier"] or token["sign"] or _is_atom(theory, token)):
            start = token.start() if start is None else start
            atoms += token["head"] is not None and not token["quantifier"] and not token["sign"]
            end = token.end()
            continue
        if start is not None and atoms:
            runs.append(sentence.part(start, end))
        start, atoms = None, 0
    return runs


def _is_atom(theory: _Theory, token: "re.Match[str]") -> bool:
    if token["head"] is None:
        return False
    try:
        name = clean_name(token["head"])
    except GrammarError:
        return False
    return name in (theory.heads if token["args"] else theory.plain)


_ENDS: Final = re.compile(
    r"(?:\s|[,.;:]|\b(?:and|or|implies|iff)\b)*(?P<kept>.*?)(?:\s|[,.;:]|\b(?:and|or|not|implies|iff)\b)*",
    re.IGNORECASE | re.DOTALL,
)


def _trimmed(run: Sentence) -> tuple[Sentence, Expr | None]:
    """Read a run as a formula, without words and parentheses at its ends that belong to the sentence."""
    for _ in range(4):
        ends = _ENDS.fullmatch(run.text)
        run = run.part(*ends.span("kept")) if ends is not None else run
        expr = _read(run.text)
        if expr is not None:
            return run, expr
        missing = run.text.count("(") - run.text.count(")")
        if missing > 0 and run.text.startswith("(") and not run.text.endswith("("):
            run = run.part(1)
        elif (missing > 0 and run.text.endswith("(")) or (missing < 0 and run.text.endswith(")")):
            run = run.part(0, -1)
        else:
            break
    return run, None


_CITE: Final = re.compile(
    r"(?:\b(?:premises?|facts?)\s*|#)(?P<numbers>#?\d{1,3}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|\s+(?=#))"
    r"(?:premises?\s+|facts?\s+)?#?\d{1,3})*)",
    re.IGNORECASE,
)


def _cited(theory: _Theory, sentence: Sentence, run: Sentence) -> list[int] | None:
    """Return the premises (from 0) that a sentence cites around its formula; None for all of them."""
    start, end = run.start - sentence.start, run.end - sentence.start
    outside = sentence.text[:start] + " ; " + sentence.text[end:]
    found = [int(n) - 1 for cite in _CITE.finditer(outside) for n in re.findall(r"\d+", cite["numbers"])]
    if not found or not all(0 <= place < len(theory.premises) for place in found):
        return None
    return sorted(set(found))


def _read(text: str) -> Expr | None:
    try:
        return formula(text)
    except GrammarError:
        return None


_CONNECTIVES: Final = frozenset({"and", "or", "not", "->", "<->", "xor"})


def _parts(expr: Expr, truth: bool = True, bound: frozenset[str] = frozenset()) -> list[tuple[Expr, bool]]:
    """Return every part but bound names, each with whether it stands where a statement stands."""
    if isinstance(expr, Sym):
        return [] if expr.name in bound else [(expr, truth)]
    if not isinstance(expr, App):
        return []
    if expr.head in ("forall", "exists"):
        variable, body = expr.args
        assert isinstance(variable, Sym)
        return _parts(body, True, bound | {variable.name})
    inner = truth and expr.head in _CONNECTIVES
    return [(expr, truth), *(part for arg in expr.args for part in _parts(arg, inner, bound))]
