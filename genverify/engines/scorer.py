"""A reward model with a head of its own to an engine that reads and scores, and writes nothing.

Such checkpoints are a language model of the transformers library plus a small head whose code they bring along. That
code is not run (Qwen's does not work with current versions anyway): the head is told by the names of its weights.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from genverify.engines.base import Completion, Finish, Request
from genverify.engines.gguf import LOADING, quiet
from genverify.engines.heads import head
from genverify.engines.loading import require
from genverify.engines.prompts import Prompts
from genverify.engines.transformers import located, said_of
from genverify.errors import EngineError


@dataclass(frozen=True, slots=True)
class _Job:
    """A request, cut into tokens."""

    tokens: list[int]
    places: list[int]
    """Of each mark its place among the tokens, counted from 0."""


class ScorerEngine:
    """Runs a folder or hub id; all requests that wait are read in one padded forward pass.

    Args:
        model: where the model is; its weights must be safetensors.
        revision: the hub's commit or branch.
        dtype: of the language model; ``auto`` is float32 on a CPU and the model's own on a GPU. The head computes in
            float32.
        device: ``cpu``, ``cuda``, ...; ``auto`` takes a GPU where there is one.
        batch_tokens: most tokens read in one pass, pads included, at least 1; a longer text is read alone.

    Raises:
        UsageError: the folder is not there, or a package is missing.
        EngineError: it cannot be loaded, or has no head that is known.
    """

    def __init__(
        self,
        model: str,
        *,
        revision: str | None = None,
        dtype: str = "auto",
        device: str = "auto",
        batch_tokens: int = 16_384,
    ) -> None:
        require("transformers", ["torch", "transformers", "accelerate", "safetensors"])
        if batch_tokens < 1:
            raise ValueError(f"batch_tokens must be at least 1, got {batch_tokens}")
        import torch

        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if dtype == "auto" and device == "cpu":
            dtype = "float32"
        path, found = located(model, revision)
        self._tokenizer, self._model = _loaded(path, revision, dtype, device)
        self._head: Any = head(path, revision, self._model.device)
        self._said = {**said_of(model, found, self._model), "engine": "scorer"}
        self._prompts = Prompts(model, self._tokenizer)
        self._most = int(getattr(self._model.config, "max_position_embeddings", 0)) or batch_tokens
        self._batch_tokens = batch_tokens
        self._waiting: deque[tuple[_Job, Future[Completion]]] = deque()
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="genverify-scorer")
        self._closed = False

    @property
    def capabilities(self) -> frozenset[str]:
        """Return ``scores``, and ``messages`` where the model has a chat template."""
        return frozenset({"scores"}) | (self._prompts.capabilities & {"messages"})

    async def complete(self, request: Request) -> Completion:
        """Return the scores that a request asks for.

        Raises:
            EngineError: the request asks for anything else, its mark is not one token of this model, or it does not
                fit; or the engine is closed.
        """
        job = self._job(request)
        answer: Future[Completion] = Future()
        with self._lock:
            if self._closed:
                raise EngineError("scorer: the engine is closed")
            self._waiting.append((job, answer))
            self._thread.submit(self._read)  # whichever turn comes first reads for all that wait
        return await asyncio.wrap_future(answer)

    def provenance(self) -> Mapping[str, str]:
        """Return the model, its revision or fingerprint, where and how it computes, and versions."""
        return self._said

    async def aclose(self) -> None:
        """End the thread and give the model's memory back; what waits fails."""
        with self._lock:
            self._closed = True
            waiting = [answer for _, answer in self._waiting]
            self._waiting.clear()
        for answer in waiting:
            _settle(answer, EngineError("scorer: the engine was closed while it was asked"))
        await asyncio.to_thread(self._thread.shutdown)
        self._model = self._head = None

    def _job(self, request: Request) -> _Job:
        if not request.scored:
            raise EngineError("scorer: this model scores texts and writes none; name an engine that writes")
        mark = self._prompts.ids(request.mark, special=False)
        if len(mark) != 1 or mark[0] == self._tokenizer.unk_token_id:
            name = self._said["model"]
            raise EngineError(
                f"{name} has no token {request.mark!r}, at which this protocol scores: is it for this model?"
            )
        text = self._prompts.rendered(request)
        bos = self._tokenizer.bos_token or ""
        if isinstance(request.prompt, str) and not text.startswith(bos):
            text = bos + text
        tokens = self._prompts.ids(text, special=False)
        places = []
        for piece in request.scored:
            tokens += [*self._prompts.ids(piece, special=False), *mark]
            places.append(len(tokens) - 1)
        if len(tokens) > self._most:
            raise EngineError(f"the problem and its solution have {len(tokens)} tokens; the model reads {self._most}")
        return _Job(tokens, places)

    def _taken(self) -> list[tuple[_Job, "Future[Completion]"]]:
        """Return what waits, as far as one pass may read it, in the order in which it came."""
        taken: list[tuple[_Job, Future[Completion]]] = []
        width = 0
        with self._lock:
            while self._waiting:
                width = max(width, len(self._waiting[0][0].tokens))
                if taken and width * (len(taken) + 1) > self._batch_tokens:
                    break
                job, answer = self._waiting.popleft()
                if answer.set_running_or_notify_cancel():
                    taken.append((job, answer))
        return taken

    def _read(self) -> None:
        batch = self._taken()
        if not batch:  # an earlier turn has read it
            return
        try:
            scores = self._scores([job for job, _ in batch])
        except Exception as error:  # noqa: BLE001 - the thread's boundary: whoever waits must be told
            for _, answer in batch:
                answer.set_exception(EngineError(f"scorer: {type(error).__name__}: {error}"))
            return
        for (job, answer), own in zip(batch, scores, strict=True):
            answer.set_result(Completion("", Finish.CHOICES, scores=own, prompt_tokens=len(job.tokens)))

    def _scores(self, jobs: Sequence[_Job]) -> list[tuple[float, ...]]:
        """Read all texts in one forward pass, padded on the right: no token sees what comes after it."""
        import torch

        width = max(len(job.tokens) for job in jobs)
        ids = torch.zeros((len(jobs), width), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, job in enumerate(jobs):
            ids[row, : len(job.tokens)] = torch.tensor(job.tokens)
            mask[row, : len(job.tokens)] = 1
        device = self._model.device
        with torch.inference_mode():
            hidden = self._model(
                input_ids=ids.to(device), attention_mask=mask.to(device), use_cache=False
            ).last_hidden_state
            return [tuple(self._head(hidden[row, job.places].float()).tolist()) for row, job in enumerate(jobs)]


def _settle(answer: "Future[Completion]", error: EngineError) -> None:
    if answer.set_running_or_notify_cancel():
        answer.set_exception(error)


def _loaded(path: str, revision: str | None, dtype: str, device: str) -> tuple[Any, Any]:
    """Return the tokenizer and the language model below the head.

    Raises:
        EngineError: one cannot be loaded, or weights are missing.
    """
    from transformers import AutoModel, AutoTokenizer

    try:
        with quiet():
            tokenizer = AutoTokenizer.from_pretrained(path, revision=revision)
            model, info = AutoModel.from_pretrained(
                path,
                revision=revision,
                dtype=dtype,
                attn_implementation="sdpa",
                device_map=device,
                trust_remote_code=False,
                output_loading_info=True,
            )
    except LOADING as error:
        raise EngineError(f"transformers cannot load {path}: {error}") from error
    if missing := sorted(info["missing_keys"]):
        raise EngineError(
            f"{path} lacks weights of its language model, {missing[0]} for one: what is loaded would be noise"
        )
    return tokenizer, model.eval()
