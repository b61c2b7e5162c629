"""Decide relations, identities, rewritings and lists of roots with exact arithmetic, enclosures and SymPy.

A request's trees are checked and bounded here, once, before anything is built from them.
"""

from typing import Any

import sympy_equations
import sympy_identity
import sympy_relations
import sympy_roots
from answers import Answer, Settings, undecided
from enclosure import TooLarge, Unsupported
from trees import Tree, check, names


def decide(request: dict[str, Any]) -> dict[str, Any]:
    """Decide one request and return the answer as it goes over the wire (without its id)."""
    return _decide(request).message("sympy")


def _decide(request: dict[str, Any]) -> Answer:
    settings = Settings.of(request)
    try:
        statement = check(request.get("statement"))
        if request.get("kind") == "identity":
            return _identity(statement, request.get("givens") or [], settings)
        givens = [check(given) for given in request.get("givens") or []]
    except Unsupported as error:
        return undecided("unsupported", str(error))
    except TooLarge:
        return undecided("too_large", "the statement has too many parts or nests too deeply")
    return _routed(str(request.get("kind")), statement, givens, settings)


def _identity(statement: Tree, givens: list[object], settings: Settings) -> Answer:
    """Decide a general statement; a given that cannot be read is left out, which may cost a refutation, not a proof."""
    readable = []
    for given in givens:
        try:
            readable.append(check(given))
        except Unsupported:
            continue
    answer = _routed("identity", statement, readable, settings)
    if answer.outcome == "refuted" and len(readable) < len(givens):
        return undecided("unknown", f"it fails unless a given that was not understood excludes this: {answer.witness}")
    return answer


def _routed(kind: str, statement: Tree, givens: list[Tree], settings: Settings) -> Answer:
    if kind == "rewrite":
        return sympy_equations.decide(statement, givens, settings)
    if kind == "roots":
        return sympy_roots.decide(statement, givens, settings)
    if names(statement):
        if kind == "relation":
            return undecided("undefined", f"{', '.join(sorted(names(statement)))[:80]} has no value")
        return sympy_identity.decide(statement, givens, settings)
    return sympy_relations.decide(statement, settings)
