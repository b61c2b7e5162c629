"""A YAML file to the settings of a training run; what it does not know is an error, and every setting has a range."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

from genverify.errors import UsageError
from genverify.protocols.reader import Form

T = TypeVar("T", bound="Run")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What both kinds of training have: the model, what of it is trained, and how fast.

    Raises:
        ValueError: a number is out of its range.
    """

    model: str
    """``embedded``, a GGUF file, a folder, or a hub id."""
    data: tuple[str, ...]
    """Files of JSON lines, at least one."""
    held: tuple[str, ...] = ()
    """Files of the same form that are measured on and never trained on."""
    out: str
    """The folder of checkpoints, log and result; a run that is started again goes on from what is there."""
    method: Literal["lora", "full"] = "lora"
    """``lora`` trains small matrices beside the frozen ones (Hu et al. 2021), ``full`` all weights."""
    adapter: str | None = None
    """A folder with a LoRA of peft's to go on from, whose rank and layers it keeps; None begins anew."""
    rank: int = 16
    """Rank of LoRA's matrices, in [1, 1024]."""
    alpha: float = 32.0
    """LoRA's output is scaled by ``alpha / rank``; above 0."""
    dropout: float = 0.0
    """Share in [0, 1) of LoRA's inputs that are dropped while training."""
    first_layer: int = 0
    """Layers before this one, counted from 0, stay as they are; at least 0. Their backward pass is saved, too."""
    learning_rate: float = 5e-4
    """Its highest value, in (0, 1); it rises over ``warmup`` and falls along a cosine to a tenth."""
    warmup: float = 0.03
    """Share in [0, 1) of the steps."""
    weight_decay: float = 0.0
    """In [0, 1)."""
    batch: int = 4
    """Records computed at once on each device, at least 1; alike in length, so that little is padding."""
    accumulate: int = 4
    """Batches to a step of the optimiser, at least 1."""
    epochs: float = 1.0
    """Passes over the data, above 0."""
    steps: int | None = None
    """Steps of the optimiser, at least 1, whatever ``epochs`` says; None: as ``epochs`` says."""
    max_tokens: int = 1024
    """Longest record, at least 16; longer ones are left out and counted."""
    dtype: Literal["bfloat16", "float32"] = "bfloat16"
    """What is computed in. Weights that are trained are kept in float32, those that LoRA freezes in this."""
    checkpointing: bool = False
    """Compute activations again in the backward pass: less memory, a third more time."""
    seed: int = 0
    """Of the order of the data and of LoRA's first weights, at least 0."""
    save_every: int = 50
    """Steps from checkpoint to checkpoint, at least 1."""
    measure_every: int = 100
    """Steps from measurement to measurement on what is held out, at least 1."""
    log_every: int = 10
    """Steps from one line of the log to the next, at least 1."""
    keep: int = 2
    """Newest checkpoints kept, at least 1."""

    def __post_init__(self) -> None:
        whole = {"rank": (1, 1024), "first_layer": (0, 10_000), "batch": (1, 10**6), "accumulate": (1, 10**6),
                 "max_tokens": (16, 10**6), "seed": (0, 2**31), "save_every": (1, 10**9),
                 "measure_every": (1, 10**9), "log_every": (1, 10**9), "keep": (1, 10**6)}  # fmt: skip
        for name, (low, high) in whole.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be in [{low}, {high}], got {getattr(self, name)}")
        for name, (least, below) in {"dropout": (0, 1), "warmup": (0, 1), "weight_decay": (0, 1)}.items():
            if not least <= getattr(self, name) < below:
                raise ValueError(f"{name} must be in [{least}, {below}), got {getattr(self, name)}")
        if not 0 < self.learning_rate < 1 or not self.alpha > 0 or not self.epochs > 0:
            raise ValueError("learning_rate must be in (0, 1), alpha and epochs above 0")
        if self.adapter is not None and self.method != "lora":
            raise ValueError("adapter goes with method lora")
        if self.steps is not None and self.steps < 1:
            raise ValueError(f"steps must be at least 1, got {self.steps}")
        if not self.data:
            raise ValueError("data must name at least one file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sft(Run):
    """Supervised fine-tuning on labelled examples (``genverify make-data``) or on conversations (``messages``)."""

    form: Form = "claim"
    """What the critic's turn says of an example: its verdict alone, or lines before it (``protocols/reader.py``)."""
    history: Literal["all", "last"] = "all"
    """Which of the assistant's turns are learned: ``all``, or as FoVer does the ``last`` alone."""
    after_error: bool = False
    """Whether an example goes on after its first error; its later steps then follow a step called correct."""
    leave_out: tuple[str, ...] = ()
    """Makers (``gold``) and kinds of planted errors (``slip``: tools find those) whose examples are not trained on."""
    corrected: bool = True
    """Whether the first wrong step has its correction beside it, apart: a pair that differs in little else."""
    verdict_weight: float = 1.0
    """Weight of a verdict's token in the loss beside 1 for any other, above 0."""

    step_weight: float = 0.0
    """Weight in the loss of the tokens of right steps, at least 0: with it the critic learns to foresee them, too, so
    that a step's numbers surprise it where they are wrong."""
    digit_weight: float | None = None
    """The same of their digits, at least 0, where what is foreseen is to be the numbers and not how one writes; None:
    as ``step_weight``."""
    contrast_weight: float = 0.0
    """Weight of a loss on pairs, at least 0: the numbers of a corrected step are to be likelier than those of the wrong
    one, ``-log sigmoid`` of the difference of the logarithms of their probabilities (with ``corrected``)."""

    def __post_init__(self) -> None:
        Run.__post_init__(self)
        if not self.verdict_weight > 0:
            raise ValueError(f"verdict_weight must be above 0, got {self.verdict_weight}")
        if not min(self.step_weight, self.digit_weight or 0.0, self.contrast_weight) >= 0:
            raise ValueError("step_weight, digit_weight and contrast_weight must be at least 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dpo(Run):
    """Preference tuning (Rafailov et al. 2023) on records with ``prompt``, ``chosen`` and ``rejected``."""

    beta: float = 0.1
    """How strongly the model is held to what it was, above 0."""

    def __post_init__(self) -> None:
        Run.__post_init__(self)
        if not self.beta > 0:
            raise ValueError(f"beta must be above 0, got {self.beta}")


def read(path: Path, kind: type[T]) -> T:
    """Read the settings of a run; relative paths in it are relative to the folder that it lies in.

    Raises:
        UsageError: the file cannot be read, or a setting is unknown, missing, of the wrong type or out of its range.
    """
    import yaml  # type: ignore[import-untyped,unused-ignore]

    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: cannot be read as YAML: {error}") from error
    if not isinstance(body, dict):
        raise UsageError(f"{path}: expected settings such as 'model: embedded', got {type(body).__name__}")
    try:
        return _made(body, kind, path.parent)
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error


def _made(body: Mapping[Any, Any], kind: type[T], base: Path) -> T:
    known = {f.name: f for f in fields(kind)}
    if unknown := [str(name) for name in body if name not in known]:
        raise ValueError(f"unknown setting {unknown[0]!r}; known are {', '.join(known)}")
    if missing := [n for n, f in known.items() if f.default is MISSING and n not in body]:
        raise ValueError(f"the setting {missing[0]!r} is missing")
    hints = get_type_hints(kind)
    values = {name: _value(name, value, hints[name]) for name, value in body.items()}
    for name in ("data", "held"):
        if name in values:
            values[name] = tuple(str(base / file) for file in values[name])
    values["out"] = str(base / values["out"])
    for name in ("model", "adapter"):
        if values.get(name) and (base / values[name]).exists():
            values[name] = str(base / values[name])
    return kind(**values)


_NAMES: Final = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def _value(name: str, value: object, hint: Any) -> Any:  # noqa: ANN401 - the hints of dataclass fields
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ValueError(f"{name} must be one of {', '.join(map(str, get_args(hint)))}, got {value!r}")
        return value
    if get_origin(hint) is tuple:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise ValueError(f"{name} must be a list of texts, got {value!r}")
        return tuple(items)
    optional = type(None) in get_args(hint)
    wanted = next((arg for arg in get_args(hint) if arg is not type(None)), hint)
    if optional and value is None:
        return None
    if wanted is float and isinstance(value, str):
        value = _number(value)  # YAML 1.1 reads 5e-4 as a text
    fits = isinstance(value, (int, float) if wanted is float else wanted)
    if not fits or (isinstance(value, bool) and wanted is not bool):
        raise ValueError(f"{name} must be {_NAMES[wanted]}, got {value!r}")
    return float(value) if wanted is float else value  # type: ignore[arg-type]


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


__all__ = ["Dpo", "Run", "Sft", "read"]
