"""Requests that come at any time to answers, through one model that reads and writes for all of them at once.

One thread owns the model. Each turn it takes in what waits, reads a share of the new prompts, and writes one token of
every text under way; a text that is done leaves at once, another takes its place.
"""

import math
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final

from genverify.engines.base import Completion, Finish
from genverify.engines.detokenize import Writer
from genverify.engines.draw import draw, generator
from genverify.engines.guides import Guide, Guides
from genverify.engines.prompts import Job
from genverify.engines.schema import checked
from genverify.engines.slots import Feed, Slots, common
from genverify.errors import EngineError

_SLACK: Final = 2  # prompts are read together while the longest has at most this many times the tokens of the shortest

_WORTH_WAITING: Final = 64  # a turn is waited for so many tokens that another text is about to read


@dataclass(eq=False, slots=True)
class _Text:
    """A text under way."""

    job: Job
    answer: "Future[Completion]"
    slot: int
    reused: int
    pending: list[int]
    """Tokens still to be read; after the prompt, the one that was written last."""
    writer: Writer
    source: Any
    guide: Guide | None
    written: list[int] = field(default_factory=list)

    @property
    def reads(self) -> bool:
        """Say whether prompt is left to read."""
        return not self.written


class Batcher:
    """Owns a model and the thread that runs it.

    Args:
        model: a causal language model of transformers.
        tokenizer: its tokenizer.
        slots: where its keys and values stay.
        context: most tokens of prompt and answer together.
        prefill_tokens: most prompt tokens read in one turn, pads included; what is longer is read in parts.
        ends: the tokens by which the model ends a text.
    """

    def __init__(
        self,
        model: Any,  # noqa: ANN401
        tokenizer: Any,  # noqa: ANN401
        slots: Slots,
        *,
        context: int,
        prefill_tokens: int,
        ends: frozenset[int],
    ) -> None:
        self._tokenizer, self._ends = tokenizer, ends
        self._slots: Any = slots
        self._context, self._prefill_tokens = context, prefill_tokens
        self._guides: Any = Guides(model, tokenizer)
        self._changed = threading.Condition()  # guards the next two
        self._waiting: deque[tuple[Job, Future[Completion]]] = deque()
        self._closed = False
        self._texts: list[_Text] = []
        self._thread = threading.Thread(target=self._run, name="genverify-model", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> "Future[Completion]":
        """Return the answer to come; cancelling it ends the text at the next turn.

        Raises:
            EngineError: the prompt does not fit, or the engine is closed.
        """
        longest = len(job.prompt) + max((len(c) for c in job.choices), default=1)
        if longest > self._context:
            raise EngineError(f"the prompt has {len(job.prompt)} tokens; prompt and answer may have {self._context}")
        answer: Future[Completion] = Future()
        with self._changed:
            if self._closed:
                raise EngineError("the engine is closed")
            self._waiting.append((job, answer))
            self._changed.notify()
        return answer

    def close(self) -> None:
        """End the thread after its turn; all that is under way fails."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
        self._slots, self._guides = None, None  # they hold the model

    def _run(self) -> None:
        import torch

        with torch.inference_mode():
            while not self._closed:
                try:
                    self._turn()
                except Exception as error:  # noqa: BLE001 - the thread's boundary: whoever waits must be told
                    self._fail(f"{type(error).__name__}: {error}")
        self._fail("the engine was closed while it was asked")

    def _turn(self) -> None:
        self._take_in()
        for text in [text for text in self._texts if text.answer.cancelled()]:
            self._leave(text)
        writing = [text for text in self._texts if not text.reads]
        self._read([text for text in self._texts if text.reads])
        self._write(writing)

    def _take_in(self) -> None:
        """Start what waits as far as there are slots; wait while there is nothing to do."""
        with self._changed:
            while not (self._waiting or self._texts or self._closed):
                self._changed.wait()
            new = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._slots.free))]
        later = []
        for job, answer in new:
            if answer.cancelled():
                continue
            if self._is_being_read(job):
                later.append((job, answer))
                continue
            try:
                self._texts.append(self._begun(job, answer))
            except Exception as error:  # noqa: BLE001 - as above; the others of this turn go on
                _settle(answer, error if isinstance(error, EngineError) else EngineError(f"transformers: {error}"))

        if later:
            with self._changed:
                self._waiting.extendleft(reversed(later))

    def _is_being_read(self, job: Job) -> bool:
        """Say whether another text reads what this one begins with: once it has, this one need not."""
        if not any(text.reads for text in self._texts):
            return False
        has = self._slots.shares(job.prompt)
        return any(text.reads and common(job.prompt, text.job.prompt) >= has + _WORTH_WAITING for text in self._texts)

    def _begun(self, job: Job, answer: "Future[Completion]") -> _Text:
        request = job.request
        guide = self._guides.guide(request)
        slot, reused = self._slots.take(job.prompt)
        writer = Writer(self._tokenizer, job.prompt, request.stop)
        source = generator(request.sampling.seed)
        return _Text(job, answer, slot, reused, job.prompt[reused:], writer, source, guide)

    def _read(self, texts: Sequence[_Text]) -> None:
        """Read one batch of prompts, parts of them where they are long, and go on with those that are read."""
        batch = self._together(texts)
        if not batch:
            return
        most = max(1, self._prefill_tokens // len(batch))
        feeds, keep = [], 1
        for text in batch:
            part = text.pending[:most]
            text.pending = text.pending[most:]
            branches = [] if text.pending else [choice[:-1] for choice in text.job.choices]
            feeds.append(Feed(text.slot, part, branches))
            keep = max(keep, 1 + sum(len(branch) for branch in branches))
        logits = self._slots.read(feeds, keep)
        ready = [i for i, text in enumerate(batch) if not text.pending]
        for i in ready:
            if batch[i].job.choices:
                self._score(batch[i], logits[i])
        writing = [i for i in ready if not batch[i].job.choices]
        self._next([batch[i] for i in writing], logits[writing, -1])

    def _together(self, texts: Sequence[_Text]) -> list[_Text]:
        """Choose prompts of like length, the one that waits longest among them, so that few pads are computed."""
        chosen: list[_Text] = []
        low = high = 0
        for text in texts:  # in the order in which they came
            size = min(len(text.pending), self._prefill_tokens) + sum(len(c) - 1 for c in text.job.choices)
            new_low, new_high = (min(low, size), max(high, size)) if chosen else (size, size)
            fits = new_high <= _SLACK * new_low and new_high * (len(chosen) + 1) <= self._prefill_tokens
            if not chosen or fits:
                chosen.append(text)
                low, high = new_low, new_high
        return chosen

    def _write(self, texts: Sequence[_Text]) -> None:
        """Write one token of every text."""
        if texts:
            texts = sorted(texts, key=lambda text: text.slot)
            logits = self._slots.read([Feed(text.slot, text.pending) for text in texts], 1)
            self._next(texts, logits[:, -1])

    def _next(self, texts: Sequence[_Text], logits: Any) -> None:  # noqa: ANN401
        """Draw the next token of each text and see whether it ends there."""
        if not texts:
            return
        for row, text in zip(logits, texts, strict=True):
            if text.guide is not None:
                text.guide.mask(row)
        tokens = draw(logits, [text.job.request.sampling for text in texts], [text.source for text in texts])
        for text, token in zip(texts, tokens, strict=True):
            self._take(text, token)

    def _take(self, text: _Text, token: int) -> None:
        text.written.append(token)
        text.pending = [token]
        if token in self._ends:
            text.writer.finish()
            return self._done(text, Finish.STOP)
        if text.guide is not None:
            text.guide.advance(token)
        if text.writer.write(token):
            return self._done(text, Finish.STOP)
        full = len(text.job.prompt) + len(text.written) >= self._context
        if full or len(text.written) >= text.job.request.sampling.max_tokens:
            return self._done(text, Finish.STOP if text.writer.finish() else Finish.LENGTH)
        return None

    def _done(self, text: _Text, finish: Finish) -> None:
        made = Completion(
            text.writer.text,
            finish,
            stop=text.writer.met,
            prompt_tokens=len(text.job.prompt),
            completion_tokens=len(text.written),
            cached_tokens=text.reused,
        )
        self._leave(text)
        _settle(text.answer, checked(made, text.job.request))

    def _score(self, text: _Text, logits: Any) -> None:  # noqa: ANN401
        """Sum the log-probabilities of each choice's tokens: the first after the prompt, the others on its branch."""
        table = logits.log_softmax(-1)
        at = table.shape[0] - sum(len(choice) - 1 for choice in text.job.choices)
        first, scores = table[at - 1], []
        for choice in text.job.choices:
            rest = [float(table[at + i, token]) for i, token in enumerate(choice[1:])]
            scores.append(math.fsum([float(first[choice[0]]), *rest]))
            at += len(choice) - 1
        made = Completion(
            "",
            Finish.CHOICES,
            choice_logprobs=tuple(scores),
            prompt_tokens=len(text.job.prompt),
            cached_tokens=text.reused,
        )
        self._leave(text)
        _settle(text.answer, made)

    def _leave(self, text: _Text) -> None:
        if text in self._texts:
            self._texts.remove(text)
            self._slots.give_back(text.slot)

    def _fail(self, why: str) -> None:
        with self._changed:
            waiting = [answer for _, answer in self._waiting] if self._closed else []
            if self._closed:
                self._waiting.clear()
        for text in list(self._texts):
            self._leave(text)
            self._slots.held[text.slot].clear()  # what it has read is not known to be whole
            waiting.append(text.answer)
        for answer in waiting:
            _settle(answer, EngineError(f"transformers: {why}"))


def _settle(answer: "Future[Completion]", what: Completion | EngineError) -> None:
    """Give whoever waits the answer; who no longer waits gets none."""
    if not answer.set_running_or_notify_cancel():
        return
    if isinstance(what, EngineError):
        answer.set_exception(what)
    else:
        answer.set_result(what)
