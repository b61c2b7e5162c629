"""The same systems on the transformers engine in real time: a small model with random weights, lengths from a trace.

The model draws its own letters, as many as the trace says; the tags by which a part of a critique ends are put after
them. So all that costs anything is real: reading, writing, what the engine has kept of a chain, and Python.
"""

import asyncio
import gc
import json
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from critic_baselines import Seen
from critic_trace import Lengths, SlowTools, Trace, drawn

from genverify.engines.base import Completion, Engine, Finish, Request, Sampling

LENGTHS: Final = Lengths(
    analysis=24, block=14, final=4, least=(4, 4, 2), steps=(2, 3), mean_steps=3, problem=60, step=40
)
"""A sixth of those of GenPRM: a CPU writes slowly. Waiting is shortened, too."""
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


def real(quick: bool, shape: str = "tiny", device: str = "auto") -> dict[str, Any]:
    """Measure on the transformers engine; without it installed, say so."""
    try:
        import transformers
    except ImportError:
        return {"not_measured": "transformers is not installed"}
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder:
        write_model(shape, Path(folder))
        return asyncio.run(_measured(quick, shape, folder, device))


async def _measured(quick: bool, shape: str, folder: str, device: str) -> dict[str, Any]:
    import critic

    from genverify.engines.transformers import TransformersEngine

    large = device not in ("auto", "cpu")
    slots, scale = (128, 1.0) if large else (8, 0.05)
    lengths = replace(Lengths(), least=(4, 4, 2), steps=(2, 10)) if large else LENGTHS
    solutions, samples = (64, 8) if large else (6, 2) if quick else (12, 2)
    trace, calm = (
        drawn(solutions, samples, seed=critic.SEED, hangs=h, letters=1, lengths=lengths) for h in (critic.HANGS, 0.0)
    )
    systems = {
        "bare": critic.bare_of(slots),
        "genverify": critic.genverify_of(critic.Setting(max_chains=slots)),
        "B1p": critic.lock_step_of(slots, critic.ALL),
        f"B1p, rounds of {slots}": critic.lock_step_of(slots, slots),
        "B1": critic.lock_step_of(1, critic.ALL),
        "B0": critic.SYSTEMS["B0"],
    }
    if quick:
        systems = {name: systems[name] for name in ("bare", "genverify", "B1p")}
    engine = TransformersEngine(folder, slots=slots, device=device)

    async def once(name: str, latency_s: float) -> dict[str, Any]:
        used = calm if name == "bare" else trace
        tools = SlowTools(used, scale * latency_s, scale * (latency_s + critic.STUCK_S))
        seen, clock = Seen(), asyncio.get_running_loop().time
        gc.collect()
        started, cpu = clock(), time.process_time()
        await systems[name].drive(used, Traced(engine, used), tools, seen)
        seconds, cpu = clock() - started, time.process_time() - cpu
        return critic.figures(seen, tools, seconds) | {"cpu_s_per_1000_tokens": round(1000 * cpu / seen.tokens, 3)}

    found: dict[str, Any] = {
        "engine": dict(engine.provenance()) | {"model": f"random weights, shape {shape}", "revision": ""},
        "slots": slots,
        "scale_of_all_waiting": scale,
        "hangs": critic.HANGS,
        "trace": critic.described(trace),
        "rounds": "the systems in turn, three times; B0 and B1 once; figures are those of the median round",
        "latencies": {},
    }
    try:
        await once("bare", 0.0)  # the first run fills what the library keeps
        for latency in (1.0,) if quick else (0.0, 1.0):
            rounds: list[dict[str, dict[str, Any]]] = []
            for turn in range(1 if quick else 3):
                names = [name for name in systems if turn == 0 or name not in ("B0", "B1")]
                rounds.append({name: await once(name, latency) for name in names})
            found["latencies"][f"{latency:g} s"] = rows = _medians(rounds)
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
    found["genverify_to"] = ratios | {
        "bare, in processor time": round(
            statistics.median(
                r["bare"]["cpu_s_per_1000_tokens"] / r["genverify"]["cpu_s_per_1000_tokens"] for r in rounds
            ),
            3,
        )
    }
    return found
