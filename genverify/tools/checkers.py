"""Claims to checks: each goes to exact arithmetic in process, to the puzzle rules, or to a worker process."""

import platform
from collections.abc import Sequence
from concurrent.futures import Future
from fractions import Fraction
from functools import lru_cache
from types import TracebackType
from typing import Any, Final, Self

from genverify.claims.grammar import MAX_CHARS, parse, to_wire
from genverify.errors import GrammarError
from genverify.tools import exact
from genverify.tools.limits import Limits
from genverify.tools.pool import WorkerPool, tool_of
from genverify.types import Check, Claim, ClaimKind, Outcome, Reason

_Request = dict[str, Any]

_ALWAYS: Final = {"own_process": "on", "environment_scrubbed": "on", "deadline_kill": "on"}


class Checkers:
    """Decides claims, safely from many threads and from asyncio.

    ::

        with Checkers() as checkers:
            check = checkers.check(Claim(ClaimKind.RELATION, "17*24 = 418"))

    Args:
        workers: worker processes for what exact arithmetic cannot decide, at least 1; they start when first needed.
        deadline_s: seconds a worker may take for one claim before it is killed, above 0.
        memory_mib: address space in MiB that one claim may take in a worker, at least 16.
        pool: a pool that was made, and perhaps started, before; it then stands for ``workers`` and ``memory_mib``
            and is closed with the checkers.

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self, workers: int = 2, deadline_s: float = 2.0, memory_mib: int = 1024, *, pool: WorkerPool | None = None
    ) -> None:
        if not deadline_s > 0:
            raise ValueError(f"deadline_s must be above 0, got {deadline_s}")
        self._deadline_s = deadline_s
        self._pool = pool or WorkerPool(Limits(workers=workers, memory_mib=memory_mib))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, kind: ClaimKind = ClaimKind.IDENTITY) -> None:
        """Start the first worker ahead of need and return at once; it loads its tools beside the caller's own work.

        Args:
            kind: the kind of claim that is expected first.

        Raises:
            ToolError: the worker program could not be started.
        """
        self._pool.start(kind)

    def check(self, claim: Claim) -> Check:
        """Decide one claim.

        Raises:
            ToolError: a worker was needed and could not be started, or the checkers are closed.
        """
        routed = _route(claim)
        if isinstance(routed, Check):
            return routed
        return _check_of(claim, self._pool.run(routed, self._deadline_s))

    def check_many(self, claims: Sequence[Claim]) -> list[Check]:
        """Decide ``claims``, as many at once as there are workers; the checks come in the order of the claims.

        Raises:
            ToolError: a worker was needed and could not be started, or the checkers are closed.
        """
        begun: list[Check | Future[Any]] = []
        for claim in claims:
            routed = _route(claim)
            begun.append(routed if isinstance(routed, Check) else self._pool.submit(routed, self._deadline_s))
        return [b if isinstance(b, Check) else _check_of(c, b.result()) for c, b in zip(claims, begun, strict=True)]

    async def acheck(self, claim: Claim) -> Check:
        """Do what :meth:`check` does without stalling the event loop."""
        routed = _route(claim)
        if isinstance(routed, Check):
            return routed
        return _check_of(claim, await self._pool.arun(routed, self._deadline_s))

    async def acheck_many(self, claims: Sequence[Claim]) -> list[Check]:
        """Do what :meth:`check_many` does without stalling the event loop."""
        import asyncio

        return list(await asyncio.gather(*(self.acheck(claim) for claim in claims)))

    def isolation(self) -> dict[str, str]:
        """Return each isolation layer of the worker processes, ``on`` or else why not (see ``sandbox/README.md``).

        ``level`` is the highest one that they suffice for.
        """
        seen = self._pool.layers
        if not seen:
            return {"own_process": "off: no claim has needed a worker process yet"}
        return {**_ALWAYS, **seen}

    def versions(self) -> dict[str, str]:
        """Return the versions of Python and of the tools, without loading the tools."""
        return dict(_versions())

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids, of the workers' parent and then of the workers that have come up; empty before the first."""
        return self._pool.pids

    def close(self) -> None:
        """End the worker processes; a second call does nothing."""
        self._pool.close()


@lru_cache(maxsize=1)
def _versions() -> tuple[tuple[str, str], ...]:
    from importlib.metadata import PackageNotFoundError, version  # 20 ms that a first verdict need not wait for

    found = [("python", platform.python_version())]
    for tool, package in (("sympy", "sympy"), ("z3", "z3-solver")):
        try:
            found.append((tool, version(package)))
        except PackageNotFoundError:
            found.append((tool, "not installed"))
    return tuple(found)


def _route(claim: Claim) -> Check | _Request:
    """Return the claim's check if this process can make it, else the request for a worker."""
    problem = _wrong_number(claim)
    if problem is not None:
        return _refused(claim, Reason.UNSUPPORTED, problem)
    if claim.kind is ClaimKind.INVENTORY:
        return _by_puzzle_rules(claim)
    check = exact.decide(claim)
    return check if check is not None else _request(claim)


def _by_puzzle_rules(claim: Claim) -> Check:
    from genverify.tools import puzzle

    check = puzzle.decide(claim)
    return check if check is not None else _refused(claim, Reason.UNSUPPORTED, "not a number puzzle's bookkeeping")


def _request(claim: Claim) -> Check | _Request:
    """Return the claim on the wire, as ``sandbox/README.md`` lists it."""
    try:
        statement, *givens = (to_wire(parse(text)) for text in (claim.statement, *claim.givens))
    except GrammarError as error:
        long = any(len(text) > MAX_CHARS for text in (claim.statement, *claim.givens))
        reason = Reason.TOO_LARGE if long else Reason.UNSUPPORTED
        return _refused(claim, reason, f"not in the formal language: {error}")
    numbers = {"tolerance": claim.tolerance, "slack": claim.slack}
    return {"kind": str(claim.kind), "statement": statement, "givens": givens, **numbers}


def _wrong_number(claim: Claim) -> str | None:
    for name, text in (("tolerance", claim.tolerance), ("slack", claim.slack)):
        try:
            if text is not None and Fraction(text) < 0:
                return f"the {name} {text[:40]!r} is below 0"
        except (ValueError, ZeroDivisionError):
            return f"the {name} {text[:40]!r} is not an exact number such as 1/200"  # type: ignore[index]
    return None


def _refused(claim: Claim, reason: Reason, why: str) -> Check:
    return Check(claim, "exact", Outcome.UNDECIDED, reason, " ".join(why.split())[:300])


def _check_of(claim: Claim, answer: dict[str, Any]) -> Check:
    """Return a worker's answer as a check; the pool has checked its fields."""
    computed = answer["computed"]
    if computed is not None and not _is_formal(computed):
        computed = None  # it could only mislead a correction
    tool = answer["tool"] if answer["tool"] != "none" else tool_of(claim.kind)
    reason = Reason(answer["reason"]) if answer["reason"] is not None else None
    return Check(claim, tool, Outcome(answer["outcome"]), reason, answer["witness"], computed, answer["wall_s"])


def _is_formal(text: str) -> bool:
    try:
        parse(text)
    except GrammarError:
        return False
    return True
