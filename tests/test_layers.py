"""The house keeps its shape: imports point down, the guest stays outside, no code among prompts and data."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = (
    # steps knows no type of ours, so that Solution.from_text may stand in types
    {"errors", "types", "_resources", "steps"},
    {"claims", "journal", "templates", "fusion", "numerals", "records", "wording"},
    {"engines", "tools", "calibration"},
    {"protocols"},
    {"answers", "background", "critic", "policies"},
    {"verifier", "correction", "deciding"},
    {"search", "data", "bench", "render", "selftest"},
    {"train"},
    {
        "cli",
        "cli_bench",
        "cli_calibrate",
        "cli_check",
        "cli_critic",
        "cli_critique",
        "cli_data",
        "cli_data_label",
        "cli_data_run",
        "cli_doctor",
        "cli_labelled",
        "cli_output",
        "cli_search",
        "cli_search_run",
        "cli_search_show",
        "cli_selftest",
        "cli_sweep",
        "cli_train",
        "__init__",
        "__main__",
    },
)
"""The wall of the design, lowest first; a module may import its own layer's folder and whatever stands below."""
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = sorted((ROOT / "genverify").rglob("*.py"))


def parsed(path: Path) -> ast.Module:
    """Return the tree of a file."""
    text = path.read_text(encoding="utf-8")
    try:
        return ast.parse(text)
    except SystemError:  # CPython 3.11 miscounts its depth where another thread parses meanwhile (gh-106905)
        return ast.parse(text)


def top(module: str) -> str:
    """Return the part below ``genverify``: ``genverify.claims.link`` is ``claims``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(path: Path) -> list[str]:
    """Return the modules that a file imports when it runs; imports for type checkers alone do not count."""
    tree = parsed(path)
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    found: list[str] = []
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            submodules = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "genverify" else []
            found += submodules or [node.module]
    return found


def own(path: Path) -> str:
    relative = path.relative_to(ROOT / "genverify")
    return relative.parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    here = own(path)
    assert here in LEVEL, f"{here} stands in no layer; add it to LAYERS where it belongs"
    for module in imports(path):
        if module.split(".")[0] != "genverify" or module == "genverify":
            continue
        there = top(module)
        if there in LEVEL and there != here:
            assert LEVEL[there] <= LEVEL[here], f"{here} (layer {LEVEL[here]}) imports {there} (layer {LEVEL[there]})"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_heavy_packages_are_imported_inside_functions(path: Path) -> None:
    tree = parsed(path)
    for node in tree.body:
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        heavy = {n.split(".")[0] for n in names} & {"sympy", "z3", "torch", "transformers", "vllm", "pydantic"}
        heavy |= {n.split(".")[0] for n in names} & {"numpy", "sklearn", "matplotlib"}
        assert not heavy, f"{path.name} imports {heavy} at its top"


def test_the_guest_never_names_genverify() -> None:
    for path in (ROOT / "sandbox").glob("*.py"):
        assert not [m for m in imports(path) if m.split(".")[0] == "genverify"], path.name


def test_genverify_and_the_tests_never_import_the_guest() -> None:
    guest = {p.stem for p in (ROOT / "sandbox").glob("*.py")} | {"sandbox"}
    for path in [*MODULES, *(ROOT / "tests").glob("*.py")]:
        assert not {m.split(".")[0] for m in imports(path)} & guest, path.name


@pytest.mark.parametrize("folder", ["prompts", "datasets"])
def test_no_code_lies_among_prompts_and_data(folder: str) -> None:
    # a datasets/__init__.py would hide the package of that name from whoever works in the checkout
    assert not list((ROOT / folder).rglob("*.py"))
