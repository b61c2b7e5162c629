"""Processes killed at the worst moments: every chain ends with a result or a reason, and nothing is left behind."""

import asyncio
import contextlib
import gc
import os
import random
import shutil
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import eventually

from genverify._resources import asset
from genverify.errors import ToolError
from genverify.tools.cells import Cell, CellStatus
from genverify.tools.kernels import KernelPool
from genverify.tools.limits import KernelLimits, Level

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
CHAINS = 200
LIMITS = KernelLimits(kernels=32, running=4, wall_s=120.0, ready=2, memory_mib=256)
REASONS = ("died: signal 9", "died: the process that started it ended", "died: exit code", "fresh_state")


@pytest.fixture
def guest(tmp_path: Path) -> Path:
    """A guest at a place of its own, by which its processes are known."""
    for file in asset("sandbox").glob("*.py"):
        shutil.copy(file, tmp_path)
    return tmp_path


def processes(guest: Path) -> list[int]:
    """Return the processes that run this guest; a process that has ended and waits to be reaped has no command."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if str(guest).encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


@pytest.fixture
def nothing_left(guest: Path) -> Iterator[None]:
    """Afterwards there are as many descriptors and mounts as before, and no process."""
    gc.collect()
    descriptors, mounts = len(os.listdir("/proc/self/fd")), Path("/proc/self/mountinfo").read_text().count("\n")
    yield
    gc.collect()
    assert eventually(lambda: not processes(guest)), processes(guest)
    assert len(os.listdir("/proc/self/fd")) <= descriptors
    assert Path("/proc/self/mountinfo").read_text().count("\n") == mounts


async def chain(pool: KernelPool, number: int) -> list[Cell]:
    codes = f"x = {number}", "import time; time.sleep(0.01); x = x * 2", "x + 1"
    async with pool.kernel() as kernel:
        return [await kernel.run_cell(code) for code in codes]


def is_right_or_says_why(number: int, done: list[Cell]) -> bool:
    if all(cell.status is CellStatus.OK for cell in done) and not any(cell.facts for cell in done):
        return done[-1].value == str(2 * number + 1)
    facts = [fact for cell in done for fact in cell.facts]
    return any(fact.startswith(REASONS) for fact in facts)


async def under_fire(pool: KernelPool, shoot: Callable[[], None]) -> tuple[int, int]:
    """Run chains while ``shoot`` is called again and again; return how many ended well, and how many with a reason."""

    async def fire() -> None:
        while True:
            await asyncio.sleep(0.02)
            shoot()

    firing = asyncio.ensure_future(fire())
    results = await asyncio.gather(*(chain(pool, n) for n in range(CHAINS)), return_exceptions=True)
    firing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await firing
    good = reasons = 0
    for number, result in enumerate(results):
        if isinstance(result, BaseException):
            assert isinstance(result, ToolError), result
            reasons += 1
            continue
        assert is_right_or_says_why(number, result), result
        clean = not any(cell.facts for cell in result)
        good, reasons = good + clean, reasons + (not clean)
    return good, reasons


def shooter(victims: Callable[[], tuple[int, ...]], seed: int) -> Callable[[], None]:
    dice = random.Random(seed)

    def shoot() -> None:
        found = victims()
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(dice.choice(found), signal.SIGKILL)

    return shoot


@pytest.mark.usefixtures("nothing_left")
def test_chains_survive_kernels_that_are_killed(guest: Path) -> None:
    with KernelPool(LIMITS, level=Level.WEAK, guest=guest) as pool:
        good, reasons = asyncio.run(under_fire(pool, shooter(lambda: pool.pids[1:], 1)))
        assert asyncio.run(chain(pool, 3))[-1].value == "7"
    assert good + reasons == CHAINS
    assert good > 0


@pytest.mark.usefixtures("nothing_left")
def test_chains_survive_a_parent_that_is_killed(guest: Path) -> None:
    with KernelPool(LIMITS, level=Level.WEAK, guest=guest) as pool:
        asyncio.run(chain(pool, 1))
        shots = iter([True, *[False] * 40] * 3)  # three parents, 0.8 s apart: long enough for one to warm up
        parent = shooter(lambda: pool.pids[:1], 2)
        good, reasons = asyncio.run(under_fire(pool, lambda: parent() if next(shots, False) else None))
        assert asyncio.run(chain(pool, 3))[-1].value == "7"
    assert good + reasons == CHAINS
    assert good > 0
    assert reasons > 0


@pytest.mark.usefixtures("nothing_left")
def test_a_pool_that_is_closed_in_the_middle_ends_every_chain(guest: Path) -> None:
    async def run(pool: KernelPool) -> list[list[Cell] | BaseException]:
        chains = [asyncio.ensure_future(chain(pool, n)) for n in range(40)]
        await asyncio.sleep(1.0)
        pool.close()
        async with asyncio.timeout(60):
            return list(await asyncio.gather(*chains, return_exceptions=True))

    results = asyncio.run(run(KernelPool(LIMITS, level=Level.WEAK, guest=guest)))
    for number, result in enumerate(results):
        if isinstance(result, BaseException):
            assert isinstance(result, ToolError), repr(result)
        else:
            assert is_right_or_says_why(number, result)


@pytest.mark.usefixtures("nothing_left")
def test_starting_and_closing_at_once_leaves_nothing(guest: Path) -> None:
    for pause_s in (0.0, 0.001, 0.01, 0.05, 0.2):
        pool = KernelPool(LIMITS, level=Level.WEAK, guest=guest)
        pool.start()
        time.sleep(pause_s)
        pool.close()


@pytest.mark.usefixtures("nothing_left")
def test_signals_during_forks_neither_stop_nor_confuse_the_parent(guest: Path) -> None:
    with KernelPool(LIMITS, level=Level.WEAK, guest=guest) as pool:
        asyncio.run(chain(pool, 1))
        parent = pool.pids[0]
        harmless = random.Random(3)

        def shoot() -> None:
            for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGCONT, signal.SIGWINCH):
                if harmless.random() < 0.7:
                    os.kill(parent, number)

        good, _ = asyncio.run(under_fire(pool, shoot))
        assert pool.pids[0] == parent
    assert good == CHAINS


@pytest.mark.usefixtures("nothing_left")
def test_a_parent_is_not_confused_by_broken_orders(guest: Path) -> None:
    with KernelPool(LIMITS, level=Level.WEAK, guest=guest) as pool:
        asyncio.run(chain(pool, 1))
        program = pool._processes.program
        assert program is not None
        for count in (0, 1, 3):
            pipes = [os.pipe() for _ in range(count)]
            socket.send_fds(program._control, [b"kernel  "], [reading for reading, _ in pipes])
            for pipe in pipes:
                for descriptor in pipe:
                    os.close(descriptor)
        assert asyncio.run(chain(pool, 3))[-1].value == "7"


@pytest.mark.usefixtures("nothing_left")
def test_memory_filled_by_many_kernels_at_once_ends_them_and_no_other(guest: Path) -> None:
    async def run(pool: KernelPool) -> tuple[Cell, list[Cell]]:
        async def greedy() -> Cell:
            async with pool.kernel() as kernel:
                return await kernel.run_cell("x = []\nwhile True: x.append(bytearray(10**7))")

        async with pool.kernel() as other:
            await other.run("x = 5")
            return await asyncio.gather(other.run_cell("x"), asyncio.gather(*(greedy() for _ in range(8))))

    with KernelPool(LIMITS, level=Level.WEAK, guest=guest) as pool:
        other, greedy = asyncio.run(run(pool))
    assert other.value == "5"
    assert {("memory" in cell.facts) for cell in greedy} == {True}


def held(pool: KernelPool) -> Counter[str]:
    pid = pool.pids[0]
    status = Path(f"/proc/{pid}/status").read_text()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Counter(
        {
            "parent_kib": next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")),
            "parent_descriptors": len(os.listdir(f"/proc/{pid}/fd")),
            "own_descriptors": len(os.listdir("/proc/self/fd")),
            "own_pages": pages,
        }
    )


def start_and_drop(guest: Path, number: int) -> None:
    async def run(pool: KernelPool, count: int) -> None:
        for n in range(count):
            async with pool.kernel() as kernel:
                assert (await kernel.run_cell(f"{n} + 1")).value == str(n + 1)

    with KernelPool(LIMITS, level=Level.WEAK, guest=guest) as pool:
        asyncio.run(run(pool, max(50, number // 10)))
        before = held(pool)
        asyncio.run(run(pool, number))
        assert eventually(lambda: len(processes(guest)) <= 2 + LIMITS.ready + 1)
        assert eventually(lambda: held(pool)["parent_descriptors"] <= before["parent_descriptors"] + 2)
        after = held(pool)
    assert after["own_descriptors"] <= before["own_descriptors"]
    assert after["parent_kib"] <= before["parent_kib"] + 4096
    assert after["own_pages"] <= before["own_pages"] + 2048


@pytest.mark.usefixtures("nothing_left")
def test_kernels_started_and_thrown_away_leave_nothing_behind(guest: Path) -> None:
    start_and_drop(guest, 200)


@pytest.mark.long
@pytest.mark.usefixtures("nothing_left")
def test_ten_thousand_kernels_leave_nothing_behind(guest: Path) -> None:
    start_and_drop(guest, 10_000)
