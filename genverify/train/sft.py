"""Labelled solutions to a fine-tuned critic: the loss sees what the critic is to say, and nothing else is computed.

It runs on a CPU or one GPU as it is, and on several under ``accelerate launch``. The head of the model, a fifth of the
work in a small one, is computed only where something is to be said. A run that is started again goes on from its last
whole checkpoint, in the middle of an epoch too.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from genverify.errors import UsageError
from genverify.train import checkpoints, models, trainers
from genverify.train.config import Sft
from genverify.train.encode import Encoded, Encoder
from genverify.train.heldout import Measured
from genverify.train.talks import Style, read

RESULT: Final = "result.json"


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run came to."""

    model: str
    """Where the adapter, or the whole model, lies in the form of its library."""
    steps: int
    tokens: int
    """Tokens that the model has read in training, padding left out, an estimate from the mean record where an epoch was
    not finished."""
    records: int
    left_out: int
    """Records that were longer than ``max_tokens``."""
    loss: float
    """Mean over the last lines of the log."""
    held: Measured | None
    """None where nothing is held out."""


def sft(run: Sft) -> Trained:
    """Train; see the module.

    Raises:
        UsageError: a package is missing, or the data and what is held out have problems in common.
        RecordError: a file of data cannot be read.
        EngineError: the model cannot be loaded.
    """
    models.require()
    tokenizer, model = models.loaded(run)
    encoder = Encoder(tokenizer)
    style = Style(run.history, run.after_error, run.corrected, frozenset(run.leave_out))
    talks = [talk for file in run.data for talk in read(Path(file), run.form, style)]
    held = [talk for file in run.held for talk in read(Path(file), run.form, Style(after_error=run.after_error))]
    if shared := {talk.problem for talk in talks} & {talk.problem for talk in held}:
        raise UsageError(f"{len(shared)} problems are both in the data and held out, {min(shared)[:60]!r} for one")
    data = [e for e in map(encoder, talks) if len(e.tokens) <= run.max_tokens]
    if not data:
        raise UsageError(f"none of the {len(talks)} records has at most {run.max_tokens} tokens: raise max_tokens")
    apart = [e for e in map(encoder, held) if len(e.tokens) <= run.max_tokens]
    trainer = trainers.sft(run, models.prepared(run, model), tokenizer, encoder.words, data, apart)
    found = checkpoints.newest(Path(run.out))
    trainer.train(resume_from_checkpoint=None if found is None else str(found))
    return _ended(run, trainer, data, len(talks), bool(apart))


def _ended(run: Sft, trainer: Any, data: Sequence[Encoded], records: int, held: bool) -> Trained:  # noqa: ANN401
    """Write down what the run came to."""
    model = Path(run.out) / "model"
    trainer.save_model(str(model))
    losses = [line["loss"] for line in trainer.state.log_history if "loss" in line]
    passes = trainer.state.global_step * run.batch * run.accumulate * trainer.args.world_size / len(data)
    ended = Trained(
        model=str(model),
        steps=trainer.state.global_step,
        tokens=round(passes * sum(len(e.tokens) for e in data)),
        records=len(data),
        left_out=records - len(data),
        loss=sum(losses[-5:]) / max(1, len(losses[-5:])),
        held=trainer.measured() if held else None,
    )
    if trainer.is_world_process_zero():
        body = {"settings": asdict(run), **asdict(ended)}
        (Path(run.out) / RESULT).write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
    return ended
