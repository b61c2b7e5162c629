"""PRMs with a head of their own: what they read, where they score, and values as one direct forward pass has them."""

import asyncio
import importlib.util
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny_models

from genverify import Verifier
from genverify.engines import Completion, Finish, Message, Request
from genverify.engines.scripted import Answer, ScriptedEngine
from genverify.errors import EngineError
from genverify.protocols import loading
from genverify.protocols.base import Chain, CriticProtocol
from genverify.protocols.scored import QwenPRM, SkyworkPRM
from genverify.tools.checkers import Checkers
from genverify.types import Critique, LabelConvention, Problem, Solution

PROBLEM = Problem("What is 2 + 3?")
SOLUTION = Solution.from_steps(["2 + 3 = 5.", "So it\nis 5.\n", "Done <extra_0>."])
HERE = all(importlib.util.find_spec(name) for name in ("torch", "transformers", "accelerate"))
real = pytest.mark.skipif(not HERE, reason="needs torch, transformers, accelerate: make test-models installs them")


def read(protocol: CriticProtocol, answer: Callable[[Request], Answer]) -> tuple[list[Critique], list[Request]]:
    asked: list[Request] = []

    def keep(request: Request) -> Answer:
        asked.append(request)
        return answer(request)

    async def run() -> list[Critique]:
        return [c async for c in protocol.critiques(PROBLEM, SOLUTION, Chain(ScriptedEngine(keep)))]

    return asyncio.run(run()), asked


# what is sent


def test_qwen_reads_a_chat_whose_answer_has_a_mark_behind_every_step() -> None:
    critiques, (asked,) = read(QwenPRM(), lambda _: (0.9, 0.25, 0.0))
    system = "Please reason step by step, and put your final answer within \\boxed{}."
    assert asked.prompt == (Message("system", system), Message("user", "What is 2 + 3?"))
    assert asked.scored == ("2 + 3 = 5.", "So it\nis 5.\n", "Done ‹extra_0›.")
    assert (asked.mark, asked.generation_prompt, asked.prefix) == ("<extra_0>", True, "")
    assert [c.p_correct for c in critiques] == [0.9, 0.25, 0.0]
    assert QwenPRM().convention is LabelConvention.FIRST_ERROR


def test_skywork_reads_lines_and_a_step_is_scored_at_its_last_one() -> None:
    critiques, (asked,) = read(SkyworkPRM(), lambda _: (0.9, 0.8, 0.7, 0.6))
    assert asked.prompt == "What is 2 + 3?\n"
    assert asked.scored == ("2 + 3 = 5.", "So it", "is 5.", "Done <extra_0>.")
    assert asked.mark == "\n"
    assert [c.p_correct for c in critiques] == [0.9, 0.7, 0.6]


@pytest.mark.parametrize("scores", [(math.nan, 1.5, -0.1), (0.5, 0.5), ()])
def test_what_is_no_probability_is_none(scores: tuple[float, ...]) -> None:
    critiques, _ = read(QwenPRM(), lambda _: Completion("", Finish.CHOICES, scores=scores))
    assert [c.p_correct for c in critiques] == [None] * 3
    assert all("unparsed" in c.notes[0] for c in critiques)


class WritesOnly(ScriptedEngine):
    capabilities = frozenset({"messages", "prefix", "choices"})  # type: ignore[misc]


def test_an_engine_without_the_head_gives_no_score_and_says_what_to_name() -> None:
    async def run() -> list[Critique]:
        return [c async for c in QwenPRM().critiques(PROBLEM, SOLUTION, Chain(WritesOnly([])))]

    critiques = asyncio.run(run())
    assert [c.p_correct for c in critiques] == [None] * 3
    assert "name it as scorer:PATH" in critiques[0].notes[0]


def test_a_path_alone_names_the_scorer() -> None:
    assert loading.split("qwenprm:some/folder") == ("qwenprm", "scorer:some/folder")
    assert loading.split("skywork:scripted:s.json") == ("skywork", "scripted:s.json")
    assert loading.split("scorer:some/folder") == (None, "scorer:some/folder")


