"""Puzzles about the order of named things, and what their solutions say of it, to claims.

"On a shelf, there are three books: a red book, a blue book, and a gray book. The red book is to the left of ..." gives
each book a whole place from 1 up to 3, all different, and each sentence a relation of places. The words are closed
templates: a sentence that is not read whole says nothing here, and if one of the problem's own is not, nothing is
refuted for not following.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from genverify.claims.fol import clean_name
from genverify.claims.logic_scales import NUMBERS, ORDINAL, ORDINALS, SCALES, Scale
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
from genverify.errors import GrammarError
from genverify.types import Claim, ClaimKind, Problem, Solution

_FRAME: Final = re.compile(
    r"(?:[a-z][a-z ]*, |a [a-z ]+? )?(?:there (?:are|were) |sells |has )(?P<number>" + "|".join(NUMBERS) + r") "
    r"(?P<noun>[a-z]+): (?P<list>[a-z][a-z ,’'-]+)",
    re.IGNORECASE,
)
_HINT: Final = re.compile(r"(?:there (?:are|were)|sells|has) [a-z]{3,5} [a-z]+: ", re.IGNORECASE)
"""A quick sign of such a puzzle: everything else is read only where it is found."""
_ABOUT: Final = re.compile(
    r"the following (?:statements|paragraphs?|sentences) (?:each )?describes? .{0,80}|"
    r"the statements are logically consistent(?: within each paragraph)?|"
    r"(?P<question>q(?:uestion)?\s*:.*|options\s*:|.*\?|(?:given the above|which|what|who|choose|select|answer)\b.*)|"
    r"(?:please|let'?s think|think step)\b.*",
    re.IGNORECASE,
)
"""Sentences of a problem that state nothing about the order."""
_OPTION: Final = re.compile(r"\(?(?P<letter>[A-Z])[).:]\s+(?P<text>.+)")
_ANSWER: Final = re.compile(
    r"(?:the )?(?:correct |final |right )?(?:answer|option|choice) is\s*:?\s*(?:option )?\(?(?P<letter>[A-Z])\)?"
)

_IS: Final = (
    r"(?:is|are|was|were|finished|came|placed|stands|must be|must have finished|must have been|has to be|have to be)"
)
_IS_NOT: Final = (
    r"(?:is not|are not|isn't|aren't|cannot be|can't be|can not be|could not be|did not finish|cannot have finished|"
    r"cannot finish|was not|were not)"
)
_VERB: Final = rf"(?:(?P<not>{_IS_NOT})|{_IS})"


@dataclass(frozen=True)
class _Puzzle:
    """The things of a puzzle and what is known of their places."""

    scale: Scale
    names: dict[str, str]
    """Each thing as the text calls it, with its formal name."""
    noun: str
    givens: tuple[str, ...]
    complete: bool
    """Whether every sentence of the problem was read."""
    options: dict[str, str]
    """The statements that the problem offers, by their letters."""

    @property
    def size(self) -> int:
        """How many things there are."""
        return len(self.names)


def order_claims(problem: Problem, solution: Solution) -> list[list[Claim]]:
    """Return the claims of each step; empty lists if the problem is no puzzle about an order."""
    claims: list[list[Claim]] = [[] for _ in solution.steps]
    puzzle = _puzzle(problem)
    if puzzle is None:
        return claims
    supposed = False
    for step in solution.steps:
        for sentence, after in asserted(step.text):
            supposed = supposed or _supposes(puzzle, sentence.text)
            used = after is not None and _opens_list(puzzle, lead(after)[0]) is not None
            found = _answer(puzzle, sentence) if supposed else _said(puzzle, sentence, used)
            claims[step.index].extend(_claim(puzzle, said, part) for said, part in found)
    return claims


_SUPPOSES: Final = re.compile(
    rf"{SUPPOSES.pattern}|\b(?:test|check|look at) (?:each|every|the|all|if|option)\b", re.IGNORECASE
)


def _supposes(puzzle: _Puzzle, text: str) -> bool:
    """Whether what comes after a sentence may hold only under a supposition; "if there are gaps" is none."""
    if _SUPPOSES.search(text) is not None:
        return True
    patterns = _patterns(puzzle.scale, tuple(puzzle.names), puzzle.noun)
    return IF.search(text) is not None and patterns.named.search(text) is not None


def _claim(puzzle: _Puzzle, statement: str, part: Sentence) -> Claim:
    return Claim(
        kind=ClaimKind.ENTAILS if puzzle.complete else ClaimKind.CONSISTENT,
        statement=statement,
        span=(part.start, part.end),
        text=part.text,
        givens=puzzle.givens,
        given_steps=(-1,) * len(puzzle.givens),
    )


def _puzzle(problem: Problem) -> _Puzzle | None:
    """Read a problem; None if it is not certainly one about the order of things that it lists."""
    texts = (*problem.premises, problem.text)
    if sum(map(len, texts)) > MAX_TEXT or not any(_HINT.search(text) for text in texts):
        return None
    spoken = list(dict.fromkeys(s.text for text in texts for s in sentences(text)))
    frames = [match for text in spoken if (match := _FRAME.fullmatch(text)) is not None]
    names = _names(frames[0]) if len(frames) == 1 else None
    if names is None:
        return None
    noun = frames[0]["noun"].lower()
    rest = [text for text in spoken if _FRAME.fullmatch(text) is None]
    readings = [_reading(scale, names, noun, rest) for scale in SCALES]
    best = max(readings, key=lambda reading: len(reading.givens))
    if len(best.givens) <= _FRAME_GIVENS or sum(len(r.givens) > _FRAME_GIVENS for r in readings) != 1:
        return None  # no sentence about an order, or sentences about two
    return best


_FRAME_GIVENS: Final = 3
"""Premises that every puzzle has: the places are whole numbers, in range, and different."""


def _names(frame: "re.Match[str]") -> dict[str, str] | None:
    items = re.split(r",\s*(?:and\s+)?|\s+and\s+", frame["list"].strip())
    called = [re.sub(r"^(?:an?|the)\s+", "", item.strip().lower()) for item in items if item.strip()]
    try:
        names = {name: clean_name("place_of_" + re.sub(r"\s+", "_", name)) for name in called}
    except GrammarError:
        return None
    size = NUMBERS[frame["number"].lower()]
    return names if len(names) == len(called) == len(set(names.values())) == size else None


def _reading(scale: Scale, names: dict[str, str], noun: str, texts: list[str]) -> _Puzzle:
    """Read a problem's sentences as being about one scale."""
    formal, numbers = list(names.values()), ", ".join(str(n) for n in range(1, len(names) + 1))
    givens = [
        " & ".join(f"integer({name})" for name in formal),
        " & ".join(f"in({name}, {{{numbers}}})" for name in formal),
        f"card({{{', '.join(formal)}}}) = {len(formal)}",
    ]
    empty = _Puzzle(scale, names, noun, (), False, {})
    options: dict[str, str] = {}
    unread, asked = 0, False
    for text in texts:
        option = _OPTION.fullmatch(text) if asked else None
        said = _statement(empty, option["text"].rstrip(".") if option else text)
        if option is not None:
            options |= {option["letter"]: said} if said is not None else {}
        elif said is not None and not asked:
            givens.append(said)
        elif (about := _ABOUT.fullmatch(text)) is not None:
            asked = asked or about["question"] is not None
        else:
            unread += 1  # a statement after the question is one of its answers, or a premise: not to be told
    return _Puzzle(scale, names, noun, tuple(givens), unread == 0, options)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The sentences that one puzzle's words can make."""

    compared: "re.Pattern[str]"
    placed: tuple["re.Pattern[str]", ...]
    named: "re.Pattern[str]"
    """Any of the things."""


