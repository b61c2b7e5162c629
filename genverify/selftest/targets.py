"""What the attacks aim at: a folder, a service, a socket and a secret, watched for damage."""

import os
import secrets
import shutil
import socket
import sysconfig
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_TOKEN: Final = "GENVERIFY_SELFTEST_TOKEN"
_OPEN_TO_ALL: Final = 0o777  # so that no attack is stopped by mere permissions, which are not what is tested


class Targets:
    """Targets for a run of attacks; a context manager that leaves nothing behind."""

    def __init__(self) -> None:
        self.secret = f"SECRET-CANARY-{secrets.token_hex(8)}"
        """In this process's memory and environment, and in the folder's ``id_rsa``."""
        self._folder = Path(tempfile.mkdtemp(prefix="genverify-selftest-"))
        self._abstract = f"genverify-selftest-{secrets.token_hex(4)}"
        self._services: list[socket.socket] = []
        self._before: dict[str, tuple[int, ...]] = {}

    def __enter__(self) -> Self:
        os.environ[_TOKEN] = self.secret
        self._fill()
        self._listen(socket.AF_INET, ("127.0.0.1", 0))
        self._listen(socket.AF_UNIX, str(self._folder / "service"))
        (self._folder / "service").chmod(_OPEN_TO_ALL)
        self._listen(socket.AF_UNIX, f"\0{self._abstract}")
        self._before = self._state()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del os.environ[_TOKEN]
        for service in self._services:
            service.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _fill(self) -> None:
        self._folder.mkdir(exist_ok=True)
        self._folder.chmod(_OPEN_TO_ALL)
        for name in ("id_rsa", "victim"):
            path = self._folder / name
            path.write_text(self.secret)
            path.chmod(_OPEN_TO_ALL & 0o666)

    def _listen(self, family: int, address: str | tuple[str, int]) -> None:
        service = socket.socket(family)
        self._services.append(service)
        try:
            service.bind(address)
        except OSError:  # sockets without files are Linux's alone
            return
        service.listen(8)
        service.setblocking(False)

    def aim(self, code: str) -> str:
        """Return ``code`` with its placeholders filled in."""
        port = self._services[0].getsockname()[1]
        places = {"CANARY": self._folder, "HOST": os.getpid(), "PORT": port, "ABSTRACT": self._abstract}
        places["SITE"] = sysconfig.get_path("purelib")
        for name, value in places.items():
            code = code.replace(f"@{name}@", str(value))
        return code

    def damage(self) -> str:
        """Return what has been done to the targets since they were set up or last asked; empty if nothing."""
        found = []
        if not self._folder.is_dir():  # an attack has moved it
            found.append("the folder is gone")
            shutil.rmtree(f"{self._folder}x", ignore_errors=True)
            self._fill()
        now = self._state()
        found += [f"{name} was changed" for name in self._before if now.get(name) != self._before[name]]
        found += [f"{name} was made" for name in now if name not in self._before]
        self._before = now
        found += [
            f"service {place} was reached" for place, service in enumerate(self._services) if _was_reached(service)
        ]
        return ", ".join(found)

    def _state(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for path in self._folder.iterdir():
            about = path.lstat()
            found[path.name] = (about.st_ino, about.st_mode, about.st_uid, about.st_size, about.st_mtime_ns)
        return found


def _was_reached(service: socket.socket) -> bool:
    try:
        connection, _ = service.accept()
    except OSError:
        return False
    connection.close()
    return True
