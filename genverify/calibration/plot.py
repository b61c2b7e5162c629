"""A calibration to a reliability diagram: how often steps were right beside how likely they were said to be."""

from pathlib import Path
from typing import TYPE_CHECKING

from genverify.calibration.fit import Calibration
from genverify.calibration.metrics import reliability
from genverify.calibration.packages import need

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BEFORE = "#9a9a9a"
_AFTER = "#1f5fa8"


def plot(found: Calibration, path: Path) -> None:
    """Draw the held-back steps before and after, with the number of steps in each bin beneath.

    Args:
        found: what was fitted and measured.
        path: the picture; its suffix says which format (``.png``, ``.svg``, ``.pdf``).

    Raises:
        UsageError: matplotlib is missing.
        OSError: the file cannot be written.
        ValueError: there is no such format.
    """
    need("matplotlib")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 6.6), dpi=150, layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    upper.plot([0, 1], [0, 1], color="black", linewidth=0.8, linestyle=":", label="perfectly calibrated")
    for name, colour, shift, quality, judgements in (
        ("before", _BEFORE, -1, found.before, found.judged_before),
        ("after", _AFTER, 1, found.after, found.judged_after),
    ):
        bins = reliability(judgements)
        seen = [(b.mean_p, b.share_right) for b in bins if b.mean_p is not None and b.share_right is not None]
        label = f"{name}: ECE {quality.ece.value:.3f}"
        upper.plot([p for p, _ in seen], [share for _, share in seen], "o-", color=colour, label=label)
        width = (bins[0].high - bins[0].low) * 0.4
        middles = [(b.low + b.high) / 2 + shift * width / 2 for b in bins]
        lower.bar(middles, [b.count for b in bins], width=width, color=colour)
    _dress(upper, lower, found)
    figure.savefig(path)


def _dress(upper: "Axes", lower: "Axes", found: Calibration) -> None:
    """Write what the axes show."""
    upper.set_title(f"{found.before.count} decided steps of {found.held_problems} held-back problems", fontsize=10)
    upper.set_ylabel("share of steps that are right")
    upper.set_xlim(0, 1)
    upper.set_ylim(0, 1)
    upper.grid(alpha=0.3)
    upper.legend(loc="upper left", frameon=False)
    lower.set_yscale("symlog", linthresh=1)
    lower.set_ylabel("steps")
    lower.set_xlabel("probability that the step is right")
