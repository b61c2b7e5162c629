"""Blocks: the same on any number of processes, whole after any kill, never of two jobs in one folder."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import eventually

from genverify.data import Kind, blocks, running
from genverify.data.making import Job, make, parts, parts_of
from genverify.errors import UsageError

JOB = Job(Kind.ALGEBRA, seed=3)
SIZE = 25


def run_here(folder: Path, n: int) -> None:
    with blocks.opened(folder, {"n": n}) as there:
        for part in parts(n, SIZE):
            there.put(make(JOB, part))


def run_on_processes(folder: Path, n: int, report: Callable[[int], None] | None = None) -> None:
    with blocks.opened(folder, {"n": n}) as there:
        running.run(JOB, parts(n, SIZE), there, report=report)


def records_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((folder / "blocks").glob("*.jsonl")))


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("expected")
    run_here(folder, 150)
    return records_in(folder)


def test_any_number_of_processes_makes_the_same_records(tmp_path: Path, expected: bytes) -> None:
    told: list[int] = []
    run_on_processes(tmp_path, 150, told.append)
    assert records_in(tmp_path) == expected
    assert sum(told) == 150


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    run_here(tmp_path, 50)
    before = [path.stat().st_mtime_ns for path in sorted((tmp_path / "blocks").glob("*.jsonl"))]
    run_on_processes(tmp_path, 50)
    assert [path.stat().st_mtime_ns for path in sorted((tmp_path / "blocks").glob("*.jsonl"))] == before


def children_named(part: str) -> list[int]:
    """Return the processes whose command line holds ``part``."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if part in (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def killed_meanwhile(pids: Callable[[], list[int]], work: Callable[[], None]) -> int:
    """Kill the first of ``pids`` that shows up while ``work`` is done; return how many were killed."""
    done = threading.Event()
    killed: list[int] = []

    def kill() -> None:
        while not done.is_set() and not killed:
            for pid in pids()[:1]:
                time.sleep(0.2)  # it has begun to work by then
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
            time.sleep(0.01)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        work()
    finally:
        done.set()
        thread.join()
    return len(killed)


def test_a_worker_that_is_killed_takes_nothing_with_it(tmp_path: Path, expected: bytes) -> None:
    mine = os.getpid()

    def workers() -> list[int]:
        return [p for p in children_named("spawn_main") if f"PPid:\t{mine}\n" in Path(f"/proc/{p}/status").read_text()]

    assert killed_meanwhile(workers, lambda: run_on_processes(tmp_path, 150)) == 1
    assert records_in(tmp_path) == expected


SCRIPT = """
import sys
from pathlib import Path
from genverify.data import Kind, blocks, running
from genverify.data.making import Job, parts
if __name__ == "__main__":
    with blocks.opened(Path(sys.argv[1]), {"n": 150}) as there:
        running.run(Job(Kind.ALGEBRA, seed=3), parts(150, 25), there)
"""


def test_a_run_that_is_killed_goes_on_with_nothing_lost_or_doubled(tmp_path: Path, expected: bytes) -> None:
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    folder = tmp_path / "data"
    run = subprocess.Popen([sys.executable, script, folder])
    while not list(folder.glob("blocks/*.jsonl")):
        assert run.poll() is None, "it ended before its first block"
        time.sleep(0.005)
    run.kill()
    run.wait()
    (folder / "blocks" / "000005.jsonl.part").write_text("half a rec")
    run_on_processes(folder, 150)
    assert records_in(folder) == expected
    assert not list(folder.glob("blocks/*.part"))
    # workers end by themselves once their parent is gone
    assert eventually(lambda: not children_named(str(script)))


def test_two_jobs_never_share_a_folder(tmp_path: Path) -> None:
    with (
        blocks.opened(tmp_path, {"n": 1}),
        pytest.raises(UsageError, match="another"),
        blocks.opened(tmp_path, {"n": 1}),
    ):
        pass
    with pytest.raises(UsageError, match="n 1 there and 2 now"), blocks.opened(tmp_path, {"n": 2}):
        pass


def test_blocks_without_a_job_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "000000.jsonl").write_text("")
    with pytest.raises(UsageError, match="name another folder"), blocks.opened(tmp_path, {}):
        pass


def test_parts_cover_every_record_once() -> None:
    assert [(p.start, p.stop) for p in parts(60, SIZE)] == [(0, 25), (25, 50), (50, 60)]
    lines = [str(i) for i in range(60)]
    found = list(parts_of(lines, SIZE))
    assert [line for part in found for line in part.lines or ()] == lines
    assert [(p.start, p.stop) for p in found] == [(0, 25), (25, 50), (50, 60)]


def test_a_line_that_is_no_record_is_dropped_and_the_rest_is_labelled() -> None:
    good = json.dumps({"id": "a", "problem": "What is 2 + 2?", "steps": ["2 + 2 = 5"], "answer": "4"})
    (part,) = parts_of(["{", good, '{"problem": 3}', "[]"])
    block = make(JOB, part)
    assert len(block.examples) == 1
    assert [json.loads(line)["id"] for line in block.dropped] == ["line 1", "line 3", "line 4"]


@pytest.fixture
def cluster() -> Iterator[str]:
    """The address of two nodes of one processor each, as processes of this machine."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    made.add_node(num_cpus=1)
    yield made.address
    made.shutdown()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Ray's own use of itself
def test_ray_makes_the_same_records_also_when_a_worker_is_killed(tmp_path: Path, expected: bytes, cluster: str) -> None:
    def on_ray() -> None:
        with blocks.opened(tmp_path, {"n": 150}) as there:
            running.run_on_ray(JOB, parts(150, SIZE), there, cluster)

    assert killed_meanwhile(lambda: children_named("ray::Map"), on_ray) == 1
    assert records_in(tmp_path) == expected


def test_a_cluster_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    with blocks.opened(tmp_path, {}) as there, pytest.raises(UsageError, match="no cluster there"):
        running.run_on_ray(JOB, parts(1), there, "127.0.0.1:1")
