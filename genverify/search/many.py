"""Searches for many problems, under way together, to their results in order."""

from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import Future
from typing import Any, Final, Protocol, TypeVar

from genverify.types import Failure

T = TypeVar("T")
IN_FLIGHT: Final = 64
"""Problems under way at once: with eight candidates each more than an engine's batch holds, and still few in memory."""


class Loop(Protocol):
    """Where coroutines run: a verifier, or an event loop in the background."""

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine there."""
        ...


def in_order(
    loop: Loop, jobs: Iterable[Callable[[], Coroutine[Any, Any, T]]], in_flight: int = IN_FLIGHT
) -> Iterator[T | Failure]:
    """Run ``jobs`` on an event loop and yield their results in order; closing the iterator cancels them.

    Args:
        loop: where they run.
        jobs: one for each problem; taken as they are needed.
        in_flight: most under way at once, at least 1.

    Yields:
        What a job returns, or a ``Failure`` that says what it raised; the others still run.
    """
    waiting: deque[Future[T | Failure]] = deque()
    try:
        for number, job in enumerate(jobs):
            waiting.append(loop.submit(_guarded(number, job)))
            while waiting and (waiting[0].done() or len(waiting) >= in_flight):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


async def _guarded(number: int, job: Callable[[], Coroutine[Any, Any, T]]) -> T | Failure:
    try:
        return await job()
    # The boundary of one problem: whatever it holds, the others still run, and what happened is in its row.
    except Exception as error:  # noqa: BLE001
        return Failure(f"problem {number}", f"{type(error).__name__}: {error}")
