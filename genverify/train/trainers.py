"""Settings of a run to the library's trainer, with a loss and a measurement of our own."""
# ruff: noqa: ANN401 - the library's classes are not imported at the top, so they have no names there

import json
import os
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from genverify.train.config import Run, Sft
from genverify.train.encode import IGNORED, Encoded
from genverify.train.heldout import Measured, Tally

LOG: Final = "log.jsonl"
_TOLD: Final = ("loss", "eval_loss", "eval_step_auroc", "eval_surprise_auroc", "rewards/accuracies")
_CHUNK: Final = 50
"""Batches among which lengths are sorted: enough for batches without padding, few enough to leave the order random."""


def order(lengths: Sequence[int], batch: int, count: int, seed: int) -> list[int]:
    """Return the records in the order in which they are trained on: random, but those of a batch alike in length.

    Args:
        lengths: tokens of each record, at least one.
        batch: records of a batch, at least 1.
        count: how many are needed; when all have been taken, they are taken anew.
        seed: the same seed gives the same order, so that a run that goes on sees what is left of it.
    """
    rng = random.Random(seed)
    made: list[int] = []
    while len(made) < count:
        whole = list(range(len(lengths)))
        rng.shuffle(whole)
        for start in range(0, len(whole), _CHUNK * batch):
            chunk = sorted(whole[start : start + _CHUNK * batch], key=lengths.__getitem__)
            batches = [chunk[at : at + batch] for at in range(0, len(chunk), batch)]
            rng.shuffle(batches)
            made += [place for one in batches for place in one]
    return made[:count]


def needed(run: Run, records: int) -> int:
    """Return how many records a run goes through, those that come again counted again."""
    if run.steps is None:
        return max(1, round(run.epochs * records))
    return run.steps * run.batch * run.accumulate * _processes()


def _processes() -> int:
    """Return how many processes train together: what accelerate and torchrun put into the environment."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def arguments(run: Run, **more: Any) -> dict[str, Any]:
    """Return the library's settings for a run."""
    import torch

    gpu = torch.cuda.is_available()
    return {
        "output_dir": run.out,
        "learning_rate": run.learning_rate,
        "lr_scheduler_type": "cosine_with_min_lr",
        "lr_scheduler_kwargs": {"min_lr_rate": 0.1},
        "warmup_steps": run.warmup,  # below 1 it is a share
        "weight_decay": run.weight_decay,
        "per_device_train_batch_size": run.batch,
        "per_device_eval_batch_size": run.batch,
        "gradient_accumulation_steps": run.accumulate,
        "num_train_epochs": run.epochs,
        "max_steps": run.steps or -1,
        "bf16": run.dtype == "bfloat16" and (run.method == "full" or gpu),
        "use_cpu": not gpu,
        "seed": run.seed,
        "save_steps": run.save_every,
        "save_total_limit": run.keep,
        "logging_steps": run.log_every,
        "eval_steps": run.measure_every,
        "report_to": "none",
        "disable_tqdm": True,  # what happens is told by keep_log, on standard error
        "ddp_backend": "gloo" if _processes() > 1 and not gpu else None,
        "ddp_find_unused_parameters": False,
        "dataloader_pin_memory": gpu,
        **({"gradient_checkpointing": True} if run.checkpointing else {}),
        **more,
    }


def sft(
    run: Sft, model: Any, tokenizer: Any, words: Sequence[int], data: Sequence[Encoded], held: Sequence[Encoded]
) -> Any:
    """Return a trainer of ``model`` on ``data``.

    Args:
        run: the settings.
        model: with what is trained ready for it.
        tokenizer: saved beside the model; it says which tokens are digits.
        words: the first tokens of ``correct`` and ``incorrect``.
        data: what is trained on.
        held: what is measured on.
    """
    digits = digit_tokens(tokenizer)
    weights = Weights(
        run.verdict_weight, run.step_weight, run.step_weight if run.digit_weight is None else run.digit_weight
    )
    rows = [row(e, weights, digits) for e in data]
    from transformers import TrainingArguments

    from datasets import Dataset

    places = order([len(e.tokens) for e in data], run.batch, needed(run, len(data)), run.seed)
    trainer = _tuned()(
        model=model,
        args=TrainingArguments(
            **arguments(
                run,
                num_train_epochs=1,  # the order has all passes in it
                train_sampling_strategy="sequential",
                remove_unused_columns=False,
                eval_strategy="steps" if held else "no",
            )
        ),
        train_dataset=Dataset.from_list(rows).select(places),
        eval_dataset=held or None,
        data_collator=collate,
        processing_class=tokenizer,
    )
    keep_log(trainer, Path(run.out))
    trainer.words, trainer.digits, trainer.contrast_weight = words, digits, run.contrast_weight
    model.get_output_embeddings().register_forward_pre_hook(
        lambda _, hidden: None if trainer.places is None else (hidden[0][trainer.places],)
    )
    return trainer


