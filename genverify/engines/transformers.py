"""A causal language model of the transformers library to an engine, on a CPU or a GPU."""

import asyncio
import importlib.metadata
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from genverify.engines import gguf
from genverify.engines.base import Completion, Request, check_known
from genverify.engines.batcher import Batcher
from genverify.engines.files import fingerprint, fingerprint_folder
from genverify.engines.loading import require
from genverify.engines.prompts import Prompts
from genverify.engines.schema import check_keywords
from genverify.engines.slots import Slots
from genverify.errors import EngineError, UsageError

_CONTEXT: Final = 8192  # without a bound one runaway text would take the memory of all


class TransformersEngine:
    """Runs a folder, a hub id or a GGUF file (which is turned into a folder once, in the user's cache).

    Args:
        model: where the model is.
        adapter: the folder of a LoRA as peft keeps it, whose matrices are added to the weights; None for none.
        revision: the hub's commit or branch.
        dtype: ``float32``, ``bfloat16``, ...; ``auto`` is float32 on a CPU, where bfloat16 would change texts with the
            size of the batch, and the model's own on a GPU.
        device: ``cpu``, ``cuda``, ...; ``auto`` takes a GPU where there is one.
        slots: texts under way at once, at least 1; as many chains keep what they have read.
        context: most tokens of prompt and answer together; None takes the model's own, at most 8192.
        prefill_tokens: most prompt tokens read between two written tokens of the others, at least 1.
    """

    def __init__(
        self,
        model: str,
        *,
        adapter: Path | None = None,
        revision: str | None = None,
        dtype: str = "auto",
        device: str = "auto",
        slots: int = 16,
        context: int | None = None,
        prefill_tokens: int = 2048,
    ) -> None:
        require("transformers", ["torch", "transformers", "accelerate"])
        if slots < 1 or prefill_tokens < 1 or (context is not None and context < 2):
            raise ValueError(f"slots {slots}, prefill_tokens {prefill_tokens}, context {context}: too small to run")
        import torch

        self.slots = slots
        """How many chains' beginnings are kept at once."""
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if dtype == "auto" and device == "cpu":
            dtype = "float32"
        self._path, found = located(model, revision)
        self._tokenizer, self._model = _loaded(self._path, revision, dtype, device)
        self._said = said_of(model, found, self._model)
        if adapter is not None:
            self._model = with_adapter(self._model, adapter)
            self._said["adapter"] = f"{adapter.name} {fingerprint_folder(adapter)}"
        self.prompts = Prompts(model, self._tokenizer)
        config = self._model.config.get_text_config()
        most = int(getattr(config, "max_position_embeddings", None) or _CONTEXT)
        kinds = set(getattr(config, "layer_types", None) or ())
        _check_layers(model, kinds, self._model)
        window = getattr(config, "sliding_window", None) if not kinds or "sliding_attention" in kinds else None
        self._batcher = Batcher(
            self._model,
            self._tokenizer,
            Slots(self._model, slots, window=window, mixed=bool(window and kinds)),
            context=min(most, context or _CONTEXT),
            prefill_tokens=prefill_tokens,
            ends=_ends(self._model, self._tokenizer),
        )

    @property
    def capabilities(self) -> frozenset[str]:
        """Return all; without ``messages`` and ``prefix`` where the model has no chat template."""
        return frozenset({"choices", "first_tokens", "schema", "regex", "seed"}) | self.prompts.capabilities

    async def complete(self, request: Request) -> Completion:
        """Return the answer to one request.

        Raises:
            EngineError: the prompt does not fit, there is no chat template, or the model failed.
            UsageError: a schema or regex needs outlines, which is not installed.
        """
        check_known(request, self.capabilities, "transformers")
        if request.schema is not None or request.regex is not None:
            require("transformers", ["outlines", "outlines_core"])
            check_keywords(request.schema)
        return await asyncio.wrap_future(self._batcher.submit(self.prompts.job(request)))

    def provenance(self) -> Mapping[str, str]:
        """Return the model, its revision or fingerprint, where and how it computes, and versions."""
        return self._said

    async def aclose(self) -> None:
        """End the thread and give the model's memory back."""
        await asyncio.to_thread(self._batcher.close)
        self._model = None


def located(model: str, revision: str | None) -> tuple[str, str]:
    """Return what transformers is to load, and the fingerprint of files on this machine (empty for a hub id).

    Raises:
        UsageError: the name looks like a path and nothing is there.
    """
    path = Path(model).expanduser()
    if path.is_dir():
        return str(path), revision or fingerprint_folder(path)
    if path.suffix == ".gguf" and path.is_file():
        return str(gguf.as_folder(path)), fingerprint(path)
    if path.is_absolute() or path.suffix == ".gguf" or model.startswith((".", "~")):
        raise UsageError(f"no model folder or GGUF file {model}")
    return model, revision or ""


def _loaded(path: str, revision: str | None, dtype: str, device: str) -> tuple[Any, Any]:
    """Return tokenizer and model.

    Raises:
        EngineError: one cannot be loaded, or weights are missing.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        with gguf.quiet():
            tokenizer = AutoTokenizer.from_pretrained(path, revision=revision)
            model, info = AutoModelForCausalLM.from_pretrained(
                path,
                revision=revision,
                dtype=dtype,
                attn_implementation="sdpa",
                device_map=device,
                output_loading_info=True,
            )
    except gguf.LOADING as error:
        raise EngineError(f"transformers cannot load {path}: {error}") from error
    if missing := sorted(info["missing_keys"]):  # the library would draw them at random
        raise EngineError(
            f"{path} lacks weights, {missing[0]} for one: it is no whole language model; a reward model with a head of"
            " its own is named qwenprm:PATH or skywork:PATH"
        )
    return tokenizer, model.eval()


def with_adapter(model: Any, adapter: Path) -> Any:  # noqa: ANN401
    """Return ``model`` with a LoRA merged into its weights.

    Raises:
        UsageError: peft is not installed.
        EngineError: the folder holds no adapter, or one for another model.
    """
    require("train", ["peft"])
    from peft import PeftModel

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # it asks for what transformers is about to rename
            return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload().eval()
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise EngineError(f"peft cannot add {adapter} to this model: {error}") from error


def said_of(name: str, found: str, model: Any) -> dict[str, str]:  # noqa: ANN401
    """Return what provenance tells of a loaded model."""
    return {
        "engine": "transformers",
        "model": Path(name).name if Path(name).exists() else name,
        "revision": found or str(getattr(model.config, "_commit_hash", None) or ""),
        "dtype": str(model.dtype).removeprefix("torch."),
        "device": str(model.device),
        "transformers": importlib.metadata.version("transformers"),
        "torch": importlib.metadata.version("torch"),
    }


def _check_layers(name: str, kinds: set[str], model: Any) -> None:  # noqa: ANN401
    """Make sure that the model keeps nothing but keys and values.

    Raises:
        EngineError: it has layers that this engine cannot run.
    """
    import inspect

    strange = kinds - {"full_attention", "sliding_attention"}
    if strange or "logits_to_keep" not in inspect.signature(model.forward).parameters:
        what = f"layers of the kinds {sorted(strange)}" if strange else "no logits_to_keep"
        raise EngineError(f"{name} ({type(model).__name__}) has {what}, which this engine does not run: try vllm")


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:  # noqa: ANN401
    named = model.generation_config.eos_token_id
    listed = named if isinstance(named, list) else [named]
    return frozenset(int(i) for i in [*listed, tokenizer.eos_token_id] if i is not None)
