"""Conversations to the tokens of a model: what is read, what is to be said at each place, and where verdicts stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, Final

from genverify.errors import UsageError
from genverify.protocols.reader import WORDS
from genverify.train.talks import Talk, Turn

IGNORED: Final = -100
"""Label of a token that is not learned; PyTorch's cross entropy knows it by this number."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One conversation in tokens, perhaps with two ends: the first sees no token of the second, nor the other way."""

    id: str
    tokens: tuple[int, ...]
    labels: tuple[int, ...]
    """For each token what should have been said in its place, ``IGNORED`` where that is not learned. In the place of a
    verdict that is the right word's first token, while ``tokens`` always has ``correct`` there, as when reading."""
    verdicts: tuple[int, ...] = ()
    """Places of the verdicts whose step is labelled, counted from 0."""
    right: tuple[bool, ...] = ()
    """For each of ``verdicts`` whether its step is right."""
    steps: tuple[int, ...] = ()
    """Places of the tokens of right steps, which the user says: to find them likely is to know what comes next."""
    wrong: tuple[int, ...] = ()
    """Places of the tokens of wrong steps."""
    fork: tuple[int, int] | None = None
    """Where the first end begins, and where the second, which goes on from the same tokens; None for one end."""


class Encoder:
    """Encodes conversations for one tokenizer, through its chat template.

    Raises:
        UsageError: it has no chat template, or both verdicts begin with the same token.
    """

    def __init__(self, tokenizer: Any) -> None:  # noqa: ANN401 - transformers' class is not imported here
        self._tokenizer = tokenizer
        if not getattr(tokenizer, "chat_template", None):
            raise UsageError("this model's tokenizer has no chat template: take an instruct model")
        right, wrong = (_behind_break(tokenizer, word) for word in WORDS)
        self.words = (right[0], wrong[0])
        """The first token of each verdict."""
        self._lengths = {WORDS[0]: len(right), WORDS[1]: len(wrong)}
        if right[0] == wrong[0]:
            raise UsageError(f"this model's tokenizer begins {WORDS[0]!r} and {WORDS[1]!r} with the same token")

    def __call__(self, talk: Talk) -> Encoded:
        """Return the tokens of one conversation, with its other end if it has one.

        Raises:
            UsageError: the chat template rewrites earlier turns, so that none can be found again.
        """
        made = self._encoded(talk)
        return made if talk.twin is None else joined(made, self._encoded(talk.twin))

    def _encoded(self, talk: Talk) -> Encoded:
        text = self._text(talk, talk.turns[-1].place + 1, prompt=False)
        made = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        starts = [start for start, _ in made["offset_mapping"]]
        tokens = [int(t) for t in made["input_ids"]]
        labels = [IGNORED] * len(tokens)
        places: list[tuple[int, bool]] = []
        steps: dict[bool, list[int]] = {True: [], False: []}
        for turn in talk.turns:
            inside = self._inside(talk, turn, text, starts)
            for place in inside if turn.learned else []:
                labels[place] = tokens[place]
            if talk.form is None:
                continue
            if turn.right is not None:
                steps[turn.right] += self._step(talk, turn, starts)
            verdict, *rest = inside[:1] if talk.form == "explained" else inside[-self._length(talk, turn) :]
            for place in (verdict, *rest):
                labels[place] = IGNORED
            if turn.right is not None:
                places.append((verdict, turn.right))
                labels[verdict] = self.words[0 if turn.right else 1] if turn.learned else IGNORED
        verdicts, right = zip(*places, strict=True) if places else ((), ())
        return Encoded(talk.id, tuple(tokens), tuple(labels), verdicts, right, tuple(steps[True]), tuple(steps[False]))

    def _length(self, talk: Talk, turn: Turn) -> int:
        """Return how many tokens the verdict at the end of a turn has."""
        return self._lengths[talk.messages[turn.place].content.rpartition("\n")[2]]

    def _inside(self, talk: Talk, turn: Turn, text: str, starts: Sequence[int]) -> list[int]:
        """Return the tokens of a turn; where its text may be of any length, the template's end is one of them."""
        begin = len(self._text(talk, turn.place, prompt=True))
        end = begin + len(talk.messages[turn.place].content)
        if text[begin:end] != talk.messages[turn.place].content:
            raise UsageError(
                "this model's chat template rewrites earlier turns; only one that keeps them can be trained"
            )
        ends = talk.form is None or (talk.form == "explained" and turn is talk.turns[-1])
        return [n for n, start in enumerate(starts) if begin <= start < end or (start == end and ends)]

    def _step(self, talk: Talk, turn: Turn, starts: Sequence[int]) -> list[int]:
        """Return the tokens of the step that a turn judges."""
        before, asked = self._text(talk, turn.place - 1, prompt=False), talk.messages[turn.place - 1].content
        end = self._text(talk, turn.place, prompt=False).rindex(asked, len(before)) + len(asked)
        return [n for n, start in enumerate(starts) if end - turn.step <= start < end]

    def _text(self, talk: Talk, count: int, *, prompt: bool) -> str:
        """Return the first ``count`` messages in the chat template."""
        said = [{"role": m.role, "content": m.content} for m in talk.messages[:count]]
        return str(self._tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=prompt))


def joined(one: Encoded, other: Encoded) -> Encoded:
    """Return two conversations that begin alike as one with two ends: what they share is computed once.

    The first token of the second end is not learned: what stands before it here is not what it follows.
    """
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one.tokens, other.tokens, strict=False)))
    at, moved = len(one.tokens), len(one.tokens) - shared
    own = [(v + moved, r) for v, r in zip(other.verdicts, other.right, strict=True) if v > shared]
    return replace(
        one,
        tokens=one.tokens + other.tokens[shared:],
        labels=(*one.labels, IGNORED, *other.labels[shared + 1 :]),
        verdicts=(*one.verdicts, *(v for v, _ in own)),
        right=(*one.right, *(r for _, r in own)),
        steps=(*one.steps, *(place + moved for place in other.steps if place > shared)),
        fork=(shared, at),
    )


def _behind_break(tokenizer: Any, word: str) -> tuple[int, ...]:  # noqa: ANN401
    """Return the tokens of ``word`` where it follows a line break, as verdicts do."""
    line = tokenizer.encode("\n", add_special_tokens=False)
    return tuple(int(t) for t in tokenizer.encode(f"\n{word}", add_special_tokens=False)[len(line) :])
