"""A reward model's checkpoint to its head: a function from hidden states to probabilities.

Which head it is, the names of its weights tell; only safetensors are read, which hold numbers and no code.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from genverify.errors import EngineError

TWO_CLASSES: Final = ("score.0.weight", "score.0.bias", "score.2.weight", "score.2.bias")
"""Qwen2.5-Math-PRM: two layers with a ReLU between, then a softmax over wrong and right."""
VALUE: Final = ("v_head.summary.weight", "v_head.summary.bias")
"""Skywork-o1-Open-PRM: one layer with one output, then a sigmoid."""
_WHOLE: Final = "model.safetensors"
_INDEX: Final = "model.safetensors.index.json"


def head(model: str, revision: str | None, device: object) -> Callable[[Any], Any]:
    """Return what turns hidden states of shape (places, width) into probabilities of shape (places,), in float32.

    Args:
        model: a folder or hub id.
        revision: the hub's commit or branch.
        device: where its weights are put.

    Raises:
        EngineError: there are no safetensors, or they hold no head that is known.
    """
    import torch

    linear = torch.nn.functional.linear
    files = _files(model, revision)

    def weights(names: tuple[str, ...]) -> list[Any]:
        return [_tensor(_required(model, files[name], revision), name).float().to(device) for name in names]

    if files.keys() >= set(TWO_CLASSES):
        first, first_bias, second, second_bias = weights(TWO_CLASSES)
        if second.shape[0] != 2:
            raise EngineError(f"{model}: its head has {second.shape[0]} outputs; for wrong and right, 2 are expected")
        return lambda hidden: linear(linear(hidden, first, first_bias).relu(), second, second_bias).softmax(-1)[:, 1]
    if files.keys() >= set(VALUE):
        weight, bias = weights(VALUE)
        return lambda hidden: linear(hidden, weight, bias)[:, 0].sigmoid()
    raise EngineError(
        f"{model}: no known head among its weights; known are {TWO_CLASSES[0]} ... (Qwen2.5-Math-PRM) and"
        f" {VALUE[0]} ... (Skywork-o1-Open-PRM)"
    )


def _files(model: str, revision: str | None) -> Mapping[str, str]:
    """Return for each weight of a checkpoint the name of the file that holds it."""
    index = _found(model, _INDEX, revision)
    if index is not None:
        try:
            return dict(json.loads(Path(index).read_text(encoding="utf-8"))["weight_map"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EngineError(f"{model}: {_INDEX} cannot be read: {type(error).__name__}: {error}") from error
    from safetensors import SafetensorError, safe_open

    whole = _required(model, _WHOLE, revision)
    try:
        with safe_open(whole, framework="pt") as held:
            return dict.fromkeys(held.keys(), _WHOLE)
    except SafetensorError as error:
        raise EngineError(f"{whole} cannot be read: {error}") from error


def _tensor(file: str, name: str) -> Any:  # noqa: ANN401 - torch is not here to name it
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="pt") as held:
            return held.get_tensor(name)
    except SafetensorError as error:
        raise EngineError(f"{file}: {name} cannot be read: {error}") from error


def _required(model: str, name: str, revision: str | None) -> str:
    found = _found(model, name, revision)
    if found is None:
        raise EngineError(
            f"{model}: no {name}; a head is read from safetensors, as the transformers library saves them"
        )
    return found


def _found(model: str, name: str, revision: str | None) -> str | None:
    """Return where a file of a folder or hub id lies on this machine; None if there is none."""
    from transformers.utils import cached_file

    try:
        found: str | None = cached_file(
            model,
            name,
            revision=revision,
            _raise_exceptions_for_missing_entries=False,
            _raise_exceptions_for_gated_repo=False,
        )
    except OSError as error:
        raise EngineError(f"{model}: {name} is not to be had: {error}") from error
    return found
