"""What is asked of a language model and what it answers, whatever runs it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from genverify.engines.regex import check_regex
from genverify.errors import EngineError


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation, before any chat template."""

    role: str
    """``system``, ``user`` or ``assistant``; a model's own template may know more."""
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn."""

    temperature: float = 0.0
    """At least 0; 0 takes the likeliest token always."""
    top_p: float = 1.0
    """In (0, 1]: draw from the likeliest tokens whose probabilities sum to this; 1 leaves none out."""
    top_k: int = 0
    """At least 0: draw from this many likeliest tokens; 0 leaves none out."""
    max_tokens: int = 1024
    """Most tokens to generate, at least 1."""
    seed: int | None = None
    """Same request, same seed, same engine: same text, up to the engine's arithmetic; None draws anew each time."""

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < float("inf"):
            raise ValueError(f"temperature must be a number of at least 0, got {self.temperature}")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p must lie in (0, 1], got {self.top_p}")
        if self.top_k < 0:
            raise ValueError(f"top_k must be at least 0 (0: off), got {self.top_k}")
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, got {self.max_tokens}")


@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked of a model: the continuation of a prompt, or how likely given continuations are."""

    prompt: str | tuple[Message, ...]
    """A text is sent as it is, never templated; messages go through the model's own chat template, once."""
    prefix: str = ""
    """The beginning of the model's answer, appended untouched to the (templated) prompt; not part of the completion."""
    generation_prompt: bool = True
    """Whether the template opens the assistant's turn; if not, a last end-of-sequence that it wrote is taken off."""
    stop: tuple[str, ...] = ()
    """Texts at which generation ends; the one that was met is kept at the end of the completion's text."""
    sampling: Sampling = field(default_factory=Sampling)
    choices: tuple[str, ...] = ()
    """With choices nothing is generated: the log-probability of each as continuation of prompt + prefix is returned."""
    first_tokens: bool = False
    """Of each choice only its first token counts; where those are alike, its tokens up to where it differs."""
    schema: Mapping[str, object] | None = None
    """JSON schema that the text must satisfy."""
    regex: str | None = None
    """Regular expression that the whole text must match, in the language of ``engines.regex``; ``one_of`` there makes
    the one for a choice that is to be written."""
    scored: tuple[str, ...] = ()
    """With these nothing is generated: they follow prompt + prefix one after the other, with ``mark`` behind each, and
    a model that has a head for it scores each place of the mark. Each text is cut into tokens by itself."""
    mark: str = ""
    """The one token behind each of ``scored``."""
    chain: str = ""
    """Requests of one chain share a growing beginning, which an engine may keep in its cache; empty: no chain."""

    def __post_init__(self) -> None:
        if "" in self.stop:
            raise ValueError("a stop text must not be empty: it would end every completion before its first character")
        if "" in self.choices:
            raise ValueError("a choice must not be empty: an empty continuation has no probability")
        if sum([bool(self.choices), bool(self.scored), self.schema is not None, self.regex is not None]) > 1:
            raise ValueError("a request has choices, scored texts, a schema or a regex, and no more than one of them")
        if self.regex is not None:
            check_regex(self.regex)
        if bool(self.scored) != bool(self.mark):
            raise ValueError("texts are scored at a mark, and a mark stands behind texts: give both or neither")
        if self.first_tokens and not self.choices:
            raise ValueError("first_tokens says how choices are scored, and the request has none")
        if not self.prompt and not self.prefix:
            raise ValueError("a request needs a prompt or a prefix, got neither")


class Finish(StrEnum):
    """Why a completion ended."""

    STOP = "stop"
    """A stop text was met (``Completion.stop`` names it), or the model ended by itself (``stop`` is None)."""
    LENGTH = "length"
    """``max_tokens`` or the model's context was used up."""
    CHOICES = "choices"
    """Nothing was to be generated."""
    ERROR = "error"
    """The text must not be relied on; ``Completion.problem`` says why (a filter, a grammar, a schema not satisfied)."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model answered."""

    text: str
    """The continuation alone, without prompt and prefix; empty with choices."""
    finish: Finish
    stop: str | None = None
    """The stop text that was met, which also ends ``text``; None if none was."""
    choice_logprobs: tuple[float, ...] | None = None
    """Natural logarithm of the probability of each choice, summed over its tokens, in the order of the request.

    Of a server that offers only its likeliest tokens, a choice that is not among them gets the most that it can be.
    """
    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Tokens generated, those of the stop text included; 0 with choices."""
    cached_tokens: int = 0
    """Those of ``prompt_tokens`` that were not computed again; 0 also where the engine does not say."""
    problem: str = ""
    """Set exactly when ``finish`` is ERROR: one line that says why."""
    scores: tuple[float, ...] | None = None
    """Of each of the request's ``scored`` texts the probability in [0, 1] that the model's head gives behind it."""


_NEEDED: Final = {"scored": "scores", "regex": "regex"}
"""Parts of a request that not every engine knows, and the capability that each needs."""


def check_known(request: Request, capabilities: Collection[str], engine: str) -> None:
    """Make sure that no part of a request would be passed over in silence.

    Raises:
        EngineError: the engine lacks a capability that the request needs.
    """
    for part, capability in _NEEDED.items():
        if getattr(request, part) and capability not in capabilities:
            raise EngineError(
                f"{engine}: the request has {part!r}, and this engine's capabilities have no {capability!r}"
            )


class Engine(Protocol):
    """Anything that answers requests, many at once: batching is its own business.

    ``complete`` may be called by any number of coroutines of one event loop; cancelling one frees what it holds. An
    engine that keeps what so many chains have read, and no more, says so in a whole number ``slots``.
    """

    @property
    def capabilities(self) -> frozenset[str]:
        """Return what this engine can do.

        ``messages``: chat templates; ``prefix``: messages together with a prefix or without generation prompt;
        ``choices``: log-probabilities; ``first_tokens``: those of the choices' first tokens alone, for which an engine
        must know how its model cuts a text; ``schema``, ``regex``: structured output; ``seed``: repeatable draws;
        ``scores``: a head that scores texts.
        A text prompt, stop texts and sampling are always there, unless ``scores`` is all that the model can give. What
        a server turns out to lack leaves the set at the first request that needs it; that request fails with an
        EngineError that is not retryable.
        """
        ...

    async def complete(self, request: Request) -> Completion:
        """Return the answer to one request.

        Raises:
            EngineError: the engine could not answer; its ``retryable`` says whether waiting may help.
        """
        ...

    def provenance(self) -> Mapping[str, str]:
        """Return what made the answers: ``engine``, ``model``, ``revision``, ``dtype`` and versions, where known."""
        ...

    async def aclose(self) -> None:
        """Let go of all that the engine holds; requests under way fail. Closing twice does nothing."""
        ...
