"""A stated cost of every step of a GPU to an engine that batches continuously, and a clock that skips all waiting.

The clock is the processor time of this process plus the waiting that was skipped: what Python costs counts as it is,
sleeping costs nothing, and other processes on the machine do not show.
"""

import asyncio
import heapq
import math
import selectors
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, TypeVar

from critic_trace import Trace, joined

from genverify.engines.base import Completion, Finish, Request

T = TypeVar("T")
_BLOCK: Final = 16  # tokens of a block of the prefix cache: only whole blocks are found again


class _Skipping(selectors.SelectSelector):
    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None:
            raise RuntimeError("hung: every chain waits, and nothing will ever happen")
        self.skipped += timeout
        return ready


class FastForward(asyncio.SelectorEventLoop):
    """An event loop that does not wait: when nothing is ready it moves its clock to the next timer."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        """Return processor time plus what was skipped, in seconds."""
        return time.process_time() + self._skipping.skipped

    def stall(self, seconds: float) -> None:
        """Let time pass with nothing else going on, as a call that blocks does."""
        self._skipping.skipped += seconds


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` on a clock that skips waiting.

    Raises:
        RuntimeError: something waits for what cannot happen any more.
    """
    with asyncio.Runner(loop_factory=FastForward) as runner:
        return runner.run(main)


@dataclass(frozen=True, slots=True)
class Card:
    """What a model on a GPU costs. Chosen from the sizes of a 7B model in bfloat16 on one 80 GB card; not measured."""

    step_s: float = 8e-3
    """Of one step of the batch, whatever is in it: reading the weights and launching the kernels."""
    sequence_s: float = 3e-5
    """More for each text that writes a token in the step."""
    context_s: float = 1.7e-8
    """More for each token that these texts look back on: 57 KB of keys and values at 3.35 TB/s."""
    prefill_s: float = 3.8e-5
    """More for each prompt token that is read: 15 GFLOP at 400 TFLOP/s."""
    logprobs_s: float = 4e-5
    """More for each written token with the 20 likeliest beside it: sorting, copying, and detokenising on the host."""
    slots: int = 256
    """Most texts at once."""
    batch_tokens: int = 8192
    """Most tokens read and written in one step; longer prompts are read in parts."""
    kv_tokens: int = 900_000
    """Tokens whose keys and values fit, those of the prefix cache included."""


@dataclass(eq=False, slots=True)
class _Job:
    request: Request
    text: str
    prompt: int
    tokens: int
    answer: str
    arrived: float
    future: "asyncio.Future[Completion]"
    to_read: int = 0
    cached: int = 0

    @property
    def room(self) -> int:
        return self.prompt + self.tokens


@dataclass(slots=True)
class Used:
    """What an engine has done."""

    busy_s: float = 0.0
    texts_s: float = 0.0
    """Texts that write, times seconds."""
    written: int = 0
    prompt: int = 0
    read: int = 0
    """Prompt tokens that were computed; the others came from the cache."""
    requests: int = 0


