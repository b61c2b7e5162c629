"""Claims written on the command line to checks and an exit code."""

from collections.abc import Sequence

import click

from genverify import cli, wording
from genverify.claims import extract
from genverify.claims.grammar import RELATIONS, App, names, parse
from genverify.claims.statements import statements
from genverify.claims.writing import show
from genverify.errors import GrammarError
from genverify.types import Check, Claim, ClaimKind, Outcome, Problem, Solution

_STATEMENTS = RELATIONS | {
    "and", "or", "not", "->", "<->", "in", "subset", "divides", "prime", "even", "odd", "integer", "cong", "xor",
    "forall", "exists",
}  # fmt: skip
"""Heads that make a formal text something that is true or false."""


def run(texts: Sequence[str], *, as_json: bool, deadline_s: float) -> int:
    """Decide what each text claims, print it, and return the exit code."""
    from genverify.tools.checkers import Checkers

    found = [claims_of(text) for text in texts]
    for number, (text, own) in enumerate(zip(texts, found, strict=True), start=1):
        if not own:
            words = wording.shorten(wording.clean(text), 80)
            click.echo(f"genverify: claim {number} {words!r}: nothing to decide in it; write it like '17*24 = 418', "
                       "'20% of 150 = 30' or '(x+1)^2 = x^2 + 2*x + 1'", err=True)  # fmt: skip
    with Checkers(deadline_s=deadline_s) as checkers:
        checks = checkers.check_many([claim for own in found for claim in own])
    _print(checks, as_json=as_json)
    outcomes = {c.outcome for c in checks}
    if Outcome.REFUTED in outcomes:
        return cli.EXIT_ERROR_FOUND
    if not all(found):
        return cli.EXIT_USAGE
    return cli.EXIT_CLEAN if Outcome.CONFIRMED in outcomes else cli.EXIT_UNDECIDED


def claims_of(text: str) -> tuple[Claim, ...]:
    """Return what ``text`` claims: read as a step of a solution, or else as a statement in the formal language."""
    if not text.strip():
        return ()
    (found,) = extract(Problem(""), Solution.from_steps((text,)))
    return found or _formal(text) or _as_written(text)


def _as_written(text: str) -> tuple[Claim, ...]:
    """Return what a single chain of relations says; asked whether it holds, it is held to hold for all values."""
    chains = statements(text)
    if len(chains) != 1 or any(m.reading is None or m.cut for m in chains[0].members):
        return ()
    sides = [show(m.reading.expr) for m in chains[0].members if m.reading is not None]
    found = []
    for left, rel, right in zip(sides, chains[0].rels, sides[1:], strict=False):
        kind = ClaimKind.IDENTITY if names(parse(left)) | names(parse(right)) else ClaimKind.RELATION
        found.append(Claim(kind, f"{left} {rel} {right}", span=(0, len(text)), text=text.strip()))
    return tuple(found)


def _formal(text: str) -> tuple[Claim, ...]:
    try:
        expr = parse(text)
    except GrammarError:
        return ()
    if not isinstance(expr, App) or expr.head not in _STATEMENTS:
        return ()
    # with free names left, "it holds" can only mean: for every value of them
    kind = ClaimKind.IDENTITY if names(expr) else ClaimKind.RELATION
    return (Claim(kind, text.strip(), span=(0, len(text)), text=text.strip()),)


def _print(checks: Sequence[Check], *, as_json: bool) -> None:
    if as_json:
        from genverify import records

        for check in checks:
            click.echo(records.check_line(check))
        return
    from genverify.render.terminal import Terminal, print_check

    console = Terminal()
    for check in checks:
        print_check(console, check)
