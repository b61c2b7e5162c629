"""The wheel holds what git tracks, no more and no less."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def tracked(*folders: str) -> set[str]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a checkout, to know which files are tracked")
    listed = subprocess.run(["git", "ls-files", "-z", *folders], cwd=ROOT, capture_output=True, check=True)
    return {name.decode() for name in listed.stdout.split(b"\0") if name}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = Path(folder).glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_all_tracked_code(wheel: set[str]) -> None:
    code = {n for n in wheel if n.startswith("genverify/") and "/_assets/" not in n}
    assert code == tracked("genverify")


def test_the_wheel_holds_the_assets_that_git_tracks(wheel: set[str]) -> None:
    assets = {n.removeprefix("genverify/_assets/") for n in wheel if n.startswith("genverify/_assets/")}
    assert assets == tracked("prompts", "sandbox", "datasets/samples", "genverify-model")


def test_only_genverify_becomes_importable(wheel: set[str]) -> None:
    assert {n.split("/")[0] for n in wheel if not n.split("/")[0].endswith((".dist-info", ".data"))} == {"genverify"}
