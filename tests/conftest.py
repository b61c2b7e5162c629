"""What several test files need: one set of checkers, and the folder of labelled data where there is one."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_models
from hypothesis import HealthCheck, settings

from genverify.tools.checkers import Checkers
from genverify.verifier import Verifier

# how fast a machine is has no part in whether a property holds
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def checkers() -> Iterator[Checkers]:
    """Real checkers with real worker processes, shared by a whole test run."""
    with Checkers() as tools:
        yield tools


@pytest.fixture(scope="session")
def verifier(checkers: Checkers) -> Iterator[Verifier]:
    with Verifier(checkers) as made:
        yield made


@pytest.fixture
def ends() -> Iterator[None]:
    """Fail the test after a minute, hundreds of times what it needs: a hang, however busy the machine is."""

    def stop(*_: object) -> None:
        raise TimeoutError("the test did not end within a minute")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama with random weights, to be trained on one thread: two on busy CPUs wait for each other."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    torch.set_num_threads(1)
    return tiny_models.write("Llama", tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of labelled public data: ``GENVERIFY_DATA``, or ``shared/data`` beside the checkout."""
    folder = Path(os.environ.get("GENVERIFY_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no labelled data in {folder}; set GENVERIFY_DATA to run this test")
    return folder
