"""Conversations as tokens: what is read, what is learned, and in which order."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from training import example, tokenizer, trains

from genverify.train import checkpoints
from genverify.train.heldout import auroc
from genverify.train.talks import Style, of_example
from genverify.train.trainers import order

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
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_two_ends_are_computed_as_if_each_stood_alone(tiny: Path, attention: str) -> None:
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
    model = AutoModelForCausalLM.from_pretrained(tiny, attn_implementation=attention).eval()
    batch = trainers.collate([trainers.row(e, trainers.Weights(), frozenset()) for e in (both, one)])
    with torch.inference_mode():
        seen = {name: batch[name] for name in ("input_ids", "position_ids")}
        together = model(**seen, attention_mask=trainers.additive(batch["attention_mask"], model)).logits
        alone = [model(input_ids=torch.tensor([e.tokens])).logits[0] for e in (one, other)]
    assert torch.allclose(together[0, :second], alone[0], atol=1e-4)
    assert torch.allclose(together[0, second:], alone[1][shared:], atol=1e-4)
    assert torch.allclose(together[1, : len(one.tokens)], alone[0], atol=1e-4)


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
