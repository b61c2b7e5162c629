"""Every attack that ships, from several kinds of machines; what is not offered here is skipped and says so."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from genverify.selftest.corpus import ATTACKS

STAND_IN = Path(__file__).parent / "cases" / "stand_in.py"
KNOWN_IN_DOCKER = {"stat-probe", "chdir-probe"}
"""Without a root folder of its own a kernel learns whether a path exists; sandbox/README.md says so."""
NO_LAYERS = ("network", "ipc_and_names", "pid_namespace", "jail_root", "landlock", "seccomp")


def genverify(situation: tuple[str, ...], *words: str) -> "subprocess.CompletedProcess[str]":
    stand_in = [sys.executable, str(STAND_IN), *situation] if situation else []
    environment = {**os.environ, "SOME_API_KEY": "secret"}
    command = [*stand_in, sys.executable, "-m", "genverify", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=500)


@cache
def doctor(situation: tuple[str, ...]) -> dict[str, Any]:
    """Return what the machine offers; the test is skipped if it cannot be imitated here."""
    if situation and (sys.platform != "linux" or os.geteuid() != 0):
        pytest.skip("only root can imitate other users and machines")
    done = genverify(situation, "doctor", "--json")
    if not done.stdout:
        pytest.skip(f"this machine cannot be imitated here: {done.stderr.strip()[-200:]}")
    return dict(json.loads(done.stdout))


def attacked(situation: tuple[str, ...], *words: str) -> dict[str, str]:
    done = genverify(situation, "selftest", "--json", *words)
    assert done.stdout, done.stderr
    rows = json.loads(done.stdout)["attacks"]
    print(*(row for row in rows if row["result"] != "held"), sep="\n")
    return {row["name"]: row["result"] for row in rows}


def need(situation: tuple[str, ...], *levels: str) -> None:
    level = doctor(situation)["level"]
    if level not in levels:
        pytest.skip(f"isolation reaches only {level!r} here: {doctor(situation)['layers']}")


def test_there_are_many_attacks_and_each_has_a_name_of_its_own() -> None:
    assert len(ATTACKS) >= 120
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


@pytest.mark.parametrize("situation", [(), ("--nobody",)], ids=["as ourselves", "as nobody"])
def test_no_attack_succeeds_at_the_level_strict(situation: tuple[str, ...]) -> None:
    need(situation, "strict")
    results = attacked(situation, "--level", "strict")
    assert set(results.values()) == {"held"}
    assert len(results) == len(ATTACKS)


@pytest.mark.parametrize("situation", [("--docker",), ("--nobody", "--docker")], ids=["root", "nobody"])
def test_in_docker_no_attack_succeeds_but_those_documented(situation: tuple[str, ...]) -> None:
    need(situation, "default")
    results = attacked(situation, "--level", "default")
    assert {name for name, result in results.items() if result != "held"} <= KNOWN_IN_DOCKER


def test_the_level_strict_is_refused_where_layers_are_missing_and_says_which() -> None:
    need(("--docker",), "default")
    done = genverify(("--docker",), "selftest", "--level", "strict", "--only", "marker")
    assert done.returncode == 3
    assert "jail_root is off: the system refuses new namespaces" in done.stderr


def test_the_attacks_can_see_since_many_succeed_without_layers() -> None:
    need((), "strict")
    without = [word for layer in NO_LAYERS for word in ("--without", layer)]
    results = attacked((), "--level", "weak", *without)
    assert sum(result in ("succeeded", "known") for result in results.values()) >= 20


@pytest.mark.parametrize("layer", ["seccomp", "landlock", "jail_root"])
def test_one_missing_layer_is_made_up_for_by_the_others(layer: str) -> None:
    need((), "strict")
    words = [word for name in ("read-keys", "write-outside", "truncate-name", "rename") for word in ("--only", name)]
    assert set(attacked((), "--level", "weak", "--without", layer, *words).values()) == {"held"}
