"""A name such as ``genprm`` to the protocol it means, and ``genprm:PATH`` to a protocol and an engine's name."""

from dataclasses import replace
from importlib import import_module
from typing import Any, Final, cast

from genverify.engines import loading as engines
from genverify.engines.base import Engine
from genverify.errors import UsageError
from genverify.protocols.base import CriticProtocol

_MADE: Final = {
    "native": ("native", "Native"),
    "judge": ("judge", "Judge"),
    "paragraphs": ("paragraphs", "Paragraphs"),
    "natural": ("natural", "NaturalProgram"),
    "orm": ("orm", "OutcomeRM"),
    "bothways": ("variants", "BothWays"),
    "quick": ("variants", "Quick"),
    "genprm": ("genprm", "GenPRM"),
    "thinkprm": ("thinkprm", "ThinkPRM"),
    "fover": ("fover", "FoVer"),
    "reader": ("reader", "shipped"),
    "rlhflow": ("signs", "RLHFlow"),
    "mathshepherd": ("signs", "MathShepherd"),
    "qwenprm": ("scored", "QwenPRM"),
    "skywork": ("scored", "SkyworkPRM"),
}
"""Each name's module and class: only what is asked for is imported."""
KNOWN: Final = tuple(_MADE)
"""Names without settings; R-PRM needs a file of the user's and is made with ``RPRM.from_file``."""
_ENGINES: Final = frozenset({"embedded", "scripted", "replay", "transformers", "llamacpp", "vllm", "openai", "scorer"})
_SCORED: Final = frozenset({"qwenprm", "skywork"})
"""Protocols of models with a head of their own: a path alone names such a model."""


def load(name: str, *, max_tokens: int | None = None, temperature: float | None = None) -> CriticProtocol:
    """Return the protocol that ``name`` means, one of :data:`KNOWN`.

    Args:
        name: the protocol.
        max_tokens: most tokens of one critique, at least 1; None keeps the protocol's own.
        temperature: at least 0; None keeps the protocol's own.

    Raises:
        UsageError: no protocol has that name.
        ValueError: a number is out of its range.
    """
    if name not in KNOWN:
        raise UsageError(f"no protocol is called {name!r}; known are {', '.join(KNOWN)}")
    module, made = _MADE[name]
    protocol: CriticProtocol = getattr(import_module(f"genverify.protocols.{module}"), made)()
    wanted = {"max_tokens": max_tokens, "temperature": temperature}
    changes = {key: value for key, value in wanted.items() if value is not None}
    return _tuned(protocol, changes) if changes else protocol


def _tuned(protocol: Any, changes: dict[str, Any]) -> Any:  # noqa: ANN401 - the same dataclass as came in
    inner = "judge" if hasattr(protocol, "judge") else "sampling"
    part = getattr(protocol, inner)
    return replace(protocol, **{inner: _tuned(part, changes) if inner == "judge" else replace(part, **changes)})


def split(model: str) -> tuple[str | None, str]:
    """Cut the name of a critic into protocol and engine.

    ``genprm:PATH`` is the protocol GenPRM with the weights in PATH, through transformers, and ``qwenprm:PATH`` a model
    with a head of its own, through the scorer; ``genprm:vllm:PATH`` names the engine too; ``vllm:PATH`` leaves the
    protocol open (None). ``embedded`` is our small critic: its adapter over the embedded model, and its protocol.

    Raises:
        UsageError: the part before the first colon is neither a protocol nor an engine.
    """
    head, _, rest = model.partition(":")
    if model in ("embedded", "reader:embedded"):
        return "reader", "embedded:reader"
    if head in _ENGINES:
        return None, model
    if head not in KNOWN or not rest:
        known = ", ".join([*KNOWN, *sorted(_ENGINES)])
        raise UsageError(f"{model!r} names no critic: expected PROTOCOL:ENGINE, PROTOCOL:PATH or ENGINE, of {known}")
    if rest.partition(":")[0] in _ENGINES:
        return head, rest
    return head, f"{'scorer' if head in _SCORED else 'transformers'}:{rest}"


def parts(
    model: str | None = None, engine: Engine | str | None = None, protocol: CriticProtocol | str | None = None
) -> tuple[Engine, CriticProtocol]:
    """Return the engine and the protocol that a critic is made of; ``native`` where none is named.

    Args:
        model: a critic's name, as :func:`split` reads it; then no ``engine`` is given.
        engine: an engine or its name.
        protocol: a protocol or its name; it goes before what ``model`` says.

    Raises:
        UsageError: there is no engine or there are two, something has no such name, or a package is missing.
        EngineError: the model could not be loaded.
    """
    if (model is None) == (engine is None):
        raise UsageError("a critic needs one model: give a name such as genprm:PATH, or engine=, and not both")
    if model is not None:
        named, engine = split(model)
        protocol = protocol or named
    spoken = load(protocol or "native") if protocol is None or isinstance(protocol, str) else protocol
    return engines.load(engine) if isinstance(engine, str) else cast(Engine, engine), spoken
