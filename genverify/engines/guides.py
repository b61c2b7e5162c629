"""A JSON schema or regular expression to the tokens that may come next, through outlines.

A raw guide is used, not outlines' generators: those put a text prompt through the chat template once more.
"""

import json
from collections import OrderedDict
from typing import Any, Final

from genverify.engines.base import Request
from genverify.errors import EngineError

_KEPT: Final = 32  # compiled ones; each holds some MB


class Guides:
    """Compiles schemas and expressions for one tokenizer, each once.

    Args:
        model: of transformers.
        tokenizer: its tokenizer.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:  # noqa: ANN401
        self._model, self._tokenizer = model, tokenizer
        self._backend: Any = None
        self._indices: OrderedDict[tuple[str, str], Any] = OrderedDict()

    def guide(self, request: Request) -> "Guide | None":
        """Return a guide at the beginning of a text; None for a request that asks for no form.

        Raises:
            EngineError: the schema or regular expression cannot be compiled.
        """
        if request.schema is None and request.regex is None:
            return None
        key = (json.dumps(request.schema), "schema") if request.schema is not None else (request.regex or "", "regex")
        if key not in self._indices:
            self._indices[key] = self._compiled(*key)
            if len(self._indices) > _KEPT:
                self._indices.popitem(last=False)
        self._indices.move_to_end(key)
        return Guide(self._indices[key])

    def _compiled(self, form: str, kind: str) -> object:
        import outlines
        from outlines.backends.outlines_core import OutlinesCoreBackend

        if self._backend is None:
            self._backend = OutlinesCoreBackend(outlines.from_transformers(self._model, self._tokenizer))
        compiled = {
            "schema": self._backend.get_json_schema_logits_processor,
            "regex": self._backend.get_regex_logits_processor,
        }
        try:
            return compiled[kind](form).index
        except (ValueError, TypeError, RuntimeError) as error:
            raise EngineError(f"outlines cannot compile the {kind} {form[:200]}: {error}") from error


class Guide:
    """Where one text stands in its grammar."""

    def __init__(self, index: Any) -> None:  # noqa: ANN401
        from outlines_core import Guide as Core

        self._core = Core(index)

    def mask(self, logits: Any) -> None:  # noqa: ANN401
        """Forbid, in place, every token that must not come next."""
        import torch

        size = logits.shape[-1]
        bits = torch.zeros((size + 31) // 32, dtype=torch.int32)
        self._core.write_mask_into(bits.data_ptr(), bits.numel(), bits.element_size())
        allowed = (bits[:, None] >> torch.arange(32, dtype=torch.int32)) & 1
        logits.masked_fill_(~allowed.bool().flatten()[:size].to(logits.device), -torch.inf)

    def advance(self, token: int) -> None:
        """Go on by the token that was written."""
        if not self._core.is_finished() or self._core.accepts_tokens([token]):
            self._core.advance(token_id=token, return_tokens=False)
