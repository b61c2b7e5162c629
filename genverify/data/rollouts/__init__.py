"""Labels from how often a policy gets to the right answer."""

from genverify.data.rollouts.probing import (
    IN_FLIGHT,
    Effort,
    Estimate,
    Prober,
    Rollout,
    Spent,
    answer_of,
    laid_out,
    wilson,
)

__all__ = ["IN_FLIGHT", "Effort", "Estimate", "Prober", "Rollout", "Spent", "answer_of", "laid_out", "wilson"]
