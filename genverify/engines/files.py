"""Model files to what tells one from another."""

import hashlib
from pathlib import Path
from typing import Final

_WHOLE: Final = 1 << 30  # hashing takes about a second a GiB; of larger files only the ends are read
_END: Final = 1 << 26


def fingerprint(path: Path) -> str:
    """Return ``sha256:...`` of a file; of one above 1 GiB ``sha256-ends:...`` of its size, first and last 64 MiB."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= _WHOLE:
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
        made = hashlib.sha256(str(size).encode())
        made.update(file.read(_END))
        file.seek(-_END, 2)
        made.update(file.read(_END))
    return "sha256-ends:" + made.hexdigest()


def fingerprint_folder(path: Path) -> str:
    """Return ``sha256:...`` over the names and fingerprints of a model folder's weights, settings and tokenizer."""
    made = hashlib.sha256()
    for file in sorted(path.iterdir()):
        if file.is_file() and file.suffix in (".safetensors", ".bin", ".json", ".jinja", ".model"):
            made.update(f"{file.name} {fingerprint(file)}\n".encode())
    return "sha256:" + made.hexdigest()
