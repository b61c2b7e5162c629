"""What the figures of a benchmark depend on, and how they are kept."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).parent / "results"


def circumstances(packages: Sequence[str] = ("sympy", "z3-solver")) -> dict[str, Any]:
    """Return date, commit, machine and the versions of Python and of ``packages``."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain", "--", "genverify", "sandbox", "benchmarks/*.py")),
        "machine": {
            "system": platform.platform(),
            "processors": len(os.sched_getaffinity(0)),
            "load_1_5_15_min": [round(x, 2) for x in os.getloadavg()],
        },
        "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
    }


def _git(*words: str) -> str:
    run = subprocess.run(["git", *words], cwd=RESULTS.parents[1], capture_output=True, text=True, check=False)
    return run.stdout.strip() if run.returncode == 0 else "unknown"


def write(path: Path, result: dict[str, Any]) -> None:
    """Write ``result`` as JSON and say where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"written to {path}")
