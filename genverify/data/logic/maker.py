"""Numbers to labelled deductions: problems of logic with a right proof each, and one with a planted error.

``make`` is the maker; ``label`` labels proofs of others, ``prompt`` asks an engine for proofs that it can read.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from genverify import templates
from genverify.data.logic import proofs as logic_proofs
from genverify.data.logic.errors import Planted, proposals
from genverify.data.logic.formulas import classic, write
from genverify.data.logic.labels import (
    Known,
    Question,
    answer_label,
    claims,
    decided,
    label,
    label_many,
    leans,
    question,
    stated,
    status,
    status_claims,
    step_label,
)
from genverify.data.logic.problems import Answer, Line, Puzzle, puzzle
from genverify.data.logic.words import English
from genverify.data.values import Dropped, Example, Kind, LabelledStep, Tools
from genverify.types import Check, Claim, Outcome, Problem

if TYPE_CHECKING:
    from genverify.tools.checkers import Checkers

__all__ = ["Question", "label", "label_many", "make", "prompt", "question"]

_BATCH: Final = 200
"""Records whose claims are handed over at once: some two thousand, a second or two of work for two workers."""
_ATTEMPTS: Final = 6
"""Problems tried for one number until Z3 finds that one stands as planned; the first does in nearly all cases."""
_PROPOSALS: Final = 16
"""Planted errors tried for one record until one is refuted; the first or second is in nearly all cases."""


def make(numbers: range, seed: int, tools: Tools) -> Iterator[Example | Dropped]:
    """Yield the records ``numbers``: record ``i`` solves problem ``i // 2``, wrongly where ``i`` is odd.

    Answers (PROVED, DISPROVED, UNKNOWN), depths (1 to 8) and symbols or words come in turn, so that they are balanced.
    Problems are grown as in FLD (Morishita et al. 2023), steps labelled as in FoVer (Kamoi et al. 2025) with its
    defects mended, errors accepted only with a counter-model (SPC's sneaky generator, with a tool as its judge).

    Raises:
        ToolError: a checker could not be started; it says nothing about any record.
    """
    for start in range(0, len(numbers), _BATCH):
        yield from _batch(numbers[start : start + _BATCH], seed, tools.checkers)


def prompt(asked: Question) -> str:
    """Return a prompt that asks for a proof in the form that :func:`label` reads (``prompts/data_logic.toml``).

    Raises:
        ValueError: a formula holds something that the notation lacks.
    """
    formal = asked.formal()
    file = templates.load("data_logic")
    return file.fill("ask", hypothesis=formal["hypothesis_formula"], facts=formal["facts_formula"])


@dataclass(frozen=True, slots=True)
class _Draft:
    """A record whose steps are still to be labelled."""

    number: int
    puzzle: Puzzle
    planted: Planted | None
    """What is wrong with it; None for the right proof."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Return its steps."""
        return self.puzzle.lines() if self.planted is None else self.planted.lines

    @property
    def claims(self) -> list[Claim]:
        """Return what has to hold for each of its steps."""
        return claims(self.lines, self.puzzle.facts, self.puzzle.hypothesis)


def _batch(numbers: range, seed: int, checkers: "Checkers") -> Iterator[Example | Dropped]:
    known: Known = {}
    puzzles = _puzzles(sorted({number // 2 for number in numbers}), seed, checkers)
    errors = _errors([n for n in numbers if n % 2 and n // 2 in puzzles], puzzles, seed, checkers, known)
    drafts: list[_Draft | Dropped] = []
    for number in numbers:
        asked = puzzles.get(number // 2)
        if asked is None:
            drafts.append(Dropped(_id(seed, number), "no problem with the planned answer"))
        elif number % 2 and number not in errors:
            drafts.append(Dropped(_id(seed, number), "no error could be proved"))
        else:
            drafts.append(_Draft(number, asked, errors.get(number)))
    checks = iter(decided([c for draft in drafts if isinstance(draft, _Draft) for c in draft.claims], checkers, known))
    for draft in drafts:
        yield draft if isinstance(draft, Dropped) else _example(draft, seed, checks)


def _id(seed: int, number: int) -> str:
    return f"logic-{seed}-{number:06d}"


def _puzzles(numbers: Sequence[int], seed: int, checkers: "Checkers") -> dict[int, Puzzle]:
    """Return the problems that stand as planned: Z3 finds what the label says, and no contradiction among the facts."""
    found: dict[int, Puzzle] = {}
    for attempt in range(_ATTEMPTS):
        tried = [puzzle(number, seed, attempt) for number in numbers if number not in found]
        checks = iter(decided([c for asked in tried for c in _planned(asked)], checkers))
        for asked in tried:
            if _stands(asked, list(itertools.islice(checks, len(_planned(asked))))):
                found[asked.number] = asked
        if len(found) == len(numbers):
            break
    return found


def _planned(asked: Puzzle) -> tuple[Claim, ...]:
    """Return the claims that decide whether a problem stands as planned: one entailment shows two things at once."""
    positive, negative = status_claims(asked.facts, asked.hypothesis)
    return {Answer.PROVED: (positive,), Answer.DISPROVED: (negative,), Answer.UNKNOWN: (positive, negative)}[
        asked.answer
    ]


def _stands(asked: Puzzle, checks: Sequence[Check]) -> bool:
    if asked.answer is Answer.UNKNOWN:
        return status(*checks) is Answer.UNKNOWN
    return checks[0].outcome is Outcome.CONFIRMED  # which it is not where the facts contradict each other


def _errors(
    numbers: Sequence[int], puzzles: dict[int, Puzzle], seed: int, checkers: "Checkers", known: Known
) -> dict[int, Planted]:
    """Return for each number the first planted error that Z3 refutes."""
    waiting = {
        number: itertools.islice(
            proposals(puzzles[number // 2], random.Random(f"{seed}/logic/{number}/error")), _PROPOSALS
        )
        for number in numbers
    }
    found: dict[int, Planted] = {}
    while waiting:
        tried = {number: planted for number, more in waiting.items() if (planted := next(more, None)) is not None}
        drafts = [_Draft(number, puzzles[number // 2], planted) for number, planted in tried.items()]
        asked = [draft for draft in drafts if _needs_proof(draft.planted)]
        refuted = _refuted([draft.claims[draft.planted.place] for draft in asked if draft.planted], checkers, known)
        proved = {draft.number for draft, wrong in zip(asked, refuted, strict=True) if wrong}
        for number, planted in tried.items():
            if number in proved or not _needs_proof(planted):
                found[number] = planted
        waiting = {number: more for number, more in waiting.items() if number in tried and number not in found}
    return found


def _refuted(asked: Sequence[Claim], checkers: "Checkers", known: Known) -> list[bool]:
    return [check.outcome is Outcome.REFUTED for check in decided(asked, checkers, known)]


def _needs_proof(planted: Planted | None) -> bool:
    """Whether Z3 has to refute the step: another answer is wrong by the problem's check, a circle is never wrong."""
    return planted is not None and planted.place < len(planted.lines) and not leans(planted.lines[planted.place])


# --- writing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes a problem and its steps, in symbols or in words."""

    puzzle: Puzzle
    english: English

    @classmethod
    def of(cls, asked: Puzzle) -> "_Writer":
        """Choose the words; they depend on the problem alone."""
        return cls(
            asked, English([*asked.facts.values(), *(node.formula for node in asked.proof.nodes())], asked.words)
        )

    def problem(self, id_: str) -> tuple[Problem, dict[str, str]]:
        """Return the problem, and what is known of it in other words."""
        asked, say = self.puzzle, self.english.sentence
        in_words = {name: say(fact) for name, fact in asked.facts.items()}
        in_symbols = {name: write(fact) for name, fact in asked.facts.items()}
        premises = in_symbols if asked.symbolic else in_words
        formal = {
            "hypothesis_formula": write(asked.hypothesis), "facts_formula": _named(in_symbols),
            "hypothesis_text": say(asked.hypothesis), "facts_text": _named(in_words),
            "glossary": self.english.glossary(), "depth": str(asked.depth),
        }  # fmt: skip
        form = "symbols" if asked.symbolic else "words"
        hypothesis, facts = (
            (formal["hypothesis_formula"], formal["facts_formula"])
            if asked.symbolic
            else (formal["hypothesis_text"], formal["facts_text"])
        )
        text, bare = stated(form, hypothesis, facts)
        formal["problem_without_definition"] = bare
        problem = Problem(
            text,
            id=id_,
            answer=asked.answer,
            premises=tuple(premises.values()),
            premises_fol=tuple(classic(fact) for fact in asked.facts.values()),
        )
        return problem, formal

    def steps(self, lines: Sequence[Line]) -> list[str]:
        """Return the text of each step."""
        return [
            self.step(line, logic_proofs.ends(lines, place, self.puzzle.hypothesis)) for place, line in enumerate(lines)
        ]

    def step(self, line: Line, proves: bool | None) -> str:
        """Return the text of one step."""
        if self.puzzle.symbolic:
            return logic_proofs.text_of(line, proves)
        return self.english.step(line.cites, line.name, line.formula, proves)


def _named(facts: dict[str, str]) -> str:
    return "\n".join(f"{name}: {fact}" for name, fact in facts.items())


def _example(draft: _Draft, seed: int, checks: Iterator[Check]) -> Example | Dropped:
    asked, planted, lines = draft.puzzle, draft.planted, draft.lines
    writer = _Writer.of(asked)
    group = f"logic-{seed}-problem-{asked.number:06d}"
    problem, formal = writer.problem(group)
    steps = [
        LabelledStep(text, step_label(line, next(checks)), (claim,), said=claim.statement)
        for text, line, claim in zip(writer.steps(lines), lines, draft.claims, strict=True)
    ]
    answer = asked.answer if planted is None else planted.answer
    steps.append(LabelledStep(logic_proofs.final(answer), answer_label(answer, asked.answer, "answer")))
    if planted is None and not all(step.label.right for step in steps):
        return Dropped(_id(seed, draft.number), "a right step could not be confirmed", str(steps)[:200])
    return Example(
        id=_id(seed, draft.number),
        kind=Kind.LOGIC,
        problem=problem,
        steps=tuple(steps if planted is None else _marked(steps, planted, writer)),
        maker="gold" if planted is None else "sneaky",
        group=group,
        family=f"{asked.theory}, {'symbols' if asked.symbolic else 'words'}",
        answer=answer,
        formal=formal,
    )


def _marked(steps: list[LabelledStep], planted: Planted, writer: _Writer) -> list[LabelledStep]:
    """Return the steps with the planted one named, and put right where one step does that."""
    correction = ""
    if planted.correction is not None:
        hypothesis = writer.puzzle.hypothesis
        at_the_end = planted.place == len(planted.lines) - 1
        correction = writer.step(
            planted.correction,
            logic_proofs.ends((planted.correction,), 0, hypothesis) if at_the_end else None,
        )
    elif planted.place == len(planted.lines):
        correction = logic_proofs.final(writer.puzzle.answer)
    wrong = replace(steps[planted.place], error=planted.error, correction=correction)
    return [*steps[: planted.place], wrong, *steps[planted.place + 1 :]]
