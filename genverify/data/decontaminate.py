"""Examples to those worth keeping: no solution twice, no problem nearly twice, none that a benchmark has.

Everything is decided from texts alone, with fixed hash functions, so that every run decides alike. Of two that are the
same the first is kept: what is kept depends on the order of the examples, not on how they were cut into blocks or which
block was made first. Whether a problem overlaps a benchmark depends on nothing but the two.

Kept in memory for each problem are ``BANDS`` + 2 numbers in hash tables and a sketch of 200 bytes, for each solution
one number: 2.7 kB a problem with two solutions, as measured on 10,000; the texts themselves are not.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from genverify.bench import formats
from genverify.bench.files import raw_rows
from genverify.data.export.files import need
from genverify.data.values import Dropped, Example
from genverify.errors import RecordError

if TYPE_CHECKING:
    import numpy

BANDS: Final = 10
_ROWS: Final = 5
"""Two problems are compared if one of ``BANDS`` groups of this many minima agree: with a Jaccard index of 0.8 in 98 of
100 cases, of 0.9 practically always (1 - (1 - 0.8^5)^10)."""
SHINGLE: Final = 5
"""Words in a row that are compared when looking for near duplicates."""
LONG, SHORT = 13, 8
"""Words in a row that must not agree with a benchmark's problem: 13, as is usual since GPT-3 (Brown et al. 2020,
appendix C); 8 where one of the two has fewer than 13. A problem of fewer than 8 words is compared as a whole."""

SAME_SOLUTION: Final = "the same solution of the same problem again"
SAME_PROBLEM: Final = "the same problem again under another name"
NEAR_PROBLEM: Final = "nearly the same problem again"
IN_BENCHMARK: Final = "overlaps a benchmark problem"

_WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|\w+|[-+*/=<>^&|~¬∧∨→↔∀∃⊕%×÷−≤≥≠]")
_DIGITS: Final = re.compile(r"\d+(?:[.,]\d+)*")


def words(text: str, *, mask_numbers: bool = False) -> list[str]:
    """Return the words of a text, its numbers and the signs of formulas, without case and punctuation.

    Args:
        text: any text.
        mask_numbers: read every number as the same one, so that problems which differ in their numbers are alike.
    """
    found = _WORD.findall(text.casefold())
    return [_DIGITS.sub("0", word) for word in found] if mask_numbers else found


def compared(example: Example) -> str:
    """Return the part of a problem that is its own: without the definition that all problems of a kind share."""
    return example.formal.get("problem_without_definition", example.problem.text)


def _whole(example: Example) -> str:
    """Return all that makes a problem another one: also its table, for one question is asked of many."""
    table = example.problem.table
    cells = [] if table is None else [" | ".join(row) for row in (table.header, *table.rows)]
    return "\n".join([compared(example), *cells])


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def _grams(found: Sequence[str], n: int) -> Iterator[str]:
    return (" ".join(found[i : i + n]) for i in range(len(found) - n + 1))


class Duplicates:
    """Remembers what it has seen.

    Args:
        near: estimated Jaccard index of the word 5-grams of two problems from which the second is dropped, above 0;
            the estimate has a standard error of up to 0.07. Above 1 only what is exactly the same is dropped.
        mask_numbers: compare problems as if all their numbers were the same.

    Raises:
        ValueError: ``near`` is out of its range.
        UsageError: numpy is not installed.
    """

    def __init__(self, near: float = 0.8, *, mask_numbers: bool = False) -> None:
        if not near > 0:
            raise ValueError(f"near must be above 0, got {near}")
        need("numpy")
        self._near, self._mask = near, mask_numbers
        self._solutions: set[int] = set()
        self._groups: dict[int, tuple[str, str]] = {}  # the digest of a group to why it is dropped, and like which
        self._problems: dict[int, str] = {}  # the digest of a problem to its group
        self._bands: dict[int, list[int]] = {}
        self._sketches: list[tuple[str, bytes]] = []

    def of(self, example: Example) -> Dropped | None:
        """Return why an example is dropped, None if it is kept; all solutions of a problem share its fate."""
        group = _digest(example.group)
        if group not in self._groups:
            self._groups[group] = self._problem(example)
        why, like = self._groups[group]
        if why:
            return Dropped(example.id, why, f"like {like}")
        steps = "\n".join(" ".join(step.text.split()) for step in example.steps)
        solution = _digest(f"{' '.join(_whole(example).split())}\n\n{steps}")
        if solution in self._solutions:
            return Dropped(example.id, SAME_SOLUTION)
        self._solutions.add(solution)
        return None

    def _problem(self, example: Example) -> tuple[str, str]:
        """Return why a problem that comes up for the first time is dropped, and like which; else remember it."""
        found = words(_whole(example), mask_numbers=self._mask)
        exact = _digest(" ".join(found) if self._mask else " ".join(_whole(example).split()))
        if (like := self._problems.setdefault(exact, example.group)) != example.group:
            return SAME_PROBLEM, like
        if self._near > 1:
            return "", ""
        like = self._seen(_sketch(_grams(found, min(SHINGLE, max(len(found), 1)))), example.group)
        return (NEAR_PROBLEM, like) if like else ("", "")

    def _seen(self, sketch: "numpy.ndarray[Any, Any]", group: str) -> str:
        """Return the group of a sketch seen before that this one is near to; remember it if there is none."""
        keys = [_band(sketch, band) for band in range(BANDS)]
        for other in sorted({at for key in keys for at in self._bands.get(key, ())}):
            name, numbers = self._sketches[other]
            same = sum(a == b for a, b in zip(memoryview(numbers).cast("I"), sketch.tolist(), strict=True))
            if same >= self._near * len(sketch):
                return name
        for key in keys:
            self._bands.setdefault(key, []).append(len(self._sketches))
        self._sketches.append((group, sketch.tobytes()))
        return ""


def _sketch(shingles: Iterable[str]) -> "numpy.ndarray[Any, Any]":
    """Return the least of each of ``BANDS`` * ``_ROWS`` hash values over all shingles (MinHash, Broder 1997)."""
    import numpy

    values = numpy.array(sorted({_digest(shingle) for shingle in shingles}) or [0], dtype=numpy.uint64)
    factors, terms = _permutations()
    with numpy.errstate(over="ignore"):
        mixed = (values[None, :] * factors[:, None] + terms[:, None]) >> numpy.uint64(32)
    least: numpy.ndarray[Any, Any] = mixed.min(axis=1).astype(numpy.uint32)
    return least


@lru_cache(maxsize=1)
def _permutations() -> tuple["numpy.ndarray[Any, Any]", "numpy.ndarray[Any, Any]"]:
    """Return odd factors and terms of as many multiply-shift hash functions as a sketch has numbers."""
    import numpy

    numbers = [_digest(f"minhash {i}") for i in range(2 * BANDS * _ROWS)]
    factors = numpy.array([n | 1 for n in numbers[::2]], dtype=numpy.uint64)
    return factors, numpy.array(numbers[1::2], dtype=numpy.uint64)


def _band(sketch: "numpy.ndarray[Any, Any]", band: int) -> int:
    part = sketch[band * _ROWS : (band + 1) * _ROWS].tobytes()
    return int.from_bytes(hashlib.blake2b(part + bytes([band]), digest_size=8).digest())


@dataclass(frozen=True, slots=True)
class _Problem:
    """A benchmark's problem."""

    where: str
    text: str


