"""Properties of the verifier: whole reports from real checkers, many at once, in order, whatever the items hold."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

import genverify
from genverify import Failure, Label, Outcome, Problem, Reason, Report, Solution, ToolError, Verifier
from genverify.tools.checkers import Checkers
from genverify.types import CorrectionStatus

PROBLEM = "A shop has 7995 items and 2595 are sold. Each of those left costs $3. What do they cost together?"
STEPS = ("After the sale 7995 - 2595 = 4500 are left.", "They cost 4500 * 3 = $13,500.", "That is a lot of money.")


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier() as made:
        yield made


def solution(*steps: str, id: str | None = None) -> Solution:
    return Solution.from_steps(steps, id=id)


def test_a_wrong_step_is_found_explained_corrected_and_followed(verifier: Verifier) -> None:
    report = verifier.critique(Problem(PROBLEM, id="shop"), solution(*STEPS, id="s1"))
    first = report.steps[0]
    assert (report.first_error, report.problem_id, report.solution_id) == (0, "shop", "s1")
    assert first.label is Label.INCORRECT
    assert first.why == "7995 − 2595 is 5400, not 4500."
    assert first.correction is not None
    assert first.correction.status is CorrectionStatus.VERIFIED
    assert first.correction.text == "After the sale 7995 - 2595 = 5400 are left."
    assert first.correction.affected == (1,)
    assert report.score is not None
    assert report.score < 0.1


def test_a_step_that_only_computes_and_is_right_is_correct(verifier: Verifier) -> None:
    report = verifier.critique("", ["17 * 24 = 408"])
    assert report.steps[0].label is Label.CORRECT
    assert report.first_error is None


def test_a_step_without_claims_has_no_probability(verifier: Verifier) -> None:
    report = verifier.critique("Why?", ["Because the moon is made of cheese."])
    step = report.steps[0]
    assert (step.label, step.p_correct, step.checks) == (Label.UNDECIDED, None, ())
    assert report.score is None


def test_texts_stand_for_problems_and_solutions(verifier: Verifier) -> None:
    whole = verifier.critique(PROBLEM, "\n\n".join(STEPS))
    steps = verifier.critique(PROBLEM, list(STEPS))
    assert [s.label for s in whole.steps] == [s.label for s in steps.steps]


def test_a_solution_without_steps_is_an_error(verifier: Verifier) -> None:
    empties: tuple[str | list[str] | Solution, ...] = ("  \n ", [], Solution(()))
    for empty in empties:
        with pytest.raises(ValueError, match="step"):
            verifier.critique(PROBLEM, empty)


def test_an_equal_claim_is_checked_once(verifier: Verifier) -> None:
    once = verifier.critique("", ["17 * 24 = 408"])
    often = verifier.critique("", ["17 * 24 = 408"] * 5)
    assert often.cost.checks == once.cost.checks
    assert [len(s.checks) for s in often.steps] == [1] * 5
    assert all(s.checks[0].claim.span == often.steps[0].checks[0].claim.span for s in often.steps)


def test_a_report_says_what_made_it_and_what_it_took(verifier: Verifier) -> None:
    report = verifier.critique("", ["$\\sin(\\pi/6) = 1/2$", "17 * 24 = 408"])
    assert report.provenance.genverify == genverify.__version__
    assert {"python", "sympy", "z3"} <= report.provenance.versions.keys()
    assert set(report.provenance.tools) == {c.tool for s in report.steps for c in s.checks}
    assert report.provenance.isolation["own_process"]
    assert report.cost.checks >= 1
    assert report.cost.wall_s > 0
    assert report.cost.worker_checks == sum(c.tool in ("sympy", "z3") for s in report.steps for c in s.checks)


def test_many_keeps_the_order(verifier: Verifier) -> None:
    items = [(Problem("", id=str(n)), solution(f"{n} + 1 = {n + 1}")) for n in range(50)]
    reports = list(verifier.critique_many(items))
    assert [r.problem_id for r in reports if isinstance(r, Report)] == [str(n) for n in range(50)]


def test_one_bad_item_is_a_failure_in_its_place_and_the_rest_run(verifier: Verifier) -> None:
    good = (Problem("", id="good"), solution("1 + 1 = 2"))
    bad = (Problem("", id="bad"), Solution(()))
    nonsense: object = 7
    first, second, third, fourth = verifier.critique_many([good, bad, nonsense, good])  # type: ignore[list-item]
    assert isinstance(first, Report)
    assert isinstance(second, Failure)
    assert "item 1 (id 'bad')" in second.where
    assert "at least one step" in second.what
    assert isinstance(third, Failure)
    assert isinstance(fourth, Report)


def test_many_reads_no_further_ahead_than_it_works(verifier: Verifier) -> None:
    taken = []

    def endless() -> Iterator[tuple[str, list[str]]]:
        for n in range(10**9):
            taken.append(n)
            yield "", [f"{n} + 1 = {n + 1}"]

    stream = verifier.critique_many(endless())
    for _ in range(3):
        assert isinstance(next(stream), Report)
    assert len(taken) < 20


def test_no_items_give_no_reports(verifier: Verifier) -> None:
    assert list(verifier.critique_many([])) == []


def test_progress_is_drawn_on_standard_error_only(verifier: Verifier, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(list(verifier.critique_many([("", ["1 + 1 = 2"])] * 3, progress=True))) == 3
    assert capsys.readouterr().out == ""


def test_asyncio_gets_the_same_report(verifier: Verifier) -> None:
    async def both() -> list[Report]:
        return list(await asyncio.gather(*(verifier.acritique(PROBLEM, list(STEPS)) for _ in range(3))))

    expected = verifier.critique(PROBLEM, list(STEPS))
    for report in asyncio.run(both()):
        assert [s.why for s in report.steps] == [s.why for s in expected.steps]


def test_threads_share_one_verifier(verifier: Verifier) -> None:
    found: list[int | None] = []

    def work() -> None:
        found.append(verifier.critique(PROBLEM, list(STEPS)).first_error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0] * 8


def test_a_deadline_makes_a_check_undecided_and_no_step_wrong() -> None:
    with Checkers(workers=1, deadline_s=0.05) as tools, Verifier(tools) as verifier:
        report = verifier.critique("", ["Clearly $\\sum_{n=1}^{\\infty} \\frac{1}{n^2} = \\frac{\\pi^2}{6}$."])
    for step in report.steps:
        assert step.label is not Label.INCORRECT
        assert all(isinstance(c.reason, Reason) for c in step.checks if c.outcome is Outcome.UNDECIDED)


def test_tools_that_were_handed_in_stay_open() -> None:
    with Checkers(workers=1) as tools:
        with Verifier(tools) as verifier:
            verifier.critique("", ["1 + 1 = 2"])
        with Verifier(tools) as again:
            assert again.critique("", ["1 + 1 = 2"]).first_error is None


def test_a_closed_verifier_says_so() -> None:
    verifier = Verifier()
    verifier.close()
    with pytest.raises(ToolError, match="closed"):
        verifier.critique("", ["1 + 1 = 2"])


def test_many_wrong_steps_get_a_correction_up_to_a_bound(verifier: Verifier) -> None:
    report = verifier.critique("", [f"{n} + {n} = {2 * n + 1}" for n in range(11, 41)])
    corrected = [s.index for s in report.steps if s.correction is not None]
    assert len(report.steps) == 30
    assert all(s.label is Label.INCORRECT for s in report.steps)
    assert corrected == list(range(16))


def test_ten_thousand_steps_are_read(verifier: Verifier) -> None:
    report = verifier.critique("", ["Then 17 * 24 = 408 holds."] * 9_999 + ["Thus 17 * 24 = 418."])
    assert report.first_error == 9_999
    assert report.cost.checks <= 4
