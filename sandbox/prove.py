"""Prove that a SymPy expression is zero: a ladder of rewritings, cheapest first, each of them an equality.

Numbers never prove anything here; what no rung reduces to a plain zero stays unproved.
"""

from collections.abc import Callable
from time import monotonic
from typing import Final

import sympy
from sympy_calculus import without_signs
from trees import Built

_MAX_TERMS: Final = 3000
"""Most terms that an expansion may have: beyond it takes seconds."""
FAILURES: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    TypeError,
    ValueError,
    sympy.PolynomialError,
    sympy.polys.polyerrors.BasePolynomialError,
)
"""What SymPy raises where a method does not apply; anything else ends the check."""


def is_zero(value: Built, until: float) -> bool:
    """Say whether ``value`` is proved to be zero before ``until`` (seconds of ``time.monotonic``)."""
    if _plainly_zero(value):
        return True
    if value.is_Number:
        return False
    for rung in _RUNGS:
        if monotonic() > until:
            return False
        try:
            if _plainly_zero(rung(value)):
                return True
        except FAILURES:
            continue
    return False


def _plainly_zero(value: Built) -> bool:
    return bool(value == 0 or value.is_zero)


def terms(value: Built) -> int:
    """Bound the number of terms of ``value`` once it is expanded."""
    if value.is_Add:
        return sum(terms(a) for a in value.args)
    if value.is_Mul:
        product = 1
        for arg in value.args:
            product *= terms(arg)
        return product
    if value.is_Pow and value.exp.is_Integer and value.base.is_Add:
        n, k = len(value.base.args), abs(int(value.exp))
        return int(sympy.binomial(n + k - 1, k)) if k < 1000 else _MAX_TERMS + 1
    return max((terms(a) for a in value.args), default=1)


def expanded(value: Built) -> Built:
    """Return ``value`` multiplied out, or as it is where that would be too long."""
    return sympy.expand(value) if terms(value) <= _MAX_TERMS else value


def _over_one_bar(value: Built) -> Built:
    if terms(value) > _MAX_TERMS:
        return value
    top = sympy.fraction(sympy.together(value))[0]
    return expanded(top)


def _absolutes(value: Built) -> Built:
    """Write ``sign(u)`` as ``u/|u|`` and ``|u|^2`` as ``u^2`` for real u, then bring all over one bar."""
    squared = without_signs(value).replace(
        lambda e: e.is_Pow and isinstance(e.base, sympy.Abs) and e.exp.is_even,
        lambda e: e.base.args[0] ** e.exp if e.base.args[0].is_real else e,
    )
    return _over_one_bar(_over_one_bar(squared))


def _logarithms(value: Built) -> Built:
    if not value.has(sympy.log):
        return value
    small = all(n.is_Integer and abs(n) < 10**15 for n in value.atoms(sympy.Integer))
    return _over_one_bar(sympy.expand_log(value, factor=small))


def _trigonometry(value: Built) -> Built:
    if not value.has(sympy.functions.elementary.trigonometric.TrigonometricFunction):
        return value
    return expanded(
        sympy.expand_trig(_over_one_bar(value.rewrite([sympy.tan, sympy.cot, sympy.sec, sympy.csc], sympy.cos)))
    )


def _exponentials(value: Built) -> Built:
    """Write trigonometric and hyperbolic functions as exponentials, in which every such identity is algebra."""
    if not value.has(
        sympy.functions.elementary.trigonometric.TrigonometricFunction, sympy.cosh, sympy.sinh, sympy.tanh
    ):
        return value
    return expanded(sympy.powsimp(_over_one_bar(value.rewrite(sympy.exp))))


def _powers(value: Built) -> Built:
    return _over_one_bar(sympy.powsimp(sympy.expand(sympy.powdenest(value)))) if terms(value) <= _MAX_TERMS else value


def _factorials(value: Built) -> Built:
    if not value.has(sympy.factorial, sympy.binomial, sympy.gamma):
        return value
    return sympy.combsimp(value.rewrite(sympy.factorial))


def _radicals(value: Built) -> Built:
    return sympy.radsimp(sympy.sqrtdenest(value)) if terms(value) <= _MAX_TERMS else value


_RUNGS: Final[tuple[Callable[[Built], Built], ...]] = (
    expanded,
    _over_one_bar,
    _absolutes,
    _logarithms,
    _powers,
    _factorials,
    _trigonometry,
    _exponentials,
    _radicals,
    sympy.trigsimp,
    sympy.simplify,
)
