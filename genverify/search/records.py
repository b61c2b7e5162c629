"""JSON lines to problems with candidates, and selections and refinements to JSON lines; wire names of search live here.

An input row is ``{"id", "problem", "solutions": [{"text"}, ...], "answer"}``: of a solution ``steps`` may stand for
``text``, and ``final`` gives its answer where the text does not mark it. Without ``solutions`` a policy writes them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from genverify import records
from genverify.errors import RecordError
from genverify.records import BadLine
from genverify.search.refined import RefinedSelection
from genverify.search.refinement import Refinement
from genverify.search.session import answered, joined
from genverify.search.tree import SearchTree
from genverify.search.values import Candidate, Selection
from genverify.types import Failure, Problem

SCHEMA: Final = 1
"""Version of the formats; it rises when a reader of the old ones would misread the new ones."""
MAX_SOLUTIONS: Final = 4096
"""Most solutions of one problem: 16 times the largest published best-of-N."""
_OURS: Final = frozenset({"id", "problem", "solutions", "answer", "premises", "premises_fol"})


@dataclass(frozen=True, slots=True)
class Pool:
    """One good input row."""

    problem: Problem
    candidates: tuple[Candidate, ...] | None
    """None: a policy is to write them."""
    id: str | int | None
    """The row's own id as it was written; None if it has none."""
    line: int
    """Line in the file, counted from 1 as editors do."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """All fields that are not ours, as they came."""


def read_pool(record: dict[str, Any], line: int) -> Pool:
    """Read one row.

    Raises:
        RecordError: a field is missing or of another kind.
    """
    identity = records.id_of(record)
    problem = records.problem_of(record, None if identity is None else str(identity))
    extra = {key: value for key, value in record.items() if key not in _OURS}
    given = record.get("solutions")
    if given is None:
        return Pool(problem, None, identity, line, extra)
    if not isinstance(given, list) or len(given) > MAX_SOLUTIONS:
        got = f"{len(given)} of them" if isinstance(given, list) else type(given).__name__
        raise RecordError(f'field "solutions": expected a list of at most {MAX_SOLUTIONS} solutions, got {got}')
    return Pool(problem, tuple(_candidate(i, item) for i, item in enumerate(given)), identity, line, extra)


def _candidate(index: int, item: object) -> Candidate:
    row = {"text": item} if isinstance(item, str) else item
    if not isinstance(row, dict):
        raise RecordError(f"solution {index} (from 0): expected an object or a text, got {type(item).__name__}")
    try:
        solution = records.solution_of(row)
    except RecordError as error:
        raise RecordError(f"solution {index} (from 0): {error}") from None
    if solution is None:
        return Candidate(index, None, failure=Failure(f"candidate {index}", "the solution is empty"))
    if "final" not in row:
        return answered(Candidate(index, solution))
    final = row["final"]
    # a null says that no answer was found by whoever made the row; to look for one again would overrule it
    text = final if isinstance(final, str) or final is None else json.dumps(final, ensure_ascii=False)
    return Candidate(index, solution, text, "given" if text is not None else "")


def read_pools(source: str | Path) -> Iterator[Pool | BadLine]:
    """Read the rows of a file; ``-`` is standard input and ``.gz`` is unpacked.

    Raises:
        RecordError: the file cannot be opened or holds nothing.
    """
    return records.read_rows(source, read_pool)


def selection_line(made: Selection, pool: Pool, id: str | int, beside: RefinedSelection | None = None) -> str:
    """Return a selection as one line of JSON, without the line break.

    Args:
        made: the selection.
        pool: the row that it answers; fields that are not ours are written back.
        id: the row's id, or one made for it.
        beside: where refinement took part, its figures and the plain selection of equal budget.
    """
    body = {"id": id, **_selection(made)}
    if beside is not None:
        body |= {
            "tokens": beside.tokens,
            "plain": None if beside.plain is None else _selection(beside.plain),
            "plain_tokens": beside.plain_tokens,
            "flips": [list(pair) for pair in beside.flips],
            "spent": asdict(beside.spent),
            "failures": [asdict(f) for f in beside.failures],
        }
    return _line(body, pool.extra)


def refinement_line(made: Refinement, id: str | int, extra: Mapping[str, Any]) -> str:
    """Return a refinement as one line of JSON, without the line break."""
    result = made.result
    steps = [] if result is None or result.solution is None else [step.text for step in result.solution.steps]
    body: dict[str, Any] = {
        "id": id,
        "steps": steps,
        "answer": None if result is None else result.answer,
        "best": made.best,
        "first_error": None if result is None or result.report is None else result.report.first_error,
        "ending": made.ending,
        "why": made.why,
        "correct_before": made.correct_before,
        "correct_after": made.correct_after,
        "flips": list(made.flips),
        "versions": [_candidate_row(version) for version in made.versions],
        "spent": asdict(made.spent),
        "failures": [asdict(f) for f in made.failures],
    }
    return _line(body, extra)


def tree_line(made: SearchTree, pool: Pool | None = None, id: str | int | None = None) -> str:
    """Return a search tree as one line of JSON, without the line break; every node has its own step only.

    Args:
        made: the tree.
        pool: the row that it answers; fields that are not ours are written back.
        id: the row's id, or one made for it; None takes the problem's own.
    """
    nodes = [
        {**_candidate_row(n.prefix), "text": n.steps[-1] if n.steps else None, "value": n.value, "fate": n.fate}
        for n in made.nodes
    ]
    body = {
        "id": made.selection.problem_id if id is None else id,
        "strategy": made.strategy,
        "nodes": nodes,
        "finished": list(made.finished),
        "selection": _selection(made.selection),
    }
    return _line(body, {} if pool is None else pool.extra)


def _line(body: dict[str, Any], extra: Mapping[str, Any]) -> str:
    body["schema"] = SCHEMA
    kept = {key: value for key, value in extra.items() if key not in body}
    return json.dumps({**body, **kept}, ensure_ascii=False, allow_nan=False)


def _selection(made: Selection) -> dict[str, Any]:
    return {
        "answer": made.answer,
        "chosen": made.chosen,
        "method": made.method,
        "why": made.why,
        "correct": made.correct,
        "tied": list(made.tied),
        "seed": made.seed,
        "undecided_pairs": made.undecided_pairs,
        "groups": [asdict(group) for group in made.groups],
        "candidates": [_candidate_row(candidate) for candidate in made.candidates],
        "spent": asdict(made.spent),
        "failures": [asdict(f) for f in made.failures],
    }


def _candidate_row(candidate: Candidate) -> dict[str, Any]:
    report = candidate.report
    wrong = None if report is None or report.first_error is None else report.steps[report.first_error]
    solution = candidate.solution
    return {
        "index": candidate.index,
        "text": None if solution is None else joined([step.text for step in solution.steps]),
        "answer": candidate.answer,
        "answer_from": candidate.answer_from,
        "score": candidate.score,
        "verified": report is not None,
        "first_error": None if report is None else report.first_error,
        "error": None if wrong is None else wrong.why,
        "p_correct": None if report is None else [step.p_correct for step in report.steps],
        "origin": candidate.origin,
        "parent": candidate.parent,
        "edited": candidate.edited,
        "tokens": candidate.tokens,
        "complete": candidate.complete,
        "failure": None if candidate.failure is None else candidate.failure.what,
    }
