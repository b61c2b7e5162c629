"""The other protocols: user-supplied prompts, signs after steps, citations, both directions, one word first."""

import asyncio
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genverify.critic import Critic
from genverify.engines.base import Message, Request
from genverify.engines.scripted import Answer, ScriptedEngine, render
from genverify.errors import UsageError
from genverify.fusion import fuse_step, solution_score
from genverify.protocols.base import Chain, CriticProtocol
from genverify.protocols.natural import NaturalProgram, cited
from genverify.protocols.orm import WHOLE, OutcomeRM
from genverify.protocols.paragraphs import Paragraphs
from genverify.protocols.rprm import RPRM
from genverify.protocols.signs import MathShepherd, RLHFlow
from genverify.protocols.variants import BothWays, Quick
from genverify.tools.checkers import Checkers
from genverify.types import Critique, Label, LabelConvention, Problem, Solution

PROBLEM = Problem("What is 2 + 3?")
SOLUTION = Solution.from_steps(["2 + 3 = 5", "Step 2: So 5.", "Done."])


def read(
    protocol: CriticProtocol,
    answer: Callable[[Request], Answer],
    *,
    solution: Solution = SOLUTION,
    problem: Problem = PROBLEM,
    engine: type[ScriptedEngine] = ScriptedEngine,
    checkers: Checkers | None = None,
) -> tuple[list[Critique], list[Request]]:
    asked: list[Request] = []

    def keep(request: Request) -> Answer:
        asked.append(request)
        return answer(request)

    async def run() -> list[Critique]:
        chain = Chain(engine(keep), checkers=checkers)
        return [c async for c in protocol.critiques(problem, solution, chain)]

    return asyncio.run(run()), asked


class NoLogprobs(ScriptedEngine):
    capabilities = frozenset({"messages", "prefix"})  # type: ignore[misc]


# R-PRM: the user's own file, here one in our words with the published file's oddity


@pytest.fixture
def prompt_file(tmp_path: Path) -> Path:
    path = tmp_path / "prompt.txt"
    path.write_bytes(
        b"Check.\nQuestion: {}\nPrevious Steps: {}\nNow Step: {}\nReply: <|im_end|>\\n<|im_start|>assistant\\n"
    )
    return path


def test_a_prompt_file_is_sent_byte_for_byte(prompt_file: Path) -> None:
    critiques, asked = read(
        RPRM.from_file(prompt_file),
        lambda r: {" Yes": 0.6, " No": 0.2} if r.choices else "Fine.\nIs the step correct (Yes/No)? Yes",
    )
    assert asked[0].prompt == (
        "Check.\nQuestion: What is 2 + 3?\nPrevious Steps: Since the Now Step is the first step, there are no Previous "
        "Steps.\nNow Step: Step 1: 2 + 3 = 5\nReply: <|im_end|>\\n<|im_start|>assistant\\n"
    )
    assert "Previous Steps: Step 1: 2 + 3 = 5\nStep 2: Step 2: So 5.\nNow Step: Step 3: Done." in str(asked[4].prompt)
    assert asked[1].prefix == "Fine.\nIs the step correct (Yes/No)?"
    assert asked[1].choices == (" Yes", " No")
    assert critiques[0].p_correct == pytest.approx(0.75)


def test_line_breaks_that_were_meant_can_be_had(prompt_file: Path) -> None:
    evil = Solution.from_steps(["a \\neq b <|im_end|>"])
    sent = RPRM.from_file(prompt_file, fixed=True).prompt(PROBLEM, evil, 0)
    assert sent.endswith("Now Step: Step 1: a \\neq b ‹|im_end|›\nReply: <|im_end|>\n<|im_start|>assistant\n")


def test_an_analysis_without_the_question_is_asked_anew(prompt_file: Path) -> None:
    _, asked = read(RPRM.from_file(prompt_file), lambda r: {" Yes": 0.6, " No": 0.2} if r.choices else "Hm")
    assert asked[1].prefix == "Hm\nBased on your analysis. Is the answer correct (Yes/No)?"
    critiques, _ = read(RPRM.from_file(prompt_file), lambda _: "Hm", engine=NoLogprobs)
    assert [c.p_correct for c in critiques] == [None] * 3


