"""Programs and calls to what came of each call, in confined kernels; the comparison with what is right is made here.

The guest's half is ``sandbox/trials.py``. It is told programs and arguments, never an expected value, and what it
prints is read as bounded JSON. A mutant that no longer ends is stopped after a number of lines, not of seconds, so
that the same data come out on every machine.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from genverify._resources import asset
from genverify.tools.cell_run import REQUEST_MAX
from genverify.tools.cells import CellStatus

if TYPE_CHECKING:
    from genverify.tools.kernels import Kernel, KernelPool

LINES_MAX: Final = 5_000
"""Lines that one call may run: the longest right call of our families takes under 1,000."""
_CELL_CHARS: Final = REQUEST_MAX // 16  # the most that a kernel takes is a twelfth, in characters
_T = TypeVar("_T")
_LANES: Final = 2  # kernels at work side by side: what a laptop has of processors


@dataclass(frozen=True, slots=True)
class Trial:
    """A program and the calls to make of it."""

    program: str
    entry: str
    """The function to call."""
    calls: tuple[Any, ...]
    """The positional arguments of each call, encoded by :func:`encode`."""
    lines: int = LINES_MAX
    """Lines that one call may run, at least 1."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one call."""

    kind: str
    """``value``, ``raised``, ``ran away`` (too many lines, or values without bound), ``skipped`` (not run after two
    that ran away), or ``lost``: nothing is known, since the sandbox gave up."""
    value: Any = None
    """The encoded value of a call that returned."""
    why: str = ""
    """The exception, or what was too much."""
    lines: int = 0
    """Lines that a call which returned has run."""

    @property
    def shown(self) -> str:
        """Return the outcome as a person would write it."""
        return show(self.value) if self.kind == "value" else self.why


LOST: Final = Outcome("lost", why="the sandbox gave no outcome")


def encode(value: object) -> object:
    """Return a value of ours as the JSON that the guest's ``encode`` makes of it."""
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, set | frozenset):
        return {"set": sorted((encode(item) for item in value), key=json.dumps)}
    if isinstance(value, dict):
        return {"dict": sorted(([encode(k), encode(v)] for k, v in value.items()), key=json.dumps)}
    return value


def show(value: object) -> str:
    """Return an encoded value as Python would write it."""
    if isinstance(value, list):
        return f"[{', '.join(map(show, value))}]"
    if not isinstance(value, dict):
        return repr(value)
    ((kind, body),) = value.items()
    if kind == "tuple":
        return f"({', '.join(map(show, body))}{',' if len(body) == 1 else ''})"
    if kind == "dict":
        return "{" + ", ".join(f"{show(k)}: {show(v)}" for k, v in body) + "}"
    if kind == "set":
        return "{" + ", ".join(map(show, body)) + "}" if body else "set()"
    return str(body) if kind == "float" else f"<{body}>"


def same(one: object, other: object) -> bool:
    """Tell whether two encoded values are the same, types included: 1 is not True, a tuple is no list."""
    return json.dumps(one) == json.dumps(other)


def run(trials: Sequence[Trial], kernels: "KernelPool", *, alone: bool = False) -> list[list[Outcome]]:
    """Return the outcome of every call of every trial.

    Args:
        trials: programs; without ``alone`` many share a kernel, so they must be ours.
        kernels: where they run.
        alone: whether each gets a kernel of its own, as programs of different outside authors must.

    Raises:
        ToolError: no kernel could be started.
    """
    return asyncio.run(_run(trials, kernels, alone))


async def _run(trials: Sequence[Trial], kernels: "KernelPool", alone: bool) -> list[list[Outcome]]:
    lanes = len(trials) if alone else _LANES
    parts = [trials[lane::lanes] for lane in range(lanes)]
    done = await asyncio.gather(*(_lane(part, kernels) for part in parts if part))
    found: list[list[Outcome]] = [[]] * len(trials)
    for lane, outcomes in enumerate(done):
        found[lane::lanes] = outcomes
    return found


async def _lane(trials: Sequence[Trial], kernels: "KernelPool") -> list[list[Outcome]]:
    """Run trials in one kernel after the other; one that loses its state loses the trial that it was at."""
    found: list[list[Outcome]] = []
    async with kernels.kernel() as kernel:
        while len(found) < len(trials):
            await kernel.run_cell(driver())
            kept = True
            for pack in packs(trials[len(found) :], _wire):
                lines, kept = await told(kernel, f"batch({json.dumps(list(map(_wire, pack)))!r})", len(pack))
                found.extend(_outcomes(line, trial) for line, trial in zip(lines, pack, strict=False))
                if not kept:
                    break
            if not kept and len(found) < len(trials):
                found.append([LOST] * len(trials[len(found)].calls))
                kernel.restart()
    return found


@cache
def driver() -> str:
    """Return the guest's half."""
    return asset("sandbox/trials.py").read_text(encoding="utf-8")


async def told(kernel: "Kernel", code: str, expected: int) -> tuple[list[Any], bool]:
    """Return the lines of JSON that a cell printed, and whether it printed all that were expected."""
    cell = await kernel.run_cell(code)
    found: list[Any] = []
    for line in islice(cell.stdout.splitlines(), expected):
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError):
            break
    return found, cell.status is CellStatus.OK and len(found) == expected


def _wire(trial: Trial) -> list[Any]:
    return [trial.program, trial.entry, trial.calls, trial.lines]


def packs(items: Sequence[_T], wire: Callable[[_T], object]) -> Iterator[list[_T]]:
    """Cut items into parts that a kernel takes as one cell.

    Args:
        items: what is to be sent.
        wire: gives the JSON that one of them is sent as.
    """
    pack: list[_T] = []
    size = 0
    for item in items:
        own = len(repr(json.dumps(wire(item)))) + 4
        if pack and size + own > _CELL_CHARS:
            yield pack
            pack, size = [], 0
        pack.append(item)
        size += own
    if pack:
        yield pack


def _outcomes(line: object, trial: Trial) -> list[Outcome]:
    """Read what the guest says of one trial; what is not as agreed is lost."""
    if not isinstance(line, list) or len(line) != len(trial.calls):
        return [LOST] * len(trial.calls)
    return [_outcome(one) for one in line]


def _outcome(one: object) -> Outcome:
    match one:
        case ["value", value, int(lines)]:
            return Outcome("value", value, lines=lines)
        case ["raised" | "ran away" as kind, str(why)]:
            return Outcome(kind, why=why[:200])
        case ["skipped"]:
            return Outcome("skipped")
        case _:
            return LOST
