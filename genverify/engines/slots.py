"""New tokens of many texts of different lengths to logits in one forward pass, over keys and values that stay.

Each text under way owns a slot: one row of a buffer, filled from column 0. So a text joins or leaves a batch without
moving the others, and a slot that nobody owns still holds what it has read, for whoever begins alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_Tensor = Any  # torch is imported only where it runs
_WORTH: Final = 16  # copying fewer columns than this saves less than it costs
_COLUMNS: Final = 256  # the buffer grows by doubling from here


@dataclass(frozen=True, slots=True)
class Feed:
    """What one slot reads in a forward pass."""

    slot: int
    tokens: Sequence[int]
    """New tokens, at least 1; they follow what the slot holds."""
    branches: Sequence[Sequence[int]] = ()
    """Continuations after ``tokens`` that do not see each other; they are read and not kept."""

    def __len__(self) -> int:
        return len(self.tokens) + sum(len(branch) for branch in self.branches)


class Slots:
    """The cache of a model, given to it as ``past_key_values``; used inside ``torch.inference_mode`` alone.

    Args:
        model: a causal language model from transformers, attention ``sdpa``.
        count: slots, at least 1.
        window: how far a token of a sliding layer looks back, in tokens; None without such layers.
        mixed: whether sliding and full layers take turns, so that the model wants a mask for each kind.
    """

    def __init__(self, model: Any, count: int, *, window: int | None, mixed: bool) -> None:  # noqa: ANN401
        self._model, self._window, self._mixed = model, window, mixed
        self.held: list[list[int]] = [[] for _ in range(count)]
        """The tokens that each slot has read."""
        self._used: list[int] = [0] * count  # when each was last owned, for taking the oldest
        self._free = set(range(count))
        self._clock = 0
        self._buffers: dict[int, tuple[_Tensor, _Tensor]] = {}
        self._columns = _COLUMNS
        self._plan: Any = None

    @property
    def free(self) -> int:
        """Return how many slots nobody owns."""
        return len(self._free)

    def shares(self, ids: Sequence[int]) -> int:
        """Return how many first tokens of a text some slot has read."""
        return max(common(ids, held, len(ids) - 1) for held in self.held)

    def take(self, ids: Sequence[int]) -> tuple[int, int]:
        """Own a free slot for a text; return it and how many of its first tokens it has read already.

        At least one token is left to read: its logits are what the caller wants.
        """
        most = len(ids) - 1
        shared = [common(ids, held, most) for held in self.held]
        best = max(range(len(shared)), key=lambda s: (shared[s], s in self._free))
        oldest = min(self._free, key=lambda s: (len(self.held[s]) > 0, self._used[s]))
        # a slot that this text only carries on is taken over; one that it leaves half way is copied from, and stays
        if best in self._free and (2 * shared[best] >= len(self.held[best]) or len(self._free) == 1):
            slot, reused = best, shared[best]
        elif shared[best] >= _WORTH:
            slot, reused = oldest, shared[best]
            self._copy(best, slot, reused)
        else:
            slot, reused = oldest, 0
        self.held[slot] = list(ids[:reused])
        self._free.discard(slot)
        return slot, reused

    def give_back(self, slot: int) -> None:
        """Leave a slot; what it holds stays until another text needs the place."""
        self._clock += 1
        self._used[slot] = self._clock
        self._free.add(slot)

    def read(self, feeds: Sequence[Feed], keep: int) -> _Tensor:
        """Return the logits after the last ``keep`` tokens of each feed: ``[feeds, keep, vocabulary]``, float32."""
        import torch

        width = max(len(feed) for feed in feeds)
        past = [len(self.held[feed.slot]) for feed in feeds]
        columns = max(p + len(feed) for p, feed in zip(past, feeds, strict=True))
        self._grow(columns)
        device = self._model.device
        ids, positions = _layout(feeds, past, width)
        mask = self._mask(feeds, past, positions, columns)
        self._plan = self._planned(feeds, past, width, columns, device)
        logits = self._model(
            input_ids=torch.tensor(ids, device=device),
            position_ids=torch.tensor(positions, device=device),
            attention_mask=mask,
            past_key_values=self,
            use_cache=True,
            logits_to_keep=keep,
        ).logits
        for feed in feeds:
            self.held[feed.slot].extend(feed.tokens)
        return logits[:, -keep:].float()

    def update(self, keys: _Tensor, values: _Tensor, layer: int, *_: object, **__: object) -> tuple[_Tensor, _Tensor]:
        """Write a layer's new keys and values into their slots; return all that its queries may look at."""
        import torch

        plan = self._plan
        if layer not in self._buffers:
            shape = (len(self.held), keys.shape[1], self._columns, keys.shape[3])
            self._buffers[layer] = (keys.new_zeros(shape), values.new_zeros((*shape[:3], values.shape[3])))
        found = []
        for buffer, new in zip(self._buffers[layer], (keys, values), strict=True):
            buffer[plan.rows, :, plan.columns] = new[plan.batch, :, plan.query]
            if isinstance(plan.slots, slice):
                found.append(buffer[plan.slots, :, : plan.width])
            else:
                found.append(torch.index_select(buffer[:, :, : plan.width], 0, plan.slots))
        return found[0], found[1]

    def get_seq_length(self, *_: object) -> int:
        """Return 0: positions and masks are always given, this is only asked for."""
        return 0

    def _copy(self, source: int, target: int, columns: int) -> None:
        for pair in self._buffers.values():
            for buffer in pair:
                buffer[target, :, :columns] = buffer[source, :, :columns]

    def _grow(self, columns: int) -> None:
        while self._columns < columns:
            self._columns *= 2
        for layer, pair in self._buffers.items():
            if pair[0].shape[2] < self._columns:
                self._buffers[layer] = (_widened(pair[0], self._columns), _widened(pair[1], self._columns))

    def _planned(self, feeds: Sequence[Feed], past: Sequence[int], width: int, columns: int, device: object) -> "_Plan":
        import torch

        places = [
            (feed.slot, p + i, b, width - len(feed) + i)
            for b, (feed, p) in enumerate(zip(feeds, past, strict=True))
            for i in range(len(feed))
        ]
        rows, cols, batch, query = torch.tensor(places, device=device).T
        slots = [feed.slot for feed in feeds]
        in_a_row = slots == list(range(slots[0], slots[0] + len(slots)))  # then a view does, and nothing is copied
        chosen = slice(slots[0], slots[-1] + 1) if in_a_row else torch.tensor(slots, device=device)
        return _Plan(rows, cols, batch, query, chosen, columns)

    def _mask(
        self, feeds: Sequence[Feed], past: Sequence[int], positions: Sequence[Sequence[int]], columns: int
    ) -> _Tensor:
        """Return what each new token may look at, ``[feeds, 1, width, columns]``; a pad looks at column 0 alone."""
        import torch

        width = len(positions[0])
        last = torch.zeros((len(feeds), width), dtype=torch.long)
        for b, (feed, p) in enumerate(zip(feeds, past, strict=True)):
            last[b, width - len(feed) :] = torch.arange(p, p + len(feed))
        seen = torch.arange(columns)
        mask = seen <= last[..., None]
        for b, (feed, p) in enumerate(zip(feeds, past, strict=True)):
            start = p + len(feed.tokens)
            for branch in feed.branches:
                rows = slice(width - len(feed) + start - p, width - len(feed) + start - p + len(branch))
                mask[b, rows, p + len(feed.tokens) : start] = False
                start += len(branch)
        device = self._model.device
        full = mask[:, None].to(device)
        if self._window is None:
            return full
        # in a branch, columns lie behind positions: only one longer than the window would look back too far
        near = (mask & (seen > torch.tensor(positions)[..., None] - self._window))[:, None].to(device)
        return {"full_attention": full, "sliding_attention": near} if self._mixed else near


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where the new keys and values of a forward pass go, and what its queries see."""

    rows: _Tensor
    columns: _Tensor
    batch: _Tensor
    query: _Tensor
    slots: _Tensor | slice
    width: int


def _layout(feeds: Sequence[Feed], past: Sequence[int], width: int) -> tuple[list[list[int]], list[list[int]]]:
    """Return the ids and positions of all new tokens, padded on the left so that the last ones stand together."""
    ids, positions = [], []
    for feed, p in zip(feeds, past, strict=True):
        pad = [0] * (width - len(feed))
        start = p + len(feed.tokens)
        ids.append([*pad, *feed.tokens, *(token for branch in feed.branches for token in branch)])
        branched = [start + i for branch in feed.branches for i in range(len(branch))]
        positions.append([*pad, *range(p, start), *branched])
    return ids, positions


def _widened(buffer: _Tensor, columns: int) -> _Tensor:
    made = buffer.new_zeros((*buffer.shape[:2], columns, buffer.shape[3]))
    made[:, :, : buffer.shape[2]] = buffer
    return made


def common(a: Sequence[int], b: Sequence[int], most: int | None = None) -> int:
    """Return how many first tokens two texts share, at most ``most``."""
    low, high = 0, min(len(a), len(b), len(a) if most is None else most)
    if not high or a[0] != b[0]:
        return 0
    while low < high:  # slices compare at C's speed
        middle = (low + high + 1) // 2
        if list(a[low:middle]) == list(b[low:middle]):
            low = middle
        else:
            high = middle - 1
    return low
