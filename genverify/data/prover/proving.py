"""Claims to labels by a theorem prover: ``coqc``, where it is installed, with every step proved apart from the others.

The labels are those of FoVer's proof arm with its defects mended: a proof that is found makes a step right, one that is
not found says nothing, and only a proof of the opposite makes a step wrong. A time-out is never a verdict.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from pathlib import Path
from typing import Final

from genverify.data.prover import coq
from genverify.data.prover.coq import Hole, UnsupportedError
from genverify.data.values import StepLabel
from genverify.types import Claim

_SOURCE: Final = "prover"
_OUTPUT_KEPT: Final = 20_000
"""Most characters read of what the prover prints."""
_FILE_BLOCKS: Final = 1 << 15
"""Most blocks of 512 bytes in a file it writes: 16 MiB; a compiled theory takes some KiB."""


class Run(StrEnum):
    """How one run of the prover ended."""

    DONE = "done"
    FAILED = "failed"
    """It found something that does not hold up: a tactic failed, or the file is malformed."""
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    """Ended by a signal or for want of memory."""


@dataclass(frozen=True, slots=True)
class Prover:
    """Proves claims, one process at a time."""

    deadline_s: float = 20.0
    """Seconds after which one run is killed, above 0; loading the libraries alone takes one to two."""
    memory_mib: int = 2048
    """Address space of one run in MiB; Coq's own libraries take some 600."""
    program: str | None = None
    """The prover; None looks for ``coqc`` on the path."""

    @property
    def path(self) -> str | None:
        """Return where the prover is; None if it is not installed."""
        return shutil.which(self.program or "coqc")

    def label(self, claims: Sequence[Claim]) -> list[StepLabel]:
        """Return a label for each claim, each a step of one solution.

        As in FoVer's proof arm: all steps admitted (a failure is a malformed file), then all active, then each alone.
        """
        if self.path is None:
            return [_open(f"{self.program or 'coqc'} is not installed")] * len(claims)
        found: dict[int, StepLabel] = {}
        holes: dict[int, Hole] = {}
        for place, claim in enumerate(claims):
            try:
                holes[place] = coq.hole(claim, place)
            except UnsupportedError as error:
                found[place] = _open(str(error))
        for computes in (False, True):  # libraries of numbers take a second to load, which logic can do without
            found |= self._decided({place: hole for place, hole in holes.items() if hole.computes is computes})
        return [found[place] for place in range(len(claims))]

    def _decided(self, holes: dict[int, Hole]) -> dict[int, StepLabel]:
        if not holes:
            return {}
        steps = tuple(holes.values())
        admitted, _ = self._run(coq.theory(steps, active=()))
        if admitted is not Run.DONE:
            return dict.fromkeys(holes, _open(f"all steps admitted: {admitted}"))
        everything, _ = self._run(coq.theory(steps, active=steps))
        if everything is Run.DONE:
            ends = dict.fromkeys(holes, Run.DONE)
        else:
            ends = {place: self._run(coq.theory(steps, active=(hole,)))[0] for place, hole in holes.items()}
        vacuous = self._vacuous([holes[place] for place, end in ends.items() if end is Run.DONE])
        return {place: self._label(hole, ends[place], vacuous) for place, hole in holes.items()}

    def _label(self, hole: Hole, end: Run, vacuous: frozenset[int] | None) -> StepLabel:
        if end is Run.DONE:
            if vacuous is None:
                return _open("whether its premises agree could not be told")
            return _open("vacuous") if hole.number in vacuous else StepLabel(True, _SOURCE)
        if hole.opposite and self._run(coq.refutation(hole))[0] is Run.DONE:
            return StepLabel(False, _SOURCE, "its opposite is proved")
        return _open("not proved" if end is Run.FAILED else str(end))

    def _vacuous(self, holes: Sequence[Hole]) -> frozenset[int] | None:
        """Return the numbers of the holes whose premises are found to contradict each other; None if the run failed."""
        asked = [hole for hole in holes if hole.premises]
        if not asked:
            return frozenset()
        end, printed = self._run(coq.contradictions(asked))
        return coq.marked(printed) if end is Run.DONE else None

    def _run(self, theory: str) -> tuple[Run, str]:
        """Check one file in a folder of its own; return how that ended and what was printed."""
        with tempfile.TemporaryDirectory(prefix="genverify-prover-") as folder:
            (Path(folder) / "theory.v").write_text(theory, encoding="utf-8")
            end = self._wait(folder)
            with (Path(folder) / "printed").open(encoding="utf-8", errors="replace") as stream:
                return end, stream.read(_OUTPUT_KEPT)

    def _wait(self, folder: str) -> Run:
        limits = f"ulimit -v {self.memory_mib * 1024}; ulimit -f {_FILE_BLOCKS}; ulimit -c 0; "
        limits += f"ulimit -t {1 + ceil(self.deadline_s)}; "  # ends it, too, when whoever waits for it has been killed
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": folder, "TMPDIR": folder}
        with (Path(folder) / "printed").open("wb") as printed:
            process = subprocess.Popen(
                ["/bin/sh", "-c", limits + 'exec "$0" -q theory.v', str(self.path)],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                code = process.wait(self.deadline_s)
            except subprocess.TimeoutExpired:
                return Run.TIMEOUT
            finally:
                _end(process)
        return Run.DONE if code == 0 else Run.FAILED if code == 1 else Run.CRASHED


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process with all that it started, whether it has ended or not."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait()


def _open(reason: str) -> StepLabel:
    return StepLabel(None, _SOURCE, reason)
