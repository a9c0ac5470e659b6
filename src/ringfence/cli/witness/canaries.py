"""Things of the host that a guest must not reach: a secret, a file, listening sockets.

Permissions never save them: every user of the machine could reach them, so that only walls can keep
a guest away.
"""

from __future__ import annotations

import os
import secrets
import select
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["VARIABLE", "Canaries"]

VARIABLE = "RINGFENCE_WITNESS"
"""The variable of this process's environment that holds the secret."""


class Canaries:
    """Use it in a ``with`` block.

    Attributes:
        secret: appears nowhere but in this process, its environment and the file.
        folder: of the file; every user may read and write it.
        file: holds the secret; every user may read it.
    """

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._set_up(stack)
            self._end = stack.pop_all()
        return self

    def _set_up(self, stack: ExitStack) -> None:
        self.secret = secrets.token_hex(16)
        self.folder = Path(tempfile.mkdtemp(prefix="ringfence-witness-"))
        stack.callback(shutil.rmtree, self.folder)
        self.folder.chmod(0o777)
        self.file = self.folder / "secret"
        self.file.write_text(self.secret)
        self.file.chmod(0o644)
        with self.file.open("rb") as file:
            self._open = _open_again(file.fileno())
        stack.callback(os.close, self._open)
        self._name = f"ringfence-witness-{secrets.token_hex(8)}"
        self._sockets: dict[str, socket.socket] = {}
        if sys.platform == "linux":
            abstract = stack.enter_context(_listen_abstract(self._name))
            self._sockets["the abstract socket"] = abstract
        self._port = 1
        try:
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        except OSError:
            pass  # a machine without loopback: there is nothing to reach
        else:
            self._port = server.getsockname()[1]
            self._sockets["the TCP port"] = server
        for one in self._sockets.values():
            one.setblocking(False)
        stack.callback(_set_variable, os.environ.get(VARIABLE))
        _set_variable(self.secret)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._end.close()

    @property
    def told(self) -> Mapping[str, Any]:
        """What a hostile guest is told, to go for: everything but the secret."""
        status = os.fstat(self._open)
        return {
            "secret_file": str(self.file),
            "secret_folder": str(self.folder),
            "descriptor": self._open,
            "identity": (status.st_dev, status.st_ino),
            "port": self._port,
            "abstract": self._name,
            "host_pid": os.getpid(),
        }

    def reached(self) -> str:
        """Which of them a guest has reached since the last time; empty if none."""
        reached = []
        for name, one in self._sockets.items():
            if select.select([one], [], [], 0)[0]:
                one.accept()[0].close()
                reached.append(name)
        return " and ".join(reached)


def _open_again(descriptor: int) -> int:
    """The same under a number that no guest has by chance; inherited by every process that is
    started. On Windows it is the next number, and a process is given what its parent names.
    """
    if sys.platform == "win32":
        again = os.dup(descriptor)
        os.set_inheritable(again, True)
        return again
    import fcntl

    return fcntl.fcntl(descriptor, fcntl.F_DUPFD, 200)


def _set_variable(value: str | None) -> None:
    if value is None:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = value


def _listen_abstract(name: str) -> socket.socket:
    one = socket.socket(socket.AF_UNIX)
    one.bind("\0" + name)
    one.listen()
    return one
