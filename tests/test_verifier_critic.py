"""A verifier with a critic: what the model says and what the tools find come together in one report."""

import asyncio
import json
import threading
from typing import Any

import pytest

from genverify import Failure, Label, Outcome, Problem, Report, Solution, ToolError, UsageError, Verifier
from genverify.critic import Progress
from genverify.engines.base import Completion, Request
from genverify.engines.scripted import Answer, ScriptedEngine, render
from genverify.protocols.judge import Judge
from genverify.records import report_from_line, report_line
from genverify.tools.checkers import Checkers
from genverify.types import CorrectionStatus, Source

PROBLEM = "A box holds 17 rows of 24 eggs. 8 eggs break. How many are whole?"
STEPS = ["17 * 24 = 418 eggs.", "Breaking leaves fewer whole eggs.", "So 418 - 8 = 410 are whole."]


def judging(request: Request) -> Answer:
    """Call every step right but the second."""
    wrong = "<step>\nBreaking" in render(request)
    if request.choices:
        return {"correct": 0.2, "incorrect": 0.8} if wrong else {"correct": 0.9, "incorrect": 0.1}
    fields: dict[str, Any] = {"intent": "i", "alignment": "a", "logic": "l"}
    fields |= {"verdict": "incorrect" if wrong else "correct", "category": "other" if wrong else "none"}
    return json.dumps({**fields, "correction": "8 broken eggs leave 400 whole." if wrong else ""})


def test_tools_overrule_the_critic_and_the_critic_speaks_where_they_are_silent(checkers: Checkers) -> None:
    with Verifier(tools=checkers, engine=ScriptedEngine(judging), protocol="judge", samples=2, seed=5) as verifier:
        report = verifier.critique(Problem(PROBLEM, id="eggs"), Solution.from_steps(STEPS, id="s"))
    assert [s.label for s in report.steps] == [Label.INCORRECT, Label.INCORRECT, Label.CORRECT]
    assert report.steps[0].why == "17 × 24 is 408, not 418; the critic had called the step correct (p = 0.90)."
    assert [len(s.critiques) for s in report.steps] == [2, 2, 2]
    assert report.steps[1].p_correct == pytest.approx(0.2)
    correction = report.steps[1].correction
    assert correction is not None
    assert (correction.text, correction.origin) == ("8 broken eggs leave 400 whole.", "critic:judge")
    assert correction.status is CorrectionStatus.UNVERIFIED
    assert report.cost.critiques == 6
    assert report.cost.completion_tokens > 0
    assert report.failures == ()
    assert report_from_line(report_line(report)) == report


def test_the_report_says_what_made_it(checkers: Checkers) -> None:
    engine = ScriptedEngine(judging, name="eggs")
    with Verifier(tools=checkers, engine=engine, protocol=Judge(), samples=2, seed=5) as verifier:
        made = verifier.critique(PROBLEM, STEPS).provenance
    assert (made.engine, made.protocol, made.seed) == ("scripted:eggs", "judge", 5)
    assert len(made.prompt_sha256 or "") == 64
    assert made.sampling["temperature"] == 0.7
    assert made.sampling["samples"] == 2


def test_claims_of_the_model_are_evidence_and_decide_nothing(checkers: Checkers) -> None:
    def native(request: Request) -> Answer:
        if request.choices:
            return {"correct": 0.6, "incorrect": 0.4}
        if "Now judge" in render(request).rpartition("<|user|>")[2]:
            return json.dumps({"reason": "r", "verdict": "correct", "category": "none", "correction": ""})
        asked = {"kind": "value", "question": "3*5", "givens": [], "answer": "16"}
        return json.dumps({"claim": "c", "checks": [asked]})

    with Verifier(tools=checkers, engine=ScriptedEngine(native)) as verifier:
        report = verifier.critique("What do 3 rows of 5 make?", ["They make 16."])
    (step,) = report.steps
    (check,) = step.checks
    assert (check.outcome, check.claim.source) == (Outcome.REFUTED, Source.MODEL)
    assert step.p_correct is not None
    assert 0.2 < step.p_correct < 0.5


def test_unparsed_critiques_are_counted_and_leave_the_tools_verdict(checkers: Checkers) -> None:
    with Verifier(tools=checkers, engine=ScriptedEngine(lambda _: "I think so"), protocol="judge") as verifier:
        report = verifier.critique(PROBLEM, STEPS)
    assert (report.cost.critiques, report.cost.unparsed) == (3, 3)
    assert [s.label for s in report.steps] == [Label.INCORRECT, Label.UNDECIDED, Label.UNDECIDED]
    assert report.steps[1].p_correct is None


