"""FoVer is asked for the probability of one word a step, with the bytes of its training data."""

import asyncio

import pytest

from genverify.engines.base import Message, Request
from genverify.engines.scripted import Answer, ScriptedEngine
from genverify.protocols.base import Chain
from genverify.protocols.fover import FoVer
from genverify.types import Critique, LabelConvention, Problem, Solution

FIRST = """\
** Problem **
What is 2 + 3?

** Task **
Your task is to evaluate the accuracy of each step in the provided solution to the above question. For each step, \
respond with "correct" if the reasoning is logically valid and mathematically sound, or if the step is a general \
statement or transition that does not contain reasoning. Respond with "incorrect" if the step includes any errors or \
flawed logic.

** Sotluion **
2 + 3 = 5"""


def read(engine: ScriptedEngine, lookahead: int = 1) -> list[Critique]:
    solution = Solution.from_steps(["2 + 3 = 5", "So 6.", "Done."])

    async def run() -> list[Critique]:
        chain = Chain(engine, lookahead=lookahead)
        return [c async for c in FoVer().critiques(Problem("What is 2 + 3?"), solution, chain)]

    return asyncio.run(run())


@pytest.mark.parametrize("lookahead", [1, 2, 8])
def test_every_request_has_the_bytes_of_the_card(lookahead: int) -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        last = request.prompt[-1]
        wrong = isinstance(last, Message) and last.content == "So 6."
        return {"correct": 0.1, "incorrect": 0.7} if wrong else {"correct": 0.6, "incorrect": 0.2}

    critiques = read(ScriptedEngine(answer), lookahead)
    user = Message("user", FIRST)
    yes = Message("assistant", "correct")
    assert asked[0].prompt == (user,)
    assert asked[2].prompt == (user, yes, Message("user", "So 6."), yes, Message("user", "Done."))
    assert {(r.prefix, r.generation_prompt, r.choices) for r in asked} == {("", True, ("correct", "incorrect"))}
    assert all(r.first_tokens for r in asked)
    assert [c.p_correct for c in critiques] == [pytest.approx(0.75), pytest.approx(0.125), pytest.approx(0.75)]
    assert [c.step for c in critiques] == [0, 1, 2]
    assert FoVer().convention is LabelConvention.LOCAL


class NoLogprobs(ScriptedEngine):
    capabilities = frozenset({"messages", "prefix"})  # type: ignore[misc]


def test_without_log_probabilities_nothing_is_known() -> None:
    critiques = read(NoLogprobs([]))
    assert [c.p_correct for c in critiques] == [None] * 3
    assert all("unparsed" in c.notes[0] for c in critiques)
