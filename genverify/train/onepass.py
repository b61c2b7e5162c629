"""A solution to the readings of all its steps in one pass over a model: for measuring; the protocol asks step by step.

What is read is what ``protocols.reader`` reads through an engine: the same conversation in which every step was called
correct, the probability of that word at each place, and what the numbers of each step cost. Tokens are the same, too,
but where a number follows an empty line, which a tokenizer may cut otherwise at the end of a text than before a number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from genverify.engines.base import Message
from genverify.engines.transformers import with_adapter
from genverify.protocols import reader
from genverify.train import models
from genverify.train.encode import Encoder
from genverify.train.talks import Talk, Turn


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model makes of one step."""

    verdict: float
    """Log-odds of ``correct`` against ``incorrect``."""
    numbers: tuple[float, ...]
    """What each run of digits in the step costs, in nats, each at least 0; their sum is the surprise of
    ``protocols.surprise.Mix``."""
    tokens: int
    """Tokens of the step with its turn."""


class OnePass:
    """Reads solutions with a model, on a CPU or the first GPU.

    Args:
        model: ``embedded``, a GGUF file, a folder or a hub id.
        adapter: the folder of a LoRA as peft keeps it; None for none.
        dtype: what is computed in.

    Raises:
        UsageError: a package or the embedded model is missing.
        EngineError: a model cannot be loaded.
    """

    def __init__(self, model: str = "embedded", adapter: Path | None = None, dtype: str = "bfloat16") -> None:
        models.require()
        import torch

        self._tokenizer, self._model = models.read(model, dtype)
        if adapter is not None:
            self._model = with_adapter(self._model, adapter)
        self._model = self._model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
        self._encoder = Encoder(self._tokenizer)

    def read(self, problem: str, steps: Sequence[str], most: int = 4096) -> list[Reading]:
        """Return the reading of each step; none of those behind the token ``most``.

        Args:
            problem: what was asked.
            steps: the solution.
            most: most tokens that are read, at least 1.
        """
        import torch

        talk = _talk(problem, steps)
        made = self._encoder(talk)
        tokens = torch.tensor(made.tokens[:most], device=self._model.device)
        with torch.inference_mode():
            logits = self._model(input_ids=tokens[None]).logits[0].float()
            costs = -logits[:-1].log_softmax(-1).gather(1, tokens[1:, None])[:, 0]
        digits = self._digits(made.tokens[:most])
        right, wrong = self._encoder.words
        found, before = [], 0
        for verdict in made.verdicts:
            if verdict >= len(tokens):
                break
            places = [place for place in made.steps if before < place < verdict]
            odds = float(logits[verdict - 1, right] - logits[verdict - 1, wrong])
            found.append(Reading(odds, tuple(_runs(places, digits, costs.tolist())), verdict - before))
            before = verdict
        return found

    def _digits(self, tokens: Sequence[int]) -> list[bool]:
        """Return which tokens are digits alone."""
        return [self._tokenizer.decode([token]).isdigit() for token in tokens]


def _runs(places: Sequence[int], digits: Sequence[bool], costs: Sequence[float]) -> Iterator[float]:
    """Yield what each run of digits among ``places`` costs; ``costs[n]`` is that of token n + 1."""
    for is_digit, run in groupby(places, key=digits.__getitem__):
        if is_digit:
            yield sum(costs[place - 1] for place in run)


def _talk(problem: str, steps: Sequence[str]) -> Talk:
    """Return the conversation in which every step was called correct."""
    said = reader.asked(problem, tuple(steps))
    messages = list(reader.conversation(said, ((),) * (len(steps) - 1)))
    messages.append(Message("assistant", reader.WORDS[0]))
    shown = [reader.asked("", (step,))[0] for step in steps]
    turns = [Turn(2 * n + 2, right=True, step=len(text)) for n, text in enumerate(shown)]
    return Talk("", problem, tuple(messages), tuple(turns), "verdict")
