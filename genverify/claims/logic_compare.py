"""Problems that only compare named things ("Tom is taller than Ann. Ann is taller than Sue."), to claims of solutions.

Nothing says how many things there are or that no two are alike: each is a number of which only comparisons are known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from genverify.claims.fol import clean_name
from genverify.claims.logic_scales import SCALES, Scale
from genverify.claims.logic_text import HEDGES, IF, MAX_SENTENCE, SUPPOSES, Sentence, asserted, lead, sentences
from genverify.errors import GrammarError
from genverify.types import Claim, ClaimKind, Problem, Solution

_MAX_PROBLEM: Final = 1500
"""Characters of a problem that is read; twenty comparisons have a thousand."""
_LEAST: Final = 2
"""Fewest comparisons of a problem that is read; one alone is a remark in some other problem."""
_THING: Final = r"(?:[A-Z][a-z]+|[Tt]he [a-z]+)"
_QUESTION: Final = re.compile(
    r".*\?|(?:answer|choose|explain|decide|let's think|think|question:|q:)\b.*", re.IGNORECASE
)
_SO: Final = re.compile(r",?\s+(?:and\s+)?(?:so|therefore|thus|hence|which means(?: that)?)\s+|,\s+and\s+|;\s*")


@dataclass(frozen=True, slots=True)
class _Ladder:
    """The comparisons of a problem."""

    scale: Scale
    names: dict[str, str]
    """Each thing as the text calls it, with its formal name."""
    givens: tuple[str, ...]


def compare_claims(problem: Problem, solution: Solution) -> list[list[Claim]]:
    """Return the claims of each step; empty lists if the problem is not comparisons alone."""
    claims: list[list[Claim]] = [[] for _ in solution.steps]
    ladder = _ladder(problem)
    if ladder is None:
        return claims
    for step in solution.steps:
        for sentence, _ in asserted(step.text):
            if SUPPOSES.search(sentence.text) or IF.search(sentence.text):
                return claims  # where the supposition ends is not to be told
            for part, said in _said(ladder, sentence):
                if said not in ladder.givens:
                    steps = (-1,) * len(ladder.givens)
                    place = (part.start, part.end)
                    claims[step.index].append(Claim(ClaimKind.ENTAILS, said, place, part.text, ladder.givens, steps))
    return claims


def _ladder(problem: Problem) -> _Ladder | None:
    texts = (*problem.premises, problem.text)
    if sum(map(len, texts)) > _MAX_PROBLEM:
        return None
    spoken = list(dict.fromkeys(s.text for text in texts for s in sentences(text)))
    for scale in SCALES:
        if scale.from_ends or scale.bare:
            continue  # of places on a shelf and at a finish more is known than what is compared
        pairs = [(pair, text) for text in spoken if (pair := _pair(scale, text)) is not None]
        rest = [text for text in spoken if _pair(scale, text) is None]
        if len(pairs) >= _LEAST and all(_QUESTION.fullmatch(text) for text in rest):
            return _named(scale, [pair for pair, _ in pairs])
    return None


def _named(scale: Scale, pairs: list[tuple[str, str]]) -> _Ladder | None:
    try:
        names = {called: clean_name(re.sub(r"\s+", "_", called)) for pair in pairs for called in pair}
    except GrammarError:
        return None
    return _Ladder(scale, names, tuple(f"{names[more]} > {names[less]}" for more, less in pairs))


def _pair(scale: Scale, text: str) -> tuple[str, str] | None:
    """Read "Tom is taller than Ann" as what has more (of what the scale's first end has most of), and what has less."""
    pattern = rf"(?P<one>{_THING}) (?:is|was|must be) (?i:{scale.comparison.pattern}) (?P<other>{_THING})"
    match = re.fullmatch(pattern, text)
    if match is None:
        return None
    one, other = _called(match["one"]), _called(match["other"])
    if one == other:
        return None
    return (one, other) if match["low"] else (other, one)


def _called(words: str) -> str:
    return words.removeprefix("The ").removeprefix("the ")


def _said(ladder: _Ladder, sentence: Sentence) -> Iterator[tuple[Sentence, str]]:
    """Yield each statement that a sentence asserts, with its place."""
    if len(sentence.text) > MAX_SENTENCE or sentence.text.endswith("?"):
        return
    body, _ = lead(sentence)
    clauses, at = [], 0
    for stop in [*_SO.finditer(body.text), None]:
        clauses.append(lead(body.part(at, None if stop is None else stop.start()))[0])
        at = 0 if stop is None else stop.end()
    found = [(clause, _statement(ladder, clause.text)) for clause in clauses]
    if any(said is None and HEDGES.search(clause.text) for clause, said in found):
        return  # one clause that was not understood may take back the others
    yield from ((clause, said) for clause, said in found if said is not None)


def _statement(ladder: _Ladder, text: str) -> str | None:
    """Read a whole clause as a statement about the things compared."""
    pair = _pair(ladder.scale, text)
    if pair is not None:
        return f"{ladder.names[pair[0]]} > {ladder.names[pair[1]]}" if set(pair) <= set(ladder.names) else None
    ends = rf"(?:(?P<most>{ladder.scale.lowest})|(?P<least>{ladder.scale.highest}))"
    match = re.fullmatch(
        rf"(?P<who>{_THING}) (?:is|was|must be) (?P<not>not )?the {ends}(?: (?:of|among) (?:them|all|the \w+))?", text
    ) or re.fullmatch(rf"[Tt]he {ends}(?: (?:one|person))? (?:is|was|must be) (?P<not>not )?(?P<who>{_THING})", text)
    name = ladder.names.get(_called(match["who"])) if match is not None else None
    if match is None or name is None:
        return None
    sign = ">" if match["most"] else "<"
    others = " & ".join(f"{name} {sign} {other}" for other in ladder.names.values() if other != name)
    return f"not ({others})" if match["not"] else others
