"""A transcript gives the same verdicts again, with no model and no kernel."""

import asyncio
import random
import tracemalloc
from pathlib import Path

import pytest

from genverify.critic import Critic, Reading
from genverify.engines.base import Engine, Request
from genverify.engines.scripted import Answer, ScriptedEngine
from genverify.errors import RecordError, ToolError, UsageError
from genverify.protocols import recording
from genverify.protocols.base import Kernel, Kernels
from genverify.protocols.genprm import GenPRM
from genverify.protocols.recording import RecordingKernels, ReplayKernels
from genverify.types import CodeRun, Problem, Solution

ITEMS = [(Problem(f"What is {n} + 1?"), Solution.from_steps([f"{n} + 1 = {n + 1}", "Done."])) for n in range(6)]


class ChanceKernels:
    """Kernels whose answers nobody could guess; some die."""

    def __init__(self) -> None:
        self.random = random.Random(3)

    async def open(self, chain: str) -> Kernel:
        return self

    async def execute(self, code: str) -> CodeRun:
        await asyncio.sleep(0)
        if self.random.random() < 0.2:
            raise ToolError("the kernel died")
        return CodeRun(code, f"{self.random.random()}\n")

    async def aclose(self) -> None:
        return None


def chance_engine() -> ScriptedEngine:
    source = random.Random(5)

    def answer(request: Request) -> Answer:
        if request.choices:
            p = source.random()
            return {"Yes": p, "No": 1 - p}
        if request.prefix.endswith("step by step: "):
            return f"{source.random()}\n</analyze>\n"
        if "[Code Output]" in request.prefix and source.random() < 0.5:
            return "</verify>\n<output>\n$\\boxed{Yes}$\n</output>\n"
        return (
            f"x = {source.random()}\nprint(x)\n```\n" if request.prefix.endswith("python\n") else "```python\n1\n```\n"
        )

    return ScriptedEngine(answer)


def read(engine: Engine, kernels: Kernels | None) -> list[Reading]:
    async def run() -> list[Reading]:
        readings = [r async for r in Critic(engine, GenPRM(), samples=3, kernels=kernels).read_many(ITEMS)]
        await engine.aclose()
        return readings

    return asyncio.run(run())


def test_a_replay_comes_to_the_same_critiques(tmp_path: Path) -> None:
    with recording.record(chance_engine(), ChanceKernels(), tmp_path / "run") as (engine, kernels):
        first = read(engine, kernels)
    again = read(*recording.replay(tmp_path / "run"))
    assert [r.critiques for r in again] == [r.critiques for r in first]
    assert {run.status for r in first for s in r.critiques for c in s for run in c.code} >= {"ok", "died"}
    assert not [f for r in first for f in r.failures]


def test_without_kernels_there_is_nothing_to_replay_for_them(tmp_path: Path) -> None:
    with recording.record(chance_engine(), None, tmp_path) as (engine, kernels):
        read(engine, kernels)
    assert recording.replay(tmp_path)[1] is None
    with pytest.raises(RecordError):
        recording.replay(tmp_path / "elsewhere")


def test_code_that_was_never_run_is_a_lost_kernel(tmp_path: Path) -> None:
    (tmp_path / "k.jsonl").write_text("")

    async def run() -> None:
        kernel = await ReplayKernels(tmp_path / "k.jsonl").open("a")
        with pytest.raises(ToolError, match="holds no answer"):
            await kernel.execute("print(1)")

    asyncio.run(run())


@pytest.mark.parametrize("line", ["no", "{}", '{"session": "a", "output": 3, "status": "ok", "code": ""}', "[]"])
def test_what_is_no_transcript_is_said(tmp_path: Path, line: str) -> None:
    (tmp_path / "k.jsonl").write_text(line + "\n")
    with pytest.raises(RecordError, match="line 1"):
        ReplayKernels(tmp_path / "k.jsonl")
    with pytest.raises(RecordError, match="cannot be read"):
        ReplayKernels(tmp_path / "none.jsonl")
    with pytest.raises(UsageError, match="exists already"):
        RecordingKernels(ChanceKernels(), tmp_path / "k.jsonl")


def test_memory_stays_flat_over_two_thousand_chains() -> None:
    async def run() -> tuple[int, int]:
        critic = Critic(chance_engine(), GenPRM(rounds=1), kernels=ChanceKernels(), max_chains=32)
        item = (ITEMS[0][0], Solution.from_steps(["0 + 1 = 1"]))
        sizes = []
        tracemalloc.start()
        number = 0
        async for _ in critic.read_many([item] * 2000):
            number += 1
            if number in (500, 1900):
                sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        return sizes[0], sizes[1]

    early, late = asyncio.run(run())
    assert late - early < 256 * 1024
