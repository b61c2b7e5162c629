"""A bounded number of places that coroutines wait for in turn, whichever event loop or thread they live in."""

import asyncio
import threading
from collections import deque
from contextlib import suppress
from types import TracebackType


class Gate:
    """Lets so many in at once, first come first served.

    ``asyncio.Semaphore`` belongs to one event loop; plain functions that start a loop for each call share this one.
    """

    def __init__(self, places: int) -> None:
        self._lock = threading.Lock()
        self._free = places
        self._waiting: deque[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = deque()

    async def __aenter__(self) -> None:
        await self.enter()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    async def enter(self) -> None:
        """Wait for a place; whoever is cancelled while waiting gives up its turn."""
        loop = asyncio.get_running_loop()
        turn = (loop, loop.create_future())
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return
            self._waiting.append(turn)
        try:
            await turn[1]
        except asyncio.CancelledError:
            with self._lock:
                given = turn not in self._waiting
                if not given:
                    self._waiting.remove(turn)
            if given:
                self.leave()
            raise

    def leave(self) -> None:
        """Give the place to whoever has waited longest."""
        with self._lock:
            while self._waiting:
                loop, turn = self._waiting.popleft()
                with suppress(RuntimeError):  # that loop has been closed, and nobody waits there any more
                    loop.call_soon_threadsafe(_grant, turn)
                    return
            self._free += 1


def _grant(turn: "asyncio.Future[None]") -> None:
    if not turn.done():
        turn.set_result(None)
