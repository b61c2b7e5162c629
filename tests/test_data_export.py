"""Each format says of a step what the example says, in that format's own convention, and nothing that is not known."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import examples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.bench import formats
from genverify.data.export import EXPORTS, named
from genverify.data.export.base import Means, Row
from genverify.data.export.chat import dataset_info, fover
from genverify.data.export.files import Tally, write_jsonl
from genverify.data.export.tokens import rewards
from genverify.data.export.trl import kto, preference_step_dpo
from genverify.data.values import Dropped, Example, StepLabel, Tools, opened
from genverify.errors import UsageError
from genverify.types import LabelConvention

LABELS = st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with opened() as made:
        yield made


def made(name: str, tools: Tools, *some: Example, **means: Any) -> list[Row]:
    found = Tally()
    return list(found.count(EXPORTS[name].rows(lambda: iter(some or examples.ALL), Means(tools, **means))))


def labelled(labels: Sequence[bool | None]) -> Example:
    steps = tuple(examples.step(f"Step text {i}.", StepLabel(right, "exact")) for i, right in enumerate(labels))
    return replace(examples.CODE, steps=steps)


@pytest.mark.parametrize("name", [name for name in EXPORTS if name != "capo"])
def test_every_row_has_the_fields_of_its_format_and_is_json(name: str, tools: Tools) -> None:
    rows = made(name, tools)
    assert rows
    for row in rows:
        assert list(row) == list(EXPORTS[name].fields)
        assert json.loads(json.dumps(row)) == row


def test_an_unknown_format_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no export 'fovr'; there are fover, sharegpt, genprm"):
        named("fovr")


# --- FoVer ----------------------------------------------------------------------------------------------------------


def test_fover_records_are_read_back_by_the_reader_of_benchmarks(tmp_path: Path, tools: Tools) -> None:
    write_jsonl(made("fover", tools), tmp_path / "fover.jsonl")
    rows, bad = formats.read(tmp_path / "fover.jsonl")
    assert not bad
    assert [row.id for row in rows] == [e.id for e in examples.ALL]
    for row, example in zip(rows, examples.ALL, strict=True):
        kept = len(row.solution.steps)
        assert row.gold.right == example.labels[:kept]
        assert [step.text for step in row.solution.steps] == [step.text for step in example.steps[:kept]]
        assert kept == len(example.steps) or example.labels[kept] is None


def test_true_means_correct_and_the_answers_in_the_conversation_say_so() -> None:
    row = next(fover(examples.SNEAKY_ALGEBRA))
    assert isinstance(row, dict)
    assert row["error_labels"] == [False, True, False]
    answers = [turn["content"] for turn in row["messages"] if turn["role"] == "assistant"]
    assert answers == ["incorrect", "correct", "incorrect"]
    dummies = [turn["content"] for turn in row["messages_for_prediction"] if turn["role"] == "assistant"]
    assert dummies == ["correct"] * 3


def test_a_logic_record_has_every_field_of_fovers_own() -> None:
    row = next(fover(examples.LOGIC))
    assert isinstance(row, dict)
    assert row["problem"] == f"{examples.DEFINITION}\n\n{row['problem_witout_definition']}"
    assert row["problem_witout_definition"].startswith("$hypothesis$: ")
    assert (row["hypothesis_formula"], row["facts_formula"]) == (examples.HYPOTHESIS, examples.FACTS)
    assert "** Sotluion **\nfact1 & fact2 -> int1: B" in row["messages"][0]["content"]


@given(LABELS)
def test_fover_has_null_only_behind_the_first_error(labels: list[bool | None]) -> None:
    rows = list(fover(labelled(labels)))
    if labels[0] is None:
        assert [type(row) for row in rows] == [Dropped]
        return
    (row,) = rows
    assert isinstance(row, dict)
    kept = row["error_labels"]
    assert kept == labels[: len(kept)]
    assert None not in kept[: kept.index(False)] if False in kept else None not in kept
    assert len(row["messages"]) == 2 * (kept.index(None) if None in kept else len(kept))
    assert len(row["messages_for_prediction"]) == 2 * len(kept)


# --- LLaMA-Factory --------------------------------------------------------------------------------------------------


def sharegpt_faults(row: Row, info: dict[str, Any]) -> list[str]:
    """Check a row as LLaMA-Factory's data/README.md documents the format: its code is not on the package index."""
    tags, column = info["tags"], info["columns"]["messages"]
    faults = [] if info["formatting"] == "sharegpt" else ["formatting"]
    turns = row.get(column)
    if not isinstance(turns, list) or not turns or len(turns) % 2:
        return [*faults, "a conversation is pairs of turns"]
    for i, turn in enumerate(turns):
        if turn.get(tags["role_tag"]) != tags["user_tag" if i % 2 == 0 else "assistant_tag"]:
            faults.append(f"turn {i}: whose turn it is")
        if not isinstance(turn.get(tags["content_tag"]), str) or not turn[tags["content_tag"]]:
            faults.append(f"turn {i}: no text")
    return faults


def test_conversations_fit_the_documented_schema_of_llama_factory(tools: Tools) -> None:
    info = dataset_info({"train": "train.jsonl"})
    assert info["genverify_train"]["file_name"] == "train.jsonl"
    rows = made("sharegpt", tools)
    assert [sharegpt_faults(row, info["genverify_train"]) for row in rows] == [[]] * len(rows)
    assert sharegpt_faults({"conversations": rows[0]["conversations"][:1]}, info["genverify_train"])


