"""``genverify doctor`` and ``genverify selftest`` as a person meets them."""

import json

import pytest
from click.testing import CliRunner

from genverify import cli
from genverify.tools import isolation
from genverify.tools.isolation import lacking, split

KNOWN_STATES = {"on", "partial", "off", "refused"}


def test_doctor_tells_the_state_of_every_layer_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["doctor"])
    lines = capsys.readouterr().out.splitlines()
    for name, words in isolation.LAYERS.items():
        (line,) = [line for line in lines if words in line]
        state = line.split()[0]
        assert state in KNOWN_STATES
        assert line.split()[1] == name
        reason = lines[lines.index(line) + 1]
        assert (state == "on") or reason.strip().startswith(("no: ", "yes, but: "))
    (level,) = [line for line in lines if line.startswith("Level reached: ")]
    assert (code == cli.EXIT_UNDECIDED) == ("weak" in level.split(".")[0])


def test_doctor_knows_every_layer_that_a_kernel_reports(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["layers"].keys() == isolation.LAYERS.keys()
    assert told["level"] in ("strict", "default", "weak")


def test_selftest_ends_with_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["selftest", "--level", "weak", "--only", "marker", "--only", "os-exit", "--only", "nan"])
    lines = capsys.readouterr().out.splitlines()
    assert code == cli.EXIT_CLEAN
    assert ["attacks", "on", "held", "known", "succeeded", "unclear"] in [line.split() for line in lines]
    assert ["all", "3", "0", "0", "0"] in [line.split() for line in lines]


def test_an_unknown_attack_and_a_gap_in_a_level_are_usage_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["selftest", "--only", "no-such-attack"]) == cli.EXIT_USAGE
    assert "no attack is called no-such-attack" in capsys.readouterr().err
    assert cli.main(["selftest", "--without", "seccomp"]) == cli.EXIT_USAGE
    assert CliRunner().invoke(cli.cli, ["selftest", "--level", "none"]).exit_code == cli.EXIT_USAGE


def test_a_state_splits_into_its_word_and_its_reason() -> None:
    assert split("on") == ("on", "")
    assert split("off: the system: it refuses") == ("off", "the system: it refuses")
    assert lacking({"a": "on", "b": "off: x", "c": "partial: y", "d": "refused: z"}) == ("b", "d")