@lru_cache(maxsize=32)
def _patterns(scale: Scale, names: tuple[str, ...], noun: str) -> _Patterns:
    called = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    one, other = rf"(?:the )?(?P<one>{called})", rf"(?:the )?(?P<other>{called})"
    nouns = f"(?:{noun}|{noun.removesuffix('s')}|person|one)"
    # the groups of a place are read from its own words later on
    place = "(?P<place>" + re.sub(r"\(\?P<\w+>", "(?:", scale.place.pattern) + ")"
    placed = [
        rf"{one} {_VERB} (?:in )?(?:the )?{place}",
        rf"(?:the )?{place}(?: {nouns})? {_VERB} {one}",
        rf"(?:the )?{nouns} (?:who|that|which) (?:is|finished|came) (?:the )?{place} {_VERB} {one}",
    ]
    if scale.from_ends:
        placed.append(rf"(?:the )?(?P<ordinal>{ORDINAL}) {nouns} (?P<end>from the (?:left|right)) {_VERB} {one}")
    return _Patterns(
        re.compile(rf"{one} {_VERB} {scale.comparison.pattern} {other}"),
        tuple(re.compile(p) for p in placed),
        re.compile(rf"\b(?:{called})\b", re.IGNORECASE),
    )


def _statement(puzzle: _Puzzle, text: str) -> str | None:
    """Read a whole clause as a statement about places."""
    plain = " ".join(text.lower().replace("’", "'").split())
    patterns = _patterns(puzzle.scale, tuple(puzzle.names), puzzle.noun)
    compared = patterns.compared.fullmatch(plain)
    if compared is not None and compared["one"] != compared["other"]:
        if compared["not"] and not (puzzle.scale.from_ends or puzzle.scale.bare):
            return None  # "not older than" may leave two of one age
        before = (compared["low"] is None) == (compared["not"] is not None)
        return f"{puzzle.names[compared['one']]} {'<' if before else '>'} {puzzle.names[compared['other']]}"
    for pattern in patterns.placed:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        groups = match.groupdict()
        place = puzzle.scale.place.fullmatch(groups.get("place") or f"{groups['ordinal']} {groups['end']}")
        position = puzzle.scale.position(place, puzzle.size) if place is not None else None
        if position is not None:
            return f"{puzzle.names[match['one']]} {'!=' if match['not'] else '='} {position}"
    return None