def test_the_last_replies_which_alone_are_learnt_are_balanced(tools: Tools) -> None:
    last = [row["conversations"][-1]["value"] for row in made("sharegpt", tools, *examples.copies(40))]
    assert last.count("correct") == last.count("incorrect") > 10


# --- TRL and the like -----------------------------------------------------------------------------------------------


def test_stepwise_labels_are_local_or_first_error_and_say_which(tools: Tools) -> None:
    (local,) = made("stepwise", tools, examples.SNEAKY_ALGEBRA)
    assert (local["labels"], local["convention"]) == ([False, True, False], "local")
    (first,) = made("stepwise", tools, examples.SNEAKY_ALGEBRA, convention=LabelConvention.FIRST_ERROR)
    assert (first["labels"], first["convention"], len(first["completions"])) == ([False], "first_error", 1)
    (prefix,) = made("stepwise", tools, examples.SNEAKY_ALGEBRA, convention=LabelConvention.PREFIX)
    assert (prefix["labels"], prefix["convention"]) == ([False, False, False], "prefix")


@given(LABELS)
def test_no_format_of_two_values_labels_an_unknown_step(labels: list[bool | None]) -> None:
    example = labelled(labels)
    with opened() as tools:
        for row in made("stepwise", tools, example):
            assert row["labels"] == labels[: len(row["labels"])]
            assert None not in row["labels"]
    rows = [row for row in kto(example) if isinstance(row, dict)]
    assert [row["label"] for row in rows] == labels[: len(rows)]
    assert False not in [row["label"] for row in rows][:-1]


def test_processbench_counts_from_0_and_says_minus_1_for_no_error(tools: Tools, tmp_path: Path) -> None:
    rows = made("processbench", tools)
    assert {row["id"]: row["label"] for row in rows} == {
        "logic-7-000000": -1, "logic-7-000001": 0, "algebra-7-000002": -1, "algebra-7-000003": 0, "code-7-000004": 2,
        "algebra-7-000008": 1, "tables-7-000010": -1,
    }  # fmt: skip
    right = {row["id"]: row["final_answer_correct"] for row in rows}
    assert right["algebra-7-000003"] is False
    assert right["algebra-7-000002"] is True
    assert right["code-7-000004"] is None
    write_jsonl(rows, tmp_path / "pb.jsonl")
    assert [row.gold.first_error for row in formats.read(tmp_path / "pb.jsonl")[0]] == [row["label"] for row in rows]


def test_step_dpo_sets_the_correction_against_the_first_wrong_step_after_right_ones() -> None:
    row = next(preference_step_dpo(examples.CODE))
    assert isinstance(row, dict)
    assert row["prompt"].endswith("\n\ndef largest(items):\n    best = items[0]\n")
    assert (row["chosen"], row["rejected"]) == ("    for item in items[1:]:", "    for item in items[2:]:")
    dropped = [next(preference_step_dpo(e)) for e in (examples.LOGIC, examples.OPEN)]
    assert [d.why for d in dropped if isinstance(d, Dropped)] == [
        "no step is wrong",
        "the place of the first error is not known",
    ]


def test_rprm_pairs_share_their_input_and_their_chosen_verdicts_are_balanced(tools: Tools) -> None:
    rows = made("preference-rprm", tools)
    chosen = [row["chosen"][0]["content"].rpartition(" ")[2] for row in rows]
    rejected = [row["rejected"][0]["content"].rpartition(" ")[2] for row in rows]
    assert chosen.count("Yes") == chosen.count("No") == 5
    assert all({a, b} == {"Yes", "No"} for a, b in zip(chosen, rejected, strict=True))
    by_id = {e.id: e for e in examples.ALL}
    for row, word in zip(rows, chosen, strict=True):
        id_, _, index = row["id"].rpartition("/")
        assert by_id[id_].labels[int(index)] is (word == "Yes")


# --- token rewards --------------------------------------------------------------------------------------------------


def test_a_right_answer_by_a_wrong_step_earns_more_than_a_wrong_answer() -> None:
    example = replace(examples.SNEAKY_ALGEBRA, steps=examples.SNEAKY_ALGEBRA.steps[:2])
    text = "\n".join(step.text for step in example.steps)
    places = [(i, i + 1) for i in range(len(text))]
    first = len(example.steps[0].text)
    right, wrong = (rewards(example, places, final) for final in (True, False))
    assert right == [1.0] * first + [2.0] * (len(text) - first)
    assert wrong == [-1.0] * first + [0.0] * (len(text) - first)
    with pytest.raises(ValueError, match="C must exceed P"):
        rewards(example, places, True, correct=1.0, penalty=1.0)


def test_a_token_over_the_border_goes_to_the_step_that_has_more_of_it() -> None:
    example = replace(examples.SNEAKY_ALGEBRA, steps=examples.SNEAKY_ALGEBRA.steps[:2])
    end = len(example.steps[0].text)  # of the wrong step; a line break follows
    places = [(end - 3, end + 1), (end - 1, end + 2), (end, end + 1), (end, end)]
    assert rewards(example, places, True) == [1.0, 2.0, 2.0, 2.0]


def test_token_rewards_without_a_tokenizer_say_what_to_do(tools: Tools, tmp_path: Path) -> None:
    pytest.importorskip("tokenizers", reason="the tokenizers package is not installed")
    with pytest.raises(UsageError, match=r"capo needs a tokenizer: name a folder"):
        made("capo", tools)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(UsageError, match=r"expected a tokenizer\.json"):
        made("capo", tools, tokenizer=tmp_path)
    with pytest.raises(UsageError, match="no tokenizer can be read there"):
        made("capo", tools, tokenizer=tmp_path / "none.json")
