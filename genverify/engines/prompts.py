"""A request to the tokens that a model reads, through the model's own tokenizer and, once, its own chat template."""

from dataclasses import dataclass
from typing import Any

from genverify.engines.base import Request
from genverify.engines.continuations import continuation, told_apart
from genverify.engines.stops import without_end
from genverify.errors import EngineError


@dataclass(frozen=True, slots=True)
class Job:
    """A request, cut into tokens."""

    request: Request
    prompt: list[int]
    choices: tuple[list[int], ...] = ()
    """The tokens of each choice."""


class Prompts:
    """Cuts requests into tokens.

    Args:
        name: what errors call the model.
        tokenizer: of transformers.
    """

    def __init__(self, name: str, tokenizer: Any) -> None:  # noqa: ANN401
        self._name, self._tokenizer = name, tokenizer

    @property
    def capabilities(self) -> frozenset[str]:
        """Return ``messages`` and ``prefix`` where there is a chat template."""
        return frozenset({"messages", "prefix"} if self._tokenizer.chat_template else ())

    def rendered(self, request: Request) -> str:
        """Return the text that the model goes on from.

        Raises:
            EngineError: there are messages and the model has no chat template, or it refuses them.
        """
        if isinstance(request.prompt, str):
            return request.prompt + request.prefix
        turns = [{"role": m.role, "content": m.content} for m in request.prompt]
        opens = request.generation_prompt
        if not self._tokenizer.chat_template:
            raise EngineError(f"{self._name} has no chat template: send the prompt as text")
        try:
            text = str(self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=opens))
        except Exception as error:
            raise EngineError(f"{self._name}: the chat template refuses the messages: {error}") from error
        return (text if opens else without_end(text, str(self._tokenizer.eos_token or ""))) + request.prefix

    def job(self, request: Request) -> Job:
        """Return a request's tokens.

        Raises:
            EngineError: the messages cannot be templated, or there is nothing to read.
        """
        text = self.rendered(request)
        bos = self._tokenizer.bos_token
        # a template writes the beginning of sequence itself; a text gets it unless it has it
        special = isinstance(request.prompt, str) and not (bos and text.startswith(bos))
        prompt = self.ids(text, special=special)
        if not prompt:
            raise EngineError(f"{self._name}: the prompt {text[:40]!r} has no tokens")
        choices = tuple(
            continuation(prompt, self.ids(text + choice, special=special), self.ids(choice, special=False))
            for choice in request.choices
        )
        return Job(request, prompt, told_apart(choices) if request.first_tokens else choices)

    def ids(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of a text, with those that the tokenizer adds by itself if ``special``."""
        return list(self._tokenizer(text, add_special_tokens=special).input_ids)
