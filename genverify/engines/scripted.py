"""A written list of answers, or a function that makes them, as an engine: tests and benchmarks without a model.

A token is a word or a single sign, with the white space before it: prompts and answers are counted and cut so.
"""

import asyncio
import inspect
import json
import math
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any, Final

from genverify.engines.base import Completion, Finish, Request
from genverify.engines.loops import PerLoop
from genverify.engines.schema import broken
from genverify.engines.stops import cut
from genverify.errors import EngineError, RecordError

Answer = str | Mapping[str, float] | tuple[float, ...] | Completion | EngineError
"""A text; or, for a request with choices, their probabilities; or, for scored texts, their scores; or a completion as
it is; or what goes wrong."""

_TOKEN: Final = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
_SURE: Final = 0.99
"""Probability of the choice that a scripted text begins with; the others share the rest."""


def tokens(text: str) -> list[str]:
    """Cut ``text`` into the tokens of this engine; together they are the text again."""
    return _TOKEN.findall(text)


def render(request: Request) -> str:
    """Return prompt, prefix and scored texts as one text, messages through a template of the plainest kind."""
    rest = request.prefix + "".join(text + request.mark for text in request.scored)
    if isinstance(request.prompt, str):
        return request.prompt + rest
    turns = "".join(f"<|{m.role}|>\n{m.content}<|end|>\n" for m in request.prompt)
    if request.generation_prompt:
        return f"{turns}<|assistant|>\n{rest}"
    return turns.removesuffix("<|end|>\n") + rest


class ScriptedEngine:
    """Answers what a script says.

    ::

        engine = ScriptedEngine(["<analyze>fine</analyze>", {"Yes": 0.9, "No": 0.1}])
        engine = ScriptedEngine(lambda request: "Yes" if "2+2 = 4" in render(request) else "No", token_s=0.01)

    Args:
        answers: a function of the request (plain or async), or answers that are used once each, in order.
        token_s: seconds that each generated token takes, at least 0.
        request_s: seconds that a request takes before its first token, at least 0.
        slots: most requests answered at once; 0 sets no limit.
        name: what provenance calls the model.
    """

    capabilities: Final = frozenset(
        {"messages", "prefix", "choices", "first_tokens", "scores", "schema", "regex", "seed"}
    )

    def __init__(
        self,
        answers: Callable[[Request], Answer | Awaitable[Answer]] | Sequence[Answer],
        *,
        token_s: float = 0.0,
        request_s: float = 0.0,
        slots: int = 0,
        name: str = "script",
    ) -> None:
        self._answer = answers if callable(answers) else _in_order(answers)
        self._token_s, self._request_s, self._name = token_s, request_s, name
        self._room: PerLoop[AbstractAsyncContextManager[Any]] = PerLoop(
            lambda: asyncio.Semaphore(slots) if slots else nullcontext()
        )
        self._closed = False

    @classmethod
    def from_file(cls, path: Path, *, token_s: float = 0.0, request_s: float = 0.0, slots: int = 0) -> "ScriptedEngine":
        """Read answers from a JSON list.

        An entry is a text, or an object with one of ``text``, ``probs`` (choice to probability), ``scores`` (a list) or
        ``error`` (a message; ``retryable`` beside it), and perhaps ``when``. Entries with ``when`` answer every request
        that holds that text, the first of them that fits; the others are used once each, in order.

        Raises:
            RecordError: the file is not such a list.
        """
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RecordError(f"{path}: cannot be read as JSON: {error}") from error
        if not isinstance(entries, list):
            raise RecordError(f"{path}: must be a JSON list of answers, is {type(entries).__name__}")
        read = [_entry(entry, f"{path}: entry {i} (from 0)") for i, entry in enumerate(entries)]
        in_order = _in_order([answer for when, answer in read if when is None])

        def answer(request: Request) -> Answer:
            text = render(request)
            return next((a for when, a in read if when is not None and when in text), None) or in_order(request)

        return cls(answer, token_s=token_s, request_s=request_s, slots=slots, name=path.name)

    async def complete(self, request: Request) -> Completion:
        """Return what the script says, cut at the first stop text and at ``max_tokens``.

        Raises:
            EngineError: the script says so, holds no more answers, or one that does not fit; or the engine is closed.
        """
        if self._closed:
            raise EngineError("scripted engine: closed")
        async with self._room.get():
            answer = self._answer(request)
            if inspect.isawaitable(answer):
                answer = await answer
            completion = _completion(request, answer)
            wait_s = self._request_s + self._token_s * completion.completion_tokens
            await asyncio.sleep(wait_s)  # also with 0: whoever awaits an engine must let others run
            return completion

    def provenance(self) -> Mapping[str, str]:
        """Return the engine's name and that of the script."""
        return {"engine": "scripted", "model": self._name}

    async def aclose(self) -> None:
        """Answer nothing any more."""
        self._closed = True


