"""Step text to claims: what a step says that can be decided, found without any model."""

from genverify.claims.coverage import coverage
from genverify.claims.extract import extract

__all__ = ["coverage", "extract"]
