"""Pairs of a better and a worse answer to a tuned critic, by TRL's trainer (Rafailov et al. 2023)."""
# ruff: noqa: ANN401 - the libraries' classes are not imported at the top, so they have no names there

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from genverify.errors import RecordError
from genverify.train import checkpoints, models, trainers
from genverify.train.config import Dpo
from genverify.train.sft import RESULT

_FIELDS: Final = ("prompt", "chosen", "rejected")


@dataclass(frozen=True, slots=True)
class Preferred:
    """What a run came to."""

    model: str
    """Where the adapter, or the whole model, lies in the form of its library."""
    steps: int
    records: int
    loss: float | None
    """The last in the log, ln 2 where nothing is preferred; None where no step was logged."""
    accuracy: float | None
    """Share in [0, 1] of the pairs of the last logged steps whose better answer has the higher reward."""


def dpo(run: Dpo) -> Preferred:
    """Train on records with ``prompt``, ``chosen`` and ``rejected``, all texts or all lists of messages.

    Raises:
        UsageError: a package is missing.
        RecordError: a file of data cannot be read.
        EngineError: the model cannot be loaded.
    """
    models.require()
    data = [pair for file in run.data for pair in pairs(Path(file))]
    held = [pair for file in run.held for pair in pairs(Path(file))]
    tokenizer, model = models.loaded(run)
    trainer = _trainer(run, model, tokenizer, data, held)
    found = checkpoints.newest(Path(run.out))
    trainer.train(resume_from_checkpoint=None if found is None else str(found))
    folder = Path(run.out) / "model"
    trainer.save_model(str(folder))
    logged = [line for line in trainer.state.log_history if "loss" in line]
    last: Mapping[str, Any] = logged[-1] if logged else {}
    ended = Preferred(
        str(folder), trainer.state.global_step, len(data), last.get("loss"), last.get("rewards/accuracies")
    )
    if trainer.is_world_process_zero():
        body = {"settings": asdict(run), **asdict(ended)}
        (Path(run.out) / RESULT).write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
    return ended


def pairs(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the pairs of a file.

    Raises:
        RecordError: it cannot be read, or a line is no pair; the message names it.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                yield _pair(line, f"{path}:{number}")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error


def _pair(line: str, where: str) -> dict[str, Any]:
    try:
        body = json.loads(line)
    except ValueError as error:
        raise RecordError(f"{where}: expected a pair, got no JSON: {error}") from error
    found = {name: body.get(name) for name in _FIELDS} if isinstance(body, dict) else {}
    kinds = {type(value) for value in found.values()}
    if kinds not in ({str}, {list}) or not all(found.values()):
        raise RecordError(f"{where}: expected prompt, chosen and rejected, all texts or all lists of messages")
    return found


def _trainer(
    run: Dpo,
    model: Any,
    tokenizer: Any,
    data: Sequence[Mapping[str, Any]],
    held: Sequence[Mapping[str, Any]],
) -> Any:
    from trl import DPOConfig, DPOTrainer

    from datasets import Dataset

    lora = run.method == "lora"
    settings = trainers.arguments(
        run, beta=run.beta, max_length=run.max_tokens, eval_strategy="steps" if held else "no"
    )
    trainer = DPOTrainer(
        model=model if lora else models.prepared(run, model),
        args=DPOConfig(**settings),
        train_dataset=Dataset.from_list([dict(pair) for pair in data]),
        eval_dataset=Dataset.from_list([dict(pair) for pair in held]) if held else None,
        processing_class=tokenizer,
        peft_config=models.lora(run, model.config.num_hidden_layers) if lora else None,
    )
    trainers.keep_log(trainer, Path(run.out))
    return trainer
