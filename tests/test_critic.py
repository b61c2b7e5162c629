"""Hundreds of chains at once: none is lost, none takes another down, and what is cancelled lets go at once."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genverify.critic import MAX_CHAINS, Critic, Progress, Reading, Stop
from genverify.engines.base import Completion, Finish, Request, Sampling
from genverify.engines.scripted import Answer, ScriptedEngine, render
from genverify.errors import EngineError, ToolError
from genverify.protocols import loading
from genverify.protocols.base import Budget, Chain, ahead
from genverify.protocols.genprm import GenPRM
from genverify.types import CodeRun, Problem, Solution

PROBLEM = Problem("What is 17 * 24?")
STEPS = Solution.from_steps(["17 * 24 = 408", "408 + 1 = 409", "So 409."])
YES = "</verify>\n<output>\n**Judgement**: $\\boxed{Yes}$\n</output>\n"
CODE = "print(17 * 24)\n```\n"


def genprm(request: Request) -> Answer:
    """Answer as a GenPRM would that runs one block of code a step."""
    if request.choices:
        return {"Yes": 0.9, "No": 0.1}
    if request.prefix.endswith("step by step: "):
        return "Looks right.\n</analyze>\n"
    return CODE if request.prefix.endswith("```python\n") else YES


class CountedKernels:
    """Kernels that are counted, and that die or hang as a list of chances says."""

    def __init__(self, *, dies: float = 0.0, hangs: float = 0.0, most: int = 10**6) -> None:
        self.random = random.Random(7)
        self.dies, self.hangs = dies, hangs
        self.room = asyncio.Semaphore(most)
        self.open_now = self.opened = self.died = 0

    async def open(self, chain: str) -> "CountedKernel":
        await self.room.acquire()
        self.open_now += 1
        self.opened += 1
        return CountedKernel(self)


class CountedKernel:
    def __init__(self, owner: CountedKernels) -> None:
        self.owner: CountedKernels | None = owner

    async def execute(self, code: str) -> CodeRun:
        assert self.owner is not None, "a closed kernel was used"
        await asyncio.sleep(0)
        chance = self.owner.random.random()
        if chance < self.owner.dies:
            self.owner.died += 1
            raise ToolError("the kernel died")
        if chance < self.owner.dies + self.owner.hangs:
            self.owner.died += 1
            await asyncio.Event().wait()
        return CodeRun(code, "408\n")

    async def aclose(self) -> None:
        if self.owner is not None:
            self.owner.open_now -= 1
            self.owner.room.release()
            self.owner = None


def test_500_chains_end_while_tools_die_and_hang() -> None:
    async def run() -> tuple[list[Reading], CountedKernels]:
        kernels = CountedKernels(dies=0.01, hangs=0.002, most=64)
        critic = Critic(
            ScriptedEngine(genprm), GenPRM(), samples=5, kernels=kernels, max_chains=128, budget=Budget(code_s=0.5)
        )
        return [r async for r in critic.read_many([(PROBLEM, STEPS)] * 100)], kernels

    readings, kernels = asyncio.run(run())
    assert len(readings) == 100
    assert not [failure for r in readings for failure in r.failures]
    assert all(len(per_step) == 5 for r in readings for per_step in r.critiques)
    assert all(c.p_correct == pytest.approx(0.9) for r in readings for s in r.critiques for c in s)
    runs = [run for r in readings for s in r.critiques for c in s for run in c.code]
    lost = [run for run in runs if run.status != "ok"]
    assert len(runs) == 1500
    assert len(lost) >= kernels.died > 0  # a loaded machine may be late where nothing hangs
    assert {run.status for run in lost} == {"died", "timeout"}
    assert kernels.open_now == 0
    assert kernels.opened >= 500


def read(
    critic_of: Callable[[ScriptedEngine], Critic], answer: Callable[[Request], Any], stop: Stop | None = None
) -> Reading:
    async def run() -> Reading:
        return await critic_of(ScriptedEngine(answer)).read(PROBLEM, STEPS, stop=stop)

    return asyncio.run(run())


def test_a_chain_that_fails_keeps_what_it_found_and_says_where_it_ended() -> None:
    def answer(request: Request) -> Answer:
        if "Paragraph 3" in request.prefix:
            return EngineError("the server is gone")
        return genprm(request)

    reading = read(lambda e: Critic(e, GenPRM(), samples=2), answer)
    assert [len(s) for s in reading.critiques] == [2, 2, 0]
    assert [f.where for f in reading.failures] == [f"critic, sample {n}, step 2 (from 0)" for n in (0, 1)]
    assert reading.failures[0].what == "EngineError: the server is gone"


def test_whatever_an_engine_raises_is_a_failure() -> None:
    def answer(request: Request) -> Answer:
        raise TimeoutError("socket")

    reading = read(lambda e: Critic(e, GenPRM()), answer)
    assert [f.what for f in reading.failures] == ["TimeoutError: socket"]


def test_early_exit_ends_at_the_first_wrong_step() -> None:
    def answer(request: Request) -> Answer:
        return {"Yes": 0.2, "No": 0.8} if request.choices and "Paragraph 2" in request.prefix else genprm(request)

    reading = read(lambda e: Critic(e, GenPRM(), early_exit=True), answer)
    assert [len(s) for s in reading.critiques] == [1, 1, 0]
    assert not reading.failures


def test_early_exit_ends_where_tools_have_refuted_a_step() -> None:
    reading = read(lambda e: Critic(e, GenPRM(), early_exit=True), genprm, Stop(after=0))
    assert [len(s) for s in reading.critiques] == [1, 0, 0]
    assert [len(s) for s in read(lambda e: Critic(e, GenPRM()), genprm, Stop(after=0)).critiques] == [1, 1, 1]


def test_samples_differ_in_their_seeds_and_the_same_reading_asks_the_same() -> None:
    def seeds(seed: int = 0) -> list[int]:
        asked: list[Request] = []

        def answer(request: Request) -> Answer:
            asked.append(request)
            return genprm(request)

        read(lambda e: Critic(e, GenPRM(), samples=2, seed=seed), answer)
        return sorted(r.sampling.seed or 0 for r in asked if r.prefix.endswith("1 step by step: "))

    assert len(set(seeds())) == 2
    assert seeds() == seeds() != seeds(seed=1)


def test_the_budget_of_tokens_ends_a_chain() -> None:
    reading = read(lambda e: Critic(e, GenPRM(), budget=Budget(tokens=6)), genprm)
    assert "the budget of 6 tokens is used up" in reading.failures[0].what
    assert reading.meter.completion_tokens == 6


def test_the_budget_of_seconds_ends_a_chain() -> None:
    async def hang(request: Request) -> Answer:
        await asyncio.Event().wait()
        return ""

    reading = read(lambda e: Critic(e, GenPRM(), budget=Budget(seconds=0.01)), hang)
    assert [f.what for f in reading.failures] == ["the budget of 0.01 s is used up"]


class WatchedEngine(ScriptedEngine):
    """An engine that never answers and counts who waits."""

    waiting = 0

    async def complete(self, request: Request) -> Completion:
        self.waiting += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.waiting -= 1
        raise AssertionError


def test_cancelling_a_reading_frees_requests_and_kernels() -> None:
    class Hung(CountedKernels):
        def __init__(self) -> None:
            super().__init__(hangs=1.0)

    async def in_tool() -> None:
        kernels = Hung()
        task = asyncio.create_task(
            Critic(ScriptedEngine(genprm), GenPRM(), samples=3, kernels=kernels).read(PROBLEM, STEPS)
        )
        while kernels.died < 3:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert kernels.open_now == 0

    async def in_engine() -> None:
        engine = WatchedEngine([])
        task = asyncio.create_task(Critic(engine, loading.load("judge"), samples=3).read(PROBLEM, STEPS))
        while engine.waiting < 9:  # three samples with three steps each, which do not build on each other
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert engine.waiting == 0

    asyncio.run(in_tool())
    asyncio.run(in_engine())


def test_closing_a_stream_of_readings_cancels_the_rest() -> None:
    async def run() -> int:
        engine = WatchedEngine([])

        async def first(readings: AsyncGenerator[Reading, None]) -> None:
            await anext(readings)

        readings = Critic(engine, GenPRM(), max_chains=4).read_many([(PROBLEM, STEPS)] * 10)
        task = asyncio.create_task(first(readings))
        while engine.waiting < 4:
            await asyncio.sleep(0)
        for _ in range(10):
            await asyncio.sleep(0)
        most = engine.waiting
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await readings.aclose()
        assert engine.waiting == 0
        return most

    assert asyncio.run(run()) == 4  # no more are admitted


def test_a_critic_has_no_more_chains_under_way_than_its_engine_keeps() -> None:
    class Few(ScriptedEngine):
        slots = 3

    assert Critic(Few(genprm), GenPRM()).max_chains == 3
    assert Critic(Few(genprm), GenPRM(), max_chains=5).max_chains == 5
    assert Critic(ScriptedEngine(genprm), GenPRM()).max_chains == MAX_CHAINS


def test_a_request_that_fails_takes_those_beside_it_along() -> None:
    async def run() -> int:
        class Half(WatchedEngine):
            async def complete(self, request: Request) -> Completion:
                if "<later>" not in render(request):
                    await asyncio.sleep(0.001)
                    raise EngineError("gone")
                return await super().complete(request)

        engine = Half([])
        reading = await Critic(engine, loading.load("bothways")).read(PROBLEM, STEPS)
        assert [f.what for f in reading.failures] == ["EngineError: gone"]
        return engine.waiting

    assert asyncio.run(run()) == 0


def test_items_are_taken_as_they_are_needed() -> None:
    async def run() -> int:
        taken = 0

        def endless() -> Any:
            nonlocal taken
            while True:
                taken += 1
                yield PROBLEM, STEPS

        readings = Critic(ScriptedEngine(genprm), GenPRM(), max_chains=2).read_many(endless())
        for _ in range(3):
            await anext(readings)
        await readings.aclose()
        return taken

    assert asyncio.run(run()) <= 12


def test_progress_counts_every_chain_step_and_token() -> None:
    seen: list[Progress] = []

    async def run() -> None:
        critic = Critic(ScriptedEngine(genprm), GenPRM(), samples=2, kernels=CountedKernels(), progress=seen.append)
        async for _ in critic.read_many([(PROBLEM, STEPS)] * 2):
            pass

    asyncio.run(run())
    last = seen[-1]
    assert (last.chains_done, last.chains_begun, last.chains_total, last.steps) == (4, 4, 4, 12)
    assert last.completion_tokens > 0
    assert last.left_s == 0
    assert seen[0].left_s is None


def test_ahead_keeps_order_and_width() -> None:
    async def run() -> list[int]:
        now = most = 0

        async def job(n: int) -> int:
            nonlocal now, most
            now += 1
            most = max(most, now)
            for _ in range(20 - n):
                await asyncio.sleep(0)
            now -= 1
            return n

        got = [n async for n in ahead([lambda n=n: job(n) for n in range(10)], 3)]  # type: ignore[misc]
        assert most == 3
        return got

    assert asyncio.run(run()) == list(range(10))


CITING = Solution.from_steps(["#1. (by #1) x", "#2. (by #1) y"])  # the second can only be judged by a model
PIECES = [
    "<output>", "</output>\n", "</output", "<analyze>", "</analyze>\n", "<verify>", "```python\n", "```\n", "\n```\n",
    "\\boxed{", "\\boxed{Yes", "Yes", "No", "}", "{", '"verdict"', ": ", '"correct', '{"checks": [', '{"kind": "value"',
    "\x00", "\x1b[2J", "\ud800", "\n", "Step 1:", "[[[[", "'''", "NaN", "1e999", "<|im_end|>", "😀", "\\",
]  # fmt: skip
GARBAGE = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=15).map("".join),
    st.text(max_size=40),
    st.sampled_from(["x" * 1_000_000, "{" * 100_000, "\\boxed{" * 50_000, '{"verdict": "' + "a" * 1_000_000]),
)
LOGPROBS = st.sampled_from([None, (), (0.0,), (float("nan"), -1.0), (float("-inf"),) * 2, (5.0, -1.0)])
VERDICTS = ("\\boxed{Yes}", "\\boxed{No}", "{Yes}", "{No}", "\\boxed{correct}", "\\boxed{incorrect}", '"correct"')


@pytest.mark.parametrize("name", loading.KNOWN)
@settings(max_examples=40, deadline=None)
@given(texts=st.lists(GARBAGE, min_size=1, max_size=6), logprobs=LOGPROBS, finish=st.sampled_from(Finish))
def test_garbage_never_ends_a_chain_badly_and_never_makes_a_verdict(
    name: str, texts: list[str], logprobs: tuple[float, ...] | None, finish: Finish
) -> None:
    turn = 0

    def answer(request: Request) -> Answer:
        nonlocal turn
        turn += 1
        if request.choices or request.scored:
            return Completion("", Finish.CHOICES, choice_logprobs=logprobs, scores=logprobs)
        text = texts[turn % len(texts)]
        ends = next((stop for stop in request.stop if text.endswith(stop)), None)
        problem = "wrong" if finish is Finish.ERROR else ""
        return Completion(text, finish, stop=ends, completion_tokens=len(text) // 4, problem=problem)

    async def run() -> Reading:
        engine = ScriptedEngine(answer)
        solution = CITING if name == "natural" else STEPS
        return await Critic(engine, loading.load(name), kernels=CountedKernels()).read(PROBLEM, solution)

    reading = asyncio.run(run())
    for failure in reading.failures:
        assert failure.what.startswith("ChainError: "), failure
    well_formed = any(v in "".join(texts * 2) for v in VERDICTS) or any(
        "yes" in t.lower() or "no" in t.lower() for t in texts
    )
    if not well_formed:
        critiques = reading.critiques[1:] if name == "natural" else reading.critiques
        assert all(c.p_correct is None for step in critiques for c in step)


def test_the_names_of_protocols_and_engines() -> None:
    assert loading.split("genprm:some/folder") == ("genprm", "transformers:some/folder")
    assert loading.split("genprm:vllm:GenPRM/GenPRM-7B") == ("genprm", "vllm:GenPRM/GenPRM-7B")
    assert loading.split("embedded") == ("reader", "embedded:reader")
    assert loading.split("native:embedded") == ("native", "embedded")
    assert loading.split("openai:qwen@http://localhost:8000/v1") == (None, "openai:qwen@http://localhost:8000/v1")
    with pytest.raises(Exception, match="expected PROTOCOL:ENGINE"):
        loading.split("gpt")
    with pytest.raises(Exception, match="known are native, judge, paragraphs"):
        loading.load("nativ")


@pytest.mark.parametrize("name", loading.KNOWN)
def test_every_protocol_can_be_told_how_to_draw(name: str) -> None:
    drawn = loading.load(name, max_tokens=7, temperature=0.25).sampling
    assert (drawn.max_tokens, drawn.temperature) == (7, 0.25)
    assert drawn.top_p == loading.load(name).sampling.top_p
    assert loading.load(name).name == name


def test_a_chain_counts_and_cuts_requests_to_its_budget() -> None:
    async def run() -> None:
        chain = Chain(ScriptedEngine(["a b c d", "a b c d"]), budget=Budget(tokens=6))
        first = await chain.complete(Request("p", sampling=Sampling(max_tokens=4)))
        second = await chain.complete(Request("p", sampling=Sampling(max_tokens=4)))
        assert (first.text, second.text) == ("a b c d", "a b")
        assert chain.meter.completion_tokens == chain.total.completion_tokens == 6

    asyncio.run(run())
