"""Count the claims decided per second by kind, beside math-verify and one process a check.

::

    python benchmarks/claims.py [--quick] [--out FILE]

Writes ``results/claims.json``. Every pair is decided by both systems in this one run, in blocks that alternate, no pair
twice; half of the claims are false. genverify reads the formal language and asks one worker, one claim at a time;
math-verify reads the same two sides as LaTeX. Reading is included on both sides. Ratios are what to look at.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any, Final

import record

from genverify.tools import exact
from genverify.tools.checkers import Checkers
from genverify.types import Claim, ClaimKind, Outcome

_ROOT: Final = Path(__file__).resolve().parents[1]
_PACKAGES: Final = ("sympy", "mpmath", "math-verify", "latex2sympy2_extended")
_BLOCK: Final = 20  # claims before the other system takes its turn, so that both meet the same load
_DEADLINE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Pair:
    """One claim in both notations, with what is true of it."""

    claim: Claim
    left: str
    right: str
    true: bool


def _relation(statement: str, left: str, right: str, true: bool) -> Pair:
    return Pair(Claim(ClaimKind.RELATION, statement), left, right, true)


def arithmetic() -> Iterator[Pair]:
    """Yield sums, products and quotients of the sizes that school problems have."""
    for i in count(1):
        a, b, c = 100 + i, 7 + i % 90, 3 + i % 40
        value = a * b + c + (i % 2)
        yield _relation(f"{a}*{b} + {c} = {value}", rf"{a} \cdot {b} + {c}", str(value), i % 2 == 0)


def fractions() -> Iterator[Pair]:
    """Yield sums of fractions and decimals."""
    for i in count(1):
        a, b, d = 2 + i, 3 + i % 50, i % 89 + 1
        top, bottom = 4 * a + 4 * b * d + 3 * b * (1 + i % 2), 4 * b
        left = rf"\frac{{{a}}}{{{b}}} + {d}.75"
        yield _relation(f"{a}/{b} + {d}.75 = {top}/{bottom}", left, rf"\frac{{{top}}}{{{bottom}}}", i % 2 == 0)


def roots_and_angles() -> Iterator[Pair]:
    """Yield square roots with factors taken out, and values of trigonometric functions."""
    for i in count(2):
        k = i + (i // 2) % 2
        if i % 2:
            yield _relation(f"sqrt({7 * i * i}) = {k}*sqrt(7)", rf"\sqrt{{{7 * i * i}}}", rf"{k}\sqrt{{7}}", k == i)
        else:
            statement = f"{i}*cos(pi/6) = {k}*sqrt(3)/2"
            yield _relation(statement, rf"{i}\cos(\frac{{\pi}}{{6}})", rf"\frac{{{k}\sqrt{{3}}}}{{2}}", k == i)


def identities() -> Iterator[Pair]:
    """Yield expansions."""
    for i in count(2):
        b, c = i % 23 + 1, i + 1
        last = b * c + i % 2
        claim = Claim(ClaimKind.IDENTITY, f"(x + {b})*(x + {c}) = x^2 + {b + c}*x + {last}")
        yield Pair(claim, f"(x+{b})(x+{c})", f"x^2+{b + c}x+{last}", i % 2 == 0)


def equations() -> Iterator[Pair]:
    """Yield linear equations turned into their next form."""
    for i in count(2):
        a, b, c = i % 7 + 2, i, 5 * i + 1
        right = c - b + i % 2
        claim = Claim(ClaimKind.REWRITE, f"{a}*x = {right}", givens=(f"{a}*x + {b} = {c}",))
        yield Pair(claim, f"{a}x+{b}={c}", f"{a}x={right}", i % 2 == 0)


def solutions() -> Iterator[Pair]:
    """Yield both roots of a quadratic equation; math-verify, which cannot solve, gets the two right roots as a set."""
    for i in count(2):
        b, c = i, i + 3
        wrong = c + i % 2
        claim = Claim(ClaimKind.ROOTS, f"x = {b} | x = {wrong}", givens=(f"x^2 - {b + c}*x + {b * c} = 0",))
        yield Pair(claim, rf"\{{{b}, {c}\}}", rf"\{{{wrong}, {b}\}}", i % 2 == 0)


KINDS: Final[dict[str, tuple[Callable[[], Iterator[Pair]], int]]] = {
    "arithmetic": (arithmetic, 400),
    "fractions": (fractions, 400),
    "roots_and_angles": (roots_and_angles, 200),
    "identities": (identities, 200),
    "equations": (equations, 200),
    "solutions": (solutions, 200),
}
"""Each kind with how many claims are decided by both systems."""


def by_genverify(checkers: Checkers, pair: Pair) -> bool | None:
    """Return what genverify says: holds, does not hold, or None."""
    outcome = checkers.check(pair.claim).outcome
    return None if outcome is Outcome.UNDECIDED else outcome is Outcome.CONFIRMED


def by_math_verify(pair: Pair) -> bool | None:
    """Return what math-verify says; it has no third answer, but for what it cannot read."""
    from math_verify import parse, verify

    left, right = parse(f"${pair.left}$"), parse(f"${pair.right}$")
    return bool(verify(left, right)) if left and right else None


def compare(kind: str, quick: bool, checkers: Checkers) -> dict[str, Any]:
    """Time both systems on the same pairs in turn."""
    make, full = KINDS[kind]
    stream = make()
    warm = list(islice(stream, 4))
    for pair in warm:
        by_genverify(checkers, pair)
        by_math_verify(pair)
    spent = {"genverify": 0.0, "math_verify": 0.0}
    right = {name: {"right": 0, "wrong": 0, "undecided": 0} for name in spent}
    done = 0
    while done < (40 if quick else full):
        pairs = list(islice(stream, _BLOCK))
        done += len(pairs)
        systems: dict[str, Callable[[Pair], bool | None]] = {
            "genverify": lambda pair: by_genverify(checkers, pair),
            "math_verify": by_math_verify,
        }
        for name, decide in systems.items():
            start = time.perf_counter()
            found = [decide(pair) for pair in pairs]
            spent[name] += time.perf_counter() - start
            for pair, said in zip(pairs, found, strict=True):
                right[name]["undecided" if said is None else "right" if said is pair.true else "wrong"] += 1
    rates = {name: round(done / seconds) for name, seconds in spent.items()}
    return {"claims": done, "per_second": rates, "ratio": round(spent["math_verify"] / spent["genverify"], 1), **right}


SUBPROCESS: Final = """
import sympy, sys
left, right = (sympy.sympify(text) for text in sys.argv[1:])
print(sympy.simplify(left - right) == 0)
"""


def one_process_each(kind: str, rounds: int, checkers: Checkers) -> dict[str, Any]:
    """Time a fresh Python that imports SymPy for every check, in turn with genverify."""
    alone, ours = [], []
    for pair in islice(KINDS[kind][0](), 50_000, 50_000 + rounds):
        left, _, right = pair.claim.statement.replace("^", "**").partition(" = ")
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", SUBPROCESS, left, right], check=True, capture_output=True)
        middle = time.perf_counter()
        by_genverify(checkers, pair)
        alone.append(middle - start)
        ours.append(time.perf_counter() - middle)
    first, second = statistics.median(alone), statistics.median(ours)
    return {"rounds": rounds, "process_ms": round(1000 * first, 1), "genverify_ms": round(1000 * second, 3),
            "ratio_of_medians": round(first / second)}  # fmt: skip


def fast_path(claims: int) -> dict[str, Any]:
    """Time the in-process path alone, on texts never read before; the best and the median of five blocks."""
    found: dict[str, Any] = {"claims_a_block": claims}
    for kind in ("arithmetic", "fractions"):
        stream = islice(KINDS[kind][0](), 100_000, None)
        rates = []
        for _ in range(5):
            block = [pair.claim for pair in islice(stream, claims)]
            start = time.perf_counter()
            for claim in block:
                exact.decide(claim)
            rates.append(claims / (time.perf_counter() - start))
        found[kind] = {"median_per_second": round(statistics.median(rates)), "best_per_second": round(max(rates))}
    return found


def main() -> None:
    """Run all measurements and write them down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few claims, to see that it runs")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "claims.json")
    args = parser.parse_args()
    result: dict[str, Any] = {**record.circumstances(_PACKAGES), "fast_path": fast_path(1000 if args.quick else 10_000)}
    print(f"fast path: {json.dumps(result['fast_path'])}", flush=True)
    with Checkers(workers=1, deadline_s=_DEADLINE_S) as checkers:
        checkers.check(Claim(ClaimKind.IDENTITY, "x + x = 2*x"))
        time.sleep(2)  # let the warm parent finish warming up, which would share the processors with the timing
        for name in KINDS:
            result[name] = compare(name, args.quick, checkers)
            print(f"{name}: {json.dumps(result[name])}", flush=True)
        rounds = 2 if args.quick else 8
        alone = {
            name: one_process_each(name, rounds, checkers) for name in ("arithmetic", "roots_and_angles", "identities")
        }
        result["one_process_a_check"] = alone
        print(f"one process a check: {json.dumps(alone)}")
    record.write(args.out, result)


if __name__ == "__main__":
    main()