class Benchmarks:
    """Problems that must not be trained on.

    Args:
        paths: files in any format of ``genverify.bench``, or with a problem, question or premises in each row.
        mask_numbers: compare as if all numbers were the same: a problem with other numbers is then taken for the same.

    Raises:
        RecordError: a file cannot be read, or has no problem.
    """

    def __init__(self, paths: Sequence[Path], *, mask_numbers: bool = False) -> None:
        self._mask = mask_numbers
        self._long: dict[int, str] = {}
        self._any: dict[int, str] = {}  # for problems of ours that are short
        self._short: dict[int, str] = {}  # the benchmarks' short ones, for problems of ours that are long
        self.problems = 0
        """Different problems read."""
        seen: set[int] = set()
        for path in paths:
            for problem in _problems(path):
                if (key := _digest(problem.text)) not in seen:
                    seen.add(key)
                    self._add(problem)
        self.problems = len(seen)

    def _add(self, problem: _Problem) -> None:
        found = words(problem.text, mask_numbers=self._mask)
        for gram in _grams(found, LONG):
            self._long.setdefault(_digest(gram), problem.where)
        for gram in _grams(found, SHORT):
            self._any.setdefault(_digest(gram), problem.where)
            if len(found) < LONG:
                self._short.setdefault(_digest(gram), problem.where)
        if 0 < len(found) < SHORT:
            self._any.setdefault(_digest(" ".join(found)), problem.where)

    def of(self, example: Example) -> Dropped | None:
        """Return why an example is dropped, with the benchmark's row and the words that agree; None if it is kept."""
        found = words(compared(example), mask_numbers=self._mask)
        for index, n in self._indexes(len(found)):
            for gram in _grams(found, n):
                where = index.get(_digest(gram))
                if where is not None:
                    return Dropped(example.id, IN_BENCHMARK, f'{where}: "{gram[:120]}"')
        return None

    def _indexes(self, count: int) -> tuple[tuple[dict[int, str], int], ...]:
        if count >= LONG:
            return (self._long, LONG), (self._short, SHORT)
        return ((self._any, SHORT if count >= SHORT else max(count, 1)),)


_FIELDS: Final = ("problem", "question", "statement", "input", "prompt", "text", "conclusion")


def _problems(path: Path) -> Iterator[_Problem]:
    """Yield the problems of a file; its name, not the folder it lies in, goes into reports.

    Raises:
        RecordError: it cannot be read, or has none.
    """
    try:
        for row in formats.read(path)[0]:
            yield _Problem(f"{path.name}: {row.id}", "\n".join([row.problem.text, *row.problem.premises]))
    except RecordError:  # no labelled solutions
        yield from _bare(path)


def _bare(path: Path) -> Iterator[_Problem]:
    found = False
    for place, raw in raw_rows(path):
        texts = [raw[name] for name in _FIELDS if isinstance(raw.get(name), str)]
        premises = raw.get("premises") or []
        texts += [p for p in premises if isinstance(p, str)] if isinstance(premises, list) else []
        if texts:
            found = True
            yield _Problem(f"{path.name}: {raw.get('id', place.rpartition(':')[2])}", "\n".join(texts))
    if not found:
        raise RecordError(f"{path}: expected rows with a problem, a question or premises, got none")
