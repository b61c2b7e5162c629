"""Find the files that ship beside the code: in a wheel under ``genverify/_assets``, in a checkout at its top."""

from pathlib import Path


def asset(path: str) -> Path:
    """Return where ``path`` (such as ``sandbox`` or ``datasets/smoke/gsm8k.jsonl``) lies.

    Raises:
        FileNotFoundError: neither the wheel nor the checkout has it.
    """
    package = Path(__file__).resolve().parent
    installed = package / "_assets"
    found = (installed if installed.is_dir() else package.parent) / path
    if not found.exists():
        raise FileNotFoundError(f"genverify's own file {path!r} is not at {found}; install genverify again")
    return found
