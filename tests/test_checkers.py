"""Claims through the checkers: where each goes, and what comes back, with SymPy and Z3 themselves."""

import asyncio
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from genverify.errors import ToolError
from genverify.tools.checkers import Checkers
from genverify.types import Check, Claim, ClaimKind, Outcome, Reason

PATIENT_S = 60.0
"""A deadline that no decidable claim here reaches, however busy the machine is."""
TRUE = Claim(ClaimKind.IDENTITY, "(x+1)^2 = x^2 + 2*x + 1")
FALSE = Claim(ClaimKind.IDENTITY, "(x+1)^2 = x^2 + 1")
FOLLOWS = Claim(ClaimKind.ENTAILS, "x > 0", givens=("x > 1",))
CLOSED = Claim(ClaimKind.RELATION, "17*24 = 408")
SLOW = Claim(ClaimKind.IDENTITY, "int(x^2*sin(x)*exp(x), x, 0, a) = 1")
"""SymPy needs tens of milliseconds for this integral on any machine."""


@pytest.fixture(scope="module")
def checkers() -> Iterator[Checkers]:
    with Checkers(deadline_s=PATIENT_S) as checkers:
        yield checkers


def test_closed_arithmetic_is_decided_without_any_process() -> None:
    with Checkers() as checkers:
        check = checkers.check(CLOSED)
        assert (check.tool, check.outcome) == ("exact", Outcome.CONFIRMED)
        assert checkers.isolation() == {"own_process": "off: no claim has needed a worker process yet"}


@pytest.mark.parametrize(
    ("claim", "tool", "outcome"),
    [
        (TRUE, "sympy", Outcome.CONFIRMED),
        (FALSE, "sympy", Outcome.REFUTED),
        (Claim(ClaimKind.RELATION, "sqrt(8) = 2*sqrt(2)"), "sympy", Outcome.CONFIRMED),
        (Claim(ClaimKind.RELATION, "sqrt(8) = 3*sqrt(2)"), "sympy", Outcome.REFUTED),
        (Claim(ClaimKind.ROOTS, "x = 3 | x = 2", givens=("x^2 - 5*x + 6 = 0",)), "sympy", Outcome.CONFIRMED),
        (Claim(ClaimKind.REWRITE, "x = 4", givens=("2*x = 6",)), "sympy", Outcome.REFUTED),
        (FOLLOWS, "z3", Outcome.CONFIRMED),
        (Claim(ClaimKind.ENTAILS, "x > 2", givens=("x > 1",)), "z3", Outcome.REFUTED),
        (Claim(ClaimKind.CONSISTENT, "x = 2", givens=("x > 3",)), "z3", Outcome.REFUTED),
    ],
)
def test_each_kind_is_decided_by_its_tool(checkers: Checkers, claim: Claim, tool: str, outcome: Outcome) -> None:
    check = checkers.check(claim)
    assert (check.claim, check.tool, check.outcome) == (claim, tool, outcome)
    assert check.reason is None
    assert check.wall_s > 0


@pytest.mark.parametrize("kind", list(ClaimKind))
def test_a_statement_outside_the_language_is_undecided_for_every_kind(checkers: Checkers, kind: ClaimKind) -> None:
    check = checkers.check(Claim(kind, "__import__('os')"))
    assert (check.outcome, check.reason) == (Outcome.UNDECIDED, Reason.UNSUPPORTED)
    assert check.witness


def test_a_given_outside_the_language_is_undecided(checkers: Checkers) -> None:
    check = checkers.check(Claim(ClaimKind.ENTAILS, "x = 1", givens=("x = 1", "x == (")))
    assert (check.outcome, check.reason) == (Outcome.UNDECIDED, Reason.UNSUPPORTED)


def test_a_text_beyond_the_language_s_bound_is_too_large(checkers: Checkers) -> None:
    check = checkers.check(Claim(ClaimKind.ENTAILS, "x = 1", givens=("x" * 5000,)))
    assert (check.outcome, check.reason) == (Outcome.UNDECIDED, Reason.TOO_LARGE)


@pytest.mark.parametrize("tolerance", ["about", "1/0", "-1", "nan"])
def test_a_tolerance_that_is_no_exact_number_is_undecided(checkers: Checkers, tolerance: str) -> None:
    for kind in (ClaimKind.RELATION, ClaimKind.IDENTITY):
        check = checkers.check(Claim(kind, "sqrt(2) ~ 1.4", tolerance=tolerance))
        assert (check.outcome, check.reason) == (Outcome.UNDECIDED, Reason.UNSUPPORTED)
        assert "tolerance" in check.witness


