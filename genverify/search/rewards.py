"""Verdicts to rewards, in the forms that TRL's GRPO and verl call; nothing of either is imported.

What could not be decided gets no reward: None for TRL, which leaves such a sample out of that reward, and for verl,
whose tensor has no empty places, a 0 on a scale from -1 to 1 with ``decided`` beside it. It is never one half.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from genverify import answers
from genverify.types import Problem, Report

if TYPE_CHECKING:
    from genverify.verifier import Verifier

Text = str | Sequence[Mapping[str, Any]]
"""A prompt or completion as TRL hands it over: a text, or messages with ``role`` and ``content``."""


class ProcessReward:
    """A reward function for TRL: the probability that all steps of a completion are right.

    ::

        with Verifier() as verifier:
            GRPOTrainer(model, reward_funcs=[ProcessReward(verifier), OutcomeReward(verifier)], ...)

    Args:
        verifier: judges completions, a whole batch in flight together; it stays open.
        problem: the data set's column with the problem, used instead of the prompt where there is one.
    """

    __name__ = "genverify_process"
    """TRL names the reward so in its logs."""

    def __init__(self, verifier: "Verifier", *, problem: str = "problem") -> None:
        self._verifier, self._problem = verifier, problem

    def __call__(
        self, prompts: Sequence[Text], completions: Sequence[Text], **columns: Sequence[Any]
    ) -> list[float | None]:
        """Return a reward in [0, 1] for each completion; None where nothing was decided or it could not be judged."""
        asked = columns.get(self._problem) or [_said(prompt, "user") for prompt in prompts]
        items = [(Problem(str(p)), _said(c, "assistant")) for p, c in zip(asked, completions, strict=True)]
        return [r.score if isinstance(r, Report) else None for r in self._verifier.critique_many(items)]


class OutcomeReward:
    """A reward function for TRL: whether the final answer of a completion equals the reference answer.

    Args:
        verifier: its tools decide which answers are equal.
        answer: the data set's column with the reference answer.
    """

    __name__ = "genverify_outcome"

    def __init__(self, verifier: "Verifier", *, answer: str = "answer") -> None:
        self._verifier, self._answer = verifier, answer

    def __call__(
        self, prompts: Sequence[Text], completions: Sequence[Text], **columns: Sequence[Any]
    ) -> list[float | None]:
        """Return 1.0 or 0.0 for each completion, 0.0 also without any answer; None if equality stays undecided.

        Raises:
            ValueError: the data set has no such column.
        """
        if self._answer not in columns:
            raise ValueError(f"the data set has no column {self._answer!r}; it has {', '.join(sorted(columns))}")
        references = columns[self._answer]
        return [
            None if reference is None else _equal(self._verifier, _said(c, "assistant"), str(reference))
            for c, reference in zip(completions, references, strict=True)
        ]


VERL_FIELDS: Final = ("score", "decided", "refuted", "answer_right")
"""What :func:`verl_reward` returns; always all of them, for verl stacks the extra ones into arrays."""


def verl_reward(verifier: "Verifier", *, process: float = 1.0, outcome: float = 1.0) -> Callable[..., dict[str, float]]:
    """Return a ``compute_score`` for verl's ``reward.custom_reward_function``.

    Each part is on a scale from -1 (wrong) to 1 (right), and adds nothing where it is not decided.

    Args:
        verifier: judges solutions; it stays open.
        process: weight of the steps: twice their probability of being right, minus one.
        outcome: weight of the final answer against ``ground_truth``.
    """

    def compute_score(
        data_source: str,
        solution_str: str,
        ground_truth: str | None,
        extra_info: Mapping[str, Any] | None = None,
        **_: object,
    ) -> dict[str, float]:
        asked = str((extra_info or {}).get("problem") or (extra_info or {}).get("question") or "")
        (report,) = verifier.critique_many([(Problem(asked), solution_str)])
        p = report.score if isinstance(report, Report) else None
        right = None if ground_truth is None else _equal(verifier, solution_str, str(ground_truth))
        parts = [weight * (2.0 * x - 1.0) for weight, x in ((process, p), (outcome, right)) if weight and x is not None]
        return {
            "score": sum(parts),
            "decided": float(bool(parts)),
            "refuted": float(isinstance(report, Report) and report.first_error is not None),
            "answer_right": float(right == 1.0),
        }

    return compute_score


def _equal(verifier: "Verifier", text: str, reference: str) -> float | None:
    found = answers.find(text)
    if found is None:
        return 0.0
    same = answers.same(found.text, reference, verifier.tools)
    return None if same is None else float(same)


def _said(text: Text, role: str) -> str:
    """Return a text, or the last message of ``role``, or else the last message."""
    if isinstance(text, str):
        return text
    own = [message for message in text if message.get("role") == role] or list(text)
    return str(own[-1].get("content") or "") if own else ""
