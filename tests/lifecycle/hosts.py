"""Host processes of their own: to be killed, starved, forked and ended in every way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.leaks import guests_of

__all__ = ["FORK", "HERE", "Host", "await_guests", "run_host"]

HERE = Path(__file__).resolve().parents[2]
"""The repository."""

_HEAD = """
import json, os, signal, sys, threading
import ringfence
from ringfence import Limits, Policy, Sandbox

def tell(value):
    sys.stdout.write(json.dumps(value) + "\\n")
    sys.stdout.flush()

"""


FORK = """
import traceback

def in_child(work):
    "What work() returns in a forked child, or the error that it raises."
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            answer = work()
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(write, json.dumps(answer).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        answer = json.loads(stream.read() or b"null")
    assert os.waitpid(pid, 0)[1] == 0, answer
    return answer

"""
"""Source of ``in_child``, for hosts that fork."""


class Host:
    """A Python process that uses the library; it says things as lines of JSON (``tell``).

    Args:
        code: what it does; ``ringfence``, ``Sandbox``, ``Limits``, ``Policy``, ``tell`` are there.
        environment: more variables for it.
        python: more options for the interpreter.
    """

    def __init__(
        self, code: str, *, environment: dict[str, str] | None = None, python: tuple[str, ...] = ()
    ) -> None:
        # Its own folder for temporary files: what it leaves there is its own.
        self._folder = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [sys.executable, *python, "-c", _HEAD + textwrap.dedent(code)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TMPDIR": self._folder.name, **(environment or {})},
            cwd=HERE,
            text=True,
        )
        self.pid = self._process.pid

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
        self._folder.cleanup()

    def hear(self) -> Any:
        """The next thing that it says.

        Raises:
            AssertionError: it ended instead; the message is what it wrote to stderr.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            assert self._process.stderr is not None
            code = self._process.wait()
            raise AssertionError(f"the host ended with {code}:\n{self._process.stderr.read()}")
        return json.loads(line)

    def go_on(self) -> None:
        """Let it go on: it waits in ``sys.stdin.readline()``."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """SIGKILL, and wait."""
        self._process.kill()
        self._process.wait()

    def end(self) -> tuple[int, str, str]:
        """Wait until it ends by itself: exit code, the rest of stdout, stderr."""
        out, errors = self._process.communicate()
        return self._process.returncode, out, errors


def await_guests(host: Host, count: int) -> None:
    """Wait until so many guests are there, which is not told: starting one waits for nothing."""
    while len(guests_of(host.pid)) < count:
        assert host._process.poll() is None
    assert len(guests_of(host.pid)) == count


def run_host(code: str, **options: Any) -> list[Any]:
    """Run a host to its end; everything that it said.

    Raises:
        AssertionError: it failed, or wrote to stderr.
    """
    with Host(code, **options) as host:
        status, out, errors = host.end()
    assert (status, errors) == (0, ""), f"exit code {status}\n{out}\n{errors}"
    return list(_lines(out))


def _lines(out: str) -> Iterator[Any]:
    for line in out.splitlines():
        yield json.loads(line)
