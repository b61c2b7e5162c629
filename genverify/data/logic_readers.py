"""Problems of deduction as their authors publish them (FLD, FOLIO, ProntoQA, ProofWriter) to questions."""

import re
from collections.abc import Mapping
from typing import Final

from genverify.claims.grammar import Expr
from genverify.data import logic_formulas
from genverify.errors import RecordError

_FACT: Final = re.compile(r"\b(fact\d{1,4})\s*:\s*")


def facts_of(text: str) -> Mapping[str, Expr]:
    """Read facts as FLD writes them, ``fact1: {A} fact2: {B} -> {C}``, on one line or several.

    Raises:
        GrammarError: a formula cannot be read.
        RecordError: there is none, or one name stands twice.
    """
    places = list(_FACT.finditer(text))
    ends = [*(place.start() for place in places[1:]), len(text)]
    facts = {place[1]: logic_formulas.read(text[place.end() : end]) for place, end in zip(places, ends, strict=True)}
    if not facts or len(facts) != len(places):
        raise RecordError(f"expected facts such as 'fact1: {{A}}', each name once, got {text[:80]!r}")
    return facts
