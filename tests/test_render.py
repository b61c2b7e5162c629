"""Properties of the terminal report: what it shows, and what hostile text can never make it do."""

import io
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from genverify import fusion
from genverify.render import terminal
from genverify.types import (
    Check,
    Claim,
    ClaimKind,
    CodeRun,
    Correction,
    CorrectionStatus,
    Cost,
    Critique,
    Failure,
    Outcome,
    Problem,
    Provenance,
    Reason,
    Report,
    Solution,
    Step,
    StepVerdict,
)

ANSI = re.compile(r"\x1b\[[\d;]*m")  # what rich itself writes for colours


def refuted(text: str, computed: str = "5400") -> Check:
    claim = Claim(ClaimKind.RELATION, "7995 - 2595 = 4500", text=text, span=(0, len(text)))
    return Check(claim, "exact", Outcome.REFUTED, witness="7995 - 2595 = 5400, not 4500", computed=computed)


def confirmed(text: str) -> Check:
    return Check(Claim(ClaimKind.RELATION, "1 + 1 = 2", text=text), "exact", Outcome.CONFIRMED)


def undecided(text: str, reason: Reason = Reason.TIMEOUT) -> Check:
    return Check(Claim(ClaimKind.IDENTITY, "x = x", text=text), "sympy", Outcome.UNDECIDED, reason)


def report(*verdicts: StepVerdict, problem_id: str | None = "row-1") -> Report:
    return Report(
        steps=verdicts,
        first_error=fusion.first_error(verdicts),
        provenance=Provenance("0.1.0"),
        cost=Cost(0.0123, 3, 1),
        problem_id=problem_id,
    )


def shown(made: Report, texts: list[str], problem: str = "", *, width: int = 80, colour: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=colour, color_system="truecolor" if colour else None)
    solution = Solution(tuple(Step(i, t) for i, t in enumerate(texts)))
    terminal.print_report(console, made, Problem(problem), solution)
    return stream.getvalue()


STEP = "Subtracting, 7995 - 2595 = 4500 remain."
FIXED = Correction(
    STEP.replace("4500", "5400"), "tool:exact", CorrectionStatus.VERIFIED, ("4500", "5400"), (), affected=(1, 3)
)


def wrong_step() -> StepVerdict:
    verdict = fusion.fuse_step(0, (), [refuted("7995 - 2595 = 4500")], 0.5)
    return StepVerdict(0, verdict.label, verdict.p_correct, verdict.why, 0.5, verdict.checks, (), FIXED)


def test_a_wrong_step_shows_its_words_why_evidence_correction_and_what_rests_on_it() -> None:
    out = shown(report(wrong_step()), [STEP], "How many remain?")
    for words in (
        "row-1",
        "How many remain?",
        "✗ Step 1  incorrect",
        "← first error",
        STEP,
        "7995 − 2595 is 5400, not 4500.",
        "✗ 7995 - 2595 = 4500  exact",
        "4500 → 5400  ✓ checked",
        "Subtracting, 7995 - 2595 = 5400 remain.",
        "used again in steps 2 and 4",
        "First error: step 1 (index 0)",
        "3 checks in 12 ms",
    ):
        assert words in out


def test_a_rejected_correction_is_shown_as_such() -> None:
    rejected = Correction("x", "tool:exact", CorrectionStatus.REJECTED, ("4500", "5400"))
    verdict = wrong_step()
    made = StepVerdict(0, verdict.label, verdict.p_correct, verdict.why, 0.5, verdict.checks, (), rejected)
    out = shown(report(made), [STEP])
    assert "did not pass the checks" in out
    assert "✓ checked" not in out


def test_undecided_claims_show_their_reason() -> None:
    verdict = fusion.fuse_step(0, (), [undecided("sin(x) = x")], 0.0)
    out = shown(report(verdict), ["So sin(x) = x."])
    assert "? sin(x) = x  sympy · undecided (timeout)" in out
    assert "Nothing could be decided" in out


def test_critiques_show_what_they_come_to_and_what_their_code_printed_but_obey_nothing() -> None:
    said = "<analyze>\nIt adds.\x1b[2J</analyze>\n```python\nprint(912)\n```"
    runs = (CodeRun("print(912)", "912\x1b[31m"),)
    critiques = [Critique(0, said, 0.1, code=runs, category="wrong operation"), *[Critique(0, "so?", None)] * 3]
    out = shown(report(fusion.fuse_step(0, critiques, (), 0.0)), ["All cost 62 dollars."])
    assert "critic  p = 0.10  wrong operation" in out
    assert "no verdict read" in out
    assert "its code → 912" in out
    assert "and 2 more critiques" in out
    assert "\x1b" not in out


