"""Stateful kernels for code that models write: what they answer, what bounds them, what ends them; all are real."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import alive, eventually

from genverify.errors import ToolError
from genverify.tools.cells import Cell, CellStatus
from genverify.tools.kernels import Kernel, KernelPool
from genverify.tools.limits import KernelLimits, Level

LIMITS = KernelLimits(wall_s=60.0, ready=1)
"""A wall limit that no test reaches, however busy the machine is; tests of the limit ask for less."""
SHORT_S = 0.3
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def level_here() -> str:
    async def level() -> str:
        with KernelPool(KernelLimits(ready=0), level=Level.WEAK) as pool:
            async with pool.kernel() as kernel:
                await kernel.run("1")
            return pool.layers["level"]

    return asyncio.run(level())


@pytest.fixture(scope="module")
def pool() -> Iterator[KernelPool]:
    if level_here() == "weak":
        pytest.skip("this system offers too little isolation to run code that models write; see genverify doctor")
    with KernelPool(LIMITS) as pool:
        yield pool


def cells(pool: KernelPool, *codes: str, wall_s: float | None = None) -> list[Cell]:
    """Run ``codes`` one after the other in one fresh kernel."""

    async def run() -> list[Cell]:
        async with pool.kernel() as kernel:
            return [await kernel.run_cell(code, wall_s) for code in codes]

    return asyncio.run(run())


def test_names_stay_from_cell_to_cell(pool: KernelPool) -> None:
    *_, last = cells(pool, "x = 6", "def f(y): return x * y", "f(7)")
    assert (last.status, last.value) == (CellStatus.OK, "42")


@pytest.mark.parametrize(
    ("code", "value"),
    [("1 + 1", "2"), ("1 + 1;", None), ("x = 3", None), ("None", None), ("'a'", "'a'"), ("", None), ("# nothing", None),
     ("if True:\n    5", None), ("x = 1\nx + 1  # twice", "2")],
)  # fmt: skip
def test_the_last_expression_has_a_value_as_in_a_notebook(pool: KernelPool, code: str, value: str | None) -> None:
    (cell,) = cells(pool, code)
    assert (cell.status, cell.value, cell.stdout, cell.stderr) == (CellStatus.OK, value, "", "")


def test_output_and_errors_are_told_apart_and_come_whole(pool: KernelPool) -> None:
    (cell,) = cells(pool, "import sys\nprint('out')\nprint('err', file=sys.stderr)\nsys.stdout.write('é\\n')\n7")
    assert (cell.stdout, cell.stderr, cell.value) == ("out\né\n", "err\n", "7")
    run = cell.code_run()
    assert (run.output, run.status, run.facts) == ("out\né\nerr\n7", "ok", ())


def test_a_traceback_begins_in_the_cell_and_tells_nothing_of_the_machine(pool: KernelPool) -> None:
    (cell,) = cells(pool, "def f(n):\n    raise ValueError(f'bad {n}')\nf(3)")
    assert (cell.status, cell.ename, cell.evalue) == (CellStatus.ERROR, "ValueError", "bad 3")
    assert cell.traceback.splitlines()[:3] == [
        "Traceback (most recent call last):", '  File "<cell 1>", line 3, in <module>', "    f(3)",
    ]  # fmt: skip
    assert "sandbox" not in cell.traceback
    assert cell.code_run().output == cell.traceback


def test_a_syntax_error_is_an_error_of_the_cell(pool: KernelPool) -> None:
    first, second = cells(pool, "x = (", "1 + 1")
    assert (first.status, first.ename) == (CellStatus.ERROR, "SyntaxError")
    assert second.value == "2"


@pytest.mark.parametrize("module", ["sympy", "z3", "fractions", "decimal", "itertools", "statistics", "random"])
def test_what_programs_for_sums_import_is_there(pool: KernelPool, module: str) -> None:
    (cell,) = cells(pool, f"import {module}; {module}.__name__")
    assert cell.value == repr(module)


def test_sympy_and_z3_work_confined(pool: KernelPool) -> None:
    first, second = cells(
        pool,
        "import sympy\nx = sympy.Symbol('x')\nsympy.factor(x**2 - 1), sympy.integrate(sympy.cos(x)**2, x)",
        "import z3\na = z3.Int('a')\ns = z3.Solver()\ns.add(a * a == 49, a > 0)\ns.check(), s.model()[a]",
    )
    assert first.value == "((x - 1)*(x + 1), x/2 + sin(x)*cos(x)/2)"
    assert second.value == "(sat, 7)"


def test_a_file_can_be_written_and_read_back_in_the_own_folder(pool: KernelPool) -> None:
    code = "import tempfile\nwith tempfile.TemporaryFile('w+') as f:\n    f.write('here'); f.seek(0); print(f.read())"
    cell = cells(pool, code)[0]
    if not pool.layers["private_scratch"].startswith("on"):
        pytest.skip(f"no folder of its own here: {pool.layers['private_scratch']}")
    assert cell.stdout == "here\n"


def test_a_cell_past_its_limit_is_interrupted_and_keeps_its_names(pool: KernelPool) -> None:
    _, stopped, after = cells(pool, "x = 5", "while True: pass", "x", wall_s=SHORT_S)
    assert stopped.status is CellStatus.TIMEOUT
    assert stopped.facts == ("timed_out",)
    assert stopped.ename == "KeyboardInterrupt"
    assert "sandbox" not in stopped.traceback
    assert (after.value, after.facts) == ("5", ())


def test_a_cell_that_will_not_stop_is_killed_and_the_next_begins_afresh(pool: KernelPool) -> None:
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    _, killed, after, last = cells(pool, "x = 5", stubborn, "'x' in globals()", "1", wall_s=SHORT_S)
    assert killed.status is CellStatus.TIMEOUT
    assert {"timed_out", "state_lost"} <= set(killed.facts)
    assert (after.value, after.facts) == ("False", ("fresh_state",))
    assert last.facts == ()


@pytest.mark.parametrize(
    ("code", "fact"),
    [
        ("import ctypes; ctypes.string_at(0)", "died: signal 11"),
        ("import os; os._exit(0)", "died: exit code 0"),
        ("import os; os._exit(7)", "died: exit code 7"),
    ],
)
def test_a_kernel_that_dies_says_of_what(pool: KernelPool, code: str, fact: str) -> None:
    died, after = cells(pool, f"print('last words', flush=True)\n{code}", "1 + 1")
    assert died.status is CellStatus.DIED
    assert died.facts == (fact, "state_lost")
    assert died.stdout == "last words\n"
    assert (after.value, after.facts) == ("2", ("fresh_state",))


@linux_only
def test_a_kernel_that_is_killed_between_two_cells_is_replaced(pool: KernelPool) -> None:
    async def run() -> Cell:
        async with pool.kernel() as kernel:
            await kernel.run("x = 1")
            assert kernel.pid is not None
            os.kill(kernel.pid, signal.SIGKILL)
            assert eventually(lambda: not alive(kernel.pid or 0))
            return await kernel.run_cell("'x' in globals()")

    cell = asyncio.run(run())
    assert (cell.value, cell.facts) == ("False", ("fresh_state",))


def test_used_up_memory_is_told_and_the_kernel_lives_on(pool: KernelPool) -> None:
    first, second = cells(pool, "x = 5\ny = bytearray(10**12)", "x")
    assert (first.ename, first.facts) == ("MemoryError", ("memory",))
    assert second.value == "5"


@linux_only
def test_used_up_processor_time_ends_the_kernel() -> None:
    with KernelPool(KernelLimits(cpu_s=1, wall_s=120.0, ready=0), level=Level.WEAK) as pool:
        (cell,) = cells(pool, "while True: pass")
    assert any(fact.startswith("died: signal") for fact in cell.facts)


def test_long_output_is_cut_and_longer_output_ends_the_kernel() -> None:
    limits = KernelLimits(output_kept=2000, output_killed=50_000, output_life=100_000, wall_s=60.0)
    with KernelPool(limits, level=Level.WEAK) as pool:
        cut, killed = cells(pool, "print('x' * 5000)", "while True: print('x' * 1000)")
        drip = cells(pool, *["print('y' * 30_000)"] * 4)
    assert cut.stdout == "x" * 2000
    assert cut.facts == ("output_truncated",)
    assert "died: it wrote more than 50000 bytes" in killed.facts
    assert [c.status for c in drip] == [CellStatus.OK] * 3 + [CellStatus.DIED]
    assert "died: it wrote more than 100000 bytes in its life" in drip[-1].facts


@linux_only
def test_threads_that_are_left_are_told_and_do_nothing_until_the_next_cell(pool: KernelPool) -> None:
    begin = """
