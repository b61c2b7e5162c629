"""Rows of the public step-labelled benchmarks, as their authors publish them or in our common form, to one value.

The format is known by the fields of a row. Index bases and polarities differ, and each is converted here, once:

============== ========================== ============================================== ======================
format         known by                   place of the error                             no error
============== ========================== ============================================== ======================
common         ``steps``, ``label``       first wrong step from 0                        -1 (null: place unknown)
ProcessBench   the same                   the same                                       -1
BIG-Bench M.   ``mistake_index``          from 0                                         null
PRMBench       ``modified_process``       ``error_steps`` from 1, all of them            empty
PRM800K        ``label.steps``            a rating for each candidate of a step          1 or 0 (-1 is wrong)
MR-GSM8K       ``model_output_steps``     the number that "Step n" in the text has       "N/A"
MR-Ben         ``Model_Solution_Steps``   the same; for code, the text of the line       "N/A"
PARC           ``error_annotation``       ``step_number`` from 1; premise 0: the problem ``has_error`` false
MathCheck      ``task_type``              "Step n", from 1                               "Correct"
verify_cot     ``flag``                   none: flag 0 is "somewhere"                    1
FoVer          ``error_labels``           a label for each step, **true means right**    all true
pools          ``solutions``              none: a wrong answer is "somewhere"            ``correct`` true
============== ========================== ============================================== ======================
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from genverify.bench.files import RawRow, raw_rows
from genverify.bench.rows import Gold, Row, Unusable
from genverify.errors import RecordError
from genverify.types import Problem, Solution

_STEP: Final = re.compile(r"\s*(?:#+\s*|\*\*\s*)?Step\s*(\d+)\b", re.IGNORECASE)
_CITED_STEP: Final = re.compile(r"(?m)^#\d+\.\s*\(by\b")
_NO_ERROR: Final = -1


def read(path: Path) -> tuple[list[Row], list[Unusable]]:
    """Return the labelled solutions of ``path``, and the rows from which none could be made, each with the reason.

    Raises:
        RecordError: the file cannot be read, or not one of its rows can be used.
    """
    rows: list[Row] = []
    bad: list[Unusable] = []
    for place, raw in raw_rows(path):
        found, problems = _of(raw, place)
        rows.extend(found)
        bad.extend(problems)
    if not rows:
        first = f"; the first: {bad[0].why}" if bad else ""
        raise RecordError(f"{path}: expected labelled solutions, got none ({len(bad)} rows cannot be used{first})")
    return rows, bad


def _of(raw: RawRow, place: str) -> tuple[list[Row], list[Unusable]]:
    reader = next((reader for field, reader in _READERS if _has(raw, field)), None)
    if reader is None:
        fields = ", ".join(sorted(raw))[:120] or "none"
        return [], [Unusable(place, f"{place}: expected a row of a known format, got the fields {fields}")]
    try:
        found = list(reader(raw, place))
    except KeyError as error:
        fields = ", ".join(sorted(raw))[:120]
        return [], [
            Unusable(place, f'{place}: field "{error.args[0]}" is missing or has no such value; it has {fields}')
        ]
    except (IndexError, TypeError, ValueError, AttributeError) as error:
        return [], [Unusable(place, f"{place}: expected a row of its format, got one that cannot be read: {error}")]
    return [r for r in found if isinstance(r, Row)], [r for r in found if isinstance(r, Unusable)]


def _has(raw: RawRow, field: str) -> bool:
    value: Any = raw
    for name in field.split("."):
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return True


def _row(place: str, raw: RawRow, id_: object, question: object, steps: Sequence[str], gold: Gold) -> Row:
    """Make a row, or say why it cannot be one.

    Raises:
        ValueError: there is no step, a text is none, or a label points past the last step.
    """
    if not isinstance(question, str) or not all(isinstance(s, str) for s in steps):
        raise ValueError("expected the problem and each step as a text")
    if gold.first_error is not None and not _NO_ERROR <= gold.first_error < len(steps):
        raise ValueError(f"the first error is step {gold.first_error} (from 0), the solution has {len(steps)} steps")
    if gold.right and len(gold.right) != len(steps):
        raise ValueError(f"{len(gold.right)} labels for {len(steps)} steps")
    identity = str(id_) if id_ is not None else place
    problem = Problem(
        question,
        id=identity,
        premises=tuple(raw.get("premises") or ()),
        premises_fol=tuple(raw.get("premises_fol") or ()),
    )
    return Row(identity, problem, Solution.from_steps(tuple(steps), id=identity), gold)


def _marked(count: int, wrong: Iterable[int]) -> tuple[bool, ...]:
    """Return for each of ``count`` steps whether it is right; ``wrong`` counts from 0.

    Raises:
        ValueError: a wrong step is not there.
    """
    places = set(wrong)
    if any(not 0 <= place < count for place in places):
        raise ValueError(f"error steps {sorted(places)} (from 0) of {count} steps")
    return tuple(i not in places for i in range(count))


def _first(right: Sequence[bool | None]) -> int:
    return next((i for i, ok in enumerate(right) if ok is False), _NO_ERROR)


# --- the common form ------------------------------------------------------------------------------------------------


def _common(raw: RawRow, place: str) -> Iterator[Row]:
    meta: dict[str, Any] = raw.get("meta") or {}
    steps, label = raw["steps"], raw["label"]
    if isinstance(label, bool) or not (label is None or isinstance(label, int)):
        raise ValueError(f"label: expected a step from 0, -1 or null, got {label!r}")
    if "classification" in meta:
        kind = str(meta["classification"])
        gold = Gold(
            label,
            _marked(len(steps), meta.get("error_steps") or ()),
            group="correct" if kind.startswith("original") else kind,
            pair=str(raw.get("id", "")).rpartition("-")[2],
        )
    elif "error_types" in meta:
        kinds = {int(step): list(names) for step, names in meta["error_types"].items()}
        gold = Gold(
            label,
            _marked(len(steps), kinds),
            inherited=_inherited(kinds, len(steps)),
            premises=_premises(meta.get("premises_1based_0_is_question") or {}, len(steps)),
        )
    else:
        gold = Gold(label, group=str(meta.get("question_type") or ""))
    yield _row(place, raw, raw.get("id"), raw["problem"], steps, gold)


def _inherited(kinds: dict[int, list[str]], count: int) -> tuple[bool, ...]:
    """Return for each step whether PARC gives it an accumulation error and nothing else."""
    return tuple([kind.lower() for kind in kinds.get(i, [])] == ["accumulation_error"] for i in range(count))


def _premises(cited: dict[str, list[int]], count: int) -> tuple[tuple[int, ...], ...]:
    """Turn PARC's numbers, the problem 0 and the steps from 1, into ours: the problem -1 and the steps from 0."""
    return tuple(tuple(sorted({int(n) - 1 for n in cited.get(str(i + 1), ())})) for i in range(count))


