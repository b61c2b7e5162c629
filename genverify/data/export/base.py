"""What every export shares: rows and their fields, the texts of an example, and its labels in the convention asked for.

Labels of examples are LOCAL and three-valued. A format that knows only right and wrong gets the steps before the first
unknown one; a format that ends at the first error gets them up to there. Nothing unknown becomes a label.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final, Literal

from genverify import answers
from genverify.data.values import Dropped, Example, Tools
from genverify.fusion.conventions import StepLabels, convert
from genverify.protocols import tables
from genverify.protocols.text import neutralise
from genverify.types import LabelConvention

if TYPE_CHECKING:
    import pyarrow

Row = dict[str, Any]
Source = Callable[[], Iterator[Example]]
"""Examples that can be read more than once, each time from the start and in the same order."""
Shape = str | list[Any] | Mapping[str, Any]
"""The type of a field: ``string``, ``bool``, ``int64`` or ``float64``, ``[SHAPE]`` for a list, names to shapes."""

MESSAGES: Final[Shape] = [{"role": "string", "content": "string"}]
UNKNOWN_FIRST: Final = "the first step is not known to be right or wrong"
PLACE_UNKNOWN: Final = "the place of the first error is not known"
NOT_ALL_KNOWN: Final = "a step is not known to be right or wrong"


@dataclass(frozen=True, slots=True)
class Means:
    """What exports need beside examples."""

    tools: Tools
    seed: int = 0
    """Of all that is drawn."""
    tokenizer: Any = None
    """A fast tokenizer of ``transformers`` or ``tokenizers``, for rewards on tokens."""
    convention: LabelConvention = LabelConvention.LOCAL
    """What the labels of ``stepwise`` mean."""
    compat: Literal["", "fover"] = ""
    """``fover`` balances last steps as FoVer does, one off (``sharegpt``)."""


Rows = Callable[[Source, Means], Iterator[Row | Dropped]]


@dataclass(frozen=True, slots=True)
class Export:
    """One format."""

    rows: Rows
    fields: Mapping[str, Shape]
    """The fields of a row, in order; each row has all of them."""
    about: str
    """What it is for, in one line."""


def each(row: Callable[[Example], Iterable[Row | Dropped]]) -> Rows:
    """Make the rows of an export that looks at one example at a time."""

    def rows(source: Source, means: Means) -> Iterator[Row | Dropped]:
        for example in source():
            yield from row(example)

    return rows


def known(example: Example, convention: LabelConvention = LabelConvention.LOCAL) -> tuple[bool, ...]:
    """Return the labels before the first unknown one, in ``convention``.

    In FIRST_ERROR nothing is known behind the first error, so that the labels end there.
    """
    values = convert(StepLabels(LabelConvention.LOCAL, example.labels), convention).values
    return tuple(bool(value) for value in takewhile(lambda value: value is not None, values))


def place(example: Example) -> int | None:
    """Return the first wrong step from 0, -1 if every step is known to be right, None if neither is known."""
    return StepLabels(LabelConvention.LOCAL, example.labels).place


def texts(example: Example, tags: Sequence[str] = ()) -> list[str]:
    """Return the steps as a protocol shows them, which writes ``tags`` itself."""
    return [neutralise(step.text, tags) for step in example.steps]


def asked(example: Example, tags: Sequence[str] = ()) -> str:
    """Return the problem as a protocol shows it; a table, of which most protocols know nothing, stands below it."""
    problem = example.problem
    text = neutralise(problem.text, tags)
    return text if problem.table is None else f"{text}\n\n{neutralise(tables.shown(problem.table), tags)}"


def answered(example: Example, tools: Tools) -> bool | None:
    """Return whether the final answer is right; None where that is not known.

    The last step of a finished solution says so where it was compared with the reference. Otherwise the two answers
    are compared; with neither, only the generator's own solutions are known to be right.
    """
    last = example.steps[-1].label
    if last.source == "answer":
        return last.right
    if example.answer and example.problem.answer:
        return answers.same(example.answer, example.problem.answer, tools.checkers)
    return True if example.maker == "gold" else None


def message(role: str, content: str) -> dict[str, str]:
    """Return one turn of a conversation."""
    return {"role": role, "content": content}


def schema(fields: Mapping[str, Shape]) -> "pyarrow.Schema":
    """Return the Arrow schema of rows with ``fields``."""
    import pyarrow

    return pyarrow.schema([(name, _arrow(shape)) for name, shape in fields.items()])


def _arrow(shape: Shape) -> Any:  # noqa: ANN401 - pyarrow has no types for mypy
    import pyarrow

    if isinstance(shape, str):
        return pyarrow.bool_() if shape == "bool" else getattr(pyarrow, shape)()
    if isinstance(shape, list):
        return pyarrow.list_(_arrow(shape[0]))
    return pyarrow.struct([(name, _arrow(inner)) for name, inner in shape.items()])
