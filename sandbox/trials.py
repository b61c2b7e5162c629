"""Programs and calls to what each call returned, raised or did not reach, one line of JSON a program.

The host sends this file into a kernel as a cell, and then cells that call :func:`batch`. It imports nothing of the
other guest programs, and knows no expected value: what is right is decided by the host.
"""

import ast
import copy
import io
import json
import random
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, Final

_BITS_MAX: Final = 4096
"""An integer beyond this has run away: no answer here needs 1,200 digits, and products of such take for ever."""
_ITEMS_MAX: Final = 100_000  # likewise the items of a list or the characters of a text
_ITEMS_TOLD: Final = 20_000  # parts of a result that are told, three times what the longest right one here has
_DEPTH_MAX: Final = 20  # of a result: deeper ones are no result of a small function
_TOLD: Final = 200  # characters of an exception's message


_LAZY: Final = types.GeneratorType | range | map | filter | zip | reversed | enumerate


class _RanAway(BaseException):  # no program's ``except Exception`` takes it for its own
    """A call took more lines than it may, or its values outgrew all bounds."""


def encode(value: object) -> object:
    """Return a value as JSON that keeps types apart; what has no such form is told by the name of its type."""
    return _Encoder().encode(value)


class _Encoder:
    """Makes JSON of one value, of a bounded size even where the value holds itself."""

    def __init__(self) -> None:
        self._left = _ITEMS_TOLD
        self._open: set[int] = set()

    def encode(self, value: object) -> object:
        """Return a part of it."""
        self._left -= 1
        if value is None or type(value) in (bool, int, str):
            return value
        if isinstance(value, float):
            return {"float": repr(float(value))}
        if self._left < 0 or len(self._open) > _DEPTH_MAX or id(value) in self._open:
            return {"other": "circular" if id(value) in self._open else "too large"}
        self._open.add(id(value))
        try:
            return self._container(value)
        finally:
            self._open.discard(id(value))

    def _container(self, value: object) -> object:
        if isinstance(value, list | _LAZY):
            return [self.encode(item) for item in value]
        if isinstance(value, tuple):
            return {"tuple": [self.encode(item) for item in value]}
        if isinstance(value, set | frozenset):
            return {"set": sorted((self.encode(item) for item in value), key=json.dumps)}
        if isinstance(value, dict):
            return {"dict": [[self.encode(key), self.encode(item)] for key, item in value.items()]}
        return {"other": type(value).__name__[:80]}


def decode(value: object) -> Any:  # noqa: ANN401
    """Return what :func:`encode` made into JSON."""
    match value:
        case list():
            return [decode(item) for item in value]
        case {"float": str(text)}:
            return float(text)
        case {"tuple": items}:
            return tuple(decode(items))
        case {"set": items}:
            return set(decode(items))
        case {"dict": items}:
            return dict(decode(items))
        case {"other": name}:
            raise TypeError(f"a value of the type {name} cannot be told")
    return value


