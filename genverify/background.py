"""Plain calls to coroutines: one event loop in a thread of its own, for callers that have none."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, Final, TypeVar

from genverify.errors import ToolError

T = TypeVar("T")
_END_S: Final = 30.0  # kernels are killed and engines closed in a few seconds; a loop that hangs on is left behind


class Background:
    """An event loop that runs beside the caller; it starts with the first coroutine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Start ``work`` on the loop; cancelling the future cancels it there.

        Raises:
            ToolError: the loop has been closed.
        """
        with self._lock:
            if self._closed:
                work.close()
                raise ToolError("this verifier has been closed; make a new one")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="genverify-loop", daemon=True)
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run ``work`` to its end and return its result; an interrupt cancels it.

        Raises:
            ToolError: the loop has been closed, before or meanwhile.
        """
        future = self.submit(work)
        try:
            return self.result(future)
        except BaseException:  # an interrupt, too, must end what was started; what it was is raised again
            future.cancel()
            raise

    def result(self, future: "Future[T]") -> T:
        """Wait for what :meth:`submit` has started.

        Raises:
            ToolError: the loop has been closed meanwhile.
        """
        try:
            return future.result()
        except CancelledError:
            raise ToolError("this verifier was closed while it was at work") from None

    def close(self, last: Coroutine[Any, Any, None] | None = None) -> None:
        """Cancel what runs, run ``last``, and end the thread; a second call only drops ``last``."""
        with self._lock:
            closed, self._closed = self._closed, True
            loop, thread = self._loop, self._thread
        if closed:
            if last is not None:
                last.close()
            return
        if loop is None or thread is None:
            if last is not None:
                asyncio.run(last)
            return
        try:
            asyncio.run_coroutine_threadsafe(_end(last), loop).result(_END_S)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(_END_S)
            if not thread.is_alive():
                loop.close()


async def _end(last: Coroutine[Any, Any, None] | None) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    if last is not None:
        await last
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