def _in_order(answers: Sequence[Answer]) -> Callable[[Request], Answer]:
    left = iter(answers)

    def answer(request: Request) -> Answer:
        try:
            return next(left)
        except StopIteration:
            asked = render(request)
            raise EngineError(f"scripted engine: all {len(answers)} answers are used; asked {asked[-80:]!r}") from None

    return answer


def _entry(entry: object, at: str) -> tuple[str | None, Answer]:
    """Return the text at which an entry of a file answers, None if in order, and its answer."""
    match entry:
        case str(text):
            return None, text
        case {"when": str(when), **rest}:
            return when, _entry(rest, at)[1]
        case {"text": str(text), **rest} if not rest:
            return None, text
        case {"probs": dict(probs), **rest} if not rest and all(isinstance(p, int | float) for p in probs.values()):
            return None, {str(name): float(p) for name, p in probs.items()}
        case {"scores": list(scores), **rest} if not rest and all(isinstance(p, int | float) for p in scores):
            return None, tuple(map(float, scores))
        case {"error": str(message), **rest} if set(rest) <= {"retryable"}:
            return None, EngineError(message, retryable=bool(rest.get("retryable")))
    raise RecordError(
        f"{at}: must be a text or an object with text, probs, scores or error, is {json.dumps(entry)[:80]}"
    )


def _completion(request: Request, answer: Answer) -> Completion:
    asked = len(tokens(render(request)))
    match answer:
        case Completion():
            return answer
        case EngineError():
            raise EngineError(str(answer), retryable=answer.retryable)  # a new one: each keeps its own traceback
        case _ if request.scored:
            return Completion("", Finish.CHOICES, scores=_scores(request, answer), prompt_tokens=asked)
        case _ if request.choices:
            return Completion("", Finish.CHOICES, choice_logprobs=_logprobs(request, answer), prompt_tokens=asked)
        case str():
            return _text(request, answer, asked)
    raise EngineError(f"scripted engine: the request asks for a text, the script answers with {answer}")


def _text(request: Request, answer: str, asked: int) -> Completion:
    whole, met = cut(answer, request.stop)
    written = tokens(whole)
    most = request.sampling.max_tokens
    if len(written) > most:
        return Completion("".join(written[:most]), Finish.LENGTH, prompt_tokens=asked, completion_tokens=most)
    wrong = broken(whole, request)
    finish = Finish.ERROR if wrong else Finish.STOP
    return Completion(whole, finish, stop=met, prompt_tokens=asked, completion_tokens=len(written), problem=wrong)


def _scores(request: Request, answer: Answer) -> tuple[float, ...]:
    if not isinstance(answer, tuple) or len(answer) != len(request.scored):
        raise EngineError(f"scripted engine: {len(request.scored)} texts are to be scored, the script has {answer!r}")
    return answer


def _logprobs(request: Request, answer: Answer) -> tuple[float, ...]:
    names = request.choices
    if isinstance(answer, str):
        chosen = next((name for name in names if answer.startswith(name)), None)
        if chosen is None:
            raise EngineError(f"scripted engine: {answer[:40]!r} begins with none of the choices {names}")
        rest = (1 - _SURE) / max(1, len(names) - 1)
        answer = {name: _SURE if name == chosen else rest for name in names}
    missing = [name for name in names if not isinstance(answer, Mapping) or name not in answer]
    if missing or not isinstance(answer, Mapping):
        raise EngineError(f"scripted engine: the script gives no probability for the choices {missing}")
    return tuple(math.log(p) if (p := answer[name]) > 0 else -math.inf for name in names)
