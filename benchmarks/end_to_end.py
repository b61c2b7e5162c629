"""The embedded model as a critic of real solutions, by every engine installed; writes ``results/end_to_end.json``.

::

    python benchmarks/end_to_end.py --data FOLDER [--rows 20] [--engines llamacpp,vllm] [--protocols native,genprm]

Each protocol reads the first rows of ``processbench_gsm8k.jsonl`` through each engine, its code run in confined
kernels, all of it written to a transcript. Three things are then compared: whether the engines were sent the same
opening prompts, whether replaying a transcript without any model comes to the same verdicts, and how many critiques
of two engines are the same text. The verdicts say little: by prompt alone this model judges at chance.

With ``--keep FOLDER`` what is done stays there, and the same command goes on where it was stopped.
"""

import argparse
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import record

from genverify.bench import processbench
from genverify.engines.base import Engine, Request
from genverify.engines.llamacpp import LlamaCppEngine, embedded_file
from genverify.engines.replay import read_requests
from genverify.protocols import loading, recording
from genverify.tools.kernels import KernelPool
from genverify.types import Critique, Failure, Report
from genverify.verifier import Verifier

FILE: Final = "processbench_gsm8k.jsonl"
ENGINES: Final = ("llamacpp", "llamacpp-server", "vllm", "vllm-server")
MAX_TOKENS: Final = 256
"""Tokens of one answer: this model repeats itself without end where it is not cut off."""
CONTEXT: Final = 4096
SEED: Final = 0
_START_S: Final = 180.0  # a server that has not answered by then will not


