"""A prompt file to texts whose ``{{names}}`` are filled in one pass; no other byte is touched.

A file is TOML: ``[about]`` says where the texts come from and under which licence, ``[text]`` holds them. Escapes show
what an editor hides, such as a blank at the end of a prompt. What is filled in is never looked at again, so that a
step which says ``{{steps}}`` stays as it is.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeGuard

from genverify._resources import asset
from genverify.errors import UsageError

_PLACE: Final = re.compile(r"\{\{([a-z][a-z0-9_]*)\}\}")


@dataclass(frozen=True, slots=True)
class PromptFile:
    """The texts of one protocol."""

    name: str
    """The file as it is named in messages."""
    sha256: str
    """Of the file's bytes, in hexadecimal."""
    about: Mapping[str, str]
    """``source``, ``licence`` and whatever else a reader must know."""
    texts: Mapping[str, str]

    def text(self, key: str) -> str:
        """Return a text that has no places to fill.

        Raises:
            UsageError: the file has no such text.
            ValueError: the text has places to fill.
        """
        return self.fill(key)

    def fill(self, key: str, **values: str | int) -> str:
        """Return the text ``key`` with every ``{{name}}`` replaced by the value of that name.

        Raises:
            UsageError: the file has no such text.
            ValueError: a place has no value, or a value has no place.
        """
        if key not in self.texts:
            raise UsageError(f"{self.name} has no text {key!r}; it has {', '.join(sorted(self.texts)) or 'none'}")
        try:
            return fill(self.texts[key], values)
        except ValueError as error:
            raise ValueError(f"{self.name}, text {key!r}: {error}") from None


def fill(text: str, values: Mapping[str, str | int]) -> str:
    """Return ``text`` with every ``{{name}}`` replaced, in one pass.

    Raises:
        ValueError: a place has no value, or a value has no place.
    """
    places = set(_PLACE.findall(text))
    if missing := sorted(places - values.keys()):
        raise ValueError(f"no value for {', '.join(missing)}")
    if unused := sorted(values.keys() - places):
        raise ValueError(f"no place for {', '.join(unused)}; the text has {', '.join(sorted(places)) or 'no places'}")
    return _PLACE.sub(lambda m: str(values[m.group(1)]), text)


@lru_cache(maxsize=32)
def load(name: str) -> PromptFile:
    """Read one of our own prompt files: ``load("genprm")`` reads ``prompts/genprm.toml``.

    Raises:
        FileNotFoundError: there is no such file.
        UsageError: it is no prompt file.
    """
    return read(asset(f"prompts/{name}.toml"))


def read(path: Path) -> PromptFile:
    """Read a prompt file from anywhere.

    Raises:
        OSError: it cannot be read.
        UsageError: it is no prompt file.
    """
    raw = path.read_bytes()
    try:
        content = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: expected a prompt file (TOML in UTF-8): {error}") from error
    about, texts = content.get("about"), content.get("text")
    if not _is_texts(about) or not _is_texts(texts) or not {"source", "licence"} <= about.keys():
        raise UsageError(f"{path}: expected the tables [about] (source, licence, ...) and [text], holding only texts")
    return PromptFile(path.name, hashlib.sha256(raw).hexdigest(), about, texts)


def _is_texts(table: object) -> TypeGuard[dict[str, str]]:
    return isinstance(table, dict) and all(isinstance(value, str) for value in table.values())
