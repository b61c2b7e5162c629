"""Logits of many texts to one next token each, drawn as each text's own sampling and seed say.

What a text draws depends on its own logits and generator alone, so it is the same alone and in a batch.
"""

from collections.abc import Sequence
from typing import Any, Final

from genverify.engines.base import Sampling

_Tensor = Any
_FEW: Final = 1024  # so many likeliest tokens of every text are fetched in one go


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
    made: list[int] = logits.argmax(-1).tolist()
    few = [i for i, how in enumerate(sampling) if how.temperature > 0 and 0 < how.top_k <= _FEW]
    if few:  # one transfer for all of them; the rest is done beside the device
        most = max(sampling[i].top_k for i in few)
        values, tokens = (t.cpu() for t in logits[few].topk(min(most, logits.shape[-1])))
        for i, row, names in zip(few, values, tokens, strict=True):
            made[i] = int(names[_drawn(row[: sampling[i].top_k], sampling[i], generators[i], in_order=True)])
    for i, how in enumerate(sampling):
        if how.temperature > 0 and not 0 < how.top_k <= _FEW:
            row = logits[i] if logits.is_cuda else logits[i].cpu()  # not every device knows double precision
            made[i] = _from_all(row, how, generators[i])
    return made


def _from_all(row: _Tensor, how: Sampling, source: _Tensor) -> int:
    if how.top_k == 0 and how.top_p == 1:
        return _drawn(row, how, source, in_order=False)
    values, tokens = row.topk(min(how.top_k or row.shape[-1], row.shape[-1]))
    return int(tokens[_drawn(values, how, source, in_order=True)])


def _drawn(row: _Tensor, how: Sampling, source: _Tensor, *, in_order: bool) -> int:
    """Return a place in ``row``; only of logits that fall can the tail past ``top_p`` be left out."""
    import torch

    mass = (row / how.temperature).double().softmax(-1).cumsum(-1)
    if in_order:
        inside = int((mass < how.top_p).sum()) + 1  # the token that reaches top_p is the last one in
        mass = mass[: min(inside, row.shape[-1])]
    point = torch.rand(1, generator=source, dtype=torch.float64).item()  # in [0, 1), the same on every device
    return int(torch.searchsorted(mass, mass[-1:] * point, right=True).clamp(max=mass.numel() - 1))
