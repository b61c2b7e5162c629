"""Problems of deduction as their authors publish them to questions: premises and hypothesis as formulas, answer.

The format is known by the fields of a row:

============= ============================================ ===========================================================
format        known by                                     formulas from
============= ============================================ ===========================================================
FLD, FoVer    ``hypothesis_formula``                       ``facts_formula`` (FLDx2, FoVer) or ``context_formula`` (FLD)
FOLIO         ``premises``, ``conclusion``                 ``premises-FOL``, ``conclusion-FOL`` (or with ``_fol``)
ProofWriter   ``theory``, ``questions``                    the sentences, read from closed templates of English
ProntoQA      ``question``, ``query``, also in             the same
              ``test_example`` and ``in_context_example*``
Logic-LM      ``context``, ``question``, ``options``       the same; ProntoQA and ProofWriter come in this form too
============= ============================================ ===========================================================

A row is read whole or dropped: one sentence that is not understood could change the answer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from genverify.bench.files import RawRow, raw_rows
from genverify.claims.fol import formula
from genverify.claims.grammar import Expr
from genverify.claims.logic_english import English
from genverify.data.logic import formulas as logic_formulas
from genverify.data.logic.labels import Question
from genverify.data.logic.problems import Answer
from genverify.data.values import Dropped
from genverify.errors import GrammarError, RecordError
from genverify.types import Problem

_MOST_INNER: Final = 2
"""How deep rows lie in others: in ProntoQA's file, an object of examples, each an object of tasks."""
_SENTENCE: Final = re.compile(r"(?<=[.?!])\s+")
_ASKED: Final = re.compile(
    r"\s*(?:(?:based on the above information, )?is the following statement true(?:,? false,? or unknown| or false)\?|"
    r"true or false:|prove:)\s*(?P<said>.+?)\s*",
    re.IGNORECASE | re.DOTALL,
)
_ANSWERS: Final = {
    "true": Answer.PROVED, "yes": Answer.PROVED, "proved": Answer.PROVED,
    "false": Answer.DISPROVED, "disproved": Answer.DISPROVED,
    "uncertain": Answer.UNKNOWN, "unknown": Answer.UNKNOWN,
}  # fmt: skip