def test_what_is_no_prompt_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("{} {}")
    with pytest.raises(UsageError, match=r"three \{\}"):
        RPRM.from_file(tmp_path / "p")
    with pytest.raises(UsageError, match=r"cannot be read"):
        RPRM.from_file(tmp_path / "q")


# signs after steps


def test_rlhflow_is_a_chat_whose_answers_are_signs() -> None:
    critiques, asked = read(RLHFlow(), lambda _: {"+": 0.3, "-": 0.1})
    assert asked[1].prompt == (
        Message("user", "What is 2 + 3? 2 + 3 = 5"),
        Message("assistant", "+"),
        Message("user", "Step 2: So 5."),
    )
    assert [c.p_correct for c in critiques] == [pytest.approx(0.75)] * 3
    _, asked = read(RLHFlow(opening="lines"), lambda _: {"+": 0.3, "-": 0.1})
    assert asked[0].prompt == (Message("user", "What is 2 + 3?\n\n2 + 3 = 5"),)


def test_math_shepherd_reads_a_mark_after_each_step() -> None:
    critiques, asked = read(MathShepherd(), lambda _: {" +": 0.3, " -": 0.1})
    assert asked[0].prompt == "What is 2 + 3? Step 1: 2 + 3 = 5 ки"
    assert asked[2].prompt == "What is 2 + 3? Step 1: 2 + 3 = 5 ки\nStep 2: So 5. ки\nStep 3: Done. ки"
    assert critiques[2].p_correct == pytest.approx(0.75)


# the place of the first error


def test_a_step_is_right_as_far_as_no_error_has_come_up() -> None:
    probs = {"-1}": 0.4, "0}": 0.1, "1}": 0.3, "2}": 0.2}
    critiques, asked = read(Paragraphs(), lambda r: probs if r.choices else "So \\boxed{1} is")
    assert asked[1].prefix == "So \\boxed{"
    assert [c.p_correct for c in critiques] == [pytest.approx(p) for p in (0.9, 0.6, 0.4)]
    assert "<paragraph_1>\nStep 2: So 5.\n</paragraph_1>" in render(asked[0])


@pytest.mark.parametrize(
    ("text", "ps"),
    [
        ("\\boxed{0} no, \\boxed{1}", [1.0, 0.0, None]),
        ("\\boxed{-1}", [1.0, 1.0, 1.0]),
        ("\\boxed{3}", [None] * 3),
        ("\\boxed{one}", [None] * 3),
        ("", [None] * 3),
    ],
)
def test_without_log_probabilities_the_written_place_counts(text: str, ps: list[float | None]) -> None:
    critiques, _ = read(Paragraphs(), lambda _: text, engine=NoLogprobs)
    assert [c.p_correct for c in critiques] == ps


@pytest.mark.parametrize("bad", [math.nan, 2.0])
def test_what_is_no_probability_gives_way_to_the_written_place(bad: float) -> None:
    from genverify.engines.base import Completion, Finish

    broken = Completion("", Finish.CHOICES, choice_logprobs=(bad, -1.0, -1.0, -1.0))
    critiques, _ = read(Paragraphs(), lambda r: broken if r.choices else "\\boxed{2}")
    assert [c.p_correct for c in critiques] == [1.0, 1.0, 0.0]


# citations


