"""Many solutions to a better answer: best-of-N, votes, refinement, all of it guided by the verifier."""

from genverify.search.best import abest_of_n, best_of_n, majority
from genverify.search.budget import Limits, Purse
from genverify.search.choose import METHODS, Tuning, select
from genverify.search.corrections import usable
from genverify.search.many import in_order
from genverify.search.refined import RefinedSelection, arefined_best_of_n, refined_best_of_n
from genverify.search.refinement import Ending, Mode, Refinement, arefine, refine
from genverify.search.rewards import OutcomeReward, ProcessReward, verl_reward
from genverify.search.session import Choice
from genverify.search.tree import STRATEGIES, Node, Plan, SearchTree, asearch, draw, search
from genverify.search.values import Candidate, Group, Origin, Selection, Spent

__all__ = [
    "METHODS",
    "STRATEGIES",
    "Candidate",
    "Choice",
    "Ending",
    "Group",
    "Limits",
    "Mode",
    "Node",
    "Origin",
    "OutcomeReward",
    "Plan",
    "ProcessReward",
    "Purse",
    "RefinedSelection",
    "Refinement",
    "SearchTree",
    "Selection",
    "Spent",
    "Tuning",
    "abest_of_n",
    "arefine",
    "arefined_best_of_n",
    "asearch",
    "best_of_n",
    "draw",
    "in_order",
    "majority",
    "refine",
    "refined_best_of_n",
    "search",
    "select",
    "usable",
    "verl_reward",
]
