"""Prompt files are filled in one pass, and no byte changes on the way."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify import templates
from genverify._resources import asset
from genverify.errors import UsageError

GOOD = '[about]\nsource = "here"\nlicence = "ours"\n\n[text]\nask = "Is {{a}} equal to {{b}}? "\nend = "\\n"\n'


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "some.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_places_are_filled_and_blanks_stay(tmp_path: Path) -> None:
    prompts = templates.read(written(tmp_path, GOOD))
    assert prompts.fill("ask", a="1", b=2) == "Is 1 equal to 2? "
    assert prompts.text("end") == "\n"


def test_a_value_is_never_filled_in_turn() -> None:
    assert templates.fill("{{a}}{{b}}", {"a": "{{b}}", "b": "{{a}}"}) == "{{b}}{{a}}"


@given(st.text())
def test_a_value_comes_out_as_it_went_in(value: str) -> None:
    assert templates.fill("<{{a}}>", {"a": value}) == f"<{value}>"


def test_a_place_without_value_and_a_value_without_place_are_errors(tmp_path: Path) -> None:
    prompts = templates.read(written(tmp_path, GOOD))
    with pytest.raises(ValueError, match=r"some\.toml, text 'ask': no value for b"):
        prompts.fill("ask", a="1")
    with pytest.raises(ValueError, match="no place for c; the text has a, b"):
        prompts.fill("ask", a="1", b="2", c="3")
    with pytest.raises(UsageError, match="has no text 'asked'; it has ask, end"):
        prompts.text("asked")


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    assert templates.read(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "content",
    [b"\xff", "no toml", '[text]\na = "b"', '[about]\nsource = "x"\n[text]\na = "b"', GOOD + "n = 3\n"],
)
def test_what_is_no_prompt_file_is_said(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(UsageError, match="expected"):
        templates.read(written(tmp_path, content))


@pytest.mark.parametrize("path", sorted(asset("prompts").glob("*.toml")), ids=lambda p: p.stem)
def test_every_shipped_file_names_its_source_and_licence(path: Path) -> None:
    prompts = templates.load(path.stem)
    assert prompts.about["source"]
    assert prompts.about["licence"]
    assert prompts.texts
