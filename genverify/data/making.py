"""A job and a part of its numbers to a block of records: pure but for its tools, so that any process can do it."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count, islice
from typing import Final

from genverify.data import records
from genverify.data.values import Dropped, Example, Kind, Maker, Tools
from genverify.errors import GenverifyError, ToolError

BLOCK: Final = 200
"""Records made together: enough that worker processes stay busy, little enough that a kill costs a few seconds."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be made. The same job makes the same records, on any number of processes and machines."""

    kind: Kind
    seed: int = 0
    compat: str | None = None
    """``fover``: given solutions are labelled as FoVer does, defects included; for comparison."""
    deadline_s: float = 5.0
    """Seconds after which one check is given up as undecided."""


@dataclass(frozen=True, slots=True)
class Part:
    """The records of one block."""

    number: int
    """Place of the block, counted from 0."""
    start: int
    """First record, counted from 0."""
    stop: int
    """The record after the last."""
    lines: tuple[str, ...] | None = None
    """The solutions to label as they stand in a file, one a record; None has the generator write them."""


@dataclass(frozen=True, slots=True)
class Block:
    """What became of the records of one part."""

    number: int
    examples: tuple[str, ...]
    """Lines of JSON, in the order of the records."""
    dropped: tuple[str, ...]
    wall_s: float
    """Seconds that it took, at least 0."""


def parts(n: int, size: int = BLOCK) -> Iterator[Part]:
    """Yield the parts of a job of ``n`` records that the generator writes."""
    for number, start in enumerate(range(0, n, size)):
        yield Part(number, start, min(start + size, n))


def parts_of(lines: Iterable[str], size: int = BLOCK) -> Iterator[Part]:
    """Yield the parts of a job that labels the solutions on ``lines``, which are read as they are needed."""
    stream = iter(lines)
    for number, start in enumerate(count(0, size)):
        chunk = tuple(islice(stream, size))
        if not chunk:
            return
        yield Part(number, start, start + len(chunk), chunk)


def make(job: Job, part: Part) -> Block:
    """Make one block, with tools that this process keeps from one block to the next.

    Raises:
        ToolError: the tools could not be started.
    """
    started = time.perf_counter()
    tools = _tools(job.deadline_s)
    numbers = range(part.start, part.stop)
    examples: list[str] = []
    dropped: list[str] = []
    for value in _generated(numbers, job, tools) if part.lines is None else _labelled(numbers, part.lines, job, tools):
        (examples if isinstance(value, Example) else dropped).append(records.line(value))
    return Block(part.number, tuple(examples), tuple(dropped), time.perf_counter() - started)


@cache
def _tools(deadline_s: float) -> Tools:
    """Return this process's tools; one worker, for each process makes a block of its own. They end with the process."""
    return Tools(workers=1, deadline_s=deadline_s)


def maker(kind: Kind) -> Maker:
    """Return what generates problems of a kind with right and with wrong solutions."""
    match kind:
        case Kind.LOGIC:
            from genverify.data import logic

            return logic.make
        case Kind.ALGEBRA:
            from genverify.data import algebra

            return algebra.make
        case Kind.CODE:
            from genverify.data import code

            return code.make
        case Kind.TABLES:
            from genverify.data import tables

            return tables.make


def _generated(numbers: range, job: Job, tools: Tools) -> list[Example | Dropped]:
    """Make a block at once; if that fails make its records one by one, so that one that cannot be made costs itself."""
    make_ = maker(job.kind)
    try:
        return list(make_(numbers, job.seed, tools))
    except ToolError:
        raise
    # The boundary of one block: whatever a generator stumbles over is recorded with its record, and the rest is made.
    except Exception:  # noqa: BLE001
        return [_one(make_, number, job, tools) for number in numbers]


def _one(make_: Maker, number: int, job: Job, tools: Tools) -> Example | Dropped:
    try:
        (value,) = make_(range(number, number + 1), job.seed, tools)
    except ToolError:
        raise
    # The boundary of one record, as in _generated.
    except Exception as error:  # noqa: BLE001
        return Dropped(f"{job.kind}-{job.seed}-{number}", "failed", f"{type(error).__name__}: {error}")
    return value


def _labelled(numbers: range, lines: Sequence[str], job: Job, tools: Tools) -> Iterator[Example | Dropped]:
    from genverify.data import solutions

    for number, line in zip(numbers, lines, strict=True):
        place = f"line {number + 1}"
        try:
            yield solutions.label(line, job.kind, tools, compat=job.compat, place=place)
        except ToolError:
            raise
        except GenverifyError as error:
            yield Dropped(place, "not read", str(error))
        # The boundary of one record, as in _generated.
        except Exception as error:  # noqa: BLE001
            yield Dropped(place, "failed", f"{type(error).__name__}: {error}")