class _Lines:
    """Counts the lines that a program runs, and stops it when they are too many or its values too large."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.most = most

    def __call__(self, frame: types.FrameType, event: str, _: object) -> "_Lines | None":
        if frame.f_code.co_filename != "<trial>":
            return None
        if event == "line":
            self.left -= 1
            if self.left < 0:
                raise _RanAway(f"did not end within {self.most} lines")
            for value in frame.f_locals.values():
                kind = type(value)
                if (kind is int and value.bit_length() > _BITS_MAX) or (
                    kind in (list, str, dict) and len(value) > _ITEMS_MAX
                ):
                    raise _RanAway("its values grew without end")
        return self


def trial(program: str, entry: str, calls: list[Any], most: int) -> list[Any]:
    """Return one outcome a call: ``["value", encoded, lines]``, ``["raised", what]`` or ``["ran away", why]``.

    After two calls that ran away the others are not tried: ``["skipped"]``.

    Args:
        program: source that defines ``entry``.
        entry: the name of a function.
        calls: the positional arguments of each call, encoded.
        most: lines that one call may run.
    """
    names: dict[str, Any] = {"__name__": "trial"}
    try:
        exec(compile(program, "<trial>", "exec"), names)
        function: Callable[..., object] = names[entry]
    except BaseException as error:  # noqa: BLE001  (the boundary of foreign code: whatever it raised is its outcome)
        return [["raised", _told(error)]] * len(calls)
    found: list[list[Any]] = []
    for call in calls:
        found.append(_call(function, list(decode(call)), most))
        if [one[0] for one in found].count("ran away") > 1:  # what has run away twice is not waited for again
            return found + [["skipped"]] * (len(calls) - len(found))
    return found


def _call(function: Callable[..., object], arguments: list[Any], most: int) -> list[Any]:
    lines = _Lines(most)
    before = sys.gettrace()
    output, sys.stdout = sys.stdout, io.StringIO()
    try:
        sys.settrace(lines)
        try:
            value = encode(function(*arguments))
        finally:
            sys.settrace(before)
        return ["value", value, lines.most - lines.left]
    except KeyboardInterrupt:
        raise
    except _RanAway as error:
        return ["ran away", str(error)]
    except BaseException as error:  # noqa: BLE001  (the boundary of foreign code)
        return ["raised", _told(error)]
    finally:
        sys.stdout = output


def _told(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:_TOLD]
    except Exception:  # noqa: BLE001  (its own __str__ failed)
        return type(error).__name__[:_TOLD]


def batch(text: str) -> None:
    """Run trials given as a JSON list of ``[program, entry, calls, most]`` and print a line for each as it ends."""
    sys.setrecursionlimit(1000)
    for program, entry, calls, most in json.loads(text):
        print(json.dumps(trial(program, entry, calls, most)), flush=True)


# Tests that are themselves programs: they run where no tested program does, on a stand-in for the tested function.


class _Anything:
    """Stands for a result that is not known yet, and takes part in whatever the tests do with it."""

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __eq__(self, _: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]

    def _same(self, *_: object) -> "_Anything":
        return self

    __lt__ = __le__ = __gt__ = __ge__ = __getitem__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = _same
    __rmul__ = __truediv__ = __mod__ = __abs__ = __neg__ = __round__ = _same


class _Asserts(ast.NodeTransformer):
    """Turns each ``assert`` into a call that notes how it came out, so that the next one is reached."""

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        asked = ast.Lambda(args=ast.arguments([], [], None, [], [], None, []), body=node.test)
        call = ast.Call(ast.Name("__check", ast.Load()), [asked, ast.Constant(ast.unparse(node.test)[:_TOLD])], [])
        return ast.copy_location(ast.Expr(call), node)


def rehearse(tests: str, entry: str, results: list[Any] | None) -> dict[str, Any]:
    """Run tests on a stand-in for ``entry`` that gives ``results`` back, one a call.

    Without results it gives something back that takes part in anything, and only the calls are of interest.

    Returns:
        ``calls``: encoded arguments of each call; ``checks``: ``[text, held, calls made by then]`` for each assert;
        ``error``: what ended the tests early, or an empty text.
    """
    calls: list[Any] = []
    checks: list[Any] = []

    def stand_in(*arguments: object) -> object:
        calls.append(encode(list(copy.deepcopy(arguments))))
        return _Anything() if results is None else decode(results[len(calls) - 1])

    def check(asked: Callable[[], object], text: str) -> None:
        try:
            held = bool(asked())
        except IndexError:
            if results is not None and len(calls) > len(results):
                raise
            held = False
        except Exception:  # noqa: BLE001  (a check that raises has not held)
            held = False
        checks.append([text, held, len(calls)])

    error = ""
    random.seed(0)  # tests that draw their arguments must draw the same ones each time
    try:
        tree = ast.fix_missing_locations(_Asserts().visit(ast.parse(tests)))
        exec(compile(tree, "<tests>", "exec"), {"__name__": "tests", entry: stand_in, "__check": check})
    except KeyboardInterrupt:
        raise
    except BaseException as caught:  # noqa: BLE001  (the boundary of foreign code)
        error = _told(caught)
    return {"calls": calls, "checks": checks, "error": error}


def rehearsals(tests: str, entry: str, text: str) -> None:
    """Run tests on each of a JSON list of results, and print a line for each."""
    for results in json.loads(text):
        print(json.dumps(rehearse(tests, entry, results)), flush=True)