def main() -> None:
    """Run, compare, and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("GENVERIFY_DATA"), help=f"the folder with {FILE}")
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--engines", default=",".join(ENGINES), help="those not installed are left out, and said")
    parser.add_argument("--protocols", default="native,genprm")
    parser.add_argument("--keep", type=Path, help="a folder for transcripts and figures; else they are dropped")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "end_to_end.json")
    args = parser.parse_args()
    if args.data is None:
        parser.error("name the folder of labelled data with --data, or in GENVERIFY_DATA")
    rows = processbench.read_rows(Path(args.data) / FILE)[0][: args.rows]
    result = record.circumstances() | {"file": FILE, "rows": len(rows), "max_tokens": MAX_TOKENS, "seed": SEED}
    with tempfile.TemporaryDirectory() as dropped:
        folder = args.keep or Path(dropped)
        for protocol in args.protocols.split(","):
            result[protocol] = measured(protocol, args.engines.split(","), rows, folder)
    record.write(args.out, result)


def measured(
    protocol: str, engines: Sequence[str], rows: Sequence[processbench.Labelled], folder: Path
) -> dict[str, Any]:
    """Return what each engine came to, and what two of them have in common."""
    figures: dict[str, Any] = {}
    reports: dict[str, list[Report | Failure]] = {}
    for name in engines:
        if missing := _missing(name):
            figures[name] = {"not_run": f"{missing} is not installed"}
        else:
            place = folder / f"{protocol}-{name}"
            figures[name], reports[name] = _judged(protocol, name, rows, place)
        print(f"{protocol}  {name}: {json.dumps(figures[name])}", flush=True)
    asked = {name: openings(read_requests(folder / f"{protocol}-{name}" / recording.ENGINE_FILE)) for name in reports}
    pairs = [(one, other) for i, one in enumerate(reports) for other in list(reports)[i + 1 :]]
    compared = {
        f"{one} and {other}": {
            "opening_prompts": [len(asked[one]), len(asked[other])],
            "the_same": len(asked[one] & asked[other]),
            **_alike(reports[one], reports[other]),
        }
        for one, other in pairs
    }
    print(f"{protocol}: {json.dumps(compared)}", flush=True)
    return {"engines": figures, "compared": compared}


def openings(requests: Sequence[Request]) -> set[str]:
    """Return what an engine was asked before any word of the model stood in a prompt: what no other prompt begins."""
    asked = {
        "\0".join([*(f"{turn.role}: {turn.content}" for turn in request.prompt), request.prefix])
        for request in requests
        if not isinstance(request.prompt, str) and all(turn.role != "assistant" for turn in request.prompt)
    }
    firsts: list[str] = []
    for prompt in sorted(asked):  # a text sorts right before those that go on from it
        if not firsts or not prompt.startswith(firsts[-1].removesuffix("\0")):
            firsts.append(prompt)
    return set(firsts)


def _judged(
    protocol: str, name: str, rows: Sequence[processbench.Labelled], place: Path
) -> tuple[dict[str, Any], list[Report | Failure]]:
    """Return figures and reports of one run; one that ended before is not run again: its reports are replayed."""
    done = place / "figures.json"
    if done.exists():
        return json.loads(done.read_text(encoding="utf-8")), _replayed(protocol, rows, place)
    shutil.rmtree(place, ignore_errors=True)  # a transcript that was cut off
    started = time.perf_counter()
    with ExitStack() as stack:
        pool = stack.enter_context(KernelPool())
        engine = stack.enter_context(_running(name))
        recorded, kernels = stack.enter_context(recording.record(engine, pool, place))
        reports = _read(protocol, rows, engine=recorded, kernels=kernels)
        said = dict(engine.provenance())
    seconds = round(time.perf_counter() - started, 1)
    again = _replayed(protocol, rows, place)
    figures = {"engine": said, "seconds": seconds, **_figures(rows, reports), "replay": _alike(reports, again)}
    done.write_text(json.dumps(figures), encoding="utf-8")
    return figures, reports


def _replayed(protocol: str, rows: Sequence[processbench.Labelled], place: Path) -> list[Report | Failure]:
    engine, kernels = recording.replay(place)
    return _read(protocol, rows, engine=engine, kernels=kernels)


def _read(protocol: str, rows: Sequence[processbench.Labelled], **parts: Any) -> list[Report | Failure]:  # noqa: ANN401
    spoken = loading.load(protocol, max_tokens=MAX_TOKENS)
    with Verifier(protocol=spoken, seed=SEED, own_engine=True, **parts) as verifier:
        return list(verifier.critique_many((row.problem, row.solution) for row in rows))


def _figures(rows: Sequence[processbench.Labelled], reports: Sequence[Report | Failure]) -> dict[str, Any]:
    judged = [(row.label, r.first_error) for row, r in zip(rows, reports, strict=True) if isinstance(r, Report)]
    critiques = _critiques(reports)
    located = [said == label for label, said in judged if label >= 0]
    left_alone = [said is None for label, said in judged if label < 0]
    statuses = [run.status for critique in critiques for run in critique.code]
    return {
        "steps": sum(len(row.solution.steps) for row in rows),
        "critiques": len(critiques),
        "unparsed": sum(c.p_correct is None for c in critiques),
        "failures": [f"{f.where}: {f.what}" for r in reports for f in (r.failures if isinstance(r, Report) else (r,))],
        "programs": {status: statuses.count(status) for status in sorted(set(statuses))},
        "checks_of_the_model": sum(len(c.checks) for c in critiques),
        "completion_tokens": sum(r.cost.completion_tokens for r in reports if isinstance(r, Report)),
        "first_error_located": [sum(located), len(located)],
        "left_alone": [sum(left_alone), len(left_alone)],
    }


def _critiques(reports: Sequence[Report | Failure]) -> list[Critique]:
    return [c for r in reports if isinstance(r, Report) for step in r.steps for c in step.critiques]


def _alike(one: Sequence[Report | Failure], other: Sequence[Report | Failure]) -> dict[str, int]:
    """Count the critiques of two runs whose text is the same, and those of them whose probability is."""
    mine, theirs = ({(i, c.step): c for i, r in enumerate(rs) for c in _critiques([r])} for rs in (one, other))
    same = [(c, theirs[key]) for key, c in mine.items() if key in theirs and theirs[key].text == c.text]
    return {
        "critiques": len(mine.keys() | theirs.keys()),
        "same_text": len(same),
        "same_text_and_probability": sum(_equal(a.p_correct, b.p_correct) for a, b in same),
    }


def _equal(one: float | None, other: float | None) -> bool:
    return one == other if one is None or other is None else abs(one - other) < 1e-3


def _missing(name: str) -> str:
    module = {"llamacpp": "xllamacpp", "vllm": "vllm"}[name.partition("-")[0]]
    return "" if importlib.util.find_spec(module) else module


@contextmanager
def _running(name: str) -> Iterator[Engine]:
    """Give the embedded model, run by the engine ``name``; whoever uses it closes it."""
    if name == "llamacpp":
        yield LlamaCppEngine(embedded_file())
    elif name == "vllm":
        from genverify.engines.vllm import VllmEngine

        os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "2")
        yield VllmEngine(str(embedded_file()), dtype="float32", context=CONTEXT)
    else:
        from genverify.engines.openai import OpenAIEngine

        with _serving(_program(name)) as address:
            yield OpenAIEngine("smollm2", address)


def _program(name: str) -> list[str]:
    if name == "llamacpp-server":
        return [sys.executable, __file__, "--serve"]
    from genverify.engines.gguf import as_folder

    how = f"--served-model-name smollm2 --dtype float32 --max-model-len {CONTEXT} --enforce-eager --block-size 32"
    how += " --no-enable-chunked-prefill"  # as VllmEngine does on a CPU, and says why
    folder = str(as_folder(embedded_file()))
    return [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", folder, *how.split()]


@contextmanager
def _serving(program: Sequence[str]) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment: Mapping[str, str] = {"VLLM_CPU_KVCACHE_SPACE": "2", **os.environ}
    process = subprocess.Popen(
        [*program, "--host", "127.0.0.1", "--port", str(port)],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + _START_S
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{program[1:3]} does not serve: exit code {process.poll()}")
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health").close()
    except urllib.error.URLError:
        return False
    return True


def serve(port: int) -> None:
    """Serve the embedded model by llama.cpp's own HTTP server, until killed."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(embedded_file())
    params.n_parallel, params.n_ctx = 4, 4 * CONTEXT
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = max(1, (os.cpu_count() or 1) - 1)  # they spin
    params.hostnames, params.port, params.verbosity = ["127.0.0.1"], port, 0
    server = xllamacpp.Server(params)
    while server:
        time.sleep(3600)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[-1]))
    main()
