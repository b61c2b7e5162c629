"""A request to any server that speaks OpenAI's protocol: vLLM, SGLang, llama.cpp, a commercial one.

The protocol leaves out what a verifier needs (which stop text was met, exact log-probabilities, a prefix after a chat
template); servers add it in their own ways. The server is asked once which one it is; what it lacks leaves
``capabilities`` at the first request that needs it.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from genverify.engines.base import Completion, Finish, Message, Request, check_known
from genverify.engines.continuations import continuation, told_apart, walk
from genverify.engines.http import Http, Patience, StatusError
from genverify.engines.llama_server import LlamaServer
from genverify.engines.loops import PerLoop
from genverify.engines.schema import check_keywords, checked
from genverify.engines.stops import cut, without_end
from genverify.errors import EngineError, UsageError

_TOP: Final = 20
"""Next tokens asked for at a decision; OpenAI and vLLM allow no more."""


class Server(StrEnum):
    """Who answers."""

    VLLM = "vllm"
    SGLANG = "sglang"
    LLAMACPP = "llama.cpp"
    OTHER = "other"


class OpenAIEngine:
    """Asks a server; many requests at once, each again where that may help.

    Args:
        model: the name that the server knows the model by.
        url: where the protocol's paths begin, mostly ending in ``/v1``.
        api_key: sent as bearer token; None takes ``GENVERIFY_API_KEY``, and for api.openai.com ``OPENAI_API_KEY``.
        patience: how many requests at once, how long, how often.
        server: who answers, where asking it would mislead; None asks.
    """

    def __init__(
        self,
        model: str,
        url: str,
        *,
        api_key: str | None = None,
        patience: Patience | None = None,
        server: Server | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"a server's address looks like http://127.0.0.1:8000/v1, got {url!r}")
        self.model, self.url = model, url.rstrip("/")
        key = api_key or os.environ.get("GENVERIFY_API_KEY")
        if not key and parts.hostname == "api.openai.com":
            key = os.environ.get("OPENAI_API_KEY")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        patience = patience or Patience()
        self._http = Http(self.url, headers=headers, patience=patience)
        self._root = Http(self.url.removesuffix("/v1"), headers=headers, patience=patience)
        self._llama = LlamaServer(self._root)
        self._server, self._version = server, ""
        self._asking = PerLoop(asyncio.Lock)
        self._lacks: set[str] = set()
        self._most_name = "max_tokens"
        self._end: str | None = None

    @property
    def capabilities(self) -> frozenset[str]:
        """Return what the server is not known to lack."""
        return frozenset({"messages", "prefix", "choices", "first_tokens", "schema", "regex", "seed"}) - self._lacks

    async def complete(self, request: Request) -> Completion:
        """Return the answer to one request.

        Raises:
            EngineError: the server could not answer, or lacks what the request needs.
        """
        check_known(request, self.capabilities, _public(self.url))
        if request.schema is not None:
            check_keywords(request.schema)
        server = await self._known_server()
        if server is Server.LLAMACPP:
            return await self._llama.complete(request)
        if request.choices:
            return await self._scored(request, server)
        path, body = await self._body(request, server)
        if request.stop and server is Server.OTHER:
            return checked(await self._watched(path, body, request), request)
        return checked(await self._asked(path, body, request), request)

    def provenance(self) -> Mapping[str, str]:
        """Return the model's name, the server's address and, once a request was made, its kind and version."""
        known = {"engine": "openai", "model": self.model, "url": _public(self.url), "server": self._server or ""}
        return {k: v for k, v in {**known, "version": self._version}.items() if v}

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()
        await self._root.aclose()

    async def _known_server(self) -> Server:
        async with self._asking.get():
            if self._server is None:
                self._server = await self._ask_server()
            return self._server

    async def _ask_server(self) -> Server:
        if await self._llama.props() is not None:
            return Server.LLAMACPP
        said = await self._root.get("/version")
        if said is not None and "version" in said:
            self._version = str(said["version"])
            return Server.VLLM
        said = await self._root.get("/get_model_info")
        return Server.SGLANG if said is not None and "model_path" in said else Server.OTHER

    async def _body(self, request: Request, server: Server) -> tuple[str, dict[str, object]]:
        """Return the path and the body that ask for a text."""
        sampling = request.sampling
        body: dict[str, object] = {
            "model": self.model,
            self._most_name: sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
        }
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        if sampling.top_k:
            body["top_k"] = sampling.top_k
        if server is not Server.OTHER and request.stop:
            body |= {"stop": list(request.stop), _KEEPS_STOP[server]: True}
        if request.schema is not None:
            form = {"name": "answer", "schema": request.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        if request.regex is not None:
            self._needs(server is Server.VLLM, "regex", "regular expressions")
            body["structured_outputs"] = {"regex": request.regex}
        path, prompt = await self._prompt(request, server)
        return path, body | prompt

    async def _prompt(self, request: Request, server: Server) -> tuple[str, dict[str, object]]:
        """Return the path and the part of a body that holds the prompt."""
        if isinstance(request.prompt, str):
            return "/completions", {"prompt": request.prompt + request.prefix}
        exactly = request.choices and server is Server.VLLM  # of a text every token can be scored, not the top few
        if request.generation_prompt and not request.prefix and not exactly:
            return "/chat/completions", {"messages": _turns(request.prompt)}
        text = await self._template(request.prompt, server, generation_prompt=request.generation_prompt)
        return "/completions", {"prompt": text + request.prefix, "add_special_tokens": False}

    async def _template(self, turns: Sequence[Message], server: Server, *, generation_prompt: bool) -> str:
        """Return messages in the model's own chat template, which only the server knows."""
        self._needs(server is Server.VLLM, "prefix", "a prefix after a chat template (send the prompt as text)")
        text = await self._templated(turns, generation_prompt=generation_prompt)
        if generation_prompt:
            return text
        if self._end is None:  # what the template writes after an answer is how it ends a turn
            probe = await self._templated((Message("user", "?"), Message("assistant", "!")), generation_prompt=False)
            self._end = probe.rpartition("!")[2].strip()
        return without_end(text, self._end)

    async def _templated(self, turns: Sequence[Message], *, generation_prompt: bool) -> str:
        body = {"model": self.model, "messages": _turns(turns), "add_generation_prompt": generation_prompt}
        ids = (await self._root.post("/tokenize", body | {"add_special_tokens": False}))["tokens"]
        return str((await self._root.post("/detokenize", {"model": self.model, "tokens": ids}))["prompt"])

    def _needs(self, has: bool, name: str, what: str) -> None:
        """Make sure the server has something.

        Raises:
            EngineError: it has not.
        """
        if not has:
            self._lacks.add(name)
            raise EngineError(f"{_public(self.url)}: the server ({self._server}) does not offer {what}")

    async def _asked(self, path: str, body: Mapping[str, object], request: Request) -> Completion:
        said = await self._sent(path, body)
        choice = _first(said, self.url)
        text = _text_in(choice)
        usage = said.get("usage") or {}
        reason = str(choice.get("finish_reason"))
        named = choice.get("stop_reason", choice.get("matched_stop"))
        met = named if isinstance(named, str) and named in request.stop else None
        if met is not None and not text.endswith(met):
            text += met
        made = Completion(
            text,
            _FINISH.get(reason, Finish.ERROR),
            stop=met,
            prompt_tokens=int(usage.get("prompt_tokens") or 0),
            completion_tokens=int(usage.get("completion_tokens") or 0),
            cached_tokens=int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0),
        )
        if made.finish is Finish.ERROR:
            return replace(made, problem=f"the server ended with finish_reason {reason!r}")
        return made

    async def _watched(self, path: str, body: dict[str, object], request: Request) -> Completion:
        """Stream the answer and end it here: only so is it known which stop text was met.

        The server's own count never comes for an answer ended here; pieces are counted instead, mostly one a token.
        """
        asked = body | {"stream": True, "stream_options": {"include_usage": True}}
        text, pieces, reason = "", 0, "length"
        usage: dict[str, Any] = {}
        async with aclosing(self._sent_stream(path, asked)) as events:
            async for event in events:
                usage = event.get("usage") or usage
                for choice in event.get("choices") or ():
                    piece = _text_in(choice)
                    text, pieces = text + piece, pieces + bool(piece)
                    reason = choice.get("finish_reason") or reason
                whole, met = cut(text, request.stop)
                if met is not None:
                    return Completion(whole, Finish.STOP, stop=met, completion_tokens=pieces)
        finish = _FINISH.get(reason, Finish.ERROR)
        return Completion(
            text,
            finish,
            prompt_tokens=int(usage.get("prompt_tokens") or 0),
            completion_tokens=int(usage.get("completion_tokens") or pieces),
            problem=f"the server ended with finish_reason {reason!r}" if finish is Finish.ERROR else "",
        )

    async def _scored(self, request: Request, server: Server) -> Completion:
        known = server is Server.VLLM or not request.first_tokens
        self._needs(known, "first_tokens", "a way to see how its model cuts a text, so choices can only be whole words")
        path, prompt = await self._prompt(request, server)
        asked, cached = 0, 0

        async def top(written: str) -> Mapping[str, float]:
            nonlocal asked, cached
            if path == "/chat/completions" and written:
                raise EngineError(
                    f"{_public(self.url)}: the choices {request.choices} are more than one token each, and this server"
                    " cannot go on from half of one after a chat template; send the prompt as text"
                )
            said = await self._sent(path, self._decision(path, prompt, written))
            usage = said.get("usage") or {}
            asked = asked or int(usage.get("prompt_tokens") or 0)
            cached = max(cached, int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0))
            found = _top(_first(said, self.url))
            self._needs(bool(found), "choices", "log-probabilities")
            return found

        scores = await (
            self._exact(prompt, request, path)
            if server is Server.VLLM and path == "/completions"
            else walk(request.choices, top)
        )
        return Completion("", Finish.CHOICES, choice_logprobs=scores, prompt_tokens=asked, cached_tokens=cached)

    def _decision(self, path: str, prompt: Mapping[str, object], written: str) -> dict[str, object]:
        body: dict[str, object] = {"model": self.model, self._most_name: 1, "temperature": 0.0, **prompt}
        if path == "/chat/completions":
            return body | {"logprobs": True, "top_logprobs": _TOP}
        return body | {"logprobs": _TOP, "prompt": f"{prompt['prompt']}{written}"}

    async def _exact(self, prompt: Mapping[str, object], request: Request, path: str) -> tuple[float, ...]:
        """Return what vLLM says of each choice when no other token is allowed: its log-probability before that rule."""
        text = str(prompt["prompt"])
        special = bool(prompt.get("add_special_tokens", True))
        base = await self._ids(text, special=special)
        conts = [
            continuation(base, await self._ids(text + c, special=special), await self._ids(c, special=False))
            for c in request.choices
        ]
        total = []
        for ids in told_apart(conts) if request.first_tokens else conts:
            body = {"model": self.model, "max_tokens": 1, "temperature": 0.0, "logprobs": 0}
            said = await asyncio.gather(
                *(
                    self._sent(path, body | {"prompt": [*base, *ids[:i]], "allowed_token_ids": [token]})
                    for i, token in enumerate(ids)
                )
            )
            total.append(sum(float(_first(s, self.url)["logprobs"]["token_logprobs"][0]) for s in said))
        return tuple(total)

    async def _ids(self, text: str, *, special: bool) -> list[int]:
        body = {"model": self.model, "prompt": text, "add_special_tokens": special}
        return [int(i) for i in (await self._root.post("/tokenize", body))["tokens"]]

    async def _sent(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        try:
            return await self._http.post(path, body)
        except StatusError as error:
            return await self._http.post(path, self._again(path, body, error))

    async def _sent_stream(self, path: str, body: Mapping[str, object]) -> AsyncGenerator[dict[str, Any], None]:
        try:
            async with aclosing(self._http.stream(path, body)) as events:
                async for event in events:
                    yield event
        except StatusError as error:
            async with aclosing(self._http.stream(path, self._again(path, body, error))) as events:
                async for event in events:
                    yield event

    def _again(self, path: str, body: Mapping[str, object], error: StatusError) -> dict[str, object]:
        """Return the body in the words that a refusing server asks for.

        Raises:
            EngineError: the refusal stands; what the server lacks has left the capabilities.
        """
        if error.status == 400 and "max_completion_tokens" in str(error) and "max_tokens" in body:
            self._most_name = "max_completion_tokens"
            return {self._most_name if k == "max_tokens" else k: v for k, v in body.items()}
        if error.status in (400, 404, 405, 422, 501):
            for name, lacks in (("response_format", "schema"), ("logprobs", "choices"), ("seed", "seed")):
                if name in body and name in str(error):
                    self._lacks.add(lacks)
        if path == "/completions" and error.status in (404, 405):
            raise EngineError(f"{error}; the server takes no prompt as text: send messages, without prefix") from error
        raise error


_KEEPS_STOP: Final = {Server.VLLM: "include_stop_str_in_output", Server.SGLANG: "no_stop_trim"}
_FINISH: Final = {"stop": Finish.STOP, "length": Finish.LENGTH, "eos": Finish.STOP}


def _public(url: str) -> str:
    """Return an address without the user name and password that may stand in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def _turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": m.role, "content": m.content} for m in messages]


def _first(said: Mapping[str, Any], url: str) -> Mapping[str, Any]:
    choices = said.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise EngineError(f"{_public(url)}: expected an answer with choices, got {str(said)[:200]}")
    return choices[0]


def _text_in(choice: Mapping[str, Any]) -> str:
    """Return the text of a completion, a chat answer, or a piece of either."""
    holder = choice.get("message") or choice.get("delta") or {}
    return str(holder.get("content") or choice.get("text") or "")


def _top(choice: Mapping[str, Any]) -> dict[str, float]:
    """Return the likeliest first tokens with their log-probabilities, in whichever of two forms the server writes."""
    held = choice.get("logprobs") or {}
    if held.get("content"):
        return {str(t["token"]): float(t["logprob"]) for t in held["content"][0].get("top_logprobs") or ()}
    tops = held.get("top_logprobs") or [{}]
    return {str(token): float(logprob) for token, logprob in (tops[0] or {}).items()}
