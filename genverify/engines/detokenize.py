"""Tokens that come one by one to text that grows, and the stop text at which it ends."""

from collections.abc import Sequence
from typing import Any

from genverify.engines.stops import cut

_CONTEXT = 6  # tokens before the new ones that are decoded with them: some tokenizers write a space only then


class Writer:
    """Decodes what a model writes after a prompt.

    Args:
        tokenizer: of transformers; it decodes.
        prompt: the tokens before.
        stop: texts that end the writing.
    """

    def __init__(self, tokenizer: Any, prompt: Sequence[int], stop: Sequence[str]) -> None:  # noqa: ANN401
        self._tokenizer, self._stop = tokenizer, stop
        self._ids = list(prompt[-_CONTEXT:])
        self._from, self._read = 0, len(self._ids)
        self._reach = max((len(s) for s in stop), default=1)
        self.text = ""
        self.met: str | None = None
        """The stop text that ended the writing."""

    def write(self, token: int) -> bool:
        """Take one more token; return True once a stop text is complete, at whose end the text is cut."""
        self._ids.append(token)
        before = self._decoded(self._read)
        after = self._decoded(len(self._ids))
        if after.endswith("\ufffd"):  # the middle of a character
            return False
        self._from, self._read = self._read, len(self._ids)
        return self._add(after[len(before) :])

    def finish(self) -> bool:
        """Write what is left of a character that was never completed; True if a stop text is complete now."""
        before, after = self._decoded(self._read), self._decoded(len(self._ids))
        return self._add(after[len(before) :])

    def _add(self, piece: str) -> bool:
        start = max(0, len(self.text) - self._reach + 1)
        self.text += piece
        tail, self.met = cut(self.text[start:], self._stop)
        self.text = self.text[:start] + tail
        return self.met is not None

    def _decoded(self, end: int) -> str:
        ids = self._ids[self._from : end]
        return str(self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))
