"""Logic problems to the claims of their solutions: formal premises, orders, comparisons, swaps, facts and rules.

Each reader knows its own kind of problem and gives no claims for any other; a problem without a sign of logic pays for
a few searches of its text and loads no reader.
"""

import re
from typing import Final

from genverify.types import Claim, Problem, Solution

_ORDER: Final = re.compile(
    r"(?:there (?:are|were)|sells|has) (?:two|three|four|five|six|seven|eight|nine|ten) [a-z]+: ", re.IGNORECASE
)
_START: Final = "At the start"
_SWAPS: Final = re.compile(r"At the start\b[^.]*: [^.]*\..*? and \w+ (?:swap|trade|switch|exchange)", re.DOTALL)
_COMPARED: Final = re.compile(r"\b[A-Za-z][a-z]+ is (?:(?:more|less) expensive|[a-z]{4,8}er) than (?:[A-Z]|the )")
_RULE: Final = re.compile(
    r"\b(?:every|each|all|any|no|some|if|either)\b[^.\n]{1,90}?\b(?:is|are|then|or)\b|"
    r"\b[a-z]+s are [a-z]+|if and only if",
    re.IGNORECASE,
)
_FIGURES: Final = re.compile(r"[a-z,] \d|[$\\=+<>%]|\d\.\d", re.IGNORECASE)
"""Signs of a problem about numbers, which no reader of rules understands."""


def logic_claims(problem: Problem, solution: Solution) -> list[list[Claim]]:
    """Return the claims of each step; empty lists if the problem is not one of logic that is understood."""
    if problem.premises_fol:
        from genverify.claims.logic_formal import formal_claims

        return formal_claims(problem, solution)
    text = "\n".join((*problem.premises, problem.text))
    if _ORDER.search(text) is not None:
        from genverify.claims.logic_order import order_claims

        return order_claims(problem, solution)
    if _START in text and _SWAPS.search(text) is not None:
        from genverify.claims.logic_swaps import swap_claims

        return swap_claims(problem, solution)
    if len(_COMPARED.findall(text)) > 1:
        from genverify.claims.logic_compare import compare_claims

        return compare_claims(problem, solution)
    if _FIGURES.search(text) is None and _RULE.search(text) is not None:
        from genverify.claims.logic_rules import rule_claims

        return rule_claims(problem, solution)
    return [[] for _ in solution.steps]
