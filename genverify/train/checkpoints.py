"""A folder of checkpoints to the newest one that is whole: a run that was killed while it wrote goes on from there."""

import json
import re
import shutil
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"checkpoint-(\d+)")
_LAST: Final = "trainer_state.json"
"""What the trainer writes last."""


def newest(out: Path) -> Path | None:
    """Return the newest whole checkpoint in ``out``, and take away those that were left half written; None for none."""
    found = sorted(
        (int(m.group(1)), path) for path in out.glob("checkpoint-*") if (m := _NAME.fullmatch(path.name)) is not None
    )
    for _, path in reversed(found):
        if _whole(path):
            return path
        shutil.rmtree(path)
    return None


def _whole(path: Path) -> bool:
    try:
        json.loads((path / _LAST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
