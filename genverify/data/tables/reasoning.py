"""The moves of an answer about a table that go on from what was found: computing, comparing, concluding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from genverify.data.tables.moves import Row, Scene, Turn, name_of, relation
from genverify.data.tables.sheets import Number, Unit, plain, two_places

_ROUNDED: Final = "1/200"  # half of the last place that is written


@dataclass(frozen=True, slots=True)
class _Operation:
    """A way to make one number of several."""

    words: tuple[str, ...]
    """What the step says before the formula."""
    formula: Callable[[Sequence[str]], str]
    value: Callable[[Sequence[Number]], Number]
    confused: str = ""
    """The operation that it is mistaken for; empty if for none."""
    ordered: bool = False
    """Whether its two operands may not change places."""


def _signed(value: Number) -> str:
    return f"({plain(value)})" if value < 0 else plain(value)


_OPERATIONS: Final = {
    "difference": _Operation(
        ("The difference is", "Subtract:", "Taking one from the other:"),
        lambda t: f"{t[0]} - {t[1]}",
        lambda v: v[0] - v[1],
        "sum",
        True,
    ),
    "sum": _Operation(("The sum is", "Add them up:", "Together:"), " + ".join, lambda v: sum(v, Fraction(0)), "mean"),
    "mean": _Operation(
        ("The mean is", "Average:", "Dividing the sum by the number of values:"),
        lambda t: f"({' + '.join(t)}) / {len(t)}",
        lambda v: sum(v, Fraction(0)) / len(v),
        "sum",
    ),
    "max": _Operation(("The largest of them:", "Taking the largest:"), lambda t: f"max({', '.join(t)})", max, "min"),
    "min": _Operation(("The smallest of them:", "Taking the smallest:"), lambda t: f"min({', '.join(t)})", min, "max"),
    "ratio": _Operation(
        ("The ratio is", "Divide:", "As a quotient:"),
        lambda t: f"{t[0]} / {t[1]}",
        lambda v: v[0] / v[1],
        "difference",
        True,
    ),
    "change": _Operation(
        ("The change in percent is", "Relative to the first value, in percent:"),
        lambda t: f"({t[1]} - {t[0]}) / {t[0]} * 100",
        lambda v: (v[1] - v[0]) / v[0] * 100,
        "share_of",
        True,
    ),
    "share_of": _Operation(("In percent:",), lambda t: f"{t[1]} / {t[0]} * 100", lambda v: v[1] / v[0] * 100),
    "share": _Operation(
        ("The share in percent is", "As a percentage of the total:"),
        lambda t: f"{t[0]} / {t[1]} * 100",
        lambda v: v[0] / v[1] * 100,
        "",
        True,
    ),
    "product": _Operation(("The product is", "Multiply:"), lambda t: f"{t[0]} * {t[1]}", lambda v: v[0] * v[1], "sum"),
}
OPERATIONS: Final = tuple(_OPERATIONS)
"""Their names."""


@dataclass(frozen=True, slots=True)
class Calc:
    """Make one number of those that earlier moves found."""

    operation: str
    """One of ``OPERATIONS``."""
    operands: tuple[int, ...]
    """The moves (from 0) that gave them; a move that gave several stands for all of them."""

    @property
    def errors(self) -> tuple[str, ...]:
        """Return what can go wrong."""
        known = _OPERATIONS[self.operation]
        return (
            "slip",
            *(("wrong_operation",) if known.confused else ()),
            *(("swapped_operands",) if known.ordered else ()),
        )

    def turn(self, scene: Scene, error: str = "") -> Turn | None:
        """Return the number, a wrong one, or that of another operation or order; None where it is not defined."""
        right = _OPERATIONS[self.operation]
        values = [v for move in self.operands for v in _numbers(scene.results[move])]
        used = _OPERATIONS[right.confused] if error == "wrong_operation" else right
        order = values[::-1] if error == "swapped_operands" else values
        try:
            due, exact = right.value(values), used.value(order)
        except ZeroDivisionError:
            return None
        said = two_places(exact)
        if error == "slip":
            said = _slipped(said, scene)
        formula = used.formula([_signed(v) for v in order])
        text = (
            f"{scene.say(right.words)} {formula} = "
            f"{plain(said)}{' (rounded)' if said != exact and error != 'slip' else ''}."
        )
        holds = relation(
            f"{right.formula([_signed(v) for v in values])} = {_signed(said)}",
            None if two_places(due) == due else _ROUNDED,
        )
        return Turn("reasoning", text, f"{formula} = {_signed(said)}", said, claims=(holds,))


def _numbers(result: object) -> tuple[Number, ...]:
    return result if isinstance(result, tuple) else (result,)


def _slipped(value: Number, scene: Scene) -> Number:
    """Return a number with a slip in one digit, or in a carry."""
    grain = Fraction(1, 10 ** len(plain(value).partition(".")[2]))
    size = scene.rng.choice([1, 2, 10, 10, 100] if abs(value) > 100 * grain else [1, 2])
    return value + grain * size * scene.rng.choice([1, -1])


_COUNT: Final = ("Counting these rows gives {n}.", "That makes {n} rows.", "There are {n} of them.")


_COUNT_ONE: Final = ("Counting these rows gives 1.", "That makes 1 row.", "There is 1 of them.")


@dataclass(frozen=True, slots=True)
class Count:
    """Count the rows that an earlier move found."""

    rows: int
    """That move, counted from 0."""

    @property
    def errors(self) -> tuple[str, ...]:
        """Return what can go wrong."""
        return ("slip",)

    def turn(self, scene: Scene, error: str = "") -> Turn | None:
        """Return their number, or one beside it."""
        due = len(scene.results[self.rows])
        said = due + scene.rng.choice([1, -1]) if error else due
        holds = relation(f"{' + '.join(['1'] * due)} = {said}")
        return Turn(
            "reasoning",
            scene.say(_COUNT if said != 1 else _COUNT_ONE, n=str(said)),
            f"rows = {said}",
            Fraction(said),
            claims=(holds,),
        )


_COMPARE: Final = (
    "{one} {sign} {two}, so {first} has {what} {column}.",
    "Since {one} {sign} {two}, it is {first} that has {what} {column}.",
)


@dataclass(frozen=True, slots=True)
class Compare:
    """Say which of two rows has more, or less, of something."""

    rows: tuple[Row, Row]
    values: tuple[int, int]
    """The moves (from 0) that found their numbers."""
    column: str
    less: bool = False

    @property
    def errors(self) -> tuple[str, ...]:
        """Return what can go wrong."""
        return ("swapped_operands",)

    def turn(self, scene: Scene, error: str = "") -> Turn | None:
        """Return the name of the row that has more, or of the other."""
        pairs = [(scene.results[move], name_of(row, scene)) for move, row in zip(self.values, self.rows, strict=True)]
        if pairs[0][0] == pairs[1][0]:
            return None
        (one, first), (two, _) = sorted(pairs, reverse=(not self.less) != bool(error))
        sign = "<" if self.less else ">"
        text = scene.say(_COMPARE, one=plain(one), two=plain(two), sign=sign, first=first,
                         what="the lower" if self.less else "the higher", column=self.column)  # fmt: skip
        statement = f"{_signed(one)} {sign} {_signed(two)}"
        return Turn("reasoning", text, statement, first, claims=(relation(statement),))


_FINAL: Final = ("The answer is {answer}.", "So the answer is {answer}.", "Answer: {answer}.", "Therefore: {answer}.")


@dataclass(frozen=True, slots=True)
class Conclude:
    """State the answer, which an earlier move found."""

    of: int
    """That move, counted from 0."""
    unit: Unit | None = None
    """The unit of the answer, if it has one."""
    others: tuple[Unit, ...] = ()
    """Units that it could be mistaken for, each a multiple of the same base."""

    @property
    def errors(self) -> tuple[str, ...]:
        """Return what can go wrong."""
        return ("wrong_answer", *(("unit",) if self.others else ()))

    def turn(self, scene: Scene, error: str = "") -> Turn | None:
        """Return the answer, another one, or one in another unit."""
        due = scene.results[self.of]
        if isinstance(due, str):
            return self._name(scene, due, error)
        said, unit = due, self.unit
        if error == "wrong_answer":
            others = [v for r in scene.results[: self.of] for v in _numbers(r) if isinstance(v, Fraction) and v != due]
            said = scene.rng.choice(others) if others else _slipped(due, scene)
        claims = [relation(f"{_signed(said)} = {_signed(due)}")]
        if error == "unit":
            assert unit is not None
            was, unit = unit, scene.rng.choice(self.others)
            if due == 0 or unit.scale == was.scale:
                return None
            claims = [relation(f"{_signed(said)} * {unit.scale} = {_signed(due)} * {was.scale}")]
        words = f"{plain(said)} {unit.words}".strip() if unit else plain(said)
        text = scene.say(_FINAL, answer=words)
        line = f"answer = {_signed(said)}" + (f" * {unit.scale}" if unit and self.others else "")
        return Turn("reasoning", text, line, words, claims=tuple(claims), answer=words)

    def _name(self, scene: Scene, due: str, error: str) -> Turn | None:
        others = [name for name in scene.sheet.names if name != due]
        said = scene.rng.choice(others) if error else due
        if error == "unit":
            return None
        return Turn(
            "reasoning", scene.say(_FINAL, answer=said), f"answer = {said}", said, names=(said, due), answer=said
        )
