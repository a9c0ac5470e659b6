"""A PostgreSQL server of the tests' own: in a temporary folder, on a Unix socket, and nowhere else."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from scripts.postgresql import programs

__all__ = ["PostgreSQL"]

_CONFIGURATION = """
listen_addresses = ''
fsync = off
max_connections = 60
shared_buffers = 16MB
"""


class PostgreSQL:
    """A server that is started, and can be stopped and started again. Use it in a ``with`` block.

    initdb refuses root, so as root everything of it runs as an ordinary user.
    """

    def __init__(self) -> None:
        found = programs()
        assert found is not None
        self._programs = found
        self._folder = Path(tempfile.mkdtemp(prefix="ringfence-postgresql-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = _ordinary_user()
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        try:
            self._run("initdb", "-D", self._data, "-U", "ringfence", "--auth=trust", "--no-sync",
                      "--encoding=UTF8", "--locale=C")  # fmt: skip
            with open(f"{self._data}/postgresql.conf", "a") as file:
                file.write(_CONFIGURATION + f"unix_socket_directories = '{self._folder}'\n")
            self.start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    @property
    def _data(self) -> str:
        return f"{self._folder}/data"

    def start(self) -> None:
        """Start it; returns when it answers."""
        self._run("pg_ctl", "-D", self._data, "-l", f"{self._folder}/log", "-w", "start")

    def stop(self) -> None:
        """Stop it at once, as when its machine fails."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def new_database(self) -> str:
        """The address of a database with nothing in it."""
        name = f"test_{next(self._numbers)}"
        self._run("createdb", "-h", str(self._folder), "-U", "ringfence", name)
        return f"postgresql://ringfence@/{name}?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would stay open as long as the server runs
            stderr=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            cwd=self._folder,
            text=True,
            check=False,
            **self._as,
        )
        assert done.returncode == 0, (program, done.stderr)


def _ordinary_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("neither postgres nor nobody is a user of this machine")
