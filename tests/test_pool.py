"""The pool of worker processes, with a guest whose ``checks`` misbehaves on request; every process is real."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from processes import alive, eventually

from genverify._resources import asset
from genverify.errors import ToolError
from genverify.tools.guest import read_answer
from genverify.tools.limits import Limits
from genverify.tools.pool import WorkerPool

LONG_S = 60.0
"""A deadline that no test reaches, however busy the machine is."""
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real warm parent and worker beside a ``checks`` that misbehaves on request."""
    folder = tmp_path_factory.mktemp("guest")
    for file in asset("sandbox").glob("*.py"):
        shutil.copy(file, folder)  # not links: what they lead to is outside the workers' root folder
    shutil.copy(Path(__file__).parent / "cases" / "misbehaving_checks.py", folder / "checks.py")
    return folder


@pytest.fixture
def pool(guest: Path) -> Iterator[WorkerPool]:
    with WorkerPool(Limits(workers=2, memory_mib=256), guest=guest) as pool:
        yield pool


def ask(pool: WorkerPool, *statement: object, kind: str = "identity", deadline_s: float = LONG_S) -> dict[str, Any]:
    return pool.run({"kind": kind, "statement": list(statement)}, deadline_s)


def works(pool: WorkerPool) -> bool:
    return bool(ask(pool, "echo", "still here")["witness"] == "still here")


def test_no_process_starts_before_the_first_request(pool: WorkerPool) -> None:
    assert pool.pids == ()
    assert pool.layers == {}
    assert works(pool)
    assert len(pool.pids) == 2


def test_an_answer_carries_what_the_guest_decided_and_how_long_it_took(pool: WorkerPool) -> None:
    answer = ask(pool, "fields", {"outcome": "refuted", "witness": "x = 1", "computed": "3/4"})
    assert {k: answer[k] for k in ("outcome", "reason", "tool", "witness", "computed")} == {
        "outcome": "refuted", "reason": None, "tool": "sympy", "witness": "x = 1", "computed": "3/4",
    }  # fmt: skip
    assert 0 <= answer["spent_s"] <= answer["wall_s"]


def test_a_worker_is_used_again(pool: WorkerPool) -> None:
    assert len({ask(pool, "pid")["witness"] for _ in range(20)}) == 1


def test_start_prepares_a_worker_without_a_request(pool: WorkerPool) -> None:
    pool.start()
    pool.start()
    assert eventually(lambda: len(pool.pids) == 1)
    assert works(pool)
    assert len(pool.pids) == 2


@linux_only
@pytest.mark.parametrize("verb", ["hang", "compute"])
def test_a_worker_past_its_deadline_is_killed_and_the_next_request_is_served(pool: WorkerPool, verb: str) -> None:
    assert works(pool)
    first = pool.pids[1]
    answer = ask(pool, verb, deadline_s=0.2)
    assert (answer["outcome"], answer["reason"]) == ("undecided", "timeout")
    assert eventually(lambda: not alive(first))
    assert works(pool)
    assert first not in pool.pids


def test_a_worker_that_takes_too_much_memory_answers_memory_and_is_replaced(pool: WorkerPool) -> None:
    first = ask(pool, "pid")["witness"]
    answer = ask(pool, "fill")
    assert (answer["outcome"], answer["reason"]) == ("undecided", "memory")
    assert ask(pool, "pid")["witness"] != first


def test_endless_recursion_is_too_large_and_the_worker_lives_on(pool: WorkerPool) -> None:
    first = ask(pool, "pid")["witness"]
    answer = ask(pool, "recurse")
    assert (answer["outcome"], answer["reason"]) == ("undecided", "too_large")
    assert ask(pool, "pid")["witness"] == first


@pytest.mark.parametrize("verb", ["exit", "raise", "crash"])
def test_a_worker_that_breaks_down_is_undecided_and_the_next_request_is_served(pool: WorkerPool, verb: str) -> None:
    answer = ask(pool, verb)
    assert (answer["outcome"], answer["reason"]) == ("undecided", "crashed")
    assert works(pool)


GOOD = {"id": 1, "outcome": "confirmed", "reason": None, "tool": "sympy", "witness": "", "computed": None}
GOOD |= {"spent_s": 0.1, "rss_mib": 70}