def test_a_script_may_hold_scores(tmp_path: Path, checkers: Checkers) -> None:
    script = tmp_path / "s.json"
    script.write_text(json.dumps([{"scores": [0.9, 0.1, 0.2]}]))
    with Verifier(f"qwenprm:scripted:{script}", tools=checkers) as verifier:
        report = verifier.critique(PROBLEM, SOLUTION)
    assert [step.critiques[0].p_correct for step in report.steps] == [0.9, 0.1, 0.2]
    assert report.provenance.protocol == "qwenprm"


# what a model says


def direct(folder: Path, ids: list[int], mark: int) -> list[float]:
    """Return what one forward pass and the head's formula give at each mark, no code of ours between."""
    import torch
    import transformers
    from safetensors.torch import load_file

    held: dict[str, Any] = {}
    for file in folder.glob("*.safetensors"):
        held |= load_file(file)
    config = transformers.Qwen2Config.from_pretrained(folder)
    model = transformers.Qwen2Model(config).eval()
    model.load_state_dict({k.removeprefix("model."): v for k, v in held.items() if k.startswith("model.")})
    with torch.inference_mode():
        hidden = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
        if "v_head.summary.weight" in held:
            scores = torch.sigmoid(hidden @ held["v_head.summary.weight"][0] + held["v_head.summary.bias"])
        else:
            inner = torch.relu(hidden @ held["score.0.weight"].T + held["score.0.bias"])
            scores = torch.softmax(inner @ held["score.2.weight"].T + held["score.2.bias"], dim=-1)[:, 1]
    return [float(scores[i]) for i, token in enumerate(ids) if token == mark]


def judged(folder: Path, name: str, *solutions: list[str]) -> list[list[float | None]]:
    """Return what the protocol, through the engine that its name means, says of each solution; all at once."""
    from genverify.engines import load

    protocol, engine = loading.load(name), load(loading.split(f"{name}:{folder}")[1])

    async def one(steps: list[str]) -> list[float | None]:
        chain = Chain(engine)
        return [c.p_correct async for c in protocol.critiques(PROBLEM, Solution.from_steps(steps), chain)]

    async def run() -> list[list[float | None]]:
        try:
            return list(await asyncio.gather(*map(one, solutions)))
        finally:
            await engine.aclose()

    return asyncio.run(run())


LONG = ["2 + 3 = 5.", "Therefore it is five, as was to be shown in this line. " * 3, "Done."]


@real
@pytest.mark.slow
@pytest.mark.parametrize("shards", [1, 3])
def test_qwens_scores_are_those_of_a_direct_forward(tmp_path: Path, shards: int) -> None:
    folder = tiny_models.write_prm("qwen", tmp_path, shards=shards)
    words = tiny_models.tokenizer()
    words.add_special_tokens({"additional_special_tokens": ["<extra_0>"]})
    expected = []
    for steps in (LONG, ["5"]):
        system = "Please reason step by step, and put your final answer within \\boxed{}."
        turns = [{"role": "system", "content": system}, {"role": "user", "content": PROBLEM.text}]
        turns.append({"role": "assistant", "content": "<extra_0>".join(steps) + "<extra_0>"})
        text = words.apply_chat_template(turns, tokenize=False)
        ids = words(text, add_special_tokens=False).input_ids
        expected.append(direct(folder, ids, words.convert_tokens_to_ids("<extra_0>")))
    together = judged(folder, "qwenprm", LONG, ["5"])
    assert together[0] == pytest.approx(expected[0], abs=1e-5)
    assert together[1] == pytest.approx(expected[1], abs=1e-5)
    assert len(set(expected[0])) == 3


@real
@pytest.mark.slow
def test_skyworks_scores_are_those_of_a_direct_forward(tmp_path: Path) -> None:
    folder = tiny_models.write_prm("skywork", tmp_path)
    words = tiny_models.tokenizer()

    def cut(text: str) -> list[int]:
        return list(words(text, add_special_tokens=False).input_ids)

    (mark,) = cut("\n")
    ids = [*cut("<s>" + PROBLEM.text), mark]
    for line in ("One.", "Two", "lines.", "Three."):
        ids += [*cut(line), mark]
    _, one, _, two, three = direct(folder, ids, mark)
    (found,) = judged(folder, "skywork", ["One.", "Two\nlines.", "Three."])
    assert found == pytest.approx([one, two, three], abs=1e-5)


