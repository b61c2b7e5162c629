"""Problems of arithmetic and algebra with solutions, right and sneakily wrong; solutions of others to labels."""

from genverify.data.algebra.labelling import label, prompt
from genverify.data.algebra.maker import make

__all__ = ["label", "make", "prompt"]
