"""Pools of solutions to rows whose answers are sorted into classes of equal ones."""

from dataclasses import replace
from pathlib import Path

from genverify import answers
from genverify.bench import formats
from genverify.bench.judging import Reader
from genverify.bench.rows import Row, Unusable
from genverify.tools.checkers import Checkers


def reader(checkers: Checkers) -> Reader:
    """Return what reads a pool; ``checkers`` decide whether two answers without a value are the same."""

    def read(path: Path) -> tuple[list[Row], list[Unusable]]:
        rows, bad = formats.read(path)
        pools: dict[str, list[Row]] = {}
        for row in rows:
            pools.setdefault(row.gold.pair, []).append(row)
        numbers: dict[str, int | None] = {}
        for pool in pools.values():
            grouping = answers.group([row.gold.answer for row in pool], checkers)
            numbers |= {row.id: grouping.of(place) for place, row in enumerate(pool)}
        return [replace(row, gold=replace(row.gold, same=numbers[row.id])) for row in rows], bad

    return read