_Found = Iterator[tuple[str, Sentence]]


def _said(puzzle: _Puzzle, sentence: Sentence, used: bool) -> _Found:
    """Yield each statement that a sentence of a solution asserts, with its place.

    Args:
        puzzle: what the solution is about.
        sentence: one sentence of it.
        used: whether the next sentence lists places, and so takes this one as known.
    """
    if len(sentence.text) > MAX_SENTENCE or sentence.text.endswith("?") or _OPTION.fullmatch(sentence.text):
        return
    yield from _answer(puzzle, sentence)
    body, marked = lead(sentence)
    marked = marked or used
    listed = list(_listed(puzzle, body))
    if listed:
        yield from listed
        return
    subject: str | None = None
    for clause, concluded in _clauses(puzzle, body, marked):
        said = _statement(puzzle, _without_pronoun(clause.text, subject))
        subject = _subject(puzzle, clause.text)
        if said is None or said in puzzle.givens:
            continue
        if concluded or said not in puzzle.options.values():  # an option repeated need not be meant as true
            yield said, clause


def _answer(puzzle: _Puzzle, sentence: Sentence) -> _Found:
    """Yield the option that a sentence gives as the answer."""
    body, _ = lead(sentence)
    match = _ANSWER.fullmatch(body.text) or _ANSWER.fullmatch(lead(sentence.part(0))[0].text)
    if match is None and (tail := re.search(r"\b(?:the )?(?:correct |final )?answer is\b.*$", sentence.text)):
        body = sentence.part(tail.start()) if not HEDGES.search(sentence.text[: tail.start()]) else body
        match = _ANSWER.fullmatch(body.text)
    if match is not None and match["letter"] in puzzle.options:
        yield puzzle.options[match["letter"]], body


_PRONOUN: Final = re.compile(r"(?:it|they)(?= )", re.IGNORECASE)


def _without_pronoun(text: str, subject: str | None) -> str:
    return text if subject is None else _PRONOUN.sub(lambda _: subject, text, count=1)


def _subject(puzzle: _Puzzle, text: str) -> str | None:
    """Return the one thing that a clause tells the place of: "it" in the next clause can only be that."""
    said = _statement(puzzle, text)
    if said is None or not said.rpartition(" ")[2].isdigit():
        return None
    return next(called for called, name in puzzle.names.items() if name == said.partition(" ")[0])


_SO: Final = re.compile(r",?\s+(?:so|therefore|thus|hence|which means(?: that)?|meaning(?: that)?)\s+", re.IGNORECASE)
_AND: Final = re.compile(r",?\s+(?:and|but)\s+(?=(?:the|[A-Z]))|;\s+")
_SINCE: Final = re.compile(r"(?:since|because|as|given that)\s+(?P<why>[^,]+),\s+(?P<rest>.+)", re.IGNORECASE)


