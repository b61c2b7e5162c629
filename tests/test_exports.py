"""The public names: sorted, importable, and cheap to get."""

import subprocess
import sys

import genverify


def test_public_names_are_sorted_and_importable() -> None:
    assert genverify.__all__ == sorted(genverify.__all__)
    for name in genverify.__all__:
        assert getattr(genverify, name) is not None


def test_importing_genverify_imports_nothing_heavy() -> None:
    heavy = ("sympy", "z3", "rich", "pydantic", "click", "asyncio", "concurrent.futures")
    code = f"import sys, genverify; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(genverify, "no_such_name")
