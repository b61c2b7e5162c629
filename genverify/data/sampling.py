"""Examples to the ones a balanced training set keeps: by last step, by instance, with neighbouring steps merged.

All of it is FoVer's (peers' part 3.2) with its defects mended: the final answer is the last step and not the last but
one, and which steps are merged is drawn for each solution by itself. ``compat="fover"`` brings both defects back.
What is drawn depends on the seed and the order of the examples; memory does not grow with their number.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final, Literal, TypeVar

from genverify.data.values import Example, Kind, LabelledStep, StepLabel

T = TypeVar("T")
Compat = Literal["", "fover"]
_JOINS: Final = {Kind.LOGIC: "; "}
"""What merged steps are joined by, where it is not a line break; a list of inferences uses it in FLD."""


def draw(
    items: Callable[[], Iterator[T]],
    group: Callable[[T], Hashable],
    wanted: Callable[[Mapping[Hashable, int]], Mapping[Hashable, int]],
    seed: int,
) -> Iterator[T]:
    """Yield exactly as many items of each group as wanted, in their order, each group's drawn without favour.

    The items are read twice: once to count, once to draw (selection sampling: Knuth, The Art of Computer Programming,
    volume 2, section 3.4.2, algorithm S).

    Args:
        items: reads them from the start.
        group: the group of an item; None is never drawn.
        wanted: the numbers to draw, from the numbers there are; more than there are is all of them.
        seed: of the draw.
    """
    left = Counter(found for item in items() if (found := group(item)) is not None)
    need = {name: min(count, left[name]) for name, count in wanted(left).items()}
    rng = random.Random(f"draw/{seed}")
    for item in items():
        name = group(item)
        if name is None or not left[name]:
            continue
        if rng.random() * left[name] < need.get(name, 0):
            need[name] -= 1
            yield item
        left[name] -= 1


def balanced(
    items: Callable[[], Iterator[T]], group: Callable[[T], Hashable], groups: Sequence[Hashable], seed: int
) -> Iterator[T]:
    """Yield as many items of each of ``groups`` as the rarest of them has."""

    def wanted(there: Mapping[Hashable, int]) -> Mapping[Hashable, int]:
        return dict.fromkeys(groups, min(there.get(name, 0) for name in groups))

    return draw(items, group, wanted, seed)


# --- by last step ---------------------------------------------------------------------------------------------------


def prefixes(example: Example) -> Iterator[Example]:
    """Yield the first 1, 2, ... all steps of an example, as far as every label is known; the ids end in ``/LENGTH``."""
    for length, right in enumerate(example.labels, start=1):
        if right is None:
            return
        answer = example.answer if length == len(example.steps) else ""
        yield replace(example, id=f"{example.id}/{length}", steps=example.steps[:length], answer=answer)


def last_step_balanced(
    source: Callable[[], Iterator[Example]], *, seed: int, share_right: float = 0.5, compat: Compat = ""
) -> Iterator[Example]:
    """Yield prefixes of which ``share_right`` end in a right step, in whole solutions and in the others apart.

    Args:
        source: the examples.
        seed: of the draw.
        share_right: share of prefixes whose last step is right, above 0 and below 1.
        compat: ``fover`` takes the last step but one for the final answer, as FoVer does.

    Raises:
        ValueError: the share is out of its range.
    """
    share = _share(share_right)

    def cut() -> Iterator[tuple[Example, bool]]:
        for example in source():
            final = len(example.steps) - (compat == "fover")
            for length, prefix in enumerate(prefixes(example), start=1):
                yield prefix, length == final

    def group(item: tuple[Example, bool]) -> tuple[bool, bool]:
        return item[1], bool(item[0].steps[-1].label.right)

    def wanted(there: Mapping[Hashable, int]) -> Mapping[Hashable, int]:
        found: dict[Hashable, int] = {}
        for final in (True, False):
            right, wrong = _in_share(there.get((final, True), 0), there.get((final, False), 0), share)
            found |= {(final, True): right, (final, False): wrong}
        return found

    return (prefix for prefix, _ in draw(cut, group, wanted, seed))


def _share(value: float) -> Fraction:
    if not 0 < value < 1:
        raise ValueError(f"a share of right ones must be above 0 and below 1, got {value}")
    return Fraction(value).limit_denominator(10_000)


def _in_share(right: int, wrong: int, share: Fraction) -> tuple[int, int]:
    """Return how many of ``right`` and ``wrong`` to keep so that ``share`` of them is right, as many as can be."""
    of_right = round(right * (1 - share) / share)
    return (right, of_right) if of_right <= wrong else (round(wrong * share / (1 - share)), wrong)


# --- by instance ----------------------------------------------------------------------------------------------------


def instance_balanced(
    source: Callable[[], Iterator[Example]],
    *,
    seed: int,
    share_all_right: float = 0.1,
    label: Callable[[Example], str] = lambda example: example.problem.answer or "",
    labels: Sequence[str] = ("",),
) -> Iterator[Example]:
    """Yield examples with as many of each class, of which ``share_all_right`` have no wrong step.

    Solutions by others than the generator come first; its own right ones (``gold``) make up what is missing of the
    all-right ones, as in FoVer. An example with an unknown step and no wrong one is in no class.

    Args:
        source: the examples.
        seed: of the draw.
        share_all_right: share without a wrong step, above 0 and below 1; FoVer takes 0.1 to 0.3.
        label: the class of an example, such as PROVED; examples of no class in ``labels`` are left out.
        labels: the classes.

    Raises:
        ValueError: the share is out of its range.
    """
    share = _share(share_all_right)

    def group(example: Example) -> Hashable:
        name = label(example) if labels != ("",) else ""
        wrong = example.first_error is not None
        if name not in labels or (not wrong and None in example.labels):
            return None
        return name, not wrong, example.maker == "gold" and not wrong

    def wanted(there: Mapping[Hashable, int]) -> Mapping[Hashable, int]:
        def right(name: str) -> int:
            return there.get((name, True, False), 0) + there.get((name, True, True), 0)

        kept = [_in_share(right(name), there.get((name, False, False), 0), share) for name in labels]
        all_right, wrong = min(kept, default=(0, 0))
        found: dict[Hashable, int] = {}
        for name in labels:
            others = min(all_right, there.get((name, True, False), 0))
            found |= {(name, True, False): others, (name, True, True): all_right - others, (name, False, False): wrong}
        return found

    return draw(source, group, wanted, seed)


# --- merging --------------------------------------------------------------------------------------------------------


def merged(example: Example, *, seed: int, p: float = 0.2, compat: Compat = "") -> Example:
    """Return the example with some neighbouring steps merged into one, so that steps are not always one inference.

    From left to right each step is merged with the next with probability ``p``; two at most, never the last step, and
    only in solutions of three steps or more. The merged step is wrong if one of the two is, right if both are, else
    unknown.

    Args:
        example: the solution.
        seed: of the draw, together with the example's id.
        p: probability in [0, 1].
        compat: ``fover`` draws by the place alone, so that the same places are merged in every solution.
    """
    steps, made, index = example.steps, list[LabelledStep](), 0
    if len(steps) < 3:
        return example
    now_at: dict[int, int] = {}
    while index < len(steps):
        key = f"{seed}/{index}" if compat == "fover" else f"{seed}/{example.id}/{index}"
        now_at[index] = len(made)
        if index < len(steps) - 2 and _unit(key) < p:
            now_at[index + 1] = len(made)
            made.append(_joined(steps[index], steps[index + 1], _JOINS.get(example.kind, "\n")))
            index += 2
        else:
            made.append(steps[index])
            index += 1
    return replace(example, steps=tuple(_renumbered(step, now_at) for step in made))


def _renumbered(step: LabelledStep, now_at: Mapping[int, int]) -> LabelledStep:
    """Let claims name the steps that they build on by their new places."""
    claims = (replace(c, given_steps=tuple(now_at.get(i, i) for i in c.given_steps)) for c in step.claims)
    return replace(step, claims=tuple(claims))


def _unit(key: str) -> float:
    """Return a number in [0, 1) that depends on ``key`` alone."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:7]) / 2**56


