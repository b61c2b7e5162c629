"""Examples to train, validation and test: all solutions of one problem go together, wherever else the data grows."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from genverify.data.values import Example

NAMES: Final = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Splits:
    """Shares of the problems, at least 0 each and 1 together.

    The split of a problem is read from the digest of its name and the seed alone. It does not change when examples are
    added, and two data sets that share problems split them alike. The shares are therefore met on average, not exactly.

    Raises:
        ValueError: the shares are not such.
    """

    train: float = 0.9
    validation: float = 0.05
    test: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.shares) < 0 or abs(sum(self.shares) - 1) > 1e-9:
            raise ValueError(f"shares of splits must be at least 0 and 1 together, got {self.shares}")

    @property
    def shares(self) -> tuple[float, float, float]:
        """Return the shares in the order of ``NAMES``."""
        return self.train, self.validation, self.test

    def of(self, example: Example) -> str:
        """Return the split of an example, by its group."""
        digest = hashlib.sha256(f"{self.seed}/{example.group}".encode()).digest()
        at = int.from_bytes(digest[:7]) / 2**56
        if at < self.train:
            return NAMES[0]
        return NAMES[1] if at < self.train + self.validation or not self.test else NAMES[2]

    @property
    def used(self) -> Iterator[str]:
        """Yield the names of the splits that have a share."""
        return (name for name, share in zip(NAMES, self.shares, strict=True) if share > 0)