import threading, time
n = 0
def run():
    global n
    while True: n += 1; time.sleep(0.001)
threading.Thread(target=run, daemon=True).start()
"""

    async def run() -> tuple[Cell, int, int]:
        async with pool.kernel() as kernel:
            first = await kernel.run_cell(begin)
            before = await kernel.run_cell("n")
            await asyncio.sleep(0.5)
            after = await kernel.run_cell("n")
            return first, int(before.value or 0), int(after.value or 0)

    first, before, after = asyncio.run(run())
    assert first.facts == ("threads_left: 1",)
    assert after - before < 100  # 500 turns fit into the pause


@linux_only
def test_nothing_runs_in_a_kernel_between_two_cells(pool: KernelPool) -> None:
    timer = "import signal\ndef burn(*_):\n    while True: pass\nsignal.signal(signal.SIGALRM, burn)\n"
    timer += "signal.setitimer(signal.ITIMER_REAL, 0.05)"

    async def run() -> list[str]:
        async with pool.kernel() as kernel:
            await kernel.run(timer)
            await asyncio.sleep(0.2)
            return Path(f"/proc/{kernel.pid}/stat").read_text().rpartition(")")[2].split()

    state = asyncio.run(run())
    assert state[0] == "T"


def test_kernels_share_nothing(pool: KernelPool) -> None:
    async def run() -> list[str | None]:
        async with pool.kernel() as one, pool.kernel() as other:
            await one.run("import sympy\nx = 1\nsympy.simplify = None")
            return [
                (await other.run_cell(code)).value
                for code in ("'x' in globals()", "import sympy; bool(sympy.simplify)")
            ]

    assert asyncio.run(run()) == ["False", "True"]


def test_a_stuck_kernel_holds_nobody_up(pool: KernelPool) -> None:
    async def run() -> list[str | None]:
        async with pool.kernel() as stuck, pool.kernel() as other:
            waiting = asyncio.ensure_future(stuck.run("import time; time.sleep(1000)"))
            values = [(await other.run_cell(f"{n} + 1")).value for n in range(20)]
            assert not waiting.done()
            waiting.cancel()
            return values

    assert asyncio.run(run()) == [str(n + 1) for n in range(20)]


@linux_only
def test_a_cancelled_cell_takes_its_kernel_with_it(pool: KernelPool) -> None:
    async def run() -> tuple[int, Cell]:
        async with pool.kernel() as kernel:
            await kernel.run("x = 1")
            pid = kernel.pid or 0
            running = asyncio.ensure_future(kernel.run("import time; time.sleep(1000)"))
            await asyncio.sleep(0.1)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            return pid, await kernel.run_cell("'x' in globals()")

    pid, cell = asyncio.run(run())
    assert eventually(lambda: not alive(pid))
    assert (cell.value, cell.facts) == ("False", ("fresh_state",))


def test_an_interruption_stops_the_cell_and_not_the_kernel(pool: KernelPool) -> None:
    async def run() -> tuple[Cell, Cell]:
        async with pool.kernel() as kernel:
            await kernel.run("x = 1")
            running = asyncio.ensure_future(kernel.run_cell("print('in it', flush=True)\nwhile True: pass"))
            await asyncio.sleep(0.3)
            kernel.interrupt()
            return await running, await kernel.run_cell("x")

    stopped, after = asyncio.run(run())
    assert (stopped.status, stopped.ename) == (CellStatus.ERROR, "KeyboardInterrupt")
    assert after.value == "1"


def test_one_kernel_runs_one_cell_at_a_time(pool: KernelPool) -> None:
    async def run() -> None:
        async with pool.kernel() as kernel:
            running = asyncio.ensure_future(kernel.run("import time; time.sleep(1000)"))
            await asyncio.sleep(0)  # it waits for its kernel, or runs: both count
            with pytest.raises(ToolError, match="one at a time"):
                await kernel.run("1")
            running.cancel()

    asyncio.run(run())


@linux_only
@pytest.mark.parametrize("pause_s", [0.0, 0.001, 0.3])
def test_a_kernel_that_is_closed_or_restarted_while_it_runs_ends_its_cell(pool: KernelPool, pause_s: float) -> None:
    async def run(end: Callable[[Kernel], None]) -> Cell | ToolError:
        async with pool.kernel() as kernel:
            running = asyncio.ensure_future(kernel.run_cell("import time; time.sleep(1000)", wall_s=50.0))
            await asyncio.sleep(pause_s)
            end(kernel)
            try:
                return await running
            except ToolError as error:
                return error

    closed = asyncio.run(run(Kernel.close))
    assert isinstance(closed, ToolError) or "state_lost" in closed.facts
    if pause_s > 0.1:
        restarted = asyncio.run(run(Kernel.restart))
        assert isinstance(restarted, Cell)
        assert {"died: its kernel was closed or restarted", "state_lost"} <= set(restarted.facts)


def test_no_more_kernels_live_than_are_allowed() -> None:
    async def run(pool: KernelPool) -> int:
        now = most = 0

        async def chain() -> None:
            nonlocal now, most
            async with pool.kernel() as kernel:
                now += 1
                most = max(most, now)
                await kernel.run("1")
                now -= 1

        await asyncio.gather(*(chain() for _ in range(12)))
        return most

    with KernelPool(KernelLimits(kernels=3, ready=0), level=Level.WEAK) as pool:
        assert asyncio.run(run(pool)) == 3


def test_as_many_kernels_live_at_once_as_a_pool_allows() -> None:
    limits = KernelLimits()

    async def run(pool: KernelPool) -> list[str]:
        all_there = asyncio.Barrier(limits.kernels)

        async def chain(number: int) -> str:
            async with pool.kernel() as kernel:
                await kernel.run("1")
                await all_there.wait()
                return (await kernel.run(f"{number} + 1")).output

        return list(await asyncio.gather(*(chain(i) for i in range(limits.kernels))))

    with KernelPool(limits, level=Level.WEAK) as pool:
        assert asyncio.run(run(pool)) == [str(i + 1) for i in range(limits.kernels)]


def test_waiting_for_a_turn_is_not_running_time() -> None:
    async def run(pool: KernelPool) -> list[Cell]:
        async def chain() -> Cell:
            async with pool.kernel() as kernel:
                return await kernel.run_cell("import time; time.sleep(0.4)", wall_s=20.0)

        return list(await asyncio.gather(*(chain() for _ in range(4))))

    with KernelPool(KernelLimits(running=1, wall_s=60.0), level=Level.WEAK) as pool:
        found = asyncio.run(run(pool))
    assert all(cell.status is CellStatus.OK for cell in found)
    assert sum(cell.wall_s for cell in found) < 4 * max(cell.wall_s for cell in found) + 1e-9


def test_a_cancelled_wait_for_a_kernel_gives_its_turn_away() -> None:
    async def run(pool: KernelPool) -> str | None:
        async with pool.kernel():
            waiting = [asyncio.ensure_future(_one(pool)) for _ in range(3)]
            await asyncio.sleep(0.05)
            waiting[0].cancel()
        return await waiting[1] or await waiting[2]

    with KernelPool(KernelLimits(kernels=1, ready=0), level=Level.WEAK) as pool:
        assert asyncio.run(run(pool)) == "2"


async def _one(pool: KernelPool) -> str | None:
    async with pool.kernel() as kernel:
        return (await kernel.run_cell("1 + 1")).value


def test_threads_with_event_loops_of_their_own_share_a_pool(pool: KernelPool) -> None:
    found: list[str | None] = []
    threads = [threading.Thread(target=lambda: found.append(asyncio.run(_one(pool)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["2"] * 6


def test_a_closed_kernel_or_pool_is_a_tool_error() -> None:
    async def run(pool: KernelPool) -> Kernel:
        async with pool.kernel() as kernel:
            await kernel.run("1")
        with pytest.raises(ToolError, match="closed"):
            await kernel.run("1")
        return kernel

    with KernelPool(level=Level.WEAK) as pool:
        asyncio.run(run(pool))
    with pytest.raises(ToolError, match="closed"):
        cells(pool, "1")


def test_code_too_long_to_send_is_an_error_of_the_cell(pool: KernelPool) -> None:
    first, second = cells(pool, "x = 1\n" * 100_000, "1 + 1")
    assert (first.status, first.ename) == (CellStatus.ERROR, "TooLong")
    assert second.value == "2"


@pytest.mark.parametrize("code", ["'\ud800'", "x = '\x00'", "print('\udfff')"])
def test_code_that_is_no_proper_text_is_an_error_of_the_cell(pool: KernelPool, code: str) -> None:
    first, second = cells(pool, code, "1 + 1")
    assert first.status is CellStatus.ERROR
    assert second.value == "2"


def test_a_wall_limit_must_be_above_zero(pool: KernelPool) -> None:
    with pytest.raises(ValueError, match="wall_s"):
        cells(pool, "1", wall_s=0.0)


@pytest.mark.parametrize(
    "wrong", [{"kernels": 0}, {"running": 0}, {"ready": -1}, {"wall_s": 0.0}, {"memory_mib": 1}, {"output_killed": 1}]
)
def test_limits_out_of_range_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        KernelLimits(**wrong)
