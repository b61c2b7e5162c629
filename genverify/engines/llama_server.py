"""A request to llama.cpp's own HTTP protocol: what its server says more exactly there than through OpenAI's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from genverify.engines.base import Completion, Finish, Message, Request
from genverify.engines.continuations import continuation, told_apart
from genverify.engines.http import Http
from genverify.engines.regex import grammar
from genverify.engines.schema import checked
from genverify.engines.stops import cut, without_end
from genverify.errors import EngineError

_SURELY: Final = 1e5
"""A logit added to the token that is to be drawn; its reported log-probability is the model's own, without this."""


class LlamaServer:
    """Speaks to a llama.cpp server at the root of its paths (not below ``/v1``)."""

    capabilities: Final = frozenset({"messages", "prefix", "choices", "first_tokens", "schema", "regex", "seed"})

    def __init__(self, http: Http) -> None:
        self._http = http

    async def props(self) -> Mapping[str, Any] | None:
        """Return what the server says of itself; None if it is no llama.cpp server."""
        found = await self._http.get("/props")
        return found if found is not None and "default_generation_settings" in found else None

    async def complete(self, request: Request) -> Completion:
        """Return the answer to one request.

        Raises:
            EngineError: the server could not answer.
        """
        prompt = await self._prompt(request)
        if request.choices:
            return await self._scored(prompt, request)
        return await self._generated(prompt, request)

    async def _prompt(self, request: Request) -> str:
        if isinstance(request.prompt, str):
            return request.prompt + request.prefix
        made = await self.template(request.prompt, generation_prompt=request.generation_prompt)
        return made + request.prefix

    async def template(self, turns: Sequence[Message], *, generation_prompt: bool) -> str:
        """Return messages in the model's own chat template; a last end of sequence goes with the generation prompt.

        Raises:
            EngineError: the server could not answer.
        """
        body = {
            "messages": [{"role": m.role, "content": m.content} for m in turns],
            "add_generation_prompt": generation_prompt,
        }
        text = str((await self._http.post("/apply-template", body))["prompt"])
        if generation_prompt:
            return text
        eos = str((await self.props() or {}).get("eos_token") or "")
        return without_end(text, eos)

    async def _generated(self, prompt: str, request: Request) -> Completion:
        sampling = request.sampling
        body: dict[str, object] = {
            "prompt": prompt,
            "n_predict": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "min_p": 0.0,  # the server's default of 0.05 would be a cut that nobody asked for
            "stop": list(request.stop),
            "cache_prompt": True,
        }
        if sampling.seed is not None:
            body["seed"] = sampling.seed % 2**32
        if request.schema is not None:
            body["json_schema"] = request.schema
        if request.regex is not None:
            body["grammar"] = grammar(request.regex)
        said = await self._http.post("/completion", body)
        return _completion(said, request)

    async def _scored(self, prompt: str, request: Request) -> Completion:
        base = await self._ids(prompt)
        conts = [
            continuation(base, await self._ids(prompt + c), await self._ids(c, special=False)) for c in request.choices
        ]
        scores, cached = [], 0
        # one after the other: the next finds the prompt in the slot's cache
        for ids in told_apart(conts) if request.first_tokens else conts:
            total = 0.0
            for i, token in enumerate(ids):
                said = await self._http.post("/completion", _forced([*base, *ids[:i]], token))
                total += _logprob(said, token)
                cached = max(cached, int(said.get("timings", {}).get("cache_n", 0)))
            scores.append(total)
        return Completion(
            "", Finish.CHOICES, choice_logprobs=tuple(scores), prompt_tokens=len(base), cached_tokens=cached
        )

    async def _ids(self, text: str, *, special: bool = True) -> list[int]:
        body = {"content": text, "add_special": special, "parse_special": True}
        return [int(i) for i in (await self._http.post("/tokenize", body))["tokens"]]


def _forced(prompt: list[int], token: int) -> dict[str, object]:
    return {
        "prompt": prompt,
        "n_predict": 1,
        "temperature": 0,
        "n_probs": 1,
        "logit_bias": [[token, _SURELY]],
        "cache_prompt": True,
    }


def _logprob(said: Mapping[str, Any], token: int) -> float:
    drawn = (said.get("completion_probabilities") or [{}])[0]
    if drawn.get("id") != token:
        raise EngineError(f"llama.cpp: token {token} was to be scored, the server scored {drawn.get('id')}")
    return float(drawn["logprob"])


def _completion(said: Mapping[str, Any], request: Request) -> Completion:
    text, met = str(said["content"]), str(said.get("stopping_word") or "")
    timings = said.get("timings", {})
    made = Completion(
        text,
        Finish.LENGTH if said.get("stop_type") == "limit" else Finish.STOP,
        prompt_tokens=int(said.get("tokens_evaluated", 0)),
        completion_tokens=int(said.get("tokens_predicted", 0)),
        cached_tokens=int(timings.get("cache_n", 0)),
    )
    if met:
        whole, first = cut(text + met, request.stop)
        made = replace(made, text=whole, stop=first)
    return checked(made, request)
