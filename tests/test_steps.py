"""Cutting a text into steps loses nothing and cuts nothing that belongs together; final answers are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify import Solution
from genverify.steps import final_answer, split

PIECES = st.sampled_from(
    ["a b.", "\n", "\n\n", "Step 1: x", "Step 2. y", "1. z", "2) w", "\\[", "\\]", "$$", "```", "| a | b |",
     "\\begin{align}", "\\end{align}", " ", "\t", "\r\n", "\\boxed{", "}", "{", "#### 4",
     "the answer is 3.5.", "\x00", "\u202e", "é"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_joining_gives_the_text_back(text: str) -> None:
    steps = split(text)
    assert "".join(steps) == text or (steps == () and not text.strip())
    assert all(step.strip() for step in steps)


@given(st.text(max_size=300))
def test_any_text_can_be_cut(text: str) -> None:
    assert "".join(split(text)) == text or not text.strip()
    final_answer(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("one\n\ntwo\n\nthree", 3),
        ("Step 1: a\nb\nStep 2: c", 2),
        ("**Step 1:** a\n\nmore\n\n**Step 2:** c", 2),
        ("### Step 1\na\n### Step 2\nb", 2),
        ("intro\nStep 1: a\nStep 2: b", 3),
        ("1. a\n2. b\n3. c", 3),
        ("First we add.\nThen we stop.\nThat is all.", 3),
        ("a line\nthat wraps", 1),
        ("so\n\\[\nx = 1\n\n\\]\n\nend", 2),
        ("\\begin{align*}\na &= b\n\nc\n\\end{align*}\n\nend", 2),
        ("```python\n\nx = 1\n\n```\n\nend", 2),
        ("| a | b |\n| - | - |\n| 1 | 2 |\n\nend", 2),
        ("   \n ", 0),
        ("\\[ never closed\n\nbut goes on\n\nand on", 3),
    ],
)
def test_steps_are_where_a_reader_sees_them(text: str, count: int) -> None:
    assert len(split(text)) == count


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"so \boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\boxed{1} and then \boxed{\sqrt{\frac{a}{b}}}.", r"\sqrt{\frac{a}{b}}"),
        (r"\boxed{\left\{1, 2\right\}}", r"\left\{1, 2\right\}"),
        ("blah\n#### 1,234", "1,234"),
        ("The answer is 3.50.", "3.50"),
        ("Therefore the final answer is: 42. Done", "42"),
        ("Answer: $18", "$18"),
        ("no end", None),
        (r"\boxed{unclosed", None),
        ("####", None),
    ],
)
def test_the_final_answer_is_found(text: str, answer: str | None) -> None:
    assert final_answer(text) == answer


def test_a_list_is_taken_as_it_is() -> None:
    solution = Solution.from_steps(["a\n\nb", r"so \boxed{7}"])
    assert [s.text for s in solution.steps] == ["a\n\nb", r"so \boxed{7}"]
    assert [s.index for s in solution.steps] == [0, 1]
    assert solution.final_answer == "7"


def test_a_solution_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one step"):
        Solution.from_text("  \n")