def framed(value: object) -> bytes:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return len(body).to_bytes(4, "big") + body


BAD_REPLIES = {
    "not JSON": framed(b"hello"),
    "not UTF-8": framed(b"\xff\xfe\x00"),
    "deeply nested": framed(b"[" * 60000),
    "a list": framed([GOOD]),
    "a missing field": framed({k: v for k, v in GOOD.items() if k != "computed"}),
    "a surplus field": framed({**GOOD, "verdict": "right"}),
    "another id": framed({**GOOD, "id": 2}),
    "an id that is only equal": framed({**GOOD, "id": True}),
    "an unknown outcome": framed({**GOOD, "outcome": "correct"}),
    "an unhashable outcome": framed({**GOOD, "outcome": ["confirmed"]}),
    "undecided without a reason": framed({**GOOD, "outcome": "undecided"}),
    "an unknown reason": framed({**GOOD, "outcome": "undecided", "reason": "tired"}),
    "decided with a reason": framed({**GOOD, "reason": "timeout"}),
    "an unknown tool": framed({**GOOD, "tool": "maple"}),
    "a long witness": framed({**GOOD, "witness": "x" * 301}),
    "a witness of two lines": framed({**GOOD, "witness": "x\ny"}),
    "a computed number": framed({**GOOD, "computed": 3}),
    "a negative time": framed({**GOOD, "spent_s": -1}),
    "a time that is no number": framed({**GOOD, "spent_s": float("nan")}),
    "a frame too long": (1 << 30).to_bytes(4, "big") + b"x" * 100,
    "two frames": framed(GOOD) + framed(GOOD),
}


@pytest.mark.parametrize("reply", BAD_REPLIES.values(), ids=BAD_REPLIES.keys())
def test_a_reply_against_the_contract_is_no_answer_and_ends_the_worker(pool: WorkerPool, reply: bytes) -> None:
    answer = ask(pool, "say", reply.hex())
    assert (answer["outcome"], answer["reason"]) == ("undecided", "crashed")
    assert works(pool)


def test_a_good_reply_written_by_hand_is_an_answer(pool: WorkerPool) -> None:
    assert ask(pool, "say", framed(GOOD).hex())["outcome"] == "confirmed"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), json_values, max_size=3), st.binary(max_size=30))
def test_only_a_well_formed_reply_passes_whatever_is_changed_in_it(changes: dict[str, Any], junk: bytes) -> None:
    for body in (json.dumps({**GOOD, **changes}).encode(), junk):
        try:
            answer = read_answer(body, 1)
        except ValueError:
            continue
        assert answer["outcome"] in ("confirmed", "refuted", "undecided")
        assert (answer["reason"] is not None) == (answer["outcome"] == "undecided")
        assert type(answer["id"]) is int


