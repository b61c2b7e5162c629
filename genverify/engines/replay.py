"""Requests and their answers to a transcript, and a transcript to an engine: verdicts again, with no model.

A transcript is JSON lines: first what made it, then one line a request, in the order in which the answers came.
"""

import hashlib
import json
import math
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, TextIO

from genverify.engines.base import Completion, Engine, Finish, Message, Request, Sampling
from genverify.errors import EngineError, RecordError, UsageError

_FORMAT: Final = 1
_LATER: Final = frozenset({"first_tokens", "regex", "scored", "mark"})
"""Fields younger than the format: they count only where they are set, so that older transcripts still replay."""


def digest(request: Request) -> str:
    """Return the SHA-256 of a request; its ``chain``, which moves no answer, does not count."""
    told = asdict(replace(request, chain=""))
    told = {name: value for name, value in told.items() if name not in _LATER or value}
    body = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


class RecordingEngine:
    """Hands requests to an engine and writes down what comes back, failures too.

    Args:
        engine: who answers; closing this closes it.
        path: a file that does not exist yet, or is empty.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine, self._path = engine, path
        self._file: TextIO | None = None

    @property
    def capabilities(self) -> frozenset[str]:
        """Return what the recorded engine can do."""
        return self._engine.capabilities

    async def complete(self, request: Request) -> Completion:
        """Return the recorded engine's answer.

        Raises:
            EngineError: the recorded engine could not answer.
            UsageError: the file holds something already, or cannot be written.
        """
        file = self._opened()
        try:
            completion = await self._engine.complete(request)
        except EngineError as error:
            self._write(file, request, {"error": {"message": str(error), "retryable": error.retryable}})
            raise
        self._write(file, request, {"completion": _plain(completion)})
        return completion

    def provenance(self) -> Mapping[str, str]:
        """Return the recorded engine's own."""
        return self._engine.provenance()

    async def aclose(self) -> None:
        """Close the file and the engine."""
        if self._file is not None:
            self._file.close()
            self._file = None
        await self._engine.aclose()

    def _opened(self) -> TextIO:
        if self._file is None:
            try:
                file = self._path.open("a", encoding="utf-8", errors="surrogatepass", buffering=1)
            except OSError as error:
                raise UsageError(f"the transcript {self._path} cannot be written: {error.strerror}") from error
            if file.tell() > 0:
                file.close()
                raise UsageError(f"the transcript {self._path} exists already; give another name, or remove it")
            head = {"transcript": _FORMAT, "capabilities": sorted(self.capabilities), **_head(self._engine)}
            file.write(json.dumps(head, ensure_ascii=False) + "\n")
            self._file = file
        return self._file

    def _write(self, file: TextIO, request: Request, answer: dict[str, Any]) -> None:
        if file.closed:  # closed while this one was under way: its answer is its caller's alone
            return
        line = {"digest": digest(request), "request": asdict(request), **answer}
        file.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")


