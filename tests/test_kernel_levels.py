"""What confines kernels, what happens where a layer is missing, and that all ends with the host; all are real."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from processes import alive, eventually

from genverify._resources import asset
from genverify.errors import ToolError
from genverify.tools.kernels import KernelPool
from genverify.tools.limits import KernelLimits, Level

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def value(pool: KernelPool) -> str | None:
    """Return what ``1`` comes to in a fresh kernel."""

    async def run() -> str | None:
        async with pool.kernel() as kernel:
            return (await kernel.run_cell("1")).value

    return asyncio.run(run())


def test_layers_can_be_left_out_at_the_level_weak_only() -> None:
    with pytest.raises(ValueError, match="'weak'"):
        KernelPool(off=("seccomp",))


BROKEN = "def _fails(*_: object) -> None:\n    raise OSError('no such thing on this machine')\n"


def broken_guest(folder: Path, *ends: tuple[str, str]) -> Path:
    """Return a guest whose functions fail as they would on a system without them; each is (file, name)."""
    for file in asset("sandbox").glob("*.py"):
        shutil.copy(file, folder)
    for name, function in ends:
        with (folder / name).open("a") as code:
            code.write(f"\n\n{BROKEN}\n\n{function} = _fails\n")
    return folder


@pytest.mark.parametrize(
    "broken", [("landlock.py", "restrict"), ("jail.py", "own_scratch"), ("system.py", "drop_capabilities")]
)
def test_strict_runs_nothing_when_a_layer_fails_in_the_fork_itself(tmp_path: Path, broken: tuple[str, str]) -> None:
    with (
        KernelPool(KernelLimits(ready=0), level=Level.STRICT, guest=broken_guest(tmp_path, broken)) as pool,
        pytest.raises(ToolError, match=r"demands more than there is here|no such thing"),
    ):
        value(pool)


def test_default_needs_the_filter_of_system_calls(tmp_path: Path) -> None:
    guest = broken_guest(tmp_path, ("system.py", "load_filter"))
    with KernelPool(guest=guest) as pool, pytest.raises(ToolError, match="seccomp is off"):
        value(pool)
    with KernelPool(guest=guest, level=Level.WEAK) as pool:
        assert value(pool) == "1"
        assert pool.layers["seccomp"].startswith("off: no such thing")
        assert pool.layers["level"] == "weak"


def test_default_needs_a_root_folder_of_its_own_or_landlock(tmp_path: Path) -> None:
    guest = broken_guest(tmp_path, ("jail.py", "enter"), ("landlock.py", "rules"))
    with KernelPool(guest=guest) as pool, pytest.raises(ToolError, match=r"jail_root is off.*landlock is off"):
        value(pool)


def test_a_guest_that_cannot_start_is_a_tool_error_with_its_last_words(tmp_path: Path) -> None:
    guest = broken_guest(tmp_path)
    (guest / "nursery.py").write_text("1 / 0")
    with KernelPool(guest=guest) as pool, pytest.raises(ToolError, match="ZeroDivisionError"):
        value(pool)


@linux_only
def test_the_state_of_the_layers_is_what_the_system_says() -> None:
    async def status() -> str:
        async with pool.kernel() as kernel:
            await kernel.run("1")
            return Path(f"/proc/{kernel.pid}/status").read_text()

    with KernelPool(level=Level.WEAK) as pool:
        text = asyncio.run(status())
    expected = {
        "no_new_privs": "NoNewPrivs:\t1",
        "seccomp": "Seccomp:\t2",
        "capabilities_dropped": "CapEff:\t0000000000000000",
    }
    for layer, line in expected.items():
        assert (line in text) == (pool.layers[layer] == "on")
    if pool.layers["pid_namespace"] == "on":
        (line,) = [line for line in text.splitlines() if line.startswith("NSpid:")]
        assert line.split()[-1] == "1"


HOST = """
import asyncio, os, sys
from pathlib import Path
from genverify.tools.kernels import KernelPool
from genverify.tools.limits import KernelLimits, Level
pool = KernelPool(KernelLimits(wall_s=600.0), level=Level.WEAK)
async def one(code):
    async with pool.kernel() as kernel:
        return (await kernel.run_cell(code)).value
"""


def host(code: str) -> "subprocess.Popen[str]":
    root = str(Path(sys.modules["genverify"].__file__ or "").resolve().parents[1])
    command = [sys.executable, "-c", HOST + code]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": root})


@linux_only
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_all_processes_end_when_the_host_is_killed(end: signal.Signals) -> None:
    code = """
async def main():
    async with pool.kernel() as kernel:
        await kernel.run("1")
        running = asyncio.ensure_future(kernel.run("while True: pass"))
        await asyncio.sleep(0.2)
        print(*pool.pids, flush=True)
        await running
asyncio.run(main())
"""
    with host(code) as process:
        assert process.stdout is not None
        pids = [int(p) for p in process.stdout.readline().split()]
        assert len(pids) >= 2
        assert all(map(alive, pids))
        process.send_signal(end)
    assert eventually(lambda: not any(map(alive, pids)))


@linux_only
def test_a_forked_host_uses_kernels_of_its_own() -> None:
    code = """
asyncio.run(one("1"))
before = pool.pids
child = os.fork()
if child == 0:
    print(asyncio.run(one("2 + 2")), not set(pool.pids) & set(before), flush=True)
    pool.close()
    os._exit(0)
os.waitpid(child, 0)
print(asyncio.run(one("3 + 3")), pool.pids[0] == before[0], flush=True)
"""
    with host(code) as process:
        assert process.stdout is not None
        assert process.stdout.read().split() == ["4", "True", "6", "True"]


@linux_only
def test_a_host_that_forgets_to_close_exits_in_silence_and_leaves_nothing() -> None:
    with host('print(asyncio.run(one("1"))); print(*pool.pids)') as process:
        assert process.stdout is not None
        value, *pids = process.stdout.read().split()
    assert (process.returncode, value) == (0, "1")
    assert eventually(lambda: not any(alive(int(pid)) for pid in pids))
