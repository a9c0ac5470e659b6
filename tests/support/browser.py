"""A real browser for tests: Debian's Chromium, headless, spoken to over a pipe (DevTools Protocol).

It is started without the services that it has for people, with an empty profile. As root on Debian it
is installed if it is missing; elsewhere tests that need it skip, and say so.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["Browser", "browser_path"]

_PATIENCE = 60.0
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=LocalNetworkAccessChecks",  # pages may fetch from 127.0.0.1
    "--no-proxy-server",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)


@cache
def browser_path() -> tuple[str | None, str]:
    """Where it is, or why it is not."""
    found = shutil.which("chromium")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            done = subprocess.run(
                ["apt-get", *command], check=False, capture_output=True, text=True
            )
            if done.returncode:
                return None, f"apt-get {command[0]} failed: {done.stderr.strip()[-200:]}"
        found = shutil.which("chromium")
    return found, "" if found else "chromium is not installed (as root: apt-get install chromium)"


def _above(fd: int) -> int:
    """The same descriptor beyond those that the browser's are moved to."""
    high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(fd)
    return high


class Browser:
    """One browser with one page. Use it in a ``with`` block.

    Args:
        path: of the program.
        width: of the page, in pixels.
        height: the same.
    """

    def __init__(self, path: str, width: int = 1000, height: int = 900) -> None:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        ends = [high for end in (*os.pipe(), *os.pipe()) for high in [_above(end)]]
        reads, self._out, self._in, writes = ends
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        arguments = [
            path, *_FLAGS, *sandbox, f"--window-size={width},{height}",
            f"--user-data-dir={self._profile.name}", "about:blank",
        ]  # fmt: skip
        null = os.open(os.devnull, os.O_RDWR)
        plan = [(null, 0), (null, 1), (null, 2), (reads, 3), (writes, 4)]
        self._pid = os.posix_spawn(
            path,
            arguments,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, source, target) for source, target in plan],
        )
        for fd in (null, reads, writes):
            os.close(fd)
        self._numbers = itertools.count(1)
        self._buffer = b""
        self.events: list[dict[str, Any]] = []
        try:
            self._attach()
        except BaseException:
            self.close()
            raise

    def _attach(self) -> None:
        target = self.ask("Target.createTarget", url="about:blank", session=None)
        attached = self.ask(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True, session=None
        )
        self._session = attached["sessionId"]
        self.ask("Target.setDiscoverTargets", discover=True, session=None)
        for domain in ("Page", "Network", "Runtime"):
            self.ask(f"{domain}.enable")

    _session: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(RuntimeError, OSError):
            self.ask("Browser.close", session=None)
        os.waitpid(self._pid, 0)
        os.close(self._in)
        os.close(self._out)
        self._profile.cleanup()

    def ask(self, method: str, *, session: Any = ..., **params: Any) -> dict[str, Any]:
        """One command of the protocol, and its answer."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        session = self._session if session is ... else session
        if session is not None:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + _PATIENCE
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            data = os.read(self._in, 1 << 20) if ready else b""
            if not data:
                raise RuntimeError("the browser does not answer")
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def open(self, url: str) -> None:
        """Go to a page, and wait until it and all its frames are loaded."""
        self.events.clear()
        self.ask("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, as a debugger has it."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def click(self, x: float, y: float) -> None:
        """Click as a person does."""
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def screenshot(self, path: Path) -> None:
        """The whole page as a PNG."""
        answer = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(answer["data"]))
