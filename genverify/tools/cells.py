"""What one cell of code did, and the replies of kernels read field by field: nothing that a kernel says is trusted."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from genverify.types import CodeRun

REPLY_MAX: Final = 1 << 20
"""Most bytes of a kernel's reply, as in sandbox/kernel.py."""
_TEXTS: Final = {"ename": 200, "evalue": 2000, "traceback": 8200, "value": 100_200}
"""Most characters of each text of a reply."""
_FIELDS: Final = frozenset({"id", "status", "memory", *_TEXTS})


class CellStatus(StrEnum):
    """How a cell ended."""

    OK = "ok"
    ERROR = "error"
    """It raised; the kernel lives on."""
    TIMEOUT = "timeout"
    """It was interrupted at its limit, or killed after it."""
    DIED = "died"
    """The kernel ended while it ran."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of code and what it did; all texts are the code's own words, and may be lies."""

    code: str
    status: CellStatus
    stdout: str = ""
    stderr: str = ""
    value: str | None = None
    """The text of the last expression's value; None if it had none."""
    ename: str = ""
    """Name of the exception, or ``KernelDied``; empty if there was none."""
    evalue: str = ""
    traceback: str = ""
    facts: tuple[str, ...] = ()
    """What happened beyond the code's own words: ``timed_out``, ``memory``, ``output_truncated``, ``died: signal 11``,
    ``state_lost`` (names are gone after this cell), ``fresh_state`` (they were gone before it), ``threads_left: 1``,
    ``late_output_dropped``."""
    wall_s: float = 0.0
    """Seconds from hand-over to the end."""

    def code_run(self) -> CodeRun:
        """Return what a critic is shown: all that was printed, then the value, or the end of the traceback."""
        told = self.value if self.status is CellStatus.OK else self.traceback or f"{self.ename}: {self.evalue}"
        parts = [part.rstrip("\n") for part in (self.stdout, self.stderr, told or "") if part.strip()]
        return CodeRun(self.code, "\n".join(parts), str(self.status), self.facts, self.wall_s)


def read_reply(body: bytes, number: int) -> dict[str, Any]:
    """Return a kernel's reply after checking every field of it; its texts are made printable as UTF-8.

    Raises:
        ValueError: it is not what the contract says.
    """
    try:
        reply = json.loads(body, parse_constant=_refuse, parse_float=_refuse)
    except (ValueError, RecursionError):
        raise ValueError("the reply is not the JSON of the contract") from None
    if not isinstance(reply, dict) or reply.keys() != _FIELDS:
        raise ValueError("the reply has not the fields of the contract")
    wrong = [name for name, most in _TEXTS.items() if not _is_text(reply[name], most, name == "value")]
    if wrong or type(reply["id"]) is not int or reply["id"] != number or type(reply["memory"]) is not bool:
        raise ValueError(f"the reply has a wrong {' and '.join(wrong) or 'id or memory'}")
    if reply["status"] not in ("ok", "error"):
        raise ValueError("the reply has an unknown status")
    return {name: clean(value) if isinstance(value, str) else value for name, value in reply.items()}


def _refuse(word: str) -> None:
    raise ValueError(f"{word[:20]} has no place in a reply")


def _is_text(value: object, most: int, may_be_none: bool) -> bool:
    return (value is None and may_be_none) or (isinstance(value, str) and len(value) <= most)


def clean(text: str) -> str:
    """Return ``text`` without halves of surrogate pairs, which no file and no terminal takes."""
    return text.encode("utf-8", "replace").decode("utf-8")
