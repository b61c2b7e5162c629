"""What this machine offers to lines for a person: isolation layers, tools, and what to do about those missing."""

import asyncio
import json
import platform
from typing import Final

import click

from genverify import cli
from genverify.errors import ToolError
from genverify.tools import isolation
from genverify.tools.kernels import KernelPool
from genverify.tools.limits import KernelLimits, Level

_ADVICE: Final = {
    Level.STRICT: "Code that models write is shut in by every layer there is.",
    Level.DEFAULT: "Code that models write runs here, shut in by the layers that are on.",
    Level.WEAK: "Code that models write does not run here unless you ask for it with the level 'weak'.",
}


def run(*, as_json: bool) -> int:
    """Start one kernel with whatever isolation there is, print each layer as it came out, and return the exit code."""
    try:
        layers = asyncio.run(_layers())
    except ToolError as error:
        click.echo(f"genverify: {error}", err=True)
        return cli.EXIT_UNDECIDED
    level = Level(layers.pop("level"))
    if as_json:
        click.echo(json.dumps({"level": level, "layers": layers, "system": platform.platform()}))
    else:
        _print(level, layers)
    return cli.EXIT_UNDECIDED if level is Level.WEAK else cli.EXIT_CLEAN


async def _layers() -> dict[str, str]:
    with KernelPool(KernelLimits(ready=0), level=Level.WEAK) as pool:
        async with pool.kernel() as kernel:
            await kernel.run("1 + 1")
        return pool.layers


def _print(level: Level, layers: dict[str, str]) -> None:
    click.echo(f"genverify on {platform.platform()}, Python {platform.python_version()}\n")
    click.echo("Isolation of code that models write (each layer was tried just now):\n")
    for name, words in isolation.LAYERS.items():
        state, why = isolation.split(layers.get(name, "off: this guest does not know it"))
        click.echo(f"  {state:8} {name:21} {words}")
        if why:
            click.echo(f"  {'':8} {'':21} {'yes, but' if state == 'partial' else 'no'}: {why}")
    click.echo(f"\nLevel reached: {level}. {_ADVICE[level]}")
