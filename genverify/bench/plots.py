"""Results to PNG files: score against N, reliability, and how often an error is found by its place."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from genverify.bench import selection
from genverify.bench.results import Result
from genverify.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CHOICES: Final = ("pass@1", "majority", "unrefuted_majority", "weighted", "best_product", "best_stored", "oracle")
"""Choices drawn; all are in the result."""
_COLOURS: Final = ("#888888", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#000000")
"""Told apart by people who see few colours (Okabe and Ito 2008)."""


def draw(results: Sequence[Result], folder: Path) -> Iterator[Path]:
    """Draw what ``results`` hold into ``folder`` and yield the path of each file.

    Raises:
        UsageError: matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise UsageError("plots need matplotlib: pip install 'genverify[plots]', or ask for --no-plots") from error
    matplotlib.use("Agg")  # no display is needed
    for result in results:
        if result["benchmark"] == "best-of-n":
            yield from _against_n(result, folder)
        elif "sets" in result and any("positions" in part for part in result["sets"].values()):
            yield from _per_set(result, folder, "reliability", _reliability)
            yield from _per_set(result, folder, "positions", _positions)


def _against_n(result: Result, folder: Path) -> Iterator[Path]:
    from matplotlib.figure import Figure

    for name, part in result["sets"].items():
        figure = Figure(figsize=(6.4, 4.2), layout="constrained")
        axes = figure.subplots()
        for choice, colour in zip(_CHOICES, _COLOURS, strict=True):
            _curve(axes, part["figures"], choice, colour)
        axes.set(xlabel="N", ylabel="right answers, %", title=f"{name}: choice among N", xscale="log")
        ticks = sorted({n for choice in _CHOICES for n in _points(part["figures"], choice)} | {1})
        axes.set_xticks(ticks, [str(n) for n in ticks])
        axes.minorticks_off()
        axes.legend(fontsize="small")
        yield _saved(figure, folder / f"against_n_{name}.png")


def _points(figures: Mapping[str, Any], choice: str) -> dict[int, Mapping[str, Any]]:
    """Return a choice's figures by N; at N = 1 every choice is the blind one."""
    found = {int(n.rpartition("@")[2]): f for n, f in figures.items() if n.startswith(f"{choice}@")}
    if found or choice == "pass@1":
        found[1] = figures["pass@1"]
    return {n: f for n, f in sorted(found.items()) if f["value"] is not None}


def _curve(axes: "Axes", figures: Mapping[str, Any], choice: str, colour: str) -> None:
    points = _points(figures, choice)
    if not points:
        return
    label = selection.CHOICES[choice][0]
    if choice == "pass@1":
        axes.axhline(100 * points[1]["value"], color=colour, linestyle="--", label=label)
        return
    places = list(points)
    axes.plot(places, [100 * f["value"] for f in points.values()], color=colour, marker="o", markersize=3, label=label)
    low, high = ([100 * f[end] for f in points.values()] for end in ("low", "high"))
    axes.fill_between(places, low, high, color=colour, alpha=0.12, linewidth=0)


def _per_set(result: Result, folder: Path, what: str, one: Any) -> Iterator[Path]:  # noqa: ANN401 - a drawer below
    """Draw one small picture a set on a common sheet."""
    from matplotlib.figure import Figure

    parts = {name: part for name, part in result["sets"].items() if part.get(what)}
    if not parts:
        return
    columns = min(3, len(parts))
    rows = -(-len(parts) // columns)
    figure = Figure(figsize=(3.6 * columns, 3.2 * rows), layout="constrained")
    cells = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes, (name, part) in zip(cells, parts.items(), strict=False):
        one(axes, part[what])
        axes.set_title(name, fontsize="small")
    for axes in cells[len(parts) :]:  # the rest of the last row
        axes.set_axis_off()
    yield _saved(figure, folder / f"{what}_{result['benchmark']}.png")


def _reliability(axes: "Axes", bins: Sequence[Mapping[str, float]]) -> None:
    axes.plot([0, 1], [0, 1], color="#888888", linestyle="--", linewidth=1)
    most = max(b["steps"] for b in bins)
    sizes = [20 + 180 * b["steps"] / most for b in bins]
    axes.scatter([b["mean_p"] for b in bins], [b["share_right"] for b in bins], s=sizes, color="#0072b2", alpha=0.7)
    axes.set(
        xlabel="probability given to the step", ylabel="share of steps that are right", xlim=(0, 1), ylim=(0, 1.02)
    )


def _positions(axes: "Axes", places: Sequence[Mapping[str, int]]) -> None:
    from matplotlib.ticker import MaxNLocator

    steps = [p["step"] for p in places]
    axes.bar(steps, [p["errors"] for p in places], color="#cccccc", label="first errors")
    axes.bar(steps, [p["found"] for p in places], color="#d55e00", label="located")
    axes.set(xlabel="step of the first error, from 0 (20: and later)", ylabel="solutions")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(fontsize="x-small")


def _saved(figure: Any, path: Path) -> Path:  # noqa: ANN401 - matplotlib is known only where it is installed
    figure.savefig(path, dpi=130)
    return path
