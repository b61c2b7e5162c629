"""The counts of a data set to its card: a page of tables, and plots."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from genverify.data.export import EXPORTS
from genverify.data.export.files import Tally, need
from genverify.data.statistics import LAST, Statistics, share
from genverify.fusion.conventions import ALL_RIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_RIGHT, _WRONG, _UNKNOWN = "#0072b2", "#d55e00", "#bbbbbb"
"""Told apart by people who see few colours (Okabe and Ito 2008)."""
_COLOURS: Final = ((True, "right", _RIGHT), (False, "wrong", _WRONG), (None, "not known", _UNKNOWN))
_MOST: Final = 30
"""Rows of a table, and bars of a plot; what is left is added up."""

Exported = Mapping[str, Mapping[str, Tally]]
"""By format and split, what was written and what was left out."""


def text(name: str, counts: Statistics, exported: Exported, about: Mapping[str, str], plots: Sequence[str]) -> str:
    """Return the card as Markdown.

    Args:
        name: of the data set.
        counts: over all that was kept or dropped.
        exported: what each format holds.
        about: how the data was made, by name: command, seed, versions, tool time.
        plots: files of plots, as the card refers to them.
    """
    parts = [
        f"# {name}",
        "Worked solutions whose every step is labelled. Labels are LOCAL: a step is judged by the premises that it "
        "states and by the values that earlier steps gave, even where those are wrong. True is right, false is wrong, "
        "null is not known.",
        *_section("How it was made", _table(("", ""), about.items())),
        *_section(
            "What it holds",
            _overview(counts),
            _table(("kind", "family", "solutions"), _kinds(counts)),
            _counted("right answer, in logic", counts.answers),
        ),
        *_section("Labels", _labels(counts)),
        *_section("Errors", _errors(counts)),
        *_section("Not known", _counted("why a step has no label", counts.undecided)),
        *_section("Dropped", _counted("why a record was not kept", counts.dropped)),
        *_section("Exports", _exports(exported)),
        *_section("Plots", *(f"![{Path(plot).stem}]({plot})" for plot in plots)),
    ]
    return "\n\n".join(parts) + "\n"


def _section(title: str, *parts: str) -> Iterator[str]:
    found = [part for part in parts if part]
    if found:
        yield f"## {title}"
        yield from found


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(["| " + " | ".join(header) + " |", "|" + " --- |" * len(header), *lines])


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _counted(what: str, counts: Counter[str]) -> str:
    return _table((what, "number"), _most(counts))


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    """Return the largest counts, equal ones by name, and the sum of the others."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in ordered[_MOST:])
    return ordered[:_MOST] + ([(f"{len(ordered) - _MOST} others", rest)] if rest else [])


def _kinds(counts: Statistics) -> list[tuple[str, str, int]]:
    return [(kind, family, number) for (kind, family), number in sorted(counts.kinds.items())]


def _overview(counts: Statistics) -> str:
    steps = counts.labels.total()
    mean = f"{steps / counts.kept:.2f}" if counts.kept else "–"
    rows = [
        ("problems", len(counts.problems)),
        ("solutions", counts.kept),
        *((f"solutions in {split}", number) for split, number in counts.examples.items()),
        *((f"solutions by {maker}", number) for maker, number in sorted(counts.makers.items())),
        ("steps", steps),
        ("steps a solution, mean", mean),
    ]
    return _table(("", "number"), rows)


def _labels(counts: Statistics) -> str:
    known = counts.labels[True] + counts.labels[False]
    wrong = counts.labels[False]
    rates = _table(
        ("", ""),
        [
            ("steps with a label", share(known, counts.labels.total())),
            ("step error rate, of steps with a label", share(wrong, known)),
            ("wrong steps that are the last of their solution", share(counts.last_wrong, wrong)),
            ("wrong steps with a correction", share(counts.corrected, wrong)),
            ("solutions with every step right", share(counts.first_errors[ALL_RIGHT], counts.kept)),
            ("solutions whose first error is known", share(counts.wrong_solutions, counts.kept)),
        ],
    )
    header = ("labelled by", "right", "wrong", "not known")
    sources = sorted({source for source, _ in counts.sources})
    by_source = [(s, *(counts.sources[s, right] for right, *_ in _COLOURS)) for s in sources]
    places = sorted({place for place, _ in counts.by_place})
    by_place = [(_place(p), *(counts.by_place[p, right] for right, *_ in _COLOURS)) for p in places]
    tables = [rates, _table(header, by_source), _table(("step, from 0", *header[1:]), by_place)]
    return "\n\n".join(table for table in tables if table)


def _place(place: int) -> str:
    return f"{place} and later" if place == LAST else str(place)


