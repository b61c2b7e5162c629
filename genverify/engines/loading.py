"""A name such as ``transformers:PATH`` to the engine it means."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from genverify.engines.base import Engine
from genverify.errors import UsageError

KNOWN: Final = (
    "embedded",
    "embedded:reader",
    "scripted:FILE.json",
    "replay:FILE.jsonl",
    "transformers:FOLDER_OR_HUB_ID_OR_FILE.gguf",
    "llamacpp:FILE.gguf",
    "vllm:FOLDER_OR_HUB_ID_OR_FILE.gguf",
    "scorer:FOLDER_OR_HUB_ID",
    "openai:MODEL@http://HOST:PORT/v1",
)
"""The forms a name can take."""


def load(name: str, **settings: Any) -> Engine:  # noqa: ANN401 - each engine has its own
    """Return the engine that ``name`` means, one of :data:`KNOWN`.

    Args:
        name: its kind and what it runs.
        settings: further arguments of that engine: ``load("transformers:PATH", slots=64)``.

    Raises:
        UsageError: no such engine, no such file, or a package is missing; the message says what to do.
        EngineError: the model could not be loaded.
        RecordError: the script or transcript is not one.
    """
    kind, _, rest = name.partition(":")
    match kind, rest:
        case "embedded", "":
            from genverify.engines.llamacpp import embedded

            return embedded(**settings)
        case "embedded", "reader":
            from genverify.engines.llamacpp import embedded_critic

            return embedded_critic(**settings)
        case "scripted", rest if rest:
            from genverify.engines.scripted import ScriptedEngine

            return ScriptedEngine.from_file(Path(rest), **settings)
        case "replay", rest if rest:
            from genverify.engines.replay import ReplayEngine

            return ReplayEngine(Path(rest), **settings)
        case "transformers", rest if rest:
            from genverify.engines.transformers import TransformersEngine

            return TransformersEngine(rest, **settings)
        case "llamacpp", rest if rest:
            from genverify.engines.llamacpp import LlamaCppEngine

            return LlamaCppEngine(Path(rest), **settings)
        case "vllm", rest if rest:
            from genverify.engines.vllm import VllmEngine

            return VllmEngine(rest, **settings)
        case "scorer", rest if rest:
            from genverify.engines.scorer import ScorerEngine

            return ScorerEngine(rest, **settings)
        case "openai", rest if "@" in rest:
            from genverify.engines.openai import OpenAIEngine

            model, _, url = rest.rpartition("@")
            return OpenAIEngine(model, url, **settings)
    raise UsageError(f"no engine is called {name!r}; known are {', '.join(KNOWN)}")


def require(extra: str, modules: Iterable[str]) -> None:
    """Make sure that what an engine needs is installed, without importing it.

    Raises:
        UsageError: something is missing; the message is the line that installs it.
    """
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"this engine needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed:"
            f" pip install 'genverify[{extra}]'"
        )
