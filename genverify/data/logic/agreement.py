"""Questions with gold answers to how far Z3's answers cover them and agree with them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from genverify.data.logic.labels import BATCH, Question, decided, status, status_claims
from genverify.data.values import Dropped, Tools


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts over the questions of one source."""

    table: Mapping[tuple[str, str], int]
    """How many questions have the gold answer and the answer found; ``undecided`` where none was."""
    dropped: Mapping[str, int]
    """How many rows were not read, or had no gold answer, by reason."""

    @property
    def rows(self) -> int:
        """Return how many questions there were, read or not."""
        return self.read + sum(self.dropped.values())

    @property
    def read(self) -> int:
        """Return how many were read and have a gold answer."""
        return sum(self.table.values())

    @property
    def decided(self) -> int:
        """Return how many of these Z3 decided."""
        return sum(count for (_, found), count in self.table.items() if found != "undecided")

    @property
    def agreeing(self) -> int:
        """Return in how many of these the two answers are the same."""
        return sum(count for (gold, found), count in self.table.items() if found == gold)


def agreement(asked: Iterable[Question | Dropped], tools: Tools) -> Agreement:
    """Compare gold answers with what Z3 finds from the formulas.

    Raises:
        ToolError: a checker could not be started.
    """
    table, dropped = Counter[tuple[str, str]](), Counter[str]()
    for batch in _batches(iter(asked)):
        dropped.update(
            item.why if isinstance(item, Dropped) else "no gold answer" for item in batch if not _usable(item)
        )
        usable = [item for item in batch if isinstance(item, Question) and _usable(item)]
        checks = iter(decided([c for q in usable for c in status_claims(q.facts, q.hypothesis)], tools.checkers))
        for question in usable:
            table[str(question.problem.answer), str(status(next(checks), next(checks)) or "undecided")] += 1
    return Agreement(dict(table), dict(dropped))


def _batches(items: Iterator[Question | Dropped]) -> Iterator[list[Question | Dropped]]:
    while batch := list(islice(items, BATCH)):
        yield batch


def _usable(item: Question | Dropped) -> bool:
    return isinstance(item, Question) and item.problem.answer is not None
