"""A text and what was asked of its form to what is wrong with it: engines promise a grammar, this looks if it held.

outlines_core lets integers pass their bounds and some grammars let unnamed properties in, so every engine checks
what it generated. The keywords below are known; any other is an error, for a schema half checked is not checked.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from genverify.engines.base import Completion, Finish, Request
from genverify.engines.regex import matches

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_NOTES: Final = frozenset({"title", "description", "default", "examples", "$schema", "$defs", "$comment", "$id"})
_KNOWN: Final = _NOTES | frozenset(
    "type enum const properties required additionalProperties items minItems maxItems minLength maxLength pattern"
    " minimum maximum exclusiveMinimum exclusiveMaximum anyOf oneOf allOf $ref".split()
)
_Json = Any  # what json.loads returns; its parts are looked at before they are used
_DEPTH: Final = 64  # a text of opening brackets must not overflow the stack


def violation(text: str, schema: Mapping[str, object]) -> str:
    """Return one line saying where ``text`` is not what ``schema`` asks for; empty if it is.

    Raises:
        ValueError: the schema uses a keyword that is not checked here.
    """
    check_keywords(schema)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    return next(_wrong(value, schema, schema, "$", 0), "")


def broken(text: str, request: Request) -> str:
    """Return one line saying where ``text`` is not what the request's schema or regex asks for; empty if it is."""
    if request.regex is not None and not matches(request.regex, text):
        return f"does not match the regular expression {request.regex[:80]!r}: {text[:40]!r}"
    return violation(text, request.schema) if request.schema is not None else ""


def checked(made: Completion, request: Request) -> Completion:
    """Return ``made``, marked as an error if it ended by itself and is not what the request asks for."""
    wrong = broken(made.text, request) if made.finish is Finish.STOP else ""
    return replace(made, finish=Finish.ERROR, problem=wrong) if wrong else made


def check_keywords(schema: object) -> None:
    """Make sure that nothing in ``schema`` would go unchecked.

    Raises:
        ValueError: the schema uses a keyword that is not known; the message lists those that are.
    """
    if not isinstance(schema, Mapping):
        return
    for key, inner in schema.items():
        if key not in _KNOWN:
            raise ValueError(f"JSON schema keyword {key!r} is not known here; known are {', '.join(sorted(_KNOWN))}")
        if key in ("properties", "$defs") and isinstance(inner, Mapping):
            for part in inner.values():
                check_keywords(part)
        elif key in ("items", "additionalProperties"):
            check_keywords(inner)
        elif key in ("anyOf", "oneOf", "allOf") and isinstance(inner, list | tuple):
            for part in inner:
                check_keywords(part)


def _wrong(value: _Json, schema: _Json, root: Mapping[str, object], at: str, depth: int) -> Iterator[str]:
    """Yield what is wrong with ``value``, in the order of reading."""
    if schema is True or schema is None:
        return
    if schema is False or depth > _DEPTH:
        yield f"{at}: " + ("must not be there" if schema is False else f"nested deeper than {_DEPTH}")
        return
    if "$ref" in schema:
        yield from _wrong(value, _resolved(str(schema["$ref"]), root), root, at, depth + 1)
    yield from _wrong_itself(value, schema, at)
    yield from _wrong_combined(value, schema, root, at, depth + 1)
    if isinstance(value, dict):
        yield from _wrong_object(value, schema, root, at, depth + 1)
    elif isinstance(value, list):
        yield from _wrong_size(len(value), schema, "Items", at)
        for i, item in enumerate(value):
            yield from _wrong(item, schema.get("items"), root, f"{at}[{i}]", depth + 1)


def _resolved(ref: str, root: Mapping[str, object]) -> object:
    here: Any = root
    for part in ref.removeprefix("#").split("/")[1:]:
        if not isinstance(here, Mapping) or part not in here:
            raise ValueError(f"JSON schema $ref {ref!r} leads nowhere; only references into the schema are known")
        here = here[part]
    return here


def _is_a(value: _Json, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, _TYPES.get(name, ()))


def _wrong_itself(value: _Json, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    names = schema.get("type", ())
    names = (names,) if isinstance(names, str) else tuple(names)
    if names and not any(_is_a(value, name) for name in names):
        yield f"{at}: must be {' or '.join(names)}, is {json.dumps(value)[:40]}"
        return
    if "enum" in schema and not any(_same(value, each) for each in schema["enum"]):
        yield f"{at}: must be one of {json.dumps(list(schema['enum']))}, is {json.dumps(value)[:40]}"
    if "const" in schema and not _same(value, schema["const"]):
        yield f"{at}: must be {json.dumps(schema['const'])}, is {json.dumps(value)[:40]}"
    if isinstance(value, str):
        yield from _wrong_size(len(value), schema, "Length", at)
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{at}: must match {schema['pattern']!r}, is {value[:40]!r}"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _wrong_bounds(value, schema, at)


def _same(a: _Json, b: _Json) -> bool:
    return a == b and isinstance(a, bool) == isinstance(b, bool)  # for Python, True == 1


def _wrong_bounds(value: float, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{at}: must be at least {schema['minimum']}, is {value}"
    if "maximum" in schema and value > schema["maximum"]:
        yield f"{at}: must be at most {schema['maximum']}, is {value}"
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        yield f"{at}: must be above {schema['exclusiveMinimum']}, is {value}"
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        yield f"{at}: must be below {schema['exclusiveMaximum']}, is {value}"


def _wrong_size(size: int, schema: Mapping[str, Any], of: str, at: str) -> Iterator[str]:
    if size < schema.get(f"min{of}", 0):
        yield f"{at}: {of.lower()} must be at least {schema[f'min{of}']}, is {size}"
    if size > schema.get(f"max{of}", size):
        yield f"{at}: {of.lower()} must be at most {schema[f'max{of}']}, is {size}"


def _wrong_combined(
    value: _Json, schema: Mapping[str, Any], root: Mapping[str, object], at: str, depth: int
) -> Iterator[str]:
    for part in schema.get("allOf", ()):
        yield from _wrong(value, part, root, at, depth)
    for key in ("anyOf", "oneOf"):
        parts = schema.get(key, ())
        fits = sum(not any(_wrong(value, part, root, at, depth)) for part in parts)
        if parts and (fits == 0 or (key == "oneOf" and fits > 1)):
            yield f"{at}: fits {fits} of the {len(parts)} forms of {key}"


def _wrong_object(
    value: dict[str, Any], schema: Mapping[str, Any], root: Mapping[str, object], at: str, depth: int
) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}: {name!r} is missing"
    named = schema.get("properties", {})
    for name, inner in value.items():
        part = named[name] if name in named else schema.get("additionalProperties", True)
        yield from _wrong(inner, part, root, f"{at}.{name}", depth)
