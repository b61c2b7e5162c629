"""Made records about programs to what an independent run finds wrong with their labels: for tests and benchmarks.

Nothing of the way they were made is used but the records: a plain interpreter, no kernel, no trace and no count of
lines, tests written out as comparisons of ``repr``. It runs programs unconfined, so it stands outside the package and
is for records of our own generator alone, whose programs are ours.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

from genverify.data.values import Example

_ALARM_S: Final = 2  # a program that has not ended by then does not end: a right one takes a millisecond
_PATIENT_S: Final = 600.0
_RUNNER: Final = """
import json, signal, sys

def value(told):
    if isinstance(told, list):
        return [value(part) for part in told]
    if isinstance(told, dict):
        (kind, inside), = told.items()
        return {"tuple": lambda: tuple(map(value, inside)), "set": lambda: set(map(value, inside)),
                "dict": lambda: {value(a): value(b) for a, b in inside}, "float": lambda: float(inside)}[kind]()
    return told

def canonical(found):
    if isinstance(found, dict):
        return "{" + ", ".join(sorted(f"{canonical(a)}: {canonical(b)}" for a, b in found.items())) + "}"
    if isinstance(found, (list, tuple)):
        return type(found).__name__ + "(" + ", ".join(map(canonical, found)) + ")"
    return repr(found)

def late(*_):
    raise TimeoutError

signal.signal(signal.SIGALRM, late)
for line in sys.stdin:
    program, entry, tests = json.loads(line)
    names = {}
    failed = []
    try:
        exec(program, names)
        for place, (arguments, due) in enumerate(tests):
            signal.setitimer(signal.ITIMER_REAL, ALARM_S)
            try:
                ok = canonical(names[entry](*value(arguments))) == canonical(value(due))
            except BaseException as error:
                ok = False
                if isinstance(error, TimeoutError):
                    failed.append(place)
                    break
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            if not ok:
                failed.append(place)
    except SyntaxError:
        failed = [-1]
    print(json.dumps(failed), flush=True)
"""


def disagreements(examples: Sequence[Example]) -> list[str]:
    """Return one line for each record whose labels an independent run does not bear out; none is as it should be."""
    programs = ["\n".join(step.text for step in example.steps) for example in examples]
    failed = _failed(programs, examples)
    mended = _failed([_mended(example) for example in examples], examples)
    return [
        f"{example.id}: {why}"
        for example, now, then in zip(examples, failed, mended, strict=True)
        if (why := _why(example, now, then))
    ]


def _mended(example: Example) -> str:
    """Return the program with every wrong statement replaced by its correction."""
    return "\n".join(step.correction if step.label.right is False else step.text for step in example.steps)


def _failed(programs: Sequence[str], examples: Sequence[Example]) -> list[list[int]]:
    """Return the tests that each program fails, in a fresh interpreter."""
    rows: list[list[Any]] = [
        [program, example.formal["entry"], json.loads(example.formal["tests"])]
        for program, example in zip(programs, examples, strict=True)
    ]
    runner = f"ALARM_S = {_ALARM_S}{_RUNNER}"
    told = "".join(json.dumps(row) + "\n" for row in rows)
    command = [sys.executable, "-I", "-c", runner]
    done = subprocess.run(command, input=told, text=True, capture_output=True, timeout=_PATIENT_S, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _why(example: Example, failed: list[int], mended: list[int]) -> str:
    wrong = [place for place, right in enumerate(example.labels) if right is False]
    if example.maker == "gold":
        return f"tests {failed} fail" if failed or wrong or None in example.labels else ""
    if len(wrong) != 1 or not failed:
        return f"steps {wrong} are called wrong, tests {failed} fail"
    if mended or _mended(example) != example.formal["program"]:
        return f"its correction fails the tests {mended}, or is not the solution"
    return ""
