"""Questions about tables with answers, right and sneakily wrong; answers of others to labels."""

from genverify.data.tables.labelling import label, prompt
from genverify.data.tables.maker import make

__all__ = ["label", "make", "prompt"]