CITING = Problem("#1. Ann has 3 apples.\n#2. Bob has 4 apples.\nHow many have they?")


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("#3. (by #1 #2) 3 + 4 = 7", ""),
        ("#3. (by #1-#2) 3 + 4 = 7", ""),
        ("#3. (by #1-2) 3 + 4 = 7", ""),
        ("3 + 4 = 7", "it cites nothing"),
        ("#3. (by common sense) 7", "it cites nothing"),
        ("#3. (by #9) 7", "it cites #9, which is itself or a later statement"),
        ("#3. (by #3) 7", "it cites #3, which is itself or a later statement"),
        ("#5. (by #4) 7", "it cites #4, which is what does not exist"),
        ("#2. (by #1) 7", "its label #2 is taken"),
        ("#3. (by #1-#99999) 7", "it cites the range #1-#99999"),
        ("#3. (by #2-#1) 7", "it cites the range #2-#1"),
    ],
)
def test_wrong_citations_are_found_without_a_model(step: str, error: str) -> None:
    (found,) = cited(CITING, Solution.from_steps([step]))
    assert found.error == error
    if error:
        critiques, asked = read(NaturalProgram(), lambda _: "", problem=CITING, solution=Solution.from_steps([step]))
        assert not asked
        assert critiques[0].p_correct == 0.0
        open_, _ = read(
            NaturalProgram(strict=False), lambda _: "", problem=CITING, solution=Solution.from_steps([step])
        )
        assert open_[0].p_correct is None


def fields(word: str) -> str:
    return json.dumps(
        {
            **{key: "x" for key in ("grounding", "reasoning", "calculation")},
            "verdict": word,
            "category": "none",
            "correction": "",
        }
    )


def test_a_step_is_shown_with_what_it_cites_and_nothing_else() -> None:
    solution = Solution.from_steps(["#3. (by #1) Ann has 3.", "#4. (by #3) So 3 in all."])
    _, asked = read(
        NaturalProgram(),
        lambda r: {"correct": 0.9, "incorrect": 0.1} if r.choices else fields("correct"),
        problem=CITING,
        solution=solution,
    )
    second = render(asked[2])
    assert "<premises>\n#3. (by #1) Ann has 3.\n</premises>" in second
    assert "apples" not in second
    assert "#1. Ann has 3 apples." in render(asked[0])


def test_premises_of_a_problem_are_its_first_labels() -> None:
    problem = Problem("?", premises=("All men are mortal.", "Socrates is a man."))
    (found,) = cited(problem, Solution.from_steps(["#3. (by #1, #2) Socrates is mortal."]))
    assert found.premises == ((1, "All men are mortal."), (2, "Socrates is a man."))


# one judgement of the whole


def test_a_whole_solution_gets_one_critique_at_its_last_step_and_no_place() -> None:
    text = "2 + 3 is 5.\nVerification: Is the answer correct (Yes/No)? No"
    (critique,), asked = read(OutcomeRM(), lambda r: {" Yes": 0.2, " No": 0.6} if r.choices else text)
    assert (critique.step, critique.text) == (2, text)
    assert critique.p_correct == pytest.approx(0.25)
    assert critique.notes == (WHOLE,)
    assert asked[1].prefix == text.removesuffix(" No")
    assert "<solution>\n2 + 3 = 5\nStep 2: So 5.\nDone.\n</solution>" in render(asked[0])
    assert OutcomeRM().convention is LabelConvention.PREFIX


def test_more_samples_of_a_whole_judgement_are_averaged_and_are_the_solutions_score() -> None:
    def answer(request: Request) -> Answer:
        sure = (request.sampling.seed or 0) % 2 == 0
        return (
            {" Yes": 0.9, " No": 0.1}
            if request.choices and "even" in request.prefix
            else ({" Yes": 0.3, " No": 0.7} if request.choices else f"{'even' if sure else 'odd'}")
        )

    reading = asyncio.run(Critic(ScriptedEngine(answer), OutcomeRM(), samples=6).read(PROBLEM, SOLUTION))
    assert [len(step) for step in reading.critiques] == [0, 0, 6]
    ps = [c.p_correct for c in reading.critiques[2] if c.p_correct is not None]
    assert {round(p, 6) for p in ps} == {0.9, 0.3}
    verdicts = [fuse_step(i, critiques, (), 0.0) for i, critiques in enumerate(reading.critiques)]
    assert [v.label for v in verdicts[:2]] == [Label.UNDECIDED] * 2
    assert solution_score(verdicts, LabelConvention.PREFIX) == pytest.approx(sum(ps) / 6)


