"""Route one request (a claim as wire trees) to the tool that decides it, and return that tool's answer.

A request is ``{"id", "kind", "statement", "givens", "tolerance", "slack", "deadline_s"}``; an answer is
``{"id", "outcome", "reason", "tool", "witness", "computed"}``, all plain JSON. Nothing here raises for a bad claim:
what cannot be decided is answered ``undecided`` with a reason.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

Answer = dict[str, Any]

_MODULES: Final = {
    "relation": "sympy_checks",
    "identity": "sympy_checks",
    "rewrite": "sympy_checks",
    "roots": "sympy_checks",
    "consistent": "z3_checks",
    "entails": "z3_checks",
}
"""The module that decides each kind; each offers ``decide(request)``. Imported on first use: Z3 costs 0.1 s."""
_WITNESS_MAX: Final = 300  # one report line; the host cuts nothing, so the guest must


def warm(tools: tuple[str, ...] = ("sympy", "z3")) -> None:
    """Import ``tools`` ahead of the first request, so that a forked worker starts with them loaded."""
    for tool in tools:
        import_module(f"{tool}_checks")


def decide(request: dict[str, Any]) -> Answer:
    """Decide one claim; the answer carries the request's ``id``.

    Raises:
        MemoryError: the worker's memory limit was reached; the caller answers ``memory`` and ends the worker.
    """
    kind = str(request.get("kind"))
    module = _MODULES.get(kind)
    if module is None:
        answer = _undecided("unsupported", "none", f"no tool decides the kind {kind[:40]!r}")
    else:
        answer = _ask(module, request)
    witness = " ".join(str(answer.get("witness") or "").split())
    return {**answer, "id": request.get("id"), "witness": witness[:_WITNESS_MAX]}


def _ask(module: str, request: dict[str, Any]) -> Answer:
    tool = module.removesuffix("_checks")
    try:
        verb: Callable[[dict[str, Any]], Answer] = import_module(module).decide
    except ImportError as error:
        return _undecided("unsupported", tool, f"{tool} could not be loaded: {error}")
    try:
        return verb(request)
    except MemoryError:
        raise
    except RecursionError:
        return _undecided("too_large", tool, "the expression nests too deeply")
    # The boundary of the guest: SymPy and Z3 raise nearly anything; a failed check is an answer, never a verdict.
    except Exception as error:  # noqa: BLE001
        return _undecided("unknown", tool, f"{tool} failed: {type(error).__name__}: {error}")


def _undecided(reason: str, tool: str, witness: str) -> Answer:
    return {"outcome": "undecided", "reason": reason, "tool": tool, "witness": witness, "computed": None}