def test_a_failed_chain_is_in_the_report_and_the_tools_still_speak(checkers: Checkers) -> None:
    with Verifier(tools=checkers, engine=ScriptedEngine([]), protocol="judge", samples=2) as verifier:
        report = verifier.critique(PROBLEM, STEPS)
    assert [f.where for f in report.failures] == [
        "critic, sample 0, step 0 (from 0)",
        "critic, sample 1, step 0 (from 0)",
    ]
    assert report.first_error == 0


def test_many_come_in_order_with_their_progress(checkers: Checkers) -> None:
    seen: list[Progress] = []
    items: list[Any] = [
        (PROBLEM, STEPS),
        (PROBLEM, []),
        "no pair",
        *[(Problem(str(n)), ["2 + 2 = 4"]) for n in range(30)],
    ]
    engine = ScriptedEngine(judging)
    with Verifier(tools=checkers, engine=engine, protocol="judge", progress=seen.append, max_chains=4) as verifier:
        results = list(verifier.critique_many(items))
    assert isinstance(results[0], Report)
    assert isinstance(results[1], Failure)
    assert isinstance(results[2], Failure)
    assert all(isinstance(r, Report) for r in results[3:])
    assert len(results) == 33
    assert seen[-1].chains_done == 31


def test_early_exit_stops_after_the_first_refuted_step(checkers: Checkers) -> None:
    with Verifier(tools=checkers, engine=ScriptedEngine(judging), protocol="judge", early_exit=True) as verifier:
        report = verifier.critique(PROBLEM, STEPS)
    assert len(report.steps[2].critiques) == 0


def test_it_works_inside_a_running_loop(checkers: Checkers) -> None:
    async def run() -> Report:
        with Verifier(tools=checkers, engine=ScriptedEngine(judging), protocol="judge") as verifier:
            return await verifier.acritique(PROBLEM, STEPS)

    assert asyncio.run(run()).first_error == 0


class Hanging(ScriptedEngine):
    def __init__(self) -> None:
        super().__init__([])
        self.began = threading.Event()
        self.waiting = 0

    async def complete(self, request: Request) -> Completion:
        self.waiting += 1
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.waiting -= 1
        raise AssertionError


def test_closing_ends_what_is_under_way(checkers: Checkers) -> None:
    engine = Hanging()
    verifier = Verifier(tools=checkers, engine=engine, protocol="judge")
    raised: list[BaseException] = []

    def work() -> None:
        try:
            verifier.critique(PROBLEM, STEPS)
        except ToolError as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    engine.began.wait()
    verifier.close()
    thread.join()
    assert [str(e) for e in raised] == ["this verifier was closed while it was at work"]
    assert engine.waiting == 0
    with pytest.raises(ToolError, match="has been closed"):
        verifier.critique(PROBLEM, STEPS)
    verifier.close()


def test_a_cancelled_call_frees_its_requests(checkers: Checkers) -> None:
    async def run() -> None:
        engine = Hanging()
        with Verifier(tools=checkers, engine=engine, protocol="judge") as verifier:
            task = asyncio.create_task(verifier.acritique(PROBLEM, STEPS))
            await asyncio.to_thread(engine.began.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            while engine.waiting:
                await asyncio.sleep(0.001)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"model": "gpt"}, "names no critic"),
        ({"protocol": "judge"}, "needs one model"),
        ({"model": "embedded", "engine": "embedded"}, "needs one model"),
        ({"engine": ScriptedEngine([]), "protocol": "jury"}, "no protocol is called 'jury'"),
    ],
)
def test_what_does_not_fit_together_is_said(checkers: Checkers, more: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Verifier(tools=checkers, **more)


def test_a_script_can_be_named(checkers: Checkers, tmp_path: Any) -> None:
    script = tmp_path / "s.json"
    script.write_text(json.dumps([{"when": "</step>", "text": "nothing to say"}]))
    with Verifier(f"judge:scripted:{script}", tools=checkers) as verifier:
        report = verifier.critique(PROBLEM, STEPS)
    assert report.provenance.engine == "scripted:s.json"
    assert report.cost.unparsed == 3
