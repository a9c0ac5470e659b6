"""A client over standard input and output that means no good, or is badly made."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.mcp.server.serving import (
    ByHand,
    all_ended,
    by_hand,
    command,
    descendants,
    environment,
)

INITIALIZED = b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n'


def resident(process: subprocess.Popen[bytes]) -> int:
    """MiB of a process."""
    text = Path(f"/proc/{process.pid}/statm").read_text()
    return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


def taken(server: ByHand, data: bytes, most: int) -> int:
    """How many bytes of endless repetitions of some the server takes, before it takes no more."""
    descriptor = server.stdin.fileno()
    os.set_blocking(descriptor, False)
    sent, left = 0, memoryview(data)
    while sent < most and select.select([], [descriptor], [], 3)[1]:
        written = os.write(descriptor, left)
        sent, left = sent + written, left[written:] or memoryview(data)
    os.set_blocking(descriptor, True)
    return sent


@pytest.mark.parametrize("how", ["closed", signal.SIGTERM])
def test_a_client_that_reads_nothing_does_not_hold_the_server(tmp_path: Path, how: Any) -> None:
    with by_hand(tmp_path) as server:
        server.shake_hands()
        large = {"name": "run_python", "arguments": {"code": "'x' * (3 << 20)"}}
        server.ask("tools/call", large)
        assert select.select([server.stdout], [], [], 30)[0]  # and it is not read
        with descendants(server.process.pid) as below:
            if how == "closed":
                server.stdin.close()
            else:
                server.process.send_signal(how)
            assert server.process.wait(30) == 0
            assert all_ended(below)


def test_whoever_reads_no_answers_is_not_heard_for_ever(tmp_path: Path) -> None:
    call = {"name": "list_sessions", "arguments": {"x": 1}}
    frame = {"jsonrpc": "2.0", "id": "i" * 100_000, "method": "tools/call", "params": call}
    with by_hand(tmp_path) as server:
        server.shake_hands()
        before = resident(server.process)
        assert taken(server, json.dumps(frame).encode() + b"\n", 200 << 20) < 64 << 20
        assert resident(server.process) - before < 150
        server.stdin.close()
        assert server.process.wait(30) == 0


def test_a_client_that_goes_in_the_middle_of_a_line_ends_the_server(tmp_path: Path) -> None:
    with by_hand(tmp_path) as server:
        server.shake_hands()
        server.send(b'{"jsonrpc": "2.0", "id": 9, "method": "pi')
        server.stdin.close()
        assert server.process.wait(30) == 0
        assert server.stdout.read() == b""


def test_what_is_cancelled_answered_or_begun_out_of_turn_changes_nothing(tmp_path: Path) -> None:
    with by_hand(tmp_path) as server:
        server.shake_hands()
        for frame in (
            {"method": "notifications/cancelled", "params": {"requestId": 777}},
            {"method": "notifications/cancelled", "params": {"requestId": "none"}},
            {"method": "notifications/cancelled", "params": {}},
            {"method": "notifications/progress", "params": {"progressToken": 1, "progress": 2}},
            {"method": "notifications/\x1b[2J", "params": {}},
            {"id": 999, "result": {"action": "accept", "content": {"allow": True}}},
            {"id": None, "error": {"code": 1, "message": "x"}},
        ):
            server.send(json.dumps({"jsonrpc": "2.0", **frame}).encode() + b"\n")
        call = {"name": "run_python", "arguments": {"code": "6 * 7"}}
        answer = server.answer(server.ask("tools/call", call))
        assert answer["result"]["structuredContent"]["value"] == 42


def test_two_runs_with_one_progress_token_are_answered_each_with_its_own(tmp_path: Path) -> None:
    with by_hand(tmp_path) as server:
        server.shake_hands()
        numbers = [
            server.ask(
                "tools/call",
                {
                    "name": "run_python",
                    "arguments": {"code": f"progress(0.5)\n{number}"},
                    "_meta": {"progressToken": "same"},
                },
            )
            for number in range(4)
        ]
        found: dict[int, int] = {}
        while len(found) < 4:
            frame = server.heard(lambda one: one.get("id") in numbers)
            found[frame["id"]] = frame["result"]["structuredContent"]["value"]
        assert found == dict(zip(numbers, range(4), strict=True))


def test_what_a_client_sends_does_not_act_on_the_terminal_of_its_operator(tmp_path: Path) -> None:
    hostile = "\x1b]0;owned\x07\u202e"
    ended = subprocess.run(
        command(tmp_path),
        input=b"".join(
            json.dumps({"jsonrpc": "2.0", **one}).encode() + b"\n"
            for one in (
                {"id": 1, "method": hostile},
                {"method": f"notifications/{hostile}", "params": {}},
                {
                    "method": "notifications/cancelled",
                    "params": {"requestId": hostile, "x": hostile},
                },
                {"id": hostile, "method": "tools/call", "params": {"name": hostile}},
                {"id": 2, "method": "resources/read", "params": {"uri": hostile}},
                {"id": 3, "method": "initialize", "params": {"protocolVersion": hostile}},
            )
        )
        + b"\x1b[31m not json\n",
        env=environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert b"\x1b" not in ended.stderr
    assert b"\x1b" not in ended.stdout


@pytest.mark.parametrize(
    ("store", "status", "words"),
    [
        ("redis://x", 2, "store='redis://x' must be"),
        ("sqlite:////proc/nowhere/audit.db", 6, "/proc/nowhere/audit.db"),
    ],
)
def test_a_database_that_cannot_be_had_ends_it_and_nothing_was_run(
    tmp_path: Path, store: str, status: int, words: str
) -> None:
    with subprocess.Popen(
        [*command(tmp_path), "--store", store],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(tmp_path),
        cwd=tmp_path,
        text=True,
    ) as process:
        assert (
            process.stdin is not None and process.stdout is not None and process.stderr is not None
        )
        call = {"name": "run_python", "arguments": {"code": "42"}}
        frames: list[dict[str, Any]] = [
            {
                "id": 1,
                "method": "initialize",
                "params": {
                    "protocolVersion": "2025-06-18",
                    "capabilities": {},
                    "clientInfo": {"name": "by hand", "version": "1"},
                },
            },
            {"id": 2, "method": "tools/call", "params": call},
        ]
        for frame in frames:
            try:
                process.stdin.write(json.dumps({"jsonrpc": "2.0", **frame}) + "\n")
                process.stdin.flush()
            except BrokenPipeError:
                break  # it has ended already
        assert process.wait(60) == status
        assert words in process.stderr.read()
        assert '"value"' not in process.stdout.read()