@real
@pytest.mark.slow
def test_a_probability_of_exactly_zero_keeps_its_place(tmp_path: Path) -> None:
    import torch

    sure = {"score.2.weight": torch.zeros(2, 64), "score.2.bias": torch.tensor([500.0, -500.0])}
    folder = tiny_models.write_prm("qwen", tmp_path, **sure)
    assert judged(folder, "qwenprm", LONG) == [[0.0, 0.0, 0.0]]


@real
@pytest.mark.slow
def test_what_waits_is_read_together_and_scored_as_if_alone(tmp_path: Path) -> None:
    from genverify.engines import load

    folder = tiny_models.write_prm("qwen", tmp_path)
    requests = [Request("p" * n, scored=("a" * n, "b"), mark="<extra_0>") for n in range(1, 13)]

    def scores(cancelled: int, **settings: Any) -> tuple[list[Any], int]:
        engine, passes = load(f"scorer:{folder}", **settings), []
        engine._model.register_forward_hook(lambda *_: passes.append(1))  # type: ignore[attr-defined]

        async def run() -> list[Any]:
            tasks = [asyncio.create_task(engine.complete(r)) for r in requests]
            await asyncio.sleep(0)
            for task in tasks[:cancelled]:
                task.cancel()
            made = await asyncio.gather(*tasks, return_exceptions=True)
            await engine.aclose()
            return [m.scores if isinstance(m, Completion) else None for m in made]

        return asyncio.run(run()), len(passes)

    alone, passes = scores(0, batch_tokens=1)
    assert passes == len(requests)
    together, passes = scores(0)
    assert passes < len(requests) / 2
    for a, b in zip(alone, together, strict=True):
        assert a == pytest.approx(b, abs=1e-5)
    left, _ = scores(3)
    for a, b in zip(left[3:], together[3:], strict=True):
        assert a == pytest.approx(b, abs=1e-5)


@real
@pytest.mark.slow
def test_a_verifier_takes_the_folder_by_name(
    tmp_path: Path, checkers: Checkers, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tiny_models.write_prm("qwen", tmp_path)
    capfd.readouterr()
    with Verifier(f"qwenprm:{folder}", tools=checkers) as verifier:
        report = verifier.critique(PROBLEM, Solution.from_steps(LONG))
    assert [len(step.critiques) for step in report.steps] == [1, 1, 1]
    assert (report.provenance.engine or "").startswith("scorer:")
    assert report.cost.prompt_tokens > 0
    assert not report.failures
    assert capfd.readouterr().err == ""  # the library would report that it has no use for the head


@real
@pytest.mark.slow
def test_what_is_no_such_model_is_said(tmp_path: Path) -> None:
    import torch

    from genverify.engines import load

    (plain := tmp_path / "plain").mkdir()
    with pytest.raises(EngineError, match=r"no known head among its weights; known are score\.0\.weight"):
        load(f"scorer:{tiny_models.write_prm('none', plain)}")
    (one := tmp_path / "one").mkdir()
    with pytest.raises(EngineError, match=r"lacks weights, lm_head\.weight for one.*named qwenprm:PATH"):
        load(f"transformers:{tiny_models.write_prm('qwen', one)}")
    with pytest.raises(EngineError, match="its head has 1 outputs"):
        load(f"scorer:{tiny_models.write_prm('qwen', one, **{'score.2.weight': torch.zeros(1, 64)})}")
    (half := tmp_path / "half").mkdir()
    with pytest.raises(EngineError, match=r"lacks weights of its language model, norm\.weight for one"):
        load(f"scorer:{tiny_models.write_prm('qwen', half, shards=3, **{'model.norm.weight': None})}")
    (skywork := tmp_path / "skywork").mkdir()
    tiny_models.write_prm("skywork", skywork)
    engine = load(f"scorer:{skywork}")
    with pytest.raises(EngineError, match="scores texts and writes none"):
        asyncio.run(engine.complete(Request("p")))
    with pytest.raises(EngineError, match="has no token '<extra_1>'"):
        asyncio.run(engine.complete(Request("p", scored=("a",), mark="<extra_1>")))
    with pytest.raises(EngineError, match="tokens; the model reads 512"):
        asyncio.run(engine.complete(Request("p" * 600, scored=("a",), mark="\n")))
    asyncio.run(engine.aclose())
    with pytest.raises(EngineError, match="closed"):
        asyncio.run(engine.complete(Request("p", scored=("a",), mark="\n")))
