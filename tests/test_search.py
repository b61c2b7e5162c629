"""Best-of-N, refinement and both together, on planted mistakes with real tools: what is won, what never happens."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from genverify import answers
from genverify.engines.base import Request
from genverify.engines.scripted import ScriptedEngine, render
from genverify.errors import ToolError
from genverify.policies import Draft, EnginePolicy, Task
from genverify.search import (
    Candidate,
    Ending,
    Limits,
    Mode,
    Origin,
    abest_of_n,
    best_of_n,
    in_order,
    majority,
    refine,
    refined_best_of_n,
    usable,
)
from genverify.search.planted import PlantedPolicy, problem
from genverify.tools.checkers import Checkers
from genverify.types import CorrectionStatus, Failure, Problem, Solution
from genverify.verifier import Verifier

ASKED = Problem("What is 17 * 24 + 1?", id="asked", answer="409")
WRONG = "17 * 24 = 418.\n\n418 + 1 = 419.\n\nThe answer is 419."
RIGHT = "17 * 24 = 408.\n\n408 + 1 = 409.\n\nThe answer is 409.0"


class Saying:
    """A policy that says the given texts in turn, whatever it is asked."""

    max_tokens = 50

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)

    async def write(self, problem: Problem, steps: Sequence[str], task: Task) -> Draft:
        words = self.texts.pop(0).split(" ")
        kept = words[: task.max_tokens]
        return Draft(" ".join(kept), len(kept), complete=len(kept) == len(words))

    async def rewrite(self, problem: Problem, solution: Solution, step: int, critique: str, task: Task) -> Draft:
        return await self.write(problem, (), task)

    async def aclose(self) -> None:
        return None


def wrong_versions(count: int, rate: float, steps: int = 8) -> list[tuple[Problem, Solution]]:
    made = []
    for seed in range(count):
        asked = problem(seed, steps)
        draft = asyncio.run(PlantedPolicy(rate, seed=seed).write(asked, (), Task()))
        made.append((asked, Solution.from_text(draft.text)))
    return made


def test_one_sound_refutation_outvotes_a_majority(verifier: Verifier) -> None:
    made = best_of_n(ASKED, [WRONG, WRONG, RIGHT], verifier)
    assert (made.chosen, made.correct) == (2, True)
    assert majority(ASKED, [WRONG, WRONG, RIGHT], verifier).correct is False


def test_majority_asks_no_verifier_and_unanimity_only_about_the_two_top_answers(verifier: Verifier) -> None:
    assert all(c.report is None for c in majority(ASKED, [WRONG, RIGHT], verifier).candidates)
    pool = [WRONG, WRONG, RIGHT, RIGHT, "So the answer is 7."]
    judged = best_of_n(ASKED, pool, verifier, method="unanimity").candidates
    assert [c.report is not None for c in judged] == [True] * 4 + [False]


def test_candidates_that_say_the_same_are_verified_once(verifier: Verifier) -> None:
    made = best_of_n(ASKED, [RIGHT] * 50, verifier)
    assert made.spent.checks == best_of_n(ASKED, [RIGHT], verifier).spent.checks
    assert all(c.report is not None for c in made.candidates)


def test_empty_candidates_are_recorded_and_the_others_counted(verifier: Verifier) -> None:
    made = best_of_n(ASKED, [" ", RIGHT, ()], verifier)
    assert made.chosen == 1
    assert [f.where for f in made.failures] == ["candidate 0", "candidate 2"]
    assert best_of_n(ASKED, ["", "\n"], verifier).chosen is None
    assert best_of_n(ASKED, [], verifier).chosen is None


def test_a_candidate_may_bring_its_own_answer(verifier: Verifier) -> None:
    mine = Candidate(0, Solution.from_text("17 * 24 = 408, and one more."), "409", "given")
    assert best_of_n(ASKED, [mine], verifier).correct is True


def test_whole_answers_are_judged_as_one_step(verifier: Verifier) -> None:
    made = best_of_n(ASKED, [RIGHT], verifier, method="best", whole=True)
    report = made.candidates[0].report
    assert report is not None
    assert len(report.steps) == 1


@pytest.mark.usefixtures("ends")
def test_a_policy_that_raises_or_never_stops_costs_only_its_own_candidates(verifier: Verifier) -> None:
    policy = PlantedPolicy(0.0, raises=0.3, hangs=0.4)
    made = best_of_n(problem(3), policy, verifier, 12, limits=Limits(call_s=0.2))
    failed = [c for c in made.candidates if c.failure is not None]
    assert len(made.candidates) == 12
    assert 0 < len(failed) < 12
    assert made.correct is True
    assert all("given up after 0.2 s" in f.what or "this draft fails" in f.what for f in made.failures)
    assert made.spent.policy_tokens == sum(c.tokens for c in made.candidates)
    assert made.spent.policy_tokens_unknown == len(failed) * policy.max_tokens


@pytest.mark.usefixtures("ends")
def test_a_budget_of_seconds_ends_even_a_search_that_hangs(verifier: Verifier) -> None:
    began = time.monotonic()
    made = best_of_n(problem(1), PlantedPolicy(0.0, hangs=1.0), verifier, 4, limits=Limits(seconds=0.3))
    assert time.monotonic() - began < 30  # the hang would be forever
    assert made.chosen is None
    assert len(made.failures) == 4


@pytest.mark.parametrize("budget", [1, 50, 100, 250, 1000])
def test_a_budget_of_tokens_is_never_passed_and_used_as_far_as_it_goes(budget: int, verifier: Verifier) -> None:
    asked = problem(5)
    free = best_of_n(asked, PlantedPolicy(0.2), verifier, 6).spent.policy_tokens
    made = best_of_n(asked, PlantedPolicy(0.2), verifier, 6, limits=Limits(tokens=budget))
    assert made.spent.policy_tokens == min(budget, free)
    assert made.spent.policy_tokens == sum(c.tokens for c in made.candidates)


def test_the_same_seed_gives_the_same_search(verifier: Verifier) -> None:
    def run() -> list[tuple[str | None, int]]:
        made = refined_best_of_n(problem(2), PlantedPolicy(0.3, 0.1), verifier, 6, 2).selection
        return [(c.answer, c.tokens) for c in made.candidates]

    assert run() == run()


@pytest.mark.parametrize("mode", Mode)
def test_planted_mistakes_are_recovered(mode: Mode, verifier: Verifier) -> None:
    for asked, solution in wrong_versions(8, 0.4, 5):
        made = refine(asked, solution, PlantedPolicy(0.4), verifier, mode=mode)
        assert made.ending is Ending.NOTHING_WRONG
        assert made.correct_after is True
        assert made.result is not None
        assert not made.result.refuted


@pytest.mark.parametrize("mode", Mode)
def test_refinement_never_turns_a_right_answer_wrong_where_tools_decide(mode: Mode, verifier: Verifier) -> None:
    for asked, solution in wrong_versions(12, 0.15):
        made = refine(asked, solution, PlantedPolicy(0.4, 0.4, seed=7), verifier, 2, mode=mode)
        if made.correct_before:
            assert made.correct_after, made.why


def test_a_solution_without_a_wrong_step_is_left_as_it_is(verifier: Verifier) -> None:
    made = refine(ASKED, RIGHT, Saying(), verifier)
    assert made.ending is Ending.NOTHING_WRONG
    assert made.versions[0] is made.result
    assert made.spent.policy_calls == 0


def test_the_checked_correction_stands_before_what_the_policy_adds(verifier: Verifier) -> None:
    made = refine(ASKED, WRONG, Saying("408 + 1 = 409.\n\nThe answer is 409."), verifier)
    assert made.result is not None
    assert made.result.solution is not None
    assert made.result.solution.steps[0].text == "17 * 24 = 408.\n\n"
    assert (made.result.edited, made.result.parent, made.result.origin) == (0, 0, Origin.CONTINUED)
    assert (made.correct_before, made.correct_after) == (False, True)


def test_saying_the_same_again_ends_it(verifier: Verifier) -> None:
    made = refine(ASKED, WRONG, Saying(WRONG), verifier, mode="rewrite")
    assert made.ending is Ending.NO_CHANGE
    assert made.best == 0


def test_going_round_in_circles_ends_it(verifier: Verifier) -> None:
    other = WRONG.replace("418", "428").replace("419", "429")
    made = refine(ASKED, WRONG, Saying(other, WRONG), verifier, 9, mode="rewrite")
    assert made.ending is Ending.REPEATED
    assert len(made.versions) == 3


def test_the_best_version_is_returned_not_the_last_and_flips_are_recorded(verifier: Verifier) -> None:
    lucky = "17 * 24 = 418.\n\n418 - 9 = 409.\n\nThe answer is 409."  # a wrong step, a right answer
    worse = "17 * 24 = 500.\n\n500 + 1 = 502.\n\nThe answer is 502."
    made = refine(ASKED, lucky, Saying(worse), verifier, 1, mode="rewrite")
    assert made.ending is Ending.ROUNDS
    assert made.flips == (1,)
    assert made.best == 0
    assert (made.correct_before, made.correct_after) == (True, True)


def test_without_rounds_or_budget_the_original_is_kept(verifier: Verifier) -> None:
    assert refine(ASKED, WRONG, Saying(), verifier, 0).ending is Ending.ROUNDS
    policy = Saying("a b c", "d e f")
    broke = refine(ASKED, WRONG, policy, verifier, limits=Limits(tokens=1), mode="rewrite")
    assert broke.best == 0
    assert refine(ASKED, " ", Saying(), verifier).best is None


def test_a_version_that_says_nothing_does_not_take_the_place_of_an_answer(verifier: Verifier) -> None:
    made = refine(ASKED, WRONG, Saying("I do not know."), verifier, mode="rewrite")
    assert made.ending is Ending.NOTHING_WRONG
    assert made.best == 0


def test_refined_best_of_n_reaches_the_oracle_and_keeps_accounts(verifier: Verifier) -> None:
    right = reachable = plain = 0
    for seed in range(25):
        asked = problem(seed)
        made = refined_best_of_n(asked, PlantedPolicy(0.25, 0.1, seed=seed), verifier, 6)
        pool = made.selection.candidates
        right += made.selection.correct is True
        reachable += any(c.answer and answers.same(c.answer, str(asked.answer)) for c in pool)
        assert made.plain is not None
        plain += made.plain.correct is True
        assert made.plain_tokens == made.tokens == sum(c.tokens for c in pool)
        assert len(pool) == 6
    assert right >= reachable - 0.02 * 25
    assert right > plain


def test_half_is_sampled_and_half_goes_on_from_it(verifier: Verifier) -> None:
    made = refined_best_of_n(problem(4), PlantedPolicy(1.0), verifier, 8, refill=False, baseline=False)
    assert [c.origin for c in made.selection.candidates] == [Origin.SAMPLED] * 4 + [Origin.CONTINUED] * 4
    assert [c.parent for c in made.selection.candidates[4:]] == [0, 1, 2, 3]
    clean = refined_best_of_n(problem(4), PlantedPolicy(0.0), verifier, 8, refill=False, baseline=False)
    assert len(clean.selection.candidates) == 4
    full = refined_best_of_n(problem(4), PlantedPolicy(0.0), verifier, 8, baseline=False)
    assert [c.origin for c in full.selection.candidates] == [Origin.SAMPLED] * 8


def test_a_budget_holds_for_the_baseline_too(verifier: Verifier) -> None:
    made = refined_best_of_n(problem(6), PlantedPolicy(0.5, 0.2), verifier, 8, limits=Limits(tokens=500))
    assert made.spent.policy_tokens <= 500
    assert made.plain_tokens is not None
    assert made.plain_tokens <= made.tokens


def test_a_correction_is_used_only_if_its_own_checks_speak_for_it(verifier: Verifier) -> None:
    (verdict, *_) = verifier.critique(ASKED, WRONG).steps
    assert verdict.correction is not None
    assert usable(verdict) is verdict.correction
    for worse in (
        replace(verdict.correction, status=CorrectionStatus.UNVERIFIED),
        replace(verdict.correction, checks=()),
        replace(verdict.correction, checks=verdict.checks),
    ):
        assert usable(replace(verdict, correction=worse)) is None
    assert usable(replace(verdict, correction=None)) is None
    sure = replace(verdict, p_correct=0.9999999)
    assert usable(sure) is None  # the probability would not rise


def test_many_problems_come_back_in_order_and_one_that_fails_is_a_failure(verifier: Verifier) -> None:
    async def broken() -> Failure:
        raise RuntimeError("no")

    def job(seed: int):  # type: ignore[no-untyped-def]
        return lambda: abest_of_n(problem(seed), PlantedPolicy(0.2), verifier, 2)

    found = list(in_order(verifier, [job(0), broken, job(1)]))
    assert [getattr(r, "problem_id", None) for r in found] == [problem(0).id, None, problem(1).id]
    assert isinstance(found[1], Failure)


def test_tools_only_selection_is_no_worse_than_majority_on_real_samples(verifier: Verifier, data: Path) -> None:
    lines = (data / "pool_game24.jsonl").read_text(encoding="utf-8").splitlines()[:12]
    rows = [json.loads(line) for line in lines]
    won = voted = 0
    for row in rows:
        texts = [s["text"] for s in row["solutions"]]
        right = [s["correct"] for s in row["solutions"]]
        asked = Problem(row["problem"], id=row["id"])
        chosen = best_of_n(asked, texts, verifier).chosen
        plain = majority(asked, texts, verifier).chosen
        assert chosen is not None
        assert plain is not None
        won += right[chosen]
        voted += right[plain]
    assert won > voted


def judging_and_writing(request: Request) -> str:
    """Answer as one model in both parts: as critic it knows 408, as policy it writes what is wrong at first."""
    if request.schema is None:
        return RIGHT if "critique" in render(request) else WRONG.replace("=", "makes")  # words that no tool decides
    step = render(request).rsplit("<step>", 1)[1]
    fields = cast(dict[str, object], request.schema["properties"])
    said = {"verdict": "incorrect" if "418" in step or "419" in step else "correct", "category": "calculation"}
    return json.dumps({name: said.get(name, "") for name in fields})


def test_the_critic_s_own_model_may_be_the_policy() -> None:
    with Verifier(engine=ScriptedEngine(judging_and_writing), protocol="judge") as verifier:
        assert verifier.critic is not None
        policy = EnginePolicy(verifier.critic.engine)
        made = refined_best_of_n(ASKED, policy, verifier, 2, mode="rewrite")
        assert (made.selection.chosen, made.selection.correct) == (1, True)
        assert made.plain is not None
        assert made.plain.correct is False
        assert made.selection.spent.critic_tokens > 0
        looped = refine(ASKED, WRONG.replace("=", "makes"), policy, verifier, mode="rewrite")
        assert (looped.correct_before, looped.correct_after) == (False, True)


def test_a_closed_verifier_searches_no_more(checkers: Checkers) -> None:
    with Verifier(checkers) as verifier:
        assert best_of_n(ASKED, [RIGHT], verifier).correct is True
    with pytest.raises(ToolError, match="closed"):
        best_of_n(ASKED, [RIGHT], verifier)
    with Verifier(checkers) as unused:
        pass
    with pytest.raises(ToolError, match="closed"):
        best_of_n(ASKED, [RIGHT], unused)


@pytest.mark.parametrize("n", [0, -1])
def test_numbers_that_make_no_sense_are_refused(n: int, verifier: Verifier) -> None:
    with pytest.raises(ValueError, match="n must be at least 1"):
        best_of_n(ASKED, PlantedPolicy(0.0), verifier, n)
    with pytest.raises(ValueError, match="n is missing"):
        best_of_n(ASKED, PlantedPolicy(0.0), verifier)
    with pytest.raises(ValueError, match="1 <= first <= n"):
        refined_best_of_n(ASKED, PlantedPolicy(0.0), verifier, n)
    with pytest.raises(ValueError, match="rounds must be at least 0"):
        refine(ASKED, WRONG, Saying(), verifier, -1)
    with pytest.raises(ValueError, match="expected one of"):
        best_of_n(ASKED, [RIGHT], verifier, method="weighted", aggregate="magic")