def _errors(counts: Statistics) -> str:
    firsts = sorted((place, n) for place, n in counts.first_errors.items() if place is not None and place != ALL_RIGHT)
    tables = [_counted("planted error", counts.errors), _table(("first error at step, from 0", "solutions"), firsts)]
    return "\n\n".join(table for table in tables if table)


def _exports(exported: Exported) -> str:
    rows = []
    for name, splits in exported.items():
        left: Counter[str] = sum((tally.left_out for tally in splits.values()), Counter())
        numbers = ", ".join(f"{split} {tally.rows}" for split, tally in splits.items())
        reasons = "; ".join(f"{why}: {number}" for why, number in _most(left)) or "none"
        rows.append((f"`{name}`", EXPORTS[name].about, numbers, reasons))
    return _table(("format", "for", "rows", "solutions without a row"), rows)


# --- plots ----------------------------------------------------------------------------------------------------------


def draw(counts: Statistics, folder: Path) -> list[Path]:
    """Draw the plots of a card into ``folder`` and return their paths.

    Raises:
        UsageError: matplotlib is not installed.
        OSError: a file cannot be written.
    """
    need("matplotlib")
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [("labels", _by_place, _by_source), ("lengths", _steps, _chars)]
    if counts.wrong_solutions or counts.errors:
        drawn.insert(1, ("errors", _first_errors, _kinds_of_error))
    return [_figure(counts, folder / f"{name}.png", left, right) for name, left, right in drawn]


def _figure(counts: Statistics, path: Path, *drawers: Any) -> Path:  # noqa: ANN401 - the drawers below
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2 * len(drawers), 3.8), layout="constrained")
    for axes, drawer in zip(figure.subplots(1, len(drawers)), drawers, strict=True):
        drawer(axes, counts)
    figure.savefig(path, dpi=130, metadata={"Software": None})  # the same bytes whatever drew them
    return path


def _by_place(axes: "Axes", counts: Statistics) -> None:
    places = sorted({place for place, _ in counts.by_place})
    below = [0] * len(places)
    for right, label, colour in _COLOURS:
        heights = [counts.by_place[place, right] for place in places]
        axes.bar(places, heights, bottom=below, color=colour, label=label, width=0.8)
        below = [a + b for a, b in zip(below, heights, strict=True)]
    _whole(axes, f"step, from 0 ({LAST}: and later)" if LAST in places else "step, from 0", "steps")
    axes.set_ylim(top=1.05 * max(below, default=1))
    axes.set_title("labels by place", fontsize="medium")
    axes.legend(fontsize="small", frameon=False)


def _by_source(axes: "Axes", counts: Statistics) -> None:
    totals: Counter[str] = Counter()
    for (source, _), number in counts.sources.items():
        totals[source] += number
    names = [name for name, _ in sorted(totals.items(), key=lambda item: (item[1], item[0]))][-_MOST:]
    beside = [0] * len(names)
    for right, _, colour in _COLOURS:
        widths = [counts.sources[name, right] for name in names]
        axes.barh(names, widths, left=beside, color=colour)
        beside = [a + b for a, b in zip(beside, widths, strict=True)]
    axes.set(xlabel="steps", xlim=(0, 1.05 * max(beside, default=1)))
    axes.set_title("who labelled them", fontsize="medium")


def _first_errors(axes: "Axes", counts: Statistics) -> None:
    found: Counter[int] = Counter()
    for place, number in counts.first_errors.items():
        if place is not None and place != ALL_RIGHT:
            found[min(place, LAST)] += number
    axes.bar(list(found), list(found.values()), color=_WRONG, width=0.8)
    _whole(axes, f"step, from 0 ({LAST}: and later)" if LAST in found else "step, from 0", "solutions")
    axes.set_title("place of the first error", fontsize="medium")


def _kinds_of_error(axes: "Axes", counts: Statistics) -> None:
    rows = _most(counts.errors)[::-1]
    axes.barh([name for name, _ in rows], [number for _, number in rows], color=_WRONG)
    axes.set(xlabel="steps")
    axes.set_title("planted errors by kind", fontsize="medium")
    if not rows:
        axes.set_axis_off()


def _steps(axes: "Axes", counts: Statistics) -> None:
    axes.bar(list(counts.steps), list(counts.steps.values()), color=_RIGHT, width=0.8)
    _whole(axes, "steps", "solutions")
    axes.set_title("length of solutions", fontsize="medium")


def _chars(axes: "Axes", counts: Statistics) -> None:
    axes.bar(list(counts.chars), list(counts.chars.values()), width=20, align="edge", color=_RIGHT, edgecolor="white")
    axes.set(xlabel="characters (600: and more)" if 600 in counts.chars else "characters", ylabel="steps")
    axes.set_title("length of steps", fontsize="medium")


def _whole(axes: "Axes", x: str, y: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set(xlabel=x, ylabel=y)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
