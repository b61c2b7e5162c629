"""jupyter_client and nbclient, unmodified, against confined kernels behind the broker."""

import asyncio
import json
import os
import re
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("zmq", reason="the extra 'jupyter' is not installed")
pytest.importorskip("jupyter_client", reason="the extra 'jupyter' is not installed")

from jupyter_client.manager import AsyncKernelManager, KernelManager

from genverify.errors import ToolError
from genverify.tools import jupyter
from genverify.tools.jupyter import broker, kernel_spec

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PATIENT_S = 60.0
LIMITS = {"wall_s": 60.0, "ready": 1}


@pytest.fixture(scope="module", autouse=True)
def kernels_by_name(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A folder where jupyter finds the kernel by its name, as an installed wheel has it."""
    folder = tmp_path_factory.mktemp("jupyter")
    spec = json.loads((Path(jupyter.__file__).parent / "kernelspec" / "kernel.json").read_text())
    spec["metadata"]["kernel_provisioner"]["config"] = {"level": "weak", "limits": LIMITS}
    (folder / "kernels" / "genverify").mkdir(parents=True)
    (folder / "kernels" / "genverify" / "kernel.json").write_text(json.dumps(spec))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
        patch.setenv("IPYTHONDIR", str(folder))  # where jupyter_client looks for kernels, too
        yield
    for process in list(jupyter._BROKERS.values()):
        process.close()
    jupyter._BROKERS.clear()


@pytest.fixture(params=["tcp", "ipc"])
def manager(request: pytest.FixtureRequest) -> Iterator[KernelManager]:
    manager = KernelManager(kernel_name="genverify", transport=request.param)
    manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.fixture
def client(manager: KernelManager) -> Iterator[Any]:
    client = manager.blocking_client()
    client.start_channels()
    yield client
    client.stop_channels()


def ask(client: Any, code: str) -> tuple[dict[str, Any], str]:
    """Run ``code`` and return the reply and all that was published as text."""
    seen: list[str] = []

    def hook(message: dict[str, Any]) -> None:
        content = message["content"]
        seen.append(content.get("text") or content.get("data", {}).get("text/plain") or content.get("ename") or "")

    reply = client.execute_interactive(code, timeout=PATIENT_S, output_hook=hook)
    return reply, "".join(seen)


def test_cells_run_and_names_stay(client: Any) -> None:
    assert ask(client, "x = 6\nprint('hi')")[1] == "hi\n"
    reply, text = ask(client, "x * 7")
    assert (reply["content"]["status"], text) == ("ok", "42")
    assert reply["metadata"]["facts"] == []


def test_the_polite_start_of_the_documentation_works(client: Any) -> None:
    client.wait_for_ready(timeout=PATIENT_S)
    assert client.is_alive()
    assert client.kernel_info(reply=True, timeout=PATIENT_S)["content"]["implementation"] == "genverify"


def test_an_error_is_told_as_in_any_kernel(client: Any) -> None:
    reply, text = ask(client, "1 / 0")
    assert (reply["content"]["ename"], text) == ("ZeroDivisionError", "ZeroDivisionError")
    assert reply["content"]["traceback"][0] == "Traceback (most recent call last):"


def test_what_waits_behind_an_error_is_aborted(client: Any) -> None:
    client.execute("import time; time.sleep(0.3); 1 / 0")
    client.execute("1 + 1")
    statuses = [client.get_shell_msg(timeout=PATIENT_S)["content"]["status"] for _ in range(2)]
    assert statuses == ["error", "aborted"]


def test_an_interruption_stops_a_cell_and_keeps_the_names(manager: KernelManager, client: Any) -> None:
    ask(client, "x = 5")
    client.execute("while True: pass")
    time.sleep(0.3)
    manager.interrupt_kernel()
    assert client.get_shell_msg(timeout=PATIENT_S)["content"]["ename"] == "KeyboardInterrupt"
    assert ask(client, "x")[1] == "5"


def test_a_kernel_that_dies_says_so_and_goes_on_afresh(manager: KernelManager, client: Any) -> None:
    reply, _ = ask(client, "import os; os._exit(3)")
    assert (reply["content"]["ename"], reply["metadata"]["facts"]) == (
        "KernelDied",
        ["died: exit code 3", "state_lost"],
    )
    assert ask(client, "1 + 1")[0]["metadata"]["facts"] == ["fresh_state"]
    assert manager.is_alive()


def test_code_with_half_characters_does_not_stop_the_broker(client: Any) -> None:
    client.session.send(client.shell_channel.socket, "execute_request", {"code": "'half'"})
    client.session.pack = lambda value: json.dumps(value, default=str).encode()  # the client's own would not send it
    client.execute("'\ud800'")
    statuses = [client.get_shell_msg(timeout=PATIENT_S)["content"]["status"] for _ in range(2)]
    assert statuses == ["ok", "error"]
    assert ask(client, "1 + 1")[1] == "2"


def test_a_restart_forgets_all_names_and_keeps_old_and_new_clients(manager: KernelManager, client: Any) -> None:
    ask(client, "x = 5")
    manager.restart_kernel(now=True)
    assert ask(client, "'x' in globals()")[1] == "False"
    other = manager.blocking_client()
    other.start_channels()
    other.wait_for_ready(timeout=PATIENT_S)
    assert ask(other, "1 + 1")[1] == "2"
    other.stop_channels()


def test_a_shutdown_ends_the_process(manager: KernelManager, client: Any) -> None:
    ask(client, "1")
    pid = manager.provisioner.pid  # type: ignore[union-attr]
    assert pid is not None
    manager.shutdown_kernel()
    assert not manager.is_alive()
    for _ in range(500):
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.01)
    assert not Path(f"/proc/{pid}").exists()


def test_no_connection_file_and_no_key_reach_a_disk_or_a_kernel(manager: KernelManager, client: Any) -> None:
    key = manager.session.key.decode()
    assert not manager.connection_file or not os.path.exists(manager.connection_file)
    code = f"import gc\nparts = {key[:9]!r}, {key[9:]!r}\n"
    code += "any(''.join(parts) in str(o) for o in gc.get_objects() if type(o) in (str, bytes))"
    assert ask(client, code)[1] == "False"
    assert ask(client, "import sys; 'zmq' in sys.modules")[1] == "False"


def test_a_message_with_a_wrong_signature_is_not_run(manager: KernelManager, client: Any) -> None:
    ask(client, "x = 1")
    stranger = manager.blocking_client()
    stranger.session.key = b"a guess"
    stranger.start_channels()
    stranger.execute("x = 2")
    time.sleep(0.3)
    stranger.stop_channels()
    assert ask(client, "x")[1] == "1"


def test_rubbish_on_every_socket_does_not_stop_the_broker(manager: KernelManager, client: Any) -> None:
    import zmq

    context = zmq.Context()
    ports = (manager.shell_port, zmq.DEALER), (manager.control_port, zmq.DEALER), (manager.iopub_port, zmq.SUB)
    rubbish = [b""], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"{}", b"{}", b"{}", b"{}"], [b"\xff" * 1000] * 50
    for port, kind in ports:
        address = f"tcp://{manager.ip}:{port}" if manager.transport == "tcp" else f"ipc://{manager.ip}-{port}"
        with context.socket(kind) as socket:
            socket.linger = 0
            socket.connect(address)
            if kind == zmq.SUB:
                socket.setsockopt(zmq.SUBSCRIBE, b"\xff" * 300)
                continue
            for parts in rubbish:
                socket.send_multipart(parts)
    time.sleep(0.2)
    context.term()
    assert ask(client, "1 + 1")[1] == "2"


def test_asyncio_managers_work() -> None:
    async def run() -> tuple[str, str]:
        manager = AsyncKernelManager(kernel_name="genverify", transport="ipc")
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=PATIENT_S)
        first = await client.execute_interactive("1 / 0", timeout=PATIENT_S, output_hook=lambda _: None)
        await manager.restart_kernel()
        await client.wait_for_ready(timeout=PATIENT_S)
        second = await client.execute_interactive("1", timeout=PATIENT_S, output_hook=lambda _: None)
        client.stop_channels()
        await manager.shutdown_kernel()
        return first["content"]["ename"], second["content"]["status"]

    assert asyncio.run(run()) == ("ZeroDivisionError", "ok")


def test_nbclient_runs_a_notebook() -> None:
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    sources = "import sympy; x = sympy.Symbol('x'); print('hi')", "sympy.factor(x**2 - 1)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    for cell in notebook.cells:
        cell.pop("id", None)
    nbclient.NotebookClient(notebook, kernel_name="genverify", timeout=60).execute()
    first, second = notebook.cells
    assert first.outputs[0]["text"] == "hi\n"
    assert second.outputs[0]["data"]["text/plain"] == "(x - 1)*(x + 1)"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_broker_that_is_killed_takes_its_kernels_along_and_the_next_start_works() -> None:
    first = KernelManager(kernel_name="genverify")
    first.start_kernel()
    client = first.blocking_client()
    client.start_channels()
    ask(client, "1")
    pid, process = first.provisioner.pid, broker("weak", LIMITS)  # type: ignore[union-attr]
    os.kill(process.pid, signal.SIGKILL)
    for _ in range(500):
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.01)
    assert not Path(f"/proc/{pid}").exists()
    assert not first.is_alive()
    client.stop_channels()
    first.shutdown_kernel(now=True)
    second = KernelManager(kernel_name="genverify")
    second.start_kernel()
    client = second.blocking_client()
    client.start_channels()
    assert ask(client, "1 + 1")[1] == "2"
    client.stop_channels()
    second.shutdown_kernel(now=True)
    assert not os.path.exists(process.folder)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("many", [40, pytest.param(200, marks=pytest.mark.long)])
def test_many_chains_end_with_a_result_or_a_reason_when_the_broker_is_killed(many: int) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 15 * many:
        pytest.skip(f"{many} clients of Jupyter take some {10 * many} descriptors")

    async def chain(number: int) -> str:
        manager = AsyncKernelManager(kernel_name="genverify", transport="ipc")
        try:
            await manager.start_kernel()
        except ToolError as error:
            return str(error)
        client = manager.client()
        client.start_channels(hb=False)
        try:
            for _ in range(5):
                client.execute(f"import time; time.sleep(0.02); {number}")
                while not await client.shell_channel.socket.poll(200):
                    if not await manager.is_alive():
                        return "the broker has ended"
                await client.get_shell_msg(timeout=PATIENT_S)
            return "done"
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)

    async def run() -> list[str]:
        chains = [asyncio.ensure_future(chain(n)) for n in range(many)]
        while sum(c.done() for c in chains) < many // 5:
            await asyncio.sleep(0.02)
        os.kill(broker("weak", LIMITS).pid, signal.SIGKILL)
        return await asyncio.gather(*chains)

    folders = {process.folder for process in jupyter._BROKERS.values()}
    found = asyncio.run(run())
    folders |= {process.folder for process in jupyter._BROKERS.values()}
    assert "done" in found
    assert all(word == "done" or "broker has ended" in word for word in found), set(found)
    for process in list(jupyter._BROKERS.values()):
        process.close()
    assert not any(map(os.path.exists, folders))


def test_a_wrong_limit_is_told_before_anything_starts() -> None:
    with pytest.raises((ValueError, TypeError), match="wall_s"):
        broker("weak", {"wall_s": 0.0})


def test_plain_ipykernel_needs_the_word_that_its_code_is_trusted() -> None:
    assert "kernel_provisioner" in kernel_spec().metadata
    plain = kernel_spec(trusted_plain_ipykernel=True)
    assert plain.metadata == {}
    assert "NOT confined" in plain.display_name
    assert any(re.search("ipykernel", word) for word in plain.argv)
