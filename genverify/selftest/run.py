"""Attacks to results: each in a kernel of its own, with a bystander kernel and the trusted checkers watched."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from genverify.selftest.attack import Attack
from genverify.selftest.targets import Targets
from genverify.tools.cells import Cell
from genverify.tools.checkers import Checkers
from genverify.tools.kernels import Kernel, KernelPool
from genverify.tools.limits import KernelLimits
from genverify.types import Claim, ClaimKind, Outcome

LIMITS: Final = KernelLimits(kernels=16, running=4, wall_s=1.5, memory_mib=256, start_s=120.0)
"""Short and narrow, so that attacks on time and memory end soon; what they must show does not depend on it."""
_STALLED_S: Final = 60.0
"""Seconds after which an attack has stalled the host: a cell is killed after 1.7 s, so only a fault gets there."""
_SETTLE: Final = """
v = 7
try:
    with open('sibling.txt', 'w') as f: f.write('mine')
except OSError: pass
"""
_LOOK: Final = """
import os
v, os.path.exists('sibling.txt') and open('sibling.txt').read()
"""
_TRUE: Final = Claim(ClaimKind.IDENTITY, "(x+1)^2 = x^2 + 2*x + 1")
_FALSE: Final = Claim(ClaimKind.IDENTITY, "(x+1)^2 = x^2 + 1")


class Result(StrEnum):
    """How an attack ended."""

    HELD = "held"
    KNOWN = "known"
    """It succeeded, as documented for a layer that is missing here."""
    SUCCEEDED = "succeeded"
    UNCLEAR = "unclear"
    """It did not succeed, but did not end in the way that it should."""


@dataclass(frozen=True, slots=True)
class Tried:
    """An attack and how it ended."""

    attack: Attack
    result: Result
    detail: str
    """What it did, or what came of it, in one line."""


async def run_all(
    pool: KernelPool, checkers: Checkers, attacks: Sequence[Attack], tell: Callable[[Tried], None] = lambda _: None
) -> list[Tried]:
    """Try every attack and return the results in the same order.

    What was unclear is tried once more, alone: on a busy machine an attack may meet its time limit before it ends.

    Args:
        pool: where the attacks run; made with :data:`LIMITS`.
        checkers: decide two claims after each attack, which must still come out right.
        attacks: what to try.
        tell: called with each result as it comes.

    Raises:
        ToolError: no kernel could be started.
    """
    with Targets() as targets:
        async with pool.kernel() as bystander:
            await bystander.run_cell(_SETTLE)
            watch = _Watch(targets, bystander, checkers, (await bystander.run_cell(_LOOK)).value)
            places = asyncio.Semaphore(pool.limits.running)

            async def one(attack: Attack) -> Tried:
                async with places:
                    tried = await _try(pool, watch, attack)
                tell(tried)
                return tried

            tried = list(await asyncio.gather(*(one(attack) for attack in attacks)))
            return [t if t.result is not Result.UNCLEAR else await _try(pool, watch, t.attack) for t in tried]


@dataclass(slots=True)
class _Watch:
    """Those that an attack must not reach."""

    targets: Targets
    bystander: Kernel
    checkers: Checkers
    before: str | None
    """What the bystander answered before the first attack."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def harm(self) -> str:
        """Return what has gone wrong elsewhere, in words; empty if nothing."""
        async with self.lock:
            cell = await self.bystander.run_cell(_LOOK)
            true, false = await self.checkers.acheck_many([_TRUE, _FALSE])
        found = [self.targets.damage()]
        if cell.value != self.before:
            found.append(f"another kernel answered {cell.value or cell.evalue!r}")
        if true.outcome is Outcome.REFUTED or false.outcome is Outcome.CONFIRMED:
            found.append("a trusted check lied")
        return ", ".join(word for word in found if word)


async def _try(pool: KernelPool, watch: _Watch, attack: Attack) -> Tried:
    try:
        async with asyncio.timeout(_STALLED_S), pool.kernel() as kernel:
            first = await kernel.run_cell(watch.targets.aim(attack.code))
            second = await kernel.run_cell(attack.again or "1 + 1")
    except TimeoutError:
        return Tried(attack, Result.SUCCEEDED, "it stalled the host")
    return _judged(pool, attack, first, second, await watch.harm())


def _judged(pool: KernelPool, attack: Attack, first: Cell, second: Cell, harm: str) -> Tried:
    boast = next((line for c in (first, second) for line in c.stdout.splitlines() if line.startswith("PWNED")), "")
    told = _told(first) + " / " + _told(second)
    if boast or harm:
        layer = attack.known_without
        known = bool(layer) and not pool.layers.get(layer, "on").startswith("on") and not harm
        return Tried(attack, Result.KNOWN if known else Result.SUCCEEDED, harm or boast)
    if attack.expect and not re.search(attack.expect, told, re.DOTALL):
        return Tried(attack, Result.UNCLEAR, told[:300])
    return Tried(attack, Result.HELD, _told(first)[:300])


def _told(cell: Cell) -> str:
    words = (str(cell.status), *cell.facts, cell.ename, cell.evalue[:200], cell.value or "", cell.stdout[:200])
    return " ".join(" ".join(words).split())