# --- the authors' own forms -----------------------------------------------------------------------------------------


def _big_bench_mistake(raw: RawRow, place: str) -> Iterator[Row]:
    index = raw["mistake_index"]  # null is "no mistake" here, not "place unknown"
    yield _row(place, raw, raw.get("id"), raw["input"], raw["steps"], Gold(_NO_ERROR if index is None else int(index)))


def _prmbench(raw: RawRow, place: str) -> Iterator[Row]:
    group, idx, steps = str(raw["classification"]), str(raw["idx"]), raw["modified_process"]
    right = _marked(len(steps), (int(n) - 1 for n in raw["error_steps"]))
    yield _row(place, raw, f"{group}_{idx}", raw["modified_question"], steps, Gold(_first(right), right, group, idx))
    if group == "redundency":  # each original comes once: the authors take it from the rows of this class
        steps = raw["original_process"]
        gold = Gold(_NO_ERROR, _marked(len(steps), ()), "correct", idx)
        yield _row(place, raw, f"correct_{idx}", raw["original_question"], steps, gold)


def _prm800k(raw: RawRow, place: str) -> Iterator[Row]:
    """Make a row for each rated candidate: the steps chosen before it, then the candidate itself."""
    question = raw["question"]["problem"]
    before: list[str] = []
    for depth, step in enumerate(raw["label"]["steps"]):
        candidates = step.get("completions") or []
        for number, candidate in enumerate(candidates):
            if candidate.get("rating") in (-1, 0, 1):
                first = len(before) if candidate["rating"] == -1 else _NO_ERROR
                id_ = f"{place}/{depth}/{number}"
                yield _row(place, {}, id_, question, [*before, candidate["text"]], Gold(first, group="prefix"))
        chosen = step.get("chosen_completion")
        next_ = candidates[chosen] if chosen is not None else step.get("human_completion")
        if not next_:
            return  # the labeller stopped here
        before.append(next_["text"] if isinstance(next_, dict) else next_)


