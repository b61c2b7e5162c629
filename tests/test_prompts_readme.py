"""The examples in the README of the prompts are, byte for byte, what protocols send."""

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from genverify.critic import Critic
from genverify.engines.base import Request
from genverify.engines.scripted import Answer, ScriptedEngine, render
from genverify.protocols import loading
from genverify.tools.checkers import Checkers
from genverify.types import CodeRun, Problem, Solution

README = Path(__file__).resolve().parents[1] / "prompts" / "README.md"
PROBLEM = Problem("#1. A box holds 17 rows of 24 eggs.\nHow many eggs are in two boxes?")
STEPS = Solution.from_steps(["#2. (by #1) 17 * 24 = 408", "#3. (by #2) 2 * 408 = 816"])
TEXTS = {
    "genprm": [
        "It multiplies rows by eggs.\n</analyze>\n",
        "print(17 * 24)\n```\n",
        "The code agrees.\n</verify>\n<output>\n**Judgement**: $\\boxed{Yes}$\n</output>\n",
    ]
    * 2,
    "thinkprm": [" Step 1: 17 * 24 is 408. \\boxed{correct}\nStep 2: right as well. \\boxed{correct}\n</think>"] * 2,
    "orm": ["17 rows of 24 are 408, twice that is 816.\nVerification: Is the answer correct (Yes/No)? Yes"],
    "paragraphs": ["Both products are right, so the answer is \\boxed{-1}."],
}
OBJECT: dict[str, Any] = {
    **dict.fromkeys(("intent", "alignment", "logic", "reason", "grounding", "reasoning", "calculation"), "..."),
    "verdict": "correct",
    "category": "none",
    "correction": "",
}
ASKED = {"claim": "Two boxes hold 816 eggs.", "checks": [
    {"kind": "value", "question": "2*408", "givens": [], "answer": "816"},
    {"kind": "value", "question": "3*408", "givens": [], "answer": "816"},
]}  # fmt: skip


class OneKernel:
    async def open(self, chain: str) -> "OneKernel":
        return self

    async def execute(self, code: str) -> CodeRun:
        return CodeRun(code, "408\n")

    async def aclose(self) -> None:
        return None


def example(name: str, checkers: Checkers) -> str:
    """Return the last request of the second step, in the plainest template, and its choices or places of scores."""
    asked: list[Request] = []
    texts = iter(TEXTS.get(name, []))

    def answer(request: Request) -> Answer:
        asked.append(request)
        if request.scored:
            return (0.9,) * len(request.scored)
        if request.choices:
            return {choice: 0.9 if choice == request.choices[0] else 0.01 for choice in request.choices}
        if name in TEXTS:
            return next(texts)
        properties: Any = (request.schema or {}).get("properties", {})
        if "checks" in properties:
            repeated = "<results>" in render(request)
            return json.dumps({**ASKED, "checks": []} if repeated else ASKED)
        return json.dumps({key: OBJECT[key] for key in properties})

    async def run() -> None:
        kernels = OneKernel() if name == "genprm" else None
        protocol, engine = loading.load(name), ScriptedEngine(answer)
        # early exit also makes the steps come one after the other
        await Critic(engine, protocol, kernels=kernels, checkers=checkers, early_exit=True).read(PROBLEM, STEPS)

    asyncio.run(run())
    last = asked[-1]
    if last.scored:
        return render(replace(last, scored=(), mark="")) + "".join(f"{text}{last.mark}⟨p⟩" for text in last.scored)
    return f"{render(last)}⟨{' | '.join(last.choices)}⟩" if last.choices else render(last)


def blocks() -> dict[str, str]:
    text = README.read_text(encoding="utf-8")
    return dict(re.findall(r"^### `(\w+)`.*?^````text\n(.*?)\n````$", text, flags=re.M | re.S))


@pytest.mark.parametrize("name", loading.KNOWN)
def test_the_example_is_what_is_sent(name: str, checkers: Checkers) -> None:
    assert blocks()[name] == example(name, checkers)


def test_there_is_an_example_of_every_protocol() -> None:
    assert set(blocks()) == set(loading.KNOWN)