def mixed(number: int) -> list[Claim]:
    claims = []
    for i in range(1, number + 1):
        claims.append(Claim(ClaimKind.RELATION, f"{i} + 1 = {i + i % 2}"))
        claims.append(Claim(ClaimKind.IDENTITY, f"x*{i} = {i}*x + {i % 3}"))
        claims.append(Claim(ClaimKind.ENTAILS, f"x > {i}", givens=(f"x > {i + 1}",)))
    return claims


def expected(number: int) -> list[Outcome]:
    truths = []
    for i in range(1, number + 1):
        truths += [i % 2 == 1, i % 3 == 0, True]
    return [Outcome.CONFIRMED if truth else Outcome.REFUTED for truth in truths]


def outcomes(checks: list[Check]) -> list[Outcome]:
    return [check.outcome for check in checks]


def test_many_claims_come_back_in_order(checkers: Checkers) -> None:
    checks = checkers.check_many(mixed(8))
    assert [check.claim for check in checks] == mixed(8)
    assert outcomes(checks) == expected(8)


def test_no_claims_make_no_checks(checkers: Checkers) -> None:
    assert checkers.check_many([]) == []


def test_threads_and_event_loops_may_ask_at_once(checkers: Checkers) -> None:
    async def in_a_loop() -> list[Outcome]:
        return outcomes(await checkers.acheck_many(mixed(4)))

    with ThreadPoolExecutor(4) as threads:
        blocking = [threads.submit(lambda: outcomes(checkers.check_many(mixed(4)))) for _ in range(2)]
        looping = [threads.submit(lambda: asyncio.run(in_a_loop())) for _ in range(2)]
        assert all(future.result() == expected(4) for future in blocking + looping)


def test_one_claim_can_be_awaited(checkers: Checkers) -> None:
    assert asyncio.run(checkers.acheck(TRUE)).outcome is Outcome.CONFIRMED
    assert asyncio.run(checkers.acheck(CLOSED)).tool == "exact"


def test_a_claim_that_passes_the_deadline_is_undecided_and_not_wrong() -> None:
    with Checkers(workers=1, deadline_s=0.001) as checkers:
        for _ in range(3):
            check = checkers.check(SLOW)
            assert (check.outcome, check.reason, check.tool) == (Outcome.UNDECIDED, Reason.TIMEOUT, "sympy")


def test_versions_are_told_without_starting_anything() -> None:
    with Checkers() as checkers:
        assert set(checkers.versions()) == {"python", "sympy", "z3"}
        assert checkers.versions()["python"] == ".".join(map(str, sys.version_info[:3]))


def test_isolation_names_every_layer_and_why_one_is_missing(checkers: Checkers) -> None:
    checkers.check(TRUE)
    layers = checkers.isolation()
    assert layers["own_process"] == layers["environment_scrubbed"] == "on"
    assert layers.pop("level") in ("strict", "default", "weak")
    assert {"network", "jail_root", "seccomp", "landlock", "own_user", "pid_namespace"} <= layers.keys()
    assert all(state == "on" or state.startswith(("off: ", "partial: ", "refused: ")) for state in layers.values())


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_warm_parent_stays_single_threaded() -> None:
    with Checkers(deadline_s=PATIENT_S) as checkers:
        checkers.check(TRUE)
        zygote = checkers.pids[0]
        asleep = Path(f"/proc/{zygote}/stat")
        for _ in range(600):  # until it has warmed up and waits
            if asleep.read_text().rpartition(")")[2].split()[0] == "S":
                break
            time.sleep(0.1)
        assert len(list(Path(f"/proc/{zygote}/task").iterdir())) == 1


def test_start_prepares_a_worker_and_closed_checkers_say_so() -> None:
    checkers = Checkers()
    checkers.start()
    checkers.close()
    checkers.close()
    assert checkers.check(CLOSED).outcome is Outcome.CONFIRMED  # needs no worker
    for ask in (lambda: checkers.check(TRUE), lambda: checkers.check_many([TRUE]), checkers.start):
        with pytest.raises(ToolError, match="closed"):
            ask()


def test_a_deadline_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="deadline_s"):
        Checkers(deadline_s=0)


def test_a_claim_that_hides_code_in_its_names_is_only_ever_text(checkers: Checkers, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    for text in (f"open(x, {mark}) = 1", "lambda(x) = x", "__class__ = x", "x.y = 1", "exec(x) = exec(x) + 1"):
        for kind in ClaimKind:
            assert checkers.check(Claim(kind, text)).outcome is not Outcome.CONFIRMED
    assert not mark.exists()