def _mr_gsm8k(raw: RawRow, place: str) -> Iterator[Row]:
    steps, numbers = _numbered(_lines(raw["model_output_steps"]))
    right = str(raw["model_output_solution_correctness"]).strip().lower() == "correct"
    first = _NO_ERROR if right else _place_of(raw["model_output_solution_first_error_step"], numbers)
    gold = Gold(first, group=str(raw.get("question_type", "")))
    yield _row(place, raw, raw.get("uuid"), raw["question"], steps, gold)


def _mr_ben(raw: RawRow, place: str) -> Iterator[Row]:
    code = raw["Subject"] == "coding"
    lines = _lines(raw["Model_Solution_Steps"], keep_empty=code)
    steps, numbers = (lines, [0] * len(lines)) if code else _numbered(lines)
    said = raw["Model_Solution_First_Error_Step"]
    if str(raw["Model_Solution_Correctness"]).strip().lower() == "correct":
        first = _NO_ERROR
    else:
        first = _line_of(str(said), lines) if code else _place_of(said, numbers)
    options = f"\nOptions:\n{raw['Options']}" if raw.get("Options") else ""
    id_ = f"{raw.get('Question_UUID', place)}-{raw.get('Sampled_Model', '')}"
    gold = Gold(first, group=str(raw["Subject"]))
    yield _row(place, raw, id_, raw["Question"] + options, steps, gold)


def _lines(steps: str | list[str], *, keep_empty: bool = False) -> list[str]:
    lines = steps.split("\n") if isinstance(steps, str) else list(steps)
    return lines if keep_empty else [line for line in lines if line.strip()]


def _numbered(lines: Sequence[str]) -> tuple[list[str], list[int]]:
    """Join the lines of each "Step n"; return the steps and their numbers.

    A step is often several entries of the list, some of them empty, so a list index would name another step in one
    solution of five. Text before the first number goes to it, text after the last one to that one.
    """
    steps: list[str] = []
    numbers: list[int] = []
    lead: list[str] = []
    for line in lines:
        match = _STEP.match(line)
        if match is not None:
            steps.append("\n".join([*lead, line]))
            numbers.append(int(match[1]))
            lead = []
        elif steps:
            steps[-1] += "\n" + line
        else:
            lead.append(line)
    return (steps, numbers) if steps else (list(lines), list(range(1, len(lines) + 1)))


def _place_of(said: object, numbers: Sequence[int]) -> int:
    match = re.search(r"\d+", str(said))
    if match is None or int(match[0]) not in numbers:
        raise ValueError(f"the first error step is {said!r}; the steps are numbered {list(numbers)}")
    return numbers.index(int(match[0]))


def _line_of(said: str, lines: Sequence[str]) -> int:
    stripped = [line.strip() for line in lines]
    if not said.strip() or said.strip() not in stripped:
        raise ValueError(f"the first error line {said[:60]!r} is not a line of the program")
    return stripped.index(said.strip())