class _UnusableError(Exception):
    """A row gives no question: the reason in a few fixed words, and what exactly."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why)
        self.why, self.detail = why, detail[:200]


def questions(path: Path) -> Iterator[Question | Dropped]:
    """Yield the questions of a file, JSON or JSON lines, plain or gzipped; a row that gives none with the reason.

    Raises:
        RecordError: the file cannot be read.
    """
    for place, raw in raw_rows(path):
        yield from of_row(raw, place)


def of_row(raw: RawRow, place: str, inner: int = _MOST_INNER) -> Iterator[Question | Dropped]:
    """Yield the questions of one row.

    Args:
        raw: the row.
        place: its name where it has none of its own.
        inner: how deep, at least 0, to look for rows in it if it is none itself.
    """
    reader = next((reader for fields, reader in _READERS if fields <= raw.keys()), None)
    if reader is None:
        rows = {name: row for name, row in raw.items() if isinstance(row, dict) and inner > 0}
        if not rows:
            yield Dropped(place, "unknown format", f"it has the fields {', '.join(sorted(raw))}"[:200])
        for name, row in rows.items():
            yield from of_row(row, f"{place}/{name}", inner - 1)
        return
    id_ = str(raw.get("id") or raw.get("example_id") or place)
    try:
        yield from reader(raw, id_)
    except _UnusableError as error:
        yield Dropped(id_, error.why, error.detail)
    except GrammarError as error:
        yield Dropped(id_, "a formula cannot be read", str(error)[:200])
    except (RecordError, KeyError, TypeError, ValueError, AttributeError) as error:
        yield Dropped(id_, "not of its format", f"{type(error).__name__}: {error}"[:200])


def fld_proofs(raw: RawRow) -> tuple[str, ...]:
    """Return the gold proofs of a row of FLD in the form that ``logic.proofs`` reads.

    FLD ends a proof in ``hypothesis`` where it proves the opposite, too; here that is ``¬hypothesis``, as in FoVer.

    Raises:
        KeyError: the row has no proofs.
    """
    label = str(raw["proof_label"])
    proofs = [str(proof) for proof in raw.get("proofs_formula") or raw.get("proofs") or ()]
    if label == Answer.DISPROVED:
        proofs = [re.sub(r"->\s*hypothesis\b(?=\s*;?\s*$)", "-> ¬hypothesis", proof) for proof in proofs]
    return tuple(f"$proof$:\n{proof.strip()}\n\n$proof_label$: {label}" for proof in proofs)


# --- formats --------------------------------------------------------------------------------------------------------


def _fld(raw: RawRow, id_: str) -> Iterator[Question]:
    text = str(raw.get("facts_formula") or raw["context_formula"])
    facts = logic_formulas.facts(text)
    hypothesis = logic_formulas.read(str(raw["hypothesis_formula"]))
    words = tuple(str(raw.get("facts") or raw.get("context") or text).splitlines())
    stated = f"$hypothesis$: {raw['hypothesis_formula']}\n\n$context$:\n" + re.sub(r"\s+(?=fact\d+\s*:)", "\n", text)
    answer = _answer(raw["proof_label"]) if raw.get("proof_label") else None
    yield _question(id_, stated, words, facts, hypothesis, answer)


def _folio(raw: RawRow, id_: str) -> Iterator[Question]:
    premises, conclusion = _lines(raw["premises"]), str(raw["conclusion"])
    formal = _lines(raw.get("premises-FOL") or raw.get("premises_fol") or ())
    answer = _answer(raw["label"])
    if not formal:
        yield _in_words(id_, premises, conclusion, answer)
        return
    said = raw.get("conclusion-FOL") or raw.get("conclusion_fol")
    if not said:
        raise _UnusableError("no formula for the conclusion")
    facts = _numbered([formula(line) for line in formal])
    yield _question(id_, _text(premises, conclusion), premises, facts, formula(str(said)), answer)


def _proof_writer(raw: RawRow, id_: str) -> Iterator[Question | Dropped]:
    premises = _sentences(str(raw["theory"]))
    for name, asked in raw["questions"].items():
        own = f"{id_}_{name}"
        try:
            yield _in_words(own, premises, str(asked["question"]), _answer(asked["answer"]))
        except _UnusableError as error:
            yield Dropped(own, error.why, error.detail)


def _pronto_qa(raw: RawRow, id_: str) -> Iterator[Question]:
    answer = _answer(raw["answer"]) if raw.get("answer") is not None else None
    yield _in_words(id_, _sentences(str(raw["question"])), _said(str(raw["query"])), answer)


def _logic_lm(raw: RawRow, id_: str) -> Iterator[Question]:
    options = {option[:1]: option[2:].strip(" )") for option in map(str, raw.get("options") or ())}
    given = str(raw["answer"])
    answer = _answer(options.get(given, given))
    yield _in_words(id_, _sentences(str(raw["context"])), _said(str(raw["question"])), answer)


_READERS: Final = (
    (frozenset({"hypothesis_formula"}), _fld),
    (frozenset({"premises", "conclusion", "label"}), _folio),
    (frozenset({"theory", "questions"}), _proof_writer),
    (frozenset({"context", "question", "answer"}), _logic_lm),
    (frozenset({"question", "query"}), _pronto_qa),
)
"""Readers with the fields that a row of theirs has, the most telling first."""


def _in_words(id_: str, premises: Sequence[str], conclusion: str, answer: Answer | None) -> Question:
    """Read sentences from closed templates of English.

    Raises:
        _UnusableError: one of them is in none.
    """
    english = English.of((*premises, conclusion))
    read = [english.read(sentence.strip().rstrip(".")) for sentence in (*premises, conclusion)]
    for sentence, said in zip((*premises, conclusion), read, strict=True):
        if said is None:
            raise _UnusableError("a sentence is not read", sentence)
    *facts, hypothesis = (said for said in read if said is not None)
    if not facts:
        raise _UnusableError("no premises")
    return _question(id_, _text(premises, conclusion), premises, _numbered(facts), hypothesis, answer)


def _question(
    id_: str,
    text: str,
    premises: Sequence[str],
    facts: Mapping[str, Expr],
    hypothesis: Expr,
    answer: Answer | None,
) -> Question:
    formal = tuple(logic_formulas.classic(fact) for fact in facts.values())
    problem = Problem(text, id=id_, answer=answer, premises=tuple(premises), premises_fol=formal)
    return Question(problem, facts, hypothesis)


def _numbered(facts: Sequence[Expr]) -> dict[str, Expr]:
    return {f"fact{number}": fact for number, fact in enumerate(facts, start=1)}


def _text(premises: Sequence[str], conclusion: str) -> str:
    facts = "\n".join(f"fact{number}: {premise.strip()}" for number, premise in enumerate(premises, start=1))
    return f"Facts:\n{facts}\n\nHypothesis: {conclusion.strip()}"


def _lines(value: str | Sequence[object]) -> tuple[str, ...]:
    """Return a list of texts, or the lines of one text."""
    return tuple(line for line in (value.splitlines() if isinstance(value, str) else map(str, value)) if line.strip())


def _sentences(text: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in _SENTENCE.split(text.strip()) if sentence)


def _said(asked: str) -> str:
    """Return the statement that a question asks about."""
    match = _ASKED.fullmatch(asked)
    return match["said"] if match is not None else asked


def _answer(value: object) -> Answer:
    found = _ANSWERS.get(str(value).strip().lower())
    if found is None:
        raise _UnusableError("no answer that is known", str(value))
    return found
