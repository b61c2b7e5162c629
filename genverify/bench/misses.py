"""Predictions to what a person needs to say why an error was not located."""

from collections.abc import Iterator
from typing import Any

from genverify.bench.judging import Set


def misses(one: Set) -> Iterator[dict[str, Any]]:
    """Yield a record for each wrong solution whose first error was not named; its texts come from the data file."""
    for row, record in zip(one.rows, one.records(), strict=True):
        label = row.gold.first_error
        if label is None or label < 0 or "failed" in record or record["first_error"] == label:
            continue
        yield {
            "id": row.id,
            "label": label,
            "first_error": record["first_error"],
            "problem": row.problem.text,
            "step": row.solution.steps[label].text,
            "checks": [f"{c['outcome']}: {c['claim']['statement']}" for c in record["steps"][label]["checks"]],
        }
