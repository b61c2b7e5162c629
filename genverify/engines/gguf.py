"""A GGUF file to a model folder as Hugging Face's libraries write it, once, in the user's cache."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from genverify.engines.files import fingerprint
from genverify.engines.loading import require
from genverify.errors import EngineError

LOADING: Final = (OSError, ValueError, RuntimeError, ImportError, KeyError)
"""What transformers raises where a model cannot be loaded."""


def as_folder(gguf: Path) -> Path:
    """Return the folder that stands for a GGUF file: loading it takes a second, the file half a minute.

    Raises:
        UsageError: a package is missing.
        EngineError: the file cannot be read as a model.
    """
    require("transformers", ["torch", "transformers", "gguf"])
    found = fingerprint(gguf)
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "genverify" / "models"
    target = base / f"{gguf.stem}-{found.partition(':')[2][:16]}"
    if target.is_dir():
        return target
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    base.mkdir(parents=True, exist_ok=True)
    half_done = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=base))
    try:
        with quiet():
            tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
            model = AutoModelForCausalLM.from_pretrained(
                gguf.parent,
                gguf_file=gguf.name,
                dtype=torch.float32,
                quantization_config=GgufConfig(dequantize=True),  # else it could not be saved
            )
            model.save_pretrained(half_done)
            tokenizer.save_pretrained(half_done)
        half_done.rename(target)
    except LOADING as error:
        shutil.rmtree(half_done, ignore_errors=True)
        if target.is_dir():  # another process was quicker
            return target
        raise EngineError(f"transformers cannot read {gguf}: {error}") from error
    return target


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the library's progress bars and reports off the terminal, which is the caller's.

    What a report says of weights that are missing is an error of ours; a head that is left over is read elsewhere.
    """
    from transformers.utils import logging

    shown, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()
