"""Labelled examples train a critic, and a run goes on where it was stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from training import HERE, QUIET, example, tokenizer, trains, written

from genverify import cli
from genverify.errors import RecordError, UsageError
from genverify.train.config import Dpo, Sft
from genverify.train.heldout import auroc
from genverify.train.talks import Style, of_example


def settings(tiny: Path, folder: Path, **more: Any) -> Sft:
    data = written(folder / "data.jsonl", *(example(n, wrong=bool(n % 2)) for n in range(8)))
    values = {"dtype": "float32", "log_every": 1, "learning_rate": 0.01, "batch": 4, "accumulate": 1, "rank": 8}
    return Sft(model=str(tiny), data=(str(data),), out=str(folder / "out"), **{**values, **more})


@trains
@QUIET
@pytest.mark.parametrize("method", ["lora", "full"])
def test_eight_records_are_learned_by_heart(tiny: Path, tmp_path: Path, method: str) -> None:
    from genverify.train.onepass import OnePass
    from genverify.train.sft import sft

    apart = written(tmp_path / "held.jsonl", example(20), example(21, wrong=False))
    rate = 0.01 if method == "lora" else 0.003
    run = settings(tiny, tmp_path, method=method, held=(str(apart),), steps=60, learning_rate=rate, form="verdict")
    ended = sft(run)
    assert ended.loss < 0.05
    assert ended.held is not None
    assert ended.held.steps == 6
    folder = Path(ended.model)
    assert (folder / ("adapter_config.json" if method == "lora" else "config.json")).is_file()
    reader = OnePass(str(tiny), folder, "float32") if method == "lora" else OnePass(str(folder), dtype="float32")
    for n in range(8):
        one = example(n, wrong=bool(n % 2))
        found = reader.read(one.problem.text, [step.text for step in one.steps])
        assert [r.verdict > 0 for r in found] == [step.label.right is not False for step in one.steps]
    log = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").read_text().splitlines()]
    assert log[0]["loss"] > 10 * ended.loss
    assert json.loads((tmp_path / "out" / "result.json").read_text())["steps"] == 60


@trains
@QUIET
def test_a_run_that_was_killed_ends_as_if_it_had_not_been(tiny: Path, tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    from safetensors.torch import load_file

    from genverify.train.sft import sft

    whole = settings(tiny, tmp_path, steps=12, save_every=2)
    sft(replace(whole, out=str(tmp_path / "whole")))
    config = tmp_path / "run.yaml"
    config.write_text(
        f"model: {tiny}\ndata: data.jsonl\nout: killed\nsteps: 12\nsave_every: 2\ndtype: float32\nlog_every: 1\n"
        "learning_rate: 0.01\nbatch: 4\naccumulate: 1\nrank: 8\n"
    )
    command = [sys.executable, "-m", "genverify", "train", "sft", str(config), "--json"]
    one = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=one)
    until = time.monotonic() + 110
    while not list((tmp_path / "killed").glob("checkpoint-*")) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=one)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["steps"] == 12
    alone, twice = (load_file(tmp_path / name / "model" / "adapter_model.safetensors") for name in ("whole", "killed"))
    assert alone.keys() == twice.keys()
    assert all((alone[name] - twice[name]).abs().max() < 1e-5 for name in alone)


@trains
@QUIET
def test_the_loss_is_that_of_a_whole_head(tiny: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    from genverify.train import models, trainers
    from genverify.train.encode import IGNORED, Encoder

    run = settings(tiny, tmp_path, verdict_weight=3.0, step_weight=0.5, digit_weight=0.75, contrast_weight=0.25)
    encoder = Encoder(tokenizer(tiny))
    data = [encoder(of_example(example(n), "explained", Style(corrected=True))) for n in range(2)]
    model = AutoModelForCausalLM.from_pretrained(tiny)
    trainer = trainers.sft(run, models.prepared(run, model), tokenizer(tiny), encoder.words, data, [])
    digits = trainers.digit_tokens(tokenizer(tiny))
    assert {tokenizer(tiny).decode([token]) for token in digits} >= set("0123456789")
    batch = trainers.collate([trainers.row(e, trainers.Weights(3.0, 0.5, 0.75), digits) for e in data])
    with torch.inference_mode():
        ours = float(trainer.compute_loss(trainer.model, batch))
        seen = {name: batch[name] for name in ("input_ids", "position_ids")}
        mask = trainers.additive(batch["attention_mask"], trainer.model)
        whole = trainer.model(**seen, attention_mask=mask).logits[:, :-1].log_softmax(-1)
    labels, weights = batch["labels"][:, 1:], batch["weights"][:, 1:]
    there = labels != IGNORED
    losses = -whole.gather(-1, labels.clamp(min=0)[..., None])[..., 0]
    expected = float((losses * weights)[there].sum() / there.sum())
    costs = -whole.gather(-1, batch["input_ids"][:, 1:, None])[..., 0]
    for n, record in enumerate(data):
        assert record.fork is not None
        text = tokenizer(tiny).convert_ids_to_tokens(record.tokens)
        right = [p for p in record.steps if p >= record.fork[1] and text[p].isdigit()]
        wrong = [p for p in record.wrong if p >= record.fork[0] and text[p].isdigit()]
        assert "".join(text[p] for p in wrong) in (f"5{8 + n}", f"{8 + n}")
        gap = sum(costs[n, p - 1] for p in right) - sum(costs[n, p - 1] for p in wrong)
        expected += 0.25 * float(torch.nn.functional.softplus(gap)) / 2
    assert ours == pytest.approx(expected, rel=1e-4)


@trains
def test_two_processes_train_together(tiny: Path, tmp_path: Path) -> None:
    run = settings(tiny, tmp_path)
    config = tmp_path / "run.yaml"
    config.write_text(
        f"model: {tiny}\ndata: {run.data[0]}\nheld: {written(tmp_path / 'held.jsonl', example(20))}\nout: out\n"
        "steps: 3\nform: verdict\ndtype: float32\nlog_every: 1\nlearning_rate: 0.01\nbatch: 2\naccumulate: 1\n"
    )
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m", "genverify"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *launch, "train", "sft", str(config)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["steps"] == 3
    assert result["held"]["steps"] == 3


@trains
@QUIET
def test_what_is_measured_is_what_one_pass_reads(tiny: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    from genverify.train import models, trainers
    from genverify.train.encode import Encoder
    from genverify.train.onepass import OnePass

    held = [example(n, wrong=bool(n % 2)) for n in range(5)]
    encoder = Encoder(tokenizer(tiny))
    apart = [encoder(of_example(e, "verdict", Style())) for e in held]
    run = settings(tiny, tmp_path)
    model = models.prepared(run, AutoModelForCausalLM.from_pretrained(tiny))
    found = trainers.sft(run, model, tokenizer(tiny), encoder.words, apart, apart).measured()
    odds: dict[bool, list[float]] = {True: [], False: []}
    likely: dict[bool, list[float]] = {True: [], False: []}
    reader = OnePass(str(tiny), dtype="float32")
    for one in held:
        for reading, step in zip(reader.read(one.problem.text, [s.text for s in one.steps]), one.steps, strict=True):
            odds[step.label.right is not False].append(reading.verdict)
            likely[step.label.right is not False].append(-sum(reading.numbers))
    assert found.step_auroc == pytest.approx(auroc(odds[True], odds[False]))
    assert found.surprise_auroc == pytest.approx(auroc(likely[True], likely[False]))
    assert found.steps == 15


@trains
def test_a_problem_that_is_held_out_must_not_be_trained_on(tiny: Path, tmp_path: Path) -> None:
    from genverify.train.sft import sft

    run = settings(tiny, tmp_path)
    with pytest.raises(UsageError, match="8 problems are both in the data and held out"):
        sft(replace(run, held=run.data))
    with pytest.raises(UsageError, match="none of the 8 records has at most 16 tokens"):
        sft(replace(run, max_tokens=16))


@trains
@QUIET
def test_preferences_are_learned(tiny: Path, tmp_path: Path) -> None:
    from genverify.train.dpo import dpo

    pair = {"prompt": "Is 3 + 5 = 9?", "chosen": " No", "rejected": " Yes"}
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps({**pair, "prompt": f"{n} = 9?"}) + "\n" for n in range(4)))
    ended = dpo(
        Dpo(model=str(tiny), data=(str(tmp_path / "pairs.jsonl"),), out=str(tmp_path / "out"), dtype="float32",
            steps=20, batch=4, accumulate=1, learning_rate=0.01, log_every=5)
    )  # fmt: skip
    assert ended.records == 4
    assert ended.loss is not None
    assert ended.loss < 0.3  # ln 2 = 0.69 at the start
    assert ended.accuracy == 1.0


def test_a_line_that_is_no_pair_is_named(tmp_path: Path) -> None:
    from genverify.train.dpo import pairs

    for line in ('{"prompt": "a", "chosen": "b"}', '{"prompt": "a", "chosen": ["b"], "rejected": "c"}', "x"):
        (tmp_path / "a.jsonl").write_text(line)
        with pytest.raises(RecordError, match=r"a\.jsonl:1: expected"):
            list(pairs(tmp_path / "a.jsonl"))


def test_the_command_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not HERE:
        pytest.skip("needs the extra train")
    (tmp_path / "a.yaml").write_text("model: embedded\n")
    assert cli.main(["train", "sft", str(tmp_path / "a.yaml")]) == cli.EXIT_USAGE
    assert "'data' is missing" in capsys.readouterr().err
    assert cli.main(["train", "sft", str(tmp_path / "none.yaml")]) == cli.EXIT_USAGE
