"""What the warm parent of kernels does before the first order, so that no kernel has to do it again.

Importing NumPy, SymPy and Z3 takes 0.3 s, and SymPy's first simplification 25 ms more than every later one.
"""

import importlib
import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Final

_MODULES: Final = (
    "ast", "bisect", "cmath", "collections", "copy", "datetime", "decimal", "enum", "fractions", "functools", "heapq",
    "itertools", "json", "linecache", "math", "numbers", "operator", "random", "re", "statistics", "string",
    "textwrap", "tempfile", "threading", "time", "traceback", "typing", "unicodedata", "mpmath", "sympy", "sympy.abc",
    "numpy", "z3",
)  # fmt: skip
"""What programs that check sums import; one that is not installed is left out, and its import fails in the kernel."""


def warm() -> None:
    """Import the modules and use the large ones once."""
    for name in _MODULES:
        _tried(name, partial(importlib.import_module, name))
    for name, use in (("sympy", _use_sympy), ("numpy", _use_numpy), ("z3", _use_z3)):
        if name in sys.modules:
            _tried(name, partial(use, sys.modules[name]))


def _tried(name: str, work: Callable[[], object]) -> None:
    try:
        work()
    except ModuleNotFoundError:
        return
    # The boundary of a library that may be broken: kernels work without it, and code that needs it is told.
    except Exception as error:  # noqa: BLE001
        print(f"warming up {name}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)


def _use_sympy(sympy: ModuleType) -> None:
    x, y = sympy.symbols("x y")
    sympy.simplify(sympy.expand((x + 1) ** 3) - (x**3 + 3 * x**2 + 3 * x + 1))
    sympy.solve(x**2 - 5 * x + 6, x)
    sympy.solve([x + y - 3, x - y - 1], [x, y])
    sympy.factor(x**4 - 1)
    sympy.diff(sympy.sin(x) * x, x)
    sympy.integrate(x * sympy.exp(x), x)
    sympy.limit(sympy.sin(x) / x, x, 0)
    sympy.N(sympy.pi, 30)
    sympy.Matrix([[1, 2], [3, 4]]).inv()
    sympy.factorint(360)
    sympy.latex(x**2)
    sympy.trigsimp(sympy.sin(x) ** 2 + sympy.cos(x) ** 2)
    sympy.nsimplify(0.25)
    repr(sympy.Rational(1, 3) + sympy.sqrt(2))
    sympy.Eq(x, y)


def _use_numpy(numpy: ModuleType) -> None:
    (numpy.eye(3) @ numpy.arange(9).reshape(3, 3)).sum()
    numpy.linalg.inv(numpy.eye(2) + 1)
    repr(numpy.array([1.5, 2.5]))


def _use_z3(z3: ModuleType) -> None:
    whole, real = z3.Int("a"), z3.Real("r")
    solver = z3.Solver()
    solver.add(whole * whole == 49, whole > 0, real * 2 == 1)
    solver.check()
    repr(solver.model())