def _tuned() -> Any:
    """Return the library's trainer with our loss; it is made here, where the library may be imported."""
    import torch
    from torch.nn.functional import cross_entropy
    from transformers import Trainer

    class Tuned(Trainer):  # type: ignore[misc]
        """Computes the model's head only where something is to be said."""

        places: Any = None
        """Batch x tokens: behind which tokens the head is computed; None: behind all."""
        words: Sequence[int] = ()
        """The first tokens of the two verdicts."""
        digits: frozenset[int] = frozenset()
        """The tokens that are digits alone."""
        contrast_weight = 0.0

        def logits(self, model: Any, batch: Any, places: Any) -> Any:
            """Return the logits behind the tokens at ``places``, one row each."""
            self.places = places
            try:
                seen = {name: batch[name] for name in ("input_ids", "position_ids")}
                # the trainer's own model: the one that computes may be wrapped for several processes, without settings
                mask = additive(batch["attention_mask"], self.model)
                return model(**seen, attention_mask=mask).logits.float()
            finally:
                self.places = None

        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            # behind each token what is said next there, and what that counts; the first token is never said
            said, weights, sides = (inputs[name].roll(-1, 1) for name in ("labels", "weights", "sides"))
            learned = said != IGNORED
            places = learned | (sides != 0) if self.contrast_weight else learned
            next_tokens = inputs["input_ids"].roll(-1, 1)
            logits = self.logits(model, inputs, places)
            losses = cross_entropy(logits, torch.where(learned, said, next_tokens)[places], reduction="none")
            total = (losses * weights[places])[learned[places]].sum()
            if num_items_in_batch is None:
                loss = total / learned.sum()
            else:  # counted over all processes, whose gradients are then averaged
                loss = total / num_items_in_batch * self.accelerator.num_processes
            weight = self.contrast_weight / self.args.gradient_accumulation_steps
            return loss + weight * _contrast(losses, places, sides) if self.contrast_weight else loss

        def evaluate(self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval") -> Any:
            found = self.measured()
            metrics = {
                "eval_loss": found.loss,
                "eval_step_auroc": found.step_auroc,
                "eval_surprise_auroc": found.surprise_auroc,
                "eval_steps_judged": found.steps,
            }
            self.log({name: value for name, value in metrics.items() if value is not None})
            return metrics

        def measured(self) -> Measured:
            """Return what the model makes of what is held out; on several devices each finds the same."""
            tally, size = Tally(), self.args.per_device_eval_batch_size
            self.model.eval()
            with torch.inference_mode(), self.compute_loss_context_manager():
                for at in range(0, len(self.eval_dataset), size):
                    self._measure(self.eval_dataset[at : at + size], tally)
            self.model.train()
            return tally.measured()

        def _measure(self, rows: Sequence[Encoded], tally: Tally) -> None:
            made = collate([row(e, Weights(), frozenset()) for e in rows])
            batch = {name: tensor.to(self.model.device) for name, tensor in made.items()}
            said, told = batch["labels"].roll(-1, 1), batch["input_ids"].roll(-1, 1)
            judged, foreseen = torch.zeros_like(said, dtype=torch.bool), torch.zeros_like(said, dtype=torch.bool)
            for n, record in enumerate(rows):
                judged[n, [place - 1 for place in record.verdicts]] = True
                steps = (*record.steps, *record.wrong)
                foreseen[n, [place - 1 for place in steps if record.tokens[place] in self.digits]] = True
            places = (said != IGNORED) | judged | foreseen
            logits = self.logits(self.model, batch, places)
            found = cross_entropy(logits, said[places], ignore_index=IGNORED, reduction="none")
            tally.losses += found[said[places] != IGNORED].tolist()
            odds = iter(logits[judged[places]][:, list(self.words)].diff(dim=1)[:, 0].neg().tolist())
            costs = torch.zeros(said.shape, device=said.device)
            costs[foreseen] = cross_entropy(logits, told[places], reduction="none")[foreseen[places]]
            for record, paid in zip(rows, costs.roll(1, 1).tolist(), strict=True):
                tally.add(record, [next(odds) for _ in record.verdicts], paid)  # row by row, from left to right

    return Tuned


def additive(sees: Any, model: Any) -> Any:
    """Return who sees whom as this model's attention takes it: the plain one adds the mask, and would add a truth."""
    if model.config._attn_implementation != "eager":
        return sees
    import torch

    dtype = model.get_input_embeddings().weight.dtype
    return torch.zeros(sees.shape, dtype=dtype, device=sees.device).masked_fill(~sees, torch.finfo(dtype).min)


def _contrast(losses: Any, places: Any, sides: Any) -> Any:
    """Return the mean over pairs of ``-log sigmoid`` of what the wrong numbers cost more than the right ones.

    Args:
        losses: what each token at ``places`` costs, in nats.
        places: batch x tokens, those that have a cost.
        sides: batch x tokens, 1 at the right numbers, -1 at the wrong ones, else 0.
    """
    import torch
    from torch.nn.functional import softplus

    gaps = torch.zeros(sides.shape, device=losses.device).masked_scatter(places, losses * sides[places]).sum(1)
    pairs = (sides != 0).any(1)
    return softplus(gaps[pairs]).mean() if bool(pairs.any()) else losses.sum() * 0.0


def keep_log(trainer: Any, out: Path) -> None:
    """Have a trainer's log told on standard error and kept in a file beside the checkpoints."""
    from transformers import PrinterCallback, TrainerCallback

    class Log(TrainerCallback):  # type: ignore[misc]
        """Writes the file anew, whole, so that a run that goes on leaves no line twice."""

        started: float = 0.0
        first: int = 0

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.started, self.first = time.monotonic(), state.global_step

        def on_log(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if not state.is_world_process_zero:
                return
            part = out / f"{LOG}.part"
            part.write_text("".join(json.dumps(line) + "\n" for line in state.log_history), encoding="utf-8")
            part.replace(out / LOG)
            done, wall_s = state.global_step - self.first, time.monotonic() - self.started
            left_s = wall_s / done * (state.max_steps - state.global_step) if done else 0.0
            line = {name: value for name, value in state.log_history[-1].items() if name in _TOLD}
            said = ", ".join(f"{name} {value:.4g}" for name, value in line.items())
            if said:
                print(f"step {state.global_step} of {state.max_steps}: {said}; {left_s:.0f} s left", file=sys.stderr)

    trainer.remove_callback(PrinterCallback)  # it writes to standard output, which is the caller's
    trainer.add_callback(Log())


def digit_tokens(tokenizer: Any) -> frozenset[int]:
    """Return the tokens that are digits alone."""
    return frozenset(token for token in range(len(tokenizer)) if tokenizer.decode([token]).isdigit())


@dataclass(frozen=True, slots=True)
class Weights:
    """What tokens count in the loss, beside 1 for any that the critic writes."""

    verdict: float = 1.0
    """The first token of a verdict."""
    step: float = 0.0
    """A token of a right step."""
    digit: float = 0.0
    """A token of a right step that is digits alone."""


def row(record: Encoded, weights: Weights, digits: frozenset[int]) -> dict[str, list[Any]]:
    """Return a record as the trainer keeps it, with what each token counts in the loss.

    ``sides`` is 1 at the digits of a corrected step, -1 at those of the wrong step beside it, 0 elsewhere.
    """
    labels, counts, sides = list(record.labels), [1.0] * len(record.tokens), [0] * len(record.tokens)
    for place in record.verdicts:
        counts[place] = weights.verdict
    for place in record.steps:
        counted = weights.digit if record.tokens[place] in digits else weights.step
        if counted:
            labels[place], counts[place] = record.tokens[place], counted
    first, second = record.fork or (len(record.tokens),) * 2
    for side, places in ((1, record.steps), (-1, record.wrong)):
        for place in places:
            if place >= (second if side > 0 else first) and record.tokens[place] in digits:
                sides[place] = side
    return {
        "input_ids": list(record.tokens),
        "labels": labels,
        "weights": counts,
        "sides": sides,
        "fork": [first, second],
    }


def collate(rows: Sequence[Mapping[str, Sequence[Any]]]) -> dict[str, Any]:
    """Return records as tensors, batch x tokens, padded at the right; who sees whom is batch x 1 x tokens x tokens."""
    import torch

    longest = max(len(row["input_ids"]) for row in rows)
    blank = {"input_ids": 0, "labels": IGNORED, "weights": 0.0, "sides": 0}
    made = {
        name: torch.tensor([[*row[name], *[empty] * (longest - len(row[name]))] for row in rows])
        for name, empty in blank.items()
    }
    place = torch.arange(longest)
    first = torch.tensor([row["fork"][0] for row in rows])[:, None]
    second = torch.tensor([row["fork"][1] for row in rows])[:, None]
    made["position_ids"] = torch.where(place < second, place, place - second + first)
    seen = (place < first) | (place >= second)  # by those from the second end's beginning on
    sees = (place[:, None] >= place)[None] & (seen[:, None, :] | (place < second)[:, :, None])
    made["attention_mask"] = sees[:, None]  # padding comes last, so nothing that counts sees it
    return made
