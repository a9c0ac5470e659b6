"""One client over standard input and output."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.session import ClientRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CreateMessageRequestParams,
    CreateMessageResult,
    ElicitRequestParams,
    ElicitResult,
    ImageContent,
    TextContent,
)

from ringfence.mcp.setup.tokens import counter
from tests.mcp.server.serving import (
    all_ended,
    by_hand,
    descendants,
    environment,
    held,
    over_stdio,
    rows,
    run,
    store,
    text,
    value,
    with_wild,
)

ERAS = ["auto", "legacy"]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize("mode", ERAS)
def test_a_run_is_answered_with_its_result(tmp_path: Path, mode: str) -> None:
    async def main() -> None:
        told: asyncio.Queue[tuple[float, str | None]] = asyncio.Queue()

        async def progress(progress: float, total: float | None, message: str | None) -> None:
            told.put_nowait((progress, message))

        async with over_stdio(tmp_path, mode=mode) as client:
            ran = await client.call_tool(
                "run_python",
                {"code": "progress(0.5, 'half')\nprint(input())\n6 * 7", "stdin": "a line"},
                progress_callback=progress,
            )
            assert (text(ran), ran.is_error) == ("a line\n42", False)
            data = ran.structured_content
            assert (data["status"], data["value"], data["stdout"]) == ("ok", 42, "a line\n")
            assert data["walls"] == ["landlock", "namespaces", "seccomp"]
            assert await told.get() == (0.5, "half")  # the client may answer before it tells
            assert told.empty()

            failed = await run(client, "print('before')\n1 / 0")
            assert failed.is_error
            assert failed.structured_content["error"]["type"] == "ZeroDivisionError"
            assert text(failed).startswith("before\n[error]\nTraceback")

            late = await run(client, "while True: pass", timeout_seconds=0.2)
            assert late.structured_content["status"] == "limit"
            assert (await run(client, "'x' in globals()")).structured_content["value"] is False

            shown = await run(
                client,
                f"display(__import__('base64'), )\nclass P:\n"
                f"    def _repr_png_(self): return {PNG!r}\ndisplay(P())",
            )
            images = [one for one in shown.content if isinstance(one, ImageContent)]
            assert [(one.mime_type, base64.b64decode(one.data)) for one in images] == [
                ("image/png", PNG)
            ]
        (first, *_), outcomes = (
            rows(tmp_path, "mcp.run"),
            [one["outcome"] for one in rows(tmp_path, "mcp.run")],
        )
        assert outcomes == ["ok", "error", "limit", "ok", "ok"]
        assert (first["tenant"], first["run_id"]) == ("local", ran.structured_content["run_id"])

    asyncio.run(main())
    verified = subprocess.run(
        [sys.executable, "-m", "ringfence", "audit", "verify", "--database", store(tmp_path)],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stderr


def test_everything_listed_costs_less_than_2000_tokens(tmp_path: Path) -> None:
    async def main() -> None:
        more = {"RINGFENCE_MCP_PACKAGES": "numpy,pandas,matplotlib,scipy"}
        async with over_stdio(tmp_path, *with_wild(tmp_path), more=more) as client:
            tools = await client.list_tools()
            assert [one.name for one in tools.tools] == [
                "run_python",
                "list_sessions",
                "close_session",
                "search_tools",
            ]
            listed: list[Any] = [
                *tools.tools,
                *(await client.list_prompts()).prompts,
                *(await client.list_resource_templates()).resource_templates,
                *(await client.list_resources()).resources,
            ]
            whole = (client.instructions or "") + "".join(
                one.model_dump_json(by_alias=True, exclude_none=True) for one in listed
            )
            assert counter().count(whole) < 2_000

    asyncio.run(main())


def test_a_session_keeps_variables_and_files_until_it_is_closed(tmp_path: Path) -> None:
    async def main() -> None:
        async with over_stdio(tmp_path, "--max-sessions", "2") as client:
            code = (
                "x = 5\nopen('a b.txt', 'w').write('hello')\nopen('raw.bin', 'wb').write(b'\\0\\xff')"
                "\nopen('%2e%2e.txt', 'w').write('odd')"
            )
            await run(client, code, session_id="s")
            assert value(await run(client, "x", session_id="s")) == 5
            listed = (await client.list_resources()).resources
            prefix = "ringfence://sessions/s/files/"
            assert [(one.uri, one.size) for one in listed] == [
                (f"{prefix}%252e%252e.txt", 3),
                (f"{prefix}a%20b.txt", 5),
                (f"{prefix}raw.bin", 2),
            ]
            assert held(await client.read_resource(f"{prefix}a%20b.txt")) == "hello"
            assert held(await client.read_resource(f"{prefix}raw.bin")) == b"\0\xff"
            for hostile in (
                f"{prefix}../../../etc/passwd",
                f"{prefix}%2e%2e.txt",
                f"{prefix}a b.txt",
                f"{prefix}a%20b.txt%00",
                "ringfence://sessions/other/files/a%20b.txt",
                "file:///etc/passwd",
                prefix + "x" * 5_000,
            ):
                with pytest.raises(MCPError) as raised:
                    await client.read_resource(hostile)
                assert raised.value.error.message == "there is no such resource"

            await run(client, "1", session_id="t")
            full = await run(client, "1", session_id="u")
            assert full.is_error and "you have 2 sessions, which is the most (s, t)" in text(full)
            kept = (await client.call_tool("list_sessions")).structured_content["sessions"]
            assert [(one["session_id"], one["runs"]) for one in kept] == [("s", 2), ("t", 1)]
            closed = await client.call_tool("close_session", {"session_id": "s"})
            assert closed.structured_content == {"closed": "s"}
            again = await client.call_tool("close_session", {"session_id": "s"})
            assert again.is_error and text(again) == "There is no session s."
            fresh = await run(client, "x", session_id="s")
            assert fresh.structured_content["error"]["type"] == "NameError"

            died = await run(client, "import os; os._exit(3)", session_id="s")
            assert died.structured_content["status"] == "crashed"
            assert died.structured_content["notices"] == [
                "the session s has ended: its variables and files are gone"
            ]

    asyncio.run(main())


def test_wrong_arguments_are_told_field_by_field(tmp_path: Path) -> None:
    async def main() -> None:
        async with over_stdio(tmp_path) as client:
            wrong = await client.call_tool(
                "run_python",
                {
                    "code": 5,
                    "session_id": "../x",
                    "timeout_seconds": True,
                    "engine": "remote",
                    "packages": ["numpy"],
                    "allowed_tools": "all",
                    "more": None,
                    "other": {},
                },
            )
            assert wrong.is_error
            fields = [(one["field"], one["got"]) for one in wrong.structured_content["errors"]]
            assert fields == [
                ("code", "5"),
                ("session_id", "'../x'"),
                ("timeout_seconds", "True"),
                ("engine", "'remote'"),
                ("packages", "a list of 1"),
                ("allowed_tools", "'all'"),
                ("more", "None"),
                ("other", "an object of 0"),
            ]
            nothing = await client.call_tool("run_python", {})
            assert nothing.structured_content["errors"] == [
                {"field": "code", "expected": "Python source", "got": "nothing"}
            ]
            with pytest.raises(MCPError, match="there is no such tool"):
                await client.call_tool("rm", {})
            with pytest.raises(MCPError, match="there is no such prompt"):
                await client.get_prompt("rm")
            prompt = await client.get_prompt("write_python", {"task": "count words"})
            (message,) = prompt.messages
            assert isinstance(message.content, TextContent)
            assert message.content.text.endswith("The task:\ncount words")

    asyncio.run(main())


@pytest.mark.parametrize("mode", ERAS)
def test_cancelling_kills_a_guest_that_spins(tmp_path: Path, mode: str) -> None:
    async def main() -> None:
        async with over_stdio(tmp_path, mode=mode) as client:
            with anyio.CancelScope() as scope:

                async def progress(
                    progress: float, total: float | None, message: str | None
                ) -> None:
                    scope.cancel()

                await client.call_tool(
                    "run_python",
                    {"code": "progress(0.1)\nwhile True: pass", "timeout_seconds": 200},
                    progress_callback=progress,
                )
            assert scope.cancelled_caught
            assert value(await run(client, "1 + 1")) == 2
        assert sorted(one["outcome"] for one in rows(tmp_path, "mcp.run")) == ["cancelled", "ok"]

    asyncio.run(main())


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (ElicitResult(action="accept", content={"allow": True}), "allowed"),
        (ElicitResult(action="accept", content={"allow": False}), "refused"),
        (ElicitResult(action="decline"), "refused"),
        (None, "not asked: the client does not support elicitation"),
    ],
)
def test_a_person_approves_of_destructive_tools(
    tmp_path: Path, mode: str, answer: ElicitResult | None, outcome: str
) -> None:
    asked: list[str] = []

    async def elicited(_: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        assert answer is not None
        return answer

    async def main() -> None:
        given: dict[str, Any] = {} if answer is None else {"elicitation_callback": elicited}
        async with over_stdio(tmp_path, *with_wild(tmp_path), mode=mode, **given) as client:
            ran = await run(
                client,
                "a = await call_mcp_tool('mcp__wild__add', {'a': 1, 'b': 2})\n"
                "try:\n    r = await call_mcp_tool('mcp__wild__remove', {'path': '/x\\u202e'})\n"
                "except Exception as error:\n    r = str(error)\n"
                "[a, 'approv' in str(r)]",
            )
            assert value(ran) == [{"sum": 3}, outcome != "allowed"], ran
        (approval,) = rows(tmp_path, "mcp.approval")
        assert (approval["tool"], approval["outcome"]) == ("mcp__wild__remove", outcome)
        assert len(asked) == (answer is not None)
        if asked:
            assert "mcp__wild__remove" in asked[0]
            assert 'path = "/x\\u202e"' in asked[0]

    asyncio.run(main())


@pytest.mark.parametrize("mode", ERAS)
def test_the_clients_model_answers_a_guest_that_may_ask(tmp_path: Path, mode: str) -> None:
    async def sampled(_: ClientRequestContext, params: CreateMessageRequestParams) -> Any:
        asked = params.messages[0].content
        assert isinstance(asked, TextContent)
        said = TextContent(text=f"{asked.text}?")
        return CreateMessageResult(role="assistant", content=said, model="m")

    async def main() -> None:
        options = ("--sampling", "client")
        async with over_stdio(tmp_path, *options, mode=mode, sampling_callback=sampled) as client:
            code = "import asyncio\nawait asyncio.gather(llm.ask('a'), llm.ask('b'))"
            assert value(await run(client, code)) == ["a?", "b?"]
        assert [one["outcome"] for one in rows(tmp_path, "mcp.sampling")] == ["ok", "ok"]

    asyncio.run(main())


def test_secrets_of_servers_do_not_reach_a_model(tmp_path: Path) -> None:
    heard: list[str] = []

    async def sampled(_: ClientRequestContext, params: CreateMessageRequestParams) -> Any:
        asked = params.messages[0].content
        assert isinstance(asked, TextContent)
        heard.append(asked.text)
        return CreateMessageResult(
            role="assistant", content=TextContent(text="orchid-7719"), model="m"
        )

    async def main() -> None:
        options = with_wild(tmp_path, "--sampling", "client", env={"WORD": "${env:WORD}"})
        given = {"WORD": "orchid-7719"}
        async with over_stdio(tmp_path, *options, more=given, sampling_callback=sampled) as client:
            code = "said = await call_mcp_tool('mcp__wild__echo', {'text': 'orchid-7719'})\n"
            answer = value(await run(client, code + "await llm.ask(f'what is {said}?')"))
        assert (heard, answer) == (["what is [redacted]?"], "[redacted]")

    asyncio.run(main())


def test_tools_of_others_are_found_and_only_those_of_the_list(tmp_path: Path) -> None:
    async def main() -> None:
        async with over_stdio(tmp_path, *with_wild(tmp_path)) as client:
            found = await client.call_tool("search_tools", {"query": "echo text", "limit": 1})
            (one,) = found.structured_content["tools"]
            assert (one["name"], one["needs_approval"]) == ("mcp__wild__echo", False)
            narrowed = await run(
                client,
                "try:\n    r = await call_mcp_tool('mcp__wild__echo', {'text': 'a'})\n"
                "except Exception as error:\n    r = str(error)\nr",
                allowed_tools=["wild.add"],
            )
            assert "allowed_tools" in value(narrowed)
            module = await run(
                client, "from mcp_tools import wild\nawait wild.echo(text='hi')", session_id="s"
            )
            assert "hi" in str(value(module))

    asyncio.run(main())


def test_settings_of_the_project_that_switch_on_change_nothing(tmp_path: Path) -> None:
    (tmp_path / ".code-executor.json").write_text('{"executors": {"python": {"enabled": true}}}')

    async def main() -> None:
        async with over_stdio(tmp_path) as client:
            assert value(await run(client, "2")) == 2

    asyncio.run(main())


def test_what_a_guest_writes_never_reaches_the_wire(tmp_path: Path) -> None:
    with by_hand(tmp_path) as server:
        server.shake_hands()
        forged = '{"jsonrpc": "2.0", "id": 2, "result": {"forged": true}}\\n'
        code = (
            f"import os, sys\nfor fd in (1, 2):\n    os.write(fd, b'{forged}')\nprint('{forged}')"
        )
        number = server.ask("tools/call", {"name": "run_python", "arguments": {"code": code}})
        answer = server.answer(number)
        assert "forged" not in answer["result"]
        assert answer["result"]["structuredContent"]["status"] == "ok"


def test_a_flood_and_bytes_that_are_no_messages_are_survived(tmp_path: Path) -> None:
    more = {
        "RINGFENCE_MCP_RUNNING": "1",
        "RINGFENCE_MCP_QUEUE": "2",
        "RINGFENCE_MCP_REQUEST_BYTES": "100000",
    }
    with by_hand(tmp_path, more=more) as server:
        server.shake_hands()
        server.send(b"not json\n\n\xff\xfe\n[]\n" + b"[" * 50_000 + b"\n" + b"x" * 300_000 + b"\n")
        spinning = server.spin()
        call = {"name": "run_python", "arguments": {"code": "1 + 1"}}
        numbers = [server.ask("tools/call", call) for _ in range(20)]
        refused = 0
        while refused < 18:
            answer = server.heard(lambda frame: frame.get("id") in numbers)
            assert "too much to do" in answer["result"]["structuredContent"]["refused"]
            refused += 1
        cancelled = {"requestId": spinning}
        frame = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled}
        server.send(json.dumps(frame).encode() + b"\n")
        for _ in range(2):
            answer = server.heard(lambda frame: frame.get("id") in numbers)
            assert answer["result"]["structuredContent"]["value"] == 2


@pytest.mark.parametrize("how", ["closed", signal.SIGTERM, signal.SIGINT])
def test_no_process_is_left_behind(tmp_path: Path, how: Any) -> None:
    with by_hand(tmp_path, *with_wild(tmp_path)) as server:
        server.shake_hands()
        call = {"name": "search_tools", "arguments": {"query": "echo"}}
        server.answer(server.ask("tools/call", call))
        server.spin()
        with descendants(server.process.pid) as below:
            assert len(below) >= 3  # a zygote, a guest and the other server
            if how == "closed":
                server.stdin.close()
            else:
                server.process.send_signal(how)
            assert server.process.wait(30) == 0
            assert all_ended(below)


def test_settings_that_are_wrong_are_told_by_name(tmp_path: Path) -> None:
    for more, words in (
        ({"RINGFENCE_MCP_ENGINES": "native"}, "RINGFENCE_MCP_ENGINES: there is no such setting"),
        ({"RINGFENCE_MCP_LEVEL": "none"}, "must be one of full, landlock, seccomp"),
        ({"RINGFENCE_MCP_TIMEOUT": "400"}, "timeout=400 is more than most_timeout=300"),
    ):
        ended = subprocess.run(
            [sys.executable, "-m", "ringfence", "mcp"],
            env=environment(tmp_path, more),
            input="",
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode, ended.stdout) == (2, "")
        assert words in ended.stderr
