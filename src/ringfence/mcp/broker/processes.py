"""A server that is a program: started with nothing of the operator's, read within bounds, ended.

The SDK's own transport reads a line however long it is; this one ends a server that sends more than
a message may have, or more messages than anybody asked for. What it writes to its standard error is
kept, a little of it, to say why it ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import mcp_types
from mcp.shared.message import SessionMessage

from ringfence.mcp.broker.flood import Flood, Meter
from ringfence.mcp.broker.life import Life
from ringfence.mcp.broker.outlines import Outline

__all__ = ["Program", "program_transport"]

_CHUNK = 64 << 10
_GRACE = 1.0
_TERM_GRACE = 1.0
_KEPT = 4_000
_FLUSH = 0.5


@dataclass(frozen=True)
class Program:
    """What is started.

    Attributes:
        command: the program, looked for in the environment's PATH.
        args: its arguments.
        env: all of its environment.
        cwd: its working folder.
        longest: bytes of one message of it.
        patience: seconds in which it has to read what it is sent.
    """

    command: str
    args: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    longest: int
    patience: float


@contextlib.asynccontextmanager
async def program_transport(program: Program, life: Life, meter: Meter) -> AsyncIterator[Any]:
    """Start a program, and give the two streams of its messages.

    At the end its input is closed; what then does not end is terminated, and what still does not is
    killed, with all that it started (in its process group).

    Raises:
        OSError: it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        program.command,
        *program.args,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(program.env),
        cwd=program.cwd,
        start_new_session=True,
        limit=_CHUNK,
    )
    incoming_send, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    outgoing, outgoing_receive = anyio.create_memory_object_stream[SessionMessage](0)
    tasks = [
        asyncio.create_task(_read(process, incoming_send, program.longest, life, meter)),
        asyncio.create_task(_write(process, outgoing_receive, life, meter, program.patience)),
        asyncio.create_task(_keep_errors(process, life)),
    ]
    try:
        yield incoming, outgoing
    finally:
        with anyio.CancelScope(shield=True):
            outgoing.close()
            await asyncio.wait(tasks[1:2], timeout=_FLUSH)
            await _end(process)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for stream in (incoming_send, incoming, outgoing, outgoing_receive):
                stream.close()


async def _read(
    process: asyncio.subprocess.Process,
    to: anyio.abc.ObjectSendStream[Any],
    longest: int,
    life: Life,
    meter: Meter,
) -> None:
    assert process.stdout is not None
    begun = bytearray()  # of a line: it may come byte by byte
    outline = Outline("line")
    why = ""
    try:
        while chunk := await process.stdout.read(_CHUNK):
            meter.read(len(chunk))
            outline.feed(chunk)
            *lines, rest = chunk.split(b"\n")
            for line in lines:
                whole = bytes(begun) + line
                begun.clear()
                message = _message(whole)
                meter.came(None if message is None else message.message)
                if message is not None:
                    await to.send(message)
            begun += rest
            if len(begun) > longest:
                raise Flood(f"it sent a message of more than {longest:,} bytes")
    except Flood as flood:
        why = str(flood)
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        pass  # the session was ended
    finally:
        life.end(why)
        await to.aclose()


def _message(line: bytes) -> SessionMessage | None:
    if not line.strip():
        return None
    try:
        return SessionMessage(mcp_types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError:
        return None  # what it prints beside the protocol


async def _write(
    process: asyncio.subprocess.Process,
    source: anyio.abc.ObjectReceiveStream[SessionMessage],
    life: Life,
    meter: Meter,
    patience: float,
) -> None:
    assert process.stdin is not None
    try:
        async for item in source:
            meter.asked()
            text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
            process.stdin.write(text.encode() + b"\n")
            async with asyncio.timeout(patience):
                await process.stdin.drain()
    except TimeoutError:
        life.end(f"it did not read what it was sent for {patience:g} s")
    except OSError:
        life.end("")


async def _keep_errors(process: asyncio.subprocess.Process, life: Life) -> None:
    assert process.stderr is not None
    while chunk := await process.stderr.read(_CHUNK):
        life.errors = (life.errors + chunk)[-_KEPT:]


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    if not await _ended(process, _GRACE):
        _signal_group(process.pid, signal.SIGTERM)
        await _ended(process, _TERM_GRACE)
    _signal_group(process.pid, signal.SIGKILL)  # what it started, if it left any
    await _ended(process, _TERM_GRACE)
    await _group_gone(process.pid)
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()  # a descendant that left the group may hold the pipes open


async def _ended(process: asyncio.subprocess.Process, seconds: float) -> bool:
    """Whether it exits in time. (``wait()`` would wait for its pipes as well.)"""
    deadline = asyncio.get_running_loop().time() + seconds
    while process.returncode is None:
        if asyncio.get_running_loop().time() >= deadline:
            return False
        await asyncio.sleep(0.005)
    return True


async def _group_gone(leader: int) -> None:
    """Wait until what was killed is dead; what cannot die is waited for a second at most."""
    deadline = asyncio.get_running_loop().time() + _TERM_GRACE
    while _lives(leader):
        if asyncio.get_running_loop().time() >= deadline:
            return
        await asyncio.sleep(0.005)


def _lives(leader: int) -> bool:
    """Whether a process of the group lives. Orphans that nobody reaps stay in it, and are dead."""
    try:
        os.killpg(leader, 0)
    except (ProcessLookupError, PermissionError):
        return False
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, group = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[:3]
            if int(group) == leader and state not in {"Z", "X"}:
                return True
    return False


def _signal_group(leader: int, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, which)
