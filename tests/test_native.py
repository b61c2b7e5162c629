"""The native critic asks tools only what rests on the step's own words, and never with the answer in the question."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from genverify.engines.base import Message, Request
from genverify.engines.scripted import Answer, ScriptedEngine
from genverify.protocols.asking import KINDS, Ground, Scene, questions
from genverify.protocols.base import Chain, Kernels
from genverify.protocols.native import Native
from genverify.tools.checkers import Checkers
from genverify.types import CodeRun, Critique, Outcome, Problem, Reason, Solution, Source

PROBLEM = Problem("A box holds 17 rows of 24 eggs. How many eggs are in it?")
WRONG = Solution.from_steps(["17 * 24 = 418 eggs."])


def check(question: str, answer: str = "", kind: str = "value", givens: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"kind": kind, "question": question, "givens": list(givens), "answer": answer}


def asks(*checks: object) -> str:
    return json.dumps({"claim": "There are 418 eggs.", "checks": list(checks)})


def verdict(word: str = "incorrect", **more: str) -> str:
    fields = {
        "reason": "The product is 408.",
        "verdict": word,
        "category": "calculation",
        "correction": "17 * 24 = 408",
    }
    return json.dumps({**fields, **more})


class Talk:
    """Answers in turn; requests with choices get a fixed probability."""

    def __init__(self, *answers: str, p: float = 0.1) -> None:
        self.answers, self.p = list(answers), p
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        return {"correct": self.p, "incorrect": 1 - self.p} if request.choices else self.answers.pop(0)

    def said(self, place: int) -> str:
        last = self.asked[place].prompt[-1]
        assert isinstance(last, Message)
        return last.content


def read(
    talk: Callable[[Request], Answer],
    checkers: Checkers | None,
    *,
    protocol: Native | None = None,
    kernels: Kernels | None = None,
    solution: Solution = WRONG,
    problem: Problem = PROBLEM,
    engine: type[ScriptedEngine] = ScriptedEngine,
) -> list[Critique]:
    async def run() -> list[Critique]:
        chain = Chain(engine(talk), checkers=checkers, kernels=kernels)
        try:
            return [c async for c in (protocol or Native()).critiques(problem, solution, chain)]
        finally:
            await chain.aclose()

    return asyncio.run(run())


def test_the_model_sees_what_the_tools_found_and_then_judges(checkers: Checkers) -> None:
    talk = Talk(asks(check("17*24", "418")), asks(), verdict())
    (critique,) = read(talk, checkers)
    assert "<results>\n- 17*24 (claimed: 418): refuted: 17 × 24 is 408, not 418\n</results>" in talk.said(1)
    assert [m.role for m in talk.asked[2].prompt if isinstance(m, Message)] == [
        "user", "assistant", "user", "assistant", "user",
    ]  # fmt: skip
    assert critique.p_correct == pytest.approx(0.1)
    assert (critique.category, critique.correction) == ("calculation", "17 * 24 = 408")
    (found,) = critique.checks
    assert (found.outcome, found.claim.source, found.computed) == (Outcome.REFUTED, Source.MODEL, "408")
    assert critique.text.splitlines()[0] == "Claim: There are 418 eggs."


def test_it_may_ask_again_and_nothing_is_asked_twice(checkers: Checkers) -> None:
    talk = Talk(asks(check("17*24", "418")), asks(check("17*24", "418"), check("24*17", "418")), verdict())
    (critique,) = read(talk, checkers)
    assert len(critique.checks) == 2
    assert talk.said(2).count("refuted") == 1
    assert "Now judge the step" in talk.said(2)


def test_without_checks_the_verdict_is_the_models_own(checkers: Checkers) -> None:
    talk = Talk(asks(), verdict("correct"), p=0.8)
    (critique,) = read(talk, checkers)
    assert "No tool was asked." in talk.said(1)
    assert critique.p_correct == pytest.approx(0.8)
    assert critique.checks == ()


SCENE = Scene.of(PROBLEM, Solution.from_steps(["Let x be the rows, so x = 17.", "17 * 24 = 418 eggs."]), 1)


@pytest.mark.parametrize(
    ("item", "aside"),
    [
        (check("17*24", "418"), ""),
        (check("17 × 24", "418"), ""),
        (check("418", "418"), "the question is its own answer"),
        (check("418*1", "418"), "the number 418 is the claimed answer and must not stand in the question"),
        (check("17*25", "418"), "the number 25 stands neither in the step nor before it"),
        (check("17*24", "420"), "the number 420 stands neither in the step nor before it"),
        (check("y*24", "418"), "the name y stands neither"),
        (check("17*24 = 418", kind="holds"), ""),
        (check("x + 24 = 24 + x", kind="holds"), ""),
        (check("x = 17", kind="holds"), "it holds for some values only"),
        (check("x", "17"), "it holds for some values only"),
        (check("x", "17", givens=("x = 17",)), ""),
        (check("17*24", "418", kind="divine"), "of no known kind"),
        (check("17 eggs", "418"), "not in the formal language"),
        (check("__import__('os')", "418"), "not in the formal language"),
        (check("", "418"), "asks nothing"),
        (check("17*" * 1000, "418"), "too much"),
        (check("print(17*24)", "418", "python"), ""),
        (check("print(418)", "418", "python"), "the number 418 is the claimed answer"),
        (check("print(99)", "418", "python"), "the number 99 stands neither"),
        ("17*24", "it is no object"),
        ({"kind": "value", "question": 3}, "its fields are not"),
        (None, "it is no object"),
    ],
)
def test_what_does_not_rest_on_the_step_is_set_aside(item: object, aside: str) -> None:
    (question,) = questions([item], SCENE, KINDS)
    if aside:
        assert aside in question.aside
        assert question.claim is None
        assert question.code == ""
    else:
        assert question.aside == ""


def test_a_program_needs_somewhere_to_run() -> None:
    (question,) = questions([check("print(17*24)", "418", "python")], SCENE, ("value", "holds"))
    assert question.aside == "no code can be run here"


def test_a_number_that_is_calculated_with_may_be_asked_about() -> None:
    scene = Scene.of(PROBLEM, Solution.from_steps(["8 - 4 = 4 and $4 \\times 2 = 8$."]), 0)
    assert [q.aside for q in questions([check("8 - 4", "4"), check("4*2", "8")], scene, KINDS)] == ["", ""]


@pytest.mark.parametrize("value", [None, 3, "x", {"a": 1}, [[]], [{"kind": ["value"]}]])
def test_checks_may_be_anything(value: object) -> None:
    assert all(q.aside for q in questions(value, SCENE, KINDS))


@pytest.mark.parametrize(
    ("text", "value"), [("a dozen eggs", 12), ("25% of it", 100), ("half of it", 2), ("three cats", 3), ("4,500", 4500)]
)
def test_numbers_in_words_are_ground_too(text: str, value: int) -> None:
    assert value in Ground.of(text).values


def test_a_rounded_answer_is_not_refuted(checkers: Checkers) -> None:
    talk = Talk(asks(check("10/3", "3.33"), check("10/3", "3.3"), check("10/3", "3")), asks(), verdict())
    solution = Solution.from_steps(["10 / 3 = 3.33, about 3.3 or 3"])
    (critique,) = read(talk, checkers, solution=solution)
    assert [c.outcome for c in critique.checks] == [Outcome.CONFIRMED, Outcome.CONFIRMED, Outcome.UNDECIDED]


def test_what_does_not_follow_from_the_givens_alone_is_open(checkers: Checkers) -> None:
    problem = Problem("Solve 2*x + y = 7 with y = 1.")
    solution = Solution.from_steps(["Since 2*x + y = 7 and y = 1, x = 3, not 4."])
    talk = Talk(
        asks(
            check("x = 3", kind="holds", givens=("2*x + y = 7", "y = 1")),
            check("x = 3", kind="holds", givens=("2*x + y = 7",)),
            check("x = 4", kind="holds", givens=("2*x + y = 7", "y = 1")),
        ),
        asks(),
        verdict(),
    )
    (critique,) = read(talk, checkers, problem=problem, solution=solution)
    # the second repeats the first question with less to rest on, and is not asked again
    assert [c.outcome for c in critique.checks] == [Outcome.CONFIRMED, Outcome.REFUTED]
    less = Talk(asks(check("x = 3", kind="holds", givens=("2*x + y = 7",))), asks(), verdict())
    (critique,) = read(less, checkers, problem=problem, solution=solution)
    assert [(c.outcome, c.reason) for c in critique.checks] == [(Outcome.UNDECIDED, Reason.UNKNOWN)]


class Prints:
    """A kernel that prints what it is told to."""

    def __init__(self, run: CodeRun) -> None:
        self.result = run

    async def open(self, chain: str) -> "Prints":
        return self

    async def execute(self, code: str) -> CodeRun:
        return self.result

    async def aclose(self) -> None:
        return None


@pytest.mark.parametrize(
    ("run", "outcome"),
    [
        (CodeRun("", "working\n408\n"), Outcome.REFUTED),
        (CodeRun("", "418.0\n"), Outcome.CONFIRMED),
        (CodeRun("", "no idea\n"), None),
        (CodeRun("", "408", "error"), None),
        (CodeRun("", ""), None),
    ],
)
def test_what_a_program_prints_is_compared_by_us(checkers: Checkers, run: CodeRun, outcome: Outcome | None) -> None:
    talk = Talk(asks(check("print(17*24)", "418", "python")), asks(), verdict())
    (critique,) = read(talk, checkers, kernels=Prints(run))
    assert [c.outcome for c in critique.checks] == ([outcome] if outcome else [])
    assert [c.tool for c in critique.checks] == (["python"] if outcome else [])
    assert len(critique.code) == 1


class Loose(ScriptedEngine):
    capabilities = frozenset({"messages", "prefix"})  # type: ignore[misc]


@pytest.mark.parametrize("garbage", ["", "no", "{", '{"checks": "x"}', '{"checks": [[[]]]}', "\x00", "[" * 9999])
def test_garbage_instead_of_checks_leads_straight_to_the_verdict(checkers: Checkers, garbage: str) -> None:
    talk = Talk(*[garbage] * 2, verdict("correct"))
    talk.answers = [garbage, verdict("correct"), verdict("correct")]
    (critique,) = read(talk, checkers, engine=Loose, protocol=Native(rounds=1))
    assert critique.p_correct == 1.0
    assert [m.role for m in talk.asked[-1].prompt if isinstance(m, Message)] in (
        ["user"],
        ["user", "assistant", "user"],
    )


@pytest.mark.parametrize("garbage", ["", "correct", '{"verdict": "yes"}', '{"verdict": "correct'])
def test_garbage_instead_of_a_verdict_is_unparsed(checkers: Checkers, garbage: str) -> None:
    (critique,) = read(Talk(asks(), garbage), checkers, engine=Loose)
    assert critique.p_correct is None
    assert critique.notes[0].startswith("unparsed")
