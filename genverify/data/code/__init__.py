"""Small functions with tests, right and with one wrong statement; programs of others to labels."""

from genverify.data.code.labelling import label, prompt
from genverify.data.code.locating import locate
from genverify.data.code.maker import make

__all__ = ["label", "locate", "make", "prompt"]
