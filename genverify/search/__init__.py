"""Many solutions to a better answer: best-of-N, votes, refinement, all of it guided by the verifier."""

from genverify.search.best_of_n import abest_of_n, best_of_n, majority
from genverify.search.budget import Limits, Purse
from genverify.search.choose import METHODS, Tuning, select
from genverify.search.corrections import usable
from genverify.search.many import in_order
from genverify.search.refine import Ending, Mode, Refinement, arefine, refine
from genverify.search.refined import RefinedSelection, arefined_best_of_n, refined_best_of_n
from genverify.search.session import Rule
from genverify.search.values import Candidate, Group, Origin, Selection, Spent

__all__ = [
    "METHODS",
    "Candidate",
    "Ending",
    "Group",
    "Limits",
    "Mode",
    "Origin",
    "Purse",
    "RefinedSelection",
    "Refinement",
    "Rule",
    "Selection",
    "Spent",
    "Tuning",
    "abest_of_n",
    "arefine",
    "arefined_best_of_n",
    "best_of_n",
    "in_order",
    "majority",
    "refine",
    "refined_best_of_n",
    "select",
    "usable",
]
