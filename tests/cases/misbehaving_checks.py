"""A guest's ``checks`` that does what the request's statement says, however bad; ``test_pool.py`` runs it."""

import ctypes
import os
import time
from collections.abc import Callable
from typing import Any

Request = dict[str, Any]
Answer = dict[str, Any]
loaded: list[str] = []
kept: list[bytearray] = []


def warm(tools: tuple[str, ...]) -> None:
    loaded.extend(tools)


def decide(request: Request) -> Answer:
    verb, *rest = request["statement"]
    return ACTIONS[verb](*rest)


def confirmed(witness: object = "") -> Answer:
    return {"outcome": "confirmed", "reason": None, "tool": "sympy", "witness": str(witness), "computed": None}


def allocate(mib: int) -> Answer:
    kept.append(bytearray(mib << 20))
    return confirmed(os.getpid())


def fill() -> Answer:
    while True:
        kept.append(bytearray(64 << 20))


def hang() -> Answer:
    while True:
        time.sleep(1000)


def compute() -> Answer:
    return confirmed(7 ** (10**9) % 2)


def recurse() -> Answer:
    return recurse()


def crash() -> Answer:
    ctypes.string_at(0)
    return confirmed()


def say(text: str) -> Answer:
    os.write(3, bytes.fromhex(text))  # past the worker's own words, as code that had taken it over could
    return hang()


def files() -> Answer:
    opened = []
    try:
        while True:
            opened.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        for descriptor in opened:
            os.close(descriptor)
    return confirmed(len(opened))


def write(path: str) -> Answer:
    try:
        with open(path, "w") as file:
            file.write("x")
    except OSError as error:
        return confirmed(type(error).__name__)
    return confirmed("written")


def descriptors() -> Answer:
    return confirmed([descriptor for descriptor in range(1000) if is_open(descriptor)])


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


ACTIONS: dict[str, Callable[..., Answer]] = {
    "echo": confirmed,
    "pid": lambda: confirmed(os.getpid()),
    "tools": lambda: confirmed(" ".join(loaded)),
    "hash": lambda: confirmed(hash("a name")),
    "environment": lambda: confirmed(" ".join(sorted(os.environ))),
    "exit": lambda: os._exit(0),
    "raise": lambda: confirmed(1 // 0),
    "fields": lambda changes: {**confirmed(), **changes},
    "allocate": allocate,
    "compute": compute,
    "crash": crash,
    "descriptors": descriptors,
    "files": files,
    "fill": fill,
    "hang": hang,
    "recurse": recurse,
    "say": say,
    "write": write,
}
