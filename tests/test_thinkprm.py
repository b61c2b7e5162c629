"""ThinkPRM is spoken to byte for byte as its card says: one train of thought, then one question."""

import asyncio
from collections.abc import Callable

import pytest

from genverify.critic import Critic
from genverify.engines.base import Message, Request
from genverify.engines.scripted import Answer, ScriptedEngine
from genverify.fusion import fuse_step
from genverify.protocols.base import Chain
from genverify.protocols.thinkprm import ThinkPRM
from genverify.types import Critique, Problem, Solution

PROBLEM = Problem("What is 2 + 3?")
SOLUTION = Solution.from_steps(["Step 1: 2 + 3 = 5", "So 5."])
USER = """\
You are given a math problem and a proposed step-by-step solution:

[Math Problem]

What is 2 + 3?

[Solution]

Step 1: 2 + 3 = 5
Step 2: So 5.

Review and critique each step in the proposed solution to determine whether each step is correct. If the solution is \
incomplete, only verify the provided steps."""


def read(
    protocol: ThinkPRM,
    answer: Callable[[Request], Answer],
    *,
    solution: Solution = SOLUTION,
    engine: type[ScriptedEngine] = ScriptedEngine,
    lookahead: int = 1,
) -> tuple[list[Critique], list[Request]]:
    asked: list[Request] = []

    def keep(request: Request) -> Answer:
        asked.append(request)
        return answer(request)

    async def run() -> list[Critique]:
        chain = Chain(engine(keep), lookahead=lookahead)
        return [c async for c in protocol.critiques(PROBLEM, solution, chain)]

    return asyncio.run(run()), asked


def thinks(text: str, yes: float = 0.9) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        if request.choices == ("yes", "no"):
            return {"yes": yes, "no": 1 - yes}
        if request.choices:
            return {"correct": 0.8, "incorrect": 0.2}
        return text

    return answer


def test_every_request_has_the_bytes_of_the_card() -> None:
    critiques, asked = read(ThinkPRM(), thinks(" Fine.\n\nIs the solution correct? No"))
    assert len(asked) == 4  # a train of thought and a question for each prefix
    assert asked[2].prompt == (Message("user", USER),)
    assert asked[2].prefix == "\nLet's verify step by step:"
    assert asked[2].stop == ("Is the solution correct?", "</think>", "Step 3:")
    assert asked[3].prefix == "\nLet's verify step by step: Fine.\nIs the solution correct? "
    assert asked[3].choices == ("yes", "no")
    assert all(r.generation_prompt for r in asked)
    assert [c.p_correct for c in critiques] == [pytest.approx(0.9), pytest.approx(0.9)]


def test_each_prefix_is_shown_alone() -> None:
    _, asked = read(ThinkPRM(), thinks("x"))
    first = asked[0].prompt[0]
    assert isinstance(first, Message)
    assert "Step 2" not in first.content
    assert asked[0].stop[-1] == "Step 2:"


def test_ten_steps_stop_at_the_eleventh() -> None:
    _, asked = read(ThinkPRM(), thinks("x"), solution=Solution.from_steps(["a"] * 10))
    assert asked[-2].stop[-1] == "Step 11:"  # "9" > "10" as texts, in the authors' code


def test_further_rounds_begin_with_a_doubt() -> None:
    _, asked = read(ThinkPRM(rounds=3), thinks(" one"), solution=Solution.from_steps(["a"]))
    assert [r.prefix for r in asked[:3]] == [
        "\nLet's verify step by step:",
        "\nLet's verify step by step: one\nLet me double check",
        "\nLet's verify step by step: one\nLet me double check one\nLet's verify again",
    ]


def test_samples_are_drawn_apart_and_their_scores_averaged() -> None:
    """Parallel scaling: the mean over n chains."""

    def answer(request: Request) -> Answer:
        if not request.choices:
            return f" {request.sampling.seed}\n"
        return {"yes": 0.9, "no": 0.1} if int(request.prefix.split()[-5]) % 2 else {"yes": 0.3, "no": 0.7}

    one = Solution.from_steps(["a"])
    reading = asyncio.run(Critic(ScriptedEngine(answer), ThinkPRM(), samples=8).read(PROBLEM, one))
    ps = [c.p_correct for c in reading.critiques[0] if c.p_correct is not None]
    assert len({c.text for c in reading.critiques[0]}) == 8
    assert {round(p, 6) for p in ps} == {0.9, 0.3}
    verdict = fuse_step(0, reading.critiques[0], (), 0.0)
    assert verdict.p_correct == pytest.approx(sum(ps) / 8)


def test_a_temperature_flattens_the_two_answers() -> None:
    critiques, _ = read(ThinkPRM(temperature=2.0), thinks("x"), solution=Solution.from_steps(["a"]))
    assert critiques[0].p_correct == pytest.approx(0.75)  # 0.9 to 0.1 are odds of 9, and 3 is their root


def test_labels_of_one_train_of_thought_get_probabilities_where_they_stand() -> None:
    text = " Step 1: right. The step is \\boxed{correct}\nStep 2: wrong \\boxed{incorrect}\n</think>"
    critiques, asked = read(ThinkPRM(mode="steps"), thinks(text))
    assert len(asked) == 3
    assert asked[1].prefix.endswith("right. The step is \\boxed{")
    assert asked[2].prefix.endswith("wrong \\boxed{")
    assert [c.p_correct for c in critiques] == [pytest.approx(0.8)] * 2
    assert critiques[1].text == "\nStep 2: wrong \\boxed{incorrect}"


def test_a_step_without_label_is_unparsed() -> None:
    critiques, _ = read(ThinkPRM(mode="steps"), thinks(" Step 2: \\boxed{correct} Step 7: \\boxed{correct}"))
    assert critiques[0].p_correct is None
    assert "unparsed" in critiques[0].notes[0]
    assert critiques[1].p_correct is not None


class NoLogprobs(ScriptedEngine):
    capabilities = frozenset({"messages", "prefix"})  # type: ignore[misc]


@pytest.mark.parametrize(("word", "p"), [("Yes", 1.0), (" no.", 0.0), ("yesterday", None), ("perhaps", None)])
def test_without_log_probabilities_the_written_answer_counts(word: str, p: float | None) -> None:
    def answer(request: Request) -> Answer:
        return word if request.prefix.endswith("correct? ") else "fine"

    critiques, _ = read(ThinkPRM(), answer, engine=NoLogprobs, solution=Solution.from_steps(["a"]))
    assert critiques[0].p_correct == p


def test_prefixes_may_be_worked_on_at_once_and_come_in_order() -> None:
    critiques, _ = read(ThinkPRM(), thinks("x"), solution=Solution.from_steps(["a"] * 7), lookahead=3)
    assert [c.step for c in critiques] == list(range(7))
