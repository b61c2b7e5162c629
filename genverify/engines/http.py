"""A JSON body to a JSON answer over HTTP: a bounded number in flight, and asking again only where that may help."""

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from genverify.engines.loading import require
from genverify.engines.loops import PerLoop
from genverify.errors import EngineError

if TYPE_CHECKING:
    import httpx2

_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed: overload and accidents, never a bad request."""
_SPENT: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
"""Error codes that come with 429 and that no waiting cures."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often a server is asked."""

    in_flight: int = 64
    """Most requests at once, at least 1; further ones wait here, not in the server's queue."""
    timeout_s: float = 600.0
    """Seconds without a byte from the server after which a request is given up, above 0."""
    connect_s: float = 10.0
    """Seconds to reach the server, above 0."""
    attempts: int = 6
    """How often one request is sent at most, at least 1."""
    backoff_s: float = 0.5
    """The wait before attempt n + 1 is drawn from [0, backoff_s * 2^n], so that many clients do not return at once."""
    backoff_max_s: float = 30.0
    """No drawn wait, and no wait that a server asks for, is longer."""


class StatusError(EngineError):
    """The server answered with an error status.

    Args:
        message: who was asked, what came.
        status: the HTTP status.
        code: the error's own code, empty without one.
        after_s: seconds after which the server wants to be asked again, None if it did not say.
    """

    def __init__(self, message: str, *, status: int, code: str = "", after_s: float | None = None) -> None:
        super().__init__(message, retryable=status in _AGAIN and code not in _SPENT)
        self.status, self.code, self.after_s = status, code, after_s


@dataclass(slots=True)
class _Session:
    """What one event loop has open."""

    client: "httpx2.AsyncClient"
    room: asyncio.Semaphore
    keeper: AsyncGenerator[None, None] | None = None


async def _keeper(client: "httpx2.AsyncClient") -> AsyncGenerator[None, None]:
    """Close ``client`` when its event loop ends: asyncio.run then closes the generators that are still open."""
    try:
        yield
    finally:
        await client.aclose()


