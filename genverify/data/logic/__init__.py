"""Problems of deduction with proofs, right and sneakily wrong; proofs of others to labels."""

from genverify.data.logic.labels import Question, label, label_many, question
from genverify.data.logic.maker import make, prompt

__all__ = ["Question", "label", "label_many", "make", "prompt", "question"]
