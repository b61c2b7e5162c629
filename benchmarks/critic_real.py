"""The same systems on a real engine in real time: a small model with random weights, lengths from a trace.

The model draws its own letters, as many as the trace says; the tags by which a part of a critique ends are put after
them. So all that costs anything is real: reading, writing, what the engine has kept of a chain, and Python.
"""

import asyncio
import gc
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from critic_baselines import Seen
from critic_trace import Lengths, SlowTools, Trace, drawn

from genverify.critic import MAX_CHAINS
from genverify.engines.base import Completion, Engine, Finish, Request, Sampling


@dataclass(frozen=True, slots=True)
class Setup:
    """How much is read, and how much at once."""

    slots: int
    """Texts that the engine works on at once."""
    chains: int
    """Chains under way, those that wait for tools among them: what genverify takes by itself for this engine."""
    solutions: int
    samples: int
    lengths: Lengths
    waiting: float = 1.0
    """Latencies and limits of tools are multiplied by this."""
    rounds: int = 3
    """How often the systems are measured in turn."""


SHORT: Final = Lengths(analysis=24, block=14, final=4, least=(4, 4, 2), steps=(2, 3), mean_steps=3, problem=60, step=40)
"""A sixth of those of GenPRM: transformers writes slowly on a CPU. Waiting is shortened, too."""
WHOLE: Final = replace(Lengths(), least=(4, 4, 2), steps=(2, 10))
SETUPS: Final = {
    ("transformers", "cpu"): Setup(8, 8, 12, 2, SHORT, waiting=0.05),
    ("transformers", "cuda"): Setup(128, 128, 64, 8, WHOLE),
    ("vllm", "cpu"): Setup(16, MAX_CHAINS, 24, 4, WHOLE, rounds=2),
    ("vllm", "cuda"): Setup(192, MAX_CHAINS, 256, 4, WHOLE),
}
"""By engine and device."""
SHAPES: Final[Mapping[str, Mapping[str, int]]] = {
    "tiny": {
        "hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 4,
        "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 260,
    },
    "1.5b": {
        "hidden_size": 1536, "intermediate_size": 8960, "num_hidden_layers": 28,
        "num_attention_heads": 12, "num_key_value_heads": 2, "vocab_size": 151936,
    },
}  # fmt: skip
"""``1.5b`` is that of Qwen2.5-Math-1.5B, on which GenPRM-1.5B stands."""
TEMPLATE: Final = "{% for m in messages %}{{ '[' + m['role'] + ']' + m['content'] }}{% endfor %}"
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz "


def write_model(shape: str, folder: Path) -> None:
    """Write a model of random weights whose every token is a byte and which writes nothing but small letters."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(7)
    signs = ["<end>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    cut = Tokenizer(models.BPE(vocab={sign: i for i, sign in enumerate(signs)}, merges=[]))
    cut.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    cut.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=cut, eos_token="<end>", chat_template=TEMPLATE)
    config = Qwen2Config(
        **SHAPES[shape], max_position_embeddings=8192, tie_word_embeddings=False, eos_token_id=0, bos_token_id=None
    )
    model = Qwen2ForCausalLM(config)
    kept = tokenizer(_LETTERS, add_special_tokens=False).input_ids
    with torch.no_grad():  # the likeliest of 27 random letters is above zero; all other tokens lie at zero
        rows = torch.zeros_like(model.lm_head.weight)
        rows[kept] = torch.randn(len(kept), rows.shape[1])
        model.lm_head.weight.copy_(rows)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@dataclass(frozen=True, slots=True)
class Traced:
    """An engine that writes as much as the trace says."""

    inner: Engine
    trace: Trace
    capabilities: frozenset[str] = frozenset({"messages", "prefix", "choices", "seed"})

    async def complete(self, request: Request) -> Completion:
        """Have the model write its share, and end it as the trace does."""
        if request.choices:
            return await self.inner.complete(request)
        tokens, close = self.trace.written(request)
        opening = self.trace.opening(request)
        sampling = Sampling(max_tokens=tokens)
        made = await self.inner.complete(
            replace(request, prefix=request.prefix + opening, stop=(), sampling=sampling)
        )  # fmt: skip
        if made.completion_tokens != tokens:
            raise RuntimeError(f"the model wrote {made.completion_tokens} tokens, not {tokens}")
        stop = next(stop for stop in request.stop if close.endswith(stop))
        return replace(made, text=opening + made.text + close, finish=Finish.STOP, stop=stop)

    def provenance(self) -> Mapping[str, str]:
        """Return the model's."""
        return self.inner.provenance()

    async def aclose(self) -> None:
        """Leave the engine open: it serves the next run."""


def real(quick: bool, shape: str = "tiny", device: str = "cpu", engine: str = "transformers") -> dict[str, Any]:
    """Measure on an engine; without it installed, say so."""
    if not all(map(importlib.util.find_spec, {"transformers", engine})):
        return {"not_measured": f"{engine} is not installed"}
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder:
        write_model(shape, Path(folder))
        return asyncio.run(_measured(quick, shape, folder, device, engine))


