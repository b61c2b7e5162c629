"""LoRA's matrices as peft keeps them to the GGUF file that llama.cpp lays over its own weights."""

import json
from pathlib import Path
from typing import Any, Final

from genverify.errors import UsageError

_NAMES: Final = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def to_gguf(folder: Path, config: Any, out: Path, about: str) -> int:  # noqa: ANN401 - transformers' configuration
    """Write the adapter in ``folder`` as a GGUF file in half precision, and return its number of matrices.

    Of queries and keys llama.cpp keeps the two halves of each head's dimensions interleaved, so the rows of their
    second matrices are put into that order; ``convert_lora_to_gguf.py`` of llama.cpp does the same.

    Args:
        folder: has ``adapter_config.json`` and ``adapter_model.safetensors``.
        config: of the model that the adapter was trained beside, a Llama.
        out: the file to be written, whole or not at all.
        about: one line for the file's description.

    Raises:
        UsageError: the folder holds no adapter, or it is one for another kind of model or layer.
    """
    import numpy as np
    from gguf import GGUFWriter
    from safetensors.numpy import load_file

    try:
        settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        tensors = load_file(folder / "adapter_model.safetensors")
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder}: no adapter of peft: {error}") from error
    if config.model_type != "llama" or settings.get("use_dora") or settings.get("bias", "none") != "none":
        raise UsageError(f"{folder}: only plain LoRA beside a Llama can be written, not beside {config.model_type}")
    part = out.with_name(out.name + ".part")
    writer = GGUFWriter(part, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(settings["lora_alpha"]))
    writer.add_description(about)
    for name, values in sorted(tensors.items()):
        made = _name(name, folder)
        heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}.get(made.split(".")[2])
        if heads is not None and made.endswith("lora_b"):
            rows = values.shape[0]
            values = values.reshape(heads, 2, rows // heads // 2, -1).swapaxes(1, 2).reshape(rows, -1)
        writer.add_tensor(made, np.ascontiguousarray(values, dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.replace(out)
    return len(tensors)


def _name(name: str, folder: Path) -> str:
    """Return llama.cpp's name of one of peft's matrices.

    Raises:
        UsageError: it has none.
    """
    head, _, rest = name.removeprefix("base_model.model.").removeprefix("model.layers.").partition(".")
    layer, _, end = rest.rpartition(".lora_")
    if not head.isdigit() or layer not in _NAMES or end not in ("A.weight", "B.weight"):
        raise UsageError(f"{folder}: {name} has no place in llama.cpp's model")
    return f"blk.{head}.{_NAMES[layer]}.weight.lora_{end[0].lower()}"