def _joined(a: LabelledStep, b: LabelledStep, sign: str) -> LabelledStep:
    at = len(a.text) + len(sign)
    shifted = tuple(
        replace(
            claim,
            span=(claim.span[0] + at, claim.span[1] + at),
            result_span=claim.result_span and (claim.result_span[0] + at, claim.result_span[1] + at),
        )
        if claim.span != (0, 0) or claim.result_span
        else claim
        for claim in b.claims
    )
    # were the first one corrected, the second might no longer fit
    corrected = a.text + sign + b.correction if a.label.right and b.correction else ""
    both = "; ".join(said for said in (a.said, b.said) if said)
    return LabelledStep(
        text=a.text + sign + b.text,
        label=_both(a.label, b.label),
        claims=(*a.claims, *shifted),
        said=both,
        error=", ".join(dict.fromkeys(error for error in (a.error, b.error) if error)),
        correction=corrected,
    )


def _both(a: StepLabel, b: StepLabel) -> StepLabel:
    """Return whether both hold: wrong if one is wrong, else unknown if one is unknown."""
    deciding = next((x for x in (a, b) if x.right is False), None) or next((x for x in (a, b) if x.right is None), None)
    if deciding is not None:
        return replace(deciding, value=None)
    return StepLabel(True, a.source if a.source == b.source else f"{a.source}+{b.source}")