def test_the_environment_of_a_worker_holds_nothing_of_the_callers(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "secret")
    seen = set(ask(pool, "environment")["witness"].split())
    ours = {"LC_ALL", "PYTHONHASHSEED", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MALLOC_ARENA_MAX"}
    assert seen - {"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "__CF_USER_TEXT_ENCODING"} == ours


def test_a_worker_has_its_socket_and_no_other_descriptor(pool: WorkerPool) -> None:
    assert ask(pool, "descriptors")["witness"] == "[0, 1, 2, 3]"


@linux_only
def test_a_worker_opens_few_files_and_writes_none(pool: WorkerPool, tmp_path: Path) -> None:
    assert int(ask(pool, "files")["witness"]) < 32
    assert ask(pool, "write", str(tmp_path / "new"))["witness"].endswith("Error")
    assert not list(tmp_path.iterdir())


@linux_only
def test_every_layer_of_confinement_is_on_under_linux(pool: WorkerPool) -> None:
    assert works(pool)
    if pool.layers["level"] != "strict":
        pytest.skip(f"this system does not have all layers: {pool.layers}")
    status = Path(f"/proc/{pool.pids[1]}/status").read_text()
    for line in ("NoNewPrivs:\t1", "Seccomp:\t2", "CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000"):
        assert line in status


def test_hashes_are_the_same_in_every_run(guest: Path) -> None:
    def name_hash() -> str:
        with WorkerPool(guest=guest) as pool:
            return str(ask(pool, "hash")["witness"])

    assert name_hash() == name_hash()


def test_a_worker_is_given_a_request_only_once_the_tool_for_it_is_loaded(pool: WorkerPool) -> None:
    for kind, tool in (("entails", "z3"), ("identity", "sympy"), ("consistent", "z3")):
        assert tool in ask(pool, "tools", kind=kind)["witness"].split()


def test_a_worker_is_replaced_after_its_number_of_checks(guest: Path) -> None:
    with WorkerPool(Limits(workers=1, checks_per_worker=3), guest=guest) as pool:
        pids = [ask(pool, "pid")["witness"] for _ in range(6)]
    assert len(set(pids[:3])) == len(set(pids[3:])) == 1
    assert pids[0] != pids[3]


def test_a_worker_that_keeps_memory_is_replaced(guest: Path) -> None:
    with WorkerPool(Limits(workers=1, growth_mib=32), guest=guest) as pool:
        first = ask(pool, "allocate", 8)["witness"]
        assert ask(pool, "allocate", 64)["witness"] == first
        assert ask(pool, "pid")["witness"] != first


def test_many_threads_get_their_own_answers(pool: WorkerPool) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda i: ask(pool, "echo", str(i)), range(200)))
    assert [a["witness"] for a in answers] == [str(i) for i in range(200)]
    assert len(pool.pids) <= 3


def test_a_hanging_request_does_not_hold_up_the_event_loop_nor_the_others(pool: WorkerPool) -> None:
    async def main() -> tuple[dict[str, Any], list[dict[str, Any]], bool]:
        hanging = asyncio.ensure_future(pool.arun({"kind": "identity", "statement": ["hang"]}, 3.0))
        requests = [{"kind": "identity", "statement": ["echo", str(i)]} for i in range(20)]
        others = await asyncio.gather(*(pool.arun(r, LONG_S) for r in requests))
        was_done = hanging.done()
        return await hanging, others, was_done

    hanging, others, was_done = asyncio.run(main())
    assert hanging["reason"] == "timeout"
    assert [a["witness"] for a in others] == [str(i) for i in range(20)]
    assert not was_done


def test_a_request_too_long_to_send_is_undecided(pool: WorkerPool) -> None:
    assert ask(pool, "echo", "x" * (1 << 21))["reason"] == "too_large"
    assert ask(pool, "echo", "x" * (1 << 19))["reason"] == "crashed"  # the reply to it is too long


def test_a_dead_parent_process_is_started_again(pool: WorkerPool) -> None:
    assert works(pool)
    zygote, *_ = pool.pids
    os.kill(zygote, signal.SIGKILL)
    assert eventually(lambda: not alive(zygote))
    assert works(pool)
    assert pool.pids[0] != zygote


@pytest.mark.parametrize("code", ["1 / 0", "import no_such_module", "import os; os._exit(3)", "syntax error"])
def test_a_guest_that_cannot_start_is_a_tool_error_every_time(guest: Path, tmp_path: Path, code: str) -> None:
    for file in guest.glob("*.py"):
        shutil.copy(file, tmp_path)
    (tmp_path / "checks.py").write_text(code)
    with WorkerPool(guest=tmp_path) as pool:
        for _ in range(2):
            with pytest.raises(ToolError, match=r"no worker process|cannot be reached"):
                works(pool)


def test_a_missing_guest_is_a_tool_error(tmp_path: Path) -> None:
    with WorkerPool(guest=tmp_path / "nowhere") as pool, pytest.raises(ToolError, match="nowhere"):
        works(pool)


@linux_only
def test_killed_workers_leave_no_zombies(pool: WorkerPool) -> None:
    for _ in range(3):
        ask(pool, "hang", deadline_s=0.05)
    assert works(pool)
    children = Path(f"/proc/{pool.pids[0]}/task/{pool.pids[0]}/children")
    assert eventually(lambda: len(children.read_text().split()) == 1)


