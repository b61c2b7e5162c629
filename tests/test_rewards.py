"""Rewards in the forms that TRL and verl call, tried in TRL itself where it is installed."""

import importlib.util
import math
from pathlib import Path
from typing import Any

import pytest

from genverify.search.rewards import VERL_FIELDS, OutcomeReward, ProcessReward, verl_reward
from genverify.verifier import Verifier

RIGHT, WRONG, SILENT = "17 * 24 = 408. The answer is 408.", "17 * 24 = 418. The answer is 418.", "It is nice weather."
PROMPTS = ["What is 17 * 24?"] * 4
COMPLETIONS = [RIGHT, WRONG, SILENT, " "]


def test_what_is_undecided_or_empty_gets_no_reward_and_never_one_half(verifier: Verifier) -> None:
    right, wrong, silent, empty = ProcessReward(verifier)(PROMPTS, COMPLETIONS)
    assert right is not None
    assert wrong is not None
    assert wrong < 0.5 < right
    assert silent is None
    assert empty is None


def test_conversations_are_read_as_texts_are(verifier: Verifier) -> None:
    prompts = [[{"role": "system", "content": "s"}, {"role": "user", "content": p}] for p in PROMPTS]
    completions = [[{"role": "assistant", "content": c}] for c in COMPLETIONS]
    assert ProcessReward(verifier)(prompts, completions) == ProcessReward(verifier)(PROMPTS, COMPLETIONS)
    assert OutcomeReward(verifier)(prompts, completions, answer=["408"] * 4) == [1.0, 0.0, 0.0, 0.0]


def test_an_outcome_is_compared_by_value_and_stays_open_where_nobody_can_tell(verifier: Verifier) -> None:
    said = [r"\boxed{0.5}", r"\boxed{2^{10^9}}", r"\boxed{1}"]
    assert OutcomeReward(verifier)(["?"] * 3, said, answer=["1/2", "2^{10^9}+1", None]) == [1.0, None, None]
    with pytest.raises(ValueError, match="no column 'answer'"):
        OutcomeReward(verifier)(["?"], ["x"], other=["y"])


def test_verl_gets_a_sum_of_what_is_decided_and_always_the_same_fields(verifier: Verifier) -> None:
    compute_score = verl_reward(verifier)
    found = [compute_score(data_source="d", solution_str=c, ground_truth="408", extra_info={}) for c in COMPLETIONS]
    assert [tuple(f) for f in found] == [VERL_FIELDS] * 4
    assert found[0]["score"] > 1.5
    assert found[1]["score"] < -1.5
    assert (found[1]["refuted"], found[1]["answer_right"]) == (1.0, 0.0)
    nothing = verl_reward(verifier)("d", SILENT, None)
    assert (nothing["score"], nothing["decided"]) == (0.0, 0.0)
    assert all(math.isfinite(x) for f in found for x in f.values())


@pytest.mark.skipif(importlib.util.find_spec("trl") is None, reason="trl is not installed (pip install trl==1.16.0)")
@pytest.mark.filterwarnings("ignore")  # those of other packages are not ours to answer for
def test_trl_trains_with_these_rewards(verifier: Verifier, tmp_path: Path) -> None:
    from trl import GRPOConfig, GRPOTrainer

    from datasets import Dataset

    rows = Dataset.from_list([{"prompt": "What is 17 * 24?", "answer": "408"}] * 4)
    seen: list[list[float | None]] = []

    class Seen(ProcessReward):
        def __call__(self, prompts: Any, completions: Any, **columns: Any) -> list[float | None]:
            texts = [COMPLETIONS[i % len(COMPLETIONS)] for i in range(len(completions))]
            seen.append(super().__call__(prompts, texts, **columns))
            return seen[-1]

    spec = importlib.util.spec_from_file_location("tiny_models", Path(__file__).with_name("tiny_models.py"))
    assert spec is not None
    assert spec.loader is not None
    tiny = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tiny)
    model = str(tiny.write("Qwen2", tmp_path / "model"))
    settings = GRPOConfig(output_dir=str(tmp_path / "out"), max_steps=1, num_generations=4, max_completion_length=4,
                          per_device_train_batch_size=4, report_to=[], use_cpu=True)  # fmt: skip
    trainer = GRPOTrainer(model, reward_funcs=[Seen(verifier), OutcomeReward(verifier)], args=settings,
                          train_dataset=rows)  # fmt: skip
    trainer.train()
    logged = trainer.state.log_history[0]
    assert seen[0][2:] == [None, None]
    known = [x for x in seen[0] if x is not None]
    assert logged["rewards/genverify_process/mean"] == pytest.approx(sum(known) / len(known), abs=1e-4)


@pytest.mark.skipif(importlib.util.find_spec("verl") is None, reason="verl is not installed (pip install verl==0.9.1)")
@pytest.mark.filterwarnings("ignore")
def test_verl_s_reward_manager_takes_these_scores(verifier: Verifier) -> None:
    import asyncio

    import numpy as np
    import torch
    from verl import DataProto
    from verl.experimental.reward_loop.reward_manager.naive import NaiveRewardManager

    class Words:
        """A tokenizer of whole completions."""

        def decode(self, ids: Any, skip_special_tokens: bool = True) -> str:
            return COMPLETIONS[int(ids[0])]

    def row(index: int) -> Any:
        return DataProto.from_dict(
            tensors={"responses": torch.tensor([[index]]), "attention_mask": torch.tensor([[1]])},
            non_tensors={
                "data_source": np.array(["ours"], dtype=object),
                "reward_model": np.array([{"ground_truth": "408"}], dtype=object),
                "extra_info": np.array([{"problem": PROMPTS[0]}], dtype=object),
            },
        )

    async def judged() -> list[dict[str, Any]]:
        manager = NaiveRewardManager(None, Words(), verl_reward(verifier, outcome=0.0))
        return [await manager.run_single(row(i)) for i in range(3)]

    right, wrong, silent = asyncio.run(judged())
    assert right["reward_score"] > 0 > wrong["reward_score"]
    assert silent["reward_score"] == 0.0
    assert silent["reward_extra_info"]["decided"] == 0.0
