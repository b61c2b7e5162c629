"""The HTTP engine against real server processes."""

import asyncio
import json
import math
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from genverify.engines import Completion, Finish, Message, Request, Sampling, load
from genverify.engines.http import Patience
from genverify.engines.openai import OpenAIEngine
from genverify.engines.regex import one_of
from genverify.errors import EngineError, UsageError
from genverify.protocols.base import Chain
from genverify.protocols.fover import WHOLE_WORDS, FoVer
from genverify.types import Critique, Problem, Solution

pytest.importorskip("httpx2", reason="the HTTP engine needs httpx2: pip install 'genverify[openai]'")

ONE = Sampling(max_tokens=1)
QUICK = Patience(backoff_s=0.001, timeout_s=20)
ASKED = (Message("user", "count 1"),)


@contextmanager
def served(kind: str) -> Iterator[str]:
    program = Path(__file__).with_name("openai_server.py")
    process = subprocess.Popen([sys.executable, str(program), kind], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def plain() -> Iterator[str]:
    with served("plain") as url:
        yield url


@pytest.fixture(scope="module")
def vllm() -> Iterator[str]:
    with served("vllm") as url:
        yield url


@pytest.fixture(scope="module")
def mute() -> Iterator[str]:
    with served("mute") as url:
        yield url


def calls(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url.removesuffix("/v1") + "/calls") as answer:
        return dict(json.load(answer))


def ask(url: str, *requests: Request, patience: Patience = QUICK) -> list[Completion]:
    async def all_of_them() -> list[Completion]:
        engine = OpenAIEngine("m", url, patience=patience)
        try:
            return list(await asyncio.gather(*(engine.complete(r) for r in requests)))
        finally:
            await engine.aclose()

    return asyncio.run(all_of_them())


@pytest.fixture(params=["plain", "vllm"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def test_a_text_prompt_is_continued(url: str) -> None:
    (made,) = ask(url, Request("count 3", sampling=Sampling(max_tokens=2)))
    assert (made.text, made.finish, made.stop) == (" 4 5", Finish.LENGTH, None)
    assert (made.prompt_tokens, made.completion_tokens, made.cached_tokens) == (7, 2, 3)


def test_messages_go_through_the_chat_path(url: str) -> None:
    assert ask(url, Request(ASKED, sampling=Sampling(max_tokens=2)))[0].text == " 2 3"


def test_the_stop_text_is_kept_and_named_whatever_the_server_tells(url: str) -> None:
    made = ask(
        url,
        Request("count 3", stop=("9", "6")),
        Request(ASKED, stop=("4", "nothing")),
        Request("count 97", stop=("x",)),
    )
    assert [(c.text, c.stop, c.finish) for c in made] == [
        (" 4 5 6", "6", Finish.STOP),
        (" 2 3 4", "4", Finish.STOP),
        (" 98 99", None, Finish.STOP),
    ]


def test_an_answer_that_needs_no_more_is_broken_off(plain: str) -> None:
    before = calls(plain)["broken"]
    ask(plain, Request("count 0", stop=("3",)))

    async def broken() -> int:
        for _ in range(500):
            if (now := calls(plain)["broken"]) > before:
                return int(now)
            await asyncio.sleep(0.01)
        return int(before)

    assert asyncio.run(broken()) > before


@pytest.mark.parametrize("word", ["BUSY", "ILL", "GONE"])
def test_what_may_succeed_later_is_asked_again(plain: str, word: str) -> None:
    prompt = f"{word} count 3"
    assert ask(plain, Request(prompt, sampling=ONE))[0].text == " 4"
    assert calls(plain)[prompt] == 3


@pytest.mark.parametrize(
    ("word", "times", "retryable"), [("BAD", 1, False), ("POOR", 1, False), ("HTML", 1, False), ("DEAD", 4, True)]
)
def test_what_cannot_succeed_is_not_asked_again(plain: str, word: str, times: int, retryable: bool) -> None:
    prompt = f"{word} once {times}"
    with pytest.raises(EngineError) as caught:
        ask(plain, Request(prompt), patience=Patience(attempts=4, backoff_s=0.001))
    assert caught.value.retryable is retryable
    assert calls(plain)[prompt] == times


def test_a_silent_server_is_given_up_and_not_asked_twice(plain: str) -> None:
    with pytest.raises(EngineError, match="ReadTimeout") as caught:
        ask(plain, Request("SLOW count 1"), patience=Patience(timeout_s=0.1, backoff_s=0.001))
    assert caught.value.retryable
    assert calls(plain)["SLOW count 1"] == 1


def test_no_server_is_an_error_that_names_the_address() -> None:
    with pytest.raises(EngineError, match=r"127\.0\.0\.1:9.*Connect") as caught:
        ask("http://127.0.0.1:9/v1", Request("a"), patience=Patience(attempts=2, backoff_s=0.001))
    assert caught.value.retryable


def test_no_more_requests_are_in_flight_than_allowed() -> None:
    with served("plain") as url:
        made = ask(
            url,
            *[Request(f"SLOW {i}", sampling=ONE) for i in range(6)],
            patience=Patience(in_flight=3),
        )
        assert [c.text for c in made] == [f" {i + 1}" for i in range(6)]
        assert calls(url)["peak"] == 3


def test_a_cancelled_request_ends_at_once_and_the_others_go_on(plain: str) -> None:
    async def some() -> tuple[bool, str]:
        engine = OpenAIEngine("m", plain, patience=Patience(in_flight=1))
        slow = asyncio.create_task(engine.complete(Request("SLOW 1")))
        await asyncio.sleep(0.1)
        slow.cancel()
        other = await engine.complete(Request("count 5", sampling=ONE))
        await asyncio.wait([slow])
        await engine.aclose()
        return slow.cancelled(), other.text

    assert asyncio.run(some()) == (True, " 6")


def test_one_engine_serves_one_event_loop_after_the_other(plain: str) -> None:
    engine = load(f"openai:m@{plain}")
    request = Request("count 3", sampling=ONE)
    texts = [asyncio.run(engine.complete(request)).text for _ in range(2)]
    assert texts == [" 4", " 4"]
    assert engine.provenance() == {"engine": "openai", "model": "m", "url": plain, "server": "other"}
    asyncio.run(engine.aclose())


def test_choices_of_one_token_or_more_are_scored(url: str) -> None:
    (made,) = ask(url, Request("is it?", choices=("Yes", "No", "Maybe")))
    assert made.choice_logprobs == pytest.approx([math.log(p) for p in (0.6, 0.3, 0.05 * 0.9)])
    assert (made.text, made.finish) == ("", Finish.CHOICES)


def test_choices_after_messages_are_scored(url: str) -> None:
    (made,) = ask(url, Request((Message("user", "is it?"),), choices=("Yes", "No")))
    assert made.choice_logprobs == pytest.approx([math.log(0.6), math.log(0.3)])


def test_a_choice_that_is_not_offered_gets_the_most_it_can_be(plain: str) -> None:
    (made,) = ask(plain, Request("is it?", choices=("Yes", "Zebra")))
    assert made.choice_logprobs == pytest.approx([math.log(0.6), math.log(0.01)])
    with pytest.raises(EngineError, match="none of the choices"):
        ask(plain, Request("is it?", choices=("Ja", "Zebra")))


def test_vllm_scores_exactly_what_is_not_among_the_likeliest(vllm: str) -> None:
    (made,) = ask(vllm, Request("is it?", choices=("No", "z")))
    assert made.choice_logprobs == pytest.approx([math.log(0.3), math.log(1e-6)])


def test_vllm_takes_a_prefix_after_the_template_without_a_last_end_of_turn(vllm: str) -> None:
    (made,) = ask(vllm, Request(ASKED, prefix="<a>41", generation_prompt=False, sampling=ONE))
    assert made.text == " 42"
    (opened,) = ask(vllm, Request(ASKED, prefix="so 7", sampling=ONE))
    assert opened.text == " 8"
    seen = calls(vllm)
    assert seen["user:count 1<a>41"] == 1
    assert seen["user:count 1</s>\nassistant:so 7"] == 1


def test_first_tokens_are_scored_where_the_server_tells_how_its_model_cuts(vllm: str) -> None:
    choices = ("Yes", "Maybe")
    whole, first, alike = ask(
        vllm,
        Request("so ", choices=choices),
        Request("so ", choices=choices, first_tokens=True),
        Request("so ", choices=("Maybe", "Maynn"), first_tokens=True),
    )
    assert whole.choice_logprobs == pytest.approx([math.log(0.6), math.log(0.05 * 0.9)])
    assert first.choice_logprobs == pytest.approx([math.log(0.6), math.log(0.05)])
    assert alike.choice_logprobs == pytest.approx([math.log(0.05 * 0.9), math.log(0.05 * 0.1)])


def test_fover_compares_whole_words_and_says_so_where_tokens_are_not_known(plain: str) -> None:
    async def read() -> tuple[list[Critique], frozenset[str]]:
        engine = OpenAIEngine("m", plain, patience=QUICK)
        solution = Solution.from_steps(["2 + 3 = 5", "So 5."])
        try:
            found = [c async for c in FoVer().critiques(Problem("2 + 3?"), solution, Chain(engine))]
            return found, engine.capabilities
        finally:
            await engine.aclose()

    critiques, left = asyncio.run(read())
    assert "first_tokens" not in left
    assert [c.p_correct for c in critiques] == [pytest.approx(0.75)] * 2
    assert [c.notes for c in critiques] == [(WHOLE_WORDS,)] * 2


@pytest.mark.parametrize(
    ("request_", "lacks", "says"),
    [
        (Request((Message("user", "is it?"),), choices=("Yes",)), "choices", "log-probabilities"),
        (Request(ASKED, prefix="x"), "prefix", "prefix after a chat template"),
        (Request("count 1"), "", "takes no prompt as text: send messages"),
    ],
)
def test_what_a_server_lacks_leaves_the_capabilities_and_is_said(
    mute: str, request_: Request, lacks: str, says: str
) -> None:
    async def some() -> frozenset[str]:
        engine = OpenAIEngine("m", mute, patience=QUICK)
        with pytest.raises(EngineError, match=says) as caught:
            await engine.complete(request_)
        assert not caught.value.retryable
        await engine.aclose()
        return engine.capabilities

    left = asyncio.run(some())
    assert left == frozenset({"messages", "prefix", "choices", "first_tokens", "schema", "regex", "seed"}) - {lacks}


def test_a_server_that_wants_the_newer_name_of_a_limit_gets_it(plain: str) -> None:
    assert ask(plain, Request("NEW 5", sampling=ONE))[0].text == " 6"


def test_structured_output_is_checked_after_the_server_promised_it(url: str) -> None:
    schema = {"type": "object", "properties": {"score": {"type": "integer", "maximum": 10}}}
    (made,) = ask(url, Request("p", schema=schema))
    assert (made.text, made.finish) == ('{"score": 24}', Finish.ERROR)
    assert "at most 10" in made.problem


def test_a_regular_expression_is_asked_of_vllm_and_checked(vllm: str) -> None:
    regex = one_of(("Yes", "No"))
    held, broken = ask(vllm, Request("p", regex=regex), Request("break", regex=regex))
    assert (held.text, held.finish) == ("No", Finish.STOP)
    assert broken.finish is Finish.ERROR
    assert "does not match the regular expression 'Yes|No'" in broken.problem


def test_a_regular_expression_is_refused_by_a_server_of_another_kind(plain: str) -> None:
    with pytest.raises(EngineError, match="does not offer regular expressions"):
        ask(plain, Request("p", regex="a"))


def test_a_filtered_answer_is_no_answer(plain: str) -> None:
    (made,) = ask(plain, Request("FILTER"))
    assert made.finish is Finish.ERROR
    assert "content_filter" in made.problem


def test_what_no_server_can_do_is_refused_before_it_is_asked() -> None:
    engine = OpenAIEngine("m", "http://127.0.0.1:9/v1")
    with pytest.raises(EngineError, match="capabilities have no 'scores'"):
        asyncio.run(engine.complete(Request("p", scored=("a",), mark=".")))


def test_a_password_in_the_address_is_not_told() -> None:
    engine = OpenAIEngine("m", "http://me:secret@127.0.0.1:9/v1?key=hidden")
    assert engine.provenance()["url"] == "http://127.0.0.1:9/v1"


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="looks like http"):
        OpenAIEngine("m", "localhost:8000")
