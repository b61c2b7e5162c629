"""Judged steps with known labels to weights of fusion, and probabilities to figures that say how far to trust them."""

from genverify.calibration.fit import Calibration, KindFit, calibrate
from genverify.calibration.metrics import BINS, Figure, Quality, quality, reliability
from genverify.calibration.steps import LabelledStep, labelled_steps, split

__all__ = [
    "BINS",
    "Calibration",
    "Figure",
    "KindFit",
    "LabelledStep",
    "Quality",
    "calibrate",
    "labelled_steps",
    "quality",
    "reliability",
    "split",
]
