"""Properties of the command line: what it prints where, its exit codes, and that a kill loses and repeats nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from genverify import __version__, cli

WRONG = {"id": "wrong", "problem": "17 times 24?", "steps": ["17 * 24 = 418"], "label": 0}
RIGHT = {"id": "right", "problem": "17 times 24?", "solution": "17 * 24 = 408"}
VAGUE = {"id": "vague", "problem": "Why?", "steps": ["Because the moon is made of cheese."]}


def rows(path: Path, *records: object) -> str:
    lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return str(path)


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "genverify", *args]


def run(*args: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command(*args), input=stdin, capture_output=True, check=False, env=env, timeout=120)


def ids(out: str) -> list[str]:
    return [json.loads(line)["id"] for line in out.splitlines()]


# --- exit codes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([RIGHT], cli.EXIT_CLEAN),
        ([WRONG], cli.EXIT_ERROR_FOUND),
        ([VAGUE], cli.EXIT_UNDECIDED),
        (["not json"], cli.EXIT_USAGE),
        ([RIGHT, VAGUE], cli.EXIT_CLEAN),
        ([RIGHT, WRONG, "not json"], cli.EXIT_ERROR_FOUND),
        ([RIGHT, "not json"], cli.EXIT_USAGE),
        ([VAGUE, "not json"], cli.EXIT_USAGE),
    ],
    ids=["right", "wrong", "vague", "bad", "right+vague", "wrong+bad", "right+bad", "vague+bad"],
)
def test_the_exit_code_says_what_was_found(records: list[object], code: int, tmp_path: Path) -> None:
    assert cli.main(["critique", rows(tmp_path / "in.jsonl", *records), "--json"]) == code


@pytest.mark.parametrize(
    "args",
    [
        ["critique"],
        ["critique", "no-such-file.jsonl"],
        ["critique", "x.jsonl", "--solution", "1 + 1 = 2"],
        ["critique", "--solution", "   "],
        ["critique", "--solution", "1 + 1 = 2", "--workers", "0"],
        ["critique", "--solution", "1 + 1 = 2", "--out", "no/such/folder/out.jsonl"],
        ["critique", "--no-such-option"],
        ["no-such-command"],
        ["check"],
        ["check", "hello"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_clear_message_and_code_2(args: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(args) == cli.EXIT_USAGE
    out, err = capfd.readouterr()
    assert out == ""
    assert err
    assert "Traceback" not in err


def test_an_empty_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_bytes(b"")
    assert cli.main(["critique", str(path)]) == cli.EXIT_USAGE
    assert "empty.jsonl" in capsys.readouterr().err


# --- critique -----------------------------------------------------------------------------------------------------


def test_json_writes_one_report_a_line_and_nothing_else(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = rows(tmp_path / "in.jsonl", WRONG, "not json", RIGHT, {"problem": "no id", "steps": ["1 + 1 = 2"]})
    cli.main(["critique", path, "--json"])
    out, err = capfd.readouterr()
    assert ids(out) == ["wrong", "right", "line-4"]
    first = json.loads(out.splitlines()[0])
    assert list(first)[:3] == ["id", "first_error", "steps"]
    assert (first["first_error"], first["label"], first["schema"]) == (0, 0, 1)
    step = first["steps"][0]
    assert {"index", "label", "p_correct", "why", "checks", "critiques", "correction"} <= step.keys()
    assert (step["index"], step["label"], step["why"]) == (0, "incorrect", "17 × 24 is 408, not 418.")
    assert step["correction"]["text"] == "17 * 24 = 408"
    assert {"provenance", "cost"} <= first.keys()
    assert err.count("\n") == 1
    assert "in.jsonl:2" in err


BAD = {
    "not JSON": b"not json",
    "a list": b"[1, 2]",
    "no problem": b'{"id": "x", "steps": ["1 = 1"]}',
    "no steps field": b'{"id": "x", "problem": "p"}',
    "no steps": b'{"id": "x", "problem": "p", "steps": []}',
    "steps of numbers": b'{"id": "x", "problem": "p", "steps": [1]}',
    "binary": b"\xff\xfe\x00\x01\x02",
    "NUL": b'{"id": "x", "problem": "p\x00", "steps": ["1 = 1"]}',
    "an escape sequence": b'{"id": "x", "problem": "p", "\x1b[2J": 3}',
    "a long line": b'{"id": "x", "problem": "' + b"y" * (9 << 20) + b'", "steps": ["1 = 1"]}',
    "many steps": json.dumps({"id": "x", "problem": "p", "steps": ["1 + 1 = 2"] * 10_000}).encode(),
    "deep nesting": b"[" * 100_000,
    "a number beyond JSON": b'{"id": "x", "problem": "p", "steps": ["1 = 1"], "more": [1e999]}',
    "half a surrogate": b'{"id": "x", "problem": "\\ud800", "steps": ["1 = 1"]}',
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_row_gets_one_line_with_its_place_and_the_others_run(
    bad: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.jsonl"
    good = json.dumps(RIGHT).encode()
    path.write_bytes(b"\n".join([good, bad, good]) + b"\n")
    code = cli.main(["critique", str(path), "--json"])
    out, err = capfd.readouterr()
    assert ids(out) == ["right", "right"]
    assert code == cli.EXIT_USAGE
    assert "in.jsonl:2" in err
    assert err.count("\n") == 1
    assert "\x1b" not in err


@pytest.mark.parametrize(
    "record",
    [
        {"id": "rtl", "problem": "كم؟", "steps": ["الجواب 17 * 24 = 408", "שלום"]},
        {"id": 7, "problem": "", "steps": ["", "1 + 1 = 2"]},
        {"id": "more", "problem": "p", "steps": ["1 + 1 = 2"], "checks": 1, "other": {"deep": [None]}},
        {"id": "\x1b[2J", "problem": "\x1b", "steps": ["\x1b[31m \x07 [red]", "1 + 1 = 2"]},
    ],
    ids=["right to left", "empty step", "extra fields", "escape sequences"],
)
def test_odd_rows_are_still_rows(record: dict[str, object], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = rows(tmp_path / "in.jsonl", record)
    assert cli.main(["critique", path, "--json"]) == cli.EXIT_CLEAN
    assert ids(capfd.readouterr().out) == [record["id"]]
    assert cli.main(["critique", path]) == cli.EXIT_CLEAN
    shown = capfd.readouterr().out
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_the_terminal_report_is_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["critique", rows(tmp_path / "in.jsonl", WRONG, RIGHT)])
    out = capsys.readouterr().out
    for words in ("wrong", "17 × 24 is 408, not 418.", "← first error", "418 → 408", "2 solutions: 1 with an error"):
        assert words in out
    assert "{" not in out


def test_standard_input_is_read() -> None:
    done = run("critique", "-", "--json", stdin=json.dumps(RIGHT).encode() + b"\n")
    assert (done.returncode, ids(done.stdout.decode()), done.stderr) == (0, ["right"], b"")


@pytest.mark.parametrize("suffix", ["txt", "md", "anything"])
def test_a_plain_text_is_one_solution(suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"homework.{suffix}"
    path.write_text("First, 17 * 24 = 418.\n\nThe end.", encoding="utf-8")
    assert cli.main(["critique", str(path), "--problem", "17 times 24?", "--json"]) == cli.EXIT_ERROR_FOUND
    report = json.loads(capsys.readouterr().out)
    assert (report["id"], report["first_error"], len(report["steps"])) == ("homework", 0, 2)


def test_a_solution_can_be_given_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["critique", "--problem", "Add.", "--solution", "3 + 4 = 8"]) == cli.EXIT_ERROR_FOUND
    assert "3 + 4 is 7, not 8." in capsys.readouterr().out


def test_a_plain_file_that_is_no_text_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in (b"\xff\xfe", b"a\x00b", b" \n "):
        path = tmp_path / "x.txt"
        path.write_bytes(content)
        assert cli.main(["critique", str(path)]) == cli.EXIT_USAGE
        assert "x.txt" in capsys.readouterr().err


# --- --out --------------------------------------------------------------------------------------------------------


def test_out_rows_are_those_of_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.jsonl"
    cli.main(["critique", rows(tmp_path / "in.jsonl", WRONG, RIGHT), "--json", "--out", str(out)])
    assert out.read_text(encoding="utf-8") == capfd.readouterr().out


def test_a_second_run_repeats_nothing_and_keeps_the_exit_code(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, out = rows(tmp_path / "in.jsonl", WRONG, RIGHT, RIGHT, {"problem": "p", "steps": ["x"]}), tmp_path / "o.jsonl"
    assert cli.main(["critique", path, "--out", str(out)]) == cli.EXIT_ERROR_FOUND
    before = out.read_bytes()
    capfd.readouterr()
    assert cli.main(["critique", path, "--out", str(out)]) == cli.EXIT_ERROR_FOUND
    assert out.read_bytes() == before
    assert ids(before.decode()) == ["wrong", "right", "right", "line-4"]
    printed, err = capfd.readouterr()
    assert printed == ""
    assert "4 of 4" in err


def test_a_torn_last_row_is_cut_off_and_its_item_runs_again(tmp_path: Path) -> None:
    path, out = rows(tmp_path / "in.jsonl", WRONG, RIGHT, VAGUE), tmp_path / "out.jsonl"
    cli.main(["critique", path, "--out", str(out)])
    whole = out.read_bytes()
    for keep in (len(whole) - 1, len(whole) - 40, whole.index(b"\n") + 1, whole.index(b"\n"), 3, 0):
        out.write_bytes(whole[:keep])
        assert cli.main(["critique", path, "--out", str(out)]) == cli.EXIT_ERROR_FOUND
        assert ids(out.read_text(encoding="utf-8")) == ["wrong", "right", "vague"]


def test_a_killed_run_is_taken_up_without_loss_or_repetition(tmp_path: Path) -> None:
    steps = [f"{n} * {n} = {n * n}. Then {n} + 1 = {n + 1}." for n in range(30)]
    wanted = [f"row {n}" for n in range(300)]
    path = rows(tmp_path / "in.jsonl", *({"id": i, "problem": "p", "steps": steps} for i in wanted))
    out = tmp_path / "out.jsonl"
    killed = 0
    for least in (20_000, 200_000):
        process = subprocess.Popen(command("critique", path, "--out", str(out)), stderr=subprocess.DEVNULL)
        while process.poll() is None and (not out.exists() or out.stat().st_size < least):
            time.sleep(0.002)
        process.kill()
        killed += process.wait() == -signal.SIGKILL
    assert killed
    assert run("critique", path, "--out", str(out)).returncode == cli.EXIT_CLEAN
    assert ids(out.read_text(encoding="utf-8")) == wanted


@pytest.mark.parametrize("content", [b"hello\n", b'{"id": 1}\nx', b'{"a": 1}\n'])
def test_a_file_that_holds_something_else_is_left_alone(
    content: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "notes.txt"
    out.write_bytes(content)
    assert cli.main(["critique", rows(tmp_path / "in.jsonl", RIGHT), "--out", str(out)]) == cli.EXIT_USAGE
    assert out.read_bytes() == content
    assert "notes.txt line 1" in capfd.readouterr().err


def test_two_runs_never_write_one_file(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    args = command("critique", "-", "--out", str(out))
    with subprocess.Popen(args, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as first:
        while not out.exists():
            time.sleep(0.01)
        time.sleep(0.2)  # from making the file to locking it
        second = run("critique", "-", "--out", str(out), stdin=json.dumps(RIGHT).encode())
        first.communicate()
    assert second.returncode == cli.EXIT_USAGE
    assert b"another genverify" in second.stderr


# --- check --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        (["17*24 = 408"], cli.EXIT_CLEAN),
        (["17*24 = 418"], cli.EXIT_ERROR_FOUND),
        (["20% of 150 = 30"], cli.EXIT_CLEAN),
        (["\\frac{1}{2} + \\frac{1}{3} = \\frac{5}{6}"], cli.EXIT_CLEAN),
        (["-3 + 5 = 2"], cli.EXIT_CLEAN),
        (["(x+1)^2 = x^2 + 2*x + 1"], cli.EXIT_CLEAN),
        (["(x+1)^2 = x^2 + 1"], cli.EXIT_ERROR_FOUND),
        (["prime(91)"], cli.EXIT_ERROR_FOUND),
        (["1 + 1 = 2", "1 + 1 = 3", "hello"], cli.EXIT_ERROR_FOUND),
        (["1 + 1 = 2", "hello"], cli.EXIT_USAGE),
        (["1/0 = 5"], cli.EXIT_UNDECIDED),
    ],
    ids=str,
)
def test_claims_are_checked_one_by_one(claims: list[str], code: int) -> None:
    assert cli.main(["check", *claims]) == code


def test_a_refuted_claim_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["check", "17*24 = 418"])
    assert "17 × 24 is 408, not 418." in capsys.readouterr().out


def test_checks_as_json_are_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["check", "--json", "17*24 = 418", "1 + 1 = 2"])
    assert [json.loads(line)["outcome"] for line in capsys.readouterr().out.splitlines()] == ["refuted", "confirmed"]


# --- the process --------------------------------------------------------------------------------------------------


def test_the_version_is_printed() -> None:
    assert run("--version").stdout.decode().strip().endswith(__version__)


def test_help_names_the_exit_codes_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from genverify import cli; code = cli.main(['critique', '--help'])\n"
        "heavy = {'sympy', 'z3', 'rich', 'pydantic', 'asyncio'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"3  undecided" in done.stdout


def test_a_reader_that_goes_away_ends_the_run_quietly(tmp_path: Path) -> None:
    path = rows(tmp_path / "in.jsonl", *[RIGHT] * 500)
    for args in ([path, "--json"], [path]):
        with subprocess.Popen(command("critique", *args), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            assert process.wait(timeout=60) == cli.EXIT_BROKEN_PIPE
            assert process.stderr.read() == b""


def test_ctrl_c_ends_the_run_at_once_and_leaves_no_process(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command("critique", "-", "--json"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    for _ in range(20):
        process.stdin.write(json.dumps(WRONG).encode() + b"\n")
    process.stdin.flush()
    process.stdout.readline()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    started = children.read_text().split() if children.exists() else []
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == cli.EXIT_INTERRUPTED
    assert err.decode() == "genverify: interrupted\n"
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


def test_a_terminal_without_unicode_is_no_obstacle() -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = run("critique", "--problem", "é", "--solution", "3 + 4 = 8 €", env=env)
    assert done.returncode == cli.EXIT_ERROR_FOUND
    assert b"x Step 1  incorrect" in done.stdout
    assert done.stderr == b""
