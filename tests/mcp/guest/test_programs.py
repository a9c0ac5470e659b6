"""What programs do with tools: the functions they are lent, and the modules they import."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from ringfence import AsyncSandbox
from ringfence.errors import GuestVisibleError
from ringfence.mcp.guest.functions import Lending
from ringfence.mcp.guest.modules import guest_modules
from ringfence.mcp.guest.prelude import prelude
from tests.mcp.guest.tools import TEXT, Listed, run, tool

READ = tool(
    "files",
    "read",
    {"path": TEXT, "head": {"type": "integer"}},
    ["path"],
    description="Read a file\nas text.",
)
CLASS = tool("my-git", "class", {"class": TEXT, "x-y": {"type": ["string", "null"]}}, ["class"])

pytestmark = pytest.mark.usefixtures("engine")


def test_the_program_of_the_issue_as_it_stands(engine: str) -> None:
    view = Listed([READ])
    result = run(
        engine,
        "import asyncio\n"
        "async def main():\n"
        "    tools = await discover_mcp_tools()\n"
        "    print(len(tools))\n"
        "    print(await call_mcp_tool('mcp__files__read', {'path': 'a'}))\n"
        "asyncio.run(main())\n",
        view,
    )
    assert (result.status, result.stdout) == ("ok", "1\n{'path': 'a'}\n")


def test_calls_run_at_once(engine: str) -> None:
    under_way = 0
    everybody = asyncio.Event()

    async def meet(name: str, arguments: Mapping[str, Any]) -> Any:
        nonlocal under_way
        under_way += 1
        if under_way == 50:
            everybody.set()
        await everybody.wait()
        return arguments["path"]

    code = (
        "import asyncio\n"
        "from mcp_tools import files\n"
        "await asyncio.gather(*[files.read(str(n)) for n in range(25)],\n"
        "    *[call_mcp_tool('mcp__files__read', {'path': str(n)}) for n in range(25, 50)])"
    )
    assert run(engine, code, Listed([READ], meet)).value == [str(n) for n in range(50)]


def test_wrappers_send_what_was_given(engine: str) -> None:
    view = Listed([READ, CLASS])
    code = (
        "from mcp_tools import files\n"
        "import mcp_tools.my_git\n"
        "await files.read(path='a')\n"
        "await files.read('a', head=3)\n"
        "await mcp_tools.my_git.class_('c')\n"
        "await mcp_tools.my_git.class_('c', x_y=None)\n"
        "import inspect\n"
        "inspect.getdoc(files.read), dir(mcp_tools)[-2:]"
    )
    result = run(engine, code, view).raise_for_status()
    assert view.called == [
        ("mcp__files__read", {"path": "a"}),
        ("mcp__files__read", {"path": "a", "head": 3}),
        ("mcp__my-git__class", {"class": "c"}),
        ("mcp__my-git__class", {"class": "c", "x-y": None}),
    ]
    assert result.value == ("Read a file\nas text.", ["my_git", "sys"])


def test_tools_that_nobody_asks_for_are_not_listed(engine: str) -> None:
    view = Listed([READ])
    assert run(engine, "import mcp_tools\n1 + 1", view).value == 2
    assert view.listed == 0


def test_a_server_that_is_not_there_is_named(engine: str) -> None:
    result = run(engine, "from mcp_tools import nothing", Listed([READ, CLASS]))
    assert result.error is not None
    assert result.error.type == "ModuleNotFoundError"
    assert result.error.message == (
        "mcp_tools has no server 'nothing' that this run may use; there is: files, my_git"
    )


def test_finding_tools(engine: str) -> None:
    code = (
        "all_ = await discover_mcp_tools()\n"
        "some = await discover_mcp_tools('read')\n"
        "best = await search_tools('reads files', limit=1)\n"
        "schema = await get_tool_schema('mcp__files__read')\n"
        "all_, [one['name'] for one in some], [one['name'] for one in best], schema"
    )
    everything, some, best, schema = run(engine, code, Listed([READ, CLASS])).value
    assert everything == [
        {
            "name": "mcp__files__read",
            "description": "Read a file as text.",
            "wrapper": "files.read(path: str, *, head: int | None = None) -> Any",
        },
        {
            "name": "mcp__my-git__class",
            "description": "",
            "wrapper": "my_git.class_(class_: str, *, x_y: str | None = ...) -> Any",
        },
    ]
    assert some == best == ["mcp__files__read"]
    assert schema == {
        **everything[0],
        "title": "",
        "description": "Read a file\nas text.",
        "parameters": READ.input_schema,
        "returns": None,
        "read_only": True,
        "destructive": False,
    }


@pytest.mark.parametrize(
    "code, message",
    [
        ("await call_mcp_tool('mcp__files__raed')", "there is no tool 'mcp__files__raed'"),
        (
            "await get_tool_schema('mcp__files__raed')",
            "there is no tool 'mcp__files__raed' that this run may use; similar: mcp__files__read",
        ),
        (
            "await get_tool_schema('zzz')",
            "there is no tool 'zzz' that this run may use; discover_mcp_tools() lists those there are",
        ),
    ],
)
def test_errors_that_a_model_can_mend(engine: str, code: str, message: str) -> None:
    result = run(engine, code, Listed([READ]))
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("HostFunctionError", message)


def test_a_session_s_tools_are_those_of_its_run(engine: str) -> None:
    async def use() -> None:
        lending = Lending()
        assert prelude() is None
        async with AsyncSandbox(
            engine=engine, functions=lending.functions, modules=guest_modules()
        ) as box:
            code = "[one['name'] for one in await discover_mcp_tools()]"
            between = await box.run(code)
            assert between.error is not None
            assert between.error.message == "no run is under way, so there are no tools"
            lending.begin(Listed([READ]))
            assert (await box.run(code)).value == ["mcp__files__read"]
            lending.end()
            lending.begin(Listed([CLASS]))
            assert (await box.run(code)).value == ["mcp__my-git__class"]
            lending.end()
            assert (await box.run(code)).status == "error"

    asyncio.run(use())


def test_what_a_host_raises_otherwise_says_nothing(engine: str) -> None:
    async def leak(name: str, arguments: Mapping[str, Any]) -> Any:
        raise OSError("/secret/path")

    result = run(engine, "await call_mcp_tool('mcp__files__read')", Listed([READ], leak))
    assert result.error is not None
    assert result.error.message == "call_mcp_tool"
    assert issubclass(GuestVisibleError, Exception)
