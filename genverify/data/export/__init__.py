"""Examples to the formats that trainers read."""

from genverify.data.export.formats import EXPORTS, named

__all__ = ["EXPORTS", "named"]
