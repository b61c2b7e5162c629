"""The command ``train``: its words on the command line; the work is in ``genverify.train``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

_EPILOG: Final = """
\b
A file of settings:
  model: embedded                  # or a folder, a GGUF file, a hub id
  data: [algebra/train.jsonl]      # of genverify make-data, or records with "messages"
  held: [algebra/validation.jsonl] # measured on, never trained on
  out: runs/critic                 # checkpoints; the same command goes on from the last one

\b
On several GPUs:
  accelerate launch -m genverify train sft settings.yaml

\b
Exit codes:
  0  trained
  2  usage: an unknown setting, a value out of its range, a file that cannot be read, a package that is missing
"""


@click.group("train")
def train() -> None:
    """Train a critic on labelled solutions (pip install 'genverify[train]')."""


_settings = click.argument("settings", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_json = click.option("--json", "as_json", is_flag=True, help="What the run came to as one JSON object.")


@train.command("sft", epilog=_EPILOG)
@_settings
@_json
def sft(settings: Path, as_json: bool) -> int:
    """Fine-tune: the critic learns to say of each step what its label says.

    Measured while it trains: the loss, and how well the probability of a verdict tells right from wrong steps (AUROC)
    on what is held out. The settings are those of genverify.train.config.Sft, each with its range.
    """
    from genverify.train.config import Sft, read
    from genverify.train.models import require
    from genverify.train.sft import sft as run

    require()
    ended = run(read(settings, Sft))
    held = ended.held
    lines = [
        f"{ended.steps} steps, {ended.tokens} tokens of {ended.records} records, loss {ended.loss:.3f}",
        f"left out: {ended.left_out} records that are too long",
        f"written to {ended.model}",
    ]
    if held is not None and held.step_auroc is not None:
        surprise = (
            "" if held.surprise_auroc is None else f", by surprise at its digits {100 * held.surprise_auroc:.1f} %"
        )
        lines.insert(1, f"held out: step AUROC {100 * held.step_auroc:.1f} %{surprise}, over {held.steps} steps")
    _say(ended, as_json, lines)
    return 0


@train.command("dpo", epilog=_EPILOG)
@_settings
@_json
def dpo(settings: Path, as_json: bool) -> int:
    """Tune on preferences: the critic learns to prefer one of two answers to the same question.

    Records have "prompt", "chosen" and "rejected", as genverify make-data --export preference-rprm writes them. The
    settings are those of genverify.train.config.Dpo, each with its range.
    """
    from genverify.train.config import Dpo, read
    from genverify.train.dpo import dpo as run
    from genverify.train.models import require

    require()
    ended = run(read(settings, Dpo))
    loss = "no loss logged" if ended.loss is None else f"loss {ended.loss:.3f}"
    _say(ended, as_json, [f"{ended.steps} steps over {ended.records} pairs, {loss}", f"written to {ended.model}"])
    return 0


@train.command("pack")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--bias", type=float, default=0.0, show_default=True, help="Of the mix; see genverify.protocols.surprise.Mix."
)
@click.option(
    "--verdict", type=float, default=1.0, show_default=True, help="Of the mix: weight of the word's log-odds."
)
@click.option("--surprise", type=float, default=0.0, show_default=True,
              help="Of the mix: weight of what a step's numbers cost, a negative number.")  # fmt: skip
@click.option("--cut", type=click.FloatRange(0.0, 1.0, min_open=True, max_open=True), default=0.5, show_default=True,
              help="Below this probability a step is called wrong.")  # fmt: skip
def pack(run: Path, out: Path, bias: float, verdict: float, surprise: float, cut: float) -> int:
    """Turn the adapter of a RUN of sft beside the embedded model into the folder OUT that genverify loads.

    OUT gets the adapter for llama.cpp (critic.gguf) and for transformers (peft/), in half precision, and critic.json.
    """
    import json

    from genverify.errors import UsageError
    from genverify.train.pack import pack as packed
    from genverify.train.sft import RESULT

    try:
        body = json.loads((run / RESULT).read_text(encoding="utf-8"))
        form, trained = body["settings"]["form"], {name: body[name] for name in ("steps", "tokens", "records", "loss")}
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"{run}: expected a run of train sft that has ended, with {RESULT}: {error}") from error
    mix = {"bias": bias, "verdict": verdict, "surprise": surprise}
    record = packed(run / "model", out, form=form, mix=mix, cut=cut, about=trained)
    click.echo(f"written to {record}")
    return 0


def _say(ended: Any, as_json: bool, lines: list[str]) -> None:  # noqa: ANN401 - one of two dataclasses
    import json
    from dataclasses import asdict

    click.echo(json.dumps(asdict(ended)) if as_json else "\n".join(lines))


COMMANDS: Final[Mapping[str, click.Command]] = {"train": train}
