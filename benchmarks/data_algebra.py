"""Make algebra records: how many a second, whether a second opinion finds a wrong label, how varied they are.

::

    python benchmarks/data_algebra.py [--speed N] [--recheck N] [--variety N] [--seed S] [--out FILE]

``--speed`` makes N records in one process with two workers for checks and reports the most memory at a quarter of the
way and at the end. ``--recheck`` judges N records by ``genverify.data.algebra.recheck``, which shares no code with the
labels. ``--variety`` counts among N records the distinct runs of five words, and the problems much like another
(Jaccard similarity of 5-grams above 0.8, numbers and names made equal). Writes ``results/data_algebra.json``.
"""

import argparse
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import record

from genverify.data import algebra
from genverify.data.algebra.recheck import equations, recheck
from genverify.data.algebra.words.lists import NAMES
from genverify.data.values import Example, Tools, opened

_RUN: Final = 5  # words of a run: the usual size for counting repetition
_NEAR: Final = 0.8
_NAMES: Final = frozenset(person.name for person in NAMES)


def _made(numbers: range, seed: int, tools: Tools) -> Iterator[Example]:
    for at, value in enumerate(algebra.make(numbers, seed, tools), start=1):
        if at % 1000 == 0:
            print(f"\r{at} of {len(numbers)}", end="", file=sys.stderr, flush=True)
        if isinstance(value, Example):
            yield value
    print(file=sys.stderr)


def _memory_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def speed(count: int, seed: int, tools: Tools) -> dict[str, Any]:
    """Return records a second, memory, and what was made."""
    begun, cpu, early = time.perf_counter(), time.process_time(), 0.0
    kinds: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    made = 0
    for example in _made(range(count), seed, tools):
        made += 1
        early = early or (_memory_mib() if made * 4 > count else 0.0)
        kinds.update(step.error for step in example.steps if step.error)
        labels.update(f"{example.maker}: {step.label.right}" for step in example.steps)
    wall_s = time.perf_counter() - begun
    return {
        "records": made,
        "dropped": count - made,
        "wall_s": round(wall_s, 1),
        "processor_s_of_this_process": round(time.process_time() - cpu, 1),
        "records_per_s": round(made / wall_s, 1),
        "memory_mib_at_a_quarter": round(early, 1),
        "memory_mib_at_the_end": round(_memory_mib(), 1),
        "errors": dict(kinds.most_common()),
        "labels": dict(labels),
    }


def second_opinion(count: int, seed: int, tools: Tools) -> dict[str, Any]:
    """Return how many records the second opinion contradicts, and what it had to go by."""
    contradicted: list[str] = []
    steps = read = made = 0
    for example in _made(range(count), seed, tools):
        made += 1
        found = recheck(example)
        if found:
            contradicted.append(f"{example.id}: {found}")
        steps += len(example.steps)
        read += sum(any(True for _ in equations(step.text)) for step in example.steps)
    return {
        "records": made,
        "contradicted": len(contradicted),
        "which": contradicted[:20],
        "steps": steps,
        "steps_with_an_equation_that_was_read": read,
    }


def variety(count: int, seed: int, tools: Tools) -> dict[str, Any]:
    """Return the share of distinct runs of words in problems and steps, and of problems much like another."""
    problems: dict[str, list[str]] = {}
    told: set[str] = set()
    runs: Counter[tuple[str, ...]] = Counter()
    for example in _made(range(count), seed, tools):
        problems[example.group] = _words(example.problem.text)
        told |= {example.group} if "asked" in example.formal else set()
        for step in example.steps:
            runs.update(_runs(_words(step.text)))
    asked: Counter[tuple[str, ...]] = Counter()
    for words in problems.values():
        asked.update(_runs(words))
    stories = [words for group, words in problems.items() if group in told]
    others = [words for group, words in problems.items() if group not in told]
    return {
        "problems": len(problems),
        "distinct_5_grams_of_problems": round(len(asked) / max(1, asked.total()), 3),
        "distinct_5_grams_of_steps": round(len(runs) / max(1, runs.total()), 3),
        "word_problems": len(stories),
        "word_problems_alike_but_for_names_and_numbers": round(_near_duplicates(stories), 4),
        "other_problems_alike_but_for_names_and_numbers": round(_near_duplicates(others), 4),
        "problems_word_for_word_twice": len(problems) - len({tuple(words) for words in problems.values()}),
    }


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z']+|\d[\d,.]*|\S", text)


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    for at in range(len(words) - _RUN + 1):
        yield tuple(words[at : at + _RUN])


def _near_duplicates(problems: list[list[str]]) -> float:
    """Return the share of problems that have a near-duplicate among those that share a rare run with them."""
    plain = [["#" if w[0].isdigit() else "@" if w in _NAMES else w.lower() for w in words] for words in problems]
    sets = [frozenset(_runs(words)) for words in plain]
    holders: dict[tuple[str, ...], list[int]] = {}
    for at, runs in enumerate(sets):
        for run in runs:
            holders.setdefault(run, []).append(at)
    alike = 0
    for at, runs in enumerate(sets):
        rarest = sorted(runs, key=lambda run: (len(holders[run]), run))[:5]
        others = {other for run in rarest for other in holders[run][:200]} - {at}
        alike += any(len(runs & sets[o]) > _NEAR * len(runs | sets[o]) for o in others)
    return alike / max(1, len(problems))


def main() -> None:
    """Do what the command line asks for and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("speed", "recheck", "variety"):
        parser.add_argument(f"--{name}", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=record.RESULTS / "data_algebra.json")
    options = parser.parse_args()
    result: dict[str, Any] = {"circumstances": record.circumstances(), "seed": options.seed}
    with opened() as tools:
        for name, measure in (("speed", speed), ("recheck", second_opinion), ("variety", variety)):
            count = getattr(options, name)
            if count:
                result[name] = measure(count, options.seed, tools)
                print(name, {k: v for k, v in result[name].items() if k != "which"})
    if len(result) == 2:
        parser.error("nothing to do: give --speed, --recheck or --variety a number of records")
    record.write(options.out, result)


if __name__ == "__main__":
    main()