def _parc(raw: RawRow, place: str) -> Iterator[Row]:
    steps = raw["steps"]
    noted = raw["error_annotation"]["error_annotations"]["step_level"]
    kinds = {int(n["step_number"]) - 1: [e["error_type"] for e in n["errors"]] for n in noted if n["has_error"]}
    right = _marked(len(steps), kinds)
    inherited = _inherited(kinds, len(steps))
    cited = {str(s["step_number"]): [int(p[0]) for p in s["premises"]] for s in raw["premise_annotation"]["steps"]}
    gold = Gold(_first(right), right, inherited=inherited, premises=_premises(cited, len(steps)))
    yield _row(place, raw, raw.get("id"), raw["question"], steps, gold)


def _mathcheck(raw: RawRow, place: str) -> Iterator[Row | Unusable]:
    task, answer = raw["task_type"], raw["answer"]
    if task not in ("outcome_judging", "process_judging"):
        yield Unusable(place, f"{place}: the task {task} judges no solution")
        return
    steps, numbers = _numbered(_lines(raw["solution"]))
    if task == "process_judging":
        first: int | None = _place_of(answer, numbers)
    else:
        first = {"Correct": _NO_ERROR, "Incorrect": None}[answer]
    yield _row(place, raw, raw.get("id"), raw["question"], steps, Gold(first, group=str(raw["question_type"])))


def _verify_cot(raw: RawRow, place: str) -> Iterator[Row]:
    text = raw["answer"]
    starts = [m.start() for m in _CITED_STEP.finditer(text)]
    if not starts:
        raise ValueError('no step "#n. (by ...)" in the chain')
    steps = [text[a:b].strip() for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    first = {1: _NO_ERROR, 0: None}[int(raw["flag"])]
    yield _row(place, raw, raw.get("id"), raw["question"], steps, Gold(first))


def _fover(raw: RawRow, place: str) -> Iterator[Row]:
    right = tuple(None if ok is None else bool(ok) for ok in raw["error_labels"])  # True means right
    steps = raw["solution_steps"]
    yield _row(place, raw, raw.get("id"), raw["problem"], steps, Gold(_first(right), right))


def _pool(raw: RawRow, place: str) -> Iterator[Row | Unusable]:
    """Make a row for each solution of a problem; a right answer is taken for a right solution."""
    id_ = str(raw.get("id", place))
    for number, solution in enumerate(raw["solutions"]):
        text, correct = solution["text"], bool(solution["correct"])
        if not text.strip():
            yield Unusable(f"{id_}#{number}", f"{place}: solution {number} is empty")
            continue
        made = Solution.from_text(text)
        final = solution.get("final", made.final_answer or _after_a(text))
        score = solution.get("rm_score")
        gold = Gold(
            _NO_ERROR if correct else None,
            pair=id_,
            correct=correct,
            answer=None if final is None else str(final),
            stored_score=None if score is None else float(score),
        )
        yield _row(place, raw, f"{id_}#{number}", raw["problem"], [step.text for step in made.steps], gold)


def _after_a(text: str) -> str | None:
    """Return what stands after "A:" on a line of its own, as in GSM8K's solutions by models; the last one."""
    found = re.findall(r"(?m)^A:[ \t]*(\S.*)$", text)
    return found[-1].strip() if found else None


_Reader = Callable[[RawRow, str], Iterable[Row | Unusable]]
_READERS: Final[tuple[tuple[str, _Reader], ...]] = (
    ("mistake_index", _big_bench_mistake),
    ("modified_process", _prmbench),
    ("label.steps", _prm800k),
    ("model_output_steps", _mr_gsm8k),
    ("Model_Solution_Steps", _mr_ben),
    ("error_annotation", _parc),
    ("task_type", _mathcheck),
    ("flag", _verify_cot),
    ("error_labels", _fover),
    ("steps", _common),
    ("solutions", _pool),
)
"""A field that only this format has, and its reader; the first that fits is taken."""