@dataclass(slots=True)
class SimulatedEngine:
    """Answers with the texts of a trace, after the time that ``card`` says.

    The engine is a process of its own, as vLLM's is: while the host is busy it goes on with what it has, and what the
    host sends meanwhile is seen at the first step that begins later.
    """

    trace: Trace
    card: Card = field(default_factory=Card)
    prefix_cache: bool = True
    logprobs: bool = False
    """Return the 20 likeliest tokens beside every written one."""
    capabilities: frozenset[str] = frozenset({"messages", "prefix", "choices", "seed"})
    used: Used = field(default_factory=Used)
    _waiting: "deque[_Job]" = field(default_factory=deque)
    _reading: "deque[_Job]" = field(default_factory=deque)
    _writing: list[tuple[int, int, _Job]] = field(default_factory=list)
    """A heap by the number of the step in which a text is done."""
    _kept: "OrderedDict[str, tuple[str, int]]" = field(default_factory=OrderedDict)
    """For each chain its text and tokens in the prefix cache; the one used last stands last."""
    _kept_tokens: int = 0
    _held: int = 0
    """Tokens that texts under way have reserved."""
    _looked_at: int = 0
    _number: int = 0
    _ties: Callable[[], int] = field(default_factory=lambda: count().__next__)
    _step: "tuple[float, float, int, dict[int, int]] | None" = None
    """Of the steps under way: begin, seconds, how many, and how much each job reads."""
    _timer: asyncio.TimerHandle | None = None
    _at: float = 0.0

    async def complete(self, request: Request) -> Completion:
        """Return the trace's answer when the card would have written it."""
        loop = asyncio.get_running_loop()
        if isinstance(request.prompt, str):
            raise TypeError("this engine reads messages")
        text = joined(request.prompt, request.prefix)
        tokens, answer = (0, "") if request.choices else self.trace.text(request)
        job = _Job(request, text, len(text) // 4, tokens, answer, loop.time(), loop.create_future())
        self._waiting.append(job)
        if self._step is None:
            self._begin(max(self._at, job.arrived))
        else:
            self._shorten(job.arrived)
        return await job.future

    def provenance(self) -> Mapping[str, str]:
        """Say that nothing here is a model."""
        return {"engine": "simulated", "model": "trace"}

    async def aclose(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def _begin(self, at: float) -> None:
        """Start the next step at ``at``, or as many as are alike until something happens."""
        self._at = at
        self._admit()
        if not self._reading and not self._writing:
            if not self._waiting:
                return
            self._at = max(at, self._waiting[0].arrived)
            self._admit()
        reads, left = {}, self.card.batch_tokens - len(self._writing)
        for i, job in enumerate(self._reading):
            if left <= 0:
                break
            reads[i] = min(left, job.to_read)
            left -= reads[i]
        steps = 1 if self._reading or not self._writing else self._writing[0][0] - self._number
        self._time(self._at, steps, reads)

    def _time(self, begin: float, steps: int, reads: dict[int, int]) -> None:
        card, texts = self.card, len(self._writing)
        each = card.step_s + texts * (card.sequence_s + (card.logprobs_s if self.logprobs else 0.0))
        each += card.context_s * (self._looked_at + texts * (steps - 1) / 2) + card.prefill_s * sum(reads.values())
        self._step = (begin, each * steps, steps, reads)
        self._timer = asyncio.get_running_loop().call_at(begin + each * steps, self._end)

    def _shorten(self, at: float) -> None:
        """End a row of like steps at the first that is over when a request comes."""
        assert self._step is not None
        begin, seconds, steps, reads = self._step
        full = len(self._reading) + len(self._writing) >= self.card.slots
        if steps == 1 or full or at >= begin + seconds or self._timer is None:
            return
        self._timer.cancel()
        self._time(begin, max(1, math.ceil((at - begin) / (seconds / steps))), reads)

    def _admit(self) -> None:
        while self._waiting and len(self._reading) + len(self._writing) < self.card.slots:
            job = self._waiting[0]
            if job.arrived > self._at:
                return
            if job.future.done():  # cancelled
                self._waiting.popleft()
                continue
            if self._held + job.room > self.card.kv_tokens and self._held:
                return
            self._waiting.popleft()
            self._held += job.room
            job.cached = self._found(job)
            job.to_read = job.prompt - job.cached
            self._evict()
            self._reading.append(job)
            self.used.requests += 1
            self.used.prompt += job.prompt
            self.used.read += job.to_read

    def _found(self, job: _Job) -> int:
        """Return how many tokens of the prompt the cache holds; its entry now belongs to the text under way."""
        kept = self._kept.pop(job.request.chain, None)
        if kept is None:
            return 0
        self._kept_tokens -= kept[1]
        shared = _common(kept[0], job.text) // 4
        return min(shared // _BLOCK * _BLOCK, job.prompt - 1)

    def _evict(self) -> None:
        while self._kept and self._held + self._kept_tokens > self.card.kv_tokens:
            _, (_, tokens) = self._kept.popitem(last=False)
            self._kept_tokens -= tokens

    def _end(self) -> None:
        assert self._step is not None
        begin, seconds, steps, reads = self._step
        self._step = self._timer = None
        used = self.used
        used.busy_s += seconds
        used.texts_s += seconds * len(self._writing)
        used.written += steps * len(self._writing)
        self._number += steps
        self._looked_at += steps * len(self._writing)
        while self._writing and self._writing[0][0] <= self._number:
            job = heapq.heappop(self._writing)[2]
            self._looked_at -= job.room
            self._done(job)
        for i, part in reads.items():
            self._reading[i].to_read -= part
        while self._reading and self._reading[0].to_read == 0:
            job = self._reading.popleft()
            if job.tokens:
                used.written += 1
            if job.tokens <= 1:
                self._done(job)
            else:
                self._looked_at += job.prompt + 1
                heapq.heappush(self._writing, (self._number + job.tokens - 1, self._ties(), job))
        self._begin(begin + seconds)

    def _done(self, job: _Job) -> None:
        self._held -= job.room
        if self.prefix_cache:
            self._kept[job.request.chain] = (job.text + job.answer, job.room)
            self._kept_tokens += job.room
        if job.future.done():
            return
        if job.request.choices:
            yes = "{Yes}" in self._verdict(job)
            made = Completion("", Finish.CHOICES, choice_logprobs=(-0.1, -2.4) if yes else (-2.4, -0.1))
        else:
            stop = next(stop for stop in job.request.stop if job.answer.endswith(stop))
            made = Completion(job.answer, Finish.STOP, stop=stop, completion_tokens=job.tokens)
        made = Completion(
            made.text, made.finish, made.stop, made.choice_logprobs, job.prompt, made.completion_tokens, job.cached
        )
        job.future.set_result(made)

    def _verdict(self, job: _Job) -> str:
        return self.trace.written(job.request)[1]


def _common(a: str, b: str) -> int:
    """Return how many first letters two texts share."""
    low, high = 0, min(len(a), len(b))
    if a[:high] == b[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
