"""Formulas of problems in words: their letters to names made of those words, which a reader of the problem can guess.

A problem that says "Noor is a painter" is solved in formulas with ``AL(d)``; nobody who reads it could know those
letters. From the glossary that comes with it, ``AL(x): x is a painter`` and ``d: Noor``, this makes ``painter(Noor)``.
Problems in symbols show their letters and keep them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from genverify.claims.fol import clean_name
from genverify.data.values import Example, LabelledStep
from genverify.errors import GrammarError

_ENTRY: Final = re.compile(r"(?P<key>[A-Za-z]\w*)(?:\([xy, ]+\))?: (?P<words>.+)", re.ASCII)
_LEFT_OUT: Final = frozenset({"x", "y", "is", "are", "a", "an", "the"})


def spoken(example: Example) -> Example:
    """Return an example whose formulas speak in the words of its problem; one that has no words for them as it is."""
    names = dict(_names(example))
    if not names:
        return example
    pattern = re.compile("|".join(_places(names)))

    def put(text: str) -> str:
        return pattern.sub(lambda match: names[match.group()], text)

    return replace(example, steps=tuple(_put(step, put) for step in example.steps))


def _places(names: Mapping[str, str]) -> Iterator[str]:
    """Yield patterns of the places at which letters are replaced.

    A small letter names a thing only among arguments; elsewhere it may be the article of a sentence.
    """
    if upper := "|".join(sorted((key for key in names if key[0].isupper()), key=len, reverse=True)):
        yield rf"\b(?:{upper})\b"
    if lower := "|".join(key for key in names if not key[0].isupper()):
        yield rf"(?<=\()(?:{lower})(?=[,)])"
        yield rf"(?<=, )(?:{lower})(?=[,)])"


def _names(example: Example) -> Iterator[tuple[str, str]]:
    """Yield the letters that the problem does not show, each with its name."""
    glossary = example.formal.get("glossary", "")
    if not glossary or example.formal.get("facts_formula", "") in example.problem.text:
        return
    entries = [match for line in glossary.split("\n") if (match := _ENTRY.fullmatch(line))]
    used = {match["key"] for match in entries}
    for match in entries:
        words = [word for word in match["words"].replace("-", " ").split() if word not in _LEFT_OUT]
        try:
            name = clean_name("_".join(words))
        except GrammarError:
            continue
        if name not in used:
            used.add(name)
            yield match["key"], name


def _put(step: LabelledStep, put: Callable[[str], str]) -> LabelledStep:
    claims = (replace(c, statement=put(c.statement), givens=tuple(map(put, c.givens))) for c in step.claims)
    label = replace(step.label, reason=put(step.label.reason))
    return replace(step, claims=tuple(claims), said=put(step.said), label=label)
