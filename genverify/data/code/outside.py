"""Programs of others and tests written as programs to whether each program passes, without trust in either.

Three kernels' worth of separation: the tests run on a stand-in for the tested function, which tells what it is called
with; the program runs those calls in a kernel of its own and sees no test; then the tests run again, where no program
has run, on a stand-in that gives the program's results back. What a program prints about itself decides nothing.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from genverify.data.code import run as code_run
from genverify.data.code.batches import told
from genverify.data.code.run import Outcome, Trial

if TYPE_CHECKING:
    from genverify.tools.kernels import KernelPool

LINES_MAX: Final = 100_000
"""Lines that one call may run; one that needs more is slow perhaps, not wrong."""
TESTS_MAX: Final = 40_000
"""Longest tests read; a kernel takes a cell of twice that."""


@dataclass(frozen=True, slots=True)
class Suite:
    """Tests of a function."""

    tests: str
    """Python whose ``assert`` statements are the tests; it calls the function by its name."""
    entry: str
    """The function's name."""
    calls: tuple[Any, ...] = ()
    """The arguments of each call that the tests make, encoded."""
    why: str = ""
    """Why the tests are of no use; empty if they are."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a program passes its tests."""

    passed: bool | None
    """None where that is not known."""
    why: str = ""
    """The first test that it fails, or why nothing is known."""
    lines: int = 0
    """The most lines that one of its calls which returned has run."""


def suite(tests: str, entry: str, kernels: "KernelPool") -> Suite:
    """Read tests: find out which calls they make.

    Raises:
        ToolError: no kernel could be started.
    """
    if len(tests) > TESTS_MAX:
        return Suite(tests, entry, why=f"the tests have {len(tests)} characters, at most {TESTS_MAX} are read")
    (found,) = asyncio.run(_rehearse(tests, entry, [None], kernels))
    if found is None:
        return Suite(tests, entry, why="the sandbox gave no outcome of the tests")
    if found["error"]:
        return Suite(tests, entry, why=f"the tests do not run by themselves: {found['error'][:150]}")
    if not found["calls"] or not found["checks"]:
        return Suite(tests, entry, why="the tests make no call, or assert nothing")
    if '{"other": ' in json.dumps(found["calls"]):  # inside a text the quotes would be escaped
        return Suite(tests, entry, why="the tests call it with objects, not with plain values")
    return Suite(tests, entry, tuple(found["calls"]))


def verdicts(programs: Sequence[str], of: Suite, kernels: "KernelPool", lines: int = LINES_MAX) -> list[Verdict]:
    """Tell which of several versions of one author's program pass; they share a kernel.

    Args:
        programs: the versions.
        of: the tests.
        kernels: where they run.
        lines: lines that one call may run, at least 1.

    Raises:
        ToolError: no kernel could be started.
    """
    if of.why:
        return [Verdict(None, of.why)] * len(programs)
    ran = code_run.run([Trial(p, of.entry, of.calls, lines) for p in programs], kernels)
    found = [_without_tests(outcomes, of) for outcomes in ran]
    open_: dict[str, list[int]] = {}
    for i, verdict in enumerate(found):
        if verdict is None:
            open_.setdefault(json.dumps([outcome.value for outcome in ran[i]]), []).append(i)
    replayed = asyncio.run(_rehearse(of.tests, of.entry, [json.loads(key) for key in open_], kernels))
    for places, one in zip(open_.values(), replayed, strict=True):
        for place in places:
            found[place] = _verdict(one, of)
    most = [max((outcome.lines for outcome in outcomes), default=0) for outcomes in ran]
    return [replace(verdict or Verdict(None), lines=n) for verdict, n in zip(found, most, strict=True)]


def _without_tests(outcomes: Sequence[Outcome], of: Suite) -> Verdict | None:
    """Return what is known before the results are compared; None where that has to be done."""
    for i, outcome in enumerate(outcomes):
        call = f"{of.entry}({', '.join(map(code_run.show, of.calls[i]))})"[:200]
        if outcome.kind == "raised":
            return Verdict(False, f"{call} raises {outcome.why}")
        if outcome.kind != "value":
            return Verdict(None, f"{call} {outcome.why}")
    return None


def _verdict(replayed: dict[str, Any] | None, of: Suite) -> Verdict:
    if replayed is None:
        return Verdict(None, "the sandbox gave no outcome of the tests")
    if replayed["error"]:
        return Verdict(None, f"the tests ended early: {replayed['error'][:150]}")
    if not code_run.same(replayed["calls"], of.calls):
        return Verdict(None, "the tests make other calls with these results")
    failed = next((text for text, held, _ in replayed["checks"] if not held), None)
    return Verdict(True) if failed is None else Verdict(False, f"fails: {failed}")


async def _rehearse(
    tests: str, entry: str, results: Sequence[list[Any] | None], kernels: "KernelPool"
) -> list[dict[str, Any] | None]:
    """Run the tests once for each list of results, in a kernel where nothing else has run."""
    setup = [code_run.driver(), f"TESTS = {tests!r}"]
    lines = await told(results, kernels, setup, f"rehearsals(TESTS, {entry!r}, {{jobs}})", lambda one: one)
    return [line if _is_told(line) else None for line in lines]


def _is_told(one: object) -> bool:
    """Tell whether the guest's account of a run of tests has the form that is agreed."""
    match one:
        case {"calls": list(calls), "checks": list(checks), "error": str()}:
            arguments = all(isinstance(call, list) and code_run.is_encoded(call) for call in calls)
            return arguments and all(_is_check(check) for check in checks)
    return False


def _is_check(check: object) -> bool:
    match check:
        case [str(), bool(), int()]:
            return True
    return False
