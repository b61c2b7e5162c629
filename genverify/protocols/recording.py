"""What kernels answered, written down and answered again: the half of a transcript that no engine sees.

A session is told by who it is for and the code it has run so far, so that a replay needs neither times nor an order
among chains.
"""

import hashlib
import json
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

from genverify.engines.base import Engine
from genverify.engines.replay import RecordingEngine, ReplayEngine
from genverify.errors import RecordError, ToolError, UsageError
from genverify.protocols.base import Kernel, Kernels
from genverify.types import CodeRun

ENGINE_FILE: Final = "engine.jsonl"
KERNEL_FILE: Final = "kernels.jsonl"


@contextmanager
def record(engine: Engine, kernels: Kernels | None, folder: Path) -> Iterator[tuple[Engine, Kernels | None]]:
    """Give engine and kernels that also write down, in ``folder``, all that they answer.

    Closing the engine that is given closes the one behind it.

    Raises:
        UsageError: the folder holds a transcript already, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the transcript's folder {folder} cannot be made: {error.strerror}") from error
    recorded = RecordingKernels(kernels, folder / KERNEL_FILE) if kernels is not None else None
    try:
        yield RecordingEngine(engine, folder / ENGINE_FILE), recorded
    finally:
        if recorded is not None:
            recorded.close()


def replay(folder: Path) -> tuple[Engine, Kernels | None]:
    """Return what answers as in a transcript that :func:`record` wrote; without code there are no kernels.

    Raises:
        RecordError: there is no such transcript.
    """
    kernels = folder / KERNEL_FILE
    return ReplayEngine(folder / ENGINE_FILE), ReplayKernels(kernels) if kernels.exists() else None


class RecordingKernels:
    """Hands out kernels and writes down what they answer.

    Args:
        kernels: where they come from.
        path: a file that does not exist yet, or is empty; JSON lines.

    Raises:
        UsageError: the file holds something already, or cannot be written.
    """

    def __init__(self, kernels: Kernels, path: Path) -> None:
        self._kernels = kernels
        try:
            self._file: TextIO = path.open("a", encoding="utf-8", errors="surrogatepass", buffering=1)
        except OSError as error:
            raise UsageError(f"the transcript {path} cannot be written: {error.strerror}") from error
        if self._file.tell() > 0:
            self._file.close()
            raise UsageError(f"the transcript {path} exists already; give another name, or remove it")

    async def open(self, chain: str) -> Kernel:
        """Return a fresh session whose answers are written down.

        Raises:
            ToolError: none can be had.
        """
        return _Recorded(await self._kernels.open(chain), self._file, chain)

    @property
    def layers(self) -> Mapping[str, str]:
        """How the kernels behind these are isolated; empty where they do not say."""
        layers: Mapping[str, str] = getattr(self._kernels, "layers", {})
        return layers

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Recorded:
    def __init__(self, kernel: Kernel, file: TextIO, chain: str) -> None:
        self._kernel, self._file, self._history = kernel, file, chain

    async def execute(self, code: str) -> CodeRun:
        self._history = _key(self._history, code)
        try:
            run = await self._kernel.execute(code)
        except ToolError as error:
            self._write({"lost": str(error)})
            raise
        self._write({"output": run.output, "status": run.status, "code": code})
        return run

    async def aclose(self) -> None:
        await self._kernel.aclose()

    def _write(self, answer: dict[str, Any]) -> None:
        if not self._file.closed:
            self._file.write(json.dumps({"session": self._history, **answer}, ensure_ascii=False) + "\n")


class ReplayKernels:
    """Answers from a transcript; code that it does not know is a lost kernel.

    Raises:
        RecordError: the file is no such transcript; the message names the line.
    """

    def __init__(self, path: Path) -> None:
        self.answers: dict[str, deque[CodeRun | str]] = defaultdict(deque)
        try:
            lines = path.read_text(encoding="utf-8", errors="surrogatepass").split("\n")[:-1]
        except OSError as error:
            raise RecordError(f"{path}: cannot be read: {error.strerror}") from error
        for number, line in enumerate(lines, 1):
            session, answer = _read(line, f"{path}: line {number}")
            self.answers[session].append(answer)

    async def open(self, chain: str) -> Kernel:
        """Return a session that answers from the transcript."""
        return _Replayed(self, chain)


class _Replayed:
    def __init__(self, kernels: ReplayKernels, chain: str) -> None:
        self._kernels, self._history = kernels, chain

    async def execute(self, code: str) -> CodeRun:
        self._history = _key(self._history, code)
        left = self._kernels.answers.get(self._history)
        if not left:
            raise ToolError(f"the transcript holds no answer to the code that begins {code[:60]!r}")
        answer = left[0] if len(left) == 1 else left.popleft()
        if isinstance(answer, str):
            raise ToolError(answer)
        return answer

    async def aclose(self) -> None:
        """Do nothing: nothing is held."""


def _key(history: str, code: str) -> str:
    return hashlib.sha256(f"{history}\0{code}".encode(errors="surrogatepass")).hexdigest()


def _read(line: str, at: str) -> tuple[str, CodeRun | str]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise RecordError(f"{at} is not JSON: {error}") from error
    match value:
        case {"session": str(session), "lost": str(message)}:
            return session, message
        case {"session": str(session), "output": str(output), "status": str(status), "code": str(code)}:
            return session, CodeRun(code, output, status)
    raise RecordError(f"{at} must say what a session answered: session, code, output, status; or session, lost")
