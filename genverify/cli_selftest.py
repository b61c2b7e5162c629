"""Attacks on this machine's sandbox to a table and an exit code."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence

import click

from genverify import cli
from genverify.errors import ToolError, UsageError
from genverify.selftest.attack import Attack
from genverify.selftest.corpus import ATTACKS, GROUPS
from genverify.selftest.run import LIMITS, Result, Tried, run_all
from genverify.tools.checkers import Checkers
from genverify.tools.kernels import KernelPool
from genverify.tools.limits import Level
from genverify.wording import clean


def run(*, level: Level, without: Sequence[str], only: Sequence[str], as_json: bool) -> int:
    """Try all attacks, or those named, print what came of them, and return the exit code."""
    attacks = _chosen(only)
    pool = KernelPool(LIMITS, level=level, off=tuple(without))
    try:
        with pool, Checkers(deadline_s=60.0) as checkers:
            tell = _Progress(len(attacks)) if sys.stderr.isatty() and not as_json else lambda _: None
            tried = asyncio.run(run_all(pool, checkers, attacks, tell))
            layers = pool.layers
    except ToolError as error:
        click.echo(f"genverify: {error}", err=True)
        return cli.EXIT_UNDECIDED
    if as_json:
        click.echo(json.dumps(_as_json(layers, tried)))
    else:
        _print(layers, tried)
    bad = any(t.result in (Result.SUCCEEDED, Result.UNCLEAR) for t in tried)
    return cli.EXIT_ERROR_FOUND if bad else cli.EXIT_CLEAN


def _chosen(only: Sequence[str]) -> tuple[Attack, ...]:
    unknown = set(only) - {attack.name for attack in ATTACKS}
    if unknown:
        raise UsageError(f"no attack is called {', '.join(sorted(unknown))}; genverify selftest --json names them all")
    return tuple(attack for attack in ATTACKS if not only or attack.name in only)


class _Progress:
    """Counts on standard error."""

    def __init__(self, total: int) -> None:
        self._done, self._total = 0, total

    def __call__(self, tried: Tried) -> None:
        self._done += 1
        end = "\n" if self._done == self._total else ""
        click.echo(f"\r{self._done} of {self._total} attacks tried{end}", nl=False, err=True)


def _as_json(layers: dict[str, str], tried: Sequence[Tried]) -> dict[str, object]:
    rows = [{"name": t.attack.name, "result": t.result, "detail": clean(t.detail)} for t in tried]
    return {"layers": layers, "counts": Counter(str(t.result) for t in tried), "attacks": rows}


def _print(layers: dict[str, str], tried: Sequence[Tried]) -> None:
    for one in tried:
        if one.result is not Result.HELD:
            click.echo(f"{one.result}: {one.attack.name} ({one.attack.title}): {clean(one.detail)}")
    click.echo(f"\n{'attacks on':12}" + "".join(f"{result:>11}" for result in Result))
    by_name = {t.attack.name: t.result for t in tried}
    for group, attacks in GROUPS.items():
        counts = Counter(by_name[a.name] for a in attacks if a.name in by_name)
        click.echo(f"{group:12}" + "".join(f"{counts[result]:>11}" for result in Result))
    total = Counter(by_name.values())
    click.echo(f"{'all':12}" + "".join(f"{total[result]:>11}" for result in Result))
    missing = [name for name, state in layers.items() if not state.startswith("on") and name != "level"]
    click.echo(
        f"\nLevel {layers['level']}; layers not fully on: {', '.join(missing) or 'none'} (genverify doctor says why)"
    )
