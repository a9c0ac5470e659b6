"""Brokers over real servers, for the tests."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ringfence.errors import ToolRefused
from ringfence.mcp.broker.approvals import Approvals
from ringfence.mcp.broker.broker import Broker
from ringfence.mcp.broker.budget import CallBudget
from ringfence.mcp.broker.calls import RunIdentity
from ringfence.mcp.broker.configuration import ServerEntry
from ringfence.mcp.broker.rules import ToolRules

HERE = Path(__file__).parent
WILD = HERE / "servers" / "wild.py"
MODERN = HERE / "servers" / "modern.py"
RUN = RunIdentity("client", None, "run-1")

T = TypeVar("T")


class Noted:
    """A recorder that keeps what it is told."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, Mapping[str, Any]]] = []

    def note(self, kind: str, client: str, details: Mapping[str, Any]) -> None:
        self.rows.append((kind, client, dict(details)))

    async def flush(self) -> None:
        """Nothing waits."""

    async def ready(self) -> None:
        """There is room."""


def entry(
    name: str = "wild", *args: str, program: Path = WILD, origin: Any = "user", **more: Any
) -> ServerEntry:
    """A server of the tests'."""
    return ServerEntry(
        name,
        "stdio",
        origin,
        HERE / "mcp.json",
        command=sys.executable,
        args=(str(program), *args),
        cwd=str(HERE),
        **more,
    )


def broker(
    *servers: ServerEntry,
    allow: tuple[str, ...] = ("*.*",),
    approved: tuple[str, ...] = (),
    recorder: Noted | None = None,
    approvals: Path = Path("/nonexistent/approvals.json"),
    approve: Any = None,
    **budget: Any,
) -> Broker:
    return Broker(
        servers or (entry(),),
        ToolRules(allow, approved),
        approve=approve,
        budget=CallBudget(**budget),
        recorder=recorder or Noted(),
        approvals=Approvals(approvals),
    )


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run it, and let pass that it left no task behind."""

    async def whole() -> T:
        result = await coroutine
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left
        return result

    return asyncio.run(whole())


async def refusal(call: Coroutine[Any, Any, Any]) -> ToolRefused:
    """What a call was refused with."""
    try:
        value = await call
    except ToolRefused as error:
        return error
    raise AssertionError(f"it was not refused: {value!r}")


@contextlib.contextmanager
def modern_address() -> Iterator[str]:
    """The modern server over HTTP, on a port of its own."""
    with subprocess.Popen(
        [sys.executable, str(MODERN), "http"], stdout=subprocess.PIPE, text=True
    ) as serving:
        try:
            assert serving.stdout is not None
            yield f"http://127.0.0.1:{int(serving.stdout.readline())}/mcp"
        finally:
            serving.kill()


def alive(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def started(note: Path) -> list[int]:
    """The processes that a server with this note was."""
    lines = note.read_text().splitlines() if os.path.exists(note) else []
    return [int(line.split()[1]) for line in lines if line.startswith("start ")]