class Http:
    """A server that speaks JSON.

    Args:
        url: where it is; paths are appended.
        headers: sent with every request.
        patience: how long and how often it is asked.
        socket: a Unix socket to reach it by, instead of the network.
    """

    def __init__(
        self, url: str, *, headers: Mapping[str, str] | None = None, patience: Patience, socket: Path | None = None
    ) -> None:
        require("openai", ["httpx2"])
        self.url = url.rstrip("/")
        self._headers, self._patience, self._socket = dict(headers or {}), patience, socket
        self._session = PerLoop(lambda: _Session(self._new_client(), asyncio.Semaphore(patience.in_flight)))
        self._resume_at = 0.0  # on time.monotonic: a server that asks for a pause gets one from all requests
        self._closed = False

    def _new_client(self) -> "httpx2.AsyncClient":
        import httpx2

        patience = self._patience
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=patience.in_flight)
        transport = httpx2.AsyncHTTPTransport(uds=str(self._socket), limits=limits) if self._socket else None
        return httpx2.AsyncClient(
            headers=self._headers,
            timeout=httpx2.Timeout(patience.timeout_s, connect=patience.connect_s),
            limits=limits,
            transport=transport,
        )

    async def _opened(self) -> "httpx2.AsyncClient":
        """Return the running loop's client.

        Raises:
            EngineError: the engine is closed.
        """
        if self._closed:
            raise EngineError(f"{self.url}: the engine is closed")
        session = self._session.get()
        if session.keeper is None:
            session.keeper = _keeper(session.client)
            await anext(session.keeper)
        return session.client

    async def get(self, path: str) -> dict[str, Any] | None:
        """Return what lies at ``path``, None if there is no JSON object; it is asked for once.

        Raises:
            EngineError: the server cannot be reached.
        """
        try:
            return await self._once("GET", path, None)
        except StatusError:
            return None

    async def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Return the answer to ``body``.

        Raises:
            StatusError: the server refused, or kept failing.
            EngineError: it cannot be reached, or answered no JSON object.
        """
        for attempt in range(1, self._patience.attempts + 1):
            try:
                async with self._session.get().room:
                    await self._pause()
                    return await self._once("POST", path, body)
            except EngineError as error:
                if not _worth_again(error) or attempt == self._patience.attempts:
                    raise
                await self._wait(attempt, error)
        raise AssertionError  # attempts is at least 1: the loop returns or raises

    async def stream(self, path: str, body: Mapping[str, object]) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the events of an answer; leaving the iteration ends the request. Asked again until the first event.

        Raises:
            StatusError: the server refused, or kept failing.
            EngineError: it cannot be reached, or broke off.
        """
        for attempt in range(1, self._patience.attempts + 1):
            begun = False
            try:
                async with self._session.get().room:
                    await self._pause()
                    async with aclosing(self._events(path, body)) as events:
                        async for event in events:
                            begun = True
                            yield event
                return
            except EngineError as error:
                if begun or not _worth_again(error) or attempt == self._patience.attempts:
                    raise
                await self._wait(attempt, error)

    async def aclose(self) -> None:
        """Close all connections; requests under way fail."""
        self._closed = True
        session = self._session.take()
        if session is not None:
            await session.client.aclose()

    async def _pause(self) -> None:
        while (left_s := self._resume_at - time.monotonic()) > 0:
            await asyncio.sleep(left_s + random.uniform(0, 0.1 * left_s))

    async def _wait(self, attempt: int, error: EngineError) -> None:
        most = self._patience.backoff_max_s
        if isinstance(error, StatusError) and error.after_s is not None:
            self._resume_at = max(self._resume_at, time.monotonic() + min(most, error.after_s))
        await asyncio.sleep(random.uniform(0, min(most, self._patience.backoff_s * 2 ** (attempt - 1))))

    async def _once(self, method: str, path: str, body: Mapping[str, object] | None) -> dict[str, Any]:
        import httpx2

        client = await self._opened()
        try:
            response = await client.request(method, self.url + path, json=body)
        except (httpx2.HTTPError, RuntimeError) as error:
            raise self._lost(path, error) from error
        if response.status_code >= 400:
            raise self._refused(path, response)
        try:
            value = response.json()
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise StatusError(
                f"{self.url}{path}: expected a JSON object, got {response.text[:120]!r}", status=response.status_code
            )
        return value

    async def _events(self, path: str, body: Mapping[str, object]) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the server-sent events of one attempt."""
        import httpx2

        client = await self._opened()
        try:
            async with client.stream("POST", self.url + path, json=body) as response:
                if response.status_code >= 400:
                    await response.aread()
                    raise self._refused(path, response)
                async for line in response.aiter_lines():
                    data = line.removeprefix("data:").strip()
                    if data == "[DONE]" or not line.startswith("data:"):
                        continue
                    yield self._event(path, data)
        except httpx2.HTTPError as error:
            raise self._lost(path, error) from error

    def _event(self, path: str, data: str) -> dict[str, Any]:
        try:
            value = json.loads(data)
        except ValueError:
            value = None
        if not isinstance(value, dict) or "error" in value:
            raise EngineError(f"{self.url}{path}: the stream holds {data[:200]!r}", retryable=True)
        return value

    def _lost(self, path: str, error: Exception) -> EngineError:
        if self._closed:
            return EngineError(f"{self.url}{path}: the engine was closed while it was asked")
        return EngineError(f"{self.url}{path}: {type(error).__name__}: {error or 'no answer'}", retryable=True)

    def _refused(self, path: str, response: "httpx2.Response") -> StatusError:
        try:
            body = response.json()
        except ValueError:
            body = response.text
        detail = body.get("error", body) if isinstance(body, dict) else body
        code = str(detail.get("code", "")) if isinstance(detail, dict) else ""
        said = detail.get("message", detail) if isinstance(detail, dict) else detail
        return StatusError(
            f"{self.url}{path}: status {response.status_code}: {str(said)[:300]}",
            status=response.status_code,
            code=code,
            after_s=_seconds(response.headers.get("retry-after", "")),
        )


def _worth_again(error: EngineError) -> bool:
    """Say whether this module should ask again: not after a timeout, which would double the work of a slow server."""
    import httpx2

    return error.retryable and not isinstance(error.__cause__, httpx2.ReadTimeout)


def _seconds(text: str) -> float | None:
    """Return the seconds of a Retry-After header; None without one, or where it is a date."""
    try:
        return max(0.0, float(text))
    except ValueError:
        return None
