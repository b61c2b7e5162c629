"""genverify: every step of a solution gets a verdict, the evidence for it, and a checked correction."""

from typing import TYPE_CHECKING

from genverify.errors import EngineError, GenverifyError, GrammarError, RecordError, ToolError, UsageError
from genverify.types import (
    Check,
    Claim,
    ClaimKind,
    CodeRun,
    Correction,
    CorrectionStatus,
    Cost,
    Critique,
    Disagreement,
    Failure,
    Label,
    LabelConvention,
    Outcome,
    Problem,
    Provenance,
    Reason,
    Report,
    Solution,
    Source,
    Step,
    StepVerdict,
)

if TYPE_CHECKING:
    from genverify.critic import Critic
    from genverify.policies import EnginePolicy
    from genverify.protocols.base import Budget
    from genverify.search import best_of_n, refine, refined_best_of_n
    from genverify.tools.checkers import Checkers
    from genverify.tools.kernels import KernelPool
    from genverify.tools.limits import KernelLimits
    from genverify.verifier import Verifier

__version__ = "0.1.0"

__all__ = [
    "Budget",
    "Check",
    "Checkers",
    "Claim",
    "ClaimKind",
    "CodeRun",
    "Correction",
    "CorrectionStatus",
    "Cost",
    "Critic",
    "Critique",
    "Disagreement",
    "EngineError",
    "EnginePolicy",
    "Failure",
    "GenverifyError",
    "GrammarError",
    "KernelLimits",
    "KernelPool",
    "Label",
    "LabelConvention",
    "Outcome",
    "Problem",
    "Provenance",
    "Reason",
    "RecordError",
    "Report",
    "Solution",
    "Source",
    "Step",
    "StepVerdict",
    "ToolError",
    "UsageError",
    "Verifier",
    "__version__",
    "best_of_n",
    "refine",
    "refined_best_of_n",
]

_LAZY = {
    "Budget": "genverify.protocols.base",
    "Checkers": "genverify.tools.checkers",
    "Critic": "genverify.critic",
    "EnginePolicy": "genverify.policies",
    "KernelLimits": "genverify.tools.limits",
    "KernelPool": "genverify.tools.kernels",
    "Verifier": "genverify.verifier",
    "best_of_n": "genverify.search",
    "refine": "genverify.search",
    "refined_best_of_n": "genverify.search",
}
"""Names whose modules start threads, processes or long regular expressions: imported when first asked for."""


def __getattr__(name: str) -> object:
    """Import a name of ``_LAZY`` when it is first used."""
    if name not in _LAZY:
        raise AttributeError(f"module 'genverify' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
