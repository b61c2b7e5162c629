"""What a search may use, kept exactly while many drafts are under way."""

import asyncio
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one search may use."""

    tokens: int | None = None
    """Tokens that the policy generates, at least 1, over all problems of the search; None sets no limit."""
    seconds: float | None = None
    """Seconds from the first draft or check to the end, above 0; what is not done by then is recorded as such."""
    call_s: float = 600.0
    """Seconds until one draft is given up, above 0: a policy that never stops must not hold up all others."""

    def __post_init__(self) -> None:
        if self.tokens is not None and self.tokens < 1:
            raise ValueError(f"a budget needs at least 1 token, got {self.tokens}")
        if (self.seconds is not None and not self.seconds > 0) or not self.call_s > 0:
            raise ValueError(f"a budget needs more than 0 seconds, got {self.seconds} and call_s={self.call_s}")


class Purse:
    """The tokens and seconds that are left.

    A draft reserves the most that it may take before it begins and gives back what it did not use, so that the drafts
    under way can never together take more than there is. One that finds too little waits while others may give back.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.used = 0
        """Tokens used so far."""
        self._reserved = 0
        self._changed = asyncio.Condition()
        self._end_s = None if limits.seconds is None else time.monotonic() + limits.seconds

    @property
    def left_s(self) -> float | None:
        """Return the seconds left, at least 0; None without a limit."""
        return None if self._end_s is None else max(0.0, self._end_s - time.monotonic())

    @property
    def left(self) -> int | None:
        """Return the tokens that are neither used nor reserved, at least 0; None without a limit."""
        return None if self.limits.tokens is None else max(0, self.limits.tokens - self.used - self._reserved)

    async def reserve(self, most: int) -> int:
        """Return how many tokens a draft may take: ``most``, or what is left in the end; 0 if nothing is."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._ready(most))
            granted = most if self.left is None else min(most, self.left)
            self._reserved += granted
            return granted

    async def settle(self, granted: int, used: int) -> None:
        """Give back what was reserved and count what was used."""
        async with self._changed:
            self._reserved -= granted
            self.used += used
            self._changed.notify_all()

    def _ready(self, most: int) -> bool:
        return self.left is None or self.left >= most or self._reserved == 0
