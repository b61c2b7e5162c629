"""Logits of many texts to one next token each, drawn as each text's own sampling and seed say.

What a text draws depends on its own logits and generator alone, so it is the same alone and in a batch.
"""

from collections.abc import Sequence
from typing import Any

from genverify.engines.base import Sampling

_Tensor = Any


def generator(seed: int | None) -> _Tensor:
    """Return a source of random numbers; without a seed, one that nobody can repeat."""
    import torch

    made = torch.Generator()
    if seed is None:
        made.seed()
    else:
        made.manual_seed(seed % 2**63)
    return made


def draw(logits: _Tensor, sampling: Sequence[Sampling], generators: Sequence[_Tensor]) -> list[int]:
    """Return one token for each row of ``logits`` (float32): the likeliest at temperature 0, else drawn."""
    likeliest = logits.argmax(-1).tolist()
    return [
        token if how.temperature == 0 else _drawn(row, how, source)
        for token, row, how, source in zip(likeliest, logits, sampling, generators, strict=True)
    ]


def _drawn(row: _Tensor, how: Sampling, source: _Tensor) -> int:
    import torch

    scaled = (row / how.temperature).double()
    point = torch.rand(1, generator=source, dtype=torch.float64).item()  # in [0, 1), the same on every device
    if how.top_k == 0 and how.top_p == 1:
        mass = scaled.softmax(-1).cumsum(-1)
        return int(torch.searchsorted(mass, mass[-1:] * point, right=True).item())
    count = min(how.top_k or row.shape[-1], row.shape[-1])
    values, tokens = scaled.topk(count)
    mass = values.softmax(-1).cumsum(-1)
    inside = int((mass < how.top_p).sum().item()) + 1  # the token that reaches top_p is the last one in
    mass = mass[: min(inside, count)]
    return int(tokens[torch.searchsorted(mass, mass[-1:] * point, right=True).clamp(max=mass.numel() - 1)].item())
