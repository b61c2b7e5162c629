"""Critiques and checks to one verdict a step, and verdicts to the score of a solution; nothing is run here."""

from genverify.fusion.conventions import ALL_RIGHT, StepLabels, convert, to_first_error, to_local, to_prefix
from genverify.fusion.evidence import Evidence, complete
from genverify.fusion.label_model import LabelModel, Reliability, dawid_skene
from genverify.fusion.methods import BACKWARDS, METHODS, Rule, biprm_gated, fuse, grounded_prm, hybrid_reward
from genverify.fusion.reports import both_directions, disagreements, refuse, refuse_many
from genverify.fusion.rule import Opinion, fuse_step
from genverify.fusion.scores import AGGREGATORS, SolutionScore, first_error, score, solution_score
from genverify.fusion.weights import DEFAULT_WEIGHTS, Weights, read_weights, write_weights

__all__ = [
    "AGGREGATORS",
    "ALL_RIGHT",
    "BACKWARDS",
    "DEFAULT_WEIGHTS",
    "METHODS",
    "Evidence",
    "LabelModel",
    "Opinion",
    "Reliability",
    "Rule",
    "SolutionScore",
    "StepLabels",
    "Weights",
    "biprm_gated",
    "both_directions",
    "complete",
    "convert",
    "dawid_skene",
    "disagreements",
    "first_error",
    "fuse",
    "fuse_step",
    "grounded_prm",
    "hybrid_reward",
    "read_weights",
    "refuse",
    "refuse_many",
    "score",
    "solution_score",
    "to_first_error",
    "to_local",
    "to_prefix",
    "write_weights",
]