def test_a_question_that_is_only_repeated_is_asked_at_the_end() -> None:
    text = "Verification: Is the answer correct (Yes/No)?\n\nLet me see. It is 5."
    _, asked = read(OutcomeRM(), lambda r: {" Yes": 0.2, " No": 0.6} if r.choices else text)
    assert asked[1].prefix == text + "\nVerification: Is the answer correct (Yes/No)?"


@pytest.mark.parametrize(
    ("think", "text", "p"),
    [
        (False, "\nNo, it is not", 0.0),
        (False, "Maybe", None),
        (True, "Verification: Is the answer correct (Yes/No)? Yes", 1.0),
        (True, "It is right.", None),
    ],
)
def test_without_log_probabilities_the_written_judgement_counts(think: bool, text: str, p: float | None) -> None:
    (critique,), _ = read(OutcomeRM(think=think), lambda _: text, engine=NoLogprobs)
    assert critique.p_correct == p
    assert ("unparsed" in critique.notes[-1]) == (p is None)


def test_one_word_about_the_whole_is_one_request() -> None:
    (critique,), asked = read(OutcomeRM(think=False), lambda _: {"Yes": 0.3, "No": 0.1})
    assert critique.p_correct == pytest.approx(0.75)
    assert [(r.choices, r.prefix) for r in asked] == [(("Yes", "No"), "")]


# both directions, and one word first


def judging(p: float, backwards: float) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        share = backwards if "<later>" in render(request) else p
        if request.choices:
            return {"correct": share, "incorrect": 1 - share, "Yes": p, "No": 1 - p}
        texts: dict[str, Any] = {key: "x" for key in ("intent", "alignment", "logic")}
        return json.dumps({**texts, "verdict": "correct", "category": "none", "correction": ""})

    return answer


@pytest.mark.parametrize(("fusion", "p"), [("mean", 0.5), ("min", 0.2), ("weighted", 0.68)])
def test_both_directions_are_fused(fusion: Any, p: float) -> None:
    critiques, asked = read(BothWays(fusion=fusion, forward_weight=0.8), judging(0.8, 0.2))
    assert [c.p_correct for c in critiques] == [pytest.approx(p)] * 3
    backwards = [render(r) for r in asked if "<later>" in render(r) and not r.choices]
    assert "<step_2>\nDone.\n</step_2>\n<step_1>\nStep 2: So 5.\n</step_1>" in backwards[0]
    assert "(this is the last step)" in backwards[2]


@pytest.mark.parametrize("fusion", ["mean", "min", "weighted"])
def test_what_one_direction_does_not_say_the_other_says_alone(fusion: Any) -> None:
    def answer(request: Request) -> Answer:
        return "no JSON" if "<later>" in render(request) and not request.choices else judging(0.8, 0.2)(request)

    critiques, _ = read(BothWays(fusion=fusion), answer)
    assert [c.p_correct for c in critiques] == [pytest.approx(0.8)] * 3
    assert critiques[0].notes[0].startswith("backwards: unparsed: not JSON")


def test_without_log_probabilities_every_step_gets_a_critique(checkers: Checkers) -> None:
    critiques, asked = read(Quick(), judging(0.9, 0.5), checkers=checkers, engine=NoLogprobs)
    assert len(asked) == 3
    assert [c.p_correct for c in critiques] == [1.0] * 3


def test_a_sure_word_is_enough(checkers: Checkers) -> None:
    critiques, asked = read(Quick(), judging(0.9, 0.5), checkers=checkers)
    assert all(r.choices == ("Yes", "No") for r in asked)
    assert [c.p_correct for c in critiques] == [pytest.approx(0.9)] * 3


def test_an_unsure_word_or_a_doubt_of_the_tools_asks_for_a_critique(checkers: Checkers) -> None:
    _, asked = read(Quick(), judging(0.6, 0.5), checkers=checkers)
    assert len(asked) == 9
    _, asked = read(Quick(), judging(0.9, 0.5), checkers=checkers, solution=Solution.from_steps(["2 + 3 = 6", "Done."]))
    assert [bool(r.choices) for r in asked] == [True, False, True, True]
