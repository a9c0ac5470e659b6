"""Calls of tools, of servers that are well and of servers that are not."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringfence.errors import ConfigurationError, FieldProblem
from ringfence.mcp.broker.calls import ApprovalRequest, RunIdentity
from ringfence.mcp.broker.configuration import ServerEntry
from ringfence.mcp.broker.rules import Narrowing, ToolRules
from tests.mcp.broker.serving import MODERN, RUN, Noted, broker, entry, modern_address, refusal, run


def test_a_call_and_its_rows() -> None:
    noted = Noted()

    async def scenario() -> None:
        async with broker(recorder=noted) as one:
            view = one.view(RUN)
            assert await view.call("mcp__wild__add", {"a": 2, "b": 3}) == {"sum": 5}
            assert await view.call("mcp__wild__echo", {"text": "secret"}) == "secret"
            await refusal(view.call("mcp__wild__echo", {"text": 1}))
            await refusal(view.call("mcp__wild__fails", {}))
            assert view.calls == 4

    run(scenario())
    kinds = [(kind, client, row["tool"], row["outcome"]) for kind, client, row in noted.rows]
    assert kinds == [
        ("mcp.tool", "client", "mcp__wild__add", "ok"),
        ("mcp.tool", "client", "mcp__wild__echo", "ok"),
        ("mcp.denied", "client", "mcp__wild__echo", "arguments"),
        ("mcp.tool", "client", "mcp__wild__fails", "server"),
    ]
    row = noted.rows[0][2]
    assert row["arguments_sha256"] == hashlib.sha256(b'{"a":2,"b":3}').hexdigest()
    assert row["result_sha256"] == hashlib.sha256(b'{"sum":5}').hexdigest()
    assert row["run_id"] == "run-1"
    assert set(row) == {"tool", "run_id", "arguments_sha256", "result_sha256", "outcome", "ms"}
    assert "secret" not in str(noted.rows)


def test_fifty_calls_at_once() -> None:
    async def scenario() -> None:
        async with broker() as one:
            view = one.view(RUN)
            calls = (view.call("mcp__wild__add", {"a": n, "b": 1}) for n in range(50))
            assert await asyncio.gather(*calls) == [{"sum": n + 1} for n in range(50)]
            assert one.connections["wild"].starts == 1

    run(scenario())


def test_arguments_that_do_not_match_are_told_field_by_field_and_not_sent(tmp_path: Path) -> None:
    note = tmp_path / "note"

    async def scenario() -> None:
        async with broker(entry("wild", "", str(note))) as one:
            error = await refusal(one.view(RUN).call("mcp__wild__add", {"a": "1"}))
            assert error.code == "arguments"
            assert error.errors == (
                FieldProblem("arguments.b", "integer", "nothing"),
                FieldProblem("arguments.a", "integer", "string '1'"),
            )
            assert str(error) == (
                "mcp__wild__add was not called: mend the arguments\n"
                "- arguments.b: expected integer, got nothing\n"
                "- arguments.a: expected integer, got string '1'"
            )
            bad: list[Any] = [[], "x", {"text": b"x"}]
            for wrong in bad:
                found = await refusal(one.view(RUN).call("mcp__wild__echo", wrong))
                assert found.code == "arguments"

    run(scenario())
    assert "add" not in note.read_text()


@pytest.mark.parametrize(
    ("tool", "code", "words"),
    [
        ("wrong_result", "result", "\n- result.n: expected integer, got string 'seven'"),
        ("no_result", "result", "gave no structured result"),
        ("not_a_result", "result", "what the protocol does not have"),
        ("fails", "server", "mcp__wild__fails failed: no such  [31mfile"),
        ("die", "server", "may or may not have been done (it ended by itself)"),
        ("flood", "server", "it sends more messages than anybody asked for"),
        ("amplifies", "server", "it sent a message of more than 300,000 values"),
        ("flood_of_questions", "server", "it asks more than anybody answers"),
        ("flood_of_bytes", "server", "it sends more bytes than anybody asked for"),
        ("long_line", "server", "it sent a message of more than 9,437,184 bytes"),
    ],
)
def test_what_goes_wrong_is_told_and_the_next_call_is_answered(
    tool: str, code: str, words: str
) -> None:
    async def scenario() -> None:
        async with broker() as one:
            view = one.view(RUN)
            error = await refusal(view.call(f"mcp__wild__{tool}", {}))
            assert error.code == code
            assert words in str(error)
            assert await view.call("mcp__wild__echo", {"text": "there"}) == "there"

    run(scenario())


def test_a_result_is_capped() -> None:
    async def scenario() -> None:
        async with broker(result_bytes=100_000) as one:
            view = one.view(RUN)
            assert await view.call("mcp__wild__large", {"size": 90_000}) == "x" * 90_000
            error = await refusal(view.call("mcp__wild__large", {"size": 110_000}))
            assert (error.code, error.errors) == (
                "result",
                (FieldProblem("result", "at most 100,000 bytes", "more"),),
            )

    run(scenario())


def test_texts_may_have_any_number_of_commas_and_brackets() -> None:
    async def scenario() -> None:
        async with broker() as one:
            found = await one.view(RUN).call("mcp__wild__many_commas", {})
            assert found == '[,{\\"' * 300_000

    run(scenario())


def test_content_that_is_no_text_comes_as_dicts() -> None:
    async def scenario() -> None:
        async with broker() as one:
            assert await one.view(RUN).call("mcp__wild__picture", {}) == [
                {"type": "text", "text": "a dot"},
                {"type": "image", "data": "AAAA", "mimeType": "image/png"},
            ]

    run(scenario())


def test_what_a_server_asks_of_the_client_is_declined() -> None:
    async def scenario() -> None:
        async with broker(entry(), entry("modern", program=MODERN)) as one:
            view = one.view(RUN)
            assert await view.call("mcp__wild__asks", {}) == "[true, true, true]"
            error = await refusal(view.call("mcp__modern__ask", {}))
            assert error.code == "server"
            assert "that is not offered to servers here" in str(error)
            assert await view.call("mcp__modern__poll", {}) == "after 3"
            assert await view.call("mcp__modern__add_one", {"n": 1}) == {"n": 2}

    run(scenario())


def test_nothing_is_allowed_by_default() -> None:
    async def scenario() -> None:
        async with broker(allow=()) as one:
            view = one.view(RUN)
            assert await view.tools() == []
            error = await refusal(view.call("mcp__wild__echo", {"text": "x"}))
            assert error.code == "unknown"
            assert one.connections["wild"].starts == 0  # nothing was started for it

    run(scenario())


def test_a_server_s_name_allows_what_says_that_it_destroys_nothing() -> None:
    async def scenario() -> None:
        async with broker(allow=("wild",), approved=("wild.*",)) as one:
            view = one.view(RUN)
            offered = {tool.tool for tool in await view.tools()}
            assert "echo" in offered
            assert not offered & {"remove", "silent"}
            for name in ("remove", "silent"):
                error = await refusal(view.call(f"mcp__wild__{name}", {}))
                assert error.code == "not-allowed"
            (echo,) = [tool for tool in await view.tools() if tool.tool == "echo"]
            assert not ToolRules().allows(echo)
            assert not ToolRules(approved=["*.*"]).may_name("wild")

    run(scenario())


def test_a_caller_only_narrows() -> None:
    async def scenario() -> None:
        async with broker(allow=("wild.echo", "wild.add")) as one:
            view = one.view(RUN, ["wild.a*", "wild.sleep", "other"])
            assert [tool.name for tool in await view.tools()] == ["mcp__wild__add"]
            error = await refusal(view.call("mcp__wild__echo", {"text": "x"}))
            assert (error.code, str(error)) == (
                "not-allowed",
                "mcp__wild__echo is not among this run's allowed_tools",
            )
            error = await refusal(view.call("mcp__wild__sleep", {}))
            assert error.code == "not-allowed"
            assert "--allow wild.sleep" in str(error)
            assert await one.view(RUN, []).tools() == []
            error = await refusal(one.view(RUN).call("mcp__wild__ecko", {}))
            assert error.code == "unknown"
            assert "did you mean mcp__wild__echo or mcp__wild__add?" in str(error)
            for name in ("echo", "mcp__", "mcp__wild", "mcp__other__echo", "", 3, "mcp__wild__\0"):
                found = await refusal(view.call(name, {}))  # type: ignore[arg-type]
                assert found.code == "unknown"

    run(scenario())


def test_a_destructive_tool_is_asked_about(tmp_path: Path) -> None:
    note = tmp_path / "note"
    asked: list[ApprovalRequest] = []
    answers: list[Any] = [True, False, "yes", RuntimeError("x")]

    async def approve(request: ApprovalRequest) -> Any:
        asked.append(request)
        request.arguments["path"] = "changed"  # type: ignore[index]
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def scenario() -> None:
        async with broker(entry("wild", "", str(note)), approve=approve) as one:
            view = one.view(RUN)
            assert await view.call("mcp__wild__remove", {"path": "a"}) == "did remove"
            for _ in range(3):
                error = await refusal(view.call("mcp__wild__remove", {"path": "a"}))
                assert error.code == "approval"
            assert await view.call("mcp__wild__echo", {"text": "x"}) == "x"
            # A tool that does not say is as one that destroys.
            nobody = broker(entry("other"))
            async with nobody:
                for tool in ("remove", "silent"):
                    found = await refusal(nobody.view(RUN).call(f"mcp__other__{tool}", {}))
                    assert found.code == "approval"
        trusting = broker(approved=("wild.silent",))
        async with trusting:
            assert await trusting.view(RUN).call("mcp__wild__silent", {}) == "did silent"

    run(scenario())
    assert note.read_text().count("remove") == 1
    assert 'remove {"path": "a"}' in note.read_text()  # and not what who was asked made of it
    assert [(one.tool.name, one.run) for one in asked] == [("mcp__wild__remove", RUN)] * 4


def test_who_does_not_answer_in_time_says_no() -> None:
    async def approve(_: ApprovalRequest) -> bool:
        await asyncio.Event().wait()
        return True

    async def scenario() -> None:
        async with broker(approve=approve, approval_timeout=0.05) as one:
            error = await refusal(one.view(RUN).call("mcp__wild__remove", {"path": "a"}))
            assert (error.code, "nobody approved of it" in str(error)) == ("approval", True)

    run(scenario())


def test_a_person_is_not_worn_down() -> None:
    asked, most = 0, 0
    answer = asyncio.Event()

    async def approve(_: ApprovalRequest) -> bool:
        nonlocal asked, most
        asked += 1
        most = max(most, asked)
        await answer.wait()
        return False

    async def scenario() -> None:
        async with broker(approve=approve) as one:
            view = one.view(RUN)
            await view.tools()
            calls = [
                asyncio.ensure_future(refusal(view.call("mcp__wild__remove", {"path": str(n)})))
                for n in range(50)
            ]
            while asked < 3:
                await asyncio.sleep(0)
            assert await view.call("mcp__wild__echo", {"text": "x"}) == "x"
            assert asked == 3  # the others wait
            answer.set()
            told = [str(error) for error in await asyncio.gather(*calls)]
            assert sum("nobody approved of it" in one for one in told) == 3
            assert sum("nobody is asked about more" in one for one in told) == 47
            other = await refusal(one.view(RUN).call("mcp__wild__remove", {"path": "a"}))
            assert "nobody approved of it" in str(other)
        assert asked == 4

    run(scenario())


def test_a_tool_that_changes_while_somebody_is_asked_about_it_is_not_called(tmp_path: Path) -> None:
    note = tmp_path / "note"

    async def scenario() -> None:
        async def approve(request: ApprovalRequest) -> bool:
            if request.arguments["path"] == "turns":
                await one.view(RUN).call("mcp__wild__change", {})
            return True

        async with broker(entry("wild", "", str(note)), approve=approve) as one:
            view = one.view(RUN)
            assert await view.call("mcp__wild__remove", {"path": "a"}) == "did remove"
            error = await refusal(view.call("mcp__wild__remove", {"path": "turns"}))
            assert (error.code, "its server changed it" in str(error)) == ("approval", True)
            assert await view.call("mcp__wild__remove", {"path": "b"}) == "did remove"

    run(scenario())
    assert "turns" not in note.read_text()


def test_nobody_is_asked_after_the_run_s_end() -> None:
    asked = 0

    async def approve(_: ApprovalRequest) -> bool:
        nonlocal asked
        asked += 1
        await asyncio.Event().wait()
        return True

    async def scenario() -> None:
        async with broker(approve=approve) as one:
            view = one.view(RUN)
            await view.tools()
            calls = [
                asyncio.ensure_future(refusal(view.call("mcp__wild__remove", {"path": "a"})))
                for _ in range(10)
            ]
            while asked < 3:
                await asyncio.sleep(0)
            await view.close()
            codes = [error.code for error in await asyncio.gather(*calls)]
            assert sorted(codes) == ["approval"] * 3 + ["budget"] * 7
        assert asked == 3

    run(scenario())


def test_what_a_run_has_under_way_is_bounded() -> None:
    """A megabyte of nulls is a quarter of a million values, of which a thousand calls could wait."""

    async def scenario() -> None:
        async with broker() as one:
            view = one.view(RUN)
            await view.tools()
            heavy = {"more": [None] * 200_000}
            calls = [asyncio.ensure_future(view.call("mcp__wild__sleep", heavy)) for _ in range(4)]
            while one.connections["wild"].places(RUN.client)._value > 60:
                await asyncio.sleep(0.001)
            error = await refusal(view.call("mcp__wild__sleep", heavy))
            assert (error.code, "too much is under way at once" in str(error)) == ("budget", True)
            assert await view.call("mcp__wild__echo", {"text": "x"}) == "x"
            other = one.view(RUN)
            done = await other.call("mcp__wild__echo", {"text": "y", **heavy})
            assert done == "y"
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            assert await view.call("mcp__wild__echo", {"text": "y", **heavy}) == "y"

    run(scenario())


def test_a_budget_of_calls_holds_however_many_are_made(tmp_path: Path) -> None:
    note, noted = tmp_path / "note", Noted()

    async def scenario() -> None:
        async with broker(entry("wild", "", str(note)), recorder=noted, calls=3) as one:
            view = one.view(RUN)
            for _ in range(3):
                await view.call("mcp__wild__echo", {"text": "x"})
            error = await refusal(view.call("mcp__wild__echo", {"text": "x"}))
            for _ in range(19_999):
                error = await refusal(view.call("mcp__wild__echo", {"text": "x"}))
            assert (error.code, str(error)) == (
                "budget",
                "a run may make 3 calls of tools, and these were made",
            )
            assert view.calls == 20_003
            assert await one.view(RUN).call("mcp__wild__echo", {"text": "x"}) == "x"

    run(scenario())
    assert note.read_text().count("echo") == 4
    assert len(noted.rows) == 4 + 100  # of refusals, the first hundred


def test_a_client_is_slowed_down_and_then_refused_and_another_is_not() -> None:
    async def scenario() -> None:
        async with broker(rate=1.0, burst=2, patience=0.1) as one:
            view = one.view(RUN)
            await view.call("mcp__wild__echo", {"text": "x"})
            await view.call("mcp__wild__echo", {"text": "x"})
            error = await refusal(one.view(RUN).call("mcp__wild__echo", {"text": "x"}))
            assert error.code == "budget"
            other = one.view(RunIdentity("other", None, "run-2"))
            assert await other.call("mcp__wild__echo", {"text": "x"}) == "x"

    run(scenario())


def test_a_client_s_calls_do_not_wait_for_another_s() -> None:
    async def scenario() -> None:
        async with broker(concurrent=4) as one:
            view, other = one.view(RUN), one.view(RunIdentity("other", None, "run-2"))
            await view.tools()
            places = one.connections["wild"].places(RUN.client)
            calls = [asyncio.ensure_future(view.call("mcp__wild__sleep", {})) for _ in range(40)]
            while not places.locked():
                await asyncio.sleep(0)
            assert await other.call("mcp__wild__echo", {"text": "x"}) == "x"
            late = asyncio.ensure_future(view.call("mcp__wild__echo", {"text": "x"}))
            await other.call("mcp__wild__echo", {"text": "x"})
            assert not late.done()
            for call in calls:
                call.cancel()
            assert await late == "x"

    run(scenario())


def test_a_call_that_takes_too_long_ends_and_a_silent_server_is_started_anew() -> None:
    async def scenario() -> None:
        async with broker(call_timeout=0.2) as one:
            view = one.view(RUN)
            for _ in range(3):
                error = await refusal(view.call("mcp__wild__sleep", {}))
                assert error.code == "timeout"
            assert await view.call("mcp__wild__echo", {"text": "x"}) == "x"
            assert one.connections["wild"].starts == 2

    run(scenario())


def test_a_view_that_is_closed_ends_what_is_under_way_and_calls_nothing_more() -> None:
    async def scenario() -> None:
        async with broker() as one:
            view, other = one.view(RUN), one.view(RUN)
            await view.tools()
            call = asyncio.create_task(view.call("mcp__wild__sleep", {}))
            await other.call("mcp__wild__echo", {"text": "x"})
            await view.close()
            for error in (await refusal(call), await refusal(view.call("mcp__wild__add", {}))):  # type: ignore[arg-type]
                assert str(error) == "the run is over: it calls no tools any more"
            assert await other.call("mcp__wild__echo", {"text": "x"}) == "x"

    run(scenario())


def test_tools_of_a_messy_server() -> None:
    async def scenario() -> None:
        async with broker(entry("wild", "mess")) as one:
            view = one.view(RUN)
            tools = {tool.tool: tool for tool in await view.tools()}
            assert {name: tool.python_name for name, tool in tools.items()} == {
                "class": "class_",
                "x_y": "x_y",
                "x-y": "x_y_2",
                "x.y": "x_y_3",
                "1st": "_1st",
                "twice": "twice",
                "laughs": "laughs",
                "backtracks": "backtracks",
                "nonsense": "nonsense",
                "loud": "loud",
            }
            assert tools["twice"].description == "first"
            assert tools["loud"].title == "bell"
            assert tools["loud"].description == "a [2Jb " + "c" * 1_992 + "…"
            left_out = one.left_out["wild"]
            assert sorted(left_out) == ["a b", "away", "deep", "twice", "txt"]
            assert "nothing is fetched" in left_out["away"]
            error = await refusal(view.call("mcp__wild__laughs", {}))
            assert (error.code, "too much work" in str(error)) == ("arguments", True)
            error = await refusal(view.call("mcp__wild__nonsense", {}))
            assert (error.code, "minProperties: a whole number" in str(error)) == ("server", True)
            error = await refusal(view.call("mcp__wild__backtracks", {"t": "a" * 5_000 + "!"}))
            assert error.code == "arguments"
            assert await view.call("mcp__wild__class", {}) == "did class"

    run(scenario())


def test_a_schema_that_changes_holds_from_then_on() -> None:
    async def scenario() -> None:
        async with broker() as one:
            view = one.view(RUN)
            before = {tool.tool: tool for tool in await view.tools()}
            await view.call("mcp__wild__change", {})
            after = {tool.tool: tool for tool in await view.tools()}
            assert set(after) - set(before) == {"added"}
            assert after["add"] is before["add"]
            assert after["echo"] is not before["echo"]
            error = await refusal(view.call("mcp__wild__echo", {"text": "x"}))
            assert error.errors == (FieldProblem("arguments.text", "integer", "string 'x'"),)
            assert await view.call("mcp__wild__echo", {"text": 1}) == "1"

    run(scenario())


def test_a_tool_that_turns_destructive_is_asked_about_from_then_on(tmp_path: Path) -> None:
    note = tmp_path / "note"

    async def scenario() -> None:
        async with (
            broker(entry("wild", "", str(note))) as one,
            broker(entry("wild", "", str(note)), allow=("wild",)) as mild,
        ):
            for each, code in ((one, "approval"), (mild, "not-allowed")):
                view = each.view(RUN)
                assert await view.call("mcp__wild__turns", {"n": 1}) == "did turns"
                await view.call("mcp__wild__change", {})
                error = await refusal(view.call("mcp__wild__turns", {"n": 2}))
                assert error.code == code

    run(scenario())
    assert "turns" in note.read_text()
    assert '"n": 2' not in note.read_text()


def test_a_listing_without_end_is_bounded(tmp_path: Path) -> None:
    note = tmp_path / "note"

    async def scenario() -> None:
        async with broker(entry("wild", "endless", str(note)), entry("good")) as one:
            tools = await one.view(RUN).tools()
            mine = [tool.tool for tool in tools if tool.server == "wild"]
            assert mine == [f"page{n}" for n in range(6)]
            left_out = one.left_out["wild"]
            assert "all tools of its server have more than 100,000 parts" in left_out["page6"]
            assert one.problems == {}

    run(scenario())
    assert note.read_text().count("list") < 20


def test_a_server_whose_tools_change_all_the_time_is_asked_now_and_then(tmp_path: Path) -> None:
    note = tmp_path / "note"

    async def scenario() -> None:
        async with broker(entry("wild", "restless", str(note))) as one:
            view = one.view(RUN)
            for n in range(100):
                assert await view.call("mcp__wild__echo", {"text": str(n)}) == str(n)

    run(scenario())
    assert 2 <= note.read_text().count("list\n") < 30


def test_search_is_of_what_may_be_called() -> None:
    async def scenario() -> None:
        async with broker(allow=("wild.add", "wild.echo")) as one:
            found = await one.view(RUN).search("remove add", 5)
            assert [match.tool.tool for match in found] == ["add"]

    run(scenario())


@pytest.fixture
def address() -> Iterator[str]:
    with modern_address() as found:
        yield found


def test_a_server_at_an_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "t0p-secret")
    server = ServerEntry(
        "far",
        "http",
        "user",
        Path("/nowhere/mcp.json"),
        url=address,
        headers={"Authorization": "Bearer ${TOKEN}"},
    )

    async def scenario() -> None:
        async with broker(server) as one:
            view = one.view(RUN)
            assert await view.call("mcp__far__add_one", {"n": 4}) == {"n": 5}
            calls = (view.call("mcp__far__add_one", {"n": n}) for n in range(20))
            assert await asyncio.gather(*calls) == [{"n": n + 1} for n in range(20)]
            found = (await view.call("mcp__far__headers", {}))["headers"]
            assert found["authorization"] == "[redacted]"  # it got exactly what was looked up
            assert found["x-ringfence-mcp-broker"] == "1"

    run(scenario())


def test_an_address_where_nobody_is() -> None:
    server = ServerEntry(
        "far", "http", "user", Path("/nowhere/mcp.json"), url="http://127.0.0.1:9/mcp"
    )

    async def scenario() -> None:
        async with broker(server, entry()) as one:
            assert len(await one.view(RUN).tools()) > 5
            assert list(one.problems) == ["far"]
            error = await refusal(one.view(RUN).call("mcp__far__x", {}))
            assert error.code == "server"

    run(scenario())


@pytest.mark.parametrize("pattern", ["", "x" * 301, ".x", "x.", "mcp__", "mcp__x__", 3])
def test_what_is_no_pattern_is_refused(pattern: Any) -> None:
    with pytest.raises((ConfigurationError, TypeError)):
        ToolRules(allow=[pattern])
    with pytest.raises(ConfigurationError):
        Narrowing("wild")  # a text is no list
