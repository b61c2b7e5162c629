"""Problems in which people swap what they have, and what solutions say that somebody has after each swap, to claims.

"At the start, Ann has a red ball, and Ben has a blue ball. First, Ann and Ben swap balls. ..." gives each person one
thing after each swap. A step is placed by the swaps it tells, which must be the problem's own, one after the other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from genverify.claims.fol import clean_name
from genverify.claims.logic_text import MAX_TEXT, SUPPOSES, Sentence, lead, sentences
from genverify.errors import GrammarError
from genverify.types import Claim, ClaimKind, Problem, Solution

_PERSON: Final = r"[A-Z][a-z]+"
_HAS: Final = r"(?:gets|has|holds|is holding|is playing|is dancing with|is)"
_PAIR: Final = re.compile(rf"(?P<who>{_PERSON}) {_HAS} (?:an? |the )?(?P<what>[^,:;]{{1,40}})")
_START: Final = re.compile(r"at the (?:start|beginning)\b[^:]*: (?P<pairs>.+)", re.IGNORECASE)
_VERB: Final = r"(?:swap|trade|switch|exchange)s?\b"
_SWAP: Final = re.compile(
    rf"(?:(?:first|then|next|after that|finally|lastly),? )?(?P<one>{_PERSON}) and (?P<other>{_PERSON}) {_VERB}"
    r"(?: (?:their )?\w+)?",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(
    rf"(?:as the|throughout|during) .*|{_PERSON}(?:, {_PERSON})*,? and {_PERSON} are .*", re.IGNORECASE
)
_ASKED: Final = re.compile(rf"at the end of the \w+, (?P<who>{_PERSON}) {_HAS}(?: the)?", re.IGNORECASE)
_OPTION: Final = re.compile(r"\((?P<letter>[A-Z])\)\s+(?P<what>.+)")
_STATE: Final = re.compile(rf"(?P<who>{_PERSON}): (?P<what>[^,:;]+)")
_END: Final = re.compile(rf"(?i:at the end)(?: of the \w+)?, (?P<who>{_PERSON}) {_HAS} (?:an? |the )?(?P<what>[^,:;]+)")
_ANSWER: Final = re.compile(
    r"(?i:(?:so|therefore|thus|hence)?,? ?(?:the )?(?:correct |final )?answer is)\s*:?\s*\(?(?P<letter>[A-Z])\)?"
)


@dataclass(frozen=True, slots=True)
class _Exchange:
    """Who has what at the start, and the swaps in order."""

    start: dict[str, str]
    swaps: tuple[frozenset[str], ...]
    asked: str | None
    options: dict[str, str]

    def at(self, person: str, after: int) -> str:
        """Return the formal name of what a person has after so many swaps, at least 0."""
        return clean_name(f"{person.lower()}_after_{after}" if after else f"{person.lower()}_at_the_start")

    def thing(self, words: str) -> str | None:
        """Return the formal name of the one thing that is called so, in full or in part."""
        plain = _plain(words)
        found = {thing for thing in self.start.values() if thing == plain}
        found = found or {thing for thing in self.start.values() if f"_{plain}_" in f"_{thing}_"}
        return f"the_{found.pop()}" if plain and len(found) == 1 else None

    def givens(self, after: int) -> tuple[str, ...]:
        """Return what is known up to a number of swaps."""
        given = [f"{self.at(person, 0)} = the_{thing}" for person, thing in self.start.items()]
        given.append(f"card({{{', '.join(f'the_{thing}' for thing in self.start.values())}}}) = {len(self.start)}")
        for number, swap in enumerate(self.swaps[:after]):
            one, other = sorted(swap)
            partner = {one: other, other: one}
            moves = (f"{self.at(p, number + 1)} = {self.at(partner.get(p, p), number)}" for p in self.start)
            given.append(" & ".join(moves))
        return tuple(given)


def swap_claims(problem: Problem, solution: Solution) -> list[list[Claim]]:
    """Return the claims of each step; empty lists if the problem is not one about swaps."""
    claims: list[list[Claim]] = [[] for _ in solution.steps]
    exchange = _exchange(problem.text)
    if exchange is None:
        return claims
    done = 0
    for step in solution.steps:
        for line in sentences(step.text[:MAX_TEXT]):
            if SUPPOSES.search(line.text) or line.text.endswith("?"):
                return claims
            told, _, state = line.text.partition(":")
            swap = _SWAP.fullmatch(told)
            if swap is not None:
                if done == len(exchange.swaps) or exchange.swaps[done] != frozenset({swap["one"], swap["other"]}):
                    return claims  # told in another order: nothing says where it stands
                done += 1
            elif re.fullmatch(r"at the (?:start|beginning)\b[^:]*", told, re.IGNORECASE) is None or done:
                claims[step.index].extend(_final(exchange, line, done))
                continue
            claims[step.index].extend(_states(exchange, line, len(line.text) - len(state), done))
    return claims


def _exchange(text: str) -> _Exchange | None:
    if len(text) > MAX_TEXT:
        return None
    start: dict[str, str] = {}
    swaps: list[frozenset[str]] = []
    asked: str | None = None
    options: dict[str, str] = {}
    try:
        for sentence in sentences(text):
            if (opening := _START.fullmatch(sentence.text)) is not None and not start:
                start = _pairs(opening["pairs"])
            elif (swap := _SWAP.fullmatch(sentence.text)) is not None and asked is None:
                swaps.append(frozenset({swap["one"], swap["other"]}))
            elif (end := _ASKED.fullmatch(sentence.text)) is not None:
                asked = end["who"]
            elif asked is not None and (option := _OPTION.fullmatch(sentence.text)) is not None:
                options[option["letter"]] = option["what"]
            elif asked is None and _REMARK.fullmatch(sentence.text) is None:
                return None  # it may tell of one more swap
    except GrammarError:
        return None
    known = len(start) > 1 and len(set(start.values())) == len(start)
    right = all(len(swap) == 2 and swap <= set(start) for swap in swaps)
    return _Exchange(start, tuple(swaps), asked, options) if known and swaps and right else None


def _pairs(text: str) -> dict[str, str]:
    """Read "Ann has a red ball, and Ben has a blue ball".

    Raises:
        GrammarError: a part is not of that form.
    """
    found: dict[str, str] = {}
    for part in re.split(r",\s*(?:and\s+)?", text):
        pair = _PAIR.fullmatch(part)
        if pair is None or pair["who"] in found:
            raise GrammarError(f"{part[:40]!r} does not say who has what")
        found[pair["who"]] = clean_name(_plain(pair["what"]))
    return found


def _plain(words: str) -> str:
    return re.sub(r"[\s-]+", "_", re.sub(r"[^\w\s-]", "", words.strip().lower().removeprefix("the ")))


def _claim(exchange: _Exchange, person: str, thing: str, after: int, part: Sentence) -> Claim:
    givens = exchange.givens(after)
    statement = f"{exchange.at(person, after)} = {thing}"
    place = (part.start, part.end)
    return Claim(ClaimKind.ENTAILS, statement, place, part.text, givens, (-1,) * len(givens))


def _states(exchange: _Exchange, line: Sentence, start: int, done: int) -> Iterator[Claim]:
    """Yield a claim for each "Ann: blue ball" of a line."""
    for match in _STATE.finditer(line.text, start):
        thing = exchange.thing(match["what"])
        if match["who"] in exchange.start and thing is not None:
            statement = f"{exchange.at(match['who'], done)} = {thing}"
            if statement not in exchange.givens(done):  # the start, said again
                yield _claim(exchange, match["who"], thing, done, line.part(*match.span()))


def _final(exchange: _Exchange, line: Sentence, done: int) -> Iterator[Claim]:
    """Yield what a line says of the end."""
    last = len(exchange.swaps)
    body, _ = lead(line)
    end = _END.fullmatch(body.text)
    if end is not None and end["who"] in exchange.start:
        thing = exchange.thing(end["what"])
        if thing is not None:
            yield _claim(exchange, end["who"], thing, last, body)
    answer = _ANSWER.fullmatch(line.text)
    if answer is not None and exchange.asked in exchange.start and answer["letter"] in exchange.options:
        thing = exchange.thing(exchange.options[answer["letter"]])
        if thing is not None and exchange.asked is not None:
            yield _claim(exchange, exchange.asked, thing, last, line)
