"""Models with random weights and a tokenizer of bytes, written to a folder: real architectures, loaded in no time."""

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