def _engine(name: str, folder: str, device: str, slots: int) -> Any:  # noqa: ANN401 - engines have more than Engine
    if name == "vllm":
        from genverify.engines.vllm import VllmEngine

        os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "4")
        dtype = "float32" if device == "cpu" else "bfloat16"
        return VllmEngine(folder, dtype=dtype, settings={"max_num_seqs": slots})
    from genverify.engines.transformers import TransformersEngine

    return TransformersEngine(folder, slots=slots, device=device)


async def _measured(quick: bool, shape: str, folder: str, device: str, name_of_engine: str) -> dict[str, Any]:
    import critic

    setup = SETUPS[name_of_engine, device]
    slots, scale, turns = setup.slots, setup.waiting, 1 if quick else setup.rounds
    solutions = setup.solutions // 2 if quick else setup.solutions
    trace, calm = (
        drawn(solutions, setup.samples, seed=critic.SEED, hangs=h, letters=1, lengths=setup.lengths)
        for h in (critic.HANGS, 0.0)
    )
    systems = {
        "bare": critic.bare_of(setup.chains),
        "genverify": critic.genverify_of(critic.Setting(max_chains=setup.chains)),
        "B1p": critic.lock_step_of(slots, critic.ALL),
        f"B1p, rounds of {slots}": critic.lock_step_of(slots, slots),
        "B1": critic.lock_step_of(1, critic.ALL),
        "B0": critic.SYSTEMS["B0"],
    }
    if quick:
        systems = {name: systems[name] for name in ("bare", "genverify", "B1p")}
    engine = _engine(name_of_engine, folder, device, slots)

    async def once(name: str, latency_s: float) -> dict[str, Any]:
        used = calm if name == "bare" else trace
        tools = SlowTools(used, scale * latency_s, scale * (latency_s + critic.STUCK_S))
        seen, clock = Seen(), asyncio.get_running_loop().time
        gc.collect()
        with busy_gpu(device) as samples:
            started, cpu = clock(), time.process_time()
            await systems[name].drive(used, Traced(engine, used), tools, seen)
            seconds, cpu = clock() - started, time.process_time() - cpu
        return critic.figures(seen, tools, seconds) | {
            "cpu_s_per_1000_tokens": round(1000 * cpu / seen.tokens, 3),
            "gpu_busy": round(statistics.fmean(samples) / 100, 3) if samples else None,
        }

    found: dict[str, Any] = {
        "engine": dict(engine.provenance()) | {"model": f"random weights, shape {shape}", "revision": ""},
        "slots": slots,
        "chains_at_once": setup.chains,
        "scale_of_all_waiting": scale,
        "hangs": critic.HANGS,
        "trace": critic.described(trace),
        "rounds": f"the systems in turn, {turns} times; B0 and B1 once; figures are those of the median round",
        "latencies": {},
    }
    try:
        await once("bare", 0.0)  # the first run fills what the library keeps
        for latency in (1.0,) if quick else (0.0, 1.0):
            rounds: list[dict[str, dict[str, Any]]] = []
            for turn in range(turns):
                names = [name for name in systems if turn == 0 or name not in ("B0", "B1")]
                rounds.append({name: await once(name, latency) for name in names})
            found["latencies"][f"{latency:g} s"] = rows = _medians(rounds)
            if name_of_engine == "transformers":  # which computes in this process
                rows["genverify_to"]["bare, in processor time"] = _to_bare_in_processor_time(rounds)
            for name in systems:
                critic.show(f"real, {latency:g} s  {name}", rows[name], rows["bare"]["tokens_per_s"])
            print(f"real, {latency:g} s  genverify to {json.dumps(rows['genverify_to'])}", flush=True)
    finally:
        await engine.aclose()
    return found


def _medians(rounds: list[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """Return for each system its median round, and genverify's tokens a second to it, round by round."""
    found: dict[str, Any] = {}
    ratios: dict[str, float] = {}
    for name in rounds[0]:
        rows = sorted((r[name] for r in rounds if name in r), key=lambda row: float(row["tokens_per_s"]))
        found[name] = rows[len(rows) // 2]
        pairs = [r["genverify"]["tokens_per_s"] / r[name]["tokens_per_s"] for r in rounds if name in r]
        ratios[name] = round(statistics.median(pairs), 3)
    found["genverify_to"] = ratios
    return found


def _to_bare_in_processor_time(rounds: list[dict[str, dict[str, Any]]]) -> float:
    cost = "cpu_s_per_1000_tokens"
    return round(statistics.median(float(r["bare"][cost] / r["genverify"][cost]) for r in rounds), 3)


@contextmanager
def busy_gpu(device: str) -> Iterator[list[float]]:
    """Give a list that holds, once the context is left, the first GPU's use in percent, two samples a second.

    It stays empty on a CPU, and where there is no ``nvidia-smi``.
    """
    samples: list[float] = []
    program = shutil.which("nvidia-smi") if device == "cuda" else None
    if program is None:
        yield samples
        return
    ask = [program, "--id=0", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "--loop-ms=500"]
    with subprocess.Popen(ask, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield samples
        finally:
            process.terminate()
            said = process.communicate()[0]
            samples += [float(line) for line in said.split() if line.strip().isdigit()]
