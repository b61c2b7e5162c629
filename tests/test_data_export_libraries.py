"""Each export is loaded by the libraries that it is for: datasets, pyarrow, tokenizers, TRL with a tiny model."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import examples
import pytest
import tiny_models

from genverify.data.export import EXPORTS
from genverify.data.export.base import Means, Row, schema
from genverify.data.export.files import GROUP_ROWS, Tally, dataset, parquet_of, write_jsonl, write_parquet
from genverify.data.export.tokens import spans
from genverify.data.values import Tools, opened

NAMES = [name for name in EXPORTS if name != "capo"]
NO_TRL = "TRL is not installed; pip install 'genverify[train]' runs this test"


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with opened() as made:
        yield made


def rows(name: str, tools: Tools, *some: Any, **means: Any) -> list[Row]:
    return list(Tally().count(EXPORTS[name].rows(lambda: iter(some or examples.ALL), Means(tools, **means))))


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    found = pytest.importorskip("datasets", reason="datasets is not installed; pip install 'genverify[data]'")
    monkeypatch.setattr(found.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    found.disable_progress_bars()
    return found


# --- datasets and pyarrow -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_datasets_loads_lines_and_parquet_and_finds_the_same_rows(
    name: str, tools: Tools, datasets: Any, tmp_path: Path
) -> None:
    made = rows(name, tools)
    lines, table = tmp_path / "train.jsonl", tmp_path / "train.parquet"
    write_jsonl(made, lines)
    parquet_of(lines, EXPORTS[name].fields, table)
    of_lines = datasets.load_dataset("json", data_files=str(lines), split="train")
    of_table = datasets.load_dataset("parquet", data_files=str(table), split="train")
    assert of_table.to_list() == made
    assert of_lines.to_list() == made
    assert of_table.features == datasets.Features.from_arrow_schema(schema(EXPORTS[name].fields))


def test_a_data_set_made_of_the_examples_alone_has_the_same_rows(tools: Tools, datasets: Any, tmp_path: Path) -> None:
    for name in ("fover", "genprm", "stepwise"):
        found = dataset(EXPORTS[name], lambda: iter(examples.ALL), Means(tools), cache_dir=str(tmp_path / name))
        assert found.to_list() == rows(name, tools)


def test_parquet_has_its_types_also_where_all_is_null_and_is_written_in_groups(tools: Tools, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed; pip install 'genverify[data]'")
    from pyarrow import parquet

    fields = EXPORTS["fover"].fields
    row = rows("fover", tools, examples.ALGEBRA)[0]
    write_parquet((row for _ in range(2 * GROUP_ROWS + 1)), fields, tmp_path / "x.parquet")
    file = parquet.ParquetFile(tmp_path / "x.parquet")
    assert file.schema_arrow.equals(schema(fields))
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [GROUP_ROWS, GROUP_ROWS, 1]
    assert file.read().slice(0, 1).to_pylist() == [row]
    write_parquet([], fields, tmp_path / "none.parquet")
    assert parquet.read_table(tmp_path / "none.parquet").schema.equals(schema(fields))


def test_a_writer_that_fails_leaves_the_old_file_as_it_was(tools: Tools, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    write_jsonl([{"a": 1}], path)

    def broken() -> Iterator[Row]:
        yield {"a": 2}
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError):
        write_jsonl(broken(), path)
    assert path.read_text() == '{"a": 1}\n'
    assert [p.name for p in tmp_path.iterdir()] == ["x.jsonl"]


# --- tokenizers -----------------------------------------------------------------------------------------------------


def words() -> Any:
    pytest.importorskip("transformers", reason="transformers is not installed; pip install 'genverify[transformers]'")
    return tiny_models.tokenizer()


def test_token_rewards_follow_the_offsets_of_a_real_tokenizer(tools: Tools) -> None:
    tokenizer = words()
    (row,) = rows("capo", tools, examples.SNEAKY_ALGEBRA, tokenizer=tokenizer)
    assert tokenizer.decode(row["completion_ids"]) == row["completion"]
    texts = [step.text for step in examples.SNEAKY_ALGEBRA.steps]
    rewards = row["rewards"]
    first, second = len(texts[0]), len(texts[1])  # a token is a byte here, and the texts are ASCII
    assert rewards == [-1.0] * first + [0.0] * (second + 2) + [-1.0] * len(texts[2])
    (right,) = rows("capo", tools, examples.ALGEBRA, tokenizer=tokenizer)
    assert set(right["rewards"]) == {2.0}


def test_a_tokenizer_file_and_its_two_libraries_give_the_same_spans(tools: Tools, tmp_path: Path) -> None:
    tokenizer = words()
    tokenizer.save_pretrained(tmp_path)
    text = "Yes: 17 × 24 = 408,\nand ½ of it."
    assert spans(tokenizer, text) == spans(tokenizer.backend_tokenizer, text)
    assert rows("capo", tools, tokenizer=tmp_path) == rows("capo", tools, tokenizer=tokenizer)
    assert rows("capo", tools, tokenizer=tmp_path / "tokenizer.json") == rows("capo", tools, tokenizer=tokenizer)


# --- TRL ------------------------------------------------------------------------------------------------------------


def trl() -> Any:
    return pytest.importorskip("trl", reason=NO_TRL)


def test_trl_takes_chats_for_conversations_and_the_other_forms_for_texts(tools: Tools) -> None:
    from_trl = trl().data_utils
    kinds = {name: {from_trl.is_conversational(row) for row in rows(name, tools)} for name in NAMES}
    for name in ("fover", "genprm", "thinkprm", "critic", "preference-rprm"):
        assert kinds[name] == {True}, name
    for name in ("stepwise", "preference-step-dpo", "kto"):
        assert kinds[name] == {False}, name
    row = rows("sharegpt", tools)[0]
    assert from_trl.is_conversational_from_value(row)
    turns = from_trl.maybe_convert_to_chatml(row)["messages"]
    assert [turn["content"] for turn in turns] == [
        turn["value"] for turn in rows("sharegpt", tools)[0]["conversations"]
    ]


def test_trl_finds_the_prompt_that_both_sides_of_a_pair_share(tools: Tools) -> None:
    from_trl = trl().data_utils
    for row in rows("preference-rprm", tools):
        whole = {side: row["prompt"] + row[side] for side in ("chosen", "rejected")}
        assert from_trl.extract_prompt(whole) == {key: row[key] for key in ("prompt", "chosen", "rejected")}


def test_trl_unpairs_pairs_to_good_and_bad(tools: Tools, datasets: Any) -> None:
    pairs = datasets.Dataset.from_list(rows("preference-step-dpo", tools))
    single = trl().data_utils.maybe_unpair_preference_dataset(pairs)
    assert sorted(single["label"]) == [False] * len(pairs) + [True] * len(pairs)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("trl", reason=NO_TRL)
    return tiny_models.write("Llama", tmp_path_factory.mktemp("model"))


TRAINERS = [("genprm", "SFT"), ("thinkprm", "SFT"), ("critic", "SFT"), ("fover", "SFT"), ("preference-rprm", "DPO"),
            ("preference-step-dpo", "DPO"), ("kto", "KTO")]  # fmt: skip


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "kind"), TRAINERS, ids=[name for name, _ in TRAINERS])
def test_trl_trains_a_step_on_it(
    name: str, kind: str, tools: Tools, model: Path, datasets: Any, tmp_path: Path
) -> None:
    library = trl()
    transformers = pytest.importorskip("transformers")
    data = datasets.Dataset.from_list(rows(name, tools))
    if name == "fover":
        data = data.select_columns(["messages"])
    config = getattr(library, f"{kind}Config")(
        output_dir=str(tmp_path), max_steps=1, per_device_train_batch_size=2, max_length=2048, report_to=[],
        use_cpu=True, bf16=False, save_strategy="no", disable_tqdm=True, gradient_checkpointing=False,
    )  # fmt: skip
    made = transformers.LlamaForCausalLM.from_pretrained(model)
    trainer = getattr(library, f"{kind}Trainer")(
        model=made, args=config, train_dataset=data, processing_class=tiny_models.tokenizer()
    )
    assert trainer.train().training_loss > 0


@pytest.mark.filterwarnings("ignore")
def test_trl_puts_a_stepwise_label_at_the_end_of_each_step(tools: Tools) -> None:
    trl()
    trainer = pytest.importorskip("trl.experimental.prm", reason="this TRL has no PRM trainer; 1.0 has one")
    tokenizer = words()
    for row in json.loads(json.dumps(rows("stepwise", tools))):
        made = trainer.PRMTrainer.tokenize_row(
            row, tokenizer, step_separator="\n", max_length=None, max_completion_length=None,
            train_on_last_step_only=False, is_eval=False,
        )  # fmt: skip
        assert [label for label in made["labels"] if label != -100] == [int(label) for label in row["labels"]]
