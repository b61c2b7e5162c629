"""A wrong step to the text that may stand in its place: a correction counts only if its own checks speak for it."""

from genverify import claims, fusion
from genverify.fusion import Evidence
from genverify.types import Correction, CorrectionStatus, Outcome, StepVerdict


def usable(verdict: StepVerdict) -> Correction | None:
    """Return the correction of a wrong step if it may replace that step; None if there is none such.

    It may if it is VERIFIED, none of its own checks fails, at least one confirms, and the probability that the
    corrected step is right, fused from those checks, is above that of the step as it was. A step that sound checks
    confirmed in full is never replaced, whatever a critic says.
    """
    offer = verdict.correction
    if offer is None or offer.status is not CorrectionStatus.VERIFIED or Evidence.of(verdict).confirmed:
        return None
    outcomes = {check.outcome for check in offer.checks}
    if Outcome.REFUTED in outcomes or Outcome.CONFIRMED not in outcomes:
        return None
    after = _probability(offer, verdict.index)
    before = verdict.p_correct if verdict.p_correct is not None else 0.0
    return offer if after is not None and after > before else None


def _probability(offer: Correction, index: int) -> float | None:
    decided = [check.claim for check in offer.checks if check.outcome is not Outcome.UNDECIDED]
    return fusion.fuse_step(index, (), offer.checks, claims.coverage(offer.text, decided)).p_correct


def feedback(verdict: StepVerdict) -> str:
    """Say what is wrong with a step: the deciding evidence, the harshest critique, a checked correction."""
    parts = [verdict.why]
    read = [c for c in verdict.critiques if c.p_correct is not None and c.text.strip()]
    if read:
        parts.append(min(read, key=lambda c: c.p_correct or 0.0).text.strip())
    offer = usable(verdict)
    if offer is not None:
        parts.append(f"The step should read: {offer.text.strip()}")
    return "\n\n".join(parts)