class ReplayEngine:
    """Answers from a transcript what was asked when it was recorded, and nothing else.

    A request that leaves nothing to chance (temperature 0, a seed, choices) may come as often as wanted; any other gets
    its recorded answers once each, in their order.

    Raises:
        RecordError: the file is no transcript; the message names the line.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._answers: dict[str, deque[Completion | EngineError]] = defaultdict(deque)
        self._head: dict[str, Any] = {}
        for number, line in enumerate(_lines(path), 1):
            at = f"{path}: line {number}"
            if number == 1:
                self._head = _read_head(line, at)
            else:
                self._answers[_text(line, "digest", at)].append(_read_answer(line, at))
        if not self._head:
            raise RecordError(f"{path}: is empty, not a transcript")

    @property
    def capabilities(self) -> frozenset[str]:
        """Return what the recorded engine could do."""
        return frozenset(self._head.get("capabilities", ()))

    async def complete(self, request: Request) -> Completion:
        """Return the recorded answer.

        Raises:
            EngineError: the recorded engine failed at this request, or it was never asked (so often).
        """
        left = self._answers.get(digest(request))
        if not left:
            end = request.prompt[-60:] if isinstance(request.prompt, str) else request.prompt[-1].content[-60:]
            raise EngineError(
                f"{self._path}: holds no{'' if left is None else ' further'} answer to the request whose prompt ends"
                f" {end!r} and prefix {request.prefix[-60:]!r}; a transcript answers the same prompts, sampling and"
                " seeds only: record a new one"
            )
        fixed = request.choices or request.sampling.temperature == 0 or request.sampling.seed is not None
        answer = left[0] if fixed and len(left) == 1 else left.popleft()
        if isinstance(answer, EngineError):
            raise EngineError(str(answer), retryable=answer.retryable)
        return answer

    def provenance(self) -> Mapping[str, str]:
        """Return what made the transcript, and that it is replayed."""
        return {**self._head["provenance"], "replayed_from": self._path.name}

    async def aclose(self) -> None:
        """Do nothing: nothing is held."""


def _head(engine: Engine) -> dict[str, Any]:
    return {"provenance": dict(engine.provenance())}


def _plain(completion: Completion) -> dict[str, Any]:
    """Return a completion as JSON values; what JSON has no number for (minus infinity) is null."""
    made = asdict(completion)
    if completion.choice_logprobs is not None:
        made["choice_logprobs"] = [p if math.isfinite(p) else None for p in completion.choice_logprobs]
    if completion.scores is not None:
        made["scores"] = list(completion.scores)
    return made


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8", errors="surrogatepass")
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}") from error
    *whole, cut_off = text.split("\n")  # a recording that was killed leaves a last line without its end
    del cut_off
    for number, line in enumerate(whole, 1):
        try:
            value = json.loads(line)
        except ValueError as error:
            raise RecordError(f"{path}: line {number} is not JSON: {error}") from error
        if not isinstance(value, dict):
            raise RecordError(f"{path}: line {number} must be an object, is {type(value).__name__}")
        yield value


def _read_head(line: dict[str, Any], at: str) -> dict[str, Any]:
    if line.get("transcript") != _FORMAT or not isinstance(line.get("provenance"), dict):
        raise RecordError(f'{at}: a transcript opens with {{"transcript": {_FORMAT}, "provenance": ...}}')
    return line


def _text(line: dict[str, Any], name: str, at: str) -> str:
    value = line.get(name)
    if not isinstance(value, str):
        raise RecordError(f"{at}: {name!r} must be a text, is {value!r}")
    return value


def _read_answer(line: dict[str, Any], at: str) -> Completion | EngineError:
    match line:
        case {"error": {"message": str(message), "retryable": bool(retryable)}}:
            return EngineError(message, retryable=retryable)
        case {"completion": dict(fields)}:
            return _read_completion(fields, at)
    raise RecordError(f"{at}: has neither a completion nor an error")


def _read_completion(fields: dict[str, Any], at: str) -> Completion:
    try:
        logprobs = fields.pop("choice_logprobs")
        made = None if logprobs is None else tuple(-math.inf if p is None else float(p) for p in logprobs)
        scores = fields.pop("scores", None)  # absent in transcripts from before there were any
        read = None if scores is None else tuple(map(float, scores))
        return Completion(finish=Finish(fields.pop("finish")), choice_logprobs=made, scores=read, **fields)
    except (KeyError, TypeError, ValueError) as error:
        raise RecordError(f"{at}: is not a completion: {error}") from error


def read_requests(path: Path) -> tuple[Request, ...]:
    """Return the requests of a transcript in their order, for instance to send them to another engine.

    Raises:
        RecordError: the file is no transcript.
    """
    found = []
    for number, line in enumerate(_lines(path), 1):
        if number > 1:
            found.append(_read_request(line.get("request"), f"{path}: line {number}"))
    return tuple(found)


def _read_request(value: object, at: str) -> Request:
    try:
        if not isinstance(value, dict):
            raise TypeError(f"must be an object, is {type(value).__name__}")
        fields: dict[str, Any] = dict(value)
        prompt = fields.pop("prompt")
        made = prompt if isinstance(prompt, str) else tuple(Message(**turn) for turn in prompt)
        fields |= {name: tuple(fields[name]) for name in ("stop", "choices", "scored") if name in fields}
        return Request(made, sampling=Sampling(**fields.pop("sampling")), **fields)
    except (KeyError, TypeError, ValueError) as error:
        raise RecordError(f"{at}: is not a request: {error}") from error