def test_many_confirmed_claims_are_counted_instead_of_listed() -> None:
    verdict = fusion.fuse_step(0, (), [confirmed(f"claim {i}") for i in range(40)], 1.0)
    out = shown(report(verdict), ["x"])
    assert out.count("✓ claim") == terminal.MAX_EVIDENCE
    assert f"… and {40 - terminal.MAX_EVIDENCE} more" in out


@pytest.mark.parametrize("width", [20, 60, 100, 300])
def test_lines_fit_the_terminal_and_carry_no_trailing_blanks(width: int) -> None:
    long = " ".join(["some words"] * 60) + " " + "x" * 400
    out = shown(report(wrong_step()), [long], long, width=width)
    for line in out.splitlines():
        assert len(line) <= min(width, terminal.MAX_WIDTH)
        assert line == line.rstrip()


def test_escape_sequences_and_direction_marks_are_written_out() -> None:
    hostile = "\x1b[2J\x1b]0;title\x07 \u202e reversed \x00 \x9b31m \ud800 \u2028"
    claim = Claim(ClaimKind.IDENTITY, "x = y", text=hostile)
    check = Check(claim, "sympy", Outcome.REFUTED, witness=hostile)
    verdict = fusion.fuse_step(0, (), [check], 0.1)
    out = shown(report(verdict, problem_id=hostile), [hostile], hostile)
    assert not set(out) & set("\x1b\x07\u202e\x00\x9b\ud800\u2028")
    assert r"\x1b[2J\x1b]0;title\x07" in out
    assert r"\u202e reversed \x00 \x9b31m \ud800" in out


def test_markup_and_emoji_names_in_texts_mean_nothing() -> None:
    text = "[bold]5[/bold] [link=https://x.example]here[/link] :smile: [/] $x$"
    assert text in shown(report(fusion.fuse_step(0, (), [], 0.0)), [text], colour=True)


def test_right_to_left_text_is_kept() -> None:
    text = "الجواب هو ٥ و שלום"
    assert text in shown(report(fusion.fuse_step(0, (), [], 0.0)), [text])


def test_a_huge_step_is_shortened() -> None:
    out = shown(report(fusion.fuse_step(0, (), [], 0.0)), ["a b " * 100_000])
    assert len(out) < 2 * terminal.MAX_TEXT
    assert "characters left out" in out


def test_a_terminal_without_unicode_gets_plain_marks() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="backslashreplace")
    console = Console(file=stream, width=80, color_system=None)
    terminal.print_report(console, report(wrong_step()), Problem("p"), Solution((Step(0, STEP),)))
    stream.flush()
    out = raw.getvalue().decode("ascii")
    assert "x Step 1  incorrect" in out
    assert "4500 -> 5400  + checked" in out


@settings(max_examples=60)
@given(st.text(max_size=80), st.text(max_size=80), st.integers(10, 120), st.booleans())
def test_no_text_reaches_the_terminal_as_a_command(words: str, witness: str, width: int, colour: bool) -> None:
    claim = Claim(ClaimKind.IDENTITY, "x = y", text=words)
    checks = [Check(claim, "sympy", Outcome.REFUTED, witness=witness), undecided(words)]
    correction = Correction(witness, "tool:exact", CorrectionStatus.VERIFIED, (words, witness), (), (1,))
    fused = fusion.fuse_step(0, (), checks, 0.1)
    verdict = StepVerdict(0, fused.label, fused.p_correct, fused.why, 0.1, fused.checks, (), correction)
    out = shown(report(verdict, problem_id=words), [words], witness, width=width, colour=colour)
    left = ANSI.sub("", out) if colour else out
    assert all(c == "\n" or c in "\u200c\u200d" or unicodedata.category(c)[0] != "C" or
               unicodedata.category(c) == "Cn" for c in left)  # fmt: skip


def test_a_failure_is_one_line() -> None:
    stream = io.StringIO()
    terminal.print_failure(Console(file=stream, width=40), Failure("item 3", "bad\nthing \x1b[31m" + "y" * 100))
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()
