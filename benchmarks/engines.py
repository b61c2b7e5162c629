"""Tokens a second of the transformers engine against the library's own ``generate``, same model, texts and lengths.

Texts of very different lengths (4 to 48 tokens), as critiques are. ``generate`` takes them one at a time, and in padded
batches that last until their longest is done; the engine takes all at once. Then chains that grow, with what they have
read kept and not. The ways run in turn, so that whatever else the machine does slows all; figures are kept in
``benchmarks/results/engines.json``::

    python benchmarks/engines.py --rounds 3
"""

import argparse
import asyncio
import itertools
import statistics
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import record

from genverify.engines import Request, Sampling
from genverify.engines.llamacpp import embedded_file
from genverify.engines.transformers import TransformersEngine

LENGTHS = [4, 48, 8, 16, 4, 32, 12, 24, 6, 48, 8, 4, 20, 16, 40, 10]
STARTS = [f"Once upon a time in the year {1900 + i} there" for i in range(2 * len(LENGTHS))]
SLOTS = 16


def lengths(count: int) -> list[int]:
    """Return how many tokens each of the first ``count`` texts gets."""
    return [LENGTHS[i % len(LENGTHS)] for i in range(count)]


def generate(engine: TransformersEngine, texts: list[str], at_once: int) -> int:
    """Write all texts with ``generate`` and return the tokens that count: each text's own length, no pads."""
    import torch

    words, wanted = engine._tokenizer, lengths(len(texts))
    words.padding_side, words.pad_token = "left", words.eos_token
    written = 0
    for i in range(0, len(texts), at_once):
        ids = words(texts[i : i + at_once], return_tensors="pt", padding=True)
        most = max(wanted[i : i + at_once])
        with torch.inference_mode():
            made = engine._model.generate(**ids, max_new_tokens=most, min_new_tokens=most, do_sample=False)
        new = made.shape[1] - ids.input_ids.shape[1]
        written += sum(min(new, n) for n in wanted[i : i + at_once])
    return written


def ours(engine: TransformersEngine, texts: list[str]) -> int:
    """Write all texts with the engine and return the tokens written."""

    async def all_of_them() -> int:
        requests = [
            Request(t, sampling=Sampling(max_tokens=n)) for t, n in zip(texts, lengths(len(texts)), strict=True)
        ]
        return sum(c.completion_tokens for c in await asyncio.gather(*(engine.complete(r) for r in requests)))

    return asyncio.run(all_of_them())


_NEW = itertools.count(2000)


def chains(engine: TransformersEngine, *, anew: bool) -> int:
    """Let 4 chains grow by 3 short texts each; ``anew``: nothing of what was read helps."""

    async def chain(start: str) -> int:
        text, written = start * 12, 0
        for _ in range(3):
            made = await engine.complete(Request(text, sampling=Sampling(max_tokens=12), chain=start))
            text, written = f"{text}{made.text} Then,", written + made.completion_tokens
            if anew:
                text = f"{next(_NEW)} {text}"  # another beginning: no slot has read it
        return written

    starts = [f"In {next(_NEW)} there was a step that followed. " for _ in range(4)]

    async def all_of_them() -> int:
        return sum(await asyncio.gather(*(chain(start) for start in starts)))

    return asyncio.run(all_of_them())


def measure(rounds: int) -> dict[str, object]:
    """Return tokens a second of each way, the median of ``rounds``, and how they relate."""
    engine = TransformersEngine(str(embedded_file()), device="cpu", slots=SLOTS)
    ways: dict[str, Callable[[], int]] = {
        "generate_one_at_a_time": lambda: generate(engine, STARTS[:4], 1),
        "generate_padded_batches": lambda: generate(engine, STARTS, SLOTS),
        "engine": lambda: ours(engine, STARTS),
        "chains_read_anew": lambda: chains(engine, anew=True),
        "chains": lambda: chains(engine, anew=False),
    }
    ours(engine, STARTS[:4])  # the first run pays for what is made once
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = perf_counter()
            tokens = way()
            rates[name].append(tokens / (perf_counter() - start))
    asyncio.run(engine.aclose())
    middle = {name: statistics.median(values) for name, values in rates.items()}
    ratios = {
        "engine_over_one_at_a_time": middle["engine"] / middle["generate_one_at_a_time"],
        "engine_over_padded_batches": middle["engine"] / middle["generate_padded_batches"],
        "chains_over_read_anew": middle["chains"] / middle["chains_read_anew"],
    }
    shown: dict[str, Any] = {name: [round(v, 1) for v in sorted(values)] for name, values in rates.items()}
    return {
        "model": "SmolLM2-135M-Instruct, float32",
        "slots": SLOTS,
        "tokens_per_second_each_round": shown,
        "median_ratios": {name: round(value, 2) for name, value in ratios.items()},
    }


def main() -> None:
    """Measure, write the results, and show them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=record.RESULTS / "engines.json")
    arguments = parser.parse_args()
    result = {**record.circumstances(("torch", "transformers")), **measure(arguments.rounds)}
    record.write(arguments.output, result)
    print(result["tokens_per_second_each_round"], result["median_ratios"])


if __name__ == "__main__":
    main()
