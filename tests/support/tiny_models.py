"""Models with random weights and a tokenizer of bytes, written to a folder: real architectures, loaded in no time."""

import json
from pathlib import Path
from typing import Any

TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{{ '[' + m['role'] + ']' + m['content'] + eos_token + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '[assistant]' }}{% endif %}"
)
SIZES: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 512,
    "initializer_range": 0.3,  # or the likeliest token would lead by less than the arithmetic's rounding
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 1,
}
FAMILIES = ("Llama", "Qwen2", "Qwen3", "Mistral", "Gemma3Text")


def tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    signs = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {sign: i for i, sign in enumerate(["<s>", "</s>", *signs, "Ye", "Yes"])}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[("Y", "e"), ("Ye", "s")]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", pad_token="</s>", chat_template=TEMPLATE
    )


def write(family: str, folder: Path) -> Path:
    import torch
    import transformers

    torch.manual_seed(5)
    words = tokenizer()
    more: dict[str, Any] = {"Mistral": {"sliding_window": 24}, "Gemma3Text": {"sliding_window": 24}}.get(family, {})
    config = getattr(transformers, f"{family}Config")(vocab_size=len(words), **SIZES, **more)
    if family == "Gemma3Text":
        config.layer_types = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]
        model = transformers.Gemma3ForCausalLM(config)
    else:
        model = getattr(transformers, f"{family}ForCausalLM")(config)
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def write_prm(head: str, folder: Path, *, shards: int = 1, **changed: Any) -> Path:
    """Write a reward model as its authors save it: a Qwen2 with ``score.*`` (``qwen``) or ``v_head.*`` (``skywork``).

    Args:
        head: whose.
        folder: where.
        shards: files of weights.
        changed: weights by name, in place of the random ones; None leaves one out.
    """
    import torch
    import transformers
    from safetensors.torch import save_file

    torch.manual_seed(7)
    words = tokenizer()
    words.add_special_tokens({"additional_special_tokens": ["<extra_0>"]})
    config = transformers.Qwen2Config(vocab_size=len(words), **SIZES)
    config.architectures = ["Qwen2ForProcessRewardModel" if head == "qwen" else "Qwen2ForPrmModel"]
    # code that is not there: whoever wanted to run it would fail
    config.auto_map = {"AutoModel": "modeling_none.NoModel", "AutoConfig": "configuration_none.NoConfig"}
    model = transformers.Qwen2ForCausalLM(config)
    width = SIZES["hidden_size"]
    made = {name: value.clone() for name, value in model.state_dict().items()}
    if head == "qwen":
        del made["lm_head.weight"]
        made |= {"score.0.weight": torch.randn(width, width), "score.0.bias": torch.randn(width)}
        made |= {"score.2.weight": torch.randn(2, width) / 4, "score.2.bias": torch.randn(2)}
    elif head == "skywork":
        made |= {"v_head.summary.weight": torch.randn(1, width) / 4, "v_head.summary.bias": torch.randn(1)}
    made = {name: value for name, value in {**made, **changed}.items() if value is not None}
    config.save_pretrained(folder)
    words.save_pretrained(folder)
    if shards == 1:
        save_file(made, folder / "model.safetensors", metadata={"format": "pt"})
        return folder
    files = {name: f"model-{i % shards}.safetensors" for i, name in enumerate(sorted(made))}
    for file in set(files.values()):
        save_file({n: v for n, v in made.items() if files[n] == file}, folder / file, metadata={"format": "pt"})
    index = {"metadata": {}, "weight_map": files}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    return folder
