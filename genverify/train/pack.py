"""A trained adapter to the folder that ships: for llama.cpp, for transformers, and a record with their digests."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from genverify.engines.small import FORMAT, GGUF, PEFT, RECORD
from genverify.errors import UsageError
from genverify.train import models
from genverify.train.adapter import to_gguf

_CONFIG: Final = "adapter_config.json"
_WEIGHTS: Final = "adapter_model.safetensors"


def pack(
    adapter: Path, out: Path, *, form: str, mix: Mapping[str, float], cut: float, about: Mapping[str, Any]
) -> Path:
    """Write the folder, in half precision, and return its record.

    Args:
        adapter: the folder that a run of ``sft`` left (``RUN/model``), trained beside the embedded model.
        out: the folder; what is there is written over.
        form: what the critic was trained to write.
        mix: how its two readings become one probability (``genverify.protocols.surprise.Mix``).
        cut: below this probability, in (0, 1), it calls a step wrong.
        about: what else the record is to say, plain JSON values.

    Raises:
        UsageError: the folder holds no adapter, or a package is missing.
    """
    models.require()
    import numpy as np
    from safetensors.numpy import load_file, save_file
    from transformers import AutoConfig

    out.mkdir(parents=True, exist_ok=True)
    (out / PEFT).mkdir(exist_ok=True)
    to_gguf(adapter, AutoConfig.from_pretrained(models.located("embedded")), out / GGUF, "genverify's small critic")
    try:
        config = json.loads((adapter / _CONFIG).read_text(encoding="utf-8"))
        weights = {name: w.astype(np.float16) for name, w in load_file(adapter / _WEIGHTS).items()}
    except (OSError, ValueError) as error:
        raise UsageError(f"{adapter}: no adapter of peft: {error}") from error
    config["base_model_name_or_path"] = "SmolLM2-135M-Instruct"  # where it lay when it was trained helps nobody
    (out / PEFT / _CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    save_file(weights, out / PEFT / _WEIGHTS, metadata={"format": "pt"})
    files = (GGUF, f"{PEFT}/{_CONFIG}", f"{PEFT}/{_WEIGHTS}")
    body = {
        "format": FORMAT,
        "form": form,
        "mix": dict(mix),
        "cut": cut,
        "sha256": {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in files},
        "about": dict(about),
    }
    (out / RECORD).write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
    return out / RECORD
