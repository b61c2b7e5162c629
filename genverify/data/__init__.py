"""Problems and solutions whose every step is labelled by tools: training data for critics."""

from genverify.data.values import Dropped, Example, Kind, LabelledStep, StepLabel, Tools, opened

__all__ = ["Dropped", "Example", "Kind", "LabelledStep", "StepLabel", "Tools", "opened"]
