"""The name of a model to its weights and tokenizer, ready to be trained: all of it, or LoRA's matrices beside it."""

import warnings
from pathlib import Path
from typing import Any, Final

from genverify.engines import gguf
from genverify.engines.llamacpp import embedded_file
from genverify.errors import EngineError, UsageError
from genverify.train.config import Run

NEEDED: Final = ("torch", "transformers", "trl", "peft", "datasets", "accelerate", "yaml")


def require() -> None:
    """Make sure that what training needs is installed.

    Raises:
        UsageError: something is missing; the message is the line that installs it.
    """
    from genverify.engines.loading import require as need

    need("train", NEEDED)


def located(name: str) -> str:
    """Return what transformers can load: a folder or a hub id.

    Raises:
        UsageError: the embedded model is not installed.
        EngineError: a GGUF file cannot be read.
    """
    if name == "embedded":
        return str(gguf.as_folder(embedded_file()))
    return str(gguf.as_folder(Path(name))) if name.endswith(".gguf") else name


def loaded(run: Run) -> tuple[Any, Any]:
    """Return tokenizer and model of a run; what is drawn from here on depends on its seed.

    Raises:
        UsageError: the embedded model is not installed.
        EngineError: the model cannot be loaded.
    """
    from transformers import set_seed

    set_seed(run.seed)
    # what is trained would lose its small steps in bfloat16
    tokenizer, model = read(run.model, run.dtype if run.method == "lora" else "float32")
    model.config.use_cache = False
    return tokenizer, model


def read(name: str, dtype: str) -> tuple[Any, Any]:
    """Return tokenizer and model, its weights in ``dtype``.

    Raises:
        UsageError: the embedded model is not installed.
        EngineError: the model cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = located(name)
    # on a CPU PyTorch's fused attention is the slower one, its backward pass above all (720 tokens/s against 1000)
    attention = "sdpa" if torch.cuda.is_available() else "eager"
    try:
        with gguf.quiet():
            tokenizer = AutoTokenizer.from_pretrained(path)
            model = AutoModelForCausalLM.from_pretrained(path, dtype=dtype, attn_implementation=attention)
    except gguf.LOADING as error:
        raise EngineError(f"transformers cannot load {path}: {error}") from error
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer, model


def prepared(run: Run, model: Any) -> Any:  # noqa: ANN401
    """Return ``model`` with what is to be trained ready for it, and all else frozen.

    Raises:
        UsageError: ``first_layer`` leaves no layer.
        EngineError: the adapter to go on from cannot be loaded.
    """
    layers = int(model.config.num_hidden_layers)
    if run.first_layer >= layers:
        raise UsageError(f"first_layer is {run.first_layer}, and the model has {layers} layers")
    if run.method == "lora":
        from peft import PeftModel, get_peft_model

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # it asks for what transformers is about to rename
            if run.adapter is None:
                return get_peft_model(model, lora(run, layers))
            try:
                return PeftModel.from_pretrained(model, run.adapter, is_trainable=True)
            except gguf.LOADING as error:
                raise EngineError(f"peft cannot add {run.adapter} to this model: {error}") from error
    for part in [model.get_input_embeddings(), *model.model.layers[: run.first_layer]] if run.first_layer else []:
        part.requires_grad_(False)
    return model


def lora(run: Run, layers: int) -> Any:  # noqa: ANN401 - peft's class is not imported here
    """Return the settings of LoRA for so many ``layers``: beside every linear map from ``first_layer`` on."""
    from peft import LoraConfig

    return LoraConfig(
        r=run.rank,
        lora_alpha=run.alpha,
        lora_dropout=run.dropout,
        target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
        layers_to_transform=list(range(run.first_layer, layers)) if run.first_layer else None,
        task_type="CAUSAL_LM",
    )
