"""A prompt and the texts that may follow it to tokens, and to log-probabilities where a server offers few of them.

Where only the likeliest next tokens are offered, a continuation is walked along token by token, each time by the
longest offered token that it begins with, as a tokenizer would cut it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from genverify.errors import EngineError

Top = Callable[[str], Awaitable[Mapping[str, float]]]
"""A text to be appended to the prompt -> log-probabilities of the likeliest next tokens."""


async def walk(choices: Sequence[str], top: Top) -> tuple[float, ...]:
    """Return the log-probability of each choice; of one that is not offered the most that it can be.

    Raises:
        EngineError: none of the choices is among the offered tokens, so nothing is known of their proportions.
    """
    known: dict[str, Mapping[str, float]] = {}

    async def next_tokens(written: str) -> Mapping[str, float]:
        if written not in known:
            known[written] = await top(written)
        return known[written]

    walked = [await _walk_one(choice, next_tokens) for choice in choices]
    if not any(found for _, found in walked):
        offered = sorted(await next_tokens(""), key=lambda t: -known[""][t])[:5]
        raise EngineError(f"none of the choices {tuple(choices)} is among the tokens the server offers: {offered} ...")
    return tuple(logprob for logprob, _ in walked)


async def _walk_one(choice: str, top: Top) -> tuple[float, bool]:
    """Return the log-probability of ``choice``, and False if it is only a bound."""
    total, at = 0.0, 0
    while at < len(choice):
        offered = await top(choice[:at])
        fits = [token for token in offered if token and choice.startswith(token, at)]
        if not fits:
            return total + min(offered.values()), False  # every token that is not offered is less likely than these
        token = max(fits, key=len)
        total, at = total + offered[token], at + len(token)
    return total, True


def told_apart(choices: Sequence[list[int]]) -> tuple[list[int], ...]:
    """Cut each choice, given as tokens, to the fewest first ones that no other choice begins with; mostly that is one.

    A choice with which another begins stays whole.
    """

    def cut(place: int) -> list[int]:
        own = choices[place]
        others = [other for i, other in enumerate(choices) if i != place]
        fits = (n for n in range(1, len(own)) if all(other[:n] != own[:n] for other in others))
        return own[: next(fits, len(own))]

    return tuple(cut(place) for place in range(len(choices)))


def continuation(prompt: Sequence[int], both: Sequence[int], alone: Sequence[int]) -> list[int]:
    """Return the tokens by which a choice continues a prompt, from the tokens of prompt, prompt + choice, and choice.

    A model goes on from the prompt's own tokens; where cutting both together would cut the prompt differently, the
    choice is cut alone.
    """
    n = len(prompt)
    return list(both[n:]) if len(both) > n and list(both[:n]) == list(prompt) else list(alone)
