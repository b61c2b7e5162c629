"""The README tells the truth: its examples print what they show."""

import asyncio
import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from genverify import KernelPool, ToolError

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
CONSOLE = re.findall(r"```console\n\$ (genverify .*)\n((?:.+\n)+)```", README.read_text(encoding="utf-8"))


def test_the_python_examples_print_what_they_show() -> None:
    try:
        with KernelPool() as pool:
            asyncio.run(pool.take()).kill()
    except ToolError as error:
        pytest.skip(f"one of them runs a confined kernel: {error}")
    result = doctest.testfile(str(README), module_relative=False)
    assert result.failed == 0
    assert result.attempted >= 8


def test_there_are_console_examples() -> None:
    assert CONSOLE


@pytest.mark.parametrize(("command", "output"), CONSOLE, ids=[c for c, _ in CONSOLE])
def test_the_console_examples_print_what_they_show(command: str, output: str) -> None:
    words = [sys.executable, "-m", *shlex.split(command)]
    shown = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "COLUMNS": "80"})
    assert shown.stdout.rstrip("\n").splitlines() == output.rstrip("\n").splitlines()


def test_every_file_it_points_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
