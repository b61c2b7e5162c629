"""The critic that a command line asks for, made and closed again: model, kernels, transcript, progress."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from genverify.critic import Progress
from genverify.engines import loading as engines
from genverify.engines.base import Engine
from genverify.errors import ToolError, UsageError
from genverify.fusion import DEFAULT_WEIGHTS, Weights
from genverify.protocols import loading, recording
from genverify.protocols.base import Kernels
from genverify.tools.checkers import Checkers
from genverify.tools.kernels import KernelPool
from genverify.verifier import Verifier

_SHOWN_EVERY_S = 0.2  # a line that changes faster cannot be read


@dataclass(frozen=True, slots=True)
class CriticJob:
    """What the command line says about the critic."""

    model: str
    samples: int
    seed: int
    max_tokens: int | None
    """Most tokens of one critique; None keeps the protocol's own."""
    code: bool
    early_exit: bool
    transcript: Path | None
    replay: Path | None


@contextmanager
def verifier(
    job: CriticJob,
    tools: Checkers,
    *,
    progress: bool,
    rule: str = "log_odds",
    weights: Weights = DEFAULT_WEIGHTS,
) -> Iterator[Verifier]:
    """Give a verifier whose critic is what ``job`` says; model and kernels are closed with it.

    Raises:
        UsageError: no model or protocol has that name, a package is missing, or code cannot be confined here.
        EngineError: the model could not be loaded.
        RecordError: there is no such transcript.
    """
    named, engine_name = loading.split(job.model)
    protocol = loading.load(named or "native", max_tokens=job.max_tokens)
    with ExitStack() as stack:
        engine: Engine
        kernels: Kernels | None
        if job.replay is not None:
            engine, kernels = recording.replay(job.replay)
        else:
            kernels = stack.enter_context(_confined()) if job.code else None  # first: it takes less than a model
            engine = engines.load(engine_name)
        if job.transcript is not None:
            engine, kernels = stack.enter_context(recording.record(engine, kernels, job.transcript))
        show = _Line() if progress else None
        made = Verifier(
            engine=engine,
            protocol=protocol,
            tools=tools,
            samples=job.samples,
            seed=job.seed,
            kernels=kernels,
            run_code=kernels is not None,
            early_exit=job.early_exit,
            progress=show,
            own_engine=True,
            rule=rule,
            weights=weights,
        )
        try:
            yield stack.enter_context(made)
        finally:
            if show is not None:
                show.end()


@contextmanager
def _confined() -> Iterator[KernelPool]:
    """Give kernels that were tried once, so that a machine that cannot confine them is told before anything is read."""
    with KernelPool() as pool:
        try:
            asyncio.run(_tried(pool))
        except ToolError as error:
            raise UsageError(
                f"code that the model writes cannot be shut in here: {error}; genverify doctor says why, --no-code "
                "reads without running code"
            ) from error
        yield pool


async def _tried(pool: KernelPool) -> None:
    pool.drop(await pool.take())


class _Line:
    """One line on standard error that says how far the critic is."""

    def __init__(self) -> None:
        self._shown = 0.0
        self._write: Callable[[str], object] = sys.stderr.write

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._shown < _SHOWN_EVERY_S:
            return
        self._shown = now
        self._write("\r\x1b[K" + said(progress))
        sys.stderr.flush()

    def end(self) -> None:
        """Wipe the line."""
        self._write("\r\x1b[K")
        sys.stderr.flush()


def said(progress: Progress) -> str:
    """Return how far a critic is, on one line."""
    total = f" of {progress.chains_total}" if progress.chains_total is not None else ""
    parts = [
        f"{progress.chains_done}{total} readings",
        f"{progress.steps} steps",
        f"{progress.tokens_per_s:.0f} tokens/s",
        f"waiting for tools {_share(progress.tool_s, progress.chain_s):.0f} %",
    ]
    if progress.left_s is not None:
        parts.append(f"{progress.left_s:.0f} s left")
    return " · ".join(parts)


def _share(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole > 0 else 0.0