@linux_only
def test_close_ends_every_process_and_can_be_repeated(guest: Path) -> None:
    pool = WorkerPool(guest=guest)
    assert works(pool)
    pids = pool.pids
    pool.close()
    pool.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert pool.pids == ()
    with pytest.raises(ToolError, match="closed"):
        works(pool)


def test_close_during_a_check_raises_in_the_thread_that_waits(guest: Path) -> None:
    pool = WorkerPool(Limits(workers=1), guest=guest)
    assert works(pool)
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(ask, pool, "hang") for _ in range(2)]
        assert eventually(lambda: waiting[0].running() and waiting[1].running())
        time.sleep(0.2)  # one of them is with the worker by now, the other waits for a worker
        pool.close()
        for future in waiting:
            with pytest.raises(ToolError, match="closed"):
                future.result(LONG_S)


@linux_only
def test_a_pool_that_is_dropped_without_close_ends_its_processes(guest: Path) -> None:
    pool = WorkerPool(guest=guest)
    assert works(pool)
    pids = pool.pids
    del pool
    assert eventually(lambda: not any(map(alive, pids)))


HOST = """
import os, sys, threading, time
from pathlib import Path
from genverify.tools.limits import Limits
from genverify.tools.pool import WorkerPool

pool = WorkerPool(Limits(workers=2), guest=Path(sys.argv[1]))
ask = lambda *statement: pool.run({"kind": "identity", "statement": list(statement)}, 600.0)["witness"]
"""


def host(guest: Path, code: str) -> "subprocess.Popen[str]":
    """Start a Python process of its own that uses a pool."""
    root = str(Path(sys.modules["genverify"].__file__ or "").resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": root}
    command = [sys.executable, "-c", HOST + code, str(guest)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@linux_only
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_all_processes_end_when_the_host_is_killed_even_those_at_work(guest: Path, end: signal.Signals) -> None:
    code = """
ask("pid"), ask("pid")
threading.Thread(target=ask, args=("compute",), daemon=True).start()
ask("pid")
print(*pool.pids, flush=True)
time.sleep(600)
"""
    with host(guest, code) as process:
        assert process.stdout is not None
        pids = [int(p) for p in process.stdout.readline().split()]
        assert len(pids) == 3
        assert all(map(alive, pids))
        process.send_signal(end)
    assert eventually(lambda: not any(map(alive, pids)))


@linux_only
def test_a_forked_host_uses_workers_of_its_own_and_leaves_the_others_alone(guest: Path) -> None:
    code = """
ask("pid")
before = pool.pids
child = os.fork()
if child == 0:
    ask("pid")
    print(not set(pool.pids) & set(before), flush=True)
    pool.close()
    os._exit(0)
os.waitpid(child, 0)
ask("pid")
print(pool.pids == before, flush=True)
"""
    with host(guest, code) as process:
        assert process.stdout is not None
        assert process.stdout.read().split() == ["True", "True"]


@linux_only
def test_a_host_that_forgets_to_close_exits_in_silence_and_leaves_nothing(guest: Path) -> None:
    with host(guest, 'ask("pid"); print(*pool.pids)') as process:
        assert process.stdout is not None
        pids = [int(p) for p in process.stdout.read().split()]
    assert process.returncode == 0
    assert eventually(lambda: not any(map(alive, pids)))


def test_a_pool_works_in_a_thread_that_is_not_the_main_one(pool: WorkerPool) -> None:
    results: list[str] = []
    thread = threading.Thread(target=lambda: results.append(ask(pool, "hang", deadline_s=0.1)["reason"]))
    thread.start()
    thread.join()
    assert results == ["timeout"]
    assert works(pool)  # the thread that started the processes is gone; they are not


@pytest.mark.parametrize(
    "wrong", [{"workers": 0}, {"memory_mib": 1}, {"checks_per_worker": 0}, {"growth_mib": 0}, {"start_s": 0.0}]
)
def test_limits_out_of_range_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Limits(**wrong)


def test_a_deadline_must_be_above_zero(pool: WorkerPool) -> None:
    with pytest.raises(ValueError, match="deadline_s"):
        ask(pool, "pid", deadline_s=0.0)


def test_an_asset_that_is_missing_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="prompts/none"):
        asset("prompts/none")