def _clauses(puzzle: _Puzzle, body: Sentence, marked: bool) -> list[tuple[Sentence, bool]]:
    """Return the clauses of a sentence that are asserted, each with whether it is marked as a conclusion."""
    if _statement(puzzle, body.text) is not None:
        return [(body, marked or "must" in body.text)]
    clauses: list[tuple[Sentence, bool]] = []
    since = _SINCE.fullmatch(body.text)
    if since is not None:
        clauses.append((body.part(*since.span("why")), marked))
        body, marked = body.part(since.start("rest")), True
    at = 0
    for stop in [*_SO.finditer(body.text), None]:
        part = body.part(at, None if stop is None else stop.start())
        clauses += [(lead(piece)[0], marked) for piece in _joined(puzzle, part)]
        if stop is not None:
            at, marked = stop.end(), True
    unread = [c for c, _ in clauses if _statement(puzzle, c.text) is None and not _PRONOUN.match(c.text)]
    # one clause that was not understood may take back the others
    return [] if any(HEDGES.search(clause.text) for clause in unread) else clauses


def _joined(puzzle: _Puzzle, part: Sentence) -> list[Sentence]:
    """Cut a clause at "and" where that gives statements."""
    pieces, at = [], 0
    for stop in [*_AND.finditer(part.text), None]:
        pieces.append(part.part(at, None if stop is None else stop.start()))
        at = 0 if stop is None else stop.end()
    return pieces


_LIST_LEAD: Final = re.compile(
    r"(?:(?:the )?(?:final |complete |correct )?order(?:ing)? (?:of the \w+ )?(?:is )?|we have )?", re.IGNORECASE
)
_BETWEEN: Final = re.compile(rf",?\s+(?:and\s+)?then\s+|,\s+(?:and\s+)?|;\s*|\s+and\s+(?={ORDINAL}\b)", re.IGNORECASE)


def _opens_list(puzzle: _Puzzle, body: Sentence) -> "re.Match[str] | None":
    """Match the opening of a list of places."""
    return re.match(  # the pattern is one of eight: re keeps it compiled
        rf"{_LIST_LEAD.pattern}{puzzle.scale.direction.pattern}(?:\s+(?:is|are|we have))?\s*[:,]\s*", body.text, re.I
    )


def _listed(puzzle: _Puzzle, body: Sentence) -> _Found:
    """Yield the places told by a list such as "from left to right: first is the owl, then second is the jay"."""
    start = _opens_list(puzzle, body)
    if start is None:
        return
    pieces, at = [], start.end()
    for stop in [*_BETWEEN.finditer(body.text, at), None]:
        pieces.append(body.part(at, None if stop is None else stop.start()))
        at = 0 if stop is None else stop.end()
    places = _ordinal_places(puzzle, pieces) or _named_places(puzzle, pieces)
    for name, position, piece in places:
        place = position if start["up"] else puzzle.size + 1 - position
        if f"{name} = {place}" not in puzzle.givens:
            yield f"{name} = {place}", piece


_Places = list[tuple[str, int, Sentence]]


def _ordinal_places(puzzle: _Puzzle, pieces: list[Sentence]) -> _Places:
    """Return the places told by ordinals, if the list speaks of all places: else it may count only what it lists."""
    mentioned = {word for piece in pieces for word in re.findall(rf"\b{ORDINAL}\b", piece.text.lower())}
    if ORDINALS[puzzle.size - 1] not in mentioned or any(p.text.lower().startswith("or ") for p in pieces):
        return []
    found: _Places = []
    pending = False
    for piece in pieces:
        match = re.fullmatch(
            rf"(?P<ordinal>{ORDINAL})(?: (?:place|position|{puzzle.noun.removesuffix('s')}))? "
            rf"(?:is|are|must be) (?:the )?(?P<name>.+)",
            piece.text.lower(),
        )
        if match is not None and match["name"] in puzzle.names and not pending:
            found.append((puzzle.names[match["name"]], ORDINALS.index(match["ordinal"]) + 1, piece))
        pending = re.fullmatch(ORDINAL, piece.text.lower()) is not None
    return found


def _named_places(puzzle: _Puzzle, pieces: list[Sentence]) -> _Places:
    """Return the places told by a list of all the things."""
    called = [re.sub(r"^(?:an?|the)\s+", "", piece.text.lower()) for piece in pieces]
    if sorted(called) != sorted(puzzle.names):
        return []
    return [(puzzle.names[name], at + 1, piece) for at, (name, piece) in enumerate(zip(called, pieces, strict=True))]
