"""Programs and calls to what came of each call, in confined kernels; the comparison with what is right is made here.

The guest's half is ``sandbox/trials.py``. It is told programs and arguments, never an expected value, and what it
prints is read as bounded JSON. A mutant that no longer ends is stopped after a number of lines, not of seconds, so
that the same data come out on every machine.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from genverify._resources import asset
from genverify.data.code.batches import LANES, told

if TYPE_CHECKING:
    from genverify.tools.kernels import KernelPool

LINES_MAX: Final = 5_000
"""Lines that one call may run: the longest right call of our families takes under 1,000."""


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


_DEPTH_MAX: Final = 64  # of what a guest sends: its own bound is 20 containers, each a level or two of JSON


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
        return {"dict": [[encode(k), encode(v)] for k, v in value.items()]}
    return value


def is_encoded(value: object, depth: int = 0) -> bool:
    """Tell whether something that a guest sent is a value as its ``encode`` makes them."""
    if depth > _DEPTH_MAX:
        return False
    match value:
        case None | bool() | int() | str():
            return True
        case list():
            return all(is_encoded(item, depth + 1) for item in value)
        case {"float": str(), **rest} | {"other": str(), **rest}:
            return not rest
        case {"tuple": list(items), **rest} | {"set": list(items), **rest}:
            return not rest and all(is_encoded(item, depth + 1) for item in items)
        case {"dict": list(pairs), **rest}:
            return not rest and all(_is_pair(pair) and is_encoded(pair, depth + 1) for pair in pairs)
    return False


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2


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
    """Tell whether two encoded values are the same, types included: 1 is not True, a tuple is no list.

    The order of a dictionary's keys makes no difference, as in Python.
    """
    return json.dumps(_sorted(one)) == json.dumps(_sorted(other))


def _sorted(value: object) -> object:
    """Return an encoded value with the pairs of each dictionary in a fixed order."""
    match value:
        case list():
            return [_sorted(item) for item in value]
        case {"dict": list(pairs)}:
            return {"dict": sorted(map(_sorted, pairs), key=json.dumps)}
        case {"tuple": items}:
            return {"tuple": _sorted(items)}
    return value


def run(trials: Sequence[Trial], kernels: "KernelPool") -> list[list[Outcome]]:
    """Return the outcome of every call of every trial.

    Args:
        trials: programs; they share fresh kernels, so they must be ours, or versions of one author's program.
        kernels: where they run.

    Raises:
        ToolError: no kernel could be started.
    """
    return asyncio.run(_run(trials, kernels))


async def _run(trials: Sequence[Trial], kernels: "KernelPool") -> list[list[Outcome]]:
    parts = [trials[lane::LANES] for lane in range(LANES)]
    jobs = (told(part, kernels, [driver()], "batch({jobs})", _wire) for part in parts if part)
    found: list[list[Outcome]] = [[]] * len(trials)
    for lane, lines in enumerate(await asyncio.gather(*jobs)):
        found[lane::LANES] = [_outcomes(line, trial) for line, trial in zip(lines, parts[lane], strict=True)]
    return found


@cache
def driver() -> str:
    """Return the guest's half."""
    return asset("sandbox/trials.py").read_text(encoding="utf-8")


def _wire(trial: Trial) -> list[Any]:
    return [trial.program, trial.entry, trial.calls, trial.lines]


def _outcomes(line: object, trial: Trial) -> list[Outcome]:
    """Read what the guest says of one trial; what is not as agreed is lost."""
    if not isinstance(line, list) or len(line) != len(trial.calls):
        return [LOST] * len(trial.calls)
    return [_outcome(one) for one in line]


def _outcome(one: object) -> Outcome:
    match one:
        case ["value", value, int(lines)] if is_encoded(value):
            return Outcome("value", value, lines=lines)
        case ["raised" | "ran away" as kind, str(why)]:
            return Outcome(kind, why=why[:200])
        case ["skipped"]:
            return Outcome("skipped")
        case _:
            return LOST
