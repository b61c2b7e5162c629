"""Settings, and records as the conversations that a critic is trained on."""

from dataclasses import replace
from pathlib import Path

import pytest
from training import RIGHT, example, relation, written

from genverify.data import LabelledStep
from genverify.errors import RecordError, UsageError
from genverify.train.config import Dpo, Run, Sft, read
from genverify.train.talks import Style, Talk, claimed, corrected, intent, of_example

# --- settings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("learning_rte: 0.1", "unknown setting 'learning_rte'"),
        ("learning_rate: 7", "learning_rate must be in"),
        ("rank: 1.5", "rank must be a whole number"),
        ("rank: true", "rank must be a whole number"),
        ("rank: 0", r"rank must be in \[1, 1024\]"),
        ("form: poem", "form must be one of verdict, claim, intent, explained"),
        ("data: [1]", "data must be a list of texts"),
        ("steps: 0", "steps must be at least 1"),
        ("step_weight: -1", "step_weight, digit_weight and contrast_weight must be at least 0"),
        ("- a list", "cannot be read as YAML"),
    ],
)
def test_a_setting_that_is_not_known_or_out_of_range_is_named(tmp_path: Path, line: str, said: str) -> None:
    pytest.importorskip("yaml")
    path = tmp_path / "run.yaml"
    path.write_text(f"model: embedded\nout: out\n{'' if line.startswith('data') else 'data: a.jsonl'}\n{line}\n")
    with pytest.raises(UsageError, match=said):
        read(path, Sft)


def test_settings_are_read_and_paths_are_relative_to_their_file(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    path = tmp_path / "run.yaml"
    path.write_text("model: embedded\ndata: [a.jsonl]\nout: runs/a\nlearning_rate: 5e-4\nsteps: 3\n")
    run = read(path, Sft)
    assert (run.learning_rate, run.steps) == (5e-4, 3)
    assert (run.data, run.out, run.model) == ((str(tmp_path / "a.jsonl"),), str(tmp_path / "runs/a"), "embedded")
    path.write_text("model: embedded\ndata: [a.jsonl]\nout: x\nform: claim\n")
    with pytest.raises(UsageError, match="unknown setting 'form'"):
        read(path, Dpo)
    path.write_text("model: embedded\ndata: [a.jsonl]\n")
    with pytest.raises(UsageError, match="'out' is missing"):
        read(path, Run)


# --- conversations --------------------------------------------------------------------------------------------------


def said(talk: Talk) -> list[tuple[str, str]]:
    return [(m.role, m.content) for m in talk.messages]


def test_an_example_becomes_a_conversation_up_to_its_first_error() -> None:
    talk = of_example(example(), "intent", Style())
    assert said(talk) == [
        ("system", "Check each step."),
        ("user", "3 pens cost 5 dollars each. What do they cost?\n\nLet us begin."),
        ("assistant", "-\n-\ncorrect"),
        ("user", "There are 3 pens."),
        ("assistant", "3\n3\ncorrect"),
        ("user", "3 + 5 = 8"),
        ("assistant", "3 * 5\n3 + 5 = 8\nincorrect"),
    ]
    assert [turn.right for turn in talk.turns] == [True, True, False]


def test_what_is_explained_stands_behind_the_last_verdict_alone() -> None:
    talk = of_example(example(), "explained", Style(corrected=True))
    assert [m.content for m in talk.messages if m.role == "assistant"] == [
        "correct", "correct", "incorrect\n3 * 5\n3 + 5 = 8",
    ]  # fmt: skip
    assert talk.twin is not None
    assert said(talk.twin)[-2:] == [("user", "3 * 5 = 15"), ("assistant", "correct\n3 * 5\n3 * 5 = 15")]


def test_a_step_that_goes_on_after_an_error_follows_one_called_correct() -> None:
    goes_on = replace(example(), steps=(*example().steps, LabelledStep("So 8.", RIGHT, (relation("8 = 8"),), "8")))
    talk = of_example(goes_on, "verdict", Style(after_error=True))
    assert [m.content for m in talk.messages if m.role == "assistant"] == ["correct"] * 4
    assert [turn.right for turn in talk.turns] == [True, True, False, True]
    assert len(of_example(goes_on, "verdict", Style()).turns) == 3


def test_history_is_masked_as_fover_does() -> None:
    assert [t.learned for t in of_example(example(), "claim", Style(history="last")).turns] == [False, False, True]


def test_what_was_to_be_computed_is_told_from_what_was() -> None:
    begin, restate, last = example().steps
    assert (intent(last), claimed(last)) == ("3 * 5", "3 + 5 = 8")
    assert (intent(restate), claimed(restate)) == ("3", "3")
    assert (intent(begin), claimed(begin)) == ("", "")
    right = corrected(last)
    assert right is not None
    assert (right.text, right.said, right.label.right) == ("3 * 5 = 15", "3 * 5 = 15", True)
    third = replace(last, claims=(relation("1 + 2 = 5"), relation("1 / 3 = 5")), correction="a third")
    assert (fraction := corrected(third)) is not None
    assert fraction.said == "1 / 3 = 1/3"
    assert corrected(replace(last, correction="")) is None
    assert corrected(replace(last, claims=(relation("x = 5"),))) is None


def test_makers_and_errors_that_are_left_out_are_passed_over(tmp_path: Path) -> None:
    from genverify.train.talks import read as talks

    path = written(tmp_path / "a.jsonl", example(0), example(1, wrong=False))
    names = [
        [t.id for t in talks(path, "verdict", Style(leave_out=frozenset(out)))]
        for out in (["gold"], ["wrong_operation"])
    ]
    assert names == [["pens-0-sneaky"], ["pens-1-gold"]]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "got no JSON"),
        ("[]", "expected an example"),
        ('{"messages": []}', "expected a list of messages"),
        ('{"messages": [{"role": "user", "content": "a"}]}', "at least one turn of the assistant"),
        ('{"messages": [{"role": "tool", "content": "a"}]}', "expected messages with a role"),
    ],
)
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: str, said: str) -> None:
    from genverify.train.talks import read as talks

    path = tmp_path / "a.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(RecordError, match=f"a.jsonl:1: .*{said}"):
        list(talks(path, "verdict", Style()))
